"""One ingredient's sheet, near names where it is unknown, and a product's whole list."""

from dataclasses import replace
from typing import Final

from bot.dialogue import texts
from bot.dialogue.actions import fits
from bot.dialogue.model import (
    AskingIngredient,
    Bubble,
    Button,
    Dialogue,
    Failure,
    FormulaListed,
    IngredientFound,
    IngredientMissed,
    ListFormula,
    LookUp,
    LookUpName,
    Menu,
    Open,
    ReadingFormula,
    ReadingIngredient,
    Rows,
    Scene,
    ShowDetails,
    ShowFormula,
    ShowIngredient,
    Turn,
)
from bot.dialogue.turns import (
    TO_HOME,
    ask,
    avoids,
    back_to_cards,
    column,
    grid,
    leafing,
    moved,
    page_row,
    profile_of,
    say,
)
from engine.domain import Ingredient

A_PAGE: Final = 10
NAME_AT_MOST: Final = 60
NEAR_AT_MOST: Final = 6

ASK_OTHER: Final = Button(texts.ASK_OTHER, Open(Menu.INGREDIENT))


def invite(dialogue: Dialogue) -> Turn:
    here = moved(dialogue, AskingIngredient())
    return say(here, Bubble(texts.ASK_INGREDIENT_NAME, ((TO_HOME,),), replaces=True))


def look_up(dialogue: Dialogue, name: str) -> Turn:
    """By a typed or offered name; a text too long for a name leaves everything as it is."""
    if len(name) > NAME_AT_MOST:
        return say(dialogue, Bubble(texts.INGREDIENT_TOO_LONG))
    return show(dialogue, ReadingIngredient(name))


def show_by_id(dialogue: Dialogue, ingredient: int, page: int) -> Turn:
    return show(dialogue, ReadingIngredient("", ingredient, max(page, 1)))


def show(dialogue: Dialogue, scene: ReadingIngredient) -> Turn:
    return ask(
        moved(dialogue, scene),
        lambda ticket: LookUp(ticket, scene.name, scene.ingredient, scene.page),
    )


def found(dialogue: Dialogue, result: IngredientFound) -> Turn:
    ingredient, page = result.sheet.ingredient, result.sheet.products
    marked = _avoided(dialogue, ingredient)
    text = f"{texts.ingredient(ingredient, marked)}\n\n{texts.products_holding(page)}"
    rows: Rows = (
        *column(Button(product.title, ShowDetails(product.id)) for product in page.items),
        *page_row(page.number, page.pages, lambda to: ShowIngredient(ingredient.id, to)),
        *back_to_cards(dialogue),
        (ASK_OTHER, TO_HOME),
    )
    here = replace(dialogue, scene=ReadingIngredient(ingredient.name, ingredient.id, page.number))
    turned = any(
        isinstance(action, ShowIngredient) and action.ingredient == ingredient.id
        for action in leafing(dialogue)
    )
    return say(here, Bubble(text, rows, replaces=turned))


def missed(dialogue: Dialogue, result: IngredientMissed) -> Turn:
    """Near names as buttons, those too long for one as text; the next text is a look-up again."""
    near = result.near[:NEAR_AT_MOST]
    text = texts.FAILURES[Failure.INGREDIENT_GONE]
    buttons = [Button(name, LookUpName(name)) for name in near if fits(LookUpName(name))]
    unbuttoned = [name for name in near if not fits(LookUpName(name))]
    rows: Rows = (*grid(buttons, width=2), (TO_HOME,))
    if not _known(dialogue.scene):
        text = texts.ingredient_missed(result.name, near, unbuttoned)
    return say(moved(dialogue, AskingIngredient()), Bubble(text, rows))


def _known(scene: Scene) -> bool:
    """Asked for by its number: it was in the catalogue once, and a name says little."""
    return isinstance(scene, ReadingIngredient) and scene.ingredient is not None


def show_formula(dialogue: Dialogue, scene: ReadingFormula) -> Turn:
    return ask(moved(dialogue, scene), lambda ticket: ListFormula(ticket, scene.product))


def listed(dialogue: Dialogue, scene: ReadingFormula, result: FormulaListed) -> Turn:
    """Ten ingredients a page, in the label's order; the avoided ones are marked and said first."""
    product, everything = result.product, result.ingredients
    pages = max(1, -(-len(everything) // A_PAGE))
    page = min(scene.page, pages)
    part = everything[(page - 1) * A_PAGE : page * A_PAGE]
    lines = [
        texts.formula_line(place, ingredient, _avoided(dialogue, ingredient))
        for place, ingredient in enumerate(part, start=(page - 1) * A_PAGE + 1)
    ]
    text = texts.formula(product, len(everything), texts.place(page, pages), lines)
    if minded := [each.name for each in everything if _avoided(dialogue, each)]:
        text = f"{text}\n\n{texts.formula_warning(minded)}"
    rows: Rows = (
        *grid([_button(dialogue, ingredient) for ingredient in part], width=2),
        *page_row(page, pages, lambda to: ShowFormula(product.id, to)),
        *back_to_cards(dialogue),
        (Button(texts.SHOW_PRODUCT, ShowDetails(product.id), about=product.title), TO_HOME),
    )
    turned = any(
        isinstance(action, ShowFormula) and action.product == product.id
        for action in leafing(dialogue)
    )
    return say(replace(dialogue, scene=replace(scene, page=page)), Bubble(text, rows, turned))


def _button(dialogue: Dialogue, ingredient: Ingredient) -> Button:
    mark = texts.WARNING if _avoided(dialogue, ingredient) else ""
    return Button(f"{mark}{ingredient.name}", ShowIngredient(ingredient.id))


def _avoided(dialogue: Dialogue, ingredient: Ingredient) -> bool:
    return avoids(profile_of(dialogue), ingredient.name, ingredient.inci)
