"""Many LoRA adapters on one base model, chosen row by row in one batch.

An adapted linear layer holds every adapter's A side by side and B stacked. A batch of one task uses
that task's slices; a mixed one computes ``base(x) + ((x @ A) * mask) @ B`` with a mask per row that
zeroes the other adapters' ranks. Built from PEFT adapter folders; PEFT remains the trainer and the
test oracle.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

PREFIX = "base_model.model."


@dataclass(frozen=True)
class Adapter:
    """The weights of one PEFT folder; ``scale`` is its alpha / rank."""

    rank: int
    scale: float
    weights: dict[str, Tensor]

    @classmethod
    def read(cls, folder: Path) -> Adapter:
        """Raises FileNotFoundError, ``safetensors.SafetensorError`` or KeyError for foreign files."""
        config = json.loads((folder / "adapter_config.json").read_text())
        rank = int(config["r"])
        weights = load_file(folder / "adapter_model.safetensors")
        return cls(rank, float(config["lora_alpha"]) / rank, weights)

    def pair(self, layers: Sequence[str]) -> tuple[Tensor, Tensor]:
        """A [in, ranks] and B [ranks, out] of layers with the same input, side by side."""
        a = [self.weights[f"{PREFIX}{layer}.lora_A.weight"].float().T for layer in layers]
        b = [self.weights[f"{PREFIX}{layer}.lora_B.weight"].float().T * self.scale for layer in layers]
        return torch.cat(a, dim=1), torch.block_diag(*b)


@dataclass
class AdapterMix:
    """Which adapters there are, and which of them the forward pass under way uses."""

    names: tuple[str, ...]
    only: int | None = None  # the one adapter of all rows
    rows: Tensor = field(default_factory=lambda: torch.zeros(0, 0))  # else [rows, adapters] of 0 and 1

    def choose(self, adapters: Sequence[str | None]) -> None:
        """Set one adapter (or none) for each row. Raises ValueError for an unknown name."""
        numbers = [None if name is None else self.names.index(name) for name in adapters]
        self.only = numbers[0] if len(set(numbers)) == 1 else None
        self.rows = torch.zeros(len(numbers), len(self.names))
        for row, number in enumerate(numbers):
            if number is not None:
                self.rows[row, number] = 1.0


class Adapted:
    """A linear layer with adapters; calling it maps [B, T, in] to [B, T, out]."""

    def __init__(
        self, base: Callable[[Tensor], Tensor], pairs: Sequence[tuple[Tensor, Tensor]], mix: AdapterMix
    ) -> None:
        self.base, self.mix = base, mix
        self.a = torch.cat([a for a, _ in pairs], dim=1)
        self.b = torch.cat([b for _, b in pairs], dim=0)
        self.ranks = torch.tensor([a.shape[1] for a, _ in pairs])
        ends = self.ranks.cumsum(0).tolist()
        cuts = [slice(end - int(n), end) for end, n in zip(ends, self.ranks, strict=True)]
        self.parts = [(self.a[:, cut].contiguous(), self.b[cut]) for cut in cuts]

    def __call__(self, x: Tensor) -> Tensor:
        """The base layer's output with that of the chosen adapters added."""
        if self.mix.only is not None:
            a, b = self.parts[self.mix.only]
            return self.base(x) + x @ a @ b
        mask = self.mix.rows.repeat_interleave(self.ranks, dim=1)
        return self.base(x) + ((x @ self.a) * mask[:, None]) @ self.b


def read_adapters(folders: Mapping[str, Path]) -> dict[str, Adapter]:
    """The adapters of PEFT folders by name; raises as :meth:`Adapter.read`."""
    return {name: Adapter.read(folder) for name, folder in folders.items()}
