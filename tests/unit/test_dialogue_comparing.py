"""Two or three products side by side."""

from dataclasses import replace

import pytest

from bot.dialogue import evidence, texts
from bot.dialogue.model import (
    Compare,
    Comparing,
    Failure,
    LaySideBySide,
    Menu,
    Open,
    ShowDetails,
    Weigh,
    Weighing,
)
from engine.domain import Comparison, Effect, Evidence, SkinType
from tests.chat import PRODUCTS, Chat, Shop, agreed, recommended

TITLES = [product.title for product in PRODUCTS]


def test_the_three_shown_are_laid_side_by_side_at_one_press():
    chat = recommended().presses("비교하기")
    assert chat.dialogue.profile
    assert chat.request == Compare(chat.request.ticket, (3, 4, 5), chat.dialogue.profile)
    assert chat.dialogue.scene == Comparing((3, 4, 5))
    assert [label for label in chat.labels if label in TITLES] == TITLES[2:5]
    for title in TITLES[2:5]:
        assert title in chat.text
    assert "함께 든 성분: 판테놀" in chat.text


def test_from_the_comparison_one_press_leads_back_and_a_product_and_back():
    chat = recommended()
    scene = chat.scene
    chat.presses("비교하기").presses(TITLES[3])
    assert chat.cards[0].product.id == 4
    assert chat.presses("← 이전").dialogue.scene == Comparing((3, 4, 5))
    assert chat.presses("추천으로 돌아가기").scene == scene


def test_one_card_alone_has_nothing_beside_it():
    chat = recommended(Chat(Shop(products=PRODUCTS[:3])))
    assert len(chat.cards) == 1 and "비교하기" not in chat.labels


def test_what_is_shown_picked_and_seen_can_be_chosen():
    chat = recommended().taps(ShowDetails(9)).taps(Open(Menu.COMPARE))
    assert "비교할 수 있는 제품 6개 · 1/2쪽" in chat.text
    everything = [label for label in chat.labels if label in TITLES]
    everything += [label for label in chat.presses("다음 ▶").labels if label in TITLES]
    assert {*everything} == {TITLES[number - 1] for number in (3, 4, 5, 1, 2, 9)}


def test_two_are_chosen_and_laid_out():
    chat = recommended().taps(Open(Menu.COMPARE)).presses(TITLES[2])
    assert "비교하기" not in chat.labels and "1개 골랐어요" in chat.text
    chat.presses(TITLES[4]).presses("비교하기")
    assert chat.dialogue.scene == Comparing((3, 5))
    assert chat.text.startswith("두 제품")


def test_a_choice_is_set_and_taken_back_never_toggled():
    chat = recommended().taps(Open(Menu.COMPARE)).taps(Weigh(3, on=True)).taps(Weigh(3, on=True))
    assert chat.dialogue.scene == Weighing((3,))
    chat.taps(Weigh(3, on=False)).taps(Weigh(3, on=False))
    assert chat.dialogue.scene == Weighing()


def test_a_fourth_is_declined_kindly():
    chat = recommended().presses("비교하기").presses("다른 제품과 비교")
    assert chat.dialogue.scene == Weighing((3, 4, 5))
    chat.taps(Weigh(1, on=True))
    assert chat.toasts == [texts.COMPARED_FULL]
    assert chat.dialogue.scene == Weighing((3, 4, 5))


def test_with_too_little_to_compare_the_way_on_is_finding():
    chat = agreed().taps(Open(Menu.COMPARE))
    assert chat.text == texts.NOTHING_TO_COMPARE
    assert chat.labels == ["제품 찾기", "처음으로"]


@pytest.mark.parametrize("action", [LaySideBySide(3, 3, 3), LaySideBySide(0, 3), Weigh(12, True)])
def test_a_press_that_fits_nothing_is_stale(action):
    chat = recommended().taps(action)
    assert chat.toasts == [texts.STALE]


def test_products_that_left_say_so():
    chat = recommended()
    chat.shop = Shop(products=PRODUCTS[:2])
    chat.presses("비교하기")
    assert chat.text == texts.FAILURES[Failure.PRODUCT_GONE]
    assert chat.labels == ["제품 찾기", "처음으로"]


# --- the words ----------------------------------------------------------------------------------


def told(*sides) -> str:
    return evidence.comparison(Comparison(sides, ("판테놀",), SkinType.DRY))


def test_each_thing_is_told_of_each_product():
    one = replace(PRODUCTS[0], price=12_500, volume="100ml", rating=4.25, reviews=1_128)
    other = replace(PRODUCTS[1], price=20_000, volume="50ml", rating=None, reviews=0)
    dry = Evidence(
        skin_type=SkinType.DRY,
        skin_reviews=32,
        skin_rating=4.5,
        effects=((Effect.MOISTURE, 21),),
        told=10,
        irritated=3,
        gentle_share=0.7,
        notable=("병풀추출물",),
    )
    text = told((one, dry), (other, Evidence(skin_type=SkinType.DRY)))
    assert "가격\n① 12,500원\n② 20,000원" in text
    assert "10ml당\n① 1,250원\n② 4,000원" in text
    assert "평점\n① ★ 4.2 (리뷰 1,128개)\n② 아직 리뷰가 없어요" in text
    assert "건성 피부 리뷰\n① 32개, ★ 4.5, 보습 21명\n② 없어요" in text
    assert "자극 없음\n① 70% (10명 중 7명)\n② 알 수 없어요" in text
    assert "눈여겨볼 성분\n① 병풀추출물\n② 없어요" in text
    assert "살펴볼 성분: 없어요" in text


def test_what_is_not_known_is_not_told_as_none():
    bare = replace(PRODUCTS[0], price=None, volume=None)
    text = told((bare, Evidence(unlisted=True)), (bare, Evidence(unlisted=True)))
    for what in ("가격", "10ml당", "자극 없음", "눈여겨볼 성분", "살펴볼 성분"):
        assert f"{what}: 알 수 없어요" in text


def test_millilitres_and_grams_are_told_apart():
    one = replace(PRODUCTS[0], price=10_000, volume="100ml")
    other = replace(PRODUCTS[1], price=10_000, volume="50g")
    text = told((one, Evidence()), (other, Evidence()))
    assert "① 10ml에 1,000원\n② 10g에 2,000원" in text
