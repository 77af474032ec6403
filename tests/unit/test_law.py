"""Every rule of the law that a dialogue can keep or break, by its name.

LAW1 is 정보통신망법 (advertising), LAW2 개인정보 보호법 (personal data).
"""

from collections import Counter
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.dialogue import texts
from bot.dialogue.model import (
    Bubble,
    ConfirmationAsked,
    ConsentDecided,
    ConsentWithdrawn,
    DecideOn,
    Dialogue,
    Given,
    GoTo,
    MarkHealth,
    Menu,
    Open,
    PersonErased,
    Picking,
    ReadConsent,
    Step,
    Surveying,
)
from bot.dialogue.proofs import OPTIONAL, VERSIONS, text_of
from bot.web.notice import add_privacy
from engine.domain import (
    Answer,
    DocumentKind,
    Health,
    Ingredient,
    Passage,
    Purpose,
    Question,
    SkinProfile,
    Writer,
)
from engine.generation.consult import Consultant, Consulted
from engine.generation.prompts import profile_line
from engine.recommend.notable import Pantry
from engine.store.lexicon import Entry, Lexicon
from tests.chat import START, Chat, agreed, of_age, picking, refused, reviewing
from tests.fakes import Bookshelf, ScriptedModel

SHOP = Dialogue(shop="달빛가게", abroad=True)
TWO_YEARS = 730


def chatting(*purposes: Purpose) -> Chat:
    """Agreed to the required consent and to these."""
    chat = agreed(Chat(dialogue=SHOP))
    for purpose in purposes:
        chat.taps(DecideOn(purpose, agreed=True))
    return chat


def decided(chat: Chat) -> list[tuple[Purpose, bool]]:
    return [(fact.purpose, fact.agreed) for fact in chat.facts if isinstance(fact, ConsentDecided)]


def standing(chat: Chat) -> set[Purpose]:
    return {purpose for purpose, given in chat.dialogue.consents.items() if given.agreed}


# --- LAW2 15, 22: each consent by itself, and what it tells --------------------------------------


@pytest.mark.parametrize("purpose", OPTIONAL)
def test_a_consent_tells_its_purpose_its_items_how_long_and_that_refusing_costs_nothing(purpose):
    text = texts.optional_consent(purpose, "달빛가게", 365)
    for part in ("(선택)", "목적", "항목", "보유 기간", "동의하지 않으셔도"):
        assert part in text


@pytest.mark.parametrize("purpose", OPTIONAL)
def test_a_consent_is_given_by_itself_under_its_own_text_and_leaves_a_proof(purpose):
    before = (Purpose.ADVERTISING,) if purpose is Purpose.NIGHT else ()
    chat = chatting(*before).taps(ReadConsent(purpose))
    assert texts.optional_consent(purpose, "달빛가게", 365) in chat.text
    chat.presses(texts.AGREE_TO)
    assert standing(chat) == {*before, purpose}
    assert (chat.fact.purpose, chat.fact.agreed) == (purpose, True)
    assert chat.fact.text == texts.optional_consent(purpose, "달빛가게", 365)
    assert chat.fact.version == VERSIONS[purpose]


def test_no_two_consents_share_a_text():
    shown = {text_of(SHOP, purpose) for purpose in Purpose}
    assert len(shown) == len(Purpose)


def test_agreeing_to_the_required_one_agrees_to_nothing_else():
    assert decided(agreed()) == [(Purpose.SERVICE, True)]
    assert agreed().dialogue.consents == {}


def test_a_withdrawal_is_a_later_proof_and_changes_none_before():
    chat = chatting(Purpose.TRAINING).taps(DecideOn(Purpose.TRAINING, agreed=False))
    assert decided(chat)[1:] == [(Purpose.TRAINING, True), (Purpose.TRAINING, False)]


def test_a_second_tap_leaves_no_second_proof():
    chat = chatting(Purpose.TRAINING)
    facts = list(chat.facts)
    assert chat.taps(DecideOn(Purpose.TRAINING, agreed=True)).facts == facts
    chat.taps(DecideOn(Purpose.TRAINING, agreed=False))
    facts = list(chat.facts)
    assert chat.taps(DecideOn(Purpose.TRAINING, agreed=False)).facts == facts


def test_withdrawing_takes_as_many_taps_as_giving():
    chat = chatting().taps(Open(Menu.CONSENTS))
    chat.presses("광고 받기").presses(texts.AGREE_TO)
    assert standing(chat) == {Purpose.ADVERTISING}
    chat.presses("✅ 광고 받기").presses(texts.END_CONSENT)
    assert standing(chat) == set()


def test_the_required_consent_cannot_be_decided_as_an_optional_one():
    chat = agreed().taps(DecideOn(Purpose.SERVICE, agreed=False))
    assert chat.dialogue.agreed
    assert decided(chat) == [(Purpose.SERVICE, True)]


@pytest.mark.parametrize("purpose", [p for p in OPTIONAL if p is not Purpose.ABROAD])
def test_what_needs_kept_data_is_not_offered_to_who_lets_nothing_be_kept(purpose):
    chat = refused(Chat(dialogue=SHOP)).taps(DecideOn(purpose, agreed=True))
    assert standing(chat) == set()
    assert chat.toasts == [texts.STALE]


# --- LAW2 16, 22 (5): refusing an optional one blocks nothing ------------------------------------


def everything_done(chat: Chat) -> list[str]:
    """All that is read on the way from the menu to cards, a reason, an answer and a sheet."""
    chat.said.clear()
    chat.says("/start").presses("추천 받기").presses("20대").presses("여성").presses("건성")
    chat.presses("홍조").presses("선택 완료").says("향료").presses("선택 완료").presses("건너뛰기")
    chat.presses("이대로 저장").presses("달빛 수분 크림").presses("달빛 진정 토너")
    chat.presses("선택 완료").presses("왜 추천했나요?").says("크림 있어요?")
    chat.says("/ingredient 글리세린").says("/recommend").presses("선택 완료")
    return [reply.text for reply in chat.said if isinstance(reply, Bubble)]


def test_who_agrees_to_nothing_optional_gets_all_that_others_get():
    given = agreed()
    for purpose in (Purpose.TRAINING, Purpose.ADVERTISING, Purpose.NIGHT):
        given.taps(DecideOn(purpose, agreed=True))
    read = everything_done(agreed())
    assert len(read) > 10
    assert read == everything_done(given)


# --- LAW2 23: health ----------------------------------------------------------------------------


def at_health() -> Chat:
    chat = agreed().presses("추천 받기")
    for _ in range(5):
        chat.presses("건너뛰기")
    return chat


def healthy(*answers: Health) -> Chat:
    """Saved with these answers on health."""
    chat = at_health().presses(texts.AGREE_AND_ANSWER)
    for answer in answers:
        chat.presses(answer)
    return chat.presses("선택 완료").presses("이대로 저장")


def test_health_is_asked_only_after_a_consent_of_its_own():
    chat = at_health()
    assert text_of(chat.dialogue, Purpose.HEALTH) in chat.text
    assert not {*Health} & {*chat.labels}
    chat.presses(texts.AGREE_AND_ANSWER)
    assert [label for label in chat.labels if label in {*Health}] == [*Health]
    assert decided(chat)[-1] == (Purpose.HEALTH, True)


def test_skipping_the_question_decides_nothing_and_blocks_nothing():
    chat = at_health().presses("건너뛰기").presses("이대로 저장")
    assert decided(chat) == [(Purpose.SERVICE, True)]
    assert chat.dialogue.profile == SkinProfile()
    assert chat.scene == Picking()


def test_each_answer_on_health_may_be_left_out():
    assert healthy().profile.health == ()
    assert healthy(Health.ATOPY).profile.health == (Health.ATOPY,)
    assert healthy(*Health).profile.health == tuple(Health)


def test_an_old_button_answers_nothing_on_health_without_the_consent():
    chat = at_health().taps(MarkHealth(1, on=True))
    assert chat.scene.draft.health == ()
    assert chat.toasts == [texts.STALE]


def test_from_the_summary_too_the_consent_comes_first():
    chat = reviewing().taps(GoTo(Step.HEALTH))
    assert texts.AGREE_AND_ANSWER in chat.labels
    chat.presses(texts.AGREE_AND_ANSWER).presses(Health.ALLERGY).presses("선택 완료")
    assert chat.scene.draft.health == (Health.ALLERGY,)


def test_withdrawing_it_erases_the_answers_at_once():
    chat = healthy(Health.PREGNANCY).taps(DecideOn(Purpose.HEALTH, agreed=False))
    assert chat.profile.health == ()
    assert "모두 지웠어요" in chat.text


def test_withdrawing_it_amid_the_survey_empties_the_draft_too():
    chat = at_health().presses(texts.AGREE_AND_ANSWER).presses(Health.ATOPY)
    assert chat.scene.draft.health == (Health.ATOPY,)
    chat.taps(DecideOn(Purpose.HEALTH, agreed=False))
    assert chat.scene == Surveying(Step.HEALTH, SkinProfile())


def test_in_pregnancy_retinoids_are_left_out_of_every_request():
    chat = healthy(Health.PREGNANCY).presses("선택 완료")
    assert chat.request.query.profile.unwanted == (Health.PREGNANCY.value,)
    shown = {card.product.id for card in chat.cards}
    held = [chat.shop.formula(chat.shop.product(one)) for one in shown]
    assert shown and not any(each.name == "레티놀" for formula in held for each in formula)
    assert chat.says("/ingredient 레티놀").request.avoided == (Health.PREGNANCY.value,)


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        ("레티놀", True),
        ("레티닐팔미테이트", True),
        ("레틴알", True),
        ("하이드록시피나콜론레티노에이트", True),
        ("트레티노인", True),
        ("바쿠치올", False),
        ("스테아릴글리시레티네이트", False),
        ("판테놀", False),
    ],
)
def test_what_pregnancy_leaves_out_is_vitamin_a_and_its_kin(name, left_out):
    lexicon = Lexicon([Entry(1, name)])
    assert lexicon.avoided([Health.PREGNANCY.value]) == ({1} if left_out else frozenset())


def test_a_sheet_and_a_list_tell_why_something_is_marked():
    chat = healthy(Health.PREGNANCY).says("/ingredient 레티놀")
    assert texts.PREGNANCY_MARK in chat.text
    assert texts.AVOIDED_MARK not in chat.text
    chat.says("정제수, 글리세린, 레티놀, 판테놀")
    assert texts.PREGNANCY_NOTE in chat.text
    assert "⚠️ 레티놀" in chat.labels


@pytest.mark.parametrize("answer", [Health.ALLERGY, Health.ATOPY])
def test_allergy_and_atopy_show_what_smells_and_leave_nothing_out(answer):
    scent = Ingredient(1, "로즈마리잎오일", roles=("착향제",))
    pantry = Pantry({1: frozenset({1})}, Counter({1: 1}), {1: scent})
    told = SkinProfile(health=(answer,))
    assert pantry.minded(1, told) == ("로즈마리잎오일",)
    assert pantry.minded(1, SkinProfile()) == ()
    assert answer in texts.minding(scent, told)
    assert texts.minding(scent, SkinProfile()) == ""
    assert told.unwanted == ()


def test_a_prompt_holds_health_only_where_it_was_told():
    assert "임신" in profile_line(SkinProfile(health=(Health.PREGNANCY,)))
    assert "건강" not in profile_line(SkinProfile())


# --- LAW2 28-8: abroad --------------------------------------------------------------------------

CREAM = Passage(DocumentKind.PRODUCT, "p1", "이슬 크림", "이슬 크림 (크림)\n브랜드: 이슬", 0.9)


def test_a_question_may_go_abroad_only_with_the_consent():
    assert not chatting().says("크림 있어요?").request.question.abroad
    assert chatting(Purpose.ABROAD).says("크림 있어요?").request.question.abroad


def test_it_is_offered_only_where_a_model_stands_abroad():
    here = agreed().taps(DecideOn(Purpose.ABROAD, agreed=True))
    assert standing(here) == set()
    assert "해외 모델 상담" in chatting().taps(Open(Menu.CONSENTS)).labels
    assert "해외 모델 상담" not in agreed().taps(Open(Menu.CONSENTS)).labels


async def told(question: Question, *, abroad: bool) -> tuple[Answer, list[str]]:
    """The answer, and what the model was sent."""
    model = ScriptedModel(["이슬 크림이 ", "있어요 [1]."])
    consultant = Consultant(Bookshelf([CREAM]), model, abroad=abroad)
    *_, last = [piece async for piece in consultant.consult(question)]
    assert isinstance(last, Consulted)
    return last.answer, [message.content for prompt in model.prompts for message in prompt]


async def test_without_the_consent_no_model_abroad_sees_the_question():
    answer, sent = await told(Question("이슬 크림 어때요?"), abroad=True)
    assert sent == []
    assert answer.writer is Writer.COMPOSED
    answer, sent = await told(Question("이슬 크림 어때요?"), abroad=False)
    assert sent and answer.writer is Writer.MODEL


async def test_with_the_consent_health_and_numbers_still_stay_here():
    profile = SkinProfile(health=(Health.PREGNANCY,))
    asked = Question("이슬 크림 어때요? 010-1234-5678", profile, abroad=True)
    answer, sent = await told(asked, abroad=True)
    assert answer.writer is Writer.MODEL
    assert not any("임신" in part or "1234" in part for part in sent)


def test_who_does_not_know_of_it_is_told_once():
    chat = chatting().says("크림 있어요?")
    assert texts.MODEL_ABROAD in chat.text
    assert texts.MODEL_ABROAD not in chat.says("토너 있어요?").text
    assert texts.MODEL_ABROAD not in chatting(Purpose.ABROAD).says("크림 있어요?").text
    assert texts.MODEL_ABROAD not in agreed().says("크림 있어요?").text


# --- LAW1 50: advertising ------------------------------------------------------------------------


def test_advertising_at_night_is_a_consent_beside_that_to_advertising():
    chat = chatting().taps(DecideOn(Purpose.NIGHT, agreed=True))
    assert standing(chat) == set()
    assert "밤에도 광고 받기" not in chat.taps(Open(Menu.CONSENTS)).labels
    chat.taps(DecideOn(Purpose.ADVERTISING, agreed=True))
    assert standing(chat) == {Purpose.ADVERTISING}
    assert "밤에도 광고 받기" in chat.labels


def test_night_ends_with_advertising_and_advertising_not_with_night():
    both = (Purpose.ADVERTISING, Purpose.NIGHT)
    chat = chatting(*both).taps(DecideOn(Purpose.NIGHT, agreed=False))
    assert standing(chat) == {Purpose.ADVERTISING}
    chat = chatting(*both).taps(DecideOn(Purpose.ADVERTISING, agreed=False))
    assert standing(chat) == set()
    assert decided(chat)[-2:] == [(Purpose.ADVERTISING, False), (Purpose.NIGHT, False)]


def stopping_at() -> dict[str, Chat]:
    return {
        "a stranger": Chat(dialogue=SHOP),
        "asked for the age": Chat(dialogue=SHOP).says("/start"),
        "asked for consent": of_age(Chat(dialogue=SHOP)),
        "refused": refused(Chat(dialogue=SHOP)),
        "agreed": chatting(Purpose.ADVERTISING, Purpose.NIGHT),
        "surveyed": chatting(Purpose.ADVERTISING).presses("추천 받기").presses("20대"),
        "picking": picking(Chat(dialogue=SHOP)).taps(DecideOn(Purpose.ADVERTISING, agreed=True)),
        "away for long": chatting(Purpose.ADVERTISING).presses("추천 받기").after(30),
    }


@pytest.mark.parametrize("word", ["/stop", "수신거부", "/stop@ppoyami_bot", " 수신 거부 "])
@pytest.mark.parametrize("who", stopping_at())
def test_stop_ends_advertising_at_once_for_anybody_anywhere_and_they_stay_there(who, word):
    chat = stopping_at()[who]
    scene, before = chat.scene, standing(chat)
    chat.says(word)
    assert standing(chat) == before - {Purpose.ADVERTISING, Purpose.NIGHT}
    assert chat.scene == scene
    assert ("광고를 보내지 않아요" if before else texts.NO_ADVERTISING) in chat.text
    ended = [one for one in decided(chat) if one[0] in before and not one[1]]
    assert len(ended) == len(before)


def test_stop_leaves_the_open_request_open():
    chat = chatting(Purpose.ADVERTISING)
    chat.patient = True
    chat.says("크림 있어요?").says("/stop")
    assert chat.dialogue.open is not None


# --- LAW1 50 (7): every change is told ----------------------------------------------------------


@pytest.mark.parametrize("purpose", OPTIONAL)
@pytest.mark.parametrize("given", [True, False])
def test_a_change_is_told_with_who_what_the_day_and_what_came_of_it(purpose, given):
    chat = chatting(*OPTIONAL) if not given else chatting(Purpose.ADVERTISING)
    if given and purpose is Purpose.ADVERTISING:
        chat.says("/stop")
    chat.taps(DecideOn(purpose, agreed=given))
    result = texts._RESULTS[purpose, given]
    for part in ("달빛가게", texts.PURPOSE_LABELS[purpose], "2026년 11월 2일", result):
        assert part in chat.text


def test_what_was_told_is_not_written_over_by_the_next_screen():
    chat = chatting().taps(ReadConsent(Purpose.ADVERTISING)).presses(texts.AGREE_TO)
    confirmation, below = chat.last
    assert isinstance(confirmation, Bubble) and isinstance(below, Bubble)
    assert confirmation.rows == ()
    assert not below.replaces


# --- LAW1 50 (8): asked again after two years ---------------------------------------------------


def questions(chat: Chat) -> int:
    return sum(
        texts.STILL_WANTED in [button.label for row in reply.rows for button in row]
        for reply in chat.said
        if isinstance(reply, Bubble)
    )


def test_after_two_years_it_is_asked_once_whether_advertising_is_still_wanted():
    chat = chatting(Purpose.ADVERTISING).after(TWO_YEARS - 1).says("/start")
    assert questions(chat) == 0
    chat.after(1).says("/start")
    assert questions(chat) == 1
    assert "2026년 11월 2일" in chat.text and "달빛가게" in chat.text
    assert isinstance(chat.fact, ConfirmationAsked)
    assert questions(chat.says("/start").after(5).says("/help")) == 1
    assert standing(chat) == {Purpose.ADVERTISING}


def test_nobody_else_is_asked():
    chat = chatting(Purpose.TRAINING).after(TWO_YEARS * 2).says("/start")
    assert questions(chat) == 0


def test_going_on_renews_both_with_a_proof_and_stays_where_one_is():
    both = {Purpose.ADVERTISING, Purpose.NIGHT}
    chat = (
        chatting(Purpose.ADVERTISING, Purpose.NIGHT).after(TWO_YEARS).says("/start").says("/help")
    )
    scene = chat.scene
    chat.taps(DecideOn(Purpose.ADVERTISING, agreed=True))
    assert decided(chat)[-2:] == [(Purpose.ADVERTISING, True), (Purpose.NIGHT, True)]
    assert chat.scene == scene
    for purpose in both:
        given: Given = chat.dialogue.consents[purpose]
        assert given.at - START > timedelta(days=TWO_YEARS - 1) and given.asked is None
    assert questions(chat.after(TWO_YEARS - 2).says("/start")) == 1
    assert questions(chat.after(3).says("/start")) == 2


def test_no_more_ends_it():
    chat = chatting(Purpose.ADVERTISING).after(TWO_YEARS).says("/start")
    assert standing(chat.presses(texts.NO_LONGER_WANTED)) == set()


def test_the_question_waits_until_a_request_is_answered():
    chat = chatting(Purpose.ADVERTISING).after(TWO_YEARS)
    chat.patient = True
    assert questions(chat.says("크림 있어요?")) == 0
    assert questions(chat.answered()) == 1


# --- LAW2 37: withdrawal and deletion -----------------------------------------------------------


def test_with_the_required_consent_all_others_end_each_with_its_proof():
    chat = chatting(*OPTIONAL).says("/mydata").presses("동의 거두기")
    chat.presses(texts.CONFIRM_WITHDRAW)
    assert standing(chat) == set()
    assert decided(chat)[-6:] == [(purpose, False) for purpose in Purpose]
    assert isinstance(chat.fact, ConsentWithdrawn)
    for purpose in OPTIONAL:
        assert texts.PURPOSE_LABELS[purpose] in chat.text


def test_deletion_withdraws_all_that_was_agreed_to_with_its_proof():
    chat = chatting(Purpose.ADVERTISING, Purpose.TRAINING).says("/delete").presses("모두 삭제")
    ended = [Purpose.SERVICE, Purpose.TRAINING, Purpose.ADVERTISING]
    assert decided(chat)[-3:] == [(purpose, False) for purpose in ended]
    assert isinstance(chat.fact, PersonErased)
    assert chat.dialogue.consents == {}


def test_deletion_of_who_agreed_to_nothing_needs_no_proof():
    chat = refused().says("/delete").presses("모두 삭제")
    assert decided(chat) == [(Purpose.SERVICE, False)]  # the refusal itself


# --- the operator's notice ----------------------------------------------------------------------


async def test_the_notice_is_a_page_too_and_its_text_is_no_markup():
    app = web.Application()
    add_privacy(app, "첫 줄\n둘째 줄\n\n<script>가게</script> & {이름}")
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/privacy")
        page = await answer.text()
    assert answer.status == 200
    assert answer.content_type == "text/html"
    assert "<p>첫 줄<br>둘째 줄</p>" in page
    assert "&lt;script&gt;가게&lt;/script&gt; &amp; {이름}" in page
    assert "script-src" not in answer.headers["Content-Security-Policy"]


def test_the_help_tells_where_consents_and_advertising_end():
    help_text = agreed().says("/help").text
    assert "/stop" in help_text and texts.CONSENTS in help_text
