"""Texts that fit: split at their seams, begun where they stand in full elsewhere, numbered."""

import json
from collections.abc import Iterator
from typing import Final

TEXT: Final = 900
"""Characters of a bubble; KakaoTalk takes 1,000."""
_DEEPEST: Final = 4


def split(text: str, most: int = TEXT) -> tuple[str, ...]:
    """Parts of at most `most` characters, parted at paragraphs, else lines, else words."""
    parts, text = [], text.strip()
    while len(text) > most:
        end = _seam(text, most)
        parts.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return (*parts, text) if text else tuple(parts)


def _seam(text: str, most: int) -> int:
    for seam in ("\n\n", "\n", " "):
        end = text.rfind(seam, 1, most)
        if end > 0:
            return end
    return most


def head(text: str, most: int) -> str:
    """The beginning of what stands in full elsewhere."""
    if len(text) <= most:
        return text
    start = text[: most - 1]
    blank = start.rfind(" ", most // 2)
    return f"{(start[:blank] if blank > 0 else start).rstrip()}…"


def joined(*parts: str) -> str:
    """As paragraphs; empty ones are none."""
    return "\n\n".join(part.strip() for part in parts if part.strip())


class Legend:
    """Numbers what is too long for its place, and keeps it in full."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def short(self, label: str, most: int) -> str:
        label = label.strip()
        if len(label) <= most:
            return label
        number = self._numbers.setdefault(label, len(self._numbers) + 1)
        return head(f"{number}. {label}", most)

    @property
    def text(self) -> str:
        return "\n".join(f"{number}. {label}" for label, number in self._numbers.items())


def as_lines(content: str) -> str:
    """A JSON document as a person reads it, nothing left out; another document as it is."""
    try:
        return "\n".join(_lines(json.loads(content), 0))
    except (ValueError, RecursionError):
        return content


def _lines(value: object, depth: int) -> Iterator[str]:
    indent = "  " * min(depth, _DEEPEST)
    match value:
        case dict() if value:
            for name, each in value.items():
                yield from _named(f"{indent}{name}:", each, depth)
        case list() if value:
            for each in value:
                first, *others = _lines(each, depth + 1)
                yield f"{indent}· {first.strip()}"
                yield from others
        case _:
            yield f"{indent}{_scalar(value)}"


def _named(name: str, value: object, depth: int) -> Iterator[str]:
    if isinstance(value, dict | list) and value:
        yield name
        yield from _lines(value, depth + 1)
    else:
        yield f"{name} {_scalar(value)}".rstrip()


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return value
    return "-" if value in (None, {}, []) else json.dumps(value, ensure_ascii=False)
