"""A table's file, or its folder of files, as rows under our columns."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from engine.provenance import checksum, origin_of
from ingest import clean, forms
from ingest.artifacts import Source
from ingest.clean import Count
from ingest.columns import REVIEWS, Table, naming, refusal
from ingest.errors import InputRefused
from ingest.mapping import Mapping, missing, nearest, resembling
from ingest.sources import files


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    frame: pd.DataFrame
    """As `clean.frame_of` makes it."""
    rejects: tuple[files.Reject, ...]
    """Lines that are no rows."""
    counted_back: Counter[dt.date]
    """Day a file was written → its dates that were counted back from it («2개월 전»)."""
    sources: tuple[Source, ...] = ()

    def counts(self, table: Table) -> tuple[Count, ...]:
        """What the reading itself did, for the report."""
        broken = len(self.rejects)
        back = self.counted_back.total()
        days = " · ".join(map(str, sorted(self.counted_back)[:3]))
        lines = (
            Count(table.name, "읽을 수 없는 줄", 0, 0, broken),
            Count(table.name, f"«2개월 전» 같은 날짜를 {days}부터 세기", back, 0, 0),
        )
        return tuple(line for line in lines if line.dropped or line.changed)


def read(table: Table, path: Path, mapping: Mapping, day: dt.date | None = None) -> Read:
    """Raises InputRefused where there is no table in it.

    `day`: the day the files were written, where it is not the day they were last changed.
    """
    if not path.is_dir():
        return _one(table, path, mapping, day, files.composed(path.name))
    found, refused = [], []
    for file in files.inside(path):
        label = files.composed(file.relative_to(path).as_posix())
        try:
            found.append(_one(table, file, mapping, day, label))
        except InputRefused as error:
            refused.append(files.Reject(label, 1, str(error)))
    if not found:
        reason = f" {refused[0].reason}" if refused else " 폴더가 비어 있어요."
        raise InputRefused(f"{path.name}: 읽을 수 있는 파일이 하나도 없어요.{reason}")
    return _joined(found, refused)


def parts(
    table: Table, path: Path, mapping: Mapping, day: dt.date | None, *, size: int
) -> Iterator[Read]:
    """The same rows in frames of at most `size`, one in memory at a time.

    Raises InputRefused also where `read` would leave out one broken file of a folder: its first
    rows may be gone out already. And for a form that must see all rows at once.
    """
    whole = not path.is_dir()
    for file in (path,) if whole else files.inside(path):
        label = files.composed(file.name if whole else file.relative_to(path).as_posix())
        rows = 0
        try:
            for sheet in files.parts(file, size):
                _check_forms(table, sheet, mapping, label)
                found = _under(table, sheet, file, mapping, day, label=label)
                rows += len(sheet.rows)
                yield found
        except InputRefused as error:
            if whole or rows:
                raise
            yield Read(_nothing(table, label), (files.Reject(label, 1, str(error)),), Counter())
        else:
            yield replace(
                Read(_nothing(table, label), (), Counter()),
                sources=(source(table, file, rows, label),),
            )


def unread(rejects: Sequence[files.Reject]) -> pd.DataFrame:
    """file, line and reason of lines that are no rows."""
    columns = ("file", "line", "reason")
    told = {name: [getattr(one, name) for one in rejects] for name in columns}
    return pd.DataFrame(told).astype({"file": object, "line": np.int64, "reason": object})


def _nothing(table: Table, label: str) -> pd.DataFrame:
    return clean.frame_of(table, {}, (), label)


def _check_forms(table: Table, sheet: files.Sheet, mapping: Mapping, label: str) -> None:
    if any(form.sees_all(table) for form in mapping.forms_of(sheet.headings)):
        raise InputRefused(
            f"{label}: 이 형식은 파일 전체를 보고 제품 이름을 고쳐서 나눠 읽을 수 없어요. "
            "--engine pandas 로 해 주세요."
        )


def distinct(products: Read) -> Read:
    """Products that a file of reviews names, each once."""
    once = products.frame.drop_duplicates(["product_id", "brand", "name"], ignore_index=True)
    return replace(products, frame=once, rejects=())


def source(table: Table, path: Path, rows: int, label: str = "") -> Source:
    """What a manifest tells of a file that has just been read."""
    return Source(
        table=table.name,
        file=label or files.composed(path.name),
        sha256=checksum(path),
        bytes=path.stat().st_size,
        rows=rows,
        origin=origin_of(path),
    )


def _one(table: Table, path: Path, mapping: Mapping, day: dt.date | None, label: str) -> Read:
    sheet = files.read(path)
    found = _under(table, sheet, path, mapping, day, label=label)
    return replace(found, sources=(source(table, path, len(sheet.rows), label),))


def _under(
    table: Table,
    sheet: files.Sheet,
    path: Path,
    mapping: Mapping,
    day: dt.date | None,
    *,
    label: str,
) -> Read:
    """The sheet's rows under our columns."""
    if lacks := missing(table, sheet.headings, mapping):
        near, like = nearest(table, sheet.headings), resembling(table, sheet.headings)
        raise refusal(f"{label} 1번째 줄", table, sheet.headings, lacks, near, like=like)
    places = {heading: place for place, heading in enumerate(sheet.headings)}
    columns = {
        column: [row[places[heading]] for row in sheet.rows]
        for heading, filled in naming(table, sheet.headings, mapping.naming(table)).items()
        for column in filled
    }
    frame = clean.frame_of(table, columns, sheet.lines, label)
    for form in mapping.forms_of(sheet.headings):
        frame = form.applied(table, frame)
    back: Counter[dt.date] = Counter()
    if table is REVIEWS:
        written = day or dt.date.fromtimestamp(path.stat().st_mtime)
        frame, times = forms.counted_back(frame, written)
        back = Counter({written: times} if times else {})
    rejects = tuple(replace(one, file=label) for one in sheet.rejects)
    return Read(frame, rejects, back)


def _joined(found: Sequence[Read], refused: Sequence[files.Reject]) -> Read:
    back: Counter[dt.date] = Counter()
    for one in found:
        back += one.counted_back
    return Read(
        pd.concat([one.frame for one in found], ignore_index=True),
        (*refused, *(reject for one in found for reject in one.rejects)),
        back,
        tuple(source for one in found for source in one.sources),
    )
