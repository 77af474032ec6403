"""«내가 고른 제품» with its ratings, and «최근 본 제품»: lists that the dialogue itself holds."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from bot.dialogue import evidence, picking, texts
from bot.dialogue.model import (
    PAGE_SIZE,
    RECENT_AT_MOST,
    Bubble,
    Button,
    Dialogue,
    FinishPicking,
    Grade,
    Menu,
    NameProducts,
    Open,
    Pick,
    ProductsNamed,
    ReviewingPicks,
    Rows,
    ShowDetails,
    Turn,
    TurnTo,
    ViewingRecent,
)
from bot.dialogue.turns import TO_HOME, ask, back_to_cards, column, moved, page_row, say
from engine.domain import Product

T = TypeVar("T")

PICK_MORE = Button(texts.PICK_MORE, Open(Menu.PICK))
COMPARE = Button(texts.COMPARE, Open(Menu.COMPARE))

# --- what was picked ----------------------------------------------------------------------------


def show_picks(dialogue: Dialogue, scene: ReviewingPicks) -> Turn:
    here = moved(dialogue, scene)
    if not dialogue.picks:
        rows: Rows = ((PICK_MORE, TO_HOME),)
        return say(here, Bubble(texts.NO_PICKS, rows, replaces=True))
    return ask(here, lambda ticket: NameProducts(ticket, dialogue.picks))


def picks_named(dialogue: Dialogue, scene: ReviewingPicks, result: ProductsNamed) -> Turn:
    """Five a page, each with its rating and «빼기»; what left the catalogue can go too."""
    page, pages, part = paged(dialogue.picks, scene.page)
    named = {product.id: product for product in result.products}
    lines = [_pick_line(dialogue, one, named.get(one)) for one in part]
    head = evidence.listed(texts.PICKS, len(dialogue.picks), page, pages)
    text = "\n".join((f"{head}\n{texts.PICKS_HINT}\n", *lines))
    rows: Rows = (
        *(row for one in part for row in _pick_rows(dialogue, one, named.get(one))),
        *page_row(page, pages, TurnTo),
        *(((COMPARE,),) if len(named) > 1 else ()),
        *_onward(dialogue),
    )
    return say(moved(dialogue, replace(scene, page=page)), Bubble(text, rows, replaces=True))


def _pick_line(dialogue: Dialogue, product: int, named: Product | None) -> str:
    stars = dialogue.grades.get(product, picking.LIKED)
    title = texts.GONE_PRODUCT if named is None else named.title
    return f"· {title}: {texts.GRADES[stars]}"


def _pick_rows(dialogue: Dialogue, product: int, named: Product | None) -> Rows:
    title = texts.GONE_PRODUCT if named is None else named.title
    out = Button(texts.REMOVE, Pick(product, on=False), about=title)
    if named is None:
        return ((out,),)
    present = dialogue.grades.get(product, picking.LIKED)
    grades = tuple(
        Button(
            f"{texts.CHOSEN if stars == present else ''}{word}", Grade(product, stars), about=title
        )
        for stars, word in texts.GRADES.items()
    )
    return ((Button(title, ShowDetails(product)), out), grades)


def _onward(dialogue: Dialogue) -> Rows:
    """«선택 완료» recommends; while the round stands on these picks, back to its cards."""
    cards = back_to_cards(dialogue)
    done = cards or ((Button(texts.DONE, FinishPicking(), tone="good"),),)
    return (*done, (PICK_MORE, TO_HOME))


# --- what was seen ------------------------------------------------------------------------------


def seen(dialogue: Dialogue, product: int) -> Dialogue:
    """A card or a list of ingredients was opened; remembered only with consent."""
    if not dialogue.agreed:
        return dialogue
    recent = (product, *(one for one in dialogue.recent if one != product))
    return replace(dialogue, recent=recent[:RECENT_AT_MOST])


def show_recent(dialogue: Dialogue, scene: ViewingRecent) -> Turn:
    here = moved(dialogue, scene)
    if not dialogue.recent:
        return say(here, Bubble(texts.NO_RECENT, _out_of_recent(here, scene), replaces=True))
    return ask(here, lambda ticket: NameProducts(ticket, dialogue.recent))


def recent_named(dialogue: Dialogue, scene: ViewingRecent, result: ProductsNamed) -> Turn:
    page, pages, part = paged(result.products, scene.page)
    here = moved(dialogue, replace(scene, page=page))
    rows: Rows = (
        *column(_recent_button(dialogue, scene, product) for product in part),
        *page_row(page, pages, TurnTo),
        *_out_of_recent(here, scene),
    )
    head = evidence.listed(texts.RECENT, len(result.products), page, pages)
    hint = texts.picked(len(dialogue.picks)) if scene.picking else texts.RECENT_HINT
    text = f"{head}\n{hint}" if result.products else texts.NO_RECENT
    return say(here, Bubble(text, rows, replaces=True))


def _recent_button(dialogue: Dialogue, scene: ViewingRecent, product: Product) -> Button:
    if scene.picking:
        return picking.pick_button(dialogue, product)
    return Button(product.title, ShowDetails(product.id))


def _out_of_recent(dialogue: Dialogue, scene: ViewingRecent) -> Rows:
    if scene.picking:
        done = Button(texts.DONE, FinishPicking(), tone="good")
        return ((PICK_MORE, done), (TO_HOME,))
    compare = ((COMPARE,),) if len(dialogue.recent) > 1 else ()
    return (*compare, *back_to_cards(dialogue), (Button(texts.FIND, Open(Menu.FIND)), TO_HOME))


# --- both ---------------------------------------------------------------------------------------


def paged(items: Sequence[T], number: int) -> tuple[int, int, Sequence[T]]:
    """The page's number, brought into range, how many there are, and what is on it."""
    pages = max(1, -(-len(items) // PAGE_SIZE))
    page = min(max(number, 1), pages)
    return page, pages, items[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
