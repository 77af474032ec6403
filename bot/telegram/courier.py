"""The way to people in Telegram who did not just write: advertising, notices, an author's report.

A bot of its own beside the dialogue's, with its own connections: a broadcast holds nobody up.
"""

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import httpx
from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from bot.courier import (
    Arrived,
    Blocked,
    Busy,
    Faltered,
    Notice,
    Outcome,
    Refused,
    Unknown,
    Unreachable,
    Unsent,
)
from bot.dialogue.admin import offered
from bot.dialogue.model import Rows
from bot.telegram.render import keyboard
from engine.advertising import Advertisement
from engine.errors import EngineError
from engine.store.broadcasts import Recipient

CONNECTIONS: Final = 32
READ_SECONDS: Final = 20.0
GATEWAY_TIMEOUT: Final = 504
TOKEN_SECONDS: Final = 60.0
"""Until a token that Telegram does not take is tried again."""
NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
UNSENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""What goes wrong before anything goes out."""
PICTURES: Final = 50
"""Uploaded pictures whose ids are remembered."""

logger = logging.getLogger(__name__)


class ServerFailed(NetworkError):
    """Telegram answered with 5xx; PTB's own errors do not tell the status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class FileUnavailable(EngineError):
    """Telegram does not give the file."""


class _Request(HTTPXRequest):
    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        status, payload = await super().do_request(*args, **kwargs)
        if status >= 500:
            raise ServerFailed(status)
        return status, payload


class TelegramCourier:
    """Also the broadcaster's reporter."""

    at_once = 1

    def __init__(
        self, token: str, root: str, rate: float, *, patience: float = READ_SECONDS
    ) -> None:
        """`root` is the Bot API server's address, without `/bot`; `rate`: messages a second;
        `patience`: seconds that an answer is waited for."""
        self.rate = rate
        self._request = _Request(
            connection_pool_size=CONNECTIONS,
            connect_timeout=5,
            pool_timeout=10,
            read_timeout=patience,
        )
        self._bot = Bot(
            token,
            base_url=f"{root}/bot",
            base_file_url=f"{root}/file/bot",
            request=self._request,
            get_updates_request=self._request,
        )
        self._photos: OrderedDict[bytes, str] = OrderedDict()
        self._uploading = asyncio.Lock()

    async def close(self) -> None:
        await self._request.shutdown()

    async def deliver(
        self, recipients: Sequence[Recipient], ad: Advertisement, picture: bytes | None
    ) -> Sequence[Outcome]:
        rows = keyboard(offered(ad.link))
        return [await self._deliver(each, ad.text, rows, picture) for each in recipients]

    async def notify(self, recipient: Recipient, notice: Notice) -> Outcome:
        return await self._deliver(recipient, notice.text, keyboard(notice.rows), None)

    async def report(self, chat: str, message: int | None, text: str, rows: Rows) -> int | None:
        """A report that cannot be edited any more is sent anew; the author may have gone."""
        buttons = keyboard(rows)
        try:
            if message is not None:
                await self._bot.edit_message_text(text, chat, message, reply_markup=buttons)
                return message
        except BadRequest as error:
            if "not modified" in error.message.lower():
                return message
        except TelegramError as error:
            logger.info("a broadcast's progress is not shown now: %s", error.message)
            return message
        with suppress(TelegramError):
            sent = await self._bot.send_message(chat, text, reply_markup=buttons)
            return sent.message_id
        return None

    async def fetch(self, file: str) -> bytes:
        """A photo that somebody sent the bot. Raises FileUnavailable."""
        try:
            told = await self._bot.get_file(file)
            return bytes(await told.download_as_bytearray())
        except TelegramError as error:
            raise FileUnavailable(f"the photo cannot be fetched: {error.message}") from error

    async def _deliver(
        self,
        recipient: Recipient,
        text: str,
        buttons: InlineKeyboardMarkup | None,
        picture: bytes | None,
    ) -> Outcome:
        if recipient.address is None:
            return Unreachable()
        chat = recipient.address
        if picture is not None:
            return await _outcome(lambda: self._photograph(chat, text, buttons, picture))
        return await _outcome(
            lambda: self._bot.send_message(
                chat, text, reply_markup=buttons, link_preview_options=NO_PREVIEW
            )
        )

    async def _photograph(
        self, chat: str, text: str, buttons: InlineKeyboardMarkup | None, picture: bytes
    ) -> None:
        """Uploaded once, then sent by the id that Telegram gave it."""
        name = hashlib.sha256(picture).digest()
        if name not in self._photos:
            async with self._uploading:  # the first to come uploads, the others wait for its id
                if name not in self._photos:
                    return await self._upload(chat, text, buttons, name, picture)
        await self._bot.send_photo(chat, self._photos[name], text, reply_markup=buttons)
        return None

    async def _upload(
        self,
        chat: str,
        text: str,
        buttons: InlineKeyboardMarkup | None,
        name: bytes,
        picture: bytes,
    ) -> None:
        sent = await self._bot.send_photo(chat, picture, text, reply_markup=buttons)
        self._photos[name] = sent.photo[-1].file_id
        while len(self._photos) > PICTURES:
            self._photos.popitem(last=False)


async def _outcome(call: Callable[[], Awaitable[object]]) -> Outcome:
    """What came of one call; the address and the text are in none of it."""
    try:
        await call()
    except RetryAfter as error:
        pause = error.retry_after
        return Busy(pause.total_seconds() if isinstance(pause, timedelta) else pause)
    except Forbidden:
        return Blocked()
    except InvalidToken:
        logger.error("Telegram does not take the token: the broadcasts wait")
        return Busy(TOKEN_SECONDS)  # the operator's matter, not this person's
    except (BadRequest, ChatMigrated) as error:
        return Refused(error.message)
    except ServerFailed as error:
        # Behind a gateway that gave up waiting the message may have been taken.
        timed_out = error.status == GATEWAY_TIMEOUT
        return Unknown(error.message) if timed_out else Faltered(error.message)
    except NetworkError as error:
        cause = error.__cause__
        reason = type(cause or error).__name__
        if isinstance(cause, UNSENT):
            return Unsent(reason)
        if cause is None:
            return Faltered(reason)  # 429 without a time, and other refusals in JSON
        return Unknown(reason)
    except TelegramError as error:
        return Unknown(type(error).__name__)  # 200, and no JSON in it
    return Arrived()
