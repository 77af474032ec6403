"""Three products and why; «다른 추천» goes round by round and never repeats one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.dialogue import picking, texts
from bot.dialogue.model import (
    Bubble,
    Button,
    Card,
    Dialogue,
    Explain,
    Explained,
    FeedbackGiven,
    FinishPicking,
    Menu,
    Open,
    Picking,
    Rate,
    ReadingFormula,
    ReadingIngredient,
    ReadingProduct,
    ReadingWhy,
    Recommend,
    Recommended,
    Recommending,
    RecommendOthers,
    ReviewingSurvey,
    Rows,
    ShowFormula,
    ShowWhy,
    Surveying,
    Toast,
    Turn,
)
from bot.dialogue.turns import TO_HOME, ask, moved, preceded, profile_of, round_of, say, with_facts
from engine.domain import Query, Recommendation

AT_ONCE: Final = 3
SHOWN_AT_MOST: Final = 150
"""Products of one scene: the dialogue keeps within 8 KiB, and nobody reads on for longer."""
RATED_AT_MOST: Final = 30
LIKED: Final = 5.0

PICK_AGAIN: Final = Button(texts.PICK_AGAIN, Open(Menu.PICK))


def begin(dialogue: Dialogue) -> Turn | None:
    """«선택 완료»: recommend now. In «왜 추천했나요?» it leads back to the cards."""
    match dialogue.scene:
        case Recommending() as scene if _failed(dialogue, scene):
            return show(dialogue, scene)
        case Recommending():
            return say(dialogue, Toast(_where(dialogue)))
        case ReadingWhy(_, back):
            return show(dialogue, back)
        case ReadingFormula() | ReadingProduct() | ReadingIngredient() if dialogue.round:
            return show(dialogue, dialogue.round)
        case Surveying() | ReviewingSurvey():
            return None
        case scene if dialogue.agreed and (dialogue.profile or isinstance(scene, Picking)):
            return show(replace(dialogue, rated={}, round=None), Recommending())
        case _:
            return None


def show(dialogue: Dialogue, scene: Recommending) -> Turn:
    here = moved(dialogue, scene)
    if len(scene.before) >= SHOWN_AT_MOST:
        return _nothing(here, scene)
    query = _query(dialogue, scene.before)
    return ask(here, lambda ticket: Recommend(ticket, query))


def others(dialogue: Dialogue, action: RecommendOthers) -> Turn | None:
    """The next round; a button of a round that is over changes nothing."""
    if not dialogue.agreed:
        return None
    scene = round_of(dialogue)
    if scene is None:
        again = begin(dialogue)
        return None if again is None else preceded(again, Toast(texts.ROUND_LOST))
    if _failed(dialogue, scene) and not scene.shown:
        return show(dialogue, scene)
    if action.turn != scene.turn or not scene.shown:
        return say(dialogue, Toast(_where(dialogue)))
    return show(dialogue, Recommending((), (*scene.before, *scene.shown), scene.turn + 1))


def recommended(dialogue: Dialogue, scene: Recommending, result: Recommended) -> Turn:
    found = result.recommendations
    here = moved(dialogue, replace(scene, shown=tuple(each.product.id for each in found)))
    if not found:
        return _nothing(here, scene)
    words = texts.OTHERS_INTRO if scene.turn > 1 else _intro(dialogue)
    cards = tuple(map(_card, found))
    return say(here, Bubble(words, replaces=True), *cards, closing(scene))


def closing(scene: Recommending) -> Bubble:
    rows: Rows = (
        (Button(texts.OTHERS, RecommendOthers(scene.turn), tone="good"),),
        (PICK_AGAIN, TO_HOME),
    )
    return Bubble(texts.CLOSING, rows)


def rate(dialogue: Dialogue, action: Rate, at: datetime) -> Turn | None:
    if not dialogue.agreed:
        return None
    thanks = Toast(texts.THANKS)
    if dialogue.rated.get(action.product) == action.good:
        return say(dialogue, thanks)
    others_rated = {key: good for key, good in dialogue.rated.items() if key != action.product}
    latest = dict([*others_rated.items(), (action.product, action.good)][-RATED_AT_MOST:])
    given = FeedbackGiven(at, action.good, product=action.product)
    return with_facts(say(replace(dialogue, rated=latest), thanks), given)


def why(dialogue: Dialogue, product: int) -> Turn | None:
    if not dialogue.agreed:
        return None
    return show_why(dialogue, ReadingWhy(product, round_of(dialogue) or Recommending()))


def show_why(dialogue: Dialogue, scene: ReadingWhy) -> Turn:
    query = _query(dialogue, ())
    return ask(moved(dialogue, scene), lambda ticket: Explain(ticket, query, scene.product))


def explained(dialogue: Dialogue, result: Explained) -> Turn:
    product = result.recommendation.product
    rows: Rows = (
        (Button(texts.FORMULA, ShowFormula(product.id), about=product.title),),
        (Button(texts.BACK_TO_CARDS, FinishPicking()), TO_HOME),
    )
    return say(dialogue, Bubble(texts.explanation(result.recommendation), rows))


def _failed(dialogue: Dialogue, scene: Recommending) -> bool:
    """Nothing came, and nothing is on its way: «다시 시도» stands on the screen."""
    retry = any(offer.label == texts.RETRY for offer in dialogue.offers)
    return dialogue.open is None and (retry or not scene.shown)


def _query(dialogue: Dialogue, excluded: Sequence[int]) -> Query:
    liked = dict.fromkeys(dialogue.picks, LIKED)
    return Query(liked, profile_of(dialogue), AT_ONCE, frozenset(excluded))


def _where(dialogue: Dialogue) -> str:
    return texts.ALREADY_BELOW if dialogue.open is None else texts.WAITING


def _intro(dialogue: Dialogue) -> str:
    return texts.recommendation_intro(len(dialogue.picks), profile_of(dialogue).skin_type)


def _nothing(dialogue: Dialogue, scene: Recommending) -> Turn:
    words = texts.NO_MORE if scene.before else texts.NOTHING_TO_RECOMMEND
    return say(dialogue, Bubble(words, ((PICK_AGAIN, TO_HOME),), replaces=True))


def _card(recommendation: Recommendation) -> Card:
    product = recommendation.product
    about = product.title
    rows: Rows = (
        (*picking.link(product), Button(texts.WHY, ShowWhy(product.id), about=about)),
        (
            Button(texts.FORMULA, ShowFormula(product.id), about=about),
            Button(texts.GOOD, Rate(product.id, good=True), about=about),
            Button(texts.BAD, Rate(product.id, good=False), about=about),
        ),
    )
    return Card(product, texts.facts(product), texts.reason(recommendation), rows)
