"""What time and nature leave on the skin: wrinkles, freckles and stubble."""

from __future__ import annotations

import numpy as np
import skia

from models.face.painter.canvas import Sheet
from models.face.painter.palette import Palette
from models.face.painter.shape import EYE_Y, Head
from models.face.painter.tools import Point, curve, fill, line, mix, ribbon, times

_random = np.random.default_rng(7)
# Freckles: place across and down (normal), size.
_SPOTS: list[list[float]] = np.column_stack(
    [np.clip(_random.standard_normal((52, 2)), -2.1, 2.1), _random.random(52)]
).tolist()


def draw_freckles(s: Sheet, h: Head, k: Palette) -> None:
    """Paint freckles across nose and cheeks above the threshold 0.5."""
    a = h.freckles
    if a <= 0.0:
        return
    spots = skia.PathBuilder()
    for u, v, r in _SPOTS:
        px, py = h.turn.on(42.0 * u, 276.0 + 11.0 * v - 0.04 * abs(42.0 * u), 4.0)
        spots.addCircle(px, py, (0.8 + 1.0 * r) * (0.5 + 0.5 * a))
    tone = mix(k.skin_deep, (0.55, 0.27, 0.12), 0.4)
    s.shade(spots.detach(), fill(tone, 0.40 * a, 0.5))


def draw_stubble(s: Sheet, h: Head, k: Palette, face: skia.Path) -> None:
    """Paint the beard shadow of a man: chin, jaw and upper lip; the face limits it."""
    a = h.stubble
    if a <= 0.0:
        return
    on, c, y = h.turn.on, h.chin, h.mouth_y + 14.0 * h.open
    w = h.half
    runs = [
        on(-w * 1.02, 262.0),
        on(-w * 0.93, 292.0),
        on(-w * 0.62, 322.0),
        on(-40.0, h.nose_y + 17.0),
        on(0.0, h.nose_y + 13.0),
        on(40.0, h.nose_y + 17.0),
        on(w * 0.62, 322.0),
        on(w * 0.93, 292.0),
        on(w * 1.02, 262.0),
        on(w * 1.1, 400.0),
        on(0.0, c + 40.0),
        on(-w * 1.1, 400.0),
    ]
    tone = mix(times(k.skin_deep, (0.66, 0.55, 0.54)), k.brow, 0.12)
    tone = mix(tone, (0.66, 0.65, 0.66), 0.5 * h.old)
    s.top.save()
    s.top.clipPath(face, True)
    s.shade(curve(runs, True), fill(tone, 0.36 * a, 11.0))
    chin = curve(
        [on(-26.0, y + 22.0), on(0.0, y + 18.0), on(26.0, y + 22.0), on(30.0, c), on(-30.0, c)], True
    )
    s.shade(chin, fill(tone, 0.10 * a, 7.0))
    moustache = [
        on(-36.0, h.mouth_y - 3.0),
        on(-16.0, h.nose_y + 16.0),
        on(0.0, h.nose_y + 14.0),
        on(16.0, h.nose_y + 16.0),
        on(36.0, h.mouth_y - 3.0),
    ]
    s.shade(ribbon(moustache, (4.0, 9.0, 6.0, 9.0, 4.0)), fill(tone, 0.14 * a, 3.5))
    s.top.restore()


def _folds(h: Head) -> list[tuple[list[Point], float, float]]:
    """Wrinkles of the face: points, width (units) and strength."""
    on = h.turn.on
    out: list[tuple[list[Point], float, float]] = []
    for i, dy in enumerate((0.0, 13.0, 25.0)):
        row = [(-46.0, 4.0), (-18.0, -1.0), (18.0, -1.0), (46.0, 4.0)]
        out.append(([on(x, 158.0 + dy + q) for x, q in row], 2.4, 0.55 - 0.1 * i))
    for side in (-1.0, 1.0):
        out += _side_folds(h, side)
    return out


def _side_folds(h: Head, side: float) -> list[tuple[list[Point], float, float]]:
    """Wrinkles of one side (-1 or 1): beside the nose and mouth, below the eye and at its corner."""
    on, y = h.turn.on, h.mouth_y + 4.0 * h.open
    out: list[tuple[list[Point], float, float]] = []
    out.append(
        (
            [
                on(side * 20.0, h.nose_y - 8.0, 4.0),
                on(side * 37.0, h.nose_y + 12.0),
                on(side * 46.0, y + 1.0),
            ],
            3.0,
            0.75,
        )
    )
    out.append(([on(side * 38.0, y + 10.0), on(side * 41.0, y + 24.0), on(side * 37.0, y + 36.0)], 2.2, 0.30))
    out.append(
        (
            [on(side * 28.0, EYE_Y + 17.0), on(side * 50.0, EYE_Y + 24.0), on(side * 74.0, EYE_Y + 17.0)],
            2.8,
            0.75,
        )
    )
    for j in range(3):
        q = -7.0 + 8.0 * j
        out.append(
            (
                [
                    on(side * (h.eye_x + 33.0), EYE_Y + 0.5 * q + 1.0),
                    on(side * (h.eye_x + 45.0), EYE_Y + 1.6 * q),
                ],
                2.0,
                0.6,
            )
        )
    out.append(([on(side * 9.0, 196.0), on(side * 8.0, 212.0)], 2.2, 0.5))
    return out


def draw_wrinkles(s: Sheet, h: Head, k: Palette) -> None:
    """Paint the folds of an old face, soft below and fine on top; nothing while young."""
    if h.old <= 0.0:
        return
    for pts, width, a in _folds(h):
        widths = [0.3 * width, *[width] * (len(pts) - 2), 0.3 * width]
        s.shade(
            ribbon([(x, y + 1.0) for x, y in pts], [3.0 * w for w in widths]),
            fill(k.skin_deep, 0.34 * a * h.old, 2.6),
        )
        s.shade(ribbon(pts, [0.55 * w for w in widths]), fill(k.skin_line, 0.46 * a * h.old, 0.6))
    for side in (-1.0, 1.0):
        jowl = [
            h.turn.on(side * 62.0, h.chin - 52.0),
            h.turn.on(side * 46.0, h.chin - 30.0),
            h.turn.on(side * 30.0, h.chin - 22.0),
        ]
        s.shade(curve(jowl), line(k.skin_deep, 7.0, 0.26 * h.old, 4.0))
