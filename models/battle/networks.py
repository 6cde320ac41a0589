"""The networks that learn a problem, and how long: a small one for the shipped pictures, the original's.

All give logits. Dropout of whole channels follows the convolutions, as in the original.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from torch import Tensor, nn

from core.battle.hyperparameters import Activation, Hyperparameters


@dataclass(frozen=True)
class Recipe:
    """What is not chosen: epochs, batches and patience.

    Training ends when the validation loss has not fallen by ``delta`` for ``patience`` epochs, after
    ``least`` epochs at the soonest. ``warm_up`` is in steps.
    """

    epochs: int
    batch: int
    patience: int
    warm_up: int
    least: int = 5
    delta: float = 0.001


RECIPES: Final = {"small": Recipe(8, 16, 4, 10), "original": Recipe(120, 16, 3, 60)}


def network(profile: str, size: tuple[int, int, int], classes: int, chosen: Hyperparameters) -> nn.Module:
    """A network with fresh weights for pictures of ``size`` (channels, height, width)."""
    layers = _small if profile == "small" else _original
    return nn.Sequential(*layers(size, classes, chosen))


def _small(size: tuple[int, int, int], classes: int, chosen: Hyperparameters) -> list[nn.Module]:
    """Three convolutions of stride 2, 16-32-64 channels: a thirtieth of the original's work."""
    channels, height, width = size
    out: list[nn.Module] = []
    for wide, dropout in ((16, chosen.dropout_conv_earlier), (32, chosen.dropout_conv_earlier),
                          (64, chosen.dropout_conv_later)):  # fmt: skip
        out += [nn.Conv2d(channels, wide, 3, 2, 1), _activation(chosen), nn.Dropout2d(dropout)]
        channels, height, width = wide, -(-height // 2), -(-width // 2)
    return [*out, *_head(channels * height * width, 128, classes, chosen)]


def _original(size: tuple[int, int, int], classes: int, chosen: Hyperparameters) -> list[nn.Module]:
    """The original's, without padding; None is a pooling."""
    channels, height, width = size
    plan = (32, 64, None, 64, None, 128) if channels == 3 else (32, 64, None, 64, 128, 128)
    out: list[nn.Module] = []
    for place, wide in enumerate(plan):
        if wide is None:
            out.append(nn.MaxPool2d(2))
            height, width = height // 2, width // 2
            continue
        dropout = chosen.dropout_conv_earlier if place < 2 else chosen.dropout_conv_later
        out += [nn.Conv2d(channels, wide, 3), _activation(chosen), nn.Dropout2d(dropout)]
        channels, height, width = wide, height - 2, width - 2
    return [*out, *_head(channels * height * width, 512, classes, chosen)]


def _head(inputs: int, hidden: int, classes: int, chosen: Hyperparameters) -> list[nn.Module]:
    return [
        nn.Flatten(), nn.Linear(inputs, hidden), nn.Tanh(), nn.Dropout(chosen.dropout_fc),
        nn.Linear(hidden, classes),
    ]  # fmt: skip


def _activation(chosen: Hyperparameters) -> nn.Module:
    return nn.ReLU() if chosen.activation_func is Activation.RELU else nn.LeakyReLU(0.01)


def logits(net: nn.Module, pictures: Tensor) -> Tensor:
    """Logits [n, classes] of pictures [n, c, h, w] in [-1, 1], dropout off."""
    net.eval()
    return net(pictures)
