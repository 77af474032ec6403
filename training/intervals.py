"""How sure a difference is, and how far two judges agree: paired bootstrap and weighted kappa."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

RESAMPLES: Final = 10_000
COVERS: Final = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """Of a mean difference."""

    mean: float
    low: float
    high: float
    n: int
    """Pairs."""

    @property
    def clear(self) -> bool:
        """It does not hold zero."""
        return self.low > 0 or self.high < 0


def paired(
    new: Sequence[float | None],
    old: Sequence[float | None],
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval | None:
    """Percentile interval of mean(new − old), questions resampled with what both said to them;
    None without a question that has both. Efron and Tibshirani, An Introduction to the Bootstrap
    (1993), chapter 13. Raises ValueError for lists of two lengths.
    """
    pairs = [
        (one, other)
        for one, other in zip(new, old, strict=True)
        if one is not None and other is not None
    ]
    if not pairs:
        return None
    apart: NDArray[np.float64] = np.array([one - other for one, other in pairs])
    drawn = np.random.default_rng(seed).integers(len(apart), size=(resamples, len(apart)))
    averages = apart[drawn].mean(axis=1)  # (resamples,)
    edge = (1 - COVERS) / 2
    low, high = np.quantile(averages, [edge, 1 - edge])
    return Interval(float(apart.mean()), float(low), float(high), len(apart))


def kappa(one: Sequence[int], other: Sequence[int], levels: Sequence[int]) -> float:
    """Quadratically weighted kappa (Cohen 1968) of two judges over ordered levels: 1 the same,
    0 no better than chance. Nan where each says one and the same thing throughout: nothing
    can be told from that. Raises ValueError without verdicts, or for a level that is none.
    """
    if not one:
        raise ValueError("kappa needs at least one verdict")
    place = {level: at for at, level in enumerate(levels)}
    if not {*one, *other} <= set(place):
        raise ValueError("a verdict is not among the levels")
    seen = np.zeros((len(levels), len(levels)))
    for first, second in zip(one, other, strict=True):
        seen[place[first], place[second]] += 1
    at = np.arange(len(levels))
    apart = (at[:, None] - at[None, :]) ** 2  # (levels, levels)
    chance = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / seen.sum()
    by_chance = float((apart * chance).sum())
    return 1 - float((apart * seen).sum()) / by_chance if by_chance else float("nan")
