"""Which data sets there are: those that ship, and those that were added under ``OHLORA_VAR_DIR/battle``."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.battle.ports import Dataset
from core.errors import ModelError
from models.battle.bank import COUNT, draw_boxes, instance_ids
from models.battle.pictures import NAMES, SHIPPED, Bytes, Index, Pictures, load_sheet
from models.runtime.loading import loading

log = logging.getLogger(__name__)

KNOWN: Final = {
    "mnist": ("MNIST 숫자", "MNIST"),
    "fashion_mnist": ("패션 MNIST", "Fashion-MNIST"),
    "cifar10": ("CIFAR-10", "CIFAR-10"),
}
ID: Final = re.compile(r"[a-z][a-z0-9_]{0,23}")
SEED: Final = 20261122
KEPT: Final = 4  # data sets in memory
MOST: Final = {"small": 400, "original": 1500}
LEAST_SIDE: Final = {"small": 16, "original": 20}  # px; of less the original's networks leave nothing


@dataclass(frozen=True, eq=False)
class Raw:
    """What a loader read: ``pixels`` uint8 [n, h, w, 1 or 3], ``labels`` [n] from 0, names of the classes."""

    pixels: Bytes
    labels: Index
    held_out: Index  # 1 where it is
    classes: tuple[str, ...]


@dataclass
class Shelf:
    """The data sets of a folder beside those that ship, for many threads; can be sent to another process."""

    folder: Path | None = None
    _kept: OrderedDict[str, Pictures] = field(default_factory=OrderedDict)
    _looking: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)
    _reading: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def ids(self) -> tuple[str, ...]:
        """Those that ship first."""
        added = sorted(path.stem for path in self.folder.glob("*.npz")) if self.folder else []
        return (*NAMES, *(each for each in added if ID.fullmatch(each) and each not in NAMES))

    def get(self, dataset: str) -> Pictures:
        """A data set. Raises KeyError for one that is not there, ModelError for a damaged one."""
        if (found := self._at_hand(dataset)) is not None:
            return found
        with self._reading:  # two who want the same one do not both read it
            if (found := self._at_hand(dataset)) is not None:
                return found
            if dataset not in self.ids():
                raise KeyError(dataset)
            shipped = dataset in NAMES or self.folder is None
            found = self._with_hidden(load_sheet(SHIPPED, dataset) if shipped else load(self.folder, dataset))
            with self._looking:
                self._kept[dataset] = found
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            return found

    def _at_hand(self, dataset: str) -> Pictures | None:
        with self._looking:
            if dataset in self._kept:
                self._kept.move_to_end(dataset)
            return self._kept.get(dataset)

    def _with_hidden(self, pictures: Pictures) -> Pictures:
        """With an auto-encoder where one was trained for this data set."""
        if self.folder is None or not (path := hidden_file(self.folder, pictures.id)).exists():
            return pictures
        from models.battle.hidden import Hidden

        return replace(pictures, hidden=Hidden.load(path))

    def datasets(self) -> tuple[Dataset, ...]:
        """What can be battled on; a damaged one is left out, and the log says so."""
        out = []
        for name in self.ids():
            try:
                pictures = self.get(name)
            except ModelError as err:
                log.warning("%s is left out of battles: %s", name, err)
                continue
            out.append(Dataset(name, dict(pictures.name), instance_ids(pictures)))
        return tuple(out)

    def __getstate__(self) -> dict[str, Any]:
        return {"folder": self.folder}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["folder"])  # type: ignore[misc]


def hidden_file(folder: Path, dataset: str) -> Path:
    """Where the auto-encoder of a data set lies."""
    return folder / f"hidden-{dataset}.safetensors"


def add(folder: Path, name: str, raw: Raw, profile: str, problems: int = COUNT) -> Path:
    """Check a data set, draw its bank of so many problems and keep it; the file.

    An older one of that name is replaced. Raises ValueError for what cannot be battled on,
    ModelError where no bank can be drawn.
    """
    if not ID.fullmatch(name) or name in NAMES:
        raise ValueError(f"{name}: a new name of a-z, 0-9 and _ that begins with a letter")
    _check(raw, LEAST_SIDE[profile])
    ko, en = KNOWN.get(name, (name, name))
    classes: tuple[dict[str, str], ...] = tuple({"ko": each, "en": each} for each in raw.classes)
    pictures = Pictures(
        name, {"ko": ko, "en": en}, classes, raw.pixels, raw.labels.astype(np.int64),  # type: ignore[arg-type]
        raw.held_out == 1, np.zeros((0, 0), np.int64), profile, MOST[profile],
    )  # fmt: skip
    about = {"ko": ko, "en": en, "classes": list(raw.classes), "profile": profile, "most": pictures.most}
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{name}.part.npz"
    np.savez_compressed(
        part, pixels=raw.pixels, labels=raw.labels.astype(np.uint8), held_out=raw.held_out.astype(np.uint8),
        boxes=draw_boxes(pictures, SEED, problems), about=np.frombuffer(json.dumps(about).encode(), np.uint8),
    )  # fmt: skip
    path = folder / f"{name}.npz"
    new = f"{_sha256(part)}  {path.name}\n"
    _write(_sum_of(path), new + _sums(path))  # whichever of both files a crash leaves is a whole one
    part.replace(path)
    _write(_sum_of(path), new)
    return path


def load(folder: Path | None, name: str) -> Pictures:
    """A data set that was added. Raises ModelError where it is missing, damaged or not what was added."""
    with loading(f"pictures {name}"):
        path = (folder or Path()) / f"{name}.npz"
        if _sha256(path) not in [line.split()[0] for line in _sums(path).splitlines()]:
            raise ModelError("the file is not what was added; add it again")
        with np.load(path, allow_pickle=False) as file:
            about = json.loads(file["about"].tobytes())
            return Pictures(
                name, {"ko": about["ko"], "en": about["en"]},
                tuple({"ko": each, "en": each} for each in about["classes"]),
                file["pixels"], file["labels"].astype(np.int64), file["held_out"] == 1, file["boxes"],
                about["profile"], about["most"],
            )  # fmt: skip


def _check(raw: Raw, least: int) -> None:
    n = len(raw.pixels)
    if raw.pixels.ndim != 4 or raw.pixels.dtype != np.uint8 or raw.pixels.shape[3] not in (1, 3):
        raise ValueError("pictures must be grey or coloured, 8 bits a channel")
    if not least <= min(raw.pixels.shape[1:3]) <= max(raw.pixels.shape[1:3]) <= 64:
        raise ValueError(
            f"pictures are {raw.pixels.shape[2]} x {raw.pixels.shape[1]} px; {least} to 64 are possible"
        )
    if len(raw.labels) != n or len(raw.held_out) != n or not n:
        raise ValueError("every picture needs a label")
    if not 0 <= raw.labels.min() <= raw.labels.max() < len(raw.classes):
        raise ValueError("labels must be numbers of classes")
    if not 5 <= len(raw.classes) <= 100:
        raise ValueError("5 to 100 classes are needed")


def _sum_of(path: Path) -> Path:
    return path.with_suffix(".npz.sha256")


def _sums(path: Path) -> str:
    """A line for each state that the file may have; "" where nothing is known of it."""
    file = _sum_of(path)
    return file.read_text("utf-8") if file.exists() else ""


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
