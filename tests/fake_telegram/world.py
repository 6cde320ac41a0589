"""The fake's state: who is where and what stands there. All changes are plain functions, so that no other task
ever sees half of one."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.fake_telegram import payloads
from tests.fake_telegram.changes import Changes
from tests.fake_telegram.media import Files
from tests.fake_telegram.model import (
    GROUP,
    PRIVATE,
    SUPERGROUP,
    CallbackQuery,
    Chat,
    Member,
    Message,
    Topic,
    User,
    Version,
    monotonic,
)
from tests.fake_telegram.privacy import bot_sees
from tests.fake_telegram.updates import Updates

Json = dict[str, Any]

GENERAL_TOPIC = 1


@dataclass
class Traits:
    """What BotFather knows about the bot; change it whenever you like."""

    can_read_all_group_messages: bool = False
    # Whether privacy mode lets plain mentions through: Telegram's own pages disagree.
    mentions_delivered: bool = True
    has_topics_enabled: bool = False
    query_lifetime_s: float = 60.0


@dataclass(frozen=True)
class Post:
    """A message to be."""

    version: Version
    reply_to: Message | None = None
    thread: int | None = None
    album: str | None = None
    anonymous: bool = False
    service: Json | None = None
    extra: Json = field(default_factory=dict)


class World:
    """Accounts, chats, messages, files and the queue of updates."""

    def __init__(self) -> None:
        self.changes = Changes()
        self.updates = Updates(self.changes)
        self.files = Files()
        self.traits = Traits()
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.queries: dict[str, CallbackQuery] = {}
        self._user_ids = itertools.count(5_000_001)
        self._group_ids = itertools.count(4_000_001)
        self._supergroup_ids = itertools.count(1_002_000_000_001)
        # As at Telegram: private chats and groups share one row of message ids, supergroups have their own.
        self._shared_message_ids = itertools.count(1)
        self._own_message_ids: dict[int, itertools.count[int]] = {}
        self._others = itertools.count(1)
        self.bot = self.add_user("Oh-LoRA", username="ohlora_bot", is_bot=True)

    # who and where

    def add_user(
        self,
        name: str,
        *,
        username: str | None = None,
        language_code: str | None = "ko",
        is_bot: bool = False,
    ) -> User:
        """A new account."""
        user = User(next(self._user_ids), name, username or name.lower(), language_code, is_bot)
        self.users[user.id] = user
        return user

    def private_chat(self, user: User) -> Chat:
        """The talk between someone and the bot."""
        if user.id not in self.chats:
            self.chats[user.id] = Chat(user.id, PRIVATE, user=user)
        return self.chats[user.id]

    def add_group(self, title: str, members: Iterable[Member], *, kind: str, forum: bool = False) -> Chat:
        """A new group."""
        number = next(self._group_ids if kind == GROUP else self._supergroup_ids)
        chat = Chat(-number, kind, title, forum=forum)
        chat.members = {member.user.id: member for member in members}
        if forum:
            chat.topics[GENERAL_TOPIC] = Topic(GENERAL_TOPIC, "General")
        self.chats[chat.id] = chat
        return chat

    def add_topic(self, chat: Chat, name: str, author: User) -> Topic:
        """A new topic; as at Telegram, its id is the one of the message that tells of it."""
        topic = Topic(0, name)
        service: Json = {"forum_topic_created": {"name": name, "icon_color": 7322096}}
        message = self._new_message(chat, author, Post(Version(), service=service))
        topic.id = message.thread = message.id
        message.in_topic = True
        chat.topics[topic.id] = topic
        self._publish(message)
        return topic

    def member(self, chat: Chat, user: User) -> Member:
        """Someone in a group; who never was there has left."""
        return chat.members.get(user.id) or Member(user, "left")

    # messages

    def post(self, chat: Chat, author: User, post: Post) -> Message:
        """A new message, and the update if it is one for the bot."""
        message = self._new_message(chat, author, post)
        self._publish(message)
        return message

    def revise(self, message: Message, version: Version) -> None:
        """An edit."""
        message.versions.append(version)
        message.edit_date = int(time.time())
        if not message.author.is_bot and self._bot_gets(message):
            self.updates.push("edited_message", payloads.message(message))
        self.changes.tell()

    def remove(self, message: Message) -> None:
        """A deletion; the bot is not told."""
        message.deleted, message.deleted_at = True, monotonic()
        self.changes.tell()

    def message(self, chat: Chat, number: int) -> Message | None:
        """A message that still stands there."""
        message = chat.messages.get(number)
        return None if message is None or message.deleted else message

    def _new_message(self, chat: Chat, author: User, post: Post) -> Message:
        ids = self._shared_message_ids
        if chat.kind == SUPERGROUP:
            ids = self._own_message_ids.setdefault(chat.id, itertools.count(1 + len(chat.topics)))
        message = Message(
            id=next(ids), chat=chat, author=author, versions=[post.version], changes=self.changes,
            date=int(time.time()), reply_to=post.reply_to, album=post.album, anonymous=post.anonymous,
            service=post.service, extra=post.extra,
        )  # fmt: skip
        self._place(message, post.thread)
        chat.messages[message.id] = message
        if author.is_bot:
            chat.last_bot = author
        return message

    def _place(self, message: Message, thread: int | None) -> None:
        chat = message.chat
        if thread is not None and thread in chat.topics:
            if thread != GENERAL_TOPIC or not chat.forum:
                message.thread, message.in_topic = thread, True
        elif chat.kind == SUPERGROUP and not chat.forum and message.reply_to is not None:
            # Here, the field only names the chain of replies; it cannot be sent back.
            message.thread = message.reply_to.thread or message.reply_to.id

    def _publish(self, message: Message) -> None:
        if message.author is not self.bot and self._bot_gets(message):
            self.updates.push("message", payloads.message(message))
        self.changes.tell()

    def _bot_gets(self, message: Message) -> bool:
        return bot_sees(message, self.bot, self.traits)

    # statuses

    def set_status(self, chat: Chat, user: User, status: str, by: User) -> None:
        """Someone comes, goes, rises or falls; the bot is told as Telegram tells bots."""
        old = self.member(chat, user)
        new = Member(user, status)
        chat.members[user.id] = new
        change = payloads.member_updated(chat, by, old, new, int(time.time()))
        if user is self.bot:
            self.updates.push("my_chat_member", change)
        elif self.member(chat, self.bot).admin:
            self.updates.push("chat_member", change)
        self.changes.tell()

    def set_blocked(self, user: User, blocked: bool) -> None:
        """Someone blocks the bot, or lets it back."""
        user.blocked = blocked
        states = [Member(self.bot, "member"), Member(self.bot, "kicked")]
        old, new = states if blocked else reversed(states)
        change = payloads.member_updated(self.private_chat(user), user, old, new, int(time.time()))
        self.updates.push("my_chat_member", change)
        self.changes.tell()

    def migrate(self, chat: Chat, by: User) -> Chat:
        """A group becomes a supergroup: a new chat with the same people."""
        new = self.add_group(chat.title, chat.members.values(), kind=SUPERGROUP)
        self.post(chat, by, Post(Version(), service={"migrate_to_chat_id": new.id}))
        chat.migrated_to = new
        self.post(new, by, Post(Version(), service={"migrate_from_chat_id": chat.id}))
        return new

    # presses

    def press(self, user: User, message: Message, data: str) -> CallbackQuery:
        """Someone presses an inline button."""
        number = str(4_000_000_000_000_000_000 + next(self._others))
        query = CallbackQuery(number, user, message, data, self.changes)
        self.queries[number] = query
        self.updates.push("callback_query", payloads.callback_query(query))
        return query

    def new_album(self) -> str:
        """What the messages of an album have in common."""
        return str(13_000_000_000_000_000 + next(self._others))
