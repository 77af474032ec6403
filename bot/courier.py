"""The port of what is sent to people who did not just write: a courier for each channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.dialogue.model import Rows
from engine.advertising import Advertisement, hides_a_mark
from engine.store.broadcasts import Recipient

# --- what came of one call -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Arrived:
    pass


@dataclass(frozen=True, slots=True)
class Blocked:
    """The person blocked the bot, or is gone."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform will never take it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The channel has no way to them."""


@dataclass(frozen=True, slots=True)
class Busy:
    """Told to wait; nothing was sent."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Unsent:
    """No connection, so nothing was sent."""

    reason: str


@dataclass(frozen=True, slots=True)
class Faltered:
    """The platform answered with an error of its own."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It went out, and no answer came: it may have arrived."""

    reason: str


Outcome = Arrived | Blocked | Refused | Unreachable | Busy | Unsent | Faltered | Unknown


@dataclass(frozen=True, slots=True)
class Notice:
    """A word to one person about their own consents; never advertising."""

    text: str
    rows: Rows = ()

    def __post_init__(self) -> None:
        if hides_a_mark(self.text):
            raise ValueError("advertising is no notice")


class Courier(Protocol):
    """A channel's way to people who did not just write."""

    @property
    def at_once(self) -> int:
        """Recipients of one call."""
        ...

    @property
    def rate(self) -> float:
        """Calls a second."""
        ...

    async def deliver(
        self, recipients: Sequence[Recipient], ad: Advertisement, picture: bytes | None
    ) -> Sequence[Outcome]:
        """One outcome for each; raises nothing but cancellation."""
        ...

    async def notify(self, recipient: Recipient, notice: Notice) -> Outcome: ...


class Reporter(Protocol):
    """Where the author reads how far it is."""

    async def report(self, chat: str, message: int | None, text: str, rows: Rows) -> int | None:
        """Edit the message, or send a new one (None); its id, None where it cannot be shown."""
        ...
