"""Her face on the way from one expression to the next, as a GIF."""

from __future__ import annotations

import io
from typing import Any, Final, TypeAlias

import numpy as np
from PIL import Image

from core.people import Scores

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"

FRAMES: Final = 10
FRAME_MS: Final = 70
REST_MS: Final = 3000  # the end stands for so long where it is shown in a loop (Telegram makes a film of it)
COLOURS: Final = 256


def way(start: Scores, end: Scores, frames: int = FRAMES) -> Floats:
    """Scores [frames, 3] from ``start`` to ``end``, slow at both ends."""
    time = np.linspace(0.0, 1.0, frames)[:, None]
    eased = time * time * (3 - 2 * time)
    return row(start) + eased * (row(end) - row(start))


def row(scores: Scores) -> Floats:
    """Scores [1, 3] as the generator takes them."""
    return np.array([[scores.eyes, scores.mouth, scores.pose]])


def to_gif(pictures: list[Image.Image], colours_of: list[Image.Image]) -> bytes:
    """A GIF that plays once and stops at the last picture.

    One palette for all pictures and no dithering: what does not move stands still, and the file is
    two thirds of a dithered one.

    Args:
        pictures: RGB, all of one size.
        colours_of: Pictures that the palette is taken from; small ones do.
    """
    wide = sum(each.width for each in colours_of)
    strip = Image.new("RGB", (wide, max(each.height for each in colours_of)))
    at = 0
    for each in colours_of:
        strip.paste(each, (at, 0))
        at += each.width
    palette = strip.quantize(COLOURS, Image.Quantize.MEDIANCUT, kmeans=3)
    first, *others = (each.quantize(palette=palette, dither=Image.Dither.NONE) for each in pictures)
    durations = [*[FRAME_MS] * len(others), REST_MS]
    buffer = io.BytesIO()
    first.save(buffer, "GIF", save_all=True, append_images=others, duration=durations, optimize=False)
    return buffer.getvalue()
