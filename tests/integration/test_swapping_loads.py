"""A second load beside people who are being answered: refused while torn, swapped in when whole."""

import asyncio
import csv
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.domain import Query, Recommendation, SkinProfile, SkinType
from engine.engine import Engine
from engine.settings import EngineSettings
from engine.store.catalogue import Catalogue
from engine.store.database import Database
from tests.conftest import SEED
from tests.fakes import BigramEmbeddings
from tests.running import ROOT, environment

PEOPLE = 200


@pytest.fixture
async def engine(artifacts: Path) -> AsyncIterator[Engine]:
    database = await Database.open(f"sqlite+aiosqlite:///{artifacts / 'ppoyami.db'}")
    settings = EngineSettings(artifacts=artifacts, embedding="bigrams")
    opened = Engine(settings, database, BigramEmbeddings(), None)  # nothing here is retrieved
    await opened.refresh()
    yield opened
    await opened.close()
    await database.close()


async def product(artifacts: Path, key: str) -> int:
    database = await Database.open(f"sqlite+aiosqlite:///{artifacts / 'ppoyami.db'}")
    ids = await Catalogue(database).ids_by_key()
    await database.close()
    return ids[key]


def load_again(artifacts: Path, reviews: Path) -> None:
    """The seed with a review less, so that it is another load."""
    with (SEED / "reviews.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with reviews.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows[:-1])
    subprocess.run(
        [
            sys.executable, "-m", "ingest", "load",
            "--products", SEED / "products.csv",
            "--reviews", reviews,
            "--ingredients", SEED / "ingredients.csv",
        ],
        cwd=ROOT,
        env=environment(artifacts),
        check=True,
        capture_output=True,
    )  # fmt: skip


class Traffic:
    """Everybody asks again as soon as they are answered."""

    def __init__(self, engine: Engine, query: Query) -> None:
        self.engine = engine
        self.query = query
        self.over = asyncio.Event()
        self.answers: list[tuple[Recommendation, ...]] = []

    async def person(self) -> None:
        while not self.over.is_set():
            self.answers.append(await self.engine.recommend(self.query))


async def test_a_torn_or_older_matrix_is_refused_and_a_whole_one_swapped_in_drops_nobody(
    engine: Engine, artifacts: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    query = Query({await product(artifacts, "p001"): 5.0}, SkinProfile(skin_type=SkinType.DRY))
    traffic, old = Traffic(engine, query), engine.load
    assert old is not None
    await asyncio.to_thread(load_again, artifacts, tmp_path / "reviews.csv")
    [matrix] = [one for one in artifacts.glob("*/matrix") if one.parent.name != old.id]
    whole = (matrix / "manifest.json").read_text(encoding="utf-8")
    (matrix / "manifest.json").write_text(whole[: len(whole) // 2], encoding="utf-8")
    async with asyncio.TaskGroup() as group:
        for _ in range(PEOPLE):
            group.create_task(traffic.person())
        await engine.refresh()
        assert engine.load == old
        assert "깨졌어요" in caplog.text
        refusals = len(caplog.records)
        await engine.refresh()
        assert len(caplog.records) == refusals  # said once, not every few seconds
        older = whole.replace('"version":2', '"version":1')
        (matrix / "manifest.json").write_text(older, encoding="utf-8")
        await engine.refresh()
        assert engine.load == old
        assert "다른 판이에요" in caplog.text
        (matrix / "manifest.json").write_text(whole, encoding="utf-8")
        before = len(traffic.answers)
        await engine.refresh()
        assert engine.load is not None and engine.load.id == matrix.parent.name
        await engine.recommend(query)
        traffic.over.set()
    assert len(traffic.answers) >= before + PEOPLE
    assert all(len(answer) == query.n for answer in traffic.answers)
