"""How the hair of the portrait falls: the flow from the parting down both sides, and the fringe.

The hair of a side is a sheet between an inner edge (hairline, then along the face) and an outer edge
(silhouette). A place in it is t in [0, 1] from inner to outer and a row from parting to tip.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.face.painter.shape import Head
from models.face.painter.tools import CENTRE, ease, lerp

Array = NDArray[np.float64]
Keys = list[tuple[float, float]]

UP, LOW = 6, 12  # rows down to the temple and below it
_ARC = tuple((math.sin(a), math.cos(a)) for a in (0.0, 0.24, 0.52, 0.92, 1.28, 1.55))
_WAVE = 0.054  # waves of curly hair, radians per unit


@dataclass(frozen=True)
class Flow:
    """Hair of one side (-1 or 1): edges [rows, 2] without waves, and the strength of the waves [rows]."""

    side: float
    inner: Array
    outer: Array
    swing: Array

    def at(self, t: Array | float, reach: Array | float = 1.0, phase: Array | float = 0.0) -> Array:
        """Points [n, rows, 2] at places t, stretched to a share `reach` of the fall, with waves."""
        place = np.atleast_1d(np.asarray(t, dtype=float))[:, None]
        far = np.broadcast_to(np.asarray(reach, dtype=float), place.shape[:1])[:, None]
        turn = np.broadcast_to(np.asarray(phase, dtype=float), place.shape[:1])[:, None]
        run = self.inner[None] + (self.outer - self.inner)[None] * place[..., None]
        top = run[:, -LOW - 1 : -LOW, 1]
        run[:, -LOW:, 1] = top + (run[:, -LOW:, 1] - top) * far
        wave = np.sin(_WAVE * run[..., 1] + turn + 1.3 * self.side)
        run[..., 0] += self.side * self.swing[None] * wave * (0.45 + 0.55 * np.abs(place))
        return run


def volume(h: Head) -> float:
    """Extra thickness of the hair, about -1 .. 1.5 (curls add to it)."""
    return 1.6 * h.p.hair_volume - 0.8 + 0.7 * h.p.hair_curl


def end_of(h: Head) -> float:
    """Height (units) of the lower end of the hair."""
    return float(np.interp(h.length, (0.0, 0.12, 0.3, 0.55, 1.0), (236.0, 256.0, 348.0, 440.0, 600.0)))


def parting(h: Head) -> float:
    """Place of the parting on the head, units from the axis."""
    return lerp(-44.0, 44.0, h.p.hair_part)


def flow_of(h: Head, side: float) -> Flow:
    """Hair of a side of the head."""
    v, t, part, w = volume(h), h.turn, parting(h), h.half
    grown = ease(h.length / 0.34)
    big = w + lerp(8.0, 20.0, grown) + lerp(3.0, 9.0, grown) * v
    top = 58.0 - 12.0 * v - 6.0 * h.man * (1.0 - grown)
    upper_out = [
        (0.5 * part * (1.0 - n) + side * big * n**0.88, 200.0 - (200.0 - top) * c**0.93, 10.0 * c)
        for n, c in _ARC
    ]
    far = ease(side * t.sin / 0.3)  # beside the far cheek hair lies behind the face and hides the ear
    upper_in = [
        (part + side * 0.5, h.hairline - 5.0, 84.0),
        (0.85 * part + side * 16.0, h.hairline - 2.5, 85.0),
        (0.7 * part + side * 37.0, h.hairline + 3.0, 84.0),
        (side * lerp(72.0, 77.0, h.man), h.hairline + lerp(22.0, 15.0, h.man), 72.0 - 12.0 * far),
        (side * (w - 13.0), h.hairline + lerp(50.0, 44.0, h.man), 50.0 - 18.0 * far),
        (side * (w - 5.0), 197.0, 30.0 - 8.0 * far),
    ]
    end, tuck = end_of(h), h.p.hair_tuck * ease((h.length - 0.15) / 0.12) * (1.0 - far)
    fall = np.linspace(0.0, 1.0, LOW + 1)[1:]
    y = 197.0 + (end - 197.0) * fall
    back = tuck * np.clip((y - 214.0) / 26.0, 0.0, 1.0)
    hug = w - 5.0 - 5.0 * (1.0 - far) * np.sin(np.clip((y - 197.0) / 150.0, 0.0, 1.0) * np.pi)
    hug = hug + 3.0 * far - 12.0 * np.clip((y - 350.0) / 150.0, 0.0, 1.0)
    inner = hug + (w + 13.0 - 9.0 * np.clip((y - 330.0) / 120.0, 0.0, 1.0) - hug) * back
    inner = inner + (1.0 - grown) * 11.0 * fall**2  # a sideburn narrows to a tip
    z = lerp(30.0, 34.0, grown) * (1.0 - 0.7 * fall) * (1.0 - back)
    swell = (5.0 + 8.0 * v) * np.sin(np.pi * np.clip(fall * 0.92, 0.0, 1.0)) * grown
    outer = big + swell - lerp(2.0, 13.0, grown) * fall**3
    outer = np.maximum(outer, inner + lerp(8.0, 17.0, grown))
    swing = h.p.hair_curl**1.2 * 13.0 * grown * np.clip((y - 180.0) / 190.0, 0.0, 1.0)
    return Flow(
        side,
        _project(h, upper_in, side * inner, y, z),
        _project(h, upper_out, side * outer, y + 4.0 * fall, 2.0 * (1.0 - fall)),
        np.concatenate([np.zeros(UP), swing]),
    )


def _project(h: Head, upper: list[tuple[float, float, float]], x: Array, y: Array, z: Array) -> Array:
    """Screen points [rows, 2] of an edge of the hair on the turned head."""
    xs = np.concatenate([[q[0] for q in upper], x])
    ys = np.concatenate([[q[1] for q in upper], y])
    zs = np.concatenate([[q[2] for q in upper], z])
    # falling hair turns with the head only in part
    cos = 1.0 - (1.0 - h.turn.cos) * np.concatenate([np.full(UP, 0.35), np.full(len(x), 0.2)])
    return np.stack([CENTRE + xs * cos + zs * h.turn.sin, ys], -1)


# Fringe locks, back to front: place of the tip across the forehead (-1 .. 1), height of the tip
# below the middle line and full width (units), the side it falls to when parted and its rank there.
_LOCKS = (
    (1.0, 30.0, 27.0, 1.0, 0.1),
    (0.80, 19.0, 34.0, 1.0, 0.3),
    (0.60, 9.0, 38.0, 1.0, 0.5),
    (0.40, 5.0, 36.0, 1.0, 0.7),
    (0.20, 0.0, 34.0, 1.0, 0.9),
    (0.03, 5.0, 30.0, 1.0, 1.0),
    (-0.14, -3.0, 35.0, -1.0, 0.9),
    (-0.36, 3.0, 37.0, -1.0, 0.7),
    (-0.58, 7.0, 38.0, -1.0, 0.5),
    (-0.80, 18.0, 34.0, -1.0, 0.3),
    (-1.0, 30.0, 27.0, -1.0, 0.1),
)
_STEPS = np.linspace(0.0, 1.0, 13)
_HANG = np.interp(_STEPS, (0.0, 0.3, 0.62, 0.82, 0.94, 1.0), (0.10, 0.62, 1.0, 0.74, 0.30, 0.02))
_STAND = np.interp(_STEPS, (0.0, 0.2, 0.5, 0.8, 1.0), (0.15, 0.62, 1.0, 0.74, 0.02))


def _hanging(h: Head, i: int) -> Keys:
    """Five keys of a lock of a full fringe."""
    a, drop, _, side, _ = _LOCKS[i]
    part, line = parting(h), h.hairline
    x = a * (h.half - 12.0)
    y = (
        lerp(204.0, 183.0, h.man)
        + lerp(0.9, 0.5, h.man) * drop
        - (4.0 + 3.0 * h.p.hair_curl + 4.0 * h.man) * (i % 3)
    )
    sweep = (5.0 + 3.0 * (i % 2)) * side
    at = h.turn.at
    back = 1.0 - 0.45 * a**4  # the outer locks join the hair of the sides
    deep = 102.0 * math.sqrt(1.0 - (x / 118.0) ** 2) * back
    return [
        at(0.8 * part + 0.30 * x, line - 50.0, 52.0),
        at(0.6 * part + 0.62 * x, line - 14.0, 80.0),
        at(0.25 * part + 0.87 * x, lerp(line, y, 0.42), 88.0 * back),
        at(0.98 * x, lerp(line, y, 0.78), deep + 2.0),
        at(x + sweep, y, deep),
    ]


def _parted(h: Head, i: int) -> Keys:
    """Five keys of a lock that falls from the parting along the temple."""
    side, rank = _LOCKS[i][3:]
    part, line, w, at = parting(h), h.hairline, h.half, h.turn.at
    return [
        at(part + side * 2.0, line - 18.0, 72.0),
        at(part + side * 26.0, line - 9.0, 84.0),
        at(side * 66.0, line + 15.0, 73.0),
        at(side * (w - 11.0), line + 52.0 - 6.0 * rank, 46.0),
        at(side * (w + 2.0 - 4.0 * rank), 250.0 - 40.0 * rank, 29.0),
    ]


def _swept(h: Head, i: int, up: float) -> Keys:
    """Five keys of a short lock swept across the forehead (up = 0) or up and back (1)."""
    a = _LOCKS[i][0]
    w, line, d = h.half, h.hairline + 20.0 * a * a, 1.0 - 0.6 * h.p.hair_part
    x, jag = a * (w - 22.0), 3.0 * (i % 3)
    top, big = 58.0 - 12.0 * volume(h) - 6.0 * h.man, w + 8.0 + 3.0 * volume(h)

    def crown(q: float) -> float:
        """Height of the silhouette at q units from the axis."""
        return 200.0 - (200.0 - top) * math.sqrt(max(1.0 - (q / big) ** 2, 0.04))

    tip, out = 0.90 * x + 26.0 * d, w - 8.0 - 36.0 * max(h.turn.sin, 0.0)
    flat = (
        (x - 8.0 * d, line - 6.0),
        (min(x + 10.0 * d, out - 12.0), line - 16.0),
        (min(x + 30.0 * d, out - 6.0), line - 10.0),
        (min(x + 48.0 * d, out - 2.0), line + 5.0),
        (min(x + 62.0 * d, out), line + 24.0 + 3.0 * jag),
    )
    rise = (
        (x - 2.0, line + 2.0),
        (x + 2.0 * d, line - 16.0),
        (x + 9.0 * d, lerp(line, crown(x), 0.55)),
        (0.95 * x + 17.0 * d, lerp(line, crown(tip), 0.88)),
        (tip + 4.0 * d, crown(tip) - 5.0 - jag),
    )
    return [_skull(h, lerp(p, r, up), lerp(q, t, up)) for (p, q), (r, t) in zip(flat, rise, strict=True)]


def _skull(h: Head, x: float, y: float) -> tuple[float, float]:
    """Screen point of a point on the front of the skull, which recedes to the sides and the top."""
    high = min(max((y - 40.0) / 100.0, 0.0), 1.0)
    round_off = math.sqrt(max(1.0 - (x / 122.0) ** 2, 0.0)) * (1.0 - 0.6 * min((x / h.half) ** 4, 1.0))
    return h.turn.at(x, y, 88.0 * round_off * math.sqrt(high))


def fringe_of(h: Head) -> tuple[Array, Array]:
    """Centre lines [n, 13, 2] and full widths [n, 13] of the fringe locks, back to front.

    A woman's fringe goes from parted to full; a man's from swept up over swept aside to full.
    """
    f, n = ease(h.p.fringe), range(len(_LOCKS))
    up, down = 1.0 - ease((h.p.fringe - 0.15) / 0.4), ease((h.p.fringe - 0.55) / 0.4)
    side, wide, rank = np.array([(a, w, r) for a, _, w, _, r in _LOCKS]).T[:, :, None]
    full = np.array([_hanging(h, i) for i in n])
    keys, size = full, _HANG * wide
    if h.man < 1.0:
        keys = lerp_all(np.array([_parted(h, i) for i in n]), full, f)
        keys[:, 1:3, 1] -= 8.0 * math.sin(math.pi * h.p.fringe)
        size = _HANG * lerp_all(9.0 + 5.0 * rank, wide, min(1.0, 1.5 * f))
    if h.man > 0.0:
        short = wide * (1.0 - 0.5 * np.maximum(side, 0.0) * (1.0 - up) * (1.0 - down))
        swept = lerp_all(np.array([_swept(h, i, up) for i in n]), full, down)
        keys = lerp_all(keys, swept, h.man)
        size = lerp_all(size, lerp_all(_HANG, _STAND, up) * short, h.man)
    return _ROUND @ keys, size


def lerp_all(a: Array, b: Array, t: float) -> Array:
    """Blend two arrays linearly."""
    return a + (b - a) * t


def _basis() -> Array:
    """Catmull-Rom weights [13, 5] of five keys, three points for each span."""
    rows = []
    for i in range(13):
        n, t = min(i // 3, 3), i / 3.0 - min(i // 3, 3)
        weights = np.zeros(5)
        share = (
            t * (-0.5 + t * (1.0 - 0.5 * t)),
            1.0 + t * t * (-2.5 + 1.5 * t),
            t * (0.5 + t * (2.0 - 1.5 * t)),
            t * t * (-0.5 + 0.5 * t),
        )
        for j, c in zip((n - 1, n, n + 1, n + 2), share, strict=True):
            weights[min(max(j, 0), 4)] += c
        rows.append(weights)
    return np.stack(rows)


_ROUND = _basis()
