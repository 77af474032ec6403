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
        """What one calls it: the last word of its name (밤 alone would be the night)."""
        last = self.name.split()[-1]
        return "밤 크림" if last == "밤" else last

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


def felt_effect(rng: Random, item: Item, rating: int, stung: bool) -> str:
    """An effect that the label promises, or none; who was irritated was not soothed."""
    silent = {5: 0.1, 4: 0.2, 3: 0.5, 2: 0.8, 1: 0.95}[rating]
    if rng.random() < silent:
        return ""
    likely = {effect: value**2 + 1e-3 for effect, value in promise(item).items()}
    return one_of(rng, likely | ({"진정": 0.0} if stung else {}))


def rows(rng: Random, items: Sequence[Item]) -> Iterable[Row]:
    """Every review's facts, person by person."""
    fame = {item.id: rng.gauss(0, 0.34) for item in items}
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


# --- a review's words ------------------------------------------------------------------------
# A phrase may hold {slot} or {slot/particle}; the particle follows the final consonant. Every
# phrase ends in 해요체, so that cutting «요» makes it 반말.


def phrases(block: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in block.strip().splitlines())


USE: Mapping[str, tuple[str, ...]] = {
    "스킨/토너": phrases("""
        화장솜에 적셔 결 따라 닦아 써요.
        손에 덜어 두세 번 두드려 발라요.
        세안하고 제일 먼저 발라요.
        화장솜에 듬뿍 적셔 볼에 올려 두기도 해요."""),
    "에센스": phrases("""
        토너 다음에 두세 방울 발라요.
        크림 전에 얇게 펴 발라요.
        자기 전에 얼굴 전체에 발라요.
        아침저녁으로 거르지 않고 발라요."""),
    "로션": phrases("""
        아침에는 이것만 바르고 나가요.
        목까지 넉넉히 발라요.
        에센스 다음에 얇게 발라요.
        씻고 나와서 한 번 펌핑해 발라요."""),
    "크림": phrases("""
        자기 전에 도톰하게 올려요.
        아침에는 얇게, 밤에는 넉넉히 발라요.
        맨 마지막 단계에 발라요.
        볼과 입가에 한 번 더 덧발라요."""),
    "미스트": phrases("""
        사무실에 두고 수시로 뿌려요.
        세안하고 바로 뿌려요.
        화장하기 전에 한 번 뿌려요.
        가방에 넣고 다니며 뿌려요."""),
    "오일": phrases("""
        크림에 한 방울 섞어 써요.
        자기 전에 두 방울을 손에 비벼 눌러 발라요.
        볼 위주로 눌러 발라요.
        맨 마지막에 한 방울만 덧발라요."""),
}
WHY = phrases("""
    {skin} 피부라 늘 {it} 고르기가 어려웠어요.
    {skin} 피부라 {ing/이} 든 제품을 찾고 있었어요.
    {ing/이} 들어 있다고 해서 골랐어요.
    성분표에서 {ing/을} 보고 샀어요.
    {ing/과} {ing2/이} 같이 들어 있어서 사 봤어요.
    친구가 추천해 줘서 사 봤어요.
    {season}에 쓰려고 샀어요.
    전에 쓰던 {it/이} 떨어져서 바꿔 봤어요.
    할인할 때 사 두었다가 이제 열었어요.
    언니가 쓰는 걸 보고 따라 샀어요.
    {it} 유목민이라 이것저것 써 보는 중이에요.""")
FIRST = phrases("""
    {brand} 제품은 이번이 처음이에요.
    {brand/은} 처음 써 봐요.""")
WHILE = phrases("""
    {term} 정도 써 봤어요.
    {term} 동안 꾸준히 썼어요.
    {term}째 쓰고 있어요.
    {season} 내내 썼어요.
    한 통을 거의 다 비웠어요.""")
AGAIN = phrases("""
    두 개째 쓰고 있어요.
    다 쓰고 다시 샀어요.
    샘플로 먼저 써 보고 샀어요.
    {term} 쓰고 나서 후기 남겨요.""")
TERMS = ("3주", "한 달", "한 달 반", "두 달", "석 달")

FEEL: Mapping[str, tuple[str, ...]] = {
    "물": phrases("""
        물처럼 가볍게 스며요.
        찰랑한 물 제형이라 금방 흡수돼요.
        여러 번 겹쳐 발라도 밀리지 않아요.
        끈적임이 하나도 없어요."""),
    "청량": phrases("""
        닿는 순간 시원해요.
        쓰고 나면 산뜻하게 말라요.
        번들거림이 싹 정리돼요.
        더운 날에 쓰면 개운해요."""),
    "안개": phrases("""
        입자가 고와서 물방울이 안 맺혀요.
        안개처럼 곱게 뿌려져요.
        화장 위에 뿌려도 들뜨지 않아요.
        넓게 퍼져서 두 번이면 충분해요."""),
    "층": phrases("""
        물처럼 뿌려지는데 얇게 윤이 남아요.
        물만 뿌린 것과 달리 윤기가 돌아요.
        맹물만 뿌리는 것보다 든든해요.
        흔들어서 뿌리면 결이 부드러워져요."""),
    "젤": phrases("""
        젤 제형이라 시원하게 펴져요.
        탱글한 젤이 금방 녹아들어요.
        끈적임 없이 쏙 스며요.
        무겁지 않아서 덧발라도 괜찮아요."""),
    "산뜻": phrases("""
        묽고 산뜻해서 금방 흡수돼요.
        유분감이 적어서 가벼워요.
        바르고 바로 화장해도 안 밀려요.
        더운 날에 발라도 답답하지 않아요."""),
    "쫀쫀": phrases("""
        쫀쫀한데 끈적이지는 않아요.
        살짝 점성이 있어서 손에서 흐르지 않아요.
        두드리면 쫀득하게 붙어요.
        묽지 않아서 얼굴에 착 감겨요."""),
    "밀키": phrases("""
        우윳빛 제형이 부드럽게 펴져요.
        묽은 우유처럼 발려요.
        바르면 얇게 윤이 나요.
        가벼운데도 든든하게 감싸 줘요."""),
    "부드": phrases("""
        부드럽게 발리고 겉돌지 않아요.
        너무 무겁지도 가볍지도 않아요.
        손에서 잘 녹아 펴 바르기 쉬워요.
        바르고 나면 결이 보들보들해요."""),
    "드라이": phrases("""
        기름진 느낌 없이 보송하게 마무리돼요.
        가벼운 제형이라 금방 스며요.
        번들거림이 오래 안 가요.
        손에 남는 느낌이 적어요."""),
    "오일": phrases("""
        두 방울이면 얼굴 전체에 충분해요.
        눌러 바르면 은은하게 윤이 나요.
        손으로 데워 바르면 금방 녹아들어요.
        건조한 날에 든든해요."""),
    "꾸덕": phrases("""
        꾸덕한데 체온에 닿으면 녹아요.
        밀도가 높아서 조금만 발라도 충분해요.
        한 겹 덮어 주는 느낌이 든든해요.
        쫀득해서 바람 부는 날에 좋아요."""),
}
HEAVY = phrases("""
    {skin} 피부에는 좀 무거워요.
    시간이 지나면 번들거려요.
    흡수가 느려서 겉도는 느낌이에요.
    낮에 쓰기에는 유분이 많아요.
    화장 전에 쓰면 밀려요.""")
THIN = phrases("""
    {skin} 피부에는 보습이 모자라요.
    금방 말라서 자꾸 덧바르게 돼요.
    조금만 지나면 다시 당겨요.
    이것만 쓰면 건조해요.
    겨울에는 혼자 쓰기 어렵겠어요.""")

DONE: Mapping[str, tuple[str, ...]] = {
    "보습": phrases("""
        다음 날 아침까지 속이 안 당겨요.
        에어컨 바람을 오래 쐬어도 덜 건조해요.
        세안하고 당기던 느낌이 없어졌어요.
        볼에 일어나던 각질이 줄었어요.
        화장이 들뜨지 않을 만큼 촉촉해요.
        하루 종일 촉촉해요.
        속건조가 확실히 줄었어요.
        입가가 덜 당겨요.
        푸석하던 볼이 촉촉해졌어요.
        저녁까지 촉촉함이 남아 있어요."""),
    "진정": phrases("""
        볼의 붉은 기가 가라앉았어요.
        예민해진 날에 쓰면 편안해요.
        열이 오른 얼굴이 금방 차분해져요.
        턱에 올라온 것이 덜 빨개졌어요.
        햇볕을 오래 쬔 날에 쓰니 화끈거림이 덜해요.
        마스크에 쓸린 자리가 편해졌어요.
        뒤집어졌던 피부가 차분해졌어요.
        자주 붉어지던 코 옆이 잠잠해졌어요."""),
    "탄력": phrases("""
        눈가 잔주름이 덜 도드라져요.
        볼에 탄력이 붙은 느낌이에요.
        얼굴선이 탱탱해진 느낌이에요.
        이마 잔주름이 조금 옅어졌어요.
        아침에 거울을 보면 볼이 덜 처져 보여요.
        베개 자국이 빨리 없어져요."""),
    "톤": phrases("""
        칙칙하던 톤이 맑아졌어요.
        잡티 자국이 조금 옅어졌어요.
        안색이 환해 보인다는 말을 들었어요.
        얼룩덜룩하던 볼이 고르게 밝아졌어요.
        피부가 한결 투명해 보여요.
        여드름 자국이 전보다 흐려졌어요."""),
    "윤기": phrases("""
        피부에 윤기가 돌고 주름이 덜 보여요.
        거칠던 결이 매끈해지고 안색이 살아나요.
        푸석하던 얼굴에 생기가 돌고 톤이 밝아졌어요.
        눈가 잔주름이 덜 보이고 결이 고와졌어요.
        안색이 맑아지고 광이 은은하게 나요.
        탄력이 생기고 결이 매끈해진 느낌이에요."""),
}
UNDONE: Mapping[str, tuple[str, ...]] = {
    "보습": phrases("""
        보습을 기대했는데 잘 모르겠어요.
        촉촉함이 오래가지 않아요.
        바를 때만 촉촉하고 금방 사라져요."""),
    "진정": phrases("""
        진정 효과는 잘 모르겠어요.
        붉은 기는 그대로예요.
        진정을 기대했는데 큰 차이가 없어요."""),
    "주름·미백": phrases("""
        피부 톤은 그대로예요.
        주름이나 톤이 달라진 건 모르겠어요.
        오래 써야 하는지 아직 변화가 없어요."""),
}
SLOW = phrases("""
    효과는 천천히 나타나는 편이에요.
    처음 한두 주는 차이를 몰랐어요.
    꾸준히 써야 차이가 보여요.
    하루만 걸러도 차이가 나요.""")
SMOOTH = phrases("""
    각질이 정돈돼서 결이 매끈해요.
    오돌토돌하던 이마가 매끄러워졌어요.
    코 옆 각질이 깔끔해졌어요.""")
MATTE = phrases("""
    피지가 덜 올라와서 오후에도 깔끔해요.
    티존 번들거림이 줄었어요.
    코 주변 모공이 한결 깨끗해 보여요.""")
GENTLE = phrases("""
    따갑지 않고 순해요.
    눈가까지 써도 괜찮아요.
    예민한 날에도 순해서 편해요.
    자극이 하나도 없어요.
    쓰고 나서 가렵거나 붉어지지 않아요.
    매일 써도 자극이 없어요.""")
FAIR = phrases("""
    자극은 무난한 편이에요.
    아주 순하지는 않아도 따갑지는 않아요.
    자극은 딱 보통이에요.""")
PRICKLE = phrases("""
    처음 며칠은 따끔했어요.
    쓸 때 살짝 따끔하지만 금방 가라앉아요.
    매일 쓰면 따가워서 이틀에 한 번만 써요.
    {irr} 때문인지 조금 따끔해요.""")
ITCH = phrases("""
    며칠 쓰니 볼이 조금 붉어졌어요.
    조금 화끈거려서 양을 줄였어요.
    매일 쓰면 따가워서 이틀에 한 번만 써요.
    쓸 때마다 조금 따끔거려요.
    {skin} 피부에는 조금 자극적이에요.
    {irr} 때문인지 조금 따가워요.""")
STING = phrases("""
    쓰자마자 따가웠어요.
    볼이 빨갛게 달아올랐어요.
    며칠 쓰니 얼굴이 화끈거렸어요.
    턱에 오돌토돌 올라왔어요.
    가려워서 씻어 냈어요.
    {irr} 때문인지 따가워요.
    {irr/이} 들어 있어서 그런지 얼굴이 달아올라요.
    {skin} 피부에는 자극이 심했어요.""")
AROMA = phrases("""
    향이 은은해서 쓸 때 기분이 좋아요.
    향이 과하지 않고 은은해요.
    {aroma} 향이 은은하게 남아요.
    {aroma} 향을 맡으면 마음이 편해져요.""")
REEK = phrases("""
    향이 생각보다 진해요.
    향이 오래 남아서 부담스러워요.
    향만 조금 약했으면 좋겠어요.
    {aroma} 향이 제법 강해요.""")
ALCOHOL = phrases("""
    쓸 때 알코올 냄새가 확 올라와요.
    알코올 향이 먼저 느껴져요.""")
PLAIN = phrases("""
    향료가 안 들어 있어서 마음에 들어요.
    향료가 없어서 다른 화장품과 겹쳐 써도 편해요.""")
CHEAP = phrases("""
    이 가격에 이 정도면 훌륭해요.
    값이 착해서 아낌없이 써요.
    {price}원대라 부담 없이 써요.""")
LARGE = phrases("""
    {volume}ml라 넉넉하게 써요.
    양이 많아서 오래 써요.""")
DEAR = phrases("""
    가격이 조금 부담돼요.
    {price}원이 넘는 값을 생각하면 아쉬워요.
    비싸서 자주 사기는 어려워요.""")
SMALL = phrases("""
    {volume}ml라 금방 바닥나요.
    양이 적어서 아껴 써야 해요.""")
PACK: Mapping[str, tuple[str, ...]] = {
    "스킨/토너": phrases("""
        입구가 넓어서 한 번에 많이 나와요.
        뚜껑이 잘 헐거워져요.
        쓰다 보면 병 입구에 내용물이 말라붙어요."""),
    "에센스": phrases("""
        스포이트로 양을 맞추기가 어려워요.
        병이 미끄러워서 조심해야 해요.
        스포이트에 늘 조금씩 남아요."""),
    "로션": phrases("""
        펌프가 뻑뻑해요.
        끝까지 짜 쓰기가 어려워요.
        한 번 누르면 양이 좀 많이 나와요."""),
    "크림": phrases("""
        손으로 떠야 해서 조금 번거로워요.
        뚜껑 둘레에 크림이 자꾸 묻어요.
        주걱이 들어 있지 않아서 아쉬워요."""),
    "미스트": phrases("""
        분사 버튼이 뻑뻑해요.
        가방 안에서 조금 새요.
        한 번 누르면 한곳에 몰려 나올 때가 있어요."""),
    "오일": phrases("""
        스포이트 둘레로 오일이 흘러요.
        병 입구가 금방 미끄러워져요.
        한 방울씩 떨어뜨리기가 쉽지 않아요."""),
}
VERDICT: Mapping[int, tuple[str, ...]] = {
    5: phrases("""
        다 쓰면 또 살 거예요.
        찾던 {it/을} 드디어 만났어요.
        주변에도 권하고 있어요.
        {it/은} 당분간 이것만 쓸 거예요.
        {skin}인 친구에게도 알려 줬어요.
        떨어지기 전에 하나 더 주문했어요.
        {name}, 잘 샀다 싶어요.
        별 다섯 개가 안 아까워요.
        가족이 다 같이 쓰고 있어요.
        손이 제일 먼저 가는 {it/이에요}.
        {brand} 다른 제품도 궁금해졌어요."""),
    4: phrases("""
        전체로 보면 만족해요.
        무난하게 손이 자주 가요.
        다음에도 살 것 같아요.
        이 정도면 잘 산 것 같아요.
        꾸준히 써 볼 생각이에요.
        {skin} 피부에 잘 맞는 편이에요.
        기대보다 괜찮은 {it/이에요}."""),
    3: phrases("""
        나쁘지는 않은데 또 살지는 모르겠어요.
        그냥 무난해요.
        특별한 점은 없어요.
        있으니까 쓰는 정도예요.
        좋고 싫은 점이 반반이에요.
        평범한 {it/이에요}."""),
    2: phrases("""
        다시 사지는 않을 것 같아요.
        기대에 못 미쳤어요.
        {me}한테는 안 맞았어요.
        {skin} 피부와는 안 맞는 것 같아요.
        반도 못 쓰고 동생에게 줬어요.
        {ing/을} 보고 샀는데 아쉬워요.
        {it/은} 다른 걸로 바꿀 거예요."""),
    1: phrases("""
        결국 못 쓰고 버렸어요.
        돈이 아까워요.
        며칠 쓰다가 그만뒀어요.
        {skin} 피부라면 말리고 싶어요.
        다시는 안 살 거예요.
        {ing} 때문에 기대했는데 실망이에요.
        {name/은} {me}한테 최악이었어요."""),
}

# What people call an ingredient, where it is not the label's name.
SPOKEN: Mapping[str, str] = {
    "병풀추출물": "병풀", "티트리잎추출물": "티트리", "약모밀추출물": "어성초", "쑥잎추출물": "쑥",
    "소듐하이알루로네이트": "히알루론산", "세라마이드엔피": "세라마이드", "레틴알": "레티날",
    "하이드롤라이즈드콜라겐": "콜라겐", "아스코빅애씨드": "순수 비타민C",
    "3-O-에틸아스코빅애씨드": "비타민C 유도체", "아스코빌글루코사이드": "비타민C 유도체",
    "살리실릭애씨드": "살리실산", "글라이콜릭애씨드": "글라이콜산", "락틱애씨드": "젖산",
    "만델릭애씨드": "만델산", "락토바이오닉애씨드": "락토바이온산",
    "트라넥사믹애씨드": "트라넥삼산", "갈락토미세스발효여과물": "갈락토미세스",
    "비피다발효용해물": "비피다 발효물", "효모추출물": "효모", "인삼추출물": "인삼",
    "홍삼추출물": "홍삼", "참당귀뿌리추출물": "당귀", "작약뿌리추출물": "작약",
    "쌀겨추출물": "쌀겨", "율무씨추출물": "율무", "락토바실러스발효용해물": "유산균 발효물", "귀리커넬추출물": "귀리", "다마스크장미꽃수": "장미수",
    "캐모마일꽃추출물": "캐모마일", "라벤더추출물": "라벤더", "동백나무씨오일": "동백오일",
    "로즈힙열매오일": "로즈힙오일", "카퍼트라이펩타이드-1": "카퍼 펩타이드",
    "에탄올": "알코올",
}  # fmt: skip
# Never named in a review: nobody buys for them.
UNSAID = {
    "하이드롤라이즈드하이알루로닉애씨드", "소듐아세틸레이티드하이알루로네이트", "하이알루로닉애씨드",
    "소듐하이알루로네이트크로스폴리머", "세라마이드에이피", "세라마이드엔에스", "세라마이드이오피",
    "피토스핑고신", "하이드롤라이즈드엘라스틴", "아스코빌테트라이소팔미테이트", "페트롤라툼",
    "락토바실러스/쌀발효물", "바실러스/소이빈발효추출물", "락토바실러스발효물", "폴리글루타믹애씨드",
    "팔미토일트라이펩타이드-1", "팔미토일테트라펩타이드-7", "아세틸헥사펩타이드-8",
    "팔미토일펜타펩타이드-4", "팔미토일트라이펩타이드-5", "무궁화꽃추출물", "포트마리골드꽃추출물",
    "삼백초추출물", "메도우폼씨오일", "살구씨오일",
}  # fmt: skip
AROMAS = {"라벤더오일": "라벤더", "다마스크장미꽃오일": "장미", "티트리잎오일": "티트리",
          "페퍼민트오일": "박하"}  # fmt: skip
FINALS: Mapping[str, Sequence[str]] = {"은": "은는", "이": "이가", "을": "을를", "과": "과와", "이에요": ("이에요", "예요")}
DIGITS_WITH_FINAL = "013678"


def particle(word: str, kind: str) -> str:
    """`word` with 은/는, 이/가, 을/를, 과/와 or 이에요/예요 after it."""
    last = word[-1]
    if last.isdigit():
        closed = last in DIGITS_WITH_FINAL
    elif "가" <= last <= "힣":
        closed = (ord(last) - ord("가")) % 28 > 0
    else:
        closed = last.upper() in "LMNR"
    return word + FINALS[kind][0 if closed else 1]


def spoken(name: str) -> str:
    return SPOKEN.get(name, name)


def notable(item: Item) -> list[str]:
    """Spoken names of what the product is bought for, from its strongest groups."""
    strong = [
        group for group, share in item.groups.items() if share >= 0.5 and group not in ("향", "오일")
    ]
    if item.texture in ("오일", "꾸덕") or not strong:
        strong.append("오일")
    names = [name for group in strong for name in MEMBERS[group]]
    held = [spoken(name) for name in names if item.has(name) and name not in UNSAID]
    return list(dict.fromkeys(held))


def cause(rng: Random, row: Row) -> str | None:
    """Spoken name of an ingredient that may well stand behind the effect."""
    groups = EFFECTS.get(row.effect, {})
    behind = {
        spoken(name) for group, weight in groups.items() if weight >= 0.6 for name in MEMBERS[group]
    }
    likely = [name for name in notable(row.item) if name in behind]
    return rng.choice(likely) if likely else None


def worst_irritant(item: Item) -> str | None:
    held = [name for name in item.ingredients if IRRITANTS.get(name, 0) >= 0.5]
    return spoken(max(held, key=lambda name: IRRITANTS[name])) if held else None


def form(item: Item) -> str:
    """The category, a mist told from an oil."""
    if item.category != "미스트/오일":
        return item.category
    return "미스트" if item.has("정제수") else "오일"


def slots(rng: Random, row: Row) -> dict[str, str | None]:
    """What may stand in a phrase; None where this product has nothing of the kind."""
    names = notable(row.item)
    pair = rng.sample(names, min(2, len(names)))
    aromas = [aroma for oil, aroma in AROMAS.items() if row.item.has(oil)]
    warm = RICHNESS[row.item.texture] < 0.3
    price = row.item.price
    return {
        "skin": row.person.skin,
        "it": row.item.noun,
        "name": row.item.name,
        "brand": row.item.brand,
        "ing": pair[0] if pair else None,
        "ing2": pair[1] if len(pair) > 1 else None,
        "cause": cause(rng, row),
        "irr": worst_irritant(row.item),
        "aroma": aromas[0] if aromas else None,
        "term": rng.choice(TERMS),
        "season": rng.choice(("봄", "여름", "초가을") if warm else ("가을", "겨울", "환절기")),
        "volume": str(row.item.volume),
        "price": f"{price // 10000}만 " if price >= 10000 else f"{price // 1000}천 ",
        "me": "나" if row.person.casual else "저",
    }


SLOT = re.compile(r"\{(\w+)(?:/(\w+))?\}")


def filled(template: str, values: Mapping[str, str | None]) -> str:
    def put(found: re.Match[str]) -> str:
        word = values[found[1]] or ""
        return particle(word, found[2]) if found[2] else word

    return SLOT.sub(put, template)


def fits(template: str, values: Mapping[str, str | None]) -> bool:
    return all(values[slot] is not None for slot, _ in SLOT.findall(template))


def casual(sentence: str) -> str:
    """해요체 → 반말."""
    body = sentence[:-1]
    for polite, plain in (("이에요", "이야"), ("예요", "야"), ("요", "")):
        if body.endswith(polite):
            return body.removesuffix(polite) + plain + sentence[-1]
    return sentence


Aspect = tuple[str, float, tuple[str, ...]]
"""Its name, its weight, and the phrases that say it."""


def good_points(row: Row) -> list[Aspect]:
    """What this row allows a reviewer to praise."""
    item, skin = row.item, row.person.skin
    oily = skin in ("지성", "복합성")
    points: list[tuple[bool, Aspect]] = [
        (True, ("feel", 2.0, FEEL[item.texture])),
        (bool(row.effect), ("effect", 5.0, done(row))),
        (row.irritation == "순해요", ("irritation", 1.6, GENTLE)),
        (row.irritation == "보통", ("irritation", 0.4, FAIR)),
        (item.groups["산"] > 0, ("polish", 1.5, SMOOTH)),
        (oily and item.groups["산"] + item.groups["허브"] > 0.5, ("sebum", 1.2, MATTE)),
        (item.groups["향"] > 0, ("scent", 0.9, AROMA)),
        (item.groups["향"] == 0, ("scent", 0.5, PLAIN)),
        (item.price <= 17000, ("price", 0.8, CHEAP)),
        (item.volume >= 200, ("volume", 0.6, LARGE)),
    ]
    return [aspect for allowed, aspect in points if allowed]


def done(row: Row) -> tuple[str, ...]:
    """How the effect shows; 주름·미백 by what the product holds."""
    if row.effect != "주름·미백":
        return DONE.get(row.effect, ())
    groups = row.item.groups
    kinds = {
        "탄력": groups["레티놀"] + groups["펩타이드"],
        "톤": groups["비타민"] + 0.3 * groups["산"],
        "윤기": groups["한방"] + groups["발효"] + 0.01,
    }
    return DONE[max(kinds, key=lambda kind: kinds[kind])]


def bad_points(row: Row) -> list[Aspect]:
    """What this row allows a reviewer to complain of; never empty."""
    item, skin, rich = row.item, row.person.skin, RICHNESS[row.item.texture]
    heavy = rich >= 0.4 if skin in ("지성", "복합성") else rich >= 0.9 and skin == "중성"
    thin = rich <= 0.25 and skin in ("건성", "악건성", "민감성") and row.effect != "보습"
    hoped = max(promise(item).items(), key=lambda pair: pair[1])[0]
    sting = PRICKLE if row.rating >= 4 else ITCH if row.rating == 3 else STING
    points: list[tuple[bool, Aspect]] = [
        (row.irritation == "자극", ("irritation", 12.0, sting)),
        (heavy, ("feel", 2.5, HEAVY)),
        (thin, ("feel", 2.5, THIN)),
        (not row.effect and row.rating <= 3, ("effect", 2.5, UNDONE[hoped])),
        (item.groups["향"] > 0, ("scent", 1.0, REEK)),
        (item.has("에탄올"), ("alcohol", 1.0, ALCOHOL)),
        (item.price >= 36000, ("price", 1.2, DEAR)),
        (item.volume <= 30, ("volume", 0.7, SMALL)),
        (bool(row.effect) and row.rating >= 3, ("pace", 1.0, SLOW)),
        (True, ("pack", 0.5, PACK[form(item)])),
    ]
    return [aspect for allowed, aspect in points if allowed]


def background(row: Row) -> tuple[str, ...]:
    """How the reviewer came to it. Who soon gave up does not tell of months."""
    known = FIRST if row.first_of_brand else ()
    long = (*WHILE, *USE[form(row.item)]) if row.rating >= 3 else ()
    return (*WHY, *known, *long, *(AGAIN if row.rating >= 4 else ()))


PLANS: Mapping[int, tuple[str, ...]] = {
    # b background, + praise, - complaint, ~ complaint after «다만», ! praise after «그래도», v verdict
    5: ("b+v", "++v", "b++", "+v", "++", "v+", "+b+"),
    4: ("b+~", "+~", "++", "b+v", "+v", "++~", "++v", "b++"),
    3: ("+~", "+~v", "b-v", "-!", "-v", "b+~", "-!v"),
    2: ("b-v", "--v", "-v", "--"),
    1: ("b-v", "--v", "-v", "--"),
}


def compose(rng: Random, row: Row) -> str:
    """One to three sentences that are true of the row."""
    values = slots(rng, row)
    told: set[str] = set()
    sentences: list[str] = []

    def choose(bank: Sequence[str]) -> str:
        return filled(rng.choice([line for line in bank if fits(line, values)]), values)

    def point(points: list[Aspect], praise: bool) -> str | None:
        """A point of an aspect not told yet; None where there is none left."""
        fresh = {name: weight for name, weight, _ in points if name not in told}
        if not fresh:
            return None
        name = one_of(rng, fresh)
        told.add(name)
        line = choose(next(bank for aspect, _, bank in points if aspect == name))
        return led(rng, name, line, values) if praise else line

    for step in rng.choice(PLANS[row.rating]):
        match step:
            case "b":
                line: str | None = choose(background(row))
            case "v":
                line = choose(VERDICT[row.rating])
            case "+" | "!":
                line = point(good_points(row), praise=True)
            case _:
                line = point(bad_points(row), praise=False)
        turn = {"~": rng.choice(("다만 ", "그런데 ", "다만 ")), "!": "그래도 "}.get(step, "")
        sentences += [turn + line] if line else []
    if row.person.casual:
        sentences = [casual(line) for line in sentences]
    if row.rating == 5 and rng.random() < 0.25:
        sentences[-1] = sentences[-1][:-1] + "!"
    return " ".join(sentences)


def led(rng: Random, aspect: str, line: str, values: Mapping[str, str | None]) -> str:
    """The sentence, at times led by its subject, the skin or an ingredient."""
    chance = rng.random()
    if aspect == "feel" and chance < 0.3:
        return filled("이 {it/은} " if chance < 0.22 else "{name/은} ", values) + line
    if aspect == "effect" and chance < 0.3 and values["cause"]:
        lead = "{cause} 덕분인지 " if chance < 0.2 else "{cause/이} 들어서 그런지 "
        return filled(lead, values) + line
    if aspect in ("effect", "irritation") and chance > 0.85 and "피부" not in line:
        return filled("{skin} 피부인데 ", values) + line
    return line


def repeats(text: str, row: Row) -> bool:
    """Whether a word stands twice that a person would say once."""
    once = (row.person.skin, row.item.name, "때문인지", "그런지", "덕분인지", *notable(row.item))
    return any(text.count(word) > 1 for word in once)


def fresh_text(rng: Random, row: Row, seen: set[str]) -> str:
    """A text that nobody wrote yet; `seen` holds texts without white space and is added to."""
    for _ in range(1000):
        text = compose(rng, row)
        key = "".join(text.split())
        if key not in seen and not repeats(text, row):
            seen.add(key)
            return text
    message = f"no new text for {row.item.id} by {row.person.name}"
    raise RuntimeError(message)


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


# --- pictures --------------------------------------------------------------------------------

SIDE = 400
FINE = 3
"""Drawn this much larger, then made smaller: that smooths the edges."""

Colour = tuple[int, int, int]
Point = tuple[float, float]
WHITE: Colour = (255, 255, 255)

BRANDS: Mapping[str, tuple[str, str, str]] = {
    # brand: (background, body, ink)
    "초록서랍": ("e6f0e4", "a9c9a4", "3f6b4a"),
    "더마노크": ("e4ecf3", "f7fafc", "3b5f86"),
    "온새결": ("f0ece4", "fbf8f2", "8a7355"),
    "물비늘연구소": ("dff0f4", "b4dde8", "2a7391"),
    "하늬담": ("f3e6dd", "8c3f3a", "e7c58f"),
    "벨루나레": ("ece4ee", "4d3a5e", "d9b98a"),
    "세라누보": ("ebe9f4", "c9c4e4", "5a5193"),
    "오르벨린": ("fbf1dc", "f6cf7d", "b86a1c"),
    "이슬다락": ("fbe7ea", "f5bcc5", "b9506a"),
    "피토라움": ("ebe7f3", "b7a6d3", "5c4486"),
    "미르노아": ("e7ebeb", "3d4a50", "9fd3c7"),
    "달여울": ("e8e6df", "6b5b4b", "ecdcb8"),
    "쌀뜨락": ("f6f1e3", "fffdf6", "a3884d"),
    "살결서재": ("efefed", "ffffff", "6f7472"),
}
EMBLEMS = (
    "레티놀", "산", "한방", "발효", "비타민", "펩타이드", "곡물", "꽃", "허브", "시카", "세라마이드",
    "히알루론산", "판테놀", "오일",
)  # fmt: skip


def colour(code: str) -> Colour:
    return int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """`share` in [0, 1] of `other` in `one`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


class Pen:
    """Draws flat shapes in a square of 400 units."""

    def __init__(self, background: Colour) -> None:
        from PIL import Image, ImageDraw  # noqa: PLC0415 - the reviews need no Pillow

        self._image = Image.new("RGB", (SIDE * FINE, SIDE * FINE), background)
        self._draw: Any = ImageDraw.Draw(self._image)

    def disc(self, x: float, y: float, r: float, fill: Colour, flat: float = 1.0) -> None:
        """A circle, or an ellipse `flat` times as high as wide."""
        box = [(x - r) * FINE, (y - r * flat) * FINE, (x + r) * FINE, (y + r * flat) * FINE]
        self._draw.ellipse(box, fill=fill)

    def ring(self, x: float, y: float, r: float, ink: Colour, width: float) -> None:
        box = [(x - r) * FINE, (y - r) * FINE, (x + r) * FINE, (y + r) * FINE]
        self._draw.ellipse(box, outline=ink, width=round(width * FINE))

    def block(
        self, left: float, top: float, right: float, bottom: float, fill: Colour, r: float = 0
    ) -> None:
        box = [left * FINE, top * FINE, right * FINE, bottom * FINE]
        self._draw.rounded_rectangle(box, radius=r * FINE, fill=fill)

    def shape(self, points: Iterable[Point], fill: Colour) -> None:
        self._draw.polygon([(x * FINE, y * FINE) for x, y in points], fill=fill)

    def line(self, points: Iterable[Point], ink: Colour, width: float) -> None:
        scaled = [(x * FINE, y * FINE) for x, y in points]
        self._draw.line(scaled, fill=ink, width=round(width * FINE), joint="curve")

    def png(self) -> bytes:
        from PIL import Image  # noqa: PLC0415

        small = self._image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        few = small.quantize(64, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        out = io.BytesIO()
        few.save(out, "PNG", optimize=True)
        return out.getvalue()


def drop(x: float, y: float, r: float) -> list[Point]:
    """A drop of water around (x, y), its tip up."""
    turn = [math.pi * step / 30 for step in range(61)]
    return [
        (x + r * math.sin(a) * math.sin(a / 2) ** 1.3, y - r * 1.25 * math.cos(a)) for a in turn
    ]


def leaf(x: float, y: float, r: float, angle: float, wide: float = 0.42) -> list[Point]:
    """A pointed leaf that starts at (x, y) and is `r` long; angle in radians from upright."""
    out: list[Point] = []
    for step in range(41):
        a = math.pi * 2 * step / 40
        along, across = r * (1 - math.cos(a)) / 2, wide * r * math.sin(a) * math.sin(a / 2) ** 0.6
        out.append(
            (
                x + along * math.sin(angle) + across * math.cos(angle),
                y - along * math.cos(angle) + across * math.sin(angle),
            )
        )
    return out


def polygon(x: float, y: float, r: float, corners: int, angle: float = 0.0) -> list[Point]:
    turns = [angle + 2 * math.pi * corner / corners for corner in range(corners)]
    return [(x + r * math.sin(turn), y - r * math.cos(turn)) for turn in turns]


def emblem(pen: Pen, group: str, x: float, y: float, r: float, ink: Colour, paper: Colour) -> None:
    """A sign for the group of ingredients that leads, inside the circle (x, y, r)."""
    soft = mixed(paper, ink, 0.45)
    match group:
        case "시카":
            for turn in (-1.15, 0.0, 1.15):
                dx, dy = 0.5 * r * math.sin(turn), 0.5 * r * math.cos(turn)
                pen.disc(x + dx, y - 0.1 * r - dy, 0.48 * r, ink)
            pen.line([(x, y), (x, y + r)], ink, r * 0.14)
        case "허브":
            for turn in (-0.75, 0.75):
                pen.shape(leaf(x, y + 0.7 * r, 1.35 * r, turn), soft)
            pen.shape(leaf(x, y + 0.8 * r, 1.8 * r, 0.0, 0.3), ink)
        case "히알루론산":
            pen.shape(drop(x, y, 0.9 * r), ink)
            pen.disc(x - 0.25 * r, y + 0.5 * r, 0.16 * r, paper)
        case "세라마이드":
            for dx, dy, tint in ((-0.46, -0.4, ink), (0.46, -0.4, soft), (0.0, 0.4, ink)):
                pen.shape(polygon(x + dx * r, y + dy * r, 0.48 * r, 6), tint)
        case "레티놀":
            pen.disc(x, y, 0.9 * r, ink)
            pen.disc(x + 0.42 * r, y - 0.22 * r, 0.75 * r, paper)
        case "펩타이드":
            spots = [(x + dx * r, y + dy * r) for dx, dy in ZIGZAG]
            pen.line(spots, soft, r * 0.14)
            for at, (dx, dy) in enumerate(spots):
                pen.disc(dx, dy, (0.27 if at % 2 else 0.2) * r, ink)
        case "비타민":
            pen.disc(x, y, 0.95 * r, ink)
            pen.disc(x, y, 0.78 * r, paper)
            for turn in range(8):
                angle = math.pi * turn / 4 + 0.39
                tip = (x + 0.1 * r * math.sin(angle), y - 0.1 * r * math.cos(angle))
                side = [polygon(x, y, 0.68 * r, 1, angle + d)[0] for d in (-0.3, -0.1, 0.1, 0.3)]
                pen.shape([tip, *side], ink)
        case "산":
            pen.shape(star(x, y, r), ink)
            pen.shape(star(x + 0.75 * r, y - 0.65 * r, 0.35 * r), soft)
        case "발효":
            for dx, dy, size in ((-0.25, 0.3, 0.55), (0.5, -0.1, 0.34), (-0.1, -0.65, 0.24)):
                pen.disc(x + dx * r, y + dy * r, size * r, ink)
            pen.disc(x - 0.42 * r, y + 0.12 * r, 0.13 * r, paper)
        case "한방":
            pen.shape(polygon(x, y, r, 4), ink)
            pen.shape(polygon(x, y, 0.74 * r, 4), paper)
            pen.shape(polygon(x, y, 0.5 * r, 4), ink)
        case "곡물":
            pen.line([(x, y + r), (x, y - 0.3 * r)], ink, r * 0.1)
            for row in (0.75, 0.3, -0.15):
                for turn in (-0.7, 0.7):
                    pen.shape(leaf(x, y + row * r, 0.68 * r, turn), ink)
            pen.shape(leaf(x, y - 0.2 * r, 0.8 * r, 0.0), ink)
        case "꽃":
            for dx, dy in polygon(x, y, 0.55 * r, 5):
                pen.disc(dx, dy, 0.42 * r, ink)
            pen.disc(x, y, 0.28 * r, paper)
        case "판테놀":
            pen.block(x - 0.25 * r, y - 0.85 * r, x + 0.25 * r, y + 0.85 * r, ink, 0.12 * r)
            pen.block(x - 0.85 * r, y - 0.25 * r, x + 0.85 * r, y + 0.25 * r, ink, 0.12 * r)
        case _:
            pen.shape(drop(x - 0.3 * r, y + 0.1 * r, 0.62 * r), ink)
            pen.shape(drop(x + 0.55 * r, y - 0.25 * r, 0.36 * r), soft)


ZIGZAG = ((-0.85, 0.3), (-0.3, -0.35), (0.3, 0.35), (0.85, -0.3))


def star(x: float, y: float, r: float) -> list[Point]:
    """Four points, drawn in."""
    outer, inner = polygon(x, y, r, 4), polygon(x, y, 0.32 * r, 4, math.pi / 4)
    return [point for pair in zip(outer, inner, strict=True) for point in pair]


@dataclass(frozen=True, slots=True)
class Tint:
    """The colours of one pack."""

    body: Colour
    shade: Colour
    shine: Colour
    cap: Colour
    label: Colour
    ink: Colour


def tints(item: Item) -> tuple[Colour, Tint]:
    """The background and the pack's colours."""
    background, body, ink = map(colour, BRANDS[item.brand])
    lightness = sum(body) / 3
    dark = lightness < 140
    pack = Tint(
        body=body,
        shade=mixed(body, (30, 30, 40), 0.12),
        shine=mixed(body, WHITE, 0.25 if dark else 0.55),
        cap=mixed(ink, body, 0.15) if dark else mixed(ink, WHITE, 0.25),
        label=mixed(body, (0, 0, 0), 0.12) if dark else mixed(body, WHITE, 0.75),
        ink=ink,
    )
    return background, pack


def shell(pen: Pen, tint: Tint, left: float, top: float, right: float, r: float) -> None:
    """A standing body with its shaded right and a streak of light; its foot at 330."""
    pen.block(left, top, right, 330, tint.shade, r)
    pen.block(left, top, right - 0.09 * (right - left), 330, tint.body, r)
    streak = left + 0.09 * (right - left)
    pen.block(streak, top + 22, streak + 7, 300, tint.shine, 3.5)


def bottle(pen: Pen, tint: Tint) -> tuple[float, float, float]:
    """Toner: tall, a wide cap. Returns the label's middle and half width, as every pack does."""
    pen.block(172, 62, 228, 120, tint.cap, 8)
    shell(pen, tint, 143, 112, 257, 24)
    return 200, 226, 42


def dropper(pen: Pen, tint: Tint) -> tuple[float, float, float]:
    """Essence: short, with a rubber bulb."""
    pen.block(184, 66, 216, 122, mixed(tint.cap, WHITE, 0.2), 15)
    pen.block(170, 112, 230, 150, tint.cap, 6)
    shell(pen, tint, 138, 146, 262, 30)
    return 200, 244, 44


def pump(pen: Pen, tint: Tint) -> tuple[float, float, float]:
    """Lotion."""
    pen.block(194, 72, 206, 112, mixed(tint.cap, WHITE, 0.3))
    pen.block(150, 62, 222, 80, tint.cap, 8)
    pen.block(174, 102, 226, 130, tint.cap, 6)
    shell(pen, tint, 136, 126, 264, 20)
    return 200, 232, 46


def jar(pen: Pen, tint: Tint) -> tuple[float, float, float]:
    """Cream: low and wide."""
    shell(pen, tint, 102, 190, 298, 30)
    pen.block(96, 150, 304, 204, tint.cap, 12)
    pen.block(96, 190, 304, 204, mixed(tint.cap, (30, 30, 40), 0.15), 6)
    return 200, 266, 56


def spray(pen: Pen, tint: Tint) -> tuple[float, float, float]:
    """Mist: slim, with a nozzle and a puff."""
    for dx, dy, r in ((-62, -8, 5), (-78, 4, 7), (-82, -16, 6), (-98, -4, 8), (-100, 16, 6)):
        pen.disc(200 + dx, 84 + dy, r, tint.shine)
    pen.block(180, 66, 220, 96, tint.cap, 8)
    pen.block(164, 76, 190, 90, tint.cap, 4)
    pen.block(176, 94, 224, 122, mixed(tint.cap, WHITE, 0.25), 5)
    shell(pen, tint, 152, 118, 248, 26)
    return 200, 230, 37


def vial(pen: Pen, tint: Tint) -> tuple[float, float, float]:
    """Oil: round shoulders and clear glass with the oil's level in it."""
    pen.block(186, 70, 214, 120, mixed(tint.cap, WHITE, 0.2), 13)
    pen.block(172, 112, 228, 146, tint.cap, 6)
    glass, oil = mixed(tint.body, WHITE, 0.55), mixed(tint.body, (232, 190, 90), 0.5)
    pen.block(128, 142, 272, 330, glass, 56)
    pen.block(138, 152, 262, 322, oil, 48)
    pen.block(138, 152, 262, 196, glass, 30)
    pen.block(150, 200, 157, 288, mixed(oil, WHITE, 0.45), 3.5)
    return 200, 256, 40


PACKS: Mapping[str, Callable[[Pen, Tint], tuple[float, float, float]]] = {
    "스킨/토너": bottle, "에센스": dropper, "로션": pump, "크림": jar, "미스트": spray, "오일": vial,
}  # fmt: skip


def make_picture(item: Item) -> bytes:
    """A 400 x 400 PNG: a pack by category, coloured by brand, its sign by ingredients."""
    background, tint = tints(item)
    pen = Pen(background)
    pen.disc(200, 205, 158, mixed(background, WHITE, 0.5))
    pen.disc(200, 332, 104, mixed(background, (60, 60, 70), 0.14), 0.11)
    x, y, half = PACKS[form(item)](pen, tint)
    high = min(58.0, 1.35 * half) if item.category != "크림" else 42.0
    pen.block(x - half, y - high, x + half, y + high, tint.label, 10)
    lead = max(EMBLEMS, key=lambda group: item.groups[group])
    emblem(pen, lead, x, y - 0.28 * high, 0.4 * high, tint.ink, tint.label)
    for at, length in ((0.42, 0.55), (0.62, 0.36)):
        pen.block(
            x - length * half, y + at * high, x + length * half, y + at * high + 5,
            mixed(tint.label, tint.ink, 0.55), 2.5,
        )  # fmt: skip
    return pen.png()


def main(wanted: Sequence[str]) -> None:
    products = (HERE / "products.csv").read_text(encoding="utf-8")
    if "pictures" in wanted or not wanted:
        (HERE / "pictures").mkdir(exist_ok=True)
        for item in read_items(products):
            (HERE / "pictures" / f"{item.id}.png").write_bytes(make_picture(item))
    if "reviews" in wanted or not wanted:
        text = make_reviews(products)
        (HERE / "reviews.csv").write_text(text, encoding="utf-8", newline="")


if __name__ == "__main__":
    main(sys.argv[1:])
