"""Sentences about products, each with the passages it was read from."""

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
from engine.generation.intent import Aspect, Budget
from engine.generation.material import ProductCase
from engine.parsing.korean import squeeze, with_particle
from engine.parsing.measure import Extreme

Told = tuple[str, tuple[Passage | None, ...]]
"""A sentence without its full stop, and where it was read."""

ENOUGH = 5
"""Reviews under which a share is not spoken of as a share."""
GENTLE_FROM, ROUGH_UNDER = 0.75, 0.55
APART = 0.15
"""Ratings nearer than this are called alike."""
TOPICS = {
    "향": (r"향(?!료|수|균)|냄새", "향"),
    "흡수": (r"흡수|스며", "흡수"),
    "끈적임": (r"끈적|번들", "끈적"),
    "밀림": (r"밀[리려림]", "밀"),
    "트러블": (r"트러블|뾰루지|뽀루지", "트러블"),
    "발림": (r"발림|발리|뻑뻑", "부드럽게 발|뻑뻑"),
    "용기": (r"용기|펌프|뚜껑|스포이트", "용기"),
    "가성비": (r"가성비", "가성비|값"),
}
"""What reviews are asked about by its name → how a question says it, and the labels of
`engine.parsing.opinions` that are about it."""
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(ml|g)", re.IGNORECASE)


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
    skin_type: SkinType | None = None
    effects: tuple[Effect, ...] = ()
    gentle: bool = False
    budget: Budget | None = None
    feels: tuple[str, ...] = ()
    """Labels of reviews that it shall earn: «가벼워요»."""
    words: tuple[str, ...] = ()
    """Of the wish; a product whose name holds them is meant before others."""
    helps: tuple[str, ...] = ()
    """Ingredients known to help with concerns of which no review's effect tells."""
    extreme: Extreme | None = None
    like: tuple[str, ...] = ()
    """The formula of the product that it shall be like."""


@dataclass(frozen=True, slots=True)
class Line:
    """One statement in two forms: opening the answer with the product's name, and later."""

    first: str
    later: str
    source: Passage | None


# --- one product --------------------------------------------------------------------------------


def answer(
    sides: Sides,
    *,
    aspects: Sequence[Aspect],
    wish: Wish,
    asked_skin: bool,
    ingredients: Sequence[str],
    text: str = "",
) -> list[Told]:
    """What was asked first, then what is worth knowing beside it; three or four sentences."""
    asked = [*_holds(sides, ingredients), *_voices(sides, text)]
    for aspect in () if ingredients else aspects:
        asked += _aspect(sides, aspect, wish)
    if asked_skin:
        asked += _skin(sides, wish.skin_type)
    rated = Aspect.RATING in aspects and sides.reviews is not None
    beside = [
        *(() if rated else _overview(sides)),
        *_effect(sides, wish),
        *_gentleness(sides, wish),
    ]
    beside += _skin(sides, wish.skin_type) or _admirers(sides)
    lines = list(dict.fromkeys([*asked, *beside]))[: max(3, len(asked)) if asked else 4]
    return [
        (line.later if place else line.first, (line.source,)) for place, line in enumerate(lines)
    ]


def _aspect(sides: Sides, aspect: Aspect, wish: Wish) -> list[Line]:
    match aspect:
        case Aspect.PRICE | Aspect.VOLUME:
            return _price(sides)
        case Aspect.GENTLENESS:
            return _gentleness(sides, wish)
        case Aspect.FORMULA:
            return _formula(sides)
        case Aspect.EFFECT:
            return _effect(sides, wish)
        case Aspect.RATING:
            return [*_rating(sides), *_quote(sides)]


def _is(sides: Sides, predicate: str, later: str, source: Passage | None) -> Line:
    """«제품은 …» first, the bare statement later."""
    return Line(f"{with_particle(sides.title, '은/는')} {predicate}", later, source)


def _overview(sides: Sides) -> list[Line]:
    facts = sides.facts
    if not facts.on_sale:
        gone = "지금은 품절이라 바로 살 수는 없어요"
        return [_is(sides, gone, gone, sides.source)]
    if facts.rating is None:
        return [
            _is(sides, f"{kind(facts)}이고, 리뷰는 아직 없어요", "리뷰는 아직 없어요", sides.source)
        ]
    mean = f"리뷰 {facts.reviews}개의 평균 평점은 {facts.rating}점이에요"
    return [_is(sides, f"{kind(facts)}이고, {mean}", mean, sides.source)]


def kind(facts: ProductFacts) -> str:
    """«200ml에 15,800원인 스킨·토너 제품»."""
    return " ".join(part for part in (_priced(facts), _category(facts), "제품") if part)


def _category(facts: ProductFacts) -> str:
    return facts.category.replace("/", "·")


def _priced(facts: ProductFacts) -> str:
    if facts.price is None:
        return ""
    return f"{facts.volume}에 {facts.price:,}원인" if facts.volume else f"{facts.price:,}원인"


def _price(sides: Sides) -> list[Line]:
    facts = sides.facts
    if facts.price is None:
        unknown = "가격이 제 자료에 적혀 있지 않아요"
        return [_is(sides, unknown, unknown, sides.source)]
    price = f"{facts.volume}에 {facts.price:,}원" if facts.volume else f"{facts.price:,}원"
    size = _SIZE.search(facts.volume or "")
    said = f"{price}이에요"
    if size is not None and float(size[1]) >= 20:
        said = f"{price}이고, 10{size[2]}에 {round(facts.price / float(size[1]) * 10):,}원꼴이에요"
    return [_is(sides, said, f"가격은 {said}", sides.source)]


def _rating(sides: Sides) -> list[Line]:
    reviews = sides.reviews
    if reviews is None:
        none = "아직 리뷰가 없어서 평을 전해 드리기 어려워요"
        return [_is(sides, none, none, sides.source)]
    tone = "반응이 좋은 편이에요" if reviews.rating >= 4.0 else "평이 갈리는 편이에요"
    said = f"리뷰 {reviews.reviews}개의 평균 평점이 {reviews.rating}점으로 {tone}"
    return [_is(sides, said, said, sides.review_source)]


def _quote(sides: Sides) -> list[Line]:
    if sides.reviews is None or not sides.reviews.quotes:
        return []
    said = f"«{sides.reviews.quotes[0].rstrip('.!~ ')}» 같은 후기가 눈에 띄어요"
    return [_is(sides, said, said, sides.review_source)]


def _voices(sides: Sides, text: str) -> Iterator[Line]:
    """How many reviews praise and blame what the question's own words are about."""
    reviews = sides.reviews
    if reviews is None:
        return
    untold = []
    for topic, (asked, labels) in TOPICS.items():
        if not re.search(asked, text):
            continue
        told = [
            f"{count}개가 «{label}»"
            for label, count in (*reviews.praise.items(), *reviews.blame.items())
            if re.match(labels, label)
        ]
        if told:
            said = f"리뷰 {reviews.reviews}개 가운데 {', '.join(told)}라고 했어요"
            yield _is(sides, said, said, sides.review_source)
        else:
            untold.append(topic)
    if untold:
        topics = with_particle("·".join(untold), "은/는")
        said = f"리뷰에서 자주 나온 이야기 가운데 {topics} 없었어요"
        yield Line(f"{sides.title} {said}", said, sides.review_source)


def _effect(sides: Sides, wish: Wish) -> list[Line]:
    reviews = sides.reviews
    if reviews is None or sum(reviews.effects.values()) < ENOUGH:
        return []
    asked = [effect for effect in wish.effects if effect in reviews.effects]
    if asked:
        counts = ", ".join(
            f"{reviews.effects[effect]}개가 {with_particle(effect, '을/를')}" for effect in asked
        )
        said = f"리뷰 {reviews.reviews}개 가운데 {counts} 장점으로 꼽았어요"
        return [_is(sides, said, said, sides.review_source)]
    best, count = next(iter(reviews.effects.items()))
    felt = f"가장 많이 꼽힌 장점은 {with_particle(best, '이에요/예요')}({count}명)"
    return [
        Line(f"{sides.title}에서 {felt}", f"써 본 분들에게 {felt}", sides.review_source),
    ]


def _gentleness(sides: Sides, wish: Wish) -> list[Line]:
    reviews, skin = sides.reviews, sides.skin(wish.skin_type)
    if reviews is None or sides.gentle_share is None:
        return []
    said = _gentle_words(reviews, sides.gentle_share)
    if skin is not None and skin.told >= ENOUGH:
        said += f"(그중 {wish.skin_type} 피부는 {skin.told}명 중 {skin.gentle}명)"
    return [_is(sides, said, said, sides.review_source)]


def _gentle_words(reviews: ReviewFacts, share: float) -> str:
    counted = f"자극을 적어 준 {reviews.told}명 중 {reviews.gentle}명이 순하다고"
    rough = reviews.irritation.get(Irritation.IRRITATING, 0)
    if share >= GENTLE_FROM:
        return f"{counted} 해서 순한 편이에요"
    if share >= ROUGH_UNDER or rough == 0:
        rest = f"{rough}명은 자극을 느꼈어요" if rough else "자극을 느낀 사람은 없었어요"
        return f"{counted} 했고, {rest}"
    return f"{counted} 했지만 {rough}명은 자극을 느꼈으니 귀 밑에 먼저 발라 보세요"


def _skin(sides: Sides, skin_type: SkinType | None) -> list[Line]:
    skin = sides.skin(skin_type)
    if skin is None or sides.reviews is None:
        return []
    against = skin.rating - sides.reviews.rating
    verdict = "전체 평점과 비슷해요"
    if abs(against) >= APART:
        verdict = "전체 평점보다 높아요" if against > 0 else "전체 평점보다는 낮아요"
    said = f"{skin_type} 피부 {skin.reviews}명의 평점은 {skin.rating}점으로 {verdict}"
    return [Line(f"{sides.title}에 준 {said}", said, sides.review_source)]


def _admirers(sides: Sides) -> list[Line]:
    if not sides.facts.admirers:
        return []
    said = f"{'·'.join(sides.facts.admirers)} 피부에서 평이 좋아요"
    return [_is(sides, said, f"특히 {said}", sides.source)]


def _formula(sides: Sides) -> list[Line]:
    facts = sides.facts
    if not facts.ingredients:
        none = "전성분이 제 자료에 아직 없어요"
        return [_is(sides, none, none, sides.source)]
    first = ", ".join(facts.ingredients[:5])
    total = len(facts.ingredients) + facts.more
    listed = f"모두 {total}가지이고, 많이 든 순서로 {first} 등이 들어 있어요"
    return [Line(f"{sides.title}의 성분은 {listed}", f"성분은 {listed}", sides.source)]


def _holds(sides: Sides, ingredients: Sequence[str]) -> Iterator[Line]:
    """Whether it holds the ingredients that were asked for."""
    held = {squeeze(name) for name in sides.formula}
    for name in ingredients if held else ():
        if squeeze(name) in held:
            said = f"{with_particle(name, '이/가')} 들어 있어요"
            yield Line(f"네, {sides.title}에는 {said}", said, sides.source)
        else:
            said = f"{with_particle(name, '은/는')} 들어 있지 않아요"
            yield Line(f"{sides.title} 전성분에 {said}", said, sides.source)


# --- several products ---------------------------------------------------------------------------


def suggestions(
    cases: Sequence[Sides], wish: Wish, opening: str, skin_type: SkinType | None
) -> list[Told]:
    """A sentence for each of up to three, the first led in by the opening or the skin type."""
    forms = (_foremost, _second, _third)
    told = [form(case, wish) for case, form in zip(cases, forms, strict=False)]
    (first, passages), *rest = told
    skin = f"{skin_type} 피부"
    if not opening and skin_type is not None and skin not in first:
        opening = f"{skin}라면"
    return [(f"{opening} {first}".strip(), passages), *rest]


@dataclass(frozen=True, slots=True)
class Reason:
    """A ground in numbers: `body` takes a form of the verb, «꼽» as «꼽은», «꼽고», «꼽았어요»."""

    body: str
    before_noun: str
    and_before_noun: str
    and_then: str
    at_end: str
    source: Passage | None


def _foremost(case: Sides, wish: Wish) -> Told:
    reasons = _reasons(case, wish)[:2]
    *others, last = reasons
    grounds = "".join(f"{one.body}{one.and_before_noun} " for one in others)
    named = with_particle(case.title, "을/를")
    said = f"{grounds}{last.body}{last.before_noun} {named} 먼저 권하고 싶어요"
    return said, tuple(one.source for one in reasons)


def _second(case: Sides, wish: Wish) -> Told:
    reasons = _reasons(case, wish)[:2]
    *others, last = reasons
    grounds = "".join(f"{one.body}{one.and_then}, " for one in others)
    return f"{case.title}도 {grounds}{last.body}{last.at_end}", tuple(one.source for one in reasons)


def _third(case: Sides, wish: Wish) -> Told:
    reasons, price = _reasons(case, wish), case.facts.price
    reason = next((one for one in reasons if one.source is not case.source), reasons[0])
    named = with_particle(case.title, "은/는")
    if price is None or reason.source is case.source:
        return f"{named} {reason.body}{reason.at_end}", (reason.source,)
    said = f"{named} {reason.body}{reason.and_then}, 가격은 {price:,}원이에요"
    return said, (reason.source, case.source)


def _reasons(case: Sides, wish: Wish) -> list[Reason]:
    """The strongest first; what the product is where no review says anything."""
    found = [*_review_reasons(case, wish)]
    if wish.budget is not None and case.facts.price is not None:
        price = f"{case.facts.price:,}원"
        found.insert(0, Reason(price, "인", "이고", "이고", "이에요", case.source))
    if found:
        return found
    body = f"{_category(case.facts)} 제품"
    return [Reason(body, "인", "이고", "이고", "이에요", case.source)]


def _review_reasons(case: Sides, wish: Wish) -> Iterator[Reason]:
    reviews, skin, source = case.reviews, case.skin(wish.skin_type), case.review_source
    if reviews is None:
        return
    gentle = case.gentle_share
    gentle_body = f"자극을 적어 준 {reviews.told}명 중 {reviews.gentle}명이 순하다고 "
    says_gentle = Reason(gentle_body, "한", "하고", "했고", "했어요", source)
    if wish.gentle and gentle is not None:
        yield says_gentle
    praised = [effect for effect in wish.effects if reviews.effects.get(effect, 0) >= ENOUGH]
    for effect in praised:
        what = with_particle(effect, "을/를")
        body = f"리뷰 {reviews.reviews}개 중 {reviews.effects[effect]}개가 {what} 장점으로 "
        yield Reason(body, "꼽은", "꼽고", "꼽았고", "꼽았어요", source)
    if skin is not None:
        body = f"{wish.skin_type} 피부 {skin.reviews}명이 평균 {skin.rating}점을 "
        yield Reason(body, "준", "주고", "줬고", "줬어요", source)
    if not wish.gentle and gentle is not None and gentle >= GENTLE_FROM:
        yield says_gentle
    counted = f"리뷰 {reviews.reviews}개에서 " if not praised else ""
    body = f"{counted}평균 {reviews.rating}점을 "
    yield Reason(body, "받은", "받고", "받았고", "받았어요", source)


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
    left = f"{with_particle(one.title, '은/는')} {kind(one.facts)}"
    right = f"{with_particle(other.title, '은/는')} {kind(other.facts)}"
    if not one.facts.price or not other.facts.price:
        return f"{left}, {right}이에요"
    apart = one.facts.price - other.facts.price
    if apart == 0:
        return f"{left}, {right}으로 가격은 같아요"
    cheaper = one if apart < 0 else other
    return f"{left}, {right}으로 {cheaper.facts.name} 쪽이 {abs(apart):,}원 저렴해요"


def _ratings(one: Sides, other: Sides, skin_type: SkinType | None) -> Iterator[str]:
    left, right = one.skin(skin_type), other.skin(skin_type)
    if left and right:
        said = f"{skin_type} 피부의 평점은 차례로 {left.rating}점과 {right.rating}점"
        yield f"{said}{_better(one, other, left.rating - right.rating)}"
    elif one.reviews and other.reviews:
        said = f"평점은 차례로 {one.reviews.rating}점과 {other.reviews.rating}점"
        yield f"{said}{_better(one, other, one.reviews.rating - other.reviews.rating)}"


def _better(one: Sides, other: Sides, apart: float) -> str:
    if abs(apart) < APART:
        return "으로 큰 차이가 없어요"
    return f"으로 {(one if apart > 0 else other).facts.name} 쪽이 더 좋아요"


def _gentle_shares(one: Sides, other: Sides) -> Iterator[str]:
    left, right = one.gentle_share, other.gentle_share
    if left is None or right is None:
        return
    said = f"순하다는 평은 차례로 {left:.0%}와 {right:.0%}"
    if abs(left - right) < 0.05:
        yield f"{said}로 비슷해요"
    else:
        gentler = one if left > right else other
        yield f"{said}라서, 자극이 걱정이라면 {gentler.facts.name} 쪽이 나아요"
