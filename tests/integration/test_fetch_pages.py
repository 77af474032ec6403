"""`python -m ingest fetch pages` and `annexes` against a local site. All texts are our own."""

import asyncio
import csv
import gzip
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from ingest import mapping
from ingest.__main__ import main
from ingest.columns import INGREDIENTS, PRODUCTS, REVIEWS
from ingest.reading import read
from ingest.sources import eu_annexes, eu_cosing, product_page
from ingest.sources.fetching import Fetcher, Manners
from tests.public_sources import twice
from tests.running import ROOT, environment
from tests.site import Answer, Site, site

OPTIONS = ("--contact", "data@shop.example", "--delay", "0")
PRODUCTS_HERE = 4
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "ingredients"


def page(number: int, price: int = 19000) -> Answer:
    told = {
        "@type": "Product",
        "name": f"이슬 크림 {number}호",
        "sku": f"S{number}",
        "brand": "새벽숲",
        "offers": {"price": price, "priceCurrency": "KRW"},
        "review": [
            {"author": f"손님{number}", "reviewRating": 5, "reviewBody": f"좋아요 {number}"}
        ],
    }
    body = f'<script type="application/ld+json">{json.dumps(told, ensure_ascii=False)}</script>'
    return Answer(f"{body}<dl><dt>전성분</dt><dd>정제수, 글리세린, 판테놀</dd></dl>")


@dataclass
class Shop:
    site: Site
    folder: Path

    @property
    def out(self) -> Path:
        return self.folder / "pages"

    def words(self, *places: str, local: bool = True) -> list[str]:
        listed = self.folder / "addresses.txt"
        listed.write_text("\n".join(["# ours", *places]), encoding="utf-8")
        own = ["--addresses", str(listed), "--out", str(self.out)]
        return ["fetch", "pages", *own, *OPTIONS, *(["--allow-local"] if local else [])]

    @property
    def places(self) -> list[str]:
        return [f"{self.site.address}/goods/{n}" for n in range(PRODUCTS_HERE)]

    def rows(self, table: str) -> list[dict[str, str]]:
        with (self.out / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
async def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    async with site() as own:
        own.pages |= {f"/goods/{n}": page(n) for n in range(PRODUCTS_HERE)}
        for name, value in environment(tmp_path / "artifacts").items():
            if name.startswith("PPOYAMI_"):
                monkeypatch.setenv(name, value)
        yield Shop(own, tmp_path)


async def run(words: list[str]) -> int:
    return await asyncio.to_thread(main, words)


async def test_what_pages_say_can_be_read_as_our_tables(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.site.pages["/about"] = Answer("<p>우리 가게</p>")
    shop.site.pages["/abroad"] = Answer(page(9).body.replace("KRW", "USD"))  # type: ignore[arg-type]
    away = [f"{shop.site.address}{path}" for path in ("/about", "/gone", "/abroad")]
    assert await run(shop.words(*shop.places, *away)) == 0
    told = capsys.readouterr().out
    assert "제품 5개와 리뷰 5개" in told
    assert "제품을 얻지 못한 주소: 2개" in told
    assert away[0] in told
    assert away[1] in told
    assert "USD 1개" in told
    products = read(PRODUCTS, shop.out / "products.csv", mapping.Mapping()).frame
    assert products["product_id"].tolist() == ["S0", "S1", "S2", "S3", "S9"]
    assert products["price"].tolist() == ["19000"] * 4 + [""]
    assert set(products["ingredients"]) == {"정제수, 글리세린, 판테놀"}
    reviews = read(REVIEWS, shop.out / "reviews.csv", mapping.Mapping()).frame
    assert reviews["reviewer"].tolist()[:2] == ["손님0", "손님1"]


async def test_without_the_extra_one_sentence_says_how_to_get_it_and_what_came_is_kept(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "extruct.w3cmicrodata", None)
        assert await run(shop.words(*shop.places)) == 1
    sentence = capsys.readouterr().err.splitlines()[-1]
    assert "extruct" in sentence
    assert "pip install -e '.[fetch]'" in sentence
    assert not shop.out.exists()
    assert await run(shop.words(*shop.places)) == 0
    assert not twice(shop.site)


async def test_the_words_of_the_command_need_neither_the_extra_nor_the_store() -> None:
    told = (
        "import sys; import ingest.__main__; "
        "print(sorted({'extruct', 'parsel', 'protego', 'chromadb', 'sqlalchemy'} & {*sys.modules}))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", told, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert output.decode().strip() == "[]"


async def test_a_sitemap_leads_to_the_pages_of_its_own_host(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    home = shop.site.address
    listed = [*shop.places, f"{home}/notice/1", "https://shop.example/goods/1"]
    urls = "".join(f"<url><loc>{place}</loc></url>" for place in listed)
    shop.site.pages["/a.xml.gz"] = Answer(gzip.compress(f"<urlset>{urls}</urlset>".encode()))
    shop.site.pages["/sitemap.xml"] = Answer(
        f"<sitemapindex><sitemap><loc>{home}/a.xml.gz</loc></sitemap>"
        f"<sitemap><loc>{home}/sitemap.xml</loc></sitemap></sitemapindex>"
    )
    own = ["--sitemap", f"{home}/sitemap.xml", "--only", "/goods/", "--out", str(shop.out)]
    assert await run(["fetch", "pages", *own, *OPTIONS, "--allow-local"]) == 0
    assert len(shop.rows("products")) == PRODUCTS_HERE
    assert "/notice/1" not in shop.site.paths
    assert "다른 서버라 묻지 않은 주소: 1개" in capsys.readouterr().out


async def test_a_private_address_is_not_asked_and_told(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    inside = [shop.places[0], f"http://localhost:{shop.site.port}/goods/1", "http://10.0.0.1/"]
    assert await run(shop.words(*inside, local=False)) == 1
    assert shop.site.asked == []
    told = capsys.readouterr().err
    assert "제품을 얻지 못한 주소: 3개" in told
    assert "제품 0개" in told


async def test_a_server_that_keeps_refusing_is_left_in_peace_and_asked_on_later(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    many = [f"{shop.site.address}/goods/{n}" for n in range(8)]
    shop.site.pages |= {f"/goods/{n}": Answer(status=403) for n in range(2, 8)}
    assert await run(shop.words(*many)) == 1
    assert "3번 이어서 답을 받지 못해 남은 3개는" in capsys.readouterr().err
    assert len(shop.rows("products")) == 2
    assert shop.site.paths[-1] == "/goods/4"

    shop.site.pages |= {f"/goods/{n}": page(n) for n in range(2, 8)}
    assert await run(shop.words(*many)) == 0
    assert len(shop.rows("products")) == 8


async def test_pages_that_are_gone_do_not_stop_the_others(shop: Shop) -> None:
    gone = [f"{shop.site.address}/gone/{n}" for n in range(5)]
    assert await run(shop.words(*gone, shop.places[0])) == 0
    assert len(shop.rows("products")) == 1


async def test_nothing_is_written_over_what_came_before(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(shop.words(*shop.places)) == 0
    assert await run(shop.words(f"{shop.site.address}/gone")) == 1
    assert f"{shop.out}" in capsys.readouterr().err.splitlines()[-1]
    assert len(shop.rows("products")) == PRODUCTS_HERE


async def test_what_came_in_a_sitemaps_place_is_not_kept(shop: Shop) -> None:
    place = f"{shop.site.address}/sitemap.xml"
    words = ["fetch", "pages", "--sitemap", place, "--out", str(shop.out), *OPTIONS]
    shop.site.pages["/sitemap.xml"] = Answer("<html><p>잠깐 쉬어요</p></html>")
    assert await run([*words, "--allow-local"]) == 1
    listed = f"<urlset><url><loc>{shop.places[0]}</loc></url></urlset>"
    shop.site.pages["/sitemap.xml"] = Answer(listed)
    assert await run([*words, "--allow-local"]) == 0


async def test_a_page_that_leads_to_a_private_address_gives_nothing(tmp_path: Path) -> None:
    """127.0.0.1 counts as public here, 127.0.0.2 does not."""
    async with site() as own:
        own.pages["/goods/1"] = Answer.to(f"http://127.0.0.2:{own.port}/inside")
        own.pages |= {"/goods/2": page(2), "/inside": page(1)}
        manners = Manners("a@shop.example", delay=0)
        async with Fetcher(tmp_path, manners, private=lambda host: host != "127.0.0.1") as fetcher:
            places = [f"{own.address}/goods/{n}" for n in (1, 2)]
            harvest = await product_page.gather(fetcher, places)
    assert "/inside" not in own.paths
    assert [row["product_id"] for row in harvest.products] == ["S2"]
    assert [one.address for one in harvest.missing] == places[:1]


async def test_killed_amid_the_pages_the_next_run_asks_nothing_twice(shop: Shop) -> None:
    shop.site.stuck_at = 3  # robots.txt and two pages came
    words = shop.words(*shop.places)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ingest", *words,
        cwd=ROOT,
        env=environment(shop.folder / "artifacts"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    ended = asyncio.create_task(process.wait())
    stuck = asyncio.create_task(shop.site.stuck.wait())
    await asyncio.wait((ended, stuck), return_when=asyncio.FIRST_COMPLETED)
    assert not ended.done()
    process.kill()
    await ended
    stuck.cancel()
    assert not shop.out.exists()
    shop.site.asked.pop()
    shop.site.stuck_at = None

    assert await run(words) == 0
    assert not twice(shop.site)
    assert len(shop.rows("products")) == PRODUCTS_HERE


async def test_one_id_of_two_shops_is_two_products(tmp_path: Path) -> None:
    async with site() as one, site() as other:
        one.pages["/goods/1"], other.pages["/goods/1"] = page(1), page(1, 9000)
        places = [f"{shop.address}/goods/1" for shop in (one, other)]
        manners = Manners("a@shop.example", delay=0, allow_local=True)
        async with Fetcher(tmp_path, manners) as fetcher:
            harvest = await product_page.gather(fetcher, [*places, f"{places[0]}#top"])
    ids = [row["product_id"] for row in harvest.products]
    assert (len(set(ids)), ids[0], harvest.repeated) == (2, "S1", 1)
    assert [review["product_id"] for review in harvest.reviews] == ids


@pytest.mark.parametrize(
    ("own", "why"),
    [
        ((), "--addresses 와 --sitemap"),
        (("--addresses", "nowhere.txt"), "그런 파일이 없어요"),
        (("--addresses", "bad.txt"), "bad.txt 2번째 줄"),
        (("--addresses", "empty.txt"), "하나도 없어요"),
    ],
)
async def test_without_addresses_one_sentence_says_so(
    shop: Shop,
    own: tuple[str, ...],
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(shop.folder)
    Path("bad.txt").write_text("https://shop.example/1\nftp://shop.example/2\n", encoding="utf-8")
    Path("empty.txt").write_text("# nothing\n", encoding="utf-8")
    assert await run(["fetch", "pages", *own, "--out", "out", *OPTIONS]) == 1
    assert why in capsys.readouterr().err


# --- the EU's annexes -----------------------------------------------------------------------------

HEADINGS = (
    "reference_number,inn,common_ingredients,cas_number,product_type,maximum_concentration,other,"
    "regulation,identified_ingredients"
)
PRESERVATIVE = "29,2-Phenoxyethanol,PHENOXYETHANOL,122-99-6,,1.0%,,(EC) 2009/1223,PHENOXYETHANOL"


@pytest.fixture
def ingredients(tmp_path: Path) -> Path:
    path = tmp_path / "ingredients.csv"
    path.write_text("성분명,영문명\n페녹시에탄올,Phenoxyethanol\n정제수,Water\n", encoding="utf-8")
    return path


async def test_annexes_from_files_need_no_web_and_no_contact(
    shop: Shop, ingredients: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    annex = shop.folder / "eu_annex_V.csv"
    annex.write_text(f"{HEADINGS}\n{PRESERVATIVE}\n", encoding="utf-8")
    out = shop.folder / "out.csv"
    own = ["--ingredients", str(ingredients), "--annex", str(annex), "--out", str(out)]
    assert await run(["fetch", "annexes", *own]) == 0
    assert "이름으로 1개" in capsys.readouterr().out
    frame = read(INGREDIENTS, out, mapping.Mapping()).frame
    assert frame["limits"].tolist() == ["EU 보존제(부속서 V): 최대 1.0 %", ""]
    assert frame["roles"].tolist() == ["보존제", ""]


async def test_annexes_are_taken_from_an_address(shop: Shop, ingredients: Path) -> None:
    shop.site.pages["/COSING_Annex_V_v2.csv"] = Answer(
        f"{HEADINGS}\n{PRESERVATIVE}\n", kind="text/csv"
    )
    out = shop.folder / "out.csv"
    own = ["--ingredients", str(ingredients), "--out", str(out)]
    url = ["--url", f"{shop.site.address}/COSING_Annex_V_v2.csv"]
    assert await run(["fetch", "annexes", *own, *url, *OPTIONS, "--allow-local"]) == 0
    assert "최대 1.0 %" in out.read_text(encoding="utf-8-sig")


async def test_without_annexes_one_sentence_says_so(
    shop: Shop, ingredients: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = ["--ingredients", str(ingredients), "--out", str(shop.folder / "out.csv")]
    assert await run(["fetch", "annexes", *own]) == 1
    assert "--annex" in capsys.readouterr().err


@pytest.fixture(scope="module")
def entries() -> tuple[eu_annexes.Entry, ...]:
    files = sorted(SHARED.glob("eu_annex_*.csv"))
    if len(files) != 5:
        pytest.skip("the shared annexes are not here")
    return eu_annexes.read(files)


def seed() -> pd.DataFrame:
    return eu_cosing.ingredients_of(ROOT / "data" / "seed" / "ingredients.csv", mapping.Mapping())


def test_the_annexes_say_of_the_seed_what_was_written_by_hand(
    entries: tuple[eu_annexes.Entry, ...],
) -> None:
    by_hand = seed()
    found = eu_cosing.annexed(by_hand.assign(limits=None), entries)
    told = {
        name: (own, limits)
        for name, own, limits in zip(
            by_hand["name"], by_hand["limits"], found["limits"], strict=True
        )
        if own or limits
    }
    differ = {name for name, (own, limits) in told.items() if bool(own) != bool(limits)}
    assert differ == {"베르가모트오일"}  # its CAS is that of the peel's oil and others too
    head = {name: [text.partition(":")[0] for text in both if text] for name, both in told.items()}
    assert all(len(set(heads)) == 1 for name, heads in head.items() if name != "페트롤라툼")


def test_the_annexes_join_the_korean_dictionary(entries: tuple[eu_annexes.Entry, ...]) -> None:
    before = eu_cosing.ingredients_of(
        SHARED / "kcia_names_eu_functions.csv", mapping.opened(["kcia"])
    )
    after = eu_cosing.annexed(before, entries)
    count = eu_cosing.counted(before, after)
    assert count.by_name >= 940
    assert count.by_cas >= 60
    limits = dict(zip(after["name"], after["limits"], strict=True))
    banned = set(after["name"][after["eu_banned"].astype(bool)])
    assert limits["페녹시에탄올"] == "EU 보존제(부속서 V): 최대 1.0 %"
    assert {"스타이렌", "징크피리치온"} <= banned
    assert banned.isdisjoint({"페트롤라툼", "알에이치-폴리펩타이드-1", "칼슘", "시트릭애씨드"})
    assert limits["시트릭애씨드"] is None
    assert limits["칼슘"] is None
