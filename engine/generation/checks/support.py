"""Whether passages support a sentence: likeness of meaning, shared words, polarity and counts,
weighed by a logistic regression that `python -m training.support` fits on labelled sentences."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from threading import Lock
from typing import Final, Protocol, Self

import numpy as np
import numpy.typing as npt

from engine.domain import Passage
from engine.generation.checks.claims import Verdict
from engine.generation.checks.words import flat as squeezed
from engine.generation.checks.words import words
from engine.parsing.korean import squeeze

REMEMBERED: Final = 4096
"""Passages whose lines' vectors are kept."""
UNITS_AT_MOST: Final = 16
"""Pieces of prose of one passage that are embedded."""
FEATURES: Final = (
    "one", "cosine", "coverage", "bigrams", "turned", "confirmed", "untold", "numbers", "named",
    "foremost", "foreign", "opposed",
)  # fmt: skip
_NUMERIC: Final = re.compile(
    r"^(?:가격|용량|평점|브랜드|판매|성분|피부 타입|좋아하는 피부|순한 정도|효과|다른 이름"
    r"|들어간 제품)\s*: "
)
_OPINIONS: Final = frozenset({"칭찬", "아쉬움"})
_UNIT: Final = re.compile(r"\s/\s|(?<=[.!?])\s+")
_COUNTED: Final = re.compile(r"\d[\d,.]*\s?(?:만|천|백|원|점|개|명|%|ml|g|건|분|가지|위)*\s?원?")
_WORD: Final = re.compile(r"[가-힣A-Za-z0-9]+")
_TAIL: Final = re.compile(
    r"(?:이에요|예요|이고|이며|이라서|라서|이라|이나|입니다|이랑|랑|에서는|에서|에는|에도|에|의"
    r"|으로는|으로|로는|로|보다|과|와|은|는|이|가|을|를|도|만"
    r"|까지|부터"
    r"|하는|하고|해요|했어요|한|할|해서|하며|하지|돼요|되는|된|되고|있어요|있고|있는|없어요|어요"
    r"|아요|였어요|었어요|았어요|다는|다고|다)$"
)
_EMPTY: Final = words("""
    리뷰 후기 평점 제품 피부 있어요 있는 있고 이 그 이에요 예요 분 분들 분도 분들이 평 평이 의견
    의견도 사람 것 거 수 더 좀 또 정도 가장 많이 말한 말했어요 했어요 한 하는 해요 적혀 적은 쓴
    가격 용량 가격은 가격이 용량은 높은 높아요 낮은 낮아요 편은 편이 아니에요 받았어요 받은
    줬어요 불려요 불리는 부르는 종류 종류예요 하나 칭찬 칭찬이 아쉬움 아쉬운 아쉬움도 후기도
    후기가 꼽은 꼽았어요 느꼈 느낀 적었어요 보통 대부분 제품이에요 중 가운데 자료 성분 때 고객님
    추천 추천해요 추천드려요 좋아요 좋은 평균 편 편이에요
""")
_SHORT: Final = frozenset("향양결막")
_NEGATIVE: Final = re.compile(
    r"않|안\s|못[하해]?|없|아니|별로|부족|아쉬|덜\s|나쁘|싫|약하|모자라|적어요|비추"
)
_FOREMOST: Final = re.compile(
    r"가장|제일|최고|유일|1위|일등|무조건|항상|언제나|반드시|보장|확실|완벽|누구나|모든|전부|절대"
    r"|하나도|전혀|즉시|바로\s*효과|영구|평생|단번|순식간"
    r"|며칠\s*만에|하루\s*만에"
)
_SYNONYMS: Final = (
    ("촉촉", "보습", "수분", "당기지", "건조하지", "속당김"),
    ("진정", "가라앉", "차분", "붉은"),
    ("순하", "순한", "순해", "저자극", "순함", "자극"),
    ("주름", "탄력", "미백", "톤", "잡티", "칙칙"),
    ("흡수", "스며"),
    ("산뜻", "가벼", "끈적이지", "답답하지", "번들"),
    ("향", "냄새", "향기"),
    ("비싸", "가격", "저렴", "가성비", "싸", "원이"),
    ("품절", "살수없", "구매할수없", "재고"),
    ("용량", "ml", "양이"),
    ("따가", "자극", "화끈", "따갑", "따끔"),
    ("각질", "일어나", "들뜸"),
    ("여드름", "트러블", "뾰루지"),
)
_OPPOSITES: Final = tuple(
    (re.compile(one), re.compile(other))
    for one, other in (
        (r"옅어|흐려|줄었|줄어|덜\s|가라앉|나아졌|좋아졌|맑아|밝아",
         r"깊어|진해|짙어|늘었|늘어|심해|나빠|어두워|칙칙해졌"),
        (r"(?<!불)편하|(?<!불)편해|(?<!불)편리", r"불편"),
        (r"넉넉|양이\s*많|충분", r"양이\s*적|모자라|헤프|많이\s*발라야|금방\s*써"),
        (r"향이?\s*(?:없|안|나지)|무향", r"향이?\s*(?:좋|거슬|강|진|은은)"),
        (r"향이?\s*좋", r"향이?\s*(?:거슬|강|싫|독)"),
        (r"산뜻|가벼|끈적이지|끈적임\S*\s*없|답답하지",
         r"끈적(?!이지|임\S*\s*없)|무거|무겁|번들거|답답(?!하지)|쫀득|밀도"),
        (r"촉촉|당기지|당기던|당김이?\s*없", r"당긴|당겨|당겼|건조해졌|건조해질|푸석|메말"),
        (r"부드럽게\s*발|잘\s*발", r"뻑뻑|밀려|안\s*발"),
        (r"빨리|빠르게\s*스|금방\s*스|흡수가\s*빠", r"느리|오래\s*걸|겉돌"),
        (r"강화|튼튼|감싸|지켜|돌봐|편안", r"약하게|약해|무너|망가|손상"),
        (r"밤에|저녁에", r"아침에|낮에"),
        (r"에[는도]?\s*(?:좋지\s*않|나쁘|나빠|해로|해롭)", r"돌봐|감싸|지켜|도와"),
        (r"물에\s*녹", r"기름에\s*녹"),
        (r"다시\s*샀|재구매", r"다시\s*사지|재구매\S*\s*(?:안|않)"),
    )
)  # fmt: skip
"""What is said of one thing: both ways."""
_FOREIGN: Final = re.compile(
    r"특허|임상|인증|수상|세계|최초|의사|피부과|병원|연구\s*결과|논문|고시|식약처|FDA|비건|유기농"
    r"|무첨가|무향|무알코올|알코올\s*프리|천연|국내산|한정|신제품"
    r"|출시|리뉴얼|단종"
    r"|연예인|모델|유튜|방송|올리브영|쿠팡|면세|선물|세트|증정|유통\s*기한|개봉|냉장|배송"
    r"|하루\s*만|주\s*만에|주\s*안에|개월|즉시|재생|독소|혈액|호르몬"
    r"|콜라겐\s*생성|세포|DNA|항암|항균|살균|면역"
    r"|어린이|아기|임산부|남성|남자|여성|십대|20대|30대|40대|50대|환경|재활용|동물\s*실험"
    r"|저녁에만|아침에만|사계절|한국|일본|프랑스|독일|미국|제주"
    r"|100\s*%"
)


class Embedder(Protocol):
    """The part of LangChain's `Embeddings` that is needed: vectors of length 1."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]: ...


Vectors = npt.NDArray[np.float32]
"""(texts, dimensions), rows of length 1."""


@dataclass(frozen=True, slots=True)
class Weights:
    values: Mapping[str, float]
    threshold: float
    """Probability in [0, 1] from which a sentence counts as supported."""

    @classmethod
    def shipped(cls, *, embedded: bool) -> Self:
        """Fitted with the vectors of the default embedder, or without any."""
        path = files("engine.generation.checks") / "support.json"
        written = json.loads(path.read_text(encoding="utf-8"))
        return cls(**written["embedded" if embedded else "bare"])

    def probability(self, features: Mapping[str, float]) -> float:
        score = sum(self.values.get(name, 0.0) * value for name, value in features.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


@dataclass(slots=True, eq=False)
class Prose:
    """Sentences of passages and their vectors, kept for those asked of last. Thread-safe."""

    embedder: Embedder | None
    _kept: dict[str, tuple[tuple[str, ...], Vectors | None]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def of(self, passages: Sequence[Passage]) -> list[tuple[tuple[str, ...], Vectors | None]]:
        missing = {one.text: units(one) for one in passages if one.text not in self._kept}
        if missing:
            self._keep(missing)
        return [self._kept.get(one.text) or (units(one), None) for one in passages]

    def vectors(self, texts: Sequence[str]) -> Vectors | None:
        if self.embedder is None or not texts:
            return None
        return np.asarray(self.embedder.embed_documents(list(texts)), dtype=np.float32)

    def _keep(self, missing: Mapping[str, tuple[str, ...]]) -> None:
        flat = [unit for found in missing.values() for unit in found]
        vectors, at = self.vectors(flat), 0
        with self._lock:
            for text, found in missing.items():
                own = None if vectors is None else vectors[at : at + len(found)]
                self._kept[text] = (found, own)
                at += len(found)
            while len(self._kept) > REMEMBERED:
                self._kept.pop(next(iter(self._kept)))


def units(passage: Passage) -> tuple[str, ...]:
    """What of a passage is prose, in sentences; its numbers are read elsewhere."""
    lines = [one for one in passage.text.split("\n")[1:] if not _NUMERIC.match(one)]
    found = [unit for line in lines for unit in _pieces(line)]
    return tuple(unit for unit in found if len(unit) > 3)[:UNITS_AT_MOST]


def _pieces(line: str) -> list[str]:
    """A line's sentences; of «칭찬: 촉촉해요 7개, …» each without its count."""
    label, _, body = line.partition(": ")
    if label in _OPINIONS:
        return [re.sub(r"\s\d+개$", "", one) for one in body.split(", ")]
    return _UNIT.split(re.sub(r"^[가-힣 ]{1,8}: ", "", line))


def features(
    sentence: str,
    passages: Sequence[Passage],
    *,
    prose: Sequence[tuple[tuple[str, ...], Vectors | None]],
    vector: Vectors | None,
    verdicts: Sequence[Verdict],
    numbers: int,
    named: Sequence[str] = (),
) -> dict[str, float]:
    """`vector`: the sentence's, (dimensions,); `numbers`: how many it has, all of them told;
    `named`: the names in it, squeezed, which `sentence` holds no more."""
    text = "\n".join(one.text for one in passages)
    flat = squeezed(text)
    spoken = _words(sentence)
    held = sum(name in flat for name in named)
    best, closest = _nearest(sentence, prose, vector)
    return {
        "one": 1.0,
        "cosine": best,
        "coverage": _coverage(spoken, flat, held, len(named)),
        "bigrams": _bigrams("".join(spoken), flat),
        "turned": _turned(sentence, closest),
        "confirmed": float(min(2, verdicts.count(Verdict.CONFIRMED))),
        "untold": float(min(2, verdicts.count(Verdict.UNTOLD))),
        "numbers": float(min(2, numbers)),
        "named": float(min(2, held)),
        "foremost": 1.0 if _FOREMOST.search(sentence) else 0.0,
        "opposed": float(_opposed(sentence, text)),
        "foreign": float(sum(squeeze(one) not in flat for one in _FOREIGN.findall(sentence))),
    }


def _nearest(
    sentence: str,
    prose: Sequence[tuple[tuple[str, ...], Vectors | None]],
    vector: Vectors | None,
) -> tuple[float, str]:
    """The greatest cosine in [-1, 1], and the unit that shares most with the sentence."""
    every = [unit for found, _ in prose for unit in found]
    if not every:
        return 0.0, ""
    rows = [own for _, own in prose if own is not None and len(own)]
    if vector is not None and rows:
        near = np.concatenate(rows) @ vector  # (units,)
        best = int(np.argmax(near))
        return float(near[best]), every[best]
    shares = [(_bigrams(squeeze(sentence), squeezed(unit)), unit) for unit in every]
    return 0.0, max(shares)[1]


def _words(sentence: str) -> list[str]:
    """Those that carry meaning, without their endings."""
    found = []
    for word in _WORD.findall(_COUNTED.sub(" ", sentence)):
        stem = _TAIL.sub("", word) if len(word) > 1 else word
        if (
            word not in _EMPTY
            and stem not in _EMPTY
            and (len(stem) > 1 or stem in _SHORT)
            and not stem.isdigit()
        ):
            found.append(squeeze(stem))
    return found


def _coverage(words: Sequence[str], flat: str, held: int, named: int) -> float:
    """Share in [0, 1] of the words and names that the passages have, or have other words for."""
    if not words and not named:
        return 0.0
    return (held + sum(_is_told(word, flat) for word in words)) / (named + len(words))


def _is_told(word: str, flat: str) -> bool:
    if word in flat or (len(word) > 2 and word[:-1] in flat):
        return True
    return any(
        any(one in word for one in group) and any(one in flat for one in group)
        for group in _SYNONYMS
    )


def _bigrams(words: str, flat: str) -> float:
    pairs = {words[at : at + 2] for at in range(len(words) - 1)}
    return sum(pair in flat for pair in pairs) / len(pairs) if pairs else 0.0


def _opposed(sentence: str, text: str) -> bool:
    """Whether it says the opposite of what is written, and that alone is written."""
    for pair in _OPPOSITES:
        for one, other in (pair, pair[::-1]):
            if one.search(sentence) and other.search(text) and not one.search(text):
                return True
    return False


def _turned(sentence: str, unit: str) -> float:
    """1 where the nearest unit says it and the sentence denies it, or the other way round."""
    if _bigrams("".join(_words(sentence)), squeezed(unit)) < 0.3:
        return 0.0
    return float((_NEGATIVE.search(sentence) is None) != (_NEGATIVE.search(unit) is None))
