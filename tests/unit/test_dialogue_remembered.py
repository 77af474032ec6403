"""«내가 고른 제품» with ratings, «최근 본 제품», and lists that wait where one left them."""

import pytest

from bot.dialogue import texts
from bot.dialogue.model import (
    RECENT_AT_MOST,
    Finding,
    Grade,
    Menu,
    NameProducts,
    Open,
    Pick,
    Picking,
    ProductLiked,
    ProductUnliked,
    ReviewingPicks,
    ShowDetails,
    ShowFormula,
    TurnTo,
    ViewingRecent,
)
from tests.chat import PRODUCTS, Chat, Shop, agreed, picking, recommended, refused

CREAM, TONER, LOTION = (product.title for product in PRODUCTS[:3])


def picks(count: int = 2) -> Chat:
    chat = picking()
    for number in range(1, count + 1):
        chat.taps(Pick(number, on=True))
    return chat.presses("내가 고른 제품")


# --- what was picked ----------------------------------------------------------------------------


def test_every_pick_stands_with_its_rating_and_a_way_out():
    chat = picks()
    assert chat.request == NameProducts(chat.request.ticket, (1, 2))
    assert f"· {CREAM}: 좋았어요" in chat.text
    labels = [[button.label for button in row] for row in chat.bubbles[-1].rows[:4]]
    grades = ["✅ 좋았어요", "보통", "별로"]
    assert labels == [[CREAM, "빼기"], grades, [TONER, "빼기"], grades]


def test_without_a_pick_there_is_no_such_button_and_an_old_one_says_so():
    assert "내가 고른 제품" not in picking().labels
    chat = agreed().taps(Open(Menu.PICKS))
    assert chat.text == texts.NO_PICKS
    assert chat.labels == ["제품 더 고르기", "처음으로"]


@pytest.mark.parametrize(("label", "stars"), [("보통", 3), ("별로", 1), ("좋았어요", 5)])
def test_a_rating_is_kept_as_a_fact_and_counts_in_the_query(label, stars):
    chat = picks().presses("보통" if stars == 5 else "좋았어요", about=TONER)
    chat.presses(label, about=TONER)
    assert isinstance(chat.fact, ProductLiked)
    assert (chat.fact.product, chat.fact.rating) == (2, float(stars))
    assert f"· {TONER}: {label}" in chat.text
    assert chat.button(f"✅ {label}", about=TONER).action == Grade(2, stars)
    chat.presses("선택 완료")
    assert dict(chat.request.query.liked) == {1: 5.0, 2: float(stars)}


def test_what_was_poor_is_never_recommended():
    chat = picks().presses("별로", about=TONER).presses("선택 완료")
    shown = {card.product.id for card in chat.cards}
    while "다른 추천" in chat.labels:
        shown |= {card.product.id for card in chat.presses("다른 추천").cards}
    assert 2 not in shown and len(shown) > 3


def test_the_same_rating_again_keeps_no_second_fact():
    chat = picks().taps(Grade(2, 1))
    facts = list(chat.facts)
    assert chat.taps(Grade(2, 1)).facts == facts


@pytest.mark.parametrize("action", [Grade(9, 5), Grade(1, 4), Grade(1, 0)])
def test_a_rating_that_fits_nothing_is_stale(action):
    chat = picks().taps(action)
    assert chat.toasts == [texts.STALE] and chat.dialogue.grades == {}


def test_a_rating_fits_only_its_own_list():
    chat = picks().presses("처음으로").taps(Grade(1, 1))
    assert chat.toasts == [texts.STALE] and chat.dialogue.grades == {}


def test_a_removed_pick_takes_its_rating_along():
    chat = picks().presses("별로", about=TONER).presses("빼기", about=TONER)
    assert chat.dialogue.picks == (1,) and chat.dialogue.grades == {}
    assert isinstance(chat.fact, ProductUnliked) and chat.fact.product == 2
    assert TONER not in chat.text
    chat.presses("빼기", about=CREAM)
    assert chat.text == texts.NO_PICKS


def test_five_picks_a_page():
    chat = picks(7)
    assert "내가 고른 제품 7개 · 1/2쪽" in chat.text
    chat.presses("다음 ▶")
    assert chat.dialogue.scene == ReviewingPicks(2)
    assert sum(label == "빼기" for label in chat.labels) == 2
    chat.presses("빼기").presses("빼기")
    assert chat.dialogue.scene == ReviewingPicks(1)


def test_a_pick_that_left_the_catalogue_can_be_taken_out_too():
    chat = picks()
    chat.shop = Shop(products=PRODUCTS[1:])
    chat.redrawn()
    assert f"· {texts.GONE_PRODUCT}: 좋았어요" in chat.text
    chat.presses("빼기", about=texts.GONE_PRODUCT)
    assert chat.dialogue.picks == (2,)


def test_picks_lead_on_to_recommendations_also_without_a_profile():
    chat = agreed().says("/mydata").presses("내가 고른 제품").presses("제품 더 고르기")
    chat.presses(CREAM).presses("내가 고른 제품").presses("선택 완료")
    assert len(chat.cards) == 3


def test_while_the_round_stands_picks_lead_back_to_its_cards():
    chat = recommended().presses("제품 다시 고르기").presses("내가 고른 제품")
    assert "추천으로 돌아가기" in chat.labels and "선택 완료" not in chat.labels
    assert "선택 완료" in chat.presses("보통", about=CREAM).labels


# --- what was seen ------------------------------------------------------------------------------


def test_cards_and_lists_that_were_opened_are_remembered_the_last_first():
    chat = agreed().taps(ShowDetails(3)).taps(ShowFormula(5)).taps(ShowDetails(1))
    chat.taps(ShowDetails(3))
    assert chat.dialogue.recent == (3, 1, 5)
    chat.presses_above("처음으로").presses("제품 찾기").presses("최근 본 제품")
    assert chat.labels[:3] == [LOTION, CREAM, PRODUCTS[4].title]
    assert "최근 본 제품 3개" in chat.text


def test_only_the_last_ten_are_remembered_five_a_page():
    chat = agreed()
    for product in PRODUCTS:
        chat.taps(ShowDetails(product.id))
    assert chat.dialogue.recent == tuple(range(13, 13 - RECENT_AT_MOST, -1))
    chat.taps(Open(Menu.RECENT)).presses("다음 ▶")
    assert chat.dialogue.scene == ViewingRecent(2) and "2/2쪽" in chat.text


def test_who_did_not_agree_leaves_no_trace():
    chat = refused().taps(ShowDetails(3))
    assert chat.dialogue.recent == ()
    assert "최근 본 제품" not in chat.presses_above("처음으로").presses("제품 찾기").labels


def test_a_product_that_is_gone_is_not_remembered():
    chat = agreed(Chat(Shop(products=PRODUCTS[1:]))).taps(ShowDetails(1))
    assert chat.dialogue.recent == ()


def test_what_was_seen_can_be_picked_from_the_picker():
    chat = picking().taps(ShowDetails(3)).taps(Open(Menu.PICK)).presses("최근 본 제품")
    assert chat.dialogue.scene == ViewingRecent(picking=True)
    chat.presses(LOTION)
    assert chat.dialogue.picks == (3,) and f"✅ {LOTION}" in chat.labels
    assert chat.presses(LOTION).dialogue.picks == ()
    assert chat.presses("제품 더 고르기").dialogue.scene == Picking()


def test_outside_the_picker_what_was_seen_opens_its_card_and_leads_back():
    chat = agreed().taps(ShowDetails(3)).taps(Open(Menu.RECENT)).presses(LOTION)
    assert chat.cards[0].product == PRODUCTS[2]
    assert chat.presses("← 이전").dialogue.scene == ViewingRecent()
    assert chat.taps(Pick(3, on=True)).toasts == [texts.STALE]


# --- leaving and coming back --------------------------------------------------------------------


def test_the_picker_waits_where_it_was_left():
    chat = picking().presses("다음 ▶").presses(PRODUCTS[5].title)
    chat.presses("처음으로").presses("추천 받기")
    assert chat.dialogue.scene == Picking(page=2)
    assert f"✅ {PRODUCTS[5].title}" in chat.labels
    chat.says("달빛").says("처음으로").presses("추천 받기")
    assert chat.dialogue.scene == Picking("달빛")
    assert chat.presses("전체 보기").dialogue.scene == Picking()


def test_a_search_waits_where_it_was_left_and_another_begins_anew():
    chat = agreed().presses("제품 찾기").presses("전체 보기").taps(TurnTo(3))
    chat.says("처음으로").presses("제품 찾기")
    assert chat.dialogue.scene == Finding("", 3)
    assert chat.presses("다른 제품 찾기").text == texts.ASK_PRODUCT


def test_the_cards_wait_while_nothing_changed_that_they_stand_on():
    chat = recommended().presses("다른 추천")
    scene, shown = chat.scene, chat.cards
    chat.presses("처음으로").presses("추천 받기").presses("선택 완료")
    assert chat.scene == scene and chat.cards == shown
    before = {*scene.shown, *scene.before}
    chat.presses("다른 추천")
    assert not before & {card.product.id for card in chat.cards}
