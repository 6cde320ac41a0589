"""What people ask for in words: a challenge as it is typed, and what a pressed button means."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from core.battle.game import MOST_TRIALS, Rival
from core.battle.hyperparameters import Activation, Hyperparameters, Optimizer, Scheduler
from core.battle.ports import Tier
from core.battle.setup import Challenge
from core.errors import UserFacingError
from core.people import Lang, Owner

Act = Literal[
    "accept", "refuse", "choose", "safe", "bold", "hers", "name", "cancel", "concede", "proof", "again"
]

TIERS: Final[dict[str, Tier]] = {
    "random": Tier.RANDOM, "easy": Tier.RANDOM, "쉬움": Tier.RANDOM, "쉽게": Tier.RANDOM,
    "trials": Tier.TRIALS, "normal": Tier.TRIALS, "보통": Tier.TRIALS,
    "surrogate": Tier.SURROGATE, "hard": Tier.SURROGATE, "어려움": Tier.SURROGATE, "어렵게": Tier.SURROGATE,
    "refined": Tier.REFINED, "hardest": Tier.REFINED, "최강": Tier.REFINED,
}  # fmt: skip
RIVALS: Final[dict[str, Rival]] = {
    "lora": Rival.LORA, "oh-lora": Rival.LORA, "ohlora": Rival.LORA, "오로라": Rival.LORA, "너": Rival.LORA,
    "optuna": Rival.OPTUNA, "옵튜나": Rival.OPTUNA, "tpe": Rival.OPTUNA,
}  # fmt: skip
PRESETS: Final = {
    "safe": Hyperparameters(0.05, 0.1, 0.3, 7e-4, Activation.RELU, Optimizer.ADAMW, Scheduler.EXP_95),
    "bold": Hyperparameters(0.0, 0.05, 0.15, 2.5e-3, Activation.LEAKY_RELU, Optimizer.ADAM, Scheduler.COSINE),
}
_STOP: Final = frozenset({"stop", "cancel", "그만", "그만하기"})
_CONCEDE: Final = frozenset({"concede", "포기", "포기하기"})
_PRESS: Final = re.compile(rf"bt:(\d{{1,18}}):({'|'.join(get_args(Act))})(?::([12]))?")
_NUMBER: Final = re.compile(r"\d{1,9}")


@dataclass(frozen=True, slots=True)
class Press:
    """A button of a battle; ``number`` is the choice that it names, 0 for none."""

    battle: int
    act: Act
    number: int = 0


def pressed(data: str) -> Press | None:
    """What a button means by its data; None for another's."""
    match = _PRESS.fullmatch(data)
    if match is None or (match[2] == "name") != (match[3] is not None):
        return None
    act: Act = match[2]  # type: ignore[assignment]
    return Press(int(match[1]), act, int(match[3] or 0))


def typed(said: str, battle: int) -> Press | None:
    """The button that a typed word stands for while a battle is on; None for values."""
    word = said.strip().casefold()
    acts = {"1": "name:1", "2": "name:2", **{act: act for act in (*PRESETS, "hers")}}
    acts |= dict.fromkeys(_STOP, "cancel") | dict.fromkeys(_CONCEDE, "concede")
    return pressed(f"bt:{battle}:{acts[word]}") if word in acts else None


def challenge(words: str, owner: Owner, channel: str, message: str, lang: Lang) -> Challenge:
    """``dataset:digits opponent:optuna tier:hard``, or the same words bare, in any order.

    Numbers are Optuna's trials; ``seed:7`` and ``instance:digits-004`` are for those who know. Raises
    UserFacingError.
    """
    wanted = Challenge(owner, channel, message, lang)
    for token in words.split():
        key, _, value = token.casefold().rpartition(":")
        if key in ("seed", "trials", "opponent", "상대", "tier", "난이도", "instance", "문제"):
            wanted = _set(wanted, key, value)
        elif value in RIVALS:
            wanted = replace(wanted, rival=RIVALS[value])
        elif value in TIERS:
            wanted = replace(wanted, tier=TIERS[value])
        elif _NUMBER.fullmatch(value):
            wanted = replace(wanted, trials=int(value))
        else:
            wanted = replace(wanted, dataset=value)
    return wanted


def _set(wanted: Challenge, key: str, value: str) -> Challenge:
    """A word with its key. Raises UserFacingError."""
    match key:
        case "opponent" | "상대" if value in RIVALS:
            return replace(wanted, rival=RIVALS[value])
        case "tier" | "난이도" if value in TIERS:
            return replace(wanted, tier=TIERS[value])
        case "instance" | "문제" if value:
            return replace(wanted, instance=value)
        case "seed" if _NUMBER.fullmatch(value):
            return replace(wanted, seed=int(value))
        case "trials" if _NUMBER.fullmatch(value):
            return replace(wanted, trials=int(value))
    raise UserFacingError("battle_opponent", most=MOST_TRIALS)
