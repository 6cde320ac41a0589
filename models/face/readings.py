"""Sheets for a blind reading: unselected pictures of her, mixed with portraits that the painter drew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from models.face.data.shards import painter
from models.face.painter.params import PARAM_NAMES, PortraitParams, from_gaussian
from models.face.pixels import SHOWN, to_pictures
from models.face.service import FaceEngine

SIDE: Final = 4  # pictures of a sheet, across and down
GAP: Final = 2  # pixels round each picture
Entry = dict[str, Any]


def reading(
    engine: FaceEngine, seed: int, n: int = 64, painted: int = 16
) -> tuple[list[Image.Image], dict[str, Entry]]:
    """Sheets of 4 x 4 numbered pictures in a random order, and what each number is; the same for a seed.

    ``n`` are of her faces, drawn at random with expressions that fill [-1, 1], and ``painted`` are portraits
    of young women without glasses and of good quality. Raises ModelError where the painter cannot work.
    """
    rng = np.random.default_rng(seed)
    made = [_hers(engine, rng) for _ in range(n)] + _painted(rng, painted)
    mixed = [made[i] for i in rng.permutation(len(made))]
    key = {str(number): entry for number, (entry, _) in enumerate(mixed, 1)}
    pictures = [picture for _, picture in mixed]
    parts = range(0, len(pictures), SIDE**2)
    return [_sheet(pictures[first : first + SIDE**2], first + 1) for first in parts], key


def _hers(engine: FaceEngine, rng: np.random.Generator) -> tuple[Entry, Image.Image]:
    face = list(engine.faces.values())[rng.integers(len(engine.faces))]
    scores = rng.uniform(-1, 1, (1, 3))
    entry = {"by": "her", "face": face.id, "scores": [round(float(score), 2) for score in scores[0]]}
    return entry, to_pictures(engine.images(face, scores))[0]


def _painted(rng: np.random.Generator, n: int) -> list[tuple[Entry, Image.Image]]:
    paint, made = painter().paint, list[tuple[Entry, Image.Image]]()
    while len(made) < n:
        params = from_gaussian(rng.standard_normal(len(PARAM_NAMES)))
        if _like_her(params):
            made.append(({"by": "painter"}, Image.fromarray(paint(params, SHOWN))))
    return made


def _like_her(params: PortraitParams) -> bool:
    return params.gender < 0.3 and params.age < 0.45 and params.glasses < 0.5 and params.quality > 0.74


def _sheet(pictures: Sequence[Image.Image], first: int) -> Image.Image:
    tile = SHOWN + 2 * GAP
    sheet = Image.new("RGB", (SIDE * tile, -(-len(pictures) // SIDE) * tile), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(22)
    for i, picture in enumerate(pictures):
        x, y = i % SIDE * tile, i // SIDE * tile
        sheet.paste(picture, (x + GAP, y + GAP))
        pen.rectangle((x + 4, y + 4, x + 40, y + 30), fill="white")
        pen.text((x + 8, y + 6), str(first + i), "black", font)
    return sheet
