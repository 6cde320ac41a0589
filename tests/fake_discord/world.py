"""The state of the fake Discord: messages, interactions, commands, and the application itself."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass, field, replace

from tests.fake_discord import payloads, talks
from tests.fake_discord.model import (
    LOADING,
    Attachment,
    Channel,
    Guild,
    Json,
    Message,
    User,
    Version,
    now,
)
from tests.fake_discord.permissions import Permission, in_channel
from tests.fake_discord.places import Places
from tests.fake_discord.sessions import Event, Intent
from tests.fake_discord.talks import Interaction

TOKEN = "fake-token-of-the-fake-discord"
NONCE_LIFE_S = 300.0
UPLOAD_LIMITS = {2: 50 * 1024 * 1024, 3: 100 * 1024 * 1024}
_ALL_PINGS: Json = {"parse": ["users", "roles", "everyone"], "replied_user": True}
_USER_MENTION = re.compile(r"<@!?(\d+)>")
_ROLE_MENTION = re.compile(r"<@&(\d+)>")


@dataclass
class Draft:
    """A message to be."""

    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    reference: Message | None = None
    # As Discord's allowed_mentions; None: everything that the text names.
    pings: Json | None = None
    flags: int = 0
    nonce: str | None = None
    enforce_nonce: bool = False
    kind: int = 0
    stickers: list[Json] = field(default_factory=list)
    interaction: Interaction | None = None


class World(Places):
    """Everything there is. Its methods do what the platform does, and tell the clients."""

    def __init__(self) -> None:
        super().__init__()
        self.token: str | None = TOKEN
        self.granted = Intent(0)
        self.shards = 1
        self.upload_limit = payloads.UPLOAD_LIMIT
        self.talk_life_s = 15 * 60.0
        self.messages: dict[int, Message] = {}
        self.files: dict[int, Attachment] = {}
        self.talks: dict[str, Interaction] = {}
        self.commands: dict[int | None, list[Json]] = {None: []}
        self.syncs: list[tuple[int | None, list[Json]]] = []
        self._nonces: dict[tuple[int, int, str], tuple[float, Message]] = {}

    @property
    def application_flags(self) -> int:
        """Which privileged intents are switched on, as an unverified application shows them."""
        switches = {
            Intent.GUILD_PRESENCES: 1 << 13,
            Intent.GUILD_MEMBERS: 1 << 15,
            Intent.MESSAGE_CONTENT: 1 << 19,
        }
        return sum(flag for intent, flag in switches.items() if self.granted & intent)

    # messages

    def post(self, channel: Channel, author: User, draft: Draft) -> Message:
        """A new message; the same nonce again, if it is to be enforced, gives the old one."""
        key = (channel.id, author.id, draft.nonce or "")
        if draft.enforce_nonce and draft.nonce and key in self._nonces:
            sent_at, old = self._nonces[key]
            if time.monotonic() - sent_at < NONCE_LIFE_S:
                return old
        reference = draft.reference
        message = Message(
            self.ids.next(), channel, author, [self._version(channel, author, draft)], self.changes,
            kind=19 if reference and draft.kind == 0 else draft.kind, reference=reference,
            reference_id=reference.id if reference else None, nonce=draft.nonce, stickers=draft.stickers,
            interaction=draft.interaction,
        )  # fmt: skip
        channel.messages[message.id] = self.messages[message.id] = message
        if draft.nonce:
            self._nonces[key] = (time.monotonic(), message)
        self._tell_message("MESSAGE_CREATE", message)
        self.changes.tell()
        return message

    def revise(self, message: Message, draft: Draft) -> None:
        """A new version of a message; mentions are read anew, as Discord does."""
        draft = replace(draft, reference=message.reference, flags=draft.flags & ~LOADING)
        message.versions.append(self._version(message.channel, message.author, draft))
        message.edited_at = now()
        self._tell_message("MESSAGE_UPDATE", message)
        self.changes.tell()

    def remove(self, message: Message) -> None:
        """A message goes; its files are no longer served."""
        message.deleted, message.deleted_at = True, time.monotonic()
        for version in message.versions:
            for file in version.attachments:
                self.files.pop(file.id, None)
        place = message.channel
        payload: Json = {"id": str(message.id), "channel_id": str(place.id)}
        if place.guild is not None:
            payload["guild_id"] = str(place.guild.id)
        if self.bot_sees(place) and not message.ephemeral:
            self._tell_in(place, "MESSAGE_DELETE", payload)
        self.changes.tell()

    def type_in(self, channel: Channel, user: User) -> None:
        """»is typing …« for ten seconds or until a message."""
        channel.typing.append((user, time.monotonic()))
        if user is not self.bot and self.bot_sees(channel):
            payload: Json = {
                "channel_id": str(channel.id),
                "user_id": str(user.id),
                "timestamp": int(time.time()),
            }
            if channel.guild is not None:
                payload["guild_id"] = str(channel.guild.id)
                payload["member"] = payloads.member(channel.guild.members[user.id])
            intents = (Intent.GUILD_MESSAGE_TYPING, Intent.DIRECT_MESSAGE_TYPING)
            self._tell_in(channel, "TYPING_START", payload, intents)
        self.changes.tell()

    def react(self, message: Message, user: User, emoji: str) -> None:
        """An emoji under a message."""
        message.reactions.append((user, emoji))
        self.changes.tell()

    def keep(
        self, filename: str, content: bytes, description: str | None, *, ephemeral: bool = False
    ) -> Attachment:
        """Stores a file for the CDN; as on Discord, spaces in its name become underscores."""
        file = Attachment(self.ids.next(), filename.replace(" ", "_"), content, description, ephemeral)
        self.files[file.id] = file
        return file

    def limit_in(self, channel: Channel) -> int:
        """Bytes that one file may have here."""
        return UPLOAD_LIMITS.get(channel.guild.premium_tier if channel.guild else 0, self.upload_limit)

    def shown(self, message: Message) -> Json:
        """A message as REST shows it to the bot."""
        reads_all = bool(self.granted & Intent.MESSAGE_CONTENT)
        return payloads.message(message, self.base_url, reads_all=reads_all, bot=self.bot)

    # interactions

    def begin(
        self, kind: int, user: User, channel: Channel, data: Json, *, name: str, locale: str | None = None,
        message: Message | None = None,
    ) -> Interaction:  # fmt: skip
        """A user acts; the bot is told, if it still belongs there."""
        talk = Interaction(
            self.ids.next(), kind, secrets.token_urlsafe(48), user, channel, data, locale or user.locale,
            self.changes, name, message,
        )  # fmt: skip
        self.talks[talk.token] = talk
        limit = self.limit_in(channel)
        event = Event(
            "INTERACTION_CREATE",
            lambda intents: talks.payload(talk, self.bot, self.base_url, limit),
            channel.guild.id if channel.guild else None,
        )
        self.tell(event)
        self.changes.tell()
        return talk

    # commands

    def register(self, guild_id: int | None, commands: list[Json]) -> list[Json]:
        """Replaces all commands of one scope; one that keeps its name and type keeps its id."""
        before = {(old["name"], old["type"]): old for old in self.commands.get(guild_id, [])}
        registered = []
        for command in commands:
            kind = command.get("type", 1)
            old = before.get((command["name"], kind))
            entry = {"description": "", "options": [], **command, "type": kind}
            entry |= {"id": old["id"] if old else str(self.ids.next()), "application_id": str(self.bot.id)}
            entry["version"] = str(self.ids.next())
            if guild_id is not None:
                entry["guild_id"] = str(guild_id)
            registered.append(entry)
        self.commands[guild_id] = registered
        self.changes.tell()
        return registered

    def available(self, guild: Guild | None) -> list[Json]:
        """Commands that exist in a place; a guild's own ones hide global ones of the same name."""
        own = self.commands.get(guild.id, []) if guild else []
        names = {(command["name"], command["type"]) for command in own}
        return own + [c for c in self.commands[None] if (c["name"], c["type"]) not in names]

    # inside

    def _version(self, channel: Channel, author: User, draft: Draft) -> Version:
        users, roles, everyone = self._pinged(channel, author, draft)
        return Version(
            draft.content,
            draft.embeds,
            draft.components,
            draft.attachments,
            users,
            roles,
            everyone,
            draft.flags,
        )

    def _pinged(self, channel: Channel, author: User, draft: Draft) -> tuple[list[User], list[int], bool]:
        """Whom a text really calls: what it names, as far as the sender allows it."""
        rule: Json = _ALL_PINGS if draft.pings is None else draft.pings
        kinds, only = rule.get("parse", []), {int(user_id) for user_id in rule.get("users", [])}
        named = dict.fromkeys(int(found) for found in _USER_MENTION.findall(draft.content))
        users = [self.users[i] for i in named if i in self.users and ("users" in kinds or i in only)]
        if draft.reference and rule.get("replied_user") and draft.reference.author not in users:
            users.append(draft.reference.author)
        roles: list[int] = []
        everyone = False
        if channel.guild is not None:
            only_roles = {int(role_id) for role_id in rule.get("roles", [])}
            found = [int(role_id) for role_id in _ROLE_MENTION.findall(draft.content)]
            roles = [r for r in found if r in channel.guild.roles and ("roles" in kinds or r in only_roles)]
            loud = "@everyone" in draft.content or "@here" in draft.content
            allowed = bool(in_channel(channel, author) & Permission.MENTION_EVERYONE)
            everyone = loud and allowed and "everyone" in kinds
        return users, roles, everyone

    def _tell_message(self, name: str, message: Message) -> None:
        """Ephemeral messages never come over the gateway."""
        if message.ephemeral or not self.bot_sees(message.channel):
            return

        def payload(intents: Intent) -> Json:
            reads_all = bool(intents & Intent.MESSAGE_CONTENT)
            return payloads.on_gateway(message, self.base_url, self.bot, reads_all=reads_all)

        guild = message.channel.guild
        intent = Intent.DIRECT_MESSAGES if guild is None else Intent.GUILD_MESSAGES
        self.tell(Event(name, payload, guild.id if guild else None, intent))

    def _tell_in(
        self, place: Channel, name: str, payload: Json,
        intents: tuple[Intent, Intent] = (Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
    ) -> None:  # fmt: skip
        guild = place.guild
        event = Event(
            name, lambda _: payload, guild.id if guild else None, intents[0] if guild else intents[1]
        )
        self.tell(event)
