"""Tokens a second and time to the first token of a model server, with and without an adapter.

python -m benchmarks.serving --url http://127.0.0.1:8000/v1 --models BASE ADAPTER --people 1 8 32

Everybody asks at once and waits for a whole answer. Prompts are the bot's own: the system part
that all share, six reviews of the seed that nobody shares, a question; answers are as long as
`--tokens` whatever the model would say (vLLM's `ignore_eos`). Any OpenAI-compatible server will do,
on whatever machine; without `--url` there is nothing to measure.
"""

import argparse
import asyncio
import csv
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import numpy as np

from engine.domain import DocumentKind, Passage, Question, SkinProfile
from engine.generation.prompts import PASSAGES, Message, prompt

SEED = Path(__file__).parents[1] / "data" / "seed"
QUESTIONS = (
    "건성인데 촉촉한 크림 추천해 주세요",
    "이 제품 자극 없어요?",
    "여름에 쓰기 좋은 토너 있나요?",
    "향이 강한 편인가요?",
)
REVIEWS_A_PASSAGE = 5
WARMING = 8
"""Tokens of the first request, which is not counted: it makes the server compile and cache."""


@dataclass(frozen=True, slots=True)
class Answered:
    first: float
    """Seconds to the first token."""
    whole: float
    read: int
    written: int
    """Tokens, as the server counts them."""


@dataclass(frozen=True, slots=True)
class Server:
    session: aiohttp.ClientSession
    url: str
    tokens: int
    reviews: Sequence[str]

    async def answer(self, model: str, told: Sequence[Message], tokens: int) -> Answered:
        began = time.perf_counter()
        first, usage = 0.0, {"prompt_tokens": 0, "completion_tokens": 0}
        async with self.session.post(
            f"{self.url.rstrip('/')}/chat/completions", json=_body(model, told, tokens)
        ) as response:
            response.raise_for_status()
            async for line in response.content:
                if not line.startswith(b"data: {"):
                    continue
                chunk = json.loads(line.removeprefix(b"data:"))
                if chunk["choices"] and not first:
                    first = time.perf_counter() - began
                usage = chunk.get("usage") or usage
        read, written = usage["prompt_tokens"], usage["completion_tokens"]
        return Answered(first, time.perf_counter() - began, read, written)

    async def crowd(self, model: str, people: int, rng: random.Random) -> str:
        """A row of the table."""
        prompts = [_prompt(rng, self.reviews) for _ in range(people)]
        began = time.perf_counter()
        answers = await asyncio.gather(*(self.answer(model, one, self.tokens) for one in prompts))
        seconds = time.perf_counter() - began
        read = np.mean([one.read for one in answers])
        written = sum(one.written for one in answers)
        half, worst = np.percentile([one.first for one in answers], (50, 99))
        whole = np.percentile([one.whole for one in answers], 50)
        return (
            f"| {model} | {people} | {read:.0f} | {written / seconds:.1f} | {half:.2f} | "
            f"{worst:.2f} | {whole:.1f} |"
        )


def _body(model: str, told: Sequence[Message], tokens: int) -> dict[str, object]:
    return {
        "model": model,
        "messages": [{"role": one.role, "content": one.content} for one in told],
        "max_tokens": tokens,
        "ignore_eos": True,
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def _reviews() -> list[str]:
    with (SEED / "reviews.csv").open(encoding="utf-8") as file:
        return [row["text"] for row in csv.DictReader(file)]


def _prompt(rng: random.Random, reviews: Sequence[str]) -> tuple[Message, ...]:
    passages = [
        Passage(
            DocumentKind.REVIEWS, str(number), "", "\n".join(rng.sample(reviews, REVIEWS_A_PASSAGE))
        )
        for number in range(PASSAGES)
    ]
    return prompt(Question(rng.choice(QUESTIONS), SkinProfile()), passages)


async def measure(url: str, models: Sequence[str], people: Sequence[int], tokens: int) -> None:
    rng = random.Random(0)
    timeout = aiohttp.ClientTimeout(total=None)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        server = Server(session, url, tokens, _reviews())
        print("| model | people at once | prompt tokens | tokens/s, all together | "
              "first token p50 (s) | p99 (s) | answer p50 (s) |")  # fmt: skip
        print("|---|---|---|---|---|---|---|")
        for model in models:
            await server.answer(model, _prompt(rng, server.reviews), WARMING)
            for count in people:
                print(await server.crowd(model, count, rng), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving")
    parser.add_argument("--url")
    parser.add_argument("--models", nargs="+", default=["gemma3-270m"])
    parser.add_argument("--people", nargs="+", type=int, default=[1, 8, 32, 128])
    parser.add_argument("--tokens", type=int, default=120)
    asked = parser.parse_args()
    if asked.url is None:
        print("no server (--url): not measured")
        return
    asyncio.run(measure(asked.url, asked.models, asked.people, asked.tokens))


if __name__ == "__main__":
    main()
