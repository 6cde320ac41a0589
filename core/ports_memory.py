"""What the core needs from a store of memories."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from core.facts import Fact
from core.people import Lang, Owner
from core.ports import Vector


@dataclass(frozen=True, slots=True)
class Memory:
    """One remembered fact ``[key: value]`` about a person.

    ``person`` is the account that keeps it: in direct messages maybe one that is linked. A pinned one
    is what she goes by, whatever was told later under its key. It holds from ``starts`` to ``ends``
    (:mod:`core.facts`); ``confidence`` in [0, 1] is 1 for what was typed by hand. ``superseded_by`` is the
    id of the fact that counts in its place, None where it counts itself.
    """

    id: int
    key: str
    value: str
    created: datetime
    source: str
    pinned: bool = False
    person: str = field(default="", compare=False)
    lang: Lang = "ko"
    starts: date | None = None
    ends: date | None = None
    confidence: float = 1.0
    superseded_by: int | None = None

    @property
    def tag(self) -> str:
        """The form in which memories stand in prompts."""
        return f"[{self.key}: {self.value}]"


@dataclass(frozen=True, slots=True)
class NewMemory:
    """A fact about to be written; ``created`` is in the time zone of its person.

    ``instead_of`` are ids of older facts that the message ended: this one counts in their place.
    """

    key: str
    value: str
    created: datetime
    source: str
    vector: Vector | None
    model_id: str
    pinned: bool = False
    lang: Lang = "ko"
    starts: date | None = None
    ends: date | None = None
    confidence: float = 1.0
    instead_of: tuple[int, ...] = ()

    @classmethod
    def of(
        cls,
        fact: Fact,
        created: datetime,
        source: str,
        vector: Vector | None,
        model_id: str,
        pinned: bool = False,
    ) -> NewMemory:
        """A fact with where it comes from, and the vector of ``model_id`` for it."""
        return cls(
            fact.key, fact.value, created, source, vector, model_id, pinned, fact.lang, fact.starts,
            fact.ends, fact.confidence,
        )  # fmt: skip


class Associations(Protocol):
    """What belongs together, as far as texts say by their words."""

    async def bearing(self, message: str, memories: Sequence[str]) -> list[float]:
        """How much each memory accounts for the message, in nats, at least 0: nothing of it."""
        ...


class MemoryStore(Protocol):
    """Memories; every call carries the owner. Raises StoreError.

    In direct messages an owner sees (``search``, ``list``, ``pin``, ``delete``) those of linked accounts,
    too.
    What is written is the account's own; direct messages of linked accounts are counted and forgotten as one.
    """

    async def add(self, owner: Owner, memory: NewMemory, epoch: int) -> Memory | None:
        """Write a fact and settle it with those that are known (:mod:`core.merging`).

        What it became: one that says the same is refreshed, and stays pinned. What it contradicts is history
        now, also where a linked account keeps that; where that was pinned, it is pinned in its stead.
        Writing what the same message told before changes nothing. None when ``epoch`` is over (forgotten
        since), or when there are so many facts that this one is the least useful.
        """
        ...

    async def edit(self, owner: Owner, memory_id: int, memory: NewMemory) -> Memory | None:
        """Put a fact in the place of one that this owner sees; what it is now, or None when there is none.

        The old wording is erased, whatever was known besides is settled with the new one.
        """
        ...

    async def search(
        self, owner: Owner, text: str, vector: Vector | None, model_id: str, k: int,
        today: date | None = None, families: Collection[str] | None = None,
    ) -> list[tuple[Memory, float]]:  # fmt: skip
        """The ``k`` most similar memories that count, with their scores, best first.

        With ``today`` without those that were over a week before it; with ``families`` those alone whose keys
        are of one of them (:func:`core.merging.family`).
        """
        ...

    async def recalled(self, owner: Owner, ids: Collection[int]) -> None:
        """Note that facts were useful just now; unknown ids do nothing."""
        ...

    async def list(self, owner: Owner) -> list[Memory]:
        """All memories, those that no longer count included, oldest first."""
        ...

    async def pin(self, owner: Owner, memory_id: int, on: bool) -> Memory | None:
        """Pin or unpin one fact that this owner sees; what it is now, or None when there is none.

        A pinned one counts until something is told that contradicts it, and is never dropped for room or age;
        once it is unpinned, what was told after it does.
        """
        ...

    async def delete(self, owner: Owner, memory_id: int) -> Memory | None:
        """Erase one fact that this owner sees; the fact that is gone, or None when there was none."""
        ...

    async def delete_source(self, owner: Owner, message_id: str) -> int:
        """Erase the facts learned from one message, writes begun before this included; how many.

        What they had superseded counts again.
        """
        ...

    async def epoch(self, person: str) -> int:
        """Counts a person's erasures; a write that began in an older epoch is dropped."""
        ...

    async def forget(
        self, person: str, scope: str | None, *, below: bool = False, linked: Sequence[str] = (),
        by: str | None = None,
    ) -> dict[str, int]:  # fmt: skip
        """Erase everything of a person in one scope, or everywhere; counts of memories and turns.

        All of it or nothing, with all of the ``linked`` accounts; where it takes direct messages, those of
        linked accounts go too, for replies there repeat what was told here. Once begun it is completed, also
        after a crash. ``by`` is who asks (the person, an admin), for the audit; None for no entry.
        With ``below`` also in the scopes under it (a group's hidden channels), and without a new
        epoch: what the person does elsewhere goes on, so the caller ends the work in this scope.
        """
        ...

    async def counts(
        self, person: str, scope: str | None, *, below: bool = False, linked: Sequence[str] = ()
    ) -> dict[str, int]:  # fmt: skip
        """What :meth:`forget` would erase."""
        ...
