"""What one stage of the face generator's training is like."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class FaceTrainConfig:
    """One stage of the training. Steps are optimiser steps of ``batch`` portraits."""

    resolution: int = 64
    steps: int = 3000
    batch: int = 8
    lr: float = 2e-3
    fit: int = 4000  # steps that fit the mapping before the first stage
    muon: float = 0.0  # rate of Muon for the convolutions; 0: Adam trains them, too
    adversarial: float = 0.0  # weight of the adversarial loss; 0 = the paired stage
    paired: float = 1.0  # weight of the paired loss; 0 = the plain adversarial way
    r1_gamma: float = 2.0
    r1_every: int = 16
    ema: float = 0.998
    hard: float = 0.0  # share of a batch drawn among half-shut eyes and far-turned heads alone
    seed: int = 20031011
    threads: int = 1
    device: str = "cpu"
    minutes: float = math.inf  # after which a call ends, with a step made at least; the next one goes on
    bf16: bool = False  # convolutions in bfloat16: five times as fast on processors with AMX, slow on others
