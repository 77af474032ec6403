"""What the clock does: forget what is past its time, ask again about advertising."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.dialogue import consent
from bot.dialogue.model import Bubble
from engine.advertising import quiet
from engine.domain import Person, Purpose
from engine.errors import StoreUnavailable
from engine.store.people import Due, People

EVENTS_KEPT: Final = timedelta(days=8)
"""Platforms repeat an update within hours, not weeks."""
A_PASS: Final = timedelta(hours=1)

logger = logging.getLogger(__name__)

Notify = Callable[[Person, Bubble], Awaitable[bool]]
"""Show the bubble to someone who said nothing; False where their channel cannot."""


async def keep_house(
    people: People, retention_days: int, *, shop: str = "", notify: Notify | None = None
) -> None:
    """For ever, once an hour. A store that fails is asked again an hour later.

    Without `notify`, and where it can reach nobody, the dialogue itself asks at the next word.
    """
    while True:
        now = datetime.now(UTC)
        try:
            await forget(people, retention_days, now)
            if notify is not None and not quiet(now):
                await ask_again(people, shop, notify, now)
        except StoreUnavailable as error:
            logger.warning("the house was not kept this hour: %s", error)
        await asyncio.sleep(A_PASS.total_seconds())


async def forget(people: People, retention_days: int, now: datetime) -> None:
    """Ids of old events, and whoever did nothing for the retention time, with all that was kept
    of them."""
    await people.forget_old_events(now - EVENTS_KEPT)
    gone = await people.forget_idle(now - timedelta(days=retention_days))
    if gone:
        logger.info("%s people were idle for %s days and are erased", gone, retention_days)


async def ask_again(people: People, shop: str, notify: Notify, now: datetime) -> None:
    """Whoever agreed to advertising two years ago is asked once whether they still want it.

    Marked after they were asked: a crash between asks twice, never not at all.
    """
    for due in await people.due_for_confirmation(now):
        if await notify(due.person, await _question(people, shop, due)):
            await people.asked_to_confirm(due.person, now)


async def _question(people: People, shop: str, due: Due) -> Bubble:
    both = await people.consents_to(due.person, Purpose.NIGHT)
    return consent.confirming(shop, due.since, both)
