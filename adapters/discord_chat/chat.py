"""Messages of Discord into turns: each is answered once, redone when it is edited, retracted when deleted."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from weakref import WeakValueDictionary

import aiohttp
import discord

from adapters.discord_chat.delivery import Reply, Typing
from adapters.discord_chat.doors import Doors, message_key, snowflake_of
from adapters.discord_chat.errors import Mends
from adapters.discord_chat.surfaces import ChannelSurface, Surface
from adapters.discord_chat.translate import Act, Decision, decide, edited_in_time, look, person_of, place_of
from adapters.shared.profile import language_of
from core.errors import StoreError, UserFacingError
from core.people import Event, Incoming
from core.phrases import phrase
from core.places import PlaceSettings, SilentError
from core.ports_places import Delivery

log = logging.getLogger(__name__)

REMEMBERED: Final = 4096  # ids of messages, for when the store fails
TALKS: Final = 100  # channels that are looked at again when a session was lost
MISSED: Final = timedelta(minutes=10)  # what was said longer ago is not taken up any more
HINT_EVERY_S: Final = 3600.0


class Recent:
    """The newest ids of something; holds no more than :data:`REMEMBERED`."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def add(self, key: str) -> bool:
        """Whether it was new."""
        new = key not in self._ids
        self._ids[key] = None
        if len(self._ids) > REMEMBERED:
            self._ids.popitem(last=False)
        return new

    def __contains__(self, key: object) -> bool:
        return key in self._ids


@dataclass(eq=False)
class Chat:
    """Everything that is said to her on Discord; ``me`` is her account once it is known."""

    doors: Doors
    me: int = 0
    reads_all: bool = False
    mends: Mends = field(default_factory=Mends)
    live: dict[str, Reply] = field(default_factory=dict)
    leaving: bool = False
    working: set[asyncio.Task[Any]] = field(default_factory=set)
    _claimed: Recent = field(default_factory=Recent)
    _gone: Recent = field(default_factory=Recent)
    _queues: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    _cooled: dict[tuple[str, int], float] = field(default_factory=dict)
    _talks: OrderedDict[int, tuple[Any, int]] = field(default_factory=OrderedDict)  # channels, last messages

    async def take(self, message: discord.Message) -> None:
        """A message was written."""
        seen = look(message, self.me, reads_all=self.reads_all)
        if seen.own or seen.machine or seen.system or self.leaving:
            return
        if not (seen.addressed or self.reads_all):  # most of a server's messages: nothing is asked
            return
        incoming = self._incoming(message)
        surface = ChannelSurface.to(message, self.mends)
        async with self._queue(incoming.person.id):  # a person's messages keep their order
            here = await self._here(incoming)
            decision = decide(seen, here)
            if decision.act is Act.IGNORE or not self._cool(decision, message.channel.id, here):
                return
            self._talk(message)
            incoming = self._incoming(message, decision.text)
            reply = await self._open(incoming, surface, here, message.channel.typing)
        if reply is None:
            return
        if decision.act is Act.ANSWER:
            await self._follow(reply, self.doors.conversation.respond(incoming))
        else:
            await self._hint(reply, decision.act, here)

    async def catch_up(self) -> None:
        """Take what was said where people talk to her while a session was lost.

        Discord brings what a resumed session missed, not what a new one did.
        """
        found: list[discord.Message] = []
        for channel, last in list(self._talks.values()):
            if discord.utils.utcnow() - discord.utils.snowflake_time(last) > MISSED:
                continue
            try:
                after = discord.Object(last)
                found += [m async for m in channel.history(limit=100, after=after, oldest_first=True)]
            except (discord.DiscordException, aiohttp.ClientError, OSError) as err:
                log.info("channel %s is not looked at again: %s", channel.id, type(err).__name__)
        await asyncio.gather(*(self.take(message) for message in found))

    async def answer(self, incoming: Incoming, surface: Surface) -> bool:
        """Answer what did not come as a message (a command); False when it was answered before."""
        async with self._queue(incoming.person.id):
            reply = await self._open(incoming, surface, await self._here(incoming), None)
        if reply is not None:
            await self._follow(reply, self.doors.conversation.respond(incoming))
        return reply is not None

    async def redo(self, incoming: Incoming, surface: Surface) -> None:
        """Answer the same message again, in the messages of the first answer."""
        reply = self.live.get(incoming.id)
        if reply is None:
            here = await self._here(incoming)
            reply = Reply(self.doors, incoming, surface, here.faces, greets=False)
            self.live[incoming.id] = reply
        await self._follow(reply, self.doors.conversation.redo(incoming))
        if incoming.id in self._gone:  # maybe before the new turn could be retracted
            await self.deleted([snowflake_of(incoming.id)])

    async def edited(self, message: discord.Message) -> None:
        """A message has other words now: within a minute it is answered anew, once."""
        key = message_key(message.id)
        if self.leaving or message.author.bot or not edited_in_time(message):
            return
        delivery = await self.delivery(key)
        if delivery is None or delivery.redone or not (delivery.replies or key in self.live):
            return
        incoming = self._incoming(message)
        seen = look(message, self.me, reads_all=self.reads_all)
        decision = decide(seen, await self._here(incoming))
        if decision.act is not Act.ANSWER or not await self._mark(key):
            return
        ids = standing(delivery)
        surface = ChannelSurface.again(message.id, message.channel, ids, self.mends)
        await self.redo(self._incoming(message, decision.text), surface)

    async def deleted(self, messages: Iterable[int]) -> None:
        """Messages are gone: what was learned from them goes too."""
        for number in messages:
            key = message_key(number)
            self._gone.add(key)
            delivery = await self.delivery(key)
            if delivery is None:
                continue
            try:
                await self.doors.conversation.retract(delivery.owner, key)
            except StoreError as err:
                log.error("%s was deleted, not retracted: %s", key, type(err).__name__)

    async def delivery(self, key: str) -> Delivery | None:
        """What is known of an answered message; None too while the store fails."""
        try:
            return await self.doors.deliveries.of_source(key)
        except StoreError as err:
            log.warning("delivery of %s: %s", key, type(err).__name__)
            return None

    @contextmanager
    def work(self) -> Iterator[None]:
        """The present task is waited for when the program ends."""
        task = asyncio.current_task()
        mine = {task} if task is not None else set()
        self.working |= mine
        try:
            yield
        finally:
            self.working -= mine

    def leave(self) -> None:
        """Take no more messages; those under way are finished."""
        self.leaving = True
        for reply in self.live.values():
            reply.leaving = True

    def cut_off(self) -> None:
        """End what is still not written; each gets a line that says so."""
        for key, reply in self.live.items():
            self.doors.conversation.stop(reply.incoming.owner, key)

    def _incoming(self, message: discord.Message, text: str = "") -> Incoming:
        person, place = person_of(message.author), place_of(message.channel)
        return Incoming(message_key(message.id), person, place, text, self.doors.clock.now())

    async def _here(self, incoming: Incoming) -> PlaceSettings:
        return await self.doors.rules.settings(incoming.place.group)

    def _talk(self, message: discord.Message) -> None:
        """Remember where someone talks to her."""
        self._talks[message.channel.id] = (message.channel, message.id)
        self._talks.move_to_end(message.channel.id)
        if len(self._talks) > TALKS:
            self._talks.popitem(last=False)

    def _queue(self, person: str) -> asyncio.Lock:
        return self._queues.setdefault(person, asyncio.Lock())

    def _cool(self, decision: Decision, channel: int, here: PlaceSettings) -> bool:
        """Whether enough time has passed since she last spoke unasked, or hinted, in a channel."""
        pauses = {"always": here.cooldown_s} if decision.act is Act.ANSWER else {}
        pause = HINT_EVERY_S if decision.act is Act.CANNOT_READ else pauses.get(decision.reason)
        if pause is None:
            return True
        slot, now = (decision.act.value, channel), time.monotonic()
        if now - self._cooled.get(slot, float("-inf")) < pause:
            return False
        self._cooled[slot] = now
        return True

    async def _open(
        self, incoming: Incoming, surface: Surface, here: PlaceSettings, typing: Typing | None
    ) -> Reply | None:
        """The reply to a message that was not taken before."""
        if self.leaving or not await self._claim(incoming):
            return None
        if incoming.id in self._gone:  # deleted before it was claimed
            await self.deleted([surface.source])
            return None
        reply = Reply(self.doors, incoming, surface, here.faces, typing=typing)
        self.live[incoming.id] = reply
        return reply

    async def _claim(self, incoming: Incoming) -> bool:
        if not self._claimed.add(incoming.id):
            return False
        owner = incoming.owner
        try:
            return await self.doors.deliveries.claim(incoming.id, owner.person, owner.scope, incoming.at)
        except StoreError as err:
            log.warning("%s not claimed: %s", incoming.id, type(err).__name__)
            return True  # she answers without her notebook

    async def _mark(self, key: str) -> bool:
        try:
            return await self.doors.deliveries.mark(key, redone=True)
        except StoreError as err:
            log.warning("%s not marked: %s", key, type(err).__name__)
            return False  # rather once too little than over and over

    async def _follow(self, reply: Reply, events: AsyncIterator[Event]) -> None:
        try:
            await reply.follow(events)
        finally:
            self._close(reply)

    async def _hint(self, reply: Reply, act: Act, here: PlaceSettings) -> None:
        """A fixed line for a message without words that she reads; blocks and maintenance hold."""
        said = reply.incoming
        lang = await language_of(self.doors.history, said.person.id, here.language or "ko")
        try:
            await self.doors.rules.admit(said, here, "", time.monotonic())
            await reply.say(phrase("only_text" if act is Act.ONLY_TEXT else "cannot_read", lang))
        except UserFacingError as err:
            await reply.say(phrase(err.phrase, lang, **err.values))
        except SilentError:
            pass
        finally:
            self._close(reply)

    def _close(self, reply: Reply) -> None:
        if not reply.busy and self.live.get(reply.incoming.id) is reply:
            del self.live[reply.incoming.id]


def standing(delivery: Delivery) -> tuple[int, ...]:
    """The numbers of her messages that carry a reply."""
    return tuple(snowflake_of(reply) for reply in delivery.replies)
