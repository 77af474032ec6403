"""Grids of systems and of hyper-parameters made into files and commands."""

from pathlib import Path

import pytest
import yaml

from tests.running import ROOT
from training.sweep import main, put, sweep
from training.systems import Wrong, systems

BASE = {"out": ".llm/adapters/sft", "runs": ".llm/runs/sft", "rate": 0.0002, "rank": 16, "seed": 0}


def grid(folder: Path, text: str) -> Path:
    (folder / "base.yaml").write_text(yaml.safe_dump(BASE), encoding="utf-8")
    path = folder / "grid.yaml"
    path.write_text(text.replace("BASE", str(folder / "base.yaml")), encoding="utf-8")
    return path


def test_systems_are_every_model_and_adapter_with_and_without_passages(tmp_path: Path) -> None:
    path = grid(
        tmp_path,
        "systems: {url: u, models: [base], adapters: [sft, dpo], rag: [false, true], "
        "composed: true}",
    )
    found = sweep(path).systems

    assert [one.name for one in found] == [
        "base", "base-rag", "sft", "sft-rag", "dpo", "dpo-rag", "composed",
    ]  # fmt: skip
    put(sweep(path), tmp_path / "out")
    assert tuple(systems(tmp_path / "out" / "systems.yaml")) == found


def test_several_temperatures_stand_in_the_names(tmp_path: Path) -> None:
    path = grid(tmp_path, "systems: {url: u, models: [base], rag: [true], temperatures: [0, 0.7]}")

    assert [(one.name, one.temperature) for one in sweep(path).systems] == [
        ("base-rag t=0", 0.0),
        ("base-rag t=0.7", 0.7),
    ]


def test_each_point_of_the_grid_is_a_config_of_its_own_and_its_adapter_a_system(
    tmp_path: Path,
) -> None:
    path = grid(
        tmp_path,
        "systems: {url: u, models: [base]}\n"
        "training: [{config: BASE, vary: {rate: [0.1, 0.2], rank: [8, 16]}}]",
    )
    found = sweep(path)
    put(found, tmp_path / "out")
    configs = [
        yaml.safe_load((tmp_path / "out" / f"{one.name}.yaml").read_text(encoding="utf-8"))
        for one in found.trainings
    ]

    assert [(one["rate"], one["rank"]) for one in configs] == [
        (0.1, 8), (0.1, 16), (0.2, 8), (0.2, 16),
    ]  # fmt: skip
    assert {one["seed"] for one in configs} == {0}
    assert len({one["out"] for one in configs}) == len({one["runs"] for one in configs}) == 4
    adapters = [Path(one["out"]).name for one in configs]
    assert [one.model for one in found.systems] == ["base", *adapters]


def test_the_commands_are_printed_in_their_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = grid(
        tmp_path,
        "systems: {url: u, models: [base]}\ntraining: [{config: BASE, vary: {rank: [8]}}]",
    )

    assert main(["--grid", str(path), "--out", str(tmp_path / "out")]) == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    assert [line.split()[2] for line in lines] == [
        "training.sft", "training.serving", "training.evaluate",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sistems: {}", "sistems"),
        ("systems: {url: u}", "models"),
        ("training: [{config: BASE, vary: {rte: [1]}}]", "rte"),
        ("training: [{config: BASE, vary: {out: [a]}}]", "out"),
        ("training: [{config: BASE, vary: {rank: 8}}]", "rank"),
        ("training: [{config: BASE, trainer: ppo}]", "trainer"),
        ("training: [{config: BASE}, {config: BASE}]", "두 번"),
        ("{}", "systems"),
    ],
)
def test_a_wrong_grid_is_refused_in_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Wrong, match=said):
        sweep(grid(tmp_path, text))


def test_the_shipped_grid_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    assert len(sweep(Path("training/configs/sweep.yaml")).trainings) == 4
