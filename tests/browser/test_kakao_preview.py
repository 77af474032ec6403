"""A walk through the preview: the core's own talk, drawn by the page as KakaoTalk would draw it."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Locator, Page, expect

from bot.dialogue import texts
from bot.dialogue.actions import read
from bot.kakao.preview import add_preview
from bot.kakao.render import Look, pages
from bot.kakao.schema import SkillResponse, read_request
from tests.browser.conftest import OpenPage, barriers, sticking_out
from tests.chat import Chat
from tests.kakao_limits import check

pytestmark = pytest.mark.asyncio(loop_scope="session")

PICTURE = b"""<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>"""


class Skill:
    """The pure core behind the skill's door, a chat for each user."""

    def __init__(self) -> None:
        self.chats: dict[str, Chat] = {}
        self.address = ""
        self._pages: dict[str, tuple[SkillResponse, ...]] = {}

    async def answer(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        request = read_request(payload)
        chat = self.chats.setdefault(request.user, Chat())
        carried = (request.extra or {}).get("action", "")
        page = 0
        if carried.startswith("more:"):
            page = int(carried.split(":")[2])
        elif carried:
            action = read(carried)
            assert action is not None
            chat.taps(action)
        else:
            chat.says(request.utterance)
        if page == 0:
            look = Look(picture=lambda each: f"{self.address}/picture/{each.id}")
            self._pages[request.user] = pages(chat.last, look)
        response = self._pages[request.user][page].to_json()
        assert check(response) == []
        return response


@pytest_asyncio.fixture(loop_scope="session")
async def skill(browser: Browser) -> AsyncIterator[Skill]:
    skill = Skill()
    app = web.Application()
    add_preview(app, skill.answer, "bot1")
    app.router.add_get("/picture/{id}", _picture)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    skill.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield skill
    await runner.cleanup()


async def _picture(_request: web.Request) -> web.Response:
    return web.Response(body=PICTURE, content_type="image/svg+xml")


class Visitor:
    def __init__(self, page: Page) -> None:
        self._page = page

    @property
    def newest(self) -> Locator:
        """What came last."""
        return self._page.locator(".told").last

    @property
    def chips(self) -> Locator:
        return self._page.locator(".chips button")

    async def taps(self, *labels: str) -> None:
        for label in labels:
            count = await self._page.locator(".told").count()
            await self._page.get_by_role("button", name=label, exact=True).last.click()
            await expect(self._page.locator(".told")).to_have_count(count + 1)

    async def types(self, text: str) -> None:
        count = await self._page.locator(".told").count()
        await self._page.get_by_label("메시지").fill(text)
        await self._page.keyboard.press("Enter")
        await expect(self._page.locator(".told")).to_have_count(count + 1)


async def test_a_whole_talk_is_clicked_through(
    skill: Skill, open_page: OpenPage, screens: Path
) -> None:
    page = await open_page(f"{skill.address}/preview/kakao")
    visitor = Visitor(page)
    await expect(visitor.newest).to_contain_text("만 14세 이상이신가요?")

    await visitor.taps(texts.OLD_ENOUGH)
    await expect(page.locator(".said").last).to_have_text(texts.OLD_ENOUGH)
    await expect(visitor.newest.locator(".card .buttons button")).to_have_text(
        [texts.AGREE, texts.REFUSE, texts.DETAILS_OF_CONSENT]
    )
    await visitor.taps(texts.AGREE)
    await expect(visitor.chips).to_contain_text([texts.RECOMMEND, texts.FIND])

    await visitor.types("크림")
    await visitor.types(texts.FIND)
    await visitor.types("크림")
    lines = visitor.newest.locator(".list button")
    await expect(lines).to_have_count(3)
    await lines.first.click()
    await expect(visitor.newest.locator(".price")).to_have_text("10,500원")
    assert await page.locator(".card img").last.evaluate("image => image.naturalWidth > 0")

    await visitor.taps(texts.FORMULA)
    await visitor.newest.locator(".list button").nth(1).click()
    await expect(visitor.newest.locator(".items")).to_contain_text("역할")
    await page.screenshot(path=screens / "kakao-preview.png")
    await page.locator(".chips").evaluate("chips => chips.replaceChildren()")  # they scroll
    assert await sticking_out(page) == []
    assert await barriers(page) == []


async def test_recommendations_scroll_sideways_and_a_shared_label_asks_which(
    skill: Skill, open_page: OpenPage
) -> None:
    page = await open_page(f"{skill.address}/preview/kakao")
    visitor = Visitor(page)
    await visitor.taps(texts.OLD_ENOUGH, texts.AGREE, texts.RECOMMEND)
    [chat] = skill.chats.values()
    while not chat.cards:
        steps = (texts.SAVE, texts.DONE, texts.SKIP)
        await visitor.taps(next(step for step in steps if step in chat.labels))
    track = visitor.newest.locator(".track")
    await expect(track.locator(".card")).to_have_count(3)
    assert await track.evaluate("track => track.scrollWidth > track.clientWidth")
    await visitor.taps(texts.GOOD)
    await expect(visitor.newest).to_contain_text(texts.WHICH_ONE)


async def test_only_the_page_itself_may_speak(skill: Skill, open_page: OpenPage) -> None:
    page = await open_page(f"{skill.address}/preview/kakao")
    said = f"{skill.address}/preview/kakao/say"
    doing = {"utterance": "안녕"}
    assert (await page.request.post(said, data=doing)).status == 200
    assert (await page.request.post(said, form={"utterance": "안녕"})).status == 403
    assert (await page.request.post(said, data={"utterance": 1})).status == 400
    await page.context.clear_cookies()
    assert (await page.request.post(said, data=doing)).status == 403
