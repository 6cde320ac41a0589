"""When the bytes of what was erased go: at once after /forget, and of single things soon, all together."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from db.engine import Database
from db.postgres import PostgresServer
from db.sqlite_file import SqliteFile
from db.stores import SqlHistoryStore, SqlMemoryStore
from tests.db.samples import JUN, MINA, fact, turn


def rewrites(file: Path) -> int:
    """VACUUM counts this number up."""
    with closing(sqlite3.connect(file)) as direct:
        version: int = direct.execute("PRAGMA schema_version").fetchone()[0]
    return version


async def test_single_things_go_from_every_byte_with_one_rewrite(
    database: Database, file: Path, raw: Callable[[], bytes]
) -> None:
    memories, history = SqlMemoryStore(database), SqlHistoryStore(database)
    for n in range(1, 6):
        await history.add_turn(JUN, turn(n, f"비밀말{n}"), 0)
        await memories.add(JUN, fact(f"비밀키{n}", "값", minutes=n), 0)
    before = rewrites(file)
    await history.reword(JUN, "m1", "새 말")
    await history.drop_turn(JUN, "m2")
    kept = await memories.list(JUN)
    await memories.edit(JUN, kept[0].id, fact("취미", "등산"))
    await memories.delete(JUN, kept[1].id)
    await memories.delete_source(JUN, "message-3")
    assert rewrites(file) == before, "nobody waits for that"
    assert await database.finish_erasures() and rewrites(file) == before + 1
    found, gone = raw(), (*(f"비밀말{n}" for n in (1, 2)), *(f"비밀키{n}" for n in (1, 2, 3)))
    assert not [each for each in gone if each.encode() in found]
    assert all(f"비밀말{n}".encode() in found for n in (3, 4, 5))
    assert not await database.finish_erasures()


async def test_forget_takes_along_what_was_put_off(
    database: Database, file: Path, raw: Callable[[], bytes]
) -> None:
    memories = SqlMemoryStore(database)
    kept = await memories.add(JUN, fact("비밀하나", "값"), 0)
    assert kept is not None and await memories.delete(JUN, kept.id) is not None
    await memories.add(MINA, fact("비밀둘", "값"), 0)
    before = rewrites(file)
    await memories.forget(MINA.person, None)
    assert "비밀".encode() not in raw() and rewrites(file) == before + 1
    assert not await database.finish_erasures()


class Slow:
    """Has the first who is to note that an erasure is wiped wait."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, backend: type[SqliteFile | PostgresServer]) -> None:
        self.waits, self.go, self._first = asyncio.Event(), asyncio.Event(), [True]
        note = backend.settle

        async def settle(of: object, done: int) -> bool:
            if self._first and self._first.pop():
                self.waits.set()
                await self.go.wait()
            return await note(of, done)  # type: ignore[arg-type]

        monkeypatch.setattr(backend, "settle", settle)


async def test_what_was_rewritten_is_not_rewritten_again(
    database: Database, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the log could not be emptied yet, because somebody reads it."""
    memories, slow = SqlMemoryStore(database), Slow(monkeypatch, SqliteFile)
    await memories.add(JUN, fact("취미", "등산"), 0)
    before = rewrites(file)
    forgetting = asyncio.ensure_future(memories.forget(JUN.person, None))
    await slow.waits.wait()
    assert await database.finish_erasures() and not await database.finish_erasures()
    slow.go.set()
    await forgetting
    assert rewrites(file) == before + 1


async def test_what_can_wait_takes_a_small_part_of_the_time(
    database: Database, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = SqliteFile.rewrite

    async def slow(self: SqliteFile, known: int) -> int:
        await asyncio.sleep(0.1)
        return await whole(self, known)

    monkeypatch.setattr(SqliteFile, "rewrite", slow)
    history, before = SqlHistoryStore(database), rewrites(file)
    for n in (1, 2):
        await history.add_turn(JUN, turn(n), 0)
        await history.drop_turn(JUN, f"m{n}")
        assert await database.finish_erasures(patient=True) is (n == 1), "six seconds later"
    assert rewrites(file) == before + 1
    assert await database.finish_erasures() and rewrites(file) == before + 2


async def test_an_erasure_of_just_now_is_not_taken_for_the_one_that_was_wiped(
    database: Database, address: str | Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two wipe the same erasure, one is slow to note it, and meanwhile another one begins."""
    slow = Slow(monkeypatch, SqliteFile if isinstance(address, Path) else PostgresServer)
    history = SqlHistoryStore(database)
    async with Database(address) as other:
        for n in (1, 2):
            await history.add_turn(JUN, turn(n), 0)
        await history.drop_turn(JUN, "m1")
        first = asyncio.ensure_future(database.finish_erasures())
        await slow.waits.wait()
        assert await other.finish_erasures()
        await SqlHistoryStore(other).drop_turn(JUN, "m2")
        slow.go.set()
        assert await first
        assert await other.finish_erasures(), "the second one is still to be wiped"
