"""The best routine that a budget pays for: by hand, and against trying everything."""

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain import Stage
from engine.engine import by_stage
from engine.recommend.routine import (
    CORE,
    UNIT,
    Candidate,
    Combination,
    Outcome,
    Shelves,
    acting,
    best,
    plan,
    with_sunscreen,
    worth,
)
from tests.builders import ingredient

TONER, ESSENCE, CREAM = CORE
RETINOL, ACID = ("레티놀",), ("글라이콜릭애씨드",)


def slots(*stages: Sequence[Candidate]) -> dict[Stage, Sequence[Candidate]]:
    return dict(zip(CORE, stages, strict=True))


def ranked(start: int, *prices: int) -> list[Candidate]:
    """Candidates numbered from `start`, the first the best."""
    return [Candidate(start + i, won, worth(i + 1)) for i, won in enumerate(prices)]


# --- by hand


def test_without_a_budget_the_best_come_first_and_the_next_in_the_evening():
    found = best(slots(ranked(1, 9, 9), ranked(11, 9, 9), ranked(21, 9, 9)))
    assert found is not None
    assert [one.product for _, one in found.morning] == [1, 11, 21]
    assert [one.product for _, one in found.evening] == [1, 12, 22]


def test_a_small_budget_uses_the_same_products_twice_and_counts_them_once():
    found = best(slots(ranked(1, 10), ranked(11, 10, 10), ranked(21, 10, 10)), budget=30)
    assert found is not None
    assert found.combination == (1, 11, 21) and found.price == 30


def test_a_budget_that_pays_for_one_more_pays_for_the_one_worth_most():
    """A second essence at 10 or the better toner at 40 more: only one fits."""
    toners = [Candidate(1, 50, UNIT), Candidate(2, 10, UNIT // 4)]
    found = best(slots(toners, ranked(11, 10, 10), ranked(21, 10)), budget=70)
    assert found is not None and found.combination == (1, 11, 21)
    found = best(slots(toners, ranked(11, 10, 10), ranked(21, 10)), budget=80)
    assert found is not None and found.combination == (1, 11, 12, 21)


def test_what_decays_in_light_is_for_the_evening_and_preferred_there():
    essences = [*ranked(11, 9, 9, 9), Candidate(14, 9, worth(4), RETINOL)]
    found = best(slots(ranked(1, 9), essences, ranked(21, 9)))
    assert found is not None
    assert found.choices[ESSENCE].ids == (11, 14)


def test_delicate_skin_is_given_no_preference_for_it():
    essences = [*ranked(11, 9, 9, 9), Candidate(14, 9, worth(4), RETINOL)]
    found = best(slots(ranked(1, 9), essences, ranked(21, 9)), delicate=True)
    assert found is not None and found.choices[ESSENCE].ids == (11, 12)


def test_no_two_products_of_one_evening_conflict():
    essences = [*ranked(11, 9), Candidate(12, 9, UNIT, RETINOL)]
    creams = [*ranked(21, 9), Candidate(22, 9, UNIT - 1, ACID)]
    found = best(slots(ranked(1, 9), essences, creams))
    assert found is not None
    assert found.choices[ESSENCE].ids == (11, 12)
    assert found.choices[CREAM].ids == (21, 21)


def test_what_was_shown_never_comes_back_and_everything_else_does():
    stages = slots(ranked(1, 5, 5), ranked(11, 5, 5), ranked(21, 5))
    before: list[Combination] = []
    while (found := best(stages, 20, before)) is not None:
        assert found.combination not in before
        before.append(found.combination)
    assert len(before) == 2 * 3  # a toner; one essence, the other, or both


def test_sunscreen_is_added_where_it_fits_what_is_left():
    found = best(slots(ranked(1, 10), ranked(11, 10), ranked(21, 10)), budget=50)
    assert found is not None
    sunscreens = ranked(31, 30, 20, 5)
    assert with_sunscreen(found, sunscreens, 50).morning[-1][1].product == 32
    assert with_sunscreen(found, sunscreens, 50).price == 50
    assert with_sunscreen(found, sunscreens, None).products == (1, 11, 21, 31)
    assert with_sunscreen(found, sunscreens, 34) == found


@pytest.mark.parametrize(
    ("category", "stage"),
    [
        ("스킨/토너", Stage.TONER),
        ("세럼/앰플", Stage.ESSENCE),
        ("로션", Stage.CREAM),
        ("로션/크림", Stage.CREAM),
        ("선케어", Stage.SUNSCREEN),
        ("선크림", Stage.SUNSCREEN),
        ("에센스/크림", Stage.ESSENCE),
        ("클렌징", None),
    ],
)
def test_a_shops_own_categories_are_sorted_into_the_stages(category: str, stage: Stage | None):
    sorted_ = by_stage({1: category, 2: "미스트/오일"})
    assert {each for each, products in sorted_.items() if products} == ({stage} - {None})


# --- whole routines


def shelves(**stages: Sequence[Candidate]) -> Shelves:
    everything = [one for candidates in stages.values() for one in candidates]
    return Shelves(
        stages={Stage[name]: frozenset(one.product for one in stages[name]) for name in stages},
        prices={one.product: one.price for one in everything},
        acting={one.product: one.acting for one in everything},
    )


def by_id(products: frozenset[int], n: int) -> list[int]:
    return sorted(products)[:n]


FULL = {"TONER": ranked(1, 30, 10), "ESSENCE": ranked(11, 40, 20), "CREAM": ranked(21, 50, 15)}


def test_too_small_a_budget_is_told_the_least_sum():
    assert plan(shelves(**FULL), by_id, 44) == Outcome(None, cheapest=45)
    found = plan(shelves(**FULL), by_id, 45).plan
    assert found is not None and found.price == 45


def test_the_cheapest_is_found_far_below_the_ranks_that_are_looked_at():
    many = {name: ranked(start, *range(200, 100, -1)) for name, start in START.items()}
    outcome = plan(shelves(**many), by_id, 303)
    assert outcome.plan is not None and outcome.plan.combination == (199, 399, 599)


START = {"TONER": 100, "ESSENCE": 300, "CREAM": 500}


def test_sunscreen_stands_last_in_the_morning_where_the_shop_has_it():
    sold = shelves(**FULL, SUNSCREEN=ranked(31, 25, 10))
    found = plan(sold, by_id, 60).plan
    assert found is not None and found.morning[-1] == (Stage.SUNSCREEN, found.sunscreen)
    assert found.price <= 60 and Stage.SUNSCREEN not in dict(found.evening)
    assert 31 not in found.combination and 32 not in found.combination


def test_what_is_for_the_evening_only_does_not_make_the_least_sum():
    essences = [*ranked(11, 40), Candidate(12, 1, worth(2), RETINOL)]
    outcome = plan(shelves(**{**FULL, "ESSENCE": essences}), by_id, 20)
    assert outcome.cheapest == 10 + 40 + 15


@pytest.mark.parametrize("essences", [(), (Candidate(11, 10, UNIT, RETINOL),)])
def test_a_stage_without_anything_for_the_morning_is_missing(essences: Sequence[Candidate]):
    outcome = plan(shelves(**{**FULL, "ESSENCE": essences}), by_id, 100)
    assert outcome.missing == (ESSENCE,)
    assert outcome.plan is not None and [*outcome.plan.choices] == [TONER, CREAM]


def test_a_product_without_a_price_needs_no_budget():
    unpriced = {**FULL, "CREAM": [Candidate(21, None, UNIT)]}
    assert plan(shelves(**unpriced), by_id, 10_000).missing == (CREAM,)
    found = plan(shelves(**unpriced), by_id).plan
    assert found is not None and 21 in found.combination


def test_an_empty_shop_has_no_routine():
    assert plan(shelves(), by_id, 100) == Outcome(None, CORE)
    assert plan(shelves(), by_id) == Outcome(None, CORE)


def test_only_what_a_rule_speaks_of_acts():
    known = [ingredient(id=1, name="정제수"), ingredient(id=2, name="레티놀")]
    assert acting(known) == {2: "레티놀"}


# --- against trying everything

CANDIDATES = st.lists(
    st.tuples(st.integers(1, 12), st.integers(1, 8), st.sampled_from([(), (), RETINOL, ACID])),
    min_size=1,
    max_size=5,
)


def made(start: int, told: Sequence[tuple[int, int, tuple[str, ...]]]) -> list[Candidate]:
    return [Candidate(start + i, price, 100 * w, acts) for i, (price, w, acts) in enumerate(told)]


@settings(max_examples=150, deadline=None)
@given(CANDIDATES, CANDIDATES, CANDIDATES, st.one_of(st.none(), st.integers(3, 40)))
def test_nothing_that_the_budget_pays_for_is_worth_more(one, two, three, budget):
    stages = slots(made(1, one), made(11, two), made(21, three))
    before: list[Combination] = []
    for _ in range(3):
        found = best(stages, budget, before)
        value = None if found is None else sum(each.worth for each in found.choices.values())
        assert value == _most(stages, budget, before)
        if found is None:
            return
        assert budget is None or found.price <= budget
        before.append(found.combination)


def _most(
    stages: dict[Stage, Sequence[Candidate]], budget: int | None, before: list[Combination]
) -> int | None:
    """In plain loops, its rules written down anew."""
    most = None
    toners, essences, creams = (stages[stage] for stage in CORE)
    for toner, e, f, c, d in product(toners, essences, essences, creams, creams):
        used = {toner, e, f, c, d}
        told = tuple(sorted(one.product for one in used))
        paid = sum(one.price or 0 for one in used)
        if told in before or (budget is not None and paid > budget):
            continue
        evening = f.acting + d.acting
        if toner.acting or e.acting or c.acting or (len(evening) > 1 and RETINOL[0] in evening):
            continue
        aged = {one: one.worth >> sum(one.product in each for each in before) for one in used}
        value = aged[toner] + aged[toner] // 2 + aged[e] + aged[c]
        for day, night in ((e, f), (c, d)):
            again = aged[night] // 2 if day == night else aged[night]
            value += round(aged[night] * 1.5) if night.acting else again
        most = value if most is None else max(most, value)
    return most
