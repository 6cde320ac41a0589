"""Where a reply stands on Telegram: drafts and a message in a private chat, one message in a group."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from telegram import Message

from adapters.shared.drafts import THINKING, Draft, Face, Key
from adapters.shared.edges import BusyError, GoneError, RefusedError, TooLargeError, UnsureError
from adapters.telegram_chat.buttons import keys_markup
from adapters.telegram_chat.doors import message_key, numbers_of
from adapters.telegram_chat.drafts import Preview
from adapters.telegram_chat.errors import KindError, MovedError, ShutError
from adapters.telegram_chat.sender import Markup, Sender, Spot
from adapters.telegram_chat.text import CAPTION_LIMIT, Page, pages
from adapters.telegram_chat.translate import topic_of
from core.errors import EdgeError
from core.people import Lang
from core.ports_places import Delivery

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """What one message shall look like; without a page it is a picture alone."""

    page: Page | None
    keys: tuple[Key, ...] = ()
    face: Face | None = None

    @property
    def captioned(self) -> bool:
        """Whether the text may stand under a picture."""
        return self.page is None or self.page.units <= CAPTION_LIMIT


@dataclass(frozen=True, slots=True)
class Standing:
    """One message of a reply, and what is known to stand in it (nothing: it is of an earlier answer)."""

    number: int
    look: Look | None = None
    pictured: bool | None = None


async def _nowhere(_old: int, _new: int) -> None:
    """Nobody wants to know."""


@dataclass(eq=False)
class ChatSurface:
    """Messages in a chat; ``source`` is the number of the message answered.

    What is still being written is a draft where the chat allows that, else one message that is
    edited. The text comes first: the face is put into the message that stands there, so that nobody
    waits for it, and the text is there when the picture is refused.

    ``undelivered`` tells that a text may not have arrived, ``shut`` that nothing can be written here
    any more; ``moved`` is called with the group's old and new id.
    """

    sender: Sender
    chat_id: int
    source: int
    thread: int | None = None
    standing: list[Standing] = field(default_factory=list)
    moved: Callable[[int, int], Awaitable[None]] = _nowhere
    undelivered: bool = False
    shut: bool = False
    _unknown: bool = False  # a message of unknown fate: no further one is sent
    _faceless: bool = False
    _quoting: bool = True
    _preview: Preview = field(init=False)

    def __post_init__(self) -> None:
        self._preview = Preview(self.sender, self.chat_id, self.source, self.thread)

    @classmethod
    def to(cls, sender: Sender, message: Message) -> ChatSurface:
        """For the first answer to a message."""
        return cls(sender, message.chat.id, message.message_id, topic_of(message))

    @classmethod
    def again(
        cls, sender: Sender, delivery: Delivery, thread: int | None = None, seen: Message | None = None
    ) -> ChatSurface:
        """For another answer in the messages of the first one; ``seen`` is the one with the buttons."""
        chat, source = numbers_of(delivery.message_id)
        there = [Standing(number) for at, number in map(numbers_of, delivery.replies) if at == chat]
        if seen is not None:
            known = Standing(seen.message_id, None, bool(seen.photo or seen.animation))
            there = [known if one.number == seen.message_id else one for one in there] or [known]
        return cls(sender, chat, source, thread, there)

    @property
    def channel_id(self) -> int:
        """The chat."""
        return self.chat_id

    @property
    def stands(self) -> bool:
        """Whether there is a message already."""
        return bool(self.standing)

    @property
    def ids(self) -> tuple[str, ...]:
        """The messages of the reply."""
        return tuple(message_key(self.chat_id, one.number) for one in self.standing)

    async def edit(self, draft: Draft) -> None:
        """Bring what stands there up to the draft."""
        if Key.STOP in draft.keys:
            await self._grow(draft)
            return
        self._preview.end()
        if draft.text:  # else only an aside is known yet
            await self._show(draft)

    async def clear(self) -> None:
        """Take everything away: there is nothing to say after all."""
        self._preview.end()
        for one in self.standing:
            await self.sender.delete(self.chat_id, one.number)
        self.standing.clear()

    async def _grow(self, draft: Draft) -> None:
        """What is not finished; a failure is not worth a second try, for more comes soon."""
        page = None if draft.text == THINKING else pages(draft.text)[-1]
        if not self.standing and await self._preview.show(page):
            return
        try:
            await self._show(draft)
        except EdgeError as err:
            if page is not None and self._unknown:
                raise
            log.info("%s not shown while it grew: %s", self.source, type(err).__name__)
            self._unknown = self.undelivered = False  # at worst, three dots stay

    async def _show(self, draft: Draft) -> None:
        # Who talks to her alone sees what is answered; a line that something failed carries its source,
        # so that "try again" finds the words.
        self._quoting = self.chat_id < 0 or Key.WHY not in draft.keys
        wanted = self._looks(draft)
        for index, look in enumerate(wanted):
            await self._bring(index, look, draft.lang)
        for one in self.standing[len(wanted) :]:
            await self._remove(one)
        del self.standing[len(wanted) :]

    def _looks(self, draft: Draft) -> list[Look]:
        found = [Look(page) for page in pages(draft.text, draft.notes)]
        face = None if self._faceless else draft.face
        last = Look(found[-1].page, draft.keys, face)
        if face is None or last.captioned:
            return [*found[:-1], last]
        return [*found[:-1], Look(last.page, draft.keys), Look(None, (), face)]

    async def _bring(self, index: int, wanted: Look, lang: Lang) -> None:
        there = self.standing[index] if index < len(self.standing) else None
        if there is not None and there.look == wanted:
            return
        markup = keys_markup(wanted.keys, self.source, lang)
        try:
            now = await self._put(there, wanted, markup)
        except (GoneError, ShutError, MovedError):
            raise
        except EdgeError as err:
            if _new_face(there, wanted) is None or (isinstance(err, UnsureError) and wanted.page is not None):
                self._explain(err)
                raise
            self._faceless = True  # the text is what matters
            self._explain_face(err)
            if wanted.page is None:
                return
            now = await self._put(there, Look(wanted.page, wanted.keys), markup)
        self.standing[index : index + 1] = [now]

    async def _put(self, there: Standing | None, wanted: Look, markup: Markup) -> Standing:
        if there is None:
            return await self._post(wanted, markup)
        try:
            pictured = await self._change(there, wanted, markup)
            return Standing(there.number, wanted, pictured)
        except MovedError as err:
            await self._move(err)  # the messages stay behind, and cannot be changed any more
            raise GoneError("moved") from err
        except KindError:
            pass  # a message with a picture cannot become one without
        except GoneError:
            if there.look is not None:
                raise  # someone deleted it while it was written: it does not come back
        now = await self._post(wanted, markup)
        await self._remove(there)
        return now

    async def _change(self, there: Standing, wanted: Look, markup: Markup) -> bool:
        """Change a message; whether it has a picture now."""
        chat, number, page = self.chat_id, there.number, wanted.page
        face = _new_face(there, wanted)
        if face is not None and wanted.captioned:
            await self.sender.change_face(chat, number, face, page, markup)
            return True
        if not there.pictured and page is not None:
            try:
                await self.sender.change(chat, number, page, markup)
                return False
            except KindError:
                if there.pictured is not None:
                    raise
        if not wanted.captioned or (page is None and not there.pictured):
            raise KindError("another kind")
        await self.sender.change_caption(chat, number, page, markup)
        return True

    async def _post(self, wanted: Look, markup: Markup) -> Standing:
        """A new message. It has no mark by which Telegram would know it again, so nothing that may
        have arrived is sent again.
        """
        if self._unknown:
            raise UnsureError("sent before, fate unknown")
        try:
            number = await self._sent(wanted, markup)
        except ShutError:
            self.shut = True
            raise
        except UnsureError as err:
            if wanted.page is not None:
                self.undelivered = True
                self._unknown = not isinstance(err, BusyError)
            raise
        if wanted.page is not None:
            self.undelivered = False
        return Standing(number, wanted, wanted.face is not None)

    async def _sent(self, wanted: Look, markup: Markup) -> int:
        try:
            return await self._sent_here(wanted, markup)
        except MovedError as err:
            await self._move(err)
            return await self._sent_here(wanted, markup)

    async def _sent_here(self, wanted: Look, markup: Markup) -> int:
        if wanted.page is None:
            spot = Spot(self.chat_id, self.thread, self.standing[-1].number if self.standing else None)
        else:
            quoted = self.source if self._quoting and not self.standing else None
            spot = Spot(self.chat_id, self.thread, quoted)
        if wanted.face is not None:
            return await self.sender.send_face(spot, wanted.face, wanted.page, markup)
        assert wanted.page is not None  # one of both is there  # noqa: S101
        return await self.sender.send(spot, wanted.page, markup)

    async def _remove(self, one: Standing) -> None:
        """Take a message away that is of no use any more; if that fails, it stays."""
        try:
            await self.sender.delete(self.chat_id, one.number)
        except EdgeError as err:
            log.info("%s stays: %s", message_key(self.chat_id, one.number), type(err).__name__)

    async def _move(self, err: MovedError) -> None:
        old, self.chat_id, self.thread = self.chat_id, err.chat_id, None
        self.standing.clear()
        await self.moved(old, err.chat_id)

    def _explain(self, err: EdgeError) -> None:
        if isinstance(err, RefusedError):
            self.sender.mends.once("may not write", self.chat_id, "let the bot send messages")

    def _explain_face(self, err: EdgeError) -> None:
        if isinstance(err, TooLargeError):
            self.sender.mends.once("face too large", self.chat_id, "smaller faces")
        elif isinstance(err, RefusedError):
            self.sender.mends.once("may not send her face", self.chat_id, "let the bot send photos and GIFs")
        else:
            self.sender.mends.once("face not taken", self.chat_id, type(err).__name__)


def _new_face(there: Standing | None, wanted: Look) -> Face | None:
    """The face that is still to be put there."""
    shown = there.look.face if there is not None and there.look is not None else None
    return None if wanted.face is shown else wanted.face
