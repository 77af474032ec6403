"""The broadcaster over a real store: what it does with whatever comes of a call."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from bot.broadcast import TRIES, Broadcaster, Rhythm
from bot.courier import (
    Arrived,
    Blocked,
    Busy,
    Faltered,
    Notice,
    Outcome,
    Refused,
    Unknown,
    Unsent,
)
from bot.dialogue.model import Rows
from engine.advertising import (
    SEOUL,
    Advertisement,
    Delivery,
    Going,
    Link,
    Segment,
    Sender,
    Tally,
)
from engine.domain import Person, Purpose
from engine.store.broadcasts import Broadcasts, Recipient
from engine.store.database import Database
from engine.store.tables import StandingRow
from tests.crowd import Member, settle

SHOP = Sender("달빛상점", "02-1")
AD = Advertisement(SHOP, "할인", Link("보기", "https://shop.example"))
NOON = datetime(2026, 11, 24, 12, tzinfo=SEOUL)
NIGHT = datetime(2026, 11, 24, 22, tzinfo=SEOUL)
QUICK = Rhythm(lease=20, leads=0.02, looks=0.02, reports=0.03, parting=2)
SPEED = 20
"""Clock seconds in a second."""
Plan = Callable[[Recipient, int], Outcome]
"""(whom, how often they were called before) → what comes of it."""


@dataclass
class Office:
    """A courier that remembers; takes at most what it is told to."""

    plan: Plan = lambda _, __: Arrived()
    takes: float = 0.0
    """Seconds of a call."""
    at_once: int = 1
    rate: float = 2000.0
    called: Counter[str] = field(default_factory=Counter)
    arrived: Counter[str] = field(default_factory=Counter)
    ads: list[Advertisement] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    out: int = 0

    async def deliver(
        self, recipients: Sequence[Recipient], ad: Advertisement, picture: bytes | None
    ) -> Sequence[Outcome]:
        self.ads.append(ad)
        self.sizes.append(len(recipients))
        self.times.append(time.monotonic())
        outcomes = [self.plan(each, self.called[each.name]) for each in recipients]
        self.called.update(each.name for each in recipients)
        self.out += 1
        await asyncio.sleep(self.takes)
        self.out -= 1
        for each, outcome in zip(recipients, outcomes, strict=True):
            self.arrived[each.name] += isinstance(outcome, Arrived)
        return outcomes

    async def notify(self, recipient: Recipient, notice: Notice) -> Outcome:
        return self.plan(recipient, 0)


@dataclass
class Board:
    """Where the author reads."""

    shown: list[tuple[int | None, str, Rows]] = field(default_factory=list)

    async def report(self, chat: str, message: int | None, text: str, rows: Rows) -> int:
        assert chat == "1"
        self.shown.append((message, text, rows))
        return 7


def clock(start: datetime = NOON) -> Callable[[], datetime]:
    began = time.monotonic()
    return lambda: start + timedelta(seconds=(time.monotonic() - began) * SPEED)


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> str:
    """SQLite; what two processes do to each other is tried on both."""
    return str(getattr(request, "param", "sqlite"))


BOTH = pytest.mark.parametrize("kind", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def broadcasts(database: Database) -> Broadcasts:
    return Broadcasts(database)


@asynccontextmanager
async def running(
    broadcasts: Broadcasts, office: Office, start: datetime = NOON, **changes
) -> AsyncIterator[Broadcaster]:
    told: dict[str, Any] = {"sender": SHOP, "clock": clock(start), "rhythm": QUICK} | changes
    broadcaster = Broadcaster(broadcasts, {"telegram": office}, **told)
    task = asyncio.create_task(broadcaster.run())
    try:
        yield broadcaster
    finally:
        await broadcaster.close()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def asked(broadcasts: Broadcasts, at: datetime = NOON, **changes) -> int:
    return await broadcasts.enqueue("telegram 1", AD, None, Segment(), at, **changes)


async def until(broadcasts: Broadcasts, number: int, holds: Callable[[Tally], bool]) -> Tally:
    async with asyncio.timeout(20):
        while not holds(tally := await broadcasts.tally(number)):
            await asyncio.sleep(0.02)
    return tally


async def done(broadcasts: Broadcasts, number: int) -> Tally:
    async with asyncio.timeout(20):
        while True:
            found = await broadcasts.find(number)
            assert found is not None
            if found.going is Going.DONE:
                return await broadcasts.tally(number)
            await asyncio.sleep(0.02)


def crowd(n: int, **changes) -> list[Member]:
    return [Member(str(100 + number), **changes) for number in range(n)]


@BOTH
async def test_everybody_gets_it_once_and_it_is_done(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, crowd(60))
    number = await asked(broadcasts)
    office = Office()
    async with running(broadcasts, office):
        tally = await done(broadcasts, number)
    assert tally.states == {Delivery.DELIVERED: 60}
    assert set(office.arrived.values()) == {1} and len(office.arrived) == 60
    assert {ad.text for ad in office.ads} == {AD.text}


async def test_each_end_stands_in_the_tally(broadcasts: Broadcasts, database: Database) -> None:
    ends: dict[str, Outcome] = {
        "100": Arrived(),
        "101": Blocked(),
        "102": Refused("chat not found"),
        "103": Unknown("ReadTimeout"),
        "104": Faltered("status 500"),
    }
    members = [*crowd(5), Member("web", channel="web"), Member("no", purposes=())]
    await settle(database, members)
    number = await asked(broadcasts)
    office = Office(lambda whom, _: ends[whom.name])
    async with running(broadcasts, office):
        tally = await done(broadcasts, number)
    assert tally.states == {
        Delivery.DELIVERED: 1,
        Delivery.BLOCKED: 1,
        Delivery.FAILED: 2,
        Delivery.UNCERTAIN: 1,
        Delivery.UNREACHABLE: 1,
        Delivery.HELD_BACK: 1,
    }
    assert sum(tally.states.values()) == tally.total == 7
    assert office.called == {"100": 1, "101": 1, "102": 1, "103": 1, "104": TRIES}


async def test_told_to_wait_all_wait_and_the_one_is_sent_again(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, crowd(30))
    number = await asked(broadcasts)
    told: list[float] = []

    def plan(whom: Recipient, before: int) -> Outcome:
        if whom.name == "110" and not before:
            told.append(time.monotonic())
            return Busy(0.6)
        return Arrived()

    office = Office(plan, rate=60)
    async with running(broadcasts, office):
        tally = await done(broadcasts, number)
    assert tally.states == {Delivery.DELIVERED: 30}
    assert office.called["110"] == 2 and set(office.arrived.values()) == {1}
    pause = [at for at in office.times if told[0] + 0.3 < at < told[0] + 0.55]
    assert not pause and max(office.times) > told[0] + 0.55


async def test_without_a_connection_it_is_tried_again_later(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, crowd(3))
    number = await asked(broadcasts)
    office = Office(lambda _, before: Arrived() if before else Unsent("ConnectError"))
    async with running(broadcasts, office):
        tally = await done(broadcasts, number)
    assert tally.states == {Delivery.DELIVERED: 3}
    assert set(office.arrived.values()) == {1}


async def test_a_server_that_falters_is_asked_again(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, crowd(3))
    number = await asked(broadcasts)
    office = Office(lambda _, before: Arrived() if before == TRIES - 1 else Faltered("status 502"))
    async with running(broadcasts, office):
        tally = await done(broadcasts, number)
    assert tally.states == {Delivery.DELIVERED: 3}


async def test_a_courier_that_breaks_leaves_them_uncertain_and_the_rest_goes_on(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, crowd(3))
    number = await asked(broadcasts)

    def plan(whom: Recipient, _: int) -> Outcome:
        if whom.name == "101":
            raise RuntimeError("broken")
        return Arrived()

    async with running(broadcasts, Office(plan)):
        tally = await done(broadcasts, number)
    assert tally.states == {Delivery.DELIVERED: 2, Delivery.UNCERTAIN: 1}


async def test_who_withdraws_while_it_goes_out_gets_none(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, crowd(30))
    number = await asked(broadcasts)
    office = Office(rate=20)
    async with running(broadcasts, office):
        await until(broadcasts, number, lambda tally: tally[Delivery.DELIVERED] > 0)
        async with database.begin() as connection:
            await connection.execute(delete(StandingRow))
        tally = await done(broadcasts, number)
    assert tally[Delivery.HELD_BACK] > 15
    assert tally[Delivery.HELD_BACK] + tally[Delivery.DELIVERED] == 30
    assert sum(office.called.values()) == tally[Delivery.DELIVERED]


async def test_at_night_it_waits_for_the_morning(
    broadcasts: Broadcasts, database: Database
) -> None:
    day, night = Member("day", purposes=(Purpose.ADVERTISING,)), Member("night")
    await settle(database, [day, night])
    number = await asked(broadcasts, NIGHT)
    office, board = Office(), Board()
    await broadcasts.reported(number, {"chat": "1"})
    async with running(broadcasts, office, NIGHT, reporter=board):
        await until(broadcasts, number, lambda tally: tally[Delivery.DELIVERED] == 1)
        await asyncio.sleep(0.3)
        assert office.called == {"night": 1}
    assert "8시 10분" in board.shown[-1][1]
    async with running(broadcasts, office, NIGHT.replace(day=25, hour=8, minute=10)):
        await done(broadcasts, number)
    assert office.called == {"night": 1, "day": 1}


async def test_paused_it_stands_still_and_goes_on_where_it_was(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, crowd(40))
    number = await asked(broadcasts)
    office = Office(rate=40)
    async with running(broadcasts, office):
        await until(broadcasts, number, lambda tally: tally[Delivery.DELIVERED] > 3)
        await broadcasts.steer(number, Going.PAUSED, NOON)
        await asyncio.sleep(0.1)
        stopped = sum(office.called.values())
        await asyncio.sleep(0.3)
        assert sum(office.called.values()) == stopped < 40
        await broadcasts.steer(number, Going.RUNNING, NOON)
        tally = await done(broadcasts, number)
    assert tally.states == {Delivery.DELIVERED: 40}
    assert set(office.called.values()) == {1}


async def test_cancelled_it_goes_no_further(broadcasts: Broadcasts, database: Database) -> None:
    await settle(database, crowd(40))
    number = await asked(broadcasts, report={"chat": "1"})
    office, board = Office(rate=40), Board()
    async with running(broadcasts, office, reporter=board):
        await until(broadcasts, number, lambda tally: tally[Delivery.DELIVERED] > 3)
        await broadcasts.steer(number, Going.CANCELLED, NOON)
        async with asyncio.timeout(5):
            while "취소함" not in board.shown[-1][1]:
                await asyncio.sleep(0.02)
    tally = await broadcasts.tally(number)
    assert tally[Delivery.WAITING] > 0 and tally.total == 40
    assert tally[Delivery.DELIVERED] == sum(office.called.values())
    assert board.shown[-1][2] == ()


async def test_two_broadcasts_take_turns(broadcasts: Broadcasts, database: Database) -> None:
    await settle(database, crowd(10))
    numbers = [await asked(broadcasts), await asked(broadcasts)]
    office = Office()
    async with running(broadcasts, office):
        for number in numbers:
            assert (await done(broadcasts, number)).states == {Delivery.DELIVERED: 10}
    assert set(office.arrived.values()) == {2}


@BOTH
async def test_two_processes_send_to_nobody_twice(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, crowd(60))
    number = await asked(broadcasts)
    office = Office(takes=0.01, rate=200)
    async with running(broadcasts, office), running(broadcasts, office):
        tally = await done(broadcasts, number)
    assert tally.states == {Delivery.DELIVERED: 60}
    assert set(office.called.values()) == {1}


@BOTH
async def test_another_goes_on_where_one_dies_and_what_was_out_is_uncertain(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, crowd(40))
    number = await asked(broadcasts)
    office = Office(takes=0.3, rate=60)
    first = Broadcaster(broadcasts, {"telegram": office}, SHOP, clock=clock(), rhythm=QUICK)
    task = asyncio.create_task(first.run())
    await until(broadcasts, number, lambda tally: tally[Delivery.SENDING] > 5)
    task.cancel()  # as killed: nothing is settled
    with suppress(asyncio.CancelledError):
        await task
    left = await broadcasts.tally(number)
    async with running(broadcasts, office, NOON + timedelta(seconds=60)):
        tally = await done(broadcasts, number)
    assert tally[Delivery.UNCERTAIN] == left[Delivery.SENDING] > 0
    assert tally[Delivery.UNCERTAIN] + tally[Delivery.DELIVERED] == 40
    assert set(office.called.values()) == {1}


async def test_a_stop_waits_for_what_is_out_and_lets_the_next_begin_at_once(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, crowd(40))
    number = await asked(broadcasts)
    office = Office(takes=0.3, rate=60)
    async with running(broadcasts, office):
        await until(broadcasts, number, lambda tally: tally[Delivery.SENDING] > 5)
    assert office.out == 0
    tally = await broadcasts.tally(number)
    assert tally[Delivery.SENDING] == tally[Delivery.UNCERTAIN] == 0
    assert 0 < tally[Delivery.DELIVERED] < 40
    assert await broadcasts.hold("the next", NOON, timedelta(seconds=6))


async def test_the_author_sees_it_grow_in_one_message(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, crowd(30))
    number = await asked(broadcasts, report={"chat": "1"})
    board = Board()
    async with running(broadcasts, Office(rate=60), reporter=board):
        await done(broadcasts, number)
        async with asyncio.timeout(5):
            while "끝남" not in board.shown[-1][1]:
                await asyncio.sleep(0.02)
        shown = len(board.shown)
        await asyncio.sleep(0.2)
        assert len(board.shown) == shown  # the last word was said
    assert [message for message, _, _ in board.shown] == [None] + [7] * (shown - 1)
    assert shown > 2
    first, last = board.shown[0], board.shown[-1]
    assert [button.label for row in first[2] for button in row] == ["일시정지", "취소"]
    assert "보냄 30" in last[1] and "30 / 30명" in last[1] and last[2] == ()
    found = await broadcasts.find(number)
    assert found is not None and found.report == {"chat": "1", "message": 7, "told": "done"}


async def test_a_restart_goes_on_in_the_same_message(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, crowd(20))
    number = await asked(broadcasts, report={"chat": "1"})
    board = Board()
    async with running(broadcasts, Office(rate=40), reporter=board):
        await until(broadcasts, number, lambda tally: tally[Delivery.DELIVERED] > 3)
        async with asyncio.timeout(5):
            while not board.shown:
                await asyncio.sleep(0.02)
    async with running(broadcasts, Office(), reporter=board):
        await done(broadcasts, number)
        async with asyncio.timeout(5):
            while "끝남" not in board.shown[-1][1]:
                await asyncio.sleep(0.02)
    assert [message for message, _, _ in board.shown].count(None) == 1


async def test_a_shop_that_lost_its_name_sends_nothing(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, crowd(3))
    number = await asked(broadcasts)
    office = Office()
    async with running(broadcasts, office, sender=None):
        async with asyncio.timeout(5):
            while (found := await broadcasts.find(number)) and found.going is Going.RUNNING:
                await asyncio.sleep(0.02)
    assert found is not None and found.going is Going.PAUSED
    assert not office.called


async def test_its_link_is_counted(broadcasts: Broadcasts, database: Database) -> None:
    await settle(database, crowd(1))
    number = await asked(broadcasts)

    async def counted(source: str, url: str) -> str:
        assert (source, url) == (f"broadcast {number}", "https://shop.example")
        return "https://here.example/go/9"

    office = Office()
    async with running(broadcasts, office, counted=counted):
        await done(broadcasts, number)
    assert office.ads[0].link == Link("보기", "https://here.example/go/9")


async def test_a_courier_of_many_gets_many_at_once(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, crowd(25))
    number = await asked(broadcasts)
    office = Office(at_once=10, rate=1)
    async with running(broadcasts, office):
        await until(broadcasts, number, lambda tally: tally[Delivery.DELIVERED] >= 10)
    assert office.sizes[0] == 10


async def test_the_pace_is_kept(broadcasts: Broadcasts, database: Database) -> None:
    await settle(database, crowd(40))
    number = await asked(broadcasts)
    office = Office(rate=30)
    async with running(broadcasts, office):
        await done(broadcasts, number)
    for first, later in zip(office.times, office.times[30:], strict=False):
        assert later - first > 0.6  # thirty calls, less the few that go together


@pytest.mark.parametrize(
    ("outcome", "start", "arrives"),
    [(Arrived(), NOON, True), (Blocked(), NOON, False), (Arrived(), NIGHT, False)],
)
async def test_a_notice_is_for_one_and_never_at_night(
    broadcasts: Broadcasts, outcome: Outcome, start: datetime, arrives: bool
) -> None:
    marked: list[tuple[Person, bool]] = []

    async def blocking(person: Person, blocked: bool) -> None:
        marked.append((person, blocked))

    office = Office(lambda _, __: outcome)
    broadcaster = Broadcaster(
        broadcasts, {"telegram": office}, None, blocking=blocking, clock=lambda: start
    )
    someone = Person("telegram", "5")
    assert await broadcaster.notify(someone, Notice("계속 받으시겠어요?")) is arrives
    assert marked == ([(someone, True)] if isinstance(outcome, Blocked) else [])
    assert not await broadcaster.notify(Person("web", "5"), Notice("계속 받으시겠어요?"))
