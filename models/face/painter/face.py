"""Head shape, ears, skin shading and nose of the portrait."""

from __future__ import annotations

import skia

from models.face.painter.canvas import Part, Sheet
from models.face.painter.palette import Palette
from models.face.painter.shape import EYE_Y, Head
from models.face.painter.tools import (
    WHITE,
    curve,
    ease,
    fill,
    lerp,
    line,
    linear,
    mix,
    radial,
    ribbon,
)


def draw_ear(s: Sheet, h: Head, k: Palette, side: float, a: float = 1.0) -> None:
    """Paint one ear with its folds at an opacity; side is -1 (viewer's left) or 1."""
    w, t = h.half, h.turn
    grow = 1.0 + 0.10 * h.man + 0.06 * h.old
    near = -side * t.sin / 0.39
    lean = 15.0 + 5.0 * near

    def at(u: float, v: float) -> tuple[float, float]:
        """Screen point: u outward in 0..1, v downward in 0..1."""
        return t.at(side * (w - 7.0 + u * lean * grow), 236.0 + v * 58.0 * grow, -6.0)

    shape = curve(
        [
            at(0.0, 0.12),
            at(0.55, -0.06),
            at(1.05, 0.10),
            at(1.08, 0.42),
            at(0.78, 0.76),
            at(0.45, 1.0),
            at(0.02, 0.94),
            at(-0.25, 0.5),
        ],
        True,
    )
    if a >= 1.0:
        s.mark(shape, Part.SKIN)
    x0, x1 = at(-0.2, 0.0)[0], at(1.05, 0.0)[0]
    stops = [(0.0, k.skin, a), (0.45, mix(k.skin, k.skin_shade, 0.35), a), (1.0, k.skin_shade, a)]
    s.shade(shape, linear((x0, 0.0), (x1, 0.0), stops))
    inner = [at(0.25, 0.22), at(0.62, 0.12), at(0.82, 0.32), at(0.62, 0.62), at(0.36, 0.78)]
    s.shade(ribbon(inner, (1.5, 4.0, 5.0, 5.0, 2.0)), fill(k.skin_deep, 0.42 * a, 1.6))
    s.shade(
        curve([at(0.55, -0.04), at(1.02, 0.12), at(1.04, 0.42), at(0.76, 0.74), at(0.45, 0.97)]),
        line(k.skin_deep, 1.4, 0.45 * a),
    )


def draw_head(s: Sheet, h: Head, k: Palette) -> skia.Path:
    """Paint the shaded face with its ears; returns the outline of the face."""
    for side in (-1.0, 1.0):
        draw_ear(s, h, k, side)
    face = curve(h.outline(), True)
    s.base(face, fill(k.skin), Part.SKIN)
    s.save()
    s.clip(face)
    mid = h.turn.on(-14.0, 236.0)
    stops = [(0.0, k.skin_light, 0.75), (0.55, k.skin_light, 0.12), (0.8, k.skin, 0.0), (1.0, k.skin, 0.0)]
    s.wash(radial(mid, 128.0, stops, 1.2))
    left, right = h.turn.on(-h.half, 0.0)[0], h.turn.on(h.half, 0.0)[0]
    s.wash(
        linear(
            (left, 200.0),
            (right, 262.0),
            [
                (0.0, k.skin_shade, 0.30),
                (0.14, k.skin_shade, 0.0),
                (0.58, k.skin_shade, 0.0),
                (1.0, k.skin_shade, 1.0),
            ],
        )
    )
    s.wash(
        linear(
            (0.0, h.chin - 52.0), (0.0, h.chin + 4.0), [(0.0, k.skin_shade, 0.0), (1.0, k.skin_shade, 0.6)]
        )
    )
    s.shade(face, line(k.skin_shade, 9.0, 0.55, 4.0))
    _draw_cheeks(s, h, k)
    s.restore()
    for side in (-1.0, 1.0):
        near = ease(-side * h.turn.sin / 0.2)
        if near > 0.0:
            draw_ear(s, h, k, side, near)
    return face


def _draw_cheeks(s: Sheet, h: Head, k: Palette) -> None:
    """Paint blush, eye hollows, chin light and the dip above the lip (the face is clipped)."""
    rose = mix(k.skin, (0.95, 0.36, 0.38), 0.66)
    a = (0.10 + 0.50 * h.p.blush) * (1.0 - 0.65 * h.man) * (1.0 - 0.3 * h.old) * (1.0 - 0.55 * h.p.skin)
    lift = 4.0 * h.open + 3.0 * h.p.smile
    for side in (-1.0, 1.0):
        x, y = h.turn.on(side * 66.0, 292.0 - lift)
        stops = [(0.0, rose, a), (0.4, rose, 0.6 * a), (1.0, rose, 0.0)]
        s.oval(x, y, 50.0, 50.0, radial((x, y), 42.0, stops, 0.72))
        x, y = h.turn.on(side * 62.0, 276.0 - lift)
        gleam = [(0.0, k.skin_light, 0.55), (1.0, k.skin_light, 0.0)]
        s.oval(x - 4.0, y, 30.0, 30.0, radial((x - 4.0, y), 26.0, gleam, 0.6))
        x, y = h.turn.on(side * (h.eye_x - 16.0), EYE_Y - 13.0)
        hollow = [(0.0, k.skin_shade, 0.55 + 0.25 * h.man), (1.0, k.skin_shade, 0.0)]
        s.oval(x, y, 40.0, 34.0, radial((x, y), 34.0, hollow, 0.62))
    for side in (-1.0, 1.0):  # hollow below the cheek bones of a man
        line_ = [
            h.turn.on(side * (h.half - 6.0), 286.0),
            h.turn.on(side * (h.half - 26.0), 314.0),
            h.turn.on(side * (h.half - 46.0), 338.0),
        ]
        s.shade(
            ribbon(line_, (8.0, 18.0, 4.0)),
            fill(k.skin_deep, (0.20 + 0.08 * side) * max(h.man, 0.6 * h.old), 7.0),
        )
    x, y = h.turn.on(0.0, h.chin - 20.0, 6.0)
    s.oval(
        x - 3.0,
        y,
        24.0,
        14.0,
        radial((x - 3.0, y), 22.0, [(0.0, k.skin_light, 0.6), (1.0, k.skin_light, 0.0)], 0.6),
    )
    x, y = h.turn.on(0.0, lerp(h.nose_y, h.mouth_y, 0.52), 8.0)
    s.oval(x, y, 8.0, 9.0, radial((x, y), 8.0, [(0.0, k.skin_shade, 0.6), (1.0, k.skin_shade, 0.0)], 1.3))


def draw_nose(s: Sheet, h: Head, k: Palette) -> None:
    """Paint the nose: bridge, tip, wings, nostrils and the shadow below; mark it in the map."""
    on, m = h.turn.on, h.man
    w = lerp(10.5, 16.0, h.p.nose_width) + 2.5 * m
    y = h.nose_y
    s.mark(
        curve(
            [
                on(-7.0, 226.0, 6.0),
                on(0.0, 222.0, 8.0),
                on(7.0, 226.0, 6.0),
                on(9.0, 262.0, 14.0),
                on(w + 3.0, y - 9.0, 6.0),
                on(w + 1.0, y + 1.0, 8.0),
                on(0.0, y + 5.0, 16.0),
                on(-w - 1.0, y + 1.0, 8.0),
                on(-w - 3.0, y - 9.0, 6.0),
                on(-9.0, 262.0, 14.0),
            ],
            True,
        ),
        Part.NOSE,
    )
    for side, a in ((-1.0, 0.10 + 0.08 * m), (1.0, 0.42 + 0.14 * m)):
        bridge = [
            on(side * 19.0, 208.0),
            on(side * 10.0, 232.0, 6.0),
            on(side * 8.5, 258.0, 13.0),
            on(side * (w * 0.72), y - 18.0, 16.0),
            on(side * (w * 0.98), y - 5.0, 10.0),
        ]
        s.shade(ribbon(bridge, (5.0, 9.0, 7.0, 7.0, 5.0)), fill(k.skin_shade, a, 3.6))
    light = [on(-1.0, 218.0, 5.0), on(-1.5, 250.0, 14.0), on(-1.5, y - 20.0, 20.0), on(-1.5, y - 9.0, 24.0)]
    s.shade(ribbon(light, (4.0, 4.5, 6.0, 9.0)), fill(k.skin_light, 0.75, 3.0))
    x, y1 = on(-2.5, y - 11.0, 24.0)
    s.oval(x, y1, 3.6, 2.8, fill(WHITE, 0.42, 1.6))
    under = [on(-w, y - 1.0, 8.0), on(0.0, y + 4.5, 18.0), on(w, y - 1.0, 8.0)]
    s.shade(ribbon(under, (2.0, 7.5, 2.0)), fill(k.skin_shade, 0.95, 2.2))
    _draw_nostrils(s, h, k, w)


def _draw_nostrils(s: Sheet, h: Head, k: Palette, w: float) -> None:
    """Paint nostrils and wings of a nose of half width w (units)."""
    on, y = h.turn.on, h.nose_y
    for side in (-1.0, 1.0):
        hole = [
            on(side * w * 0.24, y + 1.6, 17.0),
            on(side * w * 0.55, y - 0.6, 14.0),
            on(side * w * 0.84, y + 0.4, 10.0),
        ]
        s.shade(ribbon(hole, (1.0, 3.6, 1.0)), fill(k.skin_line, 0.75, 0.5))
        wing = [
            on(side * w * 1.06, y - 10.0, 6.0),
            on(side * w * 1.20, y - 3.5, 6.0),
            on(side * w, y + 1.0, 8.0),
        ]
        s.shade(ribbon(wing, (0.4, 2.2, 0.6)), fill(k.skin_line, 0.30 + 0.14 * (side > 0.0), 0.8))
