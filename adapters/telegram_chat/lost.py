"""Replies of which nobody knows whether they arrived: told again once, with the person's next reply."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from core.errors import StoreError, logged
from core.people import Event, Incoming, Notice, ReplyDone
from core.phrases import phrase
from core.ports_places import DeliveryStore, LostReply

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Reminder:
    """Adds lost replies to one that is on its way.

    ``taken`` holds the messages whose lost replies some reminder tells; it is shared by all, so that
    two quick replies do not tell the same.
    """

    deliveries: DeliveryStore
    said: Incoming
    taken: set[str]
    _mine: list[LostReply] = field(default_factory=list)
    _told: bool = False

    async def added(self, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
        """The events of a turn, and an aside for each lost reply."""
        asked = False
        async for event in events:
            if not asked:  # before the reply, so that nothing comes between it and what follows
                asked = True
                await self._take()
            yield event
            if isinstance(event, ReplyDone) and event.origin != "phrase":
                self._told = True
                for one in self._mine:
                    if one.message_id != self.said.id:  # else it is being answered again
                        yield Notice(phrase("lost_reply", event.lang, reply=one.reply))

    async def settle(self, *, arrived: bool, undelivered: bool) -> None:
        """The reply is done: note which are told now, and whether this one may be lost, too."""
        try:
            if undelivered:
                await self.deliveries.unsure(self.said.id)
            if arrived and self._told:
                for one in self._mine:
                    await self.deliveries.told(one.message_id)
        except StoreError as err:
            log.warning("fate of the reply to %s not noted: %s", self.said.id, logged(err))
        finally:
            self.taken.difference_update(one.message_id for one in self._mine)

    async def _take(self) -> None:
        try:
            found = await self.deliveries.pending(self.said.owner)
        except StoreError as err:
            log.warning("lost replies before %s: %s", self.said.id, logged(err))
            return
        self._mine = [one for one in found if one.message_id not in self.taken]
        self.taken.update(one.message_id for one in self._mine)
