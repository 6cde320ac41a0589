"""Eyes, brows and mouth of the portrait."""

from __future__ import annotations

import skia

from models.face.painter_palette import Palette
from models.face.painter_params import PortraitParams
from models.face.painter_tools import (
    WHITE,
    Colour,
    Point,
    Turn,
    fill,
    lerp,
    linear,
    mix,
    outline,
    radial,
    refine,
    ribbon,
    times,
)

EYE_X, EYE_Y = 55.0, 240.0  # centre of an eye on the face, units
MOUTH_Y = 335.0  # height of the closed mouth, units


class _Eye:
    """Shape of one eye: side is -1 (viewer's left) or 1."""

    def __init__(self, p: PortraitParams, turn: Turn, side: float) -> None:
        self.p, self.turn, self.side = p, turn, side
        size = lerp(0.90, 1.10, p.eye_size)
        self.half = 35.0 * size
        wide, shut = max(p.eyes, 0.0), max(-p.eyes, 0.0)
        self.up = size * (26.0 + 11.0 * wide) - (size * 26.0 + 6.0) * shut
        self.low = size * (17.0 + 3.0 * wide) - 4.0 * shut
        self.tilt = lerp(-3.0, 5.0, p.eye_tilt)
        self.radius = 24.5 * size
        a, b = turn.on(side * EYE_X - 20.0, 0.0), turn.on(side * EYE_X + 20.0, 0.0)
        self.squeeze = (b[0] - a[0]) / 40.0

    def at(self, u: float, y: float) -> Point:
        """Screen point: u in half widths from the centre, outward; y units below it."""
        x = self.side * (EYE_X + u * self.half)
        return self.turn.on(x, EYE_Y + y - self.tilt * u)

    def lid(self, lift: float = 0.0) -> list[Point]:
        """Edge of the upper lid from the inner to the outer corner, raised by lift units."""
        shape = (
            (-1.0, 0.16),
            (-0.72, 0.56),
            (-0.32, 0.93),
            (0.14, 1.0),
            (0.58, 0.80),
            (0.86, 0.42),
            (1.02, 0.05),
        )
        return [self.at(u, 3.0 - v * (self.up + 3.0) - lift) for u, v in shape]

    def under(self, drop: float = 0.0) -> list[Point]:
        """Edge of the lower lid from the outer to the inner corner, lowered by drop units."""
        shape = (
            (1.02, 0.05),
            (0.74, 0.66),
            (0.30, 1.0),
            (-0.20, 0.94),
            (-0.66, 0.58),
            (-1.0, 0.02),
        )
        return [self.at(u, 2.0 + v * (self.low - 2.0) + drop) for u, v in shape]


def draw_eye(c: skia.Canvas, p: PortraitParams, k: Palette, turn: Turn, side: float) -> None:
    """Paint one eye with lid shade, iris, highlights, lashes and crease."""
    e = _Eye(p, turn, side)
    lid, under = e.lid(), e.under()
    shadow = mix(k.skin_shade, k.lip, 0.25)
    c.drawPath(ribbon(e.lid(7.0), (2.0, 12.0, 18.0, 19.0, 16.0, 10.0, 3.0)), fill(shadow, 0.45, 4.5))
    ball = outline(lid, under)
    c.drawPath(ball, fill((0.985, 0.98, 0.985)))
    c.save()
    c.clipPath(ball, True)
    _draw_iris(c, e, k)
    c.drawPath(
        ribbon(e.lid(-2.0), (4.0, 10.0, 13.0, 14.0, 12.0, 8.0, 4.0)),
        fill((0.22, 0.16, 0.30), 0.42 - 0.2 * max(-p.eyes, 0.0), 2.8),
    )
    c.restore()
    _draw_highlights(c, e, ball)
    lower = ribbon(e.under(0.8), (3.0, 2.4, 1.6, 1.4, 1.2, 0.6))
    c.drawPath(lower, fill(mix(k.lash, k.skin_deep, 0.55), 0.75))
    c.drawPath(ribbon(e.under(6.0), (1.0, 3.0, 4.0, 4.0, 3.0, 1.0)), fill(k.skin_shade, 0.40, 2.0))
    _draw_lashes(c, e, k)


def _draw_iris(c: skia.Canvas, e: _Eye, k: Palette) -> None:
    """Paint iris and pupil (the eye is clipped already)."""
    look = -5.0 * e.p.pose
    x, y = EYE_X * e.side + look, EYE_Y - 3.0
    mid = e.turn.on(x, y)
    rx = e.squeeze * e.radius * 0.94
    ry = e.radius * 1.06
    box = skia.Rect.MakeLTRB(mid[0] - rx, mid[1] - ry, mid[0] + rx, mid[1] + ry)
    dark = times(k.iris, (0.22, 0.20, 0.28))
    bright = mix(k.iris, WHITE, 0.42)
    stops = [
        (0.0, dark, 1.0),
        (0.30, times(k.iris, (0.6, 0.6, 0.66)), 1.0),
        (0.62, k.iris, 1.0),
        (1.0, bright, 1.0),
    ]
    c.drawOval(box, linear((0.0, mid[1] - ry), (0.0, mid[1] + ry), stops))
    glow = radial((mid[0], mid[1] + ry * 0.48), rx * 0.75, [(0.0, bright, 0.9), (1.0, bright, 0.0)])
    c.drawOval(box, glow)
    ring = fill(dark, 0.85)
    ring.setStyle(skia.Paint.kStroke_Style)
    ring.setStrokeWidth(3.2)
    c.drawOval(box, ring)
    pupil = skia.Rect.MakeLTRB(mid[0] - rx * 0.42, mid[1] - ry * 0.44, mid[0] + rx * 0.42, mid[1] + ry * 0.42)
    c.drawOval(pupil, fill(mix(dark, (0.03, 0.02, 0.05), 0.7)))


def _draw_highlights(c: skia.Canvas, e: _Eye, ball: skia.Path) -> None:
    """Paint the two catch lights, inside the open eye."""
    mid = e.turn.on(EYE_X * e.side - 5.0 * e.p.pose, EYE_Y - 3.0)
    r = e.radius
    c.save()
    c.clipPath(ball, True)
    c.translate(mid[0], mid[1])
    c.scale(lerp(1.0, e.squeeze, 0.7), 1.0)
    c.drawOval(skia.Rect.MakeXYWH(-0.56 * r, -0.66 * r, 0.54 * r, 0.58 * r), fill(WHITE, 0.97))
    c.drawCircle(0.38 * r, 0.42 * r, 0.15 * r, fill(WHITE, 0.85))
    c.restore()


def _draw_lashes(c: skia.Canvas, e: _Eye, k: Palette) -> None:
    """Paint the upper lash line, its outer wing, single lashes and the lid crease."""
    m = e.p.lashes
    thick = lerp(0.70, 1.02, m)
    lid = e.lid(0.8)
    wing = e.at(1.12 + 0.05 * m, 3.0 - 0.10 * (e.up + 3.0) - 3.0 - 5.0 * m)
    widths = [thick * w for w in (1.6, 4.2, 6.0, 7.0, 7.4, 6.6, 4.6)]
    c.drawPath(ribbon(refine([*lid, wing], 3), refine_widths([*widths, 0.4], 3)), fill(k.lash))
    for u, v, du in ((0.62, 0.78, 0.16), (0.80, 0.55, 0.23), (0.95, 0.26, 0.25)):
        base = 3.0 - v * (e.up + 3.0)
        n = lerp(2.0, 10.0, m)
        hair = [
            e.at(u, base),
            e.at(u + du * 0.45, base - n * 0.62),
            e.at(u + du * lerp(0.5, 1.0, m), base - n),
        ]
        c.drawPath(ribbon(hair, (4.2, 2.4, 0.3)), fill(k.lash))
    shut = max(-e.p.eyes, 0.0)
    crease = e.lid(9.5 + 7.0 * shut)[1:]
    c.drawPath(ribbon(crease, (0.4, 1.8, 2.4, 2.6, 2.2, 0.6)), fill(k.skin_deep, 0.75))


def refine_widths(widths: list[float], per: int) -> list[float]:
    """Widths (units) interpolated like the points of `refine`."""
    return [x for x, _ in refine([(w, 0.0) for w in widths], per)]


def draw_brow(c: skia.Canvas, p: PortraitParams, k: Palette, turn: Turn, side: float) -> None:
    """Paint one eyebrow; it rises with the eyes and a laugh."""
    y = lerp(196.0, 183.0, p.brow_height) - 6.0 * p.eyes - 2.0 * (p.mouth + 1.0)
    t = lerp(0.65, 1.35, p.brow_thickness)
    shape = ((25.0, 2.0), (44.0, -2.0), (64.0, -4.5), (83.0, -2.0), (98.0, 5.5))
    pts = [turn.on(side * x, y + d) for x, d in shape]
    colour: Colour = mix(k.hair_dark, k.skin_deep, 0.42)
    c.drawPath(ribbon(pts, [t * w for w in (3.5, 7.0, 6.8, 4.8, 0.6)]), fill(colour, 0.80))


def _lip_lines(p: PortraitParams, turn: Turn) -> tuple[list[Point], ...]:
    """Outer upper, inner upper, inner lower and outer lower lip lines, left to right."""
    o = (0.5 * (p.mouth + 1.0)) ** 1.25
    f = lerp(0.80, 1.25, p.lip_fullness)
    w = lerp(33.0, 43.0, o)
    y, end = MOUTH_Y - 6.0 * o, MOUTH_Y - 5.5 - 6.5 * o
    gap = 44.0 * o
    high = lerp(8.0, 6.0, o) * f
    low = lerp(11.5, 9.0, o) * f
    us = (-1.0, -0.62, -0.24, 0.0, 0.24, 0.62, 1.0)
    bend = (0.0, 0.55, 0.93, 1.0, 0.93, 0.55, 0.0)
    bow = (0.0, 0.62, 1.06, 0.80, 1.06, 0.62, 0.0)
    curl = (0.0, 0.82, 0.99, 1.0, 0.99, 0.82, 0.0)
    inner_up = [
        (u * w, lerp(end, y + (1.5 if i == 3 else 0.0), b))
        for i, (u, b) in enumerate(zip(us, bend, strict=True))
    ]
    inner_low = [
        (x, lerp(end, y + gap + 0.6, b) if 0 < i < 6 else end)
        for i, ((x, _), b) in enumerate(zip(inner_up, curl, strict=True))
    ]
    inner_low = [
        (x, lerp(a, b, min(1.0, 2.2 * o))) for (x, a), (_, b) in zip(inner_up, inner_low, strict=True)
    ]
    top = [(x, q - high * b) for (x, q), b in zip(inner_up, bow, strict=True)]
    bottom = [(x, q + low * b) for (x, q), b in zip(inner_low, curl, strict=True)]
    return tuple([turn.on(x, q, 8.0) for x, q in run] for run in (top, inner_up, inner_low, bottom))


def draw_mouth(c: skia.Canvas, p: PortraitParams, k: Palette, turn: Turn) -> None:
    """Paint mouth, teeth, tongue and the shaded lips."""
    top, up, low, bottom = _lip_lines(p, turn)
    o = 0.5 * (p.mouth + 1.0)
    mid = bottom[3]
    shade = skia.Rect.MakeLTRB(mid[0] - 18.0, mid[1] + 2.0, mid[0] + 18.0, mid[1] + 11.0)
    c.drawOval(shade, fill(k.skin_shade, 0.8, 3.4))
    _draw_mouth_inside(c, o, up, low)
    _draw_lips(c, k, top, up, low, bottom)
    for i, s in ((0, -1.0), (6, 1.0)):
        c.drawCircle(up[i][0] + s * 1.5, up[i][1] - 0.5, 2.2, fill(k.skin_deep, 0.5, 1.4))


def _draw_mouth_inside(c: skia.Canvas, o: float, up: list[Point], low: list[Point]) -> None:
    """Paint the dark of the mouth, tongue and teeth between the inner lip lines (o: openness)."""
    hole = outline(up, list(reversed(low)))
    c.drawPath(hole, fill((0.42, 0.10, 0.14)))
    c.save()
    c.clipPath(hole, True)
    tongue = skia.Rect.MakeLTRB(
        low[1][0] + 2.0, low[3][1] - 19.0 * o - 2.0, low[5][0] - 2.0, low[3][1] + 22.0
    )
    c.drawOval(tongue, fill((0.88, 0.42, 0.45), 1.0, 1.2))
    teeth = [
        (x, y + 15.0 * min(1.0, 1.6 * o) * b)
        for (x, y), b in zip(up, (0.1, 0.75, 1.0, 1.0, 1.0, 0.75, 0.1), strict=True)
    ]
    c.drawPath(outline([(x, y - 4.0) for x, y in up], list(reversed(teeth))), fill((0.99, 0.975, 0.96)))
    c.drawPath(ribbon(up, (3.0, 5.0, 6.0, 6.0, 6.0, 5.0, 3.0)), fill((0.35, 0.10, 0.18), 0.35, 1.8))
    c.restore()


def _draw_lips(
    c: skia.Canvas,
    k: Palette,
    top: list[Point],
    up: list[Point],
    low: list[Point],
    bottom: list[Point],
) -> None:
    """Paint the shaded upper and lower lip, their seam and the gleam."""
    dark = times(k.lip, (0.90, 0.85, 0.87))
    box_top, box_low = top[2][1], bottom[3][1]
    c.drawPath(
        outline(top, list(reversed(up))),
        linear((0.0, box_top), (0.0, up[3][1] + 2.0), [(0.0, k.lip, 1.0), (1.0, dark, 1.0)]),
    )
    soft = mix(k.lip, WHITE, 0.16)
    c.drawPath(
        outline(low, list(reversed(bottom))),
        linear(
            (0.0, low[3][1]),
            (0.0, box_low),
            [(0.0, k.lip, 1.0), (0.45, soft, 1.0), (1.0, k.lip, 1.0)],
        ),
    )
    seam = times(k.lip, (0.55, 0.42, 0.46))
    c.drawPath(ribbon(up, (2.4, 1.6, 2.0, 2.2, 2.0, 1.6, 2.4)), fill(seam, 0.85))
    gleam = [
        (lerp(a[0], b[0], 0.45), lerp(a[1], b[1], 0.45)) for a, b in zip(low[2:5], bottom[2:5], strict=True)
    ]
    c.drawPath(ribbon(gleam, (1.0, 3.6, 1.0)), fill(WHITE, 0.5, 1.4))
