"""The sheet the portrait is drawn on: picture, segmentation map and hair matte from one drawing.

Base shapes go to all three surfaces, shading only to the picture; transforms and clips to all.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import skia
from numpy.typing import NDArray

SIDE = 512.0  # side of the picture, units
_ZOOM, _FOCUS = 1.10, (256.0, 240.0)  # crop: magnification round a point, units


class Part(IntEnum):
    """Ids of the segmentation map; left and right are the viewer's."""

    REST = 0  # background, neck and clothes
    SKIN = 1
    LEFT_BROW = 2
    RIGHT_BROW = 3
    LEFT_EYE = 4
    RIGHT_EYE = 5
    NOSE = 6
    UPPER_LIP = 7
    MOUTH = 8
    LOWER_LIP = 9
    HAIR = 10


def _surface(pixels: NDArray[np.uint8]) -> skia.Surface:
    """Raster surface that writes to pixels [size, size, 4], scaled to units."""
    size = pixels.shape[0]
    info = skia.ImageInfo.Make(size, size, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
    surface = skia.Surface.MakeRasterDirect(info, pixels)
    canvas = surface.getCanvas()
    canvas.scale(size / SIDE, size / SIDE)
    canvas.translate(*_FOCUS)
    canvas.scale(_ZOOM, _ZOOM)
    canvas.translate(-_FOCUS[0], -_FOCUS[1])
    return surface


def _flat(value: int, smooth: bool) -> skia.Paint:
    """Grey paint of a value 0..255, with or without anti-aliased edges."""
    paint = skia.Paint(AntiAlias=smooth)
    paint.setColor(skia.ColorSetARGB(255, value, value, value))
    return paint


_IDS = {part: _flat(int(part), False) for part in Part}
_MATTE = {part: _flat(255 if part is Part.HAIR else 0, True) for part in Part}


class Sheet:
    """Picture [size, size], with id map [map_size, map_size] and hair matte if map_size is given."""

    def __init__(self, size: int, map_size: int = 0) -> None:
        self.pixels = np.zeros((size, size, 4), dtype=np.uint8)
        self.ids = np.zeros((map_size, map_size, 4), dtype=np.uint8)
        self.matte = np.zeros((map_size, map_size, 4), dtype=np.uint8)
        self.fine = size > 128  # small pictures do with fewer strands
        self.surface = _surface(self.pixels)
        self._keep = [self.surface]
        self.top = self.surface.getCanvas()
        self._maps: list[tuple[skia.Canvas, dict[Part, skia.Paint]]] = []
        if map_size:
            for pixels, paints in ((self.ids, _IDS), (self.matte, _MATTE)):
                self._keep.append(_surface(pixels))
                self._maps.append((self._keep[-1].getCanvas(), paints))
        self._all = [self.top, *(c for c, _ in self._maps)]

    def base(self, path: skia.Path, paint: skia.Paint, part: Part) -> None:
        """Draw a shape that stands for a part of the map."""
        self.top.drawPath(path, paint)
        self.mark(path, part)

    def mark(self, path: skia.Path, part: Part) -> None:
        """Draw a shape in the map and the matte only."""
        for canvas, paints in self._maps:
            canvas.drawPath(path, paints[part])

    def strand(self, path: skia.Path, paint: skia.Paint) -> None:
        """Draw fine hair: in the picture, and as softly in the matte."""
        self.top.drawPath(path, paint)
        if self._maps:
            soft = skia.Paint(paint)
            soft.setColor(skia.ColorSetARGB(paint.getAlpha(), 255, 255, 255))
            self._maps[1][0].drawPath(path, soft)

    def shade(self, path: skia.Path, paint: skia.Paint) -> None:
        """Draw shading: a shape in the picture only."""
        self.top.drawPath(path, paint)

    def oval(self, x: float, y: float, rx: float, ry: float, paint: skia.Paint) -> None:
        """Draw an ellipse about (x, y) in the picture only."""
        self.top.drawOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry), paint)

    def wash(self, paint: skia.Paint) -> None:
        """Fill the clipped picture with a paint."""
        self.top.drawPaint(paint)

    def save(self) -> None:
        """Keep transform and clip."""
        for c in self._all:
            c.save()

    def restore(self) -> None:
        """Go back to the kept transform and clip."""
        for c in self._all:
            c.restore()

    def clip(self, path: skia.Path) -> None:
        """Restrict what follows to a shape."""
        for c in self._all:
            c.clipPath(path, c is not self._all[1] if len(self._all) > 1 else True)

    def move(self, dx: float, dy: float) -> None:
        """Shift what follows (units)."""
        for c in self._all:
            c.translate(dx, dy)

    def roll(self, degrees: float, x: float, y: float) -> None:
        """Turn what follows clockwise about (x, y)."""
        for c in self._all:
            c.rotate(degrees, x, y)
