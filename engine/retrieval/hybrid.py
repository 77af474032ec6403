"""Meaning and words together: reciprocal rank fusion of Chroma and BM25, exact names first.

Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank
Learning Methods" (2009); k = 60 is theirs.
"""

import asyncio
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

from engine.domain import DocumentKind, Passage
from engine.retrieval.index import Index
from engine.retrieval.names import Names
from engine.retrieval.shelves import Mask, Shelves

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
ALL_KINDS = tuple(DocumentKind)


class HybridRetriever(BaseRetriever):
    """A LangChain retriever over one opened index; `kinds` and `n` are its defaults in a chain."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: Index
    kinds: tuple[DocumentKind, ...] = ALL_KINDS
    n: int = 8

    _names: Names = PrivateAttr()
    _shelves: Shelves = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        self._names = Names.of(_written_names(self.index.documents))
        self._shelves = Shelves(self.index.documents)

    async def passages(
        self,
        question: str,
        kinds: Collection[DocumentKind] | None = None,
        n: int = 8,
        *,
        avoided: Collection[str] = (),
        holding: Collection[str] = (),
        strict: bool = True,
    ) -> list[Passage]:
        """`search` off the event loop, which Chroma would block."""
        found = await asyncio.to_thread(
            self.search, question, kinds, n, avoided=avoided, holding=holding, strict=strict
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
    ) -> list[tuple[Document, float]]:
        """Documents with scores, best first; a score of 1 or more means the question names it.

        Products that hold an ingredient of `avoided` or none of `holding`, are sold out, or are
        of another category or brand than the question's come up only where they are named.
        Where `strict`, what is not near in meaning or words stays out, and all may be empty.
        """
        shelves = self._shelves
        wanted = shelves.of_kinds(kinds or self.kinds)
        named = [place for place in self._named(question) if wanted[place]]
        allowed = wanted & shelves.offered(avoided)
        allowed &= shelves.of_category(question) & shelves.of_brand(question)
        if holding:
            allowed &= shelves.holding(holding)
        like, words = (LIKE_FROM, WORDS_FROM) if strict else (-1.0, 0.0)
        fused = fuse([self.meant(question, allowed, like), self.worded(question, allowed, words)])
        rest = [(place, score) for place, score in fused if place not in set(named)]
        first = [(place, 1 + NAMED - i / len(named)) for i, place in enumerate(named)]
        return [(self.index.documents[place], score) for place, score in (first + rest)[:n]]

    def meant(self, question: str, allowed: Mask, at_least: float = LIKE_FROM) -> list[int]:
        """Places by likeness of meaning, cosine in [-1, 1]."""
        vector = self.index.embeddings.embed_query(question)
        found = [
            pair
            for kind in self._shelves.kinds_in(allowed)
            for pair in self.index.nearest(vector, kind, DEPTH)
            if allowed[pair[0]] and pair[1] >= at_least
        ]
        return [place for place, _ in sorted(found, key=lambda pair: -pair[1])]

    def worded(self, question: str, allowed: Mask, over: float = WORDS_FROM) -> list[int]:
        """Places by shared words, BM25."""
        scores = np.where(allowed, self.index.lexical.scores(question), 0)
        top = np.argsort(-scores, kind="stable")[:DEPTH]
        return [int(place) for place in top if scores[place] > over]

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
        spellings = (more["title"], more.get("name", ""), more.get("inci", ""))
        for name in (*spellings, *more.get("aliases", "").split("|")):
            yield name, place
