"""`python -m ingest fetch`: the command line, a killed process, and where keys do not go."""

import asyncio
import csv
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.__main__ import main
from ingest.columns import INGREDIENTS
from ingest.sources import files, mfds, naver_kin
from ingest.sources.fetching import Fetcher, Manners, emptied
from tests.public_sources import (
    NAVER_ID,
    NAVER_SECRET,
    PORTAL,
    PORTAL_KEY,
    SEARCH,
    ingredient,
    knowledge,
    naver_wrong,
    portal,
    question,
    restriction,
    twice,
)
from tests.running import ROOT, environment
from tests.site import Site, site

OPTIONS = ("--contact", "data@shop.example", "--delay", "0", "--allow-local")
QUESTIONS = 5


@dataclass
class Shop:
    """A site with both sources, and an operator's folder and keys."""

    site: Site
    folder: Path

    @property
    def settings(self) -> dict[str, str]:
        return {
            "NAVER_URL": self.site.address + SEARCH,
            "NAVER_CLIENT_ID": NAVER_ID,
            "NAVER_CLIENT_SECRET": NAVER_SECRET,
            "MFDS_URL": self.site.address + PORTAL,
            "MFDS_KEY": PORTAL_KEY,
        }

    def out(self, source: str) -> Path:
        return self.folder / {"kin": "kin.jsonl", "mfds": "ingredients.csv"}[source]

    def words(self, source: str) -> list[str]:
        return ["fetch", source, "--out", str(self.out(source)), *OPTIONS]

    def rows(self, source: str) -> int:
        with self.out(source).open(encoding="utf-8", newline="") as file:
            return len(list(csv.DictReader(file) if source == "mfds" else map(json.loads, file)))

    def holds(self, secret: str) -> list[Path]:
        return [
            path
            for path in self.folder.rglob("*")
            if path.is_file() and secret.encode() in path.read_bytes()
        ]


@pytest.fixture
async def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    async with site() as own:
        pages = {str(n): question(f"질문 {n}", "", ("하나", "둘")) for n in range(QUESTIONS)}
        knowledge(own, pages)
        many = [ingredient(f"성분{n:04}") for n in range(150)]
        portal(own, many, [restriction("성분0003", "대한민국", LIMIT_COND="1%")])
        shop = Shop(own, tmp_path)
        told = environment(tmp_path / "artifacts", **shop.settings)
        for name, value in told.items():
            if name.startswith("PPOYAMI_"):
                monkeypatch.setenv(name, value)
        yield shop


@pytest.mark.parametrize(("source", "step", "rows"), [("kin", 8, QUESTIONS), ("mfds", 1, 150)])
async def test_a_process_that_is_killed_is_gone_on_with(
    shop: Shop, source: str, step: int, rows: int, capfd: pytest.CaptureFixture[str]
) -> None:
    shop.site.stuck_at = step
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ingest", *shop.words(source),
        cwd=ROOT,
        env=environment(shop.folder / "artifacts", **shop.settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    ended = asyncio.create_task(process.wait())
    stuck = asyncio.create_task(shop.site.stuck.wait())
    await asyncio.wait((ended, stuck), return_when=asyncio.FIRST_COMPLETED)
    assert not ended.done()
    process.kill()
    output, _ = await process.communicate()
    stuck.cancel()
    assert not shop.out(source).exists()
    unanswered = shop.site.asked.pop()
    shop.site.stuck_at = None

    assert await asyncio.to_thread(main, shop.words(source)) == 0
    assert unanswered.what in [request.what for request in shop.site.asked]
    assert not twice(shop.site)
    assert shop.rows(source) == rows
    told = output.decode() + "".join(capfd.readouterr())
    for secret in (NAVER_SECRET, NAVER_ID, PORTAL_KEY, "Portal/Key", "Portal%2FKey"):
        assert secret not in told
        assert not shop.holds(secret)


async def everything(shop: Shop, source: str) -> None:
    manners = Manners("data@shop.example", delay=0.0, allow_local=True)
    async with Fetcher(shop.folder / "cache", manners) as fetcher:
        if source == "kin":
            key = naver_kin.Key(NAVER_ID, NAVER_SECRET)
            await naver_kin.gather(fetcher, key, ("지성 추천",), shop.site.address + SEARCH)
        else:
            await mfds.gather(fetcher, PORTAL_KEY, shop.site.address + PORTAL)


@pytest.mark.parametrize("source", ["kin", "mfds"])
async def test_cut_off_at_every_request_nothing_is_asked_twice(shop: Shop, source: str) -> None:
    await everything(shop, source)
    whole = len(shop.site.asked)
    emptied(shop.folder / "cache")
    shop.site.asked.clear()
    for step in range(whole):
        shop.site.stuck_at = step
        shop.site.stuck.clear()
        await cut_off(everything, shop, source)
        assert len(shop.site.asked) == step + 1
        shop.site.asked.pop()
        # this one is answered, and nothing after it is asked
        shop.site.stuck_at = step + 1
        shop.site.stuck.clear()
        await cut_off(everything, shop, source)
        del shop.site.asked[step + 1 :]
    shop.site.stuck_at = None
    await everything(shop, source)
    assert len(shop.site.asked) == whole
    assert not twice(shop.site)


async def cut_off(work: Callable[[Shop, str], Awaitable[None]], shop: Shop, source: str) -> None:
    working = asyncio.ensure_future(work(shop, source))
    stuck = asyncio.ensure_future(shop.site.stuck.wait())
    await asyncio.wait((working, stuck), return_when=asyncio.FIRST_COMPLETED)
    for task in (working, stuck):
        task.cancel()
    await asyncio.gather(working, stuck, return_exceptions=True)


async def test_fresh_forgets_what_was_fetched(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    for more in ([], ["--fresh"], []):
        assert "--fresh" not in capsys.readouterr().out
        assert await asyncio.to_thread(main, [*shop.words("mfds"), *more]) == 0
    assert "--fresh" in capsys.readouterr().out
    assert len(shop.site.asked) == 6


async def test_what_is_fetched_can_be_loaded(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    await asyncio.to_thread(main, shop.words("mfds"))
    assert files.read(shop.out("mfds")).headings == mfds.COLUMNS
    assert set(mfds.COLUMNS) <= set(INGREDIENTS.names)
    assert "국내 사용 제한이 있는 것은 1개" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("source", "setting"),
    [("kin", "NAVER_CLIENT_ID"), ("kin", "NAVER_CLIENT_SECRET"), ("mfds", "MFDS_KEY")],
)
async def test_without_a_key_one_sentence_says_where_to_get_it(
    shop: Shop,
    source: str,
    setting: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(f"PPOYAMI_{setting}", "")
    assert await asyncio.to_thread(main, shop.words(source)) == 1
    (sentence,) = capsys.readouterr().err.splitlines()
    assert f"PPOYAMI_{setting}" in sentence
    assert "https://" in sentence
    assert shop.site.asked == []


async def test_without_a_contact_nothing_is_asked(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word for word in shop.words("mfds") if word not in OPTIONS[:2]]
    assert await asyncio.to_thread(main, words) == 1
    assert "--contact" in capsys.readouterr().err
    assert shop.site.asked == []


async def test_a_run_that_had_to_stop_ends_with_an_error_and_what_it_got(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*shop.words("kin"), "--query", "지성 추천", "--query", "건성 추천"]
    first = shop.site.pages[SEARCH]
    assert callable(first)
    shop.site.pages[SEARCH] = lambda request: (
        first(request) if request.query["query"] == "지성 추천" else naver_wrong("010", 429)
    )
    assert await asyncio.to_thread(main, words) == 1
    assert "한도" in capsys.readouterr().err
    assert shop.rows("kin") == QUESTIONS
