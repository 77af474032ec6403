"""What is on its way to people, and what of it KakaoTalk really has.

KakaoTalk takes one response per request, within five seconds. What an event leads to may take
longer. So every event is followed to its end in a task of its own (`Answering`), which gathers the
replies; whoever can hand them over (the request itself, its callback, the person's next request)
takes them. Until then they are owed, and in the store they do not count as shown.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass

from yarl import URL

from bot.conversation import Broken, Memory, Progress, Remembered, Shown, Waiting
from bot.dialogue import texts
from bot.dialogue.model import Bubble, Event, Reply, Turn
from engine.domain import Person
from engine.errors import EngineError

KEPT_SECONDS = 600.0
"""So long an answer that nobody fetched is held. After that «결과 보기» draws the scene from the
store, as after a restart."""
PEOPLE_AT_MOST = 5_000
LOOKS = (2.0, 1.5, 1.0, 0.5, 0.0)
"""Seconds before its deadline at which a request looks whether it should go."""
LATE = 0.15
"""Seconds; so late no timer of an idle process is."""

logger = logging.getLogger(__name__)


class HandedOver:
    """A memory whose replies count as shown once KakaoTalk has them, not once they were made.

    The conversation marks a turn when its replies were taken from it; here that only notes how far
    they reach (`reached`), and `handed` writes it.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._reached: dict[Person, int] = {}

    async def recall(self, person: Person, *, fresh: bool) -> Remembered:
        return await self._memory.recall(person, fresh=fresh)

    async def keep(
        self, person: Person, remembered: Remembered, turn: Turn, event: Event | None
    ) -> int:
        return await self._memory.keep(person, remembered, turn, event)

    async def shown(self, person: Person, version: int) -> None:
        # Never waits: whoever follows the conversation finds the mark before anyone else runs.
        self._reached[person] = version

    def reached(self, person: Person) -> int | None:
        """The version that the replies taken just now reach; told once."""
        return self._reached.pop(person, None)

    async def handed(self, person: Person, version: int) -> None:
        await self._memory.shown(person, version)


class Answering:
    """One event, followed to the end of all it leads to."""

    def __init__(
        self,
        person: Person,
        event: str | None,
        shown: AsyncGenerator[Shown, None],
        memory: HandedOver,
    ) -> None:
        self.person = person
        self.event = event
        """The event's id."""
        self.over = asyncio.Event()
        self.callback: URL | None = None
        """Where it goes by itself once it is over; the newest that was offered."""
        self.called_off = False
        """Ended while something was still being looked for: the person wanted something else."""
        self.ahead: int | None = None
        """So many questions are before this one, as far as was told; None: it is not in line."""
        self._shown = shown
        self._memory = memory
        self._released = asyncio.Event()
        self._attended = 0
        self._replies: list[Reply] = []
        self._version: int | None = None

    async def follow(self) -> None:
        """Gather to the end. What fails ends in one kind line."""
        try:
            async with aclosing(self._shown) as pieces:
                async for piece in pieces:
                    self._gather(piece)
        except EngineError as error:
            logger.warning("an event could not be answered: %s", type(error).__name__)
            self._replies.append(Bubble(texts.TROUBLE))
        except Exception:
            logger.exception("an event could not be answered")
            self._replies.append(Bubble(texts.TROUBLE))
        finally:
            self._mark()
            self.over.set()
            self._released.set()

    def release(self) -> None:
        """Let go whoever waits: the process is about to end."""
        self._released.set()

    def _gather(self, piece: Shown) -> None:
        # KakaoTalk shows nothing that grows: only what an answer has grown to, and the place in
        # the model's line where a response goes out anyway.
        self.called_off = isinstance(piece, Waiting | Progress | Broken)
        self.ahead = piece.ahead if isinstance(piece, Progress) else None
        if not isinstance(piece, Waiting | Progress | Broken):
            self._replies.append(piece)
        else:
            self._mark()

    def _mark(self) -> None:
        self._version = self._memory.reached(self.person) or self._version

    @property
    def spoken_for(self) -> bool:
        """A request or a callback waits for it."""
        return self._attended > 0 or self.callback is not None

    @property
    def empty(self) -> bool:
        return not self._replies

    async def within(self, deadline: float) -> bool:
        """A request waits until it is over, at most until then (the loop's time); whether it is.

        In its last two seconds it looks up every now and then. One that wakes late sees that this
        process is behind with everything, and that its response will be, too: it goes at once.
        """
        loop = asyncio.get_running_loop()
        with self._attending():
            for look in (deadline - before for before in LOOKS):
                if loop.time() < look and not await self.ends(look) and loop.time() > look + LATE:
                    break
        return self.over.is_set()

    async def ends(self, deadline: float) -> bool:
        """The same without speaking for it; `release` ends the wait, too."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                await self._released.wait()
        return self.over.is_set()

    @contextmanager
    def _attending(self) -> Iterator[None]:
        self._attended += 1
        try:
            yield
        finally:
            self._attended -= 1

    def taken(self) -> tuple[tuple[Reply, ...], int | None]:
        """The replies so far, which are now the taker's, and the version that they reach."""
        replies, self._replies = tuple(self._replies), []
        return replies, self._version

    def put_back(self, replies: tuple[Reply, ...]) -> None:
        """They could not be handed over."""
        self._replies[:0] = replies


@dataclass(frozen=True, slots=True)
class Handing:
    """Replies that were taken to be handed over."""

    person: Person
    parts: tuple[tuple[Answering, tuple[Reply, ...]], ...] = ()
    version: int | None = None

    @property
    def replies(self) -> tuple[Reply, ...]:
        return tuple(reply for _, replies in self.parts for reply in replies)


class Owed:
    """What is on its way to whom, in the order in which it was asked for."""

    def __init__(self, kept: float = KEPT_SECONDS, most: int = PEOPLE_AT_MOST) -> None:
        self._kept = kept
        self._most = most
        self._answerings: OrderedDict[Person, list[Answering]] = OrderedDict()
        self._begun: dict[Person, float] = {}

    def to(self, person: Person) -> tuple[Answering, ...]:
        return tuple(self._answerings.get(person, ()))

    def add(self, answering: Answering) -> None:
        now = asyncio.get_running_loop().time()
        self._forget(now - self._kept)
        person = answering.person
        self._answerings.setdefault(person, []).append(answering)
        self._answerings.move_to_end(person)
        self._begun[person] = now

    def take(self, own: Answering) -> Handing:
        """Everything up to `own` that nobody else waits for, and all that is over with it."""
        person, mine = own.person, self._answerings.get(own.person, [])
        before = mine[: mine.index(own) + 1] if own in mine else [own]
        parts, reached = [], []
        for each in before:
            if each is own or not each.spoken_for:
                replies, version = each.taken()
                parts.append((each, replies))
                reached.append(version or 0)
        self._drop_empty(person)
        return Handing(person, tuple(parts), max(reached, default=0) or None)

    def give_back(self, handing: Handing) -> None:
        """KakaoTalk did not take them: the next one hands them over, before what is newer."""
        mine = self._answerings.setdefault(handing.person, [])
        for place, (answering, replies) in enumerate(handing.parts):
            answering.put_back(replies)
            if answering not in mine:
                mine.insert(place, answering)
        self._begun.setdefault(handing.person, asyncio.get_running_loop().time())
        self._drop_empty(handing.person)

    def waits(self, person: Person) -> bool:
        """Whether something is being looked for that nobody waits for."""
        return bool(self._waiting(person))

    def ahead(self, person: Person) -> int | None:
        """The place in line of what is being looked for so, the newest of them."""
        places = [each.ahead for each in self._waiting(person)]
        return places[-1] if places else None

    def release(self) -> None:
        """Let go whoever waits for anything."""
        for mine in self._answerings.values():
            for each in mine:
                each.release()

    def __len__(self) -> int:
        """People to whom something is owed."""
        return len(self._answerings)

    def _waiting(self, person: Person) -> list[Answering]:
        return [one for one in self.to(person) if not one.over.is_set() and not one.spoken_for]

    def _drop_empty(self, person: Person) -> None:
        mine = [one for one in self.to(person) if not (one.over.is_set() and one.empty)]
        if mine:
            self._answerings[person] = mine
        else:
            self._answerings.pop(person, None)
            self._begun.pop(person, None)

    def _forget(self, since: float) -> None:
        """Of the oldest those that are over; who is still looked for is kept."""
        for person in tuple(self._answerings):
            crowded = len(self._answerings) > self._most
            if self._begun[person] >= since and not crowded:
                return
            if all(each.over.is_set() for each in self._answerings[person]):
                del self._answerings[person], self._begun[person]
            elif not crowded:
                return
