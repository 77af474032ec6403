"""Three products and why; «다른 추천» goes round by round and never repeats one."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.dialogue import evidence, picking, texts
from bot.dialogue.model import (
    Bubble,
    Button,
    Card,
    Dialogue,
    Explain,
    Explained,
    FeedbackGiven,
    FinishPicking,
    LeaveOutPerfume,
    Menu,
    Milestone,
    Noted,
    Open,
    Picking,
    Rate,
    ReadingWhy,
    Recommend,
    Recommended,
    Recommending,
    RecommendOthers,
    ReviewingPicks,
    ReviewingSurvey,
    Rows,
    ShowFormula,
    ShowWhy,
    Surveying,
    Toast,
    Turn,
    ViewingRecent,
    Widen,
)
from bot.dialogue.picking import side_by_side
from bot.dialogue.proofs import stands
from bot.dialogue.turns import TO_HOME, ask, moved, preceded, profile_of, round_of, say, with_facts
from engine.domain import Conditions, Purpose, Query, Recommendation
from engine.parsing.conditions import PERFUME

AT_ONCE: Final = 3
SHOWN_AT_MOST: Final = 120
"""Products of one scene: the dialogue keeps within 8 KiB, and nobody reads on for longer."""
RATED_AT_MOST: Final = 30
PICKERS: Final = (Picking, ReviewingPicks, ViewingRecent)

PICK_AGAIN: Final = Button(texts.PICK_AGAIN, Open(Menu.PICK))
PRICES: Final = Button(texts.PRICES, Open(Menu.PRICES))
CATEGORIES: Final = Button(texts.CATEGORIES, Open(Menu.CATEGORIES))
WIDEN: Final = Button(texts.WIDEN, Widen())


def begin(dialogue: Dialogue) -> Turn | None:
    """«선택 완료»: recommend now; where a round still stands, back to its cards."""
    match dialogue.scene:
        case Recommending() as scene if _failed(dialogue, scene):
            return show(dialogue, scene)
        case Recommending():
            return say(dialogue, Toast(where(dialogue)))
        case ReadingWhy(_, back):
            return show(dialogue, back)
        case Surveying() | ReviewingSurvey():
            return None
        case _ if dialogue.agreed and dialogue.round and _stands(dialogue.round):
            return show(dialogue, dialogue.round)
        case scene if dialogue.agreed and (dialogue.profile or isinstance(scene, PICKERS)):
            return show(replace(dialogue, rated={}, round=None), Recommending())
        case _:
            return None


def _stands(scene: Recommending) -> bool:
    """Whether there is something to come back to: cards, or conditions that may be widened."""
    return bool(scene.shown) or scene.conditions != Conditions()


def show(dialogue: Dialogue, scene: Recommending) -> Turn:
    here = moved(dialogue, scene)
    if len(scene.before) >= SHOWN_AT_MOST:
        return _nothing(here, scene)
    query = _query(dialogue, scene)
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
        return say(dialogue, Toast(where(dialogue)))
    return show(
        dialogue,
        replace(scene, shown=(), before=(*scene.before, *scene.shown), turn=scene.turn + 1),
    )


def recommended(dialogue: Dialogue, scene: Recommending, result: Recommended) -> Turn:
    found, scene = result.recommendations, _without_unknown(scene, result.unknown)
    here = moved(dialogue, replace(scene, shown=tuple(each.product.id for each in found)))
    if not found:
        return _nothing(here, scene)
    shown = replace(scene, shown=tuple(each.product.id for each in found))
    words = _others_intro(scene) if scene.before else _intro(dialogue, scene)
    unknown = evidence.not_left_out(result.unknown)
    intro = "\n".join(line for line in (words, unknown) if line)
    cards = tuple(map(_card, found))
    last = closing(dialogue, shown)
    if together := evidence.together(found):
        last = replace(last, text=f"{together}\n\n{last.text}")
    turn = say(here, Bubble(intro, replaces=True), *cards, last)
    return with_facts(turn, Noted(result.at, Milestone.RECOMMENDED))


def _without_unknown(scene: Recommending, unknown: tuple[str, ...]) -> Recommending:
    """A name that no ingredient bears is no condition: said once, then forgotten."""
    known = tuple(name for name in scene.conditions.without if name not in unknown)
    return replace(scene, conditions=replace(scene.conditions, without=known))


def closing(dialogue: Dialogue, scene: Recommending) -> Bubble:
    others_ = Button(texts.OTHERS, RecommendOthers(scene.turn), tone="good")
    several = len(scene.shown) > 1
    compare = (Button(texts.COMPARE, side_by_side(scene.shown)),) if several else ()
    rows: Rows = (
        (others_, *compare),
        *_narrower(dialogue, scene),
        (Button(texts.PEERS, Open(Menu.PEERS)),),
        (PICK_AGAIN, TO_HOME),
    )
    return Bubble(texts.CLOSING, rows)


def _narrower(dialogue: Dialogue, scene: Recommending) -> Rows:
    """«무향만» only where it would change anything, «조건 지우기» where there are conditions."""
    left_out = {*scene.conditions.without, *profile_of(dialogue).avoided}
    unscented = () if PERFUME in left_out else (Button(texts.UNSCENTED, LeaveOutPerfume()),)
    widen = ((WIDEN,),) if scene.conditions != Conditions() else ()
    return ((PRICES, CATEGORIES, *unscented), *widen)


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
    query = _query(dialogue, Recommending())
    abroad = stands(dialogue, Purpose.ABROAD)
    return ask(moved(dialogue, scene), lambda ticket: Explain(ticket, query, scene.product, abroad))


def explained(dialogue: Dialogue, result: Explained) -> Turn:
    product = result.recommendation.product
    rows: Rows = (
        (Button(texts.FORMULA, ShowFormula(product.id), about=product.title),),
        (Button(texts.BACK_TO_CARDS, FinishPicking()), TO_HOME),
    )
    told = evidence.explanation(result.recommendation, result.words)
    return say(dialogue, Bubble(told, rows))


def _failed(dialogue: Dialogue, scene: Recommending) -> bool:
    """Nothing came, and nothing is on its way: «다시 시도» stands on the screen."""
    retry = any(offer.label == texts.RETRY for offer in dialogue.offers)
    return dialogue.open is None and (retry or not scene.shown)


def _query(dialogue: Dialogue, scene: Recommending) -> Query:
    liked = picking.liked(dialogue)
    before = frozenset(scene.before)
    return Query(liked, profile_of(dialogue), AT_ONCE, before, scene.conditions)


def where(dialogue: Dialogue) -> str:
    return texts.ALREADY_BELOW if dialogue.open is None else texts.WAITING


def _intro(dialogue: Dialogue, scene: Recommending) -> str:
    skin_type = profile_of(dialogue).skin_type
    return evidence.intro(len(dialogue.picks), skin_type, scene.conditions)


def _others_intro(scene: Recommending) -> str:
    chosen_by = evidence.chosen_by(scene.conditions)
    return f"{texts.OTHERS_INTRO}\n{chosen_by}" if chosen_by else texts.OTHERS_INTRO


def _nothing(dialogue: Dialogue, scene: Recommending) -> Turn:
    if scene.conditions != Conditions():
        return _nothing_so_narrow(dialogue, scene)
    words = texts.NO_MORE if scene.before else texts.NOTHING_TO_RECOMMEND
    return say(dialogue, Bubble(words, ((PICK_AGAIN, TO_HOME),), replaces=True))


def _nothing_so_narrow(dialogue: Dialogue, scene: Recommending) -> Turn:
    """The ways on: without the conditions, by others, or by other picks."""
    words = texts.NO_MORE_SO_NARROW if scene.before else texts.NOTHING_SO_NARROW
    present = " · ".join(evidence.condition_parts(scene.conditions))
    text = f"{words}\n\n{texts.PRESENT_CONDITIONS}: {present}"
    rows: Rows = ((WIDEN,), (PRICES, CATEGORIES), (PICK_AGAIN, TO_HOME))
    return say(dialogue, Bubble(text, rows, replaces=True))


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
    return Card(product, texts.facts(product), evidence.reason(recommendation), rows)
