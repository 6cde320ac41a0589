"""What the stores share: the row of a person, the present, and counting what changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import CursorResult, Delete, Update, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import PersonRow
from db.tombstones import last_epoch

Now = Callable[[], datetime]


def utc_now() -> datetime:
    """The present, aware."""
    return datetime.now(UTC)


async def affected(session: AsyncSession, statement: Delete | Update) -> int:
    """Run a DELETE or UPDATE; how many rows it touched."""
    return cast(CursorResult[Any], await session.execute(statement)).rowcount


async def seen(session: AsyncSession, person: str, now: datetime) -> PersonRow:
    """The person's row, made if missing, locked until the transaction ends."""
    row = await session.get(PersonRow, person, with_for_update=True)
    return await _noted(session, row, person, now)


async def seen_in(session: AsyncSession, person: str, now: datetime, epoch: int) -> bool:
    """Like :func:`seen`; False, and nothing done, if the person was erased since ``epoch``."""
    row = await session.get(PersonRow, person, with_for_update=True)
    if await epoch_of(session, person) != epoch:
        return False
    await _noted(session, row, person, now)
    return True


async def epoch_of(session: AsyncSession, person: str) -> int:
    """How often the person was erased, also where nothing else is known any more."""
    kept = await session.scalar(select(PersonRow.epoch).where(PersonRow.id == person))
    return await last_epoch(session, person) if kept is None else kept


async def _noted(session: AsyncSession, row: PersonRow | None, person: str, now: datetime) -> PersonRow:
    if row is None:
        platform, _, account = person.partition(":")
        row = PersonRow(
            id=person, platform=platform, account=account, epoch=await last_epoch(session, person),
            created=now, last_seen=now,
        )  # fmt: skip
        session.add(row)
        await session.flush()
    row.last_seen = now
    return row
