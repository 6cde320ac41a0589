"""Mouth of the portrait: lips, teeth and tongue."""

from __future__ import annotations

from models.face.painter.canvas import Part, Sheet
from models.face.painter.palette import Palette
from models.face.painter.shape import Head
from models.face.painter.tools import (
    WHITE,
    Point,
    between,
    ease,
    fill,
    lerp,
    linear,
    mix,
    outline,
    ribbon,
    times,
)

Run = list[Point]

_US = (-1.0, -0.80, -0.50, -0.22, 0.0, 0.22, 0.50, 0.80, 1.0)
_BEND = (0.0, 0.36, 0.75, 0.96, 1.0, 0.96, 0.75, 0.36, 0.0)  # inner edges between the corners
_BOW = (0.0, 0.42, 0.84, 1.10, 0.88, 1.10, 0.84, 0.42, 0.0)  # height of the upper lip
_FULL = (0.0, 0.44, 0.84, 1.0, 1.0, 1.0, 0.84, 0.44, 0.0)  # height of the lower lip


def lip_lines(h: Head) -> tuple[Run, Run, Run, Run]:
    """Outer upper, inner upper, inner lower and outer lower lip lines, left to right."""
    p, o = h.p, h.open
    f = lerp(0.78, 1.24, p.lip_fullness) * (1.0 - 0.20 * h.man) * (1.0 - 0.30 * h.old)
    w = lerp(31.0, 37.5, p.mouth_width) + 1.0 * h.man + 4.5 * o + 2.5 * abs(p.smile)
    y = h.mouth_y - 4.0 * o
    bent = p.smile * (1.0 if p.smile > 0.0 else lerp(0.7, 0.1, o))  # bared teeth and a frown make a grimace
    corner = y - 1.5 - 5.5 * bent - 4.0 * o
    gap = 37.0 * o**1.4
    seam = [0.0, 0.3, 0.1, -0.5, 0.7, -0.5, 0.1, 0.3, 0.0]  # the wavy closing line
    high, low = lerp(8.6, 6.2, o) * f, lerp(12.4, 9.6, o) * f
    up = [(u * w, lerp(corner, y, b) + 1.6 * d) for u, b, d in zip(_US, _BEND, seam, strict=True)]
    down = [(x, q + gap * b**0.8) for (x, q), b in zip(up, _FULL, strict=True)]
    top = [(x, q - high * b) for (x, q), b in zip(up, _BOW, strict=True)]
    bottom = [(x * 0.985, q + low * b) for (x, q), b in zip(down, _FULL, strict=True)]
    top[0], bottom[0] = (up[0][0] - 1.5, up[0][1] - 0.3), (up[0][0] - 0.5, up[0][1] + 0.6)
    top[-1], bottom[-1] = (up[-1][0] + 1.5, up[-1][1] - 0.3), (up[-1][0] + 0.5, up[-1][1] + 0.6)
    on = h.turn.on
    runs = [[on(x, q, 7.0 - 0.14 * abs(x)) for x, q in run] for run in (top, up, down, bottom)]
    return runs[0], runs[1], runs[2], runs[3]


def draw_mouth(s: Sheet, h: Head, k: Palette) -> None:
    """Paint mouth, teeth, tongue and the shaded lips."""
    top, up, down, bottom = lip_lines(h)
    x, y = bottom[4]
    s.oval(x, y + 5.0, 19.0, 4.5, fill(k.skin_deep, 0.42, 3.0))
    _draw_inside(s, h.open, up, down)
    _draw_lips(s, h, k, (top, up, down, bottom))
    for i, side in ((0, -1.0), (8, 1.0)):
        x, y = up[i]
        s.oval(x + side * 2.0, y - 0.5, 3.2, 2.4, fill(k.skin_deep, 0.55, 1.6))


def _draw_inside(s: Sheet, o: float, up: Run, down: Run) -> None:
    """Paint the dark of the mouth, tongue and teeth between the inner lip lines (o: openness)."""
    hole = outline(up, list(reversed(down)))
    s.base(hole, fill((0.36, 0.09, 0.12)), Part.MOUTH)
    s.top.save()
    s.top.clipPath(hole, True)
    x, y = down[4]
    half = 0.5 * (down[7][0] - down[1][0])
    s.oval(x, y + 8.0, half * 0.86, 8.0 + 17.0 * o, fill((0.85, 0.42, 0.44), 1.0, 1.4))
    depth = 15.5 * min(1.0, 1.5 * o)
    low = [
        (x, y + depth * b)
        for (x, y), b in zip(up, (0.0, 0.5, 0.88, 1.0, 1.0, 1.0, 0.88, 0.5, 0.0), strict=True)
    ]
    teeth = outline([(x, y - 3.0) for x, y in up], list(reversed(low)))
    s.shade(teeth, fill((0.975, 0.965, 0.95), ease((o - 0.04) / 0.1)))
    for i in (2, 3, 5, 6):
        gap = [up[i], low[i]]
        s.shade(ribbon(gap, (0.6, 0.9)), fill((0.72, 0.62, 0.62), 0.30))
    edge = (0.30, 0.08, 0.14)
    shadow = ease(2.0 * o)  # a narrow gap is teeth, not their shadow
    widths = [lerp(0.4, 1.0, shadow) * n for n in (3.0, 4.0, 5.0, 5.0, 5.0, 5.0, 5.0, 4.0, 3.0)]
    s.shade(ribbon(up, widths), fill(edge, lerp(0.2, 0.42, shadow), 1.8))
    for i in (0, 8):
        s.oval(*up[i], 11.0, 9.0, fill(edge, lerp(0.3, 0.55, shadow), 3.0))
    s.top.restore()


def _draw_lips(s: Sheet, h: Head, k: Palette, runs: tuple[Run, Run, Run, Run]) -> None:
    """Paint the shaded upper and lower lip, their seam and the gleam."""
    top, up, down, bottom = runs
    lip = mix(k.lip, k.skin_shade, 0.55 * h.man + 0.2 * h.old * (1.0 - h.man))
    dark, soft = times(lip, (0.86, 0.76, 0.79)), mix(lip, WHITE, 0.20)
    y0, y1 = top[3][1], up[4][1] + 1.0
    upper = outline(top, list(reversed(up)))
    s.shade(upper, fill(lip, 0.5, 1.1))
    s.base(
        upper,
        linear((0.0, y0), (0.0, y1), [(0.0, mix(lip, k.skin, 0.22), 1.0), (1.0, dark, 1.0)]),
        Part.UPPER_LIP,
    )
    y0, y1 = down[4][1], bottom[4][1]
    lower = outline(down, list(reversed(bottom)))
    s.shade(lower, fill(lip, 0.5, 1.1))
    stops = [(0.0, mix(lip, dark, 0.4), 1.0), (0.42, soft, 1.0), (1.0, mix(lip, k.skin_shade, 0.18), 1.0)]
    s.base(lower, linear((0.0, y0), (0.0, y1), stops), Part.LOWER_LIP)
    seam = times(lip, (0.50, 0.36, 0.40))
    s.shade(ribbon(up, (2.4, 1.5, 1.5, 1.9, 2.3, 1.9, 1.5, 1.5, 2.4)), fill(seam, 0.85, 0.4))
    gleam = between(down[2:6], bottom[2:6], 0.42)
    s.shade(
        ribbon(gleam, (0.8, 3.4, 3.6, 0.8)),
        fill(WHITE, 0.42 * (1.0 - 0.55 * h.man) * (1.0 - 0.5 * h.old), 1.3),
    )
    bow = [(x, y - 1.2) for x, y in top[2:7]]
    s.shade(ribbon(bow, (0.4, 1.6, 1.2, 1.6, 0.4)), fill(k.skin_light, 0.5, 0.8))
