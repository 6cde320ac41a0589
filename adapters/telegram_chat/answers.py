"""Answers of commands as messages: texts in pages, pictures, files, buttons."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputMediaDocument
from telegram.constants import ParseMode

from adapters.shared.answers import Answer
from adapters.shared.drafts import Face
from adapters.shared.edges import BusyError
from adapters.telegram_chat.errors import MovedError, SameError, trying
from adapters.telegram_chat.sender import Spot
from adapters.telegram_chat.text import CAPTION_LIMIT, Page, pages
from core.errors import EdgeError

if TYPE_CHECKING:
    from adapters.telegram_chat.desk import Desk
    from adapters.telegram_chat.talk import Talk

log = logging.getLogger(__name__)

_PERSON: Final = re.compile(r"\bid(?:\u200c?\d){5,16}\b")


@dataclass(frozen=True, slots=True)
class Said:
    """An answer with what Telegram adds: buttons; commands and people that can be tapped.

    ``fixed`` texts are our own to the last word, so that their commands can be tapped; ``people``
    are named by their numbers, for admins.
    """

    answer: Answer
    keyboard: InlineKeyboardMarkup | None = None
    fixed: bool = False
    people: bool = False

    def pages(self, limit: int = 0) -> list[Page]:
        """The text as messages."""
        text = self.answer.text
        found = pages(text, limit=limit, commands=self.fixed) if limit else pages(text, commands=self.fixed)
        return [Page(_PERSON.sub(_linked, p.html), p.plain) for p in found] if self.people else found


def _linked(match: re.Match[str]) -> str:
    number = re.sub(r"\D", "", match[0])
    return f'<a href="tg://user?id={number}">{match[0]}</a>'


def keyboard(rows: Sequence[Sequence[tuple[str, str]]]) -> InlineKeyboardMarkup | None:
    """Buttons by label and data, row by row; None for none."""
    made = [[InlineKeyboardButton(label, callback_data=data) for label, data in row] for row in rows if row]
    return InlineKeyboardMarkup(made) if made else None


def said(answer: Answer | Said, title: str = "") -> Said:
    """An answer with all its parts; under the name of the group that it is about, if any."""
    given = answer if isinstance(answer, Said) else Said(answer)
    if not title:
        return given
    return replace(given, answer=replace(given.answer, text=f"「{title}」\n{given.answer.text}"), fixed=False)


async def show(desk: Desk, spot: Spot, answer: Answer | Said) -> None:
    """Write an answer somewhere, in several messages where it is long; the buttons are under the last one.

    A failure leaves what was written, and is logged: whoever asked can ask again.
    """
    given = said(answer)
    put = _files if given.answer.files else _written
    try:
        try:
            await put(desk, spot, given)
        except MovedError as err:
            await desk.chat.moved(spot.chat_id, err.chat_id)
            await put(desk, Spot(err.chat_id), given)
    except EdgeError as err:
        log.warning("answer in %s not shown: %s", spot.chat_id, type(err).__name__)


async def _written(desk: Desk, spot: Spot, given: Said) -> None:
    png, rest = given.answer.png, given.pages()
    if png is not None:
        page = rest.pop(0) if len(rest) == 1 and rest[0].units <= CAPTION_LIMIT else None
        markup = given.keyboard if not rest else None
        await desk.sender.send_face(spot, Face(png, given.answer.text), page, markup)
    for index, page in enumerate(rest):
        markup = given.keyboard if index == len(rest) - 1 else None
        await desk.sender.send(spot if index == 0 else Spot(spot.chat_id, spot.thread), page, markup)


async def _files(desk: Desk, spot: Spot, given: Said) -> None:
    page = given.pages(CAPTION_LIMIT)[0]
    *files, (last_name, last) = given.answer.files

    async def call() -> object:
        album = [
            InputMediaDocument(content, filename=name, disable_content_type_detection=True)
            for name, content in files
        ]
        said = InputMediaDocument(  # what is said stands below all files
            last, page.html, ParseMode.HTML, filename=last_name, disable_content_type_detection=True
        )
        return await desk.bot.send_media_group(media=[*album, said], **spot.fields)

    await desk.sender.pace.turn(spot.chat_id)
    await trying(call, passing=BusyError)


async def change(desk: Desk, talk: Talk, answer: Answer | Said) -> None:
    """Put an answer in the place of the message whose button was pressed."""
    message = talk.query.message if talk.query is not None else None
    if message is None:
        return
    given = said(answer, talk.title)
    first, *rest = given.pages()
    try:
        markup = given.keyboard if not rest else None
        await desk.sender.change(message.chat.id, message.message_id, first, markup)
        for index, page in enumerate(rest):
            markup = given.keyboard if index == len(rest) - 1 else None
            await desk.sender.send(talk.spot, page, markup)
    except EdgeError as err:
        if not isinstance(err, SameError):
            log.info("answer in %s not changed: %s", message.chat.id, type(err).__name__)
