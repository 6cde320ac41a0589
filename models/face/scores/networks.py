"""Networks that read property scores off a portrait without a segmentation map.

Layers, crops and parameter names are those of the original Oh-LoRA at 256 pixels and full width, so that
its weights load strictly. ``width`` scales all channels; below 256 pixels the convolutions are padded,
since the crops, which are parts of the picture, are too small there for ones that eat their edges.
All networks take images [B, 3, r, r] in [-1, 1], like the rest of the face models.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from models.face.pixels import chosen
from models.face.scores.measures import NAMES
from models.runtime.int8 import packed, unpacked
from models.runtime.loading import loading

FULL = 256  # pixels of the original's pictures
GRID = 32  # parts of the picture's side in which crops are given


@dataclass(frozen=True)
class Part:
    """A crop in 32nds of the picture's side, and the channels of its convolutions; ``/`` pools by two."""

    rows: tuple[int, int]
    columns: tuple[int, int]
    layers: str
    hidden: int = 256
    dropout: float = 0.45


_HALF = "32 64 / 64 / 128 / 128 / 128"
_FILTER = "32 64 / 128 / 128 / 256"
WHOLE: Final = Part((0, 32), (0, 32), _HALF + " /")
PARTS: Final = {
    "eyes_score_cnn": Part((12, 18), (8, 24), "32 64 / 64 / 128 /"),
    "mouth_score_cnn": Part((20, 26), (12, 20), "32 64 / 64 / 128 /"),
    "pose_score_cnn": Part((14, 20), (11, 21), "32 64 / 64 / 128 128"),
    "hair_color_score_cnn": WHOLE,
    "hair_length_score_cnn": Part((16, 32), (0, 32), _HALF),
    "background_score_cnn": Part((0, 16), (0, 32), _HALF),
}
SIDES: Final = {
    "bottom_left_cnn": Part((16, 32), (0, 12), "32 64 / 64 / 96 / 128 128"),
    "bottom_right_cnn": Part((16, 32), (20, 32), "32 64 / 64 / 96 / 128 128"),
}
FILTERS: Final = {
    "gender": Part((0, 32), (0, 32), _FILTER + " / 256 /", 512),
    "quality": Part((0, 8), (8, 24), _FILTER, 512),
    "age": Part((0, 16), (0, 32), _FILTER + " / 256", 512),
    "glass": Part((10, 16), (8, 24), _FILTER, 512),
}
IDENTITY: Final = ("skin", "hair_red", "hair_blue", "face_width", "fringe", "age", "gender")


@dataclass(frozen=True)
class ScoreConfig:
    """``kind`` is property (7 outputs), hairstyle (1), merged (8), or a filter: gender, quality, age, glass.

    Not of the original: ``identity`` (7), what should stay when she moves, beside hair and background.
    ``resolution`` is a multiple of 32, 64 at least: ValueError otherwise.
    """

    kind: str = "property"
    width: float = 1.0
    resolution: int = FULL

    def __post_init__(self) -> None:
        if self.kind not in ("property", "hairstyle", "merged", "identity", *FILTERS):
            raise ValueError(f"unknown kind {self.kind}")
        if self.resolution % GRID or self.resolution < 64:
            raise ValueError(f"{self.resolution} px is no multiple of 32 from 64 on")

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of what the network puts out, in order."""
        known = {"property": NAMES, "merged": (*NAMES, "hairstyle"), "identity": IDENTITY}
        return known.get(self.kind, (self.kind,))

    def channels(self, n: int) -> int:
        """``n`` channels of the original at this width."""
        return max(1, round(n * self.width))


class Trunk(nn.Module):
    """Crop and convolutions: images [B, 3, r, r] -> [B, n_flat]."""

    def __init__(self, part: Part, config: ScoreConfig) -> None:
        super().__init__()
        self.resolution, unit = config.resolution, config.resolution // GRID
        self.rows, self.columns = (slice(a * unit, b * unit) for a, b in (part.rows, part.columns))
        pad = 0 if config.resolution >= FULL else 1
        n, size = 3, [s.stop - s.start for s in (self.rows, self.columns)]
        self.steps: list[str] = []
        for layer in part.layers.split():
            if layer == "/":
                self.steps.append(layer)
                size = [length // 2 for length in size]
                continue
            wide = config.channels(int(layer))
            name = f"conv{1 + sum(step != '/' for step in self.steps)}"
            conv = nn.Conv2d(n, wide, 3, padding=pad)
            self.add_module(name, nn.Sequential(conv, nn.LeakyReLU(), nn.Dropout2d(0.05)))
            self.steps.append(name)
            n, size = wide, [length - 2 + 2 * pad for length in size]
        self.n_flat = n * size[0] * size[1]

    def features(self, image: Tensor) -> Tensor:
        """What the convolutions make of the crop, [B, n_flat].

        Larger pictures are averaged down, smaller ones enlarged. Raises ValueError where that cannot be.
        """
        side, wanted = image.shape[2], self.resolution
        if side != image.shape[3] or (side % wanted and wanted % side):
            raise ValueError(f"made for {wanted} px, not for {list(image.shape[2:])}")
        if side > wanted:
            image = F.avg_pool2d(image, side // wanted)
        elif side < wanted:
            image = F.interpolate(image, (wanted, wanted), mode="bilinear")
        x = image[:, :, self.rows, self.columns]
        for step in self.steps:
            x = F.max_pool2d(x, 2) if step == "/" else self.get_submodule(step)(x)
        return x.flatten(1)

    def forward(self, image: Tensor) -> Tensor:
        """The same as :meth:`features`."""
        return self.features(image)


def _hidden(n_in: int, n_out: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(nn.Linear(n_in, n_out), nn.Tanh(), nn.Dropout(dropout))


class PartScoreCNN(Trunk):
    """Scores [B, outputs] read off one crop."""

    def __init__(self, part: Part, config: ScoreConfig, outputs: int = 1) -> None:
        super().__init__(part, config)
        hidden = config.channels(part.hidden)
        self.fc1 = _hidden(self.n_flat, hidden, part.dropout)
        self.fc_final = nn.Linear(hidden, outputs)

    def forward(self, image: Tensor) -> Tensor:
        """Images [B, 3, r, r] -> [B, outputs]."""
        return self.fc_final(self.fc1(self.features(image)))


class PropertyScoreCNN(nn.Module):
    """Six independent networks, one for each of the crops; scores [B, 7] in the order of ``NAMES``."""

    kind = "property"

    def __init__(self, width: float = 1.0, resolution: int = FULL) -> None:
        super().__init__()
        self.config = ScoreConfig(self.kind, width, resolution)
        for name, part in PARTS.items():
            outputs = 2 if name == "background_score_cnn" else 1
            self.add_module(name, PartScoreCNN(part, self.config, outputs))

    def forward(self, image: Tensor) -> Tensor:
        """Images [B, 3, r, r] in [-1, 1] -> z-scores [B, 7]."""
        order = ("eyes", "hair_color", "hair_length", "mouth", "pose", "background")
        return torch.cat([self.get_submodule(f"{name}_score_cnn")(image) for name in order], dim=1)


class HairstyleScoreCNN(nn.Module):
    """Curliness [B, 1] read off the hair at both sides of the lower half."""

    def __init__(self, width: float = 1.0, resolution: int = FULL) -> None:
        super().__init__()
        self.config = ScoreConfig("hairstyle", width, resolution)
        left, right = (Trunk(part, self.config) for part in SIDES.values())
        self.bottom_left_cnn, self.bottom_right_cnn = left, right
        hidden = self.config.channels(512)
        self.fc1 = _hidden(left.n_flat + right.n_flat, hidden, 0.25)
        self.fc_final = nn.Linear(hidden, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Images [B, 3, r, r] in [-1, 1] -> z-scores [B, 1]."""
        both = torch.cat([self.bottom_left_cnn(image), self.bottom_right_cnn(image)], dim=1)
        return self.fc_final(self.fc1(both))


class MergedPropertyScoreCNN(PropertyScoreCNN):
    """The six networks and the one for the hairstyle, whose score comes last: [B, 8]."""

    kind = "merged"

    def __init__(self, width: float = 1.0, resolution: int = FULL) -> None:
        super().__init__(width, resolution)
        self.hairstyle_score_cnn = HairstyleScoreCNN(width, resolution)

    def forward(self, image: Tensor) -> Tensor:
        """Images [B, 3, r, r] in [-1, 1] -> z-scores [B, 8]."""
        return torch.cat([super().forward(image), self.hairstyle_score_cnn(image)], dim=1)


class IdentityCNN(PartScoreCNN):
    """Who she is, read off the whole picture: z-scores [B, 7] in the order of ``IDENTITY``."""

    def __init__(self, width: float = 1.0, resolution: int = FULL) -> None:
        config = ScoreConfig("identity", width, resolution)
        super().__init__(WHOLE, config, len(IDENTITY))
        self.config = config


class FilterCNN(Trunk):
    """Probability [B, 1] that a portrait has a quality, e.g. that she wears glasses."""

    def __init__(self, kind: str, width: float = 1.0, resolution: int = FULL) -> None:
        if kind not in FILTERS:
            raise ValueError(f"unknown filter {kind}")
        config, part = ScoreConfig(kind, width, resolution), FILTERS[kind]
        super().__init__(part, config)
        self.config = config
        hidden = config.channels(part.hidden)
        self.fc1 = _hidden(self.n_flat, hidden, part.dropout)
        self.fc_final = nn.Sequential(nn.Linear(hidden, 1), nn.Sigmoid())

    def forward(self, image: Tensor) -> Tensor:
        """Images [B, 3, r, r] in [-1, 1] -> [B, 1]. The weights see them in [0, 1], as the original's do."""
        return self.fc_final(self.fc1(self.features((image + 1) / 2)))


ScoreNet = PropertyScoreCNN | HairstyleScoreCNN | IdentityCNN | FilterCNN


def build(config: ScoreConfig) -> ScoreNet:
    """A fresh network of a kind."""
    if config.kind in FILTERS:
        return FilterCNN(config.kind, config.width, config.resolution)
    if config.kind == "hairstyle":
        return HairstyleScoreCNN(config.width, config.resolution)
    if config.kind == "identity":
        return IdentityCNN(config.width, config.resolution)
    if config.kind == "merged":
        return MergedPropertyScoreCNN(config.width, config.resolution)
    return PropertyScoreCNN(config.width, config.resolution)


def score(
    net: ScoreNet, pictures: Any, index: Sequence[int] | NDArray[np.int64] | None = None, batch: int = 64
) -> NDArray[np.float64]:
    """Scores [n, outputs] of pictures as in :func:`chosen` (``None``: of all), always in eval mode.

    Dropout would else stay active and blur the scores, which the original overlooked. The network is
    left in the mode in which it was.
    """
    every = np.arange(len(pictures)) if index is None else np.asarray(index)
    device, was_training = next(net.parameters()).device, net.training
    net.eval()
    try:
        with torch.inference_mode():
            parts = [
                net(chosen(pictures, every[i : i + batch]).to(device)).double().cpu().numpy()
                for i in range(0, len(every), batch)
            ]
    finally:
        net.train(was_training)
    return np.concatenate(parts) if parts else np.empty((0, len(net.config.outputs)))


def score_mean(nets: Sequence[ScoreNet], pictures: Any) -> NDArray[np.float64]:
    """Mean score [n, outputs] of several networks, e.g. of the five folds of a filter."""
    return np.asarray(np.mean([score(net, pictures) for net in nets], axis=0))


def save_scores(net: ScoreNet, out: Path, **about: object) -> None:
    """Write ``out`` (.safetensors, int8) and the config beside it (.json)."""
    write_scores(net, packed(net.state_dict()), out, **about)


def write_scores(net: ScoreNet, state: Mapping[str, Tensor], out: Path, **about: object) -> None:
    """:func:`save_scores` with the weights as they are in ``state``."""
    out.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.cpu().contiguous() for name, tensor in state.items()}, out)
    out.with_suffix(".json").write_text(json.dumps({"net": asdict(net.config), **about}, indent=1))


def load_scores(path: Path) -> ScoreNet:
    """The network of :func:`save_scores`, in eval mode. Raises ModelError when it is missing or damaged."""
    with loading(f"score weights {path.name}"):
        net = build(ScoreConfig(**json.loads(path.with_suffix(".json").read_text())["net"]))
        net.load_state_dict(unpacked(load_file(path)), strict=True)
    return net.eval()
