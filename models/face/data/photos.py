"""A folder of photographs as a set of portraits, cut as the original cut its pictures for scoring.

    faces/a.jpg, faces/more/b.png    .jpg, .jpeg, .png or .webp, in sub-folders too
    faces/boxes.csv                  file,left,top,right,bottom: a face detector's box, in pixels
    faces/labels.csv                 file, then any of LABELS; an empty cell is a label not known
    faces/maps/a.png                 ids of the picture's parts, as large as the picture

All but the pictures may be missing. Files are named by their path from the folder, with "/".
"""

from __future__ import annotations

import csv
import math
import struct
import unicodedata
import warnings
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor

from models.face.data.dataset import shrunk
from models.face.scores.measures import HAIR, NAMES, normalise

ENDINGS: Final = (".jpg", ".jpeg", ".png", ".webp")
FORMATS: Final = ("JPEG", "PNG", "WEBP")
SIDES: Final = ("left", "top", "right", "bottom")
LABELS: Final = ("gender", "quality", "age", "glass", *NAMES, "hairstyle")
DAMAGED: Final = (  # what Pillow's decoders of these formats raise for a damaged file
    OSError, SyntaxError, EOFError, LookupError, TypeError, OverflowError, struct.error, zlib.error,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip
MARGIN: Final = 0.25  # of a box's width and height, added on each side

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Box = tuple[int, int, int, int]


class PhotoFolder:
    """Photographs uint8 ``images`` [k, size, size, 3] with their ``names``, and ``maps`` [k, size, size].

    A picture is turned upright as its camera says, cut to its box enlarged by a quarter on each side, or to
    the square in its middle where it has none, and resized (bicubic, antialiased) without regard to its
    proportions, as the original did; maps take the nearest pixel. Transparency is laid on white, grey
    becomes RGB. Boxes, of which there are ``boxes``, and maps belong to the upright picture. ``maps`` is None
    without a folder ``maps``.
    All is kept in memory, 192 KB a picture of 256 px.

    Raises FileNotFoundError where there are no pictures, and ValueError for a table that makes no sense and
    for files that cannot be used, all of them named: no pictures, damaged, larger than Pillow's limit
    against decompression bombs, a box beside the picture, a map missing or of another size, a row of a
    table without its picture. With ``skip_broken`` those are left out; ``broken`` names them and says why.
    """

    def __init__(self, folder: Path, size: int = 256, *, skip_broken: bool = False) -> None:
        self.size = size
        _, boxes = _table(folder / "boxes.csv", SIDES, every=True)
        self.label_names, labels = _table(folder / "labels.csv", LABELS)
        found, problems = _files(folder)
        for table, rows in (("boxes.csv", boxes), ("labels.csv", labels)):
            problems += [f"{name}: named in {table}, but not there" for name in rows if name not in found]
        read: dict[str, tuple[Bytes, Bytes | None]] = {}
        for name, path in found.items():
            try:
                read[name] = _photo(path, boxes.get(name), _map_of(folder, path), size)
            except ValueError as err:
                problems.append(f"{name}: {err}")
            except DAMAGED as err:
                problems.append(f"{name}: cannot be read ({type(err).__name__})")
        if problems and not skip_broken:
            raise ValueError("\n".join([f"{len(problems)} files of {folder} cannot be used:", *problems]))
        if not read:
            raise FileNotFoundError(f"no photographs in {folder}")
        self.names, self.broken = tuple(read), tuple(problems)
        self.boxes = sum(name in boxes for name in read)
        self.images: Bytes = np.stack([picture for picture, _ in read.values()])
        parts = [ids for _, ids in read.values() if ids is not None]
        self.maps: Bytes | None = np.stack(parts) if parts else None
        known = [[labels.get(name, {}).get(each, math.nan) for each in self.label_names] for name in read]
        self._labels: Floats = np.array(known, np.float64).reshape(len(read), -1)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, number: int) -> Bytes:
        return self.images[number]

    def pictures(self, index: NDArray[np.integer[Any]], resolution: int) -> Tensor:
        """Pictures [k, 3, r, r] in [-1, 1], averaged down to ``resolution``, which must divide the size."""
        return shrunk(torch.from_numpy(self.images[index]), resolution)

    def labels(self, names: Sequence[str] | None = None, *, z_scores: bool = False) -> Floats:
        """Labels [k, len(names)], NaN where not known; None: of all ``label_names``.

        With ``z_scores`` those of every property over the photographs that have it, as
        :func:`models.face.scores.measures.normalise` makes them. Raises ValueError for a property without
        labels.
        """
        wanted = self.label_names if names is None else tuple(names)
        absent = [name for name in wanted if name not in self.label_names]
        if absent:
            raise ValueError(f"no labels of {', '.join(absent)}")
        out = self._labels[:, [self.label_names.index(name) for name in wanted]]
        for column in out.T if z_scores else ():
            known = ~np.isnan(column)
            column[known] = normalise(column[known, None])[0][:, 0]
        return out


def _name(path: str) -> str:
    """Some systems write a letter and its accent, or the parts of a Korean syllable, one by one."""
    return unicodedata.normalize("NFC", path)


def _files(folder: Path) -> tuple[dict[str, Path], list[str]]:
    """Pictures by name, and what lies between them that is none; hidden files do not count."""
    pictures, others = {}, []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        own = inside.parts[0] == "maps" or inside.as_posix() in ("boxes.csv", "labels.csv")
        if own or not path.is_file() or any(part.startswith(".") for part in inside.parts):
            continue
        if path.suffix.lower() in ENDINGS:
            pictures[_name(inside.as_posix())] = path
        else:
            others.append(f"{inside.as_posix()}: no {', '.join(ENDINGS)}")
    return pictures, others


def _map_of(folder: Path, path: Path) -> Path | None:
    """Where the map of a picture must lie; None where there are no maps."""
    maps = folder / "maps"
    return maps / path.relative_to(folder).with_suffix(".png") if maps.is_dir() else None


def _table(
    path: Path, columns: Sequence[str], *, every: bool = False
) -> tuple[tuple[str, ...], dict[str, dict[str, float]]]:
    """Columns after ``file``, and the numbers in them by file; nothing where there is no table.

    With ``every`` all ``columns`` must be there and filled. Raises ValueError that names the row.
    """
    if not path.exists():
        return (), {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = list(csv.reader(file, strict=True)) or [[]]
    except (UnicodeDecodeError, csv.Error) as err:
        raise ValueError(f"{path.name} is no table in UTF-8: {err}") from None
    first, *names = [cell.strip() for cell in header] or [""]
    right = set(names) == set(columns) if every else set(names) <= set(columns)
    if first != "file" or not names or len(set(names)) < len(names) or not right:
        which = "" if every else "any of "
        raise ValueError(f"{path.name}: its first row must be file, then {which}{', '.join(columns)}")
    out: dict[str, dict[str, float]] = {}
    for number, row in enumerate(rows, 2):
        if not row:
            continue
        name = _name(row[0].strip())
        try:
            values = {c: _number(cell, every) for c, cell in zip(names, row[1:], strict=True)}
        except ValueError:
            raise ValueError(f"{path.name}, row {number}: expected a file and {len(names)} numbers") from None
        if name in out:
            raise ValueError(f"{path.name}, row {number}: {name} for the second time")
        out[name] = values
    return tuple(names), out


def _number(cell: str, needed: bool) -> float:
    if not needed and not cell.strip():
        return math.nan
    value = float(cell)
    if not math.isfinite(value):
        raise ValueError(cell)
    return value


def _photo(
    path: Path, box: dict[str, float] | None, ids: Path | None, size: int
) -> tuple[Bytes, Bytes | None]:
    """Picture [size, size, 3] and map [size, size]. Raises ValueError that says what does not fit."""
    picture = _upright(path)
    cut = _square(picture.size) if box is None else _enlarged(box, picture.size)
    parts = None if ids is None else _ids(ids, picture.size, cut, size)
    shown = picture.crop(cut).resize((size, size), Image.Resampling.BICUBIC)
    return np.asarray(shown), parts


def _upright(path: Path) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(path, formats=FORMATS) as file:
            return _rgb(ImageOps.exif_transpose(file))


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey, which convert() would cut off
        levels = np.asarray(image).astype(np.int64)
        image = Image.fromarray(((levels * 255 + 32767) // 65535).astype(np.uint8))
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image.convert("RGBA"))
        image = white
    return image.convert("RGB")


def _square(size: tuple[int, int]) -> Box:
    side = min(size)
    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    return left, top, left + side, top + side


def _enlarged(box: dict[str, float], size: tuple[int, int]) -> Box:
    """The box with a margin on each side, clipped to the picture, in whole pixels."""
    left, top, right, bottom = (box[side] for side in SIDES)
    if left >= right or top >= bottom:
        raise ValueError("its box is empty")
    across, down = MARGIN * (right - left), MARGIN * (bottom - top)
    edges = (left - across, top - down, right + across, bottom + down)
    limits = (*size, *size)
    x0, y0, x1, y1 = (
        math.floor(min(max(edge, 0), most) + 0.5) for edge, most in zip(edges, limits, strict=True)
    )
    if x0 >= x1 or y0 >= y1:
        raise ValueError("its box lies beside the picture")
    return x0, y0, x1, y1


def _ids(path: Path, whole: tuple[int, int], cut: Box, size: int) -> Bytes:
    if not path.is_file():
        raise ValueError("it has no map")
    try:
        with Image.open(path, formats=("PNG",)) as file:
            if file.mode not in ("L", "P") or file.size != whole:
                wanted = f"{whole[0]} x {whole[1]} pixels of one byte"
                raise ValueError(f"its map is {file.size[0]} x {file.size[1]} {file.mode}, not {wanted}")
            ids = np.asarray(file.crop(cut).resize((size, size), Image.Resampling.NEAREST))
    except (OSError, SyntaxError):
        raise ValueError("its map cannot be read") from None
    if ids.max() > HAIR:
        raise ValueError(f"its map has the id {ids.max()}; the last one is {HAIR}")
    return ids
