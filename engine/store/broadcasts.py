"""Broadcasts: what was asked for, one row for each recipient, and the lease of who sends.

`sending` is committed before the call goes out, so whatever a crash cut off stands there; whoever
takes the lease over makes it `uncertain`, and nobody sends it again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Select,
    delete,
    exists,
    false,
    func,
    insert,
    or_,
    select,
    update,
)

from engine.advertising import Advertisement, Delivery, Going, Link, Reach, Segment, Tally, quiet
from engine.domain import AgeBand, Concern, SkinType
from engine.store.database import Database, upserting
from engine.store.people import advertising_allowed
from engine.store.sealing import Seal, SealBroken
from engine.store.segments import reached, recipients
from engine.store.tables import (
    ID_AT_MOST,
    BroadcastRow,
    DeliveryRow,
    LeaseRow,
    PersonRow,
)

LEASE: Final = "broadcast"
CANCELLED_FOR: Final = timedelta(days=1)
"""So long the last calls of what was cancelled are looked after."""
ADDRESSED: Final = frozenset({"kakao"})
"""Channels where a person's id does not tell where to write; their sealed address does."""
_STEERED: Final = {
    Going.RUNNING: (Going.PAUSED,),
    Going.PAUSED: (Going.RUNNING,),
    Going.CANCELLED: (Going.RUNNING, Going.PAUSED),
}
"""Where it may go → from where."""


@dataclass(frozen=True, slots=True)
class Broadcast:
    id: int
    at: datetime
    author: str
    body: str
    link: Link | None
    pictured: bool
    segment: Segment
    going: Going
    total: int
    report: Mapping[str, Any]
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Recipient:
    """`id` is the store's; `address` where the channel reaches them, None where that is unknown."""

    id: int
    channel: str
    name: str
    """What the channel calls the person."""
    address: str | None
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What one `take` found: those to send to now, and how many got their end without a call."""

    recipients: tuple[Recipient, ...] = ()
    settled: int = 0

    def __bool__(self) -> bool:
        return bool(self.recipients) or self.settled > 0


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a recipient. WAITING: to be tried again, not before `at`."""

    recipient: int
    state: Delivery
    at: datetime
    detail: str = ""
    tried: bool = False
    """The platform failed at it; counts as a try."""


class Broadcasts:
    """`key` is the house's secret, which opens sealed addresses."""

    def __init__(self, database: Database, key: bytes = b"") -> None:
        self._database = database
        self._seal = Seal(key)

    # --- asking for one --------------------------------------------------------------------------

    async def preview(self, segment: Segment, at: datetime, channels: Collection[str]) -> Reach:
        """`channels`: those that can be written to."""

        def look(connection: Connection) -> Sequence[Any]:
            return connection.execute(reached(connection, segment, at)).all()

        rows = await self._database.look(look)
        reachable: dict[str, int] = {}
        held = 0
        for channel, blocked, addressed, allowed, allowed_now, count in rows:
            there = channel in channels and (addressed or channel not in ADDRESSED)
            if allowed and not blocked and there:
                reachable[channel] = reachable.get(channel, 0) + count
                held += 0 if allowed_now else count
        return Reach(
            sum(row.count for row in rows),
            sum(row.count for row in rows if row.allowed),
            reachable,
            held,
        )

    async def enqueue(
        self,
        author: str,
        advertisement: Advertisement,
        picture: bytes | None,
        segment: Segment,
        at: datetime,
        *,
        key: str | None = None,
        report: Mapping[str, Any] | None = None,
    ) -> int:
        """Its number. The broadcast and a row for each matching person, in one transaction; those
        who do not consent now are held back from the beginning. Under a `key` asked for before,
        nothing is done again.
        """
        row = {
            "key": key,
            "at": at,
            "author": author,
            "content": _written(advertisement),
            "picture": picture,
            "segment": asdict(segment),
            "state": Going.RUNNING.value,
            "total": 0,
            "report": dict(report or {}),
        }

        def work(connection: Connection) -> int:
            new = upserting(connection.dialect.name, BroadcastRow).values(row)
            made = new.on_conflict_do_nothing(index_elements=["key"]).returning(BroadcastRow.id)
            number = connection.execute(made).scalar_one_or_none()
            if number is None:
                known = select(BroadcastRow.id).where(BroadcastRow.key == key)
                return int(connection.execute(known).scalar_one())
            listed = insert(DeliveryRow).from_select(
                ["broadcast_id", "person_id", "state", "detail", "tries", "at"],
                recipients(connection, number, segment, at),
            )
            connection.execute(listed)
            rows = select(func.count()).where(DeliveryRow.broadcast_id == number)
            total = connection.execute(rows).scalar_one()
            counted = update(BroadcastRow).where(BroadcastRow.id == number)
            connection.execute(counted.values(total=total))
            return int(number)

        return await self._database.transact(work)

    # --- looking at them -------------------------------------------------------------------------

    async def latest(self, n: int) -> tuple[Broadcast, ...]:
        """The newest first."""
        query = _listed().order_by(BroadcastRow.id.desc()).limit(n)
        async with self._database.read() as connection:
            return tuple(_broadcast(row) for row in await connection.execute(query))

    async def running(self) -> tuple[Broadcast, ...]:
        """The oldest first."""
        query = _listed().where(BroadcastRow.state == Going.RUNNING.value)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(BroadcastRow.id))
            return tuple(_broadcast(row) for row in rows)

    async def pending(self, at: datetime) -> bool:
        """Whether there is anything that needs somebody to lead."""
        states = (Going.RUNNING.value, Going.PAUSED.value)
        lately = BroadcastRow.finished_at > at - CANCELLED_FOR
        out = exists().where(
            DeliveryRow.broadcast_id == BroadcastRow.id,
            DeliveryRow.state == Delivery.SENDING.value,
        )
        query = select(BroadcastRow.id).where(or_(BroadcastRow.state.in_(states), lately & out))
        async with self._database.read() as connection:
            return (await connection.execute(query.limit(1))).first() is not None

    async def find(self, number: int) -> Broadcast | None:
        if not 0 < number <= ID_AT_MOST:
            return None
        async with self._database.read() as connection:
            rows = await connection.execute(_listed().where(BroadcastRow.id == number))
            return next((_broadcast(row) for row in rows), None)

    async def picture(self, number: int) -> bytes | None:
        query = select(BroadcastRow.picture).where(BroadcastRow.id == number)
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalar_one_or_none()

    async def tally(self, number: int) -> Tally:
        total = select(BroadcastRow.total).where(BroadcastRow.id == number)
        counted = (
            select(DeliveryRow.state, func.count())
            .where(DeliveryRow.broadcast_id == number)
            .group_by(DeliveryRow.state)
        )
        async with self._database.read() as connection:
            rows = await connection.execute(counted)
            states = {Delivery(state): count for state, count in rows}
            return Tally((await connection.execute(total)).scalar_one_or_none() or 0, states)

    # --- steering one ----------------------------------------------------------------------------

    async def steer(self, number: int, going: Going, at: datetime) -> Going | None:
        """Pause, go on or cancel, where it can; how it stands then, None where there is none."""
        change = (
            update(BroadcastRow)
            .where(BroadcastRow.id == number, BroadcastRow.state.in_(_STEERED[going]))
            .values(state=going.value, finished_at=at if going is Going.CANCELLED else None)
        )
        if not 0 < number <= ID_AT_MOST:
            return None
        async with self._database.begin() as connection:
            await connection.execute(change)
            now = select(BroadcastRow.state).where(BroadcastRow.id == number)
            state = (await connection.execute(now)).scalar_one_or_none()
        return None if state is None else Going(state)

    async def reported(self, number: int, report: Mapping[str, Any]) -> None:
        """Where its progress is shown, and what was shown last."""
        change = update(BroadcastRow).where(BroadcastRow.id == number)
        async with self._database.begin() as connection:
            await connection.execute(change.values(report=dict(report)))

    # --- sending: only for who holds the lease ---------------------------------------------------

    async def hold(self, owner: str, at: datetime, lasts: timedelta) -> bool:
        """Take or renew the lease; whether `owner` has it now.

        Taken over from another, what that one was sending becomes uncertain.
        """
        until = at + lasts

        def work(connection: Connection) -> bool:
            mine = update(LeaseRow).where(LeaseRow.name == LEASE, LeaseRow.owner == owner)
            if connection.execute(mine.values(until=until)).rowcount:
                return True
            row = upserting(connection.dialect.name, LeaseRow).values(
                name=LEASE, owner=owner, until=until
            )
            taken = row.on_conflict_do_update(
                index_elements=["name"],
                set_={"owner": owner, "until": until},
                where=LeaseRow.until < at,
            ).returning(LeaseRow.owner)
            if connection.execute(taken).first() is None:
                return False
            cut_off = update(DeliveryRow).where(DeliveryRow.state == Delivery.SENDING.value)
            connection.execute(cut_off.values(state=Delivery.UNCERTAIN.value, at=at))
            return True

        return await self._database.transact(work)

    async def let_go(self, owner: str) -> None:
        """The next who asks has the lease at once."""
        gone = delete(LeaseRow).where(LeaseRow.name == LEASE, LeaseRow.owner == owner)
        async with self._database.begin() as connection:
            await connection.execute(gone)

    async def take(self, number: int, channel: str, n: int, at: datetime, owner: str) -> Taken:
        """At most `n` recipients who may be written to at this moment, committed as `sending`;
        who may never be gets their end. Nobody without the lease, or of what is not running.

        Those who wait for the morning, or for their next try, are left where they are.
        """

        def work(connection: Connection) -> Taken:
            if not _holds(connection, owner, at) or not _runs(connection, number):
                return Taken()
            rows = connection.execute(_waiting(number, channel, at).limit(n)).all()
            blocked = [row.id for row in rows if row.blocked]
            refused = [row.id for row in rows if not row.blocked and not row.allowed]
            stranded = [row.id for row in rows if row.stranded and row.allowed and not row.blocked]
            ends = {*blocked, *refused, *stranded}
            settled = _moved(connection, number, blocked, Delivery.BLOCKED, at)
            settled |= _moved(connection, number, refused, Delivery.HELD_BACK, at)
            settled |= _moved(connection, number, stranded, Delivery.UNREACHABLE, at)
            wanted = [row.id for row in rows if row.id not in ends]
            ours = _moved(connection, number, wanted, Delivery.SENDING, at)
            found = (self._recipient(row) for row in rows if row.id in ours)
            return Taken(tuple(found), len(settled))

        return await self._database.transact(work)

    async def strand(self, number: int, channels: Collection[str], at: datetime) -> int:
        """Who stands in none of these channels cannot be reached; how many."""
        elsewhere = select(PersonRow.id).where(PersonRow.channel.not_in(channels))
        change = (
            update(DeliveryRow)
            .where(DeliveryRow.broadcast_id == number)
            .where(DeliveryRow.state == Delivery.WAITING.value)
            .where(DeliveryRow.person_id.in_(elsewhere))
            .values(state=Delivery.UNREACHABLE.value, at=at)
        )
        async with self._database.begin() as connection:
            return (await connection.execute(change)).rowcount

    async def settle(self, number: int, ends: Iterable[Settled]) -> None:
        """What came of those that were `sending`. Known at last, an `uncertain` one is settled,
        too; it never waits again. Who blocked the bot is marked so."""
        ends = tuple(ends)

        def work(connection: Connection) -> None:
            for end in ends:
                connection.execute(_settling(number, end))
            gone = [end.recipient for end in ends if end.state is Delivery.BLOCKED]
            if gone:
                marked = update(PersonRow).where(PersonRow.id.in_(gone))
                connection.execute(marked.values(blocked=True))

        if ends:
            await self._database.transact(work)

    async def finish(self, number: int, at: datetime) -> bool:
        """Whether nothing of it waits or is being sent any more; then it is done."""
        left = exists().where(
            DeliveryRow.broadcast_id == number,
            DeliveryRow.state.in_((Delivery.WAITING.value, Delivery.SENDING.value)),
        )
        change = (
            update(BroadcastRow)
            .where(BroadcastRow.id == number, BroadcastRow.state == Going.RUNNING.value, ~left)
            .values(state=Going.DONE.value, finished_at=at)
        )
        async with self._database.begin() as connection:
            return bool((await connection.execute(change)).rowcount)

    def _recipient(self, row: Any) -> Recipient:
        address = row.external_id if row.channel not in ADDRESSED else self._opened(row.address)
        return Recipient(row.id, row.channel, row.external_id, address, row.tries)

    def _opened(self, sealed: str | None) -> str | None:
        """None also where the house's secret has changed since."""
        try:
            return None if sealed is None else self._seal.open(sealed)
        except SealBroken:
            return None


def _written(advertisement: Advertisement) -> dict[str, Any]:
    link = advertisement.link
    return {
        "body": advertisement.body,
        "link": None if link is None else asdict(link),
        "pictured": advertisement.pictured,
    }


def _listed() -> Select[Any]:
    """Without the picture."""
    return select(
        BroadcastRow.id,
        BroadcastRow.at,
        BroadcastRow.author,
        BroadcastRow.content,
        BroadcastRow.segment,
        BroadcastRow.state,
        BroadcastRow.total,
        BroadcastRow.report,
        BroadcastRow.finished_at,
    )


def _broadcast(row: Any) -> Broadcast:
    content, aim = row.content, row.segment
    return Broadcast(
        id=row.id,
        at=row.at,
        author=row.author,
        body=content["body"],
        link=None if content["link"] is None else Link(**content["link"]),
        pictured=content["pictured"],
        segment=Segment(
            aim["channel"],
            None if aim["skin_type"] is None else SkinType(aim["skin_type"]),
            None if aim["concern"] is None else Concern(aim["concern"]),
            None if aim["age_band"] is None else AgeBand(aim["age_band"]),
            aim["active_days"],
        ),
        going=Going(row.state),
        total=row.total,
        report=row.report,
        finished_at=row.finished_at,
    )


# --- the statements of sending -------------------------------------------------------------------


def _holds(connection: Connection, owner: str, at: datetime) -> bool:
    """The row stays locked to the transaction's end: nobody takes the lease over meanwhile."""
    held = select(LeaseRow.until).where(
        LeaseRow.name == LEASE, LeaseRow.owner == owner, LeaseRow.until > at
    )
    return connection.execute(held.with_for_update()).first() is not None


def _runs(connection: Connection, number: int) -> bool:
    state = select(BroadcastRow.state).where(BroadcastRow.id == number)
    return connection.execute(state).scalar_one_or_none() == Going.RUNNING.value


def _waiting(number: int, channel: str, at: datetime) -> Any:
    """Recipients whose turn it is: to be sent to, or to be given their end."""
    allowed = advertising_allowed(at)
    allowed_now = advertising_allowed(at, night=True) if quiet(at) else allowed
    stranded = PersonRow.address.is_(None) if channel in ADDRESSED else false()
    return (
        select(
            PersonRow.id,
            PersonRow.channel,
            PersonRow.external_id,
            PersonRow.address,
            PersonRow.blocked,
            DeliveryRow.tries,
            allowed.label("allowed"),
            stranded.label("stranded"),
        )
        .join(DeliveryRow, DeliveryRow.person_id == PersonRow.id)
        .where(DeliveryRow.broadcast_id == number)
        .where(DeliveryRow.state == Delivery.WAITING.value)
        .where(DeliveryRow.at <= at, PersonRow.channel == channel)
        .where(or_(PersonRow.blocked, ~allowed, allowed_now, stranded))
    )


def _moved(
    connection: Connection, number: int, people: Collection[int], state: Delivery, at: datetime
) -> set[int]:
    """Of these, those that were still waiting and are in this state now."""
    if not people:
        return set()
    change = (
        update(DeliveryRow)
        .where(DeliveryRow.broadcast_id == number, DeliveryRow.person_id.in_(people))
        .where(DeliveryRow.state == Delivery.WAITING.value)
        .values(state=state.value, at=at)
        .returning(DeliveryRow.person_id)
    )
    return set(connection.execute(change).scalars())


def _settling(number: int, end: Settled) -> Any:
    open_ = [Delivery.SENDING.value]
    if end.state is not Delivery.WAITING:
        open_.append(Delivery.UNCERTAIN.value)
    return (
        update(DeliveryRow)
        .where(DeliveryRow.broadcast_id == number, DeliveryRow.person_id == end.recipient)
        .where(DeliveryRow.state.in_(open_))
        .values(
            state=end.state.value,
            detail=end.detail,
            at=end.at,
            tries=DeliveryRow.tries + int(end.tried),
        )
    )
