"""People: what is kept of them, the turns of their dialogues, and forgetting them."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Executable,
    Row,
    bindparam,
    delete,
    exists,
    insert,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from engine.domain import CONSENT_LASTS, Answer, Person, Purpose, SkinProfile
from engine.errors import EngineError, UnknownProduct
from engine.parsing.privacy import mask
from engine.store.database import Database, upserting
from engine.store.sealing import Seal, SealBroken
from engine.store.tables import (
    ID_AT_MOST,
    TICKET_AT_MOST,
    AnswerRow,
    ConsentRow,
    DeliveryRow,
    DialogueRow,
    EventRow,
    FeedbackRow,
    LikeRow,
    MilestoneRow,
    PersonRow,
    ProductRow,
    ProfileRow,
    StandingRow,
    Table,
)

CONFIRM_WITHIN: Final = timedelta(days=30)
"""Who has not confirmed it after so long gets none; stricter than the law, and our own choice."""
PAIRS_AT_ONCE: Final = 500


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


@dataclass(frozen=True, slots=True)
class Talk:
    """A question and its answer, as a model may learn from them: personal data masked."""

    question: str
    answer: str
    good: bool | None
    """👍 or 👎; None where the person gave neither."""
    reason: str = ""
    """Why 👎 (`FeedbackRow.reason`)."""
    intent: str = ""
    prompt_version: str = ""
    """Empty where no model wrote it; so with `model`."""
    model: str = ""
    passages: tuple[str, ...] = ()
    """Ids of the documents that it was written from: «product:p001»."""


@dataclass(frozen=True, slots=True)
class Preference:
    """Two answers to one question, and the one that was chosen; personal data masked."""

    question: str
    first: Talk
    second: Talk
    second_is_better: bool


@dataclass(frozen=True, slots=True)
class Due:
    """Someone whose consent to advertising is two years old."""

    person: Person
    since: datetime


def consented(purpose: Purpose, after: datetime | None = None) -> ColumnElement[bool]:
    """The condition on `PersonRow` that this optional consent stands (and was given or confirmed
    later than `after`). It is that of the moment the query runs: a withdrawal ends it at once."""
    recent = true() if after is None else StandingRow.at > after
    return exists().where(
        StandingRow.person_id == PersonRow.id, StandingRow.purpose == purpose.value, recent
    )


def advertising_allowed(at: datetime, *, night: bool = False) -> ColumnElement[bool]:
    """The condition on `PersonRow` that advertising may be sent to the person at `at`, a moment
    with its zone: agreed, and given or confirmed within two years and thirty days.

    `night`: at `at` it is night in Seoul, for which the consent is another. Whether it is night,
    and whether the person blocked the bot, is the asker's matter. To be asked at the moment of
    sending, not of queueing.
    """
    after = at - CONSENT_LASTS - CONFIRM_WITHIN
    allowed = consented(Purpose.ADVERTISING, after)
    return allowed & consented(Purpose.NIGHT, after) if night else allowed


class People:
    """Everything kept about people; `key` is the secret that hashes them in the consents and
    seals their addresses.

    Without a key a proof of consent is only as secret as the channel's ids are.
    """

    def __init__(self, database: Database, key: bytes = b"") -> None:
        self._database = database
        self._key = key
        self._seal = Seal(key)

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
        keeping = Keeping(self._database, _subject(self._key, person), self._seal)
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

    async def may_advertise(self, person: Person, at: datetime, *, night: bool = False) -> bool:
        """Whether `advertising_allowed` holds of this person."""
        query = select(PersonRow.id).where(_is(person), advertising_allowed(at, night=night))
        async with self._database.read() as connection:
            return (await connection.execute(query)).first() is not None

    async def consents_to(self, person: Person, purpose: Purpose) -> bool:
        """Whether this optional consent stands."""
        query = select(PersonRow.id).where(_is(person), consented(purpose))
        async with self._database.read() as connection:
            return (await connection.execute(query)).first() is not None

    async def address(self, person: Person) -> str | None:
        """Where the channel reaches them, if it was kept; None also where the house's secret has
        changed since."""
        query = select(PersonRow.address).where(_is(person))
        async with self._database.read() as connection:
            return self._opened((await connection.execute(query)).scalar_one_or_none())

    def _opened(self, sealed: str | None) -> str | None:
        try:
            return None if sealed is None else self._seal.open(sealed)
        except SealBroken:
            return None

    async def due_for_confirmation(self, at: datetime) -> tuple[Due, ...]:
        """Whose consent to advertising is two years old at `at` and who was not asked about it;
        the longest due first. Nobody who has blocked the bot."""
        query = (
            select(PersonRow.channel, PersonRow.external_id, StandingRow.at)
            .join(StandingRow, StandingRow.person_id == PersonRow.id)
            .where(StandingRow.purpose == Purpose.ADVERTISING.value)
            .where(StandingRow.at <= at - CONSENT_LASTS, StandingRow.asked_at.is_(None))
            .where(~PersonRow.blocked)
            .order_by(StandingRow.at, PersonRow.id)
        )
        async with self._database.read() as connection:
            rows = await connection.execute(query)
            return tuple(Due(Person(channel, name), since) for channel, name, since in rows)

    async def asked_to_confirm(self, person: Person, at: datetime) -> None:
        """They were asked, so they are due no more. It is nothing that they did: how long they
        were away stays as it is."""
        async with self._database.begin() as connection:
            row = (await connection.execute(select(PersonRow.id).where(_is(person)))).first()
            if row is not None:
                await connection.execute(_ASKED, {"now": at, "person": row.id})

    async def conversations_for_training(self) -> AsyncIterator[Talk]:
        """What people asked and were answered since they agreed to `Purpose.TRAINING`, of those
        whose consent stands while it is read: a withdrawal amid the reading ends theirs."""
        after = (0, 0)
        while True:
            async with self._database.read() as connection:
                rows = (await connection.execute(_learnable(after))).all()
            for row in rows:
                yield _talk(row)
            if len(rows) < PAIRS_AT_ONCE:
                return
            after = (rows[-1].person_id, rows[-1].ticket)

    async def preferences_for_training(self) -> AsyncIterator[Preference]:
        """The pairs of which one answer was chosen, under the conditions of
        `conversations_for_training`, which both answers meet."""
        after = (0, 0)
        while True:
            async with self._database.read() as connection:
                rows = (await connection.execute(_preferences(after))).all()
            for row in rows:
                yield _preference(row)
            if len(rows) < PAIRS_AT_ONCE:
                return
            after = (rows[-1].person_id, rows[-1].ticket)

    async def export(self, person: Person) -> dict[str, Any]:
        """Everything kept about the person, as JSON takes it; times in ISO 8601, UTC."""
        async with self._database.read() as connection:
            kept = await _export(connection, person, _subject(self._key, person))
        for row in kept["person"]:
            row["address"] = self._opened(row["address"])
        return kept


class Keeping:
    """The unit of work of one turn: gathers in `People.keeping`'s block what its end writes.

    What cannot be kept is refused at once, where the caller still knows why.
    """

    def __init__(self, database: Database, subject: str, seal: Seal) -> None:
        self._database = database
        self._subject = subject
        self._seal = seal
        self.steps: list[Callable[[_Turn], None]] = []

    async def state(self, text: str, *, waiting: bool = False) -> None:
        """The dialogue as it is now; `waiting`: a request is open. Its version is one more.

        The block's end raises LostRace where another turn came first.
        """
        self.steps.append(partial(_Turn.state, text=text, waiting=waiting))

    async def consent(
        self,
        agreed: bool,
        version: str,
        text: str,
        at: datetime,
        purpose: Purpose = Purpose.SERVICE,
    ) -> None:
        """Appended. The row names no person, only a keyed hash of one, and outlives them.

        A withdrawal erases in the same transaction what only this consent allowed: the answers on
        health, the address.
        """
        row = {
            "subject": self._subject,
            "version": version,
            "purpose": purpose.value,
            "agreed": agreed,
            "text_sha256": hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(),
            "at": at,
        }
        self.steps.append(partial(_Turn.consent, row=row))

    async def asked_to_confirm(self, at: datetime) -> None:
        """As `People.asked_to_confirm`, in this turn."""
        self.steps.append(partial(_Turn.asked_to_confirm, at=at))

    async def address(self, address: str) -> None:
        """Kept sealed, and only of someone who agrees to advertising."""
        self.steps.append(partial(_Turn.address, sealed=self._seal.close(address)))

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

    async def answer(
        self,
        ticket: int,
        question: str,
        answer: Answer,
        at: datetime,
        again_of: int | None = None,
    ) -> None:
        """`again_of`: the ticket of the first answer, where this is a second one to its question.

        What the question told of the person's skin is not kept here: that is the profile's, on
        their word.
        """
        self._put(
            AnswerRow,
            ("person_id", "ticket"),
            ticket=ticket,
            question=question,
            text=answer.text,
            writer=answer.writer.value,
            sources=[asdict(source) for source in answer.sources],
            at=at,
            intent=answer.intent,
            prompt_version=answer.trace.prompt_version,
            model=answer.trace.model,
            passages=list(answer.trace.passages),
            again_of=again_of,
        )

    async def prefer(self, ticket: int, second: bool) -> None:
        """Which of two answers is better, by the second one's ticket; the last word counts. Of an
        answer that is no second one, or not kept any more: nothing changes."""
        if 0 < ticket <= TICKET_AT_MOST:
            self.steps.append(partial(_Turn.prefer, ticket=ticket, second=second))

    async def feedback(
        self,
        good: bool,
        product: int | None,
        answer: int | None,
        at: datetime,
        reason: str = "",
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
            reason=reason,
        )

    async def note(self, milestone: str, detail: str, at: datetime, *, known: bool = False) -> None:
        """Counted; under the person's name only where they agreed to be `known`."""
        row = {"name": milestone, "detail": detail, "at": at}
        self.steps.append(partial(_Turn.note, row=row, known=known))

    async def forget(self) -> None:
        """The person goes, with all that bears their row's id, and what of theirs waits in the
        inbox. Consents stay as proof."""
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
        purpose = Purpose(row["purpose"])
        if purpose is Purpose.SERVICE:
            return  # the dialogue knows of it; nothing asks about many people
        if row["agreed"]:
            values = {"purpose": purpose.value, "at": row["at"], "asked_at": None}
            self.put(StandingRow, ("person_id", "purpose"), values)
        elif self.id is not None:
            for ended in _ENDED[purpose]:
                self.connection.execute(ended, {"person": self.id})

    def asked_to_confirm(self, at: datetime) -> None:
        self.connection.execute(_ASKED, {"now": at, "person": self.id})

    def address(self, sealed: str) -> None:
        self.connection.execute(_ADDRESSED, {"person": self.id, "sealed": sealed})

    def note(self, row: Mapping[str, Any], known: bool) -> None:
        owner = {
            "person_id": self._person_id() if known else None,
            "channel": self.person.channel,
        }
        self.connection.execute(_NOTED, {**owner, **row})

    def unlike(self, product: int) -> None:
        if self.id is not None:
            self.connection.execute(_UNLIKED, {"person": self.id, "product": product})

    def prefer(self, ticket: int, second: bool) -> None:
        if self.id is not None:
            values = {"person": self.id, "of": ticket, "second": second}
            self.connection.execute(_PREFERRED, values)

    def forget(self) -> None:
        for erased in _FORGOTTEN:
            self.connection.execute(erased, _named(self.person))
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
        "milestones": await listed(
            MilestoneRow, MilestoneRow.person_id == known, "person_id", "id", "channel"
        ),
        "deliveries": await listed(DeliveryRow, DeliveryRow.person_id == known, "person_id"),
        "waiting": await listed(
            EventRow, (EventRow.channel == person.channel) & (EventRow.sender == person.id)
        ),
        "standing_consents": await listed(StandingRow, StandingRow.person_id == known, "person_id"),
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
_NOTED = insert(MilestoneRow)
_UNLIKED = delete(LikeRow).where(
    LikeRow.person_id == bindparam("person"), LikeRow.product_id == bindparam("product")
)
_PREFERRED = (
    update(AnswerRow)
    .where(
        AnswerRow.person_id == bindparam("person"),
        AnswerRow.ticket == bindparam("of"),
        AnswerRow.again_of.is_not(None),
    )
    .values(preferred=bindparam("second"))
)
_FORGOTTEN = (
    delete(EventRow).where(
        EventRow.channel == bindparam("their_channel"), EventRow.sender == bindparam("their_id")
    ),
    delete(PersonRow).where(_THEIRS),
)
_UNADDRESSED = update(PersonRow).where(PersonRow.id == bindparam("person")).values(address=None)
_WITHDRAWN = (
    *(
        delete(table).where(table.person_id == bindparam("person"))
        for table in (ProfileRow, LikeRow, AnswerRow, FeedbackRow, MilestoneRow, StandingRow)
    ),
    _UNADDRESSED,
)


def _fallen(*purposes: Purpose) -> Executable:
    return delete(StandingRow).where(
        StandingRow.person_id == bindparam("person"),
        StandingRow.purpose.in_([purpose.value for purpose in purposes]),
    )


_ENDED: Mapping[Purpose, tuple[Executable, ...]] = {
    Purpose.HEALTH: (
        _fallen(Purpose.HEALTH),
        update(ProfileRow).where(ProfileRow.person_id == bindparam("person")).values(health=[]),
    ),
    Purpose.TRAINING: (_fallen(Purpose.TRAINING),),
    Purpose.ABROAD: (_fallen(Purpose.ABROAD),),
    Purpose.ADVERTISING: (_fallen(Purpose.ADVERTISING, Purpose.NIGHT), _UNADDRESSED),
    Purpose.NIGHT: (_fallen(Purpose.NIGHT),),
}
"""What a withdrawn consent leaves no ground for."""
_ASKED = (
    update(StandingRow)
    .where(
        StandingRow.person_id == bindparam("person"),
        StandingRow.purpose == Purpose.ADVERTISING.value,
    )
    .values(asked_at=bindparam("now"))
)
_ADDRESSED = (
    update(PersonRow)
    .where(PersonRow.id == bindparam("person"), consented(Purpose.ADVERTISING))
    .values(address=bindparam("sealed"))
)
_KNOWN = select(ProductRow.id).where(ProductRow.id == bindparam("product"))


_LEARNT = ("text", "intent", "prompt_version", "model", "passages")
"""Columns of an answer that a model may learn from."""


def _learnable(after: tuple[int, int]) -> Executable:
    """The next pairs, later than this person's ticket."""
    here = tuple_(AnswerRow.person_id, AnswerRow.ticket)
    return (
        select(
            AnswerRow.person_id,
            AnswerRow.ticket,
            AnswerRow.question,
            *(getattr(AnswerRow, name) for name in _LEARNT),
            FeedbackRow.good,
            FeedbackRow.reason,
        )
        .join(StandingRow, _agreed_before(AnswerRow))
        .outerjoin(FeedbackRow, _rated(AnswerRow))
        .where(here > after)
        .order_by(AnswerRow.person_id, AnswerRow.ticket)
        .limit(PAIRS_AT_ONCE)
    )


def _preferences(after: tuple[int, int]) -> Executable:
    """The next second answers that were compared with their first, both with their feedback."""
    first, verdict, first_verdict = aliased(AnswerRow), aliased(FeedbackRow), aliased(FeedbackRow)
    pair = (first.person_id == AnswerRow.person_id) & (first.ticket == AnswerRow.again_of)
    return (
        select(
            AnswerRow.person_id,
            AnswerRow.ticket,
            AnswerRow.question,
            AnswerRow.preferred,
            *(getattr(AnswerRow, name) for name in _LEARNT),
            verdict.good,
            verdict.reason,
            *(getattr(first, name).label(f"first_{name}") for name in _LEARNT),
            first_verdict.good.label("first_good"),
            first_verdict.reason.label("first_reason"),
        )
        .join(first, pair)
        .join(StandingRow, _agreed_before(AnswerRow) & _agreed_before(first))
        .outerjoin(verdict, _rated(AnswerRow, verdict))
        .outerjoin(first_verdict, _rated(first, first_verdict))
        .where(tuple_(AnswerRow.person_id, AnswerRow.ticket) > after)
        .where(AnswerRow.preferred.is_not(None))
        .order_by(AnswerRow.person_id, AnswerRow.ticket)
        .limit(PAIRS_AT_ONCE)
    )


def _agreed_before(answer: type[AnswerRow]) -> ColumnElement[bool]:
    """Its person had agreed to `Purpose.TRAINING` when they were answered, and still does."""
    return (
        (StandingRow.person_id == answer.person_id)
        & (StandingRow.purpose == Purpose.TRAINING.value)
        & (answer.at >= StandingRow.at)
    )


def _rated(
    answer: type[AnswerRow], verdict: type[FeedbackRow] = FeedbackRow
) -> ColumnElement[bool]:
    return (verdict.person_id == answer.person_id) & (verdict.ticket == answer.ticket)


def _talk(row: Row[Any], prefix: str = "") -> Talk:
    """`prefix`: of the columns' names, the question's aside."""
    kept = {name: getattr(row, f"{prefix}{name}") for name in (*_LEARNT, "good", "reason")}
    return Talk(
        mask(row.question),
        mask(kept["text"]),
        kept["good"],
        kept["reason"] or "",
        kept["intent"],
        kept["prompt_version"],
        kept["model"],
        tuple(kept["passages"]),
    )


def _preference(row: Row[Any]) -> Preference:
    return Preference(
        mask(row.question), _talk(row, "first_"), _talk(row), second_is_better=row.preferred
    )


@cache
def _noting(dialect: str) -> Executable:
    """New, or waiting in the inbox: no more of it is kept than that it was applied."""
    row = upserting(dialect, EventRow)
    return row.on_conflict_do_update(
        index_elements=["channel", "event_id"],
        set_={"sender": None, "content": None},
        where=EventRow.content.is_not(None),
    ).returning(EventRow.at)


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
