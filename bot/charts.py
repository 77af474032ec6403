"""The shop's figures as one picture, 1080 pixels wide, to be read on a phone.

Everything is drawn in pixels from the upper left corner. Colours are the page's (chat.css).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from engine.advertising import SEOUL
from engine.domain import Concern
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
    mixed,
)
from engine.figures import FEWEST, Counts, Figures, Liked, Stage, Survey, Week

EDGE: Final = 36
GAP: Final = 20
PAD: Final = 26
HALF: Final = (WIDTH - 2 * EDGE - GAP) / 2
WHOLE: Final = WIDTH - 2 * EDGE
ROW: Final = 40
LINE: Final = 44
"""Of the crossing."""
HEAD: Final = 70
FOOT: Final = 18

TITLE: Final = "뽀야미 통계"
PUBLIC_TITLE: Final = "뽀야미 피부 통계"
SKIN_TYPES: Final = "피부 타입"
AGE_BANDS: Final = "나이대"
GENDERS: Final = "성별"
BY_CONCERN: Final = "피부 타입별 고민"
CONCERN_SHARE: Final = "그 피부 타입에서 고른 사람의 비율(%)"
EVERYONE: Final = "전체"
FUNNEL: Final = "처음 말 걸고 가게까지"
WEEKS: Final = "주간 흐름"
ARRIVALS: Final = "새 손님"
RECOMMENDATIONS: Final = "추천"
QUESTIONS: Final = "질문"
FAVOURITES: Final = "피부 타입별 인기 제품"
FEW: Final = f"{FEWEST}명 미만"
HIDDEN: Final = "·"
HIDDEN_MEANS: Final = f"점은 {FEW}"
THIS_WEEK: Final = "이번 주"
NO_SURVEY: Final = "설문을 마친 사람이 아직 없어요"
EMPTY: Final = "아직 보여 줄 것이 없어요"
NOTE: Final = f"{FEWEST}명이 안 되는 무리는 수를 보여 주지 않아요"
CLICKS_NOTE: Final = "링크 클릭은 사람이 아니라 횟수예요"


def draw(figures: Figures, canvas: "Callable[[int], Sheet] | None" = None) -> bytes:
    """PNG. A pure function of the figures, some tenths of a second long: not for the event loop.

    `canvas` makes a sheet of this height; ours where there is none. Guarded figures
    (engine.figures.guarded) make the picture that may leave the shop's admins.
    """
    blocks = _blocks(figures)
    height = round(EDGE + sum(row.height + GAP for row in blocks) + EDGE - GAP)
    sheet = (canvas or Sheet)(height)
    y = float(EDGE)
    for row in blocks:
        row.draw(sheet, y)
        y += row.height + GAP
    return sheet.png()


def period(figures: Figures) -> str:
    """«최근 30일 · 2026.10.24–11.22»."""
    today = figures.at.astimezone(SEOUL).date()
    if figures.days is None:
        return f"처음부터 {today:%Y.%m.%d}까지"
    first = today - timedelta(days=figures.days - 1)
    last = f"{today:%m.%d}" if first.year == today.year else f"{today:%Y.%m.%d}"
    return f"최근 {figures.days}일 · {first:%Y.%m.%d}–{last}"


# --- blocks: a white card each, or two side by side -----------------------------------------------


@dataclass(frozen=True, slots=True)
class Block:
    height: float
    draw: Callable[[Sheet, float], None]
    """At this y."""


Content = Callable[[Sheet, float, float, float], None]
"""Draws at x, y within this width."""


def _card(title: str, height: float, content: Content) -> Callable[[float, float], Block]:
    def at(x: float, width: float) -> Block:
        whole = HEAD + height + FOOT

        def drawn(sheet: Sheet, y: float) -> None:
            sheet.box(x, y, width, whole, color=PAPER, round_=18)
            sheet.text(x + PAD, y + HEAD / 2 + 2, title, 28, bold=True, color=LEAF)
            content(sheet, x + PAD, y + HEAD, width - 2 * PAD)

        return Block(whole, drawn)

    return at


def _alone(card: Callable[[float, float], Block]) -> Block:
    return card(EDGE, WHOLE)


def _beside(left: Callable[[float, float], Block], right: Callable[[float, float], Block]) -> Block:
    """Two cards of one height."""
    one, other = left(EDGE, HALF), right(EDGE + HALF + GAP, HALF)

    def drawn(sheet: Sheet, y: float) -> None:
        one.draw(sheet, y)
        other.draw(sheet, y)

    return Block(max(one.height, other.height), drawn)


def _blocks(figures: Figures) -> list[Block]:
    return [
        _header(figures),
        *(_saying(EMPTY) if figures.empty else _told(figures)),
        _footer(figures),
    ]


def _told(figures: Figures) -> Iterator[Block]:
    if figures.survey.people:
        yield from _survey(figures.survey)
    else:
        yield from _saying(NO_SURVEY)
    if figures.funnel:
        yield _beside(_funnel(figures.funnel), _weeks(figures.weeks))
    if figures.favourites:
        yield _alone(_favourites(figures.favourites))


def _header(figures: Figures) -> Block:
    survey = figures.survey.people
    public = _is_public(figures)
    about = " 이상" if public else ""
    told = f"{period(figures)} · 설문 {survey:,}명{about}" if survey else period(figures)

    def drawn(sheet: Sheet, y: float) -> None:
        sheet.text(EDGE, y + 26, PUBLIC_TITLE if public else TITLE, 46, bold=True)
        sheet.text(EDGE, y + 80, told, 27, color=SOFT)

    return Block(102, drawn)


def _footer(figures: Figures) -> Block:
    note = NOTE if _is_public(figures) else CLICKS_NOTE

    def drawn(sheet: Sheet, y: float) -> None:
        sheet.text(WIDTH - EDGE, y + 8, note, 22, color=SOFT, align="right")

    return Block(18, drawn)


def _is_public(figures: Figures) -> bool:
    """Guarded figures know nothing of the shop's own business."""
    return not figures.funnel


def _saying(words: str) -> Iterator[Block]:
    def drawn(sheet: Sheet, y: float) -> None:
        sheet.box(EDGE, y, WHOLE, 220, color=PAPER, round_=18)
        sheet.text(WIDTH / 2, y + 110, words, 32, color=SOFT, align="center")

    yield Block(220, drawn)


# --- the survey -----------------------------------------------------------------------------------


def _survey(survey: Survey) -> Iterator[Block]:
    yield _beside(
        _card(SKIN_TYPES, ROW * len(survey.skin_types), _bars(survey.skin_types)),
        _card(AGE_BANDS, ROW * len(survey.age_bands), _bars(survey.age_bands)),
    )
    yield _alone(_card(GENDERS, 64, _strip(survey.genders)))
    rows = len(survey.by_concern) + 1
    yield _alone(_card(BY_CONCERN, 44 + rows * LINE + 8, _heat(survey)))


def _bars(counts: Counts[str]) -> Content:
    """Longest first would be quicker to rank, the survey's order is quicker to find."""

    def content(sheet: Sheet, x: float, y: float, width: float) -> None:
        longest = max((count or 0 for _, count in counts), default=0) or 1
        words = _told_counts(counts)
        label = 118.0
        room = width - label - sheet.widest(words, 23) - 14
        for place, ((name, count), told) in enumerate(zip(counts, words, strict=True)):
            middle = y + (place + 0.5) * ROW
            sheet.text(x, middle, name, 25)
            sheet.box(x + label, middle - 11, room, 22, color=PALE, round_=8)
            if count:
                length = max(room * count / longest, 6)
                sheet.box(x + label, middle - 11, length, 22, color=LEAF, round_=8)
            sheet.text(x + width, middle, told, 23, color=SOFT, align="right")

    return content


def _told_counts(counts: Counts[str]) -> list[str]:
    """With shares only where every count is told: of a part of the whole they would mislead."""
    if any(count is None for _, count in counts):
        return [FEW if count is None else f"{count:,}명" for _, count in counts]
    whole = sum(count or 0 for _, count in counts) or 1
    return [f"{count or 0:,}명 · {_percent((count or 0) / whole)}" for _, count in counts]


def _strip(counts: Counts[str]) -> Content:
    """One bar of the whole width, and under it what its parts are."""
    tones = (LEAF, BLUSH, RULE)

    def content(sheet: Sheet, x: float, y: float, width: float) -> None:
        whole = sum(count or 0 for _, count in counts) or 1
        told_whole = all(count is not None for _, count in counts)
        at, legend = x, x
        sheet.box(x, y, width, 22, color=PALE, round_=6)
        for (name, count), told, tone in zip(counts, _told_counts(counts), tones, strict=False):
            length = width * (count or 0) / whole
            if length > 4 and told_whole:
                sheet.box(at, y, length - 4, 22, color=tone, round_=6)
            at += length
            sheet.box(legend, y + 38, 18, 18, color=tone, round_=5)
            text = f"{name} {told}"
            sheet.text(legend + 28, y + 48, text, 24, color=SOFT)
            legend += 28 + sheet.width(text, 24) + 36

    return content


def _heat(survey: Survey) -> Content:
    """Of each skin type the share that has the concern. The darker, the more."""
    columns = [concern.value for concern in Concern]
    people = dict(survey.skin_types)
    everyone = [(EVERYONE, survey.people, dict(survey.concerns))] if survey.concerns else []
    rows = [*everyone, *((name, people.get(name), dict(row)) for name, row in survey.by_concern)]
    found = [[_share(row.get(column), base) for column in columns] for _, base, row in rows]
    shade = _shading(share for row in found for share in row if share is not None)

    def content(sheet: Sheet, x: float, y: float, width: float) -> None:
        hidden = any(share is None for row in found for share in row)
        means = f"{CONCERN_SHARE}, {HIDDEN_MEANS}" if hidden else CONCERN_SHARE
        sheet.text(x + width, y - HEAD / 2 + 2, means, 22, color=SOFT, align="right")
        label = 100.0
        cell = (width - label) / len(columns)
        for place, column in enumerate(columns):
            at = x + label + (place + 0.5) * cell
            sheet.text(at, y + 18, column, 22, color=SOFT, align="center")
        for line, ((name, _, _), row) in enumerate(zip(rows, found, strict=True)):
            top = y + 44 + line * LINE + (8 if everyone and line else 0)
            sheet.text(x, top + 20, name, 25, bold=name == EVERYONE)
            for place, share in enumerate(row):
                spot = (x + label + place * cell + 2, top)
                _cell(sheet, spot, cell - 4, share, shade(share or 0))

    return content


def _cell(
    sheet: Sheet, at: tuple[float, float], width: float, share: float | None, strength: float
) -> None:
    (x, y), height = at, LINE - 4
    strength = 0 if share is None else strength
    sheet.box(x, y, width, height, color=mixed(PALE, LEAF, strength), round_=7)
    words = HIDDEN if share is None else f"{share:.0%}".removesuffix("%")
    color = PAPER if strength > 0.55 else INK
    sheet.text(x + width / 2, y + height / 2, words, 23, color=color, align="center")


def _shading(shares: Iterable[float]) -> Callable[[float], float]:
    """From the least share to the most; where all are near each other, none stands out."""
    known = tuple(shares) or (0.0,)
    least, most = min(known), max(known)
    span = max(most - least, 0.1)
    return lambda share: min(max((share - least) / span, 0.0), 1.0)


def _share(count: int | None, base: int | None) -> float | None:
    """None where one of the two is not to be told."""
    if count is None or base is None:
        return None
    return min(count / base, 1.0) if base else 0.0


# --- the shop -------------------------------------------------------------------------------------


def _funnel(funnel: Counts[Stage]) -> Callable[[float, float], Block]:
    first = dict(funnel).get(Stage.ARRIVED) or 0
    rows = [(stage, count or 0, _part(stage, count or 0, first)) for stage, count in funnel]
    words = [
        f"{count:,}번" if part is None else f"{count:,}명 · {_percent(part)}"
        for _, count, part in rows
    ]

    def content(sheet: Sheet, x: float, y: float, width: float) -> None:
        label = 118.0
        room = width - label - sheet.widest(words, 22) - 14
        for place, ((stage, _, part), told) in enumerate(zip(rows, words, strict=True)):
            middle = y + (place + 0.5) * ROW
            sheet.text(x, middle, stage.value, 25)
            if part is not None:
                tone = mixed(LEAF, "#8fc4b0", place / len(rows))
                sheet.box(x + label, middle - 13, room, 26, color=PALE, round_=6)
                sheet.box(x + label, middle - 13, room * part, 26, color=tone, round_=6)
            sheet.text(x + width, middle, told, 22, color=SOFT, align="right")

    return _card(FUNNEL, ROW * len(funnel), content)


def _part(stage: Stage, count: int, first: int) -> float | None:
    """Of those who came; None for clicks, which are no people."""
    if stage is Stage.CLICKED:
        return None
    return min(count / first, 1.0) if first else 0.0


def _weeks(weeks: Sequence[Week]) -> Callable[[float, float], Block]:
    series = (
        (ARRIVALS, LEAF, [week.arrived for week in weeks]),
        (RECOMMENDATIONS, BLUSH, [week.recommended for week in weeks]),
        (QUESTIONS, SAND, [week.asked for week in weeks]),
    )
    most = max((value for _, _, values in series for value in values), default=0) or 1

    labels = [f"{name} {values[-1]:,}" for name, _, values in series]

    def content(sheet: Sheet, x: float, y: float, width: float) -> None:
        top, bottom = y + 18, y + ROW * len(Stage) - 34
        right = x + width - sheet.widest(labels, 22, bold=True) - 14
        step = (right - x) / max(len(weeks) - 1, 1)
        for height in (top, bottom):
            sheet.line([(x, height), (right, height)], RULE, 2)
        sheet.text(x, top - 16, f"{most:,}", 20, color=SOFT)
        first = f"{weeks[0].monday.month}월 {weeks[0].monday.day}일 주"
        sheet.text(x, bottom + 24, first, 20, color=SOFT)
        sheet.text(right, bottom + 24, THIS_WEEK, 20, color=SOFT, align="right")
        ends = []
        for (_, tone, values), label in zip(series, labels, strict=True):
            heights = [bottom - (bottom - top) * value / most for value in values]
            sheet.line([(x + place * step, at) for place, at in enumerate(heights)], tone)
            ends.append((heights[-1], label, tone))
        for height, words, tone in _apart(ends, 32, bottom):
            sheet.text(right + 12, height, words, 22, color=tone, bold=True)

    return _card(WEEKS, ROW * len(Stage), content)


def _apart(
    labels: Iterable[tuple[float, str, str]], gap: float, lowest: float
) -> list[tuple[float, str, str]]:
    """In the order of their heights, none over another, none below `lowest`."""
    placed: list[tuple[float, str, str]] = []
    for height, words, tone in sorted(labels, reverse=True):
        most = placed[-1][0] - gap if placed else lowest
        placed.append((min(height, most), words, tone))
    return placed


def _favourites(
    favourites: Sequence[tuple[str, tuple[Liked, ...]]],
) -> Callable[[float, float], Block]:
    """The first of each skin type."""

    def content(sheet: Sheet, x: float, y: float, width: float) -> None:
        label, value = 118.0, 190.0
        for place, (skin_type, liked) in enumerate(favourites):
            middle = y + (place + 0.5) * ROW
            best = liked[0]
            title = sheet.fitting(drawable(best.title), 25, width - label - value)
            sheet.text(x, middle, skin_type, 25, color=SOFT)
            sheet.text(x + label, middle, title, 25)
            people = f"{best.people:,}명이 골랐어요"
            sheet.text(x + width, middle, people, 23, color=SOFT, align="right")

    return _card(FAVOURITES, ROW * len(favourites), content)


# --- figures and colours --------------------------------------------------------------------------


def _percent(share: float) -> str:
    """«0%» only of nothing."""
    return "1% 미만" if 0 < share < 0.005 else f"{share:.0%}"
