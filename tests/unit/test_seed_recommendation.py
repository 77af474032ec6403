"""On the seed, taste must show: the default rule finds twice what popularity finds."""

from pathlib import Path

import pytest

from training.recommender import COLUMNS, evaluate, read_products, read_ratings

SEED = Path(__file__).resolve().parents[2] / "data" / "seed"


@pytest.fixture(scope="module")
def hit_rates() -> dict[tuple[str, int], float]:
    theirs = ("reviewer", "product_id", "rating", "skin_type")
    frame, dropped = read_ratings(SEED / "reviews.csv", dict(zip(COLUMNS, theirs, strict=False)))
    assert dropped == 0
    products = read_products(SEED / "products.csv", {"item": "product_id"})
    rows = evaluate(frame, picked=(1, 3), seed=0, products=products)
    return {(row["configuration"], row["picked"]): row["hr@3"] for row in rows}


@pytest.mark.parametrize("picked", [1, 3])
def test_the_default_rule_hits_at_least_twice_as_often_as_popularity(
    hit_rates: dict[tuple[str, int], float], picked: int
):
    default = hit_rates["default", picked]
    assert default > 0
    assert default >= 2 * hit_rates["popular", picked]
