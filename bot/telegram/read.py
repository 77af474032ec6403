"""Update → Event, at the door: nothing behind it sees a Telegram type."""

from dataclasses import dataclass
from datetime import UTC, datetime

from telegram import CallbackQuery, ChatMember, Message, Update
from telegram.constants import ChatType

from bot.dialogue import actions, model
from engine.domain import Person

CHANNEL = "telegram"


@dataclass(frozen=True, slots=True)
class Origin:
    """The message whose button was pressed, and the callback that waits for its answer."""

    callback: str | None = None
    message: int | None = None
    """Only where its text may be edited: a photo's cannot become a bubble."""


@dataclass(frozen=True, slots=True)
class Incoming:
    person: Person
    chat: int
    event: model.Message
    origin: Origin = Origin()


def read(update: Update) -> Incoming | None:
    """What a private chat's message or button says; None for everything else."""
    chat = update.effective_chat
    if chat is None or chat.type != ChatType.PRIVATE:
        return None
    name = str(update.update_id)
    person = Person(CHANNEL, str(chat.id))
    if update.callback_query is not None:
        pressed = _pressed(name, update.callback_query)
        return Incoming(person, chat.id, pressed, _origin(update.callback_query))
    if update.message is not None:
        return Incoming(person, chat.id, _said(name, update.message))
    return None


def standing(update: Update) -> tuple[Person, bool] | None:
    """Whether the person has blocked the bot now; None where that is not what is told."""
    change, chat = update.my_chat_member, update.effective_chat
    if change is None or chat is None or chat.type != ChatType.PRIVATE:
        return None
    gone = change.new_chat_member.status in {ChatMember.BANNED, ChatMember.LEFT}
    return Person(CHANNEL, str(chat.id)), gone


def _said(name: str, message: Message) -> model.Said | model.Sent:
    if message.text is not None:
        return model.Said(name, message.date, message.text)
    return model.Sent(name, message.date, _media(message))


def _media(message: Message) -> model.Media:
    if message.sticker or message.animation:
        return model.Media.STICKER
    if message.photo:
        return model.Media.PHOTO
    if message.voice or message.audio:
        return model.Media.VOICE
    return model.Media.OTHER


def _pressed(name: str, query: CallbackQuery) -> model.Pressed | model.PressedUnknown:
    at = datetime.now(UTC)  # Telegram gives a press no time of its own
    action = actions.read(query.data or "")
    return model.PressedUnknown(name, at) if action is None else model.Pressed(name, at, action)


def _origin(query: CallbackQuery) -> Origin:
    message = query.message
    if isinstance(message, Message) and message.text is not None:
        return Origin(query.id, message.message_id)
    return Origin(query.id)
