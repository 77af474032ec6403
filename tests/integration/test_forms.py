"""The forms that exports are seen in, from their files to clean rows: samples in our own words."""

import csv
import io
import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from ingest import clean, mapping, reading
from ingest.columns import INGREDIENTS, PRODUCTS, REVIEWS, TABLES, Table
from ingest.errors import InputRefused
from ingest.lexicon import Lexicon
from ingest.tables import Tables, columns_of

SAMPLES = Path(__file__).resolve().parents[1] / "samples"

Row = dict[str, str]


@dataclass
class Shop:
    """An operator's folder, and what cleaning made of the files in it."""

    folder: Path
    gone: dict[str, list[str]] = field(default_factory=dict)
    counts: list[clean.Count] = field(default_factory=list)

    def load(self, *forms: str, day: date | None = None, **files: Path) -> dict[str, list[Row]]:
        """Table name → rows as they are written; files by their tables' names."""
        chosen = mapping.opened(forms)
        reads = {
            name: reading.read(TABLES[name], path, chosen, day) for name, path in files.items()
        }
        if "reviews" in reads and "products" not in reads:
            reads["products"] = reading.distinct(reading.read(PRODUCTS, files["reviews"], chosen))
        empty = Tables.empty()
        steps = clean.ingredient_steps(chosen.separators, chosen.words)
        known = self._run(INGREDIENTS, reads, steps, empty)
        told = self._run(PRODUCTS, reads, clean.product_steps(), empty)
        products = clean.matched(told, Lexicon.of(known))
        reviews = self._run(REVIEWS, reads, clean.review_steps(products, None), empty)
        written = Tables(products, clean.completed(known, products), reviews).written()
        return {
            name: list(csv.DictReader(io.StringIO(text.decode(), newline="")))
            for name, text in written.items()
        }

    def _run(
        self,
        table: Table,
        reads: dict[str, reading.Read],
        steps: Sequence[clean.Step],
        empty: Tables,
    ) -> pd.DataFrame:
        if table.name not in reads:
            return empty.frame(table)
        read = reads[table.name]
        frame, _ = clean.run(table, read.frame, steps)
        self.counts += read.counts(table)
        gone = clean.rejected(frame)
        told = zip(gone["file"], gone["reason"], strict=True)
        broken = ((one.file, one.reason) for one in read.rejects)
        self.gone[table.name] = [f"{file}: {reason}" for file, reason in (*told, *broken)]
        return clean.kept(frame)[columns_of(table)]

    def refused(self, table: Table, path: Path, *forms: str) -> str:
        with pytest.raises(InputRefused) as refusal:
            reading.read(table, path, mapping.opened(forms))
        return str(refusal.value)

    def write(self, name: str, rows: Iterable[Sequence[str]], encoding: str = "utf-8") -> Path:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.getvalue().encode(encoding))
        return path


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def sample(name: str) -> list[list[str]]:
    with (SAMPLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def polls(shop: Shop) -> Path:
    """A file for each product, named and written in single letters as macOS does."""
    header, *rows = sample("poll")
    for title in dict.fromkeys(row[0] for row in rows):
        own = [header[1:], *(row[1:] for row in rows if row[0] == title)]
        letters = [[unicodedata.normalize("NFD", cell) for cell in row] for row in own]
        shop.write(f"polls/{unicodedata.normalize('NFD', title)}.csv", letters)
    return shop.folder / "polls"


# --- OliveYoung -----------------------------------------------------------------------------------


def oliveyoung(shop: Shop) -> dict[str, list[Row]]:
    return shop.load(
        "oliveyoung",
        products=SAMPLES / "oliveyoung_products.csv",
        reviews=SAMPLES / "oliveyoung_reviews.csv",
    )


def test_reviews_under_a_carousels_heading_find_their_product_by_its_goods_number(
    shop: Shop,
) -> None:
    found = oliveyoung(shop)
    names = {row["product_id"]: row["name"] for row in found["products"]}
    of = {row["text"][:6]: names[row["product_id"]] for row in found["reviews"]}
    assert of["세안하고 바"] == "새벽숲 이슬 토너"
    assert of["볼이 당기지"] == of["같이 산 크"] == "이슬 크림"
    assert of["저는 이틀째"] == of["끈적여서 밤"] == "초록서랍 병풀 앰플"
    assert of["하얗게 뜨지"] == "가벼운 선 젤"
    assert of["거품이 조밀"] == names["5"] == "순한 거품 클렌저"
    assert not any("어떤가요" in name for name in names.values())


def test_masked_nicknames_are_people_of_their_own_at_every_load(shop: Shop) -> None:
    found = oliveyoung(shop)["reviews"]
    masked = [row["reviewer"] for row in found if row["reviewer"].startswith("anon-")]
    assert len(masked) == len(set(masked)) == 5
    assert {row["reviewer"] for row in found} - set(masked) == {"소나기", "달무리"}
    again = oliveyoung(shop)["reviews"]
    assert [row["reviewer"] for row in again if row["reviewer"].startswith("anon-")] == masked


def test_keywords_tell_the_skin_type_and_the_last_rating_of_a_person_counts(shop: Shop) -> None:
    found = oliveyoung(shop)["reviews"]
    skin = {row["text"][:5]: row["skin_type"] for row in found}
    assert (skin["세안하고 "], skin["저는 이틀"], skin["하얗게 뜨"]) == ("지성", "복합성", "")
    showers = [row for row in found if row["reviewer"] == "소나기"]
    assert [(row["product_id"], row["rating"]) for row in showers[:1]] == [("1", "5")]
    assert any("나중에 다시" in line for line in shop.gone["reviews"])
    assert any("없는 제품" in line or "A000000" in line for line in shop.gone["reviews"])


def test_reviews_alone_bring_the_products_that_they_name(shop: Shop) -> None:
    rows = sample("oliveyoung_reviews")
    own = [rows[0], *(row for row in rows[1:] if row[0] in {"3", "4", "8"})]
    own[1][2] = "순한 거품 클렌저"
    own[3] = [*own[3][:1], own[1][1], *own[3][2:]]  # a heading at the address of a named one
    found = shop.load("oliveyoung", reviews=shop.write("reviews.csv", own))
    assert {row["name"] for row in found["products"]} == {"순한 거품 클렌저", "새벽숲 이슬 토너"}


# --- polls ----------------------------------------------------------------------------------------


def test_a_folder_of_polls_is_read_and_its_files_name_the_products(shop: Shop) -> None:
    found = shop.load("poll", reviews=polls(shop))
    names = {row["product_id"]: row["name"] for row in found["products"]}
    assert set(names.values()) == {"새벽숲 이슬 토너", "초록서랍 병풀 앰플"}
    first = next(row for row in found["reviews"] if row["text"].startswith("겉은"))
    assert first == {
        "product_id": next(key for key, name in names.items() if "토너" in name),
        "reviewer": "물결",
        "rating": "5",
        "skin_type": "",
        "effect": "보습",
        "irritation": "순해요",
        "text": "겉은 가볍고 속은 촉촉해요",
        "date": "2025-05-24",
    }
    assert not any(row["skin_type"] for row in found["reviews"])
    assert len([row for row in found["reviews"] if row["reviewer"].startswith("anon-")]) == 2
    assert any("점수 없음" in line for line in shop.gone["reviews"])


def test_of_one_persons_polls_the_newest_counts_though_it_stands_first(shop: Shop) -> None:
    found = shop.load("poll", reviews=polls(shop))["reviews"]
    dates = [row["date"] for row in found if row["reviewer"] == "물결"]
    assert dates == ["2025-05-24", "2025-04-30"]


def test_polls_join_the_products_of_a_table(shop: Shop) -> None:
    found = shop.load("poll", products=SAMPLES / "catalogue.csv", reviews=polls(shop))
    assert {row["product_id"] for row in found["reviews"]} == {"k1", "k7"}


def test_a_file_of_a_folder_that_is_no_table_is_left_out_and_told(shop: Shop) -> None:
    folder = polls(shop)
    (folder / "설명서.pdf").write_bytes(b"%PDF")
    (folder / "빈 것.csv").write_bytes(b"")
    (folder / ".DS_Store").write_bytes(b"\0")
    found = shop.load("poll", reviews=folder)
    assert len(found["products"]) == 2
    whole = "\n".join(shop.gone["reviews"])
    assert "설명서.pdf" in whole and "빈 것.csv" in whole and "DS_Store" not in whole
    (shop.folder / "bare").mkdir()
    assert "하나도 없어요" in shop.refused(REVIEWS, shop.folder / "bare")


# --- the classic nine columns ---------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["cp949", "euc-kr"])
def test_the_classic_columns_and_their_dictionary_are_read(shop: Shop, encoding: str) -> None:
    found = shop.load(
        "classic",
        reviews=shop.write("리뷰.csv", sample("classic_reviews"), encoding),
        ingredients=shop.write("성분.csv", sample("classic_ingredients"), encoding),
    )
    products = {row["name"]: row for row in found["products"]}
    assert set(products) == {"이슬 토너", "병풀 앰플", "순한 거품 클렌저", "가벼운 선 젤"}
    assert products["이슬 토너"]["category"] == "스킨케어"
    assert len(found["reviews"]) == 9
    words = {(row["skin_type"], row["effect"], row["irritation"]) for row in found["reviews"]}
    assert {("건성", "보습", "순해요"), ("복합성", "진정", "보통"), ("악건성", "", "자극")} <= words
    known = {row["name"]: row for row in found["ingredients"]}
    assert len(known) == 10
    assert known["글리세린"]["roles"] == "보습제|점도감소제|용제"
    assert known["글리세린"]["definition"].startswith("기름을")
    assert known["본블랙"]["aliases"] == "본챠콜"
    assert known["폴리(1,2-부탄다이올)-6 피이지"]["inci"] == ""


def test_ids_made_of_names_are_the_same_at_every_load(shop: Shop) -> None:
    reviews = shop.write("a.csv", sample("classic_reviews"))
    first = shop.load("classic", reviews=reviews)
    bare = [("브랜드", "상품명"), ("", "[1+1] 이슬 토너 300ml"), ("새벽숲", "새벽숲 이슬 크림")]
    second = shop.load("classic", products=shop.write("b.csv", bare), reviews=reviews)
    ids = [{row["name"]: row["product_id"] for row in load["products"]} for load in (first, second)]
    assert ids[0]["이슬 토너"] == ids[1]["이슬 토너"] != ids[1]["새벽숲 이슬 크림"]
    assert {row["product_id"] for row in second["reviews"]} == {ids[0]["이슬 토너"]}


def test_a_named_product_that_no_table_has_is_told(shop: Shop) -> None:
    products = shop.write("p.csv", [("제품번호", "제품명"), ("k1", "이슬 토너")])
    reviews = shop.write("r.csv", sample("classic_reviews"))
    found = shop.load("classic", products=products, reviews=reviews)
    assert {row["product_id"] for row in found["reviews"]} == {"k1"}
    assert any("제품 표에 없는 제품이에요: 병풀 앰플" in line for line in shop.gone["reviews"])


# --- Glowpick -------------------------------------------------------------------------------------


def test_glowpicks_words_volumes_and_dates_are_read(shop: Shop) -> None:
    found = shop.load(
        "glowpick",
        day=date(2017, 4, 30),
        products=SAMPLES / "glowpick_products.csv",
        reviews=SAMPLES / "glowpick_reviews.csv",
    )
    told = {row["product_id"]: (row["volume"], row["price"]) for row in found["products"]}
    assert told == {
        "/product/1": ("200ml", "19000"),
        "/product/2": ("18ml*4매", "12000"),
        "/product/3": ("50ml*2", "34900"),
        "/product/4": ("", "13000"),
        "/product/5": ("30ml", "28000"),
    }
    rows = {(row["reviewer"], row["product_id"][-1]): row for row in found["reviews"]}
    assert [rows[key]["rating"] for key in (("u1", "1"), ("u3", "2"), ("u4", "3"))] == list("531")
    assert rows["u1", "1"]["skin_type"] == "복합성"
    days = {key: row["date"] for key, row in rows.items()}
    assert days == {
        ("u1", "1"): "2017-02-28",
        ("u2", "1"): "2016-11-20",
        ("u3", "2"): "2017-04-27",
        ("u4", "3"): "2015-12-01",
        ("u5", "4"): "2017-04-29",
        ("u6", "5"): "2016-04-30",
        ("u7", "5"): "",
        ("u2", "5"): "",
    }
    assert [(count.step[-15:], count.changed) for count in shop.counts] == [
        ("2017-04-30부터 세기", 4)
    ]


def test_without_a_day_dates_are_counted_back_from_the_files_own(shop: Shop) -> None:
    path = shop.write("reviews.csv", sample("glowpick_reviews"))
    written = datetime(2018, 1, 10, 12).timestamp()
    os.utime(path, (written, written))
    products = SAMPLES / "glowpick_products.csv"
    found = shop.load("glowpick", products=products, reviews=path)
    assert "2018-01-07" in {row["date"] for row in found["reviews"]}
    assert "2018-01-10부터 세기" in shop.counts[-1].step


# --- catalogues -----------------------------------------------------------------------------------


def test_a_catalogues_names_and_formulas_become_the_dictionarys(shop: Shop) -> None:
    found = shop.load(
        products=SAMPLES / "catalogue.csv", ingredients=SAMPLES / "catalogue_ingredients.csv"
    )
    formulas = {row["product_id"]: row["ingredients"].split("|") for row in found["products"]}
    assert formulas == {
        "k1": ["정제수", "1,2-헥산다이올", "글리세린", "약모밀추출물"],
        "k2": ["정제수", "글리세린", "판테놀", "부틸렌글라이콜"],
        "k3": ["정제수", "글리세린", "부틸렌글라이콜", "1,2-헥산다이올"],
        "k4": ["정제수", "본블랙", "글리세린"],
        "k5": ["정제수", "글리세린", "판테놀", "본블랙"],
        "k6": ["정제수", "판테놀", "효모/흑미발효여과물"],
        "k7": ["병풀추출물", "약모밀추출물", "1,2-헥산다이올"],
        "k8": [""],
        "k9": ["정제수", "글리세린", "부틸렌글라이콜"],
        "k10": ["정제수", "글리세린", "병풀추출물"],
    }
    assert len(found["ingredients"]) == 9  # the labels named nothing that is not in it
    names = {row["product_id"]: row["name"] for row in found["products"]}
    assert (names["k1"], names["k3"]) == ("새벽숲 이슬 토너", "이슬 크림")


# --- what is not known ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "heading", "words"),
    [
        (
            REVIEWS,
            "id,tag,point,point_flag,date,txt,txt 2,txt 3,txt_inner",
            ("«product_id»(또는 «product», «url»)", "--mapping poll"),
        ),
        (
            REVIEWS,
            "user,sex,age,skin_type,rate_word,brand,product,product_url,date,review",
            ("«rating»", "--mapping glowpick"),
        ),
        (
            REVIEWS,
            "product_url,user_id,user_keywords,star,review_text",
            ("«rating»", "oliveyoung 형식과 가장 비슷한데", "«user_rating»"),
        ),
        (
            REVIEWS,
            "닉네임,제품명,카테고리,피부타입,효과,자극여부,리뷰",
            ("«rating»", "classic 형식과 가장 비슷한데", "«평점»"),
        ),
        (REVIEWS, "product_id,category,brand,product_name,product_url", ("제품 표로 보여요",)),
        (INGREDIENTS, "product_id,product_name,user_id,user_rating", ("리뷰 표로 보여요",)),
        (REVIEWS, "상품,별점수,메모", ("«rating»", "«별점수»(rating?)")),
        (PRODUCTS, "product_id,category,brand,product_url", ("«name»", "oliveyoung")),
        (PRODUCTS, "brand,product,vol_price,product_url", ("«product_id»", "glowpick")),
        (INGREDIENTS, "kcia_code,name_ko_old,inci_name,cas_kcia", ("«name»", "kcia")),
        (
            INGREDIENTS,
            "성분코드,영문명,기원 및 정의,배합목적",
            ("«name»", "classic", "«성분명»"),
        ),
        (REVIEWS, "가,나,다", ("«rating»", "있는 열은 «가»", "--mapping 파일")),
    ],
)
def test_an_unknown_file_is_told_what_was_expected_and_the_nearest_form(
    shop: Shop, table: Table, heading: str, words: tuple[str, ...]
) -> None:
    headings = heading.split(",")
    path = shop.write("export.csv", [headings, ["1"] * len(headings)])
    sentence = shop.refused(table, path)
    assert [word for word in ("export.csv 1번째 줄", *words) if word not in sentence] == []


# --- Parquet --------------------------------------------------------------------------------------


def test_parquet_is_read(shop: Shop) -> None:
    arrow = pytest.importorskip("pyarrow", reason="the extra `scale` is not installed")
    from pyarrow import parquet

    table = arrow.table(
        {
            "product_id": [7212, 7213],
            "name": ["이슬 크림", unicodedata.normalize("NFD", "이슬 토너")],
            "price": [18000.0, None],
            "ingredients": [["정제수", "1,2-헥산다이올"], None],
        }
    )
    parquet.write_table(table, shop.folder / "products.parquet")
    found = shop.load(products=shop.folder / "products.parquet")["products"]
    assert [(row["product_id"], row["name"], row["price"]) for row in found] == [
        ("7212", "이슬 크림", "18000"),
        ("7213", "이슬 토너", ""),
    ]
    assert found[0]["ingredients"] == "정제수|1,2-헥산다이올"
    (shop.folder / "torn.parquet").write_bytes(b"PAR1 not really")
    sentence = shop.refused(PRODUCTS, shop.folder / "torn.parquet")
    assert "Parquet 파일로 읽을 수 없어요" in sentence
