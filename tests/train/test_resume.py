"""kill -9, and the same command again: the run ends as one that nobody broke off."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

pytest.importorskip("trl", reason="make test-train")

import yaml
from safetensors.torch import load_file

from tests.train.tiny import manifest
from training import dpo as preference
from training import sft as supervised
from training.config import Dpo, Run, Sft, plain

pytestmark = pytest.mark.train


ROOT = Path(__file__).parents[2]
Told = TypeVar("Told", Sft, Dpo)


def killed_at_first_checkpoint(module: str, told: Run, folder: Path) -> None:
    config = folder / "run.yaml"
    config.write_text(yaml.safe_dump(plain(told)))
    running = subprocess.Popen(
        [sys.executable, "-m", module, "--config", str(config)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        while not list(told.runs.glob("checkpoint-*/trainer_state.json")):
            assert running.poll() is None, running.communicate()[0]
            time.sleep(0.02)
    finally:
        running.send_signal(signal.SIGKILL)
        running.communicate()
    assert not told.out.exists()


def same(one: Path, other: Path) -> bool:
    first = load_file(one / "adapter_model.safetensors")
    second = load_file(other / "adapter_model.safetensors")
    return all(first[name].allclose(second[name], atol=1e-5) for name in first)


def whole_of(kind: Callable[..., Told], folder: Path) -> Told:
    """The same run, which nothing will break off."""
    return kind(epochs=5.0, checkpoint_every=4, out=folder / "whole", runs=folder / "whole-runs")


def assert_same_end(one: Path, other: Path) -> None:
    assert manifest(one)["steps"] == manifest(other)["steps"] == 20
    assert manifest(one)["loss"] == pytest.approx(manifest(other)["loss"], abs=1e-3)
    assert same(one, other)


def test_sft_goes_on_and_ends_as_if_nothing_had_happened(
    sft: Callable[..., Sft], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = sft(epochs=5.0, checkpoint_every=4)
    killed_at_first_checkpoint("training.sft", told, tmp_path)
    supervised.train(told)
    assert "이어 가요" in capsys.readouterr().out
    supervised.train(whole := whole_of(sft, tmp_path))
    assert_same_end(told.out, whole.out)


def test_dpo_goes_on_with_the_reference_it_began_with(
    sft: Callable[..., Sft],
    dpo: Callable[..., Dpo],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    supervised.train(sft(evaluation=None))
    told = dpo(epochs=5.0, checkpoint_every=4)
    killed_at_first_checkpoint("training.dpo", told, tmp_path)
    preference.train(told)
    assert "이어 가요" in capsys.readouterr().out
    preference.train(whole := whole_of(dpo, tmp_path))
    assert_same_end(told.out, whole.out)


def test_a_checkpoint_cut_off_in_the_middle_is_passed_over(sft: Callable[..., Sft]) -> None:
    told = sft()
    supervised.train(told)
    steps = manifest(told.out)["steps"]
    (told.out / "manifest.json").unlink()
    (told.runs / f"checkpoint-{steps}" / "trainer_state.json").write_text("{")
    supervised.train(told)
    assert manifest(told.out)["steps"] == steps
