"""The bank of problems: boxes over brightness and colour, and the five most frequent classes inside.

As in the original, a problem is what a random box leaves of a data set, train and held-out pictures
alike. Boxes are drawn once, when a data set is packed, and kept with it; the pictures of a problem
follow from its box alone.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.battle.ports import PictureClass, Problem
from core.errors import ModelError
from models.battle.pictures import Bytes, Index, Pictures

Box = NDArray[np.int64]

COUNT: Final = 240
CLASSES: Final = 5
LEAST_TRAIN: Final = 50  # of the fifth class, validation included
LEAST_HELD_OUT: Final = 10
LEAST_HELD_OUT_ALL: Final = 100
VALID: Final = 0.15
ALIKE: Final = 0.9  # two problems share at most this part of the pictures of both
TRIES: Final = 200_000
# Left end and width of the original's boxes; other data sets have theirs by their own ranges.
ORIGINAL: Final[dict[str, tuple[tuple[int, int, int, int], ...]]] = {
    "cifar10": ((0, 64, 16, 128), (0, 96, 16, 96), (96, 192, 16, 128), *[(0, 64, 16, 48)] * 3),
    "fashion_mnist": ((0, 144, 1, 80), (0, 128, 1, 48)),
    "mnist": ((0, 64, 1, 48), (32, 128, 1, 32)),
}
NAMES: Final = {2: ("value", "std"), 6: ("hue", "saturation", "value", "std_r", "std_g", "std_b")}


@dataclass(frozen=True, eq=False)
class Parts:
    """The pictures of a problem, as positions in the data set, and its five classes in falling number."""

    train: Index
    valid: Index
    held_out: Index
    classes: tuple[int, ...]

    def targets(self, labels: Index) -> Index:
        """Labels of the data set as places in ``classes``."""
        places = np.full(labels.max() + 1, -1)
        places[list(self.classes)] = np.arange(len(self.classes))
        return places[labels]


def draw_boxes(pictures: Pictures, seed: int, count: int) -> Box:
    """``count`` boxes [count, 2 * statistics] of different pictures; a pure function of the arguments.

    Raises ModelError where the data set is too small or too even for so many.
    """
    rng = np.random.default_rng((seed, zlib.crc32(pictures.id.encode())))
    ranges = _ranges(pictures)
    found: list[Box] = []
    kept = np.zeros((count, len(pictures.labels)), np.float32)
    for _ in range(TRIES):
        if len(found) == count:
            return np.stack(found)
        left = rng.integers(ranges[:, 0], ranges[:, 1] + 1)
        box = np.stack([left, left + rng.integers(ranges[:, 2], ranges[:, 3] + 1)], 1).reshape(-1)
        inside = _inside(pictures, box)
        if inside is None or _alike(kept[: len(found)], inside):
            continue
        kept[len(found), inside] = 1.0
        found.append(box)
    raise ModelError(f"{pictures.id}: {len(found)} of {count} problems found; more pictures are needed")


def _ranges(pictures: Pictures) -> NDArray[np.int64]:
    """Least and greatest left end, least and greatest width of each statistic [k, 4]."""
    if pictures.id in ORIGINAL:
        return np.array(ORIGINAL[pictures.id], np.int64)
    low, high = np.quantile(pictures.statistics, [0.005, 0.995], axis=0)
    span = high - low
    colour = len(span) > 2  # six sides of a box would leave too little
    reach, least = (0.3, 0.6) if colour else (0.6, 0.3)
    start = low - span * (0.25 if colour else 0.0)
    return np.stack([start, low + reach * span, least * span, 1.25 * span], 1).astype(np.int64)


def _inside(pictures: Pictures, box: Box) -> Index | None:
    """Positions of the pictures of a box's five classes; None where it makes no problem."""
    stats = pictures.statistics
    inside = np.flatnonzero(((stats >= box[0::2]) & (stats < box[1::2])).all(1))
    out = pictures.held_out[inside]
    kinds = len(pictures.classes)
    train = np.bincount(pictures.labels[inside[~out]], minlength=kinds)
    held = np.bincount(pictures.labels[inside[out]], minlength=kinds)
    top = np.argsort(-train, kind="stable")[:CLASSES]
    if len(top) < CLASSES or train[top].min() < LEAST_TRAIN or train[top].sum() > pictures.most:
        return None
    if held[top].min() < LEAST_HELD_OUT or held[top].sum() < LEAST_HELD_OUT_ALL:
        return None
    return inside[np.isin(pictures.labels[inside], top)]


def _alike(kept: NDArray[np.float32], inside: Index) -> bool:
    if not len(kept):
        return False
    both = kept[:, inside].sum(1)
    return bool((both / (kept.sum(1) + len(inside) - both)).max() > ALIKE)


def parts_of(pictures: Pictures, number: int) -> Parts:
    """The parts of a problem of the bank; 15 in a hundred of each class validate."""
    inside = _inside(pictures, pictures.boxes[number])
    if inside is None:
        raise ModelError(f"{pictures.id}: the bank belongs to other pictures")
    out = pictures.held_out[inside]
    counts = np.bincount(pictures.labels[inside[~out]], minlength=len(pictures.classes))
    classes = tuple(int(label) for label in np.argsort(-counts, kind="stable")[:CLASSES])
    rng = np.random.default_rng((number, zlib.crc32(pictures.id.encode())))
    train, valid = [], []
    for label in classes:
        mine = rng.permutation(inside[~out & (pictures.labels[inside] == label)])
        cut = max(round(len(mine) * VALID), 1)
        valid.append(mine[:cut])
        train.append(mine[cut:])
    return Parts(np.concatenate(train), np.concatenate(valid), inside[out], classes)


def instance_ids(pictures: Pictures) -> tuple[str, ...]:
    """The ids of a bank, in order."""
    return tuple(f"{pictures.id}-{number:03d}" for number in range(1, len(pictures.boxes) + 1))


def number_of(pictures: Pictures, instance: str) -> int:
    """The place of a problem in its bank. Raises KeyError."""
    name, _, number = instance.rpartition("-")
    if name != pictures.id or not (number.isascii() and number.isdigit()) or len(number) != 3:
        raise KeyError(instance)
    if not 1 <= int(number) <= len(pictures.boxes):
        raise KeyError(instance)
    return int(number) - 1


def problem_of(pictures: Pictures, instance: str) -> Problem:
    """A problem of the bank with what a player may look at. Raises KeyError."""
    parts = parts_of(pictures, number_of(pictures, instance))
    counts = [
        [int((pictures.labels[part] == label).sum()) for part in (parts.train, parts.valid, parts.held_out)]
        for label in parts.classes
    ]
    classes = tuple(
        PictureClass(label, pictures.classes[label], *each)
        for label, each in zip(parts.classes, counts, strict=True)
    )
    return Problem(
        pictures.id, instance, _version(pictures, parts), classes, pictures.size,
        _label_statistics([sum(each[:2]) for each in counts]) | _picture_statistics(pictures, parts),
    )  # fmt: skip


def _version(pictures: Pictures, parts: Parts) -> str:
    found = hashlib.sha256(repr((pictures.size, parts.classes, pictures.profile)).encode())
    for part in (parts.train, parts.valid, parts.held_out):
        found.update(len(part).to_bytes(4, "big"))
        found.update(np.ascontiguousarray(pictures.pixels[part]).tobytes())
        found.update(pictures.labels[part].astype(np.uint8).tobytes())
    return found.hexdigest()[:16]


def _label_statistics(counts: Sequence[int]) -> dict[str, float]:
    """The original's four, from the sizes of the classes, validation included."""
    sizes = np.array(counts, float)
    return {
        "total_train_images": float(sizes.sum()),
        "max_min_of_labels": round(float(sizes.max() / sizes.min()), 4),
        "avg_std_of_labels": round(float(sizes.mean() / max(sizes.std(), 1.0)), 4),
        "largest_label_percentage": round(float(sizes.max() / sizes.sum()), 4),
    }


def _picture_statistics(pictures: Pictures, parts: Parts) -> dict[str, float]:
    """Mean and spread of each statistic of the train part, and how far a nearest mean gets with it."""
    stats = pictures.statistics[parts.train].astype(float)
    out: dict[str, float] = {}
    for name, mean, spread in zip(NAMES[stats.shape[1]], stats.mean(0), stats.std(0), strict=True):
        out |= {f"{name}_mean": round(float(mean), 2), f"{name}_spread": round(float(spread), 2)}
    out["nearest_mean_accuracy"] = round(_nearest_mean(pictures, parts), 4)
    return out | (pictures.hidden(pictures.pixels[parts.train]) if pictures.hidden else {})


def _nearest_mean(pictures: Pictures, parts: Parts) -> float:
    """The share of validation pictures that are nearest to the mean train picture of their class."""
    train, valid = (_coarse(pictures.pixels[part]) for part in (parts.train, parts.valid))
    means = np.stack([train[pictures.labels[parts.train] == label].mean(0) for label in parts.classes])
    nearest = ((valid[:, None] - means) ** 2).sum(-1).argmin(1)
    return float((np.array(parts.classes)[nearest] == pictures.labels[parts.valid]).mean())


def _coarse(pixels: Bytes) -> NDArray[np.float32]:
    """Pictures averaged over 4 x 4 pixels, flat."""
    n, height, width, channels = pixels.shape
    cut = pixels[:, : height // 4 * 4, : width // 4 * 4].astype(np.float32)
    return cut.reshape(n, height // 4, 4, width // 4, 4, channels).mean((2, 4)).reshape(n, -1)
