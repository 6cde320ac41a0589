"""Battles that were played by the rules, with courses that look like courses."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from random import Random

from core.battle.events import BattleView, view
from core.battle.game import Battle, Phase, Rival, Side
from core.battle.hyperparameters import Hyperparameters
from core.battle.ports import Choice, Epoch, Part, PictureClass, Problem, Tier, Trial
from core.battle.rules import Choose, Settle, Train, due, judged, locked, named, trained, waited_for
from core.battle.running import training
from tests.fakes_battle import draw

JUN, MINA = "discord:1", "discord:2"
_KO = ("동그라미", "세모", "웃는 얼굴", "아주 아주 아주 긴 이름을 가진 갈래", "7")
_EN = ("circle", "triangle", "smiling", "a class with a very very long name", "seven")
PROBLEM = Problem(
    "digits", "digits-004", "v1",
    tuple(
        PictureClass(at, {"ko": ko, "en": en}, 60 + at, 20, 40)
        for at, (ko, en) in enumerate(zip(_KO, _EN, strict=True))
    ),
    (1, 28, 28), {"value": 0.5},
)  # fmt: skip


def course(chosen: Hyperparameters, seed: int, part: Part) -> Trial:
    rng = Random(seed + int(chosen.lr * 1e7))
    best = 0.9 - 0.25 * abs(math.log10(chosen.lr / 8e-4)) + rng.gauss(0, 0.006)
    epochs = tuple(
        Epoch(n, 1.6 * math.exp(-0.3 * n), 0.35 + 1.3 * math.exp(-0.35 * n), best * (1 - math.exp(-0.5 * n)))
        for n in range(1, rng.randint(8, 14))
    )
    return Trial(chosen, seed, part, best, epochs, 1.0)


def finished(rival: Rival = Rival.LORA, seed: int = 5, rounds: int = 2) -> BattleView:
    """What is seen of a battle at its end."""
    right = Side(MINA if rival is Rival.PERSON else "", rounds)
    battle = Battle(
        17, "scope", "channel", "message", "digits", "digits-004", "v1", rival, Tier.SURROGATE, seed, "ko",
        datetime(2026, 11, 22, tzinfo=UTC), Side(JUN), right, Phase.ROUND_1,
    )  # fmt: skip
    for at in range(200):
        match due(battle):
            case None if battle.phase is Phase.NAMING:
                for name in waited_for(battle):
                    battle = named(battle, name, 1)
            case None:
                for name in waited_for(battle):
                    battle = locked(battle, name, Choice(draw(seed * 100 + at), None))
            case Choose(side):
                battle = locked(battle, side, Choice(draw(seed * 100 + at), 0.83))
            case Train() as step:
                battle = trained(battle, step, course(*training(battle, step), step.part))
            case Settle(side):
                battle = named(battle, side, battle.side(side).best)
            case _:
                return view(judged(battle))
    raise AssertionError("endless")
