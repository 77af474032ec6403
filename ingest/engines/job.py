"""What an engine is asked and what it answers."""

import datetime as dt
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Protocol

import pandas as pd

from engine.parsing.korean import with_particle
from ingest.artifacts import Source
from ingest.clean import Count, Step
from ingest.errors import InputRefused
from ingest.mapping import Mapping

PANDAS: Final = "pandas"
ENGINES: Final = (PANDAS, "duckdb", "ray")


Work = Callable[..., pd.DataFrame]
"""A step's function, before its settings."""


def work_of(step: Step) -> Work:
    return step.work.func if isinstance(step.work, partial) else step.work


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    path: Path
    """The reviews: a file, or a folder of files."""
    steps: Sequence[Step]
    mapping: Mapping = field(default_factory=Mapping)
    day: dt.date | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """Parquet in a folder: what stays and what goes, each in the order of the input."""

    folder: Path
    read: int
    counts: tuple[Count, ...]
    sources: tuple[Source, ...] = ()

    def kept(self) -> pd.DataFrame:
        """As `clean.kept` gives it; for tables that fit into memory."""
        from ingest.engines import parts  # noqa: PLC0415  needs pyarrow

        return parts.opened(self.folder / "kept")

    def rejected(self) -> pd.DataFrame:
        """file, line and reason."""
        from ingest.engines import parts  # noqa: PLC0415  needs pyarrow

        return parts.opened(self.folder / "rejects").sort_values(["file", "line"])


class Engine(Protocol):
    def clean(self, job: Job, folder: Path) -> Result:
        """Into the folder, which is made. Raises InputRefused like `reading.read`."""
        ...


@dataclass(frozen=True, slots=True)
class Means:
    """What an engine may use."""

    rows: int = 50_000
    """Of a part; such a part takes about 100 MB of memory while it is being cleaned."""
    workers: int | None = None
    """Processes at a time; None: one for each processor."""
    memory: int = 2 * 1024**3
    """Bytes beyond which DuckDB goes to the disk, and of Ray's object store."""
    address: str | None = None
    """A Ray cluster's; None: one is started on this computer and stopped at the end."""


def opened(name: str, means: Means) -> Engine:
    """Raises InputRefused where its libraries are not installed."""
    try:
        return _opened(name, means)
    except ImportError as error:
        raise InputRefused(
            f"--engine {name}에는 {with_particle(str(error.name), '이/가')} 있어야 해요: "
            ".venv/bin/python -m pip install -e '.[scale]'"
        ) from error


def _opened(name: str, means: Means) -> Engine:
    # Each is large and not everybody's.
    match name:
        case "duckdb":
            from ingest.engines.duckdb import DuckDB  # noqa: PLC0415

            return DuckDB(means)
        case "ray":
            if means.address is None:
                # Ray reads it when it is imported, and keeps to 127.0.0.1 then.
                os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
            from ingest.engines.ray import Ray  # noqa: PLC0415

            return Ray(means)
        case _:
            from ingest.engines.pandas import Pandas  # noqa: PLC0415

            return Pandas()
