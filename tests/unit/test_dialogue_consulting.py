"""A question may be asked anywhere; its answer lists sources and is kept only with consent."""

import pytest

from bot.dialogue import texts
from bot.dialogue.model import (
    Answered,
    Consult,
    Consulting,
    FeedbackGiven,
    Menu,
    Open,
    QuestionAnswered,
    RateAnswer,
)
from engine.domain import Answer, DocumentKind, Question, SkinProfile, Source
from tests.chat import START, Chat, agreed, of_age, picking, refused

QUESTION = "크림 중에 좋은 것은요?"


def test_consulting_invites_a_question_with_three_examples():
    chat = agreed().presses("상담하기")
    assert chat.text.count("· ") == 3
    assert chat.says(QUESTION).dialogue.scene == Consulting(QUESTION)


@pytest.mark.parametrize(
    "room", [Menu.HOME, Menu.HELP, Menu.PRIVACY, Menu.CONSULT, Menu.MINE, Menu.DELETE]
)
def test_free_text_is_a_question(room):
    chat = agreed().taps(Open(room)).says(QUESTION)
    assert chat.request == Consult(chat.dialogue.ticket, Question(QUESTION, SkinProfile()))
    assert chat.dialogue.scene == Consulting(QUESTION)


def test_a_question_carries_the_profile():
    chat = picking().says("처음으로").says(QUESTION)
    assert chat.request.question.profile == chat.dialogue.profile != SkinProfile()


def test_an_answer_lists_its_sources_and_opens_their_products():
    chat = agreed().says(QUESTION)
    assert "출처\n[1] 달빛 수분 크림 · 제품 정보\n[2] 온결 보습 크림 · 제품 정보\n" in chat.text
    assert chat.labels == [
        "👍",
        "👎",
        "달빛 수분 크림",
        "온결 보습 크림",
        "이슬 장벽 크림",
        "처음으로",
    ]
    assert not chat.bubbles[0].replaces
    assert chat.presses("온결 보습 크림").cards[0].product.id == 5


def test_a_product_is_named_by_its_own_title_rather_than_its_reviews():
    chat = agreed()
    chat.patient = True
    chat.says(QUESTION)
    sources = (
        Source(1, DocumentKind.REVIEWS, "수분 크림 리뷰", product=1),
        Source(2, DocumentKind.INGREDIENT, "판테놀"),
        Source(3, DocumentKind.PRODUCT, "달빛 수분 크림", product=1),
        Source(4, DocumentKind.REVIEWS, "온결 보습 크림 리뷰", product=5),
    )
    chat.late(Answered(1, START, Answer("답", sources)))
    assert chat.labels == ["👍", "👎", "달빛 수분 크림", "온결 보습 크림 리뷰", "처음으로"]


def test_an_answer_without_sources_lists_none():
    chat = agreed().says("안녕?")
    assert chat.text == "자료가 없어요."


def test_an_answer_is_kept_with_consent():
    chat = agreed().says(QUESTION)
    fact = chat.facts[-1]
    assert isinstance(fact, QuestionAnswered)
    assert (fact.ticket, fact.question) == (1, QUESTION)
    assert fact.answer == chat.shop.consulted(Question(QUESTION))


@pytest.mark.parametrize("someone", [refused, of_age])
def test_without_consent_no_answer_is_kept_nor_rated(someone):
    chat = someone().says(QUESTION)
    facts = list(chat.facts)
    assert "👍" not in chat.labels and "출처" in chat.text
    chat.taps(RateAnswer(1, good=True))
    assert chat.facts == facts
    assert not any(isinstance(fact, QuestionAnswered) for fact in facts)


def test_an_answer_is_rated_by_its_ticket():
    chat = agreed().says(QUESTION).presses("👍")
    fact = chat.facts[-1]
    assert isinstance(fact, FeedbackGiven)
    assert (fact.answer, fact.product, fact.good) == (1, None, True)
    assert chat.toasts == [texts.THANKS]


def test_an_answer_never_given_cannot_be_rated():
    chat = agreed().taps(RateAnswer(99, good=True)).taps(RateAnswer(0, good=True))
    assert not any(isinstance(fact, FeedbackGiven) for fact in chat.facts)
    assert chat.toasts == [texts.STALE]


def test_a_second_question_closes_the_first():
    chat = agreed()
    chat.patient = True
    chat.says(QUESTION).says("토너는요?")
    before = chat.dialogue
    chat.late(Answered(1, START, Answer("늦은 답")))
    assert chat.dialogue == before and chat.last == ()
    chat.answered()
    assert chat.dialogue.scene == Consulting("토너는요?")


def test_an_open_question_is_asked_again_when_drawn_again():
    chat = agreed()
    chat.patient = True
    chat.says(QUESTION).redrawn()
    assert chat.requests[-1] == Consult(2, Question(QUESTION, SkinProfile()))
    chat.answered()
    assert "출처" in chat.text


def test_the_menu_does_not_take_the_place_of_an_answer():
    chat = agreed().says(QUESTION).presses("처음으로")
    assert not chat.bubbles[0].replaces


def test_a_question_as_long_as_allowed_is_asked():
    question = "가" * 1_000
    chat: Chat = agreed().says(question)
    assert chat.request.question.text == question
