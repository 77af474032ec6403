"""«내 정보»: each answer amended, the file, the consent withdrawn, everything deleted."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.dialogue import texts
from bot.dialogue.consent import CONSENT_VERSION
from bot.dialogue.model import (
    Amend,
    AskingAge,
    Choose,
    ConfirmDelete,
    ConfirmingDelete,
    ConfirmingWithdrawal,
    ConsentDecided,
    ConsentWithdrawn,
    Dialogue,
    ExportMine,
    Failure,
    GoTo,
    NameProducts,
    PersonErased,
    ProfileAmended,
    Resting,
    ReviewingPicks,
    Skip,
    Step,
    ViewingMine,
    Withdraw,
)
from engine.domain import Concern, SkinProfile, SkinType
from tests.chat import Chat, Shop, agreed, recommended, refused


def test_mine_shows_profile_picks_and_consent():
    chat = recommended().says("/mydata")
    assert chat.requests[-1] == NameProducts(chat.dialogue.ticket, (1, 2))
    for part in ("20대", "여성", "건성", "홍조", "향료", "달빛 수분 크림", "달빛 진정 토너"):
        assert part in chat.text
    assert f"2026년 11월 2일에 동의하셨어요. (안내문 {CONSENT_VERSION})" in chat.text
    answers = ["나이대", "성별", "피부 타입", "피부 고민", "피할 성분"]
    for label in (*answers, "내 데이터 받기", "동의 거두기", "내 정보 삭제", "처음으로"):
        assert label in chat.labels


def test_picks_gone_from_the_catalogue_are_counted():
    chat = recommended()
    chat.shop = Shop(products=chat.shop.products[1:])
    assert "이제 목록에 없는 제품 1개" in chat.says("/mydata").text


def test_mine_is_there_before_any_survey():
    chat = agreed().presses("내 정보")
    assert "아직 설문을 하지 않으셨어요" in chat.text
    assert not chat.requests


def test_who_refused_reads_that_nothing_is_kept():
    chat = refused().presses("내 정보")
    assert chat.text == texts.NOTHING_KEPT
    assert chat.labels == ["추천 받기", "내 데이터 받기", "내 정보 삭제", "처음으로"]


def test_deleting_takes_two_steps_and_leaves_nothing():
    chat = recommended().says("/delete")
    assert chat.dialogue.scene == ConfirmingDelete()
    assert not any(isinstance(fact, PersonErased) for fact in chat.facts)
    chat.presses("모두 삭제")
    assert isinstance(chat.facts[-1], PersonErased)
    assert replace(chat.dialogue, offers=()) == Dialogue()
    assert chat.text == texts.GOODBYE
    assert chat.labels == ["처음으로"]


def test_after_deletion_everything_starts_at_the_age():
    chat = recommended().says("/delete").presses("모두 삭제").presses("처음으로")
    assert chat.dialogue.scene == AskingAge()
    assert chat.text == texts.GREETING


def test_deletion_is_called_off():
    chat = recommended().says("/delete").presses("취소")
    assert chat.dialogue.scene == ViewingMine()
    assert chat.dialogue.profile is not None
    typed = recommended().says("/delete").says("취소")
    assert typed.dialogue.profile is not None
    assert texts.CANCELLED in typed.text


def test_the_second_step_alone_deletes_nothing():
    chat = recommended().taps(ConfirmDelete())
    assert chat.toasts == [texts.STALE]
    assert chat.dialogue.profile is not None
    assert not any(isinstance(fact, PersonErased) for fact in chat.facts)


def test_a_second_tap_on_delete_after_all_is_gone_asks_the_age():
    chat = recommended().says("/delete").presses("모두 삭제").taps(ConfirmDelete())
    assert sum(isinstance(fact, PersonErased) for fact in chat.facts) == 1
    assert chat.text == texts.GREETING


def test_who_refused_may_delete_the_conversation_too():
    chat: Chat = refused().says("/delete").presses("모두 삭제")
    assert isinstance(chat.facts[-1], PersonErased)


# --- one answer ----------------------------------------------------------------------------------


def test_an_answer_is_amended_and_saved_and_leads_back():
    chat = recommended().presses("처음으로").presses("내 정보").presses("피부 타입")
    assert chat.text == texts.amending_mine(Step.SKIN_TYPE)
    assert chat.text.startswith("내 정보 › 피부 타입\n")
    assert "✅ 건성" in chat.labels
    chat.presses("지성")
    assert chat.scene == ViewingMine()
    assert chat.profile.skin_type is SkinType.OILY
    assert chat.fact == ProfileAmended(chat.fact.at, chat.profile)
    assert chat.toasts == [texts.SAVED]
    assert "피부 타입: 지성" in chat.text


def test_several_concerns_are_amended_with_one_save():
    chat = recommended().says("/mydata").presses("피부 고민").presses("모공").presses("선택 완료")
    assert chat.profile.concerns == (Concern.REDNESS, Concern.PORES)
    assert sum(isinstance(fact, ProfileAmended) for fact in chat.facts) == 1


def test_avoided_ingredients_are_typed_anew():
    chat = recommended().says("/mydata").presses("피할 성분").says("에탄올").presses("선택 완료")
    assert chat.scene == ViewingMine()
    assert chat.profile.avoided == ("에탄올",)


@pytest.mark.parametrize("none", ["답 지우기", "없어요"])
def test_an_answer_is_cleared(none):
    chat = recommended().says("/mydata").presses("피할 성분")
    chat = chat.presses(none) if none in chat.labels else chat.says(none)
    assert chat.profile.avoided == ()
    assert chat.scene == ViewingMine()


def test_the_way_back_leaves_the_answer_as_it_was():
    chat = recommended().says("/mydata").presses("성별").presses("← 이전")
    assert chat.scene == ViewingMine()
    assert not any(isinstance(fact, ProfileAmended) for fact in chat.facts)


def test_the_same_answer_again_keeps_nothing():
    chat = recommended().says("/mydata").presses("성별").presses("여성")
    assert chat.scene == ViewingMine()
    assert not any(isinstance(fact, ProfileAmended) for fact in chat.facts)


@pytest.mark.parametrize("old", [GoTo(Step.GENDER), Skip(Step.GENDER), Choose(Step.GENDER, 1)])
def test_a_survey_button_further_up_changes_no_other_answer(old):
    chat = recommended().says("/mydata").presses("피부 타입").taps(old)
    assert chat.toasts == [texts.STALE]
    assert chat.scene.step is Step.SKIN_TYPE and chat.scene.mine


def test_the_survey_starts_at_its_beginning_while_one_answer_is_amended():
    chat = recommended().says("/mydata").presses("피부 타입").presses_above("설문 다시 하기")
    assert chat.scene.step is Step.AGE_BAND and not chat.scene.mine


def test_without_consent_nothing_is_amended():
    assert refused().taps(Amend(Step.GENDER)).toasts == [texts.STALE]


def test_before_any_survey_there_is_nothing_to_amend():
    chat = agreed().presses("내 정보")
    assert "설문 시작하기" in chat.labels and "피부 타입" not in chat.labels


# --- the file ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        lambda: recommended().says("/mydata"),
        lambda: refused().presses("내 정보").presses("내 데이터 받기"),
        lambda: recommended().presses("처음으로").presses("내 정보").presses("내 데이터 받기"),
    ],
)
def test_what_is_kept_comes_as_a_file_and_my_things_under_it(asked):
    chat = asked()
    (document,) = chat.documents
    assert document.name.endswith(".json") and document.content == '{"profile": []}'
    assert any(isinstance(request, ExportMine) for request in chat.requests)
    assert chat.scene == ViewingMine()
    assert "내 데이터 받기" in chat.labels


def test_only_looking_makes_no_file():
    assert not recommended().presses("처음으로").presses("내 정보").documents


def test_a_file_that_cannot_be_made_has_a_way_on():
    chat = recommended()
    chat.shop = Shop(failing=Failure.UNAVAILABLE)
    assert chat.says("/mydata").labels == ["다시 시도", "처음으로"]


# --- the consent ---------------------------------------------------------------------------------


def test_withdrawing_the_consent_explains_itself_first():
    chat = recommended().says("/mydata").presses("동의 거두기")
    assert chat.text == texts.WITHDRAW_WARNING
    assert chat.scene == ConfirmingWithdrawal()
    assert chat.labels == ["거두고 지우기", "취소", "처음으로"]
    assert chat.presses("취소").scene == ViewingMine()
    assert chat.dialogue.agreed


def test_withdrawing_the_consent_erases_what_was_kept_with_it_and_the_rest_works():
    chat = recommended().says("/mydata").presses("동의 거두기").presses("거두고 지우기")
    refusal, erasure = chat.facts[-2:]
    assert isinstance(refusal, ConsentDecided) and not refusal.agreed
    assert isinstance(erasure, ConsentWithdrawn)
    here = chat.dialogue
    assert (here.agreed, here.profile, here.picks, here.round) == (False, None, (), None)
    assert here.scene == Resting() and texts.WITHDRAWN in chat.text
    assert chat.presses("제품 찾기").says("크림").labels
    assert "글리세린 (Glycerin)" in chat.says("/ingredient 글리세린").text


def test_after_a_withdrawal_one_may_agree_again():
    chat = recommended().says("/mydata").presses("동의 거두기").presses("거두고 지우기")
    chat.presses("추천 받기").presses("동의하고 시작")
    assert chat.dialogue.agreed
    assert chat.fact.agreed
    assert chat.presses("추천 받기").scene.draft == SkinProfile()


def test_the_second_step_alone_withdraws_nothing():
    chat = recommended().taps(Withdraw())
    assert chat.toasts == [texts.STALE]
    assert chat.dialogue.agreed


def test_a_consent_of_an_earlier_version_is_told_without_its_day():
    text = texts.mine(None, (), 0, None, "")
    assert "개인정보 동의: 동의하셨어요." in text


def test_the_day_of_the_consent_is_koreas():
    at = datetime(2026, 11, 2, 20, 0, tzinfo=UTC)
    assert "2026년 11월 3일" in texts.mine(None, (), 0, at, "1")


@pytest.mark.parametrize(("days", "told"), [(365, "1년"), (730, "2년"), (90, "90일")])
def test_the_consent_says_how_long_things_are_kept(days, told):
    chat = Chat(dialogue=Dialogue(retention_days=days)).says("/start").presses("만 14세 이상이에요")
    assert f"길어도 마지막 대화 뒤 {told}" in chat.text
    chat.presses("동의하고 시작")
    assert f"마지막 대화 뒤 {told}" in chat.fact.text
    assert f"마지막 대화 뒤 {told}" in chat.says("/privacy").text


def test_avoiding_and_picking_go_on_after_an_answer_was_amended():
    chat = recommended().says("/mydata").presses("성별").presses("남성")
    assert isinstance(chat.presses("내가 고른 제품").scene, ReviewingPicks)
