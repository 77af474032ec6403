"""Curves of a training run as PNG: the labels are English, so that no font is asked for."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

History = Sequence[Mapping[str, Any]]
"""Rows as the trainer logs them; each has its step."""


def losses(runs: Path, history: History) -> None:
    """`loss.png`: the training loss of each step, the evaluation's at each checkpoint."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    _drawn(figure.add_subplot(), history, "loss", "loss (nats per token)")
    figure.savefig(runs / "loss.png", dpi=120)


def preferences(runs: Path, history: History) -> None:
    """`loss.png`: loss, margin of the rewards, share of pairs told apart, side by side."""
    figure = Figure(figsize=(13, 4), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    _drawn(left, history, "loss", "loss (per pair)")
    _drawn(middle, history, "rewards/margins", "reward margin (chosen - rejected)")
    middle.axhline(0, color="0.7", linewidth=0.8)
    _drawn(right, history, "rewards/accuracies", "pairs told apart (share)")
    right.set_ylim(-0.02, 1.02)
    right.axhline(0.5, color="0.7", linewidth=0.8)
    figure.savefig(runs / "loss.png", dpi=120)


def _drawn(axes: Axes, history: History, name: str, label: str) -> None:
    for key, style, legend in ((name, "-", "training"), (f"eval_{name}", "o-", "evaluation")):
        points = [(one["step"], one[key]) for one in history if key in one]
        if points:
            axes.plot(*zip(*points, strict=True), style, label=legend, linewidth=1, markersize=4)
    axes.set_xlabel("step")
    axes.set_ylabel(label)
    axes.grid(visible=True, alpha=0.3)
    if axes.lines:
        axes.legend(frameon=False)
