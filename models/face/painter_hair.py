"""Hair of the portrait: back hair, side curtains, fringe, strands, shine and earrings."""

from __future__ import annotations

import math

import skia

from models.face.painter_palette import Palette
from models.face.painter_params import PortraitParams
from models.face.painter_tools import (
    CENTRE,
    WHITE,
    Point,
    Turn,
    between,
    curve,
    fill,
    lerp,
    linear,
    mix,
    outline,
    radial,
    refine,
    ribbon,
)

Lock = tuple[list[Point], list[float], skia.Path]

PART = -16.0  # x of the parting on the head, units


def _wave(p: PortraitParams, y: float, phase: float, side: float) -> float:
    """Sideways shift (units) of a curly strand at height y."""
    grow = min(max((y - 130.0) / 200.0, 0.0), 1.0)
    return 15.0 * p.hair_curl * grow * grow * side * math.sin(0.053 * y + phase)


def _end(p: PortraitParams) -> float:
    """Height (units) of the lower end of the hair."""
    return lerp(368.0, 560.0, p.hair_length)


def _hair_side(p: PortraitParams, turn: Turn, side: float) -> tuple[list[Point], list[Point]]:
    """Outer and inner edge of a side curtain, from the parting down (same number of points)."""
    end = _end(p)
    puff = 14.0 * p.hair_curl
    w = lerp(105.0, 115.0, p.face_width)
    outer = [
        (PART * 0.5 - side * 2.0, 27.0, 12.0),
        (PART * 0.2 + side * 62.0, 36.0, 4.0),
        (side * 109.0, 72.0, 2.0),
        (side * 136.0, 143.0, 0.0),
    ]
    inner = [
        (PART - side * 2.0, 97.0, 98.0),
        (PART * 0.7 + side * 41.0, 107.0, 92.0),
        (side * 82.0, 152.0, 62.0),
        (side * (w - 5.0), 205.0, 42.0),
    ]
    low_out = ((144.0, 0.10), (146.0, 0.36), (144.0, 0.60), (141.0, 0.83), (137.0, 1.0))
    low_in = ((w - 1.5, 0.10), (w - 1.0, 0.32), (w - 4.0, 0.54), (w - 9.0, 0.76), (w - 13.0, 0.98))
    for (xo, to), (xi, ti) in zip(low_out, low_in, strict=True):
        yo, yi = lerp(215.0, end, to), lerp(225.0, end, ti)
        outer.append((side * (xo + 4.0 * puff * to * (1.0 - to)) + _wave(p, yo, 0.0, side), yo, 2.0))
        inner.append(
            (
                side * (xi - 24.0 * p.hair_curl * ti * (1.0 - ti)) + _wave(p, yi, 0.7, side),
                yi,
                40.0 * (1.0 - 0.6 * ti),
            )
        )
    return (
        [(CENTRE + x + z * turn.sin, y) for x, y, z in outer],
        [turn.at(x, y, z) for x, y, z in inner],
    )


def draw_back_hair(c: skia.Canvas, p: PortraitParams, k: Palette, turn: Turn) -> None:
    """Paint the hair behind neck and shoulders."""
    end = _end(p) + 3.0
    half = ((30.0, 30.0), (92.0, 66.0), (126.0, 140.0), (132.0, 240.0))
    low = ((132.0, 0.4), (126.0, 0.75), (108.0, 0.93), (62.0, 0.995))
    sides: list[list[Point]] = []
    for side in (-1.0, 1.0):
        run = [(CENTRE + side * x - 4.0 * turn.sin, y) for x, y in half]
        for x, t in low:
            y = lerp(250.0, end, t)
            run.append((CENTRE + side * (x + 4.0 * p.hair_curl * t) + 0.7 * _wave(p, y, 0.3, side), y))
        sides.append(run)
    shape = outline([*sides[0], *reversed(sides[1])])
    dark = mix(k.hair_dark, (0.05, 0.03, 0.07), 0.22)
    stops = [(0.0, k.hair_dark, 1.0), (0.45, dark, 1.0), (1.0, mix(k.hair_dark, k.hair, 0.45), 1.0)]
    c.drawPath(shape, linear((0.0, 120.0), (0.0, end), stops))
    c.save()
    c.clipPath(shape, True)
    for i in range(1, 12):
        run = between(sides[0][2:], sides[1][2:], i / 12.0)
        paint = fill(k.hair if i % 2 else k.hair_line, 0.20)
        c.drawPath(ribbon(run, (1.0, 3.0, 5.0, 5.0, 3.0, 1.0)), paint)
    c.restore()


def _paint_front(k: Palette, turn: Turn) -> skia.Paint:
    """Shader of the front hair: a ring of shine round the crown, darker at the rim."""
    stops = [
        (0.0, k.hair_dark, 1.0),
        (0.28, k.hair, 1.0),
        (0.52, k.hair, 1.0),
        (0.655, k.hair_light, 1.0),
        (0.705, k.hair_shine, 1.0),
        (0.755, k.hair_light, 1.0),
        (0.87, k.hair, 1.0),
        (1.0, mix(k.hair, k.hair_dark, 0.7), 1.0),
    ]
    return radial((CENTRE + 34.0 * turn.sin, 330.0), 230.0, stops, 1.36)


def draw_curtains(c: skia.Canvas, p: PortraitParams, k: Palette, turn: Turn) -> None:
    """Paint the hair that falls from the parting along both sides of the face."""
    front = _paint_front(k, turn)
    end = _end(p)
    shadow = fill((0.16, 0.05, 0.10), 0.30, 6.0)
    for side in (-1.0, 1.0):
        inner = _hair_side(p, turn, side)[1]
        c.drawPath(ribbon([(x, y + 5.0) for x, y in inner], [18.0] * len(inner)), shadow)
    for side in (-1.0, 1.0):
        outer, inner = _hair_side(p, turn, side)
        shape = outline(outer, list(reversed(inner)))
        fade = linear(
            (0.0, 330.0),
            (0.0, max(end, 420.0)),
            [(0.0, k.hair, 0.0), (0.4, k.hair, 0.75), (1.0, k.hair_dark, 0.8)],
        )
        for t, drop in ((0.17, 14.0), (0.50, 26.0), (0.82, 10.0)):
            run = between(inner, outer, t)[5:]
            run[-1] = (
                run[-1][0] - side * 8.0 * t,
                run[-1][1] + drop * lerp(0.35, 1.0, p.hair_length),
            )
            tip = ribbon(refine(run, 2), (2.0, 12.0, 18.0, 21.0, 22.0, 17.0, 0.3))
            c.drawPath(tip, front)
            c.drawPath(tip, fade)
        c.drawPath(shape, front)
        c.save()
        c.clipPath(shape, True)
        c.drawPath(shape, fade)
        for t, wide, tone in _STRANDS:
            run = between(inner, outer, t)
            w = [wide * v for v in (0.2, 0.5, 0.8, 1.0, 1.1, 1.1, 1.0, 0.7, 0.2)]
            c.drawPath(ribbon(run, w), fill(k.hair_light if tone > 0.0 else k.hair_dark, abs(tone)))
        rim = ribbon(inner, (1.0, 3.0, 5.0, 7.0, 8.0, 8.0, 7.0, 5.0, 2.0))
        c.drawPath(rim, fill(k.hair_line, 0.45, 2.0))
        c.restore()
        c.drawPath(ribbon(inner, (0.6, 1.4, 1.8, 1.8, 1.8, 1.8, 1.6, 1.2, 0.5)), fill(k.hair_line, 0.75))


# Strands of a curtain: place from inner (0) to outer (1) edge, width (units), tone
# (positive light, negative dark; its size is the opacity).
_STRANDS: tuple[tuple[float, float, float], ...] = (
    (0.10, 5.0, 0.22),
    (0.19, 2.2, -0.38),
    (0.27, 6.0, -0.16),
    (0.36, 2.0, 0.34),
    (0.43, 2.6, -0.40),
    (0.54, 7.0, 0.20),
    (0.61, 1.6, -0.34),
    (0.70, 5.5, -0.20),
    (0.76, 1.8, 0.30),
    (0.84, 2.4, -0.36),
    (0.93, 7.0, -0.22),
)

# Fringe locks: root x, full tip (x, y), full width, parted tip (x, y); units on the head.
_LOCKS: tuple[tuple[float, float, float, float, float, float], ...] = (
    (-40.0, -96.0, 232.0, 34.0, -108.0, 262.0),
    (40.0, 98.0, 234.0, 34.0, 109.0, 262.0),
    (-30.0, -66.0, 213.0, 42.0, -107.0, 228.0),
    (34.0, 70.0, 215.0, 42.0, 107.0, 230.0),
    (-20.0, -38.0, 206.0, 44.0, -99.0, 192.0),
    (20.0, 44.0, 210.0, 44.0, 99.0, 194.0),
    (-10.0, -13.0, 201.0, 42.0, -93.0, 168.0),
    (6.0, 23.0, 205.0, 42.0, 93.0, 170.0),
    (-2.0, 5.0, 211.0, 36.0, -82.0, 150.0),
)


def _lock(p: PortraitParams, turn: Turn, k: tuple[float, ...]) -> tuple[list[Point], list[float]]:
    """Centre line and widths (units) of one fringe lock."""
    root, fx, fy, fw, sx, sy = k
    f = p.fringe
    away = 1.0 if sx > 0 else -1.0
    bend = 1.0 - f
    tip_x, tip_y = lerp(sx, fx, f), lerp(sy, fy, f) - 10.0 * f * bend
    run = [
        turn.at(PART + 0.35 * root, 60.0, 62.0),
        turn.at(lerp(PART + away * 30.0, PART + root, f), lerp(96.0, 98.0, f), 88.0),
        turn.at(
            lerp(away * 62.0, 0.80 * fx + 0.2 * PART, f),
            lerp(124.0, 142.0, f),
            lerp(78.0, 100.0, f),
        ),
        turn.on(
            lerp(lerp(away * 76.0, sx, 0.5), 0.97 * fx, f),
            lerp(lerp(130.0, sy, 0.45), 0.35 * 142.0 + 0.65 * fy, f),
        ),
        turn.on(tip_x + 6.0 * away * f, tip_y),
    ]
    wide = lerp(7.0, fw, f * (1.6 - 0.6 * f))
    return refine(run, 3), [
        wide * w for w in (0.2, 0.40, 0.6, 0.76, 0.90, 1.0, 1.05, 1.04, 0.96, 0.80, 0.58, 0.32, 0.02)
    ]


def fringe_locks(p: PortraitParams, turn: Turn) -> list[Lock]:
    """Centre line, widths (units) and shape of each fringe lock, back to front."""
    locks = [_lock(p, turn, spec) for spec in _LOCKS]
    return [(run, widths, ribbon(run, widths)) for run, widths in locks]


def draw_fringe_shadow(c: skia.Canvas, k: Palette, locks: list[Lock], face: skia.Path) -> None:
    """Paint the shadow of the fringe on the face."""
    shadow = fill(k.skin_deep, 0.28, 4.0)
    c.save()
    c.clipPath(face, True)
    c.translate(0.0, 8.0)
    for _, _, shape in locks[2:]:
        c.drawPath(shape, shadow)
    c.restore()


def draw_fringe(c: skia.Canvas, p: PortraitParams, k: Palette, turn: Turn, locks: list[Lock]) -> None:
    """Paint the fringe: locks that sweep aside (0) or cover the forehead (1)."""
    front = _paint_front(k, turn)
    for run, widths, shape in locks:
        c.drawPath(shape, front)
        left = [(x - 0.22 * w, y) for (x, y), w in zip(run[2::2], widths[2::2], strict=True)]
        right = [(x + 0.20 * w, y) for (x, y), w in zip(run[2::2], widths[2::2], strict=True)]
        thin = [0.6, 2.0, 2.4, 2.2, 1.4, 0.3]
        c.drawPath(ribbon(left, thin), fill(k.hair_light, 0.40))
        c.drawPath(ribbon(right, thin), fill(k.hair_dark, 0.45))
        away = 0.5 if run[-1][0] > run[0][0] else -0.5
        edge = [(x + away * w, y) for (x, y), w in zip(run[4::2], widths[4::2], strict=True)]
        thin = [0.1, 1.2, 1.8, 1.6, 0.3]
        c.drawPath(ribbon(edge, thin), fill(k.hair_line, lerp(0.25, 0.60, p.fringe)))


def draw_earrings(c: skia.Canvas, p: PortraitParams, turn: Turn) -> None:
    """Paint drop earrings of a size in [0, 1]; 0 leaves none."""
    s = p.earrings
    r = 8.5 * s
    for side in (-1.0, 1.0):
        x, y = turn.at(side * 113.0, 292.0, 26.0)
        c.drawCircle(x, y, 2.6 * s, fill((0.98, 0.93, 0.78)))
        drop = [
            (x, y + 2.0),
            (x + r * 0.8, y + 1.9 * r + 2.0),
            (x, y + 2.9 * r + 2.0),
            (x - r * 0.8, y + 1.9 * r + 2.0),
        ]
        if s > 0.0:
            stops = [
                (0.0, WHITE, 1.0),
                (0.5, (0.95, 0.86, 0.68), 1.0),
                (1.0, (0.74, 0.58, 0.40), 1.0),
            ]
            c.drawPath(curve(drop, True), linear((x - r, y), (x + r, y + 3.0 * r), stops))
