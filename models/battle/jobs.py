"""A training that is asked for; light to import, since it crosses to another process."""

from __future__ import annotations

from dataclasses import dataclass

from core.battle.hyperparameters import Hyperparameters
from core.battle.ports import Part


@dataclass(frozen=True)
class Job:
    """``instance`` is a problem of the bank of ``dataset``."""

    dataset: str
    instance: str
    hyperparameters: Hyperparameters
    seed: int
    part: Part
