"""Battles that go on in this process: one table each, with those who watch it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from core.battle.events import BattleEvent, BattleSeen, view
from core.battle.game import Battle, SideName
from core.battle.keeping import BattleStore
from core.battle.ports import Problem, Trial


class GoneError(Exception):
    """The battle was erased meanwhile."""


@dataclass(eq=False)
class Table:
    """One battle that goes on: its state is changed here only, and kept before anybody sees it."""

    battle: Battle
    problem: Problem
    store: BattleStore
    task: asyncio.Task[None] | None = None
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _watchers: set[asyncio.Queue[BattleEvent | None]] = field(default_factory=set)
    _shown: list[BattleEvent] = field(default_factory=list)
    _closed: bool = False

    async def change(
        self, change: Callable[[Battle], Battle], side: SideName = "left", trial: Trial | None = None
    ) -> Battle:
        """Keep the changed battle and wake who carries it on.

        Raises GoneError, StoreError, and what ``change`` raises, with nothing changed.
        """
        async with self._lock:
            changed = change(self.battle)
            if changed is not self.battle:
                if not await self.store.save(changed, side, trial):
                    raise GoneError
                self.battle = changed
            self.woken.set()
            return changed

    def put(self, battle: Battle) -> None:
        """The state is kept already."""
        self.battle = battle

    def emit(self, event: BattleEvent, *, keep: bool = False) -> None:
        """Tell all who watch; what is to ``keep`` is told to those who come later, too."""
        if keep:
            self._shown.append(event)
        for watcher in self._watchers:
            watcher.put_nowait(event)

    def seen(self) -> None:
        """Tell the present state."""
        self.emit(BattleSeen(view(self.battle)))

    def close(self) -> None:
        """Nothing more will come."""
        self._closed = True
        for watcher in self._watchers:
            watcher.put_nowait(None)

    async def watch(self) -> AsyncIterator[BattleEvent]:
        """The state, what was kept for those who come later, and everything from now on."""
        queue: asyncio.Queue[BattleEvent | None] = asyncio.Queue()
        for event in (BattleSeen(view(self.battle)), *self._shown):
            queue.put_nowait(event)
        if self._closed:
            queue.put_nowait(None)
        self._watchers.add(queue)
        try:
            while (event_or_end := await queue.get()) is not None:
                yield event_or_end
        finally:
            self._watchers.discard(queue)
