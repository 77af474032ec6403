"""Other libraries' recommenders on the same queries; those that are installed (extra `bench`).

Each is fitted as its authors show it, on the same ratings, and asked for people it never saw.
"""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from engine.recommend.knn import ADMIRES
from engine.recommend.matrix import Interactions
from engine.recommend.metrics import UnseenQuery

Rank = Callable[[UnseenQuery], list[str]]
Scores = NDArray[np.floating[Any]]
Peer = Callable[[Interactions], Rank]

LENGTH = 10
NEAR = 50


def ratings(interactions: Interactions) -> sparse.csr_matrix:
    """(user, item) as the libraries take them: 32-bit indices, owned by the matrix."""
    rows = interactions.by_user
    shape = (len(interactions.users), len(interactions.items))
    return sparse.csr_matrix(
        (rows.ratings.copy(), rows.indices.copy(), rows.starts.astype(np.int32)), shape=shape
    )


def implicit_cosine(interactions: Interactions) -> Rank:
    from implicit.nearest_neighbours import CosineRecommender  # noqa: PLC0415 - an extra

    model = CosineRecommender(K=NEAR, num_threads=1)
    model.fit(ratings(interactions), show_progress=False)
    return _implicit(model, interactions)


def implicit_als(interactions: Interactions) -> Rank:
    from implicit.als import AlternatingLeastSquares  # noqa: PLC0415

    model = AlternatingLeastSquares(
        factors=64, regularization=0.05, iterations=20, num_threads=1, random_state=0
    )
    model.fit(ratings(interactions), show_progress=False)
    return _implicit(model, interactions)


def _implicit(model: Any, interactions: Interactions) -> Rank:
    rows = interactions.item_rows

    def rank(query: UnseenQuery) -> list[str]:
        liked = _row(query, rows)
        if not liked.nnz:
            return []
        items, scores = model.recommend(
            0, liked, N=LENGTH, filter_already_liked_items=True, recalculate_user=True
        )
        told = zip(items, scores, strict=True)
        return [interactions.items[int(item)] for item, score in told if score > 0]

    return rank


def lenskit_items(interactions: Interactions) -> Rank:
    from lenskit.knn import ItemKNNScorer  # noqa: PLC0415

    return _lenskit(ItemKNNScorer(max_nbrs=NEAR, feedback="implicit"), interactions)


def lenskit_users(interactions: Interactions) -> Rank:
    from lenskit.knn import UserKNNScorer  # noqa: PLC0415

    return _lenskit(UserKNNScorer(max_nbrs=NEAR, feedback="implicit"), interactions)


def _lenskit(scorer: Any, interactions: Interactions) -> Rank:
    from lenskit import topn_pipeline  # noqa: PLC0415
    from lenskit.data import ItemList, RecQuery, from_interactions_df  # noqa: PLC0415

    pipeline = topn_pipeline(scorer)
    pipeline.train(from_interactions_df(_frame(interactions), user_col="user", item_col="item"))
    known = set(interactions.items)

    def rank(query: UnseenQuery) -> list[str]:
        picks = [key for key in query.liked if key in known]
        if not picks:
            return []
        asked = RecQuery(history_items=ItemList(picks))
        found = pipeline.run("recommender", query=asked, n=LENGTH)
        return [str(key) for key in found.ids()]

    return rank


def _frame(interactions: Interactions) -> Any:
    import pandas as pd  # noqa: PLC0415

    items, given, lengths = interactions.by_user.gather(np.arange(len(interactions.users)))
    user = np.repeat(np.array(list(interactions.users), dtype=object), lengths)
    names = np.array(list(interactions.items), dtype=object)[items]
    return pd.DataFrame({"user": user, "item": names, "rating": given})


def sklearn_neighbours(interactions: Interactions) -> Rank:
    """Mean rating of the 50 nearest people by cosine."""
    from sklearn.neighbors import NearestNeighbors  # noqa: PLC0415

    matrix = ratings(interactions)
    model = NearestNeighbors(n_neighbors=NEAR, metric="cosine").fit(matrix)
    rows = interactions.item_rows

    def rank(query: UnseenQuery) -> list[str]:
        liked = _row(query, rows)
        if not liked.nnz:
            return []
        near = model.kneighbors(liked, return_distance=False)[0]
        near_rows = matrix[near]
        raters = np.asarray((near_rows > 0).sum(axis=0)).ravel()
        means = np.asarray(near_rows.sum(axis=0)).ravel() / np.maximum(raters, 1)
        return _best(means, liked, interactions)

    return rank


def ease(interactions: Interactions) -> Rank:
    """Embarrassingly shallow autoencoder (Steck 2019), λ 500, on likings; in numpy."""
    matrix = ratings(interactions)
    matrix.data = (matrix.data >= ADMIRES).astype(np.float32)
    gram = np.asarray((matrix.T @ matrix).todense(), dtype=np.float64)
    inverse = np.linalg.inv(gram + 500.0 * np.eye(len(gram)))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)

    def rank(query: UnseenQuery) -> list[str]:
        liked = _row(query, interactions.item_rows)
        return _best(weights[liked.indices].sum(axis=0), liked, interactions)

    return rank


def _row(query: UnseenQuery, rows: Mapping[str, int]) -> sparse.csr_matrix:
    known = sorted((rows[key], rating) for key, rating in query.liked.items() if key in rows)
    items, given = [item for item, _ in known], [rating for _, rating in known]
    return sparse.csr_matrix(
        (np.array(given, dtype=np.float32), items, [0, len(items)]), shape=(1, len(rows))
    )


def _best(scores: Scores, liked: sparse.csr_matrix, interactions: Interactions) -> list[str]:
    order = [int(at) for at in np.argsort(-scores, kind="stable") if scores[at] > 0]
    picked = set(liked.indices.tolist())
    return [interactions.items[at] for at in order if at not in picked][:LENGTH]


_PEERS: Mapping[str, tuple[str, Peer]] = {
    "implicit item cosine": ("implicit", implicit_cosine),
    "implicit ALS": ("implicit", implicit_als),
    "LensKit item-item": ("lenskit", lenskit_items),
    "LensKit user-user": ("lenskit", lenskit_users),
    "scikit-learn cosine": ("sklearn", sklearn_neighbours),
    "EASE": ("scipy", ease),
}


def installed() -> dict[str, Peer]:
    """By the name of their rows."""
    return {name: peer for name, (module, peer) in _PEERS.items() if find_spec(module)}
