"""Who answers: chosen by an admin, kept, followed by others, loaded from one folder only."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.dialogue.model import AskModels, Deed, Made, ModelsListed, ModelTrouble, Rejected
from bot.models import Models
from engine.domain import Person
from engine.errors import ModelUnavailable
from engine.generation.adapters import MARK, Adapters
from engine.generation.model import ServerModel
from engine.generation.prompts import Message
from engine.generation.registry import Card, Decision, Ruling
from engine.settings import LanguageModelSettings
from engine.store.audit import Audit
from engine.store.choices import Choices
from engine.store.database import Database
from tests.openai_server import Behaviour, Fails, OpenAIServer, Speaks, openai_server
from training.registry import Registry

ADMIN = Person("telegram", "1")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PROMPT = (Message("user", "안녕하세요"),)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    for name in ("plain", "warm"):
        (tmp_path / "adapters" / name).mkdir(parents=True)
        (tmp_path / "adapters" / name / MARK).write_text("{}")
    (tmp_path / "adapters" / "no adapter").mkdir()
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / MARK).write_text("{}")
    return tmp_path / "adapters"


@asynccontextmanager
async def serving(*behaviours: Behaviour, **state: Any) -> AsyncIterator[OpenAIServer]:
    async with openai_server(*behaviours) as server:
        for name, value in state.items():
            setattr(server, name, value)
        yield server


class Bots:
    """Processes over one store."""

    def __init__(self, database: Database, server: OpenAIServer, shelf: Path | None) -> None:
        self._database, self._server, self._shelf = database, server, shelf
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "Bots":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def start(self, adapter: str | None = None) -> tuple[ServerModel, Adapters, Models]:
        model = ServerModel(LanguageModelSettings(self._server.base_url, "base", adapter))
        self._stack.push_async_callback(model.close)
        adapters = Adapters(model, Choices(self._database), "base", self._shelf)
        return model, adapters, Models(adapters, Audit(self._database))


async def asks(models: Models, deed: Deed | None = None, adapter: str = "") -> ModelsListed:
    listed = await models(ADMIN, AskModels(7, deed, adapter))
    assert listed.ticket == 7 and (listed.deed, listed.adapter) == (deed, adapter)
    return listed


async def says(model: ServerModel) -> str:
    return "".join([piece async for piece in model.stream(PROMPT) if isinstance(piece, str)])


async def test_the_list_tells_base_adapters_and_shelf(database: Database, shelf: Path) -> None:
    async with serving(adapters=["warm"]) as server, Bots(database, server, shelf) as bots:
        listed = await asks(bots.start()[2])
    assert (listed.base, listed.chosen) == ("base", "base")
    assert (listed.loaded, listed.loadable) == (("warm",), ("plain",))
    assert listed.trouble is None


async def test_who_answers_has_a_card_and_the_last_refusal_is_told(
    database: Database, shelf: Path
) -> None:
    registry = Registry(shelf.parent)
    registry.describe(Card("warm", NOON, "plain", 312, 58, "근거 있는 문장 71%"))
    registry.note(Decision(NOON, Ruling.SERVES, "warm", "plain", ("나아요.",)))
    async with serving(adapters=["warm"]) as server, Bots(database, server, shelf) as bots:
        desk = bots.start(adapter="warm")[2]
        served = await asks(desk)
        assert served.made == Made(NOON, "plain", 312, 58, "근거 있는 문장 71%")
        assert served.rejected is None
        registry.note(Decision(NOON, Ruling.REFUSED, "worse", "warm", ("못해요.", "위험해요.")))
        refused = await asks(desk)
        assert refused.rejected == Rejected("worse", NOON, "못해요. 위험해요.")
        assert (await asks(desk, Deed.SPEAK, "")).made is None


async def test_the_chosen_one_answers_here_at_once_elsewhere_soon_and_after_a_restart(
    database: Database, shelf: Path
) -> None:
    async with (
        serving(Speaks(["네."]), adapters=["warm"]) as server,
        Bots(database, server, shelf) as bots,
    ):
        (here, _, desk), (there, elsewhere, _) = bots.start(), bots.start()
        assert (await asks(desk, Deed.SPEAK, "warm")).chosen == "warm"
        await elsewhere.follow()
        restarted, after, _ = bots.start(adapter="of the setting")
        await after.follow()
        for model in (here, there, restarted):
            await says(model)
        assert [asked["model"] for asked in server.requests] == ["warm"] * 3
        assert (await asks(desk, Deed.SPEAK, "")).chosen == "base"
        await elsewhere.follow()
        assert there.name == "base"


async def test_an_adapter_is_loaded_from_the_shelf_and_unloaded(
    database: Database, shelf: Path
) -> None:
    async with serving() as server, Bots(database, server, shelf) as bots:
        desk = bots.start()[2]
        listed = await asks(desk, Deed.LOAD, "plain")
        assert listed.loaded == ("plain",) and listed.loadable == ("warm",)
        assert server.folders == [str(shelf.resolve() / "plain")]
        assert (await asks(desk, Deed.UNLOAD, "plain")).loaded == ()


@pytest.mark.parametrize("name", ["../secret", "secret", "/", "no adapter", "", "nothing"])
async def test_nothing_but_the_shelfs_adapters_is_loaded(
    database: Database, shelf: Path, name: str
) -> None:
    async with serving() as server, Bots(database, server, shelf) as bots:
        assert (await asks(bots.start()[2], Deed.LOAD, name)).trouble is ModelTrouble.UNKNOWN
        assert server.folders == []


async def test_without_a_shelf_nothing_is_loaded(database: Database) -> None:
    async with serving() as server, Bots(database, server, None) as bots:
        assert (await asks(bots.start()[2], Deed.LOAD, "warm")).trouble is ModelTrouble.UNKNOWN


@pytest.mark.parametrize("deed", [Deed.SPEAK, Deed.UNLOAD])
async def test_what_the_server_has_not_is_unknown(
    database: Database, shelf: Path, deed: Deed
) -> None:
    async with serving() as server, Bots(database, server, shelf) as bots:
        model, _, desk = bots.start()
        assert (await asks(desk, deed, "warm")).trouble is ModelTrouble.UNKNOWN
        assert model.name == "base"


async def test_the_one_that_answers_is_not_unloaded(database: Database, shelf: Path) -> None:
    async with serving(adapters=["warm"]) as server, Bots(database, server, shelf) as bots:
        desk = bots.start(adapter="warm")[2]
        assert (await asks(desk, Deed.UNLOAD, "warm")).trouble is ModelTrouble.IN_USE
        assert server.adapters == ["warm"]


async def test_a_server_that_loads_nothing_at_run_time_says_so(
    database: Database, shelf: Path
) -> None:
    async with serving(loads=False) as server, Bots(database, server, shelf) as bots:
        listed = await asks(bots.start()[2], Deed.LOAD, "warm")
    assert listed.trouble is ModelTrouble.LOADING_OFF and listed.base == "base"


async def test_what_the_server_refuses_is_told(database: Database, shelf: Path) -> None:
    async with serving(adapters=["warm"]) as server, Bots(database, server, shelf) as bots:
        desk = bots.start()[2]  # another process has loaded it meanwhile
        assert (await asks(desk, Deed.LOAD, "warm")).trouble is ModelTrouble.REFUSED


async def test_a_dead_server_is_told_and_so_is_none(database: Database, shelf: Path) -> None:
    async with serving() as server:
        pass
    async with Bots(database, server, shelf) as bots:
        listed = await asks(bots.start()[2], Deed.LOAD, "warm")
    assert listed.trouble is ModelTrouble.UNREACHABLE and not listed.base
    assert (await asks(Models(None, Audit(database)))).trouble is ModelTrouble.NO_MODEL


async def test_every_deed_is_written_down_with_what_came_of_it(
    database: Database, shelf: Path
) -> None:
    async with serving(adapters=["warm"]) as server, Bots(database, server, shelf) as bots:
        desk = bots.start()[2]
        await asks(desk)
        await asks(desk, Deed.SPEAK, "warm")
        await asks(desk, Deed.UNLOAD, "warm")
        await asks(desk, Deed.SPEAK, "")
    noted = [(one.who, one.what, one.detail) for one in await Audit(database).latest(5)]
    assert noted[::-1] == [
        ("telegram 1", "model speak", "warm: done"),
        ("telegram 1", "model unload", "warm: in_use"),
        ("telegram 1", "model speak", "base: done"),
    ]


async def test_an_adapter_that_a_restarted_server_lost_is_loaded_again(
    database: Database, shelf: Path
) -> None:
    async with (
        serving(Fails(404), Speaks(["네."])) as server,
        Bots(database, server, shelf) as bots,
    ):
        model, adapters, _ = bots.start(adapter="warm")
        with pytest.raises(ModelUnavailable):
            await says(model)
        await adapters.follow()
        server.adapters.clear()
        await adapters.follow()  # nobody has missed it since
        assert server.folders == [str(shelf.resolve() / "warm")]
        assert await says(model) == "네."
