"""JSON objects as Discord sends them: every field that discord.py insists on, and those that a bot reads."""

from __future__ import annotations

from tests.fake_discord.model import (
    PRIVATE_THREAD,
    Attachment,
    Channel,
    Guild,
    Json,
    Member,
    Message,
    Role,
    User,
    moment,
    now,
)
from tests.fake_discord.permissions import EVERYTHING, in_channel

UPLOAD_LIMIT = 10 * 1024 * 1024


def user(account: User) -> Json:
    """A user object."""
    return {
        "id": str(account.id), "username": account.name, "global_name": account.shown_name,
        "discriminator": "0", "avatar": None, "bot": account.bot, "public_flags": 0,
    }  # fmt: skip


def member(one: Member, *, with_user: bool = True) -> Json:
    """A member object; in messages it stands without its user."""
    payload: Json = {
        "roles": [str(role.id) for role in one.roles], "nick": one.nick, "joined_at": one.joined_at,
        "deaf": False, "mute": False, "flags": 0, "avatar": None, "pending": False,
        "premium_since": None, "communication_disabled_until": None,
    }  # fmt: skip
    if with_user:
        payload["user"] = user(one.user)
    return payload


def role(one: Role, position: int = 0) -> Json:
    """A role object."""
    return {
        "id": str(one.id), "name": one.name, "permissions": str(int(one.permissions)), "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None}, "hoist": False,
        "position": position, "managed": one.bot_id is not None, "mentionable": False, "flags": 0,
        **({"tags": {"bot_id": str(one.bot_id)}} if one.bot_id else {}),
    }  # fmt: skip


def channel(one: Channel) -> Json:
    """A channel object of any kind."""
    if one.guild is None:
        recipients = [user(person) for person in one.recipients if not person.bot]
        return {"id": str(one.id), "type": one.kind, "last_message_id": None, "recipients": recipients}
    if one.is_thread:
        return thread(one)
    overwrites = [
        {
            "id": str(target),
            "type": 0 if o.is_role else 1,
            "allow": str(int(o.allow)),
            "deny": str(int(o.deny)),
        }
        for target, o in one.overwrites.items()
    ]
    return {
        "id": str(one.id), "type": one.kind, "guild_id": str(one.guild.id), "name": one.name, "position": 0,
        "permission_overwrites": overwrites, "nsfw": one.nsfw, "parent_id": None, "topic": None,
        "rate_limit_per_user": 0, "last_message_id": str(max(one.messages)) if one.messages else None,
        "flags": 0,
    }  # fmt: skip


def thread(one: Channel) -> Json:
    """A thread object."""
    assert one.guild and one.parent
    return {
        "id": str(one.id), "type": one.kind, "guild_id": str(one.guild.id), "parent_id": str(one.parent.id),
        "owner_id": str(one.owner_id), "name": one.name, "message_count": len(one.messages),
        "member_count": len(one.joined), "total_message_sent": len(one.messages), "rate_limit_per_user": 0,
        "last_message_id": str(max(one.messages)) if one.messages else None, "flags": 0,
        "thread_metadata": {
            "archived": one.archived, "auto_archive_duration": 1440, "archive_timestamp": moment(one.id),
            "locked": one.locked, "invitable": one.kind == PRIVATE_THREAD, "create_timestamp": moment(one.id),
        },
    }  # fmt: skip


def guild(one: Guild, bot: User) -> Json:
    """A whole guild, as GUILD_CREATE brings it; without the members intent only the bot is in it."""
    places = [place for place in one.channels.values() if not place.gone]
    return {
        "id": str(one.id), "name": one.name, "icon": None, "splash": None, "discovery_splash": None,
        "owner_id": str(one.owner.id), "region": "deprecated", "afk_channel_id": None, "afk_timeout": 300,
        "verification_level": 0, "default_message_notifications": 1, "explicit_content_filter": 0,
        "roles": [role(r, n) for n, r in enumerate(one.roles.values())], "emojis": [], "stickers": [],
        "features": [], "mfa_level": 0, "application_id": None, "system_channel_id": None,
        "system_channel_flags": 0, "rules_channel_id": None, "vanity_url_code": None, "description": None,
        "banner": None, "premium_tier": one.premium_tier, "premium_subscription_count": 0,
        "preferred_locale": one.locale, "public_updates_channel_id": None, "nsfw_level": 0,
        "premium_progress_bar_enabled": False, "joined_at": now(), "large": False, "unavailable": False,
        "member_count": len(one.members), "voice_states": [], "presences": [], "stage_instances": [],
        "guild_scheduled_events": [], "soundboard_sounds": [],
        "members": [member(m) for m in one.members.values() if m.user is bot],
        "channels": [channel(place) for place in places if not place.is_thread],
        "threads": [thread(place) for place in places if place.is_thread and in_channel(place, bot)],
    }  # fmt: skip


def attachment(file: Attachment, place: Channel, base_url: str) -> Json:
    """An attachment object; its address is served by the fake's CDN."""
    url = f"{base_url}/attachments/{place.id}/{file.id}/{file.filename}"
    payload: Json = {
        "id": str(file.id), "filename": file.filename, "size": len(file.content), "url": url,
        "proxy_url": url, "content_type": file.content_type,
    }  # fmt: skip
    if file.description is not None:
        payload["description"] = file.description
    if file.ephemeral:
        payload["ephemeral"] = True
    return payload


def message(one: Message, base_url: str, *, reads_all: bool = True, bot: User | None = None) -> Json:
    """A message object without the gateway's additions.

    Args:
        one: The message.
        base_url: Where attachments are served.
        reads_all: Whether the reader has the message content intent.
        bot: The reader, whose own messages and mentions are readable in any case.
    """
    last = one.last
    payload: Json = {
        "id": str(one.id), "channel_id": str(one.channel.id), "author": user(one.author), "type": one.kind,
        "content": last.content, "timestamp": moment(one.id), "edited_timestamp": one.edited_at,
        "tts": False, "pinned": False, "mention_everyone": last.mention_everyone,
        "mentions": [user(person) for person in last.mentions],
        "mention_roles": [str(role_id) for role_id in last.mention_roles],
        "attachments": [attachment(file, one.channel, base_url) for file in last.attachments],
        "embeds": last.embeds, "components": last.components, "flags": last.flags,
    }  # fmt: skip
    if one.stickers:
        payload["sticker_items"] = one.stickers
    if one.nonce is not None:
        payload["nonce"] = one.nonce
    if one.reference_id is not None:
        payload |= _reference(one, base_url, reads_all, bot)
    if one.interaction is not None:
        payload |= _origin(one)
    if not (reads_all or readable(one, bot)):
        payload |= {"content": "", "embeds": [], "attachments": [], "components": []}
    return payload


def readable(one: Message, bot: User | None) -> bool:
    """Whether a bot without the message content intent sees what the message says."""
    return one.channel.guild is None or one.author is bot or bot in one.last.mentions


def _reference(one: Message, base_url: str, reads_all: bool, bot: User | None) -> Json:
    place = one.channel
    reference: Json = {"type": 0, "message_id": str(one.reference_id), "channel_id": str(place.id)}
    if place.guild is not None:
        reference["guild_id"] = str(place.guild.id)
    source = one.reference
    if source is None or source.deleted:
        return {"message_reference": reference, "referenced_message": None}
    inner = message(source, base_url, reads_all=reads_all, bot=bot)
    inner.pop("referenced_message", None)  # Discord goes one level deep
    return {"message_reference": reference, "referenced_message": inner}


def _origin(one: Message) -> Json:
    talk = one.interaction
    assert talk is not None
    owner = str(talk.channel.guild.id) if talk.channel.guild else "0"
    metadata: Json = {
        "id": str(talk.id), "type": talk.kind, "user": user(talk.user),
        "authorizing_integration_owners": {"0": owner},
    }  # fmt: skip
    if talk.message is not None and talk.kind == 3:
        metadata["interacted_message_id"] = str(talk.message.id)
    payload: Json = {
        "interaction_metadata": metadata, "webhook_id": str(one.author.id),
        "application_id": str(one.author.id),
    }  # fmt: skip
    if talk.kind == 2:
        payload["interaction"] = {
            "id": str(talk.id), "type": 2, "name": talk.name, "user": user(talk.user),
        }  # fmt: skip
    return payload


def on_gateway(one: Message, base_url: str, bot: User, *, reads_all: bool) -> Json:
    """A message as MESSAGE_CREATE and MESSAGE_UPDATE bring it: with guild and member."""
    payload = message(one, base_url, reads_all=reads_all, bot=bot)
    place = one.channel.guild
    payload["channel_type"] = one.channel.kind
    if place is not None:
        payload["guild_id"] = str(place.id)
        writer = place.members.get(one.author.id)
        if writer is not None and one.interaction is None:
            payload["member"] = member(writer, with_user=False)
        for named in payload["mentions"]:
            if (mentioned := place.members.get(int(named["id"]))) is not None:
                named["member"] = member(mentioned, with_user=False)
    return payload


def application(bot: User, owner: User, flags: int) -> Json:
    """The application object of the bot's owner."""
    return {
        "id": str(bot.id), "name": bot.name, "icon": None, "description": "", "summary": "",
        "bot_public": True,
        "bot_require_code_grant": False, "verify_key": "0" * 64, "flags": flags, "owner": user(owner),
        "team": None, "interactions_endpoint_url": None,
    }  # fmt: skip


def permissions(place: Channel, person: User) -> str:
    """Someone's rights in a channel as Discord writes them."""
    return str(int(in_channel(place, person) & EVERYTHING))
