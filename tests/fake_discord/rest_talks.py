"""Routes of interactions: first answer, its edits, followups. They need no bot token, but the talk's own."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from aiohttp import web

from tests.fake_discord import errors, forms, talks
from tests.fake_discord.answers import BODY, nothing, number, reply
from tests.fake_discord.model import EPHEMERAL, LOADING, Channel, Json, Message
from tests.fake_discord.talks import Interaction
from tests.fake_discord.world import Draft, World

_HOOK = "/webhooks/{app}/{token}"


def routes(world: World) -> list[web.RouteDef]:
    """The table of these routes."""
    table = [
        ("POST", "/interactions/{id}/{token}/callback", answer), ("POST", _HOOK, follow_up),
        ("GET", _HOOK + "/messages/{message}", show), ("PATCH", _HOOK + "/messages/{message}", edit),
        ("DELETE", _HOOK + "/messages/{message}", delete),
    ]  # fmt: skip
    return [web.route(method, path, partial(handler, world)) for method, path, handler in table]


async def answer(world: World, request: web.Request) -> web.Response:
    """The first answer, within three seconds and only once."""
    talk = world.talks.get(request.match_info["token"])
    if talk is None or talk.id != number(request, "id"):
        raise errors.unknown("interaction")
    if talk.acknowledged:
        raise errors.already_acknowledged()
    if talk.failed:
        raise errors.unknown("interaction")
    body = request[BODY]
    kind, data = int(body.fields["type"]), body.fields.get("data") or {}
    _check_kind(talk, kind)
    _take_answer(world, talk, kind, data, body.files)
    talk.response_kind, talk.responded_at = kind, talk.created_at + talk.age_s
    world.changes.tell()
    if request.query.get("with_response") not in {"1", "true"}:
        return nothing()
    return reply(_receipt(world, talk, kind))


def _check_kind(talk: Interaction, kind: int) -> None:
    on_message = talk.kind in {talks.COMPONENT, talks.MODAL} and talk.message is not None
    fits = {
        talks.MESSAGE: talk.kind != talks.AUTOCOMPLETE, talks.DEFERRED: talk.kind != talks.AUTOCOMPLETE,
        talks.DEFERRED_UPDATE: on_message, talks.UPDATE: on_message,
        talks.CHOICES: talk.kind == talks.AUTOCOMPLETE,
        talks.FORM: talk.kind in {talks.COMMAND, talks.COMPONENT},
    }  # fmt: skip
    if not fits.get(kind, False):
        raise errors.invalid("type", "Value must be one of the allowed callback types", "BASE_TYPE_CHOICES")


def _take_answer(
    world: World, talk: Interaction, kind: int, data: Json, files: dict[int, tuple[str, bytes]]
) -> None:
    if kind == talks.MESSAGE:
        draft = forms.new_message(world, talk.channel, data, files)
        talk.original = _post(world, talk, draft)
    elif kind == talks.DEFERRED:
        flags = LOADING | int(data.get("flags") or 0) & EPHEMERAL
        talk.original = _post(world, talk, Draft(flags=flags))
    elif kind == talks.DEFERRED_UPDATE:
        talk.original = talk.message
    elif kind == talks.UPDATE:
        assert talk.message is not None
        if talk.message.deleted:
            raise errors.unknown("Message")
        world.revise(talk.message, forms.changed_message(world, talk.message, data, files))
        talk.original = talk.message
    elif kind == talks.CHOICES:
        choices = data.get("choices") or []
        if len(choices) > 25 or any(not 1 <= len(choice["name"]) <= 100 for choice in choices):
            raise errors.invalid("data.choices", "Must be 25 or fewer in length.", "BASE_TYPE_BAD_LENGTH")
        talk.choices = choices
    else:
        _check_form(data)
        talk.form = data


def _check_form(data: Json) -> None:
    if not 1 <= len(data.get("title") or "") <= 45:
        raise errors.invalid("data.title", "Must be between 1 and 45 in length.", "BASE_TYPE_BAD_LENGTH")
    if not 1 <= len(data.get("components") or []) <= 5:
        raise errors.invalid("data.components", "Must be between 1 and 5 in length.", "BASE_TYPE_BAD_LENGTH")


def _post(world: World, talk: Interaction, draft: Draft) -> Message:
    # Unlike bots' messages, those of interactions call only users unless they say otherwise.
    pings = {"parse": ["users"]} if draft.pings is None else draft.pings
    kind = 20 if talk.kind == talks.COMMAND else 0
    reference = talk.message if talk.kind == talks.COMPONENT and draft.reference is None else draft.reference
    ready = replace(
        draft, interaction=talk, pings=pings, kind=kind or (19 if reference else 0), reference=reference
    )
    return world.post(talk.channel, world.bot, ready)


def _receipt(world: World, talk: Interaction, kind: int) -> Json:
    about: Json = {"id": str(talk.id), "type": talk.kind}
    receipt: Json = {"interaction": about}
    if talk.original is not None and kind in {talks.MESSAGE, talks.DEFERRED, talks.UPDATE}:
        about |= {
            "response_message_id": str(talk.original.id), "response_message_loading": talk.original.loading,
            "response_message_ephemeral": talk.original.ephemeral,
        }  # fmt: skip
        receipt["resource"] = {"type": kind, "message": world.shown(talk.original)}
    return receipt


def _talk(world: World, request: web.Request) -> Interaction:
    """The interaction of a webhook address, once it has been answered."""
    talk = world.talks.get(request.match_info["token"])
    if talk is None or number(request, "app") != world.bot.id:
        raise errors.unknown("Webhook")
    if talk.age_s > world.talk_life_s:
        raise errors.token_expired()
    if not talk.acknowledged or talk.channel.gone:
        raise errors.unknown("Webhook")
    return talk


def _message(talk: Interaction, request: web.Request) -> Message:
    name = request.match_info["message"]
    own = [talk.original] if talk.original else []
    message = talk.original if name == "@original" else None
    if message is None and name.isdecimal():
        message = next((one for one in own + talk.followups if one.id == int(name)), None)
    if message is None or message.deleted:
        raise errors.unknown("Message")
    return message


async def show(world: World, request: web.Request) -> web.Response:
    """An answer as it stands."""
    return reply(world.shown(_message(_talk(world, request), request)))


async def edit(world: World, request: web.Request) -> web.Response:
    """Changes an answer; the first edit ends »is thinking …«."""
    talk, body = _talk(world, request), request[BODY]
    message = _message(talk, request)
    _rewrite(world, message, body)
    return reply(world.shown(message))


def _rewrite(world: World, message: Message, body: forms.Body) -> None:
    draft = forms.changed_message(world, message, body.fields, body.files)
    pings = {"parse": ["users"]} if draft.pings is None else draft.pings
    world.revise(message, replace(draft, pings=pings))


async def delete(world: World, request: web.Request) -> web.Response:
    """Takes an answer away."""
    world.remove(_message(_talk(world, request), request))
    return nothing()


async def follow_up(world: World, request: web.Request) -> web.Response:
    """A further answer. The first after »is thinking …« takes its place, whatever its ephemeral flag says."""
    talk, body = _talk(world, request), request[BODY]
    if talk.original is not None and talk.original.loading and not talk.original.deleted:
        _rewrite(world, talk.original, forms.Body({**body.fields, "flags": 0}, body.files))
        return _waited(request, world, talk.original)
    message = _post_followup(world, talk, talk.channel, body)
    return _waited(request, world, message)


def _post_followup(world: World, talk: Interaction, channel: Channel, body: forms.Body) -> Message:
    draft = forms.new_message(world, channel, body.fields, body.files)
    pings = {"parse": ["users"]} if draft.pings is None else draft.pings
    reference = talk.original if talk.original is not None and not talk.original.deleted else None
    kind = 19 if reference else 0
    message = world.post(
        channel, world.bot, replace(draft, interaction=talk, pings=pings, kind=kind, reference=reference)
    )
    talk.followups.append(message)
    world.changes.tell()
    return message


def _waited(request: web.Request, world: World, message: Message) -> web.Response:
    return reply(world.shown(message)) if request.query.get("wait") in {"1", "true"} else nothing()
