"""What products are like, the weights that are learnt, and lists that blend both with taste."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.domain import Basis, Likeness
from engine.errors import MatrixUnavailable
from engine.recommend.blend import FEATURES, PEOPLE, WEIGHTS, Blend, Candidates, Weights, learn
from engine.recommend.building import build
from engine.recommend.content import TOPICS, Contents, Words
from engine.recommend.knn import Overlay, UserKNN
from engine.recommend.matrix import Interactions
from engine.recommend.recommender import Recommender

PRODUCTS = pd.DataFrame(
    {
        "item": ["cream", "toner", "gel", "wax", "mist"],
        "brand": ["가", "가", "나", "다", None],
        "category": ["크림", "토너", "크림", "왁스", None],
        "name": ["맑은숲 크림", "맑은숲 토너", "바다 젤", "왁스", None],
        "price": [10_000, 11_000, 30_000, None, None],
        "ingredients": [("물", "병풀", "판테놀"), ("물", "병풀"), "물, 글리세린", None, ()],
    }
)
ITEMS = ("cream", "gel", "mist", "toner", "wax")
CREAM, GEL, MIST, TONER, WAX = range(5)
SILENT = Words.read(pd.DataFrame({"user": [], "item": []}))


def contents() -> Contents:
    return Contents.from_frames(ITEMS, PRODUCTS, SILENT)


def ratings(*rows: tuple[str, str, float]) -> Interactions:
    frame = pd.DataFrame(list(rows), columns=["user", "item", "rating"])
    return Interactions.from_frame(frame, also=ITEMS)


SHOP = (("a", "cream", 5.0), ("a", "gel", 5.0), ("b", "cream", 4.0), ("b", "gel", 4.0))


def weights(**of: float) -> Weights:
    return Weights(queries=1, weights=of)


def test_rows_are_the_matrix_s_items_and_what_is_not_known_is_no_likeness():
    found = contents()
    assert found.known
    assert found.brands[CREAM] == found.brands[TONER] != found.brands[GEL]
    assert found.brands[MIST] == found.categories[MIST] == -1
    assert np.isnan(found.prices[[MIST, WAX]]).all()
    blend = Blend(ratings(*SHOP), found)
    assert blend.alike({CREAM: 5.0}, TONER) == (
        *(Likeness.BRAND, Likeness.INGREDIENTS, Likeness.PRICE),
    )
    assert blend.alike({CREAM: 5.0}, GEL) == (Likeness.CATEGORY,)
    assert blend.alike({CREAM: 5.0}, MIST) == blend.alike({MIST: 5.0}, MIST) == ()
    assert blend.alike({CREAM: 1.0}, TONER) == ()


def test_reviews_in_the_same_words_put_products_near_each_other():
    said = {"cream": "촉촉하고 순해요", "gel": "끈적여서 답답해요", "wax": "끈적여서 답답해요"}
    said |= {"toner": "촉촉하고 순해요", "mist": ""}
    rows = [(f"u{n}", item, text) for n in range(3) for item, text in said.items()]
    others = ("가볍게 발려요", "향이 진해요", "거품이 풍성하네", "세안뒤에 당겨")
    more = [("u", f"p{n}", others[n % 4]) for n in range(12)]
    more += [("u", "q0", said["cream"]), ("u", "q1", said["gel"])]
    frame = pd.DataFrame([*rows, *more], columns=["user", "item", "text"])
    items = sorted(frame["item"].unique())
    topics = Words.read(frame).topics(items)
    at = {item: row for row, item in enumerate(items)}
    assert topics.shape == (len(items), TOPICS)
    assert topics[at["cream"]] @ topics[at["toner"]] == pytest.approx(1.0, abs=1e-4)
    assert topics[at["cream"]] @ topics[at["gel"]] < 0.5
    assert not topics[at["mist"]].any()


def test_words_of_some_people_are_theirs_alone():
    frame = pd.DataFrame({"user": ["a", "b"], "item": ["p", "q"], "text": ["좋아요", "별로"]})
    assert Words.read(frame).of(["b"]).items.tolist() == ["q"]


def test_what_is_like_a_pick_comes_where_neighbours_are_silent_and_says_why():
    blend = Blend(ratings(*SHOP), contents(), weights(brand=1.0, value=2.0))
    found = Recommender(blend.interactions, blend=blend).recommend({"cream": 5.0}, n=4)
    assert [(one.key, one.basis) for one in found[:2]] == [
        ("gel", Basis.TASTE),
        ("toner", Basis.CONTENT),
    ]
    assert (found[0].neighbours, found[0].admirers) == (2, 2)
    assert Likeness.BRAND in found[1].alike


def test_each_product_is_explained_as_the_blend_recommended_it():
    blend = Blend(ratings(*SHOP), contents(), weights(brand=1.0, value=1.0, reviews=0.1))
    recommender = Recommender(blend.interactions, blend=blend)
    for one in recommender.recommend({"cream": 5.0}, n=4):
        assert recommender.explain({"cream": 5.0}, one.key) == one


def test_the_plain_rule_has_no_blend():
    blend = Blend(ratings(*SHOP), contents(), weights(brand=9.0))
    assert Recommender(blend.interactions, "plain", blend).blend is None


def test_newer_ratings_count_and_nobody_is_their_own_neighbour():
    blend = Blend(ratings(*SHOP), contents(), weights(value=1.0))
    for recommender in (Recommender(ratings(*SHOP)), Recommender(ratings(*SHOP), blend=blend)):
        rated = [("n", "mist", 5.0), ("n", "wax", 5.0), ("n", "unheard of", 5.0)]
        newer = recommender.newer(rated)
        found = recommender.recommend({"wax": 5.0}, n=1, overlay=Overlay(newer))[0]
        assert (found.key, found.basis, found.admirers) == ("mist", Basis.TASTE, 1)
        assert recommender.companions({"wax": 5.0}, "mist", Overlay(newer)) == {"wax": 1}
        own = recommender.explain({"wax": 5.0}, "mist", overlay=Overlay(newer, asker=0))
        assert own.basis is not Basis.TASTE and not own.neighbours


def camps() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two brands, each liked by people of its own, with eight products each."""
    draw = np.random.default_rng(1)
    rows = [
        (f"u{user:03}", f"{brand}{item}", 5.0, "건성", "")
        for user in range(120)
        for brand in ("가" if user % 2 else "나")
        for item in draw.permutation(8)[:3]
    ]
    frame = pd.DataFrame(rows, columns=["user", "item", "rating", "skin_type", "text"])
    items = [f"{brand}{item}" for brand in "가나" for item in range(9)]
    return frame, pd.DataFrame({"item": items, "brand": [item[0] for item in items]})


def test_the_weights_learn_that_people_stay_with_a_brand(tmp_path: Path):
    frame, products = camps()
    learnt = learn(frame, products, Words.read(frame))
    assert learnt is not None and set(learnt.weights) == set(FEATURES)
    assert learnt.weights["brand"] + learnt.weights["line"] > 0
    assert all(learnt.weights[name] >= 0 for name in PEOPLE)
    assert learn(frame, products, Words.read(frame)) == learnt


def test_a_built_matrix_recommends_what_nobody_rated_yet_for_what_it_is(tmp_path: Path):
    build(tmp_path, *camps())
    recommender = Recommender.open(tmp_path)
    found = recommender.recommend({"가0": 5.0}, n=8)
    assert {one.key[0] for one in found} == {"가"}
    new = next(one for one in found if one.key == "가8")
    assert (new.basis, new.alike) == (Basis.CONTENT, (Likeness.BRAND,))


def test_too_few_people_leave_the_neighbours_alone(tmp_path: Path):
    frame, products = camps()
    build(tmp_path, frame.head(30), products)
    assert not (tmp_path / WEIGHTS).exists()
    assert Recommender.open(tmp_path).blend is None


def test_torn_weights_are_refused(tmp_path: Path):
    build(tmp_path, *camps())
    (tmp_path / WEIGHTS).write_text("{}", encoding="utf-8")
    with pytest.raises(MatrixUnavailable, match="깨졌어요"):
        Recommender.open(tmp_path)


def test_in_a_large_catalogue_only_likely_products_are_scored(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.recommend.blend.ALL_AT_MOST", 2)
    monkeypatch.setattr("engine.recommend.blend.FAMOUS", 1)
    blend = Blend(ratings(*SHOP), contents(), weights(brand=1.0))
    assert blend.score({TONER: 5.0}, None).items.tolist() == [CREAM]


def candidates(values: list[float], brands: list[int]) -> Candidates:
    rows = np.arange(len(values))
    none = UserKNN().fit(ratings(*SHOP)).score({})
    return Candidates(rows, np.array(values), np.array(brands, dtype=np.int32), none)


def test_a_third_product_of_a_brand_waits_unless_it_is_far_ahead():
    near = candidates([-1.0, -1.1, -1.2, -1.5, -9.0], [0, 0, 0, 1, 2])
    assert list(near.varied(lambda item: True)) == [0, 1, 3, 2, 4]
    ahead = candidates([-1.0, -1.1, -1.2, -1.9], [0, 0, 0, 1])
    assert list(ahead.varied(lambda item: True)) == [0, 1, 2, 3]
    unknown = candidates([-1.0, -1.1, -1.2, -1.3], [-1, -1, -1, 0])
    assert list(unknown.varied(lambda item: True)) == [0, 1, 2, 3]


def test_what_is_not_usable_does_not_crowd_its_brand():
    found = candidates([-1.0, -1.1, -1.2, -1.5], [0, 0, 0, 1])
    assert list(found.varied(lambda item: item > 0)) == [1, 2, 3]


def test_after_several_picks_what_neighbours_like_besides_them_comes_first():
    shop = ratings(*SHOP, ("a", "toner", 5.0), ("b", "toner", 5.0))
    learnt = Weights(queries=1, weights={"brands": 0.0, "reviews": -2.0}, together=1.0)
    blend = Blend(shop, contents(), learnt)
    one, two = ({CREAM: 5.0}, {CREAM: 5.0, GEL: 5.0})
    first = [
        int(found.items[found.order()[0]]) for found in (blend.score(p, None) for p in (one, two))
    ]
    assert first[0] in (MIST, WAX) and first[1] == TONER


def test_scores_are_logarithms_of_chances():
    blend = Blend(ratings(*SHOP), contents(), Weights(queries=1, weights={}, together=0.5))
    for liked in ({TONER: 5.0}, {CREAM: 5.0, MIST: 5.0}, {CREAM: 1.0, MIST: 2.0}):
        values = blend.score(liked, None).values
        assert np.isfinite(values).all() and np.exp(values).sum() == pytest.approx(1.0)


def test_a_disliked_product_says_nothing_of_what_is_liked_besides_it():
    blend = Blend(ratings(*SHOP), contents(), weights(cosine=1.0))
    values = blend.score({CREAM: 1.0}, None).values
    assert values == pytest.approx(np.full(len(values), values[0]))
