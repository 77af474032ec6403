"""«루틴 추천»: the budget, the two bubbles, another round, and what leads back to them."""

from dataclasses import replace

import pytest

from bot.dialogue import texts
from bot.dialogue.labels import buttons
from bot.dialogue.model import (
    Bubble,
    Budgeting,
    Consult,
    Failure,
    Milestone,
    Noted,
    Plan,
    Planned,
    Planning,
    PlanOther,
    PlanWithin,
    SearchProducts,
    ShowDetails,
    ShowProduct,
)
from bot.dialogue.routines import ROUNDS_AT_MOST
from bot.memory import written
from engine.domain import Routine, SkinProfile
from tests.chat import PRODUCTS, START, Chat, Shop, agreed, picking, recommended, refused


def planned(chat: Chat | None = None, budget: str = "10만원 이하") -> Chat:
    return agreed(chat).presses("루틴 추천").presses(budget)


def test_the_menu_asks_for_the_budget_first():
    chat = agreed().presses("루틴 추천")
    assert chat.scene == Budgeting() and not chat.requests
    assert chat.labels == ["3만원 이하", "5만원 이하", "10만원 이하", "상관없어요", "처음으로"]


def test_morning_and_evening_are_a_bubble_each_and_the_buttons_stand_under_the_last():
    chat = planned()
    morning, evening = chat.bubbles
    assert morning.text.startswith(texts.MORNING) and not morning.rows
    assert evening.text.startswith(texts.EVENING)
    assert [text.count("원\n") for text in (morning.text, evening.text)] == [3, 3]
    shown = [button.action for button in buttons((evening,))][:5]
    assert shown == [ShowDetails(number) for number in (2, 4, 1, 12, 5)]
    assert chat.labels[5:] == ["다른 루틴", "예산 바꾸기", "처음으로"]


def test_the_sum_counts_each_product_once():
    chat = planned()
    prices = {one.id: one.price or 0 for one in PRODUCTS}
    total = sum(prices[one] for one in chat.scene.shown)
    assert total == 81_000
    assert f"모두 합해 {total:,}원이에요. (예산 100,000원)" in chat.text


def test_what_is_for_the_evening_says_why_and_asks_for_sunscreen_by_day():
    chat = planned()
    assert "레티놀이 들어 있어 저녁에만 발라요." in chat.text
    assert texts.SUN_BY_DAY in chat.text
    small = chat.says("4만원으로")
    assert "저녁에만" not in small.text and texts.SUN_BY_DAY not in small.text


def test_another_routine_is_never_one_of_those_before():
    chat = planned(budget="상관없어요")
    seen = [chat.scene.shown]
    for _ in range(ROUNDS_AT_MOST - 1):
        chat.presses("다른 루틴")
        assert chat.scene.shown not in seen
        seen.append(chat.scene.shown)
    chat.presses("다른 루틴")
    assert chat.text == texts.NO_MORE_ROUTINES
    assert len(written(chat.dialogue).encode()) < 8 * 1024


def test_a_second_tap_on_another_routine_does_nothing():
    chat = planned()
    old = chat.button("다른 루틴")
    chat.taps(old)
    shown, asked = chat.scene.shown, len(chat.requests)
    chat.taps(old)
    assert chat.toasts == [texts.ROUTINE_BELOW]
    assert (chat.scene.shown, len(chat.requests)) == (shown, asked)


def test_a_tap_while_one_is_sought_waits():
    chat = agreed(Chat(patient=True)).presses("루틴 추천").presses("5만원 이하")
    chat.taps(PlanWithin(50_000))
    assert chat.toasts == [texts.WAITING] and len(chat.requests) == 1
    chat.answered()
    assert chat.scene.shown


def test_a_budget_too_small_offers_the_least_sum():
    chat = planned(budget="3만원 이하")
    assert chat.text == texts.routine_too_dear(30_000, 37_500)
    assert chat.labels == ["37,500원으로 보기", "예산 바꾸기", "처음으로"]
    chat.presses("37,500원으로 보기")
    assert "모두 합해 37,500원이에요." in chat.text


@pytest.mark.parametrize(
    ("said", "budget"),
    [
        ("3만원 안에서 루틴", 30_000),
        ("5만원 이하 루틴 짜 주세요", 50_000),
        ("4만원대 루틴 추천해줘", 49_999),
        ("아무거나 루틴 추천", None),
    ],
)
def test_a_wish_with_a_budget_is_planned_at_once(said: str, budget: int | None):
    chat = agreed().says(said)
    assert isinstance(chat.request, Plan) and chat.request.budget == budget


@pytest.mark.parametrize("said", ["루틴 추천해줘", "루틴 추천", "루틴", "저녁 루틴 짜 줄래요?"])
def test_a_wish_without_a_budget_asks_for_it(said: str):
    assert agreed().says(said).scene == Budgeting()


@pytest.mark.parametrize("said", ["루틴이 뭐예요?", "레티놀 루틴은 어때요?", "4만원으로"])
def test_what_is_no_wish_for_a_routine_stays_a_question(said: str):
    assert isinstance(agreed().says(said).request, Consult)


def test_in_a_search_the_bare_word_is_a_name_and_a_sentence_is_a_wish():
    chat = picking().says("루틴")
    assert isinstance(chat.request, SearchProducts) and chat.request.text == "루틴"
    assert chat.says("루틴 추천해줘").scene == Budgeting()


@pytest.mark.parametrize("scene", ["asked", "planned"])
def test_a_typed_budget_takes_the_place_of_the_one_before(scene: str):
    chat = planned() if scene == "planned" else agreed().presses("루틴 추천")
    chat.says("4만 5천원으로")
    assert chat.request.budget == 45_000 and chat.scene.shown


def test_a_product_leads_back_to_the_round_that_stands():
    chat = planned().presses("다른 루틴")
    shown = chat.scene.shown
    chat.presses(chat.labels[0])
    assert isinstance(chat.request, ShowProduct)
    chat.presses("← 이전")
    assert chat.scene.shown == shown and len(chat.scene.before) == 1


def test_recommendations_stay_open_for_coming_back():
    chat = recommended().presses_above("처음으로").presses("루틴 추천")
    assert "추천으로 돌아가기" in chat.labels


def test_the_first_takes_the_place_of_the_question_and_later_ones_of_nothing():
    chat = planned()
    assert [reply.replaces for reply in chat.bubbles] == [True, False]
    chat.presses("다른 루틴")
    assert not any(reply.replaces for reply in chat.bubbles)


def test_picks_and_profile_are_asked_by_and_a_pick_is_in_no_routine():
    chat = recommended().says("10만원 안에서 루틴")
    assert chat.request.query.liked == {1: 5.0, 2: 5.0}
    assert chat.request.query.profile == chat.profile != SkinProfile()
    assert not {1, 2} & {*chat.scene.shown}


def test_a_stage_without_anything_is_told():
    without = Shop(tuple(one for one in PRODUCTS if one.category != "에센스"))
    assert "에센스는 맞는 제품이 없어서 뺐어요." in planned(Chat(without)).text


def test_a_shop_without_anything_says_so():
    chat = planned(Chat(Shop(())))
    assert chat.text == texts.NO_ROUTINE and chat.labels == ["예산 바꾸기", "처음으로"]


def test_a_product_without_a_price_is_told_and_left_out_of_the_sum():
    odd = tuple(replace(one, price=None) if one.id == 2 else one for one in PRODUCTS)
    chat = planned(Chat(Shop(odd)), "상관없어요")
    assert "(값을 모르는 제품 1개는 뺐어요)" in chat.text
    assert "달빛 진정 토너\n" in chat.bubbles[0].text
    priced = planned(Chat(Shop(odd)))
    assert 2 not in priced.scene.shown


def test_without_consent_there_is_none():
    chat = refused().presses("루틴 추천")
    assert chat.bubbles[0].text.startswith(texts.CONSENT_FIRST)
    for action in (PlanWithin(30_000), PlanOther(1)):
        assert refused().taps(action).toasts == [texts.STALE]
    assert refused().says("3만원 안에서 루틴").text != texts.ASK_BUDGET


def test_another_routine_without_any_is_of_a_past_screen():
    assert agreed().taps(PlanOther(1)).toasts == [texts.STALE]


def test_a_failure_is_tried_again_in_its_round():
    chat = planned()
    chat.shop = Shop(failing=Failure.UNAVAILABLE)
    chat.presses("다른 루틴")
    assert chat.labels == ["다시 시도", "처음으로"]
    chat.shop = Shop()
    chat.presses("다시 시도")
    assert len(chat.scene.before) == 1 and chat.scene.shown


def test_a_late_routine_changes_nothing():
    chat = agreed(Chat(patient=True)).presses("루틴 추천").presses("5만원 이하")
    ticket = chat.request.ticket
    chat.presses_above("처음으로")
    here = chat.dialogue
    assert chat.late(Planned(ticket, START, Routine())).dialogue == here


def test_a_routine_shown_is_counted_as_a_recommendation():
    facts = [one for one in planned().facts if isinstance(one, Noted)]
    assert facts[-1].milestone is Milestone.RECOMMENDED
    none = [one for one in planned(budget="3만원 이하").facts if isinstance(one, Noted)]
    assert all(one.milestone is not Milestone.RECOMMENDED for one in none)


def test_it_is_drawn_again_as_it_was():
    chat = planned().presses("다른 루틴")
    texts_before = [reply.text for reply in chat.bubbles]
    again = chat.redrawn()
    assert [reply.text for reply in again.last if isinstance(reply, Bubble)] == texts_before
    assert isinstance(again.scene, Planning)
