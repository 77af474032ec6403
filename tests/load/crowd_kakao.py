"""A crowd in KakaoTalk that asks all at once, before a language model that takes eight seconds.

python -m tests.load.crowd_kakao --people 1000

Starts the real bot as a process on the seed, and beside it, in this process: Kakao's side, its
callbacks' receiver and the language model. Everybody gets to the menu within the first seconds;
then all ask a question in the same moment. Half of them have a callback; the others press «결과
보기» a second after they are told to. Afterwards each sends two messages, one right after the
other.

Every response, and everything that is posted to a callback, is checked against Kakao's limits by
`tests.kakao_limits`, and none may take five seconds. Nobody may go without their answer, and the
two messages must be answered in their order.
"""

import argparse
import asyncio
import random
import tempfile
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import numpy as np
import psutil

from bot.dialogue import texts
from tests.kakao import BOT, KAKAO_WAITS, SKILL_KEY, KakaoUser, Receiver, Response, receiver
from tests.load.people import _lag, _lags, load_seed
from tests.openai_server import Speaks, openai_server
from tests.running import RunningBot, running_bot

TAKES = 8.0
"""Seconds of the language model's silence before its first word."""
WORDS = ("촉촉한 크림을 ", "골라 봤어요. [1] ", "아래에서 살펴보세요. [1]")
QUESTION = "{skin}에 {wish} {shelf} 있을까요?"
SKINS = ("건성", "지성", "민감성 피부", "복합성", "여드름 피부")
WISHES = ("수분 많은", "진정되는", "순한", "향 없는", "가벼운")
SHELVES = ("크림", "토너", "세럼", "로션", "선크림")
PRESSES_AFTER = 1.0
"""Seconds from «찾아보고 있어요» to «결과 보기»."""
GIVES_UP = 120.0
APART = 0.03
"""Seconds between two people in the mean, where they do not come all at once."""


@dataclass
class Waited:
    """Seconds from the question."""

    called_back: bool
    reaction: float = 0.0
    answer: float | None = None
    by_model: bool = False
    in_order: bool = False


@dataclass
class Day:
    waited: list[Waited] = field(default_factory=list)
    phases: dict[str, list[float]] = field(default_factory=dict)
    """Seconds of each response."""
    errors: list[str] = field(default_factory=list)
    memory: float = 0.0
    """Of the bot at the end, MiB."""
    lag: dict[float, float] = field(default_factory=dict)
    """Of the bot's event loop: upper bound (s) → how many measurements were at most so."""
    busy: float = 0.0
    """The bot's processor time, seconds."""

    @property
    def responses(self) -> list[float]:
        return [seconds for phase in self.phases.values() for seconds in phase]


class Someone:
    def __init__(self, number: int, me: KakaoUser, day: Day) -> None:
        self._chance = random.Random(number)
        self._me = me
        self._approved, me.receiver = me.receiver, None
        self._day = day
        self._waited = Waited(self._approved is not None)
        self._phase = "on the way to the menu"

    async def arrives(self, people: int) -> None:
        await asyncio.sleep(self._chance.uniform(0, people * APART))
        await self._said("안녕")
        await self._pressed(texts.OLD_ENOUGH)
        await self._pressed(texts.AGREE)

    async def asks(self) -> None:
        chance = self._chance
        question = QUESTION.format(
            skin=chance.choice(SKINS), wish=chance.choice(WISHES), shelf=chance.choice(SHELVES)
        )
        waited, self._me.receiver = self._waited, self._approved
        self._day.waited.append(waited)
        loop = asyncio.get_running_loop()
        self._phase = "the question"
        began = loop.time()
        first = await self._said(question)
        self._phase = "«결과 보기»"
        waited.reaction = loop.time() - began
        answer, at = await self._answered(first)
        waited.answer = at - began
        waited.by_model = WORDS[0].strip() in answer.said
        self._me.receiver = None

    async def checks_the_order(self, people: int) -> None:
        self._phase = "two messages at once"
        await asyncio.sleep(self._chance.uniform(0, people * APART))
        one, two = await asyncio.gather(self._said("/help"), self._shortly("/cancel"))
        helped, cancelled = texts.help_text() in one.said, texts.CANCELLED in two.said
        self._waited.in_order = helped and cancelled and texts.CANCELLED not in one.said

    async def _shortly(self, text: str) -> Response:
        await asyncio.sleep(0.01)
        return await self._said(text)

    async def _answered(self, response: Response) -> tuple[Response, float]:
        """The answer and when it was there (the loop's time)."""
        loop = asyncio.get_running_loop()
        if response.promised and self._me.receiver is not None:
            posted = await self._me.receiver.arrived(self._me.callback, GIVES_UP)
            self._me.seen.append(posted)
            if texts.RESULT not in posted.labels:
                return posted, posted.seconds
            response = posted
        while texts.RESULT in response.labels:
            await asyncio.sleep(PRESSES_AFTER)
            response = await self._pressed(texts.RESULT)
            if response.promised:
                return await self._answered(response)
        return response, loop.time()

    async def _said(self, text: str) -> Response:
        return self._noted(await self._me.says(text))

    async def _pressed(self, label: str) -> Response:
        return self._noted(await self._me.presses(label))

    def _noted(self, response: Response) -> Response:
        self._day.phases.setdefault(self._phase, []).append(response.seconds)
        assert response.status == 200, response.status
        return response


async def hold(artifacts: Path, people: int, takes: float = TAKES) -> Day:
    """`artifacts` holds a load, and is written to."""
    day = Day()
    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(openai_server(Speaks(WORDS, before_first=takes)))
        taking = await stack.enter_async_context(receiver())
        settings = {
            "KAKAO__SKILL_KEY": SKILL_KEY,
            "KAKAO__BOT_ID": BOT,
            "KAKAO__CALLBACK_HOSTS": taking.address,
            "LLM__BASE_URL": model.base_url,
            "LLM__MODEL": "slow",
        }
        bot = await stack.enter_async_context(running_bot(artifacts, **settings))
        session = await stack.enter_async_context(
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        )
        await _talk(bot, session, taking, people, day)
        day.lag = await _lag(bot)
        process = psutil.Process(bot.pid)
        day.memory = process.memory_info().rss / 2**20
        day.busy = sum(process.cpu_times()[:2])
        day.errors += taking.faults
        day.errors += [line for line in bot.output if " ERROR " in line]
    return day


async def _talk(
    bot: RunningBot, session: aiohttp.ClientSession, taking: Receiver, people: int, day: Day
) -> None:
    crowd = []
    for number in range(people):
        approved = taking if number % 2 else None
        me = KakaoUser(
            bot.address, session, user=f"crowd-{number:06}", receiver=approved, patient=True
        )
        crowd.append(Someone(number, me, day))
    await _all(day, [one.arrives(people) for one in crowd])
    await _all(day, [one.asks() for one in crowd])
    await _all(day, [one.checks_the_order(people) for one in crowd])


async def _all(day: Day, doings: Sequence[Coroutine[None, None, None]]) -> None:
    ends = await asyncio.gather(*doings, return_exceptions=True)
    day.errors += [repr(end)[:300] for end in ends if isinstance(end, BaseException)]


def report(day: Day) -> str:
    answered = [one for one in day.waited if one.answer is not None]
    late = sum(seconds >= KAKAO_WAITS for seconds in day.responses)
    disordered = sum(not one.in_order for one in day.waited)
    return "\n".join(
        (
            f"{len(day.waited)} people asked at once, {len(answered)} were answered "
            f"({sum(one.by_model for one in answered)} by the model), {len(day.errors)} errors",
            f"{len(day.responses)} responses, the slowest {max(day.responses, default=0):.2f} s, "
            f"{late} over {KAKAO_WAITS:g} s; {disordered} people answered out of order",
            "",
            "| | people | first reaction p50 | p99 (s) | answer p50 | p99 | worst (s) |",
            "|---|---|---|---|---|---|---|",
            _row("with a callback", [one for one in answered if one.called_back]),
            _row("with «결과 보기»", [one for one in answered if not one.called_back]),
            "",
            "| responses | | p50 | p99 | worst (s) |",
            "|---|---|---|---|---|",
            *(_of_phase(name, seconds) for name, seconds in day.phases.items()),
            "",
            f"the bot's event loop's lag: {_lags(day.lag)}",
            f"the bot: {day.memory:.0f} MiB at the end, {day.busy:.0f} s of processor time",
        )
    )


def _row(name: str, waited: Sequence[Waited]) -> str:
    reactions = [one.reaction for one in waited]
    answers = [one.answer for one in waited if one.answer is not None]
    figures = [_at(reactions, 50), _at(reactions, 99), *(_at(answers, q) for q in (50, 99, 100))]
    return f"| {name} | {len(waited)} | {' | '.join(f'{figure:.2f}' for figure in figures)} |"


def _of_phase(name: str, seconds: Sequence[float]) -> str:
    figures = " | ".join(f"{_at(seconds, q):.2f}" for q in (50, 99, 100))
    return f"| {name} | {len(seconds)} | {figures} |"


def _at(seconds: Sequence[float], percentile: float) -> float:
    return float(np.percentile(np.array(seconds or [np.nan]), percentile))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--people", type=int, default=1_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        artifacts = Path(folder) / "artifacts"
        load_seed(artifacts)
        day = asyncio.run(hold(artifacts, chosen.people))
    print(report(day))
    for error in dict.fromkeys(day.errors):
        print(error)


if __name__ == "__main__":
    main()
