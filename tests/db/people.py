"""A person of whom everything is kept that can be kept, with canaries that a byte search finds."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from core.people import DIRECT, Owner, Place, PlaceKind
from core.ports_links import Account, Agreement
from db.engine import Database
from db.stores import SqlDeliveryStore, SqlHistoryStore, SqlLinkStore, SqlMemoryStore
from db.tables import Base
from tests.db.samples import SMILE, START, fact, turn, unit

GUILD = Place(PlaceKind.GROUP, "discord:42")
HIDDEN = Place(PlaceKind.GROUP, "discord:42", "9")


def canary(person: str, place: Place, what: str) -> str:
    """A word that stands for what a person said somewhere."""
    return f"canary-{person.replace(':', '-')}~{place.scope.replace(':', '-').replace('/', '-')}~{what}"


async def settle_in(database: Database, person: str, *places: Place, epoch: int = 0) -> None:
    """Everything that can be kept of someone in some places, but links."""
    memories, history = SqlMemoryStore(database), SqlHistoryStore(database)
    deliveries = SqlDeliveryStore(database)
    await history.choose(person, "language", "ko")
    for place in places or (DIRECT, GUILD, HIDDEN):
        owner = Owner(person, place.scope)
        key, value, said, reply, summary = (
            canary(person, place, what) for what in ("key", "value", "said", "reply", "summary")
        )
        await memories.add(owner, fact(key[-20:], value, unit(1, 0)), epoch)
        for number in (1, 2):
            message = f"{person}-{place.scope}-{number}"
            kept = replace(
                turn(number, said, reply), message_id=message, summary=summary, expression=SMILE,
                joined=(f"{message}-first",),
            )  # fmt: skip
            await history.add_turn(owner, kept, epoch)
            await deliveries.claim(message, person, place.scope, START)
            await deliveries.shown(message, "channel", (f"reply-{message}",), (1,))
            await deliveries.unsure(message)
        await history.reset(owner)


async def join(database: Database, one: str, other: str) -> None:
    """Link two accounts of different platforms."""
    links = SqlLinkStore(database)
    from core.links import new_salt, seal

    salt = new_salt()
    await links.offer(Account(one, f"name-of-{one}"), salt, seal("123456", salt), START)
    request = await links.take(Account(other, f"name-of-{other}"), "123456", START)
    assert request is not None
    await links.agree(one, request.id, START)
    assert await links.agree(other, request.id, START) is Agreement.LINKED


def cells(file: Path) -> dict[str, str]:
    """Everything that stands in each table, as one text."""
    with closing(sqlite3.connect(file)) as direct:
        names = [row[0] for row in direct.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: json.dumps(direct.execute(f"SELECT * FROM {name}").fetchall(), default=str)
            for name in names
        }


async def content(database: Database) -> dict[str, str]:
    """The same of any database that is open."""

    async def work(session: AsyncSession) -> dict[str, str]:
        return {
            table.name: json.dumps(
                [[*row] for row in (await session.execute(table.select())).all()], default=str
            )
            for table in Base.metadata.sorted_tables
        }

    return await database.read(work)


def bytes_of(folder: Path) -> bytes:
    """All bytes of all files in a folder and below, names included."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return b"".join(str(path).encode() + path.read_bytes() for path in files)
