"""Property scores of a portrait, measured on its segmentation map.

The definitions are those of the original Oh-LoRA: algorithm 1 made the labels of its first fine-tune,
algorithm 2 all later ones, the hairstyle score came with its third version. A map holds one class id
for each pixel of the face crop, [S, S] uint8; colours are taken from the same crop, RGB [S, S, 3] uint8.
The original works at S = 224. Here S is free: the pixel counts in the definitions (20 hair pixels in a
row, patches of 4) scale with S / 224, so heights come out in pixels of the map given. Scores are raw;
:func:`normalise` makes z-scores of a whole set of pictures, and these hardly depend on S.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

BACKGROUND, LEFT_EYE, RIGHT_EYE, NOSE, UPPER_LIP, INNER_MOUTH, LOWER_LIP, HAIR = 0, 4, 5, 6, 7, 8, 9, 10
NAMES: Final = ("eyes", "hair_color", "hair_length", "mouth", "pose", "background_mean", "background_std")
SIDE: Final = 224  # pixels of the original's maps, on which its pixel counts are given
NO_HAIR_COLOR: Final = 127.5
NO_BACKGROUND: Final = (192.0, 0.0)
NO_HAIRSTYLE: Final = 0.45

Ids = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


def algorithm1(ids: Ids, picture: NDArray[np.uint8]) -> dict[str, float]:
    """The seven raw scores of :data:`NAMES` by the first definition.

    eyes and mouth are heights in pixels, hair_length a row number, pose the correlation of x and y in
    the nose, negated. The original sampled the colours from the whole picture instead of the crop, which
    it calls a mistake; here they come from the crop. Where it had no answer (no hair, no nose) the scores
    are those of algorithm 2 or 0. Raises ValueError when the shapes do not belong together.
    """
    light = _light(ids, picture)
    side = len(ids)
    left, right = _eye_windows(ids, side // 4 + 3 * side // 8)
    hair = ids == HAIR
    tones = light[hair]
    lips = (ids == UPPER_LIP) | (ids == LOWER_LIP)
    mean, std = _background(ids, light)
    return {
        "eyes": (_height(left) + _height(right)) / 2,
        "hair_color": float(np.median(tones)) if tones.size else NO_HAIR_COLOR,
        "hair_length": _lowest_hair(hair),
        "mouth": float(_height(lips) + _height(ids == INNER_MOUTH)),
        "pose": _nose_slant(ids == NOSE),
        "background_mean": mean,
        "background_std": std,
    }


def algorithm2(ids: Ids, picture: NDArray[np.uint8]) -> dict[str, float]:
    """The seven raw scores of :data:`NAMES` by the second definition.

    eyes is the greater opening of the two in pixels, corrected for the tilt of the eye; hair_length a
    number of rows; mouth the share of the inner mouth in mouth and lips; pose the slope of the line
    through both eyes. The last shows how far the head leans, not how far it turns, whatever its name
    says. Raises ValueError when the shapes do not belong together.
    """
    light = _light(ids, picture)
    left, right = _eye_windows(ids, 3 * len(ids) // 4)
    hair = ids == HAIR
    inner = int(np.count_nonzero(ids == INNER_MOUTH))
    all_mouth = inner + int(np.count_nonzero((ids == UPPER_LIP) | (ids == LOWER_LIP)))
    mean, std = _background(ids, light)
    return {
        "eyes": max(_opening(left), _opening(right)),
        "hair_color": _middle_tone(light[hair]),
        "hair_length": _hair_rows(hair),
        "mouth": inner / all_mouth if all_mouth else 0.0,
        "pose": _eye_line(left, right),
        "background_mean": mean,
        "background_std": std,
    }


def hairstyle(ids: Ids, picture: NDArray[np.uint8]) -> float:
    """How much the hair changes downwards compared with sideways: larger = curlier, 0.45 without hair.

    A patch of 4 x 4 pixels slides over the lower half. It counts where it and its neighbours 8 pixels
    below, left and right all lie in hair, all 16 pixels of each: the published definition. The original's
    code only looks at two corners of each patch. With the patches' brightness m, every place gives
    |m - m_below| / (max(|m - m_left|, |m - m_right|) + 5); the score is the mean. Patch and distance
    scale with S / 224, at least one pixel. Raises ValueError when the shapes do not belong together.
    """
    light = _light(ids, picture)
    side = len(ids)
    patch, step = max(1, round(4 * side / SIDE)), max(1, round(8 * side / SIDE))
    lower = slice(side // 2, None)
    means = _patch_sums(light[lower], patch) / patch**2
    full = _patch_sums((ids[lower] == HAIR).astype(np.float64), patch) == patch**2
    centre = (slice(None, -step), slice(step, -step))
    below = (slice(step, None), slice(step, -step))
    before = (slice(None, -step), slice(None, -2 * step))
    after = (slice(None, -step), slice(2 * step, None))
    valid = full[centre] & full[below] & full[before] & full[after]
    if not valid.any():
        return NO_HAIRSTYLE
    m, m_below, m_left, m_right = (means[place][valid] for place in (centre, below, before, after))
    sideways = np.maximum(np.abs(m - m_left), np.abs(m - m_right))
    return float(np.mean(np.abs(m - m_below) / (sideways + 5.0)))


def normalise(scores: Floats) -> tuple[Floats, Floats, Floats]:
    """z-scores [n, k], rounded to 4 decimals as the original's, of raw scores [n, k] over all n pictures.

    Also the means [k] and sample standard deviations [k] (ddof 1), not rounded, to treat further pictures
    alike. A score that never changes becomes 0. Raises ValueError for fewer than two pictures.
    """
    if scores.ndim != 2 or len(scores) < 2:
        raise ValueError(f"z-scores need [n >= 2, k] raw scores, not {list(scores.shape)}")
    mean, std = scores.mean(axis=0), scores.std(axis=0, ddof=1)
    changes = np.ptp(scores, axis=0) > 0  # the computed deviation of equal numbers may be a little off 0
    z = np.where(changes, (scores - mean) / np.where(changes, std, 1.0), 0.0)
    return np.asarray(np.round(z, 4), np.float64), mean, np.where(changes, std, 0.0)


def _light(ids: Ids, picture: NDArray[np.uint8]) -> Floats:
    """Mean of R, G and B of every pixel, [S, S]."""
    if ids.ndim != 2 or ids.shape[0] != ids.shape[1] or picture.shape != (*ids.shape, 3):
        raise ValueError(f"a map {list(ids.shape)} does not fit a picture {list(picture.shape)}")
    if len(ids) < 8:
        raise ValueError("a map needs 8 pixels or more on each side")
    red, green, blue = (picture[..., i].astype(np.uint16) for i in range(3))
    return np.asarray((red + green + blue) / 3)


def _eye_windows(ids: Ids, until: int) -> tuple[Mask, Mask]:
    """The left eye outside the right quarter, the right one outside the left; rows S/4 to ``until``."""
    side = len(ids)
    left, right = np.zeros(ids.shape, bool), np.zeros(ids.shape, bool)
    rows, first, last = slice(side // 4, until), slice(None, 3 * side // 4), slice(side // 4, None)
    left[rows, first] = ids[rows, first] == LEFT_EYE
    right[rows, last] = ids[rows, last] == RIGHT_EYE
    return left, right


def _height(mask: Mask) -> int:
    """Last row less first row; 0 for an empty mask."""
    rows = np.flatnonzero(mask.any(axis=1))
    return int(rows[-1] - rows[0]) if rows.size else 0


def _lowest_hair(hair: Mask) -> float:
    """Number of the lowest row; where that is the last one, half its hair pixels more."""
    rows = np.flatnonzero(hair.any(axis=1))
    if not rows.size:
        return 0.0
    lowest = int(rows[-1])
    return lowest + (int(np.count_nonzero(hair[-1])) / 2 if lowest == len(hair) - 1 else 0.0)


def _nose_slant(nose: Mask) -> float:
    """Correlation of x and y of the pixels, negated; 0 where there is none."""
    y, x = np.nonzero(nose)
    if y.size < 2 or y.min() == y.max() or x.min() == x.max():
        return 0.0
    return 0.0 - float(np.corrcoef(x, y)[0, 1])


def _background(ids: Ids, light: Floats) -> tuple[float, float]:
    """Mean and deviation (ddof 0) of the upper half's background without its 5 % ends."""
    half = len(ids) // 2
    tones = np.sort(light[:half][ids[:half] == BACKGROUND])
    n = tones.size
    if not n:
        return NO_BACKGROUND
    kept = tones[int(0.05 * n) : int(0.95 * n)] if n > 1 else tones
    return float(kept.mean()), float(kept.std())


def _middle_tone(tones: Floats) -> float:
    """Mean of the middle 80 %; 127.5 where nothing is left of them."""
    n = tones.size
    kept = np.sort(tones)[int(0.1 * n) : int(0.9 * n)]
    return float(kept.mean()) if kept.size else NO_HAIR_COLOR


def _hair_rows(hair: Mask) -> float:
    """Rows from S/4 on with 20 or more hair pixels; hair that goes on below the crop counts by its width."""
    scale = len(hair) / SIDE
    enough = hair.sum(axis=1) >= 20 * scale
    more = 0.0
    if enough[-1]:
        half = len(hair) // 2
        counts = (int(hair[-1, :half].sum()), int(hair[-1, half:].sum()))
        more = sum(max(count - 10 * scale, 0.0) for count in counts) / 2
    return int(enough[len(hair) // 4 :].sum()) + more


def _opening(eye: Mask) -> float:
    """Greatest height over the columns times the cosine of the eye's tilt."""
    if not eye.any():
        return 0.0
    last = len(eye) - 1 - eye[::-1].argmax(axis=0)
    heights = np.where(eye.any(axis=0), last - eye.argmax(axis=0), 0)
    return float(heights.max()) * _tilt_cosine(eye)


def _tilt_cosine(eye: Mask) -> float:
    """|dx| / distance of the two pixels farthest apart; 1 for a single pixel.

    Only the ends of rows can be farthest apart. Of equal pairs the first in the order of columns, then
    rows, counts, as in the original.
    """
    rows = np.flatnonzero(eye.any(axis=1))
    first = eye[rows].argmax(axis=1)
    last = eye.shape[1] - 1 - eye[rows, ::-1].argmax(axis=1)
    x, y = np.concatenate([first, last]), np.concatenate([rows, rows])
    order = np.lexsort((y, x))
    x, y = x[order], y[order]
    dx, dy = x[:, None] - x, y[:, None] - y
    far: NDArray[Any] = np.tril(dx**2 + dy**2)
    i, j = np.unravel_index(int(far.argmax()), far.shape)
    return float(abs(dx[i, j]) / np.sqrt(far[i, j])) if far[i, j] else 1.0


def _eye_line(left: Mask, right: Mask) -> float:
    """Slope between the centres of both eyes; 0 where one is missing or they lie above each other."""
    if not (left.any() and right.any()):
        return 0.0
    (y0, x0), (y1, x1) = (np.argwhere(eye).mean(axis=0) for eye in (left, right))
    return float((y1 - y0) / (x1 - x0)) if x1 != x0 else 0.0


def _patch_sums(values: Floats, patch: int) -> Floats:
    """Sums over all patch x patch squares, [rows - patch + 1, columns - patch + 1]."""
    total = np.pad(values, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    return np.asarray(
        total[patch:, patch:] - total[:-patch, patch:] - total[patch:, :-patch] + total[:-patch, :-patch]
    )
