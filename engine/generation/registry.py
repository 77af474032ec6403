"""What is known of the adapters on the shelf: a card in each one's folder, and in `registry.jsonl`
beside the shelf a line for each decision about them. Training writes both, /model shows them.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

CARD: Final = "card.json"
MANIFEST: Final = "manifest.json"
"""The trainer writes it last: a folder without it is no finished adapter."""
LOG: Final = "registry.jsonl"
Read = TypeVar("Read")


class Ruling(StrEnum):
    SERVES = "serves"
    """It answers from now on."""
    REFUSED = "refused"
    """What answered before goes on answering."""
    BACK = "back"
    """It answers again: the one after it was taken back."""


@dataclass(frozen=True, slots=True)
class Card:
    """Of one adapter."""

    adapter: str
    made: datetime
    parent: str = ""
    """The adapter that it was trained on from; empty where that is the base model."""
    rows: int = 0
    """That it learned from; 0: not known."""
    feedback: int = 0
    """Of the rows, those that came from people's choices."""
    figures: str = ""
    """Its evaluation in one Korean line."""


@dataclass(frozen=True, slots=True)
class Decision:
    at: datetime
    ruling: Ruling
    adapter: str
    """Empty is the base model."""
    instead_of: str
    """Who answered when it was decided; empty is the base model."""
    reasons: tuple[str, ...] = ()


def card(folder: Path) -> Card | None:
    """Of the adapter in the folder; of one that only its trainer has described, what its manifest
    tells. None where neither is readable."""
    told = _told(folder / CARD, lambda row: read_card(row | {"adapter": folder.name}))
    return told or _told(folder / MANIFEST, lambda row: _trained(folder, row))


def decisions(log: Path) -> tuple[Decision, ...]:
    """The oldest first. A line that was cut off by a crash is left out."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    return tuple(_decisions(lines))


def read_card(row: dict[str, Any]) -> Card:
    """Raises KeyError, TypeError, ValueError."""
    return Card(
        str(row["adapter"]),
        _at(row["made"]),
        str(row.get("parent", "")),
        int(row.get("rows", 0)),
        int(row.get("feedback", 0)),
        str(row.get("figures", "")),
    )


def _trained(folder: Path, manifest: dict[str, Any]) -> Card:
    """Raises OSError, TypeError, AttributeError."""
    made = datetime.fromtimestamp((folder / MANIFEST).stat().st_mtime, UTC)
    parent = manifest.get("config", {}).get("adapter", "")
    return Card(folder.name, made, Path(parent).name)


def _decisions(lines: list[str]) -> Iterator[Decision]:
    for line in lines:
        try:
            row = json.loads(line)
            yield Decision(
                _at(row["at"]),
                Ruling(row["ruling"]),
                str(row["adapter"]),
                str(row["instead_of"]),
                tuple(map(str, row["reasons"])),
            )
        except (ValueError, KeyError, TypeError):
            continue


def _at(told: str) -> datetime:
    """A time without a zone is UTC."""
    at = datetime.fromisoformat(told)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _told(path: Path, of: Callable[[dict[str, Any]], Read]) -> Read | None:
    try:
        return of(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
