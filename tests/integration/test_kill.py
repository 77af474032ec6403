"""A process that is killed at any moment goes on where it was, and says the same."""

import shutil
from pathlib import Path

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


def doing(person: WebPerson, verb: str, what: str) -> dict[str, object]:
    match verb:
        case "says":
            return person.saying(what)
        case "presses":
            return person.pressing(what)
        case _:
            products = person.screens[-1]["rows"]
            return person.pressing(products[int(what) - 1][0]["label"].removeprefix("✅ "))


async def unkilled(artifacts: Path) -> list[list[str]]:
    person, bot = WebPerson("one"), RunningBot(artifacts)
    await bot.start()
    transcript = []
    for verb, what in PATH:
        shown = await person.sends(bot, doing(person, verb, what))
        person.sees(shown)
        transcript.append(told(shown))
    await bot.stop()
    return transcript


async def test_a_process_killed_after_each_event_goes_on(
    artifacts: Path, tmp_path: Path, loaded_seed: Path
) -> None:
    expected = await unkilled(artifacts)
    person, bot = WebPerson("one"), RunningBot(shutil.copytree(loaded_seed, tmp_path / "killed"))
    for (verb, what), wanted in zip(PATH, expected, strict=True):
        await bot.start()
        shown = await person.sends(bot, doing(person, verb, what))
        await bot.kill()
        person.sees(shown)
        assert told(shown) == wanted
