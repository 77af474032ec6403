"""What is left out, and why."""

from dataclasses import replace

import pytest

from engine.recommend.suitability import (
    Objection,
    Suitability,
    objection,
    objections,
    offending,
    suitable,
)

PARABEN, GLYCERIN = 7, 8
SHOP = Suitability(
    formulas={
        1: frozenset({GLYCERIN}),
        2: frozenset({GLYCERIN, PARABEN}),
        3: frozenset({GLYCERIN}),
        4: frozenset({GLYCERIN}),
        5: frozenset({GLYCERIN}),
        6: frozenset(),
    },
    on_sale={1, 2, 4, 5, 6},
    avoided={PARABEN},
    picked={4},
    excluded={5},
)


@pytest.mark.parametrize(
    ("product", "why"),
    [
        (1, None),
        (2, Objection.AVOIDED),
        (3, Objection.SOLD_OUT),
        (4, Objection.PICKED),
        (5, Objection.EXCLUDED),
        (6, Objection.UNLISTED),
        (99, Objection.GONE),
    ],
)
def test_each_product_is_left_out_for_its_reason(product: int, why: Objection | None):
    assert objection(product, SHOP) is why


def test_what_suits_and_what_does_not_are_the_whole_catalogue():
    assert suitable(SHOP) == {1}
    assert objections(SHOP).keys() | suitable(SHOP) == SHOP.formulas.keys()


def test_an_unknown_label_is_no_objection_to_who_avoids_nothing():
    assert suitable(replace(SHOP, avoided=frozenset())) == {1, 2, 6}


def test_the_offending_ingredients_are_named():
    assert offending(2, SHOP) == {PARABEN}
    assert offending(1, SHOP) == frozenset()


def test_outside_the_category_or_price_that_is_asked_for_nothing_suits():
    narrow = replace(SHOP, fitting=frozenset({2}))
    assert objection(1, narrow) is Objection.OUTSIDE
    assert objection(2, narrow) is Objection.AVOIDED
    assert suitable(replace(SHOP, fitting=frozenset())) == frozenset()
