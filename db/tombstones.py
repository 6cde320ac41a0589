"""What an erasure leaves behind: keyed hashes that tell a restored backup what it must not bring back.

The key is a random secret in the database's own ``state`` table, not in a file beside it. A key that
was lost would let forgotten people come back, and so it has to travel with every backup; whoever has
the file reads in clear what living people said, and learns nothing worse by the key than that an
account of which the number is known was once forgotten.

For the day on which the file itself is damaged, each tombstone also stands as a line in a journal
beside it, which the key in a backup can read.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables_erasure import TombstoneRow
from db.tables_places import StateRow

Piece = Literal["fact", "message"]

KEY: Final = "tombstone_key:"  # in the state table, with the key's name behind it


@dataclass(frozen=True, slots=True)
class Tombstone:
    """One erasure, without an id in clear; ``at`` is an ISO time with its zone.

    ``epoch`` is the person's since then, 0 where that is not known (journal, groups).
    """

    target: str
    person: str
    key: str
    mark: str
    epoch: int
    at: str


@dataclass(frozen=True, slots=True)
class Key:
    """A secret and its name."""

    name: str
    secret: bytes

    def person(self, person: str) -> str:
        """The hash of a person, and of all that there is of her or him; '' for nobody."""
        return self._hash("person", person) if person else ""

    def target(self, person: str, scope: str | None, below: bool) -> str:
        """The hash of what is erased: of a person or of everybody (""), in a scope or everywhere (None)."""
        if scope is None:
            return self.person(person)
        return self._hash("scope", person, f"{scope}/" if below else scope)

    def piece(self, person: str, scope: str, kind: Piece, name: str) -> str:
        """The hash of one fact (by one of its names), or of all that comes from one message (by its id)."""
        return self._hash(kind, person, scope, name)

    def covering(self, person: str, scope: str) -> tuple[str, ...]:
        """The hashes of everything that would take with it what a person has in a scope."""
        group = scope.partition("/")[0]
        return (
            self.target(person, None, False), self.target(person, scope, False),
            self.target(person, scope, True), self.target(person, group, True),
            self.target("", group, True),
        )  # fmt: skip

    def _hash(self, *words: str) -> str:
        return hmac.new(self.secret, "\0".join(words).encode(), hashlib.sha256).hexdigest()


async def keys(session: AsyncSession) -> list[Key]:
    """The keys of this database, by name; new tombstones are made with the first."""
    query = select(StateRow).where(StateRow.name.startswith(KEY, autoescape=True)).order_by(StateRow.name)
    return [Key(row.name.removeprefix(KEY), bytes.fromhex(row.value)) for row in await session.scalars(query)]


async def last_epoch(session: AsyncSession, person: str) -> int:
    """The epoch of someone of whom nothing is kept; 0 for one who was never forgotten."""
    hashes = [key.person(person) for key in await keys(session)]
    query = select(func.max(TombstoneRow.epoch)).where(TombstoneRow.person.in_(hashes))
    return await session.scalar(query) or 0


@dataclass(frozen=True, slots=True)
class Journal:
    """The lines beside the file of a database; blocking, for a thread. All calls raise OSError."""

    path: Path

    @classmethod
    def of(cls, database: Path) -> Journal:
        """The journal of a database file."""
        return cls(database.with_name(f"{database.name}.forgotten"))

    def append(self, stones: Iterable[Tombstone]) -> None:
        """Write, and wait for the disk."""
        # the first line may follow one that was cut in two
        lines = "".join(f"\n{json.dumps(asdict(stone))}" for stone in stones) + "\n"
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, lines.encode())
            os.fsync(handle)
        finally:
            os.close(handle)

    def read(self) -> list[Tombstone]:
        """Everything that is there; a line that a crash cut in two is passed over."""
        if not self.path.exists():
            return []
        found = []
        for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                found.append(Tombstone(**json.loads(line)))
            except (ValueError, TypeError):
                continue
        return found
