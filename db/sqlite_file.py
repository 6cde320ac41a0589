"""The database as one SQLite file: one writing connection with BEGIN IMMEDIATE, so that writers queue.

Everything that only SQLite needs is here and in :mod:`db.wiping`.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from core.errors import StoreError
from db.wiping import empty_log, mark, rewrite, unwiped

_READERS: Final = 4
_MAPPED: Final = 2**31  # bytes of the file that are read where the system holds them, not copied page by page


class SqliteFile:
    """:class:`db.engine.Backend` on a file; ``timeout_ms`` bounds the wait for a lock and for the turn."""

    def __init__(self, file: Path, timeout_ms: int, *, foreign_keys: bool) -> None:
        self.file: Path | None = file
        self.writer: AsyncEngine | None = None
        self.reader: AsyncEngine | None = None
        self.read_only = False
        self._path, self._timeout_ms, self._foreign_keys = file, timeout_ms, foreign_keys

    async def open(self) -> None:
        """Whatever is wrong with the file shows in the calls."""
        with suppress(OSError):  # every call will say so
            _prepare(self._path)
        self.read_only = _cannot_write(self._path)
        url = URL.create("sqlite+aiosqlite", database=str(self._path))
        if self.read_only:
            query = {"uri": "true", "mode": "ro"}
            if await asyncio.to_thread(_needs_immutable, self._path):
                query["immutable"] = "1"
            url = url.set(database=self._path.as_uri(), query=query)
        wait_s = self._timeout_ms / 1000
        connect = {"isolation_level": None, "timeout": wait_s}
        pool: dict[str, Any] = {"connect_args": connect, "max_overflow": 0, "pool_timeout": wait_s}
        self.writer = create_async_engine(url, hide_parameters=True, pool_size=1, **pool)
        self.reader = create_async_engine(url, hide_parameters=True, pool_size=_READERS, **pool)
        common = [
            f"busy_timeout={self._timeout_ms}",
            "temp_store=MEMORY",
            f"foreign_keys={'ON' if self._foreign_keys else 'OFF'}",
        ]
        writing = [*common, "journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"]
        _configure(self.writer, writing, "BEGIN IMMEDIATE")
        _configure(self.reader, [*common, "query_only=ON", f"mmap_size={_MAPPED}"], "BEGIN")

    async def mark(self, session: AsyncSession) -> None:
        """Note that what this transaction deletes has to go from the bytes, too."""
        await mark(session)

    async def unwiped(self, session: AsyncSession) -> int:
        """The mark of the last erasure that has not reached the bytes yet, 0 for none."""
        return await unwiped(session)

    async def rewrite(self, known: int) -> int:
        """Write the file anew; up to which erasure, 0 if there was none. Raises foreign errors."""
        async with self._connected() as connection:
            return await rewrite(await _driver(connection), known)

    async def settle(self, done: int) -> bool:
        """Empty the log after a rewrite; False while others read it. Raises foreign errors."""
        async with self._connected() as connection:
            return await empty_log(await _driver(connection), done)

    def again(self, error: BaseException) -> bool:
        """Never: writers queue."""
        return False

    def _connected(self) -> AsyncConnection:
        if self.writer is None:
            raise StoreError("the database is not open")
        return self.writer.connect()


def _prepare(file: Path) -> None:
    """Create a missing file for its owner's eyes only; SQLite gives its log the same rights."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))


def _cannot_write(file: Path) -> bool:
    """Whether the file, or the folder that must hold its log, is closed to writing."""
    try:
        # the bits are honoured for root as well, whom access() always lets through
        allowed = file.stat().st_mode & 0o222 != 0
    except OSError:
        return False
    return not (allowed and os.access(file, os.W_OK) and os.access(file.parent, os.W_OK))


def _needs_immutable(file: Path) -> bool:
    """Whether the file can only be read as one that nobody changes.

    A database in WAL mode wants a log beside it even for reading, which a read-only folder
    without one does not allow.
    """
    try:
        probe = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=0)
    except sqlite3.Error:
        return True
    try:
        probe.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as err:
        code = getattr(err, "sqlite_errorcode", 0) & 0xFF
        return code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
    finally:
        probe.close()
    return False


def _configure(engine: AsyncEngine, pragmas: list[str], begin: str) -> None:
    def connected(connection: DBAPIConnection, record: object) -> None:
        with ExitStack() as failed:
            failed.callback(connection.close)  # the pool never saw it
            cursor = connection.cursor()
            for pragma in pragmas:
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()
            failed.pop_all()

    def began(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", connected)
    event.listen(engine.sync_engine, "begin", began)


async def _driver(connection: AsyncConnection) -> Any:
    driver = (await connection.get_raw_connection()).driver_connection
    if driver is None:
        raise StoreError("the connection is lost")
    return driver
