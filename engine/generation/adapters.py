"""Who answers: the base model or one of its LoRA adapters, chosen while the bot runs."""

import asyncio
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.errors import AdapterInUse, EngineError, UnknownAdapter
from engine.generation.model import ServerModel
from engine.generation.registry import LOG, Card, Decision, Ruling, card, decisions
from engine.store.choices import Choices

CHOICE = "adapter"
MARK = "adapter_config.json"
"""PEFT writes it into every adapter's folder."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""Of an adapter that the bot handles: it is a folder's name, and fits a button."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Speakers:
    """What can answer."""

    base: str
    chosen: str
    """The base model or an adapter."""
    loaded: tuple[str, ...] = ()
    """Adapters that the server has."""
    loadable: tuple[str, ...] = ()
    """Adapters on the shelf that it has not."""
    card: Card | None = None
    """What is known of the chosen adapter."""
    refused: Decision | None = None
    """The newest decision, where it was against an adapter."""


class Adapters:
    """The choice is kept in the store, and followed by every process that has the same store.

    What is loaded at run time is loaded into one server: several behind one address have to be
    started with their adapters.
    """

    def __init__(
        self, model: ServerModel, choices: Choices, base: str, shelf: Path | None = None
    ) -> None:
        """`shelf`: the one folder whose folders may be loaded; None: nothing may."""
        self._model = model
        self._choices = choices
        self._base = base
        self._shelf = shelf
        self._followed: str | None = None

    async def speakers(self) -> Speakers:
        """Raises ModelUnavailable."""
        loaded = await self._model.adapters()
        chosen = self._model.name
        shelved, told, refused = await asyncio.to_thread(self._known, chosen)
        rest = tuple(name for name in shelved if name not in loaded)
        return Speakers(self._base, chosen, tuple(loaded), rest, told, refused)

    async def choose(self, adapter: str, at: datetime) -> None:
        """Empty is the base model. Raises UnknownAdapter, ModelUnavailable, StoreUnavailable."""
        if adapter and adapter not in await self._model.adapters():
            raise UnknownAdapter(adapter)
        name = adapter or self._base
        await self._choices.make(CHOICE, name, at)
        self._speak_as(name)

    async def load(self, adapter: str) -> None:
        """Raises UnknownAdapter, AdapterRefused, ModelUnavailable."""
        shelved = await asyncio.to_thread(self._shelved)
        if self._shelf is None or adapter not in shelved:
            raise UnknownAdapter(adapter)
        await self._model.load_adapter(adapter, self._shelf.resolve() / adapter)

    async def unload(self, adapter: str) -> None:
        """Raises AdapterInUse, UnknownAdapter, AdapterRefused, ModelUnavailable."""
        if adapter == self._model.name:
            raise AdapterInUse(adapter)
        if adapter not in await self._model.adapters():
            raise UnknownAdapter(adapter)
        await self._model.unload_adapter(adapter)

    async def follow(self) -> None:
        """Take over what was chosen elsewhere; load again what a restarted server has lost.

        Raises StoreUnavailable."""
        chosen = await self._choices.made(CHOICE)
        if chosen is not None and chosen != self._followed:
            self._speak_as(chosen)
        if self._model.missed is not None and self._model.missed == self._model.name:
            await self._restore(self._model.missed)

    def _speak_as(self, name: str) -> None:
        self._model.speak_as(name)
        self._followed = name
        logger.info("answers are written by %s", name)

    async def _restore(self, adapter: str) -> None:
        """Tried once for each answer that missed it."""
        self._model.missed = None
        try:
            await self.load(adapter)
        except EngineError as error:
            logger.warning("the adapter %s is gone from the server: %s", adapter, error)
        else:
            logger.info("the adapter %s was gone from the server; it is loaded again", adapter)

    def _known(self, chosen: str) -> tuple[Sequence[str], Card | None, Decision | None]:
        """What lies on the shelf, of the chosen one its card, and who was refused last."""
        shelved = self._shelved()
        if self._shelf is None:
            return shelved, None, None
        made = decisions(self._shelf.parent / LOG)
        refused = made[-1] if made and made[-1].ruling is Ruling.REFUSED else None
        return shelved, card(self._shelf / chosen) if chosen in shelved else None, refused

    def _shelved(self) -> Sequence[str]:
        if self._shelf is None or not self._shelf.is_dir():
            return ()
        folders = (path.parent.name for path in self._shelf.glob(f"*/{MARK}"))
        return sorted(name for name in folders if NAME.fullmatch(name))
