"""Texts that are nearly the same, found among millions without comparing all with all.

A text is the set of the 3-grams of its letters. MinHash (Broder 1997) keeps the least hash of it
under `BANDS · ROWS` permutations; texts that agree in all rows of one band are looked at, and only
their true Jaccard likeness decides. The permutations are those of datasketch 2 («affine32»), worked
out for many texts at once: a quarter of its time, and no dictionary of every band of every text.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SIZE: Final = 3
"""Letters of a gram."""
BANDS: Final = 20
ROWS: Final = 4
"""A pair of likeness 0.7 meets in a band with 99.6 %, one of 0.3 with 15 %."""
SEED: Final = 1
_AT_ONCE: Final = 5_000
"""Texts whose grams are in memory together."""
_COMPARED: Final = 50
"""Texts of one band that one text is compared with, the earliest first."""
_SIGNS: Final = re.compile(r"[\W_ㄱ-ㅣ]+")
"""Blanks, signs, emoji, and lone letters such as «ㅋㅋ» and «ㅠㅠ»."""
_MIXED: Final = np.uint64(0x9E3779B97F4A7C15)

Hashes = NDArray[np.uint32]
Keys = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Alike:
    place: int
    """Of the earlier text."""
    likeness: float
    """Jaccard's, in [0, 1]."""


def letters(text: str) -> str:
    """What is compared: composed, in small letters, without blanks and signs."""
    return _SIGNS.sub("", unicodedata.normalize("NFC", text)).casefold()


def grams(text: str) -> frozenset[str]:
    """Of what `letters` returns."""
    return frozenset(text[at : at + SIZE] for at in range(len(text) - SIZE + 1))


def likeness(one: str, other: str) -> float:
    """Of two texts as `letters` returns them; 0 where neither has a gram."""
    first, second = grams(one), grams(other)
    return len(first & second) / max(1, len(first | second))


def repeated(texts: Sequence[str], at_least: float) -> dict[int, Alike]:
    """Place of each text that is so alike to an earlier one that stays → that one.

    `texts`: as `letters` returns them, each of `SIZE` letters or more. The same at every run.
    """
    found: dict[int, Alike] = {}
    staying: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    known = lru_cache(1 << 14)(lambda place: grams(texts[place]))
    for place, bands in _meeting(texts):
        near = dict.fromkeys(other for band in bands for other in staying[band][:_COMPARED])
        own = known(place)
        alike = (
            Alike(other, len(own & known(other)) / len(own | known(other)))
            for other in sorted(near)
        )
        best = max(alike, key=lambda one: one.likeness, default=None)
        if best is not None and best.likeness >= at_least:
            found[place] = best
            continue
        for band in bands:
            staying[band].append(place)
    return found


def _meeting(texts: Sequence[str]) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Places in order of those that share a band with another text, and the bands they share."""
    keys = banded(texts)
    shared = np.zeros(keys.shape, dtype=bool)
    for band in range(BANDS):
        _, group, times = np.unique(keys[:, band], return_inverse=True, return_counts=True)
        shared[:, band] = times[group] > 1
    for place in np.flatnonzero(shared.any(axis=1)).tolist():
        bands = np.flatnonzero(shared[place])
        yield place, list(zip(bands.tolist(), keys[place, bands].tolist(), strict=True))


def banded(texts: Sequence[str]) -> Keys:
    """(text, band): the rows of each band of the signature, mixed into one number."""
    keys = np.empty((len(texts), BANDS), dtype=np.uint64)
    for start in range(0, len(texts), _AT_ONCE):
        some = texts[start : start + _AT_ONCE]
        rows = signatures(some).reshape(len(some), BANDS, ROWS)
        mixed = np.zeros((len(some), BANDS), dtype=np.uint64)
        for row in range(ROWS):
            mixed = (mixed ^ rows[:, :, row]) * _MIXED
        keys[start : start + len(some)] = mixed
    return keys


def signatures(texts: Sequence[str]) -> Hashes:
    """(text, permutation): the least hash of each text's grams."""
    hashes, starts = _hashed(texts)
    hashes = _mixed(hashes)
    factors, shifts = _permutations()
    least = np.empty((len(texts), len(factors)), dtype=np.uint32)
    for place, (factor, shift) in enumerate(zip(factors, shifts, strict=True)):
        least[:, place] = np.minimum.reduceat(hashes * factor + shift, starts)
    return least


def gram_hash(gram: str) -> int:
    """Of one gram alone, 32 bits wide."""
    return int(_hashed([gram])[0][0])


def _hashed(texts: Sequence[str]) -> tuple[Hashes, NDArray[np.int64]]:
    """Hashes of all grams, one text's after another's, and where each text's begin."""
    joined = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    codes = joined.astype(np.uint64)
    ends = np.cumsum([len(text) for text in texts])
    whole = np.ones(len(codes), dtype=bool)
    for back in range(1, SIZE):
        whole[ends - back] = False  # would reach into the next text
    numbers = np.zeros(len(codes), dtype=np.uint64)
    for ahead in range(SIZE):
        numbers = (numbers ^ np.roll(codes, -ahead)) * _MIXED
    starts = np.concatenate(([0], ends[:-1] - (SIZE - 1) * np.arange(1, len(texts))))
    return (numbers[whole] >> np.uint64(32)).astype(np.uint32), starts


def _mixed(hashes: Hashes) -> Hashes:
    """The finalizer of MurmurHash3."""
    hashes = (hashes ^ (hashes >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    hashes = (hashes ^ (hashes >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return hashes ^ (hashes >> np.uint32(16))


def _permutations() -> tuple[Any, Any]:
    """h → factor · h + shift modulo 2³², one to one as the factors are odd."""
    drawn = np.random.RandomState(SEED)
    factors = drawn.randint(0, 1 << 31, BANDS * ROWS, dtype=np.uint32)
    return factors * np.uint32(2) + np.uint32(1), drawn.randint(
        0, 1 << 32, BANDS * ROWS, dtype=np.uint32
    )
