"""A backup in place of the present database, in which nobody who was forgotten since comes back.

Everything is done to a copy beside the database, while the database is held so that nobody else
uses it. Only a copy that was looked through takes its place, and the present file is kept aside.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import StoreError
from core.people import Place, PlaceKind
from core.ports_keeping import Limits
from core.ports_places import EVERYWHERE
from db.backup import Progress, checked, connect, copy, fresh, settle, tables
from db.engine import Database
from db.erasing import Share, bury, clear, clear_pieces, people_and_scopes, stone_of
from db.errors import in_words, translated
from db.group_move import MOVED
from db.migrate import upgrade
from db.place_stores import SqlGroupStore
from db.retention import SqlKeeper
from db.tables import PersonRow
from db.tables_erasure import ErasureRow, TombstoneRow
from db.tables_places import AuditRow, StateRow
from db.tombstones import KEY, Journal, Key, Tombstone, keys


class NoBackupError(StoreError):
    """The file is no backup that this program can restore."""


class InUseError(StoreError):
    """Another program has the database open."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done: rows in the database now, what was erased in it again, where the old file is."""

    revision: str
    counts: dict[str, int]
    erased: dict[str, int]
    before: Path | None


@dataclass(frozen=True, slots=True)
class Known:
    """What the present database knows and a backup does not."""

    keys: dict[str, bytes] = field(default_factory=dict)
    stones: tuple[Tombstone, ...] = ()
    seen: dict[str, str] = field(default_factory=dict)  # when people wrote last, as it is stored
    moved: dict[str, str] = field(default_factory=dict)  # groups that go on under another id


def restore(
    backup: Path, database: Path, limits: Limits, now: datetime, *, force: bool = False,
    progress: Progress | None = None,
) -> Restored:  # fmt: skip
    """Put a backup in place of the database.

    It is brought to the newest form; everything that was erased since it was made is erased in it, and
    what is too old for ``limits``. ``force`` goes on where a damaged database does not tell who was
    forgotten, and replaces the file that an earlier restore kept aside. Blocks; for a thread without a
    loop.

    Raises:
        NoBackupError: The file cannot be restored; that is seen before anything else.
        InUseError: Another program uses the database.
        FileExistsError: The file of an earlier restore is still there.
        StoreError: The present database is damaged and has no journal; nothing was changed.
        OSError: Files cannot be written there.
    """
    _look_at(backup)
    aside = database.with_name(f"{database.name}.before-restore")
    if aside.exists() and not force:
        raise FileExistsError(aside)
    database.parent.mkdir(parents=True, exist_ok=True)
    with _held(database) as present, fresh(database.with_name(f"{database.name}.restoring")) as new:
        known = _known(present, database, force=force)
        revision = _prepared(backup, new, progress)
        erased = asyncio.run(_brought_up(new, known, limits, now, force=force))
        counts = checked(new)
        kept = _swap(new, database, aside)
    try:
        asyncio.run(_try(database))
    except StoreError:
        if kept is not None:
            kept.replace(database)
        raise
    return Restored(revision, counts, erased, kept)


@contextmanager
def _held(database: Path) -> Iterator[sqlite3.Connection | None]:
    """The database for us alone, its log folded into it; None for a missing or damaged one."""
    if not database.is_file():
        yield None
        return
    with closing(connect(database, "rw", timeout=0.5)) as connection:
        held: sqlite3.Connection | None = connection
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("PRAGMA journal_mode=DELETE")  # refused while anybody has it open
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as err:
            code = err.sqlite_errorcode & 0xFF
            if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise InUseError("another program has the database open") from err
            if code not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise StoreError(f"{type(err).__name__} {err.sqlite_errorname}") from err
            held = None
        yield held


def _known(present: sqlite3.Connection | None, database: Path, *, force: bool) -> Known:
    """What the present database knows; of a missing or damaged one, what stands in its journal."""
    found, whole = Known(), not database.is_file()
    if present is not None:
        with suppress(sqlite3.DatabaseError):
            found = _read(present)
            whole = bool(found.keys)
    if found.keys:
        return found
    journal = Journal.of(database)
    if not (whole or force or journal.path.exists()):
        raise StoreError("the present database is damaged and does not tell who was forgotten")
    with translated():
        return replace(found, stones=tuple(journal.read()))


def _read(present: sqlite3.Connection) -> Known:
    """All that a database of any form knows. Raises sqlite3.DatabaseError."""
    there = tables(present)
    state = dict(present.execute("SELECT name, value FROM state")) if "state" in there else {}
    secrets = {n.removeprefix(KEY): bytes.fromhex(v) for n, v in state.items() if n.startswith(KEY)}
    seen = dict(present.execute("SELECT id, last_seen FROM people")) if "people" in there else {}
    stones: list[Tombstone] = []
    if "tombstones" in there:
        rows = present.execute("SELECT target, person, key, mark, epoch, at || '+00:00' FROM tombstones")
        stones += (Tombstone(*row) for row in rows)
        begun = present.execute("SELECT mark, person, scope, below, by, at FROM erasures").fetchall()
        for mark, person, scope, below, by, at in begun:  # not done yet, but asked for
            row = ErasureRow(
                mark=mark, person=person, scope=scope, below=bool(below), by=by,
                at=datetime.fromisoformat(_iso(at)),
            )  # fmt: skip
            stones += (stone_of(Key(name, secret), row, 0) for name, secret in secrets.items())
    moved = {name.removeprefix(MOVED): new for name, new in state.items() if name.startswith(MOVED)}
    return Known(secrets, tuple(stones), seen, moved)


def _iso(stored: str) -> str:
    return f"{stored}+00:00"


def _look_at(backup: Path) -> None:
    """Raises NoBackupError for a file that is none of hers."""
    try:
        with translated(), closing(connect(backup, "ro")) as connection:
            if not {"alembic_version", "people", "turns"} <= tables(connection):
                raise StoreError("it is no database of hers")
    except StoreError as err:
        raise NoBackupError(in_words(err)) from err


def _prepared(backup: Path, new: Path, progress: Progress | None) -> str:
    """The backup in the newest form; its revision."""
    try:
        copy(backup, new, progress)
        checked(new)
        return asyncio.run(upgrade(new))
    except StoreError as err:
        raise NoBackupError(in_words(err)) from err


async def _brought_up(
    new: Path, known: Known, limits: Limits, now: datetime, *, force: bool
) -> dict[str, int]:
    """Erase what was erased since, and history that is too old; counts of the former.

    Who has been silent for too long, the next day shows.
    """
    async with Database(new) as database:
        erased = await forgotten_again(database, known, now, force=force)
        await SqlKeeper(database).retain(Limits(limits.history_days), now)
    return erased


async def forgotten_again(database: Database, known: Known, now: datetime, *, force: bool) -> dict[str, int]:
    """Erase what was erased since; counts of people (also those forgotten in one place), memories, turns."""

    async def work(session: AsyncSession) -> Counter[str]:
        ring = {key.name: key for key in await keys(session)}
        for name, secret in known.keys.items():
            ring[name] = Key(name, secret)
            await session.merge(StateRow(name=f"{KEY}{name}", value=secret.hex()))
        stones = await _unheard(session, known.stones)
        if any(stone.key not in ring for stone in stones) and not force:
            raise StoreError("the backup cannot read who was forgotten since: it is of another database")
        counts = await _clear(session, groups, stones, ring.values())
        await bury(session, stones)
        for row in await session.scalars(select(PersonRow)):  # else all seem to have been silent since
            seen = known.seen.get(row.id)
            row.last_seen = max(row.last_seen, datetime.fromisoformat(_iso(seen)) if seen else row.last_seen)
        told = {name: counts[name] for name in ("people", "memories", "turns")}
        session.add(
            AuditRow(
                group=EVERYWHERE, actor="-", action="restore", target="", counts=json.dumps(told), created=now
            )
        )
        return counts

    store = SqlGroupStore(database)
    for old in known.moved:  # what was erased under the new id has the old one in the backup
        await store.move(old, _last(old, known.moved))
    groups = await store.known()
    counts = await database.erase(work, lambda counts: any(counts.values()))
    return {name: counts[name] for name in ("people", "memories", "turns")}


def _last(group: str, moved: dict[str, str]) -> str:
    """The id under which a group goes on, however often it moved."""
    seen = {group}
    while group in moved and moved[group] not in seen:
        group = moved[group]
        seen.add(group)
    return group


async def _unheard(session: AsyncSession, stones: Iterable[Tombstone]) -> list[Tombstone]:
    """Those that the backup does not have: they are of erasures after it was made."""
    marks = {*await session.scalars(select(TombstoneRow.mark))}
    return [stone for stone in stones if stone.mark not in marks]


async def _clear(
    session: AsyncSession, groups: Sequence[str], stones: Sequence[Tombstone], ring: Iterable[Key]
) -> Counter[str]:
    """Everything that one of the hashes stands for."""
    counts, found = Counter[str](), set[Share]()
    targets, known = {stone.target for stone in stones}, {stone.person for stone in stones}
    pairs = await people_and_scopes(session)
    for key in ring:
        for person in [*await session.scalars(select(PersonRow.id))]:
            if key.person(person) in targets:
                found.add(Share(person))
            elif key.person(person) in known:
                counts += await clear_pieces(session, person, key, targets)
        found |= {Share(*pair) for pair in pairs if not targets.isdisjoint(key.covering(*pair))}
        scopes = (Place(PlaceKind.GROUP, group).scope for group in groups)
        found |= {Share("", scope, True) for scope in scopes if key.target("", scope, True) in targets}
    for share in sorted(found, key=lambda share: share.scope is None):  # the whole person last
        counts += (await clear(session, share))[0]
    counts["people"] = len({share.person for share in found if share.person})
    return counts


def _swap(new: Path, database: Path, aside: Path) -> Path | None:
    """The new file under the database's name; where the present one is now."""
    if not database.exists():
        settle(new, database)
        return None
    aside.unlink(missing_ok=True)
    try:
        os.link(database, aside)  # so that at no moment there is no database
    except OSError:
        database.replace(aside)
    wal = database.with_name(f"{database.name}-wal")
    if wal.exists():  # of a damaged one; the new file must not be read with it
        wal.replace(aside.with_name(f"{aside.name}-wal"))
    database.with_name(f"{database.name}-shm").unlink(missing_ok=True)
    settle(new, database)
    return aside


async def _try(database: Path) -> None:
    """See that the database works. Raises StoreError."""
    await upgrade(database)
    async with Database(database) as opened:
        await SqlGroupStore(opened).known()
