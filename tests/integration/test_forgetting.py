"""The retention time: a setting, and the daily job of the process that keeps to it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.housekeeping import keep_house
from bot.settings import ShopSettings, WrongSettings, read_settings
from engine.domain import Person
from engine.errors import StoreUnavailable
from engine.store.database import Database
from engine.store.people import People

NAME = "PPOYAMI_SHOP__RETENTION_DAYS"


def test_things_are_kept_for_a_year_unless_the_operator_says_otherwise(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    assert ShopSettings().retention_days == 365
    dotenv.write_text(f"{NAME}=90\n", encoding="utf-8")
    assert read_settings(dotenv).shop.retention_days == 90


@pytest.mark.parametrize("days", ["0", "-1", "내년"])
def test_a_time_that_is_none_stops_the_start_in_one_sentence(tmp_path: Path, days: str) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"{NAME}={days}\n", encoding="utf-8")
    with pytest.raises(WrongSettings, match=NAME):
        read_settings(dotenv)


async def test_the_job_erases_who_was_idle_and_old_events(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    idle, present = Person("web", "idle"), Person("web", "present")
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/ppoyami.db")
    people = People(database)
    await keep(people, idle, now - timedelta(days=91))
    await keep(people, present, now - timedelta(days=89))
    await for_a_while(keep_house(people, 90), lambda: recalled(people, idle))
    assert await people.recall(idle) is None
    assert await people.recall(present) is not None
    await database.close()


async def test_a_store_that_fails_is_asked_again_an_hour_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    task = asyncio.create_task(keep_house(Broken(), 90))
    async with asyncio.timeout(10):
        while "the house was not kept" not in caplog.text:
            await asyncio.sleep(0.01)
    assert not task.done()
    task.cancel()


async def keep(people: People, person: Person, at: datetime) -> None:
    async with people.keeping(person, at=at, event=None, expected=0) as keeping:
        await keeping.state("상태")


async def recalled(people: People, person: Person) -> bool:
    return await people.recall(person) is not None


async def for_a_while(
    job: Coroutine[None, None, None], still: Callable[[], Awaitable[bool]]
) -> None:
    """Run the endless job until nothing is left to wait for."""
    task = asyncio.create_task(job)
    async with asyncio.timeout(10):
        while await still():
            await asyncio.sleep(0.01)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


class Broken(People):
    """A store that does not answer."""

    def __init__(self) -> None:
        return

    async def forget_old_events(self, before: datetime) -> int:
        raise StoreUnavailable("the disk is gone")
