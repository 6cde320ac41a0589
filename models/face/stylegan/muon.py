"""Muon for convolutions; everything else of a network is left to another optimiser."""

from __future__ import annotations

import torch


class Convolutions:
    """Muon (Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024) on 3x3 kernels.

    A kernel counts as a matrix [n_out, 9 n_in]. Updates are brought to the size of Adam's.
    """

    def __init__(self, module: torch.nn.Module, lr: float) -> None:
        self.weights = [p for p in module.parameters() if p.ndim == 4 and p.shape[2:] == (3, 3)]
        # The same memory, seen as matrices: Muon takes no others.
        self._matrices = [torch.nn.Parameter(p.detach().view(len(p), -1)) for p in self.weights]
        self.opt = torch.optim.Muon(
            self._matrices, lr=lr, weight_decay=0.0, adjust_lr_fn="match_rms_adamw"
        )  # fmt: skip

    def clear(self) -> None:
        """Forget the gradients of before."""
        for weight in self.weights:
            weight.grad = None

    def step(self) -> None:
        """One step by the gradients of the kernels; one without a gradient stays as it is."""
        for weight, matrix in zip(self.weights, self._matrices, strict=True):
            matrix.grad = None if weight.grad is None else weight.grad.view_as(matrix)
        self.opt.step()
