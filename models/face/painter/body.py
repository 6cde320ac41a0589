"""Neck, shoulders, clothes and necklace of the portrait."""

from __future__ import annotations

from models.face.painter.canvas import Part, Sheet
from models.face.painter.palette import Palette
from models.face.painter.shape import Head
from models.face.painter.tools import (
    CENTRE,
    WHITE,
    Point,
    curve,
    fill,
    lerp,
    line,
    linear,
    mix,
    outline,
    radial,
    ribbon,
    times,
)


def _mirror(right: list[Point]) -> list[Point]:
    """The same run on the left side, in reverse order."""
    return [(2.0 * CENTRE - x, y) for x, y in reversed(right)]


def draw_neck(s: Sheet, h: Head, k: Palette) -> None:
    """Paint neck and upper chest, with the shadow of the chin and the collar bones."""
    lean, m = 9.0 * h.turn.sin + 5.0 * h.p.tilt, h.man
    w = lerp(45.0, 64.0, m)
    right = [
        (CENTRE + w + lean, 320.0),
        (CENTRE + w - 1.0 + 0.6 * lean, 380.0),
        (CENTRE + w + 4.0 + 0.2 * lean, 414.0),
        (CENTRE + w + 34.0, 440.0 - 2.0 * m),
        (CENTRE + w + 84.0, 462.0 - 6.0 * m),
        (CENTRE + w + 84.0, 524.0),
    ]
    left = [
        (2.0 * CENTRE - x + (2.0 * lean if i < 3 else 0.0) * (1.0, 0.6, 0.2)[min(i, 2)], y)
        for i, (x, y) in enumerate(right)
    ]
    neck = outline(right, list(reversed(left)))
    s.base(neck, fill(k.skin), Part.REST)
    s.save()
    s.clip(neck)
    s.wash(
        linear(
            (0.0, 350.0),
            (0.0, 500.0),
            [(0.0, k.skin_shade, 1.0), (0.5, k.skin_shade, 0.55), (1.0, k.skin_shade, 0.05)],
        )
    )
    s.wash(
        linear(
            (CENTRE - 70.0, 0.0),
            (CENTRE + 90.0, 0.0),
            [(0.0, k.skin_shade, 0.0), (0.45, k.skin_shade, 0.0), (1.0, k.skin_deep, 0.35)],
        )
    )
    s.top.save()
    s.top.translate(6.0 + 10.0 * h.turn.sin, 26.0)
    s.shade(curve(h.outline(), True), fill(k.skin_deep, 0.50, 5.0))
    s.top.restore()
    _draw_chest(s, h, k, w, lean)
    s.restore()


def _draw_chest(s: Sheet, h: Head, k: Palette, w: float, lean: float) -> None:
    """Paint collar bones and the cords of a neck of half width w that leans sideways (units)."""
    m = h.man
    for side in (-1.0, 1.0):
        bone = [(CENTRE + side * x, y) for x, y in ((16.0, 476.0), (46.0, 466.0), (118.0, 456.0))]
        s.shade(ribbon(bone, (2.0, 6.0, 0.5)), fill(k.skin_deep, 0.42, 2.0))
        s.shade(ribbon([(x, y - 6.0) for x, y in bone], (1.0, 5.0, 0.5)), fill(k.skin_light, 0.35, 2.5))
        cord = [
            (CENTRE + side * x + (1.2 - side) * lean * 0.3, y)
            for x, y in ((w * 0.86, 396.0), (w * 0.62, 436.0), (12.0, 474.0))
        ]
        s.shade(ribbon(cord, (0.5, 5.0 + 2.0 * m, 1.0)), fill(k.skin_deep, 0.13, 3.0))


def _neckline(h: Head) -> list[Point]:
    """Edge of the garment round the neck, left to right."""
    n, m = h.p.neckline * (1.0 - 0.45 * h.man), h.man
    wide, deep = lerp(58.0, 112.0, n) + 14.0 * m, lerp(450.0, 506.0, n)
    up = lerp(421.0, 447.0, n) - 2.0 * m
    wide, up = lerp(wide, 62.0 + 16.0 * m, h.shirt), lerp(up, 420.0, h.shirt)
    deep = lerp(deep, 492.0, h.shirt)
    wide, up, deep = (
        lerp(wide, 60.0 + 18.0 * m, h.roll_neck),
        lerp(up, 422.0, h.roll_neck),
        lerp(deep, 452.0, h.roll_neck),
    )
    mid = lerp(0.64, 0.52, h.shirt)
    half = [(wide, up), (wide * lerp(0.72, 0.56, h.shirt), lerp(up, deep, mid)), (0.0, deep)]
    right = [(CENTRE + x, y) for x, y in reversed(half)]
    return [*_mirror(right)[:-1], *right]


def draw_clothes(s: Sheet, h: Head, k: Palette) -> None:
    """Paint the garment: plain, with a shirt collar or with a roll-neck."""
    sag, m = _neckline(h), h.man
    x0, up = sag[-1][0] - CENTRE, sag[-1][1]
    right = [
        sag[-1],
        (CENTRE + x0 + 34.0, up + 16.0 - 4.0 * m - 4.0 * h.roll_neck),
        (CENTRE + lerp(150.0, 172.0, m), 468.0 - 12.0 * m),
        (CENTRE + lerp(196.0, 228.0, m), 498.0 - 14.0 * m),
        (CENTRE + lerp(216.0, 256.0, m), 540.0),
    ]
    cloth = outline(sag, right, _mirror(right))
    s.top.save()
    s.top.translate(0.0, 5.0)
    s.shade(curve(sag), line(k.skin_deep, 9.0, 0.45, 4.0))
    s.top.restore()
    light = mix(k.cloth, WHITE, 0.14)
    stops = [(0.0, light, 1.0), (0.5, k.cloth, 1.0), (1.0, k.cloth_dark, 1.0)]
    s.base(cloth, linear((170.0, 410.0), (330.0, 560.0), stops), Part.REST)
    s.save()
    s.clip(cloth)
    for side in (-1.0, 1.0):
        for x, y, a in ((146.0, 470.0, 0.45), (70.0, 500.0, 0.22)):
            fold = [
                (CENTRE + side * (x - 6.0), y),
                (CENTRE + side * (x + 3.0), y + 22.0),
                (CENTRE + side * (x - 12.0), y + 56.0),
            ]
            s.shade(ribbon(fold, (1.0, 12.0, 20.0)), fill(k.cloth_dark, a, 5.0))
    s.shade(curve([(x, y + 8.0) for x, y in sag]), line(k.cloth_dark, 1.6, 0.5))
    s.shade(curve(sag), line(mix(light, WHITE, 0.25), 7.0, 0.65))
    s.restore()
    _draw_shirt(s, h, k, sag)
    _draw_roll(s, h, k)


def _draw_shirt(s: Sheet, h: Head, k: Palette, sag: list[Point]) -> None:
    """Paint the two leaves of a shirt collar and the placket."""
    size = h.shirt
    if size <= 0.0:
        return
    light, low = mix(k.cloth, WHITE, 0.34), sag[2]
    placket = ribbon([low, (CENTRE, 540.0)], (2.0, 2.6))
    s.shade(placket, fill(k.cloth_dark, 0.8 * size))
    for side in (-1.0, 1.0):
        x, y = CENTRE + side * (sag[-1][0] - CENTRE), sag[-1][1]
        leaf = outline(
            [(x + side * 2.0, y - 6.0 * size), (lerp(x, low[0], 0.42), lerp(y, low[1], 0.52)), low],
            [low, (lerp(low[0], low[0] + side * 52.0, size), lerp(low[1], low[1] + 8.0, size))],
            [(x + side * 26.0 * size, y + 16.0 * size), (x + side * 2.0, y - 6.0 * size)],
        )
        s.top.save()
        s.top.translate(side * 2.0, 5.0)
        s.shade(leaf, fill(k.cloth_dark, 0.6 * size, 3.0))
        s.top.restore()
        stops = [(0.0, light, size), (1.0, mix(k.cloth, light, 0.4), size)]
        s.base(leaf, linear((0.0, y), (0.0, low[1] + 8.0), stops), Part.REST)
        s.shade(leaf, line(k.cloth_dark, 1.3, 0.5 * size))


def _draw_roll(s: Sheet, h: Head, k: Palette) -> None:
    """Paint a roll-neck that rises from the neckline."""
    rise = h.roll_neck
    if rise <= 0.0:
        return
    w = lerp(50.0, 70.0, h.man)
    top = lerp(470.0, 408.0, rise)
    run = [
        (CENTRE - w, top),
        (CENTRE - w * 0.55, top + 11.0),
        (CENTRE, top + 15.0),
        (CENTRE + w * 0.55, top + 11.0),
        (CENTRE + w, top),
    ]
    side = [run[-1], (CENTRE + w + 5.0, 428.0), (CENTRE + w + 22.0, 446.0), (CENTRE + w + 60.0, 520.0)]
    roll = outline(run, side, _mirror(side))
    light = mix(k.cloth, WHITE, 0.16)
    stops = [(0.0, light, rise), (0.35, k.cloth, rise), (1.0, k.cloth, rise)]
    s.base(roll, linear((CENTRE - w, 0.0), (CENTRE + w, 40.0), stops), Part.REST)
    s.save()
    s.clip(roll)
    for i in range(-5, 6):
        rib = [(CENTRE + i * 0.19 * w, top), (CENTRE + i * 0.205 * w, 446.0), (CENTRE + i * 0.3 * w, 530.0)]
        s.shade(ribbon(rib, (2.2, 2.2, 1.0)), fill(k.cloth_dark, 0.35 * rise, 0.8))
    s.shade(curve([(x, y + 30.0) for x, y in run]), line(k.cloth_dark, 8.0, 0.5 * rise, 4.0))
    s.shade(curve(run), line(light, 5.0, 0.7 * rise))
    s.restore()


def draw_necklace(s: Sheet, h: Head, k: Palette) -> None:
    """Paint a fine chain with a pendant; nothing below the threshold or under a roll-neck."""
    a = h.necklace
    if a <= 0.0:
        return
    low = 474.0
    gold, dark = (0.96, 0.84, 0.56), (0.62, 0.46, 0.26)
    chain = [
        (CENTRE + x, y) for x, y in ((-50.0, 424.0), (-38.0, 446.0), (0.0, low), (38.0, 446.0), (50.0, 424.0))
    ]
    s.shade(curve([(x + 1.0, y + 2.0) for x, y in chain]), line(k.skin_deep, 2.0, 0.4 * a, 1.0))
    s.shade(curve(chain), line(dark, 2.2, 0.9 * a))
    s.shade(curve(chain), line(gold, 1.2, a))
    drop = curve(
        [(CENTRE, low), (CENTRE + 5.0, low + 9.0), (CENTRE, low + 14.0), (CENTRE - 5.0, low + 9.0)], True
    )
    stops = [(0.0, WHITE, a), (0.5, gold, a), (1.0, dark, a)]
    s.shade(drop, radial((CENTRE - 2.0, low + 7.0), 9.0, stops))
    s.shade(drop, line(times(dark, (0.8, 0.7, 0.7)), 0.8, 0.7 * a))
