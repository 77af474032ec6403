"""The shop's own questions and answers: read from its file, kept inside the load as `faq.csv`."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from engine.parsing.korean import squeeze
from ingest.columns import FAQ, lacking, naming, refusal
from ingest.errors import InputRefused
from ingest.sources import files

FILE: Final = "faq.csv"
ROWS_AT_MOST: Final = 1_000
QUESTION_AT_MOST: Final = 200
ANSWER_AT_MOST: Final = 2_000

Pairs = tuple[tuple[str, str], ...]
"""(question, answer) in the file's order."""


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    pairs: Pairs
    lines: int
    rejects: pd.DataFrame
    """file, line, reason."""


def read(path: Path) -> Read:
    """Raises InputRefused where it is no table, lacks a column, or holds no usable row."""
    sheet = files.read(path)
    named = naming(FAQ, sheet.headings, {})
    if missing := lacking(FAQ, named):
        raise refusal(f"{path.name} 1번째 줄", FAQ, sheet.headings, missing, "")
    places = {
        column: sheet.headings.index(heading)
        for heading, columns in named.items()
        for column in columns
    }
    pairs: dict[str, tuple[str, str]] = {}
    rejects = [(one.file, one.line, one.reason) for one in sheet.rejects]
    for line, row in zip(sheet.lines, sheet.rows, strict=True):
        question, answer = (" ".join(row[places[name]].split()) for name in FAQ.names)
        reason = _reason(question, answer, pairs)
        if reason:
            rejects.append((sheet.file, line, reason))
        else:
            pairs[squeeze(question)] = (question, answer)
    if not pairs:
        first = f" {rejects[0][1]}번째 줄: {rejects[0][2]}" if rejects else ""
        raise InputRefused(f"{path.name}: 쓸 수 있는 질문과 답이 하나도 없어요.{first}")
    frame = pd.DataFrame(rejects, columns=["file", "line", "reason"])
    return Read(tuple(pairs.values()), len(sheet.rows) + len(sheet.rejects), frame)


def written(pairs: Sequence[tuple[str, str]]) -> str:
    return "".join(f"{_cell(question)},{_cell(answer)}\n" for question, answer in pairs)


def save(folder: Path, pairs: Pairs) -> None:
    """Nothing where the shop answers nothing itself."""
    if pairs:
        text = f"question,answer\n{written(pairs)}"
        (folder / FILE).write_text(text, encoding="utf-8", newline="")


def opened(folder: Path) -> Pairs:
    """Raises InputRefused where the load's own file is torn."""
    path = folder / FILE
    if not path.exists():
        return ()
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return tuple((row["question"], row["answer"]) for row in csv.DictReader(file))
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise InputRefused(f"{path}: 온전하지 않아요. --faq 로 다시 적재해 주세요.") from error


def _reason(question: str, answer: str, pairs: dict[str, tuple[str, str]]) -> str:
    """Why a row is left out; empty where it is not."""
    if not squeeze(question) or not answer:
        return "질문이나 답이 비어 있어요"
    if len(question) > QUESTION_AT_MOST:
        return f"질문이 {QUESTION_AT_MOST}자보다 길어요"
    if len(answer) > ANSWER_AT_MOST:
        return f"답이 {ANSWER_AT_MOST:,}자보다 길어요"
    if squeeze(question) in pairs:
        return "같은 질문이 앞에 있어요"
    return f"질문이 {ROWS_AT_MOST:,}개보다 많아요" if len(pairs) >= ROWS_AT_MOST else ""


def _cell(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
