"""The table of an evaluation: system × measure, with intervals, in words, as JSON and drawn."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from training.automatic import Better, Measure
from training.intervals import Interval, paired
from training.rows import Unreadable

CLEARLY: Final = {1: "▲", -1: "▼", 0: ""}
WIDTH, ROW, HEAD = 4.6, 0.32, 0.75
"""Inches of a panel of the picture."""
COLUMNS: Final = 3
LEAST: Final = 0.1
"""Of a measure's span: no panel shows less, so that what is next to nothing looks like it."""
GOOD, BAD, OPEN = "#26604f", "#b5523b", "#8a8178"


@dataclass(frozen=True, slots=True)
class Table:
    baseline: str
    """The system that the others are compared with."""
    questions: tuple[str, ...]
    measures: tuple[Measure, ...]
    values: Mapping[str, Mapping[str, Sequence[float | None]]]
    """System → measure → a value for each question, in their order; None where it has none."""
    notes: tuple[str, ...] = ()
    """What is to be read with it: whether a judge was there, and whether it is trusted."""

    def mean(self, system: str, measure: Measure) -> float | None:
        there = [one for one in self.values[system][measure.key] if one is not None]
        return sum(there) / len(there) if there else None

    def against(self, new: str, old: str, measure: Measure) -> Interval | None:
        return paired(self.values[new][measure.key], self.values[old][measure.key])


def clearly(measure: Measure, apart: Interval | None) -> int:
    """1 better, −1 worse, 0 where the interval holds zero or neither is better."""
    if apart is None or not apart.clear:
        return 0
    return measure.better.value * (1 if apart.mean > 0 else -1)


# --- the gate -----------------------------------------------------------------------------------


def promotable(table: Table, serving: str, new: str, slack: float = 0.0) -> list[str]:
    """Why `new` may not take the place of `serving`, a sentence each; empty where it may.

    Worse in the mean of any safety row is worse, whether the interval says so or not: what harms
    people is not given the benefit of the doubt. `slack`: of a measure's span, so much less is
    let pass. Raises LookupError for a system that is not in the table.
    """
    for name in (serving, new):
        if name not in table.values:
            raise LookupError(f"평가표에 «{name}» 시스템이 없어요")
    rows = [one for one in table.measures if one.safety]
    return [reason for one in rows if (reason := _worse(table, serving, new, one, slack))]


def _worse(table: Table, serving: str, new: str, measure: Measure, slack: float) -> str:
    apart = table.against(new, serving, measure)
    if apart is None or apart.mean * measure.better.value >= -slack * measure.span - 1e-9:
        return ""
    sure = "뚜렷하게" if apart.clear else "평균에서"
    before, now = table.mean(serving, measure), table.mean(new, measure)
    return (
        f"«{measure.korean}»이 {sure} 떨어져요: {serving} {before:.3f} → {new} {now:.3f} "
        f"(차이 {_signed(apart)}, 질문 {apart.n}개)"
    )


# --- in words and figures -----------------------------------------------------------------------


def words(table: Table) -> list[str]:
    """A sentence for each system and measure that has a better and a worse."""
    return [
        said
        for system in table.values
        if system != table.baseline
        for measure in table.measures
        if (said := _said(table, system, measure))
    ]


def _said(table: Table, system: str, measure: Measure) -> str:
    apart = table.against(system, table.baseline, measure)
    if apart is None or measure.better is Better.NEITHER:
        return ""
    head = f"{system} 쪽은 {table.baseline}보다 «{measure.korean}»이"
    match clearly(measure, apart):
        case 1:
            return f"{head} 나아요: {_signed(apart)}"
        case -1:
            return f"{head} 못해요: {_signed(apart)}"
        case _:
            return f"{head} 낫다고도 못하다고도 할 수 없어요: {_signed(apart)}"


def markdown(table: Table) -> str:
    systems = list(table.values)
    lines = [
        f"질문 {len(table.questions)}개 · 비교 기준 {table.baseline} · 괄호는 기준과의 차이와 "
        "짝지은 부트스트랩 95 % 구간 · ▲ 뚜렷이 나음, ▼ 뚜렷이 못함 · * 안전 항목",
        "",
        f"| 항목 | {' | '.join(systems)} |",
        f"|---|{'---|' * len(systems)}",
    ]
    lines += [
        f"| {_title(one)} | {' | '.join(_cell(table, name, one) for name in systems)} |"
        for one in table.measures
    ]
    lines += ["", *(f"- {note}" for note in table.notes)]
    return "\n".join(lines) + "\n"


def _title(measure: Measure) -> str:
    lower = " (낮을수록 좋음)" if measure.better is Better.LOWER else ""
    return f"{measure.korean}{lower}{' *' if measure.safety else ''}"


def _cell(table: Table, system: str, measure: Measure) -> str:
    value = table.mean(system, measure)
    if value is None:
        return "–"
    apart = None if system == table.baseline else table.against(system, table.baseline, measure)
    if apart is None:
        return f"{value:.3f}"
    return f"{value:.3f} ({_signed(apart)}) {CLEARLY[clearly(measure, apart)]}".rstrip()


def _signed(apart: Interval) -> str:
    return f"{apart.mean:+.3f}, 95 % 구간 {apart.low:+.3f}에서 {apart.high:+.3f}"


# --- JSON ---------------------------------------------------------------------------------------


def as_json(table: Table) -> dict[str, Any]:
    return {
        "baseline": table.baseline,
        "questions": list(table.questions),
        "measures": [
            {
                "key": one.key,
                "korean": one.korean,
                "better": one.better.name.lower(),
                "safety": one.safety,
                "span": one.span,
            }
            for one in table.measures
        ],
        "means": {
            name: {one.key: table.mean(name, one) for one in table.measures}
            for name in table.values
        },
        "differences": {
            name: {one.key: _told(table, name, one) for one in table.measures}
            for name in table.values
            if name != table.baseline
        },
        "notes": list(table.notes),
        "words": words(table),
        "values": {name: dict(rows) for name, rows in table.values.items()},
    }


def _told(table: Table, name: str, measure: Measure) -> dict[str, Any] | None:
    apart = table.against(name, table.baseline, measure)
    if apart is None:
        return None
    interval = {"mean": apart.mean, "low": apart.low, "high": apart.high, "questions": apart.n}
    return interval | {"clearly": clearly(measure, apart)}


def read_table(path: Path) -> Table:
    """Raises OSError, Unreadable."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        measures = tuple(
            Measure(
                one["key"],
                one["korean"],
                Better[one["better"].upper()],
                bool(one["safety"]),
                float(one["span"]),
            )
            for one in told["measures"]
        )
        questions, notes = tuple(told["questions"]), tuple(told["notes"])
        return Table(told["baseline"], questions, measures, told["values"], notes)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"{path}: 평가표로 읽을 수 없어요: {error!r}") from error


# --- the picture --------------------------------------------------------------------------------


def draw(table: Table, path: Path) -> None:
    """PNG: for each measure the systems' differences from the baseline with their intervals."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415

    others = [name for name in table.values if name != table.baseline] or [table.baseline]
    shown = [one for one in table.measures if table.mean(table.baseline, one) is not None]
    rows = -(-len(shown) // COLUMNS)
    tall = (ROW * len(others) + HEAD) * rows + HEAD
    figure = Figure(figsize=(WIDTH * COLUMNS, tall), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(
        f"difference from {table.baseline}, {len(table.questions)} questions, paired bootstrap 95 %"
    )
    panels = figure.subplots(rows, COLUMNS, squeeze=False, sharey=True).flat
    for panel, measure in zip(panels, shown, strict=False):
        _panel(panel, table, others, measure)
    for panel in list(figure.axes)[len(shown) :]:
        panel.set_visible(False)
    making = path.with_name(f".{path.name}.making")
    figure.savefig(making, dpi=110, format="png")
    making.replace(path)


def _panel(panel: Any, table: Table, others: Sequence[str], measure: Measure) -> None:
    edges = [-LEAST * measure.span, LEAST * measure.span]
    for place, name in enumerate(others):
        apart = table.against(name, table.baseline, measure)
        if apart is None:
            continue
        colour = {1: GOOD, -1: BAD, 0: OPEN}[clearly(measure, apart)]
        panel.plot([apart.low, apart.high], [place, place], color=colour, linewidth=2)
        panel.plot([apart.mean], [place], "o", color=colour)
        edges += [apart.low, apart.high]
    panel.axvline(0, color=OPEN, linewidth=0.8)
    room = 0.04 * (max(edges) - min(edges))
    panel.set_xlim(min(edges) - room, max(edges) + room)
    panel.locator_params(axis="x", nbins=6)
    panel.set_yticks(range(len(others)), labels=others)
    panel.set_ylim(len(others) - 0.5, -0.5)
    lower = ", lower is better" if measure.better is Better.LOWER else ""
    safety = " *" if measure.safety else ""
    base = table.mean(table.baseline, measure) or 0.0
    panel.set_title(f"{measure.key}{safety} (baseline {base:.3g}{lower})", fontsize=10)
