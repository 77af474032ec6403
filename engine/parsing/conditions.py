"""What a typed line narrows a recommendation to: «2만원 이하 크림으로», «향료 없는 걸로».

A line is taken for conditions only where every word of it is understood; anything else is a
question. Whether the catalogue has such a category is not known here.
"""

import math
import re
from collections.abc import Iterable, Iterator
from typing import Final

from engine.domain import Conditions
from engine.parsing.korean import squeeze
from engine.parsing.prices import band

WITHOUT_AT_MOST: Final = 3
PERFUME: Final = "향료"
NAME_AT_MOST: Final = 20
"""Characters of a name to leave out."""

_KINDS_WRITTEN: Final = """
로션 에멀전 에멀젼 스킨 토너 스킨토너 화장수 에센스 세럼 앰플 크림 미스트 오일 페이스오일
선케어 선크림 썬크림 선블록 선스틱 자외선차단제 클렌징 클렌저 클렌징폼 폼클렌징 세안제 팩
마스크 마스크팩 시트팩 스크럽 필링 쉐이빙 애프터쉐이브 메이크업 헤어 바디 헤어스타일링
"""
_FILLERS_WRITTEN: Final = """
것 거 걸 제품 화장품 상품 추천 추천해줘 추천해주세요 추천해줘요 추천해 추천좀 보여줘 보여주세요
찾아줘 찾아주세요 골라줘 골라주세요 해줘 해주세요 주세요 부탁해 부탁해요 부탁드려요 좀 중 중에
중에서 더 조금 그리고 다른 하는 가격 가격대 원해요 원해 할게요 바꿔줘 바꿔주세요
"""
_PARTICLES_WRITTEN: Final = (
    "으로만요 으로만 로만요 로만 으로요 으로 로요 로 이요 만요 요 만 은 는 이 가 을 를"
)
KINDS: Final = frozenset(_KINDS_WRITTEN.split())
"""Words that a shop's categories go by."""
_FILLERS: Final = frozenset(_FILLERS_WRITTEN.split())
_PARTICLES: Final = tuple(_PARTICLES_WRITTEN.split())
_AS: Final = r"(?:인|의)?(?:것|거|걸|게)?(?:으로만|으로|로만|로|만)?요?$"
_ABSENT: Final = re.compile(
    rf"^(?:없는|없이|없고|빼고|빼줘|빼주세요|뺀|제외|제외하고|제외한|제외해줘|말고|프리|free){_AS}"
)
_UNSCENTED: Final = re.compile(rf"^무향료?{_AS}")
_FREE_OF: Final = re.compile(rf"^무(알코올|알콜|에탄올|파라벤|실리콘|오일|색소){_AS}")
_JOINED: Final = re.compile(r"^(..+?)(?:,|와|과|이랑|랑|하고)$")
_SUBJECT: Final = re.compile(r"^(..+?)(?:이|가|은|는|을|를|도)$")
_NOT_IN: Final = re.compile(r"안\s*(?:들어간|든)|(?:들어가지|들지)\s*않은")
_GLUED: Final = re.compile(r"(\S)(없는|빼고|제외하고|프리)(?=\s|$|[것거걸])")


def conditions(text: str) -> Conditions | None:
    """None where a word of the line is not understood, or there is nothing to narrow by."""
    if "?" in text:
        return None
    low, high, rest = band(text)
    words, understood = _words(rest), True
    kinds: list[str] = []
    names: list[str] = []
    while words and understood:
        understood = _take(words, kinds, names)
    category = kinds[-1] if kinds else None
    top = None if math.isinf(high) else int(high)
    found = Conditions(category, low, top, _few(reversed(names)))
    return found if understood and found != Conditions() else None


def _take(words: list[str], kinds: list[str], names: list[str]) -> bool:
    """Read the last word, and the names before «없는»; False where it is not understood."""
    word = words.pop()
    if _ABSENT.match(word):
        absent = list(_names(words))
        names += absent
        return bool(absent) and not any(map(_kind, absent))
    if named := _left_out(word):
        names.append(named)
    elif kind := _kind(word):
        kinds.append(kind)
    else:
        return any(bare in _FILLERS for bare in _bare(word))
    return True


def narrowed(before: Conditions, more: Conditions) -> Conditions:
    """Both: what `more` says of category or price takes the place of what was said before."""
    priced = more if more.priced else before
    return Conditions(
        category=more.category or before.category,
        price_from=priced.price_from,
        price_to=priced.price_to,
        without=_few((*more.without, *before.without)),
    )


def _few(names: Iterable[str]) -> tuple[str, ...]:
    once = {squeeze(name): name for name in names if 0 < len(name) <= NAME_AT_MOST}
    return tuple(once.values())[:WITHOUT_AT_MOST]


def _words(text: str) -> list[str]:
    """In their order; «향료,에탄올» is two words, the comma stays with the first."""
    spaced = _GLUED.sub(r"\1 \2", _NOT_IN.sub(" 없는 ", text).replace(",", ", "))
    stripped = (word.strip(".!~·") for word in spaced.split())
    return [word for word in stripped if squeeze(word)]


def _names(words: list[str]) -> Iterator[str]:
    """The names before «없는», the last first; they are taken off `words`."""
    if not words:
        return
    last = words.pop().rstrip(",")
    subject = _SUBJECT.match(last)
    yield _called(subject[1] if subject else last)
    while words and (joined := _JOINED.match(words[-1])):
        words.pop()
        yield _called(joined[1])


def _called(name: str) -> str:
    return PERFUME if name in ("향", "향기", "향이") else name


def _left_out(word: str) -> str | None:
    """«무향» → 향료, «무알코올» → 알코올."""
    if _UNSCENTED.match(word):
        return PERFUME
    found = _FREE_OF.match(word)
    return found[1] if found else None


def _kind(word: str) -> str | None:
    """The category's word without its particle; «스킨/토너» is one."""
    return next(
        (bare for bare in _bare(word) if all(part in KINDS for part in bare.split("/"))), None
    )


def _bare(word: str) -> Iterator[str]:
    """The word, and without each particle that it may end in."""
    yield word
    for particle in _PARTICLES:
        if word.endswith(particle) and len(word) > len(particle):
            yield word.removesuffix(particle)
