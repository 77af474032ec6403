"""Lists of products: the picker of what was liked, «제품 찾기», and one product's card."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.dialogue import texts
from bot.dialogue.actions import read, written
from bot.dialogue.model import (
    PICKS_AT_MOST,
    Bubble,
    Button,
    Card,
    Comparing,
    Dialogue,
    Finding,
    FinishPicking,
    Grade,
    LaySideBySide,
    MeetingPeers,
    Menu,
    Open,
    Pick,
    Picking,
    Planning,
    PlanWithin,
    ProductLiked,
    ProductsFound,
    ProductUnliked,
    ReadingProduct,
    ReviewingPicks,
    Rows,
    Scene,
    SearchProducts,
    ShowDetails,
    ShowFormula,
    ShowProduct,
    Toast,
    Turn,
    TurnTo,
    ViewingRecent,
)
from bot.dialogue.turns import (
    TO_HOME,
    ask,
    back_to_cards,
    column,
    moved,
    page_row,
    say,
    searched_in_vain,
    with_facts,
)
from engine.domain import Product

SEARCH_AT_MOST: Final = 60
"""Characters of a search; longer texts are no name."""
LIKED: Final = 5

PICKS: Final = Button(texts.PICKS, Open(Menu.PICKS))
FIND_OTHER: Final = Button(texts.FIND_OTHER, Open(Menu.FIND_ANEW))

# --- the picker ---------------------------------------------------------------------------------


def begin(dialogue: Dialogue) -> Turn:
    """Where the person left it."""
    return show(dialogue, dialogue.picker or Picking())


def begin_anew(dialogue: Dialogue) -> Turn:
    return show(dialogue, Picking())


def show(dialogue: Dialogue, scene: Picking) -> Turn:
    return ask(
        moved(dialogue, scene), lambda ticket: SearchProducts(ticket, scene.text, scene.page)
    )


def pick(dialogue: Dialogue, action: Pick, at: datetime) -> Turn:
    """One pick set or taken back, and the fact of it; nothing where it is so already.

    A change of picks ends the round of recommendations that stood on them. The list that the
    press was made in is drawn by whoever knows it.
    """
    if (action.product in dialogue.picks) == action.on:
        return Turn(dialogue)
    if not action.on:
        return with_facts(
            Turn(_without(dialogue, action.product)), ProductUnliked(at, action.product)
        )
    if len(dialogue.picks) >= PICKS_AT_MOST:
        return Turn(dialogue, (Toast(texts.PICK_FULL),))
    here = replace(dialogue, picks=(*dialogue.picks, action.product), round=None)
    return with_facts(Turn(here), ProductLiked(at, action.product))


def grade(dialogue: Dialogue, action: Grade, at: datetime) -> Turn | None:
    """좋았어요, 보통 or 별로 on a pick; None for what was not picked and for other numbers."""
    if action.product not in dialogue.picks or action.stars not in texts.GRADES:
        return None
    if dialogue.grades.get(action.product, LIKED) == action.stars:
        return Turn(dialogue)
    grades = {**dialogue.grades, action.product: action.stars}
    here = replace(dialogue, grades=grades, round=None)
    return with_facts(Turn(here), ProductLiked(at, action.product, float(action.stars)))


def liked(dialogue: Dialogue) -> dict[int, float]:
    """Every pick with its rating in [1, 5]."""
    return {one: float(dialogue.grades.get(one, LIKED)) for one in dialogue.picks}


def _without(dialogue: Dialogue, product: int) -> Dialogue:
    picks = tuple(one for one in dialogue.picks if one != product)
    grades = {one: stars for one, stars in dialogue.grades.items() if one != product}
    return replace(dialogue, picks=picks, grades=grades, round=None)


def picker_found(dialogue: Dialogue, scene: Picking, found: ProductsFound) -> Turn:
    page = found.page
    intro = texts.PICK_INTRO if page.total or not scene.text else ""
    parts = (intro, texts.found(scene.text, page), texts.picked(len(dialogue.picks)))
    rows: Rows = (
        *column(pick_button(dialogue, product) for product in page.items),
        *page_row(page.number, page.pages, TurnTo),
        *(((Button(texts.EVERYTHING, Open(Menu.PICK_ALL)),),) if scene.text else ()),
        *lists(dialogue, Menu.PICK_RECENT),
        (Button(texts.DONE, FinishPicking(), tone="good"), TO_HOME),
    )
    text = "\n".join(part for part in parts if part)
    here = moved(dialogue, replace(scene, page=page.number))
    return say(here, Bubble(text, rows, replaces=True))


def pick_button(dialogue: Dialogue, product: Product) -> Button:
    chosen = product.id in dialogue.picks
    label = f"{texts.CHOSEN}{product.title}" if chosen else product.title
    return Button(label, Pick(product.id, on=not chosen))


def lists(dialogue: Dialogue, recent: Menu) -> Rows:
    """«내가 고른 제품» and «최근 본 제품», each where there is one."""
    row = (
        *((PICKS,) if dialogue.picks else ()),
        *((Button(texts.RECENT, Open(recent)),) if dialogue.recent else ()),
    )
    return (row,) if row else ()


# --- finding ------------------------------------------------------------------------------------


def find(dialogue: Dialogue) -> Turn:
    """The last list, where the person left it."""
    return show_finding(dialogue, dialogue.finder or Finding())


def find_anew(dialogue: Dialogue) -> Turn:
    return show_finding(dialogue, Finding())


def show_finding(dialogue: Dialogue, scene: Finding) -> Turn:
    here, text = moved(dialogue, scene), scene.text
    if text is None:
        rows: Rows = (
            *lists(dialogue, Menu.RECENT),
            *back_to_cards(here),
            (Button(texts.EVERYTHING, TurnTo(1)), TO_HOME),
        )
        return say(here, Bubble(texts.ASK_PRODUCT, rows, replaces=True))
    return ask(here, lambda ticket: SearchProducts(ticket, text, scene.page))


def finding_found(dialogue: Dialogue, scene: Finding, found: ProductsFound) -> Turn:
    page = found.page
    rows: Rows = (
        *column(Button(product.title, ShowDetails(product.id)) for product in page.items),
        *page_row(page.number, page.pages, TurnTo),
        *lists(dialogue, Menu.RECENT),
        *back_to_cards(dialogue),
        (FIND_OTHER, TO_HOME),
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


def found(dialogue: Dialogue, result: ProductsFound) -> Turn:
    match dialogue.scene:
        case Picking() as scene:
            return _counted(picker_found(dialogue, scene, result), scene.text, result)
        case Finding() as scene:
            return _counted(finding_found(dialogue, scene, result), scene.text or "", result)
        case _:
            return Turn(dialogue)


def _counted(turn: Turn, text: str, result: ProductsFound) -> Turn:
    return turn if result.page.total else searched_in_vain(turn, text, result.at)


# --- one product --------------------------------------------------------------------------------


def open_product(dialogue: Dialogue, product: int) -> Turn:
    """The card; it leads back to the list that it was opened from."""
    return show_product(dialogue, ReadingProduct(product, _way_back(dialogue.scene)))


def show_product(dialogue: Dialogue, scene: ReadingProduct) -> Turn:
    return ask(moved(dialogue, scene), lambda ticket: ShowProduct(ticket, scene.product))


def product_shown(dialogue: Dialogue, product: Product) -> Turn:
    formula = Button(texts.FORMULA, ShowFormula(product.id), about=product.title)
    rows: Rows = (
        (*link(product), formula),
        *_back(dialogue.scene),
        *back_to_cards(dialogue),
        (FIND_OTHER, TO_HOME),
    )
    return say(dialogue, Card(product, texts.facts(product), rows=rows))


def _way_back(scene: Scene) -> str:
    match scene:
        case Finding(text) if text is not None:
            return written(Open(Menu.FIND))
        case ViewingRecent(picking=picking):
            return written(Open(Menu.PICK_RECENT if picking else Menu.RECENT))
        case ReviewingPicks():
            return written(Open(Menu.PICKS))
        case Planning(budget):
            return written(PlanWithin(budget or 0))
        case MeetingPeers():
            return written(Open(Menu.PEERS))
        case Comparing(products):
            return written(side_by_side(products))
        case ReadingProduct(_, back):
            return back
        case _:
            return ""


def _back(scene: Scene) -> Rows:
    """«← 이전» to the list."""
    action = read(scene.back) if isinstance(scene, ReadingProduct) else None
    return () if action is None else ((Button(texts.BACK, action),),)


def side_by_side(products: Sequence[int]) -> LaySideBySide:
    """Of two or three products."""
    first, second, *third = products
    return LaySideBySide(first, second, third[0] if third else 0)


def link(product: Product) -> tuple[Button, ...]:
    """«자세히 보기» where there is somewhere to go."""
    if not product.url:
        return ()
    return (Button(texts.LINK, url=product.url, about=product.title),)
