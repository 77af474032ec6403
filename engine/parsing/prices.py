"""Prices as people type them: «2만원대», «1~2만원», «삼만원 이하», «15,000원»."""

import math
import re
from collections.abc import Iterator
from typing import Final

_UNITS: Final = {"만": 10_000, "천": 1_000, "": 1}
_NUMERALS: Final = {numeral: str(one) for one, numeral in enumerate("일이삼사오육칠팔구", 1)}
_AMOUNT: Final = (
    r"(?:\d[\d,]*(?:\.\d+)?\s*만(?:\s*\d\s*천)?|\d[\d,]*\s*천|만(?:\s*\d\s*천)?|\d[\d,]*)"
)
_RANGE: Final = re.compile(
    rf"(?P<low>{_AMOUNT})\s*원?\s*(?:~|-|–|에서|부터)\s*(?P<high>{_AMOUNT})\s*원?\s*"
    r"(?P<edge>대|사이|까지|이하|정도)?"
)
_BAND: Final = re.compile(
    rf"(?<![\d.])(?P<amount>{_AMOUNT})\s*(?P<won>원)?\s*"
    r"(?P<edge>대|이하|미만|안쪽|이내|안으로|까지|아래|밑|이상|초과|넘는|부터|정도|안팎|내외|전후|언저리)?"
    r"(?:으로|로|에|인|의)?(?=\s|$|[가-힣]|[.,!?~…;)](?!\d))"
)
_SINO: Final = re.compile(
    r"(?<![가-힣])(?P<one>[일이삼사오육칠팔구])(?=[만천]\s*원|만\s*오천)|(?<=만)\s*오(?=천)"
)
_BELOW: Final = ("이하", "안쪽", "이내", "안으로", "까지", "아래", "밑")
_AROUND: Final = ("안팎", "내외", "전후", "언저리")
_ABOVE: Final = ("이상", "부터")


def band(text: str) -> tuple[int, float, str]:
    """The band in won, both ends within, and the text without it: «2만원대» is 20,000–29,999.

    Numerals come back as digits; a text without a price has the band from 0 to infinity.
    """
    text = _in_digits(text)
    for found in _RANGE.finditer(text):
        low, high = _range(found)
        if low < high and ("만" in found[0] or "천" in found[0] or "원" in found[0]):
            return low, high, f"{text[: found.start()]} {text[found.end() :]}"
    for found in _BAND.finditer(text):
        if found["won"] or (found["edge"] and re.search("[만천]", found["amount"])):
            low, ceiling = _edge(_won(found["amount"]), found["edge"])
            return low, ceiling, f"{text[: found.start()]} {text[found.end() :]}"
    return 0, math.inf, text


def _in_digits(text: str) -> str:
    """«삼만원» → «3만원»."""
    return _SINO.sub(lambda found: _NUMERALS[(found["one"] or "오")], text)


def _range(found: re.Match[str]) -> tuple[int, int]:
    """«1~2만원»: the first number takes the second's unit; «1~2만원대» ends at 29,999."""
    unit = re.search("[만천]", found["high"])
    bare = unit is not None and not re.search("[만천]", found["low"])
    low = _won(found["low"] + (unit[0] if bare and unit else ""))
    high = _won(found["high"])
    return low, _within(high) if found["edge"] == "대" else high


def _edge(amount: int, edge: str | None) -> tuple[int, float]:
    match edge:
        case "미만":
            return 0, amount - 1
        case "초과" | "넘는":
            return amount + 1, math.inf
        case _ if edge in _AROUND:
            return amount - amount // 5, amount + amount // 5
        case _ if edge in _BELOW:
            return 0, amount
        case _ if edge in _ABOVE:
            return amount, math.inf
        case _:
            return amount, _within(amount)


def _within(amount: int) -> int:
    """The last won of «…원대»: 20,000 → 29,999, 15,000 → 15,999, 100,000 → 199,999."""
    zeros = len(str(amount)) - len(str(amount).rstrip("0"))
    return amount + int(10**zeros) - 1


def _won(amount: str) -> int:
    return round(sum(_terms(re.sub(r"[\s,]", "", amount))))


def _terms(amount: str) -> Iterator[float]:
    for number, unit in re.findall(r"(\d*(?:\.\d+)?)([만천]?)", amount):
        if number or unit:
            yield float(number or 1) * _UNITS[unit]
