"""Start to first answer, and memory at rest, of the real bot on the seed.

python -m benchmarks.start
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from tests.running import ROOT, RunningBot, WebPerson, environment

RUNS = 5
PEER = ("-c", "import aiohttp, chromadb, langchain_chroma, pandas, sqlalchemy, telegram.ext")
"""What no start can be quicker than: importing the libraries alone."""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        artifacts = Path(folder) / "artifacts"
        load_seed(artifacts)
        started, answered, resident = zip(
            *(asyncio.run(one_start(artifacts)) for _ in range(RUNS)), strict=True
        )
        imported = [_seconds_of_imports() for _ in range(RUNS)]
    print("| figure | median | least | most |")
    print("|---|---|---|---|")
    _row("import of the libraries alone (s)", imported)
    _row("start to printed address (s)", started)
    _row("start to first answer (s)", answered)
    _row("resident memory at rest (MiB)", resident)
    ratio = statistics.median(answered) / statistics.median(imported)
    print(f"\nstart to first answer is {ratio:.2f} × the imports")


def load_seed(artifacts: Path) -> None:
    seed = ROOT / "data" / "seed"
    files = [
        part
        for name in ("products", "reviews", "ingredients")
        for part in (f"--{name}", str(seed / f"{name}.csv"))
    ]
    command = [sys.executable, "-m", "ingest", "load", *files]
    subprocess.run(command, cwd=ROOT, env=environment(artifacts), check=True, capture_output=True)


async def one_start(artifacts: Path) -> tuple[float, float, float]:
    """Seconds to the address, seconds to the greeting on a page, MiB two seconds later."""
    bot = RunningBot(artifacts)
    began = time.perf_counter()
    await bot.start()
    started = time.perf_counter() - began
    await WebPerson("bench").says(bot, "/start")
    answered = time.perf_counter() - began
    await asyncio.sleep(2)
    resident = psutil.Process(bot.pid).memory_info().rss / 2**20
    await bot.stop()
    return started, answered, resident


def _seconds_of_imports() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *PEER], check=True)
    return time.perf_counter() - began


def _row(name: str, values: tuple[float, ...] | list[float]) -> None:
    print(f"| {name} | {statistics.median(values):.2f} | {min(values):.2f} | {max(values):.2f} |")


if __name__ == "__main__":
    main()
