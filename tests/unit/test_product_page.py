"""Shop pages in schema.org's words. All texts are our own."""

import json
from typing import Any

import pytest

from ingest.sources.fetching import Fetched
from ingest.sources.product_page import Missing, Page, parsed

PLACE = "https://shop.example/goods/7"
CREAM: dict[str, Any] = {
    "@type": "Product",
    "name": "이슬 크림 50ml",
    "sku": "A-7",
    "brand": {"@type": "Brand", "name": "새벽숲"},
    "offers": {"@type": "Offer", "price": "19000", "priceCurrency": "KRW"},
}
TABLE = """<table><tr><th>내용물의 용량 또는 중량</th><td>50 mL</td></tr>
<tr><th>화장품법에 따라 기재해야 하는 모든 성분</th><td>정제수, 1,2-헥산다이올,
 글리세린</td></tr></table>"""


def fetched(body: str, url: str = PLACE) -> Fetched:
    return Fetched(url, 200, "text/html; charset=utf-8", body.encode())


def linked(*told: object, head: str = "", body: str = "") -> str:
    scripts = "".join(
        f'<script type="application/ld+json">{json.dumps(one, ensure_ascii=False)}</script>'
        for one in told
    )
    return f"<html><head>{head}{scripts}</head><body>{body}</body></html>"


def page(*told: object, head: str = "", body: str = "", url: str = PLACE) -> Page:
    found = parsed(fetched(linked(*told, head=head, body=body), url))
    assert isinstance(found, Page), found
    return found


def product(*told: object, head: str = "", body: str = "", url: str = PLACE) -> dict[str, str]:
    return page(*told, head=head, body=body, url=url).product


def missing(*told: object) -> str:
    found = parsed(fetched(linked(*told)))
    assert isinstance(found, Missing)
    assert found.address == PLACE
    assert PLACE in found.why
    return found.why


def test_a_product_is_read_from_json_ld():
    told = CREAM | {
        "image": ["/p/7.jpg", "/p/8.jpg"],
        "category": "뷰티 > 스킨케어 > 크림",
        "aggregateRating": {"ratingValue": 9, "bestRating": 10, "worstRating": 0, "ratingCount": 3},
    }
    row = product(told, body=TABLE)
    assert row == {
        "product_id": "A-7",
        "brand": "새벽숲",
        "name": "이슬 크림 50ml",
        "category": "크림",
        "price": "19000",
        "volume": "50mL",
        "ingredients": "정제수, 1,2-헥산다이올, 글리세린",
        "picture": "https://shop.example/p/7.jpg",
        "url": PLACE,
        "on_sale": "",
        "rating": "4.6",
        "ratings": "3",
    }


def test_microdata_says_the_same_as_json_ld():
    body = """<div itemscope itemtype="https://schema.org/Product"><h1 itemprop="name">이슬 크림
    50ml</h1><meta itemprop="sku" content="A-7"><span itemprop="brand">새벽숲</span>
    <div itemprop="offers" itemscope itemtype="https://schema.org/Offer">
    <meta itemprop="price" content="19000"><meta itemprop="priceCurrency" content="KRW">
    <link itemprop="availability" href="https://schema.org/OutOfStock"></div>
    <div itemprop="review" itemscope itemtype="https://schema.org/Review">
    <span itemprop="author">가나</span><div itemprop="reviewRating" itemscope
    itemtype="https://schema.org/Rating"><meta itemprop="ratingValue" content="4"></div>
    <p itemprop="reviewBody">촉촉해요</p></div></div>"""
    found = page(body=body)
    assert found.product["on_sale"] == "false"
    assert found.product | {"on_sale": ""} == product(CREAM)
    assert [(one["reviewer"], one["rating"], one["text"]) for one in found.reviews] == [
        ("가나", "4", "촉촉해요")
    ]


@pytest.mark.parametrize(
    "told",
    [
        {"@context": "https://schema.org", "@graph": [{"@type": "WebSite"}, CREAM]},
        [{"@type": "Organization", "name": "가게"}, CREAM],
        {"@type": "WebPage", "mainEntity": CREAM},
        CREAM | {"@type": ["Thing", "https://schema.org/Product"]},
        {"@graph": [CREAM | {"brand": {"@id": "#b"}}, {"@id": "#b", "name": "새벽숲"}]},
    ],
)
def test_a_product_is_found_wherever_it_stands(told: object):
    assert product(told) == product(CREAM)


def test_a_broken_script_does_not_hide_the_others():
    broken = '<script type="application/ld+json">{"@type": "Product", "name": </script>'
    assert product(CREAM, head=broken)["name"] == "이슬 크림 50ml"


def test_comments_and_newlines_in_json_are_read():
    script = f"""<script type="application/ld+json">/* ours */
    {json.dumps(CREAM, ensure_ascii=False)[:-1]}, // and more
    "description": "두
줄"}}</script>"""
    assert product(head=script)["name"] == "이슬 크림 50ml"


def test_references_in_a_circle_end():
    round_about = {"@id": "#p", "isPartOf": {"@id": "#w"}} | CREAM
    assert product({"@graph": [round_about, {"@id": "#w", "mainEntity": {"@id": "#p"}}]})


def test_a_page_without_a_product_is_told_with_its_address():
    assert "Product가 없어요" in missing({"@type": "Article", "name": "글"})
    assert "Product가 없어요" in missing()


def test_a_list_of_products_is_the_page_of_none():
    others = [CREAM | {"name": f"크림 {n}", "sku": str(n)} for n in range(3)]
    assert "여럿" in missing(others)
    listing = {"@type": "ItemList", "itemListElement": [{"item": one} for one in others]}
    assert "Product가 없어요" in missing(listing)


def test_among_several_the_one_of_this_address_counts():
    others = [CREAM | {"name": f"크림 {n}", "url": f"/goods/{n}"} for n in (7, 8)]
    assert product(others)["name"] == "크림 7"
    beside = CREAM | {"isRelatedTo": [CREAM | {"name": "다른 크림"}]}
    assert product(beside)["name"] == "이슬 크림 50ml"


@pytest.mark.parametrize(
    ("offers", "price"),
    [
        ({"price": 19000.0, "priceCurrency": "KRW"}, "19000"),
        ({"price": "19,000", "priceCurrency": "krw"}, "19000"),
        ({"price": "19,000원"}, "19000"),
        ({"@type": "AggregateOffer", "lowPrice": "9000", "priceCurrency": "KRW"}, "9000"),
        ([{"price": p, "priceCurrency": "KRW"} for p in (9000, 8000)], "8000"),
        (
            {
                "priceSpecification": [
                    {
                        "price": 30000,
                        "priceCurrency": "KRW",
                        "priceType": "https://schema.org/ListPrice",
                    },
                    {"price": 5000, "priceCurrency": "KRW", "referenceQuantity": {"value": 100}},
                    {"price": 19000, "priceCurrency": "KRW"},
                ]
            },
            "19000",
        ),
        ({"price": 0, "priceCurrency": "KRW"}, ""),
        ({}, ""),
    ],
)
def test_the_price_is_what_one_pays_in_won(offers: object, price: str):
    found = page(CREAM | {"offers": offers})
    assert (found.product["price"], found.currency) == (price, "")


@pytest.mark.parametrize(("told", "currency"), [("USD", "USD"), ("", "?")])
def test_a_price_in_another_currency_is_left_empty_and_told(told: str, currency: str):
    found = page(CREAM | {"offers": {"price": "19.00", "priceCurrency": told}})
    assert (found.product["price"], found.currency) == ("", currency)


@pytest.mark.parametrize(
    ("states", "on_sale"),
    [
        (["https://schema.org/InStock"], "true"),
        (["SoldOut"], "false"),
        (["http://schema.org/Discontinued", "OutOfStock"], "false"),
        (["OutOfStock", "InStock"], "true"),
        (["PreOrder"], "true"),
        ([], ""),
    ],
)
def test_a_product_is_on_sale_where_one_offer_is(states: list[str], on_sale: str):
    offers = [{"price": 1000, "priceCurrency": "KRW", "availability": state} for state in states]
    assert product(CREAM | {"offers": offers})["on_sale"] == on_sale


@pytest.mark.parametrize(
    "body",
    [
        "<dl><dt>전성분</dt><dd>정제수, 글리세린</dd></dl>",
        "<table><tr><td>전 성분</td><td>정제수,\n글리세린</td></tr></table>",
        "<table><tr><th>용량</th><td>50ml</td><th>모든 성분</th><td>정제수, 글리세린</td></table>",
    ],
)
def test_ingredients_are_read_from_the_table_of_disclosures(body: str):
    assert product(CREAM, body=body)["ingredients"] == "정제수, 글리세린"


def test_a_property_counts_before_the_table_and_a_note_to_look_elsewhere_for_nothing():
    told = [{"@type": "PropertyValue", "name": "전성분", "value": "정제수, 판테놀"}]
    assert product(CREAM | {"additionalProperty": told}, body=TABLE)["ingredients"] == (
        "정제수, 판테놀"
    )
    told[0]["value"] = "상세페이지 참조"
    assert "헥산다이올" in product(CREAM | {"additionalProperty": told}, body=TABLE)["ingredients"]
    assert (
        product(
            CREAM,
            body=TABLE.replace("정제수", "상품 상세설명 참고").replace(
                ", 1,2-헥산다이올,\n 글리세린", ""
            ),
        )["ingredients"]
        == ""
    )


def test_the_contents_are_the_size_and_not_the_parcels_weight():
    sized = CREAM | {"size": {"value": 50, "unitCode": "MLT"}, "weight": "0.3 kg"}
    assert product(sized)["volume"] == "50ml"


def test_an_id_is_the_shops_own_or_holds_still():
    bare = {key: value for key, value in CREAM.items() if key != "sku"}
    assert product(bare | {"gtin13": 8801234567890})["product_id"] == "8801234567890"
    first = product(bare, url=f"{PLACE}?no=1&utm_source=mail#top")
    again = product(bare, url=f"{PLACE}?no=1")
    assert first["product_id"] == again["product_id"] != product(bare)["product_id"]
    assert first["url"] == f"{PLACE}?no=1"


def test_the_canonical_address_is_taken_from_the_pages_own_host_alone():
    own = '<link rel="canonical" href="/goods/seven">'
    other = '<link rel="canonical" href="https://evil.example/">'
    assert product(CREAM, head=own)["url"] == "https://shop.example/goods/seven"
    assert product(CREAM, head=other)["url"] == PLACE


@pytest.mark.parametrize(
    ("rating", "stars"),
    [
        ({"ratingValue": "5"}, "5"),
        ({"ratingValue": "4,5"}, "4.5"),
        ({"ratingValue": 10, "bestRating": 10}, "5"),
        ({"ratingValue": 1, "bestRating": 10}, "1"),
        ({"ratingValue": 50, "bestRating": 100, "worstRating": 0}, "3"),
        ({"ratingValue": 0, "worstRating": 0}, "1"),
        (4, "4"),
    ],
)
def test_a_review_is_rated_from_1_to_5_whatever_its_scale(rating: object, stars: str):
    found = page(CREAM | {"review": {"reviewRating": rating, "reviewBody": "글"}})
    assert [one["rating"] for one in found.reviews] == [stars]


@pytest.mark.parametrize(
    "rating",
    [
        None,
        {},
        {"ratingValue": "좋음"},
        {"ratingValue": 6},
        {"ratingValue": "nan"},
        {"ratingValue": 3, "bestRating": 1},
    ],
)
def test_a_review_whose_rating_cannot_be_read_is_left_out_and_counted(rating: object):
    found = page(CREAM | {"review": [{"reviewRating": rating}, {"reviewRating": 5}]})
    assert ([one["rating"] for one in found.reviews], found.unrated) == (["5"], 1)


def test_reviews_beside_the_product_are_its_own_and_said_once():
    one = {
        "@type": "Review",
        "author": {"name": "다라"},
        "reviewRating": {"ratingValue": 4},
        "reviewBody": "순해요",
        "datePublished": "2026-05-24T10:00:00+09:00",
    }
    beside = one | {"itemReviewed": {"@type": "Product", "name": "이슬 크림 50ml"}}
    strange = one | {"itemReviewed": {"name": "다른 크림"}, "reviewBody": "달라요"}
    found = page(CREAM | {"review": [one]}, beside, strange)
    assert [(r["text"], r["date"]) for r in found.reviews] == [("순해요", "2026-05-24")]


def test_personal_data_in_reviews_is_masked():
    told = {"reviewRating": 5, "reviewBody": "010-1234-5678로 연락", "author": "me@shop.example"}
    (one,) = page(CREAM | {"review": told}).reviews
    assert "1234" not in one["text"]
    assert "@" not in one["reviewer"]


def test_markup_in_texts_is_taken_off():
    assert product(CREAM | {"name": "이슬 &amp; <b>크림</b>"})["name"] == "이슬 & 크림"


def test_what_is_no_page_is_told():
    found = parsed(Fetched(PLACE, 200, "image/png", b"\x89PNG"))
    assert isinstance(found, Missing)
    assert "image/png" in found.why


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\x00",
        "<",
        "<script type='application/ld+json'>[[[[",
        '<script type="application/ld+json">' + "[" * 5000 + "</script>",
        '<script type="application/ld+json">' + '{"a":' * 900 + "1" + "}" * 900 + "</script>",
    ],
)
def test_hostile_pages_end_as_pages_without_a_product(body: str):
    assert isinstance(parsed(fetched(body)), Missing)
