"""Deliveries in SQL: which message is answered by which."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.people import Owner
from core.ports_places import Delivery, LostReply
from db.engine import Database
from db.owners import Now, affected, seen, utc_now
from db.tables import MemoryRow, TurnRow
from db.tables_places import DeliveryRow, JoinedRow, ReplyRow, UnsureRow


class SqlDeliveryStore:
    """:class:`core.ports_places.DeliveryStore` on a :class:`Database`; one session per call."""

    def __init__(self, database: Database, now: Now = utc_now) -> None:
        """``now`` gives aware times."""
        self._db, self._now = database, now

    async def claim(self, message_id: str, person: str, scope: str, at: datetime) -> bool:
        """Take a message; False when it was taken before, by any process. Raises StoreError."""
        now = self._now()

        async def work(session: AsyncSession) -> bool:
            if await session.get(DeliveryRow, message_id) is not None:
                return False
            await seen(session, person, now)
            row = DeliveryRow(
                message_id=message_id, person=person, scope=scope, channel="", recalled="", redone=False,
                created=at,
            )  # fmt: skip
            try:
                async with session.begin_nested():
                    session.add(row)
            except IntegrityError:  # another process was faster
                return False
            return True

        return await self._db.write(work)

    async def shown(
        self, message_id: str, channel: str, replies: tuple[str, ...], recalled: tuple[int, ...]
    ) -> None:
        """Note what carries the reply, in place of what was noted before. Raises StoreError."""

        async def work(session: AsyncSession) -> None:
            row = await session.get(DeliveryRow, message_id)
            if row is None:
                return
            row.channel, row.recalled = channel, " ".join(map(str, recalled))
            await session.execute(delete(ReplyRow).where(ReplyRow.message_id == message_id))
            for position, reply in enumerate(replies):
                await session.merge(ReplyRow(reply_id=reply, message_id=message_id, position=position))

        await self._db.write(work)

    async def of_source(self, message_id: str) -> Delivery | None:
        """The delivery of a message. Raises StoreError."""

        async def work(session: AsyncSession) -> Delivery | None:
            return await _delivery(session, message_id)

        return await self._db.read(work)

    async def of_reply(self, reply_id: str) -> Delivery | None:
        """The delivery that one of her messages belongs to. Raises StoreError."""

        async def work(session: AsyncSession) -> Delivery | None:
            reply = await session.get(ReplyRow, reply_id)
            return None if reply is None else await _delivery(session, reply.message_id)

        return await self._db.read(work)

    async def mark(self, message_id: str, *, redone: bool = True) -> bool:
        """Note that it was answered again; whether that is new. Raises StoreError."""

        async def work(session: AsyncSession) -> bool:
            this = DeliveryRow.message_id == message_id, DeliveryRow.redone != redone
            return await affected(session, update(DeliveryRow).where(*this).values(redone=redone)) > 0

        return await self._db.write(work)

    async def unsure(self, message_id: str) -> None:
        """Note that its reply may not have arrived. Raises StoreError."""

        async def work(session: AsyncSession) -> None:
            if await session.get(DeliveryRow, message_id) is not None:
                await session.merge(UnsureRow(message_id=message_id))

        await self._db.write(work)

    async def pending(self, owner: Owner) -> list[LostReply]:
        """The replies that may not have arrived, oldest first. Raises StoreError."""

        async def work(session: AsyncSession) -> list[LostReply]:
            mine = DeliveryRow.person == owner.person, DeliveryRow.scope == owner.scope
            kept = and_(
                TurnRow.person == owner.person, TurnRow.scope == owner.scope,
                TurnRow.message_id == UnsureRow.message_id,
            )  # fmt: skip
            query = (
                select(UnsureRow.message_id, TurnRow.reply)
                .join(DeliveryRow, DeliveryRow.message_id == UnsureRow.message_id)
                .join(TurnRow, kept)
                .where(*mine)
                .order_by(TurnRow.id)
            )
            return [
                LostReply(message_id, reply) for message_id, reply in (await session.execute(query)).all()
            ]

        return await self._db.read(work)

    async def told(self, message_id: str) -> None:
        """Note that its reply arrived, or was offered again. Raises StoreError."""

        async def known(session: AsyncSession) -> bool:
            return await session.get(UnsureRow, message_id) is not None

        async def work(session: AsyncSession) -> None:
            await session.execute(delete(UnsureRow).where(UnsureRow.message_id == message_id))

        if await self._db.read(known):  # seldom: readers do not wait for the writer
            await self._db.write(work)

    async def prune(self, before: datetime) -> int:
        """Drop deliveries older than that of which nothing is kept; how many. Raises StoreError."""

        async def work(session: AsyncSession) -> int:
            old = and_(DeliveryRow.created < before, ~_still_kept())
            drop = delete(DeliveryRow).where(old).execution_options(synchronize_session=False)
            return await affected(session, drop)

        return await self._db.write(work)


def _still_kept() -> ColumnElement[bool]:
    """Whether a turn or a fact comes from the message: whoever deletes it must still be known."""
    turn = exists().where(
        TurnRow.person == DeliveryRow.person,
        TurnRow.scope == DeliveryRow.scope,
        TurnRow.message_id == DeliveryRow.message_id,
    )
    burst = exists().where(JoinedRow.message_id == DeliveryRow.message_id)
    fact = exists().where(
        MemoryRow.person == DeliveryRow.person,
        MemoryRow.scope == DeliveryRow.scope,
        MemoryRow.source == DeliveryRow.message_id,
    )
    return or_(turn, burst, fact)


async def _delivery(session: AsyncSession, message_id: str) -> Delivery | None:
    row = await session.get(DeliveryRow, message_id)
    if row is None:
        return None
    query = select(ReplyRow.reply_id).where(ReplyRow.message_id == message_id).order_by(ReplyRow.position)
    replies = tuple(await session.scalars(query))
    recalled = tuple(int(number) for number in row.recalled.split())
    return Delivery(
        row.message_id, row.person, row.scope, row.created, row.channel, replies, recalled, row.redone
    )
