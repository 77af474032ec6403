"""A person's whole path through a bot that is killed at any moment."""

import asyncio
import random
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.running import RunningBot, WebPerson, told

PATH = (
    ("says", "/start"),
    ("presses", "만 14세 이상이에요"),
    ("presses", "동의하고 시작"),
    ("presses", "추천 받기"),
    ("presses", "20대"),
    ("presses", "여성"),
    ("presses", "건성"),
    ("presses", "여드름"),
    ("presses", "건조"),
    ("presses", "선택 완료"),
    ("says", "향료"),
    ("presses", "선택 완료"),
    ("presses", "건너뛰기"),
    ("presses", "이대로 저장"),
    ("says", "크림"),
    ("presses", "다음 ▶"),
    ("picks", "1"),
    ("picks", "2"),
    ("presses", "선택 완료"),
    ("presses", "왜 추천했나요?"),
    ("presses", "추천으로 돌아가기"),
    ("presses", "👍"),
    ("presses", "성분 보기"),
    ("presses", "처음으로"),
    ("says", "/ingredient 나이아신아마이드"),
    ("says", "건성에 좋은 크림이 있을까요?"),
    ("says", "/mydata"),
)
"""The whole path; «picks n» presses the n-th product of the picker's page."""


KEPT = {
    "consents": "agreed, version",
    "profiles": "age_band, gender, skin_type, concerns, avoided",
    "likes": "product_id, rating",
    "feedback": "product_id, good",
    "answers": "question",
}


def doing(person: WebPerson, verb: str, what: str) -> dict[str, Any]:
    match verb:
        case "says":
            return person.saying(what)
        case "presses":
            return person.pressing(what)
        case _:
            products = person.screens[-1]["rows"]
            return person.pressing(products[int(what) - 1][0]["label"].removeprefix("✅ "))


async def walk(
    artifacts: Path, step: Callable[[RunningBot, WebPerson, dict[str, Any]], Awaitable[list[Any]]]
) -> list[WebPerson]:
    """The whole path by one way of meeting events; the person as each event left them."""
    person, bot = WebPerson("one"), RunningBot(artifacts)
    seen = []
    for verb, what in PATH:
        shown = await step(bot, person, doing(person, verb, what))
        person.sees(shown)
        seen.append(replace(person, said=told(shown)))
    await bot.stop()
    return seen


async def in_peace(bot: RunningBot, person: WebPerson, event: dict[str, Any]) -> list[Any]:
    if not bot.address:
        await bot.start()
    return await person.sends(bot, event)


async def killed_after(bot: RunningBot, person: WebPerson, event: dict[str, Any]) -> list[Any]:
    """The process dies as soon as the event is answered."""
    await bot.start()
    shown = await person.sends(bot, event)
    await bot.kill()
    return shown


async def killed_amid(bot: RunningBot, person: WebPerson, event: dict[str, Any]) -> list[Any]:
    """The process dies somewhere while the event is answered; the page sends it again."""
    if not bot.address:
        await bot.start()
    await person.drops(bot, event)
    await asyncio.sleep(random.Random(event["id"]).uniform(0, 0.04))
    await bot.kill()
    await bot.start()
    return await person.sends(bot, event, again=True)


def kept(artifacts: Path) -> dict[str, list[Any]]:
    """What the store holds of the person for good, without times and numbers of its own."""
    with closing(sqlite3.connect(artifacts / "ppoyami.db")) as database:
        return {
            table: sorted(database.execute(f"SELECT {columns} FROM {table}").fetchall())
            for table, columns in KEPT.items()
        }
