"""Battles that go on in this process: one table each, with those who watch it, and all of them together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any

from core.battle.events import BattleEvent, BattleSeen, view
from core.battle.game import Battle, Phase, SideName
from core.battle.keeping import BattleStore, Busy, RatedGame, RatingChange
from core.battle.ports import Problem, Trial
from core.battle.rules import accepted
from core.errors import UserFacingError

Games = Callable[[Battle], Awaitable[list[RatedGame]]]


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

    async def admit(self, accounts: Collection[str]) -> Battle:
        """The invited person comes in, once; ``accounts`` are others of that person.

        Raises UserFacingError where the person is in another battle, GoneError, StoreError.
        """
        async with self._lock:
            if self.battle.phase is Phase.INVITED:
                changed = accepted(self.battle)
                kept = await self.store.accept(changed, accounts)
                if kept is Busy.PERSON:
                    raise UserFacingError("battle_busy_person")
                if kept is not True:
                    raise GoneError
                self.battle = changed
                self.woken.set()
            return self.battle

    async def finish(self, end: Callable[[Battle], Battle], games: Games) -> tuple[RatingChange, ...]:
        """Keep the end with what it does to ratings: nothing comes in between, and there is one end only.

        Raises GoneError, StoreError, and what ``end`` raises, with nothing changed.
        """
        async with self._lock:
            ended = end(self.battle)
            changes = await self.store.finish(ended, await games(ended))
            if changes is None:
                raise GoneError
            self.battle = ended
            self.woken.set()
            return changes

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


@dataclass
class Tables:
    """All tables of this process."""

    _all: dict[int, Table] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Table]:
        return iter([*self._all.values()])

    def __contains__(self, battle: int) -> bool:
        return battle in self._all

    def get(self, battle: int) -> Table | None:
        """A battle's table, while it is carried on."""
        return self._all.get(battle)

    def seat(self, table: Table, work: Coroutine[Any, Any, None]) -> None:
        """``work`` carries the battle on; when it ends, the table is gone."""
        number = table.battle.id
        self._all[number] = table
        table.task = asyncio.create_task(work)
        table.task.add_done_callback(lambda _: self._gone(number, table))

    def leave(self, table: Table) -> None:
        """Nothing more happens in this battle."""
        table.close()
        if table.task is not None:
            table.task.cancel()
        self._gone(table.battle.id, table)

    def _gone(self, number: int, table: Table) -> None:
        if self._all.get(number) is table:
            del self._all[number]

    @property
    def going(self) -> list[Table]:
        """Those whose battles are not over."""
        return [table for table in self if not table.battle.phase.over]

    def of(self, person: str) -> Table | None:
        """Where a person plays: to be invited is not to play."""
        return next((table for table in self.going if person in table.battle.bound), None)

    def in_channel(self, channel: str) -> Table | None:
        """What goes on in a channel."""
        return next((table for table in self.going if table.battle.channel == channel), None)

    def find(self, battle: int | None, person: str) -> Table:
        """The battle of that number, or the one in which the person plays. Raises UserFacingError."""
        if battle is None:
            found = self.of(person)
        else:
            found = next((table for table in self.going if table.battle.id == battle), None)
        if found is None:
            raise UserFacingError("battle_none" if battle is None else "battle_over")
        found.battle.of(person)
        return found

    async def close(self) -> None:
        """End all work; the battles stay as they are kept."""
        tasks = [table.task for table in self if table.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._all.clear()
