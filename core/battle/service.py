"""The door to battles: what adapters call. One :class:`Battles` serves everybody.

What happens is told by :meth:`Battles.watch`; every state is kept before it is told: what is resumed goes on
where it was. Errors are UserFacingError with a phrase of :mod:`core.battle.words`, StoreError, ModelError.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from core.battle.events import BattleEvent, BattleGone, BattleView, Played, view
from core.battle.game import Battle, Ending, Rival
from core.battle.hyperparameters import Hyperparameters
from core.battle.keeping import BattleStore, Busy, Standing
from core.battle.parsing import Parsed, parse
from core.battle.ports import Arena, Choice, Dataset, Player
from core.battle.replaying import Replay, replayed
from core.battle.rules import called_off, cancelled, heard, locked, named, round_of
from core.battle.running import Commentator, Runner
from core.battle.setup import Challenge, Setup
from core.battle.tables import GoneError, Table, Tables
from core.errors import UserFacingError
from core.people import Owner
from core.ports import Clock
from core.ports_links import LinkStore

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
    _tables: Tables = field(default_factory=Tables)
    _taking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _mine: set[Callable[[BattleView], bool]] = field(default_factory=set)
    _side: set[asyncio.Task[None]] = field(default_factory=set)
    _resumed: list[int] = field(default_factory=list)
    _replaying: set[str] = field(default_factory=set)

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
        """The invited person comes in, who may have begun another battle since; again, nothing happens."""
        table = self._tables.find(battle, person)
        if table.battle.of(person) != "right":
            raise UserFacingError("battle_not_invited")
        accounts = await self._setup.linked(person)
        try:
            entered = await table.admit(accounts)
        except GoneError:
            raise UserFacingError("battle_over") from None
        table.seen()
        return self._view(entered, person)

    async def play(
        self, person: str, choice: str | Hyperparameters, message: str = "", battle: int | None = None
    ) -> Played:
        """Lock a choice for this round. An error costs nothing: it is still the person's turn."""
        table = self._tables.find(battle, person)
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

        return self._view(await self._told(self._tables.find(battle, person), name), person)

    def round_of(self, person: str, battle: int) -> int:
        """The round, from 1, for which a person may choose now. Raises UserFacingError: why not."""
        found = self._tables.find(battle, person).battle
        return round_of(found, found.of(person))

    async def cancel(self, person: str, battle: int | None = None, *, concede: bool = False) -> BattleView:
        """One who plays ends it; who was invited refuses by this.

        Once there is a score that is a loss, which has to be meant: without ``concede`` it is an error.
        """
        table = self._tables.find(battle, person)
        name = table.battle.of(person)
        return await self._end(table, lambda battle: called_off(battle, name, concede=concede))

    async def stop(self, owner: Owner, battle: int | None = None, channel: str = "") -> BattleView:
        """An admin ends a battle of this scope, that one or the one of a channel; an own one as others do."""
        for table in self._tables.going:
            mine = table.battle.scope == owner.scope
            if mine and (table.battle.id == battle or (battle is None and table.battle.channel == channel)):
                if owner.person in table.battle.people:
                    return await self.cancel(owner.person, table.battle.id)
                return await self._end(table, lambda battle: cancelled(battle, Ending.STOPPED))
        raise UserFacingError("battle_none")

    async def state(self, battle: int, scope: str, viewer: str = "") -> BattleView:
        """A battle as somebody in its scope may see it, also one that is over."""
        table = self._tables.get(battle)
        found = await self.store.get(battle) if table is None else table.battle
        if found is None or found.scope != scope:
            raise UserFacingError("battle_unknown", id=battle)
        return self._view(found, viewer)

    def current(self, person: str) -> BattleView | None:
        """The battle in which a person plays now, as that person may see it; invitations are none."""
        table = self._tables.of(person)
        return None if table is None else self._view(table.battle, person)

    def in_channel(self, channel: str) -> BattleView | None:
        """The battle that goes on in a channel, as everybody may see it."""
        table = self._tables.in_channel(channel)
        return None if table is None else self._view(table.battle, "")

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

    async def replay(self, battle: int, owner: Owner | None) -> Replay:
        """Run a finished battle's trainings and choices again; which numbers differ (none, it is hoped).

        It trains as much as a battle does: one at a time for a person. None is whoever runs the program.
        """
        found = await self.store.get(battle)
        if found is None or (owner is not None and found.scope != owner.scope):
            raise UserFacingError("battle_unknown", id=battle)
        person = "" if owner is None else owner.person
        if person in self._replaying:
            raise UserFacingError("battle_replaying")
        self._replaying.add(person)
        try:
            return await replayed(found, self.arena, self.players.get(found.rival))
        finally:
            self._replaying.discard(person)

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
        for task in self._side:
            task.cancel()
        await asyncio.gather(*self._side, return_exceptions=True)
        await self._tables.close()

    async def _drop_erased(self) -> None:
        for table in self._tables:
            if await self.store.get(table.battle.id) is None:
                table.emit(BattleGone(None), keep=True)
                self._tables.leave(table)

    def _sit(self, table: Table) -> None:
        run = Runner(self.arena, self.players, self.clock, self.turn_s, self._setup.games, self.commentator)
        self._tables.seat(table, run.run(table))

    async def _end(self, table: Table, end: Callable[[Battle], Battle]) -> BattleView:
        try:
            changes = await table.finish(end, self._setup.games)
        except GoneError:
            raise UserFacingError("battle_over") from None
        table.seen()
        table.emit(BattleGone(table.battle.ending, changes), keep=True)
        self._tables.leave(table)
        return view(table.battle)

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

    def _view(self, battle: Battle, viewer: str) -> BattleView:
        return view(battle, viewer, 0 if battle.phase.over else self.arena.waiting(str(battle.id)))
