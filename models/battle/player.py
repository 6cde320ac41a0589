"""How she chooses: at random, or by her guess of what comes out, or by what the first round said as well."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.battle.hyperparameters import CHOICES, RANGES, Hyperparameters
from core.battle.ports import Choice, Problem, Tier, Tried
from models.battle.choices import drawn, inputs_of
from models.battle.surrogate import Floats, Surrogate, odds, score

Columns = dict[str, NDArray[Any]]

CANDIDATES: Final = 1500
HIGH: Final = 3e-4
FEW: Final = 5  # of the tier "trials"
SURE: Final = 0.6  # log-odds: how far a validation score is from what a tree should have said
APART: Final = 0.08  # decades of learning rate that a second choice is away from the first
TRUST: Final = 0.3  # in a validation score, beside the guess, for the last word
USUAL: Final = 3.2e-4  # the original's best learning rate, where no table has been made


class SurrogatePlayer:
    """The Player with surrogates by data set. Where there is none, it goes by what is usual."""

    def __init__(self, surrogates: Mapping[str, Surrogate]) -> None:
        self._surrogates = surrogates
        self._digests = {name: each.digest for name, each in surrogates.items()}

    def knows(self, dataset: str) -> str:
        """The digest of the trees, or that there are none."""
        return self._digests.get(dataset, "usual")

    async def choose(self, problem: Problem, tier: Tier, tried: Sequence[Tried], seed: int) -> Choice:
        """What to train next."""
        return await asyncio.to_thread(self.chosen, problem, tier, tried, seed)

    async def settle(self, problem: Problem, tier: Tier, tried: Sequence[Tried]) -> int:
        """Her last word. Raises ValueError where nothing was tried."""
        return await asyncio.to_thread(self.settled, problem, tier, tried)

    def chosen(self, problem: Problem, tier: Tier, tried: Sequence[Tried], seed: int) -> Choice:
        """As ``choose``, at once."""
        rng = np.random.default_rng((seed, len(tried), list(Tier).index(tier)))
        if tier is Tier.RANDOM:
            return self._expected(problem, drawn(rng))
        few = tier is Tier.TRIALS
        candidates = _columns([drawn(rng) for _ in range(FEW)]) if few else _candidates(rng)
        values = self._values(problem, candidates, tried if tier is Tier.REFINED else ())
        for each in () if few else tried:
            near = (
                np.abs(np.log10(candidates["lr"].astype(float)) - np.log10(each.hyperparameters.lr)) < APART
            )
            values = np.where(near, -np.inf, values)
        return self._expected(problem, _at(candidates, int(values.argmax())))

    def settled(self, problem: Problem, tier: Tier, tried: Sequence[Tried]) -> int:
        """As ``settle``, at once."""
        if not tried:
            raise ValueError("nothing was tried")
        real = odds(np.array([each.valid_f1 for each in tried], np.float32))
        if tier in (Tier.RANDOM, Tier.TRIALS):
            return int(real.argmax())
        guess = self._values(problem, _columns([each.hyperparameters for each in tried]), ())
        return int((TRUST * real + (1.0 - TRUST) * guess).argmax())

    def _expected(self, problem: Problem, chosen: Hyperparameters) -> Choice:
        if problem.dataset not in self._surrogates:
            return Choice(chosen, None)
        return Choice(chosen, round(float(score(self._values(problem, _columns([chosen]), ()))[0]), 4))

    def _values(self, problem: Problem, candidates: Columns, tried: Sequence[Tried]) -> Floats:
        """Log-odds of each candidate; trees that foretold what was tried say more."""
        surrogate = self._surrogates.get(problem.dataset)
        if surrogate is None:
            return _usual(candidates)
        said = _said(surrogate, problem, candidates)
        if not tried:
            return said.mean(1)
        before = _said(surrogate, problem, _columns([each.hyperparameters for each in tried]))
        real = odds(np.array([each.valid_f1 for each in tried], np.float32))
        off = ((before - real[:, None]) / SURE) ** 2
        weights = np.exp(-0.5 * (off - off.min(1, keepdims=True)).sum(0))
        return said @ (weights / weights.sum()).astype(np.float32)


def _said(surrogate: Surrogate, problem: Problem, candidates: Columns) -> Floats:
    row = inputs_of(problem, _at(candidates, 0))
    columns = {f"hp_{name}": values for name, values in candidates.items()}
    return surrogate.trees.each(surrogate.encoder.varied(row, columns))


def _usual(candidates: Columns) -> Floats:
    rates = np.log10(candidates["lr"].astype(float))
    dropped = candidates["dropout_conv_earlier"] + candidates["dropout_conv_later"]
    return (-((rates - np.log10(USUAL)) ** 2) - dropped).astype(np.float32)


def _columns(choices: Sequence[Hyperparameters]) -> Columns:
    return {name: np.array([getattr(each, name) for each in choices]) for name in (*RANGES, *CHOICES)}


def _at(candidates: Columns, place: int) -> Hyperparameters:
    numbers = {name: float(candidates[name][place]) for name in RANGES}
    kinds = {name: kind(str(candidates[name][place])) for name, kind in CHOICES.items()}
    return Hyperparameters(**numbers, **kinds)  # type: ignore[arg-type]


def _candidates(rng: np.random.Generator) -> Columns:
    """Half from everywhere, half from the upper half of learning rates without much dropout."""
    calm = np.where(np.arange(CANDIDATES) % 2, 0.3, 1.0)
    least = np.where(np.arange(CANDIDATES) % 2, np.log(HIGH), np.log(RANGES["lr"][0]))
    rates = np.exp(rng.uniform(least, np.log(RANGES["lr"][1])))
    out = {"lr": np.clip([float(f"{rate:.4g}") for rate in rates], *RANGES["lr"])}
    for name in RANGES:
        if name != "lr":
            out[name] = (rng.uniform(*RANGES[name], CANDIDATES) * calm).round(4)
    return out | {name: rng.choice(list(kind), CANDIDATES) for name, kind in CHOICES.items()}
