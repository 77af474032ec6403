"""What a person sees while many ask the model: a place, and never nothing."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from bot.conversation import Progress
from bot.dialogue import texts
from bot.dialogue.model import Answered, Consult
from bot.fulfil import Fulfilment, Shop
from bot.metrics import Metrics
from engine.domain import Answer, DocumentKind, Passage, Person, Question, Writer
from engine.generation.breaker import Breaker
from engine.generation.consult import BUSY, RESTING, Consultant, Consulted
from engine.generation.model import Queued, ServerModel
from engine.generation.prompts import Message
from engine.settings import LanguageModelSettings
from tests.fakes import Bookshelf
from tests.openai_server import OpenAIServer, Speaks, openai_server

CREAM = Passage(
    DocumentKind.INGREDIENT,
    "판테놀",
    "판테놀",
    "성분: 판테놀 (Panthenol)\n배합목적: 피부컨디셔닝제",
    1.0,
)
QUESTION = Question("판테놀은 어떤 성분인가요?")


@asynccontextmanager
async def served(
    behaviour: Speaks, failures: int = 5, at_once: int = 8, queue: int = 32
) -> AsyncIterator[tuple[OpenAIServer, ServerModel]]:
    async with openai_server(behaviour) as server:
        settings = LanguageModelSettings(server.base_url, "base", at_once=at_once, queue=queue)
        model = ServerModel(settings, breaker=Breaker(failures))
        try:
            yield server, model
        finally:
            await model.close()


async def consulted(model: ServerModel) -> list[str | Queued | Consulted]:
    return [piece async for piece in Consultant(Bookshelf([CREAM]), model).consult(QUESTION)]


async def everything(model: ServerModel) -> list[str | Queued]:
    return [piece async for piece in model.stream((Message("user", QUESTION.text),))]


async def until(server: OpenAIServer, requests: int) -> None:
    async with asyncio.timeout(10):
        while len(server.requests) < requests:
            await asyncio.sleep(0.001)


async def test_a_full_line_gives_a_composed_answer_with_a_word_about_it() -> None:
    gate = asyncio.Event()
    speech = Speaks(["판테놀은 피부컨디셔닝제예요 [1]."], until=gate)
    async with (
        served(speech, at_once=1, queue=1) as (server, model),
        asyncio.TaskGroup() as people,
    ):
        first, second = (people.create_task(consulted(model)) for _ in range(2))
        await until(server, 1)
        (third,) = await consulted(model)
        gate.set()
    assert isinstance(third, Consulted)
    assert third.answer.text.startswith(BUSY) and "피부컨디셔닝" in third.answer.text
    assert third.answer.writer is Writer.FALLBACK
    assert second.result()[0] == Queued(1)
    for pieces in (first.result(), second.result()):
        assert isinstance(pieces[-1], Consulted)
        assert pieces[-1].answer.writer is Writer.MODEL


async def test_a_resting_server_gives_a_composed_answer_unasked() -> None:
    async with served(Speaks(["하나", "둘"], cut_after=1), failures=1) as (server, model):
        for _ in range(3):
            last = (await consulted(model))[-1]
            assert isinstance(last, Consulted) and last.answer.text.startswith(RESTING)
    assert len(server.requests) == 1


class Crowded:
    """An engine whose model is busy for a while."""

    def __init__(self) -> None:
        self.patience: list[float | None] = []

    async def consult(
        self, _: Question, patience: float | None = None
    ) -> AsyncGenerator[str | Queued | Answer, None]:
        self.patience.append(patience)
        for piece in (Queued(3), Queued(1), "판테놀은 ", "순해요.", Answer("판테놀은 순해요.")):
            yield piece


async def test_the_place_is_told_and_the_answer_takes_its_place() -> None:
    engine = Crowded()
    fulfil = Fulfilment(engine, None, Shop())  # type: ignore[arg-type]
    async with aclosing(fulfil(Person("web", "1"), Consult(7, QUESTION))) as pieces:
        *grown, result = [piece async for piece in pieces]
    assert grown == [
        Progress(texts.queued(3), ahead=3),
        Progress(texts.queued(1), ahead=1),
        Progress("판테놀은 "),
        Progress("판테놀은 순해요."),
    ]
    assert "앞에 3분이 계세요" in texts.queued(3)
    assert isinstance(result, Answered) and result.answer == Answer("판테놀은 순해요.")


@pytest.mark.parametrize(("channel", "at_most"), [("kakao", 50), ("telegram", 60), ("web", 60)])
async def test_the_answer_comes_while_the_channel_can_still_bring_it(
    channel: str, at_most: float
) -> None:
    """KakaoTalk's callback is good for a minute; elsewhere the model's own limit is enough."""
    engine = Crowded()
    fulfil = Fulfilment(engine, None, Shop())  # type: ignore[arg-type]
    async with aclosing(fulfil(Person(channel, "1"), Consult(7, QUESTION))) as pieces:
        async for _ in pieces:
            pass
    (patience,) = engine.patience
    assert (60 if patience is None else patience) <= at_most


async def test_the_line_is_seen_in_the_metrics() -> None:
    gate = asyncio.Event()
    async with (
        served(Speaks(["네 [1]."], until=gate), at_once=1) as (server, model),
        asyncio.TaskGroup() as people,
    ):
        metrics = Metrics()
        metrics.watch_model(model)
        for _ in range(3):
            people.create_task(everything(model))
        await until(server, 1)
        told = metrics.exposition().decode()
        gate.set()
    assert "ppoyami_llm_writing 1.0" in told
    assert "ppoyami_llm_waiting 2.0" in told
    assert "ppoyami_llm_resting 0.0" in told
