"""The versions of the adapters: which stand finished on the shelf, which one serves and why.

    .llm/adapters/<name>/manifest.json   written last by the trainer
    .llm/adapters/<name>/card.json       what it was made from, and its figures in a line
    .llm/registry.jsonl                  every decision, the oldest first; only ever appended to

Standard library and the engine's own types only.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.generation.registry import (
    CARD,
    LOG,
    MANIFEST,
    Card,
    Decision,
    Ruling,
    card,
    decisions,
)


@dataclass(frozen=True, slots=True)
class Registry:
    home: Path
    """`.llm`."""

    @property
    def shelf(self) -> Path:
        return self.home / "adapters"

    @property
    def decisions(self) -> tuple[Decision, ...]:
        return decisions(self.home / LOG)

    def finished(self) -> tuple[str, ...]:
        """Adapters with a manifest, the oldest first."""
        found = [path.parent for path in self.shelf.glob(f"*/{MANIFEST}")]
        made = {folder.name: _made(folder) for folder in found}
        return tuple(sorted(made, key=lambda name: (made[name], name)))

    def is_finished(self, adapter: str) -> bool:
        return (self.shelf / adapter / MANIFEST).is_file()

    @property
    def serving(self) -> str:
        """By the decisions; empty is the base model."""
        return trail(self.decisions)[-1]

    @property
    def before(self) -> str | None:
        """Who answers after `back`; None where nothing was ever changed."""
        served = trail(self.decisions)
        return served[-2] if len(served) > 1 else None

    def note(self, decision: Decision) -> None:
        """Appended whole, and on the disk when this returns."""
        self.home.mkdir(parents=True, exist_ok=True)
        line = json.dumps(_row(decision), ensure_ascii=False) + "\n"
        with (self.home / LOG).open("a+b") as log:
            # A line that a crash has cut off must not swallow this one.
            cut = log.tell() > 0 and not _ends_a_line(self.home / LOG)
            log.write((b"\n" if cut else b"") + line.encode())
            log.flush()
            os.fsync(log.fileno())

    def describe(self, told: Card) -> None:
        """The adapter's card, whole or not at all."""
        keep(self.shelf / told.adapter / CARD, asdict(told) | {"made": told.made.isoformat()})


def trail(made: Iterable[Decision]) -> list[str]:
    """Who answered in turn, as `back` would walk it; never empty, the last one answers now."""
    served: list[str] = []
    for one in made:
        match one.ruling:
            case Ruling.SERVES:
                served = [*(served or [one.instead_of]), one.adapter]
            case Ruling.BACK:
                served = served[:-1] or [one.adapter]
            case Ruling.REFUSED:
                pass
    return served or [""]


def keep(path: Path, facts: Any) -> None:
    """As JSON, whole or not at all, on the disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    making = path.with_name(f".{path.name}.making")
    with making.open("w", encoding="utf-8") as out:
        json.dump(facts, out, ensure_ascii=False, indent=1)
        out.flush()
        os.fsync(out.fileno())
    making.replace(path)


def _made(folder: Path) -> datetime:
    found = card(folder)
    return found.made if found else datetime.min.replace(tzinfo=UTC)


def _row(decision: Decision) -> dict[str, Any]:
    return asdict(decision) | {"at": decision.at.isoformat()}


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as log:
        log.seek(-1, os.SEEK_END)
        return log.read(1) == b"\n"
