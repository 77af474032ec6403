"""The shop's figures on request: gathered, drawn beside the event loop, and the asking noted."""

import asyncio
from datetime import UTC, datetime
from importlib import import_module

from bot.dialogue.model import AskStatistics, StatisticsGathered
from engine.domain import Person
from engine.figures import Figures, guarded
from engine.store.audit import Audit
from engine.store.statistics import Statistics


class Reports:
    def __init__(self, statistics: Statistics, audit: Audit) -> None:
        self._statistics = statistics
        self._audit = audit
        self._drawing = asyncio.Lock()
        """One picture at a time: each takes a core for half a second."""

    async def __call__(self, person: Person, request: AskStatistics) -> StatisticsGathered:
        """Raises StoreUnavailable; then nothing was told, for who asked must be known."""
        who = f"{person.channel} {person.id}"
        await self._audit.note(who, "statistics", _period(request.days), _now())
        figures = await self.figures(request.days or None)
        return StatisticsGathered(request.ticket, _now(), figures, await self.chart(figures))

    async def figures(self, days: int | None) -> Figures:
        """Of the last days, today with it; None: since the beginning."""
        return await self._statistics.gather(days, _now())

    async def chart(self, figures: Figures) -> bytes:
        """PNG."""
        async with self._drawing:
            return await asyncio.to_thread(_draw, figures)

    async def public_chart(self) -> bytes:
        """For everybody's eyes: of groups of five and more only."""
        return await self.chart(guarded(await self.figures(None)))


def _draw(figures: Figures) -> bytes:
    """matplotlib takes most of a second to import: only who asks for a picture waits for it."""
    content: bytes = import_module("bot.charts").draw(figures)
    return content


def _period(days: int) -> str:
    return f"{days} days" if days else "all"


def _now() -> datetime:
    return datetime.now(UTC)
