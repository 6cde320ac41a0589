"""A real, migrated database for each test: a SQLite file, and for what does not look into that, Postgres too.

The tests on Postgres are slow ones, with a server of their own.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from db.engine import Database
from db.migrate import upgrade
from db.stores import SqlHistoryStore, SqlMemoryStore
from tests.db.postgres_server import Server, running
from tests.houses import lay_database

_SQLITE_ONLY = {"file", "raw", "template"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What does not look into the file is asked of both databases."""
    if "door" in metafunc.fixturenames and _SQLITE_ONLY.isdisjoint(metafunc.fixturenames):
        metafunc.parametrize("door", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of the newest form, made once."""
    return lay_database(tmp_path_factory.mktemp("template") / "bot.db")


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


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A Postgres server."""
    with running() as started:
        yield started


@pytest.fixture(scope="session")
def postgres_template(server: Server) -> str:
    """The name of an empty database of the newest form, made once."""
    name = server.create()
    asyncio.run(upgrade(server.url(name)))
    return name


@pytest.fixture
def door() -> str:
    """Which database; see above for where it is the other one."""
    return "sqlite"


@pytest.fixture
def address(door: str, request: pytest.FixtureRequest) -> Iterator[str | Path]:
    """A path, or a URL."""
    if door == "sqlite":
        yield request.getfixturevalue("file")
        return
    server: Server = request.getfixturevalue("server")
    name = server.create(request.getfixturevalue("postgres_template"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def database(address: str | Path) -> AsyncIterator[Database]:
    """The database, open."""
    async with Database(address, busy_timeout_ms=10_000) as opened:
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
