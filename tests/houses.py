"""Where she lives in a test: a folder of its own, no weights, and a database that need not be made first."""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from bot.settings import Settings
from db.migrate import upgrade


def settings_in(folder: Path, **given: Any) -> Settings:
    """Settings for ``folder`` with an empty database in it, unless one is there already."""
    usual: dict[str, Any] = {"weights_dir": folder / "none", "busy_timeout_ms": 10_000}
    settings = Settings(var_dir=folder / "var", **usual | given)
    if not settings.database.exists():
        settings.database.parent.mkdir(parents=True, exist_ok=True)
        lay_database(settings.database)
    return settings


def lay_database(file: Path) -> Path:
    """An empty database of the newest form; copied, since to make one takes a quarter of a second."""
    file.write_bytes(_newest())
    return file


@cache
def _newest() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "bot.db"
        making = Thread(target=lambda: asyncio.run(upgrade(file)))  # where it is wanted, a loop may run
        making.start()
        making.join()
        return file.read_bytes()
