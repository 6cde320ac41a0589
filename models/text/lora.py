"""Many LoRA adapters on one base model, chosen row by row in one batch.

An adapted linear layer holds every adapter's A side by side and B stacked. A batch of one task uses
that task's slices; a mixed one computes ``base(x) + ((x @ A) * mask) @ B`` with a mask per row that
zeroes the other adapters' ranks. Built from PEFT adapter folders; PEFT remains the trainer and the
test oracle.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
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


class AdapterMix:
    """Which adapter each row of a forward pass uses.

    Args:
        names: all adapters.
        chosen: one of them, or None, for each row. Raises ValueError for an unknown name.
    """

    def __init__(self, names: Sequence[str], chosen: Sequence[str | None]) -> None:
        numbers = [None if name is None else names.index(name) for name in chosen]
        self.only = numbers[0] if len(set(numbers)) == 1 else None  # the one adapter of all rows
        self._rows = torch.zeros(len(numbers), len(names))  # else 0 and 1
        for row, number in enumerate(numbers):
            if number is not None:
                self._rows[row, number] = 1.0
        self._masks: dict[tuple[int, ...], Tensor] = {}

    def mask(self, ranks: tuple[int, ...]) -> Tensor:
        """[rows, 1, all ranks] of 0 and 1; made once for all layers of a shape."""
        if ranks not in self._masks:
            mask = self._rows.repeat_interleave(torch.tensor(ranks), dim=1)
            self._masks[ranks] = mask[:, None]
        return self._masks[ranks]


class Adapted:
    """A linear layer with adapters; calling it maps [B, T, in] to [B, T, out]."""

    def __init__(self, base: Callable[[Tensor], Tensor], pairs: Sequence[tuple[Tensor, Tensor]]) -> None:
        self.base = base
        self.a = torch.cat([a for a, _ in pairs], dim=1)
        self.b = torch.cat([b for _, b in pairs], dim=0)
        self.ranks = tuple(a.shape[1] for a, _ in pairs)
        cuts = [slice(end - n, end) for end, n in zip(accumulate(self.ranks), self.ranks, strict=True)]
        self.parts = [(self.a[:, cut].contiguous(), self.b[cut]) for cut in cuts]

    def __call__(self, x: Tensor, mix: AdapterMix) -> Tensor:
        """The base layer's output with that of the chosen adapters added."""
        out = self.base(x)  # new memory, so that the rest may be added in place
        low, b = x.flatten(0, 1), self.b
        if mix.only is not None:
            a, b = self.parts[mix.only]
            low = low @ a
        else:
            low = ((x @ self.a) * mix.mask(self.ranks)).flatten(0, 1)
        out.view(-1, out.shape[-1]).addmm_(low, b)
        return out


def read_adapters(folders: Mapping[str, Path]) -> dict[str, Adapter]:
    """The adapters of PEFT folders by name; raises as :meth:`Adapter.read`."""
    return {name: Adapter.read(folder) for name, folder in folders.items()}
