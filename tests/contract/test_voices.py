"""What reviewers say, counted by SQLite and by PostgreSQL alike."""

import pytest

from engine.domain import Effect, SkinType
from engine.store.catalogue import Catalogue
from engine.store.database import Database
from engine.store.voices import Liking, Voice, Voices
from tests import builders
from tests.builders import frames, product_row, review_row

HUGE = 10**12


@pytest.fixture
def voices(database: Database) -> Voices:
    return Voices(database)


async def fill(catalogue: Catalogue, *reviews: builders.Row) -> dict[str, int]:
    shop = frames([product_row("p001"), product_row("p002")], reviews=reviews)
    await catalogue.replace(builders.load(), *shop)
    return await catalogue.ids_by_key()


DRY = (
    review_row("p001", "a", skin_type="건성", irritation="순해요", effect="보습", rating=5.0),
    review_row("p001", "b", skin_type="건성", irritation="보통", effect="진정", rating=4.0),
    review_row("p001", "c", skin_type="건성", irritation="자극", effect="진정", rating=2.0),
    review_row("p001", "d", skin_type="건성", rating=1.0),
)
OILY = review_row("p001", "e", skin_type="지성", irritation="자극", rating=3.0)


async def test_one_skin_type_or_all_are_counted(catalogue: Catalogue, voices: Voices) -> None:
    ids = await fill(catalogue, *DRY, OILY)
    first, second = ids["p001"], ids["p002"]
    effects = ((Effect.SOOTHING, 2), (Effect.MOISTURE, 1))
    assert await voices.heard([first, second], SkinType.DRY) == {
        first: Voice(reviews=4, rating=3.0, told=3, irritated=1, effects=effects),
        second: Voice(),
    }
    everyone = (await voices.heard([first], None))[first]
    assert (everyone.reviews, everyone.told, everyone.irritated) == (5, 4, 2)
    assert everyone.gentle_share == 0.5


@pytest.mark.parametrize("number", [0, -1, 999, HUGE])
async def test_of_a_number_that_is_no_product_nobody_says_anything(
    voices: Voices, number: int
) -> None:
    assert await voices.heard([number], None) == {number: Voice()}


def test_where_nobody_told_of_irritation_there_is_no_share() -> None:
    assert Voice(reviews=9).gentle_share is None


async def test_the_words_are_those_of_one_skin_type_that_wrote_any(
    catalogue: Catalogue, voices: Voices
) -> None:
    silent = review_row("p001", "f", skin_type="건성", text="")
    other = review_row("p002", "a", skin_type="건성")
    ids = await fill(catalogue, *DRY, OILY, silent, other)
    words = await voices.words(ids["p001"], SkinType.DRY)
    assert [rating for rating, _ in words] == [5.0, 4.0, 2.0, 1.0]
    assert words[0] == (5.0, "a 님의 p001 후기예요")
    assert await voices.words(ids["p002"], SkinType.OILY) == ()


async def test_what_too_few_people_reviewed_is_told_of_nobody(
    catalogue: Catalogue, voices: Voices
) -> None:
    more = (review_row("p002", one, skin_type="건성", rating=4.0) for one in "abc")
    ids = await fill(catalogue, *DRY, OILY, *more)
    first, second = ids["p001"], ids["p002"]
    assert await voices.likings(SkinType.DRY, 3) == (
        Liking(second, people=3, admirers=3, rating=4.0),
        Liking(first, people=4, admirers=2, rating=3.0),
    )
    assert [one.product for one in await voices.likings(SkinType.DRY, 4)] == [first]
    assert await voices.likings(SkinType.OILY, 2) == ()


async def test_a_person_of_a_skin_type_counts_once(catalogue: Catalogue, voices: Voices) -> None:
    again = review_row("p002", "a", skin_type="건성")
    await fill(catalogue, *DRY, OILY, again)
    assert await voices.people(SkinType.DRY) == 4
    assert await voices.people(SkinType.SENSITIVE) == 0
