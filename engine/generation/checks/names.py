"""Products and ingredients that a sentence names: known, nearly known, or made up."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final, Self

from rapidfuzz import fuzz, process

from engine.domain import DocumentKind, Passage
from engine.generation.checks.words import flat as squeezed
from engine.generation.checks.words import words
from engine.parsing.korean import letters_of, squeeze

SHOWN_LIKE: Final = 82.0
"""Likeness of letters in [0, 100] from which a name is a slip of one that was shown."""
WORD_LIKE: Final = 60.0
"""So, of one word of a name."""
KNOWN_LIKE: Final = 92.0
"""So, of any other name of the catalogue."""
_HEADS: Final = sorted(
    words("""
    클렌징워터 클렌징오일 클렌징밤 클렌징폼 클렌징젤 클렌징크림 클렌징밀크 폼클렌징 토너패드
    마스크팩 시트마스크 수분크림 아이크림 선크림 선스틱 선로션 선쿠션 선세럼 선젤 선블록 립밤
    핸드크림 바디로션 바디워시 바디크림 필링젤 올인원 부스터 에멀전 에멀젼 토너 스킨 로션 크림
    에센스 세럼 앰플 미스트 오일 밤 젤 클렌저 폼 워터 마스크 팩 패드 스크럽 쿠션 파운데이션 샴푸
    라인 시리즈 키트 브랜드 제품 상품
"""),
    key=len,
    reverse=True,
)
_GENERIC: Final = words("""
    수분 보습 진정 미백 주름 탄력 영양 각질 모공 톤업 톤 피지 여드름 트러블 홍조 잡티 향 무향
    유분 기름 저자극 고보습 데일리 기초 스킨케어 이 그 저 두 세 네 다른 제품 첫 한 번째 첫번째
    두번째 세번째 화장품 추천 같은 여름 겨울 봄 가을 아침 저녁 낮 밤 환절기 가성비 인기 대표
    베스트 약산성 무알코올 무향료 무알콜 알코올프리 오일프리 비건 나이트 데이 아이 눈가 핸드
    바디 립 선 클렌징 필링 토너 스킨 로션 크림 에센스 세럼 앰플 미스트 오일 젤 팩 마스크 패드
    쿠션 자외선 차단 자외선차단 기능성 신제품 새 쓰던 평소 순한 촉촉 산뜻 리뷰 후기 평점 가격
    저렴 가격대 악건성 건성 중성 복합성 지성 민감성 수부지 건성피부 지성피부 민감성피부 피부
    민감 예민 안내 자료 자료의 안 중 가운데 사이 위 아래 모두 모든 여러 다양 어떤 이런 그런 저런
    해당 관련 스킨·토너 스킨/토너 에센스/세럼 로션/에멀젼 크림/젤 두가지 세가지 가지 하나 단독
    전용 세트 대용량 본품 시카 히알루론산 세라마이드 비타민 비타민C 콜라겐 레티놀 알로에 녹차
    티트리 병풀 어성초 나이아신아마이드 판테놀 식물성 천연 성분 함유 타입 계열 제형 사용감
    마무리감 발림성 질감 물 저희 우리 뽀야미 구매 판매 품절 자극 순함 고객님 효과 차이 비교 정보
    전체 등 및 또 또는 더 가장 제일 조금 훨씬 아주 매우 정말 너무 특히 좀 꽤 역시 바로 함께 같이
    말씀하신 물어보신 문의하신 찾으신 찾으시는 적어주신 고르신 원하시는 여쭤보신 물으신 언급하신
    먼저 다음 이후 단계 세안 메이크업 얼굴 손 목 입술 종류 보통 대신 말고 별로 그리고 하지만
    그래서 다만 만약 혹시 지금 요즘 최근 오늘 매일 하루 꾸준히 듬뿍 얇게 소량 적당량 화장솜
""")
_ATTRIBUTIVE: Final = re.compile(
    r"(?:어간|담긴|섞인|나온|쓰인|알려진|꼽힌|받는|한|은|는|운|된|든|던|싼|인|큰|난|줄|할|될|쓸|볼|의|용|적인|로운|스런|러운|없는|있는|많은"
    r"|적은|좋은|않은|만한|다는|라는)$"
)
_PARTICLED: Final = re.compile(
    r"(?:[,.!?:;)…]|[가-힣\w](?:은|는|이|가|을|를|의|에|에게|에서|에는|에도|로|으로|과|와|랑|이랑"
    r"|도|만|보다|부터|까지|처럼|라서|이라|이고"
    r"|고|며|면|요|서|지만|니|데|게|히|듯|다|죠|네))$"
)
PARTICLE: Final = re.compile(
    r"(?:이에요|예요|이고|이며|이라서|라서|이라|이나|나|입니다|이랑|랑|에서는|에서|에는|에도|에"
    r"|의|으로는|으로|로는|로|보다는|보다|과|와|은|는|이|가|을|를"
    r"|도|만|처럼|까지|부터|라면|이라면|인데|이지만|지만|요)+$"
)
INGREDIENT_LIKE: Final = re.compile(
    r"[0-9A-Za-z가-힣,-]*(?:추출물|발효물|여과물|애씨드|글라이콜|아마이드|펩타이드|세라마이드"
    r"|레티놀|레티날|콜라겐|엑소좀|하이알루로네이트"
    r"|히알루론산|아데노신|판테놀|스쿠알란|알부틴|프로폴리스|뮤신|글루타치온|살리실산|글리콜산"
    r"|젖산|피디알엔|줄기세포|펩티드|바쿠치올"
    r"|하이드로퀴논|스테로이드|파라벤|페녹시에탄올|트라넥삼산|아젤라산|코직산|감초산"
    r"|마데카소사이드|나이아신)"
    r"|비타민\s?[A-KU](?:\d{1,2})?(?![a-z])|PDRN|EGF"
)
_HELD: Final = re.compile(
    r"(?P<name>[0-9A-Za-z가-힣][0-9A-Za-z가-힣·-]{1,24}?)(?:이|가|을|를|도|은|는)?\s*"
    r"(?:성분(?!표)|(?:(?<=\s)\S{1,6}\s)?(?:들어\s?(?:있|가|간)|함유|배합|첨가|포함(?:되|한|하)))"
)
HELD_GENERIC: Final = words("""
    보습 진정 미백 주름 유해 주의 자극 이 그 어떤 좋은 나쁜 순한 피하는 궁금한 걱정되는 주요
    핵심 유효 전 해당 같은 다른 여러 많이 함께 같이 것 제품 자료 리뷰 목록 전성분 향 향료 이름
    피부 식물성 천연 모두 이미 바로 가득 듬뿍 풍부하게 또 알러지 알레르기 기능성 컨디셔닝 라벨
    두 세 첫 대표 위 아래 중심 기본 활성 각질 문제 특정 모든 대부분 일부 의심 눈에
""")
_LATIN: Final = re.compile(r"[A-Za-z][A-Za-z.&'’-]{2,}")
_LATIN_KNOWN: Final = words("""
    spf uva uvb uv aha bha pha lha pdrn egf ewg faq best good skin care toner cream lotion
    essence serum ampoule mist oil tip
""")
BLANK: Final = "◦"
_BETWEEN: Final = re.compile(r"^(?:[가-힣]{1,2}[든린로고]|[가-힣]{2})$")
"""Reads like a verb's or a particle's ending and may be a word of a name: «골든», «제로»."""
_NO_NAME: Final = words(
    "모든 서로 바로 따로 별로 주로 새로 말고 그리고 보고 쓰고 어떤 같은 이든 하고 의 중"
)
_ANY_KIND: Final = frozenset(["라인", "시리즈", "브랜드", "제품", "상품", "키트"])


@dataclass(frozen=True, slots=True)
class Known:
    """What exists: names as they are looked for, squeezed → the title or standard name."""

    products: Mapping[str, str] = field(default_factory=dict)
    ingredients: Mapping[str, str] = field(default_factory=dict)
    brands: frozenset[str] = frozenset()
    """Squeezed."""
    lengths: tuple[int, ...] = ()
    letters: Mapping[str, str] = field(default_factory=dict)
    """Products' titles taken apart into letters → squeezed."""

    @classmethod
    def of(cls, products: Iterable[tuple[str, str]], ingredients: Iterable[Sequence[str]]) -> Self:
        """`products`: (brand, name); `ingredients`: each one's standard name, then its others."""
        spelled: dict[str, str] = {}
        brands = set()
        for brand, name in products:
            title = name if name.startswith(brand) else f"{brand} {name}"
            bare = name.removeprefix(brand).strip() or name
            brands.add(squeeze(brand))
            spelled |= {squeeze(one): title for one in (title, bare) if len(squeeze(one)) > 2}
        known = _standard(ingredients)
        lengths = sorted({len(one) for one in (*spelled, *known)}, reverse=True)
        letters = {letters_of(squeeze(title)): squeeze(title) for title in spelled.values()}
        return cls(spelled, known, frozenset(brands - {""}), tuple(lengths), letters)

    @classmethod
    def of_metadata(cls, documents: Iterable[Mapping[str, Any]]) -> Self:
        """From what an index keeps of its documents (`engine.retrieval.documents`)."""
        rows = list(documents)
        return cls.of(
            ((one["brand"], one["name"]) for one in rows if one["kind"] == "product"),
            (
                [one["title"], *filter(None, (one.get("inci"), *one.get("aliases", "").split("|")))]
                for one in rows
                if one["kind"] == "ingredient"
            ),
        )


@dataclass(frozen=True, slots=True)
class Naming:
    """What a sentence names."""

    text: str
    """The sentence, slips of names mended."""
    products: tuple[str, ...] = ()
    """Titles, squeezed."""
    ingredients: tuple[str, ...] = ()
    """Standard names, squeezed."""
    bare: str = ""
    """The sentence with a sign in place of each name: its numbers are the sentence's own."""
    invented: str | None = None
    """A name that nothing bears."""


def of_passages(passages: Sequence[Passage]) -> Known:
    """The names that the passages themselves bear and list."""
    products = {
        squeeze(name): one.title
        for one in passages
        if one.kind in (DocumentKind.PRODUCT, DocumentKind.REVIEWS)
        for name in (one.title, _bare_title(one))
        if len(squeeze(name)) > 2
    }
    titles = [title for one in passages for title in _held_by(one)]
    products |= {squeeze(title): title for title in titles if len(squeeze(title)) > 2}
    ingredients = _standard(names for one in passages for names in _listed(one))
    brands = frozenset(squeeze(one) for p in passages for one in _labelled(p, "브랜드")) - {""}
    lengths = sorted({len(one) for one in (*products, *ingredients)}, reverse=True)
    letters = {letters_of(squeeze(title)): squeeze(title) for title in products.values()}
    return Known(products, ingredients, brands, tuple(lengths), letters)


def naming(sentence: str, shown: Known, catalogue: Known, texts: str, question: str) -> Naming:
    """`texts`: all that was shown; what stands there or in the question is not made up."""
    mended = sentence
    for _ in range(3):
        text = mended
        products, ingredients, bare = found_in(text, shown, catalogue)
        mended = _branded(text, bare, shown.products.values(), products)
        brands, said = catalogue.brands | shown.brands, squeezed(texts)
        found = chain(
            _of_brand(text, bare, brands, (texts, question), catalogue),
            _golden(bare, texts, question),
            _candidates(text, bare, brands, texts, question),
        )
        candidate = next(
            (one for one in found if squeeze(one) not in said or _short(one, shown)), None
        )
        if candidate is None:
            break
        real = _nearly(candidate, shown, catalogue)
        if real is None or real in mended:
            return Naming(mended, products, ingredients, bare, candidate)
        mended = mended.replace(candidate, real, 1)
    else:
        return Naming(mended, products, ingredients, bare, mended)
    if foreign := _of_other_brand(mended, bare, products, catalogue.brands | shown.brands):
        return Naming(mended, products, ingredients, bare, foreign)
    unknown = _unknown_ingredient(bare, texts, question) or _unknown_latin(bare, texts, question)
    return Naming(mended, products, ingredients, bare, unknown)


# --- finding ------------------------------------------------------------------------------------


def found_in(text: str, *known: Known) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    letters = [(letter, at) for at, one in enumerate(text) for letter in squeezed(one)]
    flat = "".join(letter for letter, _ in letters)
    places = [at for _, at in letters]
    products: dict[str, None] = {}
    ingredients: dict[str, None] = {}
    covered, at = list(text), 0
    lengths = sorted({length for one in known for length in one.lengths}, reverse=True)
    while at < len(flat):
        inside = places[at] > 0 and text[places[at] - 1].isalnum()
        name = None if inside else _at(flat, at, lengths, known)
        if name is not None:
            title = next((one.products[name] for one in known if name in one.products), None)
            if title:
                products[squeeze(title)] = None
            else:
                standard = [one.ingredients[name] for one in known if name in one.ingredients]
                ingredients[squeeze(standard[-1])] = None
            start, end = places[at], places[at + len(name) - 1] + 1
            covered[start:end] = [BLANK] * (end - start)
        at += len(name) if name else 1
    return tuple(products), tuple(ingredients), "".join(covered)


def _at(flat: str, at: int, lengths: Sequence[int], known: Sequence[Known]) -> str | None:
    """The longest name that stands there."""
    for length in lengths:
        name = flat[at : at + length]
        if len(name) == length and any(
            name in one.products or name in one.ingredients for one in known
        ):
            return name
    return None


def _candidates(
    text: str, bare: str, brands: frozenset[str], texts: str, question: str
) -> Iterator[str]:
    """Runs of words that read as a product's name and are none that is known. `bare`: the text
    with signs for known names, place by place."""
    spans = [one.span() for one in re.finditer(r"\S+", bare)]
    words = [bare[start:end] for start, end in spans]
    for place, word in enumerate(words):
        head = kind_in(word)
        if head is None:
            continue
        stem, prefix = head
        run: list[str] = []
        for before in reversed(words[max(0, place - 5) : place]):
            clean = before.strip("«»“”\"'‘’「」『』<>()")
            if BLANK in clean or not clean or not reads_as_name(clean):
                break
            run.insert(0, clean)
        parts = [*run, *([prefix] if prefix else [])]
        strange = [one for one in parts if not is_generic(one, texts, question)]
        if strange and not all(squeeze(one) in brands for one in strange):
            first = next(
                at for at, one in enumerate(parts) if one in strange or squeeze(one) in brands
            )
            kept = [*run, stem][min(first, len(run)) :]
            yield " ".join(kept)
        elif (start := _branded_from(words, place, len(run), brands)) is not None:
            yield text[spans[start][0] : spans[place][0] + len(stem)]


def _of_brand(
    text: str, bare: str, brands: frozenset[str], told: tuple[str, str], catalogue: Known
) -> Iterator[str]:
    """A brand and what stands after it up to a product's kind, where no product is called so:
    «달여울 시카 발효 오일». `told`: texts and question."""
    spans = [one.span() for one in re.finditer(r"\S+", bare)]
    written = [text[start:end] for start, end in spans]
    for at, brand in enumerate(written):
        if squeeze(brand) not in brands or not brand[-1].isalnum():
            continue
        last = _kind_after(written, bare, spans, at)
        if last is None:
            continue
        stem = (kind_in(written[last]) or ("", ""))[0]
        name = text[spans[at][0] : spans[last][0] + len(stem)]
        between = [bare[start:end] for start, end in spans[at + 1 : last + 1]]
        plain = not any(BLANK in one for one in between)
        if plain and all(is_generic(one, *told) or kind_in(one) == (one, "") for one in between):
            continue
        if stem and not (plain and last == at + 1) and squeeze(name) not in catalogue.products:
            yield name


def _kind_after(
    written: Sequence[str], bare: str, spans: Sequence[tuple[int, int]], at: int
) -> int | None:
    """Place of the last kind of product in the run after the brand at `at`."""
    last = None
    for place in range(at + 1, min(len(written), at + 6)):
        word = bare[slice(*spans[place])]
        head = kind_in(written[place])
        if head is not None and head[0].removeprefix(head[1]) not in _ANY_KIND:
            last = place
            if kind_in(written[place]) != (written[place], head[1]):
                break
        elif last is not None or not (BLANK in word or _may_name(word)):
            break
    return last


def _may_name(word: str) -> bool:
    if word in _NO_NAME:
        return False
    return reads_as_name(word) or _BETWEEN.match(word) is not None


def _of_other_brand(
    text: str, bare: str, products: Sequence[str], brands: frozenset[str]
) -> str | None:
    """A product under a brand that is not its own: «세라누보 레티놀 나이트 세럼»."""
    if len(text) != len(bare):
        return None
    for found in re.finditer(rf"(?P<brand>\S+)\s+(?P<name>{BLANK}+)", bare):
        name = squeeze(text[slice(*found.span("name"))])
        brand = squeeze(found["brand"])
        owners = [one for one in products if one.endswith(name)]
        if brand in brands and owners and not any(one.startswith(brand) for one in owners):
            return text[found.start() : found.end()]
    return None


def _golden(bare: str, texts: str, question: str) -> Iterator[str]:
    """«수연재 골든 에센스»: nobody's brand and a word that looks like an ending."""
    words = bare.split()
    for brand, word, kind in zip(words, words[1:], words[2:], strict=False):
        head = kind_in(kind)
        if head is None or head[1] or not _BETWEEN.match(word) or word in _NO_NAME:
            continue
        if reads_as_name(word) or is_generic(word, texts, question) or len(brand) < 3:
            continue
        if BLANK not in brand and reads_as_name(brand) and not is_generic(brand, texts, question):
            yield f"{brand} {word} {head[0]}"


def _branded_from(words: Sequence[str], place: int, run: int, brands: frozenset[str]) -> int | None:
    """Where a brand stands before ingredients and the kind of a product: «하늬담 캐모마일 순
    토너» of a brand that has none such."""
    at = place - run
    while at > 0 and BLANK in words[at - 1] and reads_as_name(words[at - 1]):
        at -= 1
    before = at - 1
    is_brand = before >= 0 and at < place and squeeze(words[before]) in brands
    return before if is_brand else None


def kind_in(word: str) -> tuple[str, str] | None:
    """«글로우크림은» → («글로우크림», «글로우»)."""
    clean = word.strip("«»“”\"'‘’「」『』<>().,!?…·~")
    for stem in (clean, PARTICLE.sub("", clean)):
        for head in _HEADS:
            if stem.endswith(head):
                return stem, stem.removesuffix(head)
    return None


def reads_as_name(word: str) -> bool:
    return not _ATTRIBUTIVE.search(word) and not _PARTICLED.search(word)


def is_generic(word: str, texts: str, question: str) -> bool:
    if word in _GENERIC or word[0].isdigit() or BLANK in word or word.endswith(("원대", "원짜리")):
        return True
    if len(word) == 1 or word.endswith(("용", "·", "성")) or kind_in(word) == (word, ""):
        return True
    parts = re.split(r"[·/,]", word)
    if len(parts) > 1:
        return all(not one or is_generic(one, texts, question) for one in parts)
    return False


def _nearly(candidate: str, shown: Known, catalogue: Known) -> str | None:
    """The one real title that the candidate is a slip of."""
    if short := _short(candidate, shown):
        return short
    key = letters_of(squeeze(candidate))
    for known, cutoff in ((shown, SHOWN_LIKE), (catalogue, KNOWN_LIKE)):
        names = {letters_of(name): title for name, title in known.products.items()}
        best = process.extract(key, names.keys(), scorer=fuzz.ratio, score_cutoff=cutoff, limit=3)
        titles = {names[name] for name, _, _ in best}
        same = len(titles) == 1 and _kind_of(candidate) == _kind_of(*titles)
        if same and _is_spelled_like(candidate, *titles):
            return titles.pop()
    return None


def _is_spelled_like(candidate: str, title: str) -> bool:
    """No word of it is quite another: «시카» is no slip of «동백»."""
    of_title = [letters_of(one) for one in title.split()]
    return all(
        squeeze(word) in squeeze(title)
        or max(fuzz.ratio(letters_of(word), one) for one in of_title) >= WORD_LIKE
        for word in candidate.split()
    )


def _kind_of(name: str) -> str:
    """«… 밀크 로션» → «로션»: of another kind it is another product, no slip."""
    stem, prefix = kind_in(name.rsplit(maxsplit=1)[-1]) or (name, "")
    return stem.removeprefix(prefix)


def _branded(text: str, bare: str, titles: Iterable[str], named: Sequence[str]) -> str:
    """«새벽슾 이슬 수분 크림»: a brand before its product's name, spelled right."""
    brands = {title.split()[0] for title in titles if squeeze(title) in named}
    for before in re.findall(rf"(\S+)\s+{BLANK}", bare):
        near = process.extractOne(
            letters_of(before), {one: letters_of(one) for one in brands}, score_cutoff=SHOWN_LIKE
        )
        if near is not None and near[2] != before:
            text = text.replace(before, near[2], 1)
    return text


def _short(candidate: str, shown: Known) -> str | None:
    """The one title that it leaves words out of."""
    words = [squeeze(one) for one in candidate.split()]
    titles = {title for title in shown.products.values() if _is_short(words, squeeze(title))}
    return titles.pop() if len(titles) == 1 else None


def _is_short(words: Sequence[str], title: str) -> bool:
    """«리치 스킨» of «… 배리어 리치 스킨»: its last word and others, none of them new."""
    return title.endswith(words[-1]) and all(word in title for word in words)


def _unknown_ingredient(bare: str, texts: str, question: str) -> str | None:
    said = squeezed(texts) + " " + squeeze(question)
    for found in INGREDIENT_LIKE.finditer(bare):
        if squeeze(PARTICLE.sub("", found[0])) not in said and squeeze(found[0]) not in said:
            return found[0]
    for found in _HELD.finditer(bare):
        name = PARTICLE.sub("", found["name"]) or found["name"]
        if len(name) < 2 or name in HELD_GENERIC or _ATTRIBUTIVE.search(found["name"]):
            continue
        if squeeze(name) not in said and squeeze(found["name"]) not in said:
            return name
    return None


def _unknown_latin(bare: str, texts: str, question: str) -> str | None:
    said = f"{texts} {question}".casefold()
    for found in _LATIN.finditer(bare):
        word = found[0].strip(".-'’").casefold()
        if len(word) > 2 and word not in said and word not in _LATIN_KNOWN:
            return found[0]
    return None


# --- passages -----------------------------------------------------------------------------------


def _bare_title(passage: Passage) -> str:
    brand = next(iter(_labelled(passage, "브랜드")), "")
    return passage.title.removeprefix(brand).strip() or passage.title


def _labelled(passage: Passage, label: str) -> list[str]:
    start = f"{label}: "
    return [one[len(start) :] for one in passage.text.split("\n") if one.startswith(start)]


def _standard(ingredients: Iterable[Sequence[str]]) -> dict[str, str]:
    """Squeezed name → the first of its group; a standard name before another's alias."""
    groups = [group for group in ingredients if group]
    aliases = {squeeze(one): group[0] for group in groups for one in group[1:]}
    named = aliases | {squeeze(group[0]): group[0] for group in groups}
    return {name: standard for name, standard in named.items() if len(name) > 1}


def _listed(passage: Passage) -> Iterator[Sequence[str]]:
    """Ingredients that it names, each with its other names."""
    if passage.kind is DocumentKind.INGREDIENT:
        head = re.search(r"\(([^()]+)\)$", passage.text.split("\n")[0])
        others = [one for line in _labelled(passage, "다른 이름") for one in line.split(", ")]
        yield [passage.title, *([head[1]] if head else []), *others]
    for line in _labelled(passage, "성분"):
        yield from ([one] for one in re.sub(r"\s외 \d+가지$", "", line).split(", "))


def _held_by(passage: Passage) -> Iterator[str]:
    for line in _labelled(passage, "들어간 제품"):
        inside = re.search(r"\((.+)\)$", line)
        if inside:
            yield from inside[1].split(", ")
