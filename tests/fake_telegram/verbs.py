"""What people write and press on Telegram, as verbs that read well in a test."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from tests.fake_telegram import entities, payloads
from tests.fake_telegram.model import CallbackQuery, Chat, Draft, File, Message, Topic, User, Version
from tests.fake_telegram.world import Post, World

Json = dict[str, Any]

# A client cuts a longer text into several messages itself.
USER_TEXT_MAX, USER_CAPTION_MAX = 4096, 1024
# The smallest picture that is one; what people send is never looked at.
PIXEL = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)


@dataclass(frozen=True)
class _Where:
    """Where a message goes, besides its chat."""

    reply_to: Message | None = None
    thread: Topic | int | None = None
    album: str | None = None


class Verbs:
    """The users' side. A verb returns once the server has done it; what the bot does is awaited apart."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def say(
        self, user: User, chat: Chat, text: str, *, reply_to: Message | None = None,
        thread: Topic | int | None = None, anonymous: bool = False,
    ) -> Message:  # fmt: skip
        """Someone writes.

        Args:
            user: Who.
            chat: Where.
            text: What; commands, names and addresses in it get their entities.
            reply_to: The message that this one answers.
            thread: The topic, in forums.
            anonymous: An administrator writes in the group's name (as those promoted so always do).

        Raises:
            PermissionError: They may not write there.
            ValueError: There is nothing in it, or too much for one message.
        """
        text, marked = entities.complete(entities.clean(text), [])
        if not 0 < entities.units(text) <= USER_TEXT_MAX:
            raise ValueError("nobody can send this")
        return self._post(user, chat, Version(text, marked), _Where(reply_to, thread), anonymous=anonymous)

    async def dm(self, user: User, text: str, *, reply_to: Message | None = None) -> Message:
        """Someone writes to the bot alone."""
        return await self.say(user, self.world.private_chat(user), text, reply_to=reply_to)

    async def start(self, user: User, payload: str = "") -> Message:
        """Someone presses START, or opens a deep link; whoever had blocked the bot lets it back."""
        if user.blocked:
            self.world.set_blocked(user, False)
        return await self.dm(user, f"/start {payload}".strip())

    async def edit(self, message: Message, text: str) -> None:
        """The writer changes a text or caption.

        Raises:
            PermissionError: It is not a person's, or it is gone.
        """
        if message.author.is_bot or message.deleted:
            raise PermissionError("this message cannot be edited")
        last = message.last
        text, marked = entities.complete(entities.clean(text), [])
        self.world.revise(message, Version(text, marked, last.media, markup=last.markup))

    async def delete(self, message: Message) -> None:
        """Someone takes a message away; bots are never told."""
        self.world.remove(message)

    async def press(self, user: User, message: Message, button: str) -> CallbackQuery:
        """Someone presses an inline button, named by its callback data or its text.

        Raises:
            LookupError: They do not see such a button.
        """
        if message.deleted or not self._may_write(user, message.chat):
            raise LookupError(f"{user.first_name} does not see this message")
        data = message.button(button).get("callback_data")
        if data is None:
            raise LookupError(f"{button!r} opens something else")
        return self.world.press(user, message, data)

    async def react(self, user: User, message: Message, emoji: str) -> None:
        """Someone puts a reaction under a message; only bots that are administrators are told."""
        chat = message.chat
        if not chat.private and not self.world.member(chat, self.world.bot).admin:
            return
        change: Json = {
            "chat": payloads.chat(chat), "message_id": message.id, "date": int(time.time()),
            "user": payloads.user(user), "old_reaction": [],
            "new_reaction": [{"type": "emoji", "emoji": emoji}],
        }  # fmt: skip
        self.world.updates.push("message_reaction", change)

    async def stop(self, chat: Chat) -> Draft:
        """The user presses »stop« under a draft (Bot API 10.3).

        Raises:
            LookupError: There is no draft now, or none that can be stopped.
        """
        draft = chat.visible_draft()
        if draft is None or not draft.can_stop:
            raise LookupError("there is nothing to stop")
        change = {"chat": payloads.chat(chat), "draft_id": draft.id}
        self.world.updates.push("stopped_message_generation", change)
        return draft

    # what is no text

    async def send_photo(
        self, user: User, chat: Chat, caption: str = "", *, content: bytes = PIXEL,
        reply_to: Message | None = None, thread: Topic | int | None = None,
    ) -> Message:  # fmt: skip
        """Someone sends a picture."""
        file = self.world.files.keep("photo", "", content)
        return self._post(user, chat, self._captioned(file, caption), _Where(reply_to, thread))

    async def send_album(
        self, user: User, chat: Chat, count: int = 3, caption: str = "", *, thread: Topic | int | None = None
    ) -> list[Message]:
        """Someone sends several pictures at once: several messages, the caption under the first."""
        where = _Where(None, thread, self.world.new_album())
        files = [self.world.files.keep("photo", "", PIXEL) for _ in range(count)]
        captions = [caption] + [""] * (count - 1)
        return [
            self._post(user, chat, self._captioned(file, text), where)
            for file, text in zip(files, captions, strict=True)
        ]

    async def send_sticker(
        self, user: User, chat: Chat, *, reply_to: Message | None = None, thread: Topic | int | None = None
    ) -> Message:
        """Someone sends a sticker."""
        file = self.world.files.keep("sticker", "", PIXEL)
        return self._post(user, chat, Version(media=file), _Where(reply_to, thread))

    async def send_voice(
        self, user: User, chat: Chat, caption: str = "", *, reply_to: Message | None = None,
        thread: Topic | int | None = None,
    ) -> Message:  # fmt: skip
        """Someone speaks."""
        file = self.world.files.keep("voice", "", b"OggS")
        return self._post(user, chat, self._captioned(file, caption), _Where(reply_to, thread))

    async def send_video(
        self, user: User, chat: Chat, caption: str = "", *, reply_to: Message | None = None,
        thread: Topic | int | None = None,
    ) -> Message:  # fmt: skip
        """Someone sends a film."""
        file = self.world.files.keep("video", "", b"mp4")
        return self._post(user, chat, self._captioned(file, caption), _Where(reply_to, thread))

    async def send_document(
        self, user: User, chat: Chat, name: str, content: bytes, caption: str = "", *,
        reply_to: Message | None = None,
    ) -> Message:  # fmt: skip
        """Someone sends a file."""
        file = self.world.files.keep("document", name, content)
        return self._post(user, chat, self._captioned(file, caption), _Where(reply_to))

    async def forward(self, user: User, message: Message, chat: Chat) -> Message:
        """Someone passes a message on."""
        origin = {"type": "user", "date": message.date, "sender_user": payloads.user(message.author)}
        version = Version(message.text, message.entities, message.media)
        return self._post(user, chat, version, _Where(), extra={"forward_origin": origin})

    # inner

    def _captioned(self, file: File, caption: str) -> Version:
        text, marked = entities.complete(entities.clean(caption), [])
        if entities.units(text) > USER_CAPTION_MAX:
            raise ValueError("nobody can write so much under a picture")
        return Version(text, marked, file)

    def _may_write(self, user: User, chat: Chat) -> bool:
        if chat.migrated_to is not None:
            return False
        if chat.private:
            return user is chat.user and not user.deactivated and not user.blocked
        return self.world.member(chat, user).inside

    def _post(
        self, user: User, chat: Chat, version: Version, where: _Where, *, anonymous: bool = False,
        extra: Json | None = None,
    ) -> Message:  # fmt: skip
        if not self._may_write(user, chat):
            raise PermissionError(f"{user.first_name} may not write there")
        member = self.world.member(chat, user)
        anonymous = anonymous or member.anonymous
        if anonymous and not member.admin:
            raise PermissionError("only administrators are anonymous")
        if chat.private:
            user.started = True
        thread = where.thread.id if isinstance(where.thread, Topic) else where.thread
        if thread is None and where.reply_to is not None and where.reply_to.in_topic:
            thread = where.reply_to.thread
        if thread is not None and (thread not in chat.topics or chat.topics[thread].closed):
            raise PermissionError("there is no such topic, or it is closed")
        post = Post(version, where.reply_to, thread, where.album, anonymous, extra=extra or {})
        return self.world.post(chat, user, post)
