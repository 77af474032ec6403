"""The store, from a program without an event loop: each call opens it and closes it again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from engine.domain import Load
from engine.store.catalogue import Catalogue
from engine.store.database import Database
from ingest.tables import Tables

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Store:
    """All calls raise StoreUnavailable where the database fails."""

    url: str

    def current(self) -> Load | None:
        return asyncio.run(_with(self.url, lambda catalogue: catalogue.current_load()))

    def loads(self) -> tuple[Load, ...]:
        """Newest first."""
        return asyncio.run(_with(self.url, lambda catalogue: catalogue.loads()))

    def replace(self, load: Load, tables: Tables) -> None:
        """Make the load current, in one transaction."""
        asyncio.run(
            _with(
                self.url,
                lambda catalogue: catalogue.replace(
                    load, tables.products, tables.ingredients, tables.reviews
                ),
            )
        )


async def _with(url: str, ask: Callable[[Catalogue], Awaitable[T]]) -> T:
    database = await Database.open(url)
    try:
        return await ask(Catalogue(database))
    finally:
        await database.close()
