"""Who waits for the model's server, in which order, and when nobody waits any more."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from engine.errors import ModelBusy, ModelUnavailable
from engine.generation.breaker import Breaker
from engine.generation.model import Deadlines, Queued, ServerModel
from engine.generation.prompts import Message
from engine.settings import LanguageModelSettings
from tests.openai_server import Behaviour, Chooses, Fails, OpenAIServer, Speaks, openai_server

PROMPT = (Message("user", "안녕하세요"),)
SOON = Deadlines(connect=1.0, first=5.0, total=20.0)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def opened(
    *behaviours: Behaviour,
    deadlines: Deadlines = SOON,
    breaker: Breaker | None = None,
    **changes: Any,
) -> AsyncIterator[tuple[OpenAIServer, ServerModel]]:
    async with openai_server(*behaviours) as server:
        settings = LanguageModelSettings(server.base_url, "base", **changes)
        model = ServerModel(settings, deadlines, breaker)
        try:
            yield server, model
        finally:
            await model.close()


class Listener:
    """One person who asks, and notes everything that comes."""

    def __init__(self, model: ServerModel, notes: list[tuple[str, object]], name: str) -> None:
        self.stream: AsyncGenerator[str | Queued, None] = model.stream(PROMPT)
        self.heard: list[str | Queued] = []
        self.news = asyncio.Event()
        self._notes = notes
        self._name = name
        self.task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async with aclosing(self.stream) as pieces:
            async for piece in pieces:
                self.heard.append(piece)
                self._notes.append((self._name, piece))
                self.news.set()

    async def hears(self, piece: str | Queued) -> None:
        async with asyncio.timeout(10):
            while piece not in self.heard:
                self.news.clear()
                await self.news.wait()

    async def leaves(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def reached(server: OpenAIServer, requests: int) -> None:
    async with asyncio.timeout(10):
        while len(server.requests) < requests:
            await asyncio.sleep(0.001)


async def everything(model: ServerModel) -> list[str | Queued]:
    return [piece async for piece in model.stream(PROMPT)]


async def attempts(model: ServerModel, times: int) -> None:
    for _ in range(times):
        with pytest.raises(ModelUnavailable):
            await everything(model)


# --- the line -----------------------------------------------------------------------------------


async def test_who_came_first_is_answered_first_and_hears_of_every_step() -> None:
    gates = [asyncio.Event() for _ in range(3)]
    speeches = [Speaks([f"답 {n}"], until=gate) for n, gate in enumerate(gates)]
    async with opened(*speeches, at_once=1) as (server, model):
        notes: list[tuple[str, object]] = []
        first = Listener(model, notes, "first")
        await reached(server, 1)
        second = Listener(model, notes, "second")
        await second.hears(Queued(1))
        third = Listener(model, notes, "third")
        await third.hears(Queued(2))
        assert model.load == (1, 2) and len(server.requests) == 1

        gates[0].set()
        await third.hears(Queued(1))
        gates[1].set()
        gates[2].set()
        await asyncio.gather(first.task, second.task, third.task)
        assert first.heard == ["답 0"]
        assert second.heard == [Queued(1), "답 1"]
        assert third.heard == [Queued(2), Queued(1), "답 2"]
        assert model.load == (0, 0)


async def test_no_more_than_the_limit_are_at_the_server() -> None:
    gate = asyncio.Event()
    async with opened(Speaks(["네."], until=gate), at_once=3, queue=7) as (server, model):
        people = [asyncio.create_task(everything(model)) for _ in range(10)]
        await reached(server, 3)
        assert model.load == (3, 7)
        gate.set()
        answers = await asyncio.gather(*people)
    assert len(server.requests) == 10
    assert all(pieces[-1] == "네." for pieces in answers)
    assert [len(pieces) > 1 for pieces in answers] == [False] * 3 + [True] * 7


async def test_a_full_line_says_so_at_once() -> None:
    gate = asyncio.Event()
    async with opened(Speaks(["네."], until=gate), at_once=1, queue=1) as (server, model):
        first, second = (asyncio.create_task(everything(model)) for _ in range(2))
        await reached(server, 1)
        with pytest.raises(ModelBusy):
            await everything(model)
        gate.set()
        await asyncio.gather(first, second)
        assert await everything(model) == ["네."]


async def test_who_leaves_the_line_lets_the_others_move_up() -> None:
    gate = asyncio.Event()
    async with opened(Speaks(["네."], until=gate), at_once=1) as (server, model):
        notes: list[tuple[str, object]] = []
        first = Listener(model, notes, "first")
        await reached(server, 1)
        second, third = Listener(model, notes, "second"), Listener(model, notes, "third")
        await third.hears(Queued(2))
        await second.leaves()
        await third.hears(Queued(1))
        gate.set()
        await asyncio.gather(first.task, third.task)
        assert len(server.requests) == 2


async def test_who_leaves_from_the_end_of_the_line_lets_nobody_in() -> None:
    gate = asyncio.Event()
    async with opened(Speaks(["네."], until=gate), at_once=1) as (server, model):
        notes: list[tuple[str, object]] = []
        first = Listener(model, notes, "first")
        await reached(server, 1)
        second, third = Listener(model, notes, "second"), Listener(model, notes, "third")
        await third.hears(Queued(2))
        await third.leaves()
        assert model.load == (1, 1)
        gate.set()
        await asyncio.gather(first.task, second.task)
        assert second.heard == [Queued(1), "네."]
        assert model.load == (0, 0)


async def test_who_leaves_the_server_gives_the_place_to_the_next() -> None:
    speeches = Speaks(["네."], until=asyncio.Event()), Speaks(["다음."])
    async with opened(*speeches, at_once=1) as (server, model):
        notes: list[tuple[str, object]] = []
        first = Listener(model, notes, "first")
        await reached(server, 1)
        second = Listener(model, notes, "second")
        await second.hears(Queued(1))
        await first.leaves()
        await second.task
        assert second.heard == [Queued(1), "다음."]
        assert model.load == (0, 0)


async def test_an_answer_that_breaks_gives_its_place_back() -> None:
    async with opened(Speaks(["하나", "둘"], cut_after=1), Speaks(["네."]), at_once=1) as (
        _,
        model,
    ):
        await attempts(model, 1)
        assert await everything(model) == ["네."]


async def test_waiting_uses_up_the_patience() -> None:
    blink = Deadlines(connect=1.0, first=5.0, total=5.05)
    never = Speaks(["네."], until=asyncio.Event())
    async with opened(never, at_once=1, deadlines=blink) as (server, model):
        first = Listener(model, [], "first")
        await reached(server, 1)
        with pytest.raises(ModelBusy):
            await everything(model)
        assert len(server.requests) == 1
        await first.leaves()


async def test_the_patience_of_a_call_goes_before_the_models_own() -> None:
    never = Speaks(["네."], until=asyncio.Event())
    async with opened(never, deadlines=Deadlines(first=60, total=600)) as (_, model):
        with pytest.raises(ModelUnavailable, match="too slow"):
            async for _ in model.stream(PROMPT, patience=0.05):
                pass


# --- choosing -----------------------------------------------------------------------------------


async def test_a_choice_is_asked_for_as_vllm_reads_it() -> None:
    async with opened(Chooses("b")) as (server, model):
        assert await model.choose(PROMPT, ("a", "b")) == "b"
    (asked,) = server.requests
    assert asked["structured_outputs"] == {"choice": ["a", "b"]}
    assert asked["temperature"] == 0 and "stream" not in asked


async def test_a_choice_does_not_wait_in_line() -> None:
    gate = asyncio.Event()
    async with opened(Speaks(["네."], until=gate), at_once=1) as (server, model):
        first = asyncio.create_task(everything(model))
        await reached(server, 1)
        with pytest.raises(ModelBusy):
            await model.choose(PROMPT, ("a", "b"))
        gate.set()
        await first


@pytest.mark.parametrize("behaviour", [Fails(500), Fails(400), Chooses(None), Speaks(["a"])])
async def test_no_choice_is_unavailable(behaviour: Behaviour) -> None:
    async with opened(behaviour) as (_, model):
        with pytest.raises(ModelUnavailable):
            await model.choose(PROMPT, ("a", "b"))


async def test_temperature_is_the_settings_unless_it_is_given() -> None:
    async with opened(Speaks(["네."]), temperature=0.1) as (server, model):
        await everything(model)
        async for _ in model.stream(PROMPT, temperature=0.9):
            pass
    assert [asked["temperature"] for asked in server.requests] == [0.1, 0.9]


# --- the breaker --------------------------------------------------------------------------------


@asynccontextmanager
async def broken(
    clock: Clock, *behaviours: Behaviour
) -> AsyncIterator[tuple[OpenAIServer, ServerModel]]:
    """Two answers failed, and so it rests: for ten seconds, later at most for thirty."""
    breaker = Breaker(failures=2, rest=10, at_most=30, clock=clock)
    cut = Speaks(["하나", "둘"], cut_after=1)
    async with opened(cut, cut, *behaviours, breaker=breaker) as (server, model):
        await attempts(model, 2)
        yield server, model


async def test_a_server_that_failed_too_often_is_not_asked() -> None:
    async with broken(Clock(), Speaks(["네."])) as (server, model):
        assert model.resting
        assert await model.health() == "resting"
        await attempts(model, 3)
        with pytest.raises(ModelUnavailable):
            await model.choose(PROMPT, ("a", "b"))
        assert len(server.requests) == 2


async def test_when_its_rest_is_over_health_looks_again_though_nobody_asks() -> None:
    clock = Clock()
    async with broken(clock) as (_, model):
        clock.now = 10
        assert await model.health() == "ok"
    assert await model.health() == "down"
    await model.close()


async def test_a_server_that_has_too_many_questions_is_busy() -> None:
    async with opened(Fails(429)) as (server, model):
        with pytest.raises(ModelBusy):
            await everything(model)
        assert len(server.requests) == 1


async def test_after_its_rest_a_good_answer_makes_it_well() -> None:
    clock = Clock()
    async with broken(clock, Speaks(["네."])) as (_, model):
        clock.now = 10
        assert await everything(model) == ["네."]
        assert not model.resting
        assert await model.health() == "ok"


async def test_after_its_rest_one_tries_and_the_others_do_not_wait_for_it() -> None:
    clock, gate = Clock(), asyncio.Event()
    async with broken(clock, Speaks(["네."], until=gate)) as (server, model):
        clock.now = 10
        trial = asyncio.create_task(everything(model))
        await reached(server, 3)
        await attempts(model, 2)
        gate.set()
        assert await trial == ["네."]
        assert len(server.requests) == 3


async def test_a_failed_trial_doubles_the_rest_up_to_its_limit() -> None:
    clock = Clock()
    async with broken(clock, Speaks(["하나", "둘"], cut_after=1)) as (server, model):
        for rested, asked in ((10, 3), (29, 3), (30, 4), (59, 4), (60, 5), (89, 5), (90, 6)):
            clock.now = rested
            await attempts(model, 1)
            assert len(server.requests) == asked


async def test_an_older_question_that_fails_does_not_make_the_rest_longer() -> None:
    clock, gates = Clock(), (asyncio.Event(), asyncio.Event())
    cuts = [Speaks(["하나", "둘"], cut_after=1, until=gate) for gate in gates]
    breaker = Breaker(failures=1, rest=10, clock=clock)
    async with opened(*cuts, Speaks(["네."]), breaker=breaker) as (server, model):
        first, second = (asyncio.create_task(attempts(model, 1)) for _ in gates)
        await reached(server, 2)
        gates[0].set()
        await asyncio.wait([first, second], return_when=asyncio.FIRST_COMPLETED)
        clock.now = 9
        gates[1].set()
        await asyncio.gather(first, second)
        clock.now = 10
        assert await everything(model) == ["네."]


async def test_a_trial_that_is_left_says_nothing_and_another_may_try() -> None:
    clock = Clock()
    slow = Speaks(["네."], until=asyncio.Event())
    async with broken(clock, slow, Speaks(["네."])) as (server, model):
        clock.now = 10
        trial = Listener(model, [], "trial")
        await reached(server, 3)
        await attempts(model, 1)
        await trial.leaves()
        assert await everything(model) == ["네."]


async def test_a_good_answer_between_two_failures_begins_the_count_again() -> None:
    cut, breaker = Speaks(["하나", "둘"], cut_after=1), Breaker(failures=2)
    async with opened(cut, Speaks(["네."]), cut, Speaks(["네."]), breaker=breaker) as (_, model):
        await attempts(model, 1)
        assert await everything(model) == ["네."]
        await attempts(model, 1)
        assert await everything(model) == ["네."]


@pytest.mark.parametrize("status", [400, 401, 404, 429])
async def test_a_refused_request_is_not_the_servers_failure(status: int) -> None:
    async with opened(Fails(status), breaker=Breaker(failures=2)) as (_, model):
        await attempts(model, 4)
        assert not model.resting


@pytest.mark.parametrize(
    "behaviours", [(Fails(500),), (Fails(503),), (Speaks(["하나"], finishes=False),)]
)
async def test_its_own_failures_are(behaviours: Sequence[Behaviour]) -> None:
    async with opened(*behaviours, breaker=Breaker(failures=2)) as (_, model):
        await attempts(model, 2)
        assert model.resting


async def test_who_waits_in_line_when_it_breaks_is_let_go_without_asking() -> None:
    gate = asyncio.Event()
    breaker = Breaker(failures=1)
    cut = Speaks(["하나", "둘"], cut_after=1, until=gate)
    async with opened(cut, at_once=1, breaker=breaker) as (server, model):
        people = [asyncio.create_task(everything(model)) for _ in range(5)]
        await reached(server, 1)
        gate.set()
        ends = await asyncio.gather(*people, return_exceptions=True)
        assert all(isinstance(end, ModelUnavailable) for end in ends)
        assert len(server.requests) == 1 and model.load == (0, 0)


async def test_one_log_line_for_each_change(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "engine.generation.breaker")
    clock = Clock()
    async with broken(clock, Speaks(["네."])) as (_, model):
        await attempts(model, 3)
        clock.now = 10
        await everything(model)
        await everything(model)
    told = [one.message for one in caplog.records if one.name == "engine.generation.breaker"]
    assert told == [
        "the language model's server rests for 10 s",
        "the language model's server answers again",
    ]
