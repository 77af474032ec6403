"""Wishes beyond a shop's data: «비건 토너», «할랄», «향수 향». Pure.

Formulas, prices and reviews are all that the data hold. Whether something is certified or smells
of roses stands nowhere in them, and an answer that passes over it would claim it. A formula does
tell of fragrance, and of what only comes from an animal: there it is read.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from engine.parsing.korean import squeeze, with_particle
from engine.store.avoidance import group_of

VEGAN: Final = "비건인지"
FRAGRANCE: Final = "향료"
AT_MOST: Final = 2
"""Of one question that are told; who asks for more is told of these."""

_SCENTS: Final = (
    r"향수|비누|장미|로즈|라벤더|머스크|시트러스|레몬|오렌지|자몽|복숭아|바닐라|코코넛|우디|숲|꽃|플로럴"
    r"|베이비\s*파우더|파우더|샴푸|과일|허브|민트|재스민|자스민|벚꽃|풀|달콤한|고급스러운"
)
_NOT_ASKED: Final = (
    r"(?!\S*\s*(?:(?:아니|안)\S*\s*(?:도|여도|라도|이어도)|상관\s*없|말고"
    r"|이?\s*(?:뭐|뭔|무슨|무엇)|이?란\b))"
)
"""«비건 아니어도 돼요», «비건이 뭐예요?»."""
_BEYOND: Final = tuple(
    (whether, re.compile(rf"(?:{words}){_NOT_ASKED}", re.IGNORECASE))
    for whether, words in (
        (VEGAN, r"비건|vegan"),
        ("동물실험을 했는지", r"크루얼티\s*프리|cruelty[\s-]*free|동물\s*실험"),
        ("할랄 인증을 받았는지", r"할랄|halal"),
        ("유기농 인증을 받았는지", r"유기농|오가닉|organic"),
        ("임신·수유 중에 써도 되는지", r"(?:임산부|임부|산모|수유부)\s*용"),
        ("모공을 막지 않는다는 시험을 거쳤는지", r"논\s*코메도\S*|non[\s-]*comedo\S*"),
        ("EWG 등급이 어떤지", r"\bEWG\b"),
        ("용기를 재활용할 수 있는지", r"재활용|리필\s*(?:되는|용기)"),
    )
)
_SCENT: Final = re.compile(rf"(?P<scent>{_SCENTS})\s*(?:향|냄새)(?!료|수|균){_NOT_ASKED}")
_SCENTLESS: Final = re.compile(
    r"무향(?!료)|(?<![가-힣])(?:향기?|냄새)(?:이|가|은|는|도)?\s*(?:없는|없이|없었으면|없으면|안\s*나는|안\s*나면|안\s*들어간|나지\s*않는|빠진)"
)
_ANIMAL: Final = re.compile(
    r"^꿀|벌꿀|밀랍|비즈왁스|로열젤리|프로폴리스|라놀린|카민|코치닐|달팽이|실크|우유|산양유|마유$|케라틴"
    r"|(?<!식물성)콜라겐|(?<!식물성)엘라스틴|제비집|진주|캐비어|난황|난백"
)


def beyond(text: str) -> tuple[str, ...]:
    """What the text wishes that no data tell, as questions: «비건인지». `text` without the names
    of products: «유기농 알로에 젤» is a name."""
    found = [(match.start(), whether) for whether, match in _matches(text)]
    return tuple(dict.fromkeys(whether for _, whether in sorted(found)))[:AT_MOST]


def _matches(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    for whether, words in _BEYOND:
        yield from ((whether, match) for match in words.finditer(text))
    for match in _SCENT.finditer(text):
        scent = " ".join(match["scent"].split())
        yield f"{scent} 향이 나는지", match


def scentless(text: str) -> bool:
    """«무향», «향 없는»: the formula tells, as far as fragrance is declared in it."""
    return _SCENTLESS.search(text) is not None


def told(wishes: Sequence[str]) -> str:
    """«비건인지는 자료에 없어서 알 수 없어요.»"""
    return f"{with_particle(', '.join(wishes), '은/는')} 자료에 없어서 알 수 없어요."


def animal(formula: Iterable[str]) -> tuple[str, ...]:
    """Its ingredients that come from an animal by their very name. That there is none is no proof:
    glycerin may be of both."""
    return tuple(name for name in formula if _ANIMAL.search(squeeze(name)))


def fragrant(formula: Iterable[str]) -> tuple[str, ...]:
    """Its declared fragrance: «향료» itself, and the allergens that a label has to name."""
    group = group_of(FRAGRANCE)
    return tuple(name for name in formula if group is not None and group.holds(squeeze(name), ()))
