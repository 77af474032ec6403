"""Fit the weights by which the guards decide whether a passage supports a sentence.

python -m training.support --artifacts var/artifacts [--claims data/seed/claims.jsonl]
    [--answers data/seed/answers.jsonl] [--write]

Reads labelled sentences (`claims`: one JSON object a line with sentence, passages, supported; of
`answers` the half «tune» alone), prints precision and recall over five folds, and with `--write`
puts the weights into engine/generation/checks/support.json. The documents are those of the index
of the newest load under `--artifacts`.

Exit status 0 done, 1 a file could not be read, 2 wrong usage.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.domain import DocumentKind, Passage
from engine.generation.checks.names import Known
from engine.generation.checks.support import FEATURES, Weights
from engine.generation.guard import Guard
from engine.retrieval.embedding import DEFAULT, embedder

WEIGHTS = Path("engine/generation/checks/support.json")
FOLDS = 5
RIDGE = 0.004
"""Weight of the squared weights against the mean loss of a sentence."""
STEPS, RATE = 4000, 0.5
STANDS = 0.5
"""Probability from which a sentence stands."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Claim:
    sentence: str
    passages: tuple[Passage, ...]
    supported: bool
    question: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """Of dropping: how many of the dropped were unsupported, and of the unsupported dropped."""

    precision: float
    recall: float
    claims: int


@dataclass(frozen=True, slots=True)
class Documents:
    passages: Mapping[str, Passage]
    known: Known

    @classmethod
    def read(cls, path: Path) -> "Documents":
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        more = [row["metadata"] for row in rows]
        passages = {
            f"{one['kind']}:{one['key']}": Passage(
                DocumentKind(one["kind"]), one["key"], one["title"], row["text"]
            )
            for row, one in zip(rows, more, strict=True)
        }
        return cls(passages, Known.of_metadata(more))


def read_claims(path: Path, documents: Documents) -> list[Claim]:
    return [
        Claim(row["sentence"], _passages(row, documents), row["supported"]) for row in _rows(path)
    ]


def read_answers(path: Path, documents: Documents) -> list[Claim]:
    """Sentences of the half that may be tuned on."""
    return [
        Claim(one["text"], _passages(row, documents), one["supported"], row["question"])
        for row in _rows(path)
        if row["half"] == "tune"
        for one in row["sentences"]
    ]


def fit(rows: Floats, labels: Floats) -> Floats:
    """Logistic regression by gradient descent; the first column is one and is not held small.
    `rows` (sentences, features), `labels` (sentences,) 0 or 1."""
    weights = np.zeros(rows.shape[1])
    held = np.full(rows.shape[1], RIDGE)
    held[0] = 0.0
    for _ in range(STEPS):
        told = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        weights -= RATE * (rows.T @ (told - labels) / len(labels) + held * weights)
    return weights


def measured(guard: Guard, claims: Sequence[Claim]) -> Measured:
    stands = [guard.judge(one.sentence, one.passages, one.question)[0] for one in claims]
    dropped = [one for one, stood in zip(claims, stands, strict=True) if not stood]
    right = sum(not one.supported for one in dropped)
    wrong = sum(not one.supported for one in claims)
    return Measured(right / max(1, len(dropped)), right / max(1, wrong), len(claims))


def folded(guard: Guard, claims: Sequence[Claim]) -> Measured:
    """What weights fitted without a claim make of it, rules before them included."""
    told = [guard.features(one.sentence, one.passages, one.question) for one in claims]
    stands = np.array([guard.judge(one.sentence, one.passages, one.question)[0] for one in claims])
    weighed = np.array([one is not None for one in told])
    rows, labels = _table([one or {} for one in told]), _labels(claims)
    fold = np.random.default_rng(0).permutation(len(claims)) % FOLDS
    for number in range(FOLDS):
        learnt = fit(rows[weighed & (fold != number)], labels[weighed & (fold != number)])
        asked = weighed & (fold == number)
        stands[asked] = 1 / (1 + np.exp(-(rows[asked] @ learnt))) >= STANDS
    dropped, unsupported = ~stands, labels == 0
    right = int((dropped & unsupported).sum())
    return Measured(
        right / max(1, int(dropped.sum())), right / max(1, int(unsupported.sum())), len(claims)
    )


def fitted(guard: Guard, claims: Sequence[Claim]) -> dict[str, Any]:
    told = [guard.features(one.sentence, one.passages, one.question) for one in claims]
    pairs = [(one, claim) for one, claim in zip(told, claims, strict=True) if one is not None]
    learnt = fit(_table([one for one, _ in pairs]), _labels([claim for _, claim in pairs]))
    values = {name: round(float(one), 4) for name, one in zip(FEATURES, learnt, strict=True)}
    return {"values": values, "threshold": STANDS}


def _table(told: Sequence[Mapping[str, float]]) -> Floats:
    return np.array([[one.get(name, 0.0) for name in FEATURES] for one in told])


def _labels(claims: Sequence[Claim]) -> Floats:
    return np.array([float(one.supported) for one in claims])


def _passages(row: Mapping[str, Any], documents: Documents) -> tuple[Passage, ...]:
    return tuple(documents.passages[one] for one in row["passages"])


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _newest(artifacts: Path) -> Path:
    found = sorted(
        artifacts.glob("*/index/**/documents.jsonl"), key=lambda one: one.stat().st_mtime
    )
    if not found:
        raise OSError(f"{artifacts}: no index; python -m ingest load")
    return found[-1]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.support", description=__doc__)
    parser.add_argument("--artifacts", type=Path, required=True)
    parser.add_argument("--claims", type=Path, default=Path("data/seed/claims.jsonl"))
    parser.add_argument("--answers", type=Path, default=Path("data/seed/answers.jsonl"))
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args(argv)
    try:
        documents = Documents.read(_newest(given.artifacts))
        claims = read_claims(given.claims, documents) + read_answers(given.answers, documents)
    except (OSError, ValueError, KeyError) as error:
        print(f"{error!r}", file=sys.stderr)  # noqa: T201
        return 1
    written: dict[str, Any] = {}
    for name, embeddings in (("embedded", embedder(DEFAULT)), ("bare", None)):
        guard = Guard(documents.known, embeddings)
        told = folded(guard, claims)
        print(f"{name}: {told}")  # noqa: T201
        written[name] = fitted(guard, claims)
        Weights(**written[name])
    if given.write:
        WEIGHTS.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
