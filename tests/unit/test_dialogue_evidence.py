"""Counts as sentences: true, short, and honest where there is little."""

from dataclasses import replace

import pytest

from bot.dialogue import evidence, texts
from bot.dialogue.model import ShowWhy
from engine.domain import Basis, Effect, Evidence, Quote, Recommendation, SkinType
from tests.chat import PRODUCTS, recommended

DRY = Evidence(
    neighbours=42,
    admirers=31,
    skin_type=SkinType.DRY,
    skin_reviews=32,
    gentle_share=0.85,
    skin_rating=4.4,
    effects=((Effect.MOISTURE, 21), (Effect.SOOTHING, 4)),
    told=20,
    irritated=3,
    notable=("병풀추출물", "판테놀", "알란토인"),
    minded=("리모넨", "리날룰", "시트랄"),
)


def card(**changes) -> str:
    return evidence.reason(Recommendation(PRODUCTS[0], 1.0, Basis.TASTE, replace(DRY, **changes)))


def why(**changes) -> str:
    counts = replace(DRY, **changes)
    return evidence.explanation(Recommendation(PRODUCTS[0], 1.0, Basis.TASTE, counts))


def test_a_card_tells_four_short_lines():
    assert card().splitlines() == [
        "취향이 비슷한 42명 중 31명이 4점 이상 줬어요.",
        "건성 32명 중 21명이 보습 효과를 말했고, 3명은 자극을 느꼈어요.",
        "눈여겨볼 성분: 병풀추출물, 판테놀",
        "향에 예민하다면 살펴볼 성분: 리모넨, 리날룰",
    ]


def test_what_is_shared_goes_before_what_is_notable():
    assert "좋아하신 제품과 함께 든 성분: 글리세린" in card(shared=("글리세린",))
    assert "눈여겨볼" not in card(shared=("글리세린",))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"irritated": 0}, "말했고, 자극을 느꼈다는 분은 없어요."),
        ({"irritated": 0, "told": 0, "gentle_share": None}, "21명이 보습 효과를 말했어요."),
        ({"skin_reviews": 21}, "건성 21명이 모두 보습 효과를"),
        ({"skin_reviews": 1, "effects": ((Effect.SOOTHING, 1),)}, "건성 1명이 진정 효과를"),
        ({"skin_type": None}, "리뷰를 남긴 32명 중 21명이"),
        ({"effects": ()}, "건성 리뷰 32개, 자극 없음 85%"),
        ({"effects": (), "gentle_share": None}, "건성 리뷰 32개, 평균 ★ 4.4"),
    ],
)
def test_what_the_skin_type_says_follows_what_there_is(changes, said):
    assert said in card(**changes)


def test_sensitive_skin_is_told_what_to_mind_as_its_own():
    assert "민감성 피부라면 살펴볼 성분: 리모넨" in card(skin_type=SkinType.SENSITIVE)


def test_why_tells_whom_of_the_own_products_the_same_people_like():
    text = why(companions=(("달빛 진정 토너", 18), ("숲속 시카 로션", 7)))
    assert "그 가운데 18명은 «달빛 진정 토너»에도 4점 이상 줬어요." in text
    assert "그 가운데 7명은 «숲속 시카 로션»에도" in text
    alone = why(neighbours=1, admirers=1, companions=(("달빛 진정 토너", 1),))
    assert "그분은 «달빛 진정 토너»에도 4점 이상 줬어요." in alone


def test_why_quotes_reviews_as_those_of_the_skin_type():
    text = why(quotes=(Quote("당기지 않아요.", True), Quote("향이 강해요.", False)))
    assert text.endswith(
        "건성 피부인 분의 후기\n“당기지 않아요.” (4점 이상 준 분)\n“향이 강해요.” (3점 이하 준 분)"
    )
    assert "후기" not in why()


def test_why_lists_every_effect_and_ingredient():
    text = why()
    assert "보습 21명, 진정 4명 (자극을 느낀 분 3명)" in text
    assert "알란토인" in text and "시트랄" in text


def test_why_of_the_shown_card_comes_with_companions_and_quotes():
    chat = recommended()
    chat.taps(ShowWhy(chat.cards[0].product.id))
    assert "«달빛 수분 크림»에도" in chat.text and "“겨울에도 당기지 않아요.”" in chat.text


def test_facts_tell_the_price_of_ten_where_the_amount_is_known():
    product = replace(PRODUCTS[0], price=12_500, volume="100ml")
    assert texts.facts(product).startswith("12,500원 (10ml당 1,250원) · ★")
    assert "10g당 1,250원" in texts.facts(replace(product, volume="100g"))
    assert texts.facts(replace(product, volume="5매")).startswith("12,500원 · ★")
