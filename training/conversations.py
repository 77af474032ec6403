"""The data that training reads, made whole: conversations, preferences, questions, their card.

    python -m training.conversations --seed data/seed [--artifacts DIR] [--kin FILE]
        [--evolved FILE] [--feedback FILE] [--passages N] --out .llm/data

Sources: `SEED/consultations.jsonl` (written by hand), the half of `SEED/questions.jsonl` that may
be tuned on and sentences of `SEED/intents.jsonl` (answers composed by the engine), Knowledge-iN
(rows `{"question", "accepted", "others"}`), what `training.evolve` and `training.preferences`
wrote. Prompts are those of serving, from the load in `--artifacts`, or a fresh load of the seed's
tables. All is cleaned, then split by family. The same inputs make the same rows. `card.json` is
written last.

Exit status 0 done, 1 something was refused, 2 wrong usage.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from engine.errors import EngineError
from engine.generation.evaluate import Unloaded
from engine.generation.evaluate import shop as loaded
from engine.generation.prompts import PASSAGES
from engine.provenance import command
from training import card, held_out, sources
from training.absent import absent
from training.catalogue import further, grounded
from training.cleaning import SPLITS, Cleaned, Sample, clean, joined, split_of
from training.held_out import HeldOut
from training.rows import write
from training.shop import Shop, opened

CONSULTATIONS: Final = "consultations.jsonl"
QUESTIONS: Final = "questions.jsonl"
INTENTS: Final = "intents.jsonl"


async def make(given: argparse.Namespace) -> dict[str, Any]:
    """The card. Raises OSError, Unreadable, EngineError, LookupError, Unloaded; ValueError where
    nothing is left to learn from."""
    async with _shop(given) as shop:
        asked = await held_out.held_out(given.seed / QUESTIONS, shop)
        written = await sources.consultations(given.seed / CONSULTATIONS, shop, given.passages)
        answered = await grounded(given.seed / QUESTIONS, shop)
        more = await further(given.seed / INTENTS, shop)
        in_shop = await absent([*answered.asked, *more.asked], shop)
        load, catalogue = shop.load, shop.catalogue
    found = [*written, *in_shop, *_more(given)]
    ungrounded = answered.left + more.left
    return _kept(given, found, asked, ungrounded, load=load, catalogue=catalogue)


def gathered(found: Sequence[Sample], asked: Sequence[HeldOut]) -> Cleaned:
    """Cleaned, and in families that do not share a question."""
    cleaned = clean(found, [one.whole for one in asked])
    return replace(cleaned, samples=joined(cleaned.samples))


def put(out: Path, samples: Sequence[Sample]) -> list[Path]:
    """A file for each kind and split; the paths."""
    paths = []
    for split in SPLITS:
        here = [one for one in samples if split_of(one.family) == split]
        talks, pairs = out / f"conversations.{split}.jsonl", out / f"preferences.{split}.jsonl"
        write(talks, (one.conversation for one in here))
        write(pairs, (pair for one in here for pair in one.preferences))
        paths += [talks, pairs]
    return paths


def _kept(
    given: argparse.Namespace,
    found: Sequence[Sample],
    asked: Sequence[HeldOut],
    ungrounded: int,
    *,
    load: str,
    catalogue: Mapping[str, Any],
) -> dict[str, Any]:
    cleaned = gathered(found, asked)
    if not cleaned.samples:
        raise ValueError("거르고 나니 배울 대화가 하나도 남지 않았어요.")
    (given.out / "card.json").unlink(missing_ok=True)
    outputs = put(given.out, cleaned.samples)
    held_out.write(given.out / QUESTIONS, asked)
    told = card.card(
        card.Made(
            command=command("training.conversations", given.words),
            found=found,
            cleaned=cleaned,
            ungrounded=ungrounded,
            questions=len(asked),
            inputs=_inputs(given),
            outputs=[*outputs, given.out / QUESTIONS],
            load=load,
            catalogue=catalogue,
        ),
        datetime.now(UTC).date(),
    )
    card.write(given.out / "card.json", told)
    return told


def _more(given: argparse.Namespace) -> list[Sample]:
    readers = (
        (given.kin, sources.kin),
        (given.evolved, sources.evolved),
        (given.feedback, sources.feedback),
    )
    return [one for path, read in readers if path is not None for one in read(path)]


def _inputs(given: argparse.Namespace) -> dict[str, Path]:
    """Name in the card → file."""
    seed = {name: given.seed / name for name in (CONSULTATIONS, QUESTIONS, INTENTS)}
    named = {"kin": given.kin, "evolved": given.evolved, "feedback": given.feedback}
    return seed | {name: path for name, path in named.items() if path is not None}


@asynccontextmanager
async def _shop(given: argparse.Namespace) -> AsyncIterator[Shop]:
    async with AsyncExitStack() as stack:
        artifacts = given.artifacts
        if artifacts is None:
            artifacts = await stack.enter_async_context(loaded(given.seed))
        url = f"sqlite+aiosqlite:///{artifacts}/ppoyami.db"
        yield await stack.enter_async_context(opened(artifacts, url))


def main(arguments: Sequence[str]) -> int:
    """The exit status."""
    given = _parser().parse_args(arguments)
    given.words = list(arguments)
    try:
        told = asyncio.run(make(given))
    except (OSError, ValueError, LookupError, Unloaded, EngineError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{card.table(told)}\n{given.out}에 적었어요.\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.conversations")
    parser.add_argument("--seed", type=Path, default=Path("data/seed"))
    parser.add_argument("--artifacts", type=Path, help="a load to open; without it a fresh one")
    parser.add_argument("--kin", type=Path, help="Knowledge-iN, as ingest writes it")
    parser.add_argument("--evolved", type=Path, help="what training.evolve wrote")
    parser.add_argument("--feedback", type=Path, help="what training.preferences wrote")
    parser.add_argument(
        "--passages",
        type=int,
        choices=range(PASSAGES + 1),
        default=0,
        metavar="N",
        help="show consultations up to N passages; without it those that they were written for",
    )
    parser.add_argument("--out", type=Path, default=Path(".llm/data"))
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
