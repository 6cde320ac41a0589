"""Hair of a portrait: a small encoder-decoder that gives each pixel its probability of hair.

After EffiSegNet (Vezakis et al., "EffiSegNet: Gastrointestinal Polyp Segmentation through a Pre-Trained
EfficientNet-based Network with a Simplified Decoder", EMBC 2024): features of five scales are brought to
one width and one size, summed, and refined by ghost modules (Han et al., "GhostNet: More Features from
Cheap Operations", CVPR 2020). The encoder's inverted residual blocks are those of MobileNetV2 (Sandler et
al., CVPR 2018); all is decided at half the picture's size, where the edge of hair still keeps its softness.
"""

from __future__ import annotations

import copy
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import convert_conv2d_weight_memory_format, fuse_conv_bn_eval

from models.face.pixels import to_images
from models.runtime.int8 import packed, unpacked
from models.runtime.loading import loading

SCALE = 32  # sides of a picture are multiples of it


@dataclass(frozen=True)
class HairNetConfig:
    """Sizes of the network; ``channels[i]`` and ``blocks[i]`` belong to 1/2**(i + 1) of the picture's side.

    expand: inner width of an inverted residual block, times its outer one. width: channels of the sum.
    tap: side of the kernels that bring the scales to one width. Raises ValueError for sizes that do not fit.
    """

    channels: tuple[int, ...] = (16, 32, 48, 80, 104)
    blocks: tuple[int, ...] = (1, 2, 2, 3, 3)
    expand: int = 3
    width: int = 32
    tap: int = 1

    def __post_init__(self) -> None:
        if len(self.channels) != 5 or len(self.blocks) != 5 or min(*self.channels, *self.blocks) < 1:
            raise ValueError(f"need five scales, not {self.channels} with {self.blocks} blocks")
        if self.width < 2 or self.width % 2 or self.expand < 1 or self.tap % 2 == 0:
            raise ValueError(f"bad width {self.width}, expand {self.expand} or tap {self.tap}")

    @classmethod
    def mini(cls) -> HairNetConfig:
        """The embedded size: 0.33 M parameters."""
        return cls()

    @classmethod
    def full(cls) -> HairNetConfig:
        """Near the original's size: 3.8 M parameters to its 4.3 M."""
        return cls((16, 24, 40, 112, 320), (1, 2, 2, 5, 3), 6, 64, 3)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> HairNetConfig:
        """Undo :meth:`to_json`."""
        return cls(**{**data, "channels": tuple(data["channels"]), "blocks": tuple(data["blocks"])})

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary for ``hair.json``."""
        return asdict(self)


class ConvNorm(nn.Module):
    """Convolution without bias that keeps the size (over its stride), and batch norm."""

    def __init__(self, n_in: int, n_out: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(n_in, n_out, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(n_out)

    def forward(self, x: Tensor) -> Tensor:
        """[B, n_in, h, w] -> [B, n_out, h / stride, w / stride]."""
        return self.norm(self.conv(x))

    def fold(self) -> None:
        """Work the norm of eval mode into the convolution; a second call does nothing."""
        if isinstance(self.norm, nn.BatchNorm2d):
            self.conv, self.norm = fuse_conv_bn_eval(self.conv, self.norm), nn.Identity()


class InvertedResidual(nn.Module):
    """Widen, convolve each channel 3x3, narrow; added to what came in where size and width stay."""

    def __init__(self, n_in: int, n_out: int, stride: int, expand: int) -> None:
        super().__init__()
        inner = n_in * expand
        self.widen = (
            nn.Sequential(ConvNorm(n_in, inner), nn.ReLU(inplace=True)) if expand > 1 else nn.Identity()
        )
        self.narrow = ConvNorm(inner, n_out)
        self.each = ConvNorm(inner, inner, 3, stride, inner)
        self.residual = stride == 1 and n_in == n_out

    def forward(self, x: Tensor) -> Tensor:
        """[B, n_in, h, w] -> [B, n_out, h / stride, w / stride]."""
        y = self.narrow(F.relu(self.each(self.widen(x)), inplace=True))
        return y.add_(x) if self.residual else y


class Ghost(nn.Module):
    """Half of the channels by a 1x1 convolution, the other half cheaply from those, 3x3 each."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.main = ConvNorm(width, width // 2)
        self.cheap = ConvNorm(width // 2, width // 2, 3, groups=width // 2)

    def forward(self, x: Tensor) -> Tensor:
        """[B, width, h, w] -> the same shape."""
        main = F.relu(self.main(x), inplace=True)
        return torch.cat([main, F.relu(self.cheap(main), inplace=True)], dim=1)


class HairNet(nn.Module):
    """Pictures [B, 3, h, w] in [-1, 1] -> probability of hair [B, 1, h, w]; h and w multiples of 32."""

    def __init__(self, config: HairNetConfig) -> None:
        super().__init__()
        self.config = config
        first, *_ = config.channels
        self.stem = ConvNorm(3, first, 3, 2)
        self.stages = nn.ModuleList()
        n_in = first
        for i, (n_out, blocks) in enumerate(zip(config.channels, config.blocks, strict=True)):
            stage = []
            for block in range(blocks):
                stride = 2 if i and not block else 1
                # At half the picture's size, where the first two blocks work, widening costs the most.
                expand = config.expand if i + block > 1 else 1
                stage.append(InvertedResidual(n_in, n_out, stride, expand))
                n_in = n_out
            self.stages.append(nn.Sequential(*stage))
        self.taps = nn.ModuleList(ConvNorm(n, config.width, config.tap) for n in config.channels)
        self.ghosts = nn.Sequential(Ghost(config.width), Ghost(config.width))
        self.out = nn.Conv2d(config.width, 1, 1)

    def logits(self, image: Tensor) -> Tensor:
        """Log odds of hair, [B, 1, h, w]. Raises ValueError when a side is no multiple of 32."""
        if image.shape[-1] % SCALE or image.shape[-2] % SCALE:
            raise ValueError(f"sides must be multiples of {SCALE}, not {tuple(image.shape[-2:])}")
        x = F.relu(self.stem(image), inplace=True)
        scales = []
        for stage, tap in zip(self.stages, self.taps, strict=True):
            x = stage(x)
            scales.append(tap(x))
        total = scales.pop()
        # Doubling step by step sums the same five scales as bringing each to full size, at a third the cost.
        for scale in reversed(scales):
            total = scale.add_(F.interpolate(total, scale_factor=2.0, mode="bilinear"))
        x = self.out(self.ghosts(F.relu(total, inplace=True)))
        return F.interpolate(x, scale_factor=2.0, mode="bilinear")

    def forward(self, image: Tensor) -> Tensor:
        """Probability of hair, [B, 1, h, w]. Raises ValueError as :meth:`logits`."""
        return self.logits(image).sigmoid_()


def fold(net: HairNet) -> HairNet:
    """A copy for use, in eval mode: same output in half the time, for its batch norms are worked in."""
    twin = copy.deepcopy(net).eval().requires_grad_(False)
    for module in twin.modules():
        if isinstance(module, ConvNorm):
            module.fold()
    return convert_conv2d_weight_memory_format(twin, torch.channels_last)


@torch.inference_mode()
def hair_maps(net: HairNet, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Probability of hair [B, h, w] of pictures uint8 [B, h, w, 3]; ``net`` is put into eval mode.

    Raises ValueError when a side is no multiple of 32.
    """
    return net.eval()(to_images(pictures))[:, 0].numpy()


def save_hair(net: HairNet, folder: Path, **about: object) -> None:
    """Write ``hair.safetensors`` (folded, int8) and ``hair.json`` (sizes, and ``about`` it)."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(packed(fold(net).state_dict()), folder / "hair.safetensors")
    config = {"net": net.config.to_json(), **about}
    (folder / "hair.json").write_text(json.dumps(config, indent=1, ensure_ascii=False))


def load_hair(folder: Path) -> HairNet:
    """The network of :func:`save_hair`, folded. Raises ModelError when files are missing or damaged."""
    with loading(f"hair weights in {folder.name}"):
        config = json.loads((folder / "hair.json").read_text())
        net = fold(HairNet(HairNetConfig.from_json(config["net"])))
        net.load_state_dict(unpacked(load_file(folder / "hair.safetensors")))
        return net
