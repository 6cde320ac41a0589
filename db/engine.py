"""The way to the database: one writer, a few readers, one place for errors and erasure.

SQLite is what ships (WAL, one writing connection with BEGIN IMMEDIATE, so that writers queue
instead of failing); any other SQLAlchemy async URL gets one ordinary engine. Everything that only
SQLite needs is in this file.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from core.errors import StoreError, StoreReadOnlyError
from db.errors import translated
from db.wiping import empty_log, mark, rewrite, unwiped

_READERS: Final = 4
_MAPPED: Final = 2**31  # bytes of the file that are read where the system holds them, not copied page by page
_TRIES: Final = 5  # to empty the log while another process reads it, each as long as the timeout

T = TypeVar("T")
Work = Callable[[AsyncSession], Awaitable[T]]


class Database:
    """Opens the database at a path or SQLAlchemy URL; an async context manager.

    Entering never fails for the state of the file: a file that is missing, locked or damaged shows
    in every call as StoreError, so that she can chat without it and calls succeed once it is
    mended. Work that was begun ends even if its caller is cancelled; leaving waits for it.

    ``busy_timeout_ms`` bounds the wait for another process's lock, and for the turn among our own
    writers. ``foreign_keys=False`` is for migrations, which rebuild tables.
    """

    def __init__(
        self, url_or_path: str | Path, busy_timeout_ms: int = 5000, *, foreign_keys: bool = True
    ) -> None:
        """Raises ValueError for an address that is no database file or URL."""
        self._url, self._file = _address(url_or_path)
        self._timeout_ms, self._foreign_keys = busy_timeout_ms, foreign_keys
        self._writer: AsyncEngine | None = None
        self._reader: AsyncEngine | None = None
        self._running: set[asyncio.Task[Any]] = set()
        self._read_only, self._wiping = False, asyncio.Lock()
        self._holding: list[Callable[[], None]] = []

    @property
    def file(self) -> Path | None:
        """The file, None where the database is no file."""
        return self._file

    @property
    def read_only(self) -> bool:
        """Whether the file cannot be written, as found when it was opened."""
        return self._read_only

    async def __aenter__(self) -> Self:
        """Raises StoreError if the driver for the URL is not installed."""
        try:
            if self._file is None:
                self._writer = self._reader = create_async_engine(
                    self._url, hide_parameters=True, pool_pre_ping=True
                )
            else:
                await self._open_file(self._file)
        except (ImportError, NoSuchModuleError) as err:
            raise StoreError(f"no driver for {self._url.drivername}") from err
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for running work, then close; the last to close folds the log into the file."""
        if self._running:
            await asyncio.wait(self._running)
        reader, writer = self._reader, self._writer
        self._reader = self._writer = None
        if reader is not None:
            await reader.dispose()
        if writer is not None and writer is not reader:
            await writer.dispose()

    async def read(self, work: Work[T]) -> T:
        """The result of ``work`` on one consistent state of the data. Raises StoreError."""
        return await self._finish(self._in_session(self._reader, work))

    async def write(self, work: Work[T]) -> T:
        """The result of ``work``, all of it committed or none. Raises StoreError.

        ``work`` must await nothing but its session: it holds the only writer.
        """
        return await self._finish(self._in_session(self._writable(), work))

    async def erase(self, work: Work[T], deleted: Callable[[T], bool], *, later: bool = False) -> T:
        """Like :meth:`write`; what ``work`` deletes is gone from every page and log afterwards.

        ``deleted`` tells from the result whether there was anything: the file is rewritten (about
        a second per 100 MB, while writers wait) only then; with ``later`` not yet, but by the next
        :meth:`finish_erasures`.
        If only the last part fails, StoreError is raised although the rows are gone; the next
        :meth:`erase` or :meth:`finish_erasures` completes it.
        """
        return await self._finish(self._erase(work, deleted, later))

    def on_erase(self, forget: Callable[[], None]) -> None:
        """Call ``forget`` after each erasure: what is held in memory of the rows has to go, too."""
        self._holding.append(forget)

    async def finish_erasures(self) -> bool:
        """Complete an erasure that was interrupted; whether there was one. Raises StoreError."""
        if self._file is None:
            return False
        pending = await self.read(unwiped) > 0
        if pending:
            self._writable()
            await self._finish(self._wipe())
        return pending

    def _writable(self) -> AsyncEngine | None:
        if self._read_only:
            raise StoreReadOnlyError("the file cannot be written")
        return self._writer

    async def _finish(self, work: Coroutine[Any, Any, T]) -> T:
        # a transaction cut in two by a cancelled caller would cost the connection and the answer
        # whether it was kept
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._finished)
        return await asyncio.shield(task)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # seen, even if its caller has gone

    async def _in_session(self, engine: AsyncEngine | None, work: Work[T]) -> T:
        if engine is None:
            raise StoreError("the database is not open")
        if engine is self._writer:
            async with self._wiping:  # whoever writes waits for the whole of it, and does not give up
                pass
        with translated():
            async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
                return await work(session)

    async def _erase(self, work: Work[T], deleted: Callable[[T], bool], later: bool) -> T:
        async def marked(session: AsyncSession) -> tuple[T, bool]:
            result = await work(session)
            if self._file is None:
                return result, False
            if deleted(result):
                await mark(session)
            return result, await unwiped(session) > 0

        result, pending = await self._in_session(self._writable(), marked)
        for forget in self._holding:
            forget()
        if pending and not later:
            await self._wipe()
        return result

    async def _wipe(self) -> None:
        """Rewrite the file and empty its log; others may write between the tries."""
        if self._writer is None:
            raise StoreError("the database is not open")
        with translated():
            async with self._wiping, self._writer.connect() as connection:
                done = await rewrite(await _driver(connection))
            for _ in range(_TRIES if done else 0):
                async with self._writer.connect() as connection:
                    if await empty_log(await _driver(connection), done):
                        return
        if done:
            raise StoreError("another process still reads the old state")

    async def _open_file(self, file: Path) -> None:
        with suppress(OSError):  # every call will say so
            _prepare(file)
        self._read_only = _cannot_write(file)
        url = self._url
        if self._read_only:
            query = {"uri": "true", "mode": "ro"}
            if await asyncio.to_thread(_needs_immutable, file):
                query["immutable"] = "1"
            url = url.set(database=file.as_uri(), query=query)
        wait_s = self._timeout_ms / 1000
        connect = {"isolation_level": None, "timeout": wait_s}
        pool: dict[str, Any] = {"connect_args": connect, "max_overflow": 0, "pool_timeout": wait_s}
        self._writer = create_async_engine(url, hide_parameters=True, pool_size=1, **pool)
        self._reader = create_async_engine(url, hide_parameters=True, pool_size=_READERS, **pool)
        _configure(self._writer, self._pragmas(), "BEGIN IMMEDIATE")
        _configure(self._reader, [*self._common_pragmas(), "query_only=ON", f"mmap_size={_MAPPED}"], "BEGIN")

    def _common_pragmas(self) -> list[str]:
        return [
            f"busy_timeout={self._timeout_ms}",
            "temp_store=MEMORY",
            f"foreign_keys={'ON' if self._foreign_keys else 'OFF'}",
        ]

    def _pragmas(self) -> list[str]:
        return [*self._common_pragmas(), "journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"]


def _address(url_or_path: str | Path) -> tuple[URL, Path | None]:
    """The URL, and the file if it is SQLite."""
    if isinstance(url_or_path, str) and "://" in url_or_path:
        try:
            url = make_url(url_or_path)
        except (ArgumentError, ValueError):
            raise ValueError("not a database URL") from None  # it may hold a password
        if url.get_backend_name() != "sqlite":
            return url, None
        name = url.database or ""
    else:
        name = str(url_or_path)
    if name in ("", ":memory:") or name.startswith("file:"):
        raise ValueError("the database must be a file")
    file = Path(name).absolute()
    return URL.create("sqlite+aiosqlite", database=str(file)), file


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
