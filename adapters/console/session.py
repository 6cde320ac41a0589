"""One person at the terminal: messages and commands in, what happens shown on a view."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from adapters.console.commands import TypedCommands, agrees, erases, question
from adapters.console.faces import FaceFolder
from adapters.console.views import TurnRecord, View
from adapters.shared.answers import Answer
from adapters.shared.commands import Commands
from adapters.shared.greeting import first_contact
from adapters.shared.profile import language_of
from core.errors import StoreError, logged
from core.language import answer_language
from core.people import (
    DIRECT,
    Dropped,
    Event,
    FaceReady,
    Incoming,
    Lang,
    MemoryDone,
    Merged,
    Notice,
    Person,
    Recalled,
    ReplyDone,
    ReplyPart,
    TurnEnd,
)  # fmt: skip
from core.phrases import phrase
from core.ports import Clock

log = logging.getLogger(__name__)

SETTLE_S: Final = 10.0


class Until(Enum):
    """How far a turn must be before the next line is read."""

    REPLY = "reply"
    FACE = "face"
    END = "end"


class Outcome(Enum):
    """What a line was, for whoever reads the lines."""

    GO_ON = "go on"
    FORGOTTEN = "forgotten"
    QUIT = "quit"


@dataclass
class _Listening:
    record: TurnRecord
    until: Until
    replied: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    merged: bool = False

    def reach(self, point: Until) -> None:
        self.replied.set()
        if point is self.until or point is Until.END:
            self.reached.set()


@dataclass
class Session:
    """A conversation with one person; all methods run on the event loop."""

    commands: Commands
    clock: Clock
    faces: FaceFolder
    view: View
    person: Person
    chosen: Lang | None = None
    locale: Lang | None = None
    _last: Lang | None = None
    _asked: str | None = None  # the command that a bare yes stands for: the line before asked
    _listening: set[asyncio.Task[None]] = field(default_factory=set)
    _battle: asyncio.Task[None] | None = None
    _watched: int = 0

    def lang(self, said: str = "") -> Lang:
        """The language for fixed texts."""
        return answer_language(said, chosen=self.chosen, last=self._last, locale=self.locale)

    async def greet(self, said: str = "") -> None:
        """The two lines of first contact, once for each person."""
        for line in await first_contact(self.commands.history, self.person, self.lang(said)):
            self.view.told(line)

    async def take(self, line: str, until: Until, *, patience: float | None = None) -> Outcome:
        """A message or a command; returns when its turn has come as far as ``until``.

        ``patience`` bounds the wait after that for a face (seconds).
        """
        asked, self._asked = self._asked, None
        if asked is not None and agrees(line):
            line = asked
        if line.startswith("/"):
            return await self._command(line)
        await self._say(line, until, patience)
        return Outcome.GO_ON

    async def goodbye(self) -> None:
        """Her goodbye."""
        self.view.told(phrase("goodbye", self.lang()))

    async def settle(self, seconds: float = SETTLE_S) -> None:
        """Wait for everything that follows the replies so far."""
        if self._listening:
            await asyncio.wait(set(self._listening), timeout=seconds)

    async def finish(self) -> bool:
        """Let the jobs of shown replies finish; False when some had to be cut off."""
        whole = await self.commands.conversation.drain(SETTLE_S)
        await self.settle(1.0)
        if self._battle is not None:
            self._battle.cancel()
        return whole

    async def _say(self, said: str, until: Until, patience: float | None) -> None:
        message_id = f"console-{uuid.uuid4().hex[:16]}"
        incoming = Incoming(message_id, self.person, DIRECT, said, self.clock.now(), self.chosen)
        listening = _Listening(TurnRecord(said, lang=self.lang(said)), until)
        self.view.waiting()
        task = asyncio.create_task(self._listen(incoming, listening))
        self._listening.add(task)
        task.add_done_callback(self._listening.discard)
        await listening.replied.wait()
        with suppress(TimeoutError):
            await asyncio.wait_for(listening.reached.wait(), patience)

    async def _listen(self, incoming: Incoming, listening: _Listening) -> None:
        record = listening.record
        try:
            async for event in self.commands.conversation.respond(incoming):
                await self._on(event, listening)
            if record.reply is None and not listening.merged:
                log.error("no reply for %s", incoming.id)
                record.reply = phrase("failed", record.lang)
                self.view.reply(record)
            if record.recalled and not listening.merged:  # nothing of a turn that was forgotten meanwhile
                await self._note(incoming, record.recalled)
        finally:
            self.view.ended(record)
            listening.reach(Until.END)

    async def _on(self, event: Event, listening: _Listening) -> None:
        record = listening.record
        match event:
            case ReplyPart():
                self.view.part(event.text, record.lang)
            case ReplyDone():
                record.reply, record.lang, record.recalled = event.text, event.lang, event.recalled
                self._last = event.lang
                self.view.reply(record)
                listening.reach(Until.REPLY)
            case FaceReady():
                record.expression, record.png = event.expression, event.picture
                if event.picture is not None:
                    record.face = await asyncio.to_thread(self.faces.save, event.picture, event.kind)
                self.view.face(record)
                listening.reach(Until.FACE)
            case MemoryDone():
                record.learned = event.learned
            case Notice():
                self.view.told(event.text)
            case TurnEnd():
                record.timings_ms = event.timings_ms
            case Merged() | Dropped():
                listening.merged = True

    async def _command(self, line: str) -> Outcome:
        name, *words = line.split()
        name, said = name.lower(), " ".join(words)
        lang = self.chosen or await language_of(self.commands.history, self.person.id, self.lang())
        if name == "/quit":
            await self.goodbye()
            return Outcome.QUIT
        handler = TypedCommands(self.commands, self.faces, self.person).handler(name)
        if handler is None:
            self.view.told(phrase("unknown_command", lang))
            return Outcome.GO_ON
        if erases(name, said):  # so that no picture is saved after the others are gone
            self.commands.conversation.drop(self.person.id)
        await self.settle()  # the list shows what was just learned
        self.view.waiting()
        answer = await handler(said, lang)
        self._asked = question(name, said) if answer.done else None
        if name == "/language" and answer.done:
            self.chosen = None  # what was said at the start holds no longer
        await self._show(answer)
        if name == "/battle" and answer.done:
            self._watch_battle(lang)
        return Outcome.FORGOTTEN if erases(name, said) and answer.done else Outcome.GO_ON

    def _watch_battle(self, lang: Lang) -> None:
        """Tell what happens in the person's battle, once."""
        found = TypedCommands(self.commands, self.faces, self.person).battles
        on = None if found is None else found.desk.battles.current(self.person.id)
        if found is not None and on is not None and on.id != self._watched:
            self._watched = on.id
            self._battle = asyncio.create_task(found.watch(on, self.view, lang))

    async def _show(self, answer: Answer) -> None:
        if answer.text:
            self.view.told(answer.text)
        for document in filter(None, (answer.readable, answer.document)):
            self.view.document(document)
        for png in (*([answer.png] if answer.png is not None else []), *answer.sheets):
            self.view.picture(await asyncio.to_thread(self.faces.save, png), png)

    async def _note(self, said: Incoming, recalled: Sequence[Recalled]) -> None:
        """Keep which memories a reply had before it, for "/why"."""
        store = self.commands.deliveries
        try:
            if store is not None and await store.claim(said.id, said.owner.person, said.owner.scope, said.at):
                await store.shown(said.id, "", (), tuple(memory.id for memory in recalled))
        except StoreError as err:
            log.warning("reply to %s not noted: %s", said.id, logged(err))
