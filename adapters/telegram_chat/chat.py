"""What is said to her on Telegram: messages read, replies paced, and what becomes of lost ones."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from telegram import Message, User
from telegram.ext import ExtBot

from adapters.shared.decisions import Decision, decide
from adapters.shared.drafts import Manner, Typing
from adapters.shared.recent import Recent
from adapters.shared.reply import Reply
from adapters.shared.talks import Talks
from adapters.telegram_chat.doors import group_key, message_key
from adapters.telegram_chat.files import FaceFiles
from adapters.telegram_chat.flow import by_sentence, with_face
from adapters.telegram_chat.lost import Reminder
from adapters.telegram_chat.order import let_pass
from adapters.telegram_chat.sender import Sender
from adapters.telegram_chat.surfaces import ChatSurface
from adapters.telegram_chat.translate import (
    Seen,
    edited_in_time,
    locale_of,
    look,
    person_of,
    place_of,
    topic_of,
)
from core.errors import StoreError, logged
from core.people import Event, Incoming, PlaceKind
from core.places import PlaceSettings

log = logging.getLogger(__name__)

TYPING_EVERY_S: Final = 4.0  # Telegram shows it for five
ONCE_S: Final = 3600.0
QUICK_S: Final = 1.0  # a reply that comes sooner needs no »is typing …« in a group
# Drafts may come faster than messages, whose own pace is the sender's affair.
PRIVATE: Final = Manner("first_contact_telegram", edit_every_s=0.4, typing_every_s=TYPING_EVERY_S)
# A group has twenty calls in a minute, chat actions and edits included. So nothing is streamed, one
# »is typing …« says that she is at it when it takes a while, and the face comes by one edit: the text
# never waits for it, but where more than half of the minute is used (see :func:`with_face`).
GROUP: Final = Manner(
    "first_contact_telegram", edit_every_s=1.0, typing_every_s=ONCE_S, thinking_s=8.0, streams=False
)


@dataclass(eq=False)
class Chat(Talks):
    """Everything that is said to her on Telegram."""

    manner: Manner = PRIVATE
    bot: ExtBot[Any] = field(kw_only=True)
    sender: Sender = field(init=False)
    _albums: Recent = field(default_factory=Recent)
    _reminded: set[str] = field(default_factory=set)  # lost replies that are being told again

    def __post_init__(self) -> None:
        files = FaceFiles(self.doors.state, self.bot.token.partition(":")[0])
        self.sender = Sender(self.bot, files, self.mends)

    @property
    def me(self) -> User:
        """Her account, once she is connected."""
        return self.bot.bot

    @property
    def reads_all(self) -> bool:
        """Whether privacy mode is off."""
        return bool(self.me.can_read_all_group_messages)

    def manner_for(self, incoming: Incoming) -> Manner:
        """How a message is answered."""
        return GROUP if incoming.place.kind is PlaceKind.GROUP else self.manner

    async def take(self, message: Message) -> None:
        """A message was written."""
        seen = look(message, self.me)
        if seen.own or seen.machine or seen.system or self.leaving:
            return
        if not (seen.reason or self.reads_all) or self._told_of(message, seen):
            return
        surface = self.surface_for(message)
        await self.hear(self._incoming(message), surface, partial(_judge, seen), self._typing(surface))

    async def edited(self, message: Message) -> None:
        """A message has other words now: within a minute it is answered anew, once."""
        soon = edited_in_time(message)
        if self.leaving or message.from_user is None or soon is None:
            return
        seen, thread, incoming = look(message, self.me), topic_of(message), self._incoming(message)
        if await self._answered(incoming, seen.text):
            return
        await self.revise(
            incoming, partial(_judge, seen),
            lambda delivery: self.wired(ChatSurface.again(self.sender, delivery, thread)), soon=soon,
        )  # fmt: skip

    async def _answered(self, incoming: Incoming, words: str) -> bool:
        """Whether just these words were answered: Telegram tells of changes that nobody sees, too."""
        try:
            turn = await self.doors.history.turn(incoming.owner, incoming.id)
        except StoreError:
            return False
        return turn is not None and turn.text == words

    async def stopped(self, chat_id: int, draft_id: int) -> None:
        """Somebody ended a draft; its number is that of the message answered."""
        key = message_key(chat_id, draft_id)
        reply = self.live.get(key)
        if reply is not None:
            reply.stopped = True
            self.doors.conversation.stop(reply.incoming.owner, key)

    def surface_for(self, message: Message) -> ChatSurface:
        """Where the answer to a message (or a command) shall stand."""
        return self.wired(ChatSurface.to(self.sender, message))

    def wired(self, surface: ChatSurface) -> ChatSurface:
        """The surface, telling when its group moves."""
        surface.moved = self.moved
        return surface

    async def reachable(self, chat_id: int, inside: bool) -> None:
        """She may write to a chat, or may not any more."""
        chat = group_key(chat_id)
        try:
            if inside:
                await self.doors.chats.reopen(chat)
            else:
                await self.doors.chats.close(chat, self.doors.clock.now())
        except StoreError as err:
            log.error("%s not noted as %s: %s", chat, "open" if inside else "closed", logged(err))

    async def moved(self, old: int, new: int) -> None:
        """A group is a supergroup now; all that is kept of it moves with it. May come twice."""
        try:
            await self.doors.groups.move(group_key(old), group_key(new))
        except StoreError as err:
            log.error("group %s not moved to %s: %s", old, new, logged(err))

    def _incoming(self, message: Message) -> Incoming:
        author = message.from_user
        assert author is not None  # channels were left alone before  # noqa: S101
        return Incoming(
            message_key(message.chat.id, message.message_id), person_of(author), place_of(message.chat), "",
            self.doors.clock.now(), locale=locale_of(author),
        )  # fmt: skip

    def _told_of(self, message: Message, seen: Seen) -> bool:
        """Whether it is a picture more of an album: she says one line about an album."""
        new = seen.album is None or self._albums.add(f"{message.chat.id}/{seen.album}")
        return not (new or seen.text)

    def _typing(self, surface: ChatSurface) -> Typing:
        async def soon() -> None:
            await asyncio.sleep(QUICK_S)
            if not surface.stands:
                await self.sender.typing(surface.chat_id, surface.thread)

        async def now() -> None:
            await self.sender.typing(surface.chat_id, surface.thread)

        return soon if surface.chat_id < 0 else now

    async def _follow(self, reply: Reply, events: AsyncIterator[Event]) -> None:
        surface = reply.surface
        assert isinstance(surface, ChatSurface)  # this chat makes no others  # noqa: S101
        let_pass()
        here, reminder = surface.chat_id, Reminder(self.doors.deliveries, reply.incoming, self._reminded)
        events = reminder.added(events)
        if here > 0:
            events = by_sentence(events)
        elif self.sender.pace.scarce(here):
            events = with_face(events)
        try:
            await super()._follow(reply, events)
        finally:
            lost = surface.undelivered
            await reminder.settle(arrived=surface.stands and not lost, undelivered=lost)
            if surface.shut or surface.stands:
                await self.reachable(surface.chat_id, not surface.shut)
            if surface.chat_id != here:  # what the turn wrote after the move went under the old name
                await self.moved(here, surface.chat_id)


def _judge(seen: Seen, here: PlaceSettings) -> Decision:
    return decide(seen, here)
