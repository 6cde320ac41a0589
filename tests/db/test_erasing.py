"""Erasing: everything goes, nothing comes afterwards, and what was begun is completed."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import StoreError
from core.people import DIRECT, Owner
from core.ports_places import AuditEntry
from db.engine import Database
from db.erasing import SILENT, Share, complete, erase
from db.migrate import upgrade
from db.stores import SqlAuditLog, SqlGroupStore, SqlHistoryStore, SqlMemoryStore
from db.tables import Base, PersonRow
from db.tables_erasure import ErasureRow, TombstoneRow
from db.tombstones import Journal, Key
from tests.caches import cached_texts
from tests.db.people import GUILD, HIDDEN, bytes_of, canary, cells, join, settle_in
from tests.db.samples import START, fact, turn

JUN, MINA, JUN_TOO = "discord:9182736455", "discord:2020202020", "telegram:7364558291"


async def rows(database: Database, table: str) -> int:
    return await database.read(lambda session: session.scalar(text(f"SELECT count(*) FROM {table}"))) or 0


async def test_everywhere_not_even_the_account_is_left(
    database: Database, file: Path, memories: SqlMemoryStore
) -> None:
    for person in (JUN, MINA):
        await settle_in(database, person)
    await join(database, JUN, JUN_TOO)
    before = cells(file)
    mine = {table for table, content in before.items() if JUN in content}
    assert {"people", "settings", "conversations", "turns", "memories", "deliveries", "links"} <= mine

    gone = await memories.forget(JUN, None, linked=(JUN_TOO,), by=JUN)

    assert gone == {"memories": 3, "turns": 6}
    assert {
        table for table, content in cells(file).items() if JUN in content or "canary-discord-918" in content
    } == set()
    left = bytes_of(file.parent)
    for sign in (JUN, JUN.partition(":")[2], JUN_TOO.partition(":")[2], "canary-discord-918"):
        assert sign.encode() not in left
    assert canary(MINA, HIDDEN, "said").encode() in left
    for table in ("vectors", "joined_messages", "delivery_replies", "unsure_deliveries"):
        assert await rows(database, table) == len(json.loads(before[table])) // 2 > 0


async def test_here_what_was_chosen_stays(database: Database, file: Path, memories: SqlMemoryStore) -> None:
    await settle_in(database, JUN)
    assert await memories.forget(JUN, GUILD.scope, by=JUN) == {"memories": 1, "turns": 2}
    left = bytes_of(file.parent)
    assert canary(JUN, GUILD, "").encode() not in left
    assert canary(JUN, HIDDEN, "said").encode() in left and canary(JUN, DIRECT, "summary").encode() in left
    assert await SqlHistoryStore(database).choices(JUN) == {"language": "ko"}
    assert (await rows(database, "conversations"), await rows(database, "deliveries")) == (2, 4)


@pytest.mark.parametrize(("by", "kept"), [(JUN, {"learning": "off"}), (SILENT, {})])
async def test_a_no_to_learning_outlives_everything_but_silence(
    database: Database, by: str, kept: dict[str, str]
) -> None:
    history = SqlHistoryStore(database)
    await settle_in(database, JUN)
    for choice in (("learning", "off"), ("greeted", "yes"), ("timezone", "Asia/Seoul")):
        await history.choose(JUN, *choice)
    await erase(database, [Share(JUN)], START, by)
    assert await history.choices(JUN) == kept
    assert await rows(database, "people") == len(kept)


async def test_the_epoch_outlives_the_person(database: Database, memories: SqlMemoryStore) -> None:
    """A write that was begun before is dropped although nobody of that name is known any more."""
    await settle_in(database, JUN)
    for times in (1, 2):
        await memories.forget(JUN, None)
        assert await rows(database, "people") == 0 and await memories.epoch(JUN) == times
        for late in range(times):
            assert await memories.add(Owner(JUN, "direct"), fact("취미", "등산"), late) is None
            assert not await SqlHistoryStore(database).add_turn(Owner(JUN, "direct"), turn(1), late)
        assert await memories.add(Owner(JUN, "direct"), fact("취미", "등산"), times) is not None
        assert await memories.epoch(JUN) == times
    assert await memories.epoch(MINA) == 0


async def test_linked_accounts_go_all_or_none_and_are_completed_later(
    database: Database, file: Path, memories: SqlMemoryStore
) -> None:
    for person in (JUN, JUN_TOO):
        await settle_in(database, person, DIRECT)
    await join(database, JUN, JUN_TOO)
    with closing(sqlite3.connect(file)) as direct:  # as if the power failed in the middle
        direct.execute(
            f"CREATE TRIGGER broken BEFORE DELETE ON turns WHEN old.person = '{JUN_TOO}'"
            " BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
        direct.commit()
    with pytest.raises(StoreError):
        await memories.forget(JUN, None, linked=(JUN_TOO,), by=JUN)
    assert await memories.counts(JUN, None, linked=(JUN_TOO,)) == {"memories": 2, "turns": 4}
    with closing(sqlite3.connect(file)) as direct:
        direct.execute("DROP TRIGGER broken")
        direct.commit()

    await upgrade(file)  # the next start

    assert (await rows(database, "erasures"), await rows(database, "tombstones")) == (0, 2)
    assert b"canary" not in bytes_of(file.parent) and await rows(database, "links") == 0
    assert [entry.action for entry in await SqlAuditLog(database).list("", 9)] == ["forget own"] * 2


@pytest.mark.parametrize("scope", [DIRECT.scope, None])
async def test_direct_messages_of_linked_accounts_are_one_also_after_a_crash(
    database: Database, file: Path, memories: SqlMemoryStore, scope: str | None
) -> None:
    """Nobody names the other account; what it said in groups stays."""
    for person in (JUN, JUN_TOO, MINA):
        await settle_in(database, person, DIRECT, GUILD)
    await join(database, JUN, JUN_TOO)
    counted = await memories.counts(JUN, scope)
    with closing(sqlite3.connect(file)) as direct:  # as if the power failed in the middle
        direct.execute(
            f"CREATE TRIGGER broken BEFORE DELETE ON turns WHEN old.person = '{JUN_TOO}'"
            " BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
        direct.commit()
    with pytest.raises(StoreError):
        await memories.forget(JUN, scope, by=JUN)
    assert await memories.counts(JUN, scope) == counted
    with closing(sqlite3.connect(file)) as direct:
        direct.execute("DROP TRIGGER broken")
        direct.commit()

    await upgrade(file)  # the next start

    gone = {"memories": 2, "turns": 4} if scope else {"memories": 3, "turns": 6}
    assert counted == gone and await memories.counts(JUN, scope) == {"memories": 0, "turns": 0}
    left = bytes_of(file.parent)
    for person in (JUN, JUN_TOO):
        assert canary(person, DIRECT, "").encode() not in left and await memories.epoch(person) == 1
    assert canary(JUN_TOO, GUILD, "said").encode() in left and canary(MINA, DIRECT, "said").encode() in left
    assert await rows(database, "links") == (2 if scope else 0)


async def test_what_another_just_began_is_left_to_them(database: Database) -> None:
    """The running bot looks for erasures that nobody ends, not for those under way."""
    await settle_in(database, JUN, DIRECT)

    async def begun(session: AsyncSession) -> None:
        session.add(ErasureRow(mark="m", person=JUN, scope=None, below=False, by=None, at=START))

    await database.write(begun)
    assert await complete(database, START) == 0 and await rows(database, "turns") == 2
    assert await complete(database, START + timedelta(seconds=1)) == 1 and await rows(database, "turns") == 0
    assert await complete(database) == 0


async def test_a_group_that_was_being_erased_is_gone_at_the_next_start(
    database: Database, file: Path
) -> None:
    await settle_in(database, JUN)
    await SqlGroupStore(database).set("discord:42", "language", "ko")

    async def begun(session: AsyncSession) -> None:
        session.add(ErasureRow(mark="m", person="", scope=GUILD.scope, below=True, by=None, at=START))

    await database.write(begun)
    await upgrade(file)
    left = bytes_of(file.parent)
    assert canary(JUN, GUILD, "").encode() not in left and canary(JUN, HIDDEN, "").encode() not in left
    assert canary(JUN, DIRECT, "said").encode() in left
    assert await SqlGroupStore(database).settings("discord:42") == {}


async def test_tombstones_name_nobody(database: Database, file: Path, memories: SqlMemoryStore) -> None:
    for person in (JUN, MINA):
        await settle_in(database, person)
        await memories.forget(person, GUILD.scope, by=person)
    await memories.forget(JUN, None, by=JUN)
    await memories.forget(JUN, None, by=JUN)
    found = json.loads(cells(file)["tombstones"])
    assert len(found) == 3, "what is erased again has one tombstone still"
    assert len({row[1] for row in found}) == 2, "by its hash a person is found in them"
    assert sorted(row[4] for row in found) == [1, 1, 3]
    journal = Journal.of(file).read()
    assert {stone.mark for stone in journal} >= {row[3] for row in found}
    assert {stone.target for stone in journal} == {row[0] for row in found}
    told = cells(file)["tombstones"] + Journal.of(file).path.read_text()
    assert not any(sign in told for sign in (JUN, "918273", "2020", GUILD.scope, "canary"))
    assert oct(Journal.of(file).path.stat().st_mode)[-3:] == "600"


def test_hashes_tell_people_places_and_keys_apart() -> None:
    one, other = Key("a", b"1" * 32), Key("b", b"2" * 32)
    hashes = [
        key.target(person, scope, below)
        for key in (one, other)
        for person in ("x:1", "x:11", "")
        for scope in ("direct", "group:1", "group:11", "group:1/1")
        for below in (False, True)
    ] + [key.person(person) for key in (one, other) for person in ("x:1", "x:11")]
    assert len(set(hashes)) == len(hashes)
    inside = one.covering("x:1", "group:1/9")
    assert one.target("x:1", "group:1", True) in inside and one.target("", "group:1", True) in inside
    assert one.target("x:1", "group:1", False) not in inside


async def test_a_line_that_was_cut_in_two_costs_no_other(file: Path, memories: SqlMemoryStore) -> None:
    journal = Journal.of(file)
    await memories.forget(JUN, None)
    with journal.path.open("ab") as half:
        half.write(b'{"target": "12')
    await memories.forget(MINA, None)
    assert len(journal.read()) == 2


async def test_where_the_journal_cannot_be_written_people_are_forgotten_all_the_same(
    database: Database, file: Path, memories: SqlMemoryStore
) -> None:
    Journal.of(file).path.mkdir()
    await settle_in(database, JUN, DIRECT)
    assert await memories.forget(JUN, None) == {"memories": 1, "turns": 2}
    assert b"canary" not in bytes_of(file.parent)


@pytest.mark.parametrize(
    ("by", "share", "group", "acts"),
    [
        (JUN, Share(JUN, GUILD.scope), "discord:42", ("#", "forget own", "")),
        (JUN, Share(JUN), "", ("#", "forget own", "")),
        (MINA, Share(JUN, GUILD.scope, True), "discord:42", (MINA, "forget", JUN)),
        (SILENT, Share(JUN), "", ("-", "forget silent", "#")),
        (None, Share(JUN), "", None),
    ],
)
async def test_the_audit_keeps_counts_and_of_ones_own_no_name(
    database: Database,
    file: Path,
    by: str | None,
    share: Share,
    group: str,
    acts: tuple[str, str, str] | None,
) -> None:
    await settle_in(database, JUN)
    gone = await erase(database, [share], START, by)
    entries: list[AuditEntry] = await SqlAuditLog(database).list(group, 9)
    assert len(entries) == (acts is not None)
    for entry in entries:
        found = (entry.actor[:1] if entry.actor[:1] == "#" else entry.actor, entry.action, entry.target[:1] if entry.target[:1] == "#" else entry.target)  # fmt: skip
        assert found == acts and entry.counts == {"memories": gone["memories"], "turns": gone["turns"]}
        assert entry.at == START
    assert "canary" not in cells(file)["audit"]
    assert (JUN in cells(file)["audit"]) is (by == MINA)


async def test_many_at_once(database: Database, file: Path, memories: SqlMemoryStore) -> None:
    """Erasures that meet each other: none takes back that another has still bytes to clean."""
    people = [f"discord:{number}" for number in range(8)]
    for person in people:
        await settle_in(database, person, DIRECT)
    await asyncio.gather(*(memories.forget(person, None, by=person) for person in people))
    assert b"canary" not in bytes_of(file.parent) and await rows(database, "people") == 0
    with closing(sqlite3.connect(file)) as direct:
        assert direct.execute("PRAGMA user_version").fetchone() == (0,)


async def test_words_go_from_full_text_indexes_too(
    database: Database, file: Path, memories: SqlMemoryStore
) -> None:
    """FTS5 keeps what was deleted until its parts are merged."""
    with closing(sqlite3.connect(file, isolation_level=None)) as direct:
        direct.execute("CREATE VIRTUAL TABLE words USING fts5(value, tokenize='trigram')")
        direct.execute(
            "CREATE TRIGGER heard AFTER INSERT ON memories BEGIN"
            " INSERT INTO words(rowid, value) VALUES (new.id, new.value); END"
        )
        direct.execute(
            "CREATE TRIGGER unheard AFTER DELETE ON memories BEGIN"
            " DELETE FROM words WHERE rowid = old.id; END"
        )
    for number in range(30):
        for person in (JUN, MINA):
            word = "zqxjkv" if person == JUN else "wpfmgh"
            await memories.add(Owner(person, "direct"), fact(f"{number}", f"{word}{number}"), 0)
    assert bytes_of(file.parent).count(b"zqx") > 1
    await memories.forget(JUN, None)
    left = bytes_of(file.parent)
    assert not any(part in left for part in (b"zqx", b"qxj", b"xjk", b"jkv")) and b"wpf" in left


def test_every_table_says_whose_its_rows_are() -> None:
    """A new table about people refers to them, or stands here with a reason."""
    person = PersonRow.__table__.c.id
    without = {
        "blocks",  # to be forgotten does not lift a block
        "audit",  # an act of an admin stays
        "link_tries",  # nor does it buy more guesses; they go within minutes
        "erasures", "tombstones", "people", "alembic_version",
    }  # fmt: skip
    for table in Base.metadata.sorted_tables:
        names = {"person", "account", "giver", "taker", "owner", "scope"} & {*table.c.keys()}
        refers = any(key.column is person for column in table.columns for key in column.foreign_keys)
        assert refers or not names or table.name in without, table.name
    assert {ErasureRow.__tablename__, TombstoneRow.__tablename__} <= without


async def test_one_fact_and_one_message_leave_tombstones_without_words(
    database: Database, file: Path, memories: SqlMemoryStore, history: SqlHistoryStore
) -> None:
    owner = Owner(JUN, "direct")
    await settle_in(database, JUN, DIRECT)
    (kept,) = await memories.list(owner)
    assert await memories.delete(owner, kept.id) is not None
    assert await history.drop_turn(owner, f"{JUN}-direct-1-first") is not None
    assert await memories.delete_source(owner, "nothing came of it") == 0
    assert await rows(database, "tombstones") == 3, "two for the fact, by its words and its id"
    told = cells(file)["tombstones"]
    assert JUN not in told and "canary" not in told and "direct" not in told
    assert await memories.epoch(JUN) == 0


@pytest.mark.parametrize("way", ["forget", "delete", "edit", "delete_source"])
async def test_no_cache_of_the_program_holds_what_was_erased(memories: SqlMemoryStore, way: str) -> None:
    """Facts of one key are compared with each other word by word, and what was read of them is kept for a while."""
    mine = Owner(JUN, DIRECT.scope)
    first = await memories.add(mine, fact("내 별명", "멜론빙수 하나"), 0)
    await memories.add(mine, fact("내 별명", "멜론빙수 둘", minutes=1), 0)
    assert first is not None and any("멜론빙수" in text for text in cached_texts())
    if way == "forget":
        await memories.forget(JUN, None)
    elif way == "delete":
        await memories.delete(mine, first.id)
    elif way == "delete_source":
        await memories.delete_source(mine, first.source)
    else:
        await memories.edit(mine, first.id, fact("취미", "등산", minutes=2))
    assert not [text for text in cached_texts() if "멜론빙수" in text or "별명" in text]
