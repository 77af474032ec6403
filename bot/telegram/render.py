"""Reply → Bot API arguments. Telegram's limits live here: what is too long is split, never cut."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import (
    InlineKeyboardButtonLimit,
    KeyboardButtonStyle,
    MessageLimit,
)

from bot.dialogue.actions import written
from bot.dialogue.model import Bubble, Button, Card, Rows

STYLES = {"good": KeyboardButtonStyle.SUCCESS, "danger": KeyboardButtonStyle.DANGER}


def bubbles(bubble: Bubble) -> tuple[tuple[str, InlineKeyboardMarkup | None], ...]:
    """Texts of at most 4,096 characters; the keyboard stands under the last."""
    texts = split(bubble.text, MessageLimit.MAX_TEXT_LENGTH)
    return (*((text, None) for text in texts[:-1]), (texts[-1], keyboard(bubble.rows)))


def caption(card: Card) -> tuple[str, ...]:
    """The card's text; the first part fits a photo's caption of 1,024 characters."""
    product = card.product
    head = f"{product.brand}\n{product.name}\n{card.facts}"
    text = f"{head}\n\n{card.note}" if card.note else head
    return split(text, MessageLimit.CAPTION_LENGTH)


def keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup([[_button(button) for button in row] for row in rows])


def split(text: str, limit: int) -> tuple[str, ...]:
    """Parts of at most `limit` characters, parted at paragraphs, else lines, else words."""
    parts, text = [], text.strip()
    while len(text) > limit:
        end = _seam(text, limit)
        parts.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return (*parts, text) if text or not parts else tuple(parts)


def _seam(text: str, limit: int) -> int:
    for seam in ("\n\n", "\n", " "):
        end = text.rfind(seam, 1, limit)
        if end > 0:
            return end
    return limit


def _button(button: Button) -> InlineKeyboardButton:
    if button.action is None:
        return InlineKeyboardButton(button.label, url=button.url)
    data = written(button.action)
    if len(data.encode()) > InlineKeyboardButtonLimit.MAX_CALLBACK_DATA:
        raise ValueError(f"callback data of {button.label!r} is over 64 bytes")
    return InlineKeyboardButton(button.label, callback_data=data, style=STYLES.get(button.tone))
