"""The Telegram channel over a store that stays, as often as it is started."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from aiohttp import web

from bot.conversation import Conversation, Remembered
from bot.dialogue.model import Event, Said, Turn
from bot.memory import StoredMemory
from bot.telegram.app import TelegramChannel
from engine.domain import Person
from engine.errors import StoreUnavailable
from engine.store.database import Database
from engine.store.inbox import Inbox
from engine.store.people import People
from tests.bot_api import TOKEN, BotApi
from tests.contract.wires import ME, CountedNursery, Counter

SECRET = "a-webhook-secret"
POISON = "독"


class Leaky(Inbox):
    """Loses its store for the first so many receipts."""

    fails = 0

    async def receive(
        self, channel: str, event_id: str, sender: str | None, content: str | None, at: datetime
    ) -> bool:
        if self.fails:
            self.fails -= 1
            raise StoreUnavailable("the disk is full")
        return await super().receive(channel, event_id, sender, content, at)


class Poisoned(StoredMemory):
    """Cannot keep what one text led to; the first so many times, or always."""

    error: Exception = RuntimeError("poison")
    left = 10**9

    async def keep(
        self, person: Person, remembered: Remembered, turn: Turn, event: Event | None
    ) -> int:
        if isinstance(event, Said) and event.text == POISON and self.left:
            self.left -= 1
            raise self.error
        return await super().keep(person, remembered, turn, event)


@dataclass
class Bot:
    """The channel over one store, as often as it is started."""

    file: Path
    picture: Path
    api: BotApi
    polling: bool = False
    fails: int = 0
    poison: tuple[Exception, int] = (RuntimeError("poison"), 10**9)
    nursery: CountedNursery = field(default_factory=CountedNursery)

    @asynccontextmanager
    async def running(self, *, opened: bool = True) -> AsyncIterator[TelegramChannel]:
        """Not `opened`: it takes updates, and dies before it does anything with them."""
        database = await Database.open(f"sqlite+aiosqlite:///{self.file}", migrate=False)
        self.people, self.inbox = People(database), Leaky(database)
        self.inbox.fails = self.fails
        memory = Poisoned(self.people)
        memory.error, memory.left = self.poison
        self.nursery, counter = CountedNursery(), Counter()
        channel = TelegramChannel(
            TOKEN,
            self.api.address,
            Conversation(memory, counter),
            self._picture,
            self.nursery,
            inbox=self.inbox,
            blocking=self.people.mark_blocked,
            ask=counter.ask,
        )
        app = web.Application()
        app.router.add_post("/telegram", channel.webhook(SECRET))
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/telegram"
        try:
            if opened:
                await channel.open(await self.people.unfinished("telegram"))
            if self.polling:
                self.polls = self.nursery.start(channel.poll(), "polling")
            elif opened:
                await channel.listen(url, SECRET)
            else:
                self.api.webhook = {"url": url, "secret_token": SECRET}
            yield channel
        finally:
            await channel.close()
            await runner.cleanup()
            await self.nursery.close()
            await database.close()

    async def _picture(self, _product: int) -> Path | None:
        return self.picture

    async def waiting(self) -> list[str]:
        return [each.event_id for each in await self.inbox.waiting("telegram")]

    def said(self, chat: int = ME) -> list[str]:
        return [message.text for message in self.api.chats.get(chat, [])]
