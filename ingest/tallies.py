"""What is counted of a load's tables: pure functions of frames, the same for the same load."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.domain import SkinType
from ingest.clean import fence

LENGTHS: Final = (0, 1, 10, 20, 40, 80, 160, 320)
"""Letters: where the bins of the texts' lengths begin."""
REVIEWS: Final = (1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000)
"""Of one person: where the bins begin, even on a scale of logarithms, as the cut is found."""
FAR: Final = 30
"""A cut so many times beyond the busiest person is not drawn."""
UNTOLD: Final = "모름"
_OF_ONE_ROW: Final = (
    (re.compile(r"^.+ \d+번째 줄의 글과 "), "앞의 글과 "),
    (re.compile(r"^\S+[와과] 같은 제품이라 "), "다른 줄과 같은 제품이라 "),
    (re.compile(r"«[^»]*»"), "«…»"),
    (re.compile(r"(?<=요): .+"), ""),
)
_BUSY: Final = re.compile(r"^리뷰가 (\d+)개보다 많은 사람이에요: (\d+)개")


@dataclass(frozen=True, slots=True)
class Bin:
    first: int
    last: int | None
    """None: no end."""
    count: int


@dataclass(frozen=True, slots=True)
class Writers:
    """How many people wrote how many reviews, those who went among them."""

    bins: tuple[Bin, ...]
    people: int
    most: int
    """Reviews of the busiest."""
    cut: int | None
    """People with more went; None where this load tells nothing of it."""
    gone: int


@dataclass(frozen=True, slots=True)
class Spending:
    skin_type: str
    people: int
    mean: float
    """Won, of the different products that each of them reviewed."""


@dataclass(frozen=True, slots=True)
class Category:
    name: str
    products: int
    reviews: int
    price: float | None
    """Mean, in won; None where no price is known."""


def ratings(reviews: pd.DataFrame) -> list[tuple[float, int]]:
    """Rating → reviews, in steps of a half where one is no whole number."""
    values = reviews["rating"].to_numpy(dtype=float)
    step = 1.0 if np.array_equal(values, np.round(values)) else 0.5
    places = np.arange(1.0, 5.0 + step, step)
    near = np.clip(np.round((values - 1.0) / step).astype(int), 0, len(places) - 1)
    counts = np.bincount(near, minlength=len(places))
    return [(float(place), int(count)) for place, count in zip(places, counts, strict=True)]


def lengths(reviews: pd.DataFrame) -> tuple[Bin, ...]:
    """Letters of a review's text, blanks aside."""
    return _binned(_letters(reviews), LENGTHS)


def median_length(reviews: pd.DataFrame) -> int:
    found = _letters(reviews)
    return int(np.median(found)) if len(found) else 0


def writers(
    reviews: pd.DataFrame, gone: Iterable[str], asked: int | None, dropped: int | None
) -> Writers:
    """`gone` are the reasons of the rows that went and `asked` is the operator's own limit.

    `dropped` rows were of busy people; None: the reviews are an earlier load's. The limit is not
    known there, nor where the reasons were written elsewhere.
    """
    kept = reviews["reviewer"].value_counts().to_numpy(dtype=int)
    busy = [found for reason in gone if (found := _BUSY.match(reason))]
    rows = Counter(int(found[2]) for found in busy)
    # a person of n reviews is n of these rows
    away = np.repeat(list(rows), [max(rows[n] // n, 1) for n in rows]).astype(int)
    told = {int(found[1]) for found in busy}
    cut = None
    if dropped is not None:
        cut = asked or max(told, default=0) or (None if dropped else fence(kept))
    counts = np.concatenate([kept, away])
    return Writers(
        bins=_people(counts, cut),
        people=len(counts),
        most=int(counts.max(initial=0)),
        cut=cut,
        gone=len(away),
    )


def skin_types(reviews: pd.DataFrame) -> list[tuple[str, int]]:
    counts = Counter(_skin(told) for told in reviews["skin_type"])
    return [(name, counts[name]) for name in (*SkinType, UNTOLD)]


def spending(products: pd.DataFrame, reviews: pd.DataFrame) -> list[Spending]:
    """By skin type; a product without a price does not count, nor one person's second review."""
    prices = dict(zip(products["product_id"], products["price"], strict=True))
    bought = reviews.drop_duplicates(["reviewer", "product_id"])
    frame = pd.DataFrame(
        {
            "skin": bought["skin_type"].map(_skin).astype(object),
            "reviewer": bought["reviewer"].astype(object),
            "price": pd.to_numeric(bought["product_id"].map(prices)),
        }
    ).dropna(subset=["price"])
    return [
        Spending(name, rows["reviewer"].nunique(), float(rows["price"].mean()))
        for name in (*SkinType, UNTOLD)
        if len(rows := frame[frame["skin"] == name])
    ]


def categories(products: pd.DataFrame, reviews: pd.DataFrame) -> list[Category]:
    """Those with the most reviews first."""
    shelf = dict(zip(products["product_id"], products["category"], strict=True))
    written = Counter(shelf[product] for product in reviews["product_id"])
    prices: dict[str, list[int]] = {}
    for name, price in zip(products["category"], products["price"], strict=True):
        prices.setdefault(name, []).extend([] if price is None else [price])
    found = [
        Category(name, count, written[name], _mean(prices[name]))
        for name, count in Counter(products["category"]).items()
    ]
    return sorted(found, key=lambda one: (-one.reviews, -one.products, one.name))


def ingredients(products: pd.DataFrame) -> list[tuple[str, int]]:
    """Name → products that hold it, the most common first."""
    return _ranked(Counter(name for label in products["ingredients"] for name in set(label)))


def roles(products: pd.DataFrame, dictionary: pd.DataFrame) -> list[tuple[str, int]]:
    """Role → products that hold an ingredient of it."""
    known = dict(zip(dictionary["name"], dictionary["roles"], strict=True))
    return _ranked(
        Counter(
            role
            for label in products["ingredients"]
            for role in {role for name in label for role in known.get(name, ())}
        )
    )


def unknown(products: pd.DataFrame, dictionary: pd.DataFrame) -> list[tuple[str, int]]:
    """Names on labels that the dictionary says nothing of → products, the most common first."""
    told = {
        name
        for name, *rest in dictionary[["name", "inci", "cas", "roles", "definition"]].itertuples(
            index=False, name=None
        )
        if any(rest)
    }
    return [(name, count) for name, count in ingredients(products) if name not in told]


def reasons(lines: Sequence[tuple[str, str, str]]) -> list[tuple[str, int, str]]:
    """Why rows went → how many, and where the first of them stood. `lines`: file, line, reason."""
    counts: Counter[str] = Counter()
    first: dict[str, str] = {}
    for file, line, reason in lines:
        kind = _kind(reason)
        counts[kind] += 1
        first.setdefault(kind, f"{file} {line}번째 줄")
    return [(kind, count, first[kind]) for kind, count in _ranked(counts)]


def _kind(reason: str) -> str:
    """The reason without what it says of its row alone."""
    for pattern, instead in _OF_ONE_ROW:
        reason = pattern.sub(instead, reason)
    return reason


def rows(file: Path) -> list[tuple[str, ...]]:
    """A CSV of the load's folder with its heading; none where it is not there."""
    if not file.is_file():
        return []
    with file.open(encoding="utf-8-sig", newline="") as text:
        return [tuple(row) for row in csv.reader(text) if row]


def _letters(reviews: pd.DataFrame) -> NDArray[np.int64]:
    texts = reviews["text"]
    return np.fromiter((len("".join(text.split())) for text in texts), np.int64, len(texts))


def _binned(values: NDArray[np.int64], starts: Sequence[int]) -> tuple[Bin, ...]:
    ends = [*(start - 1 for start in starts[1:]), None]
    places = np.searchsorted(np.asarray(starts), values, side="right") - 1
    counts = np.bincount(places, minlength=len(starts))
    return tuple(Bin(s, e, int(c)) for s, e, c in zip(starts, ends, counts, strict=True))


def _people(counts: NDArray[np.int64], cut: int | None) -> tuple[Bin, ...]:
    """Up to the busiest and the cut; one bin begins right after the cut."""
    if not len(counts):
        return ()
    most = int(counts.max())
    drawn = cut is not None and cut <= FAR * most
    end = max(most, cut + 1) if drawn and cut is not None else most
    starts = {start for start in REVIEWS if start <= end}
    if drawn and cut is not None:
        starts.add(cut + 1)
    *bins, last = _binned(counts, sorted(starts))
    return (*bins, replace(last, last=most) if most >= last.first else last)


def _skin(told: object) -> str:
    return told if isinstance(told, str) and told else UNTOLD


def _mean(prices: Sequence[int]) -> float | None:
    return sum(prices) / len(prices) if prices else None


def _ranked(counts: "Counter[str]") -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
