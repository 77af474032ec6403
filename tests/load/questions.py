"""A thousand questions from two hundred people at once, before a slow language model.

OPENBLAS_NUM_THREADS=1 python -m tests.load.questions --people 200 --questions 1000

(One thread, as `bot` sets it for itself before numpy is there.)

The bot's own house (store, engine, dialogue, fulfilment) stands in this process on a shop of
`--passages` documents made of the seed's words; the model is a process of its own that takes
`--model-seconds` for an answer, writes eight at once, says 429 to more, and now and then breaks.
People think an exponential while before each question; they come through the conversation, as a
channel brings them, so what a channel adds is not in these figures.

Measured: from the question to the first sign (typing or words), to the first words (place in the
queue, piece of an answer, answer), the longest time in which nothing new was shown, who wrote the
answers, how late the event loop wakes a sleeper, how long retrieval takes, and the memory at each
tenth of the questions.
"""

import argparse
import asyncio
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
from aiohttp import web

from benchmarks import finding
from bot.conversation import Conversation, Fulfil, Progress, Waiting
from bot.dialogue import texts
from bot.dialogue.model import Answered, Request, Result, Said
from bot.house import House
from bot.settings import LLMSettings, Settings
from engine.domain import Answer, DocumentKind, Passage, Person, Writer
from engine.generation.consult import BUSY
from engine.generation.material import PassageRetriever
from tests.load.people import SEED
from tests.running import ROOT, database_url, environment

THINKS = 5.0
"""Seconds in the mean before each question."""
AT_ONCE = 8
BREAKS = 0.01
"""Share of the model's answers that are a 500, and as many that stop half way."""
PRICED = re.compile(
    r"\[(?P<number>\d)\] (?P<title>[^\n(]+) \((?:(?!\n\n).)*?가격: (?P<price>[\d,]+원)", re.DOTALL
)
"""A product's passage in a prompt."""
SPOKEN = "촉촉함이 오래가는 제품을 먼저 보시면 좋아요 [1]."
QUESTIONS = (
    "{skin}에 {wish} {shelf} 추천해 주세요",
    "{skin}인데 {wish} {shelf} 있을까요?",
    "{ingredient} 든 {shelf} 골라 주세요",
    "{ingredient}은 어떤 성분이에요?",
    "{wish} {shelf} 가운데 뭐가 좋아요?",
    "{concern}이 고민인데 {shelf} 뭐 써요?",
)
WORDS = {
    "shelf": ("크림", "토너", "세럼", "로션", "오일", "미스트", "에센스"),
    "wish": ("수분 많은", "진정되는", "순한", "향 없는", "가벼운", "촉촉한", "2만원 이하"),
    "skin": ("건성", "지성", "민감성 피부", "복합성", "악건성"),
    "concern": ("여드름", "주름", "홍조", "잡티", "각질"),
    "ingredient": ("나이아신아마이드", "글리세린", "판테놀", "병풀추출물", "레티놀", "알란토인"),
}
QUEUED = texts.queued(1)[:14]
"""How the words about one's place begin."""
ANSWERED_WITHIN = 120.0
OPENING = ("/start", texts.OLD_ENOUGH, texts.AGREE)
LOOK_EVERY = 0.02


# --- the slow model -----------------------------------------------------------------------------


@dataclass
class SlowModel:
    """Half of its seconds in silence, the other half writing."""

    seconds: float
    chance: random.Random = field(default_factory=lambda: random.Random(6))
    writing: int = 0

    async def complete(self, request: web.Request) -> web.StreamResponse:
        asked = (await request.json())["messages"][-1]["content"]
        if self.writing >= AT_ONCE:
            return web.Response(status=429)
        fate = self.chance.random()
        if fate < BREAKS:
            return web.Response(status=500)
        self.writing += 1
        try:
            return await self._write(request, _told(asked), cut=fate < 2 * BREAKS)
        finally:
            self.writing -= 1

    async def models(self, _request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "slow", "object": "model"}]})

    async def _write(self, request: web.Request, text: str, *, cut: bool) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        pieces = [f"{word} " for word in text.split(" ")]
        await asyncio.sleep(self.seconds / 2)
        for number, piece in enumerate(pieces):
            if cut and number == len(pieces) // 2:
                assert request.transport is not None
                request.transport.abort()
                return response
            await response.write(_event({"choices": [{"delta": {"content": piece}}]}))
            await asyncio.sleep(self.seconds / 2 / len(pieces))
        await response.write(b"data: [DONE]\n\n")
        return response


def _told(asked: str) -> str:
    """A sentence that a passage of the prompt supports, so that the guards let it stand."""
    priced = PRICED.search(asked)
    if priced is None:
        return SPOKEN
    return f"{priced['title']}의 가격은 {priced['price']}이에요 [{priced['number']}]."


def _event(chunk: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()


async def serve(seconds: float) -> None:
    """Prints its address, then serves until it is killed."""
    model = SlowModel(seconds)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", model.complete)
    app.router.add_get("/v1/models", model.models)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}/v1", flush=True)
    await asyncio.Event().wait()


@asynccontextmanager
async def slow_model(seconds: float) -> AsyncIterator[str]:
    """Its address."""
    command = (sys.executable, "-m", "tests.load.questions", "--serve", str(seconds))
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.kill()
        await process.wait()


# --- the shop -----------------------------------------------------------------------------------


def load_shop(artifacts: Path, passages: int) -> None:
    """The seed's, and products made of its words until there are so many documents."""
    seed = pd.read_csv(SEED / "products.csv", dtype={"product_id": str})
    count = max(0, passages - 2 * len(seed) - 356) * 53 // 100
    made = finding.catalogue(count) if count else seed[:0]
    formulas = seed["ingredients"].tolist()
    products = made.assign(
        product_id=[f"m{number:05}" for number in range(len(made))],
        ingredients=[formulas[number % len(formulas)] for number in range(len(made))],
    )
    written = pd.read_csv(SEED / "reviews.csv", dtype={"product_id": str})
    more = finding.reviews(products) if count else written[:0]
    # The ingest drops a text that comes twice.
    more = more.assign(
        text=[f"{text} {number}번 썼어요." for number, text in enumerate(more["text"])]
    )
    with tempfile.TemporaryDirectory() as folder:
        tables = {
            "products": pd.concat([seed, products[seed.columns]]),
            "reviews": pd.concat([written, more[written.columns]]),
            "ingredients": pd.read_csv(SEED / "ingredients.csv", dtype=str),
        }
        options: list[str] = []
        for name, table in tables.items():
            path = Path(folder) / f"{name}.csv"
            table.to_csv(path, index=False)
            options += [f"--{name}", str(path)]
        command = (sys.executable, "-m", "ingest", "load", *options)
        subprocess.run(
            command, cwd=ROOT, env=environment(artifacts), check=True, capture_output=True
        )


class Timed:
    """A retriever that notes how long each of its searches took."""

    def __init__(self, inner: PassageRetriever, seconds: list[float]) -> None:
        self._inner = inner
        self._seconds = seconds

    async def passages(
        self,
        question: str,
        kinds: Collection[DocumentKind] | None = None,
        n: int = 8,
        **filters: Any,
    ) -> list[Passage]:
        began = time.perf_counter()
        found = await self._inner.passages(question, kinds, n, **filters)
        self._seconds.append(time.perf_counter() - began)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


# --- the people ---------------------------------------------------------------------------------


@dataclass
class Wait:
    """Seconds from the question; `quiet`: the longest in which nothing new was shown."""

    sign: float | None = None
    words: float | None = None
    answer: float | None = None
    quiet: float = 0.0
    queued: bool = False


@dataclass
class Day:
    waits: list[Wait] = field(default_factory=list)
    writers: Counter[str] = field(default_factory=Counter)
    lag: list[float] = field(default_factory=list)
    """Seconds."""
    retrieval: list[float] = field(default_factory=list)
    """Seconds, from the call to its result: the wait for a thread is in it."""
    memory: list[float] = field(default_factory=list)
    """MiB at the start and after each tenth of the questions."""
    errors: list[str] = field(default_factory=list)
    passages: int = 0
    seconds: float = 0.0
    busy: float = 0.0
    """Processor time of the house and its people, seconds."""

    @property
    def wordless(self) -> int:
        return sum(wait.words is None for wait in self.waits)


class Someone:
    def __init__(self, number: int, talk: Conversation, day: Day) -> None:
        self._person = Person("web", f"load-{number}")
        self._chance = random.Random(number)
        self._talk = talk
        self._day = day
        self._events = 0

    async def arrive(self) -> None:
        for said in OPENING:
            event = Said(self._id(), datetime.now(UTC), said)
            async with aclosing(self._talk.converse(self._person, event)) as shown:
                async for _ in shown:
                    pass

    async def warm_up(self) -> None:
        await self.arrive()
        for _ in range(5):
            await self._ask()

    async def think_and_ask(self, mean: float) -> None:
        await asyncio.sleep(self._chance.expovariate(1 / mean) if mean else 0)
        try:
            async with asyncio.timeout(ANSWERED_WITHIN):
                await self._ask()
        except Exception as error:
            self._day.errors.append(repr(error))

    async def _ask(self) -> None:
        words = {name: self._chance.choice(some) for name, some in WORDS.items()}
        question = self._chance.choice(QUESTIONS).format(**words)
        wait = Wait()
        began = last = time.perf_counter()
        event = Said(self._id(), datetime.now(UTC), question)
        async with aclosing(self._talk.converse(self._person, event)) as pieces:
            async for shown in pieces:
                now = time.perf_counter()
                wait.quiet, last = max(wait.quiet, now - last), now
                wait.sign = wait.sign if wait.sign is not None else now - began
                if not isinstance(shown, Waiting) and wait.words is None:
                    wait.words = now - began
                if isinstance(shown, Progress) and QUEUED in shown.text:
                    wait.queued = True
        wait.answer = last - began
        self._day.waits.append(wait)

    def _id(self) -> str:
        self._events += 1
        return f"{self._person.id}-{self._events}"


async def hold(
    artifacts: Path, people: int, questions: int, model_seconds: float, thinks: float = THINKS
) -> Day:
    """`artifacts` holds a load, and is written to."""
    day = Day()
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(slow_model(model_seconds))
        settings = Settings(
            _env_file=None,
            database_url=database_url(artifacts),
            artifacts=artifacts,
            llm=LLMSettings(base_url=address, model="slow"),
        )
        house = await House.open(settings, stack)
        consultant = house.engine.consultant
        assert consultant is not None
        day.passages = len(consultant._retriever.index.documents)  # type: ignore[attr-defined]
        consultant._retriever = Timed(consultant._retriever, day.retrieval)
        talk = Conversation(house.memory, _counted(house.fulfil, day))
        those = [Someone(number, talk, day) for number in range(people)]
        await asyncio.gather(*(someone.arrive() for someone in those))
        # What the first questions open and compile is the start's, not the crowd's.
        await Someone(people, Conversation(house.memory, house.fulfil), Day()).warm_up()
        day.retrieval.clear()
        await _asked(those, questions, thinks, day)
    return day


async def _asked(those: Sequence[Someone], questions: int, thinks: float, day: Day) -> None:
    process = psutil.Process()
    watching = asyncio.create_task(_watch(day))
    remembering = asyncio.create_task(_remember(day, questions, process))
    before, began = process.cpu_times(), time.perf_counter()
    each, more = divmod(questions, len(those))

    async def spend(number: int, someone: Someone) -> None:
        for _ in range(each + (number < more)):
            await someone.think_and_ask(thinks)

    await asyncio.gather(*(spend(number, someone) for number, someone in enumerate(those)))
    day.seconds, after = time.perf_counter() - began, process.cpu_times()
    day.busy = after.user + after.system - before.user - before.system
    for task in (watching, remembering):
        task.cancel()
    day.memory.append(_mebibytes(process))


def _counted(fulfil: Fulfil, day: Day) -> Fulfil:
    async def counted(person: Person, request: Request) -> AsyncGenerator[Progress | Result, None]:
        async with aclosing(fulfil(person, request)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Answered):
                    day.writers[_writer(piece.answer)] += 1
                yield piece

    return counted


def _writer(answer: Answer) -> str:
    if answer.writer is not Writer.FALLBACK:
        return answer.writer.value
    return "composed, queue full" if answer.text.startswith(BUSY) else "composed, model broke"


async def _watch(day: Day) -> None:
    while True:
        asked = time.perf_counter() + LOOK_EVERY
        await asyncio.sleep(LOOK_EVERY)
        day.lag.append(max(0.0, time.perf_counter() - asked))


async def _remember(day: Day, questions: int, process: psutil.Process) -> None:
    for tenth in range(10):
        while len(day.waits) < questions * tenth / 10:
            await asyncio.sleep(0.05)
        day.memory.append(_mebibytes(process))


def _mebibytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss / 2**20)


# --- the report ---------------------------------------------------------------------------------


def report(day: Day, people: int, model_seconds: float) -> str:
    waits = day.waits
    rows = (
        ("first sign (typing or words), s", [one.sign for one in waits if one.sign is not None]),
        ("first words, s", [one.words for one in waits if one.words is not None]),
        ("longest time with nothing new, s", [one.quiet for one in waits]),
        ("answer, s", [one.answer for one in waits if one.answer is not None]),
        ("event loop's lag, ms", [1000 * one for one in day.lag]),
        ("retrieval, ms", [1000 * one for one in day.retrieval]),
        (
            "… of the second half, ms",
            [1000 * one for one in day.retrieval[len(day.retrieval) // 2 :]],
        ),
    )
    writers = ", ".join(f"{name} {count}" for name, count in day.writers.most_common())
    return "\n".join(
        (
            f"{people} people, {len(waits)} questions in {day.seconds:.0f} s, a model of "
            f"{model_seconds:g} s, {day.passages:,} passages: {len(day.errors)} errors, "
            f"{day.wordless} without a word",
            "",
            "| | p50 | p99 | worst |",
            "|---|---|---|---|",
            *(f"| {name} | {_three(values)} |" for name, values in rows),
            "",
            f"written by: {writers}; told their place: {sum(one.queued for one in waits)}",
            f"memory (MiB), by tenths: {' '.join(f'{one:.0f}' for one in day.memory)}",
            f"processor time: {day.busy / day.seconds:.0%} of a core; "
            f"load of the machine {psutil.getloadavg()[0]:.1f} on {psutil.cpu_count()} cores",
        )
    )


def _three(values: Sequence[float]) -> str:
    found = np.percentile(values or [np.nan], (50, 99, 100))
    return " | ".join(f"{one:.3g}" for one in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--model-seconds", type=float, default=8.0)
    parser.add_argument("--passages", type=int, default=20_000)
    parser.add_argument("--thinks", type=float, default=THINKS, help="0: all in one moment")
    parser.add_argument("--artifacts", type=Path, help="a load to copy; made there if absent")
    parser.add_argument("--serve", type=float, metavar="SECONDS", help="be the slow model")
    chosen = parser.parse_args()
    if chosen.serve is not None:
        asyncio.run(serve(chosen.serve))
        return
    with tempfile.TemporaryDirectory() as folder:
        artifacts = Path(folder) / "artifacts"
        kept = chosen.artifacts or artifacts
        if not kept.exists():
            load_shop(kept, chosen.passages)
        if kept != artifacts:
            shutil.copytree(kept, artifacts)
        day = asyncio.run(
            hold(artifacts, chosen.people, chosen.questions, chosen.model_seconds, chosen.thinks)
        )
    print(report(day, chosen.people, chosen.model_seconds))
    for error in dict.fromkeys(day.errors):
        print(error)


if __name__ == "__main__":
    main()
