"""No dead end and no surprise: every reachable button is pressed, and anything may happen."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue import texts
from bot.dialogue.actions import BYTES_AT_MOST, read, written
from bot.dialogue.labels import BYTES_AT_MOST as BYTES_OF_OFFERS
from bot.dialogue.labels import buttons, offered
from bot.dialogue.model import (
    Action,
    Answered,
    Bubble,
    Button,
    DecideOn,
    Dialogue,
    Failure,
    GiveReason,
    Grade,
    Media,
    Menu,
    Open,
    Pick,
    Prefer,
    RateAnswer,
    ShowDetails,
    ShowIngredient,
    TurnedAway,
)
from bot.dialogue.recommending import SHOWN_AT_MOST
from bot.dialogue.step import redraw
from bot.memory import TOLD
from bot.memory import read as recalled
from bot.memory import written as kept
from engine.domain import (
    AgeBand,
    Answer,
    Concern,
    DocumentKind,
    Gender,
    Health,
    Purpose,
    SkinProfile,
    SkinType,
    Source,
    Talk,
    Trace,
    Writer,
)
from engine.parsing.conditions import NAME_AT_MOST
from tests.chat import INGREDIENTS, Chat, Shop, agreed, picking, recommended, refused
from tests.unit.test_actions import ACTIONS

STATE_BYTES_AT_MOST = 8 * 1024


def sound(chat: Chat) -> None:
    """What holds after whatever happened."""
    assert len(kept(chat.dialogue).encode()) <= STATE_BYTES_AT_MOST
    told = {name: getattr(chat.dialogue, name) for name in TOLD}
    assert replace(recalled(kept(chat.dialogue)), **told) == chat.dialogue
    for button in buttons(chat.last):
        assert button.label.strip()
        assert (button.action is None) != (button.url is None)
        if button.action is not None:
            text = written(button.action)
            assert len(text.encode()) <= BYTES_AT_MOST and read(text) == button.action
    again = redraw(chat.dialogue)
    assert again.replies or again.request is not None
    assert not again.facts and not again.forget


def state(chat: Chat) -> tuple[object, ...]:
    """Where the person stands. Which options are marked and which products shown is left out."""
    scene, dialogue = chat.dialogue.scene, chat.dialogue
    names = ("step", "amending", "mine", "page", "question")
    place = [getattr(scene, name, None) for name in names]
    labels = {
        button.label.removeprefix(texts.CHOSEN)
        for button in buttons(chat.screen)
        if not isinstance(button.action, ShowDetails | ShowIngredient | Pick)
    }
    known = (dialogue.agreed, dialogue.profile is None, bool(dialogue.picks))
    return (type(scene), *place, known, frozenset(labels))


def ways(chat: Chat) -> list[Button]:
    return [button for button in buttons(chat.screen) if button.action is not None]


@pytest.mark.parametrize(
    ("start", "scenes_at_least"),
    [
        (lambda: Chat().says("/start"), 25),
        (refused, 25),
        (lambda: recommended().presses("성분 보기"), 25),
        (lambda: agreed().says("정제수, 글리세린, 판테놀, 없는것"), 18),
        (lambda: agreed().says("크림 있어요?"), 25),
        (lambda: agreed().says("저는 지성이에요. 크림을 자세히 비교해 주세요"), 25),
        (lambda: agreed(Chat(Shop(products=(), ingredients=()))), 14),
    ],
)
def test_every_button_of_every_screen_leads_on(start, scenes_at_least):
    first = start()
    seen, queue = {state(first)}, deque([first])
    while queue:
        here = queue.popleft()
        assert ways(here), f"a dead end: {here.screen}"
        for button in ways(here):
            there = here.copy().taps(button)
            assert there.last, f"{button} says nothing"
            assert not {texts.STALE, texts.ALREADY_BELOW} & {*there.toasts}, f"{button} is dead"
            sound(there)
            if state(there) not in seen:
                seen.add(state(there))
                queue.append(there)
    assert len({scene for scene, *_ in seen}) >= scenes_at_least


WORDS = st.sampled_from(
    [
        "/start",
        "/help",
        "/cancel",
        "/recommend",
        "/ingredient",
        "/ingredient 글리세린",
        "/ingredient 없는 성분",
        "/mydata",
        "/delete",
        "/privacy",
        "/what",
        "처음으로",
        "도움말",
        "취소",
        "결과 보기",
        "크림",
        "토너 있어요?",
        "2만원 이하 크림으로",
        "향료 없는 걸로",
        "향료, 에탄올",
        "정제수, 향료, 없는것, 판테놀",
        "👍",
        "왜 추천했나요?",
        "가" * 1_000,
        "가" * 1_001,
        "",
    ]
)
DOINGS = st.one_of(
    st.tuples(st.just("press"), st.integers(0, 40)),
    st.tuples(st.just("press"), st.integers(0, 40)),
    st.tuples(st.just("press"), st.integers(0, 40)),
    st.tuples(st.just("say"), WORDS | st.text(max_size=30)),
    st.tuples(st.just("tap"), ACTIONS),
    st.tuples(st.just("send"), st.sampled_from(list(Media))),
    st.tuples(st.just("old"), st.none()),
    st.tuples(st.just("restart"), st.none()),
    st.tuples(st.just("outage"), st.sampled_from([None, *Failure])),
    st.tuples(st.just("patience"), st.booleans()),
    st.tuples(st.just("answer"), st.none()),
    st.tuples(st.just("away"), st.integers(1, 9)),
)
STARTS = st.sampled_from([Chat, refused, agreed, picking, recommended])


def do(chat: Chat, what: str, value) -> None:
    match what, value:
        case "press", int(place):
            if found := ways(chat):
                chat.taps(found[place % len(found)])
        case "say", text:
            chat.says(text)
        case "tap", action:
            chat.taps(action)
        case "send", media:
            chat.sends(media)
        case "old", _:
            chat.presses_unknown()
        case "restart", _:
            chat.redrawn()
        case "outage", failing:
            chat.shop = Shop(failing=failing)
        case "patience", patient:
            chat.patient = patient
        case "away", int(days):
            chat.after(days)
        case "answer", _ if chat.waiting is not None:
            chat.answered()


@settings(max_examples=120, deadline=None)
@given(STARTS, st.lists(DOINGS, max_size=25))
def test_whatever_happens_the_dialogue_stays_sound(start, doings):
    chat = start()
    for what, value in doings:
        do(chat, what, value)
        sound(chat)


@settings(max_examples=60, deadline=None)
@given(STARTS, st.lists(DOINGS, max_size=10), ACTIONS)
def test_a_second_tap_keeps_no_second_fact(start, doings, action: Action):
    chat = start()
    for what, value in doings:
        do(chat, what, value)
    chat.patient = True
    chat.dialogue = replace(chat.dialogue, seen=None)  # who was away is asked something first
    chat.taps(action)
    scene, facts = chat.dialogue.scene, len(chat.facts)
    if isinstance(action, RateAnswer | GiveReason | Prefer):
        return  # the store keeps one verdict, one reason and one preference an answer
    chat.taps(action)
    assert len(chat.facts) == facts
    assert type(chat.dialogue.scene) is type(scene)


def test_the_fullest_dialogue_keeps_within_its_size():
    """Long names, ten rated picks and ten cards seen, two long searches, the longest wish, fifty
    rounds, every consent, and the longest question on top."""
    shop = Shop(
        products=tuple(_long(number) for number in range(100_000, 100_600, 3)),
        ingredients=(
            *(_tail(number) for number in range(1_000_000_000, 1_000_000_080)),
            *(replace(INGREDIENTS[0], id=2, name=name) for name in UNWANTED),  # in none of them
        ),
    )
    avoided = ", ".join(f"{number:02}" + "가" * 13 for number in range(20))
    chat = agreed(Chat(shop, Dialogue(shop="가" * 40, abroad=True)))
    chat.presses("추천 받기").presses("60대 이상").presses("응답 안 함")
    chat.presses("민감성")
    for concern in Concern:
        chat.presses(concern)
    chat.presses("선택 완료").says(avoided).presses("선택 완료").presses("동의하고 답하기")
    for health in Health:
        chat.presses(health)
    chat.presses("선택 완료").presses("이대로 저장")
    for purpose in Purpose:
        chat.taps(DecideOn(purpose, agreed=True))
    assert {*chat.dialogue.consents} == {*Purpose} - {Purpose.SERVICE}
    for number in range(100_000, 100_030, 3):
        chat.taps(Pick(number, on=True)).taps(ShowDetails(number)).taps(Open(Menu.PICK))
    chat.presses("내가 고른 제품")
    for number in range(100_000, 100_030, 3):
        chat.taps(Grade(number, 1))
    chat.says("처음으로").presses("제품 찾기").says("힣" * 60)
    chat.says("처음으로").presses("추천 받기").says("흫" * 60)
    assert chat.dialogue.picks and chat.dialogue.grades and chat.dialogue.finder
    assert chat.dialogue.picker and len(chat.dialogue.recent) == 10
    chat.presses("선택 완료")
    for name in UNWANTED:
        chat.says(f"{name} 없는")
    assert {*chat.scene.conditions.without} == {*UNWANTED}
    for _ in range(60):
        if "다른 추천" not in chat.labels:
            break
        sound(chat)
        sound(_asking_at_length(chat))
        for answered in _answered_at_length(chat):
            sound(answered)
        for listing in _listing_at_length(chat):
            sound(listing)
        for card in chat.cards:
            chat.taps(card.rows[1][1])
        chat.presses("다른 추천")
    assert len(chat.scene.before) == SHOWN_AT_MOST
    assert texts.NO_MORE_SO_NARROW in chat.text
    assert chat.dialogue.profile != SkinProfile()


UNWANTED = tuple(f"{number}{'다' * (NAME_AT_MOST - 1)}" for number in range(3))


def _asking_at_length(chat: Chat) -> Chat:
    asking = chat.copy()
    asking.patient = True
    return asking.says("가" * 1_000)


def _answered_at_length(chat: Chat) -> Iterator[Chat]:
    """Away from the cards: by a model, about products of long names, with all that may be offered
    and remembered; the longest question, and the longest that can be asked again."""
    named = range(100_000, 100_009, 3)
    title = chat.shop.product(100_000).title
    answer = Answer(
        "답 [1]",
        tuple(Source(i, DocumentKind.PRODUCT, title, one) for i, one in enumerate(named, 1)),
        Writer.MODEL,
        "compare",
        SkinProfile(AgeBand.TEENS, Gender.MALE, SkinType.OILY, tuple(Concern)),
        Talk(("열두글자인제품의이름이요",) * 9, ("나" * 20,) * 9, "다" * 1_000),
        Trace("3", "model"),
    )
    for syllables in (1_000, 300):
        asking = chat.copy()
        asking.says("처음으로")
        asking.patient = True
        for number in range(2):
            asking.says("가" * syllables)
            yield asking
            result = Answered(asking.dialogue.ticket, asking._now(), answer)
            yield asking.late(result)
            assert (texts.AGAIN in asking.labels) == (syllables == 300), number


def _listing_at_length(chat: Chat) -> Iterator[Chat]:
    """While it is read, read, and while one of it is looked up."""
    known = [each.name for each in chat.shop.ingredients]
    unknown = [f"{'나' * 13}{number}" for number in range(12)]
    for names in (known, [*known[:40], *unknown]):
        listing = chat.copy()
        listing.patient = True
        yield listing.says(", ".join(names))
        yield listing.answered()
        yield listing.taps(ShowIngredient(chat.shop.ingredients[0].id))


def _tail(number: int):
    return replace(INGREDIENTS[0], id=number, name=f"가나다라마{number % 100}", roles=())


def test_offers_beyond_their_share_are_left_out():
    buttons_ = tuple(Button("가" * 100, ShowDetails(number)) for number in range(50))
    offers = offered((Bubble("", (buttons_,)),))
    assert 0 < len(offers) * 300 < BYTES_OF_OFFERS


def _long(number: int):
    product = Shop().products[0]
    name = "가나다라마바사아자차카타파하" * 4 + str(number)
    return replace(product, id=number, name=name, brand="가나다", reviews=number)


def test_a_turned_away_dialogue_is_drawn_as_the_age_question():
    assert redraw(Dialogue(TurnedAway())).replies
