"""Questions and answers that people labelled, read from JSONL."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from engine.domain import Concern, SkinType

HALVES = ("tune", "test", "all")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """The labels are the last turn's, with what the turns before make it mean."""

    id: str
    turns: tuple[str, ...]
    intent: str
    skin_types: frozenset[SkinType]
    concerns: frozenset[Concern]
    not_concerns: frozenset[Concern]
    passages: frozenset[str]
    """Ids of documents, any of which answers it."""
    refuse: bool
    """A set answer is right."""


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    text: str
    supported: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class LabelledAnswer:
    """What a model might have written from these passages."""

    id: str
    question: str
    passages: tuple[str, ...]
    answer: str
    sentences: tuple[LabelledSentence, ...]
    products_exist: bool
    refusal_right: bool
    """It refuses where it should, and only there."""


class Unreadable(ValueError):
    """A row that is not as it should be; says which."""


def questions(path: Path, half: str) -> list[LabelledQuestion]:
    """Raises OSError, Unreadable."""
    return list(_rows(path, half, _question))


def answers(path: Path, half: str) -> list[LabelledAnswer]:
    """Raises OSError, Unreadable."""
    return list(_rows(path, half, _answer))


def _rows(path: Path, half: str, read: Callable[[dict[str, Any]], T]) -> Iterator[T]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line)
                if half in ("all", row["half"]):
                    yield read(row)
            except (ValueError, KeyError, TypeError) as error:
                raise Unreadable(f"{path}, line {number}: {error!r}") from error


def _question(row: dict[str, Any]) -> LabelledQuestion:
    return LabelledQuestion(
        id=row["id"],
        turns=tuple(row["turns"]),
        intent=row["intent"],
        skin_types=frozenset(map(SkinType, row["skin_types"])),
        concerns=frozenset(map(Concern, row["concerns"])),
        not_concerns=frozenset(map(Concern, row["not_concerns"])),
        passages=frozenset(row["passages"]),
        refuse=bool(row["refuse"]),
    )


def _answer(row: dict[str, Any]) -> LabelledAnswer:
    return LabelledAnswer(
        id=row["id"],
        question=row["question"],
        passages=tuple(row["passages"]),
        answer=row["answer"],
        sentences=tuple(
            LabelledSentence(one["text"], bool(one["supported"]), one.get("why") or "")
            for one in row["sentences"]
        ),
        products_exist=bool(row["products_exist"]),
        refusal_right=bool(row["refusal_right"]),
    )
