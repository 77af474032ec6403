"""Coming by a link: `t.me/<bot>?start=p_12` leads to a product, `i_7` to an ingredient, and
`c_spring` tells which campaign brought the person.

A payload is anybody's to write: it is read strictly, and what it names may be gone by now.
"""

import re
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.dialogue import consent, ingredients, picking, texts
from bot.dialogue.model import (
    Bubble,
    Dialogue,
    Message,
    Milestone,
    Noted,
    Said,
    ShowDetails,
    ShowIngredient,
    Turn,
)
from bot.dialogue.turns import with_facts

PAYLOAD_AT_MOST: Final = 64
"""Characters, of A-Z a-z 0-9 _ - (Telegram's deep links)."""
_SUBJECT: Final = re.compile(r"([pi])_([1-9]\d{0,14})", re.ASCII)
_CAMPAIGN: Final = re.compile(r"c_([A-Za-z0-9_-]{1,62})")
_START: Final = re.compile(r"\s*/start(?:@\w+)?\s+(\S+)\s*", re.IGNORECASE)


def product_payload(product: int) -> str:
    return f"p_{product}"


def ingredient_payload(ingredient: int) -> str:
    return f"i_{ingredient}"


def subject(payload: str) -> ShowDetails | ShowIngredient | None:
    """What the payload leads to; None where it leads nowhere in particular."""
    match = _SUBJECT.fullmatch(payload)
    if match is None:
        return None
    number = int(match[2])
    return ShowDetails(number) if match[1] == "p" else ShowIngredient(number)


def campaign(payload: str) -> str:
    """Its name; empty where the payload names none."""
    match = _CAMPAIGN.fullmatch(payload)
    return match[1] if match else ""


def led(dialogue: Dialogue, payload: str) -> Turn | None:
    """Where /start with this payload leads; who has not decided on the consent yet is asked that
    first. None where it is a /start like any other."""
    wanted = subject(payload)
    if wanted is None:
        return None
    if dialogue.agreed is None:
        return consent.show(replace(dialogue, bound_for=payload))
    return _go(dialogue, wanted)


def led_on(turn: Turn) -> Turn:
    """After the consent was decided on, to what a link had led to."""
    here = replace(turn.dialogue, bound_for="")
    wanted = subject(turn.dialogue.bound_for)
    if wanted is None:
        return replace(turn, dialogue=here)
    words = Bubble(texts.AGREED if here.agreed else texts.REFUSED, replaces=True)
    onward = _go(here, wanted)
    return replace(onward, replies=(words, *onward.replies), facts=turn.facts)


def bound(dialogue: Dialogue, event: Message) -> Dialogue:
    """A stranger's link is remembered until their age and their consent were asked for."""
    payload = _payload(event)
    known = subject(payload) or campaign(payload)
    return replace(dialogue, bound_for=payload) if known else dialogue


def counted(turn: Turn, at: datetime) -> Turn:
    """A stranger who is old enough has come; of who is too young nothing is kept, no number
    either."""
    if not turn.dialogue.old_enough:
        return turn
    return with_facts(turn, Noted(at, Milestone.ARRIVED, campaign(turn.dialogue.bound_for)))


def _go(dialogue: Dialogue, wanted: ShowDetails | ShowIngredient) -> Turn:
    match wanted:
        case ShowDetails(product):
            return picking.open_product(dialogue, product)
        case ShowIngredient(ingredient):
            return ingredients.show_by_id(dialogue, ingredient, 1)


def _payload(event: Message) -> str:
    match = _START.fullmatch(event.text) if isinstance(event, Said) else None
    return match[1] if match and len(match[1]) <= PAYLOAD_AT_MOST else ""
