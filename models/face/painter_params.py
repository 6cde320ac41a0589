"""Parameters of the portrait painter and the smooth map from Gaussian coordinates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class PortraitParams:
    """What a portrait shows. Expression in [-1, 1], identity in [0, 1]; all act continuously.

    eyes: -1 nearly closed, 0 normal, +1 very wide. mouth: -1 closed gentle smile,
    +1 wide open laugh. pose: head turn, + toward the viewer's right.
    hair_hue: place on a smooth colour path, 0 golden, 0.3 brown, 0.6 red, then pink (0.72),
    violet (0.85) and teal (1). skin: 0 porcelain, 1 deep brown. fringe: 0 parted, 1 full.
    eye_hue: 0 brown, 0.33 green, 0.66 blue, 1 violet. lip_colour: 0 nude, 0.5 rose, 1 berry.
    clothes_hue and background_hue: hue in turns. neckline: 0 high collar, 1 wide scoop.
    """

    eyes: float = 0.0
    mouth: float = -0.4
    pose: float = 0.0
    skin: float = 0.2
    hair_hue: float = 0.35
    hair_saturation: float = 0.55
    hair_value: float = 0.35
    hair_length: float = 0.7
    hair_curl: float = 0.3
    fringe: float = 0.6
    face_width: float = 0.5
    jaw: float = 0.4
    eye_size: float = 0.5
    eye_tilt: float = 0.5
    eye_hue: float = 0.5
    brow_height: float = 0.5
    brow_thickness: float = 0.5
    nose: float = 0.5
    lip_colour: float = 0.4
    lip_fullness: float = 0.5
    blush: float = 0.4
    clothes_hue: float = 0.6
    clothes_value: float = 0.6
    neckline: float = 0.5
    background_hue: float = 0.6
    background_value: float = 0.7
    lashes: float = 0.5
    earrings: float = 0.3


PARAM_NAMES: tuple[str, ...] = tuple(f.name for f in fields(PortraitParams))

# Identity coordinates: (centre, spread) of centre + spread * (2 cdf(z) - 1), in [0, 1].
_SPREAD: dict[str, tuple[float, float]] = {
    "hair_hue": (0.5, 0.5),
    "hair_saturation": (0.5, 0.42),
    "hair_value": (0.45, 0.45),
    "clothes_value": (0.5, 0.45),
    "background_value": (0.6, 0.4),
    "blush": (0.45, 0.4),
    "fringe": (0.5, 0.5),
}


def _cdf(z: float) -> float:
    """Normal cumulative probability of z."""
    return 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))


def _warp(name: str, u: float) -> float:
    """Identity value of a uniform u in [0, 1], bent so that samples are tasteful."""
    if name == "hair_hue":  # most of the mass on natural colours
        return 0.62 * u / 0.68 if u < 0.68 else 0.62 + 0.38 * (u - 0.68) / 0.32
    if name == "hair_value":
        return 0.05 + 0.9 * math.pow(u, 1.15)
    if name == "skin":  # light and medium tones are more frequent, deep ones occur
        return math.pow(u, 1.6)
    if name == "earrings":
        return max(0.0, 1.25 * u - 0.25)
    centre, spread = _SPREAD.get(name, (0.5, 0.46))
    return centre + spread * (2.0 * u - 1.0)


def from_gaussian(z: Sequence[float] | NDArray[np.floating]) -> PortraitParams:
    """Parameters of independent N(0, 1) coordinates, one for each of PARAM_NAMES."""
    values = [float(v) for v in z]
    if len(values) != len(PARAM_NAMES):
        raise ValueError(f"need {len(PARAM_NAMES)} coordinates, got {len(values)}")
    out: dict[str, float] = {}
    for i, (name, v) in enumerate(zip(PARAM_NAMES, values, strict=True)):
        u = _cdf(v)
        out[name] = 2.0 * u - 1.0 if i < 3 else _warp(name, u)
    return PortraitParams(**out)
