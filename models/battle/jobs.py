"""A training that is asked for; light to import, since it crosses to another process."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.battle.hyperparameters import Hyperparameters
from core.battle.ports import Part


@cache
def code_version() -> str:
    """As :func:`models.battle.trial.code_version`, for processes that do not load what trains."""
    files = (Path(__file__).with_name(name) for name in ("trial.py", "networks.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


@dataclass(frozen=True)
class Job:
    """``instance`` is a problem of the bank of ``dataset``."""

    dataset: str
    instance: str
    hyperparameters: Hyperparameters
    seed: int
    part: Part
