"""What is said when a request could not be fulfilled: one line, and a way on."""

from dataclasses import replace
from typing import Final, assert_never

from bot.dialogue import consulting, recommending, survey, texts
from bot.dialogue.actions import fits
from bot.dialogue.model import (
    Action,
    AnalyseFormula,
    AskingIngredient,
    Bubble,
    Button,
    Comparing,
    Consult,
    Dialogue,
    Failed,
    Failure,
    Finding,
    FinishPicking,
    LookUpName,
    MeetingPeers,
    Menu,
    NarrowingCategory,
    Open,
    Picking,
    Planning,
    PlanWithin,
    ReadingFormula,
    ReadingIngredient,
    ReadingList,
    ReadingProduct,
    ReadingWhy,
    ReadLabel,
    Recommending,
    Reply,
    Request,
    ReviewingPicks,
    ReviewingSurvey,
    Rows,
    Scene,
    ShowDetails,
    ShowFormula,
    ShowIngredient,
    ShowList,
    ShowWhy,
    Surveying,
    Turn,
    TurnTo,
    ViewingMine,
    ViewingRecent,
    Weighing,
)
from bot.dialogue.picking import side_by_side
from bot.dialogue.turns import TO_HOME, say

FIND = Button(texts.FIND, Open(Menu.FIND))
ASK_INGREDIENT = Button(texts.ASK_INGREDIENT, Open(Menu.INGREDIENT))

ASIDES: Final = (Consult, AnalyseFormula, ReadLabel)
"""What may be asked beside a scene that stays."""


def failed(dialogue: Dialogue, asked: Request, result: Failed) -> Turn:
    words = texts.FAILURES[result.failure]
    here = consulting.settled(dialogue, asked) if isinstance(asked, Consult) else dialogue
    if isinstance(asked, ASIDES) and (aside := under_answer(here)):
        return say(here, Bubble(words), *aside)
    if not isinstance(asked, Consult):
        return say(here, Bubble(words, _rows(here.scene, result.failure)))
    text = f"{words}\n{texts.SAY_RESULT}"
    return say(here, Bubble(text, _rows(here.scene, result.failure)))


def stopped(dialogue: Dialogue, asked: Request) -> Turn:
    """«그만»: the person waits for it no longer, and what comes of it is ignored."""
    here = replace(dialogue, open=None)
    if not isinstance(asked, ASIDES):
        return say(here, Bubble(texts.STOPPED, _rows(here.scene, Failure.UNAVAILABLE)))
    aside = under_answer(here)
    return say(here, Bubble(texts.STOPPED, () if aside else ((TO_HOME,),)), *aside)


def under_answer(dialogue: Dialogue) -> tuple[Reply, ...]:
    """The kept scene's own bubble, under the answer of a question asked aside."""
    match dialogue.scene:
        case Surveying() as scene:
            return survey.show(dialogue, scene).replies
        case ReviewingSurvey() as scene:
            return survey.review(dialogue, scene).replies
        case Recommending() as scene:
            return (recommending.closing(dialogue, scene),)
        case ReadingWhy(_, back):
            return (recommending.closing(dialogue, back),)
        case _:
            return ()


def _rows(scene: Scene, failure: Failure) -> Rows:
    match failure:
        case Failure.PRODUCT_GONE:
            return ((FIND, TO_HOME),)
        case Failure.INGREDIENT_GONE:
            return ((ASK_INGREDIENT, TO_HOME),)
        case Failure.INDEX_UNAVAILABLE:
            return ((FIND, ASK_INGREDIENT), (TO_HOME,))
        case Failure.UNAVAILABLE:
            again = _again(scene)
            retry = () if again is None else (Button(texts.RETRY, again),)
            return ((*retry, TO_HOME),)
        case _:
            assert_never(failure)


def _again(scene: Scene) -> Action | None:
    """The press that asks once more."""
    match scene:
        case Picking(_, page) | Finding(_, page) | Weighing(_, page):
            return TurnTo(page)
        case ReviewingPicks(page) | ViewingRecent(page):
            return TurnTo(page)
        case Comparing(products):
            return side_by_side(products)
        case MeetingPeers():
            return Open(Menu.PEERS)
        case NarrowingCategory():
            return Open(Menu.CATEGORIES)
        case Recommending():
            return FinishPicking()
        case Planning(budget):
            return PlanWithin(budget or 0)
        case ReadingProduct(product):
            return ShowDetails(product)
        case ReadingFormula(product, page):
            return ShowFormula(product, page)
        case ReadingWhy(product, _):
            return ShowWhy(product)
        case ReadingList(_, _, page):
            return ShowList(page)
        case AskingIngredient():
            return Open(Menu.INGREDIENT)
        case ReadingIngredient(_, int(ingredient), page):
            return ShowIngredient(ingredient, page)
        case ReadingIngredient(name, None) if fits(LookUpName(name)):
            return LookUpName(name)
        case ViewingMine():
            return Open(Menu.MINE)
        case _:
            return None
