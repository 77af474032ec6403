"""What the memory holds beside the store misleads nobody: on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.conversation import Conversation, Progress, Remembered
from bot.dialogue.model import (
    AskingAge,
    DeclareAge,
    Dialogue,
    Event,
    Failed,
    Failure,
    Message,
    Pressed,
    Request,
    Result,
    Said,
    Turn,
)
from bot.memory import LAST_SEEN, StoredMemory
from engine.domain import Person
from engine.errors import StoreUnavailable
from engine.store.database import Database
from engine.store.people import EventRepeated, LostRace, People
from tests.builders import person

SOMEONE = person()
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NUMBERED = [person(id=f"v{number}") for number in range(20)]


async def nothing(person: Person, request: Request) -> AsyncGenerator[Progress | Result, None]:
    raise AssertionError(f"nobody asked for anything, and yet: {request}")
    yield


def conversation(people: People) -> Conversation:
    return Conversation(StoredMemory(people), nothing)


async def told(talk: Conversation, event: Message) -> list[str]:
    return [getattr(shown, "text", "") async for shown in talk.converse(SOMEONE, event)]


class CountedPeople(People):
    """Counts; and breaks as long as `broken`."""

    recalls = 0
    marks = 0
    broken = False

    async def recall(self, person: Person) -> object:  # type: ignore[override]
        self.recalls += 1
        return await super().recall(person)

    async def all_shown(self, versions: Mapping[Person, int]) -> None:
        self.marks += 1
        if self.broken:
            raise StoreUnavailable("깨졌어요")
        await super().all_shown(versions)


@pytest.fixture
def counted(database: Database) -> CountedPeople:
    return CountedPeople(database, key=b"a secret of the tests")


async def keep(memory: StoredMemory, someone: Person, event: Event | None = None) -> int:
    remembered = await memory.recall(someone, fresh=False)
    ticket = remembered.dialogue.ticket + 1
    turn = Turn(replace(remembered.dialogue, ticket=ticket))
    return await memory.keep(someone, remembered, turn, event)


async def test_a_person_who_goes_on_is_read_from_the_store_once(counted: CountedPeople) -> None:
    talk = conversation(counted)
    await told(talk, Said("e1", NOON, "/start"))
    await told(talk, Pressed("e2", NOON, DeclareAge(True)))
    await told(talk, Said("e3", NOON, "/start"))
    assert counted.recalls == 1


async def test_what_the_operator_says_now_is_put_in_and_never_written(people: People) -> None:
    await keep(StoredMemory(people, contact="02-111-1111", daily_answers=3), SOMEONE)
    memory = StoredMemory(people, contact="02-222-2222", daily_answers=5)
    dialogue = (await memory.recall(SOMEONE, fresh=True)).dialogue
    assert (dialogue.contact, dialogue.daily_answers) == ("02-222-2222", 5)
    record = await people.recall(SOMEONE)
    assert record is not None
    assert "contact" not in record.state and "daily_answers" not in record.state


async def test_what_another_process_kept_is_gone_on_from(people: People) -> None:
    here, there = StoredMemory(people), StoredMemory(people)
    assert await keep(here, SOMEONE) == 1
    assert await keep(there, SOMEONE) == 2
    with pytest.raises(LostRace):
        await keep(here, SOMEONE)
    assert await keep(here, SOMEONE) == 3
    assert (await there.recall(SOMEONE, fresh=True)).dialogue.ticket == 3


async def test_two_processes_that_serve_a_person_in_turns_lose_nothing(people: People) -> None:
    here, there = conversation(people), conversation(people)
    await told(here, Said("e1", NOON, "/start"))
    asked = await told(there, Pressed("e2", NOON, DeclareAge(True)))
    assert await told(here, Said("e3", NOON, "/start")) != []
    assert asked != []
    record = await people.recall(SOMEONE)
    assert record is not None
    assert record.version == record.shown == 3


async def test_who_was_erased_elsewhere_begins_anew(people: People) -> None:
    here = StoredMemory(people)
    await keep(here, SOMEONE)
    async with people.keeping(SOMEONE, at=NOON, event=None, expected=1) as keeping:
        await keeping.forget()
    with pytest.raises(LostRace):
        await keep(here, SOMEONE)
    assert (await here.recall(SOMEONE, fresh=False)).version == 0


async def test_a_repeated_event_changes_nothing_and_is_asked_of_the_store(
    counted: CountedPeople,
) -> None:
    memory = StoredMemory(counted)
    event = Said("e1", NOON, "안녕")
    await keep(memory, SOMEONE, event)
    with pytest.raises(EventRepeated):
        await keep(memory, SOMEONE, event)
    assert (await memory.recall(SOMEONE, fresh=False)).version == 1
    assert counted.recalls == 2


async def test_what_changes_nothing_is_believed_of_the_store_alone(people: People) -> None:
    """A held dialogue may be old; a turn from it that keeps nothing could never be found out."""

    class Old(StoredMemory):
        asked: list[bool]

        async def recall(self, person: Person, *, fresh: bool) -> Remembered:
            self.asked.append(fresh)
            old = Remembered(Dialogue(scene=AskingAge(), ticket=9))
            return await super().recall(person, fresh=True) if fresh else old

    memory = Old(people)
    memory.asked = []
    late = Conversation(memory, nothing)
    taken = await late._take(SOMEONE, Failed(3, NOON, Failure.UNAVAILABLE))
    assert taken.version is None
    assert memory.asked == [False, True]


async def test_all_who_wait_are_marked_together(counted: CountedPeople) -> None:
    memory = StoredMemory(counted)
    versions = [await keep(memory, someone) for someone in NUMBERED]
    async with asyncio.TaskGroup() as tasks:
        for someone, version in zip(NUMBERED, versions, strict=True):
            tasks.create_task(memory.shown(someone, version))
    records = [await counted.recall(someone) for someone in NUMBERED]
    assert [getattr(record, "shown", 0) for record in records] == versions
    assert counted.marks <= 3


async def test_a_mark_that_failed_is_written_with_the_next(counted: CountedPeople) -> None:
    memory = StoredMemory(counted)
    first, second = NUMBERED[:2]
    await keep(memory, first)
    await keep(memory, second)
    counted.broken = True
    with pytest.raises(StoreUnavailable):
        await memory.shown(first, 1)
    counted.broken = False
    await memory.shown(second, 1)
    assert not (await memory.recall(first, fresh=True)).owes
    assert not (await memory.recall(second, fresh=True)).owes


async def test_no_more_dialogues_are_held_than_are_looked_for(counted: CountedPeople) -> None:
    memory = StoredMemory(counted)
    await keep(memory, SOMEONE)
    for number in range(LAST_SEEN):
        memory._hold(person(id=f"x{number}"), Remembered(Dialogue()))
    await memory.recall(SOMEONE, fresh=False)
    assert counted.recalls == 2


async def test_the_operators_limits_are_told_as_they_are_now(people: People) -> None:
    before = StoredMemory(people, daily_answers=50)
    turn = Turn((await before.recall(SOMEONE, fresh=True)).dialogue)
    assert turn.dialogue.daily_answers == 50
    await before.keep(SOMEONE, Remembered(turn.dialogue), turn, Said("e1", NOON, "안녕"))
    after = StoredMemory(people, daily_answers=3)
    assert (await after.recall(SOMEONE, fresh=True)).dialogue.daily_answers == 3
