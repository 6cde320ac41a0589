"""Memories in SQL: every query carries person and scope."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.merging import forget_words
from core.people import Owner
from core.ports import Vector
from core.ports_memory import Memory, NewMemory
from db import fact_rows
from db.engine import Database
from db.erasing import Share, erase, leave, leave_fact, whole
from db.fact_index import FactIndex
from db.fact_rows import CAP, memory_of, owned
from db.lexical import digest
from db.owners import Now, epoch_of, seen_in, utc_now
from db.ranking import best
from db.scopes import readable, within
from db.tables import MemoryRow, PersonRow, TurnRow
from db.tables_battles import BattleConsentRow, BattleRatingRow, BattleRow

Erasable = MemoryRow | TurnRow | BattleRow | BattleRatingRow | BattleConsentRow

# the store has a method named "list", which hides the type inside the class
Found = list[tuple[Memory, float]]
Memories = list[Memory]
_ERASABLE: dict[str, tuple[type[Erasable], ...]] = {
    "memories": (MemoryRow,), "turns": (TurnRow,), "battles": (BattleRow,),
    "standings": (BattleRatingRow, BattleConsentRow),
}  # fmt: skip
_ALWAYS = ("memories", "turns")  # counted also where there are none


class SqlMemoryStore:
    """:class:`core.ports.MemoryStore` on a :class:`Database`; one session per call.

    What :meth:`edit` and the deletions erase, no query finds from then on; the next
    :meth:`Database.finish_erasures` takes it from every page.
    """

    def __init__(self, database: Database, now: Now = utc_now, cap: int = CAP) -> None:
        """``now`` gives aware times; ``cap`` is the most facts that an account keeps in a scope."""
        self._db, self._now, self._cap = database, now, cap
        self._index = FactIndex(database)
        database.on_erase(forget_words)

    async def add(self, owner: Owner, memory: NewMemory, epoch: int) -> Memory | None:
        """Write a fact and settle it with those that are known. Raises StoreError.

        None, and nothing written, when the person was erased since ``epoch`` was read, or when there are too
        many facts of which this one is the least useful.
        """
        now = self._now()

        async def work(session: AsyncSession) -> Memory | None:
            if not await seen_in(session, owner.person, now, epoch):
                return None
            return await fact_rows.write(session, owner, memory, now, self._cap)

        return await self._db.write(work)

    async def edit(self, owner: Owner, memory_id: int, memory: NewMemory) -> Memory | None:
        """Put a fact in the place of one that this owner sees; what it is now, or None. Raises StoreError."""
        now = self._now()

        async def work(session: AsyncSession) -> Memory | None:
            row = await session.scalar(select(MemoryRow).where(readable(owner), MemoryRow.id == memory_id))
            if row is None:
                return None
            keeper = Owner(row.person, row.scope)
            if row.digest != digest(memory.key, memory.value):
                await leave_fact(session, row, now)
            await fact_rows.remove(session, [row])
            written = await fact_rows.write(session, keeper, memory, now, self._cap)
            return None if written is None else await _take_over(session, keeper, memory_id, written)

        return await self._db.erase(work, lambda now: now is not None, later=True)

    async def search(
        self, owner: Owner, text: str, vector: Vector | None, model_id: str, k: int,
        today: date | None = None, families: Collection[str] | None = None,
    ) -> Found:  # fmt: skip
        """At most ``k`` memories that count, with their scores (at most 1), best first. Raises StoreError.

        0.9 cosine + 0.1 letter pairs; letter pairs alone for memories without a vector of
        ``model_id``, or when ``vector`` is None. Of equals the newer comes first.
        """
        if k <= 0:
            return []

        async def work(session: AsyncSession) -> Found:
            facts = await self._index.facts(session, owner, model_id)
            near = await asyncio.to_thread(best, facts.values(), text, vector, k, today, families)
            # as a plain list, SQLite would look through all that these people have
            people = select(PersonRow.id).where(PersonRow.id.in_(facts))
            mine = and_(MemoryRow.person.in_(people), MemoryRow.scope == owner.scope)
            rows = await session.scalars(select(MemoryRow).where(mine, MemoryRow.id.in_(near)))
            found = [(memory_of(row), near[row.id]) for row in rows]
            return sorted(found, key=lambda each: (each[1], each[0].created, each[0].id), reverse=True)[:k]

        return await self._db.read(work)

    async def list(self, owner: Owner) -> Memories:
        """All memories, oldest first. Raises StoreError."""

        async def work(session: AsyncSession) -> Memories:
            query = select(MemoryRow).where(readable(owner))
            rows = await session.scalars(query.order_by(MemoryRow.created, MemoryRow.id))
            return [memory_of(row) for row in rows]

        return await self._db.read(work)

    async def recalled(self, owner: Owner, ids: Collection[int]) -> None:
        """Note that facts were useful just now. Raises StoreError."""
        now = self._now()

        async def work(session: AsyncSession) -> None:
            these = update(MemoryRow).where(readable(owner), MemoryRow.id.in_(ids))
            await session.execute(
                these.values(recalls=MemoryRow.recalls + 1, recalled=now),
                execution_options={"synchronize_session": False},
            )

        if ids:
            await self._db.write(work)

    async def epoch(self, person: str) -> int:
        """How often the person was erased, 0 at first. Raises StoreError."""
        return await self._db.read(lambda session: epoch_of(session, person))

    async def forget(
        self, person: str, scope: str | None, *, below: bool = False, linked: Sequence[str] = (),
        by: str | None = None,
    ) -> dict[str, int]:  # fmt: skip
        """Erase everything of a person in ``scope``, or everywhere if None; counts of memories and turns.

        With ``below`` in the scopes under it too, and without a new epoch. ``linked`` accounts go with
        it everywhere; the direct messages of accounts that are linked go with those of the person in any
        case. ``by`` is who asks, for the audit.

        Afterwards no page of the database and no log holds the texts. Here, what the person chose
        (settings) stays; everywhere, only that nothing be learned. Raises StoreError; what was begun is
        completed later (:func:`db.erasing.complete`), or by a second call.
        """
        gone = await erase(self._db, _shares(person, scope, below, linked), self._now(), by)
        found = {kind: sum(gone[each.__tablename__] for each in tables) for kind, tables in _ERASABLE.items()}
        return _told(found)

    async def pin(self, owner: Owner, memory_id: int, on: bool) -> Memory | None:
        """Pin or unpin one fact that this owner sees; what it is now, or None. Raises StoreError."""

        async def work(session: AsyncSession) -> Memory | None:
            row = await session.scalar(select(MemoryRow).where(readable(owner), MemoryRow.id == memory_id))
            if row is None:
                return None
            await fact_rows.pin(session, row, on)
            return memory_of(row)

        return await self._db.write(work)

    async def delete(self, owner: Owner, memory_id: int) -> Memory | None:
        """Erase one fact that this owner sees; what it was, or None. Raises StoreError."""

        async def work(session: AsyncSession) -> Memory | None:
            row = await session.scalar(select(MemoryRow).where(readable(owner), MemoryRow.id == memory_id))
            if row is None:
                return None
            gone = memory_of(row)
            await leave_fact(session, row, self._now())
            await fact_rows.remove(session, [row])
            return gone

        return await self._db.erase(work, lambda gone: gone is not None, later=True)

    async def delete_source(self, owner: Owner, message_id: str) -> int:
        """Erase the facts learned from one message; how many. Raises StoreError."""

        async def work(session: AsyncSession) -> int:
            learned = select(MemoryRow).where(owned(owner), MemoryRow.source == message_id)
            gone = await fact_rows.remove(session, [*await session.scalars(learned)], unsaid=True)
            if gone:
                await leave(session, owner, "message", message_id, self._now())
            return gone

        return await self._db.erase(work, bool, later=True)

    async def counts(
        self, person: str, scope: str | None, *, below: bool = False, linked: Sequence[str] = ()
    ) -> dict[str, int]:  # fmt: skip
        """What :meth:`forget` would erase. Raises StoreError."""

        async def work(session: AsyncSession) -> dict[str, int]:
            found: dict[str, int] = dict.fromkeys(_ERASABLE, 0)
            shares = await whole(session, _shares(person, scope, below, linked))
            for kind, table in ((kind, table) for kind, tables in _ERASABLE.items() for table in tables):
                theirs = or_(*(_of(table, share) for share in shares))
                query = select(func.count()).select_from(table).where(theirs)
                found[kind] += await session.scalar(query) or 0
            return _told(found)

        return await self._db.read(work)


async def _take_over(session: AsyncSession, owner: Owner, gone: int, fact: Memory) -> Memory:
    """Let a fact stand where one did that is gone: in place of what that had superseded."""
    former = and_(readable(owner), MemoryRow.superseded_by == gone)
    for row in await session.scalars(select(MemoryRow).where(former)):
        row.superseded_by = None if row.id == fact.id else fact.id
    return replace(fact, superseded_by=None) if fact.superseded_by == gone else fact


def _shares(person: str, scope: str | None, below: bool, linked: Sequence[str]) -> list[Share]:
    return [Share(person, scope, below), *(Share(other) for other in linked)]


def _told(counts: dict[str, int]) -> dict[str, int]:
    """Memories and turns, and what else there is any of."""
    return {kind: count for kind, count in counts.items() if count or kind in _ALWAYS}


def _of(table: type[Erasable], share: Share) -> ColumnElement[bool]:
    mine = table.person == share.person
    if table is BattleRow:
        mine = or_(mine, BattleRow.other == share.person)
    if share.scope is None:
        return mine
    return and_(mine, within(table.scope, share.scope) if share.below else table.scope == share.scope)
