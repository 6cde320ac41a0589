"""Eyes and brows of the portrait."""

from __future__ import annotations

import skia

from models.face.painter.canvas import Part, Sheet
from models.face.painter.palette import Palette
from models.face.painter.shape import EYE_Y, Head
from models.face.painter.tools import (
    WHITE,
    Point,
    ease,
    fill,
    lerp,
    line,
    linear,
    mix,
    outline,
    radial,
    refine,
    ribbon,
    times,
)

# Lids: place from the inner (-1) to the outer corner (1), height of the open upper lid, of the
# shut one (a soft arc downward) and of the lower lid, each as a share.
_LID = (
    (-1.0, 0.0, 0.0, 0.0),
    (-0.80, 0.36, 0.42, 0.34),
    (-0.48, 0.80, 0.80, 0.74),
    (-0.08, 1.0, 1.0, 0.97),
    (0.34, 0.96, 0.94, 1.0),
    (0.70, 0.70, 0.66, 0.74),
    (0.92, 0.34, 0.28, 0.34),
    (1.04, 0.08, 0.02, 0.04),
)


class Eye:
    """Shape of one eye: side is -1 (viewer's left) or 1."""

    def __init__(self, h: Head, side: float) -> None:
        self.h, self.side, p = h, side, h.p
        size = lerp(0.91, 1.09, p.eye_size) * (1.0 - 0.10 * h.man) * (1.0 - 0.05 * h.old)
        self.size, self.half = size, 29.5 * size * (1.0 + 0.03 * h.man)
        # lids pass quickly through the slits between half and wholly shut
        wide, x = max(p.eyes, 0.0), min(max(-p.eyes, 0.0) / 0.94, 1.0)
        self.shut = min(1.15 * lerp(x, ease(ease(x)), 0.85), 1.0)
        merry = max(p.smile, 0.0)
        self.up = size * (16.0 + 6.5 * wide) - 2.2 * h.man - 1.6 * h.old
        self.low = size * (9.5 + 2.0 * wide - 2.0 * merry * (1.0 - wide))
        self.tilt = lerp(-1.0, 5.0, p.eye_tilt) - 1.2 * h.old
        self.radius = 15.2 * size * (1.0 + 0.07 * wide)
        a, b = h.turn.on(side * h.eye_x - 15.0, 0.0), h.turn.on(side * h.eye_x + 15.0, 0.0)
        self.squeeze = (b[0] - a[0]) / 30.0

    def at(self, u: float, y: float) -> Point:
        """Screen point: u in half widths from the centre, outward; y units below it."""
        x = self.side * (self.h.eye_x + u * self.half)
        return self.h.turn.on(x, EYE_Y + y - self.tilt * u)

    def lid(self, lift: float = 0.0) -> list[Point]:
        """Edge of the upper lid from the inner to the outer corner, raised by lift units."""
        t, down = self.shut, 0.78 * self.low + 1.0
        return [self.at(u, lerp(2.0 - o * (self.up + 2.0), 2.0 + c * down, t) - lift) for u, o, c, _ in _LID]

    def under(self, drop: float = 0.0) -> list[Point]:
        """Edge of the lower lid from the inner to the outer corner, lowered by drop units."""
        low = lerp(self.low, 0.78 * self.low + 2.0, self.shut)
        return [self.at(u, 2.0 + v * low + drop) for u, _, _, v in _LID]

    @property
    def middle(self) -> Point:
        """Screen point of the pupil."""
        look = 9.0 * self.h.p.gaze - 4.5 * self.h.p.pose
        x, y = self.h.turn.on(self.side * self.h.eye_x, EYE_Y - 2.2 + 5.0 * self.shut)
        return x + 0.5 * (1.0 + self.squeeze) * look, y


def draw_eye(s: Sheet, h: Head, k: Palette, side: float) -> None:
    """Paint one eye with lid shade, iris, catch lights, lashes and crease."""
    e = Eye(h, side)
    lid, under = e.lid(), e.under()
    tint = mix(k.skin_shade, k.skin_deep, 0.45)
    shade = (0.5, 6.0, 11.0, 13.0, 13.0, 11.0, 7.0, 2.0)
    s.shade(ribbon(e.lid(5.5), shade), fill(tint, 0.55, 3.6))
    ball = outline(lid, list(reversed(under)))
    s.shade(ball, fill((0.975, 0.965, 0.965)))
    s.mark(outline(e.lid(0.8), list(reversed(e.under(0.8)))), Part.LEFT_EYE if side < 0.0 else Part.RIGHT_EYE)
    s.top.save()
    s.top.clipPath(ball, True)
    x0, x1 = e.at(-1.0, 0.0)[0], e.at(1.04, 0.0)[0]
    rose = (0.80, 0.62, 0.64)
    s.wash(
        linear(
            (x0, 0.0), (x1, 0.0), [(0.0, rose, 0.75), (0.2, rose, 0.1), (0.8, rose, 0.1), (1.0, rose, 0.55)]
        )
    )
    _draw_iris(s, e, k)
    cast = fill((0.20, 0.14, 0.24), 0.52, 2.2)
    deep = [(1.0 - 0.7 * e.shut) * n for n in (2.0, 6.0, 8.0, 9.0, 9.0, 8.0, 6.0, 3.0)]
    s.shade(ribbon(e.lid(-1.6), deep), cast)
    _draw_lights(s, e)
    s.top.restore()
    rim = mix(k.lash, k.skin_deep, 0.62)
    s.shade(ribbon(e.under(0.4), (0.5, 1.0, 1.2, 1.3, 1.6, 2.0, 2.2, 1.2)), fill(rim, 0.85))
    s.shade(ribbon(e.under(4.6), (0.5, 2.0, 3.5, 4.0, 4.0, 3.0, 1.5, 0.5)), fill(k.skin_deep, 0.26, 1.8))
    _draw_lashes(s, e, k)


def _draw_iris(s: Sheet, e: Eye, k: Palette) -> None:
    """Paint iris and pupil (the eye is clipped already)."""
    x, y = e.middle
    r = e.radius
    rx = e.squeeze * r
    dark = times(k.iris, (0.20, 0.17, 0.24))
    bright = mix(k.iris, WHITE, 0.38)
    stops = [
        (0.0, dark, 1.0),
        (0.38, times(k.iris, (0.62, 0.60, 0.66)), 1.0),
        (0.7, k.iris, 1.0),
        (1.0, bright, 1.0),
    ]
    s.oval(x, y, rx, r, linear((0.0, y - r), (0.0, y + r), stops))
    glow = [(0.0, bright, 0.95), (1.0, bright, 0.0)]
    s.oval(x, y + r * 0.45, rx * 0.8, r * 0.6, radial((x, y + r * 0.55), rx * 0.78, glow, 0.7))
    ring = line(dark, 2.4, 0.9)
    s.oval(x, y, rx - 0.8, r - 0.8, ring)
    s.oval(x, y, rx * 0.46, r * 0.46, fill(mix(dark, (0.02, 0.01, 0.03), 0.75)))


def _draw_lights(s: Sheet, e: Eye) -> None:
    """Paint the two catch lights (the eye is clipped already)."""
    x, y = e.middle
    r = e.radius
    s.oval(x - 0.36 * r * e.squeeze, y - 0.36 * r, 0.27 * r, 0.29 * r, fill(WHITE, 0.97))
    low = 0.72 * (1.0 - ease(2.0 * e.shut))  # it would lie on the lid of a half-shut eye
    s.oval(x + 0.40 * r * e.squeeze, y + 0.42 * r, 0.14 * r, 0.13 * r, fill(WHITE, low))


def _draw_lashes(s: Sheet, e: Eye, k: Palette) -> None:
    """Paint the upper lash line with its wing, single lashes and the lid crease."""
    h = e.h
    m = h.p.lashes * (1.0 - 0.85 * h.man) * (1.0 - 0.35 * h.old)
    dark = mix(k.lash, k.skin_line, 0.35 * h.man)
    thick = lerp(0.66, 1.12, m) * (1.0 - 0.12 * h.man)
    lid = e.lid(0.6)
    down = lerp(1.0, -0.9, ease(e.shut))
    wing = (lid[-1][0] + e.side * (2.0 + 3.0 * m), lid[-1][1] - (1.0 + 4.2 * m) * down)
    widths = [thick * w for w in (1.0, 2.4, 3.8, 4.7, 5.0, 4.8, 4.0, 2.8, 0.3)]
    run = refine([*lid, wing], 3)
    spread = [x for x, _ in refine([(w, 0.0) for w in widths], 3)]
    s.shade(ribbon(run, spread), fill(dark))
    for i, out in ((3, 0.0), (4, 0.35), (5, 0.7), (6, 1.0)):
        n = (1.5 + 6.5 * m) * (0.55 + 0.45 * out)
        x, y = lid[i]
        tip = (x + e.side * (2.0 + 6.0 * out) * (0.4 + m), y - n * down)
        root = (x - e.side * 1.5, y + 0.6)
        mid = (lerp(root[0], tip[0], 0.55), lerp(root[1], tip[1], 0.42))
        s.shade(ribbon([root, mid, tip], (3.0 * thick, 1.9 * thick, 0.2)), fill(dark, 0.95))
    crease = e.lid(lerp(5.2, 11.0, e.shut) - 1.2 * h.man)[1:]
    s.shade(ribbon(crease, (0.3, 1.0, 1.6, 1.9, 1.8, 1.2, 0.3)), fill(k.skin_line, 0.62, 0.4))
    light = e.lid(lerp(3.2, 5.0, e.shut))[1:-1]
    s.shade(ribbon(light, (0.3, 1.6, 2.2, 2.2, 1.6, 0.3)), fill(k.skin_light, 0.30 + 0.25 * e.shut, 1.2))


def draw_brow(s: Sheet, h: Head, k: Palette, side: float) -> None:
    """Paint one eyebrow; it follows the brow parameter and, a little, the eyes and a laugh."""
    p, m = h.p, h.man
    worry, up = 0.7 * max(-p.brow, 0.0), max(p.brow, 0.0)
    y = lerp(212.0, 201.0, p.brow_height) - 3.0 * p.eyes - 2.0 * h.open + 3.0 * m - 8.0 * up + 1.0 * worry
    t = lerp(0.62, 1.25, p.brow_thickness) * (1.0 + 0.34 * m)
    x0 = -3.0 * worry - 2.0 * m
    arch = 1.0 - 0.5 * m + 0.5 * up
    shape = (
        (23.0 + x0, 2.5 - 7.0 * worry - 1.5 * up),
        (40.0 + 0.6 * x0, -1.0 - 2.5 * worry - 2.0 * up),
        (58.0, -4.5 * arch + 2.0 * worry),
        (76.0, -4.0 * arch + 3.5 * worry),
        (93.0 + 2.0 * m, 4.0 - 2.0 * m + 3.0 * worry + 2.0 * up),
    )
    pts = [h.turn.on(side * x, y + d) for x, d in shape]
    grey = mix(k.brow, (0.62, 0.60, 0.60), 0.5 * h.old)
    path = ribbon(refine(pts, 3), [t * w for w in _BROW])
    s.mark(path, Part.LEFT_BROW if side < 0.0 else Part.RIGHT_BROW)
    a, b = pts[0][0], pts[-1][0]
    stops = [(0.0, grey, 0.45), (0.22, grey, 0.85), (0.8, grey, 0.95), (1.0, grey, 0.75)]
    paint = linear((a, 0.0), (b, 0.0), stops)
    paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 0.9))
    s.shade(path, paint)
    inner = ribbon(refine([(x, q + 0.6 * t) for x, q in pts], 3), [0.5 * t * w for w in _BROW])
    s.shade(inner, fill(grey, 0.35))


_BROW = (5.0, 6.6, 7.4, 7.8, 7.8, 7.6, 7.2, 6.6, 5.8, 4.8, 3.6, 2.2, 0.4)
