"""What the shop's admins did: who, what and when; only ever added to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from engine.store.database import Database
from engine.store.tables import AdminActionRow


@dataclass(frozen=True, slots=True)
class Noted:
    at: datetime
    who: str
    """«telegram 123456789», «page» or «command line»."""
    what: str
    detail: str


class Audit:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, who: str, what: str, detail: str, at: datetime) -> None:
        """Raises StoreUnavailable."""
        row = {"at": at, "who": who, "what": what, "detail": detail}
        await self._database.transact(lambda connection: connection.execute(_NOTED, row))

    async def latest(self, n: int) -> tuple[Noted, ...]:
        """The last first."""
        query = (
            select(
                AdminActionRow.at, AdminActionRow.who, AdminActionRow.what, AdminActionRow.detail
            )
            .order_by(AdminActionRow.id.desc())
            .limit(n)
        )
        async with self._database.read() as connection:
            return tuple(Noted(*row) for row in await connection.execute(query))


_NOTED = insert(AdminActionRow)
