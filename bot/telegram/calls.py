"""Calls of the Bot API that meet its errors: what may be said twice is, and what may not is not."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import httpx
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

WAITS = 3
"""So often one call waits as it is told to (429)."""
PAUSES = (0.5, 2.0)
"""Seconds before a call that failed on its way is tried again."""
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Nothing left this machine."""

logger = logging.getLogger(__name__)
T = TypeVar("T")
Call = Callable[[], Awaitable[T]]


async def repeatable(call: Call[T]) -> T:
    """An edit, an answer to a button, an action: said twice it is as good as said once.

    Raises TelegramError where Telegram refuses, or does not answer for long.
    """
    return await _patiently(call, lambda error: not isinstance(error, BadRequest))


async def sent(call: Call[T]) -> T | None:
    """A message, which must not stand there twice: tried again only where it cannot have left.

    None where it may have arrived or not (a time-out while Telegram's answer was awaited): that
    is logged, and it is not sent again. Raises TelegramError where it has not arrived.
    """
    try:
        return await _patiently(call, _not_sent)
    except NetworkError as error:
        if not _uncertain(error):
            raise
        logger.warning("a message may not have arrived and is not repeated: %s", error.message)
        return None


def seconds(error: RetryAfter) -> float:
    """What Telegram asks to wait; the library says it in one of two forms."""
    pause = error.retry_after
    return pause.total_seconds() if isinstance(pause, timedelta) else float(pause)


def unreachable(error: BaseException | None) -> bool:
    """Nothing said in this chat arrives: the person blocked the bot, or is gone, or never came."""
    if isinstance(error, Forbidden):
        return True
    return isinstance(error, BadRequest) and "chat not found" in error.message.lower()


async def _patiently(call: Call[T], again: Callable[[NetworkError], bool]) -> T:
    waits, pauses = WAITS, list(PAUSES)
    while True:
        try:
            return await call()
        except RetryAfter as error:
            if not waits:
                raise
            waits -= 1
            await asyncio.sleep(seconds(error))
        except NetworkError as error:
            if not pauses or not again(error):
                raise
            await asyncio.sleep(pauses.pop(0))


def _not_sent(error: TelegramError) -> bool:
    return isinstance(error.__cause__, NOT_SENT)


def _uncertain(error: TelegramError) -> bool:
    """It was on its way when the line fell silent; what Telegram answered itself is certain."""
    cause = error.__cause__
    return isinstance(cause, httpx.TransportError) and not isinstance(cause, NOT_SENT)
