"""Many people in a store at once, put there in bulk: who agreed to what is up to the test."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from engine.domain import AgeBand, Concern, Purpose, SkinType
from engine.store.database import Database
from engine.store.tables import PersonRow, ProfileRow, StandingRow

SINCE = datetime.now(UTC) - timedelta(days=10)


@dataclass(frozen=True)
class Member:
    """`name`: what the channel calls them. Agreed to advertising, at night too."""

    name: str
    channel: str = "telegram"
    purposes: Sequence[Purpose] = (Purpose.ADVERTISING, Purpose.NIGHT)
    since: datetime = SINCE
    seen: datetime = SINCE
    blocked: bool = False
    address: str | None = None
    skin_type: SkinType | None = None
    concerns: Sequence[Concern] = ()
    age_band: AgeBand | None = None


async def settle(database: Database, members: Iterable[Member]) -> dict[str, int]:
    """Name → id in the store."""
    members = tuple(members)
    async with database.begin() as connection:
        rows = [_person(member) for member in members]
        await connection.execute(insert(PersonRow), rows)
        found = await connection.execute(PersonRow.__table__.select())
        ids = {row.external_id: row.id for row in found}
        standing = [
            {"person_id": ids[member.name], "purpose": purpose.value, "at": member.since}
            for member in members
            for purpose in member.purposes
        ]
        if standing:
            await connection.execute(insert(StandingRow), standing)
        await connection.execute(
            insert(ProfileRow), [_profile(ids[member.name], member) for member in members]
        )
    return ids


def _person(member: Member) -> dict[str, object]:
    return {
        "channel": member.channel,
        "external_id": member.name,
        "created_at": member.since,
        "seen_at": member.seen,
        "blocked": member.blocked,
        "address": member.address,
    }


def _profile(person: int, member: Member) -> dict[str, object]:
    return {
        "person_id": person,
        "age_band": member.age_band,
        "gender": None,
        "skin_type": member.skin_type,
        "concerns": list(member.concerns),
        "avoided": [],
        "health": [],
        "at": member.since,
    }
