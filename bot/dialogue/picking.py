"""Lists of products: the picker of what was liked, «제품 찾기», and one product's card."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.dialogue import texts
from bot.dialogue.model import (
    PICKS_AT_MOST,
    Bubble,
    Button,
    Card,
    Dialogue,
    Finding,
    FinishPicking,
    Menu,
    Open,
    Pick,
    Picking,
    ProductLiked,
    ProductsFound,
    ProductUnliked,
    ReadingProduct,
    Rows,
    SearchProducts,
    ShowDetails,
    ShowFormula,
    ShowProduct,
    Toast,
    Turn,
    TurnTo,
)
from bot.dialogue.turns import (
    TO_HOME,
    ask,
    back_to_cards,
    column,
    moved,
    page_row,
    preceded,
    say,
    with_facts,
)
from engine.domain import Product

SEARCH_AT_MOST: Final = 60
"""Characters of a search; longer texts are no name."""

# --- the picker ---------------------------------------------------------------------------------


def begin(dialogue: Dialogue) -> Turn:
    return show(dialogue, Picking())


def show(dialogue: Dialogue, scene: Picking) -> Turn:
    return ask(
        moved(dialogue, scene), lambda ticket: SearchProducts(ticket, scene.text, scene.page)
    )


def pick(dialogue: Dialogue, action: Pick, at: datetime) -> Turn | None:
    """Set one pick and draw the page again; None outside the picker."""
    scene = dialogue.scene
    if not isinstance(scene, Picking):
        return None
    if (action.product in dialogue.picks) == action.on:
        return show(dialogue, scene)
    if not action.on:
        picks = tuple(product for product in dialogue.picks if product != action.product)
        unliked = ProductUnliked(at, action.product)
        return with_facts(show(replace(dialogue, picks=picks), scene), unliked)
    if len(dialogue.picks) >= PICKS_AT_MOST:
        return preceded(show(dialogue, scene), Toast(texts.PICK_FULL))
    picks = (*dialogue.picks, action.product)
    return with_facts(show(replace(dialogue, picks=picks), scene), ProductLiked(at, action.product))


def picker_found(dialogue: Dialogue, scene: Picking, found: ProductsFound) -> Turn:
    page = found.page
    intro = texts.PICK_INTRO if page.total or not scene.text else ""
    parts = (intro, texts.found(scene.text, page), texts.picked(len(dialogue.picks)))
    rows: Rows = (
        *column(_pick_button(dialogue, product) for product in page.items),
        *page_row(page.number, page.pages, TurnTo),
        *(((Button(texts.EVERYTHING, Open(Menu.PICK)),),) if scene.text else ()),
        (Button(texts.DONE, FinishPicking(), tone="good"), TO_HOME),
    )
    text = "\n".join(part for part in parts if part)
    here = moved(dialogue, replace(scene, page=page.number))
    return say(here, Bubble(text, rows, replaces=True))


def _pick_button(dialogue: Dialogue, product: Product) -> Button:
    chosen = product.id in dialogue.picks
    label = f"{texts.CHOSEN}{product.title}" if chosen else product.title
    return Button(label, Pick(product.id, on=not chosen))


# --- finding ------------------------------------------------------------------------------------


def find(dialogue: Dialogue) -> Turn:
    return show_finding(dialogue, Finding())


def show_finding(dialogue: Dialogue, scene: Finding) -> Turn:
    here, text = moved(dialogue, scene), scene.text
    if text is None:
        rows: Rows = ((Button(texts.EVERYTHING, TurnTo(1)), TO_HOME),)
        return say(here, Bubble(texts.ASK_PRODUCT, rows, replaces=True))
    return ask(here, lambda ticket: SearchProducts(ticket, text, scene.page))


def finding_found(dialogue: Dialogue, scene: Finding, found: ProductsFound) -> Turn:
    page = found.page
    rows: Rows = (
        *column(Button(product.title, ShowDetails(product.id)) for product in page.items),
        *page_row(page.number, page.pages, TurnTo),
        (Button(texts.FIND_OTHER, Open(Menu.FIND)), TO_HOME),
    )
    here = moved(dialogue, replace(scene, page=page.number))
    return say(here, Bubble(texts.found(scene.text or "", page), rows, replaces=True))


# --- both lists ---------------------------------------------------------------------------------


def typed(dialogue: Dialogue, scene: Picking | Finding, text: str) -> Turn:
    """A search; a text too long for a name leaves everything as it is."""
    if len(text) > SEARCH_AT_MOST:
        return say(dialogue, Bubble(texts.SEARCH_TOO_LONG))
    if isinstance(scene, Picking):
        return show(dialogue, Picking(text))
    return show_finding(dialogue, Finding(text))


def turn_to(dialogue: Dialogue, page: int) -> Turn | None:
    number = max(page, 1)
    match dialogue.scene:
        case Picking(text):
            return show(dialogue, Picking(text, number))
        case Finding(text):
            return show_finding(dialogue, Finding(text or "", number))
        case _:
            return None


def found(dialogue: Dialogue, result: ProductsFound) -> Turn:
    match dialogue.scene:
        case Picking() as scene:
            return picker_found(dialogue, scene, result)
        case Finding() as scene:
            return finding_found(dialogue, scene, result)
        case _:
            return Turn(dialogue)


# --- one product --------------------------------------------------------------------------------


def show_product(dialogue: Dialogue, scene: ReadingProduct) -> Turn:
    return ask(moved(dialogue, scene), lambda ticket: ShowProduct(ticket, scene.product))


def product_shown(dialogue: Dialogue, product: Product) -> Turn:
    formula = Button(texts.FORMULA, ShowFormula(product.id), about=product.title)
    rows: Rows = (
        (*link(product), formula),
        *back_to_cards(dialogue),
        (Button(texts.FIND_OTHER, Open(Menu.FIND)), TO_HOME),
    )
    return say(dialogue, Card(product, texts.facts(product), rows=rows))


def link(product: Product) -> tuple[Button, ...]:
    """«자세히 보기» where there is somewhere to go."""
    if not product.url:
        return ()
    return (Button(texts.LINK, url=product.url, about=product.title),)
