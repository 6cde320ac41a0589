"""Killed in the middle: a real process on a real file gets SIGKILL while it erases and others write.

Whatever the moment, the next start finds either an erasure that was never begun, and everything whole,
or it completes it, so that no byte of the person is left.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from core.errors import StoreError
from core.people import DIRECT, Owner
from db.backup import back_up
from db.engine import Database
from db.migrate import upgrade
from db.stores import SqlHistoryStore, SqlMemoryStore
from tests.db.people import GUILD, HIDDEN, bytes_of, cells, join, settle_in
from tests.db.samples import fact, turn

JUN, JUN_TOO = "discord:9182736455", "telegram:7364558291"
OTHERS = [f"discord:{number}" for number in range(3)]
SIGNS = (b"canary-discord-918", b"canary-telegram-736")


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    """Processes that have imported everything when they begin."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["tests.db.test_erasing_crash"])
    return made


@pytest.fixture(scope="module")
def town(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which the two accounts of one person and some others live."""
    file = Path(shutil.copy(template, tmp_path_factory.mktemp("town") / "bot.db"))

    async def fill() -> None:
        async with Database(file) as database:
            for person in (JUN, JUN_TOO, *OTHERS):
                await settle_in(database, person)
            await join(database, JUN, JUN_TOO)

    asyncio.run(fill())
    return file


def erasing(file: str, begin: object, everywhere: bool) -> None:
    """The process that is killed: others talk, and the person is forgotten."""

    async def talk(database: Database, person: str) -> None:
        owner = Owner(person, DIRECT.scope)
        memories, history = SqlMemoryStore(database), SqlHistoryStore(database)
        for number in range(10_000):
            with suppress(StoreError):
                await history.add_turn(owner, turn(number), 0)
                await memories.add(owner, fact("수", str(number)), 0)

    async def main() -> None:
        async with Database(file) as database:
            talks = [asyncio.create_task(talk(database, person)) for person in OTHERS]
            await asyncio.sleep(0.02)
            begin.set()  # type: ignore[attr-defined]
            memories = SqlMemoryStore(database)
            if everywhere:
                await memories.forget(JUN, None, linked=(JUN_TOO,), by=JUN)
            else:
                await memories.forget(JUN, GUILD.scope, by=JUN)
            await asyncio.gather(*talks)

    asyncio.run(main())


def killed(context: ForkServerContext, file: Path, after_s: float, everywhere: bool) -> None:
    """Have the process begin to erase, and kill it so much later."""
    begin = context.Event()
    process = context.Process(target=erasing, args=(str(file), begin, everywhere))
    process.start()
    assert begin.wait(60)
    time.sleep(after_s)
    process.kill()
    process.join(60)
    assert process.exitcode == -9, "it was killed, and did not end before"


def state(file: Path) -> str:
    """How far the erasure had come, as it stands in the file."""
    with closing(sqlite3.connect(file)) as direct:
        open_, done, marked = (
            direct.execute(query).fetchone()[0]
            for query in (
                "SELECT count(*) FROM erasures", "SELECT count(*) FROM tombstones", "PRAGMA user_version",
            )
        )  # fmt: skip
    return "asked" if open_ else "deleted" if marked else "wiped" if done else "not begun"


def kill_at_random(
    context: ForkServerContext, town: Path, folder: Path, times: int, seed: int
) -> Counter[str]:
    """Kill so often; how far the erasures had come.

    The moments are drawn around the one at which this machine was last found in the middle of it.
    """
    rng, found, about_s = random.Random(seed), Counter[str](), 0.1
    for trial in range(times):
        home = folder / str(trial)
        home.mkdir()
        file, everywhere = Path(shutil.copy(town, home)), trial % 2 == 0
        killed(context, file, about_s * rng.uniform(0.2, 1.8), everywhere)
        as_left = Path(shutil.copytree(home, folder / f"{trial}-left"))
        how_far = state(as_left / file.name)  # of a copy: looking may itself mend the log
        shutil.rmtree(as_left)
        found[how_far] += 1
        about_s = min(3.0, about_s * {"not begun": 1.4, "wiped": 0.7}.get(how_far, 1.0))

        asyncio.run(upgrade(file))  # the next start

        left, rows = bytes_of(home), cells(file)
        assert state(file) == ("not begun" if how_far == "not begun" else "wiped"), (trial, how_far)
        inside = [canary_of(JUN, "group-discord-42")] if not everywhere else [*SIGNS, JUN.encode()]
        for sign in inside:
            assert (sign in left) is (how_far == "not begun"), (trial, how_far, sign)
        others = [canary_of(person, "direct") for person in OTHERS]
        others += [] if everywhere else [canary_of(JUN, "direct"), canary_of(JUN, "group-discord-42-9")]
        assert all(sign in left for sign in others), (trial, how_far)
        assert rows["erasures"] == "[]"
        if how_far != "not begun":
            backup = back_up(file, home / "backup.sqlite3").file.read_bytes()
            assert not any(sign in backup for sign in inside), (trial, how_far)
        shutil.rmtree(home)
    return found


def canary_of(person: str, scope: str) -> bytes:
    """What all that the person said there begins with."""
    return f"canary-{person.replace(':', '-')}~{scope}~".encode()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shutil.rmtree(tmp_path, ignore_errors=True)


def test_killed_at_any_moment(context: ForkServerContext, town: Path, folder: Path) -> None:
    found = kill_at_random(context, town, folder, 20, seed=1)
    assert found["not begun"] < 15 and found["asked"] + found["deleted"] > 0, found


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_killed_at_any_moment_very_often(
    context: ForkServerContext, town: Path, folder: Path, seed: int
) -> None:
    found = kill_at_random(context, town, folder, 100, seed=100 + seed)
    assert {"asked", "deleted", "wiped"} <= {*found} and found["not begun"] < 60, found


def test_the_person_lives_in_the_town(town: Path) -> None:
    """Else nothing of the above would say anything."""
    left = town.read_bytes()
    assert all(sign in left for sign in (*SIGNS, JUN.encode()))
    assert all(
        canary_of(JUN, scope) in left for scope in ("direct", "group-discord-42", "group-discord-42-9")
    )
    assert HIDDEN.scope in cells(town)["turns"]
