"""What painted portraits truly show, as targets of the property networks.

Eyes, mouth and pose are the painter's own parameters: algorithm 2 measures the slope of the eye line as
``pose``, which is the head's tilt, while her expression turns it. Curls are the painter's too where hair
reaches down far enough to show them, and in the middle elsewhere, as in the original. What pixels define
(hair colour and length, background) is measured by algorithm 2 on the exact map.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from models.face.data.dataset import Bytes, Portraits, PortraitSet
from models.face.data.photos import PhotoFolder
from models.face.painter.palette import palette_of
from models.face.painter.params import PARAM_NAMES, from_gaussian
from models.face.scores.measures import HAIR, NAMES, algorithm2, hairstyle
from models.face.scores.networks import IDENTITY

TRUTHS: Final = (*NAMES, "hairstyle")
EXPRESSION: Final = ("eyes", "mouth", "pose")
PAINTED: Final = {"eyes": "eyes", "mouth": "mouth", "pose": "pose", "hairstyle": "hair_curl"}
BELOW: Final = 5 / 8  # of the side, rows from which hair must show
LEAST_HAIR: Final = 0.02  # of these rows' pixels
HALF_CURLED: Final = 0.5
FILTERED: Final = {"gender": "gender", "quality": "quality", "age": "age", "glass": "glasses"}

Floats = NDArray[np.float64]


def truths(
    portraits: PortraitSet, kept: Path, report: Callable[[int], None] | None = None, part: int = 250
) -> Floats:
    """Scores [n, 8] of painted portraits in the order of TRUTHS; ``kept`` (.npz) saves doing it again."""
    of = repr(portraits.painting)
    if kept.exists():
        with np.load(kept) as found:
            if str(found["of"]) == of:
                return np.asarray(found["scores"], np.float64)
    out = np.empty((len(portraits), len(TRUTHS)))
    for first in range(0, len(portraits), part):
        index = np.arange(first, min(first + part, len(portraits)))
        pictures, maps = portraits.rows("pictures", index), portraits.rows("maps", index)
        for i, picture, ids in zip(index, pictures, maps, strict=True):
            measured, params = algorithm2(ids, picture), from_gaussian(portraits.codes[i])
            painted = {name: float(getattr(params, source)) for name, source in PAINTED.items()}
            if (ids[int(BELOW * len(ids)) :] == HAIR).mean() < LEAST_HAIR:
                painted["hairstyle"] = HALF_CURLED
            out[i] = [(measured | painted)[name] for name in TRUTHS]
        if report:
            report(int(index[-1]) + 1)
    np.savez(kept, scores=out, of=np.array(of))
    return out


def parted(n: int, seed: int) -> list[NDArray[np.int64]]:
    """Which of ``n`` pictures property networks learn from, and the tenth that is held out."""
    return np.split(np.random.default_rng(seed).permutation(n), [int(0.9 * n)])


def filter_truths(portraits: PortraitSet) -> dict[str, Floats]:
    """The painter's gender (1 man), quality (1 good), age (1 old) and glasses of each portrait, [n]."""
    columns = {name: PARAM_NAMES.index(source) for name, source in FILTERED.items()}
    shown = [from_gaussian(code) for code in portraits.codes]
    return {name: np.array([getattr(p, PARAM_NAMES[k]) for p in shown]) for name, k in columns.items()}


class Small:
    """The portraits as uint8 pictures [r, r, 3] of a lower resolution, averaged, one at a time."""

    def __init__(self, portraits: Portraits, resolution: int) -> None:
        self._portraits, self._factor = portraits, portraits.size // resolution
        if self._factor * resolution != portraits.size:
            raise ValueError(f"{resolution} px do not divide the portraits' {portraits.size} px")

    def __len__(self) -> int:
        return len(self._portraits)

    def __getitem__(self, number: int) -> Bytes:
        picture, k = self._portraits[number], self._factor
        side = len(picture) // k
        means = picture.reshape(side, k, side, k, 3).mean(axis=(1, 3), dtype=np.float32)
        return (means + 0.5).astype(np.uint8)


def identity_truths(portraits: PortraitSet) -> Floats:
    """What painted portraits are, [n, 7] in the order of ``IDENTITY``.

    The painter's parameters, but for the hair's hue, which says little of pale or grey hair: that is how much
    red and how much blue its colour has more than green.
    """
    out = np.empty((len(portraits), len(IDENTITY)))
    for i, code in enumerate(portraits.codes):
        shown = from_gaussian(code)
        red, green, blue = palette_of(shown).hair
        own = {"hair_red": red - green, "hair_blue": blue - green}
        out[i] = [own[name] if name in own else getattr(shown, name) for name in IDENTITY]
    return out


def photo_truths(photos: PhotoFolder) -> Floats:
    """Scores [n, 8] of photographs in the order of TRUTHS: by their label file, else measured on their maps.

    Raises ModelError where neither tells a score of a photograph.
    """
    out = np.full((len(photos), len(TRUTHS)), np.nan)
    if photos.maps is not None:
        for i, (ids, picture) in enumerate(zip(photos.maps, photos.images, strict=True)):
            measured = algorithm2(ids, picture) | {"hairstyle": hairstyle(ids, picture)}
            out[i] = [measured[name] for name in TRUTHS]
    for k, name in enumerate(TRUTHS):
        if name in photos.label_names:
            known = photos.labels([name])[:, 0]
            out[:, k] = np.where(np.isnan(known), out[:, k], known)
        if absent := int(np.isnan(out[:, k]).sum()):
            raise ModelError(f"{absent} of {len(photos)} photographs have no label of {name}, and no map")
    return out


def as_painted(scores: Floats) -> tuple[Floats, Floats]:
    """Means and deviations [8] by which z-scores of photographs become the painter's scale.

    Of eyes, mouth and pose -0.9 and 0.9 are then the 5 % and 95 % quantiles, as in painted portraits.
    """
    mean, deviation = scores.mean(axis=0), scores.std(axis=0, ddof=1)
    low, high = np.quantile(scores, [0.05, 0.95], axis=0)
    for k in (TRUTHS.index(name) for name in EXPRESSION):
        unit = max((high[k] - low[k]) / 1.8, 1e-9)
        mean[k], deviation[k] = (mean[k] - (low[k] + high[k]) / 2) / unit, deviation[k] / unit
    return mean, deviation
