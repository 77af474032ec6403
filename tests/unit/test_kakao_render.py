"""Replies as skill responses: how screens look, and that nothing is refused and nothing lost."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue import texts
from bot.dialogue.actions import fits, written
from bot.dialogue.labels import key
from bot.dialogue.model import (
    Bubble,
    Button,
    Card,
    Choose,
    DecideConsent,
    Document,
    FinishPicking,
    Grade,
    Menu,
    NarrowCategory,
    Open,
    Pick,
    Picture,
    Rate,
    RecommendOthers,
    Reply,
    ShowDetails,
    ShowFormula,
    ShowIngredient,
    ShowWhy,
    Step,
    Toast,
    TurnTo,
)
from bot.kakao.render import Look, pages
from bot.kakao.words import as_lines
from engine.domain import Product
from tests.builders import product
from tests.chat import Chat
from tests.kakao_limits import check

HOME = Button(texts.HOME, Open(Menu.HOME))


def pictured(each: Product) -> str:
    return f"https://shop.example/image/{each.id}.png"


LOOK = Look(7, pictured)


def drawn(*replies: Reply, look: Look = LOOK) -> list[dict[str, Any]]:
    """The bodies as they go over the wire, each without a fault."""
    bodies = [page.body() for page in pages(replies, look)]
    assert [fault for body in bodies for fault in check(body)] == []
    return [json.loads(body) for body in bodies]


def only(*replies: Reply, look: Look = LOOK) -> dict[str, Any]:
    [body] = drawn(*replies, look=look)
    template: dict[str, Any] = body["template"]
    return template


def chips(template: dict[str, Any]) -> list[str]:
    return [reply["label"] for reply in template.get("quickReplies", [])]


def kinds(template: dict[str, Any]) -> list[str]:
    return [name for output in template["outputs"] for name in output]


def taps(value: Any) -> list[dict[str, Any]]:
    """Everything in a response that can be tapped."""
    found = [value] if isinstance(value, dict) and "action" in value else []
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        found += taps(part)
    return [tap for tap in found if "label" in tap or "title" in tap]


def read(value: Any) -> str:
    """Every text a person sees, in order; ids and addresses are not seen."""
    if isinstance(value, str):
        return value + "\n"
    if isinstance(value, list):
        return "".join(map(read, value))
    if isinstance(value, dict):
        shown = ("text", "title", "description", "header", "items", "itemList", "head", "outputs")
        names = [name for name in value if name in shown or name not in UNSEEN]
        return "".join(read(value[name]) for name in names)
    return ""


UNSEEN = {"extra", "action", "messageText", "webLinkUrl", "imageUrl", "altText", "type", "version"}


def card(number: int = 1, **changes: Any) -> Card:
    named = product(id=number, **changes)
    rows = (
        (
            *((Button(texts.LINK, url=named.url, about=named.title),) if named.url else ()),
            Button(texts.WHY, ShowWhy(number), about=named.title),
        ),
        (
            Button(texts.FORMULA, ShowFormula(number), about=named.title),
            Button(texts.GOOD, Rate(number, True), about=named.title),
            Button(texts.BAD, Rate(number, False), about=named.title),
        ),
    )
    return Card(named, texts.facts(named), "건성인 분들이 좋아했어요.", rows)


# --- bubbles ------------------------------------------------------------------------------------


def test_a_bubble_and_its_buttons_are_a_text_and_quick_replies():
    bubble = Bubble("나이대를 골라 주세요.", ((Button("20대", Choose(Step.AGE_BAND, 1)), HOME),))
    template = only(bubble)
    assert template["outputs"] == [{"simpleText": {"text": "나이대를 골라 주세요."}}]
    assert template["quickReplies"][0] == {
        "label": "20대",
        "action": "message",
        "messageText": "20대",
        "extra": {"action": "choose:age_band:1", "v": 7},
    }
    assert chips(template) == ["20대", "처음으로"]


def test_a_long_text_is_split_at_its_paragraphs():
    paragraphs = [f"{number}번째 문단. " + "가" * 380 for number in range(5)]
    template = only(Bubble("\n\n".join(paragraphs), ((HOME,),)))
    parts = [output["simpleText"]["text"] for output in template["outputs"]]
    assert parts == ["\n\n".join(paragraphs[:2]), "\n\n".join(paragraphs[2:4]), paragraphs[4]]


def test_what_three_outputs_do_not_hold_stands_on_the_next_page():
    first, second = drawn(Bubble("나" * 900 * 4, ((HOME,),)))
    assert len(first["template"]["outputs"]) == 3
    assert first["template"]["quickReplies"] == [
        {
            "label": "더 보기",
            "action": "message",
            "messageText": "더 보기",
            "extra": {"action": "more:7:1", "v": 7},
        }
    ]
    assert chips(second["template"]) == ["처음으로", "앞 화면 보기"]


def test_more_than_ten_choices_are_paged_and_the_way_on_is_on_the_first_page():
    choices = tuple(Button(f"분류 {number}", NarrowCategory(f"{number}")) for number in range(24))
    done = Button(texts.DONE, FinishPicking(), tone="good")
    bodies = drawn(Bubble("골라 주세요.", (choices, (done,))))
    labels = [chips(body["template"]) for body in bodies]
    assert labels[0] == [*(f"분류 {number}" for number in range(8)), "선택 완료", "더 보기"]
    assert labels[1][-2:] == ["앞 화면 보기", "더 보기"]
    assert labels[2][-1] == "앞 화면 보기"
    fixed = {"선택 완료", "더 보기", "앞 화면 보기"}
    assert [each for row in labels for each in row if each not in fixed] == [
        each.label for each in choices
    ]


def test_ten_choices_need_no_page():
    choices = tuple(Button(f"분류 {number}", NarrowCategory(f"{number}")) for number in range(10))
    assert len(chips(only(Bubble("골라 주세요.", (choices,))))) == 10


def test_a_toast_is_the_first_line_of_what_comes_with_it():
    template = only(Toast(texts.SAVED), Bubble("다음이에요.", ((HOME,),)))
    assert template["outputs"] == [{"simpleText": {"text": f"{texts.SAVED}\n\n다음이에요."}}]


def test_replies_without_buttons_leave_no_one_without_a_way():
    assert chips(only(Toast(texts.THANKS))) == ["처음으로"]
    again = ((Button("다른 추천", RecommendOthers(2)),),)
    assert chips(only(Toast(texts.THANKS), look=replace(LOOK, standing=again))) == ["다른 추천"]
    unusable = Bubble("링크예요.", ((Button("나쁨", url="javascript:alert(1)"),),))
    assert chips(only(unusable)) == ["처음으로"]


def test_nothing_to_show_is_no_page():
    assert pages(()) == ()
    assert pages((Bubble(" "),)) == ()


def test_a_link_is_the_button_of_a_text_card():
    link = Button("주문하기", url="https://shop.example/7")
    template = only(Bubble("제품 이야기\n\n여기에서 사실 수 있어요.", ((link, HOME),)))
    assert template["outputs"] == [
        {
            "textCard": {
                "title": "제품 이야기",
                "description": "여기에서 사실 수 있어요.",
                "buttons": [
                    {
                        "label": "주문하기",
                        "action": "webLink",
                        "webLinkUrl": "https://shop.example/7",
                    }
                ],
            }
        }
    ]
    assert chips(template) == ["처음으로"]


def test_a_path_of_this_server_becomes_an_address_and_other_schemes_are_no_links():
    rows = ((Button("열기", url="/go/3"), Button("나쁨", url="javascript:alert(1)"), HOME),)
    template = only(Bubble("링크예요.", rows), look=replace(LOOK, public_url="https://bot.example"))
    assert [tap.get("webLinkUrl") for tap in taps(template["outputs"])] == [
        "https://bot.example/go/3"
    ]
    assert "나쁨" not in json.dumps(template, ensure_ascii=False)


# --- lists --------------------------------------------------------------------------------------


def test_a_picker_is_a_list_of_five_with_quick_replies():
    rows = (
        *((Button(f"새벽숲 크림 {number}", Pick(number, True)),) for number in range(1, 6)),
        (Button(texts.NEXT, TurnTo(2)),),
        (Button(texts.DONE, FinishPicking()), HOME),
    )
    template = only(Bubble("써 보고 좋았던 제품을 골라 주세요.\n전체 제품 30개", rows))
    assert kinds(template) == ["simpleText", "listCard"]
    items = template["outputs"][1]["listCard"]["items"]
    assert [item["title"] for item in items] == [f"새벽숲 크림 {number}" for number in range(1, 6)]
    assert items[0]["action"] == "message"
    assert items[0]["messageText"] == "새벽숲 크림 1"
    assert items[0]["extra"] == {"action": "pick:1", "v": 7}
    assert chips(template) == ["다음 ▶", "선택 완료", "처음으로"]


def test_a_short_line_heads_its_list():
    rows = ((Button("새벽숲 이슬 수분 크림", ShowDetails(1)),), (HOME,))
    template = only(Bubble("«크림» 검색 결과 1개 · 1/1쪽", rows))
    assert kinds(template) == ["listCard"]
    assert template["outputs"][0]["listCard"]["header"] == {"title": "«크림» 검색 결과 1개 · 1/1쪽"}


def test_ten_ingredients_are_two_lists():
    rows = tuple((Button(f"성분{number}", ShowIngredient(number)),) for number in range(10))
    template = only(Bubble("전성분이에요.\n열 가지예요.", rows))
    assert kinds(template) == ["simpleText", "listCard", "listCard"]
    assert template["outputs"][1]["listCard"]["header"] == {"title": "성분"}


def test_a_name_too_long_for_a_line_stands_in_full_above_the_list():
    long = "새벽숲 이슬 수분 가득 오래가는 촉촉 보들 무향 저자극 고보습 크림 대용량 리필 세트"
    template = only(Bubble("골라 주세요.", ((Button(long, Pick(1, True)),),)))
    assert f"1. {long}" in template["outputs"][0]["simpleText"]["text"]
    title = template["outputs"][1]["listCard"]["items"][0]["title"]
    assert title.startswith("1. 새벽숲 이슬")
    assert len(title) <= 32


def test_a_label_too_long_for_a_quick_reply_is_a_line_of_a_list():
    rows = ((Button("열다섯 글자가 넘는 기다란 버튼", RecommendOthers(1)), HOME),)
    template = only(Bubble("골라 주세요.\n무엇이든", rows))
    assert kinds(template) == ["simpleText", "listCard"]
    assert chips(template) == ["처음으로"]


def test_a_label_of_several_meanings_carries_none():
    rows = (
        (Button("빼기", Pick(1, False), about="크림"),),
        (Button("빼기", Pick(2, False), about="토너"), HOME),
    )
    template = only(Bubble("고른 제품이에요.", rows))
    assert template["quickReplies"][0] == {
        "label": "빼기",
        "action": "message",
        "messageText": "빼기",
    }
    assert chips(template) == ["빼기", "처음으로"]


def test_what_can_be_done_with_each_product_stands_on_its_own_card():
    rows = tuple(
        tuple(
            Button(word, Grade(number, stars), about=f"제품 {number}")
            for stars, word in texts.GRADES.items()
        )
        for number in (1, 2)
    )
    template = only(Bubble("어땠는지 골라 주세요.", (*rows, (HOME,))))
    assert kinds(template) == ["simpleText", "carousel"]
    cards = template["outputs"][1]["carousel"]["items"]
    assert [each["title"] for each in cards] == ["제품 1", "제품 2"]
    assert [each["label"] for each in cards[1]["buttons"]] == list(texts.GRADES.values())
    assert cards[1]["buttons"][0]["extra"] == {"action": "grade:2:5", "v": 7}


# --- cards --------------------------------------------------------------------------------------


def test_recommendations_are_a_carousel_of_commerce_cards_with_three_buttons():
    closing = Bubble(texts.CLOSING, ((Button(texts.OTHERS, RecommendOthers(1)), HOME),))
    named = [card(number, name=f"크림 {number}") for number in (1, 2, 3)]
    template = only(Bubble("건성 피부에 맞춰 골랐어요."), *named, closing)
    assert kinds(template) == ["simpleText", "carousel", "simpleText"]
    carousel = template["outputs"][1]["carousel"]
    assert carousel["type"] == "commerceCard"
    first = carousel["items"][0]
    assert (first["title"], first["price"], first["currency"]) == ("새벽숲 크림 1", 18_000, "won")
    assert first["thumbnails"][0]["imageUrl"] == "https://shop.example/image/1.png"
    assert [each["label"] for each in first["buttons"]] == [texts.LINK, texts.WHY, texts.FORMULA]
    assert [each["action"] for each in first["buttons"]] == ["webLink", "message", "message"]
    assert first["buttons"][2]["extra"] == {"action": "formula:1:1", "v": 7}
    assert chips(template) == ["👍", "👎", "다른 추천", "처음으로"]
    assert "extra" not in template["quickReplies"][0]


def test_the_reason_of_every_card_stands_before_the_cards():
    template = only(Bubble("이런 제품이에요."), card(1), card(2, name="쑥 진정 토너"))
    text = template["outputs"][0]["simpleText"]["text"]
    assert text.startswith("이런 제품이에요.")
    assert "1. 새벽숲 이슬 수분 크림\n건성인 분들이 좋아했어요." in text
    assert "2. 새벽숲 쑥 진정 토너" in text


def test_a_recommendation_without_a_link_leads_to_its_page_here():
    template = only(card(1, url=None))
    first = template["outputs"][-1]["commerceCard"]["buttons"][0]
    assert first["label"] == texts.LINK
    assert first["extra"]["action"] == "product:1"


@pytest.mark.parametrize(
    ("changes", "look", "kind"),
    [
        ({}, LOOK, "commerceCard"),
        ({"price": None}, LOOK, "basicCard"),
        ({"price": 0}, LOOK, "commerceCard"),
        ({}, Look(7), "textCard"),
    ],
)
def test_cards_are_what_all_of_them_can_be(changes, look, kind):
    template = only(card(1), card(2, **changes), look=look)
    assert template["outputs"][-1]["carousel"]["type"] == kind


def test_one_card_stands_alone_and_its_other_buttons_are_quick_replies():
    alone = card(1)
    rows = (*alone.rows, (Button(texts.BACK, Open(Menu.FIND)), HOME))
    template = only(replace(alone, rows=rows))
    assert kinds(template) == ["simpleText", "commerceCard"]
    assert chips(template) == ["👍", "👎", "← 이전", "처음으로"]
    assert template["quickReplies"][0]["extra"]["action"] == "good:1"


def test_a_long_name_stands_in_full_before_its_card():
    name = "이슬 수분 가득 오래가는 촉촉 보들 무향 저자극 크림 대용량"
    template = only(card(1, name=name))
    assert len(template["outputs"][1]["commerceCard"]["title"]) <= 30
    assert f"새벽숲 {name}" in template["outputs"][0]["simpleText"]["text"]


# --- sheets, consents, help, files ----------------------------------------------------------------

SHEET = (
    "나이아신아마이드 (Niacinamide)\n\n"
    "피부결을 고르게 하는 성분이에요.\n역할: 피부컨디셔닝제\n유래: 합성\nCAS: 98-92-0\n\n"
    "이 성분이 든 제품 2개"
)


def test_an_ingredient_is_an_item_card():
    rows = ((Button("새벽숲 크림", ShowDetails(1)),), (HOME,))
    template = only(Bubble(SHEET, rows))
    assert kinds(template) == ["itemCard", "listCard"]
    assert template["outputs"][0]["itemCard"] == {
        "head": {"title": "나이아신아마이드"},
        "itemList": [
            {"title": "INCI", "description": "Niacinamide"},
            {"title": "역할", "description": "피부컨디셔닝제"},
            {"title": "유래", "description": "합성"},
            {"title": "CAS", "description": "98-92-0"},
        ],
        "description": "피부결을 고르게 하는 성분이에요.\n\n이 성분이 든 제품 2개",
    }


def test_a_long_sheet_goes_on_under_its_card_and_an_overlong_name_is_a_text():
    text = SHEET + "\n\n" + "긴 이야기예요. " * 30
    assert kinds(only(Bubble(text))) == ["itemCard", "simpleText"]
    overlong = "하이드록시프로필비스라우라마이드엠이에이와긴이름"
    assert kinds(only(Bubble(SHEET.replace("나이아신아마이드", overlong)))) == ["simpleText"]


def test_a_consent_is_a_text_card_that_stays():
    rows = (
        (Button(texts.AGREE, DecideConsent(True), tone="good"),),
        (
            Button(texts.REFUSE, DecideConsent(False)),
            Button(texts.DETAILS_OF_CONSENT, Open(Menu.PRIVACY)),
        ),
    )
    template = only(Bubble(texts.consent(365), rows))
    assert kinds(template) == ["textCard"]
    labels = [each["label"] for each in template["outputs"][0]["textCard"]["buttons"]]
    assert labels == [texts.AGREE, texts.REFUSE, texts.DETAILS_OF_CONSENT]
    look = replace(LOOK, privacy_url="https://bot.example/privacy")
    template = only(Bubble(texts.consent(365), rows), look=look)
    assert template["outputs"][0]["textCard"]["buttons"][2] == {
        "label": "전문 보기",
        "action": "webLink",
        "webLinkUrl": "https://bot.example/privacy",
    }
    assert chips(template) == [texts.DETAILS_OF_CONSENT]


def test_a_consent_whose_reason_makes_it_long_is_a_text_over_its_card():
    rows = ((Button(texts.AGREE, DecideConsent(True)), Button(texts.REFUSE, DecideConsent(False))),)
    template = only(Bubble("가" * 401, rows))
    assert kinds(template) == ["simpleText", "textCard"]
    assert template["outputs"][1]["textCard"]["title"] == texts.CONSENT_BELOW


def test_help_offers_a_person_where_the_shop_has_one():
    bubble = Bubble(texts.help_text(), ((HOME,),))
    labels = [
        tap["label"]
        for tap in taps(only(bubble, look=replace(LOOK, operator=True)))
        if tap["action"] == "operator"
    ]
    assert labels == ["상담원 연결"]
    assert not [tap for tap in taps(only(bubble)) if tap["action"] == "operator"]


def test_a_file_is_its_lines():
    content = json.dumps({"profile": [{"skin_type": "건성", "avoided": []}], "likes": [1, 2]})
    template = only(
        Document("ppoyami.json", content, texts.EXPORTED), Bubble("내 정보", ((HOME,),))
    )
    text = template["outputs"][0]["simpleText"]["text"]
    assert text.startswith(texts.EXPORTED)
    assert "skin_type: 건성" in text
    assert "· 2" in text


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ('{"likes": [{"id": 1, "stars": null}]}', "likes:\n  · id: 1\n    stars: -"),
        ('{"likes": []}', "likes: -"),
        ("[[1], 2]", "· · 1\n· 2"),
        ("{}", "-"),
        ("not JSON", "not JSON"),
        ("[" * 100_000, "[" * 100_000),
    ],
)
def test_a_document_reads_as_lines(content, lines):
    assert as_lines(content) == lines


def test_a_picture_is_its_caption():
    assert "통계예요." in read(only(Picture(b"png", "통계예요.")))


# --- any replies at all ---------------------------------------------------------------------------


def test_every_fixed_label_fits_a_quick_reply():
    names = list(vars(texts))
    start, end = names.index("OLD_ENOUGH"), names.index("CHOSEN")
    labels = [getattr(texts, name) for name in names[start:end]]
    assert len(labels) > 60
    assert [label for label in labels if isinstance(label, str) and len(label) > 14] == []


def test_a_whole_talk_has_no_fault_and_its_screens_are_one_page():
    chat = Chat().says("/start").presses(texts.OLD_ENOUGH).presses(texts.AGREE)
    only(*chat.last)
    chat.presses(texts.RECOMMEND)
    while not chat.cards:
        steps = [each for each in (texts.SAVE, texts.DONE, texts.SKIP) if each in chat.labels]
        first, *more = drawn(*chat.last)
        assert steps[0] in chips(first["template"])
        assert not more or len(chat.labels) > 10
        chat.presses(steps[0])
    shown = only(*chat.last)
    assert kinds(shown) == ["simpleText", "carousel", "simpleText"]
    only(*chat.presses(texts.WHY, chat.cards[0].product.title).last)
    only(*chat.presses(texts.FORMULA).last)
    assert kinds(only(*chat.says("/ingredient 글리세린").last)) == ["itemCard", "listCard"]
    for said in ("/help", "/privacy", "/delete", "제품 찾기", "크림", "추천 좀 해 주세요"):
        only(*chat.says(said).last)
    assert len(drawn(*chat.says("/mydata").last)) == 2


WORDS = st.text(max_size=300)
LONG = st.one_of(
    WORDS,
    st.lists(st.text(max_size=60), max_size=80).map(" ".join),
    st.integers(0, 5_000).map(lambda size: "가나 다🙂" * (size // 5)),
    st.integers(900, 5_000).map(lambda size: "글" * size),
)
IDS = st.integers(0, 9)
ACTIONS = st.one_of(
    st.builds(Pick, IDS, st.booleans()),
    st.builds(ShowDetails, IDS),
    st.builds(ShowWhy, IDS),
    st.builds(ShowFormula, IDS),
    st.builds(ShowIngredient, IDS),
    st.builds(Rate, IDS, st.booleans()),
    st.builds(Grade, IDS, st.just(5)),
    st.builds(TurnTo, IDS),
    st.builds(DecideConsent, st.booleans()),
    st.builds(Open, st.sampled_from(Menu)),
    st.builds(NarrowCategory, st.text("가나다", min_size=1, max_size=9)),
).filter(fits)
LABELS = st.one_of(
    st.text(max_size=20),
    st.sampled_from((texts.NEXT, texts.GOOD, "👎🏻", "✅ 좋았어요", "좋았어요")),
    LONG,
)
URLS = st.sampled_from(
    ("https://shop.example/1", "http://a.kr/b?c=d", "/go/1", "javascript:x", "https://", "", "//b",
     "https://shop.example/" + "a" * 3_000, "https://[bad", "https://a b.kr")
)  # fmt: skip
BUTTONS = st.one_of(
    st.builds(Button, LABELS, ACTIONS, about=st.sampled_from(("", "크림", "토너")) | WORDS),
    st.builds(Button, LABELS, url=URLS),
)
ROWS = st.lists(st.lists(BUTTONS, max_size=4).map(tuple), max_size=10).map(tuple)
PRODUCTS = st.builds(
    Product,
    IDS,
    st.just("p1"),
    WORDS,
    WORDS,
    st.just("크림"),
    price=st.none() | st.integers(-1, 10**12),
    picture=st.none() | URLS,
)
REPLIES = st.one_of(
    st.builds(Bubble, LONG, ROWS),
    st.builds(Card, PRODUCTS, WORDS, WORDS, ROWS),
    st.builds(Toast, WORDS),
    st.builds(Document, st.just("a.json"), LONG, WORDS),
    st.builds(Picture, st.just(b""), WORDS, ROWS),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(REPLIES, max_size=6))
def test_any_replies_are_drawn_without_a_fault_and_nothing_is_lost(replies):
    look = Look(3, lambda each: each.picture, "https://bot.example", operator=True)
    bodies = drawn(*replies, look=look)
    templates = [body["template"] for body in bodies]
    outputs = "".join(read(template["outputs"]) for template in templates)
    seen = bare(outputs) + bare("".join(read(each.get("quickReplies")) for each in templates))
    for text in told(replies):
        assert [word for word in text.split() if bare(word) not in seen] == []
    found = [tap for body in bodies for tap in taps(body)]
    carried = {tap["extra"]["action"] for tap in found if "extra" in tap}
    typed = {key(tap["messageText"]) for tap in found if "messageText" in tap}
    for button in offered(replies):
        assert button.action is not None
        assert written(button.action) in carried or key(button.label) in typed
        assert bare(button.label) in seen or key(button.label) in typed


def bare(text: str) -> str:
    """Without what splitting and cards change: blanks, and the signs around an item's name."""
    return re.sub(r"[\s():]+", "", text)


def told(replies: list[Reply]) -> list[str]:
    found: list[str] = []
    for reply in replies:
        match reply:
            case Bubble(text) | Toast(text) | Picture(_, text):
                found.append(text)
            case Card(named, facts, note):
                found += [named.title, facts, note]
            case Document(_, _, caption):
                found.append(caption)
    return found


def offered(replies: list[Reply]) -> list[Button]:
    return [
        each
        for reply in replies
        if isinstance(reply, Bubble | Card | Picture)
        for row in reply.rows
        for each in row
        if each.action is not None and each.label.strip()
    ]
