"""Steps 2, 4 and 5 of a turn: judge, prompt, reply.

The replies of the nearest corpus exchanges are ranked; what breaks a release rule is out; when even the
best one does not fit, she says that she did not follow. The embedded model then finds its way through all
the wordings of the best one; a larger model writes a few replies of its own, with the best exchanges as
examples, and these are ranked.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import inf

from core.asking import wanted
from core.clock import clock_facts, clock_tags
from core.confiding import confides, fitting, unanswered, unmended
from core.instructions import read_out, ungreeted
from core.memory import typed_memory, value_of
from core.people import Lang, Recalled
from core.phrases import phrase
from core.ports import (
    Candidate,
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
from core.righting import taken_back
from core.safety import Verdict, judge
from core.turns import WorkingTurn
from core.wording import choices

EXEMPLARS = 8
WIDER = 8  # times as many are looked through for one that tells a name
LONGEST = 160  # tokens of a wording
DOUBT, WEIGHT = 3.0, 0.08  # under so many log-odds less no fact is asked for; the weight before it is sure


@dataclass(frozen=True, slots=True)
class ReplyPolicy:
    """What is tuned on the dev set: thresholds and how many candidates are written."""

    recall_threshold: float = 0.4
    free: bool = True  # the model writes what it likes; else it chooses among wordings of an exchange
    candidates: int = 4  # replies that it writes
    enough: int = 2  # how many of them must have ended
    busy: int = 2  # candidates while others are answered too; the first that ends is enough
    temperature: float = 0.7
    follow_threshold: float = 0.0  # best score under which she did not follow
    asks: float = inf  # log-odds of a question about her from which the reply must state the fact
    improper: float = inf  # log-odds of an improper message from which she declines
    proper: float = -inf  # ... and up to which she does not
    tells: float = -inf  # log-odds under which a message tells no fact


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a reply is made from: the question with what is known, the person's past, near exchanges.

    ``nature`` is None where nobody can say what kind of message it is; ``own`` is the message without what
    it quotes.
    """

    asked: Situation
    past: Past
    near: tuple[Exemplar, ...]
    nature: Nature | None
    own: str


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
    source: Exemplar | None = None  # the exchange whose reply it is, in one wording or another
    grounds: Grounds | None = None  # None in a crisis


@dataclass(frozen=True, slots=True)
class Said:
    """A reply, and where it comes from."""

    text: str
    origin: str
    source: Exemplar | None = None


def candidates(near: Sequence[Exemplar]) -> list[Candidate]:
    """The exchanges' own replies, as the ranking wants them."""
    return [Candidate(e.exchange.reply, e.score, e.kin, e.exchange.text) for e in near]


def _another(of: tuple[str, dict[str, str]], lang: Lang, variant: int, avoid: str) -> str:
    """One of the phrases of a key, with values, and another one than was said before."""
    one, other = (phrase(of[0], lang, variant + more, **of[1]) for more in (0, 1))
    said = one if one != avoid else other
    return said[:1].upper() + said[1:]


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
        """Drop the person's jobs that have not run yet, and what is held of messages."""
        self.model.cancel(person)
        self.exemplars.forget()

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
        verdict = judge(text)
        if verdict is not Verdict.ANSWER:  # before anything that can fail or be busy
            return ReplyPlan(
                message, phrase(verdict, lang, variant), lang, "phrase",
                await self.recall.epoch(incoming.owner) if turn.epoch is None else turn.epoch, crisis=True,
            )  # fmt: skip
        past = await self.recall.past(incoming.owner, read_out(message), lang, turn.zone)
        past.epoch = past.epoch if turn.epoch is None else turn.epoch
        if past.turns and judge(text, past.turns[-1].text) is Verdict.CRISIS:
            return ReplyPlan(
                message, phrase("crisis", lang, variant), lang, "phrase", past.epoch, crisis=True
            )
        alone = bool(typed) and message == text
        grounds = await self.grounds(message, lang, past, typed)
        plain = typed or grounds.asked.declines
        put_right = "" if plain else unmended(grounds.near, message)
        facts = ", ".join(f"{key}: {value}" for key, value in typed) or put_right
        noted = ("noted", {"facts": facts}) if alone or put_right else None
        free = plain or self.policy.free
        heard = noted or (None if free else unanswered(grounds.near, message, grounds.nature))
        best = None if heard else await self._best(turn, grounds)
        said = best or Said(_another(heard or ("not_understood", {}), lang, variant, turn.avoid), "phrase")
        used = tuple(m for m in past.recalled if m.text in grounds.asked.memories)
        return ReplyPlan(
            message, said.text, lang, said.origin, past.epoch, used, tuple(typed), tuple(past.missing),
            source=said.source, grounds=grounds,
        )  # fmt: skip

    async def reread(self, turn: WorkingTurn, text: str, lang: Lang) -> ReplyPlan:
        """What to learn from ``text``, which keeps its reply; what was said around it does not count."""
        typed, message = typed_memory(text)
        past = await self.recall.past(turn.incoming.owner, read_out(message), lang, turn.zone)
        past.turns, past.vector_after = [], None
        calm = judge(text) is Verdict.ANSWER
        grounds = await self.grounds(message, lang, past, typed) if calm else None
        return ReplyPlan(message, "", lang, "", past.epoch, typed=tuple(typed), grounds=grounds)

    async def grounds(
        self, message: str, lang: Lang, past: Past, typed: Sequence[tuple[str, str]] = ()
    ) -> Grounds:
        """What the reply to a message is made from; ``typed`` are facts that the person typed before it."""
        summary = past.turns[-1].summary if past.turns else ""
        known = [f"[{key}: {value}]" for key, value in typed] + [m.text for m in past.recalled]
        tags, heard = tuple(dict.fromkeys(known))[:MAX_RECALLED], read_out(message)
        asked = Situation(
            heard, lang, tags, summary, past.vector, clock_tags(heard, past.now, lang),
            vector_after=past.vector_after, clauses=past.clauses,
        )  # fmt: skip
        nature = await self.exemplars.nature(asked)
        fact, weight = ("", 0.0) if confides(heard) else self._fact(nature, asked)
        asked = replace(asked, declines=self._declines(nature), fact=fact, weight=weight)
        return Grounds(asked, past, await self._near(asked, past, nature), nature, ungreeted(message))

    async def _near(self, asked: Situation, past: Past, nature: Nature | None) -> tuple[Exemplar, ...]:
        """The nearest exchanges that fit what is told, or tell what of its person a message asks for."""
        value = wanted(asked.text, asked.memories, past.recalled)
        if not value and not confides(asked.text):
            return tuple(await self.exemplars.nearest(asked, EXEMPLARS))
        near = await self.exemplars.nearest(asked, WIDER * EXEMPLARS)
        fit = [e for e in near if value in e.exchange.reply] if value else fitting(near, asked.text, nature)
        return tuple(fit or near)[:EXEMPLARS]

    def _declines(self, nature: Nature | None) -> bool | None:
        if nature is None or self.policy.proper < nature.improper < self.policy.improper:
            return None
        return nature.improper >= self.policy.improper

    def _fact(self, nature: Nature | None, asked: Situation) -> tuple[str, float]:
        """The fact of her card that may be asked for, and its weight; none where the person's own may be."""
        if nature is None or asked.known or self._declines(nature) or nature.asks <= self.policy.asks - DOUBT:
            return "", 0.0
        if nature.asks >= self.policy.asks:
            return nature.fact, inf
        return nature.fact, WEIGHT * (1 - (self.policy.asks - nature.asks) / DOUBT)

    def prompt(self, grounds: Grounds, near: Sequence[Exemplar] | None = None) -> str:
        """The prompt after which the model writes the reply, with the best of ``near`` (or of all)."""
        asked, past = grounds.asked, grounds.past
        near = grounds.near if near is None else near
        turns = (
            () if asked.summary else tuple(Exchange(read_out(turn.text), turn.reply) for turn in past.turns)
        )
        parts = PromptParts(
            Task.REPLY, asked.text, tuple(e.exchange for e in near),
            clock_facts(asked.text, past.now, asked.lang), asked.memories, asked.summary, turns,
        )  # fmt: skip
        return build_prompt(parts, self.model.count_tokens)

    async def _best(self, turn: WorkingTurn, grounds: Grounds) -> Said | None:
        """The best reply that may be shown; None when she did not follow."""
        asked, past = grounds.asked, grounds.past
        said = (*(before.reply for before in past.turns), turn.avoid)
        told = tuple(map(value_of, asked.memories))
        around = Circumstances(asked.lang, past.now, said, asked.text, taken_back(asked.text), told)
        found = {e.exchange.reply: e for e in grounds.near if may_show(e.exchange.reply, around)}
        near, best = await self._ranked(asked, list(found.values()))
        sure = asked.declines or asked.weight == inf  # nobody has read what the model would write here
        if self.policy.free and not sure:
            written = await self._written(asked, self.prompt(grounds, near), turn, around)
            if written is not None:
                return Said(written, "copied" if written in found else "generated", found.get(written))
        if not near or (best < self.policy.follow_threshold and not sure):
            return None
        if self.policy.free:
            return Said(near[0].exchange.reply, "retrieved", near[0])
        return await self._worded(grounds, near[0], turn, around)

    async def _ranked(self, asked: Situation, near: list[Exemplar]) -> tuple[list[Exemplar], float]:
        """The exchanges, best first, and the best one's score."""
        if not near:
            return [], -inf
        scores = await self.ranker.rank(asked, candidates(near))
        order = sorted(range(len(near)), key=lambda i: -scores[i])
        return [near[i] for i in order], scores[order[0]]

    async def _worded(
        self, grounds: Grounds, source: Exemplar, turn: WorkingTurn, around: Circumstances
    ) -> Said:
        """The source's reply as the model words it this time."""
        texts = tuple(text for text in choices(source) if may_show(text, around))
        reply = source.exchange.reply
        if len(texts) > 1:
            request = GenerateRequest(
                Task.REPLY, self.prompt(grounds, [source]), turn.incoming.person.id, Priority.REPLY,
                max_tokens=LONGEST, temperature=self.policy.temperature, choices=texts,
            )  # fmt: skip
            (chosen,) = await self.model.generate(request)
            reply = chosen.text if chosen.text in texts else texts[0]
        elif texts:
            (reply,) = texts
        whole = reply in (source.exchange.reply, source.reworded)
        return Said(reply, "retrieved" if whole else "composed", source)

    async def _written(
        self, asked: Situation, prompt: str, turn: WorkingTurn, around: Circumstances
    ) -> str | None:
        """The best of what the model wrote to its end; fewer while other people wait for theirs."""
        alone, policy = self._writing == 0, self.policy
        n, enough = (policy.candidates, policy.enough) if alone else (min(policy.busy, policy.candidates), 1)
        request = GenerateRequest(
            Task.REPLY, prompt, turn.incoming.person.id, Priority.REPLY,
            n=n, enough=enough, temperature=policy.temperature,
        )  # fmt: skip
        self._writing += 1
        try:
            written = await self.model.generate(request)
        finally:
            self._writing -= 1
        texts = dict.fromkeys(c.text for c in written if c.finished and may_show(c.text, around))
        if not texts:
            return None
        scores = await self.ranker.rank(asked, [Candidate(text) for text in texts])
        return max(zip(texts, scores, strict=True), key=lambda each: each[1])[0]
