"""VectorFind: directions in a generator's codes that open the eyes, open the mouth and turn the head.

Random codes are drawn, their pictures scored and sorted into groups by hair colour, hair length, background
(and hairstyle) above or below the median. In each group a linear SVM separates the highest from the lowest
of each property. The versions are those of the original Oh-LoRA; ``*-joint`` are ours on the same groups: the
joint regression of :mod:`models.face.vectorfind.groups`, with directions that hold hair and background.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import nan
from typing import Final

import numpy as np
import torch
from torch import Tensor

from models.face.vectorfind.codes import (
    EXPRESSION,
    ORDER,
    Codes,
    Floats,
    Ruler,
    Scale,
    Space,
    Table,
    ruler_of,
)
from models.face.vectorfind.gradient import GradientConfig, Gradients, learn_scores
from models.face.vectorfind.groups import (
    Vectors,
    all_groups,
    boundary,
    extremes,
    joint,
    letters,
    pattern,
    unit,
)

Three = tuple[float, float, float]
METHODS: Final = ("svm", "pattern", "joint", "gradient")
THREE, FOUR = ORDER[3:6], ORDER[3:7]  # what groups are made by
PROBED: Final = 2000  # codes that tell how far codes spread along a gradient


@dataclass(frozen=True)
class Figures:
    """What the original reports of a version: codes tested and passed, mean correlations, SVM accuracy."""

    tested: int
    passed: int | None
    correlation: Three
    accuracy: Three = (nan, nan, nan)


@dataclass(frozen=True)
class Version:
    """One way to find directions and to test them.

    ``n`` codes are drawn, of which ``ratio`` on each side count; ``methods`` are for eyes, mouth, pose.
    ``hold`` adds the joint directions of hair colour, hair length and background. A group with fewer than
    ``least`` codes on a side takes the directions of all codes. ``eyes``, ``mouth``, ``pose`` are the test's
    multipliers: lengths in the space, or standard deviations of codes along the direction with ``by_spread``.
    The original's directions lower their score; ours raise it, so its multipliers stand here negated.
    ``pass_at`` are the least correlations. Raises ValueError for an unknown method.
    """

    name: str
    space: str = "w"
    n: int = 80_000
    ratio: float = 0.15
    groups: tuple[str, ...] = ()
    methods: tuple[str, str, str] = ("svm", "svm", "svm")
    hold: bool = False
    least: int = 20
    eyes: tuple[float, ...] = (-1.2, 1.2)
    mouth: tuple[float, ...] = (-1.8, -0.9, 0.0, 0.9, 1.8)
    pose: tuple[float, ...] = (-0.6, 0.0, 0.6, 1.2, 1.8)
    by_spread: bool = False
    pass_at: Three = (0.92, 0.88, 0.88)
    tested: int = 2000
    passes: int = 60  # after which testing ends
    original: Figures | None = None

    def __post_init__(self) -> None:
        if not set(self.methods) <= set(METHODS) or len(self.methods) != len(EXPRESSION):
            raise ValueError(f"methods {self.methods}: three of {', '.join(METHODS)}")


_V7 = Version(
    "v7", groups=THREE, pass_at=(0.92, 0.88, 0.92), tested=2400, passes=80,
    original=Figures(2400, 58, (0.902, 0.867, 0.795), (0.958, 0.986, 0.955)),
)  # fmt: skip
_V8 = Version(
    "v8", n=240_000, ratio=0.2, groups=FOUR,
    original=Figures(2000, 49, (0.874, 0.847, 0.874), (0.963, 0.993, 0.990)),
)  # fmt: skip
_SLOPES = Version(
    "gradient", ratio=0.2, methods=("gradient",) * 3, mouth=(-1.6, -0.8, 0.0, 0.8, 1.6),
    pose=(-1.4, -0.7, 0.0, 0.7, 1.4), tested=100,
)  # fmt: skip
_JOINT = ("joint", "joint", "joint")
VERSIONS: Final = {
    version.name: version
    for version in (
        replace(
            _V7, name="v6", space="z", n=500_000, eyes=(-1.8, 1.2), mouth=(-2.4, -1.2, 0.0, 1.2, 2.4),
            pass_at=(0.75, 0.77, 0.80), tested=1730,
            original=Figures(1730, 80, (0.735, 0.700, 0.669), (0.856, 0.837, 0.862)),
        ),
        _V7,
        _V8,
        replace(
            _V8, name="v9-mixed", space="split1", n=160_000, methods=("gradient", "svm", "svm"),
            original=Figures(2000, 43, (0.920, 0.816, 0.837), (nan, 0.981, 0.987)),
        ),
        replace(
            _V8, name="v9-ms2", space="split2",
            original=Figures(2000, 38, (0.873, 0.844, 0.881), (0.973, 0.994, 0.992)),
        ),
        replace(_SLOPES, name="gradient-w", original=Figures(100, None, (0.903, 0.721, 0.848))),
        replace(
            _SLOPES, name="gradient-split1", space="split1",
            original=Figures(100, None, (0.936, 0.776, 0.832)),
        ),
        replace(
            _SLOPES, name="gradient-split2", space="split2",
            original=Figures(100, None, (0.919, 0.711, 0.455)),
        ),
        Version("plain", n=3000, ratio=0.2, methods=_JOINT, hold=True),
        replace(_V7, name="v7-joint", methods=_JOINT, hold=True, original=None),
        replace(_V8, name="v8-joint", methods=_JOINT, hold=True, original=None),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Directions:
    """Directions of one group.

    ``normals`` [3 + h, d]: unit vectors, + raises the score of eyes, mouth, pose and of what is held, if
    anything is. ``spread`` [3 + h] is the standard deviation of the group's codes along each; ``accuracy``
    [3] of the SVMs on unseen codes; ``count`` the group's codes.
    """

    normals: Tensor
    spread: Floats
    accuracy: tuple[float, ...]
    count: int


@dataclass(frozen=True)
class Found:
    """What :func:`find` found.

    ``fallen``: how many codes each group has that was too small; there the directions of all codes stand.
    ``medians`` [g] are what groups are split at.
    """

    version: Version
    medians: Floats
    groups: dict[str, Directions]
    fallen: dict[str, int]
    ruler: Ruler
    gradients: Gradients | None
    probed: Tensor

    def group_of(self, table: Table) -> list[str]:
        """The groups [n] of scored pictures."""
        return [str(name) for name in letters(table.columns(self.version.groups), self.medians)]

    def at(self, code: Tensor, group: str) -> Directions:
        """The directions for one code [d]; they depend on the code itself where they are gradients."""
        own = self.groups[group]
        if self.gradients is None:
            return own
        slopes = self.gradients.at(code[None])[0]
        normals, spread = own.normals.clone(), own.spread.copy()
        for i, method in enumerate(self.version.methods):
            if method == "gradient":
                normals[i], spread[i] = slopes[i], float((self.probed @ slopes[i]).std(correction=0))
        return replace(own, normals=normals, spread=spread)


def find(
    space: Space,
    codes: Codes,
    version: Version,
    *,
    scale: Scale | None = None,
    gradient: GradientConfig | None = None,
) -> Found:
    """The directions of every group of a version, from scored codes.

    ``scale`` of the scorer's expression: as for :func:`ruler_of`. Raises ValueError for scores that the
    version needs and the scorer does not tell or that do not vary, and for too few codes.
    """
    table, ruler = codes.table, ruler_of(codes.table, scale)
    medians = np.median(table.columns(version.groups), axis=0) if version.groups else np.empty(0)
    vectors = space.codes(codes.latents)
    own = letters(table.columns(version.groups), medians)
    groups: dict[str, Directions] = {}
    fallen: dict[str, int] = {}
    for name in all_groups(len(version.groups)):
        index = np.flatnonzero(own == name)
        if version.groups and int(version.ratio * len(index)) < version.least:
            fallen[name] = len(index)
        else:
            groups[name] = _directions(vectors.numpy()[index], table.rows(index), version, ruler)
    if fallen:
        everything = _directions(vectors.numpy(), table, version, ruler)
        groups |= dict.fromkeys(fallen, everything)
    gradients = None
    if "gradient" in version.methods:
        gradients = learn_scores(vectors, torch.from_numpy(table.columns(EXPRESSION)), gradient)
    return Found(version, medians, groups, fallen, ruler, gradients, vectors[:PROBED])


def _directions(vectors: Vectors, table: Table, version: Version, ruler: Ruler) -> Directions:
    normals, accuracy = [], []
    for i, method in enumerate(version.methods):
        low, high = extremes(table.columns(EXPRESSION)[:, i], version.ratio)
        normal, right = boundary(vectors, low, high)
        normals.append(pattern(vectors, normal) if method == "pattern" else normal)
        accuracy.append(right)
    if version.hold or "joint" in version.methods:
        known: list[str] = [name for name in ORDER if name in table.names]
        together = joint(vectors, table.columns(known))
        for i, method in enumerate(version.methods):
            if method == "joint":
                normals[i] = together[i]
        if version.hold:
            normals += [together[known.index(name)] for name in ruler.held]
    rows = unit(np.array(normals, np.float64))
    spread = (vectors @ rows.T.astype(np.float32)).std(axis=0).astype(np.float64)
    return Directions(torch.tensor(rows, dtype=torch.float32), spread, tuple(accuracy), len(vectors))
