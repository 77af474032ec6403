"""The dictionary of ingredients as the names on labels meet it: in which way each is found."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final, Self

import pandas as pd
from rapidfuzz.distance import Levenshtein

from engine.parsing.korean import letters_of, squeeze

EDITED_FROM: Final = 4
"""Letters of a name that one slip may be mended in."""
LONGER_FROM: Final = 6
"""… and of one that lacks a syllable or has one too many."""
TELLING: Final = frozenset(
    frozenset(pair)
    for pair in (
        *(("", syllable) for syllable in "잎꽃씨수즙싹겨당산릴올디왕개시도운물"),
        *(("잎", "꽃"), ("잎", "씨"), ("꽃", "씨"), ("싹", "잎"), ("즙", "수"), ("콩", "밀")),
        *(("메", "에"), ("부", "에"), ("부", "메"), ("세", "메"), ("세", "에"), ("세", "스")),
        *(("펜", "헵"), ("펜", "옥"), ("디", "엠"), ("이", "피"), ("에", "베"), ("놀", "논")),
        *(("란", "렌"), ("올", "콜"), ("트", "즈"), ("드", "트"), ("란", "린"), ("우", "놀")),
    )
)
"""Slips that are none in chemistry and botany: 메틸 and 에틸, 잎 and 꽃, 스쿠알란 and 스쿠알렌."""
_HANGUL: Final = re.compile(r"[가-힣]")
_DIGITS: Final = re.compile(r"\d+")


class Way(StrEnum):
    NAME = "표준명"
    OLD = "옛이름"
    INCI = "INCI명"
    SYNONYM = "이명"
    SLIP = "한 글자 차이"
    NONE = "못 찾음"


@dataclass(frozen=True, slots=True)
class Share:
    """How the ingredients that one file's labels name were found."""

    file: str
    ways: dict[str, int]
    """Way → times; of every product's label."""


class Lexicon:
    """Found by standard name, old name, INCI name, synonym, then by one slip."""

    def __init__(self, standard: Iterable[str], known: dict[str, tuple[str, Way]]) -> None:
        self._standard, self._known = frozenset(standard), known
        self._found: dict[str, tuple[str, Way]] = {}

    @classmethod
    def of(cls, ingredients: pd.DataFrame) -> Self:
        """Each way before the next; a key that two ingredients share says nothing.

        Old names are told from synonyms by their script: the former are Korean standard names of
        their day, the latter mostly Latin and less sure than an INCI name.
        """
        names, aliases = list(ingredients["name"]), list(_aliases(ingredients))
        inci = [(i, n) for n, i in zip(names, ingredients["inci"], strict=True) if i]
        known: dict[str, tuple[str, Way]] = {}
        for way, pairs in (
            (Way.NAME, [(name, name) for name in names]),
            (Way.OLD, [pair for pair in aliases if _HANGUL.search(pair[0])]),
            (Way.INCI, inci),
            (Way.SYNONYM, [pair for pair in aliases if not _HANGUL.search(pair[0])]),
        ):
            fresh = [(key, name) for word, name in pairs if (key := squeeze(word)) not in known]
            times = Counter(key for key, _ in dict.fromkeys(fresh))
            known |= {key: (name, way) for key, name in fresh if times[key] == 1 and key}
        return cls(names, known)

    def find(self, name: str) -> tuple[str, Way]:
        """The standard name, or the name as it is, and the way to it."""
        if (found := self._found.get(name)) is None:
            found = self._found[name] = self._find(name)
        return found

    def _find(self, name: str) -> tuple[str, Way]:
        if name in self._standard:
            return name, Way.NAME
        key = squeeze(name)
        if key in self._known:
            return self._known[key]
        meant = self._slips.meant(key)
        return (self._known[meant][0], Way.SLIP) if meant else (name, Way.NONE)

    @cached_property
    def _slips(self) -> "_Slips":
        shared = {squeeze(name) for name in self._standard} - self._known.keys()
        keys = {key: name for key, (name, _) in self._known.items() if _HANGUL.search(key)}
        return _Slips(keys, shared)


class _Slips:
    """Names that are one edit from exactly one ingredient."""

    def __init__(self, keys: dict[str, str], shared: set[str]) -> None:
        self._keys, self._shared = keys, shared
        self._near: defaultdict[str, list[str]] = defaultdict(list)
        for key in (*keys, *shared):
            for cut in _cuts(key):
                self._near[cut].append(key)
        self._telling = TELLING | self._apart()

    def meant(self, key: str) -> str:
        """The key that is meant, or nothing."""
        if len(key) < EDITED_FROM or key in self._shared or not _HANGUL.search(key):
            return ""
        near = self._one_edit(key)
        if len({self._keys.get(one, one) for one in near}) != 1 or near[0] in self._shared:
            return ""
        return next((one for one in near if self._is_slip(key, one)), "")

    def _one_edit(self, key: str) -> list[str]:
        told = dict.fromkeys(one for cut in _cuts(key) for one in self._near.get(cut, ()))
        return [one for one in told if Levenshtein.distance(key, one, score_cutoff=1) == 1]

    def _is_slip(self, key: str, meant: str) -> bool:
        """One letter of a syllable, the same syllable twice, or one missing or too many in the
        midst of a longer name; never a digit, nor what tells two other names apart."""
        before, after, place = _edit(key, meant)
        if _DIGITS.findall(key) != _DIGITS.findall(meant):
            return False
        if before and after:
            alike = Levenshtein.distance(letters_of(before), letters_of(after)) == 1
            return alike and frozenset((before, after)) not in self._telling
        longer = key if before else meant
        twice = place > 0 and longer[place - 1] == longer[place]
        inside = place > 0 and min(len(key), len(meant)) >= LONGER_FROM
        return twice or (inside and frozenset((before, after)) not in self._telling)

    def _apart(self) -> frozenset[frozenset[str]]:
        """The edits that part two names of the dictionary itself: «씨» and «잎», «메» and «에»."""
        pairs = {
            (key, one)
            for near in self._near.values()
            if len(near) > 1
            for place, key in enumerate(near)
            for one in near[place + 1 :]
        }
        return frozenset(
            frozenset(_edit(key, one)[:2])
            for key, one in pairs
            if self._keys.get(key, key) != self._keys.get(one, one)
            and Levenshtein.distance(key, one, score_cutoff=1) == 1
        )


def renamed(labels: Sequence[tuple[str, ...]], lexicon: Lexicon) -> list[tuple[str, ...]]:
    """Labels under the dictionary's names, each once."""
    return [tuple(dict.fromkeys(lexicon.find(name)[0] for name in label)) for label in labels]


def shares(
    files: Sequence[str], labels: Sequence[tuple[str, ...]], lexicon: Lexicon
) -> list[Share]:
    """File after file, in their order."""
    counted: dict[str, Counter[str]] = {}
    for file, label in zip(files, labels, strict=True):
        ways = counted.setdefault(file, Counter())
        ways.update(lexicon.find(name)[1].value for name in label)
    return [
        Share(file, {way.value: ways[way] for way in Way if ways[way]})
        for file, ways in counted.items()
        if ways
    ]


def unmatched(labels: Iterable[tuple[str, ...]], lexicon: Lexicon) -> pd.DataFrame:
    """Names that no ingredient has, or that were mended: the commonest first."""
    times = Counter(name for label in labels for name in label)
    rows = [
        (name, count, found if way is Way.SLIP else "", way.value)
        for name, count in sorted(times.items(), key=lambda pair: (-pair[1], pair[0]))
        for found, way in (lexicon.find(name),)
        if way in (Way.NONE, Way.SLIP)
    ]
    return pd.DataFrame(rows, columns=["name", "times", "taken_for", "way"])


def told(ingredients: pd.DataFrame) -> pd.DataFrame:
    """Without the names that an earlier load took from labels alone: nothing is told of them."""
    more = ingredients[[column for column in ingredients if column != "name"]]
    bare = more.map(lambda cell: not cell).all(axis=1)
    return ingredients if bare.all() else ingredients[~bare]


def _aliases(ingredients: pd.DataFrame) -> Iterator[tuple[str, str]]:
    for name, aliases in zip(ingredients["name"], ingredients["aliases"], strict=True):
        for alias in aliases:
            yield alias, name


def _cuts(key: str) -> set[str]:
    """The key, and the key without each of its letters: names one edit apart share one of them."""
    return {key, *(key[:place] + key[place + 1 :] for place in range(len(key)))}


def _edit(key: str, other: str) -> tuple[str, str, int]:
    """What stands in the key, what in the other, and where in the longer of them: «릴», «롤», 4."""
    tag, at, end, there, until = next(
        (op.tag, op.src_start, op.src_end, op.dest_start, op.dest_end)
        for op in Levenshtein.opcodes(key, other)
        if op.tag != "equal"
    )
    return key[at:end], other[there:until], there if tag == "insert" else at
