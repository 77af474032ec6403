"""Many people at once on Telegram's webhook, while the language model takes its time.

python -m tests.load.crowd_telegram --people 1000

Starts the real bot as a process on the seed, between a local Bot API server and a local language
model that begins to answer after `--model-seconds`. Everybody does the same thing at the same
moment: says hello, says their age, agrees; asks the model a question; and at last writes five
things without waiting, whose answers must come in their order. A first reaction is the first call
of the Bot API for that chat, typing included. The people, both servers and the bot share the
machine.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from bot.dialogue import texts
from tests.bot_api import TOKEN, BotApi, Message, bot_api
from tests.load.people import WORDS, load_seed, percentiles
from tests.openai_server import Speaks, openai_server
from tests.running import RunningBot, running_bot

SPOKEN = "촉촉함이 오래가는 제품을 먼저 보시면 좋아요 [1]."
"""An answer without a source is no answer."""
OPENING = (
    ("hello", "/start", texts.OLD_ENOUGH),
    ("age", texts.OLD_ENOUGH, texts.AGREE),
    ("consent", texts.AGREE, texts.RECOMMEND),
)
"""(what it is called, what is said, a button under the answer)"""
HELP, HOME = "뽀야미는 이렇게 써요.", texts.MENU.splitlines()[0]
IN_ORDER = (
    ("도움말", HELP),
    ("처음으로", HOME),
    ("/nonsense", texts.UNKNOWN_COMMAND.splitlines()[0]),
    ("도움말", HELP),
    ("처음으로", HOME),
)
ANSWERED_WITHIN = 120.0
FIRST_PERSON = 1000


@dataclass
class Wait:
    """Seconds from sending the update."""

    acknowledged: float = 0.0
    reaction: float | None = None
    answer: float | None = None


@dataclass
class Crowd:
    """What came of it, by what was done."""

    waits: dict[str, list[Wait]] = field(default_factory=dict)
    lost: int = 0
    out_of_order: int = 0
    unspoken: int = 0
    """Questions that something else than the model answered."""
    errors: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    """The bot's resident memory, MiB, once a second."""


class Someone:
    def __init__(
        self, chat: int, api: BotApi, crowd: Crowd, session: aiohttp.ClientSession
    ) -> None:
        self._chat = chat
        self._api = api
        self._crowd = crowd
        self._session = session
        self._chance = random.Random(chat)
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._wait = Wait()
        self._began = 0.0
        api.watch(chat, self._sees)

    def called(self) -> None:
        """The bot did something in this chat."""
        if self._wait.reaction is None:
            self._wait.reaction = time.perf_counter() - self._began

    async def open(self) -> None:
        for kind, text, button in OPENING:
            message = await self._say(kind, text)
            if message is not None and button not in message.labels:
                self._crowd.errors.append(f"{text!r} was answered with {message.text[:40]!r}")

    async def ask(self) -> None:
        words = {name: self._chance.choice(some) for name, some in WORDS.items()}
        question = "{skin}인데 {wish} {shelf} 가운데 어떤 것이 좋을까요?".format(**words)
        message = await self._say("question", question)
        if message is not None and SPOKEN not in message.text:
            self._crowd.unspoken += 1

    async def hurry(self) -> None:
        """Several things at once; what comes back is read to its end."""
        for text, _ in IN_ORDER:
            await self._post(text)
        answers = [await self._answer() for _ in IN_ORDER]
        wanted = [line for _, line in IN_ORDER]
        if None in answers:
            self._crowd.lost += answers.count(None)
        elif not _holding(answers, wanted):
            self._crowd.out_of_order += 1

    async def _say(self, kind: str, text: str) -> Message | None:
        wait = self._wait = Wait()
        self._crowd.waits.setdefault(kind, []).append(wait)
        self._began = time.perf_counter()
        await self._post(text)
        wait.acknowledged = time.perf_counter() - self._began
        message = await self._answer()
        wait.answer = time.perf_counter() - self._began
        self._crowd.lost += message is None
        return message

    async def _post(self, text: str) -> None:
        update = self._api.says(self._chat, text)
        headers = {"X-Telegram-Bot-Api-Secret-Token": self._api.webhook["secret_token"]}
        url = self._api.webhook["url"]
        async with self._session.post(url, json=update, headers=headers) as response:
            if response.status != 200:
                self._crowd.errors.append(f"the webhook said {response.status}")

    async def _answer(self) -> Message | None:
        try:
            return await asyncio.wait_for(self._messages.get(), ANSWERED_WITHIN)
        except TimeoutError:
            return None

    def _sees(self, shown: Message | str) -> None:
        if isinstance(shown, Message):
            self._messages.put_nowait(shown)


def _holding(messages: Sequence[Message | None], wanted: Sequence[str]) -> bool:
    pairs = zip(messages, wanted, strict=True)
    return all(message is not None and line in message.text for message, line in pairs)


async def hold(artifacts: Path, people: int, model_seconds: float) -> Crowd:
    """`artifacts` holds a load, and is written to."""
    pieces = [f"{word} " for word in SPOKEN.split(" ")]
    speech = Speaks(pieces, before_first=model_seconds)
    async with bot_api() as api, openai_server(speech) as model:
        settings = {
            "TELEGRAM__TOKEN": TOKEN,
            "TELEGRAM__BASE_URL": api.address,
            "TELEGRAM__WEBHOOK_URL": "https://shop.example/telegram",
            "LLM__BASE_URL": model.base_url,
            "LLM__MODEL": "slow",
        }
        async with running_bot(artifacts, **settings) as bot:
            await api.until_webhook()
            api.webhook["url"] = f"{bot.address}/telegram"
            crowd = await _crowd(people, api, bot)
    return crowd


async def _crowd(people: int, api: BotApi, bot: RunningBot) -> Crowd:
    crowd = Crowd()
    watching = asyncio.create_task(_watch(psutil.Process(bot.pid), crowd))
    connector = aiohttp.TCPConnector(limit=100)  # as many as Telegram would open at most
    async with aiohttp.ClientSession(connector=connector) as session:
        chats = range(FIRST_PERSON, FIRST_PERSON + people)
        those = {chat: Someone(chat, api, crowd, session) for chat in chats}

        def called(_method: str, data: dict[str, Any]) -> None:
            if (someone := those.get(int(data.get("chat_id", 0)))) is not None:
                someone.called()

        api.on_call = called
        for scene in (Someone.open, Someone.ask, Someone.hurry):
            await _all(those.values(), scene)
    watching.cancel()
    crowd.errors += [line for line in bot.output if " ERROR " in line]
    return crowd


async def _all(those: Any, scene: Callable[[Someone], Awaitable[None]]) -> None:
    await asyncio.gather(*(scene(someone) for someone in those))


async def _watch(process: psutil.Process, crowd: Crowd) -> None:
    while True:
        crowd.memory.append(process.memory_info().rss / 2**20)
        await asyncio.sleep(1)


def report(crowd: Crowd, people: int, model_seconds: float) -> str:
    rows = [_row(kind, waits) for kind, waits in crowd.waits.items()]
    return "\n".join(
        (
            f"{people} people at once, a model of {model_seconds:g} s: {crowd.lost} lost, "
            f"{crowd.out_of_order} out of order, {crowd.unspoken} not the model's, "
            f"{len(crowd.errors)} errors",
            "",
            "| said | | acknowledged p50 | p99 | reaction p50 | p99 | answer p50 | p99 (s) |",
            "|---|---|---|---|---|---|---|---|",
            *rows,
            "",
            f"the bot's memory (MiB): {crowd.memory[0]:.0f} at first, {max(crowd.memory):.0f} "
            f"at most, {crowd.memory[-1]:.0f} at the end",
        )
    )


def _row(kind: str, waits: Sequence[Wait]) -> str:
    acknowledged = [wait.acknowledged for wait in waits]
    reactions = [wait.reaction for wait in waits if wait.reaction is not None]
    answers = [wait.answer for wait in waits if wait.answer is not None]
    times = (acknowledged, reactions, answers)
    figures = (f"{ms / 1e3:.2f}" for each in times for ms in percentiles(each))
    return f"| {kind} | {len(waits)} | {' | '.join(figures)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--model-seconds", type=float, default=8.0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        artifacts = Path(folder) / "artifacts"
        load_seed(artifacts)
        crowd = asyncio.run(hold(artifacts, chosen.people, chosen.model_seconds))
    print(report(crowd, chosen.people, chosen.model_seconds))
    for error in dict.fromkeys(crowd.errors):
        print(error)


if __name__ == "__main__":
    main()
