"""«내 정보»: what is kept about the person, as a file too, and its deletion in two steps."""

from datetime import datetime
from typing import Final

from bot.dialogue import texts
from bot.dialogue.model import (
    Amend,
    AskingAge,
    Bubble,
    Button,
    ConfirmDelete,
    ConfirmingDelete,
    Dialogue,
    Document,
    Exported,
    ExportMine,
    Menu,
    NameProducts,
    Open,
    PersonErased,
    ProductsNamed,
    Rows,
    Step,
    Turn,
    ViewingMine,
)
from bot.dialogue.proofs import offered, standing, withdrawals
from bot.dialogue.turns import TO_HOME, ask, grid, moved, preceded, say, with_facts
from engine.domain import Product

DELETE: Final = Button(texts.DELETE, Open(Menu.DELETE), tone="danger")
EXPORT: Final = Button(texts.EXPORT, Open(Menu.EXPORT))
CONSENTS: Final = Button(texts.CONSENTS, Open(Menu.CONSENTS))


def show(dialogue: Dialogue) -> Turn:
    here = moved(dialogue, ViewingMine())
    if not dialogue.agreed:
        rows: Rows = (
            (Button(texts.RECOMMEND, Open(Menu.RECOMMEND)), EXPORT),
            *(((CONSENTS,),) if offered(dialogue) else ()),
            (DELETE, TO_HOME),
        )
        return say(here, Bubble(texts.NOTHING_KEPT, rows, replaces=True))
    if not dialogue.picks:
        return _drawn(here, ())
    return ask(here, lambda ticket: NameProducts(ticket, dialogue.picks))


def named(dialogue: Dialogue, result: ProductsNamed) -> Turn:
    return _drawn(dialogue, result.products)


def export(dialogue: Dialogue) -> Turn:
    """Everything kept, as a file; then «내 정보» itself."""
    return ask(moved(dialogue, ViewingMine()), ExportMine)


def exported(dialogue: Dialogue, result: Exported) -> Turn:
    document = Document(texts.EXPORT_NAME, result.content, texts.EXPORTED)
    return preceded(show(dialogue), document)


def confirm(dialogue: Dialogue) -> Turn:
    rows: Rows = (
        (Button(texts.CONFIRM_DELETE, ConfirmDelete(), tone="danger"),),
        (Button(texts.CANCEL, Open(Menu.MINE)), TO_HOME),
    )
    here = moved(dialogue, ConfirmingDelete())
    return say(here, Bubble(texts.DELETE_WARNING, rows, replaces=True))


def erase(dialogue: Dialogue, at: datetime) -> Turn | None:
    """The second step; None where the first was not taken. What was agreed to is withdrawn."""
    if not isinstance(dialogue.scene, ConfirmingDelete):
        return None
    ended = standing(dialogue)
    too = texts.ended_too(ended, dialogue.shop, at) if ended else ""
    text = "\n".join(part for part in (texts.GOODBYE, too) if part)
    goodbye = Bubble(text, ((TO_HOME,),), replaces=True)
    gone = say(Dialogue(AskingAge()), goodbye)
    return with_facts(gone, *withdrawals(dialogue, at), PersonErased(at))


def _drawn(dialogue: Dialogue, products: tuple[Product, ...]) -> Turn:
    gone = len(dialogue.picks) - len(products)
    names = [product.title for product in products]
    survey = texts.SURVEY_AGAIN if dialogue.profile else texts.SURVEY_NOW
    answers = [Button(texts.QUESTION_LABELS[step], Amend(step)) for step in Step]
    rows: Rows = (
        *(grid(answers, width=3) if dialogue.profile else ()),
        (Button(survey, Open(Menu.SURVEY)), Button(texts.PICKS, Open(Menu.PICKS))),
        (EXPORT, CONSENTS),
        (Button(texts.WITHDRAW, Open(Menu.WITHDRAW)), DELETE),
        (TO_HOME,),
    )
    text = texts.mine(dialogue.profile, names, gone, dialogue.agreed_at, dialogue.agreed_to)
    return say(dialogue, Bubble(text, rows, replaces=True))
