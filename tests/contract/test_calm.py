"""Who taps fast, types while an answer comes, or says «그만» meets a calm bot: a real conversation
over a real store, and the page and Telegram over it.
"""

import asyncio
import shutil
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bot.conversation import Broken, Conversation, Progress, Shown, Waiting
from bot.dialogue import texts
from bot.dialogue.labels import buttons
from bot.dialogue.model import (
    Action,
    Bubble,
    Card,
    Consult,
    Message,
    Pick,
    Pressed,
    Rate,
    Said,
    Stop,
    Toast,
)
from bot.fulfil import Fulfilment
from bot.fulfil import Shop as ShopFacts
from bot.memory import StoredMemory
from engine.domain import Person, Question
from engine.store.database import Database
from engine.store.people import People
from tests.contract.transcripts import Press, PressRaw, Say
from tests.contract.wires import PNG, Core, Counter, House, Kakao, Telegram, Web, Wire

ME = Person("core", "1")
TO_PICKING = (
    "추천 받기",
    "건너뛰기",
    "건너뛰기",
    "건너뛰기",
    "건너뛰기",
    "건너뛰기",
    "건너뛰기",
    "이대로 저장",
)


@dataclass
class Talk:
    """One person before a conversation, in as many tasks as they are impatient."""

    conversation: Conversation
    counter: Counter
    memory: StoredMemory
    screen: list[tuple[str | None, Shown]] = field(default_factory=list)
    """Everything in the order it was shown, with the id of the event it answers."""

    async def says(self, text: str) -> list[Shown]:
        return await self.does(Said(str(uuid4()), datetime.now(UTC), text))

    async def presses(self, action: Action) -> list[Shown]:
        return await self.does(Pressed(str(uuid4()), datetime.now(UTC), action))

    async def does(self, event: Message, grows: asyncio.Event | None = None) -> list[Shown]:
        shown = []
        async with aclosing(self.conversation.converse(ME, event)) as pieces:
            async for piece in pieces:
                shown.append(piece)
                self.screen.append((event.id, piece))
                await asyncio.sleep(0)  # a channel sends it
                if grows is not None and isinstance(piece, Progress):
                    grows.set()
        return shown

    async def asks(self, text: str) -> asyncio.Task[list[Shown]]:
        """Returns once the answer grows."""
        grows = asyncio.Event()
        event = Said(str(uuid4()), datetime.now(UTC), text)
        asking = asyncio.create_task(self.does(event, grows))
        await asyncio.wait_for(grows.wait(), 10)
        return asking

    async def dialogue(self) -> Any:
        return (await self.memory.recall(ME, fresh=True)).dialogue


@pytest.fixture
async def talk(shop_file: Path, tmp_path: Path) -> AsyncIterator[Talk]:
    """At the menu, with consent."""
    file = tmp_path / "ppoyami.db"
    shutil.copy(shop_file, file)
    database = await Database.open(f"sqlite+aiosqlite:///{file}", migrate=False)
    memory, counter = StoredMemory(People(database)), Counter()
    talk = Talk(Conversation(memory, counter), counter, memory)
    for text in ("/start", "만 14세 이상이에요", "동의하고 시작"):
        await talk.says(text)
    yield talk
    await database.close()


async def ended(asking: asyncio.Task[list[Shown]]) -> list[Shown]:
    """One that goes on for ever is a failure."""
    return await asyncio.wait_for(asking, 10)


# --- fast taps


async def test_ten_taps_at_once_are_ten_picks_in_their_order(talk: Talk):
    for text in TO_PICKING:
        await talk.says(text)
    talk.screen.clear()
    await asyncio.gather(*(talk.presses(Pick(number, True)) for number in range(1, 11)))
    dialogue = await talk.dialogue()
    assert dialogue.picks == tuple(range(1, 11))
    assert dialogue.open is None
    *_, last = (piece for _, piece in talk.screen if isinstance(piece, Bubble))
    assert texts.picked(10) in last.text
    assert sum(button.label.startswith(texts.CHOSEN) for button in buttons((last,))) >= 5


async def test_what_one_event_shows_is_never_parted_by_another(talk: Talk):
    """Cards, their frame and a question's answer come in whole turns."""
    for text in TO_PICKING:
        await talk.says(text)
    talk.screen.clear()
    await asyncio.gather(
        talk.says("선택 완료"),
        talk.says("도움말"),
        talk.says("크림 있어요?"),
        talk.says("/recommend"),
        talk.says("선택 완료"),
    )
    drawn = [id for id, piece in talk.screen if isinstance(piece, Bubble | Card)]
    turns = [id for place, id in enumerate(drawn) if place == 0 or drawn[place - 1] != id]
    assert len(turns) == len(set(turns))


async def test_a_double_tap_while_its_answer_is_waited_for_shows_it_once(talk: Talk):
    event = Said(str(uuid4()), datetime.now(UTC), "토너 있어요?")
    both = await asyncio.gather(talk.does(event), talk.does(event))
    assert [len([one for one in shown if isinstance(one, Bubble)]) for shown in both] == [1, 0]


# --- an answer that grows


async def test_stop_ends_the_answer_and_closes_the_stream(talk: Talk):
    asking = await talk.asks("천천히 크림을 찾아 주세요")
    stopped = await talk.says("그만")
    left = await ended(asking)
    assert talk.counter.left == 1
    assert left[-1] == Broken("찾아보니 …")
    assert [piece.text for piece in stopped if isinstance(piece, Bubble)] == [texts.STOPPED]
    assert (await talk.dialogue()).open is None


async def test_what_was_broken_off_leaves_the_screen_before_the_newer_answer(talk: Talk):
    asking = await talk.asks("천천히 크림을 찾아 주세요")
    await talk.says("토너 있어요?")
    await ended(asking)
    kinds = [type(piece) for _, piece in talk.screen]
    assert kinds.index(Broken) < len(kinds) - 1 - kinds[::-1].index(Waiting)


async def test_the_button_stops_only_the_answer_it_stands_under(talk: Talk):
    asking = await talk.asks("천천히 크림을 찾아 주세요")
    ticket = (await talk.dialogue()).open.ticket
    assert await talk.presses(Stop(ticket - 1)) == [Toast(texts.NOTHING_TO_STOP)]
    assert not asking.done()
    await talk.presses(Stop(ticket))
    await ended(asking)
    assert talk.counter.left == 1


async def test_a_tap_that_asks_for_nothing_lets_the_answer_go_on(talk: Talk):
    for text in (*TO_PICKING, "선택 완료"):
        await talk.says(text)
    asking = await talk.asks("천천히 알려 주세요")
    assert await talk.presses(Rate(1, good=True)) == [Toast(texts.THANKS)]
    await talk.says("/nonsense")
    assert not asking.done()
    assert talk.counter.left == 0
    assert (await talk.dialogue()).open is not None
    await talk.says("그만")
    await ended(asking)


async def test_a_stopped_answer_is_not_begun_again_by_drawing_the_screen(talk: Talk):
    asking = await talk.asks("천천히 크림을 찾아 주세요")
    await talk.says("그만")
    await ended(asking)
    async with aclosing(talk.conversation.resume(ME)) as drawn:
        assert not any([isinstance(piece, Waiting) async for piece in drawn])


async def test_a_page_that_goes_leaves_its_answer_owed_and_nothing_hangs(talk: Talk):
    event = Said(str(uuid4()), datetime.now(UTC), "천천히 크림을 찾아 주세요")
    async with aclosing(talk.conversation.converse(ME, event)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Progress):
                break
    assert talk.counter.left == 1
    assert await talk.conversation.unshown(ME)
    await talk.says("처음으로")


@dataclass
class Writer:
    """An engine that writes for ever."""

    closed: bool = False

    async def consult(
        self, question: Question, patience: float | None = None
    ) -> AsyncGenerator[str, None]:
        try:
            while True:
                yield "음… "
        finally:
            self.closed = True


async def test_leaving_a_fulfilment_closes_the_engines_stream(people: People):
    writer = Writer()
    fulfil = Fulfilment(writer, people, ShopFacts())  # type: ignore[arg-type]
    request = Consult(1, Question("크림 있어요?"))
    async with aclosing(fulfil(ME, request)) as pieces:
        assert await anext(pieces) == Progress("음… ")
    assert writer.closed


# --- at the wires


@asynccontextmanager
async def at(kind: type[Wire], shop_file: Path, folder: Path) -> AsyncIterator[Any]:
    file, picture = folder / "wire.db", folder / "p001.png"
    shutil.copy(shop_file, file)
    picture.write_bytes(PNG)
    wire = kind(House(file, Counter(), picture))
    await wire.start()
    for text in ("/start", "만 14세 이상이에요", "동의하고 시작"):
        await wire.does(Say(text))
    try:
        yield wire
    finally:
        await wire.stop()
        if isinstance(wire, Telegram):
            await wire.leave()


@pytest.mark.parametrize("kind", [Core, Web, Telegram, Kakao])
async def test_ten_taps_in_a_hundredth_second_at_each_wire(
    kind: type[Wire], shop_file: Path, tmp_path: Path
):
    async with at(kind, shop_file, tmp_path) as wire:
        for text in TO_PICKING:
            await wire.does(Say(text))
        await wire.does_at_once([PressRaw(f"pick:{number}") for number in range(1, 11)])
        read = await wire.does(Say("결과 보기"))  # waits where a machine was busy
        dialogue = (await wire.memory.recall(wire.person, fresh=True)).dialogue
    assert set(dialogue.picks) == set(range(1, 11))
    assert any(texts.picked(10) in line for line in read)


async def test_the_pages_stop_button_stands_under_the_growing_answer(
    shop_file: Path, tmp_path: Path
):
    async with at(Web, shop_file, tmp_path) as page:
        await page.does(Say("천천히 크림을 찾아 주세요"), waits=False)
        read = await page.does(Press(texts.STOP))
        assert read[:2] == ["찾아보니 …", texts.STOPPED.splitlines()[0]]
        assert page.left == 1


async def test_telegram_asks_who_sends_far_too_much_for_a_moment(shop_file: Path, tmp_path: Path):
    async with at(Telegram, shop_file, tmp_path) as phone:
        read = await phone.does_at_once([Say("도움말") for _ in range(15)])
        helped = sum("뽀야미는 이렇게 써요." in line for line in read)
        asked = sum(line == texts.ONE_MOMENT for line in read)
    assert (helped, asked) == (11, 1)
