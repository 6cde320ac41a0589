"""Foreign errors become the project's own, here and nowhere else in ``db``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from core.errors import StoreError, StoreReadOnlyError

_POSTGRES_READ_ONLY: Final = "25006"


@contextmanager
def translated() -> Iterator[None]:
    """Errors of SQLAlchemy, the driver and the file system leave as StoreError.

    The message is made of class and code names only: never of statements, values or texts.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError, OverflowError) as err:
        origin = getattr(err, "orig", None) or err
        what = f"{type(err).__name__} {getattr(origin, 'sqlite_errorname', '')}".strip()
        code = getattr(origin, "sqlite_errorcode", 0) or 0
        read_only = code & 0xFF == sqlite3.SQLITE_READONLY
        if read_only or getattr(origin, "sqlstate", "") == _POSTGRES_READ_ONLY:
            raise StoreReadOnlyError(what) from err
        raise StoreError(what) from err
