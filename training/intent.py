"""The classifier of intents, trained from sentences of our own.

    python -m training.intent [--check]

Reads `data/seed/intents.jsonl` (rows `{"family", "intent", "text", "talk"}`: variants of one idea
share a family, whose first letter says who wrote it; `talk` says what was spoken of before) and
writes `weights.npz` and `card.json` into
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
from scipy.sparse import csr_matrix, hstack

from engine.domain import DocumentKind, Named, Talk
from engine.generation import cues
from engine.generation.classifier import SIZE, Grams, features, runs
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
STRENGTH: Final = 0.3
"""Inverse of the L2 penalty."""
RUNS: Final = 60_000
"""Kept of some 150,000: those that weigh most."""
SEEN_FROM: Final = 2
"""Sentences that a run stands in."""
FOLDS: Final = 6
SHARPNESSES: Final = tuple(0.5 * 1.15**step for step in range(24))
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
    """By cross-validation, no writer on both sides."""

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


@dataclass(frozen=True)
class Told:
    """What is learned from."""

    always: Floats  # (sentences, SIZE)
    runs: tuple[tuple[Counter[str], Counter[str]], ...]
    intents: NDArray[Any]  # (sentences,)
    writers: NDArray[Any]  # (sentences,)


@dataclass(frozen=True)
class Fitted:
    model: Any
    grams: Grams

    def margins(self, told: Told, places: NDArray[np.int64]) -> Floats:
        """(places, intents)"""
        found: Floats = self.model.decision_function(_matrix(told, places, self.grams))
        return found


def told(known: Sequence[Sentence], names: SeedNames) -> Told:
    vectors = embedder(DEFAULT).embed_documents([one.text for one in known])
    always = np.zeros((len(known), SIZE), dtype=np.float32)
    found = []
    for row, (vector, one) in enumerate(zip(vectors, known, strict=True)):
        named = names.named(one.text)
        masked = cues.masked(one.text, named)
        always[row] = features(vector, one.text, masked, named, TALKS[one.talk])
        found.append(runs(masked))
    return Told(
        always,
        tuple(found),
        np.array([one.intent.value for one in known]),
        np.array([_writer(one) for one in known]),
    )


def _writer(one: Sentence) -> str:
    first, _, rest = one.family.partition("-")
    return first if rest.partition("-")[2] else ""


def measured(found: Told) -> tuple[Measured, float]:
    """On writers whose sentences were not learned from; and the sharpness that fits best there."""
    from sklearn.metrics import f1_score  # noqa: PLC0415 - only training needs it
    from sklearn.model_selection import GroupKFold  # noqa: PLC0415

    y, labels = found.intents, sorted(set(found.intents.tolist()))
    margins = np.zeros((len(y), len(labels)))
    for learned, asked in GroupKFold(FOLDS).split(y, y, found.writers):
        margins[asked] = fitted(found, learned).margins(found, asked)
    sharpness = min(SHARPNESSES, key=lambda one: _surprise(one * margins, y, labels))
    likely = _softmax(sharpness * margins)
    predicted = np.array(labels)[margins.argmax(axis=1)]
    each = f1_score(y, predicted, labels=labels, average=None)
    return Measured(
        tuple(map(Intent, predicted.tolist())),
        tuple(likely.max(axis=1).tolist()),
        round(float(np.mean(each)), 4),
        {label: round(float(score), 4) for label, score in zip(labels, each, strict=True)},
    ), sharpness


def fitted(found: Told, learned: NDArray[np.int64]) -> Fitted:
    """Twice: the second time with the runs that weighed most the first time."""
    every = _grams(found, learned)
    first = _fit(_matrix(found, learned, every), found.intents[learned])
    heavy = np.abs(first.coef_[:, SIZE:]).max(axis=0) * every.rarity
    kept = np.argsort(-heavy, kind="stable")[:RUNS]
    written = [*every.places]
    order = sorted(written[row] for row in kept)
    grams = Grams(
        {run: row for row, run in enumerate(order)},
        every.rarity[[every.places[run] for run in order]],
    )
    return Fitted(_fit(_matrix(found, learned, grams), found.intents[learned]), grams)


def _fit(x: Any, y: NDArray[Any]) -> Any:
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    return LinearSVC(C=STRENGTH, random_state=0).fit(x, y)


def _grams(found: Told, learned: NDArray[np.int64]) -> Grams:
    sentences_with: Counter[str] = Counter()
    for place in learned:
        for view in found.runs[place]:
            sentences_with.update(view.keys())
    seen = sorted(run for run, n in sentences_with.items() if n >= SEEN_FROM)
    rarity = [1 + np.log((1 + len(learned)) / (1 + sentences_with[run])) for run in seen]
    return Grams({run: row for row, run in enumerate(seen)}, np.array(rarity, dtype=np.float32))


def _matrix(found: Told, places: NDArray[np.int64], grams: Grams) -> Any:
    """(places, SIZE + runs), sparse."""
    parts = [grams.weighed(found.runs[place]) for place in places]
    starts = np.cumsum([0, *(len(rows) for rows, _ in parts)])
    rows = np.concatenate([rows for rows, _ in parts])
    values = np.concatenate([values for _, values in parts])
    shape = (len(places), len(grams.places))
    standing = csr_matrix((values, rows, starts), shape)
    return hstack([csr_matrix(found.always[places]), standing]).tocsr()


def _softmax(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    likely = np.exp(sums - sums.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = likely / likely.sum(axis=1, keepdims=True)
    return shares


def _surprise(sums: NDArray[np.float64], y: NDArray[Any], labels: Sequence[str]) -> float:
    """Mean negative logarithm of the right intent's probability."""
    right = np.array([labels.index(one) for one in y])
    return float(-np.log(_softmax(sums)[np.arange(len(y)), right]).mean())


def card(known: Sequence[Sentence], found: Measured) -> dict[str, Any]:
    return {
        "data": SENTENCES.relative_to(ROOT).as_posix(),
        "sha256": hashlib.sha256(SENTENCES.read_bytes()).hexdigest(),
        "sentences": len(known),
        "families": len({one.family for one in known}),
        "by_intent": dict(sorted(Counter(one.intent.value for one in known).items())),
        "embedder": DEFAULT,
        "writers": len({_writer(one) for one in known}),
        "model": f"linear support vector machine, L2, C={STRENGTH:g}",
        "features": SIZE,
        "runs": RUNS,
        "measured": f"{FOLDS} folds, no writer on both sides",
        "macro_f1": found.macro_f1,
        "f1": found.by_intent,
        "command": COMMAND,
        "date": date.today().isoformat(),
    }


def keep(found: Told, sharpness: float, told_of: dict[str, Any]) -> None:
    learned = fitted(found, np.arange(len(found.intents)))
    KEPT.mkdir(exist_ok=True)
    np.savez_compressed(
        KEPT / "weights.npz",
        intents=np.array(learned.model.classes_.tolist()),
        weights=learned.model.coef_.T.astype(np.float16),
        biases=learned.model.intercept_.astype(np.float32),
        runs=np.frombuffer("\n".join(learned.grams.places).encode(), dtype=np.uint8),
        rarity=learned.grams.rarity.astype(np.float16),
        sharpness=np.float32(sharpness),
    )
    text = json.dumps(told_of, ensure_ascii=False, indent=2)
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
    learned = told(known, SeedNames())
    try:
        found, sharpness = measured(learned)
    except ImportError:
        sys.stderr.write("scikit-learn이 필요해요: pip install 'ppoyami[train]'\n")
        return 2
    made = card(known, found)
    sys.stdout.write(json.dumps(made, ensure_ascii=False, indent=2) + "\n")
    if not wanted.check:
        keep(learned, sharpness, made)
        return 0
    apart = differences(made, committed_card())
    sys.stdout.writelines(f"{line}\n" for line in apart)
    return 1 if apart else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
