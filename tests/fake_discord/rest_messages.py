"""Routes of messages, typing and threads."""

from __future__ import annotations

from functools import partial
from urllib.parse import unquote

from aiohttp import web

from tests.fake_discord import errors, forms, payloads
from tests.fake_discord.answers import BODY, channel_of, message_of, need, nothing, reply
from tests.fake_discord.model import PRIVATE_THREAD, Channel, Message
from tests.fake_discord.permissions import Permission, in_channel, may_send
from tests.fake_discord.world import Draft, World

_MESSAGE = "/channels/{channel}/messages/{message}"


def routes(world: World) -> list[web.RouteDef]:
    """The table of these routes."""
    table = [
        ("GET", "/channels/{channel}/messages", history), ("POST", "/channels/{channel}/messages", create),
        ("POST", "/channels/{channel}/messages/bulk-delete", bulk_delete),
        ("GET", _MESSAGE, show), ("PATCH", _MESSAGE, edit), ("DELETE", _MESSAGE, delete),
        ("PUT", _MESSAGE + "/reactions/{emoji}/@me", react),
        ("POST", "/channels/{channel}/typing", typing),
        ("POST", _MESSAGE + "/threads", start_thread), ("POST", "/channels/{channel}/threads", start_thread),
        ("PUT", "/channels/{channel}/thread-members/@me", join_thread),
    ]  # fmt: skip
    return [web.route(method, path, partial(handler, world)) for method, path, handler in table]


def _may_post(world: World, channel: Channel, draft: Draft) -> None:
    """Refuses a message that the bot may not send here."""
    if channel.guild is None and any(person.dms_closed for person in channel.recipients):
        raise errors.dms_closed()
    if not may_send(channel, world.bot):
        raise errors.missing_permissions()
    if draft.attachments:
        need(world, channel, Permission.ATTACH_FILES)
    if draft.embeds:
        need(world, channel, Permission.EMBED_LINKS)
    if draft.reference and not in_channel(channel, world.bot) & Permission.READ_MESSAGE_HISTORY:
        raise errors.cannot_reply()


async def create(world: World, request: web.Request) -> web.Response:
    """The bot says something."""
    channel, body = channel_of(world, request), request[BODY]
    # Rights first: a bot that may not write is told so even if its message is wrong, too.
    _may_post(world, channel, Draft())
    draft = forms.new_message(world, channel, body.fields, body.files)
    _may_post(world, channel, draft)
    if channel.archived:
        if channel.locked:
            raise errors.archived()
        world.change_thread(channel, archived=False, locked=False)
    return reply(world.shown(world.post(channel, world.bot, draft)))


async def edit(world: World, request: web.Request) -> web.Response:
    """The bot changes what it said."""
    channel, body = channel_of(world, request), request[BODY]
    message = message_of(channel, request)
    if message.author is not world.bot:
        raise errors.not_yours()
    if channel.archived:
        raise errors.archived()
    draft = forms.changed_message(world, message, body.fields, body.files)
    if body.files:
        need(world, channel, Permission.ATTACH_FILES)
    world.revise(message, draft)
    return reply(world.shown(message))


async def show(world: World, request: web.Request) -> web.Response:
    """One message."""
    channel = channel_of(world, request)
    need(world, channel, Permission.READ_MESSAGE_HISTORY)
    return reply(world.shown(message_of(channel, request)))


async def history(world: World, request: web.Request) -> web.Response:
    """Messages, newest first; nothing where the bot may not read back."""
    channel, query = channel_of(world, request), request.query
    if not in_channel(channel, world.bot) & Permission.READ_MESSAGE_HISTORY:
        return reply([])
    limit = int(query.get("limit", 50))
    if not 1 <= limit <= 100:
        raise errors.invalid("limit", "int value should be between 1 and 100.", "NUMBER_TYPE_MAX")
    found = sorted(channel.log, key=lambda message: message.id, reverse=True)
    if "before" in query:
        found = [message for message in found if message.id < int(query["before"])]
    elif "after" in query:
        found = [message for message in found if message.id > int(query["after"])][-limit:]
    elif "around" in query:
        middle = int(query["around"])
        nearest = sorted(found, key=lambda message: abs(message.id - middle))[:limit]
        found = [message for message in found if message in nearest]
    return reply([world.shown(message) for message in found[:limit]])


async def delete(world: World, request: web.Request) -> web.Response:
    """The bot takes a message away."""
    channel = channel_of(world, request)
    _remove(world, channel, message_of(channel, request))
    return nothing()


def _remove(world: World, channel: Channel, message: Message) -> None:
    if message.author is not world.bot:
        if channel.guild is None:
            raise errors.ApiError(403, 50003, "Cannot execute action on a DM channel")
        need(world, channel, Permission.MANAGE_MESSAGES)
    world.remove(message)


async def bulk_delete(world: World, request: web.Request) -> web.Response:
    """The bot takes several messages away."""
    channel = channel_of(world, request)
    need(world, channel, Permission.MANAGE_MESSAGES)
    for message_id in request[BODY].fields["messages"]:
        message = channel.messages.get(int(message_id))
        if message is not None and not message.deleted:
            _remove(world, channel, message)
    return nothing()


async def react(world: World, request: web.Request) -> web.Response:
    """The bot puts an emoji under a message."""
    channel = channel_of(world, request)
    message = message_of(channel, request)
    need(world, channel, Permission.READ_MESSAGE_HISTORY)
    need(world, channel, Permission.ADD_REACTIONS)
    world.react(message, world.bot, unquote(request.match_info["emoji"]))
    return nothing()


async def typing(world: World, request: web.Request) -> web.Response:
    """The bot is typing."""
    channel = channel_of(world, request)
    if not may_send(channel, world.bot):
        raise errors.missing_permissions()
    world.type_in(channel, world.bot)
    return nothing()


async def start_thread(world: World, request: web.Request) -> web.Response:
    """A thread, from a message or by itself."""
    channel, fields = channel_of(world, request), request[BODY].fields
    source = message_of(channel, request) if "message" in request.match_info else None
    private = source is None and fields.get("type", PRIVATE_THREAD) == PRIVATE_THREAD
    need(world, channel, Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS)
    if source is not None and source.id in world.channels:
        raise errors.thread_exists()
    name = fields.get("name") or ""
    if not 1 <= len(name) <= 100:
        raise errors.invalid("name", "Must be between 1 and 100 in length.", "BASE_TYPE_BAD_LENGTH")
    thread = world.add_thread(channel, name, world.bot, source=source, private=private)
    return reply(payloads.thread(thread), 201)


async def join_thread(world: World, request: web.Request) -> web.Response:
    """The bot enters a thread."""
    world.join_thread(channel_of(world, request), world.bot)
    return nothing()
