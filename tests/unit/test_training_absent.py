"""A name exchanged for one that nothing bears: the question stays, the right answer turns."""

import random

import pytest

from engine.domain import DocumentKind, Passage, Question
from engine.generation.consult import Consultant
from engine.generation.unknown import Missing, Stock, What
from engine.parsing.korean import has_final
from tests.fakes import Bookshelf
from training.absent import INVENTS, REFUSES, absent, invented
from training.catalogue import Asked, served_or_refused
from training.cleaning import Sample
from training.shop import Shop

CREAM = Passage(
    DocumentKind.PRODUCT,
    "p1",
    "새벽숲 이슬 수분 크림",
    "새벽숲 이슬 수분 크림 (크림)\n브랜드: 새벽숲\n가격: 18,000원\n용량: 80ml",
    2.0,
)
TOLD = "새벽숲 이슬 수분 크림은 80ml에 18,000원이에요 [1]."


class OnlyTheDew(Stock):
    """Nothing is borne but the cream of dew."""

    def missing(self, understood: object, text: str, talk: object = None) -> Missing | None:
        return None if "이슬" in text else Missing(What.PRODUCT, (text,))


def shop() -> Shop:
    return Shop(Consultant(Bookshelf([CREAM], (), {}), stock=OnlyTheDew()), "0" * 64)


async def asked(question: str, talk: str = "") -> Asked:
    served = await served_or_refused((), Question(question), shop())
    return Asked(
        Sample("q1", "q1", "catalogue", f"{talk}{question}", served.prompt, TOLD),
        Question(question),
        served,
    )


async def test_one_question_becomes_two_that_answer_each_other() -> None:
    was, made = await absent([await asked("이슬수분크림 얼마예요?")], shop())

    assert "이슬" not in made.question
    assert made.question.endswith("크림 얼마예요?")
    assert made.question in made.prompt[-1].content
    assert made.answer == "그 제품은 제가 가진 자료에서 찾지 못했어요."
    assert (was.answer, made.family) == (TOLD, was.family)
    assert [(one.text, one.fault) for one in was.worse] == [(made.answer, REFUSES)]
    name = made.question.removesuffix(" 얼마예요?")
    assert [(one.text, one.fault) for one in made.worse] == [
        (f"{name}은 80ml에 18,000원이에요 [1].", INVENTS)
    ]
    assert made.conversation.messages[-1].content == made.answer


async def test_the_same_question_is_exchanged_in_the_same_way() -> None:
    once = await absent([await asked("이슬 수분 크림 얼마예요?")], shop())

    assert await absent([await asked("이슬 수분 크림 얼마예요?")], shop()) == once


@pytest.mark.parametrize(
    ("question", "talk"),
    [("촉촉한 거 있어요?", ""), ("이슬 수분 크림 얼마예요?", "건성이에요 ")],
)
async def test_a_question_without_a_name_or_with_turns_before_it_stays(question, talk) -> None:
    one = await asked(question, talk)

    assert await absent([one], shop()) == [one.sample]


@pytest.mark.parametrize("name", ["판테놀", "알란토인", "하이알루로닉애씨드", "세라마이드"])
def test_an_ingredient_made_up_takes_the_particle_of_the_real_one(name: str) -> None:
    passage = Passage(DocumentKind.INGREDIENT, name, f"{name} (X)", name)
    made = {invented(passage, name, random.Random(seed)) for seed in range(50)}

    assert len(made) > 10
    assert {has_final(one) for one in made} == {has_final(name)}
