"""The whole table in memory: how a plain load does it, with the result as Parquet."""

from pathlib import Path

import pandas as pd

from ingest import clean, reading
from ingest.columns import REVIEWS
from ingest.engines import flow, parts
from ingest.engines.job import Job, Result


class Pandas:
    def clean(self, job: Job, folder: Path) -> Result:
        sheet = reading.read(REVIEWS, job.path, job.mapping, job.day)
        frame, counts = clean.run(REVIEWS, sheet.frame, job.steps)
        kept = clean.kept(frame)
        gone = pd.concat([reading.unread(sheet.rejects), clean.rejected(frame)])
        parts.write(kept, folder / "kept" / parts.name_of(0))
        parts.write(gone, folder / "rejects" / parts.name_of(0))
        told = (*sheet.counts(REVIEWS), *counts)
        result = Result(folder, len(sheet.frame), told, sheet.sources)
        flow.note(result, len(kept))
        return result
