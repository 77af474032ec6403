"""The page's frames, both ways."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from bot.conversation import Progress, Waiting
from bot.dialogue import actions
from bot.dialogue.model import (
    Bubble,
    Button,
    Card,
    Consult,
    Document,
    Media,
    Menu,
    Open,
    Pick,
    Pressed,
    PressedUnknown,
    Said,
    Sent,
    Toast,
)
from bot.pictures import Pictures
from bot.web import render
from bot.web.read import Hello, Ping, Say, Unreadable, event, read
from bot.web.render import Exchange
from bot.web.socket import Pace
from engine.domain import Product, Question

PICTURES = Pictures(b"a secret of the test")
ID = "0b0e7a52-6d0c-4f6b-9a53-9d1a3f6a1c11"
NOW = datetime(2026, 1, 2, tzinfo=UTC)
WAITING = Waiting(Consult(1, Question("세라마이드가 뭐예요?")))


def frame(**fields: object) -> str:
    return json.dumps(fields)


def read_event(**fields: object):
    read_frame = read(frame(id=ID, **fields))
    assert not isinstance(read_frame, Hello | Ping)
    return event(read_frame, NOW)


# --- frames to events


def test_a_typed_text_is_said():
    assert read_event(type="say", text="/start") == Said(ID, NOW, "/start")


def test_a_button_is_pressed_with_its_action():
    pressed = read_event(type="press", action=actions.written(Pick(12, True)), bubble="b7")
    assert pressed == Pressed(ID, NOW, Pick(12, True))


def test_an_action_of_another_version_is_an_unknown_press():
    assert read_event(type="press", action="dance:12") == PressedUnknown(ID, NOW)


@pytest.mark.parametrize("media", list(Media))
def test_media_are_sent(media: Media):
    assert read_event(type="send", media=media.value) == Sent(ID, NOW, media)


def test_a_page_says_hello_with_what_it_still_waits_for():
    hello = read(frame(type="hello", fresh=False, pending=[ID]))
    assert hello == Hello(type="hello", fresh=False, pending=(UUID(ID),))


def test_a_ping_is_read():
    assert read(frame(type="ping")) == Ping(type="ping")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        frame(id=ID, type="dance"),
        frame(id=ID, text="타입이 없어요"),
        frame(id=ID, type="say", text=""),
        frame(id=ID, type="say", text=5),
        frame(id=ID, type="say", text="가" * 4001),
        frame(id=ID, type="say", text="안녕", person="someone else"),
        frame(id="1", type="say", text="안녕"),
        frame(type="say", text="안녕"),
        frame(id=ID, type="press", action="a" * 65),
        frame(id=ID, type="send", media="virus"),
        frame(type="hello", fresh="yes"),
        frame(type="hello", fresh=True, pending=[ID] * 65),
    ],
)
def test_what_is_not_a_frame_is_refused(text: str):
    with pytest.raises(Unreadable):
        read(text)


def test_a_refused_frame_still_names_its_event():
    with pytest.raises(Unreadable) as refused:
        read(frame(id=ID, type="dance"))
    assert refused.value.id == ID


def test_a_refusal_tells_the_place_and_not_what_was_typed():
    with pytest.raises(Unreadable) as refused:
        read(frame(id=ID, type="say", text=["비밀"]))
    assert "text" in str(refused.value)
    assert "비밀" not in str(refused.value)


# --- replies to frames


def test_a_bubble_carries_its_text_and_buttons():
    button = Button("추천 받기", Open(Menu.RECOMMEND), tone="good")
    drawn = Exchange(PICTURES.path, ID).frame(Bubble("무엇을 할까요?", ((button,),)))
    assert drawn["type"] == "bubble"
    assert drawn["event"] == ID
    assert drawn["replaces"] is None
    assert drawn["text"] == "무엇을 할까요?"
    assert drawn["rows"] == [
        [
            {
                "label": "추천 받기",
                "about": "",
                "tone": "good",
                "action": actions.written(Open(Menu.RECOMMEND)),
            }
        ]
    ]


def test_two_bubbles_have_two_ids():
    exchange = Exchange(PICTURES.path)
    assert exchange.frame(Bubble("하나"))["id"] != exchange.frame(Bubble("둘"))["id"]


def test_a_replacing_bubble_takes_the_place_and_the_id_of_the_pressed_one():
    drawn = Exchange(PICTURES.path, ID, "b7").frame(Bubble("2/5", replaces=True))
    assert drawn["replaces"] == "b7"
    assert drawn["id"] == "b7"


def test_a_replacing_bubble_without_a_pressed_one_is_new():
    drawn = Exchange(PICTURES.path, ID).frame(Bubble("2/5", replaces=True))
    assert drawn["replaces"] is None
    assert drawn["id"]


def test_a_bubble_that_does_not_replace_leaves_the_pressed_one():
    assert Exchange(PICTURES.path, ID, "b7").frame(Bubble("새 말풍선"))["replaces"] is None


def test_only_the_first_bubble_takes_the_pressed_ones_place():
    exchange = Exchange(PICTURES.path, ID, "b7")
    exchange.frame(Bubble("하나", replaces=True))
    assert exchange.frame(Bubble("둘", replaces=True))["replaces"] is None


def test_a_growing_answer_keeps_its_id_and_its_end_takes_its_place():
    exchange = Exchange(PICTURES.path, ID)
    pieces = [exchange.frame(Progress(text)) for text in ("세라", "세라마이드는")]
    assert [piece["text"] for piece in pieces] == ["세라", "세라마이드는"]
    assert pieces[0]["id"] == pieces[1]["id"]
    assert exchange.frame(Bubble("세라마이드는 지질이에요."))["replaces"] == pieces[0]["id"]
    assert exchange.frame(Bubble("출처"))["replaces"] is None


def test_waiting_is_typing():
    assert Exchange(PICTURES.path, ID).frame(WAITING) == {"type": "typing", "event": ID}


def test_a_toast_is_its_text():
    drawn = Exchange(PICTURES.path, ID).frame(Toast("고마워요!"))
    assert drawn == {"type": "toast", "text": "고마워요!", "event": ID}


def product(picture: str | None = None) -> Product:
    return Product(12, "P012", "이슬담", "촉촉 크림", "크림", picture=picture)


def test_a_document_brings_its_whole_content():
    content = json.dumps({"profile": ["건성" * 9_000]}, ensure_ascii=False)
    frame = Exchange(PICTURES.path, ID).frame(Document("ppoyami.json", content, "모두 담았어요."))
    assert frame == {
        "type": "document",
        "id": frame["id"],
        "event": ID,
        "name": "ppoyami.json",
        "content": content,
        "text": "모두 담았어요.",
    }


def test_a_card_tells_the_product():
    card = Card(product("pictures/p012.png"), "18,000원 · ★4.5", "건성 리뷰 128개")
    drawn = Exchange(PICTURES.path).frame(card)
    assert (drawn["type"], drawn["brand"], drawn["name"]) == ("card", "이슬담", "촉촉 크림")
    assert (drawn["facts"], drawn["note"]) == ("18,000원 · ★4.5", "건성 리뷰 128개")
    assert drawn["picture"] == PICTURES.path(card.product)


@pytest.mark.parametrize("picture", [None, "", "https://shop.example/p.png", "data:image/png,x"])
def test_a_card_shows_no_picture_from_outside(picture: str | None):
    assert Exchange(PICTURES.path).frame(Card(product(picture), ""))["picture"] is None


@pytest.mark.parametrize("url", ["https://shop.example/12", "http://shop.example", "/go/12"])
def test_a_link_goes_to_the_web_or_to_this_site(url: str):
    drawn = Exchange(PICTURES.path).frame(Bubble("제품", ((Button("자세히 보기", url=url),),)))
    assert drawn["rows"] == [[{"label": "자세히 보기", "about": "", "tone": "plain", "url": url}]]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example/x", "data:text/html,x", ""])
def test_another_link_is_not_drawn(url: str):
    assert (
        Exchange(PICTURES.path).frame(Bubble("제품", ((Button("자세히 보기", url=url),),)))["rows"]
        == []
    )


def test_an_error_says_whether_to_try_again():
    assert render.error("잠시 뒤에", ID, again=True) == {
        "type": "error",
        "id": ID,
        "text": "잠시 뒤에",
        "again": True,
    }


# --- pace


def test_twenty_in_five_seconds_pass_and_no_more():
    pace = Pace(20, 5.0)
    assert all(pace.allows(0.1 * n) for n in range(20))
    assert not pace.allows(4.9)
    assert pace.allows(5.0)


def test_what_was_refused_does_not_count():
    pace = Pace(1, 5.0)
    assert pace.allows(0.0)
    assert not pace.allows(4.0)
    assert pace.allows(5.0)


def test_a_say_frame_is_a_say():
    assert isinstance(read(frame(id=ID, type="say", text="안녕")), Say)
