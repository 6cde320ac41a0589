"""Accounts, guilds, channels and threads of the fake Discord, and the events of their changes."""

from __future__ import annotations

from collections.abc import Callable

from tests.fake_discord import payloads
from tests.fake_discord.changes import Changes
from tests.fake_discord.model import (
    DM,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    TEXT,
    Channel,
    Guild,
    Json,
    Member,
    Message,
    Overwrite,
    Role,
    Snowflakes,
    User,
)
from tests.fake_discord.permissions import IN_DM, USUAL, Permission, in_channel
from tests.fake_discord.sessions import Event, Intent


class Places:
    """Where people are; knows who may see what, nothing of messages."""

    def __init__(self) -> None:
        self.ids = Snowflakes()
        self.changes = Changes()
        self.base_url = ""
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.tell: Callable[[Event], None] = lambda event: None
        self.owner = self.add_user("owner")
        self.bot = self.add_user("oh-lora", shown_name="오로라", bot=True)

    def add_user(
        self, name: str, *, shown_name: str | None = None, locale: str = "ko", bot: bool = False
    ) -> User:
        """A new account."""
        user = User(self.ids.next(), name, shown_name or name, locale, bot)
        self.users[user.id] = user
        return user

    def add_guild(
        self, name: str, *members: User, locale: str = "ko", shard: tuple[int, int] | None = None
    ) -> Guild:
        """A new guild with the bot in it.

        Args:
            name: Its name.
            members: Who else is there.
            locale: Its language.
            shard: (index, count): the guild gets an id that falls on this shard.
        """
        guild_id = self.ids.next()
        while shard is not None and (guild_id >> 22) % shard[1] != shard[0]:
            guild_id = self.ids.next()
        guild = Guild(guild_id, name, self.owner, locale)
        guild.roles[guild_id] = Role(guild_id, "@everyone", USUAL)
        for user in (self.owner, *members):
            guild.members[user.id] = Member(user)
        self.guilds[guild_id] = guild
        self.join_guild(self.bot, guild)
        return guild

    def join_guild(self, user: User, guild: Guild) -> None:
        """Someone comes in; when it is the bot, it learns of the whole guild."""
        guild.members[user.id] = member = Member(user)
        if user is self.bot:
            payload = payloads.guild(guild, self.bot)
            del payload["unavailable"]  # that is how clients know a new guild from one that is back
            self.tell(self._guild_event("GUILD_CREATE", guild, payload))
        else:
            payload = payloads.member(member) | {"guild_id": str(guild.id)}
            self.tell(self._guild_event("GUILD_MEMBER_ADD", guild, payload, Intent.GUILD_MEMBERS))
        self.changes.tell()

    def leave_guild(self, user: User, guild: Guild) -> None:
        """Someone goes or is thrown out; when it is the bot, the guild is gone for it."""
        del guild.members[user.id]
        if user is self.bot:
            self.tell(self._guild_event("GUILD_DELETE", guild, {"id": str(guild.id)}))
        elif self.bot.id in guild.members:
            payload: Json = {"guild_id": str(guild.id), "user": payloads.user(user)}
            self.tell(self._guild_event("GUILD_MEMBER_REMOVE", guild, payload, Intent.GUILD_MEMBERS))
        self.changes.tell()

    def add_role(self, guild: Guild, name: str, permissions: Permission, *users: User) -> Role:
        """A new role and who has it."""
        role = Role(self.ids.next(), name, permissions)
        guild.roles[role.id] = role
        payload: Json = {"guild_id": str(guild.id), "role": payloads.role(role, len(guild.roles))}
        self.tell(self._guild_event("GUILD_ROLE_CREATE", guild, payload))
        for user in users:
            self.give_role(guild, user, role)
        return role

    def give_role(self, guild: Guild, user: User, role: Role) -> None:
        """A member gets a role; the bot is always told of its own."""
        member = guild.members[user.id]
        member.roles.append(role)
        needed = Intent.GUILDS if user is self.bot else Intent.GUILD_MEMBERS
        payload = payloads.member(member) | {"guild_id": str(guild.id)}
        self.tell(self._guild_event("GUILD_MEMBER_UPDATE", guild, payload, needed))

    def add_channel(
        self, guild: Guild, name: str, *, hidden: bool = False, deny: Permission | None = None
    ) -> Channel:
        """A new text channel.

        Args:
            guild: Where.
            name: Its name.
            hidden: Nobody but administrators sees it, the bot neither.
            deny: What the bot may not do here.
        """
        channel = Channel(self.ids.next(), TEXT, name, guild)
        if hidden:
            channel.overwrites[guild.id] = Overwrite(True, deny=Permission.VIEW_CHANNEL)
        if deny is not None:
            channel.overwrites[self.bot.id] = Overwrite(False, deny=deny)
        self._register(channel)
        self.tell(self._guild_event("CHANNEL_CREATE", guild, payloads.channel(channel)))
        return channel

    def overwrite(
        self,
        channel: Channel,
        target: User | Role,
        allow: Permission | None = None,
        deny: Permission | None = None,
    ) -> None:
        """Sets what someone may and may not do in a channel; neither: as everybody."""
        assert channel.guild
        if allow is None and deny is None:
            channel.overwrites.pop(target.id, None)
        else:
            nothing = Permission(0)
            channel.overwrites[target.id] = Overwrite(
                isinstance(target, Role), allow or nothing, deny or nothing
            )
        self.tell(self._guild_event("CHANNEL_UPDATE", channel.guild, payloads.channel(channel)))
        self.changes.tell()

    def delete_channel(self, channel: Channel) -> None:
        """A channel or thread goes, with its threads."""
        assert channel.guild
        channel.gone = True
        for thread in channel.guild.channels.values():
            if thread.parent is channel:
                thread.gone = True
        name = "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE"
        self.tell(self._guild_event(name, channel.guild, payloads.channel(channel)))
        self.changes.tell()

    def add_thread(
        self, parent: Channel, name: str, owner: User, *, source: Message | None = None, private: bool = False
    ) -> Channel:
        """A new thread; one that grows from a message has the message's id."""
        thread_id = source.id if source else self.ids.next()
        thread = Channel(thread_id, PRIVATE_THREAD if private else PUBLIC_THREAD, name, parent.guild, parent)
        thread.owner_id = owner.id
        thread.joined.add(owner.id)
        self._register(thread)
        self._tell_thread("THREAD_CREATE", thread, {"newly_created": True})
        return thread

    def join_thread(self, thread: Channel, user: User) -> None:
        """Someone is added to a thread; for the bot it may only now come in sight."""
        thread.joined.add(user.id)
        if user is self.bot:
            self._tell_thread("THREAD_CREATE", thread, {})
        self.changes.tell()

    def change_thread(self, thread: Channel, *, archived: bool, locked: bool) -> None:
        """Closes or opens a thread."""
        thread.archived, thread.locked = archived, locked
        self._tell_thread("THREAD_UPDATE", thread, {})
        self.changes.tell()

    def private_channel(self, user: User) -> Channel:
        """The talk between someone and the bot, made on first use."""
        for channel in self.channels.values():
            if channel.kind == DM and user in channel.recipients:
                return channel
        channel = Channel(self.ids.next(), DM, recipients=[user, self.bot])
        self._register(channel)
        return channel

    def bot_sees(self, channel: Channel) -> bool:
        """Whether the bot is told of what happens there."""
        return not channel.gone and bool(in_channel(channel, self.bot) & (Permission.VIEW_CHANNEL & IN_DM))

    def _register(self, channel: Channel) -> None:
        self.channels[channel.id] = channel
        if channel.guild is not None:
            channel.guild.channels[channel.id] = channel
        self.changes.tell()

    def _tell_thread(self, name: str, thread: Channel, extra: Json) -> None:
        assert thread.guild
        if self.bot_sees(thread):
            self.tell(self._guild_event(name, thread.guild, payloads.thread(thread) | extra))

    def _guild_event(self, name: str, guild: Guild, payload: Json, intent: Intent = Intent.GUILDS) -> Event:
        return Event(name, lambda intents: payload, guild.id, intent)
