"""Personal data in free text is replaced by the word for what stood there."""

import re
from typing import Final

_EMAIL: Final = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]*\s?@\s?(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}"
)
_RESIDENT: Final = re.compile(
    r"(?<!\d)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\s?-\s?[1-8](?:\d{6}|[*xX●]{6})(?!\d)"
)
"""주민등록번호 and 외국인등록번호: birth date, then a digit 1–8."""
_GAP: Final = r"[\s.·~_)–-]{0,2}"
_PHONE: Final = re.compile(
    r"(?<![\d,.])(?:"
    rf"(?:\+82{_GAP})\(?0?1[016789]{_GAP}\d{{3,4}}{_GAP}\d{{4}}"
    rf"|\(?01[016789]{_GAP}\d{{3,4}}{_GAP}\d{{4}}"
    r"|\(?0(?:2|[3-6]\d|70|80|50\d)\)?\s?[-. ]\s?\d{3,4}\s?[-. ]\s?\d{4}"
    r"|1[568]\d{2}\s?-\s?\d{4}"
    r")(?!\d)"
)


def mask(text: str) -> str:
    """The text without phone numbers, e-mail addresses and resident numbers; idempotent."""
    text = _EMAIL.sub("(이메일)", text)
    text = _RESIDENT.sub("(주민등록번호)", text)
    return _PHONE.sub("(전화번호)", text)
