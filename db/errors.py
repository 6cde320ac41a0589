"""Foreign errors become the project's own, here and nowhere else in ``db``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from core.errors import StoreError, StoreReadOnlyError

_POSTGRES_READ_ONLY: Final = "25006"
_IN_WORDS: Final = {
    "SQLITE_CANTOPEN": "it is not there, or cannot be read", "SQLITE_NOTADB": "it is no database",
    "SQLITE_CORRUPT": "it is damaged", "SQLITE_FULL": "the disk is full",
    "SQLITE_BUSY": "another program has it open", "SQLITE_LOCKED": "another program has it open",
}  # fmt: skip


def in_words(err: StoreError) -> str:
    """What is wrong with a file, for whoever runs a command: without SQLite's codes where they are known."""
    return next((words for code, words in _IN_WORDS.items() if code in str(err)), str(err))


@contextmanager
def translated() -> Iterator[None]:
    """Errors of SQLAlchemy, the driver and the file system leave as StoreError.

    The message is made of class and code names only: never of statements, values or texts.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError, OverflowError) as err:
        origin = getattr(err, "orig", None) or err
        code, state = getattr(origin, "sqlite_errorcode", 0) or 0, getattr(origin, "sqlstate", None)
        what = f"{type(err).__name__} {state or getattr(origin, 'sqlite_errorname', '')}".strip()
        refused = code & 0xFF == sqlite3.SQLITE_READONLY or state == _POSTGRES_READ_ONLY
        kind = StoreReadOnlyError if refused else StoreError
        raise kind(what) from (err if state is None else None)  # a server's own words have the row in them
