"""BM25 over Korean character bigrams and whole words, without a morphological analyser.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009); the
arithmetic is bm25s's. Bigrams carry a stem past its particles («크림은» and «크림을» share «크림»)
and past a typing slip; whole words weigh an exact hit more.
"""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import bm25s
import numpy as np
import numpy.typing as npt

WORD = re.compile(r"[0-9a-z]+|[가-힣]+")
QUESTION_AT_MOST = 400
"""Characters of a question that are read; more is noise and time."""


def tokens(text: str) -> list[str]:
    """Whole words marked with «=», and the bigrams of words longer than two characters."""
    found: list[str] = []
    for word in WORD.findall(unicodedata.normalize("NFC", text).lower()):
        found.append(f"={word}")
        found += [word[i : i + 2] for i in range(len(word) - 1)]
    return found


class Lexical:
    """The BM25 index of one list of texts; a document is its place in that list."""

    def __init__(self, bm25: bm25s.BM25, documents: int) -> None:
        self._bm25 = bm25
        self._documents = documents

    @classmethod
    def fit(cls, texts: Sequence[str]) -> Self:
        bm25 = bm25s.BM25()
        # bm25s cannot index nothing; one token that no question holds stands in for no text.
        corpus = [tokens(text) or ["∅"] for text in texts] or [["∅"]]
        bm25.index(corpus, show_progress=False)
        return cls(bm25, len(texts))

    def save(self, folder: Path) -> None:
        """npy and JSON; nothing is pickled."""
        self._bm25.save(folder, show_progress=False)

    @classmethod
    def open(cls, folder: Path, documents: int) -> Self:
        """Raises OSError, ValueError or KeyError where the files are missing or torn."""
        bm25 = bm25s.BM25.load(folder, show_progress=False)
        if int(bm25.scores["num_docs"]) != max(documents, 1):
            raise ValueError(f"BM25 holds {bm25.scores['num_docs']} documents, not {documents}")
        return cls(bm25, documents)

    def knows(self, word: str) -> bool:
        """Whether it stands in any document as a whole word."""
        spelled = unicodedata.normalize("NFC", word).lower()
        return bool(self._bm25.get_tokens_ids([f"={spelled}"]))

    def scores(self, question: str) -> npt.NDArray[np.float32]:
        """(documents,), 0 where a document shares nothing with the question."""
        asked = tokens(question[:QUESTION_AT_MOST])
        known = self._bm25.get_tokens_ids(sorted(set(asked)))
        if not known or not self._documents:
            return np.zeros(self._documents, dtype=np.float32)
        return np.asarray(self._bm25.get_scores_from_ids(known), dtype=np.float32)
