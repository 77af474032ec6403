"""One load's search index on disk: Chroma for vectors, BM25 for words, the documents beside them.

<folder>/manifest.json     names the generation that serves; replaced in one step, so that an index
                           is built beside the one people are reading
<folder>/<generation>/
    chroma/                a collection per kind (absent where a Chroma server holds them)
    words/                 BM25
    documents.jsonl        every document, in the order both indexes count in
    vectors.npy, pieces.json   (pieces, dimensions) and whose they are: read for the next build, and
                           where a filter leaves so few documents that counting them all is better
    manifest.json          its own, written first
    retired                since when another one serves

The files of a generation are never changed once it serves.
"""

import hashlib
import json
import os
import re
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self, cast
from urllib.parse import urlsplit

import chromadb
import numpy as np
import numpy.typing as npt
from chromadb.api import ClientAPI
from chromadb.api.client import Client
from chromadb.api.fastapi import FastAPI
from chromadb.config import Settings
from chromadb.errors import ChromaError, NotFoundError
from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from engine.domain import DocumentKind
from engine.errors import IndexUnavailable
from engine.retrieval.chunks import pieces_of
from engine.retrieval.embedding import embedder
from engine.retrieval.lexical import Lexical

VERSION = 2
BATCH = 256
RETIRED_SECONDS = 600.0
"""How long the files of an index are kept after another one serves: whoever reads them has noticed
by then."""
REBUILD = "다시 만드는 명령: python -m ingest index"
_GENERATION = re.compile(r"[0-9a-f]{1,32}")

Progress = Callable[[int, int], None]
"""Called with (pieces done, pieces in all)."""
Vectors = npt.NDArray[np.float32]
"""(pieces, dimensions), rows of length 1."""


@dataclass(frozen=True, slots=True)
class Manifest:
    version: int
    generation: str
    embedder: str
    documents: int
    counts: dict[str, int]
    """Kind → pieces."""
    collections: dict[str, str]
    """Kind → name of its collection."""
    served: bool
    """Whether the vectors are on a Chroma server instead of in the folder."""
    checksum: str = ""
    """Of vectors.npy."""


@dataclass(frozen=True, slots=True)
class Built:
    documents: int
    pieces: int
    embedded: int
    """Pieces that no earlier index had a vector of."""


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Every embedded text with the place of its document."""

    texts: list[str]
    places: list[int]

    @classmethod
    def of(cls, documents: Sequence[Document]) -> Self:
        pairs = [(text, at) for at, one in enumerate(documents) for text in pieces_of(one)]
        return cls([text for text, _ in pairs], [at for _, at in pairs])

    @property
    def hashes(self) -> list[str]:
        return [hashlib.sha256(text.encode()).hexdigest()[:32] for text in self.texts]


def build(
    folder: Path,
    documents: Sequence[Document],
    embedder_name: str,
    progress: Progress | None = None,
    *,
    chroma_url: str | None = None,
    embeddings: Embeddings | None = None,
    earlier: Iterable[Path] = (),
) -> Built:
    """Write a new index into `folder`, beside the one that serves from there, and put it in its
    place; who has that one open reads on.

    `embeddings`, where given, is the opened embedder of that name. Vectors of the same text are
    taken from the indexes `earlier` of the same embedder. One build at a time for each folder.
    Raises IndexUnavailable where the embedder or the Chroma server is not there.
    """
    tidy(folder, chroma_url)
    manifest = _manifest(folder, documents, embedder_name, served=chroma_url is not None)
    own = folder / manifest.generation
    own.mkdir(parents=True)
    pieces = Pieces.of(documents)
    manifest = replace(manifest, counts=_counts(documents, pieces))
    _write_last(own / "manifest.json", _written(manifest))
    vectors, embedded = _embedded(pieces, embedder_name, embeddings, earlier, progress)
    with _client(own, chroma_url) as client:
        _fill(client, manifest, documents, pieces, vectors)
    _write_documents(own / "documents.jsonl", documents)
    _write_vectors(own, pieces, vectors)
    Lexical.fit([document.page_content for document in documents]).save(own / "words")
    manifest = replace(manifest, checksum=_checksum(own / "vectors.npy"))
    _write_last(own / "manifest.json", _written(manifest))
    _sync(own)
    serving = generation(folder)
    if serving is not None:
        (folder / serving / "retired").touch()
    _write_last(folder / "manifest.json", _written(manifest))
    return Built(len(documents), len(pieces.texts), embedded)


def generation(folder: Path) -> str | None:
    """The name of the index that serves from this folder; None where there is none."""
    try:
        found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["generation"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, str) and _is_inside(folder, found) else None


def tidy(
    folder: Path, chroma_url: str | None = None, kept_seconds: float = RETIRED_SECONDS
) -> None:
    """Remove what a build that broke off left, and indexes that were replaced a while ago."""
    serving, now = generation(folder), time.time()
    for own in folder.glob("*/"):
        retired = own / "retired"
        lately = retired.exists() and now - retired.stat().st_mtime < kept_seconds
        if _GENERATION.fullmatch(own.name) and own.name != serving and not lately:
            _withdraw(own, chroma_url)
            shutil.rmtree(own, ignore_errors=True)


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
            zip(_piece_ids(documents, pieces.tolist()), pieces.tolist(), strict=True)
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
        client = _open_client(own, chroma_url)
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
            _close(client)
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
    kinds = list(dict.fromkeys(str(one.metadata["kind"]) for one in documents))
    own = f"{time.time_ns():x}"
    prefix = f"ppoyami-{_load_name(folder)}-{own}-" if served else ""
    return Manifest(
        version=VERSION,
        generation=own,
        embedder=embedder_name,
        documents=len(documents),
        counts={},
        collections={kind: f"{prefix}{kind}" for kind in kinds},
        served=served,
    )


def _counts(documents: Sequence[Document], pieces: Pieces) -> dict[str, int]:
    return dict(Counter(str(documents[place].metadata["kind"]) for place in pieces.places))


def _load_name(folder: Path) -> str:
    """The load's id: a load keeps its index in `<load id>/index`."""
    name = folder.resolve().parent.name if folder.name == "index" else folder.name
    return "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in name)


def _embedded(
    pieces: Pieces,
    embedder_name: str,
    embeddings: Embeddings | None,
    earlier: Iterable[Path],
    progress: Progress | None,
) -> tuple[Vectors, int]:
    """The vectors of all pieces, and how many had to be made."""
    hashes = pieces.hashes
    texts = dict(zip(hashes, pieces.texts, strict=True))
    known: dict[str, Vectors] = {}
    for folder in earlier:
        known |= _remembered(folder, embedder_name, texts.keys() - known.keys())
    new = [one for one in texts if one not in known]
    done = len(texts) - len(new)
    opened = (embeddings or embedder(embedder_name)) if new else None
    for start in range(0, len(new), BATCH):
        batch = new[start : start + BATCH]
        made = opened.embed_documents([texts[one] for one in batch]) if opened else []
        known |= dict(zip(batch, np.array(made, dtype=np.float32), strict=True))
        if progress is not None:
            progress(done + start + len(batch), len(texts))
    if progress is not None and not new:
        progress(len(texts), len(texts))
    rows = [known[one] for one in hashes]
    return (np.stack(rows) if rows else np.zeros((0, 1), dtype=np.float32)), len(new)


def _remembered(folder: Path, embedder_name: str, wanted: Iterable[str]) -> Mapping[str, Vectors]:
    """Hash of a piece → its vector, as far as that index has it; a torn index has none."""
    try:
        own = folder / (generation(folder) or "-")
        manifest = Manifest(**json.loads((own / "manifest.json").read_text(encoding="utf-8")))
        same = (manifest.version, manifest.embedder) == (VERSION, embedder_name)
        if not same or manifest.checksum != _checksum(own / "vectors.npy"):
            return {}
        hashes = json.loads((own / "pieces.json").read_text(encoding="utf-8"))["hashes"]
        vectors = np.load(own / "vectors.npy", mmap_mode="r", allow_pickle=False)
        at = {one: row for row, one in enumerate(hashes)}
        return {one: np.array(vectors[at[one]]) for one in wanted if one in at}
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return {}


class _Known(Embeddings):
    """Vectors that are there already, handed to LangChain's Chroma in the order it asks."""

    def __init__(self, vectors: Iterable[list[float]]) -> None:
        self._vectors = iter(vectors)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [next(self._vectors) for _ in texts]

    def embed_query(self, text: str) -> list[float]:
        raise NotImplementedError


def _fill(
    client: Client,
    manifest: Manifest,
    documents: Sequence[Document],
    pieces: Pieces,
    vectors: Vectors,
) -> None:
    ids = _piece_ids(documents, pieces.places)
    for kind, name in manifest.collections.items():
        rows = [
            row
            for row, place in enumerate(pieces.places)
            if documents[place].metadata["kind"] == kind
        ]
        store = Chroma(
            collection_name=name,
            embedding_function=_Known(vectors[row].tolist() for row in rows),
            client=client,
            collection_configuration={"hnsw": {"space": "cosine"}},
        )
        for start in range(0, len(rows), BATCH):
            store.add_documents(
                [
                    _piece(ids[row], pieces.texts[row], documents[pieces.places[row]])
                    for row in rows[start : start + BATCH]
                ]
            )


def _piece_ids(documents: Sequence[Document], places: Sequence[int]) -> list[str]:
    """A document's own id for its first piece, «id#1» and so on for the others."""
    seen: Counter[int] = Counter()
    ids: list[str] = []
    for place in places:
        number = seen[place]
        ids.append(f"{documents[place].id}#{number}" if number else str(documents[place].id))
        seen[place] += 1
    return ids


def _piece(own_id: str, text: str, document: Document) -> Document:
    """What Chroma keeps of a piece."""
    more = {name: value for name, value in document.metadata.items() if name != "gist"}
    return Document(id=own_id, page_content=text, metadata=more)


def _write_vectors(own: Path, pieces: Pieces, vectors: Vectors) -> None:
    np.save(own / "vectors.npy", vectors, allow_pickle=False)
    written = json.dumps({"places": pieces.places, "hashes": pieces.hashes})
    (own / "pieces.json").write_text(written, encoding="utf-8")


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _written(manifest: Manifest) -> str:
    return json.dumps(asdict(manifest), ensure_ascii=False)


def _write_documents(path: Path, documents: Sequence[Document]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for one in documents:
            row = {"id": one.id, "text": one.page_content, "metadata": one.metadata}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _sync(folder: Path) -> None:
    """Every file reaches the disk before the index is named."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _write_last(path: Path, text: str) -> None:
    """Whole or not at all."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


# --- reading ------------------------------------------------------------------------------------


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
    if not _is_inside(folder, manifest.generation):
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


def _is_inside(folder: Path, name: str) -> bool:
    """A generation's name, and no path that leads elsewhere."""
    return _GENERATION.fullmatch(name) is not None and (folder / name).is_dir()


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
    for own in folder.glob("*/"):
        _withdraw(own, chroma_url)


def _withdraw(own: Path, chroma_url: str | None) -> None:
    """Take a generation's collections off the server, as far as they are there."""
    if chroma_url is None:
        return
    try:
        written = json.loads((own / "manifest.json").read_text(encoding="utf-8"))
        names = Manifest(**written).collections.values()
    except (OSError, ValueError, TypeError):
        return
    with _client(own, chroma_url) as client:
        for name in names:
            with suppress(NotFoundError):
                client.delete_collection(name)
