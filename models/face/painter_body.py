"""Background, neck, clothes, head shape, cheeks and nose of the portrait."""

from __future__ import annotations

import skia

from models.face.painter_palette import Palette
from models.face.painter_params import PortraitParams
from models.face.painter_tools import (
    CENTRE,
    WHITE,
    Point,
    Turn,
    curve,
    fill,
    hsv,
    lerp,
    line,
    linear,
    mix,
    outline,
    radial,
    ribbon,
)

SIDE = 512.0  # side of the picture, units


def draw_background(c: skia.Canvas, p: PortraitParams) -> None:
    """Fill the picture with a vertical gradient and a soft glow behind the head."""
    v = 0.30 + 0.64 * p.background_value
    s = lerp(0.34, 0.15, p.background_value)
    top, low = hsv(p.background_hue, s, v), hsv(p.background_hue + 0.10, s * 0.9, v * 0.82)
    c.drawPaint(linear((0.0, 0.0), (90.0, SIDE), [(0.0, top, 1.0), (1.0, low, 1.0)]))
    glow = mix(top, WHITE, 0.6)
    c.drawPaint(radial((CENTRE, 210.0), 330.0, [(0.0, glow, 0.75), (1.0, glow, 0.0)]))


def face_outline(p: PortraitParams, turn: Turn) -> list[Point]:
    """Points (units) of the closed head outline, from the left temple round by the chin."""
    w = lerp(105.0, 115.0, p.face_width)
    jaw = lerp(0.0, 1.0, p.jaw)
    o = 0.5 * (p.mouth + 1.0)
    chin = 386.0 + 11.0 * o
    half = (
        (w * 0.93, 150.0, 46.0),
        (w, 215.0, 46.0),
        (w * 0.965, 268.0, 48.0),
        (lerp(0.81, 0.895, jaw) * w, 316.0 + 2.0 * o, 58.0),
        (lerp(0.49, 0.61, jaw) * w, 357.0 + 6.0 * o, 82.0),
        (lerp(0.165, 0.235, jaw) * w, chin - 6.0, 98.0),
    )
    top = ((w * 0.62, 84.0, 40.0),)
    left = [turn.at(-x, y, z) for x, y, z in top + half]
    right = [turn.at(x, y, z) for x, y, z in top + half]
    return [*left, turn.at(0.0, chin, 100.0), *reversed(right)]


def draw_neck(c: skia.Canvas, p: PortraitParams, k: Palette, turn: Turn) -> None:
    """Paint neck and upper chest, with the shadow of the chin and the collar bones."""
    s = 10.0 * turn.sin
    left = [(212.0 + s, 330.0), (213.0 + s, 385.0), (204.0, 416.0), (166.0, 440.0), (110.0, 462.0)]
    right = [(402.0, 462.0), (346.0, 440.0), (308.0, 416.0), (299.0 + s, 385.0), (300.0 + s, 330.0)]
    neck = outline([*left, (96.0, 520.0)], [(416.0, 520.0), *right])
    c.drawPath(neck, fill(k.skin))
    c.save()
    c.clipPath(neck, True)
    stops = [(0.0, k.skin_deep, 0.75), (0.35, k.skin_shade, 0.85), (1.0, k.skin_shade, 0.0)]
    c.drawPaint(linear((0.0, 372.0), (0.0, 462.0), stops))
    c.translate(12.0 * turn.sin, 24.0)
    c.drawPath(curve(face_outline(p, turn), True), fill(k.skin_deep, 0.38, 7.0))
    c.restore()
    for side in (-1.0, 1.0):
        bone = [(CENTRE + side * x, y) for x, y in ((18.0, 470.0), (52.0, 460.0), (104.0, 452.0))]
        c.drawPath(ribbon(bone, (3.0, 5.0, 0.5)), fill(k.skin_deep, 0.38, 1.5))
        cord = [(CENTRE + side * x, y) for x, y in ((40.0, 405.0), (30.0, 435.0), (12.0, 466.0))]
        c.drawPath(ribbon(cord, (0.5, 4.0, 1.0)), fill(k.skin_deep, 0.22, 2.0))


def draw_clothes(c: skia.Canvas, p: PortraitParams, k: Palette) -> None:
    """Paint the garment; the neckline runs from a high collar (0) to a wide scoop (1)."""
    n = p.neckline
    wide, deep, up = lerp(46.0, 112.0, n), lerp(432.0, 504.0, n), lerp(410.0, 440.0, n)
    sag = [
        (CENTRE - wide, up),
        (CENTRE - wide * 0.66, lerp(up, deep, 0.66)),
        (CENTRE, deep),
        (CENTRE + wide * 0.66, lerp(up, deep, 0.66)),
        (CENTRE + wide, up),
    ]
    right = [
        sag[-1],
        (CENTRE + wide + 42.0, up + 14.0),
        (430.0, 462.0),
        (474.0, 492.0),
        (494.0, 530.0),
    ]
    left = [(2.0 * CENTRE - x, y) for x, y in reversed(right)]
    cloth = outline(sag, right, left)
    c.save()
    c.translate(0.0, 4.0)
    c.drawPath(cloth, fill(k.skin_deep, 0.35, 4.0))
    c.restore()
    light = mix(k.cloth, WHITE, 0.16)
    stops = [(0.0, light, 1.0), (0.45, k.cloth, 1.0), (1.0, k.cloth_dark, 1.0)]
    c.drawPath(cloth, linear((CENTRE, 415.0), (CENTRE, 545.0), stops))
    c.save()
    c.clipPath(cloth, True)
    for side in (-1.0, 1.0):
        fold = [(CENTRE + side * x, y) for x, y in ((150.0, 450.0), (158.0, 485.0), (150.0, 520.0))]
        c.drawPath(ribbon(fold, (2.0, 12.0, 18.0)), fill(k.cloth_dark, 0.45, 5.0))
    c.drawPath(curve([(x, y + 7.0) for x, y in sag]), line(k.cloth_dark, 2.0, 0.55))
    c.drawPath(curve(sag), line(mix(light, WHITE, 0.35), 5.0, 0.75))
    c.restore()


def draw_head(c: skia.Canvas, p: PortraitParams, k: Palette, turn: Turn) -> skia.Path:
    """Paint the shaded face and the blush; returns the outline of the face."""
    face = curve(face_outline(p, turn), True)
    c.drawPath(face, fill(k.skin))
    c.save()
    c.clipPath(face, True)
    mid = turn.on(0.0, 245.0)
    stops = [
        (0.0, k.skin_light, 0.55),
        (0.5, k.skin, 0.0),
        (0.78, k.skin, 0.0),
        (1.0, k.skin_shade, 0.85),
    ]
    c.drawPaint(radial(mid, 132.0, stops, 1.22))
    rim = line(k.skin_shade, 16.0, 0.55, 7.0)
    c.drawPath(face, rim)
    rose = mix(k.skin, (0.96, 0.40, 0.42), 0.62)
    lift = 3.0 * (p.mouth + 1.0)
    for side in (-1.0, 1.0):
        a, b = turn.on(side * 40.0, 0.0)[0], turn.on(side * 100.0, 0.0)[0]
        spot = skia.Rect.MakeLTRB(min(a, b), 276.0 - lift, max(a, b), 312.0 - lift)
        c.drawOval(spot, fill(rose, 0.10 + 0.55 * p.blush, 12.0))
    c.drawOval(
        skia.Rect.MakeLTRB(mid[0] - 26.0, 366.0, mid[0] + 26.0, 384.0),
        fill(k.skin_light, 0.35, 7.0),
    )
    c.restore()
    return face


def draw_nose(c: skia.Canvas, p: PortraitParams, k: Palette, turn: Turn) -> None:
    """Paint the small nose: bridge shade, tip light, nostrils and the shadow below."""
    w = lerp(9.5, 15.0, p.nose)
    y = lerp(293.0, 301.0, p.nose)
    for side, a in ((-1.0, 0.05), (1.0, 0.17)):
        bridge = [
            turn.on(side * 15.0, 214.0),
            turn.on(side * 8.5, 245.0, 8.0),
            turn.on(side * (w * 0.62), y - 18.0, 16.0),
            turn.on(side * (w * 0.95), y - 4.0, 10.0),
        ]
        c.drawPath(ribbon(bridge, (8.0, 6.0, 5.0, 6.0)), fill(k.skin_shade, a + 0.15, 3.6))
    light = [turn.on(0.0, 232.0, 6.0), turn.on(0.0, y - 24.0, 16.0), turn.on(0.0, y - 10.0, 22.0)]
    c.drawPath(ribbon(light, (4.0, 5.0, 9.0)), fill(WHITE, 0.34, 3.0))
    under = [turn.on(-w, y - 1.0, 8.0), turn.on(0.0, y + 6.0, 16.0), turn.on(w, y - 1.0, 8.0)]
    c.drawPath(ribbon(under, (2.0, 8.0, 2.0)), fill(k.skin_shade, 0.85, 2.4))
    for side in (-1.0, 1.0):
        hole = [
            turn.on(side * w * 0.28, y + 2.0, 15.0),
            turn.on(side * w * 0.62, y - 0.6, 13.0),
            turn.on(side * w * 0.92, y + 1.0, 10.0),
        ]
        c.drawPath(ribbon(hole, (0.8, 3.4, 0.8)), fill(k.skin_deep, 0.85))
        wing = [
            turn.on(side * w * 1.12, y - 8.0, 6.0),
            turn.on(side * (w * 1.22), y - 2.0, 6.0),
            turn.on(side * w, y + 1.5, 8.0),
        ]
        c.drawPath(ribbon(wing, (0.4, 2.0, 0.4)), fill(k.skin_deep, 0.42))
