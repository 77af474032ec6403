"""A mapping: which foreign heading fills which column, and how its cells are written.

[products]
product = "name"
product_url = ["product_id", "url"]

[separators]
roles = ","

[words.roles]
Humectant = "수분 공급"

form = "oliveyoung", before all tables, names what a heading's name cannot say: see ingest.forms.
"""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from rapidfuzz import process

from engine.parsing.korean import with_particle
from ingest.columns import TABLES, Naming, Table, lacking, naming
from ingest.errors import InputRefused
from ingest.forms import FORMS, Form

_ALIKE_FROM: Final = 2
"""Headings; one alone («brand», «name») says nothing."""


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    form: str = ""
    products: dict[str, str | list[str]] = {}
    ingredients: dict[str, str | list[str]] = {}
    reviews: dict[str, str | list[str]] = {}
    separators: dict[str, str] = {}
    words: dict[str, dict[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Mapping:
    tables: dict[str, Naming] = field(default_factory=dict)
    separators: dict[str, str] = field(default_factory=dict)
    """Plural column → what parts its values; «|» without one."""
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    """Column → foreign word → ours."""
    forms: dict[str, tuple[frozenset[str], ...]] = field(default_factory=dict)
    """Name of a form → the headings of each of its tables."""

    def forms_of(self, headings: Iterable[str]) -> tuple[Form, ...]:
        """Those that this sheet has: half of a table's headings, or more, stand in it."""
        there = set(headings)
        return tuple(
            FORMS[name]
            for name, tables in self.forms.items()
            if any(len(table & there) * 2 >= len(table) for table in tables)
        )

    def naming(self, table: Table) -> Naming:
        return self.tables.get(table.name, {})

    def joined(self, other: Self) -> Self:
        """Both; where they differ the later one counts."""
        return type(self)(
            tables={
                name: {**self.tables.get(name, {}), **other.tables.get(name, {})} for name in TABLES
            },
            separators=self.separators | other.separators,
            words=self.words | other.words,
            forms=self.forms | other.forms,
        )


def ready_made() -> dict[str, Mapping]:
    """The mappings that come with the program, by name."""
    folder = resources.files("ingest") / "mappings"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return {
        file.name.removesuffix(".toml"): _parsed(file.name, file.read_text(encoding="utf-8"))
        for file in files
    }


def opened(names: Sequence[str]) -> Mapping:
    """Ready-made names and files, joined in their order. Raises InputRefused."""
    mapping, known = Mapping(), ready_made()
    for name in names:
        mapping = mapping.joined(known[name] if name in known else _read(Path(name), list(known)))
    return mapping


def nearest(table: Table, headings: Sequence[str]) -> str:
    """The ready-made mapping that makes a whole table of these headings, or an empty text."""
    fits = {
        name: len(set(mapping.naming(table)) & set(headings))
        for name, mapping in ready_made().items()
        if not missing(table, headings, mapping)
    }
    best = max(fits, key=fits.__getitem__, default="")
    return best if fits.get(best) else ""


def missing(table: Table, headings: Sequence[str], mapping: Mapping) -> tuple[str, ...]:
    """The required columns that these headings do not fill, nor the form they have."""
    filled = {column for form in mapping.forms_of(headings) for column in form.fills(table)}
    return lacking(table, naming(table, headings, mapping.naming(table)), filled)


def resembling(table: Table, headings: Sequence[str]) -> tuple[str, tuple[str, ...]] | None:
    """The ready-made mapping with most of these headings, and its headings that are not there;
    None where fewer than two are."""
    shared = {
        name: len(set(mapping.naming(table)) & set(headings))
        for name, mapping in ready_made().items()
    }
    best = max(shared, key=shared.__getitem__)
    if shared[best] < _ALIKE_FROM:
        return None
    wanted = ready_made()[best].naming(table)
    return best, tuple(heading for heading in wanted if heading not in headings)


def _read(path: Path, known: Sequence[str]) -> Mapping:
    try:
        return _parsed(path.name, path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputRefused(
            f"매핑 {with_particle(f'«{path}»', '이/가')} 없어요. "
            f"파일 이름이나 {', '.join(known)} 가운데 하나여야 해요."
        ) from error
    except UnicodeDecodeError as error:
        raise InputRefused(f"{path.name}: 매핑 파일은 utf-8로 적혀 있어야 해요.") from error


def _parsed(name: str, text: str) -> Mapping:
    try:
        written = _Written.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputRefused(f"{name}: TOML로 읽을 수 없어요 ({error}).") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InputRefused(
            f"{name}: {with_particle(f'«{where}»', '은/는')} 매핑에 쓸 수 없어요. "
            "[products] [ingredients] [reviews] [separators] [words.열] 안에 적어 주세요."
        ) from error
    tables = {
        table.name: _naming(name, table, getattr(written, table.name)) for table in TABLES.values()
    }
    if written.form and written.form not in FORMS:
        raise InputRefused(
            f"{name}: «{written.form}»이라는 form은 없어요. 있는 것은 {', '.join(FORMS)}예요."
        )
    headings = tuple(frozenset(heading) for heading in tables.values() if heading)
    forms = {written.form: headings} if written.form else {}
    return Mapping(tables, written.separators, written.words, forms)


def _naming(name: str, table: Table, written: dict[str, str | list[str]]) -> Naming:
    found = {
        heading: (columns,) if isinstance(columns, str) else tuple(columns)
        for heading, columns in written.items()
    }
    for columns in found.values():
        for column in columns:
            if column not in table.names:
                near = process.extractOne(column, table.names)
                raise InputRefused(
                    f"{name}: [{table.name}]에 «{column}» 열은 없어요."
                    + (f" «{near[0]}» 아닌가요?" if near else "")
                )
    return found
