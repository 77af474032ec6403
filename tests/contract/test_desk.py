"""The admin's desk over a real store: what it previews, enqueues, steers and writes down."""

from datetime import UTC, datetime

import pytest

from bot.desk import Desk, sender
from bot.dialogue.model import (
    BroadcastPreviewed,
    BroadcastQueued,
    BroadcastRefused,
    BroadcastsListed,
    BroadcastSteered,
    Draft,
    EnqueueBroadcast,
    ListBroadcasts,
    PreviewBroadcast,
    SteerBroadcast,
)
from engine.advertising import CAPTION_AT_MOST, Delivery, Fault, Going, Link, Segment
from engine.domain import Person, SkinType
from engine.store.audit import Audit
from engine.store.broadcasts import Broadcasts
from engine.store.database import Database
from tests.crowd import Member, settle

ADMIN = Person("telegram", "1")
LINK = Link("보기", "https://shop.example")
DRAFT = Draft("할인", link=LINK, segment=Segment(skin_type=SkinType.DRY))


def desk(database: Database, name: str = "달빛상점") -> Desk:
    async def fetch(file: str) -> bytes:
        return f"photo {file}".encode()

    async def draw() -> bytes:
        return b"chart"

    return Desk(
        Broadcasts(database),
        Audit(database),
        sender(name, "02-1"),
        channels=("telegram",),
        rate=0.5,
        fetch=fetch,
        draw=draw,
    )


@pytest.fixture
async def crowd(database: Database) -> None:
    dry = [Member(str(n), skin_type=SkinType.DRY) for n in range(4)]
    await settle(database, [*dry, Member("web", channel="web", skin_type=SkinType.DRY)])
    await settle(database, [Member("oily", skin_type=SkinType.OILY)])


async def test_the_preview_is_the_whole_advertisement_with_its_counts(
    database: Database, crowd: None
) -> None:
    found = await desk(database)(ADMIN, PreviewBroadcast(3, DRAFT))
    assert isinstance(found, BroadcastPreviewed)
    assert found.ticket == 3 and found.link == LINK and found.picture is None
    assert found.text.startswith("(광고) 달빛상점") and found.text.endswith("/stop")
    assert (found.reach.matching, found.reach.reachable) == (5, {"telegram": 4})
    assert found.seconds == 8
    assert await Broadcasts(database).latest(1) == ()


@pytest.mark.parametrize(
    ("draft", "picture"),
    [(Draft("할인", photo="f1"), b"photo f1"), (Draft("할인", chart=True), b"chart")],
)
async def test_its_picture_is_fetched_or_drawn_and_kept(
    database: Database, crowd: None, draft: Draft, picture: bytes
) -> None:
    found = await desk(database)(ADMIN, PreviewBroadcast(1, draft))
    assert isinstance(found, BroadcastPreviewed) and found.picture == picture
    queued = await desk(database)(ADMIN, EnqueueBroadcast(2, draft, "now"))
    assert isinstance(queued, BroadcastQueued)
    assert await Broadcasts(database).picture(queued.broadcast) == picture


@pytest.mark.parametrize(
    ("draft", "fault"),
    [
        (Draft("(광고) 할인"), Fault.MARKED),
        (Draft("  "), Fault.EMPTY),
        (Draft("가" * CAPTION_AT_MOST, chart=True), Fault.LONG),
    ],
)
async def test_what_is_unlawful_is_refused_at_both_steps(
    database: Database, crowd: None, draft: Draft, fault: Fault
) -> None:
    for request in (PreviewBroadcast(1, draft), EnqueueBroadcast(1, draft, "now")):
        refused = await desk(database)(ADMIN, request)
        assert isinstance(refused, BroadcastRefused) and refused.fault is fault
    assert await Broadcasts(database).latest(1) == ()


async def test_without_a_name_nothing_is_previewed_or_enqueued(
    database: Database, crowd: None
) -> None:
    for request in (PreviewBroadcast(1, DRAFT), EnqueueBroadcast(1, DRAFT, "now")):
        refused = await desk(database, name="")(ADMIN, request)
        assert isinstance(refused, BroadcastRefused) and refused.fault is Fault.NAMELESS
    assert await Broadcasts(database).latest(1) == ()


async def test_asked_twice_it_is_enqueued_once_and_others_keys_are_others(
    database: Database, crowd: None
) -> None:
    request = EnqueueBroadcast(1, DRAFT, "2026-11-24T12:00")
    first = await desk(database)(ADMIN, request)
    again = await desk(database)(ADMIN, request)
    other = await desk(database)(Person("telegram", "2"), request)
    assert isinstance(first, BroadcastQueued) and isinstance(again, BroadcastQueued)
    assert isinstance(other, BroadcastQueued)
    assert first.broadcast == again.broadcast != other.broadcast
    assert first.tally.states == {Delivery.WAITING: 5}
    found = await Broadcasts(database).find(first.broadcast)
    assert found is not None
    assert (found.author, found.report) == ("telegram 1", {"chat": "1"})


async def test_the_latest_are_listed_and_steered_and_each_step_is_written_down(
    database: Database, crowd: None
) -> None:
    office = desk(database)
    await office(ADMIN, EnqueueBroadcast(1, DRAFT, "now"))
    listed = await office(ADMIN, ListBroadcasts(2))
    assert isinstance(listed, BroadcastsListed)
    [(number, at, going, tally, text)] = listed.broadcasts
    assert (going, tally.total, text) == (Going.RUNNING, 5, "할인")
    assert (datetime.now(UTC) - at).total_seconds() < 3600
    steered = await office(ADMIN, SteerBroadcast(3, number, Going.CANCELLED))
    assert isinstance(steered, BroadcastSteered) and steered.going is Going.CANCELLED
    nothing = await office(ADMIN, SteerBroadcast(4, number + 1, Going.PAUSED))
    assert isinstance(nothing, BroadcastSteered) and nothing.going is None
    noted = [(each.who, each.what) for each in await Audit(database).latest(9)]
    assert noted == [
        ("telegram 1", "broadcast steered"),
        ("telegram 1", "broadcast steered"),
        ("telegram 1", "broadcast asked for"),
    ]
