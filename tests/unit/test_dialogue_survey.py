"""Six questions, each with its place, answered by button or by typing."""

import pytest

from bot.dialogue import texts
from bot.dialogue.model import (
    Choose,
    GoTo,
    Mark,
    Picking,
    ReviewingSurvey,
    SaveProfile,
    SearchProducts,
    Step,
    SurveyCompleted,
    Surveying,
)
from engine.domain import AgeBand, Concern, Gender, SkinProfile, SkinType
from tests.chat import Chat, agreed, picking, reviewing

WHOLE = SkinProfile(
    AgeBand.TWENTIES, Gender.FEMALE, SkinType.DRY, (Concern.REDNESS,), avoided=("향료",)
)


def surveying() -> Chat:
    return agreed().presses("추천 받기")


def at_concerns() -> Chat:
    return surveying().presses("20대").presses("여성").presses("건성")


def at_avoided() -> Chat:
    return at_concerns().presses("선택 완료")


def test_someone_without_a_profile_is_surveyed_first():
    chat = surveying()
    assert chat.text.startswith("1/6")
    assert chat.labels == [*AgeBand, "처음으로", "건너뛰기"]


def test_each_question_tells_its_place_and_offers_its_options():
    chat = surveying().presses("20대")
    assert chat.text.startswith("2/6")
    assert chat.labels == [*Gender, "← 이전", "건너뛰기"]
    chat.presses("응답 안 함")
    assert chat.text.startswith("3/6")
    assert chat.labels == [*SkinType, "← 이전", "건너뛰기"]
    chat.presses("민감성")
    assert chat.text.startswith("4/6")
    assert chat.labels == [*Concern, "선택 완료", "← 이전", "건너뛰기"]
    chat.presses("선택 완료")
    assert chat.text.startswith("5/6")
    assert chat.labels == ["← 이전", "건너뛰기"]


def test_every_bubble_of_the_survey_takes_the_place_of_the_one_before():
    chat = at_avoided()
    assert all(bubble.replaces for bubble in chat.bubbles)


def test_the_way_back_shows_the_answer_that_was_given():
    chat = surveying().presses("20대").presses("← 이전")
    assert chat.text.startswith("1/6")
    assert "✅ 20대" in chat.labels


def test_several_concerns_are_marked_and_unmarked():
    chat = at_concerns().presses("모공").presses("여드름").presses("모공")
    assert [label for label in chat.labels if label.startswith("✅")] == ["✅ 여드름"]
    assert chat.scene.draft.concerns == (Concern.ACNE,)


def test_the_same_mark_twice_is_one_mark():
    chat = at_concerns()
    mark = Mark(list(Concern).index(Concern.PORES), on=True)
    once = chat.taps(mark).dialogue.scene
    assert chat.taps(mark).dialogue.scene == once


def test_concerns_keep_the_order_of_the_question_however_they_were_marked():
    one = at_concerns().presses("잡티").presses("홍조").dialogue.scene
    other = at_concerns().presses("홍조").presses("잡티").dialogue.scene
    assert one == other


def test_a_second_tap_on_an_answer_stays_at_the_next_question():
    chat = surveying().presses("20대")
    assert chat.taps(Choose(Step.AGE_BAND, 1)).dialogue.scene == Surveying(
        Step.GENDER, SkinProfile(AgeBand.TWENTIES)
    )


def test_options_may_be_typed():
    chat = surveying().says("20대").says("여성").says("복합성")
    assert chat.scene.draft == SkinProfile(AgeBand.TWENTIES, Gender.FEMALE, SkinType.COMBINATION)
    chat.says("홍조").says("선택완료")
    assert chat.scene.draft.concerns == (Concern.REDNESS,)
    assert chat.text.startswith("5/6")


def test_avoided_ingredients_are_typed_and_echoed():
    chat = at_avoided().says("향료, 에탄올,  1,2-헥산다이올")
    assert "향료, 에탄올, 1,2-헥산다이올" in chat.text
    assert chat.scene.draft.avoided == ("향료", "에탄올", "1,2-헥산다이올")
    assert chat.labels == ["선택 완료", "← 이전", "건너뛰기"]


def test_names_typed_again_take_the_place_of_the_first():
    chat = at_avoided().says("향료").says("에탄올")
    assert chat.scene.draft.avoided == ("에탄올",)


def test_twenty_names_are_kept_and_the_rest_is_told():
    chat = at_avoided().says(", ".join(f"성분이름{number}번" for number in range(25)))
    assert len(chat.scene.draft.avoided) == 20
    assert texts.names_left_out(20) in chat.text


def test_a_name_longer_than_any_ingredient_is_left_out_and_told():
    chat = at_avoided().says("향료, " + "가" * 41)
    assert chat.scene.draft.avoided == ("향료",)
    assert texts.names_left_out(20) in chat.text


def test_a_text_without_a_name_is_told_so():
    chat = at_avoided().says(", ,")
    assert texts.NO_NAMES in chat.text
    assert chat.scene.step is Step.AVOIDED


def test_everything_may_be_skipped():
    chat = surveying()
    for _ in Step:
        chat.presses("건너뛰기")
    assert chat.dialogue.scene == ReviewingSurvey(SkinProfile())
    chat.presses("이대로 저장")
    assert chat.dialogue.profile == SkinProfile()


def test_skipping_takes_back_an_answer():
    chat = surveying().presses("20대").presses("← 이전").presses("건너뛰기")
    assert chat.scene.draft == SkinProfile()


def test_the_summary_shows_what_was_answered():
    chat = reviewing()
    for said in ("20대", "여성", "건성", "홍조", "향료"):
        assert said in chat.text
    assert chat.labels == ["이대로 저장", "수정하기", "처음으로"]


def test_saving_keeps_the_profile_and_opens_the_picker():
    chat = reviewing().presses("이대로 저장")
    assert [fact.profile for fact in chat.facts if isinstance(fact, SurveyCompleted)] == [WHOLE]
    assert chat.dialogue.profile == WHOLE
    assert chat.dialogue.scene == Picking()
    assert isinstance(chat.requests[-1], SearchProducts)
    assert chat.toasts == [texts.SAVED]


def test_a_second_tap_on_save_saves_once_and_draws_the_picker_again():
    chat = picking()
    facts = list(chat.facts)
    chat.taps(SaveProfile())
    assert chat.facts == facts
    assert chat.toasts == [texts.STALE]
    assert chat.dialogue.scene == Picking()


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [("성별", "남성", "남성"), ("피부 타입", "지성", "지성")],
)
def test_one_answer_is_amended_and_leads_back_to_the_summary(question, answer, said):
    chat = reviewing().presses("수정하기").presses(question).presses(answer)
    assert isinstance(chat.dialogue.scene, ReviewingSurvey)
    assert said in chat.text
    assert "20대" in chat.text


def test_amending_starts_at_the_first_question_and_goes_back_unchanged():
    chat = reviewing().presses("수정하기")
    assert chat.text.startswith("1/6") and "✅ 20대" in chat.labels
    assert chat.presses("← 이전").dialogue.scene == ReviewingSurvey(WHOLE)


def test_concerns_are_amended_until_done():
    chat = reviewing().presses("수정하기").presses("피부 고민").presses("모공").presses("홍조")
    chat.presses("선택 완료")
    assert chat.scene.draft.concerns == (Concern.PORES,)


def test_a_survey_done_again_starts_from_the_saved_answers():
    chat = picking().says("/mydata").presses("설문 다시 하기")
    assert "✅ 20대" in chat.labels


def test_a_survey_saved_unchanged_repeats_no_fact():
    chat = picking()
    facts = list(chat.facts)
    chat.says("/mydata").presses("설문 다시 하기").presses("20대").presses("여성").presses("건성")
    chat.presses("선택 완료").presses("선택 완료").presses("건너뛰기").presses("이대로 저장")
    assert chat.facts == facts


def test_asking_for_a_recommendation_during_the_survey_goes_on_with_it():
    chat = at_concerns().says("/recommend")
    assert chat.scene.step is Step.CONCERNS
    assert chat.scene.draft.skin_type is SkinType.DRY


def test_a_question_in_the_middle_is_answered_and_nothing_of_the_survey_is_lost():
    chat = at_concerns().presses("홍조")
    before = chat.dialogue.scene
    chat.says("토너가 뭐예요?")
    assert "출처" in chat.bubbles[0].text
    assert chat.bubbles[-1].text.startswith("4/6")
    assert chat.dialogue.scene == before
    assert chat.presses("선택 완료").text.startswith("5/6")


@pytest.mark.parametrize(
    "action", [Choose(Step.SKIN_TYPE, 99), Choose(Step.CONCERNS, 0), Mark(99, on=True)]
)
def test_an_option_that_does_not_exist_is_an_old_button(action):
    chat = at_concerns()
    before = chat.dialogue.scene
    chat.taps(action)
    assert chat.toasts == [texts.STALE]
    assert chat.dialogue.scene == before


@pytest.mark.parametrize("action", [Choose(Step.SKIN_TYPE, 1), Mark(0, on=True), GoTo(Step.GENDER)])
def test_survey_buttons_after_saving_draw_the_present_scene(action):
    chat = picking().taps(action)
    assert chat.toasts == [texts.STALE]
    assert chat.dialogue.scene == Picking()
    assert chat.dialogue.profile == WHOLE


@pytest.mark.parametrize("word", ["없음", "없어요.", "없습니다"])
def test_saying_that_there_is_nothing_to_avoid_is_no_name(word):
    chat = at_avoided().says("향료").says(word)
    assert chat.scene.draft.avoided == ()
    assert chat.scene.step is Step.HEALTH
    assert isinstance(chat.says(word).dialogue.scene, ReviewingSurvey)
