"""The shell around the pure core: recall → step → keep → show → fulfil → step …"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Protocol, TypeVar
from weakref import WeakValueDictionary

from bot.dialogue.model import Dialogue, Event, Message, Reply, Request, Result, Turn
from bot.dialogue.step import redraw, step
from engine.domain import Person
from engine.store.people import EventRepeated, LostRace

PARTING_SECONDS = 2.0
"""At most so long a newer event waits until what it called off has left the screen."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request is being fulfilled: the channel shows that it is at work."""

    request: Request


@dataclass(frozen=True, slots=True)
class Progress:
    """The whole text so far of an answer that is still being written; never kept."""

    text: str
    ahead: int | None = None
    """The question waits for its turn, so many before it; None: it is being answered."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The answer that grew will not end: the person stopped it or asked for something else."""

    text: str
    """As far as it was shown, and a mark that it ends here."""


Shown = Reply | Waiting | Progress | Broken


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
    async def recall(self, person: Person, *, fresh: bool) -> Remembered:
        """As the store has it now (`fresh`), or as this process last saw it, which may be old:
        whoever keeps a turn made from it finds that out (LostRace)."""
        ...

    async def keep(
        self, person: Person, remembered: Remembered, turn: Turn, event: Event | None
    ) -> int:
        """The new version. Raises EventRepeated or LostRace, having changed nothing."""
        ...

    async def shown(self, person: Person, version: int) -> None: ...


class Fulfil(Protocol):
    def __call__(self, person: Person, request: Request) -> AsyncGenerator[Progress | Result, None]:
        """Any number of pieces, then exactly one result."""
        ...


@dataclass(frozen=True, slots=True)
class _Taken:
    turn: Turn
    version: int | None
    """None where the event changed nothing and nothing was kept."""


class _CalledOff(Exception):
    """The person wants something else now."""


class _Pursuit:
    """What one event led to, from its turn to its last result; another event may call it off."""

    def __init__(self) -> None:
        self.ticket: int | None = None
        """Of the request that is being fulfilled."""
        self.grown = ""
        """What is shown of its answer."""
        self.over = asyncio.Event()
        self.called_off = False
        self._limit: asyncio.Timeout | None = None

    def call_off(self) -> None:
        """End the present or next `unless_called_off` now, and with it the fulfilment."""
        if self._limit is not None and not self.called_off:
            self._limit.reschedule(asyncio.get_running_loop().time())
        self.called_off = True

    async def unless_called_off(self, begin: Callable[[], Awaitable[T]]) -> T:
        """Raises _CalledOff; what was begun is cancelled then."""
        if self.called_off:
            raise _CalledOff
        try:
            async with asyncio.timeout(None) as self._limit:
                return await begin()
        except TimeoutError:
            if self.called_off:
                raise _CalledOff from None
            raise
        finally:
            self._limit = None


class Conversation:
    """One person's turns go one by one, each shown to its end before the next is taken. Only the
    wait for a request does not hold the next event up: what it leaves open goes on beside it, what
    it closes is called off, and ends before the first reply to the newer event is shown.
    """

    def __init__(self, memory: Memory, fulfil: Fulfil) -> None:
        self._memory = memory
        self._fulfil = fulfil
        self._stages: WeakValueDictionary[Person, asyncio.Lock] = WeakValueDictionary()
        self._pursuits: dict[Person, list[_Pursuit]] = {}

    async def converse(self, person: Person, event: Message) -> AsyncGenerator[Shown, None]:
        """What to show for `event`; iterate to the end, only then do the replies count as shown.

        An event that was applied before shows nothing, unless its replies were never shown.
        """
        try:
            async with aclosing(self._follow(person, event)) as following:
                async for shown in following:
                    yield shown
        except EventRepeated:
            if person not in self._pursuits and await self.unshown(person):
                async with aclosing(self._follow(person, None)) as following:
                    async for shown in following:
                        yield shown

    async def resume(self, person: Person) -> AsyncGenerator[Shown, None]:
        """Draw the present scene again and take up what was asked for."""
        async with aclosing(self._follow(person, None)) as following:
            async for shown in following:
                yield shown

    async def unshown(self, person: Person) -> bool:
        return (await self._memory.recall(person, fresh=True)).owes

    async def _follow(self, person: Person, event: Event | None) -> AsyncGenerator[Shown, None]:
        """Show a turn, fulfil what it asks for, show what came of that, and so on."""
        with self._pursuing(person) as pursuit:
            try:
                async with aclosing(self._pursue(person, event, pursuit)) as pursued:
                    async for shown in pursued:
                        yield shown
            except _CalledOff:
                if pursuit.grown:
                    yield Broken(f"{pursuit.grown.rstrip()} …")

    async def _pursue(
        self, person: Person, event: Event | None, pursuit: _Pursuit
    ) -> AsyncGenerator[Shown, None]:
        stage = self._stages.setdefault(person, asyncio.Lock())
        while True:
            await pursuit.unless_called_off(stage.acquire)
            try:
                taken = await self._take(person, event)
                await self._call_off(person, pursuit, taken.turn.dialogue)
                if pursuit.grown and not taken.turn.replies:
                    raise _CalledOff  # by another process
                for reply in taken.turn.replies:
                    yield reply
                if taken.version is not None:
                    await self._memory.shown(person, taken.version)
                request, pursuit.grown = taken.turn.request, ""
                if request is None:
                    return
                pursuit.ticket = request.ticket
            finally:
                stage.release()
            yield Waiting(request)
            async with aclosing(self._fulfil(person, request)) as pieces:
                event = None
                while event is None:
                    piece = await pursuit.unless_called_off(partial(anext, pieces))
                    if isinstance(piece, Progress):
                        pursuit.grown = piece.text
                        yield piece
                    else:
                        event = piece

    async def _take(self, person: Person, event: Event | None) -> _Taken:
        """Apply one event (None: redraw) to the recalled dialogue and keep what came of it."""
        taken = await self._try(person, event, fresh=False)
        while taken is None:
            taken = await self._try(person, event, fresh=True)
        return taken

    async def _try(self, person: Person, event: Event | None, *, fresh: bool) -> _Taken | None:
        """None where the dialogue recalled was not the present one, or may not have been."""
        remembered = await self._memory.recall(person, fresh=fresh)
        before = remembered.dialogue
        turn = redraw(before, datetime.now(UTC)) if event is None else step(before, event)
        if turn == Turn(before):
            # Nothing to keep, so nothing that could lose the race: only the store can tell.
            return _Taken(turn, None) if fresh else None
        try:
            return _Taken(turn, await self._memory.keep(person, remembered, turn, event))
        except LostRace:
            return None

    async def _call_off(self, person: Person, own: _Pursuit, now: Dialogue) -> None:
        """Of this person all that the dialogue waits for no longer; it ends before this does."""
        open_ = None if now.open is None else now.open.ticket
        others = [each for each in self._pursuits[person] if each is not own]
        for other in others:
            if other.ticket is not None and other.ticket != open_:
                other.call_off()
        with suppress(TimeoutError):  # whoever shows it is slow: nobody waits for that
            async with asyncio.timeout(PARTING_SECONDS):
                for other in others:
                    if other.called_off:
                        await other.over.wait()

    @contextmanager
    def _pursuing(self, person: Person) -> Iterator[_Pursuit]:
        pursuit = _Pursuit()
        self._pursuits.setdefault(person, []).append(pursuit)
        try:
            yield pursuit
        finally:
            pursuit.over.set()
            self._pursuits[person].remove(pursuit)
            if not self._pursuits[person]:
                del self._pursuits[person]
