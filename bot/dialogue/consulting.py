"""A question asked anywhere, and its answer with sources.

Inside a survey or beside recommendations the question is an aside: the scene stays, and is drawn
again under the answer, so that nothing of it is lost.
"""

from dataclasses import replace
from typing import Final

from bot.dialogue import answers, lately, texts
from bot.dialogue.labels import BYTES_AT_MOST
from bot.dialogue.model import (
    AnswerAgain,
    Answered,
    Bubble,
    Button,
    Consult,
    Consulting,
    Dialogue,
    Menu,
    Open,
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
from bot.dialogue.picking import side_by_side
from bot.dialogue.proofs import stands
from bot.dialogue.turns import TO_HOME, ask, column, moved, profile_of, say, with_facts
from engine.domain import Answer, DocumentKind, Purpose, Question, Talk, Writer

PRODUCTS_AT_MOST: Final = 3
AGAIN_AT_MOST: Final = 300
"""Characters of a question that can be asked again. Beside a longer one the dialogue has no room
for what was spoken of, within 8 KiB."""
OFFERS_BESIDE_LONG: Final = 500
NO_TIME_TO_ASK: Final = ("medical", "abuse")
"""Intents under whose answer nothing is asked; all are named as in
`engine.generation.intent.Intent`, which the dialogue does not import."""
KEEPING: Final = (Surveying, ReviewingSurvey, Recommending, ReadingWhy)
"""Scenes that a question does not leave."""


def invite(dialogue: Dialogue) -> Turn:
    here = moved(dialogue, Consulting())
    return say(here, Bubble(texts.INVITATION, ((TO_HOME,),), replaces=True))


def show(dialogue: Dialogue, scene: Consulting) -> Turn:
    return invite(dialogue) if scene.question is None else put(dialogue, scene.question)


def room_for_offers(dialogue: Dialogue) -> int:
    """Bytes. Beside a question of 1,000 syllables only a few short labels can be typed."""
    match dialogue.scene:
        case Consulting(str(question)) if len(question) > AGAIN_AT_MOST:
            return OFFERS_BESIDE_LONG
        case _:
            return BYTES_AT_MOST


def put(dialogue: Dialogue, text: str) -> Turn:
    """The offers go: a question of 1,000 syllables leaves no room for them within 8 KiB."""
    scene = dialogue.scene if isinstance(dialogue.scene, KEEPING) else Consulting()
    here = replace(moved(dialogue, scene), offers=(), redo=0)
    if len(text) > AGAIN_AT_MOST:
        here = replace(here, heard=None)
    return _asking(here, _question(dialogue, text, lately.talk_of(dialogue)))


def anew(dialogue: Dialogue, asked: Consult) -> Turn:
    """What is being asked once more, as after a restart."""
    if asked.again_of is not None:
        return _asking_again(dialogue, asked.question.text, asked.again_of)
    return put(dialogue, asked.question.text)


def again(dialogue: Dialogue, action: AnswerAgain) -> Turn:
    """«다시 답해줘»: once for each answer."""
    asked, scene = dialogue.open, dialogue.scene
    if isinstance(asked, Consult) and asked.again_of == action.ticket:
        return say(dialogue, Toast(texts.WAITING))
    if not isinstance(scene, Consulting) or scene.question is None:
        return say(dialogue, Toast(texts.NO_OTHER_ANSWER))
    if action.ticket != dialogue.redo:
        return say(dialogue, Toast(texts.NO_OTHER_ANSWER))
    return _asking_again(dialogue, scene.question, dialogue.redo)


def _asking_again(dialogue: Dialogue, text: str, first: int) -> Turn:
    question = _question(dialogue, text, lately.talk_before(dialogue))
    here = replace(moved(dialogue, Consulting()), offers=(), redo=0)
    return _asking(here, replace(question, again=True), first)


def _question(dialogue: Dialogue, text: str, talk: Talk) -> Question:
    return Question(
        text,
        profile_of(dialogue),
        abroad=stands(dialogue, Purpose.ABROAD),
        talk=talk,
        spent=lately.is_spent(dialogue),
    )


def _asking(dialogue: Dialogue, question: Question, again_of: int | None = None) -> Turn:
    """The profile and what was spoken of stand in the dialogue already: they are not written
    twice."""
    turn = ask(dialogue, lambda ticket: Consult(ticket, question, again_of))
    text = Question(question.text, spent=question.spent)
    kept = Consult(turn.dialogue.ticket, text, again_of)
    return replace(turn, dialogue=replace(turn.dialogue, open=kept))


def answered(dialogue: Dialogue, asked: Consult, result: Answered) -> Turn:
    """The answer; kept, and so open to 👍 👎, only with consent."""
    answer = result.answer
    counted = lately.counted(settled(dialogue, asked), answer.writer, result.at)
    here = _spoken(counted, asked, result)
    here, told = _told(here, asked, result)
    turn = say(here, Bubble(told, _rows(here, asked, result)))
    if answer.intent not in NO_TIME_TO_ASK and not _is_long(asked):
        turn = answers.offering_profile(turn, result.ticket, answer.said)
    if not dialogue.agreed:
        return turn
    question, first = asked.question.text, asked.again_of
    return with_facts(
        turn, QuestionAnswered(result.at, result.ticket, question, answer, again_of=first)
    )


def _spoken(dialogue: Dialogue, asked: Consult, result: Answered) -> Dialogue:
    """What the next question may refer to, and whether this one can be asked again."""
    if _is_long(asked) and isinstance(dialogue.scene, Consulting):
        return replace(dialogue, spoken=None, redo=0)
    here = lately.spoke_of(dialogue, result.answer.talk, result.at)
    if not _has_another(dialogue, asked, result.answer):
        return replace(here, redo=0)
    before = lately.preceded_by(here, lately.talk_of(dialogue), result.at)
    return replace(before, redo=result.ticket)


def _has_another(dialogue: Dialogue, asked: Consult, answer: Answer) -> bool:
    """A model could write another, and one was not asked for yet."""
    composed_beside = answer.writer is Writer.COMPOSED and bool(answer.trace.model)
    return (
        asked.again_of is None
        and (answer.writer is Writer.MODEL or composed_beside)
        and isinstance(dialogue.scene, Consulting)
        and not _is_long(asked)
        and not lately.is_spent(dialogue)
    )


def _is_long(asked: Consult) -> bool:
    return len(asked.question.text) > AGAIN_AT_MOST


def _told(dialogue: Dialogue, asked: Consult, result: Answered) -> tuple[Dialogue, str]:
    """The answer's text, and below it what is told once."""
    answer = result.answer
    parts = [texts.answer(answer.text, answer.sources)]
    if asked.again_of is not None and answer.writer is Writer.MODEL:
        parts.insert(0, texts.ANOTHER_ANSWER)
    if answer.intent == "shop" and dialogue.contact:
        parts.append(texts.ask_shop(dialogue.contact))
    if _unaware(dialogue, answer):
        dialogue = replace(dialogue, told_of_abroad=True)
        parts.append(texts.MODEL_ABROAD)
    if _runs_short(dialogue, asked, answer):
        dialogue = lately.told_of_limit(dialogue, result.at)
        parts.append(texts.SPENT)
    return dialogue, "\n\n".join(parts)


def _unaware(dialogue: Dialogue, answer: Answer) -> bool:
    """Of a model abroad, which could have written this answer; it is told once."""
    undecided = Purpose.ABROAD not in dialogue.consents and not dialogue.told_of_abroad
    return dialogue.abroad and undecided and answer.writer is Writer.COMPOSED


def _runs_short(dialogue: Dialogue, asked: Consult, answer: Answer) -> bool:
    """The day's answers of the model are used up; it is told once that day."""
    told = dialogue.today is not None and dialogue.today.told
    return asked.question.spent and not told and answer.writer is Writer.COMPOSED


def settled(dialogue: Dialogue, asked: Consult) -> Dialogue:
    """The scene holds the question once the request does not: never both, it may be long."""
    if not isinstance(dialogue.scene, Consulting):
        return dialogue
    redo = asked.again_of or dialogue.redo
    return replace(dialogue, scene=Consulting(asked.question.text), redo=redo)


def _rows(dialogue: Dialogue, asked: Consult, result: Answered) -> Rows:
    """Beside a kept scene the way on is that scene's own; out of a survey nothing leads away."""
    surveying = isinstance(dialogue.scene, Surveying | ReviewingSurvey)
    return (
        *_verdict(dialogue, asked, result),
        *(() if surveying else column(_products(result.answer))),
        *(
            ()
            if isinstance(dialogue.scene, KEEPING)
            else (*column(_ways(result.answer)), (TO_HOME,))
        ),
    )


def _verdict(dialogue: Dialogue, asked: Consult, result: Answered) -> Rows:
    """👍, 👎 and, of two answers, which is better, where they are kept; «다시 답해줘»."""
    ticket = result.ticket
    again_ = (Button(texts.AGAIN, AnswerAgain(ticket)),) if dialogue.redo == ticket else ()
    if not dialogue.agreed:
        return (again_,) if again_ else ()
    two = asked.again_of is not None and result.answer.writer is Writer.MODEL
    good = Button(texts.GOOD, RateAnswer(ticket, good=True))
    bad = Button(texts.BAD, RateAnswer(ticket, good=False))
    return (*(answers.choice(ticket) if two else ()), (good, bad, *again_))


def _ways(answer: Answer) -> tuple[Button, ...]:
    """Where the person does what they asked about."""
    if answer.writer is Writer.GUARD:
        return ()
    products = _titles(answer)
    match answer.intent:
        case "routine":
            return (Button(texts.ROUTINE, Open(Menu.ROUTINE)),)
        case "recommend":
            return (Button(texts.RECOMMEND, Open(Menu.RECOMMEND)),)
        case "compare" if len(products) > 1:
            beside = side_by_side(tuple(products)[:PRODUCTS_AT_MOST])
            return (Button(texts.SIDE_BY_SIDE, beside),)
        case _:
            return ()


def _products(answer: Answer) -> tuple[Button, ...]:
    titles = _titles(answer)
    buttons = tuple(Button(title, ShowDetails(product)) for product, title in titles.items())
    return buttons[:PRODUCTS_AT_MOST]


def _titles(answer: Answer) -> dict[int, str]:
    """In the sources' order; a product's own title goes before that of its reviews."""
    titles: dict[int, str] = {}
    for source in answer.sources:
        if source.product is not None and (
            source.kind is DocumentKind.PRODUCT or source.product not in titles
        ):
            titles[source.product] = source.title
    return titles
