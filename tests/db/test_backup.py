"""Backups while others write, and restoring them: nobody who was forgotten comes back."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import StoreError
from core.people import DIRECT, Owner
from core.ports_keeping import Limits
from db.backup import back_up
from db.engine import Database
from db.migrate import upgrade
from db.restore import InUseError, NoBackupError, Restored, restore
from db.stores import (
    SqlAuditLog,
    SqlGroupStore,
    SqlHistoryStore,
    SqlKeeper,
    SqlLinkStore,
    SqlMemoryStore,
)
from db.tombstones import Journal
from tests.db.people import GUILD, HIDDEN, bytes_of, canary, cells, join, settle_in
from tests.db.samples import START, fact, turn

JUN, MINA, JUN_TOO = "discord:9182736455", "discord:2020202020", "telegram:7364558291"
NOW = START + timedelta(days=1)
NO_LIMITS = Limits()


def with_database(file: Path, *works: Callable[[Database], object]) -> None:
    """Do some work on the database, as the bot would, and close it."""

    async def main() -> None:
        async with Database(file) as database:
            for work in works:
                await work(database)  # type: ignore[misc]

    asyncio.run(main())


def forget(person: str, scope: str | None = None, **named: object) -> Callable[[Database], object]:
    return lambda database: SqlMemoryStore(database).forget(person, scope, by=person, **named)  # type: ignore[arg-type]


def put_back(backup: Path, file: Path, **named: object) -> Restored:
    return restore(backup, file, NO_LIMITS, NOW, **named)  # type: ignore[arg-type]


@pytest.fixture
def lived_in(file: Path) -> Path:
    """A database with three accounts."""

    async def fill(database: Database) -> None:
        for person in (JUN, MINA, JUN_TOO):
            await settle_in(database, person)

    with_database(file, fill)
    return file


@pytest.fixture
def backup(lived_in: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return back_up(lived_in, folder / "monday.sqlite3").file


def test_a_backup_is_one_whole_file_for_its_owner_only(backup: Path, lived_in: Path) -> None:
    assert [path.name for path in backup.parent.iterdir()] == [backup.name]
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with closing(sqlite3.connect(backup)) as direct:
        assert direct.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    before, after = cells(lived_in), cells(backup)
    assert before == after and canary(JUN, GUILD, "said") in after["turns"]


def test_a_file_that_is_there_stays(backup: Path, lived_in: Path, tmp_path: Path) -> None:
    content = backup.read_bytes()
    with pytest.raises(FileExistsError):
        back_up(lived_in, backup)
    assert backup.read_bytes() == content
    with_database(lived_in, forget(JUN))
    done = back_up(lived_in, backup, force=True)
    assert done.counts == {"people": 2, "memories": 6, "turns": 12} and done.size == backup.stat().st_size
    assert b"canary-discord-918" not in backup.read_bytes()
    with pytest.raises(ValueError, match="own place"):
        back_up(lived_in, lived_in, force=True)
    with pytest.raises(FileNotFoundError):
        back_up(lived_in, tmp_path / "no" / "such" / "folder")
    with pytest.raises(StoreError):
        back_up(tmp_path / "nothing", tmp_path / "x")
    assert [path.name for path in backup.parent.iterdir()] == [backup.name]


def test_a_damaged_database_gives_no_backup(lived_in: Path, tmp_path: Path) -> None:
    content = bytearray(lived_in.read_bytes())
    content[4096 * 3 : 4096 * 9] = b"\x55" * 4096 * 6
    lived_in.write_bytes(content)
    with pytest.raises(StoreError):
        back_up(lived_in, tmp_path / "backup")
    assert not list(tmp_path.glob("backup*"))


def test_a_backup_while_others_write_is_of_one_moment(file: Path, tmp_path: Path) -> None:
    """Every turn comes with its fact, in one transaction; no backup has one without the other."""
    ended, written = threading.Event(), threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as direct:
            direct.execute("PRAGMA journal_mode=WAL")
            direct.execute("CREATE TABLE pairs (side TEXT, number INTEGER, filler TEXT)")
            number = 0
            while not ended.is_set():
                direct.execute("BEGIN IMMEDIATE")
                for side in ("one", "other"):
                    direct.execute("INSERT INTO pairs VALUES (?, ?, ?)", (side, number, "x" * 3000))
                direct.execute("COMMIT")
                number += 1
                if number == 300:
                    written.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert written.wait(60)
    seen: list[tuple[int, int]] = []
    try:
        for number in range(3):
            target = tmp_path / f"backup-{number}"
            back_up(file, target, progress=lambda done, total: seen.append((done, total)))
            with closing(sqlite3.connect(target)) as direct:
                sides = direct.execute("SELECT count(*), max(number) FROM pairs GROUP BY side").fetchall()
            assert len(sides) == 2 and sides[0] == sides[1] and sides[0][0] >= 300
    finally:
        ended.set()
        writer.join()
    assert len(seen) >= 6 and any(done == total for done, total in seen)


def test_what_is_being_erased_is_not_in_a_backup(lived_in: Path, tmp_path: Path) -> None:
    """Begun and not done, or done but for the bytes, as a crash leaves it."""
    with closing(sqlite3.connect(lived_in)) as direct:
        direct.execute(
            f"INSERT INTO erasures VALUES ('m1', '{JUN}', NULL, 0, NULL, '2026-11-22 09:00:00.000000')"
        )
        direct.commit()
    back_up(lived_in, tmp_path / "backup")
    assert b"canary-discord-918" not in (tmp_path / "backup").read_bytes()
    assert b"canary-discord-918" in lived_in.read_bytes(), "of the database itself the bot takes care"
    assert not Journal.of(tmp_path / "backup.part").path.exists()


def test_restoring_brings_back_what_was(backup: Path, lived_in: Path) -> None:
    def more(database: Database) -> object:
        return SqlHistoryStore(database).add_turn(Owner(MINA, "direct"), turn(99, "since then"), 0)

    with_database(lived_in, more)
    done = put_back(backup, lived_in)
    assert done.counts == {"people": 3, "memories": 9, "turns": 18}
    assert done.erased == {"people": 0, "memories": 0, "turns": 0}
    assert canary(MINA, HIDDEN, "summary").encode() in lived_in.read_bytes()
    assert b"since then" not in lived_in.read_bytes()
    assert done.before is not None and done.before.name == f"{lived_in.name}.before-restore"
    assert b"since then" in done.before.read_bytes()
    assert stat.S_IMODE(lived_in.stat().st_mode) == 0o600
    names = {path.name for path in lived_in.parent.iterdir() if path.is_file()}
    assert names == {lived_in.name, done.before.name}
    with pytest.raises(FileExistsError):
        put_back(backup, lived_in)
    put_back(backup, lived_in, force=True)


def everything(file: Path) -> bytes:
    """The database and what SQLite keeps beside it."""
    return b"".join(
        path.read_bytes() for path in file.parent.glob(f"{file.name}*") if "before" not in path.name
    )


def test_nobody_who_was_forgotten_comes_back(backup: Path, lived_in: Path) -> None:
    with_database(lived_in, forget(JUN))
    done = put_back(backup, lived_in)
    assert done.erased == {"people": 1, "memories": 3, "turns": 6}
    assert b"canary-discord-918" not in everything(lived_in) and JUN.encode() not in everything(lived_in)
    assert canary(MINA, DIRECT, "said").encode() in everything(lived_in)

    async def look(database: Database) -> None:
        memories = SqlMemoryStore(database)
        assert await memories.epoch(JUN) > 0
        assert await memories.add(Owner(JUN, "direct"), fact("취미", "등산"), 0) is None
        (entry,) = [e for e in await SqlAuditLog(database).list("", 9) if e.action == "restore"]
        assert entry.counts == {"people": 1, "memories": 3, "turns": 6} and entry.at == NOW

    with_database(lived_in, look)
    newer = back_up(lived_in, backup.with_name("tuesday.sqlite3")).file
    assert put_back(newer, lived_in, force=True).erased["people"] == 0


def test_forgotten_in_one_place_only_there(backup: Path, lived_in: Path) -> None:
    with_database(lived_in, forget(JUN, GUILD.scope))
    done = put_back(backup, lived_in)
    assert done.erased == {"people": 1, "memories": 1, "turns": 2}
    left = everything(lived_in)
    assert canary(JUN, GUILD, "").encode() not in left
    assert canary(JUN, DIRECT, "said").encode() in left and canary(JUN, HIDDEN, "said").encode() in left

    async def chosen(database: Database) -> None:
        assert await SqlHistoryStore(database).choices(JUN) == {"language": "ko"}

    with_database(lived_in, chosen)


def test_an_admins_erasure_takes_hidden_channels_in_a_backup_too(backup: Path, lived_in: Path) -> None:
    def admins(database: Database) -> object:
        return SqlMemoryStore(database).forget(JUN, GUILD.scope, below=True, by=MINA)

    with_database(lived_in, admins)
    assert put_back(backup, lived_in).erased == {"people": 1, "memories": 2, "turns": 4}
    left = everything(lived_in)
    assert canary(JUN, HIDDEN, "").encode() not in left and canary(JUN, DIRECT, "").encode() in left
    assert canary(MINA, HIDDEN, "").encode() in left


def test_linked_accounts_stay_forgotten(lived_in: Path, tmp_path: Path) -> None:
    """Linked when the backup was made, and when they were forgotten."""
    with_database(lived_in, lambda database: join(database, JUN, JUN_TOO))
    backup = back_up(lived_in, tmp_path / "backup").file
    with_database(lived_in, forget(JUN, None, linked=(JUN_TOO,)))
    assert put_back(backup, lived_in).erased["people"] == 2
    left = everything(lived_in)
    assert not any(sign in left for sign in (b"canary-discord-918", b"canary-telegram-736", b"name-of"))

    async def alone(database: Database) -> None:
        assert await SqlLinkStore(database).linked(JUN) == ()

    with_database(lived_in, alone)


def test_direct_messages_that_went_with_a_linked_account_stay_erased(lived_in: Path, tmp_path: Path) -> None:
    """The backup may know nothing of the link."""
    backup = back_up(lived_in, tmp_path / "backup").file
    with_database(lived_in, lambda database: join(database, JUN, JUN_TOO), forget(JUN, DIRECT.scope))
    put_back(backup, lived_in)
    left = everything(lived_in)
    assert not any(canary(person, DIRECT, "").encode() in left for person in (JUN, JUN_TOO))
    assert canary(JUN, GUILD, "said").encode() in left and canary(MINA, DIRECT, "said").encode() in left


def test_a_link_of_the_backup_does_not_spread_an_erasure(lived_in: Path, tmp_path: Path) -> None:
    """Who has split since, and forgot one account, keeps the other; but they are no longer linked."""
    with_database(lived_in, lambda database: join(database, JUN, JUN_TOO))
    backup = back_up(lived_in, tmp_path / "backup").file
    with_database(lived_in, lambda database: SqlLinkStore(database).unlink(JUN), forget(JUN))
    assert put_back(backup, lived_in).erased["people"] == 1
    left = everything(lived_in)
    assert b"canary-telegram-736" in left and b"canary-discord-918" not in left and b"name-of" not in left


def test_a_group_that_was_erased_stays_erased(backup: Path, lived_in: Path) -> None:
    async def gone(database: Database) -> None:
        await SqlGroupStore(database).erase("discord:42")

    with_database(lived_in, gone)
    put_back(backup, lived_in)
    left = everything(lived_in)
    assert canary(JUN, GUILD, "").encode() not in left and canary(JUN, HIDDEN, "").encode() not in left
    assert canary(JUN, DIRECT, "said").encode() in left


def test_what_was_erased_after_a_group_moved_is_found_under_its_old_name(
    backup: Path, lived_in: Path
) -> None:
    async def moved(database: Database) -> None:
        await SqlGroupStore(database).move("discord:42", "discord:43")
        await SqlGroupStore(database).move("discord:43", "discord:44")
        await SqlMemoryStore(database).forget(JUN, "group:discord:44", below=True)

    with_database(lived_in, moved)
    assert put_back(backup, lived_in).erased["memories"] == 2
    left = everything(lived_in)
    assert canary(JUN, GUILD, "").encode() not in left and canary(MINA, GUILD, "").encode() in left

    async def known(database: Database) -> None:
        assert await SqlGroupStore(database).known() == ["discord:44"]

    with_database(lived_in, known)


def test_one_fact_and_one_message_stay_erased(backup: Path, lived_in: Path) -> None:
    async def some(database: Database) -> None:
        memories, history = SqlMemoryStore(database), SqlHistoryStore(database)
        (kept,) = await memories.list(Owner(JUN, DIRECT.scope))
        assert await memories.delete(Owner(JUN, DIRECT.scope), kept.id)
        assert await memories.delete_source(Owner(JUN, GUILD.scope), "message-0") == 1
        assert await history.drop_turn(Owner(MINA, GUILD.scope), f"{MINA}-{GUILD.scope}-2") is not None

    with_database(lived_in, some)
    assert put_back(backup, lived_in).counts == {"people": 3, "memories": 7, "turns": 17}
    assert canary(JUN, DIRECT, "value").encode() not in everything(lived_in)


def test_an_erased_fact_stays_erased_in_the_words_that_it_had_before(lived_in: Path, tmp_path: Path) -> None:
    owner = Owner(MINA, HIDDEN.scope)

    async def tell(database: Database) -> None:
        await SqlMemoryStore(database).add(owner, fact("반려동물", "강아지 두 마리"), 0)

    async def reword_and_delete(database: Database) -> None:
        memories = SqlMemoryStore(database)
        again = await memories.add(owner, fact("반려동물", "강아지 2마리", minutes=1), 0)
        assert again is not None and await memories.delete(owner, again.id)

    with_database(lived_in, tell)
    backup = back_up(lived_in, tmp_path / "backup").file
    with_database(lived_in, reword_and_delete)
    assert put_back(backup, lived_in).erased["memories"] == 1
    assert "강아지".encode() not in everything(lived_in)


def test_what_an_erased_message_had_superseded_counts_again_in_a_backup_too(
    lived_in: Path, tmp_path: Path
) -> None:
    owner = Owner(MINA, HIDDEN.scope)

    async def move(database: Database) -> None:
        for minutes, city in enumerate(("부산", "서울", "대구")):
            await SqlMemoryStore(database).add(owner, fact("사는 곳", city, minutes=minutes), 0)

    async def unsay(database: Database) -> None:
        assert await SqlMemoryStore(database).delete_source(owner, "message-2") == 1

    async def lives(database: Database) -> None:
        facts = await SqlMemoryStore(database).list(owner)
        assert [fact.value for fact in facts if fact.superseded_by is None and fact.key == "사는 곳"] == [
            "서울"
        ]

    with_database(lived_in, move)
    backup = back_up(lived_in, tmp_path / "backup").file
    with_database(lived_in, unsay, lives)
    put_back(backup, lived_in)
    with_database(lived_in, lives)


def test_who_came_back_after_being_forgotten_keeps_what_is_in_the_backup(
    lived_in: Path, tmp_path: Path
) -> None:
    """The backup knows of the erasure already: what is in it was said afterwards."""
    with_database(lived_in, forget(JUN), lambda database: settle_in(database, JUN, epoch=1))
    backup = back_up(lived_in, tmp_path / "backup").file
    assert put_back(backup, lived_in).erased == {"people": 0, "memories": 0, "turns": 0}
    assert b"canary-discord-918" in everything(lived_in)
    with_database(lived_in, forget(JUN))
    assert put_back(backup, lived_in, force=True).erased["people"] == 1
    assert b"canary-discord-918" not in everything(lived_in)


def test_an_erasure_that_a_crash_cut_off_counts(backup: Path, lived_in: Path) -> None:
    with closing(sqlite3.connect(lived_in)) as direct:
        direct.execute(
            f"INSERT INTO erasures VALUES ('m1', '{JUN}', NULL, 0, NULL, '2026-11-22 09:00:00.000000')"
        )
        direct.commit()
    assert put_back(backup, lived_in).erased["people"] == 1
    assert b"canary-discord-918" not in everything(lived_in)


@pytest.mark.parametrize("damage", ["overwritten", "emptied", "missing"])
def test_of_a_damaged_database_the_journal_tells_who_was_forgotten(
    backup: Path, lived_in: Path, damage: str
) -> None:
    with_database(lived_in, forget(JUN))
    with_database(lived_in, forget(MINA, GUILD.scope))
    if damage == "missing":
        lived_in.unlink()
    else:
        lived_in.write_bytes(b"not a database at all" * 1000 if damage == "overwritten" else b"")
    done = put_back(backup, lived_in)
    assert done.erased == {"people": 2, "memories": 4, "turns": 8}
    left = everything(lived_in)
    assert b"canary-discord-918" not in left and canary(MINA, GUILD, "").encode() not in left
    assert canary(MINA, DIRECT, "").encode() in left
    assert (done.before is None) is (damage == "missing")


def test_a_damaged_database_without_a_journal_is_not_given_up_lightly(backup: Path, lived_in: Path) -> None:
    lived_in.write_bytes(b"not a database at all" * 1000)
    before = lived_in.read_bytes()
    with pytest.raises(StoreError, match="who was forgotten"):
        put_back(backup, lived_in)
    assert lived_in.read_bytes() == before and len(list(lived_in.parent.glob("bot.db*"))) == 1
    assert put_back(backup, lived_in, force=True).counts["people"] == 3


def test_a_backup_of_another_database(backup: Path, tmp_path: Path) -> None:
    """Its people are told by the key of the present one; a journal alone cannot tell them."""
    present = tmp_path / "other" / "bot.db"
    present.parent.mkdir()
    asyncio.run(upgrade(present))
    with_database(present, lambda database: settle_in(database, JUN), forget(JUN))
    assert put_back(backup, present).erased["people"] == 1
    assert b"canary-discord-918" not in everything(present)
    older = back_up(present, tmp_path / "of-the-other").file  # has both keys
    with_database(present, forget(MINA))
    assert put_back(older, present, force=True).erased["people"] == 1

    alone = tmp_path / "third" / "bot.db"
    alone.parent.mkdir()
    asyncio.run(upgrade(alone))
    with_database(alone, lambda database: settle_in(database, JUN), forget(JUN))
    alone.unlink()
    with pytest.raises(StoreError, match="another database"):
        put_back(backup, alone)
    assert not alone.exists()


def test_an_older_form_is_brought_to_the_newest(lived_in: Path, tmp_path: Path) -> None:
    """Of a time when nobody noted erasures; the present one notes them."""
    old = tmp_path / "old.sqlite3"
    asyncio.run(upgrade(old, "0004"))
    with closing(sqlite3.connect(old)) as direct:
        for person in (JUN, MINA):
            platform, _, account = person.partition(":")
            times = "'2026-01-01 00:00:00.000000'"
            direct.execute(
                f"INSERT INTO people VALUES ('{person}', '{platform}', '{account}', 0, {times}, {times})"
            )
            direct.execute(
                "INSERT INTO turns (person, scope, conversation, message_id, text, reply, summary, lang, created)"
                f" VALUES ('{person}', 'direct', 0, 'm1', 'old words of {person}', '', '', 'ko', {times})"
            )
        direct.commit()
    with_database(lived_in, forget(JUN))
    done = put_back(old, lived_in)
    assert done.revision > "0004" and done.erased == {"people": 1, "memories": 0, "turns": 1}
    left = everything(lived_in)
    assert f"old words of {JUN}".encode() not in left and f"old words of {MINA}".encode() in left


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"", None, "other", "newer"])
def test_what_is_no_backup_is_refused(
    lived_in: Path, backup: Path, tmp_path: Path, content: bytes | str | None
) -> None:
    before, wrong = cells(lived_in), tmp_path / "wrong"
    if isinstance(content, bytes):
        wrong.write_bytes(content)
    elif content is not None:
        shutil.copy(backup, wrong)
        with closing(sqlite3.connect(wrong)) as direct:
            direct.execute(
                "DROP TABLE people"
                if content == "other"
                else "UPDATE alembic_version SET version_num = '9999'"
            )
            direct.commit()
    with pytest.raises(NoBackupError):
        put_back(wrong, lived_in)
    assert cells(lived_in) == before
    assert {path.name for path in lived_in.parent.glob("bot.db*")} == {"bot.db"}


def test_a_database_in_use_is_left_alone(backup: Path, lived_in: Path) -> None:
    """Also by a process that only has it open."""
    program = (
        "import asyncio, sys\nfrom db.engine import Database\n"
        "async def main():\n"
        "    async with Database(sys.argv[1]) as database:\n"
        "        await database.finish_erasures()\n"
        "        print('open', flush=True)\n"
        "        await asyncio.to_thread(sys.stdin.read)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(lived_in)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == b"open\n"
        before = bytes_of(lived_in.parent)
        with pytest.raises(InUseError):
            put_back(backup, lived_in)
        assert canary(JUN, GUILD, "said").encode() in before and not list(lived_in.parent.glob("*restor*"))
        assert other.stdin is not None
        other.stdin.close()
        other.wait(30)
    assert put_back(backup, lived_in).counts["people"] == 3


def test_nobody_writes_while_a_backup_is_put_back(backup: Path, lived_in: Path) -> None:
    """Who would start then waits or does without, and nothing of it is lost unseen."""
    refused: list[bool] = []

    def other(done: int, total: int) -> None:
        with closing(sqlite3.connect(lived_in, timeout=0.05)) as direct:
            try:
                direct.execute("SELECT count(*) FROM people").fetchone()
                refused.append(False)
            except sqlite3.OperationalError:
                refused.append(True)

    put_back(backup, lived_in, progress=other)
    assert refused and all(refused)


def test_a_restored_database_that_does_not_work_gives_way_to_the_present_one(
    backup: Path, lived_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: Path) -> None:
        raise StoreError("it does not work")

    with_database(lived_in, forget(JUN))
    monkeypatch.setattr("db.restore._try", broken)
    with pytest.raises(StoreError, match="does not work"):
        put_back(backup, lived_in)
    assert b"canary-discord-918" not in lived_in.read_bytes()
    assert canary(MINA, DIRECT, "said").encode() in lived_in.read_bytes()
    assert not list(lived_in.parent.glob("*restor*"))


def test_limits_hold_in_what_is_restored_and_nobody_seems_silent(backup: Path, lived_in: Path) -> None:
    later = START + timedelta(days=400)

    async def heard(database: Database) -> None:
        history = SqlHistoryStore(database, lambda: later)
        await history.choose(MINA, "language", "en")

    with_database(lived_in, heard)
    restore(backup, lived_in, Limits(history_days=365, silent_months=6), later)
    assert canary(MINA, DIRECT, "said").encode() not in everything(lived_in)
    assert canary(MINA, DIRECT, "value").encode() in everything(lived_in)

    async def next_day(database: Database) -> None:
        found = await SqlKeeper(database).overdue(Limits(silent_months=6), later + timedelta(days=1))
        assert MINA not in found.people

    with_database(lived_in, next_day)
