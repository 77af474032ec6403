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
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from langchain_core.documents import Document

VERSION: Final = 2
REBUILD: Final = "다시 만드는 명령: python -m ingest index"
GENERATION: Final = re.compile(r"[0-9a-f]{1,32}")

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


def generation(folder: Path) -> str | None:
    """The name of the index that serves from this folder; None where there is none."""
    try:
        found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["generation"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, str) and is_inside(folder, found) else None


def is_inside(folder: Path, name: str) -> bool:
    """A generation's name, and no path that leads elsewhere."""
    return GENERATION.fullmatch(name) is not None and (folder / name).is_dir()


def piece_ids(documents: Sequence[Document], places: Sequence[int]) -> list[str]:
    """A document's own id for its first piece, «id#1» and so on for the others."""
    seen: Counter[int] = Counter()
    ids: list[str] = []
    for place in places:
        number = seen[place]
        ids.append(f"{documents[place].id}#{number}" if number else str(documents[place].id))
        seen[place] += 1
    return ids


def checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
