"""A conversation over the loaded seed and a model: asked on, answered again, preferred, kept."""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from bot.conversation import Conversation
from bot.dialogue import texts
from bot.dialogue.labels import buttons
from bot.dialogue.model import Bubble, Card, Message, Pressed, Said
from bot.fulfil import Fulfilment, Shop
from bot.memory import StoredMemory
from engine.domain import Person
from engine.engine import Engine
from engine.generation.model import Queued, ServerModel
from engine.generation.prompts import PROMPT_VERSION
from engine.generation.prompts import Message as Prompted
from engine.retrieval.embedding import embedder
from engine.settings import EngineSettings
from engine.store.database import Database
from engine.store.people import People

ME = Person("web", "somebody")


@dataclass
class Reader:
    """A model that reads the first line of its first passage aloud; asked for another answer, it
    reads it after a word of its own. It knows which it is by the temperature alone."""

    name: str = "reader"
    prompts: list[tuple[Prompted, ...]] = field(default_factory=list)
    temperatures: list[float | None] = field(default_factory=list)

    async def stream(
        self,
        prompt: Sequence[Prompted],
        *,
        temperature: float | None = None,
        patience: float | None = None,
    ) -> AsyncGenerator[str | Queued, None]:
        self.prompts.append(tuple(prompt))
        self.temperatures.append(temperature)
        found = re.search(r"\[1\] (.+)", prompt[-1].content)
        assert found, prompt[-1].content
        yield f"{'네, ' if temperature else ''}{found[1].rstrip('.')} [1]."

    async def choose(self, prompt: Sequence[Prompted], choices: Sequence[str]) -> str:
        return choices[0]

    async def close(self) -> None:
        return


@dataclass
class Talking:
    conversation: Conversation
    people: People
    model: Reader
    said: list[Bubble | Card] = field(default_factory=list)

    async def says(self, text: str) -> str:
        return await self._does(Said(None, datetime.now(UTC), text))

    async def presses(self, label: str) -> str:
        for reply in reversed(self.said):
            for button in buttons((reply,)):
                if button.label == label and button.action is not None:
                    return await self._does(Pressed(None, datetime.now(UTC), button.action))
        raise AssertionError(f"no button {label} was shown")

    async def _does(self, event: Message) -> str:
        """What was said at the end."""
        shown = [one async for one in self.conversation.converse(ME, event)]
        told = [one for one in shown if isinstance(one, Bubble | Card)]
        self.said += told
        return "\n".join(one.text if isinstance(one, Bubble) else one.facts for one in told)


@pytest.fixture
async def talking(artifacts: Path) -> AsyncIterator[Talking]:
    database = await Database.open(f"sqlite+aiosqlite:///{artifacts / 'ppoyami.db'}")
    model, people = Reader(), People(database, b"a secret of the tests")
    settings = EngineSettings(artifacts=artifacts)
    server = cast(ServerModel, model)
    engine = Engine(settings, database, embedder(settings.embedding), server)
    await engine.refresh()
    memory = StoredMemory(people, daily_answers=2)
    talk = Talking(Conversation(memory, Fulfilment(engine, people, Shop())), people, model)
    for text in ("/start", texts.OLD_ENOUGH, texts.AGREE):
        await talk.says(text)
    yield talk
    await engine.close()
    await database.close()


async def test_what_was_asked_is_answered_twice_and_the_better_one_is_kept(
    talking: Talking,
) -> None:
    await talking.says("병풀 한 잎 카밍 토너 어때요?")
    assert texts.AGAIN in [button.label for button in buttons(talking.said[-1:])]
    assert texts.ANOTHER_ANSWER in await talking.presses(texts.AGAIN)
    assert talking.model.temperatures[0] is None and talking.model.temperatures[1]
    await talking.presses(texts.SECOND_BETTER)
    first, second = (await talking.people.export(ME))["answers"]
    assert first["question"] == second["question"]
    assert (second["again_of"], second["preferred"]) == (first["ticket"], True)
    assert (first["model"], first["prompt_version"]) == ("reader", PROMPT_VERSION)
    assert first["passages"] and first["passages"] == second["passages"]


async def test_beyond_the_days_limit_it_is_composed(talking: Talking) -> None:
    for _ in range(2):
        assert texts.SPENT not in await talking.says("병풀 한 잎 카밍 토너 어때요?")
    assert texts.SPENT in await talking.says("병풀 한 잎 카밍 토너 어때요?")
    assert len(talking.model.prompts) == 2
    writers = [row["writer"] for row in (await talking.people.export(ME))["answers"]]
    assert writers == ["model", "model", "composed"]


async def test_what_was_spoken_of_is_asked_about(talking: Talking) -> None:
    await talking.says("병풀 한 잎 카밍 토너 어때요?")
    told = await talking.says("그건 얼마예요?")
    assert "[1] 초록서랍 병풀 한 잎 카밍 토너 · 제품 정보" in told
    asked_on = (await talking.people.export(ME))["answers"][1]
    assert {one.partition(":")[2] for one in asked_on["passages"]} == {"p001"}


async def test_what_was_said_of_ones_skin_is_saved_on_ones_word(talking: Talking) -> None:
    told = await talking.says("저는 지성이에요. 토너 추천해 주세요")
    assert told.endswith(texts.save_said(["지성"]))
    assert (await talking.people.export(ME))["profile"] == []
    await talking.presses(texts.SAVE_SAID)
    [profile] = (await talking.people.export(ME))["profile"]
    assert profile["skin_type"] == "지성"
    assert "지성 피부" not in talking.model.prompts[0][-1].content.partition("고객: ")[2]
    await talking.says("병풀 한 잎 카밍 토너 어때요?")
    assert "지성 피부" in talking.model.prompts[-1][-1].content.partition("고객: ")[2]
