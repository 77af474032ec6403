"""A tiny LoRA adapter from a handful of rows: it proves the machinery and teaches manners, no more.

.llm/venv/bin/python -m training.tiny --base .llm/base --rows ROWS.jsonl --out .llm/adapters/NAME

Rows are JSONL, each `{"messages": [{"role", "content"}, …]}` that ends with the assistant; the loss
counts the assistant's tokens alone. Plain steps of AdamW, one row each, in float32 on the CPU.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM, AutoTokenizer

LAYERS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
RANK = 8
RATE = 1e-3
WEIGHTS = ("adapter_config.json", "adapter_model.safetensors")

Row = tuple[torch.Tensor, torch.Tensor]
"""Token ids (1, tokens) and where of them the assistant speaks (places,)."""


def rows(tokenizer: Any, path: Path) -> list[Row]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_row(tokenizer, json.loads(line)["messages"]) for line in lines if line.strip()]


def train(model: Any, taught: Sequence[Row], steps: int) -> Iterator[float]:
    """The loss of each step."""
    optimizer = torch.optim.AdamW(
        (one for one in model.parameters() if one.requires_grad), lr=RATE, weight_decay=0.0
    )
    for ids, places in islice(cycle(taught), steps):
        # The head over 262,144 words is most of this model's work: only where it is taught.
        logits = model(input_ids=ids, logits_to_keep=places - 1).logits
        loss = cross_entropy(logits[0], ids[0, places])
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        yield loss.item()


def save(model: Any, folder: Path) -> None:
    """The adapter alone, without the model card that would name the base's path."""
    making = folder.with_name(f".{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    model.save_pretrained(making)
    for path in making.iterdir():
        if path.name not in WEIGHTS:
            path.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    making.rename(folder)


def _row(tokenizer: Any, messages: list[dict[str, str]]) -> Row:
    read = tokenizer.apply_chat_template(
        messages, return_dict=True, return_assistant_tokens_mask=True, return_tensors="pt"
    )
    places = torch.as_tensor(read["assistant_masks"]).reshape(-1).nonzero().reshape(-1)
    if not len(places):
        raise ValueError("a row without a word of the assistant teaches nothing")
    return read["input_ids"], places


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.tiny")
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=48)
    asked = parser.parse_args(arguments)
    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(asked.base)
    base = AutoModelForCausalLM.from_pretrained(asked.base, dtype=torch.float32)
    layers = LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules=LAYERS, task_type="CAUSAL_LM")
    model = get_peft_model(base, layers)
    model.train()
    losses = list(train(model, rows(tokenizer, asked.rows), asked.steps))
    save(model, asked.out)
    print(f"{asked.out.name}: loss {losses[0]:.2f} → {losses[-1]:.2f}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
