"""Checkpoints in the Hugging Face layout: where they lie, what they are, and whether they are whole.

A source is a folder, or an id on the hub with a revision. Only files without code are ever looked at:
safetensors, JSON and the tokenizer's text files.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.errors import ModelError

WANTED: Final = ("*.safetensors", "*.json", "*.txt", "*.jinja", "tokenizer.model")
UNWANTED: Final = ("original/*", "onnx/*", "openvino/*", "consolidated*")  # the same weights once more
PICKLES: Final = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt")
ADAPTER: Final = ("adapter_config.json", "adapter_model.safetensors")
_ID: Final = re.compile(r"([\w.-]+/[\w.-]+)(?:@([\w./-]+))?", re.ASCII)
_MAX_HEADER: Final = 100_000_000  # bytes, as the format says
_FLOATS: Final = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}


@dataclass(frozen=True, slots=True)
class Source:
    """A folder, or an id on the hub at a revision; ``revision`` is '' for a folder."""

    name: str
    revision: str = ""

    def __str__(self) -> str:
        return f"{self.name}@{self.revision}" if self.revision else self.name


def parse_source(text: str, revision: str = "") -> Source:
    """``folder``, ``owner/name@revision``, or ``owner/name`` with the revision given apart.

    A folder that is there goes before an id. Raises ValueError for an id without a revision: what is
    behind it could change any day.
    """
    match = _ID.fullmatch(text)
    if match is None or text.startswith((".", "~")) or Path(text).is_dir():
        return Source(text)
    pinned = match[2] or revision
    if not pinned:
        raise ValueError("a model of the hub needs a revision, best a commit")
    return Source(match[1], pinned)


def locate(source: Source) -> Path | None:
    """The folder of a source on this machine; None when it is not here, or not whole in the cache."""
    if not source.revision:
        folder = Path(source.name).expanduser()
        return folder if folder.is_dir() else None
    try:
        return _snapshot(source, local_files_only=True)
    except FileNotFoundError:  # so are the hub's own errors of this kind
        return None


def download(source: Source) -> Path:
    """Fetch exactly this revision into the hub's cache; its folder. Raises ModelError."""
    try:
        return _snapshot(source, local_files_only=False)
    except OSError as err:  # so are all of the hub's own
        raise ModelError(f"{source}: {type(err).__name__}: {str(err).splitlines()[0]}") from err


def _snapshot(source: Source, *, local_files_only: bool) -> Path:
    from huggingface_hub import snapshot_download

    return Path(
        snapshot_download(
            source.name, revision=source.revision, local_files_only=local_files_only,
            allow_patterns=list(WANTED), ignore_patterns=list(UNWANTED),
        )
    )  # fmt: skip


Header = dict[str, tuple[str, tuple[int, ...]]]


def read_header(path: Path) -> Header:
    """Type and shape of every tensor of a safetensors file. Raises ValueError when it is damaged."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 0 < length <= min(_MAX_HEADER, size - 8):
            raise ValueError("no safetensors header")
        entries = json.loads(file.read(length))
    try:
        entries.pop("__metadata__", None)
        ends = [int(entry["data_offsets"][1]) for entry in entries.values()]
        header = {name: (str(e["dtype"]), tuple(map(int, e["shape"]))) for name, e in entries.items()}
    except (KeyError, TypeError, IndexError, AttributeError):
        raise ValueError("no safetensors header") from None
    if 8 + length + max(ends, default=0) != size:
        raise ValueError("the file is cut off")
    return header


def weight_files(folder: Path) -> list[Path]:
    """The base's safetensors files, whether they are there or not. Raises ValueError, OSError."""
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return [folder / "model.safetensors"]
    names = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    if any(Path(name).name != name for name in names):
        raise ValueError("the index names files outside its folder")
    return [folder / name for name in sorted(names)]


@dataclass(frozen=True, slots=True)
class Base:
    """What a base model's folder holds; ``size`` in bytes, ``parameters`` as stored."""

    family: str
    size: int
    parameters: int
    header: Header


def read_base(folder: Path) -> Base:
    """What a base model's folder holds. Raises ModelError that names the first thing wrong."""
    found = base_problems(folder)
    if found:
        raise ModelError(f"{folder}: {found[0]}")
    files = weight_files(folder)
    header: Header = {}
    for file in files:
        header |= read_header(file)
    parameters = sum(math.prod(shape) for _, shape in header.values())
    size = sum(file.stat().st_size for file in files)
    return Base(_json(folder / "config.json")["model_type"], size, parameters, header)


def base_problems(folder: Path) -> list[str]:
    """What is wrong with a base model's folder: files missing or damaged, pickles."""
    out = _missing(folder, ("config.json", "tokenizer.json")) + _pickles(folder)
    for name in ("config.json", "tokenizer.json"):
        if (folder / name).is_file():
            out += _json_problems(folder / name)
    if not out and not isinstance(_json(folder / "config.json").get("model_type"), str):
        out.append("config.json names no model_type")
    try:
        files = weight_files(folder)
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return [*out, "model.safetensors.index.json is damaged"]
    return out + _missing(folder, [file.name for file in files]) + _damaged(files)


def adapter_problems(folder: Path, base: Header | None = None) -> list[str]:
    """What is wrong with a PEFT LoRA folder, alone or on a base with this header."""
    out = _missing(folder, ADAPTER) + _pickles(folder)
    if out:
        return out
    out = _json_problems(folder / ADAPTER[0]) + _damaged([folder / ADAPTER[1]])
    if out:
        return out
    config = _json(folder / ADAPTER[0])
    if config.get("peft_type") != "LORA":
        return ["adapter_config.json: only LoRA adapters are served"]
    return [] if base is None else _misfits(read_header(folder / ADAPTER[1]), base)


def sentence_problems(folder: Path) -> list[str]:
    """What is wrong with the folder of a sentence-transformers model."""
    files = sorted(folder.rglob("*.safetensors"))
    out = _missing(folder, ("modules.json", "config.json")) + _pickles(folder) + _damaged(files)
    return out if files else [*out, "it has no safetensors"]


def _misfits(adapter: Header, base: Header) -> list[str]:
    """Layers of an adapter that the base has not, or has in another shape."""
    layers = {_place(name.removesuffix(".weight")): found for name, found in base.items()}
    out = []
    for name, (_, shape) in adapter.items():
        layer, _, matrix = name.partition(".lora_")
        if matrix not in ("A.weight", "B.weight"):
            continue
        found = layers.get(_place(layer))
        if found is None:
            out.append(f"{layer}: the base has no such layer")
        elif found[0] in _FLOATS and len(found[1]) == 2:
            wide = shape[1] if matrix[0] == "A" else shape[0]
            if wide not in found[1]:
                out.append(f"{layer}: made for width {wide}, the base has {found[1][0]} x {found[1][1]}")
    return out[:3]


def _place(name: str) -> str:
    """A layer's name from the blocks on: what stands before differs between a file and a loaded model."""
    before, blocks, rest = name.partition("layers.")
    return blocks + rest if blocks else before.rpartition(".")[2]


def _missing(folder: Path, names: Sequence[str]) -> list[str]:
    return [f"{name} is missing" for name in names if not (folder / name).is_file()]


def _pickles(folder: Path) -> list[str]:
    found = sorted(file.name for file in folder.iterdir() if file.suffix in PICKLES)
    return [f"{name} is a pickle, which could run code; take it away" for name in found]


def _json(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text(encoding="utf-8"))
    return found if isinstance(found, dict) else {}


def _json_problems(path: Path) -> list[str]:
    try:
        _json(path)
    except (OSError, ValueError):
        return [f"{path.name} is not valid JSON"]
    return []


def _damaged(files: Sequence[Path]) -> list[str]:
    out = []
    for file in files:
        try:
            if file.is_file():
                read_header(file)
        except (OSError, ValueError) as err:
            out.append(f"{file.name}: {err}")
    return out


def fingerprint(folder: Path, sample: int = 1 << 20) -> str:
    """12 hex digits that name a model's weights: size, head, middle and end of each safetensors file."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.safetensors")):
        size = file.stat().st_size
        digest.update(f"{file.relative_to(folder)} {size}\n".encode())
        with file.open("rb") as opened:
            for start in (0, size // 2, max(0, size - sample)):
                opened.seek(start)
                digest.update(opened.read(sample))
    return digest.hexdigest()[:12]
