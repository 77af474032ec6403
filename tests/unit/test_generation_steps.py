"""Composed answers: to several things at once, the shop's own matters, what is better apart."""

import re

from engine.domain import DocumentKind, Passage, Question
from engine.generation import guard
from engine.generation.composed import SHOPS_OWN
from engine.generation.consult import Consultant, Consulted
from engine.recommend.cautions import conflicts
from tests.fakes import Bookshelf

CREAM = Passage(
    DocumentKind.PRODUCT,
    "p1",
    "새벽숲 이슬 수분 크림",
    "새벽숲 이슬 수분 크림 (크림)\n브랜드: 새벽숲\n가격: 18,000원\n용량: 80ml\n"
    "평점: 4.5점 (리뷰 20개)",
    score=1.0,
)
REVIEWS = Passage(
    DocumentKind.REVIEWS,
    "p1",
    "새벽숲 이슬 수분 크림",
    "새벽숲 이슬 수분 크림 리뷰 20개, 평점 4.5점\n효과: 보습 14개, 진정 4개\n"
    "칭찬: 향이 좋아요 7개, 흡수가 빨라요 3개\n아쉬움: 향이 거슬려요 2개",
)
TONER = Passage(
    DocumentKind.PRODUCT,
    "p2",
    "달빛 맑은 토너",
    "달빛 맑은 토너 (스킨/토너)\n브랜드: 달빛\n가격: 12,000원\n용량: 200ml",
    score=0.02,
)
DELIVERY = Passage(
    DocumentKind.FAQ,
    "1",
    "배송비는 얼마예요?",
    "배송비는 얼마예요?\n답변: 3,000원이에요. 섬은 더 들어요.",
)
RETINOL = Passage(
    DocumentKind.INGREDIENT, "레티놀", "레티놀", "레티놀 (Retinol)\n설명: 비타민 A예요.", 1.0
)
GLYCOLIC = Passage(
    DocumentKind.INGREDIENT,
    "글라이콜릭애씨드",
    "글라이콜릭애씨드",
    "글라이콜릭애씨드 (Glycolic Acid)\n설명: 가장 작은 AHA예요.",
    1.0,
)


async def answered(text: str, *found: Passage) -> Consulted:
    books = Bookshelf(found, (CREAM, REVIEWS, TONER, DELIVERY, RETINOL, GLYCOLIC))
    *_, last = [one async for one in Consultant(books, conflicts=conflicts).consult(Question(text))]
    assert isinstance(last, Consulted)
    return last


async def test_the_shops_own_answer_is_told_and_cited():
    done = await answered("배송비 얼마예요?", DELIVERY)
    assert done.answer.text == f"3,000원이에요 [1]. 섬은 더 들어요 [1].\n\n{SHOPS_OWN}"
    assert [source.title for source in done.answer.sources] == ["배송비는 얼마예요?"]
    assert done.keys == (None,)


async def test_of_what_the_shop_says_nothing_the_seller_is_named():
    assert (await answered("배송비 얼마예요?")).answer.text == guard.SHOP


async def test_each_thing_that_is_asked_for_is_answered():
    done = await answered("이슬 수분 크림 얼마예요? 그리고 배송비는 얼마예요?", CREAM, DELIVERY)
    assert "18,000원" in done.answer.text
    assert "3,000원이에요" in done.answer.text
    cited = [int(number) for number in re.findall(r"\[(\d+)\]", done.answer.text)]
    assert sorted(set(cited)) == [source.number for source in done.answer.sources]
    assert {source.kind for source in done.answer.sources} >= {
        DocumentKind.PRODUCT,
        DocumentKind.FAQ,
    }


async def test_what_reviews_say_of_the_scent_is_counted_on_both_sides():
    text = (await answered("이슬 수분 크림 향은 어때요?", CREAM)).answer.text
    assert "리뷰 20개 가운데 7개가 «향이 좋아요», 2개가 «향이 거슬려요»라고 했어요 [1]" in text


async def test_what_reviews_say_nothing_of_is_said_so():
    text = (await answered("이슬 수분 크림 끈적이지 않아요?", CREAM)).answer.text
    assert "자주 나온 이야기 가운데 끈적임은 없었어요" in text


async def test_ingredients_that_are_better_apart_are_told_first():
    text = (
        await answered("레티놀이랑 글라이콜릭애씨드 같이 써도 돼요?", RETINOL, GLYCOLIC)
    ).answer.text
    assert text.startswith("레티놀과 글라이콜릭애씨드는 겹쳐 바르면 자극이 커질 수 있어서")


async def test_a_group_of_ingredients_stands_for_its_members():
    text = (await answered("레티놀이랑 aha 같이 써도 돼요?", RETINOL)).answer.text
    assert text.startswith("레티놀과 AHA는 겹쳐 바르면")
