"""Foreign StyleGAN1 generators: PyTorch files in, safetensors and a config out; pictures of given codes.

The layout is read off the names and shapes of the weights (GeneratorConfig of
:mod:`models.face.stylegan.generator`), so the original's 7-label, 3-label and split-mapping files, stock
unlabelled ones and those of this project all load. Files are opened as tensors only, never as code.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import pickle
import re
import shutil
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save
from torch import Tensor

from core.errors import ModelError
from models.face.stylegan.generator import Generator, GeneratorConfig
from models.runtime.int8 import unpacked
from models.runtime.loading import loading

WEIGHTS, CONFIG = "generator.safetensors", "config.json"
LABEL_WEIGHT = "mapping.label_weight"
MAX_BLOCKS = 9  # 1024 px
MAX_UNSEEN = 50_000_000  # so large a network is made whatever a file claims; full size has 26 million
NAMED = 3  # entries that an error names
# Where checkpoints keep the generator; what was trained goes before its running mean, for the
# original's mean was never updated.
_PLACES = (
    (), ("generator",), ("generator_smooth",), ("state_dict",),
    ("models", "generator"), ("models", "generator_smooth"),
)  # fmt: skip

State = dict[str, Tensor]


def import_generator(source: Path, out: Path, label_weight: Path | None = None) -> GeneratorConfig:
    """Turn a generator's ``.pth`` into ``generator.safetensors`` (float32) and ``config.json``; its sizes.

    ``label_weight`` is a .npy [n_labels, label_dim], or a .pth that holds the matrix; it takes the place
    of the one in ``source``, which the original's 3-label files may lack. Raises ModelError that names
    what is wrong with a file, FileExistsError when ``out`` is there and not empty, and OSError when it
    cannot be written; then ``out`` is as it was.
    """
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise FileExistsError(errno.EEXIST, "not empty", str(out))
    state = _generator_state(_open(source), source)
    if label_weight is not None:
        state = _with_label_weight(state, label_weight, source.name)
    config = recognise(state, source.name)
    generator = build(state, config, source.name)
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    about = {"generator": config.to_json(), "source": source.name, "sha256": digest}
    if label_weight is not None:
        about["label_weight"] = label_weight.name
    _write(out, {WEIGHTS: save(generator.state_dict()), CONFIG: json.dumps(about, indent=1).encode()})
    return config


def _write(out: Path, files: Mapping[str, bytes]) -> None:
    """A folder with ``files``, whole or not at all. Raises OSError."""
    out = out.resolve()  # "." has no name
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.part{os.getpid()}")
    part.mkdir()
    try:
        for name, content in files.items():
            (part / name).write_bytes(content)
        if out.is_dir():
            out.rmdir()  # empty; not every system renames onto a folder
        part.rename(out)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def load_generator(folder: Path) -> Generator:
    """The generator of :func:`import_generator`, or one that ships, in eval mode. Raises ModelError."""
    with loading(f"generator in {folder}"):
        config = GeneratorConfig.from_json(json.loads((folder / CONFIG).read_text("utf-8"))["generator"])
        state = unpacked(load_file(folder / WEIGHTS))
    return build(state, config, str(folder / WEIGHTS))


def _open(path: Path) -> Any:
    """What a PyTorch file holds, tensors and plain values only. Raises ModelError."""
    try:
        with path.open("rb") as file, loading(path.name):
            return torch.load(file, map_location="cpu", weights_only=True)
    except OSError as err:
        raise ModelError(f"{path} cannot be read ({type(err).__name__})") from err
    except ModelError as err:
        cause = err.__cause__
    code = re.search(r"GLOBAL ([\w.]+)", str(cause)) if isinstance(cause, pickle.UnpicklingError) else None
    if code:
        raise ModelError(
            f"{path} holds more than weights ({code[1]}), which could run code, and was not opened; save "
            "the weights alone: torch.save(generator.state_dict(), FILE)"
        ) from cause
    raise ModelError(f"{path} is no PyTorch file, or cut off or damaged ({type(cause).__name__})") from cause


def _sections(loaded: Any) -> Iterator[dict[str, Any]]:
    """The dictionaries of a file that may hold a generator, without the prefix of DataParallel."""
    for place in _PLACES:
        inner = loaded
        for key in place:
            inner = inner.get(key) if isinstance(inner, Mapping) else None
        if isinstance(inner, Mapping):
            yield {str(key).removeprefix("module."): value for key, value in inner.items()}


def _generator_state(loaded: Any, source: Path) -> State:
    """The weights of a generator in what a file holds. Raises ModelError."""
    for section in _sections(loaded):
        if any(key.startswith("synthesis.") for key in section):
            strange = [key for key, value in section.items() if not _plain(value)]
            if strange:
                raise ModelError(f"{source.name}: no floating-point tensor: {_listed(strange)}")
            return section
    raise ModelError(f"{source.name} holds no StyleGAN1 generator: no entry begins with synthesis.")


def _plain(value: Any) -> bool:
    """Whether it is a real tensor with all its numbers; a small file can claim a huge one by repetition."""
    return (
        isinstance(value, Tensor) and value.layout == torch.strided and value.device.type == "cpu"
        and value.is_floating_point() and not value.is_quantized
        and value.numel() * value.element_size() <= value.untyped_storage().nbytes()
    )  # fmt: skip


def _listed(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def read_label_weight(path: Path) -> Tensor:
    """A label matrix [n_labels, label_dim] from a .npy, or from a .pth that holds it. Raises ModelError."""
    if path.suffix.lower() == ".npy":
        return torch.from_numpy(read_numbers(path, (None, None)))
    loaded = _open(path)
    found: list[Any] = [loaded] if isinstance(loaded, Tensor) else []
    for section in _sections(loaded):
        found += [section[key] for key in (LABEL_WEIGHT, "label_weight") if key in section]
    if not found:
        raise ModelError(f"{path} holds no {LABEL_WEIGHT}")
    if not _plain(found[0]) or found[0].ndim != 2:
        raise ModelError(f"{path}: {LABEL_WEIGHT} is no matrix [labels, width]")
    return found[0]


def _with_label_weight(state: State, path: Path, name: str) -> State:
    """``state`` with another label matrix. Raises ModelError when it is of another width than fits."""
    matrix, width = read_label_weight(path), 0
    if LABEL_WEIGHT in state:
        width = state[LABEL_WEIGHT].shape[-1]
    elif (first := state.get("mapping.dense0.weight")) is not None and first.ndim == 2:
        width = first.shape[1] - first.shape[0]  # z is as wide as w in the original's networks
    if width > 0 and matrix.shape[1] != width:
        raise ModelError(f"{path}: a matrix {list(matrix.shape)}, where {name} expects [labels, {width}]")
    return state | {LABEL_WEIGHT: matrix}


def read_numbers(path: Path, shape: tuple[int | None, ...]) -> NDArray[np.float32]:
    """A .npy of finite numbers as float32; None in ``shape`` is any length but 0. Raises ModelError."""
    wanted = "[" + ", ".join("N" if n is None else str(n) for n in shape) + "]"
    try:
        with loading(path.name):  # mapped: a header may claim more than there is
            stored = np.lib.format.open_memmap(path, mode="r")
    except ModelError as err:
        cause = err.__cause__
        why = "cannot be read" if isinstance(cause, OSError) else "is no .npy of numbers, or cut off"
        raise ModelError(f"{path} {why} ({type(cause).__name__}); expected numbers {wanted}") from cause
    fits = len(stored.shape) == len(shape) and all(
        n >= 1 and want in (None, n) for n, want in zip(stored.shape, shape, strict=True)
    )
    if not fits or stored.dtype.kind not in "fiu":
        found = f"{stored.dtype} {list(stored.shape)}"
        raise ModelError(f"{path}: expected numbers {wanted}, found {found}")
    with np.errstate(over="ignore"):
        numbers = np.array(stored, dtype=np.float32, order="C")
    if not np.isfinite(numbers).all():
        raise ModelError(f"{path}: expected finite numbers {wanted}, found NaN or infinite ones")
    return numbers


def recognise(state: Mapping[str, Tensor], name: str) -> GeneratorConfig:
    """Read a generator's sizes off its weights. Raises ModelError when they cannot be read.

    ``name`` of the file is for the messages. Whether every weight fits is for :func:`build` to say.
    """

    def shape(key: str, dims: int) -> tuple[int, ...]:
        if key not in state:
            raise ModelError(f"{name}: {key} is missing")
        found = tuple(state[key].shape)
        if len(found) != dims or 0 in found:
            raise ModelError(f"{name}: {key} has the shape {list(found)}, where {dims} sizes are expected")
        return found

    channels = [shape("synthesis.layer0.bias", 1)[0]]
    while len(channels) <= MAX_BLOCKS and (key := f"synthesis.layer{2 * len(channels)}.bias") in state:
        channels.append(shape(key, 1)[0])
    if len(channels) > MAX_BLOCKS:
        raise ModelError(f"{name}: more than {2 * MAX_BLOCKS} style layers")
    w_dim, n_in = shape("mapping.dense0.weight", 2)
    n_labels, label_dim = shape(LABEL_WEIGHT, 2) if LABEL_WEIGHT in state else (0, 0)
    if not label_dim and n_in != w_dim:
        raise ModelError(
            f"{name}: {LABEL_WEIGHT} is missing, though mapping.dense0 takes {n_in} numbers, not {w_dim};"
            " give the matrix that it was used with: --label-weight FILE, a .npy "
            f"[labels, {max(n_in - w_dim, 0) or 'width'}] or the .pth that holds it"
        )
    if n_in <= label_dim:
        raise ModelError(f"{name}: mapping.dense0 takes {n_in} numbers, {LABEL_WEIGHT} gives {label_dim}")
    return GeneratorConfig(
        4 * 2 ** (len(channels) - 1), n_in - label_dim, w_dim, n_labels, label_dim, tuple(channels),
        split_mapping="mapping.dense_new0.weight" in state,
    )  # fmt: skip


def _least(config: GeneratorConfig) -> int:
    """About how many numbers a generator has; never more."""
    w, channels = config.w_dim, config.channels
    convolutions = 9 * (channels[0] ** 2 + sum(b * (a + b) for a, b in pairwise(channels)))
    return w * (config.z_dim + 7 * w) + config.n_labels * config.label_dim + convolutions


def build(state: Mapping[str, Tensor], config: GeneratorConfig, name: str) -> Generator:
    """A generator with exactly these weights, as float32, in eval mode. Raises ModelError.

    The message names the first entries of ``state`` that are missing, unexpected, misshapen or not finite.
    """
    with loading(name):
        least = _least(config)
        if least > max(MAX_UNSEEN, 2 * sum(value.numel() for value in state.values())):
            raise ValueError(f"its sizes ask for {least:,} numbers, more than it has")
        generator = Generator(config)
    wanted = {key: tuple(value.shape) for key, value in generator.state_dict().items()}
    own = {key: state[key].detach() for key in wanted if key in state}
    kinds = {
        "missing": [key for key in wanted if key not in state],
        "unexpected": [key for key in state if key not in wanted],
        "misshapen": [
            f"{key} {list(value.shape)} instead of {list(wanted[key])}"
            for key, value in own.items()
            if tuple(value.shape) != wanted[key]
        ],
    }
    if not any(kinds.values()):
        own = {key: value.to(torch.float32, copy=True).contiguous() for key, value in own.items()}
        kinds["not finite"] = [key for key, value in own.items() if not bool(value.isfinite().all())]
    problems = [f"{kind}: {_listed(found)}" for kind, found in kinds.items() if found]
    if problems:
        raise ModelError(f"{name} does not fit. {'; '.join(problems)}")
    if float(own["synthesis.lod"]) != 0:
        raise ModelError(f"{name}: synthesis.lod is not 0; its training had not reached the last resolution")
    generator.load_state_dict(own, strict=True, assign=True)
    return generator.eval()


def synthesize(
    generator: Generator, z: Tensor, label: Tensor | None = None, batch: int = 1
) -> tuple[Tensor, Tensor]:
    """Images [N, 3, r, r] (float32, nominally in [-1, 1]) and w [N, w_dim] of z [N, z_dim].

    ``label`` [N, n_labels] is zeros by default. Stored noise, no truncation: nothing is drawn, the same
    codes in the same batches give the same numbers.
    """
    images, ws = zip(*in_batches(generator, z, label, batch), strict=True)
    return torch.cat(images), torch.cat(ws)


def in_batches(
    generator: Generator, z: Tensor, label: Tensor | None = None, batch: int = 1
) -> Iterator[tuple[Tensor, Tensor]]:
    """:func:`synthesize` by parts of ``batch``, for more images than fit into memory."""
    for i in range(0, len(z), batch):
        with torch.inference_mode():
            w = generator.mapping(z[i : i + batch], None if label is None else label[i : i + batch])
            images = generator.synthesis(generator.truncation(w))
        yield images, w
