"""A mapping: which foreign heading fills which column, and how its cells are written.

[products]
product = "name"
product_url = ["product_id", "url"]

[separators]
roles = ","

[words.roles]
Humectant = "수분 공급"
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError
from rapidfuzz import process

from engine.parsing.korean import with_particle
from ingest.columns import TABLES, Naming, Table, lacking, naming
from ingest.errors import InputRefused


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

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
        if not lacking(table, naming(table, headings, mapping.naming(table)))
    }
    return max(fits, key=fits.__getitem__, default="")


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
    return Mapping(tables, written.separators, written.words)


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
