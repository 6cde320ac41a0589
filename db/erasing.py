"""Erasure: of a person here or everywhere, or of a group. Once begun, it is completed whatever happens.

First what is to be erased is written down, beside the file and in it, then it is done in one
transaction, which leaves a tombstone, and last the bytes go from the file
(:meth:`db.engine.Database.erase`). A crash between these is made good by :func:`complete`, at every
start and by the running bot.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Table, and_, delete, literal, not_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

import db.tables_battles  # noqa: F401  (its tables are erased, too)
from core.people import DIRECT, Owner
from core.ports_places import EVERYWHERE
from db.engine import Database
from db.fact_rows import changed, names, release, remove, settle
from db.link_store import forget_links, forget_retold
from db.owners import affected, epoch_of
from db.scopes import accounts, within
from db.tables import Base, MemoryRow, PersonRow, SettingRow, TurnRow
from db.tables_erasure import ErasureRow, TombstoneRow
from db.tables_places import AuditRow, BlockRow, ClosedChatRow, GroupRow, GroupSettingRow
from db.tombstones import Journal, Key, Piece, Tombstone, keys

log = logging.getLogger(__name__)

SILENT: Final = "silent"  # who erases where nobody asked: a limit that the operator set


@dataclass(frozen=True, slots=True)
class Share:
    """What is erased: of a person, or of everybody (""), in a scope or everywhere (None).

    With ``below``, in the scopes under it too.
    """

    person: str
    scope: str | None = None
    below: bool = False

    @property
    def group(self) -> str:
        """The group that it lies in, or EVERYWHERE."""
        inside = (self.scope or "").partition("/")[0]
        return inside.removeprefix("group:") if inside.startswith("group:") else EVERYWHERE


async def erase(
    database: Database, shares: Sequence[Share], now: datetime, by: str | None = None, *, later: bool = False
) -> Counter[str]:
    """Erase everything of the shares, all or none, with what is one with them (:func:`whole`).

    Counts of rows by table.
    ``by`` is for the audit: the person, an admin, :data:`SILENT`, or None for no entry. With ``later``
    the bytes stay until the next :meth:`~db.engine.Database.finish_erasures`. Raises StoreError; whatever
    was begun is completed by the next call of :func:`complete`.
    """
    shares = await database.read(lambda session: whole(session, shares))
    own = by in {share.person for share in shares}
    rows = [
        ErasureRow(
            mark=secrets.token_hex(8), person=share.person, scope=share.scope, below=share.below,
            by=share.person if own else by, at=now,
        )
        for share in shares
    ]  # fmt: skip
    marks = [row.mark for row in rows]
    await _note(database, rows)

    async def work(session: AsyncSession) -> None:
        session.add_all(rows)

    await database.write(work)
    return await _carry_out(database, marks, later=later)


async def complete(database: Database, before: datetime | None = None) -> int:
    """Complete what a crash interrupted, or only what was begun before a time; how much of it.

    What was put off is done with patience if a time is given. Raises StoreError.
    """

    async def work(session: AsyncSession) -> list[str]:
        begun = true() if before is None else ErasureRow.at < before
        return [*await session.scalars(select(ErasureRow.mark).where(begun))]

    marks = await database.read(work)
    if marks:
        await _carry_out(database, marks)
    return len(marks) + await database.finish_erasures(patient=before is not None)


async def whole(session: AsyncSession, shares: Iterable[Share]) -> list[Share]:
    """Shares with the direct messages of linked accounts, where they take those of one.

    To their person all of them are one talk: what was told in one, replies in the other repeat.
    """
    found = dict.fromkeys(shares)
    for share in [*found]:
        others = await _linked(session, share)
        found |= {Share(other, DIRECT.scope): None for other in others if Share(other) not in found}
    return [*found]


async def clear(session: AsyncSession, share: Share, *, wholly: bool = False) -> tuple[Counter[str], int]:
    """Delete the rows of a share; their counts by table, and the person's epoch afterwards.

    Everywhere, the person goes too, but for one who does not want to be remembered: that no is kept,
    unless ``wholly``.
    """
    if not share.person:
        return await _clear_group(session, share), 0
    row = await session.get(PersonRow, share.person, with_for_update=True)
    epoch = await epoch_of(session, share.person) + (not share.below)
    counts: Counter[str] = Counter()
    await changed(session, [share.person])
    linked = await _linked(session, share)
    await release(session, linked)
    for other in linked:
        counts["turns"] += await forget_retold(session, other)
    if share.scope is None:
        counts["links"] = await forget_links(session, share.person)
        await session.execute(delete(ClosedChatRow).where(ClosedChatRow.chat == share.person))
    for table, theirs in _tables(share, wholly):
        counts[table.name] += await affected(session, delete(table).where(theirs))
    for other in linked:
        await settle(session, Owner(other, DIRECT.scope))
    if row is not None:
        row.epoch = epoch
        rest = select(SettingRow.name).where(SettingRow.person == share.person).limit(1)
        if share.scope is None and await session.scalar(rest) is None:
            await session.delete(row)
            counts["people"] += 1
    return counts, epoch


async def _linked(session: AsyncSession, share: Share) -> list[str]:
    """The accounts in place of whose facts those of the share may count."""
    if share.scope not in (None, DIRECT.scope):
        return []
    people = await session.scalars(accounts(literal(share.person), DIRECT.scope))
    return [person for person in people if person != share.person]


async def leave(session: AsyncSession, owner: Owner, kind: Piece, name: str, now: datetime) -> None:
    """A tombstone for one fact (by one of its names) or one message (by its id) of an owner."""
    key, *_ = await keys(session)
    target, epoch = key.piece(owner.person, owner.scope, kind, name), await epoch_of(session, owner.person)
    mark = secrets.token_hex(8)
    await bury(session, [Tombstone(target, key.person(owner.person), key.name, mark, epoch, now.isoformat())])


async def leave_fact(session: AsyncSession, row: MemoryRow, now: datetime) -> None:
    """Tombstones for a fact, also as it was worded before."""
    for name in names(row):
        await leave(session, Owner(row.person, row.scope), "fact", name, now)


async def clear_pieces(session: AsyncSession, person: str, key: Key, targets: set[str]) -> Counter[str]:
    """Delete the facts and messages of a person that some of the hashes stand for; counts by table.

    What the facts had superseded is settled as it was when they were erased.
    """
    counts: Counter[str] = Counter()
    facts = [*await session.scalars(select(MemoryRow).where(MemoryRow.person == person))]
    unsaid = [row for row in facts if key.piece(person, row.scope, "message", row.source) in targets]
    gone = [
        row for row in facts if row not in unsaid
        and not targets.isdisjoint(key.piece(person, row.scope, "fact", name) for name in names(row))
    ]  # fmt: skip
    counts["memories"] += await remove(session, gone) + await remove(session, unsaid, unsaid=True)
    for turn in [*await session.scalars(select(TurnRow).where(TurnRow.person == person))]:
        if key.piece(person, turn.scope, "message", turn.message_id) in targets:
            counts["turns"] += await affected(session, delete(TurnRow).where(TurnRow.id == turn.id))
    return counts


def stone_of(key: Key, row: ErasureRow, epoch: int) -> Tombstone:
    """The tombstone of an erasure; ``epoch`` 0 where that is not known."""
    target = key.target(row.person, row.scope, row.below)
    return Tombstone(target, key.person(row.person), key.name, row.mark, epoch, row.at.isoformat())


async def bury(session: AsyncSession, stones: Iterable[Tombstone]) -> None:
    """Keep tombstones, each in place of an older one for the same."""
    for stone in stones:
        await session.merge(
            TombstoneRow(
                target=stone.target, person=stone.person, key=stone.key, mark=stone.mark, epoch=stone.epoch,
                at=datetime.fromisoformat(stone.at),
            )
        )  # fmt: skip


async def people_and_scopes(session: AsyncSession) -> set[tuple[str, str]]:
    """Who has something where."""
    found: set[tuple[str, str]] = set()
    for table in Base.metadata.sorted_tables:
        whose = _whose(table)
        if whose and "scope" in table.c:
            rows = await session.execute(select(whose[0], table.c.scope).distinct())
            found |= {(person, scope) for person, scope in rows.all()}
    return found


def _whose(table: Table) -> list[Column[Any]]:
    """The columns that say to which people a row belongs."""
    person = PersonRow.__table__.c.id
    return [column for column in table.columns if any(key.column is person for key in column.foreign_keys)]


def _tables(share: Share, wholly: bool = True) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Every table whose rows belong to people, with the condition on what is of the share.

    Also those that come later: a row belongs to whom it refers to, and to the scope that it names.
    """
    for table in reversed(Base.metadata.sorted_tables):
        whose = _whose(table)
        if not whose or (share.scope is not None and "scope" not in table.c):
            continue
        theirs = or_(*(column == share.person for column in whose)) if share.person else true()
        if share.scope is not None:
            scope = table.c.scope
            theirs = and_(theirs, within(scope, share.scope) if share.below else scope == share.scope)
        elif table is SettingRow.__table__ and not wholly:
            theirs = and_(theirs, not_(and_(table.c.name == "learning", table.c.value == "off")))
        yield table, theirs


async def _clear_group(session: AsyncSession, share: Share) -> Counter[str]:
    """Everything of a group and its hidden channels, what its admins chose and did included."""
    group, counts = share.group, Counter[str]()
    await changed(session, select(MemoryRow.person).where(within(MemoryRow.scope, share.scope or "")))
    for table, theirs in _tables(share):
        counts[table.name] += await affected(session, delete(table).where(theirs))
    kept: tuple[tuple[type[Base], ColumnElement[bool]], ...] = (
        (BlockRow, BlockRow.group == group), (GroupSettingRow, GroupSettingRow.group == group),
        (AuditRow, AuditRow.group == group), (GroupRow, GroupRow.id == group),
        (ClosedChatRow, ClosedChatRow.chat == group),
    )  # fmt: skip
    for row, theirs in kept:
        counts[row.__tablename__] += await affected(session, delete(row).where(theirs))
    return counts


async def _carry_out(database: Database, marks: list[str], *, later: bool = False) -> Counter[str]:
    """Do what was written down; the counts of all of it."""

    async def work(session: AsyncSession) -> Counter[str]:
        known, counts = await keys(session), Counter[str]()
        for row in [*await session.scalars(select(ErasureRow).where(ErasureRow.mark.in_(marks)))]:
            share = Share(row.person, row.scope, row.below)
            gone, epoch = await clear(session, share, wholly=row.by == SILENT)
            await bury(session, [stone_of(known[0], row, epoch)])
            if row.by is not None:
                session.add(_act(known[0], share, row, gone))
            await session.delete(row)
            counts += gone
        return counts

    return await database.erase(work, lambda counts: any(counts.values()), later=later)


async def _note(database: Database, rows: Sequence[ErasureRow]) -> None:
    """Write the journal beside the file. Where that cannot be, the erasure goes on without it."""
    if database.file is None:
        return
    key, *_ = await database.read(keys)
    try:
        stones = [stone_of(key, row, 0) for row in rows]
        await asyncio.to_thread(Journal.of(database.file).append, stones)
    except OSError as err:
        log.warning("erasure not noted beside the database: %s", type(err).__name__)


def _act(key: Key, share: Share, row: ErasureRow, gone: Counter[str]) -> AuditRow:
    """What the audit keeps: of what people do with their own, a sign in place of their id."""
    sign, counts = f"#{key.person(share.person)[:8]}", {name: gone[name] for name in ("memories", "turns")}
    words = {share.person: ("forget own", sign, ""), SILENT: ("forget silent", "-", sign)}
    action, actor, target = words.get(row.by or "", ("forget", row.by or "", share.person))
    return AuditRow(
        group=share.group, actor=actor, action=action, target=target, counts=json.dumps(counts),
        created=row.at,
    )  # fmt: skip
