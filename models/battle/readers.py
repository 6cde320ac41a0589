"""Loaders of picture sets: IDX (MNIST, Fashion-MNIST), CIFAR-10's binary version, Parquet, PNG folders.

Nothing is unpickled. Every file's sizes are checked before its bytes are believed.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from models.battle.pictures import Bytes, Index
from models.battle.shelf import Raw

FASHION: Final = (
    "T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"
)  # fmt: skip
CIFAR: Final = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"
)  # fmt: skip
CIFAR_BYTES: Final = 1 + 3 * 32 * 32
HELD_OUT: Final = 5  # every so manieth picture, where nothing says which ones are for testing
SEED: Final = 7


def read(name: str, path: Path) -> Raw:
    """The data set at ``path``: a folder, or a file of one of its kinds. Raises ValueError, OSError."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    names = FASHION if name == "fashion_mnist" else CIFAR if name == "cifar10" else None
    if idx := [file for file in files if _idx_kind(file)]:
        return _idx(idx, names)
    if batches := [file for file in files if file.suffix == ".bin"]:
        return _cifar(batches)
    if parquet := [file for file in files if file.suffix == ".parquet"]:
        return _parquet(parquet, names)
    if path.is_dir():
        return _folders(path)
    raise ValueError(f"{path}: no IDX, CIFAR-10 (.bin), Parquet or folders of PNG files")


def read_idx(path: Path) -> Bytes:
    """The array of an IDX file, gzipped or not. Raises ValueError for anything but whole unsigned bytes."""
    raw = path.read_bytes()
    if raw[:2] == b"\x1f\x8b":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError) as err:
            raise ValueError(f"{path.name} is damaged") from err
    if len(raw) < 4 or raw[:3] != b"\x00\x00\x08" or len(raw) < 4 + 4 * raw[3]:
        raise ValueError(f"{path.name} is no IDX file of bytes")
    sizes = np.frombuffer(raw, ">u4", raw[3], 4).astype(int)
    begin = 4 + 4 * raw[3]
    if len(raw) - begin != int(sizes.prod()):
        raise ValueError(f"{path.name} ends too early or too late")
    return np.frombuffer(raw, np.uint8, offset=begin).reshape(sizes)


def _idx_kind(path: Path) -> str:
    """``images`` or ``labels`` by the name that these files always have."""
    plain = path.name.removesuffix(".gz")
    for kind, end in (("images", "3-ubyte"), ("labels", "1-ubyte")):
        if kind in plain and plain.endswith(end) and "idx" in plain:
            return kind
    return ""


def _idx(files: Sequence[Path], names: Sequence[str] | None) -> Raw:
    parts = []
    for part in ("train", "t10k"):
        mine = {_idx_kind(file): read_idx(file) for file in files if file.name.startswith(part)}
        if set(mine) != {"images", "labels"}:
            raise ValueError(f"{part}-images-idx3-ubyte and {part}-labels-idx1-ubyte are needed")
        if mine["images"].ndim != 3 or mine["labels"].shape != mine["images"].shape[:1]:
            raise ValueError(f"{part}: pictures and labels do not belong together")
        parts.append((mine["images"][..., None], mine["labels"]))
    return _joined(parts, names)


def _cifar(files: Sequence[Path]) -> Raw:
    train = [file for file in files if file.name.startswith("data_batch")]
    test = [file for file in files if file.name.startswith("test_batch")]
    if not train or not test:
        raise ValueError("data_batch_1.bin … and test_batch.bin are needed")
    return _joined([_batches(train), _batches(test)], CIFAR)


def _batches(files: Sequence[Path]) -> tuple[Bytes, Bytes]:
    raw = b"".join(file.read_bytes() for file in files)
    if not raw or len(raw) % CIFAR_BYTES:
        raise ValueError(f"{files[0].name}: not whole records of {CIFAR_BYTES} bytes")
    records = np.frombuffer(raw, np.uint8).reshape(-1, CIFAR_BYTES)
    return records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), records[:, 0]


def _joined(parts: Sequence[tuple[Bytes, Bytes]], names: Sequence[str] | None) -> Raw:
    """Train and test part in one; the second is held out."""
    labels = np.concatenate([labels for _, labels in parts]).astype(np.int64)
    out = np.repeat([0, 1], [len(labels) for _, labels in parts])
    classes = names or [str(label) for label in range(int(labels.max()) + 1)]
    pixels = np.ascontiguousarray(np.concatenate([pixels for pixels, _ in parts]))
    return Raw(pixels, labels, out, tuple(classes))


def _parquet(files: Sequence[Path], names: Sequence[str] | None) -> Raw:
    """Columns ``image`` (bytes of a picture, alone or as ``bytes`` of a record) and ``label``."""
    try:
        from pyarrow import parquet
    except ImportError as err:
        raise ValueError("Parquet needs the package pyarrow: pip install pyarrow") from err
    parts: dict[bool, list[tuple[Any, int]]] = {False: [], True: []}
    for file in files:
        table = parquet.read_table(file)
        image = next((each for each in ("image", "img") if each in table.column_names), None)
        if image is None or "label" not in table.column_names:
            raise ValueError(f"{file.name}: columns image and label are needed")
        rows = zip(table.column(image).to_pylist(), table.column("label").to_pylist(), strict=True)
        parts["test" in file.name].extend(rows)
    pairs = [*parts[False], *parts[True]]
    pixels = _same([_decoded(each["bytes"] if isinstance(each, dict) else each) for each, _ in pairs])
    labels = np.array([label for _, label in pairs], np.int64)
    out = np.repeat([0, 1], [len(parts[False]), len(parts[True])]) if parts[True] else _every(labels)
    return Raw(pixels, labels, out, tuple(names or [str(k) for k in range(int(labels.max()) + 1)]))


def _folders(path: Path) -> Raw:
    """``{label}/*.png``, or the same under ``train`` and ``test``."""
    parts = [path / "train", path / "test"] if (path / "train").is_dir() else [path]
    classes = sorted(each.name for each in parts[0].iterdir() if each.is_dir())
    found = [
        (file, label, part is not parts[0])
        for part in parts
        for label, name in enumerate(classes)
        for file in sorted((part / name).glob("*.png"))
    ]
    if not found:
        raise ValueError(f"{path}: no {{label}}/*.png")
    labels = np.array([label for _, label, _ in found], np.int64)
    out = np.array([int(test) for *_, test in found]) if len(parts) > 1 else _every(labels)
    return Raw(_same([_decoded(file.read_bytes()) for file, *_ in found]), labels, out, tuple(classes))


def _every(labels: Index) -> Index:
    """A fifth of each class is held out, drawn with a fixed seed."""
    out = np.zeros(len(labels), np.int64)
    rng = np.random.default_rng(SEED)
    for label in np.unique(labels):
        out[rng.permutation(np.flatnonzero(labels == label))[::HELD_OUT]] = 1
    return out


def _decoded(raw: bytes) -> Bytes:
    """A picture [h, w, 3]. Raises ValueError."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(raw), formats=("PNG", "JPEG", "WEBP")) as file:
            return np.asarray(file.convert("RGB"))
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as err:
        raise ValueError(f"a picture cannot be read ({type(err).__name__})") from err


def _same(pictures: Sequence[Bytes]) -> Bytes:
    """Pictures of one size; one channel where all of them are grey."""
    if len({each.shape for each in pictures}) != 1:
        raise ValueError("all pictures must have one size")
    out = np.stack(pictures)
    return out[..., :1].copy() if (out == out[..., :1]).all() else out
