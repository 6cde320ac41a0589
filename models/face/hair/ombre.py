"""Ombre: dye the lower hair of a portrait in one hue that begins softly and leaves skin clean.

The dye is the v4 ombre step of Oh-LoRA (reference "face.md" §6.2); every number is taken from there.
Dark hair takes a dim tint and light hair a vivid one, because the dye is added to the hair's own light.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.colours import AURORA_S

Picture: TypeAlias = NDArray[np.uint8]  # [H, W, 3], RGB
HairMap: TypeAlias = "np.ndarray[Any, np.dtype[np.floating[Any]]]"  # [H, W], probability of hair

FRAMES: Final = 360  # of one aurora cycle
SURE: Final = 0.75  # a row belongs to the hair from this mask value on


@dataclass(frozen=True)
class Dye:
    """A dye; all three in [0, 1), ValueError otherwise.

    color: hue in turns (0 red, .1 orange, .5 cyan, .9 pink). height: share of the hair's height that is
    reached, from below. grad: share of that over which the dye grows to full strength.
    """

    color: float
    height: float
    grad: float

    def __post_init__(self) -> None:
        for name in ("color", "height", "grad"):
            value = getattr(self, name)
            if not 0 <= value < 1:
                raise ValueError(f"{name} of a dye must be in [0, 1), not {value}")

    @property
    def degree(self) -> int:
        """Hue in whole degrees, 0..359."""
        return int(360 * self.color)


def aurora(seconds: float, period_s: float = AURORA_S) -> Dye:
    """The dye of the live cycle after ``seconds``: one turn of hue, three of height, four of gradient.

    The cycle has 360 frames and goes by time, so it is as fast on a slow machine as on a fast one.
    Raises ValueError when the time is not finite or the period not positive and finite.
    """
    if not (math.isfinite(period_s) and period_s > 0 and math.isfinite(seconds / period_s)):
        raise ValueError(f"no place in a cycle of {period_s} s after {seconds} s")
    share = int(seconds / period_s % 1.0 * FRAMES) % FRAMES / FRAMES
    height = 0.6 + 0.2 * math.cos(6 * math.pi * share)
    return Dye(share, height, 0.5 + 0.2 * math.cos(8 * math.pi * share))


def dye_of(degree: int, height: float = 0.4, grad: float = 0.6) -> Dye:
    """The dye of a hue in whole degrees, 0..359. Raises ValueError for others."""
    share = degree / 360
    # Some quotients times 360 fall a hair's breadth short of the degree.
    return Dye(share if int(360 * share) == degree else math.nextafter(share, 1.0), height, grad)


def hue_rgb(degree: int) -> NDArray[np.int64]:
    """The fully saturated colour [3] of a hue in whole degrees, in sixtieths of full brightness."""
    red = abs(degree - 180) - 60
    return np.clip([red, 120 - abs(degree - 120), 120 - abs(degree - 240)], 0, 60)


def dyed_values(degree: int) -> Picture:
    """What each 8-bit value becomes under full dye, [3, 256]: 1.35 value + .25 hue - 38.25, cut off.

    In eightieths, because whole numbers leave no doubt about which values are cut down.
    """
    eightieths = 108 * np.arange(256)[None] + 85 * hue_rgb(degree)[:, None] - 3060
    return np.clip(eightieths // 80, 0, 255).astype(np.uint8)


def soft_mask(hair: HairMap, dye: Dye) -> NDArray[np.float32]:
    """How much dye each pixel takes, [H, W] in [0, 1]: nothing up to a hair probability of .75."""
    mask = np.clip(4 * hair.astype(np.float32, copy=False) - 3, 0, 1)
    sure = np.flatnonzero(mask.max(axis=1) >= SURE)
    if sure.size:
        top, bottom = int(sure[0]), int(sure[-1])
        start = int(top + (bottom - top) * (1 - dye.height))
        full = int(start + (bottom - start) * dye.grad)
        rows = np.arange(len(mask), dtype=np.float32)
        # Where the gradient has no length, the dye is whole from its first row on.
        weight = np.clip((rows - start) / (full - start), 0, 1) if full > start else rows >= start
        mask *= weight[:, None].astype(np.float32)
    return mask


def ombre(picture: Picture, hair: HairMap, dye: Dye) -> Picture:
    """A dyed copy, uint8 [H, W, 3], of an RGB picture uint8 [H, W, 3]; about 1 ms at 256 px.

    Args:
        picture: The portrait.
        hair: Probability of hair in [0, 1], float [H, W].
        dye: Hue, height and gradient.

    Raises ValueError when the types or sizes of picture and map do not fit together.
    """
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3:
        raise ValueError(f"need uint8 [H, W, 3], not {picture.dtype} {picture.shape}")
    if not np.issubdtype(hair.dtype, np.floating) or hair.shape != picture.shape[:2]:
        raise ValueError(f"need a float map {picture.shape[:2]}, not {hair.dtype} {hair.shape}")
    mask, table, out = soft_mask(hair, dye), dyed_values(dye.degree), picture.copy()
    for channel, values in enumerate(table):
        plain = picture[:, :, channel].astype(np.float32)
        # plain + mask (dyed - plain) leaves a pixel exactly as it is where the mask is zero.
        out[:, :, channel] = plain + mask * (values[picture[:, :, channel]] - plain)
    return out
