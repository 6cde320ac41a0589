"""Brings a database to the newest form of the tables; the application calls it at every start."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import StoreError
from db.engine import Database
from db.erasing import complete

_SCRIPTS: Final = Path(__file__).resolve().parents[1] / "migrations"


async def upgrade(database: str | Path, revision: str = "head", busy_timeout_ms: int = 5000) -> str:
    """Upgrade the database at a path or URL, made if missing; the revision it has afterwards.

    All in one transaction, so that a failure leaves the old state; a second process that starts at
    the same time waits and finds the work done. A read-only file passes if it is up to date. Also
    completes the erasures that a crash interrupted.

    Raises StoreReadOnlyError, or StoreError (locked longer than ``busy_timeout_ms``, damaged, or
    made by a newer version of the program).
    """
    config = _config()
    # rebuilding a table with foreign keys on would cascade into the tables that refer to it
    async with Database(database, busy_timeout_ms, foreign_keys=False) as db:
        if await db.read(_revision) != _target(config, revision):

            async def work(session: AsyncSession) -> None:
                # who waited on a server for another process's migration must see what that has done
                seeing = {"isolation_level": "READ COMMITTED"} if db.file is None else None
                connection = await session.connection(execution_options=seeing)
                await connection.run_sync(_upgrade, config, revision)

            await db.write(work)
        found = await db.read(_revision) or ""
    if revision == "head":
        async with Database(database, busy_timeout_ms) as db:
            if db.file is None:
                from db.postgres_backup import complete_restore  # which upgrades what it restores

                await complete_restore(db)
            await complete(db)
    return found


def known_revision(revision: str) -> bool:
    """Whether this program has that revision."""
    try:
        return _target(_config(), revision) is not None
    except CommandError:
        return False


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config


async def _revision(session: AsyncSession) -> str | None:
    def current(connection: Connection) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()

    return await (await session.connection()).run_sync(current)


def _target(config: Config, revision: str) -> str | None:
    found = ScriptDirectory.from_config(config).get_revision(revision)
    return found.revision if found else None


def _upgrade(connection: Connection, config: Config, revision: str) -> None:
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as err:
        raise StoreError("the database belongs to another version of the program") from err
    if connection.dialect.name != "sqlite":
        return  # others check while they migrate
    if connection.execute(text("PRAGMA foreign_key_check")).first() is not None:
        raise StoreError("the migration left rows that refer to nothing")
