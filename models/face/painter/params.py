"""Parameters of the portrait painter and the smooth map from Gaussian coordinates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

EXPRESSIONS = 7  # the first parameters are the expression, the rest the identity


@dataclass(frozen=True)
class PortraitParams:
    """What a portrait shows. Expression in [-1, 1], identity in [0, 1]; all act continuously.

    eyes: -1 shut, 0 normal, +1 very wide. mouth: -1 closed, +1 wide open laugh. pose: head turn
    (yaw), + toward the viewer's right. tilt: roll of head and hair, + clockwise. gaze: + toward the
    viewer's right. smile: corners of the mouth down .. up. brow: worried .. raised.
    hair_hue: place on a smooth colour path, 0 golden, 0.3 brown, 0.6 red, then pink (0.72),
    violet (0.85) and teal (1). skin: 0 porcelain, 1 deep brown. hair_length: 0 bob, 0.4
    shoulder, 1 long (a man's from a crop above the ears to a quarter as long). fringe: 0
    parted, 1 full. hair_tuck: 1 hair behind the ears. eye_hue: 0 brown, 0.4 green, 0.7 blue, 1
    violet. lip_colour: 0 nude, 0.5 rose, 1 berry. clothes_hue and background_hue: hue in turns.
    neckline: 0 high collar, 1 wide scoop. collar: 0 plain, 0.55 shirt, 1 roll-neck.
    gender: 0 woman, 1 man. age: 0 young, 1 old. quality: 1 good, 0 blurred and smeared.
    glasses, earrings, freckles, necklace, stubble (men) fade in from a threshold.
    background_kind: 0 plain gradient, 1 bright bokeh.
    """

    eyes: float = 0.0
    mouth: float = -0.6
    pose: float = 0.0
    tilt: float = 0.0
    gaze: float = 0.0
    smile: float = 0.3
    brow: float = 0.0
    skin: float = 0.15
    hair_hue: float = 0.35
    hair_saturation: float = 0.5
    hair_value: float = 0.3
    hair_length: float = 0.6
    hair_curl: float = 0.3
    fringe: float = 0.4
    face_width: float = 0.5
    jaw: float = 0.4
    eye_size: float = 0.5
    eye_tilt: float = 0.5
    eye_hue: float = 0.5
    brow_height: float = 0.5
    brow_thickness: float = 0.5
    nose_width: float = 0.5
    nose_length: float = 0.5
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
    gender: float = 0.0
    age: float = 0.15
    glasses: float = 0.0
    glasses_shape: float = 0.4
    quality: float = 1.0
    face_length: float = 0.5
    cheeks: float = 0.5
    eye_spacing: float = 0.5
    mouth_width: float = 0.5
    hair_volume: float = 0.5
    hair_part: float = 0.35
    forehead: float = 0.5
    hair_tuck: float = 0.2
    freckles: float = 0.0
    necklace: float = 0.0
    collar: float = 0.2
    background_kind: float = 0.2
    stubble: float = 0.3


PARAM_NAMES: tuple[str, ...] = tuple(f.name for f in fields(PortraitParams))


def _cdf(z: float) -> float:
    """Normal cumulative probability of z."""
    return 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))


def _bends(*knots: tuple[float, float]) -> Callable[[float], float]:
    """Piecewise linear map of a uniform u in [0, 1] through (u, value) knots."""
    xs, ys = [k[0] for k in knots], [k[1] for k in knots]
    return lambda u: float(np.interp(u, xs, ys))


def _span(low: float, high: float, power: float = 1.0) -> Callable[[float], float]:
    """Map of a uniform u in [0, 1] to [low, high]; a power above 1 favours low values."""
    return lambda u: low + (high - low) * math.pow(u, power)


# How the share u of smaller draws becomes a value; names left out cover [0.04, 0.96] evenly.
_WARPS: dict[str, Callable[[float], float]] = {
    "hair_hue": _bends((0.0, 0.0), (0.82, 0.62), (1.0, 1.0)),  # most on natural colours
    "hair_saturation": _span(0.08, 0.9),
    "hair_value": _span(0.03, 0.92, 1.5),
    "hair_length": _bends((0.0, 0.0), (0.08, 0.2), (0.35, 0.42), (1.0, 1.0)),
    "hair_curl": _span(0.0, 1.0, 1.2),
    "fringe": _span(0.0, 1.0),
    "skin": _span(0.0, 0.95, 1.8),  # light and medium tones are more frequent, deep ones occur
    "blush": _span(0.1, 0.85),
    "background_value": _span(0.15, 1.0),
    "clothes_value": _span(0.05, 0.95),
    "earrings": _bends((0.0, 0.0), (0.4, 0.2), (1.0, 1.0)),
    "gender": _bends((0.0, 0.0), (0.66, 0.16), (0.71, 0.84), (1.0, 1.0)),
    "age": _bends((0.0, 0.0), (0.9, 0.4), (0.93, 0.7), (1.0, 1.0)),
    "glasses": _bends((0.0, 0.0), (0.925, 0.46), (0.95, 0.9), (1.0, 1.0)),
    "quality": _bends((0.0, 0.0), (0.045, 0.35), (0.065, 0.75), (1.0, 1.0)),
    "freckles": _bends((0.0, 0.0), (0.8, 0.46), (1.0, 1.0)),
    "necklace": _bends((0.0, 0.0), (0.68, 0.46), (0.72, 0.8), (1.0, 1.0)),
    "collar": _bends((0.0, 0.02), (0.4, 0.33), (0.43, 0.56), (0.67, 0.69), (0.7, 0.93), (1.0, 1.0)),
    "hair_tuck": _span(0.0, 1.0, 1.6),
    "background_kind": _span(0.0, 1.0),
    "stubble": _span(0.0, 1.0),
}
_EVEN = _span(0.04, 0.96)


def from_gaussian(z: Sequence[float] | NDArray[np.floating]) -> PortraitParams:
    """Parameters of independent N(0, 1) coordinates, one for each of PARAM_NAMES.

    About three in ten draws are men, one in fourteen old, one in seventeen wears glasses and one
    in twenty is of poor quality. Raises ValueError for another number of coordinates.
    """
    values = [float(v) for v in z]
    if len(values) != len(PARAM_NAMES):
        raise ValueError(f"need {len(PARAM_NAMES)} coordinates, got {len(values)}")
    out: dict[str, float] = {}
    for i, (name, v) in enumerate(zip(PARAM_NAMES, values, strict=True)):
        u = _cdf(v)
        out[name] = 2.0 * u - 1.0 if i < EXPRESSIONS else _WARPS.get(name, _EVEN)(u)
    return PortraitParams(**out)
