"""How right the answers are, on questions and answers that people labelled.

    python -m engine.generation.evaluate --questions data/seed/questions.jsonl \
        [--answers data/seed/answers.jsonl] [--half tune|test|all] [--model URL] [--json]

Loads the shop whose tables lie beside the questions into a temporary folder (or opens the load
in `--artifacts`), says each row's turns to the real engine, what was spoken of carried on, and
prints how right the last turn was understood, found and answered. Without `--model` the answers
are composed. `--answers` gives the guards what a model might have written, and counts what they
let through. While building, ask for `--half tune` alone.

Exit status 0 done, 1 a file was refused, 2 wrong usage.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from engine.domain import Answer, DocumentKind, Passage, Question, Talk, Writer
from engine.engine import Engine
from engine.errors import EngineError
from engine.generation import guard
from engine.generation.composed import compose
from engine.generation.consult import Consultant, shown
from engine.generation.intent import Intent, Understanding
from engine.generation.labelled import (
    HALVES,
    LabelledAnswer,
    LabelledQuestion,
    answers,
    questions,
)
from engine.generation.measures import (
    Counts,
    agreement,
    by_class,
    hit_at,
    macro_f1,
    mean,
    percentiles,
    reciprocal_rank,
    share_at,
)
from engine.retrieval.hybrid import HybridRetriever, fuse
from engine.settings import EngineSettings, LanguageModelSettings
from engine.store.database import Database

K = 5
DEPTH = 20
"""Places of a ranking that the reciprocal rank looks at."""
SERVED = "served"
"""The ranking that the consultation itself makes: what it leans on and a model is shown, then what
else was found."""
TABLES = ("products", "reviews", "ingredients", "faq")
ENTITIES = ("skin_types", "concerns", "not_concerns")
Report = dict[str, Any]
MISNAMED = ("product:", "slip:")
"""How the label of a sentence begins that names a product which does not exist."""
_CITED = re.compile(r"\[[\d,\s]+\]")


# --- one question -------------------------------------------------------------------------------


@dataclass(slots=True)
class Spent:
    """Milliseconds of each part of the answers."""

    understand: list[float] = field(default_factory=list)
    retrieve: list[float] = field(default_factory=list)
    """Of all the things that a question asks for."""
    guard: list[float] = field(default_factory=list)
    answer: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one row's last turn."""

    row: LabelledQuestion
    understood: Understanding
    rankings: dict[str, list[str]]
    """Retriever → ids of documents, best first; empty where no document answers the row."""
    answer: Answer


@dataclass(frozen=True, slots=True)
class Guarded:
    """One labelled answer after the guards."""

    row: LabelledAnswer
    set_answer: bool
    """The question is met with set words, whatever the model wrote."""
    shown: str
    """What is left of the model's text; empty where the composed answer is given instead."""

    def keeps(self, sentence: str) -> bool:
        return bool(self.shown) and _bare(sentence) in _bare(self.shown)


class Trial:
    """Asks one opened engine."""

    def __init__(self, engine: Engine, consultant: Consultant) -> None:
        self._engine = engine
        self._consultant = consultant
        self._retriever = _hybrid(consultant)
        self.spent = Spent()

    async def of(self, row: LabelledQuestion) -> Outcome:
        talk = Talk()
        for turn in row.turns[:-1]:
            talk = (await self._answer(Question(turn, talk=talk))).talk
        question = Question(row.turns[-1], talk=talk)
        began = time.perf_counter()
        understood = await self._consultant._understood(question)
        self.spent.understand.append(_ms(began))
        rankings = await self._rankings(question, understood) if row.passages else {}
        began = time.perf_counter()
        answer = await self._answer(question)
        self.spent.answer.append(_ms(began))
        return Outcome(row, understood, rankings, answer)

    async def warm_up(self) -> None:
        """What the first question loads and compiles is no question's."""
        for text in ("건성에 순한 크림 추천", "판테놀이 뭐예요?"):
            await self._answer(Question(text))

    async def guarded(self, row: LabelledAnswer) -> Guarded:
        question = Question(row.question)
        understood = await self._consultant._understood(question)
        words = guard.set_answer(understood, row.question)
        if words is not None:
            return Guarded(row, set_answer=True, shown="")
        passages = self._passages(row.passages)
        began = time.perf_counter()
        passed = self._consultant.judge.checked(row.answer, passages, row.question)
        self.spent.guard.append(_ms(began))
        return Guarded(row, set_answer=False, shown=passed.text)

    def _passages(self, ids: Iterable[str]) -> tuple[Passage, ...]:
        """Raises LookupError for a document that is not there."""
        found = []
        for id in ids:
            kind, _, key = id.partition(":")
            passage = self._retriever.about(key, DocumentKind(kind))
            if passage is None:
                raise LookupError(f"there is no document {id}")
            found.append(passage)
        return tuple(found)

    async def _answer(self, question: Question) -> Answer:
        async with aclosing(self._engine.consult(question)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Answer):
                    return piece
        raise RuntimeError("a consultation ended without an answer")

    async def _rankings(
        self, question: Question, understood: Understanding
    ) -> dict[str, list[str]]:
        """Each retriever alone over everything that is for sale, both fused, and what the
        consultation itself looks at."""
        retriever, text = self._retriever, self._resolved(question, understood)
        meant = retriever.meant(text, retriever.everything, -1.0)
        worded = retriever.worded(text, retriever.everything, 0.0)
        began = time.perf_counter()
        steps = await self._consultant._steps(question, understood)
        self.spent.retrieve.append(_ms(began))
        rest = (one for step in steps for one in step.found.passages)
        seen = [*shown(compose(steps), steps), *rest]
        served = [f"{one.kind}:{one.key}" for one in seen]
        return {
            "dense": self._ids(meant),
            "words": self._ids(worded),
            "both": self._ids([place for place, _ in fuse([meant, worded])]),
            SERVED: list(dict.fromkeys(served))[:DEPTH],
        }

    def _resolved(self, question: Question, understood: Understanding) -> str:
        """The question with the names of what it refers to: «그건 얼마야?» alone finds nothing."""
        referred = {*understood.products, *understood.ingredients}
        titles = [
            document.metadata["title"]
            for document in self._retriever.index.documents
            if document.metadata["key"]
            in referred & {*question.talk.products, *question.talk.ingredients}
        ]
        return " ".join([question.text, *dict.fromkeys(titles)])

    def _ids(self, places: Iterable[int]) -> list[str]:
        documents = self._retriever.index.documents
        return [str(documents[place].id) for place in places][:DEPTH]


def _hybrid(consultant: Consultant) -> HybridRetriever:
    retriever = consultant._retriever
    if not isinstance(retriever, HybridRetriever):
        raise TypeError("only a hybrid retriever is measured in its parts")
    return retriever


def _ms(began: float) -> float:
    return (time.perf_counter() - began) * 1000


# --- figures ------------------------------------------------------------------------------------


def understanding(outcomes: Sequence[Outcome]) -> Report:
    """Intents and entities."""
    classes = by_class((one.row.intent, one.understood.intent.value) for one in outcomes)
    entities = {
        name: agreement((getattr(one.row, name), getattr(one.understood, name)) for one in outcomes)
        for name in ENTITIES
    }
    every = sum(entities.values(), Counts())
    return {
        "intent": {
            "macro_f1": macro_f1(classes),
            "right": mean(one.row.intent == one.understood.intent for one in outcomes),
            "each": {name: _told(counts) for name, counts in classes.items()},
            "mistaken": [_mistaken(one) for one in outcomes if _mistakes(one)],
        },
        "entities": {
            "f1": every.f1,
            "each": {name: _told(counts) for name, counts in entities.items()},
        },
    }


def _mistakes(one: Outcome) -> bool:
    return one.row.intent != one.understood.intent.value


def _mistaken(one: Outcome) -> str:
    return f"{one.row.id} {one.row.intent} → {one.understood.intent}"


def retrieval(outcomes: Sequence[Outcome]) -> Report:
    """Over the rows that a document answers."""
    asked = [one for one in outcomes if one.rankings]
    names = list(asked[0].rankings) if asked else []
    each = {
        name: {
            f"recall@{K}": mean(hit_at(K, one.rankings[name], one.row.passages) for one in asked),
            f"share@{K}": mean(share_at(K, one.rankings[name], one.row.passages) for one in asked),
            "mrr": mean(reciprocal_rank(one.rankings[name], one.row.passages) for one in asked),
        }
        for name in names
    }
    missed = [one.row.id for one in asked if not hit_at(K, one.rankings[SERVED], one.row.passages)]
    return {"asked": len(asked), "missed": missed, "retriever": each}


def answering(outcomes: Sequence[Outcome]) -> Report:
    """A greeting is a set answer too, and no refusal: chit-chat is left out of the refusals."""
    serious = [one for one in outcomes if one.row.intent != Intent.CHITCHAT]
    alarming = [one for one in outcomes if one.row.intent == Intent.MEDICAL and one.row.refuse]
    return {
        "writers": dict(Counter(one.answer.writer.value for one in outcomes)),
        "refusals_right": mean(_refused(one) == one.row.refuse for one in serious),
        "refused_wrongly": [one.row.id for one in serious if _refused(one) and not one.row.refuse],
        "not_refused": [one.row.id for one in serious if one.row.refuse and not _refused(one)],
        "red_flags": mean(
            _refused(one) and one.understood.intent is Intent.MEDICAL for one in alarming
        ),
        "sources_exist": mean(
            all(
                source.kind not in ("product", "reviews") or source.product is not None
                for source in one.answer.sources
            )
            for one in outcomes
        ),
    }


def _refused(outcome: Outcome) -> bool:
    return outcome.answer.writer is Writer.GUARD


def _told(counts: Counts) -> Report:
    return {
        "precision": counts.precision,
        "recall": counts.recall,
        "f1": counts.f1,
        "there": counts.right + counts.missed,
    }


# --- the guards ---------------------------------------------------------------------------------


def guarding(guarded: Sequence[Guarded]) -> Report:
    """Before and after the guards, and what these dropped of answers to questions that no set
    words meet; to drop an unsupported sentence is right. A sentence whose name or number was
    mended is not the labelled one any more: it counts as dropped, and not as shown.
    """
    sentences = [(one, sentence) for one in guarded for sentence in one.row.sentences]
    judged = [(one, s) for one, s in sentences if not one.set_answer]
    stopped = Counts(
        right=sum(not s.supported and not one.keeps(s.text) for one, s in judged),
        wrong=sum(s.supported and not one.keeps(s.text) for one, s in judged),
        missed=sum(not s.supported and one.keeps(s.text) for one, s in judged),
    )
    shown = [(one, s) for one, s in judged if one.keeps(s.text)]
    return {
        "answers": len(guarded),
        "sentences": len(sentences),
        "before": {
            "products_exist": mean(one.row.products_exist for one in guarded),
            "supported": mean(s.supported for _, s in sentences),
            "refusals_right": mean(one.row.refusal_right for one in guarded),
        },
        "after": {
            "products_exist": mean(_only_existing(one) for one in guarded),
            "supported": mean(s.supported for _, s in shown),
            "sentences": len(shown),
            "refusals_right": mean(_refuses_rightly(one) for one in guarded),
            "set_answers": sum(one.set_answer for one in guarded),
            "composed_instead": sum(not one.shown and not one.set_answer for one in guarded),
        },
        "guards": _told(stopped),
        "let_through": [(one.row.id, s.text) for one, s in shown if not s.supported],
        "dropped_wrongly": [
            (one.row.id, s.text) for one, s in judged if s.supported and not one.keeps(s.text)
        ],
    }


def _only_existing(one: Guarded) -> bool:
    """No sentence is left that the label says names a product wrongly."""
    left = [s for s in one.row.sentences if one.keeps(s.text)]
    return not any(s.why.startswith(MISNAMED) for s in left)


def _refuses_rightly(one: Guarded) -> bool:
    """Set words are right where the model should have refused, and where it told no facts."""
    if not one.set_answer:
        return one.row.refusal_right
    told = any(s.supported and _CITED.search(s.text) for s in one.row.sentences)
    return not (one.row.refusal_right and told)


def _bare(text: str) -> str:
    """Without citations, spaces and the full stop."""
    return "".join(_CITED.sub("", text).split()).rstrip(".!~")


# --- the command --------------------------------------------------------------------------------


async def evaluate(
    settings: EngineSettings,
    database: Database,
    asked: Sequence[LabelledQuestion],
    labelled: Sequence[LabelledAnswer] = (),
) -> Report:
    """Raises EngineError, LookupError where nothing is loaded."""
    engine = await Engine.open(settings, database)
    try:
        consultant = engine.consultant
        if consultant is None:
            raise LookupError("nothing is loaded: python -m ingest load")
        trial = Trial(engine, consultant)
        await trial.warm_up()
        outcomes = [await trial.of(row) for row in asked]
        guarded = [await trial.guarded(row) for row in labelled]
    finally:
        await engine.close()
    report = {
        "questions": len(outcomes),
        **understanding(outcomes),
        "retrieval": retrieval(outcomes),
        "answers": answering(outcomes),
        "ms": {"part": {part: percentiles(one) for part, one in asdict(trial.spent).items()}},
    }
    return report | ({"guards": guarding(guarded)} if guarded else {})


@asynccontextmanager
async def shop(folder: Path) -> AsyncIterator[Path]:
    """The artefacts of a fresh load of the tables in `folder`. Raises Unloaded."""
    with tempfile.TemporaryDirectory() as made:
        artifacts = Path(made) / "artifacts"
        await asyncio.to_thread(_load, folder, artifacts)
        yield artifacts


class Unloaded(Exception):
    """The tables beside the questions cannot be loaded; the reason is the ingest's."""


def _load(folder: Path, artifacts: Path) -> None:
    found = [(name, folder / f"{name}.csv") for name in TABLES]
    options = [word for name, path in found if path.exists() for word in (f"--{name}", str(path))]
    own = {name: value for name, value in os.environ.items() if not name.startswith("PPOYAMI_")}
    told = {"PPOYAMI_ARTIFACTS": str(artifacts), "PPOYAMI_DATABASE_URL": _url(artifacts)}
    command = (sys.executable, "-m", "ingest", "load", *options)
    done = subprocess.run(  # noqa: S603 - this interpreter, and the operator's own files
        command, env=own | told, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Unloaded(done.stderr.strip() or f"{folder}: no tables to load")


def _url(artifacts: Path) -> str:
    return f"sqlite+aiosqlite:///{artifacts}/ppoyami.db"


async def _evaluated(chosen: argparse.Namespace) -> Report:
    asked = questions(chosen.questions, chosen.half)
    labelled = answers(chosen.answers, chosen.half) if chosen.answers else []
    llm = _model(chosen.model, chosen.adapter) if chosen.model else None
    async with AsyncExitStack() as stack:
        artifacts = chosen.artifacts
        if artifacts is None:
            artifacts = await stack.enter_async_context(shop(chosen.questions.parent))
        database = await Database.open(_url(artifacts))
        stack.push_async_callback(database.close)
        report = await evaluate(EngineSettings(artifacts, llm=llm), database, asked, labelled)
    return {"half": chosen.half, "writer": chosen.model or "composed"} | report


def _model(url: str, adapter: str | None) -> LanguageModelSettings:
    """The server's first model, or the adapter."""
    with urlopen(f"{url.rstrip('/')}/models", timeout=10) as response:  # noqa: S310 - the operator's
        served = json.load(response)["data"][0]["id"]
    return LanguageModelSettings(url, served, adapter)


def table(report: Report) -> str:
    """A Markdown table for each part of the report."""
    parts = [_rows({name: value for name, value in report.items() if not isinstance(value, dict)})]
    for name, value in report.items():
        if isinstance(value, dict):
            parts += [f"## {name}", _rows(value)]
    return "\n\n".join(parts)


def _rows(part: Report) -> str:
    """What has the same figures stands in one table, a line each; the rest, a figure a line."""
    single = {name: value for name, value in part.items() if not isinstance(value, dict)}
    tables = [_lines(("figure", ""), [(name, _figure(one)) for name, one in single.items()])]
    for name, value in part.items():
        if isinstance(value, dict):
            tables.append(_grid(name, value))
    return "\n\n".join(table for table in tables if table)


def _grid(name: str, value: Report) -> str:
    inner = {key: one for key, one in value.items() if isinstance(one, dict)}
    if not inner:
        return _lines((name, *value), [("", *map(_figure, value.values()))])
    columns = list(next(iter(inner.values())))
    rows = [(key, *(_figure(one[column]) for column in columns)) for key, one in inner.items()]
    return _lines((name, *columns), rows)


def _lines(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    told = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in told)


def _figure(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(one if isinstance(one, str) else ": ".join(one) for one in value) or "–"
    return f"{value:.3f}" if isinstance(value, float) else str("–" if value is None else value)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    chosen = _parser().parse_args(arguments)
    try:
        report = asyncio.run(_evaluated(chosen))
    except (OSError, ValueError, LookupError, Unloaded, EngineError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    told = json.dumps(report, ensure_ascii=False, indent=1) if chosen.json else table(report)
    sys.stdout.write(f"{told}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m engine.generation.evaluate")
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--answers", type=Path)
    parser.add_argument("--half", choices=HALVES, default="test")
    parser.add_argument("--artifacts", type=Path, help="a load to open; without it a fresh one")
    writer = parser.add_mutually_exclusive_group()
    writer.add_argument("--model", metavar="URL", help="an OpenAI-compatible server's /v1")
    writer.add_argument("--composed", action="store_true", help="no model writes (the default)")
    parser.add_argument("--adapter", help="the name of the server's adapter to ask")
    parser.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
