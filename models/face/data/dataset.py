"""Portraits that face models learn from: what every set of them can do, and painted ones with their truth.

Painted portraits lie in shards of NumPy arrays (:mod:`models.face.data.shards`), so that pictures are read
from the page cache without being copied whole: five bytes a pixel, 6.6 GB for 20,000 of 256 px. A portrait
is a pure function of seed, shard and row; painting is resumed shard by shard. Only painting needs the extra
"train". Photographs: :mod:`models.face.data.photos`.
"""

from __future__ import annotations

import errno
import json
import math
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from core.errors import ModelError
from models.face.data.shards import PARTS, clear, fingerprint, held, read_part, stand_alone, write_shard
from models.face.painter.params import PARAM_NAMES
from models.face.stylegan.latent import N_EXPRESSION

SHARD: Final = 500  # portraits in a shard
SEED: Final = 20031011
SMALLEST: Final = 8  # pixels
STRETCH: Final = 1.25  # of the expression's coordinates: the ends of its range more often than by chance
HALF_SHUT: Final = (-1.65, -0.39)  # coordinates of eyes at -.9 and -.3
FAR: Final = 1.28  # that of a head turned by .8
BYTES: Final = 5  # of a pixel: its colour, its part, its share of hair
ABOUT: Final = "painting.json"
TILE: Final = 128  # pixels of a portrait on a contact sheet, at most

Codes = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Index = NDArray[np.integer[Any]]


class Portraits(Protocol):
    """Square pictures of faces, painted or photographed, ``size`` pixels wide."""

    size: int

    def __len__(self) -> int: ...

    def __getitem__(self, number: int) -> Bytes:
        """One picture, uint8 [size, size, 3]. Raises IndexError where there is none."""
        ...

    def pictures(self, index: Index, resolution: int) -> Tensor:
        """Pictures ``index`` [k] as [k, 3, r, r] in [-1, 1]. Raises ValueError where r does not divide."""
        ...


@dataclass(frozen=True)
class Painting:
    """How a set was painted; written beside it. The first ``n`` portraits of its shards are the set."""

    n: int
    seed: int = SEED
    size: int = 256
    shard: int = SHARD
    painter: str = ""
    params: tuple[str, ...] = PARAM_NAMES

    def missing(self, folder: Path) -> dict[int, int]:
        """Numbers of the shards that are not whole in ``folder``, and how many portraits they must hold."""
        rows = [min(self.shard, self.n - first) for first in range(0, self.n, self.shard)]
        return {k: wanted for k, wanted in enumerate(rows) if held(folder, k) < wanted}


def codes_of(seed: int, shard: int, n: int = SHARD) -> Codes:
    """Gaussian codes [n, params] of the first n portraits of a shard."""
    codes = np.random.default_rng((seed, shard)).standard_normal((n, len(PARAM_NAMES))).astype(np.float32)
    codes[:, :N_EXPRESSION] *= STRETCH
    return codes


def paint_set(
    folder: Path, n: int, *, seed: int = SEED, size: int = 256, workers: int = 2, shard: int = SHARD,
    report: Callable[[int], None] | None = None,
) -> PortraitSet:  # fmt: skip
    """Make ``folder`` a set of ``n`` portraits of ``size`` pixels: paint what is missing of them.

    ``report`` gets the number done, at first that of those found. ``workers`` processes paint, this one
    where it is 1. A set made smaller keeps its files. Raises ValueError where ``folder`` holds portraits of
    another seed, size or painter, and for sizes that cannot be; ModelError when painting processes die or
    the painter is not installed; OSError where nothing can be written or the disk is too small.
    """
    if min(n, workers, shard) < 1 or size < SMALLEST or seed < 0:
        raise ValueError(f"cannot paint {n} portraits of {size} px by {workers} processes with seed {seed}")
    painting = Painting(n, seed, size, shard, fingerprint())
    folder.mkdir(parents=True, exist_ok=True)
    _check(folder, painting)
    clear(folder, "*.part.npy")
    missing = painting.missing(folder)
    _need(folder, sum(missing.values()) * BYTES * size**2)
    partial = folder / f"{ABOUT}.part"
    partial.write_text(json.dumps(asdict(painting)))
    partial.replace(folder / ABOUT)
    _paint(folder, painting, missing, workers, report or (lambda done: None))
    return PortraitSet(folder)


def unpaint(folder: Path) -> None:
    """Delete the painted portraits of a folder, and nothing else that is in it."""
    (folder / ABOUT).unlink(missing_ok=True)
    clear(folder)


def _check(folder: Path, painting: Painting) -> None:
    """Raises ValueError where ``folder`` holds portraits that are not of this painting."""
    if (folder / ABOUT).exists():
        if _about(folder) | {"n": painting.n} != json.loads(json.dumps(asdict(painting))):
            raise ValueError(f"{folder} holds portraits of another seed, size or painter")
    elif held(folder, 0):
        raise ValueError(f"{folder} holds portraits of which nobody knows how they were painted")


def _about(folder: Path) -> dict[str, Any]:
    try:
        data = json.loads((folder / ABOUT).read_bytes())
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise ValueError(f"{folder / ABOUT} is damaged")
    return data


def _need(folder: Path, amount: int) -> None:
    free = shutil.disk_usage(folder).free
    if amount > free:
        what = f"the portraits need {amount / 1e9:.1f} GB, {free / 1e9:.1f} GB are free"
        raise OSError(errno.ENOSPC, what, str(folder))


def _paint(
    folder: Path, painting: Painting, missing: dict[int, int], workers: int, report: Callable[[int], None]
) -> None:
    done = painting.n - sum(missing.values())
    report(done)
    jobs = [(folder, painting.size, k, codes_of(painting.seed, k, n)) for k, n in missing.items()]
    if workers == 1:
        for job in jobs:
            done += write_shard(*job)
            report(done)
        return
    pool = ProcessPoolExecutor(workers, get_context("spawn"), stand_alone)
    try:
        for made in as_completed([pool.submit(write_shard, *job) for job in jobs]):
            done += made.result()
            report(done)
    except BrokenProcessPool:
        raise ModelError("a painting process was killed; paint again to go on") from None
    finally:
        pool.shutdown(cancel_futures=True)  # with an error, too, no other shard is begun


class PortraitSet:
    """The painted portraits of a folder, with the codes [n, params] they show.

    Raises FileNotFoundError where there are none or not all yet, ValueError where they are damaged.
    """

    def __init__(self, folder: Path) -> None:
        if not (folder / ABOUT).exists():
            raise FileNotFoundError(f"no painted portraits in {folder}")
        about = _about(folder)
        try:
            painting = Painting(**about)
            missing = painting.missing(folder)
        except TypeError:
            raise ValueError(f"{folder / ABOUT} is damaged") from None
        if tuple(painting.params) != PARAM_NAMES:
            raise ValueError(f"{folder} holds portraits of another painter")
        if missing:
            have = painting.n - sum(missing.values())
            raise FileNotFoundError(f"{folder} holds {have} of {painting.n} portraits; paint the others")
        self.folder, self.size, self._shard = folder, painting.size, painting.shard
        self.painting = painting
        shards = range(-(-painting.n // painting.shard))
        codes, *parts = ([read_part(folder, part, k) for k in shards] for part in PARTS)
        self.codes: Codes = np.concatenate(codes)[: painting.n]
        self._parts = dict(zip(PARTS[1:], parts, strict=True))

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, number: int) -> Bytes:
        return self.rows("pictures", np.array([number]))[0]

    def rows(self, name: str, index: Index) -> Bytes:
        """``pictures`` [k, r, r, 3], ``maps`` or ``mattes`` [k, r, r] of the portraits ``index`` [k].

        Raises IndexError where there is no such portrait.
        """
        if len(index) and not 0 <= index.min() <= index.max() < len(self):
            raise IndexError(f"portraits are numbered from 0 to {len(self) - 1}")
        part = self._parts[name]
        return np.stack([part[i // self._shard][i % self._shard] for i in index])

    def pictures(self, index: Index, resolution: int) -> Tensor:
        """Pictures [k, 3, r, r] in [-1, 1], averaged down to ``resolution``."""
        return shrunk(torch.from_numpy(self.rows("pictures", index)), resolution)


def shrunk(pictures: Tensor, resolution: int) -> Tensor:
    """uint8 pictures [k, R, R, 3] -> [k, 3, r, r] in [-1, 1]; ValueError unless R is a multiple of r."""
    factor, rest = divmod(pictures.shape[1], resolution)
    if rest:
        raise ValueError(f"{resolution} px do not divide the pictures' {pictures.shape[1]} px")
    out = pictures.permute(0, 3, 1, 2).float()
    if factor > 1:
        out = torch.nn.functional.avg_pool2d(out, factor)
    return out.div_(127.5).sub_(1)


def batches(
    portraits: PortraitSet, *, seed: int, batch: int, resolution: int, start: int = 0,
    among: int | None = None, hard: float = 0.0,
) -> Iterator[tuple[Tensor, Tensor]]:  # fmt: skip
    """Endless (codes [B, params], pictures [B, 3, r, r]) of the first ``among`` portraits (None: of all).

    Which portraits they are: :func:`draws`; a share ``hard`` of a batch is drawn among the hard ones alone.
    """
    n = len(portraits) if among is None else among
    favoured, k = hard_ones(portraits.codes[:n]), round(hard * batch)
    for index in draws(n, seed=seed, batch=batch, start=start):
        if k:
            index[:k] = favoured[index[:k] % len(favoured)]
        yield torch.from_numpy(portraits.codes[index]), portraits.pictures(index, resolution)


def draws(n: int, *, seed: int, batch: int, start: int = 0) -> Iterator[Index]:
    """Endless numbers [batch] of the first ``n`` portraits.

    Those of batch i are a pure function of seed and i, so that a training begun again at ``start`` sees
    what it would have seen.
    """
    for number in count(start):
        yield np.random.default_rng((seed, number)).integers(n, size=batch)


def hard_ones(codes: Codes) -> Index:
    """Numbers of the portraits that are hardest to draw: with half-shut eyes, or a head turned far."""
    eyes, pose = codes[:, 0], codes[:, 2]
    found: Index = np.flatnonzero(((eyes > HALF_SHUT[0]) & (eyes < HALF_SHUT[1])) | (np.abs(pose) > FAR))
    return found if len(found) else np.arange(len(codes))


def learnt(portraits: Portraits) -> int:
    """How many portraits, from the first on, judging networks learn from; the others are held out."""
    return len(portraits) - len(portraits) // 10


def contact_sheet(portraits: Portraits, n: int = 64) -> Image.Image:
    """The first ``n`` portraits (fewer where there are fewer) side by side, up to 128 px wide each."""
    shown = min(n, len(portraits))
    tile, columns = min(TILE, portraits.size), math.ceil(math.sqrt(shown))
    sheet = Image.new("RGB", (columns * tile, math.ceil(shown / columns) * tile), "white")
    for i in range(shown):
        picture = Image.fromarray(portraits[i]).resize((tile, tile), Image.Resampling.BOX)
        sheet.paste(picture, (i % columns * tile, i // columns * tile))
    return sheet
