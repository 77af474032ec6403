"""User-based collaborative filtering: what people with the same favourites rated well."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, Self, get_args

import numpy as np
from numpy.typing import NDArray

from engine.recommend import kernel
from engine.recommend.matrix import CAP, Columns, Floats, Interactions, Ints, Postings

Rule = Literal["default", "plain"]
Loops = Literal["compiled", "numpy"]

ADMIRES = 4.0
"""A rating from here on says that someone liked the product."""
DIGITS = 6
"""Scores and similarities are ranked by so many: they are worked out of single precision
(`Columns.weights`), whose noise must not rank."""


class Scores(NamedTuple):
    """What the nearest neighbours say. Items that none of them rated, or that were asked with,
    are not among `items`."""

    neighbours: Ints  # (neighbour,) user rows, the most similar first; -1 - n: overlay row n
    similarity: Floats  # (neighbour,) cosine in (0, 1]
    told: Ints  # (3, scored) item rows, ascending; raters; admirers
    rated: Floats  # (2, scored) value by the default rule; mean
    rule: Rule = "default"

    @property
    def items(self) -> Ints:
        """(scored,) item rows, ascending."""
        items: Ints = self.told[0]
        return items

    @property
    def raters(self) -> Ints:
        """(scored,) neighbours who rated it."""
        raters: Ints = self.told[1]
        return raters

    @property
    def admirers(self) -> Ints:
        """(scored,) those among them who gave 4 or more."""
        admirers: Ints = self.told[2]
        return admirers

    @property
    def means(self) -> Floats:
        """(scored,) mean rating among the neighbours who rated it."""
        means: Floats = self.rated[1]
        return means

    @property
    def values(self) -> Floats:
        """(scored,) finite, at most 5."""
        values: Floats = self.rated[0] if self.rule == "default" else self.rated[1]
        return values

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
class Overlay:
    """Ratings that are newer than the matrix."""

    ratings: Interactions
    """Over the matrix's item rows."""
    asker: int | None = None
    """The row of who asks: nobody is their own neighbour."""


class UserKNN:
    """Cosine between the query's ratings and each user's whole rating vector.

    `default` takes the `k` most similar users who rated something that was not asked with, and
    scores an item Σ sim·rating / (Σ sim + shrinkage): one enthusiast counts less than many.
    `plain` takes the `k` most similar users, whoever they are, and scores by the mean rating.
    Equally similar users are taken in the order of their rows, those of an overlay last. Of an
    item that more than `cap` people rated, the `cap` whose vector it is most of are looked at,
    those who rated nothing else last.
    `loops` are the compiled ones or the same in numpy; they give the same scores.
    """

    def __init__(
        self,
        k: int = 50,
        shrinkage: float = 5.0,
        rule: Rule = "default",
        cap: int = CAP,
        loops: Loops = "compiled",
    ) -> None:
        if rule not in get_args(Rule):
            raise ValueError(f"no rule {rule!r}")
        if k < 1 or shrinkage < 0 or cap < 1:
            raise ValueError("k and cap must be at least 1 and shrinkage at least 0")
        self.k = k
        self.shrinkage = shrinkage
        self.rule = rule
        self.cap = cap
        self.loops = loops
        self._fitted: Interactions | None = None
        self._columns: Columns | None = None

    @classmethod
    def named(cls, rule: Rule) -> Self:
        """The rule as it is served: 50 neighbours, or the plain rule's 5."""
        return cls(k=5 if rule == "plain" else 50, rule=rule)

    def fit(self, interactions: Interactions) -> Self:
        """Compiles or loads the loops too: a person's first question does not wait for it."""
        self._fitted = interactions
        stored = interactions.columns
        self._columns = (
            stored
            if stored.cap == self.cap
            else Columns.build(
                interactions.by_item, interactions.norms, interactions.degrees, self.cap
            )
        )
        items = len(interactions.items)
        self._sums = np.zeros((items, 3))  # (item, sum)
        self._counts = np.zeros((items, 2), dtype=np.int64)  # (item, count)
        self._alike = np.zeros(kernel.BLOCK)
        columns, rows = self._columns, interactions.by_user
        self._fixed = (
            self.k,
            self.rule == "default",
            ADMIRES,
            float(self.shrinkage),
            columns.first,
            columns.last,
            columns.users,
            columns.weights,
            interactions.few,
            rows.starts,
            rows.indices,
            rows.ratings,
            self._alike,
            self._sums,
            self._counts,
        )
        if items:
            self.score({0: ADMIRES})
            self.score({0: ADMIRES}, Overlay(interactions))
        return self

    @property
    def interactions(self) -> Interactions:
        if self._fitted is None:
            raise RuntimeError("fit the model before it is asked")
        return self._fitted

    @property
    def columns(self) -> Columns:
        if self._columns is None:
            raise RuntimeError("fit the model before it is asked")
        return self._columns

    def score(self, liked: Mapping[int, float], overlay: Overlay | None = None) -> Scores:
        """Score by item rows and their ratings above 0; no rating at all scores nothing.

        `overlay` counts as if its people stood behind the matrix's.
        """
        interactions = self.interactions
        keys = sorted(liked)
        picked = np.fromiter(keys, np.int64, len(keys))
        given = np.fromiter(map(liked.__getitem__, keys), np.float64, len(keys))
        if overlay is None and self.loops == "compiled":
            return Scores(*kernel.answer(picked, given, *self._fixed), self.rule)
        query = given / (math.hypot(*given) or 1.0)
        newer = interactions if overlay is None else overlay.ratings
        users, similarity = self._near(picked, query, self.columns, interactions, self.k)
        if overlay is not None:
            late, alike = self._near(picked, query, newer.columns, newer, self.k + 1)
            others = late != overlay.asker
            late, alike = late[others], alike[others]
            users = np.concatenate((users, -1 - late))
            similarity = np.concatenate((similarity, alike))
            best = nearest(np.round(similarity, DIGITS), self.k)
            users, similarity = users[best], similarity[best]
        said = self._said(users, similarity, newer.by_user, picked)
        return Scores(users, similarity, *said, self.rule)

    def _near(
        self, picked: Ints, query: Floats, columns: Columns, people: Interactions, k: int
    ) -> tuple[Ints, Floats]:
        search = kernel.near if self.loops == "compiled" else near
        return search(
            picked,
            query,
            columns.first,
            columns.last,
            columns.users,
            columns.weights,
            people.few,
            k,
            self.rule == "default",
            self._alike,
        )

    def _said(
        self, users: Ints, similarity: Floats, newer: Postings, picked: Ints
    ) -> tuple[Ints, Floats]:
        rows = self.interactions.by_user
        count = kernel.said if self.loops == "compiled" else said
        return count(
            users,
            similarity,
            rows.starts,
            rows.indices,
            rows.ratings,
            newer.starts,
            newer.indices,
            newer.ratings,
            picked,
            ADMIRES,
            self.shrinkage,
            self._sums,
            self._counts,
        )


def near(
    picked: Ints,
    query: Floats,
    first: Ints,
    last: Ints,
    users: NDArray[np.int32],
    weights: NDArray[np.float32],
    degrees: NDArray[np.uint16],
    k: int,
    new_only: bool,
    alike: Floats,
) -> tuple[Ints, Floats]:
    """`kernel.near` in numpy: the columns behind each other, sorted by user and added up; the
    workspace is not needed."""
    begins, ends = first[picked], last[picked]
    parts = [np.arange(one, other) for one, other in zip(begins, ends, strict=True)]
    at = np.concatenate([*parts, np.empty(0, dtype=np.int64)]).astype(np.int64)  # (posting,)
    products = weights[at] * np.repeat(query, ends - begins)
    order = np.argsort(users[at], kind="stable")
    who = users[at][order]
    begin = np.flatnonzero(np.diff(who, prepend=-1))  # (user who rated a picked item,)
    shared = np.diff(begin, append=len(who))
    similarity = np.add.reduceat(products[order], begin) if len(begin) else np.empty(0)
    found = who[begin].astype(np.int64)
    if new_only:
        new = degrees[found] > shared
        found, similarity = found[new], similarity[new]
    best = nearest(np.round(similarity, DIGITS), k)
    return found[best], similarity[best]


def said(
    neighbours: Ints,
    similarity: Floats,
    starts: Ints,
    items: NDArray[np.int32],
    ratings: NDArray[np.float32],
    second_starts: Ints,
    second_items: NDArray[np.int32],
    second_ratings: NDArray[np.float32],
    picked: Ints,
    admires: float,
    shrinkage: float,
    sums: Floats,
    counts: Ints,
) -> tuple[Ints, Floats]:
    """`kernel.said` in numpy; the workspaces are not needed."""
    older, newer = (
        Postings(starts, items, ratings),
        Postings(second_starts, second_items, second_ratings),
    )
    lines = [
        older.gather([user]) if user >= 0 else newer.gather([-1 - user]) for user in neighbours
    ]
    rated = np.concatenate([line[0] for line in lines] or [np.empty(0, np.int32)])
    given = np.concatenate([line[1] for line in lines] or [np.empty(0)])
    weight = np.repeat(similarity, [len(line[0]) for line in lines])
    new = ~np.isin(rated, picked)
    rows, at = np.unique(rated[new].astype(np.int64), return_inverse=True)
    given, weight, n = given[new], weight[new], len(rows)
    weighted, weights, total = (
        np.bincount(at, weights=one, minlength=n) for one in (weight * given, weight, given)
    )
    raters = np.bincount(at, minlength=n)
    admirers = np.bincount(at[given >= admires], minlength=n)
    values = weighted / (weights + shrinkage)
    return np.stack((rows, raters, admirers)), np.stack((values, total / np.maximum(raters, 1)))


def nearest(similarity: Floats, k: int) -> Ints:
    """Positions of the `k` largest, largest first; ties by position."""
    if len(similarity) > k:
        bar = np.partition(similarity, -k)[-k]
        near = np.flatnonzero(similarity >= bar)  # at least k: all who tie at the bar
    else:
        near = np.arange(len(similarity))
    return near[np.argsort(-similarity[near], kind="stable")][:k]
