"""The written form of an action: what a button carries through a channel, at most 64 bytes ASCII.

Telegram's `callback_data` sets the limit. `read(written(action)) == action` for every action.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from enum import StrEnum
from typing import Final, TypeVar, assert_never

from bot.dialogue.model import (
    ADAPTER,
    Action,
    Adapt,
    AddChart,
    Aim,
    Amend,
    AnswerAgain,
    Avoid,
    Choose,
    Compose,
    ConfirmDelete,
    DecideConsent,
    DecideOn,
    DeclareAge,
    Deed,
    Dispatch,
    Finish,
    FinishPicking,
    GiveReason,
    GoTo,
    Grade,
    KeepSaid,
    LaySideBySide,
    LeaveEmpty,
    LeaveOutPerfume,
    LookUpName,
    Mark,
    MarkHealth,
    Menu,
    NarrowCategory,
    NarrowPrice,
    Open,
    Part,
    Pick,
    PlanOther,
    PlanWithin,
    Prefer,
    Rate,
    RateAnswer,
    ReadConsent,
    Reason,
    RecommendOthers,
    Resume,
    Review,
    SaveProfile,
    ShowDetails,
    ShowFormula,
    ShowIngredient,
    ShowList,
    ShowStatistics,
    ShowWhy,
    Skip,
    Steer,
    Step,
    Stop,
    TurnTo,
    Weigh,
    Widen,
    Withdraw,
)
from engine.advertising import Going
from engine.domain import Purpose

Name = TypeVar("Name", bound=StrEnum)

BYTES_AT_MOST: Final = 64
DIGITS_AT_MOST: Final = 18
"""Numbers stay within a signed 64-bit column."""


def written(action: Action) -> str:
    """Raises ValueError where an ingredient's name is empty or does not fit (see `fits`)."""
    text = _written(action)
    if len(text) > BYTES_AT_MOST:
        raise ValueError(f"{action} is over {BYTES_AT_MOST} bytes")
    return text


def fits(action: Action) -> bool:
    """Whether the action can be a button; only a long ingredient name cannot."""
    try:
        written(action)
    except ValueError:
        return False
    return True


def read(text: str) -> Action | None:
    """The action, or None where no version of today wrote this."""
    match text.split(":"):
        case [word]:
            return _bare(word)
        case [kind, value]:
            return _single(kind, value)
        case [kind, first, second]:
            return _double(kind, first, second)
        case ["compare", *products] if len(products) == 3:
            return _compared(*map(_number, products))
        case _:
            return None


def _written(action: Action) -> str:
    match action:
        case Open(room):
            return f"open:{room}"
        case DeclareAge(old_enough):
            return "age:yes" if old_enough else "age:no"
        case DecideConsent(agreed):
            return "consent:yes" if agreed else "consent:no"
        case DecideOn(purpose, agreed):
            return f"agree:{purpose}" if agreed else f"disagree:{purpose}"
        case ReadConsent(purpose):
            return f"terms:{purpose}"
        case GoTo(step):
            return f"goto:{step}"
        case Choose(step, option):
            return f"choose:{step}:{option}"
        case Mark(option, on):
            return f"mark:{option}" if on else f"unmark:{option}"
        case MarkHealth(option, on):
            return f"health:{option}" if on else f"unhealth:{option}"
        case Skip(step):
            return f"skip:{step}"
        case Finish(step):
            return f"finish:{step}"
        case Review():
            return "review"
        case SaveProfile():
            return "save"
        case Pick(product, on):
            return f"pick:{product}" if on else f"unpick:{product}"
        case Grade(product, stars):
            return f"grade:{product}:{stars}"
        case TurnTo(page):
            return f"page:{page}"
        case FinishPicking():
            return "picked"
        case RecommendOthers(turn):
            return f"others:{turn}"
        case PlanWithin(budget):
            return f"routine:{budget}"
        case PlanOther(turn):
            return f"routines:{turn}"
        case NarrowPrice(bottom, top):
            return f"price:{bottom}:{top}"
        case NarrowCategory(name):
            return f"kind:{_packed(name)}"
        case LeaveOutPerfume():
            return "unscented"
        case Widen():
            return "widen"
        case LaySideBySide(one, two, three):
            return f"compare:{one}:{two}:{three}"
        case Weigh(product, on):
            return f"weigh:{product}" if on else f"unweigh:{product}"
        case ShowDetails(product):
            return f"product:{product}"
        case ShowWhy(product):
            return f"why:{product}"
        case ShowFormula(product, page):
            return f"formula:{product}:{page}"
        case ShowIngredient(ingredient, page):
            return f"ingredient:{ingredient}:{page}"
        case ShowList(page):
            return f"list:{page}"
        case Avoid(ingredient, on):
            return f"avoid:{ingredient}" if on else f"unavoid:{ingredient}"
        case LookUpName(name):
            return f"name:{_packed(name)}"
        case Rate(product, good):
            return f"good:{product}" if good else f"bad:{product}"
        case RateAnswer() | GiveReason() | AnswerAgain() | Prefer() | KeepSaid():
            return _on_answer(action)
        case Stop(ticket):
            return f"stop:{ticket}"
        case Amend(step):
            return f"amend:{step}"
        case Resume():
            return "resume"
        case (
            Compose()
            | LeaveEmpty()
            | AddChart()
            | Aim()
            | Dispatch()
            | ShowStatistics()
            | Adapt()
            | Steer()
        ):
            return _of_admins(action)
        case Withdraw():
            return "withdraw"
        case ConfirmDelete():
            return "erase"
        case _:
            assert_never(action)


def _of_admins(
    action: Compose | LeaveEmpty | AddChart | Aim | Dispatch | ShowStatistics | Adapt | Steer,
) -> str:
    match action:
        case Compose(part):
            return f"compose:{part}"
        case LeaveEmpty(part):
            return f"without:{part}"
        case AddChart():
            return "chart"
        case Aim(part, option):
            return f"aim:{part}:{option}"
        case Dispatch():
            return "dispatch"
        case ShowStatistics(days):
            return f"stats:{days}"
        case Adapt(deed, adapter):
            return f"{deed}:{adapter}"
        case Steer(broadcast, going):
            return f"{going}:{broadcast}"
        case _:
            assert_never(action)


def _on_answer(action: RateAnswer | GiveReason | AnswerAgain | Prefer | KeepSaid) -> str:
    match action:
        case RateAnswer(ticket, good):
            return f"helpful:{ticket}" if good else f"unhelpful:{ticket}"
        case GiveReason(reason, ticket):
            return f"reason:{reason}:{ticket}"
        case AnswerAgain(ticket):
            return f"again:{ticket}"
        case Prefer(ticket, second):
            return f"second:{ticket}" if second else f"first:{ticket}"
        case KeepSaid(ticket, keep):
            return f"keep:{ticket}" if keep else f"unkeep:{ticket}"
        case _:
            assert_never(action)


def _bare(word: str) -> Action | None:
    match word:
        case "review":
            return Review()
        case "save":
            return SaveProfile()
        case "picked":
            return FinishPicking()
        case "unscented":
            return LeaveOutPerfume()
        case "widen":
            return Widen()
        case "resume":
            return Resume()
        case "chart":
            return AddChart()
        case "dispatch":
            return Dispatch()
        case "withdraw":
            return Withdraw()
        case "erase":
            return ConfirmDelete()
        case _:
            return None


def _single(kind: str, value: str) -> Action | None:
    match kind:
        case "open":
            room = _member(Menu, value)
            return None if room is None else Open(room)
        case "age" if value in ("yes", "no"):
            return DeclareAge(value == "yes")
        case "consent" if value in ("yes", "no"):
            return DecideConsent(value == "yes")
        case "agree" | "disagree" | "terms":
            return _of_purpose(kind, value)
        case "name":
            name = _unpacked(value)
            return None if name is None else LookUpName(name)
        case "kind":
            name = _unpacked(value)
            return None if name is None else NarrowCategory(name)
        case "speak" | "load" | "unload":
            named = not value or ADAPTER.fullmatch(value)
            return Adapt(Deed(kind), value) if named else None
        case "goto" | "skip" | "finish" | "amend":
            return _of_step(kind, value)
        case "compose" | "without":
            part = _member(Part, value)
            if part is None:
                return None
            return Compose(part) if kind == "compose" else LeaveEmpty(part)
        case _:
            number = _number(value)
            return None if number is None else _numbered(kind, number)


def _of_purpose(kind: str, value: str) -> Action | None:
    purpose = _member(Purpose, value)
    if purpose is None:
        return None
    return ReadConsent(purpose) if kind == "terms" else DecideOn(purpose, kind == "agree")


def _of_step(kind: str, value: str) -> Action | None:
    step = _member(Step, value)
    if step is None:
        return None
    match kind:
        case "goto":
            return GoTo(step)
        case "skip":
            return Skip(step)
        case "amend":
            return Amend(step)
        case _:
            return Finish(step)


def _numbered(kind: str, number: int) -> Action | None:
    match kind:
        case "mark" | "unmark":
            return Mark(number, kind == "mark")
        case "health" | "unhealth":
            return MarkHealth(number, kind == "health")
        case "pick" | "unpick":
            return Pick(number, kind == "pick")
        case "weigh" | "unweigh":
            return Weigh(number, kind == "weigh")
        case "page":
            return TurnTo(number)
        case "list":
            return ShowList(number)
        case "stop":
            return Stop(number)
        case "avoid" | "unavoid":
            return Avoid(number, kind == "avoid")
        case "others":
            return RecommendOthers(number)
        case "routine":
            return PlanWithin(number)
        case "routines":
            return PlanOther(number)
        case "product":
            return ShowDetails(number)
        case "why":
            return ShowWhy(number)
        case "good" | "bad":
            return Rate(number, kind == "good")
        case "helpful" | "unhelpful":
            return RateAnswer(number, kind == "helpful")
        case "again":
            return AnswerAgain(number)
        case "first" | "second":
            return Prefer(number, kind == "second")
        case "keep" | "unkeep":
            return KeepSaid(number, kind == "keep")
        case "stats":
            return ShowStatistics(number)
        case "running" | "paused" | "cancelled" | "done":
            return Steer(number, Going(kind))
        case _:
            return None


def _double(kind: str, first: str, second: str) -> Action | None:
    number = _number(second)
    if number is None:
        return None
    if kind == "choose":
        step = _member(Step, first)
        return None if step is None else Choose(step, number)
    if kind == "reason":
        reason = _member(Reason, first)
        return None if reason is None else GiveReason(reason, number)
    if kind == "aim":
        part = _member(Part, first)
        return None if part is None else Aim(part, number)
    subject = _number(first)
    if subject is None:
        return None
    match kind:
        case "grade":
            return Grade(subject, number)
        case "price":
            return NarrowPrice(subject, number)
        case "formula":
            return ShowFormula(subject, number)
        case "ingredient":
            return ShowIngredient(subject, number)
        case _:
            return None


def _compared(first: int | None, second: int | None, third: int | None) -> Action | None:
    if first is None or second is None or third is None:
        return None
    return LaySideBySide(first, second, third)


def _member(kind: type[Name], value: str) -> Name | None:
    return kind(value) if value in kind.__members__.values() else None


def _number(text: str) -> int | None:
    """Canonical decimals only, so that every action has one written form."""
    if not (text.isascii() and text.isdigit()) or len(text) > DIGITS_AT_MOST:
        return None
    number = int(text)
    return number if str(number) == text else None


def _packed(name: str) -> str:
    """UTF-16, two bytes a syllable: 22 of them fit, where UTF-8 would take 14."""
    if not name:
        raise ValueError("an ingredient without a name")
    return urlsafe_b64encode(name.encode("utf-16-be")).decode("ascii").rstrip("=")


def _unpacked(packed: str) -> str | None:
    try:
        raw = urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        name = raw.decode("utf-16-be")
        return name if _packed(name) == packed else None
    except (binascii.Error, ValueError):
        return None
