"""The adapter that an admin chose speaks in every process, and after a restart."""

from datetime import UTC, datetime
from pathlib import Path

from engine.engine import Engine
from engine.settings import EngineSettings, LanguageModelSettings
from engine.store.database import Database
from tests.openai_server import Fails, OpenAIServer, Speaks, openai_server


async def opened(folder: Path, server: OpenAIServer) -> tuple[Engine, Database]:
    database = await Database.open(f"sqlite+aiosqlite:///{folder / 'ppoyami.db'}")
    llm = LanguageModelSettings(server.base_url, "base", "of the setting")
    return await Engine.open(EngineSettings(folder, llm=llm), database), database


def speaker(engine: Engine) -> str:
    assert engine.model is not None
    return engine.model.name


async def test_a_choice_outlives_the_process_and_reaches_the_others(tmp_path: Path) -> None:
    async with openai_server(Speaks(["네."])) as server:
        server.adapters.append("warm")
        (here, store), (there, other) = [await opened(tmp_path, server) for _ in range(2)]
        assert speaker(here) == speaker(there) == "of the setting"
        assert here.adapters is not None
        await here.adapters.choose("warm", datetime(2026, 3, 2, tzinfo=UTC))
        await there.refresh()
        later, last = await opened(tmp_path, server)
        assert [speaker(one) for one in (here, there, later)] == ["warm"] * 3
        for engine, database in ((here, store), (there, other), (later, last)):
            await engine.close()
            await database.close()


async def test_health_tells_a_server_that_is_there_from_one_that_is_not(tmp_path: Path) -> None:
    async with openai_server(Fails(500)) as server:
        engine, database = await opened(tmp_path, server)
        assert (await engine.health())["llm"] == "ok"
    assert (await engine.health())["llm"] == "down"
    await engine.close()
    await database.close()
