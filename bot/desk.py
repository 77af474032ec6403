"""The admin's desk: what an admin asks for about broadcasts, done and written into the audit."""

import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime
from typing import assert_never

from bot.dialogue.model import (
    BroadcastPreviewed,
    BroadcastQueued,
    BroadcastRefused,
    BroadcastsListed,
    BroadcastSteered,
    Draft,
    EnqueueBroadcast,
    ListBroadcasts,
    PreviewBroadcast,
    SteerBroadcast,
)
from engine.advertising import Advertisement, Fault, Sender, Unlawful, quiet
from engine.domain import Person
from engine.store.audit import Audit
from engine.store.broadcasts import Broadcasts

LISTED = 5

DeskRequest = PreviewBroadcast | EnqueueBroadcast | ListBroadcasts | SteerBroadcast
DeskResult = (
    BroadcastPreviewed | BroadcastRefused | BroadcastQueued | BroadcastsListed | BroadcastSteered
)
Fetch = Callable[[str], Awaitable[bytes]]
"""What the channel calls a file → its content."""
Draw = Callable[[], Awaitable[bytes]]
"""The statistics' chart, of groups of five and more only."""

logger = logging.getLogger(__name__)


class Desk:
    def __init__(
        self,
        broadcasts: Broadcasts,
        audit: Audit,
        sender: Sender | None,
        *,
        channels: Collection[str],
        rate: float,
        fetch: Fetch,
        draw: Draw,
    ) -> None:
        """`channels`: those with a courier; `rate`: recipients a second."""
        self._broadcasts = broadcasts
        self._audit = audit
        self._sender = sender
        self._channels = channels
        self._rate = rate
        self._fetch = fetch
        self._draw = draw

    async def __call__(self, person: Person, request: DeskRequest) -> DeskResult:
        """Raises EngineError."""
        try:
            match request:
                case PreviewBroadcast():
                    return await self._preview(request)
                case EnqueueBroadcast():
                    return await self._enqueue(person, request)
                case ListBroadcasts(ticket):
                    return await self._list(ticket)
                case SteerBroadcast():
                    return await self._steer(person, request)
                case _:
                    assert_never(request)
        except Unlawful as error:
            return BroadcastRefused(request.ticket, _now(), error.fault, error.limit)

    async def _preview(self, request: PreviewBroadcast) -> BroadcastPreviewed:
        ad, draft, at = self._written(request.draft), request.draft, _now()
        reach = await self._broadcasts.preview(draft.segment, at, self._channels)
        seconds = sum(reach.reachable.values()) / self._rate
        picture = await self._picture(draft)
        return BroadcastPreviewed(
            request.ticket, at, ad.text, ad.link, picture, reach, seconds, quiet(at)
        )

    async def _enqueue(self, person: Person, request: EnqueueBroadcast) -> BroadcastQueued:
        draft, at = request.draft, _now()
        who = f"{person.channel} {person.id}"
        number = await self._broadcasts.enqueue(
            who,
            self._written(draft),
            await self._picture(draft),
            draft.segment,
            at,
            key=f"{who} {request.key}",
            report={"chat": person.id},
        )
        tally = await self._broadcasts.tally(number)
        await self._audit.note(who, "broadcast asked for", f"#{number}, {tally.total} people", at)
        return BroadcastQueued(request.ticket, at, number, tally)

    async def _list(self, ticket: int) -> BroadcastsListed:
        listed = []
        for each in await self._broadcasts.latest(LISTED):
            tally = await self._broadcasts.tally(each.id)
            listed.append((each.id, each.at, each.going, tally, each.body))
        return BroadcastsListed(ticket, _now(), tuple(listed))

    async def _steer(self, person: Person, request: SteerBroadcast) -> BroadcastSteered:
        at = _now()
        going = await self._broadcasts.steer(request.broadcast, request.going, at)
        detail = f"#{request.broadcast}, asked for {request.going}, now {going}"
        await self._audit.note(f"{person.channel} {person.id}", "broadcast steered", detail, at)
        return BroadcastSteered(request.ticket, at, request.broadcast, going)

    def _written(self, draft: Draft) -> Advertisement:
        if self._sender is None:
            raise Unlawful(Fault.NAMELESS)
        pictured = bool(draft.photo) or draft.chart
        return Advertisement(self._sender, draft.text, draft.link, pictured)

    async def _picture(self, draft: Draft) -> bytes | None:
        if draft.chart:
            return await self._draw()
        return await self._fetch(draft.photo) if draft.photo else None


def sender(name: str, contact: str) -> Sender | None:
    """None where the operator has not said who sends."""
    try:
        return Sender(name, contact)
    except Unlawful:
        return None


def _now() -> datetime:
    return datetime.now(UTC)
