"""The page's routes and socket on a real server, with a scripted conversation behind them."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError, web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from bot.conversation import Broken, Progress, Waiting
from bot.dialogue import actions, texts
from bot.dialogue.model import Bubble, Button, Consult, Menu, Open, Pressed, Said, Sent, Stop
from bot.pictures import Pictures
from bot.web.app import add_routes
from bot.web.read import FRAME_BYTES
from bot.web.socket import EVENTS, TOO_FAST, UNAVAILABLE, UNREADABLE
from engine.domain import Product, Question
from engine.errors import UnknownProduct
from tests.fakes_web import Script, ScriptedTalk

SECRET = b"a secret of the test"
GREETING = (Bubble("만 14세 이상인가요?", ((Button("만 14세 이상이에요", Open(Menu.HOME)),),)),)
WAITING = Waiting(Consult(3, Question("세라마이드가 뭐예요?")))
SCRIPT: Script = {
    "안녕": (Bubble("반가워요"),),
    "아무것도": (),
    "길게": tuple(Progress("말" * n) for n in range(1, 200)),
    "느리게": (WAITING, Bubble("오래 찾았어요")),
    "멈춤": (WAITING, Progress("찾아"), Broken("찾아 …")),
    "고장": (RuntimeError("the disk is read-only"),),
    actions.written(Open(Menu.HOME)): (Bubble("메뉴", replaces=True),),
    "Sent": (Bubble("글로 말해 주세요"),),
}
PNG = b"\x89PNG\r\n\x1a\n"
PICTURES = Pictures(SECRET)
GONE = 9
"""A product that was in the catalogue once."""


Client: TypeAlias = TestClient[web.Request, web.Application]


@dataclass
class Site:
    """A person's browser before the running page."""

    client: Client
    talk: ScriptedTalk

    @property
    def origin(self) -> str:
        return str(self.client.make_url("/").origin())

    async def visit(self) -> str:
        """Load the page; the session cookie's value."""
        response = await self.client.get("/")
        assert response.status == 200
        return response.cookies["ppoyami"].value

    @asynccontextmanager
    async def socket(self, origin: str | None = None) -> AsyncIterator[ClientWebSocketResponse]:
        headers = {"Origin": self.origin if origin is None else origin}
        async with self.client.ws_connect("/ws", headers=headers) as socket:
            yield socket


Opening = Callable[..., Awaitable[Site]]


@pytest.fixture
async def opening(tmp_path: Path) -> AsyncIterator[Opening]:
    """Starts the site with these options."""
    clients: list[Client] = []

    async def picture(id: int) -> Path | str | None:
        pictures: dict[int, Path | str] = {
            1: tmp_path / "p001.png",
            2: "https://shop.example/p002.png",
            3: tmp_path / "gone.png",
            4: tmp_path / "script.svg",
        }
        if id == GONE:
            raise UnknownProduct(id)
        return pictures.get(id)

    async def start(*, public_url: str | None = None, pause: float = 0.0) -> Site:
        (tmp_path / "p001.png").write_bytes(PNG)
        (tmp_path / "script.svg").write_text("<svg/>")
        talk = ScriptedTalk(GREETING, SCRIPT, pause=pause)
        app = web.Application()
        add_routes(app, talk, secret=SECRET, public_url=public_url, picture=picture)
        client = TestClient(TestServer(app))
        clients.append(client)
        await client.start_server()
        return Site(client, talk)

    yield start
    for client in clients:
        await client.close()


@pytest.fixture
async def site(opening: Opening) -> Site:
    site = await opening()
    await site.visit()
    return site


def pictured(id: int, name: str) -> Product:
    return Product(id, f"p{id:03}", "이슬담", "촉촉 크림", "크림", picture=f"pictures/{name}")


def signed(id: int, name: str) -> str:
    path = PICTURES.path(pictured(id, name))
    assert path is not None
    return path


def say(text: str, id: str | None = None) -> dict[str, str]:
    return {"type": "say", "id": id or str(uuid4()), "text": text}


async def frames_until(socket: ClientWebSocketResponse, kind: str) -> list[dict[str, Any]]:
    """What comes, up to and with the first frame of this kind."""
    frames: list[dict[str, Any]] = []
    async with asyncio.timeout(5):
        while not frames or frames[-1]["type"] != kind:
            frames.append(await socket.receive_json())
    return frames


async def exchange(socket: ClientWebSocketResponse, frame: dict[str, str]) -> list[dict[str, Any]]:
    await socket.send_json(frame)
    return await frames_until(socket, "ack")


# --- the page and its headers


async def test_the_page_sets_a_cookie_scripts_cannot_read(opening: Opening):
    site = await opening()
    response = await site.client.get("/")
    cookie = response.cookies["ppoyami"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert int(cookie["max-age"]) == 180 * 24 * 3600
    assert not cookie["secure"]
    assert len(cookie.value) == 43


async def test_the_cookie_is_secure_where_the_public_address_is(opening: Opening):
    site = await opening(public_url="https://chat.example")
    response = await site.client.get("/")
    assert response.cookies["ppoyami"]["secure"]


async def test_no_cache_between_keeps_the_page_that_sets_a_cookie(opening: Opening):
    site = await opening()
    response = await site.client.get("/")
    assert "private" in response.headers["Cache-Control"]


async def test_a_second_visit_keeps_the_session(site: Site):
    assert await site.visit() == await site.visit()


async def test_a_forged_cookie_is_replaced(opening: Opening):
    site = await opening()
    site.client.session.cookie_jar.update_cookies({"ppoyami": "x"}, URL(site.origin))
    assert len(await site.visit()) == 43


@pytest.mark.parametrize(
    "path", ["/", "/static/chat.js", "/static/none.js", "/nowhere", "/image/1"]
)
async def test_every_response_is_guarded(site: Site, path: str):
    response = await site.client.get(path)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"


async def test_the_page_holds_no_inline_code_and_loads_nothing_from_outside(site: Site):
    page = await (await site.client.get("/")).text()
    assert "<style" not in page
    assert "style=" not in page
    assert "onclick" not in page
    assert "https://" not in page
    assert '<script type="module" src="/static/chat.js"></script>' in page


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/image/../../etc/passwd",
        "/image/..%2f..%2fetc%2fpasswd",
        "/image/1%00",
        "/image/-1",
        "/image/9999999999999999999",
    ],
)
async def test_no_path_leaves_its_folder(site: Site, path: str):
    address = URL(site.origin + path, encoded=True)
    async with site.client.session.get(address) as response:
        assert response.status == 404


async def test_a_picture_is_served_to_be_kept(site: Site):
    response = await site.client.get(signed(1, "p001.png"))
    assert response.status == 200
    assert response.content_type == "image/png"
    assert "immutable" in response.headers["Cache-Control"]
    assert await response.read() == PNG


@pytest.mark.parametrize(
    ("id", "name"), [(2, "p002.png"), (3, "gone.png"), (4, "script.svg"), (5, "p005.png")]
)
async def test_a_remote_missing_or_dangerous_picture_is_not_found(site: Site, id: int, name: str):
    assert (await site.client.get(signed(id, name))).status == 404


async def test_a_picture_that_left_the_catalogue_is_not_found(site: Site):
    assert (await site.client.get(signed(GONE, "p001.png"))).status == 404


async def test_a_picture_is_shown_only_at_the_address_that_was_signed_for_it(site: Site):
    right = signed(1, "p001.png")
    others = Pictures(b"another secret").path(pictured(1, "p001.png"))
    assert others is not None
    for wrong in (
        "/image/1",
        "/image/1?s=",
        right[:-1],
        right + "A",
        right + "%ff",
        others,
        signed(1, "p002.png"),
        signed(2, "p001.png").replace("/2?", "/1?"),
    ):
        assert (await site.client.get(wrong)).status == 404, wrong
    assert (await site.client.get(right)).status == 200


# --- who may open the socket


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "file://", "not an origin"])
async def test_another_sites_page_is_refused(site: Site, origin: str):
    with pytest.raises(WSServerHandshakeError) as refused:
        async with site.socket(origin):
            pass
    assert refused.value.status == 403


async def test_another_port_of_this_host_is_refused(site: Site):
    with pytest.raises(WSServerHandshakeError):
        async with site.socket("http://127.0.0.1:1"):
            pass


async def test_the_public_address_is_admitted(opening: Opening):
    site = await opening(public_url="http://chat.example")
    await site.visit()
    async with site.socket("http://chat.example") as socket:
        assert (await exchange(socket, say("안녕")))[0]["text"] == "반가워요"


async def test_without_a_cookie_the_socket_is_closed_with_a_code_of_its_own(opening: Opening):
    site = await opening()
    async with site.socket() as socket:
        message = await socket.receive()
    assert message.type is WSMsgType.CLOSE
    assert message.data == 4401


async def test_a_person_is_the_keyed_hash_of_the_cookie(opening: Opening):
    site = await opening()
    token = await site.visit()
    async with site.socket() as socket:
        await exchange(socket, say("안녕"))
    person, _ = site.talk.events[0]
    assert person.channel == "web"
    assert person.id == hmac.new(SECRET, token.encode(), sha256).hexdigest()


# --- talking


async def test_a_fresh_page_gets_the_present_scene(site: Site):
    async with site.socket() as socket:
        await socket.send_json({"type": "hello", "fresh": True})
        frame = (await frames_until(socket, "bubble"))[-1]
    assert frame["text"] == "만 14세 이상인가요?"
    assert frame["rows"][0][0]["label"] == "만 14세 이상이에요"


async def test_a_text_is_answered_then_acknowledged(site: Site):
    sent = say("안녕")
    async with site.socket() as socket:
        answer, ack = await exchange(socket, sent)
    assert (answer["type"], answer["text"], answer["event"]) == ("bubble", "반가워요", sent["id"])
    assert ack == {"type": "ack", "id": sent["id"]}
    _, event = site.talk.events[0]
    assert isinstance(event, Said)
    assert event.at.tzinfo is not None


async def test_a_press_is_answered_in_place(site: Site):
    press = {
        "type": "press",
        "id": str(uuid4()),
        "action": actions.written(Open(Menu.HOME)),
        "bubble": "b7",
    }
    async with site.socket() as socket:
        answer, _ = await exchange(socket, press)
    assert answer["replaces"] == "b7"
    assert isinstance(site.talk.events[0][1], Pressed)


async def test_a_photo_gets_a_line(site: Site):
    async with site.socket() as socket:
        answer, _ = await exchange(socket, {"type": "send", "id": str(uuid4()), "media": "photo"})
    assert answer["text"] == "글로 말해 주세요"
    assert isinstance(site.talk.events[0][1], Sent)


async def test_an_unacknowledged_event_is_answered_anew_and_applied_once(site: Site):
    sent = say("안녕")
    async with site.socket() as socket:
        await exchange(socket, sent)
    async with site.socket() as socket:
        await socket.send_json({"type": "hello", "fresh": False, "pending": [sent["id"]]})
        *drawn, ack = await exchange(socket, sent)
    assert [frame["text"] for frame in drawn] == ["만 14세 이상인가요?"]
    assert drawn[0]["event"] == sent["id"]
    assert ack["id"] == sent["id"]
    assert len(site.talk.events) == 1


async def test_a_repeated_event_of_a_living_line_draws_nothing(site: Site):
    sent = say("안녕")
    async with site.socket() as socket:
        await exchange(socket, sent)
        assert await exchange(socket, sent) == [{"type": "ack", "id": sent["id"]}]
    assert not site.talk.resumed


async def test_a_line_that_comes_back_gets_what_is_owed(site: Site):
    site.talk.owed = True
    async with site.socket() as socket:
        await socket.send_json({"type": "hello", "fresh": False})
        assert (await frames_until(socket, "bubble"))[-1]["text"] == "만 14세 이상인가요?"


async def test_a_line_that_comes_back_owed_nothing_hears_nothing(site: Site):
    async with site.socket() as socket:
        await socket.send_json({"type": "hello", "fresh": False})
        assert [f["type"] for f in await exchange(socket, say("아무것도"))] == ["ack"]
    assert not site.talk.resumed


async def test_events_are_answered_in_their_order(site: Site):
    first, second = say("안녕"), say("아무것도")
    async with site.socket() as socket:
        await socket.send_json(first)
        await socket.send_json(second)
        acks = [(await frames_until(socket, "ack"))[-1]["id"] for _ in range(2)]
    assert acks == [first["id"], second["id"]]


async def test_two_tabs_of_one_person_each_get_their_own_answers(site: Site):
    async with site.socket() as one, site.socket() as two:
        await exchange(one, say("안녕"))
        answer, _ = await exchange(two, say("안녕"))
    assert answer["text"] == "반가워요"
    assert len({person for person, _ in site.talk.events}) == 1


async def test_the_line_is_heard_while_an_answer_grows(opening: Opening):
    site = await opening(pause=0.01)
    await site.visit()
    async with site.socket() as socket:
        await socket.send_json(say("길게"))
        await frames_until(socket, "progress")
        await socket.send_json({"type": "ping"})
        came = await frames_until(socket, "pong")
    assert "ack" not in {frame["type"] for frame in came}


async def test_a_page_that_goes_leaves_its_answer_owed(opening: Opening):
    site = await opening(pause=0.01)
    await site.visit()
    async with site.socket() as socket:
        await socket.send_json(say("길게"))
        await frames_until(socket, "progress")
    async with asyncio.timeout(5):
        while not site.talk.left:
            await asyncio.sleep(0.01)


# --- what goes wrong


@pytest.mark.parametrize("text", ["{", '{"type": "dance"}', '{"type": "say", "text": "안녕"}'])
async def test_an_unreadable_frame_gets_a_line_and_the_talk_goes_on(site: Site, text: str):
    async with site.socket() as socket:
        await socket.send_str(text)
        error = (await frames_until(socket, "error"))[-1]
        answer, _ = await exchange(socket, say("안녕"))
    assert error["text"] == UNREADABLE
    assert answer["text"] == "반가워요"


async def test_bytes_are_unreadable(site: Site):
    async with site.socket() as socket:
        await socket.send_bytes(json.dumps(say("안녕")).encode())
        assert (await frames_until(socket, "error"))[-1]["text"] == UNREADABLE
    assert not site.talk.events


async def test_a_frame_over_the_limit_closes_the_socket_with_1009(site: Site):
    async with site.socket() as socket:
        await socket.send_str("x" * (FRAME_BYTES + 1))
        message = await socket.receive()
    assert message.type is WSMsgType.CLOSE
    assert message.data == 1009


async def test_ten_megabytes_change_nothing_and_the_next_line_works(site: Site):
    async with site.socket() as socket:
        with suppress(ConnectionError):  # The server hangs up before it read them all.
            await socket.send_json(say("가" * 10_000_000))
        async for _ in socket:
            pass
    assert not site.talk.events
    async with site.socket() as socket:
        answer, _ = await exchange(socket, say("안녕"))
    assert answer["text"] == "반가워요"


async def test_a_frame_just_under_the_limit_keeps_the_socket(site: Site):
    async with site.socket() as socket:
        await socket.send_str("x" * (FRAME_BYTES - 1))
        assert (await frames_until(socket, "error"))[-1]["text"] == UNREADABLE


async def test_who_sends_too_fast_is_told_kindly_and_loses_nothing_before(site: Site):
    sent = [say("안녕") for _ in range(EVENTS + 3)]
    async with site.socket() as socket:
        came: list[dict[str, Any]] = []
        for frame in sent:
            await socket.send_json(frame)
            while (
                not came
                or came[-1]["type"] not in {"ack", "error"}
                or came[-1]["id"] != frame["id"]
            ):
                came.append(await socket.receive_json())
    acks = [frame["id"] for frame in came if frame["type"] == "ack"]
    errors = [frame for frame in came if frame["type"] == "error"]
    assert acks == [frame["id"] for frame in sent[:EVENTS]]
    assert [error["id"] for error in errors] == [frame["id"] for frame in sent[EVENTS:]]
    assert {error["text"] for error in errors} == {TOO_FAST}
    assert len(site.talk.events) == EVENTS


async def test_ten_wait_for_their_turn_and_who_sends_more_is_asked_for_a_moment(site: Site):
    sent = [say("안녕") for _ in range(14)]
    site.talk.gate.clear()
    async with site.socket() as socket:
        await socket.send_json(sent[0])
        await asyncio.sleep(0.1)
        for frame in sent[1:]:
            await socket.send_json(frame)
        errors = [(await frames_until(socket, "error"))[-1] for _ in range(2)]
        site.talk.gate.set()
        acks = [(await frames_until(socket, "ack"))[-1]["id"] for _ in range(12)]
    assert acks == [frame["id"] for frame in sent[:12]]
    assert [(error["id"], error["text"], error["again"]) for error in errors] == [
        (frame["id"], texts.ONE_MOMENT, False) for frame in sent[12:]
    ]


async def test_an_event_is_met_while_another_waits_for_the_engine(site: Site):
    slow, quick = say("느리게"), say("안녕")
    site.talk.engine.clear()
    async with site.socket() as socket:
        await socket.send_json(slow)
        await frames_until(socket, "typing")
        answer, _ack = await exchange(socket, quick)
        site.talk.engine.set()
        late, ack = await frames_until(socket, "ack")
    assert answer["text"] == "반가워요"
    assert (late["text"], ack["id"]) == ("오래 찾았어요", slow["id"])


async def test_a_growing_answer_can_be_stopped_by_its_button_and_stays_where_it_broke_off(
    site: Site,
):
    async with site.socket() as socket:
        waiting, progress, broken, _ack = await exchange(socket, say("멈춤"))
    assert waiting["type"] == "typing"
    assert [button["label"] for row in progress["rows"] for button in row] == [texts.STOP]
    assert progress["rows"][0][0]["action"] == actions.written(Stop(3))
    assert (broken["type"], broken["text"], broken["rows"]) == ("bubble", "찾아 …", [])
    assert broken["replaces"] == progress["id"]


async def test_what_breaks_is_told_and_may_be_sent_again(site: Site):
    sent = say("고장")
    async with site.socket() as socket:
        await socket.send_json(sent)
        error = (await frames_until(socket, "error"))[-1]
        site.talk.script = {"고장": (Bubble("이제 괜찮아요"),)}
        answer, _ = await exchange(socket, sent)
    assert error == {"type": "error", "id": sent["id"], "text": UNAVAILABLE, "again": True}
    assert answer["text"] == "이제 괜찮아요"


async def test_a_stopping_server_lets_its_pages_go(site: Site):
    async with site.socket() as socket:
        await exchange(socket, say("안녕"))
        closing = asyncio.ensure_future(site.client.server.close())
        message = await socket.receive()
        await closing
    assert message.data == 1001
