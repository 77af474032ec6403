"""Updates at the door: into the inbox, and from there into their person's lane."""

import asyncio
import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from telegram import Bot, Update

from bot.tasks import Nursery
from bot.telegram.answering import Answering
from bot.telegram.lanes import Goes, Lanes, Work
from bot.telegram.read import CHANNEL, Unreadable, asked, number, parsed, read, standing
from engine.domain import Person
from engine.errors import StoreUnavailable
from engine.store.inbox import Inbox

STARTS = 3
"""So often a start takes up an update; after that it is what brings the process down."""
RESUMING = -1
"""Comes before every update."""

logger = logging.getLogger(__name__)


class Reception:
    """Of private chats the whole update is kept until its turn is; of groups only the number,
    and of inline queries nothing."""

    def __init__(self, bot: Bot, inbox: Inbox, answering: Answering, nursery: Nursery) -> None:
        self._bot = bot
        self._inbox = inbox
        self._answering = answering
        self._nursery = nursery
        self._lanes = Lanes(nursery)
        self._in_hand: set[int] = set()
        """Updates in a lane or at work in this process."""
        self._told_to_wait: set[Person] = set()
        self._opened = False

    async def open(self, unfinished: Sequence[Person]) -> None:
        """Do what a crash left undone, oldest first, and then what came since."""
        for person in unfinished:
            self._lanes.add(person.id, RESUMING, partial(self._answering.resume, person))
        for waiting in await self._inbox.waiting(CHANNEL):
            try:
                update = parsed(json.loads(waiting.content), self._bot)
            except (Unreadable, ValueError, RecursionError) as error:
                logger.error("update %s is left out: %s", waiting.event_id, error)
                await self._inbox.done(CHANNEL, waiting.event_id)
                continue
            if update.update_id not in self._in_hand:  # else it came again while we started
                self._line_up(update, Person(CHANNEL, waiting.sender), again=True)
        self._opened = True
        self._lanes.open()

    async def close(self, seconds: float) -> None:
        """What is at work may end within this time; the rest stays in the inbox."""
        await self._lanes.close(seconds)

    async def take_all(self, raws: Sequence[Any]) -> bool:
        """False where the store fails: all of it is to come again."""
        taken = await asyncio.gather(*map(self.take, raws), return_exceptions=True)
        for error in (each for each in taken if each is not None):
            if isinstance(error, StoreUnavailable):
                logger.error("updates cannot be kept: %s", error)
                return False
            if not isinstance(error, Unreadable):
                raise error
        return True

    async def take(self, raw: Any) -> None:
        """It stands in the inbox, where it is to be kept. Raises Unreadable where it has no
        number, StoreUnavailable where it could not be kept."""
        id = number(raw)
        try:
            update = parsed(raw, self._bot)
            incoming, change = read(update), standing(update)
        except Unreadable as error:
            # Telegram would bring it again and again: it has arrived, for all it is worth.
            logger.warning("update %s cannot be read: %s", id, error)
            return
        if incoming is not None:
            await self._receive(update, raw, incoming.person)
        elif change is not None:
            await self._receive(update, raw, change[0])
        elif self._opened:
            await self._receive_unkept(update)

    async def _receive(self, update: Update, raw: Any, person: Person) -> None:
        id, at = str(update.update_id), datetime.now(UTC)
        if self._lanes.full(person.id):
            if await self._inbox.receive(CHANNEL, id, None, None, at):
                self._ask_to_wait(update, person)
            return
        new = await self._inbox.receive(CHANNEL, id, person.id, json.dumps(raw), at)
        if update.update_id in self._in_hand:
            return
        if self._lanes.full(person.id):  # by others that came at the same moment
            await self._inbox.done(CHANNEL, id)
            self._ask_to_wait(update, person)
        elif new or update.my_chat_member is None:
            # Also one that is not new: its replies may never have been shown.
            self._told_to_wait.discard(person)
            self._line_up(update, person)

    async def _receive_unkept(self, update: Update) -> None:
        if update.inline_query is None:
            if update.callback_query is None and asked(update, self._bot.username) is None:
                return
            id, at = str(update.update_id), datetime.now(UTC)
            if not await self._inbox.receive(CHANNEL, id, None, None, at):
                return
        work = self._answering.without_dialogue(update)
        self._nursery.start(work, f"update {update.update_id}")

    def _ask_to_wait(self, update: Update, person: Person) -> None:
        told = person in self._told_to_wait
        self._told_to_wait.add(person)
        work = self._answering.ask_to_wait(update, silent=told)
        self._nursery.start(work, "asking for a moment")

    def _line_up(self, update: Update, person: Person, *, again: bool = False) -> None:
        self._in_hand.add(update.update_id)
        work = self._answering.work(update, person)
        self._lanes.add(person.id, update.update_id, partial(self._do, update, work, again))

    async def _do(self, update: Update, work: Work, again: bool, goes_on: Goes) -> None:
        try:
            if again and await self._is_hopeless(update):
                return
            await work(goes_on)
        finally:
            self._in_hand.discard(update.update_id)

    async def _is_hopeless(self, update: Update) -> bool:
        """What an earlier process left, and every process since: then it is left out."""
        id = str(update.update_id)
        if await self._inbox.attempt(CHANNEL, id) <= STARTS:
            return False
        logger.error("update %s is left out after %s starts", id, STARTS)
        await self._inbox.done(CHANNEL, id)
        return True
