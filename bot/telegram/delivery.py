"""How well Telegram reaches the bot, for /health: asked now and then, never in a request."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from telegram import Bot
from telegram.error import TelegramError

LOOK_EVERY = 60.0
"""Seconds."""
RECENT = timedelta(minutes=5)
"""An error so young is trouble now."""

logger = logging.getLogger(__name__)


class Delivery:
    """Telegram's own word on what waits and what went wrong, and polling's where it polls."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._pending: int | None = None
        self._error: tuple[datetime, str] | None = None

    async def watch(self) -> None:
        """For ever."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        try:
            told = await self._bot.get_webhook_info()
        except TelegramError as error:
            self.failed(error.message)
            return
        self._pending = told.pending_update_count
        if told.last_error_date is not None:
            self._heard(told.last_error_date, told.last_error_message or "")

    def failed(self, message: str) -> None:
        """A call just now did not reach Telegram, or was refused there."""
        self._heard(datetime.now(UTC), message)

    def _heard(self, at: datetime, message: str) -> None:
        if self._error is None or at >= self._error[0]:
            self._error = at, message.replace(self._bot.token, "…")

    def told(self) -> Mapping[str, object]:
        """As /health shows it; `well` is for its status."""
        at, message = self._error or (None, None)
        return {
            "pending_update_count": self._pending,
            "last_error_date": at and at.isoformat(timespec="seconds"),
            "last_error_message": message,
        }

    @property
    def well(self) -> bool:
        return self._error is None or datetime.now(UTC) - self._error[0] > RECENT
