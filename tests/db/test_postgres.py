"""What only a Postgres server can show: many writers, its files after an erasure, the same finds as SQLite."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot import exits
from bot.checks import check_database
from bot.cli import main
from bot.settings import load_settings
from core.errors import StoreError, StoreReadOnlyError
from core.people import DIRECT, Owner
from core.ports_keeping import Limits
from db.engine import Database
from db.migrate import upgrade
from db.postgres_backup import back_up_server, restore_server
from db.restore import InUseError, NoBackupError
from db.stores import SqlGroupStore, SqlHistoryStore, SqlLinkStore, SqlMemoryStore, SqlStateStore
from db.tables import SQLITE_ALONE, Base, MemoryRow, VectorRow
from tests.db.people import GUILD, HIDDEN, bytes_of, canary, content, join, settle_in
from tests.db.postgres_server import Server
from tests.db.samples import JUN, MINA, START, fact, turn, unit

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow

ANN, BEN, ANN_TOO = "discord:9182736455", "discord:2020202020", "telegram:7364558291"


@pytest.fixture
def url(server: Server, postgres_template: str) -> Iterator[str]:
    """A new database."""
    name = server.create(postgres_template)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def opened(url: str) -> AsyncIterator[Database]:
    """It, open."""
    async with Database(url) as database:
        yield database


def name_of(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def left(server: Server) -> bytes:
    """All bytes in the server's folder, its log of changes and its log file included."""
    server.sql("SELECT pg_switch_wal()")
    server.sql("CHECKPOINT")
    server.sql("CHECKPOINT")
    return bytes_of(server.folder)


async def test_two_that_start_at_once_migrate_once(server: Server) -> None:
    name = server.create()
    code = f"import asyncio\nfrom db.migrate import upgrade\nprint(asyncio.run(upgrade({server.url(name)!r}, 'head', 60000)))"
    starting = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=ROOT, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    said = {(await process.communicate())[0].decode().strip() for process in starting}
    assert said == {await upgrade(server.url(name))}
    server.drop(name)


async def test_the_tables_are_what_the_models_say(opened: Database) -> None:
    def counts(_: object, name: str | None, *about: object) -> bool:
        return name != SQLITE_ALONE

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection,
            opts={"compare_server_default": True, "compare_type": True, "include_object": counts},
        )
        return list(compare_metadata(context, Base.metadata))

    async def work(session: AsyncSession) -> list[object]:
        return await (await session.connection()).run_sync(differences)

    assert await opened.read(work) == []


async def test_no_copy_of_what_people_wrote_is_kept_as_statistics(server: Server, url: str) -> None:
    async with Database(url) as database:
        await settle_in(database, ANN)
    server.sql("ANALYZE", name_of(url))
    found = server.sql(
        "SELECT string_agg(s::text, ' ') FROM pg_stats s WHERE schemaname = 'public'", name_of(url)
    )
    assert "canary" not in found and ANN not in found


async def test_a_database_that_cannot_hold_every_letter_is_refused(server: Server) -> None:
    server.sql("CREATE DATABASE narrow TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C' OWNER lora")
    with pytest.raises(StoreError, match="UTF8"):
        await upgrade(server.url("narrow"))
    server.drop("narrow")


async def test_what_is_not_there_is_a_store_error(server: Server, url: str, tmp_path: Path) -> None:
    for address in (server.url("nothing"), server.url(name_of(url), "nobody"), f"postgresql://x@/x?host={tmp_path}"):  # fmt: skip
        async with Database(address) as database:
            with pytest.raises(StoreError):
                await SqlMemoryStore(database).list(JUN)


async def test_readers_cannot_write(opened: Database) -> None:
    with pytest.raises(StoreReadOnlyError):
        await opened.read(lambda session: session.execute(text("DELETE FROM people")))


async def test_many_processes_write_the_same_things_at_once(url: str) -> None:
    """Each has one writer; those who meet wait for each other, and nothing is lost or doubled."""
    patient = 60_000  # on a busy machine
    async with (
        Database(url, patient) as here,
        Database(url, patient) as there,
        Database(url, patient) as yonder,
    ):
        doors = (here, there, yonder)
        works: list[Awaitable[object]] = []
        for number in range(5):
            for door in doors:
                works += [
                    SqlHistoryStore(door).add_turn(JUN, turn(number), 0),
                    SqlMemoryStore(door).add(JUN, fact("취미", f"{number}"), 0),
                    SqlHistoryStore(door).choose(MINA.person, "language", "ko"),
                    SqlStateStore(door).put("x", f"{number}"), SqlGroupStore(door).set("g", f"{number}", "1"),
                    SqlHistoryStore(door).reset(MINA),
                ]  # fmt: skip
        await asyncio.gather(*works)
        assert len(await SqlHistoryStore(here).last_turns(JUN, 99)) == 5
        assert sorted(int(each.value) for each in await SqlMemoryStore(here).list(JUN)) == [*range(5)]
        assert len(await SqlGroupStore(here).settings("g")) == 5
        resets = text("SELECT number FROM conversations")
        assert await here.read(lambda session: session.scalar(resets)) == 15


async def test_whoever_is_forgotten_comes_back_by_no_other_process(url: str) -> None:
    async with Database(url) as here, Database(url) as there:
        ours, theirs = SqlMemoryStore(here), SqlMemoryStore(there)
        for times in range(3):
            await ours.add(JUN, fact("취미", "등산", unit(1, 0)), times)
            forgotten = asyncio.ensure_future(ours.forget(JUN.person, None))
            await asyncio.gather(
                *(theirs.add(JUN, fact(f"취미 {number}", "수영"), times) for number in range(8))
            )
            assert (await forgotten)["memories"] >= 1 and await theirs.epoch(JUN.person) == times + 1
            assert await theirs.list(JUN) == [] and await theirs.search(JUN, "취미", None, "", 9) == []


async def test_a_lock_that_is_held_is_an_error_within_the_timeout(server: Server, url: str) -> None:
    async with Database(url, busy_timeout_ms=200) as database, Database(url) as other:
        memories, held, go = SqlMemoryStore(database), asyncio.Event(), asyncio.Event()
        await memories.add(JUN, fact("취미", "등산"), 0)

        async def hold(session: AsyncSession) -> None:
            await session.execute(text("LOCK TABLE memories IN EXCLUSIVE MODE"))
            held.set()
            await go.wait()

        holding = asyncio.ensure_future(other.write(hold))
        await held.wait()
        with pytest.raises(StoreError, match="55P03"):
            await memories.add(JUN, fact("고향", "부산"), 0)
        assert len(await memories.list(JUN)) == 1, "readers are not held up"
        go.set()
        await holding
        assert await memories.add(JUN, fact("고향", "부산"), 0) is not None


async def test_no_byte_is_left_of_whoever_was_forgotten(server: Server, url: str) -> None:
    """In no file of the server: tables, indexes, statistics, its log of changes."""
    async with Database(url) as database:
        memories = SqlMemoryStore(database)
        vector = array("f", [random.Random(1).uniform(-1, 1) for _ in range(64)])
        for person in (ANN, BEN, ANN_TOO):
            await settle_in(database, person)
        await memories.add(Owner(ANN, "direct"), fact("취미", "비밀" * 3000, vector), 0)  # beside its row
        await join(database, ANN, ANN_TOO)
        server.sql("ANALYZE", name_of(url))
        assert canary(ANN, GUILD, "said").encode() in left(server)

        assert await memories.forget(ANN, None, linked=(ANN_TOO,), by=ANN) == {"memories": 7, "turns": 12}

        assert b"canary-discord-918" not in bytes_of(server.data / "base"), "at once"
        found = left(server)
        for sign in (ANN, ANN.partition(":")[2], ANN_TOO.partition(":")[2], "canary-discord-918", "비밀비밀"):
            assert sign.encode() not in found, sign
        assert (
            array("f", reversed(vector)).tobytes()[:16] not in found
        )  # numbers are kept the other way round
        assert canary(BEN, HIDDEN, "said").encode() in found
        assert not await database.finish_erasures()
        assert ANN not in "".join((await content(database)).values())


@pytest.mark.parametrize("what", ["fact", "edit", "source", "turn", "reword"])
async def test_one_thing_goes_from_every_byte(server: Server, url: str, what: str) -> None:
    owner = Owner(ANN, DIRECT.scope)
    async with Database(url) as database:
        memories, history = SqlMemoryStore(database), SqlHistoryStore(database)
        known = await memories.add(owner, replace(fact("취미", "zqxjkv-fact"), source="m1"), 0)
        await history.add_turn(owner, turn(1, "zqxjkv-turn"), 0)
        assert known is not None
        acts: dict[str, Callable[[], Awaitable[object]]] = {
            "fact": lambda: memories.delete(owner, known.id),
            "edit": lambda: memories.edit(owner, known.id, fact("취미", "수영")),
            "source": lambda: memories.delete_source(owner, "m1"),
            "turn": lambda: history.drop_turn(owner, "m1"),
            "reword": lambda: history.reword(owner, "m1", "다른 말"),
        }
        await acts[what]()
        assert await database.finish_erasures()
        gone, kept = (
            (b"zqxjkv-turn", b"zqxjkv-fact")
            if what in ("turn", "reword")
            else (b"zqxjkv-fact", b"zqxjkv-turn")
        )
        found = left(server)
        assert gone not in found and kept in found


async def test_an_erasure_waits_for_those_who_still_read_and_is_completed(server: Server, url: str) -> None:
    async with Database(url, busy_timeout_ms=50) as database, Database(url) as other:
        memories, reads, go = SqlMemoryStore(database), asyncio.Event(), asyncio.Event()
        await memories.add(JUN, fact("취미", "zqxjkv"), 0)

        async def read(session: AsyncSession) -> int:
            found = await session.scalar(text("SELECT count(*) FROM memories"))
            reads.set()
            await go.wait()
            assert await session.scalar(text("SELECT count(*) FROM memories")) == found == 1
            return int(found)

        reading = asyncio.ensure_future(other.read(read))
        await reads.wait()
        with pytest.raises(StoreError, match="another process"):
            await memories.forget(JUN.person, None)
        assert await memories.list(JUN) == []
        go.set()
        assert await reading == 1
    assert b"zqxjkv" in left(server)
    await upgrade(url)  # the next start
    assert b"zqxjkv" not in left(server)
    async with Database(url) as database:
        assert not await database.finish_erasures()


async def test_many_erasures_at_once(server: Server, url: str) -> None:
    people = [f"discord:{number}" for number in range(6)]
    async with Database(url) as here, Database(url) as there:
        for person in people:
            await settle_in(here, person, DIRECT)
        await asyncio.gather(
            *(
                SqlMemoryStore((here, there)[i % 2]).forget(person, None, by=person)
                for i, person in enumerate(people)
            )
        )
        assert not await here.finish_erasures()
        assert (await content(there))["people"] == "[]"
    assert b"canary" not in left(server)


async def test_both_databases_find_the_same(url: str, file: Path) -> None:
    """The same facts, told and changed in the same order, and the same questions."""
    rng = random.Random(7)
    words = (
        "등산",
        "수영",
        "부산",
        "서울",
        "강아지 초코",
        "exam",
        "hiking with 미나",
        "책",
        "テニス",
        "x" * 300,
    )
    async with Database(file) as sqlite, Database(url) as postgres:
        stores = SqlMemoryStore(sqlite), SqlMemoryStore(postgres)
        owners = [Owner(person, place.scope) for person in (ANN, ANN_TOO, BEN) for place in (DIRECT, GUILD)]
        for number in range(300):
            owner = rng.choice(owners)
            vector = array("f", [rng.gauss(0, 1) for _ in range(32)]) if rng.random() < 0.9 else None
            new = fact(rng.choice(("취미", "사는 곳", "내일 일정", "worry", "hobby")), f"{rng.choice(words)} {rng.randrange(40)}",
                       vector, minutes=number, model=rng.choice(("m1", "m1", "m2")))  # fmt: skip
            one, other = [await store.add(owner, new, 0) for store in stores]
            assert (
                one is not None
                and other is not None
                and replace(one, id=0, superseded_by=None) == replace(other, id=0, superseded_by=None)
            )
        for database in (sqlite, postgres):
            await join(database, ANN, ANN_TOO)
        for _ in range(80):
            owner, said = rng.choice(owners), f"{rng.choice(words)} {rng.choice(words)}"
            vector = array("f", [rng.gauss(0, 1) for _ in range(32)]) if rng.random() < 0.8 else None
            today = rng.choice((None, START.date()))
            found, same = [await store.search(owner, said, vector, "m1", 5, today) for store in stores]
            assert [(each.tag, each.person, score) for each, score in found] == [
                (each.tag, each.person, score) for each, score in same
            ] and found  # fmt: skip
        assert [each.tag for each in await stores[0].list(owners[0])] == [
            each.tag for each in await stores[1].list(owners[0])
        ]
        assert await SqlLinkStore(postgres).linked(ANN) == await SqlLinkStore(sqlite).linked(ANN)


async def test_any_number_is_an_id_that_is_not_there(opened: Database) -> None:
    memories = SqlMemoryStore(opened)
    for number in (0, -1, 2**31, 2**63 - 1):
        assert await memories.delete(JUN, number) is None and await memories.pin(JUN, number, True) is None
    with pytest.raises(StoreError):
        await memories.delete(JUN, 2**63)


@pytest.mark.parametrize("extension", [False, True])
async def test_numbers_of_vectors_lose_no_bit(server: Server, url: str, extension: bool) -> None:
    if extension:
        offered = server.sql("SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'")
        if offered == "0":
            pytest.skip("the server has no pgvector (Debian 13: apt-get install postgresql-17-pgvector)")
        server.sql("CREATE EXTENSION vector", name_of(url))
    numbers = {
        "few": [1e-45, -0.0, 3.4028235e38, 0.1], "one": [0.5], "many": [random.Random(n).gauss(0, 1) for n in range(900)],
        "too many for the extension": [0.25] * 16_001, "none": [0.1, float("nan"), float("inf")],
    }  # fmt: skip
    query = select(MemoryRow.value, VectorRow.vector).join(VectorRow, VectorRow.memory_id == MemoryRow.id)
    async with Database(url) as database:
        memories = SqlMemoryStore(database)
        for name, each in numbers.items():
            await memories.add(JUN, fact("취미", name, array("f", each)), 0)
        found = await database.read(lambda session: _pairs(session, query))
        wanted = {name: array("f", each).tobytes() for name, each in numbers.items()}
        assert found == wanted | {"none": bytes(12)}
        near = await memories.search(JUN, "?", array("f", numbers["many"]), "m1", 9)
        assert {memory.value: round(score, 5) for memory, score in near}["many"] == 0.9


async def _pairs(session: AsyncSession, query: Select[str, bytes]) -> dict[str, bytes]:
    return {value: vector for value, vector in (await session.execute(query)).all()}


async def test_a_backup_that_is_restored_brings_nobody_back(server: Server, url: str, tmp_path: Path) -> None:
    backup, limits = tmp_path / "monday.dump", Limits()

    async def forget(person: str, scope: str | None = None) -> None:
        async with Database(url) as database:
            await SqlMemoryStore(database).forget(person, scope, by=person)

    async with Database(url) as database:
        for person in (ANN, BEN):
            await settle_in(database, person)
    copy = await asyncio.to_thread(back_up_server, url, backup)
    assert copy.counts == {"people": 2, "memories": 6, "turns": 12} and copy.size == backup.stat().st_size
    assert oct(backup.stat().st_mode)[-3:] == "600"
    with pytest.raises(FileExistsError):
        await asyncio.to_thread(back_up_server, url, backup)
    await forget(ANN)
    await forget(BEN, GUILD.scope)
    async with Database(url) as database:
        await SqlHistoryStore(database).add_turn(Owner(BEN, DIRECT.scope), turn(99), 1)
        with pytest.raises(InUseError):
            await asyncio.to_thread(restore_server, backup, url, limits, START)

    done = await asyncio.to_thread(restore_server, backup, url, limits, START)

    assert done.erased == {"people": 2, "memories": 4, "turns": 8}
    async with Database(url) as database:
        said = "".join((await content(database)).values())
        assert "canary-discord-918" not in said and canary(BEN, GUILD, "") not in said
        assert canary(BEN, DIRECT, "said") in said and '"m99"' not in said
        memories = SqlMemoryStore(database)
        assert await memories.epoch(ANN) == 1 and await memories.epoch(BEN) == 1
        assert await memories.add(Owner(BEN, DIRECT.scope), fact("취미", "등산"), 1) is not None
    backup.unlink()
    assert b"canary-discord-918" not in left(server)


async def test_a_restore_that_was_cut_short_is_completed_at_the_next_start(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = tmp_path / "monday.dump"
    async with Database(url) as database:
        await settle_in(database, ANN)
    await asyncio.to_thread(back_up_server, url, backup)
    async with Database(url) as database:
        await SqlMemoryStore(database).forget(ANN, None, by=ANN)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("db.postgres_backup._brought_up", die)
    with pytest.raises(KeyboardInterrupt):
        restore_server_in_thread(backup, url)
    await upgrade(url)
    async with Database(url) as database:
        assert "canary" not in "".join((await content(database)).values())
        assert await SqlMemoryStore(database).epoch(ANN) == 1


def restore_server_in_thread(backup: Path, url: str) -> None:
    with ThreadPoolExecutor(1) as threads:
        threads.submit(restore_server, backup, url, Limits(), START).result()


def test_from_the_command_line(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OHLORA_DATABASE_URL", url)
    for words in (["upgrade"], ["backup", "copy.dump"], ["restore", "copy.dump"], ["retain", "--dry-run"]):
        assert main(["db", *words]) == exits.OK, capsys.readouterr().err
        assert url not in capsys.readouterr().out
    assert main(["db", "backup", "copy.dump"]) == exits.CANNOT_CREATE
    check = check_database(load_settings())
    assert check.ok and "Postgres" in check.detail
    monkeypatch.setenv("OHLORA_DATABASE_URL", url.replace(name_of(url), "nothing"))
    check = check_database(load_settings())
    assert not check.ok and "docs/postgres.md" in check.mend
    assert main(["db", "backup", "other.dump"]) == exits.FAILED
    assert not list(tmp_path.glob("var/*.sqlite3"))


async def test_what_is_no_backup_changes_nothing(url: str, tmp_path: Path) -> None:
    async with Database(url) as database:
        await settle_in(database, ANN)
    for name, bytes_ in (("empty", b""), ("other", b"not a dump" * 99)):
        (tmp_path / name).write_bytes(bytes_)
        with pytest.raises(NoBackupError):
            await asyncio.to_thread(restore_server, tmp_path / name, url, Limits(), START)
    async with Database(url) as database:
        assert len(await SqlMemoryStore(database).list(Owner(ANN, DIRECT.scope))) == 1


def test_the_server_talks_to_nobody_else(server: Server) -> None:
    """What these tests start is out of the way of a server that runs here already."""
    assert server.sql("SHOW listen_addresses") == ""
    assert subprocess.run(["test", "-S", server.folder / ".s.PGSQL.5432"], check=False).returncode == 0
