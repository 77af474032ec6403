"""What exports of one kind have in common and no heading's name can say.

Each is a pure step on the rows of one file, under our columns and before any cleaning; a mapping
chooses it: `form = "poll"`.
"""

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final

import pandas as pd

from engine.parsing import dates
from ingest.clean import address_key
from ingest.columns import PRODUCTS, REVIEWS, Table

Frame = pd.DataFrame

ADDRESSES_AT_MOST: Final = 2
"""A product may be offered again under another address; what reviews tell of more is no name."""
_HEADING: Final = re.compile(
    r"어떤가요|어떠세요|어때요|추천\s?(?:상품|해요|드려요)|함께\s?(?:본|구매|보면)|비슷한\s?상품|다른\s?고객"
    r"|최근\s?본\s?상품|인기\s?상품|연관\s?상품"
)
"""A carousel's heading, read in the name's place: «대신 이 상품은 어떤가요?»."""
_FILE_WORDS: Final = re.compile(
    r"(?:[\s_-]*(?:리뷰|후기|상품평|reviews?)(?:[\s_-]*(?:모음|목록|수집|결과|list))?)?"
    r"[\s_-]*(?:\(\d+\)|\d{4}-?\d{2}-?\d{2})?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Form:
    work: Mapping[str, Callable[[Frame], Frame]]
    """Table name → what is done to its rows."""
    filled: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Table name → columns that come from elsewhere than a heading."""
    whole: bool = False
    """It must see all rows of a file to be right about one."""

    def fills(self, table: Table) -> tuple[str, ...]:
        return self.filled.get(table.name, ())

    def sees_all(self, table: Table) -> bool:
        return self.whole and table.name in self.work

    def applied(self, table: Table, frame: Frame) -> Frame:
        work = self.work.get(table.name)
        return frame if work is None else work(frame)


# --- OliveYoung -----------------------------------------------------------------------------------


def without_headings(frame: Frame, column: str, at_most: float = ADDRESSES_AT_MOST) -> Frame:
    """A carousel's heading in a name's place becomes the name that other rows of the same address
    have, or nothing; also a name that stands at more than `at_most` addresses is one."""
    keys = frame["url"].map(address_key)
    headings = _headings(frame[column], keys, at_most)
    told = [
        (key, name)
        for key, name in zip(keys, frame[column], strict=True)
        if key and name and name not in headings
    ]
    names: dict[str, str] = {}
    for (key, name), _ in Counter(told).most_common():
        names.setdefault(key, name)
    mended = [
        names.get(key, "") if name in headings else name
        for key, name in zip(keys, frame[column], strict=True)
    ]
    return frame.assign(**{column: pd.Series(mended, index=frame.index, dtype=object)})


def _headings(names: "pd.Series[str]", keys: "pd.Series[str]", at_most: float) -> set[str]:
    at: dict[str, set[str]] = {}
    for name, key in zip(names, keys, strict=True):
        at.setdefault(name, set()).add(key)
    return {
        name
        for name, places in at.items()
        if name and (_HEADING.search(name) or len(places - {""}) > at_most)
    }


# --- polls, a file for each product ---------------------------------------------------------------


def named_by_file(frame: Frame, column: str) -> Frame:
    """The product is what the file is called: «이슬 토너_리뷰.csv»."""
    titles = {file: _title(file) for file in frame["file"].unique()}
    named = [told or titles[file] for told, file in zip(frame[column], frame["file"], strict=True)]
    return frame.assign(**{column: pd.Series(named, index=frame.index, dtype=object)})


def _title(file: str) -> str:
    stem = PurePath(file).stem
    return " ".join((_FILE_WORDS.sub("", stem) or stem).replace("_", " ").split())


def of_files(frame: Frame) -> Frame:
    """The product that the file is of; a poll's own ids are people."""
    return named_by_file(frame.assign(product_id="").astype({"product_id": object}), "name")


def polled(frame: Frame) -> Frame:
    """A poll's skin type is that of the people whom the product suits, not its author's."""
    return named_by_file(frame, "product").assign(skin_type="").astype({"skin_type": object})


# --- days -----------------------------------------------------------------------------------------


def counted_back(frame: Frame, written: dt.date) -> tuple[Frame, int]:
    """«2개월 전» becomes the day it was when the file was written; and how many were."""
    told = frame["date"].unique()
    days = {cell: day for cell in told if (day := dates.day_before(cell, written))}
    back = [days[cell].isoformat() if cell in days else cell for cell in frame["date"]]
    column = pd.Series(back, index=frame.index, dtype=object)
    return frame.assign(date=column), int(frame["date"].isin(days).sum())


FORMS: Final = {
    "oliveyoung": Form(
        {
            PRODUCTS.name: lambda frame: without_headings(frame, "name", math.inf),
            REVIEWS.name: lambda frame: without_headings(frame, "product"),
        },
        whole=True,
    ),
    "poll": Form(
        {PRODUCTS.name: of_files, REVIEWS.name: polled},
        {PRODUCTS.name: ("name",), REVIEWS.name: ("product",)},
    ),
}
