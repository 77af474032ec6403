"""A size that is asked for, and the most or least of something: «300미리쯤», «제일 싼», «대용량».
Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Extreme(StrEnum):
    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    LARGEST = "largest"
    SMALLEST = "smallest"

    @property
    def of_price(self) -> bool:
        return self in (Extreme.CHEAPEST, Extreme.DEAREST)

    @property
    def lowest_first(self) -> bool:
        return self in (Extreme.CHEAPEST, Extreme.SMALLEST)


@dataclass(frozen=True, slots=True)
class Measure:
    extreme: Extreme | None = None
    size: float | None = None
    """ml or g."""


_MOST: Final = r"(?:제일|가장|젤|최대한|최고로|잴)\s*"
_EXTREMES: Final = (
    (
        Extreme.CHEAPEST,
        rf"{_MOST}(?:싼|싸|저렴|값싼|착한\s*가격|가격[이도]?\s*(?:싼|낮|착)|낮은)|최저가",
    ),
    (Extreme.DEAREST, rf"{_MOST}(?:비싼|비싸|고가|가격[이도]?\s*(?:비싼|높))|최고가"),
    (
        Extreme.LARGEST,
        rf"{_MOST}(?:큰|크(?!림)|용량[이도]?\s*(?:큰|많)|양[이도]?\s*많|많이\s*든)|대용량|점보|특대"
        r"|용량[이은도]?\s*(?:더\s*)?(?:큰|크|많|넉넉)|양[이은도]?\s*(?:더\s*)?(?:많[은이]|넉넉)|큰\s*용량|(?:더|큰)\s*(?:큰\s*)?사이즈",
    ),
    (
        Extreme.SMALLEST,
        rf"{_MOST}(?:작|조그만)|소용량|미니\s*(?:사이즈|어처)?|휴대용|여행용|작은\s*(?:거|것|용량|사이즈|병|통|걸|크림|로션|토너|미스트)"
        r"|용량[이은도]?\s*(?:더\s*)?작",
    ),
)
_EXTREME: Final = tuple((one, re.compile(words)) for one, words in _EXTREMES)
_SIZE: Final = re.compile(
    r"(?<!\d)(\d{2,4})\s*(?:ml|미리|밀리|엠엘|그램|g(?![a-z]))", re.IGNORECASE
)
_VOLUME: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(?:ml|g)(?![a-z])", re.IGNORECASE)


def measure(text: str) -> Measure:
    size = _SIZE.search(text)
    return Measure(
        next((one for one, words in _EXTREME if words.search(text)), None),
        float(size[1]) if size else None,
    )


def amount(volume: str | None) -> float | None:
    """«200ml» → 200; None where it says none."""
    found = _VOLUME.search(volume or "")
    return float(found[1]) if found else None
