"""The figures of an evaluation, each against a case counted by hand."""

import pytest

from engine.generation.measures import (
    Counts,
    agreement,
    by_class,
    hit_at,
    macro_f1,
    mean,
    percentiles,
    reciprocal_rank,
    share_at,
)


def test_precision_recall_and_f1_of_counts() -> None:
    counts = Counts(right=3, wrong=1, missed=2)
    assert counts.precision == 3 / 4
    assert counts.recall == 3 / 5
    assert counts.f1 == pytest.approx(2 * 0.75 * 0.6 / 1.35)


def test_of_nothing_nothing_is_wrong() -> None:
    assert (Counts().precision, Counts().recall, Counts().f1) == (1.0, 1.0, 1.0)


def test_a_class_that_is_never_guessed_has_no_recall() -> None:
    counts = Counts(missed=4)
    assert (counts.recall, counts.f1) == (0.0, 0.0)


def test_each_class_is_counted_by_hand() -> None:
    pairs = [("a", "a"), ("a", "a"), ("a", "b"), ("b", "b"), ("b", "?"), ("c", "a")]
    assert by_class(pairs) == {
        "a": Counts(right=2, wrong=1, missed=1),
        "b": Counts(right=1, wrong=1, missed=1),
        "c": Counts(right=0, wrong=0, missed=1),
    }


def test_a_guess_that_no_row_expects_has_no_line_of_its_own() -> None:
    assert by_class([("a", "unclear")]) == {"a": Counts(missed=1)}


def test_a_rare_class_weighs_as_much_as_a_common_one() -> None:
    pairs = [("common", "common")] * 9 + [("rare", "common")]
    # common: 18 / (18 + 1); rare: 0
    assert macro_f1(by_class(pairs)) == pytest.approx((18 / 19 + 0) / 2)


def test_a_mean_of_no_class_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        macro_f1({})


def test_entities_of_all_rows_are_counted_together() -> None:
    rows = [({"건성"}, {"건성", "민감성"}), ({"지성", "중성"}, {"지성"}), (set(), set())]
    assert agreement(rows) == Counts(right=2, wrong=1, missed=1)


def test_one_of_the_wanted_among_the_first_is_a_hit() -> None:
    ranking = ["a", "b", "c", "d"]
    assert hit_at(3, ranking, {"c", "x"})
    assert not hit_at(2, ranking, {"c", "x"})


def test_a_share_counts_as_many_as_there_is_room_for() -> None:
    assert share_at(2, ["a", "x", "b"], {"a", "b", "c"}) == 1 / 2
    assert share_at(5, ["a", "x", "b"], {"a", "b", "c"}) == 2 / 3


def test_the_first_wanted_one_makes_the_reciprocal_rank() -> None:
    assert reciprocal_rank(["x", "y", "b", "a"], {"a", "b"}) == 1 / 3
    assert reciprocal_rank(["x", "y"], {"a"}) == 0.0


def test_a_mean_of_nothing_is_none() -> None:
    assert mean([]) is None
    assert mean([True, False, True, True]) == 0.75


def test_percentiles_of_a_hundred_and_one_values_are_those_values() -> None:
    assert percentiles([float(value) for value in range(101)]) == {"p50": 50.0, "p99": 99.0}
    assert percentiles([]) == {"p50": None, "p99": None}
