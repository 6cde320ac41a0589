"""Colours of a portrait, derived smoothly from its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from models.face.painter.params import PortraitParams
from models.face.painter.tools import WHITE, Colour, ease, hsv, lerp, mix, path_colour, times

_SKIN: tuple[tuple[float, Colour], ...] = (
    (0.0, (1.0, 0.925, 0.885)),
    (0.3, (0.985, 0.86, 0.775)),
    (0.6, (0.90, 0.715, 0.585)),
    (0.82, (0.73, 0.52, 0.40)),
    (1.0, (0.56, 0.37, 0.285)),
)
_HUE: tuple[tuple[float, float], ...] = (  # hair colour path: place, hue (turns, unwrapped)
    (0.0, 0.118),
    (0.3, 0.075),
    (0.6, 0.015),
    (0.72, -0.07),
    (0.85, -0.27),
    (1.0, -0.50),
)
_IRIS: tuple[tuple[float, Colour], ...] = (
    (0.0, (0.50, 0.29, 0.16)),
    (0.2, (0.62, 0.45, 0.18)),
    (0.4, (0.28, 0.58, 0.34)),
    (0.6, (0.18, 0.60, 0.66)),
    (0.8, (0.25, 0.47, 0.82)),
    (1.0, (0.54, 0.38, 0.80)),
)
_LIP: tuple[tuple[float, Colour], ...] = (
    (0.0, (0.86, 0.55, 0.50)),
    (0.5, (0.88, 0.38, 0.42)),
    (1.0, (0.70, 0.16, 0.32)),
)


@dataclass(frozen=True)
class Palette:
    """Colours (RGB in [0, 1]) that the parts of the portrait share."""

    skin: Colour
    skin_light: Colour
    skin_shade: Colour
    skin_deep: Colour
    skin_line: Colour
    hair: Colour
    hair_light: Colour
    hair_shine: Colour
    hair_dark: Colour
    hair_line: Colour
    lash: Colour
    brow: Colour
    iris: Colour
    lip: Colour
    cloth: Colour
    cloth_dark: Colour


def _hair_hue(t: float) -> float:
    """Hue (turns, unwrapped) at a place t in [0, 1] on the hair colour path."""
    for (t0, h0), (t1, h1) in pairwise(_HUE):
        if t <= t1:
            return lerp(h0, h1, (t - t0) / (t1 - t0))
    return _HUE[-1][1]


def palette_of(p: PortraitParams) -> Palette:
    """Palette of the parameters."""
    skin = path_colour(_SKIN, p.skin)
    shade = mix(times(skin, (0.90, 0.72, 0.69)), skin, 0.12)
    aurora = min(max((p.hair_hue - 0.6) / 0.15, 0.0), 1.0)
    # dark natural hair is brown, not olive
    hue = lerp(_hair_hue(p.hair_hue), 0.055, 0.62 * (1.0 - p.hair_value) * (1.0 - aurora))
    value = 0.13 + lerp(0.77, 0.80, aurora) * p.hair_value
    sat = lerp(0.32, 0.74, p.hair_saturation) * lerp(1.0 - 0.15 * p.hair_value, 0.95, aurora)
    grey = 0.88 * ease((p.age - 0.5) / 0.4)
    sat, value = sat * (1.0 - 0.92 * grey), lerp(value, 0.52 + 0.34 * value, grey)
    hair = hsv(hue, sat, value)
    dark = hsv(hue - 0.02, min(sat * 1.2, 0.9), value * 0.52)
    light = mix(hsv(hue + 0.012, sat * 0.80, min(value * 1.2 + 0.07, 1.0)), WHITE, 0.03)
    shine = mix(hsv(hue + 0.015, sat * 0.62, min(value * 1.25 + 0.22, 1.0)), WHITE, 0.06)
    cloth = hsv(p.clothes_hue, lerp(0.42, 0.24, p.clothes_value), 0.22 + 0.72 * p.clothes_value)
    return Palette(
        skin=skin,
        skin_light=mix(skin, WHITE, 0.35),
        skin_shade=shade,
        skin_deep=times(shade, (0.82, 0.64, 0.62)),
        skin_line=times(shade, (0.55, 0.36, 0.36)),
        hair=hair,
        hair_light=light,
        hair_shine=shine,
        hair_dark=dark,
        hair_line=mix(dark, (0.05, 0.03, 0.06), 0.35 * (1.0 - 0.7 * p.hair_value)),
        brow=mix(mix(dark, (0.10, 0.06, 0.05), 0.30), shade, 0.22),
        lash=mix(dark, (0.07, 0.04, 0.06), 0.80),
        iris=path_colour(_IRIS, p.eye_hue),
        lip=times(path_colour(_LIP, p.lip_colour), mix(WHITE, skin, 0.45)),
        cloth=cloth,
        cloth_dark=times(cloth, (0.66, 0.60, 0.70)),
    )
