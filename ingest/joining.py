"""What one load brings together: its products, the reviews of them, labels and the dictionary."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from ingest import clean, lexicon, matching
from ingest.alike import Brands
from ingest.clean import Count, Step
from ingest.columns import PRODUCTS
from ingest.lexicon import Lexicon, Share
from ingest.matching import Decisions, Earlier, Following
from ingest.tables import Tables, columns_of

DOUBTFUL: Final = "doubtful"
UNMATCHED: Final = "unmatched"
KEPT: Final = "전에 적재한 제품"

Frame = pd.DataFrame


class Joining:
    """Of one load, table after table. `folder` is the current load's, `words` the operator's
    spellings of brands. Raises InputRefused where the decisions cannot be read."""

    def __init__(
        self, folder: Path | None, old: Tables, pairs: Path | None, words: Mapping[str, str]
    ) -> None:
        rows, decisions = matching.opened(folder) if folder else matching.nothing()
        self._asked = matching.decided(pairs) if pairs else Decisions()
        self.decisions = decisions.joined(self._asked)
        self.rows, self._words = rows, words
        self.shares: tuple[Share, ...] = ()
        self._doubts: list[Frame] = []
        self._unmatched = pd.DataFrame()
        self._labels: tuple[list[str], list[tuple[str, ...]]] = ([], [])
        ids = frozenset(old.products["product_id"]) or matching.ids_of(folder)
        self._was = Earlier(ids, _rows(rows), self.decisions)
        self._following: Following | None = None

    def products(self, frame: Frame, told: "pd.Series[str]") -> tuple[Frame, Count]:
        """The cleaned frame, each product one row; `told`: names as the files have them."""
        alive = frame[frame["reason"] == ""]
        plan = matching.planned(alive, told, self._brands(alive), self._was)
        self._doubts.append(plan.doubtful)
        after = self._folded(frame, plan)
        label = after[after["reason"] == ""]
        self._labels = (list(label["file"]), list(label["ingredients"]))
        dropped = int((after["reason"] != "").sum() - (frame["reason"] != "").sum())
        return after, Count(PRODUCTS.name, "한 제품을 한 줄로 모으기", 0, 0, dropped)

    def kept_products(self, old: Frame) -> Frame:
        """The current load's rows, folded where the operator says so now."""
        rows = old.assign(file=KEPT, reason="")
        if self._asked.same:
            brands = self._brands(old)
            plan = matching.planned(rows, old["name"], brands, self._was, decided_only=True)
            rows = clean.kept(self._folded(rows.assign(line=0), plan))
        labels = list(rows["ingredients"])
        self._labels = ([KEPT] * len(labels), labels)
        return rows[columns_of(PRODUCTS)]

    def labels(self, ingredients: Frame, *, given: bool) -> Lexicon:
        """The dictionary, and by which way each file's labels find it. `given`: whether it is of
        this load's files."""
        standing = ingredients if given else lexicon.told(ingredients)
        found = Lexicon.of(standing)
        if len(standing):
            self.shares = tuple(lexicon.shares(*self._labels, found))
            self._unmatched = lexicon.unmatched(self._labels[1], found)
        return found

    def review_steps(self, products: Frame, max_reviews: int | None) -> tuple[Step, ...]:
        known = matching.with_writings(products, self.rows)
        self._following = Following(known, self._brands(known), self.decisions, _rows(self.rows))
        follow = Step("다른 번호나 비슷한 이름의 제품", self._following, "product_id", alone=True)
        return (follow, *clean.review_steps(known, max_reviews))

    def kept_reviews(self, old: Frame, products: Frame) -> Frame:
        after = matching.moved(old, _rows(self.rows))
        return after[after["product_id"].isin(products["product_id"])].reset_index(drop=True)

    def written(self) -> dict[str, str]:
        """What later loads must know."""
        return matching.contents(self.rows, self.decisions)

    def papers(self) -> dict[str, Frame]:
        """Name of a file beside the rejects → what an operator should look at."""
        doubts = [*self._doubts, *([self._following.doubtful] if self._following else [])]
        return {DOUBTFUL: matching.asked(doubts), UNMATCHED: self._unmatched}

    def _folded(self, frame: Frame, plan: matching.Plan) -> Frame:
        after = matching.folded(frame, plan)
        ids = after.loc[after["reason"] == "", "product_id"]
        self.rows = matching.kept_as(matching.known_as(frame, plan), self.rows, ids)
        return after

    def _brands(self, products: Frame) -> Brands:
        return Brands.of(products["brand"], self._words)


def _rows(known: Frame) -> dict[str, str]:
    return dict(zip(known["other_id"], known["product_id"], strict=True))


def question(papers: Mapping[str, Frame], folder: Path) -> str:
    """What the operator is asked, where there is something to ask."""
    if not (doubts := len(papers.get(DOUBTFUL, ()))):
        return ""
    return (
        f"\n\n같은 제품인지 알 수 없는 짝 {doubts:,}개를 {folder / f'{DOUBTFUL}.csv'}에 적었어요. "
        "decision 칸에 same이나 different를 적어 --pairs 로 돌려주세요."
    )
