"""A product as its buyers feel it, read from its label: groups of ingredients, texture, irritants.

Only `products.csv` is read; every figure follows from the list of ingredients.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
        " 센티드제라늄꽃오일 다마스크장미꽃오일 유칼립투스잎오일 페퍼민트오일 편백오일"
        " 유향나무오일",
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
    "주름·미백": {
        "레티놀": 1.3, "펩타이드": 1.1, "비타민": 1.1, "한방": 0.8, "발효": 0.8, "산": 0.4,
    },
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


def form(item: Item) -> str:
    """The category, a mist told from an oil."""
    if item.category != "미스트/오일":
        return item.category
    return "미스트" if item.has("정제수") else "오일"
