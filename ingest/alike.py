"""Whether two writings of a product's name mean one product.

Letters are compared (rapidfuzz, over single letters of Hangul), but letters alone fold what
tells products apart: «21호» and «23호», «라이트» and «리치». So what a name is told apart by is
read out of it first, and a difference there counts before every likeness.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import zip_longest
from typing import Final, Self

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from engine.parsing import names
from engine.parsing.korean import letters_of, sounded, squeeze, with_particle
from ingest.lexicon import TELLING

SAME_FROM: Final = 88.0
"""Of 100; chosen with DOUBTFUL_FROM on tests/samples/pairs.csv: see test_alike."""
DOUBTFUL_FROM: Final = 72.0
SLIP_FROM: Final = 3
"""Letters of a word that a slip is believed of: «귤피» and «율피» are two plants."""

_LEGAL: Final = re.compile(
    r"\(주\)|\(유\)|주식회사|유한회사|공식\s?(?:몰|스토어|판매처)|브랜드관"
    r"|(?<=\w)\s?(?:코스메틱스?|화장품|cosmetics?)(?!\w)"
    r"|(?<![a-z])(?:co\.?,?\s?ltd\.?|inc\.?|corp\.?|ltd\.?)(?![a-z])",
    re.IGNORECASE,
)
_BRACKET: Final = re.compile(r"\(([^()]*)\)")
_FOREIGN_NOTE: Final = re.compile(r"\([a-z .,'&:-]{3,}\)")
_SPELLINGS: Final = {
    sounded(wrong): sounded(right)
    for wrong, right in {
        "썬": "선",
        "쎄럼": "세럼",
        "에쎈스": "에센스",
        "엣센스": "에센스",
        "크렌징": "클렌징",
        "클렌져": "클렌저",
        "로숀": "로션",
        "앰풀": "앰플",
        "토우너": "토너",
        "훼이스": "페이스",
        "샴퓨": "샴푸",
        "모이스춰": "모이스처",
        "내츄럴": "내추럴",
        "네추럴": "내추럴",
        "콜라젠": "콜라겐",
        "보디": "바디",
        "쿠숀": "쿠션",
        "파운데이숀": "파운데이션",
        "아쿠와": "아쿠아",
        "넘버": "no",
        "aha": "아하",
        "bha": "바하",
        "pha": "파하",
    }.items()
}
_MISSPELT: Final = re.compile("|".join(_SPELLINGS))
_NOISE: Final = frozenset(
    map(
        sounded,
        [
            "정품",
            "공식",
            "국내",
            "국내정품",
            "정식",
            "묶음",
            "미니",
            "점보",
            "대용량",
            "new",
            "뉴",
            "the",
            "더",
        ],
    )
)
_WORDS: Final = re.compile(r"[가-힣]+|[^\W\d_가-힣]+|\d+(?:\.\d+)?|\++")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?(?:[a-z](?![a-z]))?|(?<![a-z])[a-z](?![a-z])")
"""«21», «0.3», «17n», and the «c» of «비타민C»."""
_GRADE: Final = re.compile(r"pa\s?(\+{1,4})")
_CONCEPTS: Final = """
라이트 light|리치 rich|인텐스 인텐시브 intense intensive|마일드 mild|스트롱 strong|소프트 soft
하드 hard|오리지널 original|프레시 후레쉬 프레쉬 fresh|딥 deep|엑스트라 extra|울트라 ultra
플러스 plus|프로 pro|맥스 max|제로 zero|지성|건성|복합성|중성|민감성 센서티브 sensitive
남성 옴므 homme 포맨 맨 men|여성 우먼 women|베이비 아기 baby|키즈 어린이 kids|데이 day
나이트 night 슬리핑|핑크 pink|그린 green|블루 blue|퍼플|베이지 beige|아이보리 ivory|코랄 coral
레드 red|화이트 white|블랙 black|브라운 brown|로즈 rose|라벤더 lavender|자스민|머스크 musk
시트러스|레몬 lemon|민트 mint|무향|피치 복숭아|허니 honey|코튼 cotton|체리 cherry|바질|자몽
바닐라|히알루론 히아루론|시카 cica|병풀|비타민|레티놀|콜라겐|판테놀|세라마이드|나이아신|아하 aha
바하 bha|파하 pha|티트리|녹차|어성초|알로에|프로폴리스|펩타이드|감초|당근|대나무|연꽃|동백|살구
유자|석류|수분|진정|미백|브라이트닝|탄력|주름|보습|각질|모공|트러블|영양|톤업|커버|쿨링|피지
리프팅|링클|글로우|매트|벨벳|촉촉|산뜻|아이크림|아이 eye|립 lip|핸드 hand|풋 foot|바디 body
헤어 hair|넥|토너 toner|스킨|로션 lotion|에멀전|에센스 essence|세럼 serum|앰플 ampoule|크림 cream
미스트 mist|오일 oil|밤 balm|젤 겔 gel|폼 foam|워터 water|패드 pad|마스크 mask|팩 pack
클렌징 클렌저|파우더|쿠션|파운데이션|틴트|립스틱|마스카라|아이라이너|섀도우 섀도|블러셔|컨실러
프라이머|샴푸|트리트먼트|린스|스프레이|스틱|스크럽|필링|솔루션|부스터|버블|로즈마리|캐모마일
선크림|선스틱|선세럼
"""
_KNOWN: Final = {
    sounded(word): group.split()[0]
    for line in _CONCEPTS.split("\n")
    for group in line.split("|")
    if group
    for word in group.split()
}
"""A word that tells products apart → what it stands for."""
_TELLS: Final = re.compile("|".join(sorted(_KNOWN, key=lambda word: (-len(word), word))))
"""Wherever they stand: a false one («밤» in «밤부») stands in both writings of one name."""
_TELLING: Final = frozenset(frozenset(map(sounded, pair)) for pair in TELLING)
_ROMAN: Final = frozenset({"ii", "iii", "iv", "vi"})


class Verdict(StrEnum):
    SAME = "same"
    DOUBTFUL = "doubtful"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Likeness:
    verdict: Verdict
    score: float
    """In [0, 100]."""
    reason: str = ""
    """Why it is no more than doubtful, for the operator."""


@dataclass(frozen=True, slots=True)
class Title:
    """A product's name, read."""

    brand: str
    """The same for every spelling of a brand; empty where none is known."""
    key: str
    """The name's letters without brand, size and set words, spelt as they sound."""
    ordered: str
    """… its words in the order of the alphabet."""
    numbers: frozenset[str]
    tells: frozenset[str]
    tags: frozenset[str]
    """What stands in square brackets before it: «[로즈]»."""
    notes: frozenset[str]
    """What stands in foreign letters behind a name in Hangul: «(Rose)»."""
    lengths: tuple[int, ...]
    """Of the word that each letter of the key stands in."""

    @property
    def letters(self) -> str:
        return letters_of(self.key)


class Brands:
    """Every spelling of a brand → one key: «(주)새벽숲», «새벽숲(DAWN)», «Dawn» are «dawn»."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self._spellings: defaultdict[str, set[str]] = defaultdict(set)
        for spelling, key in known.items():
            self._spellings[key].add(spelling)

    @classmethod
    def of(cls, cells: Iterable[str], words: Mapping[str, str] | None = None) -> Self:
        """`words`: spelling → ours, as an operator's mapping says it.

        What stands in brackets is another spelling, unless several brands have it: «(공식)».
        """
        told = [spellings for cell in dict.fromkeys(cells) if (spellings := brand_spellings(cell))]
        mains: defaultdict[str, set[str]] = defaultdict(set)
        for main, *others in told:
            for other in others:
                mains[other].add(main)
        pairs = [(other, next(iter(m))) for other, m in mains.items() if len(m) == 1]
        pairs += [(squeeze(a), squeeze(b)) for a, b in (words or {}).items() if squeeze(a)]
        return cls(_united([spellings[0] for spellings in told], pairs))

    def key(self, cell: str) -> str:
        spellings = brand_spellings(cell)
        return next(
            (self._known[one] for one in spellings if one in self._known),
            spellings[0] if spellings else "",
        )

    def spellings(self, key: str) -> frozenset[str]:
        return frozenset(self._spellings.get(key, {key} if key else ()))

    def led_by(self, words: list[str]) -> str:
        """The brand that a name begins with, by whole words; nothing of one letter."""
        joined = ["".join(words[:count]) for count in range(len(words) - 1, 0, -1)]
        return next((self._known[one] for one in joined if len(one) > 1 and one in self._known), "")


def brand_spellings(cell: str) -> tuple[str, ...]:
    """What stands before the bracket, then what stands in it."""
    plain = _LEGAL.sub(" ", unicodedata.normalize("NFKC", cell))
    parts = [_BRACKET.sub(" ", plain), *_BRACKET.findall(plain)]
    return tuple(dict.fromkeys(key for part in parts if (key := squeeze(part))))


def read(name: str, brand: str, brands: Brands) -> Title:
    """Of the name as the source writes it; its tags may tell it apart."""
    plain = _spelt(names.product_name(name, brand))
    bare, notes = _without_notes(plain)
    words = _words(bare)
    maker = brands.key(brand) or brands.led_by(words)
    words = _without_brand(words, brands.spellings(maker))
    own_tags = names.telling_tags(name)
    text = _spelt(" ".join([plain, *own_tags]))
    joined = "".join(words)
    tags = frozenset(
        key
        for tag in own_tags
        if (key := "".join(_words(_NUMBER.sub(" ", _spelt(tag))))) not in joined
        and key not in brands.spellings(maker)
    )
    return Title(
        brand=maker,
        key=joined,
        ordered="".join(sorted(words)),
        numbers=_numbers(text, brands.spellings(maker)),
        tells=_tells(words),
        tags=tags - _NOISE - {"spf", "pa", "spfpa"},
        notes=notes,
        lengths=tuple(len(word) for word in words for _ in word),
    )


def compared(one: Title, other: Title) -> Likeness:
    """The same whichever comes first; of titles of one brand."""
    return _compared(*sorted((one, other), key=_order))


@lru_cache(maxsize=1 << 16)
def _compared(one: Title, other: Title) -> Likeness:
    exact = one.key == other.key or one.ordered == other.ordered
    score = 100.0 if exact else likeness(one, other)
    reason = ""
    for what, left, right in (
        ("숫자", one.numbers, other.numbers),
        ("구별하는 말", one.tells, other.tells),
        ("앞말", one.tags, other.tags),
        ("괄호 속 말", one.notes, other.notes),
    ):
        if not (left <= right or right <= left):
            return Likeness(Verdict.DIFFERENT, score, f"{with_particle(what, '이/가')} 서로 달라요")
        if left != right:
            extra = ", ".join(sorted(left ^ right))
            reason = reason or f"한쪽에만 {with_particle(what, '이/가')} 있어요: {extra}"
    if not exact:
        if _another_word(one.key, other.key) and _another_word(one.ordered, other.ordered):
            return Likeness(Verdict.DIFFERENT, score, "다른 낱말이 들어 있어요")
        reason = reason or ("" if _only_slips(one, other) else "글자가 여럿 달라요")
    if not one.brand:
        reason = reason or "브랜드를 알 수 없어요"
    if score >= SAME_FROM and not reason:
        return Likeness(Verdict.SAME, score)
    verdict = Verdict.DOUBTFUL if score >= DOUBTFUL_FROM else Verdict.DIFFERENT
    return Likeness(verdict, score, reason or "이름이 조금 달라요")


def likeness(one: Title, other: Title) -> float:
    """In [0, 100], over letters; words in another order count as if they were in the same."""
    return max(
        fuzz.ratio(one.letters, other.letters),
        fuzz.ratio(letters_of(one.ordered), letters_of(other.ordered)),
    )


def _order(title: Title) -> tuple[object, ...]:
    return (title.key, title.ordered, *map(sorted, (title.numbers, title.tells, title.tags)))


def _united(keys: Iterable[str], pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Each key → the first in the alphabet of those that pairs join."""
    root = {key: key for key in keys}

    def top(key: str) -> str:
        while root.setdefault(key, key) != key:
            key = root[key]
        return key

    for one, other in pairs:
        low, high = sorted((top(one), top(other)))
        root[high] = low
    return {key: top(key) for key in list(root)}


def _spelt(text: str) -> str:
    spelt = sounded(unicodedata.normalize("NFKC", text).casefold())
    return _MISSPELT.sub(lambda word: _SPELLINGS[word[0]], spelt)


def _words(text: str) -> list[str]:
    words = _WORDS.findall(_GRADE.sub(" ", text).replace("spf", " spf "))
    return [word for word in words if word not in _NOISE and word[0] != "+"]


def _without_brand(words: list[str], spellings: frozenset[str]) -> list[str]:
    """Without the brand at its beginning, as words or glued to the first of them."""
    spelt = {_spelt(spelling) for spelling in spellings}
    for count in range(len(words) - 1, 0, -1):
        if "".join(words[:count]) in spelt:
            return _without_brand(words[count:], spellings)
    glued = next((s for s in spelt if words and len(s) > 1 and words[0].startswith(s)), "")
    if glued and words[0] != glued:
        return [words[0].removeprefix(glued), *words[1:]]
    return words


def _numbers(text: str, spellings: frozenset[str]) -> frozenset[str]:
    found = {number.lstrip("0") or "0" for number in _NUMBER.findall(text)}
    found |= {f"PA{grade}" for grade in _GRADE.findall(text)}
    found |= {word for word in _WORDS.findall(text) if word in _ROMAN}
    return frozenset(found) - {number for one in spellings for number in _NUMBER.findall(one)}


def _tells(words: list[str]) -> frozenset[str]:
    return frozenset(_KNOWN[word] for word in _TELLS.findall("".join(words)))


def _without_notes(text: str) -> tuple[str, frozenset[str]]:
    notes = _FOREIGN_NOTE.findall(text) if re.search(r"[가-힣]", text) else []
    return _FOREIGN_NOTE.sub(" ", text) if notes else text, frozenset(map(squeeze, notes))


def _segments(one: str, other: str) -> list[tuple[str, str]]:
    return [
        (one[op.src_start : op.src_end], other[op.dest_start : op.dest_end])
        for op in Levenshtein.opcodes(one, other)
        if op.tag != "equal"
    ]


def _only_slips(one: Title, other: Title) -> bool:
    """Every difference is one letter of a syllable, or one Latin letter, in words long enough."""
    places = [
        (at, there)
        for op in Levenshtein.opcodes(one.key, other.key)
        if op.tag != "equal"
        for at, there in zip_longest(
            range(op.src_start, op.src_end), range(op.dest_start, op.dest_end)
        )
    ]
    return all(
        at is not None
        and there is not None
        and min(one.lengths[at], other.lengths[there]) >= SLIP_FROM
        and _is_slip(one.key[at], other.key[there])
        for at, there in places
    )


def _is_slip(one: str, other: str) -> bool:
    told = frozenset((one, other)) in _TELLING or (one + other).isdigit()
    return not told and Levenshtein.distance(letters_of(one), letters_of(other)) == 1


def _another_word(one: str, other: str) -> bool:
    """Two syllables or more in the place of two others that are not like them."""
    return any(
        min(len(a), len(b)) >= 2 and fuzz.ratio(letters_of(a), letters_of(b)) < 60
        for a, b in _segments(one, other)
    )
