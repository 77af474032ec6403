"""Coming by a link: to a product, to an ingredient, or from a campaign."""

import pytest

from bot.dialogue import texts
from bot.dialogue.arriving import (
    ingredient_payload,
    led_on,
    product_payload,
    subject,
)
from bot.dialogue.model import (
    AskingAge,
    AskingConsent,
    Card,
    ConsentDecided,
    Dialogue,
    Failure,
    Milestone,
    Noted,
    ReadingIngredient,
    ReadingProduct,
    Resting,
    ShowDetails,
    ShowIngredient,
    Turn,
)
from tests.chat import Chat, agreed, of_age, refused

OLD_ENOUGH, AGREE, REFUSE = texts.OLD_ENOUGH, texts.AGREE, texts.REFUSE
NOWHERE = [
    "p_", "p_0", "p_01", "p_-1", "p_1234567890123456", "p_1 ", "P_1", "p1", "p_1_2", "x_1",
    "p_١", "p_1\n", "i_", "i_1.5", "", "c_", "c_spring", "inline", "../../etc", "p_" + "1" * 63,
]  # fmt: skip


def arrivals(chat: Chat) -> list[str]:
    return [
        fact.detail
        for fact in chat.facts
        if isinstance(fact, Noted) and fact.milestone is Milestone.ARRIVED
    ]


def test_a_payload_leads_to_what_it_names():
    assert subject(product_payload(12)) == ShowDetails(12)
    assert subject(ingredient_payload(7)) == ShowIngredient(7)


@pytest.mark.parametrize("payload", NOWHERE)
def test_another_payload_leads_nowhere(payload: str):
    assert subject(payload) is None


@pytest.mark.parametrize("payload", [one for one in NOWHERE if one and one == one.strip()])
def test_a_start_that_leads_nowhere_is_a_start_like_any_other(payload: str):
    chat = agreed().says(f"/start {payload}")
    assert chat.dialogue.scene == Resting()
    assert chat.text == texts.MENU


def test_someone_known_is_led_to_the_product_at_once():
    chat = agreed().says("/start p_3")
    assert isinstance(chat.dialogue.scene, ReadingProduct)
    assert [one.product.id for one in chat.screen if isinstance(one, Card)] == [3]


def test_someone_known_is_led_to_the_ingredient_at_once():
    chat = agreed().says("/start@ppoyami_bot i_4")
    assert isinstance(chat.dialogue.scene, ReadingIngredient)
    assert "판테놀" in chat.text


@pytest.mark.parametrize("decision", [AGREE, REFUSE])
def test_a_stranger_is_asked_the_age_and_the_consent_first(decision: str):
    chat = Chat().says("/start p_3")
    assert isinstance(chat.dialogue.scene, AskingAge)
    assert not chat.requests
    chat.presses(OLD_ENOUGH)
    assert isinstance(chat.dialogue.scene, AskingConsent)
    assert not chat.requests
    chat.presses(decision)
    assert isinstance(chat.dialogue.scene, ReadingProduct)
    said = texts.AGREED if decision == AGREE else texts.REFUSED
    assert said in [getattr(one, "text", "") for one in chat.last]
    assert any(isinstance(fact, ConsentDecided) for fact in chat.facts)


def test_a_link_leads_there_once():
    chat = Chat().says("/start i_4").presses(OLD_ENOUGH).presses(AGREE)
    assert chat.dialogue.bound_for == ""
    assert chat.says("처음으로").dialogue.scene == Resting()


def test_the_last_link_counts_and_a_bare_start_keeps_it():
    chat = Chat().says("/start p_3").says("/start p_5").says("/start").says("안녕")
    chat.presses(OLD_ENOUGH).presses(AGREE)
    assert [one.product.id for one in chat.screen if isinstance(one, Card)] == [5]


def test_who_has_not_decided_yet_is_asked_and_then_led_on():
    chat = of_age().says("/start p_3")
    assert chat.dialogue.scene == AskingConsent()
    chat.presses(REFUSE)
    assert isinstance(chat.dialogue.scene, ReadingProduct)


def test_a_product_or_an_ingredient_that_is_gone_is_told_kindly():
    assert texts.FAILURES[Failure.PRODUCT_GONE] in agreed().says("/start p_999").text
    assert texts.FAILURES[Failure.INGREDIENT_GONE] in agreed().says("/start i_999").text
    chat = Chat().says("/start p_999").presses(OLD_ENOUGH).presses(AGREE)
    assert texts.FAILURES[Failure.PRODUCT_GONE] in chat.text
    assert chat.labels[-1] == texts.HOME


def test_who_refused_is_led_too():
    assert isinstance(refused().says("/start p_3").dialogue.scene, ReadingProduct)


# --- who comes is counted


def test_who_comes_by_a_campaign_is_counted_once_under_its_name():
    chat = Chat().says("/start c_spring-2026").says("/start").presses(OLD_ENOUGH).presses(AGREE)
    assert chat.dialogue.scene == Resting()
    chat.says("/start c_other")
    assert arrivals(chat) == ["spring-2026"]


@pytest.mark.parametrize("first", ["/start", "/start p_3", "/start c_a.b", "안녕하세요"])
def test_who_comes_otherwise_is_counted_without_a_name(first: str):
    assert arrivals(Chat().says(first).presses(OLD_ENOUGH)) == [""]


def test_under_14_nothing_is_kept_of_the_link_or_the_coming():
    chat = Chat().says("/start c_spring").says("/start p_3").presses(texts.TOO_YOUNG)
    assert chat.forgotten
    assert chat.dialogue == Dialogue()
    assert not chat.facts


def test_a_campaigns_name_is_not_kept_on_after_it_was_counted():
    turn = led_on(Turn(Dialogue(old_enough=True, agreed=True, bound_for="c_spring")))
    assert turn.dialogue.bound_for == ""


def test_a_link_that_is_too_long_is_not_remembered():
    assert Chat().says("/start p_" + "1" * 100).dialogue.bound_for == ""
