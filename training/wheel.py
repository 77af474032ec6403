"""From people's choices to an adapter that answers better, one turn of the wheel at a time.

    python -m training.wheel --home .llm [--database URL] [--server URL] [--dry-run]
    python -m training.wheel back --home .llm [--server URL]

A turn collects the preferences of those who agree to it, stops where they are too few, joins them
with the standing ones, trains an adapter by DPO from the last one, asks both the questions that
nobody trained on, and lets the new one answer only where it is better and on no safety measure
worse. `back` lets the one before answer again.

Each step leaves a mark in `.llm/wheel/<n>/` when it is done: after a `kill -9` the same command
goes on there. What people wrote is deleted from that folder when the turn ends; hashes stay.

Exit status 0 done (too few preferences included), 1 refused, 2 wrong usage.
"""

import argparse
import asyncio
import hashlib
import json
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from engine.errors import EngineError
from engine.generation.registry import Card, Decision, Ruling
from engine.store.database import Database
from training.alone import Busy, alone
from training.cleaning import ASKED_ALIKE, Near, letters, split_of
from training.programs import Commands, Failed, Programs
from training.registry import Registry, keep
from training.rows import Preference, Unreadable, preferences, read, write
from training.served import NoServer, Place
from training.serving import BASE_NAME
from training.stage import Live, Own, Stage, opened

ENOUGH: Final = 50
"""New preferences that a turn needs: fewer would not be told from chance."""
STANDING: Final = ("preferences.train.jsonl", "preferences.eval.jsonl")
DATABASE: Final = "sqlite+aiosqlite:///data/artifacts/ppoyami.db"
Say = Callable[[str], None]
Facts = dict[str, Any]


class Refused(Exception):
    """Nothing can be done; the sentence says what is missing."""


class TooFew(Exception):
    def __init__(self, new: int) -> None:
        super().__init__(new)
        self.new = new


@dataclass(frozen=True, slots=True)
class Round:
    """A turn of the wheel, and the marks of what of it is done."""

    folder: Path

    @property
    def number(self) -> int:
        return int(self.folder.name)

    @property
    def adapter(self) -> str:
        return f"wheel-{self.number:04d}"

    @property
    def ended(self) -> bool:
        return self.done("end") is not None

    def done(self, step: str) -> Facts | None:
        """What the step found out; None where it is not done."""
        try:
            found: Facts = json.loads((self.folder / f"{step}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found

    def mark(self, step: str, facts: Facts) -> Facts:
        keep(self.folder / f"{step}.json", facts)
        return facts

    def learned(self) -> frozenset[str]:
        return frozenset((self.done("end") or {}).get("learned", ()))


def rounds(folder: Path) -> list[Round]:
    """The oldest first."""
    found = [path for path in folder.glob("*") if path.is_dir() and path.name.isdecimal()]
    return [Round(path) for path in sorted(found, key=lambda path: int(path.name))]


def fingerprint(row: Preference) -> str:
    """Tells a choice apart without keeping its words."""
    said = json.dumps([[one.content for one in row.prompt], row.chosen, row.rejected])
    return hashlib.sha256(said.encode()).hexdigest()


class Wheel:
    def __init__(
        self,
        home: Path,
        commands: Commands,
        stage: Stage,
        *,
        enough: int = ENOUGH,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        say: Say = print,
    ) -> None:
        self._home = home
        self._registry = Registry(home)
        self._commands = commands
        self._stage = stage
        self._enough = enough
        self._now = now
        self._say = say

    async def turn(self) -> Ruling | None:
        """None where there was too little to learn from. Raises Refused, Failed, NoServer,
        Unreadable, OSError, EngineError."""
        self._check()
        here = self._here()
        try:
            collected = await self._step(here, "collect", self._collect)
        except TooFew as few:
            shutil.rmtree(here.folder)
            self._say(_too_few(few.new, self._enough))
            return None
        self._say(f"새 선호 {collected['new']}쌍을 모았어요.")
        await self._step(here, "join", self._join)
        await self._step(here, "train", self._train)
        await self._step(here, "evaluate", self._evaluate)
        ruling = Ruling((await self._step(here, "serve", self._serve))["ruling"])
        self._end(here)
        return ruling

    async def plan(self) -> list[str]:
        """What a turn would do; nothing is changed. Raises what `turn` does."""
        self._check()
        going = next((one for one in rounds(self._folder) if not one.ended), None)
        if going is not None and (going.done("collect") is not None):
            done = [step for step in STEPS if going.done(step) is not None]
            left = [WORDS[step] for step in STEPS if step not in done]
            return [f"{going.number}번째 회전을 이어서 해요. 남은 일: {', '.join(left)}"]
        trial = self._folder / ".dry-run"
        try:
            rows, new = await self._found(trial / "feedback.jsonl")
        finally:
            shutil.rmtree(trial, ignore_errors=True)
        if len(new) < self._enough:
            return [_too_few(len(new), self._enough)]
        serving = await self._serving()
        asked = self._home / "data" / "questions.jsonl"
        return [
            f"새 선호 {len(new)}쌍(동의한 선호 모두 {len(rows)}쌍)을 원래 자료에 더해요.",
            f"{self._parent(serving)}에서 이어서 DPO로 {self._next().adapter} 어댑터를 만들어요.",
            f"지금 답하는 {_named(serving)} 쪽과 {asked}로 견줘요.",
            "안전에서 하나도 나빠지지 않고 나아진 것이 있으면 답변을 맡겨요.",
        ]

    async def back(self) -> str:
        """Who answers now. Raises Refused, EngineError."""
        before, serving = self._registry.before, await self._serving()
        if before is None:
            raise Refused("되돌릴 결정이 없어요. 바퀴가 어댑터를 바꾼 적이 없어요.")
        if before and not self._registry.is_finished(before):
            raise Refused(f"{before} 어댑터가 {self._registry.shelf}에 없어서 되돌릴 수 없어요.")
        at = self._now()
        await self._stage.promote(before, at)
        self._registry.note(
            Decision(at, Ruling.BACK, before, serving, ("운영자가 한 단계 되돌렸어요.",))
        )
        return before

    # --- the steps ------------------------------------------------------------------------------

    async def _collect(self, here: Round) -> Facts:
        rows, new = await self._found(here.folder / "feedback.jsonl")
        if len(new) < self._enough:
            raise TooFew(len(new))
        return {"found": len(rows), "new": len(new)}

    async def _join(self, here: Round) -> Facts:
        """With all that stand, and all that people agree to today: who withdrew is out."""
        given = preferences(here.folder / "feedback.jsonl")
        train, evaluation = (preferences(self._home / "data" / name) for name in STANDING)
        train += [row for row in given if split_of(row.family) == "train"]
        evaluation += [row for row in given if split_of(row.family) != "train"]
        paths = [here.folder / name for name in STANDING]
        for path, rows in zip(paths, (train, evaluation), strict=True):
            write(path, rows)
        parent = self._parent(await self._serving())
        return {
            "parent": parent,
            "rows": len(train),
            "evaluation": len(evaluation),
            "feedback": len(given),
            "sha256": [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths],
            "learned": sorted(map(fingerprint, given)),
        }

    async def _train(self, here: Round) -> Facts:
        joined = here.done("join") or {}
        if not self._registry.is_finished(here.adapter):
            await asyncio.to_thread(
                self._commands.train, joined["parent"], here.adapter, here.folder
            )
        if not self._registry.is_finished(here.adapter):
            raise Refused(f"DPO가 {self._registry.shelf / here.adapter}를 끝맺지 않았어요.")
        return {"adapter": here.adapter, "parent": joined["parent"]}

    async def _evaluate(self, here: Round) -> Facts:
        serving = await self._serving()
        async with self._stage.asked_at([one for one in (serving, here.adapter) if one]) as url:
            compared = await asyncio.to_thread(
                self._commands.compare, url, serving, here.adapter, here.folder
            )
        return {
            "serving": serving,
            "against": list(compared.against),
            "gains": list(compared.gains),
            "figures": compared.figures,
        }

    async def _serve(self, here: Round) -> Facts:
        """The card first, then the server and the choice, then the line that says it is so."""
        joined, found = here.done("join") or {}, here.done("evaluate") or {}
        at = self._now()
        self._registry.describe(
            Card(
                here.adapter,
                at,
                joined["parent"],
                joined["rows"],
                joined["feedback"],
                found["figures"],
            )
        )
        ruling, reasons = judged(found["against"], found["gains"])
        if ruling is Ruling.SERVES:
            await self._stage.promote(here.adapter, at)
        else:
            await self._stage.withdraw(here.adapter)
        self._note(Decision(at, ruling, here.adapter, found["serving"], reasons))
        self._say(_told(ruling, here.adapter, found["serving"], reasons))
        return {"ruling": ruling.value, "reasons": list(reasons)}

    def _end(self, here: Round) -> None:
        """People's words go, hashes of them stay."""
        learned = (here.done("join") or {})["learned"]
        for name in ("feedback.jsonl", *STANDING):
            (here.folder / name).unlink(missing_ok=True)
        for name in ("rows", "held"):  # the trainer's copies
            shutil.rmtree(self._home / "runs" / here.adapter / name, ignore_errors=True)
        here.mark("end", {"learned": learned})

    # --- what they stand on ---------------------------------------------------------------------

    async def _step(self, here: Round, step: str, act: Callable[[Round], Any]) -> Facts:
        done = here.done(step)
        if done is not None:
            return done
        self._say(f"{WORDS[step]}…")
        return here.mark(step, await act(here))

    async def _found(self, out: Path) -> tuple[list[Preference], list[Preference]]:
        """Every preference that may be learned from today, and those of them no turn has had."""
        out.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(self._commands.collect, out)
        rows = self._teachable(preferences(out))
        write(out, rows)
        had = {one for each in rounds(self._folder) for one in each.learned()}
        return rows, [row for row in rows if fingerprint(row) not in had]

    def _teachable(self, rows: Sequence[Preference]) -> list[Preference]:
        """Without those that ask what the evaluation asks."""
        told = read(self._home / "data" / "questions.jsonl", _worded)
        near = Near((letters(text) for texts in told for text in texts), ASKED_ALIKE)
        return [row for row in rows if not near.holds(letters(_question(row)))]

    async def _serving(self) -> str:
        """Empty is the base model. What an admin chose in /model goes before the decisions."""
        chosen = await self._stage.chosen()
        return self._registry.serving if chosen is None else chosen

    def _parent(self, serving: str) -> str:
        """The adapter that answers, or where the base does, the last one made."""
        if serving and self._registry.is_finished(serving):
            return serving
        refused = {one.adapter for one in self._registry.decisions if one.ruling is Ruling.REFUSED}
        others = [one for one in self._registry.finished() if one not in refused]
        if not others:
            raise Refused("먼저 어댑터가 하나 있어야 해요: python -m training.sft")
        return others[-1]

    def _check(self) -> None:
        """Before anything takes long. Raises Refused."""
        for name in (*STANDING, "questions.jsonl"):
            if not (self._home / "data" / name).is_file():
                raise Refused(
                    f"{self._home / 'data' / name}이 없어요: "
                    f"python -m training.conversations --seed data/seed --out {self._home / 'data'}"
                )

    def _here(self) -> Round:
        """The turn that was broken off, or the next one."""
        going = next((one for one in rounds(self._folder) if not one.ended), None)
        if going is not None:
            self._say(f"{going.number}번째 회전을 이어서 해요.")
            return going
        here = self._next()
        here.folder.mkdir(parents=True)
        return here

    def _next(self) -> Round:
        made = rounds(self._folder)
        return Round(self._folder / f"{(made[-1].number if made else 0) + 1:04d}")

    def _note(self, decision: Decision) -> None:
        """Once, also where a crash came between the line and the mark."""
        last = self._registry.decisions[-1:]
        told = [(one.adapter, one.ruling) for one in last]
        if told != [(decision.adapter, decision.ruling)]:
            self._registry.note(decision)

    @property
    def _folder(self) -> Path:
        return self._home / "wheel"


STEPS: Final = ("collect", "join", "train", "evaluate", "serve")
WORDS: Final = {
    "collect": "선호를 모으고 있어요",
    "join": "원래 자료와 합치고 있어요",
    "train": "DPO로 배우고 있어요",
    "evaluate": "지금 답하는 쪽과 견주고 있어요",
    "serve": "결정하고 있어요",
}


def _worded(row: Facts) -> tuple[str, ...]:
    """A held-out question, alone and with what was said before it."""
    return (str(row["question"]), " ".join(row.get("turns", ())))


def _question(row: Preference) -> str:
    """What serving's prompt ends with."""
    return row.prompt[-1].content.rpartition("질문:")[2]


def judged(against: Sequence[str], gains: Sequence[str]) -> tuple[Ruling, tuple[str, ...]]:
    """Whether the new one may answer, and why."""
    if against:
        return Ruling.REFUSED, tuple(against)
    if not gains:
        return Ruling.REFUSED, ("분명히 나아진 것이 없어요.",)
    return Ruling.SERVES, tuple(gains)


def _too_few(new: int, enough: int) -> str:
    return f"새 선호가 {new}쌍이에요. {enough - new}쌍이 더 모이면 다시 배워요."


def _named(adapter: str) -> str:
    return adapter or "기본 모델"


def _told(ruling: Ruling, adapter: str, serving: str, reasons: Sequence[str]) -> str:
    why = " ".join(reasons)
    if ruling is Ruling.SERVES:
        return f"이제 {adapter} 쪽이 답해요(전에는 {_named(serving)}). {why}"
    return f"{adapter} 어댑터에는 맡기지 않았어요. {_named(serving)} 쪽이 그대로 답해요. {why}"


def _stage(asked: argparse.Namespace, database: Database) -> Stage:
    shelf = asked.home / "adapters"
    if asked.server:
        return Live(asked.server, asked.model, shelf, database)
    return Own(Place(asked.home, _python(asked)), asked.model, database)


def _judge(asked: argparse.Namespace) -> tuple[str, ...]:
    told = {
        "--judge": asked.judge,
        "--judge-model": asked.judge_model,
        "--judge-key": asked.judge_key,
    }
    return tuple(word for key, value in told.items() if value for word in (key, str(value)))


def _python(asked: argparse.Namespace) -> Path:
    """Not resolved: a virtual environment's is a link."""
    given: Path | None = asked.python
    return given or asked.home / "venv" / "bin" / "python"


def _check(asked: argparse.Namespace) -> None:
    """Of a wrong address nothing new is to be made. Raises Refused."""
    if not asked.home.is_dir():
        raise Refused(f"{asked.home} 폴더가 없어요. 먼저 make llm으로 만들어 주세요.")
    found = re.fullmatch(r"sqlite[^:]*:///(.+)", asked.database)
    if found and not Path(found[1]).is_file():
        raise Refused(
            f"데이터베이스 {found[1]}이 없어요. "
            "--database에 봇의 PPOYAMI_DATABASE_URL을 적어 주세요."
        )


async def _run(asked: argparse.Namespace) -> int:
    _check(asked)
    with alone(asked.home) as lock:
        async with opened(asked.database) as database:
            programs = Programs(
                asked.home,
                _python(asked),
                asked.config,
                asked.database,
                asked.artifacts,
                lock,
                asked.model,
                asked.tables,
                _judge(asked),
            )
            wheel = Wheel(
                asked.home, programs, _stage(asked, database), enough=asked.enough, say=_say
            )
            if asked.deed == "back":
                _say(f"이제 {_named(await wheel.back())} 쪽이 답해요.")
            elif asked.dry_run:
                _say("\n".join(await wheel.plan()))
            else:
                await wheel.turn()
    return 0


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    try:
        return asyncio.run(_run(asked))
    except KeyboardInterrupt:
        _say("멈췄어요. 같은 명령을 다시 하면 이어 가요.")
        return 1
    except (
        Refused,
        Busy,
        Failed,
        NoServer,
        Unreadable,
        EngineError,
        LookupError,
        OSError,
    ) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.wheel")
    parser.add_argument("deed", nargs="?", choices=("turn", "back"), default="turn")
    parser.add_argument("--home", type=Path, default=Path(".llm"))
    parser.add_argument("--database", default=DATABASE, help="the bot's; PPOYAMI_DATABASE_URL")
    parser.add_argument("--artifacts", type=Path, default=Path("data/artifacts"), help="its loads")
    parser.add_argument("--tables", type=Path, default=Path("data/seed"), help="of the evaluation")
    parser.add_argument("--server", help="the running vLLM's /v1; without it one is started")
    parser.add_argument("--model", default=BASE_NAME, help="the base as the server names it")
    parser.add_argument("--python", type=Path, help="of the environment with TRL and vLLM")
    parser.add_argument("--config", type=Path, default=Path("training/configs/dpo.yaml"))
    parser.add_argument("--judge", metavar="URL", help="a judge's /v1, as for training.evaluate")
    parser.add_argument("--judge-model", metavar="NAME")
    parser.add_argument("--judge-key", type=Path, metavar="FILE")
    parser.add_argument("--enough", type=int, default=ENOUGH, help="new preferences for a turn")
    parser.add_argument("--dry-run", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
