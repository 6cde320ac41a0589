"""The database on a Postgres server, which several machines may share.

Transactions that write are serializable, which is what one writer at a time means elsewhere: one that
met another is run again. Everything that only Postgres needs is here and in :mod:`db.postgres_shape`.
"""

from __future__ import annotations

import asyncio
import importlib.util
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, event, text
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from core.errors import StoreError
from db.tables import Base
from db.tables_places import StateRow
from db.vector_type import sends_vectors
from db.wiping import new_mark

_DRIVER: Final = "postgresql+asyncpg"
_DRIVERS: Final = ("postgres", "postgresql", _DRIVER)
_READERS: Final = 4
_WRITERS: Final = 1  # what is begun first comes first, also when its caller has gone
_CONNECT_S: Final = 5.0
_LOOK_S: Final = 0.02  # between two looks whether others are done
# met another transaction, waited for each other, wrote the same row at the same time
_AGAIN: Final = ("40001", "40P01", "23505")
_UNWIPED: Final = "unwiped"  # in the state table, with the mark of the last erasure (db.wiping)
_WIPING: Final = 7_201_003_011  # our number among the locks that applications agree on

_OTHERS: Final = text("""
SELECT l.virtualtransaction FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'virtualxid' AND pid <> pg_backend_pid()
AND a.backend_type IS DISTINCT FROM 'autovacuum worker' AND coalesce(a.datname = current_database(), true)
""")


class PostgresServer:
    """:class:`db.engine.Backend` on a server; ``timeout_ms`` bounds the wait for a lock and for the turn."""

    file: Path | None = None
    read_only = False  # a server that only follows another refuses by itself

    def __init__(self, url: URL, timeout_ms: int) -> None:
        """Raises ValueError for an address without a database's name."""
        if not url.database:
            raise ValueError("the database has no name")
        self._url, self._wait_s = url, timeout_ms / 1000
        self.writer: AsyncEngine | None = None
        self.reader: AsyncEngine | None = None

    async def open(self) -> None:
        """Raises ImportError if the driver is not installed."""
        if self._url.drivername not in _DRIVERS or importlib.util.find_spec("asyncpg") is None:
            raise ImportError(f"no driver for {self._url.drivername}: pip install 'ohlora[scale]'")
        lock_ms = max(1, round(self._wait_s * 1000))  # 0 would be for ever
        server = {"application_name": "ohlora", "lock_timeout": f"{lock_ms}", "jit": "off", "timezone": "UTC"}
        options: dict[str, Any] = {
            "connect_args": {"server_settings": server, "timeout": max(self._wait_s, _CONNECT_S)},
            "hide_parameters": True, "max_overflow": 0, "pool_pre_ping": True,
            "pool_timeout": max(self._wait_s, _LOOK_S),
        }  # fmt: skip
        url = _as_asyncpg(self._url)
        self.writer = create_async_engine(url, isolation_level="SERIALIZABLE", pool_size=_WRITERS, **options)
        reader = create_async_engine(url, isolation_level="REPEATABLE READ", pool_size=_READERS, **options)
        for engine in (self.writer, reader):
            event.listen(engine.sync_engine, "connect", _look_for_pgvector(engine.dialect))
        self.reader = reader.execution_options(postgresql_readonly=True)

    async def mark(self, session: AsyncSession) -> None:
        """Note that what this transaction deletes has to go from the bytes, too."""
        await session.merge(StateRow(name=_UNWIPED, value=f"{new_mark()}"))

    async def unwiped(self, session: AsyncSession) -> int:
        """The mark of the last erasure that has not reached the bytes yet, 0 for none."""
        row = await session.get(StateRow, _UNWIPED)
        return 0 if row is None else int(row.value)

    async def rewrite(self, known: int) -> int:
        """Write every table and index anew; up to which erasure, 0 if there was none.

        Up to ``known`` it is done.

        VACUUM alone is not enough: it gives the room of deleted rows free, but leaves their bytes there
        until something else comes to lie on them. Whoever is still in the middle of a transaction may
        want to see the deleted rows, and then they would be carried over, so that is waited for.

        Raises StoreError if somebody does not come to an end.
        """
        async with self._alone() as connection:
            done = await _erasures(connection)
            if done in (0, known):
                return done
            for _ in range(2):  # who began after the first look may go by one who began before it
                await self._others_done(connection)
            for table in Base.metadata.sorted_tables:
                await connection.execute(text(f'VACUUM (FULL, ANALYZE) "{table.name}"'))
        return done

    async def settle(self, done: int) -> bool:
        """Note that erasures up to ``done`` are in no page."""
        async with self._alone() as connection:
            gone = text(
                "DELETE FROM state WHERE name = :name AND value = :value"
            )  # else another is on its way
            await connection.execute(gone, {"name": _UNWIPED, "value": f"{done}"})
        return True

    def again(self, error: BaseException) -> bool:
        """Whether the transaction met another one."""
        return getattr(getattr(error, "orig", None), "sqlstate", None) in _AGAIN

    def _alone(self) -> AsyncConnection:
        """A connection on which each statement is a transaction: VACUUM wants none around it."""
        if self.writer is None:
            raise StoreError("the database is not open")
        return self.writer.execution_options(isolation_level="AUTOCOMMIT").connect()

    async def _others_done(self, connection: AsyncConnection) -> None:
        """Wait until every transaction that is open now has ended. Raises StoreError."""
        until = time.monotonic() + max(self._wait_s, _CONNECT_S)
        there = {*await connection.scalars(_OTHERS)}
        while there:
            if time.monotonic() > until:
                raise StoreError("another process still reads the old state")
            await asyncio.sleep(_LOOK_S)
            there &= {*await connection.scalars(_OTHERS)}


def _look_for_pgvector(dialect: Dialect) -> Callable[[DBAPIConnection, object], None]:
    def connected(connection: DBAPIConnection, record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("SELECT to_regtype('vector') IS NOT NULL AND to_regproc('vector_send') IS NOT NULL")
        if (cursor.fetchone() or (False,))[0]:
            sends_vectors(dialect)
        cursor.close()
        connection.rollback()

    return connected


def wait_for_turn(connection: Connection) -> None:
    """Until the end of the transaction nobody else changes the tables. Raises foreign errors."""
    connection.execute(text(f"SELECT pg_advisory_xact_lock({_WIPING})"))


async def _erasures(connection: AsyncConnection) -> int:
    value = await connection.scalar(text("SELECT value FROM state WHERE name = :name"), {"name": _UNWIPED})
    return int(value or 0)


def _as_asyncpg(url: URL) -> URL:
    """With the driver's name, and what other clients call sslmode under the driver's name for it."""
    query = {"ssl" if name == "sslmode" else name: value for name, value in url.query.items()}
    return url.set(drivername=_DRIVER, query=query)
