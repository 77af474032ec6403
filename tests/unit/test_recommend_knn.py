"""UserKNN against answers known by heart, solved by hand, and worked out in plain Python."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.recommend.knn import DIGITS, Overlay, Rule, Scores, UserKNN, nearest
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
    """The rules as they are written down, one person and one product at a time.

    A rating's share of its person's vector is kept in single precision, as the matrix keeps it.
    """
    people: dict[int, dict[int, float]] = {}
    for (user, item), rating in sorted(ratings.items()):
        people.setdefault(user, {})[item] = rating
    length = math.sqrt(sum(r * r for r in liked.values()))
    near = []
    for user, own in people.items():
        norm = math.sqrt(sum(r * r for r in own.values()))
        share = {item: float(np.float32(r / norm)) for item, r in own.items()}
        alike = sum(share[item] * (liked[item] / length) for item in sorted(liked) if item in own)
        if alike > 0 and (rule == "plain" or own.keys() - liked.keys()):
            near.append((-round(alike, DIGITS), user, alike))
    said: dict[int, list[tuple[float, float]]] = {}
    for _, user, similarity in sorted(near)[:k]:
        for item, rating in people[user].items():
            if item not in liked:
                said.setdefault(item, []).append((similarity, rating))
    values = {item: _value(votes, shrinkage, rule) for item, votes in said.items()}
    return sorted(values, key=lambda item: (-round(values[item], DIGITS), item)), values


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
    assert np.all((scores.similarity > 0) & (scores.similarity <= 1 + 1e-6))


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
    """Mirrored ratings by equally similar people: the same sum but for the floats' noise."""
    mirrored = {(0, 1): 2.0, (0, 2): 4.0, (1, 1): 1.0, (1, 2): 1.0, (2, 1): 4.0, (2, 2): 2.0}
    picked = {(user, 0): 4.0 for user in range(3)}
    scores = UserKNN().fit(interactions({**mirrored, **picked})).score({0: 5.0})
    assert scores.values[0] == pytest.approx(scores.values[1], abs=1e-6)
    assert ranked(scores) == [1, 2]


@st.composite
def twos(draw: st.DrawFn) -> tuple[Interactions, Interactions, dict[int, float]]:
    """A matrix, newer ratings over the same items, and a query."""
    ratings, liked = draw(cases())
    matrix = interactions(ratings)
    newer, _ = draw(cases())
    known = set(matrix.items)
    rows = [(f"n{u:03}", f"i{i:03}", r) for (u, i), r in newer.items() if f"i{i:03}" in known]
    frame = pd.DataFrame(rows, columns=["user", "item", "rating"])
    return matrix, Interactions.from_frame(frame, also=matrix.items), liked


@unhurried
@given(twos(), st.sampled_from(["default", "plain"]), st.integers(1, 6), st.integers(1, 4))
def test_the_compiled_loops_and_numpy_say_the_same(two, rule, k, cap):
    matrix, newer, liked = two
    compiled, plain = (
        UserKNN(k=k, rule=rule, cap=cap, loops=loops).fit(matrix) for loops in ("compiled", "numpy")
    )
    for overlay in (None, Overlay(newer), Overlay(newer, asker=0)):
        one, other = compiled.score(liked, overlay), plain.score(liked, overlay)
        assert one.neighbours.tolist() == other.neighbours.tolist()
        assert one.items.tolist() == other.items.tolist()
        assert ranked(one) == ranked(other)
        assert one.values == pytest.approx(other.values, abs=1e-6)
        assert one.raters.tolist() == other.raters.tolist()
        assert one.admirers.tolist() == other.admirers.tolist()
        assert one.similarity == pytest.approx(other.similarity, abs=1e-6)


def crowd(seed: int) -> Interactions:
    """More people than one block, and more near ones than one pool."""
    draw = np.random.default_rng(seed)
    pair = np.unique(draw.integers(0, 40_000, 90_000) * 40 + draw.integers(0, 40, 90_000))
    return Interactions.from_numbers(
        pair // 40,
        pair % 40,
        draw.integers(1, 6, len(pair)).astype(np.float64),
        users=tuple(f"u{n:05}" for n in range(40_000)),
        items=tuple(f"i{n:02}" for n in range(40)),
    )


@pytest.mark.parametrize("rule", ["default", "plain"])
@pytest.mark.parametrize(("k", "cap"), [(1, 20_000), (50, 20_000), (50, 700), (1000, 20_000)])
def test_in_a_crowd_the_compiled_loops_and_numpy_say_the_same(rule, k, cap):
    many, newer = crowd(1), Overlay(crowd(2), asker=7)
    compiled, plain = (
        UserKNN(k=k, rule=rule, cap=cap, loops=loops).fit(many) for loops in ("compiled", "numpy")
    )
    for picks in ({0: 5.0}, {3: 5.0, 1: 2.0}, dict.fromkeys(range(9), 4.0)):
        for overlay in (None, newer):
            one, other = compiled.score(picks, overlay), plain.score(picks, overlay)
            assert one.neighbours.tolist() == other.neighbours.tolist()
            assert one.similarity == pytest.approx(other.similarity, abs=1e-6)
            assert one.items.tolist() == other.items.tolist()
            assert one.values == pytest.approx(other.values, abs=1e-6)
            assert ranked(one) == ranked(other)


def test_of_a_column_beyond_the_cap_those_who_rated_nothing_else_come_last():
    alone = {(user, 0): 5.0 for user in range(5)}
    busy = {(user, item): 5.0 for user in range(5, 8) for item in (0, user)}
    capped = UserKNN(cap=2).fit(interactions({**alone, **busy})).score({0: 5.0})
    assert capped.neighbours.tolist() == [5, 6]


@unhurried
@given(twos(), st.sampled_from(["default", "plain"]))
def test_ratings_beside_the_matrix_score_as_if_they_were_in_it(two, rule):
    """Newer people stand behind the matrix's, as their rows would."""
    matrix, newer, liked = two
    rows = [
        (one.users[user], one.items[item], float(rating))
        for one in (matrix, newer)
        for user in range(len(one.users))
        for item, rating in zip(*one.by_user.gather([user])[:2], strict=True)
    ]
    rebuilt = Interactions.from_frame(
        pd.DataFrame(
            [("x" + user if user[0] == "n" else user, item, rating) for user, item, rating in rows],
            columns=["user", "item", "rating"],
        ),
        also=matrix.items,
    )
    beside = UserKNN(k=4, rule=rule).fit(matrix).score(liked, Overlay(newer))
    within = UserKNN(k=4, rule=rule).fit(rebuilt).score(liked)
    assert beside.items.tolist() == within.items.tolist()
    assert beside.values == pytest.approx(within.values, abs=1e-6)


@st.composite
def lovers(draw: st.DrawFn) -> tuple[dict[tuple[int, int], float], dict[int, float], int, int]:
    """A case, and two of its items: somebody, the last user, rated the first one, which is asked
    with, and the second, which is not; the second at least as high."""
    ratings, _ = draw(cases())
    items = max(item for _, item in ratings) + 1
    somebody = max(user for user, _ in ratings) + 1
    picked, product = items, items + 1
    given = draw(st.integers(1, 5))
    more = draw(st.dictionaries(st.integers(0, items - 1), st.integers(1, 5), max_size=4))
    own = {picked: given, product: draw(st.integers(given, 5)), **more}
    others = draw(
        st.dictionaries(
            st.tuples(st.integers(0, somebody - 1), st.sampled_from([picked, product])),
            st.integers(1, 5).map(float),
            max_size=20,
        )
    )
    theirs = {(somebody, item): float(rating) for item, rating in own.items()}
    return ratings | others | theirs, {picked: draw(st.integers(1, 5).map(float))}, picked, product


@unhurried
@given(lovers())
def test_a_neighbour_at_least_as_similar_who_loves_a_product_never_lowers_it(case):
    """One who rated the product gives way to one who gave 5 to it and to the pick."""
    ratings, liked, picked, product = case
    neighbour = max(user for user, _ in ratings)
    before = UserKNN().fit(interactions(ratings)).score(liked)
    kept = {pair: rating for pair, rating in ratings.items() if pair[0] != neighbour}
    changed = kept | {(neighbour, picked): 5.0, (neighbour, product): 5.0}
    after = UserKNN().fit(shaped(ratings, changed)).score(liked)
    was, now = (dict(zip(one.neighbours, one.similarity, strict=True)) for one in (before, after))
    assert now[neighbour] >= was[neighbour] - 1e-6
    assert after.dense(product + 1)[product] >= before.dense(product + 1)[product] - 1e-6


def shaped(before: Ratings, after: Ratings) -> Interactions:
    """`after` with the rows of `before`, where everybody and everything keeps their number."""
    users = sorted({user for user, _ in before})
    items = [f"i{item:03}" for item in sorted({item for _, item in before})]
    assert {user for user, _ in after} == set(users)
    rows = [(f"u{user:03}", f"i{item:03}", rating) for (user, item), rating in after.items()]
    return Interactions.from_frame(
        pd.DataFrame(rows, columns=["user", "item", "rating"]), also=items
    )


def test_of_a_column_beyond_the_cap_those_count_whose_vector_it_is_most_of():
    busy = {(0, item): 5.0 for item in range(6)}
    board = {**busy, (1, 0): 5.0, (1, 1): 1.0, (2, 0): 5.0, (2, 2): 2.0}
    capped = UserKNN(cap=2).fit(interactions(board)).score({0: 5.0})
    assert capped.neighbours.tolist() == [1, 2]
    assert UserKNN().fit(interactions(board)).score({0: 5.0}).neighbours.tolist() == [1, 2, 0]


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
