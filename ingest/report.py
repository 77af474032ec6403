"""What happened, for the operator's terminal."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from engine.domain import Load
from ingest.artifacts import Artifacts, Counted, Manifest
from ingest.columns import FAQ, TABLES
from ingest.lexicon import Way

KEPT = {**TABLES, FAQ.name: FAQ}
FILES_SHOWN: Final = 4
"""Of a load, in a line of the history."""


def summary(manifest: Manifest) -> str:
    """Counts of every step that did something, and what there is now."""
    lines = [f"적재 {manifest.id} ({manifest.at.astimezone():%Y-%m-%d %H:%M})"]
    for name, rows in manifest.read.items():
        lines.append(f"\n{KEPT[name].title}: {rows:,}줄을 읽었어요 ({manifest.inputs[name]})")
        lines.append(_steps([step for step in manifest.steps if step.table == name]))
    lines.extend(_matched(manifest))
    lines.append(
        f"\n남은 것: 제품 {manifest.products:,}개, 성분 {manifest.ingredients:,}개, "
        f"리뷰 {manifest.reviews:,}개" + (f", FAQ {manifest.faq:,}개" if manifest.faq else "")
    )
    return "\n".join(lines)


def _matched(manifest: Manifest) -> list[str]:
    """The share of label names that the dictionary has, by file and by way."""
    lines = []
    for one in manifest.matched:
        whole = sum(one.ways.values())
        found = {way: times for way, times in one.ways.items() if way != Way.NONE.value}
        ways = " · ".join(f"{way} {times:,}" for way, times in found.items())
        lines.append(
            f"\n성분 이름: {one.file}의 {whole:,}번 가운데 {sum(found.values()) / whole:.1%}를 "
            f"성분표에서 찾았어요" + (f" ({ways})" if ways else "")
        )
    return lines


def history(loads: Sequence[Load], current: Load | None, artifacts: Artifacts) -> str:
    """Newest first; what serves is marked, and so is what can no longer be brought back."""
    if not loads:
        return "아직 적재한 것이 없어요."
    rows = [
        (
            "▶" if current and load.id == current.id else "",
            load.id,
            f"{load.at.astimezone():%Y-%m-%d %H:%M}",
            f"{load.products:,}",
            f"{load.ingredients:,}",
            f"{load.reviews:,}",
            *_made(artifacts.manifest(load.id)),
        )
        for load in loads
    ]
    return table(("", "적재", "때", "제품", "성분", "리뷰", "프로그램", "파일"), rows)


def _made(manifest: Manifest | None) -> tuple[str, str]:
    """The program's version, and the files that were given then."""
    if manifest is None:
        return "", "파일 없음"
    names = list(dict.fromkeys(manifest.inputs.values()))
    more = f" 외 {len(names) - FILES_SHOWN}개" if len(names) > FILES_SHOWN else ""
    return manifest.code, ", ".join(names[:FILES_SHOWN]) + more


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns padded to the width that a terminal gives Hangul."""
    grid = [tuple(heading), *(tuple(row) for row in rows)]
    widths = [max(_width(row[place]) for row in grid) for place in range(len(heading))]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in grid
    )


def _steps(steps: Sequence[Counted]) -> str:
    busy = [step for step in steps if any((step.changed, step.emptied, step.dropped, step.marked))]
    if not busy:
        return "  고치거나 뺀 것이 없어요."
    rows = [
        (f"  {s.step}", f"{s.changed:,}", f"{s.emptied:,}", f"{s.dropped:,}", f"{s.marked:,}")
        for s in busy
    ]
    return table(("  단계", "고친 칸", "비운 칸", "뺀 줄", "눈여겨볼 줄"), rows)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
