"""Kakao's side of a skill: makes the requests of its open builder, takes callbacks, and finds fault
with every response by `tests.kakao_limits`, which is not the renderer's code.
"""

import asyncio
import hmac
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import uuid4

import aiohttp
from aiohttp import web

from bot.conversation import Conversation, Fulfil, Memory
from bot.kakao.answering import HandedOver
from bot.kakao.app import Pace, Skill, SkillServer, Times
from bot.kakao.callback import Callbacks
from bot.kakao.render import Look
from bot.tasks import Nursery
from engine.domain import Person
from tests.kakao_limits import check

SKILL_KEY = "a-skill-key-of-the-tests-0123456789"
BOT = "64f0c0ffee0000000000abcd"
SECRET = b"a secret of the tests"
KAKAO_WAITS = 5.0
REAL = Times()
PLAIN = Look()
Json = dict[str, Any]


@dataclass(frozen=True)
class Tap:
    """Something that can be tapped: a quick reply, a card's button, a list's item."""

    label: str
    about: str
    """The title of the card that holds it."""
    kind: str
    """The trigger's type when it is tapped."""
    carries: Json
    """As Kakao got it."""

    @property
    def link(self) -> str:
        return str(self.carries.get("webLinkUrl", ""))

    @property
    def action(self) -> str:
        """What it means, as it is written; empty of a link and of what only says its label."""
        return str((self.carries.get("extra") or {}).get("action", ""))


@dataclass(frozen=True)
class Response:
    status: int
    body: Json
    seconds: float = 0.0

    @property
    def texts(self) -> list[str]:
        return [text for output in self.outputs for text in _texts(output)]

    @property
    def said(self) -> str:
        return "\n".join(self.texts)

    @property
    def outputs(self) -> list[tuple[str, Json]]:
        """(name, content) of each output, carousels opened."""
        found = []
        for output in self.body.get("template", {}).get("outputs", []):
            (name, content), *_ = output.items()
            inner = content["items"] if name == "carousel" else [content]
            kind = content["type"] if name == "carousel" else name
            found += [(kind, one) for one in inner]
        return found

    @property
    def taps(self) -> list[Tap]:
        cards = [tap for name, content in self.outputs for tap in _taps(name, content)]
        return cards + self.quick_replies

    @property
    def quick_replies(self) -> list[Tap]:
        found = self.body.get("template", {}).get("quickReplies", [])
        return [Tap(one["label"], "", f"QUICKREPLY_BUTTON_{_way(one)}", one) for one in found]

    @property
    def labels(self) -> list[str]:
        return [tap.label for tap in self.taps]

    @property
    def promised(self) -> bool:
        return self.body.get("useCallback") is True

    def tap(self, label: str, about: str = "") -> Tap:
        for tap in self.taps:
            if tap.label == label and about in tap.about:
                return tap
        raise AssertionError(f"nothing to tap called {label!r}: {self.labels}")


def _texts(output: tuple[str, Json]) -> Iterator[str]:
    """What of it cannot be tapped; a list's item that can is a tap's label."""
    name, content = output
    if name == "simpleText":
        yield content["text"]
        return
    for part in ("header", "head"):
        if part in content:
            yield content[part]["title"]
    for part in ("title", "description"):
        if text := content.get(part):
            yield text
    for item in content.get("items", []):
        parts = ("description",) if "action" in item else ("title", "description")
        yield from (item[part] for part in parts if item.get(part))
    for item in content.get("itemList", []):
        yield f"{item['title']}: {item['description']}"


def _taps(name: str, content: Json) -> Iterator[Tap]:
    title = content.get("title", "")
    for item in content.get("items", []) if name == "listCard" else []:
        if "action" in item:
            yield Tap(item["title"], "", f"LIST_ITEM_{_way(item)}", item)
    for button in content.get("buttons", []):
        yield Tap(button["label"], title, f"CARD_BUTTON_{_way(button)}", button)


def _way(carries: Json) -> str:
    return "BLOCK" if carries.get("action") == "block" else "MESSAGE"


@dataclass
class Receiver:
    """Takes callbacks: each address once, as Kakao does."""

    address: str = ""
    posted: dict[str, Response] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    """Found in what was posted; a test looks that there is none."""
    refusing: str = ""
    """The status that is answered: FAIL, ERROR, or an HTTP status; empty: SUCCESS."""
    _news: dict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))

    def new(self) -> str:
        """An address that nobody has posted to."""
        return f"{self.address}/callback/{uuid4().hex}"

    async def take(self, request: web.Request) -> web.Response:
        token = request.match_info["token"]
        told = await request.read()
        self.faults += check(told)
        body = json.loads(told)
        if self.refusing.isdigit():
            return web.Response(status=int(self.refusing))
        if self.refusing or token in self.posted:
            return web.json_response({"taskId": token, "status": self.refusing or "FAIL"})
        self.posted[token] = Response(200, body, asyncio.get_running_loop().time())
        self._news[token].set()
        return web.json_response({"taskId": token, "status": "SUCCESS"})

    async def arrived(self, address: str, seconds: float = 10.0) -> Response:
        """What was posted to the address, and when (the loop's time). Raises TimeoutError where
        nothing comes."""
        token = address.rpartition("/")[2]
        async with asyncio.timeout(seconds):
            await self._news[token].wait()
        return self.posted[token]


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    taking = Receiver()
    app = web.Application()
    app.router.add_post("/callback/{token}", taking.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    taking.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield taking
    finally:
        await runner.cleanup()


@asynccontextmanager
async def skill_server(
    memory: Memory,
    fulfil: Fulfil,
    *,
    callbacks: Receiver | None = None,
    times: Times = REAL,
    pace: Pace | None = None,
    look: Look = PLAIN,
) -> AsyncIterator[tuple[str, SkillServer]]:
    """The channel as `bot.__main__` composes it, and its address."""
    handed, nursery = HandedOver(memory), Nursery()
    server = SkillServer(
        Conversation(handed, fulfil),
        handed,
        nursery,
        callbacks=Callbacks((callbacks.address,) if callbacks else ()),
        skill=Skill(SKILL_KEY, BOT, SECRET),
        look=look,
        times=times,
        pace=pace,
    )
    app = web.Application()
    app.router.add_post("/kakao", server.receive)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await server.open()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", server
    finally:
        await runner.cleanup()
        await server.close()
        await nursery.close()


@dataclass
class KakaoUser:
    """One person in KakaoTalk, before a skill at `address`."""

    address: str
    session: aiohttp.ClientSession
    user: str = "b1946ac92492d2347c6235b4d2611184"
    bot: str = BOT
    key: str = SKILL_KEY
    receiver: Receiver | None = None
    """Where callbacks go, where they are approved."""
    seen: list[Response] = field(default_factory=list)
    """Every response, the last one last."""
    callback: str = ""
    """The last request's own."""
    patient: bool = False
    """Whoever measures how long it takes looks at it themselves."""

    @property
    def person(self) -> Person:
        """As the store knows them."""
        name = f"{self.bot}\0{self.user}".encode()
        return Person("kakao", hmac.new(SECRET, name, sha256).hexdigest())

    async def says(self, text: str) -> Response:
        return await self.sends(self.saying(text))

    async def presses(self, label: str, about: str = "") -> Response:
        """Of the newest response that has such a button; a link is not pressed."""
        for response in reversed(self.seen):
            if any(tap.label == label and about in tap.about for tap in response.taps):
                return await self.sends(self.tapping(response.tap(label, about)))
        raise AssertionError(f"nothing to tap called {label!r} was ever shown")

    def saying(self, text: str) -> Json:
        return self._request(text, {"type": "TEXT_INPUT"}, None)

    def tapping(self, tap: Tap) -> Json:
        assert not tap.link, f"{tap.label} is a link"
        said = tap.carries.get("messageText", tap.label)
        return self._request(said, {"type": tap.kind}, tap.carries.get("extra"))

    def sending_a_picture(self) -> Json:
        return self.saying("http://dn-m.talk.kakao.com/talkm/bl3Xk/a1b2c3/i_9f8e.jpg")

    async def sends(self, payload: Any, id: str | None = None, **headers: str) -> Response:
        """One request; what comes back is a skill response within Kakao's limits and its time."""
        given = {"x-skill-key": self.key, "X-Request-Id": id or f"chp-{uuid4().hex}", **headers}
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with self.session.post(
            f"{self.address}/kakao", json=payload, headers=given
        ) as response:
            told = await response.read()
        answer = Response(response.status, json.loads(told), loop.time() - began)
        if answer.status == 200:
            assert check(told) == []
            assert answer.seconds < KAKAO_WAITS or self.patient
        self.seen.append(answer)
        return answer

    def _request(self, utterance: str, trigger: Json, extra: Mapping[str, Any] | None) -> Json:
        asked: Json = {
            "timezone": "Asia/Seoul",
            "lang": "ko",
            "utterance": utterance,
            "block": {"id": "64f0000000000000000000b1", "name": "폴백 블록"},
            "params": {"surface": "Kakaotalk.plusfriend"},
            "user": {
                "id": self.user,
                "type": "botUserKey",
                "properties": {
                    "botUserKey": self.user,
                    "plusfriendUserKey": f"pf{self.user[:10]}",
                    "isFriend": True,
                },
            },
        }
        if self.receiver is not None:
            self.callback = self.receiver.new()
            asked["callbackUrl"] = self.callback
        return {
            "intent": {"id": "64f0000000000000000000b1", "name": "폴백 블록"},
            "userRequest": asked,
            "bot": {"id": self.bot, "name": "뽀야미"},
            "action": {
                "id": "64f0000000000000000000a1",
                "name": "뽀야미 스킬",
                "clientExtra": None if extra is None else dict(extra),
                "params": {},
                "detailParams": {},
            },
            "contexts": [],
            "flow": {"trigger": trigger, "lastBlock": {"id": "64f0000000000000000000b1"}},
        }
