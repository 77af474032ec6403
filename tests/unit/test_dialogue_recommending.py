"""Three cards with true reasons; rounds that never repeat."""

from dataclasses import replace

import pytest

from bot.dialogue import evidence, texts
from bot.dialogue.model import (
    Explain,
    FeedbackGiven,
    FinishPicking,
    Rate,
    ReadingWhy,
    Recommend,
    Recommended,
    RecommendOthers,
    ShowWhy,
)
from engine.domain import Basis, Conditions, Evidence, Query, Recommendation, SkinType
from tests.chat import PRODUCTS, START, Chat, Shop, agreed, picking, recommended

TITLES = ["숲속 시카 로션", "숲속 비타 에센스", "온결 보습 크림"]


def without_picks() -> Chat:
    return picking().presses("선택 완료")


def test_the_request_carries_picks_and_profile():
    chat = recommended()
    profile = chat.dialogue.profile
    assert profile is not None
    request = chat.requests[-1]
    assert isinstance(request, Recommend)
    assert request.query == Query({1: 5.0, 2: 5.0}, profile, 3, frozenset())


def test_three_cards_come_with_their_buttons():
    chat = recommended()
    assert [card.product.title for card in chat.cards] == TITLES
    for card in chat.cards:
        labels = [button.label for row in card.rows for button in row]
        assert labels == ["자세히 보기", "왜 추천했나요?", "성분 보기", "👍", "👎"]
        assert all(b.about == card.product.title for row in card.rows for b in row)
    closing = chat.bubbles[-1]
    assert [button.label for row in closing.rows for button in row] == [
        "다른 추천",
        "비교하기",
        "가격대",
        "카테고리",
        "나와 비슷한 사람들",
        "제품 다시 고르기",
        "처음으로",
    ]


def test_the_link_button_is_absent_where_there_is_no_link():
    chat = without_picks()
    card = next(card for card in chat.cards if card.product.title == "달빛 진정 토너")
    assert "자세히 보기" not in [button.label for row in card.rows for button in row]


def test_without_picks_the_skin_type_decides_and_that_is_said():
    chat = without_picks()
    assert chat.bubbles[0].text == evidence.intro(0, SkinType.DRY, Conditions())
    assert "건성" in chat.bubbles[0].text
    assert len(chat.cards) == 3


def test_what_was_avoided_reaches_the_query():
    assert recommended().request.query.profile.avoided == ("향료",)


def test_other_recommendations_never_repeat_until_there_are_none():
    chat = without_picks()
    seen = [card.product.id for card in chat.cards]
    for _ in chat.shop.products:
        if "다른 추천" in chat.labels:
            seen += [card.product.id for card in chat.presses("다른 추천").cards]
    assert len(seen) == len({*seen})
    assert {*seen} == {each.product.id for each in _everything(chat)}
    assert chat.text == texts.NO_MORE
    assert chat.labels == ["제품 다시 고르기", "처음으로"]


def _everything(chat: Chat) -> tuple[Recommendation, ...]:
    assert chat.dialogue.profile is not None
    return chat.shop.recommend(Query(profile=chat.dialogue.profile, n=99))


def test_a_second_tap_on_others_does_nothing():
    chat = recommended()
    chat.patient = True
    chat.taps(RecommendOthers(1))
    before = chat.dialogue
    chat.taps(RecommendOthers(1))
    assert chat.dialogue == before
    assert chat.toasts == [texts.WAITING]
    chat.answered()
    assert chat.scene.turn == 2 and chat.cards
    before = chat.dialogue
    chat.taps(RecommendOthers(1))
    assert chat.dialogue == before
    assert chat.toasts == [texts.ALREADY_BELOW]


def test_a_second_tap_on_done_asks_once():
    chat = picking()
    chat.patient = True
    chat.presses("선택 완료")
    requests = list(chat.requests)
    chat.taps(FinishPicking())
    assert chat.requests == requests and chat.toasts == [texts.WAITING]
    chat.answered()
    chat.taps(FinishPicking())
    assert chat.requests == requests and chat.toasts == [texts.ALREADY_BELOW]


def test_a_late_answer_is_ignored():
    chat = recommended()
    before = chat.dialogue
    chat.late(Recommended(before.ticket, START, _everything(chat)))
    assert chat.dialogue == before and chat.last == ()


def test_an_answer_after_leaving_is_ignored():
    chat = picking()
    chat.patient = True
    chat.presses("선택 완료").says("처음으로")
    left = chat.dialogue
    chat.answered()
    assert chat.dialogue == left and chat.last == ()


def test_a_rating_is_kept_once_and_thanked_each_time():
    chat = recommended().presses("👍", about=TITLES[1])
    assert chat.toasts == [texts.THANKS]
    [given] = [fact for fact in chat.facts if isinstance(fact, FeedbackGiven)]
    assert (given.product, given.good, given.answer) == (4, True, None)
    assert chat.dialogue.rated == {4: True}
    chat.taps(Rate(4, good=True))
    assert chat.toasts == [texts.THANKS]
    assert sum(isinstance(fact, FeedbackGiven) for fact in chat.facts) == 1
    chat.taps(Rate(4, good=False))
    assert chat.dialogue.rated == {4: False}
    assert sum(isinstance(fact, FeedbackGiven) for fact in chat.facts) == 2


def test_rating_while_others_are_sought_loses_nothing():
    chat = recommended()
    chat.patient = True
    chat.presses("다른 추천").taps(Rate(4, good=True)).answered()
    assert len(chat.cards) == 3


def test_why_tells_the_evidence_and_leads_back_to_the_same_round():
    chat = recommended().presses("다른 추천")
    scene = chat.scene
    second = chat.cards[1].product
    chat.presses("왜 추천했나요?", about=second.title)
    assert isinstance(chat.requests[-1], Explain)
    assert second.title in chat.text and "취향이 비슷한" in chat.text
    assert chat.dialogue.scene == ReadingWhy(second.id, scene)
    assert not chat.bubbles[0].replaces
    chat.presses("추천으로 돌아가기")
    assert chat.dialogue.scene == scene
    assert second in [card.product for card in chat.cards]


def test_others_go_on_from_the_round_also_while_reading_why():
    chat = recommended()
    shown = {card.product.id for card in chat.cards}
    chat.taps(ShowWhy(4)).presses_above("다른 추천")
    assert chat.scene.turn == 2
    assert not shown & {card.product.id for card in chat.cards}


@pytest.mark.parametrize(
    "away",
    [
        lambda chat: chat.presses("성분 보기"),
        lambda chat: chat.presses("성분 보기").presses("정제수"),
        lambda chat: chat.presses("성분 보기").presses("제품 보기"),
        lambda chat: chat.presses("왜 추천했나요?").presses("성분 보기"),
        lambda chat: chat.says("/mydata"),
    ],
)
def test_others_go_on_from_the_round_after_reading_elsewhere(away):
    chat = recommended().presses("다른 추천").presses("다른 추천")
    before = {*chat.scene.shown, *chat.scene.before}
    away(chat).presses_above("다른 추천")
    assert chat.scene.turn == 4 and chat.scene.before
    assert not before & {card.product.id for card in chat.cards}


@pytest.mark.parametrize("further", [None, "정제수", "제품 보기"])
def test_from_a_formula_one_press_leads_back_to_the_cards(further):
    chat = recommended().presses("다른 추천")
    scene = chat.scene
    chat.presses("성분 보기")
    if further:
        chat.presses(further)
    assert chat.presses("추천으로 돌아가기").scene == scene


def test_a_product_found_without_recommendations_leads_to_no_cards():
    chat = agreed().presses("제품 찾기").says("크림").presses("달빛 수분 크림").presses("성분 보기")
    assert "추천으로 돌아가기" not in chat.labels


def test_a_question_beside_the_cards_keeps_the_round():
    chat = recommended()
    scene = chat.dialogue.scene
    chat.says("크림은 어때요?")
    assert "출처" in chat.bubbles[0].text
    assert chat.dialogue.scene == scene
    assert chat.presses("다른 추천").scene.turn == 2


def test_a_label_of_three_cards_asks_which():
    chat = recommended().says("왜 추천했나요?")
    assert chat.text == texts.WHICH_ONE
    assert chat.labels == TITLES
    assert chat.says(TITLES[2]).scene.product == 5


def test_thumbs_typed_beside_three_cards_ask_which_and_count():
    chat = recommended().says("👍🏻")
    assert chat.labels == TITLES
    assert chat.presses(TITLES[0]).dialogue.rated == {3: True}


def test_an_empty_shop_has_nothing_to_recommend_and_a_way_on():
    chat = picking(Chat(Shop(products=()))).presses("선택 완료")
    assert chat.text == texts.NOTHING_TO_RECOMMEND
    assert chat.labels == ["제품 다시 고르기", "처음으로"]


def test_the_second_round_says_that_it_is_another():
    assert recommended().presses("다른 추천").bubbles[0].text == texts.OTHERS_INTRO


def test_cards_are_drawn_again_from_state_alone():
    chat = recommended().presses("다른 추천")
    shown = [card.product for card in chat.cards]
    before = chat.dialogue.scene
    chat.redrawn()
    assert [card.product for card in chat.cards] == shown
    assert chat.dialogue.scene == before


def test_picks_alone_are_enough_for_a_recommendation():
    chat = agreed().says("/mydata").presses("내가 고른 제품").presses("제품 더 고르기")
    chat.presses("선택 완료")
    assert len(chat.cards) == 3
    assert chat.request.query == Query(n=3)


def test_an_old_done_button_without_a_profile_recommends_nothing():
    chat = agreed().taps(FinishPicking())
    assert chat.toasts == [texts.STALE] and not chat.requests


# --- reasons ------------------------------------------------------------------------------------


def reason(basis: Basis, counts: Evidence, reviews: int = 128) -> str:
    product = replace(PRODUCTS[0], reviews=reviews)
    return evidence.reason(Recommendation(product, 1.0, basis, counts))


def test_a_reason_of_taste_counts_people():
    assert reason(Basis.TASTE, Evidence(42, 31)) == (
        "취향이 비슷한 42명 중 31명이 4점 이상 줬어요."
    )


def test_a_reason_tells_of_what_share_the_gentle_ones_are():
    counts = Evidence(skin_type=SkinType.DRY, skin_reviews=1_128, gentle_share=0.817)
    product = replace(PRODUCTS[0], reviews=1_128)
    recommendation = Recommendation(product, 1.0, Basis.SKIN_TYPE, counts)
    note, whole = evidence.reason(recommendation), evidence.explanation(recommendation)
    assert "건성 피부인 분들이 리뷰를 1,128개 남긴" in note
    assert "건성 리뷰 1,128개, 자극 없음 82%" in note
    assert "자극이 있었는지 적은 분의 82%가 자극이 없었다고" in whole


def test_a_reason_names_shared_ingredients():
    assert "판테놀, 알란토인" in reason(Basis.TASTE, Evidence(9, 8, ("판테놀", "알란토인")))


@pytest.mark.parametrize("basis", list(Basis))
@pytest.mark.parametrize("neighbours", [0, 1, 3])
@pytest.mark.parametrize("skin_type", [None, SkinType.OILY])
@pytest.mark.parametrize("reviews", [0, 2])
def test_thin_evidence_is_told_honestly(basis, neighbours, skin_type, reviews):
    counts = Evidence(neighbours, admirers=0, skin_type=skin_type, skin_reviews=0)
    product = replace(PRODUCTS[0], reviews=reviews)
    recommendation = Recommendation(product, 0.0, basis, counts)
    note, explained = evidence.reason(recommendation), evidence.explanation(recommendation)
    assert note and "%" not in note and "0명" not in note and "0개" not in note
    assert "참고만" in explained


def test_all_admirers_and_a_single_one_read_naturally():
    assert "3명이 모두 4점 이상" in reason(Basis.TASTE, Evidence(3, 3))
    assert "1명이 4점 이상" in reason(Basis.TASTE, Evidence(1, 1))
