"""The questions that the evaluation asks: drawn from the half that is only measured with.

Nothing of them is printed, and nothing that resembles one of them is learned from.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from engine.domain import Question, SkinProfile
from engine.generation.labelled import LabelledQuestion, questions
from engine.generation.prompts import Message
from training.catalogue import asking, served_for, wanted
from training.shop import Served, Shop, bare
from training.sources import profile_told

QUESTIONS: Final = 60
REFUSED: Final = 8
"""Of them, those that ask for what does not exist."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    row: LabelledQuestion
    profile: SkinProfile
    served: Served

    @property
    def whole(self) -> str:
        """All turns: what a training question is compared with."""
        return " ".join(self.row.turns)

    @property
    def json(self) -> dict[str, Any]:
        """A line of `questions.jsonl`."""
        last = self.row.turns[-1]
        return {
            "id": self.row.id,
            "question": last,
            "turns": list(self.row.turns),
            "intent": self.row.intent,
            "profile": profile_told(self.profile),
            "passages": list(self.served.ids),
            "prompt_with_rag": [_message(one) for one in self.served.prompt],
            "prompt_without_rag": [_message(one) for one in bare(Question(last, self.profile))],
            "shown": [
                {"kind": one.kind.value, "key": one.key, "title": one.title, "text": one.text}
                for one in self.served.passages
            ],
            "composed": self.served.composed,
            "right": sorted(self.row.passages),
            "refuse": self.row.refuse,
        }


async def held_out(path: Path, shop: Shop) -> list[HeldOut]:
    """In the order of their ids. Raises OSError, Unreadable, EngineError."""
    rows = wanted(questions(path, "test"))
    refused = await _drawn([one for one in rows if one.refuse], REFUSED, shop)
    answered = [one for one in rows if not one.refuse]
    told = await _drawn(answered, QUESTIONS - len(refused), shop)
    return sorted([*told, *refused], key=lambda one: one.row.id)


async def _drawn(rows: Iterable[LabelledQuestion], n: int, shop: Shop) -> list[HeldOut]:
    """By the hash of the id, so that a row more or less changes little; every other one is asked
    by somebody whose skin is known. What set words answer is no model's."""
    found: list[HeldOut] = []
    for row in sorted(rows, key=lambda one: sha256(one.id.encode()).digest()):
        profile = asking(row)[len(found) % 2 :][:1] or (SkinProfile(),)
        served = await served_for(row, profile[0], shop)
        if served.prompt and served.passages:
            found.append(HeldOut(row, profile[0], served))
        if len(found) == n:
            break
    return found


def write(path: Path, rows: Sequence[HeldOut]) -> None:
    """Whole or not at all."""
    making = path.with_name(f".{path.name}.making")
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(one.json, ensure_ascii=False) + "\n" for one in rows)
    making.write_text("".join(lines), encoding="utf-8")
    making.replace(path)


def _message(one: Message) -> dict[str, str]:
    return {"role": one.role, "content": one.content}
