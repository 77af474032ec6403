"""What people of the bot rated, as SQLite and PostgreSQL tell it."""

from datetime import timedelta

import pytest

from engine.domain import Person
from engine.store.catalogue import Catalogue
from engine.store.database import Database
from engine.store.people import People
from engine.store.tastes import BAD, GOOD, Taste, Tastes
from tests import builders
from tests.builders import NOON

SOMEONE = builders.person()


@pytest.fixture
def tastes(database: Database) -> Tastes:
    return Tastes(database)


async def test_before_anybody_rates_there_is_nothing(tastes: Tastes) -> None:
    assert await tastes.all() == ()
    assert await tastes.mark() == await tastes.mark()


async def test_own_ratings_go_before_thumbs_and_the_erased_are_gone(
    catalogue: Catalogue, people: People, tastes: Tastes
) -> None:
    await catalogue.replace(builders.load(), *builders.small_shop())
    ids = await catalogue.ids_by_key()
    other = Person("web", "another")
    marks = [await tastes.mark()]
    async with people.keeping(SOMEONE, at=NOON, event=None, expected=0) as keeping:
        await keeping.like(ids["p001"], 3.0, NOON)
        await keeping.feedback(good=True, product=ids["p001"], answer=None, at=NOON)
        await keeping.feedback(good=False, product=ids["p002"], answer=None, at=NOON)
        await keeping.feedback(good=True, product=None, answer=1, at=NOON)
    marks.append(await tastes.mark())
    later = NOON + timedelta(seconds=1)
    async with people.keeping(other, at=later, event=None, expected=0) as keeping:
        await keeping.feedback(good=True, product=ids["p001"], answer=None, at=later)
    marks.append(await tastes.mark())
    mine = (SOMEONE.channel, SOMEONE.id)
    assert set(await tastes.all()) == {
        Taste(*mine, "p001", 3.0),
        Taste(*mine, "p002", BAD),
        Taste(other.channel, other.id, "p001", GOOD),
    }
    async with people.keeping(SOMEONE, at=later, event=None, expected=0) as keeping:
        await keeping.forget()
    marks.append(await tastes.mark())
    assert await tastes.all() == (Taste(other.channel, other.id, "p001", GOOD),)
    assert len(set(marks)) == len(marks)
