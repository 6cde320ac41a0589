"""A battle run again: the same choices, the same numbers to the last digit, or which differ.

What a machine chose by is kept with the battle: once it knows more, its choices are not compared.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.battle.game import SIDES, Battle, Phase, Rival
from core.battle.ports import Arena, Player, Problem
from core.errors import UserFacingError


@dataclass(frozen=True, slots=True)
class Replay:
    """How many trainings and choices were compared, and those that were not the same, in words.

    ``learned`` is a machine that chooses by something else since, so that its choices were not compared;
    ``changed``: other code trains since, which may be why numbers differ.
    """

    battle: int
    compared: int
    differences: tuple[str, ...]
    learned: Rival | None = None
    changed: bool = False

    @property
    def same(self) -> bool:
        """Whether everything that was compared was."""
        return not self.differences


async def replayed(battle: Battle, arena: Arena, player: Player | None) -> Replay:
    """Train and choose again. Raises UserFacingError when that cannot be compared, ModelError."""
    if battle.phase is not Phase.DONE:
        raise UserFacingError("battle_unfinished")
    problem = await arena.problem(battle.dataset, battle.instance)
    if problem.version != battle.version:
        raise UserFacingError("battle_changed")
    compared, different = 0, list[str]()
    learned = player is not None and player.knows(battle.dataset) != battle.knowledge
    for name in SIDES:
        side = battle.side(name)
        for before in (*side.scores, *side.finals):
            now = await arena.train(
                problem, before.hyperparameters, before.seed, before.part, f"replay-{battle.id}"
            )
            compared += 1
            if (now.f1, now.epochs) != (before.f1, before.epochs):
                different.append(f"{name} {before.part} {before.seed}: {before.f1!r} → {now.f1!r}")
        if not side.person and player is not None and not learned:
            compared += side.rounds + 1
            different += await _choices(battle, problem, player)
    changed = arena.code != battle.code
    return Replay(battle.id, compared, tuple(different), battle.rival if learned else None, changed)


async def _choices(battle: Battle, problem: Problem, player: Player) -> list[str]:
    """The machine's choices that it would not make again."""
    side, different = battle.right, []
    for at, move in enumerate(side.moves):
        choice = await player.choose(
            problem, battle.tier, side.tried[:at], battle.random("player", "right", at)
        )
        if choice.hyperparameters != move.hyperparameters:
            different.append(f"right choice {at + 1}")
    if await player.settle(problem, battle.tier, side.tried) != side.named:
        different.append("right named")
    return different
