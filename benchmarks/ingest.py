"""Rows a second of a whole load (read, clean, matrix, index, store), beside pandas alone.

python -m benchmarks.ingest
"""

import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pandas as pd

from tests.running import ROOT, environment

RUNS = 3
TIMES = 5
"""The seed's reviews so often, each time by other people: about 23,000 rows."""
SEED = ROOT / "data" / "seed"
TABLES = ("products", "ingredients", "reviews")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = write_tables(folder)
        loads = [_seconds(partial(load, folder, run)) for run in range(RUNS)]
        copies = [_seconds(partial(copy, folder, run)) for run in range(RUNS)]
    print(f"{rows:,} rows, {RUNS} runs\n")
    print("| | median (s) | rows a second |")
    print("|---|---|---|")
    for what, seconds in (("python -m ingest load", loads), ("pandas: CSV into SQLite", copies)):
        median = statistics.median(seconds)
        print(f"| {what} | {median:.1f} | {rows / median:,.0f} |")
    ratio = statistics.median(loads) / statistics.median(copies)
    print(f"\nthe load takes {ratio:.0f} × the bare copy; it starts Python, embeds and indexes too")


def write_tables(folder: Path) -> int:
    """A larger shop made of the seed; the number of its rows."""
    frames = {table: pd.read_csv(SEED / f"{table}.csv", dtype=str) for table in TABLES}
    parts = [
        frames["reviews"].assign(
            reviewer=frames["reviews"].reviewer + f"-{copy}",
            text=frames["reviews"].text + f" ({copy + 1})",
        )
        for copy in range(TIMES)
    ]
    frames["reviews"] = pd.concat(parts)
    for table, frame in frames.items():
        frame.to_csv(folder / f"{table}.csv", index=False)
    return sum(map(len, frames.values()))


def load(folder: Path, run: int) -> None:
    files = [part for table in TABLES for part in (f"--{table}", str(folder / f"{table}.csv"))]
    subprocess.run(
        [sys.executable, "-m", "ingest", "load", *files],
        cwd=ROOT,
        env=environment(folder / f"load{run}"),
        check=True,
        capture_output=True,
    )


def copy(folder: Path, run: int) -> None:
    with closing(sqlite3.connect(folder / f"copy{run}.db")) as database:
        for table in TABLES:
            pd.read_csv(folder / f"{table}.csv").to_sql(table, database)


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
