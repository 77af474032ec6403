"""What recommendations, comparisons and peers say of themselves: true counts, in short lines."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.dialogue.texts import number, percent, place, price
from engine.domain import (
    Basis,
    Care,
    Caution,
    Clash,
    Comparison,
    Conditions,
    Evidence,
    Favourite,
    Pairing,
    Peers,
    Product,
    Quote,
    Recommendation,
    SkinType,
)
from engine.parsing.amounts import price_of_ten
from engine.parsing.korean import with_particle

FEW_PEOPLE: Final = 5
"""Fewer people than this are told as thin evidence."""
ON_CARD: Final = 2
"""Ingredients of a kind that a card names."""
COMPANIONS_AT_MOST: Final = 3
ALIKE_AT_MOST: Final = 2
CLASHES_AT_MOST: Final = 2
_UNKNOWN: Final = "알 수 없어요"
_MARKS: Final = "①②③"

# --- conditions ---------------------------------------------------------------------------------


def intro(picks: int, skin_type: SkinType | None, conditions: Conditions) -> str:
    lines = (_ground(picks, skin_type), chosen_by(conditions))
    return "\n".join(line for line in lines if line)


def chosen_by(conditions: Conditions) -> str:
    """«크림 · 20,000원 이하로 골랐어요.»; empty without conditions."""
    parts = condition_parts(conditions)
    if not parts:
        return ""
    *before, last = parts
    ending = last if conditions.without else with_particle(last, "으로/로")
    return f"{' · '.join((*before, ending))} 골랐어요."


def condition_parts(conditions: Conditions) -> tuple[str, ...]:
    without = ", ".join(conditions.without)
    parts = (
        conditions.category or "",
        price_band(conditions.price_from, conditions.price_to),
        f"{without} 없이" if without else "",
    )
    return tuple(part for part in parts if part)


def price_band(bottom: int, top: int | None) -> str:
    """«2만원대», «2만원 이하», «1만원 미만», «15,500원 이상»; empty where every price will do."""
    if top is None:
        return f"{_round_price(bottom)} 이상" if bottom else ""
    if bottom and bottom % 10_000 == 0 and top == bottom + 9_999 and bottom < 100_000:
        return f"{_round_price(bottom)}대"
    if bottom:
        return f"{_round_price(bottom)}~{_round_price(top)}"
    return f"{_round_price(top + 1)} 미만" if top % 10 == 9 else f"{_round_price(top)} 이하"


def _round_price(won: int) -> str:
    """«2만원», «15,500원»."""
    return f"{won // 10_000}만원" if won and won % 10_000 == 0 else price(won)


def not_left_out(names: Sequence[str]) -> str:
    """Names that a wish left out, but that no ingredient bears."""
    listed = ", ".join(f"«{name}»" for name in names)
    return f"{listed} 성분은 사전에서 찾지 못해서 가리지 못했어요." if names else ""


def _ground(picks: int, skin_type: SkinType | None) -> str:
    if picks:
        return f"고르신 제품 {picks}개를 바탕으로 추천해 드려요."
    if skin_type is None:
        return "고르신 제품이 없어서, 많은 분이 쓰고 리뷰를 남긴 제품으로 골랐어요."
    return f"고르신 제품이 없어서, {skin_type} 피부인 분들이 많이 쓴 제품으로 골랐어요."


# --- one recommendation -------------------------------------------------------------------------


def reason(recommendation: Recommendation) -> str:
    """The card's note: a few short lines."""
    evidence = recommendation.evidence
    lines = (
        _basis(recommendation),
        _voices(evidence) or _gentle_in_short(evidence) or _rating_in_short(evidence),
        _shared(evidence.shared[:ON_CARD]) or _notable(evidence.notable[:ON_CARD]),
        next(iter(_cautions(evidence, ON_CARD)), ""),
    )
    return "\n".join(line for line in lines if line)


def briefly(recommendation: Recommendation) -> str:
    """In one line."""
    return _basis(recommendation)


def grounds(recommendation: Recommendation) -> tuple[str, ...]:
    """What speaks for the product, a whole sentence each."""
    evidence = recommendation.evidence
    lines = (
        _basis(recommendation),
        _taste_beside(recommendation.basis, evidence),
        *_companions(evidence),
        _skin_reviews(evidence),
        _effects(evidence),
        _gentle(evidence),
        _shared(evidence.shared),
        _notable(evidence.notable),
    )
    return tuple(line for line in lines if line)


def explanation(recommendation: Recommendation, words: str = "") -> str:
    """The grounds, or `words` in their place; what speaks against it and how thin it is, always as
    it stands; the words of reviews."""
    evidence = recommendation.evidence
    against = (
        *_cautions(evidence, whole=True),
        *(_clash(recommendation.product.title, one) for one in evidence.clashes[:CLASHES_AT_MOST]),
        _thin(recommendation),
    )
    lines = (*(() if words else grounds(recommendation)), *against)
    said = "\n".join(f"· {line}" for line in lines if line)
    title = recommendation.product.title
    intro = f"{with_particle(title, '을/를')} 추천한 까닭이에요."
    return "\n\n".join(part for part in (intro, words, said, _quotes(evidence)) if part)


def _basis(recommendation: Recommendation) -> str:
    evidence, reviews = recommendation.evidence, recommendation.product.reviews
    match recommendation.basis:
        case Basis.TASTE if evidence.neighbours:
            return _taste(evidence)
        case Basis.CONTENT if evidence.alike:
            return _alike(evidence)
        case Basis.SKIN_TYPE if evidence.skin_type and evidence.skin_reviews:
            people = f"{evidence.skin_type} 피부인 분들이"
            return f"{people} 리뷰를 {number(evidence.skin_reviews)}개 남긴 제품이에요."
        case _ if reviews:
            return f"지금까지 리뷰가 {number(reviews)}개 쌓인 제품이에요."
        case _:
            return "아직 리뷰가 없는 제품이에요."


def _alike(evidence: Evidence) -> str:
    named = " · ".join(evidence.alike[:ALIKE_AT_MOST])
    return f"좋아하시는 제품과 {with_particle(named, '이/가')} 비슷한 제품이에요."


def _taste(evidence: Evidence) -> str:
    everyone = number(evidence.neighbours)
    if evidence.neighbours == 1:
        liked = "4점 이상 줬어요" if evidence.admirers else "평가했어요"
        return f"취향이 비슷한 1명이 {liked}."
    if not evidence.admirers:
        return f"취향이 비슷한 {everyone}명이 평가했어요."
    if evidence.admirers >= evidence.neighbours:
        return f"취향이 비슷한 {everyone}명이 모두 4점 이상 줬어요."
    return f"취향이 비슷한 {everyone}명 중 {number(evidence.admirers)}명이 4점 이상 줬어요."


def _taste_beside(basis: Basis, evidence: Evidence) -> str:
    return _taste(evidence) if basis is not Basis.TASTE and evidence.neighbours else ""


def _companions(evidence: Evidence) -> tuple[str, ...]:
    """Which of the person's own products the same people like."""
    alone = evidence.neighbours == 1
    return tuple(
        f"{'그분' if alone else f'그 가운데 {number(people)}명'}은 «{title}»에도 4점 이상 줬어요."
        for title, people in evidence.companions[:COMPANIONS_AT_MOST]
    )


def _voices(evidence: Evidence) -> str:
    """«건성 32명 중 21명이 보습 효과를 말했고, 3명은 자극을 느꼈어요.»; empty without effects."""
    if not evidence.effects:
        return ""
    effect, people = evidence.effects[0]
    said = f"{_of_people(evidence, people)} {effect} 효과를 말했"
    if evidence.irritated:
        return f"{said}고, {number(evidence.irritated)}명은 자극을 느꼈어요."
    return f"{said}고, 자극을 느꼈다는 분은 없어요." if evidence.told else f"{said}어요."


def _of_people(evidence: Evidence, people: int) -> str:
    who = str(evidence.skin_type or "리뷰를 남긴")
    everyone = number(evidence.skin_reviews)
    if people < evidence.skin_reviews:
        return f"{who} {everyone}명 중 {number(people)}명이"
    return f"{who} {everyone}명이" if people == 1 else f"{who} {everyone}명이 모두"


def _effects(evidence: Evidence) -> str:
    if not evidence.effects:
        return ""
    listed = ", ".join(f"{effect} {number(people)}명" for effect, people in evidence.effects)
    who = f"{evidence.skin_type} 피부인" if evidence.skin_type else "리뷰를 남긴"
    everyone = f"{who} {number(evidence.skin_reviews)}명"
    told = f"{everyone} 가운데 효과를 말한 분: {listed}"
    return f"{told} (자극을 느낀 분 {number(evidence.irritated)}명)" if evidence.irritated else told


def _skin_reviews(evidence: Evidence) -> str:
    if not evidence.skin_type or evidence.gentle_share is not None or evidence.effects:
        return ""
    who = f"{evidence.skin_type} 피부인 분의 리뷰"
    if not evidence.skin_reviews:
        return f"{who}는 아직 없어요."
    return f"{who}가 {number(evidence.skin_reviews)}개 있어요."


def _gentle(evidence: Evidence) -> str:
    """The share is of those who told of irritation, not of all reviews: the sentence says so."""
    if evidence.gentle_share is None:
        return ""
    share = percent(evidence.gentle_share)
    if not evidence.skin_type:
        return f"자극이 있었는지 적은 리뷰의 {share}가 자극이 없었다고 했어요."
    return (
        f"{evidence.skin_type} 리뷰 {number(evidence.skin_reviews)}개 가운데 "
        f"자극이 있었는지 적은 분의 {share}가 자극이 없었다고 했어요."
    )


def _gentle_in_short(evidence: Evidence) -> str:
    """«건성 리뷰 128개, 자극 없음 82%»; «왜 추천했나요?» says of whom the share is."""
    if evidence.gentle_share is None:
        return ""
    gentle = f"자극 없음 {percent(evidence.gentle_share)}"
    if not evidence.skin_type:
        return gentle
    return f"{evidence.skin_type} 리뷰 {number(evidence.skin_reviews)}개, {gentle}"


def _rating_in_short(evidence: Evidence) -> str:
    if evidence.skin_type is None or evidence.skin_rating is None:
        return ""
    reviews = number(evidence.skin_reviews)
    return f"{evidence.skin_type} 리뷰 {reviews}개, 평균 ★ {evidence.skin_rating:.1f}"


def _shared(names: Sequence[str]) -> str:
    return f"좋아하신 제품과 함께 든 성분: {', '.join(names)}" if names else ""


def _notable(names: Sequence[str]) -> str:
    return f"눈여겨볼 성분: {', '.join(names)}" if names else ""


def _cautions(evidence: Evidence, n: int | None = None, *, whole: bool = False) -> tuple[str, ...]:
    """What to look at, the most pressing first, `n` ingredients each; `whole`: and why."""
    firm = [_caution(one, n, whole) for one in evidence.cautions if one.care in _PRESSING]
    others = [_caution(one, n, whole) for one in evidence.cautions if one.care not in _PRESSING]
    minded = _minded(evidence, n, whole)
    personal = evidence.health or evidence.skin_type is SkinType.SENSITIVE
    rest = (minded, *others) if personal else (*others, minded)
    return tuple(line for line in (*firm, *rest) if line)


_PRESSING: Final = (Care.VITAMIN_A, Care.SALICYLIC)
_WHO: Final = {
    Care.VITAMIN_A: "임신·수유 중이라고 하셔서 피할 성분",
    Care.SALICYLIC: "임신·수유 중이라고 하셔서 살펴볼 성분",
    Care.CLOGGING: "여드름이 고민이라면 참고할 성분",
}
_WHY: Final = {
    Care.VITAMIN_A: "유럽의약품청은 비타민A 계열 약을 임신 중에 쓰지 않게 해요",
    Care.SALICYLIC: "농도가 높은 제품이라면 먼저 의사와 상의해 주세요",
    Care.CLOGGING: "토끼 귀 실험에서 모공을 막았지만, 사람 피부에서는 다를 수 있어요",
}


def _caution(caution: Caution, n: int | None, whole: bool) -> str:
    """Empty for what stands on the ingredient's own page only."""
    who, why = _WHO.get(caution.care), _WHY.get(caution.care)
    if who is None:
        return ""
    line = f"{who}: {', '.join(caution.names[:n])}"
    return f"{line} ({why})" if whole and why else line


def _minded(evidence: Evidence, n: int | None, whole: bool) -> str:
    if not evidence.minded:
        return ""
    if evidence.health:
        who = f"{', '.join(evidence.health)}가 있다고 하셔서"
    else:
        sensitive = evidence.skin_type is SkinType.SENSITIVE
        who = "민감성 피부라면" if sensitive else "향에 예민하다면"
    line = f"{who} 살펴볼 성분: {', '.join(evidence.minded[:n])}"
    told = whole and not evidence.health and evidence.skin_type is not SkinType.SENSITIVE
    return f"{line} (EU와 식약처가 이름을 따로 적게 하는 향 성분)" if told else line


# --- used together ------------------------------------------------------------------------------


def together(found: Sequence[Recommendation]) -> str:
    """What of the cards does not go with another card or a pick; empty where all goes."""
    seen: dict[tuple[Pairing, frozenset[int]], str] = {}
    for one in found:
        for clash in one.evidence.clashes:
            pair = (clash.pairing, frozenset((one.product.id, clash.product)))
            seen.setdefault(pair, _clash(one.product.title, clash))
    return "\n".join(list(seen.values())[:CLASHES_AT_MOST])


def _clash(mine: str, clash: Clash) -> str:
    """«함께 쓸 때: A의 레티놀과 B의 글라이콜릭애씨드는 같은 날 밤에 함께 쓰지 마세요.»"""
    one = with_particle(f"{mine}의 {clash.name}", "과/와")
    other = with_particle(f"{clash.title}의 {clash.other}", "은/는")
    match clash.pairing:
        case Pairing.RETINOID_ACID:
            return f"함께 쓸 때: {one} {other} 같은 날 밤에 함께 쓰지 마세요."
        case Pairing.RETINOID_PEROXIDE:
            return f"함께 쓸 때: {one} {other} 아침과 밤으로 나눠 써 주세요."
        case Pairing.RETINOIDS:
            return (
                f"함께 쓸 때: {one} {other} 둘 다 비타민A 계열이라, 같은 날에는 하나만 써 주세요."
            )


def _quotes(evidence: Evidence) -> str:
    if not evidence.quotes or evidence.skin_type is None:
        return ""
    lines = "\n".join(map(_quote, evidence.quotes))
    return f"{evidence.skin_type} 피부인 분의 후기\n{lines}"


def _quote(quote: Quote) -> str:
    stars = "4점 이상 준 분" if quote.praise else "3점 이하 준 분"
    return f"“{quote.text}” ({stars})"


def _thin(recommendation: Recommendation) -> str:
    evidence = recommendation.evidence
    people = (
        evidence.neighbours
        if recommendation.basis is Basis.TASTE
        else recommendation.product.reviews
    )
    return "아직 의견이 많지 않으니 참고만 해 주세요." if people < FEW_PEOPLE else ""


# --- side by side -------------------------------------------------------------------------------


def comparison(compared: Comparison) -> str:
    """A paragraph for each thing that is compared; the products are ①, ② and ③ in it."""
    sides = compared.sides
    count = "두" if len(sides) == 2 else "세"
    reviews = f"{compared.skin_type} 피부 리뷰" if compared.skin_type else "리뷰"
    lines = (
        _across("가격", [_price(product) for product, _ in sides]),
        _across(*_by_amount([product for product, _ in sides])),
        _across("평점", [_stars(product) for product, _ in sides]),
        _across(reviews, [_skin_stars(evidence) for _, evidence in sides]),
        _across("자극 없음", [_gentle_of(evidence) for _, evidence in sides]),
        _across("눈여겨볼 성분", [_names(one, one.notable) for _, one in sides]),
        _across("살펴볼 성분", [_names(one, _looked_at(one)) for _, one in sides]),
        f"함께 든 성분: {', '.join(compared.common)}" if compared.common else "",
    )
    between = _between(compared)
    titles = "\n".join(
        f"{mark} {product.title}" for mark, (product, _) in zip(_MARKS, sides, strict=False)
    )
    whole = (f"{count} 제품을 나란히 놓아 봤어요.\n\n{titles}", *lines, between)
    return "\n\n".join(part for part in whole if part)


def _looked_at(evidence: Evidence) -> tuple[str, ...]:
    told = (name for one in evidence.cautions if one.care in _WHO for name in one.names)
    return tuple(dict.fromkeys((*told, *evidence.minded)))


def _between(compared: Comparison) -> str:
    """As `together`, the products being ①, ② and ③."""
    marks = {product.id: mark for mark, (product, _) in zip(_MARKS, compared.sides, strict=False)}
    lines = {
        (clash.pairing, frozenset((product.id, clash.product))): (marks[product.id], clash)
        for product, evidence in reversed(compared.sides)
        for clash in evidence.clashes
        if clash.product in marks
    }
    told = [_clash(mine, replace(one, title=marks[one.product])) for mine, one in lines.values()]
    return "\n".join(told[::-1][:CLASHES_AT_MOST])


def _by_amount(products: Sequence[Product]) -> tuple[str, list[str]]:
    """«10ml당», and the price of so much of each; what is not known is told so."""
    prices = [price_of_ten(product.price, product.volume) for product in products]
    units = {known[1] for known in prices if known is not None} or {"ml"}
    if len(units) == 1:
        head = f"10{next(iter(units))}당"
        return head, [_UNKNOWN if known is None else price(known[0]) for known in prices]
    told = [_UNKNOWN if known is None else f"10{known[1]}에 {price(known[0])}" for known in prices]
    return "양에 견준 가격", told


def _across(what: str, values: Sequence[str]) -> str:
    """What is the same of all of them, being unknown or none, stands once."""
    if len({*values}) == 1 and values[0] in (_UNKNOWN, "없어요"):
        return f"{what}: {values[0]}"
    told = "\n".join(f"{mark} {value}" for mark, value in zip(_MARKS, values, strict=False))
    return f"{what}\n{told}"


def _price(product: Product) -> str:
    return _UNKNOWN if product.price is None else price(product.price)


def _stars(product: Product) -> str:
    if product.rating is None:
        return "아직 리뷰가 없어요"
    return f"★ {product.rating:.1f} (리뷰 {number(product.reviews)}개)"


def _skin_stars(evidence: Evidence) -> str:
    if not evidence.skin_reviews or evidence.skin_rating is None:
        return "없어요"
    effect = f", {evidence.effects[0][0]} {evidence.effects[0][1]}명" if evidence.effects else ""
    return f"{number(evidence.skin_reviews)}개, ★ {evidence.skin_rating:.1f}{effect}"


def _gentle_of(evidence: Evidence) -> str:
    if not evidence.told or evidence.gentle_share is None:
        return _UNKNOWN
    gentle = evidence.told - evidence.irritated
    share = percent(evidence.gentle_share)
    return f"{share} ({number(evidence.told)}명 중 {number(gentle)}명)"


def _names(evidence: Evidence, names: Sequence[str]) -> str:
    if evidence.unlisted:
        return _UNKNOWN
    return ", ".join(names) if names else "없어요"


# --- peers --------------------------------------------------------------------------------------


def peers(found: Peers) -> str:
    who = f"{found.skin_type} 피부인 분"
    head = f"나와 비슷한 사람들 · {found.skin_type} {number(found.people)}명"
    if not found.favourites:
        return (
            f"{head}\n\n같은 제품을 쓴 {who}이 아직 {FEW_PEOPLE}명이 되지 않아요.\n"
            "몇 사람의 취향이 그대로 드러나지 않게, 더 모이면 보여 드릴게요."
        )
    lines = "\n".join(
        f"{place_}. {_favourite(one, found.people)}"
        for place_, one in enumerate(found.favourites, start=1)
    )
    return f"{head}\n\n{who}들이 많이 쓰고 좋아한 제품이에요.\n\n{lines}"


def _favourite(one: Favourite, people: int) -> str:
    share = percent(one.people / people)
    return f"{one.product.title}\n   {number(one.people)}명({share})이 쓰고 평균 ★ {one.rating:.1f}"


# --- lists --------------------------------------------------------------------------------------


def listed(head: str, count: int, page: int, pages: int) -> str:
    where = f" · {place(page, pages)}" if pages > 1 else ""
    return f"{head} {number(count)}개{where}"
