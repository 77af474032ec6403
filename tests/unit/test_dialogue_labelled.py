"""A photo of a label: read like a typed list, or what to do instead."""

import pytest

from bot.dialogue import texts
from bot.dialogue.model import (
    AskingAge,
    Failure,
    LabelUnread,
    Media,
    ReadingList,
    ReadLabel,
    Resting,
    Surveying,
    Unread,
)
from tests.chat import LABEL, START, Chat, Shop, agreed, picking, refused

PHOTO = Media.PHOTO


def test_a_photos_list_is_shown_after_a_word_about_misreading():
    chat = agreed().sends(PHOTO, LABEL)
    word, listed = (getattr(one, "text", "") for one in chat.last)
    assert word == texts.label_read(4)
    assert listed.startswith(f"{texts.LIST_TITLE}\n성분 4개")
    assert isinstance(chat.dialogue.scene, ReadingList)


def test_what_the_person_avoids_is_marked_in_it():
    chat = agreed()
    chat.says("/ingredient 향료").presses(texts.AVOID)
    chat.sends(PHOTO, LABEL)
    assert f"{texts.WARNING}피할 성분" in chat.text
    assert f"{texts.WARNING}향료" in chat.labels


def test_it_works_without_the_consent_and_keeps_nothing():
    chat = refused()
    before = len(chat.facts)
    chat.sends(PHOTO, LABEL)
    assert isinstance(chat.dialogue.scene, ReadingList)
    assert len(chat.facts) == before


def test_a_stranger_is_asked_the_age_first():
    chat = Chat().sends(PHOTO, LABEL)
    assert chat.dialogue.scene == AskingAge()
    assert not chat.requests


@pytest.mark.parametrize("reason", list(Unread))
def test_what_cannot_be_read_is_told_with_the_screens_buttons_and_changes_nothing(reason):
    chat = agreed().says("처음으로")
    buttons = set(chat.labels)
    chat.sends(PHOTO, reason.value)
    assert chat.text == texts.LABEL_UNREAD[reason]
    assert set(chat.labels) == buttons
    assert chat.dialogue.scene == Resting()


def test_a_channel_that_brings_no_photos_says_how_to_type_the_list():
    chat = agreed().sends(PHOTO)
    assert chat.text == texts.LABEL_UNREAD[Unread.OFF]
    assert not any(isinstance(one, ReadLabel) for one in chat.requests)


def test_a_sticker_is_still_told_off():
    assert agreed().sends(Media.STICKER, "s").text == texts.MEDIA


def test_in_a_survey_the_question_stands_under_the_list_again():
    chat = agreed().presses(texts.RECOMMEND)
    question = chat.screen[-1]
    chat.sends(PHOTO, LABEL)
    assert isinstance(chat.dialogue.scene, Surveying)
    assert chat.last[-1] == question


def test_a_picker_that_was_left_for_a_photo_goes_on_where_it_was():
    chat = picking().presses("다음 ▶").sends(PHOTO, LABEL)
    chat.says("/recommend")
    assert getattr(chat.dialogue.scene, "page", None) == 2


def test_while_it_is_read_the_person_may_stop_it_and_it_comes_too_late():
    chat = agreed()
    chat.patient = True
    chat.sends(PHOTO, LABEL)
    asked = chat.waiting
    chat.says(texts.STOP)
    assert chat.text == texts.STOPPED
    assert asked is not None
    drawn = len(chat.said)
    chat.late(LabelUnread(asked.ticket, START, Unread.BUSY))
    assert len(chat.said) == drawn


def test_a_restart_reads_the_same_photo_again():
    chat = agreed()
    chat.patient = True
    chat.sends(PHOTO, LABEL)
    chat.redrawn()
    assert isinstance(chat.waiting, ReadLabel)
    assert chat.waiting.file == LABEL


def test_an_outage_is_told_and_the_scene_stays():
    chat = agreed()
    chat.shop = Shop(failing=Failure.UNAVAILABLE)
    chat.sends(PHOTO, LABEL)
    assert chat.text.startswith(texts.FAILURES[Failure.UNAVAILABLE])
    assert chat.dialogue.scene == Resting()
