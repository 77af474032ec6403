"""What `make llm` decides before anything is downloaded, and what it asks vLLM for."""

import json
from pathlib import Path

import pytest

from training.ground import ASK, GIB, TERMS, agreed, lacking, memory
from training.serving import Serving, adapters, settings


def adapter(folder: Path, name: str, rank: int = 8) -> Path:
    (folder / name).mkdir(parents=True)
    (folder / name / "adapter_config.json").write_text(json.dumps({"r": rank}))
    return folder / name


def test_the_terms_are_shown_and_asked_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    questions: list[str] = []

    def ask(question: str) -> str:
        questions.append(question)
        return "yes"

    assert agreed(tmp_path, "", ask)
    assert TERMS in capsys.readouterr().out
    assert agreed(tmp_path, "", ask)
    assert questions == [ASK]


@pytest.mark.parametrize("said", ["", "no", "그래요"])
def test_without_a_yes_nothing_begins(tmp_path: Path, said: str):
    assert not agreed(tmp_path, "", lambda _: said)
    assert not agreed(tmp_path, said, None)
    assert not list(tmp_path.iterdir())


def test_a_setting_agrees_where_nobody_sits(tmp_path: Path):
    assert agreed(tmp_path, "yes", None)


def test_missing_disk_and_memory_are_said_in_numbers(tmp_path: Path):
    none = lacking(tmp_path, False, free=20 * GIB, available=8 * GIB)
    disk = lacking(tmp_path, False, free=3 * GIB, available=8 * GIB)
    ram = lacking(tmp_path, True, free=3 * GIB, available=2 * GIB)
    assert none is None
    assert disk is not None and "10 GiB가 필요한데 3.0 GiB가 남아" in disk
    assert ram is not None and "쓸 수 있는 것은 2.0 GiB" in ram


def test_linux_says_how_much_memory_is_left():
    assert memory("MemTotal:  9 kB\nMemAvailable:    2048 kB\n") == 2 * 1024**2
    assert memory("") is None


def test_there_is_one_slot_more_than_adapters(tmp_path: Path):
    adapter(tmp_path / "adapters", "b", 32)
    adapter(tmp_path / "adapters", "a")
    (tmp_path / "adapters" / "notes").mkdir()
    serving = Serving(tmp_path / "base", adapters(tmp_path / "adapters"), more=1)
    arguments = serving.arguments()
    assert arguments[arguments.index("--max-loras") + 1] == "4"
    assert arguments[arguments.index("--max-lora-rank") + 1] == "32"
    first = f"a={tmp_path / 'adapters' / 'a'}"
    assert arguments[arguments.index("--lora-modules") + 1] == first
    assert "PPOYAMI_LLM__ADAPTER=a" in settings(serving).splitlines()


def test_without_adapters_the_base_is_served_alone(tmp_path: Path):
    serving = Serving(tmp_path / "base", adapters(tmp_path / "adapters"), more=0)
    assert "--lora-modules" not in serving.arguments()
    assert "PPOYAMI_LLM__ADAPTER=" not in settings(serving)


def test_every_processor_works_on_the_model_unless_one_is_kept_back(tmp_path: Path):
    serving = Serving(tmp_path / "base", (), more=0)
    kept = "VLLM_CPU_NUM_OF_RESERVED_CPU"
    assert serving.environment({})[kept] == "0"
    assert serving.environment({kept: "1"})[kept] == "1"
