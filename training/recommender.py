"""How well the recommender does on a file of ratings.

python -m training.recommender evaluate --ratings data/seed/reviews.csv \
    --columns user=reviewer,item=product_id,rating=rating,skin_type=skin_type --picked 1,3 \
    --products data/seed/products.csv --product-columns item=product_id

What is known of the products comes from `--products` and from columns of the ratings file: those
that `--columns` names, and those whose heading is one that we know (brand, category, text …).
The peers implicit, LensKit and scikit-learn take part where they are installed (extra `bench`).

Exit status 0 done, 1 the file was refused, 2 wrong usage.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Self, TypedDict

import pandas as pd

from engine.domain import Basis
from engine.parsing.ratings import rating
from engine.recommend.blend import Blend, learn
from engine.recommend.content import Contents, Words
from engine.recommend.matrix import Interactions
from engine.recommend.metrics import (
    UnseenQuery,
    coverage,
    hit_rate_at,
    mean_and_error,
    ndcg_at,
    unseen_users,
)
from engine.recommend.popularity import Popularity
from engine.recommend.recommender import Recommender
from training.peers import Peer, installed

Rank = Callable[[UnseenQuery], list[str]]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What a configuration may learn from: nobody of whom it is asked is in it."""

    ratings: pd.DataFrame
    interactions: Interactions
    products: pd.DataFrame
    words: Words


Configuration = Callable[[Material], Rank]

LENGTH = 10
"""Products asked for by each query; the longest list that a measure looks at."""
NEEDED = ("user", "item", "rating")
ABOUT = ("brand", "category", "name", "price", "ingredients")
"""What may be known of a product."""
COLUMNS = (*NEEDED, "skin_type", "timestamp", "text", *ABOUT)
HEADINGS = {
    "brand": ("brand", "브랜드"),
    "category": ("category", "카테고리", "분류"),
    "name": ("name", "product", "product_name", "제품명", "상품명"),
    "price": ("price", "vol_price", "가격", "판매가"),
    "ingredients": ("ingredients", "전성분", "성분"),
    "text": ("text", "review", "리뷰", "후기"),
}
"""Headings that say what they hold without being asked for."""
_PRICE = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)\s*원?\s*$")
LONG_TAIL = 0.2
"""The share of products that are rated most: all others are the long tail."""


Row = TypedDict(
    "Row",
    {
        "configuration": str,
        "picked": int,
        "queries": int,
        "hr@3": float,
        "hr@3_se": float,
        "ndcg@3": float,
        "ndcg@10": float,
        "coverage@3": float,
        "empty": float,
        "long_tail@3": float,
        "brands@3": float,
    },
)
"""`hr@3_se` is the standard error over queries; `coverage@3` the share of all products that stand
among the first three of any list; `empty` the share of queries that found nothing at all;
`long_tail@3` the share of what stands there that is not among the fifth of the products that is
rated most; `brands@3` the mean number of different brands (0
where none is known)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One query's list against what was held out."""

    ranked: tuple[str, ...]
    held: frozenset[str]


def popular(material: Material) -> Rank:
    interactions = material.interactions
    order = Popularity.fit(interactions).everyone.order
    keys = [interactions.items[row] for row in order]
    return lambda query: list(islice((key for key in keys if key not in query.liked), LENGTH))


def popular_skin(material: Material) -> Rank:
    """The cold start: what the person gets who picked nothing."""
    interactions = material.interactions
    model = Recommender(interactions)

    def rank(query: UnseenQuery) -> list[str]:
        allowed = frozenset(interactions.items) - query.liked.keys()
        found = model.recommend({}, query.skin_type, LENGTH, allowed)
        return [scored.key for scored in found]

    return rank


def plain(material: Material) -> Rank:
    """The plain rule alone, nothing filled: an empty list is one where it finds nothing."""
    model = Recommender(material.interactions, rule="plain")

    def rank(query: UnseenQuery) -> list[str]:
        found = model.recommend(query.liked, query.skin_type, LENGTH)
        return [scored.key for scored in found if scored.basis is Basis.TASTE]

    return rank


def neighbours(material: Material) -> Rank:
    """Ratings alone: Σ sim·rating / (Σ sim + 5) over 50 neighbours, filled by skin type."""
    return _listed(Recommender(material.interactions))


def default(material: Material) -> Rank:
    """As it is served: with contents, by weights learnt from these people alone."""
    contents = Contents.from_frames(material.interactions.items, material.products, material.words)
    weights = learn(material.ratings, material.products, material.words) if contents.known else None
    blend = Blend(material.interactions, contents, weights) if weights else None
    return _listed(Recommender(material.interactions, blend=blend))


def _listed(model: Recommender) -> Rank:
    def rank(query: UnseenQuery) -> list[str]:
        return [found.key for found in model.recommend(query.liked, query.skin_type, LENGTH)]

    return rank


CONFIGURATIONS: Mapping[str, Configuration] = {
    "popular": popular,
    "popular_skin": popular_skin,
    "plain": plain,
    "neighbours": neighbours,
    "default": default,
}


def evaluate(
    frame: pd.DataFrame,
    picked: Sequence[int],
    seed: int = 0,
    folds: int = 5,
    *,
    products: pd.DataFrame | None = None,
    peers: Mapping[str, Peer] | None = None,
) -> list[Row]:
    """A row for each configuration and number of picks, all of them on the same queries.

    `products` has item and what is known of it; else it is looked for in `frame`.
    """
    others = {name: partial(_asked, peer) for name, peer in (peers or {}).items()}
    configurations: dict[str, Configuration] = {**CONFIGURATIONS, **others}
    outcomes: dict[tuple[str, int], list[Outcome]] = {
        (name, k): [] for k in picked for name in configurations
    }
    words = Words.read(frame)
    for fold in unseen_users(frame, picked, folds, seed):
        interactions = Interactions.from_frame(fold.train)
        known = _products(fold.train) if products is None else products
        material = Material(fold.train, interactions, known, words.of(interactions.users))
        for name, configuration in configurations.items():
            rank = configuration(material)
            for query in fold.queries:
                outcomes[name, query.picked].append(Outcome(tuple(rank(query)), query.held))
    shop = Shop.of(frame, _products(frame) if products is None else products)
    return [_row(name, k, found, shop) for (name, k), found in outcomes.items()]


def _asked(peer: Peer, material: Material) -> Rank:
    return peer(material.interactions)


def _products(frame: pd.DataFrame) -> pd.DataFrame:
    """Each item with what its first row says of it."""
    about = [name for name in ABOUT if name in frame]
    return frame[["item", *about]].drop_duplicates("item", ignore_index=True)


@dataclass(frozen=True, slots=True)
class Shop:
    """What lists are measured against."""

    items: int
    famous: frozenset[str]
    brands: Mapping[str, str]

    @classmethod
    def of(cls, frame: pd.DataFrame, products: pd.DataFrame) -> Self:
        counts = frame["item"].astype(str).value_counts(sort=True)
        famous = counts.index[: round(LONG_TAIL * len(counts))]
        named = products.dropna(subset=["brand"]) if "brand" in products else products.iloc[:0]
        brands = dict(zip(named["item"].astype(str), named.get("brand", []), strict=True))
        return cls(len(counts), frozenset(famous), brands)


def _row(name: str, k: int, outcomes: Sequence[Outcome], shop: Shop) -> Row:
    def mean(measure: Callable[[Outcome], float]) -> float:
        return round(mean_and_error([measure(one) for one in outcomes])[0], 4)

    hits, error = mean_and_error([hit_rate_at(3, one.ranked, one.held) for one in outcomes])
    shown = [key for one in outcomes for key in one.ranked[:3]]
    rare = sum(key not in shop.famous for key in shown)
    return {
        "configuration": name,
        "picked": k,
        "queries": len(outcomes),
        "hr@3": round(hits, 4),
        "hr@3_se": round(error, 4),
        "ndcg@3": mean(lambda one: ndcg_at(3, one.ranked, one.held)),
        "ndcg@10": mean(lambda one: ndcg_at(10, one.ranked, one.held)),
        "coverage@3": round(coverage(3, [one.ranked for one in outcomes], shop.items), 4),
        "empty": mean(lambda one: float(not one.ranked)),
        "long_tail@3": round(rare / max(len(shown), 1), 4),
        "brands@3": mean(
            lambda one: len({shop.brands[key] for key in one.ranked[:3] if key in shop.brands})
        ),
    }


class Refused(Exception):
    """The ratings file cannot be used, said in one sentence."""


def read_ratings(path: Path, columns: Mapping[str, str]) -> tuple[pd.DataFrame, int]:
    """The file under our column names, and how many rows were left out for their rating."""
    table = _read(path)
    missing = [theirs for theirs in columns.values() if theirs not in table]
    if missing:
        raise Refused(
            f"{path}: {', '.join(missing)} 열이 없어요. 있는 열: {', '.join(map(str, table))}"
        )
    named = {**_familiar(table, columns), **columns}
    frame = _priced(pd.DataFrame({ours: table[theirs] for ours, theirs in named.items()}))
    frame["rating"] = frame["rating"].map(_rating)
    kept = frame.dropna(subset=list(NEEDED)).reset_index(drop=True)
    if kept.empty:
        raise Refused(f"{path}: 읽을 수 있는 평점이 하나도 없어요.")
    return kept, len(frame) - len(kept)


def read_products(path: Path, columns: Mapping[str, str]) -> pd.DataFrame:
    """Item and what is known of it, under our column names."""
    table = _read(path)
    named = {**_familiar(table, columns), **columns}
    missing = [theirs for theirs in named.values() if theirs not in table]
    if missing or "item" not in named:
        raise Refused(
            f"{path}: {', '.join(missing) or 'item'} 열이 없어요. "
            f"있는 열: {', '.join(map(str, table))}"
        )
    kept = {ours: table[theirs] for ours, theirs in named.items() if ours in ("item", *ABOUT)}
    return _priced(pd.DataFrame(kept)).drop_duplicates("item", ignore_index=True)


def _familiar(table: pd.DataFrame, columns: Mapping[str, str]) -> dict[str, str]:
    """Our name → a heading of the table that says the same and that nobody asked for."""
    found: dict[str, str] = {}
    for ours, headings in HEADINGS.items():
        for heading in headings:
            if ours not in found and heading in table and heading not in columns.values():
                found[ours] = heading
    return found


def _priced(frame: pd.DataFrame) -> pd.DataFrame:
    """Prices as numbers: «180ml19,000원» is 19,000."""
    if "price" not in frame:
        return frame
    found = [_PRICE.search(str(cell)) for cell in frame["price"]]
    price = [float(one[1].replace(",", "")) if one else float("nan") for one in found]
    return frame.assign(price=price)


def _read(path: Path) -> pd.DataFrame:
    try:
        if path.suffix == ".jsonl":
            return pd.read_json(path, lines=True, dtype=False)
        return pd.read_csv(path, dtype=str, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise Refused(f"{path}: 읽을 수 없어요 ({error}).") from error


def _rating(raw: object) -> float:
    """nan where it is no rating."""
    try:
        return rating(raw)
    except ValueError:
        return float("nan")


def _columns(text: str) -> dict[str, str]:
    return _pairs(text, COLUMNS, NEEDED)


def _product_columns(text: str) -> dict[str, str]:
    return _pairs(text, ("item", *ABOUT), ("item",))


def _pairs(text: str, known: Sequence[str], needed: Sequence[str]) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(",")]
    columns = {ours.strip(): theirs.strip() for ours, _, theirs in pairs}
    wrong = columns.keys() - set(known) or set(needed) - columns.keys()
    if wrong or not all(columns.values()):
        form = ",".join(f"{name}=…" for name in needed)
        others = ", ".join(name for name in known if name not in needed)
        raise argparse.ArgumentTypeError(f"{form} 꼴이어야 해요 ({others}는 골라서)")
    return columns


def _natural(text: str) -> int:
    if not text.strip().isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: 0 이상의 정수여야 해요")
    return int(text)


def _counts(text: str) -> tuple[int, ...]:
    counts = tuple(dict.fromkeys(_natural(part) for part in text.split(",")))
    if 0 in counts:
        raise argparse.ArgumentTypeError("1 이상의 정수를 쉼표로 이어 주세요")
    return counts


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.recommender")
    command = parser.add_subparsers(dest="command", required=True).add_parser("evaluate")
    command.add_argument("--ratings", type=Path, required=True)
    command.add_argument("--columns", type=_columns, default=",".join(f"{c}={c}" for c in NEEDED))
    command.add_argument("--products", type=Path)
    command.add_argument("--product-columns", type=_product_columns, default="item=product_id")
    command.add_argument("--no-peers", action="store_true")
    command.add_argument("--protocol", choices=["unseen-users"], default="unseen-users")
    command.add_argument("--picked", type=_counts, default=(1, 2, 3, 5))
    command.add_argument("--seed", type=_natural, default=0)
    command.add_argument("--json", action="store_true")
    return parser.parse_args(argv)


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    names = list(rows[0])
    lines = [names, ["---"] * len(names), *(list(map(str, row.values())) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(argv: Sequence[str]) -> int:
    asked = _arguments(argv)
    try:
        frame, dropped = read_ratings(asked.ratings, asked.columns)
        products = read_products(asked.products, asked.product_columns) if asked.products else None
    except Refused as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if dropped:
        sys.stderr.write(f"평점이나 이름이 없는 {dropped}행을 빼고 셌어요.\n")
    peers = {} if asked.no_peers else installed()
    rows = evaluate(frame, asked.picked, asked.seed, products=products, peers=peers)
    written = json.dumps({"rows": rows}, ensure_ascii=False) if asked.json else table(rows)
    sys.stdout.write(f"{written}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
