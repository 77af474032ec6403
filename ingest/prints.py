"""The report's charts as pictures of their own, 1080 pixels wide: for a message or a slide."""

from collections.abc import Iterator
from typing import Final

from engine.drawing import (
    BLUSH,
    INK,
    LEAF,
    PALE,
    PAPER,
    RULE,
    SAND,
    SOFT,
    WIDTH,
    Sheet,
    drawable,
)
from ingest.figures import Figures
from ingest.parts import Bars, Cloud, Columns

EDGE: Final = 36
PAD: Final = 30
ROW: Final = 46
HEAD: Final = 86
PLOT: Final = 400
LABELS_AT_MOST: Final = 16
ROOM: Final = WIDTH - 2 * (EDGE + PAD)
LEFT: Final = EDGE + PAD
TONES: Final = (LEAF, BLUSH, SAND, SOFT)

Chart = Bars | Columns | Cloud


def pictures(figures: Figures) -> Iterator[tuple[str, bytes]]:
    """File name → PNG, of every chart."""
    for section in figures.sections:
        for part in section.parts:
            if isinstance(part, Bars | Columns | Cloud):
                yield f"{part.key}.png", drawn(part, figures.subtitle)


def drawn(chart: Chart, subtitle: str) -> bytes:
    """PNG; `subtitle` says of which load it is."""
    height = _height(chart)
    sheet = Sheet(round(height + HEAD + 2 * EDGE + PAD))
    sheet.box(EDGE, EDGE, WIDTH - 2 * EDGE, height + HEAD + PAD, color=PAPER, round_=18)
    middle = EDGE + HEAD / 2 + 4
    sheet.text(LEFT, middle, chart.title, 32, bold=True, color=LEAF)
    beside = LEFT + sheet.width(chart.title, 32, bold=True) + 18
    subject = drawable(chart.subject) if isinstance(chart, Cloud) else ""
    sheet.text(beside, middle, subject, 30)
    sheet.text(WIDTH - LEFT, middle, drawable(subtitle), 20, color=SOFT, align="right")
    match chart:
        case Bars():
            _bars(sheet, chart, EDGE + HEAD)
        case Columns():
            _columns(sheet, chart, EDGE + HEAD)
        case Cloud():
            _cloud(sheet, chart, EDGE + HEAD)
    return sheet.png()


def _height(chart: Chart) -> float:
    match chart:
        case Bars():
            return ROW * len(chart.bars)
        case Columns():
            return PLOT + 70
        case Cloud():
            return chart.height * ROOM / chart.width


def _bars(sheet: Sheet, chart: Bars, top: float) -> None:
    longest = chart.whole or max((bar.value for bar in chart.bars), default=0) or 1
    words = [drawable(bar.told) for bar in chart.bars]
    names = [sheet.fitting(drawable(bar.name), 25, 340) for bar in chart.bars]
    left = LEFT + sheet.widest(names, 25) + 22 if names else LEFT
    room = WIDTH - LEFT - sheet.widest(words, 23) - 22 - left if words else 0
    for place, (bar, name, told) in enumerate(zip(chart.bars, names, words, strict=True)):
        middle = top + (place + 0.5) * ROW
        sheet.text(LEFT, middle, name, 25)
        sheet.box(left, middle - 12, room, 24, color=PALE, round_=8)
        if bar.value:
            length = max(room * bar.value / longest, 4)
            sheet.box(left, middle - 12, length, 24, color=LEAF, round_=8)
        sheet.text(WIDTH - LEFT, middle, told, 23, color=SOFT, align="right")


def _columns(sheet: Sheet, chart: Columns, top: float) -> None:
    highest = max((bar.value for bar in chart.bars), default=0) or 1
    width = ROOM / max(len(chart.bars), 1)
    every = -(-len(chart.bars) // LABELS_AT_MOST)
    floor = top + 40 + PLOT
    kept = len(chart.bars) if chart.cut is None else chart.cut.after
    for place, bar in enumerate(chart.bars):
        height = max(PLOT * bar.value / highest, 2) if bar.value else 0
        gap = min(width * 0.12, 14)
        left, wide = LEFT + place * width + gap, width - 2 * gap
        tone = LEAF if place < kept else BLUSH
        sheet.box(left, floor - height, wide, height, color=tone, round_=min(6, height / 2))
        middle = LEFT + (place + 0.5) * width
        if len(chart.bars) <= LABELS_AT_MOST:
            sheet.text(middle, floor - height - 18, bar.told, 22, color=SOFT, align="center")
        if place % every == 0:
            sheet.text(middle, floor + 24, bar.short or bar.name, 22, align="center")
    sheet.line([(LEFT, floor), (WIDTH - LEFT, floor)], RULE, 2)
    if chart.cut is not None:
        x = LEFT + chart.cut.after * width
        sheet.line([(x, top + 10), (x, floor)], BLUSH, 3)
        aside, align = (-12, "right") if x > WIDTH / 2 else (12, "left")
        sheet.text(x + aside, top + 24, chart.cut.told, 24, color=INK, align=align)


def _cloud(sheet: Sheet, cloud: Cloud, top: float) -> None:
    scale = ROOM / cloud.width
    for place, word in enumerate(cloud.words):
        sheet.text(
            LEFT + word.x * scale,
            top + word.y * scale,
            word.text,
            word.size * scale,
            color=TONES[place % len(TONES)],
            valign="baseline",
        )
