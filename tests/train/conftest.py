"""The tiny base, its rows, and what each trainer is told of them.

Nothing of the environment of `make llm` is imported here: `make test` reads this file too.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from training.config import Dpo, Sft
from training.rows import write


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.train.tiny import made_base

    return made_base(tmp_path_factory.mktemp("tiny") / "base")


@pytest.fixture(scope="session")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.train.tiny import TALKS, conversation

    path = tmp_path_factory.mktemp("rows") / "conversations.jsonl"
    write(path, [conversation(number, *TALKS[number % 4]) for number in range(8)])
    return path


@pytest.fixture(scope="session")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.train.tiny import TALKS, preference

    path = tmp_path_factory.mktemp("rows") / "preferences.jsonl"
    write(path, [preference(number, *TALKS[number % 4]) for number in range(8)])
    return path


@pytest.fixture
def sft(tmp_path: Path, base: Path, talks: Path) -> Callable[..., Sft]:
    def told(**changed: Any) -> Sft:
        usual: dict[str, Any] = {
            "base": base,
            "data": talks,
            "evaluation": talks,
            "out": tmp_path / "adapters" / "sft",
            "runs": tmp_path / "runs" / "sft",
            "epochs": 2.0,
            "rate": 1e-2,
            "batch": 2,
            "accumulation": 1,
            "max_length": 128,
            "rank": 4,
            "alpha": 8,
            "checkpoint_every": 2,
        }
        return Sft(**(usual | changed))

    return told


@pytest.fixture
def dpo(tmp_path: Path, base: Path, pairs: Path) -> Callable[..., Dpo]:
    def told(**changed: Any) -> Dpo:
        usual: dict[str, Any] = {
            "base": base,
            "data": pairs,
            "evaluation": pairs,
            "adapter": tmp_path / "adapters" / "sft",
            "out": tmp_path / "adapters" / "dpo",
            "runs": tmp_path / "runs" / "dpo",
            "epochs": 2.0,
            "rate": 1e-2,
            "batch": 2,
            "accumulation": 1,
            "max_length": 128,
            "checkpoint_every": 2,
        }
        return Dpo(**(usual | changed))

    return told
