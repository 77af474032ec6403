"""The law's form of advertising: there is none without the mark, the sender and the way out."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.courier import Notice
from engine.advertising import (
    CAPTION_AT_MOST,
    MARK,
    REFUSAL,
    SEOUL,
    TEXT_AT_MOST,
    Advertisement,
    Delivery,
    Fault,
    Link,
    Sender,
    Tally,
    Unlawful,
    hides_a_mark,
    quiet,
)

SENDER = Sender("달빛상점", "02-123-4567")
BODIES = st.text(min_size=1, max_size=300)


def fault(of) -> Fault:
    with pytest.raises(Unlawful) as refused:
        of()
    return refused.value.fault


def test_the_mark_and_the_name_stand_first_the_contact_and_the_free_refusal_last():
    text = Advertisement(SENDER, "여름 크림 30% 할인").text
    assert text.startswith("(광고) 달빛상점\n")
    assert text.endswith("\n문의: 02-123-4567\n무료 수신거부: /stop")
    assert "여름 크림 30% 할인" in text


@given(BODIES)
def test_whatever_is_written_there_is_no_advertisement_without_them(body):
    try:
        text = Advertisement(SENDER, body).text
    except Unlawful:
        return
    assert text.startswith(f"{MARK} {SENDER.name}") and text.endswith(REFUSAL)
    assert SENDER.contact in text.splitlines()[-2]
    assert text.count(MARK) == 1 and len(text) <= TEXT_AT_MOST


@pytest.mark.parametrize(("name", "contact"), [("", "02-1"), ("상점", ""), (" ", "02-1"), ("", "")])
def test_without_a_name_or_a_contact_nobody_can_send(name, contact):
    assert fault(lambda: Sender(name, contact)) is Fault.NAMELESS


def test_a_name_of_several_lines_cannot_push_the_mark_away():
    text = Advertisement(Sender("달빛\n상점", "02-1\n010"), "글").text
    assert text.splitlines()[0] == "(광고) 달빛 상점"
    assert text.splitlines()[-2] == "문의: 02-1 010"


@pytest.mark.parametrize(
    "text",
    [
        "(광고) 할인",
        "(광/고) 할인",
        "( 광 고 ) 할인",
        "[광고] 할인",
        "할인 (광.고)",
        "（광고）",
        "【광 고】",
        "(광\u200b고)",
        "(*광*고*)",
        "<광고>",
    ],
)
def test_a_mark_in_the_text_and_its_variants_are_refused(text):
    assert fault(lambda: Advertisement(SENDER, text)) is Fault.MARKED
    with pytest.raises(ValueError, match="no notice"):
        Notice(text)


@pytest.mark.parametrize("text", ["광고에서 보던 그 크림", "(광채) 크림", "고광택 (고급)"])
def test_the_mere_word_is_no_mark(text):
    assert not hides_a_mark(text)


def test_a_mark_on_the_button_is_refused_too():
    link = Link("(광/고) 보기", "https://shop.example")
    assert fault(lambda: Advertisement(SENDER, "글", link)) is Fault.MARKED


def test_an_empty_text_is_refused():
    assert fault(lambda: Advertisement(SENDER, " \n ")) is Fault.EMPTY


@pytest.mark.parametrize(("pictured", "limit"), [(False, TEXT_AT_MOST), (True, CAPTION_AT_MOST)])
def test_the_frame_counts_and_the_author_hears_what_is_left(pictured, limit):
    frame = len(Advertisement(SENDER, "가").text) - 1
    room = limit - frame
    assert len(Advertisement(SENDER, "가" * room, pictured=pictured).text) == limit
    with pytest.raises(Unlawful) as refused:
        Advertisement(SENDER, "가" * (room + 1), pictured=pictured)
    assert (refused.value.fault, refused.value.limit) == (Fault.LONG, room)


@pytest.mark.parametrize(
    ("label", "url"),
    [
        ("보기", "ftp://shop.example"),
        ("보기", "javascript:alert(1)"),
        ("보기", "https://"),
        ("보기", "https://shop.example/a b"),
        ("보기", "https://[half"),
        ("", "https://shop.example"),
        ("가" * 31, "https://shop.example"),
        ("보기", "https://shop.example/" + "a" * 500),
    ],
)
def test_a_link_leads_to_the_web_and_has_a_short_label(label, url):
    assert fault(lambda: Link(label, url)) is Fault.LINK


@pytest.mark.parametrize(
    ("hour", "minute", "night"),
    [
        (8, 9, True),
        (8, 10, False),
        (12, 0, False),
        (20, 39, False),
        (20, 40, True),
        (23, 0, True),
        (3, 0, True),
    ],
)
def test_the_quiet_hours_of_seoul(hour, minute, night):
    assert quiet(datetime(2026, 7, 1, hour, minute, tzinfo=SEOUL)) is night


def test_who_was_erased_meanwhile_still_counts():
    tally = Tally(10, {Delivery.DELIVERED: 6, Delivery.BLOCKED: 1})
    assert (tally.erased, tally.open, tally[Delivery.FAILED]) == (3, 0, 0)
