"""Weights as int8 on disk: a matrix has one float32 scale per row beside it, a vector stays float32.

Kernels of convolutions [n_out, n_in, h, w] count as matrices of n_out rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor

SCALE: Final = ".scale"


def packed(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors to save: matrices rounded to 255 steps a row."""
    out: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if tensor.dim() < 2:
            out[name] = tensor.float().contiguous()
            continue
        within = tuple(range(1, tensor.dim()))
        scale = tensor.float().abs().amax(dim=within, keepdim=True).clamp_min(1e-8) / 127
        out[name] = (tensor.float() / scale).round().to(torch.int8).contiguous()
        out[name + SCALE] = scale.contiguous()
    return out


def unpacked(stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of :func:`packed` in float32; those of other files as they are."""
    return {
        name: tensor.float() * stored[name + SCALE] if name + SCALE in stored else tensor
        for name, tensor in stored.items()
        if not name.endswith(SCALE)
    }
