"""The discriminators of the face generator's adversarial stages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from models.face.stylegan.discriminator import Discriminator
from models.face.stylegan.generator import GeneratorConfig
from models.face.stylegan.losses import crop
from models.face.stylegan.muon import Convolutions
from models.face.stylegan.stage import FaceTrainConfig


def slim(resolution: int) -> GeneratorConfig:
    """The generator's size with half its channels: discriminators that cost a quarter suffice here."""
    full = GeneratorConfig.mini(resolution)
    return replace(full, channels=tuple(n // 2 for n in full.channels))


class Critics:
    """Discriminators on the whole portrait, on the crop of eyes and mouth, and on a window of half its size.

    Where the window is depends on the step's number only.
    """

    def __init__(self, config: FaceTrainConfig) -> None:
        self.config, self.half = config, config.resolution // 2
        sizes = (config.resolution, self.half, self.half)
        self.nets = torch.nn.ModuleList([Discriminator(slim(size)) for size in sizes])
        self.nets.to(config.device)
        self.convs = Convolutions(self.nets, config.muon) if config.muon else None
        taken = {id(p) for p in self.convs.weights} if self.convs else set()
        others = [p for p in self.nets.parameters() if id(p) not in taken]
        self.opt = torch.optim.Adam(others, config.lr, (0.0, 0.99))

    def judge(self, image: Tensor, label: Tensor, number: int, *, exact: bool = False) -> Tensor:
        """Logits [3B, 1] of the whole portraits, their crops and their windows; ``exact``: in float32."""
        part = F.interpolate(crop(image), size=(self.half, self.half), mode="bilinear")
        top, left = np.random.default_rng((self.config.seed, number)).integers(self.half + 1, size=2)
        window = image[:, :, top : top + self.half, left : left + self.half]
        with torch.autocast(image.device.type, torch.bfloat16, enabled=self.config.bf16 and not exact):
            shown = zip(self.nets, (image, part, window), strict=True)
            return torch.cat([net(pictures, label) for net, pictures in shown]).float()

    def step(self, real: Tensor, fake: Tensor, label: Tensor, number: int) -> float:
        """One step on real and generated portraits, with R1 on every ``r1_every``-th; the loss."""
        real = real.clone().requires_grad_(number % self.config.r1_every == 0)
        # oneDNN kills the process in the second derivative of small convolutions in bfloat16.
        on_real = self.judge(real, label, number, exact=real.requires_grad)
        loss = F.softplus(self.judge(fake.detach(), label, number)).mean() + F.softplus(-on_real).mean()
        if real.requires_grad:
            (grad,) = torch.autograd.grad(on_real.sum(), real, create_graph=True)
            r1 = grad.square().sum(dim=(1, 2, 3)).mean()
            loss = loss + self.config.r1_gamma / 2 * self.config.r1_every * r1
        self.opt.zero_grad(set_to_none=True)
        if self.convs:
            self.convs.clear()
        loss.backward()
        self.opt.step()
        if self.convs:
            self.convs.step()
        return float(loss.detach())

    def fool(self, fake: Tensor, label: Tensor, number: int) -> Tensor:
        """The generator's non-saturating loss; the discriminators get no gradient."""
        self.nets.requires_grad_(False)
        loss = F.softplus(-self.judge(fake, label, number)).mean()
        self.nets.requires_grad_(True)
        return loss
