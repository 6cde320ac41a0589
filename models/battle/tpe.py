"""Optuna as an opponent: its usual sampler, told validation scores only."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from core.battle.hyperparameters import CHOICES, RANGES, Hyperparameters
from core.battle.ports import Choice, Problem, Tier, Tried
from core.errors import ModelError


class TpePlayer:
    """A Player. Its first ten choices are random, as Optuna has it; what it chooses follows from the seed."""

    def knows(self, dataset: str) -> str:
        """Which Optuna it is; "" where there is none."""
        with suppress(PackageNotFoundError):
            return f"optuna {version('optuna')}"
        return ""

    async def choose(self, problem: Problem, tier: Tier, tried: Sequence[Tried], seed: int) -> Choice:
        """What to train next; ``tier`` is not for it."""
        return await asyncio.to_thread(self.chosen, tried, seed)

    async def settle(self, problem: Problem, tier: Tier, tried: Sequence[Tried]) -> int:
        """Its best by validation. Raises ValueError where nothing was tried."""
        return best(tried)

    def chosen(self, tried: Sequence[Tried], seed: int) -> Choice:
        """As ``choose``, at once. Raises ModelError where Optuna is not installed."""
        try:
            import optuna
        except ImportError as err:
            raise ModelError(f"package {err.name} is missing; install the requirements") from err
        from optuna.distributions import CategoricalDistribution, FloatDistribution

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        spaces: dict[str, Any] = {
            name: FloatDistribution(*span, log=name == "lr") for name, span in RANGES.items()
        }
        spaces |= {
            name: CategoricalDistribution([each.value for each in kind]) for name, kind in CHOICES.items()
        }
        sampler = optuna.samplers.TPESampler(seed=(seed * 1009 + len(tried)) % 2**32)
        study = optuna.create_study(direction="maximize", sampler=sampler)
        for each in tried:
            values = {name: getattr(each.hyperparameters, name) for name in RANGES}
            values |= {name: getattr(each.hyperparameters, name).value for name in CHOICES}
            done = optuna.create_trial(params=values, distributions=spaces, value=each.valid_f1)
            study.add_trial(done)
        found = study.ask(spaces).params
        numbers = {name: min(max(float(found[name]), low), high) for name, (low, high) in RANGES.items()}
        kinds = {name: kind(found[name]) for name, kind in CHOICES.items()}
        return Choice(Hyperparameters(**numbers, **kinds), None)  # type: ignore[arg-type]


def best(tried: Sequence[Tried]) -> int:
    """The place of the best validation score. Raises ValueError where there is none."""
    return max(range(len(tried)), key=lambda place: tried[place].valid_f1)
