"""What a training run is told: YAML in `training/configs`, single keys changed with `--set`.

Paths are relative to where the command is given. Nothing heavy is imported here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml

ALLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    "quantize": ("none", "nf4"),
    "attention": ("eager", "sdpa", "flash_attention_2"),
    "dtype": ("float32", "bfloat16"),
    "loss": ("sigmoid", "ipo", "hinge", "robust", "apo_zero", "sigmoid_norm"),
    "stop_on": ("loss", "accuracy"),
}
ABOVE_ZERO: Final = frozenset(
    [
        "epochs",
        "rate",
        "batch",
        "accumulation",
        "max_length",
        "rank",
        "alpha",
        "checkpoint_every",
        "beta",
    ]
)
SHARES: Final = frozenset({"dropout", "warmup"})
KINDS: Final[Mapping[type, str]] = {
    int: "정수",
    float: "수",
    bool: "true나 false",
    str: "글",
    Path: "경로",
}


class Misconfigured(ValueError):
    """One sentence that names the file and the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What both trainers are told."""

    base: Path
    """Folder of the base model, its chat template with `{% generation %}` marks."""
    data: Path
    evaluation: Path | None = None
    limit: int = 0
    """Rows of `data` at most, picked by the seed; 0 takes all."""
    out: Path
    """Folder of the adapter, whole or not there."""
    runs: Path
    """Folder of checkpoints, log and curve."""
    seed: int = 0
    epochs: float = 2.0
    rate: float = 2e-4
    batch: int = 1
    accumulation: int = 8
    """A step learns batch × accumulation × processes rows."""
    max_length: int = 2048
    """Tokens."""
    quantize: str = "none"
    dtype: str = "float32"
    """Of weights and of NF4's arithmetic."""
    attention: str = "sdpa"
    gradient_checkpointing: bool = False
    checkpoint_every: int = 20
    """Steps; the evaluation set is measured then too."""
    warmup: float = 0.03
    """Share of the steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sft(Run):
    rank: int = 16
    alpha: int = 32
    dropout: float = 0.05
    packing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dpo(Run):
    adapter: Path
    """Of SFT: trained on, and frozen as the reference. Its rank is the run's."""
    rate: float = 5e-6
    beta: float = 0.1
    loss: str = "sigmoid"
    stop_after: int = 0
    """Evaluations in a row without gain; 0 never stops early."""
    stop_on: str = "loss"


PATHS: Final = frozenset(
    one.name for kind in (Sft, Dpo) for one in fields(kind) if one.type in (Path, Path | None)
)
Told = TypeVar("Told", Sft, Dpo)


def read(path: Path, kind: type[Told], changes: Sequence[str] = ()) -> Told:
    """`changes` are `key=value` of the command line. Raises OSError, Misconfigured."""
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path}: YAML로 읽을 수 없어요. {_one_line(error)}") from error
    if not isinstance(told, dict):
        raise Misconfigured(f"{path}: «항목: 값»이 줄마다 있어야 해요.")
    return _made(str(path), {**told, **dict(_change(one) for one in changes)}, kind)


def plain(told: Run) -> dict[str, Any]:
    """As JSON and YAML hold it."""
    return {
        key: value.as_posix() if isinstance(value, Path) else value
        for key, value in asdict(told).items()
    }


def named(told: Run) -> dict[str, Any]:
    """As `plain`, but of a path its last part alone: an adapter tells nobody where it was made."""
    return {
        key: Path(value).name if key in PATHS and value is not None else value
        for key, value in plain(told).items()
    }


def _made(where: str, told: Mapping[Any, Any], kind: type[Told]) -> Told:
    known = {one.name: one for one in fields(kind)}
    for key in told:
        if key not in known:
            names = ", ".join(sorted(known))
            raise Misconfigured(f"{where}: {key}라는 항목은 없어요. 있는 항목: {names}")
    for name, one in known.items():
        if one.default is MISSING and name not in told:
            raise Misconfigured(f"{where}: {name} 항목이 있어야 해요.")
    return kind(**{key: _value(where, key, known[key].type, one) for key, one in told.items()})


def _value(where: str, key: str, kind: Any, found: Any) -> Any:
    if found is None and kind == Path | None:
        return None
    wanted = Path if kind == Path | None else kind
    try:
        value = _as(wanted, found)
    except (TypeError, ValueError) as error:
        raise Misconfigured(f"{where}: {key}에는 {KINDS[wanted]}가 와야 해요: {found}") from error
    if key in ALLOWED and value not in ALLOWED[key]:
        raise Misconfigured(f"{where}: {key}에는 {', '.join(ALLOWED[key])}만 쓸 수 있어요: {found}")
    if key in ABOVE_ZERO and value <= 0:
        raise Misconfigured(f"{where}: {key}는 0보다 커야 해요: {found}")
    if key in SHARES and not 0 <= value < 1:
        raise Misconfigured(f"{where}: {key}는 0 이상 1 미만이어야 해요: {found}")
    return value


def _as(kind: type, found: Any) -> Any:
    """YAML 1.1 reads `2e-4` as text: a number is also taken from text. Raises TypeError,
    ValueError."""
    if kind is bool or isinstance(found, bool):
        if kind is bool and isinstance(found, bool):
            return found
        raise TypeError
    if kind is float and isinstance(found, (int, float, str)):
        return float(found)
    if kind in (str, Path) and not isinstance(found, str):
        raise TypeError
    if kind is int and not isinstance(found, int):
        raise TypeError
    return kind(found)


def _change(one: str) -> tuple[str, Any]:
    key, sign, value = one.partition("=")
    if not sign:
        raise Misconfigured(f"--set {one}: key=value로 적어 주세요.")
    try:
        return key.strip(), yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise Misconfigured(f"--set {one}: 값을 읽을 수 없어요.") from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
