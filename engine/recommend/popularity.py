"""The cold start: what is reviewed most, among people of one skin type and among all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engine.recommend.matrix import Interactions, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    order: Ints  # (reviewed item,) item rows, most reviewed first
    counts: Ints  # (item,) reviews


@dataclass(frozen=True, slots=True)
class Popularity:
    everyone: Ranking
    skin_types: Mapping[str, Ranking]

    @classmethod
    def fit(cls, interactions: Interactions) -> Self:
        owner = np.repeat(np.arange(len(interactions.users)), interactions.degrees)
        skin = interactions.skin[owner]  # (rating,)
        return cls(
            everyone=_rank(interactions, np.ones(len(owner), dtype=bool)),
            skin_types={
                name: _rank(interactions, skin == code)
                for code, name in enumerate(interactions.skin_types)
            },
        )

    def of(self, skin_type: str | None) -> Ranking | None:
        """None where nobody of this skin type reviewed anything."""
        return self.skin_types.get(skin_type) if skin_type else None


def _rank(interactions: Interactions, counted: NDArray[np.bool_]) -> Ranking:
    """By number of reviews, then mean rating, then item row, over the ratings that count."""
    items = len(interactions.items)
    rated = interactions.by_user.indices[counted]
    counts = np.bincount(rated, minlength=items)  # (item,)
    totals = np.bincount(rated, weights=interactions.by_user.ratings[counted], minlength=items)
    means = np.round(totals / np.maximum(counts, 1), 9)  # (item,)
    order = np.lexsort((np.arange(items), -means, -counts))
    return Ranking(order[: np.count_nonzero(counts)], counts)
