"""Who won, and by how much: the seven grades, with a draw where the difference is within the noise.

The original called only equal scores a draw (battle.md §11); here a difference smaller than the draw band
is one: the standard error of the difference of the two means over seeds, at least :data:`FLOOR`.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FLOOR: Final = 0.01  # macro F1: the narrowest draw band
NARROW: Final = 0.02  # macro F1 from which a win is not narrow
BIG: Final = 0.15  # ... from which it is a big one
_DIGITS: Final = 9  # so that .15 - .0 is .15 whichever way it was summed up


class Grade(StrEnum):
    """As the challenger sees it."""

    BIG_WIN = "big_win"
    WIN = "win"
    NARROW_WIN = "narrow_win"
    DRAW = "draw"
    NARROW_LOSS = "narrow_loss"
    LOSS = "loss"
    BIG_LOSS = "big_loss"

    @property
    def sign(self) -> int:
        """1 where the challenger won, 0 for a draw, -1 else."""
        return 0 if self is Grade.DRAW else -1 if self.value.endswith("loss") else 1

    @property
    def points(self) -> float:
        """1, half a point for a draw, or 0."""
        return (1 + self.sign) / 2

    @property
    def mirrored(self) -> Grade:
        """As the other side sees it."""
        order = list(Grade)
        return order[-1 - order.index(self)]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result: means over seeds with their standard errors, all macro F1 on the held-out pictures.

    ``difference`` is the challenger's mean less the other's; smaller than ``band`` it is a draw.
    """

    grade: Grade
    left: float
    right: float
    left_error: float
    right_error: float
    band: float

    @property
    def difference(self) -> float:
        """Macro F1; above 0 for the challenger."""
        return round(self.left - self.right, _DIGITS)


def grade(difference: float, band: float = FLOOR) -> Grade:
    """The grade of a difference in macro F1, as the side sees it from which the other was taken."""
    size = abs(round(difference, _DIGITS))
    if size < round(band, _DIGITS):
        return Grade.DRAW
    won = Grade.BIG_WIN if size >= BIG else Grade.WIN if size >= NARROW else Grade.NARROW_WIN
    return won if difference > 0 else won.mirrored


def judge(left: Sequence[float], right: Sequence[float]) -> Verdict:
    """The result of the scores over seeds, in the same order for both. Raises ValueError for none."""
    if not left or not right:
        raise ValueError("a side has no score")
    one, other = math.fsum(left) / len(left), math.fsum(right) / len(right)
    one_error, other_error = _error(left), _error(right)
    band = max(FLOOR, math.hypot(one_error, other_error))
    return Verdict(grade(one - other, band), one, other, one_error, other_error, band)


def _error(scores: Sequence[float]) -> float:
    """The standard error of the mean; 0 where one score says nothing about it."""
    return statistics.stdev(scores) / math.sqrt(len(scores)) if len(scores) > 1 else 0.0
