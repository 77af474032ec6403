"""A shop's page with the one line in it, on a port of its own and under a strict CSP."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, FrameLocator, Locator, Page, expect

from bot.dialogue.model import Bubble, Button, Menu, Open
from bot.web.app import add_routes
from tests.browser.conftest import SIZES, OpenPage, sticking_out
from tests.fakes_web import ScriptedTalk

pytestmark = pytest.mark.asyncio(loop_scope="session")

GREETING = (Bubble("안녕하세요!", ((Button("도움말", Open(Menu.HELP)),),)),)
SCRIPT = {"안녕": (Bubble("반가워요!"),)}
SHOP = """<!doctype html><html lang="ko"><title>가게</title>
<link rel="stylesheet" href="/shop.css"><h1>가게</h1><button>장바구니</button>
<script src="{bot}/embed.js" async></script></html>"""
STRICT = "default-src 'none'; style-src 'self'; img-src 'self'"
"""What a careful shop allows, before it allows the bot."""
STYLE = "h1 { color: green } button, iframe, div, svg { width: 3px; color: red }"


async def no_picture(_id: int) -> None:
    return None


@dataclass(frozen=True)
class Street:
    """A bot, and a shop's page on another port of the same machine."""

    bot: str
    talk: ScriptedTalk
    port: int

    def shop(self, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}/"


Opening = Callable[[Sequence[str]], Awaitable[Street]]


@pytest_asyncio.fixture(loop_scope="session")
async def opening(browser: Browser) -> AsyncIterator[Opening]:
    """Opens a street where these hosts' shops, at the shop's port, may show the page."""
    runners: list[web.AppRunner] = []

    async def serve(app: web.Application) -> int:
        runners.append(web.AppRunner(app))
        await runners[-1].setup()
        await web.TCPSite(runners[-1], "127.0.0.1", 0).start()
        return int(runners[-1].addresses[0][1])

    async def open_street(hosts: Sequence[str]) -> Street:
        bot = {"address": ""}

        async def shop(_request: web.Request) -> web.Response:
            policy = f"{STRICT}; script-src {bot['address']}; frame-src {bot['address']}"
            headers = {"Content-Security-Policy": policy}
            page = SHOP.format(bot=bot["address"])
            return web.Response(text=page, content_type="text/html", headers=headers)

        async def style(_request: web.Request) -> web.Response:
            return web.Response(text=STYLE, content_type="text/css")

        shop_app = web.Application()
        shop_app.router.add_get("/", shop)
        shop_app.router.add_get("/shop.css", style)
        port = await serve(shop_app)
        talk = ScriptedTalk(GREETING, SCRIPT)
        app = web.Application()
        add_routes(
            app,
            talk,
            secret=b"secret",
            public_url=None,
            picture=no_picture,
            embed_origins=[f"http://{host}:{port}" for host in hosts],
        )
        bot["address"] = f"http://127.0.0.1:{await serve(app)}"
        return Street(bot["address"], talk, port)

    yield open_street
    for runner in runners:
        await runner.cleanup()


def opener(page: Page) -> Locator:
    return page.get_by_role("button", name="뽀야미와 상담하기")


def chat(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


async def test_the_button_opens_the_talk_and_escape_closes_it_from_within(
    opening: Opening, open_page: OpenPage
):
    street = await opening(["127.0.0.1"])
    page = await open_page(street.shop(), "desk")
    await expect(page.locator("iframe")).to_have_count(0)
    await opener(page).click()
    await expect(chat(page).get_by_role("log").get_by_text("안녕하세요!")).to_be_visible()
    await expect(opener(page)).to_have_attribute("aria-expanded", "true")
    await chat(page).get_by_label("메시지", exact=True).fill("안녕")
    await chat(page).get_by_label("메시지", exact=True).press("Enter")
    await expect(chat(page).get_by_text("반가워요!")).to_be_visible()
    await chat(page).get_by_label("메시지", exact=True).press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(opener(page)).to_be_focused()


async def test_closed_and_opened_again_the_talk_is_where_it_was(
    opening: Opening, open_page: OpenPage
):
    street = await opening(["127.0.0.1"])
    page = await open_page(street.shop(), "desk")
    await opener(page).click()
    await expect(chat(page).get_by_text("안녕하세요!")).to_be_visible()
    await page.get_by_role("button", name="상담 닫기").click()
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await opener(page).click()
    await expect(chat(page).get_by_text("안녕하세요!")).to_be_visible()
    assert len(street.talk.resumed) == 1


async def test_a_shop_that_is_not_in_the_setting_shows_nothing(opening: Opening, browser: Browser):
    street = await opening(["127.0.0.1"])
    context = await browser.new_context()
    page = await context.new_page()
    refusals: list[str] = []
    page.on("console", lambda line: refusals.append(line.text))
    await page.goto(street.shop("localhost"))
    await opener(page).click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    while not any("frame-ancestors" in said for said in refusals):
        await page.wait_for_timeout(20)
    assert await chat(page).get_by_role("log").count() == 0
    assert street.talk.resumed == []
    await context.close()


async def test_the_line_leaves_no_global_and_no_style_behind(opening: Opening, open_page: OpenPage):
    street = await opening(["127.0.0.1"])
    names = "() => Object.getOwnPropertyNames(window).sort().join()"
    colour = "() => getComputedStyle(document.querySelector('h1')).color"
    plain = await open_page("about:blank")
    await plain.route("**/embed.js", lambda route: route.abort())
    await plain.goto(street.shop())
    before = await plain.evaluate(names)
    page = await open_page(street.shop())
    box = await opener(page).bounding_box()
    assert box
    assert (box["width"], box["height"]) == (60, 60)
    added = set((await page.evaluate(names)).split(",")) - set(before.split(","))
    assert added == set()
    assert await page.evaluate(colour) == "rgb(0, 128, 0)"


@pytest.mark.parametrize(("size", "whole"), [("small", True), ("phone", True), ("desk", False)])
async def test_the_panel_takes_a_phones_whole_screen_and_a_desks_corner(
    opening: Opening, open_page: OpenPage, size: str, whole: bool
):
    street = await opening(["127.0.0.1"])
    page = await open_page(street.shop(), size)
    await opener(page).click()
    await expect(chat(page).get_by_text("안녕하세요!")).to_be_visible()
    box = await page.get_by_role("dialog").bounding_box()
    assert box
    assert ((box["width"], box["height"]) == SIZES[size]) == whole
    assert await sticking_out(page) == []
    close = await page.get_by_role("button", name="상담 닫기").bounding_box()
    assert close
    assert min(close["width"], close["height"]) >= 44
