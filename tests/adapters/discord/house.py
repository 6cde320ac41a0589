"""The real adapter, conversation and database against a fake Discord; only the models are faked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import discord

from adapters.discord_chat.chat import MANNER
from adapters.discord_chat.client import Client
from adapters.discord_chat.commands import furnish
from adapters.discord_chat.desk import Desk
from adapters.discord_chat.doors import group_key, message_key
from adapters.discord_chat.run import Host
from adapters.shared.doors import Doors
from adapters.shared.drafts import Manner
from bot.app import App
from bot.doors import discord_doors
from bot.wiring import build_app
from core.battle.ports import Arena
from core.ports_memory import Memory
from core.prompt import Task
from tests.fake_discord import Channel, FakeDiscord, Guild, Intent, Message, User
from tests.fakes_battle import DrawingPlayer
from tests.fakes_core import (
    BigramEmbedder,
    FixedClock,
    FixedExemplars,
    Portraits,
    ScriptedModel,
    TasteRanker,
)
from tests.houses import settings_in
from tests.patience import PATIENCE_S

Change = Callable[[Doors], Doors]


@dataclass
class House:
    """A server with two people, and her in it."""

    discord: FakeDiscord
    path: Path
    model: ScriptedModel = field(default_factory=ScriptedModel)
    portraits: Portraits = field(default_factory=Portraits)
    clock: FixedClock = field(default_factory=FixedClock)
    rate: int = 1000
    patience_ms: int = 10_000  # for a locked database
    manner: Manner = MANNER
    arena: Arena | None = None  # without one, battles are those of the shipped pictures

    def __post_init__(self) -> None:
        self.mina: User = self.discord.add_user("mina", locale="ko")
        self.john: User = self.discord.add_user("john", locale="en-US")
        self.guild: Guild = self.discord.add_guild("town", self.mina, self.john)
        self.square: Channel = self.discord.add_channel(self.guild, "square")

    @asynccontextmanager
    async def running(
        self, *, change: Change | None = None, commands: bool = False, **options: Any
    ) -> AsyncIterator[Run]:
        """She is connected inside the block; enter it again for a restart."""
        settings = settings_in(self.path, busy_timeout_ms=self.patience_ms, rate_messages=self.rate)
        async with build_app(
            settings, language_model=self.model, exemplars=FixedExemplars(), ranker=TasteRanker(),
            embedder=BigramEmbedder(), portraits=self.portraits, clock=self.clock, arena=self.arena,
        ) as app:  # fmt: skip
            if self.arena is not None:
                app.battles.players = dict.fromkeys(app.battles.players, DrawingPlayer())
            doors = discord_doors(app)
            with self.discord.redirect():
                given = change(doors) if change else doors
                client = (
                    Host(Desk(given), setup=_furnish, guild_ready_timeout=0.1, **options)
                    if commands
                    else Client(given, guild_ready_timeout=0.1, **options)
                )
                client.chat.manner = self.manner
                task = asyncio.create_task(client.start(self.discord.token))
                try:
                    await self.discord.connected()
                    await client.wait_until_ready()
                    yield Run(self, app, doors, client)
                finally:
                    await client.finish(5.0)
                    with suppress(asyncio.CancelledError, discord.ConnectionClosed):
                        await task

    async def call(self, text: str, who: User | None = None, channel: Channel | None = None) -> Message:
        """Someone mentions her."""
        return await self.discord.say(
            who or self.mina, channel or self.square, text, mentions=[self.discord.bot]
        )

    def says(self, reply: str) -> None:
        """What she answers to everything."""
        self.model.scripts[Task.REPLY] = lambda _: reply

    def hurries(self, **changes: Any) -> None:
        """She waits less than elsewhere, from the next start on; ``changes`` of her manner."""
        self.manner = replace(self.manner, **changes)

    def learns(self, fact: str) -> None:
        """What the memory adapter finds in every message that tells it."""
        self.model.scripts[Task.MEMORY] = lambda _: fact


async def _furnish(client: Client) -> None:
    assert isinstance(client, Host)
    await furnish(client, client.desk)


@dataclass
class Run:
    """One run of the program."""

    house: House
    app: App
    doors: Doors
    client: Client

    async def idle(self) -> None:
        """Wait until nothing is under way any more."""
        await self.until(lambda: not self.client.chat.working and not self.client.chat.live)

    async def ask(self, text: str, who: User | None = None, channel: Channel | None = None) -> Message:
        """Someone mentions her; her reply, once everything about it is done."""
        place = channel or self.house.square
        before = len(self.house.discord.said(place))
        await self.house.call(text, who, place)
        reply = await self.house.discord.answer(place, before + 1)
        await self.idle()
        return reply

    async def ask_held(self, text: str, who: User | None = None) -> Message:
        """Someone mentions her while the model is held; the message, once it is being answered."""
        message = await self.house.call(text, who)
        await self.until(lambda: message_key(message.id) in self.client.chat.live)
        return message

    async def until(self, holds: Callable[[], object], timeout: float = PATIENCE_S) -> None:
        """Wait for something on her side."""
        async with asyncio.timeout(timeout):
            while not holds():  # noqa: ASYNC110  (nothing tells of it)
                await asyncio.sleep(0.01)

    async def seen(self, message: Message) -> None:
        """Wait until a message has been taken or left alone, in the order of the gateway."""
        marker = await self.house.discord.dm(self.house.john, "ping")
        await self.house.discord.answer(self.house.discord.private_channel(self.house.john))
        await self.idle()
        assert marker.id > message.id

    async def memories(self, user: User, scope: str | None = None) -> list[Memory]:
        """What she remembers of someone in the guild."""
        from core.people import Owner

        place = scope if scope is not None else f"group:{group_key(self.house.guild.id)}"
        return await self.app.memories.list(Owner(message_key(user.id), place))


@asynccontextmanager
async def open_house(path: Path, *, granted: Intent = Intent(0), shards: int = 1) -> AsyncIterator[House]:  # noqa: B008
    """A house on a fresh fake."""
    async with FakeDiscord(granted=granted, shards=shards) as fake:
        yield House(fake, path)
