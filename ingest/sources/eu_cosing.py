"""The EU's annexes joined to ingredients: what is banned, limited or allowed for a purpose.

An ingredient is joined by its INCI name, else by CAS. «Identified ingredients» of a row are the
names that CosIng links to it. Not joined by CAS: a substance whose CAS numbers are not all in the
row, one that shares its CAS with another of the dictionary, extracts and other parts of plants
(one CAS covers all that is made of a plant), and rows of nano forms and mixtures (whose CAS is
that of the bulk form or of a part).
"""

import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from ingest import clean, reading
from ingest.columns import INGREDIENTS
from ingest.mapping import Mapping as ColumnMapping
from ingest.sources.eu_annexes import Annex, Entry, cas_numbers
from ingest.sources.eu_wording import CONDITIONS, NATURAL, is_allergen, rule

BY_NAME: Final = "이름"
BY_CAS: Final = "CAS"
GROUPED: Final = "금지된 물질군에 드는 것으로 CosIng에 적혀 있음"
DOUBTFUL: Final = "CAS가 여럿의 것"
PIECES_AT_MOST: Final = 6
"""Of one name between commas or slashes."""

_BRACKETS: Final = re.compile(r"\([^()]*\)")
"""«Lavandula Angustifolia (Lavender) Oil»: a plant's common name."""
_TAIL: Final = re.compile(
    r"\s*(?:\((?:\d{1,2}|\*+|inn|iso|usan|inci)\)|\band its salts?\b|[*]+)\s*$", re.IGNORECASE
)
_GROWN: Final = re.compile(
    r"\b(?:extracts?|oils?|waters?|juices?|powders?|ferment|filtrate|lysate|lea(?:f|ves)|flowers?"
    r"|roots?|seeds?|seedcake|barks?|peels?|fruits?|stems?|twigs?|buds?|wood|wax|resin|gum|balsam"
    r"|callus|cells?|culture|sprouts?|herb|sap|butter|germ|kernel|bran|rhizome|cera|protein)\b",
    re.IGNORECASE,
)
ROLES: Final = {
    Annex.COLOURS: "착색제",
    Annex.PRESERVATIVES: "보존제",
    Annex.FILTERS: "자외선차단제",
}
"""In the words of the seed's 배합목적."""
_ORDER: Final = (
    Annex.BANNED,
    Annex.FILTERS,
    Annex.PRESERVATIVES,
    Annex.COLOURS,
    Annex.RESTRICTED,
)


@dataclass(frozen=True, slots=True)
class Link:
    entry: Entry
    how: str
    own: bool
    """By the row's own name or number, not only by the names that CosIng adds to it."""

    @property
    def bans(self) -> bool:
        return self.entry.annex is Annex.BANNED and self.entry.condition is None and self.own

    @property
    def rank(self) -> int:
        """In which order they are told: a ban first, one under a condition last."""
        return len(_ORDER) if self.entry.condition else _ORDER.index(self.entry.annex)


@dataclass(frozen=True, slots=True)
class Count:
    """Ingredients (not rows of annexes) by how they were joined."""

    by_name: int
    by_cas: int
    doubtful: int
    none: int
    banned: int
    told: int
    """Spoke of an annex already and were left as they are."""

    def __str__(self) -> str:
        return (
            f"EU 부속서와 이은 성분: 이름으로 {self.by_name:,}개, CAS로 {self.by_cas:,}개 · "
            f"CAS를 여럿이 함께 써서 잇지 않음 {self.doubtful:,}개 · 잇지 못함 {self.none:,}개\n"
            f"조건 없는 금지 {self.banned:,}개 · 사용제한이 이미 부속서를 말해서 그대로 둠 "
            f"{self.told:,}개"
        )


# --- the table ------------------------------------------------------------------------------------


def ingredients_of(path: Path, mapping: ColumnMapping) -> pd.DataFrame:
    """The file's ingredients, cleaned as `load` cleans them. Raises InputRefused."""
    rows = reading.read(INGREDIENTS, path, mapping).frame
    steps = clean.ingredient_steps(mapping.separators, mapping.words)
    return clean.kept(clean.run(INGREDIENTS, rows, steps)[0])


def written(ingredients: pd.DataFrame) -> bytes:
    """As a CSV that `load` takes; it passes over the columns that begin with eu_."""
    columns = [*INGREDIENTS.names, "eu_annex", "eu_joined", "eu_banned"]
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    rows = ingredients[columns].itertuples(index=False, name=None)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else ""
        case tuple():
            return "|".join(value)
        case _:
            return str(value)


# --- joining --------------------------------------------------------------------------------------


def annexed(ingredients: pd.DataFrame, entries: Sequence[Entry]) -> pd.DataFrame:
    """The ingredients with `limits` and `roles` completed, and four columns more.

    `eu_annex` («V 29, III 45»), `eu_joined` (이름, CAS, the doubtful mark or nothing) and
    `eu_banned` (bool: Annex II without a condition). Ingredients whose limits speak of an annex
    already keep them.
    """
    links, doubtful = _links(ingredients, entries)
    rows = zip(ingredients["limits"], ingredients["roles"], strict=True)
    limits, roles, numbers, joined, banned = [], [], [], [], []
    for place, (told, purposes) in enumerate(rows):
        found = sorted(links.get(place, ()), key=lambda link: link.rank)
        limits.append(_limits(told, found))
        roles.append(_roles(purposes, found))
        numbers.append(", ".join(f"{link.entry.annex} {link.entry.number}" for link in found))
        joined.append(_how(found) or (DOUBTFUL if place in doubtful else ""))
        banned.append(any(link.bans for link in found))
    added: dict[str, Sequence[Any]] = {
        "limits": limits,
        "roles": roles,
        "eu_annex": numbers,
        "eu_joined": joined,
    }
    return ingredients.assign(
        **{name: _objects(ingredients, cells) for name, cells in added.items()},
        eu_banned=_objects(ingredients, banned),
    )


def counted(before: pd.DataFrame, after: pd.DataFrame) -> Count:
    how = after["eu_joined"]
    return Count(
        by_name=int((how == BY_NAME).sum()),
        by_cas=int((how == BY_CAS).sum()),
        doubtful=int((how == DOUBTFUL).sum()),
        none=int((how == "").sum()),
        banned=int(after["eu_banned"].astype(bool).sum()),
        told=sum(
            _speaks(told)
            for told, found in zip(before["limits"], after["eu_annex"], strict=True)
            if found
        ),
    )


def key(name: str) -> str:
    """What two spellings of an INCI name share: case, blanks and signs aside. Digits stay apart:
    «1,2-» is not «12-»."""
    text = unicodedata.normalize("NFKC", name).replace("\u00ad", "").casefold()
    while (shorter := _TAIL.sub("", text)) != text:
        text = shorter
    return " ".join(re.findall(r"[^\W_]+", text))


def _links(
    ingredients: pd.DataFrame, entries: Sequence[Entry]
) -> tuple[dict[int, list[Link]], set[int]]:
    """Ingredient (place) → its entries; and those that only a shared CAS would join."""
    named, holders, numbers = _indexed(ingredients)
    links: dict[int, list[Link]] = defaultdict(list)
    doubtful: set[int] = set()
    by_name: set[tuple[int, Annex]] = set()
    for entry in entries:
        own = set(_own_names(entry, named))
        for name in own | set(_linked_names(entry, named)):
            for place in named.get(name, ()):
                sure = name in own or not numbers[place].isdisjoint(entry.cas)
                links[place].append(Link(entry, BY_NAME, sure))
                by_name.add((place, entry.annex))
    for entry in (entry for entry in entries if entry.is_one):
        for place in {place for number in entry.cas for place in holders.get(number, ())}:
            if (place, entry.annex) in by_name or not numbers[place] <= entry.cas:
                continue
            shared = any(len(holders[number]) > 1 for number in numbers[place])
            if shared or _is_grown(ingredients["inci"].iloc[place]):
                doubtful.add(place)
            else:
                links[place].append(Link(entry, BY_CAS, own=True))
    return links, doubtful - set(links)


def _indexed(
    ingredients: pd.DataFrame,
) -> tuple[dict[str, list[int]], dict[str, list[int]], list[frozenset[str]]]:
    """INCI key → places, CAS → places, and each place's CAS numbers."""
    named: dict[str, list[int]] = defaultdict(list)
    holders: dict[str, list[int]] = defaultdict(list)
    numbers = []
    for place, (inci, cas) in enumerate(zip(ingredients["inci"], ingredients["cas"], strict=True)):
        numbers.append(cas_numbers(cas or ""))
        for number in numbers[-1]:
            holders[number].append(place)
        for name in {key(inci or ""), key(_BRACKETS.sub(" ", inci or ""))} - {""}:
            named[name].append(place)
    return named, holders, numbers


def _own_names(entry: Entry, known: Mapping[str, object]) -> Iterator[str]:
    """Keys of what the row calls itself: its name, and the glossary's."""
    yield from (key(part) for part in re.split(r";|\s/\s", entry.name))
    if not entry.is_mixture:
        for part in re.split(r"[;\n]", entry.common):
            yield from _runs(part, "[,/]", known)


def _linked_names(entry: Entry, known: Mapping[str, object]) -> Iterator[str]:
    """Keys of what CosIng links to the row. Not where that is what holds it by nature, or the parts
    of a mixture that is meant as one: those are allowed."""
    if entry.condition != NATURAL and not entry.is_mixture:
        for part in re.split(r"[;\n]|\s/\s", entry.identified):
            yield from _runs(part, ",", known)


def _runs(cell: str, mark: str, known: Mapping[str, object]) -> Iterator[str]:
    """Keys of the names that marks part in the cell. Names hold such marks too, so the longest run
    of pieces that is a name of the dictionary counts as one."""
    split = re.split(f"({mark})", cell)
    pieces, begin = [key(piece) for piece in split[::2]], 0
    while begin < len(pieces):
        ends = range(min(len(pieces), begin + PIECES_AT_MOST), begin, -1)
        runs = ((" ".join(filter(None, pieces[begin:end])), end) for end in ends)
        found, begin = next(((run, end) for run, end in runs if run in known), ("", begin + 1))
        if found:
            yield found


def _is_grown(inci: str | None) -> bool:
    return bool(inci and _GROWN.search(inci))


# --- what is told ---------------------------------------------------------------------------------


def _limits(told: str | None, links: Sequence[Link]) -> str | None:
    if _speaks(told):
        return told
    said = dict.fromkeys(limit(link) for link in links)
    return " · ".join(filter(None, (told, *said))) or None


def limit(link: Link) -> str:
    """«EU 보존제(부속서 V): 최대 1.0 %»."""
    entry, asked = link.entry, rule(link.entry.terms)
    place = f"(부속서 {entry.annex})"
    match entry.annex:
        case Annex.BANNED if entry.condition:
            return f"EU 조건부 금지 성분{place}: {entry.condition}"
        case Annex.BANNED:
            return f"EU 금지 성분{place}: " + ("사용 금지" if link.own else GROUPED)
        case Annex.RESTRICTED:
            title = "향 알레르겐" if is_allergen(entry.terms) else "제한 성분"
            return f"EU {title}{place}: {asked or CONDITIONS}"
        case Annex.COLOURS:
            return f"EU 착색제{place}: {asked or '사용 허용'}"
        case Annex.PRESERVATIVES:
            return f"EU 보존제{place}: {asked or '사용 허용'}"
        case Annex.FILTERS:
            return f"EU 자외선 차단제{place}: {asked or '사용 허용'}"


def _speaks(told: str | None) -> bool:
    return "부속서" in (told or "")


def _roles(purposes: tuple[str, ...], links: Sequence[Link]) -> tuple[str, ...]:
    added = (ROLES[link.entry.annex] for link in links if link.entry.annex in ROLES)
    return tuple(dict.fromkeys((*purposes, *added)))


def _how(links: Sequence[Link]) -> str:
    ways = {link.how for link in links}
    return BY_NAME if BY_NAME in ways else BY_CAS if ways else ""


def _objects(frame: pd.DataFrame, values: Sequence[Any]) -> "pd.Series[Any]":
    cells = np.empty(len(values), dtype=object)
    cells[:] = values if len(values) else []
    return pd.Series(cells, index=frame.index, dtype=object)
