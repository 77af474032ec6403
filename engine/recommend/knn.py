"""User-based collaborative filtering: what people with the same favourites rated well."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from engine.recommend.matrix import Floats, Interactions, Ints

Rule = Literal["default", "plain"]

ADMIRES = 4.0
"""A rating from here on says that someone liked the product."""
DIGITS = 9
"""Scores and similarities are ranked by so many: the noise of float arithmetic must not rank."""


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """What the nearest neighbours say. Items that none of them rated, or that were asked with,
    are not among `items`."""

    items: Ints  # (scored,) item rows, ascending
    values: Floats  # (scored,) finite, at most 5
    means: Floats  # (scored,) mean rating among the neighbours who rated it
    raters: Ints  # (scored,) neighbours who rated it
    admirers: Ints  # (scored,) those among them who gave 4 or more
    neighbours: Ints  # (neighbour,) user rows, the most similar first
    similarity: Floats  # (neighbour,) cosine in (0, 1]

    def order(self) -> Ints:
        """Positions in `items`, best first; ties by item row."""
        return np.lexsort((self.items, -np.round(self.values, DIGITS)))

    def position(self, item: int) -> int | None:
        """Where `item` stands in the arrays; None where nothing is said of it."""
        at = int(np.searchsorted(self.items, item))
        return at if at < len(self.items) and self.items[at] == item else None

    def dense(self, items: int) -> Floats:
        """(item,) one value for each of the matrix's items; nan where nothing is said."""
        values = np.full(items, np.nan)
        values[self.items] = self.values
        return values


@dataclass(frozen=True, slots=True, eq=False)
class _Overlap:
    users: Ints  # (user who rated a picked item,) ascending
    dots: Floats  # inner product of their vector and the query
    shared: Ints  # how many of the picked items they rated


class UserKNN:
    """Cosine between the query's ratings and each user's whole rating vector.

    `default` takes the `k` most similar users who rated something that was not asked with, and
    scores an item Σ sim·rating / (Σ sim + shrinkage): one enthusiast counts less than many.
    `plain` takes the `k` most similar users, whoever they are, and scores by the mean rating.
    Equally similar users are taken in the order of their rows.
    """

    def __init__(self, k: int = 50, shrinkage: float = 5.0, rule: Rule = "default") -> None:
        if rule not in get_args(Rule):
            raise ValueError(f"no rule {rule!r}")
        if k < 1 or shrinkage < 0:
            raise ValueError("k must be at least 1 and shrinkage at least 0")
        self.k = k
        self.shrinkage = shrinkage
        self.rule = rule
        self._fitted: Interactions | None = None

    @classmethod
    def named(cls, rule: Rule) -> Self:
        """The rule as it is served: 50 neighbours, or the plain rule's 5."""
        return cls(k=5 if rule == "plain" else 50, rule=rule)

    def fit(self, interactions: Interactions) -> Self:
        self._fitted = interactions
        _ = interactions.norms  # worked out now, not in somebody's first question
        return self

    @property
    def interactions(self) -> Interactions:
        if self._fitted is None:
            raise RuntimeError("fit the model before it is asked")
        return self._fitted

    def score(self, liked: Mapping[int, float]) -> Scores:
        """Score by item rows and their ratings above 0; no rating at all scores nothing."""
        overlap = self._overlap(liked)
        norms = self.interactions.norms[overlap.users]
        length = np.sqrt(sum(rating * rating for _, rating in sorted(liked.items())))
        similarity = overlap.dots / (norms * length)  # (user who rated a picked item,)
        if self.rule == "default":
            new = self.interactions.degrees[overlap.users] > overlap.shared
            users, similarity = overlap.users[new], similarity[new]
        else:
            users = overlap.users
        near = nearest(np.round(similarity, DIGITS), self.k)
        return self._aggregate(users[near], similarity[near], liked)

    def _overlap(self, liked: Mapping[int, float]) -> _Overlap:
        picked = sorted(liked)
        users, ratings, lengths = self.interactions.by_item.gather(picked)
        query = np.repeat([liked[item] for item in picked], lengths)  # (posting,)
        order = np.argsort(users, kind="stable")  # merges the columns, which are sorted runs
        users = users[order]
        first = np.flatnonzero(np.diff(users, prepend=-1))  # (user who rated a picked item,)
        shared = np.diff(first, append=len(users))
        dots = np.add.reduceat((ratings * query)[order], first) if len(first) else np.empty(0)
        return _Overlap(users[first].astype(np.int64), dots, shared)

    def _aggregate(self, users: Ints, similarity: Floats, liked: Mapping[int, float]) -> Scores:
        rated, ratings, lengths = self.interactions.by_user.gather(users)
        weight = np.repeat(similarity, lengths)  # (neighbour's rating,)
        picked = np.fromiter(liked, dtype=np.int64, count=len(liked))
        new = np.all(rated[:, None] != picked, axis=1)
        items, at = np.unique(rated[new].astype(np.int64), return_inverse=True)
        ratings, weight = ratings[new], weight[new]
        n = len(items)
        raters = np.bincount(at, minlength=n)  # (scored,)
        means = _sums(at, ratings, n) / raters  # (scored,)
        shrunk = _sums(at, weight * ratings, n) / (_sums(at, weight, n) + self.shrinkage)
        return Scores(
            items=items,
            values=means if self.rule == "plain" else shrunk,
            means=means,
            raters=raters,
            admirers=np.bincount(at[ratings >= ADMIRES], minlength=n),
            neighbours=users,
            similarity=similarity,
        )


def _sums(at: NDArray[np.int32] | Ints, values: Floats, size: int) -> Floats:
    """(size,) the values that fall on each position, added up."""
    return np.bincount(at, weights=values, minlength=size).astype(np.float64, copy=False)


def nearest(similarity: Floats, k: int) -> Ints:
    """Positions of the `k` largest, largest first; ties by position."""
    if len(similarity) > k:
        bar = np.partition(similarity, -k)[-k]
        near = np.flatnonzero(similarity >= bar)  # at least k: all who tie at the bar
    else:
        near = np.arange(len(similarity))
    return near[np.argsort(-similarity[near], kind="stable")][:k]
