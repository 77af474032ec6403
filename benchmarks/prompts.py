"""How many tokens the prompts have, over the seed's labelled questions.

    python -m benchmarks.prompts [--tokenizer DIR]

`DIR` holds a `tokenizer.json`, as every model of Hugging Face does; `make llm` leaves one in
`.llm/base`, which is read where nothing else is said. Each row's turns are put to the real engine,
whose model is a server that only keeps what it is sent: once for people of whom nothing is known,
once for a full profile. Questions that set words meet are never sent. Prints a Markdown table;
without a tokenizer, of characters.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from benchmarks.retrieval import SEED
from engine.domain import (
    AgeBand,
    Answer,
    Concern,
    Gender,
    Health,
    Question,
    SkinProfile,
    SkinType,
    Talk,
)
from engine.engine import Engine
from engine.generation import prompts
from engine.generation.evaluate import shop
from engine.generation.labelled import LabelledQuestion, questions
from engine.settings import EngineSettings, LanguageModelSettings
from engine.store.database import Database
from tests.openai_server import OpenAIServer, Speaks, openai_server
from tests.running import database_url

AT_MOST = 1200
"""Tokens that a prompt may have."""
MADE = SEED.parents[1] / ".llm" / "base"
"""The model that `make llm` makes."""
MARKS = 6
"""Tokens that a chat template puts around each message, and before the answer: Gemma takes 5."""
FULL = SkinProfile(
    skin_type=SkinType.COMBINATION,
    concerns=(Concern.ACNE, Concern.PORES, Concern.REDNESS),
    age_band=AgeBand.THIRTIES,
    gender=Gender.FEMALE,
    avoided=("에탄올", "향료", "파라벤"),
    health=tuple(Health),
)
Messages = Sequence[Mapping[str, str]]
Count = Callable[[str], int]


async def sent(
    engine: Engine, server: OpenAIServer, rows: Iterable[LabelledQuestion], profile: SkinProfile
) -> list[Messages]:
    """What the model was sent for the last turn of each row."""
    found: list[Messages] = []
    for row in rows:
        talk = Talk()
        for turn in row.turns:
            server.requests.clear()
            async with aclosing(engine.consult(Question(turn, profile, talk=talk))) as pieces:
                async for piece in pieces:
                    talk = piece.talk if isinstance(piece, Answer) else talk
        chats = [one["messages"] for one in server.requests if one.get("stream")]
        found += chats[-1:]
    return found


async def gathered(rows: Sequence[LabelledQuestion]) -> dict[str, list[Messages]]:
    """Profile → prompts."""
    async with AsyncExitStack() as stack:
        artifacts = await stack.enter_async_context(shop(SEED))
        server = await stack.enter_async_context(openai_server(Speaks(("알겠어요 [1].",))))
        database = await Database.open(database_url(artifacts))
        stack.push_async_callback(database.close)
        llm = LanguageModelSettings(server.base_url, "counted")
        engine = await Engine.open(EngineSettings(artifacts, llm=llm), database)
        stack.push_async_callback(engine.close)
        known = {"nothing known": SkinProfile(), "a full profile": FULL}
        return {name: await sent(engine, server, rows, one) for name, one in known.items()}


def counter(folder: Path | None) -> tuple[str, Count]:
    """What is counted, and how."""
    if folder is None:
        return "characters", len
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))

    def count(text: str) -> int:
        return len(tokenizer.encode(text, add_special_tokens=False).ids)

    return "tokens", count


def row(name: str, counts: Sequence[int]) -> str:
    p50, p95 = np.percentile(counts, [50, 95])
    over = sum(one > AT_MOST for one in counts)
    return f"| {name} | {len(counts)} | {p50:.0f} | {p95:.0f} | {max(counts)} | {over} |"


def report(unit: str, count: Count, found: Mapping[str, Sequence[Messages]]) -> str:
    marks = MARKS if unit == "tokens" else 0

    def whole(messages: Messages) -> int:
        return sum(count(one["content"]) + marks for one in messages)

    lines = [
        f"The system part, the same for all: {count(prompts.SYSTEM)} {unit}; "
        f"version {prompts.PROMPT_VERSION}, at most {prompts.PASSAGES} passages.",
        "",
        f"| whole prompt, {unit} | prompts | p50 | p95 | most | over {AT_MOST:,} |",
        "|---|---|---|---|---|---|",
    ]
    for name, each in found.items():
        if each:
            lines.append(row(name, [whole(messages) for messages in each]))
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    made = MADE if MADE.exists() else None
    parser.add_argument("--tokenizer", type=Path, default=made, help="it holds tokenizer.json")
    parser.add_argument("--questions", type=Path, default=SEED / "questions.jsonl")
    chosen: Any = parser.parse_args()
    if chosen.tokenizer is None:
        print("no --tokenizer DIR: characters are counted instead", file=sys.stderr)
    unit, count = counter(chosen.tokenizer)
    found = asyncio.run(gathered(questions(chosen.questions, "all")))
    print(report(unit, count, found))


if __name__ == "__main__":
    main()
