"""A new index beside the one that serves, and what it leaves behind."""

import hashlib
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from chromadb.api.client import Client
from chromadb.errors import NotFoundError
from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from engine.retrieval.chroma import connected
from engine.retrieval.chunks import pieces_of
from engine.retrieval.embedding import embedder
from engine.retrieval.generations import (
    GENERATION,
    VERSION,
    Manifest,
    Vectors,
    checksum,
    generation,
    piece_ids,
)
from engine.retrieval.lexical import Lexical

BATCH = 256
RETIRED_SECONDS = 600.0
"""How long the files of an index are kept after another one serves: whoever reads them has noticed
by then."""

Progress = Callable[[int, int], None]
"""Called with (pieces done, pieces in all)."""


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
    with connected(own, chroma_url) as client:
        _fill(client, manifest, documents, pieces, vectors)
    _write_documents(own / "documents.jsonl", documents)
    _write_vectors(own, pieces, vectors)
    Lexical.fit([document.page_content for document in documents]).save(own / "words")
    manifest = replace(manifest, checksum=checksum(own / "vectors.npy"))
    _write_last(own / "manifest.json", _written(manifest))
    _sync(own)
    serving = generation(folder)
    if serving is not None:
        (folder / serving / "retired").touch()
    _write_last(folder / "manifest.json", _written(manifest))
    return Built(len(documents), len(pieces.texts), embedded)


def tidy(
    folder: Path, chroma_url: str | None = None, kept_seconds: float = RETIRED_SECONDS
) -> None:
    """Remove what a build that broke off left, and indexes that were replaced a while ago."""
    serving, now = generation(folder), time.time()
    for own in folder.glob("*/"):
        retired = own / "retired"
        lately = retired.exists() and now - retired.stat().st_mtime < kept_seconds
        if GENERATION.fullmatch(own.name) and own.name != serving and not lately:
            _withdraw(own, chroma_url)
            shutil.rmtree(own, ignore_errors=True)


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
    with connected(own, chroma_url) as client:
        for name in names:
            with suppress(NotFoundError):
                client.delete_collection(name)


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
        if not same or manifest.checksum != checksum(own / "vectors.npy"):
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
    ids = piece_ids(documents, pieces.places)
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


def _piece(own_id: str, text: str, document: Document) -> Document:
    """What Chroma keeps of a piece."""
    more = {name: value for name, value in document.metadata.items() if name != "gist"}
    return Document(id=own_id, page_content=text, metadata=more)


def _write_vectors(own: Path, pieces: Pieces, vectors: Vectors) -> None:
    np.save(own / "vectors.npy", vectors, allow_pickle=False)
    written = json.dumps({"places": pieces.places, "hashes": pieces.hashes})
    (own / "pieces.json").write_text(written, encoding="utf-8")


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
