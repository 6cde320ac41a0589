"""Steps 6 to 9, after the reply was shown: expression, face, memory, summary.

These are side acts: a failure is logged by ids, and what is missing is told once, but nothing here
can take back or delay a reply.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import exp, inf

from core.bearing import borne_out, is_plain, not_theirs
from core.clock import lived_day
from core.endings import may_end, settled
from core.errors import HiddenError, ModelError, StoreError, logged
from core.expression import by_rules, eased, express, parse_labels
from core.facts import Fact, plan_key, read_fact, typed_fact
from core.instructions import is_instruction, own_words, read_out
from core.memory import fits, is_grounded, is_key, parse_tags
from core.people import NEUTRAL, Expression, FaceReady, Learned, MemoryDone, Owner, PlaceKind, Scores
from core.ports import (
    Embedder,
    GenerateRequest,
    HistoryStore,
    LanguageModel,
    PortraitModel,
    Priority,
    Vector,
)
from core.ports_memory import MemoryStore, NewMemory
from core.prompt import NOTHING_TOLD, Exchange, PromptParts, Task, build_prompt
from core.release import sentences
from core.reply import LONGEST, Grounds, ReplyPlan
from core.telling import joined, repeats, told
from core.turns import Line, WorkingTurn

log = logging.getLogger(__name__)

MIN_CONFIDENCE = 0.25
LATEST = 3  # turns among which her last expression is looked for; the newest has none yet
EASE = 2.0  # log-odds less are enough where the words of the message bear a fact out
GIVEN = 0.8  # intensity of labels that an exchange brings along: nobody wrote down how strong they are


@dataclass
class Aftermath:
    """Runs the side acts of a turn: :meth:`show` and :meth:`remember` return the keys of what was missing.

    :meth:`labels`, :meth:`facts` and :meth:`summary` are what the model is asked in them; these raise
    HiddenError and write nothing.
    """

    model: LanguageModel
    embedder: Embedder | None
    portraits: PortraitModel | None
    memories: MemoryStore
    history: HistoryStore
    faces: bool = True  # False: none are wanted, so none is missed
    tells: float = -inf  # log-odds under which a message is taken to tell nothing
    guided: bool = True  # a small model: keys of facts and sentences of summaries are laid before it

    async def show(self, turn: WorkingTurn, plan: ReplyPlan, line: Line) -> list[str]:
        """Express the reply and draw the face; emits FaceReady."""
        line.last_expression = line.last_expression or await self._before(turn)
        before = NEUTRAL if line.last_expression is None else line.last_expression.scores
        expression = await self._expression(turn, plan, line)
        line.last_expression = expression
        turn.mark("expression")
        choices = await self._choices(turn)
        ready = FaceReady(expression, None)
        missing: list[str] = []
        if self.faces and turn.here.faces and choices.get("face") != "off":
            try:
                ready = await self._face(turn, choices, before, expression)
            except HiddenError as err:
                log.warning("no face for %s: %s", turn.incoming.id, logged(err))
                missing.append("no_face")
        turn.mark("face")
        turn.emit(ready)
        try:
            await self.history.finish_turn(turn.incoming.owner, turn.incoming.id, expression=expression)
        except StoreError as err:
            log.warning("expression of %s not kept: %s", turn.incoming.id, logged(err))
        return missing

    async def _before(self, turn: WorkingTurn) -> Expression | None:
        """Her last expression of before the program started, None for none."""
        try:
            turns = await self.history.last_turns(turn.incoming.owner, LATEST)
        except StoreError as err:
            log.warning("no expression of before %s: %s", turn.incoming.id, logged(err))
            return None
        return next((each.expression for each in reversed(turns) if each.expression), None)

    async def _face(
        self, turn: WorkingTurn, choices: dict[str, str], before: Scores, expression: Expression
    ) -> FaceReady:
        """Her face as it is wanted here and by this person. Raises HiddenError when there is none."""
        if self.portraits is None:
            raise ModelError("no face model")
        face = choices.get("face_id", "") or self.portraits.faces[0]
        after, wish = expression.scores, choices.get("face")
        direct = turn.incoming.place.kind is PlaceKind.DIRECT
        moves = wish == "animated" if direct else turn.here.animated and wish != "still"
        hair = choices.get("hair", "") or turn.here.hair
        if moves:
            kind = turn.incoming.film
            return FaceReady(expression, await self.portraits.animate(face, before, after, kind, hair), kind)
        return FaceReady(expression, await self.portraits.draw(face, after, hair))

    async def _choices(self, turn: WorkingTurn) -> dict[str, str]:
        """What the person chose; while that cannot be read, nothing is shown or learned unasked."""
        try:
            return await self.history.choices(turn.incoming.person.id)
        except StoreError as err:
            log.warning("no choices for %s: %s", turn.incoming.id, logged(err))
            return {"learning": "off"}

    async def _expression(self, turn: WorkingTurn, plan: ReplyPlan, line: Line) -> Expression:
        side = 1 if zlib.crc32(plan.reply.encode()) % 2 else -1
        if plan.crisis:
            return express("작게", "보통", "없음", 0.5, side=side)
        if plan.source is not None and plan.source.labels is not None:
            return express(*plan.source.labels, GIVEN, side=side)
        try:
            found, confidence = await self.labels(turn.incoming.person.id, plan.text, plan.reply)
        except HiddenError as err:
            log.warning("no expression for %s: %s", turn.incoming.id, logged(err))
            return by_rules(plan.reply, side=side)
        if found is None or confidence < MIN_CONFIDENCE**3:
            return eased(line.last_expression)
        return express(*found, confidence, side=side)

    async def labels(self, person: str, text: str, reply: str) -> tuple[tuple[str, str, str] | None, float]:
        """Labels of eyes, mouth and head for a reply to ``text``, None for none; and their probability."""
        parts = PromptParts(Task.EXPRESSION, read_out(text), reply=reply)
        (written,) = await self.model.generate(self._request(person, parts, Priority.FACE, 6))
        return parse_labels(written.text), min(1.0, 2.718281828 ** (written.logprob * 3))

    def _request(self, person: str, parts: PromptParts, priority: Priority, tokens: int) -> GenerateRequest:
        prompt = build_prompt(parts, self.model.count_tokens)
        return GenerateRequest(parts.task, prompt, person, priority, max_tokens=tokens)

    async def remember(self, turn: WorkingTurn, plan: ReplyPlan) -> list[str]:
        """Write what the person told and the summary of the turn; emits MemoryDone."""
        learned: list[Learned] = []
        outcomes = await asyncio.gather(
            self.learn(turn, plan, learned), self._summarise(turn, plan), self._used(turn, plan),
            return_exceptions=True,
        )  # fmt: skip
        turn.unread = turn.unread or isinstance(outcomes[0], BaseException)
        turn.mark("memory")
        turn.emit(MemoryDone(tuple(learned)))
        missing: list[str] = []
        for failure in outcomes:
            if isinstance(failure, BaseException):  # one side act's failure is not the other's
                log.warning("memory of %s: %s", turn.incoming.id, logged(failure))
            if isinstance(failure, StoreError):
                missing = ["no_memory"]
        return missing

    async def _used(self, turn: WorkingTurn, plan: ReplyPlan) -> None:
        """Note which memories the reply had before it: they are worth keeping."""
        if plan.recalled:
            await self.memories.recalled(turn.incoming.owner, [fact.id for fact in plan.recalled])

    async def learn(self, turn: WorkingTurn, plan: ReplyPlan, learned: list[Learned]) -> None:
        """Write what the person told, and note it in ``learned``. Raises StoreError."""
        grounds = plan.grounds
        if grounds is None or not turn.incoming.learns:
            return
        if (await self._choices(turn)).get("learning") == "off":
            return
        told_at = turn.incoming.at.astimezone(grounds.past.now.tzinfo)
        today = lived_day(told_at)
        typed = [typed_fact(key, value, today) for key, value in plan.typed]
        read = [fact for fact in await self._read(turn, grounds, today) if not repeats(fact, typed)]
        for fact, over in await self._settled(turn.incoming.owner, grounds.own, today, typed, read):
            vector = await self._vector(f"[{fact.key}: {fact.value}]")
            model_id = self.embedder.model_id if self.embedder else ""
            new = NewMemory.of(fact, told_at, turn.incoming.id, vector, model_id)
            memory = await self.memories.add(turn.incoming.owner, replace(new, instead_of=over), plan.epoch)
            if memory is not None:
                learned.append(Learned(memory.id, memory.tag))

    async def _settled(
        self, owner: Owner, message: str, today: date, typed: Sequence[Fact], read: Sequence[Fact]
    ) -> list[tuple[Fact, tuple[int, ...]]]:
        """The facts to write, each with those that are over because of the message. Raises StoreError."""
        told = [*typed, *read]
        if not may_end(message, told):
            return [(fact, ()) for fact in told]
        known = await self.memories.list(owner)
        return await asyncio.to_thread(settled, message, known, today, typed, read)

    async def _read(self, turn: WorkingTurn, grounds: Grounds, today: date) -> list[Fact]:
        try:
            read = await self.facts(turn.incoming.person.id, grounds)
        except HiddenError as err:  # what was typed as a tag is kept all the same
            turn.unread = True
            log.warning("nothing read from %s: %s", turn.incoming.id, logged(err))
            return []
        return [read_fact(key, value, grounds.own, today, sure) for key, value, sure in read]

    async def facts(self, person: str, grounds: Grounds) -> list[tuple[str, str, float]]:
        """(key, value, confidence) of what a message tells, as the model reads it.

        Only what the message says of its person counts: nothing that it quotes, no rules for her, no other
        keys than those of facts, and nothing that is told of somebody else as the person's own. What she had
        said before stands in the prompt: a bare answer tells a fact when she had asked for it. The confidence
        is the mean probability of a token, or that of what a sentence tells by its form.
        """
        if not grounds.own:
            return []
        return joined(await asyncio.to_thread(told, grounds.own), await self._proposed(person, grounds))

    async def _proposed(self, person: str, grounds: Grounds) -> list[tuple[str, str, float]]:
        """What the model reads from a message, as far as the message bears it out. Raises HiddenError."""
        text, near = grounds.own, grounds.near
        tells = inf if grounds.nature is None else grounds.nature.tells
        if tells < self.tells - (EASE if self.guided else 0.0):
            return []
        examples = tuple(Exchange(e.exchange.text, e.memory or NOTHING_TOLD) for e in near)
        parts = PromptParts(Task.MEMORY, text, examples, summary=grounds.asked.summary)
        request = self._request(person, parts, Priority.MEMORY, 32)
        if self.guided and grounds.nature is not None and grounds.nature.key:
            request = replace(request, begun=f"[{plan_key(grounds.nature.key, text)}:")
        (found,) = await self.model.generate(request)
        read = parse_tags(found.text) if found.finished else []
        kept = await asyncio.to_thread(self._kept, read, text) if read else []
        if tells < self.tells:
            kept = [(key, value) for key, value in kept if is_plain(key)]
        return [(key, value, min(1.0, exp(found.logprob))) for key, value in kept]

    def _kept(self, read: Sequence[tuple[str, str]], text: str) -> list[tuple[str, str]]:
        """What may be kept of what a model read from a message."""
        own = own_words(text)
        fitting = [
            (key, value) for key, value in read
            if is_key(key) and fits(key, value) and not is_instruction(key, value) and is_grounded(value, own)
        ]  # fmt: skip
        if self.guided:
            fitting = [(key, kept) for key, value in fitting if (kept := borne_out(key, value, text))]
        return [(key, value) for key, value in fitting if not not_theirs(key, value, text)]

    async def _vector(self, text: str) -> Vector | None:
        if self.embedder is None:
            return None
        try:
            (vector,) = await self.embedder.encode([text])
        except HiddenError:
            return None
        return vector

    async def _summarise(self, turn: WorkingTurn, plan: ReplyPlan) -> None:
        if plan.crisis:
            return
        summary = plan.source.summary if plan.source is not None else ""
        summary = summary or await self.summary(turn.incoming.person.id, plan.text, plan.reply)
        if summary:
            await self.history.finish_turn(turn.incoming.owner, turn.incoming.id, summary=summary)

    async def summary(self, person: str, text: str, reply: str) -> str:
        """Her reply to ``text`` in one phrase, '' when none was written to its end.

        Of a small model it is one of the reply's sentences: what it would write itself is often untrue.
        """
        said = tuple(sentences(reply)) if self.guided else ()
        if len(said) == 1:
            return said[0]
        request = self._request(
            person, PromptParts(Task.SUMMARY, read_out(text), reply=reply), Priority.SUMMARY, 32
        )
        if said:
            request = replace(request, choices=said, max_tokens=LONGEST)
        (found,) = await self.model.generate(request)
        return found.text.strip() if found.finished else ""


__all__ = ["NEUTRAL", "Aftermath"]
