"""«내 정보», and its deletion in two steps."""

from dataclasses import replace

from bot.dialogue import texts
from bot.dialogue.model import (
    AskingAge,
    ConfirmDelete,
    ConfirmingDelete,
    Dialogue,
    NameProducts,
    PersonErased,
    ViewingMine,
)
from tests.chat import Chat, Shop, agreed, recommended, refused


def test_mine_shows_profile_picks_and_consent():
    chat = recommended().says("/mydata")
    assert chat.requests[-1] == NameProducts(chat.dialogue.ticket, (1, 2))
    for part in ("20대", "여성", "건성", "홍조", "향료", "달빛 수분 크림", "달빛 진정 토너"):
        assert part in chat.text
    assert "동의하셨어요" in chat.text
    assert chat.labels == ["설문 다시 하기", "제품 다시 고르기", "내 정보 삭제", "처음으로"]


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
    assert chat.labels == ["추천 받기", "내 정보 삭제", "처음으로"]


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
