"""An adapter merged into its base answers as both together."""

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("trl", reason="make test-train")

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from tests.train.tiny import made_base
from training import merge as merging
from training.config import Sft
from training.merge import merge
from training.preflight import Refused
from training.sft import train

pytestmark = pytest.mark.train


PROMPT = [{"role": "user", "content": "이 토너 끈적이나요?"}]


def test_the_merged_model_answers_as_base_and_adapter(
    sft: Callable[..., Sft], base: Path, tmp_path: Path
) -> None:
    told = sft(evaluation=None)
    train(told)
    assert merge(base, told.out, tmp_path / "merged") < 1e-3
    words = AutoTokenizer.from_pretrained(tmp_path / "merged")
    asked = words.apply_chat_template(PROMPT, return_tensors="pt", add_generation_prompt=True)[
        "input_ids"
    ]
    plain = AutoModelForCausalLM.from_pretrained(base)
    merged = AutoModelForCausalLM.from_pretrained(tmp_path / "merged")
    both = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), told.out)
    with torch.no_grad():
        wanted, found = both(input_ids=asked).logits, merged(input_ids=asked).logits
        unlearnt = plain(input_ids=asked).logits
    assert torch.allclose(wanted, found, atol=1e-4)
    assert not torch.allclose(unlearnt, found, atol=1e-2)


def test_an_adapter_of_another_base_is_not_merged(sft: Callable[..., Sft], tmp_path: Path) -> None:
    told = sft(evaluation=None)
    train(told)
    other = made_base(tmp_path / "other")
    (other / "chat_template.jinja").write_text("{% generation %}another{% endgeneration %}")
    with pytest.raises(Refused, match="다른 기본 모델"):
        merge(other, told.out, tmp_path / "merged")


def test_a_merge_that_answers_otherwise_is_not_kept(tmp_path: Path) -> None:
    for apart in (0.5, float("nan")):
        with pytest.raises(Refused, match="달라요"):
            merging.check_near(apart, tmp_path / "merged")
