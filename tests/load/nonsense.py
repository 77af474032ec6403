"""Updates and skill requests with something wrong in them: no 500, and memory stays flat.

python -m tests.load.nonsense --requests 100000 [--samples FILE]

Starts the real bot as a process on the seed. Skill requests of every shape (`--samples`: a JSON
list of {"payload": …} more) and Telegram's updates, in turn, are mutated by `tests.mutations` and
posted, eight at a time, as 400 people; every tenth is cut or mangled as bytes. KakaoTalk must get a
200 within its limits, or a 400, 401 or 403 that reads as JSON; Telegram a 200, or a 400 where no
update can be read. The bot's memory is read at each tenth of the way.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from tests.bot_api import TOKEN, bot_api
from tests.contract.test_telegram_nonsense import samples as updates
from tests.kakao import BOT, SKILL_KEY, KakaoUser, Tap
from tests.kakao_limits import check
from tests.load.people import load_seed
from tests.mutations import mutated
from tests.running import RunningBot, running_bot

AT_ONCE = 8
PEOPLE = 400
ACTIONS = (
    "open:recommend",
    "age:yes",
    "consent:yes",
    "pick:1",
    "more:3:1",
    "resume",
    "goto:gender",
)
EXPECTED = {200, 400, 401, 403}
HOOK_SECRET = "a-webhook-secret"
HEADERS = {
    "/kakao": {"x-skill-key": SKILL_KEY, "Content-Type": "application/json"},
    "/telegram": {
        "X-Telegram-Bot-Api-Secret-Token": HOOK_SECRET,
        "Content-Type": "application/json",
    },
}


@dataclass
class Outcome:
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    """MiB of the bot, at each tenth."""


def samples() -> list[Any]:
    me = KakaoUser("", None)  # type: ignore[arg-type]
    taps = [
        Tap("단추", "", "QUICKREPLY_BUTTON_MESSAGE", {"extra": {"action": action, "v": 3}})
        for action in ACTIONS
    ]
    said = [me.saying(text) for text in ("안녕", "크림 있어요?", "/help", "만 14세 이상이에요")]
    return [*said, *map(me.tapping, taps), me.sending_a_picture()]


def bodies(
    known: list[Any], updates: list[Any], requests: int, chance: random.Random
) -> Iterator[tuple[str, bytes]]:
    """(path, body) of each post."""
    for number in range(requests):
        path = "/kakao" if number % 2 else "/telegram"
        sample = json.loads(json.dumps(chance.choice(known if number % 2 else updates)))
        right = _skill_request(sample, number) if number % 2 else _update(sample, number)
        body = _written(mutated(right, chance))
        yield path, (body if number % 20 > 1 else _mangled(body, chance))


def _written(value: Any) -> bytes:
    """JSON; what is nested too deep for the encoder is brackets to the same depth."""
    try:
        return json.dumps(value).encode()
    except RecursionError:
        depth = sys.getrecursionlimit()
        return b"[" * depth + b"]" * depth


def _skill_request(payload: dict[str, Any], number: int) -> dict[str, Any]:
    payload["bot"] = {"id": BOT, "name": "뽀야미"}
    if "user" in payload.get("userRequest", {}):
        payload["userRequest"]["user"]["id"] = f"person-{number % PEOPLE}"
    return payload


def _update(update: dict[str, Any], number: int) -> dict[str, Any]:
    update["update_id"] = 1_000_000 + number
    for content in (each for each in update.values() if isinstance(each, dict)):
        if content.get("chat", {}).get("type") == "private":
            content["chat"]["id"] = 1_000 + number % PEOPLE
    return update


def _mangled(body: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(body) + 1)
    return body[:place] + bytes(chance.randrange(256) for _ in range(chance.randrange(4)))


async def bombard(bot: RunningBot, waiting: Iterator[tuple[str, bytes]], requests: int) -> Outcome:
    outcome, process = Outcome(), psutil.Process(bot.pid)
    async with aiohttp.ClientSession(bot.address) as session:

        async def post() -> None:
            for path, body in waiting:
                async with session.post(path, data=body, headers=HEADERS[path]) as response:
                    _look(outcome, path, response.status, await response.read())
                if outcome.statuses.total() % max(1, requests // 10) == 0:
                    outcome.memory.append(process.memory_info().rss / 2**20)

        await asyncio.gather(*(post() for _ in range(AT_ONCE)))
    outcome.faults += [line for line in bot.output if " ERROR " in line or "Traceback" in line]
    return outcome


def _look(outcome: Outcome, path: str, status: int, told: bytes) -> None:
    outcome.statuses[(path, status)] += 1
    if status not in EXPECTED:
        outcome.faults.append(f"{path}: status {status}")
    elif path == "/telegram":
        return
    elif status == 200:
        outcome.faults += check(told)
    elif "error" not in json.loads(told):
        outcome.faults.append(f"a {status} without a reason")


async def hold(artifacts: Path, known: list[Any], requests: int) -> Outcome:
    async with bot_api() as api:
        settings = {
            "KAKAO__SKILL_KEY": SKILL_KEY,
            "KAKAO__BOT_ID": BOT,
            "TELEGRAM__TOKEN": TOKEN,
            "TELEGRAM__BASE_URL": api.address,
            "TELEGRAM__WEBHOOK_URL": "https://chat.example.com/telegram",
            "TELEGRAM__SECRET": HOOK_SECRET,
        }
        async with running_bot(artifacts, **settings) as bot:
            posts = bodies(known, updates(api), requests, random.Random(11))
            return await bombard(bot, posts, requests)


def report(outcome: Outcome) -> str:
    statuses = ", ".join(
        f"{path} {count} × {status}" for (path, status), count in sorted(outcome.statuses.items())
    )
    memory = " ".join(f"{each:.0f}" for each in outcome.memory)
    return f"{statuses}; {len(outcome.faults)} faults; the bot's memory (MiB): {memory}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--samples", type=Path)
    chosen = parser.parse_args()
    known = samples()
    if chosen.samples:
        listed = json.loads(chosen.samples.read_text(encoding="utf-8"))
        known += [each["payload"] for each in listed]
    with tempfile.TemporaryDirectory() as folder:
        artifacts = Path(folder) / "artifacts"
        load_seed(artifacts)
        outcome = asyncio.run(hold(artifacts, known, chosen.requests))
    print(report(outcome))
    for fault in dict.fromkeys(outcome.faults):
        print(fault)


if __name__ == "__main__":
    main()
