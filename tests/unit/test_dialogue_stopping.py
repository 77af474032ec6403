"""«그만»: what is waited for is waited for no longer, wherever the person is."""

import pytest

from bot.dialogue import texts
from bot.dialogue.model import Consulting, Recommending, Resting, Step, Stop, Surveying
from tests.chat import START, Chat, agreed, picking, recommended


def patient(chat: Chat) -> Chat:
    """Requests of this chat stay open."""
    chat.patient = True
    return chat


@pytest.mark.parametrize("word", ["그만", " 그만! ", "그 만"])
def test_stop_closes_the_question_and_its_late_answer_is_ignored(word):
    chat = patient(agreed()).says("크림 있어요?")
    late = chat.shop.fulfil(chat.request, START)
    chat.says(word)
    assert chat.text == texts.STOPPED
    assert chat.dialogue.open is None
    said = len(chat.said)
    assert len(chat.late(late).said) == said
    assert chat.labels == [texts.HOME]


def test_a_stopped_question_is_not_asked_again_by_a_redrawing():
    chat = patient(agreed()).says("크림 있어요?").says("그만")
    assert chat.scene == Consulting()
    assert chat.redrawn().dialogue.open is None


def test_a_question_stopped_in_a_survey_leaves_the_survey_standing():
    chat = patient(agreed().presses("추천 받기")).says("크림 있어요?").says("그만")
    assert isinstance(chat.scene, Surveying)
    assert chat.scene.step is Step.AGE_BAND
    assert chat.bubbles[0].text == texts.STOPPED
    assert "20대" in chat.labels


def test_recommendations_that_were_stopped_can_be_asked_for_again():
    chat = patient(picking()).presses("선택 완료").says("그만")
    assert isinstance(chat.scene, Recommending)
    assert chat.labels == [texts.RETRY, texts.HOME]
    assert chat.presses(texts.RETRY).answered().cards


def test_the_button_stops_its_own_answer_only():
    chat = patient(agreed()).says("크림 있어요?")
    ticket = chat.request.ticket
    chat.taps(Stop(ticket - 1))
    assert chat.toasts == [texts.NOTHING_TO_STOP]
    assert chat.dialogue.open is not None
    chat.taps(Stop(ticket))
    assert chat.text == texts.STOPPED
    assert chat.dialogue.open is None


def test_where_nothing_is_waited_for_the_screen_stays_and_says_the_way_out():
    chat = agreed().presses("추천 받기")
    before = chat.dialogue
    chat.says("그만")
    assert texts.NOTHING_TO_STOP in chat.text
    assert "20대" in chat.labels
    assert texts.HOME in chat.labels
    assert chat.dialogue.scene == before.scene
    assert recommended().says("그만").presses(texts.HOME).scene == Resting()
