"""The command line that the trainers share."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from training.config import Dpo, Misconfigured, Sft, read
from training.preflight import Refused
from training.rows import Unreadable

Told = TypeVar("Told", Sft, Dpo)
Told_contra = TypeVar("Told_contra", contravariant=True)


class Train(Protocol[Told_contra]):
    """Raises OSError, Refused, Unreadable."""

    def __call__(self, told: Told_contra, *, fresh: bool) -> None: ...


def run(module: str, kind: type[Told], train: Train[Told], argv: Sequence[str] | None) -> int:
    """Exit status 0 done, 1 refused, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--set", action="extend", nargs="+", default=[], metavar="key=value")
    parser.add_argument(
        "--fresh", action="store_true", help="checkpoints of before are thrown away"
    )
    asked = parser.parse_args(argv)
    try:
        train(read(asked.config, kind, asked.set), fresh=asked.fresh)
    except (OSError, Misconfigured, Refused, Unreadable) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0
