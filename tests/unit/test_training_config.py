"""What a training run is told, and what it is refused for before torch is loaded."""

import json
import struct
from pathlib import Path

import pytest

from training import preflight
from training.config import Dpo, Misconfigured, Sft, named, plain, read
from training.ground import GIB
from training.preflight import Refused

CONFIGS = Path(__file__).parents[2] / "training" / "configs"
LEAST = "base: b\ndata: d.jsonl\nout: o\nruns: r\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "run.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def model(
    folder: Path, template: str | None = "{% generation %}{{ 1 }}{% endgeneration %}"
) -> Path:
    """The folder of a model of one layer, its weights all there."""
    folder.mkdir()
    told = {
        "hidden_size": 8,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "vocab_size": 100,
    }
    (folder / "config.json").write_text(json.dumps(told))
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": template}))
    header = json.dumps({"w": {"dtype": "BF16", "shape": [1600], "data_offsets": [0, 3200]}})
    weights = struct.pack("<Q", len(header)) + header.encode() + bytes(3200)
    (folder / "model.safetensors").write_bytes(weights)
    return folder


def sft(folder: Path, base: Path) -> Sft:
    rows = folder / "rows.jsonl"
    rows.write_text("")
    return Sft(base=base, data=rows, out=folder / "out", runs=folder / "runs")


@pytest.mark.parametrize("name", ["sft", "sft-7b-qlora"])
def test_what_is_committed_for_sft_can_be_read(name: str) -> None:
    read(CONFIGS / f"{name}.yaml", Sft)


@pytest.mark.parametrize("name", ["dpo", "dpo-7b"])
def test_what_is_committed_for_dpo_can_be_read(name: str) -> None:
    read(CONFIGS / f"{name}.yaml", Dpo)


def test_a_number_as_people_write_it_is_a_number(tmp_path: Path) -> None:
    assert read(written(tmp_path, LEAST + "rate: 2e-4\nepochs: 1\n"), Sft).rate == 2e-4


def test_a_key_of_the_command_line_comes_last(tmp_path: Path) -> None:
    told = read(written(tmp_path, LEAST + "rank: 8\n"), Sft, ["rank=4", "evaluation=e.jsonl"])
    assert (told.rank, told.evaluation) == (4, Path("e.jsonl"))


def test_it_is_kept_as_plain_values(tmp_path: Path) -> None:
    told = read(written(tmp_path, LEAST), Sft)
    assert json.loads(json.dumps(plain(told)))["base"] == "b"


def test_an_adapter_is_told_names_and_no_path() -> None:
    told = Dpo(
        base=Path("/srv/models/base"),
        adapter=Path("/srv/adapters/sft"),
        data=Path("/srv/data/pairs.jsonl"),
        out=Path("/srv/adapters/dpo"),
        runs=Path("/srv/runs/dpo"),
    )
    kept = named(told)
    names = {key: kept[key] for key in ("base", "adapter", "data", "evaluation", "out", "runs")}
    assert [*names.values()] == ["base", "sft", "pairs.jsonl", None, "dpo", "dpo"]
    assert "/" not in json.dumps(kept)
    assert kept["rate"] == told.rate


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("rte: 1\n", "rte라는 항목은 없어요"),
        ("rank: many\n", "rank에는 정수가"),
        ("rank: true\n", "rank에는 정수가"),
        ("packing: 1\n", "packing에는 true나 false가"),
        ("rate: fast\n", "rate에는 수가"),
        ("rate: 0\n", "rate는 0보다"),
        ("dropout: 1.5\n", "dropout는 0 이상"),
        ("quantize: int3\n", "quantize에는 none, nf4만"),
        ("rank: null\n", "rank에는 정수가"),
        (": [\n", "YAML로 읽을 수 없어요"),
    ],
)
def test_a_wrong_line_is_told_in_one_sentence_with_its_file(
    tmp_path: Path, lines: str, said: str
) -> None:
    path = written(tmp_path, LEAST + lines)
    with pytest.raises(Misconfigured) as refused:
        read(path, Sft)
    assert str(path) in str(refused.value)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_has_no_default_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="adapter 항목이"):
        read(written(tmp_path, LEAST), Dpo)


def test_a_list_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="항목: 값"):
        read(written(tmp_path, "- 1\n"), Sft)


def test_a_change_without_a_value_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="key=value"):
        read(written(tmp_path, LEAST), Sft, ["rank"])


def test_a_whole_model_is_measured_from_its_files(tmp_path: Path) -> None:
    shape = preflight.model(model(tmp_path / "base"))
    assert (shape.parameters, shape.vocabulary, shape.heads) == (1600, 100, 8)
    # q and o 8 ↔ 8, k and v 8 ↔ 8, gate, up and down 8 ↔ 16: in + out, times the rank
    assert shape.adapter(2) == 2 * (4 * 16 + 3 * 24)


def test_a_missing_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="기본 모델이 없거나"):
        preflight.model(tmp_path / "nowhere")


def test_weights_cut_off_while_they_were_copied_are_refused(tmp_path: Path) -> None:
    weights = model(tmp_path / "base") / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10])
    with pytest.raises(Refused, match="다 만들어지지 않았어요"):
        preflight.model(tmp_path / "base")


def test_a_template_without_marks_is_refused(tmp_path: Path) -> None:
    base = model(tmp_path / "base", "{{ messages }} generation")
    with pytest.raises(Refused, match="generation"):
        preflight.check(sft(tmp_path, base), rank=4)


def test_a_tokenizer_without_a_template_is_refused(tmp_path: Path) -> None:
    base = model(tmp_path / "base", None)
    with pytest.raises(Refused, match="chat_template"):
        preflight.check(sft(tmp_path, base), rank=4)


def test_missing_rows_are_refused(tmp_path: Path) -> None:
    told = sft(tmp_path, model(tmp_path / "base"))
    told.data.unlink()
    with pytest.raises(Refused, match="데이터가 없어요"):
        preflight.check(told, rank=4)


def test_no_row_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="한 줄도 없어요"):
        preflight.check_rows(0, tmp_path)


def test_too_little_memory_is_told_in_gibibytes() -> None:
    with pytest.raises(Refused, match=r"3\.0 GiB쯤 필요한데 1\.0 GiB가"):
        preflight.check_memory(3 * GIB, GIB)
    preflight.check_memory(3 * GIB, None)


@pytest.mark.parametrize(
    "change",
    [{"max_length": 4096}, {"batch": 4}, {"dtype": "float32"}, {"gradient_checkpointing": False}],
)
def test_more_work_wants_more_memory(change: dict[str, object]) -> None:
    shape = preflight.Shape(7_000_000_000, 32, 4096, 11_008, 4096, 4096, 32_000)
    light: dict[str, object] = {
        "max_length": 1024,
        "batch": 1,
        "dtype": "bfloat16",
        "gradient_checkpointing": True,
    }
    paths = {name: Path(name) for name in ("base", "data", "out", "runs")}

    def wanted(told: dict[str, object]) -> int:
        return preflight.needed(Sft(**paths, **told), shape, 16)  # type: ignore[arg-type]

    assert wanted(light | change) > wanted(light) > 13 * GIB


def test_an_adapter_of_another_base_is_refused(tmp_path: Path) -> None:
    base, other = model(tmp_path / "base"), model(tmp_path / "other")
    adapter = adapted(tmp_path / "adapter", preflight.fingerprint(base))
    assert preflight.check_adapter(adapter, base) == 8
    weights = (other / "model.safetensors").read_bytes()
    (other / "model.safetensors").write_bytes(weights[:-1] + b"\x01")
    with pytest.raises(Refused, match="다른 기본 모델"):
        preflight.check_adapter(adapter, other)


def test_an_adapter_without_its_manifest_is_refused(tmp_path: Path) -> None:
    base = model(tmp_path / "base")
    adapter = adapted(tmp_path / "adapter", preflight.fingerprint(base))
    (adapter / "manifest.json").unlink()
    with pytest.raises(Refused, match="다 만들어지지 않았어요"):
        preflight.check_adapter(adapter, base)


def adapted(folder: Path, base: str) -> Path:
    folder.mkdir()
    (folder / "adapter_config.json").write_text('{"r": 8}')
    (folder / "manifest.json").write_text(json.dumps({"hashes": {"base": base}}))
    return folder


def test_the_commands_refuse_before_torch_is_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from training import dpo, sft

    supervised = written(tmp_path, LEAST)
    assert sft.main(["--config", str(supervised)]) == 1
    assert "기본 모델이 없거나" in capsys.readouterr().err
    assert dpo.main(["--config", str(supervised), "--set", "adapter=a"]) == 1
    assert "어댑터가 없거나" in capsys.readouterr().err


def test_rows_that_are_wrong_are_told_with_their_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.sft import main

    monkeypatch.chdir(tmp_path)
    model(tmp_path / "b")
    (tmp_path / "d.jsonl").write_text('{"id": "c"}\n')
    assert main(["--config", str(written(tmp_path, LEAST))]) == 1
    assert "d.jsonl, 1번째 줄" in capsys.readouterr().err
