"""/model: an admin chooses who writes the answers, and nobody else can learn of it."""

from dataclasses import replace

import pytest

from bot.dialogue.actions import BYTES_AT_MOST, read, written
from bot.dialogue.model import (
    Adapt,
    AskModels,
    Bubble,
    Deed,
    Dialogue,
    Made,
    Menu,
    ModelsListed,
    ModelTrouble,
    Open,
    Rejected,
    Resting,
    ViewingModels,
)
from bot.dialogue.models_texts import TROUBLES
from tests.builders import NOON
from tests.chat import Chat, Models, Shop, agreed, picking


def admin(models: Models | None = None) -> Chat:
    return agreed(Chat(Shop(models=models or Models()), Dialogue(admin=True)))


def text(chat: Chat) -> str:
    (bubble,) = chat.last
    assert isinstance(bubble, Bubble)
    return bubble.text


def labels(chat: Chat) -> list[str]:
    (bubble,) = chat.last
    assert isinstance(bubble, Bubble)
    return [button.label for row in bubble.rows for button in row]


def test_the_list_says_who_answers_and_what_could():
    chat = admin().says("/model")
    assert "지금 답하는 모델: 기본 모델" in text(chat)
    assert "올라와 있는 어댑터: warm" in text(chat)
    assert "올릴 수 있는 어댑터: plain" in text(chat)
    assert labels(chat)[:3] == ["warm 답변 맡기기", "plain 올리기", "warm 내리기"]


def test_an_adapter_is_loaded_chosen_and_another_one_unloaded():
    chat = admin().says("/model").presses("plain 올리기")
    assert text(chat).startswith("‘plain’ 어댑터를 서버에 올렸어요.")
    chat.presses("plain 답변 맡기기")
    assert "지금 답하는 모델: plain" in text(chat)
    assert "plain 내리기" not in labels(chat)
    chat.presses("warm 내리기")
    assert "올라와 있는 어댑터: plain" in text(chat)
    chat.presses("기본 모델 답변 맡기기")
    assert "지금 답하는 모델: 기본 모델" in text(chat)
    assert [one.deed for one in chat.requests if isinstance(one, AskModels)] == [
        None,
        Deed.LOAD,
        Deed.SPEAK,
        Deed.UNLOAD,
        Deed.SPEAK,
    ]


@pytest.mark.parametrize("trouble", ModelTrouble)
def test_trouble_is_a_sentence_before_the_list(trouble: ModelTrouble):
    chat = admin(Models(trouble=trouble)).says("/model")
    assert text(chat).startswith(TROUBLES[trouble])


def test_without_a_known_state_there_is_no_list():
    chat = admin()
    chat.patient = True
    chat.says("/model")
    unknown = ModelsListed(chat.dialogue.ticket, NOON, trouble=ModelTrouble.UNREACHABLE)
    chat.patient = False
    chat.late(unknown)
    assert text(chat) == TROUBLES[ModelTrouble.UNREACHABLE]
    assert labels(chat) == ["새로 고침", "처음으로"]


def test_who_answers_has_its_day_its_data_and_its_figures():
    made = Made(NOON, "sft", 312, 58, "자료가 받치는 문장 71% · 되풀이한 네 음절 3%")
    chat = admin(Models(chosen="warm", made=made)).says("/model")
    lines = text(chat).splitlines()
    place = lines.index("지금 답하는 모델: warm")
    assert lines[place + 1 : place + 3] == [
        f"- {NOON.year}년 {NOON.month}월 {NOON.day}일에 만들었어요, sft에서 이어서, "
        "배운 자료 312쌍 (사람들이 고른 58쌍)",
        "- 평가: 자료가 받치는 문장 71% · 되풀이한 네 음절 3%",
    ]


def test_an_adapter_that_only_has_a_day_tells_no_more():
    chat = admin(Models(chosen="warm", made=Made(NOON))).says("/model")
    assert "만들었어요\n" in text(chat)
    assert "쌍" not in text(chat) and "평가" not in text(chat)


def test_a_newer_one_that_was_not_given_the_answers_is_told_with_the_reason():
    rejected = Rejected("wheel-0004", NOON, "«있는 제품만 말함»이 떨어져요: 0.98 → 0.91")
    chat = admin(Models(chosen="warm", rejected=rejected)).says("/model")
    assert "맡기지 않은 새 어댑터: wheel-0004" in text(chat)
    assert "«있는 제품만 말함»이 떨어져요" in text(chat)
    assert "맡기지 않은" not in text(admin().says("/model"))


def test_drawn_again_the_list_is_looked_at_and_nothing_is_done_twice():
    chat = admin().says("/model").presses("plain 올리기").redrawn()
    assert chat.requests[-1] == AskModels(chat.requests[-1].ticket)


def test_a_name_that_fits_no_button_is_listed_without_one():
    strange = ["콜론:이름", "a" * 41, "warm"]
    chat = admin(Models(loaded=strange)).says("/model")
    assert "콜론:이름" in text(chat)
    assert not [label for label in labels(chat) if "콜론" in label or "a" * 41 in label]


@pytest.mark.parametrize("before", [agreed, picking])
def test_to_others_the_command_is_as_unknown_as_any_word(before):
    chat = before()
    asked, other = chat.copy().says("/model"), chat.copy().says("/modell")
    assert asked.last == other.last
    assert asked.dialogue == other.dialogue


@pytest.mark.parametrize("forged", [Adapt(Deed.UNLOAD, "warm"), Open(Menu.MODELS)])
def test_to_others_its_button_is_as_unknown_as_any_other(forged):
    chat = agreed()
    assert chat.copy().taps(forged).last == chat.copy().presses_unknown().last
    assert chat.requests == []


def test_who_is_admin_no_longer_is_back_at_the_menu():
    chat = admin().says("/model")
    assert chat.dialogue.scene == ViewingModels()
    chat.dialogue = replace(chat.dialogue, admin=False)
    assert chat.redrawn().dialogue.scene == Resting()


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("name", ["", "ppoyami-dpo.v2", "a" * 40])
def test_the_written_button_reads_back(deed: Deed, name: str):
    assert len(written(Adapt(deed, name))) <= BYTES_AT_MOST
    assert read(written(Adapt(deed, name))) == Adapt(deed, name)


@pytest.mark.parametrize("text_", ["load:../base", "load:/etc", "load:.hidden", "speak:가", "load"])
def test_what_is_no_name_is_no_button(text_: str):
    assert read(text_) is None
