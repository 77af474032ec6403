"""What training reads and writes: conversations to imitate, preferences to learn, questions to ask.

JSONL in UTF-8, a row a line. `family` names the idea that a row is a variant of: rows of one family
never lie on both sides of a split.

    Conversation  {"id", "family", "source", "messages": [{"role", "content"}, …]}
    Preference    {"id", "family", "source", "prompt": [{"role", "content"}, …],
                   "chosen", "rejected", "fault"}
    Asked         {"id", "question", "profile": {…}, "passages": [document ids], "refuse"}

Standard library and the engine's own types only, so that both environments read it.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from engine.generation.prompts import Message

ROLES: Final = ("system", "user", "assistant")
Row = TypeVar("Row")


class Unreadable(ValueError):
    """A row that is not as it should be; says which and what."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Ends with the assistant, whose words are what is learned."""

    id: str
    family: str
    source: str
    """kin, consultations, catalogue, feedback, evolved: where it came from."""
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Preference:
    id: str
    family: str
    source: str
    prompt: tuple[Message, ...]
    """Ends with the user."""
    chosen: str
    rejected: str
    fault: str = ""
    """What is wrong with the rejected answer, where it is known: product, skin, reason, length,
    safety, refusal (that there is no such thing, of what there is)."""


def conversations(path: Path) -> list[Conversation]:
    """Raises OSError, Unreadable."""
    return list(read(path, _conversation))


def preferences(path: Path) -> list[Preference]:
    """Raises OSError, Unreadable."""
    return list(read(path, _preference))


def read(path: Path, of: Callable[[dict[str, Any]], Row]) -> Iterator[Row]:
    """Raises OSError, Unreadable with the number of the line."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                yield of(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise Unreadable(f"{path}, {number}번째 줄: {error}") from error


def write(path: Path, rows: Iterable[Conversation | Preference]) -> None:
    """Whole or not at all."""
    making = path.with_name(f".{path.name}.making")
    path.parent.mkdir(parents=True, exist_ok=True)
    with making.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)
    making.replace(path)


def _conversation(row: dict[str, Any]) -> Conversation:
    messages = _messages(row["messages"])
    if messages[-1].role != "assistant":
        raise ValueError("assistant로 끝나야 해요")
    return Conversation(row["id"], row["family"], row["source"], messages)


def _preference(row: dict[str, Any]) -> Preference:
    prompt = _messages(row["prompt"])
    chosen, rejected = str(row["chosen"]), str(row["rejected"])
    if prompt[-1].role != "user":
        raise ValueError("prompt는 user로 끝나야 해요")
    if not chosen.strip() or not rejected.strip() or chosen.strip() == rejected.strip():
        raise ValueError("chosen과 rejected는 서로 다른 글이어야 해요")
    return Preference(
        row["id"], row["family"], row["source"], prompt, chosen, rejected, row.get("fault", "")
    )


def _messages(found: list[dict[str, str]]) -> tuple[Message, ...]:
    for one in found:
        if one["role"] not in ROLES or not one["content"].strip():
            raise ValueError("messages의 role이나 content가 맞지 않아요")
    if not found:
        raise ValueError("messages가 비어 있어요")
    return tuple(Message(one["role"], one["content"]) for one in found)  # type: ignore[arg-type]
