"""What people thought of answers, as preferences to learn from.

    python -m training.preferences --database URL --out FILE [--artifacts DIR]

`<out>.card.json` beside it says how many there were, from which load, under which terms.

Two kinds: the chosen of two answers to one question, and a 👍 beside a 👎 to the same question
about the same documents. The store gives those alone who agree to training while it is read, and
masks personal data. Prompts are those of serving, from the ids of the documents that the better
answer was written from; the person's skin is not kept with an answer, so their line says that
nothing is known. Where the catalogue has moved on, or nobody knows the documents, the pair is left.

Exit status 0 done, 1 something was refused, 2 wrong usage.
"""

import argparse
import asyncio
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from engine.domain import Question
from engine.errors import EngineError
from engine.generation.prompts import PROMPT_VERSION
from engine.parsing.korean import squeeze
from engine.provenance import checksum, code_version
from engine.store.database import Database
from engine.store.people import People, Talk
from engine.store.people import Preference as Chosen
from training import card
from training.cleaning import Cleaned, Sample, Worse, clean
from training.rows import write
from training.shop import Gone, Shop, opened
from training.sources import family_of

REASONS: Final = {"long": "length"}
"""Why 👎, as the messenger keeps it → the fault; the others name none of ours."""


@dataclass(frozen=True, slots=True)
class Told:
    """One better and one worse answer to a question."""

    question: str
    better: Talk
    worse: Talk


@dataclass(frozen=True, slots=True)
class Gathered:
    samples: tuple[Sample, ...]
    found: int
    without_documents: int
    """Nobody knows any more what they were written from."""
    cleaned: Cleaned


async def gathered(people: People, shop: Shop) -> Gathered:
    """Raises EngineError."""
    compared = [chosen(one) async for one in people.preferences_for_training()]
    rated = thumbs([one async for one in people.conversations_for_training()])
    told = list(dict.fromkeys([*compared, *rated]))
    samples = [one for one in [await _sample(pair, shop) for pair in told] if one is not None]
    cleaned = clean(_merged(samples))
    kept = tuple(one for one in cleaned.samples if one.worse)
    return Gathered(kept, len(told), len(told) - len(samples), cleaned)


def chosen(pair: Chosen) -> Told:
    """The person's choice stands, whatever thumb either answer got."""
    if pair.second_is_better:
        return Told(pair.question, pair.second, pair.first)
    return Told(pair.question, pair.first, pair.second)


def thumbs(talks: Iterable[Talk]) -> list[Told]:
    """Each 👎 beside a 👍 to the same question from the same documents, in turn: one answer that
    many liked does not outweigh the rest."""
    rated: dict[tuple[str, tuple[str, ...]], tuple[list[Talk], list[Talk]]] = defaultdict(
        lambda: ([], [])
    )
    for one in talks:
        if one.good is not None:
            rated[squeeze(one.question), one.passages][not one.good].append(one)
    return [
        Told(better.question, better, worse)
        for good, bad in rated.values()
        for better, worse in zip(_distinct(good), _distinct(bad), strict=False)
        if squeeze(better.answer) != squeeze(worse.answer)
    ]


def _distinct(talks: Iterable[Talk]) -> list[Talk]:
    return [*{squeeze(one.answer): one for one in reversed(list(talks))}.values()][::-1]


async def _sample(told: Told, shop: Shop) -> Sample | None:
    """None where the documents are not known, or not there any more."""
    ids = told.better.passages or told.worse.passages
    if not ids:
        return None
    try:
        prompt = await shop.prompt(Question(told.question), ids)
    except Gone:
        return None
    family = f"feedback-{family_of(told.question)}"
    worse = Worse(told.worse.answer, REASONS.get(told.worse.reason, ""))
    return Sample(
        f"{family}-{_name(ids, told.better.answer)}",
        family,
        "feedback",
        told.question,
        prompt,
        told.better.answer,
        (worse,),
    )


def _merged(samples: Iterable[Sample]) -> list[Sample]:
    """One sample for one answer to one prompt, with all that was worse. In the order of ids: the
    store's order would tell who asked what."""
    found: dict[str, Sample] = {}
    for one in samples:
        earlier = found.get(one.id)
        worse = () if earlier is None else earlier.worse
        found[one.id] = replace(one, worse=tuple(dict.fromkeys((*worse, *one.worse))))
    return [found[id] for id in sorted(found)]


def _name(ids: Iterable[str], answer: str) -> str:
    return sha256("\n".join((*ids, squeeze(answer))).encode()).hexdigest()[:8]


async def _written(given: argparse.Namespace) -> Gathered:
    async with AsyncExitStack() as stack:
        database = await Database.open(given.database)
        stack.push_async_callback(database.close)
        shop = await stack.enter_async_context(opened(given.artifacts, given.database))
        told = await gathered(People(database), shop)
    write(given.out, (pair for one in told.samples for pair in one.preferences))
    card.write(card.beside(given.out), _card(told, given.out, shop.catalogue))
    return told


def _card(told: Gathered, out: Path, catalogue: Mapping[str, Any]) -> dict[str, Any]:
    """Without the command: the database's address may hold a password."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "code": code_version(),
        "prompt_version": PROMPT_VERSION,
        "catalogue": dict(catalogue),
        "found": told.found,
        "without_documents": told.without_documents,
        "cleaning": told.cleaned.counts,
        "preferences": sum(len(one.worse) for one in told.samples),
        "outputs": {out.name: checksum(out)},
        "terms": {"feedback": card.TERMS["feedback"]},
    }


def main(arguments: Sequence[str]) -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.preferences")
    parser.add_argument("--database", required=True, metavar="URL")
    parser.add_argument("--artifacts", type=Path, default=Path("data/artifacts"))
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    try:
        told = asyncio.run(_written(given))
    except (OSError, ValueError, LookupError, EngineError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    pairs = sum(len(one.worse) for one in told.samples)
    sys.stdout.write(
        f"동의한 분들의 선호 {told.found}개 가운데 {pairs}개를 {given.out}에 적었어요. "
        f"자료를 알 수 없는 것이 {told.without_documents}개예요.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
