"""Names of products and ingredients found in a question by looking them up, not by likeness."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from engine.parsing.korean import squeeze

ANYWHERE_FROM = 4
"""A name of this many characters may begin inside a word; a shorter one may not."""
SLIP_FROM = 5
"""A slip is only looked for in words of so many characters."""
LIKE_ENOUGH = 90.0
"""Likeness of letters in [0, 100]: «나이아신아미드» is 94 like «나이아신아마이드»."""
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
    letters: Mapping[str, str]
    """The names that a slip may mean, taken apart into letters → the name."""

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, int]]) -> "Names":
        """`pairs` of (name as written, document). Names of one character are left out."""
        found: dict[str, list[int]] = {}
        for name, document in pairs:
            key = squeeze(name)
            if len(key) > 1 and document not in found.setdefault(key, []):
                found[key].append(document)
        lengths = tuple(sorted({len(key) for key in found}, reverse=True))
        letters = {_letters(key): key for key in found if len(key) >= SLIP_FROM}
        return cls({key: tuple(places) for key, places in found.items()}, lengths, letters)

    def find(self, question: str) -> list[Mention]:
        """Mentions in the order they stand, the longest first where they overlap.

        A word that no name explains is read as a slip of the one name it nearly is.
        """
        text, starts = _squeezed_with_starts(question[:QUESTION_AT_MOST])
        found = self._exact(text, starts)
        ends = [*starts[1:], len(text)][: len(starts)]
        for start, end in zip(starts, ends, strict=True):
            covered = any(at < end and start < at + len(name) for at, name in found.items())
            if not covered and (name := self._nearly(text[start:end])) is not None:
                found[start] = name
        return [Mention(name, self.documents[name]) for _, name in sorted(found.items())]

    def _exact(self, text: str, starts: list[int]) -> dict[int, str]:
        """Place in the squeezed text → the name that stands there."""
        found: dict[int, str] = {}
        at = 0
        while at < len(text):
            name = self._longest_at(text, at, starts)
            if name is not None:
                found[at] = name
            at += len(name or " ")
        return found

    def _nearly(self, word: str) -> str | None:
        """The name that this word, with or without its particle, is a slip of."""
        if len(word) < SLIP_FROM:
            return None
        best: tuple[float, str] | None = None
        for spelled in (word, word[:-1], word[:-2]):
            if len(spelled) >= SLIP_FROM:
                match = process.extractOne(
                    _letters(spelled),
                    self.letters.keys(),
                    scorer=fuzz.ratio,
                    score_cutoff=LIKE_ENOUGH,
                )
                if match and _digits(match[0]) == _digits(spelled):
                    best = max(best or (0.0, ""), (match[1], self.letters[match[0]]))
        return best[1] if best else None

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


def _letters(name: str) -> str:
    """«미드» → «ㅁㅣㄷㅡ»: a slip of a vowel weighs less than one of a syllable."""
    return unicodedata.normalize("NFD", name)


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())
