"""Systems × questions → answers → measures and verdicts → a table with paired intervals.

    python -m training.evaluate --systems training/configs/systems.yaml \
        --questions .llm/data/questions.jsonl --out .llm/evaluation \
        [--judge URL --judge-model NAME [--judge-key FILE]] [--baseline NAME] [--json]
    python -m training.evaluate --out .llm/evaluation --gate SERVING NEW

Each answer and verdict is kept as it comes (`answers.jsonl`, `verdicts.jsonl`), so the same command
goes on after a kill; what is asked otherwise than before is asked anew. Writes `table.json`,
`table.md` and `table.png`. Without a judge the automatic measures stand alone, and the table says
so. `--gate` refuses NEW where it is worse than SERVING in a safety row.

Exit status 0 done (or: may be promoted), 1 refused (or: may not), 2 wrong usage.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.domain import Passage
from engine.errors import EngineError, ModelUnavailable, SaidNothing
from engine.generation.evaluate import Unloaded
from engine.generation.model import Deadlines, LanguageModel, Queued, ServerModel
from engine.generation.prompts import PROMPT_VERSION
from training import automatic, judge
from training.asked import Asked, passage, questions, told
from training.ledger import Ledger, Row
from training.systems import System, Wrong, systems
from training.table import Table, as_json, draw, markdown, promotable, read_table, words
from training.together import together
from training.yardstick import Yardstick, opened

SEED: Final = Path("data/seed")
ANSWERS, VERDICTS, TABLE = "answers.jsonl", "verdicts.jsonl", "table.json"
NO_JUDGE: Final = "심판 모델 없이 자동으로 잴 수 있는 것만 쟀어요."
WARNED: Final = 10
"""A line of progress after so many answers."""
REFUSED: Final = (
    OSError, ValueError, LookupError, Unloaded, EngineError, judge.JudgeUnavailable
)  # fmt: skip


class Unasked(Exception):
    """A system could not be asked; says which and why."""


# --- answers ------------------------------------------------------------------------------------


def key(system: str, question: str) -> str:
    return f"{system}\n{question}"


async def answered(
    found: Sequence[System],
    asked: Sequence[Asked],
    shop: Yardstick,
    kept: Ledger,
    *,
    at_once: int = 4,
    patience: float = 300.0,
) -> None:
    """Every system's answer to every question into `kept`, system by system, several questions at
    once; what stands there under the same mark is left. Raises Unasked, EngineError."""
    for system in found:
        missing = [one for one in asked if _missing(kept, system, one)]
        _progress(f"{system.name}: 답 {len(asked) - len(missing)}/{len(asked)}")
        async with AsyncExitStack() as stack:
            model = None if system.composed else _server(system, at_once, patience)
            if model is not None:
                stack.push_async_callback(model.close)
            turn = _Turn(system, model, shop, kept, asyncio.Semaphore(at_once), len(missing))
            await together(*(turn.asks(one) for one in missing))


def _server(system: System, at_once: int, patience: float) -> ServerModel:
    """It may take long: nobody waits before a screen."""
    return ServerModel(system.settings(at_once), Deadlines(10.0, patience, patience))


def _missing(kept: Ledger, system: System, asked: Asked) -> bool:
    row = kept.find(key(system.name, asked.id))
    return row is None or row["mark"] != _mark(system, asked)


def _mark(system: System, asked: Asked) -> str:
    if system.composed:
        return system.mark([asked.turns, asked.question.text, asked.question.profile])
    return system.mark([(one.role, one.content) for one in asked.prompt(system.rag)])


@dataclass(frozen=True, slots=True)
class _Turn:
    system: System
    model: LanguageModel | None
    shop: Yardstick
    kept: Ledger
    gate: asyncio.Semaphore
    missing: int

    async def asks(self, asked: Asked) -> None:
        async with self.gate:
            row = await (self._composed(asked) if self.model is None else self._told(asked))
        told = {"system": self.system.name, "question": asked.id, "mark": _mark(self.system, asked)}
        self.kept.add(told | row)
        done = sum(one["system"] == self.system.name for one in self.kept)
        if done % WARNED == 0:
            _progress(f"{self.system.name}: 답 {done}개")

    async def _composed(self, asked: Asked) -> Row:
        written = await self.shop.composed(asked.question, asked.turns)
        shown = [told(one) for one in written.passages]
        return {"text": written.text, "refused": written.refused, "passages": shown}

    async def _told(self, asked: Asked) -> Row:
        try:
            return {"text": await said(self.model, asked.prompt(self.system.rag))}
        except ModelUnavailable as error:
            raise Unasked(
                f"{self.system.name}({self.system.url}, {self.system.model})이 답하지 않아요: "
                f"{error}. 서버를 켠 뒤 같은 명령을 다시 실행하면 이어서 해요."
            ) from error


async def said(model: LanguageModel | None, prompt: Any, temperature: float | None = None) -> str:
    """The whole text; empty where the model said nothing. Raises ModelUnavailable."""
    if model is None:
        raise ModelUnavailable("there is no language model")
    pieces: list[str] = []
    try:
        async for piece in model.stream(prompt, temperature=temperature):
            if not isinstance(piece, Queued):
                pieces.append(piece)
    except SaidNothing:
        return ""
    return "".join(pieces).strip()


# --- measures -----------------------------------------------------------------------------------

Values = dict[str, dict[str, list[float | None]]]


def judged(row: Mapping[str, Any], asked: Asked) -> automatic.Judged:
    """A composed answer leans on its own passages; what a model says, with them or without, on
    those that the shop shows for the question."""
    shown = row.get("passages")
    passages: tuple[Passage, ...] = asked.shown if shown is None else tuple(map(passage, shown))
    return automatic.Judged(asked.question, row["text"], passages, bool(row.get("refused")))


def measured(
    found: Sequence[System], asked: Sequence[Asked], kept: Ledger, shop: Yardstick
) -> Values:
    """System → measure → values in the order of the questions."""
    values: Values = {}
    for system in found:
        rows = [
            automatic.measured(one, judged(_row(kept, system, one), one), shop.guard, shop.known)
            for one in asked
        ]
        values[system.name] = {
            measure.key: [row[measure.key] for row in rows] for measure in automatic.MEASURES
        }
    return values


def _row(kept: Ledger, system: System, asked: Asked) -> Row:
    row = kept.find(key(system.name, asked.id))
    if row is None:
        raise LookupError(f"{system.name}의 답이 없는 질문이 있어요: {asked.id}")
    return row


async def verdicts(
    bench: judge.Bench,
    found: Sequence[System],
    asked: Sequence[Asked],
    kept: Ledger,
    baseline: str,
) -> Values:
    """System → the judge's measure → values. Raises JudgeUnavailable."""
    values: Values = {}
    base = next(one for one in found if one.name == baseline)
    for system in found:
        _progress(f"{system.name}: 심판이 보고 있어요")
        told = await together(
            *(_verdict(bench, one, _row(kept, system, one), _row(kept, base, one)) for one in asked)
        )
        measures = (*judge.MEASURES, judge.PREFERRED)
        values[system.name] = {one.key: [row[one.key] for row in told] for one in measures}
    return values


async def _verdict(
    bench: judge.Bench, asked: Asked, row: Row, base: Row
) -> dict[str, float | None]:
    """Each answer is judged with what the shop shows for the question; a composed answer with
    its own passages, which its numbers mean."""
    case = judge.Case(asked.id, asked.question, judged(row, asked).passages)
    scores = await bench.scores(case, row["text"])
    preferred = 0.5
    if row is not base:
        preferred = await bench.preference(
            judge.Case(asked.id, asked.question, asked.shown), row["text"], base["text"]
        )
    values: dict[str, float | None] = {f"judge_{name}": one for name, one in scores.items()}
    return values | {judge.PREFERRED.key: preferred}


# --- the command --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judging:
    url: str
    model: str
    key: str | None
    labelled: Path
    at_once: int


@dataclass(frozen=True, slots=True)
class Wanted:
    systems: tuple[System, ...]
    asked: tuple[Asked, ...]
    out: Path
    baseline: str
    artifacts: Path | None = None
    tables: Path = SEED
    judging: Judging | None = None
    at_once: int = 4
    patience: float = 300.0


async def evaluate(wanted: Wanted) -> Table:
    """Raises Unasked, OSError, ValueError, LookupError, Unloaded, EngineError,
    JudgeUnavailable."""
    async with opened(wanted.artifacts, wanted.tables) as shop:
        with Ledger(wanted.out / ANSWERS, lambda row: key(row["system"], row["question"])) as kept:
            await answered(
                wanted.systems,
                wanted.asked,
                shop,
                kept,
                at_once=wanted.at_once,
                patience=wanted.patience,
            )
            values = measured(wanted.systems, wanted.asked, kept, shop)
            measures: tuple[automatic.Measure, ...] = automatic.MEASURES
            notes: tuple[str, ...] = (f"프롬프트 판 {PROMPT_VERSION}.", NO_JUDGE)
            if wanted.judging is not None:
                more, said_of = await _with_judge(wanted, wanted.judging, shop, kept)
                measures += tuple(
                    one
                    for one in (*judge.MEASURES, judge.PREFERRED)
                    if any(one.key in row for row in more.values())
                )
                values = {name: row | more[name] for name, row in values.items()}
                notes = (notes[0], *said_of)
    ids = tuple(one.id for one in wanted.asked)
    return Table(wanted.baseline, ids, measures, values, notes)


async def _with_judge(
    wanted: Wanted, judging: Judging, shop: Yardstick, kept: Ledger
) -> tuple[Values, list[str]]:
    """Its trusted columns and what is to be said of it. Agreement is measured before it judges
    anything: an untrusted judge costs 60 rows, not thousands."""
    rows = judge.labelled(judging.labelled, shop.passages)
    server = judge.JudgeServer(judging.url, judging.model, judging.key, wanted.patience)
    try:
        with Ledger(wanted.out / VERDICTS, lambda row: str(row["key"])) as spoken:
            bench = judge.Bench(server, spoken, judging.at_once)
            _progress(f"심판 {judging.model}: 사람이 매긴 {len(rows)}쌍으로 먼저 재 봐요")
            agreed = await judge.agreement(bench, rows)
            notes = [f"심판: {judging.model}.", *judge.told_of(agreed)]
            _progress(" ".join(notes))
            if not agreed.trusted:
                return {one.name: {} for one in wanted.systems}, notes
            values = await verdicts(bench, wanted.systems, wanted.asked, kept, wanted.baseline)
    finally:
        await server.close()
    trusted = {
        name: {key: row for key, row in rows.items() if key in agreed.trusted}
        for name, rows in values.items()
    }
    return trusted, notes


def keep(table: Table, out: Path) -> None:
    """table.json last: who reads it finds the others there."""
    draw(table, out / "table.png")
    _written(out / "table.md", markdown(table) + "\n" + "\n".join(words(table)) + "\n")
    _written(out / TABLE, json.dumps(as_json(table), ensure_ascii=False, indent=1) + "\n")


def _written(path: Path, text: str) -> None:
    making = path.with_name(f".{path.name}.making")
    making.write_text(text, encoding="utf-8")
    making.replace(path)


def _progress(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _wanted(chosen: argparse.Namespace) -> Wanted:
    """Raises OSError, ValueError."""
    found = tuple(systems(chosen.systems))
    baseline = chosen.baseline or found[0].name
    if baseline not in {one.name for one in found}:
        raise Wrong(f"{chosen.systems}: --baseline «{baseline}» 시스템이 없어요")
    judging = None
    if chosen.judge:
        secret = chosen.judge_key.read_text(encoding="utf-8").strip() if chosen.judge_key else None
        judging = Judging(chosen.judge, chosen.judge_model, secret, chosen.verdicts, chosen.at_once)
    return Wanted(
        found,
        tuple(questions(chosen.questions)),
        chosen.out,
        baseline,
        chosen.artifacts,
        chosen.tables,
        judging,
        chosen.at_once,
        chosen.patience,
    )


def _run(chosen: argparse.Namespace) -> None:
    table = asyncio.run(evaluate(_wanted(chosen)))
    keep(table, chosen.out)
    if chosen.json:
        told_whole = as_json(table)
        sys.stdout.write(json.dumps(told_whole, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write((chosen.out / "table.md").read_text(encoding="utf-8"))
        sys.stdout.write(f"{chosen.out}에 table.md, table.json, table.png를 남겼어요.\n")


def gated(out: Path, serving: str, new: str, slack: float) -> int:
    """Says whether `new` may be promoted; 0 or 1. Raises OSError, Unreadable, LookupError."""
    reasons = promotable(read_table(out / TABLE), serving, new, slack)
    if not reasons:
        sys.stdout.write(f"{new}: {serving}보다 못한 안전 항목이 없어요. 올려도 돼요.\n")
        return 0
    sys.stdout.write(f"{new}: 올리지 않아요.\n")
    sys.stdout.writelines(f"- {reason}\n" for reason in reasons)
    return 1


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if bool(chosen.systems) != bool(chosen.questions) or not (chosen.systems or chosen.gate):
        parser.error("--systems와 --questions를 함께 주거나, --gate만 주세요")
    if bool(chosen.judge) != bool(chosen.judge_model):
        parser.error("--judge와 --judge-model은 함께 주세요")
    try:
        if chosen.systems:
            _run(chosen)
        if chosen.gate:
            serving, new = chosen.gate
            return gated(chosen.out, serving, new, chosen.slack)
        return 0
    except (*REFUSED, Unasked) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("멈췄어요. 같은 명령을 다시 실행하면 이어서 해요.\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate")
    parser.add_argument("--systems", type=Path, metavar="YAML")
    parser.add_argument("--questions", type=Path, metavar="JSONL")
    parser.add_argument("--out", type=Path, default=Path(".llm/evaluation"))
    parser.add_argument("--baseline", help="비교 기준 시스템의 이름 (기본: 첫 번째)")
    parser.add_argument("--artifacts", type=Path, help="열어 볼 불러오기 (없으면 새로 불러와요)")
    parser.add_argument("--tables", type=Path, default=SEED, help="새로 불러올 표가 있는 폴더")
    parser.add_argument("--judge", metavar="URL", help="심판 모델의 OpenAI 호환 서버 /v1")
    parser.add_argument("--judge-model", metavar="NAME")
    parser.add_argument("--judge-key", type=Path, metavar="FILE", help="키가 적힌 파일")
    parser.add_argument("--verdicts", type=Path, default=SEED / "verdicts.jsonl")
    parser.add_argument("--at-once", type=int, default=4, help="한 번에 묻는 질문 수")
    parser.add_argument("--patience", type=float, default=300.0, help="답 하나를 기다리는 초")
    parser.add_argument("--gate", nargs=2, metavar=("SERVING", "NEW"))
    parser.add_argument("--slack", type=float, default=0.0, help="눈감아 줄 차이 (0에서 1)")
    parser.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
