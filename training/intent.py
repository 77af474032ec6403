"""The classifier of intents, trained from sentences of our own.

    python -m training.intent [--check]

Reads `data/seed/intents.jsonl` (rows `{"family", "intent", "text", "talk"}`: variants of one idea
share a family, `talk` says what was spoken of before) and writes `weights.npz` and `card.json` into
`engine/generation/intents`. With `--check` it writes nothing: it measures again and says whether
the committed card tells the truth. Needs scikit-learn (extra `train`).

Exit status 0 done, 1 the card does not fit the data, 2 wrong usage or no scikit-learn.
"""

import argparse
import csv
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.domain import DocumentKind, Named, Talk
from engine.generation.classifier import SIZE, features
from engine.generation.classifier import card as committed_card
from engine.generation.intent import Intent
from engine.retrieval.documents import title_of
from engine.retrieval.embedding import DEFAULT, embedder
from engine.retrieval.names import Names

ROOT: Final = Path(__file__).resolve().parents[1]
SEED: Final = ROOT / "data" / "seed"
SENTENCES: Final = SEED / "intents.jsonl"
KEPT: Final = ROOT / "engine" / "generation" / "intents"
COMMAND: Final = "python -m training.intent"
STRENGTH: Final = 10.0
"""Inverse of the L2 penalty."""
FOLDS: Final = 5
TALKS: Final = {"": Talk(), "product": Talk(products=("p",)), "ingredient": Talk((), ("i",))}
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sentence:
    family: str
    intent: Intent
    text: str
    talk: str


@dataclass(frozen=True, slots=True)
class Measured:
    """By cross-validation, no family on both sides."""

    predicted: tuple[Intent, ...]
    probabilities: tuple[float, ...]
    macro_f1: float
    by_intent: dict[str, float]


class SeedNames:
    """The seed's names, as an index over it finds them."""

    def __init__(self, folder: Path = SEED) -> None:
        pairs: list[tuple[str, int]] = []
        self._about: list[tuple[DocumentKind, str]] = []
        for kind, key, names in (*_products(folder), *_ingredients(folder)):
            pairs += [(name, len(self._about)) for name in names if name]
            self._about.append((kind, key))
        self._names = Names.of(pairs)

    def named(self, text: str) -> list[Named]:
        return [
            Named(
                one.name,
                self._about[one.documents[0]][0],
                tuple(self._about[place][1] for place in one.documents),
            )
            for one in self._names.find(text)
        ]


def _products(folder: Path) -> Iterable[tuple[DocumentKind, str, list[str]]]:
    for row in _rows(folder / "products.csv"):
        names = [title_of(row["brand"], row["name"]), row["name"]]
        yield DocumentKind.PRODUCT, row["product_id"], names


def _ingredients(folder: Path) -> Iterable[tuple[DocumentKind, str, list[str]]]:
    for row in _rows(folder / "ingredients.csv"):
        names = [row["name"], row["inci"], *row["aliases"].split("|")]
        yield DocumentKind.INGREDIENT, row["name"], names


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sentences(path: Path = SENTENCES) -> list[Sentence]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Sentence(row["family"], Intent(row["intent"]), row["text"], row["talk"]) for row in rows
    ]


def matrix(known: Sequence[Sentence], names: SeedNames) -> Floats:
    """(sentences, features)"""
    vectors = embedder(DEFAULT).embed_documents([one.text for one in known])
    found = np.zeros((len(known), SIZE), dtype=np.float32)
    for row, (vector, one) in enumerate(zip(vectors, known, strict=True)):
        found[row] = features(vector, one.text, names.named(one.text), TALKS[one.talk])
    return found


def measured(x: Floats, known: Sequence[Sentence]) -> Measured:
    from sklearn.metrics import f1_score  # noqa: PLC0415 - only training needs it
    from sklearn.model_selection import StratifiedGroupKFold  # noqa: PLC0415

    y = np.array([one.intent.value for one in known])
    families = np.array([one.family for one in known])
    predicted, likely = np.empty(len(y), dtype=object), np.zeros(len(y))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for learned, asked in folds.split(x, y, families):
        model = fitted(x[learned], y[learned])
        probabilities = model.predict_proba(x[asked])
        predicted[asked] = model.classes_[probabilities.argmax(axis=1)]
        likely[asked] = probabilities.max(axis=1)
    labels = sorted(set(y.tolist()))
    each = f1_score(y, predicted.tolist(), labels=labels, average=None)
    return Measured(
        tuple(map(Intent, predicted)),
        tuple(likely.tolist()),
        round(float(np.mean(each)), 4),
        {label: round(float(score), 4) for label, score in zip(labels, each, strict=True)},
    )


def fitted(x: Floats, y: NDArray[Any]) -> Any:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    return LogisticRegression(C=STRENGTH, max_iter=3000).fit(x, y)


def card(known: Sequence[Sentence], found: Measured) -> dict[str, Any]:
    return {
        "data": SENTENCES.relative_to(ROOT).as_posix(),
        "sha256": hashlib.sha256(SENTENCES.read_bytes()).hexdigest(),
        "sentences": len(known),
        "families": len({one.family for one in known}),
        "by_intent": dict(sorted(Counter(one.intent.value for one in known).items())),
        "embedder": DEFAULT,
        "model": f"multinomial logistic regression, L2, C={STRENGTH:g}",
        "features": SIZE,
        "folds": FOLDS,
        "macro_f1": found.macro_f1,
        "f1": found.by_intent,
        "command": COMMAND,
        "date": date.today().isoformat(),
    }


def keep(x: Floats, known: Sequence[Sentence], told: dict[str, Any]) -> None:
    model = fitted(x, np.array([one.intent.value for one in known]))
    KEPT.mkdir(exist_ok=True)
    np.savez_compressed(
        KEPT / "weights.npz",
        intents=np.array(model.classes_.tolist()),
        weights=model.coef_.T.astype(np.float16),
        biases=model.intercept_.astype(np.float32),
    )
    text = json.dumps(told, ensure_ascii=False, indent=2)
    (KEPT / "card.json").write_text(f"{text}\n", encoding="utf-8")


def differences(told: dict[str, Any], kept: dict[str, Any]) -> list[str]:
    """Lines of what the committed card says otherwise; scores may differ in the third digit."""
    lines = [
        f"{name}: {kept.get(name)} → {told[name]}"
        for name in ("sha256", "sentences", "by_intent", "embedder", "features")
        if told[name] != kept.get(name)
    ]
    if abs(told["macro_f1"] - kept.get("macro_f1", 0)) > 0.005:
        lines.append(f"macro_f1: {kept.get('macro_f1')} → {told['macro_f1']}")
    return lines


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("--check", action="store_true", help="measure again, write nothing")
    wanted = parser.parse_args(arguments)
    known = sentences()
    x = matrix(known, SeedNames())
    try:
        found = measured(x, known)
    except ImportError:
        sys.stderr.write("scikit-learn이 필요해요: pip install 'ppoyami[train]'\n")
        return 2
    told = card(known, found)
    sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    if not wanted.check:
        keep(x, known, told)
        return 0
    apart = differences(told, committed_card())
    sys.stdout.writelines(f"{line}\n" for line in apart)
    return 1 if apart else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
