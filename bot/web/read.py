"""The page's frames, read at the door. Behind it nothing sees JSON."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.dialogue import actions
from bot.dialogue.model import Media, Message, Pressed, PressedUnknown, Said, Sent

FRAME_BYTES = 64 * 1024
"""A larger frame closes the socket with 1009; the page says so before it sends one."""
TEXT_LENGTH = 4000
ACTION_LENGTH = 64
PENDING = 64


class Unreadable(Exception):
    """Not a frame of this protocol. `id` is the event's, where at least that could be read."""

    def __init__(self, reason: str, id: str | None = None) -> None:
        super().__init__(reason)
        self.id = id


class _Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Hello(_Frame):
    """The first frame of every connection."""

    type: Literal["hello"]
    fresh: bool
    """The page was just loaded and shows nothing yet."""
    pending: tuple[UUID, ...] = Field((), max_length=PENDING)
    """Events that were sent over an earlier connection and never acknowledged."""


class Ping(_Frame):
    """The page asks whether the line still lives."""

    type: Literal["ping"]


class Say(_Frame):
    type: Literal["say"]
    id: UUID
    text: str = Field(min_length=1, max_length=TEXT_LENGTH)


class Press(_Frame):
    type: Literal["press"]
    id: UUID
    action: str = Field(max_length=ACTION_LENGTH)
    bubble: str | None = Field(None, max_length=ACTION_LENGTH)
    """The bubble that holds the button; None for a button on a card."""


class Send(_Frame):
    type: Literal["send"]
    id: UUID
    media: Literal["sticker", "photo", "voice", "other"]


Doing = Say | Press | Send
"""What a person does, as opposed to what the page does by itself."""
Frame = Hello | Ping | Doing
_FRAMES: TypeAdapter[Frame] = TypeAdapter(Annotated[Frame, Field(discriminator="type")])


class _Named(BaseModel):
    id: UUID


def read(text: str) -> Frame:
    """One frame. Raises Unreadable."""
    try:
        return _FRAMES.validate_json(text)
    except ValidationError as error:
        raise Unreadable(_first(error), _id(text)) from None


def event(frame: Doing, at: datetime) -> Message:
    """What the frame tells the dialogue."""
    id = str(frame.id)
    match frame:
        case Say(text=text):
            return Said(id, at, text)
        case Press(action=written):
            action = actions.read(written)
            return PressedUnknown(id, at) if action is None else Pressed(id, at, action)
        case Send(media=media):
            return Sent(id, at, Media(media))


def _first(error: ValidationError) -> str:
    detail = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in detail["loc"])
    return f"{place or 'frame'}: {detail['msg']}"


def _id(text: str) -> str | None:
    """The event's id even where the rest is wrong, so that the page knows which one it was."""
    try:
        return str(_Named.model_validate_json(text).id)
    except ValidationError:
        return None
