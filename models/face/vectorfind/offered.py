"""Sheets of the faces that could be offered, by which somebody picks some of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from models.face.pixels import to_pictures
from models.face.vectorfind.check import Candidate
from models.face.vectorfind.codes import Space
from models.face.vectorfind.gallery import id_of

# Eyes, mouth, pose by which somebody judges a face: at rest, half shut, shut, wide open and laughing, turned
# to both sides, and all at once.
SHOWN: Final = np.array(
    [[0, -0.6, 0], [-0.5, -0.6, 0], [-1, 0.3, 0], [0.8, 1, 0], [0, -0.6, -1], [0.3, 0.3, 1], [-0.5, 0.6, 0.7]]
)
ROWS: Final = 10  # faces on one sheet


def candidate_sheets(
    space: Space, offered: Sequence[Candidate], folder: Path, prefix: str, size: int = 160
) -> None:
    """WebP sheets of tested codes: a row each, with its id, in seven expressions; older sheets go."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.webp"):
        old.unlink()
    for first in range(0, len(offered), ROWS):
        part = offered[first : first + ROWS]
        sheet = Image.new("RGB", (size * len(SHOWN), size * len(part)), "white")
        pen = ImageDraw.Draw(sheet)
        for row, each in enumerate(part):
            for column, picture in enumerate(to_pictures(space.images(each.asked(SHOWN)), size)):
                sheet.paste(picture, (column * size, row * size))
            pen.text((4, row * size + 2), id_of(each, prefix), "white", stroke_width=2, stroke_fill="black")
        sheet.save(folder / f"{first // ROWS + 1:02d}.webp", quality=90)
