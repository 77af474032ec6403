import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import clean, rejects, report, tables
from ingest.columns import INGREDIENTS, PRODUCTS, REVIEWS, Table, lacking, naming
from ingest.lexicon import Lexicon
from ingest.mapping import nearest, ready_made
from ingest.tables import Tables

PRODUCT = {"product_id": "p1", "brand": "새벽숲", "name": "이슬 크림"}
INGREDIENT = {"name": "글리세린"}
REVIEW = {"product_id": "p1", "reviewer": "가", "rating": "5"}
PEOPLE = 300


def frame(table: Table, *rows: dict[str, str]) -> pd.DataFrame:
    """Rows of a file that begin at its second line."""
    columns = {name: [row.get(name, "") for row in rows] for name in table.names}
    return clean.frame_of(table, columns, range(2, len(rows) + 2), "input.csv")


def cleaned_products(*rows: dict[str, str]) -> pd.DataFrame:
    return clean.run(
        PRODUCTS, frame(PRODUCTS, *(PRODUCT | r for r in rows)), clean.product_steps()
    )[0]


def cleaned_ingredients(*rows: dict[str, str], **words: dict[str, str]) -> pd.DataFrame:
    steps = clean.ingredient_steps({}, words)
    return clean.run(INGREDIENTS, frame(INGREDIENTS, *(INGREDIENT | r for r in rows)), steps)[0]


def cleaned_reviews(*rows: dict[str, str], max_reviews: int | None = None) -> pd.DataFrame:
    known = pd.DataFrame({"product_id": ["p1", "p2", *(f"q{n}" for n in range(50))]})
    steps = clean.review_steps(known, max_reviews)
    return clean.run(REVIEWS, frame(REVIEWS, *(REVIEW | r for r in rows)), steps)[0]


def only(cleaned: pd.DataFrame) -> dict[str, object]:
    rows = clean.kept(cleaned).to_dict("records")
    assert len(rows) == 1
    return {str(column): cell for column, cell in rows[0].items()}


def reasons(cleaned: pd.DataFrame) -> list[tuple[int, str]]:
    gone = clean.rejected(cleaned)
    return list(zip(gone["line"], gone["reason"], strict=True))


# --- products -------------------------------------------------------------------------------------


def test_a_product_is_read() -> None:
    row = only(
        cleaned_products(
            {
                "name": "[1+1] 새벽숲 이슬 크림 80ml 기획",
                "price": "19,000원",
                "ingredients": "정제수, 1,2-헥산다이올",
                "url": "https://shop.example/p1",
                "category": " 크림 ",
            }
        )
    )
    assert row == {
        "product_id": "p1",
        "brand": "새벽숲",
        "name": "새벽숲 이슬 크림",
        "category": "크림",
        "price": 19000,
        "volume": "80ml",
        "ingredients": ("정제수", "1,2-헥산다이올"),
        "picture": None,
        "url": "https://shop.example/p1",
        "on_sale": True,
    }


def test_a_product_without_id_or_name_is_rejected() -> None:
    cleaned = cleaned_products({"product_id": ""}, {"name": ""}, {"product_id": "p2"})
    assert reasons(cleaned) == [
        (2, "product_id 칸이 비어 있어요."),
        (3, "name 칸이 비어 있어요."),
    ]


def test_of_products_with_one_id_the_first_stays() -> None:
    cleaned = cleaned_products({"name": "앞 크림"}, {"name": "뒤 크림"})
    assert only(cleaned)["name"] == "앞 크림"
    assert reasons(cleaned) == [(3, "앞에 같은 제품 번호가 있어요: p1")]


def test_glued_volume_and_price_come_apart_unless_told_apart() -> None:
    glued = only(cleaned_products({"volume_price": "180ml19,000원"}))
    assert (glued["volume"], glued["price"]) == ("180ml", 19000)
    told = only(cleaned_products({"volume_price": "180ml19,000원", "price": "18000"}))
    assert (told["volume"], told["price"]) == ("180ml", 18000)


@pytest.mark.parametrize("price", ["문의", "0원", "0", ""])
def test_an_unreadable_price_is_none_and_its_product_stays(price: str) -> None:
    assert only(cleaned_products({"price": price}))["price"] is None


@pytest.mark.parametrize(
    ("told", "name", "on_sale"),
    [
        ("", "크림", True),
        ("true", "크림", True),
        ("판매중", "크림", True),
        ("false", "크림", False),
        ("N", "크림", False),
        ("품절", "크림", False),
        ("판매 종료", "크림", False),
        ("", "[단종] 크림", False),
        ("", "(품절) 크림", False),
    ],
)
def test_sold_out_is_understood(told: str, name: str, on_sale: bool) -> None:
    assert only(cleaned_products({"on_sale": told, "name": name}))["on_sale"] is on_sale


def test_only_web_addresses_are_links() -> None:
    assert only(cleaned_products({"url": "javascript:alert(1)"}))["url"] is None
    assert only(cleaned_products({"url": "/product/1"}))["url"] is None


def test_a_product_without_a_category_is_an_other() -> None:
    assert only(cleaned_products({}))["category"] == "기타"


# --- ingredients ----------------------------------------------------------------------------------


def test_an_ingredient_is_read_in_our_words() -> None:
    row = only(
        cleaned_ingredients(
            {"inci": "Glycerin", "cas": "56\u201181\u20115 (generic)", "roles": "Humectant|용제"}
            | {"aliases": "글리세롤|글리세롤"},
            roles={"Humectant": "보습제"},
        )
    )
    assert row["cas"] == "56-81-5"
    assert row["roles"] == ("보습제", "용제")
    assert row["aliases"] == ("글리세롤",)
    assert row["origin"] is None


def test_a_label_takes_the_dictionarys_names() -> None:
    dictionary = clean.kept(
        cleaned_ingredients(
            {"name": "부틸렌글라이콜"},
            {"name": "본블랙", "aliases": "본차콜"},
            {"name": "정제수", "inci": "Water"},
        )
    )
    products = clean.kept(cleaned_products({"ingredients": "부틸렌 글라이콜, 본차콜, WATER, 새것"}))
    matched = clean.matched(products, Lexicon.of(dictionary))
    assert matched["ingredients"][0] == ("부틸렌글라이콜", "본블랙", "정제수", "새것")
    completed = clean.completed(dictionary, matched)
    assert list(completed["name"]) == ["부틸렌글라이콜", "본블랙", "정제수", "새것"]
    assert completed["roles"][3] == ()


def test_a_key_that_two_ingredients_share_matches_neither() -> None:
    dictionary = clean.kept(cleaned_ingredients({"name": "나일론-6/12"}, {"name": "나일론6/12"}))
    products = clean.kept(cleaned_products({"ingredients": "나일론 612, 나일론6/12"}))
    matched = clean.matched(products, Lexicon.of(dictionary))
    assert matched["ingredients"][0] == ("나일론 612", "나일론6/12")


# --- reviews --------------------------------------------------------------------------------------


def test_a_review_is_read() -> None:
    row = only(
        cleaned_reviews(
            {
                "rating": "5점 만점에 4점",
                "skin_type": "지성 | 쿨톤",
                "effect": "보습에 좋아요",
                "irritation": "자극없이 순해요",
                "text": "좋아요. 010-1234-5678",
                "date": "2016.3.5",
            }
        )
    )
    assert row == {
        "product_id": "p1",
        "reviewer": "가",
        "rating": 4.0,
        "skin_type": "지성",
        "effect": "보습",
        "irritation": "순해요",
        "text": "좋아요. (전화번호)",
        "date": "2016-03-05",
    }


def test_reviews_that_cannot_count_are_rejected_with_line_and_reason() -> None:
    cleaned = cleaned_reviews(
        {"product_id": ""}, {"product_id": "p9"}, {"rating": "6"}, {"rating": "촉촉"}
    )
    lines, sentences = zip(*reasons(cleaned), strict=True)
    assert lines == (2, 3, 4, 5)
    for sentence, word in zip(sentences, ("product_id", "p9", "«6»", "«촉촉»"), strict=True):
        assert word in sentence


def test_a_repeated_text_goes_whoever_wrote_it() -> None:
    cleaned = cleaned_reviews(
        {"reviewer": "가", "text": "촉촉해요 좋아요"},
        {"reviewer": "나", "text": "촉촉해요\n 좋아요"},
        {"reviewer": "다", "text": ""},
        {"reviewer": "라", "text": ""},
    )
    assert list(clean.kept(cleaned)["reviewer"]) == ["가", "다", "라"]


def test_a_rejected_review_does_not_make_another_one_a_repetition() -> None:
    cleaned = cleaned_reviews(
        {"rating": "0", "text": "좋아요"}, {"reviewer": "나", "text": "좋아요"}
    )
    assert list(clean.kept(cleaned)["reviewer"]) == ["나"]


def test_the_last_rating_of_a_person_and_product_counts() -> None:
    cleaned = cleaned_reviews({"rating": "1"}, {"rating": "5"}, {"product_id": "p2", "rating": "3"})
    assert list(clean.kept(cleaned)["rating"]) == [5.0, 3.0]


def test_nameless_reviews_are_by_people_of_their_own() -> None:
    nameless = [{"reviewer": "", "text": "하나"}, {"reviewer": "", "text": "둘"}]
    people = list(clean.kept(cleaned_reviews(*nameless))["reviewer"])
    assert len(set(people)) == 2
    assert people == list(clean.kept(cleaned_reviews(*nameless))["reviewer"])


def test_an_address_is_no_name_but_still_one_person() -> None:
    rows = [{"reviewer": "me@mail.example", "product_id": p} for p in ("p1", "p2")]
    (person,) = set(clean.kept(cleaned_reviews(*rows))["reviewer"])
    assert "@" not in person


def test_a_person_with_an_outlying_number_of_reviews_goes() -> None:
    busy = [{"reviewer": "광고", "product_id": f"q{n}"} for n in range(40)]
    others = [{"reviewer": f"사람{n}"} for n in range(PEOPLE)]
    kept = clean.kept(cleaned_reviews(*busy, *others))
    assert "광고" not in set(kept["reviewer"])
    assert len(kept) == PEOPLE


def test_max_reviews_overrides_the_distribution() -> None:
    rows = [{"reviewer": "가", "product_id": f"q{n}"} for n in range(3)] + [{"reviewer": "나"}]
    assert list(clean.kept(cleaned_reviews(*rows, max_reviews=2))["reviewer"]) == ["나"]
    assert len(clean.kept(cleaned_reviews(*rows))) == 4


@settings(deadline=None)
@given(st.lists(st.integers(1, 500), max_size=400))
def test_the_fence_spares_30_reviews_and_99_of_100_people(counts: list[int]) -> None:
    most = clean.fence(np.array(counts, dtype=np.int64))
    assert most >= 30
    assert sum(count > most for count in counts) <= len(counts) / 100


def test_the_fence_lies_beyond_the_outer_quartile_on_a_log_scale() -> None:
    # Q1 = ln 2, Q3 = ln 4: exp(ln 4 + 3 (ln 4 - ln 2)) = 4 · 2³
    assert clean.fence(np.array([2, 2, 2, 4, 4, 4] * 50)) == 32


# --- counting and writing -------------------------------------------------------------------------


def test_each_step_says_what_it_did() -> None:
    rows = frame(
        PRODUCTS,
        PRODUCT | {"name": "[1+1] 이슬 크림", "price": "문의"},
        PRODUCT | {"name": "다른 크림"},
    )
    _, counts = clean.run(PRODUCTS, rows, clean.product_steps())
    done = {count.step: (count.changed, count.emptied, count.dropped) for count in counts}
    assert done["되풀이된 제품 번호"] == (0, 0, 1)
    assert done["이름에서 홍보 문구와 용량 빼기"] == (1, 0, 0)
    assert done["가격 읽기"] == (0, 1, 0)


def test_cleaning_leaves_its_input_alone() -> None:
    rows = frame(PRODUCTS, PRODUCT | {"name": "[1+1] 이슬 크림"})
    before = rows.copy(deep=True)
    clean.run(PRODUCTS, rows, clean.product_steps())
    pd.testing.assert_frame_equal(rows, before)


def test_tables_written_and_read_are_the_same_bytes() -> None:
    found = Tables(
        products=clean.kept(cleaned_products({"ingredients": "정제수, 1,2-헥산다이올"})),
        ingredients=clean.kept(cleaned_ingredients({"aliases": "글리세롤"})),
        reviews=clean.kept(cleaned_reviews({"text": '"따옴표",\n쉼표\r'})),
    )
    written = found.written()
    assert tables.parsed(written).written() == written


def test_a_load_of_before_reviews_had_dates_is_read() -> None:
    found = Tables(
        products=clean.kept(cleaned_products({})),
        ingredients=clean.kept(cleaned_ingredients({})),
        reviews=clean.kept(cleaned_reviews({"text": "좋아요"})),
    )
    written = found.written()
    older = written | {"reviews": written["reviews"].replace(b",date", b"").replace(b",\n", b"\n")}
    assert older != written
    assert tables.parsed(older).written() == written
    with pytest.raises(ValueError, match="other columns"):
        tables.parsed(written | {"reviews": written["reviews"].replace(b",text", b",words")})


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_reject_is_no_formula(cell: str) -> None:
    assert rejects.harmless(cell) == f"'{cell}"
    assert rejects.harmless("평범한 글") == "평범한 글"


def test_columns_of_a_printed_table_line_up() -> None:
    first, second = report.table(("단계", "줄"), [("ab", "10")]).splitlines()
    assert first == "단계  줄"
    assert second == "ab    10"


# --- columns --------------------------------------------------------------------------------------


def test_korean_headings_find_their_columns() -> None:
    named = naming(REVIEWS, ("닉네임", "제품 번호", "평점", "피부타입", "모름"), {})
    assert named == {
        "닉네임": ("reviewer",),
        "제품 번호": ("product_id",),
        "평점": ("rating",),
        "피부타입": ("skin_type",),
    }


def test_a_columns_own_name_comes_before_an_alias() -> None:
    assert naming(REVIEWS, ("user", "reviewer"), {}) == {"reviewer": ("reviewer",)}


def test_a_mapping_comes_before_everything() -> None:
    named = naming(PRODUCTS, ("name", "key"), {"key": ("product_id", "name")})
    assert named == {"key": ("product_id", "name")}
    assert lacking(PRODUCTS, named) == ()
    assert lacking(PRODUCTS, naming(PRODUCTS, ("brand",), {})) == ("product_id", "name")


def test_the_nearest_mapping_makes_a_whole_table() -> None:
    assert nearest(PRODUCTS, ("product_url", "product", "vol_price")) == "glowpick"
    assert nearest(PRODUCTS, ("가", "나")) == ""
    assert set(ready_made()) >= {"glowpick", "kcia"}
