"""Train the property CNN on painted portraits, whose scores are exact; the last tenth is held out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from models.face.data.dataset import PortraitSet, batches, learnt
from models.face.property import PROPERTIES, PropertyCNN
from models.face.stylegan.train import expression_scores


@dataclass(frozen=True)
class PropertyTrainConfig:
    """Schedule. Steps are optimiser steps of ``batch`` portraits."""

    resolution: int = 64
    steps: int = 1200
    batch: int = 16
    lr: float = 1.5e-3
    seed: int = 7
    threads: int = 1


def augment(image: Tensor, rng: torch.Generator) -> Tensor:
    """Blur and noise, so that a generator's softness is not read as a property."""
    if float(torch.rand((), generator=rng)) < 0.5:
        r = image.shape[-1]
        image = F.interpolate(F.avg_pool2d(image, 2), size=(r, r), mode="bilinear")
    gain = 1 + 0.1 * torch.randn(len(image), 1, 1, 1, generator=rng)
    return image * gain + 0.04 * torch.randn(image.shape, generator=rng)


def train_property(
    config: PropertyTrainConfig,
    portraits: PortraitSet,
    report: Callable[[int, float], None] | None = None,
) -> PropertyCNN:
    """Learn from the painter's exact scores (the codes' expression part, through its normal CDF)."""
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    rng = torch.Generator().manual_seed(config.seed)
    net = PropertyCNN()
    optimizer = torch.optim.AdamW(net.parameters(), config.lr)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, config.lr, config.steps)
    sizes = {"seed": config.seed, "batch": config.batch, "resolution": config.resolution}
    stream = batches(portraits, **sizes, among=learnt(portraits))
    for step, (codes, pictures) in zip(range(config.steps), stream, strict=False):
        loss = F.mse_loss(net(augment(pictures, rng)), expression_scores(codes))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        if report:
            report(step + 1, float(loss.detach()))
    return net.eval()


def held_out(net: PropertyCNN, portraits: PortraitSet, resolution: int, batch: int = 64) -> dict[str, Any]:
    """How well ``net`` reads the portraits held out: Pearson's correlation and mean absolute error of each.

    Raises ValueError where fewer than two are held out.
    """
    index = np.arange(learnt(portraits), len(portraits))
    if len(index) < 2:
        raise ValueError(f"of {len(portraits)} portraits {len(index)} are held out; at least 20 are needed")
    with torch.inference_mode():
        parts = [
            net(portraits.pictures(index[i : i + batch], resolution)) for i in range(0, len(index), batch)
        ]
        found = torch.cat(parts).double().numpy()
        true = expression_scores(torch.from_numpy(portraits.codes[index])).double().numpy()
    out: dict[str, Any] = {"held_out": len(index), "correlation": {}, "mean_absolute_error": {}}
    for i, name in enumerate(PROPERTIES):
        varies = min(np.ptp(found[:, i]), np.ptp(true[:, i])) > 0
        r = float(np.corrcoef(found[:, i], true[:, i])[0, 1]) if varies else 0.0
        out["correlation"][name] = round(r, 4)
        out["mean_absolute_error"][name] = round(float(np.abs(found[:, i] - true[:, i]).mean()), 4)
    return out
