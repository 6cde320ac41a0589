"""Reads what a bot sends: JSON or multipart, checked against Discord's limits."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, MultipartReader, web

from tests.fake_discord import errors
from tests.fake_discord.model import (
    COMPONENTS_V2,
    EPHEMERAL,
    SUPPRESS_EMBEDS,
    Attachment,
    Channel,
    Json,
    Message,
    pressable,
)
from tests.fake_discord.world import Draft, World

CONTENT_MAX, FILES_MAX, REQUEST_MAX, NONCE_MAX = 2000, 10, 25 * 1024 * 1024, 25
_SETTABLE_FLAGS = EPHEMERAL | SUPPRESS_EMBEDS | COMPONENTS_V2 | 1 << 12


@dataclass
class Body:
    """A request's JSON and its files by number."""

    json: Any = None
    files: dict[int, tuple[str, bytes]] = field(default_factory=dict)

    @property
    def fields(self) -> Json:
        """The JSON, which has to be an object."""
        if not isinstance(self.json, dict):
            raise errors.invalid("_", "Only dictionaries may be used in a DictType", "DICT_TYPE_CONVERT")
        return self.json


async def read(request: web.Request) -> Body:
    """The body of any request.

    Raises:
        ApiError: It is larger than Discord takes, or no JSON.
    """
    body = Body()
    if request.content_type == "multipart/form-data":
        await _read_parts(await request.multipart(), body)
    elif raw := await request.read():
        body.json = _parsed(raw)
    return body


async def _read_parts(parts: MultipartReader, body: Body) -> None:
    total = 0
    async for part in parts:
        assert isinstance(part, BodyPartReader)
        content = bytes(await part.read())
        total += len(content)
        name = part.name or ""
        if name == "payload_json":
            body.json = _parsed(content)
        elif name.startswith("files[") and name.endswith("]"):
            body.files[int(name[6:-1])] = (part.filename or "unnamed", content)
    # Only now: an earlier answer would break off the upload, and the client would see that instead.
    if total > REQUEST_MAX:
        raise errors.too_large()


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise errors.ApiError(400, 50109, "The request body contains invalid JSON.") from None


def new_message(world: World, channel: Channel, fields: Json, files: dict[int, tuple[str, bytes]]) -> Draft:
    """The draft of a message that a bot sends.

    Raises:
        ApiError: Something is too long, too large or missing.
    """
    draft = Draft(nonce=_nonce(fields), enforce_nonce=bool(fields.get("enforce_nonce")), pings=_pings(fields))
    draft.flags = int(fields.get("flags") or 0) & _SETTABLE_FLAGS
    draft.content = _content(fields.get("content"))
    draft.embeds, draft.components = _embeds(fields.get("embeds")), _components(fields.get("components"))
    draft.reference = _reference(channel, fields)
    draft.attachments = _attachments(world, channel, [], fields.get("attachments"), files, draft.flags)
    _check_whole(draft)
    return draft


def changed_message(
    world: World, message: Message, fields: Json, files: dict[int, tuple[str, bytes]]
) -> Draft:
    """The draft of a message's next version; what the edit does not name stays.

    Raises:
        ApiError: Something is too long, too large or missing.
    """
    last = message.last
    draft = Draft(last.content, last.embeds, last.components, flags=last.flags, pings=_pings(fields))
    if "flags" in fields:
        # The switch to components v2 goes one way only.
        kept = last.flags & (EPHEMERAL | COMPONENTS_V2)
        draft.flags = kept | int(fields["flags"] or 0) & (SUPPRESS_EMBEDS | COMPONENTS_V2)
    if "content" in fields:
        draft.content = _content(fields["content"])
    if "embeds" in fields:
        draft.embeds = _embeds(fields["embeds"])
    if "components" in fields:
        draft.components = _components(fields["components"])
    named = fields.get("attachments")
    draft.attachments = _attachments(world, message.channel, last.attachments, named, files, draft.flags)
    draft.stickers = message.stickers
    _check_whole(draft)
    return draft


def _check_whole(draft: Draft) -> None:
    if draft.flags & COMPONENTS_V2:
        if draft.content or draft.embeds:
            raise errors.invalid("content", "The 'content' field cannot be used with components v2")
        if not draft.components:
            raise errors.empty_message()
    elif not (
        draft.content.strip() or draft.embeds or draft.attachments or draft.stickers or draft.components
    ):
        raise errors.empty_message()


def _content(value: object) -> str:
    text = "" if value is None else str(value)
    if len(text) > CONTENT_MAX:
        raise errors.invalid("content", "Must be 2000 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    return text


def _nonce(fields: Json) -> str | None:
    if fields.get("nonce") is None:
        return None
    if len(nonce := str(fields["nonce"])) > NONCE_MAX:
        raise errors.invalid("nonce", "Must be 25 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    return nonce


def _pings(fields: Json) -> Json | None:
    pings: Json | None = fields.get("allowed_mentions")
    for kind in ("users", "roles"):
        if pings and pings.get(kind) and kind in pings.get("parse", []):
            raise errors.invalid(
                f"allowed_mentions.{kind}", "parse and ids exclude each other", "MUTUALLY_EXCLUSIVE"
            )
    return pings


def _embeds(value: list[Json] | None) -> list[Json]:
    embeds = value or []
    if len(embeds) > 10:
        raise errors.invalid("embeds", "Must be 10 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    total = 0
    for embed in embeds:
        for name, limit in (("title", 256), ("description", 4096)):
            if len(embed.get(name) or "") > limit:
                raise errors.invalid(f"embeds.0.{name}", f"Must be {limit} or fewer in length.")
            total += len(embed.get(name) or "")
        total += len((embed.get("footer") or {}).get("text") or "")
        total += sum(len(f["name"]) + len(f["value"]) for f in embed.get("fields") or [])
    if total > 6000:
        raise errors.invalid("embeds", "Embed size exceeds maximum size of 6000", "MAX_EMBED_SIZE_EXCEEDED")
    return embeds


def _components(value: list[Json] | None) -> list[Json]:
    components = value or []
    if sum(part.get("type") == 1 for part in components) > 5:
        raise errors.invalid("components", "Must be between 1 and 5 in length.", "BASE_TYPE_BAD_LENGTH")
    seen: set[str] = set()
    for part in pressable(components):
        custom_id, label = part["custom_id"], part.get("label") or ""
        if not 1 <= len(custom_id) <= 100 or len(label) > 80:
            raise errors.invalid("components", "Must be between 1 and 100 in length.", "BASE_TYPE_BAD_LENGTH")
        if custom_id in seen:
            raise errors.invalid(
                "components", "Component custom id cannot be duplicated", "COMPONENT_CUSTOM_ID"
            )
        seen.add(custom_id)
    return components


def _reference(channel: Channel, fields: Json) -> Message | None:
    """The message that is answered; a deleted one is an error unless the bot says that it does not mind."""
    wanted = fields.get("message_reference")
    if not wanted or wanted.get("message_id") is None:
        return None
    found = channel.messages.get(int(wanted["message_id"]))
    if found is not None and not found.deleted:
        return found
    if wanted.get("fail_if_not_exists", True):
        raise errors.invalid("message_reference", "Unknown message", "REPLIES_UNKNOWN_MESSAGE")
    return None


def _attachments(
    world: World, channel: Channel, old: list[Attachment], named: list[Json] | None,
    files: dict[int, tuple[str, bytes]], flags: int,
) -> list[Attachment]:  # fmt: skip
    """What stays, in the order in which it is named, and what is new."""
    if any(len(content) > world.limit_in(channel) for _, content in files.values()):
        raise errors.too_large()
    kept: list[Attachment] = list(old) if named is None else []
    about: dict[int, Json] = {}
    for entry in named or []:
        number = int(entry["id"])
        existing = next((file for file in old if file.id == number), None)
        if existing is not None:
            kept.append(existing)
        elif number in files:
            about[number] = entry
        else:
            raise errors.invalid("attachments", "Attachment data could not be found", "ATTACHMENT_NOT_FOUND")
    if len(kept) + len(files) > FILES_MAX:
        raise errors.too_many_files()
    hidden = bool(flags & EPHEMERAL)
    for number, (filename, content) in sorted(files.items()):
        entry = about.get(number, {})
        description = entry.get("description")
        if description is not None and len(description) > 1024:
            raise errors.invalid("attachments", "Must be 1024 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
        kept.append(world.keep(entry.get("filename", filename), content, description, ephemeral=hidden))
    return kept
