"""The engine: who may write when, what errors become, what is left on the disk."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
import time
import traceback
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import StoreError, StoreReadOnlyError
from db.engine import Database
from db.migrate import upgrade
from db.stores import SqlHistoryStore, SqlMemoryStore
from db.wiping import rewrite
from tests.db.samples import JUN, MINA, fact, turn

ROOT = Path(__file__).resolve().parents[2]


async def pragma(session: AsyncSession, name: str) -> object:
    return (await session.execute(text(f"PRAGMA {name}"))).scalar_one()


@pytest.mark.usefixtures("file")
async def test_connections_are_set_up(database: Database) -> None:
    async def settings(session: AsyncSession) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys", "temp_store")
        return {name: await pragma(session, name) for name in (*names, "secure_delete", "query_only")}

    expected = {
        "journal_mode": "wal", "busy_timeout": 10_000, "foreign_keys": 1, "temp_store": 2,
    }  # fmt: skip
    assert await database.write(settings) == expected | {
        "synchronous": 1,
        "secure_delete": 1,
        "query_only": 0,
    }
    reader = await database.read(settings)
    assert reader["query_only"] == 1 and expected.items() <= reader.items()


async def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises(StoreReadOnlyError):
        await database.read(lambda session: session.execute(text("DELETE FROM people")))


async def test_a_failed_write_leaves_nothing(database: Database) -> None:
    async def half(session: AsyncSession) -> None:
        await session.execute(
            text("INSERT INTO people VALUES ('a:b', 'a', 'b', 0, '2026-01-01', '2026-01-01', 0)")
        )
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        await database.write(half)
    assert await database.read(lambda s: s.scalar(text("SELECT count(*) FROM people"))) == 0


async def test_errors_tell_no_values(database: Database, door: str) -> None:
    secret = "비밀 이야기"
    with pytest.raises(StoreError) as caught:
        await database.write(
            lambda s: s.execute(text("INSERT INTO turns (text) VALUES (:text)"), {"text": secret})
        )
    code = {"sqlite": "SQLITE_CONSTRAINT_NOTNULL", "postgres": "23502"}[door]
    assert str(caught.value) == f"IntegrityError {code}"
    assert isinstance(caught.value.__context__, Exception)
    assert secret not in "".join(traceback.format_exception(caught.value))


async def test_a_locked_database_is_an_error_within_the_timeout(file: Path) -> None:
    holder = sqlite3.connect(file, isolation_level=None)
    async with Database(file, busy_timeout_ms=200) as database:
        store = SqlMemoryStore(database)
        await store.add(JUN, fact("취미", "등산"), 0)
        holder.execute("BEGIN IMMEDIATE")
        start = time.monotonic()
        with pytest.raises(StoreError, match="SQLITE_BUSY"):
            await store.add(JUN, fact("고향", "부산"), 0)
        assert 0.15 < time.monotonic() - start < 1.5
        assert len(await store.list(JUN)) == 1  # readers are not held up
        holder.execute("ROLLBACK")
        assert await store.add(JUN, fact("고향", "부산"), 0) is not None
    holder.close()


async def test_the_loop_runs_while_a_writer_waits(file: Path) -> None:
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    async with Database(file, busy_timeout_ms=300) as database:
        waiting = asyncio.ensure_future(SqlMemoryStore(database).add(JUN, fact("취미", "등산"), 0))
        ticks = 0
        while not waiting.done():
            await asyncio.sleep(0.01)
            ticks += 1
        assert ticks >= 10 and isinstance(waiting.exception(), StoreError)
    holder.close()


async def test_writers_queue_and_none_fails(address: str | Path) -> None:
    async with Database(address) as here, Database(address) as there:
        stores = [SqlHistoryStore(here), SqlHistoryStore(there), SqlHistoryStore(here)]

        async def talk(store: SqlHistoryStore, who: int) -> None:
            for i in range(15):
                assert await store.add_turn(JUN, turn(100 * who + i), 0)

        await asyncio.gather(*(talk(store, who) for who, store in enumerate(stores)))
        assert len(await stores[0].last_turns(JUN, 100)) == 45


async def test_a_cancelled_caller_breaks_nothing(database: Database) -> None:
    store = SqlHistoryStore(database)
    for i in range(20):
        task = asyncio.ensure_future(store.add_turn(JUN, turn(i), 0))
        await asyncio.sleep(0.0004 * (i % 5))
        task.cancel()
    assert await store.add_turn(JUN, turn(99), 0)
    kept = [each.message_id for each in await store.last_turns(JUN, 99)]
    assert kept[-1] == "m99" and len(set(kept)) == len(kept)


async def test_leaving_waits_for_what_was_begun(address: str | Path) -> None:
    async with Database(address) as database:
        task = asyncio.ensure_future(SqlHistoryStore(database).add_turn(JUN, turn(1), 0))
        await asyncio.sleep(0)
        task.cancel()
    with pytest.raises(StoreError):
        await SqlHistoryStore(database).last_turns(JUN, 1)
    async with Database(address) as database:
        assert await SqlHistoryStore(database).last_turns(JUN, 1) == [turn(1)]


async def test_a_read_only_file_can_be_read(file: Path) -> None:
    async with Database(file) as database:
        await SqlMemoryStore(database).add(JUN, fact("취미", "등산"), 0)
    file.chmod(0o444)
    async with Database(file) as database:
        store, history = SqlMemoryStore(database), SqlHistoryStore(database)
        assert database.read_only
        assert [memory.value for memory in await store.list(JUN)] == ["등산"]
        for write in (
            store.add(JUN, fact("고향", "부산"), 0),
            store.forget(JUN.person, None),
            history.add_turn(JUN, turn(1), 0),
            history.choose(JUN.person, "language", "ko"),
        ):
            with pytest.raises(StoreReadOnlyError):
                await write
        assert len(await store.list(JUN)) == 1


async def test_a_file_that_becomes_read_only_says_so(file: Path) -> None:
    async with Database(file) as database:
        with pytest.raises(StoreReadOnlyError):
            await database.write(_refused)


async def _refused(session: AsyncSession) -> None:
    await session.execute(text("PRAGMA query_only=ON"))
    try:
        await session.execute(text("DELETE FROM people"))
    finally:
        await session.execute(text("PRAGMA query_only=OFF"))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="changes its user")
async def test_a_read_only_folder_without_a_log(file: Path) -> None:
    """Even where root's rights do not help: the folder is not ours, and WAL wants a log in it."""
    await upgrade(file)
    file.chmod(0o644)
    file.parent.chmod(0o755)
    code = (
        "import aiosqlite, asyncio, concurrent.futures.thread, os, pathlib\n"
        "from db.engine import Database\n"
        "from db.sqlite_file import _cannot_write, _needs_immutable\n"
        "from db.stores import SqlMemoryStore\n"
        "from tests.db.samples import JUN\n"
        "os.chdir(os.environ['FOLDER']); os.chroot('.'); os.chdir('/'); os.setuid(65534)\n"
        "file = pathlib.Path('/bot.db')\n"
        "print(_cannot_write(file), _needs_immutable(file))\n"
        "async def main():\n"
        "    async with Database(file) as database:\n"
        "        print(await SqlMemoryStore(database).list(JUN), database.read_only)\n"
        "asyncio.run(main())\n"
    )
    environment = {**os.environ, "FOLDER": str(file.parent), "PYTHONPATH": str(ROOT)}
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", code],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == ["True True", "[] True"], done.stderr


async def test_a_missing_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "new folder #1?" / "봇 100%.db"
    await upgrade(file)
    async with Database(file) as database:
        assert await SqlMemoryStore(database).add(JUN, fact("취미", "등산"), 0) is not None
        for path in file.parent.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    file.chmod(0o400)
    async with Database(file) as database:
        assert len(await SqlMemoryStore(database).list(JUN)) == 1


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b""])
async def test_a_damaged_or_empty_file_fails_in_calls_not_at_the_door(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bot.db"
    file.write_bytes(content)
    async with Database(file) as database:
        with pytest.raises(StoreError):
            await SqlMemoryStore(database).list(JUN)
        with pytest.raises(StoreError):
            await SqlMemoryStore(database).add(JUN, fact("취미", "등산"), 0)


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    async with Database(tmp_path / "taken" / "bot.db") as database:
        with pytest.raises(StoreError):
            await SqlMemoryStore(database).list(JUN)


@pytest.mark.parametrize(
    "address", ["", ":memory:", "sqlite://", "sqlite:///:memory:", "nonsense://[::1", "://x"]
)
def test_what_is_no_database_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="database"):
        Database(address)


async def test_a_missing_driver_is_named() -> None:
    with pytest.raises(StoreError, match=r"postgresql\+nosuch"):
        await Database("postgresql+nosuch://bot:password@localhost/bot").__aenter__()


async def test_erasure_is_not_done_while_another_process_reads_the_old_state(file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    async with Database(file, busy_timeout_ms=100) as database:
        store = SqlMemoryStore(database)
        await store.add(JUN, fact("취미", "비밀등산"), 0)
        await store.add(MINA, fact("취미", "수영"), 0)
        other.execute("BEGIN")
        other.execute("SELECT * FROM memories").fetchall()
        with pytest.raises(StoreError, match="another process"):
            await store.forget(JUN.person, None)
        other.execute("COMMIT")
        assert await store.list(JUN) == []
        assert await store.forget(JUN.person, None) == {"memories": 0, "turns": 0}
        beside = (file, Path(f"{file}-wal"))
        assert all("비밀등산".encode() not in path.read_bytes() for path in beside)
    other.close()


async def test_an_interrupted_erasure_is_completed_at_the_next_start(file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    async with Database(file, busy_timeout_ms=50) as database:
        store = SqlMemoryStore(database)
        await store.add(JUN, fact("취미", "등산"), 0)
        other.execute("BEGIN")
        other.execute("SELECT * FROM memories").fetchall()
        with pytest.raises(StoreError):
            await store.forget(JUN.person, None)
    other.close()

    assert sqlite3.connect(file).execute("PRAGMA user_version").fetchone() != (0,)
    await upgrade(file)
    assert sqlite3.connect(file).execute("PRAGMA user_version").fetchone() == (0,)
    async with Database(file) as database:
        assert not await database.finish_erasures()


async def test_writers_wait_for_the_file_to_be_rewritten_however_long_it_takes(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def slow(driver: object, known: int) -> int:
        begun.set()
        await asyncio.sleep(1.2)  # three times what a writer waits for another process
        return await rewrite(driver, known)

    monkeypatch.setattr("db.sqlite_file.rewrite", slow)
    async with Database(file, busy_timeout_ms=400) as database:
        memories = SqlMemoryStore(database)
        await memories.add(JUN, fact("취미", "등산"), 0)
        erasing = asyncio.ensure_future(memories.forget(JUN.person, None))
        await begun.wait()
        assert await memories.list(MINA) == [] and not erasing.done(), "readers do not wait"
        assert await memories.add(MINA, fact("취미", "수영"), 0) is not None
        await erasing
        assert len(await memories.list(MINA)) == 1
