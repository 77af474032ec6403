"""Makes `reviews.csv` and `pictures/*.png` again, bit for bit, from `products.csv`.

    python data/seed/make.py [reviews|pictures]

The reviews are SYNTHETIC. No person wrote them and no real product is meant. They are made so:

1. 800 invented people get a skin type, one or two tastes drawn by that skin type (PERSONAS), and
   likings of their own. A taste is a weight for each group of ingredients (GROUPS), for a rich or
   a light texture, and for the price.
2. What a person buys is drawn by utility: liking of the product's groups, love of a brand, the
   product's fame, and Gumbel noise, so that the choice is a softmax without replacement
   (Gumbel-top-k: Kool and others 2019, https://arxiv.org/abs/1903.06059). Part of every
   basket is bought by fame alone.
3. The rating follows the same liking, the product's quality, the person's mildness, noise, and
   whether the skin was irritated: skin type x irritants (alcohol, acids, retinoids, scent).
4. The text is composed from phrases that are true of the row: rating, effect, irritation, skin
   type, texture, scent, price, and ingredients that stand in the product's list. No two texts are
   the same once white space is taken out.

All chance comes from one `random.Random(SEED)` used in a fixed order. The pictures need Pillow.
"""

import csv
import io
import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import mul
from pathlib import Path
from random import Random
from typing import Any

HERE = Path(__file__).resolve().parent
SEED = 20240611
PEOPLE = 800
MOST_REVIEWS = 25
KEENNESS = 2.0
"""How sharply a liking decides what is bought."""
COLUMNS = ("product_id", "reviewer", "rating", "skin_type", "effect", "irritation", "text")

# --- what a product is made of ---------------------------------------------------------------

GROUPS: Mapping[str, tuple[int, str]] = {
    # group: (how many of its ingredients make a product fully of that group, the ingredients)
    "시카": (3, "병풀추출물 마데카소사이드 아시아티코사이드 마데카식애씨드 아시아틱애씨드"),
    "허브": (3, "티트리잎추출물 티트리잎오일 약모밀추출물 징크피씨에이 삼백초추출물 쑥잎추출물"),
    "히알루론산": (
        3,
        "소듐하이알루로네이트 하이드롤라이즈드하이알루로닉애씨드 소듐아세틸레이티드하이알루로네이트"
        " 하이알루로닉애씨드 소듐하이알루로네이트크로스폴리머 폴리글루타믹애씨드",
    ),
    "세라마이드": (
        3,
        "세라마이드엔피 세라마이드에이피 세라마이드엔에스 세라마이드이오피 콜레스테롤 피토스핑고신",
    ),
    "레티놀": (1, "레티놀 레틴알 바쿠치올"),
    "펩타이드": (
        3,
        "하이드롤라이즈드콜라겐 하이드롤라이즈드엘라스틴 팔미토일트라이펩타이드-1"
        " 팔미토일테트라펩타이드-7 아세틸헥사펩타이드-8 카퍼트라이펩타이드-1"
        " 팔미토일펜타펩타이드-4 팔미토일트라이펩타이드-5",
    ),
    "비타민": (
        2,
        "나이아신아마이드 아스코빅애씨드 3-O-에틸아스코빅애씨드 아스코빌글루코사이드"
        " 아스코빌테트라이소팔미테이트 트라넥사믹애씨드 알파-알부틴 글루타티온",
    ),
    "산": (
        1,
        "글라이콜릭애씨드 락틱애씨드 살리실릭애씨드 만델릭애씨드 글루코노락톤 락토바이오닉애씨드",
    ),
    "오일": (
        4,
        "스쿠알란 호호바씨오일 시어버터 아르간커넬오일 올리브오일 해바라기씨오일 마카다미아씨오일"
        " 스위트아몬드오일 포도씨오일 동백나무씨오일 로즈힙열매오일 아보카도오일 달맞이꽃오일"
        " 보리지씨오일 메도우폼씨오일 마룰라씨오일 녹차씨오일 살구씨오일 쌀겨오일 페트롤라툼",
    ),
    "발효": (
        2,
        "갈락토미세스발효여과물 비피다발효용해물 락토바실러스발효용해물 락토바실러스발효물"
        " 효모추출물 락토바실러스/쌀발효물 바실러스/소이빈발효추출물",
    ),
    "한방": (2, "인삼추출물 홍삼추출물 작약뿌리추출물 참당귀뿌리추출물 복령추출물 오미자추출물"),
    "곡물": (2, "쌀겨추출물 귀리커넬추출물 율무씨추출물 쌀겨오일"),
    "꽃": (
        2,
        "다마스크장미꽃수 라벤더추출물 라벤더오일 캐모마일꽃추출물 마트리카리아꽃추출물"
        " 무궁화꽃추출물 포트마리골드꽃추출물 다마스크장미꽃오일",
    ),
    "판테놀": (2, "판테놀 엑토인 베타-글루칸 비사보롤"),
    "향": (
        1,
        "향료 티트리잎오일 라벤더오일 베르가모트오일 오렌지껍질오일 로즈마리잎오일"
        " 센티드제라늄꽃오일 다마스크장미꽃오일 유칼립투스잎오일 페퍼민트오일 편백오일 유향나무오일",
    ),
}
MEMBERS = {group: tuple(names.split()) for group, (_, names) in GROUPS.items()}

IRRITANTS: Mapping[str, float] = {
    "에탄올": 1.2, "멘톨": 0.6, "글라이콜릭애씨드": 1.2, "락틱애씨드": 0.7,
    "살리실릭애씨드": 0.9, "만델릭애씨드": 0.7, "글루코노락톤": 0.25, "레티놀": 1.0,
    "레틴알": 1.2, "바쿠치올": 0.15, "아스코빅애씨드": 1.0, "향료": 0.5, "리모넨": 0.15,
    "리날룰": 0.15, "시트로넬올": 0.15, "제라니올": 0.15, "페퍼민트오일": 0.5, "티트리잎오일": 0.4,
    "라벤더오일": 0.4, "오렌지껍질오일": 0.4, "베르가모트오일": 0.4, "센티드제라늄꽃오일": 0.4,
    "유칼립투스잎오일": 0.4, "다마스크장미꽃오일": 0.3, "로즈마리잎오일": 0.3,
}  # fmt: skip

EFFECTS: Mapping[str, Mapping[str, float]] = {
    "보습": {"히알루론산": 1, "세라마이드": 1, "오일": 0.9, "곡물": 0.7, "판테놀": 0.4, "꽃": 0.25},
    "진정": {"시카": 1.1, "허브": 1, "판테놀": 0.6, "꽃": 0.3, "곡물": 0.2},
    "주름·미백": {"레티놀": 1.3, "펩타이드": 1.1, "비타민": 1.1, "한방": 0.8, "발효": 0.8, "산": 0.4},
}  # fmt: skip

# How rich each texture feels, 0 water to 1 balm.
RICHNESS: Mapping[str, float] = {
    "물": 0.0, "청량": 0.0, "안개": 0.0, "젤": 0.1, "산뜻": 0.2, "쫀쫀": 0.25, "층": 0.4,
    "밀키": 0.45, "부드": 0.55, "드라이": 0.6, "오일": 0.95, "꾸덕": 1.0,
}  # fmt: skip

GUMS = (
    "잔탄검", "카보머", "하이드록시에틸셀룰로오스", "스클레로튬검", "바이오사카라이드검-1",
    "암모늄아크릴로일다이메틸타우레이트/브이피코폴리머",
    "아크릴레이트/C10-30알킬아크릴레이트크로스폴리머",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """A product as its buyers feel it."""

    id: str
    brand: str
    name: str
    category: str
    price: int
    volume: int
    """Millilitres."""
    ingredients: tuple[str, ...]
    groups: Mapping[str, float]
    """Group → share in [0, 1]."""
    texture: str
    irritants: float
    """Sum of IRRITANTS in the list."""

    @property
    def noun(self) -> str:
        """What one calls it: the last word of its name."""
        return self.name.split()[-1]

    def has(self, name: str) -> bool:
        return name in self.ingredients


def strength(ingredients: Sequence[str], group: str) -> float:
    """In [0, 1]: how much of a group a label holds."""
    held = sum(name in ingredients for name in MEMBERS[group])
    return min(1.0, held / GROUPS[group][0])


def texture(category: str, name: str, ingredients: Sequence[str]) -> str:
    """A key of RICHNESS, read from the label."""
    butter, wax = "시어버터" in ingredients, "세테아릴알코올" in ingredients
    oily = strength(ingredients[:9], "오일") > 0 or "하이드로제네이티드레시틴" in ingredients
    match category:
        case "스킨/토너":
            thick = any(gum in ingredients for gum in GUMS)
            cool = "에탄올" in ingredients
            return "청량" if cool else "밀키" if oily else "쫀쫀" if thick else "물"
        case "에센스":
            return "밀키" if oily else "물" if name.endswith("에센스") else "젤"
        case "로션":
            return "꾸덕" if butter else "부드" if wax else "산뜻"
        case "크림":
            return "꾸덕" if butter else "부드" if wax else "젤"
        case _ if "정제수" not in ingredients:
            return "드라이" if ingredients[0].startswith(("다이카프릴릴", "코코-")) else "오일"
        case _:
            return "청량" if "에탄올" in ingredients else "층" if oily else "안개"


def read_items(text: str) -> tuple[Item, ...]:
    """The catalogue of `products.csv`, in its order."""
    return tuple(read_item(row) for row in csv.DictReader(io.StringIO(text)))


def read_item(row: Mapping[str, str]) -> Item:
    ingredients = tuple(row["ingredients"].split(", "))
    return Item(
        id=row["product_id"],
        brand=row["brand"],
        name=row["name"],
        category=row["category"],
        price=int(row["price"]),
        volume=int(row["volume"].removesuffix("ml")),
        ingredients=ingredients,
        groups={group: strength(ingredients, group) for group in GROUPS},
        texture=texture(row["category"], row["name"], ingredients),
        irritants=sum(IRRITANTS.get(name, 0.0) for name in ingredients),
    )


# --- people ----------------------------------------------------------------------------------

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
        size = math.floor(math.exp(rng.gauss(math.log(4.1), 0.98)))
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


# --- a review's facts ------------------------------------------------------------------------


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


def felt_effect(rng: Random, item: Item, rating: int) -> str:
    silent = {5: 0.1, 4: 0.2, 3: 0.5, 2: 0.8, 1: 0.95}[rating]
    if rng.random() < silent:
        return ""
    return one_of(rng, {effect: value**2 + 1e-3 for effect, value in promise(item).items()})


def rows(rng: Random, items: Sequence[Item]) -> Iterable[Row]:
    """Every review's facts, person by person."""
    fame = {item.id: rng.gauss(0, 0.35) for item in items}
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
                felt_effect(rng, item, rating),
                "" if skin_said != "자극" and rng.random() < 0.14 else skin_said,
                sum(other.brand == item.brand for other in bought) == 1,
            )


#@@PHRASES@@


def make_reviews(products: str) -> str:
    """The text of `reviews.csv` from the text of `products.csv`; pure."""
    rng = Random(SEED)
    seen: set[str] = set()
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for row in list(rows(rng, read_items(products))):
        table.writerow(
            (
                row.item.id, row.person.name, row.rating, row.person.skin, row.effect,
                row.irritation, fresh_text(rng, row, seen),
            )
        )  # fmt: skip
    return out.getvalue()


#@@PICTURES@@
