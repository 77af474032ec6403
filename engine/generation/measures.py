"""How right intents, entities, rankings and answers are: plain counts over labelled rows."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Expected:
    """A question and the product key or ingredient name that answers it."""

    question: str
    key: str


def recall_at(k: int, retrieve: Callable[[str], Sequence[str]], cases: Iterable[Expected]) -> float:
    """Share in [0, 1] of the cases whose key is among the first k that `retrieve` gives.

    `retrieve`: question → keys, best first; a key that comes twice counts once.
    Raises ValueError without cases.
    """
    asked = list(cases)
    if not asked:
        raise ValueError("recall needs at least one question")
    hits = sum(case.key in list(dict.fromkeys(retrieve(case.question)))[:k] for case in asked)
    return hits / len(asked)


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one class: what was found rightly, wrongly, and not at all."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.right + other.right, self.wrong + other.wrong, self.missed + other.missed
        )

    @property
    def precision(self) -> float:
        """1 where nothing was found: nothing of it is wrong."""
        found = self.right + self.wrong
        return self.right / found if found else 1.0

    @property
    def recall(self) -> float:
        """1 where there was nothing to find."""
        there = self.right + self.missed
        return self.right / there if there else 1.0

    @property
    def f1(self) -> float:
        whole = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / whole if whole else 1.0


def by_class(pairs: Iterable[tuple[str, str]]) -> dict[str, Counts]:
    """(expected, guessed) → counts of each expected class.

    A guess that no row expects is a miss of the expected class and has no line of its own.
    """
    asked = list(pairs)
    return {
        name: Counts(
            right=sum(expected == guessed == name for expected, guessed in asked),
            wrong=sum(expected != name == guessed for expected, guessed in asked),
            missed=sum(expected == name != guessed for expected, guessed in asked),
        )
        for name in sorted({expected for expected, _ in asked})
    }


def macro_f1(classes: Mapping[str, Counts]) -> float:
    """The mean of the classes' F1, a rare one as heavy as a common one. Raises ValueError."""
    if not classes:
        raise ValueError("a mean needs at least one class")
    return sum(one.f1 for one in classes.values()) / len(classes)


def agreement(pairs: Iterable[tuple[Collection[Hashable], Collection[Hashable]]]) -> Counts:
    """(expected, found) sets of each row, counted together."""
    total = Counts()
    for expected, found in pairs:
        wanted, got = set(expected), set(found)
        total += Counts(len(wanted & got), len(got - wanted), len(wanted - got))
    return total


def hit_at(k: int, ranking: Sequence[str], wanted: Collection[str]) -> bool:
    """Whether any of the wanted is among the first k."""
    return any(one in wanted for one in ranking[:k])


def share_at(k: int, ranking: Sequence[str], wanted: Collection[str]) -> float:
    """Share of the wanted among the first k, of as many as k can hold; in [0, 1]."""
    return len(set(ranking[:k]) & set(wanted)) / min(k, len(set(wanted)))


def reciprocal_rank(ranking: Sequence[str], wanted: Collection[str]) -> float:
    """1 / place of the first wanted one, places from 1; 0 where none comes."""
    return next((1 / at for at, one in enumerate(ranking, start=1) if one in wanted), 0.0)


def mean(values: Iterable[float]) -> float | None:
    """None where there is nothing to take the mean of."""
    listed = [float(value) for value in values]
    return sum(listed) / len(listed) if listed else None


def percentiles(milliseconds: Sequence[float]) -> dict[str, float | None]:
    """p50 and p99; None without measurements."""
    if not milliseconds:
        return {"p50": None, "p99": None}
    p50, p99 = np.percentile(milliseconds, [50, 99])
    return {"p50": float(p50), "p99": float(p99)}
