"""One recommendation query after three picks, beside a cosine to everyone, in the same run.

python -m benchmarks.recommendation [--large | --largest] [--kept FOLDER]

`--large` adds 20 million ratings: some minutes and 3 GiB of memory; `--largest` 100 million too:
half an hour or more and 16 GiB. `--kept` leaves the generated
matrices in a folder and takes them from there the next time, without a build time. «library» is
the compiled UserKNN, «listed» the whole Recommender with ranking, fill and basis (of a corpus
without contents).
Build is from coordinates to the matrix, open is from the saved folder to the first answer.
Both sides answer the same queries with the same rule. The other side is what one would write
with a sparse matrix at hand: `ratings @ query` over all rows, divided by norms that are worked
out beforehand, all similarities sorted, the 50 rows averaged densely.
Where they are installed (extra `bench`), scikit-learn looks for the 50 nearest rows by cosine,
which is the first half of an answer, and implicit's item cosine answers whole, by another rule;
it is not fitted to more than twenty million ratings.
"""

import argparse
import importlib
import importlib.util
import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from engine.recommend.knn import UserKNN
from engine.recommend.matrix import MANIFEST, Interactions
from engine.recommend.recommender import Recommender

ROOT = Path(__file__).resolve().parents[1]
SEED_REVIEWS = ROOT / "data" / "seed" / "reviews.csv"
GLOWPICK = ROOT.parent / "shared" / "data" / "glowpick" / "reviews.csv"
WORDS = {"worst": 1.0, "bad": 2.0, "soso": 3.0, "good": 4.0, "best": 5.0}
BUDGET_S = 3.0
"""Seconds for each side at each size; fewer queries are timed where they are slow."""

WARMED = 300

FITTED_AT_MOST = 20_000_000
"""Ratings that implicit is fitted to."""

Liked = Mapping[int, float]
Answer = Callable[[Liked], object]
Peer = Callable[[sparse.csr_matrix], object]
_Asked = TypeVar("_Asked")


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
        similarity = np.asarray(self.ratings @ query) / (
            np.maximum(self.norms, 1e-9) * np.linalg.norm(query)
        )
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


def row(liked: Liked, items: int) -> sparse.csr_matrix:
    at = sorted(liked)
    values = [liked[item] for item in at]
    return sparse.csr_matrix((values, ([0] * len(at), at)), shape=(1, items))


def user_items(interactions: Interactions) -> sparse.csr_matrix:
    rows = interactions.by_user
    shape = (len(interactions.users), len(interactions.items))
    starts = rows.starts.astype(np.int32)  # implicit wants both of one kind
    return sparse.csr_matrix((rows.ratings, rows.indices, starts), shape=shape)


def scikit_learn(interactions: Interactions) -> Peer | None:
    if importlib.util.find_spec("sklearn") is None:
        return None
    neighbors: Any = importlib.import_module("sklearn.neighbors")
    model = neighbors.NearestNeighbors(n_neighbors=50, metric="cosine", algorithm="brute")
    model.fit(user_items(interactions))
    search: Peer = model.kneighbors
    return search


def implicit(interactions: Interactions) -> Peer | None:
    if importlib.util.find_spec("implicit") is None or interactions.ratings > FITTED_AT_MOST:
        return None
    nearest: Any = importlib.import_module("implicit.nearest_neighbours")
    model = nearest.CosineRecommender(K=50, num_threads=1)
    model.fit(user_items(interactions), show_progress=False)
    return lambda asked: model.recommend(0, asked, N=10)


def synthetic(ratings: int, users: int, items: int, seed: int = 0) -> Interactions:
    """Zipf products, Pareto users: few are rated by many, most people rate little."""
    draw = np.random.default_rng(seed)
    activity = np.cumsum(draw.pareto(1.5, users) + 1)
    fame = np.cumsum(1 / np.arange(1, items + 1) ** 0.9)
    many = ratings * 3 // 2
    user = np.searchsorted(activity, draw.random(many) * activity[-1])
    item = np.searchsorted(fame, draw.random(many) * fame[-1])
    pair = np.unique(user.astype(np.int64) * items + item)
    pair = draw.permutation(pair)[:ratings]
    stars = draw.choice([1.0, 2.0, 3.0, 4.0, 5.0], len(pair), p=[0.03, 0.07, 0.2, 0.4, 0.3])
    return Interactions.from_numbers(
        pair // items,
        pair % items,
        stars,
        users=tuple(f"u{n:08}" for n in range(users)),
        items=tuple(f"i{n:08}" for n in range(items)),
    )


def from_csv(path: Path, columns: Mapping[str, str]) -> Interactions:
    table = pd.read_csv(path, encoding="utf-8-sig", usecols=list(columns))
    frame = table.rename(columns=dict(columns))
    words = not pd.api.types.is_numeric_dtype(frame["rating"])
    return Interactions.from_frame(
        frame.assign(rating=frame["rating"].map(WORDS)) if words else frame
    )


def kept(folder: Path | None, build: Callable[[], Interactions], name: str) -> Interactions:
    if folder is None:
        return build()
    if not (folder / name / MANIFEST).exists():
        build().save(folder / name)
    return Interactions.open(folder / name)


def corpora(sizes_at_most: int, folder: Path | None) -> dict[str, Callable[[], Interactions]]:
    found: dict[str, Callable[[], Interactions]] = {}
    if SEED_REVIEWS.is_file():
        names = {"reviewer": "user", "product_id": "item", "rating": "rating"}
        found["seed (synthetic)"] = lambda: from_csv(SEED_REVIEWS, names)
    if GLOWPICK.is_file():
        shop = {"user": "user", "product_url": "item", "rate_word": "rating"}
        found["Glowpick"] = lambda: from_csv(GLOWPICK, shop)
    sizes = [
        ("23 thousand", "23k", 23_000, 6_000, 1_000),
        ("1 million", "1m", 1_000_000, 250_000, 10_000),
        ("20 million", "20m", 20_000_000, 2_000_000, 50_000),
        ("100 million", "100m", 100_000_000, 10_000_000, 100_000),
    ]
    for name, short, *size in sizes[:sizes_at_most]:
        build = partial(kept, folder, partial(synthetic, *size), short)
        found[f"{name}, synthetic"] = build
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
    mean: float


def timed(answer: Callable[[_Asked], object], asked: list[_Asked]) -> Times:
    """Microseconds a query, after some that are not counted: a bot answers for days."""
    took: list[float] = []
    warm = time.perf_counter() + BUDGET_S / 6
    for liked in asked[:WARMED]:
        answer(liked)
        if time.perf_counter() > warm:
            break
    end = time.perf_counter() + BUDGET_S
    for liked in asked:
        start = time.perf_counter()
        answer(liked)
        took.append(time.perf_counter() - start)
        if start > end:
            break
    p50, p99 = np.percentile(np.array(took) * 1e6, [50, 99])
    return Times(float(p50), float(p99), float(np.mean(took)) * 1e6)


def beside(peer: Peer | None, rows: list[sparse.csr_matrix], mine: Times) -> str:
    """p50, and how many times ours that is; «–» where there is none."""
    if peer is None:
        return "–"
    other = timed(peer, rows)
    return f"{other.p50:,.0f} ({other.p50 / mine.p50:,.1f}×)"


def agree(model: UserKNN, cosine: CosineOverAllRows, liked: Liked) -> bool:
    """Whether both sides give the same scores: a race between different answers says nothing.

    The k-th similarity may be a tie that rounding breaks differently, so a few items may differ.
    """
    mine = model.score(liked).dense(len(model.interactions.items))
    same = np.isclose(mine, cosine.score(liked), atol=1e-6, equal_nan=True)
    return int(np.sum(~same)) <= len(mine) // 100


def postings(interactions: Interactions, asked: list[Liked]) -> float:
    """Ratings of the picked products, the median over queries: each is 8 bytes to be read."""
    columns = interactions.columns
    counts = [sum(columns.last[item] - columns.first[item] for item in liked) for liked in asked]
    return float(np.median(counts))


def floor(interactions: Interactions, asked: list[Liked]) -> float:
    """ns a posting for reading its 8 bytes and adding them up, all columns of a query."""
    columns = interactions.columns

    def read(liked: Liked) -> object:
        return [
            columns.users[columns.first[item] : columns.last[item]].sum()
            + columns.weights[columns.first[item] : columns.last[item]].sum()
            for item in liked
        ]

    return timed(read, asked).p50 * 1e3 / max(postings(interactions, asked), 1)


def stored(interactions: Interactions) -> tuple[float, float]:
    """Megabytes on disk, and milliseconds from the folder to the first answer."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        interactions.save(folder)
        size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        start = time.perf_counter()
        UserKNN().fit(Interactions.open(folder))
        return size, (time.perf_counter() - start) * 1e3


def line(name: str, build: Callable[[], Interactions], count: int, was_kept: bool) -> str:
    start = time.perf_counter()
    interactions = build()
    built = time.perf_counter() - start
    model, plain = UserKNN().fit(interactions), UserKNN(loops="numpy").fit(interactions)
    cosine, recommender = CosineOverAllRows(interactions), Recommender(interactions)
    asked = queries(interactions, count)
    whole = int(interactions.by_item.lengths.max()) <= interactions.columns.cap
    if whole and not all(agree(model, cosine, liked) for liked in asked[:20]):
        raise SystemExit(f"{name}: the two sides do not answer alike")
    keys = interactions.items

    def listed(liked: Liked) -> object:
        return recommender.recommend({keys[item]: rating for item, rating in liked.items()})

    mine, other = timed(model.score, asked), timed(cosine.score, asked)
    numpy, full = timed(plain.score, asked), timed(listed, asked)
    rows = [row(liked, len(keys)) for liked in asked]
    peers = [beside(make(interactions), rows, mine) for make in (scikit_learn, implicit)]
    size, opened = stored(interactions)
    read = postings(interactions, asked)
    cells = [
        f"{name}: {interactions.ratings:,} ratings, {len(interactions.users):,} people",
        f"{mine.p50:,.0f} / {mine.p99:,.0f}",
        f"{1e6 / mine.mean:,.0f}",
        f"{full.p50:,.0f} / {full.p99:,.0f}",
        f"{numpy.p50:,.0f} / {numpy.p99:,.0f}",
        f"{other.p50:,.0f} / {other.p99:,.0f}",
        f"{other.p50 / mine.p50:.1f}×",
        *peers,
        f"{mine.p50 * 1e3 / max(read, 1):.1f} ({read:,.0f}; {floor(interactions, asked):.2f})",
        "–" if was_kept else f"{built:.2f}",
        f"{size:,.1f}",
        f"{opened:.1f}",
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recommendation")
    parser.add_argument("--queries", type=int, default=2_000)
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--large", dest="sizes", action="store_const", const=3, default=2)
    sizes.add_argument("--largest", dest="sizes", action="store_const", const=4)
    parser.add_argument("--kept", type=Path)
    chosen = parser.parse_args(argv)
    print("One query after 3 picks, µs, p50 / p99, one thread:\n")
    heads = ["ratings", "library", "queries a second", "listed", "the same in numpy"]
    heads += ["scipy cosine over all rows", "ratio (p50)", "scikit-learn's cosine"]
    heads += ["implicit's item cosine", "ns a posting (postings; the floor, read by numpy)"]
    heads += ["build, s", "files, MB", "open, ms", "peak memory so far, MiB"]
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for name, build in corpora(chosen.sizes, chosen.kept).items():
        was_kept = chosen.kept is not None and name.endswith(", synthetic")
        print(line(name, build, cast(int, chosen.queries), was_kept), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
