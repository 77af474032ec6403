"""Kakao's limits, read once more and apart from the renderer: what would be refused or dropped.

Works on plain JSON as it goes over the wire and knows nothing of `bot.kakao`. The figures are those
of the platform page of this project, section C.2, and of Kakao's skill guide.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

COMPONENTS = {
    "simpleText", "simpleImage", "textCard", "basicCard", "commerceCard", "listCard", "itemCard",
    "carousel",
}  # fmt: skip
IN_CAROUSEL = {"textCard", "basicCard", "commerceCard", "listCard", "itemCard"}
TAPS = {"webLink", "message", "block", "phone", "share", "operator"}


def check(body: Mapping[str, Any] | bytes) -> list[str]:
    """Every fault found, in words; none in a response that Kakao takes. Bytes are the body as it
    came: only so its size is what it was."""
    raw = body if isinstance(body, bytes) else None
    try:
        answer = json.loads(raw) if raw is not None else body
    except ValueError:
        return ["no JSON"]
    if not isinstance(answer, Mapping):
        return ["no object"]
    size = len(raw) if raw is not None else len(json.dumps(answer, ensure_ascii=False).encode())
    faults = [f"{size} bytes"] if size > 30_720 else []
    return faults + list(_response(answer))


def _response(answer: Mapping[str, Any]) -> Iterator[str]:
    if answer.get("version") != "2.0":
        yield "version is not 2.0"
    if unknown := set(answer) - {"version", "template", "context", "data", "useCallback"}:
        yield f"unknown parts {unknown}"
    if answer.get("useCallback") is True:
        if "template" in answer:
            yield "useCallback with a template"
        if not _filled(answer.get("data", {}).get("text")):
            yield "useCallback without data.text"
        return
    template = answer.get("template")
    if not isinstance(template, Mapping):
        yield "no template"
        return
    outputs = template.get("outputs")
    if not isinstance(outputs, list) or not 1 <= len(outputs) <= 3:
        yield f"outputs: {outputs if not isinstance(outputs, list) else len(outputs)}"
        return
    for place, output in enumerate(outputs):
        for fault in _output(output):
            yield f"outputs[{place}]: {fault}"
    yield from _quick_replies(template.get("quickReplies"))
    for value in answer.get("context", {}).get("values", []):
        if not _filled(value.get("name")) or not _whole(value.get("lifeSpan")):
            yield f"context {value}"


def _quick_replies(replies: object) -> Iterator[str]:
    if replies is None:
        return
    if not isinstance(replies, list) or not 1 <= len(replies) <= 10:
        yield f"quickReplies: {len(replies) if isinstance(replies, list) else replies}"
        return
    for reply in replies:
        yield from _label(reply, 14, "quick reply")
        if reply.get("action") not in {"message", "block"}:
            yield f"quick reply of action {reply.get('action')}"
        yield from _tap(reply)


def _output(output: object) -> Iterator[str]:
    if not isinstance(output, Mapping) or len(output) != 1:
        yield f"not one component: {output}"
        return
    [(name, part)] = output.items()
    if name not in COMPONENTS or not isinstance(part, Mapping):
        yield f"unknown component {name}"
    elif name == "carousel":
        yield from _carousel(part)
    else:
        yield from _component(name, part, crowded=False)


def _carousel(part: Mapping[str, Any]) -> Iterator[str]:
    kind, items = part.get("type"), part.get("items")
    if kind not in IN_CAROUSEL:
        yield f"a carousel of {kind}"
        return
    most = 5 if kind == "listCard" else 10
    if not isinstance(items, list) or not 1 <= len(items) <= most:
        yield f"carousel items: {len(items) if isinstance(items, list) else items}"
        return
    if "header" in part and kind in {"textCard", "listCard"}:
        yield f"a header over {kind}"
    for item in items:
        yield from _component(kind, item, crowded=True)
    if len({thumbnail.get("fixedRatio") for item in items for thumbnail in _pictures(item)}) > 1:
        yield "pictures of several ratios"


def _pictures(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    single = item.get("thumbnail")
    return [*([single] if single else []), *item.get("thumbnails", [])]


def _component(name: str, part: Mapping[str, Any], *, crowded: bool) -> Iterator[str]:
    match name:
        case "simpleText":
            yield from _text(part.get("text"), 1_000, "text", needed=True)
        case "simpleImage":
            yield from _url(part.get("imageUrl"), "imageUrl")
            yield from _text(part.get("altText"), 50, "altText", needed=True)
        case "textCard":
            yield from _text(part.get("title"), 50, "title")
            whole = f"{part.get('title') or ''}{part.get('description') or ''}"
            yield from _text(whole, 128 if crowded else 400, "title+description", needed=True)
        case "basicCard":
            yield from _text(part.get("title"), 50, "title")
            yield from _text(part.get("description"), 230, "description")
            yield from _thumbnails([part.get("thumbnail")])
        case "commerceCard":
            yield from _commerce(part)
        case "listCard":
            yield from _list(part, 4 if crowded else 5)
        case "itemCard":
            yield from _items(part, crowded=crowded)
    yield from _buttons(part)
    for key, value in part.items():
        if value is None:
            yield f"{name}.{key} is null"


def _commerce(part: Mapping[str, Any]) -> Iterator[str]:
    yield from _text(part.get("title"), 30, "title")
    yield from _text(part.get("description"), 40, "description")
    if not _whole(part.get("price")):
        yield f"price {part.get('price')}"
    if part.get("currency") != "won":
        yield f"currency {part.get('currency')}"
    for name in ("discount", "discountRate", "discountedPrice"):
        if name in part and not _whole(part[name]):
            yield f"{name} {part[name]}"
    if "discountRate" in part and "discountedPrice" not in part:
        yield "discountRate without discountedPrice"
    if unknown := {"dicountedPrice", "discountPrice"} & set(part):
        yield f"{unknown} means nothing to Kakao"
    thumbnails = part.get("thumbnails")
    if not isinstance(thumbnails, list) or len(thumbnails) != 1:
        yield "not exactly one thumbnail"
    else:
        yield from _thumbnails(thumbnails)


def _list(part: Mapping[str, Any], most: int) -> Iterator[str]:
    header = part.get("header")
    if not isinstance(header, Mapping) or not _filled(header.get("title")):
        yield "a list without a header"
    items = part.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= most:
        yield f"list items: {len(items) if isinstance(items, list) else items}"
        return
    for item in items:
        yield from _text(item.get("title"), 10_000, "item title", needed=True)
        if "imageUrl" in item:
            yield from _url(item["imageUrl"], "imageUrl")
        if "link" in item:
            yield from _url(item["link"].get("web"), "link")
        if "action" in item:
            if item["action"] not in {"message", "block"}:
                yield f"list item of action {item['action']}"
            yield from _tap(item)


def _items(part: Mapping[str, Any], *, crowded: bool) -> Iterator[str]:
    if "head" in part and "profile" in part:
        yield "head and profile"
    for name in ("head", "profile"):
        if name in part:
            yield from _text(part[name].get("title"), 15, name, needed=True)
    items = part.get("itemList")
    if not isinstance(items, list) or not 1 <= len(items) <= (5 if crowded else 10):
        yield f"itemList: {len(items) if isinstance(items, list) else items}"
        return
    for item in items:
        yield from _text(item.get("title"), 6, "item title", needed=True)
        if not _filled(item.get("description")) or item["description"].count("\n") > 1:
            yield f"item description {item.get('description')!r}"
    if summary := part.get("itemListSummary"):
        yield from _text(summary.get("title"), 6, "summary title", needed=True)
        yield from _text(summary.get("description"), 14, "summary description", needed=True)
    whole = f"{part.get('title') or ''}{part.get('description') or ''}"
    yield from _text(whole, 100 if crowded else 200, "title+description")


def _buttons(part: Mapping[str, Any]) -> Iterator[str]:
    buttons, layout = part.get("buttons", []), part.get("buttonLayout", "vertical")
    if layout not in {"vertical", "horizontal"}:
        yield f"buttonLayout {layout}"
    beside = layout == "horizontal"
    if not isinstance(buttons, list) or len(buttons) > (2 if beside else 3):
        yield f"buttons: {len(buttons)}"
        return
    for button in buttons:
        yield from _label(button, 8 if beside else 14, "button")
        if button.get("action") not in TAPS:
            yield f"button of action {button.get('action')}"
        yield from _tap(button)


def _tap(button: Mapping[str, Any]) -> Iterator[str]:
    match button.get("action"):
        case "message":
            yield from _text(button.get("messageText"), 1_000, "messageText", needed=True)
        case "block":
            yield from _text(button.get("blockId"), 1_000, "blockId", needed=True)
        case "webLink":
            yield from _url(button.get("webLinkUrl"), "webLinkUrl")
        case "phone":
            yield from _text(button.get("phoneNumber"), 30, "phoneNumber", needed=True)
    if "extra" in button and not isinstance(button["extra"], Mapping):
        yield "extra is no object"


def _thumbnails(thumbnails: Sequence[Any]) -> Iterator[str]:
    for thumbnail in thumbnails:
        if not isinstance(thumbnail, Mapping):
            yield "no thumbnail"
            continue
        yield from _url(thumbnail.get("imageUrl"), "imageUrl")
        yield from _text(thumbnail.get("altText"), 50, "altText")
        if "link" in thumbnail:
            yield from _url(thumbnail["link"].get("web"), "link")


def _label(part: Mapping[str, Any], most: int, name: str) -> Iterator[str]:
    yield from _text(part.get("label"), most, f"label of a {name}", needed=True)


def _text(text: object, most: int, name: str, *, needed: bool = False) -> Iterator[str]:
    if text is None and not needed:
        return
    if not isinstance(text, str):
        yield f"{name} is {type(text).__name__}"
    elif len(text) > most:
        yield f"{name}: {len(text)} characters of {most}"
    elif needed and not text.strip():
        yield f"{name} is empty"


def _url(url: object, name: str) -> Iterator[str]:
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        sound = parts is not None and parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound or any(character.isspace() for character in str(url)):
        yield f"{name} is no address: {str(url)[:80]!r}"


def _filled(text: object) -> bool:
    return isinstance(text, str) and bool(text.strip())


def _whole(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0
