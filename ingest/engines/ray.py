"""A cluster, or this computer as one: the same steps in Ray Data's `map_batches` and `groupby`."""

import logging
import math
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as arrow
import ray
from pyarrow import compute

from engine.retrieval.embedding import embedder
from ingest.clean import Step
from ingest.engines import across, flow, parts
from ingest.engines.across import Together
from ingest.engines.flow import Work
from ingest.engines.job import Job, Means, Result
from ingest.engines.parts import ALIKE, PLACE, Gone, Part, Worked
from ingest.errors import InputRefused

GROUP: Final = 500_000
"""Rows that are seen together at a time."""
BATCH: Final = 256
"""Texts that are embedded at a time."""
WAVE: Final = 16
"""Parts for each worker."""
STARTS: Final = 3
"""How often it is tried."""
_SHARE: Final = "share"
_GONE: Final = arrow.schema({PLACE: arrow.int64(), "reason": arrow.string()})
_PEOPLE: Final = arrow.schema({"reviews": arrow.int64(), "people": arrow.int64()})
_STORE_AT_LEAST: Final = 100 * 1024**2


@dataclass(frozen=True, slots=True)
class Ray:
    means: Means

    def clean(self, job: Job, folder: Path) -> Result:
        with cluster(self.means):
            return flow.clean(_Machine(self.means), job, folder.resolve(), self.means.rows)

    def embed(self, folder: Path, name: str) -> None:
        """The vectors of the texts that stay, into the folder's `vectors`: product_id, reviewer and
        a vector of length 1 for each review that has a text. `name`: the embedder's."""
        with cluster(self.means):
            rows = ray.data.read_parquet(
                [str(path.resolve()) for path in sorted((folder / "kept").glob("*.parquet"))],
                partitioning=None,
            ).select_columns(["product_id", "reviewer", "text"])
            vectors = rows.map_batches(
                Embedding,
                fn_constructor_args=(name,),
                batch_size=BATCH,
                batch_format="pyarrow",
                compute=ray.data.ActorPoolStrategy(min_size=1, max_size=self.means.workers or 1),
                num_cpus=0.5,  # what reads the texts needs a processor too
            )
            vectors.write_parquet(str((folder / "vectors").resolve()))


class Embedding:
    """The embedder, opened once for each worker."""

    def __init__(self, name: str) -> None:
        self._embeddings = embedder(name)

    def __call__(self, batch: Any) -> Any:
        batch = batch.filter(compute.not_equal(batch["text"], ""))
        vectors = self._embeddings.embed_documents(batch["text"].to_pylist())
        told = arrow.array(vectors, type=arrow.list_(arrow.float32()))
        return batch.drop_columns(["text"]).append_column("vector", told)


@contextmanager
def cluster(means: Means) -> Iterator[None]:
    """The cluster at the address, or one of this computer's own that nobody else can reach; within
    such a block, the block's."""
    if ray.is_initialized():
        yield
        return
    # Ray's own setting, which it reads when it starts: nothing is told to anybody.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # Sockets lie in it, and their paths may not be long.
    own = tempfile.mkdtemp(prefix="ray-")
    try:
        if means.address is not None:
            ray.init(address=means.address, log_to_driver=False, logging_level=logging.ERROR)
        else:
            _started(means, own)
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        yield
    finally:
        ray.shutdown()
        shutil.rmtree(own, ignore_errors=True)


def _started(means: Means, folder: str) -> None:
    """Ray gives its own parts 15 and 30 seconds to start, which a busy computer may not keep."""
    for left in reversed(range(STARTS)):
        try:
            _start(means, folder)
            return
        except Exception as error:  # Ray raises no other
            ray.shutdown()
            if not left:
                raise InputRefused(
                    "Ray를 띄우지 못했어요. 컴퓨터가 바쁘면 조금 뒤에 다시 하거나 "
                    "--engine duckdb로 해 주세요."
                ) from error


def _start(means: Means, folder: str) -> None:
    ray.init(
        num_cpus=means.workers or os.cpu_count() or 1,
        object_store_memory=max(means.memory, _STORE_AT_LEAST),
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        _temp_dir=folder,
    )


@dataclass(frozen=True, slots=True)
class _Machine:
    means: Means

    def each(self, work: Work, of: Iterable[Part]) -> Iterator[Worked]:
        """A task for each part: what travels is where it lies. While one wave of parts is worked
        on, the next is read."""
        rest, wave = iter(of), WAVE * (self.means.workers or os.cpu_count() or 1)
        with ThreadPoolExecutor(1) as reader:
            coming = reader.submit(list, islice(rest, wave))
            while found := coming.result():
                coming = reader.submit(list, islice(rest, wave))
                yield from self._mapped(work, found)

    def _mapped(self, work: Work, of: Sequence[Part]) -> Iterator[Worked]:
        told = [pickle.dumps(part) for part in of]
        rows = arrow.table({PLACE: np.arange(len(told)), "part": told})
        found = (
            ray.data.from_arrow(rows)
            .repartition(len(told))
            .map_batches(partial(_worked, work=work), batch_size=1, batch_format="pyarrow")
        )
        for row in sorted(found.take_all(), key=lambda row: row[PLACE]):
            yield pickle.loads(row["worked"])  # noqa: S301  of this run's own workers

    def across(self, step: Step, of: Sequence[Part], folder: Path) -> Gone:
        """The rows that must be seen together are brought together, and the step sees them."""
        seen = across.together(step)
        if seen is None:
            return flow.whole(step, of)
        rows = _Alive(of, seen, self.means)
        if across.needs_fence(step):
            told = rows.grouped(_people, _PEOPLE)
            step = across.fenced(step, *_histogram(told))
        found = rows.grouped(partial(_judged, step=step, reads=dict(seen.reads)), _GONE)
        place, reasons = found[PLACE].to_numpy(), parts.framed(found)["reason"].to_numpy()
        order = np.argsort(place)
        return Gone(place[order], reasons[order])


class _Alive:
    """The rows of all parts that are still there, with what one step reads of them."""

    def __init__(self, of: Sequence[Part], seen: Together, means: Means) -> None:
        gone = np.concatenate(
            [one.rows for part in of for one in part.gone] or [np.empty(0, dtype=np.int64)]
        )
        rows = max(part.last for part in of) + 1
        self._shares = shares = max(means.workers or 1, math.ceil(rows / GROUP))
        columns = list(dict.fromkeys((PLACE, "reason", *seen.reads.values(), seen.by)))
        paths = [str(part.path) for part in of]
        self._rows = (
            ray.data.read_parquet(paths, partitioning=None)
            .select_columns(columns)
            .map_batches(
                partial(_shared, by=seen.by, gone=ray.put(np.sort(gone)), shares=shares),
                batch_format="pyarrow",
            )
        )

    def grouped(self, work: Callable[[Any], Any], columns: Any) -> Any:
        """What the work makes of all rows that belong together, as one Arrow table."""
        found = self._rows.groupby(_SHARE, num_partitions=self._shares).map_groups(
            work, batch_format="pyarrow"
        )
        tables: list[Any] = list(found.iter_batches(batch_size=None, batch_format="pyarrow"))
        told = [table.select(columns.names) for table in tables if len(table)]
        return arrow.concat_tables([columns.empty_table(), *told])


# --- what runs on the workers ---------------------------------------------------------------------


def _worked(batch: Any, work: Work) -> Any:
    of = map(pickle.loads, batch["part"].to_pylist())
    found = [pickle.dumps(work(part)) for part in of]
    return arrow.table({PLACE: batch[PLACE], "worked": found})


def _shared(batch: Any, by: str, gone: Any, shares: int) -> Any:
    """The batch's living rows, and which share of the whole each belongs to."""
    places = batch[PLACE].to_numpy()
    dead = np.isin(places, ray.get(gone), assume_unique=True)
    keys = parts.framed(batch.select([by]))[by]
    alive = ~dead & (parts.framed(batch.select(["reason"]))["reason"] == "").to_numpy()
    if by == ALIKE:
        alive &= (keys != "").to_numpy()
    hashes = pd.util.hash_array(keys.to_numpy(), categorize=False)
    shared = batch.append_column(_SHARE, arrow.array((hashes % shares).astype(np.int64)))
    return shared.filter(arrow.array(alive)).drop_columns(["reason"])


def _judged(group: Any, step: Step, reads: dict[str, str]) -> Any:
    frame = parts.framed(group.sort_by(PLACE))
    told = {column: frame[stands] for column, stands in reads.items()}
    gone = across.judged(step, pd.DataFrame({PLACE: frame[PLACE], **told}))
    return arrow.table({PLACE: gone.rows, "reason": arrow.array(gone.reasons, type=arrow.string())})


def _people(group: Any) -> Any:
    """How many people have each number of reviews."""
    counts = pd.Series(group["reviewer"].to_pylist(), dtype=object).value_counts().value_counts()
    return arrow.table(
        {"reviews": counts.index.to_numpy(np.int64), "people": counts.to_numpy(np.int64)}
    )


def _histogram(told: Any) -> tuple[Any, Any]:
    people = told.group_by("reviews").aggregate([("people", "sum")])
    return people["reviews"].to_numpy(), people["people_sum"].to_numpy()
