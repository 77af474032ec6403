"""Which buttons stand where: on a consent's card, in lists, on cards of their own, or as chips."""

from collections.abc import Sequence
from typing import Final

from bot.dialogue import texts
from bot.dialogue.model import (
    DecideConsent,
    DecideOn,
    Menu,
    Open,
    Pick,
    ShowDetails,
    ShowIngredient,
    Weigh,
)
from bot.kakao.paging import Press
from bot.kakao.schema import BUTTONS, LABEL, Refused, WebLink

ADDRESS: Final = 1_000
"""Characters of a link; a longer one is no link of a shop."""
LISTED: Final = (Pick, ShowDetails, ShowIngredient, Weigh)
LEAFING: Final = (texts.PREVIOUS, texts.NEXT)


def is_label(label: str) -> bool:
    return len(label) <= LABEL


def framed(presses: Sequence[Press]) -> tuple[Press, ...]:
    """The choices of a consent, and where its details are."""
    decisions = [each for each in presses if isinstance(each.action, DecideConsent | DecideOn)]
    details = [each for each in presses if is_details(each)]
    chosen = tuple(dict.fromkeys((*decisions, *details)))
    fitting = len(decisions) <= BUTTONS and all(is_label(each.label) for each in chosen)
    return chosen[:BUTTONS] if decisions and fitting else ()


def is_details(press: Press) -> bool:
    return press.action == Open(Menu.PRIVACY)


def listed(presses: Sequence[Press]) -> tuple[Press, ...]:
    """What is chosen from: products, ingredients; all of a kind where one has a long label."""
    long = {type(each.action) for each in presses if not is_label(each.label)} - {Open}
    return tuple(
        each
        for each in presses
        if not is_label(each.label) or (_is_choice(each) and type(each.action) in {*LISTED, *long})
    )


def _is_choice(press: Press) -> bool:
    """Its label names what is chosen."""
    return press.about in ("", press.label) and press.label not in LEAFING


def by_subject(presses: Sequence[Press]) -> dict[str, tuple[Press, ...]]:
    """The last three buttons about each of several things; none where one or two would do."""
    subjects: dict[str, list[Press]] = {}
    for each in presses:
        if each.about:
            subjects.setdefault(each.about, []).append(each)
    if len(subjects) < 2 or max(map(len, subjects.values())) < BUTTONS:
        return {}
    return {about: tuple(theirs[-BUTTONS:]) for about, theirs in subjects.items()}


def heading(listed: Sequence[Press]) -> str:
    kinds = {type(each.action) for each in listed}
    if kinds == {ShowIngredient}:
        return texts.LIST_INGREDIENTS
    return texts.LIST_PRODUCTS if kinds == {ShowDetails} else texts.LIST_CHOICES


def is_address(url: str) -> bool:
    try:
        WebLink(url)
    except Refused:
        return False
    return len(url) <= ADDRESS
