"""The shell around the pure core: recall → step → keep → show → fulfil → step …"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol
from weakref import WeakValueDictionary

from bot.dialogue.model import Dialogue, Event, Message, Reply, Request, Result, Turn
from bot.dialogue.step import redraw, step
from engine.domain import Person
from engine.store.people import EventRepeated, LostRace


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request is being fulfilled: the channel shows that it is at work."""

    request: Request


@dataclass(frozen=True, slots=True)
class Progress:
    """The whole text so far of an answer that is still being written; never kept."""

    text: str


Shown = Reply | Waiting | Progress


@dataclass(frozen=True, slots=True)
class Remembered:
    """A dialogue as the store has it; version 0 is someone it does not know."""

    dialogue: Dialogue
    version: int = 0
    shown: int = 0

    @property
    def owes(self) -> bool:
        """Something kept was not shown, or asked for and not answered."""
        return self.shown < self.version or self.dialogue.open is not None


class Memory(Protocol):
    async def recall(self, person: Person) -> Remembered: ...

    async def keep(
        self, person: Person, remembered: Remembered, turn: Turn, event: Event | None
    ) -> int:
        """The new version. Raises EventRepeated or LostRace, having changed nothing."""
        ...

    async def shown(self, person: Person, version: int) -> None: ...


class Fulfil(Protocol):
    def __call__(self, request: Request) -> AsyncIterator[Progress | Result]:
        """Any number of pieces, then exactly one result."""
        ...


@dataclass(frozen=True, slots=True)
class _Taken:
    turn: Turn
    version: int | None
    """None where the event changed nothing and nothing was kept."""


class Conversation:
    def __init__(self, memory: Memory, fulfil: Fulfil) -> None:
        self._memory = memory
        self._fulfil = fulfil
        self._locks: WeakValueDictionary[Person, asyncio.Lock] = WeakValueDictionary()
        self._following: Counter[Person] = Counter()

    async def converse(self, person: Person, event: Message) -> AsyncIterator[Shown]:
        """What to show for `event`; iterate to the end, only then do the replies count as shown.

        An event that was applied before shows nothing, unless its replies were never shown.
        """
        try:
            taken = await self._take(person, event)
        except EventRepeated:
            if not self._following[person] and await self.unshown(person):
                async for shown in self.resume(person):
                    yield shown
            return
        async for shown in self._follow(person, taken):
            yield shown

    async def resume(self, person: Person) -> AsyncIterator[Shown]:
        """Draw the present scene again and take up what was asked for."""
        async for shown in self._follow(person, await self._take(person, None)):
            yield shown

    async def unshown(self, person: Person) -> bool:
        return (await self._memory.recall(person)).owes

    async def _take(self, person: Person, event: Event | None) -> _Taken:
        """Apply one event (None: redraw) to the recalled dialogue and keep what came of it."""
        async with self._lock(person):
            while True:
                remembered = await self._memory.recall(person)
                before = remembered.dialogue
                turn = redraw(before) if event is None else step(before, event)
                if turn == Turn(before):
                    return _Taken(turn, None)
                try:
                    version = await self._memory.keep(person, remembered, turn, event)
                except LostRace:
                    continue
                return _Taken(turn, version)

    async def _follow(self, person: Person, taken: _Taken) -> AsyncIterator[Shown]:
        """Show a turn, fulfil what it asks for, show what came of that, and so on."""
        async with self._attending(person):
            while True:
                for reply in taken.turn.replies:
                    yield reply
                if taken.version is not None:
                    await self._memory.shown(person, taken.version)
                request = taken.turn.request
                if request is None:
                    return
                yield Waiting(request)
                async for piece in self._fulfil(request):
                    if isinstance(piece, Progress):
                        yield piece
                    else:
                        taken = await self._take(person, piece)

    def _lock(self, person: Person) -> asyncio.Lock:
        return self._locks.setdefault(person, asyncio.Lock())

    @asynccontextmanager
    async def _attending(self, person: Person) -> AsyncIterator[None]:
        self._following[person] += 1
        try:
            yield
        finally:
            self._following[person] -= 1
            if not self._following[person]:
                del self._following[person]
