"""The connection: Discord's events to :class:`Chat`, guilds that come and go, and a quiet end."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from typing import Any, Final

import discord

from adapters.discord_chat.buttons import BUTTONS
from adapters.discord_chat.chat import Chat
from adapters.discord_chat.doors import group_key
from adapters.discord_chat.presses import Presses
from adapters.shared.doors import Doors
from adapters.shared.tidying import TIDY_EVERY_S, find_removals, tidy
from core.errors import StoreError, logged

log = logging.getLogger(__name__)

LAST_WORDS_S: Final = 3.0


def intents_for(reads_all: bool) -> discord.Intents:
    """What she listens to; ``reads_all`` adds the privileged message content intent."""
    return discord.Intents(
        guilds=True, guild_messages=True, dm_messages=True, message_content=reads_all
    )  # fmt: skip


class Client(discord.AutoShardedClient):
    """Oh-LoRA on Discord.

    Args:
        doors: What she can do.
        reads_all: Whether she reads messages that do not mention her (always-answer channels).
        setup: Called once before the gateway connects: commands, their sync.
        options: Of discord.py: shard_ids, shard_count, guild_ready_timeout …
    """

    def __init__(
        self, doors: Doors, *, reads_all: bool = False,
        setup: Callable[[Client], Awaitable[None]] | None = None, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            intents=intents_for(reads_all),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,  # no cache of what people wrote: forgotten is forgotten
            **options,
        )
        self.doors = doors
        self.chat = Chat(doors, reads_all=reads_all)
        self.presses = Presses(self.chat)
        self._prepare = setup
        self._tidying: asyncio.Task[None] | None = None

    async def setup_hook(self) -> None:
        """Once, after the login: buttons of earlier runs work again."""
        if self.user is not None:
            self.chat.me = self.user.id
        self.add_dynamic_items(*BUTTONS)
        if self._prepare is not None:
            await self._prepare(self)

    async def finish(self, timeout: float) -> bool:
        """Take nothing new, let what is under way end, then close; False when something was cut off."""
        self.chat.leave()
        done = await self.chat.drained(timeout)
        if not done:
            self.chat.cut_off()
            await self.chat.drained(LAST_WORDS_S)
        await self.close()
        return done

    async def close(self) -> None:
        """End the connection."""
        if self._tidying is not None:
            self._tidying.cancel()
        await super().close()

    async def on_ready(self) -> None:
        """Connected; comes again after each new session."""
        if self.is_closed():  # told too late: nothing is begun any more
            return
        reads = (
            "every message (an always-answer channel is set)"
            if self.chat.reads_all
            else "only what is meant for her"
        )
        log.info("ready: %d shards, %d guilds; she reads %s", len(self.shards), len(self.guilds), reads)
        if self._tidying is None:
            self._tidying = asyncio.create_task(self._tidy())
            return
        with self.chat.work():
            await self.chat.catch_up()

    async def on_resumed(self) -> None:
        """Nothing to do: what is replayed is claimed already."""
        log.info("resumed")

    async def on_message(self, message: discord.Message) -> None:
        """Somebody wrote."""
        with self.chat.work():
            await self.chat.take(message)

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        """Somebody changed a message."""
        with self.chat.work():
            await self.chat.edited(event.message)

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        """A message is gone."""
        with self.chat.work():
            await self.chat.removed([event.message_id])

    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        """Many messages are gone."""
        with self.chat.work():
            await self.chat.removed(event.message_ids)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Invited, maybe again: nothing will be erased."""
        try:
            await self.doors.groups.returned(group_key(guild.id))
        except StoreError as err:
            log.error("return to guild %s not noted: %s", guild.id, logged(err))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Removed: the group's data goes after its grace."""
        try:
            await self.doors.groups.left(group_key(guild.id), self.doors.clock.now())
        except StoreError as err:
            log.error("removal from guild %s not noted: %s", guild.id, logged(err))

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """A bug in a handler: its kind and place, never what people wrote."""
        kind, _, trace = sys.exc_info()
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
        log.error("%s: %s at %s", event_method, kind.__name__ if kind else "?", where)

    async def tidy(self) -> None:
        """Look for guilds that removed her, and erase what time erases."""
        await find_removals(self.doors, self._serves, self._inside)
        await tidy(self.doors, self._serves, self._inside)

    def _serves(self, group: str) -> bool:
        """Whether the group is a guild of this process, not of another one or another platform."""
        guild = group.removeprefix(group_key(""))
        return guild.isdigit() and (int(guild) >> 22) % (self.shard_count or 1) in self.shards

    async def _inside(self, group: str) -> bool:
        """Whether she is in that guild."""
        return self.get_guild(int(group.removeprefix(group_key("")))) is not None

    async def _tidy(self) -> None:
        while True:
            await self.tidy()
            await asyncio.sleep(TIDY_EVERY_S)
