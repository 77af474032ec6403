"""Ingredients and the export through fulfilment, engine and store together."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.conversation import Conversation
from bot.dialogue.model import (
    AnalyseFormula,
    Bubble,
    Document,
    ExportMine,
    FormulaAnalysed,
    FormulaListed,
    IngredientFound,
    ListFormula,
    LookUp,
    Request,
    Result,
    Said,
)
from bot.fulfil import Fulfilment, Shop
from bot.memory import StoredMemory
from engine.domain import Person
from engine.engine import Engine
from engine.settings import EngineSettings
from engine.store.catalogue import Catalogue
from engine.store.database import Database
from engine.store.people import People
from tests.builders import NOON, frames, ingredient_row, load, product_row
from tests.fakes import BigramEmbeddings

SOMEONE = Person("web", "somebody")

SHELF = frames(
    products=[
        product_row("p001", ingredients=("정제수", "글리세린", "에탄올")),
        product_row("p002", name="쑥 토너", ingredients=("정제수", "쑥추출물")),
    ],
    ingredients=[
        ingredient_row("정제수", inci="Water", roles=("용제",)),
        ingredient_row("글리세린", inci="Glycerin", roles=("보습제",)),
        ingredient_row("에탄올", inci="Alcohol", roles=("용제",)),
        ingredient_row("쑥추출물", aliases=("약쑥추출물",)),
    ],
)


@dataclass(frozen=True)
class House:
    people: People
    fulfil: Fulfilment
    products: dict[str, int]

    async def result(self, request: Request) -> Result:
        (result,) = [piece async for piece in self.fulfil(SOMEONE, request)]
        assert isinstance(result, Result)
        return result


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Two products and no matrix or index: nothing here needs one."""
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/ppoyami.db")
    catalogue = Catalogue(database)
    await catalogue.replace(load(), *SHELF)
    people = People(database, key=b"a secret of the tests")
    engine = Engine(EngineSettings(artifacts=tmp_path), database, BigramEmbeddings(), None)
    await engine.refresh()
    yield House(people, Fulfilment(engine, people, Shop()), await catalogue.ids_by_key())
    await engine.close()
    await database.close()


async def test_a_sheet_says_which_picks_hold_it_where_it_stands_and_which_word_means_it(
    house: House,
) -> None:
    first, second = house.products["p001"], house.products["p002"]
    wanted = LookUp(
        1, "에탄올", None, 1, picks=(second, first, 999), avoided=("향료", "알코올"), product=first
    )
    found = await house.result(wanted)
    assert isinstance(found, IngredientFound)
    assert [product.id for product in found.sheet.picked] == [first]
    assert found.sheet.avoided_as == ("알코올",)
    place = found.sheet.place
    assert place is not None
    assert (place.product.id, place.number, place.of) == (first, 3, 3)


@pytest.mark.parametrize("key", ["p002", None])
async def test_in_a_list_without_it_an_ingredient_has_no_place(house: House, key: str) -> None:
    product = house.products[key] if key else 999
    found = await house.result(LookUp(1, "에탄올", None, 1, product=product))
    assert isinstance(found, IngredientFound)
    assert found.sheet.place is None
    assert (found.sheet.picked, found.sheet.avoided_as) == ((), ())


async def test_a_formula_marks_what_a_word_for_many_means(house: House) -> None:
    listed = await house.result(ListFormula(1, house.products["p001"], ("알코올",)))
    assert isinstance(listed, FormulaListed)
    assert [each.name for each in listed.ingredients if each.id in listed.avoided] == ["에탄올"]


async def test_a_typed_list_is_read_by_any_name_and_near_ones_are_offered(house: House) -> None:
    names = ("water", "약쑥추출물", "글리세리", "정제수", "전혀모르는것")
    analysed = await house.result(AnalyseFormula(1, names, avoided=("쑥추출물",)))
    assert isinstance(analysed, FormulaAnalysed)
    reading = analysed.reading
    assert [each.name for each in reading.known] == ["정제수", "쑥추출물"]
    assert [(each.name, each.near) for each in reading.unknown] == [
        ("글리세리", ("글리세린",)),
        ("전혀모르는것", ()),
    ]
    assert analysed.avoided == {reading.known[1].id}


async def test_a_list_read_before_is_read_again_by_id(house: House) -> None:
    first = await house.result(AnalyseFormula(1, ("글리세린", "에탄올", "모르는것")))
    assert isinstance(first, FormulaAnalysed)
    ids = tuple(each.id for each in first.reading.known)
    again = await house.result(AnalyseFormula(2, ("모르는것",), (*ids, 10**6)))
    assert isinstance(again, FormulaAnalysed)
    assert again.reading == first.reading


async def test_what_cannot_be_asked_of_the_shop_alone_is_refused(house: House) -> None:
    with pytest.raises(TypeError):
        await house.fulfil.ask(ExportMine(1))


async def test_mydata_hands_out_everything_kept_of_this_person_alone(house: House) -> None:
    conversation = Conversation(StoredMemory(house.people), house.fulfil)

    async def says(person: Person, text: str) -> list[object]:
        return [shown async for shown in conversation.converse(person, Said(None, NOON, text))]

    for person in (SOMEONE, Person("web", "another")):
        for text in ("/start", "만 14세 이상이에요", "동의하고 시작"):
            await says(person, text)
    shown = await says(SOMEONE, "/mydata")
    (document,) = [piece for piece in shown if isinstance(piece, Document)]
    kept = json.loads(document.content)
    assert kept.keys() == (await house.people.export(SOMEONE)).keys()
    assert kept["person"][0]["external_id"] == "somebody"
    assert kept["dialogue"][0]["state"]["dialogue"]["agreed"] is True
    assert kept["consents"][0]["agreed"] is True
    assert "another" not in document.content
    assert "\n  " in document.content
    assert isinstance(shown[-1], Bubble) and "내 데이터 받기" in str(shown[-1].rows)


async def test_whoever_was_forgotten_while_the_process_ran_begins_anew(house: House) -> None:
    """The dialogue that the process holds in memory does not bring them back."""
    conversation = Conversation(StoredMemory(house.people), house.fulfil)
    for text in ("/start", "만 14세 이상이에요", "동의하고 시작"):
        async for _ in conversation.converse(SOMEONE, Said(None, NOON, text)):
            pass
    assert await house.people.forget_idle(NOON + timedelta(days=1)) == 1
    shown = [one async for one in conversation.converse(SOMEONE, Said(None, NOON, "추천 받기"))]
    assert isinstance(shown[0], Bubble) and "만 14세 이상이신가요?" in shown[0].text


async def test_the_operators_retention_time_stands_in_the_consent(house: House) -> None:
    conversation = Conversation(StoredMemory(house.people, retention_days=90), house.fulfil)
    texts = []
    for text in ("/start", "만 14세 이상이에요"):
        async for shown in conversation.converse(SOMEONE, Said(None, NOON, text)):
            texts += [shown.text] if isinstance(shown, Bubble) else []
    assert "마지막 대화 뒤 90일" in texts[-1]
