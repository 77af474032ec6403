"""How often retrieval brings what a question is about."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Expected:
    """A question and the product key or ingredient name that answers it."""

    question: str
    key: str


def recall_at(k: int, retrieve: Callable[[str], Sequence[str]], cases: Iterable[Expected]) -> float:
    """Share in [0, 1] of the cases whose key is among the first k that `retrieve` gives.

    `retrieve`: question → keys, best first; a key that comes twice counts once.
    Raises ValueError without cases.
    """
    asked = list(cases)
    if not asked:
        raise ValueError("recall needs at least one question")
    hits = sum(case.key in list(dict.fromkeys(retrieve(case.question)))[:k] for case in asked)
    return hits / len(asked)
