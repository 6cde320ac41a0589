"""Who may do what where: Discord's order of roles and channel overwrites."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fake_discord.model import Channel, Guild, User


class Permission(IntFlag):
    """The permissions that the fake knows, by Discord's names and bits."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38


NOTHING = Permission(0)
# Spelled out: in Python, ~NOTHING is -1, which no payload can carry.
EVERYTHING = Permission(sum(Permission))
_RUNNING = Permission.ADMINISTRATOR | Permission.MANAGE_CHANNELS | Permission.MANAGE_GUILD
_TIDYING = Permission.MANAGE_MESSAGES | Permission.MANAGE_THREADS
# What a fresh server gives @everyone.
USUAL = EVERYTHING & ~_RUNNING & ~_TIDYING & ~Permission.MENTION_EVERYONE
# In a private talk there is nobody to rule over, and no thread.
IN_DM = USUAL & ~(
    Permission.CREATE_PUBLIC_THREADS | Permission.CREATE_PRIVATE_THREADS | Permission.SEND_MESSAGES_IN_THREADS
)


def in_guild(guild: Guild, user: User) -> Permission:
    """A member's rights before any channel has its say."""
    member = guild.members.get(user.id)
    if member is None:
        return NOTHING
    rights = guild.roles[guild.id].permissions
    for role in member.roles:
        rights |= role.permissions
    return EVERYTHING if rights & Permission.ADMINISTRATOR or guild.owner is user else rights


def in_channel(channel: Channel, user: User) -> Permission:
    """What someone may do in a channel; a thread follows its parent."""
    if channel.guild is None:
        return IN_DM if user in channel.recipients else NOTHING
    rights = in_guild(channel.guild, user)
    if rights == EVERYTHING or not rights:
        return rights
    place = channel.parent or channel
    member = channel.guild.members[user.id]
    everyone = place.overwrites.get(channel.guild.id)
    if everyone is not None:
        rights = rights & ~everyone.deny | everyone.allow
    # All roles together: an allowance of one role beats the ban of another.
    roles = [place.overwrites[role.id] for role in member.roles if role.id in place.overwrites]
    for overwrite in roles:
        rights &= ~overwrite.deny
    for overwrite in roles:
        rights |= overwrite.allow
    own = place.overwrites.get(user.id)
    if own is not None:
        rights = rights & ~own.deny | own.allow
    if channel.is_private_thread and user.id not in channel.joined and not rights & Permission.MANAGE_THREADS:
        return NOTHING
    return rights if rights & Permission.VIEW_CHANNEL else NOTHING


def may_send(channel: Channel, user: User) -> bool:
    """Whether someone may write here, thread or not."""
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.parent else Permission.SEND_MESSAGES
    return bool(in_channel(channel, user) & needed)
