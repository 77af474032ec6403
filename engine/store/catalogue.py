"""Products, ingredients and reviews of the current load."""

import asyncio
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Executable, Select, func, select
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.domain import Effect, Ingredient, Load, Page, Product, SkinType
from engine.errors import UnknownIngredient, UnknownProduct
from engine.parsing.labels import LabelNames, label_names
from engine.store import frames, replacement
from engine.store.database import Database, batches
from engine.store.lexicon import Entry, Lexicon
from engine.store.tables import (
    ID_AT_MOST,
    CurrentLoadRow,
    IngredientRow,
    LoadRow,
    ProductIngredientRow,
    ProductRow,
    ReviewRow,
)

PAGE_SIZE = 5
_ORDER = (ProductRow.on_sale.desc(), ProductRow.reviews.desc(), ProductRow.id)


@dataclass(frozen=True, slots=True)
class Opinion:
    """How many reviewers of one skin type told of one effect, and their ratings' sum."""

    product: int
    skin_type: SkinType | None
    effect: Effect | None
    reviews: int
    ratings: float


@dataclass(frozen=True, slots=True)
class Stock:
    """The current load's products, what is sold first and the most reviewed first, and what was
    said of them."""

    products: tuple[Product, ...] = ()
    opinions: tuple[Opinion, ...] = ()


class Catalogue:
    """Reads the current load; `replace` makes another one current."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lexicon: tuple[Load, Lexicon] | None = None
        self._building = asyncio.Lock()

    # --- loads -----------------------------------------------------------------------------------

    async def replace(
        self,
        load: Load,
        products: pd.DataFrame,
        ingredients: pd.DataFrame,
        reviews: pd.DataFrame,
    ) -> None:
        """Make these the catalogue, in one transaction: nobody sees half of it.

        products: product_id, brand, name, category, price, volume, picture, url, on_sale,
        ingredients (names in the label's order). ingredients: name, inci, cas, roles, origin,
        definition, limits, aliases (the plural ones hold tuples). reviews: product_id, reviewer,
        rating, skin_type, effect, irritation, text. Ids stay with their product_id and name;
        what is not there is gone. Raises ValueError where the frames contradict themselves.
        """
        rows = await asyncio.to_thread(frames.rows, products, ingredients, reviews)
        async with self._database.begin() as connection:
            await replacement.replace(connection, load, rows)

    async def current_load(self) -> Load | None:
        async with self._database.read() as connection:
            return await _current_load(connection)

    async def loads(self) -> tuple[Load, ...]:
        """Newest first."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(LoadRow).order_by(LoadRow.at.desc(), LoadRow.id.desc())
            )
            return tuple(map(_load, found))

    # --- products --------------------------------------------------------------------------------

    async def products(self, ids: Iterable[int]) -> dict[int, Product]:
        """In the order given; those that are gone or were never there are left out."""
        wanted = list(dict.fromkeys(ids))
        found: dict[int, Product] = {}
        async with self._database.read() as connection:
            for some in batches([i for i in wanted if _is_id(i)]):
                query = select(ProductRow).where(ProductRow.id.in_(some), ~ProductRow.gone)
                found |= {row.id: _product(row) for row in await connection.execute(query)}
        return {product: found[product] for product in wanted if product in found}

    async def product(self, product: int) -> Product:
        """Raises UnknownProduct where it is gone or was never there."""
        found = await self.products([product])
        if product not in found:
            raise UnknownProduct(product)
        return found[product]

    async def holding(self, ingredient: int, page: int, size: int = PAGE_SIZE) -> Page[Product]:
        """Products that hold the ingredient: what is sold first, the most reviewed first.

        `page` is brought into range.
        """
        lines = select(ProductIngredientRow.product_id).where(
            ProductIngredientRow.ingredient_id == (ingredient if _is_id(ingredient) else 0)
        )
        return await self._page(select(ProductRow).where(ProductRow.id.in_(lines)), page, size)

    async def _page(self, query: Select[Any], page: int, size: int) -> Page[Product]:
        query = query.where(~ProductRow.gone)
        async with self._database.read() as connection:
            counting = select(func.count()).select_from(query.subquery())
            total = (await connection.execute(counting)).scalar_one()
            pages = max(1, math.ceil(total / size))
            number = min(max(1, page), pages)
            asked = query.order_by(*_ORDER).limit(size).offset((number - 1) * size)
            items = tuple(map(_product, await connection.execute(asked)))
        return Page(items=items, number=number, pages=pages, total=total)

    async def stock(self) -> Stock:
        """Everything that is in the current load, in one read: 20,000 products are a second."""
        goods = select(ProductRow).where(~ProductRow.gone).order_by(*_ORDER)
        async with self._database.read() as connection:
            products = await connection.execute(goods)
            opinions = await connection.execute(_opinions())
            return Stock(tuple(map(_product, products)), tuple(map(_opinion, opinions)))

    async def ids_by_key(self) -> dict[str, int]:
        """The shop's product id → the store's, of the current load."""
        query = select(ProductRow.key, ProductRow.id).where(~ProductRow.gone)
        async with self._database.read() as connection:
            return dict((await connection.execute(query)).all())

    async def for_sale(self) -> frozenset[int]:
        query = select(ProductRow.id).where(~ProductRow.gone, ProductRow.on_sale)
        async with self._database.read() as connection:
            return frozenset((await connection.execute(query)).scalars())

    # --- ingredients -----------------------------------------------------------------------------

    async def formula(self, product: int) -> tuple[Ingredient, ...]:
        """The product's ingredients in the label's order; empty where none is known."""
        query = (
            select(IngredientRow)
            .join(ProductIngredientRow, ProductIngredientRow.ingredient_id == IngredientRow.id)
            .where(ProductIngredientRow.product_id == (product if _is_id(product) else 0))
            .order_by(ProductIngredientRow.position)
        )
        async with self._database.read() as connection:
            return tuple(map(_ingredient, await connection.execute(query)))

    async def formulas(self) -> dict[int, tuple[int, ...]]:
        """Product id → ingredient ids in the label's order, of the current load."""
        line = ProductIngredientRow
        query = select(line.product_id, line.ingredient_id).order_by(line.product_id, line.position)
        found: dict[int, list[int]] = {}
        async with self._database.read() as connection:
            for product, ingredient in await connection.execute(query):
                found.setdefault(product, []).append(ingredient)
        return {product: tuple(lines) for product, lines in found.items()}

    async def in_formulas(self) -> dict[int, Ingredient]:
        """Every ingredient that a formula of the current load holds."""
        held = IngredientRow.id.in_(select(ProductIngredientRow.ingredient_id))
        async with self._database.read() as connection:
            found = await connection.execute(select(IngredientRow).where(held))
            return {row.id: _ingredient(row) for row in found}

    async def ingredient(self, ingredient: int) -> Ingredient:
        """Raises UnknownIngredient where it is gone or was never there."""
        query = select(IngredientRow).where(
            IngredientRow.id == (ingredient if _is_id(ingredient) else 0), ~IngredientRow.gone
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise UnknownIngredient(str(ingredient))
        return _ingredient(row)

    async def ingredients(self, ids: Iterable[int]) -> dict[int, Ingredient]:
        """In the order given; those that are gone or were never there are left out."""
        wanted = list(dict.fromkeys(ids))
        found: dict[int, Ingredient] = {}
        async with self._database.read() as connection:
            for some in batches([i for i in wanted if _is_id(i)]):
                query = select(IngredientRow).where(IngredientRow.id.in_(some), ~IngredientRow.gone)
                found |= {row.id: _ingredient(row) for row in await connection.execute(query)}
        return {one: found[one] for one in wanted if one in found}

    async def ingredient_named(self, text: str) -> Ingredient | None:
        """By exact Korean name, alias or INCI name, whatever the blanks and signs."""
        found = (await self._names()).exact(text)
        return None if found is None else await self.ingredient(found)

    async def ingredient_ids(self, names: Iterable[str]) -> dict[str, int]:
        """Name → id, as `ingredient_named` reads each; what is not found is left out."""
        lexicon = await self._names()
        read = {name: lexicon.exact(name) for name in names}
        return {name: found for name, found in read.items() if found is not None}

    async def label_names(self, text: str) -> LabelNames:
        """The ingredients of the list that a text holds which was read off a photographed label."""
        lexicon = await self._names()
        return await asyncio.to_thread(label_names, text, lexicon.misread)

    async def ingredients_in(self, text: str) -> tuple[Ingredient, ...]:
        """The ingredients that a sentence names, in its order."""
        named = (await self._names()).named_in(text)
        return tuple([await self.ingredient(one) for one in named])

    async def near(self, text: str, n: int = 5) -> tuple[str, ...]:
        """Standard names close to what was typed, best first; `ingredient_named` knows each."""
        return await asyncio.to_thread((await self._names()).near, text, n)

    async def avoided_ids(self, names: Sequence[str]) -> frozenset[int]:
        """Ingredients that someone who typed these names avoids, as `Lexicon.avoided` has it."""
        if not names:
            return frozenset()
        return await asyncio.to_thread((await self._names()).avoided, tuple(names))

    async def _names(self) -> Lexicon:
        """The current load's, read once for each load."""
        async with self._building:
            async with self._database.read() as connection:
                load = await _current_load(connection)
                if load is None:
                    return Lexicon(())
                if self._lexicon is None or self._lexicon[0] != load:
                    entries = await _entries(connection)
                    self._lexicon = load, await asyncio.to_thread(Lexicon, entries)
            return self._lexicon[1]


# --- reading rows --------------------------------------------------------------------------------


async def _current_load(connection: AsyncConnection) -> Load | None:
    query = select(LoadRow).join(CurrentLoadRow, CurrentLoadRow.load_id == LoadRow.id)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _load(row)


async def _entries(connection: AsyncConnection) -> list[Entry]:
    row = IngredientRow
    used = row.id.in_(select(ProductIngredientRow.ingredient_id)).label("used")
    query = select(row.id, row.name, row.inci, row.aliases, row.roles, used).where(~row.gone)
    found = await connection.execute(query.order_by(row.id))
    return [
        Entry(r.id, r.name, r.inci, tuple(r.aliases), tuple(r.roles), bool(r.used)) for r in found
    ]


def _opinions() -> Executable:
    row = ReviewRow
    said = (row.product_id, row.skin_type, row.effect)
    return select(*said, func.count(), func.sum(row.rating)).group_by(*said)


def _opinion(row: Row[Any]) -> Opinion:
    product, skin_type, effect, reviews, ratings = tuple(row)
    return Opinion(
        product=product,
        skin_type=None if skin_type is None else SkinType(skin_type),
        effect=None if effect is None else Effect(effect),
        reviews=reviews,
        ratings=ratings,
    )


def _load(row: Row[Any]) -> Load:
    return Load(
        id=row.id,
        at=row.at,
        products=row.products,
        reviews=row.reviews,
        ingredients=row.ingredients,
        digest=row.digest,
    )


def _product(row: Row[Any]) -> Product:
    return Product(
        id=row.id,
        key=row.key,
        brand=row.brand,
        name=row.name,
        category=row.category,
        price=row.price,
        volume=row.volume,
        picture=row.picture,
        url=row.url,
        on_sale=row.on_sale,
        rating=row.rating,
        reviews=row.reviews,
    )


def _ingredient(row: Row[Any]) -> Ingredient:
    return Ingredient(
        id=row.id,
        name=row.name,
        inci=row.inci,
        cas=row.cas,
        roles=tuple(row.roles),
        origin=row.origin,
        definition=row.definition,
        limits=row.limits,
    )


def _is_id(number: int) -> bool:
    """PostgreSQL refuses to compare its ids with a larger number."""
    return 0 < number <= ID_AT_MOST
