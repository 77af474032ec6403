"""What the Telegram channel asks of the Bot API, over a real conversation and store."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot.dialogue import texts
from engine.domain import Answer, Person
from tests.bot_api import BotApi, Refused
from tests.chat import PRODUCTS, Shop
from tests.contract.transcripts import Press, PressRaw, Say
from tests.contract.wires import ME, PNG, Counter, House, Telegram

PERSON = Person("telegram", str(ME))
NO_DRAFTS = Refused("Not Found", 404)
ODD = "<b>5&7</b> & «크림» <3"


@pytest.fixture
def house(shop_file: Path, tmp_path: Path) -> House:
    file, picture = tmp_path / "ppoyami.db", tmp_path / "p001.png"
    shutil.copy(shop_file, file)
    picture.write_bytes(PNG)
    return House(file, Counter(), picture)


@asynccontextmanager
async def phone_of(
    house: House, before: Callable[[BotApi], None] = lambda api: None
) -> AsyncIterator[Telegram]:
    """At the menu, with consent."""
    phone = Telegram(house, before)
    await phone.start()
    try:
        for text in ("/start", "만 14세 이상이에요", "동의하고 시작"):
            await phone.does(Say(text))
        yield phone
    finally:
        await phone.stop()
        await phone.leave()


@pytest.fixture
async def phone(house: House) -> AsyncIterator[Telegram]:
    async with phone_of(house) as phone:
        yield phone


def api_of(phone: Telegram) -> BotApi:
    assert phone.api is not None
    return phone.api


# --- how an answer grows


async def test_an_answer_grows_as_a_draft_that_says_how_to_stop_it(phone: Telegram) -> None:
    await phone.does(Say("천천히 크림을 찾아 주세요"), waits=False)
    ((chat, draft, text),) = api_of(phone).drafts
    assert (chat, text) == (ME, f"찾아보니\n\n{texts.STOP_HINT}")
    assert draft > 0
    before = len(api_of(phone).chats[ME])
    await phone.does(Say("그만"))
    assert [m.text for m in api_of(phone).chats[ME][before:]] == ["찾아보니 …", texts.STOPPED]


async def test_where_drafts_are_not_taken_a_message_grows_and_becomes_the_answer(
    phone: Telegram,
) -> None:
    api = api_of(phone)
    api.refusals["sendMessageDraft"] = [NO_DRAFTS]
    before = len(api.chats[ME])
    await phone.does(Say("크림 있어요?"))
    (answer,) = api.chats[ME][before:]
    assert "찾았어요" in answer.text
    assert answer.edits == 1
    assert texts.STOP not in answer.labels
    await phone.does(Say("토너 있어요?"))
    assert sum(method == "sendMessageDraft" for method, _ in api.calls) == 1


async def test_the_stop_button_under_a_growing_message(phone: Telegram) -> None:
    api = api_of(phone)
    api.refusals["sendMessageDraft"] = [NO_DRAFTS]
    growing = asyncio.create_task(phone.does(Say("천천히 크림을 찾아 주세요")))
    await until(lambda: texts.STOP in api.chats[ME][-1].labels)
    message = api.chats[ME][-1]
    assert await api.deliver(api.presses(ME, texts.STOP)) == 200
    await growing
    assert (message.text, message.labels) == ("찾아보니 …", [])
    assert api.chats[ME][-1].text == texts.STOPPED


async def test_an_answer_too_long_for_one_message_loses_nothing(house: House) -> None:
    said = "\n\n".join(f"{number}. {'가나다 ' * 90}".strip() for number in range(1, 16))
    house.counter.shop = LongAnswers(said=said)
    async with phone_of(house) as phone:
        api = api_of(phone)
        api.refusals["sendMessageDraft"] = [NO_DRAFTS]
        before = len(api.chats[ME])
        await phone.does(Say("크림 있어요?"))
        parts = [message.text for message in api.chats[ME][before:]]
    assert len(parts) == 2
    assert "\n\n".join(parts) == said


async def test_a_piece_that_cannot_be_shown_does_not_harm_the_answer(phone: Telegram) -> None:
    api = api_of(phone)
    api.refusals["sendMessageDraft"] = [Refused("Too Many Requests", 429, retry_after=30)]
    assert "찾았어요" in "\n".join(await phone.does(Say("크림 있어요?")))


# --- pictures and texts


async def test_a_picture_is_sent_once_and_then_by_its_id_until_telegram_forgets_it(
    phone: Telegram,
) -> None:
    api = api_of(phone)
    for wanted in (1, 1):
        assert "(picture)" in await phone.does(PressRaw("product:1"))
        assert api.uploads == wanted
    api.file_ids.clear()
    assert "(picture)" in await phone.does(PressRaw("product:1"))
    assert api.uploads == 2
    await phone.does(PressRaw("product:1"))
    assert api.uploads == 2


async def test_marks_of_html_in_a_product_arrive_as_they_are(house: House) -> None:
    odd = tuple(replace(each, name=ODD, brand="A<B>&C") for each in PRODUCTS[:2])
    house.counter.shop = Shop(odd)
    async with phone_of(house) as phone:
        await phone.does(Press(texts.FIND))
        read = await phone.does(Say("크림"))
        assert f"[A<B>&C {ODD}]" in read
        read = await phone.does(PressRaw("product:1"))
        assert read[1:3] == ["A<B>&C", ODD]
        assert not any("parse_mode" in arguments for _, arguments in api_of(phone).calls)


# --- who blocked the bot


async def test_who_blocked_the_bot_is_marked_and_left_in_peace_until_they_come_back(
    phone: Telegram,
) -> None:
    api = api_of(phone)
    api.blocked.add(ME)
    assert await api.deliver(api.says(ME, "도움말")) == 200
    await phone.at_rest()
    assert await is_blocked(phone)
    assert PERSON not in await phone.people.unfinished("telegram")
    api.blocked.clear()
    await phone.does(Say("처음으로"))
    assert not await is_blocked(phone)


async def test_telegram_itself_tells_who_blocks_the_bot_and_who_comes_back(
    phone: Telegram,
) -> None:
    api = api_of(phone)
    for blocked in (True, False):
        assert await api.deliver(api.blocks(ME, blocked)) == 200
        await phone.at_rest()
        assert await is_blocked(phone) is blocked


async def test_a_start_does_not_write_to_who_blocked_the_bot(phone: Telegram) -> None:
    api = api_of(phone)
    await phone.does(Say("천천히 크림을 찾아 주세요"), waits=False)
    await api.deliver(api.blocks(ME))
    await until(lambda: is_blocked(phone))
    calls = len(api.calls)
    await phone.restart()
    assert not any("chat_id" in arguments for _, arguments in api.calls[calls:])


# --- who the bot says it is


async def test_the_bot_introduces_itself_to_everybody_and_in_korean(phone: Telegram) -> None:
    profile = api_of(phone).profile
    for scope in ("default", "all_private_chats", "all_private_chats ko"):
        assert offered(profile, scope) == [*texts.COMMANDS]
    for language in ("", " ko"):
        assert profile[f"setMyDescription{language}"]["description"] == texts.DESCRIPTION
        short = profile[f"setMyShortDescription{language}"]["short_description"]
        assert short == texts.SHORT_DESCRIPTION
    assert "commands" in profile["setChatMenuButton"]["menu_button"]


def offered(profile: dict[str, dict[str, Any]], scope: str) -> list[tuple[str, str]]:
    commands = profile[f"setMyCommands {scope}"]["commands"]
    return [(each["command"], each["description"]) for each in commands]


async def test_a_group_is_offered_one_command_and_each_admin_two_more(house: House) -> None:
    stranger = 99

    class WithAdmins(Telegram):
        admins = (ME, stranger)

    def nobody_yet(api: BotApi) -> None:
        api.strangers.add(stranger)

    phone = WithAdmins(house, nobody_yet)
    await phone.start()
    try:
        profile = api_of(phone).profile
    finally:
        await phone.stop()
        await phone.leave()
    assert [name for name, _ in offered(profile, "all_group_chats")] == ["ingredient"]
    assert offered(profile, f"chat {ME}") == [*texts.COMMANDS, *texts.ADMIN_COMMANDS]
    assert f"setMyCommands chat {stranger}" not in profile
    assert "setChatMenuButton" in profile  # the start went on
    others = [scope for scope in profile if "commands" in profile[scope] and str(ME) not in scope]
    assert all("stats" not in str(profile[scope]) for scope in others)


@pytest.mark.parametrize(
    "method", ["setMyCommands", "setMyDescription", "setMyShortDescription", "setChatMenuButton"]
)
async def test_a_start_does_not_fail_over_an_introduction(house: House, method: str) -> None:
    def refuse(api: BotApi) -> None:
        api.refusals[method] = [Refused("Too Many Requests", 429, retry_after=3600)]

    async with phone_of(house, refuse) as phone:
        assert texts.MENU.splitlines()[0] in await phone.does(Say("처음으로"))


@dataclass(frozen=True)
class LongAnswers(Shop):
    """Answers every question with the same text."""

    said: str = ""

    def _answer(self, text: str) -> Answer:
        return Answer(self.said)


async def is_blocked(phone: Telegram) -> bool:
    ((row,),) = [(await phone.kept())["person"]]
    return bool(row["blocked"])


async def until(true: Callable[[], bool | Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not (await told if isinstance(told := true(), Awaitable) else told):
            await asyncio.sleep(0.01)
