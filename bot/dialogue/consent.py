"""First contact: the age, then the consent. Nothing personal is kept before both."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.dialogue import menu, texts
from bot.dialogue.model import (
    AskingAge,
    AskingConsent,
    Bubble,
    Button,
    ConsentDecided,
    DecideConsent,
    DeclareAge,
    Dialogue,
    Menu,
    Open,
    Resting,
    Rows,
    Turn,
    TurnedAway,
)
from bot.dialogue.turns import TO_HOME, moved, say, with_facts

CONSENT_VERSION: Final = "2026-11"
"""Changes with `texts.CONSENT`: the store keeps which text was agreed to."""

AGREE: Final = Button(texts.AGREE, DecideConsent(True), tone="good")
REFUSE: Final = Button(texts.REFUSE, DecideConsent(False))


def greet(dialogue: Dialogue) -> Turn:
    rows: Rows = (
        (Button(texts.OLD_ENOUGH, DeclareAge(True), tone="good"),),
        (Button(texts.TOO_YOUNG, DeclareAge(False)),),
    )
    return say(moved(dialogue, AskingAge()), Bubble(texts.GREETING, rows))


def declare(dialogue: Dialogue, old_enough: bool) -> Turn | None:
    """The age's answer; None where it was given and something is kept since."""
    if not old_enough and dialogue.agreed is None:
        goodbye = Bubble(texts.TURNED_AWAY, ((TO_HOME,),), replaces=True)
        return Turn(Dialogue(TurnedAway()), (goodbye,), forget=True)
    if not old_enough or dialogue.old_enough:
        return None
    return show(replace(dialogue, old_enough=True))


def show(dialogue: Dialogue, reason: str = "") -> Turn:
    """What is collected, why and how long, and the choice; `reason` says why it is asked now."""
    rows: Rows = ((AGREE,), (REFUSE, Button(texts.DETAILS_OF_CONSENT, Open(Menu.PRIVACY))))
    text = f"{reason}\n\n{texts.CONSENT}" if reason else texts.CONSENT
    return say(moved(dialogue, AskingConsent()), Bubble(text, rows, replaces=True))


def decide(dialogue: Dialogue, agreed: bool, at: datetime) -> Turn | None:
    """None where the button no longer fits: a given consent is withdrawn by deletion only."""
    if dialogue.agreed:
        return None
    words = texts.AGREED if agreed else texts.REFUSED
    decided = moved(replace(dialogue, agreed=agreed), Resting())
    turn = menu.home(decided, words)
    if dialogue.agreed == agreed:
        return turn
    return with_facts(turn, ConsentDecided(at, agreed, CONSENT_VERSION, texts.CONSENT))
