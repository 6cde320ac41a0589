"""The way of a message: gate, judge, recall, prompt, reply, express, face, remember, summarise.

One :class:`Conversation` serves everybody. Replies of one person come one after another, people do
not wait for each other, and what comes after the reply (face, memory, summary) never delays it.
Of a burst, messages that arrive before anything was shown are answered together.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from core.aftermath import Aftermath
from core.errors import HiddenError, OverloadedError, UserFacingError
from core.gate import Gate
from core.language import answer_language
from core.people import (
    Dropped,
    Event,
    Incoming,
    Lang,
    Merged,
    Notice,
    Owner,
    ReplyDone,
    ReplyPart,
    TurnEnd,
)
from core.phrases import phrase
from core.ports import HistoryStore, Turn
from core.reply import ReplyMaker, ReplyPlan
from core.turns import Line, WorkingTurn

log = logging.getLogger(__name__)

SIDE_WAIT_S = 2.0  # memory and summary of the last turn are awaited so long before the next recall


@dataclass
class Conversation:
    """Wires the steps together; build one in ``bot/wiring.py`` and close it with :meth:`drain`."""

    gate: Gate
    maker: ReplyMaker
    aftermath: Aftermath
    history: HistoryStore
    _lines: dict[Owner, Line] = field(default_factory=dict)
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _told: set[tuple[str, str]] = field(default_factory=set)

    async def respond(self, incoming: Incoming) -> AsyncIterator[Event]:
        """Events of one turn, in the order in which they happen.

        The turn runs to its end even when the caller stops listening.
        """
        line = self._lines.setdefault(incoming.owner, Line())
        turn = WorkingTurn(incoming)
        line.arrive(turn)
        turn.task = asyncio.create_task(self._run(turn, line))
        self._running.add(turn.task)
        turn.task.add_done_callback(lambda task: self._ended(task, turn, line))
        while (event := await turn.events.get()) is not None:
            yield event

    async def drain(self, timeout: float = 10.0) -> bool:
        """Let every running turn finish its jobs; False when some had to be cut off."""
        if not self._running:
            return True
        _, late = await asyncio.wait(self._running, timeout=timeout)
        for task in late:
            task.cancel()
        return not late

    def drop(self, person: str) -> None:
        """Cancel a person's work in flight and forget what is held in memory about her or him."""
        for owner in [owner for owner in self._lines if owner.person == person]:
            self._lines.pop(owner).cancel()
        self.gate.forget(person)
        self.maker.cancel(person)

    async def _run(self, turn: WorkingTurn, line: Line) -> None:
        async with line.lock:
            await line.side_done(SIDE_WAIT_S)
            plan = await self._reply(turn, line)
        if plan is not None:
            await self._after(turn, line, plan)
        turn.emit(TurnEnd(turn.timings))

    def _ended(self, task: asyncio.Task[None], turn: WorkingTurn, line: Line) -> None:
        """Runs however the task ends, also when it was cancelled before its first step."""
        self._running.discard(task)
        if task.cancelled():
            turn.emit(Merged() if turn.merged else Dropped())
        elif error := task.exception():
            log.error("turn %s broke: %s", turn.incoming.id, type(error).__name__)
        line.leave(turn)
        turn.close()

    async def _reply(self, turn: WorkingTurn, line: Line) -> ReplyPlan | None:
        """Steps 1 to 5; None when the answer is a fixed phrase that needs no aftermath."""
        lang = await self._language(turn, line)
        try:
            text = self.gate.admit(turn.incoming.person.id, turn.text, turn.clock())
            plan = await self.maker.plan(turn.incoming, text, lang, line)
        except UserFacingError as err:
            self._say(turn, line, phrase(err.phrase, lang, **err.values), lang, "phrase")
            return None
        except OverloadedError:
            self._say(turn, line, phrase("busy", lang), lang, "phrase")
            return None
        except Exception as err:  # edge of a turn: silence is never the answer
            log.warning("reply failed for %s: %s", turn.incoming.id, type(err).__name__)
            self._say(turn, line, phrase("failed", lang), lang, "phrase")
            return None
        for missing in plan.missing:
            self._tell_once(turn, missing, lang)
        self._say(turn, line, plan.reply, lang, plan.origin, plan)
        await self._keep(turn, plan, lang)
        return plan

    async def _language(self, turn: WorkingTurn, line: Line) -> Lang:
        incoming = turn.incoming
        chosen = incoming.lang
        if chosen is None:
            try:
                value = (await self.history.choices(incoming.person.id)).get("language", "")
                chosen = "ko" if value == "ko" else "en" if value == "en" else None
            except Exception as err:  # side act: the script of the message answers it too
                log.warning("no choices for %s: %s", incoming.id, type(err).__name__)
        lang = answer_language(turn.text, chosen=chosen, last=line.last_lang, locale=incoming.locale)
        line.last_lang = lang
        return lang

    def _say(
        self, turn: WorkingTurn, line: Line, text: str, lang: Lang, origin: str, plan: ReplyPlan | None = None
    ) -> None:
        turn.mark("first_token")
        for part in self.maker.parts(text):
            turn.emit(ReplyPart(part))
        line.shown(turn)
        turn.mark("reply")
        turn.emit(ReplyDone(text, lang, origin, plan.recalled if plan else ()))

    async def _keep(self, turn: WorkingTurn, plan: ReplyPlan, lang: Lang) -> None:
        now = turn.incoming.at
        try:
            kept = Turn(turn.incoming.id, plan.text, plan.reply, "", lang, now)
            await self.history.add_turn(turn.incoming.owner, kept, plan.epoch)
        except HiddenError as err:
            log.warning("turn %s not kept: %s", turn.incoming.id, type(err).__name__)
            self._tell_once(turn, "no_memory", lang)

    async def _after(self, turn: WorkingTurn, line: Line, plan: ReplyPlan) -> None:
        face = asyncio.create_task(self.aftermath.show(turn, plan, line))
        side = asyncio.create_task(self.aftermath.remember(turn, plan))
        line.side.add(side)
        side.add_done_callback(line.side.discard)
        for result in await asyncio.gather(face, side, return_exceptions=True):
            if isinstance(result, BaseException):  # one side act's bug is not the other's
                log.error("after %s: %s", turn.incoming.id, type(result).__name__)
                continue
            for missing in result:
                self._tell_once(turn, missing, plan.lang)

    def _tell_once(self, turn: WorkingTurn, missing: str, lang: Lang) -> None:
        key = (turn.incoming.person.id, missing)
        if key not in self._told:
            self._told.add(key)
            turn.emit(Notice(phrase(missing, lang)))

