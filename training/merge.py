"""An adapter worked into its base: one model that any server loads, without LoRA.

    python -m training.merge --base .llm/base --adapter .llm/adapters/sft --out .llm/merged/sft

The merged folder appears whole, with tokenizer and chat template, and only when it answers as base
and adapter together do: the logits of one prompt are compared before it is put in place.

Exit status 0 done, 1 refused, 2 wrong usage.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from training import preflight
from training.ground import GIB
from training.preflight import Refused

ASKED: Final = [{"role": "user", "content": "건성 피부예요. 자기 전에 바를 크림을 골라 주세요."}]
NEAR: Final = 0.02
"""Share of the logits' spread by which merged and unmerged may differ: 16-bit weights are rounded
once more."""
TOKENIZER: Final = ("tokenizer*", "special_tokens_map.json", "chat_template.jinja", "*.model")
MADE_OF: Final = "merged.json"


def merge(base: Path, adapter: Path, out: Path) -> float:
    """The largest difference of a logit as a share of their spread. Raises Refused."""
    preflight.check_adapter(adapter, base)
    shape = preflight.model(base)
    check_room(shape.parameters, out)
    import torch  # noqa: PLC0415 - seconds, after what is refused
    from peft import PeftModel  # noqa: PLC0415
    from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415

    words = AutoTokenizer.from_pretrained(base)
    prompt = words.apply_chat_template(
        ASKED, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )["input_ids"]
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), adapter).eval()
    with torch.no_grad():
        before = model(input_ids=prompt).logits.float()
    making = out.with_name(f".{out.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    model.merge_and_unload(safe_merge=True).save_pretrained(making)
    copy(base, making)
    del model
    with torch.no_grad():
        read = AutoModelForCausalLM.from_pretrained(making).eval()
        after = read(input_ids=prompt).logits.float()
    apart = float((after - before).abs().max() / before.std())
    check_near(apart, out)
    place(making, out, base, adapter)
    return apart


def copy(base: Path, making: Path) -> None:
    for pattern in TOKENIZER:
        for path in base.glob(pattern):
            shutil.copy2(path, making / path.name)


def place(making: Path, out: Path, base: Path, adapter: Path) -> None:
    """In one rename; what it was made of is told within."""
    told = {
        "base": preflight.fingerprint(base),
        "adapter": preflight.digest(adapter / "adapter_model.safetensors"),
        "adapter_name": adapter.name,
    }
    (making / MADE_OF).write_text(json.dumps(told, indent=1) + "\n")
    shutil.rmtree(out, ignore_errors=True)
    making.rename(out)


def check_near(apart: float, out: Path) -> None:
    """Raises Refused; NaN is not near."""
    if not apart <= NEAR:
        raise Refused(
            f"합친 모델의 답이 어댑터를 얹은 모델과 달라요(로짓의 {apart:.1%}). "
            f"{out}에 아무것도 두지 않았어요."
        )


def check_room(parameters: int, out: Path) -> None:
    """Raises Refused: two bytes a number, beside what is already there."""
    there = next(one for one in out.absolute().parents if one.exists())
    free = shutil.disk_usage(there).free
    if free < 2 * parameters:
        raise Refused(
            f"디스크가 모자라요: {out}에 {2 * parameters / GIB:.1f} GiB가 필요한데 "
            f"{free / GIB:.1f} GiB가 남아 있어요."
        )
    room, wanted = preflight.available(), 4 * parameters + preflight.RUNTIME
    if room is not None and room < wanted:
        raise Refused(
            f"메모리가 모자라요: {wanted / GIB:.1f} GiB쯤 필요한데 {room / GIB:.1f} GiB가 "
            "남아 있어요."
        )


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.merge")
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--adapter", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked: Any = parser.parse_args(argv)
    try:
        apart = merge(asked.base, asked.adapter, asked.out)
    except (OSError, Refused) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(f"합친 모델: {asked.out} (로짓 차이 {apart:.2%})")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
