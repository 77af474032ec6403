"""What holds of the cleaning whatever an export holds."""

import csv
import io
import unicodedata

import pandas as pd
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.parsing.ingredients import ingredient_names
from ingest import clean
from ingest.columns import INGREDIENTS, PRODUCTS, REVIEWS, Table
from ingest.tables import Tables, columns_of

PIECES = {
    "product_id": ["p1", "p2", "p1 ", "7212"],
    "brand": ["새벽숲", "볕 가림", "Ｄａｗｎ", "새벽숲(dawn)"],
    "name": [
        *(
            "새벽숲 이슬 토너",
            "[1+1]",
            "80ml",
            "기획",
            "(단종)",
            "세트",
            "+",
            "[모공 케어]",
            "이슬",
        ),
        *("2종 세트", "50ml*2", "볕 가림", "대신 이 상품은 어떤가요?", "®", "|", "-", "㎖"),
    ],
    "price": ["19,000원", "₩1,000", "0", "문의", "19000.0"],
    "volume": ["80ml", "18ml * 4매", "１００㎖", "중간"],
    "volume_price": ["180ml19,000원", "50ml*234,900원", "-13,000원"],
    "ingredients": [
        *(
            "정제수",
            ", ",
            "1,2-헥산다이올",
            "글리세린(10%)",
            "[세럼] ",
            "①크림: ",
            "■ 크림\n",
            "글 리 세 린",
        ),
        *(
            "약모밀추출물(770,000ppm)",
            "|",
            "본블랙, 본챠콜",
            " *유기농",
            "1.2-헥산다이올",
            "해당없음",
            "\n",
        ),
        *("(연꽃/차나무)잎추출물", "2) 크림 : ", "용액(30%)", "[크림]", "·", "(", "]"),
    ],
    "on_sale": ["판매중", "품절", "N", "true"],
    "aliases": ["본차콜", "|", "1,2-헥산디올", ","],
    "rating": [
        "5",
        "0",
        "6",
        "4.3",
        "5점만점에 4점",
        "10점 만점에 1점",
        "좋아요",
        "★★☆",
        "nan",
        "1/7",
    ],
    "reviewer": ["가", "abc****", "me@mail.example", "", "김**", "010-1234-5678"],
    "skin_type": ["지성 | 쿨톤", "28세 · 복합성 ·", "복합성에 좋아요", "?"],
    "effect": ["보습에 좋아요", "진정", "?"],
    "irritation": ["자극없이 순해요", "자극이 느껴져요", "보통", "?"],
    "text": ["촉촉해요", "010-1234-5678", "\r", "\n", '"', "=1+1", " ", "a@b.example"],
    "date": ["2025.05.24", "2016.3.5", "2개월 전", "2017.2.30", "20160305"],
    "url": ["https://shop.example/?goodsNo=A1", "http://shop.example/2", "/product/1"],
}
SEVERAL = {"name", "ingredients", "aliases", "text"}


def cell(column: str) -> st.SearchStrategy[str]:
    """A text as a file gives it: composed, without control signs, without blanks around it."""
    pieces = st.sampled_from(PIECES.get(column, ["가", "Glycerin", "1,2-헥산다이올"]))
    said = st.lists(pieces, max_size=6).map("".join) if column in SEVERAL else pieces
    anything = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=8)
    return st.one_of(said, said, st.just(""), anything).map(
        lambda text: unicodedata.normalize("NFC", text).strip()
    )


def frames(table: Table) -> st.SearchStrategy[pd.DataFrame]:
    row = st.fixed_dictionaries({name: cell(name) for name in table.names})
    return st.lists(row, max_size=5).map(lambda rows: frame(table, rows))


def frame(table: Table, rows: list[dict[str, str]]) -> pd.DataFrame:
    columns = {name: [row.get(name, "") for row in rows] for name in table.names}
    return clean.frame_of(table, columns, range(2, len(rows) + 2), "input.csv")


KNOWN = pd.DataFrame(
    {"product_id": ["p1", "7212"], "name": ["이슬 토너", "가"], "brand": "", "url": None}
)


def cleaned(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    steps = {
        PRODUCTS.name: clean.product_steps(),
        INGREDIENTS.name: clean.ingredient_steps({}, {}),
        REVIEWS.name: clean.review_steps(KNOWN, None),
    }[table.name]
    return clean.kept(clean.run(table, rows, steps)[0])[columns_of(table)]


def written(table: Table, found: pd.DataFrame) -> bytes:
    empty = Tables.empty()
    tables = {one.name: empty.frame(one) for one in (PRODUCTS, INGREDIENTS, REVIEWS)}
    return Tables(**(tables | {table.name: found})).written()[table.name]


def read_again(table: Table, content: bytes) -> pd.DataFrame:
    rows = csv.DictReader(io.StringIO(content.decode(), newline=""))
    return frame(table, [{name: text.strip() for name, text in row.items()} for row in rows])


def assert_clean_stays(table: Table, rows: pd.DataFrame) -> None:
    once = written(table, cleaned(table, rows))
    assert written(table, cleaned(table, read_again(table, once))) == once


@settings(deadline=None, max_examples=60)
@given(frames(PRODUCTS))
@example(frame(PRODUCTS, [{"product_id": "p1", "brand": "새벽숲", "name": "+80ml"}]))
def test_cleaning_clean_products_changes_nothing(rows: pd.DataFrame) -> None:
    assert_clean_stays(PRODUCTS, rows)


@settings(deadline=None, max_examples=60)
@given(frames(INGREDIENTS))
def test_cleaning_clean_ingredients_changes_nothing(rows: pd.DataFrame) -> None:
    assert_clean_stays(INGREDIENTS, rows)


@settings(deadline=None, max_examples=60)
@given(frames(REVIEWS))
def test_cleaning_clean_reviews_changes_nothing_and_no_rating_leaves_the_scale(
    rows: pd.DataFrame,
) -> None:
    assert_clean_stays(REVIEWS, rows)
    assert all(1 <= rating <= 5 for rating in cleaned(REVIEWS, rows)["rating"])


@settings(deadline=None, max_examples=60)
@given(frames(PRODUCTS))
def test_no_name_is_emptied_and_ingredients_survive_being_written(rows: pd.DataFrame) -> None:
    found = cleaned(PRODUCTS, rows)
    assert all(name.strip() for name in found["name"])
    told = rows.loc[(rows["name"] != "") & (rows["product_id"] != ""), "product_id"]
    assert set(found["product_id"]) >= set(told)
    for names in found["ingredients"]:
        assert ingredient_names("|".join(names)) == ingredient_names(", ".join(names)) == names
