"""From picks to a list with its basis and its counts."""

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.domain import Basis, SkinType
from engine.recommend.matrix import Interactions
from engine.recommend.popularity import Popularity
from engine.recommend.recommender import Recommender, Scored

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

Row = tuple[str, str, float, str | None]


def interactions(*rows: Row) -> Interactions:
    columns = ["user", "item", "rating", "skin_type"]
    return Interactions.from_frame(pd.DataFrame(list(rows), columns=columns))


SHOP = (
    ("a", "toner", 5.0, "건성"),
    ("a", "cream", 5.0, "건성"),
    ("b", "toner", 5.0, "건성"),
    ("b", "cream", 4.0, "건성"),
    ("b", "mist", 1.0, "건성"),
    ("c", "toner", 4.0, "지성"),
    ("c", "cream", 3.0, "지성"),
    ("d", "lotion", 4.0, "지성"),
    ("e", "lotion", 3.0, "지성"),
    ("f", "lotion", 2.0, "지성"),
    ("f", "essence", 5.0, "지성"),
    ("g", "oil", 3.0, "건성"),
)


def keys(found: list[Scored]) -> list[str]:
    return [scored.key for scored in found]


def test_taste_comes_first_then_ones_skin_type_then_everyone():
    found = Recommender(interactions(*SHOP)).recommend({"toner": 5.0}, SkinType.DRY, n=6)
    assert [(scored.key, scored.basis) for scored in found] == [
        ("cream", Basis.TASTE),
        ("oil", Basis.SKIN_TYPE),
        ("mist", Basis.SKIN_TYPE),
        ("lotion", Basis.POPULARITY),
        ("essence", Basis.POPULARITY),
    ]


def test_the_counts_behind_a_recommendation_are_true():
    found = Recommender(interactions(*SHOP)).recommend({"toner": 5.0}, n=1)
    assert (found[0].key, found[0].neighbours, found[0].admirers) == ("cream", 3, 2)


def test_companions_are_the_neighbours_who_like_what_is_liked_too():
    recommender = Recommender(interactions(*SHOP, ("b", "essence", 2.0, "건성")))
    liked = {"toner": 5.0, "essence": 4.0, "unheard of": 5.0}
    assert recommender.companions(liked, "cream") == {"toner": 3}
    assert recommender.companions({"toner": 5.0, "mist": 5.0}, "cream") == {"toner": 3}


def test_what_was_found_poor_has_no_companions():
    recommender = Recommender(interactions(*SHOP))
    assert recommender.companions({"toner": 1.0}, "cream") == {}
    assert recommender.companions({}, "cream") == {}
    assert recommender.companions({"toner": 5.0}, "unheard of") == {}


def test_a_product_that_its_neighbours_dislike_is_not_recommended_by_taste():
    recommender = Recommender(interactions(*SHOP))
    mist = recommender.explain({"toner": 5.0}, "mist", SkinType.DRY)
    assert (mist.basis, mist.neighbours, mist.admirers) == (Basis.SKIN_TYPE, 1, 0)
    plain = Recommender(interactions(*SHOP), rule="plain")
    assert plain.explain({"toner": 5.0}, "mist", SkinType.DRY).basis is Basis.TASTE


def test_one_admirer_among_many_who_dislike_it_does_not_recommend_a_product():
    votes = [1.0, 1.0, 5.0]
    rows = [(f"u{n}", "toner", 5.0, None) for n in range(3)]
    rows += [(f"u{n}", "peeling", vote, None) for n, vote in enumerate(votes)]
    peeling = Recommender(interactions(*rows)).explain({"toner": 5.0}, "peeling")
    assert (peeling.basis, peeling.neighbours, peeling.admirers) == (Basis.POPULARITY, 3, 1)


def test_nobody_without_picks_is_sent_away():
    recommender = Recommender(interactions(*SHOP))
    assert keys(recommender.recommend({}, SkinType.OILY)) == ["lotion", "essence", "toner"]
    assert keys(recommender.recommend({}, None)) == ["toner", "cream", "lotion"]
    assert keys(recommender.recommend({}, SkinType.SENSITIVE)) == ["toner", "cream", "lotion"]


def test_picks_that_the_matrix_does_not_know_are_like_no_picks():
    recommender = Recommender(interactions(*SHOP))
    known = recommender.recommend({"new": 5.0, "toner": 5.0}, SkinType.DRY)
    assert known == recommender.recommend({"toner": 5.0}, SkinType.DRY)
    assert keys(recommender.recommend({"new": 5.0})) == ["toner", "cream", "lotion"]


def test_only_what_is_allowed_is_recommended():
    recommender = Recommender(interactions(*SHOP))
    allowed = {"toner", "essence", "oil"}
    assert keys(recommender.recommend({"toner": 5.0}, n=3, allowed=allowed)) == ["essence", "oil"]
    assert recommender.recommend({"toner": 5.0}, n=3, allowed=frozenset()) == []


def test_a_product_that_nobody_reviewed_is_explained_without_counts():
    found = Recommender(interactions(*SHOP)).explain({"toner": 5.0}, "brand new", SkinType.DRY)
    assert found == Scored("brand new", 0.0, Basis.POPULARITY, 0, 0)


def test_an_empty_matrix_recommends_nothing():
    empty = Recommender(interactions())
    assert empty.recommend({"toner": 5.0}, SkinType.DRY) == []


def test_the_most_reviewed_stand_first_then_the_better_rated_then_the_lower_id():
    rows = interactions(
        ("a", "p1", 3.0, None),
        ("a", "p2", 4.0, None),
        ("a", "p3", 4.0, None),
        ("a", "p4", 1.0, None),
        ("b", "p4", 1.0, None),
    )
    assert Popularity.fit(rows).everyone.order.tolist() == [3, 1, 2, 0]


@st.composite
def shops(draw: st.DrawFn) -> tuple[Interactions, dict[str, float], frozenset[str], str | None]:
    users, items = st.sampled_from("abcdefghij"), st.sampled_from(["p1", "p2", "p3", "p4", "p5"])
    stars = st.integers(1, 5).map(float)
    skin = st.sampled_from(["건성", "지성", None])
    rows = draw(st.lists(st.tuples(users, items, stars, skin), min_size=1, max_size=40))
    liked = draw(st.dictionaries(items, stars, max_size=3))
    return interactions(*rows), liked, draw(st.frozensets(items)), draw(skin)


@unhurried
@given(shops(), st.sampled_from(["default", "plain"]), st.integers(0, 6))
def test_a_list_holds_n_different_products_that_suit_where_there_are_as_many(shop, rule, n):
    matrix, liked, allowed, skin = shop
    found = Recommender(matrix, rule).recommend(liked, skin, n, allowed)
    fitting = (set(matrix.items) & allowed) - liked.keys()
    assert len(found) == min(n, len(fitting))
    assert len(set(keys(found))) == len(found)
    assert set(keys(found)) <= fitting
    assert all(scored.admirers <= scored.neighbours for scored in found)


@unhurried
@given(shops(), st.sampled_from(["default", "plain"]))
def test_each_product_is_explained_as_it_was_recommended(shop, rule):
    matrix, liked, _, skin = shop
    recommender = Recommender(matrix, rule)
    for scored in recommender.recommend(liked, skin, n=5):
        assert recommender.explain(liked, scored.key, skin) == scored


@unhurried
@given(shops())
def test_no_reason_by_taste_says_that_nobody_liked_it(shop):
    matrix, liked, _, skin = shop
    for scored in Recommender(matrix).recommend(liked, skin, n=5):
        assert scored.basis is not Basis.TASTE or scored.admirers > 0


@unhurried
@given(shops(), st.integers(0, 4))
def test_a_shorter_list_is_the_beginning_of_a_longer_one(shop, n):
    matrix, liked, allowed, skin = shop
    recommender = Recommender(matrix)
    longer = recommender.recommend(liked, skin, 5, allowed)
    assert recommender.recommend(liked, skin, n, allowed) == longer[:n]


def test_an_unknown_rule_is_no_rule():
    with pytest.raises(ValueError, match="rule"):
        Recommender(interactions(*SHOP), rule="best")  # type: ignore[arg-type]
