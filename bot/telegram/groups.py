"""/ingredient in groups: answered at once, with no dialogue, and nothing kept of anybody."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
from telegram.constants import MessageLimit
from telegram.error import TelegramError
from telegram.helpers import create_deep_linked_url

from bot.dialogue import texts
from bot.dialogue.arriving import ingredient_payload
from bot.dialogue.model import IngredientFound, LookUp, Request, Result
from bot.telegram.read import Asked
from bot.telegram.render import split
from engine.domain import Ingredient
from engine.errors import EngineError, UnknownIngredient

NAME_AT_MOST = 60
AT_ONCE = 3
"""Answers to one group that may be on their way; Telegram takes 20 messages a minute there."""

Ask = Callable[[Request], Awaitable[Result]]
logger = logging.getLogger(__name__)


class Groups:
    def __init__(self, bot: Bot, ask: Ask) -> None:
        self._bot = bot
        self._ask = ask
        self._answering: Counter[int] = Counter()

    async def answer(self, asked: Asked) -> None:
        """What more than a few ask at once in one group stays unanswered."""
        if self._answering[asked.chat] >= AT_ONCE:
            return
        self._answering[asked.chat] += 1
        try:
            await self._send(asked, *await self._found(asked.name))
        except TelegramError as error:  # not to be repeated: the talk in a group goes on
            logger.info("a group is not answered: %s", error.message)
        finally:
            self._answering[asked.chat] -= 1
            if not self._answering[asked.chat]:
                del self._answering[asked.chat]

    async def _found(self, name: str) -> tuple[str, InlineKeyboardMarkup | None]:
        if not name:
            return texts.GROUP_USAGE, None
        if len(name) > NAME_AT_MOST:
            return texts.INGREDIENT_TOO_LONG, None
        try:
            result = await self._ask(LookUp(0, name, None, 1))
        except UnknownIngredient as error:
            return texts.group_missed(error.name, error.near), None
        except EngineError as error:
            logger.warning("a group's question failed: %s", error)
            return texts.TROUBLE, None
        if not isinstance(result, IngredientFound):
            raise TypeError(f"a look-up became {type(result).__name__}")
        ingredient = result.sheet.ingredient
        return texts.group_ingredient(ingredient), self._private(ingredient)

    def _private(self, ingredient: Ingredient) -> InlineKeyboardMarkup:
        """Into the bot's own chat, at this ingredient."""
        url = create_deep_linked_url(self._bot.username, ingredient_payload(ingredient.id))
        return InlineKeyboardMarkup([[InlineKeyboardButton(texts.GROUP_TO_PRIVATE, url=url)]])

    async def _send(self, asked: Asked, text: str, buttons: InlineKeyboardMarkup | None) -> None:
        text, *_ = split(text, MessageLimit.MAX_TEXT_LENGTH)
        await self._bot.send_message(
            asked.chat,
            text,
            reply_markup=buttons,
            message_thread_id=asked.topic,
            reply_parameters=ReplyParameters(asked.message, allow_sending_without_reply=True),
        )
