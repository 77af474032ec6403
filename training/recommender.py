"""How well the recommender does on a file of ratings.

python -m training.recommender evaluate --ratings data/seed/reviews.csv \
    --columns user=reviewer,item=product_id,rating=rating,skin_type=skin_type --picked 1,3

Exit status 0 done, 1 the file was refused, 2 wrong usage.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypedDict

import pandas as pd

from engine.domain import Basis
from engine.parsing.ratings import rating
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

Rank = Callable[[UnseenQuery], list[str]]
Configuration = Callable[[Interactions], Rank]

LENGTH = 10
"""Products asked for by each query; the longest list that a measure looks at."""
NEEDED = ("user", "item", "rating")
COLUMNS = (*NEEDED, "skin_type", "timestamp")


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
    },
)
"""`hr@3_se` is the standard error over queries; `coverage@3` the share of all products that stand
among the first three of any list; `empty` the share of queries that found nothing at all."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One query's list against what was held out."""

    ranked: tuple[str, ...]
    held: frozenset[str]


def popular(interactions: Interactions) -> Rank:
    order = Popularity.fit(interactions).everyone.order
    keys = [interactions.items[row] for row in order]
    return lambda query: list(islice((key for key in keys if key not in query.liked), LENGTH))


def popular_skin(interactions: Interactions) -> Rank:
    """The cold start: what the person gets who picked nothing."""
    model = Recommender(interactions)

    def rank(query: UnseenQuery) -> list[str]:
        allowed = frozenset(interactions.items) - query.liked.keys()
        found = model.recommend({}, query.skin_type, LENGTH, allowed)
        return [scored.key for scored in found]

    return rank


def plain(interactions: Interactions) -> Rank:
    """The plain rule alone, nothing filled: an empty list is one where it finds nothing."""
    model = Recommender(interactions, rule="plain")

    def rank(query: UnseenQuery) -> list[str]:
        found = model.recommend(query.liked, query.skin_type, LENGTH)
        return [scored.key for scored in found if scored.basis is Basis.TASTE]

    return rank


def default(interactions: Interactions) -> Rank:
    """As it is served, filled by skin type."""
    model = Recommender(interactions)

    def rank(query: UnseenQuery) -> list[str]:
        return [found.key for found in model.recommend(query.liked, query.skin_type, LENGTH)]

    return rank


CONFIGURATIONS: Mapping[str, Configuration] = {
    "popular": popular,
    "popular_skin": popular_skin,
    "plain": plain,
    "default": default,
}


def evaluate(
    frame: pd.DataFrame, picked: Sequence[int], seed: int = 0, folds: int = 5
) -> list[Row]:
    """A row for each configuration and number of picks, all of them on the same queries."""
    outcomes: dict[tuple[str, int], list[Outcome]] = {
        (name, k): [] for k in picked for name in CONFIGURATIONS
    }
    for fold in unseen_users(frame, picked, folds, seed):
        interactions = Interactions.from_frame(fold.train)
        for name, configuration in CONFIGURATIONS.items():
            rank = configuration(interactions)
            for query in fold.queries:
                outcomes[name, query.picked].append(Outcome(tuple(rank(query)), query.held))
    items = frame["item"].nunique()
    return [_row(name, k, found, items) for (name, k), found in outcomes.items()]


def _row(name: str, k: int, outcomes: Sequence[Outcome], items: int) -> Row:
    hits, error = mean_and_error([hit_rate_at(3, o.ranked, o.held) for o in outcomes])
    at_3, _ = mean_and_error([ndcg_at(3, o.ranked, o.held) for o in outcomes])
    at_10, _ = mean_and_error([ndcg_at(10, o.ranked, o.held) for o in outcomes])
    empty, _ = mean_and_error([float(not o.ranked) for o in outcomes])
    return {
        "configuration": name,
        "picked": k,
        "queries": len(outcomes),
        "hr@3": round(hits, 4),
        "hr@3_se": round(error, 4),
        "ndcg@3": round(at_3, 4),
        "ndcg@10": round(at_10, 4),
        "coverage@3": round(coverage(3, [o.ranked for o in outcomes], items), 4),
        "empty": round(empty, 4),
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
    frame = pd.DataFrame({ours: table[theirs] for ours, theirs in columns.items()})
    frame["rating"] = frame["rating"].map(_rating)
    kept = frame.dropna(subset=list(NEEDED)).reset_index(drop=True)
    if kept.empty:
        raise Refused(f"{path}: 읽을 수 있는 평점이 하나도 없어요.")
    return kept, len(frame) - len(kept)


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
    pairs = [part.partition("=") for part in text.split(",")]
    columns = {ours.strip(): theirs.strip() for ours, _, theirs in pairs}
    unknown = columns.keys() - set(COLUMNS)
    lacking = set(NEEDED) - columns.keys()
    if unknown or lacking or not all(columns.values()):
        raise argparse.ArgumentTypeError(
            "user=…,item=…,rating=… 꼴이어야 해요 (skin_type, timestamp는 골라서)"
        )
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
    except Refused as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if dropped:
        sys.stderr.write(f"평점이나 이름이 없는 {dropped}행을 빼고 셌어요.\n")
    rows = evaluate(frame, asked.picked, asked.seed)
    written = json.dumps({"rows": rows}, ensure_ascii=False) if asked.json else table(rows)
    sys.stdout.write(f"{written}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
