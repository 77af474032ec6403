"""The schema of every table that is read, and how foreign headings find their column."""

from collections.abc import Iterable, Mapping, Sequence
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


VOLUME_PRICE: Final = "volume_price"
"""A column of exports only: «180ml19,000원»."""

PRODUCTS: Final = Table(
    "products",
    "제품",
    (
        Column("product_id", ("id", "제품번호", "제품코드", "상품번호", "상품코드"), required=True),
        Column("brand", ("brand_name", "브랜드", "브랜드명", "제조사")),
        Column("name", ("product_name", "제품명", "상품명", "제품", "상품"), required=True),
        Column("category", ("카테고리", "분류", "종류")),
        Column("price", ("가격", "판매가", "정가")),
        Column("volume", ("size", "용량", "규격")),
        Column("ingredients", ("전성분", "성분", "성분표"), plural=True),
        Column("picture", ("image", "image_url", "사진", "이미지", "그림")),
        Column("url", ("product_url", "link", "링크", "주소", "상품링크")),
        Column("on_sale", ("판매중", "판매여부", "판매상태")),
        Column(VOLUME_PRICE, ("용량가격",)),
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
        Column("product_id", ("제품번호", "제품코드", "상품번호", "상품코드"), required=True),
        Column("reviewer", ("user", "user_id", "nickname", "닉네임", "작성자", "회원")),
        Column("rating", ("user_rating", "point", "평점", "별점", "점수"), required=True),
        Column("skin_type", ("skin", "user_keywords", "피부타입", "피부유형", "피부")),
        Column("effect", ("효과",)),
        Column("irritation", ("자극", "자극여부", "자극도")),
        Column("text", ("review", "review_text", "txt_inner", "리뷰", "내용", "후기", "본문")),
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


def lacking(table: Table, named: Naming) -> tuple[str, ...]:
    filled = {column for columns in named.values() for column in columns}
    return tuple(column for column in table.required if column not in filled)


def refusal(
    place: str, table: Table, headings: Sequence[str], missing: Sequence[str], nearest: str
) -> InputRefused:
    """What a table without its columns is answered; `nearest` names a mapping, or is empty."""
    near = [
        f"«{found[0]}»({column}?)"
        for column in missing
        if (found := process.extractOne(column, headings, scorer=fuzz.WRatio, score_cutoff=75))
    ]
    hint = (
        f" {nearest} 형식과 가장 비슷해요: {with_particle(f'--mapping {nearest}', '을/를')} "
        "붙여 보세요."
        if nearest
        else f" 비슷한 열은 {', '.join(near)}: --mapping 파일에 적어 주세요."
        if near
        else " 이름이 다르다면 --mapping 파일에 적어 주세요."
    )
    return InputRefused(
        f"{place}: {table.title} 표에 꼭 있어야 하는 열 {with_particle(_quoted(missing), '을/를')} "
        f"찾지 못했어요. 있는 열은 {with_particle(_quoted(headings[:20]), '이에요/예요')}.{hint}"
    )


def _meant(heading: str, table: Table, *, own: bool) -> tuple[str, ...]:
    key = squeeze(heading)
    for column in table.columns:
        words = (column.name,) if own else column.aliases
        if key and key in map(squeeze, words):
            return (column.name,)
    return ()


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"«{name}»" for name in names)
