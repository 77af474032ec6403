"""What someone wants to spend, and a typed wish for a routine: «3만원 안에서 루틴 짜줘»."""

import math
import re
from dataclasses import dataclass
from typing import Final

from engine.parsing.korean import squeeze
from engine.parsing.prices import band

WISH_AT_MOST: Final = 60
"""Characters; longer texts are questions."""
WON_AT_MOST: Final = 100_000_000
ROUTINE: Final = "루틴"

_FILLERS_WRITTEN: Final = """
추천 추천해 추천해줘 추천해줘요 추천해주세요 추천해줄래 추천해줄래요 추천좀 짜 짜줘 짜줘요 짜주세요
짜줄래 짜줄래요 만들어 만들어줘 만들어주세요 알려 알려줘 알려주세요 보여 보여줘 보여주세요 골라
골라줘 골라주세요 찾아 찾아줘 찾아주세요 줘 줘요 주세요 줄래 줄래요 해줘 해주세요 부탁해 부탁해요
부탁드려요 좀 하나 예산 예산은 예산으로 안에서 안으로 안쪽으로 내에서 이내로 이하로 정도 정도로 까지
아침 저녁 아침저녁 아침과 저녁의 스킨케어 기초 화장품 피부 관리 나 내 나에게 나한테 저 저에게 저한테
제 게 맞는 맞춤 으로 로 볼게요 할게요 바꿔줘 바꿔주세요
"""
_ANY_WRITTEN: Final = "상관없어 상관없어요 상관없이 아무거나 무제한"
_FILLERS: Final = frozenset(_FILLERS_WRITTEN.split())
_ANY: Final = frozenset(_ANY_WRITTEN.split())
_OF_A_BAND: Final = re.compile(r"[만천원]\s*대")
_BARE: Final = re.compile(r"(\d[\d,]*\s*[만천]?)\s*원?\s*(?:으로|로|이요|이에요|요)*")


@dataclass(frozen=True, slots=True)
class Allowance:
    told: bool = False
    """Whether the text says what it may cost."""
    won: int | None = None
    """None: any."""


def allowance(text: str) -> Allowance | None:
    """«4만원으로», «40000», «상관없어요»; None where the text tells no budget, or more."""
    bare = _BARE.fullmatch(text.strip())
    found = _read(f"{bare[1]}원" if bare else text)
    return found if found is not None and found.told else None


def routine_wish(text: str) -> Allowance | None:
    """None where the text does not name a routine, or says something that is not understood."""
    return _read(text) if ROUTINE in text else None


def _read(text: str) -> Allowance | None:
    if len(text) > WISH_AT_MOST:
        return None
    low, high, rest = band(text)
    words = [word for word in map(squeeze, rest.split()) if word]
    if not all(word.startswith(ROUTINE) or word in _FILLERS | _ANY for word in words):
        return None
    if low == 0 and math.isinf(high):
        return Allowance(told=not _ANY.isdisjoint(words))
    if math.isinf(high):
        return Allowance(told=True)
    return Allowance(True, min(_top(text, low, int(high)), WON_AT_MOST))


def _top(text: str, low: int, high: int) -> int:
    """«4만원» is what may be spent, not the 49,999 that a search for «4만원» goes up to."""
    width = str(high - low + 1)
    plain = low > 0 and width == "1" + "0" * (len(width) - 1)
    return low if plain and not _OF_A_BAND.search(text) else high
