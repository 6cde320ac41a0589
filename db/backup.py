"""Copies of a SQLite file while others write to it, and what makes sure that a copy is whole."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import StoreError
from db.engine import Database
from db.erasing import complete
from db.errors import translated

Progress = Callable[[int, int], None]  # pages done, pages in all

_STEP: Final = 512  # pages
COUNTED: Final = ("people", "memories", "turns")


@dataclass(frozen=True, slots=True)
class Copy:
    """A backup: its size in bytes, and how many rows of some kinds are in it."""

    file: Path
    size: int
    counts: dict[str, int]


def back_up(database: Path, target: Path, *, force: bool = False, progress: Progress | None = None) -> Copy:
    """Write the state of this moment to ``target``, for its owner's eyes only; others may go on writing.

    What is being erased just now is not in it. A crash leaves no half backup under that name. Blocks;
    for a thread without a loop.

    Raises:
        FileExistsError: There is a file already, and no ``force``.
        OSError: The file cannot be written.
        ValueError: It is the database itself.
        StoreError: The database is missing or damaged.
    """
    if not database.is_file():
        raise StoreError("there is no database yet")
    if target.exists() and target.samefile(database):
        raise ValueError("a backup of the database in its own place")
    if target.exists() and not force:
        raise FileExistsError(target)
    with fresh(target.with_name(f"{target.name}.part")) as part:
        copy(database, part, progress, "rw")  # else the last to leave could not take its log with it
        asyncio.run(_complete(part))
        counts = checked(part)
        settle(part, target)
    return Copy(target, target.stat().st_size, counts)


@contextmanager
def fresh(path: Path) -> Iterator[Path]:
    """An empty file for its owner's eyes only, and nothing of it afterwards. Raises OSError."""
    _remove(path)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        yield path
    finally:
        _remove(path)


def copy(source: Path, target: Path, progress: Progress | None = None, mode: str = "ro") -> None:
    """Copy one consistent state of a database into an empty file. Raises StoreError.

    The state is held from before the first page: else every write of others would begin the copy
    anew. The log of the source cannot be cut off meanwhile, which an erasure waits for.
    """

    def told(_: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress(total - remaining, total)

    with translated(), closing(connect(source, mode)) as live, closing(connect(target, "rw")) as new:
        live.execute("BEGIN")
        live.execute("SELECT count(*) FROM sqlite_master").fetchone()
        live.backup(new, pages=_STEP, progress=told, sleep=0)


def checked(file: Path) -> dict[str, int]:
    """Make a copy one file that needs no log, and look through it; counts of its rows.

    Raises StoreError when it is damaged.
    """
    with translated(), closing(connect(file, "rw")) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
            raise StoreError("the copy is damaged")
        if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise StoreError("the copy has rows that refer to nothing")
        there = tables(connection)
        return {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608  (our own names)
            for name in COUNTED
            if name in there
        }


def tables(connection: sqlite3.Connection) -> set[str]:
    """The names of the tables. Raises sqlite3.Error."""
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def connect(file: Path, mode: str, timeout: float = 5.0) -> sqlite3.Connection:
    """A plain connection, never one that makes a file. Raises sqlite3.Error."""
    address = f"{file.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(address, uri=True, timeout=timeout, isolation_level=None)


def settle(part: Path, target: Path) -> None:
    """Give a finished file its name, in place of what has it. Raises OSError."""
    _to_disk(part)
    part.replace(target)
    with suppress(OSError):  # folders cannot be opened everywhere
        _to_disk(target.parent)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(file: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        file.with_name(f"{file.name}{suffix}").unlink(missing_ok=True)


async def _complete(part: Path) -> None:
    """Carry out in a copy the erasures that were under way when it was made."""
    with translated(), closing(connect(part, "ro")) as connection:
        known = "erasures" in tables(connection)
    async with Database(part) as database:
        await (complete(database) if known else database.finish_erasures())
