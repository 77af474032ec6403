"""What is compared: systems, a row of YAML each.

- {name: base-rag, url: "http://127.0.0.1:8000/v1", model: gemma3-270m, rag: true}
- {name: sft-rag, url: "http://127.0.0.1:8000/v1", adapter: sft, rag: true, temperature: 0.3}
- {name: composed, composed: true}
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from engine.settings import LanguageModelSettings

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._=+-]{0,47}")
"""What the picture's font has, too."""
_KINDS: Final[dict[str, type | tuple[type, ...]]] = {
    "name": str, "url": str, "model": str, "adapter": str, "rag": bool, "composed": bool,
    "temperature": (int, float), "version": str,
}  # fmt: skip


class Wrong(ValueError):
    """A file of settings that cannot be used; one sentence naming file and key."""


@dataclass(frozen=True, slots=True)
class System:
    name: str
    url: str = ""
    """An OpenAI-compatible server's `/v1`; empty for the composed answer."""
    model: str = ""
    """As the server knows it: the base model's name, or an adapter's."""
    rag: bool = True
    temperature: float = 0.0
    composed: bool = False
    version: str = ""
    """Of what answers under this name, a manifest's hash perhaps: another one is asked anew."""

    def settings(self, at_once: int) -> LanguageModelSettings:
        return LanguageModelSettings(
            self.url, self.model, at_once=at_once, temperature=self.temperature
        )

    def mark(self, question: Any) -> str:
        """Of what is asked of whom: an answer that was kept under another mark is asked again.
        Not of the address: the same server may come up again on another port."""
        whom = {key: value for key, value in asdict(self).items() if key != "url"}
        told = json.dumps([whom, question], ensure_ascii=False, sort_keys=True, default=str)
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def systems(path: Path) -> list[System]:
    """Raises OSError, Wrong."""
    found = [_system(path, number, row) for number, row in enumerate(listed(path), start=1)]
    if not found:
        raise Wrong(f"{path}: 시스템이 하나도 없어요")
    for at, one in enumerate(found):
        if one.name in {before.name for before in found[:at]}:
            raise Wrong(f"{path}: name «{one.name}»이 두 번 있어요")
    return found


def listed(path: Path) -> list[Any]:
    """The rows of a YAML file. Raises OSError, Wrong."""
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Wrong(f"{path}: YAML로 읽을 수 없어요: {error}") from error
    if not isinstance(rows, list):
        raise Wrong(f"{path}: 시스템이 한 줄씩 적힌 목록이어야 해요")
    return rows


def written(found: Sequence[System]) -> str:
    """YAML that `systems` reads."""
    rows = [
        {"name": one.name, "composed": True}
        if one.composed
        else {
            name: value for name, value in asdict(one).items() if name != "composed" and value != ""
        }
        for one in found
    ]
    return str(yaml.safe_dump(rows, allow_unicode=True, sort_keys=False))


def _system(path: Path, number: int, row: Any) -> System:
    where = f"{path}, {number}번째 시스템"
    if not isinstance(row, dict):
        raise Wrong(f"{where}: 키와 값이어야 해요")
    for key, value in row.items():
        kind = _KINDS.get(key)
        if kind is None:
            raise Wrong(f"{where}: 모르는 키 «{key}»이에요")
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise Wrong(f"{where}: «{key}»의 값이 맞지 않아요")
    name = row.get("name", "")
    if not _NAME.fullmatch(name):
        raise Wrong(f"{where}: name은 영문·숫자와 . _ = + - 로 48자까지예요")
    if row.get("composed"):
        return _composed(where, row)
    model = row.get("adapter") or row.get("model")
    if not row.get("url") or not model:
        raise Wrong(f"{where}: url과 model(또는 adapter)이 있어야 해요")
    if "rag" not in row:
        raise Wrong(f"{where}: rag가 true인지 false인지 적어 주세요")
    warmth, version = float(row.get("temperature", 0.0)), row.get("version", "")
    return System(name, row["url"], model, row["rag"], warmth, version=version)


def _composed(where: str, row: dict[str, Any]) -> System:
    if more := set(row) - {"name", "composed"}:
        raise Wrong(f"{where}: composed에는 «{min(more)}»를 적지 않아요")
    return System(row["name"], composed=True)
