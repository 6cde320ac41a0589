"""Measuring a portrait: a small CNN that reads eye opening, mouth opening and head turn.

It learns from painted portraits, whose scores are exact, and then judges generated ones: always in
eval mode. Scores are on the scale of expressions, [-1, 1].
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from models.face.stylegan.latent import N_EXPRESSION

PROPERTIES = ("eyes", "mouth", "pose")


class PropertyCNN(nn.Module):
    """Images [B, 3, r, r] in [-1, 1] -> scores [B, 3]. ``r`` is a multiple of 16."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        sizes = (3, width, 2 * width, 3 * width, 4 * width)
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(sizes))
        self.head = nn.Linear(4 * width * 16, 64)
        self.out = nn.Linear(64, N_EXPRESSION)

    def forward(self, image: Tensor) -> Tensor:
        x = image
        for conv in self.convs:
            x = F.max_pool2d(F.leaky_relu(conv(x), 0.1), 2)
        x = F.adaptive_avg_pool2d(x, 4).flatten(1)
        return self.out(F.leaky_relu(self.head(x), 0.1))


def save_property(net: PropertyCNN, folder: Path, **about: object) -> None:
    """Write ``property.safetensors`` and ``property.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(
        {k: v.half().contiguous() for k, v in net.state_dict().items()}, folder / "property.safetensors"
    )
    (folder / "property.json").write_text(json.dumps(about, indent=1))


def load_property(folder: Path) -> PropertyCNN:
    """The network of :func:`save_property`, in eval mode."""
    net = PropertyCNN()
    net.load_state_dict({k: v.float() for k, v in load_file(folder / "property.safetensors").items()})
    return net.eval()
