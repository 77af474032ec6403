"""A skill request → what the person did, at the door: nothing behind it sees Kakao's format."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from bot.dialogue import actions, texts
from bot.dialogue.labels import key
from bot.dialogue.model import Media, Message, Pressed, PressedUnknown, Resume, Said, Sent
from bot.kakao.schema import SkillRequest
from engine.domain import Person

CHANNEL: Final = "kakao"
DEVELOPMENT: Final = "!"
"""Ends the id of a bot's development channel."""
BOT_USER_KEY: Final = "botUserKey"
ACTION: Final = "action"
VERSION: Final = "v"
MORE: Final = re.compile(r"more:(\d{1,18}):(\d{1,3})")
"""«더 보기»: the version of the dialogue that was drawn, and the page."""
ID_AT_MOST: Final = 100
_PICTURE = re.compile(
    r"https?://(?:[\w.-]+\.)?(?:kakao\.com|kakaocdn\.net)/\S+|https?://\S+\.(?:jpe?g|png|gif|webp|heic)",
    re.IGNORECASE,
)
"""A picture comes as an utterance that is its address and nothing else."""


@dataclass(frozen=True, slots=True)
class TurnPage:
    """«더 보기» of a response that did not fit."""

    version: int
    page: int
    """From 0."""


@dataclass(frozen=True, slots=True)
class Incoming:
    person: Person
    doing: Message | TurnPage
    callback: str = ""
    """Where a late answer may be posted; not yet checked."""

    @property
    def wants_result(self) -> bool:
        """«결과 보기», tapped or typed."""
        match self.doing:
            case Pressed(action=Resume()):
                return True
            case Said(text=text):
                return key(text) == key(texts.RESULT)
            case _:
                return False


def addressed(request: SkillRequest, bot: str) -> bool:
    """Whether the request is for this bot, or for its development channel."""
    theirs = request.bot.encode("utf-8", "replace")
    sold = hmac.compare_digest(theirs, bot.encode())
    developed = hmac.compare_digest(theirs, f"{bot}{DEVELOPMENT}".encode())
    return sold or developed


def read(request: SkillRequest, secret: bytes, at: datetime, given: str = "") -> Incoming:
    """`given` is the request's own id (X-Request-Id), empty where none came."""
    who = person(request, secret)
    return Incoming(who, _doing(request, who, at, given), request.callback_url)


def person(request: SkillRequest, secret: bytes) -> Person:
    """Known by a keyed hash: Kakao's ids are personal data, and differ from bot to bot."""
    name = f"{request.bot}\0{request.user}".encode("utf-8", "replace")
    hashed = hmac.new(secret, name, sha256).hexdigest()
    address = _address(request)
    return Person(CHANNEL, hashed, address)


def _address(request: SkillRequest) -> str | None:
    """The person's botUserKey, which the Event API reaches; None in the console's test."""
    if request.user_type == BOT_USER_KEY:
        return request.user
    return request.push_key if request.push_type == BOT_USER_KEY else None


def _doing(request: SkillRequest, who: Person, at: datetime, given: str) -> Message | TurnPage:
    extra = request.extra or {}
    carried = extra.get(ACTION)
    if not request.tapped or not isinstance(carried, str):
        return _said(request, at, _id(given))
    if found := MORE.fullmatch(carried):
        return TurnPage(int(found[1]), int(found[2]))
    id = _id(given) or _drawn(who, extra, carried)
    action = actions.read(carried)
    return PressedUnknown(id, at) if action is None else Pressed(id, at, action)


def _said(request: SkillRequest, at: datetime, id: str | None) -> Said | Sent:
    text = request.utterance.strip()
    if request.media or _PICTURE.fullmatch(text):
        return Sent(id, at, Media.PHOTO)
    return Said(id, at, request.utterance)


def _id(given: str) -> str | None:
    """A request's id as an event's; a long one by its hash."""
    if len(given) <= ID_AT_MOST:
        return given or None
    return sha256(given.encode("utf-8", "replace")).hexdigest()


def _drawn(who: Person, extra: Mapping[str, Any], carried: str) -> str | None:
    """Where a request has no id: a button of one screen, pressed twice, is one press."""
    version = extra.get(VERSION)
    if not isinstance(version, int) or isinstance(version, bool):
        return None
    return sha256(f"{who.id}\0{version}\0{carried}".encode("utf-8", "replace")).hexdigest()
