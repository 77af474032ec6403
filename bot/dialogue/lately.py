"""What passes by itself: what was spoken of, and the day's answers of a language model."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from bot.dialogue.model import (
    Compared,
    Dialogue,
    Explained,
    FormulaListed,
    IngredientFound,
    ProductShown,
    Recommended,
    Result,
    Spoken,
    Today,
)
from engine.advertising import SEOUL
from engine.domain import Talk, Writer

SILENCE: Final = timedelta(minutes=30)
"""After it «그건» means nothing any more."""
NAMES_BYTES: Final = 160
"""Of products and of ingredients each, as they are written: the dialogue keeps within 8 KiB."""
QUESTION_AT_MOST: Final = 40
"""Characters that are remembered of a question."""


def at_present(dialogue: Dialogue, at: datetime) -> Dialogue:
    """Without what has passed by then."""
    spoken, today = dialogue.spoken, dialogue.today
    if spoken is not None and at - spoken.at >= SILENCE:
        dialogue = replace(dialogue, spoken=None, redo=0)
    if today is not None and today.day != _day(at):
        dialogue = replace(dialogue, today=None)
    return dialogue


def talk_of(dialogue: Dialogue) -> Talk:
    return Talk() if dialogue.spoken is None else dialogue.spoken.talk


def talk_before(dialogue: Dialogue) -> Talk:
    """What was spoken of when the last question was put."""
    return Talk() if dialogue.spoken is None else dialogue.spoken.before


def spoke_of(dialogue: Dialogue, talk: Talk, at: datetime) -> Dialogue:
    """An answer that speaks of nothing («고마워요») leaves what was spoken of before it."""
    if talk == Talk():
        return dialogue
    return replace(dialogue, spoken=Spoken(_within(talk), at))


def looked_at(dialogue: Dialogue, result: Result) -> Dialogue:
    """What is shown is spoken of: «두 번째 거» may be a card."""
    return spoke_of(dialogue, _shown(result), result.at)


def _shown(result: Result) -> Talk:
    match result:
        case ProductShown() | FormulaListed():
            return Talk((result.product.key,))
        case Explained():
            return Talk((result.recommendation.product.key,))
        case Recommended():
            return Talk(tuple(one.product.key for one in result.recommendations))
        case Compared():
            return Talk(tuple(product.key for product, _ in result.comparison.sides))
        case IngredientFound():
            return Talk(ingredients=(result.sheet.ingredient.name,))
        case _:
            return Talk()


def preceded_by(dialogue: Dialogue, before: Talk, at: datetime) -> Dialogue:
    """With what was spoken of when the question was put that may be asked again."""
    if before == Talk():
        return dialogue
    return replace(dialogue, spoken=Spoken(talk_of(dialogue), at, before))


def is_spent(dialogue: Dialogue) -> bool:
    """Whether today's answers of the model are used up."""
    limit, today = dialogue.daily_answers, dialogue.today
    return limit > 0 and today is not None and today.answers >= limit


def counted(dialogue: Dialogue, writer: Writer, at: datetime) -> Dialogue:
    """An answer that the model did not write costs nothing."""
    if writer is not Writer.MODEL:
        return dialogue
    day, today = _day(at), dialogue.today
    if today is None or today.day != day:
        today = Today(day)
    return replace(dialogue, today=replace(today, answers=today.answers + 1))


def told_of_limit(dialogue: Dialogue, at: datetime) -> Dialogue:
    return replace(dialogue, today=replace(dialogue.today or Today(_day(at)), told=True))


def _day(at: datetime) -> date:
    return at.astimezone(SEOUL).date()


def _within(talk: Talk) -> Talk:
    return Talk(
        tuple(_fitting(talk.products)),
        tuple(_fitting(talk.ingredients)),
        talk.question[:QUESTION_AT_MOST],
    )


def _fitting(names: Iterable[str]) -> Iterable[str]:
    """The first ones, within their bytes."""
    size = 0
    for name in names:
        size += len(name.encode("utf-8", "replace")) + 3
        if size > NAMES_BYTES:
            return
        yield name
