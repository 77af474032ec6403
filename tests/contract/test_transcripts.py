"""Transcripts: the same talk through the core, the page's wire and Telegram's wire.

What is read is compared as text and labels taken off each wire: with the transcript, and, line by
line and exactly, with what the core said.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.dialogue import texts
from tests.contract.transcripts import (
    Doing,
    Forgotten,
    Restart,
    ShopFails,
    Step,
    names,
    transcript,
)
from tests.contract.wires import PNG, WIRES, Counter, House, Telegram, Wire, at_kakao

WANTED = 40

Read = tuple[list[tuple[int, list[str]]], list[list[str]]]
"""(line, what was read) of each step, and what stands with buttons in the chat at the end."""
ALWAYS = {texts.LINK, texts.HOME}
"""Buttons that KakaoTalk has also where the core has none: a card leads somewhere without a link,
too, and under a text without buttons stands the way home."""


@pytest.fixture
def houses(shop_file: Path, tmp_path: Path):
    """A house of its own for each wire."""

    def build(wire: str) -> House:
        file = tmp_path / f"{wire}.db"
        shutil.copy(shop_file, file)
        picture = tmp_path / "p001.png"
        picture.write_bytes(PNG)
        return House(file, Counter(), picture)

    return build


@pytest.fixture(scope="session")
def of_core() -> dict[str, Read]:
    """What the core said in each transcript: it is walked once for the other two."""
    return {}


@asynccontextmanager
async def opened(kind: str, house: House) -> AsyncIterator[Wire]:
    wire = WIRES[kind](house)
    await wire.start()
    try:
        yield wire
    finally:
        await wire.stop()
        if isinstance(wire, Telegram):
            await wire.leave()


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("kind", [kind for kind in WIRES if kind != "kakao"])
async def test_a_transcript_is_read_off_the_wire(
    name: str, kind: str, houses, of_core: dict[str, Read]
) -> None:
    steps = transcript(name)
    async with opened(kind, houses(kind)) as wire:
        read = await walked(name, steps, wire)
        standing = wire.standing
    if name not in of_core:
        async with opened("core", houses("core beside")) as core:
            of_core[name] = await walked(name, steps, core), core.standing
    read_of_core, standing_of_core = of_core[name]
    assert read == read_of_core
    assert standing == standing_of_core


@pytest.mark.parametrize("name", names())
async def test_a_transcript_is_read_off_kakaotalk(name: str, houses) -> None:
    """Its words, labels and links are the core's; see `at_kakao` for what may differ."""
    steps = transcript(name)
    async with opened("kakao", houses("kakao")) as kakao, opened("core", houses("core")) as core:
        before = set(ALWAYS)
        for step in steps:
            await done(step, kakao)
            await done(step, core)
            where = f"{name}.txt:{step.line}"
            words, labels, links = at_kakao(kakao.drawn)
            wanted, offered, linked = at_kakao(core.drawn)
            assert words == wanted, where
            assert links == linked, where
            assert offered <= labels, where
            assert labels - offered <= before, where
            before |= labels


def test_there_are_enough_transcripts() -> None:
    assert len(names()) >= WANTED


async def walked(name: str, steps: list[Step], wire: Wire) -> list[tuple[int, list[str]]]:
    """Do everything; what was read after each step, checked against the transcript."""
    read = []
    for step in steps:
        seen = await done(step, wire)
        check(f"{name}.txt:{step.line} at {type(wire).__name__}", step, seen)
        read.append((step.line, seen))
    return read


async def done(step: Step, wire: Wire) -> list[str]:
    match step.what:
        case Restart():
            return await wire.restart()
        case ShopFails(failure):
            wire.fails(failure)
            return []
        case Forgotten():
            kept = await wire.kept()
            assert [name for name, rows in kept.items() if rows] in ([], ["consents"])
            return []
        case doing:
            assert isinstance(doing, Doing)
            return await wire.does(doing, waits=step.waits)


def check(where: str, step: Step, seen: list[str]) -> None:
    said, place = "\n".join(seen), 0
    assert not (step.silent and seen), f"{where}: something is read:\n{said}"
    for wanted in step.read:
        found = said.find(wanted, place)
        assert found >= 0, f"{where}: {wanted!r} is not read here, or not in this order:\n{said}"
        place = found + len(wanted)
    for unwanted in step.unread:
        assert unwanted not in said, f"{where}: {unwanted!r} is read:\n{said}"
