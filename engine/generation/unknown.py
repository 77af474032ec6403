"""Names in a question that nothing bears: a product, an ingredient, a kind that is not sold. Pure.

What is meant as a name is told from how the question is built («오로라딥 리페어 크림 얼마예요?»),
and that nothing bears it from the catalogue's names and the words of all its documents. A slip of
a real name, and words that describe («촉촉한 크림», «세라마이드 크림»), are no unknown names.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, Self

from rapidfuzz import fuzz, process

from engine.domain import DocumentKind, Talk
from engine.generation.checks.names import (
    BLANK,
    HELD_GENERIC,
    INGREDIENT_LIKE,
    PARTICLE,
    Known,
    found_in,
    is_generic,
    kind_in,
    reads_as_name,
)
from engine.generation.checks.words import words
from engine.generation.intent import Intent, Understanding
from engine.parsing.korean import letters_of, squeeze, with_particle

WORD_LIKE: Final = 78.0
"""Likeness of letters in [0, 100] from which a word is a slip of a name's word."""
TITLE_LIKE: Final = 80.0
"""So, of whole titles: then it is no unknown name, and the search finds it."""
OFFERED_LIKE: Final = 62.0
"""From here on a real name may have been meant, and is offered."""
INGREDIENT_OFFERED_LIKE: Final = 76.0
OFFERED: Final = 2
TEXT_AT_MOST: Final = 400
NAMES_AT_MOST: Final = 2
"""Unknown names that an answer repeats."""
KINDS_SHOWN: Final = 6
_LONGEST: Final = 5
"""Words of a name before its kind."""
_REPEATED_AT_MOST: Final = 30
"""Letters of a name that are said back."""

_KINDS: Final = words("""
    선_크림 썬_크림 선_스틱 썬_스틱 선_로션 선_쿠션 썬_쿠션 선_세럼 선_젤 선_블록 썬_블록
    선_스프레이 자외선_차단제 쿠션 파운데이션 파데 비비_크림 컨실러 파우더 블러셔 립_밤 립_스틱
    립_틴트 틴트 립_글로스 마스카라 아이_라이너 아이_섀도 아이_섀도우 아이_브로우 프라이머 샴푸
    린스 트리트먼트 헤어_팩 헤어_에센스 헤어_오일 헤어_토닉 두피_토닉 바디_워시 바디_로션
    바디_크림 바디_오일 바디_미스트 바디_스크럽 핸드_크림 풋_크림 향수 비누 치약 클렌징_폼
    폼_클렌징 클렌징_오일 클렌징_워터 클렌징_밤 클렌징_젤 클렌징_밀크 클렌저 마스크_팩 시트_마스크
    시트_팩 수면_팩 토너_패드 필링_젤 데오드란트 제모_크림 염색약 매니큐어 네일
""")
_KIND: Final = re.compile(
    "(?:"
    + "|".join(
        rf"{'' if len(one) > 2 else '(?<![가-힣])'}{one.replace('_', chr(92) + 's?')}"
        for one in sorted(_KINDS, key=len, reverse=True)
    )
    + ")"
)
_BESIDE: Final = re.compile(
    r"^\s*(?:은|는|을|를|이|가|도|로)?\s*(?:전|후|다음|위|아래|바르|바른|발라|하고|하기|하는데|쓰고|쓰는"
    r"|쓴|썼|쓸|써|대신|말고|빼고|없이|없는|때|밀[려리림]|지[우울워]|같은|처럼|이랑|랑|과|와|보다|용|만큼|까지"
    r"|올리|뜨|덧)"
)
"""Behind a kind that is not what is wished: «쿠션 바르기 전에 쓸 크림»."""
_SOLD_WORD: Final = re.compile(
    r"크림|토너|로션|에센스|세럼|앰플|미스트|오일|에멀[전젼]|스킨(?!케어)"
)
_SLOT: Final = re.compile(
    r"(?P<name>[0-9A-Za-z가-힣][0-9A-Za-z가-힣·-]+?)(?:이라는|라는|이란|란|은|는|이|가|도)?\s*"
    r"(?:(?:게|건|거)\s*)?(?:(?:대체|도대체|정확히)\s*)?"
    r"(?:(?:무슨|어떤)\s*)?(?<![가-힣]전)(?:성분(?!표)|원료|뭐(?:예|에|야|임|죠|지|하)|뭔|무엇|효과|효능|역할|부작용|위험|안전|유해|해로)"
)
_NOT_INGREDIENTS: Final = words("""
    이거 그거 저거 이게 그게 저게 이것 그것 이건 그건 저건 무슨 어떤 성분 성분은 원료 효과 효능
    역할 부작용 화장품 제품 방부제 보존제 계면활성제 유화제 점증제 색소 향료 알러젠 무기자차
    유기자차 혼합자차 산화방지제 자외선차단제 차단제 각질제거제 보습제 컨디셔닝제 용매 킬레이트제
    배합목적 전성분 여기 거기 이름 뜻 정체 차이 차이가 차이는 종류 순서 장점 단점 기준 등급 한도
    이유 원인 여드름 주름 미백 진정 보습 탄력 각질 모공 트러블 미백에 주름에 피부 피부에 얼굴 좋은
    나쁜 순한 위험한 안전한 유명한 핵심 대표 첫번째 두번째 마지막 처음 아까 방금 말한 적힌 적혀
    들어간 들어있는 든 있는 없는 많은 가장 제일 맨 도대체 대체 혹시 그럼 그러면 근데 그리고 아니
    진짜 정말 요즘 유기농 제거 무기농 유래 첨가 개선 완화 강화 관리 케어 차단 흡수 세정 발효 추출
    활성 문제 유해성분 주의성분 기능성 알레르기 알러지 임산부 발암 논란 천연 자연 합성 식물성
    동물성 미네랄 광물 기름 산 염 수 물 정제수 향 오일 알코올 크림 토너 로션 세럼 에센스 앰플
    미스트 스킨
""")
_POINTING: Final = words("""
    이거 그거 저거 이게 그게 저게 이것 그것 이건 그건 저건 이걸 그걸 여기 거기 얘 걔 아까 방금
    어제 전에 그냥 그럼 근데 본 산 쓴 루틴 순서 낮 밤 오후 오전 저녁 새벽 나 저 내 제 너 우리 엄마
    아빠 언니 남편 남자 여자 사람 애기 아기 학생 친구 처음 마지막 원래 계속 자주 가끔 항상 일단
    우선 바로 이미 벌써 아직 다시 안 못 잘 막 꼭 딱 쫌 걍 넘 완전 엄청 되게 무슨 어느 얼마 혹은
    아니면 빼고 대비 무슨무슨 로드샵 국산 수입 명품 고급 저가 중저가 시중 일반 정품 샘플 미니 리필
    증정 할인 세일 신상 후속 단종 예전 옛날 구형 신형 리뉴얼 순위 인생 최애 국민
""")
_STOPS: Final = words("vs vs. VS & + / 대 아니면 그리고 또는 혹은 및")
_INITIALS: Final = re.compile(r"[ㄱ-ㅎㅏ-ㅣ]+")


class What(StrEnum):
    """What a name would be of."""

    PRODUCT = "product"
    INGREDIENT = "ingredient"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Missing:
    """What a question names and nothing bears."""

    what: What
    names: tuple[str, ...]
    """As they were said, less their particles."""
    near: tuple[str, ...] = ()
    """Titles or standard names that may have been meant."""
    beside: tuple[str, ...] = ()
    """Titles of the products named with it that there are."""


@dataclass(frozen=True)
class Stock:
    """What there is, as the names of questions are held against it."""

    known: Known = field(default_factory=Known)
    categories: tuple[str, ...] = ()
    """The most products first."""
    told: str = ""
    """The shop's own answers, squeezed."""
    knows: Callable[[str], bool] = field(default=lambda word: False)
    """Whether a whole word stands in any document."""

    @classmethod
    def of(
        cls,
        known: Known,
        documents: Iterable[tuple[Mapping[str, Any], str]],
        knows: Callable[[str], bool],
    ) -> Self:
        """`documents`: (metadata, text) of all that an index holds."""
        categories: Counter[str] = Counter()
        told = []
        for one, text in documents:
            if one["kind"] == DocumentKind.FAQ:
                told.append(squeeze(text))
            elif one["kind"] == DocumentKind.PRODUCT and one.get("category"):
                categories[one["category"]] += 1
        names = tuple(name for name, _ in categories.most_common())
        stock = cls(known, names, "".join(told), knows)
        _ = stock._titles, stock._lettered, stock._ingredients  # no question waits for these
        return stock

    def missing(
        self, understood: Understanding, text: str, talk: Talk | None = None
    ) -> Missing | None:
        """What the answer cannot be about; None where nothing unknown is named."""
        if not self.known.products:
            return None
        text, spoken = text[:TEXT_AT_MOST], talk.products if talk else ()
        names_one = not set(understood.products).issubset(spoken)
        match understood.intent:
            case Intent.RECOMMEND:
                return self._kind(understood, text)
            case Intent.INGREDIENT:
                return self._ingredient(understood, text)
            case Intent.COMPARE:
                return self._product(text) or self._compared(understood, text)
            case Intent.PRODUCT if not names_one:
                return self._product(text) or self._kind(understood, text)
            case Intent.ROUTINE if not names_one:
                return self._product(text)
            case _:
                return None

    # --- products ---

    def _product(self, text: str) -> Missing | None:
        names = list(dict.fromkeys(self._unborne(text)))
        likes = {name: self._like(name) for name in names}
        found = [one for one in names if not _is_slip(likes[one])][:NAMES_AT_MOST]
        if not found:
            return None
        near = dict.fromkeys(title for name in found for _, title in likes[name])
        borne, *_ = found_in(text, self._products)
        beside = [self.known.products[title] for title in borne if title in self.known.products]
        return Missing(What.PRODUCT, tuple(found), tuple(near)[:OFFERED], tuple(beside)[:OFFERED])

    def _unborne(self, text: str) -> Iterator[str]:
        """Runs of words before the kind of a product that read as its name."""
        *_, bare = found_in(text, self._products)
        said, since = bare.split(), 0
        for place, word in enumerate(said):
            kind = None if BLANK in word else _kind_in(word)
            if kind is None:
                continue
            stem, prefix = kind
            before = self._before(said[since:place])
            parts = [*before, prefix] if prefix else before
            start = self._begins(parts, stem.removeprefix(prefix))
            name = " ".join([*before, stem][start:]) if start is not None else ""
            if name:
                since = place + 1
                yield name

    def _before(self, said: Sequence[str]) -> list[str]:
        """The words before a kind that may belong to its name."""
        run: list[str] = []
        for word in reversed(said[-_LONGEST:]):
            clean = word.strip(_EDGES)
            if not clean or BLANK in clean or clean in _STOPS:
                break
            if not reads_as_name(clean) and clean not in self._words:
                break
            run.insert(0, clean)
        return run

    def _begins(self, parts: Sequence[str], head: str) -> int | None:
        """Where among the parts the name of no product begins; None where they only describe."""
        content = [at for at, one in enumerate(parts) if not _describes(one)]
        brands = [at for at in content if squeeze(parts[at]) in self.known.brands]
        own = [at for at in content if at not in brands]
        strange = [at for at in own if self._is_strange(parts[at])]
        whole = len(own) > 1 and not self._borne([parts[at] for at in own])
        unsold = len(parts) > len(brands) and self._is_unsold(head)
        if strange or (brands and (whole or unsold)):
            return min((*strange, *brands))
        return None

    def _is_strange(self, word: str) -> bool:
        """No document holds it, and no name holds a word like it."""
        return not any(map(self._is_familiar, _forms(word)))

    def _is_familiar(self, word: str) -> bool:
        if _describes(word) or word in self._words or self.knows(word):
            return True
        if any(
            self._is_part(word[:at]) and self._is_part(word[at:]) for at in range(2, len(word) - 1)
        ):
            return True
        spelled = letters_of(squeeze(word))
        reach = (1 - WORD_LIKE / 100) * 2
        lengths = range(int(len(spelled) * (1 - reach)), int(len(spelled) * (1 + reach)) + 2)
        return any(
            process.extractOne(
                spelled, self._lettered.get(length, ()), scorer=fuzz.ratio, score_cutoff=WORD_LIKE
            )
            for length in lengths
        )

    def _is_part(self, word: str) -> bool:
        return len(word) > 1 and (_describes(word) or word in self._words or self.knows(word))

    def _borne(self, parts: Sequence[str]) -> bool:
        flat = [squeeze(one) for one in parts]
        return any(all(one in title for one in flat) for title in self.known.products)

    def _like(self, name: str) -> list[tuple[float, str]]:
        """(likeness, title) of products of that kind, the likest first."""
        flat = squeeze(name)
        titles = self._titles.get(flat[-1:], {})
        near = process.extract(
            letters_of(flat),
            titles.keys(),
            scorer=fuzz.ratio,
            score_cutoff=OFFERED_LIKE,
            limit=2 * OFFERED,
        )
        return [(like, titles[spelled]) for spelled, like, _ in near]

    @cached_property
    def _products(self) -> Known:
        return replace(self.known, ingredients={})

    @cached_property
    def _titles(self) -> dict[str, dict[str, str]]:
        """Last syllable, which the kind ends with → letters of titles, with their brands and
        without → the title."""
        found: dict[str, dict[str, str]] = {}
        for name, title in self.known.products.items():
            found.setdefault(name[-1:], {})[letters_of(name)] = title
        return found

    @cached_property
    def _ingredients(self) -> dict[str, str]:
        return {letters_of(name): title for name, title in self.known.ingredients.items()}

    @cached_property
    def _words(self) -> frozenset[str]:
        """Of titles, and ingredients' whole names."""
        of_titles = (word for title in self.known.products.values() for word in title.split())
        names = [*map(squeeze, of_titles), *self.known.ingredients, *self.known.brands]
        return frozenset(one for one in names if one)

    @cached_property
    def _lettered(self) -> dict[int, list[str]]:
        """By their number of letters."""
        found: dict[int, list[str]] = {}
        for spelled in (letters_of(one) for one in self._words if len(one) > 1):
            found.setdefault(len(spelled), []).append(spelled)
        return found

    # --- kinds ---

    def _kind(self, understood: Understanding, text: str) -> Missing | None:
        """«선크림 추천해줘» of a shop without one."""
        if understood.products or understood.alike or understood.cheaper:
            return None
        found = next((one for one in _KIND.finditer(text) if self._is_unsold(one[0])), None)
        if found is None or _BESIDE.match(text[found.end() :]) or squeeze(found[0]) in self.told:
            return None
        rest = text[: found.start()] + text[found.end() :]
        return None if _SOLD_WORD.search(rest) else Missing(What.KIND, (found[0],))

    def _is_unsold(self, kind: str) -> bool:
        flat = squeeze(kind)
        titles = ((key, title) for key, title in self.known.products.items() if flat in key)
        sold = any(_bears(title, flat) for _, title in titles)
        return (
            bool(_KIND.fullmatch(kind)) and not sold and flat not in map(squeeze, self.categories)
        )

    # --- ingredients ---

    def _ingredient(self, understood: Understanding, text: str) -> Missing | None:
        if understood.ingredients or understood.products:
            return None
        name = next(self._unheard(text), None)
        return None if name is None else self._of_ingredient(name)

    def _compared(self, understood: Understanding, text: str) -> Missing | None:
        """«엑소좀이랑 판테놀 차이»: by what it is called alone, since more words stand there."""
        if understood.products:
            return None
        found = (_bare(one[0]) for one in INGREDIENT_LIKE.finditer(text))
        name = next((one for one in found if self._is_unheard(one)), None)
        return None if name is None else self._of_ingredient(name)

    def _of_ingredient(self, name: str) -> Missing:
        near = process.extract(
            letters_of(squeeze(name)),
            self._ingredients.keys(),
            scorer=fuzz.ratio,
            score_cutoff=INGREDIENT_OFFERED_LIKE,
            limit=2 * OFFERED,
        )
        titles = dict.fromkeys(self._ingredients[one] for one, _, _ in near)
        return Missing(What.INGREDIENT, (name,), tuple(titles)[:OFFERED])

    def _unheard(self, text: str) -> Iterator[str]:
        """Words that stand where an ingredient is asked, or are built like one."""
        for found in INGREDIENT_LIKE.finditer(text):
            if self._is_unheard(name := _bare(found[0])):
                yield name
        for found in _SLOT.finditer(text):
            name = found["name"]
            forms = (name, *_forms(name))
            if any(one in _NOT_INGREDIENTS or one in HELD_GENERIC for one in forms):
                continue
            if reads_as_name(name) and self._is_unheard(name) and self._is_strange(name):
                yield name

    def _is_unheard(self, name: str) -> bool:
        flat = squeeze(name)
        return len(flat) > 1 and not any(flat in one for one in self.known.ingredients)


def said(missing: Missing, stock: Stock) -> str:
    """The set answer: what was not found, what may have been meant, and the way on."""
    names = _listed([one[:_REPEATED_AT_MOST] for one in missing.names])
    match missing.what:
        case What.PRODUCT:
            first = f"{with_particle(names, '은/는')} 제가 가진 제품 자료에서 찾지 못했어요."
            on = "제품 이름을 한 번 더 확인해 주시거나 «제품 찾기»에서 찾아봐 주세요."
        case What.INGREDIENT:
            first = f"{with_particle(names, '은/는')} 제가 가진 성분 자료에서 찾지 못했어요."
            on = "전성분표에 적힌 이름 그대로 적어 주시거나 «성분 물어보기»에서 찾아봐 주세요."
        case What.KIND:
            first = f"{with_particle(names, '은/는')} 지금 저희가 파는 제품 가운데 없어요."
            sold = ", ".join(stock.categories[:KINDS_SHOWN])
            shown = f"{sold} 중에서는 같이 골라 드릴게요. " if sold else ""
            on = f"{shown}«제품 찾기»에서 둘러보실 수도 있어요."
    offered = _offered(missing)
    return " ".join(filter(None, (first, offered, _beside(missing), on)))


def _beside(missing: Missing) -> str:
    if not missing.beside:
        return ""
    there = with_particle(_listed(missing.beside), "은/는")
    return f"{there} 자료가 있으니 궁금한 점을 물어보시면 바로 알려 드릴게요."


def _offered(missing: Missing) -> str:
    if not missing.near:
        return ""
    meant = _listed(missing.near)
    return f"혹시 {with_particle(meant, '을/를')} 찾으셨나요?"


def _listed(names: Sequence[str]) -> str:
    """«가»와 «나»."""
    *first, last = (f"«{one}»" for one in names)
    return " ".join([*(with_particle(one, "과/와") for one in first), last])


# --- words of a question ------------------------------------------------------------------------

_EDGES: Final = "«»“”\"'‘’「」『』<>()"


def _kind_in(word: str) -> tuple[str, str] | None:
    """«글로우크림은» → («글로우크림», «글로우»); not of «밤에», nor «수면» of «수면팩»."""
    found = kind_in(word)
    if found is None or (found[0] == "밤" and word.strip(_EDGES) != "밤"):
        return None
    return (found[0], "") if _KIND.fullmatch(found[0]) else found


def _bears(title: str, kind: str) -> bool:
    """By its words: «무향 수분 세럼» is no 향수."""
    said = [squeeze(word) for word in title.split()]
    begins = ("".join(said[at:]).startswith(kind) for at in range(len(said)))
    return any(kind in word for word in said) or any(begins)


def _is_slip(likes: Sequence[tuple[float, str]]) -> bool:
    return bool(likes) and likes[0][0] >= TITLE_LIKE


def _describes(word: str) -> bool:
    bare = PARTICLE.sub("", word) or word
    pointing = word in _POINTING or bare in _POINTING or _INITIALS.fullmatch(word)
    return bool(pointing) or is_generic(word, "", "")


def _forms(word: str) -> tuple[str, ...]:
    """As written, and less its particle."""
    bare = _bare(word)
    return (word, bare) if bare != word else (word,)


def _bare(word: str) -> str:
    return PARTICLE.sub("", word) or word
