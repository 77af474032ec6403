"""Inline search, links into the bot and photos of labels, over a Bot API server and the seed."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from bot.conversation import Conversation
from bot.dialogue import texts
from bot.dialogue.model import Unread
from bot.fulfil import Fulfilment, Shop
from bot.memory import StoredMemory
from bot.photos import Fetch
from bot.pictures import Pictures
from bot.tasks import Nursery
from bot.telegram.app import TelegramChannel
from bot.telegram.inline import CACHE_SECONDS, CAMPAIGN, RESULTS, InlineSearch
from engine.domain import Person
from engine.engine import Engine
from engine.labels import PhotoUnfit, ReadingTooLong
from engine.settings import EngineSettings
from engine.store.database import Database
from engine.store.inbox import Inbox
from engine.store.people import People
from tests.bot_api import TOKEN, BotApi, Message, bot_api
from tests.running import database_url

SECRET = "a-webhook-secret"
HERE = "https://chat.example"
NUMBERS = count(77)
NANUM = Path("/usr/share/fonts/truetype/nanum")


pytestmark = pytest.mark.asyncio(loop_scope="module")


class Reader:
    """For it a photo's bytes are its text."""

    async def read(self, photo: bytes) -> str:
        if photo == b"not a photo":
            raise PhotoUnfit("not a photo")
        if photo == b"slow":
            raise ReadingTooLong("slow")
        return photo.decode()


@dataclass
class Running:
    """The channel in this process, as `bot.__main__` composes it."""

    api: BotApi
    people: People
    engine: Engine
    photos: dict[str, Fetch]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def running(
    loaded_seed: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    artifacts = tmp_path_factory.mktemp("extras") / "artifacts"
    shutil.copytree(loaded_seed, artifacts)
    nursery, photos = Nursery(), dict[str, Fetch]()
    async with bot_api() as api:
        database = await Database.open(database_url(artifacts))
        engine = await Engine.open(EngineSettings(artifacts), database)
        people = People(database)
        fulfil = Fulfilment(engine, people, Shop(), labels=Reader(), photos=photos)
        channel = TelegramChannel(
            TOKEN,
            api.address,
            Conversation(StoredMemory(people), fulfil),
            engine.picture,
            nursery,
            inbox=Inbox(database),
            blocking=people.mark_blocked,
            ask=fulfil.ask,
            inline=InlineSearch(fulfil.ask, Pictures(b"a secret", HERE).address),
        )
        photos["telegram"] = channel.download
        app = web.Application()
        app.router.add_post("/telegram", channel.webhook(SECRET))
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            await channel.open()
            await channel.listen(f"http://127.0.0.1:{runner.addresses[0][1]}/telegram", SECRET)
            yield Running(api, people, engine, photos)
        finally:
            await channel.close()
            await runner.cleanup()
            await nursery.close()
            await engine.close()
            await database.close()


@dataclass
class Phone:
    """A person who was never here before."""

    bot: Running
    me: int

    async def meets(self, update: dict[str, Any]) -> None:
        assert await self.bot.api.deliver(update) == 200

    async def says(self, text: str, *wanted: str) -> Message:
        await self.meets(self.bot.api.says(self.me, text))
        return await self.sees(*wanted)

    async def presses(self, label: str, *wanted: str) -> Message:
        await self.meets(self.bot.api.presses(self.me, label))
        return await self.sees(*wanted)

    async def sees(self, *wanted: str) -> Message:
        return await self.bot.api.until(self.me, *wanted)

    async def asks(self, text: str, offset: str = "") -> dict[str, Any]:
        """«@bot text» and what is answered."""
        before = len(self.bot.api.inline)
        await self.meets(self.bot.api.asks_inline(self.me, text, offset))
        await until(lambda: len(self.bot.api.inline) > before)
        return self.bot.api.inline[-1]

    async def comes_of_age(self) -> None:
        await self.says("/start", texts.OLD_ENOUGH)
        await self.presses(texts.OLD_ENOUGH, texts.REFUSE)
        await self.presses(texts.REFUSE, texts.FIND)

    async def photographs(self, content: bytes, *wanted: str, kind: str | None = None) -> Message:
        await self.meets(self.bot.api.sends_file(self.me, content, kind))
        return await self.sees(*wanted)

    async def kept(self) -> dict[str, Any]:
        return await self.bot.people.export(Person("telegram", str(self.me)))


@pytest.fixture
def phone(running: Running) -> Phone:
    return Phone(running, next(NUMBERS))


# --- inline


async def test_products_are_found_in_any_chat_and_nobody_is_kept(phone: Phone) -> None:
    answer = await phone.asks("  수분크림 ")
    found = await phone.bot.engine.search("수분크림", 1, RESULTS)
    assert [result["title"] for result in answer["results"]] == [one.title for one in found.items]
    assert 1 <= len(answer["results"]) <= 20
    assert (answer["cache_time"], answer["is_personal"]) == (str(CACHE_SECONDS), "false")
    first, product = answer["results"][0], found.items[0]
    assert first["description"] == texts.facts(product)
    assert first["thumbnail_url"].startswith(f"{HERE}/image/{product.id}?s=")
    ((button,),) = first["reply_markup"]["inline_keyboard"]
    assert button["text"] == texts.ASK_FAIRY
    assert button["url"] == f"https://t.me/ppoyami_bot?start=p_{product.id}"
    assert not (await phone.kept())["person"]
    assert phone.me not in phone.bot.api.chats


async def test_an_empty_query_shows_the_most_reviewed_page_by_page(phone: Phone) -> None:
    found = await phone.bot.engine.search("", 1, RESULTS)
    seen: list[str] = []
    offset = ""
    for _ in range(found.pages):
        answer = await phone.asks("", offset)
        seen += [result["id"] for result in answer["results"]]
        offset = answer.get("next_offset", "")
    assert offset == ""
    assert len(set(seen)) == len(seen) == found.total
    assert seen[:3] == [str(product.id) for product in found.items[:3]]


@pytest.mark.parametrize("offset", ["x", "-1", "9" * 64, "²", "0"])
async def test_an_offset_that_is_none_of_ours_begins_at_the_front(
    phone: Phone, offset: str
) -> None:
    assert (await phone.asks("크림", offset))["results"] == (await phone.asks("크림"))["results"]


async def test_past_the_last_page_there_is_nothing(phone: Phone) -> None:
    answer = await phone.asks("크림", "49")
    assert (answer["results"], answer.get("next_offset", "")) == ([], "")


async def test_nothing_found_leads_to_the_bot(phone: Phone) -> None:
    answer = await phone.asks("쿼크플럭스제너레이터")
    assert answer["results"] == []
    assert answer["button"] == {"text": texts.CONSULT_FAIRY, "start_parameter": CAMPAIGN}
    assert answer["cache_time"] == "0"


async def test_a_query_that_is_too_old_harms_nothing(
    phone: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    answered = len(phone.bot.api.inline)
    update = phone.bot.api.asks_inline(phone.me, "크림")
    await phone.meets(update)
    await until(lambda: len(phone.bot.api.inline) > answered)
    with caplog.at_level("INFO"):
        await phone.meets(update)  # the same again: its query is answered by now
        await until(lambda: "too old" in caplog.text)
    assert not [record for record in caplog.records if record.levelname in {"ERROR", "WARNING"}]


async def test_a_chosen_product_sent_to_the_bot_itself_means_its_button(phone: Phone) -> None:
    await phone.comes_of_age()
    result = (await phone.asks("크림"))["results"][0]
    await phone.meets(phone.bot.api.chooses(phone.me, result))
    card = await phone.sees(texts.FORMULA)
    assert " ".join(card.text.splitlines()[:2]).endswith(result["title"].split()[-1])


# --- links


async def test_a_strangers_link_leads_to_the_product_after_age_and_consent(phone: Phone) -> None:
    product = (await phone.bot.engine.search("크림", 1)).items[0]
    await phone.says(f"/start p_{product.id}", texts.OLD_ENOUGH)
    await phone.presses(texts.OLD_ENOUGH, texts.AGREE)
    card = await phone.presses(texts.AGREE, texts.FORMULA)
    assert product.name in card.text


# --- photos

LABEL = "전성분: 정제수, 글리세린, 부틸렌글라이콜, 판테놀, 향료\n사용할 때의 주의사항".encode()


@pytest.mark.parametrize("kind", [None, "image/jpeg"])
async def test_a_photo_or_a_picture_sent_as_a_file_is_read_as_a_list(
    phone: Phone, kind: str | None
) -> None:
    await phone.comes_of_age()
    listed = await phone.photographs(LABEL, texts.LIST_TITLE, kind=kind)
    assert "성분 5개" in listed.text
    assert texts.label_read(5) in [message.text for message in phone.bot.api.chats[phone.me]]
    kept = json.dumps(await phone.kept(), ensure_ascii=False, default=str)
    assert "photo" not in kept
    assert "이거 어때요" not in kept


async def test_another_file_is_not_taken_for_a_photo(phone: Phone) -> None:
    await phone.comes_of_age()
    await phone.photographs(LABEL, texts.MEDIA, kind="text/plain")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"not a photo", Unread.GONE),
        (b"slow", Unread.BUSY),
        ("오늘 날씨가 좋네요".encode(), Unread.UNCLEAR),
        (bytes((20 << 20) + 1), Unread.GONE),
    ],
)
async def test_a_photo_that_is_not_read_is_answered(
    phone: Phone, content: bytes, reason: Unread
) -> None:
    await phone.comes_of_age()
    await phone.photographs(content, texts.LABEL_UNREAD[reason])


async def test_a_photo_that_telegram_has_no_more_is_answered(phone: Phone) -> None:
    await phone.comes_of_age()
    update = phone.bot.api.sends_file(phone.me, LABEL)
    phone.bot.api.files.clear()
    await phone.meets(update)
    await phone.sees(texts.LABEL_UNREAD[Unread.GONE])


async def test_where_no_photos_are_read_the_bot_says_how_to_type_the_list(phone: Phone) -> None:
    await phone.comes_of_age()
    fetch = phone.bot.photos.pop("telegram")
    await phone.photographs(LABEL, texts.LABEL_UNREAD[Unread.OFF], texts.FIND)
    phone.bot.photos["telegram"] = fetch


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
@pytest.mark.skipif(not NANUM.is_dir(), reason="fonts-nanum is not installed")
@pytest.mark.parametrize("number", [3, 7])
async def test_a_drawn_label_is_read_off_its_photo(phone: Phone, number: int) -> None:
    from benchmarks.labels import drawn
    from engine.labels import TesseractReader

    label = drawn(number)
    read = await phone.bot.engine.read_label(await TesseractReader().read(label.picture))
    names = {ingredient.name for ingredient in read.known}
    assert len(names & {*label.names}) >= 0.9 * len(label.names)
    assert len(names - {*label.names}) <= 1


async def until(true: Callable[[], bool | Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)
