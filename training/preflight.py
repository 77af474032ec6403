"""What a training run needs, asked before anything heavy is imported: an hour is lost otherwise.

Standard library only. Every refusal is one sentence.
"""

import hashlib
import json
import logging
import re
import shutil
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from training.config import Run
from training.ground import GIB, memory

MARKED: Final = re.compile(r"\{%-?\s*generation\s*-?%\}")
WIDTH: Final = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I8": 1, "U8": 1}
"""Bytes of a number, by safetensors' names."""
BYTES: Final = {"float32": 4, "bfloat16": 2}
RUNTIME: Final = 900 * 2**20
"""torch, transformers, trl and peft themselves."""
TOKENIZER: Final = 40 * 2**20
"""Copied into every checkpoint by the trainer."""
KEPT: Final = 3
"""Checkpoints on the disk at once: the best, the last and the one being written."""
TILE: Final = (4096, 32_768)
"""Tokens and words that the head is computed for at once (trl.kernels.chunked_logprob)."""


class Refused(ValueError):
    """The run must not begin; one Korean sentence says why."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Of a base model, from config.json and the headers of its safetensors."""

    parameters: int
    layers: int
    hidden: int
    intermediate: int
    heads: int
    """Width of all query heads together."""
    key_values: int
    """Width of all key heads together."""
    vocabulary: int

    def adapter(self, rank: int) -> int:
        """Trained numbers of LoRA on the seven projections of every layer."""
        attention = 2 * (self.hidden + self.heads) + 2 * (self.hidden + self.key_values)
        return self.layers * rank * (attention + 3 * (self.hidden + self.intermediate))


def check(told: Run, rank: int) -> Shape:
    """What is seen on the disk. Raises Refused."""
    shape = model(told.base)
    check_template(told.base)
    for path in (told.data, told.evaluation):
        if path is not None and not path.is_file():
            raise Refused(f"데이터가 없어요: {path}. 먼저 training.conversations로 만들어 주세요.")
    check_disk(told, shape, rank)
    return shape


def model(folder: Path) -> Shape:
    """Raises Refused where the folder is no model."""
    try:
        config = json.loads((folder / "config.json").read_text())
        weights = sorted(folder.glob("*.safetensors"))
        if not weights:
            raise FileNotFoundError(folder / "*.safetensors")
        return _shape(config.get("text_config", config), sum(map(_parameters, weights)))
    except (OSError, ValueError, KeyError, struct.error) as error:
        raise Refused(
            f"기본 모델이 없거나 다 만들어지지 않았어요: {folder}. "
            "작은 모델은 python -m training.base로 만들어요."
        ) from error


def model_type(folder: Path) -> str:
    """As config.json calls the architecture. Raises OSError, ValueError."""
    return str(json.loads((folder / "config.json").read_text()).get("model_type", ""))


def check_template(folder: Path) -> None:
    """Raises Refused: without marks nobody knows which tokens the assistant spoke."""
    template = _template(folder)
    if template is None:
        raise Refused(f"{folder}의 토크나이저에 대화 서식(chat_template)이 없어요.")
    if not MARKED.search(template):
        raise Refused(
            f"{folder}의 대화 서식에 {{% generation %}} 표시가 없어서 상담사의 말만 가려 배울 수 "
            "없어요. 답을 {% generation %}과 {% endgeneration %}으로 감싸 주세요."
        )


def check_adapter(adapter: Path, base: Path) -> int:
    """Its rank. Raises Refused where it is not whole or another base's."""
    try:
        manifest = json.loads((adapter / "manifest.json").read_text(encoding="utf-8"))
        rank = int(json.loads((adapter / "adapter_config.json").read_text())["r"])
        made_for = manifest["hashes"]["base"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(
            f"어댑터가 없거나 다 만들어지지 않았어요: {adapter}. 먼저 training.sft를 마쳐 주세요."
        ) from error
    if made_for != fingerprint(base):
        raise Refused(f"{adapter}는 다른 기본 모델로 만든 어댑터예요: {base}와 맞지 않아요.")
    return rank


def check_rows(count: int, path: Path) -> None:
    """Raises Refused."""
    if not count:
        raise Refused(f"배울 것이 한 줄도 없어요: {path}")


def check_memory(wanted: int, available: int | None) -> None:
    """Both in bytes, of where the model will be; None where nobody knows. Raises Refused."""
    if available is not None and wanted > available:
        raise Refused(
            f"메모리가 모자라요: {wanted / GIB:.1f} GiB쯤 필요한데 {available / GIB:.1f} GiB가 "
            "남아 있어요. max_length나 batch를 줄이거나 quantize: nf4, "
            "gradient_checkpointing: true를 켜 주세요."
        )


def needed(told: Run, shape: Shape, rank: int, *, sequences: int = 1) -> int:
    """Bytes, roughly: weights, adapter with its two moments, what is kept for the way back.
    A row makes so many `sequences`: 2 where it is a pair."""
    width = BYTES[told.dtype]
    table = shape.vocabulary * shape.hidden
    body = shape.parameters - table
    weights = table * width + body * (0.6 if told.quantize == "nf4" else width)
    tokens = told.batch * sequences * told.max_length
    layer = 24 * shape.hidden + 6 * shape.intermediate + 5 * shape.heads
    if told.gradient_checkpointing:
        kept = shape.layers * shape.hidden + layer
    else:
        kept = shape.layers * layer
    tile = 4 * 4 * min(tokens, TILE[0]) * min(shape.vocabulary, TILE[1])
    adapter = 4 * 4 * shape.adapter(rank)
    return int(RUNTIME + weights + adapter + tokens * kept * width + tile)


def check_disk(told: Run, shape: Shape, rank: int) -> None:
    """Raises Refused."""
    there = next(one for one in (told.runs, *told.runs.absolute().parents) if one.exists())
    wanted = (KEPT + 1) * (3 * 4 * shape.adapter(rank) + TOKENIZER)
    free = shutil.disk_usage(there).free
    if free < wanted:
        raise Refused(
            f"디스크가 모자라요: {told.runs}에 {wanted / GIB:.1f} GiB가 필요한데 "
            f"{free / GIB:.1f} GiB가 남아 있어요."
        )


def hush() -> None:
    """Before peft is imported: bitsandbytes then asks for a kernel that only a hub has."""
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)


def available() -> int | None:
    """Bytes of memory free for this process, None where the system does not say."""
    report = Path("/proc/meminfo")
    return memory(report.read_text()) if report.exists() else None


def fingerprint(folder: Path) -> str:
    """Of a base model's weights, shape, tokenizer and template: an adapter fits one alone."""
    names = ("config.json", "tokenizer.json", "chat_template.jinja")
    found = [folder / name for name in names if (folder / name).exists()]
    return digest(*found, *sorted(folder.glob("*.safetensors")))


def digest(*paths: Path) -> str:
    """SHA-256 of the files' contents, one after the other."""
    summed = hashlib.sha256()
    for path in paths:
        with path.open("rb") as opened:
            summed.update(hashlib.file_digest(opened, "sha256").digest())
    return summed.hexdigest()


def _template(folder: Path) -> str | None:
    try:
        if (folder / "chat_template.jinja").exists():
            return (folder / "chat_template.jinja").read_text(encoding="utf-8")
        told = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    found = told.get("chat_template")
    if isinstance(found, list):  # named templates, as older tokenizers keep them
        found = {one["name"]: one["template"] for one in found}.get("default")
    return found if isinstance(found, str) else None


def _shape(config: dict[str, Any], parameters: int) -> Shape:
    heads = int(config["num_attention_heads"])
    width = int(config.get("head_dim") or config["hidden_size"] // heads)
    return Shape(
        parameters=parameters,
        layers=int(config["num_hidden_layers"]),
        hidden=int(config["hidden_size"]),
        intermediate=int(config["intermediate_size"]),
        heads=heads * width,
        key_values=int(config.get("num_key_value_heads") or heads) * width,
        vocabulary=int(config["vocab_size"]),
    )


def _parameters(path: Path) -> int:
    """Numbers in a safetensors file: its first 8 bytes are the length of the JSON header."""
    with path.open("rb") as opened:
        (length,) = struct.unpack("<Q", opened.read(8))
        if length > path.stat().st_size:
            raise ValueError(path)
        header = json.loads(opened.read(length))
    tensors = [one for name, one in header.items() if name != "__metadata__"]
    spans = [(one["data_offsets"], one["dtype"]) for one in tensors]
    if max((end for (_, end), _ in spans), default=0) + 8 + length != path.stat().st_size:
        raise ValueError(path)
    return sum((end - start) // WIDTH.get(kind, 1) for (start, end), kind in spans)
