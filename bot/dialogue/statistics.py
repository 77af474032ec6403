"""The shop's figures, for its admins: a picture, the numbers as text, and all of them as CSV."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Final

from bot.dialogue import statistics_texts as words
from bot.dialogue.model import (
    AskStatistics,
    Bubble,
    Button,
    Dialogue,
    Document,
    Menu,
    Open,
    Picture,
    Rows,
    ShowStatistics,
    StatisticsGathered,
    Turn,
    ViewingStatistics,
)
from bot.dialogue.turns import TO_HOME, ask, moved, say
from engine.figures import Counts, Figures

PERIODS: Final = (7, 30, 0)
"""Days; 0: since the beginning."""
BOM: Final = "\ufeff"
"""Spreadsheets read UTF-8 only where it stands."""
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""Spreadsheets take for a formula what begins so (OWASP, CSV Injection)."""

Line = tuple[str, str, str, int | str]
"""Of what, which, of it, how many."""


def show(dialogue: Dialogue, scene: ViewingStatistics) -> Turn:
    return ask(moved(dialogue, scene), lambda ticket: AskStatistics(ticket, scene.days))


def of_days(dialogue: Dialogue, days: int) -> Turn | None:
    """None for a period that no button offers."""
    return show(dialogue, ViewingStatistics(days)) if days in PERIODS else None


def gathered(dialogue: Dialogue, scene: ViewingStatistics, result: StatisticsGathered) -> Turn:
    figures = result.figures
    periods = tuple(
        Button(words.PERIODS[days], ShowStatistics(days), tone=_tone(days, scene))
        for days in PERIODS
    )
    rows: Rows = (periods, (Button(words.BROADCAST, Open(Menu.BROADCAST)), TO_HOME))
    return say(
        dialogue,
        Picture(result.picture, words.title(figures)),
        Document(file_name(figures), as_csv(figures), words.CSV_CAPTION),
        Bubble(words.told(figures), rows),
    )


def file_name(figures: Figures) -> str:
    days = f"{figures.days}d" if figures.days else "all"
    return f"ppoyami-statistics-{days}-{figures.at:%Y%m%d}.csv"


def as_csv(figures: Figures) -> str:
    content = StringIO()
    writer = csv.writer(content, lineterminator="\r\n")
    writer.writerow(words.CSV_HEAD)
    writer.writerows([_safe(cell) for cell in line] for line in _lines(figures))
    return BOM + content.getvalue()


def _tone(days: int, scene: ViewingStatistics) -> str:
    return "good" if days == scene.days else "plain"


def _lines(figures: Figures) -> Iterator[Line]:
    survey = figures.survey
    yield from (
        (words.FUNNEL, stage.value, words.unit(stage), count or 0)
        for stage, count in figures.funnel
    )
    yield from _counted(words.SKIN_TYPES, survey.skin_types)
    yield from _counted(words.AGE_BANDS, survey.age_bands)
    yield from _counted(words.GENDERS, survey.genders)
    yield from _counted(words.CONCERNS, survey.concerns)
    for skin_type, counts in survey.by_concern:
        yield from _counted(f"{words.SKIN_TYPES} × {words.CONCERNS}", counts, skin_type)
    for skin_type, counts in survey.by_age:
        yield from _counted(f"{words.SKIN_TYPES} × {words.AGE_BANDS}", counts, skin_type)
    for week in figures.weeks:
        monday = week.monday.isoformat()
        yield words.WEEKS, monday, words.ARRIVALS, week.arrived
        yield words.WEEKS, monday, words.RECOMMENDATIONS, week.recommended
        yield words.WEEKS, monday, words.QUESTIONS, week.asked
    for skin_type, liked in figures.favourites:
        yield from ((words.FAVOURITES, skin_type, each.title, each.people) for each in liked)
    for verdict in (figures.answers, *figures.products):
        yield words.VERDICTS, verdict.title or words.ANSWERS, words.GOOD, verdict.good
        yield words.VERDICTS, verdict.title or words.ANSWERS, words.BAD, verdict.bad
    yield from ((words.REASONS, name, "", count) for name, count in words.reasons(figures))
    yield from ((words.IN_VAIN, text, "", count) for text, count in figures.in_vain)
    for link in figures.links:
        yield words.LINKS, link.title or words.source(link.source), link.url, link.clicks
    yield from ((words.CAMPAIGNS, name, "", count) for name, count in figures.campaigns)


def _counted(of: str, counts: Counts[str], row: str = "") -> Iterator[Line]:
    for name, count in counts:
        yield of, row or name, name if row else "", words.FEW if count is None else count


def _safe(cell: int | str) -> int | str:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
