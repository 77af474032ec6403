"""The schema of every table that is read, and how foreign headings find their column."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz, process

from engine.parsing.korean import squeeze, with_particle
from ingest.errors import InputRefused

Naming = Mapping[str, tuple[str, ...]]
"""A heading as it comes → the columns it fills."""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    aliases: tuple[str, ...] = ()
    """Headings that mean the same; blanks, case and signs do not count."""
    required: bool = False
    plural: bool = False
    """Holds several values, parted by «|»."""
    instead: tuple[str, ...] = ()
    """Columns of which one makes up for it, where it is required."""
    kept: bool = True
    """False: read, used by the cleaning, and not written."""


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    title: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.required)

    @property
    def plural(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.plural)

    @property
    def kept(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.kept)


VOLUME_PRICE: Final = "volume_price"
"""A column of exports only: «180ml19,000원»."""
NAMED: Final = ("product", "brand", "url")
"""How a review tells its product where it does not by its id."""

PRODUCTS: Final = Table(
    "products",
    "제품",
    (
        Column(
            "product_id",
            ("id", "제품번호", "제품코드", "상품번호", "상품코드"),
            required=True,
            instead=("name",),
        ),
        Column("brand", ("brand_name", "브랜드", "브랜드명", "제조사")),
        Column("name", ("product_name", "제품명", "상품명", "제품", "상품"), required=True),
        Column("category", ("카테고리", "분류", "종류")),
        Column("price", ("가격", "판매가", "정가")),
        Column("volume", ("size", "용량", "규격")),
        Column("ingredients", ("전성분", "성분", "성분표"), plural=True),
        Column("picture", ("image", "image_url", "사진", "이미지", "그림")),
        Column("url", ("product_url", "link", "링크", "주소", "상품링크")),
        Column("on_sale", ("판매중", "판매여부", "판매상태")),
        Column(VOLUME_PRICE, ("용량가격",), kept=False),
    ),
)
INGREDIENTS: Final = Table(
    "ingredients",
    "성분",
    (
        Column("name", ("name_ko", "성분명", "표준명", "한글명", "성분"), required=True),
        Column("inci", ("inci_name", "영문명", "영문성분명")),
        Column("cas", ("cas_no", "cas번호")),
        Column("roles", ("role", "배합목적"), plural=True),
        Column("origin", ("기원",)),
        Column("definition", ("정의", "설명", "기원및정의")),
        Column("limits", ("사용제한", "배합한도", "제한")),
        Column("aliases", ("alias", "synonyms", "이명", "구명칭", "옛이름", "동의어"), plural=True),
    ),
)
REVIEWS: Final = Table(
    "reviews",
    "리뷰",
    (
        Column(
            "product_id",
            ("제품번호", "제품코드", "상품번호", "상품코드"),
            required=True,
            instead=("product", "url"),
        ),
        Column("product", ("product_name", "제품명", "상품명", "제품", "상품"), kept=False),
        Column("brand", ("brand_name", "브랜드", "브랜드명", "제조사"), kept=False),
        Column("url", ("product_url", "link", "링크", "주소", "상품링크"), kept=False),
        Column("reviewer", ("user", "user_id", "nickname", "닉네임", "작성자", "회원")),
        Column("rating", ("user_rating", "point", "평점", "별점", "점수"), required=True),
        Column("skin_type", ("skin", "user_keywords", "피부타입", "피부유형", "피부")),
        Column("effect", ("효과",)),
        Column("irritation", ("자극", "자극여부", "자극도")),
        Column("text", ("review", "review_text", "txt_inner", "리뷰", "내용", "후기", "본문")),
        Column("date", ("작성일", "날짜", "등록일", "리뷰날짜", "작성일자")),
    ),
)
FAQ: Final = Table(
    "faq",
    "FAQ",
    (
        Column("question", ("질문", "문의", "q"), required=True),
        Column("answer", ("답변", "답", "대답", "a"), required=True),
    ),
)
"""Kept beside the tables: nothing of it stands in the store."""
TABLES: Final = {table.name: table for table in (PRODUCTS, INGREDIENTS, REVIEWS)}


def naming(table: Table, headings: Sequence[str], foreign: Naming) -> Naming:
    """Which columns each heading fills; headings that mean nothing are left out.

    A mapping's word counts first, then a column's own name, then its aliases; where two headings
    mean one column, the first of the better kind fills it.
    """
    chosen: dict[str, str] = {}
    for wanted in (
        {heading: foreign.get(heading, ()) for heading in headings},
        {heading: _meant(heading, table, own=True) for heading in headings},
        {heading: _meant(heading, table, own=False) for heading in headings},
    ):
        for heading, columns in wanted.items():
            if heading not in chosen.values():
                for column in columns:
                    chosen.setdefault(column, heading)
    return {
        heading: tuple(column for column, source in chosen.items() if source == heading)
        for heading in dict.fromkeys(chosen.values())
    }


def lacking(table: Table, named: Naming, more: Collection[str] = ()) -> tuple[str, ...]:
    """Required columns that no heading fills, nor `more`, nor what makes up for them."""
    filled = {column for columns in named.values() for column in columns} | set(more)
    return tuple(
        column.name
        for column in table.columns
        if column.required and not filled.intersection((column.name, *column.instead))
    )


def refusal(
    place: str,
    table: Table,
    headings: Sequence[str],
    missing: Sequence[str],
    nearest: str,
    *,
    like: tuple[str, tuple[str, ...]] | None = None,
) -> InputRefused:
    """What a table without its columns is answered.

    `nearest` names a mapping that makes a whole table of these headings, or is empty; `like` is
    the mapping that has most of them, and its headings that are not there.
    """
    expected = ", ".join(_expected(table, name) for name in missing)
    return InputRefused(
        f"{place}: {table.title} 표에 꼭 있어야 하는 열 {with_particle(expected, '을/를')} "
        f"찾지 못했어요. 있는 열은 {with_particle(_quoted(headings[:20]), '이에요/예요')}."
        f"{_hint(table, headings, missing, nearest, like)}"
    )


def _expected(table: Table, name: str) -> str:
    """«product_id»(이나 «name»)."""
    instead = next(column.instead for column in table.columns if column.name == name)
    others = [other for other in instead if not _required(table, other)]
    return f"«{name}»" + (f"(또는 {_quoted(others)})" if others else "")


def _required(table: Table, name: str) -> bool:
    return any(column.required for column in table.columns if column.name == name)


def _hint(
    table: Table,
    headings: Sequence[str],
    missing: Sequence[str],
    nearest: str,
    like: tuple[str, tuple[str, ...]] | None,
) -> str:
    if nearest:
        option = with_particle(f"--mapping {nearest}", "을/를")
        return f" {nearest} 형식과 가장 비슷해요: {option} 붙여 보세요."
    named = {one.name: naming(one, headings, {}) for one in (table, PRODUCTS, REVIEWS)}
    other = max((PRODUCTS, REVIEWS), key=lambda one: len(named[one.name]))
    if not lacking(other, named[other.name]) and len(named[other.name]) > len(named[table.name]):
        return f" {other.title} 표로 보여요: --{other.name} 로 주세요."
    if like is not None:
        absent = with_particle(_quoted(like[1]), "이/가")
        return f" {like[0]} 형식과 가장 비슷한데, 그 형식의 열 {absent} 없어요."
    near = [
        f"«{heading}»({name}?)" for name in missing if (heading := _alike(table, name, headings))
    ]
    if near:
        return f" 비슷한 열은 {', '.join(near)}: --mapping 파일에 적어 주세요."
    return " 이름이 다르다면 --mapping 파일에 적어 주세요."


def _alike(table: Table, name: str, headings: Sequence[str]) -> str:
    """The heading that is most like the column's name or one of its aliases; empty for none."""
    column = next(column for column in table.columns if column.name == name)
    found = [process.extractOne(name, headings, scorer=fuzz.WRatio, score_cutoff=75)]
    found += [
        process.extractOne(alias, headings, scorer=fuzz.ratio, score_cutoff=75)
        for alias in column.aliases
    ]
    best = max((one for one in found if one), key=lambda one: one[1], default=None)
    return best[0] if best else ""


def _meant(heading: str, table: Table, *, own: bool) -> tuple[str, ...]:
    key = squeeze(heading)
    for column in table.columns:
        words = (column.name,) if own else column.aliases
        if key and key in map(squeeze, words):
            return (column.name,)
    return ()


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"«{name}»" for name in names)
