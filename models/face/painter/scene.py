"""Background of the portrait, and what a picture of poor quality looks like."""

from __future__ import annotations

import skia

from models.face.painter.canvas import SIDE, Sheet
from models.face.painter.palette import Palette
from models.face.painter.params import PortraitParams
from models.face.painter.tools import CENTRE, WHITE, Colour, curve, ease, fill, hsv, lerp, linear, mix, radial

# Lights of the bokeh: x, y, radius (units), hue shift (turns), brightness.
_LIGHTS = (
    (34.0, 66.0, 46.0, 0.04, 0.9),
    (92.0, 168.0, 34.0, -0.05, 0.6),
    (20.0, 236.0, 56.0, 0.09, 0.7),
    (70.0, 330.0, 40.0, -0.02, 0.8),
    (128.0, 40.0, 30.0, 0.12, 0.7),
    (196.0, 22.0, 38.0, -0.08, 0.5),
    (300.0, 18.0, 32.0, 0.05, 0.8),
    (382.0, 52.0, 50.0, -0.04, 0.9),
    (464.0, 30.0, 36.0, 0.10, 0.6),
    (486.0, 132.0, 54.0, 0.02, 0.8),
    (418.0, 176.0, 28.0, -0.10, 0.9),
    (470.0, 262.0, 44.0, 0.07, 0.6),
    (438.0, 352.0, 38.0, 0.0, 0.9),
    (498.0, 400.0, 48.0, -0.06, 0.7),
    (14.0, 420.0, 42.0, 0.06, 0.6),
)


def _tone(p: PortraitParams) -> tuple[float, float]:
    """Value and saturation of the background."""
    return 0.16 + 0.78 * p.background_value, lerp(0.40, 0.13, p.background_value)


def sky(p: PortraitParams) -> tuple[Colour, Colour]:
    """Colours of the background, at the top and at the bottom."""
    v, sat = _tone(p)
    return hsv(p.background_hue, sat, v), hsv(p.background_hue + 0.07, sat * 1.15, v * 0.76)


def lights(p: PortraitParams) -> float:
    """Strength of the lights out of focus, in [0, 1]."""
    return ease((p.background_kind - 0.3) / 0.6)


def poor(p: PortraitParams) -> float:
    """How far the picture is spoilt, in [0, 1]."""
    return ease((0.72 - p.quality) / 0.6)


def draw_background(s: Sheet, p: PortraitParams, k: Palette) -> None:
    """Fill the picture with a gradient, a soft glow behind the head and lights out of focus."""
    v, sat = _tone(p)
    top, low = sky(p)
    s.wash(linear((60.0, 0.0), (200.0, SIDE), [(0.0, top, 1.0), (1.0, low, 1.0)]))
    kind = lights(p)
    glow = mix(top, WHITE, 0.55)
    s.wash(radial((CENTRE - 60.0, 170.0), 330.0, [(0.0, glow, 0.6 - 0.3 * kind), (1.0, glow, 0.0)]))
    if kind <= 0.0:
        return
    dusk = hsv(p.background_hue + 0.03, sat * 1.3, v * 0.45)
    s.wash(radial((CENTRE, 230.0), 400.0, [(0.0, dusk, 0.3 * kind), (1.0, dusk, 0.75 * kind)]))
    for x, y, r, dh, bright in _LIGHTS:
        tone = hsv(p.background_hue + dh, sat * 1.1 + 0.12, min(1.0, 0.42 + 0.62 * v))
        a = bright * kind * 0.62
        stops = [(0.0, tone, a), (0.5, tone, 0.8 * a), (0.75, tone, 0.5 * a), (1.0, tone, 0.0)]
        s.oval(x, y, 1.35 * r, 1.35 * r, radial((x, y), 1.35 * r, stops))


# Smears of a poor picture: points of a band and its width (units).
_SMEARS = (
    (((60.0, 20.0), (150.0, 70.0), (262.0, 52.0), (330.0, 96.0)), 40.0, 0.55),
    (((250.0, -6.0), (340.0, 60.0), (420.0, 44.0), (500.0, 120.0)), 56.0, 0.45),
    (((150.0, -10.0), (190.0, 46.0), (270.0, 104.0), (320.0, 60.0)), 30.0, 0.4),
    (((-10.0, 90.0), (60.0, 120.0), (120.0, 96.0), (170.0, 150.0)), 44.0, 0.4),
)


def spoil(s: Sheet, p: PortraitParams, k: Palette) -> None:
    """Smear the top of the picture and blur it all, the more the lower the quality."""
    bad = poor(p)
    if bad <= 0.0:
        return
    tones = (k.hair, k.skin_shade, hsv(p.background_hue + 0.4, 0.4, 0.6), k.cloth)
    for (pts, width, a), tone in zip(_SMEARS, tones, strict=True):
        paint = fill(tone, a * bad, 7.0)
        paint.setStyle(skia.Paint.kStroke_Style)
        paint.setStrokeWidth(width * (0.5 + 0.5 * bad))
        s.shade(curve(pts), paint)
    s.surface.flushAndSubmit()
    scale = s.pixels.shape[0] / SIDE
    blur = skia.ImageFilters.Blur(6.5 * bad * scale, 5.0 * bad * scale, skia.TileMode.kClamp)
    image = s.surface.makeImageSnapshot()
    s.top.save()
    s.top.resetMatrix()
    s.top.drawImage(image, 0.0, 0.0, skia.SamplingOptions(), skia.Paint(ImageFilter=blur))
    s.top.restore()
