"""One ingredient's sheet, near names, and a product's whole list."""

from dataclasses import replace

from bot.dialogue import texts
from bot.dialogue.model import (
    AskingIngredient,
    Failure,
    IngredientMissed,
    LookUp,
    ReadingFormula,
    ReadingIngredient,
    ShowFormula,
    ShowIngredient,
)
from engine.domain import Ingredient, Page
from tests.chat import INGREDIENTS, START, Chat, Shop, agreed, picking, recommended, refused


def formula_of_first(chat: Chat | None = None) -> Chat:
    chat = chat or agreed()
    return chat.presses("제품 찾기").says("수분").presses("달빛 수분 크림").presses("성분 보기")


def test_an_ingredient_is_asked_for_by_button_and_typing():
    chat = agreed().presses("성분 물어보기")
    assert chat.text == texts.ASK_INGREDIENT_NAME
    chat.says("나이아신아마이드")
    assert chat.dialogue.scene == ReadingIngredient("나이아신아마이드", 3, 1)
    for part in ("나이아신아마이드 (Niacinamide)", "설명", "역할: 피부컨디셔닝제", "유래: 합성"):
        assert part in chat.text


def test_the_command_takes_a_name():
    for said in ("/ingredient 글리세린", "/Ingredient@ppoyami_bot   글리세린 "):
        chat = agreed().says(said)
        assert chat.requests[-1] == LookUp(1, "글리세린", None, 1)
        assert "글리세린 (Glycerin)" in chat.text


def test_the_command_without_a_name_asks_for_one():
    assert agreed().says("/ingredient").dialogue.scene == AskingIngredient()


def test_limits_are_told_and_what_is_unknown_is_said_so():
    whole = texts.ingredient(replace(INGREDIENTS[0], limits="씻어 내지 않는 제품 0.3 %"), False)
    assert "사용 한도: 씻어 내지 않는 제품 0.3 %" in whole
    bare = texts.ingredient(Ingredient(1, "이름만"), False)
    assert bare == "이름만\n\n아직 설명이 준비되지 않았어요."


def test_products_that_hold_it_come_page_by_page_in_place():
    chat = agreed().says("/ingredient 글리세린")
    first = chat.bubbles[0]
    assert "이 성분이 든 제품 9개 · 1/2쪽" in first.text
    assert not first.replaces
    chat.presses("다음 ▶")
    assert "2/2쪽" in chat.text and chat.bubbles[0].replaces
    assert chat.dialogue.scene == ReadingIngredient("글리세린", 2, 2)
    assert "◀ 이전" in chat.labels and "다음 ▶" not in chat.labels


def test_a_product_that_holds_it_is_opened():
    chat = agreed().says("/ingredient 글리세린").presses("달빛 수분 크림")
    assert chat.cards[0].product.id == 1


def test_near_names_are_offered_where_it_is_not_found():
    chat = agreed().says("/ingredient 나이아신아마이")
    assert "«나이아신아마이»는 찾지 못했어요" in chat.text
    chat.presses("나이아신아마이드")
    assert chat.dialogue.scene == ReadingIngredient("나이아신아마이드", 3, 1)


def test_after_a_miss_the_next_text_is_a_look_up_again():
    chat = agreed().says("/ingredient 없는것").says("판테놀")
    assert "판테놀 (Panthenol)" in chat.text


def test_a_near_name_too_long_for_a_button_is_listed_as_text():
    long = "가" * 23
    chat = agreed()
    chat.patient = True
    chat.says("/ingredient 가나")
    chat.late(IngredientMissed(1, START, "가나", (long, "가나다")))
    assert f"· {long}" in chat.text
    assert chat.labels == ["가나다", "처음으로"]


def test_a_text_too_long_for_a_name_leaves_everything_as_it_is():
    chat = agreed().presses("성분 물어보기")
    before = chat.dialogue
    chat.says("가" * 61)
    assert chat.text == texts.INGREDIENT_TOO_LONG
    assert chat.dialogue == before


def test_an_avoided_ingredient_is_marked_on_its_sheet():
    assert texts.AVOIDED_MARK in picking().says("/ingredient 향료").text
    assert texts.AVOIDED_MARK not in agreed().says("/ingredient 향료").text


def test_a_formula_lists_ten_a_page_in_the_labels_order():
    chat = formula_of_first()
    assert "성분 15개 · 1/2쪽" in chat.text
    assert "1. 정제수 · 용제" in chat.text and "10. 알란토인 · 피부보호제" in chat.text
    assert "11." not in chat.text
    names = [each.name for each in INGREDIENTS]
    assert chat.labels == [*names[:10], "다음 ▶", "제품 보기", "처음으로"]


def test_a_formulas_next_page_takes_the_place_of_the_first():
    chat = formula_of_first()
    assert not chat.bubbles[0].replaces
    chat.presses("다음 ▶")
    assert chat.bubbles[0].replaces
    assert "11. 토코페롤" in chat.text
    assert chat.dialogue.scene == ReadingFormula(1, 2)
    assert chat.presses("◀ 이전").bubbles[0].replaces


def test_a_formula_from_another_card_stands_under_it():
    chat = formula_of_first()
    assert not chat.taps(ShowFormula(6)).bubbles[0].replaces


def test_avoided_ingredients_are_marked_in_a_formula_and_said():
    chat = formula_of_first(picking().presses("처음으로"))
    assert "5. ⚠️ 향료" in chat.text
    assert texts.formula_warning(["향료"]) in chat.text
    assert "⚠️ 향료" in chat.labels


def test_avoided_names_match_without_blanks_and_by_inci():
    chat = agreed().presses("추천 받기")
    for _ in range(4):
        chat.presses("건너뛰기")
    chat.says("fragrance, 부틸렌 글라이콜").presses("선택 완료").presses("이대로 저장")
    chat.presses("처음으로")
    formula_of_first(chat)
    assert texts.formula_warning(["향료", "부틸렌글라이콜"]) in chat.text


def test_an_ingredient_of_a_formula_is_opened_by_its_button():
    chat = formula_of_first().presses("글리세린")
    assert chat.dialogue.scene == ReadingIngredient("글리세린", 2, 1)
    assert not chat.bubbles[0].replaces


def test_a_product_without_ingredients_says_so():
    chat = (
        agreed().presses("제품 찾기").says("첫 로션").presses("새벽 첫 로션").presses("성분 보기")
    )
    assert "아직 성분 정보가 없어요" in chat.text
    assert chat.labels == ["제품 보기", "처음으로"]


def test_pages_beyond_the_end_show_the_last():
    assert agreed().taps(ShowFormula(1, 99)).dialogue.scene == ReadingFormula(1, 2)
    assert agreed().taps(ShowFormula(1, 0)).dialogue.scene == ReadingFormula(1, 1)
    assert agreed().taps(ShowIngredient(2, 0)).scene.page == 1


def test_a_formula_stands_under_the_card_whose_button_was_pressed():
    chat = recommended().presses("성분 보기", about="숲속 시카 로션")
    assert "숲속 시카 로션" in chat.text
    assert not chat.bubbles[0].replaces


def test_an_ingredient_held_by_no_product_says_so():
    assert texts.products_holding(Page((), 1, 1, 0)) in (
        refused(Chat(Shop(products=()))).says("/ingredient 글리세린").text
    )


def test_an_ingredient_gone_since_its_button_was_drawn_is_said_so():
    chat = agreed().taps(ShowIngredient(99))
    assert chat.text == texts.FAILURES[Failure.INGREDIENT_GONE]
    assert chat.dialogue.scene == AskingIngredient()
