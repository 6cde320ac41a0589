"""Where a portrait's parameters live in the generator's input (z, label).

The mapping network divides (z, label embedding) by its root mean square, so only the direction
counts. A portrait's Gaussian code g is therefore written so that the root mean square is exactly 1:
expression into the label (through an orthonormal embedding), identity into the first numbers of z,
and the rest of z carries a free direction whose length fills up the norm. A plain draw
z, label ~ N(0, 1) lands, after the division, near a portrait of the same distribution.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from models.face.stylegan.generator import GeneratorConfig, Mapping

N_EXPRESSION = 3  # eyes, mouth, pose
LABEL_DIM = 16
# Of faces on offer, which look at one and smile a little: mean and spread of tilt, gaze, smile and brow, the
# first numbers of z, in standard deviations.
REST = (0.0, 0.3), (0.0, 0.1), (0.8, 0.3), (0.0, 0.3)


def orthonormal_label_weight(config: GeneratorConfig) -> Tensor:
    """Label embedding [n_labels, label_dim] with orthonormal rows: it keeps lengths."""
    return torch.eye(config.n_labels, config.label_dim)


def code_of_gaussian(
    g: Tensor, config: GeneratorConfig, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Codes g [B, 3 + identity] -> z [B, z_dim], label [B, 3] with joint root mean square 1.

    The free direction is drawn from ``generator``, so that a network learns to ignore it.
    Raises ValueError when z has too few numbers to hold the identity.
    """
    label, identity = g[:, :N_EXPRESSION], g[:, N_EXPRESSION:]
    n_free = config.z_dim - identity.shape[1]
    if n_free < 4:
        raise ValueError(f"z_dim {config.z_dim} cannot hold {identity.shape[1]} identity parameters")
    total = float(config.z_dim + config.label_dim)
    left = (total - g.square().sum(dim=1, keepdim=True)).clamp_min(1.0).sqrt()
    free = torch.nn.functional.normalize(torch.randn(len(g), n_free, generator=generator), dim=1)
    return torch.cat([identity, free * left], dim=1), label


def gaussian_of_code(z: Tensor, label: Tensor, n_params: int) -> Tensor:
    """The portrait code [B, n_params] that (z, label) stands for after the mapping's norm."""
    total = z.square().sum(dim=1, keepdim=True) + label.square().sum(dim=1, keepdim=True)
    rms = (total / (z.shape[1] + LABEL_DIM)).sqrt()
    return torch.cat([label, z[:, : n_params - N_EXPRESSION]], dim=1) / rms


def settled(z: Tensor) -> Tensor:
    """Codes z [n, z_dim or more] of faces at rest: as drawn, but for what :data:`REST` names."""
    mean, spread = torch.tensor(REST, dtype=z.dtype).T
    return torch.cat([mean + spread * z[:, : len(REST)], z[:, len(REST) :]], dim=1)


@torch.no_grad()
def write_passage(mapping: Mapping, n_params: int) -> None:
    """Make a fresh mapping carry the portrait's code through to w, in place.

    A deep random leaky-ReLU network draws all inputs towards one direction, and with the mapping's
    hundredfold slower learning most parameters would not reach the styles for a long time. Here the
    channels i and n + i hold x_i and -x_i after every layer (x = (lrelu(x) - lrelu(-x)) / 1.2), so w
    starts as an invertible picture of the code; the other channels stay random and small.
    """
    config = mapping.config
    n_identity = n_params - N_EXPRESSION
    sources = [*range(config.z_dim, config.z_dim + N_EXPRESSION), *range(n_identity)]
    n = len(sources)
    if 2 * n > config.w_dim:
        raise ValueError(f"w_dim {config.w_dim} cannot carry {n} parameters twice")
    for depth in range(8):
        dense: Any = mapping.get_submodule(f"dense{depth}")
        weight = dense.weight
        value = torch.zeros(2 * n, weight.shape[1])
        for i, source in enumerate(sources):
            if depth == 0:
                value[i, source], value[n + i, source] = 1.0, -1.0
            else:
                value[i, i], value[i, n + i] = 1 / 1.2, -1 / 1.2
                value[n + i, i], value[n + i, n + i] = -1 / 1.2, 1 / 1.2
        weight[2 * n :] *= 0.3
        weight[: 2 * n] = value / dense.scale
