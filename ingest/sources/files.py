"""CSV, TSV, JSONL and XLSX files, whatever their encoding and delimiter, as rows of text."""

import csv
import datetime as dt
import io
import json
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from engine.parsing.korean import with_particle
from ingest.errors import InputRefused

EXPANDED_AT_MOST: Final = 512 * 1024 * 1024
"""Bytes an XLSX may unpack to: a small file can hold a thousand times its size."""
CELL_AT_MOST: Final = 100_000
"""Characters; the csv module's own limit is a little higher."""
_DELIMITERS: Final = (",", "\t", ";", "|")
_BOMS: Final = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_EXCEL_ERRORS: Final = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"}
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Reject:
    """A line that is left out, and why."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as it stands in the file: every cell text, without blanks around it."""

    file: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """Each as long as `headings`."""
    lines: tuple[int, ...]
    """Line of the file at which each row begins, from 1."""
    rejects: tuple[Reject, ...] = ()


def read(path: Path) -> Sheet:
    """The file's table; lines that do not fit the headings are its rejects.

    Raises InputRefused where there is no such file or it is no table as a whole.
    """
    readers = {".csv": _csv, ".tsv": _csv, ".txt": _csv, ".jsonl": _jsonl, ".xlsx": _xlsx}
    reader = readers.get(path.suffix.casefold())
    if reader is None:
        raise InputRefused(f"{path.name}: CSV, TSV, JSONL, XLSX 파일만 읽을 수 있어요.")
    if not path.is_file():
        raise InputRefused(f"{path}: 그런 파일이 없어요.")
    sheet = reader(path)
    if not sheet.rows and not sheet.rejects:
        raise InputRefused(f"{path.name}: 제목 줄 아래에 내용이 한 줄도 없어요.")
    return sheet


# --- text -----------------------------------------------------------------------------------------


def _text(path: Path) -> str:
    """The file's text, its encoding found out: utf-8 (with or without BOM), utf-16 or cp949."""
    raw = path.read_bytes()
    if not raw.strip(b"\xef\xbb\xbf \t\r\n"):
        raise InputRefused(f"{path.name}: 파일이 비어 있어요.")
    marked = next((name for bom, name in _BOMS.items() if raw.startswith(bom)), None)
    if marked is None and b"\x00" in raw:
        raise InputRefused(f"{path.name}: 글이 아니라 이진 파일이에요.")
    for encoding in (marked,) if marked else ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as error:
            broken = raw[: error.start].count(b"\n") + 1
    raise InputRefused(
        f"{path.name} {broken}번째 줄: 글자를 읽을 수 없어요. "
        f"인코딩은 utf-8이나 cp949(엑셀의 한국어 CSV)여야 해요."
    )


def _csv(path: Path) -> Sheet:
    text = _text(path)
    delimiter = "\t" if path.suffix.casefold() == ".tsv" else _delimiter(text)
    records = _records(path.name, text, delimiter)
    _, first = next(records, (1, []))
    headings = _headings(path.name, first)
    kept, rejects = [], []
    for line, cells in records:
        if len(cells) >= len(headings) and not any(cells[len(headings) :]):
            kept.append((line, tuple(map(_cell, cells[: len(headings)]))))
        elif any(cells):
            reason = f"칸이 {len(headings)}개여야 하는데 {len(cells)}개예요."
            rejects.append(Reject(path.name, line, reason))
    return _sheet(path.name, headings, kept, rejects)


def _delimiter(text: str) -> str:
    """The one that parts the headings into the most; a comma where none does."""
    head = text.lstrip("\r\n").split("\n", 1)[0]
    return max(_DELIMITERS, key=lambda d: len(next(csv.reader([head], delimiter=d), [])))


def _records(name: str, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record and the line it begins at."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputRefused(
                f"{name} {begins}번째 줄: 따옴표가 맞지 않거나 칸이 너무 길어요. "
                '여는 따옴표는 닫혀야 하고, 칸 안의 따옴표는 ""로 적어야 해요.'
            ) from error
        if record:
            yield begins, record
        begins = reader.line_num + 1


def _headings(name: str, cells: Sequence[str]) -> tuple[str, ...]:
    headings = tuple(cell.strip().lstrip("\ufeff") for cell in cells)
    while headings and not headings[-1]:
        headings = headings[:-1]
    repeated = {heading for heading in headings if heading and headings.count(heading) > 1}
    if repeated:
        twice = with_particle(f"«{min(repeated)}»", "이/가")
        raise InputRefused(f"{name} 1번째 줄: 열 이름 {twice} 두 번 나와요.")
    if not any(headings):
        raise InputRefused(f"{name} 1번째 줄: 열 이름이 있어야 해요.")
    return headings


def _cell(text: str) -> str:
    return _CONTROL.sub("", text).strip()


def _sheet(
    name: str,
    headings: tuple[str, ...],
    kept: Iterable[tuple[int, tuple[str, ...]]],
    rejects: Iterable[Reject],
) -> Sheet:
    full = [(line, cells) for line, cells in kept if any(cells)]
    return Sheet(
        file=name,
        headings=headings,
        rows=tuple(cells for _, cells in full),
        lines=tuple(line for line, _ in full),
        rejects=tuple(rejects),
    )


# --- JSON lines -----------------------------------------------------------------------------------


def _jsonl(path: Path) -> Sheet:
    found: list[tuple[int, dict[str, str]]] = []
    rejects = []
    for line, text in enumerate(_text(path).split("\n"), start=1):
        if text.strip():
            try:
                found.append((line, _object(text)))
            except ValueError as error:
                rejects.append(Reject(path.name, line, str(error)))
    headings = tuple(dict.fromkeys(key for _, row in found for key in row))
    if not headings:
        raise InputRefused(f"{path.name} 1번째 줄: 줄마다 JSON 객체 하나가 있어야 해요.")
    kept = ((line, tuple(row.get(key, "") for key in headings)) for line, row in found)
    return _sheet(path.name, headings, kept, rejects)


def _object(text: str) -> dict[str, str]:
    """One line; ValueError says what is wrong with it."""
    try:
        row = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise ValueError("JSON으로 읽을 수 없어요.") from error
    if not isinstance(row, dict):
        raise ValueError("JSON 객체({…})가 아니에요.")
    return {str(key): _json_cell(key, value) for key, value in row.items()}


def _json_cell(key: str, value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str() if len(value) > CELL_AT_MOST:
            raise ValueError(f"«{key}» 칸이 너무 길어요({len(value):,}자).")
        case str():
            return _cell(value.encode("utf-8", "replace").decode("utf-8"))
        case int() | float():
            return _number(value)
        case list():
            return "|".join(_json_cell(key, item) for item in value)
        case _:
            raise ValueError(f"«{key}» 안에 또 다른 객체가 있어요.")


def _number(value: float) -> str:
    """Spreadsheets keep whole numbers as floats: 7212.0 is the id 7212."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


# --- spreadsheets ---------------------------------------------------------------------------------


def _xlsx(path: Path) -> Sheet:
    """The first worksheet, values only."""
    try:
        _check_expansion(path)
        rows = _worksheet(path)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError) as error:
        # SyntaxError: ParseError of broken XML is one.
        raise InputRefused(f"{path.name}: XLSX 파일로 읽을 수 없어요.") from error
    filled = [(line, cells) for line, cells in enumerate(rows, start=1) if any(cells)]
    if not filled:
        raise InputRefused(f"{path.name}: 첫 번째 시트가 비어 있어요.")
    headings = _headings(path.name, filled[0][1])
    kept, rejects = [], []
    for line, cells in filled[1:]:
        if any(cells[len(headings) :]):
            rejects.append(Reject(path.name, line, f"칸이 {len(headings)}개보다 많아요."))
        else:
            padded = (*cells, *("",) * len(headings))[: len(headings)]
            kept.append((line, tuple(padded)))
    return _sheet(path.name, headings, kept, rejects)


def _check_expansion(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        expanded = sum(entry.file_size for entry in archive.infolist())
    if expanded > EXPANDED_AT_MOST:
        raise InputRefused(
            f"{path.name}: 풀면 {expanded // 1024**2:,}MB가 되는 파일은 읽지 않아요"
            f"(최대 {EXPANDED_AT_MOST // 1024**2}MB). CSV로 저장해 주세요."
        )


def _worksheet(path: Path) -> list[tuple[str, ...]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and extensions that openpyxl does not know
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # some writers state them wrongly
            return [tuple(map(_xlsx_cell, row)) for row in sheet.iter_rows(values_only=True)]
        finally:
            book.close()


def _xlsx_cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _number(value)
        case dt.datetime():
            return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
        case _:
            text = _cell(str(value))
            return "" if text in _EXCEL_ERRORS else text
