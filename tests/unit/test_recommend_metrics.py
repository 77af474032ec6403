"""The measures solved by hand, and the protocol's promises."""

import math

import pandas as pd
import pytest

from engine.recommend.metrics import (
    coverage,
    hit_rate_at,
    mean_and_error,
    ndcg_at,
    unseen_users,
)
from training.recommender import evaluate


def test_a_hit_is_any_held_product_among_the_first():
    assert hit_rate_at(3, ["a", "b", "c", "d"], {"c", "x"}) == 1.0
    assert hit_rate_at(2, ["a", "b", "c", "d"], {"c", "x"}) == 0.0
    assert hit_rate_at(3, [], {"c"}) == 0.0


def test_discounted_gain_by_hand():
    held = {"a", "c", "z"}
    best = 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert ndcg_at(3, ["a", "b", "c"], held) == pytest.approx((1 + 1 / math.log2(4)) / best)
    assert ndcg_at(1, ["a", "b", "c"], held) == 1.0
    assert ndcg_at(3, ["x"], {"a"}) == 0.0


def test_coverage_is_the_share_of_products_that_are_shown():
    assert coverage(2, [["a", "b", "c"], ["b", "d"]], 6) == 0.5
    assert coverage(2, [], 6) == 0.0


def test_the_standard_error_of_a_mean():
    mean, error = mean_and_error([0.0, 1.0, 1.0, 0.0])
    assert mean == 0.5
    assert error == pytest.approx(math.sqrt(1 / 3) / 2)
    assert mean_and_error([]) == (0.0, 0.0)


def people() -> pd.DataFrame:
    """12 people; number n likes the first n of 12 products and dislikes product 99."""
    rows = [
        (f"u{n:02}", f"p{item:02}", 4.0 + item % 2, "건성") for n in range(12) for item in range(n)
    ]
    rows += [(f"u{n:02}", "p99", 1.0, "건성") for n in range(12)]
    return pd.DataFrame(rows, columns=["user", "item", "rating", "skin_type"])


def test_nobody_is_asked_for_by_a_model_that_saw_them():
    frame = people()
    folds = list(unseen_users(frame, picked=(1,), folds=4))
    for fold in folds:
        seen = set(fold.train["user"])
        assert seen
        assert not seen & {query.user for query in fold.queries}
    asked = [query.user for fold in folds for query in fold.queries]
    assert sorted(asked) == [f"u{n:02}" for n in range(2, 12)]


def test_picks_and_what_is_held_are_all_that_was_liked():
    frame = people()
    for fold in unseen_users(frame, picked=(1, 3)):
        for query in fold.queries:
            own = frame[(frame["user"] == query.user) & (frame["rating"] >= 4)]
            assert len(query.liked) == query.picked
            assert set(query.liked.values()) == {5.0}
            assert query.held
            assert query.held.isdisjoint(query.liked)
            assert query.held | query.liked.keys() == set(own["item"])
            assert query.skin_type == "건성"


def test_the_same_seed_asks_the_same_whatever_the_order_of_the_rows():
    def asked(frame: pd.DataFrame, seed: int) -> list[tuple[object, ...]]:
        return [fold.queries for fold in unseen_users(frame, picked=(1, 2), seed=seed)]

    assert asked(people(), 3) == asked(people().iloc[::-1], 3)
    assert asked(people(), 3) != asked(people(), 4)


def test_an_evaluation_tells_taste_from_popularity():
    """Two camps that never mix, and a third product line that most people rated and dislike."""
    rows = [
        (f"{camp}{n:02}", f"{camp}{item}", 5.0)
        for camp in "ab"
        for n in range(20)
        for item in range(6)
        if (n + item) % 3
    ]
    rows += [(f"c{n:02}", f"c{item}", 2.0) for n in range(40) for item in range(3)]
    frame = pd.DataFrame(rows, columns=["user", "item", "rating"])
    found = {(row["configuration"], row["picked"]): row for row in evaluate(frame, (1, 2))}
    for k in (1, 2):
        assert found["popular", k]["hr@3"] == 0.0
        assert found["default", k]["hr@3"] == 1.0
        assert found["default", k]["queries"] == 40
