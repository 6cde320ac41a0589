"""A real, migrated SQLite file for each test."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from db.engine import Database
from db.migrate import upgrade
from db.stores import SqlHistoryStore, SqlMemoryStore


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of the newest form, made once."""
    file = tmp_path_factory.mktemp("template") / "bot.db"
    asyncio.run(upgrade(file))
    return file


@pytest.fixture(autouse=True)
async def finished_threads() -> AsyncIterator[None]:
    """The thread of a connection that could not be opened ends by itself, but wants its loop for it."""
    yield
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 2.0)


@pytest.fixture
def file(template: Path, tmp_path: Path) -> Path:
    """A copy of the template."""
    return Path(shutil.copy(template, tmp_path / "bot.db"))


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    """The copy, open."""
    async with Database(file) as opened:
        yield opened


@pytest.fixture
def memories(database: Database) -> SqlMemoryStore:
    return SqlMemoryStore(database)


@pytest.fixture
def history(database: Database) -> SqlHistoryStore:
    return SqlHistoryStore(database)


@pytest.fixture
def raw(file: Path) -> Callable[[], bytes]:
    """All bytes of the file and of what SQLite keeps beside it."""

    def read() -> bytes:
        beside = sorted(file.parent.glob(file.name + "*"))
        return b"".join(path.read_bytes() for path in beside if not path.name.endswith("-shm"))

    return read
