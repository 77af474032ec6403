"""The whole path as steps: in order, each once, going on where it was broken off."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from training.config import Dpo, Sft, read
from training.demo import ROWS, Demo, Stopped, Where, steps, systems
from training.evaluate import _parser as evaluation_parser
from training.served import LEFT, PORT, Place, end_left_over, port
from training.serving import Serving
from training.systems import systems as read_systems


@dataclass
class Machine:
    """Runs nothing: it makes what the step's command says that it makes."""

    where: Where
    ran: list[str] = field(default_factory=list)
    served: list[tuple[str, ...]] = field(default_factory=list)
    fails: str = ""
    makes_nothing: str = ""

    def run(self, command: Sequence[str], **_: Any) -> "subprocess.CompletedProcess[bytes]":
        name = command[2] if command[1] == "-m" else command[-1]
        self.ran.append(name)
        if self.fails and self.fails in name:
            return subprocess.CompletedProcess(command, 3)
        if self.makes_nothing != name:
            self._make(command, name)
        return subprocess.CompletedProcess(command, 0)

    @contextmanager
    def serving(self, place: Place, adapters: Sequence[Path]) -> Iterator[Serving]:
        self.served.append(tuple(path.name for path in adapters))
        yield Serving(place.base, tuple(adapters), 8123)

    def _make(self, command: Sequence[str], name: str) -> None:
        match name:
            case "training.conversations":
                _touch(self.where.data / "card.json")
            case "training.sft" | "training.dpo":
                (out,) = (word for word in command if word.startswith("out="))
                _touch(Path(out.removeprefix("out=")) / "manifest.json")
            case "training.evaluate":
                _touch(self.where.results / "table.json")
            case "training.consult":
                _touch(self.where.results / "asked.json")


def _touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")


@pytest.fixture
def where(tmp_path: Path) -> Where:
    return Where(tmp_path / ".llm", Path("project/python"), Path("llm/python"))


@pytest.fixture
def machine(where: Where) -> Machine:
    where.home.mkdir()
    return Machine(where)


def go(machine: Machine, said: list[str] | None = None) -> None:
    Demo(
        machine.where,
        environment={},
        say=(said if said is not None else []).append,
        run=machine.run,
        clock=iter(range(0, 60_000, 30)).__next__,
        server=machine.serving,
    ).go(steps(machine.where, ("make",)), 0)


PATH = [
    "training.conversations",
    "training.sft",
    "training.dpo",
    "training.evaluate",
    "training.consult",
]


def test_every_step_is_run_in_order_and_the_adapters_are_served_for_the_last_two(
    machine: Machine,
):
    said: list[str] = []
    go(machine, said)
    assert machine.ran == [f"{machine.where.home}/.ready", ".venv/.run", *PATH]
    assert machine.served == [("sft", "dpo-48")]
    ended = [line for line in said if line.startswith("  끝났어요")]
    assert ended == ["  끝났어요: 0.5분"] * 7
    assert "SFT 0.5분" in said[-1]


def test_what_is_made_is_not_made_again_and_no_server_is_started_for_it(machine: Machine):
    go(machine)
    machine.ran.clear()
    go(machine)
    assert machine.ran == [f"{machine.where.home}/.ready", ".venv/.run"]
    assert len(machine.served) == 1


@pytest.mark.parametrize("broken", PATH)
def test_it_goes_on_at_the_step_that_failed(machine: Machine, broken: str):
    machine.fails = broken
    with pytest.raises(Stopped, match="상태 3"):
        go(machine)
    assert machine.ran[-1] == broken
    machine.fails = ""
    machine.ran.clear()
    go(machine)
    assert machine.ran[2:] == PATH[PATH.index(broken) :]


def test_a_step_that_says_it_is_done_and_made_nothing_stops_the_path(machine: Machine):
    machine.makes_nothing = "training.sft"
    with pytest.raises(Stopped, match=r"manifest\.json가 없어요"):
        go(machine)


def trained(where: Where, told: str = "{}") -> None:
    for name in where.tuned:
        manifest = where.home / "adapters" / name / "manifest.json"
        manifest.parent.mkdir(parents=True, exist_ok=True)
        manifest.write_text(told)


def test_an_adapter_made_again_is_another_version(where: Where):
    trained(where)
    before = systems(where, "http://127.0.0.1:1/v1")
    trained(where, '{"seed": 2}')
    after = systems(where, "http://127.0.0.1:1/v1")
    assert before[0] == after[0]
    assert all(
        one["version"] != new["version"] for one, new in zip(before[1:3], after[1:3], strict=True)
    )


def test_the_full_table_trains_three_epochs_too_and_asks_everyone_without_passages(
    tmp_path: Path,
):
    where = Where(tmp_path / ".llm", Path("p"), Path("l"), full=True)
    told = [step.name for step in steps(where, ("make",))]
    assert "DPO 세 바퀴" in told
    trained(where)
    rows = systems(where, "http://127.0.0.1:1/v1")
    asked = {(row.get("adapter", "base"), row["rag"]) for row in rows if "composed" not in row}
    assert asked == {(name, rag) for name in ("base", "sft", "dpo", "dpo-3") for rag in (1, 0)}
    assert rows[0]["name"] == "base-rag" and rows[-1] == {"name": "composed", "composed": True}


def test_the_demo_asks_the_four_systems_in_the_serving_form(where: Where):
    trained(where)
    rows = systems(where, "http://127.0.0.1:1/v1")
    assert [row["name"] for row in rows] == ["base-rag", "sft-rag", "dpo-48-rag", "composed"]


def test_the_evaluation_reads_what_is_written_for_it(machine: Machine):
    go(machine)
    found = read_systems(machine.where.results / "systems.yaml")
    assert [one.name for one in found] == ["base-rag", "sft-rag", "dpo-48-rag", "composed"]
    assert {one.url for one in found if not one.composed} == {"http://127.0.0.1:8123/v1"}


@pytest.mark.parametrize(("kind", "told"), [("sft", Sft), ("dpo", Dpo)])
def test_the_trainers_read_what_they_are_told(where: Where, kind: str, told: type[Any]):
    (step,) = (one for one in steps(where, ("make",)) if f"training.{kind}" in one.command)
    config = Path(step.command[step.command.index("--config") + 1])
    changes = [after for word, after in zip(step.command, step.command[1:], strict=False)
               if word == "--set"]  # fmt: skip
    found = read(config, told, changes)
    name = {"sft": "sft", "dpo": "dpo-48"}[kind]
    assert (found.base, found.out) == (where.home / "base", where.home / "adapters" / name)
    if kind == "dpo":
        assert isinstance(found, Dpo)
        assert (found.adapter, found.epochs) == (where.home / "adapters" / "sft", 1)
    assert found.limit == {"sft": ROWS, "dpo": 48}[kind]


def test_the_evaluation_knows_every_option_it_is_given(where: Where):
    (step,) = (one for one in steps(where, ("make",)) if "training.evaluate" in one.command)
    assert evaluation_parser().parse_args(step.command[3:]).out == where.results


def test_the_port_stays_the_same_while_it_is_free(tmp_path: Path):
    first = port(tmp_path)
    assert port(tmp_path) == first == int((tmp_path / PORT).read_text())
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", first))
        taken.listen()
        assert port(tmp_path) != first


def test_the_server_of_a_killed_run_is_ended(tmp_path: Path):
    place = Place(tmp_path)
    says = "import time; print(flush=True); time.sleep(60)"
    command = [sys.executable, "-c", says, str(place.base)]
    with subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE) as left:
        try:
            assert left.stdout is not None and left.stdout.readline()
            (tmp_path / LEFT).write_text(json.dumps({"pid": left.pid}))
            assert end_left_over(place)
            assert left.wait(10) < 0
        finally:
            left.kill()
    assert not (tmp_path / LEFT).exists()


def test_another_process_with_its_number_is_left_alone(tmp_path: Path):
    (tmp_path / LEFT).write_text(json.dumps({"pid": os.getpid()}))
    assert not end_left_over(Place(tmp_path))
    assert not (tmp_path / LEFT).exists()
