"""Names of products and ingredients found in a question by looking them up, not by likeness."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.parsing.korean import squeeze

ANYWHERE_FROM = 4
"""A name of this many characters may begin inside a word; a shorter one may not."""
QUESTION_AT_MOST = 400
_WORD = re.compile(r"[^\W_]+")
_LATIN = re.compile(r"[0-9a-z]")


@dataclass(frozen=True, slots=True)
class Mention:
    name: str
    """Squeezed."""
    documents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """Squeezed name → places of the documents that it names."""

    documents: Mapping[str, tuple[int, ...]]
    lengths: tuple[int, ...]
    """Lengths of the names, longest first."""

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, int]]) -> "Names":
        """`pairs` of (name as written, document). Names of one character are left out."""
        found: dict[str, list[int]] = {}
        for name, document in pairs:
            key = squeeze(name)
            if len(key) > 1 and document not in found.setdefault(key, []):
                found[key].append(document)
        lengths = tuple(sorted({len(key) for key in found}, reverse=True))
        return cls({key: tuple(places) for key, places in found.items()}, lengths)

    def find(self, question: str) -> list[Mention]:
        """Mentions in the order they stand, the longest first where they overlap."""
        text, starts = _squeezed_with_starts(question[:QUESTION_AT_MOST])
        mentions: list[Mention] = []
        at = 0
        while at < len(text):
            name = self._longest_at(text, at, starts)
            if name is None:
                at += 1
                continue
            mentions.append(Mention(name, self.documents[name]))
            at += len(name)
        return mentions

    def _longest_at(self, text: str, at: int, starts: list[int]) -> str | None:
        begins_word = _is_in(starts, at)
        for length in self.lengths:
            end = at + length
            if end > len(text) or (not begins_word and length < ANYWHERE_FROM):
                continue
            name = text[at:end]
            if name in self.documents and not _cuts_latin(text, at, end, starts):
                return name
        return None


def _squeezed_with_starts(text: str) -> tuple[str, list[int]]:
    """The squeezed text and the places in it where a word of the text begins."""
    squeezed, starts = "", []
    for word in _WORD.findall(text):
        starts.append(len(squeezed))
        squeezed += squeeze(word)
    return squeezed, starts


def _cuts_latin(text: str, at: int, end: int, starts: list[int]) -> bool:
    """Whether [at, end) breaks a run of Latin letters and digits: «PEG-8» in «PEG-80»."""

    def joined(place: int) -> bool:
        return (
            0 < place < len(text)
            and not _is_in(starts, place)
            and bool(_LATIN.match(text[place - 1]))
            and bool(_LATIN.match(text[place]))
        )

    return joined(at) or joined(end)


def _is_in(ordered: list[int], value: int) -> bool:
    place = bisect_left(ordered, value)
    return place < len(ordered) and ordered[place] == value
