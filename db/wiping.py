"""The last part of an erasure, which only SQLite needs: what was deleted goes from every byte.

``user_version`` is the mark of the last erasure whose bytes may still be there; 0 when there is none. Each
has a mark of its own: who rewrote the file up to one must not take another, of just now, for it.
"""

from __future__ import annotations

import secrets
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_MOST: Final = 2**31 - 1  # what fits into the file's header


def new_mark() -> int:
    """A number that no other erasure has."""
    return secrets.randbelow(_MOST) + 1


async def unwiped(session: AsyncSession) -> int:
    """The mark of the last erasure that has not reached the bytes of the file yet, 0 for none."""
    return int((await session.execute(text("PRAGMA user_version"))).scalar_one())


async def mark(session: AsyncSession) -> None:
    """Kept together with what the transaction deletes."""
    await session.execute(text(f"PRAGMA user_version = {new_mark()}"))


async def rewrite(driver: Any, known: int = 0) -> int:
    """Write the whole file anew without what was deleted; up to which erasure, 0 if there was none left.

    Another one may have done it: erasures that meet each other are wiped together. Up to ``known`` it is
    done.

    secure_delete alone is not enough: when SQLite moves rows between pages it leaves copies of them in
    the unused part of the old page, which a later delete does not find. Full-text indexes keep the
    words of deleted rows until their parts are merged.
    """
    done = int((await _one(driver, "PRAGMA user_version"))[0])
    if done in (0, known):
        return done
    indexes = await driver.execute_fetchall(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%USING fts5%'"
    )
    for (name,) in indexes:
        quoted = '"' + name.replace('"', '""') + '"'
        await driver.execute(f"INSERT INTO {quoted}({quoted}) VALUES ('optimize')")  # noqa: S608  (a table's name)
    await driver.execute("VACUUM")
    return done


async def empty_log(driver: Any, done: int) -> bool:
    """Cut the log off, and note that erasures up to ``done`` are in no byte; False while others read it."""
    if (await _one(driver, "PRAGMA wal_checkpoint(TRUNCATE)"))[0]:
        return False
    await driver.execute("BEGIN IMMEDIATE")
    if (await _one(driver, "PRAGMA user_version"))[0] == done:  # else another erasure is on its way
        await driver.execute("PRAGMA user_version = 0")
    await driver.execute("COMMIT")
    return True


async def _one(driver: Any, statement: str) -> Any:
    return await (await driver.execute(statement)).fetchone()
