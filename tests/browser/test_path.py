"""The whole path, as a person walks it: the real bot on the seed's load, phone and desk."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.conftest import OpenPage, barriers, sticking_out
from tests.browser.test_access import tabs_to

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT / "data" / "seed"
READY = "뽀야미가 준비됐어요: "
START_WITHIN = 120
LOAD_WITHIN = 300

pytestmark = pytest.mark.asyncio(loop_scope="session")


def _environment(home: Path) -> Mapping[str, str]:
    own = {key: value for key, value in os.environ.items() if not key.startswith("PPOYAMI_")}
    return {
        **own,
        "PYTHONPATH": str(ROOT),
        "PPOYAMI_DATABASE_URL": f"sqlite+aiosqlite:///{home / 'ppoyami.db'}",
        "PPOYAMI_ARTIFACTS": str(home / "artifacts"),
        "PPOYAMI_WEB__PORT": "0",
    }


async def _load_seed(home: Path) -> None:
    tables = ("products", "reviews", "ingredients")
    options = [word for table in tables for word in (f"--{table}", str(SEED / f"{table}.csv"))]
    ingest = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ingest", "load", *options), env=_environment(home), cwd=home
    )
    async with asyncio.timeout(LOAD_WITHIN):
        assert await ingest.wait() == 0


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def address(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Where the bot serves the seed's catalogue; one bot for all, each page is a new person.

    Asks for the browser so that nothing is loaded where there is none.
    """
    home = tmp_path_factory.mktemp("shop")
    await _load_seed(home)
    bot = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot"),
        env=_environment(home),
        cwd=home,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(START_WITHIN):
            yield await _announced(bot)
    finally:
        if bot.returncode is None:
            bot.terminate()
        await bot.communicate()


async def _announced(bot: asyncio.subprocess.Process) -> str:
    assert bot.stdout
    async for line in bot.stdout:
        if line.decode().startswith(READY):
            return line.decode().removeprefix(READY).strip()
    pytest.fail("the bot ended before it was ready")


@dataclass
class Chat:
    """A person at the page."""

    page: Page
    screens: Path
    name: str
    taken: int = 0

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    def button(self, label: str) -> Locator:
        return self.log.get_by_role("button", name=label, exact=True).last

    async def presses(self, *labels: str) -> None:
        for label in labels:
            await self.button(label).click()

    async def says(self, text: str) -> None:
        await self.page.get_by_label("메시지", exact=True).fill(text)
        await self.page.get_by_role("button", name="보내기", exact=True).click()

    async def sees(self, text: str) -> None:
        await expect(self.log.get_by_text(text).last).to_be_attached()
        await expect(self.page.locator(".sending, [data-busy]")).to_have_count(0)

    async def shot(self, name: str) -> None:
        """For people to look at; nothing may stick out sideways or bar anybody's way."""
        self.taken += 1
        await self.page.wait_for_load_state("networkidle")
        path = self.screens / f"path-{self.name}-{self.taken:02}-{name}.png"
        await self.page.screenshot(path=path)
        assert await sticking_out(self.page) == []
        assert await barriers(self.page) == []


async def enters(chat: Chat) -> None:
    await chat.sees("만 14세 이상이신가요?")
    await chat.shot("age")
    await chat.presses("만 14세 이상이에요")
    await chat.sees("개인정보 수집·이용 동의가 필요해요.")
    await chat.shot("consent")
    await chat.presses("동의하고 시작")
    await chat.sees("무엇을 도와드릴까요?")
    await chat.shot("menu")


async def answers_the_survey(chat: Chat) -> None:
    await chat.presses("추천 받기", "20대", "여성", "건성")
    await chat.sees("4/6")
    await chat.presses("← 이전")
    await chat.sees("3/6")
    await expect(chat.button("✅ 건성")).to_be_visible()
    await chat.shot("survey-back")
    await chat.presses("✅ 건성", "모공", "건조")
    await expect(chat.button("✅ 건조")).to_be_visible()
    await expect(chat.button("✅ 모공")).to_be_visible()
    await chat.shot("survey-several")
    await chat.presses("선택 완료")
    await chat.sees("5/6")
    await chat.says("향료, 에탄올")
    await chat.sees("피할 성분: 향료, 에탄올")
    await chat.shot("survey-avoided")
    await chat.presses("선택 완료")
    await chat.sees("6/6")
    await chat.shot("survey-health")
    await chat.presses("건너뛰기")
    await chat.sees("이대로 저장할까요?")
    await chat.shot("survey-summary")
    await chat.presses("이대로 저장")


async def picks(chat: Chat) -> str:
    """The name of the product picked."""
    await chat.sees("써 보고 좋았던 제품을 골라 주세요.")
    await chat.shot("picker")
    await chat.says("크림")
    await chat.sees("«크림» 검색 결과")
    await chat.presses("다음 ▶")
    await chat.sees("2/")
    first = chat.log.locator(".theirs").last.get_by_role("button").first
    name = await first.inner_text()
    await first.click()
    await expect(chat.button(f"✅ {name}")).to_be_visible()
    await chat.sees("1개 골랐어요.")
    await chat.shot("picker-chosen")
    await chat.presses("◀ 이전")
    await chat.sees("1/")
    await chat.presses("선택 완료")
    return name


async def reads_recommendations_and_ingredients(chat: Chat) -> None:
    cards = chat.log.get_by_role("article")
    await expect(cards).to_have_count(3)
    await chat.sees("마음에 드는 제품이 있었나요?")
    await expect(cards.first.get_by_role("img")).to_be_visible()
    await chat.shot("cards")
    await cards.first.get_by_role("button", name="👍", exact=True).click()
    await expect(chat.page.get_by_text("고마워요!")).to_be_visible()
    await cards.first.get_by_role("button", name="왜 추천했나요?", exact=True).click()
    await chat.sees("추천한 까닭이에요.")
    await chat.shot("why")
    await chat.presses("성분 보기")
    await chat.sees("성분 ")
    await chat.shot("formula")
    await chat.says("/ingredient 나이아신아마이드")
    await chat.sees("이 성분이 든 제품")
    await chat.shot("ingredient")
    await chat.says("/ingredient 나이아신아미드")
    await chat.sees("혹시 이 성분인가요?")
    await chat.shot("ingredient-near")


async def asks(chat: Chat) -> None:
    await chat.presses("처음으로")
    await chat.says("건성 피부에 자극 없는 크림 있어요?")
    await chat.sees("출처")
    await chat.shot("answer")
    await chat.presses("👍")
    await expect(chat.page.get_by_text("고마워요!")).to_be_visible()


async def leaves(chat: Chat, name: str) -> None:
    await chat.page.get_by_role("button", name="메뉴", exact=True).click()
    await chat.shot("menu-open")
    await chat.page.get_by_role("navigation").get_by_role("button", name="내 정보").click()
    await chat.sees("뽀야미가 기억하는 내 정보예요.")
    await chat.sees(name)
    await chat.shot("mine")
    await chat.presses("내 정보 삭제")
    await chat.sees("정말 삭제할까요?")
    await chat.shot("delete")
    await chat.presses("모두 삭제")
    await chat.sees("내 정보를 모두 지웠어요.")
    await chat.shot("deleted")


@pytest.fixture(params=["phone-light", "phone-dark", "desk-light"])
def look(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_a_person_is_consulted_from_start_to_answer(
    address: str, open_page: OpenPage, screens: Path, look: str
):
    size, shade = look.split("-")
    page = await open_page(address, size, dark=shade == "dark")
    chat = Chat(page, screens, look)
    await enters(chat)
    await answers_the_survey(chat)
    name = await picks(chat)
    await reads_recommendations_and_ingredients(chat)
    await asks(chat)
    await leaves(chat, name)


async def test_the_survey_is_answered_by_tab_and_enter_alone(address: str, open_page: OpenPage):
    page = await open_page(address, "desk")
    chat = Chat(page, Path(), "keyboard")
    await chat.sees("만 14세 이상이신가요?")
    for label, seen in (
        ("만 14세 이상이에요", "개인정보 수집·이용 동의가 필요해요."),
        ("동의하고 시작", "무엇을 도와드릴까요?"),
        ("추천 받기", "1/6"),
    ):
        await tabs_to(page, label)
        await page.keyboard.press("Enter")
        await chat.sees(seen)
    for label, seen in (("20대", "2/6"), ("여성", "3/6"), ("건성", "4/6")):
        # The question that came in place has the focus, so its answers are a few tabs away.
        assert await tabs_to(page, label) <= 8
        await page.keyboard.press("Enter")
        await chat.sees(seen)
        await expect(chat.log.locator(".entry:focus")).to_contain_text(seen)
    await tabs_to(page, "모공")
    await page.keyboard.press("Enter")
    await expect(chat.button("✅ 모공")).to_be_focused()
    await tabs_to(page, "선택 완료")
    await page.keyboard.press("Enter")
    await chat.sees("5/6")


async def test_who_is_under_fourteen_is_turned_away_kindly(
    address: str, open_page: OpenPage, screens: Path
):
    chat = Chat(await open_page(address), screens, "young")
    await chat.presses("아니요")
    await chat.sees("만 14세부터 만날 수 있어요.")
    await chat.shot("turned-away")


async def test_without_consent_search_and_ingredients_still_work(
    address: str, open_page: OpenPage, screens: Path
):
    chat = Chat(await open_page(address, "small"), screens, "refused")
    await chat.presses("만 14세 이상이에요", "동의 안 함", "제품 찾기")
    await chat.says("토너")
    await chat.sees("검색 결과")
    await chat.shot("found")
    await chat.log.locator(".theirs").last.get_by_role("button").first.click()
    await expect(chat.log.get_by_role("article")).to_have_count(1)
    await chat.shot("product")
    await chat.presses("처음으로", "성분 물어보기")
    await chat.says("글리세린")
    await chat.sees("이 성분이 든 제품")
    await chat.shot("ingredient")


async def test_a_reload_goes_on_where_the_person_was(address: str, open_page: OpenPage):
    page = await open_page(address)
    chat = Chat(page, Path(), "reload")
    await chat.presses("만 14세 이상이에요", "동의하고 시작", "추천 받기", "20대", "여성")
    await chat.sees("3/6")
    await page.reload()
    await chat.sees("3/6")
    await expect(chat.log.locator(".entry")).to_have_count(1)
