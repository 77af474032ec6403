"""Coming back after days: «이어서 할까요?»"""

from datetime import timedelta

import pytest

from bot.dialogue import texts
from bot.dialogue.model import (
    Bubble,
    Choose,
    Dialogue,
    Helping,
    Media,
    Picking,
    RecommendOthers,
    Resting,
    Step,
    Surveying,
    ViewingMine,
)
from bot.dialogue.step import redraw
from engine.domain import SkinProfile
from tests.chat import START, Chat, agreed, of_age, picking, recommended

QUESTION = ["이어서 하기", "처음부터"]


def surveying() -> Chat:
    return agreed().presses("추천 받기").presses("20대")


@pytest.mark.parametrize("doing", ["press", "label", "text", "old"])
def test_who_comes_back_after_days_is_asked_whether_to_go_on(doing):
    chat = surveying()
    scene, facts = chat.scene, len(chat.facts)
    chat.after(days=3)
    match doing:
        case "press":
            chat.presses("여성")
        case "label":
            chat.says("여성")
        case "text":
            chat.says("건성에는 뭐가 좋아요?")
        case "old":
            chat.presses_unknown()
    assert chat.text == texts.RESUMING
    assert chat.labels == QUESTION
    assert chat.scene == scene and len(chat.facts) == facts
    chat.presses("이어서 하기")
    assert chat.scene == scene
    assert chat.text == texts.question(Step.GENDER)


def test_starting_afresh_leads_home():
    chat = recommended().after(days=4).taps(RecommendOthers(1)).presses("처음부터")
    assert chat.scene == Resting()


def test_going_on_with_recommendations_shows_the_cards_again():
    chat = recommended()
    shown = chat.scene.shown
    chat.after(days=5).says("음").presses("이어서 하기")
    assert chat.scene.shown == shown and chat.cards


def test_it_is_asked_once():
    chat = surveying().after(days=3).presses("여성").taps(Choose(Step.GENDER, 0))
    assert isinstance(chat.scene, Surveying) and chat.scene.step is Step.SKIN_TYPE


@pytest.mark.parametrize(
    ("said", "scene"),
    [
        ("/help", Helping()),
        ("처음으로", Resting()),
        ("/mydata", ViewingMine()),
        ("취소", Resting()),
    ],
)
def test_commands_and_standing_words_work_at_once(said, scene):
    assert surveying().after(days=9).says(said).scene == scene


def test_a_rooms_button_works_at_once():
    chat = recommended().after(days=9).presses("제품 다시 고르기")
    assert isinstance(chat.scene, Picking)


def test_at_the_menu_and_before_the_consent_nothing_is_asked():
    assert texts.RESUMING not in agreed().after(days=30).says("크림 있어요?").text
    assert texts.RESUMING not in of_age().after(days=30).presses("동의하고 시작").text
    assert texts.RESUMING not in Chat().after(days=30).says("안녕").text


def test_a_shorter_absence_is_nobodys_business():
    chat = surveying().after(days=2).presses("여성")
    assert chat.scene.step is Step.SKIN_TYPE


def test_each_day_counts_from_the_last_thing_done():
    chat = surveying().after(days=2).presses("여성").after(days=2).presses("건성")
    assert chat.scene.step is Step.CONCERNS


def test_what_cannot_be_read_is_said_so_first():
    assert surveying().after(days=9).sends(Media.STICKER).text == texts.MEDIA


def test_a_page_opened_after_days_asks_too():
    there = picking().dialogue
    late, soon = START + timedelta(days=9), START + timedelta(minutes=5)
    (asked,) = redraw(there, late).replies
    assert isinstance(asked, Bubble) and asked.text == texts.RESUMING
    assert redraw(there, soon).request is not None
    assert redraw(redraw(there, late).dialogue, late).request is not None


def test_a_result_that_comes_after_days_is_shown():
    chat = surveying()
    chat.patient = True
    chat.says("건성에는 뭐가 좋아요?").after(days=9).answered()
    assert chat.text == texts.question(Step.GENDER)


def test_a_dialogue_of_before_such_times_were_kept_asks_nothing():
    old = Dialogue(Surveying(Step.GENDER, SkinProfile()), old_enough=True, agreed=True)
    assert Chat(dialogue=old).says("여성").text != texts.RESUMING
