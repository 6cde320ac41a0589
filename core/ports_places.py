"""What the core needs to know about groups: settings, blocks, audit, deliveries, and small state.

A group is named as in :class:`core.people.Place` (``discord:<guild id>``); ``""`` stands for
everywhere. All of these hold ids, numbers and what admins chose, never what people wrote to her.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from core.people import Owner

EVERYWHERE: Final = ""
GRACE_DAYS: Final = 30  # how long a group's data stays after she was removed, unless an admin set it


@dataclass(frozen=True, slots=True)
class Block:
    """A person who is not answered in a group; ``until`` None has no end."""

    group: str
    person: str
    by: str
    reason: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to whom, and how many of each kind it touched."""

    at: datetime
    group: str
    actor: str
    action: str
    target: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Delivery:
    """Which messages of hers answer which message; ``recalled`` are the ids of memories used."""

    message_id: str
    person: str
    scope: str
    at: datetime
    channel: str = ""
    replies: tuple[str, ...] = ()
    recalled: tuple[int, ...] = ()
    redone: bool = False

    @property
    def owner(self) -> Owner:
        """Whose message it answers."""
        return Owner(self.person, self.scope)


@dataclass(frozen=True, slots=True)
class LostReply:
    """What she answered to a message, and nobody knows whether it arrived."""

    message_id: str
    reply: str


@dataclass(frozen=True, slots=True)
class Status:
    """How the running bot is; times in milliseconds, None while nothing was measured."""

    version: str
    models: tuple[str, ...]
    working: int
    waiting: int
    reply_median_ms: float | None = None
    reply_p95_ms: float | None = None
    problems: tuple[str, ...] = ()


class GroupStore(Protocol):
    """What admins set for their group, and when she left it. Raises StoreError."""

    async def settings(self, group: str) -> dict[str, str]:
        """The settings by name; those of "" hold everywhere (maintenance)."""
        ...

    async def set(self, group: str, name: str, value: str | None) -> None:
        """Set one setting, or clear it with None."""
        ...

    async def having(self, name: str) -> list[str]:
        """Groups in which a setting is set, to know at the start what is needed."""
        ...

    async def known(self) -> list[str]:
        """Groups of which anything is kept, to find those that removed her unnoticed."""
        ...

    async def left(self, group: str, at: datetime) -> None:
        """She was removed; an earlier removal that still runs keeps its date."""
        ...

    async def returned(self, group: str) -> None:
        """She is there again: nothing will be erased."""
        ...

    async def expired(self, now: datetime) -> list[str]:
        """Groups that she left longer ago than their ``grace_days`` (default 30)."""
        ...

    async def move(self, old: str, new: str) -> None:
        """The group goes on under another id: all that is kept of it, hidden channels included, moves.

        May be called again. Raises ValueError for "" or the same group.
        """
        ...

    async def erase(self, group: str) -> dict[str, int]:
        """Everything of the group and its hidden channels; counts by kind.

        Raises ValueError for "", which is no group.
        """
        ...


class BlockStore(Protocol):
    """Who is not answered. Raises StoreError."""

    async def block(
        self, group: str, person: str, by: str, reason: str, until: datetime | None, now: datetime
    ) -> None:
        """Block a person in a group ("" for everywhere); a new block replaces the old one."""
        ...

    async def unblock(self, group: str, person: str, now: datetime) -> bool:
        """Lift the block of exactly this group; whether there was one that had not ended."""
        ...

    async def active(self, group: str, person: str, now: datetime) -> Block | None:
        """The block that holds here: the group's own or one for everywhere."""
        ...

    async def list(self, group: str, now: datetime) -> list[Block]:
        """The group's own blocks that have not ended, newest first."""
        ...


class AuditLog(Protocol):
    """What admins did. Raises StoreError."""

    async def add(self, group: str, actor: str, action: str, target: str, counts: dict[str, int]) -> None:
        """Keep one act; ids and counts only."""
        ...

    async def list(self, group: str, n: int) -> list[AuditEntry]:
        """The newest ``n`` acts of exactly this group, newest first."""
        ...


class DeliveryStore(Protocol):
    """Which message was answered by which, so that none is answered twice. Raises StoreError.

    Ids of messages carry their platform (``discord:<message id>``), those of replies too. Rows go
    with /forget as turns do.
    """

    async def claim(self, message_id: str, person: str, scope: str, at: datetime) -> bool:
        """Take a message to answer it; False when that was done before (replay, restart)."""
        ...

    async def shown(
        self, message_id: str, channel: str, replies: tuple[str, ...], recalled: tuple[int, ...]
    ) -> None:
        """Note the messages that carry the reply; a second call replaces the first.

        Nothing happens when the message was never claimed or was forgotten.
        """
        ...

    async def of_source(self, message_id: str) -> Delivery | None:
        """The delivery that answers this message."""
        ...

    async def of_reply(self, reply_id: str) -> Delivery | None:
        """The delivery that this message of hers belongs to."""
        ...

    async def mark(self, message_id: str, *, redone: bool = True) -> bool:
        """Note that it was answered again; False when that was noted before or is unknown."""
        ...

    async def unsure(self, message_id: str) -> None:
        """Note that its reply was sent and may not have arrived; a send of that kind is not repeated.

        Nothing happens when the message was never claimed or was forgotten.
        """
        ...

    async def pending(self, owner: Owner) -> list[LostReply]:
        """The replies that may not have arrived and were not offered again, oldest first.

        Those whose turn is gone (retracted, forgotten, a fixed phrase) are not among them.
        """
        ...

    async def told(self, message_id: str) -> None:
        """Note that the reply arrived after all, or was offered again: it is not pending any more."""
        ...

    async def prune(self, before: datetime) -> int:
        """Drop deliveries older than that; how many.

        Those of which a turn or a fact is kept stay: a deletion of their source must find them.
        """
        ...


class ChatStore(Protocol):
    """Chats that cannot be written to (she was blocked or removed). Raises StoreError.

    A chat is named as its group would be: ``platform:<chat id>``.
    """

    async def close(self, chat: str, at: datetime) -> None:
        """Nothing can be sent there; an earlier date stays."""
        ...

    async def reopen(self, chat: str) -> bool:
        """Somebody wrote there again; whether it was closed. Cheap where it was not."""
        ...

    async def closed(self, chat: str) -> datetime | None:
        """Since when nothing can be sent there, None where it can."""
        ...


class StateStore(Protocol):
    """Small facts of the program itself, such as the hash of the command definitions."""

    async def get(self, name: str) -> str | None:
        """The value, None when it was never put. Raises StoreError."""
        ...

    async def put(self, name: str, value: str) -> None:
        """Keep a value. Raises StoreError."""
        ...


class StatusSource(Protocol):
    """Knows how the bot is."""

    def status(self) -> Status:
        """The present; never blocks."""
        ...
