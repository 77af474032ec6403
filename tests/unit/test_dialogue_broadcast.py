"""An admin writes a broadcast; nobody else can learn that there is such a thing."""

import pytest

from bot.dialogue import admin_texts, texts
from bot.dialogue.actions import written
from bot.dialogue.model import (
    AddChart,
    Aim,
    Compose,
    Composing,
    Dialogue,
    Dispatch,
    Dispatching,
    EnqueueBroadcast,
    Failure,
    LeaveEmpty,
    Media,
    Menu,
    Open,
    Part,
    Picture,
    Steer,
    ViewingBroadcasts,
)
from engine.advertising import Going, Link, Segment
from engine.domain import AgeBand, Concern, SkinType
from tests.chat import Chat, Desk, Shop, agreed
from tests.unit.test_dialogue_walk import sound, ways

AD = "여름 수분 크림을 30% 싸게 드려요."
FORGED = [
    Compose(Part.TEXT),
    LeaveEmpty(Part.LINK),
    AddChart(),
    Aim(Part.CHANNEL, 1),
    Dispatch(),
    Steer(1, Going.PAUSED),
    Open(Menu.BROADCAST),
    Open(Menu.BROADCASTS),
]


def admin(**desk) -> Chat:
    return agreed(Chat(Shop(desk=Desk(**desk)), Dialogue(admin=True)))


def aiming(chat: Chat | None = None) -> Chat:
    chat = (chat or admin()).says("/broadcast").says(AD)
    return chat.presses("그림 없이").says("기획전 보기 https://shop.example/summer")


def previewed(chat: Chat | None = None) -> Chat:
    return aiming(chat).presses("미리보기")


def sent(chat: Chat | None = None) -> Chat:
    return previewed(chat).presses("보내기").presses("정말 보내기")


def test_the_preview_is_what_goes_out_with_its_buttons_and_the_counts():
    chat = previewed()
    ad = next(bubble for bubble in chat.bubbles if bubble.text.startswith("(광고)"))
    assert ad.text == f"(광고) 달빛상점\n\n{AD}\n\n문의: 02-123-4567\n무료 수신거부: /stop"
    assert [(button.label, button.url) for row in ad.rows for button in row] == [
        ("기획전 보기", "https://shop.example/summer"),
        ("수신거부", None),
    ]
    assert "받을 분: 5명 (텔레그램 5명)" in chat.text
    assert "조건에 맞는 분 10명" in chat.text and "동의 6명" in chat.text
    assert "약 2분" in chat.text


def test_it_goes_out_only_after_a_second_tap():
    chat = previewed()
    chat.presses("보내기")
    assert "되돌릴 수 없어요" in chat.text
    assert not chat.shop.desk.asked
    chat.presses("정말 보내기")
    [draft] = chat.shop.desk.asked.values()
    assert (draft.text, draft.link) == (AD, Link("기획전 보기", "https://shop.example/summer"))
    assert "#1" in chat.text


def test_the_second_tap_twice_is_one_broadcast():
    chat = previewed().presses("보내기")
    really = chat.button("정말 보내기")
    chat.taps(really).taps(really)
    assert texts.STALE in chat.toasts
    assert len(chat.shop.desk.asked) == 1


def test_a_crash_after_the_second_tap_asks_for_the_same_broadcast_again():
    chat = previewed().presses("보내기")
    chat.patient = True
    chat.presses("정말 보내기")
    first = chat.request
    again = chat.redrawn().request
    assert isinstance(again, EnqueueBroadcast)
    assert again.key == first.key and again.ticket > first.ticket
    chat.answered()
    assert len(chat.shop.desk.asked) == 1


def test_two_broadcasts_of_the_same_words_are_two():
    chat = sent()
    sent(chat)
    assert len(chat.shop.desk.asked) == 2


def test_who_it_is_for_is_narrowed_by_buttons():
    chat = aiming()
    for facet, option in (
        ("채널: 모두", "텔레그램"),
        ("피부 타입: 모두", "건성"),
        ("피부 고민: 모두", "건조"),
        ("나이대: 모두", "20대"),
        ("최근 활동: 모두", "30일 안"),
    ):
        chat.presses(facet).presses(option)
    wanted = Segment("telegram", SkinType.DRY, Concern.DRYNESS, AgeBand.TWENTIES, 30)
    assert chat.scene.draft.segment == wanted
    chat.presses("나이대: 20대").presses("모두")
    assert chat.scene.draft.segment.age_band is None
    chat.presses("미리보기")
    assert "텔레그램 · 건성 · 건조 · 30일 안에 활동" in chat.text


def test_a_photo_becomes_its_picture():
    chat = admin().says("/broadcast").says(AD).sends(Media.PHOTO, "file-1").presses("링크 없이")
    chat.presses("미리보기")
    [picture] = [reply for reply in chat.last if isinstance(reply, Picture)]
    assert picture.caption.startswith("(광고)") and picture.content == b"PNG"
    chat.presses("보내기").presses("정말 보내기")
    [draft] = chat.shop.desk.asked.values()
    assert (draft.photo, draft.chart, draft.link) == ("file-1", False, None)


def test_the_chart_becomes_its_picture_and_takes_the_place_of_a_photo():
    chat = admin().says("/broadcast").says(AD).sends(Media.PHOTO, "file-1").presses("← 이전")
    chat.presses("통계 그림 넣기")
    assert (chat.scene.draft.chart, chat.scene.draft.photo) == (True, "")


def test_a_photo_at_another_step_is_no_picture_of_it():
    chat = aiming().sends(Media.PHOTO, "file-1")
    assert chat.scene.draft.photo == "" and chat.scene.part is Part.AIM


@pytest.mark.parametrize("line", ["그냥 글", "ftp://shop.example", "보기 https://", "가" * 31])
def test_a_link_that_cannot_be_read_is_asked_for_again(line):
    chat = admin().says("/broadcast").says(AD).presses("그림 없이").says(line)
    assert admin_texts.WRONG_LINK in [bubble.text for bubble in chat.bubbles]
    assert chat.scene.part is Part.LINK and chat.scene.draft.link is None


def test_an_address_alone_has_a_label_of_ours():
    chat = admin().says("/broadcast").says(AD).presses("그림 없이").says("https://shop.example")
    assert chat.scene.draft.link == Link("자세히 보기", "https://shop.example")


def test_a_text_that_marks_itself_is_written_anew():
    chat = admin().says("/broadcast").says("(광/고) 싸요").presses("그림 없이").presses("링크 없이")
    chat.presses("미리보기")
    assert "빼 주세요" in chat.bubbles[0].text
    assert chat.scene.part is Part.TEXT
    chat.says(AD)
    assert chat.scene.draft.text == AD


def test_a_text_too_long_for_a_caption_says_how_long_it_may_be():
    chat = admin().says("/broadcast").says("가" * 1000).sends(Media.PHOTO, "f").presses("링크 없이")
    chat.presses("미리보기")
    assert "자까지 쓸 수 있어요" in chat.bubbles[0].text


def test_without_a_name_and_a_contact_nothing_can_be_sent():
    chat = previewed(admin(sender=None))
    assert "PPOYAMI_SHOP__NAME" in chat.text
    assert "보내기" not in chat.labels


def test_nobody_to_reach_leaves_no_way_to_send():
    chat = previewed(admin(reachable=0))
    assert admin_texts.NOBODY in chat.text
    assert "보내기" not in chat.labels and "받을 분 바꾸기" in chat.labels


def test_at_night_it_says_who_waits():
    assert "8시 10분" in previewed(admin(held=3)).text
    assert "8시 10분" not in previewed().text


def test_the_latest_are_listed_and_steered():
    chat = sent().presses("보낸 광고 보기")
    assert "#1" in chat.text and AD in chat.text and "차단 1" in chat.text
    chat.presses("#1 일시정지")
    assert chat.shop.desk.going == {1: Going.PAUSED}
    assert chat.toasts == ["광고 #1: 일시정지"]
    chat.presses("새로 고침").presses("#1 이어서")
    assert chat.shop.desk.going == {1: Going.RUNNING}
    chat.presses("새로 고침").presses("#1 취소")
    assert chat.shop.desk.going == {1: Going.CANCELLED}
    chat.presses("새로 고침")
    assert not [label for label in chat.labels if label.startswith("#1")]


def test_steering_leaves_the_scene_where_it_is():
    chat = sent().says("크림 있어요?")
    scene = chat.scene
    chat.taps(Steer(1, Going.PAUSED))
    assert chat.scene == scene


def test_a_broadcast_that_is_not_there_cannot_be_steered():
    assert admin().taps(Steer(9, Going.PAUSED)).toasts == [admin_texts.NO_SUCH]


def test_nobody_declares_one_done():
    chat = sent().taps(Steer(1, Going.DONE))
    assert texts.STALE in chat.toasts


@pytest.mark.parametrize("way", ["취소", "/cancel", "처음으로"])
def test_cancel_leaves_from_every_step(way):
    steps = [
        admin().says("/broadcast"),
        admin().says("/broadcast").says(AD),
        aiming(),
        aiming().presses("채널: 모두"),
        previewed(),
        previewed().presses("보내기"),
    ]
    for chat in steps:
        assert not isinstance(chat.says(way).scene, Composing)
        assert not chat.shop.desk.asked


def test_without_a_text_no_later_step_opens():
    chat = admin().says("/broadcast").taps(Compose(Part.CONFIRM))
    assert texts.STALE in chat.toasts and chat.scene.part is Part.TEXT


def test_the_second_tap_needs_the_first():
    chat = previewed().taps(Dispatch())
    assert texts.STALE in chat.toasts and not chat.shop.desk.asked


def test_a_store_that_fails_leaves_a_way_on():
    chat = previewed().presses("보내기")
    chat.shop = Shop(desk=chat.shop.desk, failing=Failure.UNAVAILABLE)
    chat.presses("정말 보내기")
    assert isinstance(chat.scene, Dispatching) and "처음으로" in chat.labels
    chat.shop = Shop(desk=chat.shop.desk)
    chat.says("결과 보기")
    assert len(chat.shop.desk.asked) == 1


# --- everybody else -----------------------------------------------------------------------------


def alike(one: Chat, other: Chat) -> bool:
    """The same was said, and the same is known."""
    return one.last == other.last and one.dialogue == other.dialogue


def test_to_others_the_command_is_as_unknown_as_any_other():
    assert alike(agreed().says("/broadcast"), agreed().says("/broadcasts"))
    assert alike(agreed().says("/broadcast@ppoyami_bot 여름"), agreed().says("/nothing 여름"))


@pytest.mark.parametrize("action", FORGED, ids=written)
def test_to_others_its_buttons_are_old_ones(action):
    """As one that no version wrote."""
    assert alike(agreed().taps(action), agreed().presses_unknown())


def test_who_is_an_admin_no_longer_stands_at_the_menu():
    chat = previewed()
    writing = chat.dialogue.scene
    other = agreed()
    other.dialogue = Dialogue(writing, old_enough=True, agreed=True)
    other.says(AD)
    assert not other.shop.desk.asked and not isinstance(other.request, EnqueueBroadcast)
    again = Chat(dialogue=Dialogue(writing, old_enough=True, agreed=True)).redrawn()
    assert again.text == texts.MENU


def test_a_broadcast_of_the_longest_text_still_fits_the_kept_state():
    from bot.memory import read
    from bot.memory import written as kept

    chat = admin().says("/broadcast").says("가" * 1000).presses("그림 없이")
    chat.says(f"{'나' * 30} https://shop.example/{'a' * 470}").presses("미리보기")
    chat.presses("보내기").presses("정말 보내기")
    assert len(kept(chat.dialogue).encode()) <= 8 * 1024
    assert read(kept(chat.dialogue)).scene == chat.scene


def test_every_button_on_the_way_leads_on():
    first = admin().says("/broadcast").says(AD)
    seen, queue = set(), [first]
    while queue:
        here = queue.pop()
        place = (type(here.scene), getattr(here.scene, "part", None))
        if place in seen or not isinstance(here.scene, Composing | Dispatching | ViewingBroadcasts):
            continue
        seen.add(place)
        sound(here)
        for button in ways(here):
            there = here.copy().taps(button)
            assert there.last and texts.STALE not in there.toasts, f"{button} is dead"
            queue.append(there)
    parts = {part for _, part in seen}
    assert parts >= set(Part) and (ViewingBroadcasts, None) in seen
