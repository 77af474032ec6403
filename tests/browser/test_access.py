"""The page by keyboard alone, and what a screen reader hears of it."""

from playwright.async_api import Page, expect

from tests.browser.conftest import OpenPage, barriers
from tests.browser.test_page import ANSWER, PRODUCTS, Site, button, log, pytestmark, site, write

__all__ = ["pytestmark", "site"]

AT_MOST = 45
"""Tabs to anywhere: the header, a screen's buttons, the composer."""


async def tabs_to(page: Page, label: str) -> int:
    """Tab on until the button of this label has the focus; how often."""
    for tabs in range(1, AT_MOST):
        await page.keyboard.press("Tab")
        if await page.evaluate("() => document.activeElement.textContent.trim()") == label:
            return tabs
    raise AssertionError(f"no way to {label!r} by Tab")


HEARD = """() => {
    window.heard = [];
    const log = document.getElementById("log");
    const entries = (records) => records.flatMap((record) => [...record.addedNodes]);
    const live = (node) => node.nodeType === 1 && node.closest("[aria-live]") === log;
    new MutationObserver((records) => entries(records).filter(live).forEach(
        (node) => window.heard.push(node.textContent)
    )).observe(log, { childList: true, subtree: true });
}"""
"""Keeps what is added to the log where it is live: that is what is read aloud."""


async def heard(page: Page) -> list[str]:
    words: list[str] = await page.evaluate("() => window.heard")
    return words


async def test_an_answer_that_grew_is_read_aloud_once_and_whole(site: Site, open_page: OpenPage):
    page = await open_page(site.address)
    await expect(button(page, "도움말")).to_be_visible()
    await page.evaluate(HEARD)
    await write(page, "질문")
    await expect(button(page, "👎")).to_be_visible()
    whole = "".join(ANSWER.split("\n\n"))
    told = [words for words in await heard(page) if words != "질문"]
    assert [words.startswith(whole) for words in told] == [True]


async def test_a_new_bubble_is_read_aloud_once(site: Site, open_page: OpenPage):
    page = await open_page(site.address)
    await expect(button(page, "도움말")).to_be_visible()
    await page.evaluate(HEARD)
    await write(page, "안녕")
    await expect(log(page).get_by_text("반가워요!")).to_be_visible()
    assert await heard(page) == ["안녕", "반가워요!"]


async def test_a_question_that_takes_anothers_place_is_read_by_the_focus_alone(
    site: Site, open_page: OpenPage
):
    page = await open_page(site.address, "desk")
    await button(page, "상담하기").focus()
    await page.evaluate(HEARD)
    await page.keyboard.press("Enter")
    entry = log(page).locator(".entry")
    await expect(entry).to_be_focused()
    label = await entry.get_attribute("aria-label")
    assert label
    assert await entry.locator(".text").first.inner_text() in label
    assert await heard(page) == []


async def test_a_card_has_its_products_name(site: Site, open_page: OpenPage):
    page = await open_page(site.address)
    await button(page, "추천 받기").click()
    for product in PRODUCTS:
        card = log(page).get_by_role("article", name=f"{product.brand} {product.name}", exact=True)
        await expect(card).to_have_count(1)
        await expect(card.get_by_role("heading", name=product.name)).to_be_visible()


async def test_a_bad_contrast_would_be_found(site: Site, open_page: OpenPage):
    page = await open_page(site.address)
    await expect(button(page, "도움말")).to_be_visible()
    assert await barriers(page) == []
    await button(page, "도움말").evaluate("one => { one.style.color = '#d8e8e0'; }")
    found = await barriers(page)
    assert len(found) == 1
    assert found[0].startswith("color-contrast (serious)")


async def test_a_second_tab_draws_the_present_scene_when_it_is_looked_at(
    site: Site, open_page: OpenPage
):
    page = await open_page(site.address)
    await expect(button(page, "도움말")).to_be_visible()
    second = await page.context.new_page()
    await second.goto(site.address)
    await expect(log(second).locator(".theirs")).to_have_count(1)
    await second.evaluate("() => window.dispatchEvent(new Event('focus'))")
    await write(page, "안녕")
    await expect(log(page).locator(".sending")).to_have_count(0)
    await expect(log(page).get_by_text("반가워요!")).to_be_visible()
    await second.bring_to_front()
    await second.evaluate("() => window.dispatchEvent(new Event('focus'))")
    await expect(log(second).locator(".theirs")).to_have_count(2)
    await second.evaluate("() => window.dispatchEvent(new Event('focus'))")
    assert len(site.talk.resumed) == 3
