"""From wanted expressions to multipliers of directions, measured for each face.

Directions in a generator's codes neither reach the same extremes on every face nor act evenly on the way.
Here a face is looked at with many multipliers, and the inverse is fitted: a table from scores in [-1, 1] to
multipliers. Where there are directions of what should stay at rest (hair, background), the same table also
moves along these, against what was seen to change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Floats = NDArray[np.float64]
# Codes [B, d] -> expression [B, 3], and what is held [B, h] in standard deviations.
Look = Callable[[Tensor], tuple[Floats, Floats]]

BEYOND = 1.25  # what lies further out says nothing about the range and bends the fit
PROBES = 9  # pictures along each axis that find out how far to go
PLATEAU = 0.05  # of what an axis changes in all: where the rest of the way is less, it has ended
HOLD = 1.5  # of the reach of a direction that holds, at most


def _terms(scores: Floats, count: int) -> Floats:
    """Terms of scores [rows, 3], [rows, count]: 10 up to the second order, 13 with pure cubes."""
    a, b, c = scores.T
    one = np.ones_like(a)
    terms = [one, a, b, c, a * a, b * b, c * c, a * b, a * c, b * c, a**3, b**3, c**3]
    return np.stack(terms[:count], axis=1)


@dataclass(frozen=True)
class Calibration:
    """Wanted scores -> multipliers of m directions for one face, clipped to what was tried.

    ``coefficients`` [10 or 13, m] of the terms of :func:`_terms`; ``low`` and ``high`` [m]. The first three
    directions are the expression's.
    """

    coefficients: Floats
    low: Floats
    high: Floats

    def multipliers(self, scores: Floats) -> Floats:
        """Multipliers [rows, m] for wanted scores [rows, 3] in [-1, 1]."""
        terms = _terms(np.clip(scores, -1, 1), len(self.coefficients))
        return np.clip(terms @ self.coefficients, self.low, self.high)


def grid(*steps: Floats) -> Floats:
    """All combinations of the steps of each axis, [rows, axes]."""
    return np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1).reshape(-1, len(steps))


def edit(code: Tensor, moves: Floats, normals: Tensor) -> Tensor:
    """``code`` [d] with multipliers ``moves`` [rows, m] of the first m of ``normals``; [rows, d]."""
    steps = torch.from_numpy(np.asarray(moves, np.float32))
    return code + steps @ normals[: steps.shape[1]]


def calibrate(look: Look, code: Tensor, normals: Tensor, reach: Floats) -> tuple[Calibration, Floats]:
    """Measure ``code`` [d] on a grid of multipliers and invert it; also the expressions seen [125, 3].

    ``normals`` [3 + h, d]: the expression's directions, then those that hold what ``look`` tells, h of them
    or none. ``reach`` [3 + h]: multipliers tried at most. The grid ends where the face has come to the ends
    of the range or does not follow any more: beyond, only hair and background would change.
    """
    reach = np.broadcast_to(np.asarray(reach, np.float64), (len(normals),))
    low, high = _ends(look, code, normals, reach[:3])
    axes = [np.array([a, a / 2, 0, b / 2, b]) for a, b in zip(low, high, strict=True)]
    tried = grid(*axes)
    seen, held = look(edit(code, tried, normals))
    inside = np.flatnonzero((np.abs(seen) < BEYOND).all(axis=1))
    if len(inside) < 26:  # twice the terms: a face that is far from the range is fitted as it is
        inside = np.arange(len(seen))
    terms = _terms(seen[inside], 13)
    coefficients = _fit(terms, tried[inside] / reach[:3]) * reach[:3]
    if len(normals) > 3:
        rest, response = _response(look, code, normals, reach)
        against = -_fit(terms, held[inside] - rest) @ np.linalg.pinv(response, rcond=0.1) * reach[3:]
        coefficients = np.concatenate([coefficients, against], axis=1)
        low, high = np.append(low, -HOLD * reach[3:]), np.append(high, HOLD * reach[3:])
    return Calibration(coefficients, low, high), seen


def _fit(terms: Floats, wanted: Floats) -> Floats:
    """Ridge coefficients [terms, m] for ``wanted`` [rows, m]."""
    gram = terms.T @ terms + 1e-2 * np.eye(terms.shape[1])
    return np.asarray(np.linalg.solve(gram, terms.T @ wanted), np.float64)


def _ends(look: Look, code: Tensor, normals: Tensor, reach: Floats) -> tuple[Floats, Floats]:
    """Multipliers at which each axis alone comes to -1 and to +1, or ends; [3] each, within ``reach``."""
    steps = np.linspace(-1, 1, PROBES)
    moves = np.concatenate([np.outer(steps * reach[i], np.eye(3)[i]) for i in range(3)])
    seen = look(edit(code, moves, normals))[0].reshape(3, PROBES, 3)
    middle = PROBES // 2
    ends = np.empty((2, 3))
    for i in range(3):
        along = seen[i, :, i]
        ends[0, i] = -reach[i] * _end(-along[middle::-1])
        ends[1, i] = reach[i] * _end(along[middle:])
    return ends[0], ends[1]


def _end(along: Floats) -> float:
    """Share of the way after which ``along`` [steps] comes to 1, or rises no more; a fifth at least."""
    top = along.max()
    enough = min(1.0, top - PLATEAU * (top - along[0]))
    first = int(np.argmax(along >= enough))
    before = along[max(first - 1, 0)]
    part = (enough - before) / (along[first] - before) if along[first] > before else 1.0
    share = (max(first - 1, 0) + part) / (len(along) - 1)
    return float(np.clip(1.1 * share, 0.2, 1.0))


def _response(look: Look, code: Tensor, normals: Tensor, reach: Floats) -> tuple[Floats, Floats]:
    """What is held at rest [h], and how it answers to the reach of each direction that holds, [h, h]."""
    count = len(normals) - 3
    ways = np.eye(len(normals))[3:] * reach / 2
    held = look(edit(code, np.concatenate([np.zeros((1, len(normals))), ways, -ways]), normals))[1]
    return held[0], held[1 : 1 + count] - held[1 + count :]
