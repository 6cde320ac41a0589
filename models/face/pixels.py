"""Between the networks' images, [B, 3, r, r] in [-1, 1], and pictures, RGB of eight bits."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

Bytes: TypeAlias = NDArray[np.uint8]

SHOWN: Final = 256  # pixels of what people see
ROW: Final = 5  # faces side by side on a sheet
TILE: Final = 192  # pixels of each
RING: Final = ((255, 255, 255), (30, 30, 60))  # a number's ink and its plate


def to_bytes(images: Tensor) -> Bytes:
    """Images [B, 3, r, r], nominally in [-1, 1], as pictures [B, r, r, 3]."""
    levels = ((images + 1) * 127.5 + 0.5).clamp(0, 255)
    return levels.permute(0, 2, 3, 1).to(torch.uint8).cpu().numpy()


def to_images(pictures: Bytes) -> Tensor:
    """Pictures [B, h, w, 3] as images [B, 3, h, w] in [-1, 1]."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)


def chosen(pictures: Any, index: Sequence[int] | NDArray[np.int64]) -> Tensor:
    """Images [B, 3, r, r] of those pictures (uint8 [r, r, 3]) that ``index`` names.

    ``pictures`` is anything that gives one picture for one number: an array, one mapped from a file, a
    torch ``Dataset``. Only those asked for are read.
    """
    return to_images(np.stack([np.asarray(pictures[int(i)]) for i in index]))


def to_pictures(images: Tensor, size: int = SHOWN) -> list[Image.Image]:
    """Pictures of ``size`` x ``size`` of images [B, 3, r, r]."""
    return [
        Image.fromarray(levels).resize((size, size), Image.Resampling.LANCZOS) for levels in to_bytes(images)
    ]


def to_png(picture: Image.Image) -> bytes:
    """A picture as PNG."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=False, compress_level=6)
    return buffer.getvalue()


def numbered(pictures: Sequence[Image.Image], first: int = 1) -> Image.Image:
    """Pictures side by side, five in a row, each with its number in the corner, from ``first`` on."""
    columns = min(ROW, len(pictures))
    sheet = Image.new("RGB", (columns * TILE, -(-len(pictures) // ROW) * TILE), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(26)
    for i, picture in enumerate(pictures):
        x, y = i % ROW * TILE, i // ROW * TILE
        sheet.paste(picture.resize((TILE, TILE), Image.Resampling.LANCZOS), (x, y))
        pen.rounded_rectangle((x + 6, y + 6, x + 46, y + 40), 10, fill=RING[1])
        pen.text((x + 26, y + 23), str(first + i), RING[0], font, anchor="mm")
    return sheet
