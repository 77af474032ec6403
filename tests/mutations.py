"""What a platform never sends, made from what it does: one or several things wrong with it."""

import random
from collections.abc import Callable, Iterator
from typing import Any

HUGE = 10**40
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63), HUGE, 0.5, 1e308, float("nan"),
    float("inf"), "", " ", "\x00", "\ud800", "\udfff\ud83d", "가" * 5000, "/start", "/ingredient",
    "private", "group", "channel", "1970-01-01", [], {}, [[]], [None], {"": None}, {"id": {}},
)  # fmt: skip
"""Put in the place of anything."""
NAMES = (
    "message", "edited_message", "channel_post", "edited_channel_post", "callback_query",
    "inline_query", "my_chat_member", "chat_member", "poll", "from", "chat", "text", "photo",
    "sticker", "date", "id", "data", "type", "utterance", "user", "block", "flow",
)  # fmt: skip
"""Names that a field may be given instead of its own."""
DEEP = 300
Path = tuple[str | int, ...]
Change = Callable[[Any, Path, random.Random], Any]


def mutated(value: Any, chance: random.Random) -> Any:
    """A changed copy of a JSON value; JSON too, as Python writes it (NaN, lone surrogates)."""
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        places = list(_places(value))
        value = chance.choice(CHANGES)(value, chance.choice(places), chance)
    return value


def _places(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for name, part in items:
        if len(path) < 12:
            yield from _places(part, (*path, name))


def _at(value: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    if not path:
        return change(value)
    first, *rest = path
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[first] = _at(copy[first], tuple(rest), change)
    return copy


def _replaced(value: Any, path: Path, chance: random.Random) -> Any:
    return _at(value, path, lambda _: chance.choice(ODD))


def _removed(value: Any, path: Path, _: random.Random) -> Any:
    if not path:
        return value
    *above, last = path

    def without(parent: Any) -> Any:
        if isinstance(parent, dict):
            return {name: part for name, part in parent.items() if name != last}
        return [part for place, part in enumerate(parent) if place != last]

    return _at(value, tuple(above), without)


def _renamed(value: Any, path: Path, chance: random.Random) -> Any:
    if not path:
        return value
    *above, last = path

    def renamed(parent: Any) -> Any:
        if not isinstance(parent, dict):
            return parent
        return {chance.choice(NAMES) if name == last else name: x for name, x in parent.items()}

    return _at(value, tuple(above), renamed)


def _added(value: Any, path: Path, chance: random.Random) -> Any:
    def added(part: Any) -> Any:
        return (
            {**part, chance.choice(NAMES): chance.choice(ODD)} if isinstance(part, dict) else part
        )

    return _at(value, path, added)


def _doubled(value: Any, path: Path, _: random.Random) -> Any:
    return _at(value, path, lambda part: [part, part])


def _deepened(value: Any, path: Path, _: random.Random) -> Any:
    def deep(part: Any) -> Any:
        for _ in range(DEEP):
            part = {"x": part}
        return part

    return _at(value, path, deep)


def _shifted(value: Any, path: Path, chance: random.Random) -> Any:
    """Numbers become other numbers, texts lose or gain something; the shape stays."""

    def shifted(part: Any) -> Any:
        if isinstance(part, bool) or not isinstance(part, int | str):
            return chance.choice(ODD)
        if isinstance(part, int):
            return part * chance.choice((-1, 2, 10**6, 10**18, 10**40))
        place = chance.randint(0, len(part))
        return (
            part[:place] + chance.choice(("", "\ud800", "\x00", ":", "🧴", " " * 99)) + part[place:]
        )

    return _at(value, path, shifted)


CHANGES: tuple[Change, ...] = (
    _replaced, _replaced, _removed, _renamed, _added, _doubled, _deepened, _shifted, _shifted,
)  # fmt: skip
