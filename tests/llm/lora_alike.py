"""Run with the model server's Python: grouped LoRA is vLLM's own but for the base."""

import torch
from vllm.lora.ops.torch_ops import lora_ops

theirs = (lora_ops.bgmv_shrink, lora_ops.bgmv_expand, lora_ops.bgmv_expand_slice)

from training import lora_cpu  # noqa: E402 - it takes the place of what is kept above

ours = (lora_cpu.shrink, lora_cpu.expand, lora_cpu.expand_slice)
assert lora_ops.bgmv_shrink is lora_cpu.shrink

generator = torch.Generator().manual_seed(0)


def drawn(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=generator)


def computed(functions, slots: torch.Tensor) -> list[torch.Tensor]:
    shrink, expand, expand_slice = functions
    narrow, wide, parts = torch.full((9, 4), 7.0), torch.ones(9, 10), torch.ones(9, 10)
    shrink(INPUT, DOWN, narrow, slots, 0.5)
    expand(NARROW, UP, wide, slots, True)
    expand_slice(NARROW, UP[:, :, :6], parts, slots, 3, 6, True)
    return [narrow, wide, parts]


INPUT, NARROW, DOWN, UP = drawn(9, 6), drawn(9, 4), drawn(3, 1, 4, 6), drawn(3, 1, 10, 4)
mixed = torch.tensor([0, 0, 2, 1, 1, 2, 0, 2, 1])
for mine, other in zip(computed(ours, mixed), computed(theirs, mixed), strict=True):
    torch.testing.assert_close(mine, other)

some = torch.tensor([0, -1, 2, -1, 1, 2, 0, 2, -1])
bare = some < 0
kept = [torch.zeros(3, 4), torch.ones(3, 10), torch.ones(3, 10)]
for mine, other, untouched in zip(computed(ours, some), computed(theirs, some), kept, strict=True):
    torch.testing.assert_close(mine[~bare], other[~bare])
    torch.testing.assert_close(mine[bare], untouched)
assert not torch.allclose(computed(theirs, some)[1][bare], kept[1]), "vLLM has mended it"
print("alike")
