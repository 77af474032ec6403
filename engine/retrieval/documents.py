"""The shop's tables as LangChain documents: one of facts and one of reviews for each product, one
for each ingredient, one for each question that the shop answers itself.

A document's text is lines of «이름표: 값», read by BM25, by a language model, and by
`engine.generation.facts`, which turns it back into numbers. What is embedded is its `gist`, the
part that carries meaning: numbers and long lists blur a vector and cost most of the time. Each
line of a gist has vectors of its own (`engine.retrieval.chunks`).
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd
from langchain_core.documents import Document

from engine.domain import DocumentKind, Effect, Ingredient, Irritation, Passage, SkinType
from engine.parsing.instructions import disarmed
from engine.parsing.opinions import Counts, Opinions, opinions
from engine.retrieval.chunks import shortened
from engine.retrieval.quotes import quotations

INGREDIENTS_SHOWN = 12
HOLDERS_SHOWN = 5
SKIN_REVIEWS_AT_LEAST = 3
"""Fewer reviews of a skin type say nothing about it."""
Faq = Sequence[tuple[str, str]]
"""The shop's own questions with their answers; a document's key is its number from 1."""


@dataclass(frozen=True, slots=True)
class Skin:
    """What people of one skin type wrote of one product."""

    type: SkinType
    reviews: int
    rating: float
    gentle: int
    told: int
    """Reviews that say anything of irritation."""


@dataclass(frozen=True, slots=True)
class Digest:
    """The reviews of one product in counts."""

    reviews: int = 0
    rating: float | None = None
    effects: tuple[tuple[Effect, int], ...] = ()
    irritation: tuple[tuple[Irritation, int], ...] = ()
    skins: tuple[Skin, ...] = ()
    quotes: tuple[str, ...] = ()
    opinions: Opinions = field(default_factory=Opinions)


def documents(
    products: pd.DataFrame, ingredients: pd.DataFrame, reviews: pd.DataFrame, faq: Faq = ()
) -> list[Document]:
    """Documents of canonical tables: `products.ingredients` lists of names in label order,
    `ingredients.roles` and `.aliases` tuples, empty cells None or nan.

    An ingredient that has neither a definition nor a product is left out: nothing could be said.
    """
    digests = _digests(reviews)
    rows = _rows(products)
    return [
        *(_product_document(row, digests.get(_key(row), Digest())) for row in rows),
        *(_reviews_document(row, digests[_key(row)]) for row in rows if _key(row) in digests),
        *_ingredient_documents(_rows(ingredients), _holders(rows, digests)),
        *(_faq_document(at, *row) for at, row in enumerate(faq, start=1)),
    ]


def title_of(brand: str, name: str) -> str:
    """As `engine.domain.Product.title`."""
    return name if name.startswith(brand) else f"{brand} {name}"


# --- products -----------------------------------------------------------------------------------


def _product_document(row: Mapping[str, Any], digest: Digest) -> Document:
    title, names = _title(row), _names(row.get("ingredients"))
    price, volume = _number(row.get("price")), _text(row.get("volume"))
    lines = [
        f"{title} ({_text(row['category'])})",
        f"브랜드: {_text(row['brand'])}",
        f"가격: {price:,}원" if price is not None else "",
        f"용량: {volume}" if volume else "",
        "" if _on_sale(row) else "판매: 품절",
        f"평점: {digest.rating:.1f}점 (리뷰 {digest.reviews}개)" if digest.rating else "",
        f"좋아하는 피부: {_admirers(digest)}" if _admirers(digest) else "",
        f"성분: {_listed(names, INGREDIENTS_SHOWN)}" if names else "",
    ]
    return _document(
        DocumentKind.PRODUCT,
        _key(row),
        title,
        lines,
        gist=f"{title}. {_text(row['category'])}. {_liked_by(digest)}",
        category=_text(row["category"]),
        price=price,
        volume=volume,
        brand=_text(row["brand"]),
        name=_text(row["name"]),
        on_sale=_on_sale(row),
        ingredients="|".join(names),
    )


def _admirers(digest: Digest) -> str:
    """Skin types that rate it above its mean, best first: «건성 4.6점(42개), 중성 4.5점(30개)»."""
    best = _best_skins(digest)
    return ", ".join(f"{skin.type} {skin.rating:.1f}점({skin.reviews}개)" for skin in best)


def _best_skins(digest: Digest) -> list[Skin]:
    above = [
        skin
        for skin in digest.skins
        if skin.reviews >= SKIN_REVIEWS_AT_LEAST and skin.rating >= max(digest.rating or 0, 4)
    ]
    return sorted(above, key=lambda skin: (-skin.rating, -skin.reviews))[:2]


def _liked_by(digest: Digest) -> str:
    types = [skin.type for skin in _best_skins(digest)]
    return f"{', '.join(types)} 피부가 좋아해요." if types else ""


# --- reviews ------------------------------------------------------------------------------------


def _digests(reviews: pd.DataFrame) -> dict[str, Digest]:
    return {str(key): _digest(group) for key, group in reviews.groupby("product_id", sort=False)}


def _digest(group: pd.DataFrame) -> Digest:
    return Digest(
        reviews=len(group),
        rating=float(group["rating"].mean()),
        effects=_tally(group, "effect", Effect),
        irritation=_tally(group, "irritation", Irritation),
        skins=tuple(_skins(group)),
        quotes=quotations(
            [
                (float(rating), _text(text))
                for rating, text in zip(group["rating"], group["text"], strict=True)
            ]
        ),
        opinions=opinions(map(_text, group["text"])),
    )


def _tally(group: pd.DataFrame, column: str, values: Iterable[Any]) -> tuple[tuple[Any, int], ...]:
    """Counts of the values that occur, most first."""
    counts = Counter(_text(cell) for cell in group[column])
    present = [(value, counts[value]) for value in values if counts[value]]
    return tuple(sorted(present, key=lambda pair: -pair[1]))


def _skins(group: pd.DataFrame) -> Iterator[Skin]:
    for skin_type in SkinType:
        of_type = group[group["skin_type"] == skin_type.value]
        if len(of_type):
            told = Counter(_text(cell) for cell in of_type["irritation"])
            yield Skin(
                type=skin_type,
                reviews=len(of_type),
                rating=float(of_type["rating"].mean()),
                gentle=told[Irritation.GENTLE],
                told=sum(told[value] for value in Irritation),
            )


def _reviews_document(row: Mapping[str, Any], digest: Digest) -> Document:
    skins = sorted(digest.skins, key=lambda skin: -skin.reviews)
    lines = [
        f"{_title(row)} 리뷰 {digest.reviews}개, 평점 {digest.rating:.1f}점",
        f"효과: {_counted(digest.effects)}" if digest.effects else "",
        f"순한 정도: {_counted(digest.irritation)}" if digest.irritation else "",
        f"피부 타입: {', '.join(_said_by(skin) for skin in skins)}" if skins else "",
        f"제형: {_counted(digest.opinions.feel)}" if digest.opinions.feel else "",
        f"칭찬: {_counted(digest.opinions.praise)}" if digest.opinions.praise else "",
        f"아쉬움: {_counted(digest.opinions.blame)}" if digest.opinions.blame else "",
        f"후기: {' / '.join(digest.quotes)}" if digest.quotes else "",
    ]
    return _document(
        DocumentKind.REVIEWS,
        _key(row),
        _title(row),
        lines,
        gist=_impression(row, digest),
        category=_text(row["category"]),
        price=_number(row.get("price")),
        volume=_text(row.get("volume")),
        brand=_text(row["brand"]),
        name=_text(row["name"]),
        on_sale=_on_sale(row),
        ingredients="|".join(_names(row.get("ingredients"))),
    )


def _impression(row: Mapping[str, Any], digest: Digest) -> str:
    """What the reviews feel like, without numbers."""
    effects = " ".join(f"{effect}에 좋아요." for effect, _ in digest.effects[:2])
    gentle = digest.irritation[0][0] if digest.irritation else ""
    praised = _labels((*digest.opinions.feel, *digest.opinions.praise))
    return f"{_title(row)} 후기. {effects} {gentle} {praised} {' '.join(digest.quotes)}"


def _labels(counts: Counts) -> str:
    return " ".join(f"{label}." for label, _ in counts)


def _counted(pairs: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{value} {count}개" for value, count in pairs)


def _said_by(skin: Skin) -> str:
    said = f"{skin.type} {skin.reviews}개 {skin.rating:.1f}점"
    return f"{said} 순함 {skin.gentle}/{skin.told}" if skin.told else said


# --- ingredients --------------------------------------------------------------------------------


def _holders(
    rows: Sequence[Mapping[str, Any]], digests: Mapping[str, Digest]
) -> dict[str, list[str]]:
    """Ingredient name → titles of the products that hold it, most reviewed first."""
    found: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda row: -digests.get(_key(row), Digest()).reviews):
        for name in dict.fromkeys(_names(row.get("ingredients"))):
            found.setdefault(name, []).append(_title(row))
    return found


def _ingredient_documents(
    rows: Iterable[Mapping[str, Any]], holders: Mapping[str, list[str]]
) -> Iterator[Document]:
    for row in rows:
        titles = holders.get(_text(row["name"]), [])
        if titles or _text(row.get("definition")):
            yield _ingredient_document(row, titles)


def _ingredient_document(row: Mapping[str, Any], titles: Sequence[str]) -> Document:
    name, inci, aliases = _text(row["name"]), _text(row.get("inci")), _names(row.get("aliases"))
    roles = _names(row.get("roles"))
    shown = ", ".join(titles[:HOLDERS_SHOWN])
    lines = [
        f"{name} ({inci})" if inci else name,
        f"다른 이름: {', '.join(aliases)}" if aliases else "",
        f"배합목적: {', '.join(roles)}" if roles else "",
        _labelled("설명", row.get("definition")),
        _labelled("기원", row.get("origin")),
        _labelled("제한", row.get("limits")),
        f"들어간 제품: {len(titles)}개 ({shown})" if titles else "",
    ]
    return _document(
        DocumentKind.INGREDIENT,
        name,
        name,
        lines,
        gist=". ".join([name, *aliases, _text(row.get("definition")) or ", ".join(roles)]),
        inci=inci,
        aliases="|".join(aliases),
        roles="|".join(roles),
    )


def ingredient_passage(ingredient: Ingredient) -> Passage:
    """A dictionary's entry that is in no index, told as an indexed one; named, so it scores 1."""
    text = _ingredient_document(asdict(ingredient), ()).page_content
    return Passage(DocumentKind.INGREDIENT, ingredient.name, ingredient.name, text, score=1.0)


def _labelled(label: str, cell: object) -> str:
    text = _text(cell)
    return f"{label}: {shortened(text)}" if text else ""


# --- the shop's answers -------------------------------------------------------------------------


def _faq_document(number: int, question: str, answer: str) -> Document:
    asked, told = _text(question), _text(answer)
    return _document(
        DocumentKind.FAQ,
        str(number),
        asked,
        [asked, f"답변: {told}"],
        gist=f"{asked}\n{asked} {told}",
    )


# --- cells --------------------------------------------------------------------------------------


def _document(
    kind: DocumentKind,
    key: str,
    title: str,
    lines: Iterable[str],
    **more: str | int | bool | None,
) -> Document:
    """Metadata hold strings, numbers and booleans alone: what a vector store can keep. What
    reviewers or the shop wrote to command a model is left out of the text."""
    text = disarmed("\n".join(line for line in lines if line))
    metadata: dict[str, Any] = {"kind": kind.value, "key": key, "title": title}
    metadata |= {name: value for name, value in more.items() if value not in (None, "")}
    metadata["hash"] = hashlib.sha256(f"{sorted(metadata.items())}{text}".encode()).hexdigest()
    return Document(id=f"{kind.value}:{key}", page_content=text, metadata=metadata)


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(column): cell for column, cell in row.items()} for row in table.to_dict("records")]


def _key(row: Mapping[str, Any]) -> str:
    return str(row["product_id"])


def _title(row: Mapping[str, Any]) -> str:
    return title_of(_text(row["brand"]), _text(row["name"]))


def _on_sale(row: Mapping[str, Any]) -> bool:
    cell = row.get("on_sale", True)
    return True if _absent(cell) else bool(cell)


def _absent(cell: object) -> bool:
    return cell is None or cell is pd.NA or (isinstance(cell, float) and math.isnan(cell))


def _text(cell: object) -> str:
    """The cell on one line, empty where it is absent."""
    return "" if _absent(cell) else " ".join(str(cell).split())


def _number(cell: Any) -> int | None:
    return None if _absent(cell) else int(cell)


def _names(cell: Any) -> list[str]:
    """A list cell; absent is empty."""
    if _absent(cell) or isinstance(cell, str):
        return [part for part in _text(cell).split("|") if part]
    return [_text(name) for name in cell]


def _listed(names: Sequence[str], n: int) -> str:
    left = len(names) - n
    shown = ", ".join(names[:n])
    return f"{shown} 외 {left}가지" if left > 0 else shown
