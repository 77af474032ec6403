"""Connections and transactions: one SQLite file, or a PostgreSQL server."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import URL, NullPool, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from engine.errors import StoreUnavailable
from engine.store import schema
from engine.store.tables import Table

SQLITE = "sqlite+aiosqlite"
POSTGRESQL = "postgresql+psycopg"
BUSY_MS = 5000
"""How long a writer waits for another process's transaction."""
CONNECT_S = 5
IDS_AT_ONCE = 5000
"""Parameters in one statement; SQLite takes 32,766 of them, PostgreSQL 65,535."""
READERS = 2
"""Threads that read one SQLite file; more would only queue for the interpreter."""
_WRITING = "ppoyami_writing"
_T = TypeVar("_T")

_BAD_ADDRESS = (
    f"데이터베이스 주소를 읽을 수 없어요. {SQLITE}:///… 또는 {POSTGRESQL}://… 로 적어 주세요."
)
_IN_MEMORY = "데이터베이스는 파일에 있어야 해요. 주소에 파일 이름을 적어 주세요."
_NO_DRIVER = "PostgreSQL 드라이버가 없어요. pip install 'ppoyami[postgres]' 로 설치해 주세요."
_REASONS = (
    ("readonly", "데이터베이스에 쓸 수 없어요. 읽기 전용이에요"),
    ("read-only", "데이터베이스에 쓸 수 없어요. 읽기 전용이에요"),
    ("unable to open", "데이터베이스 파일을 열 수 없어요"),
    ("locked", "다른 프로그램이 데이터베이스를 오래 쓰고 있어요"),
    ("is full", "디스크가 가득 차서 데이터베이스에 쓸 수 없어요"),
    ("not a database", "데이터베이스 파일이 아니에요"),
    ("malformed", "데이터베이스 파일이 망가졌어요"),
    ("authentication failed", "데이터베이스가 이 사용자 이름이나 비밀번호를 받지 않았어요"),
    ("connection", "데이터베이스 서버에 연결할 수 없어요"),
)
"""What the driver's message holds, and what to say of it."""


class Database:
    """The store's door. Safe for many tasks, and beside other processes on the same database."""

    def __init__(self, engine: AsyncEngine, threads: "_Threads | None" = None) -> None:
        self._engine = engine
        self._threads = threads
        self._writer = engine.execution_options(**{_WRITING: True})
        # SQLite has one writer at a time: tasks of this process queue fairly here instead of
        # polling the file's lock against each other.
        alone = engine.dialect.name == "sqlite"
        self._queue: AbstractAsyncContextManager[Any] = asyncio.Lock() if alone else nullcontext()

    @classmethod
    async def open(
        cls, url: str, *, migrate: bool = True, migrations: Path = schema.MIGRATIONS
    ) -> Self:
        """Connect, and bring the schema up to date (`migrate`) or insist that it is.

        Raises StoreUnavailable, in one sentence that holds no password, when the address is
        wrong, nothing answers there, it cannot be written, or a newer program has migrated it.
        """
        address = _address(url)
        if address.drivername == SQLITE:
            _make_folder(address)
            await asyncio.to_thread(_try_file, address)
        await _settle_schema(address, migrate, migrations)
        threads = _Threads(address) if address.drivername == SQLITE else None
        return cls(_engine(address), threads)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A writing transaction: committed at the end, rolled back on any exception.

        Raises StoreUnavailable where the database fails. Not to be nested in one task.
        """
        with _in_one_sentence(self._engine.url):
            async with self._queue, self._writer.begin() as connection:
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A reading transaction; on SQLite it neither waits for a writer nor holds one up."""
        with _in_one_sentence(self._engine.url):
            async with self._engine.begin() as connection:
                yield connection

    async def transact(self, work: Callable[[Connection], _T]) -> _T:
        """`work` in a writing transaction, as `begin`; it may be run in another thread.

        What a dialogue does several times a second goes through here: on SQLite all its
        statements take one hop to a thread instead of several each, and the file's lock is not
        held while the event loop does something else. Cancelled while it runs, it still ends,
        either way: whoever was cancelled asks the store what came of it.
        """
        with _in_one_sentence(self._engine.url):
            async with self._queue:
                if self._threads is not None:
                    return await self._threads.write(work)
                async with self._writer.begin() as connection:
                    return await connection.run_sync(work)

    async def look(self, work: Callable[[Connection], _T]) -> _T:
        """`work` in a reading transaction, as `read`; it may be run in another thread."""
        with _in_one_sentence(self._engine.url):
            if self._threads is not None:
                return await self._threads.read(work)
            async with self._engine.begin() as connection:
                return await connection.run_sync(work)

    async def ping(self) -> None:
        """Raises StoreUnavailable unless the tables can be read."""
        async with self.read() as connection:
            await connection.execute(text("SELECT count(*) FROM current_load"))

    async def close(self) -> None:
        await self._engine.dispose()
        if self._threads is not None:
            await asyncio.to_thread(self._threads.close)


class _Threads:
    """One SQLite file without aiosqlite: a whole transaction in one call to a thread."""

    def __init__(self, address: URL) -> None:
        self._engine = create_engine(address.set(drivername="sqlite"), **_SAID)
        _tune_sqlite(self._engine, foreign_keys=True)
        self._writer = self._engine.execution_options(**{_WRITING: True})
        self._writing = ThreadPoolExecutor(1, "store-write")
        self._reading = ThreadPoolExecutor(READERS, "store-read")

    async def write(self, work: Callable[[Connection], _T]) -> _T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writing, _transaction, self._writer, work)

    async def read(self, work: Callable[[Connection], _T]) -> _T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reading, _transaction, self._engine, work)

    def close(self) -> None:
        """Waits for what is running."""
        for pool in (self._writing, self._reading):
            pool.shutdown()
        self._engine.dispose()


def _transaction(engine: Engine, work: Callable[[Connection], _T]) -> _T:
    with engine.begin() as connection:
        return work(connection)


def batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Pieces that fit into one IN (…)."""
    return (ids[start : start + IDS_AT_ONCE] for start in range(0, len(ids), IDS_AT_ONCE))


def upsert(connection: AsyncConnection, table: type[Table]) -> sqlite.Insert | postgresql.Insert:
    """INSERT that takes ON CONFLICT, in the connection's dialect."""
    return upserting(connection.dialect.name, table)


def upserting(dialect: str, table: type[Table]) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        # Without the cause: its message repeats the address, and so the password.
        raise StoreUnavailable(_BAD_ADDRESS) from None
    if address.drivername not in (SQLITE, POSTGRESQL):
        raise StoreUnavailable(_BAD_ADDRESS)
    if address.drivername == SQLITE and _in_memory(address):
        raise StoreUnavailable(_IN_MEMORY)
    return address


def _in_memory(address: URL) -> bool:
    name = address.database or ":memory:"
    return ":memory:" in name or address.query.get("mode") == "memory"


def _make_folder(address: URL) -> None:
    """A `file:` address is left alone: who writes one has made the file."""
    name = address.database or ""
    if name.startswith("file:"):
        return
    try:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"데이터베이스 폴더를 만들 수 없어요: {Path(name).parent} ({error.strerror})"
        raise StoreUnavailable(reason) from error


def _try_file(address: URL) -> None:
    """Open it once without aiosqlite, whose thread outlives a failed try and then complains."""
    engine = create_engine(address.set(drivername="sqlite"), poolclass=NullPool)
    with _in_one_sentence(address), engine.connect():
        pass


async def _settle_schema(address: URL, migrate: bool, migrations: Path) -> None:
    settle = schema.upgrade if migrate else schema.check
    engine = _engine(address, migrating=True).execution_options(**{_WRITING: migrate})
    try:
        with _in_one_sentence(address):
            async with engine.begin() as connection:
                await connection.run_sync(settle, migrations)
    finally:
        await engine.dispose()


def _engine(address: URL, *, migrating: bool = False) -> AsyncEngine:
    options: dict[str, Any] = {"poolclass": NullPool} if migrating else {}
    if address.drivername == POSTGRESQL:
        if "connect_timeout" not in address.query:
            options["connect_args"] = {"connect_timeout": CONNECT_S}
        options["pool_pre_ping"] = not migrating
    try:
        engine = create_async_engine(
            address,
            **_SAID,
            **options,
        )
    except ImportError as error:
        raise StoreUnavailable(_NO_DRIVER) from error
    if address.drivername == SQLITE:
        _tune_sqlite(engine.sync_engine, foreign_keys=not migrating)
    return engine


def _json(value: object) -> str:
    """Korean stays readable; lone surrogates go, as in `tables.Words`."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")


_SAID: dict[str, Any] = {
    "hide_parameters": True,  # errors must not carry what people typed into the log
    "json_serializer": _json,
}


def _tune_sqlite(engine: Engine, *, foreign_keys: bool) -> None:
    """Transactions of our own (SQLAlchemy's page on SQLite, «Enabling Non-Legacy …»).

    A writing one begins with IMMEDIATE: a reader that turns writer while another process
    writes would fail at once, whatever the busy timeout. Migrations rebuild tables, which
    foreign keys would answer by deleting rows (sqlite.org/lang_altertable.html).
    """

    @event.listens_for(engine, "connect")
    def connected(connection: DBAPIConnection, _: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {BUSY_MS}",
            "journal_mode = WAL",
            "synchronous = NORMAL",
            f"foreign_keys = {'ON' if foreign_keys else 'OFF'}",
            "secure_delete = ON",  # what a person had erased must not stay in free pages
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writing = connection.get_execution_options().get(_WRITING, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def _in_one_sentence(address: URL) -> Iterator[None]:
    """A failing database becomes StoreUnavailable; a broken constraint stays what it is."""
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, PoolTimeout) as error:
        raise StoreUnavailable(_sentence(error, address)) from error


def _sentence(error: SQLAlchemyError, address: URL) -> str:
    said = str(error.orig if isinstance(error, DBAPIError) else error).lower()
    shown = address.set(query={}).render_as_string(hide_password=True)
    for part, sentence in _REASONS:
        if part in said:
            return f"{sentence}: {shown}"
    return f"데이터베이스를 쓸 수 없어요: {shown}"
