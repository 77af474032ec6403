"""One real run of TRL's DPO from an SFT adapter on the tiny base."""

from collections.abc import Callable

import pytest

pytest.importorskip("trl", reason="make test-train")

from safetensors.torch import load_file

from tests.train.tiny import manifest
from training import dpo as preference
from training import sft as supervised
from training.config import Dpo, Sft

pytestmark = pytest.mark.train


def test_it_tells_chosen_from_rejected_better_than_the_sft_it_began_with(
    sft: Callable[..., Sft], dpo: Callable[..., Dpo], capsys: pytest.CaptureFixture[str]
) -> None:
    begun, told = sft(evaluation=None), dpo()
    supervised.train(begun)
    preference.train(told)
    kept = manifest(told.out)
    assert kept["loss"][0] == pytest.approx(0.693, abs=1e-3)  # its frozen copy is the reference
    assert kept["evaluation"][-1]["eval_rewards/margins"] > 0
    assert kept["evaluation"][-1]["eval_rewards/accuracies"] > 0.5
    before = load_file(begun.out / "adapter_model.safetensors")
    after = load_file(told.out / "adapter_model.safetensors")
    assert before.keys() == after.keys()
    assert any((before[name] != after[name]).any() for name in before)
    assert not (told.out / "ref").exists()
    assert (told.runs / "loss.png").stat().st_size > 5_000


def test_it_ends_when_the_evaluation_set_gains_no_more(
    sft: Callable[..., Sft], dpo: Callable[..., Dpo]
) -> None:
    supervised.train(sft(evaluation=None))
    told = dpo(epochs=20.0, stop_after=1, stop_on="accuracy", gradient_checkpointing=True)
    preference.train(told)
    assert manifest(told.out)["steps"] < 80
