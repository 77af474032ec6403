"""The shop's figures out of its tables: counts of people, never people."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    cast,
    exists,
    func,
    or_,
    select,
)

from engine.advertising import SEOUL
from engine.domain import AgeBand, Concern, Gender, SkinType
from engine.figures import FEWEST, Counts, Figures, Followed, Liked, Stage, Survey, Verdict, Week
from engine.store.database import Database
from engine.store.tables import (
    AnswerRow,
    ClickRow,
    FeedbackRow,
    LikeRow,
    LinkRow,
    MilestoneRow,
    PersonRow,
    ProductRow,
    ProfileRow,
)

WEEKS: Final = 12
FAVOURITES: Final = 3
"""Of each skin type."""
LIKED: Final = 4.0
"""Stars from which on a pick is a favourite."""
LINES: Final = 20
"""Of a list."""
IN_VAIN: Final = 2
"""A text that one person alone searched for is not told: it may be about them."""
BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Statistics:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def gather(self, days: int | None, at: datetime) -> Figures:
        """Of the last `days` of Seoul, today with it; None: since the beginning.

        One reading transaction, so that the figures fit each other; a second or so for 100,000
        people. Raises StoreUnavailable.
        """
        async with self._database.read() as connection:
            return await connection.run_sync(_gathered, days, at)


def period(days: int | None, at: datetime) -> datetime:
    """Where the last `days` of Seoul begin."""
    if days is None:
        return BEGINNING
    today = at.astimezone(SEOUL).date()
    return _midnight(today - timedelta(days=days - 1))


def _gathered(connection: Connection, days: int | None, at: datetime) -> Figures:
    since = period(days, at)
    return Figures(
        at,
        days,
        survey=_survey(connection, since),
        funnel=_funnel(connection, since),
        weeks=_weeks(connection, at),
        favourites=_favourites(connection, since),
        in_vain=_in_vain(connection, since),
        products=_verdicts(connection, since),
        answers=_answers(connection, since),
        reasons=_reasons(connection, since),
        links=_links(connection, since),
        campaigns=_campaigns(connection, since),
    )


# --- the survey ---------------------------------------------------------------------------------


def _survey(connection: Connection, since: datetime) -> Survey:
    """Grouped twice in the database: concerns are JSON, of which few combinations exist."""
    here = ProfileRow.at >= since
    ages = _grouped(connection, (ProfileRow.skin_type, ProfileRow.age_band), here)
    genders = _grouped(connection, (ProfileRow.gender,), here)
    concerns: Counter[tuple[str | None, str]] = Counter()
    written = cast(ProfileRow.concerns, Text)
    for (skin_type, names), people in _grouped(
        connection, (ProfileRow.skin_type, written), here
    ).items():
        for name in json.loads(names or "[]"):
            concerns[skin_type, name] += people
    return Survey(
        people=sum(genders.values()),
        skin_types=_counts(SkinType, _summed(ages, 0)),
        age_bands=_counts(AgeBand, _summed(ages, 1)),
        genders=_counts(Gender, _summed(genders, 0)),
        concerns=_counts(Concern, _summed(concerns, 1)),
        by_concern=_crossed(SkinType, Concern, concerns),
        by_age=_crossed(SkinType, AgeBand, ages),
    )


def _grouped(
    connection: Connection, columns: Sequence[Any], where: ColumnElement[bool]
) -> Counter[tuple[Any, ...]]:
    query = select(*columns, func.count()).where(where).group_by(*columns)
    return Counter({tuple(row[:-1]): row[-1] for row in connection.execute(query)})


def _summed(counts: Mapping[Any, int], place: int) -> Counter[str]:
    summed: Counter[str] = Counter()
    for key, people in counts.items():
        summed[key[place]] += people
    return summed


def _counts(names: type[StrEnum], counts: Mapping[Any, int]) -> Counts[str]:
    """In the order of the survey; who skipped the question is in none."""
    return tuple((name.value, counts.get(name.value, 0)) for name in names)


def _crossed(
    rows: type[StrEnum], columns: type[StrEnum], counts: Mapping[Any, int]
) -> tuple[tuple[str, Counts[str]], ...]:
    return tuple(
        (
            row.value,
            tuple((column.value, counts.get((row.value, column.value), 0)) for column in columns),
        )
        for row in rows
    )


# --- the funnel ---------------------------------------------------------------------------------


def _funnel(connection: Connection, since: datetime) -> Counts[Stage]:
    """Of those who came in the period, how many ever got so far."""
    surveyed = exists().where(ProfileRow.person_id == PersonRow.id)
    picked = exists().where(LikeRow.person_id == PersonRow.id)
    reached = {
        Stage.ARRIVED: PersonRow.id.is_not(None),
        # Whoever has a profile or picks agreed, also where that was before it was counted.
        Stage.CONSENTED: or_(surveyed, picked, _noted("consented")),
        Stage.SURVEYED: surveyed,
        Stage.PICKED: picked,
        Stage.RECOMMENDED: _noted("recommended"),
    }
    query = select(*(func.count().filter(condition) for condition in reached.values()))
    row = connection.execute(query.where(PersonRow.created_at >= since)).one()
    clicked = connection.execute(_clicks(since)).scalar_one() or 0
    return (*zip(reached, row, strict=True), (Stage.CLICKED, clicked))


def _noted(milestone: str) -> ColumnElement[bool]:
    return exists().where(MilestoneRow.person_id == PersonRow.id, MilestoneRow.name == milestone)


def _clicks(since: datetime) -> Select[Any]:
    return select(func.sum(ClickRow.count)).where(ClickRow.day >= _day(since))


# --- weeks --------------------------------------------------------------------------------------


def _weeks(connection: Connection, at: datetime) -> tuple[Week, ...]:
    today = at.astimezone(SEOUL).date()
    last = today - timedelta(days=today.weekday())
    mondays = [last - timedelta(weeks=back) for back in reversed(range(WEEKS))]
    arrived = _weekly(connection, PersonRow.created_at, mondays)
    recommended = _weekly(connection, MilestoneRow.at, mondays, MilestoneRow.name == "recommended")
    asked = _weekly(connection, AnswerRow.at, mondays)
    return tuple(map(Week, mondays, arrived, recommended, asked))


def _weekly(
    connection: Connection, moment: Any, mondays: Sequence[date], *where: ColumnElement[bool]
) -> tuple[int, ...]:
    """One look at the rows for all the weeks."""
    ends = [*mondays[1:], mondays[-1] + timedelta(weeks=1)]
    weeks = (
        and_(moment >= _midnight(start), moment < _midnight(end))
        for start, end in zip(mondays, ends, strict=True)
    )
    query = select(*(func.count().filter(week) for week in weeks))
    row = connection.execute(query.where(moment >= _midnight(mondays[0]), *where)).one()
    return tuple(row)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SEOUL)


def _day(moment: datetime) -> date:
    return moment.astimezone(SEOUL).date()


# --- lists --------------------------------------------------------------------------------------


def _favourites(
    connection: Connection, since: datetime
) -> tuple[tuple[str, tuple[Liked, ...]], ...]:
    people = func.count()
    query = (
        select(ProfileRow.skin_type, LikeRow.product_id, people)
        .join(LikeRow, LikeRow.person_id == ProfileRow.person_id)
        .where(LikeRow.at >= since, LikeRow.rating >= LIKED, ProfileRow.skin_type.is_not(None))
        .group_by(ProfileRow.skin_type, LikeRow.product_id)
        .having(people >= FEWEST)
        .order_by(people.desc(), LikeRow.product_id)
    )
    best: dict[str | None, list[tuple[int, int]]] = {}
    for skin_type, product, count in connection.execute(query):
        if len(of_type := best.setdefault(skin_type, [])) < FAVOURITES:
            of_type.append((product, count))
    titles = _titles(connection, (product for liked in best.values() for product, _ in liked))
    return tuple(
        (skin_type.value, tuple(Liked(titles[product], count) for product, count in liked))
        for skin_type in SkinType
        if (liked := best.get(skin_type.value))
    )


def _in_vain(connection: Connection, since: datetime) -> tuple[tuple[str, int], ...]:
    """People who are not known count once for each time."""
    strangers = func.count().filter(MilestoneRow.person_id.is_(None))
    people = func.count(MilestoneRow.person_id.distinct()) + strangers
    query = (
        select(MilestoneRow.detail, people)
        .where(MilestoneRow.name == "searched_in_vain", MilestoneRow.at >= since)
        .group_by(MilestoneRow.detail)
        .having(people >= IN_VAIN)
        .order_by(people.desc(), MilestoneRow.detail)
        .limit(LINES)
    )
    return tuple((detail, count) for detail, count in connection.execute(query))


def _verdicts(connection: Connection, since: datetime) -> tuple[Verdict, ...]:
    query = (
        select(ProductRow.brand, ProductRow.name, *_thumbs())
        .join(FeedbackRow, FeedbackRow.product_id == ProductRow.id)
        .where(FeedbackRow.at >= since)
        .group_by(ProductRow.id, ProductRow.brand, ProductRow.name)
        .order_by(func.count().desc(), ProductRow.id)
        .limit(LINES)
    )
    rows = connection.execute(query)
    return tuple(Verdict(_title(brand, name), good, bad) for brand, name, good, bad in rows)


def _answers(connection: Connection, since: datetime) -> Verdict:
    query = select(*_thumbs()).where(FeedbackRow.at >= since, FeedbackRow.ticket.is_not(None))
    good, bad = connection.execute(query).one()
    return Verdict("", good, bad)


def _reasons(connection: Connection, since: datetime) -> Counts[str]:
    times = func.count()
    query = (
        select(FeedbackRow.reason, times)
        .where(FeedbackRow.at >= since, FeedbackRow.ticket.is_not(None), ~FeedbackRow.good)
        .group_by(FeedbackRow.reason)
        .order_by(times.desc(), FeedbackRow.reason)
    )
    return tuple((reason, count) for reason, count in connection.execute(query))


def _thumbs() -> tuple[ColumnElement[int], ColumnElement[int]]:
    return func.count().filter(FeedbackRow.good), func.count().filter(~FeedbackRow.good)


def _links(connection: Connection, since: datetime) -> tuple[Followed, ...]:
    clicks = func.sum(ClickRow.count)
    query = (
        select(LinkRow.source, LinkRow.url, clicks)
        .join(ClickRow, ClickRow.link_id == LinkRow.id)
        .where(ClickRow.day >= _day(since))
        .group_by(LinkRow.id, LinkRow.source, LinkRow.url)
        .order_by(clicks.desc(), LinkRow.id)
        .limit(LINES)
    )
    rows = connection.execute(query).all()
    sources = {source: _product(source) for source, _, _ in rows}
    titles = _titles(connection, (product for product in sources.values() if product))
    return tuple(
        Followed(source, titles.get(sources[source] or 0, ""), url, count)
        for source, url, count in rows
    )


def _campaigns(connection: Connection, since: datetime) -> tuple[tuple[str, int], ...]:
    query = (
        select(MilestoneRow.detail, func.count())
        .where(MilestoneRow.name == "arrived", MilestoneRow.at >= since, MilestoneRow.detail != "")
        .group_by(MilestoneRow.detail)
        .order_by(func.count().desc(), MilestoneRow.detail)
        .limit(LINES)
    )
    return tuple((detail, count) for detail, count in connection.execute(query))


def _product(source: str) -> int | None:
    kind, _, number = source.partition(" ")
    return int(number) if kind == "product" and number.isdecimal() else None


def _titles(connection: Connection, products: Iterable[int]) -> dict[int, str]:
    wanted = set(products)
    query = select(ProductRow.id, ProductRow.brand, ProductRow.name).where(
        ProductRow.id.in_(wanted)
    )
    return {id: _title(brand, name) for id, brand, name in connection.execute(query)}


def _title(brand: str, name: str) -> str:
    return name if name.startswith(brand) else f"{brand} {name}"
