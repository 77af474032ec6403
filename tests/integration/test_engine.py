"""Recommendations, comparisons and peers on the loaded seed: every count is counted again."""

import csv
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from engine.domain import (
    Basis,
    Care,
    Conditions,
    Pairing,
    Person,
    Query,
    Recommendation,
    SkinProfile,
    SkinType,
)
from engine.engine import GROUP_AT_LEAST, Engine
from engine.errors import UnknownProduct
from engine.recommend.notable import NOTABLE_SHARE
from engine.settings import EngineSettings
from engine.store.catalogue import Catalogue
from engine.store.database import Database
from engine.store.people import People
from tests.builders import NOON
from tests.conftest import SEED
from tests.fakes import BigramEmbeddings

DRY = SkinProfile(skin_type=SkinType.DRY)
HUGE = 10**12
Row = dict[str, Any]


@pytest.fixture
async def engine(artifacts: Path) -> AsyncIterator[Engine]:
    database = await Database.open(f"sqlite+aiosqlite:///{artifacts / 'ppoyami.db'}")
    settings = EngineSettings(artifacts=artifacts, embedding="bigrams")
    opened = Engine(
        settings, database, BigramEmbeddings(), None, tastes_seconds=0
    )  # nothing here is retrieved
    await opened.refresh()
    yield opened
    await opened.close()
    await database.close()


@pytest.fixture
async def ids(artifacts: Path) -> dict[str, int]:
    database = await Database.open(f"sqlite+aiosqlite:///{artifacts / 'ppoyami.db'}")
    found = await Catalogue(database).ids_by_key()
    await database.close()
    return found


@pytest.fixture(scope="module")
def reviews() -> list[Row]:
    with (SEED / "reviews.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def products() -> dict[str, Row]:
    with (SEED / "products.csv").open(encoding="utf-8") as file:
        return {row["product_id"]: row for row in csv.DictReader(file)}


def of(reviews: list[Row], key: str, skin_type: SkinType) -> list[Row]:
    return [
        row for row in reviews if row["product_id"] == key and row["skin_type"] == skin_type.value
    ]


def liking(ids: dict[str, int], *keys: str, rating: float = 5.0) -> dict[int, float]:
    return {ids[key]: rating for key in keys}


async def explained(engine: Engine, query: Query) -> Recommendation:
    """The first one recommended, with all its evidence."""
    first = (await engine.recommend(query))[0]
    return await engine.explain(query, first.product.id)


async def test_what_the_skin_type_says_is_counted_from_its_reviews(
    engine: Engine, ids: dict[str, int], reviews: list[Row]
) -> None:
    found = await engine.recommend(Query(liking(ids, "p001", "p061"), DRY))
    assert len(found) == 3
    for one in found:
        theirs = of(reviews, one.product.key, SkinType.DRY)
        told = [row["irritation"] for row in theirs if row["irritation"]]
        assert one.evidence.skin_reviews == len(theirs)
        assert (one.evidence.told, one.evidence.irritated) == (len(told), told.count("자극"))
        effects = {effect.value: people for effect, people in one.evidence.effects}
        assert effects == {
            effect: sum(row["effect"] == effect for row in theirs)
            for effect in {row["effect"] for row in theirs if row["effect"]}
        }


async def test_why_counts_the_neighbours_who_like_the_own_products_too(
    engine: Engine, ids: dict[str, int], reviews: list[Row]
) -> None:
    query = Query(liking(ids, "p061", "p122"), DRY)
    why = await explained(engine, query)
    assert why.basis is Basis.TASTE and why.evidence.companions
    admirers = {
        key: {row["reviewer"] for row in reviews if row["product_id"] == key and is_liked(row)}
        for key in ("p061", "p122")
    }
    raters = {row["reviewer"] for row in reviews if row["product_id"] == why.product.key}
    titles = {
        (await engine.product(ids[key])).title: len(admirers[key] & raters) for key in admirers
    }
    for title, people in why.evidence.companions:
        assert 0 < people <= min(titles[title], why.evidence.neighbours)


def is_liked(row: Row) -> bool:
    return float(row["rating"]) >= 4


async def test_what_was_found_poor_counts_but_neither_comes_back_nor_is_shared(
    engine: Engine, ids: dict[str, int]
) -> None:
    poor = Query(liking(ids, "p061", "p122", rating=1.0), DRY)
    for one in await engine.recommend(poor):
        assert one.product.id not in poor.liked
        assert one.evidence.neighbours and not one.evidence.shared
    why = await explained(engine, poor)
    assert not why.evidence.companions


async def test_quotes_are_sentences_that_the_skin_type_wrote(
    engine: Engine, ids: dict[str, int], reviews: list[Row]
) -> None:
    why = await explained(engine, Query(liking(ids, "p061"), DRY))
    theirs = of(reviews, why.product.key, SkinType.DRY)
    assert why.evidence.quotes
    for quote in why.evidence.quotes:
        writers = [row for row in theirs if quote.text in row["text"]]
        assert writers and len(quote.text) <= 60
        assert all((float(row["rating"]) >= 4) is quote.praise for row in writers)
    unknown = await explained(engine, Query(liking(ids, "p061")))
    assert not unknown.evidence.quotes


async def test_conditions_are_met_by_every_product(engine: Engine, ids: dict[str, int]) -> None:
    narrow = Conditions("토너", 10_000, 25_000, ("향료",))
    query = Query(liking(ids, "p061"), DRY, 50, conditions=narrow)
    found = await engine.recommend(query)
    assert len(found) > 3
    for one in found:
        assert one.product.category == "스킨/토너"
        assert one.product.price is not None and 10_000 <= one.product.price <= 25_000
        held = {ingredient.name for ingredient in await engine.formula(one.product.id)}
        assert not held & {"향료", "리모넨", "리날룰"}
    everything = await engine.recommend(Query(liking(ids, "p061"), DRY, 50))
    assert {one.product.category for one in everything} > {"스킨/토너"}


@pytest.mark.parametrize(
    "conditions",
    [Conditions("없는 카테고리"), Conditions(price_from=10**9), Conditions(price_to=1)],
)
async def test_what_nothing_meets_finds_nothing(engine: Engine, conditions: Conditions) -> None:
    assert await engine.recommend(Query(profile=DRY, conditions=conditions)) == ()


async def test_a_name_that_leaves_nothing_out_is_told(engine: Engine) -> None:
    assert await engine.unknown(["향료", "뿅뿅", "알코올"]) == ("뿅뿅",)


async def test_notable_ingredients_are_in_the_product_and_rare(
    engine: Engine, ids: dict[str, int], products: dict[str, Row]
) -> None:
    labels = [{name.strip() for name in row["ingredients"].split(",")} for row in products.values()]
    for one in await engine.recommend(Query(liking(ids, "p001"), DRY)):
        held = {ingredient.name for ingredient in await engine.formula(one.product.id)}
        named = (*one.evidence.shared, *one.evidence.notable)
        assert named and held >= {*named, *one.evidence.minded}
        for name in named:
            assert sum(name in label for label in labels) <= NOTABLE_SHARE * len(labels)


async def test_minded_ingredients_are_those_that_the_eu_wants_named(
    engine: Engine, ids: dict[str, int]
) -> None:
    compared = await engine.compare([ids[key] for key in ("p144", "p153")], DRY)
    for product, evidence in compared.sides:
        limits = {one.name: one.limits or "" for one in await engine.formula(product.id)}
        assert all("알레르겐" in limits[name] for name in evidence.minded)
    assert compared.sides[0][1].minded and not compared.sides[1][1].minded


async def test_what_does_not_go_with_a_pick_or_beside_it_is_named(
    engine: Engine, ids: dict[str, int]
) -> None:
    retinol, acid, plain = (ids[key] for key in ("p106", "p053", "p001"))
    liked = {acid: 5.0, ids["p054"]: 2.0, plain: 5.0}
    (clash,) = (await engine.explain(Query(liked, DRY), retinol)).evidence.clashes
    assert (clash.pairing, clash.product) == (Pairing.RETINOID_ACID, acid)
    assert (clash.name, clash.other) == ("레티놀", "글라이콜릭애씨드")
    compared = await engine.compare([retinol, plain, acid], DRY)
    beside = [[one.product for one in evidence.clashes] for _, evidence in compared.sides]
    assert beside == [[acid], [], [retinol]]


async def test_a_sheet_names_the_rules_of_its_ingredient(engine: Engine) -> None:
    assert (await engine.look_up("레티놀", None, 1)).cares == (Care.VITAMIN_A,)
    assert (await engine.look_up("정제수", None, 1)).cares == ()


async def test_what_is_compared_stands_in_the_order_given(
    engine: Engine, ids: dict[str, int], reviews: list[Row]
) -> None:
    wanted = [ids[key] for key in ("p122", "p061", "p100")]
    compared = await engine.compare(wanted, DRY)
    assert [product.id for product, _ in compared.sides] == wanted
    assert compared.skin_type is SkinType.DRY
    for product, evidence in compared.sides:
        theirs = [float(row["rating"]) for row in of(reviews, product.key, SkinType.DRY)]
        assert evidence.skin_rating == pytest.approx(sum(theirs) / len(theirs))
        held = {ingredient.name for ingredient in await engine.formula(product.id)}
        assert held >= {*compared.common}


async def test_what_is_gone_is_left_out_of_a_comparison_and_one_alone_is_none(
    engine: Engine, ids: dict[str, int]
) -> None:
    here = [ids["p061"], ids["p122"]]
    compared = await engine.compare([HUGE, *here], DRY)
    assert [product.id for product, _ in compared.sides] == here
    with pytest.raises(UnknownProduct):
        await engine.compare([HUGE, here[0]], DRY)


async def test_peers_are_counted_and_no_product_stands_on_fewer_than_five(
    engine: Engine, reviews: list[Row]
) -> None:
    peers = await engine.peers(DRY)
    assert peers.people == len(
        {row["reviewer"] for row in reviews if row["skin_type"] == SkinType.DRY.value}
    )
    assert peers.favourites
    for one in peers.favourites:
        theirs = of(reviews, one.product.key, SkinType.DRY)
        assert one.people == len(theirs) >= GROUP_AT_LEAST
        assert one.rating == pytest.approx(sum(float(row["rating"]) for row in theirs) / one.people)


async def test_peers_show_nothing_that_the_person_avoids(engine: Engine) -> None:
    avoiding = SkinProfile(skin_type=SkinType.DRY, avoided=("오일",))
    before = {one.product.id for one in (await engine.peers(DRY)).favourites}
    after = {one.product.id for one in (await engine.peers(avoiding)).favourites}
    assert after and before - after
    for product in after:
        assert not any(one.name.endswith("씨오일") for one in await engine.formula(product))


async def test_peers_need_a_skin_type(engine: Engine) -> None:
    with pytest.raises(ValueError, match="skin type"):
        await engine.peers(SkinProfile())


async def test_categories_are_those_of_what_is_sold(
    engine: Engine, products: dict[str, Row]
) -> None:
    assert {*await engine.categories()} == {row["category"] for row in products.values()}


async def test_what_people_rate_counts_at_once_for_others_until_they_are_erased(
    engine: Engine, ids: dict[str, int], artifacts: Path
) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{artifacts / 'ppoyami.db'}")
    people, crowd = People(database, key=b"a secret of the tests"), [*map(someone, range(12))]
    query = Query(liking(ids, "p001"), DRY)
    before = await engine.explain(query, ids["p122"])
    for person in crowd:
        async with people.keeping(person, at=NOON, event=None, expected=0) as keeping:
            await keeping.like(ids["p001"], 5.0, NOON)
            await keeping.like(ids["p122"], 5.0, NOON)
    after = await engine.explain(query, ids["p122"])
    assert after.evidence.admirers == before.evidence.admirers + len(crowd)
    assert after.score > before.score
    own = await engine.explain(query, ids["p122"], asker=crowd[0])
    assert own.evidence.admirers == after.evidence.admirers - 1
    for person in crowd:
        async with people.keeping(person, at=NOON, event=None, expected=0) as keeping:
            await keeping.forget()
    assert await engine.explain(query, ids["p122"]) == before
    await database.close()


def someone(number: int) -> Person:
    return Person("web", f"crowd-{number}")
