"""The Event API's adapter against a local server that speaks it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from bot.courier import (
    Arrived,
    Busy,
    Faltered,
    Notice,
    Outcome,
    Refused,
    Unknown,
    Unreachable,
    Unsent,
)
from bot.kakao.events import KakaoCourier
from bot.mailing import channels
from bot.settings import KakaoSettings, Settings
from engine.advertising import Advertisement, Link, Sender
from engine.store.broadcasts import Recipient

AD = Advertisement(Sender("달빛상점", "02-1"), "할인", Link("보기", "https://shop.example"))
BOT, KEY = "5f00", "rest-key"


@dataclass
class EventApi:
    """One bot's Event API: a task for each call, which ends after `looks` looks."""

    friends: set[str] = field(default_factory=set)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    looks: int = 0
    names_misses: bool = True
    drops: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)
    reached: list[str] = field(default_factory=list)
    address: str = ""

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post(f"/v2/bots/{BOT}/talk", self._talk)
        app.router.add_get("/v1/tasks/{task}", self._task)
        return app

    async def _talk(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"KakaoAK {KEY}":
            return web.json_response({"msg": "unauthorized"}, status=401)
        body = await request.json()
        if self.drops:
            assert request.transport is not None
            request.transport.abort()
        if self.status != 200:
            return web.json_response({}, status=self.status, headers=self.headers)
        if not 1 <= len(body["user"]) <= 100 or body["event"]["name"] != "ad":
            return web.json_response({"status": "FAIL", "message": "bad request"}, status=400)
        self.asked.append(body)
        task = str(len(self.asked) - 1)
        return web.json_response(
            {"taskId": task, "status": "SUCCESS", "message": "", "timestamp": 1}
        )

    async def _task(self, request: web.Request) -> web.Response:
        people = [each["id"] for each in self.asked[int(request.match_info["task"])]["user"]]
        if self.looks > 0:
            self.looks -= 1
            told = {"allRequestCount": len(people), "successCount": 0}
            return web.json_response(told | {"status": "PROCESSING"})
        missed = [each for each in people if each not in self.friends]
        self.reached += [each for each in people if each in self.friends]
        listed = [{"id": each, "type": "botUserKey"} for each in missed]
        return web.json_response(
            {
                "taskId": request.match_info["task"],
                "status": "ALL SUCCESS" if not missed else "PARTIAL SUCCESS",
                "allRequestCount": len(people),
                "successCount": len(people) - len(missed),
                "fail": {
                    "count": len(missed),
                    "list": listed if self.names_misses else [],
                },
            }
        )


@pytest.fixture
async def api() -> AsyncIterator[EventApi]:
    api = EventApi({f"key-{n}" for n in range(100)})
    runner = web.AppRunner(api.app(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    api.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield api
    await runner.cleanup()


@asynccontextmanager
async def courier_at(address: str, key: str = KEY, bot: str = BOT) -> AsyncIterator[KakaoCourier]:
    courier = KakaoCourier(address, bot, key, "ad", looks_every=0.01)
    try:
        yield courier
    finally:
        await courier.close()


def people(n: int, first: int = 0) -> list[Recipient]:
    return [Recipient(i, "kakao", f"hash-{i}", f"key-{i}") for i in range(first, first + n)]


async def outcome(api: EventApi, **changes: Any) -> Outcome:
    async with courier_at(api.address, **changes) as courier:
        [came] = await courier.deliver(people(1), AD, None)
    return came


async def test_a_hundred_go_in_one_call_with_the_whole_text(api: EventApi) -> None:
    async with courier_at(api.address) as courier:
        came = await courier.deliver(people(100), AD, None)
    assert came == [Arrived()] * 100
    [asked] = api.asked
    assert asked["event"]["data"] == {
        "text": AD.text,
        "link_label": "보기",
        "link_url": "https://shop.example",
    }
    assert asked["user"][0] == {"type": "botUserKey", "id": "key-0"}
    assert len(api.reached) == 100


async def test_those_that_the_task_missed_are_told_apart(api: EventApi) -> None:
    api.friends -= {"key-1"}
    async with courier_at(api.address) as courier:
        came = await courier.deliver(people(3), AD, None)
    assert came == [Arrived(), Refused("the Event API did not reach them"), Arrived()]


async def test_misses_without_names_leave_all_uncertain(api: EventApi) -> None:
    api.friends -= {"key-1"}
    api.names_misses = False
    async with courier_at(api.address) as courier:
        came = await courier.deliver(people(3), AD, None)
    assert all(isinstance(each, Unknown) for each in came)


async def test_who_has_no_address_is_unreachable_and_the_others_are_not(api: EventApi) -> None:
    nobody = Recipient(9, "kakao", "hash", None)
    async with courier_at(api.address) as courier:
        assert await courier.deliver([nobody, *people(1)], AD, None) == [Unreachable(), Arrived()]
        assert await courier.deliver([nobody], AD, None) == [Unreachable()]
    assert len(api.asked) == 1


async def test_a_task_is_waited_for(api: EventApi) -> None:
    api.looks = 3
    assert await outcome(api) == Arrived()


async def test_a_task_that_does_not_end_leaves_them_uncertain(api: EventApi) -> None:
    api.looks = 1000
    assert isinstance(await outcome(api), Unknown)


@pytest.mark.parametrize(
    ("status", "headers", "came"),
    [
        (429, {"Retry-After": "3"}, Busy(3)),
        (429, {}, Busy(30)),
        (500, {}, Faltered("status 500")),
        (504, {}, Unknown("status 504")),
        (400, {}, Refused("status 400")),
    ],
)
async def test_every_refusal_has_its_outcome(
    api: EventApi, status: int, headers: dict[str, str], came: Outcome
) -> None:
    api.status, api.headers = status, headers
    assert await outcome(api) == came
    assert not api.reached


async def test_a_wrong_key_is_the_operators_matter(api: EventApi) -> None:
    assert await outcome(api, key="wrong") == Busy(60)


async def test_a_line_that_goes_dead_leaves_it_uncertain(api: EventApi) -> None:
    api.drops = True
    assert isinstance(await outcome(api), Unknown)


async def test_where_nothing_listens_nothing_was_sent(api: EventApi) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        api.address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    assert isinstance(await outcome(api), Unsent)


async def test_the_development_bot_sends_as_the_real_one(api: EventApi) -> None:
    assert await outcome(api, bot=f"{BOT}!") == Arrived()


async def test_a_text_over_one_bubble_is_refused_before_the_call(api: EventApi) -> None:
    long = Advertisement(Sender("달빛상점", "02-1"), "가" * 1000)
    async with courier_at(api.address) as courier:
        assert await courier.deliver(people(1), long, None) == [Refused("over 1000 characters")]
        assert await courier.notify(people(1)[0], Notice("계속?")) == Unreachable()
    assert not api.asked


@pytest.mark.parametrize(
    ("told", "on"),
    [({}, False), ({"rest_key": "k"}, False), ({"event": "ad"}, False),
     ({"rest_key": "k", "event": "ad"}, True)],
)  # fmt: skip
async def test_it_is_off_unless_both_the_key_and_the_event_are_set(
    told: dict[str, str], on: bool
) -> None:
    kakao = KakaoSettings.model_validate({"skill_key": "s" * 32, "bot_id": BOT, **told})
    assert channels(Settings(_env_file=None, kakao=kakao)) == (("kakao",) if on else ())


async def test_the_key_is_in_nothing_that_is_kept(api: EventApi) -> None:
    api.status = 500
    assert KEY not in json.dumps(str(await outcome(api)))
    await asyncio.sleep(0)
