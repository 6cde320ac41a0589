"""Train the property CNN on freshly painted portraits, whose scores are exact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from models.face.property import PropertyCNN
from models.face.train import FaceTrainConfig, batches, expression_scores


@dataclass(frozen=True)
class PropertyTrainConfig:
    """Schedule on freshly painted portraits."""

    resolution: int = 64
    steps: int = 1200
    batch: int = 16
    lr: float = 1.5e-3
    seed: int = 7


def augment(image: Tensor, rng: torch.Generator) -> Tensor:
    """Blur and noise, so that a generator's softness is not read as a property."""
    if float(torch.rand((), generator=rng)) < 0.5:
        r = image.shape[-1]
        image = F.interpolate(F.avg_pool2d(image, 2), size=(r, r), mode="bilinear")
    gain = 1 + 0.1 * torch.randn(len(image), 1, 1, 1, generator=rng)
    return image * gain + 0.04 * torch.randn(image.shape, generator=rng)


def train_property(
    config: PropertyTrainConfig, report: Callable[[int, float], None] | None = None
) -> PropertyCNN:
    """Learn from the painter's exact scores (the codes' expression part, through its normal CDF)."""
    torch.manual_seed(config.seed)
    rng = torch.Generator().manual_seed(config.seed)
    net = PropertyCNN()
    optimizer = torch.optim.AdamW(net.parameters(), config.lr)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, config.lr, config.steps)
    stream = batches(FaceTrainConfig(resolution=config.resolution, batch=config.batch, seed=config.seed), 0)
    for step, (codes, pictures) in zip(range(config.steps), stream, strict=False):
        loss = F.mse_loss(net(augment(pictures, rng)), expression_scores(codes))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        if report:
            report(step + 1, float(loss.detach()))
    return net.eval()
