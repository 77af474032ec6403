"""The whole `Engine.recommend` and `Engine.routine` on the seed, with reasons and catalogue.

python -m benchmarks.engine

One asker after the other, each with a skin type, something to avoid and three picks that people
of the seed liked; the first hundred are not counted.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.start import load_seed
from engine.domain import Query, SkinProfile, SkinType
from engine.engine import Engine
from engine.settings import EngineSettings
from engine.store.database import Database

WARMED = 100
COUNTED = 1_000
BUDGET = 70_000
"""Won, for a routine."""


async def measure(folder: Path) -> None:
    url = f"sqlite+aiosqlite:///{folder}/ppoyami.db"
    database = await Database.open(url)
    engine = await Engine.open(EngineSettings(folder), database)
    asked = await queries(engine, WARMED + COUNTED)
    print("| | p50 (ms) | p90 | p99 | least |\n|---|---|---|---|---|")
    print(line("Engine.recommend", await timed(engine.recommend, asked)))
    print(line("Engine.routine", await timed(lambda one: engine.routine(one, BUDGET), asked)))
    await engine.close()
    await database.close()


async def queries(engine: Engine, count: int) -> list[Query]:
    draw = np.random.default_rng(5)
    ids = [product.id for product in (await engine.search("", 1, 150)).items]
    skins = list(SkinType)
    return [
        Query(
            {int(one): 5.0 for one in draw.choice(ids, 3, replace=False)},
            SkinProfile(skin_type=skins[int(draw.integers(len(skins)))], avoided=("향료",)),
        )
        for _ in range(count)
    ]


async def timed(
    answer: Callable[[Query], Awaitable[object]], asked: Sequence[Query]
) -> Sequence[float]:
    """Milliseconds each."""
    took = []
    for query in asked:
        start = time.perf_counter()
        await answer(query)
        took.append((time.perf_counter() - start) * 1e3)
    return took[WARMED:]


def line(name: str, took: Sequence[float]) -> str:
    p50, p90, p99 = np.percentile(took, (50, 90, 99))
    return f"| {name} | {p50:.2f} | {p90:.2f} | {p99:.2f} | {min(took):.2f} |"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        artifacts = Path(folder) / "artifacts"
        load_seed(artifacts)
        asyncio.run(measure(artifacts))


if __name__ == "__main__":
    main()
