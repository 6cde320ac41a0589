"""What REST handlers share: the request's body and path, and answers as discord.py wants them."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from tests.fake_discord import errors
from tests.fake_discord.forms import Body
from tests.fake_discord.model import Channel, Guild, Message
from tests.fake_discord.permissions import Permission, in_channel
from tests.fake_discord.world import World

BODY = web.RequestKey("BODY", Body)


def reply(data: Any, status: int = 200) -> web.Response:
    """JSON as nothing but application/json: with a charset in that header, discord.py would keep the text."""
    return web.Response(
        body=json.dumps(data).encode(), status=status, headers={"Content-Type": "application/json"}
    )


def nothing() -> web.Response:
    """204."""
    return web.Response(status=204)


def number(request: web.Request, name: str) -> int:
    """An id in the path."""
    value = request.match_info[name]
    if not value.isdecimal():
        raise errors.invalid(name, f'Value "{value}" is not snowflake.', "NUMBER_TYPE_COERCE")
    return int(value)


def guild_of(world: World, request: web.Request) -> Guild:
    """The guild in the path, if the bot is in it."""
    guild = world.guilds.get(number(request, "guild"))
    if guild is None:
        raise errors.unknown("Guild")
    if world.bot.id not in guild.members:
        raise errors.missing_access()
    return guild


def channel_of(world: World, request: web.Request) -> Channel:
    """The channel in the path, if the bot sees it."""
    channel = world.channels.get(number(request, "channel"))
    if channel is None or channel.gone:
        raise errors.unknown("Channel")
    if not world.bot_sees(channel):
        raise errors.missing_access()
    return channel


def message_of(channel: Channel, request: web.Request) -> Message:
    """The message in the path; ephemeral ones cannot be reached this way."""
    message = channel.messages.get(number(request, "message"))
    if message is None or message.deleted or message.ephemeral:
        raise errors.unknown("Message")
    return message


def need(world: World, channel: Channel, permission: Permission) -> None:
    """Refuses what the bot may not do here."""
    if not in_channel(channel, world.bot) & permission:
        raise errors.missing_permissions()
