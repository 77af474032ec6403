"""A table that does not fit into memory, step by step: what DuckDB and Ray have in common."""

import datetime as dt
import gc
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd

from ingest import reading
from ingest.artifacts import Source
from ingest.clean import Count, Step
from ingest.columns import REVIEWS
from ingest.engines import across, parts
from ingest.engines.job import Job, Result, work_of
from ingest.engines.parts import PLACE, Gone, Part, Worked

Work = Callable[[Part], Worked]


class Machine(Protocol):
    """How the two kinds of work are done."""

    def each(self, work: Work, of: Iterable[Part]) -> Iterator[Worked]:
        """The work on every part, each by itself; answers in the parts' order."""
        ...

    def across(self, step: Step, of: Sequence[Part], folder: Path) -> Gone:
        """The rows that a step rejects which must see several of them."""
        ...


def clean(machine: Machine, job: Job, folder: Path, rows: int) -> Result:
    """Read, cleaned and written into the folder, in parts of so many rows."""
    working = folder / "working"
    shutil.rmtree(folder, ignore_errors=True)
    working.mkdir(parents=True)
    gc.freeze()  # millions of rows come and go: what was there before need not be looked through
    told = _Reading(job, working / "read", rows)
    table = _Table(machine, working, told.parts())
    for alone, steps in groupby(job.steps, key=lambda step: step.alone):
        if alone:
            table.step(tuple(steps))
        else:
            for step in steps:
                table.reject(step)
    kept = table.write(folder)
    told.write_rejects(folder)
    shutil.rmtree(working)
    gc.unfreeze()
    result = Result(folder, told.read, (*told.counts(), *table.counts), tuple(told.sources))
    note(result, kept)
    return result


def whole(step: Step, of: Sequence[Part]) -> Gone:
    """A step that cannot be taken apart sees all rows that concern it at once, in memory."""
    columns = [PLACE, "reason", *across.SEES.get(work_of(step), ())]
    told = columns if len(columns) > 2 else None
    frames = [across.seen(step, parts.marked(part, told)) for part in of]
    return across.judged(step, pd.concat(frames, ignore_index=True))


def note(result: Result, kept: int) -> None:
    """The counts beside the rows, written last: a folder that has them is whole."""
    told = {"read": result.read, "kept": kept, "steps": [asdict(one) for one in result.counts]}
    text = json.dumps(told, ensure_ascii=False, indent=1)
    (result.folder / "counts.json").write_text(text, encoding="utf-8")


@dataclass(slots=True, eq=False)
class _Reading:
    """The input as parts, and what the reading found."""

    job: Job
    folder: Path
    rows: int
    """Of a part."""
    read: int = 0
    sources: list[Source] = field(default_factory=list)
    _found: list[reading.Read] = field(default_factory=list)

    def parts(self) -> Iterator[Part]:
        for found in reading.parts(
            REVIEWS, self.job.path, self.job.mapping, self.job.day, size=self.rows
        ):
            frame = found.frame
            self.sources.extend(found.sources)
            nothing = frame.iloc[:0].copy()  # a slice would hold every cell of the part
            self._found.append(replace(found, frame=nothing))
            if len(frame):
                first, self.read = self.read, self.read + len(frame)
                path = self.folder / parts.name_of(first)
                frame.insert(0, PLACE, np.arange(first, self.read, dtype=np.int64))
                parts.write(frame, path)
                yield Part(path, first, self.read - 1)
        if not self.read and self._found:
            path = self.folder / parts.name_of(0)
            empty = self._found[0].frame.copy()
            empty.insert(0, PLACE, np.empty(0, dtype=np.int64))
            parts.write(empty, path)
            yield Part(path, 0, -1)

    def counts(self) -> tuple[Count, ...]:
        rejects = tuple(reject for found in self._found for reject in found.rejects)
        back: Counter[dt.date] = Counter()
        for found in self._found:
            back.update(found.counted_back)
        whole = replace(self._found[0], rejects=rejects, counted_back=back)
        return whole.counts(REVIEWS)

    def write_rejects(self, folder: Path) -> None:
        """Lines that are no rows, before the parts' own."""
        rejects = [reject for found in self._found for reject in found.rejects]
        frame = reading.unread(rejects)
        parts.write(frame, folder / "rejects" / "part-.parquet")


class _Table:
    """The parts as they stand, what has gone since, and what each step did."""

    def __init__(self, machine: Machine, folder: Path, of: Iterable[Part]) -> None:
        self.counts: list[Count] = []
        self._machine, self._folder = machine, folder
        self._parts, self._gone, self._turn = of, list[Gone](), 0

    def step(self, steps: Sequence[Step]) -> None:
        """Steps that look at no other row; the parts are written anew."""
        self._turn += 1
        folder = self._folder / f"turn{self._turn}"
        folder.mkdir()
        script = folder / "steps.pickle"
        parts.save(steps, script)
        seen = list[Part]()
        found = list(
            self._machine.each(
                partial(parts.stepped, script=script, folder=folder), _seeing(self._current(), seen)
            )
        )
        for part in seen:
            part.path.unlink(missing_ok=True)
        for one in found:
            for work, met in zip(parts.noting(steps), one.notes, strict=True):
                work.note(met)
        self.counts.extend(map(_sum, zip(*(one.counts for one in found), strict=True)))
        self._parts = [
            replace(part, path=one.path, gone=()) for part, one in zip(seen, found, strict=True)
        ]
        self._gone = []

    def reject(self, step: Step) -> None:
        """A step that must see several rows: the parts stay, and what goes is kept in mind."""
        if not self._turn:
            self.step(())
        gone = self._machine.across(step, list(self._current()), self._folder)
        self._gone.append(gone)
        self.counts.append(Count(REVIEWS.name, step.title, 0, 0, len(gone.rows)))

    def write(self, folder: Path) -> int:
        """How many rows stay."""
        if not self._turn:
            self.step(())
        work = partial(parts.parted, folder=folder)
        return sum(one.kept for one in self._machine.each(work, self._current()))

    def _current(self) -> Iterator[Part]:
        for part in self._parts:
            gone = tuple(one.between(part.first, part.last) for one in self._gone)
            yield replace(part, gone=gone)


def _seeing(of: Iterable[Part], seen: list[Part]) -> Iterator[Part]:
    for part in of:
        seen.append(part)
        yield part


def _sum(counts: Sequence[Count]) -> Count:
    """One step's counts in all parts."""
    return Count(
        counts[0].table,
        counts[0].step,
        sum(one.changed for one in counts),
        sum(one.emptied for one in counts),
        sum(one.dropped for one in counts),
        sum(one.marked for one in counts),
    )
