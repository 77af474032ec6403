"""Stores for the contract: SQLite in a folder, PostgreSQL in a schema of its own."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from engine.store.catalogue import Catalogue
from engine.store.database import Database
from engine.store.people import People

POSTGRES_URL = "TEST_POSTGRES_URL"


@pytest.fixture(params=["sqlite", "postgresql"])
async def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/store/ppoyami.db"
        return
    server = os.environ.get(POSTGRES_URL)
    if not server:
        pytest.skip(f"{POSTGRES_URL} names no PostgreSQL (.ci/postgres start prints one)")
    name = f"test_{uuid4().hex}"
    await _execute(server, f"CREATE SCHEMA {name}")
    url = make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
    yield url.render_as_string(hide_password=False)
    await _execute(server, f"DROP SCHEMA {name} CASCADE")


@pytest.fixture
async def database(store_url: str) -> AsyncIterator[Database]:
    database = await Database.open(store_url)
    yield database
    await database.close()


@pytest.fixture
def catalogue(database: Database) -> Catalogue:
    return Catalogue(database)


@pytest.fixture
def people(database: Database) -> People:
    return People(database, key=b"a secret of the tests")


async def _execute(server: str, statement: str) -> None:
    engine = create_async_engine(server)
    async with engine.begin() as connection:
        await connection.execute(text(statement))
    await engine.dispose()
