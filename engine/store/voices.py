"""What the current load's reviewers say: counted for many products, word for word for one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Executable, func, select
from sqlalchemy.engine import Connection, Row

from engine.domain import Effect, Irritation, SkinType
from engine.store.database import Database, batches
from engine.store.tables import ID_AT_MOST, ProductRow, ReviewRow

ADMIRES = 4.0
"""A rating from here on says that someone liked the product."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What people of one skin type, or all, say of a product; one review is one person."""

    reviews: int = 0
    rating: float | None = None
    """Their mean, in [1, 5]."""
    told: int = 0
    """Reviews that say how it was on the skin: 순해요, 보통 or 자극."""
    irritated: int = 0
    """Those of `told` that say 자극."""
    effects: tuple[tuple[Effect, int], ...] = ()
    """Reviews that tell of each effect, the most told first; those that none tells of left out."""

    @property
    def gentle_share(self) -> float | None:
        """Share in [0, 1] of `told` that tells of no irritation; None where none told."""
        return (self.told - self.irritated) / self.told if self.told else None


@dataclass(frozen=True, slots=True)
class Liking:
    """How people of one skin type rate one product."""

    product: int
    people: int
    admirers: int
    """Those who gave 4 or more."""
    rating: float


class Voices:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def heard(
        self, products: Collection[int], skin_type: SkinType | None
    ) -> dict[int, Voice]:
        """Of each product, what reviewers of the skin type (None: all) say."""
        known = [product for product in products if 0 < product <= ID_AT_MOST]
        told = await self._database.look(lambda connection: _heard(connection, known, skin_type))
        return dict.fromkeys(products, Voice()) | told

    async def words(self, product: int, skin_type: SkinType) -> tuple[tuple[float, str], ...]:
        """Rating and text of each review of the product by the skin type, in the load's order."""
        row = ReviewRow
        query = (
            select(row.rating, row.text)
            .where(row.product_id == product, row.skin_type == skin_type.value, row.text != "")
            .order_by(row.id)
        )
        return await self._database.look(
            lambda connection: tuple((rating, text) for rating, text in connection.execute(query))
        )

    async def people(self, skin_type: SkinType) -> int:
        """Reviewers who say that they are of this skin type."""
        query = select(func.count(ReviewRow.reviewer.distinct())).where(
            ReviewRow.skin_type == skin_type.value
        )
        return await self._database.look(lambda connection: connection.execute(query).scalar_one())

    async def likings(self, skin_type: SkinType, people_at_least: int) -> tuple[Liking, ...]:
        """Products of the load that so many of the skin type reviewed, most admired first."""
        row, rating = ReviewRow, func.avg(ReviewRow.rating)
        admirers = _count(row.rating >= ADMIRES)
        query = (
            select(row.product_id, func.count(), admirers, rating)
            .join(ProductRow, ProductRow.id == row.product_id)
            .where(row.skin_type == skin_type.value, ~ProductRow.gone)
            .group_by(row.product_id)
            .having(func.count() >= people_at_least)
            .order_by(admirers.desc(), rating.desc(), row.product_id)
        )
        return await self._database.look(
            lambda connection: tuple(Liking(*found) for found in connection.execute(query))
        )


_EFFECTS = tuple(Effect)


def _heard(
    connection: Connection, products: Sequence[int], skin_type: SkinType | None
) -> dict[int, Voice]:
    heard: dict[int, Voice] = {}
    for some in batches(products):
        heard |= {row[0]: _voice(row) for row in connection.execute(_counts(some, skin_type))}
    return heard


def _counts(products: Sequence[int], skin_type: SkinType | None) -> Executable:
    row = ReviewRow
    theirs = [] if skin_type is None else [row.skin_type == skin_type.value]
    return (
        select(
            row.product_id,
            func.count(),
            func.avg(row.rating),
            _count(row.irritation.is_not(None)),
            _count(row.irritation == Irritation.IRRITATING.value),
            *(_count(row.effect == effect.value) for effect in _EFFECTS),
        )
        .where(row.product_id.in_(products), *theirs)
        .group_by(row.product_id)
    )


def _voice(row: Row[Any]) -> Voice:
    _, reviews, rating, told, irritated, *counts = tuple(row)
    effects = [(effect, n) for effect, n in zip(_EFFECTS, counts, strict=True) if n]
    return Voice(
        reviews=reviews,
        rating=float(rating),
        told=told,
        irritated=irritated,
        effects=tuple(sorted(effects, key=lambda pair: -pair[1])),
    )


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)
