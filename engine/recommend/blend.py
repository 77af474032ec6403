"""Neighbours, contents and what is liked in general, in one score.

For each candidate a row of features; a linear score with weights that are learnt from the load's
own people: each in turn is taken as unseen, by a model without them, and asked for the products
they liked besides a few picks (conditional logit: the chance that the softmax over all products
gives to any of what was held out, with a ridge). Few people have two likings, so weights are few.
After several picks the chances are mixed with what the neighbours like besides them.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy import sparse
from scipy.optimize import minimize

from engine.domain import Likeness
from engine.recommend.content import Contents, Words, similarity
from engine.recommend.knn import ADMIRES, DIGITS, Overlay, Scores, UserKNN
from engine.recommend.matrix import UNKNOWN, Floats, Interactions, Ints
from engine.recommend.metrics import UnseenQuery, unseen_users

WEIGHTS = "weights.json"
NEIGHBOURS = 1000
SHRINKAGE = 5.0
PEOPLE = ("value", "admirers", "cosine")
LIKENESS = (
    "brand",
    "brand_size",
    "brands",
    "line",
    "category",
    "name",
    "formula",
    "price",
    "words",
)
GENERAL = ("reviews", "skin", "mean")
GROWING = ("cosine", "brands", "line", "reviews")
"""What counts otherwise after many picks than after one: once more, times log2(picks)."""
FEATURES = (*PEOPLE, *LIKENESS, *GENERAL, *(f"{name}+" for name in GROWING))
ALL_AT_MOST = 4096
"""A catalogue of more products is not scored whole: candidates are what neighbours rated, the
picks' brands, and the most reviewed."""
FAMOUS = 500
QUERIES_AT_LEAST = 100
QUERIES_AT_MOST = 600
DRAWN = 250
"""Products beside the held ones that a query is learnt from: drawn evenly, they leave the weights
where all would put them (McFadden 1978), at a part of the work."""
FOLDS = 6
RIDGE = 8.0
COUNTS = {1: 1.0, 2: 1.0, 3: 2.0, 5: 3.0}
"""Picks of the queries that weights are learnt from, and how much one counts: few have many."""
FORMULA_ALIKE = 0.3
"""Cosine of two formulas, by the rarity of their ingredients, from which on they are alike."""
WORDS_ALIKE = 0.5
PRICE_ALIKE = 0.25
"""Logarithm of the ratio of two prices of one band: 28 % more."""
FAR = -1e9
"""The score of what does not take part."""
RARE = 1e-6
"""A chance that is not told from none."""
TOGETHER = (0.0, 1 / 32, 1 / 16, 1 / 8)
"""How fast what the neighbours like besides the picks takes over; the weights' people choose."""
SEVERAL = 3
"""Picks from which on a query says how fast."""
MANY = 5
"""More picks than were learnt from count as so many there."""
OF_A_BRAND = 2
CROWDED = 0.6
"""One more than two of a brand must be likelier than another by so much: 1.8 times."""
HEAVY = 100
"""People who liked more products than this do not say which brands go together."""


class Weights(BaseModel):
    """Of each feature; `queries` is how many they were learnt from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    queries: int
    weights: dict[str, float]
    together: float = 0.0

    def vector(self) -> Floats:
        return np.array([self.weights.get(name, 0.0) for name in FEATURES])


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    items: Ints  # (candidate,) ascending
    values: Floats  # (candidate,) logarithm of the chance that it is what is liked next
    brands: NDArray[np.int32]  # (candidate,) -1 where it is not known
    scores: Scores
    """What the neighbours say."""

    def order(self) -> Ints:
        """Positions in `items`, best first; ties by item row."""
        return np.lexsort((self.items, -np.round(self.values, DIGITS)))

    def varied(self, usable: Callable[[int], bool]) -> Iterator[int]:
        """The same order over the positions whose item is usable, but a third product of a brand
        waits until it is `CROWDED` ahead."""
        shown: Counter[int] = Counter()
        waiting: deque[int] = deque()
        for at in self.order().tolist():
            if not usable(int(self.items[at])):
                continue
            while waiting and self.values[waiting[0]] - CROWDED >= self.values[at]:
                yield waiting.popleft()
            brand = int(self.brands[at])
            if brand >= 0 and shown[brand] >= OF_A_BRAND:
                waiting.append(at)
            else:
                shown[brand] += 1
                yield at
        yield from waiting


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    features: Floats  # (item, feature)
    together: Floats  # (item,) how often neighbours like it besides a pick, as shares


class Blend:
    """Knows one load; asked by item rows."""

    def __init__(
        self, interactions: Interactions, contents: Contents, weights: Weights | None = None
    ) -> None:
        self.interactions = interactions
        self.contents = contents
        self.weights = weights.vector() if weights else np.zeros(len(FEATURES))
        self.together = weights.together if weights else 0.0
        self.model = UserKNN(k=NEIGHBOURS, shrinkage=SHRINKAGE).fit(interactions)
        self._general = _General.of(interactions)
        self._kinds = _Kinds.of(interactions, contents, self._general.admirers)
        famous = np.lexsort((np.arange(len(interactions.items)), -self._general.raters))
        self._famous = np.sort(famous[:FAMOUS])

    def score(
        self,
        liked: Mapping[int, float],
        skin_type: str | None,
        overlay: Overlay | None = None,
    ) -> Candidates:
        scores = self.model.score(liked, overlay)
        items = self._items(liked, scores)
        found = self.describe(liked, skin_type, scores, items, overlay)
        values = _mixed(found.features @ self.weights, found.together, self.together, len(liked))
        return Candidates(items, values, self.contents.brands[items], scores)

    def describe(
        self,
        liked: Mapping[int, float],
        skin_type: str | None,
        scores: Scores,
        items: Ints,
        overlay: Overlay | None = None,
    ) -> Described:
        """Only what is liked (4 or more) is something to be like."""
        columns = dict.fromkeys(FEATURES, np.zeros(len(items)))
        columns |= self._general.features(items, self.interactions.skin_types, skin_type)
        picks = np.array([item for item in sorted(liked) if liked[item] >= ADMIRES], dtype=np.int64)
        cosine, together = self._cosine(picks, scores, overlay)
        columns |= self._people(scores, items) | {"cosine": cosine[items]}
        if len(picks):
            columns |= self._likeness(picks, items)
        grown = np.log2(max(len(liked), 1))
        columns |= {f"{name}+": columns[name] * grown for name in GROWING}
        features = np.column_stack([columns[name] for name in FEATURES])
        counted = together[items]
        return Described(features, counted / max(counted.sum(), 1.0))

    def alike(self, liked: Mapping[int, float], item: int) -> tuple[Likeness, ...]:
        """In what `item` is like something that was liked (4 or more)."""
        picks = np.array([one for one in sorted(liked) if liked[one] >= ADMIRES], dtype=np.int64)
        if not len(picks):
            return ()
        contents, row = self.contents, np.array([item])
        formulas = [similarity(contents.ingredients, row, int(pick))[0] for pick in picks]
        words = contents.topics[picks] @ contents.topics[item]
        gaps = np.abs(contents.prices[picks] - contents.prices[item])  # (pick,) or nan
        holds = {
            Likeness.BRAND: _shares(contents.brands, picks, item),
            Likeness.CATEGORY: _shares(contents.categories, picks, item),
            Likeness.INGREDIENTS: max(formulas) >= FORMULA_ALIKE,
            Likeness.PRICE: bool(np.any(gaps <= PRICE_ALIKE)),
            Likeness.WORDS: bool(np.max(words) >= WORDS_ALIKE),
        }
        return tuple(likeness for likeness, true in holds.items() if true)

    def _items(self, liked: Mapping[int, float], scores: Scores) -> Ints:
        everything = len(self.interactions.items)
        picked = np.array(sorted(liked), dtype=np.int64)
        if everything <= ALL_AT_MOST:
            return np.delete(np.arange(everything), picked)
        brands = self.contents.brands[picked]
        members, _, _ = self.contents.brand_members.gather(np.unique(brands[brands >= 0]))
        found = np.concatenate((scores.items, members.astype(np.int64), self._famous))
        return np.setdiff1d(found, picked)

    def _people(self, scores: Scores, items: Ints) -> dict[str, Floats]:
        value, admirers = np.zeros((2, len(items)))
        at = np.searchsorted(scores.items, items)
        inside = at < len(scores.items)
        inside[inside] = scores.items[at[inside]] == items[inside]
        value[inside] = scores.values[at[inside]]
        admirers[inside] = scores.admirers[at[inside]]
        return {"value": value, "admirers": np.log1p(admirers)}

    def _cosine(
        self, picks: Ints, scores: Scores, overlay: Overlay | None
    ) -> tuple[Floats, Floats]:
        """(item,) how many of the neighbours admire both a pick and the item, by how many admire
        either, and (item,) the bare count, each summed over picks: who shares several counts
        with each."""
        everything, admirers = len(self.interactions.items), self._general.admirers
        near = scores.neighbours
        older = self.interactions.by_user.gather(near[near >= 0])
        newer = older if overlay is None else overlay.ratings.by_user.gather(-1 - near[near < 0])
        parts = (older,) if overlay is None else (older, newer)
        lengths = np.concatenate([part[2] for part in parts])
        admired = np.concatenate([part[1] for part in parts]) >= ADMIRES
        owner = np.repeat(np.arange(len(lengths)), lengths)[admired]
        rated = np.concatenate([part[0] for part in parts])[admired]
        total, counts = np.zeros((2, everything))
        for pick in picks:
            shares = np.zeros(len(lengths), dtype=bool)
            shares[owner[rated == pick]] = True
            both = np.bincount(rated[shares[owner]], minlength=everything)
            total += both / (np.sqrt(admirers * admirers[pick]) + SHRINKAGE)
            counts += both
        return total, counts

    def _likeness(self, picks: Ints, items: Ints) -> dict[str, Floats]:
        contents, kinds = self.contents, self._kinds
        brand = contents.brands[items]
        same = np.mean([(brand == contents.brands[pick]) & (brand >= 0) for pick in picks], axis=0)
        gap = np.abs(contents.prices[items] - contents.prices[picks][:, None])  # (pick, item)
        return {
            "brand": same,
            "brand_size": same * np.log1p(kinds.brand_admirers[brand]),
            "brands": np.mean([kinds.brands[contents.brands[p]][brand] for p in picks], axis=0),
            "line": np.log(
                np.mean([kinds.after[contents.brands[p]][brand] for p in picks], axis=0)
                * kinds.share[items]
                + RARE
            ),
            "category": np.log(
                np.mean([kinds.categories[contents.categories[p]] for p in picks], axis=0)[
                    contents.categories[items]
                ]
            ),
            "name": np.max([similarity(contents.name_words, items, int(p)) for p in picks], axis=0),
            "formula": np.max(
                [similarity(contents.ingredients, items, int(p)) for p in picks], axis=0
            ),
            "price": -np.nan_to_num(gap, nan=1.0).mean(axis=0),
            "words": contents.topics[items].astype(np.float64)
            @ contents.topics[picks].mean(axis=0).astype(np.float64),
        }


def _mixed(values: Floats, together: Floats, scale: float, picks: int) -> Floats:
    """(candidate,) logarithms of chances: a softmax of `values`, and a part, the larger the more
    picks, of `together`."""
    alone = values - np.logaddexp.reduce(values) if len(values) else values
    pull = scale * (min(picks, MANY) - 1) ** 2
    if not pull or not together.any():
        return alone
    with np.errstate(divide="ignore"):  # what no neighbour likes has the other chance alone
        joined = np.log(together) + np.log(pull)
    mixed: Floats = np.logaddexp(alone, joined) - np.log1p(pull)
    return mixed


def _shares(codes: NDArray[np.int32], picks: Ints, item: int) -> bool:
    return bool(codes[item] >= 0 and np.any(codes[picks] == codes[item]))


@dataclass(frozen=True, slots=True, eq=False)
class _General:
    """What is liked, whoever asks."""

    raters: Floats  # (item,)
    admirers: Floats  # (item,) who gave 4 or more
    means: Floats  # (item,) drawn to the mean of all ratings as five more raters would
    skin: Floats  # (skin type, item) admirers of the skin type

    @classmethod
    def of(cls, interactions: Interactions) -> Self:
        rows, items = interactions.by_item, len(interactions.items)
        item = np.repeat(np.arange(items), rows.lengths)
        admires = rows.ratings >= ADMIRES
        raters = rows.lengths.astype(np.float64)
        overall = float(rows.ratings.mean()) if len(rows.ratings) else 0.0
        totals = np.bincount(item, weights=rows.ratings, minlength=items)
        skin = interactions.skin[rows.indices]  # (rating,)
        kinds = range(len(interactions.skin_types))
        theirs = [np.bincount(item[admires & (skin == one)], minlength=items) for one in kinds]
        return cls(
            raters=raters,
            admirers=np.bincount(item[admires], minlength=items).astype(np.float64),
            means=(totals + SHRINKAGE * overall) / (raters + SHRINKAGE),
            skin=np.array(theirs, dtype=np.float64).reshape(len(theirs), items),
        )

    def features(
        self, items: Ints, skin_types: Sequence[str], skin_type: str | None
    ) -> dict[str, Floats]:
        skin = np.zeros(len(items))
        if skin_type in skin_types:
            theirs = self.skin[skin_types.index(skin_type)]
            usual = (self.admirers + 1) / (self.admirers + 1).sum()
            share = (theirs + 20 * usual) / (theirs.sum() + 20)
            skin = np.log(share / usual)[items]
        return {"reviews": np.log1p(self.raters[items]), "skin": skin, "mean": self.means[items]}


@dataclass(frozen=True, slots=True, eq=False)
class _Kinds:
    """Which brands and categories go together. The last row and column are of what is not known,
    so that -1 finds them."""

    brands: Floats  # (brand + 1, brand + 1) logarithm of the lift between different brands
    after: Floats  # (brand + 1, brand + 1) chance that the next liking is of the second brand
    categories: Floats  # (category + 1, category + 1) lift
    brand_admirers: Floats  # (brand + 1,)
    share: Floats  # (item,) of the likings of its brand

    @classmethod
    def of(cls, interactions: Interactions, contents: Contents, admirers: Floats) -> Self:
        brands, brand_admirers = _together(interactions, contents.brands, admirers)
        categories, category_admirers = _together(interactions, contents.categories, admirers)
        usual = (brand_admirers + 0.5) / (brand_admirers + 0.5).sum()
        same = np.trace(brands) / max(brands.sum(), 1.0)
        expected = same * np.eye(len(usual)) + (1 - same) * usual
        others = brands * (1 - np.eye(len(usual)))
        of_brand = np.bincount(_rows(contents.brands), weights=admirers + 0.5, minlength=len(usual))
        return cls(
            brands=_unknown(np.log(_shrunk(others, usual, 10.0) / usual), 0.0),
            after=_shrunk(brands, expected, 8.0),
            categories=_lift(categories, category_admirers),
            brand_admirers=brand_admirers,
            share=(admirers + 0.5) / of_brand[_rows(contents.brands)],
        )


def _rows(codes: NDArray[np.int32]) -> Ints:
    """-1 is the last number, as it is where it indexes."""
    return np.where(codes == UNKNOWN, codes.max(initial=-1) + 1, codes).astype(np.int64)


def _together(
    interactions: Interactions, codes: NDArray[np.int32], admirers: Floats
) -> tuple[Floats, Floats]:
    """How often a liking of one kind goes with one of another in the same person, each of their
    likings counting once; and the likings of each kind."""
    kinds = int(codes.max(initial=-1)) + 2
    rows, users = interactions.by_user, len(interactions.users)
    owner = np.repeat(np.arange(users), interactions.degrees)
    admired = rows.ratings >= ADMIRES
    liked = np.bincount(owner[admired], minlength=users)
    counted = admired & (liked[owner] > 1) & (liked[owner] <= HEAVY)
    kind = _rows(codes)[rows.indices[counted]]
    who = owner[counted]
    matrix = sparse.csr_array((np.ones(len(who)), (who, kind)), shape=(users, kinds))
    weight = 1 / np.maximum(liked - 1, 1)
    both = np.asarray((matrix.T @ sparse.diags_array(weight) @ matrix).todense(), dtype=np.float64)
    itself = np.bincount(kind, weights=weight[who], minlength=kinds)
    both[np.diag_indices(kinds)] -= itself
    likings = np.bincount(_rows(codes), weights=admirers, minlength=kinds)
    return both, likings.astype(np.float64)


def _shrunk(counts: Floats, expected: Floats, by: float) -> Floats:
    """Each row a share of its sum, drawn to what is expected as `by` more counts would."""
    shrunk: Floats = (counts + by * expected) / (counts.sum(axis=1, keepdims=True) + by)
    return shrunk


def _lift(counts: Floats, admirers: Floats) -> Floats:
    usual = (admirers + 0.5) / (admirers + 0.5).sum()
    return _unknown(_shrunk(counts, usual, 20.0) / usual, 1.0)


def _unknown(matrix: Floats, value: float) -> Floats:
    matrix[-1, :] = matrix[:, -1] = value
    return matrix


# --- learning the weights ----------------------------------------------------------------------


def learn(
    ratings: pd.DataFrame, products: pd.DataFrame, words: Words, seed: int = 0
) -> Weights | None:
    """From columns user, item, rating and, optionally, skin_type; None where too few people
    liked two products. Nobody's own ratings or words are in what is said of their picks."""
    asked: list[Example] = []
    folds = list(unseen_users(ratings, tuple(COUNTS), FOLDS, seed))
    share = QUERIES_AT_MOST / max(1, sum(len(fold.queries) for fold in folds))
    draw = np.random.default_rng(seed)
    for fold in folds:
        interactions = Interactions.from_frame(fold.train)
        theirs = words.of(interactions.users)
        contents = Contents.from_frames(tuple(interactions.items), products, theirs)
        blend = Blend(interactions, contents)
        chosen = [query for query in fold.queries if share >= 1 or draw.random() < share]
        asked += [one for query in chosen if (one := _example(blend, query, draw)) is not None]
    if len(asked) < QUERIES_AT_LEAST:
        return None
    fitted = _fitted(asked)
    return Weights(
        queries=len(asked),
        weights=dict(zip(FEATURES, fitted, strict=True)),
        together=_together_by(asked, np.array(fitted)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A query to learn from."""

    picks: int
    found: Described  # of all candidates
    held: NDArray[np.bool_]  # (candidate,)
    drawn: Ints  # positions of the candidates that the weights are learnt from

    @property
    def counts(self) -> float:
        return COUNTS[self.picks]


def _example(blend: Blend, query: UnseenQuery, draw: np.random.Generator) -> Example | None:
    rows = blend.interactions.item_rows
    liked = {rows[key]: rating for key, rating in query.liked.items() if key in rows}
    held = np.array(sorted(rows[key] for key in query.held if key in rows), dtype=np.int64)
    if not len(held):
        return None
    items = np.setdiff1d(np.arange(len(rows)), sorted(liked))
    whole = query.picked >= SEVERAL and len(items) <= ALL_AT_MOST
    if not whole and len(items) > DRAWN:
        items = np.union1d(held, draw.choice(items, DRAWN, replace=False))
    found = blend.describe(liked, query.skin_type, blend.model.score(liked), items)
    drawn = np.arange(len(items))
    if len(items) > DRAWN + len(held):
        others = draw.choice(len(items), DRAWN, replace=False)
        drawn = np.union1d(np.flatnonzero(np.isin(items, held)), others)
    return Example(query.picked, found, np.isin(items, held), drawn)


def _together_by(asked: Sequence[Example], weights: Floats) -> float:
    """The scale with most hits among the first three after several picks; ties: the lesser."""
    several = [one for one in asked if one.picks >= SEVERAL]
    values = [one.found.features @ weights for one in several]

    def hits(scale: float) -> int:
        return sum(
            bool(one.held[np.argsort(-_mixed(of, one.found.together, scale, one.picks))[:3]].any())
            for one, of in zip(several, values, strict=True)
        )

    return max(TOGETHER, key=lambda scale: (hits(scale), -scale))


def _fitted(asked: Sequence[Example]) -> list[float]:
    """What neighbours say never counts against a product: those weights are at least 0."""
    whole = np.concatenate([one.found.features[one.drawn] for one in asked])
    spread = whole.std(axis=0)
    scale = np.where(spread > 1e-9, spread, 1.0)
    whole /= scale  # (candidate, feature)
    lengths = np.array([len(one.drawn) for one in asked])
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    held = np.concatenate([one.held[one.drawn] for one in asked])  # (candidate,)
    counts = np.array([one.counts for one in asked])  # (query,)

    def chances(values: Floats) -> tuple[Floats, float]:
        """(candidate,) within its query, by how much the query counts; and the evidence."""
        top = np.maximum.reduceat(values, starts)
        powers = np.exp(values - np.repeat(top, lengths))
        totals = np.add.reduceat(powers, starts)
        evidence = float(counts @ (top + np.log(totals)))
        return powers * np.repeat(counts / totals, lengths), evidence

    def loss(weights: Floats) -> tuple[float, Floats]:
        values = whole @ weights
        expected, every = chances(values)
        wanted, kept = chances(np.where(held, values, FAR))
        gradient = (expected - wanted) @ whole + 2 * RIDGE * weights
        return every - kept + RIDGE * float(weights @ weights), gradient

    kind = {*PEOPLE, *(f"{name}+" for name in PEOPLE)}
    bounds = [(0.0 if name in kind else None, None) for name in FEATURES]
    best = minimize(loss, np.zeros(len(FEATURES)), jac=True, method="L-BFGS-B", bounds=bounds)
    return [float(one) for one in np.where(spread > 1e-9, best.x / scale, 0.0)]
