"""The Telegram channel: webhook or polling in, edits and photos out.

An update stands in the inbox before Telegram is told that it arrived, and leaves it in the
transaction of its turn. So what a crash cut off is done at the next start, and what comes twice
is applied once.
"""

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Any, cast
from urllib.parse import urlencode

from aiohttp import web
from telegram import Bot, Update
from telegram.constants import FileSizeLimit
from telegram.error import InvalidToken, RetryAfter, TelegramError
from telegram.ext import ApplicationBuilder
from telegram.request import HTTPXRequest

from bot.conversation import Conversation
from bot.photos import PhotoGone
from bot.tasks import Nursery
from bot.telegram.answering import Answering, Blocking, Dispatcher
from bot.telegram.calls import repeatable, seconds
from bot.telegram.delivery import Delivery
from bot.telegram.groups import Ask, Groups
from bot.telegram.inline import InlineSearch
from bot.telegram.introduction import introduce
from bot.telegram.read import Unreadable, number
from bot.telegram.reception import Reception
from bot.telegram.showing import Pictures, Screen
from engine.domain import Person
from engine.errors import StoreUnavailable
from engine.store.inbox import Inbox

ALLOWED = (Update.MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER, Update.INLINE_QUERY)
BODY_AT_MOST = 1 << 20
POLL_SECONDS = 25
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
PAUSE_SECONDS = 3.0
GRACE_SECONDS = 4.0
"""What is at work when the bot is stopped may end within this time."""

logger = logging.getLogger(__name__)


class TelegramRefused(Exception):
    """Telegram does not take the token or the webhook; the message is for the operator."""


class TelegramChannel:
    def __init__(
        self,
        token: str,
        root: str,
        conversation: Conversation,
        pictures: Pictures,
        nursery: Nursery,
        *,
        inbox: Inbox,
        blocking: Blocking,
        ask: Ask,
        admins: Collection[int] = (),
        inline: InlineSearch | None = None,
    ) -> None:
        """`root` is the Bot API server's address, without `/bot`; `ask` answers what has no
        dialogue; `admins` are offered the admins' commands; without `inline` inline queries stay
        unanswered."""
        request = HTTPXRequest(connection_pool_size=128, pool_timeout=30, read_timeout=20)
        built = (
            ApplicationBuilder()
            .application_class(Dispatcher)
            .token(token)
            .base_url(f"{root}/bot")
            .base_file_url(f"{root}/file/bot")
            .request(request)
            .updater(None)
            .build()
        )
        self._dispatcher = cast(Dispatcher, built)
        screen = Screen(self.bot, pictures, nursery)
        groups = Groups(self.bot, ask)
        answering = Answering(
            self._dispatcher,
            conversation,
            screen,
            groups,
            inline,
            nursery=nursery,
            inbox=inbox,
            blocking=blocking,
        )
        self._reception = Reception(self.bot, inbox, answering, nursery)
        self._admins = admins
        self.delivery = Delivery(self.bot)
        self._polling: asyncio.Task[Any] | None = None
        self._closing = False

    @property
    def bot(self) -> Bot:
        return cast(Bot, self._dispatcher.bot)

    async def open(
        self, unfinished: tuple[Person, ...] = (), *, drop_pending: bool = False
    ) -> None:
        """Log in, begin with what a crash left undone, and set the commands.

        `drop_pending` throws away what waits at Telegram. Raises TelegramRefused.
        """
        try:
            await self._dispatcher.initialize()
            if drop_pending:
                await self.bot.delete_webhook(drop_pending_updates=True)
        except InvalidToken:
            raise TelegramRefused(
                "텔레그램이 토큰을 받지 않아요. PPOYAMI_TELEGRAM__TOKEN을 확인해 주세요."
            ) from None
        except TelegramError as error:
            raise TelegramRefused(f"텔레그램 서버에 연결할 수 없어요: {error.message}") from None
        await self._reception.open(unfinished)
        await introduce(self.bot, self._admins)

    async def download(self, file: str) -> bytes:
        """A photo that a person sent; Telegram lets bots have 20 MB. Raises PhotoGone."""
        try:
            found = await repeatable(partial(self.bot.get_file, file))
            if (found.file_size or 0) > FileSizeLimit.FILESIZE_DOWNLOAD:
                raise PhotoGone("too large")
            return bytes(await repeatable(found.download_as_bytearray))
        except (TelegramError, RuntimeError) as error:  # a RuntimeError: it has no path
            raise PhotoGone(type(error).__name__) from None

    async def close(self) -> None:
        """Take nothing more, and let what is at work end; the rest stays in the inbox."""
        self._closing = True
        if self._polling is not None:
            self._polling.cancel()
            await asyncio.gather(self._polling, return_exceptions=True)
        await self._reception.close(GRACE_SECONDS)
        await self._dispatcher.shutdown()
        await self.bot.shutdown()  # also where logging in failed half way

    async def listen(self, url: str, secret: str) -> None:
        """Have Telegram call the webhook at `url`. Raises TelegramRefused."""
        try:
            await self.bot.set_webhook(url, allowed_updates=ALLOWED, secret_token=secret)
        except TelegramError as error:
            raise TelegramRefused(f"텔레그램이 웹훅 주소를 받지 않아요: {error.message}") from None

    def webhook(self, secret: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        """The aiohttp handler; answers 200 once the update stands in the inbox."""

        async def receive(request: web.Request) -> web.Response:
            given = request.headers.get(SECRET_HEADER, "")
            if not hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode()):
                return web.Response(status=401)
            if self._closing:
                return web.Response(status=503)
            if (request.content_length or 0) > BODY_AT_MOST:
                return web.Response(status=413)
            try:  # aiohttp answers 413 itself where a longer body does not tell its length
                await self._reception.take(json.loads(await request.read()))
            except (Unreadable, ValueError, RecursionError):
                return web.Response(status=400)
            except StoreUnavailable as error:
                logger.error("an update cannot be kept, Telegram is to repeat it: %s", error)
                return web.Response(status=503)
            return web.Response(status=200)

        return receive

    async def poll(self) -> None:
        """Fetch updates for ever; the next offset confirms only what stands in the inbox."""
        self._polling = asyncio.current_task()
        await self._insistently(self.bot.delete_webhook)
        offset = 0
        while True:
            updates = await self._insistently(partial(self._fetch, offset))
            if await self._reception.take_all(updates):
                # With nothing left Telegram may begin to count elsewhere, also further down.
                offset = max(map(_next, updates), default=0)
            else:
                await asyncio.sleep(PAUSE_SECONDS)

    async def _fetch(self, offset: int) -> list[Any]:
        """Updates as they are written: the library's own call reads them all or none."""
        wanted = {"offset": offset, "timeout": POLL_SECONDS, "allowed_updates": json.dumps(ALLOWED)}
        address = f"{self.bot.base_url}/getUpdates?{urlencode(wanted)}"
        updates = await self.bot.request.post(address, read_timeout=POLL_SECONDS + 10)
        return updates if isinstance(updates, list) else []

    async def _insistently(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """Until it succeeds: there is nothing else to do."""
        while True:
            try:
                return await call()
            except TelegramError as error:
                self.delivery.failed(error.message)
                logger.warning("polling pauses: %s", error.message)
                pause = seconds(error) if isinstance(error, RetryAfter) else PAUSE_SECONDS
                await asyncio.sleep(pause)


def _next(update: object) -> int:
    """The offset that confirms it; one without a number cannot be confirmed."""
    try:
        return number(update) + 1
    except Unreadable:
        return 0
