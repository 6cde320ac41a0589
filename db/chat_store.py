"""Chats that cannot be written to, in SQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.owners import affected
from db.tables_places import ClosedChatRow


class SqlChatStore:
    """:class:`core.ports_places.ChatStore` on a :class:`Database`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def close(self, chat: str, at: datetime) -> None:
        """Nothing can be sent there; an earlier date stays. Raises StoreError."""

        async def work(session: AsyncSession) -> None:
            if await session.get(ClosedChatRow, chat) is None:
                session.add(ClosedChatRow(chat=chat, since=at))

        await self._db.write(work)

    async def reopen(self, chat: str) -> bool:
        """Somebody wrote there again; whether it was closed. Raises StoreError."""
        if await self.closed(chat) is None:
            return False

        async def work(session: AsyncSession) -> bool:
            return await affected(session, delete(ClosedChatRow).where(ClosedChatRow.chat == chat)) > 0

        return await self._db.write(work)

    async def closed(self, chat: str) -> datetime | None:
        """Since when nothing can be sent there, None where it can. Raises StoreError."""

        async def work(session: AsyncSession) -> datetime | None:
            row = await session.get(ClosedChatRow, chat)
            return None if row is None else row.since

        return await self._db.read(work)
