"""The rules: what may happen to a battle, and what is due next.

    INVITED → ROUND_1 → ROUND_2 → NAMING → FINAL → DONE, and CANCELLED from everywhere before DONE.

A machine (she, or Optuna) plays all its rounds and names its choice before the person's first turn; between
people a round is trained once both have locked their choices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Final

from core.battle.commitment import commit
from core.battle.game import FINALS, ROUNDS, SIDES, Battle, Ending, Move, Phase, Side, SideName
from core.battle.ports import Choice, Part, Trial
from core.errors import UserFacingError

_REMEMBERED: Final = 50  # ids of messages whose effect is in the state


@dataclass(frozen=True, slots=True)
class Choose:
    """A machine chooses for its next round."""

    side: SideName


@dataclass(frozen=True, slots=True)
class Train:
    """A choice is trained: a round's on validation, or a named one's at the end."""

    side: SideName
    position: int
    part: Part


@dataclass(frozen=True, slots=True)
class Settle:
    """A machine names its choice."""

    side: SideName


@dataclass(frozen=True, slots=True)
class Judge:
    """Everything is trained."""


Step = Choose | Train | Settle | Judge


def due(battle: Battle) -> Step | None:
    """What has to be done next; None while it is a person's turn, or when it is over."""
    if battle.phase.over or battle.phase is Phase.INVITED:
        return None
    for name in SIDES:
        side = battle.side(name)
        if not side.person and (step := _machine_step(name, side)) is not None:
            return step
    if battle.phase is Phase.FINAL:
        at, name = min((len(battle.side(name).finals), name) for name in SIDES)
        return Train(name, at, Part.HELD_OUT) if at < FINALS else Judge()
    if not waited_for(battle):
        for name in SIDES:
            side = battle.side(name)
            if len(side.scores) < len(side.moves):
                return Train(name, len(side.scores), Part.VALID)
    return None


def waited_for(battle: Battle) -> tuple[SideName, ...]:
    """Whose turn it is: nobody's while a machine has not sealed all that it chooses."""
    if sealing(battle):
        return ()
    wanted: dict[Phase, Callable[[Side], bool]] = {
        Phase.ROUND_1: lambda side: len(side.moves) < 1,
        Phase.ROUND_2: lambda side: len(side.moves) < ROUNDS and not side.passed,
        Phase.NAMING: lambda side: side.named is None,
    }
    if battle.phase is Phase.INVITED:
        return ("right",)
    wants = wanted.get(battle.phase)
    if wants is None:
        return ()
    return tuple(name for name in SIDES if battle.side(name).person and wants(battle.side(name)))


def sealing(battle: Battle) -> bool:
    """Whether a machine has choices to make yet."""
    return any(not side.person and side.named is None for side in (battle.left, battle.right))


def accepted(battle: Battle) -> Battle:
    """The invited person comes in. Raises UserFacingError when it is over."""
    _not_over(battle)
    return replace(battle, phase=Phase.ROUND_1)


def round_of(battle: Battle, name: SideName) -> int:
    """The round, from 1, for which a side may choose now. Raises UserFacingError, which says why not."""
    side = battle.side(name)
    _not_over(battle)
    if battle.phase is Phase.INVITED:
        raise UserFacingError("battle_not_invited")
    if side.person:
        if sealing(battle):
            raise UserFacingError("battle_sealing")
        if side.named is not None:
            raise UserFacingError("battle_settled")
        if battle.phase is Phase.NAMING:
            raise UserFacingError("battle_no_more_rounds")
        if name not in waited_for(battle):
            raise UserFacingError("battle_locked")
    return len(side.moves) + 1


def locked(battle: Battle, name: SideName, choice: Choice) -> Battle:
    """A side chose for its next round. Raises UserFacingError when it is not its turn."""
    side = battle.side(name)
    number = round_of(battle, name)
    content = {
        "battle": battle.id, "side": name, "round": number, "hyperparameters": asdict(choice.hyperparameters),
    }  # fmt: skip
    move = Move(choice.hyperparameters, commit(content), choice.expected)
    return _with(battle, name, replace(side, moves=(*side.moves, move)))


def named(battle: Battle, name: SideName, position: int) -> Battle:
    """A side names one of its choices; in the second round that gives up the second try.

    Raises UserFacingError when it is not its turn, or there is no such choice.
    """
    side = battle.side(name)
    _not_over(battle)
    early = battle.phase is Phase.ROUND_2 and len(side.moves) == len(side.scores)
    if side.named is not None:
        raise UserFacingError("battle_settled")
    if side.person and not (battle.phase is Phase.NAMING or early):
        raise UserFacingError("battle_not_named_yet")
    if not 0 <= position < len(side.scores):
        raise UserFacingError("battle_name_which", most=len(side.scores))
    pick = commit({"battle": battle.id, "side": name, "named": position + 1})
    return _with(battle, name, replace(side, named=position, pick=pick, passed=True))


def trained(battle: Battle, step: Train, trial: Trial) -> Battle:
    """A training is done."""
    side = battle.side(step.side)
    if step.part is Part.VALID:
        return _with(battle, step.side, replace(side, scores=(*side.scores, trial)))
    return _with(battle, step.side, replace(side, finals=(*side.finals, trial)))


def judged(battle: Battle) -> Battle:
    """The end. Raises UserFacingError when it is over already."""
    _not_over(battle)
    return replace(battle, phase=Phase.DONE, deadline=None)


def cancelled(battle: Battle, ending: Ending) -> Battle:
    """It ends without a result. Raises UserFacingError when it is over already."""
    _not_over(battle)
    return replace(battle, phase=Phase.CANCELLED, ending=ending, deadline=None)


def called_off(battle: Battle, name: SideName, *, concede: bool = False) -> Battle:
    """A person ends it: refuses an invitation, calls a battle off, or, once there is a score, loses it.

    Raises UserFacingError when it is over, or when it would be lost and the person does not ``concede``.
    """
    if battle.phase is Phase.INVITED and name == "right":
        return cancelled(battle, Ending.REFUSED)
    if battle.phase.over or not battle.scored:
        return cancelled(battle, Ending.CANCELLED)
    if not concede:
        raise UserFacingError("battle_concede")
    return cancelled(_with(battle, name, replace(battle.side(name), conceded=True)), Ending.CONCEDED)


def expired(battle: Battle) -> Battle:
    """A turn was not taken in time.

    Before the first choice that ends the battle; later the choices that are there do.
    """
    if battle.phase in (Phase.INVITED, Phase.ROUND_1):
        return cancelled(battle, Ending.TIMEOUT)
    for name in waited_for(battle):
        battle = named(battle, name, battle.side(name).best)
    return battle


def heard(battle: Battle, message: str) -> Battle:
    """A message has had its effect: it has none a second time."""
    return replace(battle, inputs=(*battle.inputs, message)[-_REMEMBERED:]) if message else battle


def _machine_step(name: SideName, side: Side) -> Step | None:
    if len(side.scores) < len(side.moves):
        return Train(name, len(side.scores), Part.VALID)
    if len(side.moves) < side.rounds:
        return Choose(name)
    return Settle(name) if side.named is None else None


def _not_over(battle: Battle) -> None:
    if battle.phase.over:
        raise UserFacingError("battle_over")


def _with(battle: Battle, name: SideName, side: Side) -> Battle:
    """The battle with a side changed, in the phase that follows from it."""
    battle = replace(battle, left=side) if name == "left" else replace(battle, right=side)
    while (following := _following(battle)) is not None:
        battle = replace(battle, phase=following)
    return battle


def _following(battle: Battle) -> Phase | None:
    people = [battle.side(name) for name in SIDES if battle.side(name).person]
    if battle.phase is Phase.ROUND_1 and all(side.scores for side in people):
        return Phase.ROUND_2
    if battle.phase is Phase.ROUND_2 and all(side.passed or len(side.scores) >= ROUNDS for side in people):
        return Phase.NAMING
    if battle.phase is Phase.NAMING and all(battle.side(name).named is not None for name in SIDES):
        return Phase.FINAL
    return None
