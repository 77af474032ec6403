"""From rows of text to rows one can trust: pure steps `DataFrame -> DataFrame`.

A frame has the canonical columns (text, empty where nothing is told), `file`, `line` and `reason`.
A row that goes is not removed but gets its reason, and later steps leave it alone; so every step
keeps the frame's shape, and what was dropped and why can be counted and written at the end.
"""

import hashlib
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.parsing import dates, names
from engine.parsing.ingredients import ingredient_names
from engine.parsing.korean import squeeze, with_particle
from engine.parsing.privacy import mask
from engine.parsing.ratings import rating
from engine.parsing.skin import effect, irritation, skin_type
from ingest import trust
from ingest.columns import INGREDIENTS, NAMED, VOLUME_PRICE, Table
from ingest.lexicon import Lexicon, renamed

REVIEWS_AT_LEAST: Final = 30
"""Nobody is an outlier with as many reviews or fewer."""
OUTLIERS_AT_MOST: Final = 100
"""One person of so many."""
FENCE: Final = 3.0
"""Tukey's outer fence: outliers lie beyond Q3 + 3 · IQR."""
REPEATED: Final = "앞에 같은 글이 있어요."
REWRITTEN: Final = "같은 사람이 같은 제품에 나중에 다시 썼어요."
CATEGORY: Final = "기타"
"""Of a product whose category is not told."""
_GONE_WORDS: Final = re.compile(
    r"품절|단종|중지|종료|sold|out|^(?:false|f|no|n|0|x|아니요?)$", re.I
)
_CAS: Final = re.compile(r"(?<!\d)\d{2,7}-\d{2}-\d(?!\d)")
_IDENTIFYING: Final = ("product_id", "name", "brand", "url")
_DASHES: Final = re.compile(r"[\u2010-\u2015\u2212]")
_GOODS: Final = re.compile(r"[?&]goodsNo=([A-Za-z0-9]+)", re.I)
_HIDDEN: Final = re.compile(r"[*＊●○]{2,}|(?<=\w)[*＊●○](?=\w|$)")
"""A nickname whose letters the source hid: many people share what is left of it."""

Frame = pd.DataFrame
Clean = Callable[[Frame], Frame]


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    work: Clean
    column: str | None = None
    """The column it rewrites, where changes are worth counting."""
    alone: bool = False
    """It looks at no row but the one it rewrites: right on any part of a table (ingest.engines)."""


@dataclass(frozen=True, slots=True)
class Count:
    """What one step did to one table's rows."""

    table: str
    step: str
    changed: int
    emptied: int
    """Cells that held something which could not be read."""
    dropped: int
    marked: int = 0
    """Rows that are worth a look, and stay."""


def frame_of(
    table: Table, columns: Mapping[str, Sequence[str]], lines: Sequence[int], file: str
) -> Frame:
    """A table's rows before cleaning; columns that were not given are empty."""
    frame = pd.DataFrame(index=range(len(lines)), dtype=object)
    for name in table.names:
        frame[name] = _column(frame.index, columns.get(name, [""] * len(lines)))
    return frame.assign(file=file, line=np.asarray(lines, dtype=np.int64), reason="").astype(
        {"file": object, "reason": object}
    )


def run(table: Table, frame: Frame, steps: Iterable[Step]) -> tuple[Frame, list[Count]]:
    """The frame after all steps, and what each of them did."""
    counts = []
    for step in steps:
        after = step.work(frame)
        counts.append(_count(table, step, frame, after))
        frame = after
    return frame, counts


def kept(frame: Frame) -> Frame:
    return frame[_alive(frame)].drop(columns=["file", "line", "reason"]).reset_index(drop=True)


def rejected(frame: Frame) -> Frame:
    """file, line and reason of what goes."""
    return frame.loc[~_alive(frame), ["file", "line", "reason"]]


# --- products -------------------------------------------------------------------------------------


def product_steps() -> tuple[Step, ...]:
    return (
        Step("제품 번호 만들기", numbered, "product_id"),
        Step("번호나 이름이 없는 제품", partial(_told, columns=("product_id", "name"))),
        Step("되풀이된 제품 번호", partial(_first, key="product_id", what="제품 번호")),
        Step("판매 여부", offered),
        Step("용량과 가격 나누기", unglued),
        Step("용량", measured, "volume"),
        Step("이름에서 홍보 문구와 용량 빼기", named, "name"),
        Step("가격 읽기", priced, "price"),
        Step("성분 읽기", formulated),
        Step("링크", linked, "url"),
        Step("분류", categorised),
    )


def numbered(frame: Frame) -> Frame:
    """Where no product of a file has an id, it is made of brand and name: the same at every
    load."""
    having = set(frame.loc[frame["product_id"] != "", "file"])
    ids = [
        told if file in having else made_id(name, brand)
        for told, file, name, brand in zip(
            *(frame[column] for column in ("product_id", "file", "name", "brand")), strict=True
        )
    ]
    return frame.assign(product_id=_column(frame.index, ids))


def made_id(name: str, brand: str) -> str:
    """Empty where the name says nothing."""
    key = names.product_key(name, _spaced(brand))
    return "name-" + hashlib.sha256(key.encode()).hexdigest()[:16] if key else ""


def offered(frame: Frame) -> Frame:
    """on_sale becomes a bool: false words, and names tagged «[단종]» or «[품절]»."""
    tag = re.compile(r"[\[(][^\])]*(?:단종|품절)[^\])]*[\])]")
    sold = [
        not _GONE_WORDS.search(told) and not tag.search(name)
        for told, name in zip(frame["on_sale"], frame["name"], strict=True)
    ]
    return frame.assign(on_sale=_column(frame.index, sold))


def unglued(frame: Frame) -> Frame:
    """«180ml19,000원» fills volume and price where they are not told apart."""
    pairs = _each(frame[VOLUME_PRICE], names.volume_and_price)
    volumes = [told or pair[0] or "" for told, pair in zip(frame["volume"], pairs, strict=True)]
    prices = [
        told or ("" if pair[1] is None else str(pair[1]))
        for told, pair in zip(frame["price"], pairs, strict=True)
    ]
    return frame.assign(
        volume=_column(frame.index, volumes), price=_column(frame.index, prices)
    ).drop(columns=VOLUME_PRICE)


def measured(frame: Frame) -> Frame:
    """The volume as the label says it, taken from the name where it is not told."""
    volumes = [
        names.volume(told) or told or _volume_in(name, brand)
        for told, name, brand in zip(frame["volume"], frame["name"], frame["brand"], strict=True)
    ]
    return frame.assign(volume=_column(frame.index, volumes))


def _volume_in(name: str, brand: str) -> str | None:
    """«+80ml» is no volume, but all that is left of the name: it will be read as one."""
    return names.volume(name) or names.volume(names.product_name(name, _spaced(brand)))


def named(frame: Frame) -> Frame:
    brands = _each(frame["brand"], _spaced)
    cleaned = [
        names.product_name(name, brand) for name, brand in zip(frame["name"], brands, strict=True)
    ]
    return frame.assign(name=_column(frame.index, cleaned), brand=brands)


def priced(frame: Frame) -> Frame:
    """Whole won; 0원 is how exports say that they do not know."""
    return frame.assign(price=_each(frame["price"], lambda cell: names.price(cell) or None))


def formulated(frame: Frame) -> Frame:
    return frame.assign(ingredients=_each(frame["ingredients"], ingredient_names))


def linked(frame: Frame) -> Frame:
    """Only http(s) addresses are links; a picture may be a file's name too."""
    return frame.assign(
        url=_each(frame["url"], lambda url: url if _is_address(url) else None),
        picture=_each(frame["picture"], lambda told: told or None),
    )


def categorised(frame: Frame) -> Frame:
    return frame.assign(category=_each(frame["category"], lambda told: _spaced(told) or CATEGORY))


# --- ingredients ----------------------------------------------------------------------------------


def ingredient_steps(
    separators: Mapping[str, str], words: Mapping[str, Mapping[str, str]]
) -> tuple[Step, ...]:
    return (
        Step("이름 다듬기", standardised, "name"),
        Step("이름이 없는 성분", partial(_told, columns=("name",))),
        Step("되풀이된 성분 이름", partial(_first, key="name", what="성분 이름")),
        Step("CAS 번호", registered, "cas"),
        Step("배합목적과 다른 이름", partial(parted, separators=separators, words=words)),
    )


def standardised(frame: Frame) -> Frame:
    return frame.assign(name=_each(frame["name"], lambda name: _spaced(name.replace("|", " "))))


def registered(frame: Frame) -> Frame:
    """CAS numbers alone, parted by commas."""

    def numbers(cell: str) -> str | None:
        return ", ".join(dict.fromkeys(_CAS.findall(_DASHES.sub("-", cell)))) or None

    return frame.assign(cas=_each(frame["cas"], numbers))


def parted(
    frame: Frame, separators: Mapping[str, str], words: Mapping[str, Mapping[str, str]]
) -> Frame:
    """Plural cells become tuples in our words, each once; the rest is text or None."""
    columns = {}
    for column in INGREDIENTS.plural:
        mark, ours = separators.get(column, "|"), words.get(column, {})
        columns[column] = _each(frame[column], partial(_values, mark=mark, ours=ours))
    for column in ("inci", "origin", "definition", "limits"):
        columns[column] = _each(frame[column], lambda cell: _spaced(cell) or None)
    return _single_names(frame.assign(**columns))


def _single_names(frame: Frame) -> Frame:
    """«본블랙, 본챠콜» is one ingredient of two names: the second is an alias."""
    standing = set(frame["name"])
    read = {name: ingredient_names(name) for name in standing if ", " in name}
    firsts = Counter(found[0] for found in read.values() if found)
    several = {
        name: found
        for name, found in read.items()
        if len(found) > 1
        and squeeze("".join(found)) == squeeze(name)
        and found[0] not in standing
        and firsts[found[0]] == 1
    }
    aliases = [
        tuple(dict.fromkeys((*several.get(name, ())[1:], *told)))
        for name, told in zip(frame["name"], frame["aliases"], strict=True)
    ]
    singles = _each(frame["name"], lambda name: several[name][0] if name in several else name)
    return frame.assign(name=singles, aliases=_column(frame.index, aliases))


def _values(cell: str, mark: str, ours: Mapping[str, str]) -> tuple[str, ...]:
    pieces = (ours.get(piece.strip(), piece.strip()) for piece in cell.split(mark))
    return tuple(dict.fromkeys(piece.replace("|", " ") for piece in pieces if piece))


# --- formulas and the dictionary ------------------------------------------------------------------


def matched(products: Frame, lexicon: Lexicon) -> Frame:
    """Label names become the dictionary's."""
    labels = renamed(list(products["ingredients"]), lexicon)
    return products.assign(ingredients=_column(products.index, labels))


def completed(ingredients: Frame, products: Frame) -> Frame:
    """The dictionary, and at its end what only labels name."""
    known = set(ingredients["name"])
    labels = dict.fromkeys(name for label in products["ingredients"] for name in label)
    bare = [name for name in labels if name not in known]
    empty: dict[str, Any] = dict.fromkeys(INGREDIENTS.names)
    rows = [empty | {"name": name} | dict.fromkeys(INGREDIENTS.plural, ()) for name in bare]
    added = pd.DataFrame(rows, columns=list(INGREDIENTS.names), dtype=object)
    return pd.concat([ingredients, added], ignore_index=True).astype(object)


# --- reviews --------------------------------------------------------------------------------------


def review_steps(products: Frame, max_reviews: int | None) -> tuple[Step, ...]:
    ids = frozenset(products["product_id"])
    return (
        Step("제품 번호 찾기", partial(identified, products=products), "product_id", alone=True),
        Step("제품을 알 수 없는 리뷰", partial(_told, columns=("product_id",)), alone=True),
        Step("모르는 제품의 리뷰", partial(known_products, keys=ids), alone=True),
        Step("평점 읽기", rated, alone=True),
        Step("개인정보 가리기", masked, "text", alone=True),
        Step("피부 타입·효과·자극 읽기", told_of_skin, "skin_type", alone=True),
        Step("날짜 읽기", dated, "date", alone=True),
        Step("이름 없는 사람", signed, alone=True),
        Step("되풀이된 글", unrepeated),
        Step("한 사람이 한 제품에 여러 번", latest),
        Step("거의 같은 글", trust.copied),
        Step("리뷰가 유난히 많은 사람", partial(ordinary, max_reviews=max_reviews)),
    )


UNSPONSORED: Final = Step("협찬·체험단이라고 밝힌 글", trust.unsponsored, alone=True)
"""Asked for by `--sponsored drop` only."""


def identified(frame: Frame, products: Frame) -> Frame:
    """Reviews under their products' ids: by the product's address, then by the id that is told,
    then by brand and name; a name that two products share says nothing."""
    product_ids, titles, brands, urls = (_told_of(products, name) for name in _IDENTIFYING)
    ids = set(product_ids)
    by_address: dict[str, str] = {}
    for key, product in zip(map(address_key, urls), product_ids, strict=True):
        if key:
            by_address.setdefault(key, product)
    by_name = _only_one(
        (key, product)
        for product, name, brand in zip(product_ids, titles, brands, strict=True)
        for key in (names.product_key(name, brand), _bare_key(name, brand))
    )

    def found(told: str, name: str, brand: str, url: str) -> str:
        if (by_url := by_address.get(address_key(url))) is not None:
            return by_url
        if told in ids or not name:
            return told
        return by_name.get(names.product_key(name, _spaced(brand)), told)

    pairs: dict[Hashable, str] = {}
    columns = ["product_id", *NAMED]
    rows = list(frame[columns].itertuples(index=False, name=None))
    for row in dict.fromkeys(rows):
        pairs[row] = found(*row)
    found_ids = _column(frame.index, [pairs[row] for row in rows])
    told = frame["product"].where(frame["product"] != "", frame["url"])
    strange = (found_ids == "") & (told != "")
    named = frame.assign(product_id=found_ids)
    return _reject(named, strange, "제품 표에 없는 제품이에요: " + told).drop(columns=list(NAMED))


def _told_of(frame: Frame, column: str) -> list[str]:
    """The column's texts; empty where there is none."""
    if column not in frame:
        return [""] * len(frame)
    return [cell if isinstance(cell, str) else "" for cell in frame[column]]


def address_key(url: object) -> str:
    """What an address says of the product: its goodsNo, or else the address without its scheme;
    empty where it is none."""
    if not isinstance(url, str) or not _is_address(url):
        return ""
    goods = _GOODS.search(url)
    return goods[1].casefold() if goods else url.partition("://")[2].partition("#")[0].rstrip("/")


def _bare_key(name: str, brand: str) -> str:
    """The name's key without the brand's."""
    return names.product_key(name, brand).removeprefix(squeeze(brand))


def _only_one(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Key → id, for keys that mean one product."""
    seen: dict[str, set[str]] = {}
    for key, product in pairs:
        seen.setdefault(key, set()).add(product)
    return {key: next(iter(ids)) for key, ids in seen.items() if key and len(ids) == 1}


def known_products(frame: Frame, keys: frozenset[str]) -> Frame:
    stranger = ~frame["product_id"].isin(keys)
    return _reject(frame, stranger, "제품 표에 없는 제품이에요: " + frame["product_id"])


def rated(frame: Frame) -> Frame:
    """Ratings in [1, 5]; what cannot be read goes with the sentence that says so."""
    read = {cell: _rating_or_reason(cell) for cell in frame["rating"].unique()}
    values = _column(frame.index, [read[cell] for cell in frame["rating"]])
    unread = values.map(lambda value: isinstance(value, str)).astype(bool)
    return _reject(frame.assign(rating=values.where(~unread, None)), unread, values.astype(str))


def masked(frame: Frame) -> Frame:
    return frame.assign(text=_column(frame.index, [mask(text) for text in frame["text"]]))


def told_of_skin(frame: Frame) -> Frame:
    return frame.assign(
        skin_type=_each(frame["skin_type"], _word_of(skin_type)),
        effect=_each(frame["effect"], _word_of(effect)),
        irritation=_each(frame["irritation"], _word_of(irritation)),
    )


def dated(frame: Frame) -> Frame:
    """The day as YYYY-MM-DD; None where it is not told or cannot be read."""

    def iso(cell: str) -> str | None:
        return found.isoformat() if (found := dates.day(cell)) else None

    return frame.assign(date=_each(frame["date"], iso))


def signed(frame: Frame) -> Frame:
    """A review without a name, or with one that its source masked («abc****»), is by a person of
    its own, the same at every load; without a text it is its place in the file that tells it.

    A name that is somebody's address or number is kept as a sum of it, so that it is still one
    person's.
    """
    columns = ["reviewer", "product_id", "rating", "text", "file", "line"]
    known = {
        reviewer: _unnamed(reviewer)
        for reviewer in frame["reviewer"].unique()
        if reviewer and not _HIDDEN.search(reviewer)
    }
    signs = [
        known[reviewer]
        if reviewer in known
        else _sign("\n".join(map(str, (product, told, text) if text else (product, file, line))))
        for reviewer, product, told, text, file, line in frame[columns].itertuples(
            index=False, name=None
        )
    ]
    return frame.assign(reviewer=_column(frame.index, signs))


def unrepeated(frame: Frame) -> Frame:
    """The same text without its blanks again: the first stays. Empty texts are not repeated."""
    key = unspaced(frame)
    again = _among_alive(frame, key != "", lambda rows: key[rows.index].duplicated())
    return _reject(frame, again, REPEATED)


def unspaced(frame: Frame) -> "pd.Series[str]":
    """The texts without their blanks: alike is what is the same text."""
    return _column(frame.index, ["".join(text.split()) for text in frame["text"]])


def latest(frame: Frame) -> Frame:
    """One rating for each person and product: the newest date counts, and of one day, or where
    none is told, the last row."""

    def again(rows: Frame) -> "pd.Series[bool]":
        days = rows["date"].map(lambda day: day or "")
        in_time = rows.assign(date=days).sort_values("date", kind="stable")
        return in_time.duplicated(["product_id", "reviewer"], keep="last")

    earlier = _among_alive(frame, None, again)
    return _reject(frame, earlier, REWRITTEN)


def ordinary(frame: Frame, max_reviews: int | None) -> Frame:
    """People with more reviews than `max_reviews`, or else than the distribution's fence, go."""
    counts = frame.loc[_alive(frame), "reviewer"].value_counts()
    most = fence(counts.to_numpy()) if max_reviews is None else max_reviews
    busy = counts[counts > most]
    written = frame["reviewer"].map(busy).fillna(0).astype(int)
    reason = f"리뷰가 {most}개보다 많은 사람이에요: " + written.astype(str) + "개"
    return _reject(frame, written > 0, reason)


def fence(counts: NDArray[np.integer[Any]]) -> int:
    """The most reviews (person,) that are no outlier: exp(Q3 + 3 · IQR) of the log counts.

    Never below 30, and never so low that more than 1 % of the people would go.
    """
    return fence_of(*np.unique(counts, return_counts=True))


def fence_of(values: NDArray[np.integer[Any]], people: NDArray[np.integer[Any]]) -> int:
    """The fence of so many people with each number of reviews (value,), numbers ascending."""
    if not len(values):
        return REVIEWS_AT_LEAST
    upto = np.cumsum(people)
    whole = int(upto[-1])

    def ranked(place: int) -> int:
        return int(values[np.searchsorted(upto, place, side="right")])

    def quartile(share: float) -> float:
        below, part = divmod(share * (whole - 1), 1)
        low, high = (math.log(ranked(min(int(below) + up, whole - 1))) for up in (0, 1))
        return low + (high - low) * part

    low, high = quartile(0.25), quartile(0.75)
    outer = math.floor(math.exp(min(high + FENCE * (high - low), 40.0)) + 1e-9)
    return max(REVIEWS_AT_LEAST, outer, ranked(whole - 1 - whole // OUTLIERS_AT_MOST))


# --- small parts ----------------------------------------------------------------------------------


def _alive(frame: Frame) -> "pd.Series[bool]":
    return frame["reason"] == ""


def _reject(frame: Frame, rows: "pd.Series[bool]", reason: "str | pd.Series[str]") -> Frame:
    """Gives the reason to those rows that had none."""
    going = rows & _alive(frame)
    return frame.assign(reason=frame["reason"].mask(going, reason))


def _among_alive(
    frame: Frame,
    which: "pd.Series[bool] | None",
    find: Callable[[Frame], "pd.Series[bool]"],
) -> "pd.Series[bool]":
    """What `find` says of the rows that are still there (and `which`); False elsewhere."""
    rows = _alive(frame) if which is None else _alive(frame) & which
    return find(frame[rows]).reindex(frame.index, fill_value=False)


def _told(frame: Frame, columns: tuple[str, ...]) -> Frame:
    for column in columns:
        frame = _reject(frame, frame[column] == "", f"{column} 칸이 비어 있어요.")
    return frame


def _first(frame: Frame, key: str, what: str) -> Frame:
    again = _among_alive(frame, None, lambda rows: rows.duplicated([key]))
    return _reject(frame, again, f"앞에 같은 {with_particle(what, '이/가')} 있어요: " + frame[key])


def _each(cells: "pd.Series[Any]", read: Callable[[Any], Any]) -> "pd.Series[Any]":
    """`read` of every cell, worked out once for each value."""
    values: dict[Hashable, Any] = {cell: read(cell) for cell in cells.unique()}
    return _column(cells.index, [values[cell] for cell in cells])


def _column(index: "pd.Index[Any]", values: Sequence[Any]) -> "pd.Series[Any]":
    """As an object column: pandas would turn None into nan and tuples into rows."""
    cells = np.empty(len(values), dtype=object)
    cells[:] = values if len(values) else []
    return pd.Series(cells, index=index, dtype=object)


def _count(table: Table, step: Step, before: Frame, after: Frame) -> Count:
    alive = _alive(after)
    changed = emptied = 0
    if step.column:
        old, new = before.loc[alive, step.column], after.loc[alive, step.column]
        nothing = new.isna() | (new == "")
        emptied = int((nothing & (old != "")).sum())
        changed = int((~nothing & (old != "") & (old.astype(str) != new.astype(str))).sum())
    dropped = int((~alive).sum() - (~_alive(before)).sum())
    return Count(table.name, step.title, changed, emptied, dropped)


def _spaced(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _is_address(url: str) -> bool:
    return bool(re.fullmatch(r"https?://[^\s/]+\S*", url, re.IGNORECASE))


def _rating_or_reason(cell: str) -> float | str:
    try:
        return rating(cell)
    except ValueError as error:
        return str(error)


def _word_of(read: Callable[[object], Any]) -> Callable[[str], str | None]:
    def word(cell: str) -> str | None:
        found = read(cell)
        return None if found is None else str(found.value)

    return word


def _unnamed(reviewer: str) -> str:
    return reviewer if mask(reviewer) == reviewer else _sign(reviewer)


def _sign(text: str) -> str:
    return "anon-" + hashlib.sha256(text.encode()).hexdigest()[:16]
