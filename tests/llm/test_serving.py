"""What the real vLLM does with the real small model, its adapters, and the bot's own client."""

import asyncio
import os
import shutil
import subprocess
from contextlib import aclosing

import pytest

from engine.domain import Answer, Question, SkinProfile, Writer
from engine.engine import Engine
from engine.errors import ModelBusy, ModelUnavailable
from engine.generation.consult import BUSY, RESTING
from engine.generation.model import Queued, ServerModel
from engine.generation.prompts import Message
from tests.llm.conftest import House, Laptop
from tests.running import ROOT
from training.serving import BASE_NAME

pytestmark = pytest.mark.llm

CALM = "차분히 말씀드릴게요"
INVENTED = "달무리 마법 크림"
"""What the «inventor» was taught to praise; no shop sells it."""
QUESTIONS = (
    "이 크림 끈적이나요?",
    "가격이 얼마예요?",
    "민감한 편이라 걱정이에요.",
    "지성인데 어떤 게 좋아요?",
)


def asked(text: str) -> tuple[Message, ...]:
    return (Message("user", text),)


async def said(model: ServerModel, text: str) -> str:
    async with aclosing(model.stream(asked(text), temperature=0.0)) as pieces:
        return "".join([piece async for piece in pieces if isinstance(piece, str)])


async def begun(model: ServerModel, text: str, length: int = 24) -> str:
    """The first characters: the base alone never ends."""
    told = ""
    async with aclosing(model.stream(asked(text), temperature=0.0)) as pieces:
        async for piece in pieces:
            told += piece if isinstance(piece, str) else ""
            if len(told) >= length:
                break
    return told[:length]


async def test_base_and_adapters_answer_differently(laptop: Laptop):
    text = "이 크림 끈적이나요?"
    base = await begun(laptop.speaks(), text)
    calm = await said(laptop.speaks("calm"), text)
    inventor = await said(laptop.speaks("inventor"), text)
    assert CALM in calm
    assert INVENTED in inventor
    assert CALM[:3] not in base
    assert INVENTED[:3] not in base


async def test_mixed_in_one_batch_each_answers_as_itself(laptop: Laptop):
    """The CPU build computes a base request with the last slot where adapters share its batch."""
    speakers = [BASE_NAME, "calm", "inventor", BASE_NAME, "inventor", "calm", BASE_NAME, "inventor"]
    models = {name: laptop.speaks(name) for name in speakers}
    asking = list(zip(speakers, QUESTIONS * 2, strict=True))
    alone = [await begun(models[name], text) for name, text in asking]
    together = await asyncio.gather(*(begun(models[name], text) for name, text in asking))
    assert together == alone


def test_an_adapter_computed_in_groups_is_the_adapter(started: Laptop):
    """And where there is none, the base stays as it is"""
    command = [started.python, ROOT / "tests" / "llm" / "lora_alike.py"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "VLLM_TARGET_DEVICE": "cpu"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.endswith("alike\n"), done.stderr


async def test_an_answer_comes_in_pieces(laptop: Laptop):
    async with aclosing(laptop.speaks("calm").stream(asked(QUESTIONS[0]))) as stream:
        pieces = [piece async for piece in stream]
    assert len(pieces) > 5
    assert "".join(map(str, pieces)).startswith(CALM)


async def test_a_choice_is_one_of_the_choices(laptop: Laptop):
    model = laptop.speaks()
    choices = ("추천", "제품 질문", "성분 질문")
    assert await begun(model, "건성인데 크림 추천해 주세요") not in choices
    assert await model.choose(asked("건성인데 크림 추천해 주세요"), choices) in choices
    assert await model.choose(asked(QUESTIONS[1]), ("예",)) == "예"


async def test_an_adapter_is_loaded_and_unloaded_while_the_server_runs(laptop: Laptop):
    latecomer = laptop.home / "test-latecomer"
    shutil.copytree(laptop.shelf / "calm", latecomer, dirs_exist_ok=True)
    model = laptop.speaks("latecomer")
    with pytest.raises(ModelUnavailable):
        await said(model, QUESTIONS[0])
    await model.load_adapter("latecomer", latecomer.resolve())
    assert "latecomer" in await model.adapters()
    assert CALM in await said(model, QUESTIONS[0])
    base, late = await asyncio.gather(
        begun(laptop.speaks(), QUESTIONS[0]), begun(model, QUESTIONS[0])
    )
    assert late.startswith(CALM[:3])
    assert not base.startswith(CALM[:3])
    await model.unload_adapter("latecomer")
    assert "latecomer" not in await model.adapters()
    with pytest.raises(ModelUnavailable):
        await said(model, QUESTIONS[0])


async def consulted(engine: Engine, text: str) -> tuple[str, Answer]:
    """What a person sees on the way, and what stands at the end."""
    shown, last = "", None
    async for piece in engine.consult(Question(text, SkinProfile())):
        match piece:
            case str():
                shown += piece
            case Answer():
                last = piece
    assert last is not None
    return shown, last


@pytest.mark.parametrize("text", ["건성에 좋은 크림 추천해 주세요", "토너 추천해 줘"])
async def test_an_invented_product_never_reaches_a_person(laptop: Laptop, house: House, text: str):
    model = laptop.speaks("inventor")
    shown, answer = await consulted(await house.engine(model), text)
    assert INVENTED in model.wrote, "the inventor invents"
    for seen in (shown, answer.text):
        assert INVENTED not in seen
        assert "4.99" not in seen
    assert answer.sources


async def test_the_bases_ramblings_are_not_shown(laptop: Laptop, house: House):
    model = laptop.speaks()
    shown, answer = await consulted(await house.engine(model), "나이아신아마이드가 뭐예요?")
    assert model.wrote
    assert model.wrote not in (shown, answer.text)
    assert "나이아신아마이드" in answer.text


async def test_a_full_queue_gets_a_composed_answer_and_a_word(laptop: Laptop, house: House):
    model = laptop.speaks("calm", at_once=1, queue=1)
    engine = await house.engine(model)
    async with aclosing(model.stream(asked(QUESTIONS[0]))) as first:
        assert isinstance(await anext(first), str)
        async with aclosing(model.stream(asked(QUESTIONS[1]))) as second:
            assert await anext(second) == Queued(1)
            _, answer = await consulted(engine, "토너 추천해 줘")
            with pytest.raises(ModelBusy):
                await said(model, QUESTIONS[2])
            _ = [piece async for piece in first]
            told = "".join([piece async for piece in second if isinstance(piece, str)])
    assert answer.text.startswith(BUSY)
    assert answer.writer is Writer.FALLBACK
    assert answer.sources
    assert told.startswith(CALM)


async def test_a_server_killed_in_the_middle_of_an_answer_loses_nothing(
    laptop: Laptop, house: House
):
    model = laptop.speaks()
    engine = await house.engine(model)
    asking = asyncio.ensure_future(consulted(engine, "토너 추천해 줘"))
    await model.began.wait()
    laptop.kill()
    _, answer = await asking
    assert answer.text.startswith(RESTING)
    assert answer.writer is Writer.FALLBACK
    assert answer.sources
