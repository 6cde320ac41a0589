"""Glasses and earrings of the portrait."""

from __future__ import annotations

import math

import skia

from models.face.painter.canvas import Sheet
from models.face.painter.palette import Palette
from models.face.painter.shape import EYE_Y, Head
from models.face.painter.tools import WHITE, Colour, Point, curve, ease, fill, lerp, line, linear, mix


def draw_earrings(s: Sheet, h: Head, k: Palette) -> None:
    """Paint drop earrings that grow from the threshold 0.2; none on a man."""
    size = h.earrings
    if size <= 0.0:
        return
    gold, dark = (0.97, 0.86, 0.60), (0.66, 0.48, 0.28)
    r = 4.0 + 4.5 * size
    for side in (-1.0, 1.0):
        x, y = h.turn.at(side * (h.half + 1.0), 293.0, -4.0)
        if side * h.turn.sin > 0.0:  # the far ear goes behind the face
            x -= 14.0 * h.turn.sin
        a = min(1.0, 3.0 * size) * (1.0 - ease(side * h.turn.sin / 0.3))
        s.oval(x, y, 2.6, 2.6, fill(gold, a))
        drop = curve(
            [
                (x, y + 3.0),
                (x + r * 0.7, y + 1.9 * r + 3.0),
                (x, y + 2.8 * r + 3.0),
                (x - r * 0.7, y + 1.9 * r + 3.0),
            ],
            True,
        )
        stops = [(0.0, WHITE, a), (0.45, gold, a), (1.0, dark, a)]
        s.shade(drop, linear((x - r, y + r), (x + r, y + 3.0 * r), stops))
        s.shade(drop, line(dark, 0.9, 0.6 * a))


def _lens(h: Head, side: float) -> list[Point]:
    """Outline of one lens: round (shape 0), soft rectangle (0.5) or cat-eye (1)."""
    t = h.p.glasses_shape
    box = 1.0 - abs(2.0 * t - 1.0)
    power = lerp(1.0, 0.62, box) if t < 0.5 else lerp(0.80, 0.62, box)
    rx, ry = lerp(37.0, 40.0, t), lerp(34.0, 27.0, ease(t / 0.5)) + 1.0 * ease(2.0 * t - 1.0)
    cat = ease((t - 0.5) / 0.5)
    out: list[Point] = []
    for i in range(20):
        c, n = math.cos(math.tau * i / 20.0), math.sin(math.tau * i / 20.0)
        x = math.copysign(abs(c) ** power, c)
        y = math.copysign(abs(n) ** power, n)
        lift = -9.0 * cat * max(x, 0.0) * (1.0 if y < 0.4 else 0.4)
        out.append(h.turn.on(side * (h.eye_x + 1.0 + rx * x), EYE_Y + 5.0 + ry * y + lift, 9.0))
    return out


def _frame(k: Palette) -> Colour:
    """Colour of the frame of the spectacles."""
    return mix((0.13, 0.10, 0.12), k.hair_dark, 0.35)


def draw_arms(s: Sheet, h: Head, k: Palette) -> None:
    """Paint the arms of the spectacles, which go below the hair."""
    a, frame = h.glasses, _frame(k)
    if a <= 0.0:
        return
    for side in (-1.0, 1.0):
        hinge = h.turn.on(side * (h.eye_x + 39.0), EYE_Y - 4.0, 8.0)
        ear = h.turn.at(side * (h.half + 3.0), 238.0, -4.0)
        fade = 1.0 - ease((side * h.turn.sin + 0.04) / 0.14)
        s.shade(curve([hinge, ear]), line(frame, 3.8, a * fade))


def draw_glasses(s: Sheet, h: Head, k: Palette) -> None:
    """Paint lenses and bridge of the spectacles."""
    a, frame = h.glasses, _frame(k)
    if a <= 0.0:
        return
    for side in (-1.0, 1.0):
        pts = _lens(h, side)
        lens = curve(pts, True)
        s.top.save()
        s.top.translate(1.5, 6.0)
        s.shade(lens, line(k.skin_deep, 3.5, 0.40 * a, 2.2))
        s.top.restore()
        s.shade(lens, fill((0.86, 0.92, 0.98), 0.07 * a))
        s.top.save()
        s.top.clipPath(lens, True)
        x, y = pts[10] if side > 0.0 else pts[0]
        glare = skia.PathBuilder()
        glare.addPolygon(
            [skia.Point(x + q, y + r) for q, r in ((8.0, -40.0), (24.0, -40.0), (-2.0, 40.0), (-18.0, 40.0))],
            True,
        )
        s.shade(glare.detach(), fill(WHITE, 0.14 * a, 1.5))
        s.top.restore()
        s.shade(lens, line(frame, 4.2, a))
        s.shade(curve([(x, y - 1.2) for x, y in pts[12:19]]), line(mix(frame, WHITE, 0.45), 1.1, 0.6 * a))
    bridge = [
        h.turn.on(-17.0, EYE_Y + 1.0, 10.0),
        h.turn.on(0.0, EYE_Y - 5.0, 14.0),
        h.turn.on(17.0, EYE_Y + 1.0, 10.0),
    ]
    s.shade(curve(bridge), line(frame, 3.8, a))
