"""A load killed amid its change of the store: a server's database keeps the old one as a file's."""

import asyncio
from pathlib import Path

import pytest

from engine.store.catalogue import Catalogue
from engine.store.database import Database
from ingest.__main__ import main
from tests.dying import died
from tests.running import environment

FIRST = "product_id,name,price\np1,이슬 크림,18000\np2,이슬 토너,12000\n"
MOMENTS = (r"sql ^INSERT INTO loads 1", r"commit ^(INSERT INTO|UPDATE) current_load 1")
SECOND = "product_id,name,price\np1,이슬 크림,19000\np3,이슬 세럼,25000\n"


async def keys(url: str) -> dict[str, int | None]:
    """Of what is sold → its price."""
    database = await Database.open(url, migrate=False)
    catalogue = Catalogue(database)
    ids = await catalogue.ids_by_key()
    found = await catalogue.products(ids.values())
    await database.close()
    return {one.key: one.price for one in found.values()}


@pytest.mark.parametrize("kind", ["postgresql"])  # tests/integration/test_load_kill.py: SQLite
async def test_a_load_that_dies_amid_its_change_changes_nothing(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = environment(tmp_path / "artifacts") | {"PPOYAMI_DATABASE_URL": store_url}
    for name, value in own.items():
        if name.startswith("PPOYAMI_"):
            monkeypatch.setenv(name, value)
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text(FIRST, encoding="utf-8")
    second.write_text(SECOND, encoding="utf-8")
    assert await asyncio.to_thread(main, ["load", "--products", str(first)]) == 0
    for moment in MOMENTS:
        await died(moment, own, "ingest", "load", "--products", second)
        assert await keys(store_url) == {"p1": 18000, "p2": 12000}
    assert await asyncio.to_thread(main, ["load", "--products", str(second)]) == 0
    assert await keys(store_url) == {"p1": 19000, "p3": 25000}
