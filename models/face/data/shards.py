"""Shards of painted portraits on disk, and how a painting process makes one.

A shard is four arrays, each in a .npy file: codes float32 [n, params], pictures uint8 [n, r, r, 3], maps
and mattes uint8 [n, r, r]. The codes are written last, so where they are, the shard is whole. PyTorch
stays out, since every painting process would load it.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import threading
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from models.face.painter.params import PARAM_NAMES, from_gaussian

PARTS: Final = ("codes", "pictures", "maps", "mattes")


def path_of(folder: Path, part: str, shard: int) -> Path:
    """Where an array of a shard lies."""
    return folder / f"{part}-{shard:04d}.npy"


def write_shard(folder: Path, size: int, shard: int, codes: NDArray[np.float32]) -> int:
    """Paint the portraits of codes [n, params], ``size`` pixels wide, as shard number ``shard``; n.

    A shard that is there is replaced. Raises OSError where it cannot be written.
    """
    from models.face.painter.portrait import paint_with_map

    made = [paint_with_map(from_gaussian(code), size) for code in codes]
    arrays = (codes, *(np.stack(each) for each in zip(*made, strict=True)))
    path_of(folder, "codes", shard).unlink(missing_ok=True)  # from here on it is not whole
    for part, array in reversed(list(zip(PARTS, arrays, strict=True))):
        path = path_of(folder, part, shard)
        partial = path.with_suffix(".part.npy")
        np.save(partial, array)
        partial.replace(path)
    return len(codes)


def read_part(folder: Path, part: str, shard: int) -> NDArray[Any]:
    """An array of a shard; all but the codes are mapped. Raises ValueError where the file is damaged."""
    path = path_of(folder, part, shard)
    try:
        return np.load(path, mmap_mode=None if part == "codes" else "r")
    except (ValueError, EOFError) as err:
        raise ValueError(f"{path} is damaged ({err})") from None


def held(folder: Path, shard: int) -> int:
    """Portraits of a shard; 0 where it is not whole."""
    try:
        return len(read_part(folder, "codes", shard))
    except (OSError, ValueError):
        return 0


def clear(folder: Path, pattern: str = "*.npy") -> None:
    """Delete the shards of a folder, whole or begun, and nothing else that is in it."""
    for part in PARTS:
        for path in folder.glob(f"{part}-{pattern}"):
            path.unlink()


def painter() -> Any:
    """The module that paints. Raises ModelError where its library is not installed."""
    try:
        return import_module("models.face.painter.portrait")
    except ModuleNotFoundError as err:
        mend = "pip install -c constraints.txt -e '.[train]'"
        raise ModelError(f"the painter needs {err.name}: {mend}") from None


def fingerprint() -> str:
    """Tells painters apart by what they paint of two codes, at 64 px. Raises as :func:`painter`."""
    digest, module = hashlib.sha256(), painter()
    for code in np.random.default_rng(0).standard_normal((2, len(PARAM_NAMES))):
        for array in module.paint_with_map(from_gaussian(code), 64):
            digest.update(array.tobytes())
    return digest.hexdigest()[:16]


def stand_alone() -> None:
    """Let this process end at once with Ctrl-C, and when the process that started it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)
