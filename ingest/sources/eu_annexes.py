"""Annexes II–VI of Regulation (EC) No 1223/2009 as CosIng exports them, a CSV each.

Headings are read by name; two slips of the exports are mended: files whose rows have one cell fewer
than the headings (`other_regulations` stands in the headings only), and Annex IV with an empty
column between the colour and the product type. The longer headings are those of CosIng's own
download, written from memory.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from engine.parsing.korean import squeeze, with_particle
from ingest.errors import InputRefused
from ingest.sources.eu_wording import Terms, ban

_CAS: Final = re.compile(r"(?<!\d)\d{2,7}-\d{2}-\d(?!\d)")
_DASHES: Final = re.compile(r"[\u2010-\u2015\u2212]")
_GONE: Final = re.compile(r"\b(?:moved or deleted|deleted)\b", re.IGNORECASE)
_MIXTURE: Final = re.compile(r"\(and\)", re.IGNORECASE)
_NANO: Final = re.compile(r"\bnano\b", re.IGNORECASE)
_FIELDS: Final = {
    "number": ("reference_number",),
    "name": ("inn", "chemical name / inn"),
    "common": (
        "common_ingredients",
        "name of common ingredients glossary",
        "colour_index_number",
        "colour index number / name of common ingredients glossary",
    ),
    "cas": ("cas_number",),
    "uses": ("product_type", "product type, body parts"),
    "most": ("maximum_concentration", "maximum concentration in ready for use preparation"),
    "other": ("other",),
    "wording": ("wording_of_conditions", "wording of conditions and warnings"),
    "regulation": ("regulation",),
    "identified": (
        "identified_ingredients",
        "identified ingredients or substances e.g.",
        "identified ingredients or substances",
    ),
}


class Annex(StrEnum):
    BANNED = "II"
    RESTRICTED = "III"
    COLOURS = "IV"
    PRESERVATIVES = "V"
    FILTERS = "VI"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of an annex."""

    annex: Annex
    number: str
    name: str
    common: str
    """The common ingredients glossary's names of it, as the cell stands."""
    identified: str
    """The names that CosIng links to it: examples of a group, and what may hold it, among them."""
    cas: frozenset[str]
    terms: Terms

    @property
    def is_one(self) -> bool:
        """Its CAS says what it is: no nano form (which has the bulk's) and no mixture."""
        return not _NANO.search(self.name) and not self.is_mixture

    @property
    def is_mixture(self) -> bool:
        return bool(_MIXTURE.search(self.common))

    @property
    def condition(self) -> str | None:
        """When Annex II bans it; None in the other annexes and where it always does."""
        return ban(self.name) if self.annex is Annex.BANNED else None


def read(paths: Iterable[Path]) -> tuple[Entry, ...]:
    """The entries of all files; an annex is known by its file's name. Raises InputRefused."""
    return tuple(entry for path in paths for entry in _entries(path))


def parsed(file: str, text: str) -> tuple[Entry, ...]:
    """The entries of one CSV. Raises InputRefused."""
    annex = _annex(file)
    headings, rows = _table(file, text)
    headings, rows = _mended(headings, rows)
    columns = _columns(file, annex, headings)
    _check(file, columns, rows)
    found = (_entry(annex, {k: row[p] for k, p in columns.items()}) for _, row in rows)
    return tuple(entry for entry in found if entry is not None)


def _entries(path: Path) -> tuple[Entry, ...]:
    try:
        return parsed(path.name, path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise InputRefused(f"{path}: 그런 파일이 없어요.") from error
    except UnicodeDecodeError as error:
        raise InputRefused(f"{path.name}: 부속서 CSV는 utf-8이어야 해요.") from error


def _annex(file: str) -> Annex:
    match = re.search(r"annex[ _-]*(III|II|IV|VI|V|[2-6])(?![A-Za-z0-9])", file, re.IGNORECASE)
    if match is None:
        raise InputRefused(
            f"{file}: 어느 부속서인지 알 수 없어요. 파일 이름에 annex_II부터 annex_VI까지 가운데 "
            "하나가 들어 있어야 해요."
        )
    word = match[1].upper()
    return list(Annex)[int(word) - 2] if word.isdigit() else Annex(word)


def _table(file: str, text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Headings, and each row with the line it begins at; lines above the headings are passed."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    headings: list[str] = []
    rows, begins = [], 1
    try:
        for record in reader:
            if headings and any(record):
                rows.append((begins, record))
            elif record and squeeze(record[0]) == "referencenumber":
                headings = [cell.strip() for cell in record]
            begins = reader.line_num + 1
    except csv.Error as error:
        raise InputRefused(f"{file} {begins}번째 줄: 따옴표가 맞지 않아요.") from error
    if not headings or not rows:
        raise InputRefused(
            f"{file}: 부속서의 표를 찾지 못했어요. "
            "첫 열이 «Reference Number»인 CosIng의 CSV여야 해요."
        )
    return headings, rows


def _mended(
    headings: list[str], rows: list[tuple[int, list[str]]]
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Headings that stand over their cells."""
    keys = [squeeze(heading) for heading in headings]
    if "otherregulations" in keys and all(len(row) == len(headings) - 1 for _, row in rows):
        headings = [h for h, key in zip(headings, keys, strict=True) if key != "otherregulations"]
    keys = [squeeze(heading) for heading in headings]
    uses, other = keys.index("producttype") if "producttype" in keys else -1, "other" in keys
    if (
        "colour" in keys
        and uses >= 0
        and other
        and all(not row[uses : uses + 1][0] for _, row in rows if len(row) > uses)
    ):
        # the empty column takes the last one's place, so that the three behind it move up
        last = uses + 3
        rows = [
            (line, [*row[:uses], *row[uses + 1 : last + 1], "", *row[last + 1 :]])
            for line, row in rows
        ]
    return headings, rows


def _columns(file: str, annex: Annex, headings: Sequence[str]) -> dict[str, int]:
    places = {squeeze(heading): place for place, heading in enumerate(headings)}
    found = {
        field: next(places[key] for name in names if (key := squeeze(name)) in places)
        for field, names in _FIELDS.items()
        if any(squeeze(name) in places for name in names)
    }
    needed = ["number", "name", "cas", "regulation", "identified"]
    if annex is not Annex.BANNED:
        needed += ["uses", "most", "other"]
    if missing := [_FIELDS[field][0] for field in needed if field not in found]:
        named = with_particle(", ".join(f"«{one}»" for one in missing), "을/를")
        raise InputRefused(f"{file}: 부속서 {annex}의 열 {named} 찾지 못했어요.")
    return found


def _check(file: str, columns: Mapping[str, int], rows: Sequence[tuple[int, list[str]]]) -> None:
    """Every row says its regulation under that heading: else cells stand under the wrong ones."""
    for line, row in rows:
        cell = row[columns["regulation"]] if len(row) > max(columns.values()) else ""
        if not re.match(r"\s*\((?:EC|EU|EEC)\)", cell):
            raise InputRefused(
                f"{file} {line}번째 줄: «regulation» 칸에 «(EC) 2009/1223» 같은 규정 번호가 있어야 "
                f"하는데 «{cell[:40]}»예요. 칸이 열 이름과 어긋나 있어요."
            )


def _entry(annex: Annex, cells: Mapping[str, str]) -> Entry | None:
    if _GONE.search(cells["name"]):
        return None
    fields = {key: cells.get(key, "") for key in ("uses", "most", "other", "wording")}
    return Entry(
        annex=annex,
        number=cells["number"].strip(),
        name=" ".join(cells["name"].split()),
        common=cells.get("common", ""),
        identified=cells["identified"],
        cas=cas_numbers(cells["cas"]),
        terms=Terms(**fields),
    )


def cas_numbers(text: str) -> frozenset[str]:
    """Those in the text; «-» is none."""
    return frozenset(_CAS.findall(_DASHES.sub("-", text)))
