"""The admin's page on a phone and on a desk: nothing sticks out, nobody is shut out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, expect

from bot.reports import Reports
from bot.web.admin import add_admin
from bot.web.app import STATIC
from engine.store.audit import Audit
from engine.store.broadcasts import Broadcasts
from engine.store.database import Database
from engine.store.links import Links
from engine.store.people import People
from engine.store.statistics import Statistics
from tests import builders
from tests.browser.conftest import OpenPage, barriers
from tests.browser.test_page import pytestmark
from tests.builders import NOON

__all__ = ["pytestmark"]

KEY = "a key of the test"


@pytest_asyncio.fixture(loop_scope="session")
async def address(tmp_path: Path) -> AsyncIterator[str]:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/ppoyami.db")
    people, audit, links = People(database), Audit(database), Links(database)
    for number in range(6):
        someone = builders.person(id=f"visitor-{number}")
        async with people.keeping(someone, at=NOON, event=None, expected=0) as keeping:
            await keeping.state("{}")
            await keeping.profile(builders.profile(), NOON)
            await keeping.note("searched_in_vain", "달팽이 점액 여과물 크림", NOON, known=True)
    link = await links.address_of("broadcast 1", f"https://shop.example/{'summer' * 20}")
    await links.follow(link, NOON)
    app = web.Application()
    app.router.add_static("/static", STATIC)
    add_admin(
        app,
        Reports(Statistics(database), audit),
        audit,
        Broadcasts(database),
        key=KEY,
        secret=b"a secret of the test",
        public_url=None,
    )
    server = TestServer(app)
    await server.start_server()
    yield str(server.make_url("/admin"))
    await server.close()
    await database.close()


async def inside(page: Page) -> Page:
    await page.get_by_label("관리 열쇠").fill(KEY)
    await page.get_by_role("button", name="들어가기").click()
    await page.get_by_role("link", name="전체").click()
    await expect(page.get_by_role("link", name="전체")).to_have_attribute("aria-current", "page")
    return page


async def test_the_key_leads_in_and_leaving_leads_out(address: str, open_page: OpenPage):
    page = await inside(await open_page(address))
    await expect(page.get_by_role("heading", name="피부 타입", exact=True)).to_be_visible()
    await page.get_by_role("button", name="나가기").click()
    await expect(page.get_by_label("관리 열쇠")).to_be_visible()


async def test_nobody_is_shut_out_and_nothing_sticks_out(
    address: str, open_page: OpenPage, screens: Path
):
    for size, dark in (("phone", False), ("desk", True)):
        page = await open_page(address, size, dark=dark)
        assert await barriers(page) == []
        await inside(page)
        assert await barriers(page) == []
        wider = "() => document.documentElement.scrollWidth - window.innerWidth"
        assert await page.evaluate(wider) <= 0
        drawn = "() => document.querySelector('figure img').naturalWidth === 1080"
        await page.wait_for_function(drawn)
        await page.screenshot(path=screens / f"admin-{size}.png", full_page=True)
