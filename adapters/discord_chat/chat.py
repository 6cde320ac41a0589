"""What is said to her on Discord: messages read, and what a lost session missed."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import aiohttp
import discord

from adapters.discord_chat.doors import message_key, snowflake_of
from adapters.discord_chat.surfaces import ChannelSurface
from adapters.discord_chat.translate import edited_in_time, look, person_of, place_of, unresolved
from adapters.shared.decisions import Act, Decision, decide
from adapters.shared.drafts import Manner, Typing
from adapters.shared.talks import Talks
from core.people import Incoming
from core.places import PlaceSettings
from core.ports_places import Delivery

log = logging.getLogger(__name__)

TALKS: Final = 100  # channels that are looked at again when a session was lost
MISSED: Final = timedelta(minutes=10)  # what was said longer ago is not taken up any more
MANNER: Final = Manner(
    greeting="first_contact_discord",
    edit_every_s=1.2,
    typing_every_s=8.0,  # Discord shows it for ten
    film="webp",  # far smaller than a GIF, and in full colour
)


@dataclass(eq=False)
class Chat(Talks):
    """Everything that is said to her on Discord; ``me`` is her account once it is known."""

    manner: Manner = MANNER
    me: int = 0
    reads_all: bool = False
    _talks: OrderedDict[int, tuple[Any, int]] = field(default_factory=OrderedDict)  # channels, last messages

    async def take(self, message: discord.Message) -> None:
        """A message was written."""
        seen = look(message, self.me, reads_all=self.reads_all)
        if seen.own or seen.machine or seen.system or self.leaving:
            return
        if not (seen.reason or self.reads_all):  # most of a server's messages: nothing is asked
            return

        def judge(here: PlaceSettings) -> Decision:
            decision = decide(seen, here)
            if decision.act is not Act.IGNORE:
                self._talk(message)
            return decision

        surface = ChannelSurface.to(message, self.mends)
        await self.hear(self._incoming(message), surface, judge, _typing(message.channel))

    async def catch_up(self) -> None:
        """Take what was said where people talk to her while a session was lost.

        Discord brings what a resumed session missed, not what a new one did.
        """
        found: list[discord.Message] = []
        for channel, last in list(self._talks.values()):
            if discord.utils.utcnow() - discord.utils.snowflake_time(last) > MISSED:
                continue
            try:
                after = discord.Object(last)
                found += [m async for m in channel.history(limit=100, after=after, oldest_first=True)]
            except (discord.DiscordException, aiohttp.ClientError, OSError) as err:
                log.info("channel %s is not looked at again: %s", channel.id, type(err).__name__)
        await asyncio.gather(*(self.take(message) for message in found))

    async def edited(self, message: discord.Message) -> None:
        """A message has other words now: within a minute it is answered anew, once."""
        soon = edited_in_time(message)
        if self.leaving or message.author.bot or soon is None or unresolved(message):
            return

        def surface(delivery: Delivery) -> ChannelSurface:
            return ChannelSurface.again(message.id, message.channel, standing(delivery), self.mends)

        seen = look(message, self.me, reads_all=self.reads_all)
        await self.revise(self._incoming(message), lambda here: decide(seen, here), surface, soon=soon)

    async def removed(self, messages: Iterable[int]) -> None:
        """Messages were deleted."""
        await self.deleted(message_key(number) for number in messages)

    def _incoming(self, message: discord.Message) -> Incoming:
        person, place = person_of(message.author), place_of(message.channel)
        return Incoming(message_key(message.id), person, place, "", self.doors.clock.now())

    def _talk(self, message: discord.Message) -> None:
        """Remember where someone talks to her."""
        self._talks[message.channel.id] = (message.channel, message.id)
        self._talks.move_to_end(message.channel.id)
        if len(self._talks) > TALKS:
            self._talks.popitem(last=False)


def _typing(channel: discord.abc.Messageable) -> Typing:
    """»is typing …« in a channel; without the right to it, nothing is lost."""

    async def signal() -> None:
        with suppress(discord.DiscordException, aiohttp.ClientError, OSError):
            await channel.typing()

    return signal


def standing(delivery: Delivery) -> tuple[int, ...]:
    """The numbers of her messages that carry a reply."""
    return tuple(snowflake_of(reply) for reply in delivery.replies)
