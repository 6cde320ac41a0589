"""Choices at random, what a surrogate sees of one, and which problems it may not learn from."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.battle.hyperparameters import CHOICES, RANGES, Hyperparameters
from core.battle.ports import Problem

EVERY: Final = 6  # of so many problems the last is held out
LABELS: Final = 10


def held_out(number: int) -> bool:
    """Whether the problem with this place in its bank is kept from the surrogate."""
    return number % EVERY == EVERY - 1


def drawn(rng: np.random.Generator, lr: tuple[float, float] = RANGES["lr"]) -> Hyperparameters:
    """A choice at random: rates evenly over their logarithm, everything else evenly."""
    shares = {name: round(float(rng.uniform(*RANGES[name])), 4) for name in RANGES if name != "lr"}
    low, high = np.log(lr)
    rate = float(np.clip(np.exp(rng.uniform(low, high)), *RANGES["lr"]))
    kinds = {name: list(kind)[rng.integers(len(kind))] for name, kind in CHOICES.items()}
    return Hyperparameters(lr=float(f"{rate:.4g}"), **shares, **kinds)  # type: ignore[arg-type]


def inputs_of(problem: Problem, chosen: Hyperparameters) -> dict[str, float | str]:
    """What a surrogate sees of a choice, under the original's names."""
    labels = {each.label for each in problem.classes}
    return {
        **problem.statistics,
        **{f"hp_{name}": getattr(chosen, name) for name in RANGES},
        **{f"hp_{name}": getattr(chosen, name).value for name in CHOICES},
        **{f"labels_trained_{label}": int(label in labels) for label in range(LABELS)},
    }


def collapsed(problem: Problem, f1: float) -> bool:
    """Whether a held-out score is no better than that of a network which says one class to everything."""
    sizes = [each.held_out for each in problem.classes]
    share = max(sizes) / sum(sizes)
    return f1 <= 2 * share / (1 + share) / len(sizes) + 5e-4
