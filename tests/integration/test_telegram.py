"""A real PTB application against an HTTP Bot API server, the whole path, polling and webhook."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.conversation import Conversation
from bot.fulfil import Fulfilment, Shop
from bot.memory import StoredMemory
from bot.tasks import Nursery
from bot.telegram.app import TelegramChannel, TelegramRefused
from engine.engine import Engine
from engine.settings import EngineSettings
from engine.store.database import Database
from engine.store.inbox import Inbox
from engine.store.people import People
from tests.bot_api import TOKEN, UPLOADED, BotApi, Refused, bot_api
from tests.running import database_url

House = tuple[Conversation, Engine, People, Database, Fulfilment]
SECRET = "a-webhook-secret"
ME = 77


@asynccontextmanager
async def house(artifacts: Path) -> AsyncIterator[House]:
    database = await Database.open(database_url(artifacts))
    engine = await Engine.open(EngineSettings(artifacts), database)
    people = People(database)
    fulfil = Fulfilment(engine, people, Shop())
    conversation = Conversation(StoredMemory(people), fulfil)
    try:
        yield conversation, engine, people, database, fulfil
    finally:
        await engine.close()
        await database.close()


@asynccontextmanager
async def telegram(
    artifacts: Path, api: BotApi, *, polling: bool, token: str = TOKEN
) -> AsyncIterator[TelegramChannel]:
    """The channel in this process, as `bot.__main__` composes it."""
    nursery = Nursery()
    async with house(artifacts) as (conversation, engine, people, database, fulfil):
        channel = TelegramChannel(
            token,
            api.address,
            conversation,
            engine.picture,
            nursery,
            inbox=Inbox(database),
            blocking=people.mark_blocked,
            ask=fulfil.ask,
        )
        app = web.Application()
        app.router.add_post("/telegram", channel.webhook(SECRET))
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            await channel.open(await people.unfinished("telegram"))
            if polling:
                nursery.start(channel.poll(), "polling")
            else:
                port = runner.addresses[0][1]
                await channel.listen(f"http://127.0.0.1:{port}/telegram", SECRET)
            yield channel
        finally:
            await runner.cleanup()
            await nursery.close()
            await channel.close()


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as api:
        yield api


class Phone:
    """One person's Telegram: acts, and waits for what comes of it."""

    def __init__(self, api: BotApi, *, polling: bool) -> None:
        self._api = api
        self._polling = polling

    async def says(self, text: str, *wanted: str) -> None:
        await self._happens(self._api.says(ME, text), wanted)

    async def presses(self, label: str, *wanted: str) -> None:
        await self._happens(self._api.presses(ME, label), wanted)

    async def _happens(self, update: dict[str, object], wanted: tuple[str, ...]) -> None:
        if not self._polling:
            assert await self._api.deliver(update) == 200
        await self._api.until(ME, *wanted)


@pytest.mark.parametrize("polling", [True, False], ids=["polling", "webhook"])
async def test_the_whole_path(artifacts: Path, api: BotApi, polling: bool) -> None:
    async with telegram(artifacts, api, polling=polling):
        phone = Phone(api, polling=polling)
        await phone.says("/start", "만 14세 이상이에요")
        await phone.presses("만 14세 이상이에요", "동의하고 시작")
        await phone.presses("동의하고 시작", "추천 받기")
        await phone.presses("추천 받기", "1/6")
        await phone.presses("20대", "2/6")
        await phone.presses("여성", "3/6")
        await phone.presses("건성", "4/6")
        await phone.presses("건조", "✅ 건조")
        await phone.presses("선택 완료", "5/6")
        await phone.says("향료", "피할 성분: 향료")
        await phone.presses("선택 완료", "6/6")
        await phone.presses("건너뛰기", "이대로 저장")
        await phone.presses("이대로 저장", "다음 ▶")
        await phone.says("크림", "크림", "다음 ▶")
        picker = api.chats[ME][-1]
        first = picker.labels[0]
        await phone.presses(first, f"✅ {first}")
        assert picker.edits == 1
        await phone.presses("다음 ▶", "◀ 이전")
        await phone.presses("선택 완료", "다른 추천")
        cards = [message for message in api.chats[ME] if message.photo]
        assert len(cards) == 3
        assert all("왜 추천했나요?" in card.labels for card in cards)
        await phone.presses("👍")
        await until(lambda: "고마워요!" in api.toasts)
        await phone.presses("왜 추천했나요?", "추천으로 돌아가기")
        await phone.says("/ingredient 나이아신아마이드", "Niacinamide")
        await phone.says("건성에 좋은 크림이 있을까요?", "처음으로", "출처")
        assert any(method == "sendChatAction" for method, _ in api.calls)


async def test_what_is_kept_comes_as_a_file(artifacts: Path, api: BotApi) -> None:
    async with telegram(artifacts, api, polling=False):
        phone = Phone(api, polling=False)
        await phone.says("/start", "만 14세 이상이에요")
        await phone.presses("만 14세 이상이에요", "동의하고 시작")
        await phone.presses("동의하고 시작", "추천 받기")
        await phone.says("/mydata", "내 데이터 받기")
    ((_, sent),) = [call for call in api.calls if call[0] == "sendDocument"]
    ((name, content),) = sent[UPLOADED].items()
    assert name == "ppoyami.json"
    assert json.loads(content)["person"][0]["external_id"] == str(ME)


async def test_an_update_delivered_five_times_changes_things_once(
    artifacts: Path, api: BotApi
) -> None:
    async with telegram(artifacts, api, polling=False):
        update = api.says(ME, "/start")
        for _ in range(5):
            assert await api.deliver(update) == 200
        await api.until(ME, "만 14세 이상이에요")
        await api.deliver(api.presses(ME, "만 14세 이상이에요"))
        await api.until(ME, "동의하고 시작")
        assert len(api.chats[ME]) == 1


async def test_a_wrong_secret_a_huge_body_and_nonsense_are_refused(
    artifacts: Path, api: BotApi
) -> None:
    async with telegram(artifacts, api, polling=False), aiohttp.ClientSession() as session:
        url = api.webhook["url"]
        right = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        for headers, body, status in (
            ({}, b"{}", 401),
            ({"X-Telegram-Bot-Api-Secret-Token": "wrong"}, b"{}", 401),
            (right, io.BytesIO(b"x" * (10 << 20)), 413),
            (right, b"not json", 400),
            (right, b"[1]", 400),
        ):
            async with session.post(url, data=body, headers=headers) as response:
                assert response.status == status
        assert ME not in api.chats


async def test_a_sticker_and_an_unknown_command_get_a_kind_line(
    artifacts: Path, api: BotApi
) -> None:
    async with telegram(artifacts, api, polling=False):
        phone = Phone(api, polling=False)
        await phone.says("/start", "만 14세 이상이에요")
        await phone.presses("만 14세 이상이에요", "동의하고 시작")
        await phone.presses("동의하고 시작", "추천 받기")
        await api.deliver(api.sends_sticker(ME))
        await until(lambda: any("스티커" in m.text for m in api.chats[ME]))
        await api.deliver(api.says(ME, "/nonsense"))
        await until(lambda: any("모르는 명령" in m.text for m in api.chats[ME]))


async def test_telegrams_own_errors_lose_nothing(artifacts: Path, api: BotApi) -> None:
    async with telegram(artifacts, api, polling=False):
        api.refusals["sendMessage"] = [Refused("Too Many Requests", 429, retry_after=1)]
        phone = Phone(api, polling=False)
        await phone.says("/start", "만 14세 이상이에요")
        api.refusals["answerCallbackQuery"] = [Refused("Bad Request: query is too old")]
        api.refusals["editMessageText"] = [Refused("Bad Request: message to edit not found")]
        await phone.presses("만 14세 이상이에요", "동의하고 시작")
        assert len(api.chats[ME]) == 2


async def test_what_was_kept_and_not_shown_is_shown_at_the_next_start(
    artifacts: Path, api: BotApi
) -> None:
    async with telegram(artifacts, api, polling=False):
        api.refusals["sendMessage"] = [Refused("Bad Gateway", 502) for _ in range(3)]
        await api.deliver(api.says(ME, "/start"))
        await until(lambda: len(api.refusals["sendMessage"]) < 3)
        await asyncio.sleep(0.2)
        api.refusals.clear()
    assert ME not in api.chats
    async with telegram(artifacts, api, polling=False):
        await api.until(ME, "만 14세 이상이에요")


async def test_a_wrong_token_is_one_sentence_and_the_token_is_never_logged(
    artifacts: Path, api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    wrong = "54321:wrong-token"
    with pytest.raises(TelegramRefused, match="PPOYAMI_TELEGRAM__TOKEN") as refused:
        async with telegram(artifacts, api, polling=True, token=wrong):
            pass
    assert wrong not in str(refused.value)


async def until(true: object) -> None:
    async with asyncio.timeout(10):
        while not true():  # type: ignore[operator]
            await asyncio.sleep(0.02)
