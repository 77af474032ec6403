"""A day as an export writes it: told outright, or counted back from the day it was written."""

import calendar
import datetime as dt
import re
import unicodedata
from typing import Final

_YMD: Final = re.compile(
    r"(?P<year>\d{4}|\d{2})\s*(?:[-./]|년)\s*(?P<month>\d{1,2})\s*(?:[-./]|월)\s*(?P<day>\d{1,2})"
    r"\s*(?:일|\.)?(?!\d)(?:[\sT,(].*)?",
    re.DOTALL,
)
"""«2025.05.24», «2016.3.5», «24-1-2», «2016년 3월 5일», and with a time of day behind it."""
_SOLID: Final = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})")
_AGO: Final = re.compile(
    r"(?:약\s*)?(?P<count>\d{1,4})\s*(?P<unit>초|분|시간|일|주|개월|달|년)\s*전"
)
_DAYS: Final = {"초": 0, "분": 0, "시간": 0, "일": 1, "주": 7}
_MONTHS: Final = {"개월": 1, "달": 1, "년": 12}
_WORDS: Final = {"방금": 0, "방금전": 0, "오늘": 0, "어제": 1, "그제": 2, "그저께": 2}


def day(raw: object) -> dt.date | None:
    """The day that is told outright; None where none is, or there is no such day."""
    text = _plain(raw)
    found = _YMD.fullmatch(text) or _SOLID.fullmatch(text)
    if found is None:
        return None
    year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
    try:
        return dt.date(year, int(found["month"]), int(found["day"]))
    except ValueError:
        return None


def day_before(raw: object, written: dt.date) -> dt.date | None:
    """«2개월 전», «3일 전», «어제», counted back from `written`; None where it is no such word.

    A time of day is not known, so «23시간 전» is the day itself.
    """
    text = _plain(raw)
    if (days := _WORDS.get("".join(text.split()))) is not None:
        return written - dt.timedelta(days=days)
    found = _AGO.fullmatch(text)
    if found is None:
        return None
    count, unit = int(found["count"]), found["unit"]
    try:
        if unit in _MONTHS:
            return _months_before(written, count * _MONTHS[unit])
        return written - dt.timedelta(days=count * _DAYS[unit])
    except (ValueError, OverflowError):  # before the year 1
        return None


def _months_before(date: dt.date, count: int) -> dt.date:
    """The same day of that month, or its last one."""
    year, month = divmod(date.year * 12 + date.month - 1 - count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(date.day, last))


def _plain(raw: object) -> str:
    return unicodedata.normalize("NFKC", raw).strip() if isinstance(raw, str) else ""
