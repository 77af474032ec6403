"""A narrower wish, by buttons or typed, and the people of one's own skin type."""

import pytest

from bot.dialogue import evidence, texts
from bot.dialogue.model import (
    Consult,
    FindPeers,
    LeaveOutPerfume,
    MeetingPeers,
    Menu,
    NarrowCategory,
    NarrowingCategory,
    NarrowingPrice,
    NarrowPrice,
    Open,
    Recommend,
    Widen,
)
from engine.domain import Conditions, Peers, SkinType
from tests.chat import PRODUCTS, Chat, Shop, agreed, picking, recommended


def unavoiding(chat: Chat | None = None) -> Chat:
    """Before three cards, avoiding nothing."""
    chat = agreed(chat).presses("추천 받기").presses("20대").presses("여성").presses("건성")
    chat.presses("홍조").presses("선택 완료").presses("건너뛰기").presses("건너뛰기")
    chat.presses("이대로 저장")
    return chat.presses("달빛 수분 크림").presses("선택 완료")


def test_a_typed_wish_narrows_and_is_said():
    chat = recommended().says("2만원 이하 크림으로")
    assert isinstance(chat.request, Recommend)
    assert chat.request.query.conditions == Conditions("크림", price_to=20_000)
    assert {card.product.category for card in chat.cards} == {"크림"}
    assert all((card.product.price or 0) <= 20_000 for card in chat.cards)
    assert "크림 · 2만원 이하로 골랐어요." in chat.bubbles[0].text


def test_wishes_add_up_and_are_cleared_at_once():
    chat = recommended().says("에탄올 없는 걸로").says("크림으로")
    assert chat.request.query.conditions == Conditions("크림", without=("에탄올",))
    chat.presses("조건 지우기")
    assert chat.request.query.conditions == Conditions()
    assert "조건 지우기" not in chat.labels and len(chat.cards) == 3


def test_what_is_no_wish_stays_a_question():
    chat = recommended().says("크림은 어때요?")
    assert isinstance(chat.request, Consult)
    assert chat.scene.conditions == Conditions()


def test_a_wish_elsewhere_is_a_question():
    chat = agreed().says("2만원 이하 크림으로")
    assert isinstance(chat.request, Consult)


def test_a_price_is_chosen_by_button():
    chat = recommended().presses("가격대")
    assert chat.dialogue.scene == NarrowingPrice()
    assert chat.labels[:5] == ["1만원 미만", "1만원대", "2만원대", "3만원대", "4만원 이상"]
    chat.presses("1만원대")
    assert chat.request.query.conditions == Conditions(price_from=10_000, price_to=19_999)
    assert "1만원대로 골랐어요." in chat.bubbles[0].text
    chat.presses("가격대")
    assert "✅ 1만원대" in chat.labels and "지금 조건: 1만원대" in chat.text


def test_a_category_is_chosen_by_button_of_those_that_are_sold():
    chat = recommended().presses("카테고리")
    assert chat.dialogue.scene == NarrowingCategory()
    assert {product.category for product in PRODUCTS} <= {*chat.labels}
    chat.presses("로션")
    assert {card.product.category for card in chat.cards} == {"로션"}


def test_unscented_stands_where_it_would_change_anything():
    assert "무향만" not in recommended().labels
    chat = unavoiding().presses("무향만")
    assert chat.request.query.conditions == Conditions(without=("향료",))
    assert "향료 없이 골랐어요." in chat.bubbles[0].text
    assert "무향만" not in chat.labels


def test_other_recommendations_keep_to_the_wish_and_never_repeat():
    chat = recommended().says("1만원 이상")
    seen = [card.product.id for card in chat.cards]
    while "다른 추천" in chat.labels:
        seen += [card.product.id for card in chat.presses("다른 추천").cards]
        if chat.cards:
            assert "1만원 이상으로 골랐어요." in chat.bubbles[0].text
    assert len(seen) == len({*seen}) > 3


def test_an_old_button_of_the_round_before_the_wish_does_nothing():
    chat = recommended()
    before = chat.button("다른 추천")
    chat.says("크림으로")
    state = chat.dialogue
    assert chat.taps(before).dialogue == state
    assert chat.toasts == [texts.ALREADY_BELOW]


def test_the_same_wish_twice_asks_once():
    chat = recommended().says("크림으로")
    requests = list(chat.requests)
    chat.taps(NarrowCategory("크림"))
    assert chat.requests == requests and chat.toasts == [texts.ALREADY_BELOW]


def test_a_wish_that_nothing_meets_says_so_and_leaves_ways_on():
    chat = recommended().taps(NarrowPrice(900_000, 0))
    assert texts.NOTHING_SO_NARROW in chat.text and "90만원 이상" in chat.text
    assert chat.labels == ["조건 지우기", "가격대", "카테고리", "제품 다시 고르기", "처음으로"]
    chat.presses("가격대").presses("추천으로 돌아가기")
    assert chat.scene.conditions == Conditions(price_from=900_000)
    assert len(chat.presses("조건 지우기").cards) == 3


def test_a_name_that_no_ingredient_bears_is_told_and_is_no_condition():
    chat = recommended().says("뿅뿅 없는 크림으로")
    assert "«뿅뿅»" in chat.bubbles[0].text and "뿅뿅 없이" not in chat.bubbles[0].text
    assert chat.scene.conditions == Conditions("크림")


@pytest.mark.parametrize(
    "action", [NarrowPrice(0, 9_999), NarrowCategory("크림"), LeaveOutPerfume(), Widen()]
)
def test_without_recommendations_a_wish_is_stale(action):
    chat = agreed().taps(action)
    assert chat.toasts == [texts.STALE] and not chat.requests


@pytest.mark.parametrize("room", [Menu.PRICES, Menu.CATEGORIES])
def test_without_recommendations_an_old_list_leads_to_them(room):
    assert picking().presses("처음으로").taps(Open(room)).labels[0] == PRODUCTS[0].title


def test_conditions_are_kept_through_reading_elsewhere():
    chat = recommended().says("크림으로")
    scene = chat.scene
    chat.presses("성분 보기").presses("추천으로 돌아가기")
    assert chat.scene == scene


@pytest.mark.parametrize(
    ("bottom", "top", "said"),
    [
        (0, None, ""),
        (0, 9_999, "1만원 미만"),
        (0, 20_000, "2만원 이하"),
        (20_000, 29_999, "2만원대"),
        (40_000, None, "4만원 이상"),
        (10_000, 20_000, "1만원~2만원"),
        (15_500, None, "15,500원 이상"),
    ],
)
def test_a_price_band_is_said_shortly(bottom, top, said):
    assert evidence.price_band(bottom, top) == said


# --- peers --------------------------------------------------------------------------------------


def test_people_of_the_own_skin_type_are_met_with_counts_and_shares():
    chat = recommended().presses("나와 비슷한 사람들")
    assert chat.dialogue.profile
    assert chat.request == FindPeers(chat.request.ticket, chat.dialogue.profile)
    assert chat.dialogue.scene == MeetingPeers()
    assert "나와 비슷한 사람들 · 건성 400명" in chat.text
    assert "1. 달빛 수분 크림\n   120명(30%)이 쓰고 평균 ★ 4.5" in chat.text
    chat.presses("달빛 수분 크림").presses("← 이전")
    assert chat.dialogue.scene == MeetingPeers()
    assert len(chat.presses("추천으로 돌아가기").cards) == 3


def test_a_group_that_is_too_small_tells_nothing_of_anybody():
    chat = recommended(Chat(Shop(products=PRODUCTS[:5]))).presses("나와 비슷한 사람들")
    assert "5명이 되지 않아요" in chat.text and "★" not in chat.text
    assert chat.labels == ["추천으로 돌아가기", "제품 찾기", "처음으로"]
    assert "5명" in evidence.peers(Peers(SkinType.OILY, 3))


def test_without_a_skin_type_peers_ask_for_it():
    chat = agreed().taps(Open(Menu.PEERS))
    assert chat.text == texts.PEERS_NEED_SKIN_TYPE
    assert "설문 다시 하기" in chat.labels and not chat.requests
