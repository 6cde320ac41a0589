"""Routes of accounts, the application, guilds, channels and commands."""

from __future__ import annotations

import re
from functools import partial

from aiohttp import web

from tests.fake_discord import errors, payloads
from tests.fake_discord.answers import BODY, channel_of, guild_of, need, nothing, number, reply
from tests.fake_discord.model import Json
from tests.fake_discord.permissions import Permission
from tests.fake_discord.world import World

_NAME = re.compile(r"[-_'\w]{1,32}")
_SESSION_STARTS = {"total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1}


def routes(world: World) -> list[web.RouteDef]:
    """The table of these routes."""
    table = [
        ("GET", "/users/@me", me), ("GET", "/users/{user}", user), ("POST", "/users/@me/channels", open_dm),
        ("DELETE", "/users/@me/guilds/{guild}", leave), ("GET", "/oauth2/applications/@me", application),
        ("GET", "/applications/@me", application), ("GET", "/gateway", gateway),
        ("GET", "/gateway/bot", gateway), ("GET", "/channels/{channel}", channel),
        ("PATCH", "/channels/{channel}", change_channel), ("GET", "/guilds/{guild}", guild),
        ("GET", "/guilds/{guild}/channels", guild_channels), ("GET", "/guilds/{guild}/roles", roles),
        ("GET", "/guilds/{guild}/members/{user}", member),
        ("GET", "/applications/{app}/commands", commands),
        ("PUT", "/applications/{app}/commands", sync),
        ("GET", "/applications/{app}/guilds/{guild}/commands", commands),
        ("PUT", "/applications/{app}/guilds/{guild}/commands", sync),
    ]  # fmt: skip
    return [web.route(method, path, partial(handler, world)) for method, path, handler in table]


async def me(world: World, request: web.Request) -> web.Response:
    """The bot's own account."""
    return reply(payloads.user(world.bot) | {"verified": True, "mfa_enabled": True, "flags": 0})


async def user(world: World, request: web.Request) -> web.Response:
    """Any account."""
    found = world.users.get(number(request, "user"))
    if found is None:
        raise errors.unknown("User")
    return reply(payloads.user(found))


async def open_dm(world: World, request: web.Request) -> web.Response:
    """The private talk with someone; that it opens says nothing about whether a message may be sent."""
    other = world.users.get(int(request[BODY].fields.get("recipient_id", 0)))
    if other is None:
        raise errors.unknown("User")
    if other.bot:
        raise errors.dms_closed()
    return reply(payloads.channel(world.private_channel(other)))


async def leave(world: World, request: web.Request) -> web.Response:
    """The bot leaves a guild."""
    world.leave_guild(world.bot, guild_of(world, request))
    return nothing()


async def application(world: World, request: web.Request) -> web.Response:
    """The application and its owner."""
    return reply(payloads.application(world.bot, world.owner, world.application_flags))


async def gateway(world: World, request: web.Request) -> web.Response:
    """Where the gateway is."""
    url = f"ws://{request.host}/gateway/"
    return reply({"url": url, "shards": world.shards, "session_start_limit": _SESSION_STARTS})


async def channel(world: World, request: web.Request) -> web.Response:
    """A channel, thread or private talk."""
    return reply(payloads.channel(channel_of(world, request)))


async def change_channel(world: World, request: web.Request) -> web.Response:
    """Closing, opening and naming a thread; other channels the bot does not touch here."""
    place = channel_of(world, request)
    if not place.is_thread:
        need(world, place, Permission.MANAGE_CHANNELS)
    elif place.owner_id != world.bot.id:
        need(world, place, Permission.MANAGE_THREADS)
    fields = request[BODY].fields
    place.name = fields.get("name", place.name)
    if place.is_thread:
        archived, locked = fields.get("archived", place.archived), fields.get("locked", place.locked)
        world.change_thread(place, archived=archived, locked=locked)
    return reply(payloads.channel(place))


async def guild(world: World, request: web.Request) -> web.Response:
    """A guild without its channels and members."""
    payload = payloads.guild(guild_of(world, request), world.bot)
    for name in ("channels", "threads", "members", "joined_at"):
        del payload[name]
    return reply(payload)


async def guild_channels(world: World, request: web.Request) -> web.Response:
    """A guild's channels."""
    found = guild_of(world, request).channels.values()
    return reply([payloads.channel(place) for place in found if not place.is_thread and not place.gone])


async def roles(world: World, request: web.Request) -> web.Response:
    """A guild's roles."""
    found = guild_of(world, request).roles.values()
    return reply([payloads.role(one, position) for position, one in enumerate(found)])


async def member(world: World, request: web.Request) -> web.Response:
    """Someone in a guild."""
    found = guild_of(world, request).members.get(number(request, "user"))
    if found is None:
        raise errors.unknown("Member")
    return reply(payloads.member(found))


def _scope(world: World, request: web.Request) -> int | None:
    if number(request, "app") != world.bot.id:
        raise errors.unknown("Application")
    return guild_of(world, request).id if "guild" in request.match_info else None


async def commands(world: World, request: web.Request) -> web.Response:
    """The registered commands of a scope."""
    return reply(world.commands.get(_scope(world, request), []))


async def sync(world: World, request: web.Request) -> web.Response:
    """Replaces the commands of a scope."""
    scope, wanted = _scope(world, request), request[BODY].json
    if not isinstance(wanted, list):
        raise errors.invalid("_", "Only lists may be used in a ListType")
    for kind, most in ((1, 100), (2, 15), (3, 15)):
        if sum(command.get("type", 1) == kind for command in wanted) > most:
            raise errors.ApiError(400, 30032, f"Maximum number of application commands reached ({most}).")
    for command in wanted:
        _check_command(command)
    if len({(command["name"], command.get("type", 1)) for command in wanted}) < len(wanted):
        raise errors.invalid("name", "Application command names must be unique", "DUPLICATE_NAME")
    world.syncs.append((scope, wanted))
    return reply(world.register(scope, wanted))


def _check_command(command: Json) -> None:
    menu = command.get("type", 1) != 1
    for name in (command["name"], *(command.get("name_localizations") or {}).values()):
        if (menu and not 1 <= len(name) <= 32) or (
            not menu and (not _NAME.fullmatch(name) or name != name.lower())
        ):
            raise errors.invalid(
                "name", f"Command name {name!r} is invalid", "APPLICATION_COMMAND_INVALID_NAME"
            )
    if menu:
        return
    for text in (command.get("description", ""), *(command.get("description_localizations") or {}).values()):
        if not 1 <= len(text) <= 100:
            raise errors.invalid(
                "description", "Must be between 1 and 100 in length.", "BASE_TYPE_BAD_LENGTH"
            )
    options = command.get("options") or []
    if len(options) > 25 or any(len(option.get("choices") or []) > 25 for option in options):
        raise errors.invalid("options", "Must be 25 or fewer in length.", "BASE_TYPE_BAD_LENGTH")
    for option in options:
        _check_command({"type": 1} | {key: value for key, value in option.items() if key != "type"})
