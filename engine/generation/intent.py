"""What a question wants, by rules over its words. Pure; order of the rules is their priority."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from engine.domain import Concern, SkinProfile, SkinType
from engine.generation.beyond import FRAGRANCE, beyond, scentless
from engine.generation.entities import said, skin
from engine.generation.redflags import Alarm as Alarm  # noqa: PLC0414 - its users know it from here
from engine.generation.redflags import Flag, flag
from engine.parsing.prices import band


class Intent(StrEnum):
    MEDICAL = "medical"
    """A doctor's matter; `Understanding.alarm` says how urgent."""
    ABUSE = "abuse"
    """Insults, and what is meant to harm or to turn the bot round."""
    COMPARE = "compare"
    INGREDIENT = "ingredient"
    RECOMMEND = "recommend"
    ROUTINE = "routine"
    PRODUCT = "product"
    CONCERN = "concern"
    SHOP = "shop"
    """Delivery, refund, orders: the seller's matter."""
    CHITCHAT = "chitchat"
    OUTSIDE = "outside"
    UNCLEAR = "unclear"
    """Nothing known in it: the passages decide."""


class Aspect(StrEnum):
    """The side of a product that is asked about."""

    PRICE = "price"
    GENTLENESS = "gentleness"
    FORMULA = "formula"
    EFFECT = "effect"
    RATING = "rating"
    VOLUME = "volume"


@dataclass(frozen=True, slots=True)
class Budget:
    """Won, both ends within."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Understanding:
    intent: Intent
    flag: Flag | None = None
    """The gravest thing that it tells of, where that is a doctor's matter."""
    sure: bool = True
    """Else a language model, where there is one, is asked which intent it is."""
    skin_types: tuple[SkinType, ...] = ()
    concerns: tuple[Concern, ...] = ()
    not_concerns: tuple[Concern, ...] = ()
    """Those that were denied: «여드름이나 홍조는 없어요»."""
    products: tuple[str, ...] = ()
    """Keys of the products that are meant, by name or by reference («두 번째 거»)."""
    ingredients: tuple[str, ...] = ()
    """Standard names of those that are meant, likewise."""
    aspects: tuple[Aspect, ...] = ()
    without: tuple[str, ...] = ()
    """Ingredients that it shall not hold, as they are written: «파라벤 없는», «무알코올»."""
    beyond: tuple[str, ...] = ()
    """What it wishes that no data tell: «비건인지»."""
    budget: Budget | None = None
    alike: bool = False
    """Others than the named product are wanted: «비슷한 거», «말고 다른 거»."""
    cheaper: bool = False
    """«더 싼 건?»: than what was spoken of."""
    lost: bool = False
    """It points at something («그거»), and nothing was spoken of."""
    parts: tuple[str, ...] = ()
    """The question in its parts, where it asks for more than one thing."""
    said: SkinProfile = field(default_factory=SkinProfile)
    """What the person tells of their own skin: «저는 수부지예요»."""

    @property
    def alarm(self) -> Alarm | None:
        return self.flag.alarm if self.flag else None

    @property
    def skin_type(self) -> SkinType | None:
        return next(iter(self.skin_types), None)


_SHOP = re.compile(
    r"배송|택배|환불|반품|교환|주문|결제|쿠폰|적립|회원\s*(?:가입|탈퇴)|영업\s*시간|매장|고객\s*센터|재입고"
)
_OUTSIDE = re.compile(
    r"날씨|주식|코인|비트코인|정치|대통령|선거|축구|야구|영화|드라마|맛집|점심|저녁\s*메뉴|레시피|요리|여행|번역|코딩|파이썬"
    r"|숙제|수학|로또|운세|뉴스|환율|부동산|노래|게임"
)
_CHITCHAT = re.compile(
    r"^(?:\s|[~!.?ㅎㅋㅠ^])*(?:안녕|하이|헬로|hi\b|hello|반가|고마|감사|땡큐|thank|잘\s*자|수고|좋은\s*(?:아침|하루|밤)|너는?\s*누구"
    r"|넌\s*누구|누구(?:세요|야|니)|이름이?\s*(?:뭐|무엇)|사랑해|심심|뭐\s*해|응$|네$|ㅋ+|ㅎ+)",
    re.IGNORECASE,
)
_BUSINESS = re.compile(
    r"추천|크림|토너|스킨|로션|에센스|세럼|미스트|오일|피부|성분|제품|화장품|여드름|건조|보습|자극"
)
_COMPARISON = re.compile(
    r"비교|차이|뭐가\s*(?:더|나)|어느\s*(?:게|것|쪽)|둘\s*중|중에\s*(?:뭐|어)|\bvs\b", re.IGNORECASE
)
_INGREDIENT = re.compile(
    r"성분(?!\s*좋은\s*(?:제품|크림|토너|로션))|배합\s*목적|INCI|추출물|애씨드|나이아신|레티놀|히알루론|세라마이드|판테놀"
    r"|비타민|파라벤|페녹시|알코올|에탄올|글리세린|펩타이드|살리실|시카|병풀|티트리|스쿠알란|콜라겐|아데노신|센텔라",
    re.IGNORECASE,
)
_ABOUT_INGREDIENT = re.compile(
    r"(?:뭐|무엇|뭔|무슨|어떤|왜|역할|효과|효능|좋|안전|위험|해로|괜찮|부작용|설명|알려|들어|기능|하는|함량|농도|제한|금지|쓰)"
)
_RECOMMENDATION = re.compile(
    r"추천|골라|찾아\s*(?:줘|주)|뭐\s*(?:쓰|바르|사|살|발라|써)|뭘\s*(?:쓰|바르|사|살|발라|써)|어떤\s*(?:게|거|걸|제품|크림|토너|로션|에센스|오일|미스트|스킨)"
    r"|(?:좋은|맞는|순한|촉촉한|가벼운|저렴한|싼|착한|산뜻한|없는)\s*(?:\S+\s*){0,3}"
    r"(?:거|것|제품|크림|토너|로션|에센스|오일|미스트|스킨)|제품\s*(?:있|없)"
)
_ASPECT_WORDS: tuple[tuple[Aspect, str], ...] = (
    (Aspect.PRICE, r"얼마|가격|비싸|비싼|저렴|싸요|싼|몇\s*원"),
    (Aspect.VOLUME, r"용량|몇\s*(?:ml|미리|그램|g)|양\s*많"),
    (Aspect.GENTLENESS, r"자극|순한|순해|따가|따갑|민감|예민|뒤집"),
    (Aspect.FORMULA, r"성분|들어\s*(?:있|가|갔)|함유|전성분|무알콜|향료"),
    (Aspect.EFFECT, r"효과|보습|촉촉|진정|주름|미백|수분"),
    (Aspect.RATING, r"평점|별점|평이|리뷰|후기|평가|반응|인기"),
)
_ALIKE = re.compile(
    r"비슷한|대신|(?:이거|그거|이건|그건|이것|그것|제품|크림|토너|로션|세럼|에센스|앰플|미스트|오일|스킨|에멀전|밤)\s*말고"
    r"|말고\s*(?:다른|또)|같은\s*(?:거|것|제품)|다른\s*(?:거|것|건|걸|제품|크림|토너|로션|세럼|에센스)|또\s*(?:뭐|없|있|다른)"
)
_CHEAPER = re.compile(
    r"(?:더|좀|조금|보다|훨씬)\s*(?:더\s*)?(?:싼|저렴|싸게|싼\s*걸|낮은)|(?:너무|좀)\s*비싸|(?:^|\s)(?:싼|저렴한)\s*(?:건|거|걸)"
    r"(?:로|요|는|\s|\?|$)|비싸(?:네|요|다).{0,8}(?:싼|저렴)|가격\s*(?:좀\s*)?(?:더\s*)?낮은"
)
_TO_BELOW = re.compile(
    r"(?:을|를|이|가)?\s*(?:넘는|넘어가는|초과하?는?|이상(?:인|하는)?)\s*(?:건|거|것|걸|게|제품|애들)?(?:은|는|을|를|도)?\s*"
    r"(?:빼|말고|제외|싫|안\s*(?:사|돼|되|봐|보)|못|부담|비싸|무리|곤란|사양)[가-힣]*|"
    r"(?:짜리\s*)?(?:한\s*장|하나)?(?:으로|로|이면|에)\s*(?:살\s*수|사고|끝내)[가-힣]*|(?:을|를|도|은)?\s*(?:안짝|안\s*(?:넘|하는|되는|돼)|넘지\s*않|못\s*미치|안\s*으로|안에서|안쪽|언더|까지만)[가-힣]*"
)
_EDGE = re.compile(
    r"[만천원\d]\s*(?:대|이하|미만|안쪽|이내|안으로|까지|아래|밑|이상|초과|넘는|부터|정도|안팎|내외|전후|언저리|사이|~|-|–|에서)|예산"
)
WON_AT_MOST = 100_000_000
PARTS = 3
_SENTENCE = re.compile(r"(?<=[?？!.\n])\s*(?=\S)(?<!\d\.)|\n+")
_AND = re.compile(
    r"\s+(?:그리고|또한|또|글고|그담에|그리구)\s+"
    r"|(?<=주고)\s+|(?<=주시고)\s+|(?<=싶고)\s+|(?<=궁금하고)\s+|(?<=알려주고),?\s*|(?<=되고)\s+(?=\S*(?:얼마|어디|어떻))"
    r"|(?<=하고),?\s+(?=\S+\s*(?:도|은|는)?\s*(?:알려|추천|얼마|궁금))|(?<=고),\s*"
)
_WISHES = re.compile(
    r"[?？]|추천|알려|골라|찾아|보여|비교|설명|궁금|싶|얼마|뭐|무엇|무슨|어때|어떤|어떻|어디|언제|왜|인가|나요|까요|까$|되나|돼$|돼요|되는지|있어$|있나|있을까|줘|주세요|주고"
)
_WITHOUT = re.compile(
    r"(?P<name>[0-9a-zA-Z가-힣]{2,}?)(?:이|가|은|는|도)?\s*"
    r"(?:없는|안\s*(?:든|들은|들어|들어간)|빠진|무첨가|프리\b)"
    r"|\b무\s?(?P<bare>알코올|알콜|향료|파라벤|색소|실리콘|설페이트|오일)"
)
_NO_INGREDIENT = frozenset(
    {"자극", "부담", "끈적임", "끈적", "향", "냄새", "유분", "크루얼티", "하나도", "1도", "전혀"}
)
_SPELLED = {"알콜": "알코올"}


def understand(text: str, unnamed: str | None = None, whole: str | None = None) -> Understanding:
    """By the rules alone. `unnamed`: the text less the products' names, where they are known:
    «콜라겐 탄력 에센스» says nothing of wrinkles. `whole`: what the text was cut from: a danger
    may stand at its end. It is looked for here, once for each question."""
    seen = flag(text if whole is None else whole)
    return replace(heard(text, unnamed), intent=_intent(text, seen), flag=seen)


def heard(text: str, unnamed: str | None = None) -> Understanding:
    """The words of a wish alone: no intent, and no danger is looked for."""
    bare = text if unnamed is None else unnamed
    found = skin(bare)
    return Understanding(
        intent=Intent.UNCLEAR,
        skin_types=found.types,
        concerns=found.concerns,
        not_concerns=found.not_concerns,
        aspects=tuple(one for one, words in _ASPECT_WORDS if re.search(words, bare)),
        without=tuple(dict.fromkeys((*_without(text), *_scent(bare)))),
        beyond=beyond(bare),
        budget=_budget(text),
        alike=_ALIKE.search(text) is not None,
        cheaper=_CHEAPER.search(text) is not None,
        parts=parts(text),
        said=said(bare),
    )


def _budget(text: str) -> Budget | None:
    """«2만원 이하», «1만 5천원대», «30,000원 미만», «만원도 안 하는», «2만원 안 넘게»."""
    told = _TO_BELOW.sub("이하", text)
    low, high, _ = band(told)
    if (low == 0 and math.isinf(high)) or not _EDGE.search(told):
        return None  # «2만원짜리 토너 있어요?» asks of one, it bounds none
    return Budget(low, WON_AT_MOST if math.isinf(high) else int(high))


def _without(text: str) -> Iterator[str]:
    for match in _WITHOUT.finditer(text):
        name = match["name"] or match["bare"]
        if name not in _NO_INGREDIENT and not skin(name).concerns:
            yield _SPELLED.get(name, name)


def _scent(bare: str) -> tuple[str, ...]:
    return (FRAGRANCE,) if scentless(bare) else ()


def _intent(text: str, seen: Flag | None) -> Intent:
    if seen is not None:
        return Intent.MEDICAL
    if _CHITCHAT.search(text) and not _BUSINESS.search(text):
        return Intent.CHITCHAT
    if _SHOP.search(text):
        return Intent.SHOP
    if _OUTSIDE.search(text) and not _BUSINESS.search(text):
        return Intent.OUTSIDE
    return _errand(text)


def _errand(text: str) -> Intent:
    """Among the things that the shop's data answer."""
    if _COMPARISON.search(text):
        return Intent.COMPARE
    recommends = bool(_RECOMMENDATION.search(text))
    if _INGREDIENT.search(text) and _ABOUT_INGREDIENT.search(text) and not recommends:
        return Intent.INGREDIENT
    if recommends and not re.search(r"성분(?:이|은|을|\s|$)", text):
        return Intent.RECOMMEND
    if _INGREDIENT.search(text):
        return Intent.INGREDIENT
    found = skin(text)
    if found.concerns:
        return Intent.CONCERN
    if found.types or any(re.search(words, text) for _, words in _ASPECT_WORDS):
        return Intent.PRODUCT
    return Intent.UNCLEAR


def parts(text: str) -> tuple[str, ...]:
    """The question in two or three, where it asks for more than one thing; what only tells
    something stays with the wish that follows. Empty where it asks for one."""
    found: list[str] = []
    told = ""
    for piece in _pieces(text):
        told = f"{told} {piece}".strip()
        if _WISHES.search(piece):
            found.append(told)
            told = ""
    if found and told:
        found[-1] = f"{found[-1]} {told}"
    if len(found) < 2:
        return ()
    return (
        (*found[: PARTS - 1], " ".join(found[PARTS - 1 :])) if len(found) > PARTS else tuple(found)
    )


def _pieces(text: str) -> Iterator[str]:
    for sentence in _SENTENCE.split(text):
        for piece in _AND.split(sentence):
            if re.search(r"\w", piece):
                yield piece.strip(" ,.")
