"""CSV, TSV, JSONL, XLSX and Parquet files as rows of text, whatever their encoding or delimiter."""

import codecs
import csv
import datetime as dt
import io
import itertools
import json
import math
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Final

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from engine.parsing.korean import with_particle
from engine.provenance import ENDING
from ingest.errors import InputRefused

EXPANDED_AT_MOST: Final = 512 * 1024 * 1024
"""Bytes an XLSX may unpack to: a small file can hold a thousand times its size."""
CELL_AT_MOST: Final = 100_000
"""Characters; the csv module's own limit is a little higher."""
_CHUNK: Final = 1 << 20
_SHORT: Final = 16
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
    readers = {
        ".csv": _csv,
        ".tsv": _csv,
        ".txt": _csv,
        ".jsonl": _jsonl,
        ".xlsx": _xlsx,
        ".parquet": _parquet,
    }
    reader = readers.get(path.suffix.casefold())
    if reader is None:
        raise InputRefused(f"{path.name}: CSV, TSV, JSONL, XLSX, Parquet 파일만 읽을 수 있어요.")
    if not path.is_file():
        raise InputRefused(f"{path}: 그런 파일이 없어요.")
    sheet = reader(path)
    if not sheet.rows and not sheet.rejects:
        raise InputRefused(f"{path.name}: 제목 줄 아래에 내용이 한 줄도 없어요.")
    return sheet


def parts(path: Path, size: int) -> Iterator[Sheet]:
    """The same rows, lines and rejects in sheets of at most `size` rows, with one of them in memory
    at a time; a spreadsheet, which may not be large, comes whole.

    Raises InputRefused like `read`, but what is broken further on only when it gets there.
    """
    reader = {
        ".csv": _csv_parts,
        ".tsv": _csv_parts,
        ".txt": _csv_parts,
        ".jsonl": _jsonl_parts,
        ".parquet": _parquet_parts,
    }.get(path.suffix.casefold())
    if reader is None or not path.is_file():
        yield read(path)
        return
    empty = True
    for sheet in reader(path, size):
        empty = empty and not sheet.rows and not sheet.rejects
        yield sheet
    if empty:
        raise InputRefused(f"{path.name}: 제목 줄 아래에 내용이 한 줄도 없어요.")


def inside(folder: Path) -> tuple[Path, ...]:
    """Every file in the folder and the folders in it, in the order of their names; hidden ones
    are not meant, nor what `fetch` tells of the files that it wrote."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    shown = (
        path
        for path in found
        if not any(part.startswith((".", "~$")) for part in path.parts)
        and not path.name.endswith(ENDING)
    )
    return tuple(folder / path for path in sorted(shown, key=lambda path: composed(str(path))))


def composed(text: str) -> str:
    """Hangul as whole syllables: some systems store names and texts as single letters (NFD)."""
    return unicodedata.normalize("NFC", text)


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
    records = _records(path.name, io.StringIO(text, newline=""), _delimiter(path, text))
    _, first = next(records, (1, []))
    return _fitting(path.name, _headings(path.name, first), records)


def _fitting(
    name: str, headings: tuple[str, ...], records: Iterable[tuple[int, list[str]]]
) -> Sheet:
    """The records that are as long as the headings; the others are rejects."""
    kept, rejects = [], []
    for line, cells in records:
        if len(cells) >= len(headings) and not any(cells[len(headings) :]):
            kept.append((line, tuple(map(_cell, cells[: len(headings)]))))
        elif any(cells):
            reason = f"칸이 {len(headings)}개여야 하는데 {len(cells)}개예요."
            rejects.append(Reject(name, line, reason))
    return _sheet(name, headings, kept, rejects)


def _delimiter(path: Path, text: str) -> str:
    """The one that parts the headings into the most; a comma where none does."""
    if path.suffix.casefold() == ".tsv":
        return "\t"
    head = text.lstrip("\r\n").split("\n", 1)[0]
    return max(_DELIMITERS, key=lambda d: len(next(csv.reader([head], delimiter=d), [])))


def _records(name: str, lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record and the line it begins at."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
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
    headings = tuple(composed(cell.strip().lstrip("\ufeff")) for cell in cells)
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
    return _short_cell(text) if len(text) < _SHORT else _plain_cell(text)


@lru_cache(1 << 14)
def _short_cell(text: str) -> str:
    """Ratings, days, skin types: the same few over and over, and each is in memory once."""
    return _plain_cell(text)


def _plain_cell(text: str) -> str:
    return composed((text if text.isprintable() else _CONTROL.sub("", text)).strip())


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


def _csv_parts(path: Path, size: int) -> Iterator[Sheet]:
    with path.open(encoding=_encoding(path), newline="") as file:
        delimiter = _delimiter(path, file.read(_CHUNK))
        file.seek(0)
        records = _records(path.name, file, delimiter)
        _, first = next(records, (1, []))
        headings = _headings(path.name, first)
        while chunk := list(itertools.islice(records, size)):
            yield _fitting(path.name, headings, chunk)


def _encoding(path: Path) -> str:
    """The file's encoding, found out by reading it through; refuses what `_text` refuses."""
    with path.open("rb") as file:
        head = file.read(3)
    marked = next((name for bom, name in _BOMS.items() if head.startswith(bom)), None)
    for encoding in (marked,) if marked else ("utf-8", "cp949"):
        if _decodes(path, encoding):
            return encoding
    _text(path)  # says which line it is
    raise AssertionError("read in whole it is text")


def _decodes(path: Path, encoding: str) -> bool:
    """Raises InputRefused where there is nothing in it, or where it is no text at all."""
    decoder = codecs.getincrementaldecoder(encoding)()
    empty = True
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if b"\x00" in chunk and encoding in ("utf-8", "cp949"):
                raise InputRefused(f"{path.name}: 글이 아니라 이진 파일이에요.")
            empty = empty and not chunk.strip(b"\xef\xbb\xbf \t\r\n")
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                return False
    if empty:
        raise InputRefused(f"{path.name}: 파일이 비어 있어요.")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


# --- JSON lines -----------------------------------------------------------------------------------


def _jsonl(path: Path) -> Sheet:
    found, rejects = _objects(path.name, enumerate(_text(path).split("\n"), start=1))
    return _told(path.name, _keys(path.name, found), found, rejects)


def _jsonl_parts(path: Path, size: int) -> Iterator[Sheet]:
    """Read twice: the headings are the keys of all lines."""
    encoding, keys = _encoding(path), dict[str, None]()
    with path.open(encoding=encoding, newline="\n") as file:
        for line in enumerate(file, start=1):
            found, _ = _objects(path.name, (line,))
            keys |= dict.fromkeys(key for _, row in found for key in row)
        headings = _keys(path.name, [(1, dict.fromkeys(keys, ""))])
        file.seek(0)
        lines = enumerate(file, start=1)
        while chunk := list(itertools.islice(lines, size)):
            yield _told(path.name, headings, *_objects(path.name, chunk))


def _objects(
    name: str, lines: Iterable[tuple[int, str]]
) -> tuple[list[tuple[int, dict[str, str]]], list[Reject]]:
    found, rejects = [], []
    for line, text in lines:
        if text.strip():
            try:
                found.append((line, _object(text)))
            except ValueError as error:
                rejects.append(Reject(name, line, str(error)))
    return found, rejects


def _keys(name: str, found: Iterable[tuple[int, dict[str, str]]]) -> tuple[str, ...]:
    headings = tuple(dict.fromkeys(key for _, row in found for key in row))
    if not headings:
        raise InputRefused(f"{name} 1번째 줄: 줄마다 JSON 객체 하나가 있어야 해요.")
    return headings


def _told(
    name: str,
    headings: tuple[str, ...],
    found: Iterable[tuple[int, dict[str, str]]],
    rejects: Iterable[Reject],
) -> Sheet:
    kept = ((line, tuple(row.get(key, "") for key in headings)) for line, row in found)
    return _sheet(name, headings, kept, rejects)


def _object(text: str) -> dict[str, str]:
    """One line; ValueError says what is wrong with it."""
    try:
        row = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise ValueError("JSON으로 읽을 수 없어요.") from error
    if not isinstance(row, dict):
        raise ValueError("JSON 객체({…})가 아니에요.")
    return {composed(str(key)): _json_cell(key, value) for key, value in row.items()}


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


# --- Parquet --------------------------------------------------------------------------------------


def _parquet(path: Path) -> Sheet:
    """Lines are counted as in a CSV of it: the first row is line 2."""
    sheets = list(_parquet_parts(path, None))
    return Sheet(
        path.name,
        sheets[0].headings,
        tuple(row for sheet in sheets for row in sheet.rows),
        tuple(line for sheet in sheets for line in sheet.lines),
        tuple(reject for sheet in sheets for reject in sheet.rejects),
    )


def _parquet_parts(path: Path, size: int | None) -> Iterator[Sheet]:
    try:
        import pyarrow as arrow  # noqa: PLC0415  large, and not everybody's
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise InputRefused(
            f"{path.name}: Parquet 파일을 읽으려면 pyarrow가 있어야 해요: "
            ".venv/bin/python -m pip install -e '.[scale]'"
        ) from error
    try:
        with parquet.ParquetFile(path) as file:
            headings = _headings(path.name, [str(name) for name in file.schema_arrow.names])
            yield _sheet(path.name, headings, (), ())
            line = 2
            for batch in file.iter_batches(size or max(file.metadata.num_rows, 1)):
                yield _arrow_rows(path.name, headings, batch.to_pydict(), line)
                line += batch.num_rows
    except (arrow.ArrowException, OSError) as error:
        raise InputRefused(f"{path.name}: Parquet 파일로 읽을 수 없어요.") from error


def _arrow_rows(
    name: str, headings: tuple[str, ...], columns: dict[str, list[object]], first: int
) -> Sheet:
    kept, rejects = [], []
    for line, values in enumerate(zip(*columns.values(), strict=True), start=first):
        try:
            kept.append((line, tuple(map(_arrow_cell, columns, values))))
        except ValueError as error:
            rejects.append(Reject(name, line, str(error)))
    return _sheet(name, headings, kept, rejects)


def _arrow_cell(name: str, value: object) -> str:
    match value:
        case dt.date():
            return _xlsx_cell(value)
        case float() if math.isnan(value):
            return ""
        case Decimal():
            return _number(float(value))
        case _:
            return _json_cell(name, value)
