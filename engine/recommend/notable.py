"""Which of a product's ingredients are worth a word: few others hold them, or they want care."""

from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field

from engine.domain import Care, Caution, Clash, Health, Ingredient, SkinProfile
from engine.recommend.cautions import RULES, cares, conflicts, reacts

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
MINDED = (Care.ALLERGEN, Care.STING, Care.SCENT)
"""What smells and what stings is told together; the other rules each by themselves."""


@dataclass(frozen=True, slots=True, eq=False)
class Pantry:
    """Formulas of a load and what is known of their ingredients."""

    formulas: Mapping[int, frozenset[int]]
    """Product id → ingredient ids."""
    holders: Mapping[int, int]
    """Ingredient id → number of products that hold it."""
    ingredients: Mapping[int, Ingredient]
    """Of every ingredient that a formula holds."""
    cares: Mapping[int, frozenset[Care]] = field(init=False)
    """Ingredient id → the rules that it falls under."""
    reacting: Mapping[int, str] = field(init=False)
    """Ingredients that can be part of a conflict → their names."""

    def __post_init__(self) -> None:
        under = {i: frozenset(cares(one)) for i, one in self.ingredients.items()}
        named = {i: one.name for i, one in self.ingredients.items() if reacts(one.name)}
        object.__setattr__(self, "cares", under)
        object.__setattr__(self, "reacting", named)

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
        return self._under({care for care in MINDED if profile.minds(care)}, product)

    def cautions(self, product: int, profile: SkinProfile) -> tuple[Caution, ...]:
        """What else this person's answers speak for a look at, rule by rule."""
        rest = (
            rule
            for rule in RULES
            if rule.listed and rule.care not in MINDED and profile.minds(rule.care)
        )
        found = (Caution(rule.care, self._under({rule.care}, product)) for rule in rest)
        return tuple(one for one in found if one.names)

    def clashes(self, product: int, beside: Mapping[int, str]) -> tuple[Clash, ...]:
        """With products used at the same time, id → title; each pairing once for a product."""
        own = self._reacting(product)
        others = {one: self._reacting(one) for one in beside if one != product}
        others = {one: names for one, names in others.items() if names} if own else {}
        formulas = (own, *others.values())
        ids = (product, *others)
        return tuple(
            Clash(found.pairing, *found.names, ids[found.second], beside[ids[found.second]])
            for found in conflicts(formulas)
            if found.first == 0
        )

    def _reacting(self, product: int) -> tuple[str, ...]:
        held = self._formula(product)
        return tuple(name for i, name in self.reacting.items() if i in held)

    def _under(self, rules: Set[Care], product: int) -> tuple[str, ...]:
        held = (i for i in sorted(self._formula(product)) if not rules.isdisjoint(self.cares[i]))
        return self._named(list(held), MINDED_AT_MOST)

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
        allergen = Care.ALLERGEN in self.cares[ingredient]
        return bool(known.definition) and not CARING.isdisjoint(known.roles) and not allergen

    def _named(self, ingredients: Collection[int], n: int) -> tuple[str, ...]:
        return tuple(self.ingredients[i].name for i in list(ingredients)[:n])


def scent_matters(profile: SkinProfile) -> tuple[Health, ...]:
    """Which of their answers on health speak for a look at what smells."""
    return tuple(one for one in profile.health if one in (Health.ALLERGY, Health.ATOPY))
