"""The folder of finished loads: how one comes to be, and what a crash may leave behind.

<root>/.lock                    one ingest at a time
<root>/.building/<id>/          unfinished; whoever holds the lock may remove it
<root>/<id>/catalogue/          the rows, as CSV
<root>/<id>/pictures/
<root>/<id>/matrix/             engine.recommend
<root>/<id>/faq.csv             what the shop answers itself, where it does
<root>/<id>/index/              engine.retrieval
<root>/<id>/rejects/            what the cleaning dropped, where something was
<root>/<id>/manifest.json       written last
<root>/<id>/unapplied           goes when the store has made the load current
"""

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.provenance import Origin, checksum

LOADS_KEPT: Final = 3
"""The newest, besides the current one."""
MANIFEST: Final = "manifest.json"
UNAPPLIED: Final = "unapplied"
_BUILDING: Final = ".building"
_LOOSE: Final = frozenset({"index", "rejects"})
_LOAD: Final = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}")


class Counted(BaseModel):
    """A line of the cleaning's report."""

    model_config = ConfigDict(frozen=True)

    table: str
    step: str
    changed: int
    emptied: int
    dropped: int
    marked: int = 0


class Content(BaseModel):
    model_config = ConfigDict(frozen=True)

    sha256: str
    bytes: int


class Source(BaseModel):
    """A file that rows of a load were read from."""

    model_config = ConfigDict(frozen=True)

    table: str
    file: str
    sha256: str
    bytes: int
    rows: int
    """As many as were read, before any was cleaned away."""
    load: str = ""
    """That read it: an earlier one, where its rows were kept."""
    origin: Origin | None = None
    """Where the file came from, if it was fetched."""


class Matched(BaseModel):
    """How the ingredients that one file's labels name were found in the dictionary."""

    model_config = ConfigDict(frozen=True)

    file: str
    ways: dict[str, int]
    """Way (ingest.lexicon.Way) → times."""


class Manifest(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    at: datetime
    digest: str
    code: str
    """Version of the program that made it."""
    command: str = ""
    embedding: str
    options: dict[str, int | None]
    inputs: dict[str, str]
    """Table → file it was read from; not there where an earlier load's rows were kept."""
    sources: tuple[Source, ...] = ()
    """Every file of every table, kept ones too; empty in loads of an earlier version."""
    products: int
    ingredients: int
    reviews: int
    faq: int = 0
    matched: tuple[Matched, ...] = ()
    read: dict[str, int]
    """Table → rows read."""
    steps: tuple[Counted, ...]
    files: dict[str, Content]
    """Everything but the index, which has its own manifest and may be built again, and the rejects,
    which a later run of the same content writes anew."""


@dataclass(frozen=True, slots=True)
class Artifacts:
    root: Path

    def folder(self, load: str) -> Path:
        return self.root / load

    @contextmanager
    def locked(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Alone among the ingests of this folder; `waiting` is called where another one runs.

        The system frees the lock of a process that dies.
        """
        with alone(self.root / ".lock", waiting):
            yield

    @contextmanager
    def building(self, name: str) -> Iterator[Path]:
        """A new, empty place on the same disk; what is still there at the end is removed."""
        folder = self.root / _BUILDING / name
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder.parent, ignore_errors=True)

    def publish(self, building: Path, manifest: Manifest) -> Path:
        """Complete the load and give it its name: from here on it is there as a whole."""
        (building / UNAPPLIED).touch()
        (building / MANIFEST).write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
        _sync(building)
        finished = self.folder(manifest.id)
        building.rename(finished)
        _sync_folder(self.root)
        return finished

    def applied(self, load: str) -> None:
        (self.folder(load) / UNAPPLIED).unlink(missing_ok=True)

    def sweep(self, known: Collection[str]) -> None:
        """Remove what a crash left: unfinished loads, and finished ones no store ever heard of.

        A folder without the mark may belong to another database, so it is left alone.
        """
        shutil.rmtree(self.root / _BUILDING, ignore_errors=True)
        for mark in self.root.glob(f"*/{UNAPPLIED}"):
            if mark.parent.name in known:
                mark.unlink()
            elif _LOAD.fullmatch(mark.parent.name):
                shutil.rmtree(mark.parent, ignore_errors=True)

    def outdated(self, newest_first: Sequence[str], current: str) -> list[Path]:
        """Folders of loads that need not be kept."""
        there = [load for load in newest_first if self.folder(load).is_dir()]
        return [self.folder(load) for load in there[LOADS_KEPT:] if load != current]

    def manifest(self, load: str) -> Manifest | None:
        """None where the load is not there, or torn."""
        try:
            text = (self.folder(load) / MANIFEST).read_text(encoding="utf-8")
            return Manifest.model_validate_json(text)
        except (OSError, ValidationError):
            return None

    def whole(self, load: str) -> bool:
        """Whether every file is there as it was written."""
        manifest, folder = self.manifest(load), self.folder(load)
        return (
            manifest is not None
            and (folder / "index" / MANIFEST).is_file()
            and all(_is(folder / name, content) for name, content in manifest.files.items())
        )


@contextmanager
def alone(lock: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Whoever holds the file; `waiting` is called where somebody else does."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def contents(folder: Path) -> dict[str, Content]:
    """Every file below the folder that stays as it is."""
    return {
        path.relative_to(folder).as_posix(): _content(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] not in _LOOSE
    }


def _content(path: Path) -> Content:
    return Content(sha256=checksum(path), bytes=path.stat().st_size)


def _is(path: Path, content: Content) -> bool:
    try:
        return path.stat().st_size == content.bytes and checksum(path) == content.sha256
    except OSError:
        return False


def _sync(folder: Path) -> None:
    """Everything below the folder reaches the disk before its name does."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            _sync_folder(path)
        else:
            with path.open("rb") as file:
                os.fsync(file.fileno())
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
