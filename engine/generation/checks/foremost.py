"""What a sentence sets above all else: a product, a skin type, what most reviews say."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from engine.domain import Effect, Irritation, SkinType
from engine.generation.checks import opinions
from engine.generation.facts import ProductFacts, ReviewFacts

_MOST: Final = r"(?:가장|제일|최고로|무엇보다)"
_SKINS: Final = re.compile("|".join(sorted((one.value for one in SkinType), key=len, reverse=True)))
_AMONG: Final = re.compile(
    rf"(?:가격대|시중|브랜드|라인|카테고리|(?:제품|토너|로션|크림|세럼|에센스|미스트|오일|앰플)\s?(?:중|가운데))"
    rf"\S{{0,3}}\s*(?:\S+\s){{0,2}}?{_MOST}"
    rf"|에서\s*{_MOST}\s*(?:저렴|싼|비싼|인기|순한|촉촉|좋은|많이)"
    rf"|{_MOST}\s*(?:\S+\s){{0,2}}?\S+\s(?:\S+\s)?(?:토너|스킨|로션|에멀전|크림|세럼|에센스|앰플|미스트|오일|제품)"
    r"(?:이에요|예요|입니다|이라|라서|라고|로\s)"
    r"|(?:제품|토너|로션|크림|세럼|미스트|오일)\S{0,2}보다\s*(?:훨씬\s|더\s)?\S+"
)
"""Of all products, of which passages tell a few."""
_OF_LABEL: Final = re.compile(
    rf"(?P<what>[가-힣·]+(?:\s[가-힣·]+)?)(?:라는|다는|다고\s*(?:한|하신)|[을를]\s*(?:꼽은|말한|언급한))\s*"
    rf"(?:리뷰|후기|평|의견|분|사람|말|칭찬|아쉬움|불만)\S{{0,3}}\s*(?:\d+\S*\s*)?{_MOST}\s*"
    r"(?P<much>많|흔|적)"
)
_EFFECTS: Final[Mapping[Effect, re.Pattern[str]]] = {
    Effect.MOISTURE: re.compile(r"보습|촉촉|수분"),
    Effect.SOOTHING: re.compile(r"진정|가라앉"),
    Effect.AGEING: re.compile(r"주름|미백|탄력|톤"),
}
_IRRITATION: Final[Mapping[Irritation, re.Pattern[str]]] = {
    Irritation.GENTLE: re.compile(r"순하|순해|순한"),
    Irritation.IRRITATING: re.compile(r"자극(?!\S*\s*(?:없|적[다은]|덜))|따갑|따가"),
    Irritation.NORMAL: re.compile(r"보통"),
}
_EFFECT_OF: Final = re.compile(
    r"(?P<what>[가-힣·]+)\s*(?:개선\s*|완화\s*|관리\s*|케어\s*|조절\s*)?효과(?:를|가|도)?\s*"
    r"(?:꼽|말|느[낀꼈]|봤|보았|언급)"
)
_PLAIN: Final = re.compile(r"(?:한|은|는|의|던|큰|로|도|이|가|를|을|개의?|명[이은]?)$")
_SKIN_GENTLE: Final = re.compile(rf"{_MOST}\s*(?:\S+\s)?순(?:하|한|해)")
_SKIN_REVIEWED: Final = re.compile(
    rf"(?<!다는 )(?<!라는 )(?<!꼽은 )(?<!말한 )리뷰\S{{0,2}}\s*(?:\d+\S*\s*)?{_MOST}\s*많"
)
_OVER: Final = re.compile(
    r"(?P<one>보습|진정|주름|미백|탄력)\S*\s*(?:\S+\s){0,3}?(?:리뷰|후기|분|수|말|평)\S{0,2}\s*"
    r"(?P<other>보습|진정|주름|미백|탄력)\S*\s*(?:\S+\s){0,2}?보다\s*(?:\S+\s)?(?P<much>많|적)"
    r"|(?P<one_>보습|진정|주름|미백|탄력)\S*\s*(?:\S+\s){0,2}?"
    r"(?P<other_>보습|진정|주름|미백|탄력)\S*보다\s*(?:\S+\s)?(?P<much_>많|적)"
)


def foremost(
    bare: str,
    products: Sequence[ProductFacts],
    reviews: Sequence[ReviewFacts],
) -> Iterator[bool]:
    """Whether what is said to be most is so; nothing where it says no such thing."""
    titles = {one.title for one in products} | {one.title for one in reviews}
    if len(titles) == 1 and _AMONG.search(bare) and not _SKINS.search(bare):
        yield False
    if len(reviews) == 1:
        one = reviews[0]
        yield from _skin(bare, one)
        yield from _label(bare, one)
        yield from _over(bare, one)
    if reviews:
        yield from _unlisted(bare, reviews)


def _skin(bare: str, one: ReviewFacts) -> Iterator[bool]:
    """«지성에서 가장 순하다는 평», «건성 리뷰가 가장 많아요»."""
    skins = [SkinType(found[0]) for found in _SKINS.finditer(bare)]
    if len(set(skins)) != 1:
        return
    if _SKIN_REVIEWED.search(bare) and skins[0] in one.skins:
        most = max(row.reviews for row in one.skins.values())
        yield one.skins[skins[0]].reviews == most
    if _SKIN_GENTLE.search(bare) is None:
        return
    shares = {name: row.gentle / row.told for name, row in one.skins.items() if row.told}
    if skins[0] in shares:
        yield shares[skins[0]] == max(shares.values())


def _label(bare: str, one: ReviewFacts) -> Iterator[bool]:
    """«보통이라는 리뷰가 13개로 가장 많아요»."""
    found = _OF_LABEL.search(bare)
    if found is None or _SKINS.search(bare):
        return
    less, what = found["much"] == "적", found["what"]
    kinds: tuple[tuple[Mapping[Any, int], Mapping[Any, re.Pattern[str]]], ...] = (
        (one.irritation, _IRRITATION),
        (one.effects, _EFFECTS),
    )
    for counts, said in kinds:
        for label, pattern in said.items():
            if pattern.search(what) and counts:
                yield counts.get(label, 0) == (min if less else max)(counts.values())
                return
    listed = one.blame if re.search(r"아쉬움|불만", found[0]) else one.praise
    count = opinions.counted(what, one)
    if listed and count is not None and not less:
        yield count >= max(listed.values())


def _over(bare: str, one: ReviewFacts) -> Iterator[bool]:
    """«주름을 꼽은 리뷰가 보습보다 많아요»."""
    found = _OVER.search(bare)
    if found is None or _SKINS.search(bare) or not one.effects:
        return
    pair = [_effect(found["one"] or found["one_"]), _effect(found["other"] or found["other_"])]
    first, second = (one.effects.get(each, 0) for each in pair)
    if pair[0] is not pair[1]:
        yield first > second if (found["much"] or found["much_"]) == "많" else first < second


def _effect(word: str) -> Effect:
    return next(one for one, said in _EFFECTS.items() if said.search(word))


def _unlisted(bare: str, reviews: Sequence[ReviewFacts]) -> Iterator[bool]:
    """«각질 효과를 꼽은 리뷰», of what reviews are not counted by and nobody speaks of."""
    for found in _EFFECT_OF.finditer(bare):
        what = found["what"]
        if _PLAIN.search(what) or any(one.search(what) for one in _EFFECTS.values()):
            continue
        yield False
