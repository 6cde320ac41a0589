"""Backups of a Postgres database by the server's own programs, and a restore that brings nobody back.

What the present database knows of who was forgotten is put into a table of its own before it is
replaced, so that a crash at any point leaves a database whose next start forgets them again.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import URL, func, make_url, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import StoreError
from core.ports_keeping import Limits
from db.backup import COUNTED, Copy, fresh, settle
from db.engine import Database
from db.erasing import complete, stone_of
from db.group_move import MOVED
from db.migrate import known_revision, upgrade
from db.owners import utc_now
from db.restore import InUseError, Known, NoBackupError, Restored, forgotten_again
from db.retention import SqlKeeper
from db.tables import Base, PersonRow
from db.tables_erasure import ErasureRow, TombstoneRow
from db.tables_places import AuditRow, StateRow
from db.tombstones import Tombstone, keys

_TABLES: Final = [*(table.name for table in Base.metadata.sorted_tables), "alembic_version"]
_NOTED: Final = "restoring"  # the table with what the database knew
_PATIENCE_MS: Final = 60_000
_REVISION: Final = re.compile(r"COPY public\.alembic_version .*")
_OTHERS: Final = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


def back_up_server(url: str, target: Path, *, force: bool = False) -> Copy:
    """Write the state of this moment to ``target``, in pg_dump's own form, for its owner's eyes only.

    Blocks; for a thread without a loop.

    Raises:
        FileExistsError: There is a file already, and no ``force``.
        OSError: The file cannot be written.
        StoreError: The server is not reached, or pg_dump is not installed.
    """
    if target.exists() and not force:
        raise FileExistsError(target)
    counts = asyncio.run(_ready(url))
    with fresh(target.with_name(f"{target.name}.part")) as part, _way(url) as way:
        only = [f"--table=public.{name}" for name in _TABLES]
        _run("pg_dump", "--format=custom", f"--file={part}", "--no-owner", "--no-acl", *only, way)
        settle(part, target)
    return Copy(target, target.stat().st_size, counts)


def restore_server(backup: Path, url: str, limits: Limits, now: datetime) -> Restored:
    """Put a backup in place of the database; like :func:`db.restore.restore`, but nothing is kept aside.

    Raises:
        NoBackupError: The file cannot be restored.
        InUseError: Another program uses the database.
        StoreError: The server is not reached, or refuses.
    """
    with tempfile.TemporaryDirectory() as folder, _way(url) as way:
        script = Path(folder) / "script.sql"
        _unpack(backup, script)
        asyncio.run(_note(url))
        drop = f"DROP TABLE IF EXISTS {', '.join(f'public.{name}' for name in _TABLES)} CASCADE"
        quiet = ("-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=sqlstate", "--single-transaction")
        _run("psql", *quiet, "-c", drop, "-f", str(script), "-d", way)
    return asyncio.run(_brought_up(url, limits, now))


async def complete_restore(database: Database) -> None:
    """Forget again whom a restored backup brought back. Raises StoreError."""

    async def noted(session: AsyncSession) -> str | None:
        if await session.scalar(text(f"SELECT to_regclass('public.{_NOTED}')")) is None:
            return None
        return str(await session.scalar(text(f"SELECT known FROM {_NOTED}")))  # noqa: S608  (our own name)

    async def done(session: AsyncSession) -> None:
        await session.execute(text(f"DROP TABLE {_NOTED}"))

    found = await database.read(noted)
    if found is None:
        return
    told = json.loads(found)
    stones = tuple(Tombstone(**each) for each in told["stones"])
    secrets = {name: bytes.fromhex(secret) for name, secret in told["keys"].items()}
    known = Known(secrets, stones, told["seen"], told["moved"])
    await forgotten_again(database, known, utc_now(), force=False)
    await database.write(done)


async def _ready(url: str) -> dict[str, int]:
    """Complete what is being erased; counts of rows."""

    async def count(session: AsyncSession) -> dict[str, int]:
        return {
            name: await session.scalar(select(func.count()).select_from(Base.metadata.tables[name])) or 0
            for name in COUNTED
        }

    async with Database(url, _PATIENCE_MS) as database:
        await complete(database)
        return await database.read(count)


async def _note(url: str) -> None:
    """Keep what the database knows of who was forgotten, while nobody else uses it."""

    async def work(session: AsyncSession) -> None:
        if await session.scalar(text(_OTHERS)):
            raise InUseError("another program has the database open")
        if await session.scalar(text(f"SELECT to_regclass('public.{_NOTED}')")) is not None:
            return  # an earlier restore was cut short: that is who knew
        told = await _told(session)
        await session.execute(text(f"CREATE TABLE {_NOTED} (known text NOT NULL)"))
        await session.execute(text(f"INSERT INTO {_NOTED} VALUES (:told)"), {"told": told})  # noqa: S608

    async with Database(url, _PATIENCE_MS) as database:
        await database.write(work)


async def _told(session: AsyncSession) -> str:
    if await session.scalar(text("SELECT to_regclass('public.tombstones')")) is None:
        return json.dumps({"keys": {}, "stones": [], "seen": {}, "moved": {}})
    ring = await keys(session)
    stones = [
        Tombstone(row.target, row.person, row.key, row.mark, row.epoch, row.at.isoformat())
        for row in await session.scalars(select(TombstoneRow))
    ]
    begun = [*await session.scalars(select(ErasureRow))]  # not done yet, but asked for
    stones += [stone_of(key, row, 0) for row in begun for key in ring]
    people = (await session.execute(select(PersonRow.id, PersonRow.last_seen))).all()
    moved = await session.scalars(select(StateRow).where(StateRow.name.startswith(MOVED, autoescape=True)))
    return json.dumps({
        "keys": {key.name: key.secret.hex() for key in ring},
        "stones": [asdict(stone) for stone in stones],
        "seen": {who: seen.astimezone(UTC).replace(tzinfo=None).isoformat(" ") for who, seen in people},
        "moved": {row.name.removeprefix(MOVED): row.value for row in moved},
    })  # fmt: skip


async def _brought_up(url: str, limits: Limits, now: datetime) -> Restored:
    async def erased(session: AsyncSession) -> dict[str, int]:
        last = select(AuditRow.counts).where(AuditRow.action == "restore").order_by(AuditRow.id.desc())
        return {**json.loads(await session.scalar(last.limit(1)) or "{}")}

    revision = await upgrade(url, busy_timeout_ms=_PATIENCE_MS)
    async with Database(url, _PATIENCE_MS) as database:
        counts = await database.read(erased)
        await SqlKeeper(database).retain(Limits(limits.history_days), now)
    return Restored(revision, await _ready(url), counts, None)


def _unpack(backup: Path, script: Path) -> None:
    """The statements of a backup, once it is known to be one of ours. Raises NoBackupError, StoreError."""
    try:
        _run("pg_restore", "--no-owner", "--no-acl", f"--file={script}", str(backup))
    except _FailedError as err:
        raise NoBackupError("it is no file of pg_dump's") from err
    with script.open(encoding="utf-8", errors="replace") as lines:
        found = next((next(lines).strip() for line in lines if _REVISION.match(line)), None)
    if found is None:
        raise NoBackupError("it is no database of hers")
    if not known_revision(found):
        raise NoBackupError("the database belongs to another version of the program")


class _FailedError(StoreError):
    """A program ended badly."""


@contextmanager
def _way(url: str) -> Iterator[str]:
    """How the programs find the database; the password in a file that nobody else reads."""
    parts = make_url(url)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as secret:
        password = re.sub(r"([\\:])", r"\\\1", str(parts.password or ""))
        secret.write(f"*:*:*:*:{password}\n")
        secret.flush()
        yield " ".join(
            f"{name}={_quoted(value)}" for name, value in _words(parts, secret.name).items() if value
        )


def _words(url: URL, passfile: str) -> dict[str, str]:
    asked = {name: value if isinstance(value, str) else value[0] for name, value in url.query.items()}
    return {
        "host": url.host or asked.get("host", ""), "port": str(url.port or asked.get("port", "")),
        "user": url.username or "", "dbname": url.database or "",
        "sslmode": asked.get("sslmode", asked.get("ssl", "")), "passfile": passfile if url.password else "",
    }  # fmt: skip


def _quoted(value: str) -> str:
    return "'" + re.sub(r"(['\\])", r"\\\1", value) + "'"


def _run(program: str, *words: str) -> None:
    """Run one of Postgres's programs. Raises StoreError; it tells no more than the program's exit code."""
    there = shutil.which(program)
    if there is None:
        raise StoreError(f"{program} is not installed here (Debian: apt-get install postgresql-client)")
    done: Sequence[str] = [there, *words]
    ended = subprocess.run(done, check=False, stdin=subprocess.DEVNULL, capture_output=True)  # noqa: S603
    if ended.returncode:
        said = re.findall(rb"(?:server version|ERROR: +\w{5}|could not connect|No such file)", ended.stderr)
        raise _FailedError(f"{program} ended with {ended.returncode} {b', '.join(said[:2]).decode()}".strip())
