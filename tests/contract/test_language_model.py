"""What every language model keeps, run over a scripted one and over a server on HTTP."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import Any

import pytest

from engine.errors import ModelUnavailable
from engine.generation.model import Deadlines, LanguageModel, ServerModel
from engine.generation.prompts import Message
from engine.settings import LanguageModelSettings
from tests.fakes import ScriptedModel
from tests.openai_server import Chooses, Fails, OpenAIServer, Sends, Speaks, openai_server

PROMPT = (Message("system", "짧게 답해요."), Message("user", "안녕하세요"))
SOON = Deadlines(connect=1.0, first=5.0, total=10.0)
PATIENT_FOR_A_BLINK = Deadlines(connect=1.0, first=0.2, total=0.3)


async def said(model: LanguageModel) -> list[str]:
    return [piece async for piece in model.stream(PROMPT) if isinstance(piece, str)]


async def said_before_breaking(model: LanguageModel) -> list[str]:
    pieces: list[str] = []
    with pytest.raises(ModelUnavailable):
        async for piece in model.stream(PROMPT):
            assert isinstance(piece, str)
            pieces.append(piece)
    return pieces


def settings(server: OpenAIServer, **changes: Any) -> LanguageModelSettings:
    return LanguageModelSettings(**({"base_url": server.base_url, "model": "base"} | changes))


@asynccontextmanager
async def served(
    server: OpenAIServer, deadlines: Deadlines = SOON, **changes: Any
) -> AsyncIterator[ServerModel]:
    model = ServerModel(settings(server, **changes), deadlines)
    try:
        yield model
    finally:
        await model.close()


class LanguageModelContract:
    def speaking(self, pieces: Sequence[str]) -> AbstractAsyncContextManager[LanguageModel]:
        raise NotImplementedError

    def breaking(
        self, pieces: Sequence[str], after: int
    ) -> AbstractAsyncContextManager[LanguageModel]:
        raise NotImplementedError

    def choosing(self, choice: str) -> AbstractAsyncContextManager[LanguageModel]:
        raise NotImplementedError

    async def test_pieces_come_in_their_order_and_whole(self):
        async with self.speaking(["보습에는 ", "글리세린이 ", "좋아요 [1]."]) as model:
            assert await said(model) == ["보습에는 ", "글리세린이 ", "좋아요 [1]."]

    async def test_it_answers_again_after_an_answer(self):
        async with self.speaking(["네."]) as model:
            assert await said(model) == await said(model) == ["네."]

    async def test_an_answer_that_breaks_off_keeps_what_came_and_says_so(self):
        async with self.breaking(["하나 ", "둘 ", "셋"], after=2) as model:
            assert await said_before_breaking(model) == ["하나 ", "둘 "]

    async def test_it_has_a_name(self):
        async with self.speaking(["네."]) as model:
            assert model.name

    async def test_it_chooses_one_of_the_choices(self):
        async with self.choosing("product") as model:
            assert await model.choose(PROMPT, ["recommend", "product"]) == "product"

    async def test_what_is_not_to_be_chosen_is_no_choice(self):
        async with self.choosing("something else") as model:
            with pytest.raises(ModelUnavailable):
                await model.choose(PROMPT, ["recommend", "product"])

    async def test_a_listener_may_leave_in_the_middle_and_ask_again(self):
        async with self.speaking(["하나 ", "둘 "] * 50) as model:
            stream = model.stream(PROMPT)
            assert await anext(stream) == "하나 "
            await stream.aclose()
            assert len(await said(model)) == 100


class TestScriptedModel(LanguageModelContract):
    @asynccontextmanager
    async def speaking(self, pieces: Sequence[str]) -> AsyncIterator[LanguageModel]:
        yield ScriptedModel(pieces)

    @asynccontextmanager
    async def breaking(self, pieces: Sequence[str], after: int) -> AsyncIterator[LanguageModel]:
        yield ScriptedModel(pieces, breaks_after=after)

    @asynccontextmanager
    async def choosing(self, choice: str) -> AsyncIterator[LanguageModel]:
        yield ScriptedModel((), chosen=choice)


class TestServerModel(LanguageModelContract):
    @asynccontextmanager
    async def speaking(self, pieces: Sequence[str]) -> AsyncIterator[LanguageModel]:
        async with openai_server(Speaks(pieces)) as server, served(server) as model:
            yield model

    @asynccontextmanager
    async def breaking(self, pieces: Sequence[str], after: int) -> AsyncIterator[LanguageModel]:
        async with (
            openai_server(Speaks(pieces, cut_after=after)) as server,
            served(server) as model,
        ):
            yield model

    @asynccontextmanager
    async def choosing(self, choice: str) -> AsyncIterator[LanguageModel]:
        async with openai_server(Chooses(choice)) as server, served(server) as model:
            yield model

    async def test_the_adapter_is_the_model_asked_for(self):
        async with openai_server(Speaks(["네."])) as server:
            async with served(server, adapter="ppoyami-sft") as model:
                await said(model)
            async with served(server) as model:
                await said(model)
        assert [request["model"] for request in server.requests] == ["ppoyami-sft", "base"]
        assert server.requests[0]["stream"] is True
        assert server.requests[0]["messages"][0] == {"role": "system", "content": "짧게 답해요."}

    async def test_one_500_is_forgiven(self):
        async with openai_server(Fails(500), Speaks(["네."])) as server, served(server) as model:
            assert await said(model) == ["네."]
        assert len(server.requests) == 2

    async def test_a_second_500_is_not(self):
        async with openai_server(Fails(503)) as server, served(server) as model:
            assert await said_before_breaking(model) == []
        assert len(server.requests) == 2

    async def test_a_refused_request_is_not_sent_again(self):
        async with openai_server(Fails(401)) as server, served(server) as model:
            assert await said_before_breaking(model) == []
        assert len(server.requests) == 1

    async def test_nothing_is_asked_again_after_a_piece_came(self):
        async with (
            openai_server(Speaks(["하나", "둘"], cut_after=1), Speaks(["셋"])) as server,
            served(server) as model,
        ):
            assert await said_before_breaking(model) == ["하나"]
        assert len(server.requests) == 1

    async def test_a_dead_server_is_unavailable(self):
        async with openai_server(Speaks(["네."])) as server:
            pass
        async with served(server) as model:
            assert await said_before_breaking(model) == []

    async def test_a_late_first_piece_is_not_waited_for(self):
        async with (
            openai_server(Speaks(["네."], before_first=30)) as server,
            served(server, PATIENT_FOR_A_BLINK) as model,
        ):
            assert await said_before_breaking(model) == []
        assert len(server.requests) == 1

    @pytest.mark.parametrize(
        "body",
        [
            b"data: {not json\n\n",
            b'data: {"choices": "?"}\n\n',
            b"data: [1, 2]\n\n",
            b"<html>a proxy's page</html>",
            b'data: {"error": {"message": "out of memory"}}\n\n',
            b"data: " + b"x" * 2_000_000 + b"\n\n",
            b"data: \xff\xfe\n\n",
            b"",
        ],
    )
    async def test_garbage_is_unavailable(self, body: bytes):
        async with openai_server(Sends(body)) as server, served(server) as model:
            assert await said_before_breaking(model) == []

    async def test_an_end_without_done_is_a_cut(self):
        async with (
            openai_server(Speaks(["하나"], finishes=False)) as server,
            served(server) as model,
        ):
            assert await said_before_breaking(model) == ["하나"]

    async def test_saying_nothing_is_unavailable(self):
        async with openai_server(Speaks([])) as server, served(server) as model:
            assert await said_before_breaking(model) == []

    async def test_the_key_travels_in_its_header_and_in_no_message(self, caplog):
        caplog.set_level("DEBUG")
        async with (
            openai_server(Fails(500)) as server,
            served(server, api_key="very-secret") as model,
        ):
            with pytest.raises(ModelUnavailable) as raised:
                await said(model)
        assert server.keys[0] == "Bearer very-secret"
        shown = [str(raised.value), repr(raised.value.__cause__), caplog.text]
        assert not any("very-secret" in text for text in shown)

    async def test_a_server_learns_that_the_listener_left(self):
        async with (
            openai_server(Speaks(["하나 "] * 100_000)) as server,
            served(server) as model,
        ):
            stream = model.stream(PROMPT)
            async with aclosing(stream):
                await anext(stream)
            async with asyncio.timeout(5):
                await server.left.wait()
