"""What a sentence says by comparing two, and by shares in words, against the counts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from engine.domain import Effect, Irritation, SkinType
from engine.generation.checks import opinions
from engine.generation.facts import ProductFacts, ReviewFacts
from engine.parsing.korean import squeeze

_SKIN: Final = "|".join(sorted((one.value for one in SkinType), key=len, reverse=True))
_SKINS: Final = re.compile(_SKIN)
_THAN: Final = re.compile(r"(?P<run>◦+)(?:의\s*\S+?)?\s*보다")
_RUN: Final = re.compile(r"◦+")
SKIN_THAN: Final = re.compile(
    rf"(?P<skin>{_SKIN})(?:\s*피부)?(?:의\s*\S+?|\s*평점)?(?:\s*\(?[\d.]+점\)?)?\s*보다"
)
"""«건성 피부보다»."""
_EVEN: Final = re.compile(r"같|비슷|똑같|차이\S{0,2}\s*없|않|아니")
_SAYS: Final[Mapping[str, tuple[re.Pattern[str], re.Pattern[str]]]] = {
    "price": (
        re.compile(r"비싸|비싼|비쌉|가격\S*\s*(?:더\s*)?높"),
        re.compile(r"저렴|(?<!비)싸[요고며다]|(?<!비)싼|가격\S*\s*(?:더\s*)?낮"),
    ),
    "rating": (
        re.compile(r"점\S*\s*(?:\S+\s+){0,4}?높|만족|더\s*좋아"),
        re.compile(r"점\S*\s*(?:\S+\s+){0,4}?낮"),
    ),
    "volume": (
        re.compile(r"(?:용량|양)[이도은]?\s*(?:더\s*|훨씬\s*)?(?:크|커|큰|많|넉넉)"),
        re.compile(r"(?:용량|양)[이도은]?\s*(?:더\s*|훨씬\s*)?(?:작|적|모자라)"),
    ),
    "gentle": (
        re.compile(r"순하|순한|순해"),
        re.compile(r"자극\S*\s*(?:더\s*|훨씬\s*)?(?:많|강|심)"),
    ),
    "reviews": (
        re.compile(r"(?:리뷰|후기)\S?\s*(?:수\S?\s*)?(?:더\s*|훨씬\s*)?많"),
        re.compile(r"(?:리뷰|후기)\S?\s*(?:수\S?\s*)?(?:더\s*|훨씬\s*)?적"),
    ),
}
"""What one is said to have more of, and less."""
_SHARE: Final = (
    (re.compile(r"거의\s*없|드물|거의\s*안"), 0.0, 0.15),
    (re.compile(r"극히\s*일부|극소수|아주\s*(?:적|일부)|손에\s*꼽"), 0.0, 0.1),
    (re.compile(r"절반(?:이|을)?\s*(?:훌쩍\s*)?넘|절반\s*이상|과반|반\s*이상|반이\s*넘"), 0.5, 1.0),
    (re.compile(r"절반(?:이|을|에|도)?\s*(?:안\s*되|못\s*미|채\s*안)"), 0.0, 0.5),
    (re.compile(r"절반\S*\s*(?:정도|쯤|가량|가까)|절반[은이]"), 0.38, 0.62),
    (re.compile(r"대부분|대다수|압도적|거의\s*(?:모두|다|전부)"), 0.6, 1.0),
    (re.compile(r"(?:둘|셋|넷|다섯)\s*다\s|누구나|다들"), 0.995, 1.0),
    (re.compile(r"모두|전부|빠짐없이|만장일치|하나같이"), 0.995, 1.0),
)
"""Shares put in words: how little and how much of the whole they mean, in [0, 1]."""
_HEADS: Final = {
    "하나": 1, "한": 1, "둘": 2, "두": 2, "셋": 3, "세": 3, "넷": 4, "네": 4, "다섯": 5,
    "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9, "열": 10,
}  # fmt: skip
_COUNTED: Final = "|".join(sorted(_HEADS, key=len, reverse=True))
_OF_WORDS: Final = re.compile(
    rf"(?<![가-힣])(?P<whole>{_COUNTED})(?:\s?(?:명|분|개|사람))?(?:에|\s*(?:중|가운데)에?)"
    rf"\s*(?P<part>{_COUNTED})(?![가-힣]*스)"
)
_OF_TEN: Final = re.compile(
    r"(?P<whole>\d+)\s*(?:명|분|개|건)\s*(?:중|가운데)\S?\s*(?P<part>\d+)\s*(?:명|분|개|건)"
)
_LABELS: Final[Mapping[Effect | Irritation, re.Pattern[str]]] = {
    Effect.MOISTURE: re.compile(r"보습|촉촉"),
    Effect.SOOTHING: re.compile(r"진정"),
    Effect.AGEING: re.compile(r"주름|미백|탄력"),
    Irritation.IRRITATING: re.compile(
        r"자극(?:이|을)?\s*(?:있|느[끼꼈껴낀낍]|받|된|됐|적|말)|따갑|따가|자극(?=\S*\s*거의)"
    ),
    Irritation.GENTLE: re.compile(r"순하|순한(?!\s*정도)|순해"),
    Irritation.NORMAL: re.compile(r"보통"),
}
_FOREMOST_SKIN: Final = re.compile(
    r"(?:가장|제일)\s*(?:\S+\s)?(?:높|만족|좋아|(?P<low>낮))(?!\S*\s*편)"
)
_ALL_PRODUCTS: Final = re.compile(
    r"(?:두|세|네)\s*(?!분|명|사람)\S{0,4}\s*(?:모두|다\s|전부)|◦\S*\s*(?:모두|전부)|제품\s*(?:모두|전부)"
)
"""Says «모두» of products, not of reviews."""
_BOTH: Final = re.compile(r"(?:둘|셋|넷)\s*다\s")
_OPINION: Final = re.compile(r"리뷰|후기|평|의견|분|사람|명|꼽|말|느[끼꼈]|했어요|해요")


def compared(
    bare: str,
    named: Sequence[str],
    products: Sequence[ProductFacts],
    reviews: Sequence[ReviewFacts],
) -> Iterator[bool]:
    """Of «A가 B보다 …», whether it is so; nothing where the passages do not tell. `named`:
    products in the order of their mention, squeezed; `bare`: the sentence with signs for them."""
    if _EVEN.search(bare):
        return
    yield from _skins_compared(bare, reviews)
    found = _THAN.search(bare)
    runs = [one.span() for one in _RUN.finditer(bare)]
    if found is None or len(named) != 2 or len(runs) != 2:
        return
    less = runs.index(found.span("run"))
    values = [_measures(one, products, reviews) for one in named]
    for name, (more, fewer) in _SAYS.items():
        up, down = more.search(bare) is not None, fewer.search(bare) is not None
        if up != down and all(name in one for one in values):
            difference = values[1 - less][name] - values[less][name]
            yield difference > 0 if up else difference < 0


def _skins_compared(bare: str, reviews: Sequence[ReviewFacts]) -> Iterator[bool]:
    found = SKIN_THAN.search(bare)
    subjects = [one[0] for one in _SKINS.finditer(bare)]
    if found is None or len(subjects) != 2 or len(reviews) != 1:
        return
    subject = next((one for one in subjects if one != found["skin"]), found["skin"])
    skins = reviews[0].skins
    pair = [skins.get(SkinType(one)) for one in (subject, found["skin"])]
    one, other = pair
    if one is None or other is None:
        yield False
        return
    up, down = re.search(r"높|더\s*좋|만족", bare), re.search(r"낮|덜", bare)
    if (up is None) != (down is None):
        yield one.rating > other.rating if up else one.rating < other.rating


def _measures(
    title: str, products: Sequence[ProductFacts], reviews: Sequence[ReviewFacts]
) -> dict[str, float]:
    values: dict[str, float] = {}
    for product in (one for one in products if squeeze(one.title) == title):
        values |= {"reviews": product.reviews}
        values |= {} if product.price is None else {"price": product.price}
        values |= {} if product.rating is None else {"rating": product.rating}
        volume = re.match(r"\d+(?:\.\d+)?", product.volume or "")
        values |= {} if volume is None else {"volume": float(volume[0])}
    for review in (one for one in reviews if squeeze(one.title) == title):
        values |= {"rating": review.rating, "reviews": review.reviews}
        values |= {"gentle": review.gentle / review.told} if review.told else {}
    return values


def shares(bare: str, reviews: Sequence[ReviewFacts]) -> Iterator[bool]:
    """Of «대부분», «절반이 넘는», «10명 중 9명»: whether the counts are so."""
    if skin := _SKINS.search(bare):
        yield from _skin_shares(bare, SkinType(skin[0]), reviews)
        yield from _skin_foremost(bare, SkinType(skin[0]), reviews)
        return
    if not reviews or _OPINION.search(bare) is None:
        return
    for clause in re.split(r",\s|(?:(?<![다라])고|며|지만|는데)\s", bare):
        asked = [one for one, said in _LABELS.items() if said.search(clause)]
        rest = _ALL_PRODUCTS.sub(" ", clause)
        bounds = _bounds(_BOTH.sub(" ", rest) if len(reviews) > 1 else rest, reviews)
        if bounds is not None and not asked:
            counts = [(opinions.counted(clause, one), one.reviews) for one in reviews]
            said = [count / whole for count, whole in counts if count is not None and whole]
            yield from [any(bounds[0] <= one <= bounds[1] for one in said)] if said else []
        if bounds is not None and asked:
            counted = [_shares(one, review, clause) for one in asked for review in reviews]
            yield any(bounds[0] <= share <= bounds[1] for found in counted for share in found)


def _skin_shares(bare: str, skin: SkinType, reviews: Sequence[ReviewFacts]) -> Iterator[bool]:
    """«지성 리뷰 셋 다 순하다고 했어요»: of the gentle alone, which is all that is counted."""
    rows = [one.skins[skin] for one in reviews if skin in one.skins and one.skins[skin].told]
    gentle = _LABELS[Irritation.GENTLE].search(bare)
    bounds = _bounds(_ALL_PRODUCTS.sub(" ", bare), reviews)
    if rows and gentle and bounds is not None and len(set(_SKINS.findall(bare))) == 1:
        yield any(bounds[0] <= one.gentle / one.told <= bounds[1] for one in rows)


def _skin_foremost(bare: str, skin: SkinType, reviews: Sequence[ReviewFacts]) -> Iterator[bool]:
    """«지성에서 가장 점수가 높아요»: of one product's skin types."""
    found = _FOREMOST_SKIN.search(bare)
    if found is None or len(reviews) != 1 or len(set(_SKINS.findall(bare))) != 1:
        return
    ratings = {name: one.rating for name, one in reviews[0].skins.items()}
    if skin in ratings:
        yield ratings[skin] == (min if found["low"] else max)(ratings.values())


def _in_words(clause: str) -> tuple[float, float] | None:
    """«열에 아홉», «넷 중 셋», «십중팔구»."""
    found = _OF_WORDS.search(clause)
    if found is None:
        return (0.75, 0.95) if "십중팔구" in clause else None
    whole, part = _HEADS[found["whole"]], _HEADS[found["part"]]
    return (part / whole - 0.08, part / whole + 0.08) if part <= whole else None


def _bounds(clause: str, reviews: Sequence[ReviewFacts]) -> tuple[float, float] | None:
    ten = _OF_TEN.search(clause)
    if ten is not None:
        whole, part = int(ten["whole"]), int(ten["part"])
        wholes = {number for one in reviews for number in (one.reviews, one.told)}
        if whole in wholes or whole == 0:
            return None
        return part / whole - 0.08, part / whole + 0.08
    in_words = _in_words(clause)
    if in_words is not None:
        return in_words
    return next((span[1:] for span in _SHARE if span[0].search(clause)), None)


def _shares(label: Effect | Irritation, review: ReviewFacts, clause: str) -> Iterator[float]:
    """Of all reviews, and of those that tell any of its kind; effects, only where it says so."""
    if isinstance(label, Effect):
        told = sum(review.effects.values()) if "효과" in clause else 0
        count, whole = review.effects.get(label, 0), told
    else:
        count, whole = review.irritation.get(label, 0), review.told
    yield from (count / one for one in (review.reviews, whole) if one)
