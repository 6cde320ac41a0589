"""From Discord's objects to ours: who, where and what; whether she answers is decided from that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import discord

from adapters.discord_chat.doors import PLATFORM, group_key
from adapters.shared.cleaning import tidy
from adapters.shared.decisions import REDO_WITHIN_S
from core.people import DIRECT, Person, Place, PlaceKind

SPOKEN: Final = (discord.MessageType.default, discord.MessageType.reply)

_PERSON: Final = re.compile(r"<@!?(\d{1,20})>")
_EMOJI: Final = re.compile(r"<a?:(\w{1,64}):\d{1,20}>")
_OTHER: Final = re.compile(r"<(?:@&|#)\d{1,20}>|<t:-?\d{1,20}(?::\w)?>|<id:\w+>")
_COMMAND: Final = re.compile(r"<(/[^:<>]{1,100}):\d{1,20}>")


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as it matters here; an :class:`adapters.shared.decisions.Heard`."""

    text: str = ""
    direct: bool = False
    mentioned: bool = False
    role_mentioned: bool = False  # the role that Discord made for her and named after her
    reply_to_her: bool = False
    her_thread: bool = False
    channels: frozenset[str] = frozenset()  # its channel's id, and the parent's of a thread
    machine: bool = False  # a bot, webhook or system account wrote it
    own: bool = False
    system: bool = False
    things: bool = False  # attachments, stickers, a poll, a forward
    reads_all: bool = False  # the message content intent is on

    @property
    def reason(self) -> str | None:
        """Why the message is meant for her, whatever an admin has set; None when it is not."""
        reasons = (
            ("direct", self.direct),
            ("mention", self.mentioned or self.role_mentioned),
            ("reply", self.reply_to_her),
            ("thread", self.her_thread),
        )
        return next((reason for reason, holds in reasons if holds), None)

    @property
    def hidden(self) -> bool:
        """Whether Discord keeps the words of such a message from her."""
        return not (self.direct or self.mentioned or self.reads_all)


def look(message: discord.Message, me: int, *, reads_all: bool) -> Seen:
    """Read a message; ``me`` is her own account."""
    referenced = message.reference.resolved if message.reference is not None else None
    is_reply = message.type is discord.MessageType.reply and isinstance(referenced, discord.Message)
    channel = message.channel
    things = bool(message.attachments or message.stickers or message.poll or message.message_snapshots)
    return Seen(
        text=plain(message.content, me, {user.id: user.display_name for user in message.mentions}),
        direct=message.guild is None,
        mentioned=any(user.id == me for user in message.mentions),
        role_mentioned=any(role.tags and role.tags.bot_id == me for role in message.role_mentions),
        reply_to_her=is_reply and isinstance(referenced, discord.Message) and referenced.author.id == me,
        her_thread=isinstance(channel, discord.Thread) and channel.owner_id == me,
        channels=channels_of(channel),
        machine=message.author.bot or message.webhook_id is not None or bool(message.author.system),
        own=message.author.id == me,
        system=message.type not in SPOKEN,
        things=things,
        reads_all=reads_all,
    )  # fmt: skip


def channels_of(channel: Any) -> frozenset[str]:
    """The id of a channel, and the parent's of a thread, as settings name them."""
    return frozenset(str(n) for n in (channel.id, getattr(channel, "parent_id", None)) if n)


def plain(content: str, me: int, names: Mapping[int, str]) -> str:
    """The words of a message: her mention is gone, other people are named, codes of Discord are not left."""

    def named(match: re.Match[str]) -> str:
        person = int(match[1])
        return "" if person == me else f"@{names[person]}" if person in names else ""

    text = _OTHER.sub("", _COMMAND.sub(r"\1", _EMOJI.sub(r":\1:", _PERSON.sub(named, content))))
    return tidy(text)


def person_of(user: discord.abc.User) -> Person:
    """The account; the name is for show only."""
    return Person(PLATFORM, str(user.id), user.display_name)


def place_of(channel: Any) -> Place:
    """The place of a channel, of messages and interactions alike.

    A channel that @everyone may not view (or join, where people speak) is a scope of its own, and
    so is a private thread; other threads belong to their parent. What cannot be told is taken for
    hidden.

    Raises:
        ValueError: There is no channel.
    """
    if channel is None:
        raise ValueError("no channel")
    guild = getattr(channel, "guild", None)
    guild_id = guild.id if guild is not None else getattr(channel, "guild_id", None)
    if guild_id is None:
        if isinstance(channel, discord.GroupChannel):
            return Place(PlaceKind.GROUP, f"{PLATFORM}:group-{channel.id}")
        return DIRECT
    return Place(PlaceKind.GROUP, group_key(guild_id), _hidden(channel, guild))


def _hidden(channel: Any, guild: discord.Guild | None) -> str:
    """The id of the hidden channel that this one is or belongs to, '' for an open one."""
    if isinstance(channel, discord.Thread):
        if channel.is_private():
            return str(channel.id)
        if channel.parent is None:
            return str(channel.parent_id)
        channel = channel.parent
    everyone = guild.default_role if guild is not None else None
    known = guild.get_channel(channel.id) if guild is not None and everyone is not None else None
    if everyone is None or known is None:  # an interaction's channel may come without its overwrites
        return str(channel.id)
    may = known.permissions_for(everyone)
    spoken = isinstance(known, discord.VoiceChannel | discord.StageChannel)
    return "" if may.view_channel and (may.connect or not spoken) else str(channel.id)


def unresolved(message: discord.Message) -> bool:
    """Whether it replies to something that Discord does not tell about: maybe to her."""
    reference = message.reference
    return message.type is discord.MessageType.reply and (reference is None or reference.resolved is None)


def edited_in_time(message: discord.Message) -> bool | None:
    """Whether the words were changed soon enough for the reply to be redone; None where they were not."""
    if message.edited_at is None:  # a link was unfurled, a message was pinned
        return None
    return (message.edited_at - message.created_at).total_seconds() <= REDO_WITHIN_S
