"""What is kept no longer than the operator allows: history by age, people by their silence."""

from __future__ import annotations

import calendar
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.ports_keeping import Limits, Overdue
from db.delivery_store import SqlDeliveryStore
from db.engine import Database
from db.erasing import SILENT, Share, complete, erase
from db.fact_rows import changed
from db.owners import Now, affected, utc_now
from db.tables import MemoryRow, PersonRow, TurnRow
from db.tables_battles import BattleRow
from db.tables_links import LinkRow

UNDER_WAY: Final = timedelta(minutes=1)  # an erasure that was begun since then is somebody's own to end
_AT_ONCE: Final = 50  # people in one transaction


class SqlKeeper:
    """:class:`core.ports_keeping.Keeper` on a :class:`Database`."""

    def __init__(self, database: Database, now: Now = utc_now) -> None:
        """``now`` gives aware times."""
        self._db, self._now = database, now

    async def complete(self) -> int:
        """Complete the erasures that did not come to their end. Raises StoreError."""
        return await complete(self._db, self._now() - UNDER_WAY)

    async def overdue(self, limits: Limits, now: datetime) -> Overdue:
        """What is beyond the limits. Raises StoreError."""

        async def work(session: AsyncSession) -> Overdue:
            turns = memories = battles = 0
            if limits.history_days is not None:
                before = now - timedelta(days=limits.history_days)
                old = select(func.count()).select_from(TurnRow).where(TurnRow.created < before)
                over = select(func.count()).select_from(MemoryRow).where(_over(before))
                played = select(func.count()).select_from(BattleRow).where(BattleRow.created < before)
                turns, memories, battles = [await session.scalar(each) or 0 for each in (old, over, played)]
            return Overdue(turns, memories, await _silent(session, limits, now), battles)

        return await self._db.read(work)

    async def retain(self, limits: Limits, now: datetime) -> Overdue:
        """Erase what is beyond the limits, from every page. Raises StoreError."""
        turns = memories = battles = 0
        if limits.history_days is not None:
            before = now - timedelta(days=limits.history_days)
            turns, memories, battles = await self._age(before)
            await SqlDeliveryStore(self._db).prune(before)
        people = await self._db.read(lambda session: _silent(session, limits, now))
        for first in range(0, len(people), _AT_ONCE):
            shares = [Share(person) for person in people[first : first + _AT_ONCE]]
            await erase(self._db, shares, self._now(), SILENT, later=True)
        await self._db.finish_erasures()
        return Overdue(turns, memories, people, battles)

    async def _age(self, before: datetime) -> tuple[int, int, int]:
        async def work(session: AsyncSession) -> tuple[int, int, int]:
            turns = await affected(session, delete(TurnRow).where(TurnRow.created < before))
            await changed(session, select(MemoryRow.person).where(_over(before)))
            battles = await affected(session, delete(BattleRow).where(BattleRow.created < before))
            return turns, await affected(session, delete(MemoryRow).where(_over(before))), battles

        return await self._db.erase(work, any, later=True)


def months_before(now: datetime, months: int) -> datetime:
    """The same day and hour so many months ago; the last day of a shorter month."""
    years, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    day = min(now.day, calendar.monthrange(years, month + 1)[1])
    return now.replace(year=years, month=month + 1, day=day)


def _over(before: datetime) -> ColumnElement[bool]:
    """The facts told before a time that held for a while, like a plan for tomorrow, and were over by then."""
    return and_(MemoryRow.created < before, MemoryRow.ends < before.date(), MemoryRow.pinned.is_(False))


async def _silent(session: AsyncSession, limits: Limits, now: datetime) -> tuple[str, ...]:
    """People of whom no account was heard of for so long; linked accounts are one person."""
    if limits.silent_months is None:
        return ()
    before = months_before(now, limits.silent_months)
    person = func.coalesce(LinkRow.person, PersonRow.id)
    query = select(person, PersonRow.id, PersonRow.last_seen).outerjoin(
        LinkRow, LinkRow.account == PersonRow.id
    )
    accounts: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for who, account, seen in (await session.execute(query.order_by(PersonRow.id))).all():
        accounts[who].append((account, seen < before))
    gone = (theirs for theirs in accounts.values() if all(silent for _, silent in theirs))
    return tuple(account for theirs in gone for account, _ in theirs)
