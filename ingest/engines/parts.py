"""A table in parts: Parquet files of so many rows, named by their first row."""

import base64
import hashlib
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
import pandas as pd
import pyarrow as arrow
from numpy.typing import NDArray
from pyarrow import compute, parquet

from ingest import clean
from ingest.clean import Count, Step
from ingest.columns import REVIEWS

PLACE: Final = "place"
"""A row's place in the whole input, from 0."""
ALIKE: Final = "alike"
"""96 bits of a sum over the text without its blanks, as 16 letters; empty where there is none.
Among 500 million texts two that differ have the same sum with a probability of 10⁻¹²."""
_LOOKED_AT: Final = 1000
"""Rows that tell whether a column holds the same values often."""
_FLOATS: Final = {"rating"}

Frame = pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Gone:
    """Rows that a step across parts has rejected."""

    rows: NDArray[np.int64]
    """(gone,), ascending."""
    reasons: NDArray[np.object_]
    """(gone,)"""

    def between(self, first: int, last: int) -> "Gone":
        begins, ends = np.searchsorted(self.rows, (first, last + 1))
        return Gone(self.rows[begins:ends], self.reasons[begins:ends])


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    path: Path
    first: int
    last: int
    gone: tuple[Gone, ...] = ()
    """What has gone since it was written."""


@dataclass(frozen=True, slots=True)
class Worked:
    """What became of a part."""

    path: Path
    counts: tuple[Count, ...]
    kept: int = 0
    notes: tuple[Any, ...] = ()
    """Of each step that takes notes."""


def name_of(first: int) -> str:
    return f"part-{first:012d}.parquet"


@runtime_checkable
class Noting(Protocol):
    """A step's work that tells more than its frame."""

    def notes(self) -> Any: ...

    def note(self, met: Any) -> None: ...


def noting(steps: Sequence[Step]) -> list[Noting]:
    works: list[object] = [step.work for step in steps]
    return [work for work in works if isinstance(work, Noting)]


def save(steps: Sequence[Step], path: Path) -> None:
    path.write_bytes(pickle.dumps(tuple(steps)))


@lru_cache(1)
def _saved(path: Path) -> tuple[Step, ...]:
    """Once for each worker: what a step has worked out serves it for the next part too."""
    steps: tuple[Step, ...] = pickle.loads(path.read_bytes())  # noqa: S301  written by `save`
    return steps


def stepped(part: Part, script: Path, folder: Path) -> Worked:
    """The part after the steps saved there, written into the folder."""
    steps = _saved(script)
    frame = marked(part)
    places = frame.pop(PLACE)
    frame = frame.drop(columns=ALIKE, errors="ignore")
    after, counts = clean.run(REVIEWS, frame, steps)
    written = after.assign(**{ALIKE: _alike(after)})
    written.insert(0, PLACE, places)
    path = folder / name_of(part.first)
    write(written, path)
    notes = tuple(work.notes() for work in noting(steps))
    return Worked(path, tuple(counts), notes=notes)


def parted(part: Part, folder: Path) -> Worked:
    """What stays and what goes of it, into `kept` and `rejects`."""
    with parquet.ParquetFile(part.path) as file:
        table = file.read()
    reasons = _reasons(part, _cells(table["reason"]))
    alive = arrow.array(reasons == "", type=arrow.bool_())
    kept = table.filter(alive).drop_columns([PLACE, ALIKE, "file", "line", "reason"])
    gone = table.select(["file", "line"]).append_column("reason", _strings(reasons))
    name = name_of(part.first)
    _write(kept, folder / "kept" / name)
    _write(gone.filter(compute.invert(alive)), folder / "rejects" / name)
    return Worked(folder / "kept" / name, (), kept.num_rows)


def write(frame: Frame, path: Path) -> None:
    """Whole or not at all: a part may be written a second time by a worker that took over."""
    _write(arrow.table({str(name): _array(str(name), frame[name]) for name in frame.columns}), path)


def _write(table: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    making = path.with_suffix(".making")
    parquet.write_table(table, making, compression="zstd", compression_level=1)
    making.replace(path)


def read(path: Path, columns: Sequence[str] | None = None) -> Frame:
    """Every cell an object, None where nothing is told; `place` and `line` are int64."""
    with parquet.ParquetFile(path) as file:
        return framed(file.read(columns))


def framed(table: Any) -> Frame:
    """An Arrow table as `read` gives it."""
    return pd.DataFrame({name: _cells(table[name]) for name in table.column_names}, copy=False)


def opened(folder: Path) -> Frame:
    """All parts of a folder, in their order."""
    frames = [read(path) for path in sorted(folder.glob("part-*.parquet"))]
    return pd.concat(frames, ignore_index=True)


def marked(part: Part, columns: Sequence[str] | None = None) -> Frame:
    """The part's rows, with the reasons of what has gone since."""
    frame = read(part.path, columns)
    reasons = _reasons(part, frame["reason"])
    return frame.assign(reason=pd.Series(reasons, index=frame.index, dtype=object))


def _reasons(part: Part, written: "pd.Series[Any]") -> NDArray[np.object_]:
    reasons = written.to_numpy(dtype=object, copy=True)
    for gone in part.gone:
        reasons[gone.rows - part.first] = gone.reasons
    return reasons


def _alike(frame: Frame) -> "pd.Series[Any]":
    sums = [_sum(text) if text else "" for text in clean.unspaced(frame)]
    return pd.Series(sums, index=frame.index, dtype=object)


def _sum(text: str) -> str:
    return base64.b64encode(hashlib.blake2b(text.encode(), digest_size=12).digest()).decode()


def _array(name: str, cells: "pd.Series[Any]") -> Any:
    if cells.dtype == np.int64:
        return arrow.array(cells.to_numpy())
    values = list(cells)
    if name in _FLOATS and not any(isinstance(cell, str) for cell in values):
        return arrow.array(values, type=arrow.float64())
    return _strings(values)


def _strings(values: Any) -> Any:
    return arrow.array(values, type=arrow.string())


def _cells(column: Any) -> Any:
    """Where values stand there often, each is made a Python object once."""
    if arrow.types.is_integer(column.type):
        return column.to_numpy()
    if len(column.slice(0, _LOOKED_AT).unique()) * 4 > _LOOKED_AT:
        cells = np.empty(len(column), dtype=object)
        cells[:] = column.to_pylist()
        return pd.Series(cells, dtype=object)
    coded = column.combine_chunks().dictionary_encode()
    values = np.empty(len(coded.dictionary) + 1, dtype=object)
    values[:-1] = coded.dictionary.to_pylist() if len(coded.dictionary) else []
    return pd.Series(values[coded.indices.fill_null(len(values) - 1).to_numpy()], dtype=object)
