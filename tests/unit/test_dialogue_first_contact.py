"""Age first, then consent: nothing is kept before both."""

import pytest

from bot.dialogue import texts
from bot.dialogue.consent import CONSENT_VERSION
from bot.dialogue.model import (
    AskingAge,
    AskingConsent,
    ConsentDecided,
    DecideConsent,
    DeclareAge,
    Dialogue,
    Fact,
    Media,
    Menu,
    Noted,
    Open,
    Pick,
    Resting,
    SaveProfile,
    ShowWhy,
)
from tests.chat import Chat, agreed, of_age, picking, refused


def kept(chat: Chat) -> list[Fact]:
    """What is kept of the person; that someone came is a number and names nobody."""
    return [fact for fact in chat.facts if not isinstance(fact, Noted)]


MENU = ["추천 받기", "루틴 추천", "제품 찾기", "성분 물어보기", "상담하기", "내 정보", "도움말"]


@pytest.mark.parametrize(
    "first",
    [
        lambda chat: chat.says("/start"),
        lambda chat: chat.says("/start shop-link"),
        lambda chat: chat.says("건성에 좋은 크림 있어요?"),
        lambda chat: chat.says("/recommend"),
        lambda chat: chat.says("가" * 5_000),
        lambda chat: chat.says("처음으로"),
        lambda chat: chat.sends(Media.STICKER),
        lambda chat: chat.presses_unknown(),
        lambda chat: chat.taps(Open(Menu.FIND)),
        lambda chat: chat.taps(DecideConsent(True)),
        lambda chat: chat.taps(Pick(1, on=True)),
    ],
)
def test_whatever_a_new_person_does_the_age_is_asked(first):
    chat = first(Chat())
    assert chat.dialogue.scene == AskingAge()
    assert chat.text == texts.GREETING
    assert chat.labels == ["만 14세 이상이에요", "아니요"]
    assert not chat.facts and not chat.requests


def test_the_greeting_says_who_speaks_and_that_it_is_no_medical_advice():
    assert "뽀야미" in texts.GREETING
    assert "진단이나 처방이 아니에요" in texts.GREETING


def test_someone_under_14_is_turned_away_and_nothing_is_kept():
    chat = Chat().says("/start").presses("아니요")
    assert chat.forgotten
    assert chat.text == texts.TURNED_AWAY
    assert not chat.facts
    assert chat.dialogue == Dialogue()


def test_someone_turned_away_is_asked_again_later():
    chat = Chat().says("/start").presses("아니요").says("/start")
    assert chat.text == texts.GREETING
    assert chat.presses("만 14세 이상이에요").dialogue.scene == AskingConsent()


def test_the_age_may_be_typed_as_the_first_words():
    assert Chat().says("만 14세 이상이에요").dialogue.old_enough
    assert Chat().says("만14세이상이에요").dialogue.old_enough
    assert Chat().says("아니요").forgotten


def test_the_consent_names_purpose_items_time_and_the_right_to_refuse():
    chat = of_age()
    for part in ("목적", "항목", "보유 기간", "동의하지 않으셔도 돼요"):
        assert part in chat.text
    assert chat.labels == ["동의하고 시작", "동의 안 함", "자세히"]


def test_consent_is_kept_with_its_version_and_the_text_that_was_shown():
    chat = of_age()
    shown = chat.text
    chat.presses("동의하고 시작")
    [fact] = kept(chat)
    assert isinstance(fact, ConsentDecided)
    assert (fact.agreed, fact.version, fact.text) == (True, CONSENT_VERSION, shown)
    assert fact.at.tzinfo is not None
    assert chat.labels == MENU


def test_refusal_is_kept_as_well_and_leads_to_the_menu():
    chat = refused()
    assert [fact.agreed for fact in chat.facts if isinstance(fact, ConsentDecided)] == [False]
    assert chat.dialogue.scene == Resting()
    assert chat.labels == MENU


def test_a_second_tap_on_consent_keeps_no_second_fact():
    chat = agreed().taps(DecideConsent(True)).taps(DecideConsent(True))
    assert len(kept(chat)) == 1
    assert chat.dialogue.scene == Resting()
    twice_refused = refused().taps(DecideConsent(False))
    assert len(kept(twice_refused)) == 1


def test_a_given_consent_is_not_withdrawn_by_an_old_button():
    chat = agreed().taps(DecideConsent(False))
    assert chat.dialogue.agreed is True
    assert chat.toasts == [texts.STALE]


def test_the_privacy_notice_is_read_before_deciding():
    chat = of_age().presses("자세히")
    assert chat.text == texts.privacy(365)
    assert chat.labels == ["동의하고 시작", "동의 안 함"]
    assert chat.presses("동의하고 시작").dialogue.agreed is True


def test_before_the_decision_home_leads_back_to_it():
    chat = of_age().says("/help").presses("처음으로")
    assert chat.dialogue.scene == AskingConsent()
    assert of_age().says("취소").dialogue.scene == AskingConsent()


@pytest.mark.parametrize("word", ["/recommend", "추천 받기"])
def test_who_refused_is_kindly_asked_again_when_wanting_a_recommendation(word):
    chat = refused().says(word)
    assert chat.dialogue.scene == AskingConsent()
    assert texts.CONSENT_FIRST in chat.text
    chat.presses("동의하고 시작")
    decisions = [fact.agreed for fact in chat.facts if isinstance(fact, ConsentDecided)]
    assert decisions == [False, True]


def test_who_refused_still_finds_products_ingredients_and_answers():
    chat = refused().presses("제품 찾기").says("토너").presses("달빛 진정 토너")
    assert chat.cards[0].product.title == "달빛 진정 토너"
    chat.presses("성분 보기")
    assert "· 글리세린 · 보습제" in chat.text
    chat.says("/ingredient 글리세린")
    assert "글리세린 설명" in chat.text
    chat.says("크림 추천해 줄래요?")
    assert "출처" in chat.text
    assert [type(fact) for fact in kept(chat)] == [ConsentDecided]


@pytest.mark.parametrize(
    "action", [Pick(1, on=True), SaveProfile(), ShowWhy(1), Open(Menu.PICK), Open(Menu.SURVEY)]
)
def test_who_refused_leaves_no_profile_and_no_likes(action):
    chat = refused().taps(action)
    assert [type(fact) for fact in kept(chat)] == [ConsentDecided]
    assert chat.dialogue.profile is None and chat.dialogue.picks == ()


def test_an_age_answered_again_after_consent_changes_nothing():
    chat = picking()
    before = chat.dialogue
    chat.taps(DeclareAge(False))
    assert not chat.forgotten
    assert chat.dialogue.scene == before.scene and chat.dialogue.profile == before.profile


def test_someone_who_says_under_14_before_consenting_is_forgotten():
    assert of_age().taps(DeclareAge(False)).forgotten
