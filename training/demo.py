"""The whole path on this computer: base, data, SFT, DPO, serving, evaluation, a question asked.

    python3 -m training.demo --home .llm [--full]        (make train-demo, make train-eval)

Each step is the command that an ML engineer would give, printed before it runs and its minutes
after; a step whose result lies there is skipped, so after a `kill -9` the same command goes on.
`--full` compares every adapter with and without passages, DPO of three epochs among them.

Standard library only: it begins before anything is installed. Exit status 0 done, 1 a step failed,
2 wrong usage.
"""

import argparse
import hashlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from training.alone import Busy, alone
from training.served import NoServer, Place, end_left_over, interrupt, served
from training.serving import BASE_NAME, ROOT

CONFIGS: Final = Path("training/configs")
MAKE: Final = Path(".venv/.run")
ROWS: Final = 480
"""Conversations that SFT has time for beside the rest in 90 minutes; all in the full table."""
PAIRS: Final = 48
"""Pairs, for DPO."""
TUNED: Final = ("sft", f"dpo-{PAIRS}")
TUNED_LONGER: Final = ("sft", "dpo", "dpo-3")
AT_ONCE: Final = 8
"""Questions at the server: what it writes for several costs hardly more than for one."""
Say = Callable[[str], None]


class Stopped(Exception):
    """A step ended with a status that is not 0."""


@dataclass(frozen=True, slots=True)
class Where:
    """What runs the two halves, and where things lie."""

    home: Path
    project: Path
    """Python of the environment with the engine."""
    llm: Path
    """Python of the environment with torch, TRL and vLLM."""
    full: bool = False

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def tuned(self) -> tuple[str, ...]:
        return TUNED_LONGER if self.full else TUNED

    @property
    def results(self) -> Path:
        return self.home / "evaluation" / ("full" if self.full else "demo")

    @property
    def last(self) -> str:
        """The adapter that the bot is asked with."""
        return "dpo" if self.full else TUNED[-1]


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    command: tuple[str, ...]
    made: Path | None = None
    """Its result; None where the command itself knows quickly that nothing is to be done."""
    served: bool = False
    """It asks the server: a word `{url}` of its command is the server's address."""

    @property
    def is_done(self) -> bool:
        return self.made is not None and self.made.exists()


def steps(where: Where, make: Sequence[str]) -> list[Step]:
    """In their order. `make`: with its variables."""
    return [
        Step("모델 환경과 기본 모델", (*make, "--no-print-directory", f"{where.home}/.ready")),
        Step("프로젝트 환경", (*make, "--no-print-directory", str(MAKE))),
        _data(where),
        _tune(where, "sft", "sft", "SFT", limit=0 if where.full else ROWS),
        *_preferring(where),
        _evaluation(where),
        _question(where),
    ]


def _data(where: Where) -> Step:
    command = _module(
        where.project, "training.conversations", "--seed", "data/seed", "--out", where.data
    )
    return Step("데이터", command, where.data / "card.json")


def _preferring(where: Where) -> list[Step]:
    if not where.full:
        return [_tune(where, "dpo", TUNED[-1], f"DPO {PAIRS}쌍", epochs=1, limit=PAIRS)]
    return [
        _tune(where, "dpo", "dpo", "DPO 한 바퀴", epochs=1),
        _tune(where, "dpo", "dpo-3", "DPO 세 바퀴", epochs=3),
    ]


def _tune(where: Where, kind: str, name: str, told: str, **changes: int) -> Step:
    rows = {"sft": "conversations", "dpo": "preferences"}[kind]
    adapters = where.home / "adapters"
    settings: dict[str, Any] = {
        "base": where.home / "base",
        "data": where.data / f"{rows}.train.jsonl",
        "evaluation": where.data / f"{rows}.eval.jsonl",
        "out": adapters / name,
        "runs": where.home / "runs" / name,
    }
    if kind == "dpo":
        settings["adapter"] = adapters / "sft"
    settings |= changes
    pairs = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    command = _module(where.llm, f"training.{kind}", "--config", CONFIGS / f"{kind}.yaml", *pairs)
    return Step(told, command, adapters / name / "manifest.json")


def _evaluation(where: Where) -> Step:
    command = _module(
        where.project, "training.evaluate",
        "--systems", where.results / "systems.yaml",
        "--questions", where.data / "questions.jsonl",
        "--out", where.results,
        "--at-once", AT_ONCE,
    )  # fmt: skip
    return Step("평가", command, where.results / TABLE, served=True)


def _question(where: Where) -> Step:
    out = where.results / "asked.json"
    command = _module(
        where.project, "training.consult",
        "--url", "{url}", "--model", BASE_NAME, "--adapter", where.last, "--out", out,
    )  # fmt: skip
    return Step("봇에게 물어보기", command, out, served=True)


def _module(python: Path, module: str, *words: object) -> tuple[str, ...]:
    return (str(python), "-m", module, *map(str, words))


TABLE: Final = "table.json"
PRINTED: Final = "table.md"


def systems(where: Where, url: str) -> list[dict[str, Any]]:
    """Rows that `training.evaluate` compares; the first is what the others are measured against."""
    rows: list[dict[str, Any]] = []
    for rag in (True, False) if where.full else (True,):
        end = "-rag" if rag else ""
        rows.append({"name": f"base{end}", "url": url, "model": BASE_NAME, "rag": rag})
        rows += [
            {
                "name": f"{name}{end}",
                "url": url,
                "adapter": name,
                "rag": rag,
                "version": _version(where.home / "adapters" / name),
            }
            for name in where.tuned
        ]
    return [*rows, {"name": "composed", "composed": True}]


def _version(adapter: Path) -> str:
    """Of an adapter that was made again, the answers are asked again."""
    return hashlib.sha256((adapter / "manifest.json").read_bytes()).hexdigest()[:12]


class Demo:
    def __init__(
        self,
        where: Where,
        *,
        environment: Mapping[str, str],
        say: Say = print,
        run: Callable[..., "subprocess.CompletedProcess[bytes]"] = subprocess.run,
        clock: Callable[[], float] = time.monotonic,
        server: Callable[..., Any] = served,
    ) -> None:
        self._where = where
        self._environment = {**environment, "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
        self._say = say
        self._run = run
        self._clock = clock
        self._server = server

    def go(self, all_: Sequence[Step], lock: int) -> None:
        """Raises Stopped, NoServer, OSError."""
        began = self._clock()
        alone_ = [step for step in all_ if not step.served]
        asking = [step for step in all_ if step.served]
        for number, step in enumerate(alone_, start=1):
            self._step(f"[{number}/{len(all_)}]", step, lock)
        if all(step.is_done for step in asking):
            for number, step in enumerate(asking, start=len(alone_) + 1):
                self._step(f"[{number}/{len(all_)}]", step, lock)
        else:
            self._ask(asking, len(all_), lock)
        self._say(f"모두 {_minutes(self._clock() - began)} 걸렸어요.{self._before()}")

    def _ask(self, asking: Sequence[Step], count: int, lock: int) -> None:
        began = self._clock()
        folders = [self._where.home / "adapters" / name for name in self._where.tuned]
        self._say("모델 서버를 켜요(1~3분)…")
        with self._server(Place(self._where.home, self._where.llm), folders) as serving:
            url = f"{serving.url}/v1"
            self._say(f"  켜졌어요: {_minutes(self._clock() - began)}")
            self._where.results.mkdir(parents=True, exist_ok=True)
            rows = json.dumps(systems(self._where, url), indent=1)  # JSON is YAML
            (self._where.results / "systems.yaml").write_text(rows + "\n")
            for number, step in enumerate(asking, start=count - len(asking) + 1):
                self._step(f"[{number}/{count}]", step, lock, url)

    def _step(self, place: str, step: Step, lock: int, url: str = "") -> None:
        if step.is_done:
            self._say(f"{place} {step.name}: 이미 있어요 ({step.made})")
            return
        command = [word.replace("{url}", url) for word in step.command]
        self._say(f"{place} {step.name}\n  $ {shlex.join(command)}")
        began = self._clock()
        done = self._run(command, cwd=ROOT, env=self._environment, pass_fds=(lock,), check=False)
        if done.returncode:
            raise Stopped(
                f"{step.name}에서 멈췄어요(끝난 상태 {done.returncode}). 위의 말을 보고 고친 뒤에 "
                "같은 명령을 다시 하면 여기서부터 이어 가요."
            )
        if step.made is not None and not step.made.exists():
            raise Stopped(f"{step.name}이 끝났는데 {step.made}가 없어요.")
        spent = self._clock() - began
        self._keep(step.name, spent)
        self._say(f"  끝났어요: {_minutes(spent)}")

    @property
    def _log(self) -> Path:
        return self._where.home / "minutes.json"

    def _keep(self, name: str, seconds: float) -> None:
        """Of the run that finished the step; one that finds all there takes no time."""
        kept = self._kept()
        kept[name] = max(round(seconds / 60, 2), kept.get(name, 0.0))
        self._log.write_text(json.dumps(kept, ensure_ascii=False, indent=1))

    def _kept(self) -> dict[str, float]:
        try:
            found: dict[str, float] = json.loads(self._log.read_text())
        except (OSError, ValueError):
            return {}
        return found

    def _before(self) -> str:
        told = ", ".join(f"{name} {spent:.1f}분" for name, spent in self._kept().items())
        return f" 단계마다: {told}" if told else ""


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f}분"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.demo")
    parser.add_argument("--home", type=Path, default=Path(".llm"))
    parser.add_argument("--llm-venv", type=Path, help="without it <home>/venv")
    parser.add_argument("--full", action="store_true")
    asked = parser.parse_args(arguments)
    venv = asked.llm_venv or asked.home / "venv"
    where = Where(asked.home, Path(".venv/bin/python"), venv / "bin" / "python", full=asked.full)
    make = ("make", f"LLM={asked.home}", f"LLM_VENV={venv}", f"PYTHON={sys.executable}")
    signal.signal(signal.SIGTERM, interrupt)
    try:
        with alone(asked.home) as lock:
            # What a killed run left would take the memory that the trainers need.
            end_left_over(Place(asked.home))
            Demo(where, environment=os.environ, say=_say).go(steps(where, make), lock)
    except (Stopped, NoServer, Busy, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return _stopped()
    _say((where.results / PRINTED).read_text(encoding="utf-8"))
    return 0


def _stopped() -> int:
    _say("\n멈췄어요. 같은 명령을 다시 하면 이어 가요.")
    return 1


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
