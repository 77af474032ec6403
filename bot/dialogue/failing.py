"""What is said when a request could not be fulfilled: one line, and a way on."""

from typing import assert_never

from bot.dialogue import consulting, recommending, survey, texts
from bot.dialogue.actions import fits
from bot.dialogue.model import (
    Action,
    Bubble,
    Button,
    Consult,
    Dialogue,
    Failed,
    Failure,
    Finding,
    FinishPicking,
    LookUpName,
    Menu,
    Open,
    Picking,
    ReadingFormula,
    ReadingIngredient,
    ReadingProduct,
    ReadingWhy,
    Recommending,
    Reply,
    Request,
    ReviewingSurvey,
    Rows,
    Scene,
    ShowDetails,
    ShowFormula,
    ShowIngredient,
    ShowWhy,
    Surveying,
    Turn,
    TurnTo,
    ViewingMine,
)
from bot.dialogue.turns import TO_HOME, say

FIND = Button(texts.FIND, Open(Menu.FIND))
ASK_INGREDIENT = Button(texts.ASK_INGREDIENT, Open(Menu.INGREDIENT))


def failed(dialogue: Dialogue, asked: Request, result: Failed) -> Turn:
    words = texts.FAILURES[result.failure]
    if not isinstance(asked, Consult):
        return say(dialogue, Bubble(words, _rows(dialogue.scene, result.failure)))
    here = consulting.settled(dialogue, asked)
    if aside := under_answer(here):
        return say(here, Bubble(words), *aside)
    text = f"{words}\n{texts.SAY_RESULT}"
    return say(here, Bubble(text, _rows(here.scene, result.failure)))


def under_answer(dialogue: Dialogue) -> tuple[Reply, ...]:
    """The kept scene's own bubble, under the answer of a question asked aside."""
    match dialogue.scene:
        case Surveying() as scene:
            return survey.show(dialogue, scene).replies
        case ReviewingSurvey() as scene:
            return survey.review(dialogue, scene).replies
        case Recommending() as scene:
            return (recommending.closing(scene),)
        case ReadingWhy(_, back):
            return (recommending.closing(back),)
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
        case Picking(_, page) | Finding(_, page):
            return TurnTo(page)
        case Recommending():
            return FinishPicking()
        case ReadingProduct(product):
            return ShowDetails(product)
        case ReadingFormula(product, page):
            return ShowFormula(product, page)
        case ReadingWhy(product, _):
            return ShowWhy(product)
        case ReadingIngredient(_, int(ingredient), page):
            return ShowIngredient(ingredient, page)
        case ReadingIngredient(name, None) if fits(LookUpName(name)):
            return LookUpName(name)
        case ViewingMine():
            return Open(Menu.MINE)
        case _:
            return None
