"""What the core needs from a store of memories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from core.people import Owner
from core.ports import Vector


@dataclass(frozen=True, slots=True)
class Memory:
    """One remembered fact ``[key: value]`` about a person.

    ``person`` is the account that keeps it: in direct messages maybe one that is linked. A pinned one
    is what she goes by, whatever was told later under its key.
    """

    id: int
    key: str
    value: str
    created: datetime
    source: str
    pinned: bool = False
    person: str = field(default="", compare=False)

    @property
    def tag(self) -> str:
        """The form in which memories stand in prompts."""
        return f"[{self.key}: {self.value}]"


@dataclass(frozen=True, slots=True)
class NewMemory:
    """A fact about to be written."""

    key: str
    value: str
    created: datetime
    source: str
    vector: Vector | None
    model_id: str
    pinned: bool = False


class MemoryStore(Protocol):
    """Memories; every call carries the owner. Raises StoreError.

    In direct messages an owner sees (``search``, ``list``, ``pin``, ``delete``) those of linked accounts,
    too.
    What is written, counted and forgotten is the account's own.
    """

    async def add(self, owner: Owner, memory: NewMemory, epoch: int) -> Memory | None:
        """Write a fact; an equal one is refreshed, and stays pinned.

        None when ``epoch`` is over (forgotten since).
        """
        ...

    async def search(
        self, owner: Owner, text: str, vector: Vector | None, model_id: str, k: int
    ) -> list[tuple[Memory, float]]:
        """The ``k`` most similar memories with their scores, best first."""
        ...

    async def list(self, owner: Owner) -> list[Memory]:
        """All memories, oldest first."""
        ...

    async def pin(self, owner: Owner, memory_id: int, on: bool) -> Memory | None:
        """Pin or unpin one fact that this owner sees; what it is now, or None when there is none."""
        ...

    async def delete(self, owner: Owner, memory_id: int) -> Memory | None:
        """Erase one fact that this owner sees; the fact that is gone, or None when there was none."""
        ...

    async def delete_source(self, owner: Owner, message_id: str) -> int:
        """Erase the facts learned from one message, writes begun before this included; how many."""
        ...

    async def epoch(self, person: str) -> int:
        """Counts a person's erasures; a write that began in an older epoch is dropped."""
        ...

    async def forget(
        self, person: str, scope: str | None, *, below: bool = False, linked: Sequence[str] = (),
        by: str | None = None,
    ) -> dict[str, int]:  # fmt: skip
        """Erase everything of a person in one scope, or everywhere; counts of memories and turns.

        All of it or nothing, with all of the ``linked`` accounts; once begun it is completed, also after
        a crash. ``by`` is who asks (the person, an admin), for the audit; None for no entry.
        With ``below`` also in the scopes under it (a group's hidden channels), and without a new
        epoch: what the person does elsewhere goes on, so the caller ends the work in this scope.
        """
        ...

    async def counts(self, person: str, scope: str | None, *, below: bool = False) -> dict[str, int]:
        """What :meth:`forget` would erase."""
        ...
