"""The tiny base, its rows, and what each trainer is told of them.

Nothing of the environment of `make llm` is imported here: `make test` reads this file too.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from training.config import Dpo, Sft
from training.rows import Conversation, Preference, write


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.train.tiny import made_base

    return made_base(tmp_path_factory.mktemp("tiny") / "base")


@pytest.fixture(scope="session")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.train.tiny import conversation

    return _eight(conversation, tmp_path_factory.mktemp("rows") / "conversations.jsonl")


@pytest.fixture(scope="session")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.train.tiny import preference

    return _eight(preference, tmp_path_factory.mktemp("rows") / "preferences.jsonl")


@pytest.fixture
def sft(tmp_path: Path, base: Path, talks: Path) -> Callable[..., Sft]:
    usual = _usual(tmp_path, "sft", base, talks) | {"rank": 4, "alpha": 8}
    return lambda **changed: Sft(**(usual | changed))


@pytest.fixture
def dpo(tmp_path: Path, base: Path, pairs: Path) -> Callable[..., Dpo]:
    usual = _usual(tmp_path, "dpo", base, pairs) | {"adapter": tmp_path / "adapters" / "sft"}
    return lambda **changed: Dpo(**(usual | changed))


def _eight(made: Callable[..., Conversation | Preference], path: Path) -> Path:
    from tests.train.tiny import TALKS

    write(path, [made(number, *TALKS[number % 4]) for number in range(8)])
    return path


def _usual(folder: Path, name: str, base: Path, rows: Path) -> dict[str, Any]:
    return {
        "base": base,
        "data": rows,
        "evaluation": rows,
        "out": folder / "adapters" / name,
        "runs": folder / "runs" / name,
        "epochs": 2.0,
        "rate": 1e-2,
        "batch": 2,
        "accumulation": 1,
        "max_length": 128,
        "checkpoint_every": 2,
    }
