"""«비교하기»: two or three products side by side, and choosing which."""

from dataclasses import replace

from bot.dialogue import evidence, texts
from bot.dialogue.model import (
    COMPARED_AT_MOST,
    Bubble,
    Button,
    Compare,
    Compared,
    Comparing,
    Dialogue,
    LaySideBySide,
    Menu,
    NameProducts,
    Open,
    ProductsNamed,
    Rows,
    ShowDetails,
    Toast,
    Turn,
    TurnTo,
    Weigh,
    Weighing,
)
from bot.dialogue.picking import side_by_side
from bot.dialogue.remembered import paged
from bot.dialogue.turns import (
    TO_HOME,
    ask,
    back_to_cards,
    column,
    moved,
    page_row,
    preceded,
    profile_of,
    round_of,
    say,
)
from engine.domain import Product


def lay(dialogue: Dialogue, action: LaySideBySide) -> Turn | None:
    """None where there are not two different products."""
    given = (action.first, action.second, action.third)
    products = tuple(dict.fromkeys(one for one in given if one))
    return show(dialogue, Comparing(products)) if len(products) > 1 else None


def show(dialogue: Dialogue, scene: Comparing) -> Turn:
    profile = profile_of(dialogue)
    return ask(moved(dialogue, scene), lambda ticket: Compare(ticket, scene.products, profile))


def compared(dialogue: Dialogue, result: Compared) -> Turn:
    sides = result.comparison.sides
    rows: Rows = (
        *column(Button(product.title, ShowDetails(product.id)) for product, _ in sides),
        *(((Button(texts.COMPARE_OTHERS, Open(Menu.COMPARE)),),) if _others(dialogue) else ()),
        *back_to_cards(dialogue),
        (TO_HOME,),
    )
    return say(dialogue, Bubble(evidence.comparison(result.comparison), rows))


# --- choosing -----------------------------------------------------------------------------------


def begin(dialogue: Dialogue) -> Turn:
    chosen = dialogue.scene.products if isinstance(dialogue.scene, Comparing) else ()
    return choose(dialogue, Weighing(chosen))


def choose(dialogue: Dialogue, scene: Weighing) -> Turn:
    here, known = moved(dialogue, scene), _candidates(dialogue, scene)
    if len(known) < 2:
        rows: Rows = ((Button(texts.FIND, Open(Menu.FIND)), TO_HOME),)
        return say(here, Bubble(texts.NOTHING_TO_COMPARE, rows, replaces=True))
    return ask(here, lambda ticket: NameProducts(ticket, known))


def weigh(dialogue: Dialogue, action: Weigh) -> Turn | None:
    """Set one choice and draw the page again; None outside the choosing."""
    scene = dialogue.scene
    if not isinstance(scene, Weighing) or action.product not in _candidates(dialogue, scene):
        return None
    rest = tuple(one for one in scene.chosen if one != action.product)
    if not action.on:
        return choose(dialogue, replace(scene, chosen=rest))
    if len(rest) >= COMPARED_AT_MOST:
        return preceded(choose(dialogue, scene), Toast(texts.COMPARED_FULL))
    return choose(dialogue, replace(scene, chosen=(*rest, action.product)))


def named(dialogue: Dialogue, scene: Weighing, result: ProductsNamed) -> Turn:
    page, pages, part = paged(result.products, scene.page)
    there = {product.id for product in result.products}
    chosen = tuple(one for one in scene.chosen if one in there)
    compare = Button(texts.COMPARE, side_by_side(chosen), tone="good") if len(chosen) > 1 else None
    rows: Rows = (
        *column(_button(chosen, product) for product in part),
        *page_row(page, pages, TurnTo),
        *(((compare,),) if compare else ()),
        *back_to_cards(dialogue),
        (Button(texts.FIND, Open(Menu.FIND)), TO_HOME),
    )
    here = moved(dialogue, Weighing(chosen, page))
    head = evidence.listed(texts.COMPARE_HEAD, len(result.products), page, pages)
    text = f"{head}\n{texts.COMPARE_HINT}\n{texts.weighed(len(chosen))}"
    return say(here, Bubble(text, rows, replaces=True))


def _button(chosen: tuple[int, ...], product: Product) -> Button:
    on = product.id in chosen
    label = f"{texts.CHOSEN}{product.title}" if on else product.title
    return Button(label, Weigh(product.id, on=not on))


def _others(dialogue: Dialogue) -> bool:
    """Whether there is anything beside what is compared now."""
    scene = dialogue.scene
    compared_now = scene.products if isinstance(scene, Comparing) else ()
    return bool({*_candidates(dialogue, Weighing())} - {*compared_now})


def _candidates(dialogue: Dialogue, scene: Weighing) -> tuple[int, ...]:
    """What is chosen, shown now, picked and seen lately; each once."""
    here = round_of(dialogue)
    shown = here.shown if here else ()
    return tuple(dict.fromkeys((*shown, *dialogue.picks, *dialogue.recent, *scene.chosen)))
