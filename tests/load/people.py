"""Many people at the page at once, each over a socket of their own, at a human's pace.

python -m tests.load.people --people 200 --seconds 30

Starts the real bot as a process on the seed. Everybody says their age, agrees, and then goes on
as it comes: presses a button of the screen they see, or types one of the sentences below. Between
an answer and the next tap they think, exponentially, 2.5 s in the mean. The people run in one
process beside the bot's, on the same machine.
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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import numpy as np
import psutil

from tests.running import ROOT, RunningBot, environment, running_bot

SEED = ROOT / "data" / "seed"
THINKS = 2.5
"""Seconds in the mean."""
TYPES = 0.15
"""How often a tap is a sentence."""
SENTENCES = (
    "{shelf}",
    "{wish} {shelf}",
    "ㅅㅂ ㅌㄴ",
    "/ingredient {ingredient}",
    "{ingredient}은 어떤 성분이에요?",
    "{skin}에 좋은 {wish} {shelf} 있을까요?",
    "{skin}인데 {ingredient} 써도 돼요?",
    "추천 받기",
    "처음으로",
)
WORDS = {
    "shelf": ("크림", "토너", "세럼", "클렌징폼", "선크림", "로션", "마스크팩"),
    "wish": ("수분", "진정", "순한", "향 없는", "가벼운", "2만원대"),
    "skin": ("건성", "지성", "민감성 피부", "복합성", "여드름 피부", "악건성"),
    "ingredient": ("나이아신아마이드", "글리세린", "판테놀", "살리실릭애씨드", "레티놀", "향료"),
}
"""So many that hardly a question is asked twice."""
OPENING = ("만 14세 이상이에요", "동의하고 시작")
ANSWERED_WITHIN = 20.0
WORK = {"bubble", "card", "toast", "progress"}
LAG = re.compile(r'ppoyami_loop_lag_seconds_bucket\{le="([^"]+)"\} (\S+)')

Frame = dict[str, Any]


@dataclass(frozen=True)
class Crowd:
    people: int
    seconds: float
    seed: int = 1


@dataclass
class Tap:
    """Seconds from the tap."""

    kind: str
    shown: float | None = None
    """To the first bubble, card, toast or piece of an answer."""
    acked: float | None = None

    @property
    def silent(self) -> bool:
        """Acknowledged, and there was nothing to say."""
        return self.acked is not None and self.shown is None


@dataclass
class Day:
    """What came of it."""

    seconds: float
    taps: list[Tap] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    unanswered: int = 0
    memory: list[float] = field(default_factory=list)
    """The bot's resident memory, MiB, once a second."""
    busy: float = 0.0
    """The bot's processor time in all, seconds."""
    lag: dict[float, float] = field(default_factory=dict)
    """Upper bound (s) → how many measurements of the event loop's lag were at most so."""


class Someone:
    def __init__(self, number: int, crowd: Crowd, bot: RunningBot, day: Day) -> None:
        self._chance = random.Random(f"{crowd.seed} {number}")
        self._bot = bot
        self._day = day
        self._screen: list[Frame] = []
        self._opening = list(OPENING)

    async def spend(self, until: float) -> None:
        """Arrive within the first seconds, then tap until the time is over."""
        await asyncio.sleep(self._chance.uniform(0, 3))
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            async with session.get(self._bot.address) as page:
                await page.read()
            headers = {"Origin": self._bot.address}
            async with session.ws_connect(f"{self._bot.address}/ws", headers=headers) as socket:
                await socket.send_json({"type": "hello", "fresh": True, "pending": []})
                await self._arrive(socket)
                while time.monotonic() < until:
                    await asyncio.sleep(self._chance.expovariate(1 / THINKS))
                    await self._tap(socket)

    async def _arrive(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        frame = json.loads((await socket.receive(ANSWERED_WITHIN)).data)
        self._screen = [frame]

    async def _tap(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        event = self._next()
        tap = Tap("typed" if event["type"] == "say" else "pressed")
        began = time.perf_counter()
        await socket.send_json(event)
        try:
            async with asyncio.timeout(ANSWERED_WITHIN):
                screen = await self._follow(socket, event["id"], tap, began)
        except TimeoutError:
            self._day.unanswered += 1
            return
        self._screen = screen or self._screen
        self._day.taps.append(tap)

    async def _follow(
        self, socket: aiohttp.ClientWebSocketResponse, id: str, tap: Tap, began: float
    ) -> list[Frame]:
        """The bubbles and cards of the answer."""
        screen: list[Frame] = []
        while True:
            message = await socket.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                raise ConnectionError(f"the line ended: {message!r}")
            now, frame = time.perf_counter() - began, json.loads(message.data)
            if frame["type"] in WORK and tap.shown is None:
                tap.shown = now
            if frame["type"] in {"bubble", "card"}:
                screen.append(frame)
            elif frame["type"] == "error":
                self._day.errors.append(frame["text"])
                return screen
            elif frame["type"] == "ack" and frame["id"] == id:
                tap.acked = now
                return screen

    def _next(self) -> Frame:
        id = str(UUID(int=self._chance.getrandbits(128), version=4))
        buttons = [(screen, button) for screen in self._screen for button in _usable(screen)]
        if self._opening:
            wanted = self._opening.pop(0)
            buttons = [(screen, button) for screen, button in buttons if button["label"] == wanted]
        elif not buttons or self._chance.random() < TYPES:
            return {"type": "say", "id": id, "text": self._sentence()}
        screen, button = self._chance.choice(buttons)
        bubble = screen["id"] if screen["type"] == "bubble" else None
        return {"type": "press", "id": id, "action": button["action"], "bubble": bubble}

    def _sentence(self) -> str:
        words = {name: self._chance.choice(some) for name, some in WORDS.items()}
        return self._chance.choice(SENTENCES).format(**words)


def _usable(screen: Frame) -> Iterator[Frame]:
    """Buttons, without links and without what erases."""
    for row in screen["rows"]:
        yield from (one for one in row if "action" in one and one["tone"] != "danger")


async def hold(artifacts: Path, crowd: Crowd) -> Day:
    """`artifacts` holds a load, and is written to."""
    async with running_bot(artifacts) as bot:
        day = Day(crowd.seconds)
        process = psutil.Process(bot.pid)
        before, began = await _lag(bot), _processor(process)
        watching = asyncio.create_task(_watch(process, day))
        until = time.monotonic() + crowd.seconds
        crowd_of = (Someone(number, crowd, bot, day) for number in range(crowd.people))
        ends = await asyncio.gather(*(one.spend(until) for one in crowd_of), return_exceptions=True)
        day.errors += [repr(end) for end in ends if isinstance(end, BaseException)]
        watching.cancel()
        day.busy = _processor(process) - began
        day.lag = {bound: n - before.get(bound, 0) for bound, n in (await _lag(bot)).items()}
        day.errors += [line for line in bot.output if " ERROR " in line]
    return day


async def _watch(process: psutil.Process, day: Day) -> None:
    while True:
        day.memory.append(process.memory_info().rss / 2**20)
        await asyncio.sleep(1)


def _processor(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def _lag(bot: RunningBot) -> dict[float, float]:
    metrics = f"{bot.address}/metrics"
    async with aiohttp.ClientSession() as session, session.get(metrics) as response:
        text = await response.text()
    return {float(bound): float(count) for bound, count in LAG.findall(text)}


def report(day: Day, crowd: Crowd) -> str:
    kinds = ("pressed", "typed")
    rows = [
        _row("all", day.taps),
        *(_row(kind, [tap for tap in day.taps if tap.kind == kind]) for kind in kinds),
    ]
    memory = day.memory
    third = len(memory) // 3
    spots = ((0, "start"), (third, "after a third"), (2 * third, "two thirds"), (-1, "end"))
    said = ", ".join(f"{name} {memory[place]:.0f}" for place, name in spots)
    return "\n".join(
        (
            f"{crowd.people} people, {day.seconds:.0f} s, {len(day.taps)} taps "
            f"({len(day.taps) / day.seconds:.0f} a second), {len(day.errors)} errors, "
            f"{day.unanswered} unanswered",
            "",
            "| taps | | first sight p50 | p99 (ms) | acknowledged p50 | p99 (ms) |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            f"event loop's lag: {_lags(day.lag)}",
            f"the bot's memory (MiB): {said}",
            f"the bot's processor time: {day.busy / day.seconds:.0%} of a core",
        )
    )


def _row(name: str, taps: Sequence[Tap]) -> str:
    shown = [tap.shown for tap in taps if tap.shown is not None]
    acked = [tap.acked for tap in taps if tap.acked is not None]
    figures = (f"{ms:.1f}" for times in (shown, acked) for ms in percentiles(times))
    return f"| {name} | {len(taps)} | {' | '.join(figures)} |"


def percentiles(seconds: Sequence[float]) -> Sequence[float]:
    ms: Sequence[float] = np.percentile(np.array(seconds or [np.nan]) * 1e3, (50, 99)).tolist()
    return ms


def _lags(lag: dict[float, float]) -> str:
    """The least bound that holds half, 99 and all of 100 measurements."""
    total = max(lag.values(), default=0)
    parts = []
    for share, name in ((0.5, "p50"), (0.99, "p99"), (1.0, "worst")):
        bound = min((b for b, count in lag.items() if count >= share * total), default=np.inf)
        parts.append(f"{name} ≤ {bound * 1e3:g} ms")
    return ", ".join(parts)


def load_seed(artifacts: Path) -> None:
    tables = ("products", "reviews", "ingredients")
    options = [word for table in tables for word in (f"--{table}", str(SEED / f"{table}.csv"))]
    command = (sys.executable, "-m", "ingest", "load", *options)
    subprocess.run(command, cwd=ROOT, env=environment(artifacts), check=True, capture_output=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--artifacts", type=Path, help="a load to copy; without it the seed")
    chosen = parser.parse_args()
    crowd = Crowd(chosen.people, chosen.seconds)
    with tempfile.TemporaryDirectory() as folder:
        artifacts = Path(folder) / "artifacts"
        if chosen.artifacts:
            shutil.copytree(chosen.artifacts, artifacts)
        else:
            load_seed(artifacts)
        day = asyncio.run(hold(artifacts, crowd))
    print(report(day, crowd))
    for error in dict.fromkeys(day.errors):
        print(error)


if __name__ == "__main__":
    main()
