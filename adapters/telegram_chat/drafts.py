"""What is being written, as Telegram's drafts show it in a private chat."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from adapters.telegram_chat.sender import Sender
from adapters.telegram_chat.text import Page
from core.errors import EdgeError

log = logging.getLogger(__name__)

RENEW_S: Final = 20.0  # a draft is shown for thirty seconds


@dataclass(eq=False)
class Preview:
    """The draft of one reply; its number is that of the message answered, which no draft must be 0 for."""

    sender: Sender
    chat_id: int
    source: int
    thread: int | None = None
    _renewing: asyncio.Task[None] | None = None

    async def show(self, page: Page | None) -> bool:
        """Show a text, or without one that she is thinking; False where there are no drafts.

        A draft that is not taken is not tried again: more comes soon.
        """
        if not self.sender.drafts_in(self.chat_id):
            return False
        self.end()
        if not await self._sent(page):
            return self.sender.drafts_in(self.chat_id)
        self._renewing = asyncio.create_task(self._renew(page))
        return True

    def end(self) -> None:
        """The message itself comes now, or nothing; Telegram takes the draft away."""
        if self._renewing is not None:
            self._renewing.cancel()
            self._renewing = None

    async def _renew(self, page: Page | None) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            await self._sent(page)

    async def _sent(self, page: Page | None) -> bool:
        try:
            await self.sender.draft(self.chat_id, self.source, page, self.thread)
        except EdgeError as err:
            log.info("draft %s not shown: %s", self.source, type(err).__name__)
            return False
        return True
