"""Portrait painter: an exact 2-D portrait from parameters, with segmentation map and hair matte.

`paint(from_gaussian(z))` gives the picture of independent normal coordinates z; the
same parameters always give the same pixels and every parameter acts continuously.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.face.painter.accessories import draw_arms, draw_earrings, draw_glasses
from models.face.painter.ageing import draw_freckles, draw_stubble, draw_wrinkles
from models.face.painter.body import draw_clothes, draw_neck, draw_necklace
from models.face.painter.canvas import Part, Sheet
from models.face.painter.eyes import draw_brow, draw_eye
from models.face.painter.face import draw_head, draw_nose
from models.face.painter.fringe import draw_fringe, draw_fringe_shadow, draw_part
from models.face.painter.hair import flow_of, fringe_of
from models.face.painter.mouth import draw_mouth
from models.face.painter.palette import palette_of
from models.face.painter.params import PARAM_NAMES, PortraitParams, from_gaussian
from models.face.painter.scene import draw_background, spoil
from models.face.painter.shape import NECK_Y, Head
from models.face.painter.strands import draw_back_hair, draw_flyaways, draw_sides
from models.face.painter.tools import CENTRE

__all__ = ["PARAM_NAMES", "Part", "PortraitParams", "from_gaussian", "paint", "paint_with_map"]

Picture = NDArray[np.uint8]


def _draw(s: Sheet, p: PortraitParams) -> None:
    """Draw the portrait on a sheet of 512 x 512 units."""
    h, k = Head.of(p), palette_of(p)
    flows, locks = [flow_of(h, side) for side in (-1.0, 1.0)], fringe_of(h)
    draw_background(s, p, k)
    s.save()
    s.roll(h.roll_angle, CENTRE, NECK_Y)
    draw_back_hair(s, h, k)
    s.restore()
    draw_neck(s, h, k)
    draw_necklace(s, h, k)
    draw_clothes(s, h, k)
    s.save()
    s.roll(h.roll_angle, CENTRE, NECK_Y)
    face = draw_head(s, h, k)
    draw_freckles(s, h, k)
    draw_nose(s, h, k)
    draw_stubble(s, h, k, face)
    draw_mouth(s, h, k)
    for side in (-1.0, 1.0):
        draw_eye(s, h, k, side)
    draw_wrinkles(s, h, k)
    for side in (-1.0, 1.0):
        draw_brow(s, h, k, side)
    draw_fringe_shadow(s, k, face, locks)
    draw_earrings(s, h, k)
    draw_arms(s, h, k)
    draw_sides(s, h, k, flows)
    draw_part(s, h, k)
    draw_fringe(s, h, k, locks)
    draw_flyaways(s, h, k, flows)
    draw_glasses(s, h, k)
    s.restore()
    spoil(s, p, k)


def _sheet(params: PortraitParams, size: int, map_size: int) -> tuple[Picture, Sheet]:
    """Picture [size, size, 3] and the sheet it was drawn on.

    Pictures of up to 64 pixels are drawn twice as large and averaged, because the
    rasteriser places edges on quarter pixels and thin features would jitter.
    """
    sheet = Sheet(size if size > 64 else 2 * size, map_size)
    _draw(sheet, params)
    sheet.surface.flushAndSubmit()
    pixels = sheet.pixels[:, :, :3]
    if size > 64:
        return np.ascontiguousarray(pixels), sheet
    big = pixels.astype(np.uint16)
    total = big[0::2, 0::2] + big[0::2, 1::2] + big[1::2, 0::2] + big[1::2, 1::2]
    return ((total + 2) // 4).astype(np.uint8), sheet


def paint(params: PortraitParams, size: int = 256) -> Picture:
    """Picture [size, size, 3] (sRGB, 8 bits a channel) of the parameters."""
    return _sheet(params, size, 0)[0]


def paint_with_map(params: PortraitParams, size: int = 256) -> tuple[Picture, Picture, Picture]:
    """Picture [size, size, 3], segmentation ids [size, size] and hair matte [size, size] (0..255).

    The ids are those of `Part`, drawn without anti-aliasing; the matte is the soft coverage of
    visible hair. Both come from the drawing of the picture, whatever its quality.
    """
    picture, sheet = _sheet(params, size, size)
    return picture, np.ascontiguousarray(sheet.ids[:, :, 0]), np.ascontiguousarray(sheet.matte[:, :, 0])
