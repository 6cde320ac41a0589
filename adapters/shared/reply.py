"""One reply on its way: what happens in a turn becomes one message that grows, on every platform.

:class:`Reply` decides *what* the message shall look like now (a :class:`Draft`); the adapter's
:class:`Surface` makes the platform show it, in its :class:`Manner`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

from adapters.shared.doors import Doors
from adapters.shared.drafts import THINKING, Draft, Face, Key, Manner, Surface, Typing
from adapters.shared.greeting import first_contact
from adapters.shared.growing import Growing
from adapters.shared.texts import expression_words, text
from core.errors import EdgeError, StoreError, logged
from core.language import answer_language
from core.people import (
    Dropped,
    Event,
    FaceReady,
    Incoming,
    MemoryDone,
    Merged,
    Notice,
    ReplyDone,
    ReplyPart,
    TurnEnd,
)
from core.phrases import phrase

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Reply:
    """Follows the events of a turn and shows them on a surface.

    The same object goes on when its message is answered again while the first answer is under way:
    the newer events win, the older ones are read to their end and not shown.

    ``typing`` shows once that she is typing. It is awaited, never cancelled, and deals with its own
    failures: whatever it raises ends the turn's typing signal and is logged as a bug.
    """

    doors: Doors
    incoming: Incoming
    surface: Surface
    manner: Manner
    faces: bool = True  # the group wants pictures
    greets: bool = True
    typing: Typing | None = None
    leaving: bool = False  # the program ends
    stopped: bool = False  # by the button
    draft: Draft = field(init=False)
    _growing: Growing[Draft] = field(init=False)
    _turn: object = None
    _over: Event | None = None
    _recalled: tuple[int, ...] = ()
    _noted: tuple[object, ...] = ()
    _placeholder: bool = False
    _following: int = 0
    _shown: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: set[asyncio.Task[None]] = field(default_factory=set)  # until something is shown
    _greeting: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        said = self.incoming
        lang = answer_language(said.text, chosen=said.lang, last=None, locale=said.locale)
        self.draft = Draft("", lang)
        self._growing = Growing(self, self.manner.edit_every_s, sent=self.surface.stands)

    @property
    def busy(self) -> bool:
        """Whether a turn is being shown."""
        return self._following > 0

    @property
    def written(self) -> bool:
        """Whether the whole text is known."""
        return self.draft.written

    async def follow(self, events: AsyncIterator[Event]) -> None:
        """Show everything until the turn and the last edit are done."""
        turn = self._turn = object()
        self._following += 1
        try:
            await self._follow(turn, events)
        finally:
            self._following -= 1

    async def _follow(self, turn: object, events: AsyncIterator[Event]) -> None:
        self._over, self.stopped, self._placeholder = None, False, False
        self.draft = Draft("", self.draft.lang)
        self._shown.clear()
        for work in (self._type(), self._think()):
            task = asyncio.create_task(work)
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)
        try:
            async for event in events:
                if self._turn is turn:  # else it is being answered anew: read on, show nothing
                    self._on(event)
        finally:
            if self._turn is turn:
                self._end()
                self._quiet()
        if self._turn is turn:
            await self._settle()

    async def say(self, line: str) -> None:
        """A fixed line in place of a turn."""
        self._put(replace(self.draft, text=line))
        await self._settle()

    async def send(self, state: Draft) -> None:
        """Growing's port."""
        await self.edit(state)

    async def edit(self, state: Draft) -> None:
        """Growing's port: show it, and note which messages carry it."""
        try:
            await self.surface.edit(state)
        finally:
            self._growing.sent = self.surface.stands  # also when a later page failed
        noted = (self.surface.ids, self._recalled)
        if noted == self._noted:
            return
        try:
            await self.doors.deliveries.shown(
                self.incoming.id, str(self.surface.channel_id), self.surface.ids, self._recalled
            )
            self._noted = noted
        except StoreError as err:
            log.warning("reply to %s not noted: %s", self.incoming.id, logged(err))

    def _on(self, event: Event) -> None:
        draft = self.draft
        match event:
            case ReplyPart():
                self._show(replace(draft, text=f"{draft.text} {event.text}".strip(), keys=(Key.STOP,)))
            case ReplyDone():
                self._recalled = tuple(memory.id for memory in event.recalled)
                fixed = event.origin == "phrase"
                keys = (Key.AGAIN,) if fixed else (Key.AGAIN, Key.WHY)
                self._show(replace(draft, text=event.text, lang=event.lang, keys=keys))
                if not fixed:
                    self._greet()
            case FaceReady(expression, bytes() as picture) if self.faces:
                words = expression_words(expression.eyes, expression.mouth, expression.pose, draft.lang)
                face = Face(picture, text("face_alt", draft.lang, words=words), event.kind)
                self._show(replace(draft, face=face))
            case MemoryDone() if event.learned:
                self._greet()  # whoever is remembered knows it, also when only a phrase was said
            case Notice():
                self._show(replace(draft, notes=(*draft.notes, event.text)))
            case Merged() | Dropped():
                self._over = event
            case FaceReady() | MemoryDone() | TurnEnd():
                pass

    def _show(self, draft: Draft) -> None:
        if self.manner.streams or draft.written:
            self._put(draft)
        else:
            self.draft = draft

    def _put(self, draft: Draft) -> None:
        self._quiet()
        self.draft = draft
        self._growing.show(draft)

    def _end(self) -> None:
        """The turn is over: silence is never the answer, and nothing half stays."""
        draft = self.draft
        if self.written or isinstance(self._over, Merged):
            return
        if draft.text:  # cut off in the middle: what was shown stays
            self._put(replace(draft, keys=(Key.AGAIN,)))
        elif self.stopped or self.leaving:
            line = phrase("stopped" if self.stopped else "leaving", draft.lang)
            self._put(replace(draft, text=line, keys=(Key.AGAIN,)))
        elif self._over is None:
            log.error("no reply for %s", self.incoming.id)
            self._put(replace(draft, text=phrase("failed", draft.lang), keys=(Key.AGAIN,)))

    async def _settle(self) -> None:
        try:
            if self._greeting is not None:
                await self._greeting
            await self._growing.settle()
            if self._placeholder and not self.draft.text:
                await self.surface.clear()
        except EdgeError as err:
            log.warning("reply to %s not shown: %s %s", self.incoming.id, type(err).__name__, err)

    def _greet(self) -> None:
        if self.greets:
            self.greets = False
            self._greeting = asyncio.create_task(self._introduce())

    async def _introduce(self) -> None:
        """Two lines at first contact, under the first reply."""
        person, lang = self.incoming.person, self.draft.lang
        told = await first_contact(self.doors.history, person, lang, self.manner.greeting)
        if told:
            self._show(replace(self.draft, notes=(*self.draft.notes, *told)))

    async def _type(self) -> None:
        """»is typing …« until something is shown.

        A request is never cancelled: during a global rate limit that would leave discord.py waiting
        for its end for ever.
        """
        if self.typing is None:
            return
        while not self._shown.is_set():
            await self.typing()
            await self._pause(self.manner.typing_every_s)

    async def _think(self) -> None:
        """A message to stop, when it takes long."""
        if self.manner.thinking_s is None:
            return
        await self._pause(self.manner.thinking_s)
        if not self._shown.is_set():
            self._placeholder = True
            self._growing.show(replace(self.draft, text=THINKING, keys=(Key.STOP,)))

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._shown.wait(), seconds)

    def _quiet(self) -> None:
        self._shown.set()
