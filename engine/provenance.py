"""Where a file came from and what made it, as that may go out with the file."""

import shlex
import subprocess
from collections.abc import Iterable
from datetime import datetime
from hashlib import file_digest
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

ENDING: Final = ".source.json"
"""Of the file beside a fetched one that says where it came from."""


class Origin(BaseModel):
    """Of a file that was fetched from a public source."""

    model_config = ConfigDict(frozen=True)

    source: str
    """The word of `python -m ingest fetch` for it."""
    hosts: tuple[str, ...]
    """Asked for it, in this run or an earlier one."""
    sought: tuple[str, ...]
    """What was looked for: words, addresses, names of files."""
    since: datetime | None
    """When the oldest of the answers came; None where nobody was asked."""
    at: datetime
    """When the file was written."""
    asked: int
    """Requests of the run that wrote it; the rest had been fetched before."""
    rows: int
    whole: bool
    """Whether that run got to its end."""
    code: str
    terms: str
    sha256: str
    """Of the file: of any other content this says nothing."""


def beside(path: Path) -> Path:
    return path.with_name(f"{path.name}{ENDING}")


def origin_of(path: Path) -> Origin | None:
    """None where nothing lies beside the file, or it tells of another content."""
    try:
        told = Origin.model_validate_json(beside(path).read_text(encoding="utf-8"))
    except (OSError, ValidationError, UnicodeDecodeError):
        return None
    return told if told.sha256 == checksum(path) else None


def checksum(path: Path) -> str:
    """SHA-256."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def code_version() -> str:
    """Of the package; where the program lies in its own repository, the commit too, and whether
    something in it had been changed since: «1.4.0+ab12cd3-dirty»."""
    try:
        package = version("ppoyami")
    except PackageNotFoundError:
        package = "0"
    own = _git("ls-files", "--error-unmatch", Path(__file__).name)
    commit = _git("describe", "--always", "--dirty", "--exclude=*") if own else ""
    return f"{package}+{commit}" if commit else package


def command(module: str, words: Iterable[str]) -> str:
    """As it was given, without the folders of the machine: it goes out with what it made."""
    return shlex.join(("python", "-m", module, *map(_local, words)))


def _git(*words: str) -> str:
    """What git says; empty where it is not there or does not know."""
    called = ("git", *words)
    try:
        said = subprocess.run(  # noqa: S603 - no word of it is anybody's
            called, capture_output=True, text=True, check=False, cwd=Path(__file__).parent
        )
    except OSError:
        return ""
    return said.stdout.strip() if said.returncode == 0 else ""


def _local(word: str) -> str:
    option, sign, path = word.rpartition("=")
    return f"{option}{sign}…/{Path(path).name}" if Path(path).is_absolute() else word
