"""What a wish for products is understood to ask, and which of them it brings up first."""

import pytest
from langchain_core.documents import Document

from engine.domain import DocumentKind, Effect, Passage
from engine.generation import wants
from engine.generation.facts import ProductFacts, review_facts
from engine.generation.product_words import Sides, Wish
from engine.generation.ranking import ranked
from engine.generation.refusal import refused
from engine.parsing.measure import Extreme, Measure, measure
from engine.parsing.opinions import opinions
from engine.retrieval.families import Families
from engine.retrieval.shelves import Shelves
from engine.retrieval.wording import ingredients_called

FAMILIES = Families(
    [
        ("녹차추출물", "녹차추출물"),
        ("그린티", "녹차추출물"),
        ("나이아신아마이드", "나이아신아마이드"),
        ("팔미토일트라이펩타이드-1", "팔미토일트라이펩타이드-1"),
        ("카퍼트라이펩타이드-1", "카퍼트라이펩타이드-1"),
        ("하이알루로닉애씨드", "하이알루로닉애씨드"),
        ("히알루론산", "하이알루로닉애씨드"),
        ("비피다발효용해물", "비피다발효용해물"),
    ]
)


# --- words for ingredients ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("펩타이드 든 거", {"팔미토일트라이펩타이드-1", "카퍼트라이펩타이드-1"}),
        ("녹차 성분 들어간 스킨", {"녹차추출물"}),
        ("히알루론토너 있어요?", {"하이알루로닉애씨드"}),
        ("나이아신이랑 잘 맞는", {"나이아신아마이드"}),
    ],
)
def test_a_part_of_a_name_calls_for_all_that_hold_it(text, family):
    assert FAMILIES.named_in(text) == [frozenset(family)]


@pytest.mark.parametrize("text", ["나이 들어서 걱정", "오일 추천", "성분 순한 토너", "크림"])
def test_a_word_that_only_begins_like_a_name_calls_for_nothing(text):
    assert FAMILIES.named_in(text) == []


def test_what_people_call_a_group_is_found_by_what_the_catalogue_calls_it():
    (line,) = ingredients_called("발효 로션")
    assert FAMILIES.of_any(line.split()) == {"비피다발효용해물"}


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("레티놀은 겁나서 다른 걸로", ("레티놀",)),
        ("레티놀 말고 판테놀 든 걸로", ("레티놀",)),
        ("향료랑 알콜 둘 다 없는 토너", ("향료", "알콜")),
        ("파라벤 없구 순한 로션", ("파라벤",)),
        ("실리콘 안 들은 로션", ("실리콘",)),
        ("판테놀 든 크림", ()),
        ("오일은 싫고 크림으로요", ()),
    ],
)
def test_what_a_wish_refuses(text, names):
    assert refused(text, ["레티놀", "판테놀", "향료"]) == names


# --- sizes and ends -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wished"),
    [
        ("젤 싼 에센스", Measure(Extreme.CHEAPEST)),
        ("가장 비싼 크림이 뭐예요", Measure(Extreme.DEAREST)),
        ("대용량 토너", Measure(Extreme.LARGEST)),
        ("여행용 로션", Measure(Extreme.SMALLEST)),
        ("300미리쯤 되는 거", Measure(size=300.0)),
        ("수분 젤 크림 추천", Measure()),
        ("싼 크림", Measure()),
    ],
)
def test_a_size_and_the_most_or_least_of_something(text, wished):
    assert measure(text) == wished


def goods(*told: tuple[str, int, str], category: str) -> list[Document]:
    """Products of (name, price, volume)."""
    return [
        Document(
            page_content=name,
            metadata={
                "kind": "product",
                "key": name,
                "title": name,
                "name": name,
                "category": category,
                "brand": "새벽숲",
                "price": price,
                "volume": volume,
            },
        )
        for name, price, volume in told
    ]


def shelf(*told: tuple[str, int, str], category: str = "미스트/오일") -> Shelves:
    return Shelves(goods(*told, category=category))


def test_the_cheapest_and_the_size_are_among_what_is_allowed():
    shelves = shelf(*((f"{n} 미스트", n * 1000, f"{n * 10}ml") for n in range(1, 10)))
    everything = shelves.offered(())
    cheapest = shelves.utmost(Extreme.CHEAPEST, everything)
    assert cheapest[0] and not cheapest[-1]
    assert shelves.utmost(Extreme.LARGEST, everything)[-1]
    assert list(shelves.sized(50.0).nonzero()[0]) == [3, 4, 5]


def test_of_a_shelf_of_two_goods_only_the_one_that_is_said_comes_up():
    shelves = shelf(("장미 미스트", 1, ""), ("장미 오일", 1, ""), ("장미수", 1, ""))
    assert list(shelves.of_category("미스트 추천")) == [True, False, True]
    assert list(shelves.of_category("오일이랑 미스트")) == [True, True, True]


def test_skin_and_toner_are_one_good():
    shelves = shelf(("장미 스킨", 1, ""), ("장미 토너", 1, ""), category="스킨/토너")
    assert list(shelves.of_category("토너 추천")) == [True, True]


@pytest.mark.parametrize("text", ["토너요", "토너인데", "토너부터", "토너로요"])
def test_a_category_is_known_under_its_endings(text):
    toner = goods(("장미 스킨", 1, ""), category="스킨/토너")
    cream = goods(("장미 크림", 1, ""), category="크림")
    assert list(Shelves([*toner, *cream]).of_category(text)) == [True, False]


def test_a_brand_that_is_refused_is_left_out():
    assert not shelf(("장미 미스트", 1, "")).of_brand("새벽숲 말고 다른 데").any()
    assert shelf(("장미 미스트", 1, "")).of_brand("새벽숲 미스트").all()


# --- how it feels -------------------------------------------------------------------------------


def test_reviews_tell_how_a_product_feels():
    texts = ["쫀쫀한데 끈적이지는 않아요."] * 3 + ["물처럼 가볍게 스며요."] * 2
    assert opinions(texts).feel == (("쫀쫀해요", 3), ("가벼워요", 2))


def test_neither_heavy_nor_light_is_no_feel():
    assert opinions(["너무 무겁지도 가볍지도 않아요."] * 2).feel == ()


def test_a_feel_is_read_back_from_the_passage():
    text = "이슬 크림 리뷰 4개, 평점 4.0점\n제형: 꾸덕해요 3개, 쫀쫀해요 2개"
    passage = Passage(DocumentKind.REVIEWS, "p1", "이슬 크림", text, 0.0)
    assert review_facts(passage).feel == {"꾸덕해요": 3, "쫀쫀해요": 2}


def test_what_is_wished_outright():
    assert wants.effects("진정 크림 추천") == (Effect.SOOTHING,)
    assert wants.feels("쫀쫀한 토너 찾아요, 끈적이는 건 싫어요") == ("쫀쫀해요", "끈적이지 않아요")


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("수분젤크림 뭐 쓸까", "빙하 수분 젤 크림", 2),
        ("쑥으로 골라 줘", "쑥 수딩 크림", 1),
        ("크림 추천", "이슬 크림", 0),
        ("밤에 쓸 크림", "시카 인텐스 밤 크림", 0),
    ],
)
def test_words_of_a_name_that_the_wish_says(text, name, words):
    assert wants.named_by(wants.words(text), name) == words


# --- the choice ---------------------------------------------------------------------------------


def case(name: str, told: str = "", price: int = 10000, formula: tuple[str, ...] = ()) -> Sides:
    source = Passage(DocumentKind.PRODUCT, name, name, name, 0.0)
    text = f"{name} 리뷰 20개, 평점 4.0점\n{told}"
    reviews = Passage(DocumentKind.REVIEWS, name, name, text, 0.0)
    facts = ProductFacts(name, "크림", price=price, rating=4.0, reviews=20)
    return Sides(facts, review_facts(reviews), source, reviews, formula)


def first(cases: list[Sides], wish: Wish) -> str:
    return ranked(cases, wish)[0].title


def test_the_one_that_feels_as_wished_leads():
    cases = [case("이슬 크림", "제형: 가벼워요 9개"), case("단풍 크림", "제형: 꾸덕해요 9개")]
    assert first(cases, Wish(feels=("꾸덕해요",))) == "단풍 크림"
    assert first(cases, Wish()) == "이슬 크림"


def test_the_one_that_is_named_so_leads():
    cases = [case("이슬 크림"), case("장미 크림")]
    assert first(cases, Wish(words=("장미향", "나는"))) == "장미 크림"


def test_the_cheapest_leads_whatever_its_rating():
    cases = [case("이슬 크림", price=9000), case("단풍 크림", price=7000)]
    assert first(cases, Wish(extreme=Extreme.CHEAPEST)) == "단풍 크림"
    assert first(cases, Wish(extreme=Extreme.DEAREST)) == "이슬 크림"


def test_the_one_most_like_the_named_one_leads():
    cases = [case("가"), case("나", formula=("병풀추출물",)), case("다"), case("라")]
    assert first(cases, Wish(like=("정제수", "병풀추출물"))) == "나"


def test_what_helps_with_a_concern_that_no_review_tells_of_leads():
    cases = [case("가"), case("나", formula=("살리실릭애씨드",))]
    assert first(cases, Wish(helps=("살리실릭애씨드", "카올린"))) == "나"
