"""A broadcast to many through a storm, the bot killed again and again: nobody twice, nobody lost.

python -m tests.load.broadcast --people 20000 --kills 5

Fills a store with people, enqueues one broadcast by `python -m bot broadcast FILE`, and runs the
real bot as a process against a local Bot API that answers 429, 403, 400 and 500, is silent, and
drops lines before and after it accepted a message. The bot is killed (SIGKILL) while calls are
out, and started again. The server counts what it accepted for each chat; in the end every person
stands in the tally, and none was accepted twice.
"""

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web
from sqlalchemy import select

from bot.dialogue.admin_texts import counts
from engine.advertising import Delivery, Going, Tally
from engine.domain import Purpose
from engine.store.broadcasts import Broadcasts
from engine.store.database import Database
from engine.store.tables import DeliveryRow, PersonRow
from tests.bot_api import TOKEN, BotApi, Dropped, Refused
from tests.crowd import Member, settle
from tests.load.people import SEED
from tests.running import ROOT, RunningBot, database_url, environment

ADMIN = 1
FIRST = 1000
"""The first person's chat."""
SILENT_SECONDS = 30.0
"""Longer than the courier waits for an answer."""


@dataclass(frozen=True)
class Weather:
    """How often a call meets what; blocked and unknown chats are so from the beginning."""

    busy: float = 0.0005
    faltering: float = 0.01
    dropped_before: float = 0.004
    dropped_after: float = 0.004
    silent: float = 0.0005
    blocked: float = 0.02
    unknown: float = 0.005


@dataclass
class Storm(BotApi):
    weather: Weather = field(default_factory=Weather)
    chance: random.Random = field(default_factory=lambda: random.Random(4))
    accepted: Counter[int] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    """What the calls met, by name."""
    early: int = 0
    """Calls begun while told to wait, later than what was out already can explain."""
    _closed_until: float = 0.0

    async def on_sendMessage(self, data: dict[str, Any]) -> Any:  # noqa: N802 - the API's own name
        chat = int(data["chat_id"])
        if chat == ADMIN:
            return await super().on_sendMessage(data)
        await asyncio.sleep(self.chance.uniform(0.02, 0.12))
        now = time.monotonic()
        if now < self._closed_until:
            self.early += now > self._closed_until - 0.5
            self.met["429"] += 1
            raise Refused("Too Many Requests", 429, retry_after=2)
        fate = self._fate()
        self.met[fate] += 1
        if fate == "429":
            self._closed_until = now + 2
            raise Refused("Too Many Requests", 429, retry_after=2)
        if fate == "500":
            raise Refused("Internal Server Error", 500)
        if fate == "dropped before":
            raise Dropped
        self.accepted[chat] += 1
        if fate == "dropped after":
            raise Dropped
        if fate == "silent":
            await asyncio.sleep(SILENT_SECONDS)
        return self._told_shortly(chat)

    def _fate(self) -> str:
        weather = self.weather
        odds = (
            ("429", weather.busy),
            ("500", weather.faltering),
            ("dropped before", weather.dropped_before),
            ("dropped after", weather.dropped_after),
            ("silent", weather.silent),
        )
        dice = self.chance.random()
        for name, odd in odds:
            if dice < odd:
                return name
            dice -= odd
        return "accepted"

    def _told_shortly(self, chat: int) -> Mapping[str, Any]:
        self._last += 1
        return {"message_id": self._last, "date": 0, "chat": {"id": chat, "type": "private"}}


@dataclass
class Report:
    people: int
    kills: int
    seconds: float
    tally: Tally
    accepted: int
    twice: list[int]
    untold: list[int]
    """Accepted, and yet the tally does not say «delivered» or «uncertain»."""
    unsent: list[int]
    """Said to be delivered, and never accepted."""
    met: Counter[str]
    early: int
    errors: list[str]

    @property
    def sound(self) -> bool:
        whole = sum(self.tally.states.values()) == self.tally.total == self.people
        return whole and not (self.twice or self.untold or self.unsent or self.tally.open)


async def rush(
    artifacts: Path, url: str, people: int, kills: int, weather: Weather | None = None
) -> Report:
    """`artifacts` and the database at `url` hold a load."""
    storm = Storm(weather=weather or Weather())
    database = await Database.open(url)
    async with _listening(storm):
        members = _members(people, storm)
        await settle(database, members)
        settings = _settings(storm, url)
        await asyncio.to_thread(_enqueue, artifacts, settings)
        broadcasts = Broadcasts(database)
        [broadcast] = await broadcasts.latest(1)
        began = time.monotonic()
        bot_of = partial(RunningBot, artifacts, settings)
        errors = await _killed(storm, bot_of, broadcasts, broadcast.id, kills)
        seconds = time.monotonic() - began
        report = await _reported(database, storm, broadcast.id)
    await database.close()
    storm_says = (storm.met, storm.early)
    return Report(people, kills, seconds, *report, *storm_says, errors)


async def _killed(
    storm: Storm, bot_of: Callable[[], RunningBot], broadcasts: Broadcasts, number: int, kills: int
) -> list[str]:
    """Run the bot to the end of the broadcast, killed on the way; what it logged as an error."""
    aim = (await broadcasts.tally(number))[Delivery.WAITING]
    errors: list[str] = []
    for kill in range(1, kills + 1):
        bot = bot_of()
        await bot.start()
        while sum(storm.met.values()) < aim * kill / (kills + 1):
            await asyncio.sleep(0.01)
        await bot.kill()
        errors += [line for line in bot.output if " ERROR " in line]
    bot = bot_of()
    await bot.start()
    while (found := await broadcasts.find(number)) and found.going is not Going.DONE:
        await asyncio.sleep(0.2)
    await bot.stop()
    return errors + [line for line in bot.output if " ERROR " in line]


async def _reported(
    database: Database, storm: Storm, number: int
) -> tuple[Tally, int, list[int], list[int], list[int]]:
    query = (
        select(PersonRow.external_id, DeliveryRow.state)
        .join(DeliveryRow, DeliveryRow.person_id == PersonRow.id)
        .where(DeliveryRow.broadcast_id == number, PersonRow.channel == "telegram")
    )
    async with database.read() as connection:
        states = {int(row[0]): row[1] for row in await connection.execute(query)}
    told = {Delivery.DELIVERED.value, Delivery.UNCERTAIN.value}
    return (
        await Broadcasts(database).tally(number),
        len(storm.accepted),
        [chat for chat, times in storm.accepted.items() if times > 1],
        [chat for chat in storm.accepted if states.get(chat) not in told],
        [
            chat
            for chat, state in states.items()
            if state == Delivery.DELIVERED and not storm.accepted[chat]
        ],
    )


def _members(people: int, storm: Storm) -> list[Member]:
    """All agree to advertising at night too, but for one in a hundred; one in a hundred is at the
    page; some block the bot, some are gone."""
    members = []
    for number in range(people):
        chat = FIRST + number
        if number % 100 == 1:
            members.append(Member(str(chat), purposes=(Purpose.TRAINING,)))
        elif number % 100 == 2:
            members.append(Member(f"page {chat}", channel="web"))
        else:
            members.append(Member(str(chat)))
            dice = storm.chance.random()
            if dice < storm.weather.blocked:
                storm.blocked.add(chat)
            elif dice < storm.weather.blocked + storm.weather.unknown:
                storm.strangers.add(chat)
    return members


def _settings(storm: Storm, url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": url,
        "TELEGRAM__TOKEN": TOKEN,
        "TELEGRAM__BASE_URL": storm.address,
        "TELEGRAM__ADMINS": str(ADMIN),
        "TELEGRAM__BROADCAST_RATE": "30",
        "SHOP__NAME": "달빛상점",
        "SHOP__CONTACT": "02-123-4567",
        "WEB__PORT": "0",
    }


def _enqueue(artifacts: Path, settings: dict[str, str]) -> None:
    order = artifacts / "broadcast.toml"
    order.write_text('text = "여름 수분 크림을 30% 싸게 드려요."\n', encoding="utf-8")
    command = (sys.executable, "-m", "bot", "broadcast", str(order))
    told = environment(artifacts, **settings)
    subprocess.run(command, cwd=ROOT, env=told, check=True, capture_output=True)


def load_seed(artifacts: Path, url: str) -> None:
    tables = ("products", "reviews", "ingredients")
    options = [word for table in tables for word in (f"--{table}", str(SEED / f"{table}.csv"))]
    command = (sys.executable, "-m", "ingest", "load", *options)
    told = environment(artifacts, DATABASE_URL=url)
    subprocess.run(command, cwd=ROOT, env=told, check=True, capture_output=True)


@asynccontextmanager
async def _listening(storm: Storm):
    runner = web.AppRunner(storm.app(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    storm.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield
    finally:
        await runner.cleanup()


def told(report: Report) -> str:
    met = ", ".join(f"{name} {n:,}" for name, n in report.met.most_common())
    return "\n".join(
        (
            f"{report.people:,} people, killed {report.kills} times, {report.seconds:.0f} s, "
            f"{report.accepted / report.seconds:.1f} accepted a second",
            f"tally: {counts(report.tally)}",
            f"sum of the states {sum(report.tally.states.values()):,} of {report.tally.total:,}",
            f"the server: {met}; accepted {report.accepted:,} chats, "
            f"twice {len(report.twice)}, early after 429 {report.early}",
            f"accepted but not in the tally as delivered or uncertain: {len(report.untold)}; "
            f"delivered but never accepted: {len(report.unsent)}",
            f"errors in the log: {len(report.errors)}",
            "sound" if report.sound else "NOT SOUND",
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--url", help="an empty database; without it a SQLite file")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        artifacts = Path(folder) / "artifacts"
        artifacts.mkdir()
        url = chosen.url or database_url(artifacts)
        load_seed(artifacts, url)
        report = asyncio.run(rush(artifacts, url, chosen.people, chosen.kills))
    print(told(report))
    for error in dict.fromkeys(report.errors):
        print(error, end="")
    sys.exit(0 if report.sound else 1)


if __name__ == "__main__":
    main()
