"""Oh-LoRA served in a fake Discord: the real client, conversation and database; models faked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.discord_chat.run import DiscordConfig, serve
from bot.app import App
from bot.doors import discord_doors
from bot.wiring import build_app
from core.people import DIRECT, Owner, Place, PlaceKind
from core.ports_memory import Memory
from core.prompt import Task
from tests.fake_discord import Channel, FakeDiscord, Guild, Interaction, Message, Permission, User
from tests.fakes import (
    FewExemplars,
    FixedClock,
    HashEmbedder,
    LikesAll,
    PaintedPortraits,
    ScriptedModel,
)
from tests.houses import settings_in

HIKING = "[취미: 등산]"


@dataclass
class Office:
    """A guild with mina (Korean), john (English) and boss, who may manage it; and everything behind her."""

    fake: FakeDiscord
    app: App
    mina: User
    john: User
    boss: User
    guild: Guild
    square: Channel
    said: list[str] = field(default_factory=list)  # to whoever runs her
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    up: asyncio.Event = field(default_factory=asyncio.Event)

    def owner(self, user: User, guild: Guild | None = None) -> Owner:
        """The key of a person's memories in a guild, or in direct messages."""
        place = DIRECT if guild is None else Place(PlaceKind.GROUP, f"discord:{guild.id}")
        return Owner(f"discord:{user.id}", place.scope)

    async def known(self, user: User, guild: Guild | None = None) -> list[Memory]:
        """What is remembered about a person there."""
        return await self.app.memories.list(self.owner(user, guild))

    async def tell(self, user: User, channel: Channel, text: str = "내 취미는 등산이야") -> None:
        """Someone says something to her, and she has learned what there is in it."""
        number = len(self.fake.said(channel)) + 1
        private = channel.guild is None
        await self.fake.say(user, channel, text, mentions=() if private else (self.fake.bot,))
        await self.fake.answer(channel, number)
        await self.app.conversation.drain()

    async def command(
        self, user: User, command: str, options: dict[str, Any] | None = None, channel: Channel | None = None
    ) -> Interaction:
        """Someone uses a slash command and reads the answer."""
        talk = await self.fake.slash(user, channel or self.square, command, options)
        return await talk.done()

    async def choices(
        self, user: User, command: str, option: str, typed: str = "", channel: Channel | None = None,
        **options: Any,
    ) -> list[str]:  # fmt: skip
        """The names that Discord proposes while someone types."""
        place = channel or self.square
        talk = await self.fake.autocomplete(user, place, command, option, typed, options=options)
        return [choice["name"] for choice in (await talk.done()).choices or []]

    async def press(self, user: User, talk: Interaction, number: int = 0) -> Interaction:
        """Someone presses a button of an answer; what they then read."""
        answer = message(talk)
        button = answer.buttons()[number]
        return await (await self.fake.press(user, answer, button["custom_id"])).answered()


def message(talk: Interaction) -> Message:
    """The first answer."""
    assert talk.original is not None
    return talk.original


def _learn(request: Any) -> str:
    return HIKING if "등산" in request.prompt else ""


@asynccontextmanager
async def office(
    path: Path, fake: FakeDiscord | None = None, *, model: ScriptedModel | None = None,
    portraits: PaintedPortraits | None = None, **changes: Any,
) -> AsyncIterator[Office]:  # fmt: skip
    """She serves inside the block; ``changes`` are fields of :class:`DiscordConfig`."""
    if fake is None:
        async with (
            FakeDiscord() as own,
            office(path, own, model=model, portraits=portraits, **changes) as opened,
        ):
            yield opened
        return
    settings = settings_in(path)
    parts: dict[str, Any] = {
        "language_model": model or ScriptedModel({Task.MEMORY: _learn}), "exemplars": FewExemplars(),
        "ranker": LikesAll(), "embedder": HashEmbedder(), "portraits": portraits or PaintedPortraits(),
        "clock": FixedClock(),
    }  # fmt: skip
    config = DiscordConfig(fake.token, fake.rest_url, fake.gateway_url, ready_timeout_s=0.1, **changes)
    async with build_app(settings, **parts) as app:
        it = _people(fake, app)
        task = asyncio.create_task(
            serve(discord_doors(app), config, it.stop, say=it.said.append, up=it.up.set)
        )
        try:
            await asyncio.wait({task, asyncio.create_task(it.up.wait())}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                await task
            yield it
        finally:
            it.stop.set()
            await task


def _people(fake: FakeDiscord, app: App) -> Office:
    users = fake.world.users.values()
    named = {user.name: user for user in users}
    mina = named.get("mina") or fake.add_user("mina", locale="ko")
    john = named.get("john") or fake.add_user("john", locale="en-US")
    boss = named.get("boss") or fake.add_user("boss", locale="en-US")
    guild = next(iter(fake.world.guilds.values()), None)
    if guild is None:
        guild = fake.add_guild("town", mina, john, boss)
        fake.world.add_role(guild, "crew", Permission.MANAGE_GUILD, boss)
        fake.add_channel(guild, "square")
    square = next(channel for channel in guild.channels.values() if channel.name == "square")
    return Office(fake, app, mina, john, boss, guild, square)
