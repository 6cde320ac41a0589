"""Messages into turns, on every platform: each is answered once, redone when edited, retracted when deleted.

:class:`Talks` is the half of a chat that speaks no platform. An adapter derives its ``Chat`` from
it, reads its library's objects, and calls:
- :meth:`Talks.hear` with a new message, :meth:`Talks.answer` with what did not come as a message;
- :meth:`Talks.revise` with an edited one, :meth:`Talks.deleted` with the keys of deleted ones;
- :meth:`Talks.work` around every handler, :meth:`Talks.leave` and :meth:`Talks.cut_off` at the end.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final
from weakref import WeakValueDictionary

from adapters.shared.decisions import Act, Decision
from adapters.shared.doors import Doors
from adapters.shared.drafts import Manner, Surface, Typing
from adapters.shared.edges import Mends
from adapters.shared.profile import arrived, language_of
from adapters.shared.recent import Recent
from adapters.shared.reply import Reply
from core.errors import HiddenError, StoreError, UserFacingError, logged
from core.people import Event, Incoming, Notice, PlaceKind, ReplyDone
from core.phrases import phrase
from core.places import PlaceSettings, SilentError
from core.ports_places import Delivery

log = logging.getLogger(__name__)

HINT_EVERY_S: Final = 3600.0

Judging = Callable[[PlaceSettings], Decision]
Standing = Callable[[Delivery], Surface]  # makes the surface on the messages that carry a reply


@dataclass(eq=False)
class Talks:
    """Everything that is said to her on one platform.

    ``live`` are the replies under way by the id of the message they answer; ``working`` the tasks
    that are waited for when the program ends.
    """

    doors: Doors
    manner: Manner
    mends: Mends = field(default_factory=Mends)
    live: dict[str, Reply] = field(default_factory=dict)
    leaving: bool = False
    working: set[asyncio.Task[Any]] = field(default_factory=set)
    _claimed: Recent = field(default_factory=Recent)
    _gone: Recent = field(default_factory=Recent)
    _asked: Recent = field(default_factory=Recent)  # questions of other accounts that were told
    _queues: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    _cooled: dict[tuple[str, int | str], float] = field(default_factory=dict)

    def manner_for(self, incoming: Incoming) -> Manner:
        """How a message is answered; an adapter whose chats differ overrides it."""
        return self.manner

    async def hear(
        self, incoming: Incoming, surface: Surface, decide: Judging, typing: Typing | None = None
    ) -> None:
        """A message was written: answer it, hint, or leave it alone, and return when all is done.

        Args:
            incoming: The message; its text is the one that ``decide`` finds.
            surface: Where the reply shall stand.
            decide: What to do with the message under the settings of its place. It is called once,
                when the person's earlier messages have been taken up.
            typing: Shows once that she is typing.
        """
        stamp = asyncio.create_task(arrived(self.doors.memories, incoming))
        async with self._queue(incoming.person.id):  # a person's messages keep their order
            incoming, here = await stamp, await self.here(incoming)
            decision = decide(here)
            if decision.act is Act.IGNORE or not self._cool(decision, surface.channel_id, here):
                return
            incoming = replace(incoming, text=decision.text)
            reply = await self._open(incoming, surface, here, typing)
        if reply is None:
            return
        if decision.act is Act.ANSWER:
            await self._follow(reply, self.doors.conversation.respond(self._shown(incoming)))
        else:
            await self._hint(reply, decision.act, here)

    async def answer(self, incoming: Incoming, surface: Surface, typing: Typing | None = None) -> bool:
        """Answer what did not come as a message (a command); False when it was answered before."""
        stamp = asyncio.create_task(arrived(self.doors.memories, incoming))
        async with self._queue(incoming.person.id):
            reply = await self._open(incoming := await stamp, surface, await self.here(incoming), typing)
        if reply is not None:
            await self._follow(reply, self.doors.conversation.respond(self._shown(incoming)))
        return reply is not None

    async def redo(
        self, incoming: Incoming, known: Delivery, surface: Standing, typing: Typing | None = None
    ) -> None:
        """Answer the same message again, in the messages of the first answer; ``known`` may be older.

        ``surface`` is called once; what it makes is not used while the first answer is under way.
        """
        incoming, here = await arrived(self.doors.memories, incoming), await self.here(incoming)
        # a first answer that ended meanwhile has noted by now which messages carry it
        there = surface(known if incoming.id in self.live else await self.delivery(incoming.id) or known)
        reply = self.live.get(incoming.id)  # only now: who asks twice at once shares one
        if reply is None:
            reply = self._reply(incoming, there, here, typing, greets=False)
        await self._follow(reply, self.doors.conversation.redo(self._shown(incoming)))
        if incoming.id in self._gone:  # maybe before the new turn could be retracted
            await self._retract(incoming.id)

    async def revise(
        self, incoming: Incoming, decide: Judging, surface: Standing, typing: Typing | None = None,
        *, soon: bool = True,
    ) -> None:  # fmt: skip
        """A message has other words: answer it anew, once, on ``surface`` if it was ``soon``, else learn.

        Where it is not for her any more, or its words cannot be read, it is as if it had been deleted.
        """
        async with self._queue(incoming.id):  # the newest words are learned last
            async with self._queue(incoming.person.id):  # nothing that came before is half taken up
                live = incoming.id in self.live  # asked first: it may end before what was read is here
            delivery = None if self.leaving else await self.delivery(incoming.id)
            if delivery is None or not (delivery.replies or live):
                return
            decision = decide(await self.here(incoming))
            incoming = replace(incoming, text=decision.text)
            try:
                if decision.act is not Act.ANSWER:
                    await self._retract(incoming.id)
                elif soon and not delivery.redone and await self._mark(incoming.id):
                    await self.redo(incoming, delivery, surface, typing)
                else:
                    await self.doors.conversation.reword(incoming)
            except HiddenError as err:
                log.warning("%s has other words, not learned: %s", incoming.id, logged(err))
        if incoming.id in self._gone:
            await self._retract(incoming.id)

    async def deleted(self, keys: Iterable[str]) -> None:
        """Messages are gone: what was learned from them goes too."""
        for key in keys:
            self._gone.add(key)
            await self._retract(key)

    async def _retract(self, key: str) -> None:
        delivery = await self.delivery(key)
        try:
            if delivery is not None:
                await self.doors.conversation.retract(delivery.owner, key)
        except StoreError as err:
            log.error("%s is gone, not retracted: %s", key, logged(err))

    async def delivery(self, key: str) -> Delivery | None:
        """What is known of an answered message; None too while the store fails."""
        try:
            return await self.doors.deliveries.of_source(key)
        except StoreError as err:
            log.warning("delivery of %s: %s", key, logged(err))
            return None

    def _shown(self, incoming: Incoming) -> Incoming:
        """A message with the kind of file in which her face moves where it was written."""
        return replace(incoming, film=self.manner_for(incoming).film)

    async def here(self, incoming: Incoming) -> PlaceSettings:
        """What holds where the message was written."""
        return await self.doors.rules.settings(incoming.place.group)

    @contextmanager
    def work(self) -> Iterator[None]:
        """The present task is waited for when the program ends."""
        mine = {task for task in [asyncio.current_task()] if task is not None}
        self.working |= mine
        try:
            yield
        finally:
            self.working -= mine

    async def drained(self, timeout: float) -> bool:
        """Wait for the work under way; False when some of it took longer than ``timeout`` seconds."""
        working = {task for task in self.working if task is not asyncio.current_task()}
        late = (await asyncio.wait(working, timeout=timeout))[1] if working else None
        return not late

    def leave(self) -> None:
        """Take no more messages; those under way are finished."""
        self.leaving = True
        for reply in self.live.values():
            reply.leaving = True

    def cut_off(self) -> None:
        """End what is still not written; each gets a line that says so."""
        for key, reply in self.live.items():
            self.doors.conversation.stop(reply.incoming.owner, key)

    def _queue(self, person: str) -> asyncio.Lock:
        return self._queues.setdefault(person, asyncio.Lock())

    def _cool(self, decision: Decision, channel: int | str, here: PlaceSettings) -> bool:
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
        if self.leaving or not await self.claim(incoming):
            return None
        if incoming.id in self._gone:  # deleted before it was claimed
            await self._retract(incoming.id)
            return None
        return self._reply(incoming, surface, here, typing)

    def _reply(
        self, incoming: Incoming, surface: Surface, here: PlaceSettings, typing: Typing | None,
        greets: bool = True,
    ) -> Reply:  # fmt: skip
        reply = Reply(self.doors, incoming, surface, self.manner_for(incoming), here.faces, greets, typing)
        self.live[incoming.id] = reply
        return reply

    async def claim(self, incoming: Incoming) -> bool:
        """Take a message (or a command) for answering; False when that was done before."""
        if not self._claimed.add(incoming.id):
            return False
        owner = incoming.owner
        try:
            return await self.doors.deliveries.claim(incoming.id, owner.person, owner.scope, incoming.at)
        except StoreError as err:
            log.warning("%s not claimed: %s", incoming.id, logged(err))
            return True  # she answers without her notebook

    async def _mark(self, key: str) -> bool:
        try:
            return await self.doors.deliveries.mark(key, redone=True)
        except StoreError as err:
            log.warning("%s not marked: %s", key, logged(err))
            return False  # rather once too little than over and over

    async def _follow(self, reply: Reply, events: AsyncIterator[Event]) -> None:
        try:
            await reply.follow(self._asked_to_link(reply, events))
        finally:
            self._close(reply)

    async def _asked_to_link(self, reply: Reply, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
        """The events; with a reply in a direct message, once, that another account waits to be joined."""
        person = reply.incoming.person.id
        async for event in events:
            yield event
            if isinstance(event, ReplyDone) and reply.incoming.place.kind is PlaceKind.DIRECT:
                request = await self.doors.linking.waiting(person)
                if request is not None and self._asked.add(f"{request.id}"):
                    yield Notice(self.doors.linking.notice(request, person, event.lang))

    async def _hint(self, reply: Reply, act: Act, here: PlaceSettings) -> None:
        """A fixed line for a message without words that she reads; blocks and maintenance hold."""
        said = reply.incoming
        lang = await language_of(self.doors.history, said.person.id, here.language or said.locale or "ko")
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
