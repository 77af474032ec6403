"""The shop's figures: counts of people, never people. Standard library only.

What leaves the shop's admins passes through `guarded`, which knows no group of fewer than five.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, TypeVar

FEWEST: Final = 5
"""Of a smaller group nothing leaves the shop's admins."""

MANY: Final = 100
"""Of fewer people, shares of a rounded number would be too far from the truth."""

Name = TypeVar("Name", bound=str)

Counts = tuple[tuple[Name, int | None], ...]
"""What was answered → by how many; None for fewer than `FEWEST`, once guarded."""


class Stage(StrEnum):
    """From the first word to the shop. All but the last count people who came in the period, the
    last counts clicks in it: who clicks is not kept."""

    ARRIVED = "시작"
    CONSENTED = "동의"
    SURVEYED = "설문"
    PICKED = "제품 선택"
    RECOMMENDED = "추천"
    CLICKED = "링크 클릭"


@dataclass(frozen=True, slots=True)
class Survey:
    people: int = 0
    """Who saved a profile; once guarded, rounded down to tens, so that no difference tells of a
    group that is not shown."""
    skin_types: Counts[str] = ()
    age_bands: Counts[str] = ()
    genders: Counts[str] = ()
    concerns: Counts[str] = ()
    """A person may have several. Empty where they would tell of too few people."""
    by_concern: tuple[tuple[str, Counts[str]], ...] = ()
    """Skin type → concerns."""
    by_age: tuple[tuple[str, Counts[str]], ...] = ()
    """Skin type → age bands."""


@dataclass(frozen=True, slots=True)
class Week:
    monday: date
    """In Seoul."""
    arrived: int
    recommended: int
    """Times cards were shown."""
    asked: int
    """Questions answered, of people who agreed to be known."""


@dataclass(frozen=True, slots=True)
class Liked:
    title: str
    people: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """👍 and 👎."""

    title: str
    good: int
    bad: int


@dataclass(frozen=True, slots=True)
class Followed:
    """A counted link."""

    source: str
    """What it stands on: «product 12», «broadcast 3»."""
    title: str
    """The product's, where it stands on one."""
    url: str
    clicks: int


@dataclass(frozen=True, slots=True)
class Figures:
    at: datetime
    days: int | None
    """Of the period, today with it; None: since the beginning."""
    survey: Survey = field(default_factory=Survey)
    funnel: Counts[Stage] = ()
    weeks: tuple[Week, ...] = ()
    """The last twelve, whatever the period."""
    favourites: tuple[tuple[str, tuple[Liked, ...]], ...] = ()
    """Skin type → what most of its people like; each liked by `FEWEST` or more."""
    in_vain: tuple[tuple[str, int], ...] = ()
    """What was searched for and not found."""
    products: tuple[Verdict, ...] = ()
    answers: Verdict = Verdict("", 0, 0)
    reasons: Counts[str] = ()
    """Why answers were no good (`FeedbackRow.reason`, empty where nothing was said) → how many
    times, the commonest first; together the 👎 of `answers`."""
    links: tuple[Followed, ...] = ()
    campaigns: tuple[tuple[str, int], ...] = ()
    """Name of a campaign → people who came from it."""

    @property
    def empty(self) -> bool:
        """Nobody came, nobody answered, nothing happened."""
        return not any(
            (
                self.survey.people,
                any(count for _, count in self.funnel),
                any(
                    (week.arrived, week.recommended, week.asked) != (0, 0, 0) for week in self.weeks
                ),
            )
        )


def guarded(figures: Figures) -> Figures:
    """What people outside may see: the survey and the favourites, of groups of five or more."""
    survey = figures.survey
    known = survey if survey.people >= FEWEST else Survey()
    public = replace(
        known,
        people=known.people // 10 * 10 or min(known.people, FEWEST),
        skin_types=_hidden(known.skin_types),
        age_bands=_hidden(known.age_bands),
        genders=_hidden(known.genders),
        concerns=_hidden(known.concerns) if known.people >= MANY else (),
        by_concern=tuple((name, _hidden(counts)) for name, counts in known.by_concern),
        by_age=(),
    )
    favourites = tuple((name, tuple(_many(liked))) for name, liked in figures.favourites)
    told = tuple((name, liked) for name, liked in favourites if liked)
    return Figures(figures.at, figures.days, public, favourites=told)


def _hidden(counts: Counts[Name]) -> Counts[Name]:
    return tuple(
        (name, count if count is not None and count >= FEWEST else None) for name, count in counts
    )


def _many(liked: tuple[Liked, ...]) -> Iterator[Liked]:
    return (each for each in liked if each.people >= FEWEST)
