"""Every source killed by SIGKILL: the next run goes on, and ends as if nothing had been."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.provenance import ENDING
from ingest.__main__ import main
from ingest.artifacts import alone
from tests.dying import died
from tests.public_sources import (
    NAVER_ID,
    NAVER_SECRET,
    PORTAL,
    PORTAL_KEY,
    SEARCH,
    ingredient,
    knowledge,
    portal,
    question,
    restriction,
)
from tests.running import ROOT, environment
from tests.site import Answer, Site, site

OPTIONS = ("--contact", "data@shop.example", "--delay", "0", "--allow-local")
ANNEX = (
    "reference_number,inn,common_ingredients,cas_number,product_type,maximum_concentration,other,"
    "regulation,identified_ingredients\n"
)
PRESERVATIVE = "29,2-Phenoxyethanol,PHENOXYETHANOL,122-99-6,,1.0%,,(EC) 2009/1223,PHENOXYETHANOL\n"
FILTER = "4,Oxybenzone,BENZOPHENONE-3,131-57-7,,6.0%,,(EC) 2009/1223,BENZOPHENONE-3\n"
OF_A_RUN = ("at", "since", "asked")
"""What differs from run to run in a file that says where another came from."""


@dataclass
class Desk:
    """A site with all four sources, and an operator's folder in which each `home` is its own."""

    site: Site
    folder: Path
    monkeypatch: pytest.MonkeyPatch

    def environment(self, home: Path) -> dict[str, str]:
        return environment(
            home / "artifacts",
            NAVER_URL=self.site.address + SEARCH,
            NAVER_CLIENT_ID=NAVER_ID,
            NAVER_CLIENT_SECRET=NAVER_SECRET,
            MFDS_URL=self.site.address + PORTAL,
            MFDS_KEY=PORTAL_KEY,
        )

    def words(self, source: str, home: Path) -> list[str]:
        annexes = [f"{self.site.address}/COSING_Annex_{number}_v2.csv" for number in ("V", "VI")]
        own: dict[str, list[object]] = {
            "kin": ["--out", home / "kin.jsonl"],
            "mfds": ["--out", home / "ingredients.csv"],
            "pages": ["--addresses", self.folder / "addresses.txt", "--out", home / "pages"],
            "annexes": [
                *("--ingredients", self.folder / "own.csv"),
                *(word for url in annexes for word in ("--url", url)),
                *("--out", home / "annexed.csv"),
            ],
        }
        return ["fetch", source, *map(str, own[source]), *OPTIONS]

    async def run(self, source: str, home: Path) -> int:
        for name, value in self.environment(home).items():
            if name.startswith("PPOYAMI_"):
                self.monkeypatch.setenv(name, value)
        return await asyncio.to_thread(main, self.words(source, home))

    async def killed(self, source: str, home: Path, after: int) -> None:
        """When so many of its requests have been answered, and it waits for the next."""
        self.site.stuck_at = len(self.site.asked) + after
        self.site.stuck.clear()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ingest", *self.words(source, home),
            cwd=ROOT,
            env=self.environment(home),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        ended = asyncio.create_task(process.wait())
        stuck = asyncio.create_task(self.site.stuck.wait())
        await asyncio.wait((ended, stuck), return_when=asyncio.FIRST_COMPLETED)
        assert not ended.done()
        process.kill()
        await ended
        self.site.stuck_at = None
        self.site.asked.pop()  # it never got that answer

    def asked(self) -> list[str]:
        """Since the last time."""
        told = sorted(request.what for request in self.site.asked)
        self.site.asked.clear()
        return told


def written(home: Path) -> dict[str, object]:
    """Every file outside the artefacts, as far as it does not tell of the run itself."""
    files = (path for path in home.rglob("*") if path.is_file())
    own = [path for path in files if "artifacts" not in path.relative_to(home).parts]
    return {str(path.relative_to(home)): _content(path) for path in own}


def _content(path: Path) -> object:
    if not path.name.endswith(ENDING):
        return path.read_bytes()
    told = json.loads(path.read_text(encoding="utf-8"))
    return {name: value for name, value in told.items() if name not in OF_A_RUN}


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    async with site() as own:
        knowledge(own, {str(n): question(f"질문 {n}", "", ("하나", "둘")) for n in range(4)})
        many = [ingredient(f"성분{n:04}") for n in range(150)]
        portal(own, many, [restriction("성분0003", "대한민국", LIMIT_COND="1%")])
        own.pages |= {f"/goods/{n}": _page(n) for n in range(4)}
        for number, row in (("V", PRESERVATIVE), ("VI", FILTER)):
            own.pages[f"/COSING_Annex_{number}_v2.csv"] = Answer(ANNEX + row, kind="text/csv")
        goods = "\n".join(f"{own.address}/goods/{n}" for n in range(4))
        (tmp_path / "addresses.txt").write_text(goods, encoding="utf-8")
        names = "성분명,영문명\n페녹시에탄올,Phenoxyethanol\n벤조페논-3,Benzophenone-3\n"
        (tmp_path / "own.csv").write_text(names, encoding="utf-8")
        yield Desk(own, tmp_path, monkeypatch)


def _page(number: int) -> Answer:
    told = {
        "@type": "Product",
        "name": f"이슬 크림 {number}호",
        "sku": f"S{number}",
        "brand": "새벽숲",
        "offers": {"price": 19000, "priceCurrency": "KRW"},
        "review": [{"author": "손님", "reviewRating": 5, "reviewBody": f"좋아요 {number}"}],
    }
    body = json.dumps(told, ensure_ascii=False)
    return Answer(f'<script type="application/ld+json">{body}</script>')


@pytest.mark.parametrize(
    ("source", "after"), [("kin", (2, 6)), ("mfds", (1,)), ("pages", (2, 2)), ("annexes", (2,))]
)
async def test_killed_while_it_waits_it_goes_on_and_asks_nothing_twice(
    desk: Desk, source: str, after: tuple[int, ...]
) -> None:
    whole, broken = desk.folder / "whole", desk.folder / "broken"
    assert await desk.run(source, whole) == 0
    asked = desk.asked()
    for count in after:
        await desk.killed(source, broken, count)
    assert not written(broken)
    assert await desk.run(source, broken) == 0
    assert desk.asked() == asked
    assert written(broken) == written(whole)


@pytest.mark.parametrize(
    ("source", "moment"),
    [
        ("kin", r"os.rename \.fetched 4"),
        ("mfds", r"os.rename ingredients\.csv 1"),
        ("pages", r"os.rename reviews\.csv 1"),
        ("annexes", r"os.rename annexed\.csv\.source 1"),
    ],
)
async def test_killed_while_it_writes_it_leaves_nothing_half_and_nothing_over(
    desk: Desk, source: str, moment: str
) -> None:
    whole, broken = desk.folder / "whole", desk.folder / "broken"
    assert await desk.run(source, whole) == 0
    told = written(whole)
    await died(moment, desk.environment(broken), "ingest", *desk.words(source, broken))
    assert list(broken.rglob(".*.making"))
    there = {name: content for name, content in written(broken).items() if "making" not in name}
    assert there.items() <= told.items()
    assert await desk.run(source, broken) == 0
    assert written(broken) == told
    assert not list(broken.rglob(".*.making"))


async def test_a_second_fetch_of_a_source_waits_for_the_first(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    home, told = desk.folder / "home", ""
    with alone(home / "artifacts" / "fetched" / ".mfds.lock", lambda: None):
        second = asyncio.create_task(desk.run("mfds", home))
        while "기다려요" not in told:
            assert not second.done()
            await asyncio.sleep(0.01)
            told += capsys.readouterr().err
        assert not desk.site.asked
    assert await second == 0
    assert desk.asked()


async def test_fresh_that_dies_amid_forgetting_has_forgotten_all(desk: Desk) -> None:
    home = desk.folder / "home"
    assert await desk.run("mfds", home) == 0
    asked = desk.asked()
    words = [*desk.words("mfds", home), "--fresh"]
    await died(r"os.remove \.fetched$ 2", desk.environment(home), "ingest", *words)
    assert await desk.run("mfds", home) == 0
    assert desk.asked() == asked
    assert not (home / "artifacts" / "fetched" / ".mfds.gone").exists()
