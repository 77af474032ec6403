"""What people thought of answers becomes preferences, in the form of the prompt they answered."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

from engine.domain import DocumentKind, Passage, Question
from engine.generation.consult import Consultant
from engine.generation.prompts import prompt
from engine.store.people import Preference, Talk
from tests.fakes import Bookshelf
from training.preferences import Told, chosen, gathered, thumbs
from training.shop import Shop

CREAM = Passage(DocumentKind.PRODUCT, "p1", "새벽숲 이슬 크림", "새벽숲 이슬 크림\n가격: 18,000원")
GOOD = "새벽숲 이슬 크림은 18,000원이에요 [1]. 건성에게 잘 맞아요."
BAD = "새벽숲 이슬 크림은 28,000원이에요 [1]. 누구에게나 잘 맞아요."
TALK = Talk("이슬 크림 얼마예요?", GOOD, True, "", "product", "3", "shop", ("product:p1",))
WORSE = replace(TALK, answer=BAD, good=False)


class Kept:
    """What the store hands out of those who agreed."""

    def __init__(self, talks: Sequence[Talk] = (), pairs: Sequence[Preference] = ()) -> None:
        self.talks, self.pairs = talks, pairs

    async def conversations_for_training(self) -> AsyncIterator[Talk]:
        for one in self.talks:
            yield one

    async def preferences_for_training(self) -> AsyncIterator[Preference]:
        for one in self.pairs:
            yield one


async def made(*talks: Talk, pairs: Sequence[Preference] = ()) -> Any:
    kept: Any = Kept(talks, pairs)
    return await gathered(kept, Shop(Consultant(Bookshelf([CREAM])), "0" * 64))


def test_the_chosen_answer_is_the_better_one_whatever_its_thumb() -> None:
    first, second = replace(TALK, good=True), replace(WORSE, good=False)
    assert chosen(Preference("q", first, second, second_is_better=True)).better is second
    assert chosen(Preference("q", first, second, second_is_better=False)).better is first


def test_a_thumb_up_stands_beside_a_thumb_down_to_the_same_question() -> None:
    asked_again = replace(WORSE, question="이슬크림  얼마예요")
    assert thumbs([TALK, asked_again]) == [Told(TALK.question, TALK, asked_again)]


def test_thumbs_to_other_questions_or_other_documents_are_no_pair() -> None:
    assert thumbs([TALK, replace(WORSE, question="달빛 토너 얼마예요?")]) == []
    assert thumbs([TALK, replace(WORSE, passages=("product:p2",))]) == []
    assert thumbs([TALK, replace(WORSE, good=None)]) == []
    assert thumbs([TALK, replace(TALK, good=False)]) == []


def test_an_answer_that_many_liked_counts_once() -> None:
    assert len(thumbs([TALK, TALK, TALK, WORSE, WORSE])) == 1


async def test_a_pair_has_the_prompt_that_was_answered() -> None:
    told = await made(TALK, replace(WORSE, reason="long"))
    (one,) = told.samples
    (pair,) = one.preferences
    assert pair.prompt == prompt(Question("이슬 크림 얼마예요?"), [CREAM])
    assert (pair.source, pair.chosen, pair.rejected) == ("feedback", GOOD, BAD)
    assert pair.fault == "length"


async def test_a_pair_whose_documents_nobody_knows_is_left_and_counted() -> None:
    gone = [replace(one, passages=("product:p9",)) for one in (TALK, WORSE)]
    unknown = [replace(one, passages=(), question="토너는요?") for one in (TALK, WORSE)]
    told = await made(*gone, *unknown)
    assert (told.samples, told.found, told.without_documents) == ((), 2, 2)


async def test_two_worse_answers_to_one_good_one_are_two_pairs_of_one_family() -> None:
    other = replace(WORSE, answer="새벽숲 이슬 크림은 공짜로 드리는 크림이에요 [1].", good=None)
    pairs = [Preference(TALK.question, TALK, other, second_is_better=False)]
    told = await made(TALK, WORSE, pairs=pairs)
    (one,) = told.samples
    assert {pair.rejected for pair in one.preferences} == {BAD, other.answer}
    assert len({pair.id for pair in one.preferences}) == 2


async def test_an_unsafe_answer_is_never_the_chosen_one() -> None:
    liked = replace(TALK, answer="따가워도 멈추지 말고 계속 바르시면 금방 좋아져요 [1].")
    told = await made(liked, WORSE)
    assert told.samples == ()
    assert told.cleaned.counts["unsafe"] == 1


async def test_ids_tell_nothing_of_the_order_in_which_people_wrote() -> None:
    others = [replace(one, question="이슬 크림 순한 편인가요?") for one in (TALK, WORSE)]
    one_way = await made(TALK, WORSE, *others)
    other_way = await made(*others, TALK, WORSE)
    assert one_way.samples == other_way.samples
    assert len(one_way.samples) == 2
