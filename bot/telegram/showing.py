"""Replies → one chat: sent anew or put in a message's place, with what Telegram refuses met."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import assert_never

from telegram import Bot, InlineKeyboardMarkup
from telegram.constants import ChatAction, MessageLimit
from telegram.error import BadRequest, TelegramError

from bot.conversation import Broken, Progress, Shown, Waiting
from bot.dialogue.model import Bubble, Card, Document, Picture, Toast
from bot.tasks import Nursery
from bot.telegram.calls import repeatable, sent
from bot.telegram.growth import Drafts, Growth
from bot.telegram.read import Origin
from bot.telegram.render import bubbles, caption, keyboard, split

TYPING_SECONDS = 4.5  # Telegram shows a chat action for at most five
TOAST_AT_MOST = 200

logger = logging.getLogger(__name__)
Pictures = Callable[[int], Awaitable[Path | None]]


class Chat:
    """Where the replies to one event go; the callback and the edit are good for one use."""

    def __init__(self, id: int, origin: Origin = Origin()) -> None:  # noqa: B008 - frozen
        self.id = id
        self.callback = origin.callback
        self.editable = origin.message
        self.toasted = False
        self.growth: Growth | None = None


class Screen:
    """Shows replies in any chat. Raises TelegramError where a message cannot have arrived."""

    def __init__(self, bot: Bot, pictures: Pictures, nursery: Nursery) -> None:
        self._bot = bot
        self._pictures = pictures
        self._nursery = nursery
        self._drafts = Drafts()
        self._photos: dict[Path, str] = {}

    async def show(self, chat: Chat, piece: Shown) -> None:
        match piece:
            case Waiting(request):
                chat.growth = Growth(self._bot, chat.id, request.ticket, self._drafts)
            case Progress(text):
                if chat.growth is not None:
                    await chat.growth.show(text)
            case Broken(text):
                await self._show_bubble(chat, Bubble(text))
            case Bubble():
                await self._show_bubble(chat, piece)
            case Card():
                await self._show_card(chat, piece)
            case Toast():
                await self._show_toast(chat, piece)
            case Document():
                await self._show_document(chat, piece)
            case Picture():
                await self._show_picture(chat, piece)
            case _:
                assert_never(piece)

    async def _show_toast(self, chat: Chat, toast: Toast) -> None:
        """As the answer to the pressed button where that is still open, else as a message."""
        await self.answer_callback(chat, toast)
        if not chat.toasted:
            await self._send(chat, toast.text, None)

    async def answer_callback(self, chat: Chat, piece: Shown | None) -> None:
        """Answer the pressed button once, before anything else is sent."""
        if chat.callback is None:
            return
        chat.toasted = isinstance(piece, Toast)
        callback, chat.callback = chat.callback, None
        text = piece.text[:TOAST_AT_MOST] if isinstance(piece, Toast) else None
        try:
            await repeatable(lambda: self._bot.answer_callback_query(callback, text))
        except TelegramError as error:  # too old to be answered, for one: the person has gone on
            logger.info("a pressed button is not answered: %s", error.message)

    async def _show_bubble(self, chat: Chat, bubble: Bubble) -> None:
        parts = bubbles(bubble)
        if (place := self._place(chat, bubble, len(parts))) is not None:
            edited = await self._edit(chat, place, *parts[0])
            parts = parts[1:] if edited else parts
        for text, buttons in parts:
            await self._send(chat, text, buttons)

    @staticmethod
    def _place(chat: Chat, bubble: Bubble, parts: int) -> int | None:
        """The message that this bubble takes the place of: a growing answer's, or the pressed."""
        growth, chat.growth = chat.growth, None
        if growth is not None and growth.message is not None:
            return growth.message
        place, chat.editable = chat.editable if bubble.replaces else None, None
        return place if parts == 1 else None

    async def _edit(
        self, chat: Chat, message: int, text: str, buttons: InlineKeyboardMarkup | None
    ) -> bool:
        """Whether the message now says this; False where Telegram will not edit it."""
        try:
            await repeatable(
                lambda: self._bot.edit_message_text(text, chat.id, message, reply_markup=buttons)
            )
        except BadRequest as error:
            return "not modified" in error.message.lower()  # a second tap of the same button
        return True

    async def _show_card(self, chat: Chat, card: Card) -> None:
        head, *rest = caption(card)
        buttons = keyboard(card.rows)
        picture = await self._pictures(card.product.id)
        if picture is None or not await self._photograph(chat, picture, head, buttons):
            await self._send(chat, head, buttons)
        for text in rest:
            await self._send(chat, text, None)

    async def _photograph(
        self, chat: Chat, picture: Path, text: str, buttons: InlineKeyboardMarkup | None
    ) -> bool:
        """Whether Telegram took the picture; one it knows is sent by its id."""
        known = self._photos.get(picture)
        photo = known if known else await asyncio.to_thread(picture.read_bytes)
        try:
            message = await sent(
                lambda: self._bot.send_photo(chat.id, photo, text, reply_markup=buttons)
            )
        except BadRequest as error:
            logger.warning("picture %s is not taken: %s", picture.name, error.message)
            if known is None:
                return False
            del self._photos[picture]  # Telegram knows the id no longer
            return await self._photograph(chat, picture, text, buttons)
        if message is not None and message.photo:
            self._photos[picture] = message.photo[-1].file_id
        return True

    async def _show_document(self, chat: Chat, document: Document) -> None:
        file = document.content.encode()
        await sent(
            lambda: self._bot.send_document(chat.id, file, document.caption, filename=document.name)
        )

    async def _show_picture(self, chat: Chat, picture: Picture) -> None:
        head, *rest = split(picture.caption, MessageLimit.CAPTION_LENGTH)
        buttons = keyboard(picture.rows)
        await sent(
            lambda: self._bot.send_photo(chat.id, picture.content, head, reply_markup=buttons)
        )
        for text in rest:
            await self._send(chat, text, None)

    async def _send(self, chat: Chat, text: str, buttons: InlineKeyboardMarkup | None) -> None:
        await sent(lambda: self._bot.send_message(chat.id, text, reply_markup=buttons))

    @asynccontextmanager
    async def typing(self, chat: Chat) -> AsyncIterator[asyncio.Event]:
        """While the event is set, the chat shows that the bot is typing."""
        typing = asyncio.Event()
        task = self._nursery.start(self._type(chat, typing), "typing")
        try:
            yield typing
        finally:
            task.cancel()

    async def _type(self, chat: Chat, typing: asyncio.Event) -> None:
        while await typing.wait():
            with suppress(TelegramError):  # decoration: the answer itself reports what is wrong
                await self._bot.send_chat_action(chat.id, ChatAction.TYPING)
            await asyncio.sleep(TYPING_SECONDS)
