"""Memories in SQL: every query carries person and scope."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, null, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.people import Owner
from core.ports import Vector
from core.ports_memory import Memory, NewMemory
from db.engine import Database
from db.erasing import Share, erase, leave
from db.lexical import digest
from db.owners import Now, affected, epoch_of, seen_in, utc_now
from db.ranking import pack, scores
from db.scopes import readable, within
from db.tables import MemoryRow, TurnRow, VectorRow

# the store has a method named "list", which hides the type inside the class
Found = list[tuple[Memory, float]]
Memories = list[Memory]
_Facts = list[tuple[int, str, bytes | None]]
_ERASABLE: dict[str, type[MemoryRow | TurnRow]] = {"memories": MemoryRow, "turns": TurnRow}


class SqlMemoryStore:
    """:class:`core.ports.MemoryStore` on a :class:`Database`; one session per call."""

    def __init__(self, database: Database, now: Now = utc_now) -> None:
        """``now`` gives aware times."""
        self._db, self._now = database, now

    async def add(self, owner: Owner, memory: NewMemory, epoch: int) -> Memory | None:
        """Write a fact, or refresh the equal one (spaces and case apart). Raises StoreError.

        A refreshed fact keeps its id, wording and pin and takes the newer date and source. None, and
        nothing written, when the person was erased since ``epoch`` was read.
        """
        now = self._now()

        async def work(session: AsyncSession) -> Memory | None:
            if not await seen_in(session, owner.person, now, epoch):
                return None
            row = await _kept(session, owner, memory, now)
            if memory.vector is not None and len(memory.vector):
                blob = pack(memory.vector)
                await session.merge(
                    VectorRow(memory_id=row.id, model_id=memory.model_id, dim=len(memory.vector), vector=blob)
                )
            return _memory(row)

        return await self._db.write(work)

    async def search(self, owner: Owner, text: str, vector: Vector | None, model_id: str, k: int) -> Found:
        """At most ``k`` memories with their scores (at most 1), best first. Raises StoreError.

        0.75 cosine + 0.25 letter pairs; letter pairs alone for memories without a vector of
        ``model_id``, or when ``vector`` is None. Of equals the newer comes first.
        """
        if k <= 0:
            return []

        async def facts(session: AsyncSession) -> _Facts:
            blob = null() if vector is None else VectorRow.vector
            query = select(MemoryRow.id, MemoryRow.key, MemoryRow.value, blob)
            if vector is not None:
                same_model = and_(VectorRow.memory_id == MemoryRow.id, VectorRow.model_id == model_id)
                query = query.outerjoin(VectorRow, same_model)
            query = query.where(readable(owner))
            rows = await session.execute(query.order_by(MemoryRow.created.desc(), MemoryRow.id.desc()))
            return [(id_, f"{key} {value}", blob) for id_, key, value, blob in rows.all()]

        best = await asyncio.to_thread(_best, text, vector, await self._db.read(facts), k)

        async def whole(session: AsyncSession) -> Found:
            seen_here = select(MemoryRow).where(readable(owner), MemoryRow.id.in_(best))
            rows = await session.scalars(seen_here)
            return [(_memory(row), best[row.id]) for row in rows]

        found = await self._db.read(whole)  # without those that were erased meanwhile
        order = list(best)
        return sorted(found, key=lambda pair: order.index(pair[0].id))

    async def list(self, owner: Owner) -> Memories:
        """All memories, oldest first. Raises StoreError."""

        async def work(session: AsyncSession) -> Memories:
            query = select(MemoryRow).where(readable(owner))
            rows = await session.scalars(query.order_by(MemoryRow.created, MemoryRow.id))
            return [_memory(row) for row in rows]

        return await self._db.read(work)

    async def epoch(self, person: str) -> int:
        """How often the person was erased, 0 at first. Raises StoreError."""
        return await self._db.read(lambda session: epoch_of(session, person))

    async def forget(
        self, person: str, scope: str | None, *, below: bool = False, linked: Sequence[str] = (),
        by: str | None = None,
    ) -> dict[str, int]:  # fmt: skip
        """Erase everything of a person in ``scope``, or everywhere if None; counts of memories and turns.

        With ``below`` in the scopes under it too, and without a new epoch. ``linked`` accounts go with
        it everywhere. ``by`` is who asks, for the audit.

        Afterwards no page of the database and no log holds the texts. Here, what the person chose
        (settings) stays; everywhere, only that nothing be learned. Raises StoreError; what was begun is
        completed later (:func:`db.erasing.complete`), or by a second call.
        """
        shares = [Share(person, scope, below), *(Share(other) for other in linked)]
        gone = await erase(self._db, shares, self._now(), by)
        return {kind: gone[kind] for kind in _ERASABLE}

    async def pin(self, owner: Owner, memory_id: int, on: bool) -> Memory | None:
        """Pin or unpin one fact that this owner sees; what it is now, or None. Raises StoreError."""

        async def work(session: AsyncSession) -> Memory | None:
            row = await session.scalar(select(MemoryRow).where(readable(owner), MemoryRow.id == memory_id))
            if row is None:
                return None
            row.pinned = on
            return _memory(row)

        return await self._db.write(work)

    async def delete(self, owner: Owner, memory_id: int) -> Memory | None:
        """Erase one fact that this owner sees from every page; what it was, or None. Raises StoreError."""

        async def work(session: AsyncSession) -> Memory | None:
            row = await session.scalar(select(MemoryRow).where(readable(owner), MemoryRow.id == memory_id))
            if row is None:
                return None
            gone = _memory(row)
            await leave(session, Owner(row.person, row.scope), "fact", row.digest, self._now())
            await session.execute(delete(MemoryRow).where(MemoryRow.id == memory_id))
            return gone

        return await self._db.erase(work, lambda gone: gone is not None)

    async def delete_source(self, owner: Owner, message_id: str) -> int:
        """Erase the facts learned from one message from every page; how many. Raises StoreError."""

        async def work(session: AsyncSession) -> int:
            learned = and_(_of(MemoryRow, owner.person, owner.scope), MemoryRow.source == message_id)
            gone = await affected(session, delete(MemoryRow).where(learned))
            if gone:
                await leave(session, owner, "message", message_id, self._now())
            return gone

        return await self._db.erase(work, bool)

    async def counts(self, person: str, scope: str | None, *, below: bool = False) -> dict[str, int]:
        """What :meth:`forget` would erase. Raises StoreError."""

        async def work(session: AsyncSession) -> dict[str, int]:
            found = {}
            for kind, table in _ERASABLE.items():
                query = select(func.count()).select_from(table).where(_of(table, person, scope, below))
                found[kind] = await session.scalar(query) or 0
            return found

        return await self._db.read(work)


def _of(
    table: type[MemoryRow | TurnRow], person: str, scope: str | None, below: bool = False
) -> ColumnElement[bool]:
    mine = table.person == person
    if scope is None:
        return mine
    return and_(mine, within(table.scope, scope) if below else table.scope == scope)


async def _kept(session: AsyncSession, owner: Owner, memory: NewMemory, now: datetime) -> MemoryRow:
    """The row of the fact, new or refreshed, with its id."""
    same = digest(memory.key, memory.value)
    query = select(MemoryRow).where(_of(MemoryRow, owner.person, owner.scope), MemoryRow.digest == same)
    row = await session.scalar(query)
    if row is None:
        row = MemoryRow(
            person=owner.person, scope=owner.scope, digest=same, key=memory.key, value=memory.value,
            source=memory.source, pinned=memory.pinned, created=memory.created, updated=now,
        )  # fmt: skip
        session.add(row)
    elif memory.created >= row.created:
        row.created, row.source, row.updated = memory.created, memory.source, now
    row.pinned = row.pinned or memory.pinned
    await session.flush()
    await session.refresh(row)  # as any later reader sees it: times in UTC, text as stored
    return row


def _memory(row: MemoryRow) -> Memory:
    return Memory(row.id, row.key, row.value, row.created, row.source, row.pinned, row.person)


def _best(text: str, vector: Vector | None, facts: _Facts, k: int) -> dict[int, float]:
    """The ids of the ``k`` best facts with their scores, best first; of equals the first given."""
    found = scores(text, vector, [fact for _, fact, _ in facts], [blob for _, _, blob in facts])
    ids = (id_ for id_, _, _ in facts)
    return dict(sorted(zip(ids, found, strict=True), key=lambda pair: -pair[1])[:k])
