"""A group that goes on under another id: everything of it moves, in one transaction."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Select, delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.people import Owner, Place, PlaceKind
from db.fact_rows import settle
from db.scopes import within
from db.tables import ConversationRow, MemoryRow, TurnRow
from db.tables_battles import BattleConsentRow, BattleProblemRow, BattleRatingRow, BattleRow
from db.tables_places import (
    AuditRow,
    BlockRow,
    ClosedChatRow,
    DeliveryRow,
    GroupRow,
    GroupSettingRow,
    StateRow,
)

MOVED: Final = "moved:"  # in the state table, with the old id behind it, and the new one as its value
BATTLES: Final = (BattleRow, BattleRatingRow, BattleConsentRow, BattleProblemRow)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


async def move_group(session: AsyncSession, old: str, new: str) -> None:
    """Give all that is kept of ``old`` and its hidden channels to ``new``.

    Where both have a fact, a setting or a block, one stays: of facts the newer, of settings the new
    group's, of blocks the longer. Conversations go on in the turns of both.
    """
    here, there = (Place(PlaceKind.GROUP, group).scope for group in (old, new))
    scopes: set[str] = set()
    for table in (MemoryRow, TurnRow, DeliveryRow, ConversationRow, *BATTLES):
        scopes |= {*await session.scalars(select(table.scope).where(within(table.scope, here)).distinct())}
    for scope in sorted(scopes):
        await _move_scope(session, scope, there + scope.removeprefix(here))
    await session.execute(update(BattleRow).where(BattleRow.channel == old).values(channel=new))
    await _move_settings(session, old, new)
    await _move_blocks(session, old, new)
    await session.execute(update(AuditRow).where(AuditRow.group == old).values(group=new))
    await session.execute(delete(GroupRow).where(GroupRow.id.in_((old, new))))  # she did not leave
    await session.execute(delete(ClosedChatRow).where(ClosedChatRow.chat.in_((old, new))))
    await session.merge(StateRow(name=f"{MOVED}{old}", value=new))  # for older backups


async def _move_scope(session: AsyncSession, here: str, there: str) -> None:
    await _move_facts(session, here, there)
    await _move_conversations(session, here, there)
    same = select(TurnRow.person, TurnRow.message_id).where(TurnRow.scope == there)
    doubled = TurnRow.scope == here, tuple_(TurnRow.person, TurnRow.message_id).in_(same)
    await session.execute(delete(TurnRow).where(*doubled).execution_options(synchronize_session=False))
    await _move_standings(session, here, there)
    for table in (TurnRow, DeliveryRow, BattleRow):
        await session.execute(update(table).where(table.scope == here).values(scope=there))


async def _move_standings(session: AsyncSession, here: str, there: str) -> None:
    """What people have in both groups stays as it is in the new one."""
    for table in (BattleRatingRow, BattleConsentRow, BattleProblemRow):
        keys = [column for column in table.__table__.primary_key if column.name != "scope"]
        same = select(*keys).where(table.scope == there)
        doubled = delete(table).where(table.scope == here, tuple_(*keys).in_(same))
        await session.execute(doubled.execution_options(synchronize_session=False))
        moved = update(table).where(table.scope == here).values(scope=there)
        await session.execute(moved.execution_options(synchronize_session=False))


async def _move_facts(session: AsyncSession, here: str, there: str) -> None:
    known: Select[Any] = select(MemoryRow).where(MemoryRow.scope == there)
    kept = {(row.person, row.digest): row for row in await session.scalars(known)}
    moved = [*await session.scalars(select(MemoryRow).where(MemoryRow.scope == here))]
    for row in moved:
        other = kept.get((row.person, row.digest))
        if other is not None:
            older, newer = (other, row) if row.created >= other.created else (row, other)
            row.pinned = other.pinned = row.pinned or other.pinned
            theirs = MemoryRow.person == row.person, MemoryRow.scope.in_((here, there))
            heirs = update(MemoryRow).where(*theirs, MemoryRow.superseded_by == older.id)
            await session.execute(heirs.values(superseded_by=newer.id))
            if newer.pinned:
                newer.superseded_by = None
            await session.delete(older)
            await session.flush()
            if older is row:
                continue
        row.scope = there
    await session.flush()
    for person in {row.person for row in moved}:
        await settle(session, Owner(person, there))


async def _move_conversations(session: AsyncSession, here: str, there: str) -> None:
    """The present conversation of each person is that of both groups; older ones stay behind it."""
    people = await session.scalars(select(TurnRow.person).where(TurnRow.scope == here).distinct())
    rows = {(row.person, row.scope): row for row in await session.scalars(
        select(ConversationRow).where(ConversationRow.scope.in_((here, there))))}  # fmt: skip
    for person in {*people, *(person for person, scope in rows if scope == here)}:
        mine, other = rows.get((person, here)), rows.get((person, there))
        numbers = [row.number if row else 0 for row in (mine, other)]
        newest = max(numbers)
        for scope, number in zip((here, there), numbers, strict=True):
            present = TurnRow.person == person, TurnRow.scope == scope, TurnRow.conversation == number
            await session.execute(update(TurnRow).where(*present).values(conversation=newest))
        if mine is None:
            continue
        await session.delete(mine)
        await session.flush()
        started = max(row.started for row in (mine, other) if row)
        await session.merge(ConversationRow(person=person, scope=there, number=newest, started=started))


async def _move_settings(session: AsyncSession, old: str, new: str) -> None:
    chosen = {*await session.scalars(select(GroupSettingRow.name).where(GroupSettingRow.group == new))}
    for row in [*await session.scalars(select(GroupSettingRow).where(GroupSettingRow.group == old))]:
        if row.name not in chosen:
            await session.merge(GroupSettingRow(group=new, name=row.name, value=row.value))
        await session.delete(row)


async def _move_blocks(session: AsyncSession, old: str, new: str) -> None:
    there = {row.person: row for row in await session.scalars(select(BlockRow).where(BlockRow.group == new))}
    for row in [*await session.scalars(select(BlockRow).where(BlockRow.group == old))]:
        other = there.get(row.person)
        if other is None or (other.until or _NEVER) < (row.until or _NEVER):
            await session.merge(
                BlockRow(
                    group=new,
                    person=row.person,
                    by=row.by,
                    reason=row.reason,
                    since=row.since,
                    until=row.until,
                )
            )
        await session.delete(row)
