"""Carries a battle on: what is due is done, step by step, each kept before the next begins."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final, Protocol

from core.battle.events import (
    BattleDone,
    BattleGone,
    Commented,
    EpochSeen,
    FinalStarted,
    ProblemReady,
    Promised,
    Queued,
    RoundScored,
    RoundStarted,
    TurnStarted,
    view,
)
from core.battle.game import FINALS, SIDES, Battle, Ending, Rival, SideName
from core.battle.hyperparameters import Hyperparameters
from core.battle.ports import Arena, Epoch, Part, Player, Trial
from core.battle.rules import (
    Choose,
    Judge,
    Settle,
    Step,
    Train,
    cancelled,
    due,
    expired,
    judged,
    locked,
    named,
    trained,
    waited_for,
)
from core.battle.tables import Games, GoneError, Table
from core.errors import HiddenError, OverloadedError, UserFacingError
from core.people import Expression
from core.ports import Clock

log = logging.getLogger(__name__)

_TRIES: Final = 5  # of a training that the queue had no room for
_LOOK_S: Final = 2.0  # between looks at the queue


@dataclass(frozen=True, slots=True)
class Comment:
    """What she says to a result, and the face that goes with it; ``origin`` is generated or phrase."""

    text: str
    expression: Expression
    origin: str = "phrase"


class Commentator(Protocol):
    """Has the last word."""

    async def comment(self, battle: Battle) -> Comment:
        """On a battle that is done; never fails."""
        ...


@dataclass
class Runner:
    """Carries one battle after the other on; holds nothing about them."""

    arena: Arena
    players: Mapping[Rival, Player]
    clock: Clock
    turn_s: float
    games: Games
    commentator: Commentator | None = None
    look_s: float = field(default=_LOOK_S)

    async def run(self, table: Table) -> None:
        """To the end of the battle, whatever happens; the caller's cancelling leaves it as it is kept."""
        try:
            await self._carry_on(table)
        except GoneError:
            table.emit(BattleGone(None), keep=True)
        except UserFacingError as err:
            if not table.battle.phase.over:  # else somebody ended it in the middle of a step, and tells
                await self._give_up(table, err)
        except Exception as err:  # edge of a battle: silence is never the answer
            await self._give_up(table, err)
        finally:
            table.close()

    async def _carry_on(self, table: Table) -> None:
        await self._open(table)
        while not table.battle.phase.over:
            step = due(table.battle)
            await (self._wait(table) if step is None else self._do(table, step))
        if table.battle.ending is not None:
            table.emit(BattleGone(table.battle.ending), keep=True)

    async def _open(self, table: Table) -> None:
        """Her first choice is promised before the problem is shown."""
        while isinstance(step := due(table.battle), Choose) and not table.battle.right.moves:
            await self._choose(table, step)
        pictures = await self.arena.thumbnails(table.problem)
        table.emit(ProblemReady(table.problem, pictures, view(table.battle)), keep=True)

    async def _do(self, table: Table, step: Step) -> None:
        match step:
            case Choose():
                await self._choose(table, step)
            case Train():
                await self._train(table, step)
            case Settle():
                await self._settle(table, step)
            case Judge():
                await self._judge(table)

    async def _choose(self, table: Table, step: Choose) -> None:
        battle = table.battle
        side, player = battle.side(step.side), self.players[battle.rival]
        seed = battle.random("player", step.side, len(side.moves))
        choice = await player.choose(table.problem, battle.tier, side.tried, seed)
        await table.change(lambda battle: locked(battle, step.side, choice))
        table.seen()

    async def _settle(self, table: Table, step: Settle) -> None:
        battle = table.battle
        player, tried = self.players[battle.rival], battle.side(step.side).tried
        position = await player.settle(table.problem, battle.tier, tried)
        battle = await table.change(lambda battle: named(battle, step.side, position))
        side = battle.side(step.side)
        digests = [move.commitment.digest for move in side.moves]
        picks = [side.pick.digest] if side.pick is not None else []
        table.emit(Promised(step.side, tuple(digests + picks)), keep=True)
        table.seen()

    async def _train(self, table: Table, step: Train) -> None:
        battle, number = table.battle, step.position + 1
        final, person = step.part is Part.HELD_OUT, bool(battle.side(step.side).person)
        if final and not any(battle.side(name).finals for name in SIDES):
            table.seen()
            table.emit(FinalStarted(FINALS * len(SIDES)))
        elif person:
            table.emit(RoundStarted(step.side, number))

        def report(epoch: Epoch) -> None:
            if final or person:  # a machine's rounds are nobody's business before the end
                table.emit(EpochSeen(step.side, number, final, epoch))

        trial = await self._trained(table, step, report)
        await table.change(lambda battle: trained(battle, step, trial), step.side, trial)
        if person and not final:
            table.emit(RoundScored(step.side, number, trial.f1))
            table.seen()

    async def _trained(self, table: Table, step: Train, report: Callable[[Epoch], None]) -> Trial:
        chosen, seed = training(table.battle, step)
        for tries in range(_TRIES):
            work = asyncio.ensure_future(
                self.arena.train(table.problem, chosen, seed, step.part, str(table.battle.id), report)
            )
            try:
                return await self._queued(table, work)
            except OverloadedError as err:
                if tries == _TRIES - 1:
                    raise
                await asyncio.sleep(err.retry_after)
            finally:
                work.cancel()
        raise OverloadedError(0.0)

    async def _queued(self, table: Table, work: asyncio.Future[Trial]) -> Trial:
        """The result of a training; meanwhile those who watch hear how many are before it."""
        before = 0
        await asyncio.sleep(0)
        while not work.done():
            now = self.arena.waiting(str(table.battle.id))
            if now != before:
                table.emit(Queued(now))
                before = now
            await asyncio.wait([work], timeout=self.look_s)
        return await work

    async def _wait(self, table: Table) -> None:
        """For the people whose turn it is, but not for ever."""
        table.woken.clear()
        if due(table.battle) is not None or table.battle.phase.over:
            return
        turn, phase, now = waited_for(table.battle), table.battle.phase, self.clock.now()
        until = table.battle.deadline
        if until is None:
            until = now + timedelta(seconds=self.turn_s)
            await table.change(lambda battle: replace(battle, deadline=until))
            table.woken.clear()
            table.emit(TurnStarted(turn, until))
        if not waited_for(table.battle):
            return  # somebody was faster than the clock
        with suppress(TimeoutError):
            async with asyncio.timeout((until - now).total_seconds()):  # wait_for may lose a cancellation
                await table.woken.wait()
        if self.clock.now() >= until:
            await table.change(lambda battle: _timed_out(battle, turn))
        if not table.battle.phase.over and (table.battle.phase is not phase or not waited_for(table.battle)):
            await table.change(lambda battle: replace(battle, deadline=None))

    async def _judge(self, table: Table) -> None:
        changes = await table.finish(judged, self.games)
        battle = table.battle
        table.emit(BattleDone(view(battle), changes), keep=True)
        if self.commentator is not None:
            said = await self.commentator.comment(battle)
            await table.change(lambda battle: replace(battle, comment=said.text))
            table.emit(Commented(said.text, said.expression), keep=True)

    async def _give_up(self, table: Table, why: Exception) -> None:
        """The kind of an error alone is logged: its words may be somebody's."""
        log.warning("battle %d failed: %s", table.battle.id, type(why).__name__)
        if not table.battle.phase.over:
            try:
                await table.change(lambda battle: cancelled(battle, Ending.FAILED))
            except (HiddenError, GoneError) as err:
                log.warning("battle %d stays open: %s", table.battle.id, type(err).__name__)
            table.emit(BattleGone(Ending.FAILED), keep=True)


def training(battle: Battle, step: Train) -> tuple[Hyperparameters, int]:
    """What is trained in a step, and with which seed: the same for both sides."""
    side = battle.side(step.side)
    if step.part is Part.VALID:
        return side.moves[step.position].hyperparameters, battle.random("round", step.position)
    return side.moves[side.named or 0].hyperparameters, battle.random("final", step.position)


def _timed_out(battle: Battle, turn: tuple[SideName, ...]) -> Battle:
    """Unless somebody was faster."""
    return expired(battle) if waited_for(battle) == turn else battle
