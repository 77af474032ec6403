"""What products are, beside who rated them: brand, kind, price, name, formula, words of reviews."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import svds

from engine.recommend.matrix import UNKNOWN, Arrays, Floats, Ints, Postings

CODES = 500
"""Brands and categories that have a number of their own: those of most products."""
TOPICS = 64
TELLING_AT_LEAST = 3
"""Products whose reviews hold a piece of a word, before it says something."""
TELLING_AT_MOST = 0.3
"""… and the share of all products at most."""
_WORD = re.compile(r"[0-9A-Za-z가-힣]+")
_KOREAN = re.compile(r"[가-힣]+")
_BRACKETS = re.compile(r"\[[^\]]*\]")


@dataclass(frozen=True, eq=False)
class Contents:
    """Rows are the matrix's items."""

    brands: NDArray[np.int32]  # (item,) a number, -1 where it is not known or rare
    categories: NDArray[np.int32]  # (item,) the same
    prices: Floats  # (item,) logarithm of the price in won; nan where it is not known
    names: Postings  # (item, word) by rarity, lines of unit length or empty
    formulas: Postings  # (item, ingredient) the same
    topics: NDArray[np.float32]  # (item, topic) of its reviews, rows of unit length or 0

    @classmethod
    def from_frames(cls, items: Sequence[str], products: pd.DataFrame, words: "Words") -> Self:
        """`products` has item and any of brand, category, name, price (won) and ingredients
        (names in a list, or one text with commas); `words` are of the reviews that may be read.
        """
        rows = products.drop_duplicates("item").set_index("item").reindex(pd.Index(items))
        price = np.array([_won(cell) for cell in _column(rows, "price")], dtype=np.float64)
        names = [_name_words(text) for text in _texts(rows, "name")]
        return cls(
            brands=_codes(_texts(rows, "brand")),
            categories=_codes(_texts(rows, "category")),
            prices=np.log(np.where(price > 0, price, np.nan)),
            names=_by_rarity(names),
            formulas=_by_rarity([_formula(one) for one in _column(rows, "ingredients")]),
            topics=words.topics(items),
        )

    @property
    def known(self) -> bool:
        """Whether anything is known of any product."""
        return bool(
            np.any(self.brands >= 0)
            or np.any(self.categories >= 0)
            or len(self.names.indices)
            or len(self.formulas.indices)
            or np.any(self.topics)
        )

    @cached_property
    def brand_members(self) -> Postings:
        """(brand, item)."""
        rows = np.flatnonzero(self.brands >= 0)
        ones = np.ones(len(rows))
        return Postings.build(self.brands[rows].astype(np.int64), rows, ones, CODES)

    @cached_property
    def name_words(self) -> sparse.csr_array:
        """(item, word) `names` for arithmetic."""
        return _matrix(self.names)

    @cached_property
    def ingredients(self) -> sparse.csr_array:
        """(item, ingredient) `formulas` for arithmetic."""
        return _matrix(self.formulas)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        return {
            "content_brands": self.brands,
            "content_categories": self.categories,
            "content_prices": self.prices,
            "content_topics": self.topics,
            **_stored("content_names", self.names),
            **_stored("content_formulas", self.formulas),
        }

    @classmethod
    def of(cls, arrays: Arrays) -> Self:
        """Raises KeyError where the arrays hold no contents."""
        return cls(
            brands=np.asarray(arrays["content_brands"]).astype(np.int32, copy=False),
            categories=np.asarray(arrays["content_categories"]).astype(np.int32, copy=False),
            prices=np.asarray(arrays["content_prices"]).astype(np.float64, copy=False),
            topics=np.asarray(arrays["content_topics"]).astype(np.float32, copy=False),
            names=_read(arrays, "content_names"),
            formulas=_read(arrays, "content_formulas"),
        )


@dataclass(frozen=True, eq=False)
class Words:
    """How often each piece of a word (two or three syllables) stands in each review."""

    users: NDArray[np.object_]  # (review,)
    items: NDArray[np.object_]  # (review,)
    counts: sparse.csr_array  # (review, piece)

    @classmethod
    def read(cls, reviews: pd.DataFrame) -> Self:
        """From columns user, item and, optionally, text."""
        rows = reviews[["user", "item"]].astype(str)
        pieces = [_pieces(text) for text in _texts(reviews, "text")]
        numbers = {piece: n for n, piece in enumerate(sorted(frozenset().union(*pieces)))}
        at = [numbers[piece] for one in pieces for piece in one]
        starts = np.concatenate(([0], np.cumsum([len(one) for one in pieces], dtype=np.int64)))
        shape = (len(pieces), len(numbers))
        counts = sparse.csr_array((np.ones(len(at)), at, starts), shape=shape)
        return cls(rows["user"].to_numpy(object), rows["item"].to_numpy(object), counts)

    def of(self, users: Iterable[str]) -> Self:
        """Only what these people wrote."""
        theirs = np.flatnonzero(np.isin(self.users, np.array([*users], dtype=object)))
        return type(self)(self.users[theirs], self.items[theirs], self.counts[theirs])

    def topics(self, items: Sequence[str]) -> NDArray[np.float32]:
        """(item, topic) what tells a product's reviews from the others' (latent semantic analysis
        of 1 + log counts by rarity); rows of unit length, 0 where no review says anything."""
        found = np.zeros((len(items), TOPICS), dtype=np.float32)
        numbers = {key: n for n, key in enumerate(items)}
        row = np.array([numbers.get(key, UNKNOWN) for key in self.items], dtype=np.int64)
        known = np.flatnonzero(row >= 0)
        whose = sparse.csr_array(
            (np.ones(len(known)), (row[known], known)), shape=(len(items), len(row))
        )
        told = sparse.csr_array(whose @ self.counts)  # (item, piece)
        spread = np.bincount(told.indices, minlength=told.shape[1])
        telling = (spread >= TELLING_AT_LEAST) & (spread <= TELLING_AT_MOST * len(items))
        told = sparse.csr_array(told[:, np.flatnonzero(telling)])
        topics = min(TOPICS, min(told.shape) - 1)
        if topics < 1 or not told.nnz:
            return found
        told.data = 1 + np.log(told.data)
        told = sparse.csr_array(told @ sparse.diags_array(np.log(len(items) / spread[telling])))
        length = np.sqrt(np.asarray(told.multiply(told).sum(axis=1)).ravel())
        told = sparse.csr_array(sparse.diags_array(1 / np.maximum(length, 1e-9)) @ told)
        left, strength, _ = svds(told, topics, v0=np.ones(min(told.shape)))
        found[:, :topics] = _unit(left * strength)
        return found


def similarity(vectors: sparse.csr_array, items: Ints, pick: int) -> Floats:
    """(items,) cosine of each line to line `pick`."""
    begin, end = vectors.indptr[pick], vectors.indptr[pick + 1]
    query = np.zeros(vectors.shape[1])
    query[vectors.indices[begin:end]] = vectors.data[begin:end]
    if len(items) == 1:  # a matrix of one row takes longer to make than to multiply
        own = slice(vectors.indptr[items[0]], vectors.indptr[items[0] + 1])
        return np.array([vectors.data[own] @ query[vectors.indices[own]]])
    if 20 * len(items) > vectors.shape[0]:  # rows are picked more slowly than multiplied
        return np.asarray(vectors @ query)[items]
    return np.asarray(vectors[items] @ query)


def _matrix(vectors: Postings) -> sparse.csr_array:
    wide = int(vectors.indices.max(initial=0)) + 1
    shape = (len(vectors.starts) - 1, wide)
    return sparse.csr_array((vectors.ratings, vectors.indices, vectors.starts), shape=shape)


def _unit(rows: Floats) -> NDArray[np.float32]:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.where(length > 1e-9, rows / np.maximum(length, 1e-9), 0).astype(np.float32)


def _column(rows: pd.DataFrame, name: str) -> Sequence[object]:
    return list(rows[name]) if name in rows else [None] * len(rows)


def _texts(rows: pd.DataFrame, name: str) -> list[str]:
    return [one if isinstance(one, str) else "" for one in _column(rows, name)]


def _won(cell: object) -> float:
    """nan where it is no price."""
    try:
        return float(str(cell).replace(",", "").removesuffix("원"))
    except ValueError:
        return float("nan")


def _codes(texts: Sequence[str]) -> NDArray[np.int32]:
    counted = Counter(text for text in texts if text)
    ranked = sorted(counted, key=lambda text: (-counted[text], text))[:CODES]
    number = {text: n for n, text in enumerate(ranked)}
    return np.array([number.get(text, UNKNOWN) for text in texts], dtype=np.int32)


def _name_words(text: str) -> frozenset[str]:
    words = _WORD.findall(_BRACKETS.sub(" ", text).lower())
    return frozenset(word for word in words if len(word) > 1 or not word.isascii())


def _formula(cell: object) -> frozenset[str]:
    names = cell.split(",") if isinstance(cell, str) else cell if isinstance(cell, Sequence) else ()
    return frozenset(name for name in (str(one).strip() for one in names) if name)


def _pieces(text: str) -> frozenset[str]:
    words = _KOREAN.findall(text)
    return frozenset(
        word[at : at + size]
        for word in words
        for size in (2, 3)
        for at in range(len(word) - size + 1)
    )


def _by_rarity(held: Sequence[frozenset[str]]) -> Postings:
    holders = Counter(one for whole in held for one in whole)
    numbers = {one: n for n, one in enumerate(sorted(holders))}
    line = [row for row, whole in enumerate(held) for _ in whole]
    index = [numbers[one] for whole in held for one in sorted(whole)]
    weight = [np.log(len(held) / holders[one]) for whole in held for one in sorted(whole)]
    rows, weights = np.array(line, dtype=np.int64), np.array(weight, dtype=np.float64)
    length = np.sqrt(np.bincount(rows, weights=weights**2, minlength=len(held)))
    unit = weights / np.maximum(length, 1e-9)[rows] if len(rows) else weights
    return Postings.build(rows, np.array(index, dtype=np.int64), unit, len(held))


def _stored(name: str, vectors: Postings) -> Mapping[str, NDArray[np.generic]]:
    return {
        f"{name}_starts": vectors.starts,
        f"{name}_indices": vectors.indices,
        f"{name}_weights": vectors.ratings,
    }


def _read(arrays: Arrays, name: str) -> Postings:
    return Postings(
        np.asarray(arrays[f"{name}_starts"]).astype(np.int64, copy=False),
        np.asarray(arrays[f"{name}_indices"]).astype(np.int32, copy=False),
        np.asarray(arrays[f"{name}_weights"]).astype(np.float32, copy=False),
    )
