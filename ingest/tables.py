"""The three cleaned tables, as frames and as files that come out the same bit for bit."""

import csv
import gzip
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import pandas as pd

from ingest.columns import TABLES, Table

LAYOUT: Final = 2
"""Part of every digest: raised when the same input would be written differently."""
_ADDED: Final = {"date"}
"""Columns that loads of an earlier layout do not have: they are empty there."""


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Canonical columns, every cell an object: text or None, tuples in the plural columns, price
    an int, rating a float, on_sale a bool."""

    products: pd.DataFrame
    ingredients: pd.DataFrame
    reviews: pd.DataFrame

    @classmethod
    def empty(cls) -> Self:
        return cls(**{name: _frame(table, []) for name, table in TABLES.items()})

    def frame(self, table: Table) -> pd.DataFrame:
        frame: pd.DataFrame = getattr(self, table.name)
        return frame

    def written(self) -> dict[str, bytes]:
        """Table name → its CSV."""
        return {name: _csv(table, self.frame(table)) for name, table in TABLES.items()}


def columns_of(table: Table) -> list[str]:
    return list(table.kept)


def digest(written: dict[str, bytes], pictures: dict[str, str], options: str) -> str:
    """SHA-256 over the tables' CSV, the pictures' own sums, and what changes the cleaning."""
    whole = hashlib.sha256(f"{LAYOUT}\n{options}\n".encode())
    for name, content in sorted(written.items()):
        whole.update(f"{name} {len(content)}\n".encode() + content)
    for name, checksum in sorted(pictures.items()):
        whole.update(f"{name} {checksum}\n".encode())
    return whole.hexdigest()


def save(folder: Path, written: dict[str, bytes]) -> None:
    folder.mkdir(parents=True)
    for name, content in written.items():
        (folder / f"{name}.csv.gz").write_bytes(gzip.compress(content, compresslevel=6, mtime=0))


def opened(folder: Path) -> Tables:
    """Raises OSError, EOFError or ValueError where a table is missing or torn."""
    files = {name: folder / f"{name}.csv.gz" for name in TABLES}
    return parsed({name: gzip.decompress(file.read_bytes()) for name, file in files.items()})


def parsed(written: dict[str, bytes]) -> Tables:
    """What `Tables.written` wrote. Raises ValueError."""
    return Tables(**{name: _read(table, written[name]) for name, table in TABLES.items()})


def _csv(table: Table, frame: pd.DataFrame) -> bytes:
    columns = columns_of(table)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    rows = frame[columns].itertuples(index=False, name=None)
    writer.writerows([_written(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8")


def _written(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case tuple():
            return "|".join(cell)
        case float():
            return f"{cell:g}"
        case _:
            return str(cell)


def _read(table: Table, content: bytes) -> pd.DataFrame:
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""))
    columns = columns_of(table)
    if header != [name for name in columns if name in header or name not in _ADDED]:
        raise ValueError(f"{table.name} has other columns: {header}")
    if header == columns:
        return _frame(table, rows)
    told = [dict(zip(header, row, strict=True)) for row in rows]
    return _frame(table, [[row.get(name, "") for name in columns] for row in told])


def _frame(table: Table, rows: Sequence[Sequence[str]]) -> pd.DataFrame:
    columns = columns_of(table)
    frame = pd.DataFrame(index=range(len(rows)))
    for place, column in enumerate(columns):
        cells = np.empty(len(rows), dtype=object)
        cells[:] = [_cell(table, column, row[place]) for row in rows]
        frame[column] = pd.Series(cells, index=frame.index, dtype=object)
    return frame


def _cell(table: Table, column: str, text: str) -> Any:
    if column in table.plural:
        return tuple(text.split("|")) if text else ()
    match column:
        case "on_sale":
            return text == "true"
        case "price":
            return int(text) if text else None
        case "rating":
            return float(text)
        case "text" | "brand" | "category":
            return text
        case _:
            return text or None
