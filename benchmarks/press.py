"""One button press through core and store, beside the bare commit it cannot be quicker than.

python -m benchmarks.press
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import text

from bot.conversation import Conversation, Progress
from bot.dialogue.model import (
    Action,
    Choose,
    DecideConsent,
    DeclareAge,
    Menu,
    Message,
    Open,
    Pressed,
    Request,
    Result,
    Said,
    Step,
)
from bot.memory import StoredMemory
from engine.domain import Person
from engine.store.database import Database
from engine.store.people import People

PRESSES = 2000
AT = datetime(2026, 11, 22, tzinfo=UTC)
PERSON = Person("web", "bench")


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open(f"sqlite+aiosqlite:///{Path(folder)}/bench.db")
        conversation = Conversation(StoredMemory(People(database)), _nothing)
        for event in _way_to_survey():
            await _converse(conversation, event)
        presses = [await _timed(_converse(conversation, _press(n))) for n in range(PRESSES)]
        commits = [await _timed(_commit(database, n)) for n in range(PRESSES)]
        await database.close()
    print("| | p50 (ms) | p99 (ms) |")
    print("|---|---|---|")
    for name, seconds in (("a button press, core and store", presses), ("a bare commit", commits)):
        p50, p99 = np.percentile(np.array(seconds) * 1e3, (50, 99))
        print(f"| {name} | {p50:.2f} | {p99:.2f} |")
    print(f"\nthe press takes {np.median(presses) / np.median(commits):.1f} × a bare commit")


def _way_to_survey() -> Iterator[Message]:
    yield Said("w0", AT, "/start")
    actions: tuple[Action, ...] = (DeclareAge(True), DecideConsent(True), Open(Menu.SURVEY))
    for number, action in enumerate(actions):
        yield Pressed(f"w{number + 1}", AT, action)


def _press(number: int) -> Message:
    """Each press changes the survey's draft: an answer, and back to the question."""
    action = Choose(Step.AGE_BAND, number % 6) if number % 2 == 0 else Open(Menu.SURVEY)
    return Pressed(f"p{number}", AT, action)


async def _converse(conversation: Conversation, event: Message) -> None:
    async for _ in conversation.converse(PERSON, event):
        pass


async def _nothing(person: Person, request: Request) -> AsyncGenerator[Progress | Result, None]:
    raise AssertionError(f"the survey asks for nothing, and yet {person}: {request}")
    yield


async def _commit(database: Database, number: int) -> None:
    async with database.begin() as connection:
        await connection.execute(text("UPDATE dialogues SET shown = :n"), {"n": number})


async def _timed(work: Awaitable[None]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


if __name__ == "__main__":
    asyncio.run(main())
