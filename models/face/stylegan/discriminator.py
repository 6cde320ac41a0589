"""StyleGAN1 discriminator, the critic of :mod:`models.face.stylegan.generator` (Karras et al., CVPR 2019).

Numerics and parameter names follow the genforce lineage with a label: the label is concatenated to
the last features. Full size has 51 state-dict entries and 23.1 M parameters (7 labels).
"""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.face.stylegan.generator import (
    EPS,
    FUSED_FROM,
    Blur,
    Dense,
    GeneratorConfig,
    PixelConv,
    shifted_sum,
)


class DownLayer(nn.Module):
    """Discriminator convolution; ``down`` blurs the input and halves the resolution."""

    def __init__(self, n_in: int, n_out: int, resolution: int, *, down: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_out, n_in, 3, 3))
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.scale, self.down = math.sqrt(2 / (9 * n_in)), down
        self.fused = down and resolution >= FUSED_FROM
        if down:
            self.blur = Blur(n_in)

    def forward(self, x: Tensor) -> Tensor:
        """x [B, n_in, r, r] -> [B, n_out, r, r], or half of r with ``down``."""
        weight = self.weight * self.scale
        if not self.down:
            return F.leaky_relu(F.conv2d(x, weight, self.bias, padding=1), 0.2)
        x = self.blur(x)
        if self.fused:
            x = F.conv2d(x, shifted_sum(weight) * 0.25, self.bias, stride=2, padding=1)
        else:
            x = F.avg_pool2d(F.conv2d(x, weight, self.bias, padding=1), 2)
        return F.leaky_relu(x, 0.2)


class Discriminator(nn.Module):
    """image [B, 3, r, r] and label [B, n_labels] -> logit [B, 1]."""

    lod: Tensor

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("lod", torch.zeros(()))
        up = config.channels[::-1]
        for i, now in enumerate(up[:-1]):
            res = config.resolution // 2**i
            self.add_module(f"input{i}", PixelConv(3, now, gain=math.sqrt(2)))
            self.add_module(f"layer{2 * i}", DownLayer(now, now, res, down=False))
            self.add_module(f"layer{2 * i + 1}", DownLayer(now, up[i + 1], res, down=True))
        last, n = up[-1], 2 * (len(up) - 1)
        self.add_module(f"input{len(up) - 1}", PixelConv(3, last, gain=math.sqrt(2)))
        self.add_module(f"layer{n}", DownLayer(last + 1, last, 4, down=False))
        self.add_module(f"layer{n + 1}", Dense(16 * last, last))
        self.add_module(f"layer{n + 2}", Dense(last + config.n_labels, 1, linear=True))
        self.n_convs = n

    @staticmethod
    def _minibatch_stddev(x: Tensor, group: int = 16) -> Tensor:
        b, _, h, w = x.shape
        group = min(group, b)
        if b % group:
            group = b
        y = x.view(group, b // group, *x.shape[1:])
        std = (y - y.mean(dim=0)).square().mean(dim=0).add(EPS).sqrt()
        extra = std.mean(dim=(1, 2, 3)).view(1, -1, 1, 1, 1).expand(group, b // group, 1, h, w)
        return torch.cat([x, extra.reshape(b, 1, h, w)], dim=1)

    def forward(self, image: Tensor, label: Tensor | None = None) -> Tensor:
        """Logits [B, 1]; without a label, one of zeros."""
        x = F.leaky_relu(self.get_submodule("input0")(image), 0.2)
        for i in range(self.n_convs):
            x = self.get_submodule(f"layer{i}")(x)
        x = self.get_submodule(f"layer{self.n_convs}")(self._minibatch_stddev(x))
        x = self.get_submodule(f"layer{self.n_convs + 1}")(x.flatten(1))
        if self.config.n_labels:
            if label is None:
                label = x.new_zeros(len(x), self.config.n_labels)
            x = torch.cat([x, label], dim=1)
        return cast(Tensor, self.get_submodule(f"layer{self.n_convs + 2}")(x))
