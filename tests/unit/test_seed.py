"""The seed is whole, coherent, and made again from its source bit for bit."""

import csv
import importlib
import io
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest

from engine.domain import Effect, Irritation, SkinType
from engine.parsing.ingredients import ingredient_names
from engine.parsing.korean import squeeze
from engine.parsing.names import product_name

SEED = Path(__file__).resolve().parents[2] / "data" / "seed"
SCRIPTS = ("make", "wording", "shoppers", "phrases", "label", "drawing")
SOURNESS = {"글라이콜릭애씨드", "락틱애씨드", "살리실릭애씨드", "만델릭애씨드", "에탄올", "향료"}
SCENTS = {"향료", "리모넨", "리날룰", "라벤더오일", "티트리잎오일"}

Row = dict[str, str]
Script = Callable[[str], ModuleType]


def table(name: str) -> list[Row]:
    with (SEED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def script() -> Iterator[Script]:
    """The seed's scripts, importable as they are when `make.py` runs."""
    before = list(sys.path)
    sys.path.insert(0, str(SEED))
    yield importlib.import_module
    sys.path[:] = before
    for name in SCRIPTS:
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def products() -> dict[str, Row]:
    return {row["product_id"]: row for row in table("products.csv")}


@pytest.fixture(scope="module")
def reviews() -> list[Row]:
    return table("reviews.csv")


def label(product: Row) -> list[str]:
    return product["ingredients"].split(", ")


# --- products --------------------------------------------------------------------------------


def test_the_five_categories_are_evenly_filled(products: dict[str, Row]):
    assert len(products) == len(table("products.csv")) >= 120
    sizes = Counter(row["category"] for row in products.values())
    assert set(sizes) == {"로션", "미스트/오일", "스킨/토너", "에센스", "크림"}
    assert max(sizes.values()) - min(sizes.values()) <= 3


def test_there_are_at_least_twelve_brands(products: dict[str, Row]):
    assert len({row["brand"] for row in products.values()}) >= 12


def test_names_are_unique_and_ingest_leaves_them_alone(products: dict[str, Row]):
    names = [row["name"] for row in products.values()]
    assert len(set(names)) == len(names)
    for row in products.values():
        assert row["brand"] not in row["name"]
        assert product_name(row["name"], row["brand"]) == row["name"]


def test_prices_volumes_and_sale_are_plausible(products: dict[str, Row]):
    for row in products.values():
        assert 6000 <= int(row["price"]) <= 68000
        assert int(row["price"]) % 100 == 0
        assert re.fullmatch(r"\d+ml", row["volume"])
    assert Counter(row["on_sale"] for row in products.values())["false"] in (3, 4)
    assert {row["on_sale"] for row in products.values()} == {"true", "false"}


def test_every_ingredient_is_in_the_dictionary(products: dict[str, Row]):
    known = {row["name"] for row in table("ingredients.csv")}
    for row in products.values():
        names = label(row)
        assert set(names) <= known, row["name"]
        assert 15 <= len(names) == len(set(names)) <= 35, row["name"]


def test_labels_come_through_ingest_in_their_order(products: dict[str, Row]):
    for row in products.values():
        assert list(ingredient_names(row["ingredients"])) == label(row)


def test_no_two_products_have_the_same_label(products: dict[str, Row]):
    assert len({row["ingredients"] for row in products.values()}) == len(products)


@pytest.mark.parametrize(
    ("word", "ingredient"),
    [
        ("레티놀", "레티놀"),
        ("레티날", "레틴알"),
        ("바쿠치올", "바쿠치올"),
        ("판테놀", "판테놀"),
        ("병풀", "병풀추출물"),
        ("시카", "병풀추출물"),
        ("어성초", "약모밀추출물"),
        ("세라", "세라마이드엔피"),
        ("히알루", "소듐하이알루로네이트"),
        ("나이아신", "나이아신아마이드"),
        ("바하", "살리실릭애씨드"),
        ("파하", "글루코노락톤"),
        ("콜라겐", "하이드롤라이즈드콜라겐"),
        ("홍삼", "홍삼추출물"),
        ("동백", "동백나무씨오일"),
        ("시어", "시어버터"),
    ],
)
def test_what_the_name_promises_is_in_the_label(
    products: dict[str, Row], word: str, ingredient: str
):
    named = [row for row in products.values() if word in row["name"]]
    assert named
    for row in named:
        assert ingredient in label(row), row["name"]


def test_unscented_products_hold_no_scent(products: dict[str, Row]):
    unscented = [row for row in products.values() if "무향" in row["name"]]
    assert unscented
    for row in unscented:
        assert not SCENTS & set(label(row)), row["name"]


def test_oils_hold_no_water_and_all_else_does(products: dict[str, Row]):
    for row in products.values():
        assert ("정제수" in label(row)) != row["name"].endswith("오일"), row["name"]


def test_each_product_has_its_own_small_picture(products: dict[str, Row]):
    wanted = {row["picture"] for row in products.values()}
    assert {f"pictures/{path.name}" for path in (SEED / "pictures").iterdir()} == wanted
    assert len(wanted) == len(products)
    for name in wanted:
        data = (SEED / name).read_bytes()
        size = (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))
        assert data.startswith(b"\x89PNG")
        assert size == (400, 400)
        assert len(data) < 12_000


def test_a_picture_is_drawn_the_same_twice_and_differs_between_products(script: Script):
    pytest.importorskip("PIL")
    items = script("label").read_items((SEED / "products.csv").read_text(encoding="utf-8"))
    draw = script("drawing").make_picture
    assert draw(items[0]) == draw(items[0]) != draw(items[-1])


# --- reviews ---------------------------------------------------------------------------------


def test_reviews_are_made_again_bit_for_bit(script: Script):
    source = (SEED / "products.csv").read_text(encoding="utf-8")
    assert script("make").make_reviews(source).encode() == (SEED / "reviews.csv").read_bytes()


def test_eight_hundred_people_wrote_four_thousand_reviews(reviews: list[Row]):
    baskets = Counter(row["reviewer"] for row in reviews)
    assert len(reviews) >= 4000
    assert len(baskets) == 800
    assert max(baskets.values()) <= 25
    assert sorted(baskets.values())[400] in (3, 4)


def test_a_person_reviews_a_product_once_and_has_one_skin_type(reviews: list[Row]):
    pairs = Counter((row["reviewer"], row["product_id"]) for row in reviews)
    assert set(pairs.values()) == {1}
    skins = defaultdict(set)
    for row in reviews:
        skins[row["reviewer"]].add(row["skin_type"])
    assert {len(types) for types in skins.values()} == {1}


def test_every_value_is_of_the_vocabulary(products: dict[str, Row], reviews: list[Row]):
    assert {row["product_id"] for row in reviews} == set(products)
    assert {row["rating"] for row in reviews} == set("12345")
    assert {row["skin_type"] for row in reviews} == {skin.value for skin in SkinType}
    assert {row["effect"] for row in reviews} == {"", *(effect.value for effect in Effect)}
    assert {row["irritation"] for row in reviews} == {"", *(felt.value for felt in Irritation)}


def test_no_text_is_repeated_even_without_blanks_and_punctuation(reviews: list[Row]):
    texts = {squeeze(row["text"]) for row in reviews}
    assert len(texts) == len(reviews)
    assert all(texts)


def test_reviews_name_only_ingredients_that_the_product_holds(
    script: Script, products: dict[str, Row], reviews: list[Row]
):
    spoken, aromas = script("wording").spoken, script("phrases").AROMAS
    held = {
        key: {spoken(name) for name in label(row)} | {aromas.get(name, "") for name in label(row)}
        for key, row in products.items()
    }
    names = {name for names in held.values() for name in names if len(name) > 1} - {"향료"}
    longest_first = sorted(names, key=len, reverse=True)
    any_name = re.compile("|".join(map(re.escape, longest_first)))
    said = 0
    for row in reviews:
        found = any_name.findall(row["text"].replace(products[row["product_id"]]["name"], ""))
        assert set(found) <= held[row["product_id"]], row["text"]
        said += len(found)
    assert said > 500


def test_words_do_not_contradict_the_row(products: dict[str, Row], reviews: list[Row]):
    for row in reviews:
        text, scented = row["text"], SCENTS & set(label(products[row["product_id"]]))
        if re.search("따갑지 않고 순해|자극이 하나도 없", text):
            assert row["irritation"] == "순해요", row
        if re.search("쓰자마자 따가웠|씻어 냈|달아올", text):
            assert row["irritation"] == "자극", row
        if "붉은 기가 가라앉" in text:
            assert row["effect"] == "진정", row
        if "향료가 없" in text or "향료가 안" in text:
            assert not scented, row
        if re.search("또 살 거|하나 더 주문", text):
            assert row["rating"] == "5", row
        if re.search("버렸어|돈이 아까", text):
            assert row["rating"] == "1", row
        for skin in SkinType:
            assert f"{skin.value} 피부" not in text or row["skin_type"].endswith(skin.value), row


@pytest.mark.parametrize(
    ("word", "kind", "said"),
    [
        ("크림", "은", "크림은"),
        ("토너", "은", "토너는"),
        ("오일", "을", "오일을"),
        ("쌀겨", "과", "쌀겨와"),
        ("앰플", "이에요", "앰플이에요"),
        ("토너", "이에요", "토너예요"),
        ("아세틸헥사펩타이드-8", "이", "아세틸헥사펩타이드-8이"),
        ("비타민C", "이", "비타민C가"),
    ],
)
def test_particles_follow_the_final_consonant(script: Script, word: str, kind: str, said: str):
    assert script("wording").particle(word, kind) == said


# --- taste -----------------------------------------------------------------------------------


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def test_sensitive_skin_is_irritated_more_and_by_irritants(
    products: dict[str, Row], reviews: list[Row]
):
    def share(skin: SkinType, sour: bool) -> float:
        return mean(
            [
                row["irritation"] == "자극"
                for row in reviews
                if row["skin_type"] == skin
                and bool(SOURNESS & set(label(products[row["product_id"]]))) == sour
            ]
        )

    assert share(SkinType.SENSITIVE, sour=True) > 2 * share(SkinType.SENSITIVE, sour=False)
    assert share(SkinType.SENSITIVE, sour=True) > 2 * share(SkinType.OILY, sour=True)


def test_who_was_irritated_rates_lower(reviews: list[Row]):
    by_felt = defaultdict(list)
    for row in reviews:
        by_felt[row["irritation"]].append(float(row["rating"]))
    assert mean(by_felt["자극"]) < mean(by_felt["순해요"]) - 0.8


def test_skin_types_buy_different_products(products: dict[str, Row], reviews: list[Row]):
    def share(skin: SkinType, ingredient: str) -> float:
        bought = [products[row["product_id"]] for row in reviews if row["skin_type"] == skin]
        return mean([ingredient in label(product) for product in bought])

    assert share(SkinType.VERY_DRY, "세라마이드엔피") > 2 * share(SkinType.OILY, "세라마이드엔피")
    assert share(SkinType.OILY, "살리실릭애씨드") > 2 * share(SkinType.DRY, "살리실릭애씨드")
    assert share(SkinType.SENSITIVE, "마데카소사이드") > share(SkinType.DRY, "마데카소사이드")


def test_what_one_person_buys_is_alike(script: Script, reviews: list[Row]):
    """Two products of one basket share leading groups more than two of different baskets."""
    text = (SEED / "products.csv").read_text(encoding="utf-8")
    groups = {item.id: item.groups for item in script("label").read_items(text)}

    def alike(one: str, other: str) -> float:
        both = (min(share, groups[other][group]) for group, share in groups[one].items())
        return float(sum(both))

    same: list[float] = []
    apart: list[float] = []
    for row, following in pairwise(reviews):
        kind = same if row["reviewer"] == following["reviewer"] else apart
        kind.append(alike(row["product_id"], following["product_id"]))
    assert mean(same) > 1.25 * mean(apart)


def test_the_header_is_the_canonical_form():
    for name, columns in (
        (
            "products.csv",
            "product_id,brand,name,category,price,volume,ingredients,picture,url,on_sale",
        ),
        ("reviews.csv", "product_id,reviewer,rating,skin_type,effect,irritation,text"),
    ):
        first = io.StringIO((SEED / name).read_text(encoding="utf-8")).readline().strip()
        assert first == columns
