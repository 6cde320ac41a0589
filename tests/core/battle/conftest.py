"""A real, migrated SQLite file, and a house with battles in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from core.battle.events import BattleEvent, BattleGone, BattleView, TurnStarted
from core.battle.game import Rival
from core.battle.running import Commentator
from core.battle.service import Battles
from core.battle.setup import Challenge
from core.people import Owner, Place, PlaceKind
from db.engine import Database
from db.stores import SqlBattleStore, SqlLinkStore
from tests.fakes_battle import ArithmeticArena, DrawingPlayer
from tests.fakes_core import FixedClock
from tests.houses import lay_database
from tests.patience import PATIENCE_S

E = TypeVar("E")
GUILD = Place(PlaceKind.GROUP, "discord:42").scope
JUN, MINA, ANN, BOSS = "discord:1", "discord:2", "telegram:3", "discord:4"


@dataclass
class House:
    """Battles on a database, with what was told to those who watch."""

    database: Database
    arena: ArithmeticArena = field(default_factory=ArithmeticArena)
    player: DrawingPlayer = field(default_factory=DrawingPlayer)
    optuna: DrawingPlayer = field(default_factory=DrawingPlayer)
    clock: FixedClock = field(default_factory=FixedClock)
    commentator: Commentator | None = None
    turn_s: float = 180.0

    def __post_init__(self) -> None:
        self.store = SqlBattleStore(self.database)
        self.links = SqlLinkStore(self.database)
        self.heard: dict[int, list[BattleEvent]] = {}
        self._listening: list[asyncio.Task[None]] = []
        self.battles = self.open()

    def open(self) -> Battles:
        """A program that was started."""
        players = {Rival.LORA: self.player, Rival.OPTUNA: self.optuna}
        self.battles = Battles(
            self.arena, players, self.store, self.clock, self.commentator, self.links, self.turn_s
        )
        self.database.on_erase(self.battles.recheck)
        return self.battles

    async def start(self, person: str = JUN, *, ready: bool = True, **wanted: Any) -> BattleView:
        """A battle in the guild, listened to; against a machine as far as the first turn, if ``ready``."""
        message = f"m-{person}-{len(self.heard)}"
        given: dict[str, Any] = {
            "channel": f"c-{person}",
            "message": message,
            "lang": "ko",
        } | wanted
        begun = await self.battles.start(Challenge(Owner(person, GUILD), **given))
        self.listen(begun.id)
        if ready and not begun.right.person:
            await self.until(begun.id, (TurnStarted, BattleGone))
        return begun

    def listen(self, battle: int) -> None:
        events = self.heard.setdefault(battle, [])

        async def hear() -> None:
            async for event in self.battles.watch(battle):
                events.append(event)

        self._listening.append(asyncio.ensure_future(hear()))

    async def until(self, battle: int, kind: type[E] | tuple[type[E], ...], many: int = 1) -> E:
        """The ``many``-th event of a kind; what comes before it stays in ``heard``."""
        async with asyncio.timeout(PATIENCE_S):
            while len(found := [e for e in self.heard[battle] if isinstance(e, kind)]) < many:  # noqa: ASYNC110
                await asyncio.sleep(0.002)
        return found[many - 1]

    def events(self, battle: int, kind: type[E]) -> list[E]:
        return [event for event in self.heard[battle] if isinstance(event, kind)]

    async def close(self) -> None:
        await self.battles.close()
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with Database(lay_database(tmp_path / "bot.db"), 10_000) as database:
        found = House(database)
        yield found
        await found.close()
