"""The original's hidden representation, an option: what an auto-encoder keeps of a problem's pictures.

As in the original, pictures go through a convolutional encoder, the first 64 of its 256 channels are
averaged over space, and mean and deviation over a problem's train part are 128 more statistics. Other
than there, dropout is off when they are computed, and the picture comes out without an activation.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from models.battle.pictures import Bytes, Pictures
from models.runtime.loading import loading

CHANNELS: Final = 64
AT_ONCE: Final = 256


@dataclass(frozen=True)
class HiddenConfig:
    """How long an auto-encoder learns: until its loss has not fallen for ``patience`` epochs."""

    epochs: int = 300
    patience: int = 10
    batch: int = 16
    lr: float = 1e-3
    decay: float = 0.95  # of the rate, an epoch
    seed: int = 20261123


class Hidden:
    """A trained encoder; calling it gives the statistics of pictures uint8 [n, h, w, c]."""

    def __init__(self, encoder: nn.Module) -> None:
        self.encoder = encoder.eval()

    def __call__(self, pixels: Bytes) -> dict[str, float]:
        """``encoding_mean_0`` to ``encoding_std_63``, rounded as the original's tables are."""
        with torch.no_grad():
            parts = [
                self.encoder(tensor_of(pixels[first : first + AT_ONCE])).mean((2, 3))[:, :CHANNELS]
                for first in range(0, len(pixels), AT_ONCE)
            ]
        found = torch.cat(parts).double().numpy()
        named = (("mean", found.mean(0)), ("std", found.std(0)))
        return {
            f"encoding_{name}_{i}": round(float(value), 3)
            for name, each in named
            for i, value in enumerate(each)
        }

    def save(self, path: Path) -> None:
        """Write the encoder's weights, float16."""
        from safetensors.torch import save_file

        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(
            {name: value.half().contiguous() for name, value in self.encoder.state_dict().items()}, path
        )

    @classmethod
    def load(cls, path: Path) -> Hidden:
        """Raises ModelError."""
        from safetensors.torch import load_file

        with loading(f"auto-encoder {path.name}"):
            state = {name: value.float() for name, value in load_file(path).items()}
            encoder = encoder_of(state["conv0.weight"].shape[1])
            encoder.load_state_dict(state)
            return cls(encoder)


def tensor_of(pixels: Bytes) -> Tensor:
    """Pictures uint8 [n, h, w, c] as float32 [n, c, h, w] in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))).float() / 127.5 - 1.0


def encoder_of(channels: int) -> nn.Sequential:
    """Fresh: 28 x 28 becomes 256 channels of 3 x 3, 32 x 32 of 4 x 4."""
    first = {"kernel_size": 4, "stride": 2, "padding": 1, "padding_mode": "reflect"}
    layers = OrderedDict[str, nn.Module]()
    for i, (wide, how) in enumerate(
        ((32, first), (64, first), (128, {"kernel_size": 3}), (256, {"kernel_size": 3}))
    ):
        layers[f"conv{i}"] = nn.Conv2d(channels, wide, **how)  # type: ignore[arg-type]
        layers[f"act{i}"], layers[f"drop{i}"] = nn.LeakyReLU(), nn.Dropout2d(0.05)
        channels = wide
    return nn.Sequential(layers)


def _decoder_of(channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.ConvTranspose2d(256, 128, 3), nn.LeakyReLU(), nn.ConvTranspose2d(128, 64, 3), nn.LeakyReLU(),
        nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.LeakyReLU(), nn.ConvTranspose2d(32, channels, 4, 2, 1),
    )  # fmt: skip


def train_hidden(pictures: Pictures, config: HiddenConfig, report: Callable[[int, float], None]) -> Hidden:
    """Learn from all pictures that are not held out; ``report`` gets epochs and squared error a value.

    Raises ValueError for pictures that are neither 28 nor 32 px wide and high.
    """
    if pictures.size[1:] not in ((28, 28), (32, 32)):
        raise ValueError(f"{pictures.id}: pictures of 28 x 28 or 32 x 32 px are needed")
    torch.manual_seed(config.seed)
    data = tensor_of(pictures.pixels[~pictures.held_out])
    encoder = encoder_of(data.shape[1])
    both = nn.Sequential(encoder, _decoder_of(data.shape[1])).train()
    optimizer = torch.optim.AdamW(both.parameters(), config.lr)
    least, since = float("inf"), 0
    for epoch in range(config.epochs):
        loss = 0.0
        for batch in torch.randperm(len(data)).split(config.batch):
            error = (both(data[batch]) - data[batch]).square()
            optimizer.zero_grad(set_to_none=True)
            (error.sum() / len(batch)).backward()
            optimizer.step()
            loss += float(error.detach().sum())
        optimizer.param_groups[0]["lr"] *= config.decay
        loss /= data.numel()
        report(epoch + 1, loss)
        since = 0 if loss < least else since + 1
        least = min(least, loss)
        if since >= config.patience:
            break
    return Hidden(encoder)
