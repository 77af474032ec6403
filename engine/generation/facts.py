"""Passages read back into numbers: the lines that `engine.retrieval.documents` writes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.domain import Effect, Irritation, Passage, SkinType

_LABEL = re.compile(r"^([가-힣 ]{2,8}): (.+)$")
_HEAD = re.compile(r"^(?P<title>.+) \((?P<bracket>[^()]*(?:\([^()]*\)[^()]*)*)\)$")
_COUNT = re.compile(r"(?P<name>[^,\d]+?) (?P<count>\d+)개")
_RATING = re.compile(r"(?P<rating>\d(?:\.\d)?)점")
_REVIEWS = re.compile(r"리뷰 (?P<reviews>\d+)개")
_SKIN = re.compile(
    r"(?P<type>\S+) (?P<reviews>\d+)개 (?P<rating>\d\.\d)점"
    r"(?: 순함 (?P<gentle>\d+)/(?P<told>\d+))?"
)
_MORE = re.compile(r" 외 (?P<more>\d+)가지$")
_HOLDERS = re.compile(r"^(?P<count>\d+)개 \((?P<titles>.+)\)$")


@dataclass(frozen=True, slots=True)
class ProductFacts:
    title: str
    category: str
    brand: str = ""
    price: int | None = None
    volume: str | None = None
    on_sale: bool = True
    rating: float | None = None
    reviews: int = 0
    admirers: tuple[SkinType, ...] = ()
    """Skin types that rate it above its mean, best first."""
    ingredients: tuple[str, ...] = ()
    """The first ones of the label."""
    more: int = 0
    """How many the label has after them."""

    @property
    def name(self) -> str:
        """Without the brand, for the second mention."""
        return self.title.removeprefix(self.brand).strip() or self.title


@dataclass(frozen=True, slots=True)
class SkinFacts:
    reviews: int
    rating: float
    gentle: int = 0
    told: int = 0


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    title: str
    reviews: int
    rating: float
    effects: Mapping[Effect, int] = field(default_factory=dict)
    irritation: Mapping[Irritation, int] = field(default_factory=dict)
    skins: Mapping[SkinType, SkinFacts] = field(default_factory=dict)
    praise: Mapping[str, int] = field(default_factory=dict)
    """What reviews like → how many say so: «흡수가 빨라요» → 12; most first."""
    blame: Mapping[str, int] = field(default_factory=dict)
    feel: Mapping[str, int] = field(default_factory=dict)
    """How it feels, in the same form: «가벼워요» → 9."""
    quotes: tuple[str, ...] = ()

    @property
    def told(self) -> int:
        """Reviews that say anything of irritation."""
        return sum(self.irritation.values())

    @property
    def gentle(self) -> int:
        return self.irritation.get(Irritation.GENTLE, 0)


@dataclass(frozen=True, slots=True)
class IngredientFacts:
    name: str
    inci: str | None = None
    roles: tuple[str, ...] = ()
    definition: str | None = None
    origin: str | None = None
    limits: str | None = None
    holders: int = 0
    """Products that hold it."""
    titles: tuple[str, ...] = ()
    """Some of them, most reviewed first."""


@dataclass(frozen=True, slots=True)
class FaqFacts:
    """What the shop itself says."""

    question: str
    answer: str


def faq_facts(passage: Passage) -> FaqFacts:
    head, lines = _read(passage)
    return FaqFacts(head, lines.get("답변", ""))


def product_facts(passage: Passage) -> ProductFacts:
    head, lines = _read(passage)
    rated = lines.get("평점", "")
    names, more = _listed(lines.get("성분", ""))
    return ProductFacts(
        title=passage.title,
        category=_bracket(head),
        brand=lines.get("브랜드", ""),
        price=int(lines["가격"].removesuffix("원").replace(",", "")) if "가격" in lines else None,
        volume=lines.get("용량"),
        on_sale="판매" not in lines,
        rating=_rating(rated),
        reviews=_reviews(rated),
        admirers=tuple(
            skin_type for skin_type in _parts(lines.get("좋아하는 피부", "")) if skin_type
        ),
        ingredients=names,
        more=more,
    )


def review_facts(passage: Passage) -> ReviewFacts:
    head, lines = _read(passage)
    told = head.removeprefix(passage.title)
    return ReviewFacts(
        title=passage.title,
        reviews=_reviews(told),
        rating=_rating(told) or 0.0,
        effects={Effect(name): n for name, n in _counts(lines.get("효과", "")).items()},
        irritation={Irritation(name): n for name, n in _counts(lines.get("순한 정도", "")).items()},
        skins=_skins(lines.get("피부 타입", "")),
        praise=_counts(lines.get("칭찬", "")),
        blame=_counts(lines.get("아쉬움", "")),
        feel=_counts(lines.get("제형", "")),
        quotes=tuple(quote for quote in lines.get("후기", "").split(" / ") if quote),
    )


def ingredient_facts(passage: Passage) -> IngredientFacts:
    head, lines = _read(passage)
    held = _HOLDERS.match(lines.get("들어간 제품", ""))
    return IngredientFacts(
        name=passage.title,
        inci=_bracket(head) if head != passage.title else None,
        roles=tuple(lines["배합목적"].split(", ")) if "배합목적" in lines else (),
        definition=lines.get("설명"),
        origin=lines.get("기원"),
        limits=lines.get("제한"),
        holders=int(held["count"]) if held else 0,
        titles=tuple(held["titles"].split(", ")) if held else (),
    )


def _read(passage: Passage) -> tuple[str, dict[str, str]]:
    """The first line, and the labelled ones after it."""
    head, *rest = passage.text.split("\n")
    matches = (_LABEL.match(line) for line in rest)
    return head, {match[1]: match[2] for match in matches if match}


def _bracket(head: str) -> str:
    match = _HEAD.match(head)
    return match["bracket"] if match else ""


def _rating(text: str) -> float | None:
    match = _RATING.search(text)
    return float(match["rating"]) if match else None


def _reviews(text: str) -> int:
    match = _REVIEWS.search(text)
    return int(match["reviews"]) if match else 0


def _counts(text: str) -> dict[str, int]:
    return {match["name"].strip(): int(match["count"]) for match in _COUNT.finditer(text)}


def _parts(text: str) -> list[SkinType]:
    return [SkinType(part.split(" ")[0]) for part in text.split(", ") if part]


def _skins(text: str) -> dict[SkinType, SkinFacts]:
    return {
        SkinType(match["type"]): SkinFacts(
            reviews=int(match["reviews"]),
            rating=float(match["rating"]),
            gentle=int(match["gentle"] or 0),
            told=int(match["told"] or 0),
        )
        for match in _SKIN.finditer(text)
    }


def _listed(text: str) -> tuple[tuple[str, ...], int]:
    more = _MORE.search(text)
    names = _MORE.sub("", text).split(", ") if text else []
    return tuple(names), int(more["more"]) if more else 0
