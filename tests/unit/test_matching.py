"""One product is one row, whatever sources name it; ids stay, reviews follow."""

from pathlib import Path
from random import Random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import clean, matching
from ingest.alike import Brands
from ingest.columns import PRODUCTS, REVIEWS
from ingest.errors import InputRefused
from ingest.matching import Decisions, Earlier, Following, Plan
from ingest.tables import columns_of

Row = dict[str, str]


def frame(*rows: Row) -> pd.DataFrame:
    """Cleaned products; each row's `file` is its source."""
    columns = {name: [row.get(name, "") for row in rows] for name in PRODUCTS.names}
    raw = clean.frame_of(PRODUCTS, columns, range(2, len(rows) + 2), "a.csv")
    raw = raw.assign(file=[row.get("file", "a.csv") for row in rows]).astype({"file": object})
    return clean.run(PRODUCTS, raw, clean.product_steps())[0].assign(told=raw["name"])


def row(
    product_id: str, name: str, file: str = "a.csv", brand: str = "새벽숲", **cells: str
) -> Row:
    return {"product_id": product_id, "brand": brand, "name": name, "file": file, **cells}


def plan(
    products: pd.DataFrame, decisions: Decisions | None = None, earlier: Earlier | None = None
) -> Plan:
    alive = products[products["reason"] == ""]
    was = earlier or Earlier(decisions=decisions or Decisions())
    return matching.planned(alive, products["told"], Brands.of(alive["brand"]), was)


def one(products: pd.DataFrame) -> dict[str, object]:
    found = clean.kept(matching.folded(products, plan(products)))[columns_of(PRODUCTS)]
    assert len(found) == 1
    return {str(name): cell for name, cell in found.iloc[0].items()}


def ids(products: pd.DataFrame, found: Plan) -> list[str]:
    return sorted(clean.kept(matching.folded(products, found))["product_id"])


def asked(found: Plan) -> list[tuple[str, str]]:
    return list(zip(found.doubtful["id"], found.doubtful["other_id"], strict=True))


def decided(word: str, *pairs: tuple[str, str]) -> Decisions:
    told = frozenset(map(frozenset, pairs))
    return Decisions(same=told) if word == "same" else Decisions(different=told)


# --- rows -----------------------------------------------------------------------------------------


def test_two_sources_rows_of_one_product_become_the_fuller_with_the_gaps_filled() -> None:
    products = frame(
        row("a1", "이슬 크림 80ml", ingredients="정제수"),
        row(
            "b1",
            "[1+1] 새벽숲 이슬크림",
            "b.csv",
            "(주)새벽숲",
            category="크림",
            price="18000",
            url="https://b.example/1",
        ),
    )
    found = one(products)
    assert found["product_id"] == "a1"
    assert (found["category"], found["url"]) == ("크림", "https://b.example/1")
    assert found["ingredients"] == ("정제수",)
    gone = clean.rejected(matching.folded(products, plan(products)))
    assert gone["reason"].str.startswith("a1과 같은 제품이라 한 줄로 모았어요").all()


def test_a_price_is_not_put_beside_another_size() -> None:
    small = row("a1", "이슬 크림", volume="50ml", ingredients="정제수", category="크림")
    found = one(frame(small, row("b1", "이슬 크림", "b.csv", volume="100ml", price="30000")))
    assert (found["volume"], found["price"]) == ("50ml", None)
    found = one(frame(small, row("b1", "이슬 크림", "b.csv", volume="50ml", price="18000")))
    assert (found["volume"], found["price"]) == ("50ml", 18000)


def test_what_is_sold_anywhere_is_on_sale() -> None:
    products = frame(row("a1", "이슬 크림", on_sale="품절"), row("b1", "이슬 크림", "b.csv"))
    assert one(products)["on_sale"] is True


def test_a_shop_that_writes_near_names_means_two_products() -> None:
    products = frame(row("a1", "이슬 미네랄 크림"), row("a2", "이슬 미네럴 크림"))
    found = plan(products)
    assert ids(products, found) == ["a1", "a2"]
    assert asked(found) == [("a1", "a2")]
    apart = frame(row("a1", "이슬 미네랄 크림"), row("b2", "이슬 미네럴 크림", "b.csv"))
    assert ids(apart, plan(apart)) == ["a1"]


def test_a_name_without_a_brand_is_asked_about() -> None:
    products = frame(row("a1", "이슬 크림"), row("b1", "이슬 크림", "b.csv", ""))
    found = plan(products)
    assert ids(products, found) == ["a1", "b1"]
    assert found.doubtful["reason"].tolist() == ["브랜드를 알 수 없어요"]


def test_other_brands_and_other_numbers_stay_apart_and_are_not_asked_about() -> None:
    products = frame(
        row("a1", "이슬 쿠션 21호"),
        row("b1", "이슬 쿠션 23호", "b.csv"),
        row("c1", "이슬 쿠션 21호", "c.csv", "볕가림"),
    )
    found = plan(products)
    assert ids(products, found) == ["a1", "b1", "c1"]
    assert asked(found) == []


def test_likeness_does_not_join_what_one_file_tells_apart_by_way_of_another_file() -> None:
    products = frame(
        row("a1", "이슬 미네랄 크림"),
        row("a2", "이슬 미네럴 크림"),
        row("b1", "이슬 미네랄 크림", "b.csv"),
    )
    found = plan(products)
    assert ids(products, found) == ["a1", "a2"]


def test_products_without_ids_in_one_file_get_them_beside_a_file_that_has_them() -> None:
    products = frame(row("a1", "이슬 크림"), row("", "새벽숲 이슬 크림", "b.csv"))
    assert ids(products, plan(products)) == ["a1"]


# --- decisions ------------------------------------------------------------------------------------


def test_a_doubtful_pair_is_decided_for_good() -> None:
    products = frame(row("a1", "이슬 크림"), row("b1", "이슬 크림 리치", "b.csv"))
    assert asked(plan(products)) == [("a1", "b1")]
    same = plan(products, decided("same", ("b1", "a1")))
    assert (ids(products, same), asked(same)) == (["a1"], [])
    different = plan(products, decided("different", ("a1", "b1")))
    assert (ids(products, different), asked(different)) == (["a1", "b1"], [])


def test_a_decision_counts_more_than_equal_names() -> None:
    products = frame(row("a1", "이슬 크림"), row("b1", "이슬 크림", "b.csv"))
    assert ids(products, plan(products, decided("different", ("a1", "b1")))) == ["a1", "b1"]


def test_decisions_that_contradict_each_other_are_refused() -> None:
    products = frame(
        row("a1", "이슬 크림"), row("b1", "달빛 폼", "b.csv"), row("c1", "솔 젤", "c.csv")
    )
    said = Decisions(
        frozenset({frozenset({"a1", "b1"}), frozenset({"b1", "c1"})}),
        frozenset({frozenset({"a1", "c1"})}),
    )
    with pytest.raises(InputRefused, match="어긋나요"):
        plan(products, said)


def test_a_file_of_pairs_comes_back_with_words_of_either_language(tmp_path: Path) -> None:
    path = tmp_path / "doubtful.csv"
    path.write_text("decision,id,other_id\nsame,a,b\n다름,'=c,d\n,e,f\n", encoding="utf-8-sig")
    said = matching.decided(path)
    assert said.same == {frozenset({"a", "b"})}
    assert said.different == {frozenset({"=c", "d"})}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("decision,id\nsame,a\n", "doubtful.csv 1번째 줄: 열 «other_id»가 없어요"),
        ("decision,id,other_id\nmaybe,a,b\n", "2번째 줄: decision 칸에는"),
        ("decision,id,other_id\nsame,a,a\n", "2번째 줄"),
        ("decision,id,other_id\nsame,a,b\ndifferent,b,a\n", "3번째 줄: 같은 짝을 2번째 줄에서는"),
    ],
)
def test_a_file_of_pairs_that_cannot_be_read_says_where(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "doubtful.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputRefused, match=told):
        matching.decided(path)


def test_a_later_decision_replaces_an_earlier_one() -> None:
    said = decided("same", ("a", "b")).joined(decided("different", ("b", "a")))
    assert said == decided("different", ("a", "b"))


def test_what_is_known_survives_being_written(tmp_path: Path) -> None:
    products = frame(
        row("a1", "이슬 크림"), row("b1", "이슬 크림, 새", "b.csv"), row("c1", "이슬크림", "c.csv")
    )
    rows = matching.known_as(products, plan(products))
    said = decided("same", ("x", "y")).joined(decided("different", ("v", "w")))
    matching.save(tmp_path, matching.contents(rows, said))
    again, decisions = matching.opened(tmp_path)
    assert decisions == said
    assert again.to_numpy().tolist() == rows.to_numpy().tolist()


# --- later loads ----------------------------------------------------------------------------------


def test_ids_stay_when_a_source_is_added_before_the_others() -> None:
    first = frame(row("b1", "이슬 크림", "b.csv"))
    more = frame(row("a1", "이슬 크림", "a.csv"), row("b1", "이슬 크림", "b.csv"))
    assert ids(more, plan(more)) == ["a1"]
    was = Earlier(ids=frozenset(first["product_id"]))
    assert ids(more, plan(more, earlier=was)) == ["b1"]


def test_a_row_keeps_its_id_when_the_source_that_gave_it_goes() -> None:
    both = frame(row("a1", "이슬 크림"), row("b1", "이슬 크림", "b.csv"))
    known = matching.known_as(both, plan(both))
    rows = dict(zip(known["other_id"], known["product_id"], strict=True))
    left = frame(row("b1", "이슬 크림", "b.csv"))
    found = plan(left, earlier=Earlier(ids=frozenset({"a1"}), rows=rows))
    assert ids(left, found) == ["a1"]
    kept = matching.kept_as(matching.known_as(left, found), known, ["a1"])
    assert set(kept["other_id"]) == {"b1"}


NAMES = [
    "이슬 크림",
    "이슬크림 80ml",
    "이슬 크림 리치",
    "이슬 쿠션 21호",
    "이슬 쿠션 23호",
    "새벽숲 이슬 크림",
    "토너",
    "",
]
rows_of_sources = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(["새벽숲", "(주)새벽숲", "볕가림", ""]),
        st.sampled_from("abc"),
    ),
    max_size=7,
).map(
    lambda told: [
        row(f"{file}{at}", name, f"{file}.csv", brand)
        for at, (name, brand, file) in enumerate(told)
    ]
)


@settings(deadline=None, max_examples=30)
@given(rows_of_sources, st.randoms(use_true_random=False))
def test_no_product_is_lost_folding_is_idempotent_and_order_does_not_matter(
    rows: list[Row], chance: Random
) -> None:
    products = frame(*rows)
    alive = set(products.loc[products["reason"] == "", "product_id"])
    found = plan(products)
    left = ids(products, found)
    assert {found.rows.get(one, one) for one in alive} == set(left)
    folded = matching.folded(products, found)
    again = plan(folded, earlier=Earlier(ids=frozenset(left)))
    assert again.groups == ()
    shuffled = list(rows)
    chance.shuffle(shuffled)
    other = frame(*shuffled)
    assert len(ids(other, plan(other))) == len(left)


@settings(deadline=None, max_examples=30)
@given(rows_of_sources, rows_of_sources)
def test_ids_are_stable_when_a_source_is_added(rows: list[Row], more: list[Row]) -> None:
    first = frame(*rows)
    before = plan(first)
    ours = ids(first, before)
    known = Earlier(frozenset(ours), {k: v for k, v in before.rows.items() if k != v})
    added = [{**one, "product_id": f"n-{one['product_id']}", "file": "0.csv"} for one in more]
    second = frame(*added, *rows)
    after = plan(second, earlier=known)
    for one, was in before.rows.items():
        assert after.rows.get(one, one) in ours
        assert after.rows.get(was, was) == after.rows.get(one, one)
    for one in ours:
        assert after.rows.get(one, one) in ours


# --- reviews --------------------------------------------------------------------------------------


def reviews(*rows: Row) -> pd.DataFrame:
    columns = {name: [row.get(name, "") for row in rows] for name in REVIEWS.names}
    return clean.frame_of(REVIEWS, columns, range(2, len(rows) + 2), "reviews.csv")


def following(*rows: Row, decisions: Decisions | None = None) -> Following:
    products = frame(*rows)
    found = plan(products)
    known = matching.known_as(products, found)
    kept = clean.kept(matching.folded(products, found))
    every = matching.with_writings(kept, known)
    others = dict(zip(known["other_id"], known["product_id"], strict=True))
    return Following(every, Brands.of(every["brand"]), decisions or Decisions(), others)


SHELF = (
    row("a1", "이슬 미네랄 크림"),
    row("b1", "이슬 미네랄크림", "b.csv", url="https://b.example/?goodsNo=B1"),
    row("a2", "이슬 토너"),
)


def test_reviews_follow_an_old_id_a_near_name_and_nothing_else() -> None:
    follow = following(*SHELF)
    after = follow(
        reviews(
            {"product_id": "b1"},
            {"product_id": "a2"},
            {"brand": "새벽숲", "product": "이슬 미네럴 크림 50ml"},
            {"brand": "볕가림", "product": "이슬 미네랄 크림"},
            {"product_id": "엉뚱"},
        )
    )
    assert list(after["product_id"]) == ["a1", "a2", "a1", "", "엉뚱"]
    assert len(follow.doubtful) == 0


def test_a_review_of_a_doubtful_name_is_asked_about_once_and_goes_where_it_was_decided() -> None:
    told = {"brand": "새벽숲", "product": "이슬 토너 패드"}
    follow = following(*SHELF)
    assert list(follow(reviews(told, told))["product_id"]) == ["", ""]
    own = clean.made_id("이슬 토너 패드", "새벽숲")
    assert follow.doubtful[["id", "other_id"]].to_numpy().tolist() == [["a2", own]]
    decided_so = following(*SHELF, decisions=decided("same", (own, "a2")))
    assert list(decided_so(reviews(told))["product_id"]) == ["a2"]
    never = following(*SHELF, decisions=decided("different", (own, "a2")))
    assert list(never(reviews(told))["product_id"]) == [""]
    assert len(never.doubtful) == 0


def test_reviews_of_an_earlier_load_move_with_their_product_one_for_each_person() -> None:
    old = pd.DataFrame(
        [("b1", "가", 5.0, "2025-01-02"), ("a1", "가", 2.0, "2025-01-01"), ("b1", "나", 4.0, None)],
        columns=["product_id", "reviewer", "rating", "date"],
        dtype=object,
    )
    moved = matching.moved(old, {"b1": "a1"})
    assert moved.to_numpy().tolist() == [["a1", "가", 5.0, "2025-01-02"], ["a1", "나", 4.0, None]]
