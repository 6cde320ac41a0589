"""Picture tasks drawn by the portrait painter: which classes there are, and how a tile of one is drawn.

Only making the shipped tiles needs this; what ships is pictures. Everything else about a portrait
varies within a class, so that a class has to be learnt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.face.painter.params import PARAM_NAMES, PortraitParams, from_gaussian
from models.face.painter.portrait import paint

Bytes = NDArray[np.uint8]
Spans = dict[str, tuple[float, float]]

SIZE: Final = 32
PAINTED: Final = 64  # drawn so large, then cut and averaged
SPREAD: Final = 0.8  # of the Gaussian codes: rare extremes are left out


@dataclass(frozen=True)
class Kind:
    """A class: its names, and the spans that parameters of its portraits are drawn from evenly."""

    ko: str
    en: str
    spans: Spans


@dataclass(frozen=True)
class Task:
    """A set of pictures. ``cut`` is the square (left, top, side) of the 64 painted pixels that is kept."""

    ko: str
    en: str
    kinds: tuple[Kind, ...]
    cut: tuple[int, int, int] = (0, 0, 64)
    all: Spans | None = None

    def tile(self, label: int, rng: np.random.Generator) -> Bytes:
        """A picture [32, 32, 3] of a class."""
        params = from_gaussian(SPREAD * rng.standard_normal(len(PARAM_NAMES)))
        spans = (self.all or {}) | self.kinds[label].spans
        drawn = {name: float(rng.uniform(*span)) for name, span in spans.items()}
        return shrunk(paint(_of_good_quality(replace(params, **drawn)), PAINTED), self.cut)


def shrunk(picture: Bytes, cut: tuple[int, int, int]) -> Bytes:
    """The square ``cut`` of a picture, averaged to 32 x 32."""
    left, top, side = cut
    part = picture[top : top + side, left : left + side]
    if side == SIZE:
        return np.ascontiguousarray(part)
    from PIL import Image

    return np.asarray(Image.fromarray(part).resize((SIZE, SIZE), Image.Resampling.BOX))


def _of_good_quality(params: PortraitParams) -> PortraitParams:
    return replace(params, quality=1.0)


def _crossed(*sides: Sequence[Kind]) -> tuple[Kind, ...]:
    """Every kind of one side with every kind of the other."""
    first, second = sides
    return tuple(Kind(f"{a.ko} {b.ko}", f"{a.en}, {b.en}", a.spans | b.spans) for a in first for b in second)


_WOMAN: Final[Spans] = {"gender": (0.0, 0.12), "age": (0.0, 0.3)}

TASKS: Final[dict[str, Task]] = {
    "hair": Task(
        "머리 모양", "Hair",
        _crossed(
            (
                Kind("금발", "blonde", {"hair_hue": (0.0, 0.16), "hair_value": (0.4, 0.9)}),
                Kind("갈색", "brown", {"hair_hue": (0.2, 0.4), "hair_value": (0.15, 0.65)}),
                Kind("빨강", "red", {"hair_hue": (0.46, 0.64), "hair_value": (0.2, 0.75)}),
                Kind("보라", "violet", {"hair_hue": (0.7, 0.9), "hair_value": (0.2, 0.75)}),
            ),
            (
                Kind("단발", "short", {"hair_length": (0.15, 0.5)}),
                Kind("긴 머리", "long", {"hair_length": (0.52, 1.0)}),
            ),
        ),
        all=_WOMAN | {"hair_saturation": (0.15, 0.9)},
    ),
    "moods": Task(
        "표정", "Moods",
        _crossed(
            (
                Kind("졸린 눈", "sleepy eyes", {"eyes": (-1.0, -0.45)}),
                Kind("보통 눈", "calm eyes", {"eyes": (-0.3, 0.25)}),
                Kind("동그란 눈", "wide eyes", {"eyes": (0.45, 1.0)}),
            ),
            (
                Kind("다문 입", "closed mouth", {"mouth": (-1.0, -0.5)}),
                Kind("벌린 입", "parted lips", {"mouth": (-0.2, 0.3)}),
                Kind("웃는 입", "laugh", {"mouth": (0.55, 1.0)}),
            ),
        ),
        cut=(15, 19, 32), all={"glasses": (0.0, 0.4), "tilt": (-0.4, 0.4), "pose": (-0.6, 0.6)},
    ),
    "looks": Task(
        "차림", "Looks",
        _crossed(
            (
                Kind("맨얼굴", "no glasses", {"glasses": (0.0, 0.4)}),
                Kind("안경", "glasses", {"glasses": (0.85, 1.0)}),
            ),
            (
                Kind("파인 옷", "open neck", {"collar": (0.0, 0.3), "neckline": (0.4, 1.0)}),
                Kind("셔츠", "shirt", {"collar": (0.5, 0.62)}),
                Kind("목폴라", "roll-neck", {"collar": (0.92, 1.0)}),
            ),
        ),
        cut=(8, 14, 48),
    ),
}  # fmt: skip
