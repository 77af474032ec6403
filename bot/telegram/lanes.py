"""One person's events one after the other, different people's at once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

from bot.tasks import Nursery

WAITING_AT_MOST = 10
"""Events of one person that wait while one is at work; the next is told to come again."""

Goes = Callable[[], None]
"""To be called when the person's next event may begin; a work's end calls it, too."""
Work = Callable[[Goes], Awaitable[None]]


@dataclass(order=True)
class _Entry:
    number: int
    """Of the event: the least waiting one is next, in whatever order they came."""
    work: Work = field(compare=False)


@dataclass
class _Lane:
    waiting: list[_Entry] = field(default_factory=list)
    """A heap."""
    begun: bool = False
    """The first is at work, or was."""


class Lanes:
    """Nothing begins before `open`; after `close` nothing does that has not."""

    def __init__(self, nursery: Nursery) -> None:
        self._nursery = nursery
        self._lanes: dict[str, _Lane] = {}
        self._working: set[asyncio.Task[None]] = set()
        self._opened = asyncio.Event()
        self._closed = False

    def full(self, person: str) -> bool:
        lane = self._lanes.get(person)
        return lane is not None and len(lane.waiting) >= WAITING_AT_MOST + (not lane.begun)

    def add(self, person: str, number: int, work: Work) -> None:
        if person not in self._lanes:
            self._lanes[person] = _Lane()
            self._nursery.start(self._walk(person), "a person's events")
        heappush(self._lanes[person].waiting, _Entry(number, work))

    def open(self) -> None:
        self._opened.set()

    async def close(self, seconds: float) -> None:
        """What is at work may end within this time, and is then cancelled."""
        self._closed = True
        if self._working:
            await asyncio.wait(self._working, timeout=seconds)
        left = tuple(self._working)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _walk(self, person: str) -> None:
        await self._opened.wait()
        lane = self._lanes[person]
        while lane.waiting and not self._closed:
            lane.begun = True
            entry, goes_on = heappop(lane.waiting), asyncio.Event()
            task = self._nursery.start(self._do(entry, goes_on), f"event {entry.number}")
            self._working.add(task)
            task.add_done_callback(self._working.discard)
            await goes_on.wait()
        del self._lanes[person]

    @staticmethod
    async def _do(entry: _Entry, goes_on: asyncio.Event) -> None:
        try:
            await entry.work(goes_on.set)
        finally:
            goes_on.set()
