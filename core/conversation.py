"""The way of a message: gate, judge, recall, prompt, reply, express, face, remember, summarise.

One :class:`Conversation` serves everybody. Replies of one person come one after another, people do
not wait for each other, and what comes after the reply (face, memory, summary) never delays it.
Of a burst, messages that arrive before anything was shown are answered together.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from core.aftermath import Aftermath
from core.errors import HiddenError, OverloadedError, StoreError, UserFacingError, logged
from core.gate import Gate
from core.language import answer_language, chosen_language
from core.people import (
    Dropped,
    Event,
    Incoming,
    Lang,
    Merged,
    Notice,
    Owner,
    Place,
    PlaceKind,
    ReplyDone,
    ReplyPart,
    TurnEnd,
)
from core.phrases import phrase
from core.places import PlaceRules, SilentError, checked_zone
from core.ports import HistoryStore, Turn
from core.reply import ReplyMaker, ReplyPlan
from core.turns import Line, WorkingTurn, take_back

log = logging.getLogger(__name__)

MEASURED = 500  # the newest replies whose times are kept for the status
SIDE_WAIT_S = 2.0  # memory and summary of the last turn are awaited so long before the next recall


@dataclass
class Conversation:
    """Wires the steps together; build one in ``bot/wiring.py`` and close it with :meth:`drain`."""

    gate: Gate
    maker: ReplyMaker
    aftermath: Aftermath
    history: HistoryStore
    rules: PlaceRules | None = None
    reply_ms: deque[float] = field(default_factory=lambda: deque(maxlen=MEASURED))
    _lines: dict[Owner, Line] = field(default_factory=dict)
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _told: set[tuple[str, str]] = field(default_factory=set)

    @property
    def working(self) -> int:
        """How many turns are under way."""
        return len(self._running)

    async def respond(self, incoming: Incoming) -> AsyncIterator[Event]:
        """Events of one turn, in the order in which they happen.

        The turn runs to its end even when the caller stops listening.
        """
        async for event in self._turn(WorkingTurn(incoming)):
            yield event

    async def redo(self, incoming: Incoming) -> AsyncIterator[Event]:
        """Answer a message again (its source was edited, or "try again"), with the same message id.

        The old turn is gone first, and what was learned from it unless nothing shall be learned now: of the
        same words the person may have changed it. The old reply is not repeated. Of a burst it is the newest
        message, which carries the reply, that can be answered again.
        """
        before, keep = "", not incoming.learns
        line = self._lines.get(incoming.owner, Line())
        if keep and not await line.learned(incoming.id, SIDE_WAIT_S):
            incoming = replace(incoming, learns=True)  # it is cut off now
        try:
            before, _ = await self._take_back(incoming.owner, incoming.id, keep=keep)
        except StoreError as err:
            log.warning("old turn %s stays: %s", incoming.id, logged(err))
        async for event in self._turn(WorkingTurn(incoming, before)):
            yield event

    async def retract(self, owner: Owner, message_id: str) -> dict[str, int]:
        """The source was deleted: its turn, summary and facts go, and nothing of it is written later.

        Of a burst that is not answered yet the other messages still get their reply. Counts of
        "turns" and "memories". Raises StoreError.
        """
        _, counts = await self._take_back(owner, message_id, keep=False)
        return counts

    async def reword(self, incoming: Incoming) -> None:
        """A source that keeps its reply has other words: learn from these instead. Raises HiddenError."""
        owner, epoch = incoming.owner, await self.maker.recall.epoch(incoming.owner)
        kept = await self.history.turn(owner, incoming.id)
        if kept is None or kept.text == incoming.text:
            return
        await self.aftermath.memories.delete_source(owner, kept.message_id)
        if not kept.joined and await self.history.reword(owner, incoming.id, incoming.text):  # no burst
            turn = WorkingTurn(replace(incoming, at=kept.at))
            lang = await self._prepare(turn, self._lines.setdefault(owner, Line()))
            with suppress(UserFacingError, SilentError):
                plan = await self.maker.reread(turn, await self._admitted(turn), lang)
                await self.aftermath.learn(turn, replace(plan, epoch=epoch), [])

    def stop(self, owner: Owner, message_id: str) -> bool:
        """End a turn that is still being written; False when there is nothing to end.

        Its listener gets Dropped. What was shown stays.
        """
        writing = [t for t in self._turns(owner) if t.answers(message_id) and not t.visible]
        for turn in writing:
            turn.cancel()
        return bool(writing)

    async def drop_in(self, person: str, group: str) -> bool:
        """End a person's work in flight in one group and its hidden channels, nowhere else.

        Whether there was any.
        """
        inside = Place(PlaceKind.GROUP, group).scope
        ended: set[asyncio.Task[None]] = set()
        for owner in [owner for owner in self._lines if owner.person == person]:
            if owner.scope == inside or owner.scope.startswith(f"{inside}/"):
                ended |= {turn.task for turn in self._turns(owner) if turn.task is not None}
                self._lines.pop(owner).cancel()
        if ended:
            await asyncio.wait(ended)
        return bool(ended)

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
        self._told = {told for told in self._told if told[0] != person}
        self.gate.forget(person)
        self.maker.cancel(person)
        if self.rules is not None:
            self.rules.forget(person)

    def _turns(self, owner: Owner) -> list[WorkingTurn]:
        return list(self._lines.get(owner, Line()).turns)

    async def _turn(self, turn: WorkingTurn) -> AsyncIterator[Event]:
        line = self._lines.setdefault(turn.incoming.owner, Line())
        line.arrive(turn)
        self._start(turn, line)
        while (event := await turn.events.get()) is not None:
            yield event

    def _start(self, turn: WorkingTurn, line: Line) -> None:
        turn.task = asyncio.create_task(self._run(turn, line))
        self._running.add(turn.task)
        turn.task.add_done_callback(lambda task: self._ended(task, turn, line))

    async def _take_back(self, owner: Owner, message_id: str, keep: bool) -> tuple[str, dict[str, int]]:
        """End and erase the turn that answers a message, and its facts unless to ``keep``; reply, counts."""
        ended = take_back(self._turns(owner), message_id)
        if ended:  # so that no write of theirs begins after the erasure
            await asyncio.wait(ended)
        gone = await self.history.drop_turn(owner, message_id)
        source, facts = gone.message_id if gone else message_id, 0
        if not keep:
            facts = await self.aftermath.memories.delete_source(owner, source)
        reply = "".join(ended.values()) or (gone.reply if gone else "")
        return reply, {"turns": int(gone is not None), "memories": facts}

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
        if task.cancelled() and turn.again:
            turn.again = False
            self._start(turn, line)
            return
        if task.cancelled():
            turn.emit(Merged() if turn.merged else Dropped())
        elif error := task.exception():
            log.error("turn %s broke: %s", turn.incoming.id, logged(error))
        line.leave(turn)
        turn.close()

    async def _reply(self, turn: WorkingTurn, line: Line) -> ReplyPlan | None:
        """Steps 1 to 5; None when the answer is a fixed phrase that needs no aftermath."""
        lang = await self._prepare(turn, line)
        try:
            plan = await self.maker.plan(turn, await self._admitted(turn), lang)
        except SilentError:
            turn.emit(Dropped())
            return None
        except UserFacingError as err:
            self._say(turn, line, phrase(err.phrase, lang, **err.values), lang, "phrase")
            return None
        except OverloadedError:
            self._say(turn, line, phrase("busy", lang), lang, "phrase")
            return None
        except Exception as err:  # edge of a turn: silence is never the answer
            log.warning("reply failed for %s: %s", turn.incoming.id, logged(err))
            self._say(turn, line, phrase("failed", lang), lang, "phrase")
            return None
        for missing in plan.missing:
            self._tell_once(turn, missing, lang)
        self._say(turn, line, plan.reply, lang, plan.origin, plan)
        await self._keep(turn, plan, lang)
        return plan

    async def _admitted(self, turn: WorkingTurn) -> str:
        """What she reads. Raises UserFacingError or SilentError."""
        said, now = turn.incoming, turn.clock()
        if self.rules is not None:
            await self.rules.admit(said, turn.here, turn.text, now)
        return self.gate.admit(said.person.id, turn.text, now, said.place.group, turn.here.limit)

    async def _prepare(self, turn: WorkingTurn, line: Line) -> Lang:
        """What holds for this person in this place: settings, time zone, and the language."""
        incoming = turn.incoming
        choices: dict[str, str] = {}
        try:
            if self.rules is not None:
                turn.here = await self.rules.settings(incoming.place.group)
            choices = await self.history.choices(incoming.person.id)
        except Exception as err:  # side act: the script of the message tells the language too
            log.warning("no choices for %s: %s", incoming.id, logged(err))
        zone = checked_zone(choices.get("timezone", ""))
        turn.zone = ZoneInfo(zone) if zone else turn.here.zone
        lang = answer_language(
            turn.text, chosen=incoming.lang or chosen_language(choices), last=line.last_lang,
            locale=turn.here.language or incoming.locale,
        )  # fmt: skip
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
        turn.reply = text
        if plan is not None:
            self.reply_ms.append(turn.timings["reply"])
        turn.emit(ReplyDone(text, lang, origin, plan.recalled if plan else ()))

    async def _keep(self, turn: WorkingTurn, plan: ReplyPlan, lang: Lang) -> None:
        now = turn.incoming.at
        try:
            joined = tuple(turn.earlier)
            kept = Turn(turn.incoming.id, plan.text, plan.reply, "", lang, now, joined=joined)
            await self.history.add_turn(turn.incoming.owner, kept, plan.epoch)
        except HiddenError as err:
            log.warning("turn %s not kept: %s", turn.incoming.id, logged(err))
            self._tell_once(turn, "no_memory", lang)

    async def _after(self, turn: WorkingTurn, line: Line, plan: ReplyPlan) -> None:
        face = asyncio.create_task(self.aftermath.show(turn, plan, line))
        side = asyncio.create_task(self.aftermath.remember(turn, plan))
        line.side.add(side)
        side.add_done_callback(line.side.discard)
        for result in await asyncio.gather(face, side, return_exceptions=True):
            if isinstance(result, BaseException):  # one side act's bug is not the other's
                log.error("after %s: %s", turn.incoming.id, logged(result))
                continue
            for missing in result:
                self._tell_once(turn, missing, plan.lang)

    def _tell_once(self, turn: WorkingTurn, missing: str, lang: Lang) -> None:
        key = (turn.incoming.person.id, missing)
        if key not in self._told:
            self._told.add(key)
            turn.emit(Notice(phrase(missing, lang)))
