"""Personal data in free text is replaced by the word for what stood there.

Numbers are checked by the libraries that know them (phonenumbers, python-stdnum), so that prices,
volumes, dates, CAS numbers and bar codes stay. Nothing light knows Korean addresses: those are read
by the two forms of 도로명주소법 (road and number; 동·리 and lot), and only after the name of a real
시·군·구, so that «바로 3번» is none.
"""

import re
from typing import Final

import phonenumbers
from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import luhn
from stdnum.kr import brn, rrn

from engine.parsing.places import QUARTERS, TOWNS

EMAIL: Final = "(이메일)"
RESIDENT: Final = "(주민등록번호)"
CARD: Final = "(카드번호)"
BUSINESS: Final = "(사업자등록번호)"
PHONE: Final = "(전화번호)"
ADDRESS: Final = "(주소)"
_EMAIL: Final = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]*\s?@\s?(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}"
)
_BIRTH: Final = r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_RESIDENT: Final = re.compile(rf"(?<!\d){_BIRTH}\s?-\s?[1-8](?:\d{{6}}|[*xX●]{{6}})(?!\d)")
"""주민등록번호, 외국인등록번호: birth date, then a digit 1–8. Those of October 2020 and later have
no check digit: none is asked for where the hyphen already says what it is."""
_JOINED: Final = re.compile(rf"(?<![\d.,]){_BIRTH}\s?[1-8]\d{{6}}(?!\d)")
"""Without its hyphen only the check digit tells it from a bar code."""
_CARD: Final = re.compile(
    r"(?<![\d.,-])(?:[3-69]\d{3}([ -])\d{4}\1\d{4}\1\d{4}"
    r"|3[47]\d{2}([ -])\d{6}\2\d{5}|[3-69]\d{15})"
    r"(?![\d-])"
)
_BUSINESS: Final = re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{5}(?![\d-])")
_DIGIT: Final = re.compile(r"\d")
_GAP: Final = r"[\s.·~_)–-]{0,2}"
_PHONE: Final = re.compile(
    r"(?<![A-Za-z_\d,.])(?:"
    rf"(?:\+82{_GAP})\(?0?1[016789]{_GAP}\d{{3,4}}{_GAP}\d{{4}}"
    rf"|\(?01[016789]{_GAP}\d{{3,4}}{_GAP}\d{{4}}"
    r"|\(?0(?:2|[3-6]\d|70|80|50\d)\)?\s?[-. ]\s?\d{3,4}\s?[-. ]\s?\d{4}"
    r"|1[568]\d{2}\s?-\s?\d{4}"
    r")(?!\d)"
)
"""As people write them to one another, with signs that phonenumbers does not take for gaps."""
_DIALLED: Final = re.compile(
    r"(?<![A-Za-z_\d.,])[+＋(]{0,2}\d(?:[\s.()/~－-]{0,3}\d){6,}(?![A-Za-z_])"
)
"""What may be a number to phonenumbers: nothing shorter is shown to it."""
_PREFIXED: Final = re.compile(r"^\(?(?:[+＋0０]|1[568]\d{2}\D)")

_PROVINCE: Final = (
    r"(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주"
    r"|충청[북남]|전라[북남]|경상[북남])(?:특별자치|특별|광역)?[시도]?"
)
_STREET: Final = (
    r"(?:[가-힣A-Za-z0-9]{1,12}(?:대로|로|길)\s?(?:지하\s?)?\d{1,4}(?:(?:번?길|-)\s?\d{1,4}){0,2}"
    r"|(?:[가-힣0-9]{1,6}[읍면]\s)?[가-힣0-9]{1,6}[동리가]\s(?:산\s?)?\d{1,5}(?:-\d{1,4})?)"
    r"(?:\s?번지)?(?![\d,.]*\s?(?:원|%|ml|㎖|번(?!지)|[개년월일분층차]|시간|호점))"
)
_UNIT: Final = r"(?:\d{1,4}동\s?)?\d{1,4}호"
_WHERE: Final = re.compile(
    rf"(?:{_PROVINCE}\s*)?(?:(?P<town>[가-힣]{{1,5}})[시군구]\s+)(?:[가-힣]{{1,5}}[구읍면]\s+){{0,2}}"
    rf"{_STREET}(?:\s?\([가-힣0-9, ]{{2,20}}\))?(?:,?\s?(?:[가-힣A-Za-z0-9]{{2,12}}\s)?{_UNIT})?"
)
_STREETS: Final = re.compile(r"(?:로|길|동|리|가)\s?(?:지하|산)?\s?\d")
"""Without it there is no address."""
_DOOR: Final = re.compile(r"(?<![\d가-힣])\d{1,4}동\s?\d{3,4}호(?!\d)")


def mask(text: str) -> str:
    """The text without what leads to a person: e-mail addresses, resident, card, business and
    phone numbers, addresses; idempotent."""
    while (again := _masked(text)) != text:
        text = again
    return text


def _masked(text: str) -> str:
    if "@" in text:
        text = _EMAIL.sub(EMAIL, text)
    if not _DIGIT.search(text):
        return text
    text = _RESIDENT.sub(RESIDENT, text)
    text = _JOINED.sub(lambda found: RESIDENT if _is_resident(found[0]) else found[0], text)
    text = _CARD.sub(lambda found: CARD if _is_card(found[0]) else found[0], text)
    text = _BUSINESS.sub(lambda found: BUSINESS if brn.is_valid(found[0]) else found[0], text)
    text = _PHONE.sub(PHONE, text)
    text = _DIALLED.sub(lambda found: _dialled(found[0]), text)
    if _STREETS.search(text):
        text = _WHERE.sub(lambda found: ADDRESS if _is_place(found) else found[0], text)
    return _DOOR.sub(ADDRESS, text)


def _is_resident(digits: str) -> bool:
    return rrn.is_valid(re.sub(r"\D", "", digits))


def _is_card(digits: str) -> bool:
    return luhn.is_valid(re.sub(r"\D", "", digits))


def _dialled(run: str) -> str:
    """Digits and signs without the phone numbers among them. A number of Korea begins with 0 or is
    a company's of eight digits, or else «19 000 12 34 56» would be one."""
    for found in reversed(list(PhoneNumberMatcher(run, "KR", leniency=Leniency.VALID))):
        if _PREFIXED.match(found.raw_string) and phonenumbers.is_valid_number(found.number):
            run = run[: found.start] + PHONE + run[found.end :]
    return run


def _is_place(found: re.Match[str]) -> bool:
    """A town that there is, or a large city's own 구 («부산 중구»)."""
    town = found["town"]
    return town in TOWNS or (town in QUARTERS and re.match(_PROVINCE, found[0]) is not None)
