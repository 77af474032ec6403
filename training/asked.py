"""The held-out questions of the evaluation, as `python -m training.conversations` writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.domain import AgeBand, Concern, DocumentKind, Gender, Passage, Question, SkinProfile
from engine.domain import SkinType as Skin
from engine.generation.prompts import Message
from training.rows import Unreadable, read


@dataclass(frozen=True, slots=True)
class Asked:
    id: str
    question: Question
    shown: tuple[Passage, ...]
    """What the served retrieval shows for it, numbered from 1 in the prompt."""
    with_rag: tuple[Message, ...]
    without_rag: tuple[Message, ...]
    refuse: bool
    """The data hold no answer: to say so is right."""
    turns: tuple[str, ...] = ()
    """What was said before, oldest first."""

    def prompt(self, rag: bool) -> tuple[Message, ...]:
        return self.with_rag if rag else self.without_rag


def questions(path: Path) -> list[Asked]:
    """Raises OSError, Unreadable, also where there are none or an id comes twice."""
    found = list(read(path, _asked))
    if not found:
        raise Unreadable(f"{path}: 질문이 없어요")
    if len({one.id for one in found}) < len(found):
        raise Unreadable(f"{path}: 같은 id가 두 번 있어요")
    return found


def _asked(row: dict[str, Any]) -> Asked:
    return Asked(
        str(row["id"]),
        Question(str(row["question"]), profile(row["profile"])),
        tuple(map(passage, row["shown"])),
        _messages(row["prompt_with_rag"]),
        _messages(row["prompt_without_rag"]),
        bool(row["refuse"]),
        tuple(row.get("turns", ())[:-1]),
    )


def profile(told: Mapping[str, Any]) -> SkinProfile:
    """Raises ValueError for a word that is not the domain's."""
    age, gender, skin = (told.get(name) for name in ("age_band", "gender", "skin_type"))
    return SkinProfile(
        AgeBand(age) if age else None,
        Gender(gender) if gender else None,
        Skin(skin) if skin else None,
        tuple(map(Concern, told.get("concerns") or ())),
        tuple(told.get("avoided") or ()),
    )


def passage(told: Mapping[str, Any]) -> Passage:
    return Passage(DocumentKind(told["kind"]), told["key"], told["title"], told["text"])


def told(one: Passage) -> dict[str, str]:
    return {"kind": one.kind.value, "key": one.key, "title": one.title, "text": one.text}


def numbered(passages: Sequence[Passage]) -> str:
    return "\n\n".join(f"[{n}] {one.text}" for n, one in enumerate(passages, start=1))


def _messages(rows: Sequence[Mapping[str, str]]) -> tuple[Message, ...]:
    if not rows or rows[-1]["role"] != "user":
        raise ValueError("prompt는 user로 끝나야 해요")
    return tuple(Message(one["role"], one["content"]) for one in rows)  # type: ignore[arg-type]
