"""One ingredient's sheet, near names, and whole lists: a product's, and typed ones."""

from dataclasses import replace
from typing import Any

import pytest

from bot.dialogue import texts
from bot.dialogue.model import (
    AnalyseFormula,
    AskingIngredient,
    Avoid,
    Consult,
    Consulting,
    Failure,
    IngredientMissed,
    ListFormula,
    LookUp,
    ProfileAmended,
    ReadingFormula,
    ReadingIngredient,
    ReadingList,
    ShowFormula,
    ShowIngredient,
    ShowList,
    Step,
)
from engine.domain import Ingredient, Page, SkinProfile, SkinType
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
    whole = texts.ingredient(replace(INGREDIENTS[0], limits="씻어 내지 않는 제품 0.3 %"))
    assert "사용 한도: 씻어 내지 않는 제품 0.3 %" in whole
    bare = texts.ingredient(Ingredient(1, "이름만"))
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


def test_a_formula_lists_ten_a_page_group_by_group_the_notable_first():
    chat = formula_of_first()
    assert chat.text.startswith("달빛 수분 크림\n성분 15개 · 1/2쪽\n\n눈여겨볼 성분 5, ")
    headings = [part.splitlines()[0] for part in chat.text.split("\n\n")[2:]]
    assert headings == ["눈여겨볼 성분", "보습·유연", "점도·제형", "보존·산화 방지"]
    assert "· 나이아신아마이드 · 피부컨디셔닝제\n· 판테놀" in chat.text
    assert "정제수 · 용제" not in chat.text
    assert len(chat.labels) == 13
    assert chat.labels[0] == "나이아신아마이드"
    assert chat.labels[10:] == ["다음 ▶", "제품 보기", "처음으로"]


def test_a_formulas_next_page_takes_the_place_of_the_first_and_ends_with_the_base():
    chat = formula_of_first()
    assert not chat.bubbles[0].replaces
    chat.presses("다음 ▶")
    assert chat.bubbles[0].replaces
    assert chat.text.endswith(
        "정제수·용제\n· 정제수 · 용제\n· 에탄올 · 용제, 수렴제\n· 1,2-헥산다이올 · 용제"
    )
    assert "눈여겨볼 성분 5" not in chat.text
    assert chat.dialogue.scene == ReadingFormula(1, 2)
    assert chat.presses("◀ 이전").bubbles[0].replaces


def test_a_formula_from_another_card_stands_under_it():
    chat = formula_of_first()
    assert not chat.taps(ShowFormula(6)).bubbles[0].replaces


def test_avoided_ingredients_stand_on_top_of_a_formula_and_are_marked():
    chat = formula_of_first(picking().presses("처음으로"))
    assert "\n\n피할 성분 1, " in chat.text
    assert "\n\n⚠️ 피할 성분\n· ⚠️ 향료 · 착향제\n\n눈여겨볼 성분" in chat.text
    assert chat.labels[0] == "⚠️ 향료"


def test_what_is_avoided_is_asked_for_in_the_persons_own_words():
    chat = formula_of_first(avoiding("알코올, fragrance"))
    assert chat.requests[-1] == ListFormula(chat.dialogue.ticket, 1, ("알코올", "fragrance"))
    assert "· ⚠️ 향료 · 착향제\n· ⚠️ 에탄올" in chat.text


def test_limited_ingredients_come_next_with_their_rule():
    limited = replace(INGREDIENTS[3], limits="EU 보존제(부속서 V): 최대 1.0 %")
    shop = Shop(ingredients=(*INGREDIENTS[:3], limited, *INGREDIENTS[4:]))
    chat = formula_of_first(agreed(Chat(shop)))
    assert "한도·표시 기준\n· 판테놀 · EU 보존제\n\n눈여겨볼 성분" in chat.text


def test_an_ingredient_of_a_formula_is_opened_by_its_button():
    chat = formula_of_first().presses("글리세린")
    assert chat.scene == ReadingIngredient("글리세린", 2, 1, ReadingFormula(1, 1))
    assert not chat.bubbles[0].replaces


def test_from_a_products_list_it_says_why_it_is_in_and_leads_back():
    chat = formula_of_first().presses("글리세린")
    assert (
        "왜 들어 있나요?\n화장품에 주로 보습제로 넣는 성분이에요. "
        "달빛 수분 크림의 성분 15개 가운데 2번째에 있어요."
    ) in chat.text
    chat.presses("성분 목록으로")
    assert chat.dialogue.scene == ReadingFormula(1, 1)


def test_another_ingredient_of_the_list_above_still_knows_its_product():
    chat = formula_of_first().presses("글리세린").presses_above("판테놀")
    assert "15개 가운데 4번째" in chat.text
    assert chat.presses("성분 목록으로").scene == ReadingFormula(1, 1)


def test_by_itself_an_ingredient_stands_in_no_list():
    chat = agreed().says("/ingredient 글리세린")
    assert "왜 들어 있나요?" not in chat.text
    assert "성분 목록으로" not in chat.labels


def test_which_of_my_picks_hold_it_is_said():
    chat = recommended().says("/ingredient 글리세린")
    assert chat.request.picks == (1, 2)
    assert "고르신 제품 가운데 2개에 들어 있어요.\n· 달빛 수분 크림\n· 달빛 진정 토너" in chat.text
    assert "고르신 제품 2개에는 들어 있지 않아요" in _without_formulas(recommended()).text
    assert "고르신 제품" not in agreed().says("/ingredient 글리세린").text


def _without_formulas(chat: Chat) -> Chat:
    chat.shop = Shop(products=chat.shop.products[2:])
    return chat.says("/ingredient 글리세린")


@pytest.mark.parametrize(
    ("limits", "roles", "skin_type", "said"),
    [
        ("EU 향 알레르겐(부속서 III): 0.001 %", (), None, ["향 알레르기가 있는 분"]),
        ("EU 보존제(부속서 V): 0.5 % · 3세 미만 사용 금지", (), None, ["3세 미만 아이에게"]),
        (None, ("착향제",), SkinType.SENSITIVE, ["민감성 피부라고 하신 분: 향을"]),
        (None, ("착향제",), SkinType.DRY, []),
        (None, ("각질제거제",), SkinType.SENSITIVE, ["각질을 덜어"]),
        ("EU 보존제(부속서 V): 최대 1.0 %", ("보존제",), SkinType.SENSITIVE, []),
        (None, (), SkinType.SENSITIVE, []),
    ],
)
def test_who_should_mind_it_follows_from_limits_roles_and_the_profile(
    limits, roles, skin_type, said
):
    profile = SkinProfile(skin_type=skin_type)
    text = texts.minding(Ingredient(1, "이름", roles=roles, limits=limits), profile)
    assert bool(text) == bool(said)
    assert all(part in text for part in said)


def test_an_ingredient_is_avoided_by_its_button_and_no_longer_by_the_other():
    chat = recommended().says("/ingredient 판테놀").presses("피할 성분에 추가")
    assert chat.fact == ProfileAmended(chat.fact.at, chat.profile)
    assert chat.profile.avoided == ("향료", "판테놀")
    assert chat.toasts == [texts.AVOIDED_NOW]
    assert texts.AVOIDED_MARK in chat.text and chat.bubbles[0].replaces
    chat.presses("피할 성분에서 빼기")
    assert chat.profile.avoided == ("향료",)
    assert chat.toasts == [texts.AVOIDED_NO_MORE]
    assert texts.AVOIDED_MARK not in chat.text and chat.bubbles[0].replaces
    assert "피할 성분에 추가" in chat.labels


def test_avoiding_something_does_not_stand_for_the_survey():
    chat = agreed().says("/ingredient 판테놀").presses("피할 성분에 추가").says("/recommend")
    assert chat.scene.step is Step.AGE_BAND
    assert chat.scene.draft.avoided == ("판테놀",)


def test_an_ingredient_meant_by_a_word_for_many_leads_to_that_answer():
    chat = avoiding("알코올").says("/ingredient 에탄올")
    assert f"{texts.AVOIDED_MARK} (적어 주신 말: 알코올)" in chat.text
    chat.presses("피할 성분 고치기")
    assert chat.scene.step is Step.AVOIDED and chat.scene.mine


def test_without_consent_nothing_can_be_avoided():
    chat = refused().says("/ingredient 판테놀")
    assert "피할 성분에 추가" not in chat.labels
    assert chat.taps(Avoid(4, on=True)).toasts == [texts.STALE]
    assert chat.dialogue.profile is None


def test_a_full_list_of_avoided_ones_says_so():
    chat = avoiding(", ".join(f"성분{number}" for number in range(20)))
    before = chat.says("/ingredient 판테놀").dialogue.profile
    chat.presses("피할 성분에 추가")
    assert chat.toasts == [texts.AVOIDED_FULL]
    assert chat.dialogue.profile == before


def test_the_button_of_a_sheet_further_up_opens_that_sheet():
    chat = agreed().says("/ingredient 판테놀").says("/ingredient 글리세린")
    chat.taps(Avoid(4, on=True))
    assert chat.scene.ingredient == 4
    assert chat.dialogue.profile is None


# --- typed lists ---------------------------------------------------------------------------------


def test_a_typed_list_is_read_like_a_products_own():
    chat = agreed().presses("성분 물어보기").says("정제수, 글리세린, 판테놀, 향료")
    names = ("정제수", "글리세린", "판테놀", "향료")
    assert chat.requests[-1] == AnalyseFormula(1, names)
    assert chat.text.startswith("보내 주신 성분\n성분 4개 · 1/1쪽")
    assert chat.text.endswith("향·청량감\n· 향료 · 착향제\n\n정제수·용제\n· 정제수 · 용제")
    assert chat.scene == ReadingList((1, 2, 4, 5), ())
    assert chat.labels == ["판테놀", "글리세린", "향료", "정제수", "다른 성분 물어보기", "처음으로"]


@pytest.mark.parametrize("text", ["정제수, 글리세린, 판테놀", "정제수\n글리세린\n판테놀\n"])
def test_a_list_typed_anywhere_is_read(text):
    assert agreed().says(text).scene == ReadingList((1, 2, 4), ())
    assert agreed().says(f"/ingredient {text}").scene == ReadingList((1, 2, 4), ())


def test_an_avoided_one_of_a_typed_list_stands_on_top():
    chat = picking().presses("처음으로").says("정제수, 향료, 판테놀")
    assert "⚠️ 피할 성분\n· ⚠️ 향료" in chat.text
    assert chat.labels[0] == "⚠️ 향료"


def test_names_that_are_not_found_have_near_ones():
    chat = agreed().says("정제수, 글리세린, 나이아신아마이, 없는것이에오")
    assert "찾지 못한 이름: 나이아신아마이, 없는것이에오\n혹시 이 성분인가요?" in chat.text
    chat.presses("나이아신아마이드")
    assert chat.scene == ReadingIngredient(
        "나이아신아마이드", 3, 1, ReadingList((1, 2), ("나이아신아마이", "없는것이에오"))
    )


def test_a_long_list_has_pages_and_an_ingredient_leads_back_to_its_page():
    chat = agreed().says(", ".join(each.name for each in INGREDIENTS))
    assert "성분 15개 · 1/2쪽" in chat.text
    chat.presses("다음 ▶")
    assert "2/2쪽" in chat.text and chat.bubbles[0].replaces
    assert chat.request.names == ()
    chat.presses("에탄올").presses("성분 목록으로")
    assert chat.scene.page == 2
    assert "2/2쪽" in chat.text


def test_of_a_very_long_list_the_first_eighty_are_read_and_it_is_said_so():
    names = [f"가{number}" for number in range(90)]
    chat = agreed().presses("성분 물어보기").says(", ".join(["정제수", *names]))
    first: Any = chat.requests[0]
    assert len(first.names) == 80
    assert chat.bubbles[0].text == texts.list_cut(80)


def test_a_list_of_what_no_ingredient_is_was_a_question():
    chat = agreed().says("크림, 로션, 에센스")
    assert isinstance(chat.requests[-1], Consult)
    assert chat.request.question.text == "크림, 로션, 에센스"
    assert isinstance(chat.scene, Consulting)


def test_where_ingredients_are_asked_for_it_was_a_list_of_unknown_ones():
    chat = agreed().presses("성분 물어보기").says("가가가가, 나나나나, 다다다다")
    assert texts.NOTHING_READ in chat.text
    assert chat.scene == AskingIngredient()


def test_in_a_survey_a_list_is_an_aside():
    chat = agreed().presses("추천 받기").says("정제수, 글리세린, 판테놀")
    listed, question = chat.bubbles
    assert "눈여겨볼 성분\n· 판테놀" in listed.text and not listed.rows
    assert question.text == texts.question(Step.AGE_BAND)
    assert chat.scene.step is Step.AGE_BAND


def test_beside_recommendations_a_list_leads_back_to_them():
    chat = recommended().says("정제수, 글리세린, 판테놀").presses("추천으로 돌아가기")
    assert chat.cards


def test_a_list_that_is_being_read_is_read_again_after_a_restart():
    chat = agreed().presses("성분 물어보기")
    chat.patient = True
    chat.says("정제수, 글리세린, 판테놀").redrawn()
    assert chat.request == AnalyseFormula(2, ("정제수", "글리세린", "판테놀"))
    assert chat.answered().scene == ReadingList((1, 2, 4), ())


def test_a_list_that_fails_has_a_way_on():
    chat = agreed()
    chat.shop = Shop(failing=Failure.UNAVAILABLE)
    assert "처음으로" in chat.says("정제수, 글리세린, 판테놀").labels
    survey = agreed().presses("추천 받기")
    survey.shop = Shop(failing=Failure.UNAVAILABLE)
    assert "10대" in survey.says("정제수, 글리세린, 판테놀").labels


def test_a_page_of_no_list_is_an_old_button():
    assert agreed().taps(ShowList(1)).toasts == [texts.STALE]


def avoiding(names: str) -> Chat:
    """At the menu, with these avoided and nothing else answered."""
    chat = agreed().presses("추천 받기")
    for _ in range(4):
        chat.presses("건너뛰기")
    chat.says(names).presses("선택 완료").presses("건너뛰기")
    return chat.presses("이대로 저장").presses("처음으로")


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
