"""The inbox of every store: SQLite and PostgreSQL (conftest.py)."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.domain import Person
from engine.errors import StoreUnavailable
from engine.store.database import Database
from engine.store.inbox import Inbox
from engine.store.people import EventRepeated, People
from engine.store.tables import EventRow
from tests.builders import NOON

SOMEONE = Person("telegram", "77")


@pytest.fixture
def inbox(database: Database) -> Inbox:
    return Inbox(database)


async def receive(inbox: Inbox, event: str, content: str | None = "{}") -> bool:
    return await inbox.receive("telegram", event, SOMEONE.id, content, NOON)


async def waiting(inbox: Inbox) -> list[str]:
    return [each.event_id for each in await inbox.waiting("telegram")]


async def apply(people: People, event: str, expected: int = 0) -> None:
    async with people.keeping(SOMEONE, at=NOON, event=event, expected=expected) as keeping:
        await keeping.state("{}")


async def test_what_was_received_waits_in_the_order_of_its_numbers(inbox: Inbox) -> None:
    for event in ("1000", "999", "1001", "90"):
        assert await receive(inbox, event, f'{{"update_id":{event}}}')
    await inbox.receive("kakao", "5", "someone", "{}", NOON)
    found = await inbox.waiting("telegram")
    assert [each.event_id for each in found] == ["90", "999", "1000", "1001"]
    assert {each.sender for each in found} == {"77"}
    assert found[0].content == '{"update_id":90}'


async def test_an_event_that_comes_again_is_not_new(inbox: Inbox, people: People) -> None:
    assert await receive(inbox, "1")
    assert not await receive(inbox, "1", "other")
    assert (await inbox.waiting("telegram"))[0].content == "{}"
    await apply(people, "1")
    assert not await receive(inbox, "1")
    assert await waiting(inbox) == []


async def test_a_turn_applies_what_waits_and_then_nothing_of_it_is_left(
    inbox: Inbox, people: People, database: Database
) -> None:
    await receive(inbox, "1", "said in confidence")
    await apply(people, "1")
    async with database.read() as connection:
        row = (await connection.execute(select(EventRow))).one()
    assert (row.event_id, row.sender, row.content) == ("1", None, None)
    with pytest.raises(EventRepeated):
        await apply(people, "1", expected=1)


async def test_a_turn_that_fails_leaves_its_event_waiting(inbox: Inbox, people: People) -> None:
    await receive(inbox, "1")
    with pytest.raises(RuntimeError):
        async with people.keeping(SOMEONE, at=NOON, event="1", expected=0) as keeping:
            await keeping.state("{}")
            raise RuntimeError
    assert await waiting(inbox) == ["1"]
    await apply(people, "1")
    assert await waiting(inbox) == []


async def test_what_needs_no_turn_waits_no_longer(inbox: Inbox) -> None:
    await receive(inbox, "1")
    await receive(inbox, "2")
    await inbox.done("telegram", "1")
    assert await waiting(inbox) == ["2"]
    assert not await receive(inbox, "1")


async def test_without_content_only_the_number_is_remembered(inbox: Inbox) -> None:
    assert await inbox.receive("telegram", "1", None, None, NOON)
    assert await waiting(inbox) == []
    assert not await receive(inbox, "1")


async def test_attempts_are_counted_over_starts(inbox: Inbox, database: Database) -> None:
    await receive(inbox, "1")
    assert [await inbox.attempt("telegram", "1"), await inbox.attempt("telegram", "1")] == [1, 2]
    assert await Inbox(database).attempt("telegram", "1") == 3
    assert await inbox.attempt("telegram", "gone") == 0


async def test_a_crowd_is_received_in_few_transactions(database: Database) -> None:
    counting = Counting(database)
    inbox = Inbox(counting)  # type: ignore[arg-type]
    given = [str(number) for number in range(200)] * 2
    news = await asyncio.gather(*(receive(inbox, event) for event in given))
    assert sum(news) == 200
    assert len(await inbox.waiting("telegram")) == 200
    assert counting.transactions <= 3


async def test_a_store_that_fails_says_so_to_all_and_keeps_nothing_back(database: Database) -> None:
    failing = Counting(database, fails=1)
    inbox = Inbox(failing)  # type: ignore[arg-type]
    first = receive(inbox, "0")
    crowd = [receive(inbox, str(number)) for number in range(1, 20)]
    told = await asyncio.gather(first, *crowd, return_exceptions=True)
    assert isinstance(told[0], StoreUnavailable)
    assert list(told[1:]) == [True] * 19
    assert await receive(inbox, "0")


async def test_old_events_go_whether_they_waited_or_not(inbox: Inbox, people: People) -> None:
    await receive(inbox, "1")
    await receive(inbox, "2")
    await inbox.done("telegram", "2")
    assert await people.forget_old_events(NOON + timedelta(seconds=1)) == 2
    assert await waiting(inbox) == []


class Counting:
    """A database that counts what is written, and fails as often as it is told to first."""

    def __init__(self, database: Database, fails: int = 0) -> None:
        self._database = database
        self._fails = fails
        self.transactions = 0

    async def transact(self, work: Callable[..., Any]) -> Any:
        self.transactions += 1
        if self.transactions <= self._fails:
            raise StoreUnavailable("the disk is full")
        return await self._database.transact(work)

    async def look(self, work: Callable[..., Any]) -> Any:
        return await self._database.look(work)
