"""Questions about what the shop does not have, made of those about what it has.

The name in a question is exchanged for one that nothing bears, and the prompt is the one that
serving would send for it. «찾지 못했어요» is the right answer then, and what was told of the thing
that exists the worse one, said under the invented name; of the question as it was, it is the other
way round. So a model has to look whether the passages hold the name: no phrase of a question tells.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from engine.domain import DocumentKind, Passage
from engine.generation.checks.sentences import sentences
from engine.parsing.korean import has_final, squeeze
from training.catalogue import Asked, refusal, served_or_refused
from training.cleaning import Sample, Worse
from training.shop import Shop

TRIES: Final = 4
"""Names made up for one question: some are too near to a name that exists."""
REFUSES, INVENTS = "refusal", "product"
"""Faults of the worse answers: nothing found though it is there; told of what is not there."""
_FRONT: Final = ("별빛", "솜구름", "노을", "안개꽃", "하늘결", "달무리", "물오름", "꽃잠", "여우비",
                 "눈꽃", "아침뜰", "바람결", "은하수", "풀잎종", "해오름", "윤슬")  # fmt: skip
_BACK: Final = ("글램", "오로라", "퀀텀", "벨벳", "프리즘", "루나", "캐시미어", "네오핏", "하모니",
                "드림", "크리스탈", "블룸", "실크", "젤라또", "마블", "코튼")  # fmt: skip
_STEMS: Final = ("노바", "리포", "셀레", "피오", "엘라", "무스카", "베로", "카밀", "아쿠", "트레온")
_OPEN: Final = ("미네이드", "솔레이드", "라마이드", "티디아")
_CLOSED: Final = ("린추출물", "펩토신", "글루졸", "세라틴")


async def absent(asked: Sequence[Asked], shop: Shop) -> list[Sample]:
    """The samples of `asked`, with a worse answer where a name could be exchanged, each followed
    by the one that it was exchanged in. Raises EngineError."""
    samples = []
    for one in asked:
        pair = await _exchanged(one, shop)
        samples += [one.sample] if pair is None else pair
    return samples


async def _exchanged(one: Asked, shop: Shop) -> list[Sample] | None:
    sample = one.sample
    answer = squeeze(sample.answer)
    told_of = [each for each in one.served.passages if squeeze(each.title) in answer]
    named = next(_named(sample.question, told_of), None)
    if named is None or sample.question != one.question.text:
        return None
    passage, name, spelled = named
    drawn = random.Random(sample.id)
    for _ in range(TRIES):
        made = invented(passage, name, drawn)
        question = spelled.sub(made, sample.question)
        served = await served_or_refused((), replace(one.question, text=question), shop)
        told = refusal(question, served, shop)
        if not told:
            continue
        worse = Worse(_renamed(sample.answer, passage.title, made), INVENTS)
        return [
            replace(sample, worse=(*sample.worse, Worse(told, REFUSES))),
            Sample(
                f"{sample.id}-absent", sample.family, sample.source, question,
                served.prompt, told, (worse,),
            ),
        ]  # fmt: skip
    return None


def invented(passage: Passage, name: str, drawn: random.Random) -> str:
    """A name that reads like that of a product of its kind, or of an ingredient; it ends in the
    sound that `name` ends in, so that the particle behind it stays right."""
    if passage.kind == DocumentKind.INGREDIENT:
        ends = _CLOSED if has_final(name) else _OPEN
        return drawn.choice(_STEMS) + drawn.choice(ends)
    brand, _, short = passage.title.partition(" ")
    kept = f"{brand} " if name != short and drawn.random() < 0.5 else ""
    return f"{kept}{drawn.choice(_FRONT)} {drawn.choice(_BACK)} {name.rsplit(maxsplit=1)[-1]}"


def _named(
    question: str, passages: Sequence[Passage]
) -> Iterator[tuple[Passage, str, re.Pattern[str]]]:
    """What the question names of what was shown, and how to find it there, whatever its blanks."""
    for one in passages:
        _, _, short = one.title.partition(" ")
        for name in filter(None, (one.title, short)):
            if len(squeeze(name)) < 2 or one.kind == DocumentKind.FAQ:
                continue
            spelled = re.compile(r"\s*".join(map(re.escape, re.sub(r"\s", "", name))))
            if spelled.search(question):
                yield one, name, spelled


def _renamed(text: str, title: str, made: str) -> str:
    """What was told of a thing, told of another that does not exist."""
    _, _, short = title.partition(" ")
    for name in filter(None, (title, short)):
        text = text.replace(name, made)
    named = [one for one in sentences(text, finished=True) if made in one.text]
    return text if named else ""
