"""What a typed search wishes for beside words of a name: a price, a category, a skin. Pure."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.domain import Effect, SkinType
from engine.parsing.korean import squeeze
from engine.parsing.prices import band

_CHEAP: Final = re.compile(r"저렴이|저렴[한하히]?\S*|가성비\S*|값\s?싼|(?<!\S)싼(?!\S)|저가")
WORD_AT_MOST: Final = 20
"""Letters of a word that may be a chain of such words."""
CHEAP_SHARE: Final = 1 / 3
"""«저렴한»: the cheapest third of what else was asked for."""

_SKINS: Final = {
    SkinType.VERY_DRY: "악건성 극건성",
    SkinType.DRY: "건성",
    SkinType.NORMAL: "중성",
    SkinType.COMBINATION: "복합성 복합 수부지",
    SkinType.OILY: "지성",
    SkinType.SENSITIVE: "민감성 민감 예민성 예민",
}
_EFFECTS: Final = {
    Effect.MOISTURE: "보습 수분 수분감 촉촉 건조 건조함 속건조 속당김 당김 각질",
    Effect.SOOTHING: "진정 여드름 트러블 뾰루지 뽀루지 홍조 붉은기 열감",
    Effect.AGEING: "주름 미백 탄력 안티에이징 노화 잡티 기미 주근깨 톤업 칙칙함 브라이트닝",
}
"""A concern and the effect that reviews tell of: 건조·각질 → 보습, 여드름·홍조 → 진정,
주름·잡티 → 주름·미백."""
_UNTOLD: Final = "모공 피지 블랙헤드 요철 좁쌀"
"""Concerns that no review's effect speaks of: only a name can."""
_CALLED_TOO: Final = {
    "스킨": "토너 화장수 스킨토너",
    "토너": "스킨 화장수 스킨토너",
    "에센스": "세럼 앰플",
    "세럼": "에센스 앰플",
    "로션": "에멀전 에멀젼",
    "선케어": "선크림 썬크림 선블록 선블럭 선스틱 자외선차단제",
    "클렌징": "클렌저 클렌징폼 폼클렌징 세안제",
    "팩": "마스크팩 시트팩 마스크",
    "마스크": "마스크팩 시트팩",
    "쉐이빙": "면도",
    "애프터쉐이브": "애프터셰이브",
    "헤어": "샴푸 트리트먼트",
    "바디": "보디 바디워시 바디로션",
    "헤어스타일링": "왁스 포마드",
}
"""A category's part → what people call its products. Those may say less than the part."""
_FILLERS: Final = (
    "용 피부 피부용 타입 형 에 에게 한테 좋은 좋은거 맞는 추천 추천해줘 추천해주세요 추천좀 제품 "
    "화장품 상품 있는 있어 있어요 있나요 찾아줘 찾아주세요 보여줘 알려줘 주세요 고민 고민인 개선 "
    "완화 케어 관리 위한 심한 많은 하는 한 은 는 이 가 을 를 도 만 의 로 으로 중 중에 중에서 좀 거 "
    "것"
)


@dataclass(frozen=True, slots=True)
class Wish:
    words: tuple[str, ...] = ()
    """Every typed word without the price."""
    low: int = 0
    high: float = math.inf
    """Won, both ends within."""
    cheap: bool = False
    skin: SkinType | None = None
    effects: tuple[Effect, ...] = ()
    categories: frozenset[str] = frozenset()
    """Of these, where any is named."""
    preferred: tuple[str, ...] = ()
    """Words that a name may well hold: «앰플» of the category 에센스, «모공»."""
    rest: tuple[str, ...] = ()
    """Words that are none of this: a name has to hold them."""

    @property
    def has_price(self) -> bool:
        return self.low > 0 or self.high < math.inf

    @property
    def sorts(self) -> bool:
        """Whether words say more than names do."""
        return bool(self.skin or self.effects or self.categories)


@dataclass(slots=True)
class _Draft:
    skin: SkinType | None = None
    effects: list[Effect] = field(default_factory=list)
    categories: set[str] = field(default_factory=set)
    preferred: list[str] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)

    def take(self, found: SkinType | Effect | frozenset[str] | None, word: str, part: bool) -> None:
        match found:
            case SkinType():
                self.skin = self.skin or found
            case Effect():
                self.effects.append(found)
            case frozenset():
                self.categories |= found
                self.preferred += () if part else (word,)
            case None:
                self.preferred += (word,) if word in _UNTOLD.split() else ()


class Wishes:
    """Reads texts over the categories of one catalogue."""

    def __init__(self, categories: Iterable[str]) -> None:
        self._parts, called = _category_words(categories)
        self._meanings: dict[str, SkinType | Effect | frozenset[str] | None] = {
            **dict.fromkeys([*_FILLERS.split(), *_UNTOLD.split()]),
            **_by_word(_EFFECTS),
            **_by_word(_SKINS),
            **called,
            **self._parts,
        }
        self._longest = max(map(len, self._meanings))

    def read(self, text: str) -> Wish:
        low, high, text = band(text)
        without = _CHEAP.sub(" ", text)
        words = tuple(word for word in without.split() if squeeze(word))
        draft = _Draft()
        for word in words:
            self._sort(word, draft)
        if not (draft.skin or draft.effects or draft.categories):
            draft.rest = list(words)
        return Wish(
            words=words,
            low=low,
            high=high,
            cheap=without != text,
            skin=draft.skin,
            effects=tuple(dict.fromkeys(draft.effects)),
            categories=frozenset(draft.categories),
            preferred=tuple(draft.preferred),
            rest=tuple(draft.rest),
        )

    def _sort(self, word: str, draft: _Draft) -> None:
        key = squeeze(word)
        tokens = self._tokens(key) if len(key) <= WORD_AT_MOST else None
        if tokens is None or (len(tokens) > 1 and self._is_particle(tokens[0])):
            draft.rest.append(word)  # «가이»: no chain of particles
            return
        for token in tokens:
            draft.take(self._meanings[token], token, token in self._parts)

    def _is_particle(self, token: str) -> bool:
        return len(token) == 1 and self._meanings[token] is None

    def _tokens(self, word: str) -> tuple[str, ...] | None:
        """The word as a chain of known ones, the longest first: «지성용크림»; None where not."""
        if not word:
            return ()
        for end in range(min(len(word), self._longest), 0, -1):
            if word[:end] in self._meanings:
                rest = self._tokens(word[end:])
                if rest is not None:
                    return (word[:end], *rest)
        return None


def _category_words(
    categories: Iterable[str],
) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """Parts of the categories' names, and what else they are called → the categories."""
    parts: dict[str, frozenset[str]] = {}
    called: dict[str, frozenset[str]] = {}
    for category in categories:
        own = {squeeze(part) for part in category.split("/")} | {squeeze(category)}
        for part in filter(None, own):
            parts[part] = parts.get(part, frozenset()) | {category}
            for word in _CALLED_TOO.get(part, "").split():
                called[word] = called.get(word, frozenset()) | {category}
    return parts, {word: found for word, found in called.items() if word not in parts}


Meaning = SkinType | Effect


def _by_word(table: Mapping[SkinType, str] | Mapping[Effect, str]) -> dict[str, Meaning]:
    return {word: meaning for meaning, words in table.items() for word in words.split()}
