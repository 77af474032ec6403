"""One recommendation query after three picks, beside a cosine to everyone, in the same run.

python -m benchmarks.recommendation

Both sides answer the same queries with the same rule. The other side is what one would write
with a sparse matrix at hand: `ratings @ query` over all rows, divided by norms that are worked
out beforehand, all similarities sorted, the 50 rows averaged densely.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from engine.recommend.knn import UserKNN
from engine.recommend.matrix import Interactions
from engine.recommend.recommender import Recommender

ROOT = Path(__file__).resolve().parents[1]
SEED_REVIEWS = ROOT / "data" / "seed" / "reviews.csv"
GLOWPICK = ROOT.parent / "shared" / "data" / "glowpick" / "reviews.csv"
WORDS = {"worst": 1.0, "bad": 2.0, "soso": 3.0, "good": 4.0, "best": 5.0}
BUDGET_S = 4.0
"""Seconds for each side at each size; fewer queries are timed where they are slow."""

Liked = Mapping[int, float]
Answer = Callable[[Liked], object]


class CosineOverAllRows:
    """The default rule by scipy and dense arrays, without any thought for speed."""

    def __init__(self, interactions: Interactions) -> None:
        rows = interactions.by_user
        shape = (len(interactions.users), len(interactions.items))
        self.ratings = sparse.csr_array((rows.ratings, rows.indices, rows.starts), shape=shape)
        self.rated = self.ratings.copy()
        self.rated.data = np.ones_like(self.rated.data)
        self.norms = interactions.norms
        self.items = interactions.items
        self.degrees = interactions.degrees

    def score(self, liked: Liked) -> NDArray[np.float64]:
        """(item,) nan where nobody near rated it."""
        query = np.zeros(len(self.items))
        query[list(liked)] = list(liked.values())
        similarity = np.asarray(self.ratings @ query) / (self.norms * np.linalg.norm(query))
        shared = np.asarray(self.rated @ np.sign(query))  # (user,)
        similarity[shared >= self.degrees] = 0  # nothing new to say
        near = np.argsort(-similarity, kind="stable")[:50]
        near = near[similarity[near] > 0]
        weight = similarity[near]
        said = np.asarray(self.rated[near].T @ weight)  # (item,)
        total = np.asarray(self.ratings[near].T @ weight)  # (item,)
        scores = np.where(said > 0, total / (said + 5), np.nan)
        scores[list(liked)] = np.nan
        return scores


def synthetic(ratings: int, users: int, items: int, seed: int = 0) -> Interactions:
    """Zipf products, Pareto users: few are rated by many, most people rate little."""
    draw = np.random.default_rng(seed)
    activity = draw.pareto(1.5, users) + 1
    fame = 1 / np.arange(1, items + 1) ** 0.9
    user = draw.choice(users, ratings * 3 // 2, p=activity / activity.sum())
    item = draw.choice(items, ratings * 3 // 2, p=fame / fame.sum())
    pair = np.unique(user.astype(np.int64) * items + item)
    pair = draw.permutation(pair)[:ratings]
    stars = draw.choice([1.0, 2.0, 3.0, 4.0, 5.0], len(pair), p=[0.03, 0.07, 0.2, 0.4, 0.3])
    user_text = pd.Series(np.char.add("u", np.char.zfill((pair // items).astype(str), 8)))
    item_text = pd.Series(np.char.add("i", np.char.zfill((pair % items).astype(str), 8)))
    return Interactions.from_frame(
        pd.DataFrame({"user": user_text, "item": item_text, "rating": stars})
    )


def from_csv(path: Path, columns: Mapping[str, str]) -> Interactions:
    table = pd.read_csv(path, encoding="utf-8-sig", usecols=list(columns))
    frame = table.rename(columns=dict(columns))
    words = not pd.api.types.is_numeric_dtype(frame["rating"])
    return Interactions.from_frame(
        frame.assign(rating=frame["rating"].map(WORDS)) if words else frame
    )


def corpora() -> dict[str, Callable[[], Interactions]]:
    found: dict[str, Callable[[], Interactions]] = {}
    if SEED_REVIEWS.is_file():
        names = {"reviewer": "user", "product_id": "item", "rating": "rating"}
        found["seed (synthetic)"] = lambda: from_csv(SEED_REVIEWS, names)
    if GLOWPICK.is_file():
        shop = {"user": "user", "product_url": "item", "rate_word": "rating"}
        found["Glowpick"] = lambda: from_csv(GLOWPICK, shop)
    found["23 thousand, synthetic"] = lambda: synthetic(23_000, 6_000, 1_000)
    found["1 million, synthetic"] = lambda: synthetic(1_000_000, 250_000, 10_000)
    return found


def queries(interactions: Interactions, count: int, picks: int = 3) -> list[Liked]:
    """Picks as people make them: a product is picked as often as it is rated."""
    draw = np.random.default_rng(7)
    drawn = draw.choice(interactions.by_user.indices, (count, picks * 4))
    return [dict.fromkeys(list(dict.fromkeys(row.tolist()))[:picks], 5.0) for row in drawn]


@dataclass(frozen=True, slots=True)
class Times:
    p50: float
    p99: float
    queries: int


def timed(answer: Answer, asked: list[Liked]) -> Times:
    """Microseconds a query, after a few that are not counted."""
    for liked in asked[:5]:
        answer(liked)
    took: list[float] = []
    end = time.perf_counter() + BUDGET_S
    for liked in asked:
        start = time.perf_counter()
        answer(liked)
        took.append(time.perf_counter() - start)
        if start > end:
            break
    p50, p99 = np.percentile(np.array(took) * 1e6, [50, 99])
    return Times(float(p50), float(p99), len(took))


def agree(model: UserKNN, cosine: CosineOverAllRows, liked: Liked) -> bool:
    """Whether both sides give the same scores: a race between different answers says nothing.

    The k-th similarity may be a tie that rounding breaks differently, so one item may differ.
    """
    mine = model.score(liked).dense(len(model.interactions.items))
    return int(np.sum(~np.isclose(mine, cosine.score(liked), equal_nan=True))) <= len(mine) // 100


def line(name: str, build: Callable[[], Interactions], count: int) -> str:
    start = time.perf_counter()
    interactions = build()
    built = time.perf_counter() - start
    model, cosine = UserKNN().fit(interactions), CosineOverAllRows(interactions)
    recommender = Recommender(interactions)
    asked = queries(interactions, count)
    if not all(agree(model, cosine, liked) for liked in asked[:20]):
        raise SystemExit(f"{name}: the two sides do not answer alike")
    keys = interactions.items

    def listed(liked: Liked) -> object:
        return recommender.recommend({keys[item]: rating for item, rating in liked.items()})

    mine, whole, other = timed(model.score, asked), timed(listed, asked), timed(cosine.score, asked)
    cells = [
        f"{name}: {interactions.ratings:,} ratings, {len(interactions.users):,} people",
        f"{mine.p50:,.0f} / {mine.p99:,.0f}",
        f"{whole.p50:,.0f} / {whole.p99:,.0f}",
        f"{other.p50:,.0f} / {other.p99:,.0f}",
        f"{other.p50 / mine.p50:.1f}×",
        f"{built:.2f}",
        f"{mine.queries} · {other.queries}",
    ]
    return f"| {' | '.join(cells)} |"


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recommendation")
    parser.add_argument("--queries", type=int, default=2_000)
    count = cast(int, parser.parse_args(argv).queries)
    print("One query after 3 picks, µs, p50 / p99, one thread:\n")
    heads = ["ratings", "UserKNN", "with ranking and fill", "scipy cosine over all rows"]
    heads += ["ratio (p50)", "read and build, s", "queries timed"]
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for name, build in corpora().items():
        print(line(name, build, count), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
