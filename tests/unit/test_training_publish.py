"""What is sent out: nothing unless it is asked for, and no version twice."""

import json
from pathlib import Path
from typing import Any

import pytest

from training.publish import main

MANIFEST: dict[str, Any] = {
    "method": "dpo",
    "config": {"rate": 5e-6, "epochs": 1, "beta": 0.1, "seed": 0, "base": "base"},
    "hashes": {"base": "b" * 64, "data": "d" * 64},
    "steps": 40,
    "tokens": 40_000,
    "seconds": 300.0,
    "evaluation": [{"step": 40, "eval_loss": 0.51}],
    "versions": {"trl": "1.16.0"},
}


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    """Of a base that is no Gemma."""
    return written(tmp_path / "dpo", model_type="llama")


@pytest.fixture
def gemma(tmp_path: Path) -> Path:
    return written(tmp_path / "of-gemma", model_type="gemma3_text")


def written(folder: Path, **more: str) -> Path:
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps(MANIFEST | more))
    (folder / "adapter_config.json").write_text("{}")
    (folder / "adapter_model.safetensors").write_bytes(bytes(2048))
    return folder


def arguments(adapter: Path, to: Path | str, version: str = "1.2.0", *more: str) -> list[str]:
    return ["--adapter", str(adapter), "--to", str(to), "--version", version, *more]


def test_a_dry_run_says_what_would_go_where_and_sends_nothing(
    adapter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(adapter, "hub:shop/ppoyami")) == 0
    said = capsys.readouterr().out
    assert "shop/ppoyami-adapter@v1.2.0 (비공개)" in said
    assert "adapter_model.safetensors  0.0 MiB" in said
    assert "보내지 않았어요" in said
    assert main(arguments(adapter, tmp_path / "out")) == 0
    assert not (tmp_path / "out").exists()


def test_a_folder_gets_the_version_with_its_card(adapter: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(arguments(adapter, out, "1.2.0", "--push")) == 0
    sent = out / "1.2.0" / "adapter"
    assert (sent / "adapter_model.safetensors").read_bytes() == bytes(2048)
    card = (sent / "README.md").read_text()
    assert "1.2.0 (dpo)" in card
    assert "| eval_loss | 0.51 |" in card
    assert "b" * 64 in card
    assert str(tmp_path) not in card


def test_a_version_is_never_changed(
    adapter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(arguments(adapter, out, "1.2.0", "--push")) == 0
    (adapter / "adapter_model.safetensors").write_bytes(b"other")
    assert main(arguments(adapter, out, "1.2.0", "--push")) == 1
    assert "이미 있어요" in capsys.readouterr().err
    assert (out / "1.2.0" / "adapter" / "adapter_model.safetensors").stat().st_size == 2048


def test_what_is_made_of_gemma_goes_to_no_hub_unaccepted(
    gemma: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(gemma, "hub:shop/ppoyami", "1.2.0", "--public", "--push")) == 1
    assert "--accept-terms" in capsys.readouterr().err
    assert main(arguments(gemma, "hub:shop/ppoyami", "1.2.0", "--accept-terms")) == 0


def test_an_adapter_of_nobody_knows_what_is_taken_for_gemmas(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    adapter = written(tmp_path / "dpo")
    assert main(arguments(adapter, "hub:shop/ppoyami")) == 1
    assert "Gemma" in capsys.readouterr().err


def test_gemma_weights_carry_their_notice(gemma: Path, tmp_path: Path) -> None:
    assert main(arguments(gemma, tmp_path / "out", "1.2.0", "--push")) == 0
    notice = (tmp_path / "out" / "1.2.0" / "adapter" / "NOTICE").read_text()
    assert "Gemma Terms of Use" in notice


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("manifest.json", MANIFEST | {"config": {"base": "/srv/models/base"}}),
        ("adapter_config.json", {"base_model_name_or_path": "/srv/models/base"}),
        ("card.json", {"command": "python -m training.conversations --out /srv/data"}),
    ],
)
def test_what_names_a_path_of_the_machine_is_not_sent(
    adapter: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    told: dict[str, Any],
) -> None:
    (adapter / name).write_text(json.dumps(told))
    assert main(arguments(adapter, tmp_path / "out", "1.2.0", "--push")) == 1
    assert f"{name} /srv/" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": "next"}, "1.2.0처럼"),
        ({"to": "hub:nobody"}, "hub:OWNER/NAME"),
    ],
)
def test_a_wrong_word_is_refused(
    adapter: Path, capsys: pytest.CaptureFixture[str], change: dict[str, str], said: str
) -> None:
    assert main(arguments(adapter, **{"to": "out", **change})) == 1
    assert said in capsys.readouterr().err


def test_an_adapter_without_its_manifest_is_not_sent(
    adapter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (adapter / "manifest.json").unlink()
    assert main(arguments(adapter, tmp_path / "out", "1.2.0", "--push")) == 1
    assert "다 만들어지지 않았어요" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
