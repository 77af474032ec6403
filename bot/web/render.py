"""Replies as the page's frames: plain dictionaries that go out as JSON."""

from collections.abc import Callable, Mapping
from typing import assert_never
from urllib.parse import urlsplit
from uuid import uuid4

from bot.conversation import Broken, Progress, Shown, Waiting
from bot.dialogue import actions, texts
from bot.dialogue.model import Bubble, Button, Card, Document, Picture, Rows, Stop, Toast
from engine.domain import Product

Frame = Mapping[str, object]
PicturePath = Callable[[Product], str | None]
"""Where this site shows the product's picture."""


class Exchange:
    """One event's answer on its way to the page: gives every reply its id and its place.

    A growing answer keeps one id, and the bubble that ends it takes its place. The first bubble
    that replaces takes the place of the bubble whose button was pressed; the page may hold one
    of each id only, so a second one is added below.
    """

    def __init__(
        self, picture: PicturePath, event: str | None = None, pressed: str | None = None
    ) -> None:
        self._picture = picture
        self._event = event
        self._pressed = pressed
        self._growing: str | None = None
        self._ticket = 0

    def frame(self, shown: Shown) -> Frame:
        match shown:
            case Bubble():
                return self._bubble(shown)
            case Card():
                return self._card(shown)
            case Toast(text=text):
                return self._ours({"type": "toast", "text": text})
            case Document(name=name, content=content, caption=caption):
                file = {"name": name, "content": content, "text": caption}
                return self._ours({"type": "document", "id": _mint(), **file})
            case Picture(caption=caption, rows=rows):
                return self._bubble(Bubble(caption, rows))
            case Waiting(request=request):
                self._ticket = request.ticket
                return self._ours({"type": "typing"})
            case Progress(text=text):
                return self._progress(text)
            case Broken(text=text):
                return self._bubble(Bubble(text))
            case _:
                assert_never(shown)

    def _card(self, card: Card) -> Frame:
        product = card.product
        return self._ours(
            {
                "type": "card",
                "id": _mint(),
                "brand": product.brand,
                "name": product.name,
                "category": product.category,
                "picture": self._picture(product),
                "facts": card.facts,
                "note": card.note,
                "rows": _rows(card.rows),
            }
        )

    def _progress(self, text: str) -> Frame:
        self._growing = self._growing or _mint()
        rows = _rows(((Button(texts.STOP, Stop(self._ticket)),),))
        return self._ours({"type": "progress", "id": self._growing, "text": text, "rows": rows})

    def _bubble(self, bubble: Bubble) -> Frame:
        place = self._place(bubble)
        return self._ours(
            {
                "type": "bubble",
                "id": place or _mint(),
                "replaces": place,
                "text": bubble.text,
                "rows": _rows(bubble.rows),
            }
        )

    def _place(self, bubble: Bubble) -> str | None:
        place = self._growing
        if place is not None:
            self._growing = None
        elif bubble.replaces:
            place, self._pressed = self._pressed, None
        return place

    def _ours(self, frame: dict[str, object]) -> Frame:
        return {**frame, "event": self._event}


def ack(id: str) -> Frame:
    """The event was applied and everything it leads to was sent."""
    return {"type": "ack", "id": id}


def pong() -> Frame:
    return {"type": "pong"}


def error(text: str, id: str | None = None, *, again: bool = False) -> Frame:
    """`again`: the event was not applied for a reason that passes; send it again later."""
    return {"type": "error", "id": id, "text": text, "again": again}


def _rows(rows: Rows) -> list[list[Frame]]:
    drawn = ([_button(button) for button in row if _usable(button)] for row in rows)
    return [row for row in drawn if row]


def _usable(button: Button) -> bool:
    """A link is http(s) or a path of this site; `javascript:` never reaches the page."""
    if button.url is None:
        return button.action is not None
    parts = urlsplit(button.url)
    if parts.scheme in {"http", "https"}:
        return bool(parts.netloc)
    return not parts.scheme and not parts.netloc and button.url.startswith("/")


def _button(button: Button) -> Frame:
    meaning = (
        {"url": button.url} if button.action is None else {"action": actions.written(button.action)}
    )
    return {"label": button.label, "about": button.about, "tone": button.tone, **meaning}


def _mint() -> str:
    return uuid4().hex
