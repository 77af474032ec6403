"""What is left out of a recommendation, and why."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import StrEnum


class Objection(StrEnum):
    PICKED = "picked"
    """The person has it already."""
    EXCLUDED = "excluded"
    """It was shown before."""
    GONE = "gone"
    """No longer in the catalogue."""
    SOLD_OUT = "sold_out"
    AVOIDED = "avoided"
    """It holds an ingredient that the person avoids."""
    OUTSIDE = "outside"
    """Not of the category or price that is asked for."""
    UNLISTED = "unlisted"
    """The person avoids something, and what this product holds is not known."""


@dataclass(frozen=True, slots=True)
class Suitability:
    """A person's circumstances; products and ingredients are the store's ids."""

    formulas: Mapping[int, frozenset[int]]
    """Every product of the catalogue → its ingredients; empty where its label is not known."""
    on_sale: Set[int]
    avoided: Set[int] = frozenset()
    picked: Set[int] = frozenset()
    excluded: Set[int] = frozenset()
    fitting: Set[int] | None = None
    """Products of the category and price that are asked for; None: all."""


def objection(product: int, to: Suitability) -> Objection | None:
    """The first reason that speaks against `product`; None where it suits."""
    if product in to.picked:
        return Objection.PICKED
    if product in to.excluded:
        return Objection.EXCLUDED
    if product not in to.formulas:
        return Objection.GONE
    if product not in to.on_sale:
        return Objection.SOLD_OUT
    if to.fitting is not None and product not in to.fitting:
        return Objection.OUTSIDE
    return _formula_objection(to.formulas[product], to.avoided)


def _formula_objection(formula: frozenset[int], avoided: Set[int]) -> Objection | None:
    if not avoided:
        return None
    if not formula:
        return Objection.UNLISTED
    return None if avoided.isdisjoint(formula) else Objection.AVOIDED


def suitable(to: Suitability) -> frozenset[int]:
    """Every product that nothing speaks against."""
    return frozenset(product for product in to.formulas if objection(product, to) is None)


def objections(to: Suitability) -> dict[int, Objection]:
    """Every product of the catalogue that is left out → why."""
    found = {product: objection(product, to) for product in to.formulas}
    return {product: why for product, why in found.items() if why is not None}


def offending(product: int, to: Suitability) -> frozenset[int]:
    """The avoided ingredients that `product` holds."""
    return to.formulas.get(product, frozenset()) & to.avoided
