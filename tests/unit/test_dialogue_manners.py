"""What holds in every scene: standing words, typed labels, old buttons, failures."""

from collections.abc import Callable

import pytest

from bot.dialogue import texts
from bot.dialogue.model import (
    Answered,
    AskingConsent,
    AskingIngredient,
    Bubble,
    Card,
    ConfirmingDelete,
    Consulting,
    Dialogue,
    Failed,
    Failure,
    Finding,
    FinishPicking,
    Helping,
    Media,
    Menu,
    Open,
    Picking,
    ReadingPrivacy,
    Recommending,
    Resting,
    Surveying,
    ViewingMine,
)
from bot.dialogue.step import redraw
from engine.domain import Answer
from tests.chat import START, Chat, Shop, agreed, of_age, picking, recommended, refused, reviewing

SCENES: dict[str, Callable[[], Chat]] = {
    "menu": agreed,
    "refused": refused,
    "help": lambda: agreed().says("/help"),
    "privacy": lambda: agreed().says("/privacy"),
    "survey": lambda: agreed().presses("추천 받기"),
    "avoided": lambda: reviewing().presses("수정하기").presses("피할 성분"),
    "summary": reviewing,
    "picking": picking,
    "cards": recommended,
    "why": lambda: recommended().presses("왜 추천했나요?"),
    "formula": lambda: recommended().presses("성분 보기"),
    "finding": lambda: agreed().presses("제품 찾기"),
    "found": lambda: agreed().presses("제품 찾기").says("크림"),
    "product": lambda: agreed().presses("제품 찾기").says("크림").presses("온결 보습 크림"),
    "asking": lambda: agreed().presses("성분 물어보기"),
    "ingredient": lambda: agreed().says("/ingredient 판테놀"),
    "inviting": lambda: agreed().presses("상담하기"),
    "answer": lambda: agreed().says("크림 있어요?"),
    "list": lambda: agreed().says("정제수, 글리세린, 판테놀"),
    "from a list": lambda: agreed().says("정제수, 글리세린, 판테놀").presses("판테놀"),
    "mine": lambda: recommended().says("/mydata"),
    "an answer": lambda: recommended().says("/mydata").presses("피부 타입"),
    "withdrawal": lambda: recommended().says("/mydata").presses("동의 거두기"),
    "delete": lambda: agreed().says("/delete"),
}


@pytest.fixture(params=SCENES)
def anywhere(request) -> Chat:
    """The person in each of the scenes after consent."""
    return SCENES[request.param]()


@pytest.mark.parametrize(
    "word", ["처음으로", "처음 으로", "/start", "/START", "/start from-shop", "/start@ppoyami_bot"]
)
def test_home_is_one_word_away_from_anywhere(anywhere, word):
    anywhere.says(word)
    assert anywhere.dialogue.scene == Resting()
    assert anywhere.dialogue.open is None


@pytest.mark.parametrize("word", ["취소", "/cancel", " /Cancel "])
def test_cancel_leaves_from_anywhere(anywhere, word):
    anywhere.says(word)
    assert anywhere.dialogue.scene == Resting()
    assert texts.CANCELLED in anywhere.text


@pytest.mark.parametrize(
    ("word", "scene"),
    [
        ("도움말", Helping()),
        ("/help", Helping()),
        ("/privacy", ReadingPrivacy()),
        ("/mydata", ViewingMine()),
        ("/delete", ConfirmingDelete()),
        ("/ingredient", AskingIngredient()),
    ],
)
def test_commands_mean_the_same_in_every_scene(anywhere, word, scene):
    assert anywhere.says(word).dialogue.scene == scene


def test_results_are_drawn_again_in_every_scene(anywhere):
    before = anywhere.dialogue.scene
    anywhere.says("결과 보기")
    assert anywhere.dialogue.scene == before
    assert anywhere.bubbles or anywhere.cards


def test_every_scene_is_drawn_again_after_a_restart(anywhere):
    before = anywhere.dialogue.scene
    labels = anywhere.labels
    anywhere.redrawn()
    assert anywhere.dialogue.scene == before
    assert anywhere.labels == labels


def test_an_unknown_button_is_said_so_and_the_scene_drawn_again(anywhere):
    before = anywhere.dialogue.scene
    anywhere.presses_unknown()
    assert anywhere.toasts == [texts.STALE]
    assert anywhere.dialogue.scene == before
    assert anywhere.bubbles or anywhere.cards


def test_a_text_over_a_thousand_characters_leaves_everything_as_it_is(anywhere):
    before = anywhere.dialogue
    anywhere.says("가" * 1_001)
    assert anywhere.dialogue == before
    assert anywhere.text == texts.TOO_LONG


@pytest.mark.parametrize("media", list(Media))
def test_media_get_one_line_and_the_scenes_buttons(anywhere, media):
    before = anywhere.dialogue
    labels = {*anywhere.labels}
    anywhere.sends(media)
    assert anywhere.dialogue == before
    [bubble] = anywhere.last
    assert isinstance(bubble, Bubble) and bubble.text == texts.MEDIA
    shown = {button.label for row in bubble.rows for button in row}
    assert shown and shown <= labels


@pytest.mark.parametrize("word", ["/unknown", "/", "/ 안녕", "/추천"])
def test_an_unknown_command_gets_one_line_and_the_way_to_help(anywhere, word):
    before = anywhere.dialogue
    anywhere.says(word)
    assert anywhere.dialogue == before
    assert anywhere.text == texts.UNKNOWN_COMMAND
    assert anywhere.presses("도움말").dialogue.scene == Helping()


def test_a_blank_text_changes_nothing(anywhere):
    before = anywhere.dialogue
    anywhere.says(" \n ")
    assert anywhere.dialogue == before and anywhere.text == texts.NOTHING_SAID


NEEDING_DATA = [
    "picking",
    "cards",
    "why",
    "formula",
    "found",
    "product",
    "ingredient",
    "answer",
    "mine",
]


@pytest.mark.parametrize("failure", list(Failure))
@pytest.mark.parametrize("scene", NEEDING_DATA)
def test_a_failure_is_one_line_with_a_way_on(scene, failure):
    chat = SCENES[scene]()
    chat.shop = Shop(failing=failure)
    chat.redrawn()
    assert chat.text.startswith(texts.FAILURES[failure])
    assert chat.dialogue.open is None
    assert "처음으로" in [button.label for row in chat.bubbles[-1].rows for button in row]


@pytest.mark.parametrize("scene", [each for each in NEEDING_DATA if each != "answer"])
def test_after_an_outage_one_press_tries_again(scene):
    chat = SCENES[scene]()
    before, whole = chat.dialogue.scene, chat.shop
    chat.shop = Shop(failing=Failure.UNAVAILABLE)
    chat.redrawn()
    assert chat.text == texts.FAILURES[Failure.UNAVAILABLE]
    chat.shop = whole
    chat.presses("다시 시도")
    assert type(chat.dialogue.scene) is type(before)
    assert chat.cards or chat.bubbles
    assert not {bubble.text for bubble in chat.bubbles} & {*texts.FAILURES.values()}


def test_others_that_failed_are_tried_again_without_repeating():
    chat = recommended()
    shown = {card.product.id for card in chat.cards}
    whole, chat.shop = chat.shop, Shop(failing=Failure.UNAVAILABLE)
    chat.presses("다른 추천")
    chat.shop = whole
    chat.presses("다시 시도")
    assert chat.scene.turn == 2
    assert not shown & {card.product.id for card in chat.cards}


def test_a_failed_answer_may_be_asked_for_again():
    chat = agreed(Chat())
    chat.shop = Shop(failing=Failure.INDEX_UNAVAILABLE)
    chat.says("크림 있어요?")
    assert texts.SAY_RESULT in chat.text
    assert chat.labels == ["제품 찾기", "성분 물어보기", "처음으로"]
    chat.shop = Shop()
    assert "출처" in chat.says("결과 보기").text


def test_a_failed_aside_leaves_the_survey_where_it_was():
    chat = agreed().presses("추천 받기")
    chat.shop = Shop(failing=Failure.UNAVAILABLE)
    chat.says("크림 있어요?")
    assert chat.bubbles[-1].text.startswith("1/6")


def test_a_failure_of_an_old_request_changes_nothing():
    chat = agreed()
    before = chat.dialogue
    chat.late(Failed(1, START, Failure.UNAVAILABLE))
    assert chat.dialogue == before and chat.last == ()


def test_a_result_of_another_kind_closes_the_request_and_shows_nothing():
    chat = recommended()
    chat.patient = True
    chat.says("결과 보기").late(Answered(chat.dialogue.ticket, START, Answer("?")))
    assert chat.last == () and chat.dialogue.open is None


def test_menu_labels_lead_on_where_no_menu_is_on_the_screen():
    assert recommended().says("제품 찾기").dialogue.scene == Finding()
    assert agreed().says("/help").says("상담하기").dialogue.scene == Consulting()
    assert isinstance(agreed().says("/privacy").says("추천받기").dialogue.scene, Surveying)


def test_media_while_an_answer_is_written_do_not_stop_it():
    chat = agreed()
    chat.patient = True
    chat.says("크림 있어요?").sends(Media.PHOTO).answered()
    assert "출처" in chat.text


def test_menus_reached_by_a_button_take_its_bubbles_place():
    assert agreed().presses("도움말").presses("처음으로").bubbles[0].replaces
    assert recommended().presses("처음으로").bubbles[0].replaces


@pytest.mark.parametrize("scene", ["why", "formula", "product", "ingredient", "answer"])
def test_what_was_read_stays_when_the_menu_comes(scene):
    assert not SCENES[scene]().presses("처음으로").bubbles[0].replaces


def test_cards_never_replace_and_their_buttons_tell_of_which_product():
    for reply in recommended().said:
        if isinstance(reply, Card):
            assert all(button.about for row in reply.rows for button in row)


def test_help_lists_every_command():
    text = agreed().says("/help").text
    assert all(f"/{name}" in text for name, _ in texts.COMMANDS)


def test_an_old_button_before_consent_draws_the_consent_again():
    chat = of_age().taps(FinishPicking())
    assert chat.toasts == [texts.STALE]
    assert chat.dialogue.scene == AskingConsent()


def test_pressing_the_menus_button_twice_is_calm():
    once = picking().presses("처음으로").presses("추천 받기")
    assert once.taps(Open(Menu.RECOMMEND)).dialogue.scene == Picking()


def test_a_fresh_dialogue_is_drawn_as_the_greeting():
    turn = redraw(Dialogue())
    assert [reply.text for reply in turn.replies if isinstance(reply, Bubble)] == [texts.GREETING]


def test_another_pick_starts_a_new_round():
    chat = recommended().presses("다른 추천").presses("제품 다시 고르기")
    chat.presses("숲속 시카 로션")
    scene = chat.presses("선택 완료").dialogue.scene
    assert isinstance(scene, Recommending)
    assert (scene.turn, scene.before) == (1, ())
