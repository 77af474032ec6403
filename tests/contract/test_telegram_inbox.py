"""An update is answered once and never lost: webhook and polling over a real store."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.dialogue import texts
from bot.telegram.reception import STARTS
from engine.errors import StoreUnavailable
from tests.bot_api import TOKEN, Refused, bot_api
from tests.builders import NOON
from tests.contract.telegram_bot import POISON, Bot
from tests.contract.test_telegram_calls import until
from tests.contract.wires import ME, PNG

YOU = 78
AGE = texts.GREETING.splitlines()[0]


@pytest.fixture
async def bot(shop_file: Path, tmp_path: Path) -> AsyncIterator[Bot]:
    file, picture = tmp_path / "ppoyami.db", tmp_path / "p001.png"
    shutil.copy(shop_file, file)
    picture.write_bytes(PNG)
    async with bot_api() as api:
        yield Bot(file, picture, api)


async def agree(bot: Bot, chat: int = ME) -> None:
    for text in ("/start", "만 14세 이상이에요", "동의하고 시작"):
        assert await bot.api.deliver(bot.api.says(chat, text)) == 200
    await bot.nursery.rest()


# --- the webhook


async def test_an_update_stands_in_the_inbox_before_it_is_acknowledged(bot: Bot) -> None:
    async with bot.running(opened=False):
        assert await bot.api.deliver(bot.api.says(ME, "/start")) == 200
        (waiting,) = await bot.inbox.waiting("telegram")
        assert waiting.sender == str(ME)
        assert json.loads(waiting.content)["message"]["text"] == "/start"
        assert bot.said() == []
    async with bot.running():
        await bot.nursery.rest()
        assert AGE in bot.said()[0]
        assert await bot.waiting() == []


async def test_what_an_earlier_process_left_is_done_in_the_order_it_came(bot: Bot) -> None:
    async with bot.running(opened=False):
        updates = [bot.api.says(ME, text) for text in ("/start", texts.OLD_ENOUGH, "도움말")]
        for update in reversed(updates):
            assert await bot.api.deliver(update) == 200
    async with bot.running():
        await bot.nursery.rest()
    assert AGE in bot.said()[0]
    assert len(bot.said()) == 3


async def test_two_deliveries_at_the_same_moment_are_one(bot: Bot) -> None:
    async with bot.running():
        update = bot.api.says(ME, "/start")
        statuses = await asyncio.gather(*(bot.api.deliver(update) for _ in range(5)))
        assert set(statuses) == {200}
        await bot.nursery.rest()
        assert len(bot.said()) == 1
        assert await bot.api.deliver(update) == 200
        await bot.nursery.rest()
        assert len(bot.said()) == 1


async def test_an_update_that_comes_again_shows_what_was_never_shown(bot: Bot) -> None:
    async with bot.running():
        update = bot.api.says(ME, "/start")
        bot.api.refusals["sendMessage"] = [Refused("Bad Gateway", 502) for _ in range(2)]
        await bot.api.deliver(update)
        await bot.nursery.rest()
        assert bot.said() == []
        await bot.api.deliver(update)
        await bot.nursery.rest()
        assert AGE in bot.said()[0]


async def test_a_store_that_fails_is_told_to_telegram_and_nothing_is_done(bot: Bot) -> None:
    bot.fails = 1
    async with bot.running():
        update = bot.api.says(ME, "/start")
        assert await bot.api.deliver(update) == 503
        await bot.nursery.rest()
        assert bot.said() == []
        assert await bot.api.deliver(update) == 200
        await bot.nursery.rest()
        assert len(bot.said()) == 1


async def test_a_stopped_bot_takes_nothing_and_ends_what_it_is_at(bot: Bot) -> None:
    async with bot.running() as channel:
        await bot.api.deliver(bot.api.says(YOU, "/start"))
        bot.api.delays["sendMessage"] = 0.4
        for text in ("/start", "/help"):
            await bot.api.deliver(bot.api.says(ME, text))
        await until(lambda: calls(bot, "sendMessage") == 2)
        closing = asyncio.create_task(channel.close())
        await asyncio.sleep(0)
        assert await bot.api.deliver(bot.api.says(YOU, "/help")) == 503
        await closing
        assert [AGE in text for text in bot.said()] == [True]
        assert len(await bot.waiting()) == 1
    bot.api.delays.clear()
    async with bot.running():
        await bot.nursery.rest()
        assert len(bot.said()) == 2
        assert await bot.waiting() == []


# --- what goes wrong at work


async def test_an_update_that_always_fails_is_left_out_and_the_next_is_answered(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    async with bot.running():
        await agree(bot)
        before = len(bot.said())
        await bot.api.deliver(bot.api.says(ME, POISON))
        await bot.api.deliver(bot.api.says(ME, "도움말"))
        await bot.nursery.rest()
        assert bot.said()[before] == texts.TROUBLE
        assert "뽀야미는 이렇게 써요." in bot.said()[before + 1]
        assert await bot.waiting() == []
    assert any("failed" in record.message and record.exc_info for record in caplog.records)
    assert POISON not in "".join(record.getMessage() for record in caplog.records)


async def test_what_fails_only_at_first_is_answered(bot: Bot) -> None:
    bot.poison = (RuntimeError("a moment's"), 2)
    async with bot.running():
        await agree(bot)
        await bot.api.deliver(bot.api.says(ME, POISON))
        await bot.nursery.rest()
        assert texts.TROUBLE not in bot.said()


async def test_a_store_that_fails_at_work_is_waited_out(bot: Bot) -> None:
    bot.poison = (StoreUnavailable("locked"), 4)
    async with bot.running():
        await agree(bot)
        before = len(bot.said())
        await bot.api.deliver(bot.api.says(ME, POISON))
        await until(lambda: len(bot.said()) > before)
        assert texts.TROUBLE not in bot.said()
        assert await bot.waiting() == []


async def test_what_brings_every_process_down_is_left_out_after_some_starts(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    async with bot.running(opened=False):
        await bot.api.deliver(bot.api.says(ME, "/start"))
        (event,) = await bot.waiting()
        for _ in range(STARTS):
            await bot.inbox.attempt("telegram", event)
    async with bot.running():
        await bot.nursery.rest()
        assert bot.said() == []
        assert await bot.waiting() == []
    assert any("left out" in record.message for record in caplog.records)


async def test_what_waits_and_cannot_be_read_does_not_stop_the_start(bot: Bot) -> None:
    async with bot.running(opened=False):
        await bot.inbox.receive("telegram", "5", str(ME), "not json", NOON)
        await bot.inbox.receive("telegram", "6", str(ME), '{"update_id": 6, "message": 1}', NOON)
        await bot.api.deliver(bot.api.says(ME, "/start"))
    async with bot.running():
        await bot.nursery.rest()
        assert AGE in bot.said()[0]
        assert await bot.waiting() == []


@pytest.mark.parametrize("act", ["a press that says nothing", "blocked"])
async def test_what_needs_no_turn_waits_no_longer(bot: Bot, act: str) -> None:
    async with bot.running():
        await agree(bot)
        blocked = act == "blocked"
        api = bot.api
        await api.deliver(api.blocks(ME) if blocked else api.presses_data(ME, "stop:999"))
        await bot.nursery.rest()
        assert await bot.waiting() == []


async def test_one_persons_flood_does_not_hold_up_another(bot: Bot) -> None:
    async with bot.running():
        await agree(bot)
        bot.api.delays["sendMessage"] = 0.1
        flood = [bot.api.says(ME, "도움말") for _ in range(40)]
        you = bot.api.says(YOU, "/start")
        await asyncio.gather(*(bot.api.deliver(update) for update in (*flood, you)))
        await until(lambda: YOU in bot.api.chats)
        asked_to_wait = bot.said().count(texts.ONE_MOMENT)
        assert sum("이렇게 써요" in text for text in bot.said()) < 10
        await bot.nursery.rest()
        assert sum("이렇게 써요" in text for text in bot.said()) == 11
        assert asked_to_wait == 1
        assert await bot.waiting() == []


# --- polling


async def test_polling_confirms_only_what_stands_in_the_inbox(bot: Bot) -> None:
    bot.polling, bot.fails = True, 1
    update = bot.api.says(ME, "/start")
    async with bot.running():
        await until(lambda: bool(bot.api.polls))
        assert bot.api.offset == 0
        await until(lambda: len(bot.said()) == 1)
        await until(lambda: bot.api.offset == update["update_id"] + 1)
    assert {int(poll["offset"]) for poll in bot.api.polls[:2]} == {0}


@pytest.mark.parametrize("code", [409, 429, 502])
async def test_polling_goes_on_after_trouble_and_health_hears_of_it(bot: Bot, code: int) -> None:
    bot.polling = True
    wait = {"retry_after": 1} if code == 429 else {}
    bot.api.refusals["getUpdates"] = [Refused("Trouble", code, **wait)]
    async with bot.running() as channel:
        bot.api.says(ME, "/start")
        await until(lambda: len(bot.said()) == 1)
        assert not channel.delivery.well
        assert channel.delivery.told()["last_error_message"]


async def test_an_update_that_cannot_be_read_does_not_stop_polling(bot: Bot) -> None:
    bot.polling = True
    bot.api.says(ME, "/start")["message"]["chat"] = "nonsense"
    bot.api.says(ME, "/start")
    async with bot.running():
        await until(lambda: len(bot.said()) == 1)
        await until(lambda: not bot.api.pending)


async def test_every_kind_of_update_the_bot_reads_is_asked_for(bot: Bot) -> None:
    wanted = {"message", "callback_query", "my_chat_member", "inline_query"}
    async with bot.running():
        assert set(json.loads(bot.api.webhook["allowed_updates"])) == wanted
    bot.polling = True
    async with bot.running():
        await until(lambda: bool(bot.api.polls))
    assert set(json.loads(bot.api.polls[0]["allowed_updates"])) == wanted


@pytest.mark.parametrize("dropped", [True, False])
async def test_what_waits_at_telegram_is_dropped_only_on_request(bot: Bot, dropped: bool) -> None:
    bot.api.says(ME, "/start")
    async with bot.running(opened=False) as channel:
        await channel.open((), drop_pending=dropped)
        assert len(bot.api.pending) == (not dropped)


# --- health


async def test_health_tells_what_telegram_says_of_the_webhook(bot: Bot) -> None:
    async with bot.running() as channel:
        delivery = channel.delivery
        await delivery.look()
        assert delivery.well
        assert delivery.told() == {
            "pending_update_count": 0,
            "last_error_date": None,
            "last_error_message": None,
        }
        message = f"Wrong response at /bot{TOKEN}/: 503 Service Unavailable"
        for date, well in ((1_000_000_000, True), (int(now()), False)):
            bot.api.trouble = {"last_error_date": date, "last_error_message": message}
            await delivery.look()
            assert delivery.well is well
            assert "503 Service Unavailable" in str(delivery.told()["last_error_message"])
            assert TOKEN not in str(delivery.told())


def now() -> float:
    return datetime.now().timestamp()


def calls(bot: Bot, method: str) -> int:
    return [name for name, _ in bot.api.calls].count(method)
