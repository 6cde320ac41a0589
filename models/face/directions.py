"""Directions by the names and arguments they had before :mod:`models.face.vectorfind.find`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from torch import Tensor

from models.face.property import PropertyCNN
from models.face.stylegan.generator import Generator
from models.face.vectorfind import calibration as tables
from models.face.vectorfind.calibration import Calibration
from models.face.vectorfind.check import ASKED, follow, looking
from models.face.vectorfind.codes import Floats, Ruler, draw, sample, space_of
from models.face.vectorfind.find import VERSIONS, Directions, find

__all__ = ["Calibration", "calibrate", "check_face", "find_directions"]

_EXACT = Ruler(np.zeros(3), np.ones(3), (), np.ones(0))


def find_directions(generator: Generator, cnn: PropertyCNN, n: int = 3000, seed: int = 2025) -> Directions:
    """Directions [3, w_dim] from ``n`` random codes, without groups."""
    space = space_of(generator)
    codes = sample(space, cnn, draw(space, n, seed, 1.3))
    return find(space, codes, replace(VERSIONS["plain"], n=n, hold=False), exact=True).groups[""]


def calibrate(
    generator: Generator, cnn: PropertyCNN, w: Tensor, normals: Tensor, reach: Floats | float
) -> tuple[Calibration, Floats]:
    """:func:`models.face.vectorfind.calibration.calibrate` of one face, w [w_dim]."""
    look = looking(space_of(generator), cnn, _EXACT)
    return tables.calibrate(look, w, normals, np.asarray(reach, np.float64))


def check_face(
    generator: Generator, cnn: PropertyCNN, w: Tensor, normals: Tensor, calibration: Calibration
) -> Floats:
    """Correlations [3] of asked and measured scores on the 50-picture grid."""
    look = looking(space_of(generator), cnn, _EXACT)
    seen = follow(look, w, normals, (), moves=calibration.multipliers(ASKED), asked=ASKED)
    return np.array(seen.correlation)
