"""Fakes of the battle's ports: trainings are arithmetic of their arguments, and nothing takes time."""

from __future__ import annotations

import asyncio
import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from core.battle.hyperparameters import CHOICES, RANGES, Hyperparameters
from core.battle.ports import (
    Choice,
    Dataset,
    Epoch,
    Part,
    PictureClass,
    Problem,
    Tier,
    Trial,
    Tried,
)

DIGITS = Dataset("digits", {"ko": "숫자", "en": "digits"}, tuple(f"digits-{i:03d}" for i in range(8)))
FACES = Dataset("faces", {"ko": "얼굴", "en": "faces"}, ("faces-000", "faces-001"))


def draw(seed: int) -> Hyperparameters:
    """A random choice."""
    rng = Random(seed)
    values: dict[str, Any] = {name: rng.uniform(least, most) for name, (least, most) in RANGES.items()}
    return Hyperparameters(**values | {name: rng.choice([*options]) for name, options in CHOICES.items()})


@dataclass
class ArithmeticArena:
    """core.battle.ports.Arena: the nearer the learning rate is to 1e-3, the better.

    ``noise`` is how much seeds matter; ``hold`` is waited for by every training, ``fails`` is raised.
    """

    noise: float = 0.004
    offsets: dict[float, float] = field(default_factory=dict)  # by learning rate
    hold: asyncio.Event | None = None
    fails: list[Exception] = field(default_factory=list)
    version: str = "v1"
    code: str = "c1"
    queue: int = 0
    trained: list[tuple[Hyperparameters, int, Part, str]] = field(default_factory=list)
    datasets: tuple[Dataset, ...] = (DIGITS, FACES)

    async def problem(self, dataset: str, instance: str) -> Problem:
        classes = tuple(PictureClass(i, {"ko": f"{i}", "en": f"{i}"}, 60, 20, 40) for i in range(5))
        return Problem(dataset, instance, self.version, classes, (1, 28, 28), {"value": 0.5})

    async def thumbnails(self, problem: Problem, each: int = 6) -> bytes:
        return b"\x89PNG " + problem.instance.encode()

    async def train(
        self, problem: Problem, chosen: Hyperparameters, seed: int, part: Part, battle: str,
        report: Callable[[Epoch], None] = lambda _: None,
    ) -> Trial:  # fmt: skip
        self.trained.append((chosen, seed, part, battle))
        await asyncio.sleep(0)
        if self.hold is not None:
            await self.hold.wait()
        if self.fails:
            raise self.fails.pop(0)
        offset = self.offsets.get(chosen.lr)
        base = 0.9 - 0.3 * abs(math.log10(chosen.lr / 1e-3)) if offset is None else offset
        digest = hashlib.sha256(f"{problem.instance}{seed}{part}".encode()).digest()
        f1 = min(1.0, max(0.0, base + self.noise * (digest[0] / 255 - 0.5)))
        epochs = tuple(Epoch(n, 1.6 / n, 1.7 / n + 0.05, f1 * n / 3) for n in (1, 2, 3))
        for epoch in epochs:
            report(epoch)
        return Trial(chosen, seed, part, f1, epochs, 0.01)

    def waiting(self, battle: str) -> int:
        return self.queue


@dataclass
class DrawingPlayer:
    """core.battle.ports.Player: draws, or takes what it was told; names the best."""

    told: list[Hyperparameters] = field(default_factory=list)
    asked: list[tuple[Tier, int]] = field(default_factory=list)
    knowledge: str = "trees"

    def knows(self, dataset: str) -> str:
        return f"{self.knowledge} {dataset}"

    async def choose(self, problem: Problem, tier: Tier, tried: Sequence[Tried], seed: int) -> Choice:
        self.asked.append((tier, len(tried)))
        chosen = self.told[len(tried)] if self.told else draw(seed)
        return Choice(chosen, 0.8)

    async def settle(self, problem: Problem, tier: Tier, tried: Sequence[Tried]) -> int:
        return max(range(len(tried)), key=lambda at: tried[at].valid_f1)
