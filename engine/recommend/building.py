"""A load's ratings, contents and weights, as the files that `Recommender.open` reads."""

from pathlib import Path

import pandas as pd

from engine.recommend.blend import WEIGHTS, learn
from engine.recommend.content import Contents, Words
from engine.recommend.matrix import Interactions


def build(folder: Path, reviews: pd.DataFrame, products: pd.DataFrame) -> None:
    """`reviews` has user, item, rating, skin_type and text; `products` what
    `Contents.from_frames` reads. Without enough people to learn weights from, or anything known
    of the products, the matrix stands alone."""
    interactions = Interactions.from_frame(reviews, also=tuple(products["item"]))
    words = Words.read(reviews)
    contents = Contents.from_frames(interactions.items, products, words)
    weights = learn(reviews, products, words) if contents.known else None
    if weights is None:
        interactions.save(folder)
    else:
        interactions.save(folder, contents.arrays(), {WEIGHTS: weights.model_dump_json()})
