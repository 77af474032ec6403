"""Pictures that come with a products file, checked and gathered under names of the load."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

FOLDER: Final = "pictures"
BYTES_AT_MOST: Final = 5 * 1024 * 1024
_NEVER: Final = b"-" * 17
"""Longer than what is read of a file."""
_SIGNATURES: Final = {
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".webp": (b"RIFF",),
    ".gif": (b"GIF87a", b"GIF89a"),
}


def gathered(products: pd.DataFrame, base: Path) -> tuple[pd.DataFrame, dict[str, Path]]:
    """Products whose pictures are addresses or names in the load, and the files behind the names.

    A file outside `base`, too large, or of another kind than its name says becomes None.
    """
    sources = {
        told: None if "://" in told else _usable(base, told)
        for told in products["picture"].dropna().unique()
    }
    names = {told: told if "://" in told else _name(told, sources) for told in sources}
    shown = [names.get(told) for told in products["picture"]]
    files = {
        name: path for told, path in sources.items() if path and (name := names[told]) is not None
    }
    return products.assign(picture=pd.Series(shown, index=products.index, dtype=object)), files


def _usable(base: Path, told: str) -> Path | None:
    root = base.resolve()
    try:
        path = (root / told).resolve()
        if not path.is_relative_to(root) or path.stat().st_size > BYTES_AT_MOST:
            return None
        with path.open("rb") as file:
            head = file.read(16)
    except (OSError, ValueError):
        return None
    return path if head.startswith(_SIGNATURES.get(path.suffix.casefold(), (_NEVER,))) else None


def _name(told: str, sources: Mapping[str, Any]) -> str | None:
    """`pictures/p001.png` stays; a file from elsewhere gets its folder's sum before its name."""
    if sources[told] is None:
        return None
    path = Path(told)
    if path.parent == Path(FOLDER):
        return path.as_posix()
    return f"{FOLDER}/{hashlib.sha256(told.encode()).hexdigest()[:8]}-{path.name}"
