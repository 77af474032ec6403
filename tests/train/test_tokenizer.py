"""Words added to a tokenizer: the mean of their pieces, and nothing else is touched."""

from pathlib import Path

import pytest

pytest.importorskip("trl", reason="make test-train")

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from training import tokenizer as adding

pytestmark = pytest.mark.train


TEXTS = ["병풀추출물 크림이 순해요", "병풀추출물 토너를 샀어요", "병풀추출물 세럼은 가벼워요"] * 3


def test_a_word_becomes_one_token_whose_row_is_the_mean_of_its_pieces(
    base: Path, tmp_path: Path
) -> None:
    told = adding.add(base, tmp_path / "more", ["병풀추출물", "드문성분"], TEXTS, least=0.03)
    assert told.words == ("병풀추출물",)
    assert told.after < told.before
    before, after = (
        AutoModelForCausalLM.from_pretrained(one).get_input_embeddings().weight.detach()
        for one in (base, tmp_path / "more")
    )
    words, more = (AutoTokenizer.from_pretrained(one) for one in (base, tmp_path / "more"))
    pieces = words.encode("병풀추출물", add_special_tokens=False)
    assert more.encode("병풀추출물", add_special_tokens=False) == [len(words)]
    assert torch.allclose(after[len(words)], before[pieces].mean(0), atol=1e-6)
    assert torch.equal(after[: len(before)], before)
    assert more.chat_template == words.chat_template


def test_under_the_least_share_nothing_is_written(base: Path, tmp_path: Path) -> None:
    told = adding.add(base, tmp_path / "more", ["병풀추출물"], TEXTS, least=0.9)
    assert "넣지 않는 편이 나아요" in adding.said(told, 0.9, tmp_path / "more")
    assert not (tmp_path / "more").exists()
