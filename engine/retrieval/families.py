"""Words of a question that call for ingredients without being a name of one: «펩타이드», «녹차»,
«히알루론», «한방»."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import Final

from engine.parsing.korean import squeeze

Family = frozenset[str]
"""Standard names of the ingredients, each of which is one that was asked for."""

REMEMBERED: Final = 1024
WORDS_AT_MOST: Final = 24
ANYWHERE_FROM: Final = 3
"""Letters of a word that may stand anywhere in a name; a shorter one is what a plant's part or
what is made of it begins with: «녹차» in 녹차추출물, not «나이» in 나이아신아마이드."""
_MADE_OF: Final = re.compile(
    r"(?:꽃|씨|잎|뿌리|열매|커넬|나무|껍질)*(?:추출물|오일|유|수|수액|즙|버터|발효물|단백질)"
)
_GOODS: Final = r"크림|토너|스킨|로션|에센스|세럼|앰플|미스트|오일|에멀[전젼]|성분|추출물?|제품"
_AFTER: Final = re.compile(
    rf"(?:{_GOODS})*(?:이나|이랑|하고|이든|같은|함유|계열|으로|[이가은는을를도의에과와랑로만든들인요나류]|거|것)*"
)
_WORD: Final = re.compile(r"[^\W_]+")
_NOTHING_BY_ITSELF: Final = re.compile(
    "추출물|에센셜|에센셜오일|오일|성분|식물성|크림|토너|스킨|로션|에센스|세럼|앰플|미스트"
)


class Families:
    """Of one index's ingredients."""

    def __init__(self, spellings: Iterable[tuple[str, str]]) -> None:
        """`spellings`: pairs of (a name or another name, the standard name)."""
        pairs = dict.fromkeys((squeeze(spelled), name) for spelled, name in spellings if spelled)
        self._pairs = tuple(pairs)
        self._having: dict[str, list[int]] = defaultdict(list)
        """Two letters → places in `_pairs` where they stand together."""
        for place, (spelled, _) in enumerate(self._pairs):
            for two in {spelled[at : at + 2] for at in range(len(spelled) - 1)}:
                self._having[two].append(place)
        self._members = lru_cache(REMEMBERED)(self._found)

    def named_in(self, text: str) -> list[Family]:
        """A family for each word that calls for one, in their order."""
        words = _WORD.findall(text)[:WORDS_AT_MOST]
        found = (self._of(squeeze(word)) for word in words)
        return list(dict.fromkeys(family for family in found if family))

    def of_any(self, words: Collection[str]) -> Family:
        """What one of these words calls for."""
        return frozenset().union(*(self._of(squeeze(word)) for word in words))

    def _of(self, word: str) -> Family:
        return next(filter(None, map(self._members, _stems(word))), frozenset())

    def _found(self, stem: str) -> Family:
        twos = (self._having.get(stem[at : at + 2], []) for at in range(len(stem) - 1))
        near = [self._pairs[place] for place in min(twos, key=len)]
        if len(stem) >= ANYWHERE_FROM:
            return frozenset(name for spelled, name in near if stem in spelled)
        return frozenset(
            name
            for spelled, name in near
            if spelled == stem
            or (spelled.startswith(stem) and _MADE_OF.fullmatch(spelled, len(stem)))
        )


def _stems(word: str) -> Iterator[str]:
    """The word less its particles and what it is a word of, the longest first."""
    for end in range(len(word), 1, -1):
        if _AFTER.fullmatch(word, end) and not _NOTHING_BY_ITSELF.fullmatch(word, 0, end):
            yield word[:end]
