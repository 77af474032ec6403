"""The skill server over HTTP: a real store, the shop in memory, and Kakao's side of the wire."""

import asyncio
import io
import json
import random
import shutil
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.conversation import Conversation, Progress, Remembered, Shown
from bot.dialogue import texts
from bot.dialogue.model import Bubble, Consult, Dialogue, NoticeRead, Request, Result, Said, Unread
from bot.kakao.answering import Answering, HandedOver, Owed
from bot.kakao.app import Pace, SkillServer, Times
from bot.kakao.callback import Callbacks
from bot.memory import StoredMemory
from engine.domain import Person
from engine.store.database import Database
from engine.store.people import People
from tests.chat import Shop
from tests.contract.conftest import migrated_file, shop_file  # noqa: F401 - fixtures
from tests.kakao import (
    BOT,
    REAL,
    SKILL_KEY,
    KakaoUser,
    Receiver,
    Response,
    Tap,
    receiver,
    skill_server,
)
from tests.kakao_limits import check
from tests.mutations import mutated
from tests.running import running_bot

SOON = Times(answer=0.4, callback=5.0, grace=0.3)
"""As the real ones, on the scale of tests of what is too slow."""
SLOWLY = "천천히 크림을 찾아 주세요"


@dataclass
class Kitchen:
    """The shop. What is asked for «천천히» comes when it is let; `broken` is raised instead."""

    ready: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0
    left: int = 0
    broken: Exception | None = None
    ahead: int | None = None
    """The place in the model's line that is told first."""
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    """The next is one place nearer."""
    notice: str = ""
    """How personal data is treated."""

    async def __call__(
        self, person: Person, request: Request
    ) -> AsyncGenerator[Progress | Result, None]:
        if self.broken is not None:
            raise self.broken
        if isinstance(request, Consult) and "천천히" in request.question.text:
            self.asked += 1
            try:
                if self.ahead is not None:
                    yield Progress(texts.queued(self.ahead), self.ahead)
                    await self.moved.wait()
                    yield Progress(texts.queued(self.ahead - 1), self.ahead - 1 or None)
                else:
                    yield Progress("찾아보니")
                await self.ready.wait()
            except (GeneratorExit, asyncio.CancelledError):
                self.left += 1
                raise
        result = Shop().fulfil(request, datetime.now(UTC))
        yield replace(result, notice=self.notice) if isinstance(result, NoticeRead) else result


@dataclass
class Place:
    """Everything of one skill, and a person before it."""

    kitchen: Kitchen
    memory: StoredMemory
    server: SkillServer
    me: KakaoUser
    receiver: Receiver
    person: Person

    async def dialogue(self) -> Any:
        return (await self.memory.recall(self.person, fresh=True)).dialogue

    async def owed(self) -> bool:
        return (await self.memory.recall(self.person, fresh=True)).owes


@pytest.fixture
async def file(shop_file: Path, tmp_path: Path) -> Path:  # noqa: F811
    return Path(shutil.copy(shop_file, tmp_path / "ppoyami.db"))


@asynccontextmanager
async def opened(
    file: Path, *, approved: bool = False, times: Times = REAL, pace: Pace | None = None
) -> AsyncIterator[Place]:
    """`approved`: requests bring callback addresses."""
    async with AsyncExitStack() as stack:
        database = await Database.open(f"sqlite+aiosqlite:///{file}", migrate=False)
        stack.push_async_callback(database.close)
        kitchen, memory = Kitchen(), StoredMemory(People(database, b"a secret of the tests"))
        taking = await stack.enter_async_context(receiver())
        address, server = await stack.enter_async_context(
            skill_server(
                memory,
                kitchen,
                callbacks=taking,
                times=times,
                pace=Pace(1_000, 1.0) if pace is None else pace,
            )
        )
        session = await stack.enter_async_context(aiohttp.ClientSession())
        me = KakaoUser(address, session, receiver=taking if approved else None)
        yield Place(kitchen, memory, server, me, taking, me.person)
        assert taking.faults == []


async def at_the_menu(me: KakaoUser) -> None:
    await me.says("안녕")
    await me.presses(texts.OLD_ENOUGH)
    await me.presses(texts.AGREE)


async def asked_slowly(place: Place) -> Response:
    """At the menu, however slow this machine is, and then a question that takes too long."""
    talk = Conversation(place.memory, place.kitchen)
    for text in ("안녕", texts.OLD_ENOUGH, texts.AGREE):
        said = Said(None, datetime.now(UTC), text)
        async with aclosing(talk.converse(place.person, said)) as shown:
            _ = [piece async for piece in shown]
    return await place.me.says(SLOWLY)


async def fetched_with(me: KakaoUser) -> Response:
    """«결과 보기», pressed until it is there."""
    response = await me.presses(texts.RESULT)
    while response.said == texts.LOOKING:
        response = await me.presses(texts.RESULT)
    return response


async def cooked(place: Place) -> None:
    """What is asked for slowly is there, and nobody has fetched it yet."""
    place.kitchen.ready.set()
    await until(place.dialogue, lambda dialogue: dialogue.open is None)
    await asyncio.sleep(0.02)  # from the store to whoever waits


async def until(look: Any, holds: Any) -> None:
    async with asyncio.timeout(10):
        while not holds(await look()):
            await asyncio.sleep(0.01)


# --- the door -------------------------------------------------------------------------------------


async def test_a_greeting_is_answered_with_the_question_of_the_age(file: Path):
    async with opened(file) as place:
        response = await place.me.says("안녕")
    assert texts.GREETING in response.said
    assert response.labels == [texts.OLD_ENOUGH, texts.TOO_YOUNG]


async def test_without_the_skills_key_nothing_is_answered(file: Path):
    async with opened(file) as place:
        for key in ("", "wrong", "k" * 5000, "뽀야미".encode().decode("latin-1")):
            response = await place.me.sends(place.me.saying("안녕"), **{"x-skill-key": key})
            assert response.status == 401
        assert await place.memory.unfinished("kakao") == ()


async def test_another_bots_request_is_refused_and_the_development_channels_is_not(file: Path):
    async with opened(file) as place:
        other = await replace(place.me, bot="another").sends(
            replace(place.me, bot="another").saying("안녕")
        )
        developing = replace(place.me, bot=f"{BOT}!")
        developed = await developing.says("안녕")
    assert other.status == 403
    assert developed.status == 200


async def test_the_development_channel_knows_other_people(file: Path):
    async with opened(file) as place:
        await at_the_menu(place.me)
        developed = await replace(place.me, bot=f"{BOT}!").says("안녕")
    assert texts.GREETING in developed.said


BROKEN_BODIES = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"a":' * 5_000,
    b'{"bot": {"id": 1e999}}',
    b'{"bot": {"id": "' + BOT.encode() + b'"}}',
    b'{"bot": {"id": "' + BOT.encode() + b'"}, "userRequest": {"user": {"id": ""}}}',
    b"9" * 10_000,
)


async def test_a_body_that_is_no_request_is_a_400_that_reads_as_json(file: Path):
    async with opened(file) as place:
        for body in BROKEN_BODIES:
            status, told = await posted(place.me, body)
            assert status == 400, body[:100]
            assert json.loads(told)["error"]


async def posted(me: KakaoUser, body: Any, **headers: str) -> tuple[int, bytes]:
    given = {"x-skill-key": SKILL_KEY, **headers}
    url = f"{me.address}/kakao"
    async with me.session.post(url, data=body, headers=given) as response:
        return response.status, await response.read()


async def test_a_body_over_the_limit_is_not_read_to_its_end(file: Path):
    async with opened(file) as place:
        large = place.me.saying("가" * 300_000)
        status, _ = await posted(place.me, io.BytesIO(json.dumps(large).encode()))
        packed, _ = await posted(place.me, b"no gzip", **{"Content-Encoding": "gzip"})
    assert (status, packed) == (400, 400)


async def test_a_body_that_does_not_come_is_not_waited_for(file: Path):
    async def never() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(60)

    async with opened(file, times=replace(SOON, body=0.1)) as place:
        status, told = await posted(place.me, never())
    assert status == 400
    assert "in time" in json.loads(told)["error"]


# --- the talk -------------------------------------------------------------------------------------


async def test_a_press_is_told_from_the_same_word_typed(file: Path):
    """The old button means what it meant; the word has become a question."""
    async with opened(file) as place:
        await at_the_menu(place.me)
        pressed = await place.me.presses(texts.OLD_ENOUGH)
        typed = await place.me.says(texts.OLD_ENOUGH)
    assert texts.STALE in pressed.said
    assert texts.STALE not in typed.said


async def test_a_button_of_another_version_draws_the_present_screen(file: Path):
    async with opened(file) as place:
        await at_the_menu(place.me)
        tap = place.me.seen[-1].tap(texts.RECOMMEND)
        gone = replace(tap, carries=tap.carries | {"extra": {"action": "no such thing"}})
        response = await place.me.sends(place.me.tapping(gone))
    assert texts.STALE in response.said
    assert texts.RECOMMEND in response.labels


async def test_a_picture_gets_one_line_and_loses_nothing(file: Path):
    async with opened(file) as place:
        await at_the_menu(place.me)
        response = await place.me.sends(place.me.sending_a_picture())
    assert response.said == texts.LABEL_UNREAD[Unread.OFF]
    assert texts.RECOMMEND in response.labels


async def test_the_same_request_again_is_answered_the_same_and_applied_once(file: Path):
    async with opened(file) as place:
        await at_the_menu(place.me)
        asked = place.me.saying("크림 있어요?")
        first = await place.me.sends(asked, "chp-1")
        before = await place.dialogue()
        again = await place.me.sends(asked, "chp-1")
        assert await place.dialogue() == before
    assert again.body == first.body


async def test_a_repeated_request_of_before_the_last_draws_the_present_screen(file: Path):
    async with opened(file) as place:
        await at_the_menu(place.me)
        asked = place.me.saying(texts.CONSULT)
        await place.me.sends(asked, "chp-1")
        await place.me.says(texts.HOME)
        again = await place.me.sends(asked, "chp-1")
    assert texts.MENU in again.said


async def test_without_a_requests_id_a_button_pressed_twice_is_one_press(file: Path):
    async with opened(file) as place:
        await at_the_menu(place.me)
        tap = place.me.seen[-1].tap(texts.CONSULT)
        asked = json.dumps(place.me.tapping(tap)).encode()
        bodies = [await posted(place.me, asked) for _ in range(2)]
        kept = await place.memory.recall(place.person, fresh=True)
        third = json.dumps(place.me.saying(texts.CONSULT)).encode()
        await posted(place.me, third)
        later = await place.memory.recall(place.person, fresh=True)
    assert bodies[0] == bodies[1]
    assert later.version == kept.version + 1


async def test_who_sends_far_too_much_is_asked_for_a_moment(file: Path):
    async with opened(file, pace=Pace(5, 60.0)) as place:
        said = [(await place.me.says("안녕")).said for _ in range(8)]
        other = await replace(place.me, user="someone else", seen=[]).says("안녕")
    assert [texts.ONE_MOMENT in each for each in said] == [False] * 5 + [True] * 3
    assert texts.GREETING in other.said


async def test_the_consoles_test_is_a_person_too(file: Path):
    """type accountId, lang null, no flow, no properties."""
    async with opened(file) as place:
        asked = place.me.saying("안녕")
        asked["userRequest"]["user"] = {"id": "945412", "type": "accountId", "properties": {}}
        asked["userRequest"]["lang"] = None
        del asked["flow"], asked["intent"], asked["contexts"]
        response = await place.me.sends(asked)
    assert texts.GREETING in response.said


async def test_nobodys_id_of_kakao_reaches_the_store(file: Path):
    async with opened(file) as place:
        await at_the_menu(place.me)
    content = file.read_bytes()
    wal = file.with_name(f"{file.name}-wal")
    content += wal.read_bytes() if wal.exists() else b""
    assert place.person.id.encode() in content
    assert place.me.user.encode() not in content


# --- what fails -----------------------------------------------------------------------------------


async def test_an_inner_error_is_one_kind_line_and_nothing_of_it(file: Path, caplog):
    async with opened(file) as place:
        await at_the_menu(place.me)
        place.kitchen.broken = RuntimeError("a secret of the inside")
        response = await place.me.says("크림 있어요?")
        place.kitchen.broken = None
        after = await place.me.says(texts.HOME)
    assert response.status == 200
    assert response.said == texts.TROUBLE
    assert texts.MENU in after.said
    assert any(record.levelname == "ERROR" for record in caplog.records)
    assert "크림 있어요" not in caplog.text
    assert place.me.user not in caplog.text


class Jammed:
    """A memory whose store does not answer until it is let."""

    def __init__(self, memory: StoredMemory) -> None:
        self._memory = memory
        self.open = asyncio.Event()
        self.open.set()

    async def recall(self, person: Person, *, fresh: bool) -> Any:
        await self.open.wait()
        return await self._memory.recall(person, fresh=fresh)

    async def keep(self, person: Person, remembered: Any, turn: Any, event: Any) -> int:
        await self.open.wait()
        return await self._memory.keep(person, remembered, turn, event)

    async def shown(self, person: Person, version: int) -> None:
        await self.open.wait()
        await self._memory.shown(person, version)


async def test_a_store_that_hangs_does_not_hang_kakao(file: Path):
    async with opened(file) as place:
        jammed = Jammed(place.memory)
        async with skill_server(jammed, place.kitchen, times=SOON) as (address, _):
            me = replace(place.me, address=address, seen=[])
            await at_the_menu(me)
            jammed.open.clear()
            waiting = await me.says(texts.CONSULT)
            assert waiting.said == texts.LOOKING
            jammed.open.set()
            fetched = await me.presses(texts.RESULT)
    assert texts.INVITATION in fetched.said


# --- the deadline ---------------------------------------------------------------------------------


async def test_what_takes_too_long_is_fetched_with_a_button(file: Path):
    async with opened(file, times=SOON) as place:
        first = await asked_slowly(place)
        assert first.said == texts.LOOKING
        assert first.labels == [texts.RESULT]
        early = await place.me.presses(texts.RESULT)
        assert early.said == texts.LOOKING
        place.kitchen.ready.set()
        fetched = await fetched_with(place.me)
    assert "찾았어요" in fetched.said
    assert texts.RESULT not in fetched.labels
    assert place.kitchen.asked == 1


async def test_who_waits_for_the_model_is_told_their_place_each_time(file: Path):
    async with opened(file, times=SOON) as place:
        place.kitchen.ahead = 3
        first = await asked_slowly(place)
        assert first.said == texts.looking_in_line(3)
        assert first.labels == [texts.RESULT]
        place.kitchen.moved.set()
        assert (await place.me.presses(texts.RESULT)).said == texts.looking_in_line(2)
        place.kitchen.ready.set()
        fetched = await fetched_with(place.me)
    assert "찾았어요" in fetched.said
    assert "앞에" not in fetched.said


async def test_who_stands_in_no_line_any_more_is_told_of_none(file: Path):
    async with opened(file, times=SOON) as place:
        place.kitchen.ahead = 1
        assert (await asked_slowly(place)).said == texts.looking_in_line(1)
        place.kitchen.moved.set()
        assert (await place.me.presses(texts.RESULT)).said == texts.LOOKING
        place.kitchen.ready.set()


async def test_an_aside_tells_the_place_too(file: Path):
    async with opened(file, times=SOON) as place:
        place.kitchen.ahead = 4
        await asked_slowly(place)
        response = await place.me.says("/nonsense")
        assert texts.looking_in_line(4) in response.said
        place.kitchen.ready.set()


async def test_it_is_fetched_as_well_by_typing(file: Path):
    async with opened(file, times=SOON) as place:
        await asked_slowly(place)
        place.kitchen.ready.set()
        fetched = await place.me.says("결과보기!")
    assert "찾았어요" in fetched.said
    assert place.kitchen.asked == 1


async def test_a_late_answer_counts_as_shown_only_once_it_is_handed_over(file: Path):
    async with opened(file, times=SOON) as place:
        await asked_slowly(place)
        await cooked(place)
        assert await place.owed()
        await place.me.presses(texts.RESULT)
        await until(place.owed, lambda owed: not owed)


async def test_a_late_answer_stands_before_what_is_asked_for_next(file: Path):
    async with opened(file, times=SOON) as place:
        await asked_slowly(place)
        await cooked(place)
        response = await place.me.says("/help")
    assert response.said.index("찾았어요") < response.said.index("/recommend")


async def test_what_called_a_late_answer_off_is_answered_alone(file: Path):
    async with opened(file, times=SOON) as place:
        await asked_slowly(place)
        response = await place.me.says(texts.HOME)
        assert texts.MENU in response.said
        assert texts.LOOKING not in response.said
        assert place.kitchen.left == 1
        place.kitchen.ready.set()
        later = await place.me.says(texts.RESULT)
    assert "찾았어요" not in later.said


async def test_who_waits_for_what_they_called_off_is_told_so(file: Path):
    async with opened(file) as place:
        await at_the_menu(place.me)
        asking = asyncio.create_task(replace(place.me, seen=[]).says(SLOWLY))
        await until(_asked(place), bool)
        response = await place.me.says(texts.HOME)
        stopped = await asking
    assert texts.MENU in response.said
    assert stopped.said == texts.CALLED_OFF


def _asked(place: Place) -> Any:
    async def asked() -> int:
        return place.kitchen.asked

    return asked


async def test_an_aside_leaves_the_late_answer_within_reach(file: Path):
    """A remark beside a question that is being answered: its quick reply comes back."""
    async with opened(file, times=SOON) as place:
        await asked_slowly(place)
        aside = await place.me.says("/nonsense")
        assert texts.UNKNOWN_COMMAND in aside.said
        assert texts.RESULT in aside.labels
        place.kitchen.ready.set()
        fetched = await fetched_with(place.me)
    assert "찾았어요" in fetched.said


async def test_after_a_restart_the_result_is_looked_for_again(file: Path):
    async with opened(file, times=SOON) as place:
        await asked_slowly(place)
        seen = place.me.seen
    async with opened(file, times=SOON) as place:
        place.kitchen.ready.set()
        place.me.seen = seen
        fetched = await fetched_with(place.me)
    assert "찾았어요" in fetched.said


async def test_a_response_that_nobody_took_is_owed(file: Path):
    """KakaoTalk hung up while its answer was made."""
    async with opened(file, times=SOON) as place:
        await at_the_menu(place.me)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await place.me.says(SLOWLY)
        await cooked(place)
        response = await place.me.says("/help")
    assert "찾았어요" in response.said


# --- the callback ---------------------------------------------------------------------------------


async def test_a_late_answer_is_posted_to_its_callback_once(file: Path):
    async with opened(file, approved=True, times=SOON) as place:
        first = await asked_slowly(place)
        assert first.promised
        assert first.body["data"]["text"] == texts.LOOKING_ON
        place.kitchen.ready.set()
        posted = await place.receiver.arrived(place.me.callback)
        assert "찾았어요" in posted.said
        await until(place.owed, lambda owed: not owed)
        after = await place.me.says("/help")
    assert "찾았어요" not in after.said
    assert len(place.receiver.posted) == 1


async def test_before_a_callback_the_place_is_told_once(file: Path):
    """Nothing can be said between the first response and the callback."""
    async with opened(file, approved=True, times=SOON) as place:
        place.kitchen.ahead = 12
        first = await asked_slowly(place)
        assert first.promised
        assert first.body["data"]["text"] == texts.looking_on_in_line(12)
        place.kitchen.moved.set()
        place.kitchen.ready.set()
        posted = await place.receiver.arrived(place.me.callback)
    assert "찾았어요" in posted.said
    assert len(place.receiver.posted) == 1


async def test_what_is_quick_needs_no_callback(file: Path):
    async with opened(file, approved=True) as place:
        await at_the_menu(place.me)
        response = await place.me.says("크림 있어요?")
    assert "찾았어요" in response.said
    assert place.receiver.posted == {}


@pytest.mark.parametrize("refusing", ["FAIL", "ERROR", "500", "302"])
async def test_an_answer_that_its_callback_refused_is_fetched(file: Path, refusing: str):
    async with opened(file, approved=True, times=SOON) as place:
        place.receiver.refusing = refusing
        await asked_slowly(place)
        await cooked(place)
        await asyncio.sleep(0.1)
        assert await place.owed()
        fetched = await place.me.says(texts.RESULT)
        await until(place.owed, lambda owed: not owed)
    assert "찾았어요" in fetched.said
    assert place.kitchen.asked == 1


async def test_who_fetches_it_first_gets_it_alone(file: Path):
    """A callback that was promised is not posted once the person has the answer."""
    async with opened(file, approved=True, times=SOON) as place:
        await asked_slowly(place)
        asking = asyncio.create_task(place.me.says(texts.RESULT))
        await asyncio.sleep(0.05)
        place.kitchen.ready.set()
        fetched = await asking
        await asyncio.sleep(0.1)
    assert "찾았어요" in fetched.said
    assert place.receiver.posted == {}


async def test_asked_for_again_it_comes_to_the_newer_callback(file: Path):
    async with opened(file, approved=True, times=SOON) as place:
        await asked_slowly(place)
        older = place.me.callback
        again = await place.me.says(texts.RESULT)
        assert again.promised
        place.kitchen.ready.set()
        await place.receiver.arrived(place.me.callback)
        await asyncio.sleep(0.05)
    assert older.rpartition("/")[2] not in place.receiver.posted


async def test_a_callback_that_would_be_too_late_says_how_to_fetch_it(file: Path):
    async with opened(file, approved=True, times=replace(SOON, callback=0.5)) as place:
        await asked_slowly(place)
        posted = await place.receiver.arrived(place.me.callback)
        assert posted.said == texts.LOOKING
        place.kitchen.ready.set()
        place.me.seen.append(posted)
        place.me.receiver = None
        fetched = await fetched_with(place.me)
    assert "찾았어요" in fetched.said


async def test_a_stop_gives_a_callback_its_grace_and_then_the_button(file: Path):
    async with opened(file, approved=True, times=SOON) as place:
        await asked_slowly(place)
        address = place.me.callback
    posted = await place.receiver.arrived(address)
    assert posted.labels == [texts.RESULT]


LISTED = Callbacks(("bot-api.kakao.com", "talk.example:8443", "http://127.0.0.1:9000"))
"""Hosts, and an origin that is written out."""


@pytest.mark.parametrize(
    "address",
    [
        "https://bot-api.kakao.com/callback/1?token=a%2fb",
        "https://talk.example:8443/1",
        "http://127.0.0.1:9000/1",
    ],
)
def test_a_listed_callback_is_taken_as_it_is(address: str):
    assert str(LISTED.allowed(address)) == address


def test_a_hosts_case_and_its_usual_port_make_no_difference():
    assert LISTED.allowed("https://BOT-API.kakao.com:443/callback/1") is not None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "가나다",
        "https://",
        "file:///etc/passwd",
        "https://kakao.example/callback/1",
        "http://bot-api.kakao.com/callback/1",
        "https://bot-api.kakao.com:8443/callback/1",
        "https://bot-api.kakao.com.evil.example/callback/1",
        "https://bot-api.kakao.com@evil.example/callback/1",
        "https://me:word@bot-api.kakao.com/callback/1",
        "https://evil.example/bot-api.kakao.com",
        "https://evil.example\\@bot-api.kakao.com/1",
        "https://bot-api.kakao.com /1",
        "https://bot-api.kakao.com/1\r\nHost: evil.example",
        "https://talk.example/1",
        "http://127.0.0.1:9001/1",
        "http://169.254.169.254/latest/meta-data",
        "https://bot-api.kakao.com:99999/1",
        "https://[::1/1",
    ],
)
def test_nothing_is_posted_to_an_address_that_is_not_listed(address: str):
    assert LISTED.allowed(address) is None


async def test_a_callback_elsewhere_is_as_good_as_none(file: Path):
    async with opened(file, approved=True, times=SOON) as place:
        await asked_slowly(place)
        asked = place.me.saying(texts.RESULT)
        asked["userRequest"]["callbackUrl"] = "http://169.254.169.254/latest/meta-data"
        response = await place.me.sends(asked)
    assert response.said == texts.LOOKING


async def test_a_listed_name_at_a_private_address_is_not_reached():
    callbacks = Callbacks(("localhost",))
    await callbacks.open()
    url = callbacks.allowed("https://localhost/callback/1")
    assert url is not None
    assert await callbacks.post(url, b"{}") is False
    await callbacks.close()


# --- pages ----------------------------------------------------------------------------------------


NOTICE = "\n\n".join(f"{number}번째 줄: " + "말 " * 400 for number in range(8))
"""More text than one response holds."""


async def leafed(me: KakaoUser) -> str:
    """Everything behind «더 보기»."""
    said = ""
    while texts.MORE in me.seen[-1].labels:
        said += (await me.presses(texts.MORE)).said
    return said


async def test_what_does_not_fit_stands_behind_a_button(file: Path):
    async with opened(file) as place:
        await at_the_menu(place.me)
        place.kitchen.notice = NOTICE
        said = (await place.me.says("/privacy")).said + await leafed(place.me)
    assert all(f"{number}번째 줄" in said for number in range(8))


async def test_after_a_restart_a_page_is_drawn_again(file: Path):
    async with opened(file) as place:
        await at_the_menu(place.me)
        place.kitchen.notice = NOTICE
        first = await place.me.says("/privacy")
    async with opened(file) as place:
        place.kitchen.notice = NOTICE
        place.me.seen.append(first)
        said = first.said + await leafed(place.me)
    assert all(f"{number}번째 줄" in said for number in range(8))


async def test_a_page_of_a_screen_that_was_left_is_the_present_screen(file: Path):
    async with opened(file) as place:
        await at_the_menu(place.me)
        place.kitchen.notice = NOTICE
        first = await place.me.says("/privacy")
        await place.me.says(texts.HOME)
        left = await place.me.sends(place.me.tapping(first.tap(texts.MORE)))
    assert texts.MENU in left.said


# --- the preview's way ----------------------------------------------------------------------------


async def test_the_preview_talks_to_the_same_skill(file: Path):
    async with opened(file) as place:
        body = await place.server.answer(place.me.saying("안녕"))
        await place.server.answer(place.me.saying(texts.OLD_ENOUGH))
        assert (await place.dialogue()).old_enough
    assert check(body) == []


# --- what is held ---------------------------------------------------------------------------------


async def left_behind(owed: Owed, name: str) -> None:
    """An answer that is over, and that nobody has fetched."""

    async def shown() -> AsyncGenerator[Shown, None]:
        yield Bubble("늦은 답이에요.")

    answering = Answering(Person("kakao", name), None, shown(), HandedOver(Forgetful()))
    owed.add(answering)
    await answering.follow()


class Forgetful:
    """Remembers nobody."""

    async def recall(self, person: Person, *, fresh: bool) -> Remembered:
        return Remembered(Dialogue())

    async def keep(self, person: Person, remembered: Any, turn: Any, event: Any) -> int:
        return 0

    async def shown(self, person: Person, version: int) -> None:
        pass


async def test_answers_that_nobody_fetches_are_not_held_for_ever():
    owed = Owed(kept=-1.0)
    for number in range(50):
        await left_behind(owed, str(number))
    assert len(owed) == 1


async def test_however_many_there_are_only_so_many_are_held():
    owed = Owed(most=10)
    for number in range(50):
        await left_behind(owed, str(number))
    assert len(owed) <= 11


def test_the_pace_forgets_who_has_gone():
    pace = Pace(3, 10.0)
    for number in range(1_000):
        assert pace.allows(Person("kakao", str(number)), float(number))
    assert len(pace) <= 11


# --- the real process ---------------------------------------------------------------------------


async def test_the_bot_itself_answers_kakaotalk(artifacts: Path):
    settings = {"KAKAO__SKILL_KEY": SKILL_KEY, "KAKAO__BOT_ID": BOT, "WEB__PREVIEW": "true"}
    async with running_bot(artifacts, **settings) as bot, aiohttp.ClientSession() as session:
        me = KakaoUser(bot.address, session)
        await at_the_menu(me)
        answered = await me.says("촉촉한 크림 있어요?")
        if texts.RESULT in answered.labels:
            answered = await fetched_with(me)
        async with session.get(f"{bot.address}/health") as health:
            channels = (await health.json())["channels"]
        async with session.get(f"{bot.address}/metrics") as metrics:
            counted = await metrics.text()
        async with session.get(f"{bot.address}/preview/kakao") as preview:
            assert preview.status == 200
    assert "크림" in answered.said
    assert channels["kakao"] == "on"
    assert 'ppoyami_events_total{channel="kakao",kind="Pressed"} 2.0' in counted
    told = "".join(bot.output)
    assert "PPOYAMI_WEB__PUBLIC_URL" in told
    assert SKILL_KEY not in told
    assert me.user not in told


# --- nonsense -------------------------------------------------------------------------------------

SAMPLES = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "kakao" / "requests.json"
MUTATIONS = 300


async def bombarded(file: Path, samples: list[Any]) -> None:
    """Everything is answered, and nothing with a 500."""
    chance = random.Random(7)
    async with opened(file, pace=Pace(10_000, 1.0)) as place:
        await at_the_menu(place.me)
        for number in range(MUTATIONS):
            payload = mutated(chance.choice(samples), chance)
            status, told = await posted(place.me, json.dumps(payload).encode())
            assert status in (200, 400, 403), (number, payload)
            if status == 200:
                assert check(told) == []
            assert json.loads(told)
        after = await place.me.says(texts.HOME)
    assert texts.MENU in after.said


async def test_mutated_requests_of_our_own_are_all_answered(file: Path, caplog):
    me = KakaoUser("", None)  # type: ignore[arg-type]
    tap = Tap("추천 받기", "", "QUICKREPLY_BUTTON_MESSAGE", {"extra": {"action": "open:recommend"}})
    await bombarded(file, [me.saying("크림 있어요?"), me.tapping(tap), me.sending_a_picture()])
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_mutated_requests_of_kakaos_shapes_are_all_answered(file: Path, caplog):
    if not SAMPLES.exists():
        pytest.skip("the shared samples are not here")
    samples = [each["payload"] for each in json.loads(SAMPLES.read_text(encoding="utf-8"))]
    await bombarded(file, [sample | {"bot": {"id": BOT, "name": "뽀야미"}} for sample in samples])
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
