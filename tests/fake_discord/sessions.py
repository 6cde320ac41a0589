"""What the gateway remembers of a client: its shard, its intents, and every event since it identified."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntFlag

from tests.fake_discord.model import Json


class Intent(IntFlag):
    """Gateway intents that decide what the fake sends."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT
ALWAYS = Intent(0)
_NEVER_TWICE = {"READY", "GUILD_CREATE", "RESUMED"}


@dataclass(frozen=True)
class Event:
    """Something that clients are told of; what they read in it depends on their intents."""

    name: str
    payload: Callable[[Intent], Json]
    guild_id: int | None = None
    intent: Intent = ALWAYS


@dataclass(eq=False)
class Link:
    """One socket's outbox; frames leave in the order in which they were put here."""

    transport: asyncio.Transport | None = None
    outbox: asyncio.Queue[Json | None] = field(default_factory=asyncio.Queue)
    received: int = 0

    def put(self, frame: Json | None) -> None:
        """A frame to send; ``None`` ends the writing."""
        self.outbox.put_nowait(frame)


@dataclass(eq=False)
class Session:
    """A client's session, which outlives its sockets."""

    id: str
    shard: tuple[int, int]
    intents: Intent
    link: Link | None = None
    history: list[Json] = field(default_factory=list)
    resumes: int = 0
    presence: Json | None = None

    def wants(self, event: Event) -> bool:
        """Whether the event belongs to this session's shard and intents."""
        index, count = self.shard
        home = 0 if event.guild_id is None else (event.guild_id >> 22) % count
        return home == index and (not event.intent or bool(event.intent & self.intents))

    def tell(self, name: str, data: Json) -> None:
        """Notes an event for replay and sends it, if somebody listens."""
        frame: Json = {"op": 0, "s": len(self.history) + 1, "t": name, "d": data}
        self.history.append(frame)
        if self.link is not None:
            self.link.put(frame)

    def replay(self, link: Link, after: int, duplicates: int = 0) -> None:
        """Sends again what came after a number, then RESUMED.

        Args:
            link: The new socket.
            after: The last number that the client has seen.
            duplicates: So many events before that number come a second time.
        """
        self.link = link
        known = [frame for frame in self.history[:after] if frame["t"] not in _NEVER_TWICE]
        for frame in known[len(known) - duplicates :] if duplicates else []:
            link.put(frame)
        for frame in self.history[after:]:
            link.put(frame)
        self.resumes += 1
        self.tell("RESUMED", {})
