"""What an answer is made of: the passages of one question, sorted by what they are about."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.domain import DocumentKind, Pairing, Passage

NAMED_FROM = 1.0
"""Scores from here on mean that the question names the passage's subject."""
JUST_FOUND = 0.0
"""The score of what was looked up without being named."""
OF_PRODUCTS = (DocumentKind.PRODUCT, DocumentKind.REVIEWS)


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
        category: str | None = None,
        prices: tuple[float, float] | None = None,
        meant: Sequence[str] = (),
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
    answers: tuple[Passage, ...] = ()
    """The shop's own, to questions like this one."""
    sought: tuple[Passage, ...] = ()
    """Ingredients that every product here holds, because the question asked for them."""
    helpful: tuple[Passage, ...] = ()
    """Ingredients that are known to help with what the question is about."""
    leads_with: DocumentKind | None = None
    """What the best passage is about; None where nothing was found."""
    asked: str = ""
    """What products were chosen for: the question, with the one before where it leans on that."""
    clash: tuple[Pairing, tuple[str, str]] | None = None
    """Two of the ingredients that the question names, better not put on the skin together."""
    order: tuple[tuple[bool, str], ...] = ()
    """Of products and ingredients together: whether it is a product, and its key."""

    @property
    def named_products(self) -> tuple[ProductCase, ...]:
        return tuple(case for case in self.products if case.named)

    @property
    def named_ingredients(self) -> tuple[Passage, ...]:
        return tuple(one for one in self.ingredients if one.score >= NAMED_FROM)

    @property
    def passages(self) -> tuple[Passage, ...]:
        """As a model is shown them: the shop's own answers, then as they were found, each
        product's facts before its reviews."""
        told = {(True, case.key): (case.facts, case.reviews) for case in self.products}
        told |= {(False, one.key): (one, None) for one in self.ingredients}
        ordered = dict.fromkeys((*self.order, *told))
        pairs = (told[subject] for subject in ordered if subject in told)
        return (*self.answers, *(one for pair in pairs for one in pair if one is not None))


def material(found: Sequence[Passage], retriever: PassageRetriever) -> Material:
    """Each product of `found` is completed with its other document."""
    products = [one for one in found if one.kind in OF_PRODUCTS]
    keys = dict.fromkeys(one.key for one in products)
    named = {one.key for one in products if one.score >= NAMED_FROM}
    return Material(
        products=tuple(_cases(keys, named, retriever)),
        ingredients=tuple(one for one in found if one.kind is DocumentKind.INGREDIENT),
        answers=tuple(one for one in found if one.kind is DocumentKind.FAQ),
        leads_with=found[0].kind if found else None,
        order=tuple((one.kind in OF_PRODUCTS, one.key) for one in found),
    )


def _cases(
    keys: Iterable[str], named: Collection[str], retriever: PassageRetriever
) -> Iterable[ProductCase]:
    for key in keys:
        facts = retriever.about(key, DocumentKind.PRODUCT)
        if facts is not None:
            reviews = retriever.about(key, DocumentKind.REVIEWS)
            yield ProductCase(key, facts, reviews, retriever.formula(key), key in named)
