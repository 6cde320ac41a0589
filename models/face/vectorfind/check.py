"""Whether a face follows: the 50-picture test of VectorFind, with what else changes on the way.

The original passed a code on the correlation of multipliers and scores alone. That says nothing of how much
hair and background change with the expression; here that counts too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from torch import Tensor

from models.face.vectorfind.calibration import Calibration, Look, calibrate, edit, grid
from models.face.vectorfind.codes import EXPRESSION, Floats, Ruler, Scorer, Space, measure
from models.face.vectorfind.find import Directions, Found, Version

STABLE: Final = 0.15  # standard deviations of random codes that hair and background may change by
REACH: Final = 3.0  # multipliers tried when a face is calibrated, in standard deviations along a direction
ASKED: Final = grid(np.array([-0.8, 0.8]), np.linspace(-0.9, 0.9, 5), np.linspace(-0.9, 0.9, 5))


@dataclass(frozen=True)
class Follow:
    """How one face follows what it is asked, over 50 pictures.

    ``correlation`` [3] of asked and measured eyes, mouth, pose; 0 where one of both does not vary. ``error``
    [3]: mean absolute difference of asked and measured expression; NaN where multipliers were asked.
    ``drift``: change of hair colour, hair length, background from the picture at rest, in standard deviations
    of random codes, for 1.0 of change of the expression. ``identity``: the same of who she is, where a
    network tells it.
    """

    correlation: tuple[float, ...]
    error: tuple[float, ...]
    drift: dict[str, float]
    identity: dict[str, float] = field(default_factory=dict)

    @property
    def unrest(self) -> float:
        """All that drifts in one number, its root mean square; 0 where nothing is measured."""
        every = [*self.drift.values(), *self.identity.values()]
        return float(np.sqrt(np.mean(np.square(every)))) if every else 0.0

    def passes(self, pass_at: tuple[float, ...], stable: float | None = STABLE) -> bool:
        """Whether correlations reach ``pass_at`` and no drift reaches ``stable`` (None: as the original).

        A direction raises its score, so a negative correlation, however strong, does not pass.
        """
        follows = all(c >= least for c, least in zip(self.correlation, pass_at, strict=True))
        return follows and (stable is None or all(drift < stable for drift in self.drift.values()))


def looking(space: Space, scorer: Scorer, ruler: Ruler, *, watch: bool = False) -> Look:
    """Codes [B, d] -> expression [B, 3] and what is held [B, h], measured on their pictures.

    With ``watch``, what is watched follows what is held, [B, h + watched].
    """

    def look(codes: Tensor) -> tuple[Floats, Floats]:
        table = measure(space, scorer, codes)
        still = [ruler.rest(table), ruler.who(table)] if watch else [ruler.rest(table)]
        return ruler.expression(table), np.concatenate(still, axis=1)

    return look


def multipliers(version: Version, spread: Floats) -> Floats:
    """The 50 multipliers [50, 3] of a version's test: 2 eyes x 5 mouth x 5 pose."""
    table = grid(*(np.array(getattr(version, name)) for name in EXPRESSION))
    return table * spread[:3] if version.by_spread else table


def follow(
    look: Look,
    code: Tensor,
    normals: Tensor,
    held: tuple[str, ...],
    *,
    moves: Floats,
    asked: Floats | None = None,
    watched: tuple[str, ...] = (),
) -> Follow:
    """Test ``code`` [d] with ``moves`` [50, m] of ``normals``; ``asked`` [50, 3] are expressions.

    ``look`` tells of ``held`` and then of ``watched``.
    """
    seen, rest = look(edit(code, np.concatenate([np.zeros((1, moves.shape[1])), moves]), normals))
    wanted = moves[:, :3] if asked is None else asked
    pairs = [(wanted[:, i], seen[1:, i]) for i in range(len(EXPRESSION))]
    error = np.abs(seen[1:] - asked).mean(axis=0) if asked is not None else np.full(3, np.nan)
    change = np.linalg.norm(seen[1:] - seen[0], axis=1).sum()
    drift = np.abs(rest[1:] - rest[0]).sum(axis=0) / max(float(change), 1e-9)
    correlation = tuple(_correlation(a, b) for a, b in pairs)
    named = {name: float(value) for name, value in zip((*held, *watched), drift, strict=True)}
    still, identity = ({name: named[name] for name in names} for names in (held, watched))
    return Follow(correlation, tuple(float(value) for value in error), still, identity)


def _correlation(a: Floats, b: Floats) -> float:
    if min(np.ptp(a), np.ptp(b)) < 1e-9:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


@dataclass(frozen=True)
class Candidate:
    """A tested code [d]: its number, group, directions and table, and how it follows."""

    number: int
    code: Tensor
    group: str
    directions: Directions
    calibration: Calibration | None
    follow: Follow
    passed: bool

    def asked(self, scores: Floats) -> Tensor:
        """Codes [rows, d] of the face with wanted scores [rows, 3]. Raises ValueError without a table."""
        if self.calibration is None:
            raise ValueError(f"code {self.number} was tested without calibration")
        return edit(self.code, self.calibration.multipliers(scores), self.directions.normals)


def trial(
    space: Space, scorer: Scorer, found: Found, latents: Tensor, *, calibrated: bool = True,
    stable: float | None = STABLE, report: Callable[[int], None] | None = None,
) -> list[Candidate]:  # fmt: skip
    """Test the codes of ``latents`` [n, z_dim + n_labels] one by one, until the version's number has passed.

    ``calibrated``: with scores in [-1, 1] through each face's own table (about 160 pictures more), else with
    the version's multipliers. The group is that of the unedited picture.
    """
    version, ruler, look = found.version, found.ruler, looking(space, scorer, found.ruler)
    watch, watched = looking(space, scorer, ruler, watch=True), ruler.watched
    codes = space.codes(latents)
    out: list[Candidate] = []
    for number, code in enumerate(codes):
        group = found.group_of(measure(space, scorer, code[None]))[0] if version.groups else ""
        own, table = found.at(code, group), None
        moves, asked = multipliers(version, own.spread), None
        if calibrated:
            table = calibrate(look, code, own.normals, REACH * own.spread)[0]
            moves, asked = table.multipliers(ASKED), ASKED
        seen = follow(watch, code, own.normals, ruler.held, moves=moves, asked=asked, watched=watched)
        passed = seen.passes(version.pass_at, stable)
        out.append(Candidate(number, code, group, own, table, seen, passed))
        if report:
            report(number + 1)
        if sum(each.passed for each in out) >= version.passes:
            break
    return out


def summary(tested: list[Candidate]) -> dict[str, Any]:
    """Codes tested, share that passed, mean correlations and errors, mean drift of what should stay.

    Raises ValueError for none.
    """
    if not tested:
        raise ValueError("no codes were tested")
    mean: dict[str, Any] = {
        key: [float(v) for v in np.mean([getattr(each.follow, key) for each in tested], axis=0)]
        for key in ("correlation", "error")
    }
    for key in ("drift", "identity"):
        drifts = [getattr(each.follow, key) for each in tested]
        mean[key] = {name: float(np.mean([drift[name] for drift in drifts])) for name in drifts[0]}
    passed = sum(each.passed for each in tested)
    return {"tested": len(tested), "passed": passed, "rate": passed / len(tested), **mean}
