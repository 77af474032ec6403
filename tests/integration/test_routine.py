"""Routines over the loaded seed, by the engine's own scores."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.domain import (
    Conditions,
    Health,
    Query,
    Routine,
    RoutineStep,
    SkinProfile,
    SkinType,
    Stage,
)
from engine.engine import Engine
from engine.recommend.cautions import conflicts, evening_only
from engine.recommend.routine import RANKED
from engine.settings import EngineSettings
from engine.store.catalogue import Catalogue
from engine.store.database import Database
from tests.fakes import BigramEmbeddings

DRY = SkinProfile(skin_type=SkinType.DRY)
CATEGORIES = {
    Stage.TONER: {"스킨/토너"},
    Stage.ESSENCE: {"에센스"},
    Stage.CREAM: {"크림", "로션"},
}
CHEAPEST = 36_200
"""The seed's cheapest toner, essence and lotion, none of them for the evening only."""


@pytest.fixture
async def engine(artifacts: Path) -> AsyncIterator[Engine]:
    database = await Database.open(f"sqlite+aiosqlite:///{artifacts / 'ppoyami.db'}")
    settings = EngineSettings(artifacts=artifacts, embedding="bigrams")
    opened = Engine(settings, database, BigramEmbeddings(), None)  # nothing here is retrieved
    await opened.refresh()
    yield opened
    await opened.close()
    await database.close()


@pytest.fixture
async def liked(artifacts: Path) -> dict[int, float]:
    database = await Database.open(f"sqlite+aiosqlite:///{artifacts / 'ppoyami.db'}")
    ids = await Catalogue(database).ids_by_key()
    await database.close()
    return {ids["p061"]: 5.0, ids["p122"]: 5.0}


async def names(engine: Engine, steps: tuple[RoutineStep, ...]) -> list[list[str]]:
    return [[one.name for one in await engine.formula(step.product.id)] for step in steps]


def paid(routine: Routine) -> int:
    return sum(one.price or 0 for one in routine.products)


@pytest.mark.parametrize("budget", [40_000, 60_000, 100_000, None])
async def test_a_routine_keeps_its_order_its_budget_and_its_peace(
    engine: Engine, liked: dict[int, float], budget: int | None
) -> None:
    before: list[tuple[int, ...]] = []
    for _ in range(4):
        routine = await engine.routine(Query(liked, DRY), budget, before)
        assert routine.combination and routine.combination not in before
        assert budget is None or paid(routine) <= budget
        for steps in (routine.morning, routine.evening):
            assert [step.stage for step in steps] == [*CATEGORIES]
            assert all(one.product.category in CATEGORIES[one.stage] for one in steps)
            assert not conflicts(await names(engine, steps))
        assert not any(evening_only(one) for one in await names(engine, routine.morning))
        held = await names(engine, routine.evening)
        told = [step.evening_only for step in routine.evening]
        assert told == [next(iter(evening_only(one)), "") for one in held]
        assert not {*liked} & {one.id for one in routine.products}
        before.append(routine.combination)


async def test_without_a_budget_the_first_of_each_stage_is_what_recommend_says(
    engine: Engine, liked: dict[int, float]
) -> None:
    query = Query(liked, SkinProfile(skin_type=SkinType.SENSITIVE), n=RANKED)
    routine = await engine.routine(query)
    for step in routine.morning[:2]:
        narrowed = replace(query, conditions=Conditions(category=step.product.category))
        recommended = [one.product.id for one in await engine.recommend(narrowed)]
        for_day = [one for one in recommended if not evening_only(await _formula(engine, one))]
        assert step.product.id == for_day[0]
        assert step.recommendation == await _told(engine, query, step)


async def _formula(engine: Engine, product: int) -> list[str]:
    return [one.name for one in await engine.formula(product)]


async def _told(engine: Engine, query: Query, step: RoutineStep) -> object:
    """What the person would be told of it alone, but for what only «왜 추천했나요?» says."""
    why = await engine.explain(query, step.product.id)
    kept = step.recommendation.evidence
    return replace(
        why,
        evidence=replace(
            why.evidence, companions=kept.companions, quotes=kept.quotes, clashes=kept.clashes
        ),
    )


async def test_more_money_never_brings_less(engine: Engine, liked: dict[int, float]) -> None:
    used = [
        len((await engine.routine(Query(liked, DRY), budget)).products)
        for budget in (CHEAPEST, 1_000_000)
    ]
    assert used[0] == 3 and used[1] == 5


async def test_too_small_a_budget_is_told_the_least_that_is_needed(engine: Engine) -> None:
    assert (await engine.routine(Query(), CHEAPEST - 1)).cheapest == CHEAPEST
    least = await engine.routine(Query(), CHEAPEST)
    assert paid(least) == CHEAPEST and least.cheapest is None


async def test_what_does_not_suit_is_in_no_routine(engine: Engine) -> None:
    profile = SkinProfile(avoided=("향료", "알코올"), health=(Health.PREGNANCY,))
    unwanted = await engine.avoided(profile.unwanted)
    routine = await engine.routine(Query(profile=profile))
    for product in routine.products:
        assert not {one.id for one in await engine.formula(product.id)} & unwanted
