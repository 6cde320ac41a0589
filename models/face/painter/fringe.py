"""Painting of the fringe of the portrait, its shadow on the face and the parting."""

from __future__ import annotations

import numpy as np
import skia

from models.face.painter.canvas import Part, Sheet
from models.face.painter.hair import Array, parting
from models.face.painter.palette import Palette
from models.face.painter.shape import Head
from models.face.painter.strands import front_of, shine_of
from models.face.painter.tools import curve, ease, fill, lerp, ribbons, strip_path, strips


def draw_fringe_shadow(s: Sheet, k: Palette, face: skia.Path, locks: tuple[Array, Array]) -> None:
    """Paint the shadow of fringe and hairline on the face."""
    runs, widths = locks
    s.top.save()
    s.top.clipPath(face, True)
    s.top.translate(3.0, 8.0)
    s.shade(ribbons(runs[2:], widths[2:]), fill(k.skin_deep, 0.55, 4.0))
    s.top.restore()


def draw_fringe(s: Sheet, h: Head, k: Palette, locks: tuple[Array, Array]) -> None:
    """Paint the fringe: locks swept aside (0) or over the forehead (1)."""
    runs, widths = locks
    front = front_of(h, k)
    d = np.gradient(runs, axis=1)
    normal = np.stack([d[..., 1], -d[..., 0]], -1) / np.sqrt((d * d).sum(-1, keepdims=True) + 1e-9)
    show = ease(h.p.fringe / 0.5)
    n = len(runs)
    offsets = np.array([0.0, -0.24, 0.08, 0.30, -0.47]) * (1.0 - 0.4 * h.man)
    # between brushed up and swept aside the strands of short locks would knot: they fade there
    calm = 1.0 - 0.75 * h.man * np.sin(np.pi * min(max(h.p.fringe, 0.02), 0.62) / 0.64) ** 2
    thin = np.minimum(widths * 0.17, 4.2) * (1.0 - h.man * np.linspace(1.0, -1.6, widths.shape[1]).clip(0.0))
    wide = np.stack([widths, thin, 0.6 * thin, thin, 0.5 * thin], 1)
    lines = runs[:, None] + normal[:, None] * (widths[:, None] * offsets[None, :, None])[..., None]
    spans = strips(lines.reshape(5 * n, -1, 2), wide.reshape(5 * n, -1))
    light = fill(k.hair_light, lerp(0.34, 0.26, h.man) * calm)
    dark = fill(k.hair_line, lerp(0.12, 0.26, max(show * (1.0 - 0.5 * h.man), 0.3 * h.man)) * calm)
    shine = shine_of(h, k, lerp(0.60, 0.72, h.man), 0.5 * max(show, h.man) * calm)
    layers = 3 if s.fine else 1
    for layer in range(layers):
        own = [spans[5 * i : 5 * i + 5] for i in range(layer, n, layers)]
        s.base(strip_path([x[0] for x in own]), front, Part.HAIR)
        bright = strip_path([y for x in own for y in x[1:3]])
        s.shade(bright, light)
        s.shade(bright, shine)
        s.shade(strip_path([y for x in own for y in x[3:]]), dark)


def draw_part(s: Sheet, h: Head, k: Palette) -> None:
    """Paint the fine line of the parting where no fringe covers it."""
    a = 1.0 - ease(h.p.fringe / 0.7)
    if a <= 0.0:
        return
    part = parting(h)
    pts = [
        h.turn.at(part, h.hairline - 4.0, 84.0),
        h.turn.at(0.85 * part, h.hairline - 24.0, 66.0),
        h.turn.at(0.7 * part, h.hairline - 40.0, 44.0),
    ]
    paint = fill(k.hair_line, 0.32 * a, 0.6)
    paint.setStyle(skia.Paint.kStroke_Style)
    paint.setStrokeWidth(1.6)
    s.shade(curve(pts), paint)
