"""What is on the screen, so that a typed label is a press of its button."""

from collections.abc import Iterable
from typing import Final

from bot.dialogue.actions import written
from bot.dialogue.model import Button, Dialogue, Document, Offer, Reply, Toast

BYTES_AT_MOST: Final = 2_500
"""Of all offers as JSON; a button beyond can still be pressed, only not typed."""
_OVERHEAD: Final = 40
_IGNORED: Final = str.maketrans(
    "", "", " \t\r\n✅\ufe0f" + "".join(map(chr, range(0x1F3FB, 0x1F400)))
)
"""Blanks, the mark of a chosen option, the emoji form and skin tones."""


def key(text: str) -> str:
    """Letters and digits only; where there are none («👍»), what is left without blanks."""
    bare = "".join(character for character in text if character.isalnum()).casefold()
    return bare or text.translate(_IGNORED)


def offered(replies: Iterable[Reply], room: int = BYTES_AT_MOST) -> tuple[Offer, ...]:
    offers = dict.fromkeys(
        Offer(button.label, button.about, written(button.action))
        for button in buttons(replies)
        if button.action is not None
    )
    return tuple(_within(offers, room))


def buttons(replies: Iterable[Reply]) -> tuple[Button, ...]:
    return tuple(
        button
        for reply in replies
        if not isinstance(reply, Toast | Document)
        for row in reply.rows
        for button in row
    )


def matching(dialogue: Dialogue, text: str) -> tuple[Offer, ...]:
    """The offers of this label, one for each meaning."""
    wanted = key(text)
    meanings = {
        offer.action: offer for offer in reversed(dialogue.offers) if key(offer.label) == wanted
    }
    return tuple(reversed(meanings.values()))


def _within(offers: Iterable[Offer], room: int) -> Iterable[Offer]:
    size = 0
    for offer in offers:
        texts = offer.label + offer.about + offer.action
        size += len(texts.encode()) + _OVERHEAD
        if size <= room:
            yield offer
