"""A broadcast end to end: an admin's phone, a file on the command line, a bot that is killed."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from bot.broadcast_file import WrongFile, enqueue, read_order
from bot.settings import Settings, ShopSettings, TelegramSettings
from engine.advertising import Delivery, Going, Segment
from engine.domain import SkinType
from engine.store.audit import Audit
from engine.store.broadcasts import Broadcasts
from engine.store.database import Database
from tests.bot_api import TOKEN, BotApi, bot_api
from tests.crowd import Member, settle
from tests.load.broadcast import Weather, rush, told
from tests.running import database_url, running_bot

ADMIN = 1
SHOP = ShopSettings(name="달빛상점", contact="02-123-4567")
PNG = b"\x89PNG\r\n\x1a\n"
ROUGH = Weather(
    busy=0.02, faltering=0.05, dropped_before=0.03, dropped_after=0.03, silent=0, blocked=0.1
)


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as api:
        yield api


async def test_a_storm_and_two_kills_send_to_nobody_twice_and_lose_nobody(
    artifacts: Path,
) -> None:
    report = await rush(artifacts, database_url(artifacts), people=130, kills=2, weather=ROUGH)
    assert report.sound, told(report)
    assert report.tally[Delivery.DELIVERED] > 50 and report.tally[Delivery.BLOCKED] > 0
    assert report.tally[Delivery.HELD_BACK] == report.tally[Delivery.UNREACHABLE] == 2
    assert not report.errors


async def test_an_admin_writes_one_sees_it_and_watches_it_go(artifacts: Path, api: BotApi) -> None:
    database = await Database.open(database_url(artifacts))
    await settle(database, [Member(str(chat)) for chat in range(100, 105)])
    settings = {
        "TELEGRAM__TOKEN": TOKEN,
        "TELEGRAM__BASE_URL": api.address,
        "TELEGRAM__ADMINS": str(ADMIN),
        "SHOP__NAME": "달빛상점",
        "SHOP__CONTACT": "02-123-4567",
    }
    async with running_bot(artifacts, **settings):
        api.says(ADMIN, "/start")
        await api.until(ADMIN, "만 14세 이상이에요")
        api.presses(ADMIN, "만 14세 이상이에요")
        await api.until(ADMIN, "동의 안 함")
        api.says(ADMIN, "/broadcast")
        await api.until(ADMIN, "광고 글을 적어")
        api.says(ADMIN, "여름 크림 할인")
        await api.until(ADMIN, "그림 없이")
        api.presses(ADMIN, "그림 없이")
        await api.until(ADMIN, "링크 없이")
        api.says(ADMIN, "보러 가기 https://shop.example/summer")
        await api.until(ADMIN, "미리보기")
        api.presses(ADMIN, "미리보기")
        await api.until(ADMIN, "받을 분: 5명", "보내기")
        preview = api.chats[ADMIN][-2]
        api.presses(ADMIN, "보내기")
        await api.until(ADMIN, "정말 보내기")
        assert not any(chat in api.chats for chat in range(100, 105))
        api.presses(ADMIN, "정말 보내기")
        progress = await api.until(ADMIN, "끝남", "보냄 5", seconds=30)
        assert progress.edits > 0 or "5 / " in progress.text
    received = [api.chats[chat] for chat in range(100, 105)]
    assert [[message.text for message in each] for each in received] == [[preview.text]] * 5
    assert received[0][0].buttons == preview.buttons
    assert preview.text.startswith("(광고) 달빛상점\n")
    noted = [each.what for each in await Audit(database).latest(5) if each.who == "telegram 1"]
    assert "broadcast asked for" in noted
    await database.close()


# --- the command line ---------------------------------------------------------------------------


def settings(artifacts: Path, **changes) -> Settings:
    telegram = TelegramSettings.model_validate({"token": "1:x", "broadcast_rate": 10})
    values: dict[str, Any] = {
        "shop": SHOP,
        "telegram": telegram,
        "database_url": database_url(artifacts),
    }
    return Settings(_env_file=None, **(values | changes))


def file(folder: Path, content: str) -> Path:
    path = folder / "order.toml"
    path.write_text(content, encoding="utf-8")
    return path


@pytest.fixture
async def database(artifacts: Path) -> AsyncIterator[Database]:
    database = await Database.open(database_url(artifacts))
    dry, oily = SkinType.DRY, SkinType.OILY
    people = [Member(str(n), skin_type=dry if n % 3 else oily) for n in range(900)]
    await settle(database, people)
    yield database
    await database.close()


async def test_a_file_is_only_enqueued_and_says_how_many_and_how_long(
    artifacts: Path, database: Database, tmp_path: Path
) -> None:
    (tmp_path / "summer.png").write_bytes(PNG)
    order = file(
        tmp_path,
        """
        text = "여름 크림 할인"
        picture = "summer.png"
        [link]
        label = "보러 가기"
        url = "https://shop.example/summer"
        [segment]
        channel = "telegram"
        skin_type = "건성"
        """,
    )
    said = await enqueue(settings(artifacts), order)
    assert "#1" in said and "600명" in said and "약 1분" in said
    assert "실행 중인 봇이 보내요" in said
    [broadcast] = await Broadcasts(database).latest(5)
    assert (broadcast.going, broadcast.total) == (Going.RUNNING, 600)
    assert broadcast.segment == Segment("telegram", SkinType.DRY)
    assert await Broadcasts(database).picture(broadcast.id) == PNG
    assert (await Broadcasts(database).tally(1)).states == {Delivery.WAITING: 600}
    [noted] = await Audit(database).latest(5)
    assert (noted.who, noted.detail) == ("command line", "#1, 600 people")


@pytest.mark.parametrize("shop", [ShopSettings(), ShopSettings(name="달빛상점")])
async def test_without_a_name_and_a_contact_a_file_is_refused(
    artifacts: Path, database: Database, tmp_path: Path, shop: ShopSettings
) -> None:
    order = file(tmp_path, 'text = "할인"')
    with pytest.raises(WrongFile, match="PPOYAMI_SHOP__NAME"):
        await enqueue(settings(artifacts, shop=shop), order)
    assert await Broadcasts(database).latest(5) == ()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('text = "할인"\npicture = "gone.png"', "gone.png"),
        ('text = "할인"\npicture = "order.toml"', "PNG나 JPEG"),
        ('text = "할인"\npicture = "a.png"\nchart = true', "하나만"),
        ('text = "(광/고) 할인"', "빼 주세요"),
        (f'text = "{"가" * 4096}"', "자까지 쓸 수 있어요"),
        ('text = "할인"\n[segment]\nskin_type = "악건성"', "받을 수 있는 분이 없어요"),
        ('text = "할인"\n[link]\nlabel = "보기"\nurl = "ftp://x"', "link.url"),
    ],
)
async def test_what_cannot_be_sent_is_one_sentence_and_leaves_nothing(
    artifacts: Path, database: Database, tmp_path: Path, content: str, sentence: str
) -> None:
    with pytest.raises(WrongFile, match=sentence) as refused:
        await enqueue(settings(artifacts), file(tmp_path, content))
    assert "\n" not in str(refused.value)
    assert await Broadcasts(database).latest(5) == ()


async def test_without_a_channel_to_write_to_a_file_is_refused(
    artifacts: Path, tmp_path: Path
) -> None:
    with pytest.raises(WrongFile, match="TELEGRAM__TOKEN"):
        await enqueue(settings(artifacts, telegram=None), file(tmp_path, 'text = "할인"'))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('txt = "할인"', "text 항목이 필요해요"),
        ('text = "할인"\nurl = "x"', "url이라는 항목은 없어요"),
        ('text = ""', "text 항목을 읽을 수 없어요: 비어 있어요"),
        ("text = 3", "text 항목을 읽을 수 없어요: 글이어야 해요"),
        ('text = "할인"\nchart = "maybe"', "true나 false"),
        ('text = "할인"\n[segment]\nskin_type = "건조"', "segment.skin_type"),
        ('text = "할인"\n[segment]\nactive_days = 0', "범위를 벗어난"),
        ('text = "할인"\n[segment]\nactive_days = "x"', "정수여야"),
        ('text = "할인"\n[segment]\ncity = "서울"', "segment.city"),
        ('text = "할인"\n[segment]\nchannel = "web"', "가운데 하나"),
        ('text = "할인"\n[link]\nlabel = "보기"', "link.url 항목이 필요해요"),
        (f'text = "할인"\n[link]\nlabel = "{"가" * 31}"\nurl = "https://x.kr"', "30자까지"),
        ("text = ", "TOML이 아니에요"),
    ],
)
def test_a_wrong_line_of_the_file_is_one_sentence(
    tmp_path: Path, content: str, sentence: str
) -> None:
    with pytest.raises(WrongFile, match=sentence) as refused:
        read_order(file(tmp_path, content))
    assert "\n" not in str(refused.value).strip()


def test_a_file_that_is_not_there_or_no_text_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WrongFile, match="읽을 수 없어요"):
        read_order(tmp_path / "gone.toml")
    (tmp_path / "picture.toml").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(WrongFile, match="UTF-8"):
        read_order(tmp_path / "picture.toml")


def test_the_command_ends_with_one_sentence_and_a_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in os.environ if name.startswith("PPOYAMI_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    assert main(["broadcast", "gone.toml"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["broadcast"]) == 2
    assert "broadcast 파일" in capsys.readouterr().err
    monkeypatch.setenv("PPOYAMI_SHOP__NAM", "달빛상점")
    assert main(["broadcast", "gone.toml"]) == 2
    assert "PPOYAMI_SHOP__NAME" in capsys.readouterr().err
