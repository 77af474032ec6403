"""An answer while it is being written: Telegram's drafts, or a message that is edited.

Neither is state: what stands in the end is sent as any other reply.
"""

import asyncio
import logging
from datetime import timedelta

from telegram import Bot, InlineKeyboardMarkup
from telegram.constants import MessageLimit
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.dialogue import texts
from bot.dialogue.model import Button, Stop
from bot.telegram.render import keyboard

INTERVAL = 1.0
"""Seconds between two pieces: Telegram takes about one message a second in a chat."""

logger = logging.getLogger(__name__)


class Drafts:
    """Whether the server takes drafts: an older one does not know them. Found out by trying."""

    taken = True


class Growth:
    """One answer in one chat. `message` is the one to put the answer's end into, if there is."""

    def __init__(self, bot: Bot, chat: int, ticket: int, drafts: Drafts) -> None:
        """`ticket`, from 1, names the draft."""
        self.message: int | None = None
        self._bot = bot
        self._chat = chat
        self._ticket = ticket
        self._drafts = drafts
        self._next = 0.0
        self._shown = ""

    async def show(self, text: str) -> None:
        """The whole text so far; left out where it comes too soon after the last. Raises
        Forbidden; whatever else goes wrong is left to the answer itself to meet."""
        clock = asyncio.get_running_loop()
        if clock.time() < self._next or not text.strip():
            return
        self._next = clock.time() + INTERVAL
        try:
            await (self._draft(text) if self._drafts.taken else self._edit(text))
        except RetryAfter as error:
            pause = error.retry_after
            self._next = clock.time() + (
                pause.total_seconds() if isinstance(pause, timedelta) else pause
            )
        except Forbidden:
            raise
        except TelegramError as error:
            logger.info("a piece of an answer is not shown: %s", error.message)

    async def _draft(self, text: str) -> None:
        hint = f"\n\n{texts.STOP_HINT}"  # a draft has no buttons
        try:
            await self._bot.send_message_draft(
                self._chat, self._ticket, _fitting(text, len(hint)) + hint
            )
        except (BadRequest, InvalidToken) as error:  # what is not found reads as a wrong token
            logger.warning("drafts are not taken, messages are edited: %s", error.message)
            self._drafts.taken = False
            await self._edit(text)

    async def _edit(self, text: str) -> None:
        part = _fitting(text)
        if part == self._shown:
            return
        if self.message is None:
            sent = await self._bot.send_message(self._chat, part, reply_markup=self._buttons())
            self.message = sent.message_id
        else:
            await self._bot.edit_message_text(
                part, self._chat, self.message, reply_markup=self._buttons()
            )
        self._shown = part

    def _buttons(self) -> InlineKeyboardMarkup | None:
        return keyboard(((Button(texts.STOP, Stop(self._ticket)),),))


def _fitting(text: str, beside: int = 0) -> str:
    """As much as one message holds; the end has the rest."""
    return text[: MessageLimit.MAX_TEXT_LENGTH - beside].strip()
