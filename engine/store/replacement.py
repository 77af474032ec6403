"""Writing a load over the one before: only what differs is touched.

So the same load again is quick, and a bot's writers on SQLite do not wait past their time-out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.domain import Load
from engine.store.database import batches, upsert
from engine.store.frames import Row, Rows
from engine.store.tables import (
    CurrentLoadRow,
    IngredientRow,
    LoadRow,
    ProductIngredientRow,
    ProductRow,
    ReviewRow,
)

Key = tuple[Any, ...]
Keyed = type[ProductRow] | type[IngredientRow] | type[ReviewRow]


async def replace(connection: AsyncConnection, load: Load, rows: Rows) -> None:
    """Within the caller's transaction; two loads at once go one after the other."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("LOCK TABLE loads IN SHARE ROW EXCLUSIVE MODE"))
    await _replace_named(connection, ProductRow, "key", rows.products)
    await _replace_named(connection, IngredientRow, "name", rows.ingredients)
    products = dict((await connection.execute(select(ProductRow.key, ProductRow.id))).all())
    names = select(IngredientRow.name, IngredientRow.id)
    ingredients = dict((await connection.execute(names)).all())
    await _replace_formulas(
        connection,
        {
            products[key]: tuple(ingredients[name] for name in formula)
            for key, formula in rows.formulas.items()
        },
    )
    await _replace_reviews(connection, [_placed(review, products) for review in rows.reviews])
    await _make_current(connection, load)


async def _replace_named(
    connection: AsyncConnection,
    table: type[ProductRow] | type[IngredientRow],
    key: str,
    rows: Mapping[str, Row],
) -> None:
    """Rows keep their id under their key; those that are not in the load are gone, not deleted."""
    there = await _rows(connection, table, [key])
    await _write(
        connection, table, [key], _changed(there, {(name,): row for name, row in rows.items()})
    )
    absent = [row["id"] for (name,), row in there.items() if name not in rows and not row["gone"]]
    for ids in batches(absent):
        await connection.execute(update(table).where(table.id.in_(ids)).values(gone=True))


async def _replace_formulas(
    connection: AsyncConnection, formulas: Mapping[int, tuple[int, ...]]
) -> None:
    """`formulas`: product id → ingredient ids. One that differs is written anew as a whole."""
    line = ProductIngredientRow
    query = select(line.product_id, line.ingredient_id).order_by(line.product_id, line.position)
    there: dict[int, tuple[int, ...]] = {}
    for product, ingredient in await connection.execute(query):
        there[product] = (*there.get(product, ()), ingredient)
    outdated = [product for product in there if there[product] != formulas.get(product)]
    for ids in batches(outdated):
        await connection.execute(delete(line).where(line.product_id.in_(ids)))
    lines = [
        {"product_id": product, "position": position, "ingredient_id": ingredient}
        for product, formula in formulas.items()
        if there.get(product) != formula
        for position, ingredient in enumerate(formula, start=1)
    ]
    if lines:
        await connection.execute(insert(line), lines)


async def _replace_reviews(connection: AsyncConnection, reviews: Sequence[Row]) -> None:
    key = ["product_id", "reviewer"]
    there = await _rows(connection, ReviewRow, key)
    rows = {(review["product_id"], review["reviewer"]): review for review in reviews}
    for ids in batches([row["id"] for place, row in there.items() if place not in rows]):
        await connection.execute(delete(ReviewRow).where(ReviewRow.id.in_(ids)))
    await _write(connection, ReviewRow, key, _changed(there, rows))


async def _make_current(connection: AsyncConnection, load: Load) -> None:
    values = {
        "id": load.id,
        "at": load.at,
        "products": load.products,
        "reviews": load.reviews,
        "ingredients": load.ingredients,
        "digest": load.digest,
    }
    await _write(connection, LoadRow, ["id"], [values])
    await _write(connection, CurrentLoadRow, ["id"], [{"id": 1, "load_id": load.id}])


async def _rows(
    connection: AsyncConnection, table: Keyed, key: Sequence[str]
) -> dict[Key, dict[str, Any]]:
    """Everything in the table, under its key."""
    found = (await connection.execute(select(table))).mappings()
    return {tuple(row[column] for column in key): dict(row) for row in found}


def _changed(there: Mapping[Key, Row], rows: Mapping[Key, Row]) -> list[Row]:
    return [
        row
        for place, row in rows.items()
        if place not in there or any(there[place][name] != value for name, value in row.items())
    ]


async def _write(
    connection: AsyncConnection, table: Any, key: Sequence[str], rows: Sequence[Row]
) -> None:
    """Update what is there under its key, so that ids stay, and insert the rest.

    Row by row through the driver's executemany: PostgreSQL's limit of 65,535 parameters in a
    statement never comes near.
    """
    if not rows:
        return
    statement = upsert(connection, table)
    change = {name: statement.excluded[name] for name in rows[0] if name not in key}
    statement = statement.on_conflict_do_update(index_elements=list(key), set_=change)
    await connection.execute(statement, list(rows))


def _placed(review: Row, products: Mapping[str, int]) -> Row:
    """With the product's id in the place of its key."""
    rest = {name: value for name, value in review.items() if name != "key"}
    return rest | {"product_id": products[review["key"]]}
