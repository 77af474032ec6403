"""«내 정보»: what is kept about the person, and its deletion in two steps."""

from datetime import datetime
from typing import Final

from bot.dialogue import texts
from bot.dialogue.model import (
    AskingAge,
    Bubble,
    Button,
    ConfirmDelete,
    ConfirmingDelete,
    Dialogue,
    Menu,
    NameProducts,
    Open,
    PersonErased,
    ProductsNamed,
    Rows,
    Turn,
    ViewingMine,
)
from bot.dialogue.turns import TO_HOME, ask, moved, say, with_facts
from engine.domain import Product

DELETE: Final = Button(texts.DELETE, Open(Menu.DELETE), tone="danger")


def show(dialogue: Dialogue) -> Turn:
    here = moved(dialogue, ViewingMine())
    if not dialogue.agreed:
        rows: Rows = ((Button(texts.RECOMMEND, Open(Menu.RECOMMEND)),), (DELETE, TO_HOME))
        return say(here, Bubble(texts.NOTHING_KEPT, rows, replaces=True))
    if not dialogue.picks:
        return _drawn(here, ())
    return ask(here, lambda ticket: NameProducts(ticket, dialogue.picks))


def named(dialogue: Dialogue, result: ProductsNamed) -> Turn:
    return _drawn(dialogue, result.products)


def confirm(dialogue: Dialogue) -> Turn:
    rows: Rows = (
        (Button(texts.CONFIRM_DELETE, ConfirmDelete(), tone="danger"),),
        (Button(texts.CANCEL, Open(Menu.MINE)), TO_HOME),
    )
    here = moved(dialogue, ConfirmingDelete())
    return say(here, Bubble(texts.DELETE_WARNING, rows, replaces=True))


def erase(dialogue: Dialogue, at: datetime) -> Turn | None:
    """The second step; None where the first was not taken."""
    if not isinstance(dialogue.scene, ConfirmingDelete):
        return None
    goodbye = Bubble(texts.GOODBYE, ((TO_HOME,),), replaces=True)
    return with_facts(say(Dialogue(AskingAge()), goodbye), PersonErased(at))


def _drawn(dialogue: Dialogue, products: tuple[Product, ...]) -> Turn:
    gone = len(dialogue.picks) - len(products)
    names = [product.title for product in products]
    rows: Rows = (
        (Button(texts.SURVEY_AGAIN, Open(Menu.SURVEY)),),
        (Button(texts.PICK_AGAIN, Open(Menu.PICK)),),
        (DELETE, TO_HOME),
    )
    text = texts.mine(dialogue.profile, names, gone, agreed=bool(dialogue.agreed))
    return say(dialogue, Bubble(text, rows, replaces=True))
