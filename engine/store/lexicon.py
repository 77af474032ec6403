"""The names that ingredients go by: found exactly, nearly, or as something to avoid. Pure."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from engine.parsing.korean import squeeze
from engine.store.avoidance import group_of, preparations, stem

NEAR_AT_LEAST = 62.0
"""Of 100. Below it «안녕하세요» would be near «아연»."""
READ_AT_MOST = 200
"""Characters of a typed name; no ingredient's is longer, whatever someone pastes."""
_PART = 0.8
"""What a likeness inside a longer name is worth beside one of the whole."""
NAMED_FROM = 3
"""Letters: shorter names («오일») are words of any sentence."""
_BEGINS = 5.0
_IN_USE = 4.0
"""A name that stands on a label of this shop comes before one that only the dictionary has."""
MISREAD_AT_LEAST = 70.0
"""Of 100: letters that a machine read off a picture."""
_APART = 1.0
"""Two names as near as this to each other cannot be told apart: «피이지-40…», «피이지-60…»."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An ingredient as far as its names go."""

    id: int
    name: str
    inci: str | None = None
    aliases: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    used: bool = False
    """In the formula of a product of the current load."""


class Lexicon:
    """Built once for a load; its methods only read, so threads may share it."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._written = {entry.name: entry.id for entry in entries}
        self._squeezed = _first_come(entries)
        self._names_of = {entry.id: squeeze(entry.name) for entry in entries}
        inci = (squeeze(entry.inci) for entry in entries if entry.inci)
        self._standard = frozenset((*self._names_of.values(), *inci))
        self._names = [(squeeze(name), entry) for entry in entries for name in _names(entry)]
        self._sounds = [_sound(name) for name, _ in self._names]
        self._strokes = [unicodedata.normalize("NFD", name) for name, _ in self._names]

    def exact(self, text: str) -> int | None:
        """The ingredient that the text names: as written, else whatever its blanks and signs.

        A standard name comes before an alias, an alias before an INCI name.
        """
        written = self._written.get(text.strip())
        return self._squeezed.get(_key(text)) if written is None else written

    def named_in(self, text: str) -> tuple[int, ...]:
        """Ingredients that a sentence names, in its order, particles aside.

        Of each word its longest beginning of NAMED_FROM letters or more that is a name:
        «페녹시에탄올이» names 페녹시에탄올.
        """
        found = (self._begun(word) for word in text.split())
        return tuple(dict.fromkeys(one for one in found if one is not None))

    def _begun(self, word: str) -> int | None:
        beginnings = (word[:end] for end in range(len(word), NAMED_FROM - 1, -1))
        found = (self.exact(beginning) for beginning in beginnings)
        return next((one for one in found if one is not None), None)

    def near(self, text: str, n: int = 5) -> tuple[str, ...]:
        """Standard names closest to the text, best first; none where nothing is close.

        Likeness is counted in jamo, so that a slip in one vowel costs little, and after both
        sides are spelled the old way, so that «아스코르빈산» is near «아스코빅애씨드».
        """
        query = _sound(_key(text))
        if not query:
            return ()
        best: dict[str, float] = {}
        for place, likeness in self._scores(query).items():
            entry = self._names[place][1]
            begins = self._sounds[place].startswith(query)
            score = likeness + _BEGINS * begins + _IN_USE * entry.used
            best[entry.name] = max(score, best.get(entry.name, 0.0))
        return tuple(sorted(best, key=lambda name: (-best[name], len(name), name))[:n])

    def misread(self, squeezed: str) -> tuple[int, float] | None:
        """The ingredient whose name is most like letters read off a picture, and how like, of 100;
        None where nothing is, or where two are equally. A name of two letters is not guessed."""
        exact = self._squeezed.get(squeezed)
        if exact is not None:
            return exact, 100.0
        if len(squeezed) < NAMED_FROM:
            return None
        query = unicodedata.normalize("NFD", squeezed)
        likely = process.extract(
            query, self._strokes, scorer=fuzz.ratio, score_cutoff=MISREAD_AT_LEAST, limit=8
        )
        found = [(self._names[place][1].id, likeness) for _, likeness, place in likely]
        if not found:
            return None
        (best, likeness), *others = found
        if any(other != best and likeness - near < _APART for other, near in others):
            return None
        return best, likeness

    def _scores(self, query: str) -> dict[int, float]:
        """Place in `_names` → likeness, of those at least NEAR_AT_LEAST."""
        whole = process.extract(
            query, self._sounds, scorer=fuzz.ratio, score_cutoff=NEAR_AT_LEAST, limit=100
        )
        part = process.extract(
            query,
            self._sounds,
            scorer=fuzz.partial_ratio,
            score_cutoff=NEAR_AT_LEAST / _PART,
            limit=None,
        )
        scores = {place: score for _, score, place in whole}
        for name, score, place in part:
            if len(name) > len(query):
                scores[place] = max(score * _PART, scores.get(place, 0.0))
        return scores

    def avoided(self, names: Iterable[str]) -> frozenset[int]:
        """Ids of what someone who typed these names wants to avoid.

        For each name, the first that applies (`avoidance.py` has the groups):

        1. a group word («알코올», «파라벤») means the group's members, and what is called so;
        2. a standard or INCI name means that ingredient and what is plainly made of it
           («녹차» → «녹차추출물», «녹차씨오일», but «나이아신» not «나이아신아마이드»);
        3. an alias, or a part of two syllables, or three Latin letters or digits, means every
           ingredient whose name, alias or INCI name holds it («티트리» → «티트리잎오일»): an
           everyday word («라벤더») may be an alias of one thing and name others too.
        """
        return frozenset(found for name in names for found in self._avoided(_key(name)))

    def _avoided(self, typed: str) -> Iterable[int]:
        word = stem(typed)
        exact = self._squeezed.get(typed, self._squeezed.get(word))
        alone = () if exact is None else (exact,)
        if group := group_of(word):
            members = (e.id for e in self._entries if group.holds(self._names_of[e.id], e.roles))
            return (*alone, *members)
        if exact is not None and not self._standard.isdisjoint((typed, word)):
            made = preparations(self._names_of[exact])
            return (*alone, *(entry.id for name, entry in self._names if made.search(name)))
        if len(word) < (3 if word.isascii() else 2):
            return alone
        return (*alone, *(entry.id for name, entry in self._names if word in name))


def _key(text: str) -> str:
    return squeeze(text[:READ_AT_MOST])


def _names(entry: Entry) -> tuple[str, ...]:
    return (entry.name, *entry.aliases, *((entry.inci,) if entry.inci else ()))


def _first_come(entries: Sequence[Entry]) -> dict[str, int]:
    """Squeezed name → id; where two ingredients share one, the better kind of name has it."""
    found: dict[str, int] = {}
    for kind in (
        ((e.name, e.id) for e in entries),
        ((alias, e.id) for e in entries for alias in e.aliases),
        ((e.inci, e.id) for e in entries if e.inci),
    ):
        for name, number in kind:
            found.setdefault(squeeze(name), number)
    found.pop("", None)
    return found


_OLD_SPELLING = (
    # The dictionary's present spelling, and the one it had before, which people still type.
    ("하이알루로", "히알루로"),
    ("아이소", "이소"),
    ("트라이", "트리"),
    ("다이", "디"),
    ("글라이콜", "글리콜"),
    ("사이클로", "시클로"),
    ("아마이드", "아미드"),
    ("릭애씨드", "산"),
    ("닉애씨드", "산"),
    ("빅애씨드", "빈산"),
    ("애씨드", "산"),
)


def _sound(name: str) -> str:
    """A squeezed name in the old spelling, as jamo."""
    for new, old in _OLD_SPELLING:
        name = name.replace(new, old)
    return unicodedata.normalize("NFD", name)
