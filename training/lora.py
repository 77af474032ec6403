"""LoRA and QLoRA on one base: loaded as a run asks, saved whole with the manifest last.

Needs torch, transformers and peft: the environment of `make llm`.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import torch
import trl.trainer.utils as trl_utils
from peft import LoraConfig, PeftModel, TaskType
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

from training.config import Run, Sft
from training.preflight import Refused, available, check_memory

LAYERS: Final = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
WEIGHTS: Final = ("adapter_config.json", "adapter_model.safetensors")
MANIFEST: Final = "manifest.json"
LIBRARIES: Final = ("torch", "transformers", "trl", "peft", "accelerate", "datasets")


def check_device(told: Run, wanted: int, *, packing: bool = False) -> None:
    """Raises Refused for what needs a GPU where there is none, and for too little memory:
    `wanted` bytes."""
    gpu = torch.cuda.is_available()
    if packing and not gpu:
        raise Refused("packing은 GPU에서만 쓸 수 있어요. packing: false로 적어 주세요.")
    if packing and told.attention != "flash_attention_2":
        raise Refused("packing에는 attention: flash_attention_2가 있어야 글이 서로 섞이지 않아요.")
    if told.attention == "flash_attention_2" and not gpu:
        raise Refused("flash_attention_2는 GPU에서만 쓸 수 있어요. attention: sdpa로 적어 주세요.")
    room = torch.cuda.mem_get_info()[0] if gpu else available()
    check_memory(wanted, room)


def tokenizer(base: Path) -> Any:
    return AutoTokenizer.from_pretrained(base)


def load(told: Run, *, rank: int = 0, processes: int = 1) -> Any:
    """The frozen base as the run asks: `rank` is this process among those of its machine."""
    placed: dict[str, Any] = {}
    dtype: torch.dtype = getattr(torch, told.dtype)
    if told.quantize == "nf4":
        placed["quantization_config"] = nf4(dtype, processes)
        if torch.cuda.is_available():
            placed["device_map"] = {"": rank}
    return AutoModelForCausalLM.from_pretrained(
        told.base, dtype=dtype, attn_implementation=told.attention, **placed
    )


def nf4(dtype: torch.dtype, processes: int = 1) -> BitsAndBytesConfig:
    """As QLoRA has it (arXiv 2305.14314). Kept in `dtype` where FSDP has to share it out: it
    splits tensors of one kind alone."""
    stored = {"bnb_4bit_quant_storage": dtype} if processes > 1 else {}
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
        **stored,
    )


def layers(told: Sft) -> LoraConfig:
    return LoraConfig(
        r=told.rank,
        lora_alpha=told.alpha,
        lora_dropout=told.dropout,
        target_modules=LAYERS,
        task_type=TaskType.CAUSAL_LM,
    )


def adapted(model: Any, adapter: Path) -> Any:
    """`model` with what SFT learnt, to be learnt on."""
    return PeftModel.from_pretrained(model, adapter, is_trainable=True)


@contextmanager
def only_spoken() -> Iterator[None]:
    """The head over the vocabulary is computed only where the assistant speaks, on a CPU too.

    TRL 1.16 leaves the other tokens out on GPUs alone (`compact = _use_triton(device)` in
    `add_fused_lm_head`); with 262,144 words and a prompt of 1,000 tokens they are most of the
    work of a step. The name is looked up at every call, so that it can be lent another meaning.
    """
    asked = trl_utils._use_triton
    trl_utils._use_triton = lambda device: True
    try:
        yield
    finally:
        trl_utils._use_triton = asked


def keep(trainer: Any, folder: Path) -> Path:
    """The trained adapter alone in `.NAME.making`, to be put where it belongs by `place`.

    Every process calls it: a model shared out over several has to be gathered.
    """
    making = folder.with_name(f".{folder.name}.making")
    if trainer.is_world_process_zero():
        shutil.rmtree(making, ignore_errors=True)
    trainer.accelerator.wait_for_everyone()
    trainer.save_model(str(making))
    trainer.accelerator.wait_for_everyone()
    if trainer.is_world_process_zero():
        strip(making)
    return making


def strip(folder: Path) -> None:
    """Nothing but the adapter: neither tokenizer (32 MB) nor a card, and no path of the machine;
    the manifest's fingerprint says which base it is for."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in WEIGHTS:
            path.unlink()
    config = folder / WEIGHTS[0]
    told = json.loads(config.read_text(encoding="utf-8")) | {"base_model_name_or_path": None}
    config.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def place(making: Path, folder: Path, manifest: Mapping[str, Any]) -> None:
    """In one rename, the manifest written before it and after everything else."""
    (making / MANIFEST).write_text(
        json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    shutil.rmtree(folder, ignore_errors=True)
    making.rename(folder)


def versions() -> dict[str, str]:
    return {name: version(name) for name in LIBRARIES}
