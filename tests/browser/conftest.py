"""Chromium, two screens, and where the pictures of them go."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from shutil import which

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

SCREENS = Path(__file__).parent / "screens"
"""Ignored by git; looked at by people."""
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SIZES = {
    "phone": (390, 844),
    "small": (320, 640),
    "keyboard": (390, 420),
    "desk": (1280, 900),
}

OpenPage = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    chromium = which("chromium") or which("chromium-browser") or which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser) -> AsyncIterator[OpenPage]:
    """Opens an address on a screen of this size as a new person; a page's error is the test's."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    async def open_(address: str, size: str = "phone", *, dark: bool = False) -> Page:
        width, height = SIZES[size]
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=2,
            has_touch=size != "desk",
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="ko-KR",
        )
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda line: (
                errors.append(line.text) if "Content Security Policy" in line.text else None
            ),
        )
        await page.goto(address)
        return page

    yield open_
    for context in contexts:
        await context.close()
    assert not errors


async def sticking_out(page: Page) -> list[str]:
    """What reaches beyond the screen's sides, the cards' own track apart."""
    found: list[str] = await page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter((one) => one.checkVisibility() && !one.closest(".track > *"))
            .filter((one) => {
                const { left, right } = one.getBoundingClientRect();
                return left < -1 || right > window.innerWidth + 1;
            })
            .map((one) => one.cloneNode(false).outerHTML)"""
    )
    return found


async def barriers(page: Page) -> list[str]:
    """What axe-core finds serious or critical, and where."""
    found = await Axe().run(page)
    return [
        f"{violation['id']} ({violation['impact']}): {node['target']} {node['failureSummary']}"
        for violation in found.response["violations"]
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
    ]


@pytest.fixture
def screens() -> Path:
    SCREENS.mkdir(exist_ok=True)
    return SCREENS
