"""The message of a battle on Telegram: what stands there, and all that are kept up to date.

Telegram has no alternative texts, so what a picture shows stands under it in words, folded up.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from telegram import InlineKeyboardMarkup

from adapters.media.picture import Picture
from adapters.shared.battle_card import Card
from adapters.shared.drafts import Face
from adapters.shared.edges import GoneError, RefusedError, TooLargeError
from adapters.telegram_chat.answers import keyboard
from adapters.telegram_chat.command_texts import text
from adapters.telegram_chat.doors import message_key
from adapters.telegram_chat.errors import KindError, MovedError, ShutError
from adapters.telegram_chat.sender import Sender, Spot
from adapters.telegram_chat.text import CAPTION_LIMIT, Page, naming, pages
from core.people import Lang

log = logging.getLogger(__name__)

ROW: Final = 2  # buttons side by side that a telephone has room for
LEAST: Final = 60  # units of a description that are worth something


@dataclass(eq=False)
class CardPort:
    """One card, an :class:`adapters.shared.growing.Port`; ``number`` is its message, 0 for none yet.

    ``stands`` is told the key of each new message, ``moved`` the group's old and new id; ``calls`` is
    the number and name of somebody who is invited.
    """

    sender: Sender
    spot: Spot
    stands: Callable[[str], Awaitable[None]]
    moved: Callable[[int, int], Awaitable[None]]
    number: int = 0
    calls: tuple[int, str] | None = None
    lang: Lang = "ko"
    closed: bool = False
    _busy: asyncio.Lock = field(default_factory=asyncio.Lock)
    _shown: Picture | None = None
    _pictured: bool | None = None  # None: a message of before, of which that is not known
    _plain: bool = False  # pictures are not taken here

    async def send(self, state: Card) -> None:
        """Make the message. Raises EdgeError."""
        await self.edit(state)

    async def edit(self, state: Card) -> None:
        """Change the message; one that is gone is made anew. Raises EdgeError."""
        async with self._busy:
            if self.closed:
                return
            picture = None if self._plain else state.picture
            try:
                await self._bring(state, picture)
            except (GoneError, ShutError, MovedError):
                raise
            except (RefusedError, TooLargeError) as err:
                if picture is None or picture is self._shown:
                    raise
                self._plain = True  # the words are what matters
                self.sender.mends.once("card not taken", self.spot.chat_id, type(err).__name__)
                await self._bring(state, None)

    async def close(self) -> None:
        """Nothing is written after this; what is on its way arrives."""
        self.closed = True
        async with self._busy:
            pass

    async def _bring(self, state: Card, picture: Picture | None) -> None:
        page, markup = self._page(state, picture or self._shown), _markup(state)
        try:
            if self.number:
                try:
                    await self._change(page, markup, picture)
                    return
                except GoneError:
                    self.number = 0
            await self._post(page, markup, picture)
        except MovedError as err:
            await self.moved(self.spot.chat_id, err.chat_id)
            self.spot, self.number = Spot(err.chat_id), 0
            await self._post(page, markup, picture)

    async def _post(self, page: Page, markup: InlineKeyboardMarkup | None, picture: Picture | None) -> None:
        picture = picture or self._shown
        if picture is None:
            self.number = await self.sender.send(self.spot, page, markup)
        else:
            self.number = await self.sender.send_face(self.spot, _file(picture), page, markup)
        self._shown, self._pictured = picture, picture is not None
        await self.stands(message_key(self.spot.chat_id, self.number))

    async def _change(self, page: Page, markup: InlineKeyboardMarkup | None, picture: Picture | None) -> None:
        chat, number = self.spot.chat_id, self.number
        if picture is not None and picture is not self._shown:
            await self.sender.change_face(chat, number, _file(picture), page, markup)
            self._shown, self._pictured = picture, True
            return
        if not self._pictured:
            try:
                await self.sender.change(chat, number, page, markup)
                return
            except KindError:
                self._pictured = True
        await self.sender.change_caption(chat, number, page, markup)

    def _page(self, state: Card, picture: Picture | None) -> Page:
        """The text; an invitation names who is called, so that Telegram tells them of it."""
        page = page_of(state.text, picture)
        invites = any(button.data.endswith(":accept") for row in state.buttons for button in row)
        if self.calls is None or not invites:
            return page
        line = naming(text("battle_called", self.lang, name="{}"), *self.calls)
        return Page(f"{line.html}\n{page.html}", f"{line.plain}\n{page.plain}")


def page_of(said: str, picture: Picture | None) -> Page:
    """The text of a card, and under it in words what its picture shows, as far as there is room."""
    page = pages(said, limit=CAPTION_LIMIT)[0]
    room = CAPTION_LIMIT - page.units - len("\n🖼 …") - 1
    if picture is None or room < LEAST:
        return page
    first, *rest = pages(picture.alt, limit=room)
    more = " …" if rest else ""
    quote = f"<blockquote expandable>🖼 {first.html}{more}</blockquote>"
    return Page(f"{page.html}\n{quote}", f"{page.plain}\n🖼 {first.plain}{more}")


def _file(picture: Picture) -> Face:
    return Face(picture.png, picture.alt)


def _markup(card: Card) -> InlineKeyboardMarkup | None:
    rows = [row[start : start + ROW] for row in card.buttons for start in range(0, len(row), ROW)]
    return keyboard([[(button.label, button.data) for button in row] for row in rows])
