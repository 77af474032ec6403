"""A narrower wish for the recommendations: «가격대», «카테고리», «무향만», or typed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from bot.dialogue import evidence, recommending, texts
from bot.dialogue.actions import fits
from bot.dialogue.model import (
    Bubble,
    Button,
    CategoriesListed,
    Dialogue,
    ListCategories,
    NarrowCategory,
    NarrowingCategory,
    NarrowingPrice,
    NarrowPrice,
    Recommending,
    Rows,
    Toast,
    Turn,
    Widen,
)
from bot.dialogue.turns import TO_HOME, ask, back_to_cards, grid, moved, round_of, say
from engine.domain import Conditions
from engine.parsing.conditions import PERFUME, conditions, narrowed

BANDS: Final = ((0, 9_999), (10_000, 19_999), (20_000, 29_999), (30_000, 39_999), (40_000, 0))
"""Won, both ends within; a top of 0 is none."""
CATEGORIES_AT_MOST: Final = 12
WISH_AT_MOST: Final = 60
"""Characters; longer texts are questions."""

# --- the two lists ------------------------------------------------------------------------------


def show_prices(dialogue: Dialogue) -> Turn:
    here = moved(dialogue, NarrowingPrice())
    now = _conditions(here)
    bands = [_band(now, bottom, top) for bottom, top in BANDS]
    text = _with_present(texts.ASK_PRICE, now)
    return say(here, Bubble(text, (*grid(bands, width=2), *_out(here, now)), replaces=True))


def show_categories(dialogue: Dialogue) -> Turn:
    return ask(moved(dialogue, NarrowingCategory()), ListCategories)


def categories_listed(dialogue: Dialogue, result: CategoriesListed) -> Turn:
    """The fullest ones; the rest may be typed."""
    now = _conditions(dialogue)
    named = [name for name in result.categories if fits(NarrowCategory(name))]
    buttons = [
        Button(f"{texts.CHOSEN if name == now.category else ''}{name}", NarrowCategory(name))
        for name in named[:CATEGORIES_AT_MOST]
    ]
    text = _with_present(texts.ASK_CATEGORY, now)
    rows = (*grid(buttons, width=2), *_out(dialogue, now))
    return say(dialogue, Bubble(text, rows, replaces=True))


def _band(now: Conditions, bottom: int, top: int) -> Button:
    chosen = (now.price_from, now.price_to) == (bottom, top or None)
    label = f"{texts.CHOSEN if chosen else ''}{evidence.price_band(bottom, top or None)}"
    return Button(label, NarrowPrice(bottom, top))


def _with_present(ask_: str, now: Conditions) -> str:
    parts = evidence.condition_parts(now)
    return f"{ask_}\n\n{texts.PRESENT_CONDITIONS}: {' · '.join(parts)}" if parts else ask_


def _out(dialogue: Dialogue, now: Conditions) -> Rows:
    widen = ((Button(texts.WIDEN, Widen()),),) if now != Conditions() else ()
    return (*widen, *back_to_cards(dialogue), (TO_HOME,))


def _conditions(dialogue: Dialogue) -> Conditions:
    here = round_of(dialogue)
    return here.conditions if here else Conditions()


# --- the presses --------------------------------------------------------------------------------


def price(dialogue: Dialogue, action: NarrowPrice) -> Turn | None:
    top = action.top or None
    return _again(dialogue, lambda now: replace(now, price_from=action.bottom, price_to=top))


def category(dialogue: Dialogue, name: str) -> Turn | None:
    return _again(dialogue, lambda now: replace(now, category=name))


def leave_out_perfume(dialogue: Dialogue) -> Turn | None:
    return _again(dialogue, lambda now: narrowed(now, Conditions(without=(PERFUME,))))


def widen(dialogue: Dialogue) -> Turn | None:
    return _again(dialogue, lambda _: Conditions())


def typed(dialogue: Dialogue, text: str) -> Turn | None:
    """None where the text is no wish: a question, then."""
    wish = conditions(text) if len(text) <= WISH_AT_MOST else None
    return None if wish is None else _again(dialogue, lambda now: narrowed(now, wish))


def _again(dialogue: Dialogue, change: Callable[[Conditions], Conditions]) -> Turn | None:
    """A new round under the changed conditions; the present one where they are the same.

    None where no recommendations were asked for.
    """
    here = round_of(dialogue)
    if here is None or not dialogue.agreed:
        return None
    wanted = change(here.conditions)
    if wanted != here.conditions:
        return recommending.show(dialogue, Recommending(turn=here.turn + 1, conditions=wanted))
    if isinstance(dialogue.scene, Recommending) and (here.shown or dialogue.open):
        return say(dialogue, Toast(recommending.where(dialogue)))
    return recommending.show(dialogue, here)
