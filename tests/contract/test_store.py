"""What every store keeps to: run on SQLite and on PostgreSQL (conftest.py)."""

import asyncio
import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, insert, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from engine.domain import Answer, Effect, Ingredient, Load, Person, SkinProfile, SkinType
from engine.errors import StoreUnavailable, UnknownIngredient, UnknownProduct
from engine.store import schema
from engine.store.catalogue import Catalogue, Opinion, Stock
from engine.store.database import Database
from engine.store.people import EventRepeated, LostRace, People, Record
from engine.store.tables import (
    AnswerRow,
    ConsentRow,
    EventRow,
    FeedbackRow,
    LikeRow,
    LoadRow,
    PersonRow,
    ProfileRow,
    Table,
)
from tests import builders
from tests.builders import NOON, frames, ingredient_row, product_row, review_row

SOMEONE = builders.person()
ANOTHER = builders.person(id="visitor-2")
HUGE = 10**30
"""No database's integer."""


async def fill(catalogue: Catalogue, given: builders.Frames, **changes: Any) -> dict[str, int]:
    """Make the frames current and say the products' ids."""
    await catalogue.replace(builders.load(**changes), *given)
    return await catalogue.ids_by_key()


async def keep_state(
    people: People, state: str, expected: int, person: Person = SOMEONE, event: str | None = None
) -> None:
    async with people.keeping(person, at=NOON, event=event, expected=expected) as keeping:
        await keeping.state(state)


async def keep_everything(people: People, person: Person, product: int) -> None:
    """One of each thing that can be kept of someone; the event's id is as the page makes it."""
    async with people.keeping(person, at=NOON, event=str(uuid4()), expected=0) as keeping:
        await keeping.state("비밀스러운 상태")
        await keeping.consent(agreed=True, version="1", text="동의문", at=NOON)
        await keeping.profile(builders.profile(avoided=("비밀스러운 성분",)), NOON)
        await keeping.like(product, 5.0, NOON)
        await keeping.answer(1, "비밀스러운 질문", builders.answer(text="비밀스러운 답"), NOON)
        await keeping.feedback(good=True, product=product, answer=None, at=NOON)


async def rows_of(database: Database, table: type[Table]) -> int:
    async with database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


class TestCatalogue:
    async def test_before_the_first_load_everything_is_empty(self, catalogue: Catalogue) -> None:
        assert await catalogue.current_load() is None
        assert await catalogue.loads() == ()
        assert await catalogue.stock() == Stock()
        assert await catalogue.ingredient_named("글리세린") is None
        assert await catalogue.near("글리세린") == ()
        assert await catalogue.avoided_ids(["글리세린"]) == frozenset()

    async def test_a_product_comes_back_with_its_mean_rating(self, catalogue: Catalogue) -> None:
        ids = await fill(catalogue, builders.small_shop())
        found = await catalogue.product(ids["p001"])
        assert found == builders.product(
            id=ids["p001"], name="이슬 수분 크림 p001", rating=4.5, reviews=2
        )

    async def test_what_a_frame_leaves_open_is_none(self, catalogue: Catalogue) -> None:
        row = product_row(price=float("nan"), volume=pd.NA, picture=None, url="")
        ids = await fill(catalogue, frames([row]))
        found = await catalogue.product(ids["p001"])
        assert (found.price, found.volume, found.picture, found.url) == (None,) * 4
        assert (found.rating, found.reviews) == (None, 0)

    async def test_an_ingredient_comes_back_whole(self, catalogue: Catalogue) -> None:
        row = ingredient_row(
            inci="Glycerin",
            cas="56-81-5",
            roles=("보습제", "용제"),
            origin="식물",
            definition="물을 끌어당겨요.",
            limits="제한 없음",
        )
        await fill(catalogue, frames([product_row()], [row]))
        found = await catalogue.ingredient_named("글리세린")
        assert found == Ingredient(
            id=found.id if found else 0,
            name="글리세린",
            inci="Glycerin",
            cas="56-81-5",
            roles=("보습제", "용제"),
            origin="식물",
            definition="물을 끌어당겨요.",
            limits="제한 없음",
        )

    async def test_the_same_load_twice_changes_nothing(self, catalogue: Catalogue) -> None:
        ids = await fill(catalogue, builders.small_shop())
        formulas = await catalogue.formulas()
        product = await catalogue.product(ids["p001"])
        assert await fill(catalogue, builders.small_shop()) == ids
        assert await catalogue.formulas() == formulas
        assert await catalogue.product(ids["p001"]) == product
        assert len(await catalogue.loads()) == 1

    async def test_a_product_that_is_not_in_the_load_is_gone(self, catalogue: Catalogue) -> None:
        ids = await fill(catalogue, builders.small_shop())
        glycerin = (await catalogue.formula(ids["p001"]))[1]
        await fill(catalogue, frames([product_row("p002")]), id="next")
        with pytest.raises(UnknownProduct):
            await catalogue.product(ids["p001"])
        assert list(await catalogue.products(ids.values())) == [ids["p002"]]
        assert [one.key for one in (await catalogue.stock()).products] == ["p002"]
        assert await catalogue.for_sale() == {ids["p002"]}
        assert (await catalogue.holding(glycerin.id, 1)).total == 0
        assert await catalogue.formulas() == {}

    async def test_a_product_that_comes_back_has_its_old_id(self, catalogue: Catalogue) -> None:
        ids = await fill(catalogue, builders.small_shop())
        await fill(catalogue, frames([product_row("p003")]), id="without")
        again = await fill(catalogue, builders.small_shop(), id="with")
        assert again == ids

    async def test_an_ingredient_that_went_is_unknown(self, catalogue: Catalogue) -> None:
        await fill(catalogue, builders.small_shop())
        mugwort = await catalogue.ingredient_named("쑥추출물")
        assert mugwort is not None
        await fill(catalogue, frames([product_row()], [ingredient_row()]), id="next")
        assert await catalogue.ingredient_named("쑥추출물") is None
        assert "쑥추출물" not in await catalogue.near("쑥추출물")
        with pytest.raises(UnknownIngredient):
            await catalogue.ingredient(mugwort.id)

    async def test_an_ingredient_only_a_label_names_has_its_name(
        self, catalogue: Catalogue
    ) -> None:
        ids = await fill(catalogue, frames([product_row(ingredients=["이슬방울수"])]))
        assert [i.name for i in await catalogue.formula(ids["p001"])] == ["이슬방울수"]
        assert await catalogue.ingredient_named("이슬방울수") is not None

    async def test_a_formula_keeps_the_labels_order_and_names_a_thing_once(
        self, catalogue: Catalogue
    ) -> None:
        label = ["정제수", "쑥추출물", "글리세린", "쑥추출물"]
        ids = await fill(catalogue, frames([product_row(ingredients=label)]))
        formula = await catalogue.formula(ids["p001"])
        assert [i.name for i in formula] == ["정제수", "쑥추출물", "글리세린"]
        assert await catalogue.formulas() == {ids["p001"]: tuple(i.id for i in formula)}

    async def test_what_another_load_says_otherwise_is_changed(self, catalogue: Catalogue) -> None:
        def shop(price: int, label: list[str], origin: str, rating: float) -> builders.Frames:
            return frames(
                [product_row(price=price, ingredients=label), product_row("p002")],
                [ingredient_row(origin=origin)],
                [
                    review_row(rating=rating),
                    review_row("p001", "r002", rating=rating),
                    *([review_row("p002")] if rating > 2 else []),
                ],
            )

        ids = await fill(catalogue, shop(1000, ["정제수", "글리세린"], "식물", 5.0))
        await fill(catalogue, shop(2000, ["글리세린", "정제수"], "합성", 2.0), id="next")
        found = await catalogue.product(ids["p001"])
        assert (found.price, found.rating, found.reviews) == (2000, 2.0, 2)
        assert [i.origin for i in await catalogue.formula(ids["p001"])] == ["합성", None]
        second = await catalogue.product(ids["p002"])
        assert (second.rating, second.reviews) == (None, 0)

    async def test_of_two_loads_at_once_one_comes_out_whole(self, catalogue: Catalogue) -> None:
        def shop(name: str) -> builders.Frames:
            return frames([product_row(f"p{i:03}", name=f"{name} {i}") for i in range(60)])

        await fill(catalogue, shop("처음"), id="처음")
        await asyncio.gather(*(fill(catalogue, shop(name), id=name) for name in ("둘", "셋")))
        serving = await catalogue.current_load()
        assert serving is not None
        found = await catalogue.stock()
        assert {product.name.split()[0] for product in found.products} == {serving.id}

    async def test_loads_are_listed_newest_first(self, catalogue: Catalogue) -> None:
        await fill(catalogue, builders.small_shop(), id="b", at=NOON)
        await fill(catalogue, builders.small_shop(), id="a", at=NOON + timedelta(days=1))
        assert [load.id for load in await catalogue.loads()] == ["a", "b"]
        assert await catalogue.current_load() == builders.load(id="a", at=NOON + timedelta(days=1))

    async def test_an_older_load_can_serve_again(self, catalogue: Catalogue) -> None:
        await fill(catalogue, builders.small_shop(), id="old")
        await fill(catalogue, frames([product_row("p009")]), id="new", at=NOON + timedelta(days=1))
        await fill(catalogue, builders.small_shop(), id="old")
        assert (await catalogue.current_load() or builders.load()).id == "old"
        assert len(await catalogue.loads()) == 2

    async def test_a_load_that_breaks_half_way_leaves_the_old_one(
        self, database: Database, catalogue: Catalogue
    ) -> None:
        ids = await fill(catalogue, builders.small_shop())
        before = await catalogue.stock(), await catalogue.formulas()
        broken = frames(
            [product_row("p001", name="다른 이름"), product_row("p004")],
            reviews=[review_row("p001", rating=1.0), review_row("p004")],
        )
        unfit = Load("half", NOON, 1, 1, 1, digest=None)  # type: ignore[arg-type]
        with pytest.raises(IntegrityError):
            await catalogue.replace(unfit, *broken)
        assert (await catalogue.stock(), await catalogue.formulas()) == before
        assert await catalogue.ids_by_key() == ids
        assert (await catalogue.current_load()) == builders.load()
        assert await rows_of(database, LoadRow) == 1

    @pytest.mark.parametrize(
        "contradiction",
        [
            frames([product_row("p001"), product_row("p001")]),
            frames([product_row()], [ingredient_row(), ingredient_row()]),
            frames([product_row()], reviews=[review_row(), review_row()]),
            frames([product_row()], reviews=[review_row("p777")]),
        ],
        ids=["product twice", "ingredient twice", "rating twice", "review of nothing"],
    )
    async def test_frames_that_contradict_themselves_are_refused(
        self, catalogue: Catalogue, contradiction: builders.Frames
    ) -> None:
        with pytest.raises(ValueError, match=r"twice|unknown"):
            await catalogue.replace(builders.load(), *contradiction)
        assert await catalogue.current_load() is None

    async def test_readers_see_the_old_load_or_the_new_never_both(
        self, catalogue: Catalogue
    ) -> None:
        def shop(name: str) -> builders.Frames:
            return frames([product_row(f"p{i:03}", name=name) for i in range(50)])

        await fill(catalogue, shop("하나"))
        seen: set[frozenset[str]] = set()

        async def look() -> None:
            while len(seen) < 2:
                stock = await catalogue.stock()
                seen.add(frozenset(product.name for product in stock.products))
                assert len(seen) <= 2

        async with asyncio.timeout(30), asyncio.TaskGroup() as both:
            both.create_task(look())
            both.create_task(catalogue.replace(builders.load(id="two"), *shop("둘")))
        assert seen == {frozenset({"하나"}), frozenset({"둘"})}

    # --- finding -----------------------------------------------------------------------------

    async def test_products_come_in_the_order_asked(self, catalogue: Catalogue) -> None:
        ids = await fill(catalogue, builders.small_shop())
        asked = [ids["p002"], HUGE, ids["p001"], -1, ids["p002"], 999]
        assert list(await catalogue.products(asked)) == [ids["p002"], ids["p001"]]

    @pytest.mark.parametrize("number", [0, -1, 999, HUGE])
    async def test_a_number_that_is_no_product_is_unknown(
        self, catalogue: Catalogue, number: int
    ) -> None:
        await fill(catalogue, builders.small_shop())
        with pytest.raises(UnknownProduct):
            await catalogue.product(number)
        with pytest.raises(UnknownIngredient):
            await catalogue.ingredient(number)
        assert await catalogue.formula(number) == ()
        assert (await catalogue.holding(number, 1)).total == 0

    async def test_the_most_reviewed_come_first_and_the_sold_out_last(
        self, catalogue: Catalogue
    ) -> None:
        ids = await fill(
            catalogue,
            frames(
                [
                    product_row("none"),
                    product_row("two"),
                    product_row("gone", on_sale=False),
                    product_row("one"),
                ],
                reviews=[
                    *(review_row("gone", f"r{i}") for i in range(3)),
                    *(review_row("two", f"r{i}") for i in range(2)),
                    review_row("one"),
                ],
            ),
        )
        found = await catalogue.stock()
        assert [product.key for product in found.products] == ["two", "one", "none", "gone"]
        assert await catalogue.for_sale() == {ids["two"], ids["one"], ids["none"]}

    async def test_opinions_count_reviews_by_skin_type_and_effect(
        self, catalogue: Catalogue
    ) -> None:
        ids = await fill(
            catalogue,
            frames(
                [product_row("p001"), product_row("p002")],
                reviews=[
                    review_row("p001", "r1", rating=5.0, skin_type="건성", effect="보습"),
                    review_row("p001", "r2", rating=4.0, skin_type="건성", effect="보습"),
                    review_row("p001", "r3", rating=2.0, skin_type="지성", effect=None),
                ],
            ),
        )
        opinions = (await catalogue.stock()).opinions
        assert set(opinions) == {
            Opinion(ids["p001"], SkinType.DRY, Effect.MOISTURE, 2, 9.0),
            Opinion(ids["p001"], SkinType.OILY, None, 1, 2.0),
        }

    async def test_pages_hold_five_and_a_page_out_of_range_is_brought_in(
        self, catalogue: Catalogue
    ) -> None:
        shop = [product_row(f"p{i:03}", ingredients=("정제수",)) for i in range(12)]
        await fill(catalogue, frames(shop))
        water = await catalogue.ingredient_named("정제수")
        assert water is not None
        pages = [await catalogue.holding(water.id, number) for number in (1, 2, 3)]
        assert [len(page.items) for page in pages] == [5, 5, 2]
        assert {(page.pages, page.total) for page in pages} == {(3, 12)}
        assert len({product.id for page in pages for product in page.items}) == 12
        assert await catalogue.holding(water.id, HUGE) == pages[2]
        assert await catalogue.holding(water.id, -3) == pages[0]

    async def test_products_that_hold_an_ingredient_are_paged(self, catalogue: Catalogue) -> None:
        ids = await fill(catalogue, builders.small_shop())
        mugwort = await catalogue.ingredient_named("쑥추출물")
        glycerin = await catalogue.ingredient_named("글리세린")
        assert mugwort is not None
        assert glycerin is not None
        only = await catalogue.holding(mugwort.id, 1)
        assert [product.id for product in only.items] == [ids["p002"]]
        second = await catalogue.holding(glycerin.id, 2, size=1)
        assert [product.id for product in second.items] == [ids["p002"]]
        assert (second.number, second.pages, second.total) == (2, 2, 2)

    # --- names of ingredients ----------------------------------------------------------------

    @pytest.mark.parametrize(
        "typed", ["1,2-헥산다이올", "1, 2 헥산 다이올", "1,2-hexanediol", "헥산디올"]
    )
    async def test_an_ingredient_is_found_by_any_of_its_names(
        self, catalogue: Catalogue, typed: str
    ) -> None:
        row = ingredient_row("1,2-헥산다이올", inci="1,2-Hexanediol", aliases=("헥산디올",))
        await fill(catalogue, frames([product_row()], [row, ingredient_row()]))
        found = await catalogue.ingredient_named(typed)
        assert found is not None
        assert found.name == "1,2-헥산다이올"

    @pytest.mark.parametrize("typed", ["", " ", "헥산", "!!", "글리세린" * 100_000])
    async def test_a_part_of_a_name_is_no_name(self, catalogue: Catalogue, typed: str) -> None:
        row = ingredient_row("1,2-헥산다이올")
        await fill(catalogue, frames([product_row()], [row]))
        assert await catalogue.ingredient_named(typed) is None

    async def test_a_misspelt_name_has_near_ones(self, catalogue: Catalogue) -> None:
        names = ["나이아신아마이드", "글리세린", "하이알루로닉애씨드", "아스코빅애씨드", "판테놀"]
        await fill(catalogue, frames([product_row()], map(ingredient_row, names)))
        assert (await catalogue.near("나이아신아미드"))[0] == "나이아신아마이드"
        assert (await catalogue.near("히알루론산"))[0] == "하이알루로닉애씨드"
        assert (await catalogue.near("아스코르빈산"))[0] == "아스코빅애씨드"
        assert await catalogue.near("안녕하세요") == ()
        assert len(await catalogue.near("글리", n=1)) == 1

    async def test_many_names_are_read_at_once(self, catalogue: Catalogue) -> None:
        await fill(catalogue, builders.small_shop())
        ids = await catalogue.ingredient_ids(("글리세린", "없는 것", "약쑥 추출물"))
        assert list(ids) == ["글리세린", "약쑥 추출물"]
        found = await catalogue.ingredients((*ids.values(), HUGE, 999))
        assert [each.name for each in found.values()] == ["글리세린", "쑥추출물"]

    async def test_names_follow_the_current_load(self, catalogue: Catalogue) -> None:
        await fill(catalogue, frames([product_row()], [ingredient_row("판테놀")]))
        assert await catalogue.near("판태놀") == ("판테놀",)
        await fill(catalogue, frames([product_row()], [ingredient_row("알란토인")]), id="next")
        assert await catalogue.near("판태놀") == ()
        assert await catalogue.near("알란트인") == ("알란토인",)

    async def test_avoided_names_become_ids(self, catalogue: Catalogue) -> None:
        names = ["에탄올", "세틸알코올", "녹차추출물", "메틸파라벤", "나이아신", "나이아신아마이드"]
        await fill(catalogue, frames([product_row()], map(ingredient_row, names)))
        every = [await catalogue.ingredient_named(name) for name in names]
        ids = {found.name: found.id for found in every if found}
        avoided = await catalogue.avoided_ids(["알코올", "녹차", "파라벤류", "나이아신", "없는것"])
        assert avoided == {ids[name] for name in ("에탄올", "녹차추출물", "메틸파라벤", "나이아신")}


class TestPeople:
    async def test_someone_new_has_no_dialogue(self, people: People) -> None:
        assert await people.recall(SOMEONE) is None

    async def test_a_dialogue_is_recalled_as_it_was_kept(self, people: People) -> None:
        await keep_state(people, '{"scene": "쉬는 중"}', expected=0)
        assert await people.recall(SOMEONE) == Record('{"scene": "쉬는 중"}', version=1, shown=0)
        await keep_state(people, "둘", expected=1)
        assert await people.recall(SOMEONE) == Record("둘", version=2, shown=0)
        assert await people.recall(ANOTHER) is None
        assert await people.recall(builders.person(channel="telegram")) is None

    async def test_shown_follows_the_version_and_never_goes_back(self, people: People) -> None:
        await keep_state(people, "하나", expected=0)
        await keep_state(people, "둘", expected=1)
        for version, expected in ((1, 1), (2, 2), (1, 2), (7, 2), (0, 2)):
            await people.shown(SOMEONE, version)
            assert await people.recall(SOMEONE) == Record("둘", version=2, shown=expected)

    async def test_a_repeated_event_changes_nothing(self, people: People) -> None:
        await keep_state(people, "하나", expected=0, event="e1")
        with pytest.raises(EventRepeated):
            await keep_state(people, "둘", expected=1, event="e1")
        assert await people.recall(SOMEONE) == Record("하나", version=1, shown=0)

    async def test_channels_number_their_events_apart(self, people: People) -> None:
        await keep_state(people, "하나", expected=0, event="e1")
        elsewhere = builders.person(channel="telegram")
        await keep_state(people, "하나", expected=0, person=elsewhere, event="e1")
        assert await people.recall(elsewhere) is not None

    async def test_events_without_an_id_are_not_deduplicated(
        self, database: Database, people: People
    ) -> None:
        await keep_state(people, "하나", expected=0)
        await keep_state(people, "둘", expected=1)
        assert await rows_of(database, EventRow) == 0

    @pytest.mark.parametrize("expected", [0, 2])
    async def test_a_turn_from_another_version_loses(self, people: People, expected: int) -> None:
        await keep_state(people, "하나", expected=0)
        with pytest.raises(LostRace):
            await keep_state(people, "둘", expected=expected, event="e2")
        assert await people.recall(SOMEONE) == Record("하나", version=1, shown=0)
        await keep_state(people, "둘", expected=1, event="e2")

    async def test_an_error_in_a_turn_undoes_all_of_it(
        self, database: Database, people: People
    ) -> None:
        with pytest.raises(RuntimeError):
            async with people.keeping(SOMEONE, at=NOON, event="e1", expected=0) as keeping:
                await keeping.state("하나")
                await keeping.consent(agreed=True, version="1", text="동의문", at=NOON)
                raise RuntimeError
        for table in (EventRow, PersonRow, ConsentRow):
            assert await rows_of(database, table) == 0
        await keep_state(people, "하나", expected=0, event="e1")

    async def test_a_cancelled_turn_leaves_nothing_and_holds_nothing_up(
        self, people: People
    ) -> None:
        inside = asyncio.Event()

        async def linger() -> None:
            async with people.keeping(SOMEONE, at=NOON, event="e1", expected=0) as keeping:
                await keeping.state("하나")
                inside.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(linger())
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await people.recall(SOMEONE) is None
        await keep_state(people, "둘", expected=0, event="e1")

    async def test_of_many_turns_at_once_one_wins(self, people: People) -> None:
        async def turn(number: int) -> type[BaseException] | None:
            try:
                await keep_state(people, str(number), expected=0, event=f"e{number}")
            except LostRace:
                return LostRace
            return None

        ends = await asyncio.gather(*map(turn, range(12)))
        assert ends.count(None) == 1
        record = await people.recall(SOMEONE)
        assert record == Record(str(ends.index(None)), version=1, shown=0)

    async def test_an_event_that_comes_five_times_at_once_is_applied_once(
        self, people: People
    ) -> None:
        async def turn() -> bool:
            try:
                await keep_state(people, "하나", expected=0, event="e1")
            except EventRepeated:
                return False
            return True

        assert sorted(await asyncio.gather(*(turn() for _ in range(5)))) == [False] * 4 + [True]

    async def test_a_turn_that_keeps_nothing_leaves_no_person(
        self, database: Database, people: People
    ) -> None:
        async with people.keeping(SOMEONE, at=NOON, event="e1", expected=0) as keeping:
            await keeping.forget()
        assert await rows_of(database, PersonRow) == 0
        with pytest.raises(EventRepeated):
            await keep_state(people, "하나", expected=0, event="e1")

    async def test_who_is_owed_something_is_found_after_a_restart(self, people: People) -> None:
        for number, waiting in ((1, False), (2, True), (3, False)):
            person = builders.person(id=f"v{number}")
            at = NOON - timedelta(minutes=number)
            async with people.keeping(person, at=at, event=None, expected=0) as keeping:
                await keeping.state("상태", waiting=waiting)
        for number in (2, 3):
            await people.shown(builders.person(id=f"v{number}"), 1)
        assert [person.id for person in await people.unfinished("web")] == ["v2", "v1"]
        assert await people.unfinished("telegram") == ()

    async def test_who_blocked_the_bot_is_owed_nothing_until_they_are_heard_of(
        self, people: People
    ) -> None:
        await keep_state(people, "하나", expected=0, event="e1")
        await people.mark_blocked(SOMEONE, True)
        assert await people.unfinished("web") == ()
        await keep_state(people, "둘", expected=1, event=None)  # a result, not the person
        assert await people.unfinished("web") == ()
        await keep_state(people, "셋", expected=2, event="e2")
        assert await people.unfinished("web") == (SOMEONE,)

    async def test_who_let_the_bot_in_again_is_owed_what_waited(self, people: People) -> None:
        await keep_state(people, "하나", expected=0, event="e1")
        for blocked in (True, False):
            await people.mark_blocked(SOMEONE, blocked)
        assert await people.unfinished("web") == (SOMEONE,)

    async def test_of_someone_unknown_no_block_is_kept(self, people: People) -> None:
        await people.mark_blocked(ANOTHER, True)
        assert (await people.export(ANOTHER))["person"] == []

    async def test_events_go_after_their_days(self, database: Database, people: People) -> None:
        for number, days in ((0, 9), (1, 7)):
            at = NOON - timedelta(days=days)
            async with people.keeping(SOMEONE, at=at, event=f"e{days}", expected=number) as keeping:
                await keeping.state("상태")
        assert await people.forget_old_events(NOON - timedelta(days=8)) == 1
        assert await rows_of(database, EventRow) == 1
        with pytest.raises(EventRepeated):
            await keep_state(people, "상태", expected=2, event="e7")

    # --- facts -------------------------------------------------------------------------------

    async def test_everything_kept_can_be_handed_out(
        self, catalogue: Catalogue, people: People
    ) -> None:
        ids = await fill(catalogue, builders.small_shop())
        seoul = timezone(timedelta(hours=9))
        async with people.keeping(SOMEONE, at=NOON, event="e1", expected=0) as keeping:
            await keeping.state("상태")
            await keeping.consent(agreed=True, version="1", text="동의문", at=NOON)
            await keeping.profile(builders.profile(), NOON.astimezone(seoul))
            await keeping.like(ids["p001"], 5.0, NOON)
            await keeping.answer(1, "건조해요", builders.answer(), NOON)
            await keeping.feedback(good=True, product=None, answer=1, at=NOON)
            await keeping.feedback(good=False, product=ids["p001"], answer=None, at=NOON)
        kept = await people.export(SOMEONE)
        assert json.loads(json.dumps(kept)) == kept
        assert kept["person"][0]["external_id"] == SOMEONE.id
        assert kept["dialogue"][0]["state"] == "상태"
        assert kept["profile"] == [
            {
                "age_band": "20대",
                "gender": "여성",
                "skin_type": "건성",
                "concerns": ["건조", "홍조"],
                "avoided": ["알코올"],
                "health": [],
                "at": "2026-03-02T12:00:00+00:00",
            }
        ]
        assert kept["likes"][0]["name"] == "이슬 수분 크림 p001"
        assert kept["answers"][0]["sources"][0]["title"] == "새벽숲 이슬 수분 크림"
        assert {(f["product_id"], f["ticket"], f["good"]) for f in kept["feedback"]} == {
            (None, 1, True),
            (ids["p001"], None, False),
        }
        assert kept["consents"][0]["agreed"] is True

    async def test_the_last_word_on_each_thing_counts(
        self, catalogue: Catalogue, people: People
    ) -> None:
        ids = await fill(catalogue, builders.small_shop())
        for version, good in enumerate((True, False)):
            async with people.keeping(SOMEONE, at=NOON, event=None, expected=version) as keeping:
                await keeping.state("상태")
                await keeping.profile(SkinProfile(avoided=("향료",) * version), NOON)
                await keeping.like(ids["p001"], 4.0 + version, NOON)
                await keeping.answer(1, "질문", Answer(f"답 {version}"), NOON)
                await keeping.feedback(good=good, product=ids["p001"], answer=None, at=NOON)
                await keeping.feedback(good=good, product=None, answer=1, at=NOON)
        kept = await people.export(SOMEONE)
        assert [profile["avoided"] for profile in kept["profile"]] == [["향료"]]
        assert [like["rating"] for like in kept["likes"]] == [5.0]
        assert [answer["text"] for answer in kept["answers"]] == ["답 1"]
        assert [feedback["good"] for feedback in kept["feedback"]] == [False, False]

    async def test_a_like_can_be_taken_back(self, catalogue: Catalogue, people: People) -> None:
        ids = await fill(catalogue, builders.small_shop())
        async with people.keeping(SOMEONE, at=NOON, event=None, expected=0) as keeping:
            await keeping.like(ids["p001"], 5.0, NOON)
            await keeping.like(ids["p002"], 5.0, NOON)
            for product in (ids["p001"], 999, HUGE):
                await keeping.unlike(product)
        kept = await people.export(SOMEONE)
        assert [like["name"] for like in kept["likes"]] == ["쑥 진정 토너"]

    async def test_a_product_that_left_the_shop_may_still_be_liked(
        self, catalogue: Catalogue, people: People
    ) -> None:
        ids = await fill(catalogue, builders.small_shop())
        await fill(catalogue, frames([product_row("p002")]), id="next")
        async with people.keeping(SOMEONE, at=NOON, event=None, expected=0) as keeping:
            await keeping.like(ids["p001"], 5.0, NOON)
        assert len((await people.export(SOMEONE))["likes"]) == 1

    @pytest.mark.parametrize("product", [0, -1, 999, HUGE])
    async def test_a_product_of_no_load_cannot_be_liked(
        self, database: Database, catalogue: Catalogue, people: People, product: int
    ) -> None:
        await fill(catalogue, builders.small_shop())
        with pytest.raises(UnknownProduct):
            async with people.keeping(SOMEONE, at=NOON, event="e1", expected=0) as keeping:
                await keeping.state("상태")
                await keeping.like(product, 5.0, NOON)
        assert await rows_of(database, EventRow) == 0
        async with people.keeping(SOMEONE, at=NOON, event="e1", expected=0) as keeping:
            with pytest.raises(UnknownProduct):
                await keeping.feedback(good=True, product=product, answer=None, at=NOON)
            await keeping.state("상태")
        assert await people.recall(SOMEONE) is not None

    async def test_feedback_is_on_one_thing(self, people: People) -> None:
        async with people.keeping(SOMEONE, at=NOON, event=None, expected=0) as keeping:
            with pytest.raises(ValueError, match="product or on an answer"):
                await keeping.feedback(good=True, product=None, answer=None, at=NOON)

    async def test_a_ticket_that_no_database_holds_is_refused(self, people: People) -> None:
        async with people.keeping(SOMEONE, at=NOON, event=None, expected=0) as keeping:
            with pytest.raises(ValueError, match="ticket"):
                await keeping.feedback(good=True, product=None, answer=HUGE, at=NOON)

    async def test_text_that_postgresql_would_refuse_is_kept_without_it(
        self, people: People
    ) -> None:
        odd = "널\x00자와 \ud83d 반쪽"
        someone = builders.person(id=odd)
        async with people.keeping(someone, at=NOON, event=odd, expected=0) as keeping:
            await keeping.state(odd)
            await keeping.consent(agreed=True, version="1", text=odd, at=NOON)
            await keeping.profile(builders.profile(avoided=(odd,)), NOON)
            await keeping.answer(1, odd, Answer(odd), NOON)
        record = await people.recall(someone)
        assert record is not None
        assert record.state == "널자와 ? 반쪽"
        assert (await people.export(someone))["answers"][0]["question"] == "널자와 ? 반쪽"

    async def test_a_time_without_a_zone_is_refused(self, people: People) -> None:
        naive = NOON.replace(tzinfo=None)
        with pytest.raises(Exception, match="no time zone"):
            async with people.keeping(SOMEONE, at=naive, event="e1", expected=0) as keeping:
                await keeping.state("상태")

    # --- consent and forgetting --------------------------------------------------------------

    async def test_consents_are_appended(self, people: People) -> None:
        for version, agreed in enumerate((True, False)):
            at = NOON + timedelta(days=version)
            async with people.keeping(SOMEONE, at=at, event=None, expected=version) as keeping:
                await keeping.state("상태")
                await keeping.consent(agreed=agreed, version="1", text="동의문", at=at)
        consents = (await people.export(SOMEONE))["consents"]
        assert [consent["agreed"] for consent in consents] == [True, False]
        assert len({consent["text_sha256"] for consent in consents}) == 1

    async def test_forgetting_leaves_the_proof_of_consent_and_nothing_else(
        self, database: Database, catalogue: Catalogue, people: People
    ) -> None:
        ids = await fill(catalogue, builders.small_shop())
        for person in (SOMEONE, ANOTHER):
            async with people.keeping(
                person, at=NOON, event=person.id + "!", expected=0
            ) as keeping:
                await keeping.state("상태")
                await keeping.consent(agreed=True, version="1", text="동의문", at=NOON)
                await keeping.profile(builders.profile(), NOON)
                await keeping.like(ids["p001"], 5.0, NOON)
                await keeping.answer(1, "질문", builders.answer(), NOON)
                await keeping.feedback(good=True, product=ids["p001"], answer=None, at=NOON)
        theirs = await people.export(ANOTHER)
        async with people.keeping(SOMEONE, at=NOON, event=None, expected=1) as keeping:
            await keeping.consent(agreed=False, version="1", text="동의문", at=NOON)
            await keeping.forget()
        assert await people.recall(SOMEONE) is None
        kept = await people.export(SOMEONE)
        assert {name: len(rows) for name, rows in kept.items() if rows} == {"consents": 2}
        once = {"person", "dialogue", "profile", "likes", "answers", "feedback", "consents"}
        assert {name: len(rows) for name, rows in theirs.items() if rows} == dict.fromkeys(once, 1)
        assert await people.export(ANOTHER) == theirs

    async def test_a_withdrawal_takes_what_was_kept_with_consent_and_leaves_the_dialogue(
        self, catalogue: Catalogue, people: People
    ) -> None:
        ids = await fill(catalogue, builders.small_shop())
        await keep_everything(people, SOMEONE, ids["p001"])
        await keep_everything(people, ANOTHER, ids["p001"])
        theirs = await people.export(ANOTHER)
        async with people.keeping(SOMEONE, at=NOON, event=None, expected=1) as keeping:
            await keeping.withdraw()
            await keeping.state("뒤")
        kept = await people.export(SOMEONE)
        assert {name for name, rows in kept.items() if rows} == {"person", "dialogue", "consents"}
        assert await people.recall(SOMEONE) == Record("뒤", version=2, shown=0)
        assert await people.export(ANOTHER) == theirs

    async def test_someone_new_has_nothing_to_withdraw(self, people: People) -> None:
        async with people.keeping(SOMEONE, at=NOON, event=None, expected=0) as keeping:
            await keeping.withdraw()
        assert await people.recall(SOMEONE) is None

    async def test_who_was_idle_for_the_retention_time_goes(
        self, database: Database, catalogue: Catalogue, people: People
    ) -> None:
        ids = await fill(catalogue, builders.small_shop())
        await keep_everything(people, SOMEONE, ids["p001"])
        await keep_everything(people, ANOTHER, ids["p001"])
        later = NOON + timedelta(days=200)
        async with people.keeping(ANOTHER, at=later, event=None, expected=1) as keeping:
            await keeping.state("다시 왔어요")
        assert await people.forget_idle(NOON) == 0
        assert await people.forget_idle(NOON + timedelta(seconds=1)) == 1
        kept = await people.export(SOMEONE)
        assert {name for name, rows in kept.items() if rows} == {"consents"}
        assert (await people.recall(ANOTHER)) == Record("다시 왔어요", version=2, shown=0)
        assert await rows_of(database, LikeRow) == 1

    async def test_the_proof_does_not_name_the_person(
        self, database: Database, people: People
    ) -> None:
        async with people.keeping(SOMEONE, at=NOON, event=None, expected=0) as keeping:
            await keeping.consent(agreed=True, version="1", text="동의문", at=NOON)
        async with database.read() as connection:
            row = (await connection.execute(select(ConsentRow))).one()
        assert SOMEONE.id not in str(row)
        assert (await People(database, key=b"another").export(SOMEONE))["consents"] == []
        assert await rows_of(database, PersonRow) == 0

    async def test_who_was_forgotten_begins_anew(self, people: People) -> None:
        await keep_state(people, "하나", expected=0)
        async with people.keeping(SOMEONE, at=NOON, event=None, expected=1) as keeping:
            await keeping.forget()
            await keeping.state("처음")
        assert await people.recall(SOMEONE) == Record("처음", version=2, shown=0)
        async with people.keeping(SOMEONE, at=NOON, event=None, expected=2) as keeping:
            await keeping.forget()
        with pytest.raises(LostRace):
            await keep_state(people, "둘", expected=2)
        await keep_state(people, "다시", expected=0)


class TestDatabase:
    async def test_models_and_migrations_agree(self, database: Database) -> None:
        def differences(connection: Connection) -> object:
            return compare_metadata(MigrationContext.configure(connection), Table.metadata)

        async with database.read() as connection:
            assert await connection.run_sync(differences) == []

    async def test_an_open_database_answers(self, database: Database) -> None:
        await database.ping()

    async def test_times_come_back_in_utc(self, database: Database, catalogue: Catalogue) -> None:
        seoul = datetime(2026, 3, 2, 21, tzinfo=timezone(timedelta(hours=9)))
        await catalogue.replace(builders.load(at=seoul), *frames([product_row()]))
        found = await catalogue.current_load()
        assert found is not None
        assert (found.at, found.at.tzinfo) == (NOON, UTC)

    async def test_opening_again_keeps_what_is_there(self, store_url: str) -> None:
        for version in range(2):
            database = await Database.open(store_url)
            await keep_state(People(database), "상태", expected=version)
            await database.close()

    async def test_an_old_database_is_migrated_with_all_that_is_in_it(
        self, store_url: str, tmp_path: Path
    ) -> None:
        old = await Database.open(store_url)
        await keep_state(People(old), "상태", expected=0)
        await old.close()
        new = await Database.open(store_url, migrations=next_program(tmp_path))
        async with new.read() as connection:
            await connection.execute(text("SELECT nickname FROM people"))
        assert (await People(new).recall(SOMEONE) or Record("", 0, 0)).state == "상태"
        await new.close()

    async def test_a_newer_database_is_refused_in_one_sentence(
        self, store_url: str, tmp_path: Path
    ) -> None:
        newer = await Database.open(store_url, migrations=next_program(tmp_path))
        await newer.close()
        for migrate in (True, False):
            with pytest.raises(StoreUnavailable, match="이 프로그램보다 새 버전이에요"):
                await Database.open(store_url, migrate=migrate)

    async def test_without_migrating_an_old_database_is_refused(
        self, store_url: str, tmp_path: Path
    ) -> None:
        old = await Database.open(store_url)
        await old.close()
        with pytest.raises(StoreUnavailable, match="옛 버전"):
            await Database.open(store_url, migrate=False, migrations=next_program(tmp_path))
        current = await Database.open(store_url, migrate=False)
        await current.ping()
        await current.close()

    async def test_the_first_revision_can_be_taken_back(self, store_url: str) -> None:
        def downgrade(connection: Connection) -> None:
            command.downgrade(schema.configuration(connection), "base")

        database = await Database.open(store_url)
        async with database.begin() as connection:
            await connection.run_sync(downgrade)
        with pytest.raises(StoreUnavailable):
            await database.ping()
        await database.close()

    async def test_a_migration_that_breaks_leaves_the_old_schema(
        self, store_url: str, tmp_path: Path
    ) -> None:
        old = await Database.open(store_url)
        broken = next_program(tmp_path, then="raise RuntimeError")
        with pytest.raises(RuntimeError):
            await Database.open(store_url, migrations=broken)
        again = await Database.open(store_url, migrate=False)
        await again.close()
        await old.close()

    async def test_processes_that_start_at_once_do_not_collide(self, store_url: str) -> None:
        """Each migrates, then applies the same 20 events: 20 turns in all, whoever does which."""
        racers = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-c", RACER, store_url, stdout=subprocess.PIPE
            )
            for _ in range(2)
        ]
        applied = [int((await racer.communicate())[0]) for racer in racers]
        assert sum(applied) == EVENTS
        database = await Database.open(store_url, migrate=False)
        record = await People(database).recall(SOMEONE)
        await database.close()
        assert record == Record(f"{EVENTS}", version=EVENTS, shown=0)

    async def test_a_broken_rule_is_not_called_an_unavailable_store(
        self, database: Database
    ) -> None:
        with pytest.raises(IntegrityError):
            async with database.begin() as connection:
                await connection.execute(
                    insert(EventRow), [{"channel": "web", "event_id": "e", "at": NOON}] * 2
                )
        assert await rows_of(database, EventRow) == 0


class TestAddresses:
    """What is wrong with a database is said in one sentence, without the password."""

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "ppoyami.db",
            "sqlite:///ppoyami.db",
            "mysql+aiomysql://shop:geheim@localhost/shop",
            "postgresql+psycopg://shop:geheim@localhost:port/shop",
            "sqlite+aiosqlite://",
            "sqlite+aiosqlite:///:memory:",
        ],
    )
    async def test_a_wrong_address_is_refused(self, url: str) -> None:
        with pytest.raises(StoreUnavailable) as refusal:
            await Database.open(url)
        assert_is_one_sentence(refusal.value)

    async def test_a_folder_that_cannot_be_made_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("no folder")
        with pytest.raises(StoreUnavailable, match="폴더를 만들 수 없어요") as refusal:
            await Database.open(f"sqlite+aiosqlite:///{tmp_path}/file/ppoyami.db")
        assert_is_one_sentence(refusal.value)

    async def test_a_file_that_is_no_database_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "ppoyami.db").write_bytes(b"\xff\xd8\xff a photograph" * 500)
        with pytest.raises(StoreUnavailable, match="데이터베이스 파일이 아니에요") as refusal:
            await Database.open(f"sqlite+aiosqlite:///{tmp_path}/ppoyami.db")
        assert_is_one_sentence(refusal.value)

    async def test_a_folder_in_the_files_place_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(StoreUnavailable, match="열 수 없어요") as refusal:
            await Database.open(f"sqlite+aiosqlite:///{tmp_path}")
        assert_is_one_sentence(refusal.value)

    async def test_a_read_only_disk_is_said_so_and_can_still_be_read(self, tmp_path: Path) -> None:
        path = tmp_path / "ppoyami.db"
        writable = await Database.open(f"sqlite+aiosqlite:///{path}")
        await keep_state(People(writable), "상태", expected=0)
        read_only = f"sqlite+aiosqlite:///file:{path}?mode=ro&uri=true"
        with pytest.raises(StoreUnavailable, match="읽기 전용") as refusal:
            await Database.open(read_only)
        assert_is_one_sentence(refusal.value)
        database = await Database.open(read_only, migrate=False)
        assert await People(database).recall(SOMEONE) is not None
        with pytest.raises(StoreUnavailable, match="읽기 전용"):
            await keep_state(People(database), "둘", expected=1)
        await database.close()
        await writable.close()

    async def test_a_server_that_is_not_there_is_said_so(self) -> None:
        pytest.importorskip("psycopg")
        with pytest.raises(StoreUnavailable, match="연결할 수 없어요") as refusal:
            await Database.open("postgresql+psycopg://shop:geheim@127.0.0.1:1/shop?password=geheim")
        assert_is_one_sentence(refusal.value)

    @pytest.mark.parametrize("how", ["forgotten", "idle", "withdrawn"])
    async def test_what_was_erased_is_in_no_file_and_the_matrix_never_held_it(
        self, tmp_path: Path, how: str
    ) -> None:
        """The matrix is made of a load's reviews alone: no person's likes and ratings are in it,
        so the next one has them no more than the last."""
        path = tmp_path / "ppoyami.db"
        database = await Database.open(f"sqlite+aiosqlite:///{path}")
        ids = await fill(Catalogue(database), builders.small_shop())
        people = People(database, key=b"a secret of the tests")
        await keep_everything(people, SOMEONE, ids["p001"])
        assert all(secret in _everything(tmp_path) for secret in SECRETS)
        if how == "idle":
            assert await people.forget_idle(NOON + timedelta(days=1)) == 1
        else:
            async with people.keeping(SOMEONE, at=NOON, event=None, expected=1) as keeping:
                await (keeping.forget() if how == "forgotten" else keeping.withdraw())
                if how == "withdrawn":
                    await keeping.state("메뉴")
        for table in (LikeRow, FeedbackRow, ProfileRow, AnswerRow):
            assert await rows_of(database, table) == 0
        await database.close()
        known = {SOMEONE.id.encode()} if how == "withdrawn" else set()
        assert {secret for secret in SECRETS if secret in _everything(tmp_path)} == known
        assert [file.name for file in tmp_path.iterdir()] == ["ppoyami.db"]


SECRETS = (
    SOMEONE.id.encode(),
    "비밀스러운 질문".encode(),
    "비밀스러운 답".encode(),
    "비밀스러운 상태".encode(),
    "비밀스러운 성분".encode(),
)


def _everything(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def assert_is_one_sentence(error: StoreUnavailable) -> None:
    said = str(error)
    assert "geheim" not in said
    assert "\n" not in said
    assert "요" in said


def next_program(folder: Path, then: str = "pass") -> Path:
    """The migrations of a later version: one more, which makes the table `people` anew."""
    migrations = folder / "migrations"
    shutil.copytree(schema.MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"))
    (migrations / "versions" / "next.py").write_text(NEXT.replace("THEN", then))
    return migrations


NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "0003"


def upgrade() -> None:
    anew = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("people", recreate=anew) as people:
        people.add_column(sa.Column("nickname", sa.Text()))
    THEN
"""

EVENTS = 20
RACER = f"""
import asyncio, sys
from datetime import UTC, datetime
from engine.domain import Person
from engine.store.database import Database
from engine.store.people import EventRepeated, LostRace, People

someone = Person({SOMEONE.channel!r}, {SOMEONE.id!r})

async def turn(people, event):
    while True:
        record = await people.recall(someone)
        count = int(record.state) if record else 0
        expected = record.version if record else 0
        try:
            async with people.keeping(
                someone, at=datetime.now(UTC), event=event, expected=expected
            ) as keeping:
                await keeping.state(str(count + 1))
            return 1
        except LostRace:
            continue
        except EventRepeated:
            return 0

async def race():
    database = await Database.open(sys.argv[1])
    people = People(database)
    print(sum([await turn(people, f"e{{number}}") for number in range({EVENTS})]))
    await database.close()

asyncio.run(race())
"""
