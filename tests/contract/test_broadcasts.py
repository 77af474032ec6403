"""Broadcasts in the store, on SQLite and on PostgreSQL: who gets one, and who is never sent two."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from engine.advertising import SEOUL, Advertisement, Delivery, Going, Link, Segment, Sender
from engine.domain import AgeBand, Concern, Purpose, SkinType
from engine.store.broadcasts import Broadcasts, Settled
from engine.store.database import Database
from engine.store.sealing import Seal
from engine.store.tables import DeliveryRow, PersonRow, StandingRow
from tests.crowd import Member, settle

NOON = datetime(2026, 11, 24, 12, tzinfo=SEOUL)
NIGHT = datetime(2026, 11, 24, 22, tzinfo=SEOUL)
MORNING = datetime(2026, 11, 25, 8, 10, tzinfo=SEOUL)
AD = Advertisement(Sender("달빛상점", "02-1"), "할인", Link("보기", "https://shop.example"))
EVERYBODY = Segment()
LASTS = timedelta(seconds=6)
KEY = b"a secret of the tests"
DAY_ONLY = (Purpose.ADVERTISING,)


@pytest.fixture
def broadcasts(database: Database) -> Broadcasts:
    return Broadcasts(database, KEY)


def numbered(n: int, **changes) -> list[Member]:
    return [Member(str(100 + number), **changes) for number in range(n)]


async def asked(
    broadcasts: Broadcasts, segment: Segment = EVERYBODY, at: datetime = NOON, **changes
) -> int:
    return await broadcasts.enqueue("telegram 1", AD, None, segment, at, **changes)


async def led(broadcasts: Broadcasts, *, owner: str = "me", at: datetime = NOON, **segment) -> int:
    """Asked for, by who holds the lease."""
    assert await broadcasts.hold(owner, at, LASTS)
    return await asked(broadcasts, Segment(**segment), at)


async def names(broadcasts: Broadcasts, number: int, at: datetime = NOON, **changes) -> list[str]:
    """Those who may be written to now."""
    told: dict[str, Any] = {"channel": "telegram", "n": 50, "owner": "me"} | changes
    taken = await broadcasts.take(number, told["channel"], told["n"], at, told["owner"])
    return sorted(each.name for each in taken.recipients)


async def states(broadcasts: Broadcasts, number: int) -> dict[Delivery, int]:
    return dict((await broadcasts.tally(number)).states)


# --- who it is for ------------------------------------------------------------------------------


async def test_a_segment_is_those_who_meet_all_of_it(
    broadcasts: Broadcasts, database: Database
) -> None:
    dry: dict[str, Any] = {"skin_type": SkinType.DRY, "concerns": (Concern.DRYNESS, Concern.PORES)}
    await settle(
        database,
        [
            Member("all", age_band=AgeBand.TWENTIES, seen=NOON, **dry),
            Member("oily", skin_type=SkinType.OILY, concerns=(Concern.PORES,)),
            Member("older", age_band=AgeBand.FIFTIES, **dry),
            Member("kakao", channel="kakao", age_band=AgeBand.TWENTIES, seen=NOON, **dry),
            Member("away", age_band=AgeBand.TWENTIES, seen=NOON - timedelta(days=31), **dry),
        ],
    )

    async def matching(**segment) -> int:
        return (await broadcasts.preview(Segment(**segment), NOON, ("telegram",))).matching

    assert await matching() == 5
    assert await matching(channel="kakao") == 1
    assert await matching(skin_type=SkinType.OILY) == 1
    assert await matching(concern=Concern.PORES) == 5
    assert await matching(concern=Concern.DRYNESS) == 4
    assert await matching(concern=Concern.ACNE) == 0
    assert await matching(age_band=AgeBand.TWENTIES) == 3
    assert await matching(active_days=7) == 2
    narrow = Segment("telegram", SkinType.DRY, Concern.DRYNESS, AgeBand.TWENTIES, 30)
    await broadcasts.hold("me", NOON, LASTS)
    number = await asked(broadcasts, narrow)
    assert await names(broadcasts, number) == ["all"]
    found = await broadcasts.find(number)
    assert found is not None and found.segment == narrow and found.total == 1


async def test_the_preview_counts_who_consents_who_is_reached_and_who_waits(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(
        database,
        [
            Member("1"),
            Member("2", purposes=DAY_ONLY),
            Member("3", purposes=()),
            Member("4", blocked=True),
            Member("5", channel="kakao", address="sealed"),
            Member("6", channel="kakao"),
            Member("7", channel="web"),
        ],
    )
    both = ("telegram", "kakao")
    by_day = await broadcasts.preview(EVERYBODY, NOON, both)
    assert (by_day.matching, by_day.consenting, by_day.held) == (7, 6, 0)
    assert by_day.reachable == {"telegram": 2, "kakao": 1}
    at_night = await broadcasts.preview(EVERYBODY, NIGHT, ("telegram",))
    assert (at_night.reachable, at_night.held) == ({"telegram": 2}, 1)


async def test_thousands_are_enqueued_in_one_transaction(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, numbered(3_000))
    number = await asked(broadcasts)
    tally = await broadcasts.tally(number)
    assert (tally.total, tally.states) == (3_000, {Delivery.WAITING: 3_000})


async def test_asked_for_twice_under_one_key_it_is_one(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, numbered(3))
    first = await asked(broadcasts, key="telegram 1 at noon")
    assert await asked(broadcasts, key="telegram 1 at noon") == first
    assert (await broadcasts.tally(first)).total == 3
    assert await asked(broadcasts, key="telegram 1 later") != first
    assert await asked(broadcasts) != await asked(broadcasts)


async def test_what_was_asked_for_is_read_back(broadcasts: Broadcasts, database: Database) -> None:
    number = await broadcasts.enqueue(
        "telegram 1", AD, b"PNG", EVERYBODY, NOON, report={"chat": "1"}
    )
    found = await broadcasts.find(number)
    assert found is not None
    assert (found.body, found.link, found.pictured) == (AD.body, AD.link, False)
    assert (found.author, found.at, found.report) == ("telegram 1", NOON, {"chat": "1"})
    assert await broadcasts.picture(number) == b"PNG"
    assert await broadcasts.find(number + 1) is None
    assert [each.id for each in await broadcasts.latest(5)] == [number]


# --- the law, at the moment of sending ----------------------------------------------------------


async def test_who_does_not_consent_is_held_back(
    broadcasts: Broadcasts, database: Database
) -> None:
    old = NOON - timedelta(days=2 * 365 + 31)
    await settle(database, [Member("1"), Member("2", purposes=()), Member("3", since=old)])
    number = await led(broadcasts)
    assert await names(broadcasts, number) == ["1"]
    assert await states(broadcasts, number) == {Delivery.SENDING: 1, Delivery.HELD_BACK: 2}


async def test_a_consent_withdrawn_after_the_queueing_counts(
    broadcasts: Broadcasts, database: Database
) -> None:
    ids = await settle(database, numbered(3))
    number = await led(broadcasts)
    async with database.begin() as connection:
        gone = delete(StandingRow).where(StandingRow.person_id == ids["101"])
        await connection.execute(gone)
    assert await names(broadcasts, number) == ["100", "102"]
    assert (await states(broadcasts, number))[Delivery.HELD_BACK] == 1


async def test_at_night_only_those_with_the_night_consent_are_written_to(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, [Member("day", purposes=DAY_ONLY), Member("night")])
    number = await led(broadcasts, at=NIGHT)
    assert await names(broadcasts, number, NIGHT) == ["night"]
    assert await names(broadcasts, number, NIGHT) == []
    assert not await broadcasts.finish(number, NIGHT)
    await broadcasts.hold("me", MORNING, LASTS)
    assert await names(broadcasts, number, MORNING) == ["day"]


async def test_who_blocked_the_bot_is_not_called(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, [Member("1"), Member("2", blocked=True)])
    number = await led(broadcasts)
    assert await names(broadcasts, number) == ["1"]
    assert (await states(broadcasts, number))[Delivery.BLOCKED] == 1


async def test_who_stands_in_no_channel_that_can_be_written_to_is_unreachable(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, [Member("1"), Member("2", channel="web"), Member("3", channel="kakao")])
    number = await led(broadcasts)
    await broadcasts.strand(number, ("telegram", "kakao"), NOON)
    taken = await broadcasts.take(number, "kakao", 10, NOON, "me")
    assert not taken.recipients and taken.settled == 1
    tally = await broadcasts.tally(number)
    assert tally.states == {Delivery.WAITING: 1, Delivery.UNREACHABLE: 2}


async def test_a_sealed_address_is_opened_for_the_call(
    broadcasts: Broadcasts, database: Database
) -> None:
    sealed = Seal(KEY).close("the raw key")
    broken = Seal(b"another secret").close("x")
    await settle(
        database,
        [
            Member("1", channel="kakao", address=sealed),
            Member("2", channel="kakao", address=broken),
        ],
    )
    number = await led(broadcasts)
    taken = await broadcasts.take(number, "kakao", 10, NOON, "me")
    assert {each.name: each.address for each in taken.recipients} == {"1": "the raw key", "2": None}


# --- one sender, nobody twice -------------------------------------------------------------------


async def test_one_holds_the_lease_until_it_lapses(broadcasts: Broadcasts) -> None:
    assert await broadcasts.hold("me", NOON, LASTS)
    assert not await broadcasts.hold("other", NOON, LASTS)
    later = NOON + timedelta(seconds=5)
    assert await broadcasts.hold("me", later, LASTS)
    assert not await broadcasts.hold("other", later + timedelta(seconds=5), LASTS)
    assert await broadcasts.hold("other", later + timedelta(seconds=7), LASTS)
    assert not await broadcasts.hold("me", later + timedelta(seconds=8), LASTS)


async def test_a_lease_let_go_is_free_at_once(broadcasts: Broadcasts) -> None:
    assert await broadcasts.hold("me", NOON, LASTS)
    await broadcasts.let_go("other")
    assert not await broadcasts.hold("other", NOON, LASTS)
    await broadcasts.let_go("me")
    assert await broadcasts.hold("other", NOON, LASTS)


async def test_who_does_not_hold_the_lease_takes_nobody(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, numbered(3))
    number = await led(broadcasts)
    assert await names(broadcasts, number, owner="other") == []
    lapsed = NOON + LASTS + timedelta(seconds=1)
    assert await names(broadcasts, number, lapsed) == []
    assert await broadcasts.hold("me", lapsed, LASTS)
    assert len(await names(broadcasts, number, lapsed)) == 3


async def test_nobody_is_taken_twice(broadcasts: Broadcasts, database: Database) -> None:
    await settle(database, numbered(40))
    number = await led(broadcasts)
    takes = await asyncio.gather(
        *(broadcasts.take(number, "telegram", 7, NOON, "me") for _ in range(9))
    )
    ids = [each.id for taken in takes for each in taken.recipients]
    assert len(ids) == len(set(ids))
    while taken := await broadcasts.take(number, "telegram", 7, NOON, "me"):
        ids += [each.id for each in taken.recipients]
    assert len(ids) == len(set(ids)) == 40


async def test_what_was_being_sent_is_uncertain_once_another_leads(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, numbered(5))
    number = await led(broadcasts)
    taken = await broadcasts.take(number, "telegram", 2, NOON, "me")
    later = NOON + timedelta(seconds=10)
    assert await broadcasts.hold("other", later, LASTS)
    assert (await states(broadcasts, number))[Delivery.UNCERTAIN] == 2
    rest = await names(broadcasts, number, later, owner="other")
    assert len(rest) == 3 and not {each.name for each in taken.recipients} & set(rest)
    assert await names(broadcasts, number, later, owner="other") == []


async def test_a_late_word_settles_the_uncertain_but_never_sends_again(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, numbered(2))
    number = await led(broadcasts)
    one, two = (await broadcasts.take(number, "telegram", 2, NOON, "me")).recipients
    later = NOON + timedelta(seconds=10)
    await broadcasts.hold("other", later, LASTS)
    await broadcasts.settle(
        number,
        [Settled(one.id, Delivery.DELIVERED, later), Settled(two.id, Delivery.WAITING, later)],
    )
    assert await states(broadcasts, number) == {Delivery.DELIVERED: 1, Delivery.UNCERTAIN: 1}


async def test_a_renewed_lease_leaves_what_is_being_sent(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, numbered(1))
    number = await led(broadcasts)
    await names(broadcasts, number)
    await broadcasts.hold("me", NOON + timedelta(seconds=60), LASTS)
    assert await states(broadcasts, number) == {Delivery.SENDING: 1}


async def test_who_is_to_be_tried_again_waits_for_their_time(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, numbered(1))
    number = await led(broadcasts)
    [one] = (await broadcasts.take(number, "telegram", 1, NOON, "me")).recipients
    again = NOON + timedelta(seconds=3)
    await broadcasts.settle(
        number, [Settled(one.id, Delivery.WAITING, again, "status 500", tried=True)]
    )
    assert await names(broadcasts, number, NOON + timedelta(seconds=2)) == []
    [one] = (await broadcasts.take(number, "telegram", 1, again, "me")).recipients
    assert one.tries == 1


async def test_who_turns_out_to_have_blocked_the_bot_is_marked(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, numbered(2))
    number = await led(broadcasts)
    one, two = (await broadcasts.take(number, "telegram", 2, NOON, "me")).recipients
    await broadcasts.settle(
        number,
        [Settled(one.id, Delivery.BLOCKED, NOON), Settled(two.id, Delivery.DELIVERED, NOON)],
    )
    async with database.read() as connection:
        marked = await connection.execute(select(PersonRow.id).where(PersonRow.blocked))
        assert [row.id for row in marked] == [one.id]


# --- pause, go on, cancel, the end --------------------------------------------------------------


async def test_a_pause_holds_at_once_and_going_on_goes_on(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, numbered(3))
    number = await led(broadcasts)
    assert len(await names(broadcasts, number, n=1)) == 1
    assert await broadcasts.steer(number, Going.PAUSED, NOON) is Going.PAUSED
    assert await names(broadcasts, number) == []
    assert await broadcasts.running() == ()
    assert not await broadcasts.finish(number, NOON)
    assert await broadcasts.steer(number, Going.RUNNING, NOON) is Going.RUNNING
    assert len(await names(broadcasts, number)) == 2


@pytest.mark.parametrize("before", [Going.RUNNING, Going.PAUSED])
async def test_what_is_cancelled_stays_so(
    broadcasts: Broadcasts, database: Database, before: Going
) -> None:
    await settle(database, numbered(3))
    number = await led(broadcasts)
    await broadcasts.steer(number, before, NOON)
    assert await broadcasts.steer(number, Going.CANCELLED, NOON) is Going.CANCELLED
    for wanted in (Going.RUNNING, Going.PAUSED):
        assert await broadcasts.steer(number, wanted, NOON) is Going.CANCELLED
    assert await names(broadcasts, number) == []
    assert (await broadcasts.tally(number)).states == {Delivery.WAITING: 3}


async def test_there_is_nothing_to_steer_where_there_is_no_broadcast(
    broadcasts: Broadcasts,
) -> None:
    for number in (7, 0, 2**40):
        assert await broadcasts.steer(number, Going.PAUSED, NOON) is None


async def test_it_is_done_when_nobody_waits_or_is_being_sent_to(
    broadcasts: Broadcasts, database: Database
) -> None:
    await settle(database, numbered(2))
    number = await led(broadcasts)
    one, two = (await broadcasts.take(number, "telegram", 2, NOON, "me")).recipients
    await broadcasts.settle(number, [Settled(one.id, Delivery.DELIVERED, NOON)])
    assert not await broadcasts.finish(number, NOON)
    await broadcasts.settle(number, [Settled(two.id, Delivery.FAILED, NOON, "chat not found")])
    assert await broadcasts.finish(number, NOON)
    found = await broadcasts.find(number)
    assert found is not None and (found.going, found.finished_at) == (Going.DONE, NOON)
    assert await broadcasts.steer(number, Going.RUNNING, NOON) is Going.DONE


async def test_who_is_erased_leaves_the_rows_and_is_counted_so(
    broadcasts: Broadcasts, database: Database
) -> None:
    ids = await settle(database, numbered(3))
    number = await led(broadcasts)
    async with database.begin() as connection:
        await connection.execute(delete(PersonRow).where(PersonRow.id == ids["100"]))
        left = await connection.execute(select(DeliveryRow.person_id))
        assert ids["100"] not in {row.person_id for row in left}
    tally = await broadcasts.tally(number)
    assert (tally.total, tally.erased, tally.open) == (3, 1, 2)


async def test_where_progress_is_shown_is_kept(broadcasts: Broadcasts, database: Database) -> None:
    number = await asked(broadcasts, report={"chat": "1"})
    await broadcasts.reported(number, {"chat": "1", "message": 7})
    [found] = await broadcasts.latest(1)
    assert found.report == {"chat": "1", "message": 7}


async def test_a_changed_address_is_read_at_the_moment_of_the_call(
    broadcasts: Broadcasts, database: Database
) -> None:
    ids = await settle(database, [Member("1", channel="kakao", address=Seal(KEY).close("old"))])
    number = await led(broadcasts)
    async with database.begin() as connection:
        change = update(PersonRow).where(PersonRow.id == ids["1"])
        await connection.execute(change.values(address=Seal(KEY).close("new")))
    [one] = (await broadcasts.take(number, "kakao", 1, NOON, "me")).recipients
    assert one.address == "new"
