"""Alembic's entry: the application passes an open connection, the command line ``-x database=PATH``.

No address is read from the environment or from alembic.ini.
"""

from __future__ import annotations

import asyncio
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeDecorator

import db.tables_battles
import db.tables_erasure
import db.tables_links
import db.tables_places  # noqa: F401  (their tables belong to Base.metadata)
from db.engine import Database
from db.postgres import wait_for_turn
from db.postgres_shape import put_right
from db.tables import SQLITE_ALONE, Base


def render_item(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Write our column types as the plain types they rest on: a revision must not change with them."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def belongs(item: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:
    """Whether something of the models belongs into this database."""
    sqlite = context.get_context().dialect.name == "sqlite"
    return sqlite or (kind, name) != ("index", SQLITE_ALONE)


def migrate(connection: Connection) -> None:
    """Run the asked-for revisions inside the transaction of ``connection``, one process after the other."""
    postgres = connection.dialect.name == "postgresql"
    if postgres:
        wait_for_turn(connection)
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        include_object=belongs,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if postgres:
        put_right(connection)


async def from_command_line() -> None:
    """Open the database that ``-x database=`` names, and migrate it."""
    database = context.get_x_argument(as_dictionary=True).get("database")
    if not isinstance(database, str):
        raise SystemExit("say which database: alembic -x database=PATH_OR_URL …")

    async def work(session: AsyncSession) -> None:
        await (await session.connection()).run_sync(migrate)

    async with Database(database, foreign_keys=False) as db:
        await db.write(work)


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
elif context.is_offline_mode():
    raise SystemExit("SQL scripts are not offered: these migrations need a database")
else:
    asyncio.run(from_command_line())
