"""Sentences about products. Each comes with the passages it was read from."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from engine.domain import Effect, Irritation, Passage, SkinType
from engine.generation.facts import (
    ProductFacts,
    ReviewFacts,
    SkinFacts,
    product_facts,
    review_facts,
)
from engine.generation.intent import Aspect
from engine.generation.material import ProductCase
from engine.parsing.korean import squeeze, with_particle

Told = tuple[str, tuple[Passage | None, ...]]
"""A sentence without its full stop, and where it was read."""

ENOUGH = 5
"""Reviews under which a share is not spoken of as a share."""
GENTLE_FROM, ROUGH_UNDER = 0.75, 0.55
PRIOR = 8
"""Reviews' worth of the middle that a rating is drawn towards when products are ranked."""
MIDDLE = 3.8
_MILLILITRES = re.compile(r"(\d+(?:\.\d+)?)\s*(ml|g)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sides:
    """A product's facts and reviews, and the passages that hold them."""

    facts: ProductFacts
    reviews: ReviewFacts | None
    source: Passage
    review_source: Passage | None
    formula: tuple[str, ...]

    @classmethod
    def of(cls, case: ProductCase) -> Self:
        return cls(
            facts=product_facts(case.facts),
            reviews=review_facts(case.reviews) if case.reviews else None,
            source=case.facts,
            review_source=case.reviews,
            formula=case.formula,
        )

    @property
    def title(self) -> str:
        return self.facts.title

    def skin(self, skin_type: SkinType | None) -> SkinFacts | None:
        """What people of that skin wrote, where there are enough of them to say."""
        if self.reviews is None or skin_type is None:
            return None
        skin = self.reviews.skins.get(skin_type)
        return skin if skin and skin.reviews >= ENOUGH else None

    @property
    def gentle_share(self) -> float | None:
        """Share in [0, 1] of those who told of irritation; None under ENOUGH of them."""
        if self.reviews is None or self.reviews.told < ENOUGH:
            return None
        return self.reviews.gentle / self.reviews.told


@dataclass(frozen=True, slots=True)
class Wish:
    skin_type: SkinType | None
    effects: tuple[Effect, ...]


# --- one product --------------------------------------------------------------------------------


def answer(
    sides: Sides,
    *,
    aspects: Sequence[Aspect],
    skin_type: SkinType | None,
    asked_skin: bool,
    effects: Sequence[Effect],
    ingredients: Sequence[str],
) -> list[Told]:
    """What was asked first, then what is worth knowing beside it."""
    asked: list[Told] = [*_formula_of(sides, ingredients)]
    if asked_skin:
        asked += _skin(sides, skin_type)
    for aspect in aspects:
        asked += _aspect(sides, aspect, effects)
    told = [*asked, *_overview(sides), *_effect(sides, effects), *_gentleness(sides)]
    told += _skin(sides, skin_type) or _admirers(sides)
    return _named_once(sides, list(dict.fromkeys(told)))[: 3 if asked else 4]


def _aspect(sides: Sides, aspect: Aspect, effects: Sequence[Effect]) -> list[Told]:
    match aspect:
        case Aspect.PRICE | Aspect.VOLUME:
            return _price(sides)
        case Aspect.GENTLENESS:
            return _gentleness(sides)
        case Aspect.FORMULA:
            return _formula(sides)
        case Aspect.EFFECT:
            return _effect(sides, effects)
        case Aspect.RATING:
            return [*_rating(sides), *_quote(sides)]


def _overview(sides: Sides) -> list[Told]:
    facts = sides.facts
    if not facts.on_sale:
        return [("지금은 품절이라 바로 살 수는 없어요", (sides.source,))]
    reviewed = (
        "리뷰는 아직 없어요"
        if facts.rating is None
        else f"리뷰 {facts.reviews}개의 평균 평점은 {facts.rating}점이에요"
    )
    return [(f"{_priced(facts)} {_category(facts)} 제품이고, {reviewed}", (sides.source,))]


def _category(facts: ProductFacts) -> str:
    return facts.category.replace("/", "·")


def _priced(facts: ProductFacts) -> str:
    said = [f"{facts.price:,}원" if facts.price else "", facts.volume or ""]
    return " ".join(part for part in said if part) or "가격이 적혀 있지 않은"


def _price(sides: Sides) -> list[Told]:
    facts = sides.facts
    if facts.price is None:
        return [("가격은 제 자료에 적혀 있지 않아요", (sides.source,))]
    if facts.volume is None:
        return [(f"가격은 {facts.price:,}원이에요", (sides.source,))]
    size = _MILLILITRES.search(facts.volume)
    if size is None or float(size[1]) < 20:
        return [(f"가격은 {facts.volume}에 {facts.price:,}원이에요", (sides.source,))]
    each = round(facts.price / float(size[1]) * 10)
    return [
        (
            f"가격은 {facts.volume}에 {facts.price:,}원이고, 10{size[2]}에 {each:,}원꼴이에요",
            (sides.source,),
        )
    ]


def _rating(sides: Sides) -> list[Told]:
    if sides.reviews is None:
        return [("아직 리뷰가 없어서 평을 전해 드리기 어려워요", (sides.source,))]
    reviews = sides.reviews
    tone = "반응이 좋은 편이에요" if reviews.rating >= 4.0 else "평이 갈리는 편이에요"
    return [
        (
            f"리뷰 {reviews.reviews}개의 평균 평점이 {reviews.rating}점으로 {tone}",
            (sides.review_source,),
        )
    ]


def _quote(sides: Sides) -> list[Told]:
    if sides.reviews is None or not sides.reviews.quotes:
        return []
    quote = sides.reviews.quotes[0].rstrip(".!~ ")
    return [(f"«{quote}» 같은 후기가 눈에 띄어요", (sides.review_source,))]


def _effect(sides: Sides, asked: Sequence[Effect]) -> list[Told]:
    reviews = sides.reviews
    if reviews is None or sum(reviews.effects.values()) < ENOUGH:
        return []
    told = [effect for effect in asked if effect in reviews.effects]
    if told:
        counts = ", ".join(f"{effect} {reviews.effects[effect]}명" for effect in told)
        return [
            (
                f"효과로는 리뷰 {reviews.reviews}개 가운데 {counts}이 좋았다고 꼽았어요",
                (sides.review_source,),
            )
        ]
    best, count = next(iter(reviews.effects.items()))
    return [(f"써 본 분들이 가장 많이 꼽은 장점은 {best}이에요({count}명)", (sides.review_source,))]


def _gentleness(sides: Sides) -> list[Told]:
    share, reviews = sides.gentle_share, sides.reviews
    if share is None or reviews is None:
        return []
    counted = f"자극을 적어 준 {reviews.told}명 중 {reviews.gentle}명이 순하다고"
    rough = reviews.irritation.get(Irritation.IRRITATING, 0)
    if share >= GENTLE_FROM:
        sentence = f"{counted} 해서 순한 편이에요"
    elif share >= ROUGH_UNDER:
        sentence = f"{counted} 했고, {rough}명은 자극을 느꼈어요"
    else:
        sentence = f"{counted} 했지만 {rough}명은 자극을 느껴서 귀 밑에 먼저 발라 보세요"
    return [(sentence, (sides.review_source,))]


def _skin(sides: Sides, skin_type: SkinType | None) -> list[Told]:
    skin = sides.skin(skin_type)
    if skin is None or sides.reviews is None:
        return []
    sentence = f"{skin_type} 피부인 분들은 리뷰 {skin.reviews}개에서 평균 {skin.rating}점을 줬고"
    against = skin.rating - sides.reviews.rating
    if against >= 0.15:
        verdict = "전체 평점보다 높아요"
    elif against <= -0.15:
        verdict = "전체 평점보다는 낮아요"
    else:
        verdict = "전체 평점과 비슷해요"
    return [(f"{sentence}, {verdict}", (sides.review_source,))]


def _admirers(sides: Sides) -> list[Told]:
    if not sides.facts.admirers:
        return []
    skins = with_particle("·".join(sides.facts.admirers), "과/와")
    return [(f"특히 {skins[:-1]} 피부에서 평이 좋아요", (sides.source,))]


def _formula(sides: Sides) -> list[Told]:
    facts = sides.facts
    if not facts.ingredients:
        return [("전성분은 제 자료에 아직 없어요", (sides.source,))]
    first = ", ".join(facts.ingredients[:5])
    total = len(facts.ingredients) + facts.more
    return [
        (
            f"성분은 모두 {total}가지인데, 많이 든 순서로 {first} 등이 들어 있어요",
            (sides.source,),
        )
    ]


def _formula_of(sides: Sides, ingredients: Sequence[str]) -> Iterator[Told]:
    """Whether it holds the ingredients that were asked for."""
    if not sides.formula:
        return
    held = {squeeze(name) for name in sides.formula}
    for name in ingredients:
        if squeeze(name) in held:
            yield f"네, {with_particle(name, '이/가')} 들어 있어요", (sides.source,)
        else:
            yield f"전성분에 {with_particle(name, '은/는')} 없어요", (sides.source,)


def _named_once(sides: Sides, told: Sequence[Told]) -> list[Told]:
    """The product's name leads the first sentence."""
    if not told:
        return []
    (first, passages), *rest = told
    subject = with_particle(sides.title, "은/는")
    yes = "네, "
    if first.startswith(yes):
        return [(f"네, {sides.title}에 {first.removeprefix(yes)}", passages), *rest]
    return [(f"{subject} {first}", passages), *rest]


# --- several products ---------------------------------------------------------------------------


def ranked(cases: Sequence[Sides], wish: Wish) -> list[Sides]:
    """By what reviews say of the wish; ties stay in the order of the retrieval."""
    on_sale = [case for case in cases if case.facts.on_sale]
    return sorted(on_sale, key=lambda case: -_fit(case, wish))


def _fit(case: Sides, wish: Wish) -> float:
    """Rating on a scale of 5, moved by up to one for the wished effects."""
    if case.reviews is None:
        return MIDDLE - 1
    skin = case.skin(wish.skin_type)
    count, rating = (
        (skin.reviews, skin.rating) if skin else (case.reviews.reviews, case.reviews.rating)
    )
    drawn = (rating * count + MIDDLE * PRIOR) / (count + PRIOR)
    effects = sum(case.reviews.effects.get(effect, 0) for effect in wish.effects)
    return drawn + effects / max(sum(case.reviews.effects.values()), PRIOR)


def suggestions(cases: Sequence[Sides], wish: Wish, opening: str) -> list[Told]:
    """A sentence for each; at least one."""
    told = [_suggestion(case, wish, place) for place, case in enumerate(cases)]
    (first, passages), *rest = told
    return [(f"{opening} {first}".strip(), passages), *rest]


def _suggestion(case: Sides, wish: Wish, place: int) -> Told:
    clauses, passages = _grounds(case, wish)
    if place == 0:
        sentence = f"{with_particle(case.title, '을/를')} 먼저 권하고 싶어요: {clauses}"
    elif place == 1:
        sentence = f"{case.title}도 {clauses}"
    else:
        sentence = f"{with_particle(case.title, '은/는')} {clauses}"
    return sentence, passages


def _grounds(case: Sides, wish: Wish) -> tuple[str, tuple[Passage | None, ...]]:
    """Two reasons in numbers, joined; the price where reviews say nothing."""
    reasons = list(_reasons(case, wish))[:2]
    if not reasons:
        return f"{_priced(case.facts)} 제품이에요", (case.source,)
    joined = ", ".join([*(f"{left}고" for left, _ in reasons[:-1]), reasons[-1][1]])
    return joined, (case.review_source,)


def _reasons(case: Sides, wish: Wish) -> Iterator[tuple[str, str]]:
    """(stem that takes «고», finished form)."""
    reviews = case.reviews
    if reviews is None:
        return
    for effect in wish.effects:
        count = reviews.effects.get(effect, 0)
        if count >= ENOUGH:
            said = f"리뷰 {reviews.reviews}개 중 {count}개가 {with_particle(effect, '을/를')}"
            yield f"{said} 장점으로 꼽았", f"{said} 장점으로 꼽았어요"
    skin = case.skin(wish.skin_type)
    if skin is not None:
        said = f"{wish.skin_type} 피부 {skin.reviews}명의 평점이 {skin.rating}점이"
        yield said, f"{said}에요"
    if case.gentle_share is not None and case.gentle_share >= ROUGH_UNDER:
        said = f"자극을 적어 준 {reviews.told}명 중 {reviews.gentle}명이 순하다고"
        yield f"{said} 했", f"{said} 했어요"
    said = f"리뷰 {reviews.reviews}개의 평점이 {reviews.rating}점이"
    yield said, f"{said}에요"


# --- two products -------------------------------------------------------------------------------


def comparison(one: Sides, other: Sides, skin_type: SkinType | None) -> list[Told]:
    both = (one.source, other.source)
    told: list[Told] = [(_prices(one, other), both)]
    if one.reviews and other.reviews:
        reviews = (one.review_source, other.review_source)
        told += [(sentence, reviews) for sentence in _ratings(one, other, skin_type)]
        told += [(sentence, reviews) for sentence in _gentle_shares(one, other)]
    return told


def _prices(one: Sides, other: Sides) -> str:
    left = f"{with_particle(one.title, '은/는')} {_priced(one.facts)}"
    right = f"{with_particle(other.title, '은/는')} {_priced(other.facts)}"
    both = f"{left}, {right}"
    if not one.facts.price or not other.facts.price:
        return f"{both} 제품이에요"
    apart = one.facts.price - other.facts.price
    if apart == 0:
        return f"{both} 제품으로 가격은 같아요"
    cheaper = one if apart < 0 else other
    return f"{both} 제품으로 {with_particle(cheaper.title, '이/가')} {abs(apart):,}원 저렴해요"


def _ratings(one: Sides, other: Sides, skin_type: SkinType | None) -> Iterator[str]:
    left, right = one.skin(skin_type), other.skin(skin_type)
    if left and right:
        said = f"{skin_type} 피부의 평점은 각각 {left.rating}점과 {right.rating}점"
        yield f"{said}{_better(one, other, left.rating - right.rating)}"
    elif one.reviews and other.reviews:
        said = f"평점은 각각 {one.reviews.rating}점과 {other.reviews.rating}점"
        yield f"{said}{_better(one, other, one.reviews.rating - other.reviews.rating)}"


def _better(one: Sides, other: Sides, apart: float) -> str:
    if abs(apart) < 0.15:
        return "으로 큰 차이가 없어요"
    better = one if apart > 0 else other
    return f"으로 {better.title} 쪽이 더 좋아요"


def _gentle_shares(one: Sides, other: Sides) -> Iterator[str]:
    left, right = one.gentle_share, other.gentle_share
    if left is None or right is None:
        return
    said = f"순하다는 평은 각각 {left:.0%}와 {right:.0%}"
    if abs(left - right) < 0.05:
        yield f"{said}로 비슷해요"
    else:
        gentler = one if left > right else other
        yield f"{said}라서 자극이 걱정이라면 {gentler.title} 쪽이 나아요"
