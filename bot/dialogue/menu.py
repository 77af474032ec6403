"""The menu, the help and the privacy notice: what a person may read before anything is asked."""

from typing import Final

from bot.dialogue import texts
from bot.dialogue.model import (
    Bubble,
    Button,
    DecideConsent,
    Dialogue,
    Helping,
    Menu,
    NoticeRead,
    Open,
    ReadingPrivacy,
    ReadNotice,
    Resting,
    Rows,
    Turn,
)
from bot.dialogue.turns import TO_HOME, ask, moved, say

ROOMS: Final[Rows] = (
    (Button(texts.RECOMMEND, Open(Menu.RECOMMEND)), Button(texts.ROUTINE, Open(Menu.ROUTINE))),
    (Button(texts.FIND, Open(Menu.FIND)), Button(texts.ASK_INGREDIENT, Open(Menu.INGREDIENT))),
    (
        Button(texts.CONSULT, Open(Menu.CONSULT)),
        Button(texts.MINE, Open(Menu.MINE)),
        Button(texts.HELP, Open(Menu.HELP)),
    ),
)


def home(dialogue: Dialogue, words: str = "") -> Turn:
    text = f"{words}\n\n{texts.MENU}" if words else texts.MENU
    return say(moved(dialogue, Resting()), Bubble(text, ROOMS, replaces=True))


def help_(dialogue: Dialogue) -> Turn:
    rows: Rows = (
        *ROOMS[:2],
        (*ROOMS[2][:2], TO_HOME),
    )
    return say(moved(dialogue, Helping()), Bubble(texts.help_text(), rows, replaces=True))


def privacy(dialogue: Dialogue) -> Turn:
    return ask(moved(dialogue, ReadingPrivacy()), ReadNotice)


def notice(dialogue: Dialogue, read: NoticeRead) -> Turn:
    """The notice; while consent is open, its two buttons stand under it."""
    undecided: Rows = (
        (Button(texts.AGREE, DecideConsent(True), tone="good"),),
        (Button(texts.REFUSE, DecideConsent(False)),),
    )
    rows = undecided if dialogue.agreed is None else ((TO_HOME,),)
    text = texts.privacy(dialogue.retention_days, read.name, read.contact, read.notice)
    return say(dialogue, Bubble(text, rows, replaces=True))
