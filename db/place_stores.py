"""Groups, blocks, audit and state in SQL."""

from __future__ import annotations

import builtins
import json
import math
import time
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from core.people import Place, PlaceKind
from core.places import read_settings
from core.ports_places import EVERYWHERE, AuditEntry, Block
from db.engine import Database
from db.erasing import Share, erase
from db.group_move import BATTLES, move_group
from db.owners import Now, utc_now
from db.tables import ConversationRow, MemoryRow, TurnRow
from db.tables_places import (
    AuditRow,
    BlockRow,
    DeliveryRow,
    GroupRow,
    GroupSettingRow,
    StateRow,
)

SETTINGS_KEPT_S: Final = 5.0
_OF_GROUP: Final = {  # what is counted when a group is erased, and its table
    "memories": "memories", "turns": "turns", "deliveries": "deliveries", "blocks": "blocks",
    "settings": "group_settings", "audit": "audit",
}  # fmt: skip


class SqlGroupStore:
    """:class:`core.ports_places.GroupStore` on a :class:`Database`."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._read: dict[str, tuple[float, dict[str, str]]] = {}
        self._changes = 0

    async def settings(self, group: str) -> dict[str, str]:
        """The settings by name, another process's changes some seconds late. Raises StoreError.

        They are asked for with every message of a server, so they are kept for a moment.
        """
        at, known = self._read.get(group, (-math.inf, {}))
        if time.monotonic() - at < SETTINGS_KEPT_S:
            return dict(known)
        changes = self._changes

        async def work(session: AsyncSession) -> dict[str, str]:
            return await _settings(session, group)

        found = await self._db.read(work)
        if changes == self._changes:  # else it may be older than what was written meanwhile
            self._read[group] = time.monotonic(), found
        return dict(found)

    def _changed(self) -> None:
        self._changes += 1
        self._read.clear()

    async def set(self, group: str, name: str, value: str | None) -> None:
        """Set one setting, or clear it with None. Raises StoreError."""

        async def work(session: AsyncSession) -> None:
            if value is not None:
                await session.merge(GroupSettingRow(group=group, name=name, value=value))
                return
            mine = GroupSettingRow.group == group, GroupSettingRow.name == name
            await session.execute(delete(GroupSettingRow).where(*mine))

        try:
            await self._db.write(work)
        finally:
            self._changed()

    async def having(self, name: str) -> builtins.list[str]:
        """Groups in which a setting is set. Raises StoreError."""

        async def work(session: AsyncSession) -> builtins.list[str]:
            query = select(GroupSettingRow.group).where(GroupSettingRow.name == name)
            return [*await session.scalars(query.order_by(GroupSettingRow.group))]

        return await self._db.read(work)

    async def known(self) -> builtins.list[str]:
        """Groups of which anything is kept. Raises StoreError."""

        async def work(session: AsyncSession) -> builtins.list[str]:
            found: set[str] = set()
            for table in (MemoryRow, TurnRow, DeliveryRow, ConversationRow, *BATTLES):
                scopes = await session.scalars(
                    select(table.scope).where(table.scope.startswith("group:")).distinct()
                )
                found |= {scope.removeprefix("group:").partition("/")[0] for scope in scopes}
            for kept in (GroupSettingRow, BlockRow, AuditRow):
                found |= {*await session.scalars(select(kept.group).distinct())}
            return sorted(found - {EVERYWHERE})

        return await self._db.read(work)

    async def left(self, group: str, at: datetime) -> None:
        """She was removed; an earlier date that still runs stays. Raises StoreError."""

        async def work(session: AsyncSession) -> None:
            if await session.get(GroupRow, group) is None:
                session.add(GroupRow(id=group, left=at))

        await self._db.write(work)

    async def returned(self, group: str) -> None:
        """She is there again. Raises StoreError."""

        async def work(session: AsyncSession) -> None:
            await session.execute(delete(GroupRow).where(GroupRow.id == group))

        await self._db.write(work)

    async def expired(self, now: datetime) -> builtins.list[str]:
        """Groups whose grace is over, the longest gone first. Raises StoreError."""

        async def work(session: AsyncSession) -> builtins.list[str]:
            found = []
            for row in await session.scalars(select(GroupRow).order_by(GroupRow.left)):
                days = read_settings(await _settings(session, row.id)).grace_days
                if row.left + timedelta(days=days) <= now:
                    found.append(row.id)
            return found

        return await self._db.read(work)

    async def move(self, old: str, new: str) -> None:
        """The group goes on under another id. Raises StoreError, or ValueError for "" or the same."""
        if EVERYWHERE in (old, new) or old == new:
            raise ValueError("no two groups")

        try:
            await self._db.write(lambda session: move_group(session, old, new))
        finally:
            self._changed()

    async def erase(self, group: str) -> dict[str, int]:
        """Everything of the group and its hidden channels, from every page; counts by kind.

        Raises StoreError, or ValueError for "".
        """
        if group == EVERYWHERE:
            raise ValueError("no group")
        share = Share("", Place(PlaceKind.GROUP, group).scope, below=True)
        try:
            gone = await erase(self._db, [share], utc_now())
        finally:
            self._changed()
        return {kind: gone[table] for kind, table in _OF_GROUP.items()}


class SqlBlockStore:
    """:class:`core.ports_places.BlockStore` on a :class:`Database`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def block(
        self, group: str, person: str, by: str, reason: str, until: datetime | None, now: datetime
    ) -> None:
        """Block a person; replaces an older block, and drops those that have ended. Raises StoreError."""

        async def work(session: AsyncSession) -> None:
            await session.execute(delete(BlockRow).where(BlockRow.until <= now))
            await session.merge(
                BlockRow(group=group, person=person, by=by, reason=reason, since=now, until=until)
            )

        await self._db.write(work)

    async def unblock(self, group: str, person: str, now: datetime) -> bool:
        """Lift a block; whether one still held. Raises StoreError."""

        async def work(session: AsyncSession) -> bool:
            mine = BlockRow.group == group, BlockRow.person == person
            held = await session.scalar(select(func.count()).where(*mine, _holds(now)))
            await session.execute(delete(BlockRow).where(*mine))
            return bool(held)

        return await self._db.write(work)

    async def active(self, group: str, person: str, now: datetime) -> Block | None:
        """The block that holds in a group, its own before one for everywhere. Raises StoreError."""

        async def work(session: AsyncSession) -> Block | None:
            query = select(BlockRow).where(
                BlockRow.person == person, BlockRow.group.in_((group, EVERYWHERE)), _holds(now)
            )
            row = await session.scalar(query.order_by(BlockRow.group.desc()).limit(1))
            return None if row is None else _block(row)

        return await self._db.read(work)

    async def list(self, group: str, now: datetime) -> builtins.list[Block]:
        """The group's own blocks that hold, newest first. Raises StoreError."""

        async def work(session: AsyncSession) -> builtins.list[Block]:
            query = select(BlockRow).where(BlockRow.group == group, _holds(now))
            rows = await session.scalars(query.order_by(BlockRow.since.desc(), BlockRow.person))
            return [_block(row) for row in rows]

        return await self._db.read(work)


class SqlAuditLog:
    """:class:`core.ports_places.AuditLog` on a :class:`Database`."""

    def __init__(self, database: Database, now: Now = utc_now) -> None:
        """``now`` gives aware times."""
        self._db, self._now = database, now

    async def add(self, group: str, actor: str, action: str, target: str, counts: dict[str, int]) -> None:
        """Keep one act. Raises StoreError."""
        row = AuditRow(
            group=group, actor=actor, action=action, target=target, counts=json.dumps(counts),
            created=self._now(),
        )  # fmt: skip

        async def work(session: AsyncSession) -> None:
            session.add(row)

        await self._db.write(work)

    async def list(self, group: str, n: int) -> builtins.list[AuditEntry]:
        """The newest ``n`` acts, newest first. Raises StoreError."""

        async def work(session: AsyncSession) -> builtins.list[AuditEntry]:
            query = select(AuditRow).where(AuditRow.group == group).order_by(AuditRow.id.desc())
            return [
                AuditEntry(row.created, row.group, row.actor, row.action, row.target, json.loads(row.counts))
                for row in await session.scalars(query.limit(max(n, 0)))
            ]

        return await self._db.read(work)


class SqlStateStore:
    """:class:`core.ports_places.StateStore` on a :class:`Database`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def get(self, name: str) -> str | None:
        """The value, or None. Raises StoreError."""

        async def work(session: AsyncSession) -> str | None:
            return await session.scalar(select(StateRow.value).where(StateRow.name == name))

        return await self._db.read(work)

    async def put(self, name: str, value: str) -> None:
        """Keep a value. Raises StoreError."""

        async def work(session: AsyncSession) -> None:
            await session.merge(StateRow(name=name, value=value))

        await self._db.write(work)


async def _settings(session: AsyncSession, group: str) -> dict[str, str]:
    query = select(GroupSettingRow.name, GroupSettingRow.value).where(GroupSettingRow.group == group)
    rows = (await session.execute(query.order_by(GroupSettingRow.name))).all()
    return {name: value for name, value in rows}


def _holds(now: datetime) -> ColumnElement[bool]:
    until: InstrumentedAttribute[datetime | None] = BlockRow.until
    return or_(until.is_(None), until > now)


def _block(row: BlockRow) -> Block:
    return Block(row.group, row.person, row.by, row.reason, row.since, row.until)
