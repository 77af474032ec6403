"""A morning and an evening routine: the combination worth most that a budget pays for.

What a candidate is worth comes from its rank among the recommendations of its stage, since scores
of different bases cannot be compared (`engine.recommend.recommender`). Pure, and exact over the
candidates: `best` leaves out only what something at least as good could always stand for.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from math import log2
from typing import Final

from engine.domain import Ingredient, Stage
from engine.recommend.cautions import PAIRS, conflicts, evening_only

RANKED: Final = 30
"""Candidates of a stage by their rank; those that no budget could hold are left out before."""
CORE: Final = (Stage.TONER, Stage.ESSENCE, Stage.CREAM)
BOTH_TIMES: Final = (Stage.TONER,)
"""One product serves morning and evening."""
UNIT: Final = 1_000_000
"""What the first of a stage is worth; whole numbers, so that sums do not depend on their order."""
AT_NIGHT: Final = 1.5
"""What is for the evening only is worth this much more there, unless the skin is delicate."""

Combination = tuple[int, ...]
"""The ids of the core stages' products, ascending: the same ones at other times are no other
routine."""


@dataclass(frozen=True, slots=True)
class Candidate:
    product: int
    price: int | None
    """Won; None where it is not known."""
    worth: int
    acting: tuple[str, ...] = ()
    """Of its ingredients those that any conflict or the evening rule speaks of."""

    @property
    def evening_names(self) -> tuple[str, ...]:
        """The ingredients that keep it out of the morning."""
        return evening_only(self.acting)

    @property
    def for_evening(self) -> bool:
        return bool(self.evening_names)


@dataclass(frozen=True, slots=True)
class Choice:
    """What one stage uses in the morning and in the evening."""

    morning: Candidate
    evening: Candidate
    worth: int

    @property
    def price(self) -> int:
        once = self.morning.price or 0
        return once if self.morning == self.evening else once + (self.evening.price or 0)

    @property
    def ids(self) -> tuple[int, int]:
        return self.morning.product, self.evening.product


@dataclass(frozen=True, slots=True)
class Plan:
    choices: Mapping[Stage, Choice]
    """In the order of the stages."""
    sunscreen: Candidate | None = None

    @property
    def combination(self) -> Combination:
        return _combination(self.choices.values())

    @property
    def morning(self) -> tuple[tuple[Stage, Candidate], ...]:
        steps = tuple((stage, choice.morning) for stage, choice in self.choices.items())
        return (*steps, (Stage.SUNSCREEN, self.sunscreen)) if self.sunscreen else steps

    @property
    def evening(self) -> tuple[tuple[Stage, Candidate], ...]:
        return tuple((stage, choice.evening) for stage, choice in self.choices.items())

    @property
    def products(self) -> tuple[int, ...]:
        """Each once."""
        used = (*self.morning, *self.evening)
        return tuple(dict.fromkeys(one.product for _, one in used))

    @property
    def price(self) -> int:
        extra = (self.sunscreen.price or 0) if self.sunscreen else 0
        return extra + sum(choice.price for choice in self.choices.values())


Stages = Mapping[Stage, Sequence[Candidate]]


@dataclass(frozen=True, slots=True, eq=False)
class Shelves:
    """What may be recommended to the person, by stage, each product in one of them."""

    stages: Mapping[Stage, frozenset[int]]
    prices: Mapping[int, int | None]
    acting: Mapping[int, tuple[str, ...]]
    """As `Candidate.acting`; products of which there is nothing to say may be left out."""

    def candidates(self, stage: Stage, ranked: Sequence[int] = ()) -> list[Candidate]:
        """In the order of their rank; where there is none, all of the stage, worth nothing."""
        products = ranked or sorted(self.stages.get(stage, ()))
        return [
            Candidate(
                one,
                self.prices.get(one),
                worth(rank) if ranked else 0,
                self.acting.get(one, ()),
            )
            for rank, one in enumerate(products, start=1)
        ]


Ranking = Callable[[frozenset[int], int], Sequence[int]]
"""The best of these products, at most so many, best first."""


@dataclass(frozen=True, slots=True)
class Outcome:
    plan: Plan | None
    missing: tuple[Stage, ...] = ()
    """Core stages without anything that suits."""
    cheapest: int | None = None
    """Won: the least that is needed, where the budget is too small."""


def plan(
    shelves: Shelves,
    ranking: Ranking,
    budget: int | None = None,
    before: Collection[Combination] = (),
    *,
    delicate: bool = False,
) -> Outcome:
    """The best routine of what ranks highest among what the budget could hold at all."""
    usable = {stage: _usable(shelves.candidates(stage), budget) for stage in CORE}
    there = {stage: candidates for stage, candidates in usable.items() if candidates}
    missing = tuple(stage for stage in CORE if stage not in there)
    least = cheapest(there) if budget is not None else {}
    if not there or least is None:
        return Outcome(None, missing)
    floor = sum(one.price or 0 for one in least.values())
    if budget is not None and floor > budget:
        return Outcome(None, missing, floor)
    stages: dict[Stage, list[Candidate]] = {}
    for stage, candidates in there.items():
        spare = None if budget is None else budget - floor + (least[stage].price or 0)
        fitting = (one.product for one in candidates if _within(one, spare))
        ranked = ranking(frozenset(fitting), RANKED)
        own = (least[stage].product,) if stage in least else ()
        stages[stage] = shelves.candidates(stage, tuple(dict.fromkeys((*ranked, *own))))
    found = best(stages, budget, before, delicate=delicate)
    if found is None:
        return Outcome(None, missing)
    sunscreens = shelves.stages.get(Stage.SUNSCREEN, frozenset())
    ranked = ranking(sunscreens, RANKED) if sunscreens else ()
    return Outcome(
        with_sunscreen(found, shelves.candidates(Stage.SUNSCREEN, ranked), budget), missing
    )


def _usable(candidates: Sequence[Candidate], budget: int | None) -> list[Candidate]:
    """None where nothing of them may be used in the morning; a budget needs prices."""
    priced = [one for one in candidates if budget is None or one.price is not None]
    return priced if any(not one.for_evening for one in priced) else []


def _within(candidate: Candidate, budget: int | None) -> bool:
    return budget is None or (candidate.price is not None and candidate.price <= budget)


def worth(rank: int) -> int:
    """Of the candidate at this place, from 1, of its stage: the discount of DCG."""
    return round(UNIT / log2(1 + rank))


def acting(ingredients: Iterable[Ingredient]) -> dict[int, str]:
    """Ids and names of those that a conflict or the evening rule speaks of."""
    return {
        one.id: one.name
        for one in ingredients
        if evening_only((one.name,))
        or any(side.holds(one.name) for pair in PAIRS for side in (pair.one, pair.other))
    }


def cheapest(stages: Stages) -> dict[Stage, Candidate] | None:
    """One product a stage for both times, the least sum; None where a stage has none of a known
    price that may be used in the morning, or all of them conflict."""
    kinds = [_cheapest_kinds(candidates) for candidates in stages.values()]
    fitting = [combined for combined in product(*kinds) if not _conflict(combined)]
    if not fitting or not stages:
        return None
    least = min(fitting, key=lambda c: (sum(one.price or 0 for one in c), _ids(c)))
    return dict(zip(stages, least, strict=True))


def best(
    stages: Stages,
    budget: int | None = None,
    before: Collection[Combination] = (),
    *,
    delicate: bool = False,
) -> Plan | None:
    """The plan worth most within `budget` won (None: any) that is none of `before`; ties by ids.

    What was in an earlier plan is worth half, each time. None where there is no such plan.
    """
    seen = Counter(one for combination in before for one in combination)
    options: dict[Stage, list[Choice]] = {
        stage: _choices(
            _frontier(_aged(candidates, seen), budget, len(before)),
            both=stage in BOTH_TIMES,
            delicate=delicate,
        )
        for stage, candidates in stages.items()
        if stage in CORE
    }
    if not options or not all(options.values()):
        return None
    return _searched(options, budget, frozenset(before))


def with_sunscreen(plan: Plan, candidates: Sequence[Candidate], budget: int | None) -> Plan:
    """… where one fits into what is left, the first by rank."""
    morning = [choice.morning for choice in plan.choices.values()]
    for one in candidates:
        left = None if budget is None else budget - plan.price
        if _within(one, left) and not one.for_evening and not _conflict((*morning, one)):
            return replace(plan, sunscreen=one)
    return plan


# --- the search ---------------------------------------------------------------------------------


def _searched(
    options: Mapping[Stage, Sequence[Choice]],
    budget: int | None,
    before: frozenset[Combination],
) -> Plan | None:
    """Depth first, the worthiest first; a branch that cannot reach the best, or that the budget
    cannot end, is not followed."""
    stages, lists = tuple(options), tuple(options.values())
    tops = _behind([max(one.worth for one in each) for each in lists])
    lows = _behind([min(one.price for one in each) for each in lists])
    found: tuple[int, Combination, tuple[Choice, ...]] | None = None

    def follow(chosen: tuple[Choice, ...], value: int, price: int) -> None:
        nonlocal found
        depth = len(chosen)
        if depth == len(lists):
            combination = _combination(chosen)
            if combination not in before and (
                found is None or (-value, combination) < (-found[0], found[1])
            ):
                found = value, combination, chosen
            return
        for choice in lists[depth]:
            if found is not None and value + choice.worth + tops[depth] < found[0]:
                return  # the rest of the list is worth less still
            total = price + choice.price
            if budget is not None and total + lows[depth] > budget:
                continue
            if _together((*chosen, choice)):
                follow((*chosen, choice), value + choice.worth, total)

    follow((), 0, 0)
    return None if found is None else Plan(dict(zip(stages, found[2], strict=True)))


def _combination(choices: Iterable[Choice]) -> Combination:
    return tuple(sorted({one for choice in choices for one in choice.ids}))


def _behind(values: Sequence[int]) -> list[int]:
    """The sum of what comes after each place."""
    return [sum(values[place + 1 :]) for place in range(len(values))]


def _together(choices: Sequence[Choice]) -> bool:
    return not _conflict([one.morning for one in choices]) and not _conflict(
        [one.evening for one in choices]
    )


def _conflict(candidates: Sequence[Candidate]) -> bool:
    acting = tuple(one.acting for one in candidates if one.acting)
    return len(acting) > 1 and _clash(acting)


@lru_cache(maxsize=4096)
def _clash(formulas: tuple[tuple[str, ...], ...]) -> bool:
    """The same few lists meet again and again."""
    return bool(conflicts(formulas))


# --- candidates ---------------------------------------------------------------------------------


def _aged(candidates: Sequence[Candidate], seen: Mapping[int, int]) -> list[Candidate]:
    return [replace(one, worth=one.worth >> seen.get(one.product, 0)) for one in candidates]


def _frontier(candidates: Sequence[Candidate], budget: int | None, before: int) -> list[Candidate]:
    """The candidates that a best plan may need.

    One that `before` + 2 others of the same acting ingredients beat in price and worth is none:
    the plan may hold one of these already, and `before` plans with others may be shown already.
    """
    kept: dict[tuple[bool, ...], list[Candidate]] = {}
    for one in sorted(candidates, key=lambda c: (-c.worth, _price(c, budget), c.product)):
        if not _within(one, budget):
            continue
        kind = kept.setdefault(_kind(one), [])
        beaten = sum(_price(other, budget) <= _price(one, budget) for other in kind)
        if beaten < before + 2:
            kind.append(one)
    return [one for kind in kept.values() for one in kind]


def _price(candidate: Candidate, budget: int | None) -> int:
    """What it takes of the budget; nothing where there is none."""
    return 0 if budget is None else candidate.price or 0


def _kind(candidate: Candidate) -> tuple[bool, ...]:
    """Candidates of one kind conflict with the same others, and suit the same time."""
    sides = (bool(s.among(candidate.acting)) for pair in PAIRS for s in (pair.one, pair.other))
    return (candidate.for_evening, *sides)


def _choices(candidates: Sequence[Candidate], *, both: bool, delicate: bool) -> list[Choice]:
    """Worthiest first. A product used twice counts half the second time: a second one that is
    nearly as good is more than the same again."""
    found = [
        Choice(morning, evening, morning.worth + _in_the_evening(morning, evening, delicate))
        for morning, evening in _pairs(candidates, both)
    ]
    return sorted(found, key=lambda choice: (-choice.worth, choice.ids))


def _pairs(candidates: Sequence[Candidate], both: bool) -> Iterator[tuple[Candidate, Candidate]]:
    for morning in candidates:
        if not morning.for_evening:
            yield from ((morning, one) for one in ((morning,) if both else candidates))


def _in_the_evening(morning: Candidate, evening: Candidate, delicate: bool) -> int:
    if morning.product == evening.product:
        return evening.worth // 2
    return (
        round(evening.worth * AT_NIGHT) if evening.for_evening and not delicate else evening.worth
    )


def _cheapest_kinds(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The cheapest of each kind."""
    kinds: dict[tuple[bool, ...], Candidate] = {}
    for one in sorted(candidates, key=lambda c: (c.price or 0, c.product)):
        if one.price is not None and not one.for_evening:
            kinds.setdefault(_kind(one), one)
    return list(kinds.values())


def _ids(candidates: Iterable[Candidate]) -> tuple[int, ...]:
    return tuple(one.product for one in candidates)
