"""What arrived before a process was killed is answered by the next."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.dialogue import texts
from tests.bot_api import TOKEN, bot_api
from tests.running import RunningBot


def in_the_inbox(artifacts: Path) -> int:
    with closing(sqlite3.connect(artifacts / "ppoyami.db")) as database:
        waiting = "SELECT count(*) FROM events WHERE content IS NOT NULL"
        return int(database.execute(waiting).fetchone()[0])


async def test_what_telegram_was_told_has_arrived_is_answered_by_the_next_process(
    artifacts: Path,
) -> None:
    people = range(101, 121)
    async with bot_api() as api:
        settings = {
            "TELEGRAM__TOKEN": TOKEN,
            "TELEGRAM__BASE_URL": api.address,
            "TELEGRAM__WEBHOOK_URL": "https://shop.example/telegram",
        }
        bot = RunningBot(artifacts, settings)
        await bot.start()
        await api.until_webhook()
        api.webhook["url"] = f"{bot.address}/telegram"
        api.delays["sendMessage"] = 1.0  # nobody has an answer yet when the process dies

        async def write(person: int) -> list[int]:
            said = ("/start", texts.OLD_ENOUGH)
            return [await api.deliver(api.says(person, text)) for text in said]

        statuses = await asyncio.gather(*map(write, people))
        assert {status for each in statuses for status in each} == {200}
        assert not any(person in api.chats for person in people)
        await bot.kill()
        assert in_the_inbox(artifacts) > 0
        api.delays.clear()
        await bot.start()
        try:
            for person in people:
                await api.until(person, "동의하고 시작")
        finally:
            await bot.stop()
        assert in_the_inbox(artifacts) == 0
