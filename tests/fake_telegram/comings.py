"""How people and the bot come and go: groups, statuses, blocks, as verbs."""

from __future__ import annotations

from tests.fake_telegram import payloads
from tests.fake_telegram.model import GROUP, SUPERGROUP, Chat, Member, Topic, User, Version
from tests.fake_telegram.world import Post, World


class Comings:
    """The verbs about membership."""

    def __init__(self, world: World) -> None:
        self.world = world

    def add_user(
        self, name: str, *, username: str | None = None, language_code: str | None = "ko", bot: bool = False
    ) -> User:
        """A new account; ``language_code`` None is a client that does not tell."""
        return self.world.add_user(name, username=username, language_code=language_code, is_bot=bot)

    def add_group(
        self, title: str, *members: User, forum: bool = False, supergroup: bool | None = None,
        owner: User | None = None, with_bot: bool = True,
    ) -> Chat:  # fmt: skip
        """A new group with the bot in it as a plain member; nobody is told, as it has been there for long.

        Args:
            title: Its name.
            members: Who is in it.
            forum: Whether it has topics; only supergroups have.
            supergroup: Whether it is one already; ``None``: only if it is a forum.
            owner: Who made it; the first member, if nobody is named.
            with_bot: Whether the bot is there.
        """
        maker = owner or (members[0] if members else self.world.add_user("Owner"))
        people = [Member(maker, "creator")] + [Member(one) for one in members if one is not maker]
        if with_bot:
            people.append(Member(self.world.bot))
        kind = SUPERGROUP if forum or supergroup else GROUP
        return self.world.add_group(title, people, kind=kind, forum=forum)

    async def add_topic(self, user: User, chat: Chat, name: str) -> Topic:
        """Someone opens a topic, in a forum or (where the bot allows topics) in their talk with it.

        Raises:
            PermissionError: There are no topics here.
        """
        if not (chat.forum or (chat.private and self.world.traits.has_topics_enabled)):
            raise PermissionError("there are no topics here")
        if chat.private:
            user.started = True
        return self.world.add_topic(chat, name, user)

    async def close_topic(self, topic: Topic) -> None:
        """Only administrators write there from now on."""
        topic.closed = True

    async def join(self, user: User, chat: Chat, by: User | None = None) -> None:
        """Someone comes in, or is added; the bot too."""
        adder = by or (self._owner(chat) if user is self.world.bot else user)
        self.world.set_status(chat, user, "member", adder)
        self._service(chat, adder, {"new_chat_members": [payloads.user(user)]})

    async def leave(self, user: User, chat: Chat, by: User | None = None) -> None:
        """Someone goes; ``by`` someone else: is taken out and may not come back. The bot too."""
        status = "left" if by is None else "kicked"
        if user is not self.world.bot:
            self._service(chat, by or user, {"left_chat_member": payloads.user(user)})
        self.world.set_status(chat, user, status, by or user)

    async def kick_bot(self, by: User, chat: Chat) -> None:
        """The bot is thrown out."""
        await self.leave(self.world.bot, chat, by)

    async def promote(self, user: User, chat: Chat, *, anonymous: bool = False) -> None:
        """Someone becomes an administrator; the bot too, which then sees everything."""
        self.world.set_status(chat, user, "administrator", self._owner(chat))
        chat.members[user.id].anonymous = anonymous

    async def demote(self, user: User, chat: Chat) -> None:
        """Someone is a plain member again."""
        self.world.set_status(chat, user, "member", self._owner(chat))

    def deny(self, chat: Chat, *kinds: str) -> None:
        """From now on the bot may not send these here: "text", "photo" …; nothing named takes it back."""
        chat.denied = set(kinds)

    async def block(self, user: User) -> None:
        """Someone blocks the bot."""
        self.world.set_blocked(user, True)

    async def unblock(self, user: User) -> None:
        """Someone lets the bot back."""
        self.world.set_blocked(user, False)

    async def deactivate(self, user: User) -> None:
        """An account is deleted; the bot is not told."""
        user.deactivated = True

    async def migrate(self, chat: Chat) -> Chat:
        """A group becomes a supergroup; returns the new one. The old id is of no use any more.

        Raises:
            ValueError: It is none that could.
        """
        if chat.kind != GROUP or chat.migrated_to is not None:
            raise ValueError("only groups migrate, and only once")
        return self.world.migrate(chat, self._owner(chat))

    def _owner(self, chat: Chat) -> User:
        return next(one.user for one in chat.members.values() if one.status == "creator")

    def _service(self, chat: Chat, author: User, content: dict[str, object]) -> None:
        self.world.post(chat, author, Post(Version(), service=content))
