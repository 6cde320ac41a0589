"""StyleGAN1 generator in one size-configurable implementation.

Numerics and parameter names follow the 256-px StyleGAN1 of the genforce lineage (Karras et al.,
"A Style-Based Generator Architecture for GANs", CVPR 2019), so that full-size weights of that
lineage load strictly into ``GeneratorConfig.full()``. ``GeneratorConfig.mini()`` is the same
network with fewer channels. The critic is in :mod:`models.face.stylegan.discriminator`. No I/O and no
training code here.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

FUSED_FROM = 128  # resolutions from here on use the fused (strided) convolution
EPS = 1e-8


@dataclass(frozen=True)
class GeneratorConfig:
    """Sizes of one generator/discriminator pair; ``channels[i]`` belongs to 4·2**i pixels.

    ``split_mapping`` adds the mapping's second branch of the original's FineTune-v9.
    """

    resolution: int
    z_dim: int
    w_dim: int
    n_labels: int
    label_dim: int
    channels: tuple[int, ...]
    split_mapping: bool = False

    def __post_init__(self) -> None:
        if 4 * 2 ** (len(self.channels) - 1) != self.resolution:
            raise ValueError(f"{len(self.channels)} channel counts do not reach {self.resolution} px")

    @property
    def n_layers(self) -> int:
        """Style layers: two for every resolution."""
        return 2 * len(self.channels)

    @classmethod
    def full(cls, n_labels: int = 7) -> GeneratorConfig:
        """The original's 256-px size (26.1 M parameters)."""
        return cls(256, 512, 512, n_labels, 16, (512, 512, 512, 512, 256, 128, 64))

    @classmethod
    def mini(cls, resolution: int = 256) -> GeneratorConfig:
        """The embedded size; each resolution only adds two layers on top of those of the one before."""
        channels = (128, 128, 128, 96, 96, 48, 24)[: int(math.log2(resolution)) - 1]
        return cls(resolution, 80, 128, 3, 16, channels)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> GeneratorConfig:
        """Undo :meth:`to_json`."""
        return cls(**{**data, "channels": tuple(data["channels"])})

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary for ``config.json``."""
        return asdict(self)


def shifted_sum(weight: Tensor) -> Tensor:
    """Blur a 3x3 kernel to 4x4 by summing its four one-pixel shifts (kernel of a fused conv)."""
    w = F.pad(weight, (1, 1, 1, 1))
    return w[:, :, 1:, 1:] + w[:, :, :-1, 1:] + w[:, :, 1:, :-1] + w[:, :, :-1, :-1]


class Dense(nn.Module):
    """Fully connected layer with equalised learning rate; leaky ReLU 0.2 unless ``linear``."""

    def __init__(self, n_in: int, n_out: int, *, lr_mul: float = 1.0, linear: bool = False) -> None:
        super().__init__()
        gain = 1.0 if linear else math.sqrt(2)
        self.weight = nn.Parameter(torch.randn(n_out, n_in) / lr_mul)
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.scale, self.lr_mul, self.linear = gain / math.sqrt(n_in) * lr_mul, lr_mul, linear

    def forward(self, x: Tensor) -> Tensor:
        x = F.linear(x, self.weight * self.scale, self.bias * self.lr_mul)
        return x if self.linear else F.leaky_relu(x, 0.2)


class Mapping(nn.Module):
    """z [B, z_dim] and label [B, n_labels] -> w [B, w_dim]: eight dense layers after pixel norm.

    With ``split_mapping``, two more layers go by the last two, and their results are added.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        n_in = config.z_dim
        if config.n_labels:
            self.label_weight = nn.Parameter(torch.randn(config.n_labels, config.label_dim))
            n_in += config.label_dim
        for i in range(8):
            width = n_in if i == 0 else config.w_dim
            self.add_module(f"dense{i}", Dense(width, config.w_dim, lr_mul=0.01))
        if config.split_mapping:
            wide = 4 * config.w_dim
            self.dense_new0 = Dense(config.w_dim, wide, lr_mul=0.01)
            self.dense_new1 = Dense(wide, config.w_dim, lr_mul=0.01)
            for value in (*self.dense_new0.parameters(), *self.dense_new1.parameters()):
                nn.init.normal_(value, std=0.15)  # small: it begins as the generator without the branch

    def forward(self, z: Tensor, label: Tensor | None) -> Tensor:
        x = z
        if self.config.n_labels:
            if label is None:
                label = z.new_zeros(len(z), self.config.n_labels)
            x = torch.cat([z, label @ self.label_weight], dim=1)
        x = x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + EPS)
        for i in range(6):
            x = self.get_submodule(f"dense{i}")(x)
        w = self.get_submodule("dense7")(self.get_submodule("dense6")(x))
        if self.config.split_mapping:
            w = w + self.dense_new1(self.dense_new0(x))
        return cast(Tensor, w)


class Truncation(nn.Module):
    """Holds the running mean of w; pulls w towards it by psi on the first layers."""

    w_avg: Tensor

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.n_layers = config.n_layers
        self.register_buffer("w_avg", torch.zeros(config.w_dim))

    def forward(self, w: Tensor, psi: float = 1.0, layers: int = 0) -> Tensor:
        """w [B, w_dim] -> wp [B, layers, w_dim]."""
        wp = w.unsqueeze(1).repeat(1, self.n_layers, 1)
        if psi < 1.0 and layers > 0:
            head = self.w_avg + psi * (wp[:, :layers] - self.w_avg)
            wp = torch.cat([head, wp[:, layers:]], dim=1)
        return wp


class Noise(nn.Module):
    """Adds stored spatial noise [1, 1, r, r], scaled per channel (strength starts at 0)."""

    noise: Tensor

    def __init__(self, resolution: int, channels: int) -> None:
        super().__init__()
        self.register_buffer("noise", torch.randn(1, 1, resolution, resolution))
        self.weight = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor, bias: Tensor, *, randomize: bool = False) -> Tensor:
        """x [B, C, r, r] and a bias [C] to be added with the noise, in x's own precision."""
        noise = torch.randn_like(x[:, :1]) if randomize else self.noise
        return x + (noise * self.weight.view(1, -1, 1, 1) + bias.view(1, -1, 1, 1)).to(x.dtype)


def restyle(x: Tensor, style: Tensor) -> Tensor:
    """Adaptive instance normalisation of x [B, C, r, r] by style [B, 2C]: scales less 1, then shifts.

    Each picture's channels are a batch of one to PyTorch's batch norm, whose kernel does it in one go.
    """
    kind = torch.float32 if x.dtype == torch.bfloat16 else x.dtype
    scale, shift = (half.reshape(-1).to(kind) for half in style.chunk(2, dim=1))
    flat = x.reshape(1, -1, *x.shape[2:])
    return F.batch_norm(flat, None, None, scale + 1, shift, training=True, eps=EPS).view_as(x)


class Blur(nn.Module):
    """Depthwise binomial 3x3 blur."""

    kernel: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        row = torch.tensor([1.0, 2.0, 1.0])
        kernel = torch.outer(row, row) / 16
        self.register_buffer("kernel", kernel.expand(channels, 1, 3, 3).clone())

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.kernel, padding=1, groups=len(self.kernel))


class StyleLayer(nn.Module):
    """[upsample] conv -> noise -> bias -> leaky ReLU -> instance norm -> style (AdaIN)."""

    def __init__(self, n_in: int, n_out: int, resolution: int, w_dim: int, kind: str) -> None:
        super().__init__()
        self.up = kind == "up"
        self.fused = self.up and resolution >= FUSED_FROM
        self.bias = nn.Parameter(torch.zeros(n_out))
        if kind == "const":
            self.const = nn.Parameter(torch.ones(1, n_out, resolution, resolution))
        else:
            self.weight = nn.Parameter(torch.randn(n_out, n_in, 3, 3))
            self.scale = math.sqrt(2 / (9 * n_in))
        self.has_const = kind == "const"
        self.apply_noise = Noise(resolution, n_out)
        self.style = Dense(w_dim, 2 * n_out, linear=True)
        if self.up:
            self.blur = Blur(n_out)

    def _conv(self, x: Tensor) -> Tensor:
        if self.fused:
            kernel = shifted_sum(self.weight * self.scale).transpose(0, 1)
            x = F.conv_transpose2d(x, kernel, stride=2, padding=1)
        else:
            if self.up:
                x = F.interpolate(x, scale_factor=2, mode="nearest")
            x = F.conv2d(x, self.weight * self.scale, padding=1)
        return self.blur(x) if self.up else x

    def forward(self, x: Tensor | None, w: Tensor, *, randomize_noise: bool = False) -> Tensor:
        y = self.const.repeat(len(w), 1, 1, 1) if self.has_const else self._conv(cast(Tensor, x))
        y = self.apply_noise(y, self.bias, randomize=randomize_noise)
        return restyle(F.leaky_relu(y, 0.2), self.style(w))


class PixelConv(nn.Module):
    """1x1 convolution with equalised learning rate (toRGB: gain 1; fromRGB: gain sqrt 2)."""

    def __init__(self, n_in: int, n_out: int, gain: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_out, n_in, 1, 1))
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.scale = gain / math.sqrt(n_in)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight * self.scale, self.bias)


class Synthesis(nn.Module):
    """wp [B, layers, w_dim] -> image [B, 3, r, r], nominally in [-1, 1], unbounded."""

    lod: Tensor

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.n_blocks = len(config.channels)
        self.register_buffer("lod", torch.zeros(()))
        before = config.channels[0]
        for i, now in enumerate(config.channels):
            res = 4 * 2**i
            first = StyleLayer(before, now, res, config.w_dim, "up" if i else "const")
            self.add_module(f"layer{2 * i}", first)
            self.add_module(f"layer{2 * i + 1}", StyleLayer(now, now, res, config.w_dim, "conv"))
            self.add_module(f"output{i}", PixelConv(now, 3, gain=1.0))
            before = now

    def forward(self, wp: Tensor, *, randomize_noise: bool = False) -> Tensor:
        x: Tensor | None = None
        for i in range(2 * self.n_blocks):
            layer = self.get_submodule(f"layer{i}")
            x = layer(x, wp[:, i], randomize_noise=randomize_noise)
        return cast(Tensor, self.get_submodule(f"output{self.n_blocks - 1}")(x))


class Generator(nn.Module):
    """Mapping, truncation and synthesis. ``forward`` returns images [B, 3, r, r].

    Style mixing, for training: the layers from ``mix_from`` on take their style from ``mix_z`` (the
    original draws ``mix_from`` evenly from 1 to the last layer).
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        self.mapping = Mapping(config)
        self.truncation = Truncation(config)
        self.synthesis = Synthesis(config)

    def forward(
        self, z: Tensor, label: Tensor | None = None, *, mix_z: Tensor | None = None, mix_from: int = 0,
        **synthesis: Any,
    ) -> Tensor:  # fmt: skip
        wp = self.truncation(self.mapping(z, label))
        if mix_z is not None:
            other = self.truncation(self.mapping(mix_z, label))
            wp = torch.cat([wp[:, :mix_from], other[:, mix_from:]], dim=1)
        return cast(Tensor, self.synthesis(wp, **synthesis))
