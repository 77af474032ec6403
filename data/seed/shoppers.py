"""Invented people: skin, tastes, what they buy, how they rate it and how their skin takes it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import mul
from random import Random

from label import EFFECTS, GROUPS, RICHNESS, Item

PEOPLE = 800
MOST_REVIEWS = 25
KEENNESS = 2.1
"""How sharply a liking decides what is bought."""

SKIN: Mapping[str, tuple[float, float, float, float]] = {
    # skin type: (share of people, love of rich textures, ground and slope of irritation)
    "건성": (0.22, 0.7, -3.5, 0.95),
    "복합성": (0.26, -0.4, -3.9, 0.7),
    "지성": (0.18, -1.0, -4.1, 0.55),
    "민감성": (0.16, 0.1, -2.7, 1.3),
    "중성": (0.10, 0.0, -4.1, 0.6),
    "악건성": (0.08, 1.1, -3.2, 1.1),
}

# taste: (its share among 건성, 복합성, 지성, 민감성, 중성, 악건성; likings)
PERSONAS: Mapping[str, tuple[tuple[int, ...], Mapping[str, float]]] = {
    "진정": ((3, 8, 10, 26, 6, 4), {"시카": 1.5, "판테놀": 0.5, "향": -0.6}),
    "트러블": ((1, 11, 20, 6, 4, 1), {"허브": 1.5, "산": 0.5, "오일": -0.8}),
    "수분": ((10, 16, 16, 8, 12, 8), {"히알루론산": 1.6, "오일": -0.4}),
    "장벽": ((16, 6, 2, 16, 6, 22), {"세라마이드": 1.6, "향": -0.4}),
    "레티놀": ((8, 7, 4, 2, 10, 5), {"레티놀": 2.0, "세라마이드": 0.2}),
    "탄력": ((10, 6, 3, 3, 10, 9), {"펩타이드": 1.7, "가격": 0.4}),
    "미백": ((6, 11, 8, 4, 12, 3), {"비타민": 1.7}),
    "결 정돈": ((1, 9, 18, 1, 6, 1), {"산": 1.9, "허브": 0.3, "오일": -0.5}),
    "영양": ((15, 3, 1, 4, 6, 24), {"오일": 1.5, "질감": 0.8}),
    "발효": ((6, 7, 6, 3, 8, 4), {"발효": 1.9, "가격": 0.3}),
    "한방": ((9, 4, 2, 2, 8, 9), {"한방": 1.8, "향": 0.3, "가격": 0.5}),
    "무향": ((6, 4, 4, 16, 4, 6), {"곡물": 1.7, "향": -0.9, "가격": -0.5}),
    "꽃향": ((6, 8, 5, 1, 8, 3), {"꽃": 1.5, "향": 0.7}),
}


@dataclass(frozen=True, slots=True)
class Shopper:
    """An invented person."""

    name: str
    skin: str
    likings: Mapping[str, float]
    brands: frozenset[str]
    mildness: float
    """Added to every rating."""
    casual: bool
    """Writes 반말."""
    basket: int
    """How many products they review."""


def one_of(rng: Random, weights: Mapping[str, float]) -> str:
    """A key drawn in proportion to its weight."""
    at = rng.random() * sum(weights.values())
    for key, weight in weights.items():
        at -= weight
        if at < 0:
            return key
    return next(reversed(list(weights)))


def shopper(rng: Random, number: int, brands: Sequence[str]) -> Shopper:
    skin = one_of(rng, {name: row[0] for name, row in SKIN.items()})
    place = list(SKIN).index(skin)
    shares = {taste: float(row[0][place]) for taste, row in PERSONAS.items()}
    first, second = one_of(rng, shares), one_of(rng, shares)
    likings = {axis: rng.gauss(0, 0.3) for axis in (*GROUPS, "가격", "질감")}
    likings["질감"] += SKIN[skin][1]
    for taste, weight in ((first, 1.0), (second, 0.35)):
        for axis, liking in PERSONAS[taste][1].items():
            likings[axis] += weight * liking
    return Shopper(
        name=f"seed-{number:04d}",
        skin=skin,
        likings=likings,
        brands=frozenset(rng.sample(brands, 2)),
        mildness=rng.gauss(0, 0.3),
        casual=rng.random() < 0.3,
        basket=basket_size(rng),
    )


def basket_size(rng: Random) -> int:
    """Log-normal, median 3.6: most people review a few products, a few review many."""
    while True:
        size = math.floor(math.exp(rng.gauss(math.log(4.35), 0.96)))
        if 1 <= size <= MOST_REVIEWS:
            return size


def affinity(person: Shopper, item: Item) -> float:
    """Liking of what the product is, about in [-3, 3]."""
    groups = sum(person.likings[group] * share for group, share in item.groups.items())
    texture_fit = person.likings["질감"] * (RICHNESS[item.texture] - 0.35)
    price_fit = person.likings["가격"] * math.log(item.price / 24000)
    return groups + texture_fit + price_fit


def balanced(
    people: Sequence[Shopper], items: Sequence[Item], fame: Mapping[str, float]
) -> dict[str, float]:
    """Offsets that make expected shares of the market follow `fame`, not mere breadth of appeal.

    Three fixed-point steps of the logit model's contraction (Berry, Levinsohn and Pakes 1995).
    """
    pulls = [[math.exp(KEENNESS * affinity(person, item)) for item in items] for person in people]
    scale = [1.0] * len(items)
    for _ in range(3):
        shares = [0.0] * len(items)
        for person, row in zip(people, pulls, strict=True):
            total = sum(map(mul, row, scale))
            for at, pull in enumerate(row):
                shares[at] += person.basket * pull * scale[at] / total
        mean = sum(shares) / len(shares)
        scale = [
            old * math.exp(fame[item.id]) * mean / share
            for old, item, share in zip(scale, items, shares, strict=True)
        ]
    return {item.id: math.log(value) for item, value in zip(items, scale, strict=True)}


def gumbel(rng: Random) -> float:
    return -math.log(-math.log(rng.random() or 1e-12))


def basket(
    rng: Random,
    person: Shopper,
    items: Sequence[Item],
    offsets: Mapping[str, float],
    fame: Mapping[str, float],
) -> list[Item]:
    """What the person bought, best loved first; a sixth of it by fame, without regard to taste."""

    def pull(item: Item) -> float:
        brand = 0.5 * (item.brand in person.brands)
        return KEENNESS * affinity(person, item) + brand + offsets[item.id] + gumbel(rng)

    ranked = sorted(items, key=pull, reverse=True)
    whims = sorted(items, key=lambda item: fame[item.id] + gumbel(rng), reverse=True)
    bought: list[Item] = []
    for loved, whim in zip(ranked, whims, strict=True):
        if len(bought) == person.basket:
            break
        choice = whim if rng.random() < 1 / 6 else loved
        bought += [choice] if choice not in bought else []
    return bought


@dataclass(frozen=True, slots=True)
class Row:
    """A review before its text; `effect` and `irritation` may be empty."""

    person: Shopper
    item: Item
    rating: int
    effect: str
    irritation: str
    first_of_brand: bool
    """The person reviews nothing else of this brand."""


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def irritation(rng: Random, person: Shopper, item: Item) -> str:
    """자극, 순해요 or 보통, as felt by this skin."""
    _, _, ground, slope = SKIN[person.skin]
    if rng.random() < sigmoid(ground + slope * item.irritants):
        return "자극"
    soothing = item.groups["시카"] + item.groups["판테놀"] + item.groups["곡물"]
    gentle = sigmoid(0.5 + 0.5 * soothing - 0.8 * item.irritants)
    return "순해요" if rng.random() < gentle else "보통"


def rate(
    rng: Random, person: Shopper, item: Item, quality: Mapping[str, float], stung: bool
) -> int:
    liked = 0.42 * max(-2.0, min(2.0, affinity(person, item) - 0.9))
    dud = 1.6 * (rng.random() < 0.05)
    felt = 4.15 + liked + quality[item.id] + person.mildness + rng.gauss(0, 0.75)
    return max(1, min(5, round(felt - dud - 1.2 * stung)))


def promise(item: Item) -> Mapping[str, float]:
    """Effect → how far the label promises it."""
    return {
        effect: sum(weight * item.groups[group] for group, weight in groups.items())
        for effect, groups in EFFECTS.items()
    }


def felt_effect(rng: Random, item: Item, rating: int, stung: bool) -> str:
    """An effect that the label promises, or none; who was irritated was not soothed."""
    silent = {5: 0.1, 4: 0.2, 3: 0.5, 2: 0.8, 1: 0.95}[rating]
    if rng.random() < silent:
        return ""
    likely = {effect: value**2 + 1e-3 for effect, value in promise(item).items()}
    return one_of(rng, likely | ({"진정": 0.0} if stung else {}))


def rows(rng: Random, items: Sequence[Item]) -> Iterable[Row]:
    """Every review's facts, person by person."""
    fame = {item.id: rng.gauss(0, 0.25) for item in items}
    quality = {item.id: rng.gauss(0, 0.22) for item in items}
    brands = sorted({item.brand for item in items})
    people = [shopper(rng, number, brands) for number in range(1, PEOPLE + 1)]
    offsets = balanced(people, items, fame)
    for person in people:
        bought = basket(rng, person, items, offsets, fame)
        for item in bought:
            skin_said = irritation(rng, person, item)
            rating = rate(rng, person, item, quality, skin_said == "자극")
            yield Row(
                person,
                item,
                rating,
                felt_effect(rng, item, rating, skin_said == "자극"),
                "" if skin_said != "자극" and rng.random() < 0.14 else skin_said,
                sum(other.brand == item.brand for other in bought) == 1,
            )
