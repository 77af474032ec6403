"""Whom a broadcast is for: a segment as a condition on people, and who of them can be reached."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    case,
    exists,
    func,
    literal,
    select,
)

from engine.advertising import Delivery, Segment, quiet
from engine.store.people import advertising_allowed
from engine.store.tables import Moment, PersonRow, ProfileRow


def matching(connection: Connection, segment: Segment, at: datetime) -> ColumnElement[bool]:
    """The condition on `PersonRow`."""
    asked: list[ColumnElement[bool]] = []
    if segment.channel is not None:
        asked.append(PersonRow.channel == segment.channel)
    if segment.active_days is not None:
        asked.append(PersonRow.seen_at >= at - timedelta(days=segment.active_days))
    answers: list[ColumnElement[bool]] = []
    if segment.skin_type is not None:
        answers.append(ProfileRow.skin_type == segment.skin_type.value)
    if segment.age_band is not None:
        answers.append(ProfileRow.age_band == segment.age_band.value)
    if segment.concern is not None:
        answers.append(_holds_word(connection, ProfileRow.concerns, segment.concern.value))
    if answers:
        asked.append(exists().where(ProfileRow.person_id == PersonRow.id, *answers))
    return and_(PersonRow.id.is_not(None), *asked)


def _holds_word(connection: Connection, listed: Any, word: str) -> ColumnElement[bool]:
    """Whether a JSON list of texts holds this one."""
    each = func.json_each if connection.dialect.name == "sqlite" else func.json_array_elements_text
    words = each(listed).table_valued("value").alias("word")
    return exists(select(literal(1)).select_from(words).where(words.c.value == word))


def reached(connection: Connection, segment: Segment, at: datetime) -> Select[Any]:
    """Rows (channel, blocked, addressed, allowed, allowed_now, count) of those it is for."""
    people = (
        select(
            PersonRow.channel,
            PersonRow.blocked,
            PersonRow.address.is_not(None).label("addressed"),
            advertising_allowed(at).label("allowed"),
            advertising_allowed(at, night=quiet(at)).label("allowed_now"),
        )
        .where(matching(connection, segment, at))
        .subquery()
    )
    kinds = (people.c.channel, people.c.blocked, people.c.addressed)
    allowed = (people.c.allowed, people.c.allowed_now)
    return select(*kinds, *allowed, func.count().label("count")).group_by(*kinds, *allowed)


def recipients(connection: Connection, number: int, segment: Segment, at: datetime) -> Select[Any]:
    """Rows of `deliveries` for the broadcast of this number."""
    state = case(
        (advertising_allowed(at), literal(Delivery.WAITING.value, String)),
        else_=literal(Delivery.HELD_BACK.value, String),
    )
    return select(
        literal(number), PersonRow.id, state, literal("", String), literal(0), literal(at, Moment)
    ).where(matching(connection, segment, at))
