"""How an answer was written, what was thought of it, and who may learn from that: on SQLite and on
PostgreSQL."""

from datetime import UTC, datetime, timedelta

from alembic import command
from sqlalchemy import Connection, text

from bot.conversation import Remembered
from bot.dialogue.model import (
    AnswerPreferred,
    Dialogue,
    Fact,
    FeedbackGiven,
    QuestionAnswered,
    Reason,
    Turn,
)
from bot.memory import StoredMemory
from engine.domain import Answer, Person, Purpose, SkinProfile, SkinType, Trace, Writer
from engine.store import schema
from engine.store.database import Database
from engine.store.people import People, Preference, Talk
from tests import builders

ME, OTHER = builders.person(), builders.person(id="someone-else")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
A_DAY = timedelta(days=1)
PHONE = "010-1234-5678"


def written(text: str, model: str = "base") -> Answer:
    return builders.answer(
        text=text,
        writer=Writer.MODEL,
        intent="product",
        said=SkinProfile(skin_type=SkinType.OILY),
        trace=Trace("3", model, ("product:p001", "faq:3")),
    )


def two_answers(at: datetime = NOON, *, second: bool = True) -> tuple[Fact, ...]:
    question = f"{PHONE} 달빛 크림 어때요?"
    return (
        QuestionAnswered(at, 1, question, written(f"처음 {PHONE}")),
        QuestionAnswered(at, 2, question, written("새로", "shop"), again_of=1),
        AnswerPreferred(at, 2, second),
    )


async def agree(people: People, person: Person, *purposes: Purpose, at: datetime = NOON) -> None:
    record = await people.recall(person)
    expected = record.version if record else 0
    async with people.keeping(person, at=at, event=None, expected=expected) as keeping:
        for purpose in purposes:
            await keeping.consent(True, "1", "동의문", at, purpose)
        await keeping.state("{}")


async def keep(people: People, *facts: Fact, person: Person = ME) -> None:
    """As the dialogue's own memory keeps them."""
    record = await people.recall(person)
    version = record.version if record else 0
    remembered = Remembered(Dialogue(agreed=True), version, version)
    await StoredMemory(people).keep(person, remembered, Turn(Dialogue(), facts=facts), None)


async def preferences(people: People) -> list[Preference]:
    return [one async for one in people.preferences_for_training()]


async def test_how_an_answer_was_written_is_kept_and_handed_out(people: People) -> None:
    await keep(people, *two_answers())
    first, second = (await people.export(ME))["answers"]
    assert (first["again_of"], first["preferred"]) == (None, None)
    assert (second["again_of"], second["preferred"]) == (1, True)
    assert (second["intent"], second["prompt_version"], second["model"]) == ("product", "3", "shop")
    assert second["passages"] == ["product:p001", "faq:3"]
    assert "지성" not in str([first, second])


async def test_the_last_preference_counts(people: People) -> None:
    await keep(people, *two_answers(), AnswerPreferred(NOON, 2, second=False))
    assert [one["preferred"] for one in (await people.export(ME))["answers"]] == [None, False]


async def test_only_a_second_answer_can_be_preferred(people: People) -> None:
    await keep(people, *two_answers()[:2], AnswerPreferred(NOON, 1, second=True))
    await keep(people, AnswerPreferred(NOON, 99, second=True))
    await keep(people, AnswerPreferred(NOON, 2, second=True), person=OTHER)
    assert [one["preferred"] for one in (await people.export(ME))["answers"]] == [None, None]


async def test_why_it_was_no_good_is_kept_until_they_think_better_of_it(people: People) -> None:
    bad = FeedbackGiven(NOON, good=False, answer=1)
    why = FeedbackGiven(NOON, good=False, answer=1, reason=Reason.LONG)
    await keep(people, *two_answers()[:1], bad, why)
    assert [one["reason"] for one in (await people.export(ME))["feedback"]] == ["long"]
    await keep(people, FeedbackGiven(NOON, good=True, answer=1))
    [kept] = (await people.export(ME))["feedback"]
    assert (kept["good"], kept["reason"]) == (True, "")


async def test_a_preference_teaches_with_both_answers_masked(people: People) -> None:
    await agree(people, ME, Purpose.TRAINING)
    await keep(people, *two_answers(NOON + A_DAY, second=False))
    await keep(people, FeedbackGiven(NOON, good=False, answer=2, reason=Reason.WRONG))
    question, known = "(전화번호) 달빛 크림 어때요?", ("product", "3")
    passages = ("product:p001", "faq:3")
    first = Talk(question, "처음 (전화번호)", None, "", *known, "base", passages)
    second = Talk(question, "새로", False, "wrong", *known, "shop", passages)
    [found] = await preferences(people)
    assert found == Preference(question, first, second, second_is_better=False)
    assert [one async for one in people.conversations_for_training()] == [first, second]


async def test_no_preference_teaches_without_the_consent(people: People) -> None:
    await agree(people, ME)
    await keep(people, *two_answers(NOON + A_DAY))
    await agree(people, OTHER, Purpose.TRAINING, at=NOON + A_DAY)
    await keep(people, *two_answers(NOON), person=OTHER)
    assert await preferences(people) == []


async def test_the_first_answer_too_must_be_later_than_the_consent(people: People) -> None:
    await agree(people, ME, Purpose.TRAINING)
    first, second, preferred = two_answers(NOON + A_DAY)
    assert isinstance(first, QuestionAnswered)
    early = QuestionAnswered(NOON - A_DAY, first.ticket, first.question, first.answer)
    await keep(people, early, second, preferred)
    assert await preferences(people) == []


async def test_a_withdrawal_takes_the_preferences_with_it(people: People) -> None:
    await agree(people, ME, Purpose.TRAINING)
    await keep(people, *two_answers(NOON + A_DAY))
    assert len(await preferences(people)) == 1
    async with people.keeping(ME, at=NOON, event=None, expected=2) as keeping:
        await keeping.consent(False, "1", "동의문", NOON, Purpose.TRAINING)
        await keeping.state("{}")
    assert await preferences(people) == []


async def test_an_answer_of_before_is_kept_through_the_migration_and_back(store_url: str) -> None:
    def moved(connection: Connection, revision: str) -> None:
        settings = schema.configuration(connection)
        move = command.upgrade if revision == "head" else command.downgrade
        move(settings, revision)

    database = await Database.open(store_url)
    await keep(People(database), *two_answers(), FeedbackGiven(NOON, good=False, answer=1))
    async with database.begin() as connection:
        await connection.run_sync(moved, "0002")
        rows = await connection.execute(text("SELECT * FROM answers"))
        assert {"again_of", "preferred", "passages"}.isdisjoint(rows.keys())
    async with database.begin() as connection:
        await connection.run_sync(moved, "head")
    kept = await People(database).export(ME)
    assert [(one["text"], one["intent"]) for one in kept["answers"]] == [
        (f"처음 {PHONE}", ""),
        ("새로", ""),
    ]
    assert [(one["passages"], one["preferred"]) for one in kept["answers"]] == [([], None)] * 2
    assert [one["reason"] for one in kept["feedback"]] == [""]
    await database.close()
