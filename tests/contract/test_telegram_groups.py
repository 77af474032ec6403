"""In a group the bot knows one word, and remembers nobody."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.dialogue import texts
from engine.store.database import Database
from engine.store.tables import ConsentRow, DialogueRow, EventRow, MilestoneRow, PersonRow
from tests.bot_api import Refused, bot_api
from tests.contract.telegram_bot import Bot
from tests.contract.wires import ME, PNG

GROUP = -1001
KNOWN = "글리세린"


@pytest.fixture
async def bot(shop_file: Path, tmp_path: Path) -> AsyncIterator[Bot]:
    file, picture = tmp_path / "ppoyami.db", tmp_path / "p001.png"
    shutil.copy(shop_file, file)
    picture.write_bytes(PNG)
    async with bot_api() as api:
        bot = Bot(file, picture, api)
        async with bot.running():
            yield bot


async def writes(bot: Bot, text: str, **where) -> list[str]:
    before = len(bot.said(GROUP))
    assert await bot.api.deliver(bot.api.says_in_group(GROUP, text, ME, **where)) == 200
    await bot.nursery.rest()
    return bot.said(GROUP)[before:]


@pytest.mark.parametrize("kind", ["group", "supergroup"])
@pytest.mark.parametrize("command", ["/ingredient", "/ingredient@ppoyami_bot", "/Ingredient"])
async def test_an_ingredient_is_explained_and_leads_to_the_private_chat(
    bot: Bot, kind: str, command: str
) -> None:
    (said,) = await writes(bot, f"{command}  {KNOWN}", kind=kind)
    assert KNOWN in said
    ((button,),) = bot.api.chats[GROUP][-1].buttons
    assert button["url"].startswith("https://t.me/ppoyami_bot?start=i_")
    method, sent = bot.api.calls[-1]
    asked = bot.api.last_update["message"]["message_id"]
    assert method == "sendMessage"
    assert json.loads(sent["reply_parameters"])["message_id"] == asked


async def test_it_answers_in_the_topic_where_it_was_asked(bot: Bot) -> None:
    assert await writes(bot, f"/ingredient {KNOWN}", topic=7)
    assert bot.api.calls[-1][1]["message_thread_id"] == "7"


async def test_a_name_nobody_knows_and_no_name_at_all(bot: Bot) -> None:
    (missed,) = await writes(bot, "/ingredient 없는성분이름")
    assert "없는성분이름" in missed
    assert await writes(bot, "/ingredient") == [texts.GROUP_USAGE]
    assert await writes(bot, "/ingredient " + "가" * 61) == [texts.INGREDIENT_TOO_LONG]


@pytest.mark.parametrize(
    "text",
    [
        "안녕하세요", "/start", "/recommend", "/delete", "/stats", "추천 받기", "/ingredients 물",
        f"/ingredient@other_bot {KNOWN}", f"글리세린 /ingredient {KNOWN}", "",
    ],
)  # fmt: skip
async def test_nothing_else_is_answered(bot: Bot, text: str) -> None:
    calls = len(bot.api.calls)
    assert await writes(bot, text) == []
    assert len(bot.api.calls) == calls


async def test_nobody_in_a_group_is_remembered(bot: Bot) -> None:
    await writes(bot, f"/ingredient {KNOWN}")
    await writes(bot, "우리 모임 비밀 이야기")
    database = await Database.open(f"sqlite+aiosqlite:///{bot.file}", migrate=False)
    try:
        async with database.read() as connection:
            for table in (PersonRow, DialogueRow, ConsentRow, MilestoneRow):
                counted = select(func.count()).select_from(table)
                assert (await connection.execute(counted)).scalar_one() == 0
            (event,) = (await connection.execute(select(EventRow))).all()
    finally:
        await database.close()
    assert (event.sender, event.content) == (None, None)


async def test_an_update_that_comes_again_is_answered_once(bot: Bot) -> None:
    update = bot.api.says_in_group(GROUP, f"/ingredient {KNOWN}", ME)
    for _ in range(3):
        assert await bot.api.deliver(update) == 200
    await bot.nursery.rest()
    assert len(bot.said(GROUP)) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        Refused("Forbidden: bot was kicked from the supergroup chat", 403),
        Refused("Too Many Requests: retry after 30", 429, retry_after=30),
        Refused("Bad Request: not enough rights to send text messages to the chat"),
        Refused("Bad Request: group chat was upgraded", 400, migrate_to_chat_id=-1002),
        Refused("Bad Gateway", 502),
    ],
)
async def test_a_group_that_takes_no_answer_is_left_alone(bot: Bot, refusal: Refused) -> None:
    bot.api.refusals["sendMessage"] = [refusal]
    assert await writes(bot, f"/ingredient {KNOWN}") == []
    assert await writes(bot, f"/ingredient {KNOWN}")


async def test_a_crowd_of_questions_is_answered_only_in_part(bot: Bot) -> None:
    bot.api.delays["sendMessage"] = 0.2
    updates = [bot.api.says_in_group(GROUP, f"/ingredient {KNOWN}", ME) for _ in range(30)]
    await asyncio.gather(*map(bot.api.deliver, updates))
    await bot.nursery.rest()
    assert 0 < len(bot.said(GROUP)) < 20


async def test_a_button_in_a_group_stops_spinning_and_does_nothing(bot: Bot) -> None:
    update = bot.api.says_in_group(GROUP, "x", ME)
    message = {**update.pop("message")}
    sender = message.pop("from")
    update["callback_query"] = {
        "id": "q1", "chat_instance": "c", "data": "menu:home", "from": sender, "message": message,
    }  # fmt: skip
    assert await bot.api.deliver(update) == 200
    await bot.nursery.rest()
    assert [name for name, _ in bot.api.calls][-1] == "answerCallbackQuery"
    assert bot.said(GROUP) == []
