"""What a shop may send, and when: the law's form of advertising, and the hours of the night.

정보통신망법 제50조, 시행령 별표 6: «(광고)» and the sender's name at the very start, a contact and
a free way to refuse at the end, no variants that hide the mark; a consent of its own for 21:00 to
08:00, here widened to 20:40 to 08:10. Standard library only.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from engine.domain import AgeBand, Concern, SkinType

SEOUL: Final = timezone(timedelta(hours=9), "KST")
"""Korea has had no summer time since 1988."""
MORNING: Final = time(8, 10)
EVENING: Final = time(20, 40)
MARK: Final = "(광고)"
REFUSAL: Final = "무료 수신거부: /stop"
TEXT_AT_MOST: Final = 4096
CAPTION_AT_MOST: Final = 1024
LABEL_AT_MOST: Final = 30
URL_AT_MOST: Final = 500
_BRACKETED: Final = re.compile(r"[(\[{<〔【〈《「『](\W*)광(\W*)고(\W*)[)\]}>〕】〉》」』]")


def quiet(at: datetime) -> bool:
    """Whether only those with the night consent may be written to at this moment."""
    return not MORNING <= at.astimezone(SEOUL).time() < EVENING


class Fault(StrEnum):
    """Why something cannot be sent as advertising."""

    NAMELESS = "nameless"
    """The operator set no name of the shop, or no contact."""
    EMPTY = "empty"
    MARKED = "marked"
    """The text bears a mark of its own, or a variant that hides it."""
    LONG = "long"
    LINK = "link"
    """The button's label or address cannot be used."""


class Unlawful(ValueError):
    """Cannot be sent as it is; `fault` says why."""

    def __init__(self, fault: Fault, limit: int | None = None) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.limit = limit
        """Characters that the author has, where it is LONG."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends it, as the law wants them named. Raises Unlawful where either is missing."""

    name: str
    contact: str

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.contact.strip():
            raise Unlawful(Fault.NAMELESS)


@dataclass(frozen=True, slots=True)
class Link:
    """A button that leads to the web."""

    label: str
    url: str

    def __post_init__(self) -> None:
        if not 0 < len(self.label.strip()) <= LABEL_AT_MOST or not _leads_to_the_web(self.url):
            raise Unlawful(Fault.LINK)


@dataclass(frozen=True, slots=True)
class Advertisement:
    """The one thing that couriers send to many: there is none without the mark and the refusal.

    Raises Unlawful.
    """

    sender: Sender
    body: str
    link: Link | None = None
    pictured: bool = False
    """It is a picture's caption."""

    def __post_init__(self) -> None:
        if not self.body.strip():
            raise Unlawful(Fault.EMPTY)
        if hides_a_mark(self.body) or hides_a_mark(self.link.label if self.link else ""):
            raise Unlawful(Fault.MARKED)
        limit = CAPTION_AT_MOST if self.pictured else TEXT_AT_MOST
        if (over := _length(self.text) - limit) > 0:
            raise Unlawful(Fault.LONG, max(0, _length(self.body.strip()) - over))

    @property
    def text(self) -> str:
        sender = self.sender
        head = f"{MARK} {' '.join(sender.name.split())}"
        foot = f"문의: {' '.join(sender.contact.split())}\n{REFUSAL}"
        return f"{head}\n\n{self.body.strip()}\n\n{foot}"


@dataclass(frozen=True, slots=True)
class Segment:
    """Whom a broadcast is for; None means everybody."""

    channel: str | None = None
    skin_type: SkinType | None = None
    concern: Concern | None = None
    age_band: AgeBand | None = None
    active_days: int | None = None
    """Did something within so many days."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Of a segment, as it is now."""

    matching: int
    consenting: int
    reachable: Mapping[str, int]
    """Channel → those who consent, have not blocked the bot and stand where it can write."""
    held: int
    """Of the reachable, those who may not be written to at this hour."""


class Delivery(StrEnum):
    """What became of one recipient."""

    WAITING = "waiting"
    SENDING = "sending"
    """Committed before the call."""
    DELIVERED = "delivered"
    BLOCKED = "blocked"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    """It may have arrived; never sent again by itself."""
    UNREACHABLE = "unreachable"
    HELD_BACK = "held_back"
    """No consent, or not any more."""


class Going(StrEnum):
    """How far a broadcast is."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Tally:
    """`total` recipients when it was asked for: the sum of the states, and those erased since."""

    total: int
    states: Mapping[Delivery, int]

    def __getitem__(self, state: Delivery) -> int:
        return self.states.get(state, 0)

    @property
    def erased(self) -> int:
        return self.total - sum(self.states.values())

    @property
    def open(self) -> int:
        return self[Delivery.WAITING] + self[Delivery.SENDING]


def hides_a_mark(text: str) -> bool:
    """«(광고)» and what dodges filters: «(광/고)», «[광 고]», full width, invisible signs."""
    plain = unicodedata.normalize("NFKC", text)
    seen = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    return _BRACKETED.search(seen) is not None


def _length(text: str) -> int:
    """UTF-16 units, the strictest way in which Telegram counts."""
    return len(text.encode("utf-16-le", "replace")) // 2


def _leads_to_the_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    plain = url.isprintable() and " " not in url and len(url) <= URL_AT_MOST
    return plain and parts.scheme in {"http", "https"} and bool(host)
