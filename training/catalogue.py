"""Grounded questions: what the engine itself composes from its passages is a right answer to them.

The questions are those of the labelled set's half to tune with, asked by people of several skins.
An answer is kept where it leans on a document that the label calls right, guards that see what the
prompt shows leave all of it, and it says nothing twice. Of names that nothing bears, it says so.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from engine.domain import Concern, Passage, Question, SkinProfile, SkinType, Writer
from engine.generation.checks.sentences import Sentence, sentences
from engine.generation.labelled import LabelledQuestion, questions
from engine.parsing.korean import squeeze
from training.cleaning import Sample
from training.rows import read
from training.shop import Served, Shop, id_of

INTENTS: Final = ("product", "recommend", "ingredient", "compare", "concern")
NAMING: Final = ("product", "recommend", "ingredient", "compare")
"""Intents of `further`: what a concern needs, no rule can tell."""
FURTHER: Final = 25
PEOPLE: Final = (
    SkinProfile(skin_type=SkinType.DRY, concerns=(Concern.DRYNESS,)),
    SkinProfile(skin_type=SkinType.OILY, concerns=(Concern.ACNE, Concern.PORES)),
    SkinProfile(skin_type=SkinType.SENSITIVE, concerns=(Concern.REDNESS,), avoided=("향료",)),
    SkinProfile(skin_type=SkinType.COMBINATION, concerns=(Concern.BLACKHEADS,)),
    SkinProfile(skin_type=SkinType.VERY_DRY, concerns=(Concern.DRYNESS, Concern.WRINKLES)),
    SkinProfile(skin_type=SkinType.NORMAL, concerns=(Concern.SPOTS,), avoided=("에탄올",)),
)
WHOLE: Final = 0.97
"""Of an answer's letters, what its guards must leave: a slip of spacing is no loss."""
VARIANTS: Final = 2
"""People of `PEOPLE` who ask each question, besides one of whom nothing is known."""
_MENU: Final = re.compile(r"«(?:추천 받기|제품 찾기|성분 물어보기|루틴 추천)»")
"""The bot's own buttons are no matter of a model's."""
_UNKNOWN: Final = re.compile(r"^«[^.]*»[은는] 제가 가진 (제품|성분) 자료에서 찾지 못했어요")
"""`engine.generation.unknown.said` of a name."""
_DERIVED: Final = re.compile(r"(?<=원)이고, 10ml에 [\d,]+원꼴(이에요)|[\d,]+원 저렴해요")
_NUMBER: Final = re.compile(r"\d[\d,.]*\d|\d")
_CONCERN_INSIDE: Final = re.compile(rf"(?:{'|'.join(Concern)})[이가]? 들지 않은")
"""A concern taken for an ingredient."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A sample with what came of its question in serving."""

    sample: Sample
    question: Question
    served: Served


@dataclass(frozen=True, slots=True)
class Grounded:
    asked: tuple[Asked, ...]
    left: int
    """Asked, and not kept."""


async def grounded(path: Path, shop: Shop) -> Grounded:
    """From the labelled questions. Raises OSError, Unreadable, EngineError."""
    kept: list[Asked] = []
    asked = 0
    for row in wanted(questions(path, "tune")):
        for number, profile in enumerate(asking(row)):
            asked += 1
            served = await served_for(row, profile, shop)
            text = answer_of(row, served, shop)
            if text:
                sample = _sample(f"{row.id}-{number}", row.id, " ".join(row.turns), served, text)
                kept.append(Asked(sample, Question(row.turns[-1], profile), served))
    return Grounded(tuple(kept), asked - len(kept))


async def further(path: Path, shop: Shop) -> Grounded:
    """From the sentences that teach the classifier of intents, of each family the first that
    stands by itself. No label tells their right documents: instead the engine must have understood
    what the label says, and lean on what the question names. At most `FURTHER` of each intent."""
    kept: dict[str, Asked] = {}
    of_intent: Counter[str] = Counter()
    asked = 0
    for family, intent, text in read(path, _sentence):
        if intent not in NAMING or family in kept or of_intent[intent] == FURTHER:
            continue
        asked += 1
        question = Question(text)
        served = await served_or_refused((), question, shop)
        if served.answer.intent == intent and (told := _told(intent, text, served, shop)):
            sample = _sample(family, family, text, served, told)
            kept[family] = Asked(sample, question, served)
            of_intent[intent] += 1
    return Grounded(tuple(kept.values()), asked - len(kept))


def wanted(rows: Iterable[LabelledQuestion]) -> list[LabelledQuestion]:
    """Those that a document answers, or that ask for what does not exist."""
    return [one for one in rows if one.intent in INTENTS and (one.passages or one.refuse)]


def asking(row: LabelledQuestion) -> tuple[SkinProfile, ...]:
    """Nobody known, then people who do not contradict what the question says of itself."""
    fitting = [one for one in PEOPLE if not row.skin_types or one.skin_type in row.skin_types]
    fitting = [one for one in fitting if not row.not_concerns & set(one.concerns)]
    first = int(row.id.lstrip("q")) % max(1, len(fitting))
    return (SkinProfile(), *(fitting[first:] + fitting[:first])[:VARIANTS])


async def served_for(row: LabelledQuestion, profile: SkinProfile, shop: Shop) -> Served:
    *before, last = row.turns
    return await served_or_refused(before, Question(last, profile), shop)


async def served_or_refused(before: Sequence[str], asked: Question, shop: Shop) -> Served:
    """Where a name that nothing bears is asked for: the prompt that a model would be sent if it
    were asked all the same, and the set words that serving says instead."""
    served = await shop.ask(before, asked)
    if served.prompt or not _UNKNOWN.search(served.answer.text):
        return served
    told = await shop.ask(before, asked, unguarded=True)
    return replace(told, answer=served.answer)


def answer_of(row: LabelledQuestion, served: Served, shop: Shop) -> str:
    """Empty where it may not be learned."""
    question = row.turns[-1]
    if row.refuse:
        return refusal(question, served, shop)
    text, cited = _stated(question, served, shop)
    return text if cited & row.passages else ""


def _told(intent: str, question: str, served: Served, shop: Shop) -> str:
    """The answer where it is about what the question names; empty elsewhere."""
    if served.answer.writer is Writer.GUARD:
        return refusal(question, served, shop)
    text, cited = _stated(question, served, shop)
    asked = squeeze(question)
    about = [one for one in served.passages if id_of(one) in cited]
    named = any(squeeze(name) in asked for one in about for name in _names(one))
    return text if cited and (named or intent == "recommend") else ""


def refusal(question: str, served: Served, shop: Shop) -> str:
    """That there is no such thing, without its name: a model that says a name which nothing bears
    is stopped by its guards, whatever it says of it. Empty for any other set words."""
    found = _UNKNOWN.search(served.answer.text)
    if not served.prompt or served.answer.writer is not Writer.GUARD or found is None:
        return ""
    text = f"그 {found[1]}은 제가 가진 자료에서 찾지 못했어요."
    return text if shop.checked(text, served.passages, question) else ""


def _stated(question: str, served: Served, shop: Shop) -> tuple[str, Set[str]]:
    """The composed answer as a model may learn it, and ids of what it cites; empty where a guard
    that sees no more than the prompt shows would not leave it whole, where its first sentence goes,
    which names what the rest is about, or where it repeats itself."""
    if not served.prompt or served.answer.writer is Writer.GUARD:
        return "", frozenset()
    told = _DERIVED.sub(lambda found: found[1] or "더 저렴해요", served.composed)
    every = sentences(told, finished=True)
    found = [one for one in every if not _MENU.search(one.text) and _is_shown(one, served)]
    text = " ".join(one.shown(one.cited) for one in found)
    once = len({one.text for one in found}) == len(found)
    if not found or found[0] is not every[0] or not once or _CONCERN_INSIDE.search(text):
        return "", frozenset()
    cited = frozenset(_cited(found, served))
    sides = {one.title for one in served.passages if id_of(one) in cited}
    if served.answer.intent == "compare" and len(sides) < 2:
        return "", frozenset()
    whole = shop.checked(text, served.fitted, question)
    stands = len(_bare(whole)) >= WHOLE * len(_bare(text))
    return (text, cited) if stands else ("", frozenset())


def _is_shown(one: Sentence, served: Served) -> bool:
    """Every number of it can be read in the prompt: sums and shares are not a small model's."""
    shown = set(_NUMBER.findall(served.prompt[-1].content))
    return set(_NUMBER.findall(one.text)) <= shown


def _names(passage: Passage) -> tuple[str, ...]:
    """A product's title with and without its brand, an ingredient's name."""
    _, _, short = passage.title.partition(" ")
    return tuple(filter(None, (passage.title, short, passage.key)))


def _cited(found: Iterable[Sentence], served: Served) -> list[str]:
    """Ids of the documents that the sentences cite."""
    ids = dict(enumerate(served.ids, start=1))
    return [ids[number] for one in found for number in one.cited if number in ids]


def _sample(id: str, family: str, asked: str, served: Served, text: str) -> Sample:
    return Sample(id, family, "catalogue", asked, served.prompt, text)


def _sentence(row: dict[str, Any]) -> tuple[str, str, str]:
    """Family, intent, text; no intent where it leans on what was said before."""
    return row["family"], "" if row["talk"] else row["intent"], row["text"]


def _bare(text: str) -> str:
    return re.sub(r"\[[\d,\s]+\]|\s|\.", "", text)
