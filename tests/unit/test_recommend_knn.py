"""UserKNN against answers known by heart, solved by hand, and worked out in plain Python."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.recommend.knn import Rule, Scores, UserKNN, nearest
from engine.recommend.matrix import Interactions

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

Ratings = Mapping[tuple[int, int], float]


def interactions(ratings: Ratings) -> Interactions:
    """Users and items are numbers, written so that their text sorts as they do."""
    rows = [(f"u{user:03}", f"i{item:03}", rating) for (user, item), rating in ratings.items()]
    return Interactions.from_frame(pd.DataFrame(rows, columns=["user", "item", "rating"]))


def ranked(scores: Scores) -> list[int]:
    return [int(scores.items[at]) for at in scores.order()]


def reference(
    ratings: Ratings, liked: Mapping[int, float], k: int, shrinkage: float, rule: Rule
) -> tuple[list[int], dict[int, float]]:
    """The rules as they are written down, one person and one product at a time."""
    people: dict[int, dict[int, float]] = {}
    for (user, item), rating in sorted(ratings.items()):
        people.setdefault(user, {})[item] = rating
    length = math.sqrt(sum(r * r for r in liked.values()))
    near = []
    for user, own in people.items():
        dot = sum(own[item] * liked[item] for item in sorted(liked) if item in own)
        norm = math.sqrt(sum(r * r for r in own.values()))
        if dot > 0 and (rule == "plain" or own.keys() - liked.keys()):
            near.append((-round(dot / (norm * length), 9), user, dot / (norm * length)))
    said: dict[int, list[tuple[float, float]]] = {}
    for _, user, similarity in sorted(near)[:k]:
        for item, rating in people[user].items():
            if item not in liked:
                said.setdefault(item, []).append((similarity, rating))
    values = {item: _value(votes, shrinkage, rule) for item, votes in said.items()}
    return sorted(values, key=lambda item: (-round(values[item], 9), item)), values


def _value(votes: list[tuple[float, float]], shrinkage: float, rule: Rule) -> float:
    if rule == "plain":
        return sum(rating for _, rating in votes) / len(votes)
    return sum(s * rating for s, rating in votes) / (sum(s for s, _ in votes) + shrinkage)


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[tuple[int, int], float], dict[int, float]]:
    """A dense enough matrix of a few people and products, and a query of known products."""
    pair = st.tuples(st.integers(0, 14), st.integers(0, 9))
    stars = st.integers(1, 5).map(float)
    ratings = draw(st.dictionaries(pair, stars, min_size=1, max_size=80))
    items = sorted({item for _, item in ratings})
    users = sorted({user for user, _ in ratings})
    dense = {
        (users.index(user), items.index(item)): rating for (user, item), rating in ratings.items()
    }
    known = st.integers(0, len(items) - 1)
    return dense, draw(st.dictionaries(known, stars, min_size=1, max_size=3))


@unhurried
@given(cases(), st.sampled_from(["default", "plain"]), st.integers(1, 8))
def test_the_fast_scores_are_those_of_the_plain_reference(case, rule, k):
    ratings, liked = case
    model = UserKNN(k=k, shrinkage=5.0, rule=rule).fit(interactions(ratings))
    scores = model.score(liked)
    order, values = reference(ratings, liked, k, 5.0, rule)
    assert ranked(scores) == order
    found = dict(zip(scores.items.tolist(), scores.values.tolist(), strict=True))
    assert found == pytest.approx(values, abs=1e-9)


@unhurried
@given(cases(), st.sampled_from(["default", "plain"]))
def test_picked_items_never_come_back_and_scores_are_finite(case, rule):
    ratings, liked = case
    scores = UserKNN.named(rule).fit(interactions(ratings)).score(liked)
    assert not liked.keys() & set(scores.items.tolist())
    assert np.all(np.isfinite(scores.values))
    assert np.all((scores.values > 0) & (scores.values <= 5))
    assert np.all((scores.similarity > 0) & (scores.similarity <= 1 + 1e-12))


@unhurried
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(case, random):
    ratings, liked = case
    shuffled = list(ratings.items())
    random.shuffle(shuffled)
    one = UserKNN().fit(interactions(ratings)).score(liked)
    other = UserKNN().fit(interactions(dict(shuffled))).score(liked)
    assert ranked(one) == ranked(other)
    assert one.neighbours.tolist() == other.neighbours.tolist()


def test_on_a_checkerboard_only_ones_own_colour_is_scored():
    """Even people rated even products, odd people odd ones: 8 people, 6 products."""
    board = {(user, item): 5.0 for user in range(8) for item in range(6) if (user - item) % 2 == 0}
    scores = UserKNN().fit(interactions(board)).score({1: 5.0})
    assert scores.items.tolist() == [3, 5]
    assert scores.neighbours.tolist() == [1, 3, 5, 7]
    # each neighbour rated three products alike: cosine 1/√3
    weight = 4 / math.sqrt(3)
    assert scores.values == pytest.approx([5 * weight / (weight + 5)] * 2)


BY_HAND = {
    (0, 0): 5.0,  # rated only what is picked: cosine 1, nothing new
    (1, 0): 4.0,
    (1, 1): 3.0,  # norm 5, cosine 4/5
    (2, 0): 3.0,
    (2, 1): 4.0,  # norm 5, cosine 3/5
    (3, 2): 5.0,  # never rated what is picked
}


def test_the_default_rule_solved_by_hand():
    scores = UserKNN().fit(interactions(BY_HAND)).score({0: 5.0})
    assert scores.neighbours.tolist() == [1, 2]
    assert scores.similarity == pytest.approx([0.8, 0.6])
    assert scores.items.tolist() == [1]
    assert scores.values == pytest.approx([(0.8 * 3 + 0.6 * 4) / (0.8 + 0.6 + 5)])
    assert scores.raters.tolist() == [2]
    assert scores.admirers.tolist() == [1]
    assert np.isnan(scores.dense(3)).tolist() == [True, False, True]


def test_the_plain_rule_solved_by_hand():
    scores = UserKNN(k=2, rule="plain").fit(interactions(BY_HAND)).score({0: 5.0})
    assert scores.neighbours.tolist() == [0, 1]
    assert scores.items.tolist() == [1]
    assert scores.values == pytest.approx([3.0])


def test_the_plain_rule_finds_nothing_where_the_five_nearest_rated_only_what_was_picked():
    same = {(user, 0): 5.0 for user in range(5)}
    more = {(5, 0): 5.0, (5, 1): 5.0}
    plain = UserKNN.named("plain").fit(interactions({**same, **more}))
    assert len(plain.score({0: 5.0}).items) == 0
    default = UserKNN.named("default").fit(interactions({**same, **more}))
    assert default.score({0: 5.0}).items.tolist() == [1]


def test_many_who_agree_weigh_more_than_one_enthusiast():
    many = {(user, item): 4.0 for user in range(1, 7) for item in (0, 2)}
    scores = UserKNN().fit(interactions({(0, 0): 5.0, (0, 1): 5.0, **many})).score({0: 5.0})
    assert ranked(scores) == [2, 1]


def test_a_whole_vector_counts_in_the_cosine():
    """Someone who rated much besides is less alike than someone who rated little."""
    busy = {(0, item): 5.0 for item in range(9)}
    scores = UserKNN().fit(interactions({**busy, (1, 0): 5.0, (1, 9): 5.0})).score({0: 5.0})
    assert scores.neighbours.tolist() == [1, 0]
    assert scores.similarity == pytest.approx([1 / math.sqrt(2), 1 / 3])


def test_equally_similar_people_are_taken_in_the_order_of_their_rows():
    alike = {(user, item): 5.0 for user in range(60) for item in (0, user + 1)}
    scores = UserKNN(k=50).fit(interactions(alike)).score({0: 5.0})
    assert scores.neighbours.tolist() == list(range(50))


def test_people_whose_tastes_differ_only_in_scale_are_equally_similar():
    """Both cosines are 1/√2, though floats give the second the larger last digit."""
    scaled = {(0, 0): 4.0, (0, 1): 4.0, (1, 0): 3.0, (1, 2): 3.0}
    scores = UserKNN().fit(interactions(scaled)).score({0: 5.0})
    assert scores.neighbours.tolist() == [0, 1]


def test_the_order_in_which_floats_are_added_does_not_rank():
    """Mirrored ratings by equally similar people: the same sum, larger for item 2 in floats."""
    mirrored = {(0, 1): 2.0, (0, 2): 4.0, (1, 1): 1.0, (1, 2): 1.0, (2, 1): 4.0, (2, 2): 2.0}
    picked = {(user, 0): 4.0 for user in range(3)}
    scores = UserKNN().fit(interactions({**mirrored, **picked})).score({0: 5.0})
    assert scores.values[0] < scores.values[1]
    assert ranked(scores) == [1, 2]


@unhurried
@given(st.lists(st.sampled_from([0.1, 0.25, 0.5, 1.0]), max_size=30), st.integers(1, 10))
def test_the_nearest_are_the_largest_with_ties_by_position(values, k):
    expected = sorted(range(len(values)), key=lambda at: (-values[at], at))[:k]
    assert nearest(np.array(values, dtype=np.float64), k).tolist() == expected


def test_no_picks_score_nothing():
    scores = UserKNN().fit(interactions(BY_HAND)).score({})
    assert len(scores.items) == len(scores.neighbours) == 0
    assert scores.position(0) is None


def test_a_model_that_was_not_fitted_says_so():
    with pytest.raises(RuntimeError, match="fit"):
        UserKNN().score({0: 5.0})
