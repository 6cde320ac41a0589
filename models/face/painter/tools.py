"""Drawing tools of the portrait painter: colours, curves, paints and the turned head.

Lengths are design units (the picture is 512 x 512 units, y down); colours are RGB
triples in [0, 1]; angles are radians.
"""

from __future__ import annotations

import colorsys
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import skia
from numpy.typing import NDArray

Colour = tuple[float, float, float]
Point = tuple[float, float]

CENTRE = 256.0  # x of the head axis, units
YAW = 0.40  # head turn at pose 1, radians
FACE_A = 107.0  # half width of the face ellipsoid, units
FACE_D = 93.0  # depth of the face ellipsoid, units
WHITE: Colour = (1.0, 1.0, 1.0)


def mix(a: Colour, b: Colour, t: float) -> Colour:
    """Blend two colours linearly (t = 0 gives a, t = 1 gives b)."""
    return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t)


def times(a: Colour, b: Colour) -> Colour:
    """Multiply two colours channel by channel."""
    return (a[0] * b[0], a[1] * b[1], a[2] * b[2])


def lerp(a: float, b: float, t: float) -> float:
    """Blend two numbers linearly."""
    return a + (b - a) * t


def ease(t: float) -> float:
    """Smooth step: 0 up to t = 0, 1 from t = 1 on."""
    t = min(max(t, 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


def hsv(h: float, s: float, v: float) -> Colour:
    """RGB colour of a hue (turns, wraps), saturation and value (clamped to [0, 1])."""
    return colorsys.hsv_to_rgb(h % 1.0, min(max(s, 0.0), 1.0), min(max(v, 0.0), 1.0))


def path_colour(stops: Sequence[tuple[float, Colour]], t: float) -> Colour:
    """Colour at t along a piecewise linear path of (position, colour) stops."""
    for (t0, c0), (t1, c1) in pairwise(stops):
        if t <= t1:
            return mix(c0, c1, min(max((t - t0) / (t1 - t0), 0.0), 1.0))
    return stops[-1][1]


def argb(c: Colour, a: float = 1.0) -> int:
    """Packed skia colour of an RGB triple and an opacity in [0, 1]."""
    return int(skia.Color4f(c[0], c[1], c[2], min(max(a, 0.0), 1.0)).toColor())


def fill(c: Colour, a: float = 1.0, blur: float = 0.0) -> skia.Paint:
    """Fill paint of a colour, opacity in [0, 1] and blur radius (sigma, units)."""
    paint = skia.Paint(AntiAlias=True, Color4f=skia.Color4f(c[0], c[1], c[2], max(a, 0.0)))
    if blur > 0.0:
        paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
    return paint


def line(c: Colour, width: float, a: float = 1.0, blur: float = 0.0) -> skia.Paint:
    """Round stroke paint of a colour, width (units), opacity and blur (units)."""
    paint = fill(c, a, blur)
    paint.setStyle(skia.Paint.kStroke_Style)
    paint.setStrokeWidth(width)
    paint.setStrokeCap(skia.Paint.kRound_Cap)
    paint.setStrokeJoin(skia.Paint.kRound_Join)
    return paint


def linear(p0: Point, p1: Point, stops: Sequence[tuple[float, Colour, float]]) -> skia.Paint:
    """Fill paint with a linear gradient of (position, colour, opacity) stops."""
    shader = skia.GradientShader.MakeLinear(
        [skia.Point(*p0), skia.Point(*p1)],
        [argb(c, a) for _, c, a in stops],
        [t for t, _, _ in stops],
    )
    return skia.Paint(AntiAlias=True, Shader=shader)


def radial(
    c: Point, radius: float, stops: Sequence[tuple[float, Colour, float]], stretch: float = 1.0
) -> skia.Paint:
    """Fill paint with a radial gradient; stretch is the vertical over horizontal radius."""
    matrix = skia.Matrix.Scale(1.0, stretch)
    matrix.postTranslate(c[0], c[1])
    shader = skia.GradientShader.MakeRadial(
        skia.Point(0.0, 0.0),
        radius,
        [argb(k, a) for _, k, a in stops],
        [t for t, _, _ in stops],
        skia.TileMode.kClamp,
        0,
        matrix,
    )
    return skia.Paint(AntiAlias=True, Shader=shader)


def _append(b: skia.PathBuilder, pts: Sequence[Point], closed: bool) -> None:
    """Add a Catmull-Rom curve through the points, from the first one, to a builder."""
    if closed:
        ring = [pts[-1], *pts, pts[0], pts[1]]
    else:
        ring = [pts[0], *pts, pts[-1]]
    to = b.cubicTo
    (ax, ay), (bx, by), (cx, cy) = ring[0], ring[1], ring[2]
    for dx, dy in ring[3:]:
        to(
            bx + (cx - ax) / 6.0,
            by + (cy - ay) / 6.0,
            cx - (dx - bx) / 6.0,
            cy - (dy - by) / 6.0,
            cx,
            cy,
        )
        ax, ay, bx, by, cx, cy = bx, by, cx, cy, dx, dy


def curve(pts: Sequence[Point], closed: bool = False) -> skia.Path:
    """Smooth path through points (units)."""
    b = skia.PathBuilder()
    b.moveTo(*pts[0])
    _append(b, pts, closed)
    if closed:
        b.close()
    return b.detach()


def add_outline(b: skia.PathBuilder, *runs: Sequence[Point]) -> None:
    """Add a closed contour of smooth runs of points joined by corners to a builder."""
    b.moveTo(*runs[0][0])
    for run in runs:
        b.lineTo(*run[0])
        _append(b, run, False)
    b.close()


def outline(*runs: Sequence[Point]) -> skia.Path:
    """Closed path of smooth runs of points joined by corners."""
    b = skia.PathBuilder()
    add_outline(b, *runs)
    return b.detach()


def ribbon(pts: Sequence[Point], widths: Sequence[float]) -> skia.Path:
    """Closed tapered stroke along points with a full width (units) at each point."""
    left: list[Point] = []
    right: list[Point] = []
    n = len(pts)
    for i, (x, y) in enumerate(pts):
        a, b = pts[max(i - 1, 0)], pts[min(i + 1, n - 1)]
        dx, dy = b[0] - a[0], b[1] - a[1]
        k = 0.5 * widths[i] / math.sqrt(dx * dx + dy * dy + 1e-9)
        left.append((x + dy * k, y - dx * k))
        right.append((x - dy * k, y + dx * k))
    right.reverse()
    return outline(left, right)


def between(a: Sequence[Point], b: Sequence[Point], t: float) -> list[Point]:
    """Points a fraction t of the way from one run of points to another."""
    return [(lerp(p[0], q[0], t), lerp(p[1], q[1], t)) for p, q in zip(a, b, strict=True)]


def refine(pts: Sequence[Point], per: int = 4) -> list[Point]:
    """Points of the Catmull-Rom curve through pts, `per` for each span."""
    out: list[Point] = []
    n = len(pts)
    for i in range(n - 1):
        p0, p1, p2, p3 = pts[max(i - 1, 0)], pts[i], pts[i + 1], pts[min(i + 2, n - 1)]
        for j in range(per):
            t = j / per
            c0 = t * (-0.5 + t * (1.0 - 0.5 * t))
            c1 = 1.0 + t * t * (-2.5 + 1.5 * t)
            c2 = t * (0.5 + t * (2.0 - 1.5 * t))
            c3 = t * t * (-0.5 + 0.5 * t)
            out.append(
                (
                    c0 * p0[0] + c1 * p1[0] + c2 * p2[0] + c3 * p3[0],
                    c0 * p0[1] + c1 * p1[1] + c2 * p2[1] + c3 * p3[1],
                )
            )
    out.append(pts[-1])
    return out


def strips(runs: NDArray[np.floating], widths: NDArray[np.floating]) -> list[list[list[float]]]:
    """Outlines of n tapered strokes, points [n, m, 2] with full widths [n, m] (units), for `strip_path`.

    Each row holds the control point and the end of a quadratic curve through the middles of the
    outline: cheaper than a spline through its points and as smooth.
    """
    d = np.empty_like(runs)
    d[:, 1:-1] = runs[:, 2:] - runs[:, :-2]
    d[:, 0], d[:, -1] = runs[:, 1] - runs[:, 0], runs[:, -1] - runs[:, -2]
    k = 0.5 * widths / np.sqrt(d[..., 0] ** 2 + d[..., 1] ** 2 + 1e-9)
    m = runs.shape[1]
    ring = np.empty((runs.shape[0], 2 * m + 1, 2))
    ring[:, :m, 0], ring[:, :m, 1] = runs[..., 0] + d[..., 1] * k, runs[..., 1] - d[..., 0] * k
    ring[:, m : 2 * m] = (2.0 * runs - ring[:, :m])[:, ::-1]
    ring[:, -1] = ring[:, 0]
    ends = 0.5 * (ring[:, :-1] + ring[:, 1:])
    ends[:, m - 1] = ring[:, m]  # keep the tip
    spans: list[list[list[float]]] = np.concatenate([ring[:, :-1], ends], -1).tolist()
    return spans


def strip_path(spans: Sequence[list[list[float]]]) -> skia.Path:
    """One path of the outlines of `strips`."""
    b = skia.PathBuilder()
    to = b.quadTo
    for rows in spans:
        b.moveTo(rows[-1][2], rows[-1][3])
        for x, y, ex, ey in rows:
            to(x, y, ex, ey)
        b.close()
    return b.detach()


def ribbons(runs: NDArray[np.floating], widths: NDArray[np.floating]) -> skia.Path:
    """One path of n tapered strokes: points [n, m, 2] with full widths [n, m] (units)."""
    return strip_path(strips(runs, widths))


@dataclass(frozen=True)
class Turn:
    """The turned head: sine and cosine of the yaw angle."""

    sin: float
    cos: float

    @staticmethod
    def of(pose: float) -> Turn:
        """Turn of a pose in [-1, 1]."""
        return Turn(math.sin(YAW * pose), math.cos(YAW * pose))

    def at(self, x: float, y: float, depth: float) -> Point:
        """Screen point of a head point: x from the axis, y, depth toward the viewer (units)."""
        return (CENTRE + x * self.cos + depth * self.sin, y)

    def on(self, x: float, y: float, lift: float = 0.0) -> Point:
        """Screen point of a point on the face surface, lifted off it by `lift` units."""
        q = 1.0 - (x / FACE_A) ** 2
        return self.at(x, y, lift + FACE_D * math.sqrt(0.5 * (q + math.sqrt(q * q + 0.002))))
