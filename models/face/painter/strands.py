"""Painting of the hair: mass behind, sheets at the sides, fringe, strands, shine and flyaways."""

from __future__ import annotations

import numpy as np
import skia

from models.face.painter.canvas import Part, Sheet
from models.face.painter.hair import LOW, UP, Array, Flow, end_of, volume
from models.face.painter.palette import Palette
from models.face.painter.shape import Head
from models.face.painter.tools import (
    CENTRE,
    Point,
    add_outline,
    ease,
    fill,
    lerp,
    linear,
    mix,
    outline,
    radial,
    ribbons,
    strip_path,
    strips,
)

_ROWS = UP + LOW
_LEAN = np.interp(np.arange(_ROWS), (0, 11, 15, _ROWS - 1), (1.0, 1.0, 0.80, 0.0))
_BALL, _BALL_Y = 246.0, 296.0  # ball that shades the crown: radius and height of its centre, units
# Unequal but fixed places: the golden-ratio sequence.
_EVEN = (np.arange(1, 41) * 0.6180339887) % 1.0
_ODD = (np.arange(1, 41) * 0.7548776662) % 1.0


def _points(run: Array) -> list[Point]:
    """Plain points of a run [n, 2]."""
    return [(x, y) for x, y in run.tolist()]


def draw_back_hair(s: Sheet, h: Head, k: Palette) -> None:
    """Paint the hair behind neck and shoulders."""
    end, v = end_of(h), volume(h)
    grown = ease((h.length - 0.06) / 0.24)
    wide = lerp(h.half - 18.0, h.half + 18.0 + 7.0 * v, grown)
    low = lerp(300.0, end + 6.0, grown)
    fall = np.linspace(0.0, 1.0, 10)
    y = 200.0 + (low - 14.0 - 200.0) * fall
    shrink = lerp(44.0, 22.0, grown)
    swing = 11.0 * h.p.hair_curl**1.2 * grown * np.clip((y - 230.0) / 160.0, 0.0, 1.0)
    sides = []
    for side in (-1.0, 1.0):
        x = side * (wide - shrink * fall**2.5) + side * swing * np.sin(0.054 * y + 1.9 + 1.3 * side)
        run = np.stack([CENTRE + x - 5.0 * h.turn.sin, y], -1)
        sides.append(
            [(CENTRE + side * 0.55 * wide, 90.0), (CENTRE + side * 0.9 * wide, 140.0), *_points(run)]
        )
    hem = [(CENTRE + wide * u, low + 9.0 * (1.0 - 2.2 * u * u)) for u in (-0.62, -0.32, 0.0, 0.32, 0.62)]
    shape = outline(sides[0], hem, list(reversed(sides[1])))
    deep = mix(k.hair_dark, (0.05, 0.03, 0.06), 0.30)
    stops = [(0.0, deep, 1.0), (0.5, deep, 1.0), (1.0, mix(k.hair_dark, k.hair, 0.40), 1.0)]
    s.base(shape, linear((0.0, 150.0), (0.0, max(low, 340.0)), stops), Part.HAIR)
    if grown <= 0.0:
        return
    left, right = np.array(sides[0]), np.array(sides[1])
    t = 0.03 + 0.94 * _EVEN[:16]
    runs = left[None] + (right - left)[None] * t[:, None, None]
    s.save()
    s.clip(shape)
    widths = np.full(runs.shape[:2], 3.4)
    widths[:, -1] = 0.4
    s.shade(ribbons(runs[:8], widths[:8]), fill(k.hair, 0.30 * grown))
    s.shade(ribbons(runs[8:], widths[8:]), fill(k.hair_line, 0.45 * grown))
    s.restore()
    tips = left[None] + (right - left)[None] * np.linspace(0.06, 0.94, 9)[:, None, None]
    tips = tips[:, 5:].copy()
    tips[:, -1, 1] += 12.0 + 18.0 * _ODD[:9] * (0.5 + h.length)
    size = np.interp(np.linspace(0.0, 1.0, tips.shape[1]), (0.0, 0.5, 0.8, 1.0), (2.0, 17.0, 15.0, 0.2))
    s.base(ribbons(tips, np.tile(size * grown, (9, 1))), fill(mix(k.hair_dark, k.hair, 0.30)), Part.HAIR)


def front_of(h: Head, k: Palette) -> skia.Paint:
    """Shader of the hair of crown and fringe: dark at the rim, lighter round the shine."""
    stops = [
        (0.0, mix(k.hair, k.hair_dark, 0.25), 1.0),
        (0.60, k.hair, 1.0),
        (0.745, mix(k.hair, k.hair_light, 0.8), 1.0),
        (0.87, k.hair, 1.0),
        (1.0, mix(k.hair, k.hair_dark, 0.8), 1.0),
    ]
    return radial((CENTRE + 26.0 * h.turn.sin - 10.0, _BALL_Y), _BALL, stops)


def shine_of(h: Head, k: Palette, ring: float, a: float) -> skia.Paint:
    """Shader of the shine band: clear but for a ring round the crown."""
    g = k.hair_shine
    stops = [(0.0, g, 0.0), (ring - 0.11, g, 0.0), (ring, g, a), (ring + 0.09, g, 0.0), (1.0, g, 0.0)]
    return radial((CENTRE + 26.0 * h.turn.sin - 10.0, _BALL_Y), _BALL, stops)


def _fade(h: Head, k: Palette) -> skia.Paint:
    """Shader that darkens the falling hair beside the face and lights its ends a little."""
    end = max(end_of(h), 330.0)
    stops = [
        (0.0, k.hair_dark, 0.0),
        (0.35, k.hair_dark, 0.42),
        (0.7, k.hair_dark, 0.20),
        (1.0, k.hair_light, 0.18),
    ]
    return linear((0.0, 190.0), (0.0, end), stops)


# Side locks in three layers, back to front: place, half width (both in t), reach, phase of the waves.
_SHEETS = (
    (0.93, 0.17, 0.97, 0.0),
    (0.28, 0.18, 1.04, 3.0),
    (0.72, 0.20, 1.04, 1.1),
    (0.10, 0.16, 0.96, 2.6),
    (0.50, 0.20, 1.00, 2.0),
    (0.86, 0.13, 1.03, 0.6),
)


def _add_lock(b: skia.PathBuilder, f: Flow, mid: Array, half: float, place: float) -> None:
    """Add the outline of a side lock that narrows to a tip to a builder."""
    span = (f.outer - f.inner) * (half * _LEAN)[:, None]
    left, right = mid - span, mid + span
    left[-1] = right[-1] = mid[-1] - np.array([f.side * 7.0 * place, 0.0])
    add_outline(b, _points(left), _points(right[::-1]))


def _draw_cap_base(s: Sheet, flows: list[Flow], front: skia.Paint) -> None:
    """Paint the whole crown so that no parting stays open."""
    rows = [f.at(np.array([0.0, 1.0]))[:, :9] for f in flows]
    rim = [*_points(rows[0][1][::-1]), *_points(rows[1][1][1:])]
    edge = [*_points(rows[1][0][::-1]), *_points(rows[0][0][1:])]
    s.base(outline(rim, edge), front, Part.HAIR)


def draw_sides(s: Sheet, h: Head, k: Palette, flows: list[Flow]) -> None:
    """Paint the hair that falls from the parting along both sides of the face."""
    front = front_of(h, k)
    both = skia.Shaders.Blend(skia.BlendMode.kSrcOver, front.getShader(), _fade(h, k).getShader())
    fall = skia.Paint(AntiAlias=True, Shader=both)
    edges = np.concatenate([f.at(0.0) + np.array([-3.0 * f.side, 4.0]) for f in flows])
    cast = 15.0 * np.clip((h.chin - edges[..., 1]) / 40.0, 0.0, 1.0)  # on the face, not beside it
    s.shade(ribbons(edges, cast), fill(k.skin_line, 0.34, 4.5))
    _draw_cap_base(s, flows, front)
    for f in flows:
        _draw_side(s, h, k, f, fall)
    for f in flows:
        _draw_cap(s, h, k, f)


# Strands of a lock: place across it (-1 .. 1), reach, full width (units).
_FINE = np.array(
    [
        (-0.9, 0.96, 2.2),
        (-0.45, 1.0, 3.0),
        (-0.1, 1.0, 6.0),
        (0.3, 1.0, 3.4),
        (0.62, 1.0, 6.5),
        (0.92, 0.96, 2.4),
    ]
)


_PULL = np.interp(np.arange(_ROWS), (0, 10, _ROWS - 1), (0.0, 0.0, 0.9))[:, None]
_GROW = np.interp(np.arange(4, _ROWS), (4, 8, 13, _ROWS - 1), (0.0, 0.8, 1.0, 0.1))


def _draw_side(s: Sheet, h: Head, k: Palette, f: Flow, fall: skia.Paint) -> None:
    """Paint the locks of a side in three layers, each with its strands."""
    body = outline(_points(f.at(1.0)[0][: _ROWS - 4]), _points(f.at(0.0)[0][: _ROWS - 4][::-1]))
    s.base(body, fall, Part.HAIR)
    specs, fine = np.array(_SHEETS), _FINE if s.fine else _FINE[1:5]
    n, m = len(specs), len(fine)
    t = (specs[:, :1] + specs[:, 1:2] * fine[None, :, 0]).ravel()
    turn = h.p.hair_curl * specs[:, 3]
    runs = f.at(t, (specs[:, 2:3] * fine[None, :, 1]).ravel(), np.repeat(turn, m)).reshape(n, m, _ROWS, 2)
    runs = (runs + (runs.mean(1, keepdims=True) - runs) * _PULL)[:, :, 4:]
    wide = _GROW * fine[:, 2:3]
    spans = strips(runs.reshape(n * m, -1, 2), np.tile(wide, (n, 1)))
    mids = f.at(specs[:, 0], specs[:, 2], turn)
    light, dark = fill(k.hair_light, 0.24), fill(k.hair_line, 0.32)
    step = 2 if s.fine else n
    for i in range(0, n, step):
        b = skia.PathBuilder()
        for j in range(i, i + step):
            _add_lock(b, f, mids[j], specs[j, 1], specs[j, 0])
        s.base(b.detach(), fall, Part.HAIR)
        own = spans[m * i : m * (i + step)]
        s.shade(strip_path([x for j, x in enumerate(own) if fine[j % m, 2] >= 6.0]), light)
        s.shade(strip_path([x for j, x in enumerate(own) if fine[j % m, 2] < 6.0]), dark)


def _draw_cap(s: Sheet, h: Head, k: Palette, f: Flow) -> None:
    """Paint strands over the crown, the shine band and the dark at the parting and hairline."""
    n, rows = (30 if s.fine else 18), 10
    t: Array = 0.015 + 0.97 * np.asarray(_EVEN[:n], dtype=np.float64)
    runs = f.at(t, 1.0, 2.2 * t * h.p.hair_curl)[:, :rows]
    taper = np.interp(np.linspace(0.0, 1.0, rows), (0.0, 0.3, 0.7, 1.0), (0.3, 0.9, 1.0, 0.0))[None]
    wide = taper * (1.2 + 4.2 * _ODD[:n] ** 2)[:, None]
    spans = strips(runs, wide)
    s.shade(strip_path(spans[0:12]), fill(k.hair_line, 0.22))
    s.shade(strip_path(spans[12:24]), fill(k.hair_light, 0.24))
    rings = ((0.745, 0.66), (0.775, 0.55)) if s.fine else ((0.76, 0.6),)
    for i, (ring, a) in enumerate(rings):
        s.shade(strip_path(spans[i + n % 12 :: len(rings)]), shine_of(h, k, ring, a))
    hem = f.at(0.0)[0][:7]
    back = f.at(0.2)[0][1:8]
    u = np.linspace(0.6, 5.6, 15)
    start = np.stack([np.interp(u, np.arange(7), hem[:, j]) for j in (0, 1)], -1)
    stop = np.stack([np.interp(u, np.arange(7), back[:, j]) for j in (0, 1)], -1)
    lead = start + (start - stop) * (4.0 / np.sqrt(((start - stop) ** 2).sum(-1, keepdims=True) + 1.0))
    fuzz = np.stack([lead, 0.5 * (lead + stop), stop], 1)
    s.shade(ribbons(fuzz, np.tile([[0.6, 2.6, 0.4]], (15, 1))), fill(k.hair, 0.6))
    root = f.at(np.array([0.5, 1.0]))[:, :4]
    s.shade(ribbons(root, np.tile([[8.0, 6.0, 4.0, 0.5]], (2, 1))), fill(k.hair_line, 0.22, 3.0))


def draw_flyaways(s: Sheet, h: Head, k: Palette, flows: list[Flow]) -> None:
    """Paint tufts on the crown, larger on short hair, and a few loose hairs at the sides."""
    grown = ease(h.length / 0.34)
    rims = [f.at(1.0)[0] for f in flows]
    crown = np.concatenate([rims[0][UP - 1 : 0 : -1], rims[1][:UP]])
    u = np.linspace(1.2, 2 * UP - 3.2, 12)
    away = np.where(u < UP - 1, -1.0, 1.0)  # from the middle of the crown
    root = np.stack([np.interp(u, np.arange(2 * UP - 1), crown[:, j]) for j in (0, 1)], -1)
    ahead = np.stack([np.interp(u + 0.3 * away, np.arange(2 * UP - 1), crown[:, j]) for j in (0, 1)], -1)
    along = ahead - root
    along *= 11.0 / np.sqrt((along**2).sum(-1, keepdims=True) + 1.0)
    out = np.stack([along[:, 1], -along[:, 0]], -1) * away[:, None]
    rise = (lerp(0.42, 0.16, grown) * (0.5 + _ODD[:12]))[:, None]
    runs = np.stack([root - 1.2 * along - 0.4 * out, root - 0.1 * along, root + 1.3 * along + rise * out], 1)
    s.base(ribbons(runs, np.tile([[1.0, lerp(9.0, 5.0, grown), 0.2]], (12, 1))), front_of(h, k), Part.HAIR)
    if not s.fine:
        return
    paint = fill(k.hair, 0.62)
    paint.setStyle(skia.Paint.kStroke_Style)
    paint.setStrokeWidth(1.1)
    b = skia.PathBuilder()
    for f, run in zip(flows, rims, strict=True):
        for i, off in ((4, 6.0), (7, 5.0), (10, 8.0), (13, 6.0)):
            (x0, y0), (x1, y1), (x2, y2) = run[i - 1], run[i], run[min(i + 2, _ROWS - 1)]
            b.moveTo(x0, y0)
            b.quadTo(x1 + f.side * off, y1 - 0.5 * off, x2 + f.side * 0.8 * off, y2 - 0.3 * off)
    s.strand(b.detach(), paint)
