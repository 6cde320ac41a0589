"""Step 3 of a turn: what is remembered about the person that bears on the message.

A memory counts by its likeness to the message (vectors of the memory model and shared spelling, one
search in the store), by what its words and those of the message have to do with each other, by how often
memories of its kind bear on anything, and because the message is of the kind that asks for its key: the
corpus knows many ways of asking, and the nearest of them say which key is wanted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from core.asking import ASKS_NAME, another_name, in_vain, of_her
from core.clock import lived_day
from core.errors import HiddenError, OverloadedError, StoreError
from core.facts import canonical, is_plan, told_on
from core.language import clauses, script_of
from core.merging import family
from core.people import Lang, Owner, Recalled
from core.ports import Clock, Embedder, ExemplarStore, HistoryStore, Situation, Turn, Vector
from core.ports_memory import Associations, Memory, MemoryStore
from core.prompt import after
from core.tongues import value_in

MAX_RECALLED = 2
SEARCHED = 50
BEARING = 0.09  # of nats by which the words of a memory account for a message; on dev
ASKED, BY_CHANCE = 4.0, 0.2  # of odds that a message asks for a key, and what says nothing of them; on dev
ACROSS = 0.5  # odds under which a message does not ask for what was told in the other language; on dev
HISTORY = 4

# Nats that the kind of a memory counts for: what somebody is busy with, must be careful of, or whom they love
# bears on a message more often than who they are, unless that is asked for. Counted on scenes of the training
# data, weighed on dev. Plans are among the former; by that count, keys that are not named here are neither.
SELDOM, OFTEN = -4.4, 2.2
_SELDOM = frozenset(("이름", "나이", "사는 곳", "직업", "직장", "학교", "학년", "전공", "mbti"))
_OFTEN = frozenset(
    ("건강", "알레르기", "고민", "목표", "꿈", "최근 일", "오늘 날씨", "weather today", "생일",
     "가족", "친구", "연인", "싫어하는 것", "싫어하는 음식")
)  # fmt: skip

# What sets memories apart that bear on a message alike: less than what parts a fitting one from another. They
# order what is over the threshold, and lift nothing over it.
IMPORTANT, HOLDS, NEW = 0.05, 0.02, 0.02
SURE_SHARE = 0.4  # of importance, for what nobody pinned: a pinned one stands before any new one
HALF_AS_NEW = timedelta(30)


@dataclass(slots=True)
class Past:
    """What was found about the person, and the present where she or he lives.

    ``missing`` are keys of phrases to say once.
    """

    now: datetime
    turns: list[Turn] = field(default_factory=list)
    recalled: tuple[Recalled, ...] = ()
    epoch: int = 0
    missing: list[str] = field(default_factory=list)
    vector: Vector | None = None  # of the message
    sought: Vector | None = None  # of the message, by the model of memories
    vector_after: Vector | None = None  # of the message after the summary of the last turn, if there is one
    clauses: tuple[tuple[str, Vector], ...] = ()  # of a message that says more than one thing


@dataclass(frozen=True, slots=True)
class Weighed:
    """A memory with the key that tells it today in the language of the message.

    ``score`` says how much it bears on a message (from the threshold on it is told), ``rank`` sets apart
    those that do so alike.
    """

    memory: Memory
    key: str
    score: float
    rank: float


@dataclass
class Recall:
    """Finds the past of one owner; never raises but OverloadedError."""

    embedder: Embedder | None  # of messages
    remembering: Embedder | None  # of memories, and of messages as they are searched with; may be the same
    exemplars: ExemplarStore
    memories: MemoryStore
    history: HistoryStore
    clock: Clock
    threshold: float = 0.4
    associations: Associations | None = None

    async def past(self, owner: Owner, message: str, lang: Lang, zone: tzinfo | None = None) -> Past:
        """The last turns and at most two memories that bear on ``message``.

        ``zone`` is the time zone in which "today" is meant, None: that of the clock.
        """
        now = self.clock.now()
        past = Past(now.astimezone(zone) if zone is not None else now)
        try:
            past.epoch = await self.memories.epoch(owner.person)
            past.turns = await self.history.last_turns(owner, HISTORY)
        except StoreError:
            past.missing.append("no_recall")
        stored = not past.missing
        await self._understand(message, past)
        if stored:
            await self._remember(owner, message, lang, past)
        return past

    async def weighed(self, owner: Owner, message: str, lang: Lang, past: Past) -> list[Weighed]:
        """The memories that come nearest to a message, best first, however little. Raises StoreError."""
        model_id = self.remembering.model_id if self.remembering else ""
        today = lived_day(past.now)
        found = await self.memories.search(owner, message, past.sought, model_id, SEARCHED, today)
        situation = Situation(message, lang, (), "", past.vector)
        asked = await self.exemplars.keys_asked(situation) if found else {}
        hers = {key for key, odds in asked.items() if odds > BY_CHANCE} if of_her(message) else set()
        if len(found) == SEARCHED:  # what is asked for by its key may be among the others
            least = found[-1][1]
            within = {key for key, odds in asked.items() if _asked(odds, least) >= self.threshold}
            if wanted := {family(key) for key in within}:
                search = self.memories.search(owner, message, past.sought, model_id, SEARCHED, today, wanted)
                known = {memory.id for memory, _ in found}
                found += [each for each in await search if each[0].id not in known]
        vain = in_vain(message, asked, [memory.key for memory, _ in found])
        weighed = [
            _weighed(memory, near, asked, past.now, lang, vain=canonical(memory.key) in vain)
            for memory, near in await self.associated(message, found)
            if not another_name(message, memory.key)
        ]
        own = (each for each in weighed if each is not None and each.key not in hers)
        return sorted(own, key=lambda found: -found.rank)

    async def associated(
        self, message: str, found: Sequence[tuple[Memory, float]]
    ) -> list[tuple[Memory, float]]:  # fmt: skip
        """Memories with their likeness, raised or lowered by what their words have to do with the message's
        and by their kind; with their likeness alone where there are no associations."""
        if self.associations is None:
            return list(found)
        nats = await self.associations.bearing(message, [memory.tag for memory, _ in found])
        return [
            (memory, likeness + BEARING * (bearing + _by_kind(memory.key)))
            for (memory, likeness), bearing in zip(found, nats, strict=True)
        ]

    async def _remember(self, owner: Owner, message: str, lang: Lang, past: Past) -> None:
        """What is recalled."""
        try:
            named = await self._by_name(owner, message, lang, past) if ASKS_NAME.search(message) else []
            past.recalled = self._told(named or await self.weighed(owner, message, lang, past), lang)
        except StoreError:
            past.missing.append("no_recall")

    async def _by_name(self, owner: Owner, message: str, lang: Lang, past: Past) -> list[Weighed]:
        """The person's name, where it is known: whoever asks for it wants nothing else."""
        model_id, today = self.remembering.model_id if self.remembering else "", lived_day(past.now)
        search = self.memories.search(
            owner, message, past.sought, model_id, SEARCHED, today, {family("이름")}
        )
        named = [_weighed(memory, self.threshold, {}, past.now, lang) for memory, _ in await search]
        return [each for each in named if each is not None and canonical(each.memory.key) == "이름"]

    async def epoch(self, owner: Owner) -> int:
        """The person's epoch; 0 while the store cannot tell, so that nothing old is written over."""
        try:
            return await self.memories.epoch(owner.person)
        except StoreError:
            return 0

    async def _understand(self, message: str, past: Past) -> None:
        """The vectors of the message and its clauses."""
        summary = past.turns[-1].summary if past.turns else ""
        parts = clauses(message)
        texts = [message, *parts, *([after(summary, message)] if summary else [])]
        vectors, sought = await asyncio.gather(
            _encoded(self.embedder, texts),
            _encoded(None if self.remembering is self.embedder else self.remembering, [message]),
        )
        if self.remembering is self.embedder:
            sought = vectors[:1]
        if vectors:
            past.vector, past.vector_after = vectors[0], vectors[-1] if summary else None
            past.clauses = tuple(zip(parts, vectors[1:], strict=False))
        if sought:
            past.sought = sought[0]
        if not (vectors and sought):
            past.missing.append("no_recall")

    def _told(self, found: Sequence[Weighed], lang: Lang) -> tuple[Recalled, ...]:
        """The memories worth saying, the pinned or newest for each key, best first."""
        told: dict[str, Weighed] = {}
        for each in found:
            name = canonical(each.key)
            if each.score >= self.threshold and (name not in told or _before(each.memory, told[name].memory)):
                told[name] = each
        best = sorted(told.values(), key=lambda each: -each.rank)[:MAX_RECALLED]
        return tuple(
            Recalled(
                each.memory.id,
                f"[{each.key}: {value_in(each.key, each.memory.value, lang)}]",
                round(each.score, 3),
            )
            for each in best
        )


async def _encoded(model: Embedder | None, texts: Sequence[str]) -> list[Vector]:
    """Their vectors, none where they cannot be had. Raises OverloadedError."""
    try:
        return await model.encode(texts) if model is not None else []
    except OverloadedError:
        raise
    except HiddenError:
        return []


def _weighed(
    memory: Memory, near: float, asked: Mapping[str, float], now: datetime, lang: Lang, *, vain: bool = False
) -> Weighed | None:
    """A memory that is so near to a message in ``lang`` that asks for some keys; None where it is over.

    In ``vain``: the message asks for something else, which nobody told, so that this one bears on nothing.
    """
    key = told_on(memory.key, memory.starts, memory.ends, lived_day(now), kept=memory.pinned, lang=lang)
    if key is None:
        return None
    odds = asked.get(key, 0.0)
    told_across = script_of(key) != script_of(memory.key)
    score = _asked(0.0 if told_across and odds < ACROSS else odds, near)
    holds = memory.pinned or memory.ends is None or lived_day(now) <= memory.ends
    age = max(0.0, (now - memory.created) / HALF_AS_NEW)
    important = 1.0 if memory.pinned else SURE_SHARE * memory.confidence
    rank = score + IMPORTANT * important + HOLDS * holds + NEW * 0.5**age
    return Weighed(memory, key, 0.0 if vain else score, rank)


def _by_kind(key: str) -> float:
    """What a memory's key alone says about whether it bears on a message, in nats."""
    name = canonical(key)
    if name in _SELDOM:
        return SELDOM
    return OFTEN if name in _OFTEN or is_plan(key) else 0.0


def _asked(odds: float, near: float) -> float:
    """The score of a memory whose key a message asks for with some odds."""
    return near + ASKED * max(odds - BY_CHANCE, 0.0)


def _before(memory: Memory, other: Memory) -> bool:
    """Whether ``memory`` is the one to go by where both tell the same key."""
    return (memory.pinned, memory.created) > (other.pinned, other.created)
