"""How long a turn still lasts, in steps: a card that counts down by seconds would be edited by seconds."""

from __future__ import annotations

import math
from typing import Final

from core.battle.events import BattleView
from core.battle.service import Battles
from core.people import Lang

STEP_S: Final = 30
LAST_STEP_S: Final = 15  # in the last minute


def left_of(battles: Battles, view: BattleView) -> int:
    """Seconds of the turn, rounded up to a step; a whole turn where none has begun."""
    if view.deadline is None:
        return math.ceil(battles.turn_s)
    left = max(1.0, (view.deadline - battles.clock.now()).total_seconds())
    step = STEP_S if left > 60 else LAST_STEP_S
    return min(math.ceil(left / step) * step, math.ceil(battles.turn_s))


def span_of_time(seconds: int, lang: Lang) -> str:
    """Minutes and seconds as people say them."""
    minutes, rest = divmod(seconds, 60)
    units = ("분", "초") if lang == "ko" else (" minute" + "s" * (minutes != 1), " seconds")
    parts = [f"{number}{unit}" for number, unit in zip((minutes, rest), units, strict=True) if number]
    return " ".join(parts)
