"""Ratings with uncertainty: Glicko-2 by Mark E. Glickman.

"Example of the Glicko-2 system", Boston University, http://www.glicko.net/glicko/glicko2.pdf (2013), steps 1
to 8; every battle is a rating period of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.battle.ports import Tier

TAU: Final = 0.5  # how much the volatility may change
_SCALE: Final = 173.7178
_CLOSE: Final = 1e-6
_LEAST: Final = 30.0  # a deviation does not fall below this: people change


@dataclass(frozen=True, slots=True)
class Rating:
    """A strength: the real one is within two deviations of ``value`` in 95 of 100 cases."""

    value: float = 1500.0
    deviation: float = 350.0
    volatility: float = 0.06


# Those who do not change hold the scale: a rating says about whom one beats half the time. Optuna with five
# trials is 1500; the others stand where `battle bench` put them (docs/experiments.md).
HERS: Final = {
    Tier.RANDOM: Rating(1510, 40), Tier.TRIALS: Rating(1650, 40), Tier.SURROGATE: Rating(1695, 30),
    Tier.REFINED: Rating(1700, 30),
}  # fmt: skip


def optunas(trials: int) -> Rating:
    """The strength of a search: 1300, 1507 and 1558 with 1, 5 and 15 trials (measured 1300, 1500, 1565)."""
    return Rating(1600 - 300 * max(1, trials) ** -0.73, 40)


def rated(player: Rating, games: Sequence[tuple[Rating, float]]) -> Rating:
    """The rating after some games: each an opponent with the points in [0, 1] against it."""
    mean, spread = (player.value - 1500) / _SCALE, player.deviation / _SCALE
    played = [((other.value - 1500) / _SCALE, _g(other.deviation / _SCALE), won) for other, won in games]
    if not played:
        wider = math.hypot(spread, player.volatility) * _SCALE
        return Rating(player.value, wider, player.volatility)
    expected = [(g, 1 / (1 + math.exp(-g * (mean - other)))) for other, g, _ in played]
    variance = 1 / math.fsum(g * g * e * (1 - e) for g, e in expected)
    gain = math.fsum(g * (won - e) for (g, e), (_, _, won) in zip(expected, played, strict=True))
    volatility = _volatility(spread, player.volatility, variance, variance * gain)
    spread = 1 / math.sqrt(1 / (spread**2 + volatility**2) + 1 / variance)
    value = 1500 + _SCALE * (mean + spread**2 * gain)
    return Rating(value, max(_LEAST, spread * _SCALE), volatility)


def _g(spread: float) -> float:
    return 1 / math.sqrt(1 + 3 * spread**2 / math.pi**2)


def _volatility(spread: float, before: float, variance: float, delta: float) -> float:
    """Step 5: the root of f by the Illinois algorithm."""
    a = math.log(before**2)

    def f(x: float) -> float:
        power = math.exp(x)
        whole = spread**2 + variance + power
        return power * (delta**2 - whole) / (2 * whole**2) - (x - a) / TAU**2

    low, high = a, math.log(max(delta**2 - spread**2 - variance, 1e-300))
    if delta**2 <= spread**2 + variance:
        steps = 1
        while f(a - steps * TAU) < 0:
            steps += 1
        high = a - steps * TAU
    at_low, at_high = f(low), f(high)
    while abs(high - low) > _CLOSE:
        middle = low + (low - high) * at_low / (at_high - at_low)
        at_middle = f(middle)
        if at_middle * at_high <= 0:
            low, at_low = high, at_high
        else:
            at_low /= 2
        high, at_high = middle, at_middle
    return math.exp(low / 2)
