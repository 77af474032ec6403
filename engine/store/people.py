"""People: what is kept of them, the turns of their dialogues, and forgetting them."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.domain import Answer, Person, SkinProfile
from engine.errors import EngineError, UnknownProduct
from engine.store.database import Database, upsert
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
        query = (
            select(DialogueRow.state, DialogueRow.version, DialogueRow.shown)
            .join(PersonRow, PersonRow.id == DialogueRow.person_id)
            .where(_is(person))
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else Record(*row)

    @asynccontextmanager
    async def keeping(
        self, person: Person, *, at: datetime, event: str | None, expected: int
    ) -> AsyncIterator["Keeping"]:
        """One turn, all or nothing: an exception in the block undoes everything in it.

        `event` is the channel's id of what caused the turn (None: has none), `expected` the
        dialogue's version that it was stepped from (0: there was none). Raises EventRepeated or
        LostRace at the start. A person's row is made by the first thing kept of them; a turn
        that keeps nothing leaves the event's id alone.
        """
        async with self._database.begin() as connection:
            if event is not None:
                await _note(connection, person.channel, event, at)
            found = await _see(connection, person, at)
            present = await _version(connection, found)
            if present != expected:
                raise LostRace(expected, present)
            subject = _subject(self._key, person)
            yield Keeping(connection, person, subject, found=found, at=at, expected=expected)

    async def shown(self, person: Person, version: int) -> None:
        """The replies of this version were shown; never goes back, nor ahead of the dialogue."""
        theirs = select(PersonRow.id).where(_is(person)).scalar_subquery()
        async with self._database.begin() as connection:
            await connection.execute(
                update(DialogueRow)
                .where(
                    DialogueRow.person_id == theirs,
                    DialogueRow.shown < version,
                    DialogueRow.version >= version,
                )
                .values(shown=version)
            )

    async def unfinished(self, channel: str) -> tuple[Person, ...]:
        """Who is owed a reply or has a request open; the longest waiting first."""
        query = (
            select(PersonRow.channel, PersonRow.external_id)
            .join(DialogueRow, DialogueRow.person_id == PersonRow.id)
            .where(PersonRow.channel == channel)
            .where((DialogueRow.shown < DialogueRow.version) | DialogueRow.waiting)
            .order_by(PersonRow.seen_at, PersonRow.id)
        )
        async with self._database.read() as connection:
            return tuple(Person(*row) for row in await connection.execute(query))

    async def forget_old_events(self, before: datetime) -> int:
        """How many went. The house keeps them 8 days."""
        async with self._database.begin() as connection:
            gone = await connection.execute(delete(EventRow).where(EventRow.at < before))
            return gone.rowcount

    async def export(self, person: Person) -> dict[str, Any]:
        """Everything kept about the person, as JSON takes it; times in ISO 8601, UTC."""
        async with self._database.read() as connection:
            return await _export(connection, person, _subject(self._key, person))


class Keeping:
    """The unit of work of one turn; lives in `People.keeping`'s block."""

    def __init__(
        self,
        connection: AsyncConnection,
        person: Person,
        subject: str,
        *,
        found: int | None,
        at: datetime,
        expected: int,
    ) -> None:
        self._connection = connection
        self._person = person
        self._subject = subject
        self._id = found
        self._at = at
        self._expected = expected

    async def state(self, text: str, *, waiting: bool = False) -> None:
        """The dialogue as it is now; `waiting`: a request is open. Its version is one more.

        Raises LostRace where another turn came first.
        """
        values = {"state": text, "version": self._expected + 1, "waiting": waiting}
        person = await self._person_id()
        row = upsert(self._connection, DialogueRow).values(person_id=person, shown=0, **values)
        kept = row.on_conflict_do_update(
            index_elements=["person_id"],
            set_=values,
            where=DialogueRow.version == self._expected,
        ).returning(DialogueRow.version)
        if (await self._connection.execute(kept)).first() is None:
            raise LostRace(self._expected, await _version(self._connection, person))

    async def consent(self, agreed: bool, version: str, text: str, at: datetime) -> None:
        """Appended. The row names no person, only a keyed hash of one, and outlives them."""
        await self._connection.execute(
            upsert(self._connection, ConsentRow).values(
                channel=self._person.channel,
                subject=self._subject,
                version=version,
                agreed=agreed,
                text_sha256=hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(),
                at=at,
            )
        )

    async def profile(self, profile: SkinProfile, at: datetime) -> None:
        """Takes the place of the one before."""
        await self._put(ProfileRow, ("person_id",), **asdict(profile), at=at)

    async def like(self, product: int, rating: float, at: datetime) -> None:
        """Raises UnknownProduct for one that was in no load; nothing of it is kept then."""
        await self._must_be_known(product)
        await self._put(
            LikeRow, ("person_id", "product_id"), product_id=product, rating=rating, at=at
        )

    async def unlike(self, product: int) -> None:
        """Of a product that is not liked: nothing changes."""
        if self._id is not None and 0 < product <= ID_AT_MOST:
            await self._connection.execute(
                delete(LikeRow).where(LikeRow.person_id == self._id, LikeRow.product_id == product)
            )

    async def answer(self, ticket: int, question: str, answer: Answer, at: datetime) -> None:
        await self._put(
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
        await self._put(
            FeedbackRow,
            ("person_id", target),
            product_id=product,
            ticket=answer,
            good=good,
            at=at,
        )

    async def forget(self) -> None:
        """The person goes: dialogue, profile, likes, answers, feedback. Consents stay as proof."""
        await self._connection.execute(delete(PersonRow).where(_is(self._person)))
        self._id = None

    async def _put(self, table: Any, keys: tuple[str, ...], **values: Any) -> None:
        """Insert, or overwrite what stands under the same keys."""
        row = upsert(self._connection, table).values(person_id=await self._person_id(), **values)
        change = {name: value for name, value in values.items() if name not in keys}
        await self._connection.execute(
            row.on_conflict_do_update(index_elements=list(keys), set_=change)
        )

    async def _must_be_known(self, product: int) -> None:
        """Products are never deleted, so what is there now stays there."""
        known = select(ProductRow.id).where(ProductRow.id == product)
        if not 0 < product <= ID_AT_MOST or not (await self._connection.execute(known)).first():
            raise UnknownProduct(product)

    async def _person_id(self) -> int:
        if self._id is None:
            self._id = await _meet(self._connection, self._person, self._at)
        return self._id


async def _note(connection: AsyncConnection, channel: str, event: str, at: datetime) -> None:
    """PostgreSQL waits here for a turn that is applying the same event just now."""
    row = upsert(connection, EventRow).values(channel=channel, event_id=event, at=at)
    noted = row.on_conflict_do_nothing().returning(EventRow.at)
    if (await connection.execute(noted)).first() is None:
        raise EventRepeated(channel, event)


async def _see(connection: AsyncConnection, person: Person, at: datetime) -> int | None:
    """The row of someone known. The update locks it: turns of one person go one by one."""
    seen = update(PersonRow).where(_is(person)).values(seen_at=at).returning(PersonRow.id)
    return (await connection.execute(seen)).scalar_one_or_none()


async def _meet(connection: AsyncConnection, person: Person, at: datetime) -> int:
    row = upsert(connection, PersonRow).values(
        channel=person.channel, external_id=person.id, created_at=at, seen_at=at, blocked=False
    )
    met = row.on_conflict_do_update(
        index_elements=["channel", "external_id"], set_={"seen_at": at}
    ).returning(PersonRow.id)
    return (await connection.execute(met)).scalar_one()


async def _version(connection: AsyncConnection, person: int | None) -> int:
    """0 where there is no dialogue."""
    if person is None:
        return 0
    query = select(DialogueRow.version).where(DialogueRow.person_id == person)
    return (await connection.execute(query)).scalar_one_or_none() or 0


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
