"""What a run was begun with, and the rows it takes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("trl", reason="make test-train")

from tests.train.tiny import made_base, manifest
from training.config import Dpo, Sft
from training.dpo import train as prefer
from training.loop import picked
from training.preflight import Refused
from training.sft import train

pytestmark = pytest.mark.train


def test_no_adapter_names_a_path_of_the_machine(
    sft: Callable[..., Sft], dpo: Callable[..., Dpo], tmp_path: Path
) -> None:
    train(sft(epochs=1.0))
    prefer(dpo(epochs=1.0))
    for adapter in (sft().out, dpo().out):
        for path in adapter.glob("*.json"):
            assert str(tmp_path.parent) not in path.read_text(encoding="utf-8")
    assert manifest(dpo().out)["config"]["adapter"] == "sft"
    assert manifest(dpo().out)["model_type"] == "gemma3_text"


def test_another_base_by_the_same_name_is_refused(sft: Callable[..., Sft], tmp_path: Path) -> None:
    told = sft(epochs=1.0)
    train(told)
    other = made_base(tmp_path / told.base.name)
    (other / "chat_template.jinja").write_text("{% generation %}another{% endgeneration %}")
    with pytest.raises(Refused, match=r"\(base\).*--fresh"):
        train(replace(told, base=other))


def test_the_same_base_elsewhere_is_the_same(
    sft: Callable[..., Sft], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = sft(epochs=1.0)
    train(told)
    (tmp_path / "moved").symlink_to(told.base)
    train(replace(told, base=tmp_path / "moved"))
    assert "이미" in capsys.readouterr().out


def test_a_limit_picks_so_many_rows_by_the_seed_in_their_order(sft: Callable[..., Sft]) -> None:
    rows = list(range(100))
    one, again, other = (picked(rows, sft(limit=10, seed=seed)) for seed in (1, 1, 2))
    assert len(set(one)) == 10
    assert list(one) == sorted(one) == list(again)
    assert one != rows[:10]
    assert one != other


@pytest.mark.parametrize("limit", [0, 4, 5])
def test_no_limit_and_one_that_is_not_reached_take_all(
    sft: Callable[..., Sft], limit: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert picked([3, 1, 2, 0], sft(limit=limit)) == [3, 1, 2, 0]
    assert not capsys.readouterr().out


def test_a_run_with_a_limit_learns_from_so_many_rows_alone(
    sft: Callable[..., Sft], capsys: pytest.CaptureFixture[str]
) -> None:
    told = sft(epochs=1.0, batch=1, limit=3, evaluation=None)
    train(told)
    assert manifest(told.out)["steps"] == 3
    assert "8줄 가운데 3줄을 써요" in capsys.readouterr().out
