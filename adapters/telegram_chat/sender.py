"""The calls by which she writes: paced, tried again where that is harmless, refusals as errors of ours."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from telegram import (
    ForceReply,
    InlineKeyboardMarkup,
    InputMediaAnimation,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ChatAction, ParseMode
from telegram.ext import ExtBot

from adapters.shared.drafts import Face
from adapters.shared.edges import BusyError, Mends
from adapters.telegram_chat.errors import (
    SameError,
    UnknownMethodError,
    UnparsableError,
    WrongFileError,
    asked,
    trying,
)
from adapters.telegram_chat.files import FaceFiles
from adapters.telegram_chat.pacing import Pace
from adapters.telegram_chat.text import Page
from core.errors import EdgeError

log = logging.getLogger(__name__)
T = TypeVar("T")

FACE_FILES: Final = {"png": "oh-lora.png", "gif": "oh-lora.gif"}
NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
Markup = InlineKeyboardMarkup | None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a new message goes: the chat, its topic, and the message that it answers."""

    chat_id: int
    thread: int | None = None
    reply_to: int | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """As the library takes it; an answered message may be gone."""
        quoting = (
            None
            if self.reply_to is None
            else ReplyParameters(self.reply_to, allow_sending_without_reply=True)
        )
        return {"chat_id": self.chat_id, "message_thread_id": self.thread, "reply_parameters": quoting}


@dataclass(eq=False)
class Sender:
    """One for a bot. All calls raise EdgeError.

    A new message is repeated only where it surely was not sent; edits are always harmless to repeat.
    """

    bot: ExtBot[Any]
    files: FaceFiles
    mends: Mends
    pace: Pace = field(default_factory=Pace)
    drafts: bool = True  # whether this server knows them
    _draftless: set[int] = field(default_factory=set)  # chats that refuse them
    _hushed: float = 0.0  # no drafts before this time of the loop: there were too many

    async def send(self, spot: Spot, page: Page, markup: Markup | ForceReply = None) -> int:
        """A new text; its number."""

        async def call(text: str, mode: str | None) -> Message:
            return await self.bot.send_message(
                text=text,
                parse_mode=mode,
                reply_markup=markup,
                link_preview_options=NO_PREVIEW,
                **spot.fields,
            )

        return (await self._once(spot.chat_id, page, call)).message_id

    async def send_face(self, spot: Spot, face: Face, page: Page | None, markup: Markup = None) -> int:
        """A new picture or animation with a text under it; its number."""
        sending = self.bot.send_animation if face.kind == "gif" else self.bot.send_photo
        kind = "animation" if face.kind == "gif" else "photo"

        async def put(file: str | bytes) -> Message:
            async def call(text: str, mode: str | None) -> Message:
                fields = {**spot.fields, kind: file, "filename": FACE_FILES[face.kind]}
                sent: Message = await sending(caption=text, parse_mode=mode, reply_markup=markup, **fields)
                return sent

            return await self._once(spot.chat_id, page, call)

        return (await self._known(face, put)).message_id

    async def change(self, chat_id: int, number: int, page: Page, markup: Markup) -> None:
        """Another text."""

        async def call(text: str, mode: str | None) -> object:
            return await self.bot.edit_message_text(
                text, chat_id, number, parse_mode=mode, reply_markup=markup, link_preview_options=NO_PREVIEW
            )

        await self._again(chat_id, page, call)

    async def change_caption(self, chat_id: int, number: int, page: Page | None, markup: Markup) -> None:
        """Another text under the picture that stands there."""

        async def call(text: str, mode: str | None) -> object:
            return await self.bot.edit_message_caption(
                chat_id, number, caption=text, parse_mode=mode, reply_markup=markup
            )

        await self._again(chat_id, page, call)

    async def change_face(
        self, chat_id: int, number: int, face: Face, page: Page | None, markup: Markup
    ) -> None:  # fmt: skip
        """A picture, or another one, with the text under it."""
        made = InputMediaAnimation if face.kind == "gif" else InputMediaPhoto

        async def put(file: str | bytes) -> Message | None:
            async def call(text: str, mode: str | None) -> object:
                media = made(file, caption=text, parse_mode=mode, filename=FACE_FILES[face.kind])
                return await self.bot.edit_message_media(media, chat_id, number, reply_markup=markup)

            done = await self._again(chat_id, page, call)
            return done if isinstance(done, Message) else None

        await self._known(face, put)

    async def delete(self, chat_id: int, number: int) -> None:
        """Take a message away."""
        await trying(lambda: self.bot.delete_message(chat_id, number))

    def drafts_in(self, chat_id: int) -> bool:
        """Whether what is being written can be shown as a draft."""
        return self.drafts and chat_id > 0 and chat_id not in self._draftless

    async def draft(self, chat_id: int, number: int, page: Page | None, thread: int | None) -> None:
        """Show what is being written, for thirty seconds; without a page it says »Thinking …«.

        Not tried again: the next one comes soon. A refusal is remembered, :meth:`drafts_in` tells.
        """

        async def call(text: str, mode: str | None) -> object:
            return await self.bot.send_message_draft(
                chat_id,
                number,
                text,
                message_thread_id=thread,
                parse_mode=mode,
                api_kwargs={"can_stop": True},
            )

        now = asyncio.get_running_loop().time()
        if now < self._hushed:
            raise BusyError("too many drafts")
        try:
            await self._written(page, lambda text, mode: trying(lambda: call(text, mode), ()))
        except BusyError as err:
            self._hushed = now + (asked(err.__cause__) if err.__cause__ is not None else 0.0)
            raise
        except UnknownMethodError:
            self.drafts = False
            raise
        except EdgeError as err:
            if type(err) is EdgeError:  # a refusal that says nothing else
                self._draftless.add(chat_id)
            raise

    async def typing(self, chat_id: int, thread: int | None) -> None:
        """»is typing …«, for five seconds. Whatever fails, nothing is lost."""

        try:
            await trying(
                lambda: self.bot.send_chat_action(chat_id, ChatAction.TYPING, message_thread_id=thread), ()
            )
        except EdgeError as err:
            log.info("no typing in %s: %s", chat_id, type(err).__name__)

    async def _once(self, chat_id: int, page: Page | None, call: Callable[..., Awaitable[T]]) -> T:
        await self.pace.turn(chat_id)
        return await self._written(
            page, lambda text, mode: trying(lambda: call(text, mode), passing=BusyError)
        )

    async def _again(self, chat_id: int, page: Page | None, call: Callable[..., Awaitable[T]]) -> T | None:
        await self.pace.turn(chat_id)
        try:
            return await self._written(page, lambda text, mode: trying(lambda: call(text, mode)))
        except SameError:
            return None

    async def _written(self, page: Page | None, call: Callable[[str, str | None], Awaitable[T]]) -> T:
        """With the text as HTML, or as plain text where Telegram does not take that."""
        if page is None:
            return await call("", None)
        try:
            return await call(page.html, ParseMode.HTML)
        except UnparsableError:
            self.mends.once("HTML not taken", 0, "a text was sent without formatting; please report it")
            return await call(page.plain, None)

    async def _known(self, face: Face, put: Callable[[str | bytes], Awaitable[T]]) -> T:
        """Sent by its id where Telegram has the picture, else its bytes."""
        known = await self.files.known(face)
        if known is not None:
            try:
                return await put(known)
            except WrongFileError:
                await self.files.drop(face)
        sent = await put(face.data)
        if isinstance(sent, Message) and (file_id := _file_of(sent)):
            await self.files.learn(face, file_id)
        return sent


def _file_of(message: Message) -> str | None:
    """The id of the picture or animation of a message."""
    if message.animation is not None:
        return message.animation.file_id
    return message.photo[-1].file_id if message.photo else None
