"""Steps that must see several rows: what they read, and which rows they must see together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ingest import clean, likeness, trust
from ingest.clean import Step
from ingest.engines.job import Work, work_of
from ingest.engines.parts import ALIKE, PLACE, Gone


@dataclass(frozen=True, slots=True)
class Together:
    """The step is right on any part that holds all rows which are alike in `by`."""

    reads: Mapping[str, str]
    """Column the step reads → column of a part which stands for it."""
    by: str
    """Of a part's columns; what is empty there is alike with nothing."""


TOGETHER: Final[Mapping[Work, Together]] = {
    clean.unrepeated: Together({"text": ALIKE}, ALIKE),
    clean.latest: Together(
        {"product_id": "product_id", "reviewer": "reviewer", "date": "date"}, "reviewer"
    ),
    clean.ordinary: Together({"reviewer": "reviewer"}, "reviewer"),
}


SEES: Final[Mapping[Work, tuple[str, ...]]] = {trust.copied: ("file", "line", "text")}
"""What a step reads that must see the whole table; all columns where nothing is told."""


def together(step: Step) -> Together | None:
    """None where nothing is known of it: then it must see the whole table."""
    return TOGETHER.get(work_of(step))


def needs_fence(step: Step) -> bool:
    """The cut of reviews a person is found from all people, unless it is told."""
    work = step.work
    return (
        isinstance(work, partial)
        and work.func is clean.ordinary
        and work.keywords.get("max_reviews") is None
    )


def seen(step: Step, frame: pd.DataFrame) -> pd.DataFrame:
    """The part of a frame that a step across the whole table looks at: what it leaves alone, and
    what has gone already, need not be in memory with the rest."""
    frame = frame[frame["reason"] == ""]
    if work_of(step) is trust.copied:
        letters = frame["text"].map(lambda text: len(likeness.letters(text)))
        frame = frame[letters >= trust.SHORTEST]
    columns = SEES.get(work_of(step))
    return frame if columns is None else frame[[PLACE, *columns]]


def most(step: Step) -> int:
    """The cut of a step that has one."""
    return int(step.work.keywords["max_reviews"]) if isinstance(step.work, partial) else 0


def judged(step: Step, frame: pd.DataFrame) -> Gone:
    """What the step rejects of these rows, which are still there and in order; `place` tells where
    they are."""
    after = step.work(frame.assign(reason=pd.Series("", index=frame.index, dtype=object)))
    gone = after["reason"] != ""
    return Gone(
        after.loc[gone, PLACE].to_numpy(dtype=np.int64), after.loc[gone, "reason"].to_numpy()
    )


def fenced(step: Step, values: NDArray[np.integer[Any]], people: NDArray[np.integer[Any]]) -> Step:
    """The same with its cut, found from how many people have each number of reviews."""
    order = np.argsort(values)
    most = clean.fence_of(values[order], people[order])
    return replace(step, work=partial(clean.ordinary, max_reviews=most))
