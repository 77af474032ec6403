"""Requests are read whatever their shape; a response that Kakao would refuse cannot be made."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kakao.schema import (
    BasicCard,
    Button,
    CallbackPromised,
    Carousel,
    CarouselHeader,
    CommerceCard,
    Context,
    Item,
    ItemCard,
    ListCard,
    ListItem,
    NotASkillRequest,
    Operator,
    Output,
    Phone,
    Profile,
    QuickReply,
    Refused,
    Say,
    Share,
    SimpleImage,
    SimpleText,
    SkillResponse,
    Summary,
    TextCard,
    Thumbnail,
    ToBlock,
    WebLink,
    read_request,
)
from tests.kakao_limits import check

SAMPLES = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "kakao" / "requests.json"

# --- requests -----------------------------------------------------------------------------------


def payload(**changes: Any) -> dict[str, Any]:
    asked = {
        "utterance": "👍",
        "lang": "ko",
        "callbackUrl": "https://bot-api.kakao.com/callback/1",
        "block": {"id": "b1", "name": "폴백"},
        "params": {"surface": "Kakaotalk.plusfriend"},
        "user": {"id": "u1", "type": "botUserKey", "properties": {"plusfriendUserKey": "p1"}},
    }
    action = {"clientExtra": {"action": "good:3", "v": 7}}
    flow = {"trigger": {"type": "QUICKREPLY_BUTTON_MESSAGE"}}
    return {"bot": {"id": "bot!"}, "userRequest": asked, "action": action, "flow": flow} | changes


def test_a_request_is_read():
    request = read_request(json.dumps(payload()).encode())
    assert (request.bot, request.user, request.user_type) == ("bot!", "u1", "botUserKey")
    assert (request.utterance, request.lang, request.surface) == (
        "👍",
        "ko",
        "Kakaotalk.plusfriend",
    )
    assert request.callback_url == "https://bot-api.kakao.com/callback/1"
    assert request.extra == {"action": "good:3", "v": 7}
    assert (request.push_type, request.push_key) == ("plusfriendUserKey", "p1")
    assert request.tapped


def test_typing_is_told_from_a_tap_by_the_trigger():
    typed = {"trigger": {"type": "TEXT_INPUT"}}
    assert not read_request(payload(flow=typed)).tapped
    assert read_request(payload(flow={})).tapped  # an extra without a trigger
    assert not read_request(payload(flow={}, action={"clientExtra": {}})).tapped


def test_whoever_has_no_channel_key_is_reached_by_the_bots_own():
    user = {"id": "u1", "type": "botUserKey"}
    assert read_request(payload(userRequest={"user": user})).push_key == "u1"
    console = {"id": "945412", "type": "accountId", "properties": {}}
    assert read_request(payload(userRequest={"user": console})).push_key == ""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff\xfe",
        b"[" * 200_000,
        b"{}",
        b'{"bot": {"id": "b"}}',
        b'{"bot": "b", "userRequest": {"user": {"id": "u"}}}',
        b'{"bot": {"id": true}, "userRequest": {"user": {"id": "u"}}}',
        b'{"bot": {"id": "b"}, "userRequest": {"user": {"id": ""}}}',
    ],
)
def test_what_is_no_request_is_refused_with_one_error(body):
    with pytest.raises(NotASkillRequest):
        read_request(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


ASKED = st.sampled_from(("utterance", "lang", "params", "block", "callbackUrl"))


@given(st.dictionaries(ASKED, JSON), JSON, JSON, JSON)
def test_any_shape_of_the_rest_is_read(asked, action, flow, properties):
    asked["user"] = {"id": "u1", "properties": properties}
    request = read_request(payload(userRequest=asked, action=action, flow=flow))
    assert request.user == "u1"
    assert all(isinstance(text, str) for text in (request.utterance, request.trigger))


def test_signs_that_no_store_takes_do_not_come_in():
    asked = {"utterance": "a\0b\ud800", "user": {"id": 12}}
    request = read_request(payload(userRequest=asked))
    assert request.utterance == "ab?"
    assert request.user == "12"


def test_every_collected_request_is_read_or_refused():
    if not SAMPLES.exists():
        pytest.skip("the collected requests are not here")
    samples = {each["name"]: each["payload"] for each in json.loads(SAMPLES.read_text())}
    whole = [each for each in samples.values() if {"bot", "userRequest"} <= set(each)]
    assert len(whole) >= 4
    for sample in whole:
        request = read_request(sample)
        assert request.utterance == sample["userRequest"]["utterance"]


# --- responses: the exact names -------------------------------------------------------------------

URL = "https://shop.example/1.png"
SAY = Say("네")


def thumbnail(*, square: bool = True) -> Thumbnail:
    return Thumbnail(URL, square=square)


def buttons(count: int, label: str = "네") -> tuple[Button, ...]:
    return tuple(Button(label, SAY) for _ in range(count))


def response(*outputs: Output, **rest: Any) -> dict[str, Any]:
    body = SkillResponse(outputs, **rest).body()
    assert check(body) == []
    answer: dict[str, Any] = json.loads(body)
    return answer


def test_names_are_kakaos_own():
    card = CommerceCard(
        Thumbnail(URL, "크림", "https://shop.example/1", square=False),
        18_000,
        "크림",
        "촉촉해요",
        discounted_price=15_000,
        discount_rate=17,
        profile=Profile("새벽숲"),
        buttons=(
            Button("사기", WebLink("https://shop.example/1")),
            Button("전화", Phone("02-123-4567")),
            Button("상담원 연결", Operator()),
        ),
    )
    answer = response(card, quick_replies=(QuickReply("블록", ToBlock("b1", "가기", {"a": 1})),))
    assert answer == {
        "version": "2.0",
        "template": {
            "outputs": [
                {
                    "commerceCard": {
                        "title": "크림",
                        "description": "촉촉해요",
                        "price": 18_000,
                        "currency": "won",
                        "discountRate": 17,
                        "discountedPrice": 15_000,
                        "thumbnails": [
                            {
                                "imageUrl": URL,
                                "fixedRatio": False,
                                "altText": "크림",
                                "link": {"web": "https://shop.example/1"},
                            }
                        ],
                        "profile": {"nickname": "새벽숲"},
                        "buttons": [
                            {
                                "label": "사기",
                                "action": "webLink",
                                "webLinkUrl": "https://shop.example/1",
                            },
                            {"label": "전화", "action": "phone", "phoneNumber": "02-123-4567"},
                            {"label": "상담원 연결", "action": "operator"},
                        ],
                    }
                }
            ],
            "quickReplies": [
                {
                    "label": "블록",
                    "action": "block",
                    "blockId": "b1",
                    "messageText": "가기",
                    "extra": {"a": 1},
                }
            ],
        },
    }


def test_item_cards_and_lists_have_kakaos_names():
    card = ItemCard(
        (Item("역할", "보습제"),),
        head="글리세린",
        summary=Summary("모두", "1가지"),
        title="제목",
        description="설명",
        thumbnail=thumbnail(),
        buttons=(Button("나누기", Share()), Button("네", SAY)),
        beside=True,
    )
    listed = ListCard("제품", (ListItem("크림", "촉촉", URL, URL, SAY),), buttons(1))
    drawn = response(card, listed)["template"]["outputs"]
    assert drawn[0]["itemCard"]["itemListSummary"] == {"title": "모두", "description": "1가지"}
    assert drawn[0]["itemCard"]["head"] == {"title": "글리세린"}
    assert drawn[0]["itemCard"]["buttonLayout"] == "horizontal"
    assert drawn[1]["listCard"]["items"][0] == {
        "title": "크림",
        "description": "촉촉",
        "imageUrl": URL,
        "link": {"web": URL},
        "action": "message",
        "messageText": "네",
    }


def test_contexts_are_set_and_ended():
    values = response(SimpleText("네"), contexts=(Context("설문", 0, 60, {"a": "b"}),))["context"]
    assert values == {"values": [{"name": "설문", "lifeSpan": 0, "ttl": 60, "params": {"a": "b"}}]}


def test_a_promised_callback_has_no_template():
    body = CallbackPromised("찾고 있어요").body()
    assert check(body) == []
    assert json.loads(body) == {
        "version": "2.0",
        "useCallback": True,
        "data": {"text": "찾고 있어요"},
    }


def test_korean_goes_out_unescaped():
    body = SkillResponse((SimpleText("가"),)).body()
    assert "가".encode() in body


# --- responses: every limit from both sides -------------------------------------------------------


def text_card(size: int) -> TextCard:
    return TextCard("가" * 50, "나" * (size - 50))


def item_card(size: int = 0, items: int = 1, head: str = "") -> ItemCard:
    return ItemCard((Item("가", "나"),) * items, head, title="다" * size)


def list_card(items: int) -> ListCard:
    return ListCard("제품", (ListItem("가"),) * items)


def basic(square: bool = True) -> BasicCard:
    return BasicCard(thumbnail(square=square), "가")


LIMITS: dict[str, tuple[Callable[[int], object], int]] = {
    "outputs": (lambda size: SkillResponse((SimpleText("가"),) * size), 3),
    "quick replies": (
        lambda size: SkillResponse((SimpleText("가"),), (QuickReply("가", SAY),) * size),
        10,
    ),
    "a quick reply's label": (lambda size: QuickReply("가" * size, SAY), 14),
    "a button's label": (lambda size: Button("가" * size, SAY), 14),
    "a label beside another": (
        lambda size: TextCard("가", buttons=(Button("가" * size, SAY),), beside=True),
        8,
    ),
    "buttons": (lambda size: TextCard("가", buttons=buttons(size)), 3),
    "buttons beside each other": (
        lambda size: TextCard("가", buttons=buttons(size), beside=True),
        2,
    ),
    "a simple text": (lambda size: SimpleText("가" * size), 1_000),
    "a picture's text": (lambda size: SimpleImage(URL, "가" * size), 50),
    "a thumbnail's text": (lambda size: Thumbnail(URL, "가" * size), 50),
    "a text card's title": (lambda size: TextCard("가" * size), 50),
    "a text card": (text_card, 400),
    "a text card in a carousel": (lambda size: Carousel((text_card(size),)), 128),
    "a basic card's title": (lambda size: BasicCard(thumbnail(), "가" * size), 50),
    "a basic card's description": (
        lambda size: BasicCard(thumbnail(), description="가" * size),
        230,
    ),
    "a commerce card's title": (lambda size: CommerceCard(thumbnail(), 1, "가" * size), 30),
    "a commerce card's description": (
        lambda size: CommerceCard(thumbnail(), 1, description="가" * size),
        40,
    ),
    "a list's lines": (list_card, 5),
    "a list's lines in a carousel": (lambda size: Carousel((list_card(size),)), 4),
    "an item card's items": (lambda size: item_card(items=size), 10),
    "an item card's items in a carousel": (lambda size: Carousel((item_card(items=size),)), 5),
    "an item's title": (lambda size: Item("가" * size, "나"), 6),
    "an item's lines": (lambda size: Item("가", "\n".join("나" * size)), 2),
    "an item card's head": (lambda size: item_card(head="가" * size), 15),
    "an item card's profile": (
        lambda size: ItemCard((Item("가", "나"),), profile=Profile("가" * size)),
        15,
    ),
    "an item card's text": (item_card, 200),
    "an item card's text in a carousel": (lambda size: Carousel((item_card(size),)), 100),
    "a summary's title": (lambda size: Summary("가" * size, "나"), 6),
    "a summary's description": (lambda size: Summary("가", "나" * size), 14),
    "a carousel's cards": (lambda size: Carousel((basic(),) * size), 10),
    "a carousel's lists": (lambda size: Carousel((list_card(1),) * size), 5),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_holds_on_both_sides(name):
    make, most = LIMITS[name]
    make(most)
    with pytest.raises(Refused):
        make(most + 1)


REFUSED: dict[str, Callable[[], object]] = {
    "no output": lambda: SkillResponse(()),
    "an empty text": lambda: SimpleText(" \n"),
    "an empty label": lambda: Button("", SAY),
    "an empty text card": lambda: TextCard(buttons=buttons(1)),
    "a list without a header": lambda: ListCard("", (ListItem("가"),)),
    "a list without lines": lambda: list_card(0),
    "an item card without items": lambda: item_card(items=0),
    "an empty carousel": lambda: Carousel(()),
    "a carousel of two types": lambda: Carousel((TextCard("가"), list_card(1))),
    "pictures of two ratios": lambda: Carousel((basic(), basic(square=False))),
    "a header over text cards": lambda: Carousel(
        (TextCard("가"),), CarouselHeader("가", "나", thumbnail())
    ),
    "a head and a profile": lambda: ItemCard((Item("가", "나"),), "가", Profile("나")),
    "a price below zero": lambda: CommerceCard(thumbnail(), -1),
    "a rate without a price": lambda: CommerceCard(thumbnail(), 9, discount_rate=10),
    "a quick reply that is a link": lambda: QuickReply("가", WebLink(URL)),  # type: ignore[arg-type]
    "a script for a link": lambda: WebLink("javascript:alert(1)"),
    "a link without a host": lambda: WebLink("https:///a"),
    "a link with a blank": lambda: WebLink("https://a.kr/b c"),
    "no address": lambda: WebLink("https://[bad"),
    "a picture's path": lambda: Thumbnail("/image/1"),
    "a word for a number": lambda: Phone("공이"),
    "an endless context": lambda: Context("가", -1),
    "a promise without words": lambda: CallbackPromised(""),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_cannot_be_made(name):
    with pytest.raises(Refused):
        REFUSED[name]()


def test_a_body_over_30720_bytes_cannot_be_made():
    def made(size: int) -> SkillResponse:
        reply = QuickReply("가", Say("가", {"long": "a" * size}))
        return SkillResponse((SimpleText("가"),), (reply,))

    room = 30_720 - len(made(0).body())
    assert len(made(room).body()) == 30_720
    assert check(made(room).body()) == []
    with pytest.raises(Refused):
        made(room + 1)


# --- the checker finds what the schema refuses ----------------------------------------------------


@pytest.mark.parametrize(
    ("output", "fault"),
    [
        ({"simpleText": {"text": "가" * 1_001}}, "1001 characters"),
        ({"textCard": {"title": "가", "buttons": [{"label": "가", "action": "no"}]}}, "action no"),
        ({"commerceCard": {"price": "1", "currency": "won", "thumbnails": []}}, "price"),
        ({"carousel": {"type": "textCard", "items": []}}, "carousel items"),
        ({"listCard": {"items": [{"title": "가"}]}}, "header"),
        ({"itemCard": {"itemList": [{"title": "일곱글자예요.", "description": "나"}]}}, "title: 7"),
        ({"basicCard": {"title": "가"}}, "no thumbnail"),
        ({"simpleText": {"text": "가"}, "textCard": {"title": "나"}}, "not one component"),
    ],
)  # fmt: skip
def test_the_independent_check_finds_a_fault(output, fault):
    body = {"version": "2.0", "template": {"outputs": [output]}}
    assert any(fault in found for found in check(body))


def test_the_independent_check_counts_bytes_and_quick_replies():
    body = {"version": "2.0", "template": {"outputs": [{"simpleText": {"text": "가"}}]}}
    assert check(body) == []
    assert check(json.dumps(body | {"data": {"a": "a" * 31_000}}).encode())[0].endswith("bytes")
    reply = {"label": "가", "action": "webLink", "webLinkUrl": "https://a.kr"}
    body["template"]["quickReplies"] = [reply] * 11  # type: ignore[index]
    assert check(body) == ["quickReplies: 11"]
    body["template"]["quickReplies"] = [reply]  # type: ignore[index]
    assert check(body) == ["quick reply of action webLink"]
