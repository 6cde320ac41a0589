"""Labelled pictures in memory, and the sheets of tiles that ship."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.people import Lang
from models.runtime.loading import loading

Bytes = NDArray[np.uint8]
Index = NDArray[np.int64]

SHIPPED: Final = Path(__file__).parent / "data"
NAMES: Final = ("moods", "hair", "digits")  # the first is what is played where none is named


@dataclass(frozen=True, eq=False)
class Pictures:
    """A data set: ``pixels`` uint8 [n, height, width, channels], ``labels`` [n] from 0, which are held out.

    ``boxes`` [problems, 2 * statistics] are its bank (see :mod:`models.battle.bank`); ``profile`` names
    the networks that learn it, ``most`` how many pictures of its may be learnt from at once; ``hidden``
    gives more statistics of pictures (see :mod:`models.battle.hidden`).
    """

    id: str
    name: dict[Lang, str]
    classes: tuple[dict[Lang, str], ...]
    pixels: Bytes
    labels: Index
    held_out: NDArray[np.bool_]
    boxes: NDArray[np.int64]
    profile: str = "small"
    most: int = 400
    hidden: Callable[[Bytes], dict[str, float]] | None = None

    @property
    def size(self) -> tuple[int, int, int]:
        """Channels, height, width."""
        _, height, width, channels = self.pixels.shape
        return channels, height, width

    @cached_property
    def statistics(self) -> NDArray[np.int64]:
        """Whole numbers [n, k] that boxes lie over.

        Of colour: hue (0..179), saturation and value of the mean pixel, deviation of each channel. Of grey:
        mean and deviation.
        """
        flat = self.pixels.reshape(len(self.pixels), -1, self.pixels.shape[-1]).astype(np.float32)
        mean, deviation = flat.mean(1), flat.std(1)
        found = [_hsv(mean), deviation] if flat.shape[-1] == 3 else [mean, deviation]
        return np.concatenate(found, 1).astype(np.int64)


def _hsv(rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """Hue in half degrees, saturation and value (0..255) of colours [n, 3] in 0..255."""
    high, low = rgb.max(1), rgb.min(1)
    spread = np.maximum(high - low, 1e-6)
    red, green, blue = rgb.T
    turns = np.where(
        high == red, (green - blue) / spread,
        np.where(high == green, 2 + (blue - red) / spread, 4 + (red - green) / spread),
    )  # fmt: skip
    return np.stack([turns * 30 % 180, 255 * (high - low) / np.maximum(high, 1e-6), high], 1)


def load_sheet(folder: Path, name: str) -> Pictures:
    """The shipped data set of that name. Raises ModelError where its files are missing or damaged."""
    with loading(f"pictures {name}"):
        about = json.loads((folder / f"{name}.json").read_text("utf-8"))
        labels = _digits(about["labels"])
        return Pictures(
            name, _names([about["ko"], about["en"]]), tuple(_names(each) for each in about["classes"]),
            _tiles(folder / f"{name}.webp", about, len(labels)), labels, _digits(about["held_out"]) == 1,
            np.array(about["boxes"], np.int64), most=about["most"],
        )  # fmt: skip


def _names(pair: list[str]) -> dict[Lang, str]:
    return {"ko": pair[0], "en": pair[1]}


def _digits(text: str) -> Index:
    return np.frombuffer(text.encode("ascii"), np.uint8).astype(np.int64) - ord("0")


def _tiles(path: Path, about: dict[str, Any], n: int) -> Bytes:
    from PIL import Image

    side, size = about["tile"], about["size"]
    with Image.open(path) as file:
        sheet = np.asarray(file.convert("L" if about["channels"] == 1 else "RGB"))
    rows, columns = sheet.shape[0] // side, sheet.shape[1] // side
    tiles = (
        sheet.reshape(rows, side, columns, side, -1).swapaxes(1, 2).reshape(-1, side, side, sheet[0, 0].size)
    )
    if side == size:
        return np.ascontiguousarray(tiles[:n])
    big = [Image.fromarray(tile[..., 0]).resize((size, size), Image.Resampling.BICUBIC) for tile in tiles[:n]]
    return np.stack([np.asarray(each) for each in big])[..., None]
