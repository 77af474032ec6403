"""A few sentences that stand for many reviews: those that share most with the others."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from engine.retrieval.lexical import tokens

PRAISE, BLAME = 2, 1
SHORTEST, LONGEST = 10, 60
READ_AT_MOST = 200
"""Sentences of one product that are compared; more change nothing but the time."""
LIKED_FROM, DISLIKED_TO = 4.0, 3.0
SAME_FROM = 0.5
_TURNING = re.compile("다만|단,|단 |그런데|근데|하지만|그렇지만|그래도|그나마")
_END = re.compile(r"(?<=[.!?~])\s+|\n+")


def quotations(reviews: Sequence[tuple[float, str]]) -> tuple[str, ...]:
    """Two sentences of praise and one of blame, from (rating in [1, 5], text)."""
    praise = _sentences(text for rating, text in reviews if rating >= LIKED_FROM)
    blame = _sentences(text for rating, text in reviews if rating <= DISLIKED_TO)
    return (*_central(praise, PRAISE), *_central(blame, BLAME))


def sides(reviews: Sequence[tuple[float, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sentences of praise and of blame, without those that answer the sentence before them."""
    praise = _sentences(text for rating, text in reviews if rating >= LIKED_FROM)
    blame = _sentences(text for rating, text in reviews if rating <= DISLIKED_TO)
    return (
        tuple(_central([one for one in praise if not _TURNING.match(one)], PRAISE)),
        tuple(_central([one for one in blame if not _TURNING.match(one)], BLAME)),
    )


def _sentences(texts: Iterable[str]) -> list[str]:
    found = (sentence.strip() for text in texts for sentence in _END.split(text))
    fit = dict.fromkeys(one for one in found if SHORTEST <= len(one) <= LONGEST)
    return list(fit)[:READ_AT_MOST]


def _central(sentences: Sequence[str], n: int) -> list[str]:
    """The n sentences whose tokens the others hold most often, no two of them alike."""
    bags = {sentence: set(tokens(sentence)) for sentence in sentences}
    common = Counter(token for bag in bags.values() for token in bag)

    def centrality(sentence: str) -> float:
        return sum(common[token] for token in bags[sentence]) / max(len(bags[sentence]), 1)

    chosen: list[str] = []
    for sentence in sorted(sentences, key=centrality, reverse=True):
        if all(_shared(bags[sentence], bags[one]) < SAME_FROM for one in chosen):
            chosen.append(sentence)
        if len(chosen) == n:
            break
    return chosen


def _shared(one: set[str], other: set[str]) -> float:
    """Jaccard's share in [0, 1]."""
    return len(one & other) / max(len(one | other), 1)
