"""Words about skin, as surveys and exports write them, read into the domain's enums."""

import re
from typing import Final

from engine.domain import Effect, Irritation, SkinType

_SKIN: Final = re.compile(
    r"(?P<VERY_DRY>악\s?건성|극\s?건성|매우\s?건성|very\s?dry)"
    r"|(?P<COMBINATION>복합성?|수부지|combination)"
    r"|(?P<SENSITIVE>민감성?|예민성?|sensitive)"
    r"|(?P<OILY>지성|oily)"
    r"|(?P<DRY>건성|수분\s?부족|dry)"
    r"|(?P<NORMAL>중성|정상|normal)",
    re.IGNORECASE,
)
_EFFECT: Final = re.compile(
    r"(?P<MOISTURE>보습|수분|촉촉)"
    r"|(?P<SOOTHING>진정)"
    r"|(?P<AGEING>주름|미백|탄력|안티에이징|톤업|브라이트닝)"
)
_IRRITATION: Final = re.compile(
    r"(?P<GENTLE>순해|순함|순한|무자극|저자극|자극\s*(?:이|은|도)?\s*(?:거의\s*)?(?:없|안)|gentle)"
    r"|(?P<NORMAL>보통|normal)"
    r"|(?P<IRRITATING>자극|따가|따끔|irritat)",
    re.IGNORECASE,
)


def skin_type(raw: object) -> SkinType | None:
    """The first skin type named: «지성 | 쿨톤 | 트러블», «28세 · 복합성 ·»; None without one."""
    return SkinType[name] if (name := _first(_SKIN, raw)) else None


def effect(raw: object) -> Effect | None:
    """«보습에 좋아요» → 보습; None without one."""
    return Effect[name] if (name := _first(_EFFECT, raw)) else None


def irritation(raw: object) -> Irritation | None:
    """«자극없이 순해요» → 순해요; None without one."""
    return Irritation[name] if (name := _first(_IRRITATION, raw)) else None


def _first(pattern: re.Pattern[str], raw: object) -> str | None:
    match = pattern.search(raw) if isinstance(raw, str) else None
    return match.lastgroup if match else None
