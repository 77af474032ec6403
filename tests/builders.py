"""Valid things of the domain: say what matters, the rest is plausible."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pandas as pd

from engine.domain import (
    AgeBand,
    Answer,
    Concern,
    DocumentKind,
    Effect,
    Gender,
    Ingredient,
    Irritation,
    Load,
    Person,
    Product,
    Review,
    SkinProfile,
    SkinType,
    Source,
    Writer,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

Row = dict[str, Any]


def person(**changes: Any) -> Person:
    return Person(**({"channel": "web", "id": "visitor-1"} | changes))


def product(**changes: Any) -> Product:
    values: Row = {
        "id": 1,
        "key": "p001",
        "brand": "새벽숲",
        "name": "이슬 수분 크림",
        "category": "크림",
        "price": 18000,
        "volume": "80ml",
        "picture": "pictures/p001.png",
        "url": "https://shop.example/p001",
        "on_sale": True,
        "rating": 4.5,
        "reviews": 12,
    }
    return Product(**(values | changes))


def ingredient(**changes: Any) -> Ingredient:
    values: Row = {
        "id": 1,
        "name": "글리세린",
        "inci": "Glycerin",
        "cas": "56-81-5",
        "roles": ("보습제",),
        "origin": "식물성 기름",
        "definition": "물을 끌어당기는 투명한 액체예요.",
        "limits": None,
    }
    return Ingredient(**(values | changes))


def review(**changes: Any) -> Review:
    values: Row = {
        "product": 1,
        "reviewer": "r001",
        "rating": 5.0,
        "text": "겨울에도 당기지 않아요",
        "skin_type": SkinType.DRY,
        "effect": Effect.MOISTURE,
        "irritation": Irritation.GENTLE,
    }
    return Review(**(values | changes))


def profile(**changes: Any) -> SkinProfile:
    values: Row = {
        "age_band": AgeBand.TWENTIES,
        "gender": Gender.FEMALE,
        "skin_type": SkinType.DRY,
        "concerns": (Concern.DRYNESS, Concern.REDNESS),
        "avoided": ("알코올",),
    }
    return SkinProfile(**(values | changes))


def answer(**changes: Any) -> Answer:
    values: Row = {
        "text": "이슬 수분 크림을 권해요 [1].",
        "sources": (Source(1, DocumentKind.PRODUCT, "새벽숲 이슬 수분 크림", 1),),
        "writer": Writer.COMPOSED,
    }
    return Answer(**(values | changes))


def load(**changes: Any) -> Load:
    values: Row = {
        "id": "20260302-120000",
        "at": NOON,
        "products": 2,
        "reviews": 3,
        "ingredients": 3,
        "digest": "0" * 64,
    }
    return Load(**(values | changes))


# --- frames as ingest hands them to `Catalogue.replace` ------------------------------------------


class Frames(NamedTuple):
    products: pd.DataFrame
    ingredients: pd.DataFrame
    reviews: pd.DataFrame


def product_row(product_id: str = "p001", **changes: Any) -> Row:
    """A line of the products frame; no ingredients unless they are named."""
    values: Row = {
        "product_id": product_id,
        "brand": "새벽숲",
        "name": f"이슬 수분 크림 {product_id}",
        "category": "크림",
        "price": 18000,
        "volume": "80ml",
        "picture": f"pictures/{product_id}.png",
        "url": f"https://shop.example/{product_id}",
        "on_sale": True,
        "ingredients": (),
    }
    return values | changes


def ingredient_row(name: str = "글리세린", **changes: Any) -> Row:
    values: Row = {
        "name": name,
        "inci": None,
        "cas": None,
        "roles": (),
        "origin": None,
        "definition": None,
        "limits": None,
        "aliases": (),
    }
    return values | changes


def review_row(product_id: str = "p001", reviewer: str = "r001", **changes: Any) -> Row:
    values: Row = {
        "product_id": product_id,
        "reviewer": reviewer,
        "rating": 5.0,
        "skin_type": None,
        "effect": None,
        "irritation": None,
        "text": f"{reviewer} 님의 {product_id} 후기예요",
    }
    return values | changes


def frames(
    products: Iterable[Mapping[str, Any]] = (),
    ingredients: Iterable[Mapping[str, Any]] = (),
    reviews: Iterable[Mapping[str, Any]] = (),
) -> Frames:
    """Columns are there also where no row is."""
    return Frames(
        pd.DataFrame([dict(row) for row in products], columns=list(product_row())),
        pd.DataFrame([dict(row) for row in ingredients], columns=list(ingredient_row())),
        pd.DataFrame([dict(row) for row in reviews], columns=list(review_row())),
    )


def small_shop() -> Frames:
    """Two products, three ingredients, three reviews: enough to look around in."""
    return frames(
        products=[
            product_row("p001", ingredients=("정제수", "글리세린")),
            product_row(
                "p002",
                brand="달빛온실",
                name="쑥 진정 토너",
                category="스킨/토너",
                ingredients=("정제수", "쑥추출물", "글리세린"),
            ),
        ],
        ingredients=[
            ingredient_row("정제수", inci="Water"),
            ingredient_row("글리세린", inci="Glycerin", cas="56-81-5", roles=("보습제",)),
            ingredient_row("쑥추출물", aliases=("약쑥추출물",)),
        ],
        reviews=[
            review_row("p001", "r001", rating=5.0, skin_type="건성", irritation="순해요"),
            review_row("p001", "r002", rating=4.0, skin_type="지성", irritation="자극"),
            review_row("p002", "r001", rating=3.0, skin_type="건성"),
        ],
    )
