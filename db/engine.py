"""The way to the database: one place for who may read and write when, for errors and for erasure.

A SQLite file is what ships (:mod:`db.sqlite_file`); many machines share a Postgres server
(:mod:`db.postgres`). What differs between them is behind :class:`Backend`.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self, TypeVar

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from core.errors import StoreError, StoreReadOnlyError
from db.errors import translated
from db.postgres import PostgresServer
from db.sqlite_file import SqliteFile

_TRIES: Final = 5  # to empty the log while another process reads it, each as long as the timeout
_AGAIN: Final = 20  # times a transaction is tried that met another one; the last pauses are the longest
_PAUSE_S: Final = 0.1
_RESTS: Final = 60  # times as long as a rewrite took, until the next one that nobody waits for

T = TypeVar("T")
Work = Callable[[AsyncSession], Awaitable[T]]


class Backend(Protocol):
    """What differs between databases; foreign errors leave it as they are."""

    file: Path | None
    read_only: bool
    writer: AsyncEngine | None
    reader: AsyncEngine | None

    async def open(self) -> None:
        """Make the engines; nothing is reached yet."""

    async def mark(self, session: AsyncSession) -> None:
        """Note that what this transaction deletes has to go from the bytes, too."""

    async def unwiped(self, session: AsyncSession) -> int:
        """The mark of the last erasure that has not reached the bytes yet, 0 for none."""

    async def rewrite(self, known: int) -> int:
        """Write everything anew without what was deleted; up to which erasure, 0 if there was none.

        Up to ``known`` it is done.
        """

    async def settle(self, done: int) -> bool:
        """Note that erasures up to ``done`` are in no byte; False while somebody reads the old state."""

    def again(self, error: BaseException) -> bool:
        """Whether a transaction that failed so met another one, and may be tried again."""


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
        self._backend = _backend(url_or_path, busy_timeout_ms, foreign_keys=foreign_keys)
        self._running: set[asyncio.Task[Any]] = set()
        self._open, self._wiping = False, asyncio.Lock()
        self._rewritten, self._rests_until = 0, 0.0  # up to which erasure; in monotonic seconds
        self._holding: list[Callable[[], None]] = []

    @property
    def file(self) -> Path | None:
        """The file, None where the database is no file."""
        return self._backend.file

    @property
    def read_only(self) -> bool:
        """Whether the file cannot be written, as found when it was opened."""
        return self._backend.read_only

    async def __aenter__(self) -> Self:
        """Raises StoreError if the driver for the URL is not installed."""
        try:
            await self._backend.open()
        except (ImportError, NoSuchModuleError) as err:
            raise StoreError(str(err)) from err
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for running work, then close; the last to close folds the log into the file."""
        if self._running:
            await asyncio.wait(self._running)
        self._open = False
        for engine in (self._backend.reader, self._backend.writer):
            if engine is not None:
                await engine.dispose()

    async def read(self, work: Work[T]) -> T:
        """The result of ``work`` on one consistent state of the data. Raises StoreError."""
        return await self._finish(self._in_session(work, writing=False))

    async def write(self, work: Work[T]) -> T:
        """The result of ``work``, all of it committed or none. Raises StoreError.

        ``work`` must await nothing but its session: it holds the only writer. On Postgres it is run
        again from its beginning when it met another one, so that it has no effect but by its session.
        """
        return await self._finish(self._in_session(work))

    async def erase(self, work: Work[T], deleted: Callable[[T], bool], *, later: bool = False) -> T:
        """Like :meth:`write`; what ``work`` deletes is gone from every page and log afterwards.

        ``deleted`` tells from the result whether there was anything: the file is rewritten (about
        a second per 100 MB, while writers wait) only then. With ``later`` not yet, but by the next
        :meth:`finish_erasures`, for all at once: nobody shall wait for that after a single message
        was edited. Until then the file may hold copies of pieces of it that no query finds.
        If only the last part fails, StoreError is raised although the rows are gone; the next
        :meth:`erase` or :meth:`finish_erasures` completes it.
        """
        return await self._finish(self._erase(work, deleted, later))

    def on_erase(self, forget: Callable[[], None]) -> None:
        """Call ``forget`` after each erasure: what is held in memory of the rows has to go, too."""
        self._holding.append(forget)

    async def finish_erasures(self, *, patient: bool = False) -> bool:
        """Complete erasures that were interrupted or put off; whether there were any. Raises StoreError.

        With ``patient`` not yet, if the writers would wait for more than a sixtieth of the time.
        """
        pending = await self.read(self._backend.unwiped)
        rests = pending != self._rewritten and time.monotonic() < self._rests_until
        if not pending or (patient and rests):
            return False
        self._engine(writing=True)
        await self._finish(self._wipe())
        return True

    def _engine(self, *, writing: bool) -> AsyncEngine:
        if writing and self._backend.read_only:
            raise StoreReadOnlyError("the file cannot be written")
        engine = self._backend.writer if writing else self._backend.reader
        if engine is None or not self._open:
            raise StoreError("the database is not open")
        return engine

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

    async def _in_session(self, work: Work[T], *, writing: bool = True) -> T:
        engine = self._engine(writing=writing)
        if writing:
            async with self._wiping:  # whoever writes waits for the whole of it, and does not give up
                pass
        with translated():
            # the same connection, and so the same turn, however often
            async with engine.connect() as connection:
                for times in range(1, _AGAIN):
                    try:
                        return await _once(connection, work)
                    except SQLAlchemyError as err:
                        if not (writing and self._backend.again(err)):
                            raise
                    await asyncio.sleep(random.random() * min(_PAUSE_S, 0.002 * 2**times))
                return await _once(connection, work)

    async def _erase(self, work: Work[T], deleted: Callable[[T], bool], later: bool) -> T:
        async def marked(session: AsyncSession) -> tuple[T, bool]:
            result = await work(session)
            if deleted(result):
                await self._backend.mark(session)
            return result, await self._backend.unwiped(session) > 0

        result, pending = await self._in_session(marked)
        for forget in self._holding:
            forget()
        if pending and not later:
            await self._wipe()
        return result

    async def _wipe(self) -> None:
        """Rewrite everything and empty the log; others may write between the tries."""
        self._engine(writing=True)
        with translated():
            async with self._wiping:
                begun = time.monotonic()
                done = await self._backend.rewrite(self._rewritten)
                if done != self._rewritten:
                    now = time.monotonic()
                    self._rewritten, self._rests_until = done, now + _RESTS * (now - begun)
            for _ in range(_TRIES if done else 0):
                if await self._backend.settle(done):
                    return
        if done:
            raise StoreError("another process still reads the old state")


async def _once(connection: AsyncConnection, work: Work[T]) -> T:
    async with AsyncSession(connection, expire_on_commit=False) as session, session.begin():
        return await work(session)


def _backend(url_or_path: str | Path, timeout_ms: int, *, foreign_keys: bool) -> Backend:
    """What the address stands for. Raises ValueError."""
    name = str(url_or_path)
    if isinstance(url_or_path, str) and "://" in url_or_path:
        try:
            url = make_url(url_or_path)
        except (ArgumentError, ValueError):
            raise ValueError("not a database URL") from None  # it may hold a password
        if url.get_backend_name() != "sqlite":
            return PostgresServer(url, timeout_ms)
        name = url.database or ""
    if name in ("", ":memory:") or name.startswith("file:"):
        raise ValueError("the database must be a file")
    return SqliteFile(Path(name).absolute(), timeout_ms, foreign_keys=foreign_keys)
