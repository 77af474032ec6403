"""What the law asks of the store: on SQLite and on PostgreSQL."""

from collections.abc import AsyncGenerator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.conversation import Conversation, Progress
from bot.dialogue import texts
from bot.dialogue.actions import read
from bot.dialogue.model import Bubble, Message, Pressed, Request, Result, Said
from bot.dialogue.proofs import OPTIONAL
from bot.housekeeping import ask_again, forget
from bot.memory import StoredMemory
from engine.domain import CONSENT_LASTS, Health, Person, Purpose
from engine.store.catalogue import Catalogue
from engine.store.database import Database
from engine.store.inbox import Inbox
from engine.store.people import CONFIRM_WITHIN, People, Talk, advertising_allowed
from engine.store.sealing import Seal, SealBroken
from engine.store.tables import (
    BroadcastRow,
    ConsentRow,
    DeliveryRow,
    PersonRow,
    ProfileRow,
    StandingRow,
    Table,
)
from tests import builders
from tests.builders import NOON

KEY = b"a secret of the tests"
RAW = "raw-kakao-key-Zq7"
ME = Person("kakao", "a-hash-of-me", RAW)
OTHER = Person("kakao", "a-hash-of-another")
A_DAY = timedelta(days=1)


async def nothing(person: Person, request: Request) -> AsyncGenerator[Progress | Result, None]:
    raise AssertionError(f"nobody asked for anything, and yet: {request}")
    yield


class Talking:
    """One person's conversation over the store, a day between two words where it is asked for."""

    def __init__(self, people: People, person: Person = ME) -> None:
        memory = StoredMemory(people, shop="달빛가게")
        self._conversation = Conversation(memory, nothing)
        self._person = person
        self.now = NOON
        self.told: list[str] = []

    async def says(self, text: str) -> None:
        await self._does(Said(None, self.now, text))

    async def presses(self, *written: str) -> None:
        for one in written:
            action = read(one)
            assert action is not None, one
            await self._does(Pressed(None, self.now, action))

    async def _does(self, event: Message) -> None:
        self.told = [
            shown.text
            async for shown in self._conversation.converse(self._person, event)
            if isinstance(shown, Bubble)
        ]


@pytest.fixture
async def talk(people: People) -> Talking:
    """Someone of age who agreed to the required consent."""
    talking = Talking(people)
    await talking.presses("age:yes", "consent:yes")
    return talking


async def column(database: Database, column: Any) -> list[Any]:
    async with database.read() as connection:
        return list((await connection.execute(select(column))).scalars())


async def agree(people: People, person: Person, *purposes: Purpose, at: datetime = NOON) -> None:
    """Someone new, with these optional consents."""
    async with people.keeping(person, at=at, event=None, expected=0) as keeping:
        await keeping.state("상태")
        for purpose in (Purpose.SERVICE, *purposes):
            await keeping.consent(True, "1", "동의문", at, purpose)


async def withdraw(people: People, person: Person, purpose: Purpose, expected: int = 1) -> None:
    async with people.keeping(person, at=NOON, event=None, expected=expected) as keeping:
        await keeping.consent(False, "1", "동의문", NOON, purpose)
        await keeping.state("상태")


# --- proofs -------------------------------------------------------------------------------------


async def test_consents_are_only_ever_appended(database: Database, talk: Talking) -> None:
    await talk.presses("agree:advertising", "disagree:advertising", "agree:advertising")
    rows = await column(database, ConsentRow.purpose)
    assert rows == ["service", *["advertising"] * 3]
    assert await column(database, ConsentRow.agreed) == [True, True, False, True]
    assert len({*await column(database, ConsentRow.text_sha256)}) == 2
    assert await column(database, StandingRow.purpose) == ["advertising"]


async def test_each_consent_stands_and_falls_by_itself(people: People, database: Database) -> None:
    await agree(people, ME, *OPTIONAL)
    await withdraw(people, ME, Purpose.TRAINING)
    assert {*await column(database, StandingRow.purpose)} == {*OPTIONAL} - {Purpose.TRAINING}
    await withdraw(people, ME, Purpose.ADVERTISING, expected=2)
    assert {*await column(database, StandingRow.purpose)} == {Purpose.HEALTH, Purpose.ABROAD}


# --- health -------------------------------------------------------------------------------------


async def test_withdrawing_health_erases_its_answers_in_the_same_turn(
    people: People, database: Database, talk: Talking
) -> None:
    await talk.presses("agree:health", "amend:health", "health:1", "finish:health")
    assert await column(database, ProfileRow.health) == [[Health.PREGNANCY]]
    await talk.presses("disagree:health")
    assert await column(database, ProfileRow.health) == [[]]
    record = await people.recall(ME)
    assert record is not None and Health.PREGNANCY not in record.state


# --- training -----------------------------------------------------------------------------------


async def talks(people: People) -> list[Talk]:
    return [one async for one in people.conversations_for_training()]


async def answer(people: People, person: Person, ticket: int, at: datetime) -> None:
    expected = await _version(people, person)
    async with people.keeping(person, at=at, event=None, expected=expected) as keeping:
        await keeping.answer(ticket, f"질문 {ticket} 010-1234-5678", builders.answer(text="답"), at)
        await keeping.state("상태")


async def _version(people: People, person: Person) -> int:
    record = await people.recall(person)
    return record.version if record else 0


async def test_chats_teach_a_model_only_with_the_consent_and_only_those_after_it(
    people: People,
) -> None:
    await agree(people, ME, Purpose.TRAINING)
    await agree(people, OTHER)
    await answer(people, ME, 1, NOON - A_DAY)
    await answer(people, ME, 2, NOON + A_DAY)
    await answer(people, OTHER, 1, NOON + A_DAY)
    async with people.keeping(ME, at=NOON, event=None, expected=3) as keeping:
        await keeping.feedback(good=False, product=None, answer=2, at=NOON)
        await keeping.state("상태")
    assert await talks(people) == [Talk("질문 2 (전화번호)", "답", good=False)]


async def test_a_revoked_consent_takes_its_chats_out_of_the_training(people: People) -> None:
    await agree(people, ME, Purpose.TRAINING)
    await answer(people, ME, 1, NOON)
    assert await talks(people) == [Talk("질문 1 (전화번호)", "답", good=None)]
    await withdraw(people, ME, Purpose.TRAINING, expected=2)
    assert await talks(people) == []


async def test_more_chats_than_are_read_at_once_all_come_once(people: People) -> None:
    await agree(people, ME, Purpose.TRAINING)
    async with people.keeping(ME, at=NOON, event=None, expected=1) as keeping:
        for ticket in range(1, 1_002):
            await keeping.answer(ticket, f"{ticket}", builders.answer(), NOON)
    assert [talk.question for talk in await talks(people)] == [f"{n}" for n in range(1, 1_002)]


# --- advertising: the address -------------------------------------------------------------------


async def test_an_address_is_kept_exactly_while_advertising_is_agreed_to(
    people: People, database: Database, talk: Talking
) -> None:
    assert await people.address(ME) is None
    await talk.presses("agree:advertising")
    assert await people.address(ME) == RAW
    (sealed,) = await column(database, PersonRow.address)
    assert RAW not in sealed
    await talk.presses("disagree:advertising")
    assert await column(database, PersonRow.address) == [None]


@pytest.mark.parametrize("word", ["/stop", "수신거부"])
async def test_stop_erases_it(people: People, database: Database, talk: Talking, word: str) -> None:
    await talk.presses("agree:advertising")
    await talk.says(word)
    assert await column(database, PersonRow.address) == [None]
    assert not await people.may_advertise(ME, NOON)


async def test_the_end_of_the_required_consent_erases_it(
    people: People, database: Database, talk: Talking
) -> None:
    await talk.presses("agree:advertising", "open:withdraw", "withdraw")
    assert await column(database, PersonRow.address) == [None]
    assert not await people.may_advertise(ME, NOON)


async def test_a_new_address_takes_the_place_of_the_old_one(people: People, talk: Talking) -> None:
    await talk.presses("agree:advertising")
    moved = Talking(people, Person(ME.channel, ME.id, "another-key"))
    await moved.says("/start")
    assert await people.address(ME) == "another-key"


async def test_an_address_is_not_kept_of_who_did_not_agree(
    people: People, database: Database, talk: Talking
) -> None:
    async with people.keeping(ME, at=NOON, event=None, expected=2) as keeping:
        await keeping.address(RAW)
        await keeping.state("상태")
    assert await column(database, PersonRow.address) == [None]


def test_what_is_sealed_opens_under_its_own_secret_and_for_its_own_use_only() -> None:
    sealed = Seal(KEY).close(RAW)
    assert Seal(KEY).open(sealed) == RAW
    for other in (Seal(b"another secret"), Seal(KEY, "something else")):
        with pytest.raises(SealBroken):
            other.open(sealed)
    with pytest.raises(SealBroken):
        Seal(KEY).open(sealed[:-4] + "AAA=")


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_the_raw_id_stands_nowhere_in_the_file(
    people: People, talk: Talking, tmp_path: Path
) -> None:
    await talk.presses("agree:advertising", "open:mine")
    await talk.says("/start")
    found = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(ME.id.encode() in path.read_bytes() for path in found)
    assert not any(RAW.encode() in path.read_bytes() for path in found)


# --- advertising: who may be sent it ------------------------------------------------------------


@pytest.mark.parametrize(
    ("later", "allowed"),
    [
        (timedelta(0), True),
        (CONSENT_LASTS + CONFIRM_WITHIN - timedelta(seconds=1), True),
        (CONSENT_LASTS + CONFIRM_WITHIN, False),
    ],
)
async def test_advertising_may_be_sent_for_two_years_and_thirty_days(
    people: People, later: timedelta, allowed: bool
) -> None:
    await agree(people, ME, Purpose.ADVERTISING)
    assert await people.may_advertise(ME, NOON + later) is allowed


async def test_at_night_it_takes_the_other_consent_too(people: People) -> None:
    await agree(people, ME, Purpose.ADVERTISING, Purpose.NIGHT)
    await agree(people, OTHER, Purpose.ADVERTISING)
    assert await people.may_advertise(ME, NOON, night=True)
    assert not await people.may_advertise(OTHER, NOON, night=True)
    await withdraw(people, ME, Purpose.ADVERTISING)
    assert not await people.may_advertise(ME, NOON, night=True)


async def test_one_query_finds_all_who_may_be_sent_it(people: People, database: Database) -> None:
    persons = [builders.person(id=f"v{number}") for number in range(4)]
    for number, person in enumerate(persons):
        await agree(people, person, *(OPTIONAL if number % 2 else ()))
    async with database.read() as connection:
        query = select(PersonRow.external_id).where(advertising_allowed(NOON))
        assert {*(await connection.execute(query)).scalars()} == {"v1", "v3"}


# --- advertising: asked again -------------------------------------------------------------------


class Bell:
    def __init__(self, reaches: Callable[[Person], bool] = lambda _: True) -> None:
        self._reaches = reaches
        self.rung: list[tuple[Person, Bubble]] = []

    async def __call__(self, person: Person, bubble: Bubble) -> bool:
        self.rung.append((person, bubble))
        return self._reaches(person)


async def test_after_two_years_everyone_is_asked_once(people: People) -> None:
    await agree(people, ME, Purpose.ADVERTISING)
    await agree(people, OTHER, Purpose.TRAINING)
    bell, due = Bell(), NOON + CONSENT_LASTS
    await ask_again(people, "달빛가게", bell, due - A_DAY)
    assert bell.rung == []
    await ask_again(people, "달빛가게", bell, due)
    await ask_again(people, "달빛가게", bell, due + A_DAY)
    ((person, bubble),) = bell.rung
    assert person == ME
    assert bubble.text == texts.confirming("달빛가게", NOON, both=False)
    assert await people.may_advertise(ME, due + A_DAY)


async def test_who_could_not_be_reached_stays_due(people: People) -> None:
    await agree(people, ME, Purpose.ADVERTISING)
    due = NOON + CONSENT_LASTS
    await ask_again(people, "", Bell(lambda _: False), due)
    assert [one.person for one in await people.due_for_confirmation(due)] == [ME]


async def test_who_was_asked_in_the_chat_is_not_asked_by_the_clock(
    people: People, talk: Talking
) -> None:
    await talk.presses("agree:advertising")
    talk.now = NOON + CONSENT_LASTS
    assert [one.person for one in await people.due_for_confirmation(talk.now)] == [ME]
    await talk.says("/start")
    assert talk.told[-1] == texts.confirming("달빛가게", NOON, both=False)
    assert await people.due_for_confirmation(talk.now) == ()


async def test_who_confirms_may_be_sent_it_for_two_more_years(
    people: People, talk: Talking
) -> None:
    await talk.presses("agree:advertising")
    talk.now = NOON + CONSENT_LASTS + A_DAY
    await talk.presses("agree:advertising")
    assert await people.may_advertise(ME, NOON + CONSENT_LASTS * 2)
    due = await people.due_for_confirmation(NOON + CONSENT_LASTS * 2 + A_DAY)
    assert [one.since for one in due] == [NOON + CONSENT_LASTS + A_DAY]


async def test_being_asked_is_not_being_heard_of(people: People, database: Database) -> None:
    """It would put off the day on which everything of theirs is erased."""
    await agree(people, ME, Purpose.ADVERTISING)
    await people.asked_to_confirm(ME, NOON + CONSENT_LASTS)
    assert await column(database, PersonRow.seen_at) == [NOON]


async def test_past_the_retention_everything_goes_but_the_proof(
    people: People, database: Database
) -> None:
    await agree(people, ME, *OPTIONAL)
    await forget(people, 90, NOON + 91 * A_DAY)
    assert await column(database, StandingRow.purpose) == []
    assert await column(database, PersonRow.id) == []
    assert len(await column(database, ConsentRow.id)) == 1 + len(OPTIONAL)


# --- deletion -----------------------------------------------------------------------------------


async def fill(people: People, database: Database, person: Person, product: int) -> None:
    """One row at least in every table that points at a person; a new table belongs here too."""
    await Inbox(database).receive(person.channel, f"{person.id}-1", person.id, "글", NOON)
    async with people.keeping(person, at=NOON, event=None, expected=0) as keeping:
        await keeping.state("상태")
        for purpose in Purpose:
            await keeping.consent(True, "1", "동의문", NOON, purpose)
        await keeping.profile(builders.profile(), NOON)
        await keeping.like(product, 5.0, NOON)
        await keeping.answer(1, "질문", builders.answer(), NOON)
        await keeping.feedback(good=True, product=product, answer=None, at=NOON)
        await keeping.note("arrived", "", NOON, known=True)
        await keeping.address("주소")
    async with database.begin() as connection:
        (known,) = await connection.execute(
            select(PersonRow.id).where(PersonRow.external_id == person.id)
        )
        sent = {"at": NOON, "author": "", "content": {}, "segment": {}, "report": {}, "total": 1}
        made = insert(BroadcastRow).values(state="done", **sent).returning(BroadcastRow.id)
        broadcast = (await connection.execute(made)).scalar_one()
        delivery = {"person_id": known.id, "state": "delivered", "detail": "", "at": NOON}
        await connection.execute(insert(DeliveryRow).values(broadcast_id=broadcast, **delivery))


async def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, by what the model names."""
    async with database.read() as connection:
        return {
            table.name: [dict(row._mapping) for row in await connection.execute(select(table))]
            for table in Table.metadata.sorted_tables
        }


def pointing(row: dict[str, Any], table: str, person: int, name: str) -> bool:
    columns = Table.metadata.tables[table].columns
    owners = [
        one.name
        for one in columns
        if any(key.target_fullname == "people.id" for key in one.foreign_keys)
    ]
    return any(row[owner] == person for owner in owners) or any(
        isinstance(value, str) and name in value for value in row.values()
    )


def tables_of_people() -> set[str]:
    return {
        table.name
        for table in Table.metadata.sorted_tables
        if any(key.target_fullname == "people.id" for key in table.foreign_keys)
    }


async def test_a_deletion_leaves_nothing_in_any_table_but_the_proofs(
    people: People, database: Database, catalogue: Catalogue
) -> None:
    await catalogue.replace(builders.load(), *builders.small_shop())
    product = (await catalogue.ids_by_key())["p001"]
    for person in (ME, OTHER):
        await fill(people, database, person, product)
    before = await everything(database)
    (mine,) = [row["id"] for row in before["people"] if row["external_id"] == ME.id]

    def of_mine(rows: dict[str, list[dict[str, Any]]]) -> dict[str, int]:
        found = {
            table: sum(pointing(row, table, mine, ME.id) for row in rows[table]) for table in rows
        }
        return {table: count for table, count in found.items() if count}

    assert {*of_mine(before)} == tables_of_people() | {"people", "events"}
    async with people.keeping(ME, at=NOON, event=None, expected=1) as keeping:
        await keeping.forget()
    after = await everything(database)
    assert of_mine(after) == {}
    assert after["consents"] == before["consents"]
    assert len(after["people"]) == 1
    assert [row["sender"] for row in after["events"]] == [OTHER.id]


async def test_deletion_in_the_chat_leaves_a_proof_that_each_consent_ended(
    people: People, database: Database, talk: Talking
) -> None:
    await talk.presses("agree:advertising", "agree:training", "open:delete", "erase")
    rows = await everything(database)
    assert {name for name, kept in rows.items() if kept} <= {"consents", "milestones"}
    assert all(row["person_id"] is None for row in rows["milestones"])
    last = {row["purpose"]: row["agreed"] for row in rows["consents"]}
    assert last == {"service": False, "advertising": False, "training": False}


async def test_what_is_kept_of_a_person_is_all_in_their_file(
    people: People, database: Database, catalogue: Catalogue
) -> None:
    await catalogue.replace(builders.load(), *builders.small_shop())
    await fill(people, database, ME, (await catalogue.ids_by_key())["p001"])
    kept = await people.export(ME)
    assert all(kept.values())
    assert len(kept) == len(tables_of_people() | {"people", "events", "consents"})
    assert kept["person"][0]["address"] == "주소"
    assert kept["profile"][0]["health"] == []


async def test_an_address_sealed_under_an_older_secret_is_as_none(
    database: Database, people: People, talk: Talking
) -> None:
    await talk.presses("agree:advertising")
    assert await People(database, b"a new secret").address(ME) is None
