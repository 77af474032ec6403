"""A model's text in sentences, each with the passages it cites."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_CITED = re.compile(r"\s*\[\s*(\d+(?:\s*,\s*\d+)*)\s*\]")
_MARK = re.compile(r"\s*\[[^\]\n]{0,12}\]")
"""Also «[n]», «[출처]»: what looks like a source and is none."""
_END = re.compile(
    r"(?:(?<!\d)\.|(?<=\d)\.(?!\d)|[!?…]+|\n+)(?:\s*\[[\d,\s]+\])*(?:[\"'”’»)]+)?(?=\s|$"
    r"|[가-힣\"«“])"
)
_NEXT = re.compile(r"\s*[^\s\[\d]|\s+\d")
_ENDED = re.compile(r"[.!?…](?:\s*\[[\d,\s]+\])*[\"'”’»)]*\s*$")


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    """Without its citations."""
    cited: tuple[int, ...] = ()
    """Numbers as written, from 1."""

    def shown(self, numbers: Iterable[int]) -> str:
        """The sentence with these numbers before its full stop: «… 4.3점이에요 [1].»"""
        marks = "".join(f"[{number}]" for number in sorted(set(numbers)))
        if not marks:
            return self.text
        body = self.text.rstrip(".!?… ")
        end = self.text[len(body) :].strip() or "."
        return f"{body} {marks}{end}"


def sentences(text: str, *, finished: bool = False) -> list[Sentence]:
    """In their order; the last one only where it is whole, or where the text is `finished`."""
    return [sentence(one) for one in _split(text, finished=finished)]


def sentence(text: str) -> Sentence:
    numbers = [int(one) for found in _CITED.finditer(text) for one in found[1].split(",")]
    bare = _MARK.sub("", text)
    bare = re.sub(r"^(?:[-*•·]|\d+[.)])\s+", "", bare.strip())
    return Sentence(" ".join(re.sub(r"\s+([.!?,])", r"\1", bare).split()), tuple(numbers))


def whole(text: str) -> int:
    """Where the last sentence ends that another one follows: until then «4.» may become «4.5점»,
    and a source may come after the full stop."""
    ends = [found.end() for found in _END.finditer(text) if _NEXT.match(text, found.end())]
    return ends[-1] if ends else 0


def _split(text: str, *, finished: bool) -> Sequence[str]:
    found, start = [], 0
    for end in _END.finditer(text):
        found.append(text[start : end.end()])
        start = end.end()
    rest = text[start:]
    if finished or _ENDED.search(rest):
        found.append(rest)
    return [one.strip() for one in found if re.search(r"\w", one)]
