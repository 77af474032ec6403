"""How good a list is, and the protocol that asks for people the model has never seen."""

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.recommend.knn import ADMIRES
from engine.recommend.matrix import latest

PICK = 5.0
"""A picked product counts as a rating of 5."""


@dataclass(frozen=True, slots=True)
class UnseenQuery:
    """A person who is not in the training rows: what they picked, and what else they liked."""

    user: str
    picked: int
    """How many products were picked."""
    liked: Mapping[str, float]
    held: frozenset[str]
    skin_type: str | None = None


@dataclass(frozen=True, slots=True)
class Fold:
    train: pd.DataFrame
    queries: tuple[UnseenQuery, ...]


def unseen_users(
    frame: pd.DataFrame, picked: Sequence[int] = (1, 2, 3, 5), folds: int = 5, seed: int = 0
) -> Iterator[Fold]:
    """Folds over people: each person is asked for once, by a model that never saw them.

    For each k in `picked`, k of the products the person liked (rating ≥ 4), drawn at random,
    are given as picks; the others they liked are held out. People who liked k or fewer have no
    query of k. The same seed gives the same folds and picks whatever the order of the rows.
    """
    rows = latest(frame).sort_values(["user", "item"], ignore_index=True)
    users, names = pd.factorize(rows["user"])  # sorted, so in order
    fold = np.random.default_rng(seed).permutation(len(names)) % folds  # (user,)
    people = [
        _Person(str(name), own["item"].tolist(), _skin_type(own))
        for name, own in rows[rows["rating"] >= ADMIRES].groupby("user", sort=True)
    ]
    asked = {person.name: _queries(person, picked, seed) for person in people}
    for number in range(folds):
        inside = [asked.get(str(name), ()) for name in names[fold == number]]
        yield Fold(rows[fold[users] != number], tuple(query for own in inside for query in own))


@dataclass(frozen=True, slots=True)
class _Person:
    name: str
    liked: Sequence[str]
    skin_type: str | None


def _queries(person: _Person, picked: Sequence[int], seed: int) -> tuple[UnseenQuery, ...]:
    # a stream of draws for each person, so that nobody's picks hang on who else is in the file
    drawn = np.random.default_rng([seed, *person.name.encode()]).permutation(len(person.liked))
    liked = [person.liked[at] for at in drawn]
    return tuple(
        UnseenQuery(
            user=person.name,
            picked=k,
            liked=dict.fromkeys(liked[:k], PICK),
            held=frozenset(liked[k:]),
            skin_type=person.skin_type,
        )
        for k in picked
        if len(liked) > k
    )


def _skin_type(own: pd.DataFrame) -> str | None:
    if "skin_type" not in own:
        return None
    told = own["skin_type"][own["skin_type"].notna() & (own["skin_type"] != "")]
    return str(told.iloc[-1]) if len(told) else None


def hit_rate_at(n: int, ranked: Sequence[str], held: Set[str]) -> float:
    """1 where any of `held` is among the first `n`, else 0; its mean over queries is HR@n."""
    return float(not held.isdisjoint(ranked[:n]))


def ndcg_at(n: int, ranked: Sequence[str], held: Set[str]) -> float:
    """Discounted gain over the best possible, in [0, 1], with gain 1 for each held product."""
    gain = sum(1 / np.log2(rank + 2) for rank, key in enumerate(ranked[:n]) if key in held)
    best = sum(1 / np.log2(rank + 2) for rank in range(min(n, len(held))))
    return float(gain / best) if best else 0.0


def coverage(n: int, lists: Collection[Sequence[str]], items: int) -> float:
    """Share of all `items` that stand among the first `n` of any list."""
    return len({key for ranked in lists for key in ranked[:n]}) / items if items else 0.0


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """The mean over queries and its standard error; 0 for both without a query."""
    if not values:
        return 0.0, 0.0
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return float(np.mean(values)), spread / float(np.sqrt(len(values)))
