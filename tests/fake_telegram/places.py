"""Methods about chats, their people and topics, and files."""

from __future__ import annotations

from typing import Any

from tests.fake_telegram import media, payloads
from tests.fake_telegram.errors import bad
from tests.fake_telegram.forms import Form
from tests.fake_telegram.lookups import Methods, chat_of, user_of
from tests.fake_telegram.model import Chat, Member, Topic
from tests.fake_telegram.world import GENERAL_TOPIC, World

Json = dict[str, Any]


class Places:
    """``getChat`` and friends."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def methods(self) -> Methods:
        """The handlers by method name."""
        return {
            "getChat": self.get_chat,
            "getChatMember": self.get_member,
            "getChatAdministrators": self.get_admins,
            "getChatMemberCount": self.count,
            "leaveChat": self.leave,
            "createForumTopic": self.create_topic,
            "editForumTopic": self.edit_topic,
            "closeForumTopic": self.close_topic,
            "reopenForumTopic": self.reopen_topic,
            "deleteForumTopic": self.delete_topic,
            "getUserProfilePhotos": self.profile_photos,
            "getFile": self.get_file,
        }

    async def get_chat(self, form: Form) -> Json:
        """A chat with all its details."""
        return payloads.full_chat(chat_of(self._world, form, writing=False))

    async def get_member(self, form: Form) -> Json:
        """Someone's status."""
        chat = chat_of(self._world, form, writing=False)
        user = user_of(self._world, form)
        if chat.private:
            return payloads.member(Member(user, "member" if user in {chat.user, self._world.bot} else "left"))
        return payloads.member(self._world.member(chat, user))

    async def get_admins(self, form: Form) -> list[Json]:
        """All administrators that are no bots."""
        chat = self._group(form)
        bot = self._world.bot
        return [
            payloads.member(one)
            for one in chat.members.values()
            if one.admin and (one.user is bot or not one.user.is_bot)
        ]

    async def count(self, form: Form) -> int:
        """How many are there."""
        chat = chat_of(self._world, form, writing=False)
        return 2 if chat.private else sum(one.inside for one in chat.members.values())

    async def leave(self, form: Form) -> bool:
        """The bot goes."""
        chat = chat_of(self._world, form)
        if chat.private:
            raise bad("chat member status can't be changed in private chats")
        self._world.set_status(chat, self._world.bot, "left", self._world.bot)
        return True

    def _group(self, form: Form) -> Chat:
        chat = chat_of(self._world, form)
        if chat.private:
            raise bad("there are no administrators in the private chat")
        return chat

    # topics

    async def create_topic(self, form: Form) -> Json:
        """A new topic."""
        chat = self._forum(form)
        name = form.text("name")
        if not 1 <= len(name) <= 128:
            raise bad("TOPIC_TITLE_EMPTY")
        topic = self._world.add_topic(chat, name, self._world.bot)
        return {"message_thread_id": topic.id, "name": name, "icon_color": 7322096}

    async def edit_topic(self, form: Form) -> bool:
        """Another name."""
        self._topic(form).name = form.text("name")
        return True

    async def close_topic(self, form: Form) -> bool:
        """Only administrators write there from now on."""
        self._topic(form).closed = True
        return True

    async def reopen_topic(self, form: Form) -> bool:
        """Everybody does again."""
        self._topic(form).closed = False
        return True

    async def delete_topic(self, form: Form) -> bool:
        """It goes, with all that was said."""
        topic = self._topic(form)
        chat = chat_of(self._world, form)
        del chat.topics[topic.id]
        for message in [one for one in chat.log if one.thread == topic.id]:
            self._world.remove(message)
        return True

    def _forum(self, form: Form) -> Chat:
        chat = chat_of(self._world, form)
        if not chat.forum:
            raise bad("the chat is not a forum")
        if not self._world.member(chat, self._world.bot).admin:
            raise bad("not enough rights to create a topic")
        return chat

    def _topic(self, form: Form) -> Topic:
        topic = self._forum(form).topics.get(form.number("message_thread_id"))
        if topic is None or topic.id == GENERAL_TOPIC:
            raise bad("TOPIC_ID_INVALID")
        return topic

    # files

    async def profile_photos(self, form: Form) -> Json:
        """Nobody has a picture here."""
        user_of(self._world, form)
        return {"total_count": 0, "photos": []}

    async def get_file(self, form: Form) -> Json:
        """Where a file can be fetched."""
        file = self._world.files.find(form.text("file_id"))
        if file is None:
            raise bad("invalid file_id")
        if len(file.content) > media.DOWNLOAD_MAX_BYTES:
            raise bad("file is too big")
        return {
            "file_id": file.id, "file_unique_id": file.unique_id, "file_size": len(file.content),
            "file_path": file.path,
        }  # fmt: skip
