"""Rows a second and peak memory of cleaning reviews with pandas, DuckDB and Ray on this computer.

    python -m benchmarks.cleaning --rows 22860 1000000 20000000 --engines pandas duckdb ray

Each case runs in a process of its own, under a limit of memory and of time: what does not fit is
stopped and told. The rows are drawn from the seed's products, people's words and vocabulary by a
seeded generator and written once as CSV; two of a hundred texts are copies, one of a hundred rows
is a later rating of the same person and product, some names are missing, some ratings no ratings.
Memory is that of the process and all processes it started, shared pages counted once (PSS),
looked at five times a second. The table says whether the results of a size are equal row for row.
The step that looks for nearly equal texts is left out unless `--copies` is given: it compares all
long texts with each other in one process, whatever the engine.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import psutil
import pyarrow as arrow
from pyarrow import compute, csv

from ingest import clean, reading, trust
from ingest.columns import PRODUCTS
from ingest.engines.job import ENGINES, Job, Means, opened, work_of
from ingest.mapping import Mapping
from tests.running import ROOT

SEED = ROOT / "data" / "seed"
CHUNK = 250_000
WORDS = 12
"""Of a text."""
GB = 1024**3


@dataclass(frozen=True)
class Case:
    engine: str
    rows: int
    seconds: float
    peak: float
    """GB"""
    stopped: str = ""
    result: dict[str, Any] | None = None


def main() -> None:
    chosen = _arguments()
    if chosen.case:
        _child(chosen)
        return
    cases: list[Case] = []
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        folder = Path(name)
        for rows in chosen.rows:
            began = time.perf_counter()
            write_reviews(folder / "reviews.csv", rows)
            size = (folder / "reviews.csv").stat().st_size / GB
            took = time.perf_counter() - began
            print(f"{rows:,} rows: {size:.2f} GB of CSV, written in {took:.0f} s", flush=True)
            for engine in chosen.engines:
                cases.append(_run(engine, rows, folder, chosen))
                print(_line(cases[-1], cases), flush=True)
                shutil.rmtree(folder / "out", ignore_errors=True)
    limits = f"{chosen.gigabytes:g} GB and {chosen.minutes:g} min at most"
    print(f"\na case: {chosen.workers} workers, {limits}\n")
    print("| rows | engine | seconds | rows a second | peak memory (GB) | rows left | result |")
    print("|---|---|---|---|---|---|---|")
    for case in cases:
        print(_line(case, cases))


def write_reviews(path: Path, rows: int, seed: int = 8) -> None:
    """The same file for the same numbers."""
    draw = np.random.default_rng(seed)
    seeds = pd.read_csv(SEED / "reviews.csv", dtype=str, keep_default_na=False)
    words = arrow.array(sorted({word for text in seeds["text"] for word in text.split()}))
    people = max(rows // 4, 1)
    with path.open("wb") as file:
        for start in range(0, rows, CHUNK):
            count = min(CHUNK, rows - start)
            table = _chunk(draw, count, seeds, words, people=people)
            csv.write_csv(table, file, csv.WriteOptions(include_header=start == 0))


def _chunk(
    draw: np.random.Generator, count: int, seeds: pd.DataFrame, words: Any, *, people: int
) -> Any:
    """Rows as an export writes them."""
    products = np.append(seeds["product_id"].unique(), ["p-unknown"])
    who = np.minimum(draw.zipf(1.7, count) + draw.integers(0, people, count), people)
    which = draw.integers(0, len(products) - 1, count)
    which[draw.random(count) < 0.005] = len(products) - 1
    again = np.flatnonzero(draw.random(count) < 0.01)
    who[again], which[again] = who[again - 1], which[again - 1]
    names = compute.binary_join_element_wise("person", arrow.array(who).cast("string"), "-")
    names = _replaced(names, draw.random(count) < 0.02, "")
    names = _replaced(names, draw.random(count) < 0.02, "abc****")
    texts = compute.binary_join_element_wise(
        *(words.take(arrow.array(draw.integers(0, len(words), count))) for _ in range(WORDS)), " "
    )
    place = np.arange(count)
    copies = draw.random(count) < 0.02
    place[copies] = draw.integers(0, count, int(copies.sum()))
    texts = texts.take(arrow.array(place))
    texts = _replaced(texts, draw.random(count) < 0.05, "")
    day = np.datetime64("2018-01-01") + draw.integers(0, 2500, count)
    ratings = draw.choice(
        ["5", "4", "3", "2", "1", "5점만점에 4점", "좋아요", "0"],
        count,
        p=[0.4, 0.3, 0.12, 0.07, 0.05, 0.03, 0.02, 0.01],
    )
    like = draw.integers(0, len(seeds), count)
    skin = {name: seeds[name].to_numpy()[like] for name in ("skin_type", "effect", "irritation")}
    return arrow.table(
        {
            "product_id": products[which],
            "reviewer": names,
            "rating": ratings,
            **skin,
            "text": texts,
            "date": day.astype(str),
        }
    )


def _replaced(cells: Any, where: Any, by: str) -> Any:
    return compute.if_else(arrow.array(where), by, cells)


# --- one case -------------------------------------------------------------------------------------


def _run(engine: str, rows: int, folder: Path, chosen: argparse.Namespace) -> Case:
    out = folder / "out"
    command = [sys.executable, "-m", "benchmarks.cleaning", "--case", engine]
    command += ["--file", str(folder / "reviews.csv"), "--out", str(out)]
    command += ["--workers", str(chosen.workers), *(["--copies"] if chosen.copies else [])]
    began = time.perf_counter()
    # Ray leaves its sockets and what it spilled where it is stopped, and their paths must be short.
    with tempfile.TemporaryDirectory(prefix="b", ignore_cleanup_errors=True) as own:
        environment = os.environ | {"TMPDIR": own}
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        ) as child:
            peak, stopped = _watched(child, chosen.gigabytes * GB, chosen.minutes * 60)
            told = child.stdout.read().strip().splitlines() if child.stdout else []
    took = time.perf_counter() - began
    if stopped or child.returncode:
        why = stopped or f"ended with status {child.returncode}"
        return Case(engine, rows, took, peak / GB, why)
    result = json.loads(told[-1])
    return Case(engine, rows, result.pop("seconds"), peak / GB, "", result)


def _watched(child: subprocess.Popen[str], most: float, seconds: float) -> tuple[float, str]:
    """Peak bytes, and why it was stopped."""
    began, peak = time.perf_counter(), 0.0
    while child.poll() is None:
        family = _family(child.pid)
        peak = max(peak, sum(map(_bytes, family)))
        late = time.perf_counter() - began > seconds
        if peak > most or late:
            for one in family:
                _end(one)
            child.wait()
            why = f"more than {most / GB:.0f} GB"
            return peak, f"stopped: {why if peak > most else f'{seconds / 60:.0f} minutes'}"
        time.sleep(0.2)
    return peak, ""


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0


def _end(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


def _child(chosen: argparse.Namespace) -> None:
    """Cleans the file and prints what came of it as JSON."""
    sheet = reading.read(PRODUCTS, SEED / "products.csv", Mapping())
    products = clean.kept(clean.run(PRODUCTS, sheet.frame, clean.product_steps())[0])
    steps = clean.review_steps(products, None)
    if not chosen.copies:
        steps = tuple(step for step in steps if work_of(step) is not trust.copied)
    began = time.perf_counter()
    engine = opened(chosen.case, Means(workers=chosen.workers))
    result = engine.clean(Job(Path(chosen.file), steps), Path(chosen.out))
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "read": result.read, **_sums(Path(chosen.out))}))


def _sums(out: Path) -> dict[str, str]:
    """How many rows stay and go, and sums that two equal results share whatever their parts."""
    told = {}
    for name in ("kept", "rejects"):
        parts = [str(path) for path in (out / name).glob("*.parquet")]
        with duckdb.connect(config={"memory_limit": "1GB"}) as database:
            database.read_parquet(parts, union_by_name=True).create_view("rows")
            rows, total = database.execute(
                "select count(*), sum(hash(rows)::hugeint)::varchar from rows"
            ).fetchall()[0]
        told[name], told[f"{name}_sum"] = rows, total
    return told


# --- telling --------------------------------------------------------------------------------------


def _line(case: Case, cases: Sequence[Case]) -> str:
    if case.result is None:
        return (
            f"| {case.rows:,} | {case.engine} | {case.seconds:.0f} | – | {case.peak:.1f} | – "
            f"| {case.stopped} |"
        )
    first = next(one for one in cases if one.rows == case.rows and one.result is not None)
    same = "the first" if first is case else "equal" if first.result == case.result else "DIFFERS"
    return (
        f"| {case.rows:,} | {case.engine} | {case.seconds:.1f} | {case.rows / case.seconds:,.0f} "
        f"| {case.peak:.2f} | {case.result['kept']:,} | {same} |"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[22_860, 1_000_000])
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--gigabytes", type=float, default=18.0, help="limit of a case's memory")
    parser.add_argument("--minutes", type=float, default=10.0, help="limit of a case's time")
    parser.add_argument("--workers", type=int, default=2)
    text = "with the step that compares long texts, which no engine takes apart"
    parser.add_argument("--copies", action="store_true", help=text)
    parser.add_argument("--folder", type=Path, help="where the files are written for the while")
    parser.add_argument("--case", choices=ENGINES, help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    parser.add_argument("--out", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
