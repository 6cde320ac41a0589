"""Pictures into an animated file that people see move: WebP on Discord, GIF on Telegram.

Thirty pictures at 256 pixels are about 0.1 MB as WebP, in full colour, and 0.5 MB as GIF. Telegram takes
no WebP that moves; it makes a film of a GIF itself.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

import numpy as np
from PIL import Image

from core.errors import ModelError
from core.people import Film
from models.face.motion import FRAME_MS

LIMIT: Final = 1_000_000  # bytes
QUALITIES: Final = (85, 70, 50, 30, 10)  # WebP's, tried in turn until the file is small enough
COLOURS: Final = (256, 128, 32, 8)  # GIF's, likewise
STEADY: Final = 4  # of 255: in a GIF, a pixel that changes by no more stays as it is
_SAMPLES, _SAMPLE = 8, 64  # pictures that a palette is taken from, and their size in pixels


def to_film(pictures: Sequence[Image.Image], kind: Film, frame_ms: int = FRAME_MS) -> bytes:
    """A file of at most LIMIT bytes that plays in a loop.

    Args:
        pictures: RGB, all of one size. Equal neighbours become one that stands longer.
        kind: Of the file.
        frame_ms: How long each stands; GIF counts in hundredths of a second.

    Raises:
        ModelError: Too large even at the lowest quality (noise at 256 pixels is not).
    """
    encoders: Sequence[Callable[[], bytes]]
    if kind == "webp":
        encoders = [partial(_webp, pictures, frame_ms, quality) for quality in QUALITIES]
    else:
        encoders = [partial(_gif, pictures, frame_ms, colours) for colours in COLOURS]
    for encode in encoders:
        data = encode()
        if len(data) <= LIMIT:
            return data
    raise ModelError(f"a film of {len(pictures)} pictures is larger than {LIMIT} bytes")


def _webp(pictures: Sequence[Image.Image], frame_ms: int, quality: int) -> bytes:
    return _saved(pictures, "WEBP", frame_ms, quality=quality, method=2)


def _gif(pictures: Sequence[Image.Image], frame_ms: int, colours: int) -> bytes:
    """One palette for all and no dithering: what does not move stands still, and the file is smaller."""
    taken = pictures[:: max(1, len(pictures) // _SAMPLES)]
    strip = Image.new("RGB", (_SAMPLE * len(taken), _SAMPLE))
    for number, picture in enumerate(taken):
        small = picture.resize((_SAMPLE, _SAMPLE), Image.Resampling.NEAREST)  # no colours that are not there
        strip.paste(small, (number * _SAMPLE, 0))
    palette = strip.quantize(colours, Image.Quantize.MEDIANCUT, kmeans=3)
    mapped = [each.quantize(palette=palette, dither=Image.Dither.NONE) for each in _steadied(pictures)]
    return _saved(mapped, "GIF", frame_ms, optimize=False)


def _steadied(pictures: Sequence[Image.Image]) -> Iterator[Image.Image]:
    """The same without changes that nobody sees; they would take a third of the file, and shimmer."""
    shown = np.asarray(pictures[0]).astype(np.int16)
    for picture in pictures:
        now = np.asarray(picture).astype(np.int16)
        moved = (np.abs(now - shown) > STEADY).any(axis=-1, keepdims=True)
        shown = np.where(moved, now, shown)
        yield Image.fromarray(shown.astype(np.uint8))


def _saved(pictures: Sequence[Image.Image], form: str, frame_ms: int, **options: int) -> bytes:
    first, *others = pictures
    buffer = io.BytesIO()
    first.save(buffer, form, save_all=True, append_images=others, duration=frame_ms, loop=0, **options)
    return buffer.getvalue()
