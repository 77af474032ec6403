"""First contact: the age, then the consent, without which nothing personal is kept; and the
optional consents, each by itself: «동의 관리», /stop, and the question after two years."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.dialogue import menu, survey, texts
from bot.dialogue.model import (
    AskingAge,
    AskingConsent,
    Bubble,
    Button,
    ConfirmationAsked,
    ConfirmingWithdrawal,
    ConsentWithdrawn,
    DecideConsent,
    DecideOn,
    DeclareAge,
    Dialogue,
    ManagingConsents,
    Menu,
    Open,
    ReadConsent,
    ReadingConsent,
    Resting,
    ReviewingSurvey,
    Rows,
    Scene,
    Surveying,
    Turn,
    TurnedAway,
    Withdraw,
)
from bot.dialogue.proofs import (
    VERSIONS,
    WITH_ADVERTISING,
    due,
    offered,
    proof,
    standing,
    stands,
    text_of,
    with_decided,
    withdrawals,
    without_health,
)
from bot.dialogue.turns import TO_HOME, grid, moved, say, with_facts
from engine.domain import Purpose

CONSENT_VERSION: Final = VERSIONS[Purpose.SERVICE]

AGREE: Final = Button(texts.AGREE, DecideConsent(True), tone="good")
REFUSE: Final = Button(texts.REFUSE, DecideConsent(False))
TO_CONSENTS: Final = Button(texts.CONSENTS, Open(Menu.CONSENTS))


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
    return with_facts(turn, proof(dialogue, Purpose.SERVICE, agreed, at))


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
    """The second step; None where the first was not taken. Only what every talk needs stays; the
    optional consents end with the one that they stood on, each with its proof."""
    if not isinstance(dialogue.scene, ConfirmingWithdrawal):
        return None
    without = Dialogue(
        Resting(),
        old_enough=True,
        agreed=False,
        ticket=dialogue.ticket,
        seen=dialogue.seen,
        retention_days=dialogue.retention_days,
        shop=dialogue.shop,
        abroad=dialogue.abroad,
        admin=dialogue.admin,
        today=dialogue.today,
        daily_answers=dialogue.daily_answers,
        contact=dialogue.contact,
    )
    ended = standing(dialogue)
    too = texts.ended_too(ended, dialogue.shop, at) if ended else ""
    turn = menu.home(without, "\n".join(part for part in (texts.WITHDRAWN, too) if part))
    return with_facts(turn, *withdrawals(dialogue, at), ConsentWithdrawn(at))


# --- the optional consents ----------------------------------------------------------------------


def show_optional(dialogue: Dialogue) -> Turn:
    """«동의 관리»: the state of each, and the way to its text."""
    buttons = [
        Button(f"{_mark(dialogue, purpose)}{texts.PURPOSE_LABELS[purpose]}", ReadConsent(purpose))
        for purpose in offered(dialogue)
    ]
    service = (
        Button(texts.WITHDRAW, Open(Menu.WITHDRAW))
        if dialogue.agreed
        else Button(texts.RECOMMEND, Open(Menu.RECOMMEND))
    )
    rows: Rows = (
        *grid(buttons, width=2),
        (service, Button(texts.MINE, Open(Menu.MINE))),
        (TO_HOME,),
    )
    here = moved(dialogue, ManagingConsents())
    return say(here, Bubble(_states(dialogue), rows, replaces=True))


def show_one(dialogue: Dialogue, purpose: Purpose) -> Turn | None:
    """Its whole text, and the one choice there is; None where it is not offered."""
    if purpose not in offered(dialogue):
        return None
    given = dialogue.consents.get(purpose)
    state = texts.decided_when(given.agreed, given.at) if given else texts.decided_when(None, None)
    choice = (
        Button(texts.END_CONSENT, DecideOn(purpose, agreed=False))
        if stands(dialogue, purpose)
        else Button(texts.AGREE_TO, DecideOn(purpose, agreed=True), tone="good")
    )
    text = f"{text_of(dialogue, purpose)}\n\n{texts.now_decided(state)}"
    here = moved(dialogue, ReadingConsent(purpose))
    return say(here, Bubble(text, ((choice,), (TO_CONSENTS, TO_HOME)), replaces=True))


def decide_on(dialogue: Dialogue, action: DecideOn, at: datetime) -> Turn | None:
    """None where nothing changes: what does not stand cannot be withdrawn, what stands cannot be
    given, save that two years later it is confirmed."""
    changed = _changed(dialogue, action, at)
    if not changed:
        return None
    agreed = action.agreed
    decided = _cleared(with_decided(dialogue, changed, agreed, at), changed, agreed)
    facts = (proof(dialogue, purpose, agreed, at) for purpose in changed)
    told = texts.decided(changed, agreed, dialogue.shop, at)
    return with_facts(_told(decided, action.purpose, told), *facts)


def opt_out(dialogue: Dialogue, at: datetime, rows: Rows) -> Turn:
    """/stop: at once, whoever it is and wherever they are, and there they stay."""
    ended = standing(dialogue, WITH_ADVERTISING)
    if not ended:
        return say(dialogue, Bubble(texts.NO_ADVERTISING, rows))
    without = with_decided(dialogue, ended, agreed=False, at=at)
    told = Bubble(texts.decided(ended, False, dialogue.shop, at), rows)
    facts = (proof(dialogue, purpose, agreed=False, at=at) for purpose in ended)
    return with_facts(say(without, told), *facts)


def confirming(shop: str, since: datetime, both: bool) -> Bubble:
    """The question after two years. `both`: advertising at night was agreed to as well."""
    rows: Rows = (
        (
            Button(texts.STILL_WANTED, DecideOn(Purpose.ADVERTISING, agreed=True), tone="good"),
            Button(texts.NO_LONGER_WANTED, DecideOn(Purpose.ADVERTISING, agreed=False)),
        ),
    )
    return Bubble(texts.confirming(shop, since, both), rows)


def asking_again(turn: Turn, at: datetime) -> Turn:
    """… put once below what a turn shows, where it is due and nothing else is under way."""
    dialogue = turn.dialogue
    given = dialogue.consents.get(Purpose.ADVERTISING)
    if given is None or given.asked is not None or not due(dialogue, at):
        return turn
    if not turn.replies or turn.request is not None:
        return turn
    question = confirming(dialogue.shop, given.at, stands(dialogue, Purpose.NIGHT))
    consents = {**dialogue.consents, Purpose.ADVERTISING: replace(given, asked=at)}
    asked = replace(
        turn,
        dialogue=replace(dialogue, consents=consents),
        replies=(*turn.replies, question),
    )
    return with_facts(asked, ConfirmationAsked(at))


def _changed(dialogue: Dialogue, action: DecideOn, at: datetime) -> tuple[Purpose, ...]:
    purpose = action.purpose
    both = standing(dialogue, WITH_ADVERTISING)
    if not action.agreed:
        stood = stands(dialogue, purpose)
        return both if stood and purpose is Purpose.ADVERTISING else (purpose,) * stood
    if purpose not in offered(dialogue):
        return ()
    if not stands(dialogue, purpose):
        return (purpose,)
    return both if purpose is Purpose.ADVERTISING and due(dialogue, at) else ()


def _cleared(dialogue: Dialogue, changed: tuple[Purpose, ...], agreed: bool) -> Dialogue:
    """A survey's draft holds no answer on health either, once that consent is withdrawn."""
    if agreed or Purpose.HEALTH not in changed:
        return dialogue
    return replace(dialogue, scene=_draft_cleared(dialogue.scene))


def _draft_cleared(scene: Scene) -> Scene:
    match scene:
        case Surveying() | ReviewingSurvey():
            return replace(scene, draft=without_health(scene.draft))
        case _:
            return scene


def _told(dialogue: Dialogue, purpose: Purpose, words: str) -> Turn:
    """What was decided stays in the chat; under it goes on what the person was doing."""
    match dialogue.scene:
        case Surveying() as scene if purpose is Purpose.HEALTH:
            return survey.show(dialogue, scene, words)
        case ManagingConsents() | ReadingConsent():
            turn = show_optional(dialogue)
            below = (
                replace(reply, replaces=False) if isinstance(reply, Bubble) else reply
                for reply in turn.replies
            )
            return replace(turn, replies=(Bubble(words, replaces=True), *below))
        case _:
            return say(dialogue, Bubble(words, replaces=True))


def _states(dialogue: Dialogue) -> str:
    given = {purpose: dialogue.consents.get(purpose) for purpose in offered(dialogue)}
    states = {
        purpose: texts.decided_when(one.agreed, one.at) if one else texts.decided_when(None, None)
        for purpose, one in given.items()
    }
    return texts.consents(texts.decided_when(dialogue.agreed, dialogue.agreed_at), states)


def _mark(dialogue: Dialogue, purpose: Purpose) -> str:
    return texts.CHOSEN if stands(dialogue, purpose) else ""
