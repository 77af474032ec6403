"""Names of products and ingredients found in a question by looking them up, not by likeness."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.parsing.korean import initials, sounded, squeeze
from engine.retrieval.slips import NearNames

ANYWHERE_FROM = 4
"""A name of this many characters may begin inside a word; a shorter one may not."""
SHORT = 2
"""A name of this many characters is only one where its word ends, or goes on as `_GOES_ON`."""
HEARD_FROM = 3
"""A name of this many characters is also found as it sounds."""
SLIP_FROM = 5
"""A slip is only looked for in words of so many characters."""
INITIALS_FROM = 2
"""So many initial consonants may stand for a name."""
MEANT_AT_MOST = 3
"""Initials that stand for more names than these say nothing."""
QUESTION_AT_MOST = 400
_WORD = re.compile(r"[^\W_]+")
_LATIN = re.compile(r"[0-9a-z]")
_GOES_ON = re.compile(
    r"이|가|은|는|을|를|도|의|에|과|와|랑|로|으로|만|나|든|들|인|요|보다|처럼|까지|하고|밖에|말고|같은|없"
    r"|성분|추출|오일|버터|가루|수(?![가-힣])|물|잎|꽃|씨|뿌리|토너|스킨|로션|크림|에센스|세럼|앰플|미스트|팩|젤|밤|폼|비누"
    r"|제품|화장품|[^가-힣]"
)
"""Particles and what follows an ingredient: «시어버터», «시어는», but not «시어머니»."""
_INITIALS = re.compile(r"[ㄱ-ㅎ]+(?:\s+[ㄱ-ㅎ]+)*")
_LAUGHING = re.compile(r"[ㅋㅎㅠㅜㅇㄴㄱㄷ]{1,2}|ㅊㅊ|ㅁㄹ|[ㅋㅎㅠㅜ]+")
"""«ㅋㅋ», «ㅇㅇ», «ㄱㄱ»: no name is meant."""


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
    near: NearNames
    """Of the names that a slip may mean."""
    sounds: Mapping[str, str]
    """A name of `HEARD_FROM` characters as it sounds → the name."""
    beginnings: Mapping[str, tuple[str, ...]]
    """The first two initial consonants of each word of a name → the names."""
    written: Mapping[str, tuple[str, ...]]
    """Squeezed name → initials from each of its words on: «그린 토너» → ㄱㄹㅌㄴ, ㅌㄴ."""

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, int]]) -> "Names":
        """`pairs` of (name as written, document). Names of one character are left out."""
        found: dict[str, list[int]] = {}
        written: dict[str, tuple[str, ...]] = {}
        for name, document in pairs:
            key = squeeze(name)
            if key not in written:
                written[key] = _tails(name)
            if len(key) > 1 and document not in found.setdefault(key, []):
                found[key].append(document)
        lengths = tuple(sorted({len(key) for key in found}, reverse=True))
        near = NearNames(key for key in found if len(key) >= SLIP_FROM)
        documents = {key: tuple(places) for key, places in found.items()}
        sounds = {sounded(key): key for key in found if len(key) >= HEARD_FROM}
        return cls(documents, lengths, near, sounds, _beginnings(written), written)

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
        named = [Mention(name, self.documents[name]) for _, name in sorted(found.items())]
        return named or self._by_initials(question[:QUESTION_AT_MOST])

    def _by_initials(self, question: str) -> list[Mention]:
        """«ㅂㅍ 토너»: names with a word that begins so, and that hold most of the question's
        other words; none where too many could be meant."""
        said = _WORD.findall(_INITIALS.sub(" ", question))
        others = [squeeze(word) for word in said if len(word) > 1]
        return [
            Mention(name, self.documents[name])
            for match in _INITIALS.finditer(question)
            if not _LAUGHING.fullmatch(match[0])
            for name in self._begun(squeeze(match[0]), others)
        ]

    def _begun(self, typed: str, others: Sequence[str]) -> list[str]:
        if len(typed) < INITIALS_FROM:
            return []
        names = [
            name
            for name in self.beginnings.get(typed[:2], ())
            if any(tail.startswith(typed) for tail in self.written[name])
        ]
        held = {name: sum(_stands(word, name) for word in others) for name in names}
        most = max(held.values(), default=0)
        best = [name for name in names if held[name] == most]
        whole = [name for name in best if typed in self.written[name][:1]]
        places = {self.documents[name] for name in whole or best}
        return (whole or best) if len(places) <= MEANT_AT_MOST else []

    def _exact(self, text: str, starts: list[int]) -> dict[int, str]:
        """Place in the squeezed text → the name that stands there."""
        found: dict[int, str] = {}
        heard = sounded(text)
        at = 0
        while at < len(text):
            name = self._longest_at(text, heard, at, starts)
            if name is not None:
                found[at] = name
            at += len(name or " ")
        return found

    def _nearly(self, word: str) -> str | None:
        """The name that this word, with or without its particle, is a slip of."""
        spelled = (one for one in (word, word[:-1], word[:-2]) if len(one) >= SLIP_FROM)
        near = [found for one in spelled if (found := self.near.nearest(one)) is not None]
        return max(near)[1] if near else None

    def _longest_at(self, text: str, heard: str, at: int, starts: list[int]) -> str | None:
        begins_word = _is_in(starts, at)
        for length in self.lengths:
            end = at + length
            if end > len(text) or (not begins_word and length < ANYWHERE_FROM):
                continue
            written = text[at:end]
            name = written if written in self.documents else self.sounds.get(heard[at:end])
            if name is None or _cuts_latin(text, at, end, starts):
                continue
            if length > SHORT or _is_whole(text, end, starts):
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


def _is_whole(text: str, end: int, starts: list[int]) -> bool:
    """Whether a word ends here, or goes on as the word of a name does."""
    return end == len(text) or _is_in(starts, end) or _GOES_ON.match(text, end) is not None


def _is_in(ordered: list[int], value: int) -> bool:
    place = bisect_left(ordered, value)
    return place < len(ordered) and ordered[place] == value


def _tails(name: str) -> tuple[str, ...]:
    words = [initials(word) for word in _WORD.findall(name)]
    return tuple("".join(words[at:]) for at in range(len(words)))


def _beginnings(written: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for name, tails in written.items():
        for tail in tails:
            if len(name) > 1 and len(tail) >= INITIALS_FROM:
                found.setdefault(tail[:2], {})[name] = None
    return {start: tuple(names) for start, names in found.items()}


def _stands(word: str, name: str) -> bool:
    """Both squeezed; the word may carry a particle of one syllable."""
    return word in name or (len(word) > 2 and word[:-1] in name)
