"""``python bot.py db``: backup, restore and retain from outside; exit codes and what is printed."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.console.faces import FaceFolder
from bot import exits
from bot.cli import main
from core.people import DIRECT
from db.engine import Database
from db.stores import SqlMemoryStore
from tests.bot.test_run import environ, running
from tests.db.people import bytes_of, settle_in
from tests.fake_discord import FakeDiscord

JUN = "console:jun"
LIVING = Path("var") / "ohlora.sqlite3"


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def lived_in(empty: None) -> None:
    """A database in which one person lives, who was heard of long ago."""
    assert main(["db", "upgrade"]) == exits.OK

    async def fill() -> None:
        async with Database(LIVING) as database:
            await settle_in(database, JUN, DIRECT)

    asyncio.run(fill())


def forget() -> None:
    async def work() -> None:
        async with Database(LIVING) as database:
            await SqlMemoryStore(database).forget(JUN, None, by=JUN)

    asyncio.run(work())


def turns() -> int:
    with closing(sqlite3.connect(LIVING)) as direct:
        count: int = direct.execute("SELECT count(*) FROM turns").fetchone()[0]
        return count


def test_backup_and_restore(lived_in: None, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["db", "backup", "copy.sqlite3", "--json"]) == exits.OK
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "file": "copy.sqlite3", "bytes": Path("copy.sqlite3").stat().st_size, "people": 1, "memories": 1,
        "turns": 2,
    }  # fmt: skip
    assert Path("copy.sqlite3").stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(LIVING)) as direct:
        direct.execute("DELETE FROM turns")
        direct.commit()
    assert main(["db", "restore", "copy.sqlite3"]) == exits.OK
    said = capsys.readouterr().out
    assert "turns 2" in said and "ohlora.sqlite3.before-restore" in said and "Erased" not in said
    assert turns() == 2
    forget()
    assert main(["db", "restore", "--json", "--force", "copy.sqlite3"]) == exits.OK
    told = json.loads(capsys.readouterr().out)
    assert told["erased"] == {"people": 1, "memories": 1, "turns": 2} and told["turns"] == 0
    assert Path(told["before"]).is_file() and turns() == 0
    assert main(["db", "restore", "--force", "copy.sqlite3"]) == exits.OK
    assert "Erased in it, for it was erased since the backup: people 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (["backup", "copy.sqlite3"], exits.CANNOT_CREATE, "--force"),
        (["backup", "no/such/folder"], exits.CANNOT_CREATE, "cannot be written"),
        (["backup", str(LIVING), "--force"], exits.USAGE, "the database itself"),
        (["restore", "nothing.sqlite3"], exits.BAD_INPUT, "cannot be restored"),
        (["restore", "text.txt"], exits.BAD_INPUT, "cannot be restored"),
    ],
)
def test_what_cannot_be_done_is_said(
    lived_in: None, capsys: pytest.CaptureFixture[str], given: list[str], code: int, said: str
) -> None:
    assert main(["db", "backup", "copy.sqlite3"]) == exits.OK
    Path("text.txt").write_text("hello")
    before = turns()
    capsys.readouterr()
    assert main(["db", *given]) == code
    told = capsys.readouterr()
    assert said in told.err and told.out == "" and "Traceback" not in told.err
    assert turns() == before


def test_a_second_restore_does_not_lose_the_first_ones_file(
    lived_in: None, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["db", "backup", "copy.sqlite3"])
    assert main(["db", "restore", "copy.sqlite3"]) == exits.OK
    assert main(["db", "restore", "copy.sqlite3"]) == exits.CANNOT_CREATE
    assert "before-restore is there from an earlier restore" in capsys.readouterr().err
    LIVING.write_bytes(b"damaged" * 1000)
    assert main(["db", "backup", "another.sqlite3"]) == exits.FAILED
    assert not Path("another.sqlite3").exists()


def test_nothing_is_there_yet(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "backup", "copy.sqlite3"]) == exits.FAILED
    assert "no database yet" in capsys.readouterr().err and not Path("copy.sqlite3").exists()


async def test_while_she_runs_a_backup_is_made_and_none_restored(tmp_path: Path) -> None:
    """Also by a bot that has done nothing since its start."""
    async with FakeDiscord() as fake:
        fake.add_guild("town", fake.add_user("mina"))
        async with running(environ=environ(fake, tmp_path)) as bot:
            await bot.tells("in 1 server")
            assert await asyncio.to_thread(main, ["db", "backup", "copy.sqlite3"]) == exits.OK
            assert await asyncio.to_thread(main, ["db", "restore", "copy.sqlite3"]) == exits.FAILED
            bot.process.send_signal(signal.SIGTERM)
            assert await bot.ended() == exits.OK
        assert await asyncio.to_thread(main, ["db", "restore", "copy.sqlite3"]) == exits.OK


def test_retain(lived_in: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.clock.SystemClock.now", _in_two_years)
    faces = FaceFolder(Path("var/faces"), JUN)
    assert faces.save(b"a picture") is not None
    capsys.readouterr()
    assert main(["db", "retain"]) == exits.OK
    told = capsys.readouterr()
    assert "No limit is set" in told.err and "turns 0, memories 0, battles 0, people 0 are gone" in told.out
    monkeypatch.setenv("OHLORA_RETENTION_DAYS", "700")
    assert main(["db", "retain", "--dry-run", "--json"]) == exits.OK
    expected = {"turns": 2, "memories": 0, "battles": 0, "people": 0}
    assert json.loads(capsys.readouterr().out) == expected | {"dry_run": True} and turns() == 2
    assert main(["db", "retain", "--json"]) == exits.OK
    assert json.loads(capsys.readouterr().out) == expected | {"dry_run": False} and turns() == 0
    monkeypatch.setenv("OHLORA_FORGET_SILENT_MONTHS", "12")
    assert main(["db", "retain", "--dry-run"]) == exits.OK
    assert "people 1 would go" in capsys.readouterr().out and any(Path("var/faces").iterdir())
    assert main(["db", "retain"]) == exits.OK
    assert b"canary" not in bytes_of(Path("var")) and not any(Path("var/faces").iterdir())


def _in_two_years(_: object) -> datetime:
    return datetime.now(UTC) + timedelta(days=730)


@pytest.mark.parametrize("name", ["OHLORA_RETENTION_DAYS", "OHLORA_FORGET_SILENT_MONTHS"])
@pytest.mark.parametrize("value", ["0", "-1", "soon", "1.5"])
def test_limits_that_cannot_be_meant(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    assert main(["db", "retain"]) == exits.CONFIG
    assert name in capsys.readouterr().err
