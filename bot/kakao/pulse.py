"""How far this process is behind: what a request has waited before anyone looked at it.

Kakao's five seconds begin when it connects. Where a thousand connect in one moment, the last of
them is read a second later, and cannot know. But the event loop's timers are late by as much.
"""

import asyncio
from collections import deque

BEAT = 0.05
"""Seconds."""
BEATS = 20
"""That are looked back on: a second where nothing is late."""


class Pulse:
    def __init__(self) -> None:
        self._late: deque[float] = deque((0.0,), maxlen=BEATS)
        self._due: float | None = None

    async def watch(self) -> None:
        """Beat for ever."""
        loop = asyncio.get_running_loop()
        while True:
            self._due = loop.time() + BEAT
            await asyncio.sleep(BEAT)
            self._late.append(max(0.0, loop.time() - self._due))

    @property
    def behind(self) -> float:
        """Seconds: the latest of the last beats, the one that is due included."""
        if self._due is None:
            return 0.0
        now = asyncio.get_running_loop().time()
        return max(*self._late, now - self._due)
