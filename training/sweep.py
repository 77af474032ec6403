"""Rows for a comparison, from a grid: systems (base × adapter × RAG × temperature) and trainings.

    python -m training.sweep --grid training/configs/sweep.yaml --out .llm/sweep

The grid:

    systems:
      url: http://127.0.0.1:8000/v1
      models: [gemma3-270m]             # bases, as their server knows them
      adapters: [sft, dpo]              # beside the bases
      rag: [false, true]
      temperatures: [0.0]
      composed: true
    training:
      - config: training/configs/sft.yaml
        trainer: sft                    # sft or dpo
        vary: {rate: [1.0e-4, 2.0e-4], rank: [8, 16]}

Writes `systems.yaml` and a config for each training, whose adapter is a system too, and prints the
commands in their order. Nothing is run.

Exit status 0 done, 1 refused, 2 wrong usage.
"""

import argparse
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final

import yaml

from training.systems import System, Wrong, systems, written

TRAINERS: Final = ("sft", "dpo")
_SYSTEMS: Final = {"url", "models", "adapters", "rag", "temperatures", "composed"}
_TRAINING: Final = {"config", "trainer", "vary"}
OUTPUTS: Final = ("out", "runs")
"""Keys of a config that say where the training writes."""


@dataclass(frozen=True, slots=True)
class Training:
    """One point of a grid of hyper-parameters."""

    name: str
    trainer: str
    settings: Mapping[str, Any]

    @property
    def adapter(self) -> str:
        return Path(str(self.settings["out"])).name


@dataclass(frozen=True, slots=True)
class Sweep:
    systems: tuple[System, ...]
    trainings: tuple[Training, ...]


def sweep(path: Path) -> Sweep:
    """Raises OSError, Wrong."""
    grid = _mapping(path, "", _read(path), {"systems", "training"})
    trainings = tuple(one for row in _list(path, "training", grid) for one in _trainings(path, row))
    names = [one.name for one in trainings]
    if twice := next((one for one in names if names.count(one) > 1), None):
        raise Wrong(f"{path}: 같은 학습 «{twice}»이 두 번 나와요")
    found = tuple(_systems(path, grid.get("systems"), [one.adapter for one in trainings]))
    if not found and not trainings:
        raise Wrong(f"{path}: systems나 training이 있어야 해요")
    return Sweep(found, trainings)


def _systems(path: Path, told: Any, trained: Sequence[str]) -> list[System]:
    if told is None:
        return []
    grid = _mapping(path, "systems", told, _SYSTEMS)
    url = grid.get("url")
    speakers = [*_list(path, "models", grid), *_list(path, "adapters", grid), *trained]
    if not isinstance(url, str) or not speakers:
        raise Wrong(f"{path}: systems에 url과 models(또는 adapters)가 있어야 해요")
    warmths = _list(path, "temperatures", grid) or [0.0]
    found = [
        System(_name(speaker, rag, warmth, len(warmths)), url, speaker, rag, float(warmth))
        for speaker, rag, warmth in product(
            dict.fromkeys(map(str, speakers)), _list(path, "rag", grid) or [True], warmths
        )
    ]
    return [*found, *([System("composed", composed=True)] if grid.get("composed") else [])]


def _name(speaker: str, rag: bool, warmth: float, warmths: int) -> str:
    return f"{speaker}{'-rag' if rag else ''}{f' t={warmth:g}' if warmths > 1 else ''}"


def _trainings(path: Path, told: Any) -> list[Training]:
    row = _mapping(path, "training", told, _TRAINING)
    trainer, config = row.get("trainer", "sft"), Path(str(row.get("config", "")))
    if trainer not in TRAINERS:
        raise Wrong(f"{path}: training의 trainer는 {' 아니면 '.join(TRAINERS)}예요")
    base = _mapping(config, "", _read(config), None)
    vary = _mapping(path, "vary", row.get("vary"), None)
    for key, values in vary.items():
        if key not in base or key in OUTPUTS:
            raise Wrong(f"{path}: vary의 «{key}»는 {config}에 없거나 바꿀 수 없는 키예요")
        if not isinstance(values, list) or not values:
            raise Wrong(f"{path}: vary의 «{key}»에는 값의 목록이 있어야 해요")
    return [
        _training(config, trainer, base, dict(zip(vary, point, strict=True)))
        for point in product(*vary.values())
    ]


def _training(
    config: Path, trainer: str, base: Mapping[str, Any], point: Mapping[str, Any]
) -> Training:
    varied = "-".join(f"{key}={value}" for key, value in point.items())
    name = f"{config.stem}-{varied}" if varied else config.stem
    moved = {
        key: str(Path(str(base[key])).with_name(name.replace("=", "_")))
        for key in OUTPUTS
        if key in base
    }
    if "out" not in moved:
        raise Wrong(f"{config}: out이 있어야 학습마다 다른 어댑터를 만들어요")
    return Training(name, trainer, {**base, **point, **moved})


def put(found: Sweep, out: Path) -> list[str]:
    """Writes the files; the commands, in their order. Raises OSError, Wrong."""
    out.mkdir(parents=True, exist_ok=True)
    commands = []
    for one in found.trainings:
        path = out / f"{one.name}.yaml"
        told = yaml.safe_dump(dict(one.settings), allow_unicode=True, sort_keys=False)
        path.write_text(told, encoding="utf-8")
        commands.append(_shell("-m", f"training.{one.trainer}", "--config", str(path)))
    if found.systems:
        path = out / "systems.yaml"
        path.write_text(written(found.systems), encoding="utf-8")
        systems(path)
        if any(not one.composed for one in found.systems):
            commands.append(_shell("-m", "training.serving", "--home", ".llm"))
        options = ("--systems", str(path), "--questions", ".llm/data/questions.jsonl")
        commands.append(_shell("-m", "training.evaluate", *options, "--out", str(out / "table")))
    return commands


def _shell(*words: str) -> str:
    return shlex.join(("python", *words))


def _read(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Wrong(f"{path}: YAML로 읽을 수 없어요: {error}") from error


def _mapping(path: Path, where: str, told: Any, known: set[str] | None) -> dict[str, Any]:
    """`known`: the keys that there may be; None: any."""
    place = f"{path}: {where}" if where else str(path)
    if told is None:
        return {}
    if not isinstance(told, dict):
        raise Wrong(f"{place}: 키와 값이어야 해요")
    if known is not None and (more := set(told) - known):
        raise Wrong(f"{place}: 모르는 키 «{min(map(str, more))}»이에요")
    return told


def _list(path: Path, key: str, told: Mapping[str, Any]) -> list[Any]:
    values = told.get(key) or []
    if not isinstance(values, list):
        raise Wrong(f"{path}: «{key}»는 목록이어야 해요")
    return values


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.sweep")
    parser.add_argument("--grid", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(".llm/sweep"))
    chosen = parser.parse_args(arguments)
    try:
        found = sweep(chosen.grid)
        commands = put(found, chosen.out)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(
        f"학습 {len(found.trainings)}개, 시스템 {len(found.systems)}개를 {chosen.out}에 적었어요. "
        "차례로 실행하세요.\n"
    )
    sys.stdout.writelines(f"{one}\n" for one in commands)
    return 0


if __name__ == "__main__":
    sys.exit(main())
