"""A Postgres server of the tests' own: from Debian's packages, in a folder of its own, on a Unix socket."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

_USER = "postgres"  # the server refuses to run as root
_SETTINGS = (
    "listen_addresses=", "fsync=off", "max_connections=60", "autovacuum=off", "wal_recycle=off",
    "min_wal_size=32MB", "deadlock_timeout=100ms",
)  # fmt: skip
_NUMBERS = count(1)


def binaries() -> Path:
    """Where the server's programs are; skips the test where there are none."""
    pytest.importorskip(
        "asyncpg", reason="asyncpg is not installed: pip install -c constraints.txt -e '.[scale]'"
    )
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    named = shutil.which("initdb")
    if not found and named is None:
        pytest.skip("no Postgres server is installed here (Debian: apt-get install postgresql)")
    return found[-1].parent if found else Path(str(named)).parent


@dataclass(frozen=True)
class Server:
    """A running server; its databases belong to a role that may do nothing else."""

    folder: Path
    bin: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str, role: str = "lora") -> str:
        return f"postgresql://{role}@/{database}?host={self.folder}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run something as the one who may do everything; what it printed."""
        as_owner = ["-XqtA", "-v", "ON_ERROR_STOP=1", "-U", _USER, "-h", f"{self.folder}", database]
        words = [f"{self.bin / 'psql'}", *as_owner, "-c", statement]
        done = subprocess.run(words, check=True, stdout=subprocess.PIPE, encoding="utf-8")
        return done.stdout.strip()

    def create(self, template: str = "template0", owner: str = "lora") -> str:
        """A new database; its name."""
        name = f"t{next(_NUMBERS)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {owner}")
        return name

    def drop(self, name: str) -> None:
        self.sql(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def running() -> Iterator[Server]:
    """A new server, stopped afterwards."""
    programs = binaries()
    folder = Path(tempfile.mkdtemp(prefix="ohlora-pg-"))
    user = _USER if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user, user)

    def run(*words: str | Path) -> None:
        subprocess.run(
            words,
            check=True,
            capture_output=True,
            user=user,
            group=user,
            extra_groups=[] if user else None,
            cwd=folder,
        )

    server = Server(folder, programs)
    try:
        options = " ".join(f"-c {each}" for each in (*_SETTINGS, f"unix_socket_directories={folder}"))
        run(
            programs / "initdb",
            "-D",
            server.data,
            "-U",
            _USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        )
        run(programs / "pg_ctl", "-D", server.data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            server.sql("CREATE ROLE lora LOGIN")
            yield server
        finally:
            run(programs / "pg_ctl", "-D", server.data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
