"""Who may show the page in a frame, and what the frame's cookie must be."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.settings import WrongSettings, read_settings
from bot.web.app import add_routes
from tests.fakes_web import ScriptedTalk

SHOPS = ("https://shop.example", "http://localhost:3000")
Client: TypeAlias = TestClient[web.Request, web.Application]
Opening = Callable[..., Awaitable[Client]]


async def no_picture(_id: int) -> None:
    return None


@pytest.fixture
async def opening() -> AsyncIterator[Opening]:
    clients: list[Client] = []

    async def start(public_url: str | None = None, origins: tuple[str, ...] = ()) -> Client:
        app = web.Application()
        add_routes(
            app,
            ScriptedTalk((), {}),
            secret=b"secret",
            public_url=public_url,
            picture=no_picture,
            embed_origins=origins,
        )
        clients.append(TestClient(TestServer(app)))
        await clients[-1].start_server()
        return clients[-1]

    yield start
    for client in clients:
        await client.close()


async def ancestors(client: Client, path: str) -> str:
    policy = (await client.get(path)).headers["Content-Security-Policy"]
    return policy.partition("frame-ancestors ")[2]


async def test_only_the_sites_of_the_setting_may_frame_the_page(opening: Opening):
    assert await ancestors(await opening(), "/") == "'none'"
    client = await opening(origins=SHOPS)
    assert await ancestors(client, "/") == "https://shop.example http://localhost:3000"


async def test_nothing_but_the_page_may_be_framed(opening: Opening):
    client = await opening(origins=SHOPS)
    for path in ("/embed.js", "/static/chat.js", "/image/1", "/nowhere"):
        assert await ancestors(client, path) == "'none'"


async def test_a_shops_page_may_load_the_one_line_where_there_is_a_shop(opening: Opening):
    assert (await (await opening()).get("/embed.js")).status == 404
    script = await (await opening(origins=SHOPS)).get("/embed.js")
    assert script.status == 200
    assert script.content_type.endswith("javascript")
    assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in script.headers


async def test_in_a_frame_the_cookie_is_one_that_browsers_keep_there(opening: Opening):
    client = await opening("https://chat.example", SHOPS)
    cookie = (await client.get("/")).headers["Set-Cookie"]
    assert {"SameSite=None", "Secure", "Partitioned", "HttpOnly"} <= set(cookie.split("; "))


@pytest.mark.parametrize(
    ("public_url", "origins"), [("https://chat.example", ()), ("http://localhost:8080", SHOPS)]
)
async def test_elsewhere_the_cookie_stays_at_home(
    opening: Opening, public_url: str, origins: tuple[str, ...]
):
    cookie = (await (await opening(public_url, origins)).get("/")).headers["Set-Cookie"]
    assert "SameSite=Lax" in cookie
    assert "Partitioned" not in cookie


def test_sites_are_read_from_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PPOYAMI_WEB__EMBED_ORIGINS", "https://Shop.example/, http://localhost:3000")
    assert read_settings(tmp_path / ".env").web.embed_origins == SHOPS


@pytest.mark.parametrize(
    "origin",
    [
        "shop.example",
        "https://shop.example/path",
        "https://*.example",
        "https://shop.example;script-src *",
        "https://shop.example x",
        "javascript:alert(1)",
        "'self'",
        "https://user:word@shop.example",
        "https://shop.example:",
    ],
)
def test_what_is_no_site_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: str
):
    monkeypatch.setenv("PPOYAMI_WEB__EMBED_ORIGINS", origin)
    with pytest.raises(WrongSettings, match="PPOYAMI_WEB__EMBED_ORIGINS"):
        read_settings(tmp_path / ".env")
