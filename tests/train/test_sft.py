"""One real run of TRL's SFT, of QLoRA too, on the tiny base."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trl", reason="make test-train")

import torch
import trl.trainer.utils as trl_utils
from safetensors.torch import load_file

from tests.train.tiny import TALKS, conversation, manifest
from training import lora
from training.config import Sft
from training.preflight import Refused
from training.rows import write
from training.sft import train

pytestmark = pytest.mark.train


def test_it_learns_and_leaves_an_adapter_with_its_manifest(sft: Callable[..., Sft]) -> None:
    told = sft()
    train(told)
    kept = manifest(told.out)
    assert kept["steps"] == 8
    assert kept["loss"][-1] < kept["loss"][0]
    assert sorted(one.name for one in told.out.iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
        "manifest.json",
    ]
    weights = load_file(told.out / "adapter_model.safetensors")
    assert any(one.abs().sum() > 0 for name, one in weights.items() if "lora_B" in name)
    assert (told.runs / "loss.png").stat().st_size > 5_000


def test_qlora_learns_on_four_bit_weights(sft: Callable[..., Sft]) -> None:
    told = sft(quantize="nf4", epochs=1.0)
    train(told)
    kept = manifest(told.out)
    assert kept["steps"] == 4
    assert kept["loss"][-1] < kept["loss"][0]


def test_measuring_in_between_leaves_what_qlora_learns_as_it_was(
    sft: Callable[..., Sft], tmp_path: Path, talks: Path
) -> None:
    """bitsandbytes packs 4-bit weights anew for a CPU's inference, and has to undo it."""
    alone = sft(quantize="nf4", dropout=0.0, evaluation=None)
    train(alone)
    measured = sft(quantize="nf4", dropout=0.0, out=tmp_path / "m", runs=tmp_path / "m-runs")
    train(measured)
    assert manifest(measured.out)["loss"] == pytest.approx(manifest(alone.out)["loss"], abs=0.03)


def test_the_head_is_computed_where_the_assistant_speaks_and_the_loss_is_the_same(
    sft: Callable[..., Sft], monkeypatch: pytest.MonkeyPatch
) -> None:
    scored = _tokens_scored(monkeypatch)
    short = sft(epochs=1.0, evaluation=None)
    train(short)
    spoken = sum(scored)
    scored.clear()
    monkeypatch.setattr(lora, "only_spoken", nullcontext)
    every = sft(epochs=1.0, evaluation=None, out=short.out.with_name("every"))
    train(every, fresh=True)
    assert spoken < 0.8 * sum(scored)
    assert manifest(every.out)["loss"] == pytest.approx(manifest(short.out)["loss"], abs=2e-3)


def test_the_same_command_says_that_it_is_done(
    sft: Callable[..., Sft], capsys: pytest.CaptureFixture[str]
) -> None:
    told = sft(epochs=1.0)
    train(told)
    made = (told.out / "manifest.json").stat().st_mtime_ns
    train(told)
    assert "이미" in capsys.readouterr().out
    assert (told.out / "manifest.json").stat().st_mtime_ns == made


def test_checkpoints_of_another_configuration_are_not_gone_on_from(
    sft: Callable[..., Sft],
) -> None:
    train(sft(epochs=1.0))
    with pytest.raises(Refused, match=r"rate.*--fresh"):
        train(sft(epochs=1.0, rate=1e-3))


def test_rows_that_are_all_too_long_are_refused(sft: Callable[..., Sft]) -> None:
    with pytest.raises(Refused, match="max_length"):
        train(sft(max_length=8))


def test_a_row_that_is_too_long_is_left_out_and_said(
    sft: Callable[..., Sft], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long = "보습이 오래가는 크림이 잘 맞아요. " * 20
    rows = [conversation(number, *TALKS[number]) for number in range(4)]
    write(tmp_path / "rows.jsonl", [*rows, conversation(4, "길게 답해 주세요.", long)])
    told = sft(data=tmp_path / "rows.jsonl", epochs=1.0, batch=1)
    train(told)
    assert manifest(told.out)["steps"] == 4
    assert "5줄 가운데 1줄은" in capsys.readouterr().out


def test_the_last_step_is_measured_though_it_is_no_checkpoint_by_number(
    sft: Callable[..., Sft],
) -> None:
    told = sft(checkpoint_every=5)
    train(told)
    measured = [one["step"] for one in manifest(told.out)["evaluation"]]
    assert measured == [5, 8]
    assert manifest(told.out)["best_step"] in measured


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"packing": True}, "packing"), ({"attention": "flash_attention_2"}, "flash_attention_2")],
)
def test_what_needs_a_gpu_is_refused_without_one(
    sft: Callable[..., Sft], changed: dict[str, Any], said: str
) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(Refused, match=said):
        train(sft(**changed))


def _tokens_scored(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Filled with the tokens of each call of the head."""
    kernel, found = trl_utils._ChunkedLogProbFunction, list[int]()

    class Counted:
        @staticmethod
        def apply(hidden: torch.Tensor, *more: Any) -> Any:
            found.append(len(hidden))
            return kernel.apply(hidden, *more)

    monkeypatch.setattr(trl_utils, "_ChunkedLogProbFunction", Counted)
    return found
