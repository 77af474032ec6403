"""The commands that a turn of the wheel is made of, each a program with a log of its own."""

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from training.automatic import Better, Measure
from training.serving import BASE_NAME
from training.systems import System, written
from training.table import Table, clearly, promotable, read_table

BASE: Final = "base"
"""Name of the base model's system in the table."""
TOLD: Final = ("exists", "supported", "refusal", "repetition", "judge_preferred")
"""Measures of an adapter's line in /model, where the table has them."""


class Failed(Exception):
    """A program ended with a status that is not 0; says which, and its last words."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The new adapter beside the one that answers."""

    against: tuple[str, ...]
    """Reasons not to let it answer, a sentence each."""
    gains: tuple[str, ...]
    """What it is clearly better in, a sentence each."""
    figures: str
    """Of the new one, in a line."""


class Commands(Protocol):
    def collect(self, out: Path) -> None:
        """Every preference that may be learned from, cleaned, as rows. Raises Failed."""
        ...

    def train(self, parent: str, adapter: str, folder: Path) -> None:
        """DPO on the folder's rows; the adapter stands on the shelf when it returns, and a call
        after a kill goes on. Raises Failed."""
        ...

    def compare(self, url: str, serving: str, adapter: str, folder: Path) -> Compared:
        """Both asked at the server; `serving` empty is the base. Raises Failed."""
        ...


@dataclass(frozen=True, slots=True)
class Programs:
    """As an ML engineer would run them one by one; what they say is seen."""

    home: Path
    llm: Path
    """Python of the environment with TRL."""
    config: Path
    """Of DPO."""
    database: str
    artifacts: Path
    """The loads of the bot's shop."""
    lock: int
    """Inherited: a program that outlives a killed wheel still holds it."""
    model: str = BASE_NAME
    """The base, as the server names it."""
    tables: Path = Path("data/seed")
    """Of the shop that the held-out questions ask about."""
    judge: tuple[str, ...] = ()
    """Options of the evaluation that name its judge."""

    def collect(self, out: Path) -> None:
        self._run(
            sys.executable, "training.preferences",
            "--database", self.database, "--artifacts", self.artifacts, "--out", out,
        )  # fmt: skip

    def train(self, parent: str, adapter: str, folder: Path) -> None:
        told = {
            "base": self.home / "base",
            "adapter": self.home / "adapters" / parent,
            "data": folder / "preferences.train.jsonl",
            "evaluation": folder / "preferences.eval.jsonl",
            "out": self.home / "adapters" / adapter,
            "runs": self.home / "runs" / adapter,
        }
        changes = [word for key, value in told.items() for word in ("--set", f"{key}={value}")]
        self._run(self.llm, "training.dpo", "--config", self.config, *changes)

    def compare(self, url: str, serving: str, adapter: str, folder: Path) -> Compared:
        """Its answers are kept in the folder, so that a call after a kill goes on."""
        before, out = serving or BASE, folder / "evaluation"
        asked = (
            System(before, url, serving or self.model),
            System(adapter, url, adapter),
        )
        out.mkdir(parents=True, exist_ok=True)
        (out / "systems.yaml").write_text(written(asked), encoding="utf-8")
        self._run(
            sys.executable, "training.evaluate",
            "--systems", out / "systems.yaml",
            "--questions", self.home / "data" / "questions.jsonl",
            "--tables", self.tables,
            "--out", out, *self.judge,
        )  # fmt: skip
        return compared(read_table(out / "table.json"), before, adapter)

    def _run(self, python: Path | str, module: str, *options: object) -> None:
        command = [str(python), "-m", module, *map(str, options)]
        done = subprocess.run(  # noqa: S603 - our own modules
            command,
            env=os.environ | {"HF_HUB_OFFLINE": "1"},
            pass_fds=(self.lock,),
            check=False,
        )
        if done.returncode:
            raise Failed(
                f"{module} 명령이 끝난 상태 {done.returncode}로 멈췄어요. 고친 뒤에 같은 명령을 "
                f"다시 하면 여기서부터 이어 가요.\n  $ {shlex.join(command)}"
            )


def compared(table: Table, serving: str, new: str) -> Compared:
    """Against it speaks a safety measure that is worse in the mean, and any other that is clearly
    worse; for it, what is clearly better. Raises LookupError."""
    against = [
        *promotable(table, serving, new),
        *(_told(table, serving, new, one, "못해요") for one in _moved(table, serving, new, -1)),
    ]
    gains = [_told(table, serving, new, one, "나아요") for one in _moved(table, serving, new, 1)]
    return Compared(tuple(against), tuple(gains), figures(table, new))


def figures(table: Table, new: str) -> str:
    """In a line, for /model."""
    told = [
        (one.korean, value)
        for one in table.measures
        if one.key in TOLD and (value := table.mean(new, one)) is not None
    ]
    return " · ".join(f"{korean} {value:.0%}" for korean, value in told)


def _moved(table: Table, serving: str, new: str, way: int) -> list[Measure]:
    """Measures that are clearly better (1) or worse (-1); safety's losses are the gate's."""
    return [
        one
        for one in table.measures
        if one.better is not Better.NEITHER
        and not (one.safety and way < 0)
        and clearly(one, table.against(new, serving, one)) == way
    ]


def _told(table: Table, serving: str, new: str, measure: Measure, how: str) -> str:
    before, now = table.mean(serving, measure), table.mean(new, measure)
    return f"«{measure.korean}»이 뚜렷하게 {how}: {before:.3f} → {now:.3f}."
