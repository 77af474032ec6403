"""Where a turn of the wheel asks and lets answer: the real client before a server that loads."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.errors import LoadingOff, ModelUnavailable, UnknownAdapter
from engine.generation.adapters import CHOICE, MARK
from engine.store.choices import Choices
from engine.store.database import Database
from tests.openai_server import OpenAIServer, openai_server
from training.served import Place
from training.stage import Live, Own

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    for name in ("sft", "wheel-0001"):
        (tmp_path / "adapters" / name).mkdir(parents=True)
        (tmp_path / "adapters" / name / MARK).write_text("{}")
    return tmp_path / "adapters"


@pytest.fixture
async def vllm() -> AsyncIterator[OpenAIServer]:
    async with openai_server() as vllm:
        vllm.adapters.append("sft")
        yield vllm


@pytest.fixture
def stage(vllm: OpenAIServer, shelf: Path, database: Database) -> Live:
    return Live(vllm.base_url, "base", shelf, database)


async def test_to_be_asked_what_is_missing_is_loaded_and_what_is_there_is_not(
    stage: Live, vllm: OpenAIServer, shelf: Path
):
    async with stage.asked_at(["sft", "wheel-0001"]) as url:
        assert url == vllm.base_url
        assert vllm.adapters == ["sft", "wheel-0001"]
    assert vllm.folders == [str(shelf / "wheel-0001")]


async def test_asking_chooses_nobody(stage: Live):
    async with stage.asked_at(["wheel-0001"]):
        pass
    assert await stage.chosen() is None


async def test_who_is_promoted_is_on_the_server_and_every_bot_follows(
    stage: Live, vllm: OpenAIServer, database: Database
):
    await stage.promote("wheel-0001", NOON)
    assert "wheel-0001" in vllm.adapters
    assert await Choices(database).made(CHOICE) == await stage.chosen() == "wheel-0001"


async def test_back_to_the_base_is_the_servers_own_name(stage: Live, database: Database):
    await stage.promote("sft", NOON)
    await stage.promote("", NOON)
    assert await Choices(database).made(CHOICE) == "base"
    assert await stage.chosen() == ""


async def test_who_is_withdrawn_leaves_the_server_and_twice_is_no_harm(
    stage: Live, vllm: OpenAIServer
):
    async with stage.asked_at(["wheel-0001"]):
        pass
    for _ in range(2):
        await stage.withdraw("wheel-0001")
    assert vllm.adapters == ["sft"]


async def test_an_adapter_that_is_not_on_the_shelf_is_promoted_nowhere(
    stage: Live, database: Database
):
    with pytest.raises(UnknownAdapter):
        await stage.promote("wheel-0009", NOON)
    assert await Choices(database).made(CHOICE) is None


async def test_a_server_that_loads_nothing_is_told_before_anybody_is_asked(
    stage: Live, vllm: OpenAIServer
):
    vllm.loads = False
    with pytest.raises(LoadingOff):
        async with stage.asked_at(["wheel-0001"]):
            raise AssertionError("asked all the same")


async def test_a_server_that_is_gone_is_told(shelf: Path, database: Database):
    stage = Live("http://127.0.0.1:1/v1", "base", shelf, database)
    with pytest.raises(ModelUnavailable):
        async with stage.asked_at(["wheel-0001"]):
            raise AssertionError("asked all the same")


async def test_without_a_server_the_choice_waits_in_the_store(tmp_path: Path, database: Database):
    stage = Own(Place(tmp_path), "base", database)
    await stage.promote("wheel-0001", NOON)
    assert await stage.chosen() == "wheel-0001"
    await stage.promote("", NOON)
    assert await Choices(database).made(CHOICE) == "base"
