"""Making the picture tasks that ship: tiles drawn by the painter, and scikit-learn's digits, as sheets.

``models/battle/data/NAME.webp`` holds the tiles row by row, ``NAME.json`` what they show; both are
pure functions of the seed. Needs the extra ``train``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.battle.bank import COUNT, draw_boxes
from models.battle.pictures import load_sheet

Bytes = NDArray[np.uint8]

COLUMNS: Final = 60
DIGITS: Final = 28
HELD_OUT: Final = 9  # of twenty
QUALITY: Final = 82
MOST: Final = {"digits": 340}  # so easy that few have to do


@dataclass(frozen=True)
class Plan:
    """How many pictures of each drawn task; the seed is that of pictures, parts and boxes."""

    each: int = 2400
    seed: int = 20261122


def make(folder: Path, names: Sequence[str], plan: Plan, report: Callable[[int], None]) -> dict[str, int]:
    """Write the named data sets to ``folder``; their sizes in bytes. ``report`` gets the pictures drawn."""
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {}
    for name in names:
        about, tiles, lossless = _digits() if name == "digits" else _drawn(name, plan, report)
        about |= _parts(about["labels"], plan.seed) | {"most": MOST.get(name, 400), "boxes": []}
        _write_sheet(folder / f"{name}.webp", tiles, lossless)
        _write_about(folder / f"{name}.json", about)
        add_bank(folder, name, plan.seed)
        files = [folder / f"{name}{end}" for end in (".webp", ".json")]
        sizes[name] = sum(file.stat().st_size for file in files)
    return sizes


def add_bank(folder: Path, name: str, seed: int) -> None:
    """Draw the boxes of a data set over its tiles as they come out of the file."""
    path = folder / f"{name}.json"
    about = json.loads(path.read_text("utf-8"))
    about["boxes"] = draw_boxes(load_sheet(folder, name), seed, COUNT).tolist()
    _write_about(path, about)


def checksums(folder: Path) -> str:
    """What a file SHA256SUMS says of the sheets of a folder."""
    files = sorted([*folder.glob("*.webp"), *folder.glob("*.json")])
    return "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)


def _digits() -> tuple[dict[str, Any], Bytes, bool]:
    from sklearn.datasets import load_digits

    digits = load_digits()
    names = [[str(label), str(label)] for label in range(10)]
    labels = "".join(str(label) for label in digits.target)
    tiles = np.minimum(digits.images * 16, 255).astype(np.uint8)
    about = {"ko": "손글씨 숫자", "en": "Handwritten digits", "classes": names, "labels": labels}
    return about | {"tile": 8, "size": DIGITS, "channels": 1}, np.repeat(tiles[..., None], 3, -1), True


def _drawn(name: str, plan: Plan, report: Callable[[int], None]) -> tuple[dict[str, Any], Bytes, bool]:
    from models.battle.drawn import SIZE, TASKS

    task, number = TASKS[name], sorted(TASKS).index(name)
    kinds = len(task.kinds)
    n = plan.each - plan.each % kinds
    tiles = []
    for i in range(n):
        tiles.append(task.tile(i % kinds, np.random.default_rng((plan.seed, number, i))))
        report(1)
    labels = "".join(str(i % kinds) for i in range(n))
    names = [[kind.ko, kind.en] for kind in task.kinds]
    about = {"ko": task.ko, "en": task.en, "classes": names, "labels": labels}
    return about | {"tile": SIZE, "size": SIZE, "channels": 3}, np.stack(tiles), False


def _parts(labels: str, seed: int) -> dict[str, str]:
    """Nine in twenty of each class are held out."""
    found = np.array([int(label) for label in labels])
    held_out = np.zeros(len(found), bool)
    rng = np.random.default_rng(seed)
    for label in range(found.max() + 1):
        mine = rng.permutation(np.flatnonzero(found == label))
        held_out[mine[: len(mine) * HELD_OUT // 20]] = True
    return {"held_out": "".join("01"[int(out)] for out in held_out)}


def _write_sheet(path: Path, tiles: Bytes, lossless: bool) -> None:
    n, side = len(tiles), tiles.shape[1]
    sheet = np.zeros((ceil(n / COLUMNS) * side, COLUMNS * side, 3), np.uint8)
    for i, tile in enumerate(tiles):
        y, x = i // COLUMNS * side, i % COLUMNS * side
        sheet[y : y + side, x : x + side] = tile
    Image.fromarray(sheet).save(path, lossless=lossless, quality=100 if lossless else QUALITY, method=6)


def _write_about(path: Path, about: dict[str, Any]) -> None:
    path.write_text(json.dumps(about, ensure_ascii=False) + "\n", encoding="utf-8")
