"""What both trainers do around TRL's own: begin or go on, say how far, draw, finish.

Needs torch, transformers and trl: the environment of `make llm`.
"""

import json
import random
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import datasets
import huggingface_hub.constants as hub
import transformers
from transformers import TrainerCallback

from training import lora
from training.config import PATHS, Run, named
from training.preflight import Refused, digest, fingerprint, model_type

BEGUN: Final = "run.json"
STATE: Final = "trainer_state.json"
LIMIT: Final = 2
"""Checkpoints kept besides the best."""
CHECKPOINT: Final = re.compile(r"checkpoint-(\d+)")
Figures = Mapping[str, Any]
Talk = list[dict[str, str]]
"""Messages as a chat template takes them."""
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Begun:
    """What a run was begun with; another may not go on from its checkpoints."""

    method: str
    config: Mapping[str, Any]
    """Of the files only their names: which ones they are, the hashes say."""
    hashes: Mapping[str, str]
    model_type: str
    """Of the base."""

    @classmethod
    def of(cls, method: str, told: Run, **more: Path) -> "Begun":
        files = {"data": told.data, "evaluation": told.evaluation, **more}
        hashes = {name: digest(path) for name, path in files.items() if path is not None}
        hashes = {"base": fingerprint(told.base), **hashes}
        return cls(method, named(told), hashes, model_type(told.base))

    def plain(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "config": dict(self.config),
            "hashes": dict(self.hashes),
            "model_type": self.model_type,
        }

    def finished(self, adapter: Path) -> bool:
        """Whether `adapter` came of just this."""
        return _same(_json(adapter / lora.MANIFEST), self.plain())


def begin(begun: Begun, runs: Path, arguments: Any, *, fresh: bool) -> str | None:
    """The last whole checkpoint to go on from, if any; the first of several processes tidies up.
    Raises Refused where it is another run's."""
    with arguments.main_process_first(local=False):
        return _begun(begun, runs, fresh=fresh and arguments.process_index == 0)


def _begun(begun: Begun, runs: Path, *, fresh: bool) -> str | None:
    if fresh:
        shutil.rmtree(runs, ignore_errors=True)
    runs.mkdir(parents=True, exist_ok=True)
    told = _json(runs / BEGUN)
    if told is not None and not _same(told, begun.plain()):
        other = ", ".join(_differing(told, begun.plain()))
        raise Refused(
            f"{runs}에는 다른 설정으로 하던 학습이 있어요({other}). 설정을 되돌려 이어 가거나, "
            "처음부터 하려면 --fresh를 붙여 주세요."
        )
    (runs / BEGUN).write_text(json.dumps(begun.plain(), ensure_ascii=False, indent=1))
    return last_whole(runs)


def last_whole(runs: Path) -> str | None:
    """The trainer's state is the last file of a checkpoint: one without it was cut off."""
    found = [path for path in runs.glob("checkpoint-*") if CHECKPOINT.fullmatch(path.name)]
    for path in sorted(found, key=_step, reverse=True):
        if _json(path / STATE) is not None:
            return str(path)
        shutil.rmtree(path)
    return None


def arguments(told: Run, *, measured: bool) -> dict[str, Any]:
    """What TRL's two configurations share."""
    import torch  # noqa: PLC0415 - here, where the device is asked

    gpu = torch.cuda.is_available()
    every = told.checkpoint_every
    return {
        "output_dir": str(told.runs),
        "seed": told.seed,
        "data_seed": told.seed,
        "num_train_epochs": told.epochs,
        "learning_rate": told.rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": told.warmup,
        "per_device_train_batch_size": told.batch,
        "per_device_eval_batch_size": told.batch,
        "gradient_accumulation_steps": told.accumulation,
        "max_length": told.max_length,
        "gradient_checkpointing": told.gradient_checkpointing,
        "bf16": gpu and told.dtype == "bfloat16",
        "use_cpu": not gpu,
        "dataloader_pin_memory": gpu,
        "logging_steps": 1,
        "save_strategy": "steps",
        "save_steps": every,
        "save_total_limit": LIMIT,
        "eval_strategy": "steps" if measured else "no",
        "eval_steps": every if measured else None,
        "load_best_model_at_end": measured,
        "metric_for_best_model": "eval_loss" if measured else None,
        "greater_is_better": False if measured else None,
        "restore_callback_states_from_checkpoint": True,
        "prediction_loss_only": True,
        "disable_tqdm": True,
        "report_to": [],
    }


class LastStep(TrainerCallback):  # type: ignore[misc]
    """Measured and kept too, also where the steps are no multiple of `checkpoint_every`."""

    def on_step_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        if state.global_step >= state.max_steps:
            control.should_evaluate = args.eval_strategy != "no"
            control.should_save = True


class Progress(TrainerCallback):  # type: ignore[misc]
    """One line that is written over on a terminal; in a file, a line each checkpoint."""

    def __init__(self, name: str, every: int) -> None:
        self._name = name
        self._every = every
        self._began = 0.0
        self._from = 0
        self._width = 0

    def on_train_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        self._began, self._from = time.monotonic(), state.global_step

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **more: Any) -> None:
        told = logs or {}
        if not state.is_world_process_zero or "loss" not in told:
            return
        step, steps = state.global_step, state.max_steps
        left = (steps - step) * (time.monotonic() - self._began) / max(1, step - self._from)
        line = f"{self._name} {step}/{steps} · 손실 {float(told['loss']):.3f}"
        if "rewards/accuracies" in told:
            line += f" · 맞힌 쌍 {float(told['rewards/accuracies']):.0%}"
        line += f" · {left / 60:.0f}분 남음"
        if sys.stdout.isatty():
            print(f"\r{line:<{self._width}}", end="", flush=True)  # noqa: T201
            self._width = len(line)
        elif step % self._every == 0 or step in (1, steps):
            say(line)

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Any = None, **more: Any
    ) -> None:
        loss = (metrics or {}).get("eval_loss")
        if state.is_world_process_zero and loss is not None:
            ended = "\n" if sys.stdout.isatty() else ""
            say(f"{ended}  평가 손실 {loss:.3f} ({state.global_step}걸음)")

    def on_train_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        if sys.stdout.isatty() and state.is_world_process_zero:
            say("")


def quiet() -> None:
    """The libraries' own bars and hints: ours is the one line. And TRL reports to nobody what is
    trained here."""
    hub.HF_HUB_DISABLE_TELEMETRY = True
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    datasets.disable_progress_bars()
    datasets.logging.set_verbosity_error()


def train(trainer: Any, checkpoint: str | None) -> float:
    """Seconds of this process's own share; TRL's head is computed where it is needed alone."""
    began = time.monotonic()
    if checkpoint is not None:
        say(f"{Path(checkpoint).name}에서 이어 가요.")
    with lora.only_spoken():
        trainer.train(resume_from_checkpoint=checkpoint)
    return time.monotonic() - began


def finish(
    trainer: Any,
    begun: Begun,
    told: Run,
    seconds: float,
    draw: Callable[[Path, Sequence[Figures]], None],
) -> None:
    """Adapter, curve and manifest, in this order; every process calls it."""
    making = lora.keep(trainer, told.out)
    if not trainer.is_world_process_zero():
        return
    draw(told.runs, trainer.state.log_history)
    manifest = {**begun.plain(), **_figures(trainer, seconds), "versions": lora.versions()}
    lora.place(making, told.out, manifest)
    say(f"어댑터: {told.out}\n곡선: {told.runs / 'loss.png'}")


def fitting(
    rows: Sequence[Row], said: Callable[[Row], Iterable[Talk]], words: Any, told: Run, path: Path
) -> list[Row]:
    """Those whose every talk of `said` fits into `max_length`: an answer that is cut off teaches
    not to end. Says how many do not; raises Refused where none does."""

    def fits(row: Row) -> bool:
        tokens = (words.apply_chat_template(one, return_dict=True) for one in said(row))
        return all(len(one["input_ids"]) <= told.max_length for one in tokens)

    kept = [row for row in rows if fits(row)]
    if not kept:
        raise Refused(f"max_length({told.max_length}토큰)보다 짧은 줄이 하나도 없어요: {path}")
    if len(kept) < len(rows):
        dropped = len(rows) - len(kept)
        say(f"{path.name}: {len(rows)}줄 가운데 {dropped}줄은 max_length보다 길어서 빼요.")
    return kept


def picked(rows: Sequence[Row], told: Run) -> Sequence[Row]:
    """As many as the run takes, in their own order."""
    if not told.limit or told.limit >= len(rows):
        return rows
    chosen = random.Random(told.seed).sample(range(len(rows)), told.limit)
    say(f"{told.data.name}: {len(rows)}줄 가운데 {told.limit}줄을 써요(limit).")
    return [rows[at] for at in sorted(chosen)]


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def refuse(error: Exception) -> int:
    print(error, file=sys.stderr)  # noqa: T201
    return 1


def _figures(trainer: Any, seconds: float) -> dict[str, Any]:
    history = trainer.state.log_history
    told = [one for one in history if "loss" in one]
    measured = [one for one in history if "eval_loss" in one]
    tokens = max((one.get("num_tokens", 0) for one in told), default=0)
    spent = _spent(history, seconds)
    return {
        "steps": trainer.state.global_step,
        "loss": [round(one["loss"], 4) for one in told],
        "evaluation": [
            {"step": one["step"], **{key: value for key, value in one.items() if _told(key)}}
            for one in measured
        ],
        "best_step": trainer.state.best_global_step,
        "seconds": round(spent, 1),
        "tokens": int(tokens),
        "tokens_per_second": round(tokens / spent, 1) if spent else None,
    }


def _told(key: str) -> bool:
    return key in ("eval_loss", "eval_rewards/accuracies", "eval_rewards/margins")


def _spent(history: Sequence[Figures], seconds: float) -> float:
    """Of the process that finished; what was before a kill is not known to the second."""
    return next(
        (one["train_runtime"] for one in reversed(history) if "train_runtime" in one), seconds
    )


def _step(path: Path) -> int:
    return int(path.name.rpartition("-")[2])


def _json(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _same(told: Figures | None, wanted: Figures) -> bool:
    return told is not None and not _differing(told, wanted)


def _differing(told: Figures, wanted: Figures) -> list[str]:
    """A file elsewhere or by another name is the same while its hash is."""
    names = ["method"] if told.get("method") != wanted["method"] else []
    for part in ("config", "hashes"):
        one, other = told.get(part, {}), wanted[part]
        apart = {key for key in {*one, *other} if one.get(key) != other.get(key)}
        names += sorted(apart - PATHS if part == "config" else apart)
    return names
