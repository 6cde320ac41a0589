"""Many LoRA adapters on one base model, chosen row by row in one batch.

Every adapted linear layer keeps the adapters' A matrices side by side and their B matrices stacked,
and computes ``base(x) + ((x @ A) * mask) @ B`` with one mask per row, which zeroes the other
adapters' ranks (two small products, any mix of adapters). Built from PEFT adapter folders; PEFT
remains the trainer and the test oracle.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

PREFIX = "base_model.model."


@dataclass
class AdapterMix:
    """The mask of the forward pass under way: [rows, 1, total rank], or None for the plain base."""

    names: tuple[str, ...]
    ranks: tuple[int, ...]
    mask: Tensor | None = field(default=None)

    def choose(self, adapters: Sequence[str | None]) -> None:
        """Set one adapter (or none) for each row. Raises KeyError for an unknown name."""
        rows = torch.zeros(len(adapters), 1, sum(self.ranks))
        starts = {name: sum(self.ranks[:i]) for i, name in enumerate(self.names)}
        for row, name in enumerate(adapters):
            if name is not None:
                start = starts[name]
                rows[row, 0, start : start + self.ranks[self.names.index(name)]] = 1.0
        self.mask = rows


class MixedLoraLinear(nn.Module):
    """A frozen linear layer with several adapters; ``a`` [in, K·r], ``b`` [K·r, out], scaling in b."""

    def __init__(self, base: nn.Linear, a: Tensor, b: Tensor, mix: AdapterMix) -> None:
        super().__init__()
        self.base, self.mix = base, mix
        self.register_buffer("a", a)
        self.register_buffer("b", b)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.base(x)
        if self.mix.mask is None:
            return y
        low = (x @ self.get_buffer("a")) * self.mix.mask
        return y + low @ self.get_buffer("b")


def _read(folder: Path) -> tuple[dict[str, Tensor], int, float]:
    config = json.loads((folder / "adapter_config.json").read_text())
    rank = int(config["r"])
    return load_file(folder / "adapter_model.safetensors"), rank, float(config["lora_alpha"]) / rank


def attach(model: nn.Module, folders: dict[str, Path]) -> AdapterMix:
    """Put the adapters of PEFT ``folders`` (name -> folder) on ``model`` in place.

    Raises FileNotFoundError, ``safetensors.SafetensorError`` or KeyError for missing or foreign files.
    """
    read = {name: _read(folder) for name, folder in folders.items()}
    mix = AdapterMix(tuple(read), tuple(rank for _, rank, _ in read.values()))
    layers = sorted(
        {key.removeprefix(PREFIX).rsplit(".lora_", 1)[0] for w, _, _ in read.values() for key in w}
    )
    for layer in layers:
        base = model.get_submodule(layer)
        if not isinstance(base, nn.Linear):
            raise KeyError(layer)
        a_parts, b_parts = [], []
        for weights, _, scale in read.values():
            a_parts.append(weights[f"{PREFIX}{layer}.lora_A.weight"].float().T)
            b_parts.append(weights[f"{PREFIX}{layer}.lora_B.weight"].float().T * scale)
        parent, _, child = layer.rpartition(".")
        mixed = MixedLoraLinear(
            base, torch.cat(a_parts, 1).contiguous(), torch.cat(b_parts, 0).contiguous(), mix
        )
        setattr(model.get_submodule(parent), child, mixed)
    return mix
