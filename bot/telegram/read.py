"""Update → Event, at the door: nothing behind it sees a Telegram type."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from telegram import Bot, CallbackQuery, ChatMember, Message, Update
from telegram.constants import ChatType

from bot.dialogue import actions, model
from bot.telegram.inline import chosen_product
from engine.domain import Person

CHANNEL = "telegram"
ID_AT_MOST = 2**52
"""Telegram's own word for how large an id may grow."""
GROUP_COMMAND = "/ingredient"
FILE_ID_AT_MOST = 256
"""Telegram tells no limit; its ids have about 90 letters."""


class Unreadable(Exception):
    """Not an update as Telegram writes them; says what of it, never what stood there."""


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


@dataclass(frozen=True, slots=True)
class Asked:
    """/ingredient in a group: where the answer goes, and nothing of who asked."""

    chat: int
    message: int
    topic: int | None
    name: str
    """What is asked for; may be empty."""


def number(raw: object) -> int:
    """The update's id. Raises Unreadable."""
    id = raw.get("update_id") if isinstance(raw, Mapping) else None
    if not isinstance(id, int) or isinstance(id, bool) or not 0 <= id <= ID_AT_MOST:
        raise Unreadable("no update_id")
    return id


def parsed(raw: Any, bot: Bot) -> Update:
    """JSON → the library's type. Raises Unreadable: the library itself meets nonsense with
    whatever exception it runs into."""
    number(raw)
    try:
        update = Update.de_json(raw, bot)
    except Exception as error:
        raise Unreadable(type(error).__name__) from None
    _check_chat(update)
    return update


def _check_chat(update: Update) -> None:
    """The library takes what it is given for what it should be."""
    chat = update.effective_chat
    if chat is not None and not (_is_id(chat.id) and isinstance(chat.type, str)):
        raise Unreadable("chat")
    if update.effective_user is not None and not _is_id(update.effective_user.id):
        raise Unreadable("user")
    query = update.callback_query
    if query is not None and not _is_text(query.id):
        raise Unreadable("callback_query")
    typed = update.inline_query
    if typed is not None and not all(map(_is_text, (typed.id, typed.query, typed.offset))):
        raise Unreadable("inline_query")


def _is_text(value: object) -> bool:
    """Whether it is text that can be written: half of a surrogate pair is no character."""
    return isinstance(value, str) and value == _text(value)


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= ID_AT_MOST


def read(update: Update) -> Incoming | None:
    """What a private chat's message or button says; None for everything else.

    Raises Unreadable where the update is none of Telegram's.
    """
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


def asked(update: Update, username: str) -> Asked | None:
    """The one thing a group may ask; None for everything else that is said there."""
    message = update.message
    chat = update.effective_chat
    if message is None or chat is None or chat.type not in {ChatType.GROUP, ChatType.SUPERGROUP}:
        return None
    if not isinstance(message.text, str) or not _is_id(message.message_id):
        return None
    word, _, name = _text(message.text).strip().partition(" ")
    command, _, bot = word.partition("@")
    if command.casefold() != GROUP_COMMAND or bot.casefold() not in {"", username.casefold()}:
        return None
    topic = message.message_thread_id if message.is_topic_message else None
    return Asked(chat.id, message.message_id, topic, " ".join(name.split()))


def standing(update: Update) -> tuple[Person, bool] | None:
    """Whether the person has blocked the bot now; None where that is not what is told."""
    change, chat = update.my_chat_member, update.effective_chat
    if change is None or chat is None or chat.type != ChatType.PRIVATE:
        return None
    if change.new_chat_member is None:
        raise Unreadable("my_chat_member")
    gone = change.new_chat_member.status in {ChatMember.BANNED, ChatMember.LEFT}
    return Person(CHANNEL, str(chat.id)), gone


def _said(name: str, message: Message) -> model.Said | model.Sent:
    at = _moment(message)
    if (link := chosen_product(message)) is not None:
        return model.Said(name, at, f"/start {_text(link)}")
    if message.text is not None:
        return model.Said(name, at, _text(message.text))
    return model.Sent(name, at, _media(message), _photo(message))


def _moment(message: Message) -> datetime:
    """When it was sent, by Telegram's clock; what lies ahead of ours is now."""
    if not isinstance(message.date, datetime):
        raise Unreadable("date")
    return min(message.date, datetime.now(UTC))


def _text(value: object) -> str:
    """What of it can be written behind the door."""
    if not isinstance(value, str):
        raise Unreadable("text")
    return value.encode("utf-8", "replace").decode()


def _photo(message: Message) -> str:
    """What Telegram calls the picture, sent as a photo or as a file; empty without one."""
    picture = message.photo[-1] if message.photo else message.document
    if picture is None or not (message.photo or _is_picture(message)):
        return ""
    file = _text(picture.file_id)
    return file if len(file) <= FILE_ID_AT_MOST else ""


def _is_picture(message: Message) -> bool:
    kind = message.document.mime_type if message.document else None
    return isinstance(kind, str) and kind.startswith("image/") and not message.animation


def _media(message: Message) -> model.Media:
    if message.sticker or message.animation:
        return model.Media.STICKER
    if message.photo or _is_picture(message):
        return model.Media.PHOTO
    if message.voice or message.audio:
        return model.Media.VOICE
    return model.Media.OTHER


def _pressed(name: str, query: CallbackQuery) -> model.Pressed | model.PressedUnknown:
    at = datetime.now(UTC)  # Telegram gives a press no time of its own
    action = actions.read(_text(query.data or ""))
    return model.PressedUnknown(name, at) if action is None else model.Pressed(name, at, action)


def _origin(query: CallbackQuery) -> Origin:
    message = query.message
    if isinstance(message, Message) and message.text is not None and _is_id(message.message_id):
        return Origin(query.id, message.message_id)
    return Origin(query.id)
