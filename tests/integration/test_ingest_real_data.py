"""Real exports: Glowpick's products and reviews, and the dictionary of 21,796 names."""

import csv
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from engine.parsing.dates import day, day_before
from engine.parsing.ingredients import ingredient_names
from engine.parsing.names import product_name, volume_and_price
from ingest import tables
from ingest.artifacts import Artifacts, Manifest
from ingest.catalogue import Store
from ingest.tables import Tables
from tests.running import ROOT, database_url, environment

SHARED = ROOT.parent / "shared" / "data"
GLOWPICK = SHARED / "glowpick"
DICTIONARY = SHARED / "ingredients" / "kcia_names_eu_functions.csv"
pytestmark = pytest.mark.skipif(
    not DICTIONARY.exists(), reason="../shared/data is absent: no real exports to ingest"
)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Manifest, Tables, str]:
    """The manifest, the rows, and what was printed."""
    folder = tmp_path_factory.mktemp("real") / "artifacts"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "ingest", "load"),
            *("--products", GLOWPICK / "products.csv"),
            *("--reviews", GLOWPICK / "reviews.csv"),
            *("--ingredients", DICTIONARY),
            *("--mapping", "glowpick", "--mapping", "kcia"),
        ],
        cwd=ROOT,
        env=environment(folder),
        check=True,
        capture_output=True,
        text=True,
    )
    current = Store(database_url(folder)).current()
    assert current is not None
    artifacts = Artifacts(folder)
    manifest = artifacts.manifest(current.id)
    assert manifest is not None
    print(done.stdout)
    return manifest, tables.opened(artifacts.folder(current.id) / "catalogue"), done.stdout


def test_glowpick_and_the_dictionary_are_loaded(
    loaded: tuple[Manifest, Tables, str],
) -> None:
    manifest, found, printed = loaded
    assert manifest.read == {"products": 1183, "ingredients": 21796, "reviews": 5208}
    dropped = {(s.table, s.step): s.dropped for s in manifest.steps if s.dropped}
    assert dropped == {
        ("products", "되풀이된 제품 번호"): 73,
        ("products", "한 제품을 한 줄로 모으기"): 2,
        ("ingredients", "되풀이된 성분 이름"): 1,
        ("reviews", "되풀이된 글"): 12,
        ("reviews", "한 사람이 한 제품에 여러 번"): 4,
        ("reviews", "거의 같은 글"): 6,
    }
    assert (len(found.products), len(found.ingredients), len(found.reviews)) == (1108, 21795, 5186)
    assert "1,108" in printed


def test_word_ratings_and_skin_types_are_all_understood(
    loaded: tuple[Manifest, Tables, str],
) -> None:
    reviews = loaded[1].reviews
    assert set(reviews["rating"]) == {1.0, 2.0, 3.0, 4.0, 5.0}
    assert reviews["skin_type"].notna().all()


def test_functions_become_korean_roles(loaded: tuple[Manifest, Tables, str]) -> None:
    roles = {role for cell in loaded[1].ingredients["roles"] for role in cell}
    assert "보습제" in roles
    assert [role for role in roles if role.replace("pH", "").isascii()] == []


def test_99_of_100_dictionary_names_parse_as_themselves() -> None:
    names = [row["name_ko"] for row in rows_of(DICTIONARY)]
    read = [ingredient_names(name) for name in names]
    single = sum(len(found) == 1 for found in read) / len(names)
    same = sum(found == (name,) for found, name in zip(read, names, strict=True)) / len(names)
    assert min(single, same) >= 0.99, f"one name: {single:.2%}, unchanged: {same:.2%}"


def test_dictionary_names_keep_apart_on_a_label() -> None:
    names = list(dict.fromkeys(row["name_ko"] for row in rows_of(DICTIONARY)))
    wrong = 0
    for start in range(0, len(names), 40):
        label = names[start : start + 40]
        wrong += len(set(label) ^ set(ingredient_names(", ".join(label))))
    assert wrong <= 0.01 * len(names)


def test_every_glowpick_volume_and_price_parses() -> None:
    cells = [row["vol_price"] for row in rows_of(GLOWPICK / "products.csv")]
    read = {cell: volume_and_price(cell) for cell in cells}
    unpriced = [cell for cell in cells if read[cell][1] is None]
    unmeasured = [cell for cell in cells if read[cell][0] is None and not cell.startswith("-")]
    priced, measured = (1 - len(lost) / len(cells) for lost in (unpriced, unmeasured))
    assert not unpriced + unmeasured, (
        f"prices: {priced:.2%}, volumes: {measured:.2%} of those told, {unpriced + unmeasured}"
    )


def test_every_glowpick_date_is_a_day() -> None:
    cells = {row["date"] for row in rows_of(GLOWPICK / "reviews.csv")}
    written = date(2017, 4, 30)
    assert [cell for cell in cells if not (day(cell) or day_before(cell, written))] == []


def test_no_glowpick_name_is_emptied_or_cut_in_the_middle() -> None:
    for row in rows_of(GLOWPICK / "products.csv"):
        name = product_name(row["product"], row["brand"])
        assert name
        assert product_name(name, row["brand"]) == name
        assert set(name) <= set(row["product"])
