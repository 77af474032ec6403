"""Who answers people: the running server, or the one that will be started next; and the choice."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

from engine.errors import EngineError
from engine.generation.adapters import CHOICE, Adapters
from engine.generation.model import ServerModel
from engine.settings import LanguageModelSettings
from engine.store.choices import Choices
from engine.store.database import Database
from training.served import Place, served


class Stage(Protocol):
    async def chosen(self) -> str | None:
        """Who was chosen to answer; empty is the base, None where nobody ever chose. Raises
        StoreUnavailable."""
        ...

    def asked_at(self, adapters: Sequence[str]) -> AbstractAsyncContextManager[str]:
        """The `/v1` of a server that has these. Raises NoServer, EngineError."""
        ...

    async def promote(self, adapter: str, at: datetime) -> None:
        """It answers people from now on; empty is the base. Raises EngineError."""
        ...

    async def withdraw(self, adapter: str) -> None:
        """It leaves the server, where it is there."""
        ...


class Live:
    """The server that answers people: a new adapter is loaded beside theirs, asked, and chosen or
    unloaded; nobody waits for it."""

    def __init__(self, url: str, base: str, shelf: Path, database: Database) -> None:
        self._url, self._base, self._shelf = url, base, shelf
        self._choices = Choices(database)

    async def chosen(self) -> str | None:
        return _adapter(await self._choices.made(CHOICE), self._base)

    @asynccontextmanager
    async def asked_at(self, adapters: Sequence[str]) -> AsyncIterator[str]:
        async with self._opened() as here:
            for one in adapters:
                await _loaded(here, one)
        yield self._url

    async def promote(self, adapter: str, at: datetime) -> None:
        async with self._opened() as here:
            if adapter:
                await _loaded(here, adapter)
            await here.choose(adapter, at)

    async def withdraw(self, adapter: str) -> None:
        async with self._opened() as here:
            with suppress(EngineError):
                await here.unload(adapter)

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Adapters]:
        model = ServerModel(LanguageModelSettings(self._url, self._base))
        try:
            yield Adapters(model, self._choices, self._base, self._shelf)
        finally:
            await model.close()


class Own:
    """No server runs: one is started for the questions, and the choice waits in the store for the
    bot, which loads what its server has not."""

    def __init__(self, place: Place, base: str, database: Database) -> None:
        self._place, self._base = place, base
        self._choices = Choices(database)

    async def chosen(self) -> str | None:
        return _adapter(await self._choices.made(CHOICE), self._base)

    @asynccontextmanager
    async def asked_at(self, adapters: Sequence[str]) -> AsyncIterator[str]:
        folders = [self._place.home / "adapters" / one for one in adapters]
        with served(self._place, folders) as serving:
            yield f"{serving.url}/v1"

    async def promote(self, adapter: str, at: datetime) -> None:
        await self._choices.make(CHOICE, adapter or self._base, at)

    async def withdraw(self, adapter: str) -> None:
        pass


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """Raises StoreUnavailable."""
    database = await Database.open(url)
    try:
        yield database
    finally:
        await database.close()


def _adapter(chosen: str | None, base: str) -> str | None:
    return "" if chosen == base else chosen


async def _loaded(here: Adapters, adapter: str) -> None:
    if adapter not in (await here.speakers()).loaded:
        await here.load(adapter)
