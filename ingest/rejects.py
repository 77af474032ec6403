"""What was left out, written so that a spreadsheet shows it and does not run it."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pandas as pd

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def write(folder: Path, rejects: dict[str, pd.DataFrame]) -> None:
    """A CSV for each table that lost something: file, line, reason."""
    for name, frame in rejects.items():
        if len(frame):
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(("file", "line", "reason"))
                writer.writerows(_rows(frame))


def write_sheets(folder: Path, sheets: Mapping[str, pd.DataFrame]) -> None:
    """A CSV for each that has rows, its columns as they are."""
    for name, frame in sheets.items():
        if len(frame):
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(frame.columns)
                for row in frame.itertuples(index=False, name=None):
                    writer.writerow([harmless(c) if isinstance(c, str) else c for c in row])


def harmless(cell: str) -> str:
    """A text that no spreadsheet takes for a formula (OWASP, CSV Injection)."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _rows(frame: pd.DataFrame) -> Iterator[tuple[str, int, str]]:
    for file, line, reason in frame[["file", "line", "reason"]].itertuples(index=False, name=None):
        yield harmless(file), line, harmless(reason)
