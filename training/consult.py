"""One question, asked of the bot's own engine, the answer written by a model server.

    python -m training.consult --url http://127.0.0.1:8000/v1 --model gemma3-270m \
        [--adapter dpo] [--tables data/seed | --artifacts DIR] [--question «…»] [--out FILE]

What a person would see is printed, after the guards, and who wrote it: the model, or the composed
answer where the guards left too little of what the model wrote.

Exit status 0 done, 1 refused, 2 wrong usage.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import Final

from engine.domain import Answer, Question, Writer
from engine.engine import Engine
from engine.errors import EngineError
from engine.generation.evaluate import Unloaded, shop
from engine.settings import EngineSettings, LanguageModelSettings
from engine.store.database import Database
from training.registry import keep

QUESTION: Final = "건성 피부에 순한 보습 크림 추천해 주세요"
WRITERS: Final = {
    Writer.COMPOSED: "자료를 정리한 답 (모델이 쓴 말이 가드를 지나지 못했어요)",
    Writer.FALLBACK: "자료를 정리한 답 (모델이 제때 답하지 않았어요)",
    Writer.GUARD: "정해진 답",
}


async def asked(settings: EngineSettings, url: str, question: str) -> Answer:
    """Raises EngineError, LookupError where nothing is loaded."""
    database = await Database.open(url)
    try:
        engine = await Engine.open(settings, database)
        try:
            return await _answer(engine, Question(question))
        finally:
            await engine.close()
    finally:
        await database.close()


async def _answer(engine: Engine, question: Question) -> Answer:
    if engine.consultant is None:
        raise LookupError("적재된 자료가 없어요: 먼저 python -m ingest load를 실행해 주세요.")
    async with aclosing(engine.consult(question)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Answer):
                return piece
    raise RuntimeError("a consultation ended without an answer")


def told(question: str, answer: Answer, writer: str) -> str:
    sources = ", ".join(one.title for one in answer.sources)
    by = WRITERS.get(answer.writer, writer)
    return f"손님: {question}\n뽀야미: {answer.text}\n쓴 쪽: {by}" + (
        f"\n근거: {sources}" if sources else ""
    )


async def _run(given: argparse.Namespace) -> str:
    llm = LanguageModelSettings(given.url, given.model, given.adapter, at_once=1)
    async with AsyncExitStack() as stack:
        artifacts = given.artifacts or await stack.enter_async_context(shop(given.tables))
        database = f"sqlite+aiosqlite:///{artifacts}/ppoyami.db"
        answer = await asked(EngineSettings(artifacts, llm=llm), database, given.question)
    return told(given.question, answer, given.adapter or given.model)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.consult")
    parser.add_argument("--url", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--adapter")
    parser.add_argument("--tables", type=Path, default=Path("data/seed"))
    parser.add_argument("--artifacts", type=Path)
    parser.add_argument("--question", default=QUESTION)
    parser.add_argument("--out", type=Path, help="JSON of what was printed")
    given = parser.parse_args(arguments)
    try:
        said = asyncio.run(_run(given))
    except (EngineError, LookupError, Unloaded, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(said)  # noqa: T201
    if given.out:
        keep(given.out, {"said": said})
    return 0


if __name__ == "__main__":
    sys.exit(main())
