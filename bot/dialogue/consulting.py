"""A question asked anywhere, and its answer with sources.

Inside a survey or beside recommendations the question is an aside: the scene stays, and is drawn
again under the answer, so that nothing of it is lost.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.dialogue import texts
from bot.dialogue.model import (
    Answered,
    Bubble,
    Button,
    Consult,
    Consulting,
    Dialogue,
    FeedbackGiven,
    QuestionAnswered,
    RateAnswer,
    ReadingWhy,
    Recommending,
    ReviewingSurvey,
    Rows,
    ShowDetails,
    Surveying,
    Toast,
    Turn,
)
from bot.dialogue.proofs import stands
from bot.dialogue.turns import TO_HOME, ask, column, moved, profile_of, say, with_facts
from engine.domain import Answer, DocumentKind, Purpose, Question, Writer

PRODUCTS_AT_MOST: Final = 3
KEEPING: Final = (Surveying, ReviewingSurvey, Recommending, ReadingWhy)
"""Scenes that a question does not leave."""


def invite(dialogue: Dialogue) -> Turn:
    here = moved(dialogue, Consulting())
    return say(here, Bubble(texts.INVITATION, ((TO_HOME,),), replaces=True))


def show(dialogue: Dialogue, scene: Consulting) -> Turn:
    return invite(dialogue) if scene.question is None else put(dialogue, scene.question)


def put(dialogue: Dialogue, text: str) -> Turn:
    """The offers go: a question of 1,000 syllables leaves no room for them within 8 KiB."""
    question = Question(text, profile_of(dialogue), abroad=stands(dialogue, Purpose.ABROAD))
    scene = dialogue.scene if isinstance(dialogue.scene, KEEPING) else Consulting()
    here = replace(moved(dialogue, scene), offers=())
    return ask(here, lambda ticket: Consult(ticket, question))


def answered(dialogue: Dialogue, asked: Consult, result: Answered) -> Turn:
    """The answer; kept, and so open to 👍 👎, only with consent."""
    question, answer = asked.question.text, result.answer
    here, told = settled(dialogue, asked), texts.answer(answer.text, answer.sources)
    if _unaware(dialogue, answer):
        here, told = replace(here, told_of_abroad=True), f"{told}\n\n{texts.MODEL_ABROAD}"
    turn = say(here, Bubble(told, _rows(here, result)))
    if not dialogue.agreed:
        return turn
    return with_facts(turn, QuestionAnswered(result.at, result.ticket, question, answer))


def _unaware(dialogue: Dialogue, answer: Answer) -> bool:
    """Of a model abroad, which could have written this answer; it is told once."""
    undecided = Purpose.ABROAD not in dialogue.consents and not dialogue.told_of_abroad
    return dialogue.abroad and undecided and answer.writer is Writer.COMPOSED


def settled(dialogue: Dialogue, asked: Consult) -> Dialogue:
    """The scene holds the question once the request does not: never both, it may be long."""
    if not isinstance(dialogue.scene, Consulting):
        return dialogue
    return replace(dialogue, scene=Consulting(asked.question.text))


def rate(dialogue: Dialogue, action: RateAnswer, at: datetime) -> Turn | None:
    """None where no such answer was kept. The store keeps one verdict for each answer."""
    if not dialogue.agreed or not 0 < action.ticket <= dialogue.ticket:
        return None
    given = FeedbackGiven(at, action.good, answer=action.ticket)
    return with_facts(say(dialogue, Toast(texts.THANKS)), given)


def _rows(dialogue: Dialogue, result: Answered) -> Rows:
    """Beside a kept scene the way on is that scene's own; out of a survey nothing leads away."""
    verdict: Rows = (
        (
            Button(texts.GOOD, RateAnswer(result.ticket, good=True)),
            Button(texts.BAD, RateAnswer(result.ticket, good=False)),
        ),
    )
    surveying = isinstance(dialogue.scene, Surveying | ReviewingSurvey)
    return (
        *(verdict if dialogue.agreed else ()),
        *(() if surveying else column(_products(result.answer))),
        *(() if isinstance(dialogue.scene, KEEPING) else ((TO_HOME,),)),
    )


def _products(answer: Answer) -> tuple[Button, ...]:
    """In the sources' order; a product's own title goes before that of its reviews."""
    titles: dict[int, str] = {}
    for source in answer.sources:
        if source.product is not None and (
            source.kind is DocumentKind.PRODUCT or source.product not in titles
        ):
            titles[source.product] = source.title
    buttons = tuple(Button(title, ShowDetails(product)) for product, title in titles.items())
    return buttons[:PRODUCTS_AT_MOST]
