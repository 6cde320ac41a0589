"""From Discord's objects to ours: who, where, what, and whether she answers at all.

:func:`look` reads a message once; :func:`decide` is a pure function of what was read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import discord

from adapters.discord_chat.doors import PLATFORM, group_key
from core.people import DIRECT, Person, Place, PlaceKind
from core.places import PlaceSettings

REDO_WITHIN_S: Final = 60.0
SPOKEN: Final = (discord.MessageType.default, discord.MessageType.reply)

_PERSON: Final = re.compile(r"<@!?(\d{1,20})>")
_EMOJI: Final = re.compile(r"<a?:(\w{1,64}):\d{1,20}>")
_OTHER: Final = re.compile(r"<(?:@&|#)\d{1,20}>|<t:-?\d{1,20}(?::\w)?>|<id:\w+>")
_COMMAND: Final = re.compile(r"<(/[^:<>]{1,100}):\d{1,20}>")
_SPACES: Final = re.compile(r"[^\S\n]{2,}")


class Act(StrEnum):
    """What is done with a message."""

    ANSWER = "answer"
    ONLY_TEXT = "only text"  # a picture, sticker, voice or file without words
    CANNOT_READ = "cannot read"  # meant for her, but Discord hides the words
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as it matters here."""

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
    def addressed(self) -> bool:
        """Whether the message is meant for her, whatever an admin has set."""
        return self.direct or self.mentioned or self.role_mentioned or self.reply_to_her or self.her_thread


@dataclass(frozen=True, slots=True)
class Decision:
    """``reason`` says why she answers or ignores; ``text`` is what she reads."""

    act: Act
    reason: str
    text: str = ""


def decide(seen: Seen, here: PlaceSettings) -> Decision:
    """What to do with a message where ``here`` holds."""
    for what, holds in (("own", seen.own), ("machine", seen.machine), ("system", seen.system)):
        if holds:
            return Decision(Act.IGNORE, what)
    reason = _addressed(seen, here)
    if reason is None:
        return Decision(Act.IGNORE, "not addressed")
    if not (seen.direct or answers_in(seen.channels, here)):
        return Decision(Act.IGNORE, "channel")
    if seen.text:
        return Decision(Act.ANSWER, reason, seen.text)
    if seen.things:
        return Decision(Act.IGNORE if reason == "always" else Act.ONLY_TEXT, reason)
    if not (seen.direct or seen.mentioned or seen.reads_all):
        return Decision(Act.IGNORE if reason == "always" else Act.CANNOT_READ, reason)
    return Decision(Act.ANSWER if reason != "always" else Act.IGNORE, reason)


def _addressed(seen: Seen, here: PlaceSettings) -> str | None:
    """Why the message is meant for her; None when it is not."""
    reasons = (
        ("direct", seen.direct),
        ("mention", seen.mentioned or seen.role_mentioned),
        ("reply", seen.reply_to_her),
        ("thread", seen.her_thread),
        ("always", bool(here.always_answer & seen.channels)),
    )
    return next((reason for reason, holds in reasons if holds), None)


def answers_in(channels: frozenset[str], here: PlaceSettings) -> bool:
    """Whether she speaks in a channel of a server, given by its id and that of a thread's parent."""
    return not here.channels or bool((here.channels | here.always_answer) & channels)


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
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(lines).strip()


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


def edited_in_time(message: discord.Message) -> bool:
    """Whether the words were changed soon enough for the reply to be redone."""
    if message.edited_at is None:  # a link was unfurled, a message was pinned
        return False
    return (message.edited_at - message.created_at).total_seconds() <= REDO_WITHIN_S
