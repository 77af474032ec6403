"""Supervised fine-tuning: LoRA or QLoRA that imitates the answers of conversations.

    python -m training.sft --config training/configs/sft.yaml [--set key=value …] [--fresh]

Rows are `Conversation`s (training/rows.py); the loss counts the assistant's tokens alone. Broken
off, even by `kill -9`, the same command goes on from the last whole checkpoint. The adapter's
folder appears whole, `manifest.json` in it; `loss.png` lies beside the checkpoints.

Exit status 0 done, 1 refused, 2 wrong usage.
"""

import sys
from collections.abc import Sequence
from typing import Any

from training import preflight
from training.command_line import run
from training.config import Sft
from training.rows import Conversation, conversations


def train(told: Sft, *, fresh: bool = False) -> None:
    """Raises OSError, Refused, Unreadable; all but too little memory before torch is loaded."""
    shape = preflight.check(told, told.rank)
    rows = conversations(told.data)
    preflight.check_rows(len(rows), told.data)
    held = conversations(told.evaluation) if told.evaluation else []
    if told.evaluation:
        preflight.check_rows(len(held), told.evaluation)
    _train(told, shape, rows, held, fresh=fresh)


def _train(
    told: Sft,
    shape: preflight.Shape,
    rows: Sequence[Conversation],
    held: Sequence[Conversation],
    *,
    fresh: bool,
) -> None:
    preflight.hush()
    from transformers import PrinterCallback  # noqa: PLC0415 - seconds, after what is refused
    from trl import SFTConfig, SFTTrainer  # noqa: PLC0415

    from training import curves, loop, lora  # noqa: PLC0415

    begun = loop.Begun.of("sft", told)
    if begun.finished(told.out) and not fresh:
        return loop.say(f"이미 이 설정으로 만든 어댑터가 있어요: {told.out}")
    arguments = SFTConfig(
        **loop.arguments(told, measured=bool(held)),
        assistant_only_loss=True,
        packing=told.packing,
        eval_packing=False,
    )
    wanted = preflight.needed(told, shape, told.rank) // arguments.world_size
    lora.check_device(told, wanted, packing=told.packing)
    loop.quiet()
    words = lora.tokenizer(told.base)
    rows = loop.picked(loop.fitting(rows, _talks, words, told, told.data), told)
    if told.evaluation:
        held = loop.fitting(held, _talks, words, told, told.evaluation)
    checkpoint = loop.begin(begun, told.runs, arguments, fresh=fresh)
    trainer = SFTTrainer(
        lora.load(told, rank=arguments.local_process_index, processes=arguments.world_size),
        args=arguments,
        train_dataset=_dataset(rows),
        eval_dataset=_dataset(held) if held else None,
        processing_class=words,
        peft_config=lora.layers(told),
        callbacks=[loop.LastStep(), loop.Progress("SFT", told.checkpoint_every)],
    )
    trainer.remove_callback(PrinterCallback)
    seconds = loop.train(trainer, checkpoint)
    return loop.finish(trainer, begun, told, seconds, curves.losses)


def _talks(row: Conversation) -> list[list[dict[str, str]]]:
    return [[{"role": one.role, "content": one.content} for one in row.messages]]


def _dataset(rows: Sequence[Conversation]) -> Any:
    from datasets import Dataset  # noqa: PLC0415

    return Dataset.from_list([{"messages": _talks(row)[0]} for row in rows])


def main(argv: Sequence[str] | None = None) -> int:
    return run("training.sft", Sft, train, argv)


if __name__ == "__main__":
    sys.exit(main())
