"""Stores for the contract: SQLite in a folder, PostgreSQL in a schema of its own."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from engine.store.catalogue import Catalogue
from engine.store.database import Database
from engine.store.people import People
from engine.store.tables import Table
from tests.builders import frames, load, product_row
from tests.chat import PRODUCTS

POSTGRES_URL = "TEST_POSTGRES_URL"


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def server() -> str:
    url = os.environ.get(POSTGRES_URL)
    if not url:
        pytest.skip(f"{POSTGRES_URL} names no PostgreSQL (.ci/postgres start prints one)")
    return url


@pytest.fixture
def store_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database."""
    if kind == "sqlite":
        yield sqlite_url(tmp_path / "store" / "ppoyami.db")
    else:
        yield from _schema(request.getfixturevalue("server"))


@pytest.fixture
def migrated_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with all tables and no row; quicker than migrating each time."""
    if kind == "sqlite":
        path = tmp_path / "ppoyami.db"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        return sqlite_url(path)
    url = str(request.getfixturevalue("migrated_schema"))
    asyncio.run(_execute(url, f"TRUNCATE {', '.join(Table.metadata.tables)} RESTART IDENTITY"))
    return url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "ppoyami.db"
    asyncio.run(_migrate(sqlite_url(path)))
    return path


@pytest.fixture(scope="session")
def shop_file(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that knows the products of `tests.chat`, under the same ids; copy it."""
    path = tmp_path_factory.mktemp("shop") / "ppoyami.db"
    shutil.copy(migrated_file, path)
    asyncio.run(_stock(sqlite_url(path)))
    return path


@pytest.fixture(scope="session")
def migrated_schema(server: str) -> Iterator[str]:
    for url in _schema(server):
        asyncio.run(_migrate(url))
        yield url


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    database = await Database.open(migrated_url, migrate=False)
    yield database
    await database.close()


@pytest.fixture
def catalogue(database: Database) -> Catalogue:
    return Catalogue(database)


@pytest.fixture
def people(database: Database) -> People:
    return People(database, key=b"a secret of the tests")


def sqlite_url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def _schema(server: str) -> Iterator[str]:
    """A schema's address, until it is dropped."""
    name = f"test_{uuid4().hex}"
    asyncio.run(_execute(server, f"CREATE SCHEMA {name}"))
    url = make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
    yield url.render_as_string(hide_password=False)
    asyncio.run(_execute(server, f"DROP SCHEMA {name} CASCADE"))


async def _migrate(url: str) -> None:
    await (await Database.open(url)).close()


async def _stock(url: str) -> None:
    database = await Database.open(url, migrate=False)
    rows = [
        product_row(one.key, brand=one.brand, name=one.name, category=one.category)
        for one in PRODUCTS
    ]
    catalogue = Catalogue(database)
    await catalogue.replace(load(), *frames(products=rows))
    assert await catalogue.ids_by_key() == {one.key: one.id for one in PRODUCTS}
    await database.close()


async def _execute(server: str, statement: str) -> None:
    engine = create_async_engine(server)
    async with engine.begin() as connection:
        await connection.execute(text(statement))
    await engine.dispose()
