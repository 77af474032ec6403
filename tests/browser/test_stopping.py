"""«그만» under a growing answer, pressed in the page before a real conversation."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import expect

from bot.conversation import Conversation
from bot.dialogue import texts
from bot.memory import StoredMemory
from bot.web.app import add_routes
from engine.store.database import Database
from engine.store.people import People
from tests.browser.conftest import OpenPage
from tests.contract.wires import Counter

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def address(tmp_path: Path) -> AsyncIterator[str]:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/ppoyami.db")
    conversation = Conversation(StoredMemory(People(database)), Counter())
    app = web.Application()

    async def picture(_id: int) -> None:
        return None

    add_routes(app, conversation, secret=b"secret", public_url=None, picture=picture)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()
    await database.close()


async def test_a_growing_answer_is_stopped_and_what_was_read_stays(
    address: str, open_page: OpenPage
):
    page = await open_page(address)
    log, box = page.get_by_role("log"), page.get_by_label("메시지", exact=True)

    async def press(label: str) -> None:
        await log.get_by_role("button", name=label, exact=True).last.click()

    await press(texts.OLD_ENOUGH)
    await press(texts.AGREE)
    await expect(log.get_by_role("button", name=texts.CONSULT, exact=True)).to_be_visible()
    await box.fill("천천히 크림을 찾아 주세요")
    await page.keyboard.press("Enter")
    await press(texts.STOP)
    await expect(log.get_by_text("찾아보니 …")).to_be_visible()
    await expect(log.get_by_text(texts.STOPPED)).to_be_visible()
    await expect(log.get_by_role("button", name=texts.STOP, exact=True)).to_have_count(0)
    await expect(page.locator(".growing, .sending")).to_have_count(0)
    await box.fill("토너 있어요?")
    await page.keyboard.press("Enter")
    await expect(log.get_by_text("찾았어요")).to_be_visible()
