"""Which documents may come up, as masks over them: Chroma's metadata filter costs far more."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from langchain_core.documents import Document

from engine.domain import DocumentKind
from engine.parsing.korean import squeeze
from engine.parsing.measure import Extreme, amount
from engine.store.avoidance import group_of, stem

Mask = npt.NDArray[np.bool_]
"""(documents,)"""

SIZE_WITHIN = 0.2
"""A share of the size that was asked for."""
UTMOST = 3
"""Products of which «the cheapest» is said."""
REMEMBERED = 256
"""Words for what is avoided whose masks are kept."""
_PARTICLE = (
    r"(?:(?:이나|이든|이랑|이고|인데|하고|처럼|까지|부터|보다|중에서?|으로|[은는이가을를도만의로랑과와나든인류중])*"
    r"(?:요|여|용|좀|뭐|추천|ㅊㅊ)?)"
)
_REFUSED = re.compile(r"\s*(?:제품|꺼|거|것)?[은는]?\s*(?:말고|빼고|제외|싫|아닌)")
_CALLED_TOO = {"에센스": ("세럼", "앰플"), "로션": ("에멀전", "에멀젼"), "토너": ("화장수",)}
_ONE_GOOD = frozenset({"스킨", "토너"})
"""Parts of a category's name that mean the same."""
_WORD = re.compile(r"[^\W_]+")


class Shelves:
    """The documents by kind, category, brand, price, stock and formula."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.by_key = {
            (DocumentKind(one.metadata["kind"]), str(one.metadata["key"])): place
            for place, one in enumerate(documents)
        }
        self.formulas = [_split(one.metadata.get("ingredients", "")) for one in documents]
        kind = np.array([one.metadata["kind"] for one in documents], dtype=np.str_)
        self._kinds: dict[DocumentKind, Mask] = {one: kind == one.value for one in DocumentKind}
        self._products = self._kinds[DocumentKind.PRODUCT] | self._kinds[DocumentKind.REVIEWS]
        self._prices = np.array([one.metadata.get("price", np.nan) for one in documents], float)
        self._volumes = np.array(
            [amount(one.metadata.get("volume")) or np.nan for one in documents], float
        )
        self._on_sale = np.array([one.metadata.get("on_sale", True) for one in documents], bool)
        self._by_category = _sorted(one.metadata.get("category", "") for one in documents)
        self._said = [(_pattern(one), one) for one in self._by_category if one]
        self._names = [str(one.metadata.get("name", "")) for one in documents]
        self._called = lru_cache(REMEMBERED)(self._named_as)
        self._by_brand = _sorted(one.metadata.get("brand", "") for one in documents)
        self._brand_lengths = sorted({len(one) for one in self._by_brand if one})
        # A product whose label is not known may hold anything.
        self._listed = np.array([bool(one) for one in self.formulas], bool) | ~self._products
        self._holders = _holders(self.formulas)
        self._roles = {
            one.metadata["key"]: _split(one.metadata.get("roles", ""))
            for one in documents
            if one.metadata["kind"] == DocumentKind.INGREDIENT
        }
        self._without = lru_cache(REMEMBERED)(self._free_of)

    def of_kinds(self, kinds: Iterable[DocumentKind]) -> Mask:
        return self._any(self._kinds[kind] for kind in kinds)

    def kinds_in(self, allowed: Mask) -> list[DocumentKind]:
        return [kind for kind, of_kind in self._kinds.items() if (allowed & of_kind).any()]

    def of_kind(self, kind: DocumentKind) -> Mask:
        return self._kinds[kind]

    def offered(self, avoided: Collection[str]) -> Mask:
        """On sale and free of what is avoided, a name or a group («알코올») as it was typed."""
        words = sorted({stem(name) for name in avoided if squeeze(name)})
        if not words:
            return self._on_sale
        offered = self._on_sale & self._listed
        for word in words:
            offered = offered & self._without(word)
        return offered

    def holding(self, names: Collection[str]) -> Mask:
        """Products that hold one of these ingredients."""
        mask: Mask = np.zeros(len(self.formulas), dtype=bool)
        for name in names:
            mask[self._holders.get(name, _NOBODY)] = True
        return mask

    def priced(self, low: float, high: float) -> Mask:
        """Products that cost so many won, both ends within; and all that is no product.

        A product without a price is none of them.
        """
        fits: Mask = (self._prices >= low) & (self._prices <= high)
        return fits | ~self._products

    def sized(self, size: float) -> Mask:
        """Products of nearly so many ml or g."""
        near: Mask = np.abs(self._volumes - size) <= SIZE_WITHIN * size
        return near

    def utmost(self, extreme: Extreme, allowed: Mask) -> Mask:
        """Of the allowed products the `UTMOST` at that end; none where no such figure is known."""
        figures = self._prices if extreme.of_price else self._volumes
        there: Mask = allowed & self._products & ~np.isnan(figures)
        if not there.any():
            return there
        ordered = np.sort(figures[there] if extreme.lowest_first else -figures[there])
        edge = ordered[min(UTMOST * 2, len(ordered)) - 1]  # a product has two documents
        utmost: Mask = there & ((figures if extreme.lowest_first else -figures) <= edge)
        return utmost

    def of_brand(self, question: str) -> Mask:
        """Everything; where the question says brands, of the products theirs alone, or those of
        others («A 말고»)."""
        said = [*self._brands_in(question)]
        refused = [brand for brand, end in said if _REFUSED.match(question, end)]
        meant = self._meant(self._by_brand, [one for one, _ in said if one not in refused])
        return meant & ~self._any(self._by_brand[one] for one in refused)

    def of_category(self, question: str, otherwise: str | None = None) -> Mask:
        """Everything; where the question says categories, of the products theirs alone; where it
        says none, those of the category `otherwise`."""
        said = [category for pattern, category in self._said if pattern.search(question)]
        meant = self._meant(self._by_category, said or ([otherwise] if otherwise else []))
        return meant & ~self._any(self._other_goods(question, one) for one in said)

    def _other_goods(self, question: str, category: str) -> Mask:
        """Of a category of several goods («미스트/오일»), those whose names say another than the
        question."""
        goods = [part for part in category.split("/") if part not in _ONE_GOOD]
        asked = tuple(part for part in goods if _pattern(part).search(question))
        others = tuple(part for part in goods if part not in asked)
        if not asked or not others:
            return np.zeros(len(self.formulas), dtype=bool)
        return self._by_category[category] & self._called(others) & ~self._called(asked)

    def _named_as(self, goods: tuple[str, ...]) -> Mask:
        return np.array([any(good in name for good in goods) for name in self._names], bool)

    def _meant(self, groups: dict[str, Mask], said: Sequence[str]) -> Mask:
        if not said:
            return np.ones(len(self.formulas), dtype=bool)
        return self._any(groups[one] for one in said if one in groups) | ~self._products

    def _any(self, masks: Iterable[Mask]) -> Mask:
        found: Mask = np.zeros(len(self.formulas), dtype=bool)
        for mask in masks:
            found |= mask
        return found

    def _brands_in(self, question: str) -> list[tuple[str, int]]:
        """Brands at the beginning of a word, so many letters as the brand has, and where each
        ends."""
        starts = (match.start() for match in _WORD.finditer(question))
        spans = ((at, at + length) for at in starts for length in self._brand_lengths)
        return [(question[a:b], b) for a, b in spans if question[a:b] in self._by_brand]

    def _free_of(self, word: str) -> Mask:
        refuses = _refusal(word)
        shunned = [n for n in self._holders if refuses(n, self._roles.get(n, ()))]
        return ~self.holding(shunned)


_NOBODY = np.zeros(0, dtype=np.int64)


def _sorted(values: Iterable[str]) -> dict[str, Mask]:
    """Value → which documents have it."""
    column = np.array(list(values), dtype=np.str_)
    return {str(one): column == one for one in np.unique(column)}


def _holders(formulas: Sequence[tuple[str, ...]]) -> dict[str, npt.NDArray[np.int64]]:
    """Ingredient → places of the documents whose formula lists it."""
    found: dict[str, list[int]] = {}
    for place, formula in enumerate(formulas):
        for name in formula:
            found.setdefault(name, []).append(place)
    return {name: np.array(places, dtype=np.int64) for name, places in found.items()}


def _refusal(word: str) -> Callable[[str, Collection[str]], bool]:
    """Whether an ingredient of this name and roles is meant; a part of a name means the whole."""
    group = group_of(word)
    if group is not None:
        return group.holds
    return lambda name, _roles: word in squeeze(name)


def _pattern(category: str) -> re.Pattern[str]:
    """Whether a word of the question ends in the category: «수분크림을», «오일 말고»."""
    spelled = "|".join(re.escape(part) for part in _spellings(category) if part)
    return re.compile(rf"(?:{spelled}){_PARTICLE}(?![^\W_])")


def _spellings(category: str) -> Iterator[str]:
    for part in category.split("/"):
        yield part
        yield from _CALLED_TOO.get(part, ())


def _split(joined: str) -> tuple[str, ...]:
    return tuple(name for name in joined.split("|") if name)
