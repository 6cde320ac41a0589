"""Traits of a portrait: what its pixels follow more nearly linearly than the parameters.

A hue in turns, a part that fades in above a threshold or the place of an eye on a turned, rolled head
are bent functions of the parameters; a network that sees them straight has less to unbend.
"""

from __future__ import annotations

import math
from dataclasses import astuple

import numpy as np
from numpy.typing import NDArray

from models.face.painter.eyes import Eye
from models.face.painter.hair import end_of, parting, volume
from models.face.painter.mouth import lip_lines
from models.face.painter.palette import palette_of
from models.face.painter.params import PortraitParams
from models.face.painter.scene import lights, poor, sky
from models.face.painter.shape import NECK_Y, Head
from models.face.painter.tools import CENTRE, Point, ease

SIDES = (-1.0, 1.0)


def traits_of(p: PortraitParams) -> NDArray[np.float32]:
    """The traits [N_TRAITS] of the parameters, which they begin with; colours, shares and units."""
    h = Head.of(p)
    return np.array([*astuple(p), *_colours(p), *_shares(h), *_hair(h), *_places(h)], np.float32)


def _colours(p: PortraitParams) -> list[float]:
    """RGB of skin, hair, its shine, irises, lips, clothes and the background."""
    k = palette_of(p)
    tones = (k.skin, k.hair, k.hair_shine, k.iris, k.lip, k.cloth, *sky(p))
    return [value for tone in tones for value in tone]


def _shares(h: Head) -> list[float]:
    """How strongly each part shows that not every portrait has."""
    p = h.p
    wide, shut = max(p.eyes, 0.0), max(-p.eyes, 0.0)
    face = [h.man, h.old, wide, shut, h.freckles, h.stubble, h.glasses, h.earrings]
    far = [ease(side * h.turn.sin / 0.3) for side in SIDES]
    return [*face, *far, h.necklace, h.shirt, h.roll_neck, lights(p), poor(p)]


def _hair(h: Head) -> list[float]:
    """How far down it reaches, how full it is, where it parts, and what falls into the forehead."""
    fringe = h.p.fringe
    return [h.length, end_of(h), volume(h), parting(h), (1.0 - h.man) * fringe, h.man * fringe]


def _places(h: Head) -> list[float]:
    """Where eyes, brows, nose, mouth, chin, hairline and crown stand on the rolled head."""
    turn, out = h.turn, list[float]()
    for side in SIDES:
        eye = Eye(h, side)
        (x, y), (gaze, _), lid, under = (
            _rolled(h, at) for at in (eye.at(0.0, 0.0), eye.middle, eye.lid()[3], eye.under()[3])
        )
        out += [x, y, gaze - x, lid[1], under[1] - lid[1]]
    _, above, below, _ = lip_lines(h)
    left, middle, right = (_rolled(h, above[i]) for i in (0, 4, 8))
    out += [*middle, _rolled(h, below[4])[1] - middle[1], right[0] - left[0], left[1], right[1]]
    nose, chin = turn.on(0.0, h.nose_y, 16.0), turn.at(0.0, h.chin, 98.0)
    out += [*_rolled(h, nose), *_rolled(h, chin), h.hairline, _rolled(h, turn.at(0.0, 60.0, 0.0))[0]]
    return out


def _rolled(h: Head, point: Point) -> Point:
    """Where a point of the upright head lies, from the point that the head rolls about."""
    sin, cos = math.sin(math.radians(h.roll_angle)), math.cos(math.radians(h.roll_angle))
    x, y = point[0] - CENTRE, point[1] - NECK_Y
    return x * cos - y * sin, x * sin + y * cos


N_TRAITS = len(traits_of(PortraitParams()))
