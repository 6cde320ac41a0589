"""Saving the state of a training, so that it can be resumed whenever it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import torch


class TimeUpError(Exception):
    """A training ended because its minutes are over: its state is kept, and the same call goes on."""


def save_whole(state: dict[str, Any], checkpoint: Path) -> None:
    """Write tensors and plain values beside ``checkpoint`` and put them in its place: one is always whole."""
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    partial = checkpoint.with_suffix(".part")
    torch.save(state, partial)
    partial.replace(checkpoint)


class Resumable(Protocol):
    """A training that knows how many steps it has made, and whose state is all that the next one needs."""

    step: int

    def state(self) -> dict[str, Any]:
        """Tensors and plain values."""
        ...

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a state. Raises ValueError for that of another training."""
        ...

    def learn(self) -> float:
        """Make one step; the loss."""
        ...


def learn_to(
    training: Resumable, steps: int, checkpoint: Path, report: Callable[[int, float], None], save_every: int
) -> None:
    """Make steps until there are so many, resuming ``checkpoint`` and saving to it. Raises as ``load``."""
    if checkpoint.exists():
        training.load(torch.load(checkpoint, map_location="cpu", weights_only=True))
    while training.step < steps:
        report(training.step + 1, training.learn())
        if training.step % save_every == 0:
            save_whole(training.state(), checkpoint)
    save_whole(training.state(), checkpoint)
