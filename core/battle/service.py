"""The door to battles: what adapters call. One :class:`Battles` serves everybody.

What happens is told by :meth:`Battles.watch`; every state is kept before it is told: what is resumed goes on
where it was. Errors are UserFacingError with a phrase of :mod:`core.battle.words`, StoreError, ModelError.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from core.battle.events import BattleEvent, BattleGone, BattleView, Played, view
from core.battle.game import Battle, Ending, Phase, Rival
from core.battle.hyperparameters import Hyperparameters
from core.battle.keeping import BattleStore, Busy, Standing
from core.battle.parsing import Parsed, parse
from core.battle.ports import Arena, Choice, Dataset, Player
from core.battle.replaying import Replay, replayed
from core.battle.rules import accepted, cancelled, heard, locked, named
from core.battle.running import Commentator, Runner
from core.battle.setup import Challenge, Setup
from core.battle.tables import GoneError, Table
from core.errors import UserFacingError
from core.people import Owner
from core.ports import Clock
from core.ports_links import LinkStore

log = logging.getLogger(__name__)

TURN_S = 180.0
LEAST_GAMES = 5  # to appear on a leaderboard


@dataclass
class Battles:
    """Build one in ``bot/wiring.py``, call :meth:`resume` at the start and :meth:`close` at the end.

    ``players`` are she and, where there is one, Optuna. :meth:`recheck` belongs to the database's
    ``on_erase``.
    """

    arena: Arena
    players: Mapping[Rival, Player]
    store: BattleStore
    clock: Clock
    commentator: Commentator | None = None
    links: LinkStore | None = None
    turn_s: float = TURN_S
    _tables: dict[int, Table] = field(default_factory=dict)
    _taking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _mine: set[Callable[[BattleView], bool]] = field(default_factory=set)
    _side: set[asyncio.Task[None]] = field(default_factory=set)
    _resumed: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._setup = Setup(self.arena, self.players, self.store, self.clock, self.links)

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """What can be battled on; the first is the default."""
        return self.arena.datasets

    async def start(self, wanted: Challenge) -> BattleView:
        """Begin a battle; one that the same message began before is what comes back."""
        person = wanted.owner.person
        epoch = await self.store.epoch(person)
        battle, problem = await self._setup.battle(wanted)
        begun = await self.store.begin(battle, epoch, await self._setup.linked(person))
        if isinstance(begun, Busy):
            await self._take_up()  # nobody is kept busy by a battle that nobody carries on
            forgotten = begun is Busy.FORGOTTEN
            raise UserFacingError("battle_forgotten" if forgotten else f"battle_busy_{begun.value}")
        if begun.id not in self._tables and not begun.phase.over:
            if (begun.dataset, begun.instance) != (battle.dataset, battle.instance):  # one of before
                problem = await self.arena.problem(begun.dataset, begun.instance)
            self._sit(Table(begun, problem, self.store))
        return self._view(begun, person)

    async def accept(self, battle: int, person: str) -> BattleView:
        """The invited person comes in; a second time nothing happens."""

        def come_in(battle: Battle) -> Battle:
            if battle.of(person) != "right":
                raise UserFacingError("battle_not_invited")
            return accepted(battle) if battle.phase is Phase.INVITED else battle

        return self._view(await self._told(self._table(battle, person), come_in), person)

    async def play(
        self, person: str, choice: str | Hyperparameters, message: str = "", battle: int | None = None
    ) -> Played:
        """Lock a choice for this round. An error costs nothing: it is still the person's turn."""
        table = self._table(battle, person)
        parsed = Parsed(choice) if isinstance(choice, Hyperparameters) else parse(choice)

        def lock(battle: Battle) -> Battle:
            if message and message in battle.inputs:
                return battle
            side, taken = battle.of(person), Choice(parsed.hyperparameters, None)
            return heard(locked(battle, side, taken), message)

        return Played(self._view(await self._told(table, lock), person), parsed)

    async def name_final(
        self, person: str, number: int, message: str = "", battle: int | None = None
    ) -> BattleView:
        """Name the choice that counts, from 1; in the second round that gives up the second try."""

        def name(battle: Battle) -> Battle:
            if message and message in battle.inputs:
                return battle
            return heard(named(battle, battle.of(person), number - 1), message)

        return self._view(await self._told(self._table(battle, person), name), person)

    async def cancel(self, person: str, battle: int | None = None) -> BattleView:
        """One who plays ends it without a result; who was invited refuses by this."""
        table = self._table(battle, person)
        side = table.battle.of(person)
        refused = table.battle.phase is Phase.INVITED and side == "right"
        return await self._end(table, Ending.REFUSED if refused else Ending.CANCELLED)

    async def stop(self, scope: str, battle: int | None = None, channel: str = "") -> BattleView:
        """An admin ends a battle of this scope: that one, or the one of a channel."""
        for table in self._tables.values():
            mine = table.battle.scope == scope and not table.battle.phase.over
            if mine and (table.battle.id == battle or (battle is None and table.battle.channel == channel)):
                return await self._end(table, Ending.STOPPED)
        raise UserFacingError("battle_none")

    async def state(self, battle: int, scope: str, viewer: str = "") -> BattleView:
        """A battle as somebody in its scope may see it, also one that is over."""
        table = self._tables.get(battle)
        found = await self.store.get(battle) if table is None else table.battle
        if found is None or found.scope != scope:
            raise UserFacingError("battle_unknown", id=battle)
        return self._view(found, viewer)

    def current(self, person: str) -> BattleView | None:
        """The battle in which a person plays now, as that person may see it."""
        for table in self._tables.values():
            if person in table.battle.people and not table.battle.phase.over:
                return self._view(table.battle, person)
        return None

    def in_channel(self, channel: str) -> BattleView | None:
        """The battle that goes on in a channel, as everybody may see it."""
        for table in self._tables.values():
            if table.battle.channel == channel and not table.battle.phase.over:
                return self._view(table.battle, "")
        return None

    async def watch(self, battle: int) -> AsyncIterator[BattleEvent]:
        """What happens, until there is nothing more to come; first the present state.

        As many as like may watch, and come late: the problem and the end are told to them, too.
        """
        table = self._tables.get(battle)
        if table is None:
            raise UserFacingError("battle_unknown", id=battle)
        async for event in table.watch():
            yield event

    async def card(self, battle: int, card: str) -> None:
        """Keep the id of the message that shows a battle, to find it after a restart."""
        if (table := self._tables.get(battle)) is not None:
            await self._change(table, lambda battle: replace(battle, card=card))

    async def resume(self, mine: Callable[[BattleView], bool]) -> list[BattleView]:
        """Go on with what is open, ``mine`` (not another process's) and not carried on. Turns begin anew."""
        self._mine.add(mine)
        return await self._take_up()

    async def _take_up(self) -> list[BattleView]:
        async with self._taking:  # nothing is carried on twice
            return [view(battle) for battle in await self._found()]

    async def _found(self) -> list[Battle]:
        going = []
        for battle in await self.store.open():
            if battle.id in self._tables or not any(mine(view(battle)) for mine in self._mine):
                continue
            self._resumed.append(battle.id)
            problem = await self._setup.problem_of(battle)
            if problem is None:
                await self.store.save(cancelled(battle, Ending.FAILED))
                continue
            table = Table(battle, problem, self.store)
            await self._change(table, lambda battle: replace(battle, deadline=None))
            self._sit(table)
            going.append(table.battle)
        return going

    async def resumed(self, also: Iterable[int] = ()) -> list[BattleView]:
        """What :meth:`resume` took up, and ``also`` others, as it is now: over or not, for who shows it."""
        found = [await self.store.get(number) for number in dict.fromkeys((*self._resumed, *also))]
        if found:
            await self._setup.datasets()  # their cards name them
        return [view(each) for each in found if each is not None]

    async def history(self, owner: Owner, n: int = 10) -> list[BattleView]:
        """The person's newest battles here that are over."""
        return [view(each) for each in await self.store.history(owner, n)]

    async def replay(self, battle: int, scope: str | None) -> Replay:
        """Run a finished battle's trainings and choices again; which numbers differ (none, it is hoped).

        ``scope`` None is whoever runs the program.
        """
        found = await self.store.get(battle)
        if found is None or (scope is not None and found.scope != scope):
            raise UserFacingError("battle_unknown", id=battle)
        return await replayed(found, self.arena, self.players.get(found.rival))

    async def join(self, owner: Owner, name: str) -> None:
        """From now on the person's battles here count for the leaderboards, under this name."""
        await self.store.join(owner, name, self.clock.now())

    async def leave(self, owner: Owner) -> bool:
        """Take the person off the leaderboards here; whether they were on them."""
        return await self.store.leave(owner)

    async def leaderboard(self, scope: str, dataset: str = "") -> list[Standing]:
        """Who is best here, of those with enough games."""
        return await self.store.leaderboard(scope, (await self._setup.dataset(dataset)).id, LEAST_GAMES)

    async def reset(self, scope: str, dataset: str | None = None) -> int:
        """An admin begins the ratings of this scope anew, of one data set or all; how many there were."""
        only = None if dataset is None else (await self._setup.dataset(dataset)).id
        return await self.store.reset(scope, only)

    def recheck(self) -> None:
        """Something was erased: end at once what is not kept any more."""
        task = asyncio.ensure_future(self._drop_erased())
        self._side.add(task)
        task.add_done_callback(self._side.discard)

    async def close(self) -> None:
        """Let go of everything; what is open goes on with the next :meth:`resume`."""
        tasks = [table.task for table in self._tables.values() if table.task is not None]
        for task in (*tasks, *self._side):
            task.cancel()
        await asyncio.gather(*tasks, *self._side, return_exceptions=True)
        self._tables.clear()

    async def _drop_erased(self) -> None:
        for number, table in list(self._tables.items()):
            if await self.store.get(number) is None:
                table.emit(BattleGone(None), keep=True)
                self._leave_table(table)

    def _sit(self, table: Table) -> None:
        run = Runner(self.arena, self.players, self.clock, self.turn_s, self._setup.games, self.commentator)
        self._tables[table.battle.id] = table
        table.task = asyncio.create_task(run.run(table))
        table.task.add_done_callback(lambda task: self._ended(table, task))

    def _ended(self, table: Table, task: asyncio.Task[None]) -> None:
        self._tables.pop(table.battle.id, None)
        if not task.cancelled() and (error := task.exception()):
            log.error("battle %d broke: %s", table.battle.id, type(error).__name__)

    def _leave_table(self, table: Table) -> None:
        table.close()
        if table.task is not None:
            table.task.cancel()
        self._tables.pop(table.battle.id, None)

    async def _end(self, table: Table, ending: Ending) -> BattleView:
        battle = await self._change(table, lambda battle: cancelled(battle, ending))
        table.emit(BattleGone(ending), keep=True)
        self._leave_table(table)
        return view(battle)

    async def _told(self, table: Table, change: Callable[[Battle], Battle]) -> Battle:
        """Change it, and tell those who watch at once."""
        battle = await self._change(table, change)
        table.seen()
        return battle

    @staticmethod
    async def _change(table: Table, change: Callable[[Battle], Battle]) -> Battle:
        try:
            return await table.change(change)
        except GoneError:
            raise UserFacingError("battle_over") from None

    def _table(self, battle: int | None, person: str) -> Table:
        """The battle of that number, or the one in which the person plays."""
        for table in self._tables.values():
            wanted = table.battle.id == battle if battle is not None else person in table.battle.people
            if wanted and not table.battle.phase.over:
                table.battle.of(person)
                return table
        raise UserFacingError("battle_none" if battle is None else "battle_over")

    def _view(self, battle: Battle, viewer: str) -> BattleView:
        return view(battle, viewer, 0 if battle.phase.over else self.arena.waiting(str(battle.id)))
