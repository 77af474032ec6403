"""The Telegram channel: webhook or polling in, edits and photos out.

An update is acknowledged only after its turn stands in the store, so what a crash cut off comes
again; what comes twice is applied once (table `events`).
"""

import asyncio
import hmac
import json
import logging
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar, assert_never, cast
from weakref import WeakValueDictionary

from aiohttp import web
from telegram import Bot, BotCommand, InlineKeyboardMarkup, MenuButtonCommands, Update
from telegram.constants import ChatAction
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.ext import Application, ApplicationBuilder, ContextTypes, TypeHandler
from telegram.request import HTTPXRequest

from bot.conversation import Broken, Conversation, Progress, Shown, Waiting
from bot.dialogue import texts
from bot.dialogue.model import Bubble, Card, Document, Toast
from bot.tasks import Nursery
from bot.telegram.growth import Drafts, Growth
from bot.telegram.read import Incoming, Origin, read, standing
from bot.telegram.render import bubbles, caption, keyboard
from engine.domain import Person

ALLOWED = (Update.MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER)
POLL_SECONDS = 25
TYPING_SECONDS = 4.5  # Telegram shows a chat action for at most five
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
TOAST_AT_MOST = 200
PAUSE_SECONDS = 3
TRIES = 3
WAITING_AT_MOST = 10
"""Updates of one person that wait for their turn; the next is told to come again."""
LANGUAGES = (None, "ko")
"""The bot introduces itself to everybody, and by name to who set Telegram to Korean."""

logger = logging.getLogger(__name__)
T = TypeVar("T")
Pictures = Callable[[int], Awaitable[Path | None]]
Blocking = Callable[[Person, bool], Awaitable[None]]
"""Remember that the person blocked the bot, or came back."""
Dispatcher = Application[Any, Any, Any, Any, Any, Any]


class TelegramRefused(Exception):
    """Telegram does not take the token or the webhook; the message is for the operator."""


class _Chat:
    """Where the replies to one event go; the callback and the edit are good for one use."""

    def __init__(self, id: int, origin: Origin) -> None:
        self.id = id
        self.callback = origin.callback
        self.editable = origin.message
        self.toasted = False
        self.growth: Growth | None = None


class TelegramChannel:
    def __init__(
        self,
        token: str,
        root: str,
        conversation: Conversation,
        pictures: Pictures,
        nursery: Nursery,
        *,
        blocking: Blocking,
    ) -> None:
        """`root` is the Bot API server's address, without `/bot`."""
        request = HTTPXRequest(connection_pool_size=64, pool_timeout=10, read_timeout=20)
        self._dispatcher: Dispatcher = (
            ApplicationBuilder()
            .token(token)
            .base_url(f"{root}/bot")
            .base_file_url(f"{root}/file/bot")
            .request(request)
            .updater(None)
            .build()
        )
        self._dispatcher.add_handler(TypeHandler(Update, self._handle))
        self._dispatcher.add_error_handler(self._failed)
        self._conversation = conversation
        self._pictures = pictures
        self._nursery = nursery
        self._blocking = blocking
        self._drafts = Drafts()
        self._order: WeakValueDictionary[Person, asyncio.Lock] = WeakValueDictionary()
        self._waiting: Counter[Person] = Counter()
        self._kept: dict[int, asyncio.Future[bool]] = {}
        self._photos: dict[Path, str] = {}

    @property
    def bot(self) -> Bot:
        return cast(Bot, self._dispatcher.bot)

    async def open(self, unfinished: tuple[Person, ...] = ()) -> None:
        """Log in, set the commands, and show what a crash left unshown. Raises TelegramRefused."""
        try:
            await self._dispatcher.initialize()
        except InvalidToken:
            raise TelegramRefused(
                "텔레그램이 토큰을 받지 않아요. PPOYAMI_TELEGRAM__TOKEN을 확인해 주세요."
            ) from None
        except TelegramError as error:
            raise TelegramRefused(f"텔레그램 서버에 연결할 수 없어요: {error.message}") from None
        await self._introduce()
        for person in unfinished:
            self._nursery.start(self._resume(person), f"resume {person.channel}")

    async def _introduce(self) -> None:
        """The commands, their menu, and who this is; a start does not fail over it."""
        commands = [BotCommand(name, line) for name, line in texts.COMMANDS]
        try:
            for language in LANGUAGES:
                await self.bot.set_my_commands(commands, language_code=language)
                await self.bot.set_my_description(texts.DESCRIPTION, language)
                await self.bot.set_my_short_description(texts.SHORT_DESCRIPTION, language)
            await self.bot.set_chat_menu_button(menu_button=MenuButtonCommands())
        except TelegramError as error:  # Telegram lets this be said only so often
            logger.warning("the bot could not introduce itself: %s", error.message)

    async def close(self) -> None:
        await self._dispatcher.shutdown()
        await self.bot.shutdown()  # also where logging in failed half way

    async def listen(self, url: str, secret: str) -> None:
        """Have Telegram call the webhook at `url`."""
        await self.bot.set_webhook(url, allowed_updates=ALLOWED, secret_token=secret)

    def webhook(self, secret: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        """The aiohttp handler; answers 200 once the update's turn is kept."""

        async def receive(request: web.Request) -> web.Response:
            given = request.headers.get(SECRET_HEADER, "")
            if not hmac.compare_digest(given.encode(), secret.encode()):
                return web.Response(status=401)
            body = await request.read()  # aiohttp answers 413 above the application's 1 MiB
            try:
                update = Update.de_json(json.loads(body), self.bot)
            except (ValueError, KeyError, TypeError, AttributeError):
                return web.Response(status=400)
            return web.Response(status=200 if await self._accept(update) else 503)

        return receive

    async def poll(self) -> None:
        """Fetch updates for ever; the next offset confirms only what was kept."""
        await self.bot.delete_webhook()
        offset, tries = 0, 0
        while True:
            updates = await self._fetch(offset)
            kept = await asyncio.gather(*(self._accept(update) for update in updates))
            for update, safe in zip(updates, kept, strict=True):
                tries = 0 if safe else tries + 1
                if not safe and tries < TRIES:
                    await asyncio.sleep(tries)
                    break
                if not safe:
                    logger.error("update %s is left out after %s tries", update.update_id, tries)
                offset, tries = update.update_id + 1, 0

    async def _fetch(self, offset: int) -> tuple[Update, ...]:
        while True:
            try:
                return await self.bot.get_updates(
                    offset,
                    timeout=POLL_SECONDS,
                    allowed_updates=ALLOWED,
                    read_timeout=POLL_SECONDS + 10,
                )
            except TelegramError as error:
                logger.warning("polling pauses: %s", error.message)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _accept(self, update: Update) -> bool:
        """Start handling an update; whether its turn was kept (or it asks for nothing)."""
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._kept[id(update)] = kept
        self._nursery.start(self._dispatch(update, kept), f"update {update.update_id}")
        return await kept

    async def _dispatch(self, update: Update, kept: asyncio.Future[bool]) -> None:
        try:
            await self._dispatcher.process_update(update)
        finally:
            del self._kept[id(update)]
            if not kept.done():
                kept.set_result(False)

    async def _handle(self, update: Update, _: object) -> None:
        """The dispatcher's one handler."""
        kept = self._kept[id(update)]
        if (incoming := read(update)) is not None:
            await self._answer(incoming, kept)
        elif (change := standing(update)) is not None:
            await self._blocking(*change)
        if not kept.done():
            kept.set_result(True)

    async def _answer(self, incoming: Incoming, kept: asyncio.Future[bool]) -> None:
        person, chat = incoming.person, _Chat(incoming.chat, incoming.origin)
        if self._waiting[person] > WAITING_AT_MOST:
            kept.set_result(True)
            await self._show_toast(chat, Toast(texts.ONE_MOMENT))
            return
        shown = self._conversation.converse(person, incoming.event)
        await self._show_all(chat, person, shown, kept)

    async def _resume(self, person: Person) -> None:
        chat = _Chat(int(person.id), Origin())
        with suppress(Forbidden):
            await self._show_all(chat, person, self._conversation.resume(person), None)

    async def _show_all(
        self,
        chat: _Chat,
        person: Person,
        shown: AsyncGenerator[Shown, None],
        kept: asyncio.Future[bool] | None,
    ) -> None:
        """Show one event's replies; a person's next event waits until this one waits or ends."""
        try:
            async with AsyncExitStack() as turn, self._typing(chat) as typing:
                await turn.enter_async_context(self._turn(person))
                async with aclosing(shown) as pieces:
                    async for piece in pieces:
                        if kept and not kept.done():
                            kept.set_result(True)
                        await self._answer_callback(chat, piece)
                        if isinstance(piece, Waiting):
                            typing.set()
                            await turn.aclose()
                        elif not isinstance(piece, Progress):
                            typing.clear()
                        await self._show(chat, piece)
                await self._answer_callback(chat, None)
        except Forbidden:
            await self._blocking(person, True)
            raise

    @asynccontextmanager
    async def _turn(self, person: Person) -> AsyncIterator[None]:
        """The person's events begin one after the other, in the order they came."""
        order = self._order.setdefault(person, asyncio.Lock())
        self._waiting[person] += 1
        try:
            async with order:
                yield
        finally:
            self._waiting[person] -= 1
            if not self._waiting[person]:
                del self._waiting[person]

    async def _show(self, chat: _Chat, piece: Shown) -> None:
        match piece:
            case Waiting(request):
                chat.growth = Growth(self.bot, chat.id, request.ticket, self._drafts)
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
            case _:
                assert_never(piece)

    async def _show_toast(self, chat: _Chat, toast: Toast) -> None:
        """As the answer to the pressed button where that is still open, else as a message."""
        await self._answer_callback(chat, toast)
        if not chat.toasted:
            await self._send(chat, toast.text, None)

    async def _answer_callback(self, chat: _Chat, piece: Shown | None) -> None:
        """Answer the pressed button once, before anything else is sent."""
        if chat.callback is None:
            return
        chat.toasted = isinstance(piece, Toast)
        callback, chat.callback = chat.callback, None
        text = piece.text[:TOAST_AT_MOST] if isinstance(piece, Toast) else None
        with suppress(BadRequest):  # too old to be answered: the person has gone on
            await self._patiently(lambda: self.bot.answer_callback_query(callback, text))

    async def _show_bubble(self, chat: _Chat, bubble: Bubble) -> None:
        parts = bubbles(bubble)
        if (place := self._place(chat, bubble, len(parts))) is not None:
            edited = await self._edit(chat, place, *parts[0])
            parts = parts[1:] if edited else parts
        for text, buttons in parts:
            await self._send(chat, text, buttons)

    @staticmethod
    def _place(chat: _Chat, bubble: Bubble, parts: int) -> int | None:
        """The message that this bubble takes the place of: a growing answer's, or the pressed."""
        growth, chat.growth = chat.growth, None
        if growth is not None and growth.message is not None:
            return growth.message
        place, chat.editable = chat.editable if bubble.replaces else None, None
        return place if parts == 1 else None

    async def _edit(
        self, chat: _Chat, message: int, text: str, buttons: InlineKeyboardMarkup | None
    ) -> bool:
        """Whether the message now says this; False where Telegram will not edit it."""
        try:
            await self._patiently(
                lambda: self.bot.edit_message_text(text, chat.id, message, reply_markup=buttons)
            )
        except BadRequest as error:
            return "not modified" in error.message.lower()
        return True

    async def _show_card(self, chat: _Chat, card: Card) -> None:
        head, *rest = caption(card)
        buttons = keyboard(card.rows)
        picture = await self._pictures(card.product.id)
        if picture is None or not await self._photograph(chat, picture, head, buttons):
            await self._send(chat, head, buttons)
        for text in rest:
            await self._send(chat, text, None)

    async def _photograph(
        self, chat: _Chat, picture: Path, text: str, buttons: InlineKeyboardMarkup | None
    ) -> bool:
        """Whether Telegram took the picture; one it knows is sent by its id."""
        known = self._photos.get(picture)
        photo = known if known else await asyncio.to_thread(picture.read_bytes)
        try:
            message = await self._patiently(
                lambda: self.bot.send_photo(chat.id, photo, text, reply_markup=buttons)
            )
        except BadRequest as error:
            logger.warning("picture %s is not taken: %s", picture.name, error.message)
            if known is None:
                return False
            del self._photos[picture]  # Telegram knows the id no longer
            return await self._photograph(chat, picture, text, buttons)
        if message.photo:
            self._photos[picture] = message.photo[-1].file_id
        return True

    async def _show_document(self, chat: _Chat, document: Document) -> None:
        file = document.content.encode()
        await self._patiently(
            lambda: self.bot.send_document(chat.id, file, document.caption, filename=document.name)
        )

    async def _send(self, chat: _Chat, text: str, buttons: InlineKeyboardMarkup | None) -> None:
        await self._patiently(lambda: self.bot.send_message(chat.id, text, reply_markup=buttons))

    @asynccontextmanager
    async def _typing(self, chat: _Chat) -> AsyncIterator[asyncio.Event]:
        """While the event is set, the chat shows that the bot is typing."""
        typing = asyncio.Event()
        task = self._nursery.start(self._type(chat, typing), f"typing in {chat.id}")
        try:
            yield typing
        finally:
            task.cancel()

    async def _type(self, chat: _Chat, typing: asyncio.Event) -> None:
        while await typing.wait():
            with suppress(TelegramError):  # decoration: the answer itself reports what is wrong
                await self.bot.send_chat_action(chat.id, ChatAction.TYPING)
            await asyncio.sleep(TYPING_SECONDS)

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """One call; told to wait, it waits exactly that long and tries once more."""
        try:
            return await call()
        except RetryAfter as error:
            pause = error.retry_after
            await asyncio.sleep(pause.total_seconds() if isinstance(pause, timedelta) else pause)
            return await call()

    async def _failed(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """What a handler raised: logged with the update's id, and a kind line to the person."""
        name = update.update_id if isinstance(update, Update) else None
        if isinstance(context.error, Forbidden):
            logger.info("update %s: the person blocked the bot", name)
            return
        logger.error("update %s failed", name, exc_info=context.error)
        if isinstance(update, Update) and (incoming := read(update)):
            with suppress(TelegramError):
                await self.bot.send_message(incoming.chat, texts.TROUBLE)
