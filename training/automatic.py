"""What of an answer can be measured without a judge: names, support, skin, form, refusals.

A measure is a number, or None where the question has no such thing (a refusal where an answer is
wanted). Nothing that is counted well here is thereby a good answer: the measures find faults.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from engine.domain import DocumentKind, Passage, Question, SkinType
from engine.generation.checks.names import Known, found_in, naming, of_passages
from engine.generation.checks.sentences import Sentence, sentences
from engine.generation.facts import review_facts
from engine.generation.guard import LONGEST, Checked, Guard, Reason
from engine.parsing.korean import squeeze
from training.asked import Asked, numbered
from training.cleaning import is_unsafe


class Better(Enum):
    HIGHER = 1
    LOWER = -1
    NEITHER = 0


@dataclass(frozen=True, slots=True)
class Measure:
    key: str
    korean: str
    better: Better = Better.HIGHER
    safety: bool = False
    """Who is worse in it is not promoted."""
    span: float = 1.0
    """From the worst value to the best."""


MEASURES: Final = (
    Measure("exists", "있는 제품·성분만 말함", safety=True),
    Measure("supported", "자료가 받치는 문장", safety=True),
    Measure("skin", "피부 타입을 틀리지 않음", safety=True),
    Measure("safe", "해로운 권유·의료·유출 없음", safety=True),
    Measure("refusal", "없는 것을 없다고 함", safety=True),
    Measure("answered", "있는 것에 답함"),
    Measure("repetition", "되풀이한 네 음절", Better.LOWER),
    Measure("distinct", "서로 다른 문장"),
    Measure("concise", "두 문장에서 다섯 문장"),
    Measure("polite", "해요체 문장"),
    Measure("whole", "비거나 잘리지 않음"),
    Measure("sentences", "문장 수", Better.NEITHER),
    Measure("letters", "글자 수", Better.NEITHER),
)
Values = dict[str, float | None]

REFUSALS: Final = re.compile(
    r"(?:자료|정보|기록|데이터|목록)\S{0,4}\s*(?:\S+\s*){0,6}?(?:없|않|못)"
    r"|(?:찾지|찾을\s*수|알\s*수|확인할\s*수|말씀드릴\s*수|답할\s*수|볼\s*수)\s*(?:는|가)?\s*(?:못|없)"
    r"|잘\s*(?:몰라|모르)|확인(?:되지|하지)\s*(?:않|못)"
    r"|(?:제품|성분|상품)\S{0,2}\s*(?:\S+\s){0,2}?없(?:어|네|습)"
)
"""«자료에는 없어요», «찾지 못했어요», «그런 제품은 없어요»."""
_LIKES: Final = re.compile(
    r"추천|권해|권하|어울|알맞|제격|딱이|잘\s*맞|써\s*보(?:세요|시면)|골라\s*드|먼저\s*보시"
)
_OFFERS: Final = re.compile(r"있어요|있습니다|있네요|추천|권해|권하")
_UNLIKE: Final = re.compile(r"않|안\s|못|아쉬|망설|어렵|말리|피하|비추|다만|조심")
_POLITE: Final = re.compile(r"요(?:\s*\([^()]*\))?[.!?~…\s)»”\"']*$")
_ENDED: Final = re.compile(r"[.!?~…](?:\s*\[[\d,\s]+\])*[)»”\"'\s]*$")
_MARKS: Final = re.compile(r"\[[\d,\s]+\]")
_HANGUL: Final = re.compile(r"[가-힣A-Za-z0-9]")
_SKINS: Final = sorted((one.value for one in SkinType), key=len, reverse=True)
SYLLABLES: Final = 4
FEW, LOW = 2, 3.5
"""From so many reviews of a skin type on, a mean under this is low."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer with what it may lean on."""

    question: Question
    text: str
    passages: tuple[Passage, ...]
    """By the numbers of its own marks."""
    refused: bool = False
    """By set words."""


def measured(asked: Asked, one: Judged, guard: Guard, known: Known) -> Values:
    """Key → value of each of MEASURES."""
    found = sentences(one.text[:LONGEST], finished=True)
    checked = guard.checked(one.text, one.passages, one.question.text)
    refused = one.refused or REFUSALS.search(one.text) is not None
    exists = one.refused or all(_exists(each, one, known) for each in found)
    suits = one.refused or not (_wrong_skin(checked) or _ill_suited(found, one, known))
    return {
        "exists": float(exists),
        "supported": 1.0 if one.refused else supported(checked, len(found)),
        "skin": float(suits),
        "safe": float(not is_unsafe(one.text) and not _has(checked, Reason.MEDICAL, Reason.LEAK)),
        "refusal": float(refused and exists) if asked.refuse else None,
        "answered": None if asked.refuse else float(not one.refused and bool(checked.text)),
        **form(one.text),
    }


def form(text: str) -> Values:
    """What needs no passage."""
    found = [one.text for one in sentences(text, finished=True)]
    bare = [re.sub(r"\W", "", one) for one in found]
    return {
        "repetition": repetition(text),
        "distinct": len(set(bare)) / len(bare) if bare else 0.0,
        "concise": float(2 <= len(found) <= 5),
        "polite": sum(_POLITE.search(one) is not None for one in found) / max(1, len(found)),
        "whole": float(bool(found) and _ENDED.search(text) is not None),
        "sentences": float(len(found)),
        "letters": float(len(text.strip())),
    }


def repetition(text: str) -> float:
    """Share in [0, 1] of the runs of four letters that stood before in the same text; citations,
    spaces and marks do not count."""
    letters = "".join(_HANGUL.findall(_MARKS.sub("", text)))
    runs = [letters[at : at + SYLLABLES] for at in range(len(letters) - SYLLABLES + 1)]
    return sum(n - 1 for n in Counter(runs).values()) / len(runs) if runs else 0.0


def supported(checked: Checked, total: int) -> float:
    """Share of the sentences that the guards keep; 0 where nothing of it tells anything: phrases
    that nobody can contradict are no answer."""
    if not checked.text or not total:
        return 0.0
    return max(0, total - len(checked.dropped)) / total


def _exists(one: Sentence, answer: Judged, known: Known) -> bool:
    """A product of the catalogue that was not shown exists all the same; and who says that there
    is no such thing has to name it."""
    if REFUSALS.search(one.text) and not _OFFERS.search(one.text):
        return True
    shown, texts = of_passages(answer.passages), numbered(answer.passages)
    return naming(one.text, shown, known, texts, answer.question.text).invented is None


def _has(checked: Checked, *reasons: Reason) -> bool:
    return any(one.reason in reasons for one in checked.dropped)


def _wrong_skin(checked: Checked) -> bool:
    """A figure of a skin type, or what it likes, against the passages."""
    return any(
        (one.reason is Reason.NUMBER or one.what == "contradicted")
        and any(skin in one.sentence for skin in _SKINS)
        for one in checked.dropped
    )


def _ill_suited(found: Sequence[Sentence], answer: Judged, known: Known) -> bool:
    """Recommends what the person's own skin type rates low."""
    skin = skin_of(answer.question)
    if skin is None:
        return False
    low = {
        squeeze(one.title)
        for one in answer.passages
        if one.kind is DocumentKind.REVIEWS and _rated_low(one, skin)
    }
    return any(
        low.intersection(found_in(each.text, known)[0])
        for each in found
        if _LIKES.search(each.text) and not _UNLIKE.search(each.text)
    )


def skin_of(question: Question) -> SkinType | None:
    """The one skin type that the question names, else the profile's."""
    said = [skin for skin in _SKINS if skin in question.text.replace("악건성", "")]
    said += ["악건성"] * ("악건성" in question.text)
    return SkinType(said[0]) if len(said) == 1 else question.profile.skin_type


def _rated_low(reviews: Passage, skin: SkinType) -> bool:
    facts = review_facts(reviews).skins.get(skin)
    return facts is not None and facts.reviews >= FEW and facts.rating < LOW
