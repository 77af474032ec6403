"""Products found as people type on a phone: with slips, halves of words, initials and wishes.

What is found comes in tiers, a tier whole before the next: exact names, contained words, what a
wish for a category, price or skin narrows down, initial consonants, other spellings of a foreign
name, and slips of the keyboard. Within a tier what is sold comes before what is sold out.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from engine.domain import Effect, Page, Product, SkinType
from engine.parsing.korean import squeeze
from engine.parsing.reading import has_latin, read_aloud
from engine.parsing.strokes import last_opened, lone_consonants, patterns, sound
from engine.retrieval.spellings import Mask, Places, Spellings, brand_spellings
from engine.retrieval.wishes import CHEAP_SHARE, Wish, Wishes
from engine.store.catalogue import PAGE_SIZE, Opinion, Stock

TEXT_AT_MOST = 100
"""Characters of a text that are read."""
WORDS_AT_MOST = 12
"""Words that are looked for one by one."""
SOUNDS_ALIKE = 0.66
"""Of 1: «laneige» read aloud is 0.71 like «라네즈»."""
BEGIN_ALIKE = 0.79
"""«etude» is 0.8 like the beginning of «에뛰드하우스»."""
SOUND_FROM = 3
"""Sounds of a word that may be a brand spelled otherwise."""
PRIOR = 5
"""Reviews that every mean starts with: a single 5 does not beat a hundred at 4.8."""

_SKINS = (*SkinType, None)
_EFFECTS = (*Effect, None)
Scores = npt.NDArray[np.float64]
"""(products,)"""


class Opinions:
    """Ratings and effects of each product by skin type."""

    def __init__(self, ids: Mapping[int, int], opinions: Iterable[Opinion]) -> None:
        shape = (len(_SKINS), len(_EFFECTS), len(ids))
        self._reviews = np.zeros(shape, dtype=np.int32)  # (skin types, effects, products)
        self._ratings = np.zeros(shape, dtype=np.float32)
        for one in opinions:
            if (place := ids.get(one.product)) is not None:
                at = _SKINS.index(one.skin_type), _EFFECTS.index(one.effect), place
                self._reviews[at] += one.reviews
                self._ratings[at] += one.ratings

    @property
    def bytes(self) -> int:
        return self._reviews.nbytes + self._ratings.nbytes

    def liking(self, skin: SkinType) -> Scores:
        """Mean rating by people of the skin type in [0, 1]; -1 without a review of theirs."""
        reviews = self._reviews[_SKINS.index(skin)].sum(axis=0)
        ratings = self._ratings[_SKINS.index(skin)].sum(axis=0)
        return np.where(reviews > 0, (_mean(ratings, reviews) - 1) / 4, -1.0)

    def helping(self, effects: Iterable[Effect], skin: SkinType | None) -> Scores:
        """Share of reviews that name one of the effects, of those that name any; -1 where none.

        Of people of the skin type, where it is given.
        """
        skins = slice(None) if skin is None else [_SKINS.index(skin)]
        said = self._reviews[skins].sum(axis=0)  # (effects, products)
        told = said[: len(Effect)].sum(axis=0)
        named = said[[_EFFECTS.index(effect) for effect in effects]].sum(axis=0)
        return np.where(told > 0, _mean(named, told), -1.0)


class Finder:
    """Built once for a load, in a thread: about two seconds for 20,000 products."""

    def __init__(self, stock: Stock) -> None:
        # places in this order: what is sold first, then the most reviewed
        self._ids = np.array([one.id for one in stock.products], dtype=np.int64)
        self._on_sale = np.array([one.on_sale for one in stock.products], dtype=np.bool_)
        self._prices = np.array(
            [math.nan if one.price is None else one.price for one in stock.products], dtype=float
        )
        names = sorted({one.category for one in stock.products})
        places = {name: place for place, name in enumerate(names)}
        self._categories = places
        self._category = np.array([places[one.category] for one in stock.products], dtype=np.int32)
        self._wishes = Wishes(names)
        self._spellings = Spellings(stock.products)
        self._brands = Brands(stock.products)
        place_of = {product: place for place, product in enumerate(self._ids.tolist())}
        self._opinions = Opinions(place_of, stock.opinions)

    @property
    def bytes(self) -> int:
        """Memory of the strings and arrays."""
        own = (self._ids, self._on_sale, self._prices, self._category)
        return sum(a.nbytes for a in own) + self._spellings.bytes + self._opinions.bytes

    def find(self, text: str, page: int, size: int = PAGE_SIZE) -> Page[int]:
        """Ids of products; an empty text finds all. `page` is brought into range."""
        found = self._ranked(text[:TEXT_AT_MOST], size)
        pages = max(1, math.ceil(len(found) / size))
        number = min(max(1, page), pages)
        items = self._ids[found[(number - 1) * size : number * size]]
        return Page(items=tuple(items.tolist()), number=number, pages=pages, total=len(found))

    def _ranked(self, text: str, enough: int) -> Places:
        """Places of products, best first. Slips are looked for where else too little is found."""
        wish = self._wishes.read(text)
        if not wish.words and text.strip() and not (wish.has_price or wish.cheap):
            return np.zeros(0, dtype=np.int64)
        allowed = self._affordable(wish)
        found = _Found(allowed)
        for tier in self._tiers(wish):
            found.add(tier)
        if len(found) < enough and not self._is_named(wish):
            for tier in self._guesses(wish):
                found.add(tier)
        if not len(found):
            for tier in self._loose_guesses(wish):
                found.add(tier)
        return self._cheap(found.places) if wish.cheap else found.places

    # --- tiers -----------------------------------------------------------------------------------

    def _tiers(self, wish: Wish) -> Iterator[Places]:
        """What is surely meant."""
        words = wish.words
        if not words:
            yield np.arange(len(self._ids))
            return
        whole = self._spellings.contain(" ".join(words))
        each = [self._spellings.contain(word) for word in _once(words)]
        yield np.flatnonzero(whole.whole)
        yield np.flatnonzero(whole.nearly_whole)
        contained = (whole.words, _all(one.words for one in each))
        yield np.flatnonzero(contained[1] & self._spellings.as_long(" ".join(words)))
        begun = (whole.begun, _all(one.anywhere for one in each))
        if wish.sorts and not wish.rest:
            # a category alone is meant before names that happen to hold its word
            alone = len(words) == 1 and bool(wish.categories)
            yield from map(np.flatnonzero, () if alone else contained[:1])
            yield from self._wished(wish, self._held)
        yield from map(np.flatnonzero, (*contained, *begun))
        if wish.sorts and wish.rest:
            yield from self._wished(wish, self._held)
        if any(map(lone_consonants, words)):
            yield from self._by_initials(words)

    def _guesses(self, wish: Wish) -> Iterator[Places]:
        """What is probably meant."""
        words, text = wish.words, " ".join(wish.words)
        if not words or all(map(_is_initials, words)):
            return
        yield from self._by_last_initial(words)
        slips = self._spellings.slip(text)
        yield _least_first(np.where(slips % 2, -1, slips))  # whole names
        yield from self._by_sound(wish, text)
        yield _least_first(slips)

    def _loose_guesses(self, wish: Wish) -> Iterator[Places]:
        """What may be meant: words in any order with slips in them."""
        words = wish.words[:WORDS_AT_MOST]
        if len(words) > 1 and not all(map(_is_initials, words)):
            yield _least_first(self._spellings.slips_by_word(words))
        if wish.sorts and wish.rest:
            yield from self._wished(wish, self._slipped)

    def _is_named(self, wish: Wish) -> bool:
        """Whether the text is a product's name: then nothing else is meant."""
        text = " ".join(wish.words)
        return bool(text) and bool(self._spellings.contain(text).whole.any())

    def _by_initials(self, words: Sequence[str]) -> Iterator[Places]:
        """«ㅅㄷ ㅌㄴ», «ㅅㄷㅌㄴ», «수딩ㅋㄹ»; the whole name first."""
        for pattern in patterns("".join(words)):
            yield from map(np.flatnonzero, self._spellings.begin(pattern))
        if len(words) > 1:
            yield np.flatnonzero(_all(self._begun(word) for word in _once(words)))

    def _by_last_initial(self, words: Sequence[str]) -> Iterator[Places]:
        """«토넛»: what an input method makes of «토너 ㅅ»."""
        opened = last_opened(squeeze("".join(words)))
        if opened != squeeze("".join(words)):
            yield from map(np.flatnonzero, self._spellings.begin(opened))

    def _by_sound(self, wish: Wish, text: str) -> Iterator[Places]:
        """Latin words read aloud, then words that sound like a brand."""
        if has_latin(text):
            aloud = self._spellings.contain(read_aloud(text))
            yield from map(np.flatnonzero, (aloud.whole, aloud.words, aloud.begun))
        words = wish.words[:WORDS_AT_MOST]
        if not wish.sorts:
            yield np.flatnonzero(_all(map(self._sounding, words)))
            yield np.flatnonzero(self._brands.like(text))
        elif wish.rest:
            yield from self._wished(wish, self._sounding)

    def _begun(self, word: str) -> Mask:
        if not lone_consonants(word):
            return self._held(word)
        return _any(self._spellings.begin(pattern)[1] for pattern in patterns(word))

    def _held(self, word: str) -> Mask:
        if lone_consonants(word):
            return self._begun(word)
        return self._spellings.contain(word).anywhere

    def _sounding(self, word: str) -> Mask:
        """Products that hold the word, hold it read aloud, or are of a brand that sounds so."""
        held = self._held(word)
        if not held.any() and has_latin(word):
            held = self._held(read_aloud(word))
        return held if held.any() else self._brands.like(word)

    def _slipped(self, word: str) -> Mask:
        held = self._held(word)
        return held if held.any() else self._spellings.slip(word) >= 0

    # --- wishes ----------------------------------------------------------------------------------

    def _wished(self, wish: Wish, holding: Callable[[str], Mask]) -> Iterator[Places]:
        """The category's products that hold the other words; those of whom people of the skin, or
        with the concern, say most good first, the most reviewed first where nothing is told.

        Without a category those of which nothing is told are left out."""
        fitting = _all([self._of_categories(wish), *map(holding, wish.rest)])
        if wish.preferred:
            named = fitting & _any(map(self._held, wish.preferred))
            yield self._best_first(np.flatnonzero(named), wish)
        yield self._best_first(np.flatnonzero(fitting), wish)

    def _of_categories(self, wish: Wish) -> Mask:
        if not wish.categories:
            return np.ones(len(self._ids), dtype=np.bool_)
        wanted = [self._categories[name] for name in wish.categories]
        mask: Mask = np.isin(self._category, wanted)
        return mask

    def _best_first(self, places: Places, wish: Wish) -> Places:
        told = [] if wish.skin is None else [self._opinions.liking(wish.skin)]
        told += [self._opinions.helping(wish.effects, wish.skin)] if wish.effects else []
        scores = np.sum([np.zeros(len(self._ids)), *told], axis=0)
        if not wish.categories and not wish.rest:
            places = places[_all(score[places] > 0 for score in told)]
        return places[np.lexsort((places, -scores[places], ~self._on_sale[places]))]

    def _affordable(self, wish: Wish) -> Mask:
        if not wish.has_price:
            return np.ones(len(self._ids), dtype=np.bool_)
        return (self._prices >= wish.low) & (self._prices <= wish.high)  # nan is neither

    def _cheap(self, places: Places) -> Places:
        """The cheapest of them, in their order."""
        prices = self._prices[places]
        known = prices[~np.isnan(prices)]
        return places[prices <= np.quantile(known, CHEAP_SHARE)] if len(known) else places


class Brands:
    """The brands by their sound."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._products = len(products)
        of: dict[str, list[int]] = {}
        for place, one in enumerate(products):
            of.setdefault(one.brand, []).append(place)
        self._places = list(of.values())
        spelled = [
            (key, number)
            for number, brand in enumerate(of)
            for spelling in brand_spellings(brand)
            if len(key := sound(read_aloud(spelling))) >= SOUND_FROM
        ]
        self._sounds = [key for key, _ in spelled]
        self._numbers = [number for _, number in spelled]

    def like(self, word: str) -> Mask:
        """Products of the brand that sounds most like the word, or begins most like it."""
        typed = sound(read_aloud(word))
        mask = np.zeros(self._products, dtype=np.bool_)
        found = self._nearest(typed, self._sounds, SOUNDS_ALIKE)
        if found is None and len(typed) > SOUND_FROM:
            begun = [key[: len(typed) + 1] for key in self._sounds]
            found = self._nearest(typed, begun, BEGIN_ALIKE)
        if found is not None and len(typed) >= SOUND_FROM:
            mask[self._places[self._numbers[found]]] = True
        return mask

    def _nearest(self, typed: str, sounds: Sequence[str], least: float) -> int | None:
        scorer = OSA.normalized_similarity
        best = process.extractOne(typed, sounds, scorer=scorer, score_cutoff=least)
        return None if best is None else int(best[2])


class _Found:
    """Places in the order they were added, each once and allowed."""

    def __init__(self, allowed: Mask) -> None:
        self._free = allowed.copy()
        self._parts: list[Places] = []

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def add(self, places: Places) -> None:
        fresh = places[self._free[places]]
        self._free[fresh] = False
        self._parts.append(fresh)

    @property
    def places(self) -> Places:
        return np.concatenate([np.zeros(0, dtype=np.int64), *self._parts])


def _once(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))[:WORDS_AT_MOST]


def _is_initials(word: str) -> bool:
    return lone_consonants(word) and not any("가" <= letter <= "힣" for letter in word)


def _least_first(ranks: Places) -> Places:
    """Places of the ranks from 0 on, the least first."""
    places = np.flatnonzero(ranks >= 0)
    return places[np.argsort(ranks[places], kind="stable")]


def _all(masks: Iterable[Mask]) -> Mask:
    every: Mask = np.logical_and.reduce(list(masks))
    return every


def _any(masks: Iterable[Mask]) -> Mask:
    some: Mask = np.logical_or.reduce(list(masks))
    return some


def _mean(total: npt.NDArray[np.number], count: npt.NDArray[np.number]) -> Scores:
    """Means drawn towards that of all: `PRIOR` reviews more."""
    everywhere = float(total.sum()) / max(1.0, float(count.sum()))
    return np.asarray((total + PRIOR * everywhere) / (count + PRIOR), dtype=np.float64)
