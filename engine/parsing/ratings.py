"""A rating as an export writes it, read into [1, 5]."""

import math
import re
import unicodedata
from typing import Final

from engine.parsing.korean import squeeze

_OUT_OF: Final = re.compile(r"(\d+(?:\.\d+)?)점만점(?:에|중)?(\d+(?:\.\d+)?)점?")
_FRACTION: Final = re.compile(r"(\d+(?:\.\d+)?)점?/(\d+(?:\.\d+)?)점?")
_PLAIN: Final = re.compile(r"(?:별점|평점|별)?:?(-?\d+(?:\.\d+)?)(?:점|개)?")
_FULL_STARS: Final = "★⭐"
_STARS: Final = re.compile(r"[★⭐☆✩]{1,5}")

_WORDS: Final = {
    1.0: "worst terrible 최악 최악이에요 매우나쁨 매우나빠요 매우별로 매우별로예요 매우불만족",
    2.0: "bad poor 별로 별로예요 별로에요 나쁨 나빠요 싫어요 불만족",
    3.0: "soso normal ok 보통 보통이에요 보통이예요 그저그래요 그저그럼 그냥그래요 무난 무난해요",
    4.0: "good 좋아요 좋음 좋다 좋습니다 만족 만족해요 추천 추천해요",
    5.0: "best great excellent 최고 최고예요 최고에요 매우좋음 매우좋아요 매우만족 매우만족해요",
}
_BY_WORD: Final = {word: value for value, words in _WORDS.items() for word in words.split()}


def rating(raw: object) -> float:
    """The rating in [1, 5].

    Read are numbers, «5점 만점에 4.5점», «8/10», «★★★★☆» and the words of the shops. A scale other
    than five is stretched to five, never below 1. ValueError says what was not understood.
    """
    if isinstance(raw, bool) or raw is None:
        raise ValueError(f"평점 {raw!r}: 숫자나 평점을 뜻하는 말이 아니에요.")
    if isinstance(raw, int | float):
        return _checked(float(raw), raw)
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", str(raw)))
    if match := _OUT_OF.fullmatch(text):
        return _scaled(float(match[2]), float(match[1]), raw)
    if match := _FRACTION.fullmatch(text):
        return _scaled(float(match[1]), float(match[2]), raw)
    if match := _PLAIN.fullmatch(text):
        return _checked(float(match[1]), raw)
    if _STARS.fullmatch(text):
        return _checked(float(sum(text.count(star) for star in _FULL_STARS)), raw)
    if (word := squeeze(text).replace("아주", "매우")) in _BY_WORD:
        return _BY_WORD[word]
    raise ValueError(f"평점 «{raw}»: 읽을 수 없어요. 1–5의 수나 «좋아요» 같은 말이어야 해요.")


def _checked(value: float, raw: object) -> float:
    if not math.isfinite(value) or not 1.0 <= value <= 5.0:
        raise ValueError(f"평점 «{raw}»: 1보다 작거나 5보다 커요.")
    return value


def _scaled(value: float, full: float, raw: object) -> float:
    if full < 1 or not 0 < value <= full:
        raise ValueError(f"평점 «{raw}»: 0점이거나 만점보다 커요.")
    return _checked(value if full == 5 else max(1.0, value * 5 / full), raw)
