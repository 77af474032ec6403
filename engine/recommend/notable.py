"""Which of a product's ingredients are worth a word: few others hold them, or they want care."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from engine.domain import Health, Ingredient, SkinProfile, SkinType

NOTABLE_SHARE = 0.25
"""An ingredient that more of the catalogue holds than this says nothing about a product."""
SHARED_AT_MOST = 3
NOTABLE_AT_MOST = 3
MINDED_AT_MOST = 3
CARING = frozenset(
    (
        "피부컨디셔닝제",
        "보습제",
        "진정제",
        "피부보호제",
        "각질제거제",
        "미백제",
        "피부결개선제",
        "피지조절제",
    )
)
"""Roles (배합목적) that do something for the skin rather than for the mixture."""
ALLERGEN = "향 알레르겐"
"""How `Ingredient.limits` says that the EU wants it named on the label (Annex III)."""
STINGING = frozenset(("착향제", "각질제거제", "청량제"))
"""First roles that sensitive skin had better look at."""


@dataclass(frozen=True, slots=True, eq=False)
class Pantry:
    """Formulas of a load and what is known of their ingredients."""

    formulas: Mapping[int, frozenset[int]]
    """Product id → ingredient ids."""
    holders: Mapping[int, int]
    """Ingredient id → number of products that hold it."""
    ingredients: Mapping[int, Ingredient]
    """Of every ingredient that a formula holds."""

    def shared(self, product: int, liked: Collection[int]) -> tuple[str, ...]:
        """Ingredients of `product` that something liked holds too, the rarest first; what only
        serves the mixture where nothing that cares for the skin is shared."""
        theirs: set[int] = set().union(*(self._formula(one) for one in liked))
        return self._named(self._telling(self._formula(product) & theirs), SHARED_AT_MOST)

    def notable(self, product: int, but: Collection[str] = ()) -> tuple[str, ...]:
        """Rare ingredients that care for the skin and that the dictionary explains."""
        caring = (i for i in self._formula(product) if self._cares(i))
        rare = [i for i in self._rare(caring) if self.ingredients[i].name not in but]
        return self._named(rare, NOTABLE_AT_MOST)

    def common(self, products: Collection[int]) -> tuple[str, ...]:
        """Rare ingredients that all of these hold, chosen as `shared` ones are."""
        formulas = [self._formula(product) for product in products]
        held = frozenset.intersection(*formulas) if formulas else frozenset()
        return self._named(self._telling(held), SHARED_AT_MOST)

    def minded(self, product: int, profile: SkinProfile) -> tuple[str, ...]:
        """What the EU wants named as an allergen; scents for who has an allergy or atopy, for
        sensitive skin peels too."""
        sensitive = profile.skin_type is SkinType.SENSITIVE
        careful = bool(scent_matters(profile))
        held = (self.ingredients[i] for i in sorted(self._formula(product)))
        names = [
            one.name
            for one in held
            if _allergen(one) or (sensitive and _stings(one)) or (careful and _scents(one))
        ]
        return tuple(names[:MINDED_AT_MOST])

    def _formula(self, product: int) -> frozenset[int]:
        return self.formulas.get(product, frozenset())

    def _telling(self, ingredients: Iterable[int]) -> list[int]:
        rare = self._rare(ingredients)
        return [i for i in rare if self._cares(i)] or rare

    def _rare(self, ingredients: Iterable[int]) -> list[int]:
        most = NOTABLE_SHARE * len(self.formulas)
        rare = (i for i in ingredients if self.holders[i] <= most)
        return sorted(rare, key=lambda i: (self.holders[i], i))

    def _cares(self, ingredient: int) -> bool:
        known = self.ingredients[ingredient]
        return (
            bool(known.definition) and not CARING.isdisjoint(known.roles) and not _allergen(known)
        )

    def _named(self, ingredients: Collection[int], n: int) -> tuple[str, ...]:
        return tuple(self.ingredients[i].name for i in list(ingredients)[:n])


def _allergen(ingredient: Ingredient) -> bool:
    return ingredient.limits is not None and ALLERGEN in ingredient.limits


def scent_matters(profile: SkinProfile) -> tuple[Health, ...]:
    """Which of their answers on health speak for a look at what smells."""
    return tuple(one for one in profile.health if one in (Health.ALLERGY, Health.ATOPY))


def _scents(ingredient: Ingredient) -> bool:
    return ingredient.roles[:1] == ("착향제",)


def _stings(ingredient: Ingredient) -> bool:
    return bool(ingredient.roles) and ingredient.roles[0] in STINGING
