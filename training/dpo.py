"""Direct preference optimisation (arXiv 2305.18290) from an SFT adapter, its frozen copy the
reference.

    python -m training.dpo --config training/configs/dpo.yaml [--set key=value …] [--fresh]

Rows are `Preference`s (training/rows.py). The reference's log-probabilities are computed once and
kept beside the checkpoints. Broken off, even by `kill -9`, the same command goes on. `loss.png`
shows loss, margins of the rewards and the share of pairs told apart; with `stop_after` the run ends
when the evaluation set gains no more, and the best checkpoint is what is kept.

Exit status 0 done, 1 refused, 2 wrong usage.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training import preflight
from training.command_line import run
from training.config import Dpo
from training.preflight import Refused
from training.rows import Preference, preferences

REFERENCE = "ref"
"""TRL's name of the frozen copy."""
PAIR = 2
"""Sequences of a row: chosen and rejected."""
GAINS = {"loss": ("eval_loss", False), "accuracy": ("eval_rewards/accuracies", True)}
"""What is measured and whether more is better."""


def train(told: Dpo, *, fresh: bool = False) -> None:
    """Raises OSError, Refused, Unreadable; all but too little memory before torch is loaded."""
    rank = preflight.check_adapter(told.adapter, told.base)
    shape = preflight.check(told, rank)
    if told.stop_after and told.evaluation is None:
        raise Refused("stop_after를 쓰려면 evaluation에 평가할 줄이 있어야 해요.")
    rows = preferences(told.data)
    preflight.check_rows(len(rows), told.data)
    held = preferences(told.evaluation) if told.evaluation else []
    if told.evaluation:
        preflight.check_rows(len(held), told.evaluation)
    wanted = preflight.needed(told, shape, rank, sequences=PAIR)
    _train(told, wanted, rows, held, fresh=fresh)


def _train(
    told: Dpo,
    wanted: int,
    rows: Sequence[Preference],
    held: Sequence[Preference],
    *,
    fresh: bool,
) -> None:
    preflight.hush()
    from transformers import PrinterCallback  # noqa: PLC0415 - seconds, after what is refused
    from trl import DPOConfig, DPOTrainer  # noqa: PLC0415

    from training import curves, loop, lora  # noqa: PLC0415

    begun = loop.Begun.of("dpo", told, adapter=told.adapter / "adapter_model.safetensors")
    if begun.finished(told.out) and not fresh:
        return loop.say(f"이미 이 설정으로 만든 어댑터가 있어요: {told.out}")
    arguments = DPOConfig(
        **_arguments(told, measured=bool(held)),
        beta=told.beta,
        loss_type=[told.loss],
        precompute_ref_log_probs=True,
    )
    lora.check_device(told, wanted // arguments.world_size)
    loop.quiet()
    words = lora.tokenizer(told.base)
    rows = loop.picked(loop.fitting(rows, _talks, words, told, told.data), told)
    if told.evaluation:
        held = loop.fitting(held, _talks, words, told, told.evaluation)
    checkpoint = loop.begin(begun, told.runs, arguments, fresh=fresh)
    model = lora.adapted(
        lora.load(told, rank=arguments.local_process_index, processes=arguments.world_size),
        told.adapter,
    )
    loop.say("기준이 되는 확률을 한 번 계산해요…")
    with arguments.main_process_first():
        kept = [_dataset(rows, told.runs / "rows"), _dataset(held, told.runs / "held")]
    with lora.only_spoken():
        trainer = DPOTrainer(
            model,
            args=arguments,
            train_dataset=kept[0],
            eval_dataset=kept[1],
            processing_class=words,
            callbacks=[
                loop.LastStep(),
                loop.Progress("DPO", told.checkpoint_every),
                *_stopping(told),
            ],
        )
    trainer.remove_callback(PrinterCallback)
    # Its probabilities are kept, and in a checkpoint it would hide what was learnt: with a second
    # adapter there transformers 5.19 loads that one alone (Trainer._load_from_checkpoint).
    trainer.model.delete_adapter(REFERENCE)
    seconds = loop.train(trainer, checkpoint)
    return loop.finish(trainer, begun, told, seconds, curves.preferences)


def _arguments(told: Dpo, *, measured: bool) -> dict[str, Any]:
    from training import loop  # noqa: PLC0415

    shared = loop.arguments(told, measured=measured)
    if told.stop_after:
        metric, more_is_better = GAINS[told.stop_on]
        shared |= {"metric_for_best_model": metric, "greater_is_better": more_is_better}
    else:  # the epochs asked for are what is compared: the last step is kept
        shared |= {"load_best_model_at_end": False, "metric_for_best_model": None}
    return shared


def _stopping(told: Dpo) -> list[Any]:
    from transformers import EarlyStoppingCallback  # noqa: PLC0415

    return [EarlyStoppingCallback(told.stop_after)] if told.stop_after else []


def _dataset(rows: Sequence[Preference], folder: Path) -> Any:
    """On the disk, so that what was computed for it before a kill is found again; None of none."""
    from datasets import Dataset, load_from_disk  # noqa: PLC0415

    if not rows:
        return None
    if not folder.exists():
        making = folder.with_name(f".{folder.name}.making")
        Dataset.from_list([_row(one) for one in rows]).save_to_disk(making)
        making.rename(folder)
    return load_from_disk(folder)


def _talks(row: Preference) -> list[list[dict[str, str]]]:
    told = _row(row)
    return [told["prompt"] + told["chosen"], told["prompt"] + told["rejected"]]


def _row(row: Preference) -> dict[str, Any]:
    def spoken(text: str) -> list[dict[str, str]]:
        return [{"role": "assistant", "content": text}]

    prompt = [{"role": one.role, "content": one.content} for one in row.prompt]
    return {"prompt": prompt, "chosen": spoken(row.chosen), "rejected": spoken(row.rejected)}


def main(argv: Sequence[str] | None = None) -> int:
    return run("training.dpo", Dpo, train, argv)


if __name__ == "__main__":
    sys.exit(main())
