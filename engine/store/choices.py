"""What an admin chose while the bot runs; every process follows it, and so does the next start."""

from datetime import datetime
from functools import cache

from sqlalchemy import Executable, select

from engine.store.database import Database, upserting
from engine.store.tables import ChoiceRow


class Choices:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def made(self, name: str) -> str | None:
        """None where nothing was chosen. Raises StoreUnavailable."""
        query = select(ChoiceRow.value).where(ChoiceRow.name == name)
        return await self._database.look(
            lambda connection: connection.execute(query).scalar_one_or_none()
        )

    async def make(self, name: str, value: str, at: datetime) -> None:
        """In the place of what was chosen before. Raises StoreUnavailable."""
        row = {"name": name, "value": value, "at": at}
        await self._database.transact(
            lambda connection: connection.execute(_chosen(connection.dialect.name), row)
        )


@cache
def _chosen(dialect: str) -> Executable:
    row = upserting(dialect, ChoiceRow)
    return row.on_conflict_do_update(
        index_elements=[ChoiceRow.name],
        set_={"value": row.excluded.value, "at": row.excluded.at},
    )
