"""Meaning and words together: reciprocal rank fusion of Chroma and BM25, exact names first.

Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank
Learning Methods" (2009); k = 60 is theirs.
"""

import asyncio
import os
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
from langchain_core.callbacks import (
    AsyncCallbackManagerForRetrieverRun,
    CallbackManagerForRetrieverRun,
)
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, PrivateAttr

from engine.domain import DocumentKind, Named, Passage
from engine.parsing.korean import squeeze
from engine.parsing.measure import measure
from engine.retrieval.families import Families, Family
from engine.retrieval.index import Index
from engine.retrieval.names import Names
from engine.retrieval.shelves import Mask, Shelves
from engine.retrieval.wording import ingredients_called, wording

RRF_K = 60
DEPTH = 50
"""Documents that each ranking brings to the fusion, for each kind."""
NAMED = 1.0
"""Scores from here on: the question names the document. Fused scores stay under 2 / (k + 1)."""
LIKE_FROM = 0.24
"""Cosine in [-1, 1] under which a document has nothing to do with the question: with the default
embedder, talk of other things reaches 0.19 on the seed."""
WORDS_FROM = 4.0
"""BM25 score that speaks for a document whatever its cosine."""
FAQ_LIKE_FROM = 0.5
FAQ_WORDS_FROM = 9.0
"""The same for the shop's own answers: what is said there of a refund is no answer to whether a
cream stings, so that these have to be nearer."""
FETCHED = 2
"""Times as many pieces as documents are wanted: some have several."""
EXACT_AT_MOST = 4_000
"""Documents that a filter left, up to which all their vectors are counted; Chroma is asked for
more than are wanted where there are more."""
AT_ONCE = os.cpu_count() or 1
"""Searches under way: more than there are processors would only make each of them slower."""
ALL_KINDS = tuple(DocumentKind)
Prices = tuple[float, float]
"""Won, both ends within."""


class HybridRetriever(BaseRetriever):
    """A LangChain retriever over one opened index; `kinds` and `n` are its defaults in a chain."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: Index
    kinds: tuple[DocumentKind, ...] = ALL_KINDS
    n: int = 8
    exact_at_most: int = EXACT_AT_MOST

    _names: Names = PrivateAttr()
    _shelves: Shelves = PrivateAttr()
    _families: Families = PrivateAttr()
    _turns: asyncio.Semaphore = PrivateAttr(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def model_post_init(self, context: Any, /) -> None:
        self._names = Names.of(_written_names(self.index.documents))
        self._shelves = Shelves(self.index.documents)
        self._families = Families(_ingredient_names(self.index.documents))

    async def passages(
        self,
        question: str,
        kinds: Collection[DocumentKind] | None = None,
        n: int = 8,
        *,
        avoided: Collection[str] = (),
        holding: Collection[str] = (),
        strict: bool = True,
        category: str | None = None,
        prices: Prices | None = None,
        meant: Sequence[str] = (),
    ) -> list[Passage]:
        """`search` off the event loop, which Chroma would block."""
        async with self._turns:
            found = await asyncio.to_thread(
                self.search,
                question,
                kinds,
                n,
                avoided=avoided,
                holding=holding,
                strict=strict,
                category=category,
                prices=prices,
                meant=meant,
            )
        return [passage(document, score) for document, score in found]

    def about(self, key: str, kind: DocumentKind) -> Passage | None:
        """The document of that kind about a product's key or an ingredient's name."""
        place = self._shelves.by_key.get((kind, key))
        return None if place is None else passage(self.index.documents[place], NAMED)

    def formula(self, key: str) -> tuple[str, ...]:
        """A product's whole ingredient list in label order; empty where it is not known."""
        place = self._shelves.by_key.get((DocumentKind.PRODUCT, key))
        return () if place is None else self._shelves.formulas[place]

    def search(
        self,
        question: str,
        kinds: Collection[DocumentKind] | None = None,
        n: int = 8,
        *,
        avoided: Collection[str] = (),
        holding: Collection[str] = (),
        strict: bool = True,
        category: str | None = None,
        prices: Prices | None = None,
        meant: Sequence[str] = (),
    ) -> list[tuple[Document, float]]:
        """Documents with scores, best first; a score of 1 or more means the question names it, or
        that it is about one of `meant`, keys of products and names of ingredients.

        Products that hold an ingredient of `avoided` or none of `holding`, are sold out, cost
        more or less than `prices`, or are of another category or brand than the question's come
        up only where they are named. `category`: the one wanted where the question says none.
        Where `strict`, what is not near in meaning or words stays out, and all may be empty; else
        one is to be chosen, and where some hold what the question's words call for («펩타이드»),
        these alone come up.
        """
        shelves, said = self._shelves, wording(question).said
        wanted = shelves.of_kinds(kinds or self.kinds)
        pointed = [*self._named(said), *self._about(meant)]
        named = [place for place in dict.fromkeys(pointed) if wanted[place]]
        allowed = wanted & shelves.offered(avoided)
        allowed &= shelves.of_category(said, category) & shelves.of_brand(said)
        if holding:
            allowed &= shelves.holding(holding)
        if prices is not None:
            allowed &= shelves.priced(*prices)
        if not strict:
            allowed &= self._holding_families(said, avoided, allowed)
            allowed &= self._measured(said, allowed)
        like, words = (LIKE_FROM, WORDS_FROM) if strict else (-1.0, 0.0)
        fused = fuse([self.meant(question, allowed, like), self.worded(question, allowed, words)])
        taken = {*named}
        rest = [(place, score) for place, score in fused if place not in taken]
        first = [(place, 1 + NAMED - i / len(named)) for i, place in enumerate(named)]
        return [(self.index.documents[place], score) for place, score in (first + rest)[:n]]

    def _holding_families(self, said: str, avoided: Collection[str], allowed: Mask) -> Mask:
        """Products that hold one of each family that is called for, else of any; where none of
        the allowed does, everything."""
        families = self._called_for(said, avoided)
        masks = [self._shelves.holding(family) for family in families]
        if not masks:
            return allowed
        for both in (np.logical_and.reduce(masks), np.logical_or.reduce(masks)):
            if (allowed & both).any():
                fitting: Mask = both
                return fitting
        return allowed

    def _measured(self, said: str, allowed: Mask) -> Mask:
        """Products of the size, or at the end, that is asked for; everything where none is."""
        wished = measure(said)
        if wished.size is not None and (allowed & self._shelves.sized(wished.size)).any():
            return self._shelves.sized(wished.size)
        if wished.extreme is None:
            return allowed
        utmost = self._shelves.utmost(wished.extreme, allowed)
        return utmost if utmost.any() else allowed

    def _called_for(self, said: str, avoided: Collection[str]) -> list[Family]:
        found = self._families.named_in(said)
        for line in ingredients_called(said):
            family = self._families.of_any(line.split())
            if family and not any(family & one for one in found):
                found.append(family)
        shunned = {squeeze(name) for name in avoided}
        return [one for one in found if shunned.isdisjoint(map(squeeze, one))]

    def meant(self, question: str, allowed: Mask, at_least: float = LIKE_FROM) -> list[int]:
        """Places by likeness of meaning, cosine in [-1, 1]."""
        vector = self.index.embeddings.embed_query(wording(question).plain)
        found = [
            (place, likeness)
            for kind in self._shelves.kinds_in(allowed)
            for place, likeness in self._nearest(vector, kind, allowed)
            if likeness >= self._floor(kind, at_least)
        ]
        return [place for place, _ in sorted(found, key=lambda pair: -pair[1])]

    @property
    def everything(self) -> Mask:
        """All that is on sale, and all that is no product."""
        return self._shelves.offered(())

    def worded(self, question: str, allowed: Mask, over: float = WORDS_FROM) -> list[int]:
        """Places by shared words, BM25."""
        scores = np.where(allowed, self.index.lexical.scores(wording(question).words), 0)
        if over > 0:
            far = scores <= FAQ_WORDS_FROM
            scores[far & self._shelves.of_kind(DocumentKind.FAQ)] = 0
        there = np.flatnonzero(scores > over)
        top = there[np.argsort(-scores[there], kind="stable")[:DEPTH]]
        return [int(place) for place in top]

    def _nearest(
        self, vector: list[float], kind: DocumentKind, allowed: Mask
    ) -> list[tuple[int, float]]:
        """The `DEPTH` nearest documents of a kind among the allowed, with cosine in [-1, 1]."""
        of_kind = self._shelves.of_kind(kind)
        fitting = allowed & of_kind
        fit, there = int(fitting.sum()), int(of_kind.sum())
        if fit < there and fit <= self.exact_at_most:
            return self.index.nearest_of(vector, fitting, DEPTH)
        near = self.index.nearest(vector, kind, FETCHED * DEPTH * there // fit)
        found = [pair for pair in near if fitting[pair[0]]][:DEPTH]
        if len(found) >= min(DEPTH, fit):
            return found
        return self.index.nearest_of(vector, fitting, DEPTH)

    def _floor(self, kind: DocumentKind, at_least: float) -> float:
        """A ranking that takes everything takes also the shop's answers."""
        return FAQ_LIKE_FROM if kind is DocumentKind.FAQ and at_least > -1 else at_least

    def _about(self, keys: Iterable[str]) -> list[int]:
        kinds = (DocumentKind.PRODUCT, DocumentKind.REVIEWS, DocumentKind.INGREDIENT)
        found = (self._shelves.by_key.get((kind, key)) for key in keys for kind in kinds)
        return [place for place in found if place is not None]

    def named(self, question: str) -> list[Named]:
        """What the question names, in its order; a name that products and ingredients share is a
        product's."""
        found = []
        for one in self._names.find(question):
            about = dict.fromkeys(map(self._subject, one.documents))
            kinds = {kind for kind, _ in about}
            kind = DocumentKind.PRODUCT if DocumentKind.PRODUCT in kinds else min(kinds)
            found.append(Named(one.name, kind, tuple(key for of, key in about if of is kind)))
        return found

    def _subject(self, place: int) -> tuple[DocumentKind, str]:
        more = self.index.documents[place].metadata
        kind = DocumentKind(more["kind"])
        return (DocumentKind.PRODUCT if kind is DocumentKind.REVIEWS else kind), more["key"]

    def _named(self, question: str) -> list[int]:
        mentions = self._names.find(question)
        return list(dict.fromkeys(place for one in mentions for place in one.documents))

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [document for document, _ in self.search(query, n=self.n)]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        found = await asyncio.to_thread(self.search, query, None, self.n)
        return [document for document, _ in found]


def fuse(rankings: Sequence[Sequence[int]]) -> list[tuple[int, float]]:
    """Σ 1 / (60 + rank) over the rankings, rank from 1; best first."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, place in enumerate(ranking, start=1):
            scores[place] = scores.get(place, 0.0) + 1 / (RRF_K + rank)
    return sorted(scores.items(), key=lambda pair: -pair[1])


def passage(document: Document, score: float) -> Passage:
    return Passage(
        kind=DocumentKind(document.metadata["kind"]),
        key=document.metadata["key"],
        title=document.metadata["title"],
        text=document.page_content,
        score=score,
    )


def _written_names(documents: Sequence[Document]) -> Iterable[tuple[str, int]]:
    for place, document in enumerate(documents):
        more = document.metadata
        if more["kind"] == DocumentKind.FAQ:
            continue  # a question is no name
        spellings = (more["title"], more.get("name", ""), more.get("inci", ""))
        for name in (*spellings, *more.get("aliases", "").split("|")):
            yield name, place


def _ingredient_names(documents: Sequence[Document]) -> Iterable[tuple[str, str]]:
    for document in documents:
        more = document.metadata
        if more["kind"] == DocumentKind.INGREDIENT:
            for spelled in (more["key"], *more.get("aliases", "").split("|")):
                yield spelled, more["key"]
