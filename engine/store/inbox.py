"""What channels brought and nobody has answered yet: it outlives the process that took it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, func, select, update

from engine.store.database import Database, upserting
from engine.store.tables import EventRow


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event as it was received and not yet applied."""

    event_id: str
    sender: str
    content: str


@dataclass(slots=True, eq=False)
class _Receipt:
    row: dict[str, Any]
    new: bool = False
    failed: Exception | None = None


class Inbox:
    """Table `events` from the door's side; `People.keeping` marks there what a turn has applied.

    Raises StoreUnavailable where the database fails; what was to be received is not, then.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._receipts: list[_Receipt] = []
        """Waiting to be written."""
        self._writing = asyncio.Lock()

    async def receive(
        self, channel: str, event_id: str, sender: str | None, content: str | None, at: datetime
    ) -> bool:
        """False for an event that was seen before, whether it was applied or still waits.

        Without content it counts as applied. Who comes while others are being written is written
        together with all who come, in one transaction.
        """
        row = {"channel": channel, "event_id": event_id, "sender": sender, "content": content}
        receipt = _Receipt({**row, "at": at})
        self._receipts.append(receipt)
        async with self._writing:
            if receipt in self._receipts:
                await self._write()
        if receipt.failed is not None:
            raise receipt.failed
        return receipt.new

    async def _write(self) -> None:
        """All that wait; each of them learns what came of it."""
        # In one order everywhere: two processes that take the same events wait for each other
        # once, and not each for the other.
        receipts, self._receipts = sorted(self._receipts, key=_place), []
        rows = [receipt.row for receipt in receipts]
        try:
            news = await self._database.transact(lambda connection: _receive(connection, rows))
        except asyncio.CancelledError:
            # Only this one has gone: the others are written by the next.
            self._receipts = receipts + self._receipts
            raise
        except Exception as error:
            for receipt in receipts:
                receipt.failed = error
            return
        for receipt, new in zip(receipts, news, strict=True):
            receipt.new = new

    async def waiting(self, channel: str) -> tuple[Waiting, ...]:
        """What waits, in the order of the ids, which are numbers, where the channel counts."""
        rows = await self._database.look(
            lambda connection: connection.execute(_WAITING, {"channel": channel}).all()
        )
        return tuple(Waiting(id, sender or "", content or "") for id, sender, content in rows)

    async def attempt(self, channel: str, event_id: str) -> int:
        """Count one more attempt after a start; how many there were. A process that dies of an
        event counts, too."""
        named = {"its_channel": channel, "its_id": event_id}
        return await self._database.transact(
            lambda connection: connection.execute(_ATTEMPTED, named).scalar_one_or_none() or 0
        )

    async def done(self, channel: str, event_id: str) -> None:
        """The event needs no turn, or none can be made of it: it waits no longer."""
        named = {"its_channel": channel, "its_id": event_id}
        await self._database.transact(lambda connection: connection.execute(_DONE, named))


def _place(receipt: _Receipt) -> tuple[str, str]:
    return receipt.row["channel"], receipt.row["event_id"]


def _receive(connection: Connection, rows: Sequence[dict[str, Any]]) -> list[bool]:
    statement = _receiving(connection.dialect.name)
    return [connection.execute(statement, row).first() is not None for row in rows]


@cache
def _receiving(dialect: str) -> Executable:
    return upserting(dialect, EventRow).on_conflict_do_nothing().returning(EventRow.at)


_IT = (EventRow.channel == bindparam("its_channel")) & (EventRow.event_id == bindparam("its_id"))
_WAITING = (
    select(EventRow.event_id, EventRow.sender, EventRow.content)
    .where(EventRow.channel == bindparam("channel"), EventRow.content.is_not(None))
    .order_by(func.length(EventRow.event_id), EventRow.event_id)
)
_ATTEMPTED = (
    update(EventRow).where(_IT).values(attempts=EventRow.attempts + 1).returning(EventRow.attempts)
)
_DONE = update(EventRow).where(_IT).values(sender=None, content=None)
