"""Whatever is posted to the webhook: 200 or 400, no traceback, and the bot goes on."""

import json
import logging
import random
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue.model import Media
from bot.telegram.read import Unreadable, asked, number, parsed, read, standing
from tests.bot_api import BotApi, bot_api
from tests.contract.telegram_bot import SECRET, Bot
from tests.contract.wires import ME, PNG
from tests.mutations import mutated

MUTATIONS = 400
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}


def samples(api: BotApi) -> list[dict[str, Any]]:
    """One of each kind of update that the bot meets, and some that it never asked for."""
    api.chats.setdefault(ME, [])
    message = api.says(ME, "안녕하세요")
    pressed = {
        "id": "q",
        "chat_instance": "c",
        "data": "menu:home",
        "from": message["message"]["from"],
    }
    query = {"id": "i", "query": "수분크림", "offset": "", "from": message["message"]["from"]}
    said = message["message"]
    plain = [
        message,
        api.says(ME, "/start"),
        api.says(ME, "/start p_12"),
        api.says(ME, "/ingredient 글리세린"),
        *(api.sends(ME, media) for media in Media),
        api.says_in_group(-1001, "/ingredient 글리세린", ME, topic=3),
        api._happened(callback_query=pressed | {"message": said}),
        api._happened(callback_query=pressed | {"inline_message_id": "x"}),
        api._happened(my_chat_member=api.blocks(ME, False)["my_chat_member"]),
        api._happened(inline_query=query),
    ]
    others = [
        api._happened(**{kind: said})
        for kind in ("edited_message", "channel_post", "edited_channel_post", "business_message")
    ]
    return plain + others


class NoBot:
    """What the library's types are given where nothing is called."""


def reads(raw: Any) -> None:
    """Reads it to the end, or says why not."""
    try:
        number(raw)
        update = parsed(raw, NoBot())  # type: ignore[arg-type]
        read(update)
        standing(update)
        asked(update, "ppoyami_bot")
    except Unreadable:
        pass


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_any_json_is_read_or_refused(raw: Any) -> None:
    reads(raw)


@settings(max_examples=300, deadline=None)
@given(st.integers(min_value=0))
def test_a_spoiled_update_is_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    reads(mutated(chance.choice(samples(BotApi())), chance))


@pytest.fixture
async def bot(shop_file: Path, tmp_path: Path) -> AsyncIterator[Bot]:
    file, picture = tmp_path / "ppoyami.db", tmp_path / "p001.png"
    shutil.copy(shop_file, file)
    picture.write_bytes(PNG)
    async with bot_api() as api:
        bot = Bot(file, picture, api)
        async with bot.running():
            yield bot


async def test_spoiled_updates_are_met_without_a_traceback(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    chance, statuses = random.Random(4), set()
    async with aiohttp.ClientSession(headers=HEADERS) as session:
        for update in (chance.choice(samples(bot.api)) for _ in range(MUTATIONS)):
            body = json.dumps(mutated(update, chance))
            async with session.post(bot.api.webhook["url"], data=body) as response:
                statuses.add(response.status)
    assert statuses == {200, 400}
    await bot.nursery.rest()
    assert [str(record.exc_info) for record in caplog.records if record.exc_info] == []
    assert await bot.waiting() == []
    before = len(bot.said())
    assert await bot.api.deliver(bot.api.says(ME, "/start")) == 200
    await bot.nursery.rest()
    assert len(bot.said()) > before


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff\xfe", b"null", b"[]", b"{}", b'"\\ud800"', b"1e999", b"[" * 100_000,
        b'{"a":' * 50_000, b'{"update_id":' + b"9" * 5000 + b"}", b'{"update_id":true}',
        b'{"update_id":NaN}', b'{"update_id":-1}', b'{"update_id":"1"}',
    ],
)  # fmt: skip
async def test_what_is_no_update_at_all_is_refused(
    bot: Bot, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        aiohttp.ClientSession(headers=HEADERS) as session,
        session.post(bot.api.webhook["url"], data=body) as response,
    ):
        assert response.status == 400
    assert [record for record in caplog.records if record.exc_info] == []
