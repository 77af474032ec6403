"""What a sentence says of gentleness, effects and skin types, against the counts of the reviews."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from engine.domain import DocumentKind, Effect, Irritation, Passage, SkinType
from engine.generation.checks import comparing, foremost, opinions, particulars
from engine.generation.checks.words import flat as squeezed
from engine.generation.facts import (
    ProductFacts,
    ReviewFacts,
    SkinFacts,
    product_facts,
    review_facts,
)

LIKED_FROM: Final = 4.0
"""Mean rating from which a skin type may be said to like a product."""
DISLIKED_UNDER: Final = 3.9
_GENTLE: Final = re.compile(
    r"순하|순한(?!\s*정도)|순해|순함|저자극|마일드|편안하|부드럽게\s*맞"
    r"|자극\S{0,2}\s*(?:걱정\S*\s*)?(?:거의\s*|별로\s*|많이\s*)?(?:적[은어다고]|없|덜|느끼지"
    r"|느껴지지|주지|되지|받지|하지)"
    r"|(?:따갑|따가|화끈)\S*\s*(?:않|없|덜|줄)"
)
_HARSH: Final = re.compile(
    r"자극(?:이|을|도|감이|적)?\s*(?:있|느[꼈껴끼]|강[하한해]|심[하한해]|센|세[요다]|될\s*수"
    r"|되[었는어]|적이|받[았은]|컸|크|남기|말한|겪)"
    r"|따가(?:워|웠|운)|따갑(?:다|고)|따끔|화끈|뒤집어(?:졌(?!던)|지)|쓰라"
)
_WARNED: Final = re.compile(rf"{_HARSH.pattern}|자극이\s*될|조심|피하는|주의|당김")
_NOT_GENTLE: Final = re.compile(
    r"순하지\s*않|순한\s*편은?\s*아니|순하다고\s*(?:하|보|말하)기\S*\s*(?:어렵|힘들)"
)
_ABSOLUTE: Final = re.compile(
    r"전혀|하나도|절대|아무도|누구에게나|누구나|모두|전부|모든\s*(?:분|피부|사람|리뷰)|완전"
    r"|100\s*%|걱정\s*없이"
)
_NONE_GENTLE: Final = re.compile(r"순하다[고는]\s*(?:\S+\s+){0,2}?\S+\s*(?:하나도\s|전혀\s)?없")
_COUNTS: Final = re.compile(
    r"(?:\d|(?<![가-힣])(?:한|두|세|네|다섯|여섯|일곱|여덟|아홉|열))\s*(?:명|개|건|분(?!도)|사람|%|/\s*\d)"
    r"|(?:하나|둘|셋|넷|다섯|여섯|일곱|여덟|아홉|열)(?:이|뿐|,|예요)"
)
"""It gives a count, which the numbers are checked by."""
_SOME: Final = re.compile(r"도\s*있|일부|몇|소수|한두|분들?도|의견도|평도|리뷰도|수\s*있")
_EFFECTS: Final = {
    Effect.MOISTURE: re.compile(r"보습|촉촉|수분(?!\s*크림)"),
    Effect.SOOTHING: re.compile(r"진정|가라앉|붉은\s*기"),
    Effect.AGEING: re.compile(r"주름|미백|탄력|안티\s*에이징|노화|톤"),
}
_DOES: Final = tuple(
    re.compile(one)
    for one in (
        r"보습|촉촉|수분", r"진정|차분|가라앉|달래|붉", r"주름|탄력|노화",
        r"미백|톤|칙칙|잡티|기미|밝|맑",
        r"각질|필링|벗겨", r"모공|피지|유분|번들", r"여드름|트러블", r"항산화|산화", r"자외선|햇빛",
        r"치유|재생|회복", r"향(?!균)", r"세정|씻", r"보존|방부", r"식물|나무|꽃|잎|풀", r"동물",
        r"합성|화학", r"바다|해양|해조", r"광물|미네랄", r"미생물|발효|효모",
        r"물에\s*녹", r"기름에\s*녹|지용", r"아침|낮", r"밤|저녁",
    )
)  # fmt: skip
_HIGH: Final = re.compile(r"평점\S*\s*(?:\S+\s*){0,3}?(?:(?P<high>높)|낮)")
_HOLDS: Final = re.compile(
    r"들어\s?(?:있|가|간)|들었|(?<=[이가] )든\s|함유|배합|담겨|담은|성분으로\s*하"
)
_HOLDS_NOT: Final = re.compile(
    r"들어\s?(?:있|가)지\s*않|안\s*들어|함유(?:하|되)지\s*않|들어\s?있는\s*\S+\s*아니"
)
_BOTH: Final = re.compile(r"둘\s*다|셋\s*다|모두\s|(?:두|세)\s*(?:제품|가지|개)\s*(?:모두|다\s)")
_WHAT_HELD: Final = re.compile(
    r"(?P<what>[가-힣A-Za-z]{2,}?)(?:이|가|을|를|도)?\s*(?:함께\s*|모두\s*|다\s*|같이\s*)?"
    r"(?:들어\s?(?:있|가|간)|함유|담[겨긴])"
)
_FOREMOST: Final = re.compile(r"가장|제일|주로|무엇보다|대부분|압도적")
_SKINS: Final = re.compile("|".join(sorted((one.value for one in SkinType), key=len, reverse=True)))
_NOT_BAD: Final = re.compile(r"(?:나쁘|낮|부족하|아쉽|어렵)지\s*않|부담\S{0,2}\s*(?:없|적)")
_NOT: Final = re.compile(r"않|안\s|못|없|아니|별로|맞지\s*않|아쉬|낮|부족|덜|피하|어려|힘들|비추")
_RANKED: Final = re.compile(
    r"(?:가장|제일)\s*(?:많|흔|인기|유명|강력|효과|뛰어|순한|안전|널리|잘)|유일|최고|대부분의|모든\s"
)
_RARE: Final = re.compile(
    r"거의\s*(?:\S+\s)?(?:쓰|사용|들어가)\S*\s*않|드물|희귀|잘\s*쓰(?:이)?지\s*않"
)
_AROUND: Final = 14
"""Letters around a quote that say no more than that it is one."""
_VITAMIN: Final = re.compile(r"비타민\s?[A-K]\d{0,2}")
_SOURCE: Final = re.compile(
    r"(?P<of>[가-힣]{2,})(?<!피부)에서(?:도|만|는)?\s*(?:얻|추출|뽑아|유래|채취)"
)
_PROOF: Final = re.compile(
    r"임상|특허|인증|수상|연구\s*결과|논문|식약처|FDA|어워드|누적\s*판매|재구매율|사은품|증정"
    r"|할인|배송|도착|판매\s*(?:1위|순위)|베스트\s*셀러|가장\s*많이\s*팔|품절\s*대란"
    r"|(?:병원|피부과|전문의|의사|약사)(?:들)?(?:에서|가|이|와|과|에서도|들이)?\s*(?:함께\s*)?"
    r"(?:쓰는|추천하|추천한|만[든들]|개발|권하는|인정|테스트를\s*마)"
    r"|(?:한|두|세|하나|둘)\s*(?:개\S*\s)?(?:사시면|사면)\s*(?:\S+\s*){0,3}?(?:더\s*드|드려)"
)
_TROUBLE: Final = re.compile(
    r"(?P<what>기미|잡티|모공|블랙헤드|피지|여드름|홍조|각질|아토피|다크서클|뾰루지|속건조|뽀루지|트러블)"
    r"[가-힣]{0,3}\s*(?:\S+\s){0,3}?(?:\S*다는\s*(?:후기|리뷰|분|평|의견|말|칭찬)"
    r"|(?:효과|개선)\S*\s*(?:\S+\s)?(?:리뷰|후기|분))"
)
_KIND: Final = re.compile(r"토너|스킨|로션|유액|에멀전|에센스|세럼|앰플|크림|미스트|오일")
_OF_KIND: Final = re.compile(
    r"(?:(?:^|\s)(?:이|그|해당)\s+(?P<kind>토너|스킨|로션|유액|에멀전|에센스|세럼|앰플|크림|미스트"
    r"|오일|밤|패드|마스크|클렌저)(?=[은는이가을를의도]))"
)
_SAME_KIND: Final = (
    ("토너", "스킨"), ("로션", "유액", "에멀전", "에멀젼"), ("에센스", "세럼"),
    ("크림", "밤"), ("클렌저", "클렌징", "폼", "워터"),
)  # fmt: skip
_NOBODY: Final = re.compile(
    r"자극\S*\s*(?:\S+\s*){0,3}?(?:리뷰|분|사람|후기|평|의견|말)\S{0,2}"
    r"\s*(?:하나도|전혀|아예|아무도|한\s*(?:건|개|명|분)도)?\s*(?:없|보이지\s*않)"
    r"|따갑다는\s*\S+\s*없"
)
"""«자극을 느꼈다는 리뷰는 없어요»: nobody told of it."""
_NO_REVIEW: Final = re.compile(
    r"효과\S{0,2}\s*(?:\S+\s)?(?:리뷰|후기|분|사람)\S{0,2}\s*(?:하나도|전혀|아예|아무도|한\s*건도)?"
    r"\s*(?:없|보이지\s*않)"
)
_LIKES: Final = re.compile(
    r"(?<!게 )(?<!편이 )(?<!것이 )좋아|잘\s*맞|어울|추천|권하|만족|인기|권해|권할|잘\s*들|충분|안심"
    r"|높|호평|사랑|적합|알맞|딱|평[이가]\s*좋|잘\s*쓰|무난|괜찮|좋은|좋았|좋고|좋다"
)
_CALLED: Final = {
    "예민": SkinType.SENSITIVE, "민감": SkinType.SENSITIVE, "건조": SkinType.DRY,
    "기름진": SkinType.OILY,
}  # fmt: skip
_OF_SKIN: Final = re.compile(
    r"(?P<so>예민|민감|건조|기름진)(?:한|하신)?\s*피부(?!\s*(?:라면|시면|이시))"
)
_MEANT: Final = (
    (re.compile(r"민감|예민"), SkinType.SENSITIVE),
    (re.compile(r"악건성"), SkinType.VERY_DRY),
    (re.compile(r"(?<!악)건성"), SkinType.DRY),
    (re.compile(r"지성|기름진"), SkinType.OILY),
    (re.compile(r"복합성"), SkinType.COMBINATION),
    (re.compile(r"(?<!이)중성"), SkinType.NORMAL),
)
_SO: Final = re.compile(
    r"(?<=\d점이)니(?:까)?\s|[으이]니(?:까)?\s|되니(?:까)?\s|이?라서\s|므로\s|이라\s"
    r"|(?<=\d)라\s|[아어여해]서\s|만큼\s|기에\s|때문에\s|덕분에\s|보면\s|봐도\s|보아\s|(?:높|좋|많)아\s"
)
_IF: Final = re.compile(r"(?:이시?라면|시면|라면|신데|인데|걱정이|고민이|이신\s|님|분[들은이]*께)")


class Verdict(StrEnum):
    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    UNTOLD = "untold"
    """The passages say nothing of it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    reviews: tuple[ReviewFacts, ...]
    products: tuple[ProductFacts, ...]
    text: str

    @classmethod
    def of(cls, passages: Iterable[Passage]) -> "Evidence":
        given = tuple(passages)
        reviews = (_reviews(one) for one in given if one.kind is DocumentKind.REVIEWS)
        products = (_product(one) for one in given if one.kind is DocumentKind.PRODUCT)
        return cls(
            tuple(one for one in reviews if one),
            tuple(one for one in products if one),
            "\n".join(one.text for one in given),
        )


def verdicts(sentence: str, evidence: Evidence, named: Sequence[str] = ()) -> list[Verdict]:
    """One for each thing that the sentence says of the three, of shares, of opinions and of two
    products against each other. `named`: products, squeezed, in the order of their mention."""
    if particulars.unworded(sentence, evidence.text):
        return [Verdict.CONTRADICTED]
    if not evidence.reviews and not evidence.products:
        return [
            *_topics(sentence, evidence.text),
            *_foremost(sentence, evidence.text),
            *_proof(sentence, evidence.text),
        ]
    shared = list(comparing.shares(sentence, evidence.reviews))
    compared = list(comparing.compared(sentence, named, evidence.products, evidence.reviews))
    compared += foremost.foremost(sentence, evidence.products, evidence.reviews)
    wrong = [Verdict.CONTRADICTED] * opinions.misreported(sentence, evidence.reviews)
    return [
        *(_gentleness(sentence, evidence) if not shared else ()),
        *_effects(sentence, evidence),
        *(_skins(sentence, evidence) if not comparing.SKIN_THAN.search(sentence) else ()),
        *_height(sentence, evidence),
        *_kind(sentence, evidence),
        *(Verdict.CONFIRMED if one else Verdict.CONTRADICTED for one in (*shared, *compared)),
        *wrong,
        *_unheard(sentence, evidence),
        *_proof(sentence, evidence.text),
    ]


def holding(
    sentence: str,
    ingredients: Sequence[str],
    passages: Sequence[Passage],
    products: Sequence[str] = (),
) -> list[Verdict]:
    """«글리세린이 들어 있어요»: one for each ingredient, squeezed, that it names; CONTRADICTED
    where it names products, squeezed, of which no passage tells that one holds it."""
    if not _HOLDS.search(sentence):
        return []
    if (
        _BOTH.search(sentence)
        and not _HOLDS_NOT.search(sentence)
        and not _all_hold(sentence, ingredients, passages)
    ):
        return [Verdict.CONTRADICTED]
    if not ingredients:
        return []
    if products and not _HOLDS_NOT.search(sentence):
        linked = (_linked(one, name, passages) for one in products for name in ingredients)
        if not any(linked):
            return [Verdict.CONTRADICTED]
    flat = squeezed(" ".join(one.text for one in passages))
    denied = _HOLDS_NOT.search(sentence) is not None
    return [_held(name in flat, denied=denied) for name in ingredients]


def _all_hold(sentence: str, ingredients: Sequence[str], passages: Sequence[Passage]) -> bool:
    """«둘 다 펩타이드가 들어 있어요»: each of the products, as far as its lists are shown."""
    found = _WHAT_HELD.search(sentence)
    names = ingredients or ((squeezed(found["what"]),) if found else ())
    lists = [squeezed(one.text) for one in passages if "\n성분: " in one.text]
    return all(any(name in text for name in names) for text in lists) if names else True


def repeats(text: str, evidence: Evidence) -> bool:
    """Whether it hands on one review's own words and hardly more."""
    if opinions.quoted(text, evidence.reviews):
        return True
    flat = squeezed(text)
    quotes = (squeezed(quote)[:-1] for one in evidence.reviews for quote in one.quotes)
    return any(len(one) > 5 and one in flat and len(flat) - len(one) <= _AROUND for one in quotes)


def forms(text: str, passages: Sequence[Passage]) -> list[Verdict]:
    """«나이아신아마이드는 비타민 B3의 한 형태예요»: CONTRADICTED where the passage of the
    ingredient that was named last before a vitamin does not know it."""
    found = []
    for vitamin in _VITAMIN.finditer(text):
        places = {one.title: text.rfind(one.title, 0, vitamin.start()) for one in passages}
        of = max(passages, key=lambda one: places[one.title], default=None)
        if of is None or of.kind is not DocumentKind.INGREDIENT or places[of.title] < 0:
            continue
        if squeezed(vitamin[0]) not in squeezed(of.text):
            found.append(Verdict.CONTRADICTED)
    return found


def _linked(product: str, ingredient: str, passages: Sequence[Passage]) -> bool:
    """Whether the passage of either names the other."""
    return any(
        (squeezed(one.title) == product and ingredient in squeezed(one.text))
        or (squeezed(one.title) == ingredient and product in squeezed(one.text))
        for one in passages
    )


def _held(there: bool, *, denied: bool) -> Verdict:
    if there:
        return Verdict.CONTRADICTED if denied else Verdict.CONFIRMED
    return Verdict.UNTOLD


def _gentleness(sentence: str, evidence: Evidence) -> Iterator[Verdict]:
    denied = _NOT_GENTLE.search(sentence) is not None
    gentle = not denied and _GENTLE.search(sentence) is not None
    harsh = denied or (not gentle and _HARSH.search(sentence) is not None)
    told = [one for one in evidence.reviews if one.told]
    if told and _NOBODY.search(sentence):
        irritated = any(one.irritation.get(Irritation.IRRITATING) for one in told)
        yield Verdict.CONTRADICTED if irritated else Verdict.CONFIRMED
        return
    if not told or not (gentle or harsh):
        if gentle or harsh:
            yield _by_words(_GENTLE if gentle else _HARSH, evidence)
        return
    rows = _of_skin(sentence, told)
    share = sum(one.gentle for one in rows) / sum(one.told for one in rows)
    rough = sum(one.irritation.get(Irritation.IRRITATING, 0) for one in told)
    if _NONE_GENTLE.search(sentence):
        yield Verdict.CONTRADICTED if share else Verdict.CONFIRMED
    elif gentle and _ABSOLUTE.search(sentence):
        yield Verdict.CONTRADICTED if share < 1 else Verdict.CONFIRMED
    elif gentle:
        counted = _COUNTS.search(sentence) is not None
        few = counted or (_SOME.search(sentence) is not None and share > 0)
        yield Verdict.CONFIRMED if share >= 0.5 or few else Verdict.CONTRADICTED
    else:
        few = _SOME.search(sentence) is not None or _COUNTS.search(sentence) is not None
        enough = rough > 0 if few else rough / sum(one.told for one in told) >= 0.3
        yield Verdict.CONFIRMED if enough else Verdict.CONTRADICTED


def _of_skin(sentence: str, told: Sequence[ReviewFacts]) -> Sequence[ReviewFacts | SkinFacts]:
    """Of the one skin type that it names, else of all."""
    skins = {SkinType(found[0]) for found in _SKINS.finditer(sentence)}
    rows = [one.skins[skin] for one in told for skin in skins if skin in one.skins]
    own = [one for one in rows if one.told]
    return own if len(skins) == 1 and own else told


def drawn(sentence: str, question: str = "") -> list[Verdict]:
    """«건성 4.0점이니 지성이신 고객님께도»: what one skin type says told of another."""
    found = next(_SO.finditer(sentence), None)
    if found is None:
        return []
    because, so = sentence[: found.end()], sentence[found.end() :]
    told, meant = _meant(because), _meant(so)
    if not meant and re.search(r"고객님|님께|손님", so):
        meant = _meant(question)
    if re.search(r"\d", because) and told and meant and not told & meant and _LIKES.search(so):
        return [] if _NOT.search(so) else [Verdict.CONTRADICTED]
    return []


def _meant(text: str) -> frozenset[SkinType]:
    return frozenset(skin for said, skin in _MEANT if said.search(text))


def _effects(sentence: str, evidence: Evidence) -> Iterator[Verdict]:
    for effect, said in _EFFECTS.items():
        if not said.search(sentence):
            continue
        counts = [one.effects for one in evidence.reviews if one.effects]
        if any(effect in one for one in counts):
            first = any(max(one, key=lambda name: one[name]) is effect for one in counts)
            if _NO_REVIEW.search(sentence):
                yield Verdict.CONTRADICTED
                continue
            denied = re.search(rf"(?:{said.pattern})\S*\s*(?:\S+\s)?(?:없|못|부족|않)", sentence)
            foremost = _FOREMOST.search(sentence) is not None
            wrong = (foremost and not first) or (denied is not None and first)
            yield Verdict.CONTRADICTED if wrong else Verdict.CONFIRMED
        elif said.search(evidence.text) or (counts and _NO_REVIEW.search(sentence)):
            yield Verdict.CONFIRMED
        else:
            yield Verdict.UNTOLD


def _skins(sentence: str, evidence: Evidence) -> Iterator[Verdict]:
    for skin, end in _skins_named(sentence):
        clause = re.split(r"[,·]|(?:고|며|지만|는데)\s", sentence[end:])[0]
        clause = _NOT_BAD.sub("좋아", clause)
        rated = [one.skins[skin].rating for one in evidence.reviews if skin in one.skins]
        admired = any(skin in one.admirers for one in evidence.products)
        if _IF.match(clause.removeprefix(" ").removeprefix("피부")):
            clause = sentence[end:]
        likes, denied = _LIKES.search(clause) is not None, _NOT.search(clause) is not None
        if not likes and not denied:
            yield Verdict.CONFIRMED if rated or admired else Verdict.UNTOLD
        elif not rated and not admired:
            yield Verdict.UNTOLD if skin in evidence.text else Verdict.CONTRADICTED
        elif rated and "보다" in clause and "낮" in clause:
            lower = min(rated) < max(one.rating for one in evidence.reviews)
            yield Verdict.CONFIRMED if lower else Verdict.CONTRADICTED
        elif denied and not re.search(r"(?:부담|자극|끈적|차이)\S*\s*없", clause):
            yield (
                Verdict.CONFIRMED if rated and min(rated) < DISLIKED_UNDER else Verdict.CONTRADICTED
            )
        else:
            good = admired or max(rated, default=0.0) >= LIKED_FROM
            yield Verdict.CONFIRMED if good else Verdict.CONTRADICTED


def _skins_named(sentence: str) -> Iterator[tuple[SkinType, int]]:
    """Each skin type that is named, and where its name ends; «예민한 피부» too."""
    for found in _SKINS.finditer(sentence):
        yield SkinType(found[0]), found.end()
    for found in _OF_SKIN.finditer(sentence):
        yield _CALLED[found["so"]], found.end()


def _topics(sentence: str, text: str) -> Iterator[Verdict]:
    """Of prose: each thing that cosmetics do, by any of its words."""
    for said in _DOES:
        if said.search(sentence):
            yield Verdict.CONFIRMED if said.search(text) else Verdict.UNTOLD
    for one, other in ((_GENTLE, _WARNED), (_WARNED, _GENTLE)):
        if one.search(sentence) and other.search(text) and not one.search(text):
            yield Verdict.CONTRADICTED


def _height(sentence: str, evidence: Evidence) -> Iterator[Verdict]:
    """«평점이 높아요»."""
    found = _HIGH.search(sentence)
    ratings = [one.rating for one in evidence.reviews] or [
        one.rating for one in evidence.products if one.rating is not None
    ]
    if found is None or not ratings or _SKINS.search(sentence):
        return
    high = (found["high"] is not None) != (re.search(r"않|아니", sentence) is not None)
    fits = max(ratings) >= 4.0 if high else min(ratings) < 4.2
    yield Verdict.CONFIRMED if fits else Verdict.CONTRADICTED


def _proof(sentence: str, text: str) -> Iterator[Verdict]:
    """«임상 시험으로 증명됐어요»: only where a passage tells of it."""
    if any(found[0] not in text for found in _PROOF.finditer(sentence)):
        yield Verdict.CONTRADICTED


def _unheard(sentence: str, evidence: Evidence) -> Iterator[Verdict]:
    """«기미가 옅어졌다는 후기», where nobody speaks of that."""
    for found in _TROUBLE.finditer(sentence):
        if evidence.reviews and found["what"] not in evidence.text:
            yield Verdict.CONTRADICTED


def _foremost(sentence: str, text: str) -> Iterator[Verdict]:
    """«가장 많이 쓰여요», «대부분의 토너에»: of an ingredient, only where it is written so."""
    found = _RANKED.search(sentence)
    if found is not None and squeezed(found[0]) not in squeezed(text):
        yield Verdict.CONTRADICTED
    if _RARE.search(sentence) and not _RARE.search(text):
        yield Verdict.CONTRADICTED
    for source in _SOURCE.finditer(sentence):
        if source["of"] not in text:
            yield Verdict.CONTRADICTED


def _kind(sentence: str, evidence: Evidence) -> Iterator[Verdict]:
    """«이 앰플은», «… 앰플이에요»: some product shown is of that kind."""
    kinds = " ".join(
        (
            *(f"{one.title} {one.category}" for one in evidence.products),
            *(one.title for one in evidence.reviews),
        )
    )
    if not evidence.products and not _KIND.search(kinds):
        return
    for found in _OF_KIND.finditer(sentence):
        same = next((one for one in _SAME_KIND if found["kind"] in one), (found["kind"],))
        if not any(one in kinds for one in same):
            yield Verdict.CONTRADICTED


def _by_words(said: re.Pattern[str], evidence: Evidence) -> Verdict:
    return Verdict.CONFIRMED if said.search(evidence.text) else Verdict.UNTOLD


@lru_cache(512)
def _reviews(passage: Passage) -> ReviewFacts | None:
    try:
        return review_facts(passage)
    except (ValueError, KeyError):
        return None


@lru_cache(512)
def _product(passage: Passage) -> ProductFacts | None:
    try:
        return product_facts(passage)
    except (ValueError, KeyError):
        return None


def contradicted(found: Sequence[Verdict]) -> bool:
    return Verdict.CONTRADICTED in found
