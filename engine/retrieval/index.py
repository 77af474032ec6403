"""An index that serves, opened from what `engine.retrieval.building` wrote."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from chromadb.api.client import Client
from chromadb.errors import ChromaError
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from engine.domain import DocumentKind
from engine.errors import IndexUnavailable
from engine.retrieval.chroma import connect, disconnect
from engine.retrieval.embedding import embedder
from engine.retrieval.generations import (
    REBUILD,
    VERSION,
    Manifest,
    Vectors,
    is_inside,
    piece_ids,
)
from engine.retrieval.lexical import Lexical


class Index:
    """An opened index. Safe in several threads; `close()` waits for the searches under way."""

    def __init__(
        self,
        *,
        client: Client,
        manifest: Manifest,
        documents: Sequence[Document],
        lexical: Lexical,
        embeddings: Embeddings,
        vectors: Vectors,
        pieces: npt.NDArray[np.int64],
    ) -> None:
        self.documents = documents
        self.embeddings = embeddings
        self.lexical = lexical
        self.embedder_name = manifest.embedder
        self.generation = manifest.generation
        self.vectors = vectors
        self.pieces = pieces
        """(pieces,) place of each one's document."""
        self._client = client
        self._places = dict(
            zip(piece_ids(documents, pieces.tolist()), pieces.tolist(), strict=True)
        )
        self._collections = {
            DocumentKind(kind): client.get_collection(name, embedding_function=None)
            for kind, name in manifest.collections.items()
        }
        self._idle = threading.Condition()
        self._searches = 0
        self._closed = False

    @classmethod
    def open(
        cls,
        folder: Path,
        embedder_name: str,
        chroma_url: str | None = None,
        *,
        embeddings: Embeddings | None = None,
    ) -> Self:
        """`embeddings`: the embedder of an index opened before, to spare loading it again.

        Raises IndexUnavailable: missing, torn, or made by another embedder.
        """
        manifest = _read_manifest(folder, embedder_name, chroma_url)
        own = folder / manifest.generation
        opened = embeddings or embedder(embedder_name)
        client = connect(own, chroma_url)
        try:
            documents = _read_documents(own / "documents.jsonl", manifest)
            lexical = Lexical.open(own / "words", len(documents))
            vectors, pieces = _read_vectors(own, manifest)
            index = cls(
                client=client,
                manifest=manifest,
                documents=documents,
                lexical=lexical,
                embeddings=opened,
                vectors=vectors,
                pieces=pieces,
            )
            index._check_counts(manifest)
        except (OSError, ValueError, KeyError, TypeError, ChromaError) as error:
            disconnect(client)
            raise IndexUnavailable(f"검색 색인 {folder}이 온전하지 않아요. {REBUILD}") from error
        return index

    def nearest(self, vector: list[float], kind: DocumentKind, n: int) -> list[tuple[int, float]]:
        """Places of the documents whose pieces are the n of their kind nearest to a vector, with
        cosine in [-1, 1], nearest first; fewer than n where a document has several of them."""
        collection = self._collections.get(kind)
        if collection is None or n < 1:
            return []
        with self._search():
            # Distances alone: the documents are in memory, and fetching them doubles the time.
            found = collection.query(
                query_embeddings=np.array([vector], dtype=np.float32),
                n_results=n,
                include=["distances"],
            )
        distances = (found["distances"] or [[]])[0]
        best: dict[int, float] = {}
        for key, distance in zip(found["ids"][0], distances, strict=True):
            best.setdefault(self._places[key], 1.0 - distance)
        return list(best.items())

    def nearest_of(
        self, vector: list[float], allowed: npt.NDArray[np.bool_], n: int
    ) -> list[tuple[int, float]]:
        """The same of the documents `allowed`, (documents,), every one of them counted."""
        with self._search():
            rows = np.flatnonzero(allowed[self.pieces])
            likeness = self.vectors[rows] @ np.array(vector, dtype=np.float32)
        best: dict[int, float] = {}
        for at in np.argsort(-likeness, kind="stable"):
            best.setdefault(int(self.pieces[rows[at]]), float(likeness[at]))
            if len(best) == n:
                break
        return list(best.items())

    def close(self) -> None:
        with self._idle:
            if self._closed:
                return
            self._closed = True
            self._idle.wait_for(lambda: self._searches == 0)
        disconnect(self._client)

    @contextmanager
    def _search(self) -> Iterator[None]:
        with self._idle:
            if self._closed:
                raise IndexUnavailable("검색 색인이 닫혔어요. 잠시 뒤에 다시 물어봐 주세요.")
            self._searches += 1
        try:
            yield
        except ChromaError as error:
            raise IndexUnavailable(f"검색 색인을 읽지 못했어요. {REBUILD}") from error
        finally:
            with self._idle:
                self._searches -= 1
                self._idle.notify_all()

    def _check_counts(self, manifest: Manifest) -> None:
        for kind, collection in self._collections.items():
            if collection.count() != manifest.counts[kind]:
                raise ValueError(f"{kind}: {collection.count()} vectors, {manifest.counts[kind]}")


def _read_manifest(folder: Path, embedder_name: str, chroma_url: str | None) -> Manifest:
    try:
        written = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if written["version"] != VERSION:
            raise IndexUnavailable(
                f"검색 색인이 다른 판({written['version']})의 것이에요. {REBUILD}"
            )
        manifest = Manifest(**written)
    except FileNotFoundError as error:
        raise IndexUnavailable(f"검색 색인이 {folder}에 없어요. {REBUILD}") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise IndexUnavailable(f"검색 색인 {folder}이 온전하지 않아요. {REBUILD}") from error
    if not is_inside(folder, manifest.generation):
        raise IndexUnavailable(f"검색 색인 {folder}이 온전하지 않아요. {REBUILD}")
    if manifest.embedder != embedder_name:
        raise IndexUnavailable(
            f"검색 색인은 임베더 {manifest.embedder}로 만들었는데 설정은 {embedder_name}이에요. "
            f"{REBUILD}"
        )
    if manifest.served != (chroma_url is not None):
        place = "Chroma 서버" if manifest.served else "폴더"
        raise IndexUnavailable(f"검색 색인은 {place}에 있어요. {REBUILD}")
    return manifest


def _read_vectors(own: Path, manifest: Manifest) -> tuple[Vectors, npt.NDArray[np.int64]]:
    """Raises OSError, ValueError, KeyError or TypeError where they are missing or torn."""
    # a plain array over the mapped file: numpy's own class of those costs at every step
    vectors: Vectors = np.asarray(np.load(own / "vectors.npy", mmap_mode="r", allow_pickle=False))
    written = json.loads((own / "pieces.json").read_text(encoding="utf-8"))
    pieces = np.array(written["places"], dtype=np.int64)
    fits = len(pieces) == len(vectors) == sum(manifest.counts.values())
    if not fits or not np.all((pieces >= 0) & (pieces < manifest.documents)):
        raise ValueError(f"{len(vectors)} vectors of {len(pieces)} pieces")
    return vectors, pieces


def _read_documents(path: Path, manifest: Manifest) -> list[Document]:
    with path.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    if len(rows) != manifest.documents:
        raise ValueError(f"{len(rows)} documents, {manifest.documents} in the manifest")
    return [
        Document(id=row["id"], page_content=row["text"], metadata=row["metadata"]) for row in rows
    ]
