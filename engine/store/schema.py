"""Which schema a database has, and bringing it up to the newest. No alembic.ini: made in code."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection

from engine.errors import StoreUnavailable

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x99079A31
"""Any number that no other program would take for its advisory lock."""

NEWER = "데이터베이스가 이 프로그램보다 새 버전이에요. 프로그램도 새 버전으로 올려 주세요."
OLDER = "데이터베이스가 이 프로그램보다 옛 버전이에요. 봇을 한 번 시작하면 새 버전으로 옮겨져요."


def configuration(connection: Connection, migrations: Path = MIGRATIONS) -> Config:
    """Alembic's, over an open connection.

    Also for whoever writes the next revision, on a database of the present one:
    `alembic.command.revision(configuration(connection), "what changes", autogenerate=True)`.
    """
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, migrations: Path = MIGRATIONS) -> None:
    """Migrate within the connection's transaction; a second process waits for the first.

    The caller begins it for writing: SQLite's BEGIN IMMEDIATE is the lock there.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    config = configuration(connection, migrations)
    if not _is_current(connection, ScriptDirectory.from_config(config)):
        command.upgrade(config, "head")
    # SQLite begins even IMMEDIATE on a read-only disk; only a write tells.
    connection.execute(text("UPDATE alembic_version SET version_num = version_num"))


def check(connection: Connection, migrations: Path = MIGRATIONS) -> None:
    """Raises StoreUnavailable unless the schema is exactly this program's."""
    config = configuration(connection, migrations)
    if not _is_current(connection, ScriptDirectory.from_config(config)):
        raise StoreUnavailable(OLDER)


def _is_current(connection: Connection, script: ScriptDirectory) -> bool:
    present = set(MigrationContext.configure(connection).get_current_heads())
    if present - {revision.revision for revision in script.walk_revisions()}:
        raise StoreUnavailable(NEWER)
    return present == set(script.get_heads())
