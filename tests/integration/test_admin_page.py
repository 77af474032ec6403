"""The admin's page and the counted links, on a real server and a real store."""

import csv
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import TypeAlias

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import text
from yarl import URL

from bot.dialogue.model import AskStatistics, ProductShown, ShowProduct, StatisticsGathered
from bot.fulfil import Fulfilment, Shop
from bot.links import CountedLinks
from bot.reports import Reports
from bot.web.admin import COOKIE, ELSEWHERE, LASTS, TOO_MANY, TRIES, WRONG_KEY, Keys, add_admin
from bot.web.links import add_links
from engine.domain import Person, Product
from engine.store.audit import Audit
from engine.store.broadcasts import Broadcasts
from engine.store.database import Database
from engine.store.links import Links
from engine.store.people import People
from engine.store.statistics import Statistics
from tests import builders
from tests.builders import NOON

KEY = "열려라 참깨"
SECRET = b"a secret of the test"
Client: TypeAlias = TestClient[web.Request, web.Application]
SHOP = "https://shop.example/1"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/ppoyami.db")
    yield database
    await database.close()


@pytest.fixture
def audit(database: Database) -> Audit:
    return Audit(database)


Opening = Callable[..., Awaitable[Client]]


@pytest.fixture
async def opening(database: Database, audit: Audit) -> AsyncIterator[Opening]:
    clients: list[Client] = []

    async def start(*, public_url: str | None = None) -> Client:
        app = web.Application()
        reports = Reports(Statistics(database), audit)
        broadcasts = Broadcasts(database, SECRET)
        add_admin(app, reports, audit, broadcasts, key=KEY, secret=SECRET, public_url=public_url)
        add_links(app, Links(database))
        client = TestClient(TestServer(app))
        clients.append(client)
        await client.start_server()
        return client

    yield start
    for client in clients:
        await client.close()


@pytest.fixture
async def client(opening: Opening) -> Client:
    return await opening()


async def send(client: Client, path: str, origin: str | None = None, **form: str) -> ClientResponse:
    headers = {"Origin": origin if origin is not None else str(client.make_url("/").origin())}
    return await client.post(path, data=form, headers=headers, allow_redirects=False)


async def enter(client: Client) -> None:
    response = await send(client, "/admin", key=KEY)
    assert (response.status, response.headers["Location"]) == (303, "/admin")


async def done(audit: Audit) -> list[str]:
    return [each.what for each in await audit.latest(99)][::-1]


class TestDoor:
    @pytest.mark.parametrize("path", ["/admin/chart.png", "/admin/statistics.csv"])
    async def test_without_the_cookie_nothing_is_told(self, client: Client, path: str):
        response = await client.get(path)
        assert response.status == 403
        assert response.content_type == "text/html"

    async def test_the_page_asks_for_the_key_and_tells_nothing(self, client: Client):
        response = await client.get("/admin")
        text = await response.text()
        assert 'type="password"' in text
        assert "설문" not in text

    async def test_the_right_key_opens_for_eight_hours_in_this_path_alone(self, opening: Opening):
        client = await opening(public_url="https://chat.shop.example")
        response = await send(client, "/admin", key=KEY)
        cookie = response.headers["Set-Cookie"]
        for part in ("HttpOnly", "SameSite=Strict", "Secure", "Path=/admin", "Max-Age=28800"):
            assert part in cookie
        assert KEY not in cookie

    async def test_the_key_is_never_taken_from_an_address(self, client: Client):
        response = await client.get("/admin", params={"key": KEY})
        assert 'type="password"' in await response.text()
        assert COOKIE not in response.cookies

    async def test_a_wrong_key_is_refused_and_noted(self, client: Client, audit: Audit):
        response = await send(client, "/admin", key="틀린 열쇠")
        assert response.status == 403
        assert WRONG_KEY in await response.text()
        assert COOKIE not in response.cookies
        assert await done(audit) == ["login failed"]

    async def test_after_five_wrong_keys_the_right_one_waits_too(self, client: Client):
        for _ in range(TRIES):
            await send(client, "/admin", key="틀린 열쇠")
        response = await send(client, "/admin", key=KEY)
        assert response.status == 429
        assert TOO_MANY in await response.text()

    def test_a_minute_later_the_key_is_taken_again(self):
        keys = Keys(KEY, SECRET)
        for _ in range(TRIES):
            keys.failed("1.2.3.4", NOON)
        assert keys.waits("1.2.3.4", NOON + timedelta(seconds=59))
        assert not keys.waits("1.2.3.5", NOON)
        assert not keys.waits("1.2.3.4", NOON + timedelta(seconds=60))

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
    async def test_a_form_of_another_site_is_refused(self, client: Client, origin: str):
        response = await send(client, "/admin", origin=origin, key=KEY)
        assert response.status == 403
        assert ELSEWHERE in await response.text()
        assert COOKIE not in response.cookies

    @pytest.mark.parametrize("body", [b"\xff\xfe=%zz", b"", b"key[]=1"])
    async def test_a_form_that_is_none_is_a_wrong_key(self, client: Client, body: bytes):
        headers = {
            "Origin": str(client.make_url("/").origin()),
            "Content-Type": "application/x-www-form-urlencoded; charset=nonsense",
        }
        response = await client.post("/admin", data=body, headers=headers)
        assert response.status == 403

    def test_a_cookie_ends_after_eight_hours_and_cannot_be_made_up(self):
        keys = Keys(KEY, SECRET)
        cookie = keys.made(NOON)
        assert keys.admits(cookie, NOON + LASTS - timedelta(seconds=1))
        assert not keys.admits(cookie, NOON + LASTS)
        ends, rest = cookie.split(".", 1)
        assert not keys.admits(f"{int(ends) + 9}.{rest}", NOON)
        assert not keys.admits(cookie[:-1], NOON)
        assert not keys.admits("", NOON)
        assert not keys.admits("a.b.ㄱ", NOON)

    def test_another_key_or_secret_ends_every_visit(self):
        cookie = Keys(KEY, SECRET).made(NOON)
        assert not Keys("새 열쇠", SECRET).admits(cookie, NOON)
        assert not Keys(KEY, b"another").admits(cookie, NOON)

    async def test_leaving_ends_the_visit_for_the_cookie_too(self, client: Client, audit: Audit):
        await enter(client)
        kept = client.session.cookie_jar.filter_cookies(client.make_url("/admin"))[COOKIE].value
        response = await send(client, "/admin/leave")
        assert response.status == 303
        again = await client.get("/admin", headers={"Cookie": f"{COOKIE}={kept}"})
        assert 'type="password"' in await again.text()
        assert await done(audit) == ["login", "logout"]

    async def test_nothing_of_it_is_kept_by_a_browser_or_framed(self, client: Client):
        response = await client.get("/admin")
        assert response.headers["Cache-Control"] == "no-store"
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "frame-ancestors 'none'" in policy


class TestPage:
    async def test_it_shows_the_figures_of_the_period(self, client: Client, database: Database):
        people = People(database)
        async with people.keeping(builders.person(), at=NOON, event=None, expected=0) as keeping:
            await keeping.state("{}")
            await keeping.profile(builders.profile(), NOON)
        await enter(client)
        text = await (await client.get("/admin", params={"days": "0"})).text()
        assert "처음부터" in text
        assert '<th scope="row">건성</th><td class="number">1</td>' in text

    async def test_what_people_typed_is_text_and_no_markup(
        self, client: Client, database: Database, audit: Audit
    ):
        nasty = "<script>alert(1)</script>"
        people = People(database)
        for number in range(2):
            person = builders.person(id=f"visitor-{number}")
            async with people.keeping(person, at=NOON, event=None, expected=0) as keeping:
                await keeping.state("{}")
                await keeping.note("searched_in_vain", nasty, NOON, known=True)
        await audit.note("page", "login", '"><img src=x onerror=alert(1)>', NOON)
        await enter(client)
        text = await (await client.get("/admin", params={"days": "0"})).text()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        assert "<script" not in text
        assert "<img src=x" not in text

    async def test_the_chart_is_a_picture(self, client: Client):
        await enter(client)
        response = await client.get("/admin/chart.png", params={"days": "7"})
        assert response.content_type == "image/png"
        assert (await response.read()).startswith(b"\x89PNG")

    async def test_the_table_is_downloaded_and_that_is_noted(self, client: Client, audit: Audit):
        await enter(client)
        response = await client.get("/admin/statistics.csv", params={"days": "7"})
        assert "attachment" in response.headers["Content-Disposition"]
        rows = list(csv.reader(StringIO((await response.read()).decode("utf-8-sig"))))
        assert ["흐름", "시작", "명", "0"] in rows
        assert await done(audit) == ["login", "statistics csv"]

    async def test_looking_is_noted_with_the_period(self, client: Client, audit: Audit):
        await enter(client)
        await client.get("/admin", params={"days": "7"})
        noted = (await audit.latest(1))[0]
        assert (noted.who, noted.what, noted.detail) == ("page", "statistics", "7 days")

    @pytest.mark.parametrize("days", ["5", "-1", "x", "٧"])
    async def test_a_period_that_is_not_offered_is_thirty_days(self, client: Client, days: str):
        await enter(client)
        text = await (await client.get("/admin", params={"days": days})).text()
        assert "최근 30일" in text


class Shelf:
    """An engine that knows one product."""

    async def product(self, id: int) -> Product:
        return builders.product(id=id, url=None if id == 2 else SHOP)


class TestCounting:
    """What the dialogue shows of a product's link."""

    async def shown(
        self, database: Database, product: int, counted: CountedLinks | None
    ) -> Product:
        shop = Shop(product_url="https://search.example/?q={name}")
        fulfil = Fulfilment(Shelf(), People(database), shop, counted=counted)  # type: ignore[arg-type]
        result = await fulfil.ask(ShowProduct(1, product))
        assert isinstance(result, ProductShown)
        return result.product

    async def test_with_a_public_address_it_leads_through_a_counted_link(
        self, client: Client, database: Database
    ):
        counted = CountedLinks(Links(database), "https://chat.shop.example/")
        url = (await self.shown(database, 1, counted)).url
        assert url is not None
        assert url.startswith("https://chat.shop.example/go/")
        response = await client.get(URL(url).path, allow_redirects=False)
        assert response.headers["Location"] == SHOP

    async def test_a_link_made_of_the_products_name_is_counted_too(self, database: Database):
        counted = CountedLinks(Links(database), "https://chat.shop.example")
        url = (await self.shown(database, 2, counted)).url
        assert url is not None
        assert url.startswith("https://chat.shop.example/go/")

    async def test_without_a_public_address_it_is_direct(self, database: Database):
        assert (await self.shown(database, 1, None)).url == SHOP

    async def test_where_nothing_can_be_counted_it_is_direct(self, database: Database):
        async with database.begin() as connection:
            await connection.execute(text("DROP TABLE clicks"))
            await connection.execute(text("DROP TABLE links"))
        counted = CountedLinks(Links(database), "https://chat.shop.example")
        assert (await self.shown(database, 1, counted)).url == SHOP


async def test_who_asks_for_the_statistics_is_noted(database: Database, audit: Audit):
    reports = Reports(Statistics(database), audit)
    fulfil = Fulfilment(Shelf(), People(database), Shop(), reports=reports)  # type: ignore[arg-type]
    admin = Person("telegram", "7")
    results = [piece async for piece in fulfil(admin, AskStatistics(3, 30))]
    assert isinstance(results[0], StatisticsGathered)
    assert (results[0].ticket, results[0].figures.days) == (3, 30)
    assert results[0].picture.startswith(b"\x89PNG")
    noted = (await audit.latest(1))[0]
    assert (noted.who, noted.what, noted.detail) == ("telegram 7", "statistics", "30 days")


class TestLinks:
    @pytest.fixture
    async def link(self, database: Database) -> str:
        return f"/go/{await Links(database).address_of('product 1', SHOP)}"

    async def clicks(self, database: Database) -> int:
        figures = await Statistics(database).gather(None, NOON)
        return sum(each.clicks for each in figures.links)

    async def test_it_leads_to_its_address_and_is_counted(
        self, client: Client, database: Database, link: str
    ):
        response = await client.get(link, allow_redirects=False)
        assert (response.status, response.headers["Location"]) == (302, SHOP)
        assert response.headers["Cache-Control"] == "no-store"
        assert await self.clicks(database) == 1

    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Purpose": "prefetch;prerender"},
            {"Purpose": "prefetch"},
            {"User-Agent": "TelegramBot (like TwitterBot)"},
            {"User-Agent": "facebookexternalhit/1.1; kakaotalk-scrap/1.0"},
        ],
    )
    async def test_a_look_ahead_is_led_but_not_counted(
        self, client: Client, database: Database, link: str, headers: dict[str, str]
    ):
        response = await client.get(link, headers=headers, allow_redirects=False)
        assert response.headers["Location"] == SHOP
        assert await self.clicks(database) == 0

    async def test_a_messengers_own_browser_is_a_person(
        self, client: Client, database: Database, link: str
    ):
        phone = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) KAKAOTALK/10.4.5 (INAPP)"}
        await client.get(link, headers=phone, allow_redirects=False)
        assert await self.clicks(database) == 1

    async def test_a_head_request_is_not_counted(
        self, client: Client, database: Database, link: str
    ):
        response = await client.head(link, allow_redirects=False)
        assert response.headers["Location"] == SHOP
        assert await self.clicks(database) == 0

    @pytest.mark.parametrize(
        "path", ["/go/999", "/go/0", "/go/9999999999", "/go/1?url=https://evil.example"]
    )
    async def test_an_unknown_link_is_a_page_that_says_so(self, client: Client, path: str):
        response = await client.get(path, allow_redirects=False)
        assert response.status == 404
        assert "없는 링크예요" in await response.text()
        assert "Location" not in response.headers
