"""One update at work: its turn, its replies, and what is done where either fails."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from telegram import Bot, Update
from telegram.error import TelegramError
from telegram.ext import Application, ContextTypes, TypeHandler

from bot.conversation import Conversation, Progress, Shown, Waiting
from bot.dialogue import texts
from bot.dialogue.model import Toast
from bot.tasks import Nursery
from bot.telegram.calls import unreachable
from bot.telegram.groups import Groups
from bot.telegram.inline import InlineSearch
from bot.telegram.lanes import Goes, Work
from bot.telegram.read import CHANNEL, Incoming, Origin, asked, read, standing
from bot.telegram.showing import Chat, Screen
from engine.domain import Person
from engine.errors import StoreUnavailable
from engine.store.inbox import Inbox

TRIES = 3
"""So often a turn is tried that raises; its update is then left out."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
"""Seconds between tries; each pause is twice the one before."""
BUTTON_SECONDS = 2.0
"""A pressed button is answered after so long at the latest: it spins until then."""

logger = logging.getLogger(__name__)
Blocking = Callable[[Person, bool], Awaitable[None]]
"""Remember that the person blocked the bot, or came back."""


class Dispatcher(Application[Any, Any, Any, Any, Any, Any]):
    """The library's, which keeps nothing of its own here."""

    def _mark_for_persistence_update(self, **_: object) -> None:
        """Without this it would remember, for nobody, the id of everyone it ever met."""


@dataclass(slots=True)
class _Task:
    """One update of one person."""

    chat: Chat
    goes_on: Goes = lambda: None
    kept: bool = False
    """Its turn is; from here on it is not tried again."""


class Answering:
    def __init__(
        self,
        dispatcher: Dispatcher,
        conversation: Conversation,
        screen: Screen,
        groups: Groups,
        inline: InlineSearch | None,
        *,
        nursery: Nursery,
        inbox: Inbox,
        blocking: Blocking,
    ) -> None:
        dispatcher.add_handler(TypeHandler(Update, self._handle))
        dispatcher.add_error_handler(self._failed)
        self._dispatcher = dispatcher
        self._bot: Bot = dispatcher.bot
        self._conversation = conversation
        self._screen = screen
        self._groups = groups
        self._inline = inline
        self._nursery = nursery
        self._inbox = inbox
        self._blocking = blocking
        self._tasks: dict[int, _Task] = {}

    def work(self, update: Update, person: Person) -> Work:
        """An update that stands in the inbox; from now on its button is answered in time."""
        incoming = read(update)
        chat = Chat(int(person.id)) if incoming is None else Chat(incoming.chat, incoming.origin)
        in_time = self._nursery.start(self._answer_in_time(chat), "a button's answer")
        return partial(self._do, update, _Task(chat), in_time)

    async def without_dialogue(self, update: Update) -> None:
        """An update of a group, or an inline query."""
        await self._dispatcher.process_update(update)

    async def ask_to_wait(self, update: Update, *, silent: bool) -> None:
        """«잠시만요»: at the button where one was pressed, else as a message, once (`silent`)."""
        incoming = read(update)
        if incoming is None or (silent and incoming.origin.callback is None):
            return
        with suppress(TelegramError):
            await self._screen.show(Chat(incoming.chat, incoming.origin), Toast(texts.ONE_MOMENT))

    async def resume(self, person: Person, goes_on: Goes) -> None:
        """Show what an earlier process kept and did not show."""
        task = _Task(Chat(int(person.id)), goes_on)
        try:
            await self._show_all(task, person, self._conversation.resume(person))
        except TelegramError as error:
            logger.info("what is owed could not be shown: %s", error.message)

    async def _do(
        self, update: Update, task: _Task, in_time: asyncio.Task[None], goes_on: Goes
    ) -> None:
        task.goes_on = goes_on
        self._tasks[update.update_id] = task
        try:
            await self._dispatcher.process_update(update)
        finally:
            in_time.cancel()
            del self._tasks[update.update_id]

    async def _handle(self, update: Update, _: object) -> None:
        """The dispatcher's one handler."""
        if (incoming := read(update)) is not None:
            await self._answer(incoming, self._tasks[update.update_id])
        elif (change := standing(update)) is not None:
            await self._blocking(*change)
            await self._inbox.done(CHANNEL, str(update.update_id))
        elif (question := asked(update, self._bot.username)) is not None:
            await self._groups.answer(question)
        elif update.inline_query is not None:
            if self._inline is not None:
                await self._inline.answer(self._bot, update.inline_query)
        elif update.callback_query is not None:  # of a message that is none of a private chat's
            await self._screen.answer_callback(Chat(0, Origin(update.callback_query.id)), None)

    async def _answer(self, incoming: Incoming, task: _Task) -> None:
        """Until its turn is kept; the store's failing is waited out, anything else not for long."""
        pause = FIRST_PAUSE
        for tries in count(1):
            try:
                shown = self._conversation.converse(incoming.person, incoming.event)
                await self._show_all(task, incoming.person, shown)
                break
            except StoreUnavailable as error:
                if task.kept:
                    raise
                logger.warning("an update waits for the store: %s", error)
            except Exception:
                if task.kept or tries == TRIES:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        if not task.kept:  # it said nothing: perhaps it changed nothing, and nothing was kept
            await self._inbox.done(CHANNEL, incoming.event.id or "")

    async def _show_all(
        self, task: _Task, person: Person, shown: AsyncGenerator[Shown, None]
    ) -> None:
        """Show one event's replies; the person's next event waits until this one waits or ends."""
        chat = task.chat
        try:
            async with self._screen.typing(chat) as typing, aclosing(shown) as pieces:
                async for piece in pieces:
                    task.kept = True
                    await self._screen.answer_callback(chat, piece)
                    if isinstance(piece, Waiting):
                        typing.set()
                        task.goes_on()
                    elif not isinstance(piece, Progress):
                        typing.clear()
                    await self._screen.show(chat, piece)
                await self._screen.answer_callback(chat, None)
        except TelegramError as error:
            if unreachable(error):
                await self._blocking(person, True)
            raise

    async def _answer_in_time(self, chat: Chat) -> None:
        """Without a word; what the button leads to comes as a message then."""
        if chat.callback is not None:
            await asyncio.sleep(BUTTON_SECONDS)
            await self._screen.answer_callback(chat, None)

    async def _failed(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """What the handler raised: logged with the update's id, and a kind line to the person."""
        id = update.update_id if isinstance(update, Update) else None
        if unreachable(context.error):
            logger.info("update %s: nothing reaches the person", id)
            return
        logger.error("update %s failed", id, exc_info=context.error)
        if not isinstance(update, Update) or (incoming := read(update)) is None:
            return
        with suppress(StoreUnavailable):  # it is tried at the next start, then
            await self._inbox.done(CHANNEL, str(id))
        with suppress(TelegramError):
            await self._bot.send_message(incoming.chat, texts.TROUBLE)
