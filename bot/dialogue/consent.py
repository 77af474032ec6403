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
    ConfirmingWithdrawal,
    ConsentDecided,
    ConsentWithdrawn,
    DecideConsent,
    DeclareAge,
    Dialogue,
    Menu,
    Open,
    Resting,
    Rows,
    Turn,
    TurnedAway,
    Withdraw,
)
from bot.dialogue.turns import TO_HOME, moved, say, with_facts

CONSENT_VERSION: Final = "2026-11b"
"""Changes with `texts.consent`: the store keeps which text was agreed to."""

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
    consent = texts.consent(dialogue.retention_days)
    text = f"{reason}\n\n{consent}" if reason else consent
    return say(moved(dialogue, AskingConsent()), Bubble(text, rows, replaces=True))


def decide(dialogue: Dialogue, agreed: bool, at: datetime) -> Turn | None:
    """None where the button no longer fits: a given consent is withdrawn in «내 정보»."""
    if dialogue.agreed:
        return None
    words = texts.AGREED if agreed else texts.REFUSED
    decided = replace(dialogue, agreed=agreed)
    if agreed:
        decided = replace(decided, agreed_at=at, agreed_to=CONSENT_VERSION)
    turn = menu.home(decided, words)
    if dialogue.agreed == agreed:
        return turn
    return with_facts(turn, _fact(dialogue, agreed, at))


def ask_withdrawal(dialogue: Dialogue) -> Turn | None:
    """«동의 거두기»: what goes and what stays. None where nothing was agreed to."""
    if not dialogue.agreed:
        return None
    rows: Rows = (
        (Button(texts.CONFIRM_WITHDRAW, Withdraw(), tone="danger"),),
        (Button(texts.CANCEL, Open(Menu.MINE)), TO_HOME),
    )
    here = moved(dialogue, ConfirmingWithdrawal())
    return say(here, Bubble(texts.WITHDRAW_WARNING, rows, replaces=True))


def withdraw(dialogue: Dialogue, at: datetime) -> Turn | None:
    """The second step; None where the first was not taken. Only what every talk needs stays."""
    if not isinstance(dialogue.scene, ConfirmingWithdrawal):
        return None
    without = Dialogue(
        Resting(),
        old_enough=True,
        agreed=False,
        ticket=dialogue.ticket,
        seen=dialogue.seen,
        retention_days=dialogue.retention_days,
    )
    turn = menu.home(without, texts.WITHDRAWN)
    return with_facts(turn, _fact(dialogue, agreed=False, at=at), ConsentWithdrawn(at))


def _fact(dialogue: Dialogue, agreed: bool, at: datetime) -> ConsentDecided:
    return ConsentDecided(at, agreed, CONSENT_VERSION, texts.consent(dialogue.retention_days))
