"""The line before the model's server: so many inside, so many waiting, first come, first served."""

import asyncio
from collections import deque
from types import TracebackType
from typing import Self

from engine.errors import ModelBusy


class Line:
    """Belongs to one event loop."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._free = at_once
        self._longest = waiting
        self._waiting: deque[Place] = deque()
        self._inside = 0

    @property
    def inside(self) -> int:
        return self._inside

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def enter(self) -> "Place":
        """A place, to be left by `with`. Raises ModelBusy where the line is full."""
        if self._free:
            self._admit()
            return Place(self, ahead=0)
        if len(self._waiting) >= self._longest:
            raise ModelBusy(f"{self.inside} questions are being answered, {self.waiting} wait")
        place = Place(self, ahead=len(self._waiting) + 1)
        self._waiting.append(place)
        return place

    def hurry(self) -> "Place":
        """A place inside. Raises ModelBusy where there is none now."""
        if not self._free:
            raise ModelBusy(f"{self.inside} questions are being answered")
        return self.enter()

    def leave(self, place: "Place") -> None:
        if place in self._waiting:
            self._waiting.remove(place)
        else:
            self._inside, self._free = self._inside - 1, self._free + 1
            if self._waiting:
                self._admit()
                self._waiting.popleft().move(0)
        for ahead, each in enumerate(self._waiting, start=1):
            each.move(ahead)

    def _admit(self) -> None:
        self._inside, self._free = self._inside + 1, self._free - 1


class Place:
    def __init__(self, line: Line, ahead: int) -> None:
        self._line = line
        self._ahead = ahead
        self._moved = asyncio.Event()

    @property
    def ahead(self) -> int:
        """So many have to be done before its turn comes; 0: it is inside."""
        return self._ahead

    def move(self, ahead: int) -> None:
        if ahead != self._ahead:
            self._ahead = ahead
            self._moved.set()

    async def moved(self) -> None:
        """Wait until it stands elsewhere than when this was last waited for."""
        await self._moved.wait()
        self._moved.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._line.leave(self)
