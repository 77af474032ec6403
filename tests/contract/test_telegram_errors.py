"""What the channel does where the Bot API refuses, is slow, or goes dead: a test for each."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from bot.dialogue import texts
from bot.telegram.calls import WAITS, repeatable, seconds, sent, unreachable
from tests.bot_api import TOKEN, BotApi, Dropped, Refused
from tests.contract.test_telegram_calls import api_of, is_blocked, phone_of, until
from tests.contract.transcripts import Press, Say
from tests.contract.wires import ME, PNG, Counter, House, Telegram

BAD_GATEWAY = Refused("Bad Gateway", 502)


@pytest.fixture
def house(shop_file: Path, tmp_path: Path) -> House:
    file, picture = tmp_path / "ppoyami.db", tmp_path / "p001.png"
    shutil.copy(shop_file, file)
    picture.write_bytes(PNG)
    return House(file, Counter(), picture)


@pytest.fixture
async def phone(house: House) -> AsyncIterator[Telegram]:
    async with phone_of(house) as phone:
        yield phone


def said(phone: Telegram, since: int = 0) -> list[str]:
    return [message.text for message in api_of(phone).chats[ME][since:]]


def called(phone: Telegram, since: int) -> list[str]:
    return [method for method, _ in api_of(phone).calls[since:]]


# --- buttons


async def test_a_button_is_answered_before_anything_else_is_said(phone: Telegram) -> None:
    calls = len(api_of(phone).calls)
    await phone.does(Press(texts.FIND))
    assert called(phone, calls)[0] == "answerCallbackQuery"


async def test_a_button_that_must_wait_is_answered_meanwhile(phone: Telegram) -> None:
    api = api_of(phone)
    api.delays["sendMessage"] = 2.5
    update = api.presses(ME, texts.FIND)
    await api.deliver(api.says(ME, "도움말"))
    calls = len(api.calls)
    await api.deliver(update)
    await until(lambda: "answerCallbackQuery" in called(phone, calls))
    assert not any("뽀야미는 이렇게 써요." in text for text in said(phone))
    await phone.at_rest()
    assert called(phone, calls).count("answerCallbackQuery") == 1


async def test_a_query_too_old_to_be_answered_is_still_obeyed(phone: Telegram) -> None:
    api_of(phone).refusals["answerCallbackQuery"] = [
        Refused("Bad Request: query is too old and response timeout expired or query ID is invalid")
    ]
    assert texts.ASK_PRODUCT.splitlines()[0] in await phone.does(Press(texts.FIND))


# --- edits


async def test_a_message_that_is_not_modified_counts_as_edited(phone: Telegram) -> None:
    api = api_of(phone)
    before, edits = len(api.chats[ME]), len(api.calls)
    api.refusals["editMessageText"] = [
        Refused(
            "Bad Request: message is not modified: specified new message content and reply "
            "markup are exactly the same as a current content and reply markup of the message"
        )
    ]
    await phone.does(Press(texts.FIND))
    assert called(phone, edits).count("editMessageText") == 1
    assert len(api.chats[ME]) == before


@pytest.mark.parametrize(
    "said_by_telegram",
    ["Bad Request: message to edit not found", "Bad Request: message can't be edited"],
)
async def test_what_cannot_be_edited_is_sent_anew(phone: Telegram, said_by_telegram: str) -> None:
    api = api_of(phone)
    before = len(api.chats[ME])
    api.refusals["editMessageText"] = [Refused(said_by_telegram)]
    await phone.does(Press(texts.FIND))
    assert said(phone, before) == [texts.ASK_PRODUCT]


@pytest.mark.parametrize("trouble", [BAD_GATEWAY, Dropped(), Dropped(done=True)])
async def test_an_edit_is_tried_again_on_a_bad_line(
    phone: Telegram, trouble: Refused | Dropped
) -> None:
    api = api_of(phone)
    before = len(api.chats[ME])
    message = api.chats[ME][-1]
    api.refusals["editMessageText"] = [trouble]
    await phone.does(Press(texts.FIND))
    assert message.text == texts.ASK_PRODUCT
    assert len(api.chats[ME]) == before


# --- messages


async def test_a_message_whose_answer_is_lost_is_not_repeated_and_the_rest_is_said(
    phone: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    api = api_of(phone)
    before = len(api.chats[ME])
    api.refusals["sendMessage"] = [Dropped(done=True)]
    await phone.does(Say("도움말"))
    assert len(said(phone, before)) == 1
    assert "뽀야미는 이렇게 써요." in said(phone, before)[0]
    assert any("may not have arrived" in record.message for record in caplog.records)
    await phone.does(Say("처음으로"))
    assert len(said(phone, before)) == 2


async def test_a_message_that_telegram_failed_on_is_not_repeated_but_owed(
    phone: Telegram,
) -> None:
    api = api_of(phone)
    before = len(api.chats[ME])
    api.refusals["sendMessage"] = [BAD_GATEWAY]
    await phone.does(Say("도움말"))
    assert said(phone, before) == [texts.TROUBLE]
    assert await phone.conversation.unshown(phone.person)
    assert any("뽀야미는 이렇게 써요." in line for line in await phone.restart())


async def test_told_to_wait_twice_it_waits_twice_and_says_it_once(phone: Telegram) -> None:
    api = api_of(phone)
    before, calls = len(api.chats[ME]), len(api.calls)
    api.refusals["sendMessage"] = [
        Refused("Too Many Requests: retry after 1", 429, retry_after=1) for _ in range(2)
    ]
    await phone.does(Say("도움말"))
    assert len(said(phone, before)) == 1
    assert called(phone, calls).count("sendMessage") == 3


async def test_a_chat_that_is_not_there_is_left_in_peace(phone: Telegram) -> None:
    api = api_of(phone)
    api.strangers.add(ME)
    calls = len(api.calls)
    await phone.does(Say("도움말"))
    assert await is_blocked(phone)
    assert called(phone, calls).count("sendMessage") == 1
    api.strangers.clear()
    await phone.does(Say("처음으로"))
    assert not await is_blocked(phone)


# --- one call


class Failing:
    """A call that raises these one after the other, and then says how often it was made."""

    def __init__(self, *errors: TelegramError) -> None:
        self._errors = list(errors)
        self.calls = 0

    async def __call__(self) -> int:
        self.calls += 1
        if self._errors:
            raise self._errors.pop(0)
        return self.calls


def too_many() -> RetryAfter:
    return RetryAfter(timedelta(0))


async def test_it_waits_as_told_a_few_times_and_then_says_so() -> None:
    assert await sent(Failing(*(too_many() for _ in range(WAITS)))) == WAITS + 1
    with pytest.raises(RetryAfter):
        await sent(Failing(*(too_many() for _ in range(WAITS + 1))))


def test_a_pause_is_read_in_both_of_its_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    assert seconds(RetryAfter(7)) == 7
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    error = RetryAfter(timedelta(seconds=7))
    assert error.retry_after == timedelta(seconds=7)
    assert seconds(error) == 7


@pytest.mark.parametrize("call", [sent, repeatable])
async def test_what_telegram_refuses_is_not_tried_again(call) -> None:
    failing = Failing(BadRequest("Bad Request: chat not found"))
    with pytest.raises(BadRequest) as refused:
        await call(failing)
    assert failing.calls == 1
    assert unreachable(refused.value)


# --- the line


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
async def bot(port: int) -> AsyncIterator[Bot]:
    """Not logged in: its server does not run yet."""
    async with HTTPXRequest(read_timeout=0.3) as request:
        yield Bot(TOKEN, f"http://127.0.0.1:{port}/bot", request=request)


@asynccontextmanager
async def served(api: BotApi, port: int) -> AsyncIterator[None]:
    runner = web.AppRunner(api.app(), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
    finally:
        await runner.cleanup()


async def test_a_message_that_never_left_is_sent_when_the_line_is_back(bot: Bot, port: int) -> None:
    api = BotApi()
    sending = asyncio.create_task(sent(lambda: bot.send_message(ME, "안녕하세요")))
    await asyncio.sleep(0.1)
    async with served(api, port):
        assert await sending is not None
    assert [message.text for message in api.chats[ME]] == ["안녕하세요"]


async def test_a_time_out_may_have_arrived_and_an_edit_is_said_again(bot: Bot, port: int) -> None:
    api = BotApi()
    async with served(api, port):
        api.delays["sendMessage"] = 0.5
        assert await sent(lambda: bot.send_message(ME, "하나")) is None
        await until(lambda: ME in api.chats)
        api.delays.clear()
        number = api.chats[ME][0].id
        api.refusals["editMessageText"] = [Dropped()]
        assert await repeatable(lambda: bot.edit_message_text("둘", ME, number))
    assert [(message.text, message.edits) for message in api.chats[ME]] == [("둘", 1)]
    assert [method for method, _ in api.calls].count("sendMessage") == 1


async def test_a_line_that_stays_dead_is_an_error(bot: Bot) -> None:
    with pytest.raises(NetworkError):
        await sent(lambda: bot.send_message(ME, "안녕하세요"))
