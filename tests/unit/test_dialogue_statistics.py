"""/stats: what an admin sees, and that nobody else can learn of it."""

import csv
from dataclasses import replace
from datetime import date
from io import StringIO

import pytest

from bot.dialogue.actions import read, written
from bot.dialogue.model import (
    AskStatistics,
    Bubble,
    Dialogue,
    Document,
    Menu,
    Milestone,
    Noted,
    Open,
    Picture,
    Resting,
    ShowStatistics,
    StatisticsGathered,
    ViewingStatistics,
)
from bot.dialogue.statistics import BOM, as_csv
from bot.dialogue.statistics_texts import told
from engine.figures import Figures, Followed, Liked, Stage, Survey, Verdict, Week
from tests.builders import NOON
from tests.chat import Chat, Shop, agreed, picking, recommended

FIGURES = Figures(
    NOON,
    30,
    Survey(
        24,
        skin_types=(("건성", 4), ("복합성", 20)),
        age_bands=(("20대", 24),),
        genders=(("여성", 24),),
        concerns=(("모공", 9), ("홍조", 0)),
        by_concern=(("건성", (("모공", 3),)),),
        by_age=(("건성", (("20대", 4),)),),
    ),
    funnel=((Stage.ARRIVED, 40), (Stage.CONSENTED, 30), (Stage.CLICKED, 77)),
    weeks=(Week(date(2026, 2, 23), 5, 6, 7), Week(date(2026, 3, 2), 8, 9, 10)),
    favourites=(("건성", (Liked("이슬 크림", 7),)),),
    in_vain=(("=HYPERLINK(1)", 3),),
    products=(Verdict("이슬 크림", 3, 1),),
    answers=Verdict("", 12, 6),
    reasons=(("wrong", 3), ("", 2), ("retired", 1)),
    links=(Followed("broadcast 3", "", "https://shop.example/sale", 41),),
    campaigns=(("spring", 9),),
)


def admin() -> Chat:
    return agreed(Chat(Shop(), Dialogue(admin=True)))


def test_an_admin_gets_a_picture_a_table_and_the_numbers():
    chat = admin().says("/stats")
    assert chat.requests[-1] == AskStatistics(chat.requests[-1].ticket, 30)
    assert [type(reply) for reply in chat.last] == [Picture, Document, Bubble]


def test_each_period_has_a_button():
    chat = admin().says("/stats").presses("7일")
    assert chat.dialogue.scene == ViewingStatistics(7)
    assert chat.presses("전체").dialogue.scene == ViewingStatistics(0)
    assert chat.requests[-1] == AskStatistics(chat.requests[-1].ticket, 0)


def test_a_period_that_no_button_offers_is_stale():
    chat = admin().taps(ShowStatistics(5))
    assert chat.requests == []
    assert chat.toasts


@pytest.mark.parametrize("before", [agreed, picking, recommended])
def test_to_others_the_command_is_as_unknown_as_any_word(before):
    chat = before()
    asked, other = chat.copy().says("/stats"), chat.copy().says("/staats")
    assert asked.last == other.last
    assert asked.dialogue == other.dialogue


@pytest.mark.parametrize("forged", [ShowStatistics(30), Open(Menu.STATISTICS)])
@pytest.mark.parametrize("before", [agreed, picking])
def test_to_others_its_button_is_as_unknown_as_any_other(before, forged):
    chat = before()
    assert chat.copy().taps(forged).last == chat.copy().presses_unknown().last


def test_who_is_admin_no_longer_is_back_at_the_menu():
    chat = admin().says("/stats")
    chat.dialogue = replace(chat.dialogue, admin=False)
    assert chat.redrawn().dialogue.scene == Resting()


def test_figures_that_come_after_the_admin_left_are_not_shown():
    chat = admin()
    chat.patient = True
    chat.says("/stats")
    late = StatisticsGathered(chat.dialogue.ticket, NOON, FIGURES, b"PNG")
    chat.patient = False
    chat.says("/help").late(late)
    assert chat.last == ()


def test_the_written_button_reads_back():
    assert read(written(ShowStatistics(0))) == ShowStatistics(0)


@pytest.mark.parametrize(
    "line",
    [
        "· 동의 30명 (75%)",
        "· 링크 클릭 77번",
        "[설문 24명]",
        "· 피부 타입: 복합성 20, 건성 4",
        "· 고민: 모공 9",
        "· 이번 주: 새 손님 8, 추천 9, 질문 10",
        "· 지난주: 새 손님 5, 추천 6, 질문 7",
        "· 건성: 이슬 크림 7명",
        "· 상담 답변 👍 12 👎 6",
        "[👎 이유]",
        "· 틀린 내용이에요 3번",
        "· 이유를 말하지 않음 2번",
        "· retired 1번",
        "· 보낸 메시지 3번 41번",
        "· spring 9명",
    ],
)
def test_the_numbers_stand_in_the_text(line: str):
    assert line in told(FIGURES).splitlines()


def test_nothing_yet_is_said():
    assert "아직 보여 드릴 것이 없어요" in told(Figures(NOON, 7))


def rows() -> list[list[str]]:
    return list(csv.reader(StringIO(as_csv(FIGURES).removeprefix(BOM))))


def test_a_spreadsheet_reads_the_table_as_utf_8_and_finds_no_formula_in_it():
    assert as_csv(FIGURES).startswith(BOM)
    assert ["찾지 못한 검색어", "'=HYPERLINK(1)", "", "3"] in rows()
    assert not [cell for row in rows() for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_the_table_tells_why_answers_were_no_good():
    assert [row for row in rows() if row[0] == "👎 이유"] == [
        ["👎 이유", "틀린 내용이에요", "", "3"],
        ["👎 이유", "이유를 말하지 않음", "", "2"],
        ["👎 이유", "retired", "", "1"],
    ]


def test_without_a_thumb_down_there_is_no_word_of_reasons():
    assert "이유" not in told(replace(FIGURES, reasons=()))


def test_the_table_has_the_crossings_and_every_week():
    assert ["피부 타입 × 고민", "건성", "모공", "3"] in rows()
    assert ["피부 타입 × 나이대", "건성", "20대", "4"] in rows()
    assert ["주간", "2026-03-02", "새 손님", "8"] in rows()
    assert ["흐름", "링크 클릭", "번", "77"] in rows()


# --- what is counted ------------------------------------------------------------------------------


def noted(chat: Chat) -> list[tuple[Milestone, str]]:
    return [
        (fact.milestone, fact.detail)
        for fact in chat.facts
        if isinstance(fact, Noted) and fact.milestone is not Milestone.ARRIVED
    ]


def test_cards_that_are_shown_are_counted():
    chat = recommended()
    assert noted(chat) == [(Milestone.RECOMMENDED, "")]
    assert noted(chat.presses("다른 추천")) == [(Milestone.RECOMMENDED, "")] * 2


def test_a_round_without_cards_is_not_counted():
    chat = recommended()
    chat.shop = Shop(products=())
    assert noted(chat.presses("다른 추천")) == [(Milestone.RECOMMENDED, "")]


@pytest.mark.parametrize("room", ["제품 찾기", "성분 물어보기"])
def test_a_search_in_vain_is_counted_without_personal_data(room: str):
    chat = agreed().presses(room).says("있을리  없는것 010-1234-5678")
    assert noted(chat) == [(Milestone.SEARCHED_IN_VAIN, "있을리 없는것 (전화번호)")]


def test_a_search_that_finds_something_is_not_counted():
    assert noted(agreed().presses("제품 찾기").says("크림")) == []
    assert noted(agreed().presses("성분 물어보기").says("판테놀")) == []


def test_everything_there_is_to_show_is_no_search():
    chat = agreed()
    chat.shop = Shop(products=())
    assert noted(chat.presses("제품 찾기").presses("전체 보기")) == []
