"""One load's search index on disk: Chroma for vectors, BM25 for words, the documents beside them.

<folder>/chroma/           a collection per kind (absent where a Chroma server holds them)
<folder>/words/            BM25
<folder>/documents.jsonl   every document, in the order both indexes count in
<folder>/manifest.json     written last: a folder without it was never finished
"""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self, cast
from urllib.parse import urlsplit

import chromadb
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.client import Client
from chromadb.api.fastapi import FastAPI
from chromadb.config import Settings
from chromadb.errors import ChromaError
from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from engine.domain import DocumentKind
from engine.errors import IndexUnavailable
from engine.retrieval.embedding import embedder
from engine.retrieval.lexical import Lexical

VERSION = 1
BATCH = 256
REBUILD = "다시 만드는 명령: python -m ingest index"

Progress = Callable[[int, int], None]
"""Called with (documents done, documents in all)."""


@dataclass(frozen=True, slots=True)
class Manifest:
    version: int
    embedder: str
    documents: int
    counts: dict[str, int]
    """Kind → documents."""
    collections: dict[str, str]
    """Kind → name of its collection."""
    served: bool
    """Whether the vectors are on a Chroma server instead of in the folder."""


def build(
    folder: Path,
    documents: Sequence[Document],
    embedder_name: str,
    progress: Progress | None = None,
    *,
    chroma_url: str | None = None,
    embeddings: Embeddings | None = None,
) -> None:
    """Write a new index into `folder`, which must be absent or empty.

    `embeddings`, where given, is the opened embedder of that name. Raises FileExistsError for a
    folder in use, IndexUnavailable where the embedder or the Chroma server is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; an index is built into a fresh folder")
    manifest = _manifest(folder, documents, embedder_name, served=chroma_url is not None)
    with _client(folder, chroma_url) as client:
        _fill(client, manifest, documents, embeddings or embedder(embedder_name), progress)
    _write_documents(folder / "documents.jsonl", documents)
    Lexical.fit([document.page_content for document in documents]).save(folder / "words")
    _write_last(folder / "manifest.json", json.dumps(asdict(manifest), ensure_ascii=False))


class Index:
    """An opened index. Safe in several threads; `close()` waits for the searches under way."""

    def __init__(
        self,
        client: Client,
        manifest: Manifest,
        documents: Sequence[Document],
        lexical: Lexical,
        embeddings: Embeddings,
    ) -> None:
        self.documents = documents
        self.embeddings = embeddings
        self.lexical = lexical
        self.embedder_name = manifest.embedder
        self._client = client
        self._places = {document.id: place for place, document in enumerate(documents)}
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
        opened = embeddings or embedder(embedder_name)
        client = _open_client(folder, chroma_url)
        try:
            documents = _read_documents(folder / "documents.jsonl", manifest)
            lexical = Lexical.open(folder / "words", len(documents))
            index = cls(client, manifest, documents, lexical, opened)
            index._check_counts(manifest)
        except (OSError, ValueError, KeyError, TypeError, ChromaError) as error:
            _close(client)
            raise IndexUnavailable(f"검색 색인 {folder}이 온전하지 않아요. {REBUILD}") from error
        return index

    def nearest(self, vector: list[float], kind: DocumentKind, n: int) -> list[tuple[int, float]]:
        """Places of the n documents of a kind nearest to a vector, with cosine in [-1, 1]."""
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
        return [
            (self._places[key], 1.0 - distance)
            for key, distance in zip(found["ids"][0], distances, strict=True)
        ]

    def close(self) -> None:
        with self._idle:
            if self._closed:
                return
            self._closed = True
            self._idle.wait_for(lambda: self._searches == 0)
        _close(self._client)

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


# --- writing ------------------------------------------------------------------------------------


def _manifest(
    folder: Path, documents: Sequence[Document], embedder_name: str, *, served: bool
) -> Manifest:
    counts: dict[str, int] = {}
    for document in documents:
        kind = document.metadata["kind"]
        counts[kind] = counts.get(kind, 0) + 1
    prefix = f"ppoyami-{_load_name(folder)}-" if served else ""
    return Manifest(
        version=VERSION,
        embedder=embedder_name,
        documents=len(documents),
        counts=counts,
        collections={kind: f"{prefix}{kind}" for kind in counts},
        served=served,
    )


def _load_name(folder: Path) -> str:
    """The load's id: a load keeps its index in `<load id>/index`."""
    name = folder.resolve().parent.name if folder.name == "index" else folder.name
    return "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in name)


def _fill(
    client: Client,
    manifest: Manifest,
    documents: Sequence[Document],
    embeddings: Embeddings,
    progress: Progress | None,
) -> None:
    done = 0
    for kind, name in manifest.collections.items():
        store = Chroma(
            collection_name=name,
            embedding_function=embeddings,
            client=client,
            collection_configuration={"hnsw": {"space": "cosine"}},
        )
        of_kind = [document for document in documents if document.metadata["kind"] == kind]
        for start in range(0, len(of_kind), BATCH):
            batch = of_kind[start : start + BATCH]
            store.add_documents([gist_of(document) for document in batch])
            done += len(batch)
            if progress is not None:
                progress(done, len(documents))


def gist_of(document: Document) -> Document:
    """What Chroma embeds and keeps: the gist, under the id of the whole document."""
    more = {name: value for name, value in document.metadata.items() if name != "gist"}
    text = document.metadata.get("gist", document.page_content)
    return Document(id=document.id, page_content=text, metadata=more)


def _write_documents(path: Path, documents: Sequence[Document]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for one in documents:
            row = {"id": one.id, "text": one.page_content, "metadata": one.metadata}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _write_last(path: Path, text: str) -> None:
    """Whole or not at all."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


# --- reading ------------------------------------------------------------------------------------


def _read_manifest(folder: Path, embedder_name: str, chroma_url: str | None) -> Manifest:
    try:
        written = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        manifest = Manifest(**written)
    except FileNotFoundError as error:
        raise IndexUnavailable(f"검색 색인이 {folder}에 없어요. {REBUILD}") from error
    except (OSError, ValueError, TypeError) as error:
        raise IndexUnavailable(f"검색 색인 {folder}이 온전하지 않아요. {REBUILD}") from error
    if manifest.version != VERSION:
        raise IndexUnavailable(f"검색 색인이 다른 판({manifest.version})의 것이에요. {REBUILD}")
    if manifest.embedder != embedder_name:
        raise IndexUnavailable(
            f"검색 색인은 임베더 {manifest.embedder}로 만들었는데 설정은 {embedder_name}이에요. "
            f"{REBUILD}"
        )
    if manifest.served != (chroma_url is not None):
        place = "Chroma 서버" if manifest.served else "폴더"
        raise IndexUnavailable(f"검색 색인은 {place}에 있어요. {REBUILD}")
    return manifest


def _read_documents(path: Path, manifest: Manifest) -> list[Document]:
    with path.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    if len(rows) != manifest.documents:
        raise ValueError(f"{len(rows)} documents, {manifest.documents} in the manifest")
    return [
        Document(id=row["id"], page_content=row["text"], metadata=row["metadata"]) for row in rows
    ]


@contextmanager
def _client(folder: Path, chroma_url: str | None) -> Iterator[Client]:
    client = _open_client(folder, chroma_url)
    try:
        yield client
    finally:
        _close(client)


def _close(client: Client) -> None:
    """Chroma itself leaves the connections to its server open."""
    servers = [getattr(one, "_server", None) for one in (client, client._admin_client)]
    client.close()
    for server in servers:
        if isinstance(server, FastAPI):
            server._session.close()


def _open_client(folder: Path, chroma_url: str | None) -> Client:
    """A client of its own for each opening; Chroma shares one system for each path and counts."""
    try:
        if chroma_url is None:
            path = (folder / "chroma").resolve()
            client = chromadb.PersistentClient(path=path, settings=_settings())
        else:
            client = _served(chroma_url)
    except (OSError, ValueError, KeyError, ChromaError) as error:
        place = chroma_url_host(chroma_url) if chroma_url else str(folder)
        raise IndexUnavailable(f"검색 색인 {place}을 열 수 없어요. {REBUILD}") from error
    # Its `close` is missing from the interface that Chroma declares.
    return cast(Client, client)


def _served(chroma_url: str) -> ClientAPI:
    parts = urlsplit(chroma_url)
    secure = parts.scheme == "https"
    return chromadb.HttpClient(
        host=parts.hostname or "localhost",
        port=parts.port or (443 if secure else 8000),
        ssl=secure,
        settings=_settings(),
    )


def chroma_url_host(chroma_url: str) -> str:
    """The address without a name or password that may stand in it."""
    parts = urlsplit(chroma_url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or ''}"


def _settings() -> Settings:
    """Telemetry off, and the project's own `.env` is not Chroma's to read."""
    quiet: dict[str, Any] = {"_env_file": None}
    return Settings(anonymized_telemetry=False, **quiet)


def discard(folder: Path, chroma_url: str) -> None:
    """Take a load's collections off the Chroma server; the folder itself is the caller's."""
    written = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    with _client(folder, chroma_url) as client:
        for name in Manifest(**written).collections.values():
            client.delete_collection(name)
