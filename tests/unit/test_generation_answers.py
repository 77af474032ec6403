"""What a written answer carries: how it was written, and what the next question may refer to."""

from contextlib import aclosing

from engine.domain import DocumentKind, Passage, Question, Talk, Writer
from engine.generation import prompts
from engine.generation.consult import AGAIN, BUSY, Consultant, Consulted
from engine.generation.model import Queued
from engine.generation.prompts import PROMPT_VERSION, prompt
from tests.fakes import Bookshelf, ScriptedModel

CREAM = Passage(
    DocumentKind.PRODUCT,
    "p1",
    "새벽숲 이슬 수분 크림",
    "새벽숲 이슬 수분 크림 (크림)\n브랜드: 새벽숲\n가격: 18,000원\n용량: 80ml",
    score=1.0,
)
GROUNDS = (
    Passage(DocumentKind.REVIEWS, "p1", CREAM.title, "취향이 비슷한 12명 중 10명이 4점을 줬어요."),
    Passage(DocumentKind.REVIEWS, "p1", CREAM.title, "건성 피부 9명 중 8명이 순하다고 했어요."),
)


async def asked(
    question: Question, model: ScriptedModel | None = None
) -> tuple[list[str | Queued], Consulted]:
    async with aclosing(Consultant(Bookshelf([CREAM]), model).consult(question)) as pieces:
        *before, last = [piece async for piece in pieces]
    assert isinstance(last, Consulted)
    return [one for one in before if not isinstance(one, Consulted)], last


async def test_a_models_answer_tells_how_it_was_written():
    model = ScriptedModel(["가격은 18,000원이에요 [1]."], name="ppoyami-dpo")
    _, done = await asked(Question("이슬 수분 크림 얼마예요?"), model)
    trace = done.answer.trace
    assert (trace.prompt_version, trace.model) == (PROMPT_VERSION, "ppoyami-dpo")
    assert trace.passages == ("product:p1",)


async def test_a_composed_answer_was_written_by_no_model():
    _, done = await asked(Question("이슬 수분 크림 얼마예요?"))
    assert (done.answer.trace.prompt_version, done.answer.trace.model) == ("", "")


async def test_the_next_question_may_refer_to_what_was_answered_about():
    _, done = await asked(Question("이슬 수분 크림 얼마예요?"))
    assert done.answer.talk == Talk(("p1",), (), "이슬 수분 크림 얼마예요?")
    assert done.answer.intent == "product"


async def test_a_greeting_leaves_what_was_spoken_of():
    talk = Talk(("p1",), (), "이슬 수분 크림 얼마예요?")
    _, done = await asked(Question("고마워요!", talk=talk))
    assert done.answer.writer is Writer.GUARD
    assert done.answer.talk == talk


async def test_the_place_in_the_queue_comes_before_the_words():
    model = ScriptedModel(["가격은 18,000원이에요 [1]."], ahead=(3, 1))
    pieces, _ = await asked(Question("이슬 수분 크림 얼마예요?"), model)
    assert pieces[:2] == [Queued(3), Queued(1)]


async def test_a_full_queue_is_told_and_the_answer_composed():
    model = ScriptedModel(["가격은"], busy=True)
    _, done = await asked(Question("이슬 수분 크림 얼마예요?"), model)
    assert done.answer.text.startswith(BUSY)
    assert "18,000원" in done.answer.text
    assert done.answer.writer is Writer.FALLBACK


async def test_who_has_used_up_todays_answers_gets_a_composed_one():
    model = ScriptedModel(["가격은 18,000원이에요 [1]."])
    _, done = await asked(Question("이슬 수분 크림 얼마예요?", spent=True), model)
    assert done.answer.writer is Writer.COMPOSED
    assert model.prompts == []


async def test_another_answer_is_asked_for_more_freely():
    model = ScriptedModel(["가격은 18,000원이에요 [1]."])
    await asked(Question("이슬 수분 크림 얼마예요?"), model)
    await asked(Question("이슬 수분 크림 얼마예요?", again=True), model)
    assert model.temperatures == [None, AGAIN]


# --- «왜 추천했나요?» ---------------------------------------------------------------------------


async def why(*pieces: str) -> tuple[list[str | Queued | Consulted], ScriptedModel]:
    model = ScriptedModel(pieces)
    question = Question(prompts.why(CREAM.title))
    async with aclosing(Consultant(Bookshelf([]), model).why(question, GROUNDS)) as told:
        return [piece async for piece in told], model


async def test_the_reasons_are_told_from_the_grounds_alone():
    told, model = await why("취향이 비슷한 12명 중 10명이 4점을 줬어요 [1].")
    assert isinstance(told[-1], Consulted)
    assert told[-1].answer.writer is Writer.MODEL
    ((_, user),) = model.prompts
    assert [f"[{n}] {one.text}" in user.content for n, one in enumerate(GROUNDS, 1)] == [True, True]
    assert "왜 추천했나요?" in user.content


async def test_reasons_that_the_grounds_do_not_hold_are_not_told():
    told, _ = await why("30대 여성 97%가 만족했어요 [1].")
    assert not any(isinstance(piece, Consulted) for piece in told)


async def test_without_a_model_nothing_is_retold():
    question = Question(prompts.why(CREAM.title))
    assert [piece async for piece in Consultant(Bookshelf([])).why(question, GROUNDS)] == []


# --- the prompt ---------------------------------------------------------------------------------


def test_a_question_for_two_things_is_asked_in_steps():
    parts = ("크림 가격이 얼마예요", "민감한 피부에 써도 돼요")
    content = prompt(Question("크림 얼마고 민감한 피부에 써도 돼요?"), [CREAM], parts)[1].content
    assert content.endswith("질문:\n1) 크림 가격이 얼마예요\n2) 민감한 피부에 써도 돼요")


def test_a_question_for_one_thing_is_asked_as_it_was_typed():
    content = prompt(Question("크림\n얼마예요?"), [CREAM], ("크림 얼마예요?",))[1].content
    assert content.endswith("질문: 크림 얼마예요?")
