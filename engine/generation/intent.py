"""What a question wants, by rules over its words. Pure; order of the rules is their priority."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from engine.domain import Concern, SkinType


class Intent(StrEnum):
    EMERGENCY = "emergency"
    """Breathing, swelling, burns: 119."""
    MEDICAL = "medical"
    """Diagnosis, prescription, pregnancy and medicine: a doctor's matter."""
    REACTION = "reaction"
    """Skin that stings or itches after a product: stop first."""
    COMPARISON = "comparison"
    INGREDIENT = "ingredient"
    RECOMMENDATION = "recommendation"
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
    skin_type: SkinType | None = None
    concerns: tuple[Concern, ...] = ()
    aspects: tuple[Aspect, ...] = ()
    without: tuple[str, ...] = ()
    """Ingredients that it shall not hold, as they are written: «파라벤 없는», «무알코올»."""
    budget: Budget | None = None
    alike: bool = False
    """Others than the named product are wanted: «비슷한 거», «말고 다른 거»."""


_EMERGENCY = re.compile(
    r"숨\s*(?:을|이|도)?\s*(?:쉬기|못\s*쉬|막|차|가쁘|안\s*쉬)|호흡\s*(?:곤란|이\s*(?:힘|어려))|아나필락시스"
    r"|(?:알레르기|알러지)\s*쇼크|(?:입술|눈|얼굴|\b혀|\b목)\S*\s*(?:\S+\s*)?(?:퉁퉁|부었|부어|붓)|목\S*\s*조여"
    r"|화상|의식\S*\s*(?:없|잃)|실신|기절|눈에\s*(?:\S+\s*)?(?:들어갔|들어가서|튀)|(?:크림|토너|스킨|로션|오일|화장품|아이가|아기가)\S*\s*(?:먹었|삼켰|마셨)"
)
_MEDICAL = re.compile(
    r"진단|처방|병원|피부과|의사|질환|진물|고름|감염|염증|물집|두드러기|발진|습진|건선|아토피|지루성|주사\s*피부염"
    r"|피부염|대상포진|무좀|백반증|사마귀|켈로이드|임신|임산부|임부|수유|모유|항생제|스테로이드|연고|약\s*(?:먹|복용|바르|발라)"
    r"|복용|이소티논|로아큐탄|디페린|스티바|피\s*가\s*나|출혈|수술|시술|레이저|보톡스|필러|(?:점|멍울)\S*\s*(?:커지|변했)"
    r"|(?:여드름|기미|주름|탈모)\S*\s*(?:치료|고칠|낫)|치료"
)
_REACTION = re.compile(
    r"(?:바르|발랐|발라|쓰|썼|써|뿌리|뿌렸|사용)[가-힣]*\s*(?:\S+\s*){0,4}?"
    r"(?:따가워|따갑|따끔|화끈|가려워|가렵|간지러|뒤집어|뒤집혔|붉어졌|빨개졌|올라왔|났어요|일어났)"
)
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
_CONCERN_WORDS: tuple[tuple[Concern, str], ...] = (
    (Concern.ACNE, r"여드름|뾰루지|트러블|뽀루지"),
    (Concern.REDNESS, r"홍조|붉어|붉은|빨개|빨갛|열감|화끈|달아오"),
    (Concern.PORES, r"모공"),
    (Concern.FLAKES, r"각질|하얗게\s*일어|들뜨|들떠"),
    (Concern.BLACKHEADS, r"블랙\s*헤드|피지"),
    (Concern.BUMPS, r"요철|좁쌀|오돌토돌|울퉁불퉁"),
    (Concern.DRYNESS, r"건조|당기|당겨|땅기|땅겨|속당김|푸석|메마|수분\s*(?:부족|이\s*없)"),
    (Concern.WRINKLES, r"주름|탄력|처지|처져|노화|안티\s*에이징"),
    (Concern.SPOTS, r"잡티|기미|주근깨|미백|칙칙|흉터|자국|톤\s*업|색소"),
)
_SKIN_WORDS: tuple[tuple[SkinType, str], ...] = (
    (SkinType.VERY_DRY, r"악건성|극건성|너무\s*건조한\s*피부"),
    (SkinType.DRY, r"건성|건조한\s*피부"),
    (SkinType.COMBINATION, r"복합성|수부지|수분\s*부족\s*(?:형\s*)?지성|티존만"),
    (SkinType.OILY, r"(?<!수분부족)지성|번들|기름진|기름지|유분\s*(?:이|많)"),
    (SkinType.SENSITIVE, r"민감|예민"),
    (SkinType.NORMAL, r"중성\s*피부"),
)
_ASPECT_WORDS: tuple[tuple[Aspect, str], ...] = (
    (Aspect.PRICE, r"얼마|가격|비싸|비싼|저렴|싸요|싼|몇\s*원"),
    (Aspect.VOLUME, r"용량|몇\s*(?:ml|미리|그램|g)|양\s*많"),
    (Aspect.GENTLENESS, r"자극|순한|순해|따가|따갑|민감|예민|뒤집"),
    (Aspect.FORMULA, r"성분|들어\s*(?:있|가|갔)|함유|전성분|무알콜|향료"),
    (Aspect.EFFECT, r"효과|보습|촉촉|진정|주름|미백|수분"),
    (Aspect.RATING, r"평점|별점|평이|리뷰|후기|평가|반응|인기"),
)
_BUDGET = re.compile(
    r"(?:(?P<tens>\d+)\s*만\s*(?:(?P<thousands>\d)\s*천\s*)?원?|(?P<only>\d)\s*천\s*원"
    r"|(?P<won>\d[\d,]{2,})\s*원)\s*"
    r"(?P<edge>이하|미만|안쪽|아래|밑|이내|안으로|대)"
)
_ASKS_BEFOREHAND = re.compile(
    r"추천|(?:따가|따갑|따끔|가려|간지러|화끈)[가-힣]*\s*(?:나요|까요|지\s*않|않나|없|편|수)|않는|안\s*(?:따|가려|뒤집)"
)
_ALIKE = re.compile(r"비슷한|대신|말고|같은\s*(?:거|것|제품)|다른\s*(?:거|것|제품)")
_WITHOUT = re.compile(
    r"(?P<name>[0-9a-zA-Z가-힣]{2,}?)(?:이|가|은|는|도)?\s*"
    r"(?:없는|안\s*(?:든|들어|들어간)|빠진|무첨가|프리\b)"
    r"|\b무\s?(?P<bare>알코올|알콜|향료|파라벤|색소|실리콘|설페이트|오일)"
)
_NO_INGREDIENT = frozenset({"자극", "부담", "끈적임", "끈적", "향", "냄새", "트러블", "여드름"})
_SPELLED = {"알콜": "알코올"}
_NEGATED = r"(?:은|는|이|가|도|나|이나)?\s*(?:없|아니|않|안\s*나)"


def understand(text: str) -> Understanding:
    return Understanding(
        intent=_intent(text),
        skin_type=next((skin for skin, words in _SKIN_WORDS if re.search(words, text)), None),
        concerns=tuple(one for one, words in _CONCERN_WORDS if _has(words, text)),
        aspects=tuple(one for one, words in _ASPECT_WORDS if re.search(words, text)),
        without=tuple(_without(text)),
        budget=_budget(text),
        alike=re.search(r"비슷한|대신|말고|같은\s*(?:거|것|제품)|다른\s*(?:거|것|제품)", text)
        is not None,
    )


def _budget(text: str) -> Budget | None:
    """«2만원 이하», «1만 5천원대», «30,000원 미만»."""
    match = _BUDGET.search(text)
    if match is None:
        return None
    thousands = int(match["thousands"] or match["only"] or 0) * 1_000
    plain = int((match["won"] or "0").replace(",", ""))
    amount = int(match["tens"] or 0) * 10_000 + thousands + plain
    if match["edge"] == "대":
        return Budget(amount, amount + (999 if thousands else 9_999))
    return Budget(0, amount - (match["edge"] == "미만"))


def _without(text: str) -> Iterator[str]:
    for match in _WITHOUT.finditer(text):
        name = match["name"] or match["bare"]
        if name not in _NO_INGREDIENT:
            yield _SPELLED.get(name, name)


def _intent(text: str) -> Intent:
    if _EMERGENCY.search(text):
        return Intent.EMERGENCY
    if _MEDICAL.search(text):
        return Intent.MEDICAL
    if _REACTION.search(text) and not _ASKS_BEFOREHAND.search(text):
        return Intent.REACTION
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
        return Intent.COMPARISON
    recommends = bool(_RECOMMENDATION.search(text))
    if _INGREDIENT.search(text) and _ABOUT_INGREDIENT.search(text) and not recommends:
        return Intent.INGREDIENT
    if recommends and not re.search(r"성분(?:이|은|을|\s|$)", text):
        return Intent.RECOMMENDATION
    if _INGREDIENT.search(text):
        return Intent.INGREDIENT
    if any(_has(words, text) for _, words in _CONCERN_WORDS):
        return Intent.CONCERN
    if any(re.search(words, text) for _, words in (*_SKIN_WORDS, *_ASPECT_WORDS)):
        return Intent.PRODUCT
    return Intent.UNCLEAR


def _has(words: str, text: str) -> bool:
    """Whether a word of a concern stands there and is not denied: «홍조는 없어요»."""
    return any(not re.match(_NEGATED, text[match.end() :]) for match in re.finditer(words, text))
