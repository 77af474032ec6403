"""The one name that a mistyped word nearly is, among ten thousands, in a fraction of a millisecond.

Names are chosen by the pairs of neighbouring letters that they share with the word, then measured
by rapidfuzz: a word within the cutoff has lost at most two pairs for each letter taken out.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from engine.parsing.korean import letters_of

LIKE_ENOUGH = 90.0
"""Likeness of letters in [0, 100]: «나이아신아미드» is 94 like «나이아신아마이드»."""


class NearNames:
    """Reads squeezed words; safe in several threads."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(names)
        self._letters = [letters_of(name) for name in self._names]
        self._lengths = np.array([len(one) for one in self._letters], dtype=np.int64)
        rows: dict[str, list[int]] = {}
        for row, spelled in enumerate(self._letters):
            for pair in _pairs(spelled):
                rows.setdefault(pair, []).append(row)
        self._rows = {pair: np.array(found, dtype=np.int32) for pair, found in rows.items()}

    def nearest(self, word: str) -> tuple[float, str] | None:
        """(likeness, name); None where no name is like enough or its digits are others."""
        spelled = letters_of(word)
        rows = self._candidates(spelled)
        match = process.extractOne(
            spelled,
            [self._letters[row] for row in rows],
            scorer=fuzz.ratio,
            score_cutoff=LIKE_ENOUGH,
        )
        if match is None or _digits(match[0]) != _digits(spelled):
            return None
        return match[1], self._names[rows[match[2]]]

    def _candidates(self, spelled: str) -> npt.NDArray[np.int64]:
        wrong = _wrong_at_most(len(spelled))
        pairs = _pairs(spelled)
        shared = np.zeros(len(self._names), dtype=np.int16)
        for pair in pairs:
            if pair in self._rows:
                shared[self._rows[pair]] += 1
        near = np.abs(self._lengths - len(spelled)) <= wrong
        return np.flatnonzero(near & (shared >= max(1, len(pairs) - 2 * wrong)))


def _wrong_at_most(length: int) -> int:
    """Letters taken out or put in: 1 - wrong / (length + other) ≥ .9, the other up to 11/9 as
    long."""
    like = LIKE_ENOUGH / 100
    return int((1 - like) * length * (1 + (2 - like) / like))


def _pairs(spelled: str) -> set[str]:
    return {spelled[at : at + 2] for at in range(len(spelled) - 1)}


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())
