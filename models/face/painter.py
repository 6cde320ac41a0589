"""Portrait painter: an exact 2-D portrait of a young woman from parameters.

`paint(from_gaussian(z))` gives the picture of independent normal coordinates z; the
same parameters always give the same pixels and every parameter acts continuously.
"""

from __future__ import annotations

import numpy as np
import skia
from numpy.typing import NDArray

from models.face.painter_body import (
    SIDE,
    draw_background,
    draw_clothes,
    draw_head,
    draw_neck,
    draw_nose,
)
from models.face.painter_features import draw_brow, draw_eye, draw_mouth
from models.face.painter_hair import (
    draw_back_hair,
    draw_curtains,
    draw_earrings,
    draw_fringe,
    draw_fringe_shadow,
    fringe_locks,
)
from models.face.painter_palette import palette_of
from models.face.painter_params import PARAM_NAMES, PortraitParams, from_gaussian
from models.face.painter_tools import CENTRE, Turn

__all__ = ["PARAM_NAMES", "PortraitParams", "from_gaussian", "paint"]


_ZOOM = 1.06  # crop: magnification round the point (CENTRE, _FOCUS_Y), units
_FOCUS_Y = 262.0


def draw(c: skia.Canvas, p: PortraitParams) -> None:
    """Draw the portrait on a canvas of 512 x 512 units."""
    k, turn = palette_of(p), Turn.of(p.pose)
    draw_background(c, p)
    draw_back_hair(c, p, k, turn)
    draw_neck(c, p, k, turn)
    draw_clothes(c, p, k)
    face = draw_head(c, p, k, turn)
    draw_nose(c, p, k, turn)
    draw_mouth(c, p, k, turn)
    for side in (-1.0, 1.0):
        draw_eye(c, p, k, turn, side)
        draw_brow(c, p, k, turn, side)
    locks = fringe_locks(p, turn)
    draw_fringe_shadow(c, k, locks, face)
    draw_curtains(c, p, k, turn)
    draw_fringe(c, p, k, turn, locks)
    draw_earrings(c, p, turn)


def _render(params: PortraitParams, size: int) -> NDArray[np.uint8]:
    """RGBA picture [size, size, 4] straight from the rasteriser."""
    pixels = np.zeros((size, size, 4), dtype=np.uint8)
    info = skia.ImageInfo.Make(size, size, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
    surface = skia.Surface.MakeRasterDirect(info, pixels)
    canvas = surface.getCanvas()
    canvas.scale(size / SIDE, size / SIDE)
    canvas.translate(CENTRE, _FOCUS_Y)
    canvas.scale(_ZOOM, _ZOOM)
    canvas.translate(-CENTRE, -_FOCUS_Y)
    draw(canvas, params)
    surface.flushAndSubmit()
    return pixels


def paint(params: PortraitParams, size: int = 256) -> NDArray[np.uint8]:
    """Picture [size, size, 3] (sRGB, 8 bits a channel) of the parameters.

    Pictures of up to 64 pixels are drawn twice as large and averaged, because the
    rasteriser places edges on quarter pixels and thin features would jitter.
    """
    if size > 64:
        return np.ascontiguousarray(_render(params, size)[:, :, :3])
    big = _render(params, 2 * size)[:, :, :3].astype(np.uint16)
    total = big[0::2, 0::2] + big[0::2, 1::2] + big[1::2, 0::2] + big[1::2, 1::2]
    return ((total + 2) // 4).astype(np.uint8)
