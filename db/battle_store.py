"""Battles and standings in SQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.battle.game import Battle, Phase, SideName
from core.battle.keeping import Busy, RatedGame, RatingChange, Standing
from core.battle.ports import Part, Trial
from core.battle.rating import Rating, rated
from core.people import Owner
from db.battle_rows import battle_of, columns_of, trial_row
from db.engine import Database
from db.owners import Now, affected, epoch_of, seen, seen_in, utc_now
from db.tables import PersonRow
from db.tables_battles import (
    BattleConsentRow,
    BattleProblemRow,
    BattleRatingRow,
    BattleRow,
    BattleTrialRow,
)

_CHANGING = frozenset({"phase", "ending", "deadline", "card", "comment", "inputs", "sides"})
_AFTERWARDS = frozenset({"card", "comment"})  # what may change of a battle that is over
_OVER = (Phase.DONE.value, Phase.CANCELLED.value)


class SqlBattleStore:
    """:class:`core.battle.keeping.BattleStore` on a :class:`Database`; one session per call."""

    def __init__(self, database: Database, now: Now = utc_now) -> None:
        """``now`` gives aware times."""
        self._db, self._now = database, now

    async def epoch(self, person: str) -> int:
        """How often the person was erased. Raises StoreError."""
        return await self._db.read(lambda session: epoch_of(session, person))

    async def begin(self, battle: Battle, epoch: int, accounts: Collection[str] = ()) -> Battle | Busy:
        """Keep a new battle, or say why it cannot begin. Raises StoreError."""
        now = self._now()

        async def work(session: AsyncSession) -> Battle | Busy:
            person, other = battle.left.person, battle.right.person
            if not await seen_in(session, person, now, epoch):
                return Busy.FORGOTTEN
            if other and await session.get(PersonRow, other) is None:
                await seen(session, other, now)
            mine = BattleRow.person == person, BattleRow.message == battle.message
            if battle.message and (before := await _first(session, select(BattleRow).where(*mine))):
                return before
            if busy := await _busy(session, battle, {person, *accounts}):
                return busy
            row = BattleRow(**columns_of(battle))
            session.add(row)
            await session.flush()
            return battle_of(row, ())

        return await self._db.write(work)

    async def accept(self, battle: Battle, accounts: Collection[str] = ()) -> bool | Busy:
        """The invited person comes in, unless that person is in another battle. Raises StoreError."""

        async def work(session: AsyncSession) -> bool | Busy:
            theirs = {battle.right.person, *accounts}
            if any(theirs & _bound(row) for row in await _open_rows(session) if row.id != battle.id):
                return Busy.PERSON
            return await _keep(session, battle)

        return await self._db.write(work)

    async def save(self, battle: Battle, side: SideName = "left", trial: Trial | None = None) -> bool:
        """Keep the present state; False when it was erased. Raises StoreError."""

        async def work(session: AsyncSession) -> bool:
            if not await _keep(session, battle):
                return False
            if trial is not None:
                await session.merge(trial_row(battle, side, trial))
                person = battle.side(side).person
                if person and trial.part is Part.VALID:
                    await _show(session, battle, person)
            return True

        return await self._db.write(work)

    async def finish(self, battle: Battle, games: Sequence[RatedGame]) -> tuple[RatingChange, ...] | None:
        """Keep the end and the ratings; None when it was erased or over. Raises StoreError."""

        async def work(session: AsyncSession) -> tuple[RatingChange, ...] | None:
            if not await _keep(session, battle, ends=True):
                return None
            return await _rate(session, battle, games)

        return await self._db.write(work)

    async def get(self, battle: int) -> Battle | None:
        """A battle by its id. Raises StoreError."""
        query = select(BattleRow).where(BattleRow.id == battle)
        return await self._db.read(lambda session: _first(session, query))

    async def open(self) -> list[Battle]:
        """Battles that are not over, oldest first. Raises StoreError."""
        query = select(BattleRow).where(BattleRow.phase.not_in(_OVER)).order_by(BattleRow.id)
        return await self._db.read(lambda session: _all(session, query))

    async def history(self, owner: Owner, n: int) -> list[Battle]:
        """A person's newest battles that are over, newest first. Raises StoreError."""
        theirs = or_(BattleRow.person == owner.person, BattleRow.other == owner.person)
        query = select(BattleRow).where(BattleRow.scope == owner.scope, BattleRow.phase.in_(_OVER), theirs)
        query = query.order_by(BattleRow.id.desc()).limit(n)
        return await self._db.read(lambda session: _all(session, query))

    async def seen(self, people: Collection[str], dataset: str) -> dict[str, int]:
        """The problems that people know, with their first battles. Raises StoreError."""

        async def work(session: AsyncSession) -> dict[str, int]:
            mine = BattleProblemRow.person.in_(people), BattleProblemRow.dataset == dataset
            rows = await session.scalars(select(BattleProblemRow).where(*mine))
            found: dict[str, int] = {}
            for row in rows:
                found[row.instance] = min(row.battle, found.get(row.instance, row.battle))
            return found

        return await self._db.read(work)

    async def join(self, owner: Owner, name: str, now: datetime) -> None:
        """Note a consent. Raises StoreError."""

        async def work(session: AsyncSession) -> None:
            await seen(session, owner.person, now)
            kept = await session.get(BattleConsentRow, (owner.person, owner.scope))
            since = now if kept is None else kept.since
            await session.merge(
                BattleConsentRow(person=owner.person, scope=owner.scope, name=name, since=since)
            )

        await self._db.write(work)

    async def leave(self, owner: Owner) -> bool:
        """Erase a consent and what came of it, from every page. Raises StoreError."""

        async def work(session: AsyncSession) -> bool:
            found = 0
            for table in (BattleConsentRow, BattleRatingRow):
                mine = table.person == owner.person, table.scope == owner.scope
                found += await affected(session, delete(table).where(*mine))
            return found > 0

        return await self._db.erase(work, bool)

    async def joined(self, owner: Owner) -> bool:
        """Whether there is a consent. Raises StoreError."""

        async def work(session: AsyncSession) -> bool:
            return await session.get(BattleConsentRow, (owner.person, owner.scope)) is not None

        return await self._db.read(work)

    async def leaderboard(self, scope: str, dataset: str, least: int) -> list[Standing]:
        """Those with enough games, the surest strength first. Raises StoreError."""
        rating, consent = BattleRatingRow, BattleConsentRow

        async def work(session: AsyncSession) -> list[Standing]:
            both = (consent.person == rating.person) & (consent.scope == rating.scope)
            here = rating.scope == scope, rating.dataset == dataset, rating.games >= least
            query = select(rating, consent.name).join(consent, both).where(*here)
            query = query.order_by((rating.value - 2 * rating.deviation).desc(), rating.person)
            return [
                Standing(row.person, name, _rating(row), row.games, row.wins, row.draws, row.losses)
                for row, name in (await session.execute(query)).all()
            ]

        return await self._db.read(work)

    async def reset(self, scope: str, dataset: str | None = None) -> int:
        """Erase ratings, from every page; how many. Raises StoreError."""
        theirs = delete(BattleRatingRow).where(BattleRatingRow.scope == scope)
        if dataset is not None:
            theirs = theirs.where(BattleRatingRow.dataset == dataset)
        return await self._db.erase(lambda session: affected(session, theirs), bool)


async def _first(session: AsyncSession, query: Select[BattleRow]) -> Battle | None:
    return next(iter(await _all(session, query.order_by(BattleRow.id).limit(1))), None)


async def _all(session: AsyncSession, query: Select[BattleRow]) -> list[Battle]:
    rows = [*await session.scalars(query)]
    ids = [row.id for row in rows]
    trials = [*await session.scalars(select(BattleTrialRow).where(BattleTrialRow.battle.in_(ids)))]
    return [battle_of(row, [each for each in trials if each.battle == row.id]) for row in rows]


async def _busy(session: AsyncSession, battle: Battle, accounts: set[str]) -> Busy | None:
    """Who of those that a battle needs is in another one."""
    for row in await _open_rows(session):
        playing = _bound(row)
        if playing & accounts:
            return Busy.PERSON
        if battle.right.person and battle.right.person in playing:
            return Busy.RIVAL
        if row.channel == battle.channel:
            return Busy.CHANNEL
    return None


async def _open_rows(session: AsyncSession) -> list[BattleRow]:
    return [*await session.scalars(select(BattleRow).where(BattleRow.phase.not_in(_OVER)))]


def _bound(row: BattleRow) -> set[str]:
    """Who may be in no other battle: an invitation binds its sender only."""
    return {row.person, *([row.other] if row.other and row.phase != Phase.INVITED.value else [])}


async def _keep(session: AsyncSession, battle: Battle, *, ends: bool = False) -> bool:
    """Whether it is there; one that is over ends in no other way, and not once more."""
    row = await session.get(BattleRow, battle.id, with_for_update=True)
    over = row is not None and row.phase in _OVER
    if row is None or (over and (ends or row.phase != battle.phase.value)):
        return False
    for name, value in columns_of(battle).items():
        if name in (_AFTERWARDS if over else _CHANGING):  # the scope may have moved meanwhile
            setattr(row, name, value)
    return True


async def _show(session: AsyncSession, battle: Battle, person: str) -> None:
    key = person, battle.scope, battle.dataset, battle.instance
    if await session.get(BattleProblemRow, key) is None:
        names = ("person", "scope", "dataset", "instance")
        session.add(BattleProblemRow(**dict(zip(names, key, strict=True)), battle=battle.id))


async def _rate(
    session: AsyncSession, battle: Battle, games: Sequence[RatedGame]
) -> tuple[RatingChange, ...]:
    """The ratings of those who joined in, all from what they were before."""
    before = {person: await _rating_row(session, battle, person) for person in battle.people}
    strengths = {person: Rating() if row is None else _rating(row) for person, row in before.items()}
    changes = []
    for game in games:
        if await session.get(BattleConsentRow, (game.person, battle.scope)) is None:
            continue
        against = strengths[game.against] if isinstance(game.against, str) else game.against
        after = rated(strengths[game.person], [(against, game.points)])
        row = before[game.person] or BattleRatingRow(
            person=game.person, scope=battle.scope, dataset=battle.dataset, games=0, wins=0, draws=0, losses=0
        )
        row.value, row.deviation, row.volatility = after.value, after.deviation, after.volatility
        row.games += 1
        row.wins, row.losses = row.wins + (game.points == 1), row.losses + (game.points == 0)
        row.draws = row.games - row.wins - row.losses
        session.add(row)
        changes.append(RatingChange(game.person, strengths[game.person], after, row.games))
    return tuple(changes)


async def _rating_row(session: AsyncSession, battle: Battle, person: str) -> BattleRatingRow | None:
    return await session.get(BattleRatingRow, (person, battle.scope, battle.dataset))


def _rating(row: BattleRatingRow) -> Rating:
    return Rating(row.value, row.deviation, row.volatility)
