"""Serving Discord: connect, say in plain words what is in the way, and stop gracefully.

What cannot be mended by waiting (a token that is refused) is raised as :class:`DiscordProblem`;
what can (an unreachable network) is tried again with growing pauses; what she can do without (the
message content intent) is named, and she goes on without it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord_chat.battling import Battling
from adapters.discord_chat.client import Client
from adapters.discord_chat.commands import furnish
from adapters.discord_chat.desk import Desk
from adapters.discord_chat.doors import PLATFORM
from adapters.discord_chat.invite import invite_url
from adapters.shared.connecting import FIRST_PAUSE_S, STOP_S, Pauses, Say, always_answers, silent
from adapters.shared.doors import Doors
from core.errors import EdgeError

log = logging.getLogger(__name__)

SLOW_S: Final = 15.0  # without a word from the gateway
TOKEN_REFUSED: Final = 4004
PORTAL: Final = "https://discord.com/developers/applications"
MENDS: Final = {
    "token": f"copy the token again from {PORTAL} > your application > Bot > Reset Token into "
    "OHLORA_DISCORD_TOKEN (docs/discord.md, step 2)",
    "intent": f"switch on Message Content Intent at {PORTAL} > your application > Bot > Privileged Gateway "
    "Intents (docs/discord.md, step 3), or take the always-answer channels away",
    "shards": "OHLORA_DISCORD_SHARDS must count at least the shards that Discord asks for; leave it "
    "out and they are chosen by themselves",
}


class DiscordProblem(EdgeError):
    """What keeps her from Discord; ``kind`` is token, intent or shards, ``mend`` says what helps."""

    def __init__(self, kind: str, mend: str) -> None:
        super().__init__(f"{kind}: {mend}")
        self.kind, self.mend = kind, mend


@dataclass(frozen=True)
class DiscordConfig:
    """How to connect.

    ``api_base`` and ``gateway`` lead somewhere else than to Discord (tests). ``shard_ids`` is the
    range that this process serves, of ``shard_count``; without them Discord recommends, and this
    process serves all. ``owners`` and ``admin_roles`` are ids beside those that Discord knows.
    """

    token: str = field(repr=False)
    api_base: str | None = None
    gateway: str | None = None
    shard_ids: tuple[int, ...] = ()
    shard_count: int | None = None
    owners: frozenset[int] = frozenset()
    admin_roles: frozenset[int] = frozenset()
    ready_timeout_s: float = 2.0  # of silence after the last guild, until the start counts as done
    first_pause_s: float = FIRST_PAUSE_S


_PASSING: Final = (
    OSError, aiohttp.ClientError, TimeoutError, discord.HTTPException, discord.LoginFailure,
    discord.GatewayNotFound, discord.ConnectionClosed,
)  # fmt: skip


async def serve(
    doors: Doors, config: DiscordConfig, stop: asyncio.Event, *, say: Say = silent,
    up: Callable[[], None] = lambda: None,
) -> None:  # fmt: skip
    """Serve until ``stop`` is set.

    Args:
        doors: What she can do.
        config: How to connect.
        stop: Set it to end; work in flight gets ten seconds.
        say: Takes plain sentences for whoever runs her.
        up: Called when she is connected, at each (re)start of the client.

    Raises:
        DiscordProblem: Discord refuses her for good.
    """
    with redirected(config):
        await _serve(doors, config, stop, say, up)


async def _serve(
    doors: Doors, config: DiscordConfig, stop: asyncio.Event, say: Say, up: Callable[[], None]
) -> None:
    reads_all = await always_answers(doors, PLATFORM)
    pauses = Pauses("Discord", stop, say, config.first_pause_s, (0.8, 1.2))
    if reads_all:
        say("Discord: a channel is set to always answer, so the message content intent is used.")
    while not stop.is_set():
        session = Session(doors, config, reads_all, say, up)
        try:
            await session.run(stop)
            return
        except discord.PrivilegedIntentsRequired as err:
            if not reads_all:
                raise DiscordProblem("intent", MENDS["intent"]) from err
            say(f"Discord does not grant the message content intent. To mend it: {MENDS['intent']}.")
            say("She goes on without it: in always-answer channels she reads only what mentions her.")
            reads_all = False
        except _PASSING as err:
            _raise_final(err)
            await pauses.wait(err, was_up=session.was_up)


def _raise_final(err: BaseException) -> None:
    """Raise DiscordProblem for what waiting does not mend."""
    refused = isinstance(err, discord.LoginFailure) or (
        isinstance(err, discord.HTTPException) and err.status == 401
    )
    code = err.code if isinstance(err, discord.ConnectionClosed) else 0
    if refused or code == TOKEN_REFUSED:
        raise DiscordProblem("token", MENDS["token"]) from err
    if code in (4010, 4011):
        raise DiscordProblem("shards", MENDS["shards"]) from err


class Host(Client):
    """The client with its commands and battles."""

    def __init__(self, desk: Desk, **options: Any) -> None:
        super().__init__(desk.doors, **options)
        self.desk = desk
        self.battling = Battling(self, desk, self.chat, self._serves)

    async def on_ready(self) -> None:
        """Connected: the cards of battles that were open before go on."""
        if not self.is_closed():
            await self.battling.take_up()
        await super().on_ready()

    async def close(self) -> None:
        """End the connection."""
        await self.battling.close()
        await super().close()


@dataclass
class Session:
    """One client, from its login to its end."""

    doors: Doors
    config: DiscordConfig
    reads_all: bool
    say: Say
    up: Callable[[], None]
    was_up: bool = False

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until ``stop``; raises what discord.py raises."""
        client = self._client()
        async with client:
            serving = asyncio.create_task(client.start(self.config.token))
            stopping = asyncio.create_task(stop.wait())
            watching = asyncio.create_task(self._watch(client))
            try:
                await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if not serving.done():
                    await client.finish(STOP_S)
            finally:
                for task in (stopping, watching):
                    task.cancel()
            if not self.was_up and not serving.done():  # it may wait for the network for long
                serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving

    def _client(self) -> Host:
        config = self.config
        desk = Desk(self.doors, set(config.owners), config.admin_roles)
        return Host(
            desk, reads_all=self.reads_all, setup=self._set_up, guild_ready_timeout=config.ready_timeout_s,
            shard_ids=[*config.shard_ids] or None, shard_count=config.shard_count,
        )  # fmt: skip

    async def _set_up(self, client: Client) -> None:
        """After the login, before the gateway."""
        if self.config.gateway is not None and self.config.shard_count is None:
            # discord.py would dial the address that comes with the recommended number of shards
            client.shard_count, _, _ = await client.http.get_bot_gateway()
        if isinstance(client, Host):
            await furnish(client, client.desk)

    async def _watch(self, client: Client) -> None:
        """Say when she is connected, or that it takes long."""
        try:
            await asyncio.wait_for(client.wait_until_ready(), SLOW_S)
        except TimeoutError:
            self.say("Discord's gateway has not answered yet; still trying.")
            await client.wait_until_ready()
        self.was_up = True
        self.up()
        servers = len(client.guilds)
        self.say(f"Discord: connected as {client.user} in {servers} server{'' if servers == 1 else 's'}.")
        if not servers and client.application_id:
            self.say(f"Let her into a server: {invite_url(client.application_id)}")


@contextmanager
def redirected(config: DiscordConfig) -> Iterator[None]:
    """Inside the block discord.py talks to the server that the settings name, resumes included.

    The library keeps these addresses as class attributes: routes are made from the first,
    connections from the second, and resumes go to the address that a socket holds, which Discord
    sends and which is therefore held still.
    """
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    if config.api_base is not None:
        Route.BASE = config.api_base.rstrip("/")
    if config.gateway is not None:
        address = yarl.URL(config.gateway)
        DiscordWebSocket.DEFAULT_GATEWAY = address
        held = property(lambda _: address, lambda _, sent: None)
        setattr(DiscordWebSocket, "gateway", held)  # noqa: B010  (an annotation without a value)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before
        if config.gateway is not None:
            delattr(DiscordWebSocket, "gateway")
