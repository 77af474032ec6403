"""People: what is kept of them, the turns of their dialogues, and forgetting them."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Executable,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.domain import Answer, Person, SkinProfile
from engine.errors import EngineError, UnknownProduct
from engine.store.database import Database, upserting
from engine.store.tables import (
    ID_AT_MOST,
    TICKET_AT_MOST,
    AnswerRow,
    ConsentRow,
    DialogueRow,
    EventRow,
    FeedbackRow,
    LikeRow,
    PersonRow,
    ProductRow,
    ProfileRow,
    Table,
)


class EventRepeated(EngineError):
    """This event was applied before; nothing was changed now."""

    def __init__(self, channel: str, event: str) -> None:
        super().__init__(f"the {channel} event {event} was applied before")


class LostRace(EngineError):
    """Another turn of this person was kept first; recall and step again."""

    def __init__(self, expected: int, present: int) -> None:
        super().__init__(f"the dialogue is at version {present}, not {expected}")


@dataclass(frozen=True, slots=True)
class Record:
    """A dialogue as kept. `shown` is the last version whose replies were shown."""

    state: str
    version: int
    shown: int


class People:
    """Everything kept about people; `key` is the secret that hashes them in the consents.

    Without a key a proof of consent is only as secret as the channel's ids are.
    """

    def __init__(self, database: Database, key: bytes = b"") -> None:
        self._database = database
        self._key = key

    async def recall(self, person: Person) -> Record | None:
        """None for someone without a dialogue."""
        row = await self._database.look(
            lambda connection: connection.execute(_RECALLED, _named(person)).one_or_none()
        )
        return None if row is None else Record(*row)

    @asynccontextmanager
    async def keeping(
        self, person: Person, *, at: datetime, event: str | None, expected: int
    ) -> AsyncIterator["Keeping"]:
        """One turn, all or nothing: an exception in the block undoes everything in it.

        `event` is the channel's id of what caused the turn (None: has none), `expected` the
        dialogue's version that it was stepped from (0: there was none). The block only gathers;
        at its end everything is written in one transaction, which raises EventRepeated or
        LostRace, having changed nothing. A person's row is made by the first thing kept of
        them; a turn that keeps nothing leaves the event's id alone.
        """
        keeping = Keeping(self._database, _subject(self._key, person))
        yield keeping

        def apply(connection: Connection) -> None:
            if event is not None:
                _note(connection, person.channel, event, at)
            found = _see(connection, person, at, heard=event is not None)
            present = _version(connection, found)
            if present != expected:
                raise LostRace(expected, present)
            turn = _Turn(connection, person, found, at, expected)
            for step in keeping.steps:
                step(turn)

        await self._database.transact(apply)

    async def shown(self, person: Person, version: int) -> None:
        """The replies of this version were shown; never goes back, nor ahead of the dialogue."""
        await self.all_shown({person: version})

    async def all_shown(self, versions: Mapping[Person, int]) -> None:
        """`shown` of several people, in one transaction."""
        marks = [{**_named(person), "shown_now": version} for person, version in versions.items()]
        if marks:
            await self._database.transact(lambda connection: connection.execute(_SHOWN, marks))

    async def unfinished(self, channel: str) -> tuple[Person, ...]:
        """Who is owed a reply or has a request open; the longest waiting first. Nobody who has
        blocked the bot: what they are owed waits until they are heard of again."""
        query = (
            select(PersonRow.channel, PersonRow.external_id)
            .join(DialogueRow, DialogueRow.person_id == PersonRow.id)
            .where(PersonRow.channel == channel)
            .where((DialogueRow.shown < DialogueRow.version) | DialogueRow.waiting)
            .where(~PersonRow.blocked)
            .order_by(PersonRow.seen_at, PersonRow.id)
        )
        async with self._database.read() as connection:
            return tuple(Person(*row) for row in await connection.execute(query))

    async def mark_blocked(self, person: Person, blocked: bool) -> None:
        """The person blocked the bot in the channel, or let it in again; nothing of someone
        unknown. Whatever they do next (`keeping` with an event) lets it in again, too."""
        change = update(PersonRow).where(_is(person)).values(blocked=blocked)
        async with self._database.begin() as connection:
            await connection.execute(change)

    async def forget_old_events(self, before: datetime) -> int:
        """How many went. The house keeps them 8 days."""
        async with self._database.begin() as connection:
            gone = await connection.execute(delete(EventRow).where(EventRow.at < before))
            return gone.rowcount

    async def forget_idle(self, before: datetime) -> int:
        """Erase whoever did nothing since, as `Keeping.forget` does; how many went."""
        async with self._database.begin() as connection:
            gone = await connection.execute(delete(PersonRow).where(PersonRow.seen_at < before))
            return gone.rowcount

    async def export(self, person: Person) -> dict[str, Any]:
        """Everything kept about the person, as JSON takes it; times in ISO 8601, UTC."""
        async with self._database.read() as connection:
            return await _export(connection, person, _subject(self._key, person))


class Keeping:
    """The unit of work of one turn: gathers in `People.keeping`'s block what its end writes.

    What cannot be kept is refused at once, where the caller still knows why.
    """

    def __init__(self, database: Database, subject: str) -> None:
        self._database = database
        self._subject = subject
        self.steps: list[Callable[[_Turn], None]] = []

    async def state(self, text: str, *, waiting: bool = False) -> None:
        """The dialogue as it is now; `waiting`: a request is open. Its version is one more.

        The block's end raises LostRace where another turn came first.
        """
        self.steps.append(partial(_Turn.state, text=text, waiting=waiting))

    async def consent(self, agreed: bool, version: str, text: str, at: datetime) -> None:
        """Appended. The row names no person, only a keyed hash of one, and outlives them."""
        row = {
            "subject": self._subject,
            "version": version,
            "agreed": agreed,
            "text_sha256": hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(),
            "at": at,
        }
        self.steps.append(partial(_Turn.consent, row=row))

    async def profile(self, profile: SkinProfile, at: datetime) -> None:
        """Takes the place of the one before."""
        self._put(ProfileRow, ("person_id",), **asdict(profile), at=at)

    async def like(self, product: int, rating: float, at: datetime) -> None:
        """Raises UnknownProduct for one that was in no load; nothing of it is kept then."""
        await self._must_be_known(product)
        self._put(LikeRow, ("person_id", "product_id"), product_id=product, rating=rating, at=at)

    async def unlike(self, product: int) -> None:
        """Of a product that is not liked: nothing changes."""
        if 0 < product <= ID_AT_MOST:
            self.steps.append(partial(_Turn.unlike, product=product))

    async def answer(self, ticket: int, question: str, answer: Answer, at: datetime) -> None:
        self._put(
            AnswerRow,
            ("person_id", "ticket"),
            ticket=ticket,
            question=question,
            text=answer.text,
            writer=answer.writer.value,
            sources=[asdict(source) for source in answer.sources],
            at=at,
        )

    async def feedback(
        self, good: bool, product: int | None, answer: int | None, at: datetime
    ) -> None:
        """On a product or on the answer of a ticket; the last word on each counts.

        Raises UnknownProduct as `like` does, ValueError unless exactly one of the two is given,
        and for a ticket that was never given out.
        """
        if (product is None) == (answer is None):
            raise ValueError("feedback is on a product or on an answer")
        if answer is not None and not 0 < answer <= TICKET_AT_MOST:
            raise ValueError(f"no ticket {answer}")
        if product is not None:
            await self._must_be_known(product)
        target = "ticket" if product is None else "product_id"
        self._put(
            FeedbackRow,
            ("person_id", target),
            product_id=product,
            ticket=answer,
            good=good,
            at=at,
        )

    async def forget(self) -> None:
        """The person goes: dialogue, profile, likes, answers, feedback. Consents stay as proof."""
        self.steps.append(_Turn.forget)

    async def withdraw(self) -> None:
        """What was kept with consent goes; the person and their dialogue stay."""
        self.steps.append(_Turn.withdraw)

    def _put(self, table: type[Table], keys: tuple[str, ...], **values: Any) -> None:
        """Insert, or overwrite what stands under the same keys."""
        self.steps.append(partial(_Turn.put, table=table, keys=keys, values=values))

    async def _must_be_known(self, product: int) -> None:
        """Products are never deleted, so what is there now stays there."""

        def known(connection: Connection) -> bool:
            return connection.execute(_KNOWN, {"product": product}).first() is not None

        if not 0 < product <= ID_AT_MOST or not await self._database.look(known):
            raise UnknownProduct(product)


@dataclass(slots=True)
class _Turn:
    """One turn inside its transaction."""

    connection: Connection
    person: Person
    id: int | None
    """The person's row; None while nothing of theirs is kept."""
    at: datetime
    expected: int

    def state(self, text: str, waiting: bool) -> None:
        values = {
            "person_id": self._person_id(),
            "state": text,
            "version": self.expected + 1,
            "waiting": waiting,
            "shown": 0,
        }
        kept = _keeping_state(self.connection.dialect.name)
        row = self.connection.execute(kept, {**values, "expected": self.expected}).first()
        if row is None:
            raise LostRace(self.expected, _version(self.connection, self.id))

    def consent(self, row: Mapping[str, Any]) -> None:
        self.connection.execute(_CONSENTED, {"channel": self.person.channel, **row})

    def unlike(self, product: int) -> None:
        if self.id is not None:
            self.connection.execute(_UNLIKED, {"person": self.id, "product": product})

    def forget(self) -> None:
        self.connection.execute(_FORGOTTEN, _named(self.person))
        self.id = None

    def withdraw(self) -> None:
        if self.id is not None:
            for erased in _WITHDRAWN:
                self.connection.execute(erased, {"person": self.id})

    def put(self, table: type[Table], keys: tuple[str, ...], values: Mapping[str, Any]) -> None:
        statement = _putting(self.connection.dialect.name, table, keys, tuple(values))
        self.connection.execute(statement, {"person_id": self._person_id(), **values})

    def _person_id(self) -> int:
        if self.id is None:
            self.id = _meet(self.connection, self.person, self.at)
        return self.id


def _note(connection: Connection, channel: str, event: str, at: datetime) -> None:
    """PostgreSQL waits here for a turn that is applying the same event just now."""
    row = {"channel": channel, "event_id": event, "at": at}
    if connection.execute(_noting(connection.dialect.name), row).first() is None:
        raise EventRepeated(channel, event)


def _see(connection: Connection, person: Person, at: datetime, *, heard: bool) -> int | None:
    """The row of someone known. The update locks it: turns of one person go one by one.

    Who is heard of has not blocked the bot, or no longer.
    """
    seen = {**_named(person), "now": at, "unheard": not heard}
    return connection.execute(_SEEN, seen).scalar_one_or_none()


def _meet(connection: Connection, person: Person, at: datetime) -> int:
    row = {
        "channel": person.channel,
        "external_id": person.id,
        "created_at": at,
        "seen_at": at,
        "blocked": False,
    }
    met: int = connection.execute(_meeting(connection.dialect.name), row).scalar_one()
    return met


def _version(connection: Connection, person: int | None) -> int:
    """0 where there is no dialogue."""
    if person is None:
        return 0
    return connection.execute(_VERSION, {"person": person}).scalar_one_or_none() or 0


async def _export(connection: AsyncConnection, person: Person, subject: str) -> dict[str, Any]:
    async def listed(table: Any, condition: ColumnElement[bool], *hidden: str) -> list[Any]:
        rows = await connection.execute(select(table).where(condition).order_by(table.at))
        return [_plain(row._mapping, hidden) for row in rows]

    known = select(PersonRow.id).where(_is(person)).scalar_subquery()
    found = await connection.execute(select(PersonRow).where(_is(person)))
    dialogue = await connection.execute(select(DialogueRow).where(DialogueRow.person_id == known))
    likes = (
        select(ProductRow.brand, ProductRow.name, LikeRow.rating, LikeRow.at)
        .join(ProductRow, ProductRow.id == LikeRow.product_id)
        .where(LikeRow.person_id == known)
        .order_by(LikeRow.at, LikeRow.product_id)
    )
    return {
        "person": [_plain(row._mapping, ("id",)) for row in found],
        "dialogue": [_plain(row._mapping, ("person_id",)) for row in dialogue],
        "profile": await listed(ProfileRow, ProfileRow.person_id == known, "person_id"),
        "likes": [_plain(row._mapping) for row in await connection.execute(likes)],
        "answers": await listed(AnswerRow, AnswerRow.person_id == known, "person_id"),
        "feedback": await listed(FeedbackRow, FeedbackRow.person_id == known, "person_id", "id"),
        "consents": await listed(
            ConsentRow,
            (ConsentRow.channel == person.channel) & (ConsentRow.subject == subject),
            "id",
        ),
    }


def _plain(row: Any, hidden: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
        if name not in hidden
    }


def _subject(key: bytes, person: Person) -> str:
    written = f"{person.channel}\x00{person.id}".encode("utf-8", "replace")
    return hmac.new(key, written, hashlib.sha256).hexdigest()


def _is(person: Person) -> ColumnElement[bool]:
    return (PersonRow.channel == person.channel) & (PersonRow.external_id == person.id)


def _named(person: Person) -> dict[str, str]:
    """The parameters of `_THEIRS`."""
    return {"their_channel": person.channel, "their_id": person.id}


# --- the statements of a turn --------------------------------------------------------------------
# Written once: making one anew at every press took longer than SQLite takes to run it.

_THEIRS = (PersonRow.channel == bindparam("their_channel")) & (
    PersonRow.external_id == bindparam("their_id")
)
_RECALLED = (
    select(DialogueRow.state, DialogueRow.version, DialogueRow.shown)
    .join(PersonRow, PersonRow.id == DialogueRow.person_id)
    .where(_THEIRS)
)
_SEEN = (
    update(PersonRow)
    .where(_THEIRS)
    .values(
        seen_at=bindparam("now"),
        blocked=PersonRow.blocked & bindparam("unheard", type_=Boolean()),
    )
    .returning(PersonRow.id)
)
_VERSION = select(DialogueRow.version).where(DialogueRow.person_id == bindparam("person"))
_SHOWN = (
    update(DialogueRow)
    .where(
        DialogueRow.person_id == select(PersonRow.id).where(_THEIRS).scalar_subquery(),
        DialogueRow.shown < bindparam("shown_now"),
        DialogueRow.version >= bindparam("shown_now"),
    )
    .values(shown=bindparam("shown_now"))
)
_CONSENTED = insert(ConsentRow)
_UNLIKED = delete(LikeRow).where(
    LikeRow.person_id == bindparam("person"), LikeRow.product_id == bindparam("product")
)
_FORGOTTEN = delete(PersonRow).where(_THEIRS)
_WITHDRAWN = tuple(
    delete(table).where(table.person_id == bindparam("person"))
    for table in (ProfileRow, LikeRow, AnswerRow, FeedbackRow)
)
_KNOWN = select(ProductRow.id).where(ProductRow.id == bindparam("product"))


@cache
def _noting(dialect: str) -> Executable:
    row = upserting(dialect, EventRow)
    return row.on_conflict_do_nothing().returning(EventRow.at)


@cache
def _meeting(dialect: str) -> Executable:
    row = upserting(dialect, PersonRow)
    return row.on_conflict_do_update(
        index_elements=["channel", "external_id"], set_={"seen_at": row.excluded.seen_at}
    ).returning(PersonRow.id)


@cache
def _keeping_state(dialect: str) -> Executable:
    row = upserting(dialect, DialogueRow)
    return row.on_conflict_do_update(
        index_elements=["person_id"],
        set_={name: row.excluded[name] for name in ("state", "version", "waiting")},
        where=DialogueRow.version == bindparam("expected"),
    ).returning(DialogueRow.version)


@cache
def _putting(
    dialect: str, table: type[Table], keys: tuple[str, ...], names: tuple[str, ...]
) -> Executable:
    """`names`: what is given; what of it is no key is overwritten."""
    row = upserting(dialect, table)
    change = {name: row.excluded[name] for name in names if name not in keys}
    return row.on_conflict_do_update(index_elements=list(keys), set_=change)
