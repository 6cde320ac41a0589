"""Steps 2, 4 and 5 of a turn: judge, prompt, reply.

The model writes a few candidates from the nearest corpus exchanges; those exchanges' own replies
compete with them in one ranking; what breaks a release rule is out; and when nothing is near she
says that she did not follow.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import inf

from core.clock import clock_facts, clock_tags
from core.memory import typed_memory
from core.people import Lang, Recalled
from core.phrases import phrase
from core.ports import (
    Candidate,
    Completion,
    Exemplar,
    ExemplarStore,
    GenerateRequest,
    LanguageModel,
    Nature,
    Priority,
    ReplyRanker,
    Situation,
)
from core.prompt import Exchange, PromptParts, Task, build_prompt
from core.recall import MAX_RECALLED, Past, Recall
from core.release import Circumstances, may_show, sentences
from core.safety import Verdict, judge
from core.turns import WorkingTurn

EXEMPLARS = 8


@dataclass(frozen=True, slots=True)
class ReplyPolicy:
    """What is tuned on the dev set: thresholds and how many candidates are written."""

    recall_threshold: float = 0.4
    candidates: int = 4
    enough: int = 2  # how many of them must have ended
    busy: int = 2  # candidates while others are answered too; the first that ends is enough
    temperature: float = 0.7
    follow_threshold: float = 0.0  # best score under which she did not follow
    improper: float = inf  # log-odds of an improper message from which she declines
    proper: float = -inf  # ... and up to which she does not
    tells: float = -inf  # log-odds under which a message tells no fact


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a reply is made from: the question with what is known, the person's past, near exchanges.

    ``nature`` is None where nobody can say what kind of message it is.
    """

    asked: Situation
    past: Past
    near: tuple[Exemplar, ...]
    nature: Nature | None = None


@dataclass(frozen=True, slots=True)
class ReplyPlan:
    """The chosen reply with everything that later steps need to know."""

    text: str
    reply: str
    lang: Lang
    origin: str
    epoch: int
    recalled: tuple[Recalled, ...] = ()
    typed: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    crisis: bool = False
    grounds: Grounds | None = None  # None in a crisis


def pool(near: Sequence[Exemplar], written: Sequence[Completion]) -> list[Candidate]:
    """Every distinct text once: the exchanges' replies and what the model wrote to its end."""
    top = near[0].score if near else 0.0
    found: dict[str, Candidate] = {}
    for exemplar in near:
        text = exemplar.exchange.reply
        found.setdefault(text, Candidate(text, "retrieved", exemplar.score))
    for completion in written:
        if not completion.finished:
            continue
        known = found.get(completion.text) or Candidate(completion.text, "generated", top)
        origin = "generated" if known.origin == "generated" else "copied"
        votes = known.votes + 1 / len(written)
        found[completion.text] = replace(known, origin=origin, logprob=completion.logprob, votes=votes)
    return list(found.values())


def _not_understood(lang: Lang, variant: int, avoid: str) -> str:
    """One of the phrases, another one than was said before."""
    said = phrase("not_understood", lang, variant)
    return said if said != avoid else phrase("not_understood", lang, variant + 1)


@dataclass
class ReplyMaker:
    """Makes the reply to one message; holds no state about people."""

    model: LanguageModel
    exemplars: ExemplarStore
    ranker: ReplyRanker
    recall: Recall
    policy: ReplyPolicy = field(default_factory=ReplyPolicy)
    _writing: int = 0  # replies under way

    def cancel(self, person: str) -> None:
        """Drop the person's jobs that have not run yet."""
        self.model.cancel(person)

    @staticmethod
    def parts(reply: str) -> list[str]:
        """The sentences in which a reply is released."""
        return sentences(reply)

    async def plan(self, turn: WorkingTurn, text: str, lang: Lang) -> ReplyPlan:
        """The reply to ``text``, not the one that ``turn`` avoids; its clock is the person's.

        Raises OverloadedError, DeadlineError or ModelError.
        """
        incoming = turn.incoming
        typed, message = typed_memory(text)
        message = message or text
        variant = zlib.crc32(incoming.id.encode())
        if judge(text) is Verdict.CRISIS:  # before anything that can fail or be busy
            return ReplyPlan(
                message, phrase("crisis", lang, variant), lang, "phrase",
                await self.recall.epoch(incoming.owner), crisis=True,
            )  # fmt: skip
        past = await self.recall.past(incoming.owner, message, lang, turn.zone)
        if past.turns and judge(text, past.turns[-1].text) is Verdict.CRISIS:
            return ReplyPlan(
                message, phrase("crisis", lang, variant), lang, "phrase", past.epoch, crisis=True
            )
        grounds = await self.grounds(message, lang, past, typed)
        best = await self._best(turn, grounds)
        reply, origin = best or (_not_understood(lang, variant, turn.avoid), "phrase")
        used = tuple(m for m in past.recalled if m.text in grounds.asked.memories)
        return ReplyPlan(
            message,
            reply,
            lang,
            origin,
            past.epoch,
            used,
            tuple(typed),
            tuple(past.missing),
            grounds=grounds,
        )

    async def grounds(
        self, message: str, lang: Lang, past: Past, typed: Sequence[tuple[str, str]] = ()
    ) -> Grounds:
        """What the reply to a message is made from; ``typed`` are facts that the person typed before it."""
        summary = past.turns[-1].summary if past.turns else ""
        known = [f"[{key}: {value}]" for key, value in typed] + [m.text for m in past.recalled]
        tags = tuple(dict.fromkeys(known))[:MAX_RECALLED]
        asked = Situation(message, lang, tags, summary, past.vector, clock_tags(message, past.now, lang))
        nature = await self.exemplars.nature(asked)
        asked = replace(asked, declines=self._declines(nature))
        return Grounds(asked, past, tuple(await self.exemplars.nearest(asked, EXEMPLARS)), nature)

    def _declines(self, nature: Nature | None) -> bool | None:
        if nature is None or self.policy.proper < nature.improper < self.policy.improper:
            return None
        return nature.improper >= self.policy.improper

    def prompt(self, grounds: Grounds) -> str:
        """The prompt after which the model writes the reply."""
        asked, past = grounds.asked, grounds.past
        turns = () if asked.summary else tuple(Exchange(turn.text, turn.reply) for turn in past.turns)
        parts = PromptParts(
            Task.REPLY, asked.text, tuple(e.exchange for e in grounds.near),
            clock_facts(asked.text, past.now, asked.lang), asked.memories, asked.summary, turns,
        )  # fmt: skip
        return build_prompt(parts, self.model.count_tokens)

    async def _best(self, turn: WorkingTurn, grounds: Grounds) -> tuple[str, str] | None:
        """The best candidate that may be shown, and its origin; None when she did not follow."""
        asked, past = grounds.asked, grounds.past
        written = await self._write(self.prompt(grounds), turn.incoming.person.id)
        candidates = pool(grounds.near, written)
        if asked.declines:  # nobody has read what the model would write here
            candidates = [c for c in candidates if c.origin != "generated"]
        said = (*(before.reply for before in past.turns), turn.avoid)
        around = Circumstances(asked.lang, past.now, said, asked.text)
        candidates = [c for c in candidates if may_show(c.text, around)]
        if not candidates:
            return None
        scores = await self.ranker.rank(asked, candidates)
        best = max(range(len(candidates)), key=scores.__getitem__)
        if scores[best] < self.policy.follow_threshold and not asked.declines:
            return None
        return candidates[best].text, candidates[best].origin

    async def _write(self, prompt: str, person: str) -> list[Completion]:
        """Candidates; fewer while other people wait for theirs."""
        alone, policy = self._writing == 0, self.policy
        n, enough = (policy.candidates, policy.enough) if alone else (min(policy.busy, policy.candidates), 1)
        request = GenerateRequest(
            Task.REPLY, prompt, person, Priority.REPLY, n=n, enough=enough, temperature=policy.temperature
        )
        self._writing += 1
        try:
            return await self.model.generate(request)
        finally:
            self._writing -= 1
