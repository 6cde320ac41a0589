"""One person at the terminal: messages and commands in, what happens shown on a view."""

from __future__ import annotations

import asyncio
import logging
import math
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from adapters.console.faces import FaceFolder
from adapters.console.views import TurnRecord, View
from adapters.shared.answers import Answer
from adapters.shared.commands import Commands
from adapters.shared.greeting import first_contact
from adapters.shared.memories import asked
from adapters.shared.texts import text
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
    Owner,
    Person,
    ReplyDone,
    ReplyPart,
    Scores,
    TurnEnd,
)  # fmt: skip
from core.phrases import phrase
from core.ports import Clock

log = logging.getLogger(__name__)

SETTLE_S: Final = 10.0
_SURE: Final = ("yes", "here yes", "everywhere yes")  # after /forget


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
    _listening: set[asyncio.Task[None]] = field(default_factory=set)

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
        if line.startswith("/"):
            return await self._command(line.split())
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

    async def _command(self, words: list[str]) -> Outcome:
        name, rest, lang = words[0].lower(), words[1:], self.lang()
        if name == "/quit":
            await self.goodbye()
            return Outcome.QUIT
        handlers: dict[str, Callable[[list[str], Lang], Awaitable[Answer]]] = {
            "/help": self._help, "/memory": self._memory, "/forget": self._forget, "/reset": self._reset,
            "/face": self._face,
        }  # fmt: skip
        handler = handlers.get(name)
        if handler is None:
            self.view.told(phrase("unknown_command", lang))
            return Outcome.GO_ON
        erases = name == "/forget" and " ".join(rest) in _SURE
        if erases:  # so that no picture is saved after the others are gone
            self.commands.conversation.drop(self.person.id)
        await self.settle()  # the list shows what was just learned
        answer = await handler(rest, lang)
        self.view.told(answer.text)
        if answer.document is not None:
            self.view.told(answer.document)
        for png in (*([answer.png] if answer.png is not None else []), *answer.sheets):
            self.view.picture(await asyncio.to_thread(self.faces.save, png), png)
        return Outcome.FORGOTTEN if erases and answer.done else Outcome.GO_ON

    @property
    def _owner(self) -> Owner:
        return Owner(self.person.id, DIRECT.scope)

    async def _help(self, rest: list[str], lang: Lang) -> Answer:
        return Answer(text("help_console", lang))

    async def _reset(self, rest: list[str], lang: Lang) -> Answer:
        return await self.commands.reset(self._owner, lang)

    async def _memory(self, rest: list[str], lang: Lang) -> Answer:
        what = asked(" ".join(rest))
        if what is None:
            usage = "/memory [list | search WORDS | edit ID WORDS | delete ID | pin ID | export | off | on]"
            return Answer(text("wrong_use", lang, usage=usage), done=False)
        return await self.commands.memory.do(self._owner, what, lang)

    async def _forget(self, rest: list[str], lang: Lang) -> Answer:
        match rest:
            case [] | ["here" | "everywhere"]:
                return await self.commands.forget_ask(self._owner, lang)
            case _ if " ".join(rest) in _SURE:
                pictures = await asyncio.to_thread(self.faces.forget)
                answer = await self.commands.forget(self._owner, rest[0] == "everywhere", lang)
                said = text("forgot_pictures", lang, count=pictures) if pictures else ""
                return replace(answer, text="\n".join(filter(None, (answer.text, said))))
        return Answer(text("wrong_use", lang, usage="/forget [here | everywhere] [yes]"), done=False)

    async def _face(self, rest: list[str], lang: Lang) -> Answer:
        match rest:
            case [] | ["show"]:
                return await self.commands.face_show(self._owner, lang)
            case ["choose"]:
                return await self.commands.face_gallery(lang)
            case ["choose", *words]:
                return await self.commands.face_choose(self._owner, " ".join(words), lang)
            case ["hair", *words] if words:
                return await self.commands.face_hair(self._owner, " ".join(words), lang)
            case ["on" | "off" as switch]:
                return await self.commands.face_switch(self._owner, switch == "on", lang)
            case ["on", "still" | "animated" as picture]:
                return await self.commands.face_switch(self._owner, True, lang, picture)
            case ["express", eyes, mouth, pose]:
                scores = parse_scores(eyes, mouth, pose)
                if scores is not None:
                    return await self.commands.face_show(self._owner, lang, scores)
        usage = (
            "/face [show | choose [NUMBER | NAME] | hair COLOUR | off | on [still | animated]"
            " | express EYES MOUTH POSE]"
        )
        return Answer(text("wrong_use", lang, usage=usage), done=False)


def parse_scores(eyes: str, mouth: str, pose: str) -> Scores | None:
    """Three numbers in [-1, 1]; None for anything else."""
    try:
        numbers = [float(part) for part in (eyes, mouth, pose)]
    except ValueError:
        return None
    if not all(math.isfinite(number) and abs(number) <= 1 for number in numbers):
        return None
    return Scores(*numbers)
