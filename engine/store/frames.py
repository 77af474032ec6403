"""Ingest's data frames as rows of the catalogue's tables. Pure; ids come later."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from engine.parsing.korean import squeeze

Row = dict[str, Any]

_TEXTS = ("inci", "cas", "origin", "definition", "limits")
"""What an ingredient may lack."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A whole load, by natural keys."""

    products: dict[str, Row]
    """Key → columns of `products`, with mean rating and number of reviews."""
    ingredients: dict[str, Row]
    """Name → columns of `ingredients`; those that only a label names have nothing but a name."""
    formulas: dict[str, tuple[str, ...]]
    """Product key → ingredient names in the label's order, each once."""
    reviews: list[Row]
    """Columns of `reviews`, with `key` instead of the product's id."""


def rows(products: pd.DataFrame, ingredients: pd.DataFrame, reviews: pd.DataFrame) -> Rows:
    """Columns as `Catalogue.replace` says.

    Raises ValueError where a key comes twice, a person rates a product twice, or a review is of
    a product that is not there: ingest has to have settled that.
    """
    _once(products, ["product_id"], "products")
    _once(ingredients, ["name"], "ingredients")
    _once(reviews, ["product_id", "reviewer"], "reviews")
    strangers = set(reviews["product_id"]) - set(products["product_id"])
    if strangers:
        raise ValueError(f"reviews of unknown products: {sorted(map(str, strangers))[:3]}")
    formulas = {
        str(record["product_id"]): tuple(dict.fromkeys(record["ingredients"]))
        for record in _records(products)
    }
    return Rows(
        products=_products(products, reviews),
        ingredients=_ingredients(ingredients, formulas.values()),
        formulas=formulas,
        reviews=[_review(record) for record in _records(reviews)],
    )


def _once(frame: pd.DataFrame, columns: list[str], table: str) -> None:
    repeated = frame.loc[frame.duplicated(subset=columns), columns]
    if len(repeated):
        raise ValueError(f"{table} holds {tuple(repeated.iloc[0])} twice")


def _products(products: pd.DataFrame, reviews: pd.DataFrame) -> dict[str, Row]:
    ratings = reviews.groupby("product_id")["rating"]
    means, counts = ratings.mean().to_dict(), ratings.size().to_dict()
    return {
        str(record["product_id"]): _product(record)
        | {
            "rating": _number(means.get(record["product_id"])),
            "reviews": int(counts.get(record["product_id"], 0)),
        }
        for record in _records(products)
    }


def _product(record: Row) -> Row:
    brand, name, category = (_text(record[c]) or "" for c in ("brand", "name", "category"))
    price = _number(record["price"])
    return {
        "key": str(record["product_id"]),
        "brand": brand,
        "name": name,
        "category": category,
        "price": None if price is None else round(price),
        "volume": _text(record["volume"]),
        "picture": _text(record["picture"]),
        "url": _text(record["url"]),
        "on_sale": bool(record["on_sale"]),
        "gone": False,
        "search": squeeze(f"{brand} {name} {category}"),
    }


def _ingredients(frame: pd.DataFrame, formulas: Iterable[tuple[str, ...]]) -> dict[str, Row]:
    known = {str(record["name"]): _ingredient(record) for record in _records(frame)}
    on_labels = (name for formula in formulas for name in formula)
    return {name: _bare_ingredient(name) for name in on_labels} | known


def _ingredient(record: Row) -> Row:
    name = str(record["name"])
    return _bare_ingredient(name) | {
        "roles": list(record["roles"]),
        "aliases": list(record["aliases"]),
        **{column: _text(record[column]) for column in _TEXTS},
    }


def _bare_ingredient(name: str) -> Row:
    row: Row = {"name": name, "roles": [], "aliases": [], "gone": False, "search": squeeze(name)}
    return row | dict.fromkeys(_TEXTS)


def _review(record: Row) -> Row:
    return {
        "key": str(record["product_id"]),
        "reviewer": str(record["reviewer"]),
        "rating": float(record["rating"]),
        "skin_type": _text(record["skin_type"]),
        "effect": _text(record["effect"]),
        "irritation": _text(record["irritation"]),
        "text": _text(record["text"]) or "",
    }


def _records(frame: pd.DataFrame) -> Iterator[Row]:
    names = [str(column) for column in frame.columns]
    for values in frame.itertuples(index=False, name=None):
        yield dict(zip(names, values, strict=True))


def _text(value: Any) -> str | None:
    """None for pandas' many ways to say nothing, and for the empty text."""
    return None if pd.isna(value) else str(value) or None


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
