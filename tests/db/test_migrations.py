"""Migrations: from nothing, from the first form with rows, and always to what the tables say."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import threading
import time
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Connection, Text
from sqlalchemy.ext.asyncio import AsyncSession

from core.battle.game import Side
from core.battle.record import side_record
from core.errors import StoreError, StoreReadOnlyError
from core.people import Owner
from db import migrate
from db.engine import Database
from db.migrate import upgrade
from db.stores import SqlBattleStore, SqlDeliveryStore, SqlHistoryStore, SqlMemoryStore
from db.tables import Base
from tests.db.samples import JUN, START, fact, turn, unit

HEAD = "0011"

TIME = "2026-01-02 03:04:05.000006"
FIRST_ROWS = f"""
INSERT INTO people VALUES ('console:jun', 'console', 'jun', 3, '{TIME}', '{TIME}');
INSERT INTO settings VALUES ('console:jun', 'language', 'ko');
INSERT INTO conversations VALUES ('console:jun', 'direct', 1, '{TIME}');
INSERT INTO turns (person, scope, conversation, message_id, text, reply, summary, lang, created)
    VALUES ('console:jun', 'direct', 1, 'm1', '안녕', '반가워', '', 'ko', '{TIME}');
INSERT INTO memories (person, scope, digest, key, value, source, created, updated)
    VALUES ('console:jun', 'direct', 'd', '취미', '등산', 'm1', '{TIME}', '{TIME}');
INSERT INTO vectors VALUES (1, 'm1', 2, x'0000803f00000000');
"""


async def test_from_nothing(tmp_path: Path) -> None:
    assert await upgrade(tmp_path / "bot.db") == HEAD
    assert await upgrade(tmp_path / "bot.db") == HEAD


async def test_by_url(tmp_path: Path) -> None:
    assert await upgrade(f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}") == HEAD
    assert (tmp_path / "bot.db").exists()


async def test_the_tables_are_what_the_models_say(file: Path) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return list(compare_metadata(context, Base.metadata))

    async def work(session: AsyncSession) -> list[object]:
        return await (await session.connection()).run_sync(differences)

    async with Database(file) as database:
        assert await database.read(work) == []


async def test_from_the_first_form_with_rows(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    assert await upgrade(file, "0001") == "0001"
    with sqlite3.connect(file) as old:
        old.executescript(FIRST_ROWS)
    old.close()

    assert await upgrade(file) == HEAD

    async with Database(file) as database:
        memories, history = SqlMemoryStore(database), SqlHistoryStore(database)
        assert [each.tag for each in await memories.list(JUN)] == ["[취미: 등산]"]
        assert (await memories.search(JUN, "?", unit(1, 0), "m1", 1))[0][1] == pytest.approx(0.9)
        assert [each.reply for each in await history.last_turns(JUN, 5)] == ["반가워"]
        assert await history.choices(JUN.person) == {"language": "ko"}
        assert await memories.epoch(JUN.person) == 3
        assert await history.drop_turn(JUN, "m1") is not None
        assert await SqlDeliveryStore(database).claim("m1", JUN.person, JUN.scope, START)


async def test_facts_of_before_get_their_dates(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    assert await upgrade(file, "0006") == "0006"
    late = "2026-11-18 18:30:00.000000"  # in Seoul the 19th at half past three: still the 18th
    early = "2026-11-18 03:00:00.000000"  # in Los Angeles the evening of the 17th
    facts = [("jun", key, late) for key in OLD_DATES] + [("ann", key, early) for key in ("내일 일정", "취미")]
    with sqlite3.connect(file) as old:
        for person in ("jun", "ann"):
            old.execute("INSERT INTO people VALUES (?, '', '', 0, ?, ?)", (person, late, late))
        old.execute("INSERT INTO settings VALUES ('ann', 'timezone', 'America/Los_Angeles')")
        old.executemany(
            "INSERT INTO memories (person, scope, digest, key, value, source, created, updated)"
            " VALUES (?, 'direct', ?, ?, '시험', 'm', ?, ?)",
            [(person, key, key, at, at) for person, key, at in facts],
        )
    old.close()

    for _ in range(2):
        assert await upgrade(file) == HEAD

    async with Database(file) as database:
        store = SqlMemoryStore(database)
        jun, ann = await store.list(Owner("jun", "direct")), await store.list(Owner("ann", "direct"))
    assert {fact.key: (fact.starts, fact.ends) for fact in jun} == {
        key: (days and date(2026, 11, days[0]), days and date(2026, *days[1]))
        for key, days in OLD_DATES.items()
    }
    assert {fact.key: fact.starts for fact in ann} == {"내일 일정": date(2026, 11, 18), "취미": None}
    assert {fact.key: fact.lang for fact in jun}["plan for today"] == "en"
    assert {(fact.confidence, fact.superseded_by, fact.lang) for fact in ann} == {(1.0, None, "ko")}


OLD_DATES: dict[str, tuple[int, tuple[int, int]] | None] = {  # told on November 18, a Wednesday, as people feel it
    "내일 일정": (19, (11, 19)), "오늘 약속": (18, (11, 18)), "모레 일정": (20, (11, 20)), "어제 일정": (17, (11, 17)),
    "plan for today": (18, (11, 18)), "weather today": (18, (11, 18)), "오늘 날씨": (18, (11, 18)),
    "주말 일정": (21, (11, 22)), "다음 주 일정": (23, (11, 29)), "상태": (18, (11, 19)), "고민": (18, (12, 16)),
    "향후 일정": None, "이름": None, "MBTI": None, "오늘의 기분": None,
}  # fmt: skip


async def test_battles_of_before_are_kept_with_nothing_known_of_their_making(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    assert await upgrade(file, "0009") == "0009"
    with sqlite3.connect(file) as old:
        old.execute("INSERT INTO people VALUES ('jun', '', '', 0, ?, ?, 0)", (TIME, TIME))
        old.execute(
            "INSERT INTO battles (person, scope, channel, message, dataset, instance, version, rival, tier, seed,"
            " lang, phase, drawn, created, card, comment, inputs, sides) VALUES ('jun', 'direct', 'c', 'm', 'digits',"
            " 'digits-001', 'v1', 'lora', 'refined', 7, 'ko', 'done', 1, ?, '', '이야', '[]', ?)",
            (TIME, json.dumps({"left": side_record(Side("jun")), "right": side_record(Side())})),
        )
    old.close()

    assert await upgrade(file) == HEAD

    async with Database(file) as database:
        found = await SqlBattleStore(database).get(1)
    assert found is not None and (found.comment, found.code, found.knowledge) == ("이야", "", "")


async def test_back_to_the_first_form(file: Path) -> None:
    """The newer tables go, what people said stays."""
    async with Database(file) as database:
        await SqlHistoryStore(database).add_turn(JUN, turn(1), 0)

    def down(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(migrate._SCRIPTS))
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")

    async def work(session: AsyncSession) -> None:
        await (await session.connection()).run_sync(down)

    async with Database(file, foreign_keys=False) as database:
        await database.write(work)
    with sqlite3.connect(file) as after:
        names = {row[0] for row in after.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    after.close()
    assert "deliveries" not in names and "turns" in names
    assert await upgrade(file) == HEAD
    async with Database(file) as database:
        assert await SqlHistoryStore(database).last_turns(JUN, 1) == [turn(1)]


async def test_it_waits_while_another_process_holds_the_file(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    held = threading.Event()

    def hold() -> None:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        held.set()
        time.sleep(0.3)
        other.execute("COMMIT")
        other.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    assert await upgrade(file) == HEAD
    holder.join()


async def test_it_gives_up_when_the_file_stays_locked(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError):
        await upgrade(file, busy_timeout_ms=100)
    other.close()
    assert await upgrade(file) == HEAD


async def test_two_starts_at_once(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    assert set(await asyncio.gather(*(upgrade(file) for _ in range(3)))) == {HEAD}


async def test_a_read_only_file_passes_if_it_is_up_to_date(file: Path, tmp_path: Path) -> None:
    file.chmod(0o444)
    assert await upgrade(file) == HEAD
    empty = tmp_path / "empty.db"
    empty.touch(0o444)
    with pytest.raises(StoreReadOnlyError):
        await upgrade(empty)


async def test_a_database_of_a_newer_program_is_refused(file: Path) -> None:
    with sqlite3.connect(file) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.close()
    with pytest.raises(StoreError, match="another version"):
        await upgrade(file)


async def test_a_failing_migration_leaves_the_old_state(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts = Path(shutil.copytree(migrate._SCRIPTS, tmp_path / "migrations"))
    (scripts / "versions" / f"{int(HEAD) + 1:04d}_broken.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\n"
        f"revision, down_revision = '{int(HEAD) + 1:04d}', '{HEAD}'\n"
        "def upgrade():\n"
        "    op.add_column('people', sa.Column('half', sa.Text()))\n"
        "    op.execute('INSERT INTO nowhere VALUES (1)')\n"
    )
    monkeypatch.setattr(migrate, "_SCRIPTS", scripts)

    with pytest.raises(StoreError):
        await upgrade(file)

    with sqlite3.connect(file) as after:
        assert after.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)
        assert "half" not in [row[1] for row in after.execute("PRAGMA table_info(people)")]
    after.close()


async def test_rebuilding_a_table_keeps_what_refers_to_it(file: Path) -> None:
    """SQLite drops and renames to alter: with foreign keys on, that would empty the tables below."""
    async with Database(file) as database:
        await SqlHistoryStore(database).add_turn(JUN, turn(1), 0)
        await SqlMemoryStore(database).add(JUN, fact("취미", "등산", unit(1, 0)), 0)

    def rebuild(connection: Connection) -> None:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("people", recreate="always") as people:
            people.add_column(Column("note", Text()))

    async def work(session: AsyncSession) -> None:
        await (await session.connection()).run_sync(rebuild)

    async with Database(file, foreign_keys=False) as database:
        await database.write(work)
    async with Database(file) as database:
        assert await SqlHistoryStore(database).last_turns(JUN, 9) == [turn(1)]
        found = await SqlMemoryStore(database).search(JUN, "", unit(1, 0), "m1", 9)
        assert [score for _, score in found] == pytest.approx([0.9])
