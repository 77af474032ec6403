"""How every product may be spelled, as long strings that one scan searches.

A row is one spelling of one product: brand, name and the brand again, so that «brand name» and
«name brand» are both contained in it. A brand written «이니스프리(innisfree)» makes a row for each
of its spellings, and Latin words make one more, read aloud in Hangul.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA

from engine.domain import Product
from engine.parsing.korean import initials, squeeze
from engine.parsing.reading import has_latin, read_aloud
from engine.parsing.strokes import matches, strokes_of

Mask = npt.NDArray[np.bool_]
"""(products,)"""
Places = npt.NDArray[np.int64]

_NOTE = re.compile(r"\(([^()]*)\)")
_END = "\n"
WORD_LENGTH = 64
"""Strokes that the bit-parallel search takes: the bits of a machine word."""
CANDIDATES = 1000
"""Rows, at most, that the search for slips looks at closely."""
PAIRS = 20
"""Pairs of strokes, the rarest of the text, that choose those rows."""
REMEMBERED = 64
"""Texts; each takes four bytes a product."""
PART = 3  # odd: even ranks are whole names
"""A whole name with one more wrong stroke comes before a name that only holds the text."""


def brand_spellings(brand: str) -> tuple[str, ...]:
    """«이니스프리(innisfree)» → as written, «이니스프리» and «innisfree»."""
    given = (brand, _NOTE.sub(" ", brand), *_NOTE.findall(brand))
    return tuple(dict.fromkeys(key for one in given if (key := one.strip())))


@dataclass(frozen=True, slots=True)
class Contained:
    """Where a text stands in spellings."""

    whole: Mask
    """It is the name, or brand and name."""
    nearly_whole: Mask
    """So, but for the end of the last syllable: «수디» of «수딩»."""
    words: Mask
    """It is part of them."""
    begun: Mask
    """So, but for the end of the last syllable."""

    @property
    def anywhere(self) -> Mask:
        return self.words | self.begun


Codes = npt.NDArray[np.uint16]
"""Letters by their number in the alphabet of the rows."""
_NOWHERE = np.zeros(0, dtype=np.int64)


class _Lines:
    """Rows in one string, each ended by a newline, and where every pair of letters stands in it.

    A text is looked for where its rarest pair stands, for all places at once.
    """

    def __init__(self, parts: Sequence[tuple[str, str]]) -> None:
        """`parts`: (brand, name) of each row."""
        lengths = np.array([(len(brand), len(name)) for brand, name in parts], dtype=np.int64)
        lengths = lengths.reshape(-1, 2)
        self.text = "".join(f"{brand}{name}{brand}{_END}" for brand, name in parts)
        self.start = np.concatenate(([0], np.cumsum(2 * lengths[:, 0] + lengths[:, 1] + 1)))
        """(rows + 1,)"""
        self.name_start = self.start[:-1] + lengths[:, 0]
        self.name_end = self.start[:-1] + lengths.sum(axis=1)
        alphabet = [_END, *sorted(set(self.text) - {_END})]
        self._code_of = {letter: code for code, letter in enumerate(alphabet)}
        self.codes = self.coded(self.text)
        self._place, self._pair_start = self._by_pair()
        self._row = np.repeat(np.arange(len(parts), dtype=np.int32), np.diff(self.start))

    @property
    def bytes(self) -> int:
        arrays = (self.start, self.name_start, self.name_end, self.codes, self._place)
        held = sum(a.nbytes for a in (*arrays, self._pair_start, self._row))
        return held + self.text.__sizeof__()

    @property
    def letters(self) -> int:
        """How many different ones there are, the newline (0) among them."""
        return len(self._code_of)

    def coded(self, text: str) -> Codes:
        """Letters as numbers; those that no row holds have one of their own."""
        stranger = len(self._code_of)
        return np.array([self._code_of.get(letter, stranger) for letter in text], dtype=np.uint16)

    def rows(self, places: npt.NDArray[np.signedinteger]) -> Places:
        rows: Places = self._row[places].astype(np.int64)
        return rows

    def find(self, typed: str) -> Places:
        """Where the text begins, in order."""
        codes = self.coded(typed)
        if len(codes) < 2 or codes.max() == self.letters:
            return np.flatnonzero(self.codes == codes) if len(codes) == 1 else _NOWHERE
        pairs = self.pairs(codes)
        rarest = int(np.argmin([self.frequency(pair) for pair in pairs]))
        places = self.standing(pairs[rarest]) - rarest
        places = places[places >= 0]
        for at, code in enumerate(codes):
            if at not in (rarest, rarest + 1):
                # what reaches over the end has the last newline in it, which no text has
                places = places[self.codes[(places + at) % len(self.codes)] == code]
        return places.astype(np.int64)

    def pairs(self, codes: Codes) -> list[int]:
        return [a * self.letters + b for a, b in pairwise(codes.tolist()) if b < self.letters > a]

    def frequency(self, pair: int) -> int:
        return int(self._pair_start[pair + 1] - self._pair_start[pair])

    def standing(self, pair: int) -> npt.NDArray[np.int32]:
        """Where the pair of letters stands, in order."""
        return self._place[self._pair_start[pair] : self._pair_start[pair + 1]]

    def _by_pair(self) -> tuple[npt.NDArray[np.int32], Places]:
        """Places in the order of the pair that stands there, and where each pair's begin."""
        codes = self.codes.astype(np.int64)
        pair = codes[:-1] * self.letters + codes[1:]
        order = np.argsort(pair, kind="stable")
        starts = np.searchsorted(pair[order], np.arange(self.letters**2 + 1))
        return order.astype(np.int32), starts


class Spellings:
    """Built once for a catalogue; threads may share it.

    `contain(text)` remembers the texts asked for last: a search asks for its words repeatedly.
    """

    def __init__(self, products: Sequence[Product]) -> None:
        rows = [(place, *row) for place, one in enumerate(products) for row in _rows(one)]
        self._products = len(products)
        self._place = np.array([row[0] for row in rows], dtype=np.int32)
        parts = [(squeeze(brand), squeeze(name)) for _, brand, name in rows]
        self._begun = _Lines([(initials(brand), initials(name)) for brand, name in parts])
        written = "".join(f"{brand}{name}{brand}{_END}" for brand, name in parts)
        self._syllables = np.frombuffer(written.encode("utf-32-le"), np.uint32, len(written))
        self._typed = _Lines([(_strokes(brand), _strokes(name)) for brand, name in parts])
        self._opens = _opens(written)
        self._last_of_name, self._last_of_row = self._last_syllables()
        self._slips = Slips(self._typed)
        self.contain = lru_cache(REMEMBERED)(self._contain)

    @property
    def bytes(self) -> int:
        """What the strings and arrays take."""
        arrays = (self._place, self._syllables, self._opens, self._last_of_name, self._last_of_row)
        return sum(a.nbytes for a in arrays) + self._begun.bytes + self._typed.bytes

    def _contain(self, typed: str) -> Contained:
        """Products that hold the text, blanks and signs apart, to the letter."""
        needle = _strokes(squeeze(typed))
        hits = self._typed.find(needle)
        hits = hits[self._opens[hits]]
        ends, rows = hits + len(needle), self._typed.rows(hits)
        ended = self._opens[ends]
        lines = self._typed
        begins_name = hits == lines.name_start[rows]
        ends_name = (ends <= lines.name_end[rows]) & (ends > self._last_of_name[rows])
        ends_row = (ends < lines.start[rows + 1]) & (ends > self._last_of_row[rows])
        whole = ((hits == lines.start[rows]) & ends_name) | (begins_name & (ends_name | ends_row))
        several = len(squeeze(typed)) > 1
        return Contained(
            whole=self._mask(rows[whole & ended]),
            nearly_whole=self._mask(rows[whole & ~ended & several]),
            words=self._mask(rows[ended]),
            begun=self._mask(rows[~ended]),
        )

    def as_long(self, typed: str) -> Mask:
        """Products whose name, or brand and name, has as many strokes: the words of such a one
        in another order are all of it."""
        length, lines = len(_strokes(squeeze(typed))), self._typed
        name, both = lines.name_end - lines.name_start, lines.name_end - lines.start[:-1]
        return self._mask(np.flatnonzero((name == length) | (both == length)))

    def begin(self, pattern: str) -> tuple[Mask, Mask]:
        """Products whose syllables have these initials: (as a whole, anywhere)."""
        hits = self._begun.find(initials(pattern))
        for place, typed in enumerate(pattern):
            if initials(typed) != typed:
                hits = hits[self._stand(hits + place, typed, place == len(pattern) - 1)]
        ends, rows, lines = hits + len(pattern), self._begun.rows(hits), self._begun
        begins_name = hits == lines.name_start[rows]
        ends_name = ends == lines.name_end[rows]
        ends_row = ends == lines.start[rows + 1] - 1
        whole = ((hits == lines.start[rows]) & ends_name) | (begins_name & (ends_name | ends_row))
        return self._mask(rows[whole]), self._mask(rows)

    def slip(self, typed: str) -> npt.NDArray[np.int64]:
        """(products,) 2 for each wrong stroke, and `PART` where the text is not a whole name: the
        least comes first. -1 where more are wrong than may be."""
        needle = _strokes(squeeze(typed))
        most = slips_at_most(len(needle))
        found = np.full(self._products, -1, dtype=np.int64)
        if most:
            rows, wrong = self._slips.near(needle, most)
            whole = self._whole_slips(rows, needle, most)
            self._least(found, rows, np.minimum(2 * wrong + PART, 2 * whole))
        return found

    def slips_by_word(self, words: Sequence[str]) -> npt.NDArray[np.int64]:
        """As `slip`, of words in any order; the wrong strokes of all of them count together."""
        needles = [needle for word in words if (needle := _strokes(squeeze(word)))]
        most = slips_at_most(sum(map(len, needles)))
        found = np.full(self._products, -1, dtype=np.int64)
        if most and len(needles) > 1:
            rows, wrong = self._slips.near_together(needles, most)
            self._least(found, rows, 2 * wrong + PART)
        return found

    def _least(self, found: Places, rows: Places, rank: Places) -> None:
        """The best row of each product."""
        order = np.argsort(-rank, kind="stable")
        found[self._place[rows[order]]] = rank[order]

    def _whole_slips(self, rows: Places, needle: str, most: int) -> Places:
        """Wrong strokes where the text is the name, or brand and name in either order."""
        lines = self._typed
        start, name = lines.start[rows], lines.name_start[rows]
        end, name_end = lines.start[rows + 1] - 1, lines.name_end[rows]
        least = np.full(len(rows), most + PART)
        for begins, ends in ((name, name_end), (start, name_end), (name, end)):
            for at in np.flatnonzero(np.abs(ends - begins - len(needle)) <= most):
                spelled = lines.text[begins[at] : ends[at]]
                least[at] = min(least[at], OSA.distance(needle, spelled, score_cutoff=most + 1))
        return least

    def _stand(self, at: Places, typed: str, last: bool) -> Mask:
        """Whether what is written at these places may be what was typed there."""
        codes = self._syllables[at]
        fitting = [c for c in np.unique(codes) if matches(chr(c), typed, last=last)]
        stands: Mask = np.isin(codes, np.array(fitting, dtype=codes.dtype))
        return stands

    def _mask(self, rows: Places) -> Mask:
        mask = np.zeros(self._products, dtype=np.bool_)
        mask[self._place[rows]] = True
        return mask

    def _last_syllables(self) -> tuple[Places, Places]:
        """Where the last syllable of each row's name, and of the row, begins."""
        opened = np.flatnonzero(self._opens)
        name = np.searchsorted(opened, self._typed.name_end) - 1
        row = np.searchsorted(opened, self._typed.start[1:] - 1) - 1
        return opened[name], opened[row]


class Slips:
    """Finds rows in which a text stands with a few strokes wrong.

    Rows are chosen by the pairs of neighbouring strokes that they share with the text, then
    measured by the bit-parallel algorithm of Myers (1999) in Hyyrö's form with transpositions
    (2003), all of them at once: its words are the elements of arrays.
    """

    def __init__(self, lines: _Lines) -> None:
        self._lines = lines

    def near(self, needle: str, most: int) -> tuple[Places, Places]:
        """Rows that hold the text with at most so many wrong strokes, and how many those are.

        A longer text than a machine word is measured by its beginning.
        """
        rows = self._candidates([needle], most)
        wrong = self._measured(needle[:WORD_LENGTH], rows)
        return rows[wrong <= most], wrong[wrong <= most]

    def near_together(self, needles: Sequence[str], most: int) -> tuple[Places, Places]:
        """So for several words wherever they stand."""
        rows = self._candidates(needles, most)
        total = np.zeros(len(rows), dtype=np.int64)
        for needle in sorted(needles, key=len, reverse=True):
            wrong = self._measured(needle[:WORD_LENGTH], rows)
            # a short word with a slip is any other word
            total += np.where(wrong <= slips_at_most(len(needle)), wrong, most + 1)
            rows, total = rows[total <= most], total[total <= most]
        return rows, total

    def _candidates(self, needles: Sequence[str], most: int) -> Places:
        """A wrong stroke spoils at most three pairs, of two strokes exchanged."""
        lines = self._lines
        pairs = {pair for needle in needles for pair in lines.pairs(lines.coded(needle))}
        rarest = sorted(pairs, key=lines.frequency)[:PAIRS]
        shared = np.zeros(len(lines.start) - 1, dtype=np.uint8)
        for pair in rarest:
            shared[lines.rows(lines.standing(pair))] += 1  # once a row
        rows = np.flatnonzero(shared >= max(1, len(rarest) - 3 * most))
        if len(rows) > CANDIDATES:
            rows = np.sort(rows[np.argsort(-shared[rows].astype(int), kind="stable")[:CANDIDATES]])
        return rows

    def _measured(self, needle: str, rows: Places) -> Places:
        """(rows,) least number of wrong strokes with which the text stands in each row."""
        lines = self._lines
        bits = np.zeros(lines.letters + 1, dtype=np.uint64)
        for place, code in enumerate(lines.coded(needle)):
            bits[code] |= np.uint64(1 << place)
        bits[lines.letters] = 0
        start, lengths = lines.start[rows], lines.start[rows + 1] - lines.start[rows] - 1
        steps = np.arange(int(lengths.max(initial=0)))[:, None]
        grid = bits[lines.codes[np.minimum(start + steps, len(lines.codes) - 1)]]
        grid[steps >= lengths] = 0  # (letters, rows)
        return _least_wrong(grid, len(needle))


def _least_wrong(grid: npt.NDArray[np.uint64], length: int) -> Places:
    """`grid`: (letters of the row, rows), which places of the text each letter equals.

    vp, vn: where a column of the distance matrix goes up or down; d0: where its diagonal stays.
    """
    rows = grid.shape[1]
    one, top = np.uint64(1), np.uint64(length - 1)
    vp = np.full(rows, 2**64 - 1, dtype=np.uint64)
    vn, d0, before = (np.zeros(rows, dtype=np.uint64) for _ in range(3))
    wrong = np.full(rows, length, dtype=np.int64)
    least = wrong.copy()
    for equal in grid:
        exchanged = ((~d0 & equal) << one) & before
        d0 = (((equal & vp) + vp) ^ vp) | equal | vn | exchanged
        hp, hn = vn | ~(d0 | vp), d0 & vp
        wrong += ((hp >> top) & one).view(np.int64)
        wrong -= ((hn >> top) & one).view(np.int64)
        np.minimum(least, wrong, out=least)
        hp <<= one
        vp, vn, before = (hn << one) | ~(d0 | hp), hp & d0, equal
    return least


def slips_at_most(length: int) -> int:
    """Wrong strokes that a text of so many may have: replacing «ㅘ» by «ㅓ» is two."""
    return 0 if length < 4 else 1 if length < 12 else 2


def _rows(product: Product) -> Iterator[tuple[str, str]]:
    """(brand, name) in every spelling."""
    pairs = [(brand, product.name) for brand in brand_spellings(product.brand) or ("",)]
    aloud = [(read_aloud(b), read_aloud(n)) for b, n in pairs if has_latin(f"{b} {n}")]
    seen: set[tuple[str, str]] = set()
    for brand, name in (*pairs, *aloud):
        key = squeeze(brand), squeeze(name)
        if key not in seen:
            seen.add(key)
            yield brand, name


def _strokes(squeezed: str) -> str:
    return "".join(map(strokes_of, squeezed))


def _opens(written: str) -> Mask:
    """(strokes + 1,) where a syllable, sign or line begins."""
    lengths = np.array([len(strokes_of(character)) for character in written], dtype=np.int64)
    opens = np.zeros(lengths.sum() + 1, dtype=np.bool_)
    opens[np.concatenate(([0], np.cumsum(lengths)))] = True
    return opens
