"""How the page itself behaves, before a conversation with a script."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Locator, Page, WebSocketRoute, expect

from bot.conversation import Progress, Waiting
from bot.dialogue import actions
from bot.dialogue.model import (
    Bubble,
    Button,
    Card,
    Consult,
    Document,
    Mark,
    Menu,
    Open,
    Pick,
    Rate,
    Rows,
    Said,
    Sent,
    ShowFormula,
    ShowWhy,
    Toast,
    TurnTo,
)
from bot.web.app import add_routes
from engine.domain import Product, Question
from tests.browser.conftest import OpenPage, sticking_out
from tests.fakes_web import Script, ScriptedTalk

pytestmark = pytest.mark.asyncio(loop_scope="session")

GREETING = "안녕하세요, 뽀야미예요.\n\n무엇을 도와드릴까요?"
ANSWER = (
    "세라마이드는 피부 장벽을 이루는 지질이에요. 각질 세포 사이를 메워 물이 날아가는 것을 "
    "줄여 줘요.\n\n건조하고 당기는 피부라면 크림이나 에센스에서 찾아보세요.[1]"
)
MENU: Rows = (
    (Button("추천 받기", Open(Menu.RECOMMEND), tone="good"), Button("제품 찾기", Open(Menu.FIND))),
    (Button("성분 물어보기", Open(Menu.INGREDIENT)), Button("상담하기", Open(Menu.CONSULT))),
    (Button("내 정보", Open(Menu.MINE)), Button("도움말", Open(Menu.HELP))),
)
CONCERNS = ("여드름", "홍조", "모공", "각질", "블랙헤드", "요철", "건조", "주름", "잡티")
PRODUCTS = tuple(
    Product(n, f"P{n}", brand, name, "크림", picture=f"pictures/p{n:03}.png" if n < 3 else None)
    for n, brand, name in (
        (1, "이슬담", "이슬담 세라 수분 장벽 크림"),
        (2, "온결", "병풀 진정 젤 크림"),
        (3, "모래시계연구소", "나이트 리페어 펩타이드 크림 오리지널"),
    )
)


def concerns(*on: int) -> Bubble:
    buttons = [
        Button(f"✅ {name}" if n in on else name, Mark(n, n not in on))
        for n, name in enumerate(CONCERNS)
    ]
    rows = tuple(tuple(buttons[n : n + 3]) for n in (0, 3, 6))
    moves = (Button("← 이전", TurnTo(1)), Button("건너뛰기", TurnTo(2)))
    done = (Button("선택 완료", TurnTo(3), tone="good"),)
    return Bubble("4/5 · 피부 고민을 모두 골라 주세요.", (*rows, moves, done), replaces=True)


def picker(page: int) -> Bubble:
    names = [f"{'✅ ' if n == 1 else ''}{p.title}" for n, p in enumerate(PRODUCTS)]
    rows = tuple((Button(name, Pick(n, True)),) for n, name in enumerate(names))
    pages = (Button("◀ 이전", TurnTo(page - 1)), Button("다음 ▶", TurnTo(page + 1)))
    text = f"마음에 들었던 제품을 골라 주세요. 이름을 적어도 돼요.\n{page}/24쪽"
    return Bubble(text, (*rows, pages), replaces=True)


def card(product: Product) -> Card:
    about = product.title
    rows = (
        (
            Button("자세히 보기", url="https://shop.example/1", about=about),
            Button("성분 보기", ShowFormula(product.id), about=about),
        ),
        (Button("왜 추천했나요?", ShowWhy(product.id), about=about),),
        (
            Button("👍", Rate(product.id, True), about=about),
            Button("👎", Rate(product.id, False), about=about),
        ),
    )
    note = "취향이 비슷한 42명 중 31명이 4점 이상을 줬어요."
    return Card(product, "18,000원 · ★4.6 · 리뷰 128개", note, rows)


SCRIPT: Script = {
    "안녕": (Bubble("반가워요!"),),
    "처음으로": (Bubble("무엇을 도와드릴까요?", MENU),),
    "/help": (Bubble("도움말이에요."),),
    "질문": (
        Waiting(Consult(1, Question("질문"))),
        *(Progress(ANSWER[:n]) for n in range(1, len(ANSWER), 4)),
        Bubble(ANSWER, ((Button("👍", Rate(1, True)), Button("👎", Rate(1, False))),)),
    ),
    "/mydata": (Document("ppoyami.json", '{"고민": "모공"}', "모두 담았어요."), Bubble("내 정보")),
    "고장": (RuntimeError("the disk is read-only"),),
    "Sent": (Bubble("사진은 아직 볼 수 없어요. 글로 말해 주세요."),),
    actions.written(Open(Menu.CONSULT)): (concerns(),),
    actions.written(Mark(2, True)): (concerns(2),),
    actions.written(Open(Menu.FIND)): (picker(1),),
    actions.written(TurnTo(2)): (picker(2),),
    actions.written(Open(Menu.RECOMMEND)): (
        Bubble("건성 피부에 맞춰 골라 봤어요."),
        *map(card, PRODUCTS),
        Bubble("마음에 드는 게 있나요?", ((Button("다른 추천", TurnTo(5)),),)),
    ),
    actions.written(Rate(1, True)): (Toast("고마워요! 다음 추천에 담을게요."),),
    actions.written(Open(Menu.HELP)): tuple(Bubble(f"{n}번째 줄이에요.") for n in range(30)),
}


@dataclass(frozen=True)
class Site:
    address: str
    talk: ScriptedTalk


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[Site]:
    seed = Path(__file__).resolve().parents[2] / "data" / "seed" / "pictures"
    pictures = sorted(seed.glob("*.png"))

    async def picture(id: int) -> Path | None:
        return pictures[id - 1] if id <= len(pictures) else None

    talk = ScriptedTalk((Bubble(GREETING, MENU),), SCRIPT, pause=0.005)
    app = web.Application()
    add_routes(app, talk, secret=b"secret", public_url=None, picture=picture)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield Site(f"http://{host}:{port}/", talk)
    await runner.cleanup()


def log(page: Page) -> Locator:
    return page.get_by_role("log")


def button(page: Page, name: str) -> Locator:
    return log(page).get_by_role("button", name=name, exact=True).last


async def write(page: Page, text: str) -> None:
    await page.get_by_label("메시지", exact=True).fill(text)
    await page.keyboard.press("Enter")


async def test_the_greeting_has_its_paragraphs_and_its_buttons(site: Site, open_page: OpenPage):
    page = await open_page(site.address)
    await expect(log(page).locator("p.text")).to_have_text(GREETING.split("\n\n"))
    await expect(log(page).get_by_role("button")).to_have_count(6)


async def test_what_is_typed_stands_right_and_its_answer_left(site: Site, open_page: OpenPage):
    page = await open_page(site.address)
    await write(page, "안녕")
    await expect(log(page).get_by_text("반가워요!")).to_be_visible()
    mine = await log(page).get_by_text("안녕", exact=True).bounding_box()
    theirs = await log(page).get_by_text("반가워요!").bounding_box()
    assert mine
    assert theirs
    assert mine["x"] > theirs["x"] + theirs["width"]
    await expect(page.get_by_label("메시지", exact=True)).to_have_value("")


async def test_html_is_shown_as_it_was_typed(site: Site, open_page: OpenPage):
    text = "<img src=x onerror=alert(1)><b>굵게</b>"
    page = await open_page(site.address)
    await write(page, text)
    await expect(log(page).get_by_text(text)).to_be_visible()
    await expect(log(page).locator("b, .entry img")).to_have_count(0)


async def test_an_answer_in_place_edits_its_bubble_and_keeps_the_keyboards_place(
    site: Site, open_page: OpenPage
):
    page = await open_page(site.address, "desk")
    await button(page, "상담하기").click()
    await button(page, "모공").press("Enter")
    await expect(button(page, "✅ 모공")).to_be_focused()
    await expect(log(page).locator(".entry")).to_have_count(1)


async def test_an_answer_in_a_new_bubble_follows_an_echo_of_the_label(
    site: Site, open_page: OpenPage
):
    page = await open_page(site.address)
    await button(page, "추천 받기").click()
    await expect(log(page).locator(".mine")).to_have_text("추천 받기")
    await expect(log(page).get_by_text("마음에 드는 게 있나요?")).to_be_visible()


async def test_cards_scroll_sideways_together_and_say_whose_button_it_is(
    site: Site, open_page: OpenPage
):
    page = await open_page(site.address)
    await button(page, "추천 받기").click()
    cards = log(page).get_by_role("article")
    await expect(cards).to_have_count(3)
    boxes = [await card.bounding_box() for card in await cards.all()]
    assert len({box["y"] for box in boxes if box}) == 1
    why = cards.nth(1).get_by_role("button", name="왜 추천했나요?", exact=True)
    await expect(why).to_have_accessible_description(PRODUCTS[1].title)
    link = cards.first.get_by_role("link", name="자세히 보기", exact=True)
    await expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    assert await sticking_out(page) == []


async def test_a_toast_comes_and_adds_no_bubble(site: Site, open_page: OpenPage):
    page = await open_page(site.address)
    await button(page, "추천 받기").click()
    await log(page).get_by_role("button", name="👍").first.click()
    await expect(page.get_by_text("고마워요! 다음 추천에 담을게요.")).to_be_visible()
    await expect(log(page).get_by_text("고마워요!")).to_have_count(0)


async def test_a_document_is_a_file_to_keep(site: Site, open_page: OpenPage, tmp_path: Path):
    page = await open_page(site.address)
    await write(page, "/mydata")
    await expect(log(page).get_by_text("모두 담았어요.")).to_be_visible()
    async with page.expect_download() as download:
        await log(page).get_by_role("link", name="파일 받기").click()
    file = await download.value
    assert file.suggested_filename == "ppoyami.json"
    await file.save_as(tmp_path / "kept.json")
    assert (tmp_path / "kept.json").read_text(encoding="utf-8") == '{"고민": "모공"}'


async def test_an_answer_grows_in_one_bubble(site: Site, open_page: OpenPage):
    page = await open_page(site.address)
    await write(page, "질문")
    await expect(log(page).locator(".growing")).to_have_count(1)
    await expect(button(page, "👎")).to_be_visible()
    await expect(log(page).locator(".growing")).to_have_count(0)
    await expect(log(page).locator(".theirs")).to_have_count(2)
    await expect(log(page).locator(".theirs").last.locator(".text")).to_have_text(
        ANSWER.split("\n\n")
    )


async def test_enter_during_a_hangul_syllable_sends_nothing(site: Site, open_page: OpenPage):
    page = await open_page(site.address)
    box = page.get_by_label("메시지", exact=True)
    await box.fill("안녀")
    await box.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    await expect(box).to_have_value("안녀")
    await box.press("Shift+Enter")
    await expect(box).to_have_value("안녀\n")
    assert not site.talk.events


async def test_a_text_too_long_is_refused_before_it_is_sent_and_stays_in_the_box(
    site: Site, open_page: OpenPage
):
    page = await open_page(site.address)
    await write(page, "가" * 1001)
    await expect(log(page).get_by_text("한 번에 1,000자까지")).to_be_visible()
    await expect(page.get_by_label("메시지", exact=True)).to_have_value("가" * 1001)
    assert not site.talk.events


async def test_ten_megabytes_are_refused_as_they_are_pasted(site: Site, open_page: OpenPage):
    page = await open_page(site.address)
    box = page.get_by_label("메시지", exact=True)
    await box.evaluate(
        """box => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", "a".repeat(10_000_000));
            const paste = { clipboardData, bubbles: true, cancelable: true };
            box.dispatchEvent(new ClipboardEvent("paste", paste));
        }"""
    )
    await expect(log(page).get_by_text("지금은 10,000,000자예요.")).to_be_visible()
    await write(page, "안녕")
    await expect(log(page).get_by_text("반가워요!")).to_be_visible()


async def test_what_breaks_can_be_sent_again(site: Site, open_page: OpenPage):
    page = await open_page(site.address)
    await write(page, "고장")
    again = button(page, "다시 보내기")
    await expect(again).to_be_visible()
    site.talk.script = {"고장": (Bubble("이제 괜찮아요"),)}
    await again.click()
    await expect(log(page).get_by_text("이제 괜찮아요")).to_be_visible()
    await expect(log(page).locator(".mine.sending, .mine.failed")).to_have_count(0)


async def test_home_and_menu_are_always_at_hand(site: Site, open_page: OpenPage):
    page = await open_page(site.address)
    await page.get_by_role("banner").get_by_role("button", name="처음으로").click()
    await expect(log(page).get_by_text("무엇을 도와드릴까요?").last).to_be_visible()
    await page.get_by_role("button", name="메뉴").click()
    await page.get_by_role("navigation").get_by_role("button", name="도움말").click()
    await expect(log(page).get_by_text("도움말이에요.")).to_be_visible()
    await expect(page.get_by_role("navigation")).to_be_hidden()
    said = [event.text for _, event in site.talk.events if isinstance(event, Said)]
    assert said == ["처음으로", "/help"]


async def test_a_dropped_photo_is_told_to_the_conversation(site: Site, open_page: OpenPage):
    page = await open_page(site.address)
    await page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["x"], "skin.png", { type: "image/png" }));
            document.dispatchEvent(new DragEvent("drop", { dataTransfer: data }));
        }"""
    )
    await expect(log(page).get_by_text("글로 말해 주세요.")).to_be_visible()
    assert isinstance(site.talk.events[0][1], Sent)


async def test_reading_higher_up_is_not_disturbed(site: Site, open_page: OpenPage):
    page = await open_page(site.address)
    await button(page, "도움말").click()
    await expect(log(page).get_by_text("29번째")).to_be_attached()
    site.talk.gate.clear()
    await write(page, "질문")
    await expect(log(page).locator(".mine")).to_have_count(2)
    # The page hears of a scroll with the next frame; a person's finger is slower than that.
    await page.locator("#talk").evaluate(
        """talk => new Promise(heard => {
            talk.addEventListener("scroll", () => requestAnimationFrame(heard), { once: true });
            talk.scrollTop = 0;
        })"""
    )
    site.talk.gate.set()
    await expect(page.get_by_role("button", name="새 메시지 보기")).to_be_visible()
    assert await page.locator("#talk").evaluate("talk => talk.scrollTop") == 0
    await page.get_by_role("button", name="새 메시지 보기").click()
    await expect(button(page, "👎")).to_be_in_viewport()


async def test_a_reload_keeps_the_person(site: Site, open_page: OpenPage):
    page = await open_page(site.address)
    await expect(button(page, "도움말")).to_be_visible()
    await page.reload()
    await expect(button(page, "도움말")).to_be_visible()
    assert len(site.talk.resumed) == 2
    assert len(set(site.talk.resumed)) == 1


# --- the line breaks


class Cable:
    """Stands between the page and the server and can be pulled."""

    def __init__(self) -> None:
        self.lines: list[WebSocketRoute] = []
        self.deaf = False
        """Answers are lost on their way to the page."""
        self.cut = False
        """Every new line is closed at once."""

    async def plug(self, page: Page) -> None:
        await page.route_web_socket("**/ws", self._carry)

    async def pull(self) -> None:
        await self.lines[-1].close(code=3001, reason="pulled")

    async def _carry(self, route: WebSocketRoute) -> None:
        self.lines.append(route)
        if self.cut:
            await route.close(code=3001, reason="cut")
            return
        server = route.connect_to_server()
        server.on_message(lambda message: None if self.deaf else route.send(message))


async def test_an_answer_that_was_lost_comes_once_when_the_line_is_back(
    site: Site, open_page: OpenPage
):
    page = await open_page("about:blank")
    cable = Cable()
    await cable.plug(page)
    await page.goto(site.address)
    await expect(button(page, "도움말")).to_be_visible()
    cable.deaf = True
    await write(page, "안녕")
    while not site.talk.events:
        await page.wait_for_timeout(10)
    cable.deaf = False
    await cable.pull()
    await expect(log(page).locator(".theirs")).to_have_count(2)
    await expect(log(page).locator(".sending")).to_have_count(0)
    await expect(log(page).locator(".mine")).to_have_text(["안녕"])
    assert len(site.talk.events) == 1


async def test_what_is_said_while_the_line_is_gone_arrives_when_it_is_back(
    site: Site, open_page: OpenPage
):
    page = await open_page("about:blank")
    cable = Cable()
    await cable.plug(page)
    await page.goto(site.address)
    await expect(button(page, "도움말")).to_be_visible()
    await cable.pull()
    await write(page, "안녕")
    await expect(log(page).get_by_text("반가워요!")).to_have_count(1)
    assert len(site.talk.events) == 1


async def test_a_line_that_stays_away_says_so_until_it_is_back(site: Site, open_page: OpenPage):
    page = await open_page("about:blank")
    cable = Cable()
    await cable.plug(page)
    await page.goto(site.address)
    await expect(button(page, "도움말")).to_be_visible()
    cable.cut = True
    await cable.pull()
    await expect(page.locator("#banner")).to_have_text("다시 연결하고 있어요…")
    cable.cut = False
    await expect(page.locator("#banner")).to_be_hidden()


async def test_a_closed_line_says_one_clear_thing(site: Site, open_page: OpenPage):
    page = await open_page("about:blank")

    async def refuse(route: WebSocketRoute) -> None:
        await route.close(code=4401, reason="")

    await page.route_web_socket("**/ws", refuse)
    await page.goto(site.address)
    await expect(page.locator("#banner")).to_contain_text("쿠키를 켜고 새로 고쳐 주세요.")


# --- what people look at


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "small", "keyboard", "desk"])
async def test_every_screen_fits_its_width(
    site: Site, open_page: OpenPage, screens: Path, size: str, dark: bool
):
    page = await open_page(site.address, size, dark=dark)
    shots = (
        ("greeting", None, "도움말"),
        ("survey", "상담하기", "선택 완료"),
        ("picker", "제품 찾기", "다음 ▶"),
        ("cards", "추천 받기", "다른 추천"),
    )
    for name, pressed, awaited in shots:
        if pressed:
            await page.reload()
            await button(page, pressed).click()
        await expect(button(page, awaited)).to_be_attached()
        await page.wait_for_load_state("networkidle")
        shade = "dark" if dark else "light"
        await page.screenshot(path=screens / f"page-{name}-{size}-{shade}.png")
        assert await sticking_out(page) == []
    await write(page, "질문")
    await expect(log(page).get_by_text("찾아보세요.[1]")).to_be_visible()
    await expect(log(page).locator(".growing")).to_have_count(0)
    await page.screenshot(path=screens / f"page-answer-{size}-{shade}.png")


async def test_every_target_is_large_enough_for_a_finger(site: Site, open_page: OpenPage):
    page = await open_page(site.address, "small")
    await button(page, "추천 받기").click()
    await expect(button(page, "다른 추천")).to_be_attached()
    small = await page.evaluate(
        """() => [...document.querySelectorAll("button, a, textarea")]
            .filter((one) => one.checkVisibility())
            .filter((one) => one.getBoundingClientRect().height < 44)
            .map((one) => one.outerHTML)"""
    )
    assert small == []


async def test_the_page_is_light_and_asks_nobody_else(site: Site, open_page: OpenPage):
    page = await open_page(site.address)
    await expect(button(page, "도움말")).to_be_visible()
    loaded = await page.evaluate(
        """() => performance.getEntries()
            .filter((entry) => "transferSize" in entry)
            .map((entry) => [entry.name, entry.decodedBodySize])"""
    )
    assert len(loaded) >= 5
    assert all(url.startswith(site.address) for url, _ in loaded)
    assert 0 < sum(size for _, size in loaded) < 100_000
