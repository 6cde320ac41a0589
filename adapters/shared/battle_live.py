"""Keeps the one message of a battle up to date while it goes on: its text, its picture, its buttons."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Final

from adapters.media.picture import Picture
from adapters.shared.battle_card import Card, Scene
from adapters.shared.battle_clock import left_of
from adapters.shared.growing import Growing, LoopTime, Port, Time
from core.battle.events import (
    BattleDone,
    BattleEvent,
    BattleGone,
    BattleSeen,
    Commented,
    EpochSeen,
    FinalStarted,
    ProblemReady,
    RoundStarted,
    TurnStarted,
)
from core.battle.game import Phase
from core.battle.service import Battles
from core.errors import HiddenError, UserFacingError
from core.people import Scores

log = logging.getLogger(__name__)

INTERVAL_S: Final = 2.0

Face = Callable[[Scores], Awaitable[bytes | None]]


@dataclass(eq=False)
class LiveBattle:
    """Watches a battle and shows it on a message.

    ``standing`` says that the message is there already (after a restart). ``face`` draws her with an
    expression, None for no face. Mere progress is shown every ``progress_s`` seconds at most; every
    ``tick_s`` it is looked whether to show how much of a turn is left. A platform's port sends and edits
    :class:`Card`; once its message is there, it tells :meth:`core.battle.service.Battles.card`.
    """

    battles: Battles
    port: Port[Card]
    scene: Scene
    face: Face | None = None
    standing: bool = False
    interval: float = INTERVAL_S
    progress_s: float = 0.0
    tick_s: float = 1.0
    time: Time = field(default_factory=LoopTime)
    _picture: Picture | None = None
    _shown: float = float("-inf")
    _new: bool = True  # something has to stand there, also where nothing happens for a while

    async def run(self) -> Scene:
        """To the end of the battle; of one that nobody carries on, what became of it.

        Raises EdgeError when the newest state could not be shown at last. Once cancelled, nothing more is
        shown.
        """
        growing = Growing(self.port, self.interval, self.time, sent=self.standing)
        counting = asyncio.create_task(self._count_down(growing))
        try:
            try:
                async for event in self.battles.watch(self.scene.view.id):
                    await self._take(event, growing)
            except UserFacingError:
                await self._over(growing)
            await growing.settle()
        finally:
            counting.cancel()
            growing.stop()
        return self.scene

    async def _take(self, event: BattleEvent, growing: Growing[Card]) -> None:
        before = self.scene
        self.scene = self._timed((await self._fresh(event)).after(event))
        if isinstance(event, BattleDone):
            growing.show(self.scene.card(self._picture))  # the result at once, its picture follows
        if isinstance(event, ProblemReady | BattleDone | Commented):
            await self._draw()
        if self._new or (self.scene != before and self._worth(event)):
            growing.show(self.scene.card(self._picture))
            self._new = False

    async def _count_down(self, growing: Growing[Card]) -> None:
        """Show the time that is left of a turn."""
        while True:
            await self.time.sleep(self.tick_s)
            before, self.scene = self.scene, self._timed(self.scene)
            stands = self._new or self.scene.left_s == before.left_s
            if not stands and self.scene.card() != before.card():  # the time is not told in every phase
                growing.show(self.scene.card(self._picture))

    def _timed(self, scene: Scene) -> Scene:
        return replace(scene, left_s=left_of(self.battles, scene.view))

    async def _over(self, growing: Growing[Card]) -> None:
        """It ended before anybody watched: while the program was starting, or at once."""
        now = self.scene.view
        try:
            self.scene = self.scene.after(BattleSeen(await self.battles.state(now.id, now.scope)))
        except UserFacingError:
            self.scene = self.scene.after(BattleGone(None))
        except HiddenError as err:
            log.warning("no end for battle %d: %s", now.id, type(err).__name__)
            return
        await self._draw()
        growing.show(self.scene.card(self._picture))

    def _worth(self, event: BattleEvent) -> bool:
        """Whether to show what an event changed; after an epoch something else follows for sure."""
        now = self.time.now()
        if isinstance(event, EpochSeen) and now - self._shown < self.progress_s:
            return False
        self._shown = now
        return True

    async def _fresh(self, event: BattleEvent) -> Scene:
        """What is known with the state as it is now: not every change of it is an event of its own."""
        if not isinstance(event, TurnStarted | RoundStarted | FinalStarted):
            return self.scene
        now = self.scene.view
        try:
            return self.scene.after(BattleSeen(await self.battles.state(now.id, now.scope)))
        except (UserFacingError, HiddenError):  # erased, or the store is away: the next event tells
            return self.scene

    async def _draw(self) -> None:
        """The picture of what is known; the old one stays where that fails."""
        try:
            self._picture = await picture_of(self.scene, self.face)
        except HiddenError as err:
            log.warning("no card for battle %d: %s", self.scene.view.id, type(err).__name__)


async def picture_of(scene: Scene, face: Face | None = None) -> Picture | None:
    """The card's picture: the problem's, at the end the result's. Raises ModelError without the font."""
    from adapters.media.problem import problem_card
    from adapters.media.result import Told, result_card

    if scene.view.phase is Phase.DONE and scene.view.verdict is not None:
        png = None
        if face is not None and scene.expression is not None:
            png = await face(scene.expression.scores)
        told = Told(scene.called, scene.dataset, scene.comment, png)
        return await asyncio.to_thread(result_card, scene.view, told, scene.lang)
    if scene.problem is None:
        return None
    return await asyncio.to_thread(problem_card, scene.problem, scene.thumbnails, scene.lang, scene.dataset)
