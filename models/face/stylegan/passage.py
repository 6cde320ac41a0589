"""Fit the mapping network before the generator: from codes to the traits that portraits show.

The mapping's hundredfold slower learning and the many bends between a code and its pixels (hues in
turns, parts that fade in, places on a turned head) would keep a generator busy for most of its
training. Painted portraits tell their traits exactly, so w is made of them first, by regression.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from models.face.data.dataset import STRETCH
from models.face.painter.params import PARAM_NAMES, from_gaussian
from models.face.painter.traits import N_TRAITS, traits_of
from models.face.stylegan.generator import Mapping, Synthesis
from models.face.stylegan.latent import N_EXPRESSION, code_of_gaussian, write_passage

CODES_PER_STEP = 25  # fresh codes painted for each step: every code is seen about forty times
BATCH = 1024
TEMPER = 0.1  # size of untrained styles: full-sized ones shake every channel at random


def standard_traits(codes: Tensor) -> Tensor:
    """Codes [n, params] -> traits [n, N_TRAITS], each with mean 0 and variance 1 among them."""
    traits = torch.from_numpy(np.stack([traits_of(from_gaussian(code)) for code in codes.numpy()]))
    return (traits - traits.mean(0)) / traits.std(0).clamp_min(1e-6)


def fit_mapping(
    mapping: Mapping, steps: int, *, seed: int, report: Callable[[int, float], None] | None = None
) -> None:
    """Fit z, label -> w to standard traits, in place; the numbers of w beyond them become 0.

    Starts from :func:`write_passage`; Muon (Jordan et al., 2024) takes the matrices, Adam the biases.
    ``report`` gets the step and the mean squared error, 1 being that of a constant. Raises ValueError
    where w is too short.
    """
    config = mapping.config
    if config.w_dim < N_TRAITS:
        raise ValueError(f"w_dim {config.w_dim} cannot hold {N_TRAITS} traits")
    write_passage(mapping, len(PARAM_NAMES))
    chance = torch.Generator().manual_seed(seed)
    codes = torch.randn(CODES_PER_STEP * steps, len(PARAM_NAMES), generator=chance)
    codes[:, :N_EXPRESSION] *= STRETCH
    target = torch.nn.functional.pad(standard_traits(codes), (0, config.w_dim - N_TRAITS))
    learnt = [p for p in mapping.parameters() if p.requires_grad]
    matrices = [p for p in learnt if p.ndim == 2]
    opts: list[torch.optim.Optimizer] = [
        torch.optim.Muon(matrices, lr=1.0, weight_decay=0.0, adjust_lr_fn="match_rms_adamw"),
        torch.optim.Adam([p for p in learnt if p.ndim == 1], lr=1.0),
    ]
    for step in range(steps):
        index = torch.randint(len(codes), (BATCH,), generator=chance)
        w = mapping(*code_of_gaussian(codes[index], config, chance))
        loss = (w - target[index]).square().sum(dim=1).mean() / N_TRAITS
        for opt in opts:
            for group in opt.param_groups:
                group["lr"] = min(1.0, 2.0 * (1.0 - step / steps))
            opt.zero_grad(set_to_none=True)
        loss.backward()
        for opt in opts:
            opt.step()
        if report:
            report(step + 1, float(loss.detach()))


@torch.no_grad()
def temper(synthesis: Synthesis) -> None:
    """Let a fresh synthesis network begin with small styles and a constant unlike at every place."""
    for name, value in synthesis.named_parameters():
        if name.endswith("style.weight"):
            value.mul_(TEMPER)
        elif name.endswith("const"):
            value.normal_()
