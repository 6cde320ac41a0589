"""What people do on Discord, as verbs that read well in a test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.fake_discord import menus, talks
from tests.fake_discord.model import Attachment, Channel, Guild, Json, Message, User
from tests.fake_discord.permissions import may_send
from tests.fake_discord.talks import Interaction
from tests.fake_discord.world import Draft, World

# Without Nitro people write 2000 characters, with it 4000: a bot has to stand both.
USER_CONTENT_MAX = 4000
File = tuple[str, bytes]


class Verbs:
    """The users' side. A verb returns once the server has done it; what the bot does is awaited apart."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def say(
        self, user: User, channel: Channel, text: str = "", *, mentions: Sequence[User] = (),
        reply_to: Message | None = None, ping: bool = True, attachments: Sequence[File | Attachment] = (),
        stickers: Sequence[str] = (), kind: int = 0,
    ) -> Message:  # fmt: skip
        """Someone writes.

        Args:
            user: Who.
            channel: Where: a channel, a thread or a private talk.
            text: What.
            mentions: Who is named before the text (unless the text names them already).
            reply_to: The message that this one answers.
            ping: Whether a reply calls the other one.
            attachments: Files as (name, bytes).
            stickers: Names of stickers.
            kind: Discord's message type, for system messages such as 7, a welcome.

        Raises:
            PermissionError: They may not write there.
            ValueError: The text is longer than people can write.
        """
        if not kind and (not may_send(channel, user) or channel.locked or channel.gone):
            raise PermissionError(f"{user.name} may not write in {channel.name}")
        names = " ".join(named.mention for named in mentions if named.mention not in text)
        content = f"{names} {text}".strip()
        if len(content) > USER_CONTENT_MAX:
            raise ValueError("nobody can write so much")
        if channel.archived:
            self.world.change_thread(channel, archived=False, locked=False)
        pings: Json = {"parse": ["users", "roles", "everyone"], "replied_user": ping}
        items = [{"id": str(self.world.ids.next()), "name": name, "format_type": 1} for name in stickers]
        draft = Draft(
            content, attachments=self._files(attachments), reference=reply_to, pings=pings, kind=kind
        )
        return self.world.post(channel, user, replace(draft, stickers=items))

    async def dm(
        self, user: User, text: str = "", *, attachments: Sequence[File | Attachment] = ()
    ) -> Message:
        """Someone writes to the bot alone."""
        return await self.say(user, self.world.private_channel(user), text, attachments=attachments)

    async def edit(self, message: Message, text: str) -> None:
        """The writer changes a message."""
        last = message.last
        self.world.revise(
            message, Draft(text, last.embeds, last.components, last.attachments, flags=last.flags)
        )

    async def delete(self, message: Message) -> None:
        """The writer, or a moderator, takes a message away."""
        self.world.remove(message)

    async def type_in(self, user: User, channel: Channel) -> None:
        """Someone is typing."""
        self.world.type_in(channel, user)

    async def start_thread(
        self, user: User, channel: Channel, name: str, *, source: Message | None = None, private: bool = False
    ) -> Channel:
        """Someone opens a thread."""
        return self.world.add_thread(channel, name, user, source=source, private=private)

    async def archive(self, thread: Channel, *, locked: bool = False) -> None:
        """Someone closes a thread."""
        self.world.change_thread(thread, archived=True, locked=locked)

    async def join_guild(self, user: User, guild: Guild) -> None:
        """Someone comes in; the bot, when it is invited."""
        self.world.join_guild(user, guild)

    async def leave_guild(self, user: User, guild: Guild) -> None:
        """Someone goes; the bot, when it is thrown out."""
        self.world.leave_guild(user, guild)

    async def slash(
        self, user: User, channel: Channel, command: str, options: dict[str, Any] | None = None, *,
        locale: str | None = None,
    ) -> Interaction:  # fmt: skip
        """Someone uses a slash command.

        Args:
            user: Who.
            channel: Where.
            command: Its name, the one of the user's language too; with subcommands: "memory list".
            options: Values by name; users, channels and attachments as they are.
            locale: The language of their client, if not the user's own.

        Raises:
            LookupError: They are not offered such a command.
            ValueError: Discord's client would refuse a value.
        """
        spoken = locale or user.locale
        data = menus.command_data(self.world, user, channel, command, options or {}, spoken)
        name = " ".join([data["name"], *(o["name"] for o in data["options"] if o["type"] in {1, 2})])
        return self.world.begin(talks.COMMAND, user, channel, data, name=name, locale=spoken)

    async def autocomplete(
        self, user: User, channel: Channel, command: str, option: str, typed: str, *,
        options: dict[str, Any] | None = None, locale: str | None = None,
    ) -> Interaction:  # fmt: skip
        """Someone has typed part of an option's value; the result's ``choices`` are what the bot proposes."""
        spoken = locale or user.locale
        given = {**(options or {}), option: typed}
        data = menus.command_data(self.world, user, channel, command, given, spoken, focused=option)
        return self.world.begin(talks.AUTOCOMPLETE, user, channel, data, name=data["name"], locale=spoken)

    async def context_menu(
        self, user: User, target: Message | User, name: str, *, channel: Channel | None = None,
        locale: str | None = None,
    ) -> Interaction:  # fmt: skip
        """Someone uses a command of a message's or user's menu; for a user, ``channel`` says where."""
        place = target.channel if isinstance(target, Message) else channel
        assert place is not None, "a user's menu is opened somewhere"
        spoken = locale or user.locale
        data = menus.menu_data(self.world, user, target, place, name, spoken)
        return self.world.begin(talks.COMMAND, user, place, data, name=data["name"], locale=spoken)

    async def press(
        self, user: User, message: Message, custom_id: str, *, values: Sequence[str] | None = None,
        locale: str | None = None,
    ) -> Interaction:  # fmt: skip
        """Someone presses a button, or chooses ``values`` from a menu.

        Raises:
            LookupError: They do not see such a button, or it is grey.
        """
        if message.deleted or (
            message.ephemeral and message.interaction and message.interaction.user is not user
        ):
            raise LookupError(f"{user.name} does not see this message")
        button = next((part for part in message.buttons() if part["custom_id"] == custom_id), None)
        if button is None or button.get("disabled"):
            raise LookupError(f"{custom_id!r} cannot be pressed here")
        data: Json = {"custom_id": custom_id, "component_type": button["type"], "id": button.get("id", 0)}
        if values is not None:
            data["values"] = list(values)
        place = message.channel
        return self.world.begin(
            talks.COMPONENT, user, place, data, name=custom_id, locale=locale, message=message
        )

    async def submit_modal(self, talk: Interaction, answers: dict[str, Any]) -> Interaction:
        """The user sends the form that the bot answered with; answers go by custom_id or label."""
        assert talk.form is not None, "the bot has shown no form"
        data: Json = {
            "custom_id": talk.form["custom_id"], "components": menus.filled_form(talk.form, answers),
            "resolved": {},
        }  # fmt: skip
        return self.world.begin(
            talks.MODAL, talk.user, talk.channel, data, name=talk.form["title"], locale=talk.locale,
            message=talk.message,
        )  # fmt: skip

    def _files(self, files: Sequence[File | Attachment]) -> list[Attachment]:
        return [file if isinstance(file, Attachment) else self.world.keep(*file, None) for file in files]
