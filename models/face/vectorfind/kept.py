"""Scores of random codes and tested codes on disk: a gallery's stage goes on where it was cut off.

A file belongs to one generator, judge and version; of another one it is made anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from models.face.vectorfind.calibration import Calibration
from models.face.vectorfind.check import Candidate, Follow
from models.face.vectorfind.codes import Codes, Space, Table, measure
from models.face.vectorfind.find import Directions

PART: Final = 400  # codes between two notes
TABLES: Final = ("coefficients", "low", "high")


def _write(path: Path, tensors: dict[str, Tensor], about: dict[str, Any]) -> None:
    partial = path.with_suffix(".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(
        {key: value.contiguous() for key, value in tensors.items()}, partial, {"about": json.dumps(about)}
    )
    partial.replace(path)


def _read(path: Path, of: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and notes of a file that is ``of`` this work; nothing of another, of a damaged or no file."""
    try:
        with safe_open(path, "pt") as file:
            about = json.loads((file.metadata() or {})["about"])
            return (
                ({}, {}) if about["of"] != of else ({key: file.get_tensor(key) for key in file.keys()}, about)
            )
    except (FileNotFoundError, SafetensorError, KeyError, ValueError):
        return {}, {}


def sampled(
    space: Space, scorer: Any, latents: Tensor, path: Path, of: str, report: Callable[[int], None]
) -> Codes:
    """Scored codes ``latents`` [n, z_dim + n_labels]; what ``path`` holds ``of`` them is not drawn again."""
    tensors, about = _read(path, of)
    values = tensors.get("values", torch.empty(0)).double().numpy()
    names = tuple(about.get("names", ()))
    while len(values) < len(latents):
        part = space.codes(latents[len(values) : len(values) + PART])
        table = measure(space, scorer, part)
        values = np.concatenate([values, table.values]) if len(values) else table.values
        names = table.names
        _write(path, {"values": torch.from_numpy(values)}, {"of": of, "names": names})
        report(len(values))
    return Codes(latents, Table(names, values[: len(latents)]))


def keep(path: Path, of: str, tested: Sequence[Candidate]) -> None:
    """Write tested codes, which have tables of their own."""
    tensors = {"codes": torch.stack([each.code for each in tested])}
    tensors["normals"] = torch.stack([each.directions.normals for each in tested])
    tensors["spread"] = torch.from_numpy(np.stack([each.directions.spread for each in tested]))
    for name in TABLES:
        tensors[name] = torch.from_numpy(np.stack([getattr(each.calibration, name) for each in tested]))
    rows = [
        {
            "number": each.number, "group": each.group, "passed": each.passed, "follow": vars(each.follow),
            "accuracy": each.directions.accuracy, "count": each.directions.count,
        }
        for each in tested
    ]  # fmt: skip
    _write(path, tensors, {"of": of, "rows": rows})


def kept(path: Path, of: str) -> list[Candidate]:
    """The tested codes of :func:`keep`; none where the file is missing, damaged or of another test."""
    tensors, about = _read(path, of)
    return [_candidate(tensors, i, row) for i, row in enumerate(about.get("rows", ()))]


def _candidate(tensors: dict[str, Tensor], i: int, row: dict[str, Any]) -> Candidate:
    spread = tensors["spread"][i].numpy()
    directions = Directions(tensors["normals"][i], spread, tuple(row["accuracy"]), row["count"])
    seen = row["follow"]
    follow = Follow(tuple(seen["correlation"]), tuple(seen["error"]), seen["drift"])
    table = Calibration(*(tensors[name][i].numpy() for name in TABLES))
    return Candidate(
        row["number"], tensors["codes"][i], row["group"], directions, table, follow, row["passed"]
    )
