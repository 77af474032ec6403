"""One product is one row: rows and reviews of several sources that name one product find together.

Rows whose names say the same (ingest.alike) become one, whatever their ids; each old id keeps
pointing to it, in this load and in later ones, so that reviews follow. Pairs that only a person can
judge go to `doubtful.csv`; an operator writes «same» or «different» beside them and hands the file
back (`--pairs`), and what was decided counts from then on.
"""

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from rapidfuzz import fuzz
from rapidfuzz import process as rapidfuzz_process

from engine.parsing.korean import letters_of, with_particle
from ingest import alike
from ingest.alike import Brands, Likeness, Title, Verdict
from ingest.clean import CATEGORY, address_key, made_id
from ingest.errors import InputRefused
from ingest.sources import files

FOLDER: Final = "matching"
ROWS: Final = ("product_id", "other_id", "brand", "name", "url")
PAIRS: Final = (
    *("decision", "score", "reason", "id", "brand", "name", "file"),
    *("other_id", "other_brand", "other_name", "other_file"),
)
COMPARED_AT_MOST: Final = 3_000
"""Names of one brand that are compared each with each; of more, those that are told apart by the
same words and numbers only."""
LOOKED_AT: Final = 50
"""Products that a review's name is compared with, the likest in letters."""
_WORDS: Final = {
    **dict.fromkeys(("same", "같음", "같아요", "같다", "o"), True),
    **dict.fromkeys(("different", "다름", "달라요", "다르다", "x"), False),
}
_FILLED: Final = ("brand", "price", "volume", "ingredients", "picture", "url")

Frame = pd.DataFrame
Pair = frozenset[str]
"""Two ids."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """What an operator said of pairs of ids."""

    same: frozenset[Pair] = frozenset()
    different: frozenset[Pair] = frozenset()

    def joined(self, later: Self) -> Self:
        """Both; of one pair the later word counts."""
        told = later.same | later.different
        return type(self)(
            (self.same - told) | later.same, (self.different - told) | later.different
        )

    def say(self, one: str, other: str) -> bool:
        pair = frozenset((one, other))
        return pair in self.same or pair in self.different

    @property
    def written(self) -> str:
        """As a CSV, the same for the same decisions."""
        rows = sorted(
            (*sorted(pair), word)
            for word, pairs in (("same", self.same), ("different", self.different))
            for pair in pairs
        )
        return _csv(("id", "other_id", "decision"), rows)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the load before this one knows: ids must not change because a source is added."""

    ids: frozenset[str] = frozenset()
    """Of its products."""
    rows: Mapping[str, str] = field(default_factory=dict)
    """Another id → the row's."""
    decisions: Decisions = Decisions()

    def row_of(self, product: str) -> str:
        return product if product in self.ids else self.rows.get(product, "")


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Which rows are one."""

    groups: tuple[tuple[str, tuple[str, ...]], ...]
    """Id of the row, and the ids that it is made of; only where they are not the same one."""
    doubtful: Frame
    """As PAIRS says."""

    @property
    def rows(self) -> dict[str, str]:
        """Id → that of its row."""
        return {one: row for row, members in self.groups for one in members}


# --- products -------------------------------------------------------------------------------------


def planned(
    products: Frame,
    told: "pd.Series[Any]",
    brands: Brands,
    earlier: Earlier | None = None,
    *,
    decided_only: bool = False,
) -> Plan:
    """Of a frame's living rows, each with an id of its own; `told`: names as the files write them.
    `decided_only`: likeness says nothing.

    Raises InputRefused where decisions contradict each other.
    """
    earlier = earlier or Earlier()
    ids, makers, sources = (list(products[name]) for name in ("product_id", "brand", "file"))
    titles = {
        one: alike.read(name, brand, brands)
        for one, name, brand in zip(ids, told.loc[products.index], makers, strict=True)
    }
    groups = _Groups(titles, dict(zip(ids, sources, strict=True)), earlier.decisions)
    if decided_only:
        doubts = groups.united((), ())
    else:
        doubts = groups.united(_same_key(titles), _likenesses(titles.values()))
    named = dict(zip(ids, zip(makers, products["name"], sources, strict=True), strict=True))
    return Plan(
        tuple(_with_ids(groups.members(), ids, earlier)),
        _table((found, named[a], named[b], (a, b)) for found, a, b in doubts),
    )


def folded(products: Frame, plan: Plan) -> Frame:
    """One row for each group: the fullest, its gaps filled from the others, under the group's id;
    the others get their reason."""
    alive = products[products["reason"] == ""]
    wanted = {one for _, members in plan.groups for one in members}
    told = alive[alive["product_id"].isin(wanted)]
    place = dict(zip(told["product_id"], products.index.get_indexer(told.index), strict=True))
    rows = dict(zip(told["product_id"], told.to_dict("records"), strict=True))
    cells: defaultdict[str, dict[int, Any]] = defaultdict(dict)
    for row, members in plan.groups:
        best, *others = sorted(members, key=lambda one: _emptiness(rows[one]))
        for column, cell in _filled([rows[best], *(rows[one] for one in others)]).items():
            cells[column][place[best]] = cell
        cells["product_id"][place[best]] = row
        for one in others:
            cells["reason"][place[one]] = (
                f"{with_particle(row, '과/와')} 같은 제품이라 한 줄로 모았어요: {rows[one]['name']}"
            )
    after = products.copy()
    for column, changed in cells.items():
        values = after[column].to_numpy(dtype=object, copy=True)
        for at, cell in changed.items():
            values[at] = cell
        after[column] = pd.Series(values, index=after.index, dtype=object)
    return after


def known_as(products: Frame, plan: Plan) -> Frame:
    """As ROWS says: the other ids and writings of each row, the frame as it was before folding."""
    alive = products[products["reason"] == ""].set_index("product_id", drop=False)
    rows = [
        (row, one, *(_text(alive.at[one, name]) for name in ("brand", "name", "url")))
        for row, members in plan.groups
        for one in members
    ]
    return pd.DataFrame(rows, columns=list(ROWS), dtype=object)


def kept_as(rows: Frame, earlier: Frame, ids: Iterable[str]) -> Frame:
    """With what earlier loads knew of rows that are still there, where nothing newer is told."""
    there, told = set(ids), set(rows["other_id"])
    moved = dict(zip(rows["other_id"], rows["product_id"], strict=True))
    old = earlier.assign(product_id=[moved.get(one, one) for one in earlier["product_id"]])
    stays = old["product_id"].isin(there) & ~old["other_id"].isin(there | told)
    return pd.concat([rows, old[stays]], ignore_index=True).astype(object)


# --- reviews --------------------------------------------------------------------------------------


def with_writings(products: Frame, rows: Frame) -> Frame:
    """The products, and every other name and address they go by, under their rows' ids."""
    others = rows[["product_id", "brand", "name", "url"]]
    columns = ["product_id", "brand", "name", "url"]
    return pd.concat([products[columns], others[columns]], ignore_index=True)


class Following:
    """Reviews under their rows' ids, where another id of it is told, or a name that is nearly its,
    or that an operator decided to be its: a step that looks at no row but the one it rewrites.

    `products` as `with_writings` makes them; `rows`: another id → the row's.
    """

    def __init__(
        self, products: Frame, brands: Brands, decisions: Decisions, rows: Mapping[str, str]
    ) -> None:
        self._ids = frozenset(products["product_id"])
        self._rows = {one: row for one, row in rows.items() if one not in self._ids}
        self._addresses = frozenset(map(address_key, products["url"])) - {""}
        self._products, self._brands, self._decisions = products, brands, decisions
        self._found: dict[tuple[str, str], str] = {}
        self._doubts: dict[tuple[str, str], _Row] = {}

    @property
    def doubtful(self) -> Frame:
        """Pairs met so far."""
        return _table(self._doubts.values())

    def notes(self) -> "dict[tuple[str, str], _Row]":
        """The pairs met so far, for another `Following` of the same load: see ingest.engines."""
        return dict(self._doubts)

    def note(self, met: "Mapping[tuple[str, str], _Row]") -> None:
        for pair, row in met.items():
            self._doubts.setdefault(pair, row)

    def __call__(self, reviews: Frame) -> Frame:
        ids = reviews["product_id"]
        strange = reviews[~ids.isin(self._ids) & ~ids.isin(self._rows) & (reviews["product"] != "")]
        known = strange["url"].map(address_key).isin(self._addresses)
        wanted = strange.loc[~known, ["brand", "product", "file"]]
        for row in wanted.drop_duplicates(["brand", "product"]).itertuples(index=False, name=None):
            self._look(*row)
        pairs = zip(wanted["brand"], wanted["product"], strict=True)
        named = pd.Series([self._found[pair] for pair in pairs], index=wanted.index, dtype=object)
        after = ids.map(self._rows).where(ids.isin(self._rows), ids)
        after.loc[named.index[named != ""]] = named[named != ""]
        return reviews.assign(product_id=after.astype(object))

    def _look(self, brand: str, name: str, file: str) -> None:
        if (brand, name) in self._found:
            return
        own = made_id(name, brand)
        self._found[brand, name] = self._decided(own)
        if not self._found[brand, name]:
            title = alike.read(name, brand, self._brands)
            match self._catalogue.nearest(title, own, self._decisions):
                case (Likeness(verdict=Verdict.SAME), place):
                    self._found[brand, name] = self._catalogue.id(place)
                case (likeness, place):
                    row = self._catalogue.id(place)
                    named = (*self._catalogue.named(place), "")
                    told = (likeness, named, (brand, name, file), (row, own))
                    self._doubts[brand, name] = told

    def _decided(self, own: str) -> str:
        """The row that the operator says a writing to be."""
        pairs = (pair - {own} for pair in self._decisions.same if own in pair)
        rows = (self._rows.get(one, one) for pair in pairs for one in pair)
        return next((row for row in rows if row in self._ids), "")

    @cached_property
    def _catalogue(self) -> "_Catalogue":
        return _Catalogue(self._products, self._brands)


def moved(reviews: Frame, rows: Mapping[str, str]) -> Frame:
    """Cleaned reviews of an earlier load under the rows of this one; one for each person and
    product, the newest."""
    if not reviews["product_id"].isin(rows.keys()).any():
        return reviews
    after = reviews.assign(product_id=[rows.get(one, one) for one in reviews["product_id"]])
    by_day = after.assign(day=[day or "" for day in after["date"]]).sort_values(
        "day", kind="stable"
    )
    again = by_day.duplicated(["product_id", "reviewer"], keep="last").reindex(after.index)
    return after[~again].reset_index(drop=True)


# --- what is decided and kept ---------------------------------------------------------------------


def decided(path: Path) -> Decisions:
    """Of a `doubtful.csv` that came back: rows without a decision say nothing.

    Raises InputRefused.
    """
    sheet = files.read(path)
    lacks = [name for name in ("id", "other_id", "decision") if name not in sheet.headings]
    if lacks:
        absent = with_particle(", ".join(f"«{one}»" for one in lacks), "이/가")
        raise InputRefused(
            f"{path.name} 1번째 줄: 열 {absent} 없어요. "
            "적재가 만든 doubtful.csv의 decision 칸에 same이나 different를 적어 주세요."
        )
    at = [sheet.headings.index(name) for name in ("id", "other_id", "decision")]
    said: dict[Pair, tuple[bool, int]] = {}
    for line, row in zip(sheet.lines, sheet.rows, strict=True):
        one, other, word = (row[place].removeprefix("'") for place in at)
        if not word:
            continue
        same = _WORDS.get(word.casefold())
        if same is None or not one or not other or one == other:
            raise InputRefused(
                f"{path.name} {line}번째 줄: decision 칸에는 same이나 different만, id 칸에는 서로 "
                f"다른 두 번호가 있어야 해요. 지금은 «{one}», «{other}», «{word}»예요."
            )
        pair = frozenset((one, other))
        if said.setdefault(pair, (same, line))[0] != same:
            raise InputRefused(
                f"{path.name} {line}번째 줄: 같은 짝을 {said[pair][1]}번째 줄에서는 "
                "다르게 정했어요. 한쪽만 남겨 주세요."
            )
    return Decisions(
        frozenset(pair for pair, (same, _) in said.items() if same),
        frozenset(pair for pair, (same, _) in said.items() if not same),
    )


def contents(rows: Frame, decisions: Decisions) -> dict[str, str]:
    """File name → what is written; a file that would say nothing is none."""
    told = _csv(ROWS, sorted(map(tuple, rows.itertuples(index=False, name=None))))
    return {
        name: text
        for name, text, full in (
            ("same.csv", told, len(rows)),
            ("decided.csv", decisions.written, decisions != Decisions()),
        )
        if full
    }


def asked(doubts: Sequence[Frame]) -> Frame:
    """The likest pairs first."""
    frames = [one for one in doubts if len(one)]
    if not frames:
        return pd.DataFrame(columns=list(PAIRS), dtype=object)
    told = pd.concat(frames, ignore_index=True)
    return told.iloc[(-told["score"].astype(int)).argsort(kind="stable")].reset_index(drop=True)


def save(folder: Path, written: Mapping[str, str]) -> None:
    for name, text in written.items():
        (folder / FOLDER).mkdir(exist_ok=True)
        (folder / FOLDER / name).write_text(text, encoding="utf-8")


def ids_of(folder: Path | None) -> frozenset[str]:
    """Of a load's products; nothing where they cannot be read: then their ids are new ones."""
    path = folder / "catalogue" / "products.csv.gz" if folder else None
    if path is None or not path.is_file():
        return frozenset()
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return frozenset(row["product_id"] for row in csv.DictReader(file))


def nothing() -> tuple[Frame, Decisions]:
    return pd.DataFrame(columns=list(ROWS), dtype=object), Decisions()


def opened(folder: Path) -> tuple[Frame, Decisions]:
    """What `save` wrote; nothing where a load has none."""
    told = [tuple(row[name] for name in ROWS) for row in _rows(folder / FOLDER / "same.csv")]
    said = {
        frozenset((row["id"], row["other_id"])): row["decision"] == "same"
        for row in _rows(folder / FOLDER / "decided.csv")
    }
    return (
        pd.DataFrame(told, columns=list(ROWS), dtype=object),
        Decisions(
            frozenset(pair for pair, same in said.items() if same),
            frozenset(pair for pair, same in said.items() if not same),
        ),
    )


# --- groups ---------------------------------------------------------------------------------------

_Row = tuple[Likeness, tuple[str, ...], tuple[str, ...], tuple[str, str]]
_Near = tuple[Likeness, Title, Title]


class _Groups:
    """Ids that come together one pair after the other, unless something keeps them apart."""

    def __init__(
        self, titles: Mapping[str, Title], sources: Mapping[str, str], decisions: Decisions
    ) -> None:
        self._titles, self._sources, self._decisions = titles, sources, decisions
        self._of = {one: [one] for one in titles}

    def members(self) -> list[list[str]]:
        """Each group once, in the order of the rows."""
        return list({id(group): group for group in self._of.values()}.values())

    def united(
        self, keys: Iterable[Sequence[str]], likenesses: Iterable[_Near]
    ) -> list[tuple[Likeness, str, str]]:
        """The pairs that stay doubtful, the likest first."""
        by_title: defaultdict[Title, list[str]] = defaultdict(list)
        for one, title in self._titles.items():
            by_title[title].append(one)
        self._decide()
        for group in keys:
            self._one_key(group)
        doubts = []
        for found, left, right in likenesses:
            for one, other in product(by_title[left][:1], by_title[right][:1]):
                if (doubt := self._join(found, one, other)) is not None:
                    doubts.append((doubt, one, other))
        doubts += self._unbranded(by_title)
        return self._open(doubts)

    def _decide(self) -> None:
        for pair in sorted(self._decisions.same, key=sorted):
            one, other = sorted(pair)
            if one in self._of and other in self._of:
                self._merge(one, other)
        for pair in sorted(self._decisions.different, key=sorted):
            one, other = sorted(pair)
            if one in self._of and self._of[one] is self._of.get(other):
                raise InputRefused(
                    f"정해 주신 짝이 서로 어긋나요: «{one}», «{other}»는 다르다고 하셨는데, "
                    "같다고 하신 다른 짝을 따라가면 한 제품이 돼요."
                )

    def _one_key(self, group: Sequence[str]) -> None:
        """Ids whose titles say the same, to the first of them that nobody parts them from."""
        heads: list[str] = []
        for one in group:
            head = next((head for head in heads if not self._parted(head, one)), None)
            if head is None:
                heads.append(one)
            else:
                self._merge(head, one)

    def _join(self, found: Likeness, one: str, other: str) -> Likeness | None:
        """The likeness where it stays doubtful."""
        if self._of[one] is self._of[other] or self._parted(one, other):
            return None
        shared = self._files(one) & self._files(other)
        if found.verdict is Verdict.DOUBTFUL:
            return None if shared else found
        if found.score < 100 and shared:
            return Likeness(Verdict.DOUBTFUL, found.score, "한 파일 안에 따로 적혀 있어요")
        if self._contrary(one, other):
            return Likeness(Verdict.DOUBTFUL, found.score, "같다고 본 다른 제품과 어긋나요")
        self._merge(one, other)
        return None

    def _unbranded(
        self, by_title: Mapping[Title, Sequence[str]]
    ) -> list[tuple[Likeness, str, str]]:
        """A name without a brand beside the same name with one: nobody but a person can say."""
        keyed: defaultdict[str, list[str]] = defaultdict(list)
        for title, ids in by_title.items():
            keyed[title.key].extend(ids[:1] if title.brand else ids)
        bare = [one for one, title in self._titles.items() if not title.brand and title.key]
        doubt = Likeness(Verdict.DOUBTFUL, 100.0, "브랜드를 알 수 없어요")
        return [
            (doubt, one, other)
            for one in bare
            for other in keyed[self._titles[one].key]
            if other != one
            and (self._titles[other].brand or one < other)
            and not self._files(one) & self._files(other)
            and not self._parted(one, other)
            and self._of[one] is not self._of[other]
        ]

    def _open(self, doubts: list[tuple[Likeness, str, str]]) -> list[tuple[Likeness, str, str]]:
        """Once for two groups, and none that have come together since."""
        seen: dict[Hashable, tuple[Likeness, str, str]] = {}
        for found, one, other in sorted(doubts, key=lambda row: (-row[0].score, row[1], row[2])):
            groups = frozenset((id(self._of[one]), id(self._of[other])))
            if len(groups) == 2 and not self._parted(one, other):
                seen.setdefault(groups, (found, one, other))
        return list(seen.values())

    def _merge(self, one: str, other: str) -> None:
        left, right = self._of[one], self._of[other]
        if left is not right:
            left += right
            for member in right:
                self._of[member] = left

    def _parted(self, one: str, other: str) -> bool:
        """Whether somebody said that two of them are different."""
        if not self._decisions.different:
            return False
        return any(
            frozenset(pair) in self._decisions.different
            for pair in product(self._of[one], self._of[other])
        )

    def _contrary(self, one: str, other: str) -> bool:
        lefts, rights = ({self._titles[m] for m in self._of[which]} for which in (one, other))
        return any(
            alike.compared(left, right).verdict is Verdict.DIFFERENT
            for left, right in product(lefts, rights)
        )

    def _files(self, one: str) -> set[str]:
        return {self._sources[member] for member in self._of[one]}


def _same_key(titles: Mapping[str, Title]) -> Iterator[list[str]]:
    """Ids of one brand whose names say the same but for blanks."""
    same: defaultdict[Hashable, list[str]] = defaultdict(list)
    for one, title in titles.items():
        if title.brand and title.key:
            told = (title.brand, title.key, title.numbers, title.tells, title.tags, title.notes)
            same[told].append(one)
    return iter([group for group in same.values() if len(group) > 1])


def _likenesses(titles: Iterable[Title]) -> list[_Near]:
    """Every two titles of a brand that may be one product, the likest first; the same whatever
    their order."""
    blocks: defaultdict[Hashable, list[Title]] = defaultdict(list)
    for title in sorted(dict.fromkeys(titles), key=_order):
        if title.brand and title.key:
            blocks[title.brand].append(title)
    found = [
        (likeness, *pair)
        for block in blocks.values()
        for part in _parts(block)
        for pair in _near(part)
        for likeness in (alike.compared(*pair),)
        if likeness.verdict is not Verdict.DIFFERENT
    ]
    return sorted(found, key=lambda row: -row[0].score)


def _parts(block: list[Title]) -> list[list[Title]]:
    if len(block) <= COMPARED_AT_MOST:
        return [block]
    told: defaultdict[Hashable, list[Title]] = defaultdict(list)
    for title in block:
        told[title.numbers, title.tells].append(title)
    return list(told.values())


def _near(titles: list[Title]) -> Iterator[tuple[Title, Title]]:
    """Pairs whose letters are like enough to be looked at."""
    if len(titles) < 2:
        return
    scores = np.zeros((len(titles), len(titles)), dtype=np.float32)  # (title, title)
    for texts in ([t.letters for t in titles], [letters_of(t.ordered) for t in titles]):
        each = rapidfuzz_process.cdist(
            texts, texts, scorer=fuzz.ratio, score_cutoff=alike.DOUBTFUL_FROM, dtype=np.float32
        )
        np.maximum(scores, each, out=scores)
    for left, right in np.argwhere(np.triu(scores, 1) > 0):
        yield titles[left], titles[right]


def _with_ids(
    groups: Sequence[Sequence[str]], order: Sequence[str], earlier: Earlier
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each group that is more than a row under its own id.

    An id of the load before stays: first the row's own, then one that it was known by; else a
    source's own id comes before one that was made of a name.
    """
    place = {one: at for at, one in enumerate(order)}
    taken = set(order)
    for group in groups:
        members = sorted(group, key=lambda one: (one.startswith("name-"), place[one]))
        own = [one for one in members if one in earlier.ids]
        was = [row for one in members if (row := earlier.row_of(one)) and row not in taken]
        row = (own or was or members)[0]
        taken.add(row)
        if len(members) > 1 or row != members[0]:
            yield row, tuple(members)


def _order(title: Title) -> tuple[Any, ...]:
    told = (title.numbers, title.tells, title.tags, title.notes)
    return (title.brand, title.key, title.ordered, *map(sorted, told), title.lengths)


# --- cells ----------------------------------------------------------------------------------------


def _emptiness(row: Mapping[Hashable, Any]) -> tuple[Any, ...]:
    """The fullest row comes first, one that is sold before one that is not."""
    filled = sum(bool(row[name]) for name in _FILLED) + (row["category"] != CATEGORY)
    return (not row["on_sale"], -filled)


def _filled(rows: Sequence[Mapping[Hashable, Any]]) -> dict[str, Any]:
    """The first row's gaps. A price is that of a size: one is taken from a row of the same size, or
    both."""
    first, *others = rows
    cells: dict[str, Any] = {"on_sale": any(row["on_sale"] for row in rows)}
    for column in ("brand", "ingredients", "picture", "url"):
        if not first[column]:
            cells[column] = next((row[column] for row in others if row[column]), first[column])
    if first["category"] == CATEGORY:
        cells["category"] = next(
            (row["category"] for row in others if row["category"] != CATEGORY), CATEGORY
        )
    offers = [(row["volume"], row["price"]) for row in others]
    match first["volume"], first["price"]:
        case None, None:
            cells["volume"], cells["price"] = next((o for o in offers if any(o)), (None, None))
        case volume, None:
            cells["price"] = next((won for size, won in offers if size == volume and won), None)
        case None, price:
            cells["volume"] = next((size for size, won in offers if won == price and size), None)
    return cells


def _table(rows: Iterable[_Row]) -> Frame:
    told = [
        ("", f"{found.score:.0f}", found.reason, a, *one, b, *other)
        for found, one, other, (a, b) in rows
    ]
    return pd.DataFrame(told, columns=list(PAIRS), dtype=object)


def _text(cell: Any) -> str:
    return str(cell) if isinstance(cell, str) and cell else ""


def _csv(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return text.getvalue()


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class _Catalogue:
    """The products' titles by brand, for names that reviews write."""

    def __init__(self, products: Frame, brands: Brands) -> None:
        self._ids: list[str] = list(products["product_id"])
        self._named = list(zip(products["brand"], products["name"], strict=True))
        self._titles = [alike.read(name, brand, brands) for brand, name in self._named]
        self._blocks: defaultdict[str, list[int]] = defaultdict(list)
        self._keys: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for place, title in enumerate(self._titles):
            self._blocks[title.brand].append(place)
            self._keys[title.brand, title.key].append(place)
        self._letters = [title.letters for title in self._titles]

    def id(self, place: int) -> str:
        return self._ids[place]

    def named(self, place: int) -> tuple[str, str]:
        return self._named[place]

    def _near(self, title: Title) -> list[int]:
        """Those of its brand whose letters are like enough, the likest first."""
        places = self._blocks[title.brand] if title.brand and title.key else []
        near = rapidfuzz_process.extract(
            title.letters,
            [self._letters[place] for place in places],
            scorer=fuzz.ratio,
            score_cutoff=alike.DOUBTFUL_FROM,
            limit=LOOKED_AT,
        )
        return [places[at] for _, _, at in near]

    def nearest(self, title: Title, own: str, decisions: Decisions) -> tuple[Likeness, int] | None:
        """The one product that is the same, or else the likest that may be."""
        if not title.brand:
            return None
        places = self._keys.get((title.brand, title.key)) or self._near(title)
        found = [
            (alike.compared(title, self._titles[place]), place)
            for place in places
            if frozenset((own, self._ids[place])) not in decisions.different
        ]
        found = [pair for pair in found if pair[0].verdict is not Verdict.DIFFERENT]
        if not found:
            return None
        same = {self._ids[place] for one, place in found if one.verdict is Verdict.SAME}
        if len(same) > 1:
            first, place = max(found, key=lambda pair: pair[0].score)
            return Likeness(Verdict.DOUBTFUL, first.score, "비슷한 제품이 여럿이에요"), place
        return max(found, key=lambda pair: (pair[0].verdict is Verdict.SAME, pair[0].score))
