"""What an answer is made of: the passages of one question, sorted by what they are about."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.domain import DocumentKind, Passage

NAMED_FROM = 1.0
"""Scores from here on mean that the question names the passage's subject."""


class PassageRetriever(Protocol):
    """`engine.retrieval.hybrid.HybridRetriever`, seen from here."""

    async def passages(
        self,
        question: str,
        kinds: Collection[DocumentKind] | None = None,
        n: int = 8,
        *,
        avoided: Collection[str] = (),
        holding: Collection[str] = (),
        strict: bool = True,
    ) -> list[Passage]: ...

    def about(self, key: str, kind: DocumentKind) -> Passage | None: ...

    def formula(self, key: str) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class ProductCase:
    """All that is known of one product."""

    key: str
    facts: Passage
    reviews: Passage | None
    formula: tuple[str, ...]
    """Every ingredient in label order; empty where the label is not known."""
    named: bool


@dataclass(frozen=True, slots=True)
class Material:
    """Products and ingredients in the order of the retrieval, named ones first."""

    products: tuple[ProductCase, ...] = ()
    ingredients: tuple[Passage, ...] = ()
    sought: tuple[Passage, ...] = ()
    """Ingredients that every product here holds, because the question asked for them."""
    leads_with: DocumentKind | None = None
    """What the best passage is about; None where nothing was found."""

    @property
    def named_products(self) -> tuple[ProductCase, ...]:
        return tuple(case for case in self.products if case.named)

    @property
    def named_ingredients(self) -> tuple[Passage, ...]:
        return tuple(one for one in self.ingredients if one.score >= NAMED_FROM)

    @property
    def passages(self) -> tuple[Passage, ...]:
        """As a model is shown them: what leads first, each product's facts before its reviews."""
        products = [one for case in self.products for one in (case.facts, case.reviews) if one]
        if self.leads_with is DocumentKind.INGREDIENT:
            return (*self.ingredients, *products)
        return (*products, *self.ingredients)


def material(found: Sequence[Passage], retriever: PassageRetriever) -> Material:
    """Each product of `found` is completed with its other document."""
    keys = dict.fromkeys(one.key for one in found if one.kind is not DocumentKind.INGREDIENT)
    named = {one.key for one in found if one.score >= NAMED_FROM}
    return Material(
        products=tuple(_cases(keys, named, retriever)),
        ingredients=tuple(one for one in found if one.kind is DocumentKind.INGREDIENT),
        leads_with=found[0].kind if found else None,
    )


def _cases(
    keys: Iterable[str], named: Collection[str], retriever: PassageRetriever
) -> Iterable[ProductCase]:
    for key in keys:
        facts = retriever.about(key, DocumentKind.PRODUCT)
        if facts is not None:
            reviews = retriever.about(key, DocumentKind.REVIEWS)
            yield ProductCase(key, facts, reviews, retriever.formula(key), key in named)
