"""One computer, bounded memory: Python's steps on parts side by side, DuckDB across them."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as arrow

from ingest import clean
from ingest.clean import Step
from ingest.engines import across, flow, parts
from ingest.engines.flow import Work
from ingest.engines.job import Job, Means, Result, work_of
from ingest.engines.job import Work as Rejecting
from ingest.engines.parts import PLACE, Gone, Part, Worked
from ingest.engines.pool import Pool
from ingest.errors import InputRefused

_ALIVE: Final = """
create temp view alive as
select * from written anti join gone using (place) where reason = ''
"""
_REPEATED: Final = """
with firsts as (
    select alike, min(place) as first from alive where alike <> ''
    group by alike having count(*) > 1
)
select place from alive join firsts using (alike) where place > first
"""
_EARLIER: Final = """
with lasts as (
    select product_id, reviewer, max(coalesce(date, '') || printf('%020d', place)) as last
    from alive group by product_id, reviewer having count(*) > 1
)
select place from alive join lasts using (product_id, reviewer)
where coalesce(date, '') || printf('%020d', place) < last
"""
_PEOPLE: Final = """
select reviews, count(*) as people
from (select count(*) as reviews from alive group by reviewer) group by reviews
"""
_BUSY: Final = """
with busy as (
    select reviewer from alive group by reviewer having count(*) > ?
)
select place, reviewer from alive semi join busy using (reviewer)
"""


@dataclass(frozen=True, slots=True)
class DuckDB:
    means: Means

    def clean(self, job: Job, folder: Path) -> Result:
        with Pool(self.means.workers or os.cpu_count() or 1) as pool:
            return flow.clean(_Machine(self.means, pool), job, folder, self.means.rows)


@dataclass(frozen=True, slots=True)
class _Machine:
    means: Means
    pool: Pool

    def each(self, work: Work, of: Iterable[Part]) -> Iterator[Worked]:
        return self.pool.each(work, of)

    def across(self, step: Step, of: Sequence[Part], folder: Path) -> Gone:
        reject = _REJECTING.get(work_of(step))
        if reject is None:
            return flow.whole(step, of)
        try:
            with _connected(self.means, of, folder) as database:
                return reject(database, step)
        except duckdb.OutOfMemoryException as error:
            raise InputRefused(
                f"«{step.title}»: DuckDB에 준 메모리({self.means.memory // 1024**2:,}MB)가 "
                "모자라요. --memory 를 늘려 주세요."
            ) from error


@contextmanager
def _connected(
    means: Means, of: Sequence[Part], folder: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The rows that are still there, as the view `alive`."""
    settings: dict[str, Any] = {
        "memory_limit": f"{means.memory // 1024**2}MiB",
        "temp_directory": str(folder / "spilled"),
        "threads": means.workers or os.cpu_count() or 1,
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
    }
    with duckdb.connect(config=settings) as database:
        gone = [one.rows for part in of for one in part.gone] or [np.empty(0, dtype=np.int64)]
        database.register("gone", arrow.table({PLACE: np.concatenate(gone)}))
        database.read_parquet([str(part.path) for part in of]).create_view("written")
        database.execute(_ALIVE)
        yield database


def _repeated(database: duckdb.DuckDBPyConnection, step: Step) -> Gone:
    return _gone(database.sql(_REPEATED), clean.REPEATED)


def _earlier(database: duckdb.DuckDBPyConnection, step: Step) -> Gone:
    return _gone(database.sql(_EARLIER), clean.REWRITTEN)


def _gone(found: duckdb.DuckDBPyRelation, reason: str) -> Gone:
    rows = np.sort(found.to_arrow_table()[PLACE].to_numpy())
    return Gone(rows, np.full(len(rows), reason, dtype=object))


def _busy(database: duckdb.DuckDBPyConnection, step: Step) -> Gone:
    """DuckDB counts people and finds the busy ones' rows, few as they are; the step says why."""
    if across.needs_fence(step):
        told = database.sql(_PEOPLE).to_arrow_table()
        step = across.fenced(step, told["reviews"].to_numpy(), told["people"].to_numpy())
    most = across.most(step)
    rows = database.sql(_BUSY, params=[most]).to_arrow_table().sort_by(PLACE)
    return across.judged(step, parts.framed(rows))


_REJECTING: Final[Mapping[Rejecting, Callable[[duckdb.DuckDBPyConnection, Step], Gone]]] = {
    clean.unrepeated: _repeated,
    clean.latest: _earlier,
    clean.ordinary: _busy,
}
